//! Files: what is offered, what moves, what is there; and choosing.

mod browser;
mod offer;

use crate::{
    language::Texts,
    together::{
        TogetherIntent, TogetherView,
        files::{FileIntent, FilesView},
    },
    ui::{ActionButton, ButtonKind, Icon, palette, theme, widgets, widgets::Mood},
};
use browser::{BrowserLocal, Purpose};
use egui::{Align2, Area, Frame, Margin, Order, RichText, ScrollArea, Ui};
use offer::OffersLocal;
use std::path::{Path, PathBuf};

/// What belongs to it alone.
#[derive(Default)]
pub(super) struct FilesLocal {
    browser: BrowserLocal,
    offers: OffersLocal,
}

fn push(intents: &mut Vec<TogetherIntent>, intent: FileIntent) {
    intents.push(TogetherIntent::File(intent));
}

/// Files that are dropped onto the window are offered. Whether any were.
pub(super) fn drops(ui: &Ui, texts: Texts, view: &FilesView, intents: &mut Vec<TogetherIntent>) -> bool {
    if view.may_offer.is_empty() {
        return false;
    }
    let (over, dropped) = ui.input(|input| {
        let dropped: Vec<PathBuf> = input.raw.dropped_files.iter().map(|file| file.path().to_owned()).collect();
        (!input.raw.hovered_files.is_empty(), dropped)
    });
    if over {
        let area = Area::new(egui::Id::unique("files drop"))
            .order(Order::Foreground)
            .anchor(Align2::CENTER_CENTER, egui::Vec2::ZERO);
        area.show(ui.ctx(), |ui| {
            let colours = palette(ui);
            Frame::new().fill(colours.primary).corner_radius(theme::RADIUS).inner_margin(Margin::same(14)).show(
                ui,
                |ui| {
                    ui.label(RichText::new(texts.t("files-drop")).strong().color(colours.on_primary));
                },
            );
        });
    }
    let any = !dropped.is_empty();
    if any {
        push(intents, FileIntent::Offer(dropped));
    }
    any
}

/// Files, in all the height that there is.
pub(super) fn files_ui(
    ui: &mut Ui,
    texts: Texts,
    there: &str,
    view: &TogetherView,
    local: &mut FilesLocal,
    intents: &mut Vec<TogetherIntent>,
) {
    let view = &view.files;
    if let Some(listing) = &view.listing {
        if local.browser.browser_ui(ui, texts, listing, intents) {
            return;
        }
        push(intents, FileIntent::StopBrowsing);
    }
    ui.horizontal_wrapped(|ui| {
        if !view.may_offer.is_empty() {
            let label = texts.t("files-offer");
            if ui.add(ActionButton::new(ButtonKind::Secondary, &label).small().icon(Icon::File)).clicked() {
                local.browser.begin(Purpose::Offer);
                push(intents, FileIntent::Browse(None));
            }
        }
        if view.looking {
            let line = widgets::small(ui, &texts.t("files-looking"));
            widgets::announce(ui, &line, false);
        }
    });
    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        if view.resting {
            widgets::notice(ui, Mood::Warning, &texts.t("files-resting"));
        }
        for offer in view.offers.iter() {
            offer::offer_ui(ui, texts, there, view, offer, &mut local.offers, intents);
            ui.add_space(6.0);
        }
        if view.offers.is_empty() {
            let name = [("name", there.into())];
            let hint = if view.may_offer.is_empty() {
                texts.t_with("files-empty-receive", &name)
            } else {
                texts.t_with("files-empty", &name)
            };
            widgets::muted(ui, &hint);
        }
        if !view.may_take.is_empty() {
            folder_ui(ui, texts, view, local, intents);
        }
    });
}

/// Where files are saved.
fn folder_ui(ui: &mut Ui, texts: Texts, view: &FilesView, local: &mut FilesLocal, intents: &mut Vec<TogetherIntent>) {
    ui.horizontal_wrapped(|ui| {
        let text = match &view.folder {
            Some(folder) => texts.t_with("files-folder", &[("folder", shown(folder).into())]),
            None => texts.t("files-no-folder"),
        };
        widgets::small(ui, &text);
        let label = texts.t("files-folder-change");
        if ui.add(ActionButton::new(ButtonKind::Quiet, &label).small()).clicked() {
            local.browser.begin(Purpose::Save);
            push(intents, FileIntent::Browse(view.folder.as_ref().map(|folder| folder.to_path_buf())));
        }
    });
}

/// A path as it is shown: nothing in it is hidden.
fn shown(path: &Path) -> String {
    mitblick_protocol::chat::visible(&path.to_string_lossy())
}
