//! The panel of what both people can do alike, the same in both programs.

mod chat;

use super::{ActionButton, ButtonKind, Icon, widgets, widgets::Mood, wording};
use crate::{
    language::Texts,
    together::{TogetherIntent, TogetherView},
};
use chat::ChatLocal;
use egui::Ui;

/// What belongs to the panel alone.
#[derive(Default)]
pub struct TogetherLocal {
    /// Whether it is open.
    pub open: bool,
    chat: ChatLocal,
}

/// The button that opens and closes the panel; says how much is new.
pub fn button_ui(ui: &mut Ui, texts: Texts, view: &TogetherView, local: &mut TogetherLocal) {
    let unseen = view.chat.unseen;
    let label = if unseen > 0 && !local.open {
        texts.t_with("together-button-new", &[("count", unseen.into())])
    } else {
        texts.t("together-button")
    };
    let name = if unseen > 0 {
        texts.t_with("chat-unseen", &[("count", unseen.into())])
    } else {
        texts.t("together-button-name")
    };
    let kind = if unseen > 0 && !local.open { ButtonKind::Primary } else { ButtonKind::Secondary };
    let button = ActionButton::new(kind, &label).name(&name).small().icon(Icon::Chat).chosen(local.open);
    // What is new is told by its colour, its text and its sign.
    let button = if unseen > 0 && !local.open {
        ActionButton::new(kind, &label).name(&name).small().icon(Icon::Chat)
    } else {
        button
    };
    let response = ui.add(button);
    if unseen > 0 {
        widgets::announce(ui, &response, false);
    }
    if response.clicked() {
        local.open = !local.open;
        local.chat.focus = local.open;
    }
}

/// The panel. `there` is the name of the other person.
pub fn panel_ui(
    ui: &mut Ui,
    texts: Texts,
    there: &str,
    view: &TogetherView,
    local: &mut TogetherLocal,
    intents: &mut Vec<TogetherIntent>,
) {
    chat::chat_ui(ui, texts, there, view, &mut local.chat, intents);
    if let Some(problem) = &view.problem {
        ui.add_space(6.0);
        widgets::notice(ui, Mood::Warning, &wording::problem(texts, problem));
    }
}
