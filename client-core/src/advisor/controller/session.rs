//! One session of the advisor's: records in and out, answers to frames, and
//! what of it is shown.

use super::{
    SLOW_TICK, TICK,
    cut::{Cut, Resumption},
    recording::Recording,
    turn::Turned,
};
use crate::{
    advisor::{picture::PictureStore, view::ViewerView},
    customer::ControlView,
    line::LineMeter,
    outbox::Outbox,
    receipt::WitnessSide,
    secure::SecureChannel,
    together::{Noted, Together},
    watching::Answers,
};
use mitblick_protocol::{
    input::{InputEvent, InputRefusal},
    peer_msg::{ControlState, SharingState, Surface, ToShower, ToWatcher},
    policy::{ControlRule, Limits},
    sealed::Stream,
    session::{Misbehaviour, WatcherSession},
    time::Moment,
    wire,
};
use std::{sync::Arc, time::Duration};

/// A session as the advisor's controller holds it.
pub(super) struct Session {
    pub(super) rules: WatcherSession,
    pub(super) receipt: WitnessSide,
    pub(super) together: Together,
    pub(super) channel: SecureChannel,
    pub(super) outbox: Outbox,
    pub(super) resumption: Resumption,
    pub(super) cut: Option<Cut>,
    pub(super) suite: String,
    pub(super) words: [[String; 4]; 2],
    pub(super) limits: Limits,
    pub(super) surfaces: Arc<Vec<Surface>>,
    /// As of the last change, to see changes.
    pub(super) sharing: SharingState,
    pub(super) refusal: Option<InputRefusal>,
    pub(super) since: Moment,
    /// From the opened number to the customer who joined.
    pub(super) waited: Duration,
    /// What it is about, for the advisor's own list.
    pub(super) subject: String,
    /// When the control that is granted ends.
    pub(super) line: LineMeter,
    pub(super) answers: Answers,
    pub(super) recording: Recording,
    pub(super) turned: Turned,
    /// Whether the person looks at the line's facts.
    pub(super) shows_line: bool,
    pub(super) tick_at: Moment,
}

impl Session {
    /// Says what has been shown, if it is time to.
    pub(super) fn answer(&mut self, now: Moment) {
        if let Some(answer) = self.answers.take(now) {
            let held_ms = u16::try_from(answer.held.as_millis()).unwrap_or(u16::MAX);
            self.rules.frame_shown(answer.number, held_ms);
        }
    }

    /// How often the window counts on.
    pub(super) fn tick(&self) -> Duration {
        let counts = self.rules.control_until().is_some() || self.shows_line || self.rules.state().ends_at.is_some();
        if counts || self.cut.is_some() { TICK } else { SLOW_TICK }
    }

    pub(super) fn receive(&mut self, record: &[u8], now: Moment) -> Result<(), ()> {
        self.line.count(record.len());
        let Some((stream, message)) = self.channel.opener.open(record, now).map_err(drop)? else {
            return Ok(());
        };
        // The other side has the newer secret too.
        self.resumption.secrets.heard();
        let message = match stream {
            Stream::Control => wire::decode::<ToWatcher, { wire::MAX_CONTROL_MESSAGE_BYTES }>(&message),
            Stream::Picture => wire::decode::<ToWatcher, { wire::MAX_PICTURE_MESSAGE_BYTES }>(&message),
            Stream::Chat | Stream::File => {
                return self.together.receive(stream, &message, now).map_err(|hostile| {
                    tracing::warn!(%hostile, "the other side broke the rules");
                });
            }
            // Only who looks points, and the customer only in a turn.
            Stream::Input => wire::decode::<ToWatcher, { wire::MAX_CONTROL_MESSAGE_BYTES }>(&message),
        };
        let message = message.map_err(drop)?;
        if stream != stream_of(&message) {
            return Err(());
        }
        let heard = self.receipt.hear(&message, now);
        let taken = self.rules.handle_message(message, now).and(heard);
        self.push_receipt();
        taken.map_err(|misbehaviour| {
            tracing::warn!(%misbehaviour, "the other side broke the rules");
        })
    }

    /// Says something; before the end, that it is the end.
    pub(super) fn send(&mut self, message: &ToShower, now: Moment) {
        if matches!(message, ToShower::End(_)) {
            self.receipt.farewell(now);
            self.push_receipt();
        }
        self.push(message);
        // The key, after the hello.
        self.push_receipt();
    }

