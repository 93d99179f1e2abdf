//! Pixels of one surface, and the limits that hold for all of them together.

use alloc::{vec, vec::Vec};
use mitblick_protocol::{
    geometry::{Point, Rect, Size},
    peer_msg::SurfaceId,
    wire,
};

/// Surfaces that are more or larger than the wire allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    /// More than [`wire::MAX_SURFACES`].
    #[error("{0} surfaces, at most {max} are allowed", max = wire::MAX_SURFACES)]
    TooMany(usize),
    /// A side is zero or longer than [`wire::MAX_SURFACE_SIDE_PX`].
    #[error("surface {0:?} of {width}x{height} pixels", width = .1.width, height = .1.height)]
    Side(SurfaceId, Size),
    /// More than [`wire::MAX_TOTAL_PIXELS`] together.
    #[error("{0} pixels together, at most {max} are allowed", max = wire::MAX_TOTAL_PIXELS)]
    TooLarge(u64),
    /// The same surface twice.
    #[error("surface {0:?} is named twice")]
    Twice(SurfaceId),
}

/// Checks a list of surfaces before anything is allocated for it.
pub(crate) fn check(surfaces: &[(SurfaceId, Size)]) -> Result<(), LimitError> {
    if surfaces.len() > wire::MAX_SURFACES {
        return Err(LimitError::TooMany(surfaces.len()));
    }
    let sides = 1..=wire::MAX_SURFACE_SIDE_PX;
    if let Some(&(id, size)) =
        surfaces.iter().find(|(_, size)| !sides.contains(&size.width) || !sides.contains(&size.height))
    {
        return Err(LimitError::Side(id, size));
    }
    let total = surfaces.iter().map(|(_, size)| size.pixels()).sum();
    if total > wire::MAX_TOTAL_PIXELS {
        return Err(LimitError::TooLarge(total));
    }
    let mut ids: Vec<SurfaceId> = surfaces.iter().map(|&(id, _)| id).collect();
    ids.sort_unstable();
    match ids.iter().zip(ids.iter().skip(1)).find(|(a, b)| a == b) {
        Some((&twice, _)) => Err(LimitError::Twice(twice)),
        None => Ok(()),
    }
}

/// The pixels of a surface as the watcher has them.
#[derive(Clone, Copy, Debug)]
pub struct SurfacePixels<'a> {
    /// Size in pixels.
    pub size: Size,
    /// `0x00RRGGBB`, row by row; `size.pixels()` of them.
    pub pixels: &'a [u32],
}

/// Owned pixels of a surface, `0x00RRGGBB`.
#[derive(Debug)]
pub(crate) struct Canvas {
    size: Size,
    pixels: Vec<u32>,
}

impl Canvas {
    /// Black. The size must have passed [`check`].
    pub(crate) fn new(size: Size) -> Self {
        Self { size, pixels: vec![0; size.width as usize * size.height as usize] }
    }

    pub(crate) fn size(&self) -> Size {
        self.size
    }

    pub(crate) fn pixels(&self) -> SurfacePixels<'_> {
        SurfacePixels { size: self.size, pixels: &self.pixels }
    }

    /// A new size; what lies in both stays in place, the rest is black.
    pub(crate) fn resize(&mut self, size: Size) {
        let mut next = Self::new(size);
        let common = self.size.width.min(size.width) as usize;
        let from = self.pixels.chunks_exact(self.size.width as usize);
        for (from, to) in from.zip(next.pixels.chunks_exact_mut(size.width as usize)) {
            if let (Some(from), Some(to)) = (from.get(..common), to.get_mut(..common)) {
                to.copy_from_slice(from);
            }
        }
        *self = next;
    }

    /// The parts of the rows that lie in the area; as many as the area has
    /// rows, if the area lies inside.
    pub(crate) fn rows(&self, area: Rect) -> impl Iterator<Item = &[u32]> {
        let (left, right) = (area.x.max(0) as usize, area.right().max(0) as usize);
        let stride = self.size.width as usize;
        let from = (area.y.max(0) as usize).saturating_mul(stride);
        let rows = self.pixels.get(from..).unwrap_or_default().chunks_exact(stride);
        rows.take(area.height as usize).map(move |row| row.get(left..right).unwrap_or_default())
    }

    /// As [`Self::rows`], to write to.
    pub(crate) fn rows_mut(&mut self, area: Rect) -> impl Iterator<Item = &mut [u32]> {
        let (left, right) = (area.x.max(0) as usize, area.right().max(0) as usize);
        let stride = self.size.width as usize;
        let from = (area.y.max(0) as usize).saturating_mul(stride);
        let rows = self.pixels.get_mut(from..).unwrap_or_default().chunks_exact_mut(stride);
        rows.take(area.height as usize).map(move |row| row.get_mut(left..right).unwrap_or_default())
    }

    /// Moves the pixels of `from`'s place, of the area's size, to the area.
    /// They may overlap; nothing happens unless both lie inside.
    pub(crate) fn copy(&mut self, area: Rect, from: Point) {
        let source = Rect { x: from.x, y: from.y, ..area };
        let whole = self.size.rect();
        if area.intersection(whole) != Some(area) || source.intersection(whole) != Some(source) {
            return;
        }
        let stride = self.size.width as usize;
        let at = |x: i32, y: usize| y * stride + x as usize;
        let (to_y, from_y, width) = (area.y as usize, from.y as usize, area.width as usize);
        let pixels = self.pixels.as_mut_slice();
        let mut row = |row: usize| {
            let start = at(from.x, from_y + row);
            pixels.copy_within(start..start + width, at(area.x, to_y + row));
        };
        // Rows that are read later must not be written earlier.
        if to_y <= from_y {
            (0..area.height as usize).for_each(&mut row);
        } else {
            (0..area.height as usize).rev().for_each(&mut row);
        }
    }

    /// Puts the pixels of an area in place, row by row.
    pub(crate) fn put(&mut self, area: Rect, pixels: &[u32]) {
        for (to, from) in self.rows_mut(area).zip(pixels.chunks_exact((area.width as usize).max(1))) {
            if to.len() == from.len() {
                to.copy_from_slice(from);
            }
        }
    }
}
