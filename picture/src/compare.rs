//! Rows of a read area, and where they differ from the reference.

use crate::{damage::TILE_PX, surface::Canvas};
use mitblick_protocol::geometry::Rect;

/// What is dirty is written as a whole if at least one in so many changed.
const WIDEN: u64 = 8;

/// The rows of `part`, which lies in `area`, out of the area's pixels.
pub(crate) fn part(area: Rect, pixels: &[u32], part: Rect) -> impl Iterator<Item = &[u32]> + Clone {
    let stride = (area.width as usize).max(1);
    let left = (i64::from(part.x) - i64::from(area.x)).max(0) as usize;
    let top = (i64::from(part.y) - i64::from(area.y)).max(0) as usize;
    let rows = pixels.get(top * stride..).unwrap_or_default().chunks_exact(stride).take(part.height as usize);
    rows.map(move |row| row.get(left..left + part.width as usize).unwrap_or_default())
}

/// For drawings: all of what is dirty if much of it changed. Rows as long as those of other
/// tiles are found again as a whole when something scrolls.
pub(crate) fn widened(changed: Rect, dirty: Rect) -> Rect {
    if changed.size().pixels() * WIDEN >= dirty.size().pixels() { dirty } else { changed }
}

/// The bounds inside `dirty` of what differs from the reference.
pub(crate) fn difference(reference: &Canvas, dirty: Rect, area: Rect, pixels: &[u32]) -> Option<Rect> {
    let (mut top, mut bottom) = (u32::MAX, 0);
    let (mut left, mut right) = (usize::MAX, 0);
    let rows = reference.rows(dirty).zip(part(area, pixels, dirty));
    for (y, (before, now)) in (0..).zip(rows) {
        if before == now {
            continue;
        }
        top = top.min(y);
        bottom = y + 1;
        let differs = |(a, b): (&u32, &u32)| a != b;
        // Only what could make the bounds larger has to be looked at.
        let first = before.iter().zip(now).take(left).position(differs);
        left = first.unwrap_or(left);
        let beyond = before.iter().zip(now).skip(right).rposition(differs);
        right = beyond.map_or(right, |at| right + at + 1);
    }
    let width = u32::try_from(right.checked_sub(left)?).ok()?;
    debug_assert!(width <= TILE_PX);
    Some(Rect::new(dirty.x + left as i32, dirty.y + top as i32, width, bottom - top))
}
