//! The system's clipboard: text in and out, and when something is copied.
//!
//! Reading and writing is the crate `arboard`'s work on every system; being
//! told of what is copied is done here, for X11 by XFixes.

/// Why the clipboard can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ClipboardError {
    /// It can't work on this system as it is.
    #[error("the clipboard can't be used here: {0}")]
    NotAvailable(String),
}

/// A clipboard. Calls may take seconds where the owner of its content does not
/// answer: for threads that nobody waits for.
pub trait Clipboard: Send {
    /// Its text; `None` if it is empty or holds something else.
    ///
    /// # Errors
    /// It can't be read.
    fn text(&mut self) -> Result<Option<String>, ClipboardError>;

    /// Puts a text into it.
    ///
    /// # Errors
    /// It can't be written.
    fn put(&mut self, text: &str) -> Result<(), ClipboardError>;
}

/// What was copied, as far as it is known without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copied {
    /// Something.
    Anything(CopyNumber),
    /// Something that its owner calls secret, as password managers do, or does
    /// not speak of.
    Secret(CopyNumber),
}

/// Tells what was copied from all else that this program was told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopyNumber(pub(crate) u64);

impl CopyNumber {
    /// That of nothing: the newest until something has been copied since the
    /// watch began.
    pub const NONE: Self = Self(0);
}

/// Reports what is copied until it is dropped.
pub trait ClipboardWatch: Send {
    /// Whether nothing has been copied since. What is read from the clipboard is
    /// what was reported only if this is so afterwards. Not to be called by who
    /// is reported to, on that thread.
    fn is_newest(&self, copy: CopyNumber) -> bool;
}

struct System(arboard::Clipboard);

impl Clipboard for System {
    fn text(&mut self) -> Result<Option<String>, ClipboardError> {
        match self.0.get_text() {
            Ok(text) => Ok(Some(text).filter(|text| !text.is_empty())),
            Err(arboard::Error::ContentNotAvailable | arboard::Error::ConversionFailure) => Ok(None),
            Err(error) => Err(ClipboardError::NotAvailable(error.to_string())),
        }
    }

    fn put(&mut self, text: &str) -> Result<(), ClipboardError> {
        self.0.set_text(text).map_err(|error| ClipboardError::NotAvailable(error.to_string()))
    }
}

/// The system's own.
///
/// # Errors
/// There is none.
pub fn open() -> Result<Box<dyn Clipboard>, ClipboardError> {
    let clipboard = arboard::Clipboard::new().map_err(|error| ClipboardError::NotAvailable(error.to_string()))?;
    Ok(Box::new(System(clipboard)))
}

/// Calls `report`, on a thread of its own, whenever something is copied from
/// now on.
///
/// # Errors
/// The system does not tell.
pub fn watch(report: impl FnMut(Copied) + Send + 'static) -> Result<Box<dyn ClipboardWatch>, ClipboardError> {
    #[cfg(target_os = "linux")]
    return crate::x11::watch_clipboard(None, Box::new(report));
    #[cfg(not(target_os = "linux"))]
    {
        drop(report);
        Err(ClipboardError::NotAvailable("this system does not tell what is copied".to_owned()))
    }
}
