//! Trying again after a cut: when to do what, for both programs. Pure.
//!
//! ```text
//! Resting ─ due ─▶ Connecting ─ welcome ─▶ Asking ─ resumed ─▶ Proving ─▶ done
//!    ▲                 │ lost                │ lost, failed      │
//!    └─────────────────┴─────────────────────┴───────────────────┘
//! ```
//! All of it ends when the window in which a session may go on is over.

use mitblick_protocol::time::Moment;
use std::time::Duration;

/// A session goes on within so long after a cut, whatever the broker allows.
pub const LONGEST: Duration = Duration::from_secs(2 * 60);
/// The first rest between two tries, and the longest.
const REST: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(8));
/// How long the broker may take to answer a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// How long the other program may take for each step of finding together.
const PROOF_TIMEOUT: Duration = Duration::from_secs(10);

/// Where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The next try comes then.
    Resting {
        /// When.
        until: Moment,
    },
    /// The broker has not welcomed us yet.
    Connecting {
        /// Until when it may take.
        by: Moment,
    },
    /// The broker was asked; the other program may not be there yet.
    Asking,
    /// The other program is there, and both prove who they are.
    Proving {
        /// Until when the next step may take.
        by: Moment,
    },
}

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Connect to the broker.
    Connect,
    /// It took too long: end this try (another follows).
    GiveUpTry,
    /// The window is over: the session ends.
    GiveUp,
}

/// The tries of one cut.
#[derive(Debug)]
pub struct Reconnect {
    until: Moment,
    phase: Phase,
    rest: Duration,
}

impl Reconnect {
    /// The link was cut just now; a session may go on within `window`. With
    /// `linked` the connection to the broker still stands, and it can be asked
    /// at once.
    pub fn new(window: Duration, linked: bool, now: Moment) -> Self {
        let phase = if linked { Phase::Asking } else { Phase::Resting { until: now.after(REST.0) } };
        Self { until: now.after(window.min(LONGEST)), phase, rest: REST.0 }
    }

    /// Where it is.
    pub const fn phase(&self) -> Phase {
        self.phase
    }

    /// How long there is still hope.
    pub const fn left(&self, now: Moment) -> Duration {
        self.until.since(now)
    }

    /// When [`Self::handle_timeout`] has something to say.
    pub fn due(&self) -> Moment {
        match self.phase {
            Phase::Resting { until: at } | Phase::Connecting { by: at } | Phase::Proving { by: at } => {
                at.min(self.until)
            }
            Phase::Asking => self.until,
        }
    }

    /// What is due now.
    pub fn handle_timeout(&mut self, now: Moment) -> Option<Due> {
        if now >= self.until {
            return Some(Due::GiveUp);
        }
        match self.phase {
            Phase::Resting { until } if until <= now => {
                self.phase = Phase::Connecting { by: now.after(CONNECT_TIMEOUT) };
                Some(Due::Connect)
            }
            Phase::Connecting { by } | Phase::Proving { by } if by <= now => Some(Due::GiveUpTry),
            Phase::Resting { .. } | Phase::Connecting { .. } | Phase::Proving { .. } | Phase::Asking => None,
        }
    }

    /// This try has failed; the next one comes after a rest that grows.
    pub fn rest(&mut self, now: Moment) {
        // Who rests already has heard of this failure, or waits as asked.
        if matches!(self.phase, Phase::Resting { .. }) {
            return;
        }
        self.phase = Phase::Resting { until: now.after(self.rest) };
        self.rest = (self.rest * 3 / 2).min(REST.1);
    }

    /// The broker asks to wait so long before the next try.
    pub fn rest_for(&mut self, wait: Duration, now: Moment) {
        self.phase = Phase::Resting { until: now.after(wait) };
    }

    /// The broker was asked for the other program.
    pub fn asked(&mut self) {
        self.phase = Phase::Asking;
    }

    /// The other program is there.
    pub fn proving(&mut self, now: Moment) {
        self.phase = Phase::Proving { by: now.after(PROOF_TIMEOUT) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Moment {
        Moment::from_ms(ms)
    }

    #[test]
    fn rests_grow_up_to_a_limit_and_all_of_it_ends_with_the_window() {
        let mut reconnect = Reconnect::new(Duration::from_secs(60), false, at(0));
        let mut connects = Vec::new();
        let end = loop {
            let now = reconnect.due();
            match reconnect.handle_timeout(now) {
                Some(Due::Connect) => {
                    connects.push(now.as_ms());
                    reconnect.rest(now);
                }
                Some(Due::GiveUp) => break now,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(connects[..4], [500, 1_000, 1_750, 2_875]);
        let rests: Vec<u64> = connects.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(rests.iter().all(|rest| *rest <= 8_000) && rests.last() == Some(&8_000), "{rests:?}");
        assert_eq!(end, at(60_000));
    }

    #[test]
    fn a_window_is_never_longer_than_two_minutes() {
        let reconnect = Reconnect::new(Duration::from_secs(3_600), true, at(0));
        assert_eq!((reconnect.due(), reconnect.phase()), (at(120_000), Phase::Asking));
    }

    #[test]
    fn a_step_that_takes_too_long_ends_the_try() {
        let mut reconnect = Reconnect::new(LONGEST, true, at(0));
        reconnect.proving(at(100));
        assert_eq!(reconnect.handle_timeout(at(10_099)), None);
        assert_eq!(reconnect.handle_timeout(at(10_100)), Some(Due::GiveUpTry));
    }
}
