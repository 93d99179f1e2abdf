//! When the next picture may be taken, and how large it may be: the newest
//! state waits here, unsealed, until the line has room.

use mitblick_protocol::{peer_msg::FrameNumber, time::Moment};
use std::{collections::VecDeque, time::Duration};

/// Most frames on the way or unanswered at once, however small they are.
const FRAMES_IN_FLIGHT: usize = 12;
/// What is on the way is to take about so long on the line, so that a newer
/// state never waits longer for its turn.
const LINE_TIME: Duration = Duration::from_millis(80);
/// Below this, a person takes an answer for immediate (J. Nielsen, Usability
/// Engineering, 1993, chapter 5).
const PATIENCE: Duration = Duration::from_millis(100);
/// Smallest and largest budget of what is on the way, in bytes.
const BUDGET_BYTES: std::ops::RangeInclusive<usize> = 16 * 1024..=4 * 1024 * 1024;
/// Budget before anything is known about the line.
const FIRST_BUDGET_BYTES: usize = 64 * 1024;
/// Frames below this take the line no time to speak of.
const QUICK_BYTES: usize = 2 * 1024;
/// Frames below this say only that the line is at least so fast.
const TELLING_BYTES: usize = 8 * 1024;
/// Weight of a new measurement.
const WEIGHT: f64 = 0.3;

/// A frame that was sealed and not shown yet.
#[derive(Clone, Copy, Debug)]
struct Sent {
    number: FrameNumber,
    bytes: usize,
    at: Moment,
}

/// Follows frames from sealing to being shown.
#[derive(Debug, Default)]
pub struct Pacing {
    in_flight: VecDeque<Sent>,
    last_shown: Option<Moment>,
    bytes_per_s: Option<f64>,
    round_trip_ms: Option<f64>,
}

impl Pacing {
    /// Whether a frame may be taken now: always one, and more as long as what
    /// is on the way takes the line less than [`LINE_TIME`].
    pub fn may_send(&self) -> bool {
        let on_the_way: usize = self.in_flight.iter().map(|sent| sent.bytes).sum();
        self.in_flight.is_empty() || (self.in_flight.len() < FRAMES_IN_FLIGHT && on_the_way < self.budget_bytes())
    }

    /// How many bytes the next frame may have.
    pub fn budget_bytes(&self) -> usize {
        let wanted = self.bytes_per_s.map_or(FIRST_BUDGET_BYTES, |rate| (rate * LINE_TIME.as_secs_f64()) as usize);
        wanted.clamp(*BUDGET_BYTES.start(), *BUDGET_BYTES.end())
    }

    /// What the line carries while a person waits for a picture and feels no
    /// delay; `u64::MAX` until something is known about the line.
    pub fn patience_bytes(&self) -> u64 {
        self.bytes_per_s.map_or(u64::MAX, |rate| (rate * PATIENCE.as_secs_f64()) as u64)
    }

    /// What the line carries, in bytes a second; `None` until a large frame has
    /// told.
    pub fn bytes_per_s(&self) -> Option<u64> {
        self.bytes_per_s.map(|rate| rate as u64)
    }

    /// From taking a small frame to hearing that it was shown, in
    /// milliseconds; `None` until one has been.
    pub fn round_trip_ms(&self) -> Option<u32> {
        self.round_trip_ms.map(|ms| ms.round() as u32)
    }

    /// A frame goes out.
    pub fn sent(&mut self, number: FrameNumber, bytes: usize, now: Moment) {
        self.in_flight.push_back(Sent { number, bytes, at: now });
    }

    /// The other side has shown a frame, and with it all before, and held the
    /// answer back for so long.
    pub fn shown(&mut self, number: FrameNumber, held: Duration, now: Moment) {
        let mut newest = None;
        while let Some(sent) = self.in_flight.pop_front_if(|sent| sent.number <= number) {
            newest = Some(sent);
        }
        // Those before it were answered late, so they tell nothing.
        let Some(Sent { bytes, at, .. }) = newest else { return };
        let round_trip = now.since(at).saturating_sub(held).as_secs_f64().max(0.001);
        let waited = self.last_shown.filter(|&last| last > at);
        self.take_rate(bytes, round_trip, waited.map(|since| now.since(since).as_secs_f64()));
        self.take_round_trip(bytes, round_trip * 1000.0);
        self.last_shown = Some(now);
    }

    /// `after_before`: seconds since the frame before was shown, if this one
    /// waited for it on the line.
    fn take_rate(&mut self, bytes: usize, round_trip: f64, after_before: Option<f64>) {
        let bytes_f64 = bytes as f64;
        if bytes < TELLING_BYTES {
            // Gone before one sees how long the line took: it is at least as
            // fast as this, whatever was thought before.
            self.bytes_per_s = self.bytes_per_s.map(|old| old.max(bytes_f64 / round_trip));
            return;
        }
        // Frames queue behind each other: the line worked on this one from when
        // the one before was through. One that found the line free also went
        // there, and the answer back.
        let way = self.round_trip_ms.unwrap_or(0.0) / 1000.0;
        let seconds = after_before.unwrap_or(round_trip - way).max(0.001);
        let rate = bytes_f64 / seconds;
        self.bytes_per_s = Some(self.bytes_per_s.map_or(rate, |old| old + (rate - old) * WEIGHT));
    }

