//! Numbers booked for appointments, through real programs: valid in their
//! window and once, kept over a restart of the broker, whole on the advisor's
//! computer alone.

use mitblick_protocol::geometry::Rect;
use mitblick_tests::{
    paint::{CanvasOptions, Painter},
    programs,
    session::Stage,
    talker::Talker,
    wait,
};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

fn unix_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970").as_secs()
}

/// Books a number for a time that is so far ahead, and gives it as it is told.
fn book(advisor: &mut Talker, ahead_s: u64) -> Value {
    advisor.expect_where("the list has been read", |event| event["event"] == "appointments");
    advisor.turn_page();
    let begins_unix_s = unix_s() + ahead_s;
    advisor.say("book", json!({ "begins_unix_s": begins_unix_s, "late_by_minutes": 30, "subject": "Drucker" }));
    let event = advisor.expect_where("the appointment in the list", |event| {
        event["event"] == "appointments" && event["appointments"].as_array().is_some_and(|list| !list.is_empty())
    });
    let appointment = event["appointments"][0].clone();
    assert_eq!((&appointment["begins_unix_s"], &appointment["subject"]), (&json!(begins_unix_s), &json!("Drucker")));
    appointment
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// Waits until the advisor's list says this of its only appointment.
fn await_state(advisor: &Talker, state: &str) -> Value {
    advisor.expect_where(state, |event| event["event"] == "appointments" && event["appointments"][0]["state"] == state)
}

/// Nobody waits at this number.
fn is_refused(stage: &Stage, name: &str, number: &str) {
    let mut customer = stage.start_customer(name, Some(number));
    customer.expect("error", json!({ "problem": "no_one_waits" }));
    customer.say("quit", json!({}));
    assert!(customer.wait_end().success());
}

/// The files below a folder that have this text in them.
fn with_text(folder: &Path, text: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => found.extend(with_text(&path, text)),
            Ok(kind) if kind.is_file() => {
                let bytes = fs::read(&path).unwrap_or_default();
                if bytes.windows(text.len()).any(|window| window == text.as_bytes()) {
                    found.push(path);
                }
            }
            _ => {}
        }
    }
    found
}

#[test]
fn a_booked_number_lets_one_customer_in_also_after_the_broker_was_killed() {
    let mut stage = Stage::usual();
    let mut advisor = stage.start_advisor("advisor");
    let fresh = programs::number(&advisor);
    // It opens a quarter of an hour before.
    let appointment = book(&mut advisor, 60);
    let number = text(&appointment["number"]);
    assert_eq!((&appointment["state"], &appointment["due"]), (&json!("booked"), &json!(true)));
    assert_ne!(number, fresh);
    stage.restart_broker();
    advisor.expect("error", json!({ "problem": "link_lost" }));
    advisor.turn_page();
    advisor.say("sign_in", json!({}));
    advisor.expect("number", json!({ "number": number }));
    await_state(&advisor, "open");
    let mut customer = stage.start_customer("customer", Some(&number));
    programs::answer_that_we_called(&mut customer);
    advisor.expect("connected", json!({}));
    customer.say("end", json!({}));
    let used = await_state(&advisor, "used");
    assert_eq!(used["appointments"][0]["number"], Value::Null);
    is_refused(&stage, "late", &number);
    // The ten digits were on the advisor's computer, as long as they could be
    // used, and nowhere else.
    for folder in ["broker-data", "home-broker", "advisor.workplace"] {
        assert_eq!(with_text(&stage.place.folder(folder), &number), Vec::<PathBuf>::new());
    }
}

