//! The turned direction between the two controllers: what the workers are told
//! to do, and what both people see of it.

#[path = "support/world.rs"]
#[allow(dead_code)]
mod support;

use mitblick_client_core::{
    advisor::{
        AdvisorIntent, AdvisorScreen, AdvisorTurn,
        controller::{AdvisorEvent, AdvisorWork},
    },
    customer::{
        CustomerIntent, CustomerScreen, TurnView,
        controller::{CustomerEvent, CustomerWork},
    },
    problem::Problem,
    showing::{
        run::{ShowCommand, ShowEvent, ShowNumber},
        share::{ShareCommand, ShareEvent},
    },
    watching::{
        run::{RunCommand, RunEvent, RunNumber},
        watch::WatchEvent,
    },
};
use mitblick_protocol::{
    peer_msg::{Frame, FrameNumber, SharingState, TurnEnd},
    policy::{Limits, TurnRule},
    session::{ApplicationId, Permitted, ViewSelection, WatcherTurn},
};
use support::{World, item};

/// The advisor has asked and the customer looks.
fn turned(mut world: World) -> World {
    world.advisor(AdvisorIntent::Turn(AdvisorTurn::Request));
    assert_eq!(world.customer_view().turn, TurnView::Asked);
    world.customer(CustomerIntent::AllowTurn);
    assert!(matches!(world.customer_screen(), CustomerScreen::Watching(_)), "{:?}", world.customer_screen());
    world
}

/// The advisor shows an application.
fn showing(world: World) -> World {
    let mut world = turned(world);
    let number = begun(&world).expect("the workers began");
    let listed = ShowEvent::Applications(Ok(vec![item(7, "Ledger"), item(8, "Notes")]));
    world.advisor_event(AdvisorEvent::Show(number, listed));
    world.advisor(AdvisorIntent::Turn(AdvisorTurn::Show(vec![ApplicationId(7)])));
    assert_eq!(state(&world), WatcherTurn::Granted { sharing: SharingState::Showing });
    world
}

fn state(world: &World) -> WatcherTurn {
    match world.advisor_screen() {
        AdvisorScreen::Viewer(viewer) => viewer.turn.state,
        _ => panic!("no session"),
    }
}

fn begun(world: &World) -> Option<ShowNumber> {
    world.advisor_work.iter().rev().find_map(|work| match work {
        AdvisorWork::Show(ShowCommand::Begin(number)) => Some(*number),
        _ => None,
    })
}

fn permit(world: &World) -> Permitted<ViewSelection> {
    let started = world.advisor_work.iter().rev().find_map(|work| match work {
        AdvisorWork::Show(ShowCommand::Share(ShareCommand::Start(permit))) => Some(permit.clone()),
        _ => None,
    });
    started.expect("capture began")
}

fn frame(number: u64) -> Frame {
    let number = FrameNumber(number);
    Frame { number, scene: None, pointer: None, cursor: None, round_trip_ms: None, pixels: vec![7] }
}

fn seen(world: &World) -> Vec<FrameNumber> {
    let frames = world.customer_work.iter().filter_map(|work| match work {
        CustomerWork::Watch(RunCommand::Frame { frame, .. }) => Some(frame.number),
        _ => None,
    });
    frames.collect()
}

#[test]
fn what_the_advisor_chose_reaches_the_customer_and_is_answered() {
    let mut world = showing(World::showing());
    let (number, permit) = (begun(&world).unwrap(), permit(&world));
    assert_eq!(permit.claim().map(|chosen| chosen.applications.len()), Some(1));
    let event = ShareEvent::Frame(frame(1), permit);
    world.advisor_event(AdvisorEvent::Show(number, ShowEvent::Share(event)));
    assert_eq!(seen(&world), [FrameNumber(1)]);
    let shown = WatchEvent::Shown { number: FrameNumber(1), bytes: 10_000, surfaces: None };
    world.customer_event(CustomerEvent::Watch(RunNumber(1), RunEvent::Watch(shown)));
    let answered = world.advisor_work.iter().any(|work| {
        matches!(work, AdvisorWork::Show(ShowCommand::Share(ShareCommand::FrameShown { number: FrameNumber(1), .. })))
    });
    assert!(answered);
    let AdvisorScreen::Viewer(viewer) = world.advisor_screen() else { panic!("no session") };
    assert_eq!((viewer.sharing, viewer.turn.shown), (SharingState::Choosing, vec!["Ledger".to_owned()]));
}

