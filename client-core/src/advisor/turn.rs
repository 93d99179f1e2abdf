//! The turned direction at the advisor: asking the customer, choosing what to
//! show, and showing it. What can be wanted and shown of it.

use crate::{
    automation::{Printer, sharing_name},
    showing::AppItem,
};
use mitblick_protocol::session::{ApplicationId, ShowerState, WatcherTurn};
use serde_json::{Value, json};

/// What the advisor can want of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdvisorTurn {
    /// Ask the customer whether they want to see something.
    Request,
    /// Take that back, or turn back.
    End,
    /// Show these applications.
    Show(Vec<ApplicationId>),
    /// Show what owns a window whose title contains one of these texts
    /// (automation).
    ShowTitles(Vec<String>),
    /// Choose anew; nothing is shown meanwhile.
    ChooseAgain,
    /// Take the picture away for a while.
    Pause,
    /// Show it again.
    Resume,
    /// See nothing of what the customer points at, or again.
    HidePointing(bool),
    /// Take the customer's marks away.
    ClearMarks,
    /// Have the own pointer stand out at the customer, or no longer.
    PointOut(bool),
}

/// What of it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct TurnView {
    /// As the rules have it.
    pub state: WatcherTurn,
    /// The company's rules do not allow it.
    pub forbidden: bool,
    /// What can be chosen, while it is turned; `None` while it is being listed.
    pub applications: Option<Vec<AppItem>>,
    /// Names of the applications shown.
    pub shown: Vec<String>,
    /// What the customer points at.
    pub guide: TurnGuide,
}

/// What the customer points at in what is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TurnGuide {
    /// Nothing of it is seen.
    pub pointing_hidden: bool,
    /// How many of the customer's marks are seen.
    pub marks: usize,
    /// Whether the customer's pointer is seen.
    pub customer_points: bool,
    /// Whether the own pointer stands out at the customer.
    pub points_out: bool,
}

impl TurnGuide {
    /// As the rules have it.
    pub(super) const fn of(state: &ShowerState) -> Self {
        Self {
            pointing_hidden: state.pointing_hidden,
            marks: state.marks,
            customer_points: state.watcher_points,
            points_out: state.points_out,
        }
    }
}

/// Tells automation what is new in a view.
#[derive(Debug, Default)]
pub(super) struct TurnTold {
    turn: Option<Value>,
    guide: TurnGuide,
}

impl TurnTold {
    /// Tells what is new.
    pub(super) fn tell(&mut self, view: &TurnView, printer: &Printer) {
        let turn = turn_event(view);
        if self.turn.as_ref() != Some(&turn) {
            let told = self.turn.replace(turn.clone());
            if told.is_some() || view.state != WatcherTurn::None {
                printer.print(turn);
            }
        }
        let (before, guide) = (std::mem::replace(&mut self.guide, view.guide), view.guide);
        if (before.marks, before.customer_points) != (guide.marks, guide.customer_points) {
            printer.print(json!({"event": "customers_marks", "marks": guide.marks, "pointer": guide.customer_points}));
        }
        if before.pointing_hidden != guide.pointing_hidden {
            printer.print(json!({"event": "customers_pointing", "hidden": guide.pointing_hidden}));
        }
    }
}

fn turn_event(turn: &TurnView) -> Value {
    let (state, shown, why) = match turn.state {
        WatcherTurn::None => ("none", None, None),
        WatcherTurn::Asked => ("asked", None, None),
        WatcherTurn::Granted { sharing } => ("granted", Some(sharing_name(sharing)), None),
        WatcherTurn::Refused => ("refused", None, None),
        WatcherTurn::Ended(why) => ("ended", None, Some(format!("{why:?}"))),
    };
    json!({"event": "turn", "state": state, "shown": shown, "applications": turn.shown, "why": why})
}
