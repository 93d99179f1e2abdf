//! How it was: what customers click at the end, from the program to what the
//! company reads, and what it never does.

use mitblick_protocol::geometry::Rect;
use mitblick_tests::{
    launch::Launch,
    paint::{CanvasOptions, Painter},
    programs,
    session::{Session, Stage, StageOptions},
};
use rustix::process::Signal;
use serde_json::json;

/// A session in which a window is shown.
#[track_caller]
fn showing(stage: Stage) -> (Session, Painter) {
    let options = CanvasOptions::new("shared plan", Rect::new(40, 40, 360, 260), 0x0030_6030);
    let (painter, _) = Painter::with_window(&stage.place, "shared", &stage.customer_screen, &options);
    let mut session = stage.connect();
    session.share(&["shared plan"]);
    (session, painter)
}

/// The line of all answers in the company's table, field by field.
#[track_caller]
fn all(session: &Session) -> Vec<String> {
    let launch = Launch::new(&session.stage.place, "ratings", programs::path("mitblick-broker"))
        .args(["ratings", "--data"])
        .arg(session.stage.place.folder("broker-data"));
    let (status, text) = programs::run_to_end(launch);
    assert!(status.success(), "{text}");
    let line = text.lines().last().expect("a line of all");
    line.split(',').map(str::to_owned).collect()
}

#[test]
fn one_click_reaches_the_company_as_a_number_and_a_second_one_does_not_count() {
    let (mut session, _shared) = showing(Stage::usual());
    assert_eq!(all(&session)[1..], ["0", "", "", "0", ""]);
    session.customer.say("rate_solved", json!({ "answer": "yes" }));
    session.customer.expect("error", json!({ "problem": "not_now" }));
    session.customer.say("end", json!({}));
    session.customer.expect("rating", json!({ "solved": "open", "grade": "open" }));
    // Before the other side has signed the end, perhaps: it waits for that.
    session.customer.say("rate_solved", json!({ "answer": "partly" }));
    session.customer.expect("rating", json!({ "solved": "sent", "grade": "open", "problem": null }));
    session.customer.turn_page();
    session.customer.say("rate_solved", json!({ "answer": "no" }));
    session.customer.expect("error", json!({ "problem": "not_now" }));
    assert_eq!(all(&session)[1..], ["1-4", "", "", "0", ""], "few are not told apart");
    // As the last thing that is done.
    session.customer.say("rate_grade", json!({ "grade": 5 }));
    session.customer.say("quit", json!({}));
    assert!(session.customer.wait_end().success());
    assert_eq!(all(&session)[1..], ["1-4", "", "", "1-4", ""]);
    assert!(!session.advisor.has_told("rating"), "the advisor's program hears of none");
}

#[test]
fn a_company_that_does_not_ask_gets_no_answers() {
    let rules = vec![("rating", "not_asked")];
    let (mut session, _shared) = showing(Stage::new(StageOptions { rules, ..StageOptions::default() }));
    session.advisor.say("end", json!({}));
    session.customer.expect("ended", json!({}));
    session.customer.say("rate_grade", json!({ "grade": 3 }));
    session.customer.expect("error", json!({ "problem": "not_now" }));
    assert!(!session.customer.has_told("rating"));
    assert_eq!(all(&session)[1..], ["0", "", "", "0", ""]);
}

#[test]
fn a_broker_that_is_away_is_said_and_a_later_click_counts() {
    let (mut session, _shared) = showing(Stage::usual());
    session.advisor.say("end", json!({}));
    session.customer.expect("rating", json!({ "solved": "open" }));
    session.stage.broker.process().signal(Signal::STOP);
    session.customer.say("rate_grade", json!({ "grade": 2 }));
    session.customer.expect("rating", json!({ "grade": "open", "problem": "rating_not_sent" }));
    session.stage.broker.process().signal(Signal::CONT);
    session.customer.turn_page();
    session.customer.say("rate_grade", json!({ "grade": 2 }));
    session.customer.expect("rating", json!({ "grade": "sent", "problem": null }));
}
