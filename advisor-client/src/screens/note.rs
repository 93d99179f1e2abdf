//! What the advisor writes about a session: after it, and in the list.

use super::sessions::named_field;
use egui::{TextEdit, Ui};
use mitblick_client_core::{
    advisor::NotesIntent,
    journal::{MAX_NOTE_CHARS, MAX_SUBJECT_CHARS, Note, NoteId, Solution, Words, solution_text},
    language::Texts,
    ui::{ActionButton, ButtonKind, Icon, widgets},
};

/// From how many characters left on they are counted.
const COUNTED_FROM: usize = 200;

/// Words that are being written.
pub struct Draft {
    id: NoteId,
    before: Words,
    words: Words,
}

/// What became of it.
pub enum DraftEnd {
    /// It is still being written.
    GoesOn,
    /// It is to be forgotten.
    Leave,
    /// It is to be kept.
    Save(NotesIntent),
}

impl Draft {
    /// Begins with what is there.
    pub fn of(note: &Note) -> Self {
        Self { id: note.id, before: note.words.clone(), words: note.words.clone() }
    }

    /// Of which session.
    pub fn id(&self) -> NoteId {
        self.id
    }

    /// What would be lost, if something would.
    pub fn unsaved(self) -> Option<NotesIntent> {
        (self.words != self.before).then_some(NotesIntent::Write { id: self.id, words: self.words })
    }
}

/// The fields, a button that keeps them, and one that does not.
pub fn draft_ui(ui: &mut Ui, texts: Texts, draft: &mut Draft, leave: &str) -> DraftEnd {
    named_field(ui, &texts.t("sessions-subject"), |ui| {
        let field = TextEdit::singleline(&mut draft.words.subject).char_limit(MAX_SUBJECT_CHARS);
        ui.add(field.desired_width(f32::INFINITY))
    });
    widgets::small(ui, &texts.t("sessions-solution"));
    ui.horizontal_wrapped(|ui| {
        for solution in Solution::ALL {
            let chosen = draft.words.solution == Some(solution);
            let label = solution_text(texts, solution);
            let button = ActionButton::new(ButtonKind::Secondary, &label).small().chosen(chosen);
            let button = if chosen { button.icon(Icon::Check) } else { button };
            if ui.add(button).clicked() {
                draft.words.solution = (!chosen).then_some(solution);
            }
        }
    });
    named_field(ui, &texts.t("sessions-note"), |ui| {
        let field = TextEdit::multiline(&mut draft.words.note).char_limit(MAX_NOTE_CHARS).desired_rows(3);
        ui.add(field.desired_width(f32::INFINITY))
    });
    let left = MAX_NOTE_CHARS.saturating_sub(draft.words.note.chars().count());
    if left <= COUNTED_FROM {
        let line = widgets::small(ui, &texts.t_with("sessions-note-left", &[("count", left.into())]));
        widgets::announce(ui, &line, false);
    }
    let mut end = DraftEnd::GoesOn;
    ui.horizontal_wrapped(|ui| {
        let label = texts.t("sessions-save");
        if ui.add(ActionButton::new(ButtonKind::Primary, &label).small().icon(Icon::Check)).clicked() {
            end = DraftEnd::Save(NotesIntent::Write { id: draft.id, words: draft.words.clone() });
        }
        if ui.add(ActionButton::new(ButtonKind::Quiet, leave).small()).clicked() {
            end = DraftEnd::Leave;
        }
    });
    end
}
