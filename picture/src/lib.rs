//! Pictures of shared windows, pure: surfaces in, updates out, and back.
//!
//! The shower's [`Encoder`] is told which surfaces there are and where they
//! were damaged; when the line has room it takes the newest pixels of the
//! damaged areas from a [`PixelSource`], compares them with what the watcher
//! has, and writes what differs, bit-exact. The watcher's [`Decoder`] turns the
//! payload into pixels again and treats every byte of it as hostile.
//!
//! Only the newest state is ever sent, and nothing while nothing changes. What
//! a payload is made of is said in the source of the `format` module.
//!
//! Not here: capturing, timing, rate control, the scene and the pointer.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

extern crate alloc;

mod areas;
mod chunk;
mod damage;
mod decoder;
mod encoder;
mod format;
mod natural;
mod palette;
mod stage;
mod surface;

pub use decoder::{DecodeError, Decoder};
pub use encoder::{Encoded, Encoder, PixelSource};
pub use surface::{LimitError, SurfacePixels};
