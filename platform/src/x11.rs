//! The backend for X11, through `x11rb` alone.
//!
//! Who a window belongs to is decided by the server's own knowledge of the
//! process behind a connection (X-Resource), never by what the window says of
//! itself. Every part opens a connection of its own and belongs to one thread,
//! so that none waits for another.

mod applications;
mod capture;
mod clipboard;
mod cursor;
mod guard;
mod inject;
mod keyboards;
mod keymap;
mod link;
mod overlay;
mod owner;
mod pixels;
mod present;
mod region;
mod shared;
mod shortcuts;
mod stop_key;
mod wake;
mod windows;

use crate::{
    Platform,
    capture::{Capture, CaptureError, Desktop},
    clipboard::{ClipboardError, ClipboardWatch, Copied},
    inject::{InjectError, Injector},
    overlay::{Overlay, OverlayError},
    status_notifier,
    stop_key::{StopKeyError, StopKeyHandler, StopKeyWatch},
    tray::{Tray, TrayError, TrayHandler, TrayLook},
};
pub(crate) use clipboard::watch as watch_clipboard;
use guard::GuardProgram;
pub use guard::{GUARD_ARGUMENT, run_guard};
use link::Link;
use mitblick_protocol::session::{ApplicationId, Permitted, ViewSelection};
pub use present::open_pane;
use std::path::PathBuf;

/// The X server of a display.
#[derive(Clone, Debug)]
pub struct X11 {
    display: Option<String>,
    second_stop_key: Option<u32>,
    guard: GuardProgram,
}

impl X11 {
    /// Looks whether the display is there and has what is needed; `None` means
    /// the one that the environment names.
    ///
    /// # Errors
    /// There is no such display, or `Missing` with the name of the extension
    /// that it lacks.
    pub fn new(display: Option<&str>) -> Result<Self, CaptureError> {
        Link::open(display)?;
        Ok(Self { display: display.map(str::to_owned), second_stop_key: None, guard: None })
    }

    /// The application of a process, for who knows it by its number.
    pub fn application_of_process(process: u32) -> ApplicationId {
        owner::of_process(process)
    }

    /// A second stop key beside F12, by its X key symbol (`0xff13` = Pause):
    /// watched like F12, and like it never injected. For the watches and
    /// injectors that are started from here on.
    #[must_use]
    pub fn with_second_stop_key(self, key_symbol: u32) -> Self {
        Self { second_stop_key: Some(key_symbol), ..self }
    }

    /// Releases what is held down even if this program is killed: `program` is
    /// started beside every injector as [`GUARD_ARGUMENT`] says, and calls
    /// [`run_guard`] then. Usually this program itself.
    #[must_use]
    pub fn with_guard(self, program: PathBuf) -> Self {
        Self { guard: Some(program), ..self }
    }

    /// What [`crate::clipboard::watch`] does, on this display.
    ///
    /// # Errors
    /// The display does not tell.
    pub fn watch_clipboard(
        &self,
        report: impl FnMut(Copied) + Send + 'static,
    ) -> Result<Box<dyn ClipboardWatch>, ClipboardError> {
        clipboard::watch(self.display.as_deref(), Box::new(report))
    }

    fn open(&self) -> Result<Link, CaptureError> {
        Link::open(self.display.as_deref())
    }
}

impl Platform for X11 {
    fn desktop(&self) -> Result<Box<dyn Desktop>, CaptureError> {
        Ok(Box::new(applications::X11Desktop::new(self.open()?)))
    }

    fn start_capture(&self, view: Permitted<ViewSelection>) -> Result<Box<dyn Capture>, CaptureError> {
        Ok(Box::new(capture::X11Capture::start(self.open()?, view)?))
    }

    fn start_injector(&self, control: Permitted<ViewSelection>) -> Result<Box<dyn Injector>, InjectError> {
        inject::start(self.display.as_deref(), control, self.second_stop_key, self.guard.as_deref())
    }

    fn control_available(&self) -> Result<(), InjectError> {
        inject::available(self.display.as_deref())
    }

    fn watch_stop_key(&self, handler: Box<dyn StopKeyHandler>) -> Result<Box<dyn StopKeyWatch>, StopKeyError> {
        stop_key::watch(self.display.as_deref(), handler, self.second_stop_key)
    }

    fn overlay(&self) -> Result<Box<dyn Overlay>, OverlayError> {
        overlay::open(self.display.as_deref())
    }

    fn tray(&self, name: &str, look: TrayLook, handler: Box<dyn TrayHandler>) -> Result<Box<dyn Tray>, TrayError> {
        status_notifier::open(name, look, handler)
    }
}
