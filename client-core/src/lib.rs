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

pub mod advisor;
pub mod customer;
pub mod language;
pub mod problem;
pub mod shell;
pub mod ui;
