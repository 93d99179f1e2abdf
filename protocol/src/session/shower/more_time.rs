//! More time for a limited grant: asked for and allowed by itself, while the
//! grant goes on as it is.

use super::{Control, ControlLimit, Misbehaviour, NotAsked, ShowerSession};
use crate::{
    peer_msg::{GrantId, MoreTime, ToWatcher},
    session::asks::Ask,
    time::Moment,
};
use core::time::Duration;

impl ShowerSession {
    pub(super) fn more_time_asked(&mut self, under: GrantId, now: Moment) -> Result<(), Misbehaviour> {
        if under.0 == 0 || under.0 > self.last_grant {
            return Err(Misbehaviour::UnknownGrant);
        }
        let ask = self.asks.ask(now);
        if ask == Ask::Flood {
            return Err(Misbehaviour::AsksFlood);
        }
        match &mut self.control {
            Control::Granted { grant, until: Some(_), asks_more, .. } if *grant == under && !*asks_more => {
                *asks_more = ask == Ask::Show;
                let told = if *asks_more { MoreTime::Asked } else { MoreTime::Refused };
                self.send(ToWatcher::MoreTime(told));
                self.changed();
            }
            // It crossed our word that control had ended, or that it has no
            // limit any more.
            Control::Granted { .. } | Control::Idle(_) | Control::Asked { .. } => {}
        }
        Ok(())
    }

    /// The human lets the watcher control for so long from now on, at most for
    /// as long as the rules allow, and at least for as long as before.
    ///
    /// # Errors
    /// The watcher does not ask (any more).
    pub fn allow_more_time(&mut self, limit: ControlLimit, now: Moment) -> Result<(), NotAsked> {
        self.handle_timeout(now);
        let limit = self.limits.control.limit(limit).ok_or(NotAsked)?;
        let Control::Granted { until, asks_more: asks_more @ true, .. } = &mut self.control else {
            return Err(NotAsked);
        };
        *asks_more = false;
        let wanted = match limit {
            ControlLimit::Minutes(minutes) => Some(now.after(Duration::from_secs(u64::from(minutes) * 60))),
            ControlLimit::Session => None,
        };
        *until = until.zip(wanted).map(|(before, wanted)| before.max(wanted));
        let remaining_s =
            until.map(|until| u32::try_from(until.since(now).as_millis().div_ceil(1_000)).unwrap_or(u32::MAX));
        self.send(ToWatcher::MoreTime(MoreTime::Granted { remaining_s }));
        self.changed();
        Ok(())
    }

    /// The human says no to the watcher who asks for more time.
    pub fn refuse_more_time(&mut self, now: Moment) {
        self.handle_timeout(now);
        if let Control::Granted { asks_more: asks_more @ true, .. } = &mut self.control {
            *asks_more = false;
            self.send(ToWatcher::MoreTime(MoreTime::Refused));
            self.changed();
        }
    }
}
