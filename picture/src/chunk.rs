//! Chunks of a payload: packing and unpacking.
//!
//! Drawings are one long zstd stream that is flushed after every chunk: a
//! letter, a row of an icon or a scrolled line that was sent before costs a few
//! bytes. Natural pictures gain nothing from that and would push the drawings
//! out of the window, so each of their chunks is a frame of its own.

use crate::format::{MAX_CHUNK_BYTES, Packing, Reader, put_number};
use alloc::vec::Vec;
use core::fmt;
use zstd_safe::{CCtx, CParameter, DCtx, DParameter, InBuffer, OutBuffer, ResetDirective, SafeResult};

/// Levels of zstd: where more time buys little, each on its kind.
const DRAWN_LEVEL: i32 = 7;
const NATURAL_LEVEL: i32 = 1;
/// Matches of natural pictures: hardly any but runs.
const NATURAL_MIN_MATCH: u32 = 7;
const NATURAL_HASH_LOG: u32 = 8;
/// How far back drawings are remembered, as a power of two of unpacked bytes;
/// several windows full of text. Both sides need that much memory.
const WINDOW_LOG: u32 = 23;

/// What a chunk is packed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Ops of drawings.
    Drawn,
    /// Ops of natural pictures.
    Natural,
    /// Ops without pixels.
    Moves,
}

/// Fewer bytes of moves are not packed: it would gain next to nothing.
const MIN_MOVES_BYTES: usize = 64;

/// The most bytes that a chunk takes that unpacks to so many.
pub(crate) fn most_packed(unpacked_bytes: usize) -> usize {
    // zstd's own bound, a block header each 128 KiB, the headers of three frames
    // and our own.
    unpacked_bytes + unpacked_bytes / 128 + 256
}

/// Packs chunks.
pub(crate) struct Packer {
    stream: CCtx<'static>,
    /// Whether the watcher has the beginning of the stream.
    streaming: bool,
    single: CCtx<'static>,
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
        let (mut stream, mut single) = (CCtx::create(), CCtx::create());
        // Fresh contexts take them; without, they would pack less well.
        let _ = stream.set_parameter(CParameter::CompressionLevel(DRAWN_LEVEL));
        let _ = stream.set_parameter(CParameter::WindowLog(WINDOW_LOG));
        let _ = stream.set_parameter(CParameter::EnableLongDistanceMatching(true));
        let _ = single.set_parameter(CParameter::CompressionLevel(NATURAL_LEVEL));
        // In noise, the matches that are not made are the best ones.
        let _ = single.set_parameter(CParameter::MinMatch(NATURAL_MIN_MATCH));
        let _ = single.set_parameter(CParameter::HashLog(NATURAL_HASH_LOG));
        Self { stream, streaming: false, single, unpacked: Vec::new(), packed: Vec::new() }
    }

    /// Appends a chunk to `out`: at most [`most_packed`] bytes.
    pub(crate) fn pack(&mut self, kind: Kind, ops: &[u8], data: [&[u8]; 3], out: &mut Vec<u8>) {
        self.unpacked.clear();
        self.unpacked.extend_from_slice(ops);
        data.iter().for_each(|part| self.unpacked.extend_from_slice(part));
        let most = most_packed(self.unpacked.len());
        if self.packed.len() < most {
            self.packed.resize(most, 0);
        }
        let room = self.packed.as_mut_slice();
        let (packing, packed) = match kind {
            Kind::Moves if self.unpacked.len() < MIN_MOVES_BYTES => (Packing::Stored, Err(0)),
            Kind::Moves => (Packing::Single, self.single.compress2(room, &self.unpacked)),
            Kind::Natural => (Packing::Single, compress_parts(&mut self.single, room, &self.unpacked, data)),
            Kind::Drawn if self.streaming => (Packing::Continue, compress_on(&mut self.stream, room, &self.unpacked)),
            Kind::Drawn => (Packing::Begin, compress_on(&mut self.stream, room, &self.unpacked)),
        };
        let packed = packed.ok().and_then(|length| self.packed.get(..length));
        // What went into the stream must be sent, whatever its length.
        let gains = |packed: &&[u8]| kind == Kind::Drawn || packed.len() < self.unpacked.len();
        let (packing, bytes) = match packed.filter(gains) {
            Some(packed) => (packing, packed),
            None => (Packing::Stored, self.unpacked.as_slice()),
        };
        if kind == Kind::Drawn {
            self.streaming = packing != Packing::Stored;
            if !self.streaming {
                let _ = self.stream.reset(ResetDirective::SessionOnly);
            }
        }
        out.push(packing.code());
        for number in [ops.len(), self.unpacked.len() - ops.len(), bytes.len()] {
            // At most MAX_CHUNK_BYTES and a little.
            put_number(out, number as u32);
        }
        out.extend_from_slice(bytes);
    }
}

