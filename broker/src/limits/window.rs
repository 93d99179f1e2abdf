//! Counting in a sliding window, exactly, and a rate with a small burst.

use mitblick_protocol::time::Moment;
use std::{collections::VecDeque, time::Duration};

/// The moments of the last events, as many as the limit needs.
#[derive(Debug, Default)]
pub(super) struct Window {
    events: VecDeque<Moment>,
}

impl Window {
    /// How long until another event fits in; `None` = it fits.
    pub(super) fn wait(&self, most: u32, span: Duration, now: Moment) -> Option<Duration> {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let Some(first) = most.checked_sub(1).and_then(|last| self.events.get(last)) else {
            return (most == 0).then_some(span);
        };
        // `events` holds the newest first, so this one is the `most`th from
        // the end: while it is inside the span, the window is full.
        let free = first.after(span);
        (free > now).then(|| free.since(now))
    }

    /// Counts an event.
    pub(super) fn count(&mut self, most: u32, now: Moment) {
        self.events.push_front(now);
        self.events.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    }
}

/// Up to `per_second` at once, refilled evenly.
#[derive(Debug, Default)]
pub(super) struct Rate {
    /// When all that was taken is refilled (generic cell rate algorithm).
    full_at_us: u64,
}

impl Rate {
    pub(super) fn take(&mut self, per_second: u32, now: Moment) -> bool {
        // Microseconds keep the cost of one exact enough for any rate.
        let now_us = now.as_ms().saturating_mul(1_000);
        let Some(cost_us) = 1_000_000_u64.checked_div(u64::from(per_second)) else { return false };
        let begin = self.full_at_us.max(now_us);
        if begin.saturating_add(cost_us) > now_us.saturating_add(1_000_000) {
            return false;
        }
        self.full_at_us = begin.saturating_add(cost_us);
        true
    }
}
