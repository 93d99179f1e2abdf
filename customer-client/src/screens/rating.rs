//! Two questions at the end, each answered by one click or not at all.

use egui::Ui;
use mitblick_client_core::{
    customer::{Answer, CustomerIntent, RatingView, Who},
    language::Texts,
    ui::{
        ActionButton, ButtonKind, Icon, theme,
        widgets::{self, Mood},
        wording,
    },
};
use mitblick_protocol::rating::{Grade, Rating, Solved};

/// The part of the end screen.
pub(super) fn rating_ui(ui: &mut Ui, texts: Texts, who: &Who, view: &RatingView, intents: &mut Vec<CustomerIntent>) {
    widgets::card(ui, |ui| {
        widgets::title(ui, &texts.t("rating-heading"));
        let answers = Solved::ALL.map(|solved| (solved, solved_text(texts, solved), Rating::Solved(solved)));
        question_ui(ui, texts, &texts.t("rating-solved"), (view.solved, view.is_open), &answers, intents);
        let answers = Grade::ALL.map(|grade| (grade, grade_text(texts, grade), Rating::Grade(grade)));
        question_ui(ui, texts, &texts.t("rating-grade"), (view.grade, view.is_open), &answers, intents);
        ui.add_space(theme::GAP);
        if let Some(problem) = &view.problem {
            widgets::notice(ui, Mood::Warning, &wording::problem(texts, problem));
            ui.add_space(theme::GAP);
        }
        let sending = matches!(view.solved, Answer::Sending(_)) || matches!(view.grade, Answer::Sending(_));
        let sent = matches!(view.solved, Answer::Sent(_)) || matches!(view.grade, Answer::Sent(_));
        if sending || sent {
            let line = widgets::body(ui, &if sending { texts.t("rating-sending") } else { texts.t("rating-thanks") });
            widgets::announce(ui, &line, false);
        }
        let values = [("advisor", (&who.advisor).into()), ("organisation", (&who.organisation).into())];
        widgets::small(ui, &texts.t_with("rating-privacy", &values));
    });
}

/// A question and its answers; one that is given stands and can't be clicked
/// again.
fn question_ui<T: Copy + PartialEq>(
    ui: &mut Ui,
    texts: Texts,
    question: &str,
    (given, is_open): (Answer<T>, bool),
    answers: &[(T, String, Rating)],
    intents: &mut Vec<CustomerIntent>,
) {
    ui.add_space(theme::GAP);
    widgets::body(ui, question);
    ui.horizontal_wrapped(|ui| {
        for (answer, label, rating) in answers {
            let values = [("question", question.into()), ("answer", label.into())];
            let name = texts.t_with("rating-answer-name", &values);
            let button = ActionButton::new(ButtonKind::Secondary, label).name(&name).small().chosen(given.is(*answer));
            let button = if given.is(*answer) { button.icon(Icon::Check) } else { button };
            let takes = if given.is_given() { given.is(*answer) } else { is_open };
            let response = ui.add_enabled(takes, button);
            if response.clicked() && !given.is_given() {
                intents.push(CustomerIntent::Rate(*rating));
            }
        }
    });
}

fn solved_text(texts: Texts, solved: Solved) -> String {
    match solved {
        Solved::Yes => texts.t("rating-yes"),
        Solved::Partly => texts.t("rating-partly"),
        Solved::No => texts.t("rating-no"),
    }
}

/// Words beside the number: not everybody counts from the same end.
fn grade_text(texts: Texts, grade: Grade) -> String {
    match grade.number() {
        1 => texts.t("rating-1"),
        2 => texts.t("rating-2"),
        3 => texts.t("rating-3"),
        4 => texts.t("rating-4"),
        _ => texts.t("rating-5"),
    }
}
