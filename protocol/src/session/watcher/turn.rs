//! The turned direction at the watcher: for a while it shows applications of
//! its own. The code at work is the shower's own machine, made anew for each
//! turn and dropped with it, so that the same rules hold: nothing is shown that
//! the human here did not choose, every pixel needs a live permit, and the other
//! side points at nothing but that.

use super::{Told, WatcherEffect, WatcherSession, WatcherTurn};
use crate::{
    peer_msg::{Frame, SharingState, ToShower, TurnEnd, TurnId, TurnState, TurnedToShower, TurnedToWatcher},
    policy::{ControlRule, Limits, RecordingRule, TurnRule},
    session::{Misbehaviour, ShareError, ShowerEffect, ShowerSession, ShowerState, ViewSelection},
    text::DisplayText,
    time::Moment,
};
use alloc::boxed::Box;

/// What holds while it is turned: the other side looks and points, and no more.
const LIMITS: Limits = Limits {
    control: ControlRule::Forbidden,
    recording: RecordingRule::Forbidden,
    turn: TurnRule::Forbidden,
    ..Limits::NONE
};

/// The turn as told and as wanted.
#[derive(Debug)]
pub(super) struct Turn {
    /// While it is not turned.
    rests: WatcherTurn,
    pub(super) told: Told,
    /// Whether the human here wants it, as last said.
    wanted: bool,
    /// The newest that was told; 0 = none yet.
    last: TurnId,
    live: Option<Live>,
}

#[derive(Debug)]
struct Live {
    turn: TurnId,
    showing: Box<ShowerSession>,
}

impl Turn {
    pub(super) const fn new() -> Self {
        Self { rests: WatcherTurn::None, told: Told::Nothing, wanted: false, last: TurnId(0), live: None }
    }

    pub(super) fn state(&self) -> WatcherTurn {
        match &self.live {
            Some(live) => WatcherTurn::Granted { sharing: live.showing.state().sharing },
            None => self.rests,
        }
    }

    pub(super) fn due(&self) -> Option<Moment> {
        self.live.as_ref().and_then(|live| live.showing.poll_timeout())
    }
}

impl WatcherSession {
    pub(super) fn turn_changed(&mut self, told: TurnState, now: Moment) -> Result<(), Misbehaviour> {
        let follows = match (told, self.turn.told) {
            (TurnState::Asked, Told::Nothing)
            | (TurnState::Refused | TurnState::Ended(TurnEnd::Forbidden), Told::Nothing | Told::Asked)
            | (TurnState::None, Told::Asked)
            | (TurnState::Ended(_), Told::Granted) => true,
            // Whatever was shown has ended before, and every number is new.
            (TurnState::Granted { turn }, Told::Asked) => {
                turn > self.turn.last && self.sharing == SharingState::Choosing
            }
            (
                TurnState::None
                | TurnState::Asked
                | TurnState::Granted { .. }
                | TurnState::Refused
                | TurnState::Ended(_),
                Told::Nothing | Told::Asked | Told::Granted,
            ) => false,
        };
        if !follows {
            return Err(Misbehaviour::TurnOrder);
        }
        let before = self.turn.told;
        self.turn.told = match told {
            TurnState::Asked => Told::Asked,
            TurnState::Granted { .. } => Told::Granted,
            TurnState::None | TurnState::Refused | TurnState::Ended(_) => Told::Nothing,
        };
        if let TurnState::Granted { turn } = told {
            self.turn.last = turn;
        }
        let asks_anew = self.turn.state() == WatcherTurn::Asked;
        match told {
            // Not wanted any more, or never: nothing is shown.
            TurnState::Asked | TurnState::Granted { .. } if !self.turn.wanted => {
                self.send(ToShower::EndTurn { broken: false });
            }
            TurnState::Asked => self.turn.rests = WatcherTurn::Asked,
            TurnState::Granted { turn } => self.begin_turn(turn, now),
            // About what this side gave up already; the request made since
            // stands.
            TurnState::None if asks_anew => {}
            TurnState::Ended(_) if asks_anew && before == Told::Granted => {}
            TurnState::None => self.rest_turn(WatcherTurn::None),
            TurnState::Refused => self.rest_turn(WatcherTurn::Refused),
            TurnState::Ended(end) => self.rest_turn(WatcherTurn::Ended(end)),
        }
        self.changed();
        Ok(())
    }

