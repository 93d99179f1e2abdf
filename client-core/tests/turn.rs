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
    pointing::{Pointing, SeenMarks},
    problem::Problem,
    showing::{
        run::{ShowCommand, ShowEvent, ShowNumber, ShowRun},
        share::{ShareCommand, ShareEvent},
    },
    watching::{
        run::{RunCommand, RunEvent, RunNumber, SharedPicture, WatchRun},
        watch::WatchEvent,
    },
};
use mitblick_platform::fake::FakePlatform;
use mitblick_protocol::{
    geometry::{Point, Rect, Size},
    marks::{Mark, MarkColour, MarkId, MarkLife, MarkShape, ShownMarks},
    peer_msg::{Frame, FrameNumber, PointerPlace, Scene, SharingState, Surface, SurfaceId, SurfaceState, TurnEnd},
    policy::{Limits, TurnRule},
    session::{ApplicationId, Drawing, Permitted, ViewSelection, WatcherTurn},
    text::DisplayText,
};
use std::{
    sync::{Arc, mpsc},
    time::Duration,
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

const PLACE: PointerPlace = PointerPlace { surface: SurfaceId(1), at: Point { x: 5, y: 6 } };

fn drawing() -> Pointing {
    let shape = MarkShape::Step { at: Point { x: 5, y: 5 }, number: 1 };
    let drawing = Drawing { surface: SurfaceId(1), shape, colour: MarkColour::Red, life: MarkLife::Stays };
    Pointing::Draw { drawing, again: false }
}

/// The customer has seen a window of the advisor's.
fn looking() -> World {
    let mut world = showing(World::showing());
    let (rect, title) = (Rect::new(0, 0, 300, 200), DisplayText::default());
    let surface = Surface { id: SurfaceId(1), rect, state: SurfaceState::Shown, parent: None, title };
    let scene = Some(Scene { desktop: Size { width: 800, height: 600 }, surfaces: vec![surface] });
    let event = ShareEvent::Frame(Frame { scene, ..frame(1) }, permit(&world));
    let number = begun(&world).unwrap();
    world.advisor_event(AdvisorEvent::Show(number, ShowEvent::Share(event)));
    world
}

/// What is drawn over the advisor's windows now.
fn over(world: &World) -> ShownMarks {
    let told = world.advisor_work.iter().rev().find_map(|work| match work {
        AdvisorWork::Show(ShowCommand::Marks(seen)) => Some(seen.claim().cloned()),
        _ => None,
    });
    told.flatten().unwrap_or_default()
}

/// How many marks lie over the customer's picture.
fn echoed(world: &World) -> Option<usize> {
    world.customer_work.iter().rev().find_map(|work| match work {
        CustomerWork::Watch(RunCommand::Marks(seen)) => Some(seen.marks.len()),
        _ => None,
    })
}

#[test]
fn what_the_customer_points_at_lies_over_the_advisors_windows_while_they_are_shown() {
    let mut world = looking();
    world.customer(CustomerIntent::Point(drawing()));
    world.customer(CustomerIntent::Point(Pointing::At(Some(PLACE))));
    assert_eq!((over(&world).marks.len(), over(&world).pointer), (1, Some(PLACE)));
    assert_eq!(echoed(&world), Some(1));
    let AdvisorScreen::Viewer(viewer) = world.advisor_screen() else { panic!("no session") };
    assert_eq!((viewer.turn.guide.marks, viewer.turn.guide.customer_points), (1, true));
    world.advisor(AdvisorIntent::Turn(AdvisorTurn::Pause));
    assert_eq!((over(&world), echoed(&world)), (ShownMarks::default(), Some(0)));
    world.advisor(AdvisorIntent::Turn(AdvisorTurn::Resume));
    assert_eq!(over(&world), ShownMarks::default(), "it does not come back");
}

#[test]
fn the_advisor_takes_marks_away_and_forbids_them() {
    let mut world = looking();
    world.customer(CustomerIntent::Point(drawing()));
    world.advisor(AdvisorIntent::Turn(AdvisorTurn::ClearMarks));
    assert_eq!((over(&world), echoed(&world)), (ShownMarks::default(), Some(0)));
    world.advisor(AdvisorIntent::Turn(AdvisorTurn::HidePointing(true)));
    let CustomerScreen::Watching(watching) = world.customer_screen() else { panic!("it goes on") };
    assert!(!watching.guide.pointing_allowed);
    world.customer(CustomerIntent::Point(drawing()));
    assert_eq!(world.complaints, [Problem::NotNow]);
    assert_eq!(over(&world), ShownMarks::default());
}

#[test]
fn without_a_turn_the_customer_points_at_nothing() {
    let mut world = World::showing();
    world.customer(CustomerIntent::Point(drawing()));
    assert_eq!(world.complaints, [Problem::NotNow]);
    let mut world = looking();
    world.customer(CustomerIntent::Point(drawing()));
    world.customer(CustomerIntent::TurnBack);
    assert_eq!(over(&world), ShownMarks::default());
    world.customer(CustomerIntent::Point(drawing()));
    assert_eq!(world.complaints, [Problem::NotNow]);
}

#[test]
fn the_overlay_of_a_showing_ends_with_it() {
    let mut world = looking();
    world.customer(CustomerIntent::Point(drawing()));
    world.customer(CustomerIntent::Point(Pointing::At(Some(PLACE))));
    let seen = world.advisor_work.iter().rev().find_map(|work| match work {
        AdvisorWork::Show(ShowCommand::Marks(seen)) => Some(seen.clone()),
        _ => None,
    });
    let desktop = FakePlatform::new(Size { width: 800, height: 600 });
    desktop.add_application(ApplicationId(7), "Ledger");
    assert_eq!(desktop.open_window(ApplicationId(7), "Accounts", Rect::new(0, 0, 300, 200), 0), SurfaceId(1));
    let opened = desktop.clone();
    let open = Arc::new(move || Ok(Arc::new(opened.clone()) as Arc<dyn mitblick_platform::Platform>));
    let mut run = ShowRun::new(open, Arc::new(|| "Customer".into()), |_, _| {});
    run.perform(ShowCommand::Begin(ShowNumber(1)));
    run.perform(ShowCommand::Marks(seen.expect("marks")));
    let patches = desktop.patches_shown();
    assert_eq!(patches.iter().map(|patch| patch.moves).collect::<Vec<_>>(), [false, true], "a mark and the pointer");
    let named = patches[1].ink.bounds().width;
    assert!(named > 50, "the name is beside it: {named}");
    world.advisor(AdvisorIntent::Turn(AdvisorTurn::Pause));
    assert_eq!(desktop.patches_shown(), [], "before anybody has told the overlay");
    run.perform(ShowCommand::End);
}

#[test]
fn own_marks_lie_over_the_picture_of_the_run() {
    let (said, heard) = mpsc::channel();
    let mut run = WatchRun::new(None, Arc::new(|| {}), move |_, event| drop(said.send(event)));
    let picture = SharedPicture::default();
    run.perform(RunCommand::Begin { number: RunNumber(1), picture: picture.clone() });
    // The picture has been emptied.
    heard.recv_timeout(Duration::from_secs(60)).expect("it begins");
    let Pointing::Draw { drawing: Drawing { surface, shape, colour, life }, .. } = drawing() else { panic!("a mark") };
    let mark = Mark { id: MarkId(1), surface, shape, colour, life };
    run.perform(RunCommand::Marks(SeenMarks { marks: vec![mark], points_out: true }));
    let seen = || {
        let picture = picture.0.lock();
        (picture.marks.len(), picture.ring.is_some())
    };
    assert_eq!(seen(), (1, true));
    run.perform(RunCommand::Marks(SeenMarks::default()));
    assert_eq!(seen(), (0, false));
}
