//! Guiding without control, controller against controller.

#[path = "support/world.rs"]
#[allow(dead_code, reason = "other files of tests use more of it")]
mod support;

use mitblick_client_core::{
    advisor::{AdvisorGuide, AdvisorIntent, AdvisorScreen, controller::AdvisorWork},
    customer::{
        CustomerGuide, CustomerIntent, CustomerScreen, GuideView,
        controller::{CustomerEvent, CustomerWork},
        preview::{PreviewCommand, PreviewEvent},
        share::{ShareCommand, ShareEvent},
    },
    pointing::Pointing,
    problem::Problem,
};
use mitblick_protocol::{
    ask::AskAnswer,
    geometry::{Point, Rect, Size},
    marks::{MarkColour, MarkLife, MarkShape, ShownMarks},
    peer_msg::{Frame, FrameNumber, PointerPlace, Scene, Surface, SurfaceId, SurfaceState},
    session::{ApplicationId, AskState, Drawing, Permitted, ViewSelection},
    text::DisplayText,
};
use support::{World, item};

fn permit(world: &World) -> Permitted<ViewSelection> {
    let permits = world.customer_work.iter().rev().find_map(|work| match work {
        CustomerWork::Share(ShareCommand::Start(permit)) => Some(permit.clone()),
        _ => None,
    });
    permits.expect("capture was started")
}

fn frame(number: u64) -> Frame {
    let rect = Rect::new(0, 0, 100, 100);
    let (id, state, title) = (SurfaceId(5), SurfaceState::Shown, DisplayText::default());
    let surface = Surface { id, rect, state, parent: None, title };
    let scene = Some(Scene { desktop: Size { width: 800, height: 600 }, surfaces: vec![surface] });
    let number = FrameNumber(number);
    Frame { number, scene, pointer: None, cursor: None, round_trip_ms: None, pixels: Vec::new() }
}

/// The advisor sees a window.
fn seeing() -> World {
    let mut world = World::showing();
    world.customer_event(CustomerEvent::Share(ShareEvent::Frame(frame(1), permit(&world))));
    world
}

fn guide(world: &World) -> GuideView {
    world.customer_view().guide.expect("a session")
}

/// What the overlay was told last, as far as its permit lives.
fn on_screen(world: &World) -> ShownMarks {
    let told = world.customer_work.iter().rev().find_map(|work| match work {
        CustomerWork::Marks { seen, name } => Some((seen.claim().cloned(), name.clone())),
        _ => None,
    });
    let (seen, name) = told.expect("something was pointed at");
    assert_eq!(name, "Anna Muster");
    seen.unwrap_or_default()
}

fn draw(world: &mut World) {
    let shape = MarkShape::Step { at: Point { x: 5, y: 5 }, number: 1 };
    let (colour, life) = (MarkColour::Red, MarkLife::Stays);
    let drawing = Drawing { surface: SurfaceId(5), shape, colour, life };
    world.advisor(AdvisorIntent::Guide(AdvisorGuide::Point(Pointing::Draw { drawing, again: false })));
}

#[test]
fn what_the_advisor_points_at_is_seen_under_the_views_permit_and_echoed_at_once() {
    let mut world = seeing();
    draw(&mut world);
    let place = PointerPlace { surface: SurfaceId(5), at: Point { x: 7, y: 8 } };
    world.advisor(AdvisorIntent::Guide(AdvisorGuide::Point(Pointing::At(Some(place)))));
    let seen = on_screen(&world);
    assert_eq!((seen.marks.len(), seen.pointer), (1, Some(place)));
    let echoed =
        world.advisor_work.iter().any(|work| matches!(work, AdvisorWork::Marks(seen) if seen.marks.len() == 1));
    assert!(echoed);
    assert_eq!((guide(&world).marks, guide(&world).advisor_points), (1, true));
    world.customer(CustomerIntent::Pause);
    assert_eq!(on_screen(&world), ShownMarks::default());
    let last = world.advisor_work.iter().rev().find_map(|work| match work {
        AdvisorWork::Marks(seen) => Some(seen.marks.len()),
        _ => None,
    });
    assert_eq!(last, Some(0), "nor at the advisor");
}

#[test]
fn the_end_takes_marks_away() {
    let mut world = seeing();
    draw(&mut world);
    world.customer(CustomerIntent::End);
    assert_eq!(on_screen(&world), ShownMarks::default());
}

#[test]
fn what_is_asked_for_is_added_to_what_is_shown() {
    let mut world = seeing();
    world.advisor(AdvisorIntent::Guide(AdvisorGuide::Ask("your mail".into())));
    assert_eq!(guide(&world).asked.as_deref(), Some("your mail"));
    world.customer(CustomerIntent::Guide(CustomerGuide::ListMore(true)));
    let more = guide(&world).more.and_then(|more| more.applications).expect("a list");
    assert_eq!(more.iter().map(|item| item.id).collect::<Vec<_>>(), [ApplicationId(12)], "only what is not shown");
    world.customer(CustomerIntent::Guide(CustomerGuide::ShowAlso(vec![ApplicationId(12)])));
    let shown = permit(&world).claim().expect("a live permit").applications.clone();
    assert_eq!(shown.into_iter().collect::<Vec<_>>(), [ApplicationId(11), ApplicationId(12)]);
    let AdvisorScreen::Viewer(viewer) = world.advisor_screen() else { panic!("no session") };
    assert_eq!(viewer.ask, AskState::Answered(AskAnswer::Shown));
    assert_eq!((guide(&world).asked, guide(&world).more), (None, None));
}

