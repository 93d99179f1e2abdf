//! The customer's side.

mod view;

pub use view::{AppItem, ControlView, CustomerIntent, CustomerScreen, CustomerView, EndView, SharingView, Who};
