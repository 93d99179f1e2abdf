//! The company's rules in both programs: what each does by itself, whatever
//! the other one does.

#[path = "support/world.rs"]
#[allow(dead_code, reason = "the other file of tests uses more of it")]
mod support;

use mitblick_client_core::{
    advisor::{AdvisorIntent, AdvisorScreen},
    customer::{ControlView, CustomerIntent, CustomerScreen},
    problem::Problem,
};
use mitblick_protocol::{
    broker_msg::FromBroker,
    peer_msg::ControlEnd,
    policy::{ControlRule, Limits, Minutes},
};
use support::World;

const NO_CONTROL: Limits = Limits { control: ControlRule::Forbidden, ..Limits::NONE };

fn under(limits: Limits) -> World {
    let mut world = World::new();
    let rules = world.signed(1, limits);
    world.advisor_rules = Some(rules.clone());
    world.customer_rules = Some(rules);
    world
}

fn customer_control(world: &World) -> ControlView {
    match world.customer_screen() {
        CustomerScreen::Sharing(view) => view.control,
        other => panic!("{other:?}"),
    }
}

fn suites(world: &World) -> [String; 2] {
    let AdvisorScreen::Viewer(viewer) = world.advisor_screen() else { panic!("no session") };
    let CustomerScreen::Choose { suite, .. } = world.customer_screen() else { panic!("no session") };
    [viewer.suite, suite]
}

#[test]
fn the_modern_suite_is_used_if_either_side_was_told_to_require_it() {
    assert!(suites(&World::connected()).iter().all(|suite| suite.contains("blowfish")));
    let modern = Limits { modern_suite: true, ..Limits::NONE };
    for (at_advisor, at_customer) in [(true, true), (true, false), (false, true)] {
        let mut world = World::new();
        let rules = world.signed(1, modern);
        world.advisor_rules = at_advisor.then(|| rules.clone());
        world.customer_rules = at_customer.then_some(rules);
        assert!(suites(&world.connect()).iter().all(|suite| suite.contains("chacha20")));
    }
}

#[test]
fn an_honest_advisor_does_not_even_ask_for_control_that_is_forbidden() {
    let mut world = under(NO_CONTROL).connect().show();
    let AdvisorScreen::Viewer(viewer) = world.advisor_screen() else { panic!("no session") };
    assert!(viewer.control_forbidden);
    let before = world.relayed.len();
    world.advisor(AdvisorIntent::RequestControl);
    assert_eq!(world.complaints, [Problem::ControlForbidden]);
    assert_eq!(world.relayed.len(), before, "nothing was sent");
}

/// The advisor's program knows of no rule, or does not care.
#[test]
fn the_customers_program_refuses_forbidden_control_whatever_the_advisor_asks_or_the_customer_answers() {
    let mut world = World::new();
    world.customer_rules = Some(world.signed(1, NO_CONTROL));
    let mut world = world.connect().show();
    for _ in 0..3 {
        world.advisor(AdvisorIntent::RequestControl);
        assert_eq!(customer_control(&world), ControlView::Ended(ControlEnd::Forbidden));
        world.customer(CustomerIntent::AllowControl { minutes: None });
        assert_eq!(customer_control(&world), ControlView::Ended(ControlEnd::Forbidden));
    }
    let AdvisorScreen::Viewer(viewer) = world.advisor_screen() else { panic!("the session goes on") };
    assert_eq!(viewer.control, ControlView::Ended(ControlEnd::Forbidden));
}

#[test]
fn a_grant_lasts_no_longer_than_the_rules_allow() {
    let limits = Limits { control: ControlRule::Allowed { longest: Minutes::new(2) }, ..Limits::NONE };
    let mut world = under(limits).connect().show();
    world.advisor(AdvisorIntent::RequestControl);
    world.customer(CustomerIntent::AllowControl { minutes: None });
    assert_eq!(customer_control(&world), ControlView::Granted { remaining_s: Some(120) });
    world.pass(120_000);
    assert_eq!(customer_control(&world), ControlView::Ended(ControlEnd::TimeOver));
}

