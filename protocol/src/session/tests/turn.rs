//! The turned direction: only with consent, never in both directions at once,
//! over when either side wants, and no way round the rules.

mod pointing;

use super::*;
use crate::{
    geometry::{Rect, Size},
    marks::ShownMarks,
    peer_msg::{
        Frame, RecordingEnd, RecordingState, Scene, Surface, SurfaceId, SurfaceState, TurnEnd, TurnId, TurnState,
        TurnedToShower, TurnedToWatcher,
    },
    policy::TurnRule,
    recording::{RecordingKey, RecordingOwners},
};
use alloc::collections::VecDeque;
use proptest::prelude::*;

fn frame(number: u64) -> Frame {
    let (rect, title) = (Rect::new(0, 0, 9, 9), DisplayText::default());
    let surface = Surface { id: SurfaceId(1), rect, state: SurfaceState::Shown, parent: None, title };
    let scene = Some(Scene { desktop: Size { width: 9, height: 9 }, surfaces: vec![surface] });
    Frame { number: FrameNumber(number), scene, pointer: None, cursor: None, round_trip_ms: None, pixels: vec![] }
}

fn turned(turn: u32, message: TurnedToWatcher) -> ToShower {
    ToShower::Turned { turn: TurnId(turn), message }
}

/// Both sides, with the streams of control and of pictures each way, and that of
/// what is pointed at.
struct Pair {
    shower: ShowerSession,
    watcher: WatcherSession,
    to_watcher: [VecDeque<ToWatcher>; 3],
    to_shower: [VecDeque<ToShower>; 2],
    next_frame: u64,
    /// Frames that each side was to take into its picture.
    seen_by_watcher: usize,
    seen_by_shower: Vec<FrameNumber>,
    /// The newest permit to capture at the watcher, and how often it was told to
    /// stop.
    permit: Option<Permitted<ViewSelection>>,
    stops: usize,
    /// What is pointed at, as the watcher's program was told last.
    marks: Option<Permitted<ShownMarks>>,
}

impl Pair {
    fn new(limits: Limits) -> Self {
        let mut pair = Self {
            shower: ShowerSession::new(limits, T0),
            watcher: WatcherSession::new(T0),
            to_watcher: Default::default(),
            to_shower: Default::default(),
            next_frame: 1,
            seen_by_watcher: 0,
            seen_by_shower: vec![],
            permit: None,
            stops: 0,
            marks: None,
        };
        pair.settle();
        pair
    }

    fn asked() -> Self {
        let mut pair = Self::new(Limits::NONE);
        assert!(pair.watcher.request_turn(T0));
        pair.settle();
        assert_eq!(pair.both(), (ShowerTurn::Asked { since: T0 }, WatcherTurn::Asked));
        pair
    }

    fn turned() -> Self {
        let mut pair = Self::asked();
        pair.shower.allow_turn(T0).unwrap();
        pair.settle();
        let nothing = SharingState::Choosing;
        assert_eq!(pair.both(), (ShowerTurn::Granted { shown: nothing }, WatcherTurn::Granted { sharing: nothing }));
        pair
    }

    fn showing() -> Self {
        let mut pair = Self::turned();
        pair.watcher.turned_share(selection(7), T0).unwrap();
        pair.settle();
        pair
    }

    fn both(&self) -> (ShowerTurn, WatcherTurn) {
        (self.shower.state().turn, self.watcher.state().turn)
    }

    /// The watcher's worker has a frame, and the controller the last look.
    fn frame(&mut self) -> bool {
        let message = self.watcher.turned_frame(frame(self.next_frame), false, T0);
        self.next_frame += 1;
        let sent = message.is_some();
        self.to_shower[1].extend(message);
        sent
    }

