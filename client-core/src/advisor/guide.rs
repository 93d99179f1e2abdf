//! How the advisor guides without control: pointing, and asking to be shown
//! something. What is wanted, and how the controller does it.

use super::{
    controller::{AdvisorController, AdvisorWork},
    view::ViewerView,
};
use crate::{
    automation::Printer,
    controller::Effect,
    pointing::{Pointing, SeenMarks},
    problem::Problem,
};
use mitblick_protocol::{
    ask::{AskAnswer, AskError},
    session::AskState,
    time::Moment,
};
use serde_json::json;

/// What the advisor can want of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdvisorGuide {
    /// Point, draw, or take it away.
    Point(Pointing),
    /// Ask to be shown something, in these words.
    Ask(String),
    /// Take that back.
    TakeBackAsk,
}

impl AdvisorController {
    /// The advisor wants to guide.
    pub(super) fn guide(&mut self, guide: AdvisorGuide, now: Moment) {
        match guide {
            AdvisorGuide::Point(wanted) => self.command(now, |rules| match wanted {
                // Of a pointer that moves, what can't be is no mistake.
                Pointing::At(place) => {
                    rules.point(place, now);
                    true
                }
                Pointing::Draw { drawing, again } => rules.draw(drawing, again, now) || again,
                // They may fade at this very moment.
                Pointing::Clear => {
                    rules.clear_marks(now);
                    true
                }
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
