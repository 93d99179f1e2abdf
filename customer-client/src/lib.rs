//! The window of the customer's program: screens as pure functions of their
//! view, and the application that shows them. Connecting, capture and consent
//! rules are elsewhere; nothing here decides.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

pub mod app;
pub mod screens;
