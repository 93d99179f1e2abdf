//! Wrong passwords of one name in a row, and the lock that follows, in wall
//! clock time, since it is kept over a restart.

use super::{FORGET_SIGN_INS, FREE_SIGN_INS, lock_after};

/// How often the password of a name was wrong. A try counts as wrong until it
/// proves right, so that many at once gain nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tries {
    /// How many.
    pub wrong: u32,
    /// When the last one came, in seconds since 1970.
    pub last_unix_s: i64,
    /// No further one is looked at before, in seconds since 1970.
    pub locked_until_unix_s: i64,
}

/// A try that must not be looked at yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Locked {
    /// For how long, in seconds; not 0.
    pub wait_s: u64,
}

impl Tries {
    /// How long a next try must wait, in seconds; 0 = not at all. A clock that
    /// was set back ends a lock rather than make it longer.
    pub fn wait_s(self, now_unix_s: i64) -> u64 {
        if now_unix_s < self.last_unix_s {
            return 0;
        }
        u64::try_from(self.locked_until_unix_s.saturating_sub(now_unix_s)).unwrap_or(0)
    }

    /// With one more, counted as wrong.
    ///
    /// # Errors
    /// It must not be looked at, and is not counted.
    pub fn counted(self, now_unix_s: i64) -> Result<Self, Locked> {
        let wait_s = self.wait_s(now_unix_s);
        if wait_s > 0 {
            return Err(Locked { wait_s });
        }
        let forget_s = i64::try_from(FORGET_SIGN_INS.as_secs()).unwrap_or(i64::MAX);
        let before = if now_unix_s.saturating_sub(self.last_unix_s) > forget_s { 0 } else { self.wrong };
        let wrong = before.saturating_add(1);
        let lock_s = lock_after(wrong).map_or(0, |lock| i64::try_from(lock.as_secs()).unwrap_or(i64::MAX));
        Ok(Self { wrong, last_unix_s: now_unix_s, locked_until_unix_s: now_unix_s.saturating_add(lock_s) })
    }

    /// Without the last one, which was not judged.
    #[must_use]
    pub fn taken_back(self) -> Self {
        Self { wrong: self.wrong.saturating_sub(1), locked_until_unix_s: 0, ..self }
    }

    /// Tries before a lock begins.
    pub fn left(self) -> u32 {
        FREE_SIGN_INS.saturating_sub(self.wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locks_grow_from_a_minute_to_an_hour_and_end() {
        let mut tries = Tries::default();
        let mut now = 1_000_000;
        let mut waits = Vec::new();
        for _ in 0..14 {
            tries = tries.counted(now).unwrap();
            let wait_s = tries.wait_s(now);
            waits.push(wait_s);
            if wait_s > 0 {
                assert_eq!(tries.counted(now), Err(Locked { wait_s }));
                assert_eq!(tries.counted(now + 1), Err(Locked { wait_s: wait_s - 1 }));
            }
            now += i64::try_from(wait_s).unwrap();
        }
        assert_eq!(waits, [0, 0, 0, 0, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600, 3_600]);
        assert_eq!(tries.left(), 0);
    }

    #[test]
    fn what_lies_long_back_is_forgotten_and_a_try_can_be_taken_back() {
        let tries = Tries::default().counted(1_000).unwrap().counted(1_000).unwrap();
        assert_eq!((tries.wrong, tries.left()), (2, 3));
        assert_eq!(tries.taken_back().wrong, 1);
        assert_eq!(tries.counted(1_000 + 7_201).unwrap().wrong, 1);
        assert_eq!(tries.counted(1_000 + 7_200).unwrap().wrong, 3);
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_lock_for_longer() {
        let locked = Tries { wrong: 5, last_unix_s: 10_000, locked_until_unix_s: 10_060 };
        assert_eq!(locked.wait_s(10_000), 60);
        assert_eq!(locked.wait_s(10_000 - 3_600), 0);
        assert_eq!(locked.counted(6_400).unwrap(), Tries { wrong: 6, last_unix_s: 6_400, locked_until_unix_s: 6_520 });
    }
}