/// Frames that the preview was given.
fn previewed(world: &World) -> Vec<(u64, bool)> {
    let frames = world.customer_work.iter().filter_map(|work| match work {
        CustomerWork::Preview(PreviewCommand::Frame { frame, fresh }) => Some((frame.number.0, *fresh)),
        _ => None,
    });
    frames.collect()
}

#[test]
fn the_preview_gets_what_is_sent_from_a_fresh_beginning_on_and_nothing_while_closed() {
    let mut world = seeing();
    let send = |world: &mut World, number, fresh| {
        let permit = permit(world);
        let event = if fresh { ShareEvent::FreshFrame } else { ShareEvent::Frame };
        world.customer_event(CustomerEvent::Share(event(frame(number), permit)));
    };
    send(&mut world, 2, false);
    assert_eq!(previewed(&world), []);
    world.customer(CustomerIntent::Guide(CustomerGuide::Preview(true)));
    let afresh = |world: &World| {
        world.customer_work.iter().any(|work| matches!(work, CustomerWork::Share(ShareCommand::BeginAfresh)))
    };
    assert!(afresh(&world));
    send(&mut world, 3, false);
    send(&mut world, 4, true);
    send(&mut world, 5, false);
    assert_eq!(previewed(&world), [(4, true), (5, false)]);
    assert!(world.advisor_work.iter().any(|work| matches!(work, AdvisorWork::BeginAfresh)));
    let old = permit(&world);
    world.customer(CustomerIntent::Pause);
    world.customer_event(CustomerEvent::Share(ShareEvent::Frame(frame(6), old)));
    assert_eq!(previewed(&world).len(), 2, "what is not sent is not shown as if it were");
    world.customer(CustomerIntent::Resume);
    send(&mut world, 7, false);
    assert_eq!(previewed(&world).last(), Some(&(7, false)), "a showing begins whole");
    world.customer(CustomerIntent::Guide(CustomerGuide::Preview(false)));
    send(&mut world, 8, false);
    assert_eq!(previewed(&world).len(), 3);
}

#[test]
fn whoever_looks_is_told_that_moving_pictures_may_be_missing() {
    let mut world = seeing();
    world.customer(CustomerIntent::Guide(CustomerGuide::Preview(true)));
    let lacks = |world: &World| guide(world).preview.expect("somebody looks").lacks_video;
    assert!(!lacks(&world));
    world.customer_event(CustomerEvent::Preview(PreviewEvent::DecodesVideo(false)));
    assert!(lacks(&world));
    world.customer_event(CustomerEvent::Preview(PreviewEvent::DecodesVideo(true)));
    assert!(!lacks(&world));
}

#[test]
fn nothing_is_listed_when_nobody_looks_any_more() {
    for look in [CustomerGuide::Preview as fn(bool) -> CustomerGuide, CustomerGuide::ListMore] {
        let mut world = seeing();
        let listings = |world: &World| {
            world.customer_work.iter().filter(|work| matches!(work, CustomerWork::ListApplications)).count()
        };
        let before = listings(&world);
        world.customer(CustomerIntent::Guide(look(true)));
        world.pass(30_000);
        let looking = listings(&world);
        assert!(looking > before + 1, "again and again while somebody looks");
        world.customer(CustomerIntent::Guide(look(false)));
        world.pass(30_000);
        assert_eq!(listings(&world), looking);
    }
}

#[test]
fn an_application_without_a_window_is_still_named_as_shown() {
    let mut world = World::connected();
    world.customer_event(CustomerEvent::Applications(Ok(vec![item(11, "Editor"), item(12, "Mail")])));
    world.customer_event(CustomerEvent::StopKeyWatch(Ok(())));
    world.customer(CustomerIntent::Share(vec![ApplicationId(11), ApplicationId(12)]));
    // Mail closes its window, and goes on.
    world.customer_event(CustomerEvent::Applications(Ok(vec![item(11, "Editor"), item(13, "Browser")])));
    world.customer(CustomerIntent::Guide(CustomerGuide::ShowAlso(vec![ApplicationId(13)])));
    let shown = |world: &World| match world.customer_screen() {
        CustomerScreen::Sharing(bar) => bar.applications,
        other => panic!("{other:?}"),
    };
    assert_eq!(shown(&world), ["Editor", "Browser", "Mail"]);
    // What nobody has named to the person is not shown.
    world.customer(CustomerIntent::Share(vec![ApplicationId(77)]));
    assert_eq!(world.complaints.last(), Some(&Problem::NothingToShare));
    assert_eq!(shown(&world), ["Editor", "Browser", "Mail"]);
}
