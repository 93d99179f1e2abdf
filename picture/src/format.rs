//! The bytes of a payload: op codes, numbers, and reading them with care.
//!
//! ```text
//! payload = empty                          nothing differs
//!         | version chunk+
//! version = 2
//! chunk   = packing ops_bytes data_bytes packed_bytes packed
//! packing = 0 stored
//!         | 1 zstd frames, one after the other
//!         | 2 begin of a zstd stream, flushed at the end of the chunk
//!         | 3 the stream goes on, likewise
//! unpacked= ops data                       of ops_bytes and data_bytes
//! ops     = op+
//! op      = code [surface] [x y width-1 height-1] more        codes 1 to 14
//!         | 15                                                forget the palette
//!         | 16 [surface] x y width-1 height-1 from_x from_y   copy
//!         | 17 [surface] tile count-1 slot                    keep
//!         | 18 [surface] tile count-1 slot                    recall
//!         | 32 [surface] x y width-1 height-1 stream flags    film
//! ```
//! Numbers are unsigned LEB128 of at most 32 bits, except the two sides of a
//! pixel op (codes 1 to 14), which are bytes. Bit 7 of a code says that the op
//! begins a new surface, whose number follows; otherwise it is that of the op
//! before in the chunk. Bit 6, for pixel ops only, says that the rectangle is
//! that of the op before moved right by its width; otherwise the rectangle
//! follows. Ops and pixel data are kept apart, and so are drawings, natural
//! pictures and moves (in chunks of their own), because each packs better alone.
//! A chunk whose first op is a natural picture holds no other pixels; its data
//! are three planes of the same length, green, red and blue of all its ops.
//!
//! Ops are applied one after the other. A *copy* moves a rectangle of a surface
//! to another place in the same surface: all of it is read, as it stands when
//! the op's turn comes, before any of it is written, so the two places may
//! overlap. The encoder puts copies before pixels, so what they read is what the
//! watcher showed before the payload, but for earlier copies.
//!
//! Tiles are the squares of [`TILE_PX`](crate::damage::TILE_PX) pixels that
//! cover a surface from its left top corner, counted row by row, cut off at its
//! edges. *Keep* puts what `count` tiles from `tile` on show now into the slots
//! from `slot` on of a memory of [`MAX_SLOTS`], whatever they held; *recall*
//! puts what slots hold into tiles of the same size. Which slot is used for what
//! is the encoder's affair alone; the decoder obeys.
//!
//! A *film* op fills a rectangle with the next picture of a stream (a byte,
//! below [`MAX_STREAMS`](crate::MAX_STREAMS)), coded by somebody else: all data
//! of the chunk, of which it is the only op. Flag 1: the picture stands alone.
//! Lossy; what it shows is never copied from or kept by the encoder.
//!
//! A payload writes no more pixels than all surfaces have, copies no more than
//! that, and keeps no more than twice that.
//!
//! Codes 1 to 15 are lossless pixels, 16 to 31 moves, 32 to 47 films; a decoder
//! that meets a code or version that it does not know
//! gives up.

use alloc::vec::Vec;
use mitblick_protocol::geometry::Rect;

/// First byte of a payload.
pub(crate) const VERSION: u8 = 2;
/// Bit of a code: a surface number follows.
pub(crate) const NEW_SURFACE: u8 = 0x80;
/// Bit of a code: right beside the op before, of the same size.
pub(crate) const BESIDE: u8 = 0x40;
/// Most pixels of one op that brings pixels.
pub(crate) const MAX_OP_PIXELS: usize = 4096;
/// Most unpacked bytes of one chunk.
pub(crate) const MAX_CHUNK_BYTES: usize = 1024 * 1024;

/// Tiles that the watcher's memory holds: 48 MiB of pixels.
pub(crate) const MAX_SLOTS: usize = 3072;

/// How a chunk is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    Stored,
    Single,
    Begin,
    Continue,
}

impl Packing {
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Stored => 0,
            Self::Single => 1,
            Self::Begin => 2,
            Self::Continue => 3,
        }
    }

    pub(crate) const fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::Stored),
            1 => Some(Self::Single),
            2 => Some(Self::Begin),
            3 => Some(Self::Continue),
            _ => None,
        }
    }
}

/// What an op does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    /// One colour: 3 bytes of data, blue first.
    Fill,
    /// By number in the palette. More: how many colours are new, then their
    /// blue, green and red bytes. Data: see the `palette` module.
    Drawn,
    /// Data: see the `natural` module.
    Natural,
    /// Forget the palette. Nothing follows the code.
    Forget,
    /// A rectangle from elsewhere in the surface.
    Copy,
    /// Tiles into memory.
    Keep,
    /// Tiles out of memory.
    Recall,
    /// A picture of a stream. Data: coded by somebody else.
    Film,
}

impl Op {
    pub(crate) const ALL: [Self; 8] =
        [Self::Fill, Self::Drawn, Self::Natural, Self::Forget, Self::Copy, Self::Keep, Self::Recall, Self::Film];

    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Fill => 1,
            Self::Drawn => 2,
            Self::Natural => 3,
            Self::Forget => 15,
            Self::Copy => 16,
            Self::Keep => 17,
            Self::Recall => 18,
            Self::Film => 32,
        }
    }

    pub(crate) fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|op| op.code() == code)
    }
}

/// Where an op with [`BESIDE`] is.
pub(crate) fn beside(before: Rect) -> Option<Rect> {
    Some(Rect { x: before.x.checked_add_unsigned(before.width)?, ..before })
}

/// Appends a number.
pub(crate) fn put_number(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Bytes that are read from the front.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    /// A number in its shortest form.
    pub(crate) fn number(&mut self) -> Option<u32> {
        let mut value = 0u32;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.byte()?;
            let bits = u32::from(byte & 0x7f);
            if bits > u32::MAX >> shift {
                return None;
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return (byte != 0 || shift == 0).then_some(value);
            }
        }
        None
    }

    pub(crate) fn bytes(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_and_have_one_form() {
        for value in [0, 1, 127, 128, 16_383, 16_384, u32::MAX] {
            let mut out = Vec::new();
            put_number(&mut out, value);
            let mut reader = Reader(&out);
            assert_eq!(reader.number(), Some(value));
            assert!(reader.is_empty());
        }
        assert_eq!(Reader(&[0x80, 0x00]).number(), None, "longer than needed");
        assert_eq!(Reader(&[0xff, 0xff, 0xff, 0xff, 0x1f]).number(), None, "more than 32 bits");
        assert_eq!(Reader(&[0x80]).number(), None, "cut off");
    }

    #[test]
    fn codes_are_their_own() {
        for op in Op::ALL {
            assert_eq!(Op::from_code(op.code()), Some(op));
            assert_eq!(op.code() & (NEW_SURFACE | BESIDE), 0);
        }
        assert_eq!(Op::from_code(0), None);
    }
}
