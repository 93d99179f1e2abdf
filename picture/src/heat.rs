//! Where a surface is painted again and again: a streak of hits for each tile.

use crate::{clusters::clusters, damage::TILE_PX};
use alloc::{vec, vec::Vec};
use core::time::Duration;
use mitblick_protocol::{
    geometry::{Rect, Size},
    time::Moment,
};

/// Hits that are closer belong to the same picture of the application...
const SAME_PICTURE: Duration = Duration::from_millis(12);
/// ...and those further apart to no film.
const FILM_GAP: Duration = Duration::from_millis(250);
/// So many pictures in a row are a film.
const HOT_STREAK: u8 = 3;
/// A hit covers at least one in so many pixels of its tile; less is a text
/// cursor, a pointer, somebody typing.
const MIN_SHARE: u64 = 3;

#[derive(Clone, Copy, Debug, Default)]
struct Tile {
    streak: u8,
    hit_at: Moment,
}

/// The tiles of one surface.
#[derive(Debug)]
pub(crate) struct Heat {
    size: Size,
    columns: u32,
    tiles: Vec<Tile>,
}

impl Heat {
    /// Cold. The size must have passed the limits of the wire.
    pub(crate) fn new(size: Size) -> Self {
        let (columns, rows) = (size.width.div_ceil(TILE_PX), size.height.div_ceil(TILE_PX));
        Self { size, columns, tiles: vec![Tile::default(); columns as usize * rows as usize] }
    }

    /// The size of the surface.
    pub(crate) fn size(&self) -> Size {
        self.size
    }

    /// An area was painted.
    pub(crate) fn hit(&mut self, area: Rect, now: Moment) {
        let Some(area) = area.intersection(self.size.rect()) else { return };
        for (column, row) in cells(area) {
            let tile = self.tile_rect(column, row);
            let share = tile.intersection(area).map_or(0, |hit| hit.size().pixels());
            if share * MIN_SHARE < tile.size().pixels() {
                continue;
            }
            if let Some(tile) = self.tiles.get_mut((row * self.columns + column) as usize) {
                let gap = now.since(tile.hit_at);
                if tile.streak == 0 || gap > FILM_GAP {
                    *tile = Tile { streak: 1, hit_at: now };
                } else if gap >= SAME_PICTURE {
                    *tile = Tile { streak: tile.streak.saturating_add(1), hit_at: now };
                }
            }
        }
    }

    /// The bounds of hot tiles that touch each other, edges and corners.
    pub(crate) fn hot_areas(&self, now: Moment) -> Vec<Rect> {
        let is_hot = |tile: &Tile| tile.streak >= HOT_STREAK && now.since(tile.hit_at) <= FILM_GAP;
        let hot = clusters(self.tiles.iter().map(is_hot).collect(), self.columns).into_iter();
        let rect = |number: u32| self.tile_rect(number % self.columns, number / self.columns);
        hot.map(|tiles| tiles.into_iter().map(rect).fold(Rect::default(), Rect::union)).collect()
    }

    /// What is painted here is no film.
    pub(crate) fn cool(&mut self, area: Rect) {
        for (column, row) in cells(area) {
            if let Some(tile) = self.tiles.get_mut((row * self.columns + column) as usize) {
                tile.streak = 0;
            }
        }
    }

    fn tile_rect(&self, column: u32, row: u32) -> Rect {
        let tile = Rect::new((column * TILE_PX) as i32, (row * TILE_PX) as i32, TILE_PX, TILE_PX);
        tile.intersection(self.size.rect()).unwrap_or_default()
    }
}

/// Columns and rows of the tiles that an area inside the surface touches.
fn cells(area: Rect) -> impl Iterator<Item = (u32, u32)> {
    let along = |start: i32, end: i64| start.unsigned_abs() / TILE_PX..(end.max(0) as u32).div_ceil(TILE_PX);
    let (columns, rows) = (along(area.x, area.right()), along(area.y, area.bottom()));
    rows.flat_map(move |row| columns.clone().map(move |column| (column, row)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { width: 640, height: 400 };

    fn at(ms: u64) -> Moment {
        Moment::from_ms(1_000 + ms)
    }

    #[test]
    fn only_what_is_painted_again_and_again_in_time_is_hot() {
        let film = Rect::new(64, 64, 192, 128);
        let mut heat = Heat::new(SIZE);
        for picture in 0..4 {
            // Painted in two bands, a millisecond apart.
            heat.hit(Rect { height: 64, ..film }, at(picture * 40));
            heat.hit(Rect { y: 128, height: 64, ..film }, at(picture * 40 + 1));
            assert_eq!(heat.hot_areas(at(picture * 40 + 2)).is_empty(), picture < 2, "picture {picture}");
        }
        assert_eq!(heat.hot_areas(at(130)), [film]);
        assert!(heat.hot_areas(at(900)).is_empty(), "over");
        heat.hit(film, at(1_000));
        assert!(heat.hot_areas(at(1_000)).is_empty(), "begins anew");
    }

    #[test]
    fn typing_and_slides_are_no_film() {
        let mut heat = Heat::new(SIZE);
        for step in 0..40 {
            heat.hit(Rect::new(100 + step, 100, 10, 16), at(step as u64 * 30));
            heat.hit(SIZE.rect(), at(step as u64 * 1_000 + 2_000));
        }
        assert!(heat.hot_areas(at(1_200)).is_empty());
        assert!(heat.hot_areas(at(41_000)).is_empty());
    }

    #[test]
    fn films_that_lie_apart_are_told_apart_and_can_be_cooled() {
        let (one, two) = (Rect::new(0, 0, 128, 128), Rect::new(576, 320, 64, 80));
        let mut heat = Heat::new(SIZE);
        for picture in 0..6 {
            heat.hit(one, at(picture * 40));
            heat.hit(two, at(picture * 40));
        }
        assert_eq!(heat.hot_areas(at(210)), [one, two]);
        heat.cool(one);
        assert_eq!(heat.hot_areas(at(210)), [two]);
    }
}
