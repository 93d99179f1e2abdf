//! The watcher's machine. It sends what its human wants and the shower has
//! allowed, and takes nothing from a shower that an honest one can't send.

mod cut;
mod more_time;
mod pointing;
mod recording;
mod turn;

use super::{AskState, EndedBy, Misbehaviour, Permitted, ViewSelection, asks::OwnAsks, frames, marks::Pointing};
use crate::{
    input::{InputEvent, InputRefusal},
    marks::ShownMarks,
    peer_msg::{
        ControlEnd, ControlState, EndReason, Frame, FrameNumber, GrantId, RecordingState, SharingState, ToShower,
        ToWatcher, TurnEnd,
    },
    text::DisplayText,
    time::Moment,
};
use alloc::collections::VecDeque;
use core::time::Duration;
use more_time::OwnMoreTime;
use recording::Recording;
use turn::Turn;

/// What the watcher's program must do, in this order.
#[derive(Clone, Debug)]
pub enum WatcherEffect {
    /// Seal and send this.
    Send(ToShower),
    /// Take this frame into the picture.
    Frame(Frame),
    /// The same; what was sent before is of no use for it and those to come.
    FreshFrame(Frame),
    /// [`WatcherSession::marks`] has changed.
    Marks,
    /// [`WatcherSession::state`] has changed. When sharing changes, the picture
    /// is forgotten: every showing begins with an empty one.
    Changed,
    /// Input had no effect at the shower.
    InputRefused {
        /// Why.
        reason: InputRefusal,
        /// How many events.
        events: u32,
    },
    /// Begin to capture for a turn, with an empty picture.
    StartCapture(Permitted<ViewSelection>),
    /// Stop capturing. Frames that wait to be sealed must not leave.
    StopCapture,
    /// The other side has shown this frame of a turn.
    TurnedFrameShown {
        /// The newest that it has shown.
        number: FrameNumber,
        /// From showing it to saying so, in milliseconds.
        held_ms: u16,
    },
    /// Whether the other side can decode moving pictures.
    TurnedDecodesVideo(bool),
    /// All that the other side points at in a turn from here on, in place of
    /// what it pointed at before.
    TurnedMarks(Permitted<ShownMarks>),
    /// It is over; nothing follows.
    Ended(EndReason, EndedBy),
}

/// The turned direction as the watcher sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WatcherTurn {
    /// Not turned and not asked for.
    None,
    /// This side asks; the human at the shower has not decided.
    Asked,
    /// This side shows.
    Granted {
        /// Whether it shows something.
        sharing: SharingState,
    },
    /// The human at the shower said no.
    Refused,
    /// It was turned and has ended.
    Ended(TurnEnd),
}

/// What people at the watcher must see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WatcherState {
    /// What the shower is doing.
    pub sharing: SharingState,
    /// Whether this side may control. `remaining_s` is as it was when control
    /// was granted.
    pub control: ControlState,
    /// While control is granted for a limited time: what became of the request
    /// for more.
    pub more_time: AskedMore,
    /// When the session ends by the shower's rules, once it has said so.
    pub ends_at: Option<Moment>,
    /// Whether the shower sees what is pointed at.
    pub pointing_allowed: bool,
    /// How many marks there are.
    pub marks: usize,
    /// Whether the shower's pointer is to stand out.
    pub points_out: bool,
    /// What became of the newest request to be shown something.
    pub ask: AskState,
    /// Whether this side may record.
    pub recording: RecordingState,
    /// Whether this side shows something of its own.
    pub turn: WatcherTurn,
}

/// A request for more time as the watcher sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum AskedMore {
    /// There is none.
    #[default]
    Nothing,
    /// The human at the shower has not decided.
    Asked,
    /// The human at the shower said no.
    Refused,
}

/// Control as the shower's messages have it, whatever this side wants since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Nothing,
    Asked,
    Granted,
}

