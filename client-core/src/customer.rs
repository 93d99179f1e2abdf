//! The customer's side.

pub mod automation;
pub mod by_hand;
pub mod control;
pub mod controller;
mod errands;
pub mod guide;
pub mod hands;
pub mod intents;
pub mod known;
pub mod preview;
mod rating;
mod recording;
pub mod tray;
mod turn;
mod view;

pub use crate::{
    pointing::Pointing,
    showing::{AppItem, share},
};
pub use guide::{CustomerGuide, GuideView, MoreView, PreviewView};
pub use rating::{Answer, RatingView};
pub use recording::{RecordingState, RecordingView};
pub use turn::{TurnView, WatchingGuide, WatchingView};
pub use view::{
    ConnectingStep, ControlView, CustomerIntent, CustomerScreen, CustomerView, EndView, NotByHand, ReceiptState,
    ReceiptView, SharingView, WaitingLine, Who,
};
