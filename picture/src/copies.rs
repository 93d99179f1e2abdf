//! Rectangles that hold what another place of the reference holds.

use crate::{compare::part, shift::Shift, surface::Canvas};
use alloc::vec::Vec;
use mitblick_protocol::geometry::Rect;

/// Content is compared in columns of this width, so that what stands still
/// beside it spoils little.
const STRIP_PX: i32 = 32;
/// Most rectangles of one shift.
const MAX_RECTS: usize = 128;
/// Smaller rectangles are not worth an op.
const MIN_PIXELS: u64 = 512;
/// Lower ones neither.
const MIN_ROWS: u32 = 4;

/// Rows of one strip that are the same after the shift.
#[derive(Clone, Copy, Debug)]
struct Run {
    top: i32,
    bottom: i32,
    /// The part of it that was not right already; empty if all was.
    core: Option<(i32, i32)>,
}

/// A column of the area.
#[derive(Debug)]
struct Strip {
    left: i32,
    right: i32,
    /// The one that goes on.
    run: Option<Run>,
    runs: Vec<Run>,
}

/// A rectangle that still grows to the right.
#[derive(Clone, Copy, Debug)]
struct Open {
    left: i32,
    /// Where the last strip ended that needed it.
    right: i32,
    /// Where the last strip ended that allows it.
    reach: i32,
    run: Run,
    core: (i32, i32),
}

/// Finds what of the area becomes right when it is copied from where it was
/// before the shift. All pixels of the rectangles are equal. Rectangles are in
/// an order in which none spoils what a later one reads, but for odd shapes.
pub(crate) fn rects(reference: &Canvas, area: Rect, pixels: &[u32], shift: Shift) -> Vec<Rect> {
    let mut found = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    for Strip { left, right, mut runs, .. } in strips(reference, area, pixels, shift) {
        for entry in &mut open {
            grow(entry, &mut runs, (left, right));
        }
        open.retain(|entry| {
            let closed = entry.reach != right;
            if closed {
                found.push(finished(entry));
            }
            !closed
        });
        let new = runs.iter().filter_map(|&run| run.core.map(|core| Open { left, right, reach: right, run, core }));
        open.extend(new);
    }
    found.extend(open.iter().map(finished));
    found.retain(|rect| rect.size().pixels() >= MIN_PIXELS && rect.height >= MIN_ROWS);
    found.truncate(MAX_RECTS);
    for at in 0..found.len() {
        let free = |column: Rect| found.iter().all(|other| other.intersection(column).is_none());
        let wider = found.get(at).map(|&rect| widened(reference, area, pixels, shift, rect, free));
        if let (Some(rect), Some(wider)) = (found.get_mut(at), wider) {
            *rect = wider;
        }
    }
    let down = |rect: &Rect| if shift.dy <= 0 { rect.y } else { -rect.y };
    let across = |rect: &Rect| if shift.dx <= 0 { rect.x } else { -rect.x };
    found.sort_unstable_by_key(|rect| (down(rect), across(rect)));
    found
}

/// Moves the left and right edges out of the grid of strips, as far as columns
/// beside the rectangle are the same after the shift too and are free: a pixel
/// that is copied twice spoils what the second copy reads.
fn widened(
    reference: &Canvas,
    area: Rect,
    pixels: &[u32],
    shift: Shift,
    rect: Rect,
    free: impl Fn(Rect) -> bool,
) -> Rect {
    let whole = reference.size().rect();
    let fits = |x: i32| {
        let column = Rect { x, width: 1, ..rect };
        let source = column.moved(-shift.dx, -shift.dy);
        column.intersection(area) == Some(column)
            && free(column)
            && source.intersection(whole) == Some(source)
            && part(area, pixels, column).eq(reference.rows(source))
    };
    let mut rect = rect;
    for _ in 1..STRIP_PX {
        if !fits(rect.x - 1) {
            break;
        }
        rect = Rect { x: rect.x - 1, width: rect.width + 1, ..rect };
    }
    for _ in 1..STRIP_PX {
        if !fits(rect.right() as i32) {
            break;
        }
        rect.width += 1;
    }
    rect
}

fn finished(open: &Open) -> Rect {
    let (top, bottom) = open.core;
    Rect::new(open.left, top, (open.right - open.left).max(0) as u32, (bottom - top).max(0) as u32)
}

/// Lets a rectangle grow over the next strip if one of its runs fits; that run
/// is used up then.
fn grow(open: &mut Open, runs: &mut Vec<Run>, (left, right): (i32, i32)) {
    if open.reach != left {
        return;
    }
    for (at, run) in runs.iter().enumerate() {
        let (top, bottom) = (run.top.max(open.run.top), run.bottom.min(open.run.bottom));
        let core = run.core.map_or(open.core, |(from, to)| (from.min(open.core.0), to.max(open.core.1)));
        if core.0 >= top && core.1 <= bottom {
            open.run = Run { top, bottom, core: None };
            open.reach = right;
            if run.core.is_some() {
                (open.core, open.right) = (core, right);
                runs.swap_remove(at);
            }
            return;
        }
    }
}

