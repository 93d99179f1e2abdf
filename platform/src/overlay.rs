//! What is drawn on the shower's desktop around and above shared windows.

use mitblick_protocol::geometry::Rect;

/// Why nothing can be drawn.
#[derive(Debug, thiserror::Error)]
pub enum OverlayError {
    /// It can't work on this system as it is.
    #[error("frames can't be shown here: {0}")]
    NotAvailable(String),
}

/// A native window of this program, by the system's own id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NativeWindow(pub u64);

/// Frames and the bar's place in the stacking, kept by a thread of its own.
/// Dropping it removes the frames.
pub trait Overlay: Send {
    /// Draws a frame just outside each rectangle (desktop pixels), in the
    /// signal colour `0xRRGGBB`; replaces the ones before. Pointer and clicks
    /// go through. An empty list removes them.
    fn set_frames(&mut self, rects: &[Rect], colour: u32);

    /// Keeps this window of ours above every other window, whatever the others
    /// do; `None` stops that.
    fn keep_on_top(&mut self, window: Option<NativeWindow>);
}