#[test]
fn who_comes_while_the_advisor_helps_somebody_else_waits_and_is_let_in_by_a_click() {
    let mut stage = Stage::usual();
    let mut advisor = stage.start_advisor("advisor");
    let fresh = programs::number(&advisor);
    let appointment = book(&mut advisor, 60);
    let number = text(&appointment["number"]);
    let mut first = stage.start_customer("first", Some(&fresh));
    programs::answer_that_we_called(&mut first);
    advisor.expect("connected", json!({}));
    let mut second = stage.start_customer("second", Some(&number));
    second.expect("waiting", json!({ "line": "here" }));
    advisor.expect("customer_waits", json!({ "begins_unix_s": appointment["begins_unix_s"] }));
    first.say("end", json!({}));
    let is_awaited = |event: &Value| event["event"] == "appointments" && event["appointments"][0]["awaited"] == true;
    advisor.expect_where("in the lobby too", is_awaited);
    // The line of who waits breaks; the number is tried again by itself.
    second.turn_page();
    stage.restart_broker();
    second.expect("waiting", json!({ "line": "cut" }));
    advisor.expect("error", json!({ "problem": "link_lost" }));
    advisor.turn_page();
    second.expect("waiting", json!({ "line": "here" }));
    // The customer works in another window meanwhile.
    let options = CanvasOptions::new("other work", Rect::new(40, 40, 360, 260), 0x0030_6030);
    let (_painter, _) = Painter::with_window(&stage.place, "work", &stage.customer_screen, &options);
    let screen = &stage.customer_screen;
    screen.focus(screen.await_window("other work").id);
    let asks = || screen.visible().iter().any(|(window, _)| screen.asks_for_attention(window.id));
    assert!(!asks(), "nothing has happened yet");
    advisor.say("sign_in", json!({}));
    advisor.expect_where("after the broker's restart", is_awaited);
    advisor.say("open_appointment", json!({ "id": appointment["id"] }));
    wait::until("the customer's window asks for attention", || asks().then_some(()));
    programs::answer_that_we_called(&mut second);
    advisor.expect("connected", json!({}));
    second.say("end", json!({}));
    await_state(&advisor, "used");
}

#[test]
fn before_its_window_and_once_it_is_cancelled_a_number_is_like_none() {
    let stage = Stage::usual();
    let mut advisor = stage.start_advisor("advisor");
    programs::number(&advisor);
    let appointment = book(&mut advisor, 3 * 3_600);
    let number = text(&appointment["number"]);
    assert_eq!((&appointment["state"], &appointment["due"]), (&json!("booked"), &json!(false)));
    let digits = number.replace(' ', "");
    for told in [&number, &digits] {
        let has = |area: &Vec<u8>| area.windows(told.len()).any(|at| at == told.as_bytes());
        assert!(!stage.broker.memory().iter().any(has), "the broker knows four of them");
    }
    assert_eq!(with_text(&stage.place.folder("broker-data"), &number), Vec::<PathBuf>::new());
    assert_eq!(with_text(&stage.place.folder("advisor.workplace"), &number).len(), 1);
    is_refused(&stage, "before", &number);
    advisor.say("open_appointment", json!({ "id": appointment["id"] }));
    advisor.expect("error", json!({ "problem": "not_now" }));
    advisor.turn_page();
    advisor.say("cancel_appointment", json!({ "id": appointment["id"] }));
    advisor.expect("appointments", json!({ "appointments": [] }));
    wait::until("the digits are in no file any more", || {
        with_text(&stage.place.folder("advisor.workplace"), &number).is_empty().then_some(())
    });
    is_refused(&stage, "cancelled", &number);
}

#[test]
fn a_wrong_number_voids_an_appointment_and_the_advisor_hears_of_it() {
    let stage = Stage::usual();
    let mut advisor = stage.start_advisor("advisor");
    programs::number(&advisor);
    let appointment = book(&mut advisor, 60);
    let number = text(&appointment["number"]);
    advisor.turn_page();
    advisor.say("open_appointment", json!({ "id": appointment["id"] }));
    advisor.expect("number", json!({ "number": number }));
    let mut stranger = stage.start_customer("stranger", Some(&programs::with_wrong_secret(&number)));
    stranger.expect("error", json!({ "problem": "wrong_number_or_interference" }));
    await_state(&advisor, "burned");
    stranger.say("quit", json!({}));
    assert!(stranger.wait_end().success());
    is_refused(&stage, "customer", &number);
}
