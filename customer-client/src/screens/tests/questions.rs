//! What all questions that grant something have in common.

use super::*;
use mitblick_client_core::{
    customer::{CustomerGuide, GuideView, NotByHand, RecordingState, TurnView},
    together::view::Asked,
};
use mitblick_protocol::{clipboard, peer_msg::SharingState};

/// As many applications as nobody has: the page is scrolled.
fn long_choice(size: Vec2) -> Harness<'static, Window> {
    let applications = (1..=30).map(|id| item(id, &format!("Program {id}"))).collect();
    window_in(Language::English, size, choose(Some(applications)))
}

/// A question, a part of its words, its refusal, and what can be granted.
type Question = (fn(&mut CustomerView), &'static str, &'static str, &'static [&'static str]);

const QUESTIONS: [Question; 2] = [
    (
        |view| view.recording.state = RecordingState::Asked,
        "asks to record what you show",
        "Do not allow",
        &["Allow – only my code opens it", "Allow – only my code together with the advisor's computer opens it"],
    ),
    (|view| view.turn = TurnView::Asked, "would like to show you", "No", &["Look"]),
];

#[test]
fn a_question_comes_into_sight_wherever_the_page_stands() {
    for (ask, words, refusal, _) in QUESTIONS {
        let mut harness = long_choice(vec2(460.0, 600.0));
        harness.run_steps(2);
        harness.get_by_label("Program 25").scroll_to_me();
        harness.run_steps(PAST_GUARD);
        ask(&mut harness.state_mut().view);
        harness.run_steps(3);
        for node in [harness.get_by_label_contains(words), harness.get_by_label(refusal)] {
            let rect = node.rect();
            assert!(rect.top() >= 0.0 && rect.bottom() <= 600.0, "{words} {rect:?}");
        }
        // It is not held there: who wants to see the applications first can.
        harness.run_steps(PAST_GUARD);
        harness.get_by_label("Program 25").scroll_to_me();
        harness.run_steps(PAST_GUARD);
        let rect = harness.get_by_label("Program 25").rect();
        assert!(rect.top() >= 0.0 && rect.bottom() <= 600.0, "{words}: {rect:?}");
        click(&mut harness, "Program 25");
        assert!(harness.state().intents.is_empty());
    }
}

#[test]
fn what_the_advisor_asks_to_be_shown_comes_into_sight_as_well() {
    let mut harness = long_choice(vec2(460.0, 600.0));
    harness.run_steps(2);
    harness.get_by_label("Program 25").scroll_to_me();
    harness.run_steps(PAST_GUARD);
    let asked = Some("Please show me your mail program".into());
    harness.state_mut().view.guide = Some(GuideView { asked, ..GuideView::default() });
    harness.run_steps(3);
    let rect = harness.get_by_label_contains("Please show me your mail program").rect();
    assert!(rect.top() >= 0.0 && rect.bottom() <= 600.0, "{rect:?}");
    click(&mut harness, "Do not show");
    assert_eq!(harness.state().intents, [CustomerIntent::Guide(CustomerGuide::RefuseToShow)]);
}

/// The refusal stands before everything else that can be answered, so that it
/// is in sight wherever one of those is.
fn comes_first(harness: &Harness<'_, Window>, refusal: &str, others: &[&str]) {
    let first = harness.get_by_label(refusal).rect();
    for other in others {
        let rect = harness.get_by_label(other).rect();
        let beside = first.right() <= rect.left() && (first.top() - rect.top()).abs() < 1.0;
        assert!(beside || first.bottom() <= rect.top(), "{refusal} {first:?}, {other} {rect:?}");
    }
}

