//! A few rectangles that cover many: what a payload changed.

use alloc::vec::Vec;
use mitblick_protocol::geometry::Rect;

/// Most rectangles kept for one surface.
const MAX_AREAS: usize = 16;

/// Rectangles of one surface, merged while they come.
#[derive(Debug, Default)]
pub(crate) struct Areas(Vec<Rect>);

impl Areas {
    /// Adds one. Tiles that come row by row melt into rows, and rows of the
    /// same width into blocks.
    pub(crate) fn add(&mut self, rect: Rect) {
        self.0.push(rect);
        while let [.., before, last] = self.0.as_slice() {
            let both = before.union(*last);
            if self.0.len() <= MAX_AREAS && waste(*before, *last) > both.size().pixels() / 8 {
                break;
            }
            self.0.truncate(self.0.len() - 2);
            self.0.push(both);
        }
    }

    /// The rectangles.
    pub(crate) fn into_rects(self) -> Vec<Rect> {
        self.0
    }
}

/// Pixels that the union covers and neither rectangle does, roughly.
fn waste(a: Rect, b: Rect) -> u64 {
    a.union(b).size().pixels().saturating_sub(a.size().pixels() + b.size().pixels())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_of_a_block_melt_into_one() {
        let mut areas = Areas::default();
        for y in 0..5 {
            for x in 0..7 {
                areas.add(Rect::new(x * 64, y * 64, 64, 64));
            }
        }
        assert_eq!(areas.into_rects(), [Rect::new(0, 0, 7 * 64, 5 * 64)]);
    }

    #[test]
    fn scattered_rectangles_stay_few_and_covered() {
        let mut areas = Areas::default();
        let all: Vec<Rect> = (0..1000).map(|n| Rect::new((n * 7919) % 4000, (n * 104_729) % 3000, 3, 3)).collect();
        all.iter().for_each(|&rect| areas.add(rect));
        let kept = areas.into_rects();
        assert!(kept.len() <= MAX_AREAS);
        assert!(all.iter().all(|&rect| kept.iter().any(|k| k.intersection(rect) == Some(rect))));
    }
}
