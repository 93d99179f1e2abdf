//! Tiles that differ, written but not yet packed.

use crate::{
    damage::TilePlace,
    format::{BESIDE, MAX_CHUNK_BYTES, MAX_OP_PIXELS, NEW_SURFACE, Op, beside, put_number},
    natural,
    palette::{NotWritten, Palette},
};
use alloc::vec::Vec;
use mitblick_protocol::{geometry::Rect, peer_msg::SurfaceId};

/// Most bytes that one more tile can need.
const TILE_BYTES: usize = MAX_OP_PIXELS * 4 + 64;

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
    /// How many colours the palette had then, if this is drawn.
    colours_end: Option<usize>,
}

/// One chunk in the making. Buffers are kept for the next.
#[derive(Debug, Default)]
pub(crate) struct Stage {
    entries: Vec<Entry>,
    ops: Vec<u8>,
    /// Of natural pictures: green.
    data: Vec<u8>,
    red: Vec<u8>,
    blue: Vec<u8>,
    pixels: Vec<u32>,
}

impl Stage {
    /// Adds the changed part of a tile, given row by row, as one colour or by
    /// numbers of the palette. Nothing has changed after an error.
    pub(crate) fn add_drawn<'a>(
        &mut self,
        (surface, place, area): (SurfaceId, TilePlace, Rect),
        rows: impl Iterator<Item = &'a [u32]>,
        palette: &mut Palette,
    ) -> Result<(), NotWritten> {
        let start = self.pixels.len();
        rows.for_each(|row| self.pixels.extend_from_slice(row));
        let pixels = self.pixels.get(start..).unwrap_or_default();
        let known = palette.len();
        let first = pixels.first().copied().unwrap_or_default();
        if pixels.iter().all(|&pixel| pixel == first) {
            let [blue, green, red, _] = first.to_le_bytes();
            self.data.extend([blue, green, red]);
            self.put_header(Op::Fill, surface, area);
        } else {
            if let Err(error) = palette.write(pixels, &mut self.data) {
                self.pixels.truncate(start);
                return Err(error);
            }
            self.put_header(Op::Drawn, surface, area);
            let new = palette.colours_from(known);
            // At most one a pixel.
            put_number(&mut self.ops, new.len() as u32);
            for shift in [0, 8, 16] {
                self.ops.extend(new.iter().map(|colour| (colour >> shift) as u8));
            }
        }
        self.put_entry(surface, place, area, Some(palette.len()));
        Ok(())
    }

    /// Adds the changed part of a tile, given row by row, as a natural picture.
    pub(crate) fn add_natural<'a>(
        &mut self,
        (surface, place, area): (SurfaceId, TilePlace, Rect),
        rows: impl Iterator<Item = &'a [u32]>,
    ) {
        let start = self.pixels.len();
        rows.for_each(|row| self.pixels.extend_from_slice(row));
        let pixels = self.pixels.get(start..).unwrap_or_default();
        natural::write(pixels, area.width as usize, [&mut self.data, &mut self.red, &mut self.blue]);
        self.put_header(Op::Natural, surface, area);
        self.put_entry(surface, place, area, None);
    }

    /// Says that the palette begins anew. Only into an empty chunk.
    pub(crate) fn forget_palette(&mut self) {
        self.ops.push(Op::Forget.code());
    }

    fn put_header(&mut self, op: Op, surface: SurfaceId, area: Rect) {
        match self.entries.last().filter(|before| before.surface == surface) {
            Some(Entry { area: before, .. }) if beside(*before) == Some(area) => {
                self.ops.push(op.code() | BESIDE);
                return;
            }
            Some(_) => self.ops.push(op.code()),
            None => {
                self.ops.push(op.code() | NEW_SURFACE);
                put_number(&mut self.ops, surface.0);
            }
        }
        // Inside the surface, so not negative; a tile is at most 64 wide.
        put_number(&mut self.ops, area.x as u32);
        put_number(&mut self.ops, area.y as u32);
        self.ops.push((area.width - 1) as u8);
        self.ops.push((area.height - 1) as u8);
    }

    fn put_entry(&mut self, surface: SurfaceId, place: TilePlace, area: Rect, colours_end: Option<usize>) {
        let (ops_end, data_end, pixels_end) = (self.ops.len(), self.data.len(), self.pixels.len());
        self.entries.push(Entry { surface, place, area, ops_end, data_end, pixels_end, colours_end });
    }

    /// How many tiles are staged.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn unpacked_bytes(&self) -> usize {
        self.ops.len() + self.data.len() + self.red.len() + self.blue.len()
    }

    /// Whether one more tile could make the chunk too large.
    pub(crate) fn is_full(&self) -> bool {
        self.unpacked_bytes() + TILE_BYTES > MAX_CHUNK_BYTES
    }

    /// Keeps the first tiles only.
    pub(crate) fn truncate(&mut self, tiles: usize) {
        self.entries.truncate(tiles);
        let Some(last) = self.entries.last() else {
            self.clear();
            return;
        };
        self.ops.truncate(last.ops_end);
        self.data.truncate(last.data_end);
        // The planes of natural pictures are of the same length.
        self.red.truncate(last.data_end);
        self.blue.truncate(last.data_end);
        self.pixels.truncate(last.pixels_end);
    }

    /// How many colours the palette has with the last tile; `None` if nothing
    /// here is drawn.
    pub(crate) fn colours_end(&self) -> Option<usize> {
        self.entries.last().and_then(|entry| entry.colours_end)
    }

    /// Begins a new chunk.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.ops.clear();
        self.data.clear();
        self.red.clear();
        self.blue.clear();
        self.pixels.clear();
    }

    /// Ops and data of the chunk, the latter in three parts.
    pub(crate) fn bytes(&self) -> (&[u8], [&[u8]; 3]) {
        (&self.ops, [&self.data, &self.red, &self.blue])
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
