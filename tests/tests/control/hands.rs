//! The customer's own mouse and keyboard win: while they are used, what the
//! advisor does rests, and afterwards control goes on.

use super::Controlled;
use mitblick_protocol::geometry::Point;
use mitblick_tests::{hand::Hand, session::StageOptions, wait};
use std::{
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    thread,
};

/// What a hand does, once each few milliseconds, by which a program that also
/// gets to run has seen the first.
const TIMES_TO_NOTICE: u32 = 30;

/// Under control, with keyboard and mouse that are real devices.
#[track_caller]
fn by_hand() -> Controlled {
    let mut c = Controlled::new(StageOptions { customer_devices: true, ..StageOptions::default() });
    c.session.grant_control();
    c.type_marker("one");
    c
}

/// The customer's hand does something again and again, for as long as the
/// advisor clicks and types.
#[track_caller]
fn while_the_hand(c: &Controlled, does: impl Fn(&Hand, u32) + Sync, advisor: impl FnOnce()) {
    let times = AtomicU32::new(0);
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let busy = wait::within(wait::PATIENCE, || {
                does(&c.session.here().hand, times.fetch_add(1, Ordering::Relaxed));
                over.load(Ordering::Relaxed).then_some(())
            });
            assert!(busy.is_some(), "what the advisor does comes to an end");
        });
        let long_enough = || times.load(Ordering::Relaxed) >= TIMES_TO_NOTICE;
        wait::until("the customer's program has seen the hand", || long_enough().then_some(()));
        advisor();
        c.session.advisor.process().await_quiet();
        over.store(true, Ordering::Relaxed);
    });
    c.session.customer.process().await_quiet();
}

/// Afterwards the advisor's clicks and keys count again.
#[track_caller]
fn goes_on(c: &Controlled) {
    let resumed = wait::within(wait::PATIENCE, || {
        c.click_shared();
        c.session.there().hand.write("y");
        c.shared.typed().ends_with('y').then_some(())
    });
    assert!(resumed.is_some(), "control goes on after a moment");
}

#[test]
fn the_customers_own_mouse_holds_the_advisor_back() {
    let c = by_hand();
    let moves = |hand: &Hand, times: u32| {
        let step = i32::try_from(times % 30).unwrap_or_default();
        hand.move_to(Point { x: 20 + step, y: 650 });
    };
    while_the_hand(&c, moves, || c.session.there().hand.write("vain"));
    goes_on(&c);
    assert!(c.shared.typed().starts_with("oney"), "{} went through while the mouse moved", c.shared.typed());
}

#[test]
fn the_customers_own_keys_in_the_shared_window_hold_the_advisors_keys_back() {
    let c = by_hand();
    let strikes = |hand: &Hand, _| hand.strike(u32::from('c'));
    while_the_hand(&c, strikes, || c.session.there().hand.write("vain"));
    // What the hand struck has come before what is typed from here on.
    goes_on(&c);
    let typed = c.shared.typed();
    let between = typed.strip_prefix("one").map(|typed| typed.trim_end_matches('y'));
    let own = between.is_some_and(|own| own.len() >= 30 && own.chars().all(|struck| struck == 'c'));
    assert!(own, "something of the advisor's went through while keys were struck: {typed}");
}

#[test]
fn the_customers_own_keys_in_another_window_hold_the_advisors_keys_and_clicks_back() {
    let c = by_hand();
    let (secret, shared) =
        (c.secret.seen(c.secret_canvas, c.session.here()), c.shared.seen(c.canvas, c.session.here()));
    c.session.here().click_into(secret, 100, 100);
    let (clicks, own_clicks) = (c.shared.clicks(), c.secret.clicks());
    let strikes = |hand: &Hand, _| hand.strike(u32::from('c'));
    // A click is what would bring the keyboard to the shared window.
    while_the_hand(&c, strikes, || {
        c.click_shared();
        c.session.there().hand.write("vain");
    });
    assert_eq!(c.shared.clicks(), clicks, "no click of the advisor's went through");
    assert!(c.session.here().has_keyboard(secret.id) && !c.session.here().has_keyboard(shared.id));
    goes_on(&c);
    assert!(c.shared.typed().starts_with("oney"), "{} went through while keys were struck", c.shared.typed());
    let struck = c.secret.typed();
    assert!(struck.len() >= 30 && struck.chars().all(|key| key == 'c'), "only the customer's own keys: {struck}");
    assert_eq!(c.secret.clicks(), own_clicks);
}