/// The watcher's side of a session.
#[derive(Debug)]
pub struct WatcherSession {
    heard_hello: bool,
    ended: bool,
    sharing: SharingState,
    control: ControlState,
    told: Told,
    /// Whether the human here wants control, as last said.
    wanted: bool,
    last_grant: GrantId,
    /// This side stops by itself then, should the shower's word be late.
    control_until: Option<Moment>,
    more_time: OwnMoreTime,
    last_frame: FrameNumber,
    last_shown: FrameNumber,
    /// As last told; not at first.
    decodes_video: bool,
    ends_at: Option<Moment>,
    /// Without a link.
    cut: bool,
    /// Nothing was said of sharing since the link was restored.
    fresh: bool,
    pointing: Pointing,
    asks: OwnAsks,
    recording: Recording,
    turn: Turn,
    effects: VecDeque<WatcherEffect>,
}

fn hello() -> ToShower {
    ToShower::Hello { version: DisplayText::cleaned(env!("CARGO_PKG_VERSION")) }
}

impl WatcherSession {
    /// A session in which nothing is shown yet.
    pub fn new(now: Moment) -> Self {
        Self {
            heard_hello: false,
            ended: false,
            sharing: SharingState::Choosing,
            control: ControlState::None,
            told: Told::Nothing,
            wanted: false,
            last_grant: GrantId(0),
            control_until: None,
            more_time: OwnMoreTime::default(),
            last_frame: FrameNumber(0),
            last_shown: FrameNumber(0),
            decodes_video: false,
            ends_at: None,
            pointing: Pointing::new(now),
            asks: OwnAsks::new(),
            recording: Recording::new(),
            turn: Turn::new(),
            cut: false,
            fresh: false,
            effects: VecDeque::from([WatcherEffect::Send(hello())]),
        }
    }

    /// What people must see.
    pub fn state(&self) -> WatcherState {
        WatcherState {
            sharing: self.sharing,
            control: self.control,
            more_time: self.more_time.state(self.control),
            ends_at: self.ends_at,
            pointing_allowed: self.pointing.allowed,
            marks: self.pointing.count(),
            points_out: self.pointing.points_out,
            ask: self.asks.state,
            recording: self.recording.state,
            turn: self.turn.state(),
        }
    }

    /// What must be done next. To be drained after every other call.
    pub fn poll_effect(&mut self) -> Option<WatcherEffect> {
        self.effects.pop_front()
    }

    /// Until when control is granted, if it is for a limited time.
    pub const fn control_until(&self) -> Option<Moment> {
        self.control_until
    }

    /// When to call [`Self::handle_timeout`], if nothing happens before.
    pub fn poll_timeout(&self) -> Option<Moment> {
        if self.ended {
            None
        } else {
            self.control_until.into_iter().chain(self.pointing.due()).chain(self.turn.due()).min()
        }
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Moment) {
        if self.control_until.is_some_and(|until| until <= now) && !self.ended {
            self.lose_control(ControlState::Ended(ControlEnd::TimeOver));
        }
        self.pointing_due(now);
        self.turn_due(now);
    }

    /// Takes a message of the shower.
    ///
    /// # Errors
    /// An honest shower can't have sent this; the session has ended.
    pub fn handle_message(&mut self, message: ToWatcher, now: Moment) -> Result<(), Misbehaviour> {
        if self.ended || self.cut {
            return Ok(());
        }
        self.handle_timeout(now);
        let result = self.take(message, now);
        if result.is_err() {
            self.finish(EndReason::Misbehaved, EndedBy::ThisSide);
        }
        result
    }