#[test]
fn a_frame_that_comes_after_the_pause_or_from_an_earlier_turn_does_not_leave() {
    let mut world = showing(World::showing());
    let (number, old) = (begun(&world).unwrap(), permit(&world));
    world.advisor(AdvisorIntent::Turn(AdvisorTurn::Pause));
    let late = |permit: &Permitted<ViewSelection>| ShowEvent::Share(ShareEvent::Frame(frame(1), permit.clone()));
    world.advisor_event(AdvisorEvent::Show(number, late(&old)));
    assert_eq!(seen(&world), []);
    world.customer(CustomerIntent::TurnBack);
    assert_eq!(state(&world), WatcherTurn::Ended(TurnEnd::TakenBack));
    let mut world = showing(world);
    world.advisor_event(AdvisorEvent::Show(number, late(&permit(&world))));
    assert_eq!(seen(&world), [], "the workers are others");
    assert!(begun(&world) > Some(number));
}

#[test]
fn a_locked_program_shows_nothing() {
    let mut world = showing(World::showing());
    let permit = permit(&world);
    world.advisor(AdvisorIntent::Lock);
    assert!(permit.claim().is_none());
    assert_eq!(world.customer_view().turn, TurnView::Turned { shown: SharingState::Paused });
    world.advisor(AdvisorIntent::Turn(AdvisorTurn::Resume));
    assert_eq!(world.customer_view().turn, TurnView::Turned { shown: SharingState::Paused });
    world.advisor(AdvisorIntent::Unlock { password: "secret".into() });
    assert_eq!(state(&world), WatcherTurn::Granted { sharing: SharingState::Paused }, "not by itself");
    world.advisor(AdvisorIntent::Turn(AdvisorTurn::Resume));
    assert_eq!(world.customer_view().turn, TurnView::Turned { shown: SharingState::Showing });
}

#[test]
fn a_desktop_that_cannot_be_shown_turns_back() {
    let mut world = turned(World::showing());
    let number = begun(&world).unwrap();
    world.advisor_event(AdvisorEvent::Show(number, ShowEvent::Failed("no display".into())));
    assert_eq!(world.complaints, [Problem::ShowingFailed("no display".into())]);
    assert_eq!(world.customer_view().turn, TurnView::Ended(TurnEnd::Broken));
    assert!(matches!(world.customer_screen(), CustomerScreen::Choose { again: true, .. }));
}

#[test]
fn a_picture_that_is_none_ends_the_session() {
    for event in [RunEvent::Watch(WatchEvent::Malformed), RunEvent::TooManyFrames] {
        let mut world = showing(World::showing());
        world.customer_event(CustomerEvent::Watch(RunNumber(1), event));
        let CustomerScreen::Ended(end) = world.customer_screen() else { panic!("it goes on") };
        assert_eq!(end.problem, Some(Problem::OtherSideMisbehaved));
        assert!(world.customer_work.iter().any(|work| matches!(work, CustomerWork::Watch(RunCommand::End))));
        assert!(world.advisor_work.iter().any(|work| matches!(work, AdvisorWork::Show(ShowCommand::End))));
    }
}

#[test]
fn who_has_not_said_who_called_is_asked_nothing_else() {
    let mut world = World::of_unknown_company();
    let number = world.number();
    world.customer(CustomerIntent::Join(number));
    world.advisor(AdvisorIntent::Turn(AdvisorTurn::Request));
    assert_eq!(world.customer_view().turn, TurnView::None);
    world.customer(CustomerIntent::AllowTurn);
    assert_eq!(world.complaints, [Problem::NotNow]);
    world.customer(CustomerIntent::IDidCall);
    assert_eq!(world.customer_view().turn, TurnView::Asked, "it waits");
}

#[test]
fn what_the_rules_forbid_is_not_even_asked() {
    let mut world = World::new();
    let limits = Limits { turn: TurnRule::Forbidden, ..Limits::default() };
    let rules = world.signed(1, limits);
    (world.advisor_rules, world.customer_rules) = (Some(rules.clone()), Some(rules));
    let mut world = world.connect().show();
    world.advisor(AdvisorIntent::Turn(AdvisorTurn::Request));
    assert_eq!(world.complaints, [Problem::ShowingForbidden]);
    assert_eq!(world.customer_view().turn, TurnView::None);
}
