//! How often a watcher may ask for control.

use crate::{stock::Stock, time::Moment};
use core::time::Duration;

/// What is to become of an ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    /// Show it to the human.
    Show,
    /// Too soon after others: refused without disturbing the human.
    TooSoon,
    /// No honest program does this.
    Flood,
}

/// Counts the asks of one watcher.
#[derive(Debug)]
pub(super) struct Asks {
    shown: Stock,
    taken: Stock,
}

impl Asks {
    pub(super) const fn new(now: Moment) -> Self {
        Self {
            shown: Stock::full(3, Duration::from_secs(10), now),
            taken: Stock::full(60, Duration::from_secs(1), now),
        }
    }

    pub(super) fn ask(&mut self, now: Moment) -> Ask {
        if !self.taken.take(now) {
            Ask::Flood
        } else if self.shown.take(now) {
            Ask::Show
        } else {
            Ask::TooSoon
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_asks_at_once_and_then_one_in_ten_seconds() {
        let at = |s: u64| Moment::from_ms(s * 1_000);
        let mut asks = Asks::new(at(0));
        let all = [0, 0, 1, 2, 9, 10, 11, 20, 60, 60, 60, 60].map(|s| asks.ask(at(s)) == Ask::Show);
        let t = true;
        let f = false;
        assert_eq!(all, [t, t, t, f, f, t, f, t, t, t, t, f]);
    }

    #[test]
    fn asking_without_end_is_a_flood() {
        let mut asks = Asks::new(Moment::default());
        let answers = [(); 61].map(|()| asks.ask(Moment::default()));
        assert_eq!(answers[59..], [Ask::TooSoon, Ask::Flood]);
    }
}
