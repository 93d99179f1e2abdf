//! What is drawn on the shower's desktop around and over shared windows.

use mitblick_protocol::{
    geometry::{Point, Rect, Size},
    marks::ShownMarks,
    peer_msg::SurfaceId,
    session::Permitted,
};
use std::sync::Arc;

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

/// Something drawn, in layers from the lowest; without half-transparent parts,
/// so that it can be a window's very form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ink {
    /// The layers.
    pub layers: Vec<Layer>,
}

/// One layer of [`Ink`]. Places are pixels from its origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layer {
    /// Areas of one colour, `0x00RRGGBB`.
    Areas {
        /// The colour.
        colour: u32,
        /// The areas.
        areas: Vec<Rect>,
    },
    /// A small picture.
    Picture {
        /// Its left top corner.
        at: Point,
        /// Its size.
        size: Size,
        /// `0x00RRGGBB`, row by row.
        pixels: Vec<u32>,
    },
}

impl Layer {
    /// All that it covers.
    pub fn areas(&self) -> Vec<Rect> {
        match self {
            Self::Areas { areas, .. } => areas.clone(),
            Self::Picture { at, size, .. } => vec![Rect::new(at.x, at.y, size.width, size.height)],
        }
    }
}

impl Ink {
    /// A box around all that it covers.
    pub fn bounds(&self) -> Rect {
        self.layers.iter().flat_map(Layer::areas).fold(Rect::default(), Rect::union)
    }
}

/// Ink that sticks to a window of another program.
#[derive(Clone, Debug)]
pub struct Patch {
    /// The window.
    pub surface: SurfaceId,
    /// The ink's origin, from the window's left top corner.
    pub at: Point,
    /// What is drawn. The same ink is the same pointer.
    pub ink: Arc<Ink>,
    /// It changes its place often: the others are not to be drawn anew for
    /// that.
    pub moves: bool,
}

impl PartialEq for Patch {
    fn eq(&self, other: &Self) -> bool {
        (self.surface, self.at, self.moves) == (other.surface, other.at, other.moves)
            && Arc::ptr_eq(&self.ink, &other.ink)
    }
}

/// Frames and the bar's place in the stacking, kept by a thread of its own.
/// Dropping it removes what is drawn.
pub trait Overlay: Send {
    /// Draws a frame just outside each rectangle (desktop pixels), in the
    /// signal colour `0xRRGGBB`; replaces the ones before. Pointer and clicks
    /// go through. An empty list removes them.
    fn set_frames(&mut self, rects: &[Rect], colour: u32);

    /// Keeps this window of ours above every other window, whatever the others
    /// do; `None` stops that.
    fn keep_on_top(&mut self, window: Option<NativeWindow>);

    /// Draws these over windows of others, in place of those before: inside
    /// each window alone and below whatever lies above it, moving with it, gone
    /// while it is not on the screen. Pointer and clicks go through. Nothing of
    /// it is ever captured, and nothing is drawn once the permit has ended.
    fn set_patches(&mut self, patches: Vec<Patch>, permit: Permitted<ShownMarks>);
}
