//! Pointing without control, of either side that looks: the advisor at what the
//! customer shows, and the customer in a turn. What can be wanted and is shown
//! of it.

use mitblick_protocol::{
    geometry::{Point, Rect},
    marks::{Mark, MarkColour, MarkLife, MarkShape, ShownMarks},
    peer_msg::{PointerPlace, SurfaceId},
    session::Drawing,
    text::DisplayText,
};
use serde::Deserialize;

/// What who looks can want of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pointing {
    /// Point there, or nowhere any more.
    At(Option<PointerPlace>),
    /// Draw a mark.
    Draw {
        /// The mark.
        drawing: Drawing,
        /// It is the newest one, drawn further.
        again: bool,
    },
    /// Take all marks away.
    Clear,
}

/// What the picture is shown with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeenMarks {
    /// The own marks.
    pub marks: Vec<Mark>,
    /// The other side's pointer is to stand out.
    pub points_out: bool,
}

impl SeenMarks {
    /// The marks, as they are drawn.
    pub fn shown(self) -> ShownMarks {
        ShownMarks { pointer: None, marks: self.marks }
    }
}

/// A mark as automation says it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrawCommand {
    surface: u32,
    shape: ShapeName,
    /// Pixels from the window's left top corner. Two for an arrow (from, to)
    /// and an ellipse (corners of its box), any for a line, one else.
    points: Vec<[i32; 2]>,
    #[serde(default)]
    text: String,
    #[serde(default)]
    number: u8,
    #[serde(default)]
    colour: ColourName,
    #[serde(default)]
    stays: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ShapeName {
    Arrow,
    Ellipse,
    Line,
    Text,
    Step,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ColourName {
    #[default]
    Red,
    Amber,
    Green,
    Blue,
    Violet,
}

impl DrawCommand {
    /// The mark; `None` if points are missing.
    pub fn drawing(self) -> Option<Drawing> {
        let points: Vec<Point> = self.points.iter().map(|&[x, y]| Point { x, y }).collect();
        let first = *points.first()?;
        let shape = match self.shape {
            ShapeName::Arrow => MarkShape::Arrow { from: first, to: *points.get(1)? },
            ShapeName::Ellipse => MarkShape::Ellipse(rect_between(first, *points.get(1)?)),
            ShapeName::Line => MarkShape::Line(points),
            ShapeName::Text => MarkShape::Text { at: first, text: DisplayText::cleaned(&self.text) },
            ShapeName::Step => MarkShape::Step { at: first, number: self.number },
        };
        let colour = match self.colour {
            ColourName::Red => MarkColour::Red,
            ColourName::Amber => MarkColour::Amber,
            ColourName::Green => MarkColour::Green,
            ColourName::Blue => MarkColour::Blue,
            ColourName::Violet => MarkColour::Violet,
        };
        let life = if self.stays { MarkLife::Stays } else { MarkLife::Fades };
        Some(Drawing { surface: SurfaceId(self.surface), shape, colour, life })
    }
}

/// The box that has these two corners.
pub fn rect_between(one: Point, other: Point) -> Rect {
    Rect {
        x: one.x.min(other.x),
        y: one.y.min(other.y),
        width: one.x.abs_diff(other.x),
        height: one.y.abs_diff(other.y),
    }
}
