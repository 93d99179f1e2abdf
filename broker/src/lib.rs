//! The broker: pairs an advisor and a customer, and relays what only they can
//! read. It knows accounts, routing numbers and byte counts, and nothing of
//! pictures, keys or the secret part of a number.
//!
//! ```text
//! server ─ accepts ─→ connection (reads) ─→ hall ─→ desk, limits   (pure)
//!                          │                 │
//!                          └─ relay ─→ outbox (writes) of the paired side
//! ```
//! [`serve`] starts one inside any tokio runtime with several threads;
//! [`cli`] is the command line.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

pub mod accounts;
pub mod acme;
pub mod audit;
pub mod backup;
pub mod certificate;
pub mod cli;
pub mod config;
pub mod connection;
mod credentials;
pub mod data_dir;
pub mod desk;
mod hall;
mod head_keeper;
mod identity;
pub mod images;
pub mod limits;
pub mod metrics;
mod outbox;
pub mod problem;
pub mod ratings;
mod recorder;
pub mod release_key;
mod retention;
pub mod rules;
pub mod second_factor;
mod server;
mod service;
pub mod store;
pub mod syslog;
pub mod tickets;
pub mod vault;
pub mod web;
pub mod workplaces;

pub use connection::Timing;
pub use outbox::RELAY_BUDGET_BYTES;
pub use server::{Broker, Config, open_store, serve, serve_with};
