//! Text between clipboards, as the customer finds it: the switches, the way to
//! close it, and a text that is offered.

use super::*;
use mitblick_client_core::together::{
    TogetherIntent,
    view::{Asked, ClipboardIntent},
};
use mitblick_protocol::{
    clipboard::{ClipWays, Question},
    peer_msg::SharingState,
};

const BOTH: ClipWays = ClipWays { to_watcher: true, to_shower: true };

fn of(clipboard: ClipboardView) -> TogetherView {
    TogetherView { clipboard, ..together() }
}

fn plain() -> ClipboardView {
    ClipboardView::new(Role::Shower, ClipboardRule::Allowed)
}

/// The advisor offers a text.
pub(super) fn asked_text() -> TogetherView {
    let waiting = Some(Asked { question: Question(7), text: "DE02 1203 0000".into() });
    of(ClipboardView { waiting, ..plain() })
}

fn wish(intent: ClipboardIntent) -> CustomerIntent {
    CustomerIntent::Together(TogetherIntent::Clipboard(intent))
}

fn with(language: Language, screen: CustomerScreen, view: TogetherView) -> Harness<'static, Window> {
    let mut harness = window_in(language, vec2(1_000.0, 900.0), screen);
    harness.state_mut().view.together = Some(view);
    harness.run_steps(3);
    harness.state_mut().intents.clear();
    harness
}

fn screens() -> [CustomerScreen; 3] {
    let watching = super::turn::watching(SharingState::Showing);
    [choose(Some(vec![item(1, "Browser")])), sharing(ControlView::None), watching]
}

#[test]
fn an_offered_text_is_read_and_refused_or_taken_by_its_own_button_after_a_moment() {
    for (language, labels) in [
        (Language::German, ["Ablehnen", "In meine Zwischenablage"]),
        (Language::English, ["Refuse", "Into my clipboard"]),
    ] {
        for (label, take) in labels.into_iter().zip([false, true]) {
            for screen in screens() {
                let mut harness = with(language, screen, asked_text());
                harness.get_by_label("DE02 1203 0000");
                click(&mut harness, label);
                for key in [Key::Enter, Key::Space] {
                    press(&mut harness, key);
                }
                assert_eq!(wanted(&mut harness), [], "what was on its way does not count");
                harness.run_steps(PAST_GUARD);
                for key in [Key::Enter, Key::Space] {
                    press(&mut harness, key);
                }
                assert_eq!(wanted(&mut harness), [], "nothing is preset");
                click(&mut harness, label);
                let answer = ClipboardIntent::Answer { question: Question(7), take };
                assert_eq!(wanted(&mut harness), [wish(answer)]);
            }
        }
    }
}

#[test]
fn an_open_clipboard_is_seen_and_closed_with_one_click_wherever_the_customer_is() {
    for (language, open, close) in [
        (Language::German, "Kopierter Text geht in beide Richtungen", "Zwischenablage schließen"),
        (Language::English, "Copied text goes both ways", "Close the clipboard"),
    ] {
        for screen in screens() {
            let mut harness = with(language, screen.clone(), of(ClipboardView { ways: BOTH, ..plain() }));
            is_told(&harness, open, Live::Assertive);
            click(&mut harness, close);
            assert_eq!(wanted(&mut harness), [wish(ClipboardIntent::Allow(ClipWays::OFF))]);
            let harness = with(language, screen, of(plain()));
            assert!(harness.query_by_label(open).is_none() && harness.query_by_label(close).is_none());
        }
    }
}

#[test]
fn each_switch_opens_and_closes_its_own_way_alone() {
    for (language, button, tab, out, inward) in [
        (
            Language::German,
            "Chat, Zwischenablage und Dateien öffnen oder schließen",
            "Zwischenablage",
            "Was ich kopiere, bekommt Anna Muster",
            "Was Anna Muster kopiert, kommt in meine Zwischenablage",
        ),
        (
            Language::English,
            "Open or close chat, clipboard and files",
            "Clipboard",
            "Anna Muster gets what I copy",
            "What Anna Muster copies comes into my clipboard",
        ),
    ] {
        for before in [ClipWays::OFF, BOTH] {
            let view = of(ClipboardView { ways: before, ..plain() });
            let mut harness = with(language, sharing(ControlView::None), view);
            click(&mut harness, button);
            click(&mut harness, tab);
            assert_eq!(wanted(&mut harness), []);
            reach(&mut harness, out);
            let to_watcher = !before.to_watcher;
            assert_eq!(wanted(&mut harness), [wish(ClipboardIntent::Allow(ClipWays { to_watcher, ..before }))]);
            reach(&mut harness, inward);
            let to_shower = !before.to_shower;
            assert_eq!(wanted(&mut harness), [wish(ClipboardIntent::Allow(ClipWays { to_shower, ..before }))]);
        }
    }
}

#[test]
fn where_the_rules_allow_single_texts_only_there_is_no_switch() {
    let view = of(ClipboardView::new(Role::Shower, ClipboardRule::OneByOne));
    let mut harness = with(Language::English, sharing(ControlView::None), view);
    click(&mut harness, "Open or close chat, clipboard and files");
    click(&mut harness, "Clipboard");
    harness.get_by_label_contains("only single texts go");
    assert!(harness.query_by_label("Anna Muster gets what I copy").is_none());
}
