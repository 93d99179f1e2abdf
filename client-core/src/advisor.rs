//! The advisor's side.

mod answers;
pub mod automation;
pub mod controller;
pub mod guide;
pub mod hands;
mod view;

pub use crate::watching::{
    Arrangement, Changes, Painted, PictureStore, WatchedPicture, WatchedSurface, compose, layout, picture, watch,
};
pub use guide::{AdvisorGuide, SeenMarks};
pub use view::{
    AdvisorIntent, AdvisorScreen, AdvisorView, KeyView, LastSession, NotesIntent, NotesView, NumberView, RecordingView,
    ViewerView,
};
