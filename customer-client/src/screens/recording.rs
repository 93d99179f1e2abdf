//! "May the advisor record?", the sign as long as it is recorded, and the code
//! that opens the recording.

use super::question::{self, QuestionLocal};
use egui::{Frame, Id, Margin, RichText, Stroke, Ui, UiBuilder};
use mitblick_client_core::{
    customer::{CustomerIntent, RecordingState, RecordingView, Who},
    language::Texts,
    ui::{ActionButton, ButtonKind, Icon, icons, palette, theme, widgets, wording},
};
use mitblick_protocol::recording::RecordingOwners;

/// Size of the code, in points: to be read and written down.
const CODE_SIZE: f32 = 16.0;

/// What belongs to the question alone.
#[derive(Default)]
pub(super) struct RecordingLocal {
    question: QuestionLocal,
}

/// All of it that is to be seen at the moment.
pub(super) fn recording_ui(
    ui: &mut Ui,
    texts: Texts,
    who: &Who,
    view: &RecordingView,
    local: &mut RecordingLocal,
    intents: &mut Vec<CustomerIntent>,
) {
    match view.state {
        RecordingState::None => {}
        RecordingState::Asked => {
            ui.add_space(4.0);
            let open = local.question.open(ui);
            // As for control: the focus must not slip onto an answer.
            let scope = UiBuilder::new().scope_id(Id::unique("recording question"));
            ui.scope_builder(scope, |ui| question_ui(ui, texts, who, open, intents));
        }
        RecordingState::Recorded { .. } => {
            ui.add_space(4.0);
            sign_ui(ui, texts, who, view.code.as_deref(), intents);
        }
        RecordingState::Ended(why) => {
            let (why, colours) = (wording::recording_end(texts, why), palette(ui));
            let ended = texts.t_with("record-ended", &[("why", why.into())]);
            widgets::badge(ui, Icon::Info, &ended, colours.hover, colours.text);
        }
    }
}

fn question_ui(ui: &mut Ui, texts: Texts, who: &Who, open: bool, intents: &mut Vec<CustomerIntent>) {
    let colours = palette(ui);
    framed(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal_top(|ui| {
            icons::show(ui, Icon::Record, 22.0, colours.danger);
            let values = [("advisor", (&who.advisor).into()), ("organisation", (&who.organisation).into())];
            let question = widgets::title(ui, &texts.t_with("record-question", &values));
            widgets::announce(ui, &question, true);
        });
        widgets::body(ui, &texts.t("record-question-explain"));
        question::arming_ui(ui, texts, open);
        let yes = [
            (texts.t("record-yes-customer"), CustomerIntent::AllowRecording { owners: RecordingOwners::Shower }),
            (texts.t("record-yes-both"), CustomerIntent::AllowRecording { owners: RecordingOwners::Both }),
        ];
        question::answers_ui(ui, open, (texts.t("record-no"), CustomerIntent::StopRecording), yes, intents);
    });
}

/// That it is recorded, as long as it is.
fn sign_ui(ui: &mut Ui, texts: Texts, who: &Who, code: Option<&str>, intents: &mut Vec<CustomerIntent>) {
    framed(ui, |ui| {
        ui.set_width(ui.available_width());
        line_ui(ui, texts, who, intents);
        if let Some(code) = code {
            code_ui(ui, texts, code);
        }
    });
}

/// The sign, and what stops it.
pub(super) fn line_ui(ui: &mut Ui, texts: Texts, who: &Who, intents: &mut Vec<CustomerIntent>) {
    let colours = palette(ui);
    ui.horizontal_wrapped(|ui| {
        icons::show(ui, Icon::Record, 18.0, colours.danger);
        let on = texts.t_with("record-on", &[("advisor", (&who.advisor).into())]);
        let line = ui.label(RichText::new(on).strong());
        widgets::announce(ui, &line, true);
        let label = texts.t("record-stop");
        if ui.add(ActionButton::new(ButtonKind::Danger, &label).small().icon(Icon::Stop)).clicked() {
            intents.push(CustomerIntent::StopRecording);
        }
    });
}

/// The code, to be written down. It can't be copied as long as the session
/// lasts: an open clipboard would hand it to the advisor.
pub(super) fn code_ui(ui: &mut Ui, texts: Texts, code: &str) {
    ui.horizontal_wrapped(|ui| {
        widgets::small(ui, &texts.t("record-code"));
        ui.add(egui::Label::new(RichText::new(code).monospace().size(CODE_SIZE)).selectable(false));
    });
    widgets::small(ui, &texts.t("record-code-later"));
}

/// In two lines of the same length, of which none is broken anywhere.
fn in_two_lines(code: &str) -> String {
    let half = (code.len() / 2).min(code.len());
    match (code.get(..half), code.get(half + 1..)) {
        (Some(first), Some(second)) => format!("{first}\n{second}"),
        _ => code.to_owned(),
    }
}

/// The codes once more, when it is over.
pub(super) fn codes_ui(ui: &mut Ui, texts: Texts, codes: &[String]) {
    if codes.is_empty() {
        return;
    }
    ui.add_space(theme::GROUP_GAP);
    widgets::card(ui, |ui| {
        widgets::title(ui, &texts.t("record-code"));
        for code in codes {
            let text = RichText::new(in_two_lines(code)).monospace().size(CODE_SIZE);
            ui.add(egui::Label::new(text).selectable(true).wrap());
            let label = texts.t("record-code-copy");
            if ui.add(ActionButton::new(ButtonKind::Secondary, &label).small().icon(Icon::Copy)).clicked() {
                ui.ctx().copy_text(code.clone());
            }
        }
        widgets::small(ui, &texts.t("record-code-explain"));
    });
}

fn framed(ui: &mut Ui, add: impl FnOnce(&mut Ui)) {
    let colours = palette(ui);
    Frame::new()
        .fill(colours.error_fill)
        .stroke(Stroke::new(2.0, colours.danger))
        .corner_radius(theme::CARD_RADIUS)
        .inner_margin(Margin::symmetric(12, 8))
        .show(ui, add);
}
