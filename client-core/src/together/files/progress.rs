//! What is shown of offers: names once made, amounts and rates anew each time.

use super::{
    shown_name,
    view::{FileView, OfferView},
};
use mitblick_protocol::{
    time::Moment,
    transfer::{FileKind, FileState, OfferNumber, OfferRef, Transfers, Way},
};
use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

/// A rate is of about so long: short enough to follow, long enough to read.
const RATE_OVER: Duration = Duration::from_secs(4);
/// A rate of less says nothing.
const RATE_FROM: Duration = Duration::from_millis(700);

#[derive(Debug)]
struct Known {
    names: Vec<(Arc<str>, FileKind)>,
    /// Bytes there, at times.
    samples: VecDeque<(Moment, u64)>,
}

/// What is remembered of offers to show them.
#[derive(Debug, Default)]
pub(super) struct Progress(HashMap<(Way, OfferNumber), Known>);

/// All offers as they are shown: those that ask first, then the newest first.
pub(super) fn views(transfers: &Transfers, progress: &mut Progress, now: Moment) -> Vec<OfferView> {
    let mut views: Vec<_> = transfers
        .offers()
        // The list of one that is still coming is not shown.
        .filter(|offer| offer.asks || offer.over || offer.files.iter().any(|file| file.state != FileState::Offered))
        .map(|offer| progress.view(&offer, now))
        .collect();
    progress.0.retain(|key, _| views.iter().any(|view| (view.way, view.number) == *key));
    views.reverse();
    views.sort_by_key(|view| (!view.asks_me(), view.over));
    views
}

impl Progress {
    fn view(&mut self, offer: &OfferRef<'_>, now: Moment) -> OfferView {
        let known = self.0.entry((offer.way, offer.number)).or_insert_with(|| Known {
            names: offer
                .files
                .iter()
                .map(|file| {
                    let name = shown_name(file.offered);
                    let kind = FileKind::of_name(&name);
                    (name.into(), kind)
                })
                .collect(),
            samples: VecDeque::new(),
        });
        let (mut wanted_bytes, mut moved_bytes, mut done, mut failed) = (0_u64, 0_u64, 0, 0);
        let mut moves = false;
        let files = known.names.iter().zip(&offer.files).map(|((name, kind), file)| {
            let (bytes, state) = (file.offered.bytes, file.state);
            match state {
                FileState::Refused | FileState::Forbidden => {}
                FileState::Ended(_) => failed += 1,
                FileState::Offered
                | FileState::Waiting
                | FileState::Moving(_)
                | FileState::Checking
                | FileState::Done(_) => {
                    wanted_bytes = wanted_bytes.saturating_add(bytes);
                    moved_bytes = moved_bytes.saturating_add(state.moved_bytes(bytes));
                    done += usize::from(matches!(state, FileState::Done(_)));
                    moves |= matches!(state, FileState::Moving(_) | FileState::Checking);
                }
            }
            FileView { name: Arc::clone(name), bytes, kind: *kind, state }
        });
        let files = files.collect();
        let held = offer.held_here || offer.held_there;
        let bytes_per_s = if moves && !held { known.rate(moved_bytes, now) } else { known.rest() };
        let left_bytes = wanted_bytes.saturating_sub(moved_bytes);
        let left_s = bytes_per_s.filter(|rate| *rate > 0).map(|rate| left_bytes.div_ceil(rate));
        OfferView {
            way: offer.way,
            number: offer.number,
            asks: offer.asks,
            over: offer.over,
            held_here: offer.held_here,
            held_there: offer.held_there,
            files,
            wanted_bytes,
            moved_bytes,
            done,
            failed,
            bytes_per_s,
            left_s,
        }
    }
}

impl Known {
    fn rate(&mut self, moved_bytes: u64, now: Moment) -> Option<u64> {
        self.samples.push_back((now, moved_bytes));
        while self.samples.get(1).is_some_and(|(at, _)| now.since(*at) >= RATE_OVER) {
            self.samples.pop_front();
        }
        let (at, before) = *self.samples.front()?;
        let (time, bytes) = (now.since(at), moved_bytes.saturating_sub(before));
        if time < RATE_FROM {
            return None;
        }
        u64::try_from(u128::from(bytes) * 1_000 / time.as_millis().max(1)).ok()
    }

