//! A fault in a thread of a program: the session ends at once, both sides say
//! why, and nothing is begun in that program any more.

#[path = "support/world.rs"]
#[allow(dead_code, reason = "the other files of tests use more of it")]
mod support;

use mitblick_client_core::{
    advisor::{AdvisorIntent, AdvisorScreen},
    customer::{
        ControlView, CustomerIntent, CustomerScreen,
        control::ControlEvent,
        controller::{CustomerEvent, CustomerWork},
        share::ShareCommand,
    },
    faults::on_fault,
    problem::Problem,
};
use mitblick_protocol::peer_msg::ControlEnd;
use std::{sync::mpsc::channel, thread};
use support::World;

fn controlled() -> World {
    let mut world = World::showing();
    world.advisor(AdvisorIntent::RequestControl);
    world.customer(CustomerIntent::AllowControl { minutes: Some(5) });
    let CustomerScreen::Sharing(bar) = world.customer_screen() else { panic!("nothing is shown") };
    assert!(matches!(bar.control, ControlView::Granted { .. }));
    world
}

/// Whether what was permitted last still is.
fn may_capture(world: &World) -> bool {
    let permits = world.customer_work.iter().rev().find_map(|work| match work {
        CustomerWork::Share(ShareCommand::Start(permit)) => Some(permit),
        _ => None,
    });
    permits.expect("capture was started").claim().is_some()
}

#[test]
fn a_fault_in_the_customers_program_ends_everything_and_both_sides_say_why() {
    let mut world = controlled();
    assert!(may_capture(&world));
    world.customer(CustomerIntent::Fault);
    let CustomerScreen::Ended(end) = world.customer_screen() else { panic!("still showing") };
    assert_eq!((end.by_me, end.problem), (false, Some(Problem::ProgramFault)));
    assert!(!may_capture(&world));
    let AdvisorScreen::Lobby { last: Some(last), .. } = world.advisor_screen() else { panic!("still viewing") };
    assert_eq!((last.by_me, last.problem), (false, Some(Problem::OtherSideFault)));

    world.customer(CustomerIntent::NewSession);
    world.advisor(AdvisorIntent::NewNumber);
    let number = world.open_number();
    world.customer(CustomerIntent::Join(number));
    let CustomerScreen::Join { problem, .. } = world.customer_screen() else { panic!("it goes on") };
    assert_eq!(problem, Some(Problem::ProgramFault));
}

#[test]
fn a_fault_in_the_advisors_program_ends_everything_and_both_sides_say_why() {
    let mut world = controlled();
    world.advisor(AdvisorIntent::Fault);
    let CustomerScreen::Ended(end) = world.customer_screen() else { panic!("still showing") };
    assert_eq!((end.by_me, end.problem), (false, Some(Problem::OtherSideFault)));
    assert!(!may_capture(&world));
    for _ in 0..2 {
        let AdvisorScreen::SignIn { problem, .. } = world.advisor_screen() else { panic!("it goes on") };
        assert_eq!(problem, Some(Problem::ProgramFault));
        world.advisor(AdvisorIntent::SignIn { user: "anna".into(), password: "secret".into() });
    }
}

#[test]
fn a_fault_on_the_way_to_a_session_ends_that_way() {
    let mut world = World::new();
    let number = world.number();
    world.network = false;
    world.customer(CustomerIntent::Join(number));
    assert!(matches!(world.customer_screen(), CustomerScreen::Connecting(_)));
    world.customer(CustomerIntent::Fault);
    let CustomerScreen::Join { problem, .. } = world.customer_screen() else { panic!("it goes on") };
    assert_eq!(problem, Some(Problem::ProgramFault));
}

#[test]
fn a_fault_is_told_whichever_thread_it_ends() {
    let (told, heard) = channel();
    on_fault(move || {
        // Other tests of this program may fail as well, when this one is over.
        let _ = told.send(thread::current().name().map(str::to_owned));
    });
    let faulty = thread::Builder::new().name("faulty".into()).spawn(|| panic!("as it should")).unwrap();
    assert!(faulty.join().is_err());
    assert!(heard.try_iter().any(|name| name.as_deref() == Some("faulty")));
}

#[test]
fn without_a_keyboard_control_ends_and_may_be_allowed_anew() {
    let mut world = controlled();
    world.customer_event(CustomerEvent::Control(ControlEvent::KeyboardGone));
    let control = |world: &World| match world.customer_screen() {
        CustomerScreen::Sharing(bar) => bar.control,
        _ => panic!("nothing is shown"),
    };
    assert_eq!(control(&world), ControlView::Ended(ControlEnd::NotAvailable));
    world.pass(60_000);
    world.advisor(AdvisorIntent::RequestControl);
    world.customer(CustomerIntent::AllowControl { minutes: Some(5) });
    assert!(matches!(control(&world), ControlView::Granted { .. }));
}

#[test]
fn once_the_stop_key_is_lost_there_is_no_control_in_that_session() {
    let mut world = controlled();
    world.customer_event(CustomerEvent::Control(ControlEvent::StopKeyLost));
    // That the watch had begun comes late.
    world.customer_event(CustomerEvent::StopKeyWatch(Ok(())));
    let control = |world: &World| match world.customer_screen() {
        CustomerScreen::Sharing(bar) => bar.control,
        _ => panic!("nothing is shown"),
    };
    assert_eq!(control(&world), ControlView::Ended(ControlEnd::NotAvailable));
    world.pass(60_000);
    world.advisor(AdvisorIntent::RequestControl);
    world.customer(CustomerIntent::AllowControl { minutes: Some(5) });
    assert!(!matches!(control(&world), ControlView::Granted { .. }), "without a stop key");
    assert!(matches!(world.complaints.last(), Some(Problem::StopKeyLost)), "{:?}", world.complaints);
}
