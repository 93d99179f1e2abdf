//! The customer's side.

pub mod automation;
pub mod control;
pub mod controller;
mod errands;
mod film;
pub mod guide;
pub mod hands;
pub mod known;
pub mod listing;
pub mod preview;
mod rating;
mod recording;
pub mod share;
mod view;

pub use guide::{CustomerGuide, GuideView, MoreView, PreviewView};
pub use rating::{Answer, RatingView};
pub use recording::{RecordingState, RecordingView};
pub use view::{
    AppItem, ControlView, CustomerIntent, CustomerScreen, CustomerView, EndView, ReceiptState, ReceiptView,
    SharingView, Who,
};