    fn take(&mut self, message: ToWatcher, now: Moment) -> Result<(), Misbehaviour> {
        match message {
            ToWatcher::Hello { .. } if self.heard_hello => return Err(Misbehaviour::HelloTwice),
            ToWatcher::Hello { .. } => self.heard_hello = true,
            _ if !self.heard_hello => return Err(Misbehaviour::HelloMissing),
            ToWatcher::Sharing(sharing) => return self.sharing_changed(sharing),
            ToWatcher::Frame(frame) => return self.frame(frame, false),
            ToWatcher::FreshFrame(frame) => return self.frame(frame, true),
            ToWatcher::Control(control) => return self.control_changed(control, now),
            ToWatcher::MoreTime(told) => return self.more_time_changed(told, now),
            ToWatcher::InputRefused { reason, events } => {
                self.effects.push_back(WatcherEffect::InputRefused { reason, events });
            }
            ToWatcher::End(reason) => self.finish(reason, EndedBy::OtherSide),
            // For the receipt's own machine.
            ToWatcher::Receipt(_) => {}
            ToWatcher::EndsSoon { .. } if self.ends_at.is_some() => return Err(Misbehaviour::EndTwice),
            ToWatcher::EndsSoon { remaining_s } => {
                self.ends_at = Some(now.after(Duration::from_secs(u64::from(remaining_s))));
                self.changed();
            }
            ToWatcher::Pointing { .. }
            | ToWatcher::MarksCleared { .. }
            | ToWatcher::PointsOut(_)
            | ToWatcher::AskAnswered { .. } => return self.pointing_changed(&message),
            ToWatcher::Recording(told) => return self.recording_changed(told),
            ToWatcher::Turn(told) => return self.turn_changed(told, now),
            ToWatcher::Turned { turn, message } => return self.turned(turn, message, now),
        }
        Ok(())
    }

    fn sharing_changed(&mut self, sharing: SharingState) -> Result<(), Misbehaviour> {
        let fresh = core::mem::take(&mut self.fresh);
        let follows = match (self.sharing, sharing) {
            // It was paused before the cut, and is.
            (SharingState::Choosing, SharingState::Paused) if fresh => true,
            (SharingState::Choosing | SharingState::Paused, SharingState::Showing)
            | (SharingState::Showing, SharingState::Paused | SharingState::Choosing)
            | (SharingState::Paused, SharingState::Choosing) => true,
            (SharingState::Choosing, SharingState::Choosing | SharingState::Paused)
            | (SharingState::Showing, SharingState::Showing)
            | (SharingState::Paused, SharingState::Paused) => false,
        };
        // The shower ends control before it stops showing, and turns back
        // before it shows.
        let turned = self.turn.told == Told::Granted;
        if !follows || self.told != Told::Nothing || turned {
            return Err(Misbehaviour::SharingOrder);
        }
        self.sharing = sharing;
        self.follow_showing();
        if sharing != SharingState::Showing {
            // A request that is still on its way finds nothing shown.
            self.wanted = false;
            if self.control == ControlState::Asked {
                self.control = ControlState::None;
            }
        }
        self.changed();
        Ok(())
    }

    fn frame(&mut self, frame: Frame, fresh: bool) -> Result<(), Misbehaviour> {
        if frame.number <= self.last_frame {
            return Err(Misbehaviour::FrameOrder);
        }
        self.last_frame = frame.number;
        if !frames::keeps_limits(&frame) || (fresh && frame.scene.is_none()) {
            return Err(Misbehaviour::Scene);
        }
        // Pictures and control are different streams, so the word that showing
        // has ended may be ahead of a frame. It is not shown.
        if self.sharing == SharingState::Showing {
            if let Some(scene) = &frame.scene
                && self.pointing.scene(scene)
            {
                self.marks_changed();
            }
            self.effects.push_back(if fresh { WatcherEffect::FreshFrame(frame) } else { WatcherEffect::Frame(frame) });
        }
        Ok(())
    }

