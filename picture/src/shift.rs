//! Finds by how much content moved: scrolled, dragged, made room for a letter.
//!
//! Places are compared whose choice depends on nothing but the pixels there
//! (about one in 64 of those where something begins), by a hash of the pixels to
//! their right. A hash that occurs once before and once now is a vote for the way
//! from the one to the other. Votes may be wrong; what is made of them is
//! compared pixel by pixel.

use crate::{compare::part, surface::Canvas};
use alloc::{collections::BTreeMap, vec::Vec};
use mitblick_protocol::geometry::Rect;

/// Pixels that decide whether a place is compared.
const CHOICE_PX: usize = 16;
/// Pixels that a place is known by.
const MARK_PX: usize = 2 * CHOICE_PX;
/// Fewer votes for a shift are chance.
const MIN_VOTES: u32 = 3;
/// Most places compared, so that a large picture takes bounded time.
const MAX_MARKS: usize = 32 * 1024;
/// In larger areas, marks of one row in so many are enough of what is new.
const EVERY_ROW: usize = 4;
const SMALL_PIXELS: u64 = 0x1_0000;
/// In place of a mark's position: there are several.
const SEVERAL: u32 = u32::MAX;

/// How far content moved, in pixels to the right and down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Shift {
    pub(crate) dx: i32,
    pub(crate) dy: i32,
}

/// Room to work in, kept from time to time.
#[derive(Debug, Default)]
pub(crate) struct ShiftFinder {
    sums: [Vec<u32>; 2],
    before: Vec<(u64, u32)>,
    table: Vec<(u64, u32)>,
}

impl ShiftFinder {
    /// The likeliest shifts from the reference to the pixels of the area, the
    /// likeliest first.
    pub(crate) fn find(&mut self, reference: &Canvas, area: Rect, pixels: &[u32], most: usize) -> Vec<Shift> {
        let stride = area.width as usize;
        if stride < MARK_PX {
            return Vec::new();
        }
        let bits = match area.size().pixels() {
            ..=SMALL_PIXELS => 3,
            0x1_0001..=0x8_0000 => 5,
            0x8_0001..=0x40_0000 => 6,
            _ => 8,
        };
        let mut before = core::mem::take(&mut self.before);
        before.clear();
        for (y, row) in reference.rows(area).enumerate() {
            if before.len() > MAX_MARKS {
                break;
            }
            self.marks(row, bits, |x, mark| before.push((mark, (y * stride + x) as u32)));
        }
        self.fill_table(&before);
        self.before = before;

        let mut votes = BTreeMap::<Shift, u32>::new();
        let mut left = MAX_MARKS;
        let every = if area.size().pixels() > SMALL_PIXELS { EVERY_ROW } else { 1 };
        for (y, (row, old)) in part(area, pixels, area).zip(reference.rows(area)).enumerate().step_by(every) {
            let Some(first) = row.iter().zip(old).position(|(a, b)| a != b) else { continue };
            let last = row.iter().zip(old).rposition(|(a, b)| a != b).unwrap_or(first);
            let from = first.saturating_sub(MARK_PX);
            let changed = row.get(from..(last + MARK_PX).min(row.len())).unwrap_or_default();
            let table = core::mem::take(&mut self.table);
            self.marks(changed, bits, |x, mark| {
                if let Some(at) = look_up(&table, mark).filter(|&at| at != SEVERAL) {
                    let (old_x, old_y) = (at as usize % stride, at as usize / stride);
                    let shift = Shift { dx: (x + from) as i32 - old_x as i32, dy: y as i32 - old_y as i32 };
                    *votes.entry(shift).or_default() += 1;
                    left = left.saturating_sub(1);
                }
            });
            self.table = table;
            if left == 0 {
                break;
            }
        }
        votes.remove(&Shift { dx: 0, dy: 0 });
        let mut likely: Vec<(u32, Shift)> =
            votes.into_iter().filter(|&(_, votes)| votes >= MIN_VOTES).map(|(shift, votes)| (votes, shift)).collect();
        likely.sort_unstable_by(|a, b| b.cmp(a));
        likely.into_iter().take(most).map(|(_, shift)| shift).collect()
    }

