//! A session in the customer's controller: records in and out, and what of it
//! is shown.

use super::cut::{Cut, Resumption};
use crate::{
    customer::{
        guide::{GuideView, Looking, MoreView},
        recording::Recordings,
        turn::{Turned, WatchingGuide, WatchingView},
        view::{ControlView, CustomerScreen, SharingView, Who},
    },
    line::LineMeter,
    outbox::Outbox,
    problem::Problem,
    receipt::KeeperSide,
    secure::SecureChannel,
    showing::{AppItem, names::KnownNames},
    together::{Noted, Together},
};
use mitblick_platform::stop_key::SecondStopKey;
use mitblick_protocol::{
    ask::AskText,
    geometry::Rect,
    peer_msg::{SharingState, ToShower, ToWatcher, TurnedToShower},
    sealed::Stream,
    session::{ShowerControl, ShowerSession, ShowerTurn},
    time::Moment,
    wire,
};
use std::sync::Arc;

/// A session as the customer's controller holds it.
pub(in crate::customer) struct Session {
    pub(in crate::customer) rules: ShowerSession,
    pub(in crate::customer) receipt: KeeperSide,
    /// The person has not said yet who called whom.
    pub(in crate::customer) asks_who_called: bool,
    pub(in crate::customer) recordings: Recordings,
    pub(in crate::customer) turned: Turned,
    pub(super) together: Together,
    pub(super) channel: SecureChannel,
    pub(super) outbox: Outbox,
    pub(super) resumption: Resumption,
    pub(super) cut: Option<Cut>,
    pub(super) who: Who,
    /// When it began.
    pub(super) since: Moment,
    pub(super) suite: String,
    pub(super) words: [[String; 4]; 2],
    pub(super) applications: Option<Vec<AppItem>>,
    pub(super) names: KnownNames,
    /// Titles to share as soon as a fresh list is there.
    pub(super) wanted_titles: Option<WantedTitles>,
    /// Whether the person looks at what else could be shown.
    pub(in crate::customer) lists_more: bool,
    /// Whether the person looks at what the advisor sees.
    pub(in crate::customer) preview: Option<Looking>,
    pub(super) shown: Vec<String>,
    pub(super) windows: Vec<Rect>,
    pub(super) problem: Option<Problem>,
    pub(super) control_problem: Option<Problem>,
    /// Until when it is said that a yes did not count.
    pub(super) not_by_hand_until: Option<Moment>,
    pub(super) shown_before: bool,
    pub(super) shown_ms: u64,
    pub(super) shown_since: Option<Moment>,
    pub(super) line: LineMeter,
    /// Whether the person looks at the line's facts.
    pub(super) shows_line: bool,
    pub(super) refresh_at: Option<Moment>,
    pub(super) tick_at: Moment,
}

/// Titles of what is to be shown.
#[derive(Clone, Debug)]
pub(super) struct WantedTitles {
    pub(super) titles: Vec<String>,
    /// Beside what is shown, not in its place.
    pub(super) also: bool,
}

impl Session {
    /// How the advisor guides.
    pub(super) fn guide(&self) -> GuideView {
        let shown = self.rules.selection().map(|shown| &shown.applications);
        let more = (self.lists_more && shown.is_some()).then(|| {
            let is_more = |item: &&AppItem| shown.is_none_or(|shown| !shown.contains(&item.id));
            MoreView {
                applications: self.applications.as_ref().map(|all| all.iter().filter(is_more).cloned().collect()),
            }
        });
        let asked = self.rules.asked_to_show().map(AskText::visible);
        let is_hidden = |item: &&AppItem| shown.is_none_or(|shown| !shown.contains(&item.id));
        let hidden = self.applications.as_ref().map(|all| all.iter().filter(is_hidden).map(|item| item.titles.len()));
        let preview = self.preview.as_ref().map(|looking| looking.view(hidden.map(Iterator::sum)));
        GuideView::of(&self.rules.state(), asked, more, preview)
    }

    pub(super) fn receive(&mut self, record: &[u8], now: Moment) -> Result<(), ()> {
        let Some((stream, message)) = self.channel.opener.open(record, now).map_err(drop)? else {
            return Ok(());
        };
        match stream {
            Stream::Control | Stream::Input => {}
            Stream::Chat | Stream::File => {
                return self.together.receive(stream, &message, now).map_err(|hostile| {
                    tracing::warn!(%hostile, "the other side broke the rules");
                });
            }
            // Only who shows sends pictures, and the advisor only in a turn.
            Stream::Picture => {
                let message = wire::decode::<ToShower, { wire::MAX_PICTURE_MESSAGE_BYTES }>(&message).map_err(drop)?;
                return if is_picture(&message) { self.take(message, now) } else { Err(()) };
            }
        }
        let message = wire::decode::<ToShower, { wire::MAX_CONTROL_MESSAGE_BYTES }>(&message).map_err(drop)?;
        if is_picture(&message) {
            return Err(());
        }
        self.take(message, now)
    }

    /// Pictures may come: the person has said so.
    pub(in crate::customer) fn take_pictures(&mut self) {
        self.channel.opener.refuse(None);
    }

    /// Says what of the advisor's picture has been shown, if it is time to.
    pub(in crate::customer) fn answer(&mut self, now: Moment) {
        if let Some(answer) = self.turned.answers.take(now) {
            let held_ms = u16::try_from(answer.held.as_millis()).unwrap_or(u16::MAX);
            self.rules.turned_frame_shown(answer.number, held_ms);
        }
    }

