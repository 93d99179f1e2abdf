//! How the advisor guides without control: pointing, and asking to be shown
//! something. What is wanted, and how the controller does it.

use super::{
    controller::{AdvisorController, AdvisorWork},
    view::ViewerView,
};
use crate::{automation::Printer, controller::Effect, problem::Problem};
use mitblick_protocol::{
    ask::{AskAnswer, AskError},
    geometry::{Point, Rect},
    marks::{Mark, MarkColour, MarkLife, MarkShape, ShownMarks},
    peer_msg::{PointerPlace, SurfaceId},
    session::{AskState, Drawing, WatcherSession},
    text::DisplayText,
    time::Moment,
};
use serde::Deserialize;
use serde_json::json;

/// What the advisor can want of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdvisorGuide {
    /// Point there, or nowhere any more.
    Point(Option<PointerPlace>),
    /// Draw a mark.
    Draw {
        /// The mark.
        drawing: Drawing,
        /// It is the newest one, drawn further.
        again: bool,
    },
    /// Take all marks away.
    ClearMarks,
    /// Ask to be shown something, in these words.
    Ask(String),
    /// Take that back.
    TakeBackAsk,
}

/// What the picture is shown with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeenMarks {
    /// The advisor's own marks.
    pub marks: Vec<Mark>,
    /// The customer's pointer is to stand out.
    pub points_out: bool,
}

impl SeenMarks {
    /// As they stand.
    pub(super) fn of(rules: &WatcherSession) -> Self {
        Self { marks: rules.marks(), points_out: rules.state().points_out }
    }

    /// The marks, as they are drawn.
    pub fn shown(self) -> ShownMarks {
        ShownMarks { pointer: None, marks: self.marks }
    }
}

impl AdvisorController {
    /// The advisor wants to guide.
    pub(super) fn guide(&mut self, guide: AdvisorGuide, now: Moment) {
        match guide {
            // Of a pointer that moves, what can't be is no mistake.
            AdvisorGuide::Point(at) => self.command(now, |rules| {
                rules.point(at, now);
                true
            }),
            AdvisorGuide::Draw { drawing, again } => {
                self.command(now, |rules| rules.draw(drawing, again, now) || again);
            }
            AdvisorGuide::ClearMarks => self.command(now, |rules| {
                rules.clear_marks(now);
                true
            }),
            AdvisorGuide::Ask(text) => {
                let mut asked = Err(AskError::NotNow);
                self.command(now, |rules| {
                    asked = rules.ask_to_show(&text, now);
                    asked != Err(AskError::NotNow)
                });
                if let Err(AskError::TooLong { .. }) = asked {
                    self.complain(Problem::AskTooLong);
                }
            }
            AdvisorGuide::TakeBackAsk => self.command(now, |rules| rules.take_back_ask(now)),
        }
    }

    fn complain(&mut self, problem: Problem) {
        self.push_effect(Effect::Complain(problem));
    }

    /// The marks have changed.
    pub(super) fn show_marks(&mut self, seen: SeenMarks) {
        self.push_effect(Effect::Work(AdvisorWork::Marks(seen)));
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

/// Tells automation what is new in a view.
#[derive(Debug, Default)]
pub struct GuideTold {
    marks: usize,
    forbidden: bool,
    points_out: bool,
    ask: AskState,
}

impl GuideTold {
    /// Tells what is new.
    pub fn tell(&mut self, viewer: &ViewerView, printer: &Printer) {
        if std::mem::replace(&mut self.marks, viewer.marks) != viewer.marks {
            printer.print(json!({"event": "marks", "marks": viewer.marks}));
        }
        let forbidden = !viewer.pointing_allowed;
        if std::mem::replace(&mut self.forbidden, forbidden) != forbidden {
            printer.print(json!({"event": "pointing", "allowed": viewer.pointing_allowed}));
        }
        if std::mem::replace(&mut self.points_out, viewer.points_out) != viewer.points_out {
            printer.print(json!({"event": "points_out", "on": viewer.points_out}));
        }
        if std::mem::replace(&mut self.ask, viewer.ask) != viewer.ask {
            let state = match viewer.ask {
                AskState::None => "none",
                AskState::Open => "open",
                AskState::Answered(AskAnswer::Shown) => "shown",
                AskState::Answered(AskAnswer::Refused) => "refused",
            };
            printer.print(json!({"event": "ask", "state": state}));
        }
    }
}
