//! Finding each other by a number: it works once, for those who know it, and
//! every way that it fails is told to the people concerned.

use mitblick_tests::{
    programs::{self, AdvisorOptions},
    session::{ORGANISATION, Session, Stage, StageOptions},
    wait,
};
use serde_json::{Value, json};
use std::time::Duration;

fn problem(code: &str) -> Value {
    json!({ "problem": code })
}

#[test]
fn a_number_brings_both_together_over_the_default_suite() {
    let session = Stage::usual().connect();
    let customer = session.customer.expect("connected", json!({}));
    let advisor = session.advisor.expect("connected", json!({}));
    assert_eq!(customer["advisor"], programs::ADVISOR);
    assert_eq!(customer["organisation"], ORGANISATION);
    assert_eq!(customer["suite"], advisor["suite"]);
    assert!(customer["suite"].as_str().is_some_and(|suite| suite.to_lowercase().contains("blowfish")), "{customer}");
    assert_eq!(customer["words"], advisor["words"]);
    assert_eq!(customer["words"].as_array().map(Vec::len), Some(4), "{customer}");
    session.end_well();
}

#[test]
fn a_slip_in_the_number_is_caught_before_anything_is_sent() {
    let stage = Stage::usual();
    let advisor = stage.start_advisor("advisor");
    let number = programs::number(&advisor);
    let mut customer = stage.start_customer("customer", None);
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let mut swapped: Vec<char> = digits.chars().collect();
    let at = (0..9).find(|&n| swapped[n] != swapped[n + 1]).expect("two digits that differ");
    swapped.swap(at, at + 1);
    let slips = [
        (programs::mistyped(&number), "number_mistyped"),
        (digits[..9].to_owned(), "number_too_short"),
        (swapped.into_iter().collect(), "number_mistyped"),
        (format!("{digits}1"), "number_too_long"),
        (String::new(), "number_too_short"),
        (digits.replacen(char::is_numeric, "x", 1), "number_not_a_digit"),
    ];
    for (slip, code) in slips {
        customer.turn_page();
        customer.say("join", json!({ "number": slip }));
        customer.expect("error", problem(code));
    }
    assert_eq!(stage.customer_wire.up_bytes(), 0, "nothing was sent");
    customer.say("join", json!({ "number": number }));
    customer.expect("connected", json!({}));
}

#[test]
fn a_wrong_secret_burns_the_number_and_both_are_told() {
    let stage = Stage::usual();
    let mut advisor = stage.start_advisor("advisor");
    let number = programs::number(&advisor);
    advisor.turn_page();
    let mut customer = stage.start_customer("customer", Some(&programs::with_wrong_secret(&number)));
    customer.expect("error", problem("wrong_number_or_interference"));
    advisor.expect("error", problem("number_burned"));
    // The digits that were right do not help any more.
    customer.turn_page();
    customer.say("join", json!({ "number": number }));
    customer.expect("error", problem("no_one_waits"));
    assert!(!customer.has_told("connected") && !advisor.has_told("connected"));
    // A fresh number works.
    if advisor.newest("number").is_none() {
        advisor.say("new_number", json!({}));
    }
    let fresh = programs::number(&advisor);
    assert_ne!(fresh, number);
    customer.turn_page();
    customer.say("join", json!({ "number": fresh }));
    customer.expect("connected", json!({}));
}

#[test]
fn unknown_used_and_replaced_numbers_sound_the_same() {
    let stage = Stage::usual();
    let mut advisor = stage.start_advisor("advisor");
    let replaced = programs::number(&advisor);
    advisor.turn_page();
    advisor.say("new_number", json!({}));
    let number = programs::number(&advisor);
    assert_ne!(number, replaced);
    let customer = stage.start_customer("customer", Some(&number));
    customer.expect("connected", json!({}));
    let mut stranger = stage.start_customer("stranger", None);
    let mut texts = Vec::new();
    for number in [&programs::with_other_routing(&number), &number, &replaced] {
        stranger.turn_page();
        stranger.say("join", json!({ "number": number }));
        texts.push(stranger.expect("error", problem("no_one_waits"))["text"].clone());
    }
    assert!(texts.iter().all(|text| text == &texts[0] && text.is_string()), "{texts:?}");
    assert!(!customer.has_told("ended") && !advisor.has_told("ended"), "a stranger does not disturb the session");
}