    fn take(&mut self, message: ToShower, now: Moment) -> Result<(), ()> {
        let receipt = match &message {
            ToShower::Receipt(message) => Some(message.clone()),
            _ => None,
        };
        let taken = self.rules.handle_message(message, now);
        let taken = taken.and_then(|()| receipt.map_or(Ok(()), |message| self.receipt.hear(message)));
        self.push_receipt();
        taken.map_err(|misbehaviour| {
            tracing::warn!(%misbehaviour, "the other side broke the rules");
        })
    }

    /// Says something, and writes it down. The entry comes after the word, that
    /// of the end before it, since nothing comes after that.
    pub(super) fn send(&mut self, message: &ToWatcher, now: Moment) {
        self.receipt.note(message, &self.shown, now);
        if matches!(message, ToWatcher::End(_)) {
            self.push_receipt();
        }
        push(&mut self.outbox, message);
        self.push_receipt();
    }

    /// Writes down what happened on the streams of what both can do alike.
    pub(super) fn note_together(&mut self, noted: Noted, now: Moment) {
        self.receipt.note_together(noted, now);
        self.push_receipt();
    }

    fn push_receipt(&mut self) {
        while let Some(message) = self.receipt.poll_message() {
            push(&mut self.outbox, &message);
        }
    }

    pub(super) fn has_record(&self) -> bool {
        !self.outbox.is_empty() || self.together.has_message()
    }

    pub(super) fn next_record(&mut self, now: Moment) -> Option<Vec<u8>> {
        // A piece of a file is made only when nothing else waits.
        if self.outbox.is_empty()
            && let Some((stream, message)) = self.together.next_message(now)
        {
            self.outbox.push(stream, message);
        }
        match self.outbox.next_record(&mut self.channel.sealer, now) {
            Ok(record) => {
                self.line.count(record.as_ref().map_or(0, Vec::len));
                record
            }
            Err(error) => {
                tracing::error!(%error, "a record can't be sealed");
                self.outbox = Outbox::default();
                None
            }
        }
    }

    /// Applications are listed again and again as long as somebody looks at them
    /// or at their number.
    pub(in crate::customer) fn follow_listing(&mut self, now: Moment) {
        let state = self.rules.state();
        let turned = matches!(state.turn, ShowerTurn::Granted { .. });
        let choosing = state.sharing == SharingState::Choosing && !turned;
        let lists = choosing || self.lists_more || self.preview.is_some();
        self.refresh_at = lists.then(|| self.refresh_at.unwrap_or(now));
    }

    pub(super) fn stop_clock(&mut self, now: Moment) {
        if let Some(since) = self.shown_since.take() {
            self.shown_ms += u64::try_from(now.since(since).as_millis()).unwrap_or(u64::MAX);
        }
    }

    pub(super) fn screen(&self, second_stop_key: Option<SecondStopKey>, now: Moment) -> CustomerScreen {
        let state = self.rules.state();
        if self.asks_who_called {
            let (who, suite, words) = (self.who.clone(), self.suite.clone(), self.words.clone());
            return CustomerScreen::WhoCalled { who, suite, words };
        }
        if let ShowerTurn::Granted { shown } = state.turn {
            return CustomerScreen::Watching(WatchingView {
                who: self.who.clone(),
                shown,
                guide: self.rules.turned_state().as_ref().map(WatchingGuide::of).unwrap_or_default(),
                picture: self.turned.picture.clone(),
                surfaces: Arc::clone(&self.turned.surfaces),
                suite: self.suite.clone(),
                words: self.words.clone(),
            });
        }
        if state.sharing == SharingState::Choosing {
            return CustomerScreen::Choose {
                who: self.who.clone(),
                applications: self.applications.clone(),
                again: self.shown_before,
                problem: self.problem.clone(),
                suite: self.suite.clone(),
                words: self.words.clone(),
            };
        }
        let control = match state.control {
            ShowerControl::None => ControlView::None,
            ShowerControl::Asked { .. } => ControlView::Asked,
            ShowerControl::Granted { until, .. } => ControlView::Granted {
                remaining_s: until
                    .map(|until| u32::try_from(until.since(now).as_millis().div_ceil(1000)).unwrap_or(u32::MAX)),
            },
            ShowerControl::Refused => ControlView::Refused,
            ShowerControl::Ended(end) => ControlView::Ended(end),
        };
        CustomerScreen::Sharing(SharingView {
            who: self.who.clone(),
            applications: self.shown.clone(),
            paused: state.sharing == SharingState::Paused,
            comes_back: state.cut == Some(true),
            control,
            asks_more: matches!(state.control, ShowerControl::Granted { asks_more: true, .. }),
            suite: self.suite.clone(),
            words: self.words.clone(),
            minutes: now.since(self.since).as_secs() / 60,
            sent_bytes: self.line.bytes(),
            line: self.shows_line.then(|| self.line.view()),
            problem: self.control_problem.clone(),
            second_stop_key,
        })
    }
}

/// Whether a message belongs to the stream of pictures.
const fn is_picture(message: &ToShower) -> bool {
    matches!(message, ToShower::Turned { message, .. } if message.is_picture())
}

/// Puts a message where its urgency says.
pub(super) fn push(outbox: &mut Outbox, message: &ToWatcher) {
    let bytes = match wire::encode(message) {
        Ok(bytes) => bytes,
        Err(error) => return tracing::error!(%error, "a message can't be written"),
    };
    match message {
        ToWatcher::Frame(_) | ToWatcher::FreshFrame(_) => outbox.push(Stream::Picture, bytes),
        // That it points at nothing any more must not give way.
        ToWatcher::Turned { message: TurnedToShower::Point { at: Some(_), .. }, .. } => {
            outbox.push_newest(Stream::Input, bytes);
        }
        ToWatcher::Turned { message, .. } if message.is_pointing() => outbox.push(Stream::Input, bytes),
        _ => outbox.push(Stream::Control, bytes),
    }
}
