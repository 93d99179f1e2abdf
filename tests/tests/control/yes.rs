//! Whose yes counts: before there has been control anybody's, afterwards the
//! person's own.

use super::Controlled;
use mitblick_tests::{
    hand::{Hand, key},
    screen::Link,
    session::{Session, StageOptions},
};
use serde_json::json;
use std::time::Duration;

/// The customer pauses, and the bar gets the keyboard.
#[track_caller]
fn pause_and_reach_the_bar(session: &mut Session) {
    session.customer.turn_page();
    session.customer.say("pause", json!({}));
    session.customer.expect("sharing", json!({ "state": "paused" }));
    // Longer than answers are held back for.
    session.customer.process().await_quiet();
    session.here().focus(session.here().await_window("Mitblick").id);
    session.customer.turn_page();
}

#[test]
fn a_yes_that_a_program_presses_counts_only_until_there_has_been_control() {
    let mut c = Controlled::new(StageOptions { customer_devices: true, ..StageOptions::default() });
    let session = &mut c.session;
    let program = Hand::new(Link::open(session.here().display()));
    // The way to the button that shows again, wherever the keyboard is in the
    // window, a frame of it each.
    let show_again = |session: &Session| {
        for keysym in [key::ESCAPE, key::TAB, key::TAB, u32::from(' ')] {
            program.strike(keysym);
            session.customer.process().await_quiet();
        }
    };
    pause_and_reach_the_bar(session);
    show_again(session);
    session.customer.expect("sharing", json!({ "state": "showing" }));

    session.grant_control();
    pause_and_reach_the_bar(session);
    show_again(session);
    session.customer.expect("not_by_hand", json!({}));
    session.exchange_lines();
    assert!(!session.customer.has_told("sharing"), "the picture stays away");
    // The same by the customer's own hand, which does not count right after a
    // program's: a person presses again.
    let shown = (0..8).find_map(|_| {
        session.here().hand.strike(u32::from(' '));
        session.customer.within(Duration::from_secs(2), |event| event["state"] == "showing")
    });
    assert!(shown.is_some(), "it counts by hand");
}

#[test]
fn whoever_allows_control_by_a_keyboard_on_the_screen_can_go_on_by_it() {
    let mut c = Controlled::new(StageOptions { customer_devices: true, ..StageOptions::default() });
    let session = &mut c.session;
    session.ask_for_control();
    // Longer than answers are held back for.
    session.customer.process().await_quiet();
    session.here().focus(session.here().await_window("Mitblick").id);
    let program = Hand::new(Link::open(session.here().display()));
    // From the bar's first button on, a frame of the window each.
    let press_at = |session: &Session, tabs: usize| {
        let keys = [key::ESCAPE].into_iter().chain(std::iter::repeat_n(key::TAB, tabs)).chain([u32::from(' ')]);
        for keysym in keys {
            program.strike(keysym);
            session.customer.process().await_quiet();
        }
    };
    press_at(session, 8);
    session.customer.expect("control", json!({ "state": "granted" }));
    pause_and_reach_the_bar(session);
    press_at(session, 2);
    session.customer.expect("sharing", json!({ "state": "showing" }));
}
