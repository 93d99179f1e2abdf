//! What of a surface the watcher may not have yet, tile by tile.
//!
//! Damage never gets lost: a tile stays dirty until the encoder has compared it
//! with what the watcher has, or has written it. A tile is *unknown* until it
//! was written once; an unknown tile is written whatever it looks like, so the
//! two sides never have to agree on what a new surface shows.

use alloc::{vec, vec::Vec};
use mitblick_protocol::geometry::{Rect, Size};

/// Side of a tile, in pixels.
pub(crate) const TILE_PX: u32 = 64;
/// Damage of at most this many pixels is somebody typing or pointing, and goes
/// before larger damage that still waits.
const URGENT_PIXELS: u64 = 4 * 64 * 64;
/// A tile that was written so often in a row is a moving picture...
const BUSY_STREAK: u8 = 4;
/// ...if so few payloads lie between.
const BUSY_GAP: u32 = 4;

/// Where a tile lies in the grid of its surface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TilePlace {
    pub(crate) row: u16,
    pub(crate) column: u16,
}

/// State of one tile. The dirty part is kept as bounds inside the tile.
#[derive(Clone, Copy, Debug, Default)]
struct Tile {
    left: u8,
    top: u8,
    /// Exclusive; 0 = nothing is dirty.
    right: u8,
    bottom: u8,
    urgent: bool,
    /// Damaged since it was last looked at for moves and in memory.
    fresh: bool,
    /// Whether the reference holds what the watcher has.
    known: bool,
    /// When the oldest damage came that is still there.
    since: u32,
    /// When the newest came.
    newest: u32,
    /// Much of it was written in so many payloads that followed closely...
    streak: u8,
    /// ...the last of which had this number.
    written: u32,
}

/// A dirty tile, for choosing what goes first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dirty {
    pub(crate) place: TilePlace,
    pub(crate) urgent: bool,
    pub(crate) since: u32,
    pub(crate) newest: u32,
}

/// All tiles of one surface.
#[derive(Debug)]
pub(crate) struct Damage {
    size: Size,
    columns: u16,
    tiles: Vec<Tile>,
    dirty: usize,
}

impl Damage {
    /// Everything unknown and dirty since `now`. The size must have passed the
    /// limits of the wire.
    pub(crate) fn whole(size: Size, now: u32) -> Self {
        let columns = size.width.div_ceil(TILE_PX) as usize;
        let rows = size.height.div_ceil(TILE_PX) as usize;
        let mut damage = Self { size, columns: columns as u16, tiles: vec![Tile::default(); columns * rows], dirty: 0 };
        damage.add(size.rect(), now);
        damage
    }

    /// A new size: everything dirty; tiles that lie whole and alike in both
    /// sizes stay known.
    pub(crate) fn resized(&self, size: Size, now: u32) -> Self {
        let mut next = Self::whole(size, now);
        let columns = usize::from(next.columns);
        for (index, tile) in next.tiles.iter_mut().enumerate() {
            let place = TilePlace { row: (index / columns) as u16, column: (index % columns) as u16 };
            let same = rect_in(self.size, place).is_some_and(|before| Some(before) == rect_in(size, place));
            tile.known = same && self.tile(place).is_some_and(|tile| tile.known);
        }
        next
    }

    /// How many tiles are dirty.
    pub(crate) fn dirty_tiles(&self) -> usize {
        self.dirty
    }

    /// Marks an area, clipped to the surface. Gives false if nothing of it lies
    /// inside.
    pub(crate) fn add(&mut self, area: Rect, now: u32) -> bool {
        self.mark(area, now, true)
    }

    /// As [`Self::add`], for what was looked at already.
    pub(crate) fn add_examined(&mut self, area: Rect, now: u32) {
        self.mark(area, now, false);
    }