    fn drain(&mut self) {
        while let Some(effect) = self.shower.poll_effect() {
            match effect {
                ShowerEffect::Send(message @ ToWatcher::Turned { message: TurnedToShower::Point { .. }, .. })
                | ShowerEffect::Send(message @ ToWatcher::Turned { message: TurnedToShower::Mark { .. }, .. })
                | ShowerEffect::Send(message @ ToWatcher::Turned { message: TurnedToShower::ClearMarks, .. }) => {
                    self.to_watcher[2].push_back(message);
                }
                ShowerEffect::Send(message) => self.to_watcher[0].push_back(message),
                ShowerEffect::StopCapture => self.to_watcher[1].clear(),
                ShowerEffect::TurnedFrame(frame) => {
                    self.seen_by_shower.push(frame.number);
                    self.shower.turned_frame_shown(frame.number, 0);
                }
                _ => {}
            }
        }
        while let Some(effect) = self.watcher.poll_effect() {
            match effect {
                WatcherEffect::Send(message) => self.to_shower[0].push_back(message),
                WatcherEffect::StartCapture(permit) => self.permit = Some(permit),
                WatcherEffect::StopCapture => {
                    self.stops += 1;
                    self.to_shower[1].clear();
                }
                WatcherEffect::TurnedMarks(seen) => self.marks = Some(seen),
                WatcherEffect::Frame(_) => self.seen_by_watcher += 1,
                _ => {}
            }
        }
    }

    fn deliver(&mut self, stream: usize) {
        if stream < 3 {
            let Some(message) = self.to_watcher[stream].pop_front() else { return };
            self.watcher.handle_message(message.clone(), T0).unwrap_or_else(|error| panic!("{message:?}: {error}"));
        } else {
            let Some(message) = self.to_shower[stream - 3].pop_front() else { return };
            self.shower.handle_message(message.clone(), T0).unwrap_or_else(|error| panic!("{message:?}: {error}"));
        }
        self.drain();
    }

    fn settle(&mut self) {
        self.drain();
        let waits = |pair: &Self| {
            pair.to_watcher.iter().any(|queue| !queue.is_empty())
                || pair.to_shower.iter().any(|queue| !queue.is_empty())
        };
        while waits(self) {
            while let Some(message) = self.to_watcher.iter_mut().find_map(VecDeque::pop_front) {
                self.watcher.handle_message(message.clone(), T0).unwrap_or_else(|error| panic!("{message:?}: {error}"));
                self.drain();
            }
            while let Some(message) = self.to_shower.iter_mut().find_map(VecDeque::pop_front) {
                self.shower.handle_message(message.clone(), T0).unwrap_or_else(|error| panic!("{message:?}: {error}"));
                self.drain();
            }
        }
    }
}

#[test]
fn the_human_decides_and_both_sides_know() {
    let mut pair = Pair::asked();
    assert!(pair.shower.turn_back(T0), "no");
    pair.settle();
    assert_eq!(pair.both(), (ShowerTurn::Refused, WatcherTurn::Refused));
    assert!(pair.watcher.request_turn(T0), "it may be asked again");
    pair.settle();
    assert!(pair.watcher.end_turn(false, T0), "and taken back");
    pair.settle();
    assert_eq!(pair.both(), (ShowerTurn::None, WatcherTurn::None));
    assert_eq!(pair.shower.allow_turn(T0), Err(NotAsked));
    assert!(!pair.shower.turn_back(T0));
}

#[test]
fn everything_of_the_shower_ends_before_anything_of_the_watcher_begins() {
    let mut pair = Pair::asked();
    pair.shower.share(selection(1), T0).unwrap();
    pair.settle();
    pair.watcher.request_control(T0);
    pair.watcher.request_recording(T0);
    pair.settle();
    pair.shower.allow_control(ControlLimit::Session, T0).unwrap();
    pair.shower.allow_recording(RecordingOwners::Shower, RecordingKey([1; 32]), T0).unwrap();
    let gates = pair.shower.gates();
    let epochs = (gates.view.epoch(), gates.control.epoch());
    pair.settle();
    pair.shower.allow_turn(T0).unwrap();
    assert!(gates.view.epoch() > epochs.0 && gates.control.epoch() > epochs.1, "no permit outlives it");
    let said = sent(&mut pair.shower);
    let place = |wanted: fn(&ToWatcher) -> bool| said.iter().position(wanted).expect("it is said");
    let turn = place(|word| matches!(word, ToWatcher::Turn(TurnState::Granted { turn: TurnId(1) })));
    assert!(place(|word| *word == ToWatcher::Sharing(SharingState::Choosing)) < turn);
    assert!(place(|word| matches!(word, ToWatcher::Control(ControlState::Ended(_)))) < turn);
    let ended = RecordingState::Ended(RecordingEnd::Turned);
    assert!(said.contains(&ToWatcher::Recording(ended)) && pair.shower.selection().is_none());
    for message in said {
        pair.watcher.handle_message(message, T0).unwrap();
    }
    pair.settle();
    assert_eq!(pair.watcher.state().sharing, SharingState::Choosing);
    assert!(pair.permit.is_none(), "nothing of the watcher's before its human chooses");
    assert!(pair.watcher.request_recording(T0));
    pair.settle();
    assert_eq!(pair.watcher.state().recording, RecordingState::Refused, "there is nothing to be recorded");
}

