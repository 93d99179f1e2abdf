//! Recordings of sessions on the advisor's machine: made with the customer's
//! consent alone, sealed while they are made (see
//! [`mitblick_protocol::recording`]), looked at and exported with the code that
//! the customer keeps.
//!
//! What is recorded is the picture as the advisor sees it at full size: shared
//! windows, pointer and marks, and a pattern where nothing is shared, at most
//! ten times a second and only when something changed, without loss.

mod camera;
pub mod command;
mod folder;
mod movie;
mod player;
mod projector;
mod recorder;
mod room;
mod tape;

pub use folder::{Folder, Kept};
pub use movie::{ExportError, export};
pub use player::{Player, RecordingError};
pub use projector::{OpenView, Projection, Projector, Still};
pub use recorder::{Failure, Recorder, RecorderEvent, Wanted};
pub use room::MAX_FILE_BYTES;

use mitblick_protocol::{geometry::Size, peer_msg::SurfaceId, wire::MAX_SURFACE_SIDE_PX};

/// Most pixels of a recorded picture: five screens of 5K. Each takes some
/// sixteen bytes of memory while it is recorded or looked at.
const MAX_PIXELS: u64 = 80 << 20;

/// Whether pictures of this size are recorded, and played.
fn is_recordable(size: Size) -> bool {
    size.width.max(size.height) <= MAX_SURFACE_SIDE_PX && size.pixels() <= MAX_PIXELS
}

/// The one surface of a recorded picture.
const SURFACE: SurfaceId = SurfaceId(0);
/// Ground and line of the pattern where nothing is shared, `0x00RRGGBB`.
const PATTERN: [u32; 2] = [0x00e3_e7ec, 0x00d9_dee5];
/// What is shown while nothing is.
const NOTHING: u32 = 0x00e3_e7ec;

#[cfg(test)]
mod tests;