    fn mark(&mut self, area: Rect, now: u32, fresh: bool) -> bool {
        let Some(area) = area.intersection(self.size.rect()) else { return false };
        let urgent = area.size().pixels() <= URGENT_PIXELS;
        let tile_px = TILE_PX as i32;
        // Inside the surface, so neither negative nor beyond 16 bits.
        let (first_row, last_row) = (area.y / tile_px, (area.bottom() as i32 - 1) / tile_px);
        let (first_column, last_column) = (area.x / tile_px, (area.right() as i32 - 1) / tile_px);
        for row in first_row..=last_row {
            let at = row as usize * usize::from(self.columns);
            let Some(tiles) = self.tiles.get_mut(at + first_column as usize..=at + last_column as usize) else {
                return false;
            };
            for (tile, column) in tiles.iter_mut().zip(first_column..) {
                let (x, y) = (column * tile_px, row * tile_px);
                let part = |edge: i64, origin: i32| (edge - i64::from(origin)).clamp(0, i64::from(tile_px)) as u8;
                let (left, top) = (part(i64::from(area.x), x), part(i64::from(area.y), y));
                let (right, bottom) = (part(area.right(), x), part(area.bottom(), y));
                tile.fresh |= fresh;
                if tile.right == 0 {
                    self.dirty += 1;
                    *tile = Tile { left, top, right, bottom, urgent, since: now, newest: now, ..*tile };
                } else {
                    tile.left = tile.left.min(left);
                    tile.top = tile.top.min(top);
                    tile.right = tile.right.max(right);
                    tile.bottom = tile.bottom.max(bottom);
                    tile.urgent |= urgent;
                    tile.newest = now;
                }
            }
        }
        true
    }

    /// The dirty tiles, row by row.
    pub(crate) fn dirty(&self) -> impl Iterator<Item = Dirty> {
        let columns = usize::from(self.columns.max(1));
        self.tiles.iter().enumerate().filter(|(_, tile)| tile.right != 0).map(move |(index, tile)| Dirty {
            place: TilePlace { row: (index / columns) as u16, column: (index % columns) as u16 },
            urgent: tile.urgent,
            since: tile.since,
            newest: tile.newest,
        })
    }

    /// The dirty part of a tile in surface coordinates.
    pub(crate) fn dirty_rect(&self, place: TilePlace) -> Option<Rect> {
        let tile = self.tile(place).filter(|tile| tile.right != 0)?;
        let (x, y) = origin(place);
        Some(Rect::new(
            x + i32::from(tile.left),
            y + i32::from(tile.top),
            u32::from(tile.right.saturating_sub(tile.left)),
            u32::from(tile.bottom.saturating_sub(tile.top)),
        ))
    }

    /// Whether the reference of a tile is what the watcher has.
    pub(crate) fn is_known(&self, place: TilePlace) -> bool {
        self.tile(place).is_some_and(|tile| tile.known)
    }

    /// The tile goes another way: nothing is known of what the watcher has there
    /// until it is damaged again and written.
    pub(crate) fn release(&mut self, place: TilePlace) {
        self.settle(place);
        if let Some(tile) = self.tile_mut(place) {
            tile.known = false;
        }
    }

    /// The watcher has this tile now.
    pub(crate) fn settle(&mut self, place: TilePlace) {
        let index = self.index(place);
        if let Some(tile) = self.tiles.get_mut(index) {
            if tile.right != 0 {
                self.dirty -= 1;
            }
            let Tile { streak, written, .. } = *tile;
            *tile = Tile { known: true, streak, written, ..Tile::default() };
        }
    }

    /// Tiles damaged since they were last examined, row by row.
    pub(crate) fn fresh(&self) -> impl Iterator<Item = TilePlace> {
        let columns = usize::from(self.columns.max(1));
        let fresh = self.tiles.iter().enumerate().filter(|(_, tile)| tile.fresh);
        fresh.map(move |(index, _)| TilePlace { row: (index / columns) as u16, column: (index % columns) as u16 })
    }

    /// The tile was looked at for moves and in memory.
    pub(crate) fn examined(&mut self, place: TilePlace) {
        if let Some(tile) = self.tile_mut(place) {
            tile.fresh = false;
        }
    }

    /// Whether all of an area is what the watcher has.
    pub(crate) fn is_known_area(&self, area: Rect) -> bool {
        let tile_px = TILE_PX as i32;
        let rows = area.y / tile_px..=((area.bottom() - 1) as i32 / tile_px);
        rows.into_iter().all(|row| {
            let mut columns = area.x / tile_px..=((area.right() - 1) as i32 / tile_px);
            columns.all(|column| self.is_known(TilePlace { row: row as u16, column: column as u16 }))
        })
    }

    /// Much of the tile was written in the payload of this number.
    pub(crate) fn wrote(&mut self, place: TilePlace, payload: u32) {
        if let Some(tile) = self.tile_mut(place)
            && tile.written != payload
        {
            let close = payload.wrapping_sub(tile.written) <= BUSY_GAP;
            tile.streak = if close { tile.streak.saturating_add(1) } else { 1 };
            tile.written = payload;
        }
    }

    /// Whether much of the tile was written last in the payload of this number.
    pub(crate) fn was_written(&self, place: TilePlace, payload: u32) -> bool {
        self.tile(place).is_some_and(|tile| tile.written == payload)
    }

