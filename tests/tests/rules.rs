//! The company's rules, from the broker's command line to what both people
//! can do.

use mitblick_protocol::geometry::Rect;
use mitblick_tests::{
    paint::{CanvasOptions, Painter},
    session::{Session, Stage, StageOptions},
};
use serde_json::json;

const SHARED: Rect = Rect::new(40, 40, 360, 260);

/// Connected under this rule, with one window shown.
#[track_caller]
fn showing(rule: (&'static str, &'static str)) -> (Session, Painter) {
    let stage = Stage::new(StageOptions { rules: vec![rule], ..StageOptions::default() });
    let options = CanvasOptions::new("shared plan", SHARED, 0x0030_6030);
    let (painter, _) = Painter::with_window(&stage.place, "shared", &stage.customer_screen, &options);
    let mut session = stage.connect();
    session.share(&["shared plan"]);
    (session, painter)
}

#[test]
fn under_a_rule_without_control_neither_side_gets_it_and_looking_goes_on() {
    let (mut session, _painter) = showing(("control", "forbidden"));
    session.advisor.say("request_control", json!({}));
    session.advisor.expect("error", json!({ "problem": "control_forbidden" }));
    session.customer.say("pause", json!({}));
    session.customer.expect("sharing", json!({ "state": "paused" }));
    session.exchange_lines();
    assert!(!session.customer.has_told("control") && !session.advisor.has_told("control"));
    session.end_well();
}

#[test]
fn a_rule_for_the_modern_suite_is_seen_at_both_sides() {
    let (session, _painter) = showing(("modern_suite", "required"));
    for side in [&session.advisor, &session.customer] {
        let connected = side.newest_ever("connected").expect("connected");
        assert_eq!(connected["suite"], "chacha20-poly1305");
    }
    session.end_well();
}

#[test]
fn the_longest_session_is_told_and_then_ended_at_both_sides() {
    let (session, _painter) = showing(("session_minutes", "1"));
    for side in [&session.advisor, &session.customer] {
        let told = side.expect("ends_soon", json!({}));
        assert!(told["remaining_s"].as_u64().is_some_and(|left| left <= 60), "{told}");
    }
    for side in [&session.customer, &session.advisor] {
        // A minute, as the rule says, and some for a busy machine.
        let over = side.within(PAST_A_MINUTE, |event| event["event"] == "ended");
        assert_eq!(over.expect("it ends")["reason"], "session_time_over");
    }
    session.check_logs();
}

/// The shortest session that a rule can ask for, and patience.
const PAST_A_MINUTE: std::time::Duration = std::time::Duration::from_secs(120);
