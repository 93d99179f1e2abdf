//! A link that broke, at the watcher: the picture and every right are gone.

use super::{OwnMoreTime, Told, WatcherEffect, WatcherSession};
use crate::session::{asks::OwnAsks, marks::Pointing};
use crate::{
    peer_msg::{ControlEnd, ControlState, SharingState, ToShower},
    time::Moment,
};

impl WatcherSession {
    /// The link is gone; nothing is sent until [`Self::link_restored`].
    pub fn link_lost(&mut self, now: Moment) {
        self.handle_timeout(now);
        if self.ended || self.cut {
            return;
        }
        self.cut = true;
        self.heard_hello = false;
        self.told = Told::Nothing;
        self.more_time = OwnMoreTime::default();
        self.sharing = SharingState::Choosing;
        self.ends_at = None;
        match self.control {
            ControlState::Granted { .. } => self.lose_control(ControlState::Ended(ControlEnd::LinkLost)),
            ControlState::Asked => self.lose_control(ControlState::None),
            ControlState::None | ControlState::Refused | ControlState::Ended(_) => {}
        }
        self.wanted = false;
        // Which of the last words came through can't be known: both sides count
        // showings and requests anew.
        self.pointing = Pointing::new(now);
        self.asks = OwnAsks::new();
        self.recording.cut();
        self.cut_turn();
        self.effects.retain(|effect| !matches!(effect, WatcherEffect::Send(_) | WatcherEffect::Frame(_)));
        self.changed();
    }

    /// Both programs have found together again.
    pub fn link_restored(&mut self, _now: Moment) {
        if self.ended || !core::mem::take(&mut self.cut) {
            return;
        }
        // The first word on sharing may be that it was paused before the cut.
        self.fresh = true;
        self.send(super::hello());
        if self.decodes_video {
            self.send(ToShower::DecodesVideo(true));
        }
        self.changed();
    }
}
