//! The turned direction at the shower: for a while nothing of this side is
//! shown, and its human looks at what the watcher shows. The code at work is the
//! watcher's own machine, made anew for each turn and dropped with it.

use super::{NotAsked, ShowerEffect, ShowerRecording, ShowerSession, ShowerTurn, View};
use crate::{
    marks::Mark,
    peer_msg::{
        FrameNumber, PointerPlace, RecordingEnd, RecordingState, SharingState, ToWatcher, TurnEnd, TurnId, TurnState,
        TurnedToShower, TurnedToWatcher,
    },
    policy::TurnRule,
    session::{
        Drawing, Misbehaviour, WatcherEffect, WatcherSession, WatcherState,
        asks::{Ask, Asks},
    },
    text::DisplayText,
    time::Moment,
};
use alloc::{boxed::Box, vec::Vec};

/// Whether the watcher may show something, and what looks at it.
#[derive(Debug)]
pub(super) struct Turn {
    /// While it is not turned.
    rests: ShowerTurn,
    live: Option<Live>,
    /// The number of the newest turn; 0 = none yet.
    last: TurnId,
    asks: Asks,
}

#[derive(Debug)]
struct Live {
    turn: TurnId,
    watching: Box<WatcherSession>,
}

impl Turn {
    pub(super) const fn new(now: Moment) -> Self {
        Self { rests: ShowerTurn::None, live: None, last: TurnId(0), asks: Asks::new(now) }
    }

    pub(super) fn state(&self) -> ShowerTurn {
        match &self.live {
            Some(live) => ShowerTurn::Granted { shown: live.watching.state().sharing },
            None => self.rests,
        }
    }

    pub(super) const fn is_live(&self) -> bool {
        self.live.is_some()
    }

    pub(super) fn due(&self) -> Option<Moment> {
        self.live.as_ref().and_then(|live| live.watching.poll_timeout())
    }

    /// The session is over.
    pub(super) fn finish(&mut self) {
        (self.live, self.rests) = (None, ShowerTurn::None);
    }
}

impl ShowerSession {
    pub(super) fn turn_asked(&mut self, now: Moment) -> Result<(), Misbehaviour> {
        let ask = self.turn.asks.ask(now);
        if ask == Ask::Flood {
            return Err(Misbehaviour::AsksFlood);
        }
        // Once more before our word reached the watcher: that answers it.
        if matches!(self.turn.state(), ShowerTurn::Asked { .. } | ShowerTurn::Granted { .. }) {
            return Ok(());
        }
        if self.limits.turn == TurnRule::Forbidden {
            let end = TurnEnd::Forbidden;
            self.settle_turn(ShowerTurn::Ended(end), TurnState::Ended(end));
        } else if ask == Ask::TooSoon {
            self.settle_turn(ShowerTurn::Refused, TurnState::Refused);
        } else {
            self.settle_turn(ShowerTurn::Asked { since: now }, TurnState::Asked);
        }
        Ok(())
    }

    /// The watcher takes its request back, or turns back.
    pub(super) fn turn_given_back(&mut self, broken: bool) {
        match self.turn.state() {
            ShowerTurn::Granted { .. } => self.end_turn(if broken { TurnEnd::Broken } else { TurnEnd::GivenBack }),
            ShowerTurn::Asked { .. } => self.settle_turn(ShowerTurn::None, TurnState::None),
            // It crossed our word that it had ended already.
            ShowerTurn::None | ShowerTurn::Refused | ShowerTurn::Ended(_) => {}
        }
    }

    /// A word of a turn. One of a turn that is over may be late.
    pub(super) fn turned(&mut self, turn: TurnId, message: TurnedToWatcher, now: Moment) -> Result<(), Misbehaviour> {
        if turn.0 == 0 || turn > self.turn.last {
            return Err(Misbehaviour::TurnOrder);
        }
        let Some(live) = self.turn.live.as_mut().filter(|live| live.turn == turn) else { return Ok(()) };
        let taken = live.watching.handle_message(message.into(), now);
        self.drain_turned();
        taken
    }

    /// The human wants to see what the watcher shows. Everything that is shown
    /// of this side, and every right to it, ends first.
    ///
    /// # Errors
    /// The watcher does not ask (any more).
    pub fn allow_turn(&mut self, now: Moment) -> Result<(), NotAsked> {
        self.handle_timeout(now);
        if self.ended || !matches!(self.turn.state(), ShowerTurn::Asked { .. }) {
            return Err(NotAsked);
        }
        // A number is used once; 2^32 of them outlast every session.
        let turn = TurnId(self.turn.last.0.checked_add(1).ok_or(NotAsked)?);
        if !matches!(self.view, View::Choosing) {
            self.hide(View::Choosing, SharingState::Choosing);
        }
        match self.recording {
            ShowerRecording::Granted { .. } => self.end_recording(RecordingEnd::Turned),
            ShowerRecording::Asked { .. } => self.settle_recording(ShowerRecording::None, RecordingState::None),
            ShowerRecording::None | ShowerRecording::Refused | ShowerRecording::Ended(_) => {}
        }
        let mut watching = Box::new(WatcherSession::new(now));
        // A turn is its own hello; the first one can't be wrong.
        let _ = watching.handle_message(ToWatcher::Hello { version: DisplayText::default() }, now);
        self.turn.last = turn;
        self.turn.live = Some(Live { turn, watching });
        self.send(ToWatcher::Turn(TurnState::Granted { turn }));
        self.drain_turned();
        self.changed();
        Ok(())
    }