    /// Nothing moves: a rate from before is of no use after.
    fn rest(&mut self) -> Option<u64> {
        self.samples.clear();
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mitblick_protocol::transfer::{FileEnd, FileRef, OfferedFile, PathPart, Sha256};

    const BYTES: u64 = 4_800_000;

    fn file() -> OfferedFile {
        OfferedFile { path: vec![PathPart::new("film.mp4")], bytes: BYTES }
    }

    fn offer<'a>(offered: &'a OfferedFile, states: &[FileState]) -> OfferRef<'a> {
        let files = states.iter().map(|&state| FileRef { offered, state }).collect();
        let number = OfferNumber(1);
        OfferRef { number, way: Way::In, asks: false, over: false, held_here: false, held_there: false, files }
    }

    /// Rate and time left when so many bytes are there, at times in milliseconds.
    fn shown(progress: &mut Progress, steps: &[(u64, u64)]) -> Vec<(Option<u64>, Option<u64>)> {
        let file = file();
        let step = |&(at_ms, moved)| {
            let view = progress.view(&offer(&file, &[FileState::Moving(moved)]), Moment::from_ms(at_ms));
            assert_eq!((view.moved_bytes, view.wanted_bytes), (moved, BYTES));
            (view.bytes_per_s, view.left_s)
        };
        steps.iter().map(step).collect()
    }

    #[test]
    fn a_rate_is_said_once_there_is_one_and_the_time_left_follows_from_it() {
        let steps = [(9_000, 0), (9_500, 100_000), (10_000, 400_000), (11_000, 800_000)];
        let expected = [(None, None), (None, None), (Some(400_000), Some(11)), (Some(400_000), Some(10))];
        assert_eq!(shown(&mut Progress::default(), &steps), expected);
    }

    #[test]
    fn the_time_left_is_rounded_up_so_that_nothing_is_over_before_it_is() {
        let steps = [(0, 0), (1_000, 4_700_001), (2_000, 4_799_999)];
        let shown = shown(&mut Progress::default(), &steps);
        assert_eq!(shown[1..], [(Some(4_700_001), Some(1)), (Some(2_399_999), Some(1))]);
    }

    #[test]
    fn a_rate_is_of_the_last_seconds_and_not_of_the_whole_way() {
        let steps = [(0, 0), (1_000, 2_000_000), (5_000, 2_400_000), (9_000, 2_400_000)];
        let expected = [(None, None), (Some(2_000_000), Some(2)), (Some(100_000), Some(24)), (Some(0), None)];
        assert_eq!(shown(&mut Progress::default(), &steps), expected);
    }

    #[test]
    fn a_pause_on_either_side_forgets_the_rate() {
        let file = file();
        for (held_here, held_there) in [(true, false), (false, true)] {
            let mut progress = Progress::default();
            shown(&mut progress, &[(0, 0), (1_000, 400_000)]);
            let held = OfferRef { held_here, held_there, ..offer(&file, &[FileState::Moving(400_000)]) };
            let view = progress.view(&held, Moment::from_ms(1_500));
            assert_eq!((view.bytes_per_s, view.left_s, view.moved_bytes), (None, None, 400_000));
            let after = shown(&mut progress, &[(60_000, 400_000), (61_000, 500_000)]);
            assert_eq!(after, [(None, None), (Some(100_000), Some(43))]);
        }
    }

    #[test]
    fn sizes_that_are_too_large_together_stay_at_the_most_that_can_be() {
        let file = OfferedFile { bytes: u64::MAX, ..file() };
        let states = [FileState::Done(Sha256([0; 32])), FileState::Checking, FileState::Waiting];
        let view = Progress::default().view(&offer(&file, &states), Moment::from_ms(0));
        assert_eq!((view.wanted_bytes, view.moved_bytes), (u64::MAX, u64::MAX));
    }

    #[test]
    fn only_what_is_wanted_counts_and_what_is_there_or_failed_is_told_apart() {
        let states = [
            FileState::Done(Sha256([0; 32])),
            FileState::Moving(800_000),
            FileState::Waiting,
            FileState::Refused,
            FileState::Forbidden,
            FileState::Ended(FileEnd::DiskFull),
        ];
        let (file, mut progress) = (file(), Progress::default());
        let view = progress.view(&offer(&file, &states), Moment::from_ms(0));
        assert_eq!((view.wanted_bytes, view.moved_bytes), (3 * BYTES, BYTES + 800_000));
        assert_eq!((view.done, view.failed, view.why_failed()), (1, 1, Some(FileEnd::DiskFull)));
    }
}
