//! Chunks of a payload: packing and unpacking with one context each that is
//! used again.

use crate::format::{MAX_CHUNK_BYTES, Reader, STORED, ZSTD, put_number};
use alloc::vec::Vec;
use core::fmt;
use zstd_safe::{CCtx, CParameter, DCtx};

/// Packs chunks.
pub(crate) struct Packer {
    context: CCtx<'static>,
    unpacked: Vec<u8>,
    packed: Vec<u8>,
}

impl fmt::Debug for Packer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Packer")
    }
}

impl Packer {
    pub(crate) fn new() -> Self {
        Self { context: CCtx::create(), unpacked: Vec::new(), packed: Vec::new() }
    }

    /// Appends a chunk, packed at a level of zstd, to `out` if it takes at most `limit` bytes; gives the
    /// bytes that it takes in any case.
    pub(crate) fn pack(&mut self, level: i32, ops: &[u8], data: &[u8], limit: usize, out: &mut Vec<u8>) -> usize {
        // Between two frames it can't fail; the level before would do as well.
        let _ = self.context.set_parameter(CParameter::CompressionLevel(level));
        self.unpacked.clear();
        self.unpacked.extend_from_slice(ops);
        self.unpacked.extend_from_slice(data);
        let bound = zstd_safe::compress_bound(self.unpacked.len());
        if self.packed.len() < bound {
            self.packed.resize(bound, 0);
        }
        let packed = self.context.compress2(self.packed.as_mut_slice(), &self.unpacked).ok();
        let packed = packed.and_then(|length| self.packed.get(..length));
        let (packing, bytes) = match packed {
            Some(packed) if packed.len() < self.unpacked.len() => (ZSTD, packed),
            _ => (STORED, self.unpacked.as_slice()),
        };
        let before = out.len();
        out.push(packing);
        for number in [ops.len(), data.len(), bytes.len()] {
            // At most MAX_CHUNK_BYTES and a little.
            put_number(out, number as u32);
        }
        let taken = out.len() - before + bytes.len();
        if taken <= limit {
            out.extend_from_slice(bytes);
        } else {
            out.truncate(before);
        }
        taken
    }
}

/// Unpacks chunks into a buffer that never gets larger than one chunk.
pub(crate) struct Unpacker {
    context: DCtx<'static>,
    unpacked: Vec<u8>,
}

impl fmt::Debug for Unpacker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unpacker")
    }
}

impl Unpacker {
    pub(crate) fn new() -> Self {
        Self { context: DCtx::create(), unpacked: Vec::new() }
    }

    /// Takes a chunk from the front: its ops and its data.
    pub(crate) fn unpack<'a, 'p: 'a>(&'a mut self, payload: &mut Reader<'p>) -> Option<(Reader<'a>, Reader<'a>)> {
        let packing = payload.byte()?;
        let ops_bytes = payload.number()? as usize;
        let data_bytes = payload.number()? as usize;
        let packed_bytes = payload.number()? as usize;
        let length = ops_bytes.checked_add(data_bytes).filter(|&length| length <= MAX_CHUNK_BYTES)?;
        let packed = payload.bytes(packed_bytes)?;
        let unpacked = match packing {
            STORED => packed,
            ZSTD => {
                if self.unpacked.len() < length {
                    self.unpacked.resize(length, 0);
                }
                let room = self.unpacked.get_mut(..length)?;
                let written = self.context.decompress(room, packed).ok()?;
                self.unpacked.get(..written)?
            }
            _ => return None,
        };
        if unpacked.len() != length {
            return None;
        }
        let (ops, data) = unpacked.split_at_checked(ops_bytes)?;
        Some((Reader(ops), Reader(data)))
    }
}
