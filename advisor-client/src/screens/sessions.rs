//! The advisor's own sessions: listed, searched, written about, deleted,
//! exported.

use super::note::{Draft, DraftEnd, draft_ui};
use egui::{Frame, Key, Margin, RichText, TextEdit, Ui};
use mitblick_client_core::{
    advisor::{AdvisorIntent, NotesIntent, NotesView},
    journal::{Journal, KeepDays, Note, NoteId, solution_text},
    language::Texts,
    problem::Problem,
    ui::{
        ActionButton, ButtonKind, Icon, format, page, palette, theme,
        widgets::{self, Mood},
        wording,
    },
};
use std::path::PathBuf;

/// Most that are painted at once; a search finds the others.
const MOST_SHOWN: usize = 200;

/// What belongs to this screen alone.
#[derive(Default)]
pub struct SessionsLocal {
    open: bool,
    search: String,
    /// What is being written.
    draft: Option<Draft>,
    /// The one that was asked to be deleted, and not confirmed yet.
    removing: Option<NoteId>,
    days: Option<String>,
    /// Fewer days that were asked for, and not confirmed yet.
    fewer: Option<KeepDays>,
    /// The file of the export, while the person thinks about one.
    export: Option<String>,
}

impl SessionsLocal {
    /// Whether the screen is shown.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Shows it.
    pub fn open(&mut self) {
        *self = Self { open: true, ..Self::default() };
    }

    /// Shows it no longer. What was being written is kept.
    pub fn close(&mut self, intents: &mut Vec<AdvisorIntent>) {
        let draft = std::mem::take(self).draft;
        intents.extend(draft.and_then(Draft::unsaved).map(AdvisorIntent::Notes));
    }
}

/// The screen.
pub fn sessions_ui(
    ui: &mut Ui,
    texts: Texts,
    view: &NotesView,
    local: &mut SessionsLocal,
    intents: &mut Vec<AdvisorIntent>,
) {
    let mut leaves = ui.input(|input| input.key_pressed(Key::Escape));
    Frame::new().fill(palette(ui).surface).inner_margin(Margin::symmetric(20, 10)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal_wrapped(|ui| {
            let label = texts.t("sessions-back");
            leaves |= ui.add(ActionButton::new(ButtonKind::Secondary, &label).small().icon(Icon::Leave)).clicked();
            widgets::heading(ui, &texts.t("sessions"));
        });
    });
    if leaves {
        return local.close(intents);
    }
    let mut wanted = Vec::new();
    page(ui, 640.0, |ui| {
        widgets::muted(ui, &texts.t("sessions-lead"));
        ui.add_space(theme::GAP);
        if let Some(problem) = view.problem.as_ref().filter(|problem| !is_of_export(problem)) {
            widgets::notice(ui, Mood::Error, &wording::problem(texts, problem));
            ui.add_space(theme::GAP);
        }
        let Some(list) = &view.list else { return };
        list_ui(ui, texts, list, local, &mut wanted);
        ui.add_space(theme::GROUP_GAP);
        widgets::card(ui, |ui| {
            keep_ui(ui, texts, list, local, &mut wanted);
            ui.add_space(theme::GAP);
            export_ui(ui, texts, view, local, &mut wanted);
        });
    });
    intents.extend(wanted.into_iter().map(AdvisorIntent::Notes));
}

/// Whether it is about an export: then it is said beside the button.
pub(super) fn is_of_export(problem: &Problem) -> bool {
    matches!(problem, Problem::SessionsNotExported(_))
}

/// A field with its name before it.
pub(super) fn named_field(ui: &mut Ui, name: &str, field: impl FnOnce(&mut Ui) -> egui::Response) -> egui::Response {
    let label = widgets::small(ui, name);
    field(ui).labelled_by(label.id)
}

fn list_ui(ui: &mut Ui, texts: Texts, list: &Journal, local: &mut SessionsLocal, wanted: &mut Vec<NotesIntent>) {
    if list.notes().is_empty() {
        widgets::body(ui, &texts.t("sessions-none"));
        return;
    }
    named_field(ui, &texts.t("sessions-search"), |ui| {
        ui.add(TextEdit::singleline(&mut local.search).desired_width(f32::INFINITY))
    });
    let found: Vec<&Note> = list.search(&local.search).collect();
    let line = if found.is_empty() {
        texts.t("sessions-none-found")
    } else {
        texts.t_with("sessions-count", &[("count", found.len().into())])
    };
    let line = widgets::small(ui, &line);
    widgets::announce(ui, &line, false);
    for note in found.into_iter().take(MOST_SHOWN) {
        ui.add_space(theme::GAP);
        ui.push_id(note.id.0, |ui| widgets::card(ui, |ui| note_ui(ui, texts, note, local, wanted)));
    }
}