    /// The human says no, or turns back. `false` if there is neither a request
    /// nor a turn.
    pub fn turn_back(&mut self, now: Moment) -> bool {
        self.handle_timeout(now);
        match self.turn.state() {
            ShowerTurn::Granted { .. } => self.end_turn(TurnEnd::TakenBack),
            ShowerTurn::Asked { .. } => self.settle_turn(ShowerTurn::Refused, TurnState::Refused),
            ShowerTurn::None | ShowerTurn::Refused | ShowerTurn::Ended(_) => return false,
        }
        true
    }

    pub(super) fn turn_due(&mut self, now: Moment) {
        if let Some(live) = &mut self.turn.live {
            live.watching.handle_timeout(now);
            self.drain_turned();
        }
    }

    /// What is shown of this side turns back first.
    pub(super) fn turn_back_to_show(&mut self) {
        if self.turn.is_live() {
            self.end_turn(TurnEnd::TakenBack);
        }
    }

    /// The link broke: it has to be asked for anew.
    pub(super) fn cut_turn(&mut self) {
        match self.turn.state() {
            ShowerTurn::Granted { .. } => self.end_turn(TurnEnd::LinkLost),
            ShowerTurn::Asked { .. } => self.settle_turn(ShowerTurn::None, TurnState::None),
            ShowerTurn::None | ShowerTurn::Refused | ShowerTurn::Ended(_) => {}
        }
    }

    /// This frame of the turn, and all before it, have been taken in and shown;
    /// see [`WatcherSession::frame_shown`].
    pub fn turned_frame_shown(&mut self, number: FrameNumber, held_ms: u16) {
        if let Some(live) = &mut self.turn.live {
            live.watching.frame_shown(number, held_ms);
        }
        self.drain_turned();
    }

    /// Whether moving pictures can be decoded here.
    pub fn turned_decodes_video(&mut self, can: bool) {
        if let Some(live) = &mut self.turn.live {
            live.watching.decodes_video(can);
        }
        self.drain_turned();
    }

    /// What holds inside of the turn, as its watcher has it.
    pub fn turned_state(&self) -> Option<WatcherState> {
        self.turn.live.as_ref().map(|live| live.watching.state())
    }

    /// The marks of this side over what the watcher shows.
    pub fn turned_marks(&self) -> Vec<Mark> {
        self.turn.live.as_ref().map(|live| live.watching.marks()).unwrap_or_default()
    }

    /// Points at a place of what the watcher shows, or at nothing any more; see
    /// [`WatcherSession::point`].
    pub fn turned_point(&mut self, at: Option<PointerPlace>, now: Moment) {
        self.in_turn(now, |watching| watching.point(at, now));
    }

    /// Draws a mark over what the watcher shows, or with `again` the newest one
    /// anew. `false` if it can't be drawn now.
    pub fn turned_draw(&mut self, drawing: Drawing, again: bool, now: Moment) -> bool {
        self.in_turn(now, |watching| watching.draw(drawing, again, now)).unwrap_or(false)
    }

    /// Takes those marks away. `false` if there are none.
    pub fn turned_clear_marks(&mut self, now: Moment) -> bool {
        self.in_turn(now, |watching| watching.clear_marks(now)).unwrap_or(false)
    }

    fn in_turn<T>(&mut self, now: Moment, act: impl FnOnce(&mut WatcherSession) -> T) -> Option<T> {
        self.handle_timeout(now);
        let done = self.turn.live.as_mut().map(|live| act(&mut live.watching));
        self.drain_turned();
        done
    }

    fn end_turn(&mut self, end: TurnEnd) {
        self.turn.live = None;
        self.drop_turned_frames();
        self.settle_turn(ShowerTurn::Ended(end), TurnState::Ended(end));
    }

    /// No pixel of a turn outlives it.
    pub(super) fn drop_turned_frames(&mut self) {
        let is_frame =
            |effect: &ShowerEffect| matches!(effect, ShowerEffect::TurnedFrame(_) | ShowerEffect::TurnedFreshFrame(_));
        self.effects.retain(|effect| !is_frame(effect));
    }

    fn settle_turn(&mut self, turn: ShowerTurn, told: TurnState) {
        self.turn.rests = turn;
        self.send(ToWatcher::Turn(told));
        self.changed();
    }

    /// Does for the session what the machine of the turn wants.
    fn drain_turned(&mut self) {
        while let Some(live) = &mut self.turn.live
            && let Some(effect) = live.watching.poll_effect()
        {
            let turn = live.turn;
            match effect {
                WatcherEffect::Send(message) => {
                    if let Some(message) = TurnedToShower::of(message) {
                        self.send(ToWatcher::Turned { turn, message });
                    }
                }
                WatcherEffect::Frame(frame) => self.effects.push_back(ShowerEffect::TurnedFrame(frame)),
                WatcherEffect::FreshFrame(frame) => self.effects.push_back(ShowerEffect::TurnedFreshFrame(frame)),
                WatcherEffect::Marks => {
                    self.effects.retain(|effect| !matches!(effect, ShowerEffect::TurnedMarks));
                    self.effects.push_back(ShowerEffect::TurnedMarks);
                }
                WatcherEffect::Changed => self.changed(),
                // Nothing that could lead to these can be said in a turn; its
                // own end comes with an error, which ends the session.
                WatcherEffect::InputRefused { .. }
                | WatcherEffect::StartCapture(_)
                | WatcherEffect::StopCapture
                | WatcherEffect::TurnedFrameShown { .. }
                | WatcherEffect::TurnedDecodesVideo(_)
                | WatcherEffect::TurnedMarks(_)
                | WatcherEffect::Ended(..) => {}
            }
        }
    }
}
