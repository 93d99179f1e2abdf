//! The advisor's side.

mod picture;
mod view;

pub use picture::{PictureStore, WatchedPicture, WatchedSurface};
pub use view::{AdvisorIntent, AdvisorScreen, AdvisorView, LastSession, NumberView, ViewerView};
