//! What both people can do alike, between the two programs.

use mitblick_protocol::geometry::Rect;
use mitblick_tests::{
    clip::{await_clipboard, clipboard, copy},
    launch::Process,
    paint::{CanvasOptions, Painter},
    session::{Session, Stage},
    talker::Talker,
    wait,
};
use serde_json::{Value, json};
use std::time::Duration;

#[test]
fn people_write_to_each_other_before_and_while_something_is_shown() {
    let mut session = Stage::usual().connect();
    session.advisor.say("say", json!({"text": "Bitte öffnen Sie <b>Ihr</b> Postfach: https://example.org/\u{202e}x"}));
    let heard = session.customer.expect("chat", json!({"number": 1}));
    assert_eq!(heard["text"], "Bitte öffnen Sie <b>Ihr</b> Postfach: https://example.org/<U+202E>x");
    session.advisor.expect("chat_state", json!({"number": 1, "state": "delivered"}));
    assert!(session.advisor.newest("chat_state").is_some_and(|event| event["state"] == "delivered"));
    session.customer.say("look_at_chat", json!({}));
    session.advisor.expect("chat_state", json!({"number": 1, "state": "seen"}));

    session.customer.say("say", json!({"text": "Mein Kennzeichen ist KX7-0O1l"}));
    session.advisor.expect("chat", json!({"number": 1, "text": "Mein Kennzeichen ist KX7-0O1l"}));
    session.customer.say("say", json!({"text": "x".repeat(9_000)}));
    session.customer.expect("error", json!({"problem": "chat_too_long"}));
    assert_eq!(session.advisor.newest("chat").expect("one line")["number"], 1, "what is too long is not sent");
    session.end_well();
}

#[test]
fn without_a_session_nobody_is_written_to() {
    let stage = Stage::usual();
    let mut customer = stage.start_customer("customer", None);
    customer.say("say", json!({"text": "hello?"}));
    customer.expect("error", json!({"problem": "not_now"}));
}

#[test]
fn a_text_comes_into_the_other_clipboard_only_after_a_yes() {
    let mut session = Stage::usual().connect();
    let (here, there) = (session.here().display().to_owned(), session.there().display().to_owned());
    let own = copy(&session.stage.place, "customers-own", &here, "what the customer had copied before");
    session.advisor.say("offer_text", json!({"text": "IBAN DE02 1203 0000"}));
    let asked = session.customer.expect("text_offered", json!({"text": "IBAN DE02 1203 0000"}));
    assert_eq!(clipboard(&session.stage.place, "look", &here).as_deref(), Some("what the customer had copied before"));
    session.customer.say("answer_text", json!({"number": asked["number"], "take": true}));
    session.advisor.expect("text_state", json!({"state": "taken"}));
    await_clipboard(&session.stage.place, "look-again", &here, "IBAN DE02 1203 0000");
    drop(own);

    session.customer.say("offer_text", json!({"text": "no"}));
    let asked = session.advisor.expect("text_offered", json!({"text": "no"}));
    session.advisor.say("answer_text", json!({"number": asked["number"], "take": false}));
    session.customer.expect("text_state", json!({"state": "refused"}));
    assert_ne!(clipboard(&session.stage.place, "look-there", &there).as_deref(), Some("no"));
    session.end_well();
}

/// Copies at a display until the other side has put it into its clipboard. The
/// clipboard is watched from a moment later on that nobody is told, and what is
/// copied before that is not looked at. Gives the owners, and what was copied
/// last.
#[track_caller]
fn copy_until_it_goes(session: &Session, display: &str, to: &Talker, text: &str) -> (Vec<Process>, String) {
    let is_put = |event: &Value| event["event"] == "clipboard_put";
    let mut owners = Vec::new();
    wait::until("a copied text is sent", || {
        let (number, place) = (owners.len(), &session.stage.place);
        owners.push(copy(place, &format!("{text}-{number}"), display, &format!("{text}, {number}")));
        to.within(Duration::from_secs(2), is_put)
    });
    let last = format!("{text}, {}", owners.len() - 1);
    (owners, last)
}

/// Both programs have dealt with whatever happened to a clipboard, and the
/// other side has heard of it.
#[track_caller]
fn settle(session: &mut Session) {
    session.customer.process().await_quiet();
    session.advisor.process().await_quiet();
    session.exchange_lines();
}