#[test]
fn the_shower_sees_exactly_what_the_watcher_chose_and_only_while_it_is_shown() {
    let mut pair = Pair::turned();
    assert!(!pair.frame(), "nothing is chosen");
    pair.watcher.turned_share(selection(7), T0).unwrap();
    let showing = SharingState::Showing;
    pair.settle();
    assert_eq!(pair.both(), (ShowerTurn::Granted { shown: showing }, WatcherTurn::Granted { sharing: showing }));
    let permit = pair.permit.clone().expect("a permit");
    assert_eq!(permit.claim(), Some(&selection(7)));
    assert!(pair.frame());
    pair.settle();
    assert_eq!(pair.seen_by_shower, [FrameNumber(2)]);
    assert!(pair.watcher.turned_pause(T0));
    assert!(permit.claim().is_none() && !pair.frame(), "at once");
    pair.settle();
    assert_eq!(pair.stops, 1);
    assert_eq!(pair.shower.state().turn, ShowerTurn::Granted { shown: SharingState::Paused });
    assert!(pair.watcher.turned_resume(T0) && !pair.watcher.turned_resume(T0));
    pair.settle();
    assert!(pair.permit.as_ref().is_some_and(|permit| permit.claim().is_some()));
    assert!(pair.watcher.turned_choose_again(T0));
    assert!(!pair.frame() && !pair.watcher.turned_choose_again(T0) && !pair.watcher.turned_pause(T0));
    assert_eq!(pair.watcher.turned_share(ViewSelection::default(), T0), Err(ShareError::Empty));
}

#[test]
fn either_side_turns_back_at_once_and_showing_then_needs_a_new_choice() {
    let mut pair = Pair::showing();
    assert!(pair.frame());
    assert!(pair.shower.turn_back(T0));
    pair.settle();
    let end = TurnEnd::TakenBack;
    assert_eq!(pair.both(), (ShowerTurn::Ended(end), WatcherTurn::Ended(end)));
    assert_eq!(pair.seen_by_shower, [], "what was on its way is too late");
    assert!(pair.permit.as_ref().is_some_and(|permit| permit.claim().is_none()) && pair.stops == 1);
    assert_eq!(pair.shower.state().sharing, SharingState::Choosing, "nothing comes back by itself");
    assert_eq!(pair.watcher.turned_share(selection(7), T0), Err(ShareError::Ended));
    for (broken, end) in [(false, TurnEnd::GivenBack), (true, TurnEnd::Broken)] {
        let mut pair = Pair::showing();
        assert!(pair.watcher.end_turn(broken, T0) && !pair.watcher.end_turn(broken, T0));
        assert_eq!(pair.watcher.state().turn, WatcherTurn::Ended(end), "before it is heard of");
        assert!(pair.permit.as_ref().is_some_and(|permit| permit.claim().is_none()));
        pair.settle();
        assert_eq!(pair.both(), (ShowerTurn::Ended(end), WatcherTurn::Ended(end)));
    }
}

#[test]
fn who_shows_something_turns_back_first() {
    let mut pair = Pair::showing();
    pair.shower.share(selection(1), T0).unwrap();
    let said = sent(&mut pair.shower);
    let end = ToWatcher::Turn(TurnState::Ended(TurnEnd::TakenBack));
    assert_eq!(said, [end, ToWatcher::Sharing(SharingState::Showing)]);
    for message in said {
        pair.watcher.handle_message(message, T0).unwrap();
    }
    pair.settle();
    assert_eq!(pair.watcher.state().sharing, SharingState::Showing);
    assert!(pair.permit.as_ref().is_some_and(|permit| permit.claim().is_none()));
}

