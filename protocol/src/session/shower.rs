//! The shower's machine. Every right begins with a verb that a human caused
//! and lives as long as this machine says.

mod cut;
mod input;
mod more_time;
mod pointing;
mod recording;
mod turn;
mod words;

pub use words::{
    ControlLimit, NotAsked, ShareError, ShowerControl, ShowerEffect, ShowerRecording, ShowerState, ShowerTurn,
};

use super::{
    EndedBy, Gates, Misbehaviour, Permitted, ViewSelection,
    asks::{Ask, Asks, ShowAsks},
    marks::Pointed,
    refusals::Refusals,
};
use crate::{
    ask::AskAnswer,
    input::InputEvent,
    marks::ShownMarks,
    peer_msg::{
        ControlEnd, ControlState, EndReason, Frame, FrameNumber, GrantId, RecordingEnd, SharingState, ToShower,
        ToWatcher, TurnEnd,
    },
    policy::{ControlRule, Limits},
    recording::RecordingOwners,
    text::DisplayText,
    time::Moment,
};
use alloc::collections::VecDeque;
use core::time::Duration;
use cut::Cut;
use turn::Turn;

/// How long before the longest session is over both sides are told.
const END_TOLD_BEFORE: Duration = Duration::from_secs(5 * 60);

/// What is shown, with the gate's epoch at which the human said so.
#[derive(Debug)]
enum View {
    Choosing,
    Showing { selection: ViewSelection, epoch: u64 },
    Paused { selection: ViewSelection },
}

/// Control, with the gate's epoch at which the human granted it.
#[derive(Debug)]
enum Control {
    Idle(ShowerControl),
    Asked { since: Moment },
    Granted { grant: GrantId, epoch: u64, until: Option<Moment>, asks_more: bool },
}

/// The shower's side of a session. Dropping it ends every right.
#[derive(Debug)]
pub struct ShowerSession {
    gates: Gates,
    heard_hello: bool,
    ended: bool,
    view: View,
    control: Control,
    /// The number of the newest grant; 0 = none yet.
    last_grant: u32,
    last_shown: FrameNumber,
    asks: Asks,
    refusals: Refusals,
    /// Remote input rests until then.
    rests_until: Moment,
    modifiers: input::Modifiers,
    /// The human's own input is known up to this epoch of its gate.
    hands_epoch: u64,
    pointed: Pointed,
    show_asks: ShowAsks,
    recording: ShowerRecording,
    /// What the consent to be recorded is about; `None` = what is shown next.
    recorded: Option<ViewSelection>,
    recording_asks: Asks,
    turn: Turn,
    limits: Limits,
    /// When it is over by the rules, and whether that was told.
    ends_at: Option<(Moment, bool)>,
    cut: Option<Cut>,
    effects: VecDeque<ShowerEffect>,
}

fn hello() -> ToWatcher {
    ToWatcher::Hello { version: DisplayText::cleaned(env!("CARGO_PKG_VERSION")) }
}

impl ShowerSession {
    /// A session in which nothing is shown yet, under these limits.
    pub fn new(limits: Limits, now: Moment) -> Self {
        Self {
            gates: Gates::default(),
            heard_hello: false,
            ended: false,
            view: View::Choosing,
            control: Control::Idle(ShowerControl::None),
            last_grant: 0,
            last_shown: FrameNumber(0),
            asks: Asks::new(now),
            refusals: Refusals::default(),
            rests_until: Moment::default(),
            modifiers: input::Modifiers::default(),
            hands_epoch: 0,
            pointed: Pointed::new(now),
            show_asks: ShowAsks::new(now),
            recording: ShowerRecording::None,
            recorded: None,
            recording_asks: Asks::new(now),
            turn: Turn::new(now),
            limits,
            ends_at: limits.longest_session.map(|longest| (now.after(longest.duration()), false)),
            cut: None,
            effects: VecDeque::from([ShowerEffect::Send(hello())]),
        }
    }

    /// The gates, for whoever must end rights without waiting.
    pub fn gates(&self) -> Gates {
        self.gates.clone()
    }

