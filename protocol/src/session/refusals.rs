//! Tells the watcher that input had no effect: gathered, a few times a second.

use crate::{input::InputRefusal, time::Moment};
use alloc::collections::BTreeMap;
use core::time::Duration;

/// Between two messages: at most four a second.
const PAUSE: Duration = Duration::from_millis(250);

/// Refused input that the watcher has not been told of.
#[derive(Debug, Default)]
pub(super) struct Refusals {
    untold: BTreeMap<InputRefusal, u32>,
    /// No message before this.
    next: Moment,
}

impl Refusals {
    pub(super) fn add(&mut self, reason: InputRefusal) {
        let events = self.untold.entry(reason).or_default();
        *events = events.saturating_add(1);
    }

    /// The next message, if it is time for one.
    pub(super) fn take(&mut self, now: Moment) -> Option<(InputRefusal, u32)> {
        if now < self.next {
            return None;
        }
        let told = self.untold.pop_first()?;
        self.next = now.after(PAUSE);
        Some(told)
    }

    /// When the next message is due.
    pub(super) fn due(&self) -> Option<Moment> {
        (!self.untold.is_empty()).then_some(self.next)
    }
}
