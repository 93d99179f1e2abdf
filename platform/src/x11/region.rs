//! Areas made of several rectangles.

use mitblick_protocol::geometry::Rect;

/// Rectangles that don't overlap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Region(Vec<Rect>);

impl Region {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn rects(&self) -> &[Rect] {
        &self.0
    }

    pub(crate) fn add(&mut self, rect: Rect) {
        if !rect.is_empty() {
            self.subtract(rect);
            self.0.push(rect);
        }
    }

    pub(crate) fn subtract(&mut self, hole: Rect) {
        if !self.0.iter().any(|rect| rect.intersection(hole).is_some()) {
            return;
        }
        self.0 = self.0.iter().flat_map(|&rect| rect.without(hole)).filter(|rect| !rect.is_empty()).collect();
    }

    /// Keeps only what lies inside.
    pub(crate) fn clip(&mut self, to: Rect) {
        self.0 = self.0.iter().filter_map(|rect| rect.intersection(to)).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hole_leaves_exactly_what_lies_around_it() {
        let mut region = Region::default();
        region.add(Rect::new(-5, -5, 20, 20));
        region.add(Rect::new(10, 10, 20, 5));
        region.subtract(Rect::new(0, 0, 12, 12));
        for y in -8..35 {
            for x in -8..35 {
                let point = mitblick_protocol::geometry::Point { x, y };
                let wanted = (Rect::new(-5, -5, 20, 20).contains(point) || Rect::new(10, 10, 20, 5).contains(point))
                    && !Rect::new(0, 0, 12, 12).contains(point);
                let found = region.rects().iter().filter(|rect| rect.contains(point)).count();
                assert_eq!(found, usize::from(wanted), "{x},{y}");
            }
        }
        region.clip(Rect::new(100, 100, 5, 5));
        assert!(region.is_empty());
    }
}
