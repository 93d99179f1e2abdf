//! What is found of recordings: the question, the sign, and the code.

use super::*;
use mitblick_client_core::customer::{GuideView, RecordingState, RecordingView};
use mitblick_protocol::{peer_msg::SharingState, recording::RecordingOwners};

const CODE: &str = "7H2K-9QWE-4RTZ-M3NP-8XCV-2BDF-6GHJ-5KLQ";

/// It is recorded.
pub(super) fn recorded() -> RecordingView {
    RecordingView { state: RecordingState::Recorded { owners: RecordingOwners::Shower }, code: Some(CODE.into()) }
}

/// All that can be on the screen while it is recorded.
fn screens() -> Vec<CustomerScreen> {
    let mut screens = vec![choose(None), choose(Some(Vec::new())), choose(Some(vec![item(1, "Browser")]))];
    let granted = ControlView::Granted { remaining_s: Some(245) };
    for control in [ControlView::None, ControlView::Asked, ControlView::Refused, granted] {
        for (paused, comes_back) in [(false, false), (true, false), (true, true)] {
            let mut screen = sharing(control);
            if let CustomerScreen::Sharing(view) = &mut screen {
                (view.paused, view.comes_back) = (paused, comes_back);
            }
            screens.push(screen);
        }
    }
    // The rules end it before the advisor shows something; were it not so, it
    // would be seen.
    screens.push(super::turn::watching(SharingState::Showing));
    screens
}

#[test]
fn the_sign_is_in_sight_with_the_way_to_stop_it_whatever_is_on_the_screen() {
    for (language, sign, stop, more) in [
        (
            Language::German,
            "Anna Muster zeichnet auf, was Sie zeigen.",
            "Aufzeichnung beenden",
            "Zeigen, was selten gebraucht wird",
        ),
        (Language::English, "Anna Muster records what you show.", "Stop recording", "Show what is seldom needed"),
    ] {
        for screen in screens() {
            let in_bar = matches!(screen, CustomerScreen::Sharing(_));
            let (width, height) = if in_bar { (900.0, 500.0) } else { (460.0, 640.0) };
            let mut harness = window_in(language, vec2(width, height), screen.clone());
            harness.state_mut().local.bar.max_width = width;
            harness.state_mut().view.guide = Some(GuideView::default());
            harness.state_mut().view.together = Some(together());
            harness.run_steps(2);
            assert!(harness.query_by_label(sign).is_none(), "nothing is recorded");
            harness.state_mut().view.recording = recorded();
            harness.run_steps(PAST_GUARD);
            in_sight(&harness, [sign, stop], vec2(width, height));
            if in_bar {
                click(&mut harness, more);
                in_sight(&harness, [sign, stop], vec2(width, height));
            }
            harness.state_mut().intents.clear();
            click(&mut harness, stop);
            assert_eq!(harness.state().intents, [CustomerIntent::StopRecording], "{screen:?}");
        }
    }
}

#[track_caller]
fn in_sight(harness: &Harness<'_, Window>, labels: [&str; 2], size: Vec2) {
    for label in labels {
        let rect = harness.get_by_label(label).rect();
        let inside = rect.is_positive() && egui::Rect::from_min_size(egui::Pos2::ZERO, size).contains_rect(rect);
        assert!(inside, "{label} is at {rect}");
    }
}

#[test]
fn the_sign_stays_in_sight_when_a_long_list_of_applications_is_scrolled() {
    let size = vec2(460.0, 600.0);
    let applications = (1..=30).map(|id| item(id, &format!("Program {id}"))).collect();
    let mut harness = window_in(Language::English, size, choose(Some(applications)));
    harness.state_mut().view.recording = recorded();
    harness.run_steps(3);
    let first = harness.get_by_label("Program 1").rect().top();
    harness.event(egui::Event::PointerMoved(egui::pos2(230.0, 300.0)));
    harness.event(egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta: vec2(0.0, -1_500.0),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Wheel,
        modifiers: egui::Modifiers::NONE,
    });
    harness.run_steps(30);
    let scrolled = harness.query_by_label("Program 1").is_none_or(|card| card.rect().top() < first - 300.0);
    assert!(scrolled, "the list is scrolled");
    in_sight(&harness, ["Anna Muster records what you show.", "Stop recording"], size);
}