    /// Calls with the place and the hash of each mark in a row.
    fn marks(&mut self, row: &[u32], bits: u32, mut mark: impl FnMut(usize, u64)) {
        if row.len() < MARK_PX || row.iter().all(|pixel| Some(pixel) == row.first()) {
            return;
        }
        // Each pass sums twice as many pixels as the one before: loops that
        // compilers make wide instructions of. Multiplying would not be one.
        let [a, b] = &mut self.sums;
        sum_ahead(row, 1, 11, a);
        sum_ahead(a, 2, 5, b);
        sum_ahead(b, 4, 17, a);
        sum_ahead(a, 8, 9, b);
        let sums = b.as_slice();
        let mask = (1 << bits) - 1;
        let chosen = |sum: u32| (sum ^ (sum >> 11) ^ (sum >> 22)) & mask == 0;
        for (block, at) in sums.chunks(16).zip((0..).step_by(16)) {
            if !block.iter().fold(false, |any, &sum| any | chosen(sum)) {
                continue;
            }
            for (&sum, x) in block.iter().zip(at..) {
                let begins = || row.get(x) != row.get(x + 1);
                if chosen(sum)
                    && begins()
                    && let Some(&next) = sums.get(x + CHOICE_PX)
                {
                    mark(x, u64::from(sum) << 32 | u64::from(next));
                }
            }
        }
    }

    fn fill_table(&mut self, marks: &[(u64, u32)]) {
        let size = (marks.len() * 2 + 1).next_power_of_two();
        self.table.clear();
        self.table.resize(size, (0, 0));
        for &(mark, place) in marks {
            let mut slot = slot(mark, size);
            while let Some(entry) = self.table.get_mut(slot) {
                if *entry == (0, 0) {
                    // A place is never 0 here: it is kept plus 1.
                    *entry = (mark, place + 1);
                    break;
                }
                if entry.0 == mark {
                    entry.1 = SEVERAL;
                    break;
                }
                slot = (slot + 1) % size;
            }
        }
    }
}

fn sum_ahead(row: &[u32], distance: usize, turn: u32, out: &mut Vec<u32>) {
    out.clear();
    let ahead = row.get(distance..).unwrap_or_default();
    out.extend(row.iter().zip(ahead).map(|(here, ahead)| here.wrapping_add(ahead.rotate_left(turn))));
}

fn slot(mark: u64, size: usize) -> usize {
    (mark.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as usize % size
}

/// The place of a mark, or [`SEVERAL`].
fn look_up(table: &[(u64, u32)], mark: u64) -> Option<u32> {
    let mut at = slot(mark, table.len().max(1));
    loop {
        let &(found, place) = table.get(at)?;
        if (found, place) == (0, 0) {
            return None;
        }
        if found == mark {
            return Some(if place == SEVERAL { SEVERAL } else { place - 1 });
        }
        at = (at + 1) % table.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mitblick_protocol::geometry::{Point, Size};

    /// Something like text: runs of a few colours.
    fn page(size: Size) -> Canvas {
        let mut canvas = Canvas::new(size);
        let mut state = 1u64;
        let mut random = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as u32
        };
        let pixels: Vec<u32> =
            (0..size.pixels()).map(|_| [0x00ff_ffff, 0, 0x0080_8080][random() as usize % 3]).collect();
        canvas.put(size.rect(), &pixels);
        canvas
    }

    #[test]
    fn shifts_in_all_directions_are_found() {
        let size = Size { width: 400, height: 300 };
        for shift in [(0, -54), (0, 7), (-13, 0), (90, 0), (31, -22)].map(|(dx, dy)| Shift { dx, dy }) {
            let before = page(size);
            let mut now = page(size);
            let to = size.rect().moved(shift.dx, shift.dy).intersection(size.rect()).unwrap();
            now.copy(to, Point { x: to.x - shift.dx, y: to.y - shift.dy });
            let found = ShiftFinder::default().find(&before, size.rect(), now.pixels().pixels, 3);
            assert_eq!(found.first(), Some(&shift));
        }
    }

    #[test]
    fn nothing_moved_is_no_shift() {
        let size = Size { width: 200, height: 100 };
        let before = page(size);
        assert_eq!(ShiftFinder::default().find(&before, size.rect(), before.pixels().pixels, 3), []);
        let blank = vec![0; size.pixels() as usize];
        assert_eq!(ShiftFinder::default().find(&before, size.rect(), &blank, 3), []);
        let narrow = Rect::new(0, 0, 20, 100);
        assert_eq!(ShiftFinder::default().find(&before, narrow, &vec![0; 2000], 3), []);
    }
}
