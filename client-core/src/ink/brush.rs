//! Lines and filled forms as rows of pixels, by arithmetic: what is long costs
//! its rows, not its area.

use mitblick_protocol::{geometry::Rect, wire::MAX_SURFACE_SIDE_PX};
use std::collections::BTreeMap;

/// Most pieces of rows of one drawing; what comes after is left out.
const MAX_PIECES: usize = 12_000;

/// What has been drawn.
pub(super) struct Brush {
    /// What the drawing is wider by on each side.
    pub(super) widened: f64,
    /// Pieces `from..to` by row.
    rows: BTreeMap<i32, Vec<(i32, i32)>>,
    pieces: usize,
}

impl Brush {
    pub(super) fn new(widened: f64) -> Self {
        Self { widened, rows: BTreeMap::new(), pieces: 0 }
    }

    /// A line with round ends and corners; a single point is a disc.
    pub(super) fn line(&mut self, points: &[[f64; 2]], radius: f64) {
        if let [point] = points {
            self.filled(&[*point], radius);
        }
        for pair in points.windows(2) {
            self.filled(pair, radius);
        }
    }

    /// A convex form, wider by a radius all around.
    pub(super) fn filled(&mut self, corners: &[[f64; 2]], radius: f64) {
        let Some(&first) = corners.first() else { return };
        let edges: Vec<_> = corners.iter().zip(corners.iter().skip(1).chain([&first])).collect();
        let rows = corners.iter().map(|corner| corner[1]);
        let (top, bottom) =
            rows.fold((f64::INFINITY, f64::NEG_INFINITY), |(top, bottom), y| (top.min(y), bottom.max(y)));
        let limit = f64::from(MAX_SURFACE_SIDE_PX);
        let (top, bottom) = ((top - radius).floor().max(-limit), (bottom + radius).ceil().min(limit));
        // Half a pixel is what a form without width covers.
        let radius = radius.max(0.5);
        for row in top as i32..bottom as i32 {
            if self.pieces >= MAX_PIECES {
                return;
            }
            let y = f64::from(row) + 0.5;
            let reach = edges.iter().filter_map(|(a, b)| reach(**a, **b, radius, y));
            let reach = reach.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)));
            let Some((left, right)) = reach else { continue };
            // A pixel is covered if its middle is.
            let from = (left - 0.5).ceil().clamp(-limit, limit) as i32;
            let to = (right + 0.5).floor().clamp(-limit, limit) as i32;
            if from < to {
                self.pieces += 1;
                self.rows.entry(row).or_default().push((from, to));
            }
        }
    }

    /// All of it as areas that do not overlap.
    pub(super) fn areas(self) -> Vec<Rect> {
        let mut areas: Vec<Rect> = Vec::new();
        // Areas that end just above the present row, from left to right.
        let mut open: Vec<usize> = Vec::new();
        for (row, mut pieces) in self.rows {
            pieces.sort_unstable();
            let mut merged: Vec<(i32, i32)> = Vec::new();
            for piece in pieces {
                match merged.last_mut() {
                    Some(last) if last.1 >= piece.0 => last.1 = last.1.max(piece.1),
                    _ => merged.push(piece),
                }
            }
            let mut next = Vec::new();
            for (from, to) in merged {
                let length = u32::try_from(to - from).unwrap_or_default();
                let fits = |&at: &usize| {
                    areas
                        .get(at)
                        .is_some_and(|area| (area.x, area.width) == (from, length) && area.bottom() == i64::from(row))
                };
                match open.iter().copied().find(fits) {
                    Some(at) => {
                        if let Some(area) = areas.get_mut(at) {
                            area.height += 1;
                        }
                        next.push(at);
                    }
                    None => {
                        next.push(areas.len());
                        areas.push(Rect::new(from, row, length, 1));
                    }
                }
            }
            open = next;
        }
        areas
    }
}

/// How far a line with round ends reaches to the left and right in a row.
fn reach(a: [f64; 2], b: [f64; 2], radius: f64, y: f64) -> Option<(f64, f64)> {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let at = |t: f64| [a[0] + dx * t, a[1] + dy * t];
    // Where along the line a disc around it touches the row.
    let (mut from, mut to) = (0.0_f64, 1.0_f64);
    if dy.abs() < 1e-9 {
        if (y - a[1]).abs() > radius {
            return None;
        }
    } else {
        let (one, other) = ((y - radius - a[1]) / dy, (y + radius - a[1]) / dy);
        from = from.max(one.min(other));
        to = to.min(one.max(other));
        if from > to {
            return None;
        }
    }
    let length = dx.hypot(dy);
    let half = |t: f64| (radius * radius - (y - at(t)[1]).powi(2)).max(0.0).sqrt();
    // The row leaves the line's long side where the normal meets it; beyond
    // its ends, at the disc of the nearer one.
    let side = |way: f64| {
        if dy.abs() < 1e-9 || length < 1e-9 {
            let end = if dx * way >= 0.0 { to } else { from };
            return at(end)[0] + way * half(end);
        }
        let normal = -dx * way * dy.signum() / length;
        let t = ((y - radius * normal - a[1]) / dy).clamp(from, to);
        at(t)[0] + way * half(t)
    };
    Some((side(-1.0), side(1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use mitblick_protocol::geometry::Point;

    /// Distance of a point from a line with ends.
    fn distance(a: [f64; 2], b: [f64; 2], at: [f64; 2]) -> f64 {
        let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
        let squared = dx * dx + dy * dy;
        let t = if squared > 0.0 { ((at[0] - a[0]) * dx + (at[1] - a[1]) * dy) / squared } else { 0.0 };
        let t = t.clamp(0.0, 1.0);
        (a[0] + dx * t - at[0]).hypot(a[1] + dy * t - at[1])
    }

    #[test]
    fn a_line_covers_the_pixels_that_are_near_it_and_no_others() {
        let ends = [[20.5, 30.5], [60.0, 31.0], [58.0, 3.0], [20.5, 70.0], [3.0, 8.0], [21.0, 30.0]];
        for a in ends {
            for b in ends {
                let mut brush = Brush::new(0.0);
                brush.line(&[a, b], 5.0);
                let areas = brush.areas();
                for y in 0..90 {
                    for x in 0..90 {
                        let covered = areas.iter().filter(|area| area.contains(Point { x, y })).count();
                        let near = distance(a, b, [f64::from(x) + 0.5, f64::from(y) + 0.5]);
                        let right = if covered == 1 { near <= 5.01 } else { covered == 0 && near >= 4.99 };
                        assert!(right, "{a:?} {b:?} at {x},{y}: {covered} areas, {near} away");
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_drawn_over_and_over_costs_a_bounded_number_of_areas() {
        let mut brush = Brush::new(0.0);
        let points: Vec<_> = (0..256).map(|n| [f64::from(n * 60), f64::from(n % 2) * 16_000.0]).collect();
        brush.line(&points, 3.0);
        assert!(brush.areas().len() <= MAX_PIECES);
        let mut brush = Brush::new(0.0);
        brush.line(&[[100.5, 0.0], [100.5, 16_000.0]], 3.0);
        assert!(brush.areas().len() < 12, "what is straight is few areas");
    }
}