fn note_ui(ui: &mut Ui, texts: Texts, note: &Note, local: &mut SessionsLocal, wanted: &mut Vec<NotesIntent>) {
    let begun = format::date_at(texts, note.begun_unix_s);
    let values = [
        ("begun", (&begun).into()),
        ("lasted", format::duration(texts, note.lasted_s).into()),
        ("waited", format::duration(texts, note.waited_s).into()),
    ];
    widgets::small(ui, &texts.t_with("sessions-when", &values));
    if let Some(draft) = local.draft.as_mut().filter(|draft| draft.id() == note.id) {
        match draft_ui(ui, texts, draft, &texts.t("sessions-cancel")) {
            DraftEnd::GoesOn => {}
            DraftEnd::Leave => local.draft = None,
            DraftEnd::Save(intent) => {
                wanted.push(intent);
                local.draft = None;
            }
        }
        return;
    }
    if !note.words.subject.is_empty() {
        ui.add(egui::Label::new(RichText::new(&note.words.subject).strong()).wrap());
    }
    if let Some(solution) = note.words.solution {
        widgets::body(ui, &solution_text(texts, solution));
    }
    if !note.words.note.is_empty() {
        widgets::body(ui, &note.words.note);
    }
    ui.horizontal_wrapped(|ui| {
        let label = texts.t("sessions-edit");
        let name = texts.t_with("sessions-edit-name", &[("begun", (&begun).into())]);
        if ui.add(ActionButton::new(ButtonKind::Quiet, &label).name(&name).small()).clicked() {
            let before = local.draft.replace(Draft::of(note));
            wanted.extend(before.and_then(Draft::unsaved));
            local.removing = None;
        }
        if local.removing == Some(note.id) {
            let label = texts.t("sessions-remove-sure");
            if ui.add(ActionButton::new(ButtonKind::Danger, &label).small()).clicked() {
                wanted.push(NotesIntent::Remove(note.id));
                local.removing = None;
            }
            let label = texts.t("sessions-cancel");
            if ui.add(ActionButton::new(ButtonKind::Quiet, &label).small()).clicked() {
                local.removing = None;
            }
        } else {
            let label = texts.t("sessions-remove");
            let name = texts.t_with("sessions-remove-name", &[("begun", (&begun).into())]);
            if ui.add(ActionButton::new(ButtonKind::Quiet, &label).name(&name).small()).clicked() {
                local.removing = Some(note.id);
            }
        }
    });
}

fn keep_ui(ui: &mut Ui, texts: Texts, list: &Journal, local: &mut SessionsLocal, wanted: &mut Vec<NotesIntent>) {
    let present = list.keep_days();
    let typed = local.days.get_or_insert_with(|| present.value().to_string());
    named_field(ui, &texts.t("sessions-keep"), |ui| ui.add(TextEdit::singleline(typed).desired_width(80.0)));
    let days = typed.trim().parse().ok().and_then(KeepDays::new).filter(|days| *days != present);
    // Filled in as a text: a number would get marks for thousands.
    widgets::small(ui, &texts.t_with("sessions-keep-hint", &[("days", present.value().to_string().into())]));
    // Something else may have been typed meanwhile.
    if let Some(fewer) = local.fewer.filter(|fewer| days == Some(*fewer)) {
        return fewer_ui(ui, texts, fewer, local, wanted);
    }
    let label = texts.t("sessions-keep-set");
    let button = ActionButton::new(ButtonKind::Secondary, &label).small();
    local.fewer = None;
    if ui.add_enabled(days.is_some(), button).clicked()
        && let Some(days) = days
    {
        if days < present {
            local.fewer = Some(days);
        } else {
            wanted.push(NotesIntent::KeepFor(days));
            local.days = None;
        }
    }
}

/// Sessions are deleted at once: asks once more.
fn fewer_ui(ui: &mut Ui, texts: Texts, fewer: KeepDays, local: &mut SessionsLocal, wanted: &mut Vec<NotesIntent>) {
    let values = [("days", u64::from(fewer.value()).into())];
    let line = widgets::small(ui, &texts.t_with("sessions-keep-fewer", &values));
    widgets::announce(ui, &line, false);
    ui.horizontal_wrapped(|ui| {
        let label = texts.t("sessions-keep-sure");
        if ui.add(ActionButton::new(ButtonKind::Danger, &label).small()).clicked() {
            wanted.push(NotesIntent::KeepFor(fewer));
            (local.fewer, local.days) = (None, None);
        }
        let label = texts.t("sessions-cancel");
        if ui.add(ActionButton::new(ButtonKind::Quiet, &label).small()).clicked() {
            (local.fewer, local.days) = (None, None);
        }
    });
}

fn export_ui(ui: &mut Ui, texts: Texts, view: &NotesView, local: &mut SessionsLocal, wanted: &mut Vec<NotesIntent>) {
    if let Some(file) = &view.exported {
        let line = widgets::small(ui, &texts.t_with("sessions-exported", &[("file", file.into())]));
        widgets::announce(ui, &line, false);
    }
    if let Some(problem) = view.problem.as_ref().filter(|problem| is_of_export(problem)) {
        widgets::notice(ui, Mood::Error, &wording::problem(texts, problem));
        ui.add_space(4.0);
    }
    let Some(mut file) = local.export.take() else {
        let label = texts.t("sessions-export");
        if ui.add(ActionButton::new(ButtonKind::Secondary, &label).small().icon(Icon::File)).clicked() {
            let folder = std::env::home_dir().unwrap_or_default();
            local.export = Some(folder.join("mitblick.csv").display().to_string());
        }
        return;
    };
    named_field(ui, &texts.t("sessions-export-file"), |ui| {
        ui.add(TextEdit::singleline(&mut file).desired_width(f32::INFINITY))
    });
    let label = texts.t("sessions-export-now");
    if ui.add(ActionButton::new(ButtonKind::Secondary, &label).small().icon(Icon::Check)).clicked() {
        let path = PathBuf::from(file.trim());
        wanted.push(NotesIntent::Export { path, language: texts.language() });
    } else {
        local.export = Some(file);
    }
}