#[test]
fn an_expired_number_sounds_like_an_unknown_one_and_a_fresh_one_works() {
    let mut broker = StageOptions::default().broker;
    broker.extend(["--number-seconds", "5"]);
    let stage = Stage::new(StageOptions { broker, ..StageOptions::default() });
    let mut advisor = stage.start_advisor("advisor");
    let expired = programs::number(&advisor);
    advisor.expect("error", problem("number_expired"));
    let mut customer = stage.start_customer("customer", None);
    let mut texts = Vec::new();
    for number in [&expired, &programs::with_other_routing(&expired)] {
        customer.turn_page();
        customer.say("join", json!({ "number": number }));
        texts.push(customer.expect("error", problem("no_one_waits"))["text"].clone());
    }
    assert!(texts[0] == texts[1] && texts[0].is_string(), "{texts:?}");
    assert!(!customer.has_told("connected"));
    // What the advisor has to read out then works.
    customer.turn_page();
    let joined = wait::within(wait::PATIENCE, || {
        advisor.turn_page();
        advisor.say("new_number", json!({}));
        let fresh = programs::number(&advisor);
        assert_ne!(fresh, expired);
        customer.say("join", json!({ "number": fresh }));
        customer.within(Duration::from_secs(4), |event| event["event"] == "connected")
    });
    assert!(joined.is_some(), "a fresh number brings both together");
    advisor.expect("connected", json!({}));
}

#[test]
fn guessing_numbers_is_slowed_down() {
    let limits = StageOptions { broker: vec!["--organisation", ORGANISATION], ..StageOptions::default() };
    let stage = Stage::new(limits);
    let advisor = stage.start_advisor("advisor");
    let mut number = programs::number(&advisor);
    let mut guesser = stage.start_customer("guesser", None);
    let mut tries = 0;
    loop {
        number = programs::with_other_routing(&number);
        guesser.turn_page();
        guesser.say("join", json!({ "number": number }));
        let told = guesser.expect_where("an error", |event| event["event"] == "error");
        if told["problem"] == "too_many_tries" {
            break;
        }
        assert_eq!(told["problem"], "no_one_waits", "{told}");
        tries += 1;
        assert!(tries < 9, "no limit after {tries} tries");
    }
}

#[test]
fn a_wrong_password_signs_no_one_in() {
    let wrong = AdvisorOptions { password: "wrong-horse-battery-9".to_owned(), ..AdvisorOptions::default() };
    let stage = Stage::new(StageOptions { advisor: wrong, ..StageOptions::default() });
    let advisor = stage.start_advisor("advisor");
    let wrong_password = advisor.expect("error", problem("sign_in_failed"));
    assert!(!advisor.has_told("number"));
    drop(advisor);
    let unknown = AdvisorOptions { user: "nobody".to_owned(), ..AdvisorOptions::default() };
    let url = stage.broker.url();
    let stranger = programs::advisor(&stage.place, "stranger", stage.advisor_screen.display(), url, &unknown);
    let unknown_name = stranger.expect("error", problem("sign_in_failed"));
    assert_eq!(wrong_password["text"], unknown_name["text"], "which names exist is not told");
}

fn told_end(session: &Session) -> (Value, Value) {
    let customer = session.customer.expect("ended", json!({}));
    let advisor = session.advisor.expect("ended", json!({}));
    (customer["reason"].clone(), advisor["reason"].clone())
}

#[test]
fn either_side_can_end_and_a_new_session_can_follow() {
    let mut session = Stage::usual().connect();
    session.advisor.say("end", json!({}));
    assert_eq!(told_end(&session), (json!("other_side"), json!("this_side")));
    session.advisor.turn_page();
    session.customer.turn_page();
    session.advisor.say("new_number", json!({}));
    let number = programs::number(&session.advisor);
    session.customer.say("join", json!({ "number": number }));
    session.customer.expect("connected", json!({}));
    session.advisor.expect("connected", json!({}));
    session.customer.say("end", json!({}));
    assert_eq!(told_end(&session), (json!("this_side"), json!("other_side")));
    session.check_logs();
}

#[test]
fn the_end_of_its_commands_ends_a_program_and_the_session_in_peace() {
    let mut session = Stage::usual().connect();
    session.customer.hang_up();
    let status = session.customer.wait_end();
    assert!(status.success(), "{status}");
    assert_eq!(session.advisor.expect("ended", json!({}))["reason"], "other_side");
    session.advisor.hang_up();
    let status = session.advisor.wait_end();
    assert!(status.success(), "{status}");
    session.check_logs();
}

#[test]
fn commands_that_make_no_sense_are_refused_and_harm_nothing() {
    let mut session = Stage::usual().connect();
    for line in ["", "{", "[]", r#"{"do":"fly"}"#, r#"{"do":"share"}"#, "\u{0}\u{1}"] {
        session.customer.say_line(line);
        session.advisor.say_line(line);
    }
    session.customer.expect("error", problem("bad_command"));
    session.advisor.expect("error", problem("bad_command"));
    session.customer.turn_page();
    session.customer.say("share", json!({ "titles": ["no such window"] }));
    session.customer.expect("error", problem("nothing_to_share"));
    session.customer.say("allow_control", json!({ "minutes": 5 }));
    session.customer.expect("error", problem("not_now"));
    session.exchange_lines();
    assert!(!session.advisor.has_told("view") && !session.advisor.has_told("control"));
    session.end_well();
}
