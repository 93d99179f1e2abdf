//! The advisor's side.

mod answers;
pub mod automation;
pub mod compose;
pub mod controller;
mod film;
pub mod guide;
pub mod hands;
pub mod layout;
mod picture;
mod stage;
mod view;
pub mod watch;

pub use guide::{AdvisorGuide, SeenMarks};
pub use picture::{Painted, PictureStore, WatchedPicture, WatchedSurface};
pub use stage::{Arrangement, Changes};
pub use view::{AdvisorIntent, AdvisorScreen, AdvisorView, LastSession, NumberView, ViewerView};
