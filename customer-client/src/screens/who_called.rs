//! "Did you call them?" Asked before anything can be shown to a company that
//! the person has not called before: who is called by strangers, and told to
//! show their bank, finds out here. Both answers look the same, neither is
//! preset, and none counts straight after the question appears.

use super::question::{QuestionLocal, arming_ui};
use egui::{Id, RichText, Ui, UiBuilder};
use mitblick_client_core::{
    customer::{CustomerIntent, Who},
    language::Texts,
    ui::{ActionButton, ButtonKind, Icon, icons, page_with_foot, palette, panels, theme, widgets},
};

/// The question as it stands on the screen.
#[derive(Default)]
pub struct WhoCalledLocal {
    question: QuestionLocal,
    details: bool,
}

impl WhoCalledLocal {
    /// The question is not shown.
    pub fn leave(&mut self) {
        *self = Self::default();
    }
}

/// Who asks, and over what.
pub struct Caller<'a> {
    /// Who.
    pub who: &'a Who,
    /// Suite in use.
    pub suite: &'a str,
    /// Check words.
    pub words: &'a [[String; 4]; 2],
}

/// The screen.
pub fn who_called_ui(
    ui: &mut Ui,
    texts: Texts,
    caller: &Caller<'_>,
    local: &mut WhoCalledLocal,
    intents: &mut Vec<CustomerIntent>,
) {
    let open = local.question.open(ui);
    // An id of its own: the keyboard's focus can't slip onto an answer.
    let scope = UiBuilder::new().scope_id(Id::unique("who called"));
    ui.scope_builder(scope, |ui| {
        page_with_foot(
            ui,
            "who called",
            460.0,
            &mut (local, intents),
            |ui, (local, _)| {
                caller_ui(ui, texts, caller, &mut local.details);
                ui.add_space(theme::GAP);
                widgets::body(ui, &texts.t("who-called-why"));
            },
            |ui, (_, intents)| answers_ui(ui, texts, open, intents),
        );
    });
}

fn caller_ui(ui: &mut Ui, texts: Texts, caller: &Caller<'_>, details: &mut bool) {
    widgets::card(ui, |ui| {
        let organisation = RichText::new(&caller.who.organisation).text_style(theme::title_style()).strong();
        ui.add(egui::Label::new(organisation.color(palette(ui).primary)).wrap());
        widgets::body(ui, &texts.t_with("who-called-waits", &[("advisor", (&caller.who.advisor).into())]));
        ui.horizontal_top(|ui| {
            let ink = palette(ui).good;
            icons::show(ui, Icon::Lock, 14.0, ink);
            widgets::small(ui, &texts.t("who-called-verified"));
        });
        panels::security_details(ui, texts, details, caller.suite, caller.words);
    });
}

fn answers_ui(ui: &mut Ui, texts: Texts, open: bool, intents: &mut Vec<CustomerIntent>) {
    // Never out of sight of its answers.
    let question = widgets::heading(ui, &texts.t("who-called"));
    widgets::announce(ui, &question, true);
    arming_ui(ui, texts, open);
    for (label, intent) in [
        (texts.t("who-called-me"), CustomerIntent::IDidCall),
        (texts.t("who-called-them"), CustomerIntent::TheyCalledMe),
    ] {
        let button = ActionButton::new(ButtonKind::Secondary, &label).full_width();
        if ui.add_enabled(open, button).clicked() {
            intents.push(intent);
        }
    }
    let label = texts.t("end-session");
    if ui.add(ActionButton::new(ButtonKind::Quiet, &label).small().icon(Icon::Close)).clicked() {
        intents.push(CustomerIntent::End);
    }
}