/// All strips of the area with their runs of rows that equal the reference at
/// the shifted place. Goes row by row, as memory likes it.
fn strips(reference: &Canvas, area: Rect, pixels: &[u32], shift: Shift) -> Vec<Strip> {
    let edges = (area.x / STRIP_PX..).map(|n| n * STRIP_PX);
    let end = area.right() as i32;
    let lefts = edges.take_while(|&left| left < end);
    let strip =
        |left: i32| Strip { left: left.max(area.x), right: (left + STRIP_PX).min(end), run: None, runs: Vec::new() };
    let mut strips: Vec<Strip> = lefts.map(strip).collect();
    let whole = reference.size().rect();
    let Some(from) = area.moved(-shift.dx, -shift.dy).intersection(whole) else { return strips };
    let to = from.moved(shift.dx, shift.dy);
    let rows = part(area, pixels, to).zip(reference.rows(from)).zip(reference.rows(to)).zip(to.y..);
    for (((now, source), here), y) in rows {
        let same = now == here;
        for strip in &mut strips {
            // A strip that would be read from beyond an edge has no runs.
            let columns = (i64::from(strip.left) - i64::from(to.x), i64::from(strip.right) - i64::from(to.x));
            let (Ok(left), Ok(right)) = (usize::try_from(columns.0), usize::try_from(columns.1)) else { continue };
            let (Some(now), Some(source), Some(here)) =
                (now.get(left..right), source.get(left..right), here.get(left..right))
            else {
                continue;
            };
            if now == source {
                let run = strip.run.get_or_insert(Run { top: y, bottom: y, core: None });
                run.bottom = y + 1;
                if !same && now != here {
                    run.core = Some((run.core.map_or(y, |(top, _)| top), y + 1));
                }
            } else {
                strip.runs.extend(strip.run.take());
            }
        }
    }
    strips.iter_mut().for_each(|strip| strip.runs.extend(strip.run.take()));
    strips
}

#[cfg(test)]
mod tests {
    use super::*;
    use mitblick_protocol::geometry::Size;

    const SIZE: Size = Size { width: 256, height: 200 };

    fn mark(x: i32, y: i32) -> u32 {
        (x as u32).wrapping_mul(0x9e37_79b1).wrapping_add((y as u32).wrapping_mul(0x85eb_ca6b)) >> 9
    }

    fn canvas(colour: impl Fn(i32, i32) -> u32) -> (Canvas, Vec<u32>) {
        let pixels: Vec<u32> =
            (0..200).flat_map(|y| (0..256).map(move |x| (x, y))).map(|(x, y)| colour(x, y)).collect();
        let mut canvas = Canvas::new(SIZE);
        canvas.put(SIZE.rect(), &pixels);
        (canvas, pixels)
    }

    #[test]
    fn a_page_that_scrolled_is_one_rectangle() {
        let (before, _) = canvas(mark);
        let (_, now) = canvas(|x, y| mark(x, y + 30));
        assert_eq!(rects(&before, SIZE.rect(), &now, Shift { dx: 0, dy: -30 }), [Rect::new(0, 0, 256, 170)]);
        let (_, now) = canvas(|x, y| mark(x - 32, y));
        assert_eq!(rects(&before, SIZE.rect(), &now, Shift { dx: 32, dy: 0 }), [Rect::new(32, 0, 224, 200)]);
    }

    #[test]
    fn what_stands_still_beside_it_is_left_out() {
        let (before, _) = canvas(mark);
        let fixed = |x, y| x < 64 || y < 20;
        let (_, now) = canvas(|x, y| if fixed(x, y) { mark(x, y) } else { mark(x, y + 30) });
        assert_eq!(rects(&before, SIZE.rect(), &now, Shift { dx: 0, dy: -30 }), [Rect::new(64, 20, 192, 150)]);
    }

    #[test]
    fn blank_columns_do_not_break_a_rectangle() {
        let text = |x, y| if x / 32 % 2 == 0 { mark(x, y) } else { 7 };
        let (before, _) = canvas(text);
        let (_, now) = canvas(|x, y| text(x, y + 30));
        // The last strip is blank: it fits but is not needed.
        let found = rects(&before, SIZE.rect(), &now, Shift { dx: 0, dy: -30 });
        assert_eq!(found, [Rect::new(0, 0, 224 + 31, 170)]);
    }
}
