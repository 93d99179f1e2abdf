//! The bytes of a payload: op codes, numbers, and reading them with care.
//!
//! ```text
//! payload = empty                          nothing differs
//!         | version chunk+
//! version = 1
//! chunk   = packing ops_bytes data_bytes packed_bytes packed
//! packing = 0 (stored) | 1 (zstd)
//! unpacked= ops data                       of ops_bytes and data_bytes
//! ops     = op+
//! op      = code [surface] x y width-1 height-1 more
//! ```
//! Numbers are unsigned LEB128 of at most 32 bits, except the two sides of an
//! op, which are bytes. Bit 7 of a code says that the op begins a new surface,
//! whose number follows; otherwise it is that of the op before in the chunk.
//! Ops and pixel data are kept apart because each packs better alone.
//!
//! Codes 1 to 15 are lossless pixels. 16 to 31 are kept for copies (scroll,
//! cache), 32 to 47 for H.264 regions; a decoder that meets a code or version
//! that it does not know gives up.

use alloc::vec::Vec;

/// First byte of a payload.
pub(crate) const VERSION: u8 = 1;
/// Bit of a code: a surface number follows.
pub(crate) const NEW_SURFACE: u8 = 0x80;
/// Most pixels of one op.
pub(crate) const MAX_OP_PIXELS: usize = 4096;
/// Most unpacked bytes of one chunk.
pub(crate) const MAX_CHUNK_BYTES: usize = 1024 * 1024;

/// How a chunk is packed.
pub(crate) const STORED: u8 = 0;
/// See [`STORED`].
pub(crate) const ZSTD: u8 = 1;

/// How the pixels of an op are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    /// One colour. More: 3 bytes of data, blue first.
    Fill,
    /// Any colours: 3 bytes of data a pixel, blue first.
    Plain,
}

impl Op {
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Fill => 1,
            Self::Plain => 2,
        }
    }

    pub(crate) fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Fill),
            2 => Some(Self::Plain),
            _ => None,
        }
    }
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
        for op in [Op::Fill, Op::Plain] {
            assert_eq!(Op::from_code(op.code()), Some(op));
            assert_eq!(op.code() & NEW_SURFACE, 0);
        }
        assert_eq!(Op::from_code(0), None);
    }
}
