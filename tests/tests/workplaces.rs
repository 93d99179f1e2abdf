//! Where the advisor sits, with the programs that people start: a second
//! workplace waits for its approval, takes over by word, and the lock.

use mitblick_protocol::geometry::Rect;
use mitblick_tests::{
    launch::Launch,
    paint::{CanvasOptions, Painter},
    programs::{self, number},
    session::Stage,
};
use serde_json::json;
use std::io::Read;

/// A command of the broker's, beside the running one.
fn at_the_command_line(stage: &Stage, name: &str, arguments: &[&str]) -> String {
    let launch = Launch::new(&stage.place, name, programs::path("mitblick-broker"));
    let data = stage.place.folder("broker-data");
    let mut process = launch.args(arguments).arg("--data").arg(data).speaking().start();
    let mut output = String::new();
    process.take_output().read_to_string(&mut output).expect("text");
    let status = process.wait_end();
    assert!(status.success(), "{status}\n{}", process.log());
    output
}

#[test]
fn a_second_workplace_waits_for_its_approval_and_takes_over_by_word() {
    let stage = Stage::usual();
    let mut first = stage.start_advisor("first");
    let number_there = number(&first);
    let mut second = stage.start_advisor("second");
    let waits = second.expect("workplace_waits", json!({}));
    let code = waits["code"].as_str().expect("a code").to_owned();
    assert!(!second.has_told("number"));
    let list = at_the_command_line(&stage, "list", &["workplace", "list"]);
    assert!(list.lines().any(|line| line.contains("\twaiting\t") && line.ends_with(&code)), "{list}");

    at_the_command_line(&stage, "approve", &["workplace", "approve", programs::ADVISOR, &code]);
    second.expect("signed_in_elsewhere", json!({ "in_session": false }));
    let customer = stage.start_customer("customer", Some(&number_there));
    customer.expect("connected", json!({}));
    assert!(!first.has_told("error"), "asking takes nothing from the first");
    second.say("take_over", json!({}));
    second.expect("number", json!({}));
    first.expect("ended", json!({ "reason": "taken_over" }));
    customer.expect("ended", json!({ "reason": "withdrawn" }));
    first.hang_up();
    second.hang_up();
}

#[test]
fn a_locked_program_shows_and_sends_nothing_and_the_picture_is_there_again_after_it() {
    let stage = Stage::usual();
    let options = CanvasOptions::new("shared plan", Rect::new(60, 60, 420, 300), 0x0030_6030);
    let (mut shared, canvas) = Painter::with_window(&stage.place, "shared", &stage.customer_screen, &options);
    shared.noise(canvas, Rect::new(20, 20, 120, 80), 1);
    let mut session = stage.connect();
    session.share(&["shared plan"]);
    session.await_picture("the shared window", shared.picture(canvas));
    session.advisor.say("lock", json!({}));
    session.advisor.expect("locked", json!({}));
    session.await_gone("the shared window", shared.picture(canvas));
    session.customer.turn_page();
    session.advisor.say("request_control", json!({}));
    session.advisor.say("unlock", json!({}));
    session.advisor.expect("unlocked", json!({}));
    session.await_picture("the shared window", shared.picture(canvas));
    assert!(!session.customer.has_told("control"), "nothing is sent while it is locked");
    session.end_well();
}