    /// What people must see.
    pub fn state(&self) -> ShowerState {
        ShowerState {
            sharing: match self.view {
                View::Choosing => SharingState::Choosing,
                View::Showing { .. } => SharingState::Showing,
                View::Paused { .. } => SharingState::Paused,
            },
            control: match self.control {
                Control::Idle(control) => control,
                Control::Asked { since } => ShowerControl::Asked { since },
                Control::Granted { until, asks_more, .. } => ShowerControl::Granted { until, asks_more },
            },
            ends_at: match self.ends_at {
                Some((at, true)) => Some(at),
                Some((_, false)) | None => None,
            },
            cut: self.cut.map(|cut| cut.shows_again),
            pointing_hidden: self.pointed.hidden(),
            marks: self.pointed.count(),
            watcher_points: self.pointed.has_pointer(),
            points_out: self.pointed.points_out,
            recording: self.recording,
            turn: self.turn.state(),
        }
    }

    /// What must be done next. To be drained after every other call.
    pub fn poll_effect(&mut self) -> Option<ShowerEffect> {
        self.effects.pop_front()
    }

    /// When to call [`Self::handle_timeout`], if nothing happens before.
    pub fn poll_timeout(&self) -> Option<Moment> {
        let until = match self.control {
            Control::Granted { until, .. } => until,
            Control::Idle(_) | Control::Asked { .. } => None,
        };
        let due = self.refusals.due().into_iter().chain(self.pointed.due()).chain(self.turn.due());
        let end = self.ends_at.map(|(at, told)| if told { at } else { at.before(END_TOLD_BEFORE) });
        if self.ended { None } else { until.into_iter().chain(due).chain(end).min() }
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Moment) {
        if self.ended {
            return;
        }
        match self.control {
            // Raised by the stop key's own thread, which waits for nobody.
            Control::Granted { epoch, .. } if epoch != self.gates.control.epoch() => {
                self.end_control(ControlEnd::StopKey);
            }
            Control::Granted { until: Some(until), .. } if until <= now => self.end_control(ControlEnd::TimeOver),
            Control::Granted { .. } | Control::Idle(_) | Control::Asked { .. } => {}
        }
        if let View::Showing { epoch, .. } = self.view
            && epoch != self.gates.view.epoch()
        {
            self.pause_showing();
        }
        if let Some((reason, events)) = self.refusals.take(now) {
            self.send(ToWatcher::InputRefused { reason, events });
        }
        if self.pointed.fade(now) {
            self.marks_changed();
        }
        self.turn_due(now);
        match self.ends_at {
            Some((at, _)) if at <= now => self.finish(EndReason::TimeOver, EndedBy::ThisSide),
            Some((at, false)) if at.before(END_TOLD_BEFORE) <= now => {
                self.ends_at = Some((at, true));
                let remaining_s = u32::try_from(at.since(now).as_millis().div_ceil(1_000)).unwrap_or(u32::MAX);
                self.send(ToWatcher::EndsSoon { remaining_s });
                self.changed();
            }
            Some(_) | None => {}
        }
    }

    /// Takes a message of the watcher.
    ///
    /// # Errors
    /// An honest watcher can't have sent this; the session has ended.
    pub fn handle_message(&mut self, message: ToShower, now: Moment) -> Result<(), Misbehaviour> {
        self.handle_timeout(now);
        if self.ended || self.cut.is_some() {
            return Ok(());
        }
        let result = self.take(message, now);
        if result.is_err() {
            self.finish(EndReason::Misbehaved, EndedBy::ThisSide);
        }
        self.handle_timeout(now);
        result
    }