    fn begin_turn(&mut self, turn: TurnId, now: Moment) {
        let mut showing = Box::new(ShowerSession::new(LIMITS, now));
        // A turn is its own hello; the first one can't be wrong.
        let _ = showing.handle_message(ToShower::Hello { version: DisplayText::default() }, now);
        self.turn.live = Some(Live { turn, showing });
        self.drain_turned();
    }

    /// It is not turned any more, and not wanted.
    fn rest_turn(&mut self, rests: WatcherTurn) {
        self.stop_turned();
        (self.turn.rests, self.turn.wanted) = (rests, false);
    }

    /// Nothing of this side is shown any more. Dropping the machine ends its
    /// permits.
    fn stop_turned(&mut self) {
        let Some(live) = self.turn.live.take() else { return };
        let of_the_turn =
            |effect: &WatcherEffect| matches!(effect, WatcherEffect::StartCapture(_) | WatcherEffect::TurnedMarks(_));
        self.effects.retain(|effect| !of_the_turn(effect));
        if live.showing.state().sharing == SharingState::Showing {
            self.effects.push_back(WatcherEffect::StopCapture);
        }
    }

    /// A word of a turn. One of a turn that is over may be late.
    pub(super) fn turned(&mut self, turn: TurnId, message: TurnedToShower, now: Moment) -> Result<(), Misbehaviour> {
        if turn.0 == 0 || turn > self.turn.last {
            return Err(Misbehaviour::TurnOrder);
        }
        let Some(live) = self.turn.live.as_mut().filter(|live| live.turn == turn) else { return Ok(()) };
        let taken = live.showing.handle_message(message.into(), now);
        self.drain_turned();
        taken
    }

    /// Asks whether this side may show something of its own. `false` if there
    /// is no use in it: it is asked for or allowed already.
    pub fn request_turn(&mut self, now: Moment) -> bool {
        self.handle_timeout(now);
        if self.ended || self.cut || self.turn.wanted {
            return false;
        }
        (self.turn.wanted, self.turn.rests) = (true, WatcherTurn::Asked);
        self.send(ToShower::RequestTurn);
        self.changed();
        true
    }

    /// Takes the request back, or turns back: because the human here wants to,
    /// or because its program can't go on. `false` if there is neither.
    pub fn end_turn(&mut self, broken: bool, now: Moment) -> bool {
        self.handle_timeout(now);
        if self.ended || !self.turn.wanted {
            return false;
        }
        let end = if broken { TurnEnd::Broken } else { TurnEnd::GivenBack };
        let granted = self.turn.live.is_some();
        self.rest_turn(if granted { WatcherTurn::Ended(end) } else { WatcherTurn::None });
        self.send(ToShower::EndTurn { broken });
        self.changed();
        true
    }

    /// The human here chose what to show, while it is turned.
    ///
    /// # Errors
    /// Nothing is chosen, or it is not turned.
    pub fn turned_share(&mut self, selection: ViewSelection, now: Moment) -> Result<(), ShareError> {
        self.in_turn(now, |showing| showing.share(selection, now)).unwrap_or(Err(ShareError::Ended))
    }

    /// Stops showing; the human chooses anew. `false` if nothing is shown.
    pub fn turned_choose_again(&mut self, now: Moment) -> bool {
        self.in_turn(now, |showing| {
            let fits = showing.state().sharing != SharingState::Choosing;
            showing.choose_again(now);
            fits
        })
        .unwrap_or(false)
    }

    /// Takes the picture away for a while. `false` if nothing is shown.
    pub fn turned_pause(&mut self, now: Moment) -> bool {
        self.in_turn(now, |showing| {
            let fits = showing.state().sharing == SharingState::Showing;
            showing.pause(now);
            fits
        })
        .unwrap_or(false)
    }

    /// Shows again what was shown before the pause. `false` if there was none.
    pub fn turned_resume(&mut self, now: Moment) -> bool {
        self.in_turn(now, |showing| {
            let fits = showing.state().sharing == SharingState::Paused;
            showing.resume(now);
            fits
        })
        .unwrap_or(false)
    }

