//! The chat as the customer reads it: when something was said, and how far it
//! has come.

use super::*;
use mitblick_client_core::together::{ChatLine, TogetherIntent};
use mitblick_protocol::{
    chat::{ChatNumber, Delivery, Speaker},
    peer_msg::SharingState,
};

const AT_UNIX_S: u64 = 1_800_000_000;

fn line(number: u32, speaker: Speaker, text: &str) -> ChatLine {
    let unix_s = AT_UNIX_S + u64::from(number) * 60;
    ChatLine { speaker, number: ChatNumber(number), text: text.into(), unix_s }
}

fn chatting(language: Language, screen: CustomerScreen, lines: Vec<ChatLine>) -> Harness<'static, Window> {
    let mut harness = window_in(language, vec2(1_000.0, 900.0), screen);
    let chat = ChatView { lines: Arc::new(lines), unseen: 0 };
    harness.state_mut().view.together = Some(TogetherView { chat, ..together() });
    harness.run_steps(3);
    let button = match language {
        Language::German => "Chat, Zwischenablage und Dateien öffnen oder schließen",
        Language::English => "Open or close chat, clipboard and files",
    };
    click(&mut harness, button);
    harness
}

fn screens() -> [CustomerScreen; 3] {
    let watching = super::turn::watching(SharingState::Showing);
    [choose(Some(vec![item(1, "Browser")])), sharing(ControlView::None), watching]
}

#[test]
fn each_line_says_who_said_it_and_when_and_an_own_one_how_far_it_has_come() {
    for (language, me, states) in [
        (Language::German, "Sie", ["unterwegs", "angekommen", "gelesen"]),
        (Language::English, "You", ["on its way", "arrived", "read"]),
    ] {
        for screen in screens() {
            for (delivery, state) in [Delivery::Sent, Delivery::Delivered, Delivery::Seen].into_iter().zip(states) {
                let lines = vec![line(0, Speaker::There, "Guten Tag"), line(1, Speaker::Here(delivery), "Hallo")];
                let harness = chatting(language, screen.clone(), lines);
                for words in ["Anna Muster", "Guten Tag", me, "Hallo", state] {
                    harness.get_by_label(words);
                }
                for at in [AT_UNIX_S, AT_UNIX_S + 60] {
                    harness.get_by_label(&format::clock_at(at));
                }
                let others = states.into_iter().filter(|other| *other != state);
                assert!(others.into_iter().all(|other| harness.query_by_label(other).is_none()));
            }
        }
    }
}

#[test]
fn the_text_of_a_line_is_copied_alone_and_as_it_is() {
    for (language, copy) in [(Language::German, "Text kopieren"), (Language::English, "Copy the text")] {
        for screen in screens() {
            let mut harness = chatting(language, screen, vec![line(0, Speaker::There, "KX7-0O1l\n zwei ")]);
            wanted(&mut harness);
            assert_eq!(copied(&mut harness, copy).as_deref(), Some("KX7-0O1l\n zwei "));
            assert_eq!(wanted(&mut harness), []);
        }
    }
}

#[test]
fn the_newest_line_of_the_other_person_is_told_and_an_own_one_is_not() {
    let lines = vec![
        line(0, Speaker::There, "Guten Tag"),
        line(1, Speaker::There, "Wie geht es?"),
        line(2, Speaker::Here(Delivery::Seen), "Gut"),
    ];
    let harness = chatting(Language::English, sharing(ControlView::None), lines);
    is_told(&harness, "Wie geht es?", Live::Polite);
    for text in ["Guten Tag", "Gut"] {
        assert_eq!(harness.get_by_label(text).accesskit_node().live(), Live::Off, "{text}");
    }
}

#[test]
fn lines_that_were_not_seen_are_told_by_the_button_and_looked_at_once_it_is_pressed() {
    for (language, button) in
        [(Language::German, "Chat: 2 neue Nachrichten"), (Language::English, "Chat: 2 new messages")]
    {
        for screen in screens() {
            let mut harness = window_in(language, vec2(1_000.0, 900.0), screen);
            let lines = vec![line(0, Speaker::There, "Guten Tag"), line(1, Speaker::There, "Hallo?")];
            let chat = ChatView { lines: Arc::new(lines), unseen: 2 };
            harness.state_mut().view.together = Some(TogetherView { chat, ..together() });
            harness.run_steps(3);
            is_told(&harness, button, Live::Polite);
            assert_eq!(wanted(&mut harness), [], "nobody has seen them");
            click(&mut harness, button);
            let look = CustomerIntent::Together(TogetherIntent::LookAtChat);
            let looked = wanted(&mut harness);
            assert!(!looked.is_empty() && looked.iter().all(|intent| *intent == look), "{looked:?}");
        }
    }
}
