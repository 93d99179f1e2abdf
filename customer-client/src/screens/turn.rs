//! "May the advisor show you something?", and that it is over.

use super::question::{self, QuestionLocal};
use egui::{Frame, Id, Margin, Stroke, Ui, UiBuilder};
use mitblick_client_core::{
    customer::{CustomerIntent, TurnView, Who},
    language::Texts,
    ui::{Icon, icons, palette, theme, widgets, wording},
};
use mitblick_protocol::peer_msg::TurnEnd;

/// What belongs to the question alone.
#[derive(Default)]
pub(super) struct TurnLocal {
    question: QuestionLocal,
}

/// All of it that is to be seen while the advisor shows nothing.
pub(super) fn turn_ui(
    ui: &mut Ui,
    texts: Texts,
    who: &Who,
    view: TurnView,
    local: &mut TurnLocal,
    intents: &mut Vec<CustomerIntent>,
) {
    match view {
        // Who turned back needs no telling.
        TurnView::None | TurnView::Turned { .. } | TurnView::Refused | TurnView::Ended(TurnEnd::TakenBack) => {}
        TurnView::Asked => {
            ui.add_space(4.0);
            let open = local.question.open(ui);
            // As for control: the focus must not slip onto an answer.
            let scope = UiBuilder::new().scope_id(Id::unique("turn question"));
            ui.scope_builder(scope, |ui| question_ui(ui, texts, who, open, intents));
            ui.add_space(4.0);
        }
        TurnView::Ended(why) => {
            let why = wording::turn_end(texts, why);
            let line = widgets::small(ui, &texts.t_with("turn-ended", &[("why", why.into())]));
            widgets::announce(ui, &line, true);
        }
    }
}

fn question_ui(ui: &mut Ui, texts: Texts, who: &Who, open: bool, intents: &mut Vec<CustomerIntent>) {
    let colours = palette(ui);
    let frame = Frame::new()
        .fill(colours.surface)
        .stroke(Stroke::new(2.0, colours.primary))
        .corner_radius(theme::CARD_RADIUS)
        .inner_margin(Margin::symmetric(12, 8));
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal_top(|ui| {
            icons::show(ui, Icon::Eye, 22.0, colours.primary);
            let values = [("advisor", (&who.advisor).into()), ("organisation", (&who.organisation).into())];
            let question = widgets::title(ui, &texts.t_with("turn-question", &values));
            widgets::announce(ui, &question, true);
        });
        widgets::body(ui, &texts.t("turn-question-explain"));
        question::arming_ui(ui, texts, open);
        let yes = [(texts.t("turn-yes"), CustomerIntent::AllowTurn)];
        question::answers_ui(ui, open, (texts.t("turn-no"), CustomerIntent::TurnBack), yes, intents);
    });
}
