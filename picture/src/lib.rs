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
//! # How a change becomes bytes
//!
//! Windows are compared in tiles of 64x64 pixels with what the watcher has.
//! What differs is looked for in this order:
//!
//! 1. *Memory.* Tiles that were replaced, or painted anew as a whole, are kept
//!    by the watcher, up to 3072 of them (48 MiB, one 4K screen or six of
//!    1080p). The shower keeps their hashes alone, 128 bits strong under a
//!    secret key (see the `hash` module), and says which slot is kept or
//!    recalled, runs of slots in one op: there is no rule of forgetting that the
//!    two sides could disagree about, for about 200 bytes when a page is kept
//!    and recalled. Tiles that are rewritten all the time are not kept. Windows
//!    and menus that open again come from here too.
//! 2. *Moves.* Places that are chosen by the pixels there alone vote for shifts
//!    in any direction; rectangles that are the same after the shift, pixel by
//!    pixel, are copied by the watcher, beside whatever stood still.
//! 3. *Drawings* go by number of a palette that both sides keep, one byte for
//!    the first 192 colours, through one long zstd stream at level 7 with
//!    8 MiB of history and long distance matching.
//! 4. *Natural pictures* (half of the pixels equal neither neighbour, in small
//!    areas three quarters, and more than 64 colours) go as differences from
//!    the guess of LOCO-I, red and blue less green, each plane through zstd at
//!    level 1, which is told to find hardly any matches.
//!
//! # What was chosen, and why
//!
//! Bytes and milliseconds of changes of a 1280x800 window; mean of a sequence,
//! time on one core of a small server. "Tiles alone" is the third way only, at
//! level 6 with 2 MiB of history, and the fourth, with the mean of both
//! neighbours as guess, for what has too many new colours:
//!
//! | change | tiles alone | moves, memory | and the rest |
//! |---|---:|---:|---:|
//! | coloured source text scrolled by 57 px | 8 811, 2.0 ms | 2 642 | 2 045, 1.9 ms |
//! | the same in 3840x2160 | 35 347, 11 ms | 1 832 | 1 398, 17 ms |
//! | two slides in turn, one with a photograph | 241 019, 4.6 ms | 3 240 | 2 800, 2.2 ms |
//! | photograph of 1280x800 panned by 9, 5 px | 1 270 602, 21 ms | 77 373 | 26 711, 2.8 ms |
//! | photograph of 640x360 panned by parts of pixels | 306 671, 5.7 ms | 306 696 | 194 349, 3.8 ms |
//! | new page: slide with a photograph | 549 156, 11 ms | 549 349 | 413 780, 10 ms |
//! | new page of text | 26 504, 2.8 ms | 26 571 | 25 987, 4.2 ms |
//! | a letter typed | 60, 0.01 ms | 60 | 61, 0.01 ms |
//!
//! A new page of text takes 1.4 ms more, in which it is looked for elsewhere
//! and packed a little better.
//!
//! What each choice is worth for the scrolled text: level 3 takes 3 535 bytes,
//! 5 2 717, 6 2 642, 7 2 233, 9 2 205 (all within 0.4 ms; a new page takes a
//! fifth more time at level 7 than at 5); history of 1 MiB 2 916, 2 MiB 2 705,
//! 4 MiB and more the same within this short sequence. Long distance matching
//! takes a tenth off it and adds a tenth to recorded pages that scroll; it is on
//! because a list that repeats itself takes 1 108 bytes with it and 29 683
//! without. For photographs: the guess of LOCO-I takes 4 to 5 % less than the
//! gradient `(3 left + 3 above - 2 corner) / 4` and 4 % more than the mean on
//! pure noise; short matches (5 bytes) take 4 to 6 % more than long ones (7);
//! missing nearly all of them (a table of 256 places) saves another 2 to 6 %,
//! a frame for each plane 1 to 3 %. When the palette took photographs as long as
//! it had room, they took half as many bytes again. A smooth gradient over the
//! whole window is the one thing that became larger, 46 kB from 31 kB, when it
//! is new; moving, it takes half of what it did.
//!
//! From earlier measurements, for new pages of text: packed bits of a palette
//! for each tile take twice the bytes, because equal pixels are no longer equal
//! bytes; BGR tiles 1.5 times. Tiles of 32 pixels take up to 15 % more; larger
//! ones gain nothing.
//!
//! `cargo run -p mitblick-benches --bin bench-table` measures recorded screens
//! again. After a few pages of such a window an encoder takes 28 MB, a decoder
//! 12 MB including what it remembers of them.
//!
//! # Moving pictures
//!
//! Areas that keep changing and look natural are handed to a [`VideoEncoder`]
//! (see the `film` module), outside of this crate. Their tiles are unknown and
//! clean meanwhile: unknown tiles are neither copied from nor kept. When they
//! rest they are damaged again: an unknown tile is written whole, whatever the
//! reference holds, so what was lossy becomes exact.
//!
//! Not here: capturing, timing, rate control, the scene and the pointer.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

extern crate alloc;

mod areas;
mod chunk;
mod clusters;
mod compare;
mod copies;
mod damage;
mod decoder;
mod encoder;
mod film;
mod format;
mod hash;
mod heat;
mod memory;
mod moves;
mod natural;
mod palette;
mod run;
mod scan;
mod shift;
mod stage;
mod surface;

pub use decoder::{Applied, DecodeError, Decoder};
pub use encoder::{Encoder, Turn};
pub use film::{MAX_STREAMS, NoVideo, VideoDecoder, VideoEncoder, VideoFailed};
pub use run::{Encoded, PixelSource};
pub use surface::{LimitError, SurfacePixels};
