//! The picture as received: written by the watching worker, read by the window
//! as often as it paints.

use mitblick_protocol::{
    geometry::{Rect, Size},
    peer_msg::{CursorImage, PointerPlace, Scene, SurfaceId},
};
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Pixels of one surface.
#[derive(Default)]
pub struct WatchedSurface {
    /// Size in pixels.
    pub size: Size,
    /// `0x00RRGGBB`, row by row.
    pub pixels: Vec<u32>,
    /// Areas changed since the window last took them; the window empties it.
    pub changed: Vec<Rect>,
}

/// What is to be painted.
#[derive(Default)]
pub struct WatchedPicture {
    /// Windows and their places, bottom-most first.
    pub scene: Scene,
    /// Their pixels.
    pub surfaces: BTreeMap<SurfaceId, WatchedSurface>,
    /// Where the customer's pointer is, if over a shared window.
    pub pointer: Option<PointerPlace>,
    /// Its picture.
    pub cursor: Option<CursorImage>,
    /// Counts changes of `cursor`.
    pub cursor_changes: u64,
    /// Frames taken in so far.
    pub frames: u64,
    /// Where the customer's desktop would begin in the advisor's window as last
    /// painted, and its zoom: `(x, y, zoom)` in physical pixels of the screen,
    /// from the window's left top corner. Pixel `(px, py)` of a surface at
    /// `rect` is painted at `x + (rect.x + px) * zoom`, and so on. May be
    /// negative. Told to automation; not used for painting.
    pub painted_at: Option<(i32, i32, f32)>,
}

/// The picture, shared between worker and window.
#[derive(Default)]
pub struct PictureStore(Mutex<WatchedPicture>);

impl PictureStore {
    /// Takes the picture for a moment. Keep it short: the other side waits.
    pub fn lock(&self) -> MutexGuard<'_, WatchedPicture> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
