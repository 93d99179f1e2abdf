//! The rules of a Mitblick session, as pure state machines and plain data.
//!
//! Nothing here opens a socket or a file, reads a clock or draws a random
//! number: bytes, human decisions, `now` and entropy come in as arguments,
//! messages and effects go out. The crate is `no_std` outside tests, so the
//! compiler proves it.
//!
//! Roles: *advisor* and *customer* are people who pair through the broker by a
//! session number; *shower* is the side whose screen is shown, *watcher* the
//! side that looks. The security rules are written for shower and watcher, so
//! that the direction can be turned.
#![cfg_attr(not(test), no_std)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

extern crate alloc;

pub mod appointment;
pub mod ask;
pub mod broker_msg;
pub mod card;
pub mod chat;
pub mod check_words;
pub mod clipboard;
pub mod framing;
pub mod geometry;
pub mod handshake;
pub mod image;
pub mod input;
mod keys;
pub mod marks;
pub mod number;
pub mod peer_msg;
pub mod policy;
pub mod rating;
pub mod receipt;
pub mod recording;
pub mod sealed;
pub mod session;
pub mod stock;
pub mod talk;
pub mod text;
pub mod time;
pub mod transfer;
pub mod wire;
pub mod workplace;
