//! The window of the advisor's program: screens as pure functions of their
//! view, the viewer, and the application that shows them. Nothing here decides
//! what is allowed.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

pub mod app;
mod events;
pub mod screens;