    fn take_round_trip(&mut self, bytes: usize, ms: f64) {
        self.round_trip_ms = match self.round_trip_ms {
            Some(old) if bytes < QUICK_BYTES => Some(old + (ms - old) * WEIGHT),
            // What a larger frame took is more than the way, unless it took less.
            Some(old) => Some(old.min(ms)),
            None if bytes < TELLING_BYTES => Some(ms),
            None => None,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT_ONCE: Duration = Duration::ZERO;

    fn at(ms: u64) -> Moment {
        Moment::from_ms(ms)
    }

    #[test]
    fn an_answer_that_was_held_back_is_not_taken_for_a_slow_line() {
        let mut pacing = Pacing::default();
        pacing.sent(FrameNumber(1), 100, at(0));
        pacing.sent(FrameNumber(2), 100, at(120));
        pacing.shown(FrameNumber(2), Duration::from_millis(130), at(290));
        assert_eq!(pacing.round_trip_ms(), Some(40));
        pacing.sent(FrameNumber(3), 100, at(300));
        pacing.sent(FrameNumber(4), 20_000, at(1_000));
        pacing.shown(FrameNumber(4), AT_ONCE, at(1_120));
        assert_eq!(pacing.bytes_per_s(), Some(250_000));
        assert_eq!(pacing.patience_bytes(), 25_000);
    }

    #[test]
    fn frames_wait_while_the_line_has_enough_to_do() {
        let mut pacing = Pacing::default();
        pacing.sent(FrameNumber(1), 10 * FIRST_BUDGET_BYTES, at(0));
        assert!(!pacing.may_send(), "a large one alone");
        pacing.shown(FrameNumber(1), AT_ONCE, at(40));
        assert!(pacing.may_send());
        let mut number = 1;
        while pacing.may_send() {
            number += 1;
            pacing.sent(FrameNumber(number), 10, at(50));
        }
        assert_eq!(pacing.in_flight.len(), FRAMES_IN_FLIGHT, "small ones side by side");
        pacing.shown(FrameNumber(number + 7), AT_ONCE, at(60));
        assert!(pacing.in_flight.is_empty(), "a later frame stands for those before");
    }

    #[test]
    fn small_frames_tell_the_round_trip() {
        let mut pacing = Pacing::default();
        assert_eq!(pacing.round_trip_ms(), None);
        pacing.sent(FrameNumber(1), 100, at(0));
        pacing.shown(FrameNumber(1), AT_ONCE, at(42));
        assert_eq!(pacing.round_trip_ms(), Some(42));
        pacing.sent(FrameNumber(2), 100_000, at(100));
        pacing.shown(FrameNumber(2), AT_ONCE, at(1_100));
        assert_eq!(pacing.round_trip_ms(), Some(42), "a large one tells of the rate");
        assert_eq!(pacing.bytes_per_s(), Some(104_384), "in the 958 ms that the line took");
    }

    #[test]
    fn the_budget_follows_the_rate_of_the_line() {
        let mut pacing = Pacing::default();
        let mut now = 0;
        for number in 1..30 {
            let bytes = pacing.budget_bytes();
            pacing.sent(FrameNumber(number), bytes, at(now));
            now += (bytes as f64 / 250.0) as u64; // 2 Mbit/s
            pacing.shown(FrameNumber(number), AT_ONCE, at(now));
        }
        let budget = pacing.budget_bytes();
        assert!((18_000..22_000).contains(&budget), "{budget} bytes for 80 ms of 250 kB/s");
        for number in 30..60 {
            pacing.sent(FrameNumber(number), 1_000_000, at(now));
            now += 1;
            pacing.shown(FrameNumber(number), AT_ONCE, at(now));
        }
        assert_eq!(pacing.budget_bytes(), *BUDGET_BYTES.end());
    }

    #[test]
    fn the_way_there_and_back_is_not_taken_for_a_slow_line() {
        let mut pacing = Pacing::default();
        pacing.sent(FrameNumber(1), 100, at(0));
        pacing.shown(FrameNumber(1), AT_ONCE, at(40));
        pacing.sent(FrameNumber(2), 20_000, at(1_000));
        pacing.shown(FrameNumber(2), AT_ONCE, at(1_120));
        assert_eq!(pacing.bytes_per_s(), Some(250_000), "80 ms of the line's own time");
    }

    #[test]
    fn a_middling_frame_is_not_taken_for_a_fast_line() {
        let mut pacing = Pacing::default();
        pacing.sent(FrameNumber(1), 60_000, at(0));
        pacing.shown(FrameNumber(1), AT_ONCE, at(400));
        assert_eq!(pacing.bytes_per_s(), Some(150_000));
        // Nothing smaller has told the round trip before.
        pacing.sent(FrameNumber(2), 7_600, at(1_000));
        pacing.shown(FrameNumber(2), AT_ONCE, at(1_040));
        assert_eq!(pacing.bytes_per_s(), Some(190_000), "it is at least as fast as this");
        assert_eq!(pacing.round_trip_ms(), Some(40));
        pacing.sent(FrameNumber(3), 7_600, at(2_000));
        pacing.shown(FrameNumber(3), AT_ONCE, at(2_070));
        assert_eq!(pacing.round_trip_ms(), Some(40), "30 of the 70 ms are not the way");
        pacing.sent(FrameNumber(4), 60_000, at(3_000));
        pacing.shown(FrameNumber(4), AT_ONCE, at(3_020));
        assert_eq!(pacing.round_trip_ms(), Some(20), "the way can't be longer than this");
    }

    #[test]
    fn small_frames_say_nothing_about_the_line() {
        let mut pacing = Pacing::default();
        pacing.sent(FrameNumber(1), 100, at(0));
        pacing.shown(FrameNumber(1), AT_ONCE, at(500));
        assert_eq!(pacing.budget_bytes(), FIRST_BUDGET_BYTES);
    }
}
