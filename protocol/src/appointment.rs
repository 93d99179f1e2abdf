//! Numbers that are agreed on beforehand: valid in a window of time, and only
//! while their advisor's program opens them.
//!
//! The broker keeps the routing part, whose it is and when. The secret part is
//! drawn and kept by the advisor's program, as for every other number. Outside
//! of its window such a number is like one that does not exist.

use crate::number::Routing;
use bincode::{
    BorrowDecode, Decode, Encode,
    de::{BorrowDecoder, Decoder},
    error::DecodeError,
};
use core::time::Duration;

/// The longest window.
pub const MAX_WINDOW: Duration = Duration::from_secs(12 * 60 * 60);
/// How long before it opens a number can be booked at most.
pub const MAX_AHEAD: Duration = Duration::from_secs(100 * 24 * 60 * 60);
/// Numbers that one account can have booked at once.
pub const MAX_BOOKINGS: usize = 50;

/// From when until when a number is valid, in seconds since 1970: not empty,
/// and no longer than [`MAX_WINDOW`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode)]
pub struct Window {
    opens_unix_s: u64,
    closes_unix_s: u64,
}

impl Window {
    /// From `opens_unix_s` until just before `closes_unix_s`; `None` if that is
    /// no window or too long a one.
    pub const fn new(opens_unix_s: u64, closes_unix_s: u64) -> Option<Self> {
        match closes_unix_s.checked_sub(opens_unix_s) {
            None | Some(0) => None,
            Some(length) if length > MAX_WINDOW.as_secs() => None,
            Some(_) => Some(Self { opens_unix_s, closes_unix_s }),
        }
    }

    /// Its first second.
    pub const fn opens_unix_s(self) -> u64 {
        self.opens_unix_s
    }

    /// The first second after it.
    pub const fn closes_unix_s(self) -> u64 {
        self.closes_unix_s
    }

    /// Where a moment lies.
    pub const fn at(self, unix_s: u64) -> WindowState {
        if unix_s < self.opens_unix_s {
            WindowState::Ahead { wait: Duration::from_secs(self.opens_unix_s - unix_s) }
        } else if unix_s < self.closes_unix_s {
            WindowState::Open { left: Duration::from_secs(self.closes_unix_s - unix_s) }
        } else {
            WindowState::Over
        }
    }

    /// Whether a number can be booked for it at this moment: it is not over,
    /// and not too far ahead.
    pub const fn can_be_booked_at(self, unix_s: u64) -> bool {
        match self.at(unix_s) {
            WindowState::Ahead { wait } => wait.as_secs() <= MAX_AHEAD.as_secs(),
            WindowState::Open { .. } => true,
            WindowState::Over => false,
        }
    }
}

impl<C> Decode<C> for Window {
    fn decode<D: Decoder<Context = C>>(decoder: &mut D) -> Result<Self, DecodeError> {
        let (opens_unix_s, closes_unix_s) = (u64::decode(decoder)?, u64::decode(decoder)?);
        Self::new(opens_unix_s, closes_unix_s).ok_or(DecodeError::Other("not a window of time"))
    }
}

impl<'de, C> BorrowDecode<'de, C> for Window {
    fn borrow_decode<D: BorrowDecoder<'de, Context = C>>(decoder: &mut D) -> Result<Self, DecodeError> {
        Self::decode(decoder)
    }
}

/// Where a moment lies with respect to a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowState {
    /// Before it.
    Ahead {
        /// Until it opens.
        wait: Duration,
    },
    /// Within it.
    Open {
        /// Until it closes.
        left: Duration,
    },
    /// After it.
    Over,
}

/// A booked number, as the broker knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
pub struct Booking {
    /// Its routing part.
    pub routing: Routing,
    /// When it is valid.
    pub window: Window,
}

/// Why a number was not booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
pub enum NotBooked {
    /// The company's rules allow none.
    Forbidden,
    /// The window is over, or too far ahead, by the broker's clock.
    OutOfTime,
    /// This account has as many as it may have, or asks too often.
    TooMany,
    /// No number is left for it.
    NoNumberFree,
    /// The broker can't store it, or is stopping.
    OutOfOrder,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire;

    #[test]
    fn a_window_is_neither_empty_nor_turned_round_nor_endless() {
        assert_eq!(Window::new(100, 100), None);
        assert_eq!(Window::new(100, 99), None);
        assert_eq!(Window::new(0, u64::MAX), None);
        assert_eq!(Window::new(100, 101 + MAX_WINDOW.as_secs()), None);
        assert!(Window::new(100, 100 + MAX_WINDOW.as_secs()).is_some());
    }

    #[test]
    fn what_is_no_window_is_no_message() {
        for (opens, closes) in [(100_u64, 100_u64), (200, 100), (0, u64::MAX)] {
            let bytes = wire::encode(&(opens, closes)).unwrap();
            assert!(wire::decode::<Window, 64>(&bytes).is_err());
        }
        let bytes = wire::encode(&(100_u64, 200_u64)).unwrap();
        assert_eq!(wire::decode::<Window, 64>(&bytes).ok(), Window::new(100, 200));
    }

    #[test]
    fn a_moment_lies_before_within_or_after_it() {
        let window = Window::new(100, 200).unwrap();
        let s = Duration::from_secs;
        assert_eq!(window.at(0), WindowState::Ahead { wait: s(100) });
        assert_eq!(window.at(99), WindowState::Ahead { wait: s(1) });
        assert_eq!(window.at(100), WindowState::Open { left: s(100) });
        assert_eq!(window.at(199), WindowState::Open { left: s(1) });
        assert_eq!(window.at(200), WindowState::Over);
    }

    #[test]
    fn a_number_is_booked_for_what_comes_within_some_months() {
        let ahead = MAX_AHEAD.as_secs();
        let window = Window::new(ahead + 100, ahead + 200).unwrap();
        assert!(!window.can_be_booked_at(99));
        assert!(window.can_be_booked_at(100) && window.can_be_booked_at(ahead + 199));
        assert!(!window.can_be_booked_at(ahead + 200));
    }
}
