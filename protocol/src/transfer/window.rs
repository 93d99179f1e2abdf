//! How much of files may be on the way at once: what files add to the waiting
//! of everything else on the line is held near a small target, so that they
//! take what the line has left and give way when pictures want it.
//!
//! After LEDBAT (RFC 6817): the window grows while answers take hardly longer
//! than the shortest seen, and shrinks as soon as they take longer by more than
//! the target. Of the last few answers the quickest counts, since a queue delays
//! all of them and a radio's hiccup one. What is on the way is let run out now
//! and then, so that the shortest time is one without our own waiting in it (as
//! in LEDBAT++).
//!
//! RFC 6817 allows one target for all lines, up to 100 ms. Here it goes with the
//! way: what is hardly felt on a long one would be the greater part of what a
//! change of the picture takes on a short one.

use crate::time::Moment;
use alloc::collections::VecDeque;
use core::time::Duration;

/// What files may add to the time that an answer takes: this part of the
/// shortest, within bounds.
const TARGET_PART: u64 = 4;
const LEAST_TARGET_MS: u64 = 2;
const MOST_TARGET_MS: u64 = 12;
/// Of so many answers the quickest tells how long the queue is.
const RECENT_ANSWERS: usize = 4;
/// Smallest window, in bytes: a piece of less takes a slow line no time.
const MIN_BYTES: usize = 4 * 1024;
/// Largest window, in bytes. More is a flood: see
/// [`crate::session::Misbehaviour::TransferFlood`].
pub(super) const MAX_BYTES: usize = 4 * 1024 * 1024;
/// Window before anything is known, in bytes.
const FIRST_BYTES: usize = 16 * 1024;
/// Most and least growth at no delay, for each window that was answered, in
/// bytes.
const STEP_BYTES: usize = 16 * 1024;
const LEAST_STEP_BYTES: usize = 1024;
/// How often what is on the way runs out.
const PROBE_EVERY: Duration = Duration::from_secs(20);

/// See the module's documentation.
#[derive(Debug)]
pub(super) struct Window {
    bytes: usize,
    /// Doubling with each window answered, until the first delay.
    starting: bool,
    /// The shortest answer of this stretch and of the one before.
    shortest: [Option<u64>; 2],
    /// How long the last answers took, as far as the window has stayed the same.
    recent: VecDeque<u64>,
    probe_at: Moment,
    /// Nothing more is sent until all has been answered.
    draining: bool,
    shrunk_at: Option<Moment>,
}

impl Window {
    pub(super) fn new(now: Moment) -> Self {
        Self {
            bytes: FIRST_BYTES,
            starting: true,
            shortest: [None; 2],
            recent: VecDeque::with_capacity(RECENT_ANSWERS),
            probe_at: now.after(PROBE_EVERY),
            draining: false,
            shrunk_at: None,
        }
    }

    /// How many bytes one piece may have, if one may go now.
    pub(super) fn room(&self, in_flight_bytes: usize) -> Option<usize> {
        if in_flight_bytes == 0 {
            return Some(self.piece_bytes());
        }
        (!self.draining && in_flight_bytes + self.piece_bytes() / 2 <= self.bytes).then(|| self.piece_bytes())
    }

    /// A quarter of the window, so that answers come while more is on the way.
    const fn piece_bytes(&self) -> usize {
        let quarter = self.bytes / 4;
        if quarter > super::MAX_PIECE_BYTES { super::MAX_PIECE_BYTES } else { quarter }
    }

    /// `bytes` were answered, the newest of them sent at `sent_at`; `left_bytes`
    /// are still on the way.
    pub(super) fn answered(&mut self, bytes: usize, sent_at: Moment, left_bytes: usize, now: Moment) {
        // A window that nothing fills says nothing about the line.
        let limited = 2 * (bytes + left_bytes) >= self.bytes;
        let took_ms = u64::try_from(now.since(sent_at).as_millis()).unwrap_or(u64::MAX);
        let [newer, _] = &mut self.shortest;
        *newer = Some(newer.map_or(took_ms, |shortest| shortest.min(took_ms)));
        let shortest = self.shortest.iter().flatten().min().copied().unwrap_or(took_ms);
        if self.recent.len() == RECENT_ANSWERS {
            self.recent.pop_front();
        }
        self.recent.push_back(took_ms);
        let delay_ms = self.recent.iter().min().map_or(0, |quickest| quickest.saturating_sub(shortest));
        let target_ms = (shortest / TARGET_PART).clamp(LEAST_TARGET_MS, MOST_TARGET_MS);
        if delay_ms > target_ms {
            self.starting = false;
            // Once for what was on the way together.
            if self.shrunk_at.is_none_or(|at| at <= sent_at) {
                self.shrunk_at = Some(now);
                self.recent.clear();
                let kept = if delay_ms > 4 * target_ms { self.bytes / 2 } else { self.bytes / 4 * 3 };
                self.bytes = kept.max(MIN_BYTES);
            }
        } else if limited {
            let room = usize::try_from(target_ms - delay_ms).unwrap_or(0);
            // A slow line must not get more at once than it carries in a moment.
            let step = (self.bytes / 4).clamp(LEAST_STEP_BYTES, STEP_BYTES);
            let grown = if self.starting {
                bytes
            } else {
                step * bytes / self.bytes.max(1) * room / usize::try_from(target_ms).unwrap_or(1)
            };
            self.bytes = (self.bytes + grown).min(MAX_BYTES);
        }
        if left_bytes == 0 {
            self.draining = false;
        }
        if self.probe_at <= now {
            self.probe_at = now.after(PROBE_EVERY);
            self.shortest = [None, self.shortest[0]];
            self.draining = left_bytes > 0;
        }
    }

