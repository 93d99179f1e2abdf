//! What both people can do alike, between the two programs.

use mitblick_protocol::geometry::Rect;
use mitblick_tests::{
    launch::{Launch, Process},
    paint::{CanvasOptions, Painter},
    programs,
    session::{Session, Stage},
    wait,
};
use serde_json::json;
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

/// What is in the clipboard of a display.
fn clipboard(session: &Session, name: &str, display: &str) -> Option<String> {
    let read = Launch::new(&session.stage.place, name, "xclip").args(["-o", "-selection", "clipboard"]);
    let (status, text) = programs::run_to_end(read.display(display));
    status.success().then_some(text)
}

/// Copies as an application would: an owner that answers until it is dropped.
fn copy(session: &Session, name: &str, display: &str, text: &str) -> Process {
    let file = session.stage.place.file(&format!("{name}.txt"), text);
    let owner = Launch::new(&session.stage.place, name, "xclip").args(["-quiet", "-selection", "clipboard", "-i"]);
    let owner = owner.arg(&file).display(display).start();
    let reads = || (clipboard(session, &format!("{name}-seen"), display).as_deref() == Some(text)).then_some(());
    wait::until("the text is in the clipboard", reads);
    owner
}

#[test]
fn a_text_comes_into_the_other_clipboard_only_after_a_yes() {
    let mut session = Stage::usual().connect();
    let (here, there) = (session.here().display().to_owned(), session.there().display().to_owned());
    let own = copy(&session, "customers-own", &here, "what the customer had copied before");
    session.advisor.say("offer_text", json!({"text": "IBAN DE02 1203 0000"}));
    let asked = session.customer.expect("text_offered", json!({"text": "IBAN DE02 1203 0000"}));
    assert_eq!(clipboard(&session, "look", &here).as_deref(), Some("what the customer had copied before"));
    session.customer.say("answer_text", json!({"number": asked["number"], "take": true}));
    session.advisor.expect("text_state", json!({"state": "taken"}));
    let put = || (clipboard(&session, "look-again", &here).as_deref() == Some("IBAN DE02 1203 0000")).then_some(());
    wait::until("the text is in the customer's clipboard", put);
    drop(own);

    session.customer.say("offer_text", json!({"text": "no"}));
    let asked = session.advisor.expect("text_offered", json!({"text": "no"}));
    session.advisor.say("answer_text", json!({"number": asked["number"], "take": false}));
    session.customer.expect("text_state", json!({"state": "refused"}));
    assert_ne!(clipboard(&session, "look-there", &there).as_deref(), Some("no"));
    session.end_well();
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

    let before = copy(&session, "before", &here, "a password from before");
    session.share(&["shared plan"]);
    session.customer.say("allow_clipboard", json!({"to_watcher": true, "to_shower": false}));
    session.advisor.expect("clipboard", json!({"to_watcher": true, "to_shower": false}));
    // The clipboard is watched from a moment later on that nobody is told, and
    // what is copied before that is not looked at.
    let mut during = Vec::new();
    wait::until("a copied text is sent", || {
        let number = during.len();
        during.push(copy(&session, &format!("during-{number}"), &here, &format!("copied in the session, {number}")));
        session.advisor.within(Duration::from_secs(2), |event| event["event"] == "clipboard_put")
    });
    let last = format!("copied in the session, {}", during.len() - 1);
    let arrived = || (clipboard(&session, "arrived", &there).as_deref() == Some(last.as_str())).then_some(());
    wait::until("the copied text is in the advisor's clipboard", arrived);
    session.exchange_lines();
    let count = session.advisor.newest("clipboard_put").expect("one")["count"].clone();

    // The other way is closed, and its text stays.
    let advisors = copy(&session, "advisors", &there, "the advisor's own");
    session.customer.say("pause", json!({}));
    session.advisor.expect("clipboard", json!({"to_watcher": false, "to_shower": false}));
    let after = copy(&session, "after", &here, "copied while paused");
    session.exchange_lines();
    assert_eq!(session.advisor.newest("clipboard_put").expect("one")["count"], count);
    assert!(!session.customer.has_told("clipboard_put"));
    drop((before, during, advisors, after));
    session.end_well();
}
