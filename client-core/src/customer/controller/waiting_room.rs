//! A customer who has come for an appointment whose number is not open yet: the
//! number is kept, and tried again by itself when the line breaks meanwhile.

use super::{CustomerController, STEP_TIMEOUT, Stage};
use crate::{controller::Effect, customer::view::WaitingLine, problem::Problem};
use mitblick_protocol::{number::SessionNumber, time::Moment};
use std::time::Duration;

/// Between two tries while there is no line. Each join counts against the
/// broker's limits.
const PAUSE: Duration = Duration::from_secs(10);

/// On the way to a pair.
pub(super) struct Pairing {
    pub(super) number: SessionNumber,
    step: Step,
    /// Whether the number was found booked for now.
    pub(super) awaited: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    /// The broker was asked.
    Asked { by: Moment },
    /// The number is not open yet.
    Waiting,
    /// There is no line; the next try comes then.
    Resting { until: Moment, why: Rest },
}

/// Why there is no line while it is waited.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    /// It broke, or the broker stops.
    Cut,
    /// The broker limits how often numbers are tried.
    Limited,
}

impl Pairing {
    pub(super) fn new(number: SessionNumber, now: Moment) -> Self {
        Self { number, step: Step::Asked { by: now.after(STEP_TIMEOUT) }, awaited: false }
    }

    pub(super) const fn due(&self) -> Option<Moment> {
        match self.step {
            Step::Asked { by } => Some(by),
            Step::Waiting => None,
            Step::Resting { until, .. } => Some(until),
        }
    }

    /// How it stands for whoever waits; `unix_s` is the time of day at a moment.
    pub(super) fn line(&self, unix_s: impl Fn(Moment) -> u64) -> WaitingLine {
        match self.step {
            Step::Waiting => WaitingLine::Here,
            Step::Resting { until, why: Rest::Limited } => WaitingLine::Limited { until_unix_s: unix_s(until) },
            Step::Asked { .. } | Step::Resting { why: Rest::Cut, .. } => WaitingLine::Cut,
        }
    }
}

impl CustomerController {
    /// The number is booked for now, and not open yet.
    pub(super) fn must_wait(&mut self) {
        if let Stage::Pairing(pairing) = &mut self.stage {
            (pairing.step, pairing.awaited) = (Step::Waiting, true);
            self.publish();
        }
    }

    /// There is no line to the broker. `false` if nobody waits for a number, or
    /// the trouble is not the line's.
    pub(super) fn waits_on(&mut self, why: Rest, after: Duration, now: Moment) -> bool {
        let Stage::Pairing(pairing) = &mut self.stage else { return false };
        if !pairing.awaited {
            return false;
        }
        pairing.step = Step::Resting { until: now.after(after.max(PAUSE)), why };
        self.effects.push_back(Effect::Disconnect);
        self.publish();
        true
    }

    pub(super) fn pairing_timeout(&mut self, now: Moment) {
        let Stage::Pairing(pairing) = &mut self.stage else { return };
        match pairing.step {
            Step::Asked { by } if by <= now => {
                if !self.waits_on(Rest::Cut, PAUSE, now) {
                    self.fail(Problem::HandshakeTimeout);
                }
            }
            Step::Resting { until, .. } if until <= now => {
                pairing.step = Step::Asked { by: now.after(STEP_TIMEOUT) };
                self.effects.push_back(Effect::Connect);
            }
            Step::Asked { .. } | Step::Waiting | Step::Resting { .. } => {}
        }
    }
}
