//! What the watcher points at and asks to be shown, at the shower.

use super::{Misbehaviour, Permitted, ShowerEffect, ShowerSession, View, ViewSelection};
use crate::{
    ask::{AskAnswer, AskText},
    peer_msg::{Scene, ToShower, ToWatcher},
    time::Moment,
};

impl ShowerSession {
    /// Takes what is about pointing and asking.
    pub(super) fn pointing(&mut self, message: ToShower, now: Moment) -> Result<(), Misbehaviour> {
        let changed = match message {
            ToShower::Point { showing, at } => self.pointed.point(showing, at, now)?,
            ToShower::Mark { showing, mark } => self.pointed.mark(showing, mark, now)?,
            ToShower::ClearMarks => self.pointed.clear(now)?,
            ToShower::AskToShow { number, text } => {
                let answered = self.show_asks.take(number, text, now)?;
                if let Some((number, answer)) = answered {
                    self.send(ToWatcher::AskAnswered { number, answer });
                }
                self.changed();
                false
            }
            ToShower::Hello { .. }
            | ToShower::FrameShown { .. }
            | ToShower::DecodesVideo(_)
            | ToShower::RequestControl
            | ToShower::GiveBackControl
            | ToShower::RequestMoreTime { .. }
            | ToShower::Input { .. }
            | ToShower::Receipt(_)
            | ToShower::RequestRecording
            | ToShower::StopRecording { .. }
            | ToShower::RequestTurn
            | ToShower::EndTurn { .. }
            | ToShower::Turned { .. }
            | ToShower::End(_) => false,
        };
        if changed {
            self.marks_changed();
        }
        Ok(())
    }

    /// This scene goes to the watcher: it may point at its surfaces from here
    /// on, and at others no longer.
    pub fn scene_sent(&mut self, scene: &Scene, now: Moment) {
        self.handle_timeout(now);
        if matches!(self.view, View::Showing { .. }) && self.pointed.scene(scene) {
            self.marks_changed();
        }
    }

    /// The human wants to see nothing that the watcher points at, or again.
    /// `false` if that is so already.
    pub fn hide_pointing(&mut self, hide: bool, now: Moment) -> bool {
        self.handle_timeout(now);
        if self.ended || self.pointed.hidden() == hide {
            return false;
        }
        if self.pointed.hide(hide) {
            self.marks_changed();
        }
        self.send(ToWatcher::Pointing { allowed: !hide });
        self.changed();
        true
    }

    /// The human takes the watcher's marks away. `false` if there are none.
    pub fn clear_marks(&mut self, now: Moment) -> bool {
        self.handle_timeout(now);
        if self.ended {
            return false;
        }
        let Some(up_to) = self.pointed.wipe_marks() else { return false };
        self.marks_changed();
        self.send(ToWatcher::MarksCleared { up_to });
        true
    }

    /// The human points with the own pointer, or no longer. `false` if that is
    /// so already.
    pub fn point_out(&mut self, points_out: bool, now: Moment) -> bool {
        self.handle_timeout(now);
        if self.ended || core::mem::replace(&mut self.pointed.points_out, points_out) == points_out {
            return false;
        }
        self.send(ToWatcher::PointsOut(points_out));
        self.changed();
        true
    }

    /// What the watcher asks to be shown, if it does.
    pub const fn asked_to_show(&self) -> Option<&AskText> {
        self.show_asks.open()
    }

    /// The human does not show what the watcher asks for. `false` if it does
    /// not ask.
    pub fn refuse_to_show(&mut self, now: Moment) -> bool {
        self.handle_timeout(now);
        !self.ended && self.answer_ask(AskAnswer::Refused)
    }

    /// What is shown, or was before a pause.
    pub const fn selection(&self) -> Option<&ViewSelection> {
        match &self.view {
            View::Showing { selection, .. } | View::Paused { selection } => Some(selection),
            View::Choosing => None,
        }
    }

    pub(super) fn answer_ask(&mut self, answer: AskAnswer) -> bool {
        let Some((number, answer)) = self.show_asks.answer(answer) else { return false };
        self.send(ToWatcher::AskAnswered { number, answer });
        self.changed();
        true
    }

    /// What is pointed at is shown as it is now, under the view's permit.
    pub(super) fn marks_changed(&mut self) {
        self.effects.retain(|effect| !matches!(effect, ShowerEffect::Marks(_)));
        let epoch = match self.view {
            View::Showing { epoch, .. } => epoch,
            View::Choosing | View::Paused { .. } => self.gates.view.epoch(),
        };
        let seen = Permitted::new(self.pointed.seen(), self.gates.view.clone(), epoch);
        self.effects.push_back(ShowerEffect::Marks(seen));
        // A pointer that only moves is nothing that people are told.
        if self.pointed.news() {
            self.changed();
        }
    }
}
