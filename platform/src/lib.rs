//! What Mitblick needs of the operating system, as traits, with one backend a
//! system and fakes for tests. The only crate that may hold `unsafe`.
//!
//! A backend decides nothing: capture and injection take a
//! [`Permitted`] and claim it at their
//! last step, so a stop that the session machine (or the stop key's thread)
//! has made takes effect whatever the rest of the program does.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
#![allow(unsafe_code)]

pub mod appearance;
pub mod capture;
pub mod clipboard;
pub mod clock;
pub mod disk;
pub mod fake;
pub mod inject;
pub mod mail;
pub mod overlay;
pub mod present;
#[cfg(target_os = "linux")]
mod status_notifier;
pub mod stop_key;
pub mod tray;
pub mod video;
#[cfg(target_os = "linux")]
pub mod x11;

use capture::{Capture, CaptureError, Desktop};
use inject::{InjectError, Injector};
use mitblick_protocol::session::{Permitted, ViewSelection};
use overlay::{Overlay, OverlayError};
use stop_key::{StopKeyError, StopKeyHandler, StopKeyWatch};
use tray::{Tray, TrayError, TrayHandler, TrayLook};

/// One operating system's (or window system's) backend.
///
/// Each part opens its own connection to the system and belongs to one thread,
/// so that no part waits for another.
pub trait Platform: Send + Sync {
    /// The applications and previews for the person to choose from.
    ///
    /// # Errors
    /// No display, or one that lacks what is needed; says which.
    fn desktop(&self) -> Result<Box<dyn Desktop>, CaptureError>;

    /// Starts to follow the windows of the chosen applications.
    ///
    /// # Errors
    /// As above, or the permit has ended.
    fn start_capture(&self, view: Permitted<ViewSelection>) -> Result<Box<dyn Capture>, CaptureError>;

    /// Starts to inject input into the windows of the chosen applications.
    ///
    /// # Errors
    /// Injection does not work here, or the permit has ended.
    fn start_injector(&self, control: Permitted<ViewSelection>) -> Result<Box<dyn Injector>, InjectError>;

    /// Whether injection can work here at all; asked before control is offered.
    ///
    /// # Errors
    /// It can't; says why.
    fn control_available(&self) -> Result<(), InjectError>;

    /// Watches for the stop key and for use of the local mouse and keyboard, on
    /// a thread of its own, until the watch is dropped.
    ///
    /// # Errors
    /// The system can't report keys; control must not be granted then.
    fn watch_stop_key(&self, handler: Box<dyn StopKeyHandler>) -> Result<Box<dyn StopKeyWatch>, StopKeyError>;

    /// Frames round shared windows, and the bar that stays on top.
    ///
    /// # Errors
    /// No display.
    fn overlay(&self) -> Result<Box<dyn Overlay>, OverlayError>;

    /// A sign of the program `name` (in the system's own words, never seen)
    /// beside those that are always in sight, on a thread of its own. What
    /// comes of it the handler hears.
    ///
    /// # Errors
    /// The system knows of no such thing.
    fn tray(&self, name: &str, look: TrayLook, handler: Box<dyn TrayHandler>) -> Result<Box<dyn Tray>, TrayError>;
}
