//! Both controllers against each other: what each person sees, what the
//! workers are told, and when nothing may leave.

#[path = "support/world.rs"]
#[allow(dead_code, reason = "the other file of tests uses more of it")]
mod support;

use mitblick_client_core::{
    advisor::{AdvisorIntent, AdvisorScreen, controller::AdvisorWork},
    customer::{
        ControlView, CustomerIntent, CustomerScreen,
        control::{ControlCommand, ControlEvent},
        controller::{CustomerEvent, CustomerWork},
        share::{ShareCommand, ShareEvent},
    },
    problem::Problem,
};
use mitblick_protocol::{
    broker_msg::{AttemptOutcome, FromBroker, PairEnd, PasswordRule, SignInRefusal},
    geometry::{Rect, Size},
    input::{InputEvent, Key},
    peer_msg::{ControlEnd, Frame, FrameNumber, Scene, SharingState},
    session::{ApplicationId, AskedMore, Permitted, ViewSelection},
};
use support::World;

fn permit(world: &World) -> Permitted<ViewSelection> {
    let permits = world.customer_work.iter().rev().find_map(|work| match work {
        CustomerWork::Share(ShareCommand::Start(permit)) => Some(permit.clone()),
        _ => None,
    });
    permits.expect("capture was started")
}

fn frame(number: u64, bytes: usize) -> Frame {
    let scene = Scene { desktop: Size { width: 800, height: 600 }, surfaces: Vec::new() };
    Frame {
        number: FrameNumber(number),
        scene: Some(scene),
        pointer: None,
        cursor: None,
        round_trip_ms: None,
        pixels: vec![9; bytes],
    }
}

fn frames_taken(world: &World) -> usize {
    world.advisor_work.iter().filter(|work| matches!(work, AdvisorWork::Frame(_))).count()
}

fn injected(world: &World) -> usize {
    let inputs = world.customer_work.iter().filter_map(|work| match work {
        CustomerWork::Control(ControlCommand::Input(input)) => Some(input),
        _ => None,
    });
    inputs.filter(|input| input.claim().is_some_and(|event| *event != InputEvent::ReleaseAll)).count()
}

fn customer_control(world: &World) -> ControlView {
    match world.customer_screen() {
        CustomerScreen::Sharing(view) => view.control,
        _ => ControlView::None,
    }
}

fn controlled() -> World {
    let mut world = World::showing();
    world.advisor(AdvisorIntent::RequestControl);
    assert_eq!(customer_control(&world), ControlView::Asked);
    world.customer(CustomerIntent::AllowControl { minutes: Some(5) });
    assert!(matches!(customer_control(&world), ControlView::Granted { remaining_s: Some(300) }));
    world
}

fn type_a(world: &mut World) {
    world.advisor(AdvisorIntent::Input(InputEvent::Key { key: Key::Character('a'), pressed: true }));
}

#[test]
fn a_session_goes_from_the_number_to_the_end_screen() {
    let mut world = World::showing();
    let AdvisorScreen::Viewer(viewer) = world.advisor_screen() else { panic!("no viewer") };
    assert_eq!(viewer.sharing, SharingState::Showing);
    let CustomerScreen::Sharing(bar) = world.customer_screen() else { panic!("no bar") };
    assert_eq!((bar.who.organisation.as_str(), bar.who.advisor.as_str()), ("Muster Bank", "Anna Muster"));
    assert_eq!(bar.applications, ["Editor"]);
    assert_eq!(bar.words, viewer.words, "both read the same check words");
    world.customer_event(CustomerEvent::Share(ShareEvent::Frame(frame(1, 50_000), permit(&world))));
    assert_eq!(frames_taken(&world), 1);
    world.pass(65_000);
    world.customer(CustomerIntent::End);
    let CustomerScreen::Ended(end) = world.customer_screen() else { panic!("no end screen") };
    assert!(end.by_me && end.problem.is_none() && end.shown_s == 65);
    let AdvisorScreen::Lobby { last: Some(last), number: None, .. } = world.advisor_screen() else {
        panic!("the advisor is not told");
    };
    assert!(last.connected && !last.by_me && last.problem.is_none());
    assert!(!world.customer_connected && world.advisor_connected);
}

