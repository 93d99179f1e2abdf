//! How often a watcher may ask for control or to be shown something, and what
//! becomes of the latter.

use super::Misbehaviour;
use crate::{
    ask::{AskAnswer, AskError, AskNumber, AskText},
    stock::Stock,
    time::Moment,
};
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

/// Asks of one kind in a session: more than any advisor needs in a day, and so
/// few that with all their answers they can't fill a receipt.
const MOST_ASKS: u16 = 400;

/// Counts the asks of one watcher.
#[derive(Debug)]
pub(super) struct Asks {
    shown: Stock,
    taken: Stock,
    left: u16,
}

impl Asks {
    pub(super) const fn new(now: Moment) -> Self {
        Self {
            shown: Stock::full(3, Duration::from_secs(10), now),
            taken: Stock::full(60, Duration::from_secs(1), now),
            left: MOST_ASKS,
        }
    }

    pub(super) fn ask(&mut self, now: Moment) -> Ask {
        let Some(left) = self.left.checked_sub(1).filter(|_| self.taken.take(now)) else { return Ask::Flood };
        self.left = left;
        if self.shown.take(now) { Ask::Show } else { Ask::TooSoon }
    }
}

/// Requests to be shown something, at the shower.
#[derive(Debug)]
pub(super) struct ShowAsks {
    asks: Asks,
    newest: AskNumber,
    open: Option<AskText>,
}

impl ShowAsks {
    pub(super) const fn new(now: Moment) -> Self {
        Self { asks: Asks::new(now), newest: AskNumber(0), open: None }
    }

    pub(super) const fn open(&self) -> Option<&AskText> {
        self.open.as_ref()
    }

    /// Takes a request, or takes it back; an answer if it has one already.
    pub(super) fn take(
        &mut self,
        number: AskNumber,
        text: Option<AskText>,
        now: Moment,
    ) -> Result<Option<(AskNumber, AskAnswer)>, Misbehaviour> {
        let ask = self.asks.ask(now);
        if ask == Ask::Flood {
            return Err(Misbehaviour::AsksFlood);
        }
        let Some(text) = text else {
            if number.0 == 0 || number != self.newest {
                return Err(Misbehaviour::AskOrder);
            }
            self.open = None;
            return Ok(None);
        };
        if self.newest.0.checked_add(1) != Some(number.0) {
            return Err(Misbehaviour::AskOrder);
        }
        self.newest = number;
        if ask == Ask::TooSoon {
            self.open = None;
            return Ok(Some((number, AskAnswer::Refused)));
        }
        self.open = Some(text);
        Ok(None)
    }

    /// The human has decided: what is to be said, if something was asked.
    pub(super) fn answer(&mut self, answer: AskAnswer) -> Option<(AskNumber, AskAnswer)> {
        self.open.take().map(|_| (self.newest, answer))
    }
}

/// What became of the newest request to be shown something, at the watcher.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AskState {
    /// Nothing was asked for.
    #[default]
    None,
    /// The human at the shower has not decided.
    Open,
    /// Decided.
    Answered(AskAnswer),
}

/// Requests to be shown something, at the watcher.
#[derive(Debug, Default)]
pub(super) struct OwnAsks {
    newest: AskNumber,
    answered: AskNumber,
    pub(super) state: AskState,
}

impl OwnAsks {
    pub(super) const fn new() -> Self {
        Self { newest: AskNumber(0), answered: AskNumber(0), state: AskState::None }
    }

    /// The number of one more request.
    pub(super) fn ask(&mut self) -> Result<AskNumber, AskError> {
        self.newest.0 = self.newest.0.checked_add(1).ok_or(AskError::NotNow)?;
        self.state = AskState::Open;
        Ok(self.newest)
    }

    /// The number of the request to be taken back, if one is open.
    pub(super) fn take_back(&mut self) -> Option<AskNumber> {
        (core::mem::take(&mut self.state) == AskState::Open).then_some(self.newest)
    }

    /// Whether the answer is news: one to a request that was taken back, or
    /// followed by another, is not.
    pub(super) fn answered(&mut self, number: AskNumber, answer: AskAnswer) -> Result<bool, Misbehaviour> {
        if number <= self.answered || number > self.newest {
            return Err(Misbehaviour::AskOrder);
        }
        self.answered = number;
        let news = number == self.newest && self.state == AskState::Open;
        if news {
            self.state = AskState::Answered(answer);
        }
        Ok(news)
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
    fn asking_slowly_for_ever_is_a_flood_as_well() {
        let mut asks = Asks::new(Moment::default());
        let flood = (0..10_000_u64).find(|s| asks.ask(Moment::from_ms(s * 11_000)) == Ask::Flood);
        assert_eq!(flood, Some(u64::from(MOST_ASKS)));
    }

    #[test]
    fn asking_without_end_is_a_flood() {
        let mut asks = Asks::new(Moment::default());
        let answers = [(); 61].map(|()| asks.ask(Moment::default()));
        assert_eq!(answers[59..], [Ask::TooSoon, Ask::Flood]);
    }
}
