//! The first look at new damage: what of it is as it was, has moved, or is in
//! the watcher's memory. What remains goes the lossless way, tile by tile.

use crate::{
    compare::{difference, part},
    copies,
    damage::TilePlace,
    encoder::Tracked,
    format::Op,
    hash::{TileHash, TileHasher},
    memory::Memory,
    moves::MoveOps,
    shift::{Shift, ShiftFinder},
};
use alloc::{collections::BTreeMap, vec::Vec};
use mitblick_protocol::{
    geometry::{Point, Rect},
    peer_msg::SurfaceId,
};

/// Less changed content is coded faster than found elsewhere.
const MIN_SHIFT_PIXELS: u64 = 4096;
/// Smaller tiles, at the edges, are not worth remembering.
const MIN_KEPT_PIXELS: u64 = 256;
/// A tile is looked up and remembered if at least one in so many of its pixels
/// changed; less is somebody typing.
pub(crate) const REPLACED: u64 = 4;
/// Shifts tried on one surface at a time.
const MAX_SHIFTS: usize = 4;
/// Tiles that tell whether a page was there before.
const PROBES: usize = 12;

/// Newest pixels of a part of a surface.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Snapshot<'a> {
    pub(crate) surface: SurfaceId,
    pub(crate) area: Rect,
    pub(crate) pixels: &'a [u32],
}

/// What a scan may use up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScanLimits {
    /// Number of the payload.
    pub(crate) payload: u32,
    /// Counts damage.
    pub(crate) now: u32,
    /// Bytes of ops.
    pub(crate) bytes: usize,
    /// Pixels that may still be copied in this payload.
    pub(crate) copied_pixels: u64,
}

/// A tile that differs.
#[derive(Clone, Copy, Debug)]
struct Changed {
    place: TilePlace,
    tile: Rect,
    /// So much of it differs, by its bounds.
    pixels: u64,
    known: bool,
    looked_up: bool,
    /// In memory, if it is.
    hash: Option<TileHash>,
}

impl Changed {
    fn is_replaced(&self) -> bool {
        !self.known || self.pixels * REPLACED >= self.tile.size().pixels()
    }
}

/// Finds moves; holds the shower's side of the memory.
#[derive(Debug)]
pub(crate) struct Scanner {
    finder: ShiftFinder,
    hasher: TileHasher,
    memory: Memory,
    /// Tiles of this payload that were not in memory, and may be worth it once
    /// they are written.
    missed: BTreeMap<(SurfaceId, TilePlace), TileHash>,
    /// Hashes of tiles that show what is in memory.
    shown: BTreeMap<(SurfaceId, TilePlace), TileHash>,
    changed: Vec<Changed>,
    tile: Vec<u32>,
}

impl Scanner {
    pub(crate) fn new(seed: [u64; 4]) -> Self {
        Self {
            finder: ShiftFinder::default(),
            hasher: TileHasher::new(seed),
            memory: Memory::default(),
            missed: BTreeMap::new(),
            shown: BTreeMap::new(),
            changed: Vec::new(),
            tile: Vec::new(),
        }
    }

    /// Begins a payload.
    pub(crate) fn begin(&mut self) {
        self.missed.clear();
    }

    /// The surface is gone or has a new size.
    pub(crate) fn forget(&mut self, surface: SurfaceId) {
        self.shown.retain(|(other, _), _| *other != surface);
    }

    /// A tile shows something else than before.
    pub(crate) fn wrote(&mut self, surface: SurfaceId, place: TilePlace) {
        self.shown.remove(&(surface, place));
    }

