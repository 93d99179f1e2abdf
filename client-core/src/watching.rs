//! What turns frames into a picture: the decoder on a thread of its own, and
//! putting windows together. The advisor's program looks by it, and the
//! customer's at what the advisor sees.

mod answers;
pub mod compose;
mod film;
pub mod layout;
pub mod picture;
pub mod run;
mod stage;
pub mod watch;

pub(crate) use answers::Answers;
pub use picture::{Painted, PictureStore, WatchedPicture, WatchedSurface};
pub use stage::{Arrangement, Changes};
