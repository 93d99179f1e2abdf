//! All that both Mitblick programs do: the link to the broker, the pure
//! controllers of a session from each side, the workers around them, and the
//! parts of the interface that both share.
//!
//! ```text
//! person ─ Intent ─▶ controller ─ View ─▶ screens        (painting decides nothing)
//! link, workers ─ Event ─▶ controller ─ Effect ─▶ link, workers
//! ```
//! A controller never blocks and never paints, so the stop key and consent do
//! not depend on a window that can be seen.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

pub mod address;
pub mod advisor;
pub mod appointments;
pub mod automation;
pub mod controller;
pub mod customer;
pub mod faults;
pub mod images;
pub mod ink;
pub mod invitation;
pub mod journal;
pub mod language;
pub mod line;
pub mod link;
pub mod outbox;
mod own_file;
pub mod pacing;
pub mod pointing;
pub mod problem;
pub mod program;
pub mod proxy;
pub mod receipt;
pub mod reconnect;
pub mod recording;
pub mod runtime;
pub mod secure;
pub mod shell;
pub mod showing;
pub mod tls;
pub mod together;
pub mod tunnel;
pub mod ui;
pub mod watching;
pub mod workplace_key;
