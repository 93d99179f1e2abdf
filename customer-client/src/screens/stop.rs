//! The person was called by somebody: what to do now, in plain words.

use egui::Ui;
use mitblick_client_core::{
    customer::{CustomerIntent, Who},
    language::Texts,
    ui::{
        ActionButton, ButtonKind, Icon, icons, palette,
        widgets::{self, Mood},
    },
};

/// The part above the receipt.
pub fn stop_ui(ui: &mut Ui, texts: Texts, who: Option<&Who>, telephone: &str) {
    let heading = widgets::heading(ui, &texts.t("stop-heading"));
    widgets::announce(ui, &heading, true);
    ui.add_space(8.0);
    widgets::notice(ui, Mood::Warning, &texts.t("stop-nothing-shown"));
    ui.add_space(8.0);
    widgets::card(ui, |ui| {
        step(ui, &texts.t("stop-hang-up"));
        step(ui, &texts.t("stop-call-back"));
        step(ui, &texts.t("stop-never"));
        if let (Some(who), false) = (who, telephone.is_empty()) {
            ui.add_space(4.0);
            let values = [("organisation", (&who.organisation).into()), ("telephone", telephone.into())];
            widgets::body(ui, &texts.t_with("stop-telephone", &values));
        }
    });
}

/// The way on.
pub fn way_on_ui(ui: &mut Ui, texts: Texts, intents: &mut Vec<CustomerIntent>) {
    let label = texts.t("ended-close");
    if ui.add(ActionButton::new(ButtonKind::Primary, &label).full_width()).clicked() {
        intents.push(CustomerIntent::Quit);
    }
}

fn step(ui: &mut Ui, text: &str) {
    ui.horizontal_top(|ui| {
        let ink = palette(ui).primary;
        icons::show(ui, Icon::Right, 17.0, ink);
        widgets::body(ui, text);
    });
}
