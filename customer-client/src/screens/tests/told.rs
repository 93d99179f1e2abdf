//! What a screen reader tells by itself, wherever the person is at that moment.

use super::{clipboard::asked_text, files::offered, recording::recorded, *};
use mitblick_client_core::customer::{NotByHand, RecordingState, RecordingView, TurnView};
use mitblick_protocol::peer_msg::{ControlEnd, RecordingEnd, SharingState, TurnEnd};

/// A screen whose view has changed.
fn changed(
    language: Language,
    screen: CustomerScreen,
    change: impl FnOnce(&mut CustomerView),
) -> Harness<'static, Window> {
    let mut harness = window_in(language, vec2(1_200.0, 900.0), screen);
    harness.run_steps(2);
    change(&mut harness.state_mut().view);
    harness.run_steps(3);
    harness
}

/// Where applications are chosen, and where they are shown.
fn both() -> [CustomerScreen; 2] {
    [choose(Some(vec![item(1, "Browser")])), sharing(ControlView::None)]
}

fn watching() -> CustomerScreen {
    super::turn::watching(SharingState::Showing)
}

#[test]
fn that_control_is_asked_for_granted_and_ended_is_told_at_once() {
    let granted = |remaining_s| ControlView::Granted { remaining_s };
    let stopped = ControlView::Ended(ControlEnd::StopKey);
    for (control, german, english) in [
        (ControlView::Asked, "Steuerung angefragt", "Control requested"),
        (
            ControlView::Asked,
            "Anna Muster (Muster Bank) möchte steuern.",
            "Anna Muster (Muster Bank) asks for control.",
        ),
        (granted(Some(245)), "Steuerung bis", "Control until"),
        (granted(None), "Steuerung erlaubt", "Control allowed"),
        (stopped, "mit der Stopptaste beendet", "ended with the stop key"),
        (ControlView::Ended(ControlEnd::GivenBack), "wurde zurückgegeben", "was given back"),
        (ControlView::Ended(ControlEnd::TimeOver), "Die erlaubte Zeit ist um", "The time allowed is over"),
    ] {
        for (language, words) in [(Language::German, german), (Language::English, english)] {
            let harness = changed(language, sharing(ControlView::None), |view| view.screen = sharing(control));
            is_told(&harness, words, Live::Assertive);
        }
    }
}

#[test]
fn that_the_line_is_cut_is_told_where_something_is_chosen_and_where_it_is_shown() {
    for (language, words) in [
        (Language::German, "Die Verbindung ist unterbrochen. Niemand sieht etwas."),
        (Language::English, "The connection is interrupted. Nobody sees anything."),
    ] {
        for screen in both() {
            let harness = changed(language, screen, |view| view.cut_s = Some(95));
            is_told(&harness, words, Live::Polite);
        }
    }
}

#[test]
fn that_a_recording_is_asked_for_made_and_ended_is_told_at_once() {
    let of = |state| RecordingView { state, code: None };
    for (recording, german, english) in [
        (of(RecordingState::Asked), "möchte aufzeichnen, was Sie zeigen", "asks to record what you show"),
        (recorded(), "Anna Muster zeichnet auf", "Anna Muster records"),
        (of(RecordingState::Ended(RecordingEnd::Stopped)), "Die Aufzeichnung ist beendet:", "Recording ended:"),
    ] {
        for (language, words) in [(Language::German, german), (Language::English, english)] {
            for screen in both() {
                let harness = changed(language, screen, |view| view.recording = recording.clone());
                is_told(&harness, words, Live::Assertive);
            }
        }
    }
}

#[test]
fn that_a_recording_has_ended_because_the_advisor_shows_something_is_told_while_looking() {
    for (language, words) in [
        (Language::German, "Jetzt ist der Bildschirm der Beratung zu sehen."),
        (Language::English, "the advisor's screen is being shown now."),
    ] {
        let mut harness = changed(language, choose(None), |view| view.recording = recorded());
        let view = &mut harness.state_mut().view;
        (view.screen, view.recording.state) = (watching(), RecordingState::Ended(RecordingEnd::Turned));
        harness.run_steps(3);
        is_told(&harness, words, Live::Assertive);
    }
}

