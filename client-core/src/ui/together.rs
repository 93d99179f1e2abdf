//! The panel of what both people can do alike, the same in both programs.

mod chat;
mod clipboard;

use super::{ActionButton, ButtonKind, Icon, widgets, widgets::Mood, wording};
use crate::{
    language::Texts,
    together::{TogetherIntent, TogetherView},
};
use chat::ChatLocal;
use clipboard::ClipboardLocal;
use egui::Ui;
use mitblick_protocol::policy::ClipboardRule;

/// What belongs to the panel alone.
#[derive(Default)]
pub struct TogetherLocal {
    /// Whether it is open.
    pub open: bool,
    tab: Tab,
    chat: ChatLocal,
    clipboard: ClipboardLocal,
}

/// A part of the panel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Tab {
    #[default]
    Chat,
    Clipboard,
}

/// The button that opens and closes the panel; says how much is new.
pub fn button_ui(ui: &mut Ui, texts: Texts, view: &TogetherView, local: &mut TogetherLocal) {
    let unseen = view.chat.unseen;
    let is_new = unseen > 0 && !local.open;
    let count = [("count", unseen.into())];
    let label = if is_new { texts.t_with("together-button-new", &count) } else { texts.t("together-button") };
    let name = if unseen > 0 { texts.t_with("chat-unseen", &count) } else { texts.t("together-button-name") };
    let kind = if is_new { ButtonKind::Primary } else { ButtonKind::Secondary };
    let button = ActionButton::new(kind, &label).name(&name).small().icon(Icon::Chat);
    // What is new is told by its text too, not only by its colour.
    let response = ui.add(if is_new { button } else { button.chosen(local.open) });
    if unseen > 0 {
        widgets::announce(ui, &response, false);
    }
    if response.clicked() {
        local.open = !local.open;
        if local.open && is_new {
            local.tab = Tab::Chat;
        }
        local.chat.focus = local.open && local.tab == Tab::Chat;
    }
}

/// What has to be seen whether the panel is open or not: a text that waits for
/// an answer, and that the clipboard is open. `there` is the other person.
pub fn notices_ui(ui: &mut Ui, texts: Texts, there: &str, view: &TogetherView, intents: &mut Vec<TogetherIntent>) {
    clipboard::notices_ui(ui, texts, there, &view.clipboard, intents);
}

/// Whether [`notices_ui`] shows anything.
pub fn has_notices(view: &TogetherView) -> bool {
    clipboard::has_notices(&view.clipboard)
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
    let mut tabs = vec![(Tab::Chat, "together-chat", Icon::Chat)];
    if view.clipboard.rule != ClipboardRule::Forbidden {
        tabs.push((Tab::Clipboard, "together-clipboard", Icon::Copy));
    }
    ui.horizontal_wrapped(|ui| {
        for (tab, text, icon) in tabs {
            let label = texts.t(text);
            let button = ActionButton::new(ButtonKind::Quiet, &label).small().icon(icon).chosen(local.tab == tab);
            if ui.add(button).clicked() {
                local.tab = tab;
                local.chat.focus = tab == Tab::Chat;
            }
        }
    });
    if let Some(problem) = &view.problem {
        widgets::notice(ui, Mood::Warning, &wording::problem(texts, problem));
    }
    match local.tab {
        Tab::Chat => chat::chat_ui(ui, texts, there, view, &mut local.chat, intents),
        Tab::Clipboard => {
            clipboard::clipboard_ui(ui, texts, there, &view.clipboard, &mut local.clipboard, intents);
        }
    }
}