    fn take(&mut self, message: ToShower, now: Moment) -> Result<(), Misbehaviour> {
        match message {
            ToShower::Hello { .. } if self.heard_hello => return Err(Misbehaviour::HelloTwice),
            ToShower::Hello { .. } => self.heard_hello = true,
            _ if !self.heard_hello => return Err(Misbehaviour::HelloMissing),
            ToShower::FrameShown { number, held_ms } => {
                if number <= self.last_shown {
                    return Err(Misbehaviour::FrameOrder);
                }
                self.last_shown = number;
                self.effects.push_back(ShowerEffect::FrameShown { number, held_ms });
            }
            ToShower::DecodesVideo(can) => self.effects.push_back(ShowerEffect::DecodesVideo(can)),
            ToShower::RequestControl => return self.ask(now),
            ToShower::RequestMoreTime { grant } => return self.more_time_asked(grant, now),
            ToShower::GiveBackControl => match self.control {
                Control::Granted { .. } => self.end_control(ControlEnd::GivenBack),
                Control::Asked { .. } => self.settle(ShowerControl::None, ControlState::None),
                // It crossed our word that control had ended already.
                Control::Idle(_) => {}
            },
            ToShower::Input { grant, event } => return self.input(grant, event, now),
            ToShower::End(reason) => self.finish(reason, EndedBy::OtherSide),
            // For the receipt's own machine.
            ToShower::Receipt(_) => {}
            ToShower::Point { .. } | ToShower::Mark { .. } | ToShower::ClearMarks | ToShower::AskToShow { .. } => {
                return self.pointing(message, now);
            }
            ToShower::RequestRecording => return self.recording_asked(now),
            ToShower::StopRecording { broken } => self.recording_stopped(broken),
            ToShower::RequestTurn => return self.turn_asked(now),
            ToShower::EndTurn { broken } => self.turn_given_back(broken),
            ToShower::Turned { turn, message } => return self.turned(turn, message, now),
        }
        Ok(())
    }

    fn ask(&mut self, now: Moment) -> Result<(), Misbehaviour> {
        let ask = self.asks.ask(now);
        if ask == Ask::Flood {
            return Err(Misbehaviour::AsksFlood);
        }
        if self.limits.control == ControlRule::Forbidden {
            let ended = ControlEnd::Forbidden;
            self.settle(ShowerControl::Ended(ended), ControlState::Ended(ended));
            return Ok(());
        }
        let idle = matches!(self.control, Control::Idle(_));
        // Asked while nothing was shown any more, or once more before our word
        // reached the watcher: the state that it will hear of answers it.
        if !idle || !matches!(self.view, View::Showing { .. }) {
            return Ok(());
        }
        if ask == Ask::TooSoon {
            self.settle(ShowerControl::Refused, ControlState::Refused);
        } else {
            self.control = Control::Asked { since: now };
            self.send(ToWatcher::Control(ControlState::Asked));
            self.changed();
        }
        Ok(())
    }

    /// The human chose what to show; also in place of what is shown.
    ///
    /// # Errors
    /// Nothing is chosen, or the session has ended.
    pub fn share(&mut self, selection: ViewSelection, now: Moment) -> Result<(), ShareError> {
        if selection.applications.is_empty() {
            return Err(ShareError::Empty);
        }
        self.choose_again(now);
        if self.ended {
            return Err(ShareError::Ended);
        }
        self.turn_back_to_show();
        self.recorded_shows(&selection);
        if let Some(cut) = &mut self.cut {
            cut.shows_again = true;
            self.view = View::Paused { selection };
            self.changed();
        } else {
            self.show(selection);
            self.answer_ask(AskAnswer::Shown);
        }
        Ok(())
    }

    /// Stops showing; the human chooses anew.
    pub fn choose_again(&mut self, now: Moment) {
        self.end_control_with_showing();
        self.handle_timeout(now);
        self.do_not_show_again();
        if !self.ended && !matches!(self.view, View::Choosing) {
            self.hide(View::Choosing, SharingState::Choosing);
        }
    }

    /// Takes the picture away until [`Self::resume`].
    pub fn pause(&mut self, now: Moment) {
        self.end_control_with_showing();
        self.handle_timeout(now);
        self.do_not_show_again();
        if !self.ended {
            self.pause_showing();
        }
    }

    /// Shows again what was shown before the pause.
    pub fn resume(&mut self, now: Moment) {
        self.handle_timeout(now);
        if let View::Paused { selection } = &self.view
            && !self.ended
        {
            match &mut self.cut {
                Some(cut) => {
                    cut.shows_again = true;
                    self.changed();
                }
                None => {
                    let selection = selection.clone();
                    self.show(selection);
                }
            }
        }
    }