#[test]
fn it_does_not_outlast_the_link_or_the_session() {
    let mut pair = Pair::showing();
    pair.shower.link_lost(T0);
    pair.watcher.link_lost(T0);
    let end = TurnEnd::LinkLost;
    assert_eq!(pair.both(), (ShowerTurn::Ended(end), WatcherTurn::Ended(end)));
    assert!(pair.permit.as_ref().is_some_and(|permit| permit.claim().is_none()));
    pair.drain();
    assert_eq!(pair.stops, 1);
    assert!(!pair.watcher.request_turn(T0), "without a link nobody is asked");
    pair.shower.link_restored(T0);
    pair.watcher.link_restored(T0);
    pair.settle();
    assert!(pair.watcher.request_turn(T0));
    pair.settle();
    pair.shower.allow_turn(T0).unwrap();
    pair.settle();
    assert!(matches!(pair.both(), (ShowerTurn::Granted { .. }, WatcherTurn::Granted { .. })));
    pair.watcher.turned_share(selection(7), T0).unwrap();
    pair.settle();
    pair.watcher.end(EndReason::ByPerson, T0);
    pair.settle();
    assert_eq!(pair.both(), (ShowerTurn::None, WatcherTurn::None));
    assert!(pair.permit.as_ref().is_some_and(|permit| permit.claim().is_none()) && pair.stops == 2);
}

#[test]
fn the_rules_refuse_without_asking_the_human() {
    let mut pair = Pair::new(Limits { turn: TurnRule::Forbidden, ..Limits::NONE });
    assert!(pair.watcher.request_turn(T0));
    pair.settle();
    let end = TurnEnd::Forbidden;
    assert_eq!(pair.both(), (ShowerTurn::Ended(end), WatcherTurn::Ended(end)));
    assert_eq!(pair.shower.allow_turn(T0), Err(NotAsked));
}

#[test]
fn asking_without_end_is_refused_and_then_ends_the_session() {
    let mut session = ShowerSession::new(Limits::NONE, T0);
    session.handle_message(ToShower::Hello { version: hello() }, T0).unwrap();
    let mut seen = 0;
    let ended = (0..1_000).find_map(|_| {
        let result = session.handle_message(ToShower::RequestTurn, T0);
        seen += u32::from(matches!(session.state().turn, ShowerTurn::Asked { .. }));
        session.turn_back(T0);
        result.err()
    });
    assert_eq!(ended, Some(Misbehaviour::AsksFlood));
    assert!(seen <= 3, "the human was asked {seen} times");
}

/// A session of a customer who has allowed the first turn.
fn looking() -> ShowerSession {
    let mut session = ShowerSession::new(Limits::NONE, T0);
    session.handle_message(ToShower::Hello { version: hello() }, T0).unwrap();
    session.handle_message(ToShower::RequestTurn, T0).unwrap();
    session.allow_turn(T0).unwrap();
    session
}

#[test]
fn words_of_an_old_turn_are_dropped_and_words_of_none_end_the_session() {
    let showing = || TurnedToWatcher::Sharing(SharingState::Showing);
    for turn in [0, 2, u32::MAX] {
        let mut session = looking();
        assert_eq!(session.handle_message(turned(turn, showing()), T0), Err(Misbehaviour::TurnOrder));
        assert_eq!(session.state().turn, ShowerTurn::None, "it is over");
    }
    let mut fresh = ShowerSession::new(Limits::NONE, T0);
    fresh.handle_message(ToShower::Hello { version: hello() }, T0).unwrap();
    let early = turned(1, TurnedToWatcher::Frame(frame(1)));
    assert_eq!(fresh.handle_message(early, T0), Err(Misbehaviour::TurnOrder), "before any consent");

    let mut session = looking();
    session.handle_message(turned(1, showing()), T0).unwrap();
    session.turn_back(T0);
    session.handle_message(turned(1, TurnedToWatcher::Frame(frame(1))), T0).unwrap();
    session.handle_message(ToShower::RequestTurn, T0).unwrap();
    session.allow_turn(T0).unwrap();
    session.handle_message(turned(1, TurnedToWatcher::Frame(frame(2))), T0).unwrap();
    session.handle_message(turned(2, TurnedToWatcher::Frame(frame(1))), T0).unwrap();
    let seen = effects(&mut session).iter().filter(|effect| matches!(effect, ShowerEffect::TurnedFrame(_))).count();
    assert_eq!(seen, 0, "nothing is shown in the second turn yet");
}

