//! The stop key (F12), and the local person's own mouse and keyboard.

/// Why the stop key can't be watched.
#[derive(Debug, thiserror::Error)]
pub enum StopKeyError {
    /// The system can't report it.
    #[error("the stop key can't be watched here: {0}")]
    NotAvailable(String),
}

/// Called on the watching thread, at once. Must not block.
pub trait StopKeyHandler: Send {
    /// The stop key was pressed, by whatever device the system reports.
    fn stop_key_pressed(&mut self);

    /// The local person used a real mouse or keyboard (not injected input).
    fn local_input(&mut self) {}

    /// The watch is lost (the display is gone): whatever needs the stop key
    /// must end.
    fn watch_lost(&mut self);
}

/// A running watch; ends when dropped.
pub trait StopKeyWatch: Send {
    /// Whether the stop key is kept from the application that has the
    /// keyboard: on while control is granted, off otherwise. A wish: where the
    /// system can't, the key still stops.
    fn swallow(&self, on: bool);
}
