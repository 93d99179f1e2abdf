//! Marks as ink: plain areas of colour that any window system can show, the
//! same on both sides. Pure; what a hostile watcher can have drawn costs a
//! bounded number of areas.

mod brush;
mod letters;

use brush::Brush;
use letters::Letters;
use mitblick_platform::overlay::{Ink, Layer, Patch};
use mitblick_protocol::{
    geometry::{Point, Rect},
    marks::{Mark, MarkColour, MarkShape, ShownMarks},
};
use std::{f64::consts::TAU, sync::Arc};

/// Half the width of a line.
const PEN_PX: f64 = 2.5;
/// Width of the edge that sets ink off from what is below.
const EDGE_PX: f64 = 1.7;
/// Most areas of all marks together; the oldest are not drawn beyond.
const MAX_AREAS: usize = 60_000;
/// The watcher's pointer.
const POINTER_RGB: u32 = 0x000b_5bd3;
/// Around the shower's pointer when it is to stand out.
const RING_RGB: u32 = 0x00ff_b000;
const RING_RADIUS_PX: f64 = 26.0;
/// Widest that a text gets before it wraps.
const TEXT_WIDTH_PX: f32 = 320.0;
const LIGHT: u32 = 0x00ff_ffff;
const DARK: u32 = 0x0018_1818;

/// What stands on a colour so that it can be read.
const fn on(colour: u32) -> u32 {
    if colour == MarkColour::Amber.rgb() { DARK } else { LIGHT }
}

/// Draws marks, and keeps what it has drawn for as long as it is seen.
#[derive(Default)]
pub struct Pen {
    letters: Letters,
    marks: Vec<(Mark, Arc<Ink>)>,
    pointer: Option<(String, Arc<Ink>)>,
}

impl Pen {
    /// All that is seen, as patches; the pointer with a name beside it.
    pub fn patches(&mut self, seen: &ShownMarks, name: &str) -> Vec<Patch> {
        let mut known = std::mem::take(&mut self.marks);
        let mut left = MAX_AREAS;
        // The newest first: they count most.
        for mark in seen.marks.iter().rev() {
            let at = known.iter().position(|(before, _)| before == mark);
            let ink = at.map_or_else(|| Arc::new(self.mark(mark)), |at| known.swap_remove(at).1);
            let areas: usize = ink.layers.iter().map(|layer| layer.areas().len()).sum();
            let Some(rest) = left.checked_sub(areas) else { break };
            left = rest;
            self.marks.push((mark.clone(), ink));
        }
        self.marks.reverse();
        let patch = |(mark, ink): &(Mark, Arc<Ink>)| Patch {
            surface: mark.surface,
            at: Point::default(),
            ink: Arc::clone(ink),
            moves: false,
        };
        let mut patches: Vec<Patch> = self.marks.iter().map(patch).collect();
        if let Some(place) = seen.pointer {
            let ink = self.pointer(name);
            patches.push(Patch { surface: place.surface, at: place.at, ink, moves: true });
        }
        patches
    }

    fn pointer(&mut self, name: &str) -> Arc<Ink> {
        if let Some((known, ink)) = &self.pointer
            && known == name
        {
            return Arc::clone(ink);
        }
        let mut ink = arrow_head();
        ink.layers.extend(self.boxed(Point { x: 16, y: 24 }, name, POINTER_RGB, 13.0));
        let ink = Arc::new(ink);
        self.pointer = Some((name.to_owned(), Arc::clone(&ink)));
        ink
    }

    fn mark(&mut self, mark: &Mark) -> Ink {
        let colour = mark.colour.rgb();
        let layers = match &mark.shape {
            MarkShape::Arrow { from, to } => arrow(*from, *to, colour),
            MarkShape::Ellipse(rect) => outlined(colour, |brush| ellipse(brush, *rect)),
            MarkShape::Line(points) => outlined(colour, |brush| {
                let points: Vec<_> = points.iter().map(|&at| middle(at)).collect();
                brush.line(&points, PEN_PX + brush.widened);
            }),
            MarkShape::Text { at, text } => self.boxed(*at, text.as_str(), colour, 17.0),
            MarkShape::Step { at, number } => self.step(*at, *number, colour),
        };
        Ink { layers }
    }