/// Packs the planes of natural pictures as a frame each, the first with all
/// that is before: their bytes are spread differently.
fn compress_parts(single: &mut CCtx<'static>, room: &mut [u8], all: &[u8], [_, red, blue]: [&[u8]; 3]) -> SafeResult {
    let first = all.get(..all.len() - red.len() - blue.len()).unwrap_or_default();
    let mut length = 0;
    for part in [first, red, blue].into_iter().filter(|part| !part.is_empty()) {
        length += single.compress2(room.get_mut(length..).unwrap_or_default(), part)?;
    }
    Ok(length)
}

/// Continues the stream and flushes it; gives how many bytes of `room` it took.
fn compress_on(stream: &mut CCtx<'static>, room: &mut [u8], bytes: &[u8]) -> SafeResult {
    let mut output = OutBuffer::around(room);
    let mut input = InBuffer::around(bytes);
    while input.pos() < bytes.len() {
        let before = (input.pos(), output.pos());
        stream.compress_stream(&mut output, &mut input)?;
        if before == (input.pos(), output.pos()) {
            return Err(0);
        }
    }
    while stream.flush_stream(&mut output)? > 0 {
        if output.pos() == output.capacity() {
            return Err(0);
        }
    }
    Ok(output.pos())
}

/// Unpacks chunks into a buffer that never gets larger than one chunk.
pub(crate) struct Unpacker {
    stream: DCtx<'static>,
    single: DCtx<'static>,
    unpacked: Vec<u8>,
}

impl fmt::Debug for Unpacker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unpacker")
    }
}

impl Unpacker {
    pub(crate) fn new() -> Self {
        let mut stream = DCtx::create();
        // A fresh context takes it; the default is the same order of size.
        let _ = stream.set_parameter(DParameter::WindowLogMax(WINDOW_LOG));
        Self { stream, single: DCtx::create(), unpacked: Vec::new() }
    }

    /// Takes a chunk from the front: its ops and its data.
    pub(crate) fn unpack<'a, 'p: 'a>(&'a mut self, payload: &mut Reader<'p>) -> Option<(Reader<'a>, Reader<'a>)> {
        let packing = Packing::from_code(payload.byte()?)?;
        let ops_bytes = payload.number()? as usize;
        let data_bytes = payload.number()? as usize;
        let packed_bytes = payload.number()? as usize;
        let length = ops_bytes.checked_add(data_bytes).filter(|&length| length <= MAX_CHUNK_BYTES)?;
        let packed = payload.bytes(packed_bytes).filter(|packed| packed.len() <= most_packed(length))?;
        if self.unpacked.len() < length {
            self.unpacked.resize(length, 0);
        }
        let room = self.unpacked.get_mut(..length)?;
        let unpacked = match packing {
            Packing::Stored => packed,
            Packing::Single => {
                let written = self.single.decompress(room, packed).ok()?;
                self.unpacked.get(..written)?
            }
            Packing::Begin | Packing::Continue => {
                if packing == Packing::Begin {
                    self.stream.reset(ResetDirective::SessionOnly).ok()?;
                }
                let written = decompress_on(&mut self.stream, room, packed)?;
                self.unpacked.get(..written)?
            }
        };
        if unpacked.len() != length {
            return None;
        }
        let (ops, data) = unpacked.split_at_checked(ops_bytes)?;
        Some((Reader(ops), Reader(data)))
    }
}

/// Continues the stream with all of the bytes; gives how much of `room` it
/// took. `None` = it is no such stream, or holds more.
fn decompress_on(stream: &mut DCtx<'static>, room: &mut [u8], bytes: &[u8]) -> Option<usize> {
    let mut output = OutBuffer::around(room);
    let mut input = InBuffer::around(bytes);
    while input.pos() < bytes.len() {
        let before = (input.pos(), output.pos());
        stream.decompress_stream(&mut output, &mut input).ok()?;
        if before == (input.pos(), output.pos()) {
            return None;
        }
    }
    Some(output.pos())
}