    /// The link is another one, of which nothing is known.
    pub(super) fn begin_anew(&mut self, now: Moment) {
        *self = Self::new(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line of so many bytes a millisecond and so long a way at each time, for
    /// `ms`; others
    /// send in `[from, to)` as much as the line carries. Gives bytes carried and
    /// the longest waiting that files made, in milliseconds, in its second half.
    fn run(rate: usize, way_ms: impl Fn(u64) -> u64, ms: u64, others: core::ops::Range<u64>) -> (usize, u64, usize) {
        let mut window = Window::new(Moment::from_ms(0));
        let mut queue: VecDeque<(u64, usize)> = VecDeque::new();
        let mut answers: VecDeque<(u64, u64, usize)> = VecDeque::new();
        let (mut in_flight, mut carried, mut longest, mut meanwhile) = (0, 0, 0, 0);
        for now in 1..ms {
            while let Some((_, sent_at, bytes)) = answers.pop_front_if(|answer| answer.0 <= now) {
                in_flight -= bytes;
                window.answered(bytes, Moment::from_ms(sent_at), in_flight, Moment::from_ms(now));
            }
            while let Some(bytes) = window.room(in_flight) {
                in_flight += bytes;
                queue.push_back((now, bytes));
            }
            // While others send, their queue is ahead of ours.
            let mut left = if others.contains(&now) { rate / 20 } else { rate };
            while let Some((sent_at, bytes)) = queue.front_mut() {
                let part = left.min(*bytes);
                *bytes -= part;
                left -= part;
                carried += part;
                meanwhile += if others.contains(&now) { part } else { 0 };
                if *bytes > 0 {
                    break;
                }
                let waited = now - *sent_at;
                if now > ms / 2 {
                    longest = longest.max(waited);
                }
                answers.push_back((now + way_ms(now), *sent_at, 0));
                queue.pop_front();
            }
            // What an answer is for is known by what is no longer queued.
            let waiting: usize = queue.iter().map(|(_, bytes)| *bytes).sum();
            let answered: usize = answers.iter().map(|answer| answer.2).sum();
            if let Some(last) = answers.back_mut() {
                last.2 += in_flight.saturating_sub(waiting + answered);
            }
        }
        (carried, longest, meanwhile)
    }

    #[test]
    fn files_use_a_line_that_nobody_else_uses() {
        for (rate, way_ms) in [(250, 20), (2_500, 20), (2_500, 80), (12_500, 10)] {
            let (carried, longest, _) = run(rate, |_| way_ms, 60_000, 0..0);
            let share = carried * 100 / (rate * 60_000);
            assert!(share >= 70, "{rate} bytes a millisecond, {way_ms} ms: {share} %");
            assert!(longest <= 120, "{rate} bytes a millisecond, {way_ms} ms: waited {longest} ms");
        }
    }

    #[test]
    fn on_a_short_way_files_add_hardly_anything_to_the_waiting() {
        for (rate, way_ms) in [(12_500, 0), (12_500, 2), (40_000, 1)] {
            let (carried, longest, _) = run(rate, |_| way_ms, 60_000, 0..0);
            let share = carried * 100 / (rate * 60_000);
            assert!(share >= 70, "{rate} bytes a millisecond, {way_ms} ms: {share} %");
            assert!(longest <= 6, "{rate} bytes a millisecond, {way_ms} ms: waited {longest} ms");
        }
    }

    #[test]
    fn a_radio_that_hiccups_now_and_then_is_not_taken_for_a_queue() {
        let hiccups = |now: u64| if now.is_multiple_of(12) { 9 } else { 3 };
        let (carried, ..) = run(6_000, hiccups, 60_000, 0..0);
        let share = carried * 100 / (6_000 * 60_000);
        assert!(share >= 50, "{share} %");
    }

    #[test]
    fn files_give_way_to_others() {
        let (_, _, meanwhile) = run(2_500, |_| 20, 40_000, 10_000..40_000);
        assert!(meanwhile <= 2_500 / 20 * 30_000, "no more than what was left");
    }
}