    fn control_changed(&mut self, control: ControlState, now: Moment) -> Result<(), Misbehaviour> {
        let showing = self.sharing == SharingState::Showing;
        let (follows, told) = match (control, self.told) {
            (ControlState::Asked, Told::Nothing) => (showing, Told::Asked),
            (ControlState::Granted { grant, .. }, Told::Asked) => (showing && grant > self.last_grant, Told::Granted),
            (ControlState::Refused | ControlState::Ended(ControlEnd::Forbidden), Told::Nothing | Told::Asked)
            | (ControlState::None | ControlState::Ended(ControlEnd::NotAvailable), Told::Asked)
            | (ControlState::Ended(_), Told::Granted) => (true, Told::Nothing),
            (
                ControlState::None
                | ControlState::Asked
                | ControlState::Granted { .. }
                | ControlState::Refused
                | ControlState::Ended(_),
                Told::Nothing | Told::Asked | Told::Granted,
            ) => (false, Told::Nothing),
        };
        if !follows {
            return Err(Misbehaviour::ControlOrder);
        }
        let before = core::mem::replace(&mut self.told, told);
        self.more_time = OwnMoreTime::default();
        let asks_anew = self.control == ControlState::Asked;
        match control {
            ControlState::Asked | ControlState::Granted { .. } if !self.wanted => {
                // Not wanted any more (or never): no key typed here goes there.
                if let ControlState::Granted { grant, .. } = control {
                    self.last_grant = grant;
                }
                self.send(ToShower::GiveBackControl);
            }
            ControlState::Asked => self.control = ControlState::Asked,
            ControlState::Granted { grant, remaining_s } => {
                self.last_grant = grant;
                self.control = control;
                self.control_until = remaining_s.map(|s| now.after(Duration::from_secs(u64::from(s))));
            }
            // It is about what this side gave back or lost already; the request
            // made since stands.
            ControlState::None if asks_anew => {}
            ControlState::Ended(_) if asks_anew && before == Told::Granted => {}
            ControlState::None | ControlState::Refused | ControlState::Ended(_) => self.lose_control(control),
        }
        self.changed();
        Ok(())
    }

    /// Asks for control. `false` if there is no use in it: nothing is shown,
    /// or it is asked for or granted already.
    pub fn request_control(&mut self, now: Moment) -> bool {
        self.handle_timeout(now);
        if self.ended || self.wanted || self.sharing != SharingState::Showing {
            return false;
        }
        self.wanted = true;
        self.control = ControlState::Asked;
        self.send(ToShower::RequestControl);
        self.changed();
        true
    }

    /// Takes the request back, or gives control back. `false` if there is
    /// neither.
    pub fn give_back_control(&mut self, now: Moment) -> bool {
        self.handle_timeout(now);
        if self.ended || !self.wanted {
            return false;
        }
        let granted = matches!(self.control, ControlState::Granted { .. });
        self.more_time.give_back();
        self.send(ToShower::GiveBackControl);
        self.lose_control(if granted { ControlState::Ended(ControlEnd::GivenBack) } else { ControlState::None });
        true
    }

    /// Sends input. `false` if control is not granted.
    pub fn input(&mut self, event: InputEvent) -> bool {
        let ControlState::Granted { grant, .. } = self.control else { return false };
        if self.ended {
            return false;
        }
        self.send(ToShower::Input { grant, event });
        true
    }

    /// This frame, and all before it, have been taken in and shown; `held_ms`
    /// is how long saying so was put off, in milliseconds. Each counts once.
    pub fn frame_shown(&mut self, number: FrameNumber, held_ms: u16) {
        if !self.ended && number > self.last_shown && number <= self.last_frame {
            self.last_shown = number;
            self.send(ToShower::FrameShown { number, held_ms });
        }
    }

    /// Whether moving pictures can be decoded here. Told when it changes.
    pub fn decodes_video(&mut self, can: bool) {
        if !self.ended && core::mem::replace(&mut self.decodes_video, can) != can {
            self.send(ToShower::DecodesVideo(can));
        }
    }

    /// Ends the session from this side.
    pub fn end(&mut self, reason: EndReason, _now: Moment) {
        self.finish(reason, EndedBy::ThisSide);
    }

    fn lose_control(&mut self, control: ControlState) {
        self.control = control;
        self.control_until = None;
        self.wanted = false;
        self.changed();
    }

    fn finish(&mut self, reason: EndReason, by: EndedBy) {
        if core::mem::replace(&mut self.ended, true) {
            return;
        }
        self.sharing = SharingState::Choosing;
        self.follow_showing();
        self.control = ControlState::None;
        self.control_until = None;
        self.recording = Recording::new();
        self.finish_turn();
        if by == EndedBy::ThisSide {
            self.send(ToShower::End(reason));
        }
        self.effects.push_back(WatcherEffect::Ended(reason, by));
    }

    fn send(&mut self, message: ToShower) {
        if self.cut {
            return;
        }
        self.effects.push_back(WatcherEffect::Send(message));
    }

    fn changed(&mut self) {
        if !matches!(self.effects.back(), Some(WatcherEffect::Changed)) {
            self.effects.push_back(WatcherEffect::Changed);
        }
    }
}
