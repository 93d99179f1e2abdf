//! When the next picture may be taken, and how large it may be: the newest
//! state waits here, unsealed, until the line has room.

use mitblick_protocol::{peer_msg::FrameNumber, time::Moment};
use std::{collections::VecDeque, time::Duration};

/// Frames that may be on the way at once: one that is being shown while the
/// next one travels.
const FRAMES_IN_FLIGHT: usize = 2;
/// A frame is to take about so long on the line, so that a newer state never
/// waits longer for its turn.
const FRAME_TIME: Duration = Duration::from_millis(80);
/// Smallest and largest budget of one frame, in bytes.
const BUDGET_BYTES: std::ops::RangeInclusive<usize> = 16 * 1024..=4 * 1024 * 1024;
/// Budget before anything is known about the line.
const FIRST_BUDGET_BYTES: usize = 256 * 1024;
/// Frames below this say nothing about the rate of the line.
const TELLING_BYTES: usize = 8 * 1024;

/// Follows frames from sealing to being shown.
#[derive(Debug)]
pub struct Pacing {
    in_flight: VecDeque<(FrameNumber, usize, Moment)>,
    last_shown: Option<Moment>,
    bytes_per_s: Option<f64>,
}

impl Default for Pacing {
    fn default() -> Self {
        Self { in_flight: VecDeque::with_capacity(FRAMES_IN_FLIGHT), last_shown: None, bytes_per_s: None }
    }
}

impl Pacing {
    /// Whether a frame may be taken now.
    pub fn may_send(&self) -> bool {
        self.in_flight.len() < FRAMES_IN_FLIGHT
    }

    /// How many bytes the next frame may have.
    pub fn budget_bytes(&self) -> usize {
        let wanted = self.bytes_per_s.map_or(FIRST_BUDGET_BYTES, |rate| (rate * FRAME_TIME.as_secs_f64()) as usize);
        wanted.clamp(*BUDGET_BYTES.start(), *BUDGET_BYTES.end())
    }

    /// A frame goes out.
    pub fn sent(&mut self, number: FrameNumber, bytes: usize, now: Moment) {
        self.in_flight.push_back((number, bytes, now));
    }

    /// The other side has shown a frame, and with it all before.
    pub fn shown(&mut self, number: FrameNumber, now: Moment) {
        let (mut bytes, mut began) = (0, None);
        while let Some(&(first, size, sent)) = self.in_flight.front().filter(|(first, _, _)| *first <= number) {
            let _ = first;
            bytes += size;
            began.get_or_insert(sent);
            self.in_flight.pop_front();
        }
        let Some(sent) = began else { return };
        if bytes >= TELLING_BYTES {
            // Frames queue behind each other: the line worked on this one from
            // when the one before was through.
            let start = self.last_shown.map_or(sent, |last| last.max(sent));
            let seconds = now.since(start).as_secs_f64().max(0.001);
            let rate = bytes as f64 / seconds;
            self.bytes_per_s = Some(self.bytes_per_s.map_or(rate, |old| old * 0.7 + rate * 0.3));
        }
        self.last_shown = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Moment {
        Moment::from_ms(ms)
    }

    #[test]
    fn a_frame_waits_until_one_of_those_in_flight_is_shown() {
        let mut pacing = Pacing::default();
        pacing.sent(FrameNumber(1), 10, at(0));
        assert!(pacing.may_send());
        pacing.sent(FrameNumber(2), 10, at(0));
        assert!(!pacing.may_send());
        pacing.shown(FrameNumber(1), at(40));
        assert!(pacing.may_send());
        pacing.shown(FrameNumber(7), at(50));
        assert!(pacing.in_flight.is_empty(), "a later frame stands for those before");
    }

    #[test]
    fn the_budget_follows_the_rate_of_the_line() {
        let mut pacing = Pacing::default();
        let mut now = 0;
        for number in 1..30 {
            let bytes = pacing.budget_bytes();
            pacing.sent(FrameNumber(number), bytes, at(now));
            now += (bytes as f64 / 250.0) as u64; // 2 Mbit/s
            pacing.shown(FrameNumber(number), at(now));
        }
        let budget = pacing.budget_bytes();
        assert!((18_000..22_000).contains(&budget), "{budget} bytes for 80 ms of 250 kB/s");
        for number in 30..60 {
            pacing.sent(FrameNumber(number), 1_000_000, at(now));
            now += 1;
            pacing.shown(FrameNumber(number), at(now));
        }
        assert_eq!(pacing.budget_bytes(), *BUDGET_BYTES.end());
    }

    #[test]
    fn small_frames_say_nothing_about_the_line() {
        let mut pacing = Pacing::default();
        pacing.sent(FrameNumber(1), 100, at(0));
        pacing.shown(FrameNumber(1), at(500));
        assert_eq!(pacing.budget_bytes(), FIRST_BUDGET_BYTES);
    }
}