    /// The human lets the watcher control, at most for as long as the rules
    /// allow.
    ///
    /// # Errors
    /// The watcher does not ask (any more).
    pub fn allow_control(&mut self, limit: ControlLimit, now: Moment) -> Result<(), NotAsked> {
        // Read first: a stop from here on ends this grant too.
        let epoch = self.gates.control.epoch();
        self.handle_timeout(now);
        let (Control::Asked { .. }, View::Showing { selection, .. }, false) = (&self.control, &self.view, self.ended)
        else {
            return Err(NotAsked);
        };
        let remaining = match self.limits.control.limit(limit).ok_or(NotAsked)? {
            ControlLimit::Minutes(minutes) => Some(u32::from(minutes) * 60),
            ControlLimit::Session => None,
        };
        let permit = Permitted::new(selection.clone(), self.gates.control.clone(), epoch);
        // A number is used once; 2^32 of them outlast every session.
        self.last_grant = self.last_grant.checked_add(1).ok_or(NotAsked)?;
        let grant = GrantId(self.last_grant);
        let until = remaining.map(|seconds| now.after(Duration::from_secs(u64::from(seconds))));
        self.control = Control::Granted { grant, epoch, until, asks_more: false };
        self.rests_until = Moment::default();
        self.modifiers = input::Modifiers::default();
        self.effects.push_back(ShowerEffect::StartInjection(permit));
        self.send(ToWatcher::Control(ControlState::Granted { grant, remaining_s: remaining }));
        self.changed();
        Ok(())
    }

    /// The human says no to the watcher who asks.
    pub fn refuse_control(&mut self, now: Moment) {
        self.handle_timeout(now);
        if matches!(self.control, Control::Asked { .. }) {
            self.settle(ShowerControl::Refused, ControlState::Refused);
        }
    }

    /// Takes control back; an open request is refused.
    pub fn revoke_control(&mut self, why: ControlEnd, now: Moment) {
        self.gates.control.raise();
        self.revoke(why);
        self.handle_timeout(now);
    }

    /// The stop key: ends control before anything else is done, whatever the
    /// state, and can't fail.
    pub fn emergency_stop(&mut self, now: Moment) {
        self.revoke_control(ControlEnd::StopKey, now);
    }

    /// Remote control does not work on this machine, or no longer.
    pub fn control_not_available(&mut self, now: Moment) {
        if matches!(self.control, Control::Asked { .. }) {
            let ended = ControlEnd::NotAvailable;
            self.settle(ShowerControl::Ended(ended), ControlState::Ended(ended));
        }
        self.revoke_control(ControlEnd::NotAvailable, now);
    }

    /// Ends the session from this side. All rights end before the watcher is
    /// told.
    pub fn end(&mut self, reason: EndReason, now: Moment) {
        let is_over = self.ends_at.is_some_and(|(at, _)| at <= now);
        self.finish(if is_over { EndReason::TimeOver } else { reason }, EndedBy::ThisSide);
    }

    fn show(&mut self, selection: ViewSelection) {
        let epoch = self.gates.view.epoch();
        let permit = Permitted::new(selection.clone(), self.gates.view.clone(), epoch);
        self.view = View::Showing { selection, epoch };
        self.pointed.begin_showing();
        self.send(ToWatcher::Sharing(SharingState::Showing));
        self.effects.push_back(ShowerEffect::StartCapture(permit));
        self.changed();
    }

    /// The human does not want it shown when the link is there again.
    fn do_not_show_again(&mut self) {
        if let Some(cut) = &mut self.cut
            && core::mem::take(&mut cut.shows_again)
        {
            self.changed();
        }
    }

    fn pause_showing(&mut self) {
        if let View::Showing { selection, .. } = &self.view {
            let selection = selection.clone();
            self.hide(View::Paused { selection }, SharingState::Paused);
        }
    }

