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

/// Whether there is something in the closed panel that was not seen.
fn has_news(view: &TogetherView, local: &TogetherLocal) -> bool {
    !local.open && (view.chat.unseen > 0 || view.files.asking() > 0)
}

/// What is new: in short, and as screen readers tell it.
fn news(texts: Texts, view: &TogetherView) -> Option<(String, String)> {
    match (view.files.asking(), view.chat.unseen) {
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
    if let Some((text, name)) = news(texts, view).filter(|_| has_news(view, local)) {
        let (colours, asks) = (palette(ui), view.files.asking() > 0);
        let icon = if asks { Icon::File } else { Icon::Chat };
        let badge = widgets::named_badge(ui, icon, (&text, &name), colours.warn_fill, colours.text);
        widgets::announce(ui, &badge, asks);
    }
}

/// The button that opens and closes the panel; says how much is new.
pub fn button_ui(ui: &mut Ui, texts: Texts, view: &TogetherView, local: &mut TogetherLocal) {
    let (news, is_new) = (news(texts, view), has_news(view, local));
    let asks = view.files.asking() > 0;
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
        local.open = !local.open;
        if local.open && is_new {
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
    let mut tabs = vec![(Tab::Chat, texts.t("together-chat"), Icon::Chat)];
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
