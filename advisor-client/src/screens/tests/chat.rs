//! The chat as the advisor reads it: when something was said, and how far it
//! has come.

use super::*;
use mitblick_client_core::{
    together::{ChatLine, TogetherIntent},
    ui::format,
};
use mitblick_protocol::chat::{ChatNumber, Delivery, Speaker};

/// The button that opens the panel, while nothing is new.
pub(super) const BUTTON: [&str; 2] =
    ["Chat, Zwischenablage und Dateien öffnen oder schließen", "Open or close chat, clipboard and files"];

const AT_UNIX_S: u64 = 1_800_000_000;

fn line(number: u32, speaker: Speaker, text: &str) -> ChatLine {
    let unix_s = AT_UNIX_S + u64::from(number) * 60;
    ChatLine { speaker, number: ChatNumber(number), text: text.into(), unix_s }
}

fn chatting(language: Language, lines: Vec<ChatLine>) -> Harness<'static, Window> {
    let chat = ChatView { lines: Arc::new(lines), unseen: 0 };
    let screen = viewer_with(|viewer| viewer.together.chat = chat);
    let mut harness = window_in(language, vec2(1_100.0, 760.0), screen);
    harness.run_steps(3);
    click(&mut harness, BUTTON[language.index()]);
    harness
}

#[test]
fn each_line_says_who_said_it_and_when_and_an_own_one_how_far_it_has_come() {
    for (language, there, me, states) in [
        (Language::German, "Kundin/Kunde", "Sie", ["unterwegs", "angekommen", "gelesen"]),
        (Language::English, "Customer", "You", ["on its way", "arrived", "read"]),
    ] {
        for (delivery, state) in [Delivery::Sent, Delivery::Delivered, Delivery::Seen].into_iter().zip(states) {
            let lines = vec![line(0, Speaker::There, "Guten Tag"), line(1, Speaker::Here(delivery), "Hallo")];
            let harness = chatting(language, lines);
            for words in [there, "Guten Tag", me, "Hallo", state] {
                harness.get_by_label(words);
            }
            for at in [AT_UNIX_S, AT_UNIX_S + 60] {
                harness.get_by_label(&format::clock_at(at));
            }
            let others = states.into_iter().filter(|other| *other != state);
            assert!(others.into_iter().all(|other| harness.query_by_label(other).is_none()));
            is_told(&harness, "Guten Tag", Live::Polite);
        }
    }
}

#[test]
fn the_text_of_a_line_is_copied_alone_and_as_it_is() {
    for (language, copy) in [(Language::German, "Text kopieren"), (Language::English, "Copy the text")] {
        let mut harness = chatting(language, vec![line(0, Speaker::There, "KX7-0O1l\n zwei ")]);
        wanted(&mut harness);
        assert_eq!(copied(&mut harness, copy).as_deref(), Some("KX7-0O1l\n zwei "));
        only(&mut harness, &[]);
    }
}

#[test]
fn what_is_typed_is_sent_with_enter_and_not_into_the_customers_windows() {
    let mut harness = chatting(Language::English, Vec::new());
    change(&mut harness, |view| view.control = GRANTED);
    harness.get_by_label("Write a message").focus();
    harness.run_steps(2);
    harness.state_mut().intents.clear();
    harness.event(Event::Text("Guten Tag".into()));
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    harness.run_steps(2);
    let keys = |intent: &AdvisorIntent| matches!(intent, AdvisorIntent::Input(InputEvent::Key { .. }));
    assert!(!harness.state().intents.iter().any(keys), "{:?}", names(&harness.state().intents));
    only(&mut harness, &[AdvisorIntent::Together(TogetherIntent::Say("Guten Tag".into()))]);
}
