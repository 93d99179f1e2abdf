//! Pictures of shared windows, pure: surfaces in, updates out, and back.
//!
//! The shower's [`Encoder`] is told which surfaces there are and where they
//! were damaged; when the line has room it takes the newest pixels of the
//! damaged areas from a [`PixelSource`], compares them with what the watcher
//! has, and writes what differs, bit-exact. The watcher's [`Decoder`] turns the
//! payload into pixels again and treats every byte of it as hostile.
//!
//! Only the newest state is ever sent, and nothing while nothing changes. The
//! bytes of a payload are described in the source of the `format` module.
//!
//! # What was chosen, and why
//!
//! Windows are compared and sent in tiles of 64x64 pixels. Pixels go by number
//! of a palette that both sides keep, through one long zstd stream at level 6;
//! tiles with too many colours for that (photographs, gradients) go as
//! differences from their neighbours at level 1. Bytes of a 1280x800 window,
//! each way of coding packed at level 6, the last as it is sent:
//!
//! | change | BGRX rows | BGR tiles | palette a tile, bits | one palette, bytes | and one stream |
//! |---|---:|---:|---:|---:|---:|
//! | new: terminal full of text | 36 200 | 34 600 | 53 700 | 18 800 | 19 300 |
//! | new: the same, coloured edges | 44 500 | 40 100 | 61 200 | 22 200 | 29 100 |
//! | new: editor | 40 400 | 36 700 | 57 500 | 23 200 | 25 100 |
//! | the terminal scrolled by three lines | 36 800 | 25 500 | 50 400 | 16 900 | 2 300 |
//! | a letter typed | | | | 101 | 72 |
//! | new: photograph, 640x400 | 754 500 | 669 700 | | | 402 000 |
//!
//! (The column before the last is without the palette itself, the last is
//! everything.)
//!
//! Packed bits lose because equal pixels are no longer equal bytes. Tiles of 32
//! pixels take up to 15 % more and twice as much when something scrolls; larger
//! ones gain nothing. Level 3 takes 15 to 20 % more bytes, level 9 saves 3 % for
//! half as much time again. Long distance matching takes a third off the
//! scrolled page for a third more time everywhere.
//!
//! Time on one core of a small server: 0.03 to 0.08 ms for a letter, 2 ms for
//! the scrolled page, 7 to 10 ms for a first page with all buffers cold, 0.6 ms
//! for a whole window that was redrawn and is the same; decoding 0.01, 0.4 and
//! 1 to 3 ms. `cargo bench -p mitblick-benches --bench picture` measures again.
//!
//! Not here: capturing, timing, rate control, the scene and the pointer.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

extern crate alloc;

mod areas;
mod chunk;
mod compare;
mod copies;
mod damage;
mod decoder;
mod encoder;
mod format;
mod hash;
mod memory;
mod moves;
mod natural;
mod palette;
mod scan;
mod shift;
mod stage;
mod surface;

pub use decoder::{DecodeError, Decoder};
pub use encoder::{Encoded, Encoder, PixelSource};
pub use surface::{LimitError, SurfacePixels};
