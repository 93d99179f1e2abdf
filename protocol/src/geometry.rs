//! Points and rectangles in pixels.

use bincode::{Decode, Encode};

/// A point in pixels. Which corner it counts from is said where it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Encode, Decode)]
pub struct Point {
    /// Pixels to the right.
    pub x: i32,
    /// Pixels down.
    pub y: i32,
}

/// A size in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Encode, Decode)]
pub struct Size {
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

impl Size {
    /// Number of pixels; does not overflow.
    pub const fn pixels(self) -> u64 {
        self.width as u64 * self.height as u64
    }

    /// The rectangle of this size at the origin.
    pub const fn rect(self) -> Rect {
        Rect { x: 0, y: 0, width: self.width, height: self.height }
    }
}

/// A rectangle in pixels, right and bottom edge exclusive. Width and height
/// may be zero; such a rectangle is empty and contains nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Encode, Decode)]
pub struct Rect {
    /// Left edge.
    pub x: i32,
    /// Top edge.
    pub y: i32,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

impl Rect {
    /// A rectangle from its left top corner and size.
    pub const fn new(x: i32, y: i32, width: u32, height: u32) -> Self {
        Self { x, y, width, height }
    }

    /// Its size.
    pub const fn size(self) -> Size {
        Size { width: self.width, height: self.height }
    }

    /// Whether it has no pixels.
    pub const fn is_empty(self) -> bool {
        self.width == 0 || self.height == 0
    }

    /// Right edge, exclusive; wide enough not to overflow.
    pub const fn right(self) -> i64 {
        self.x as i64 + self.width as i64
    }

    /// Bottom edge, exclusive; wide enough not to overflow.
    pub const fn bottom(self) -> i64 {
        self.y as i64 + self.height as i64
    }

    /// Whether the point lies inside.
    pub const fn contains(self, point: Point) -> bool {
        point.x >= self.x && point.y >= self.y && (point.x as i64) < self.right() && (point.y as i64) < self.bottom()
    }

    /// The common part, if there is one.
    pub fn intersection(self, other: Self) -> Option<Self> {
        let x = self.x.max(other.x);
        let y = self.y.max(other.y);
        let width = u32::try_from(self.right().min(other.right()) - i64::from(x)).ok()?;
        let height = u32::try_from(self.bottom().min(other.bottom()) - i64::from(y)).ok()?;
        let common = Self { x, y, width, height };
        (!common.is_empty()).then_some(common)
    }

    /// The parts above, below, left and right of a hole in it; each may be empty.
    pub fn without(self, hole: Self) -> [Self; 4] {
        let nothing = Self::default();
        let Some(hole) = self.intersection(hole) else { return [self, nothing, nothing, nothing] };
        // The hole lies inside, so none of these differences is negative.
        let span = |from: i64, to: i64| u32::try_from(to - from).unwrap_or(0);
        let (top, left) = (span(self.y.into(), hole.y.into()), span(self.x.into(), hole.x.into()));
        let (below, right) = (span(hole.bottom(), self.bottom()), span(hole.right(), self.right()));
        [
            Self { height: top, ..self },
            Self { y: hole.y.saturating_add_unsigned(hole.height), height: below, ..self },
            Self { y: hole.y, height: hole.height, width: left, ..self },
            Self { x: hole.x.saturating_add_unsigned(hole.width), y: hole.y, width: right, height: hole.height },
        ]
    }

    /// The smallest rectangle around both; an empty one counts as nothing.
    /// Saturates at the largest size that fits.
    pub fn union(self, other: Self) -> Self {
        if self.is_empty() {
            return other;
        }
        if other.is_empty() {
            return self;
        }
        let x = self.x.min(other.x);
        let y = self.y.min(other.y);
        let width = self.right().max(other.right()) - i64::from(x);
        let height = self.bottom().max(other.bottom()) - i64::from(y);
        Self {
            x,
            y,
            width: u32::try_from(width).unwrap_or(u32::MAX),
            height: u32::try_from(height).unwrap_or(u32::MAX),
        }
    }

    /// The same rectangle moved; saturates at the edges of the number range.
    pub const fn moved(self, dx: i32, dy: i32) -> Self {
        Self { x: self.x.saturating_add(dx), y: self.y.saturating_add(dy), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rectangles_that_only_touch_do_not_intersect() {
        assert_eq!(Rect::new(0, 0, 10, 10).intersection(Rect::new(10, 0, 10, 10)), None);
    }

    #[test]
    fn extreme_rectangles_do_not_overflow() {
        let far = Rect::new(i32::MAX, i32::MAX, u32::MAX, u32::MAX);
        let near = Rect::new(i32::MIN, i32::MIN, u32::MAX, u32::MAX);
        let _ = (far.union(near), far.intersection(near), far.moved(i32::MAX, i32::MAX));
        assert!(!far.contains(Point { x: 0, y: 0 }));
    }
}