    /// Settles what is right or becomes right by moves, which are appended to
    /// `ops`.
    pub(crate) fn scan(
        &mut self,
        tracked: &mut Tracked,
        now: Snapshot<'_>,
        ops: &mut MoveOps,
        limits: &mut ScanLimits,
    ) {
        let mut changed = core::mem::take(&mut self.changed);
        compare(tracked, now, &mut changed);
        // A page that was there before shows in a few tiles; only if none is
        // known, it is worth the time to look for moves first.
        let step = changed.len().div_ceil(PROBES).max(1);
        changed.iter_mut().step_by(step).for_each(|tile| self.look_up(tracked, now, tile));
        let seen_before = changed.iter().any(|tile| tile.hash.is_some());
        if seen_before {
            changed.iter_mut().for_each(|tile| self.look_up(tracked, now, tile));
        }
        let missed = || changed.iter().filter(|tile| tile.hash.is_none());
        let missed_pixels: u64 = missed().map(|tile| tile.pixels).sum();
        let shifts = if missed_pixels >= MIN_SHIFT_PIXELS && missed().any(|tile| tile.known) {
            self.finder.find(&tracked.reference, now.area, now.pixels, MAX_SHIFTS)
        } else {
            Vec::new()
        };
        let mut shifts = shifts.into_iter();
        let first = shifts.find_map(|shift| {
            let rects = copies::rects(&tracked.reference, now.area, now.pixels, shift);
            (!rects.is_empty()).then_some((shift, rects))
        });
        let rects = first.as_ref().map(|(_, rects)| rects.as_slice()).unwrap_or_default();
        let moved: u64 = rects.iter().map(|rect| rect.size().pixels()).sum();
        let scrolled = moved * 2 >= missed_pixels;
        for tile in &mut changed {
            let moved: u64 =
                rects.iter().filter_map(|rect| rect.intersection(tile.tile)).map(|r| r.size().pixels()).sum();
            if !scrolled || moved * 2 < tile.pixels {
                self.look_up(tracked, now, tile);
            }
        }
        for tile in changed.iter().filter(|tile| tile.is_replaced() && (tile.hash.is_some() || !scrolled)) {
            self.keep_old(tracked, now.surface, tile, ops, limits);
        }
        if let Some((shift, rects)) = first {
            copy(&mut self.shown, tracked, now.surface, shift, &rects, ops, limits);
            for shift in shifts {
                let rects = copies::rects(&tracked.reference, now.area, now.pixels, shift);
                copy(&mut self.shown, tracked, now.surface, shift, &rects, ops, limits);
            }
        }
        for tile in &changed {
            self.recall(tracked, now, tile, ops, limits);
        }
        changed.clear();
        self.changed = changed;
    }

    /// Looks for a tile in memory, once.
    fn look_up(&mut self, tracked: &Tracked, now: Snapshot<'_>, changed: &mut Changed) {
        let Changed { place, tile, .. } = *changed;
        if changed.looked_up || !changed.is_replaced() || tile.size().pixels() < MIN_KEPT_PIXELS {
            return;
        }
        changed.looked_up = true;
        let Some(dirty) = tracked.damage.dirty_rect(place) else { return };
        self.tile.clear();
        if dirty == tile {
            part(now.area, now.pixels, tile).for_each(|row| self.tile.extend_from_slice(row));
        } else {
            gather(&mut self.tile, &tracked.reference, tile);
            overlay(&mut self.tile, tile, now, dirty);
        }
        let Some(hash) = hash(&self.hasher, &self.tile, tile) else { return };
        if self.memory.find(&hash).is_some() {
            changed.hash = Some(hash);
        } else {
            self.missed.insert((now.surface, place), hash);
        }
    }

    /// Has the watcher remember what it shows now, before it is replaced.
    fn keep_old(
        &mut self,
        tracked: &Tracked,
        surface: SurfaceId,
        changed: &Changed,
        ops: &mut MoveOps,
        limits: &ScanLimits,
    ) {
        let Changed { place, tile, known, .. } = *changed;
        let worth = known && tile.size().pixels() >= MIN_KEPT_PIXELS && !tracked.damage.is_busy(place);
        if !worth || !ops.has_room(limits.bytes) {
            return;
        }
        let hash = match self.shown.get(&(surface, place)) {
            Some(hash) => Some(*hash),
            None => {
                gather(&mut self.tile, &tracked.reference, tile);
                hash(&self.hasher, &self.tile, tile)
            }
        };
        if let Some(slot) = hash.and_then(|hash| self.memory.keep(hash)) {
            ops.tile(Op::Keep, surface, tracked.damage.number(place), slot);
        }
    }

    /// Takes a tile out of memory if it is still there.
    fn recall(
        &mut self,
        tracked: &mut Tracked,
        now: Snapshot<'_>,
        changed: &Changed,
        ops: &mut MoveOps,
        limits: &ScanLimits,
    ) {
        let Changed { place, hash: Some(hash), .. } = *changed else { return };
        if !ops.has_room(limits.bytes) {
            return;
        }
        let Some(slot) = self.memory.find(&hash) else { return };
        ops.tile(Op::Recall, now.surface, tracked.damage.number(place), slot);
        // Outside of what is dirty, the reference is what the tile shows.
        if let Some(dirty) = tracked.damage.dirty_rect(place).and_then(|dirty| dirty.intersection(now.area)) {
            let rows = tracked.reference.rows_mut(dirty).zip(part(now.area, now.pixels, dirty));
            rows.filter(|(to, from)| to.len() == from.len()).for_each(|(to, from)| to.copy_from_slice(from));
        }
        tracked.damage.settle(place);
        tracked.damage.wrote(place, limits.payload);
        tracked.damage.came_back(place);
        self.shown.insert((now.surface, place), hash);
    }