#[test]
fn a_genuine_card_that_is_not_in_force_by_the_clock_is_no_interference() {
    let mut world = World::new();
    let number = world.number();
    // Longer than a card is good for.
    world.pass(10_001_000);
    world.customer(CustomerIntent::Join(number));
    let CustomerScreen::Join { problem, .. } = world.customer_screen() else { panic!("it is taken") };
    assert_eq!(problem, Some(Problem::ClockWrong));
}

#[test]
fn nothing_is_captured_before_the_customer_has_chosen() {
    let mut world = World::connected();
    world.customer_event(CustomerEvent::Applications(Ok(vec![support::item(11, "Editor")])));
    world.pass(30_000);
    assert!(!world.customer_work.iter().any(|work| matches!(work, CustomerWork::Share(ShareCommand::Start(_)))));
    world.customer(CustomerIntent::Share(Vec::new()));
    assert_eq!(world.complaints, [Problem::NothingToShare]);
    assert!(!world.customer_work.iter().any(|work| matches!(work, CustomerWork::Share(ShareCommand::Start(_)))));
}

#[test]
fn a_frame_taken_before_a_pause_does_not_leave_after_it() {
    let mut world = World::showing();
    let old = permit(&world);
    world.customer(CustomerIntent::Pause);
    world.customer_event(CustomerEvent::Share(ShareEvent::Frame(frame(1, 10), old.clone())));
    assert_eq!(frames_taken(&world), 0);
    world.customer(CustomerIntent::Resume);
    world.customer_event(CustomerEvent::Share(ShareEvent::Frame(frame(2, 10), old)));
    assert_eq!(frames_taken(&world), 0, "consent is new, the frame is not");
    world.customer_event(CustomerEvent::Share(ShareEvent::Frame(frame(3, 10), permit(&world))));
    assert_eq!(frames_taken(&world), 1);
}

#[test]
fn a_pause_breaks_off_a_picture_that_is_on_its_way() {
    let mut world = World::showing();
    let permit = permit(&world);
    world.network = false;
    world.customer_event(CustomerEvent::Share(ShareEvent::Frame(frame(1, 500_000), permit)));
    // A slow line: one record of the picture has been sealed so far.
    use mitblick_client_core::controller::Controller;
    let first = world.customer.next_record(world.now).expect("a record of the picture");
    world.customer(CustomerIntent::Pause);
    let mut bytes = 0;
    let mut rest = Vec::new();
    while let Some(record) = world.customer.next_record(world.now) {
        bytes += record.len();
        rest.push(record);
    }
    assert!(bytes < 2_000, "{bytes} bytes left after the pause");
    // The other side is not thrown off by the broken-off picture.
    world.network = true;
    for record in std::iter::once(first).chain(rest) {
        world.advisor.handle_link(mitblick_client_core::link::LinkEvent::Relay(record), world.now);
    }
    world.run();
    let AdvisorScreen::Viewer(viewer) = world.advisor_screen() else { panic!("the session ended") };
    assert_eq!(viewer.sharing, SharingState::Paused);
    assert_eq!(frames_taken(&world), 0);
}

#[test]
fn input_reaches_the_injector_only_under_a_grant() {
    let mut world = World::showing();
    type_a(&mut world);
    assert_eq!(injected(&world), 0);
    world.advisor(AdvisorIntent::RequestControl);
    type_a(&mut world);
    assert_eq!(injected(&world), 0);
    world.customer(CustomerIntent::AllowControl { minutes: None });
    type_a(&mut world);
    assert_eq!(injected(&world), 1);
    world.customer(CustomerIntent::RevokeControl);
    type_a(&mut world);
    assert_eq!(injected(&world), 0, "what was permitted before is so no longer");
}

