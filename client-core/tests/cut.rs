//! A line that is cut and comes back, controller against controller.

#[path = "support/world.rs"]
#[allow(dead_code, reason = "other files of tests use more of it")]
mod support;

use mitblick_client_core::{
    advisor::{AdvisorIntent, AdvisorScreen, LastSession, ViewerView},
    controller::Controller,
    customer::{ControlView, CustomerIntent, CustomerScreen, controller::CustomerWork, share::ShareCommand},
    link::LinkEvent,
    problem::Problem,
    together::TogetherIntent,
};
use mitblick_protocol::{
    broker_msg::{FromBroker, PairEnd},
    peer_msg::{ControlEnd, SharingState},
};
use support::World;

fn showing() -> World {
    World::resuming().connect().show()
}

fn viewer(world: &World) -> ViewerView {
    match world.advisor_screen() {
        AdvisorScreen::Viewer(view) => view,
        _ => panic!("no session"),
    }
}

fn control(world: &World) -> ControlView {
    match world.customer_screen() {
        CustomerScreen::Sharing(view) => view.control,
        other => panic!("{other:?}"),
    }
}

/// Whether the last word to the capturing worker was to capture.
fn captures(world: &World) -> bool {
    let mut words = world.customer_work.iter().filter_map(|work| match work {
        CustomerWork::Share(ShareCommand::Start(_)) => Some(true),
        CustomerWork::Share(ShareCommand::Stop) => Some(false),
        _ => None,
    });
    words.next_back().unwrap_or(false)
}

fn is_cut(world: &World) -> (bool, bool) {
    (viewer(world).cut_s.is_some(), world.customer_view().cut_s.is_some())
}

#[test]
fn both_sides_say_at_once_that_the_line_is_cut_and_viewing_comes_back_by_itself() {
    let mut world = showing();
    world.advisor(AdvisorIntent::RequestControl);
    world.customer(CustomerIntent::AllowControl { minutes: Some(5) });
    world.cut();
    assert_eq!(is_cut(&world), (true, true));
    assert!(!captures(&world));
    assert_eq!(control(&world), ControlView::Ended(ControlEnd::LinkLost));
    assert_eq!(viewer(&world).control, ControlView::Ended(ControlEnd::LinkLost));
    world.pass(3_000);
    assert_eq!(is_cut(&world), (false, false));
    assert!(captures(&world));
    assert_eq!(viewer(&world).sharing, SharingState::Showing);
    assert_eq!(control(&world), ControlView::Ended(ControlEnd::LinkLost), "control does not come back");
}

#[test]
fn the_side_whose_line_stands_waits_for_the_other_and_cuts_follow_cuts() {
    let mut world = showing();
    for _ in 0..3 {
        world.cut_customer();
        assert_eq!(is_cut(&world), (true, true));
        world.pass(3_000);
        assert_eq!(is_cut(&world), (false, false));
        assert!(captures(&world));
    }
}

#[test]
fn cuts_before_the_last_proof_arrives_lose_nobody() {
    let mut world = showing();
    world.lost_proofs = 2;
    while world.lost_proofs > 0 {
        world.cut();
        world.pass(3_000);
    }
    assert_eq!(is_cut(&world), (false, true), "the customer's side has not heard it");
    world.cut();
    world.pass(10_000);
    assert_eq!(is_cut(&world), (false, false));
    assert!(captures(&world));
}

#[test]
fn what_was_written_into_the_cut_arrives_after_it() {
    let mut world = showing();
    world.cut();
    world.customer(CustomerIntent::Together(TogetherIntent::Say("are you still there?".into())));
    world.pass(3_000);
    assert_eq!(viewer(&world).together.chat.lines[0].text, "are you still there?");
}

#[test]
fn a_pause_during_the_cut_holds() {
    let mut world = showing();
    world.cut();
    world.customer(CustomerIntent::Pause);
    world.pass(3_000);
    assert!(!captures(&world));
    assert_eq!(viewer(&world).sharing, SharingState::Paused);
}

#[test]
fn whoever_ends_the_session_in_the_cut_has_ended_it() {
    let mut world = showing();
    world.cut();
    world.customer(CustomerIntent::End);
    assert!(matches!(world.customer_screen(), CustomerScreen::Ended(end) if end.by_me));
    world.pass(130_000);
    assert!(!matches!(world.advisor_screen(), AdvisorScreen::Viewer(_)), "nobody came back");
    assert!(!captures(&world));
}