    /// The newest pixels of a tile were read again after it was looked up: what
    /// is written may be something else.
    pub(crate) fn read_again(&mut self, surface: SurfaceId, place: TilePlace) {
        self.missed.remove(&(surface, place));
    }

    /// Has the watcher remember a tile of which `pixels` were just written, if
    /// it is likely to be wanted again.
    pub(crate) fn keep_new(
        &mut self,
        tracked: &Tracked,
        (surface, place): (SurfaceId, TilePlace),
        pixels: u64,
        ops: &mut MoveOps,
    ) {
        let missed = self.missed.remove(&(surface, place));
        let Some(tile) = tracked.damage.tile_rect(place) else { return };
        let all = tile.size().pixels();
        if tracked.damage.is_busy(place) || all < MIN_KEPT_PIXELS || (missed.is_none() && pixels * REPLACED < all) {
            return;
        }
        let hash = missed.or_else(|| {
            gather(&mut self.tile, &tracked.reference, tile);
            hash(&self.hasher, &self.tile, tile)
        });
        let Some(hash) = hash else { return };
        if let Some(slot) = self.memory.keep(hash) {
            ops.tile(Op::Keep, surface, tracked.damage.number(place), slot);
        }
        self.shown.insert((surface, place), hash);
    }
}

/// Settles tiles that are as they were, and lists the others.
fn compare(tracked: &mut Tracked, now: Snapshot<'_>, changed: &mut Vec<Changed>) {
    let fresh: Vec<TilePlace> = tracked.damage.fresh().collect();
    for place in fresh {
        tracked.damage.examined(place);
        let damage = &tracked.damage;
        let (Some(dirty), Some(tile), known) =
            (damage.dirty_rect(place), damage.tile_rect(place), damage.is_known(place))
        else {
            continue;
        };
        let bounds = if known { difference(&tracked.reference, dirty, now.area, now.pixels) } else { Some(dirty) };
        match bounds.map(|bounds| bounds.size().pixels()) {
            Some(pixels) => changed.push(Changed { place, tile, pixels, known, looked_up: false, hash: None }),
            None => tracked.damage.settle(place),
        }
    }
}

/// Copies rectangles in the reference. Their tiles are looked at again: what
/// one copy made wrong that was right, the lossless way corrects.
fn copy(
    shown: &mut BTreeMap<(SurfaceId, TilePlace), TileHash>,
    tracked: &mut Tracked,
    surface: SurfaceId,
    shift: Shift,
    rects: &[Rect],
    ops: &mut MoveOps,
    limits: &mut ScanLimits,
) {
    for &rect in rects {
        let source = rect.moved(-shift.dx, -shift.dy);
        let pixels = rect.size().pixels();
        if pixels > limits.copied_pixels
            || !ops.has_room(limits.bytes)
            || !tracked.damage.is_known_area(source)
            || !tracked.damage.is_known_area(rect)
        {
            continue;
        }
        limits.copied_pixels -= pixels;
        let from = Point { x: source.x, y: source.y };
        tracked.reference.copy(rect, from);
        tracked.damage.add_examined(rect, limits.now);
        shown.retain(|&(other, place), _| {
            other != surface || tracked.damage.tile_rect(place).and_then(|tile| tile.intersection(rect)).is_none()
        });
        ops.copy(surface, rect, from);
    }
}

/// The pixels of a tile as the watcher has it.
fn gather(out: &mut Vec<u32>, reference: &crate::surface::Canvas, tile: Rect) {
    out.clear();
    reference.rows(tile).for_each(|row| out.extend_from_slice(row));
}

/// Puts the newest pixels over the dirty part of a tile.
fn overlay(out: &mut [u32], tile: Rect, now: Snapshot<'_>, dirty: Rect) {
    let left = (dirty.x - tile.x).max(0) as usize;
    let rows = out.chunks_exact_mut((tile.width as usize).max(1)).skip((dirty.y - tile.y).max(0) as usize);
    for (to, from) in rows.zip(part(now.area, now.pixels, dirty)) {
        if let Some(to) = to.get_mut(left..left + from.len()) {
            to.copy_from_slice(from);
        }
    }
}

/// The hash of a tile; none if it is all one colour, which costs nothing anyway.
fn hash(hasher: &TileHasher, pixels: &[u32], tile: Rect) -> Option<TileHash> {
    let first = pixels.first()?;
    if pixels.iter().all(|pixel| pixel == first) {
        return None;
    }
    Some(hasher.hash(pixels, tile.size()))
}