#[test]
fn the_stop_key_ends_control_for_both_and_the_injector() {
    let mut world = controlled();
    world.customer_event(CustomerEvent::Control(ControlEvent::StopKey));
    assert_eq!(customer_control(&world), ControlView::Ended(ControlEnd::StopKey));
    assert!(world.customer_work.iter().any(|work| matches!(work, CustomerWork::Control(ControlCommand::Stop))));
    assert!(matches!(world.customer_work.last(), Some(CustomerWork::Frames(frames)) if frames.is_empty()));
    let AdvisorScreen::Viewer(viewer) = world.advisor_screen() else { panic!("no viewer") };
    assert_eq!(viewer.control, ControlView::Ended(ControlEnd::StopKey));
}

#[test]
fn control_ends_when_its_time_is_over() {
    let mut world = controlled();
    world.pass(301_000);
    assert_eq!(customer_control(&world), ControlView::Ended(ControlEnd::TimeOver));
    type_a(&mut world);
    assert_eq!(injected(&world), 0);
}

#[test]
fn more_time_is_asked_for_refused_and_given_while_control_goes_on() {
    let asks = |world: &World| matches!(world.customer_screen(), CustomerScreen::Sharing(bar) if bar.asks_more);
    let advisor = |world: &World| {
        let AdvisorScreen::Viewer(viewer) = world.advisor_screen() else { panic!("no viewer") };
        (viewer.more_time, viewer.control)
    };
    let granted = |remaining_s| ControlView::Granted { remaining_s: Some(remaining_s) };
    let mut world = controlled();
    world.customer(CustomerIntent::AllowMoreTime { minutes: None });
    assert_eq!(world.complaints.pop(), Some(Problem::NotNow), "nobody asks for it");
    world.pass(100_000);
    world.advisor(AdvisorIntent::RequestMoreTime);
    assert!(asks(&world));
    assert_eq!(advisor(&world), (AskedMore::Asked, granted(200)));
    world.customer(CustomerIntent::RefuseMoreTime);
    assert!(!asks(&world));
    assert_eq!(advisor(&world), (AskedMore::Refused, granted(200)));
    type_a(&mut world);
    assert_eq!(injected(&world), 1, "control goes on");
    world.pass(100_000);
    world.advisor(AdvisorIntent::RequestMoreTime);
    world.pass(10_000);
    world.customer(CustomerIntent::AllowMoreTime { minutes: Some(15) });
    assert_eq!(customer_control(&world), granted(900));
    assert_eq!(advisor(&world), (AskedMore::Nothing, granted(900)));
    world.pass(800_000);
    type_a(&mut world);
    assert_eq!(injected(&world), 2);
    // Without an answer it ends at its time.
    world.advisor(AdvisorIntent::RequestMoreTime);
    world.pass(101_000);
    assert_eq!(customer_control(&world), ControlView::Ended(ControlEnd::TimeOver));
    assert!(!asks(&world));
    assert_eq!(advisor(&world), (AskedMore::Nothing, ControlView::Ended(ControlEnd::TimeOver)));
}

#[test]
fn silence_never_grants_anything() {
    let mut world = World::showing();
    world.advisor(AdvisorIntent::RequestControl);
    world.pass(3_600_000);
    assert!(!matches!(customer_control(&world), ControlView::Granted { .. }));
}

#[test]
fn without_the_stop_key_control_is_refused() {
    let mut world = World::showing();
    world.customer_event(CustomerEvent::StopKeyWatch(Err("no keyboard".into())));
    world.advisor(AdvisorIntent::RequestControl);
    world.customer(CustomerIntent::AllowControl { minutes: Some(5) });
    assert_eq!(world.complaints, [Problem::ControlUnavailable("no keyboard".into())]);
    assert!(!matches!(customer_control(&world), ControlView::Granted { .. }));
}

#[test]
fn frames_are_drawn_round_shared_windows_while_control_is_granted() {
    let mut world = controlled();
    let window = Rect::new(10, 10, 300, 200);
    world.customer_event(CustomerEvent::Share(ShareEvent::Windows(vec![window])));
    assert!(matches!(world.customer_work.last(), Some(CustomerWork::Frames(frames)) if *frames == [window]));
    world.advisor(AdvisorIntent::GiveBackControl);
    assert!(matches!(world.customer_work.last(), Some(CustomerWork::Frames(frames)) if frames.is_empty()));
}

