//! What both people can do alike, between the two programs.

use mitblick_tests::session::Stage;
use serde_json::json;

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
