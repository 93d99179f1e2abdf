//! The panel of what both people can do alike, the same in both programs.

mod chat;
mod clipboard;
mod files;

use super::{ActionButton, ButtonKind, Icon, palette, widgets, widgets::Mood, wording};
use crate::{
    language::Texts,
    together::{TogetherIntent, TogetherView},
};
use chat::ChatLocal;
use clipboard::ClipboardLocal;
use egui::Ui;
use files::FilesLocal;
use mitblick_protocol::policy::ClipboardRule;

/// What belongs to the panel alone.
#[derive(Default)]
pub struct TogetherLocal {
    /// Whether it is open.
    pub open: bool,
    tab: Tab,
    chat: ChatLocal,
    clipboard: ClipboardLocal,
    files: FilesLocal,
}

/// A part of the panel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Tab {
    #[default]
    Chat,
    Clipboard,
    Files,
}

impl TogetherLocal {
    /// Opens the panel at the files (for looking at it).
    pub fn open_files(&mut self) {
        self.open = true;
        self.tab = Tab::Files;
    }
}

/// Takes files that are dropped onto the window, wherever: they are offered.
pub fn drops(ui: &Ui, texts: Texts, view: &TogetherView, local: &mut TogetherLocal, intents: &mut Vec<TogetherIntent>) {
    if files::drops(ui, texts, &view.files, intents) {
        local.open_files();
    }
}

/// Whether lines of the chat wait behind another tab of the open panel.
fn is_behind(view: &TogetherView, local: &TogetherLocal) -> bool {
    local.open && local.tab != Tab::Chat && view.chat.unseen > 0
}

/// Whether there is something that was not seen, in the closed panel or behind
/// another tab. Offers that wait are told by their own tab.
fn has_news(view: &TogetherView, local: &TogetherLocal) -> bool {
    is_behind(view, local) || (!local.open && (view.chat.unseen > 0 || view.files.asking() > 0))
}

/// How many offers of files are to be told of first.
fn asking(view: &TogetherView, local: &TogetherLocal) -> usize {
    if is_behind(view, local) { 0 } else { view.files.asking() }
}

/// What is new: in short, and as screen readers tell it.
fn news(texts: Texts, view: &TogetherView, local: &TogetherLocal) -> Option<(String, String)> {
    match (asking(view, local), view.chat.unseen) {
        (0, 0) => None,
        (0, unseen) => {
            let count = [("count", unseen.into())];
            Some((texts.t_with("together-button-new", &count), texts.t_with("chat-unseen", &count)))
        }
        (asking, _) => {
            let count = [("count", asking.into())];
            Some((texts.t_with("together-button-files", &count), texts.t_with("files-asking", &count)))
        }
    }
}

/// What is new, where the button is not seen.
pub fn news_ui(ui: &mut Ui, texts: Texts, view: &TogetherView, local: &TogetherLocal) {
    if let Some((text, name)) = news(texts, view, local).filter(|_| has_news(view, local)) {
        let (colours, asks) = (palette(ui), asking(view, local) > 0);
        let icon = if asks { Icon::File } else { Icon::Chat };
        let badge = widgets::named_badge(ui, icon, (&text, &name), colours.warn_fill, colours.text);
        widgets::announce(ui, &badge, asks);
    }
}

/// The button that opens and closes the panel; says how much is new, and then
/// leads there.
pub fn button_ui(ui: &mut Ui, texts: Texts, view: &TogetherView, local: &mut TogetherLocal) {
    let (news, is_new) = (news(texts, view, local), has_news(view, local));
    let asks = asking(view, local) > 0;
    let told = news.is_some();
    let (text, name) = news.unwrap_or_else(|| (texts.t("together-button"), texts.t("together-button-name")));
    let label = if is_new { text } else { texts.t("together-button") };
    let kind = if is_new { ButtonKind::Primary } else { ButtonKind::Secondary };
    let icon = if asks { Icon::File } else { Icon::Chat };
    let button = ActionButton::new(kind, &label).name(&name).small().icon(icon);
    // What is new is told by its text and its sign too, not only by its colour.
    let response = ui.add(if is_new { button } else { button.chosen(local.open) });
    if told {
        widgets::announce(ui, &response, asks);
    }
    if response.clicked() {
        local.open = is_new || !local.open;
        if is_new {
            local.tab = if asks { Tab::Files } else { Tab::Chat };
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
    let chat = match view.chat.unseen {
        unseen if unseen > 0 && local.tab != Tab::Chat => {
            texts.t_with("together-chat-new", &[("count", unseen.into())])
        }
        _ => texts.t("together-chat"),
    };
    let mut tabs = vec![(Tab::Chat, chat, Icon::Chat)];
    if view.clipboard.rule != ClipboardRule::Forbidden {
        tabs.push((Tab::Clipboard, texts.t("together-clipboard"), Icon::Copy));
    }
    if view.files.allowed() {
        let asking = view.files.asking();
        let label = match asking {
            0 => texts.t("together-files"),
            _ => texts.t_with("together-files-new", &[("count", asking.into())]),
        };
        tabs.push((Tab::Files, label, Icon::File));
    }
    ui.horizontal_wrapped(|ui| {
        for (tab, label, icon) in tabs {
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
        Tab::Files => files::files_ui(ui, texts, there, view, &mut local.files, intents),
    }
}

#[cfg(test)]
mod tests;