#[test]
fn the_turned_machines_judge_as_the_others_do() {
    let mut session = looking();
    session.handle_message(turned(1, TurnedToWatcher::Sharing(SharingState::Showing)), T0).unwrap();
    let again = turned(1, TurnedToWatcher::Sharing(SharingState::Showing));
    assert_eq!(session.handle_message(again, T0), Err(Misbehaviour::SharingOrder));
    let mut session = looking();
    session.handle_message(turned(1, TurnedToWatcher::Sharing(SharingState::Showing)), T0).unwrap();
    session.handle_message(turned(1, TurnedToWatcher::Frame(frame(3))), T0).unwrap();
    let back = turned(1, TurnedToWatcher::Frame(frame(3)));
    assert_eq!(session.handle_message(back, T0), Err(Misbehaviour::FrameOrder));
    let mut session = looking();
    let mut large = frame(1);
    if let Some(scene) = &mut large.scene {
        scene.surfaces[0].rect = Rect::new(0, 0, u32::MAX, u32::MAX);
    }
    assert_eq!(
        session.handle_message(turned(1, TurnedToWatcher::Frame(large)), T0),
        Err(Misbehaviour::Scene),
        "before anything is allocated for it"
    );
    let mut pair = Pair::showing();
    let shown = TurnedToShower::FrameShown { number: FrameNumber(4), held_ms: 0 };
    let message = |message| ToWatcher::Turned { turn: TurnId(1), message };
    pair.watcher.handle_message(message(shown.clone()), T0).unwrap();
    assert_eq!(pair.watcher.handle_message(message(shown), T0), Err(Misbehaviour::FrameOrder));
    assert!(pair.permit.as_ref().is_some_and(|permit| permit.claim().is_none()));
}

fn any_turn_word() -> impl Strategy<Value = ToWatcher> {
    let granted = (1..4_u32).prop_map(|turn| ToWatcher::Turn(TurnState::Granted { turn: TurnId(turn) }));
    let word = (0..4_u32, 1..9_u64).prop_map(|(turn, number)| ToWatcher::Turned {
        turn: TurnId(turn),
        message: TurnedToShower::FrameShown { number: FrameNumber(number), held_ms: 0 },
    });
    let mark = (0..3_u32, 1..3_u32, 1..3_u32, 1..3_u32).prop_map(|(turn, showing, id, surface)| {
        let message = pointing::mark(showing, id, surface);
        ToWatcher::Turned { turn: TurnId(turn), message }
    });
    prop_oneof![
        2 => Just(ToWatcher::Turn(TurnState::Asked)),
        4 => granted,
        4 => mark,
        1 => Just(ToWatcher::Turn(TurnState::None)),
        1 => Just(ToWatcher::Turn(TurnState::Refused)),
        1 => Just(ToWatcher::Turn(TurnState::Ended(TurnEnd::TakenBack))),
        2 => word,
        1 => Just(ToWatcher::Sharing(SharingState::Showing)),
        1 => Just(ToWatcher::Sharing(SharingState::Choosing)),
    ]
}

#[derive(Clone, Debug)]
enum Op {
    Told(ToWatcher),
    Request,
    End,
    Share,
    Pause,
    Frame(u64),
    Cut,
}

