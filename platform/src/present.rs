//! A pane of pixels inside one of this program's own windows, shown without
//! what paints the rest of that window, so that a changed line of text costs
//! no repaint of it and waits for none.

use crate::overlay::NativeWindow;
use mitblick_protocol::{
    geometry::{Rect, Size},
    peer_msg::CursorImage,
};

/// Why pixels can't be shown this way.
#[derive(Debug, thiserror::Error)]
pub enum PresentError {
    /// It can't work on this system as it is.
    #[error("no pane can be shown here: {0}")]
    NotAvailable(String),
    /// It worked and does no longer: the display or the window is gone.
    #[error("the pane broke: {0}")]
    Broken(String),
}

/// The pane. It belongs to the window that it was opened in and lies above
/// all that is painted there. Pointer and keyboard go through to that window.
/// Dropping it takes it away.
pub trait Pane: Send {
    /// Its size in pixels, as of the last [`Pane::arrange`].
    fn size(&self) -> Size;

    /// Where it lies in its window, in pixels, and which parts of it are to be
    /// seen, in pixels from its own left top corner; where there are none, the
    /// window itself is seen. No parts at all hide it.
    ///
    /// Takes effect with the next [`Pane::draw`], which after a new size must
    /// draw all of it, so that nothing unfinished is ever seen.
    ///
    /// # Errors
    /// See [`PresentError`].
    fn arrange(&mut self, place: Rect, open: &[Rect]) -> Result<(), PresentError>;

    /// Lets `draw` change the pixels (`0x00RRGGBB`, row by row, those of the
    /// last time still there) and shows these areas of them. Waits for nothing
    /// that the display does.
    ///
    /// # Errors
    /// See [`PresentError`].
    fn draw(&mut self, areas: &[Rect], draw: &mut dyn FnMut(&mut [u32])) -> Result<(), PresentError>;

    /// The pointer's picture over the pane; `None` = as over the window.
    ///
    /// # Errors
    /// See [`PresentError`].
    fn set_cursor(&mut self, cursor: Option<&CursorImage>) -> Result<(), PresentError>;
}

/// Opens a pane in a window of this program, hidden at first.
///
/// # Errors
/// `NotAvailable` where this system has no such thing.
pub fn open(window: NativeWindow) -> Result<Box<dyn Pane>, PresentError> {
    #[cfg(target_os = "linux")]
    return crate::x11::open_pane(None, window);
    #[cfg(not(target_os = "linux"))]
    return Err(PresentError::NotAvailable(format!("for window {}", window.0)));
}