#[test]
fn a_wrong_secret_burns_the_number_and_both_are_told() {
    let mut world = World::new();
    let number = world.number();
    // Another number with the same routing part: digits 5 to 9 differ.
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let wrong = (0..100_000_u32)
        .map(|secret| format!("{}{secret:05}", &digits[..4]))
        .flat_map(|start| (0..10).map(move |check| format!("{start}{check}")))
        .find(|text| text[4..9] != digits[4..9] && text.parse::<mitblick_protocol::number::SessionNumber>().is_ok())
        .expect("another valid number");
    world.customer(CustomerIntent::Join(wrong));
    assert_eq!(world.outcomes, [AttemptOutcome::Burned]);
    let CustomerScreen::Join { problem, .. } = world.customer_screen() else { panic!("not back at the number") };
    assert_eq!(problem, Some(Problem::WrongNumberOrInterference));
    let AdvisorScreen::Lobby { number: None, last: Some(last), .. } = world.advisor_screen() else {
        panic!("the number is still open");
    };
    assert_eq!(last.problem, Some(Problem::NumberBurned));
    world.customer(CustomerIntent::Join(number));
    let CustomerScreen::Join { problem, .. } = world.customer_screen() else { panic!("a burned number works") };
    assert_eq!(problem, Some(Problem::NoOneWaits));
}

#[test]
fn a_typing_slip_is_found_before_anything_is_sent() {
    let mut world = World::new();
    for (text, problem) in [
        ("482 915 730", Problem::NumberTooShort(9)),
        ("482 915 7303 1", Problem::NumberTooLong),
        ("482 9a5 7303", Problem::NumberNotADigit('a')),
    ] {
        world.customer(CustomerIntent::Join(text.into()));
        let CustomerScreen::Join { problem: shown, .. } = world.customer_screen() else { panic!("it went on") };
        assert_eq!(shown, Some(problem));
        assert!(!world.customer_connected);
    }
}

#[test]
fn meddling_with_any_message_never_makes_a_session() {
    for victim in 0..6 {
        let mut world = World::new();
        let number = world.number();
        let mut seen = 0;
        world.meddle = Some(Box::new(move |_, bytes| {
            if seen == victim
                && let Some(last) = bytes.last_mut()
            {
                *last ^= 1;
            }
            seen += 1;
        }));
        world.customer(CustomerIntent::Join(number));
        world.pass(60_000);
        let chosen = matches!(world.customer_screen(), CustomerScreen::Choose { .. });
        let viewing = matches!(world.advisor_screen(), AdvisorScreen::Viewer(_));
        assert!(!(chosen && viewing), "message {victim} was changed and a session stands");
    }
}

#[test]
fn a_lost_link_ends_everything_on_both_sides_at_once() {
    let mut world = controlled();
    world.cut();
    let CustomerScreen::Ended(end) = world.customer_screen() else { panic!("still showing") };
    assert_eq!((end.by_me, end.problem), (false, Some(Problem::LinkLost)));
    let AdvisorScreen::SignIn { problem, .. } = world.advisor_screen() else { panic!("still viewing") };
    assert_eq!(problem, Some(Problem::LinkLost));
    assert!(permit(&world).claim().is_none());
    assert_eq!(injected(&world), 0);
}

#[test]
fn ending_works_with_a_dead_network() {
    let mut world = controlled();
    world.network = false;
    world.customer(CustomerIntent::End);
    assert!(matches!(world.customer_screen(), CustomerScreen::Ended(_)));
    assert!(permit(&world).claim().is_none());
    world.advisor(AdvisorIntent::End);
    assert!(matches!(world.advisor_screen(), AdvisorScreen::Lobby { .. }));
}

#[test]
fn words_of_the_broker_at_the_wrong_time_change_nothing() {
    let mut world = controlled();
    for message in [
        FromBroker::Paired,
        FromBroker::Joined,
        FromBroker::JoinFailed,
        FromBroker::SignedIn { advisor: Default::default() },
        FromBroker::NumberClosed(mitblick_protocol::broker_msg::NumberEnd::Expired),
    ] {
        world.tell_customer(message.clone());
        assert!(matches!(customer_control(&world), ControlView::Granted { .. }), "{message:?}");
    }
    world.tell_customer(FromBroker::PairEnded(PairEnd::PeerLost));
    let CustomerScreen::Ended(end) = world.customer_screen() else { panic!("still showing") };
    assert_eq!(end.problem, Some(Problem::OtherSideLost));
}

