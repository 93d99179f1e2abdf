//! Keeping the receipt: where, one button, and what became of it.

use egui::{TextEdit, Ui};
use mitblick_client_core::{
    customer::{CustomerIntent, ReceiptState, ReceiptView},
    language::Texts,
    receipt::save::Place,
    ui::{
        ActionButton, ButtonKind, Icon,
        widgets::{self, Mood},
        wording,
    },
};

/// Where the receipt is to go, as far as the person has changed it.
#[derive(Default)]
pub struct KeepLocal {
    folder: Option<String>,
}

impl KeepLocal {
    /// The screen is closed.
    pub fn leave(&mut self) {
        *self = Self::default();
    }
}

/// The part of the end screen.
pub fn keep_ui(
    ui: &mut Ui,
    texts: Texts,
    view: &ReceiptView,
    local: &mut KeepLocal,
    intents: &mut Vec<CustomerIntent>,
) {
    widgets::card(ui, |ui| {
        widgets::title(ui, &texts.t("receipt-keep-heading"));
        widgets::body(ui, &texts.t("receipt-keep-lead"));
        match &view.state {
            ReceiptState::Kept(file) => {
                widgets::notice(ui, Mood::Info, &texts.t_with("receipt-kept", &[("file", file.into())]));
                return;
            }
            ReceiptState::Saving => {
                let saving = widgets::muted(ui, &texts.t("receipt-keeping"));
                widgets::announce(ui, &saving, false);
                return;
            }
            ReceiptState::Failed(problem) => {
                widgets::notice(ui, Mood::Error, &wording::problem(texts, problem));
            }
            ReceiptState::Offered => {}
        }
        let name = widgets::small(ui, &texts.t("receipt-keep-folder"));
        let folder = local.folder.get_or_insert_with(|| view.folder.clone());
        let field = TextEdit::singleline(folder).id_salt("receipt folder").desired_width(f32::INFINITY);
        ui.add(field).labelled_by(name.id);
        let place = Place::Folder(folder.trim().into());
        let label = texts.t("receipt-keep");
        if ui.add(ActionButton::new(ButtonKind::Secondary, &label).full_width().icon(Icon::Check)).clicked() {
            intents.push(CustomerIntent::KeepReceipt { place: Some(place), language: texts.language() });
        }
    });
}
