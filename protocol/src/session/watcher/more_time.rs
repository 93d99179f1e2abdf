//! More time for a limited grant, as the side that asks for it.

use super::{AskedMore, Misbehaviour, Told, WatcherSession};
use crate::{
    peer_msg::{ControlState, MoreTime, ToShower},
    time::Moment,
};
use core::time::Duration;

/// The request under the present grant.
#[derive(Debug, Default)]
pub(super) struct OwnMoreTime {
    state: AskedMore,
    /// It is on its way or stands, and has no answer.
    sent: bool,
    /// The shower has told that it stands.
    told: bool,
    /// The grant is given back, which the shower may not know yet.
    given_back: bool,
}

impl OwnMoreTime {
    pub(super) const fn state(&self, control: ControlState) -> AskedMore {
        match control {
            ControlState::Granted { .. } => self.state,
            ControlState::None | ControlState::Asked | ControlState::Refused | ControlState::Ended(_) => {
                AskedMore::Nothing
            }
        }
    }

    /// The grant is given back: more time for it is nothing to this side.
    pub(super) const fn give_back(&mut self) {
        self.given_back = true;
    }
}

impl WatcherSession {
    /// Asks for more time. `false` if there is no use in it: control is not
    /// granted or has no limit, or it is asked for already.
    pub fn request_more_time(&mut self, now: Moment) -> bool {
        self.handle_timeout(now);
        let ControlState::Granted { grant, .. } = self.control else { return false };
        if self.ended || self.control_until.is_none() || self.more_time.sent {
            return false;
        }
        let own = &mut self.more_time;
        (own.state, own.sent, own.told) = (AskedMore::Asked, true, false);
        self.send(ToShower::RequestMoreTime { grant });
        self.changed();
        true
    }

    pub(super) fn more_time_changed(&mut self, told: MoreTime, now: Moment) -> Result<(), Misbehaviour> {
        let follows = match told {
            MoreTime::Asked => !self.more_time.told,
            MoreTime::Granted { .. } => self.more_time.told,
            // Asked too often, nobody was asked.
            MoreTime::Refused => true,
        };
        if self.told != Told::Granted || !self.more_time.sent || !follows {
            return Err(Misbehaviour::ControlOrder);
        }
        let own = &mut self.more_time;
        match told {
            MoreTime::Asked => own.told = true,
            MoreTime::Refused => {
                (own.state, own.sent, own.told) = (AskedMore::Refused, false, false);
            }
            MoreTime::Granted { remaining_s } => {
                (own.state, own.sent, own.told) = (AskedMore::Nothing, false, false);
                if own.given_back {
                    return Ok(());
                }
                // Also if this side's own clock was ahead of the answer.
                self.wanted = true;
                self.control = ControlState::Granted { grant: self.last_grant, remaining_s };
                self.control_until = remaining_s.map(|s| now.after(Duration::from_secs(u64::from(s))));
            }
        }
        self.changed();
        Ok(())
    }
}