    /// What happened on the streams of what both can do alike, as this side saw
    /// it.
    pub(super) fn note_together(&mut self, noted: Noted, now: Moment) -> Result<(), Misbehaviour> {
        let told = self.receipt.note_together(noted, now);
        self.push_receipt();
        told
    }

    fn push_receipt(&mut self) {
        while let Some(message) = self.receipt.poll_message() {
            self.push(&message);
        }
    }

    pub(super) fn push(&mut self, message: &ToShower) {
        let bytes = match wire::encode(message) {
            Ok(bytes) => bytes,
            Err(error) => return tracing::error!(%error, "a message can't be written"),
        };
        match message {
            ToShower::Input { event: InputEvent::PointerMove { .. }, .. } => {
                self.outbox.push_newest(Stream::Input, bytes);
            }
            // That it points at nothing any more must not give way.
            ToShower::Point { at: Some(_), .. } => self.outbox.push_newest(Stream::Input, bytes),
            ToShower::Point { at: None, .. } | ToShower::Mark { .. } | ToShower::ClearMarks => {
                self.outbox.push(Stream::Input, bytes);
            }
            ToShower::Input { .. } => self.outbox.push(Stream::Input, bytes),
            ToShower::Turned { message, .. } if message.is_picture() => self.outbox.push(Stream::Picture, bytes),
            ToShower::Turned { .. }
            | ToShower::Hello { .. }
            | ToShower::FrameShown { .. }
            | ToShower::DecodesVideo(_)
            | ToShower::RequestControl
            | ToShower::GiveBackControl
            | ToShower::RequestMoreTime { .. }
            | ToShower::Receipt(_)
            | ToShower::AskToShow { .. }
            | ToShower::RequestRecording
            | ToShower::StopRecording { .. }
            | ToShower::RequestTurn
            | ToShower::EndTurn { .. }
            | ToShower::End(_) => self.outbox.push(Stream::Control, bytes),
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
        self.outbox.next_record(&mut self.channel.sealer, now).unwrap_or_else(|error| {
            tracing::error!(%error, "a record can't be sealed");
            self.outbox = Outbox::default();
            None
        })
    }

    pub(super) fn view(&self, picture: &Arc<PictureStore>, now: Moment) -> ViewerView {
        let state = self.rules.state();
        let remaining_s =
            |until: Moment| u32::try_from(until.since(now).as_millis().div_ceil(1000)).unwrap_or(u32::MAX);
        let control = match state.control {
            ControlState::None => ControlView::None,
            ControlState::Asked => ControlView::Asked,
            ControlState::Granted { .. } => {
                ControlView::Granted { remaining_s: self.rules.control_until().map(remaining_s) }
            }
            ControlState::Refused => ControlView::Refused,
            ControlState::Ended(end) => ControlView::Ended(end),
        };
        ViewerView {
            sharing: state.sharing,
            picture: Arc::clone(picture),
            surfaces: Arc::clone(&self.surfaces),
            control,
            more_time: state.more_time,
            control_forbidden: self.limits.control == ControlRule::Forbidden,
            ends_in_s: state.ends_at.map(remaining_s),
            awaited: None,
            refusal: self.refusal,
            suite: self.suite.clone(),
            words: self.words.clone(),
            since_s: now.since(self.since).as_secs(),
            received_bytes: self.line.bytes(),
            line: self.shows_line.then(|| self.line.view()),
            together: self.together.view(),
            cut_s: self
                .cut
                .as_ref()
                .map(|cut| u32::try_from(cut.reconnect.left(now).as_millis().div_ceil(1000)).unwrap_or(u32::MAX)),
            pointing_allowed: state.pointing_allowed,
            marks: state.marks,
            points_out: state.points_out,
            ask: state.ask,
            recording: self.recording.view(state.recording, self.limits.recording),
            turn: self.turned.view(&self.rules, self.limits.turn),
        }
    }
}

/// The stream to which a message of the customer's belongs.
const fn stream_of(message: &ToWatcher) -> Stream {
    match message {
        ToWatcher::Frame(_) | ToWatcher::FreshFrame(_) => Stream::Picture,
        ToWatcher::Turned { message, .. } if message.is_pointing() => Stream::Input,
        _ => Stream::Control,
    }
}
