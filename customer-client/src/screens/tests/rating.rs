//! How it was: one click each, and nothing has to be clicked.

use super::*;
use mitblick_client_core::customer::{Answer, RatingView};
use mitblick_protocol::rating::{Grade, Rating, Solved};

fn asked(rating: RatingView) -> CustomerScreen {
    CustomerScreen::Ended(EndView { rating: Some(rating), ..end_view(None, ReceiptState::Offered) })
}

fn open() -> RatingView {
    RatingView { solved: Answer::Open, grade: Answer::Open, problem: None, is_open: true }
}

#[test]
fn each_question_is_answered_by_one_click() {
    let mut harness = window(asked(open()));
    click(&mut harness, "Was your problem solved? Partly");
    click(&mut harness, "How was it? 4 – good");
    let wanted = [Rating::Solved(Solved::Partly), Rating::Grade(Grade::ALL[3])].map(CustomerIntent::Rate);
    assert_eq!(harness.state().intents, wanted);
}

#[test]
fn what_is_answered_stands_and_the_other_question_stays_open() {
    let view = RatingView { grade: Answer::Sent(Grade::ALL[4]), ..open() };
    let mut harness = window(asked(view));
    click(&mut harness, "How was it? 5 – very good");
    click(&mut harness, "How was it? 1 – very poor");
    assert_eq!(harness.state().intents, []);
    harness.get_by_label_contains("Thank you");
    click(&mut harness, "Was your problem solved? Yes");
    assert_eq!(harness.state().intents, [CustomerIntent::Rate(Rating::Solved(Solved::Yes))]);
}

#[test]
fn what_is_sent_and_what_is_not_is_said_in_both_languages() {
    for (language, privacy, late) in [
        (Language::German, "nicht Ihr Name", "keine Antworten mehr"),
        (Language::English, "not your name", "No more answers"),
    ] {
        let view = RatingView { problem: Some(Problem::RatingTooLate), is_open: false, ..open() };
        let mut harness = window_in(language, vec2(460.0, 1_400.0), asked(view));
        let button = if language == Language::German { "Wie war es? 4 – gut" } else { "How was it? 4 – good" };
        click(&mut harness, button);
        assert_eq!(harness.state().intents, [], "it would not be taken");
        harness.get_by_label_contains(privacy);
        harness.get_by_label_contains(late);
    }
}

#[test]
fn nobody_is_asked_without_a_showing_or_after_a_stranger_has_called() {
    let harness = window(CustomerScreen::Ended(end_view(None, ReceiptState::Offered)));
    assert!(harness.query_by_label_contains("How was it?").is_none());
    let stop = EndView { stop: true, rating: Some(open()), ..end_view(None, ReceiptState::Offered) };
    assert!(window(CustomerScreen::Ended(stop)).query_by_label_contains("How was it?").is_none());
}
