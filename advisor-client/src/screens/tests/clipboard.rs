//! Text between clipboards, as the advisor finds it: the own switch, and a text
//! that is offered.

use super::{recording::in_sight, *};
use mitblick_client_core::together::{
    TogetherIntent,
    view::{Asked, ClipboardIntent},
};
use mitblick_protocol::clipboard::{ClipWays, Question};

fn of(clipboard: ClipboardView) -> TogetherView {
    TogetherView { clipboard, ..together() }
}

fn plain() -> ClipboardView {
    ClipboardView::new(Role::Watcher, ClipboardRule::Allowed)
}

/// The customer offers a text.
pub(super) fn asked_text() -> TogetherView {
    let waiting = Some(Asked { question: Question(7), text: "DE02 1203 0000".into() });
    of(ClipboardView { waiting, ..plain() })
}

fn wish(intent: ClipboardIntent) -> AdvisorIntent {
    AdvisorIntent::Together(TogetherIntent::Clipboard(intent))
}

fn with(language: Language, view: TogetherView) -> Harness<'static, Window> {
    let screen = viewer_with(|viewer| viewer.together = view);
    let mut harness = in_steps(language, vec2(1_100.0, 760.0), SHORT_STEP_S, screen);
    harness.run_steps(3);
    wanted(&mut harness);
    harness
}

#[test]
fn an_offered_text_is_read_and_refused_or_taken_by_its_own_button_after_a_moment() {
    for (language, labels) in [
        (Language::German, ["Ablehnen", "In meine Zwischenablage"]),
        (Language::English, ["Refuse", "Into my clipboard"]),
    ] {
        for (label, take) in labels.into_iter().zip([false, true]) {
            let mut harness = with(language, asked_text());
            harness.get_by_label("DE02 1203 0000");
            click(&mut harness, label);
            for key in [Key::Enter, Key::Space] {
                harness.key_press(key);
                harness.run_steps(2);
            }
            only(&mut harness, &[]);
            harness.run_steps(PAST_GUARD);
            for key in [Key::Enter, Key::Space] {
                harness.key_press(key);
                harness.run_steps(2);
            }
            only(&mut harness, &[]);
            click(&mut harness, label);
            only(&mut harness, &[wish(ClipboardIntent::Answer { question: Question(7), take })]);
        }
    }
}

#[test]
fn what_goes_where_is_seen_and_only_the_customer_closes_it() {
    let ways = |to_watcher, to_shower| ClipWays { to_watcher, to_shower };
    for (ways, lets_out, german, english) in [
        (ways(true, true), true, "Kopierter Text geht in beide Richtungen", "Copied text goes both ways"),
        (
            ways(true, false),
            false,
            "Was Kundin/Kunde kopiert, kommt in Ihre Zwischenablage",
            "What Customer copies comes into your clipboard",
        ),
        (ways(false, true), true, "Was Sie kopieren, bekommt Kundin/Kunde", "Customer gets what you copy"),
        (ways(false, true), false, "Sie senden ihn nicht", "you do not send it"),
    ] {
        for (language, words, close) in [
            (Language::German, german, "Zwischenablage schließen"),
            (Language::English, english, "Close the clipboard"),
        ] {
            let harness = with(language, of(ClipboardView { ways, lets_out, ..plain() }));
            is_told(&harness, words, Live::Assertive);
            assert!(harness.query_by_label(close).is_none());
        }
    }
}

#[test]
fn the_advisor_decides_whether_what_is_copied_here_goes_out_at_all() {
    for (language, tab, label) in [
        (Language::German, "Zwischenablage", "Was ich ab jetzt kopiere, mitgeben"),
        (Language::English, "Clipboard", "Share what I copy from now on"),
    ] {
        for lets_out in [false, true] {
            let ways = ClipWays { to_watcher: false, to_shower: true };
            let mut harness = with(language, of(ClipboardView { ways, lets_out, ..plain() }));
            click(&mut harness, super::chat::BUTTON[language.index()]);
            click(&mut harness, tab);
            only(&mut harness, &[]);
            click(&mut harness, label);
            only(&mut harness, &[wish(ClipboardIntent::LetOut(!lets_out))]);
            change(&mut harness, |view| view.together = of(plain()));
            assert!(harness.query_by_label(label).is_none(), "the customer has not opened it");
        }
    }
}

#[test]
fn in_full_screen_an_offered_text_and_its_answers_are_in_sight_below_the_handle() {
    for (language, labels) in [
        (
            Language::German,
            ["Kundin/Kunde möchte diesen Text in Ihre Zwischenablage legen:", "Ablehnen", "In meine Zwischenablage"],
        ),
        (
            Language::English,
            ["Customer would like to put this text into your clipboard:", "Refuse", "Into my clipboard"],
        ),
    ] {
        for size in [vec2(1_100.0, 760.0), vec2(550.0, 380.0)] {
            for turn in [WatcherTurn::None, WatcherTurn::Refused] {
                let screen = viewer_with(|view| (view.together, view.turn.state) = (asked_text(), turn));
                let mut harness = window_in(language, size, screen);
                harness.state_mut().local.viewer.full_screen = true;
                harness.run_steps(4);
                for label in labels {
                    in_sight(&harness, label, size);
                }
            }
        }
    }
}