    /// From showing or paused to paused or choosing.
    fn hide(&mut self, next: View, state: SharingState) {
        self.gates.view.raise();
        self.gates.control.raise();
        self.stop_control(ControlEnd::SharingChanged);
        self.effects.retain(|effect| !matches!(effect, ShowerEffect::StartCapture(_)));
        if matches!(self.view, View::Showing { .. }) {
            self.effects.push_back(ShowerEffect::StopCapture);
        }
        self.view = next;
        if self.pointed.end_showing() {
            self.marks_changed();
        }
        self.send(ToWatcher::Sharing(state));
        self.changed();
    }

    /// What is shown changes by the human's own wish. Whoever wished it
    /// may have raised the gate first, which then must not look like the stop
    /// key.
    fn end_control_with_showing(&mut self) {
        if !self.ended && matches!(self.control, Control::Granted { .. }) {
            self.gates.control.raise();
            self.end_control(ControlEnd::SharingChanged);
        }
    }

    /// Ends a grant that lives; an open request just vanishes.
    fn stop_control(&mut self, why: ControlEnd) {
        match self.control {
            Control::Granted { .. } => self.end_control(why),
            Control::Asked { .. } => self.settle(ShowerControl::None, ControlState::None),
            Control::Idle(_) => {}
        }
    }

    fn revoke(&mut self, why: ControlEnd) {
        match self.control {
            Control::Granted { .. } => self.end_control(why),
            Control::Asked { .. } => self.settle(ShowerControl::Refused, ControlState::Refused),
            Control::Idle(_) => {}
        }
    }

    /// Ends the live grant.
    fn end_control(&mut self, why: ControlEnd) {
        self.gates.control.raise();
        self.drop_queued_input();
        self.effects.push_back(ShowerEffect::StopInjection);
        self.settle(ShowerControl::Ended(why), ControlState::Ended(why));
    }

    /// Control rests in this state, and the watcher hears of it.
    fn settle(&mut self, control: ShowerControl, told: ControlState) {
        self.control = Control::Idle(control);
        self.send(ToWatcher::Control(told));
        self.changed();
    }

    /// The permits are dead already; this saves the way to the injector.
    fn drop_queued_input(&mut self) {
        let queued =
            |effect: &ShowerEffect| matches!(effect, ShowerEffect::Inject(_) | ShowerEffect::StartInjection(_));
        self.effects.retain(|effect| !queued(effect));
    }

    fn finish(&mut self, reason: EndReason, by: EndedBy) {
        self.gates.control.raise();
        self.gates.view.raise();
        if core::mem::replace(&mut self.ended, true) {
            return;
        }
        self.drop_queued_input();
        self.effects.retain(|effect| !matches!(effect, ShowerEffect::StartCapture(_)));
        if matches!(self.control, Control::Granted { .. }) {
            self.effects.push_back(ShowerEffect::StopInjection);
            self.control = Control::Idle(ShowerControl::Ended(ControlEnd::SharingChanged));
        } else if matches!(self.control, Control::Asked { .. }) {
            self.control = Control::Idle(ShowerControl::None);
        }
        if matches!(self.view, View::Showing { .. }) {
            self.effects.push_back(ShowerEffect::StopCapture);
        }
        self.view = View::Choosing;
        self.recording = ShowerRecording::None;
        self.drop_turned_frames();
        self.turn.finish();
        if self.pointed.end_showing() {
            self.marks_changed();
        }
        if by == EndedBy::ThisSide {
            self.send(ToWatcher::End(reason));
        }
        self.effects.push_back(ShowerEffect::Ended(reason, by));
    }

    fn send(&mut self, message: ToWatcher) {
        if self.cut.is_some() {
            return;
        }
        self.effects.push_back(ShowerEffect::Send(message));
    }

    fn changed(&mut self) {
        if !matches!(self.effects.back(), Some(ShowerEffect::Changed)) {
            self.effects.push_back(ShowerEffect::Changed);
        }
    }
}

/// Fail safe: without a session there is no right.
impl Drop for ShowerSession {
    fn drop(&mut self) {
        self.gates.control.raise();
        self.gates.view.raise();
    }
}