#[test]
fn an_advisor_who_ends_it_on_the_way_back_is_not_left_in_a_lobby_without_a_broker() {
    for (wait_ms, network) in [(0, false), (30_000, false), (0, true)] {
        let mut world = showing();
        world.network = network;
        world.cut();
        world.pass(wait_ms);
        world.advisor(AdvisorIntent::End);
        let AdvisorScreen::SignIn { problem, .. } = world.advisor_screen() else {
            panic!("{wait_ms} ms, {network}: a lobby without a broker")
        };
        assert_eq!(problem, Some(Problem::LinkLost));
    }
    // While the broker is there it is a lobby.
    let mut world = showing();
    world.cut_customer();
    world.advisor(AdvisorIntent::End);
    assert!(matches!(world.advisor_screen(), AdvisorScreen::Lobby { .. }));
}

#[test]
fn after_two_minutes_without_the_other_side_it_is_over() {
    let mut world = showing();
    world.network = false;
    world.cut();
    world.pass(119_000);
    assert_eq!(is_cut(&world), (true, true));
    world.pass(2_000);
    let CustomerScreen::Ended(end) = world.customer_screen() else { panic!("{:?}", world.customer_screen()) };
    assert_eq!((end.by_me, end.problem), (false, Some(Problem::LinkLost)));
    assert!(matches!(world.advisor_screen(), AdvisorScreen::SignIn { problem: Some(Problem::LinkLost), .. }));
}

#[test]
fn an_end_on_purpose_is_no_cut() {
    for why in [PairEnd::PeerLeft, PairEnd::Withdrawn] {
        let mut world = showing();
        world.tell_customer(FromBroker::PairEnded(why));
        assert!(matches!(world.customer_screen(), CustomerScreen::Ended(_)), "{why:?}");
        world.tell_advisor(FromBroker::PairEnded(why));
        let AdvisorScreen::Lobby { last: Some(LastSession { connected: true, .. }), .. } = world.advisor_screen()
        else {
            panic!("{why:?}")
        };
    }
}

#[test]
fn a_broker_that_restarts_is_survived() {
    let mut world = showing();
    let restarting = FromBroker::Restarting { reconnect_in_ms: 2_000, try_for_ms: 60_000 };
    world.tell_customer(restarting.clone());
    world.tell_advisor(restarting);
    assert_eq!(is_cut(&world), (false, false), "it goes on until the broker stops");
    world.stop_broker();
    world.pass(1_000);
    assert_eq!(is_cut(&world), (true, true));
    world.pass(6_000);
    assert_eq!(is_cut(&world), (false, false));
    assert!(captures(&world));
}

#[test]
fn bytes_of_a_stranger_in_the_cut_bring_nothing_back() {
    let mut world = showing();
    world.meddle = Some(Box::new(|_, bytes| {
        if let Some(last) = bytes.last_mut() {
            *last ^= 1;
        }
    }));
    world.cut();
    world.pass(60_000);
    assert!(!captures(&world), "a changed proof is none");
    world.meddle = None;
    world.pass(40_000);
    assert!(captures(&world), "and the right one is still taken");
}

#[test]
fn whoever_answers_in_the_brokers_place_gets_no_second_try() {
    let (address, proxy) = ("broker.example:443".to_owned(), "proxy.example:3128".to_owned());
    let problems =
        [Problem::BrokerNotGenuine { address: address.clone() }, Problem::ProxyOpensEncryption { proxy, address }];
    for problem in problems {
        let mut world = showing();
        world.customer.handle_link(LinkEvent::Lost(problem.clone()), world.now);
        world.advisor.handle_link(LinkEvent::Lost(problem.clone()), world.now);
        world.run();
        let CustomerScreen::Ended(end) = world.customer_screen() else { panic!("it goes on after {problem:?}") };
        assert_eq!(end.problem, Some(problem.clone()));
        let AdvisorScreen::SignIn { problem: told, .. } = world.advisor_screen() else { panic!("it goes on") };
        assert_eq!(told, Some(problem));
        assert!(!world.customer_connected && !world.advisor_connected);
    }
}

#[test]
fn what_comes_back_by_itself_is_said_and_a_click_keeps_it_from_it() {
    let mut world = showing();
    let bar = |world: &World| match world.customer_screen() {
        CustomerScreen::Sharing(view) => (view.paused, view.comes_back),
        other => panic!("{other:?}"),
    };
    assert_eq!(bar(&world), (false, false));
    world.cut();
    assert_eq!(bar(&world), (true, true));
    world.customer(CustomerIntent::Pause);
    assert_eq!(world.complaints, [], "it is something to be wanted");
    assert_eq!(bar(&world), (true, false));
    world.pass(3_000);
    assert_eq!((is_cut(&world), captures(&world)), ((false, false), false));
    world.customer(CustomerIntent::Resume);
    assert!(captures(&world));
}
