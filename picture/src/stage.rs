//! Tiles that differ, written but not yet packed.

use crate::{
    damage::TilePlace,
    format::{MAX_CHUNK_BYTES, MAX_OP_PIXELS, NEW_SURFACE, put_number},
    tile,
};
use alloc::vec::Vec;
use mitblick_protocol::{geometry::Rect, peer_msg::SurfaceId};

/// Most bytes that one more tile can need.
const TILE_BYTES: usize = MAX_OP_PIXELS * 3 + 64;

/// A staged tile: what becomes of the reference once it is sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Staged<'a> {
    pub(crate) surface: SurfaceId,
    pub(crate) place: TilePlace,
    pub(crate) area: Rect,
    pub(crate) pixels: &'a [u32],
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    surface: SurfaceId,
    place: TilePlace,
    area: Rect,
    /// Ends in the three buffers.
    ops_end: usize,
    data_end: usize,
    pixels_end: usize,
}

/// One chunk in the making. Buffers are kept for the next.
#[derive(Debug, Default)]
pub(crate) struct Stage {
    entries: Vec<Entry>,
    ops: Vec<u8>,
    data: Vec<u8>,
    pixels: Vec<u32>,
}

impl Stage {
    /// Adds the changed part of a tile, given row by row.
    pub(crate) fn add<'a>(
        &mut self,
        surface: SurfaceId,
        place: TilePlace,
        area: Rect,
        rows: impl Iterator<Item = &'a [u32]>,
    ) {
        let start = self.pixels.len();
        rows.for_each(|row| self.pixels.extend_from_slice(row));
        let op = tile::write(self.pixels.get(start..).unwrap_or_default(), &mut self.data);
        if self.entries.last().is_some_and(|entry| entry.surface == surface) {
            self.ops.push(op.code());
        } else {
            self.ops.push(op.code() | NEW_SURFACE);
            put_number(&mut self.ops, surface.0);
        }
        // Inside the surface, so not negative; a tile is at most 64 wide.
        put_number(&mut self.ops, area.x as u32);
        put_number(&mut self.ops, area.y as u32);
        self.ops.push((area.width - 1) as u8);
        self.ops.push((area.height - 1) as u8);
        let (ops_end, data_end, pixels_end) = (self.ops.len(), self.data.len(), self.pixels.len());
        self.entries.push(Entry { surface, place, area, ops_end, data_end, pixels_end });
    }

    /// How many tiles are staged.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn unpacked_bytes(&self) -> usize {
        self.ops.len() + self.data.len()
    }

    /// Whether one more tile could make the chunk too large.
    pub(crate) fn is_full(&self) -> bool {
        self.unpacked_bytes() + TILE_BYTES > MAX_CHUNK_BYTES
    }

    /// Keeps the first tiles only.
    pub(crate) fn truncate(&mut self, tiles: usize) {
        self.entries.truncate(tiles);
        let last = self.entries.last();
        let ends = last.map_or((0, 0, 0), |entry| (entry.ops_end, entry.data_end, entry.pixels_end));
        self.ops.truncate(ends.0);
        self.data.truncate(ends.1);
        self.pixels.truncate(ends.2);
    }

    pub(crate) fn clear(&mut self) {
        self.truncate(0);
    }

    /// Ops and data of the chunk.
    pub(crate) fn bytes(&self) -> (&[u8], &[u8]) {
        (&self.ops, &self.data)
    }

    /// The staged tiles with their pixels.
    pub(crate) fn staged(&self) -> impl Iterator<Item = Staged<'_>> {
        let starts = core::iter::once(0).chain(self.entries.iter().map(|entry| entry.pixels_end));
        self.entries.iter().zip(starts).map(|(entry, start)| Staged {
            surface: entry.surface,
            place: entry.place,
            area: entry.area,
            pixels: self.pixels.get(start..entry.pixels_end).unwrap_or_default(),
        })
    }
}
