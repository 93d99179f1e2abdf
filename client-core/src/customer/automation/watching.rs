//! What automation is told of a turn: what the advisor shows, and what the
//! customer points at.

use crate::{
    automation::{Printer, pane_event, sharing_name, surfaces_event},
    customer::{
        turn::{TurnView, WatchingGuide, WatchingView},
        view::{CustomerScreen, CustomerView},
    },
};
use mitblick_protocol::peer_msg::Surface;
use serde_json::{Value, json};
use std::sync::Arc;

/// What was told last, to see changes.
#[derive(Default)]
pub(super) struct WatchingTold {
    turn: TurnView,
    guide: WatchingGuide,
    surfaces: Option<Arc<Vec<Surface>>>,
}

impl WatchingTold {
    /// Tells what is new.
    pub(super) fn tell(&mut self, view: &CustomerView, in_session: bool, printer: &Printer) {
        if in_session && view.turn != self.turn {
            printer.print(turn_event(view.turn));
        }
        self.turn = view.turn;
        let CustomerScreen::Watching(watching) = &view.screen else {
            (self.guide, self.surfaces) = (WatchingGuide::default(), None);
            return;
        };
        self.tell_guide(watching.guide, printer);
        self.tell_surfaces(watching, printer);
    }

    fn tell_guide(&mut self, guide: WatchingGuide, printer: &Printer) {
        let before = std::mem::replace(&mut self.guide, guide);
        if before.marks != guide.marks {
            printer.print(json!({"event": "own_marks", "marks": guide.marks}));
        }
        if before.pointing_allowed != guide.pointing_allowed {
            printer.print(json!({"event": "own_pointing", "allowed": guide.pointing_allowed}));
        }
        if before.points_out != guide.points_out {
            printer.print(json!({"event": "advisor_points_out", "on": guide.points_out}));
        }
    }

    /// Where the advisor's windows are is known once they are painted.
    fn tell_surfaces(&mut self, watching: &WatchingView, printer: &Printer) {
        let told = self.surfaces.as_ref();
        let same = told.is_some_and(|told| Arc::ptr_eq(told, &watching.surfaces));
        let pane = pane_event(&watching.picture.0, &watching.surfaces);
        if same || (pane.is_none() && !watching.surfaces.is_empty()) {
            return;
        }
        if !watching.surfaces.is_empty() || told.is_some_and(|told| !told.is_empty()) {
            let surfaces = surfaces_event(&watching.surfaces);
            printer.print(json!({"event": "advisors_view", "surfaces": surfaces, "pane": pane}));
        }
        self.surfaces = Some(Arc::clone(&watching.surfaces));
    }
}

fn turn_event(turn: TurnView) -> Value {
    match turn {
        TurnView::None => json!({"event": "turn", "state": "none"}),
        TurnView::Asked => json!({"event": "turn", "state": "asked"}),
        TurnView::Turned { shown } => {
            json!({"event": "turn", "state": "granted", "shown": sharing_name(shown)})
        }
        TurnView::Refused => json!({"event": "turn", "state": "refused"}),
        TurnView::Ended(why) => json!({"event": "turn", "state": "ended", "why": format!("{why:?}")}),
    }
}