#[test]
fn each_answer_to_the_question_of_recording_is_its_own_and_counts_after_a_moment() {
    use CustomerIntent::{AllowRecording, StopRecording};
    let (mine, both) = (RecordingOwners::Shower, RecordingOwners::Both);
    for (language, labels) in [
        (
            Language::German,
            [
                "Nicht erlauben",
                "Erlauben – nur mein Code öffnet sie",
                "Erlauben – nur mein Code zusammen mit dem Rechner der Beratung öffnet sie",
            ],
        ),
        (
            Language::English,
            [
                "Do not allow",
                "Allow – only my code opens it",
                "Allow – only my code together with the advisor's computer opens it",
            ],
        ),
    ] {
        let intents = [StopRecording, AllowRecording { owners: mine }, AllowRecording { owners: both }];
        for (label, intent) in labels.into_iter().zip(intents) {
            for screen in [choose(Some(Vec::new())), sharing(ControlView::None)] {
                let mut harness = window_in(language, vec2(1_200.0, 900.0), screen);
                harness.state_mut().view.recording.state = RecordingState::Asked;
                harness.run_steps(2);
                click(&mut harness, label);
                for key in [Key::Enter, Key::Space] {
                    press(&mut harness, key);
                }
                assert_eq!(harness.state().intents, [], "what was on its way does not count");
                harness.run_steps(PAST_GUARD);
                click(&mut harness, label);
                assert_eq!(harness.state().intents, std::slice::from_ref(&intent));
            }
        }
    }
}

#[test]
fn the_code_is_read_while_it_is_recorded_and_can_be_copied_only_once_the_session_is_over() {
    for (language, heading, later, copy) in [
        (
            Language::German,
            "Code, der die Aufzeichnung öffnet",
            "Nach der Sitzung wird er noch einmal",
            "Code kopieren",
        ),
        (Language::English, "Code that opens the recording", "After the session it is shown once more", "Copy code"),
    ] {
        for screen in [choose(Some(Vec::new())), sharing(ControlView::None)] {
            let mut harness = window_in(language, vec2(1_200.0, 900.0), screen);
            harness.state_mut().view.recording = recorded();
            harness.run_steps(3);
            harness.get_by_label(heading);
            harness.get_by_label(CODE);
            harness.get_by_label_contains(later);
            assert!(harness.query_by_label(copy).is_none(), "an open clipboard would hand it to the advisor");
        }
        let end = EndView { recordings: vec![CODE.into()], ..end_view(None, ReceiptState::Offered) };
        let mut harness = window_in(language, vec2(460.0, 1_400.0), CustomerScreen::Ended(end));
        harness.run_steps(3);
        harness.get_by_label(heading);
        harness.get_by_label("7H2K-9QWE-4RTZ-M3NP\n8XCV-2BDF-6GHJ-5KLQ");
        assert_eq!(copied(&mut harness, copy).as_deref(), Some(CODE), "all of it, in one line");
        assert_eq!(harness.state().intents, []);
    }
}

#[test]
fn each_recording_of_a_session_has_its_own_code_at_the_end() {
    let codes = vec![CODE.to_owned(), CODE.replace('7', "8")];
    let end = EndView { recordings: codes, ..end_view(None, ReceiptState::Offered) };
    let mut harness = window_in(Language::English, vec2(460.0, 1_400.0), CustomerScreen::Ended(end));
    harness.run_steps(2);
    assert_eq!(harness.query_all_by_label("Copy code").count(), 2);
    harness.get_by_label("7H2K-9QWE-4RTZ-M3NP\n8XCV-2BDF-6GHJ-5KLQ");
    harness.get_by_label("8H2K-9QWE-4RTZ-M3NP\n8XCV-2BDF-6GHJ-5KLQ");
}

#[test]
fn where_it_is_recorded_nothing_says_that_it_is_not() {
    for (language, words) in
        [(Language::German, "wird nichts aufgezeichnet"), (Language::English, "Nothing is recorded")]
    {
        let mut harness = window_in(language, vec2(460.0, 900.0), choose(Some(Vec::new())));
        harness.run_steps(2);
        harness.get_by_label_contains(words);
        harness.state_mut().view.recording = recorded();
        harness.run_steps(2);
        assert!(harness.query_by_label_contains(words).is_none());
    }
}