#[test]
fn that_files_are_offered_is_told_at_once_whether_the_panel_is_open_or_not() {
    for (language, words, question) in [
        (Language::German, "Dateien: 1 Angebot wartet auf Ihre Antwort", "bietet Ihnen diese Datei an"),
        (Language::English, "Files: 1 offer waits for your answer", "offers you this file"),
    ] {
        for screen in both().into_iter().chain([watching()]) {
            let together = offered(&[("notes.pdf", 2_000)]);
            let mut harness = changed(language, screen, |view| view.together = Some(together));
            is_told(&harness, words, Live::Assertive);
            click(&mut harness, words);
            is_told(&harness, question, Live::Assertive);
        }
    }
}

#[test]
fn that_a_text_is_offered_for_the_clipboard_is_told_at_once() {
    for (language, words) in [
        (Language::German, "möchte diesen Text in Ihre Zwischenablage legen"),
        (Language::English, "would like to put this text into your clipboard"),
    ] {
        for screen in both().into_iter().chain([watching()]) {
            let harness = changed(language, screen, |view| view.together = Some(asked_text()));
            is_told(&harness, words, Live::Assertive);
        }
    }
}

#[test]
fn that_the_advisor_would_like_to_show_something_and_that_it_is_over_is_told_at_once() {
    for (turn, german, english) in [
        (TurnView::Asked, "möchte Ihnen etwas auf dem eigenen Bildschirm zeigen", "would like to show you something"),
        (
            TurnView::Ended(TurnEnd::GivenBack),
            "Sie sehen nichts mehr vom Bildschirm",
            "You see nothing of the advisor's",
        ),
    ] {
        for (language, words) in [(Language::German, german), (Language::English, english)] {
            for screen in both() {
                let harness = changed(language, screen, |view| view.turn = turn);
                is_told(&harness, words, Live::Assertive);
            }
        }
    }
    for (language, words) in [
        (Language::German, "Von Ihrem Bildschirm wird nichts gezeigt."),
        (Language::English, "Nothing of your screen is shown."),
    ] {
        let harness = changed(language, sharing(ControlView::None), |view| view.screen = watching());
        is_told(&harness, words, Live::Assertive);
    }
}

#[test]
fn that_a_yes_did_not_count_is_told_on_every_screen_where_it_can_be_said() {
    for (language, words) in [(Language::German, "Das hat nicht gezählt"), (Language::English, "That did not count")] {
        for screen in both().into_iter().chain([sharing(ControlView::Asked), watching()]) {
            let harness = changed(language, screen, |view| view.not_by_hand = Some(NotByHand::SayAgain));
            is_told(&harness, words, Live::Polite);
        }
    }
}

#[test]
fn what_counts_down_is_told_once_and_not_at_every_step() {
    for screen in both().into_iter().chain([watching()]) {
        let ticks: [fn(&mut CustomerView, u32); 2] =
            [|view, left_s| view.cut_s = Some(left_s), |view, left_s| view.ends_in_s = Some(left_s)];
        for tick in ticks {
            let mut harness = changed(Language::English, screen.clone(), |view| tick(view, 95));
            let before = all_told(&harness);
            assert!(!before.is_empty());
            tick(&mut harness.state_mut().view, 94);
            harness.run_steps(3);
            assert_eq!(all_told(&harness), before);
        }
    }
}

/// Everything that is told when it changes.
fn all_told(harness: &Harness<'_, Window>) -> Vec<String> {
    let nodes = harness.root().children_recursive();
    let told = nodes.filter_map(|node| {
        let node = node.accesskit_node();
        let is_live = node.data().live().is_some_and(|live| live != Live::Off);
        is_live.then(|| node.label().or_else(|| node.value()).unwrap_or_default())
    });
    told.collect()
}
