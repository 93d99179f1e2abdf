//! Ops without pixels, written as they come.

use crate::format::{NEW_SURFACE, Op, put_number};
use alloc::vec::Vec;
use mitblick_protocol::{
    geometry::{Point, Rect},
    peer_msg::SurfaceId,
};

/// Most bytes of one op.
const OP_BYTES: usize = 1 + 7 * 5;

/// Tiles and slots that follow each other.
#[derive(Clone, Copy, Debug)]
struct Run {
    op: Op,
    surface: SurfaceId,
    tile: u32,
    slot: u32,
    count: u32,
}

/// Ops of one chunk in the making.
#[derive(Debug, Default)]
pub(crate) struct MoveOps {
    bytes: Vec<u8>,
    surface: Option<SurfaceId>,
    run: Option<Run>,
}

impl MoveOps {
    /// Copies a rectangle.
    pub(crate) fn copy(&mut self, surface: SurfaceId, to: Rect, from: Point) {
        self.end_run();
        self.put_code(Op::Copy, surface);
        // Inside the surface, so not negative.
        for number in [to.x as u32, to.y as u32, to.width - 1, to.height - 1, from.x as u32, from.y as u32] {
            put_number(&mut self.bytes, number);
        }
    }

    /// Keeps or recalls one tile.
    pub(crate) fn tile(&mut self, op: Op, surface: SurfaceId, tile: u32, slot: u32) {
        if let Some(run) = &mut self.run
            && (run.op, run.surface, run.tile + run.count, run.slot + run.count) == (op, surface, tile, slot)
        {
            run.count += 1;
            return;
        }
        self.end_run();
        self.run = Some(Run { op, surface, tile, slot, count: 1 });
    }

    /// Whether one more op surely fits in so many bytes.
    pub(crate) fn has_room(&self, bytes: usize) -> bool {
        self.bytes.len() + 2 * OP_BYTES <= bytes
    }

    /// All ops so far, for one chunk.
    pub(crate) fn finish(&mut self) -> &[u8] {
        self.end_run();
        &self.bytes
    }

    /// Begins a new chunk.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.surface = None;
        self.run = None;
    }

    fn end_run(&mut self) {
        if let Some(Run { op, surface, tile, slot, count }) = self.run.take() {
            self.put_code(op, surface);
            for number in [tile, count - 1, slot] {
                put_number(&mut self.bytes, number);
            }
        }
    }

    fn put_code(&mut self, op: Op, surface: SurfaceId) {
        if self.surface == Some(surface) {
            self.bytes.push(op.code());
        } else {
            self.surface = Some(surface);
            self.bytes.push(op.code() | NEW_SURFACE);
            put_number(&mut self.bytes, surface.0);
        }
    }
}