    /// The word for a frame that was taken while it is turned, if it may still
    /// be said. It goes to the other side, who may point at its surfaces from
    /// here on.
    pub fn turned_frame(&mut self, frame: Frame, fresh: bool, now: Moment) -> Option<ToShower> {
        self.handle_timeout(now);
        let live = self.turn.live.as_mut()?;
        if live.showing.state().sharing != SharingState::Showing {
            return None;
        }
        if let Some(scene) = &frame.scene {
            live.showing.scene_sent(scene, now);
        }
        let message = if fresh { TurnedToWatcher::FreshFrame(frame) } else { TurnedToWatcher::Frame(frame) };
        let message = ToShower::Turned { turn: live.turn, message };
        self.drain_turned();
        Some(message)
    }

    /// What holds inside of the turn, as its shower has it.
    pub fn turned_state(&self) -> Option<ShowerState> {
        self.turn.live.as_ref().map(|live| live.showing.state())
    }

    /// The human here wants to see nothing that the other side points at, or
    /// again. `false` if that is so already.
    pub fn turned_hide_pointing(&mut self, hide: bool, now: Moment) -> bool {
        self.in_turn(now, |showing| showing.hide_pointing(hide, now)).unwrap_or(false)
    }

    /// The human here takes the other side's marks away. `false` if there are
    /// none.
    pub fn turned_clear_marks(&mut self, now: Moment) -> bool {
        self.in_turn(now, |showing| showing.clear_marks(now)).unwrap_or(false)
    }

    /// The human here points with the own pointer, or no longer. `false` if
    /// that is so already.
    pub fn turned_point_out(&mut self, points_out: bool, now: Moment) -> bool {
        self.in_turn(now, |showing| showing.point_out(points_out, now)).unwrap_or(false)
    }

    fn in_turn<T>(&mut self, now: Moment, act: impl FnOnce(&mut ShowerSession) -> T) -> Option<T> {
        self.handle_timeout(now);
        let done = self.turn.live.as_mut().map(|live| act(&mut live.showing));
        self.drain_turned();
        done
    }

    pub(super) fn turn_due(&mut self, now: Moment) {
        if let Some(live) = &mut self.turn.live {
            live.showing.handle_timeout(now);
            self.drain_turned();
        }
    }

    /// The link broke: it has to be asked for anew.
    pub(super) fn cut_turn(&mut self) {
        let rests = match self.turn.state() {
            WatcherTurn::Granted { .. } => WatcherTurn::Ended(TurnEnd::LinkLost),
            WatcherTurn::Asked => WatcherTurn::None,
            rests @ (WatcherTurn::None | WatcherTurn::Refused | WatcherTurn::Ended(_)) => rests,
        };
        self.rest_turn(rests);
        self.turn.told = Told::Nothing;
    }

    /// The session is over.
    pub(super) fn finish_turn(&mut self) {
        self.rest_turn(WatcherTurn::None);
    }

    /// Does for the session what the machine of the turn wants.
    fn drain_turned(&mut self) {
        while let Some(live) = &mut self.turn.live
            && let Some(effect) = live.showing.poll_effect()
        {
            let turn = live.turn;
            match effect {
                ShowerEffect::Send(message) => {
                    if let Some(message) = TurnedToWatcher::of(message) {
                        self.send(ToShower::Turned { turn, message });
                    }
                }
                ShowerEffect::StartCapture(permit) => self.effects.push_back(WatcherEffect::StartCapture(permit)),
                ShowerEffect::StopCapture => {
                    self.effects.retain(|effect| !matches!(effect, WatcherEffect::StartCapture(_)));
                    self.effects.push_back(WatcherEffect::StopCapture);
                }
                ShowerEffect::FrameShown { number, held_ms } => {
                    self.effects.push_back(WatcherEffect::TurnedFrameShown { number, held_ms });
                }
                ShowerEffect::DecodesVideo(can) => self.effects.push_back(WatcherEffect::TurnedDecodesVideo(can)),
                ShowerEffect::Marks(seen) => {
                    self.effects.retain(|effect| !matches!(effect, WatcherEffect::TurnedMarks(_)));
                    self.effects.push_back(WatcherEffect::TurnedMarks(seen));
                }
                ShowerEffect::Changed => self.changed(),
                // Nothing that could lead to these can be said in a turn; its
                // own end comes with an error, which ends the session.
                ShowerEffect::StartInjection(_)
                | ShowerEffect::Inject(_)
                | ShowerEffect::StopInjection
                | ShowerEffect::TurnedFrame(_)
                | ShowerEffect::TurnedFreshFrame(_)
                | ShowerEffect::TurnedMarks
                | ShowerEffect::Ended(..) => {}
            }
        }
    }
}