#[test]
fn the_longest_session_is_told_to_both_and_ended_by_the_customers_program() {
    let mut world = World::new();
    // The advisor's program hears it from the customer's alone.
    world.customer_rules = Some(world.signed(1, Limits { longest_session: Minutes::new(20), ..Limits::NONE }));
    let mut world = world.connect().show();
    let told = |world: &World| {
        let AdvisorScreen::Viewer(viewer) = world.advisor_screen() else { panic!("no session") };
        [viewer.ends_in_s, world.customer_view().ends_in_s]
    };
    world.pass(14 * 60_000);
    assert_eq!(told(&world), [None, None]);
    world.pass(60_000);
    assert_eq!(told(&world), [Some(300), Some(300)]);
    world.pass(5 * 60_000);
    let CustomerScreen::Ended(end) = world.customer_screen() else { panic!("it goes on") };
    assert_eq!(end.problem, Some(Problem::SessionTimeOver));
    let AdvisorScreen::Lobby { last: Some(last), .. } = world.advisor_screen() else { panic!("it goes on") };
    assert_eq!(last.problem, Some(Problem::SessionTimeOver));
    assert_eq!(world.customer_view().ends_in_s, None);
}

#[test]
fn rules_that_are_not_the_brokers_begin_no_session() {
    let mut world = World::new();
    let other = ed25519_dalek::SigningKey::from_bytes(&[9; 32]);
    let forged = mitblick_protocol::policy::SignedPolicy::sign(&other, &Default::default());
    world.customer_rules = Some(forged.clone());
    let number = world.number();
    world.customer(CustomerIntent::Join(number));
    let CustomerScreen::Join { problem, .. } = world.customer_screen() else { panic!("it went on") };
    assert_eq!(problem, Some(Problem::RulesNotGenuine));
    let mut world = World::new();
    world.advisor_rules = Some(forged);
    world.advisor(AdvisorIntent::SignIn { user: "anna".into(), password: "secret".into() });
    let AdvisorScreen::SignIn { problem, .. } = world.advisor_screen() else { panic!("it went on") };
    assert_eq!(problem, Some(Problem::RulesNotGenuine));
}

#[test]
fn a_broker_that_goes_back_to_older_rules_gets_no_session() {
    let mut world = under(NO_CONTROL).connect();
    world.customer(CustomerIntent::End);
    world.customer(CustomerIntent::NewSession);
    world.customer_rules = Some(world.signed(0, Limits::NONE));
    let AdvisorScreen::Lobby { .. } = world.advisor_screen() else { panic!("no lobby") };
    world.advisor(AdvisorIntent::NewNumber);
    let AdvisorScreen::Lobby { number: Some(number), .. } = world.advisor_screen() else { panic!("no number") };
    world.customer(CustomerIntent::Join(number.text));
    let CustomerScreen::Join { problem, .. } = world.customer_screen() else { panic!("it went on") };
    assert_eq!(problem, Some(Problem::RulesOlder));
    let older = world.signed(0, Limits::NONE);
    world.tell_advisor(FromBroker::Rules(older));
    let AdvisorScreen::SignIn { problem, .. } = world.advisor_screen() else { panic!("it went on") };
    assert_eq!(problem, Some(Problem::RulesOlder));
}

#[test]
fn rules_that_change_hold_for_the_next_session_and_not_for_the_one_that_is_alive() {
    let mut world = World::showing();
    let rules = world.signed(1, NO_CONTROL);
    world.tell_customer(FromBroker::Rules(rules.clone()));
    world.tell_advisor(FromBroker::Rules(rules.clone()));
    world.advisor(AdvisorIntent::RequestControl);
    world.customer(CustomerIntent::AllowControl { minutes: Some(5) });
    assert_eq!(customer_control(&world), ControlView::Granted { remaining_s: Some(300) });
    world.customer(CustomerIntent::End);
    world.customer(CustomerIntent::NewSession);
    world.customer_rules = Some(rules);
    world.advisor(AdvisorIntent::NewNumber);
    let AdvisorScreen::Lobby { number: Some(number), .. } = world.advisor_screen() else { panic!("no number") };
    world.customer(CustomerIntent::Join(number.text));
    let world = world.show();
    let AdvisorScreen::Viewer(viewer) = world.advisor_screen() else { panic!("no session") };
    assert!(viewer.control_forbidden);
    assert_eq!(world.customer_view().control, ControlRule::Forbidden);
}