proptest! {
    /// Whatever a hostile shower says: this side shows only what its human chose
    /// after having asked, and never while the other side shows. What the other
    /// side points at is seen on that alone.
    #[test]
    fn a_watcher_shows_only_what_its_human_chose(ops in prop::collection::vec(
        prop_oneof![
            6 => any_turn_word().prop_map(Op::Told),
            2 => Just(Op::Request),
            1 => Just(Op::End),
            3 => Just(Op::Share),
            1 => Just(Op::Pause),
            3 => (1..3_u64).prop_map(Op::Frame),
            1 => Just(Op::Cut),
        ], 1..50)
    ) {
        let mut session = WatcherSession::new(T0);
        session.handle_message(ToWatcher::Hello { version: hello() }, T0).unwrap();
        let (mut wanted, mut chosen) = (false, false);
        let mut permits: Vec<Permitted<ViewSelection>> = vec![];
        let (mut marks, mut framed) = (None, false);
        for op in ops {
            match op {
                Op::Told(message) => drop(session.handle_message(message, T0)),
                Op::Request => wanted |= session.request_turn(T0),
                Op::End => {
                    session.end_turn(false, T0);
                    wanted = false;
                }
                Op::Share => chosen = session.turned_share(selection(7), T0).is_ok(),
                Op::Pause => drop(session.turned_pause(T0)),
                Op::Frame(number) => framed |= session.turned_frame(frame(number), false, T0).is_some(),
                Op::Cut => {
                    session.link_lost(T0);
                    session.link_restored(T0);
                    session.handle_message(ToWatcher::Hello { version: hello() }, T0).ok();
                    wanted = false;
                }
            }
            while let Some(effect) = session.poll_effect() {
                match effect {
                    WatcherEffect::StartCapture(permit) => {
                        permits.push(permit);
                        framed = false;
                    }
                    WatcherEffect::TurnedMarks(seen) => marks = Some(seen),
                    _ => {}
                }
            }
            let state = session.state();
            let seen: &[_] = marks.as_ref().and_then(Permitted::claim).map_or(&[], |seen: &ShownMarks| &seen.marks);
            let shows = state.turn == WatcherTurn::Granted { sharing: SharingState::Showing };
            prop_assert!(!shows || (wanted && chosen && state.sharing == SharingState::Choosing));
            let live = permits.iter().filter(|permit| permit.claim().is_some()).count();
            prop_assert_eq!(live, usize::from(shows), "a permit lives exactly as long as it is shown");
            prop_assert!(seen.iter().all(|mark| shows && framed && mark.surface == SurfaceId(1)));
        }
    }

    /// Two honest sides never accuse each other and agree once nothing is on
    /// the way, and never both show.
    #[test]
    fn honest_sides_agree_in_the_end(ops in prop::collection::vec(0..24_u8, 1..160)) {
        let mut pair = Pair::new(Limits::NONE);
        for op in ops {
            match op {
                0 => drop(pair.watcher.request_turn(T0)),
                1 => drop(pair.watcher.end_turn(false, T0)),
                2 | 3 => drop(pair.shower.allow_turn(T0)),
                4 => drop(pair.shower.turn_back(T0)),
                5 | 6 => drop(pair.watcher.turned_share(selection(7), T0)),
                7 => drop(pair.watcher.turned_pause(T0)),
                8 => drop(pair.watcher.turned_resume(T0)),
                9 => drop(pair.shower.share(selection(1), T0)),
                10 => pair.shower.choose_again(T0),
                11 | 12 => drop(pair.frame()),
                13 | 14 => pair.point(op),
                15 => drop(pair.shower.turned_clear_marks(T0)),
                16 => drop(pair.watcher.turned_clear_marks(T0)),
                17 => drop(pair.watcher.turned_hide_pointing(pair.next_frame.is_multiple_of(2), T0)),
                18 => drop(pair.watcher.turned_point_out(pair.next_frame.is_multiple_of(2), T0)),
                op => pair.deliver(usize::from(op - 19)),
            }
            pair.drain();
            let shows = pair.shower.state().sharing == SharingState::Showing;
            let looks = matches!(pair.shower.state().turn, ShowerTurn::Granted { .. });
            prop_assert!(!shows || !looks, "both directions at once");
        }
        pair.settle();
        pair.agree_on_pointing();
        match pair.both() {
            (ShowerTurn::Granted { shown }, WatcherTurn::Granted { sharing }) => prop_assert_eq!(shown, sharing),
            (ShowerTurn::Asked { .. }, WatcherTurn::Asked)
            | (
                ShowerTurn::None | ShowerTurn::Refused | ShowerTurn::Ended(_),
                WatcherTurn::None | WatcherTurn::Refused | WatcherTurn::Ended(_),
            ) => {}
            (shower, watcher) => prop_assert!(false, "{:?} {:?}", shower, watcher),
        }
    }
}
