//! A link that broke, at the shower. Every right ends at once; what was shown
//! is shown again when both programs have found together, under the same
//! consent. Nothing else comes back by itself.

use super::{ShowerSession, View};
use crate::session::{asks::ShowAsks, marks::Pointed};
use crate::{
    peer_msg::{ControlEnd, SharingState, ToWatcher},
    time::Moment,
};

/// While there is no link.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cut {
    /// Whether what is chosen is shown as soon as there is a link again.
    pub(super) shows_again: bool,
}

impl ShowerSession {
    /// Whether there is no link at the moment.
    pub const fn is_cut(&self) -> bool {
        self.cut.is_some()
    }

    /// The link is gone. Whatever waited to be sent must not leave by another
    /// one; nothing is sent until [`Self::link_restored`].
    pub fn link_lost(&mut self, now: Moment) {
        self.handle_timeout(now);
        if self.ended || self.cut.is_some() {
            return;
        }
        let shows_again = matches!(self.view, View::Showing { .. });
        self.stop_control(ControlEnd::LinkLost);
        self.cut_recording();
        self.cut_turn();
        self.pause_showing();
        self.forget_pointing(now);
        self.cut = Some(Cut { shows_again });
        self.heard_hello = false;
        self.effects.retain(|effect| !matches!(effect, super::ShowerEffect::Send(_)));
        self.changed();
    }

    /// Which of the last words came through can't be known, so both sides count
    /// showings and requests anew. What the human here wants stays.
    fn forget_pointing(&mut self, now: Moment) {
        let (hidden, points_out) = (self.pointed.hidden(), self.pointed.points_out);
        self.pointed = Pointed::new(now);
        self.pointed.hide(hidden);
        self.pointed.points_out = points_out;
        self.show_asks = ShowAsks::new(now);
        self.marks_changed();
    }

    /// Both programs have found together again: a hello begins anew, and
    /// viewing goes on.
    pub fn link_restored(&mut self, now: Moment) {
        let Some(cut) = self.cut.take() else { return };
        if self.ended {
            return;
        }
        self.send(super::hello());
        if self.pointed.hidden() {
            self.send(ToWatcher::Pointing { allowed: false });
        }
        if self.pointed.points_out {
            self.send(ToWatcher::PointsOut(true));
        }
        if let View::Paused { selection } = &self.view {
            if cut.shows_again {
                let selection = selection.clone();
                self.show(selection);
            } else {
                self.send(ToWatcher::Sharing(SharingState::Paused));
            }
        }
        if let Some((at, true)) = self.ends_at {
            self.ends_at = Some((at, false));
        }
        self.changed();
        self.handle_timeout(now);
    }
}
