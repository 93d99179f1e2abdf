//! Pointing and asking at the watcher.

use super::{Misbehaviour, WatcherEffect, WatcherSession};
use crate::{
    ask::{AskError, AskText},
    marks::Mark,
    peer_msg::{PointerPlace, SharingState, ToShower, ToWatcher},
    session::Drawing,
    time::Moment,
};
use alloc::vec::Vec;

impl WatcherSession {
    /// The marks of this side that are seen.
    pub fn marks(&self) -> Vec<Mark> {
        self.pointing.seen()
    }

    /// Points at a place of a surface, or at nothing any more. Only the newest
    /// of many places is sent.
    pub fn point(&mut self, at: Option<PointerPlace>, now: Moment) {
        self.handle_timeout(now);
        if !self.ended
            && let Some(at) = self.pointing.point(at, now)
        {
            self.send_place(at);
        }
    }

    /// Draws a mark, or with `again` the newest one anew. `false` if it can't
    /// be drawn now.
    pub fn draw(&mut self, drawing: Drawing, again: bool, now: Moment) -> bool {
        self.handle_timeout(now);
        if self.ended {
            return false;
        }
        let Some(mark) = self.pointing.draw(drawing, again, now) else { return false };
        self.send(ToShower::Mark { showing: self.pointing.showing(), mark });
        self.marks_changed();
        true
    }

    /// Takes all marks away. `false` if there are none.
    pub fn clear_marks(&mut self, now: Moment) -> bool {
        self.handle_timeout(now);
        if self.ended || !self.pointing.clear() {
            return false;
        }
        self.send(ToShower::ClearMarks);
        self.marks_changed();
        true
    }

    /// Asks to be shown something; an open request gives way to it.
    ///
    /// # Errors
    /// See [`AskError`]; nothing is asked then.
    pub fn ask_to_show(&mut self, text: &str, now: Moment) -> Result<(), AskError> {
        self.handle_timeout(now);
        // Both sides count anew after a cut: what is asked in one never arrives.
        if self.ended || self.cut {
            return Err(AskError::NotNow);
        }
        let text = AskText::new(text)?;
        let number = self.asks.ask()?;
        self.send(ToShower::AskToShow { number, text: Some(text) });
        self.changed();
        Ok(())
    }

    /// Takes the request back. `false` if none is open.
    pub fn take_back_ask(&mut self, now: Moment) -> bool {
        self.handle_timeout(now);
        if self.ended || self.cut {
            return false;
        }
        let Some(number) = self.asks.take_back() else { return false };
        self.send(ToShower::AskToShow { number, text: None });
        self.changed();
        true
    }

    pub(super) fn pointing_changed(&mut self, message: &ToWatcher) -> Result<(), Misbehaviour> {
        match *message {
            ToWatcher::Pointing { allowed } => {
                self.pointing.allow(allowed)?;
                self.marks_changed();
            }
            ToWatcher::MarksCleared { up_to } => {
                if self.pointing.cleared(up_to)? {
                    self.marks_changed();
                }
            }
            ToWatcher::PointsOut(points_out) => {
                self.pointing.point_out(points_out)?;
                self.marks_changed();
            }
            ToWatcher::AskAnswered { number, answer } => {
                if self.asks.answered(number, answer)? {
                    self.changed();
                }
            }
            ToWatcher::Hello { .. }
            | ToWatcher::Sharing(_)
            | ToWatcher::Frame(_)
            | ToWatcher::FreshFrame(_)
            | ToWatcher::Control(_)
            | ToWatcher::MoreTime(_)
            | ToWatcher::InputRefused { .. }
            | ToWatcher::End(_)
            | ToWatcher::Receipt(_)
            | ToWatcher::Recording(_)
            | ToWatcher::Turn(_)
            | ToWatcher::Turned { .. }
            | ToWatcher::EndsSoon { .. } => {}
        }
        Ok(())
    }

    pub(super) fn pointing_due(&mut self, now: Moment) {
        if self.ended {
            return;
        }
        if self.pointing.fade(now) {
            self.marks_changed();
        }
        if let Some(at) = self.pointing.place_due(now) {
            self.send_place(at);
        }
    }

    /// Marks live as long as a showing.
    pub(super) fn follow_showing(&mut self) {
        if self.sharing == SharingState::Showing {
            self.pointing.begin_showing();
        } else if self.pointing.end_showing() {
            self.marks_changed();
        }
    }

    fn send_place(&mut self, at: Option<PointerPlace>) {
        self.send(ToShower::Point { showing: self.pointing.showing(), at });
    }

    pub(super) fn marks_changed(&mut self) {
        self.effects.retain(|effect| !matches!(effect, WatcherEffect::Marks));
        self.effects.push_back(WatcherEffect::Marks);
        self.changed();
    }
}
