//! Random sequences of everything that can happen, against a model that is
//! small enough to be right at sight.

mod ops;
mod pair;

use super::*;
use crate::{
    ask::{AskNumber, AskText},
    geometry::{Point, Rect, Size},
    marks::{Mark, MarkColour, MarkId, MarkLife, MarkShape, ShowingNumber, ShownMarks},
    peer_msg::{
        Frame, PointerPlace, RecordingEnd, RecordingState, Scene, Surface, SurfaceId, SurfaceState, TurnId,
        TurnedToWatcher,
    },
    recording::{RecordingKey, RecordingOwners},
};
use alloc::collections::VecDeque;
use ops::{Op, any_op, mark, place, scene};
use pair::Pair;
use proptest::prelude::*;

/// What may be, in the plainest terms: which view and which grant live.
#[derive(Debug, Default)]
struct Model {
    ended: bool,
    /// Counts how often showing began; `Some` while it lives.
    views: u32,
    live_view: Option<u32>,
    paused: bool,
    /// Without a link; whether it is shown again with one.
    cut: Option<bool>,
    grants: u32,
    live_grant: Option<u32>,
    until: Option<Moment>,
    /// Counts how often the human used mouse or keyboard.
    hands: u32,
    /// The window that can be pointed at.
    pointable: Option<u32>,
    pointing_hidden: bool,
    /// Whether the watcher shows and this side looks.
    turned: bool,
}

impl Model {
    fn end_view(&mut self) {
        self.live_view = None;
        self.live_grant = None;
        self.pointable = None;
    }

    fn end(&mut self) {
        self.end_view();
        self.paused = false;
        self.turned = false;
        self.ended = true;
    }

    fn sharing(&self) -> SharingState {
        match (self.live_view, self.paused) {
            (Some(_), _) => SharingState::Showing,
            (None, true) => SharingState::Paused,
            (None, false) => SharingState::Choosing,
        }
    }

    /// `accepted`: what the session answered.
    fn apply(&mut self, op: &Op, accepted: bool, now: Moment) {
        if self.live_grant.is_some() && self.until.is_some_and(|until| until <= now) {
            self.live_grant = None;
        }
        self.hands += u32::from(matches!(op, Op::LocalInput | Op::HandsThread));
        if self.ended {
            return;
        }
        match op {
            // Nothing comes without a link.
            Op::Message(_) if self.cut.is_some() => {}
            Op::Message(ToShower::End(_)) => self.end(),
            Op::Message(_) if !accepted => self.end(),
            Op::Message(ToShower::GiveBackControl) => self.live_grant = None,
            Op::Message(ToShower::EndTurn { .. }) | Op::TurnBack => self.turned = false,
            Op::AllowTurn => {
                if accepted {
                    self.end_view();
                    self.paused = false;
                    self.turned = true;
                }
            }
            Op::AllowMore(limit) => {
                if accepted {
                    let longer = match limit {
                        ControlLimit::Minutes(_) => Some(Moment::from_ms(now.as_ms() + 60_000)),
                        ControlLimit::Session => None,
                    };
                    self.until = self.until.zip(longer).map(|(before, longer)| before.max(longer));
                }
            }
            Op::Message(_)
            | Op::Refuse
            | Op::RefuseMore
            | Op::LocalInput
            | Op::HandsThread
            | Op::ClearMarks
            | Op::PointOut(_)
            | Op::RefuseToShow
            | Op::Wait(_) => {}
            Op::Scene(id) => self.pointable = self.live_view.and((*id != 3).then_some(*id)),
            Op::HidePointing(hide) => self.pointing_hidden = *hide,
            Op::Share(_) if self.cut.is_some() => {
                self.end_view();
                self.paused = true;
                self.cut = Some(true);
            }
            Op::Share(_) => {
                self.turned = false;
                self.end_view();
                self.paused = false;
                self.views += 1;
                self.live_view = Some(self.views);
            }
            Op::ChooseAgain => {
                self.end_view();
                self.cut = self.cut.map(|_| false);
                self.paused = false;
            }
            Op::Pause if self.cut.is_some() => self.cut = Some(false),
            Op::Pause | Op::RaiseView => {
                self.paused |= self.live_view.is_some();
                self.end_view();
            }
            Op::Resume if self.cut.is_some() => {
                self.cut = self.cut.map(|again| again || self.paused);
            }
            Op::Cut if self.cut.is_some() => {}
            Op::Cut => {
                self.turned = false;
                self.cut = Some(self.live_view.is_some());
                self.paused |= self.live_view.is_some();
                self.end_view();
            }
            Op::Restore => {
                if self.cut.take() == Some(true) && self.paused {
                    self.paused = false;
                    self.views += 1;
                    self.live_view = Some(self.views);
                }
            }
            Op::Resume => {
                if self.paused {
                    self.paused = false;
                    self.views += 1;
                    self.live_view = Some(self.views);
                }
            }
            Op::Allow(limit) => {
                if accepted {
                    self.grants += 1;
                    self.live_grant = Some(self.grants);
                    self.until = match limit {
                        ControlLimit::Minutes(_) => Some(Moment::from_ms(now.as_ms() + 60_000)),
                        ControlLimit::Session => None,
                    };
                }
            }
            Op::Revoke | Op::EmergencyStop | Op::StopKeyThread | Op::NotAvailable => self.live_grant = None,
            Op::End => self.end(),
        }
    }
}

