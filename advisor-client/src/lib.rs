//! The window of the advisor's program: screens as pure functions of their
//! view, the viewer, and the application that shows them. Nothing here decides
//! what is allowed.

pub mod app;
mod events;
pub mod screens;
