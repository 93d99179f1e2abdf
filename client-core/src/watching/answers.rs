//! When to say that frames have been shown. An answer costs more bytes on the
//! line than a typed letter, so one answer stands for several small frames,
//! with the time that it was held back, as in QUIC (RFC 9000, 13.2): the
//! shower measures the line as if it had come at once.

use mitblick_protocol::{peer_msg::FrameNumber, time::Moment};
use std::time::Duration;

/// Longest time that an answer is held back.
const LONGEST: Duration = Duration::from_millis(250);
/// From so many unanswered bytes on the answer goes out at once: the shower
/// has to know when the line has room again.
const MANY_BYTES: usize = 512;
/// From so many unanswered frames on it goes out at once too.
const MANY_FRAMES: u32 = 4;

/// A frame to be answered now, and how long the answer was held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) number: FrameNumber,
    pub(crate) held: Duration,
}

/// Frames that were shown and not answered yet.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    /// The newest, and when it was shown.
    newest: Option<(FrameNumber, Moment)>,
    bytes: usize,
    frames: u32,
    due: Option<Moment>,
}

impl Answers {
    /// A frame of so many bytes has been shown.
    pub(crate) fn shown(&mut self, number: FrameNumber, bytes: usize, now: Moment) {
        self.newest = Some((number, now));
        self.bytes = self.bytes.saturating_add(bytes);
        self.frames += 1;
        let at_once = self.bytes >= MANY_BYTES || self.frames >= MANY_FRAMES;
        let due = if at_once { now } else { now.after(LONGEST) };
        self.due = Some(self.due.map_or(due, |known| known.min(due)));
    }

    /// The next deadline.
    pub(crate) fn due(&self) -> Option<Moment> {
        self.due
    }

    /// What to answer now, if anything.
    pub(crate) fn take(&mut self, now: Moment) -> Option<Answer> {
        self.due.filter(|due| *due <= now)?;
        let (number, shown) = std::mem::take(self).newest?;
        Some(Answer { number, held: now.since(shown) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Moment {
        Moment::from_ms(ms)
    }

    fn answer(number: u64, held_ms: u64) -> Option<Answer> {
        Some(Answer { number: FrameNumber(number), held: Duration::from_millis(held_ms) })
    }

    #[test]
    fn one_answer_stands_for_letters_typed_after_each_other() {
        let mut answers = Answers::default();
        answers.shown(FrameNumber(1), 80, at(0));
        answers.shown(FrameNumber(2), 80, at(120));
        assert_eq!(answers.take(at(120)), None);
        assert_eq!(answers.due(), Some(at(250)), "counted from the first");
        assert_eq!(answers.take(at(250)), answer(2, 130));
        assert_eq!((answers.due(), answers.take(at(900))), (None, None));
    }

    #[test]
    fn what_fills_the_line_is_answered_at_once() {
        let mut answers = Answers::default();
        answers.shown(FrameNumber(1), MANY_BYTES, at(5));
        assert_eq!(answers.take(at(5)), answer(1, 0));
        answers.shown(FrameNumber(2), MANY_BYTES - 1, at(9));
        assert_eq!(answers.take(at(9)), None);
        answers.shown(FrameNumber(3), 1, at(10));
        assert_eq!(answers.take(at(10)), answer(3, 0));
    }

    #[test]
    fn many_small_frames_do_not_use_up_what_may_be_on_the_way() {
        let mut answers = Answers::default();
        for number in 1..u64::from(MANY_FRAMES) {
            answers.shown(FrameNumber(number), 20, at(number));
            assert_eq!(answers.take(at(number)), None);
        }
        answers.shown(FrameNumber(9), 20, at(9));
        assert_eq!(answers.take(at(9)), answer(9, 0));
    }
}