fn perform(session: &mut ShowerSession, op: &Op, now: &mut Moment) -> bool {
    let at = *now;
    match op {
        Op::Message(message) => return session.handle_message(message.clone(), at).is_ok(),
        Op::Share(id) => return session.share(selection(u64::from(*id)), at).is_ok(),
        Op::ChooseAgain => session.choose_again(at),
        Op::Pause => session.pause(at),
        Op::Resume => session.resume(at),
        Op::Allow(limit) => return session.allow_control(*limit, at).is_ok(),
        Op::Refuse => session.refuse_control(at),
        Op::AllowMore(limit) => return session.allow_more_time(*limit, at).is_ok(),
        Op::RefuseMore => session.refuse_more_time(at),
        Op::Revoke => session.revoke_control(ControlEnd::TakenBack, at),
        Op::EmergencyStop => session.emergency_stop(at),
        Op::StopKeyThread => {
            session.gates().control.raise();
            session.handle_timeout(at);
        }
        Op::LocalInput => session.local_input(at),
        Op::HandsThread => session.gates().hands.raise(),
        Op::NotAvailable => session.control_not_available(at),
        Op::RaiseView => {
            session.gates().view.raise();
            session.handle_timeout(at);
        }
        Op::Scene(id) => session.scene_sent(&scene(*id), at),
        Op::HidePointing(hide) => return session.hide_pointing(*hide, at),
        Op::ClearMarks => return session.clear_marks(at),
        Op::PointOut(on) => return session.point_out(*on, at),
        Op::RefuseToShow => return session.refuse_to_show(at),
        Op::Wait(ms) => {
            *now = Moment::from_ms(at.as_ms() + ms);
            session.handle_timeout(*now);
        }
        Op::Cut => session.link_lost(at),
        Op::Restore => session.link_restored(at),
        Op::AllowTurn => return session.allow_turn(at).is_ok(),
        Op::TurnBack => return session.turn_back(at),
        Op::End => session.end(EndReason::ByPerson, at),
    }
    true
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// A permit lives exactly as long as the grant that it came from, and input
    /// no longer than the human's hands are still, whatever a hostile watcher
    /// sends.
    #[test]
    fn permits_live_exactly_as_long_as_their_grant(ops in prop::collection::vec(any_op(), 1..60), polite in any::<bool>()) {
        let mut session = ShowerSession::new(Limits::default(), T0);
        let mut model = Model::default();
        let mut now = T0;
        let mut inputs: Vec<(u32, Option<u32>, Permitted<InputEvent>)> = Vec::new();
        let mut controls: Vec<(u32, Permitted<ViewSelection>)> = Vec::new();
        let mut views: Vec<(u32, Permitted<ViewSelection>)> = Vec::new();
        let mut marks: Option<Permitted<ShownMarks>> = None;
        if polite {
            session.handle_message(ToShower::Hello { version: hello() }, T0).unwrap();
        }
        for op in &ops {
            let asked = matches!(session.state().control, ShowerControl::Asked { .. });
            let asked_to_turn = matches!(session.state().turn, ShowerTurn::Asked { .. });
            let accepted = perform(&mut session, op, &mut now);
            if matches!(op, Op::Allow(_)) {
                prop_assert_eq!(accepted, asked && model.live_view.is_some(), "a grant needs a request");
            }
            if matches!(op, Op::AllowTurn) {
                prop_assert_eq!(accepted, asked_to_turn, "a turn needs a request");
            }
            model.apply(op, accepted, now);
            let mut over = false;
            for effect in effects(&mut session) {
                prop_assert!(!over, "an effect after the end: {:?}", effect);
                match effect {
                    ShowerEffect::Inject(permit) => {
                        prop_assert!(model.live_grant.is_some(), "input without a grant");
                        let lets_go = permit.claim() == Some(&InputEvent::ReleaseAll);
                        inputs.push((model.grants, (!lets_go).then_some(model.hands), permit));
                    }
                    ShowerEffect::StartInjection(permit) => {
                        prop_assert!(model.live_grant.is_some());
                        controls.push((model.grants, permit));
                    }
                    ShowerEffect::StartCapture(permit) => {
                        prop_assert!(model.live_view.is_some(), "capture without consent");
                        views.push((model.views, permit));
                    }
                    ShowerEffect::Marks(seen) => marks = Some(seen),
                    ShowerEffect::TurnedFrame(_) | ShowerEffect::TurnedFreshFrame(_) => {
                        prop_assert!(model.turned, "a picture of the watcher's without consent");
                    }
                    ShowerEffect::Ended(..) => over = true,
                    ShowerEffect::TurnedMarks => {
                        prop_assert!(session.turned_marks().is_empty(), "nobody here has drawn");
                    }
                    ShowerEffect::Send(_)
                    | ShowerEffect::StopCapture
                    | ShowerEffect::StopInjection
                    | ShowerEffect::FrameShown { .. }
                    | ShowerEffect::DecodesVideo(_)
                    | ShowerEffect::Changed => {}
                }
            }
            prop_assert_eq!(over || !model.ended, true);
            prop_assert_eq!(session.state().sharing, model.sharing());
            let turned = matches!(session.state().turn, ShowerTurn::Granted { .. });
            prop_assert_eq!(turned, model.turned);
            prop_assert!(!turned || (model.live_view.is_none() && !model.paused), "both directions at once");
            let granted = matches!(session.state().control, ShowerControl::Granted { .. });
            prop_assert_eq!(granted, model.live_grant.is_some());
            for (grant, hands, permit) in &inputs {
                let undisturbed = hands.is_none_or(|hands| hands == model.hands);
                prop_assert_eq!(permit.claim().is_some(), model.live_grant == Some(*grant) && undisturbed);
            }
            for (grant, permit) in &controls {
                prop_assert_eq!(permit.claim().is_some(), model.live_grant == Some(*grant));
            }
            for (view, permit) in &views {
                prop_assert_eq!(permit.claim().is_some(), model.live_view == Some(*view));
            }
            // Nothing of the watcher's is seen but on what is shown, and only
            // while the human wants it.
            let seen = marks.as_ref().and_then(Permitted::claim).cloned().unwrap_or_default();
            let places = seen.marks.iter().map(|mark| mark.surface).chain(seen.pointer.map(|place| place.surface));
            for surface in places {
                prop_assert!(!model.pointing_hidden);
                prop_assert_eq!(model.pointable, Some(surface.0));
            }
            prop_assert_eq!((seen.marks.len(), seen.pointer.is_some()), {
                let state = session.state();
                (state.marks, state.watcher_points)
            });
            if model.ended {
                break;
            }
        }
    }

    /// A hostile shower gets no frame shown outside of showing, and no input
    /// that the human at the watcher does not want to send.
    #[test]
    fn a_hostile_shower_gets_nothing_unwanted(ops in prop::collection::vec(any_watcher_op(), 1..60)) {
        let mut session = WatcherSession::new(T0);
        for message in [ToWatcher::Hello { version: hello() }, ToWatcher::Sharing(SharingState::Showing)] {
            session.handle_message(message, T0).unwrap();
        }
        let (mut showing, mut wanted) = (true, false);
        for op in ops {
            match op {
                WatcherOp::Message(message) => {
                    let sharing = match &message {
                        ToWatcher::Sharing(sharing) => Some(*sharing),
                        _ => None,
                    };
                    let was_showing = showing;
                    if session.handle_message(message, T0).is_err() {
                        showing = false;
                    } else if let Some(sharing) = sharing {
                        showing = sharing == SharingState::Showing;
                    }
                    wanted &= showing;
                    while let Some(effect) = session.poll_effect() {
                        if matches!(effect, WatcherEffect::Frame(_) | WatcherEffect::FreshFrame(_)) {
                            prop_assert!(was_showing && showing);
                        }
                    }
                }
                WatcherOp::Request => wanted |= session.request_control(T0),
                WatcherOp::GiveBack => {
                    session.give_back_control(T0);
                    wanted = false;
                }
                WatcherOp::Input => {
                    let sent = session.input(key('x'));
                    prop_assert!(!sent || (wanted && showing));
                }
            }
        }
    }

    /// Two honest programs never accuse each other, however late their
    /// messages arrive and however the streams overtake each other.
    #[test]
    fn honest_sides_never_accuse_each_other(steps in prop::collection::vec((0..31_u8, 0..4_u8), 1..200)) {
        let mut pair = Pair::new();
        for (step, pick) in steps {
            pair.step(step, pick);
        }
        pair.settle();
        let (shower, watcher) = (pair.shower.state(), pair.watcher.state());
        prop_assert_eq!(shower.sharing, watcher.sharing);
        let granted = matches!(shower.control, ShowerControl::Granted { .. });
        let controlling = matches!(watcher.control, ControlState::Granted { .. });
        prop_assert_eq!(granted, controlling, "{:?} {:?}", shower, watcher);
        let asked = matches!(shower.control, ShowerControl::Asked { .. });
        prop_assert_eq!(asked, watcher.control == ControlState::Asked, "{:?} {:?}", shower, watcher);
        prop_assert_eq!(shower.pointing_hidden, !watcher.pointing_allowed);
        prop_assert_eq!(shower.points_out, watcher.points_out);
        let recorded = matches!(shower.recording, ShowerRecording::Granted { .. });
        let records = matches!(watcher.recording, RecordingState::Granted { .. });
        prop_assert_eq!(recorded, records, "{:?} {:?}", shower, watcher);
        let looks = matches!(shower.turn, ShowerTurn::Granted { .. });
        let shows = matches!(watcher.turn, WatcherTurn::Granted { .. });
        prop_assert_eq!(looks, shows, "{:?} {:?}", shower, watcher);
        prop_assert_eq!(pair.shower.asked_to_show().is_some(), watcher.ask == AskState::Open);
    }
}

