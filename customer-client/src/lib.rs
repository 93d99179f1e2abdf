//! The window of the customer's program: screens as pure functions of their
//! view, and the application that shows them. Connecting, capture and consent
//! rules are elsewhere; nothing here decides.

pub mod app;
pub mod screens;