#[test]
fn copied_text_goes_only_while_the_customer_lets_it_and_never_what_was_copied_before() {
    let stage = Stage::usual();
    let options = CanvasOptions::new("shared plan", Rect::new(40, 40, 360, 260), 0x0030_6030);
    let (_painter, _) = Painter::with_window(&stage.place, "shared", &stage.customer_screen, &options);
    let mut session = stage.connect();
    let (here, there) = (session.here().display().to_owned(), session.there().display().to_owned());
    session.customer.say("allow_clipboard", json!({"to_watcher": true, "to_shower": true}));
    session.customer.expect("error", json!({"problem": "not_now"}));

    let before = copy(&session.stage.place, "before", &here, "a password from before");
    session.share(&["shared plan"]);
    session.customer.say("allow_clipboard", json!({"to_watcher": true, "to_shower": false}));
    session.advisor.expect("clipboard", json!({"to_watcher": true, "to_shower": false}));
    let (during, last) = copy_until_it_goes(&session, &here, &session.advisor, "copied in the session");
    await_clipboard(&session.stage.place, "arrived", &there, &last);
    session.exchange_lines();
    let count = session.advisor.newest("clipboard_put").expect("one")["count"].clone();

    // The other way is closed, and its text stays.
    let advisors = copy(&session.stage.place, "advisors", &there, "the advisor's own");
    session.customer.say("pause", json!({}));
    session.advisor.expect("clipboard", json!({"to_watcher": false, "to_shower": false}));
    let after = copy(&session.stage.place, "after", &here, "copied while paused");
    session.exchange_lines();
    assert_eq!(session.advisor.newest("clipboard_put").expect("one")["count"], count);
    assert!(!session.customer.has_told("clipboard_put"));
    drop((before, during, advisors, after));
    session.end_well();
}

#[test]
fn copied_text_of_the_advisor_goes_only_if_both_people_let_it_and_both_ways_are_open_side_by_side() {
    let stage = Stage::usual();
    let options = CanvasOptions::new("shared plan", Rect::new(40, 40, 360, 260), 0x0030_6030);
    let (_painter, _) = Painter::with_window(&stage.place, "shared", &stage.customer_screen, &options);
    let mut session = stage.connect();
    let (here, there) = (session.here().display().to_owned(), session.there().display().to_owned());
    session.share(&["shared plan"]);
    session.customer.say("allow_clipboard", json!({"to_watcher": false, "to_shower": true}));
    session.advisor.expect("clipboard", json!({"to_watcher": false, "to_shower": true, "lets_out": false}));

    // The customer's word alone opens nothing.
    let own = copy(&session.stage.place, "customers-own", &here, "the customer's own");
    let kept = copy(&session.stage.place, "kept", &there, "the advisor keeps this");
    settle(&mut session);
    assert!(!session.customer.has_told("clipboard_put"));
    session.advisor.say("let_out_clipboard", json!({"out": true}));
    session.advisor.expect("clipboard", json!({"lets_out": true}));
    let (out, last) = copy_until_it_goes(&session, &there, &session.customer, "of the advisor");
    await_clipboard(&session.stage.place, "came", &here, &last);
    // Neither does the other way by itself.
    let more = copy(&session.stage.place, "customers-more", &here, "the customer's next");
    settle(&mut session);
    assert!(!session.advisor.has_told("clipboard_put"), "that way is closed");
    assert_eq!(clipboard(&session.stage.place, "there", &there).as_deref(), Some(last.as_str()));

    // Both at once: each goes over, and what came is not sent back.
    session.customer.say("allow_clipboard", json!({"to_watcher": true, "to_shower": true}));
    session.advisor.expect("clipboard", json!({"to_watcher": true, "to_shower": true, "lets_out": true}));
    settle(&mut session);
    session.customer.turn_page();
    let (mine, last) = copy_until_it_goes(&session, &here, &session.advisor, "of the customer");
    await_clipboard(&session.stage.place, "came-there", &there, &last);
    settle(&mut session);
    assert!(!session.customer.has_told("clipboard_put"), "it does not come back");
    session.advisor.turn_page();
    let (theirs, last) = copy_until_it_goes(&session, &there, &session.customer, "of the advisor again");
    await_clipboard(&session.stage.place, "came-here", &here, &last);
    settle(&mut session);
    assert!(!session.advisor.has_told("clipboard_put"), "nor does this");

    // The advisor's word is taken back alone, and the customer's way goes on.
    session.customer.turn_page();
    session.advisor.turn_page();
    session.advisor.say("let_out_clipboard", json!({"out": false}));
    session.advisor.expect("clipboard", json!({"to_watcher": true, "to_shower": true, "lets_out": false}));
    let secret = copy(&session.stage.place, "kept-again", &there, "the advisor keeps this too");
    settle(&mut session);
    assert!(!session.customer.has_told("clipboard_put"));
    let (still, last) = copy_until_it_goes(&session, &here, &session.advisor, "still of the customer");
    await_clipboard(&session.stage.place, "came-still", &there, &last);
    drop((own, kept, out, more, mine, theirs, secret, still));
    session.end_well();
}