    /// The tile came back as it was before: no moving picture.
    pub(crate) fn came_back(&mut self, place: TilePlace) {
        if let Some(tile) = self.tile_mut(place) {
            tile.streak = 0;
        }
    }

    /// Whether the tile is part of a moving picture, not worth keeping.
    pub(crate) fn is_busy(&self, place: TilePlace) -> bool {
        self.tile(place).is_some_and(|tile| tile.streak >= BUSY_STREAK)
    }

    /// The whole tile, cut at the edges of the surface.
    pub(crate) fn tile_rect(&self, place: TilePlace) -> Option<Rect> {
        rect_in(self.size, place)
    }

    /// Which tiles are picked, row by row, and how many there are in a row.
    pub(crate) fn grid(&self, pick: impl Fn(TilePlace) -> bool) -> (Vec<bool>, u32) {
        let place = |number: u32| self.place(number);
        ((0..self.tiles.len() as u32).map(|number| pick(place(number))).collect(), u32::from(self.columns))
    }

    /// Where the tile of this number lies, row by row.
    pub(crate) fn place(&self, number: u32) -> TilePlace {
        let columns = u32::from(self.columns.max(1));
        TilePlace { row: (number / columns) as u16, column: (number % columns) as u16 }
    }

    /// The number of a tile, row by row.
    pub(crate) fn number(&self, place: TilePlace) -> u32 {
        self.index(place) as u32
    }

    fn index(&self, place: TilePlace) -> usize {
        usize::from(place.row) * usize::from(self.columns) + usize::from(place.column)
    }

    fn tile_mut(&mut self, place: TilePlace) -> Option<&mut Tile> {
        let index = self.index(place);
        if place.column >= self.columns { None } else { self.tiles.get_mut(index) }
    }

    fn tile(&self, place: TilePlace) -> Option<&Tile> {
        if place.column >= self.columns { None } else { self.tiles.get(self.index(place)) }
    }
}

fn origin(place: TilePlace) -> (i32, i32) {
    (i32::from(place.column) * TILE_PX as i32, i32::from(place.row) * TILE_PX as i32)
}

/// The rectangle of a tile by its number, row by row, cut at the edges of a
/// surface of this size.
pub(crate) fn numbered_rect(size: Size, number: u32) -> Option<Rect> {
    let columns = size.width.div_ceil(TILE_PX).max(1);
    let (row, column) = (u16::try_from(number / columns).ok()?, (number % columns) as u16);
    rect_in(size, TilePlace { row, column })
}

/// A tile's rectangle, cut at the edges of a surface of this size.
fn rect_in(size: Size, place: TilePlace) -> Option<Rect> {
    let (x, y) = origin(place);
    Rect::new(x, y, TILE_PX, TILE_PX).intersection(size.rect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clean(size: Size) -> Damage {
        let mut damage = Damage::whole(size, 0);
        let all: Vec<_> = damage.dirty().map(|dirty| dirty.place).collect();
        all.into_iter().for_each(|place| damage.settle(place));
        damage
    }

    #[test]
    fn only_touched_tiles_become_dirty_and_only_in_part() {
        let mut damage = clean(Size { width: 200, height: 100 });
        assert_eq!(damage.dirty_tiles(), 0);
        assert!(damage.add(Rect::new(60, 10, 10, 5), 1));
        let rects: Vec<_> = damage.dirty().filter_map(|dirty| damage.dirty_rect(dirty.place)).collect();
        assert_eq!(rects, [Rect::new(60, 10, 4, 5), Rect::new(64, 10, 6, 5)]);
    }

    #[test]
    fn damage_outside_is_nothing() {
        let mut damage = clean(Size { width: 200, height: 100 });
        for area in [Rect::new(200, 0, 9, 9), Rect::new(-9, -9, 9, 9), Rect::new(5, 5, 0, 9)] {
            assert!(!damage.add(area, 1));
        }
        assert_eq!(damage.dirty_tiles(), 0);
        assert!(damage.add(Rect::new(i32::MIN, i32::MIN, u32::MAX, u32::MAX), 1));
        assert_eq!(damage.dirty_tiles(), 8, "this one covers everything");
    }

    #[test]
    fn a_new_size_keeps_what_lies_whole_in_both() {
        let damage = clean(Size { width: 130, height: 64 });
        let next = damage.resized(Size { width: 140, height: 64 }, 2);
        let known = |column| next.is_known(TilePlace { row: 0, column });
        assert_eq!((known(0), known(1), known(2)), (true, true, false));
        assert_eq!(next.dirty_tiles(), 3);
    }
}
