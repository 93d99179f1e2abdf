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
        let (mut wanted_bytes, mut moved_bytes, mut done, mut failed) = (0, 0, 0, 0);
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
                    wanted_bytes += bytes;
                    moved_bytes += state.moved_bytes(bytes);
                    done += usize::from(matches!(state, FileState::Done(_)));
                    moves |= matches!(state, FileState::Moving(_) | FileState::Checking);
                }
            }
            FileView { name: Arc::clone(name), bytes, kind: *kind, state }
        });
        let files = files.collect();
        let held = offer.held_here || offer.held_there;
        let bytes_per_s = if moves && !held { known.rate(moved_bytes, now) } else { known.rest() };
        let left_s = bytes_per_s.filter(|rate| *rate > 0).map(|rate| (wanted_bytes - moved_bytes).div_ceil(rate));
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
