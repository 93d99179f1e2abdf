//! Who is called by strangers is asked before anything can be shown, and no
//! click but the person's own answers.

use mitblick_protocol::geometry::{Point, Rect};
use mitblick_tests::{
    hand::{LEFT, key},
    paint::{CanvasOptions, Painter},
    programs,
    screen::SeenWindow,
    session::{Stage, StageOptions},
    wait,
};
use serde_json::json;

#[test]
fn a_company_that_called_sees_nothing_and_is_told_that_the_customer_declined() {
    let rules = vec![("telephone", "030 1234")];
    let stage = Stage::new(StageOptions { rules, ..StageOptions::default() });
    let options = CanvasOptions::new("shared plan", Rect::new(40, 40, 360, 260), 0x0030_6030);
    let (_shared, _) = Painter::with_window(&stage.place, "shared", &stage.customer_screen, &options);
    let advisor = stage.start_advisor("advisor");
    let mut customer = stage.start_customer("customer", Some(&programs::number(&advisor)));
    customer.expect("connected", json!({ "asks_who_called": true }));
    advisor.expect("connected", json!({}));
    customer.say("share", json!({ "titles": ["shared plan"] }));
    customer.expect("error", json!({ "problem": "not_now" }));
    customer.say("they_called_me", json!({}));
    customer.expect("ended", json!({ "reason": "declined" }));
    advisor.expect("ended", json!({ "reason": "customer_declined" }));
    assert!(!advisor.has_told("view"), "nothing was shown");
}

#[test]
fn a_company_that_was_called_before_is_not_asked_about_again_and_only_its_pin_is_remembered() {
    let stage = Stage::usual();
    let mut advisor = stage.start_advisor("advisor");
    for asks in [true, false] {
        let number = programs::number(&advisor);
        let mut customer = stage.start_customer("customer", Some(&number));
        customer.expect("connected", json!({ "asks_who_called": asks }));
        if asks {
            customer.say("i_did_call", json!({}));
        }
        let file = stage.place.path().join("home-customer/.local/share/mitblick-customer/known-brokers");
        let known = wait::until("the company is remembered", || {
            std::fs::read_to_string(&file).ok().filter(|known| !known.is_empty())
        });
        let pin = stage.broker.url().split_once('#').expect("a pin").1;
        assert_eq!(known.trim(), pin);
        customer.say("quit", json!({}));
        assert!(customer.wait_end().success());
        advisor.expect("ended", json!({}));
        advisor.turn_page();
        advisor.say("new_number", json!({}));
    }
}

/// Another company asks while one has control: nothing that it does with the
/// customer's mouse and keyboard answers the question.
#[test]
fn remote_control_answers_no_question_of_this_program() {
    let stage = Stage::usual();
    let shared_at = Rect::new(40, 60, 520, 680);
    let options = CanvasOptions::new("shared plan", shared_at, 0x0030_6030);
    let (mut shared, canvas) = Painter::with_window(&stage.place, "shared", &stage.customer_screen, &options);
    shared.noise(canvas, Rect::new(20, 20, 120, 80), 1);
    let mut session = stage.connect();
    session.share(&["shared plan"]);
    session.advisor.process().await_quiet();
    let corner = session.await_picture("the shared window", shared.picture(canvas));
    session.grant_control();

    let other = Stage::usual();
    let other_advisor = other.start_advisor("other advisor");
    let number = programs::number(&other_advisor);
    let display = session.here().display();
    let mut asked = programs::customer(&session.stage.place, "asked", display, other.broker.url(), Some(&number));
    asked.expect("connected", json!({ "asks_who_called": true }));
    let question = wait::until("the question shows", || question(&session.here().visible()));
    session.here().place_window(question.id, Rect::new(60, 90, 480, 600));
    session.here().raise(question.id);
    // Longer than answers are held back for.
    asked.process().await_quiet();
    let at = wait::until("the question covers what is shared", || {
        let at = session.here().rect_of(question.id)?;
        (at.x >= shared_at.x && at.y >= shared_at.y).then_some(at)
    });
    for x in (at.x + 10..at.x + at.width as i32).step_by(60) {
        for y in (at.y + 10..at.y + at.height as i32).step_by(14) {
            let place = Point { x: corner.x + x - shared_at.x, y: corner.y + y - shared_at.y };
            let size = session.there().size();
            if place.x >= 0 && place.y >= 60 && place.x < size.width as i32 && place.y < size.height as i32 {
                session.there().hand.click(place, LEFT);
            }
        }
    }
    session.here().focus(question.id);
    for keysym in [key::RETURN, key::TAB, key::RETURN, key::TAB, u32::from(' ')] {
        session.there().hand.strike(keysym);
    }
    session.advisor.process().await_quiet();
    session.customer.process().await_quiet();
    // It still waits for its answer: only then is this one taken.
    asked.say("share", json!({ "titles": ["shared plan"] }));
    asked.expect("error", json!({ "problem": "not_now" }));
    asked.turn_page();
    asked.say("they_called_me", json!({}));
    asked.expect("ended", json!({ "reason": "declined" }));
    assert!(!session.customer.has_told("ended"), "and the first session goes on");
}

/// The window of a question: the bar of the other program is lower.
fn question(visible: &[(SeenWindow, String)]) -> Option<SeenWindow> {
    visible.iter().rfind(|(window, title)| title == "Mitblick" && window.rect.height > 300).map(|(window, _)| *window)
}
