//! A window of egui, painted by the processor alone.
//!
//! The programs' windows are text, lines and plain areas, repainted when a
//! person does something; the customer's picture has a pane of its own. For
//! that OpenGL costs more than it gives: where there is no graphics card its
//! software loads a compiler of about 60 MB and needs 30 ms for a repaint,
//! and where there is one, a driver that is missing, old or remote (virtual
//! desktops, RDP, fresh installations) means no window at all. Here the same
//! pixels come out on every machine.
//!
//! - [`paint`]: what egui wants painted, into pixels; pure.
//! - [`host`]: the event loop around it, after the model of `eframe`.
//! - [`waker`]: how other threads tell it of news without waiting for it.
//!
//! Kept crates were looked at first: `egui_software_backend` 0.0.3 and
//! `dream-soft-render` 1.0 are for egui 0.34, and the latter holds at most
//! 1280 by 720 pixels.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

mod clipboard;
pub mod host;
pub mod paint;
mod surface;
pub mod waker;