/// Something that happens at the watcher.
#[derive(Clone, Debug)]
enum WatcherOp {
    Message(ToWatcher),
    Request,
    GiveBack,
    Input,
}

fn empty_frame(number: u64) -> ToWatcher {
    let number = FrameNumber(number);
    ToWatcher::Frame(Frame { number, scene: None, pointer: None, cursor: None, round_trip_ms: None, pixels: vec![] })
}

fn any_watcher_op() -> impl Strategy<Value = WatcherOp> {
    let sharing = prop_oneof![Just(SharingState::Showing), Just(SharingState::Paused), Just(SharingState::Choosing)];
    let control = prop_oneof![
        2 => Just(ControlState::Asked),
        4 => (1..4_u32).prop_map(|grant| ControlState::Granted { grant: GrantId(grant), remaining_s: None }),
        1 => Just(ControlState::None),
        1 => Just(ControlState::Refused),
        1 => Just(ControlState::Ended(ControlEnd::StopKey)),
    ];
    let pointing = prop_oneof![
        any::<bool>().prop_map(|allowed| ToWatcher::Pointing { allowed }),
        any::<bool>().prop_map(ToWatcher::PointsOut),
        (0..3_u32).prop_map(|up_to| ToWatcher::MarksCleared { up_to: MarkId(up_to) }),
    ];
    let recording = prop_oneof![
        Just(RecordingState::Asked),
        Just(RecordingState::Refused),
        Just(RecordingState::Ended(RecordingEnd::TakenBack)),
        Just(RecordingState::Granted { owners: RecordingOwners::Shower, key: RecordingKey([1; 32]) }),
    ];
    let message = prop_oneof![
        1 => pointing,
        1 => recording.prop_map(ToWatcher::Recording),
        1 => Just(ToWatcher::Hello { version: hello() }),
        4 => sharing.prop_map(ToWatcher::Sharing),
        12 => control.prop_map(ToWatcher::Control),
        6 => (1..60_u64).prop_map(empty_frame),
    ];
    prop_oneof![
        6 => message.prop_map(WatcherOp::Message),
        2 => Just(WatcherOp::Request),
        1 => Just(WatcherOp::GiveBack),
        2 => Just(WatcherOp::Input),
    ]
}