    /// A text on a ground of this colour.
    fn boxed(&mut self, at: Point, text: &str, colour: u32, size_px: f32) -> Vec<Layer> {
        let Some(picture) = self.letters.write(text, size_px, TEXT_WIDTH_PX, colour, on(colour)) else {
            return Vec::new();
        };
        let around = Rect::new(at.x, at.y, picture.size.width + 2, picture.size.height + 2);
        let at = Point { x: at.x + 1, y: at.y + 1 };
        vec![
            Layer::Areas { colour: on(colour), areas: vec![around] },
            Layer::Picture { at, size: picture.size, pixels: picture.pixels },
        ]
    }

    fn step(&mut self, at: Point, number: u8, colour: u32) -> Vec<Layer> {
        let mut layers = outlined(colour, |brush| brush.line(&[middle(at)], 15.0 + brush.widened));
        if let Some(digits) = self.letters.write(&number.to_string(), 17.0, 40.0, colour, on(colour)) {
            // Without the room around them, so that they stay in the circle.
            let digits = digits.cropped(colour);
            let half = |length: u32| i32::try_from(length / 2).unwrap_or_default();
            let at = Point { x: at.x - half(digits.size.width), y: at.y - half(digits.size.height) };
            layers.push(Layer::Picture { at, size: digits.size, pixels: digits.pixels });
        }
        layers
    }
}

/// A ring around the shower's pointer; its origin is the pointer's hot spot.
pub fn ring() -> Ink {
    let radius = RING_RADIUS_PX as i32;
    let side = u32::try_from(2 * radius).unwrap_or_default();
    Ink { layers: outlined(RING_RGB, |brush| ellipse(brush, Rect::new(-radius, -radius, side, side))) }
}

fn middle(at: Point) -> [f64; 2] {
    [f64::from(at.x) + 0.5, f64::from(at.y) + 0.5]
}

/// The same drawn twice: wider as the edge, then in its colour.
fn outlined(colour: u32, draw: impl Fn(&mut Brush)) -> Vec<Layer> {
    let layer = |colour, widened| {
        let mut brush = Brush::new(widened);
        draw(&mut brush);
        Layer::Areas { colour, areas: brush.areas() }
    };
    vec![layer(on(colour), EDGE_PX), layer(colour, 0.0)]
}

fn ellipse(brush: &mut Brush, rect: Rect) {
    let (width, height) = (f64::from(rect.width), f64::from(rect.height));
    let centre = [f64::from(rect.x) + width / 2.0, f64::from(rect.y) + height / 2.0];
    // About six pixels from point to point.
    let steps = ((width + height) * 0.25).clamp(16.0, 256.0) as u32;
    let point = |step: u32| {
        let angle = TAU * f64::from(step) / f64::from(steps);
        [centre[0] + width / 2.0 * angle.cos(), centre[1] + height / 2.0 * angle.sin()]
    };
    let points: Vec<_> = (0..=steps).map(point).collect();
    brush.line(&points, PEN_PX + brush.widened);
}

fn arrow(from: Point, to: Point, colour: u32) -> Vec<Layer> {
    let (from, to) = (middle(from), middle(to));
    let along = [to[0] - from[0], to[1] - from[1]];
    let length = along[0].hypot(along[1]).max(1.0);
    let unit = [along[0] / length, along[1] / length];
    let head = 20.0_f64.min(length);
    let neck = [to[0] - unit[0] * head, to[1] - unit[1] * head];
    let side = |way: f64| [neck[0] - unit[1] * way * head * 0.5, neck[1] + unit[0] * way * head * 0.5];
    outlined(colour, |brush| {
        brush.line(&[from, neck], PEN_PX + brush.widened);
        brush.filled(&[to, side(1.0), side(-1.0)], brush.widened);
    })
}

/// The pointer: it points with its upper left end.
fn arrow_head() -> Ink {
    let draw = |brush: &mut Brush| {
        brush.filled(&[[0.5, 0.5], [0.5, 24.0], [7.0, 18.5]], brush.widened);
        brush.filled(&[[0.5, 0.5], [7.0, 18.5], [17.0, 17.0]], brush.widened);
        brush.line(&[[6.0, 16.0], [11.0, 26.0]], 2.2 + brush.widened);
    };
    Ink { layers: outlined(POINTER_RGB, draw) }
}

#[cfg(test)]
mod tests;
