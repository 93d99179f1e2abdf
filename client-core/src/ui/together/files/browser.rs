//! Looking through folders: to choose files to offer, or a folder to save in.
//! What is in a folder comes from the worker; nothing here touches a disk.

use super::{push, shown};
use crate::{
    language::Texts,
    together::{
        TogetherIntent,
        files::{Entry, FileIntent, Listing},
    },
    ui::{ActionButton, ButtonKind, Icon, format, palette, widgets, widgets::Mood},
};
use egui::{RichText, ScrollArea, Ui};
use std::{collections::BTreeSet, path::PathBuf};

/// What is looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Purpose {
    #[default]
    Offer,
    Save,
}

/// What belongs to it alone.
#[derive(Default)]
pub(super) struct BrowserLocal {
    purpose: Purpose,
    chosen: BTreeSet<PathBuf>,
}

/// Room for the buttons below the list, in points.
const BUTTONS_HEIGHT: f32 = 44.0;

impl BrowserLocal {
    pub(super) fn begin(&mut self, purpose: Purpose) {
        *self = Self { purpose, chosen: BTreeSet::new() };
    }

    /// Whether it goes on.
    pub(super) fn browser_ui(
        &mut self,
        ui: &mut Ui,
        texts: Texts,
        listing: &Listing,
        intents: &mut Vec<TogetherIntent>,
    ) -> bool {
        let title = match self.purpose {
            Purpose::Offer => texts.t("files-choose"),
            Purpose::Save => texts.t("files-choose-folder"),
        };
        widgets::title(ui, &title);
        ui.horizontal_wrapped(|ui| {
            for place in &listing.places {
                let name = place.file_name().map_or_else(|| shown(place), |name| shown(name.as_ref()));
                let button = ActionButton::new(ButtonKind::Quiet, &name).small().chosen(*place == listing.folder);
                if ui.add(button).clicked() {
                    push(intents, FileIntent::Browse(Some(place.clone())));
                }
            }
        });
        ui.horizontal_wrapped(|ui| {
            if let Some(parent) = &listing.parent {
                let label = texts.t("files-up");
                if ui.add(ActionButton::new(ButtonKind::Quiet, &label).small().icon(Icon::Up)).clicked() {
                    push(intents, FileIntent::Browse(Some(parent.clone())));
                }
            }
            let line = widgets::small(ui, &shown(&listing.folder));
            widgets::announce(ui, &line, false);
        });
        if let Some(why) = &listing.problem {
            widgets::notice(ui, Mood::Warning, &texts.t_with("files-cant-list", &[("why", why.into())]));
        }
        let height = (ui.available_height() - BUTTONS_HEIGHT).max(80.0);
        let is_listed = |entry: &&Entry| entry.is_folder || self.purpose == Purpose::Offer;
        let entries: Vec<&Entry> = listing.entries.iter().filter(is_listed).collect();
        let row_height = 32.0;
        let list = ScrollArea::vertical().id_salt(&listing.folder).max_height(height).auto_shrink([false, true]);
        list.show_rows(ui, row_height, entries.len(), |ui, rows| {
            for entry in entries.get(rows).unwrap_or_default() {
                self.entry_ui(ui, texts, entry, intents);
            }
        });
        if listing.more {
            widgets::small(ui, &texts.t("files-more"));
        }
        self.buttons_ui(ui, texts, listing, intents)
    }

    fn entry_ui(&mut self, ui: &mut Ui, texts: Texts, entry: &Entry, intents: &mut Vec<TogetherIntent>) {
        ui.horizontal(|ui| {
            if self.purpose == Purpose::Offer {
                let mut chosen = self.chosen.contains(&entry.path);
                let name = texts.t_with("files-choose-one", &[("name", (&entry.name).into())]);
                let before = chosen;
                let check = ui.checkbox(&mut chosen, "");
                check.widget_info(|| egui::WidgetInfo::selected(egui::Role::CheckBox, true, chosen, &name));
                if chosen != before {
                    self.toggle(entry);
                }
            }
            let icon = if entry.is_folder { Icon::Folder } else { Icon::File };
            let button = ActionButton::new(ButtonKind::Quiet, &entry.name).small().icon(icon);
            if ui.add(button).clicked() {
                if entry.is_folder {
                    push(intents, FileIntent::Browse(Some(entry.path.clone())));
                } else {
                    self.toggle(entry);
                }
            }
            if !entry.is_folder {
                let size = format::bytes(entry.bytes, texts.language());
                ui.label(RichText::new(size).small().color(palette(ui).muted));
            }
        });
    }

    fn toggle(&mut self, entry: &Entry) {
        if !self.chosen.remove(&entry.path) {
            self.chosen.insert(entry.path.clone());
        }
    }

    fn buttons_ui(&mut self, ui: &mut Ui, texts: Texts, listing: &Listing, intents: &mut Vec<TogetherIntent>) -> bool {
        let mut goes_on = true;
        ui.horizontal_wrapped(|ui| {
            match self.purpose {
                Purpose::Offer => {
                    let label = texts.t_with("files-offer-chosen", &[("count", self.chosen.len().into())]);
                    let button = ActionButton::new(ButtonKind::Primary, &label).small();
                    if ui.add_enabled(!self.chosen.is_empty(), button).clicked() {
                        let chosen = std::mem::take(&mut self.chosen);
                        push(intents, FileIntent::Offer(chosen.into_iter().collect()));
                    }
                }
                Purpose::Save => {
                    let label = texts.t("files-save-here");
                    if ui.add(ActionButton::new(ButtonKind::Primary, &label).small()).clicked() {
                        push(intents, FileIntent::SaveInto(listing.folder.clone()));
                    }
                }
            }
            let label = texts.t("files-back");
            goes_on = !ui.add(ActionButton::new(ButtonKind::Secondary, &label).small()).clicked();
        });
        goes_on
    }
}
