//! The backend for X11, all through x11rb. Each part has its own connection to
//! the server, so that none waits for another.

mod applications;
mod capture;
mod cursor;
mod extensions;
mod inject;
mod keymap;
mod overlay;
mod owner;
mod pixels;
mod properties;
mod scan;
mod shortcuts;
mod stop_key;
mod tracked;

use crate::{
    Platform,
    capture::{Capture, CaptureError, Desktop},
    inject::{InjectError, Injector},
    overlay::{Overlay, OverlayError},
    stop_key::{StopKeyError, StopKeyHandler, StopKeyWatch},
};
use mitblick_protocol::session::{Permitted, ViewSelection};

/// One X display.
#[derive(Clone, Debug)]
pub struct X11 {
    display: Option<String>,
}

impl X11 {
    /// The display of this name; `None` = the one of the environment.
    ///
    /// # Errors
    /// It can't be reached, or lacks an extension that is needed; says which.
    pub fn new(display: Option<&str>) -> Result<Self, CaptureError> {
        extensions::connect(display)?;
        Ok(Self { display: display.map(str::to_owned) })
    }
}

impl Platform for X11 {
    fn desktop(&self) -> Result<Box<dyn Desktop>, CaptureError> {
        Ok(Box::new(applications::X11Desktop::open(self.display.as_deref())?))
    }

    fn start_capture(&self, view: Permitted<ViewSelection>) -> Result<Box<dyn Capture>, CaptureError> {
        Ok(Box::new(capture::X11Capture::start(self.display.as_deref(), view)?))
    }

    fn start_injector(&self, control: Permitted<ViewSelection>) -> Result<Box<dyn Injector>, InjectError> {
        inject::start(self.display.as_deref(), control)
    }

    fn watch_stop_key(&self, handler: Box<dyn StopKeyHandler>) -> Result<Box<dyn StopKeyWatch>, StopKeyError> {
        stop_key::watch(self.display.as_deref(), handler, None)
    }

    fn overlay(&self) -> Result<Box<dyn Overlay>, OverlayError> {
        overlay::open(self.display.as_deref())
    }
}
