//! Remote input at the shower: what of it is injected, and when it rests.

use super::{Control, Misbehaviour, Permitted, ShowerEffect, ShowerSession};
use crate::{
    input::{InputEvent, InputRefusal},
    peer_msg::GrantId,
    time::Moment,
};
use core::time::Duration;

/// How long remote input rests after the human at the shower used mouse or
/// keyboard.
const LOCAL_INPUT_REST: Duration = Duration::from_secs(1);

impl ShowerSession {
    pub(super) fn input(&mut self, grant: GrantId, event: InputEvent, now: Moment) -> Result<(), Misbehaviour> {
        if grant.0 == 0 || grant.0 > self.last_grant {
            return Err(Misbehaviour::UnknownGrant);
        }
        if self.gates.hands.epoch() != self.hands_epoch {
            self.local_input(now);
        }
        match self.control {
            Control::Granted { grant: live, epoch, .. } if live == grant => {
                if now < self.rests_until {
                    self.refusals.add(InputRefusal::LocalInputWins);
                } else {
                    let permit = Permitted::new(event, self.gates.control.clone(), epoch);
                    let permit = permit.resting_with(self.gates.hands.clone(), self.hands_epoch);
                    self.effects.push_back(ShowerEffect::Inject(permit));
                }
            }
            Control::Granted { .. } | Control::Idle(_) | Control::Asked { .. } => {
                self.refusals.add(InputRefusal::NoGrant);
            }
        }
        Ok(())
    }

    /// The human at the shower uses mouse or keyboard: remote input rests.
    /// Whoever sees it on another thread raises [`Gates::hands`](crate::session::Gates::hands) first.
    pub fn local_input(&mut self, now: Moment) {
        self.handle_timeout(now);
        if self.gates.hands.epoch() == self.hands_epoch {
            self.gates.hands.raise();
        }
        self.hands_epoch = self.gates.hands.epoch();
        self.rest_input(LOCAL_INPUT_REST, now);
    }

    /// Remote input rests for at least so long.
    pub fn rest_input(&mut self, rest: Duration, now: Moment) {
        if let Control::Granted { epoch, .. } = self.control {
            if now >= self.rests_until {
                // What the watcher held down would mix with what the human does.
                let permit = Permitted::new(InputEvent::ReleaseAll, self.gates.control.clone(), epoch);
                self.effects.push_back(ShowerEffect::Inject(permit));
            }
            self.rests_until = self.rests_until.max(now.after(rest));
        }
    }

    /// An event passed the rules and had no effect all the same.
    pub fn input_was_refused(&mut self, reason: InputRefusal, now: Moment) {
        if !self.ended {
            self.refusals.add(reason);
        }
        self.handle_timeout(now);
    }
}
