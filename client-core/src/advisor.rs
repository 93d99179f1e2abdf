//! The advisor's side.

pub mod automation;
pub mod controller;
pub mod guide;
pub mod hands;
mod turn;
mod view;

pub use crate::pointing::{Pointing, SeenMarks};
pub use crate::watching::{
    Arrangement, Changes, Painted, PictureStore, WatchedPicture, WatchedSurface, compose, layout, picture, watch,
};
pub use guide::AdvisorGuide;
pub use turn::{AdvisorTurn, TurnGuide, TurnView};
pub use view::{
    AdvisorIntent, AdvisorScreen, AdvisorView, AppointmentIntent, AppointmentsView, KeyView, LastSession, NotesIntent,
    NotesView, NumberView, RecordingView, ViewerView,
};
