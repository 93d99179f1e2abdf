//! How often something may happen: a stock that each time takes one from.

use crate::time::Moment;
use core::time::Duration;

/// Refilled one by one.
#[derive(Debug)]
pub struct Stock {
    left: u32,
    most: u32,
    refill: Duration,
    refilled: Moment,
}

impl Stock {
    /// Full; one more comes every `refill`, up to `most`.
    pub const fn full(most: u32, refill: Duration, now: Moment) -> Self {
        Self { left: most, most, refill, refilled: now }
    }

    /// When there will be one more.
    pub fn due(&self) -> Moment {
        self.refilled.after(self.refill)
    }

    /// Takes one. `false` if there is none.
    pub fn take(&mut self, now: Moment) -> bool {
        while self.left < self.most && now.since(self.refilled) >= self.refill {
            self.left += 1;
            self.refilled = self.refilled.after(self.refill);
        }
        if self.left == self.most {
            self.refilled = now;
        }
        let taken = self.left > 0;
        self.left = self.left.saturating_sub(1);
        taken
    }
}