#[test]
fn a_record_that_is_none_ends_the_session_with_a_clear_word() {
    let mut world = controlled();
    world.relay_to_customer(vec![1; 100]);
    let CustomerScreen::Ended(end) = world.customer_screen() else { panic!("still showing") };
    assert_eq!(end.problem, Some(Problem::OtherSideMisbehaved));
    assert!(permit(&world).claim().is_none());
}

#[test]
fn a_broker_that_signs_nobody_in_twice_is_no_way_into_a_session() {
    let mut world = controlled();
    world.tell_advisor(FromBroker::SignedIn { advisor: Default::default() });
    assert!(matches!(world.advisor_screen(), AdvisorScreen::Viewer(_)), "a session does not vanish unnoticed");
}

#[test]
fn an_initial_password_is_exchanged_in_the_advisors_program() {
    let mut world = World::new();
    world.refuses = Some(SignInRefusal::MustChangePassword);
    world.advisor(AdvisorIntent::ChangePassword { new: "too early".into() });
    assert_eq!(world.complaints, [Problem::NotNow]);
    world.advisor(AdvisorIntent::SignIn { user: "anna".into(), password: "secret".into() });
    let problem = |world: &World| match world.advisor_screen() {
        AdvisorScreen::NewPassword { user, busy: false, problem } if user == "anna" => problem,
        _ => panic!("no new password is asked for"),
    };
    assert_eq!(problem(&world), None);
    assert!(!world.advisor_connected, "nobody waits at the broker while somebody thinks");
    world.advisor(AdvisorIntent::ChangePassword { new: "kurz".into() });
    assert_eq!(problem(&world), Some(Problem::PasswordRefused(PasswordRule::TooShort { at_least: 15 })));
    world.advisor(AdvisorIntent::ChangePassword { new: "zweite wolke kamel tasse".into() });
    assert!(matches!(world.advisor_screen(), AdvisorScreen::Lobby { number: Some(_), .. }));
}

#[test]
fn who_is_not_admitted_is_told_why() {
    for (why, expected) in [
        (SignInRefusal::InitialPasswordExpired, Problem::InitialPasswordExpired),
        (SignInRefusal::NotAnAdvisor, Problem::NotAnAdvisor),
        (SignInRefusal::PasswordChanged, Problem::PasswordChanged),
        (SignInRefusal::Blocked, Problem::AccountBlocked),
        (SignInRefusal::WorkplaceUnproven, Problem::WorkplaceRefused),
        (SignInRefusal::WorkplaceRefused, Problem::WorkplaceRefused),
        (SignInRefusal::TooManyWorkplaces, Problem::TooManyWorkplaces),
    ] {
        let mut world = World::new();
        world.refuses = Some(why);
        world.advisor(AdvisorIntent::SignIn { user: "anna".into(), password: "secret".into() });
        let AdvisorScreen::SignIn { busy: false, problem, .. } = world.advisor_screen() else { panic!("{why:?}") };
        assert_eq!(problem, Some(expected));
    }
}

#[test]
fn titles_choose_applications_from_a_fresh_list() {
    let mut world = World::connected();
    world.customer(CustomerIntent::ShareTitles(vec!["Mail".into()]));
    let items = vec![support::item(11, "Editor"), support::item(12, "Mail")];
    world.customer_event(CustomerEvent::Applications(Ok(items)));
    let permit = permit(&world);
    let chosen: Vec<_> = permit.claim().expect("live").applications.iter().copied().collect();
    assert_eq!(chosen, [ApplicationId(12)]);
}

#[test]
fn closing_a_program_ends_the_session_first() {
    let mut world = controlled();
    world.customer(CustomerIntent::Quit);
    assert_eq!(world.quit, ["customer"]);
    assert!(matches!(world.advisor_screen(), AdvisorScreen::Lobby { last: Some(_), .. }));
}