#[test]
fn the_refusal_comes_first_in_every_question() {
    for width in [300.0, 460.0, 900.0] {
        for (ask, _, refusal, others) in QUESTIONS {
            let mut harness = long_choice(vec2(width, 1_400.0));
            ask(&mut harness.state_mut().view);
            harness.run_steps(PAST_GUARD);
            comes_first(&harness, refusal, others);
        }
        let mut harness = window_in(Language::English, vec2(width, 1_400.0), sharing(ControlView::Asked));
        harness.state_mut().local.bar.max_width = width;
        harness.run_steps(PAST_GUARD);
        let others = ["Allow for 5 minutes", "Allow for 15 minutes", "Allow for this session"];
        comes_first(&harness, "Do not allow", &others);
    }
}

#[test]
fn an_answer_that_moves_under_the_hand_counts_only_after_a_moment() {
    let mut harness = window_in(Language::English, vec2(900.0, 900.0), sharing(ControlView::Asked));
    harness.state_mut().local.bar.max_width = 900.0;
    harness.state_mut().view.recording.state = RecordingState::Asked;
    harness.run_steps(PAST_GUARD);
    let allow = "Allow \u{2013} only my code opens it";
    let before = harness.get_by_label(allow).rect();
    // The advisor takes the request for control back: the other question moves
    // to where that one stood.
    harness.state_mut().view.screen = sharing(ControlView::None);
    harness.run_steps(2);
    assert!(harness.get_by_label(allow).rect().top() < before.top() - 20.0);
    click(&mut harness, allow);
    assert_eq!(harness.state().intents, []);
    harness.run_steps(PAST_GUARD);
    click(&mut harness, allow);
    let [CustomerIntent::AllowRecording { .. }] = harness.state().intents.as_slice() else { panic!("not allowed") };
}

#[test]
fn what_comes_back_after_a_cut_can_be_kept_from_it() {
    let mut screen = sharing(ControlView::None);
    if let CustomerScreen::Sharing(view) = &mut screen {
        (view.paused, view.comes_back) = (true, true);
    }
    let mut harness = bar(screen);
    harness.state_mut().view.cut_s = Some(100);
    harness.run_steps(2);
    harness.get_by_label_contains("what you showed is seen again by itself");
    click(&mut harness, "Pause");
    assert_eq!(harness.state().intents, [CustomerIntent::Pause]);
}

#[test]
fn a_text_for_the_clipboard_counts_as_new_when_it_was_away() {
    let asked = Asked { question: clipboard::Question(1), text: "IBAN".into() };
    let view = ClipboardView { waiting: Some(asked), ..ClipboardView::new(Role::Shower, ClipboardRule::Allowed) };
    let mut harness = bar(sharing(ControlView::None));
    harness.state_mut().view.together = Some(TogetherView { clipboard: view, ..together() });
    let take = "Into my clipboard";
    harness.run_steps(2);
    click(&mut harness, take);
    assert_eq!(harness.state().intents, [], "what was on its way does not count");
    harness.run_steps(PAST_GUARD);
    let shown = harness.state_mut().view.together.take();
    harness.run_steps(3);
    harness.state_mut().view.together = shown;
    harness.run_steps(2);
    click(&mut harness, take);
    assert_eq!(harness.state().intents, [], "it appears anew");
    harness.run_steps(PAST_GUARD);
    click(&mut harness, take);
    assert_eq!(harness.state().intents.len(), 1);
}

#[test]
fn that_a_yes_did_not_count_is_said_wherever_it_can_be_said_again() {
    let screens = [choose(Some(Vec::new())), sharing(ControlView::Asked)];
    let watching = super::turn::watching(SharingState::Showing);
    for screen in screens.into_iter().chain([watching]) {
        let mut harness = bar(screen);
        assert!(harness.query_by_label_contains("That did not count").is_none());
        harness.state_mut().view.not_by_hand = Some(NotByHand::SayAgain);
        harness.run_steps(3);
        harness.get_by_label_contains("Please press again yourself");
        harness.state_mut().view.not_by_hand = Some(NotByHand::NotHere);
        harness.run_steps(3);
        harness.get_by_label_contains("begin a new one");
    }
}
