//! The rig of the whole-system tests: virtual screens, real applications, the
//! three real programs and the wire between them, each in processes of its own
//! that do not outlive the test.
//!
//! Nothing here knows how the programs work inside. The rig sees what people
//! would see (the pixels of both screens) and does what they would do (keys
//! and mouse at a display, lines on a program's standard input).
//!
//! The rig panics where it can't go on, naming what it waited for; a person
//! reading a failed test needs nothing else.

pub mod apps;
pub mod clip;
pub mod demo;
pub mod drag;
pub mod false_broker;
pub mod frame;
pub mod hand;
pub mod ink;
pub mod keyboard;
pub mod launch;
pub mod paint;
pub mod programs;
pub mod screen;
pub mod session;
pub mod talker;
pub mod tray;
pub mod wait;
pub mod wire;
