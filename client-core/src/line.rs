//! What a session costs the line: bytes, rate and round trip, for the person.
//! Pure; asked once a second.

use mitblick_protocol::time::Moment;
use std::{collections::VecDeque, time::Duration};

/// The rate is that of so much time.
const RATE_OF: Duration = Duration::from_secs(3);
/// What a minute costs is looked at over a minute.
const MINUTE: Duration = Duration::from_secs(60);

/// Facts of the line. See [`LineMeter`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineView {
    /// Bytes of the session so far.
    pub bytes: u64,
    /// Of the last seconds.
    pub bytes_per_s: u64,
    /// Of the last minute; at the beginning of a session what a whole one would
    /// cost.
    pub bytes_per_minute: u64,
    /// From taking a picture to hearing that it is seen, in milliseconds.
    pub round_trip_ms: Option<u32>,
}

/// Counts bytes.
#[derive(Debug, Default)]
pub struct LineMeter {
    bytes: u64,
    round_trip_ms: Option<u32>,
    /// What had been counted when it was asked, oldest first.
    history: VecDeque<(Moment, u64)>,
}

impl LineMeter {
    /// So many bytes more.
    pub fn count(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
    }

    /// All bytes so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// A newer round trip, in milliseconds.
    pub fn round_trip(&mut self, ms: u32) {
        self.round_trip_ms = Some(ms);
    }

    /// Remembers the present state; about once a second.
    pub fn tick(&mut self, now: Moment) {
        self.history.push_back((now, self.bytes));
        // One that is a minute old stays to count from.
        while self.history.get(1).is_some_and(|(at, _)| now.since(*at) >= MINUTE) {
            self.history.pop_front();
        }
    }

    /// The facts.
    pub fn view(&self) -> LineView {
        let per = |span: Duration| {
            let (now, _) = *self.history.back()?;
            let from = self.history.iter().rev().find(|(at, _)| now.since(*at) >= span);
            let (from, before) = *from.or(self.history.front())?;
            let seconds = now.since(from).as_secs_f64();
            (seconds > 0.0).then(|| (self.bytes - before) as f64 / seconds)
        };
        LineView {
            bytes: self.bytes,
            bytes_per_s: per(RATE_OF).unwrap_or(0.0) as u64,
            bytes_per_minute: (per(MINUTE).unwrap_or(0.0) * 60.0) as u64,
            round_trip_ms: self.round_trip_ms,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: u64) -> Moment {
        Moment::from_ms(s * 1000)
    }

    #[test]
    fn rates_are_those_of_the_last_seconds_and_the_last_minute() {
        let mut meter = LineMeter::default();
        assert_eq!(meter.view(), LineView::default());
        for second in 0..=100 {
            meter.tick(at(second));
            // Much at first, then little.
            meter.count(if second < 50 { 10_000 } else { 100 });
        }
        meter.tick(at(101));
        let view = meter.view();
        assert_eq!(view.bytes, 50 * 10_000 + 51 * 100);
        assert_eq!(view.bytes_per_s, 100);
        // The seconds from 41 to 50 and from 50 to 101.
        assert_eq!(view.bytes_per_minute, 9 * 10_000 + 51 * 100);
        assert!(meter.history.len() <= 62);
    }

    #[test]
    fn a_young_session_tells_what_a_minute_would_cost() {
        let mut meter = LineMeter::default();
        meter.tick(at(0));
        meter.count(5_000);
        meter.tick(at(5));
        assert_eq!(meter.view().bytes_per_minute, 60_000);
        meter.round_trip(38);
        assert_eq!(meter.view().round_trip_ms, Some(38));
    }
}
