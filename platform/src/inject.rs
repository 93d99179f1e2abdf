//! Remote input into shared windows.

use mitblick_protocol::{
    input::{InputEvent, InputRefusal},
    session::Permitted,
};

/// Why injection does not work.
#[derive(Debug, thiserror::Error)]
pub enum InjectError {
    /// It can't work on this system as it is.
    #[error("remote control is not available here: {0}")]
    NotAvailable(String),
    /// It broke while working.
    #[error("remote control broke: {0}")]
    Broken(String),
}

/// What became of an input event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Injected {
    /// It reached the shared window.
    Done,
    /// It had no effect.
    Refused(InputRefusal),
}

/// Presses keys and moves the pointer, only in windows of the shared
/// applications. Drop releases everything that it holds down.
pub trait Injector: Send {
    /// Injects one event, if its permit holds and it would reach a shared
    /// window at this very moment.
    ///
    /// # Errors
    /// `Broken` if the display is gone.
    fn inject(&mut self, input: &Permitted<InputEvent>) -> Result<Injected, InjectError>;

    /// Releases all keys and buttons that this injector holds down, permit or
    /// not. Can't fail: what can't be reached any more holds nothing down.
    fn release_all(&mut self);
}
