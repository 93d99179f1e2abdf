//! The advisor's side.

pub mod automation;
pub mod controller;
pub mod hands;
mod picture;
mod view;
pub mod watch;

pub use picture::{PictureStore, WatchedPicture, WatchedSurface};
pub use view::{AdvisorIntent, AdvisorScreen, AdvisorView, LastSession, NumberView, ViewerView};
