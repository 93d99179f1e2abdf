//! The advisor's own list of sessions, as the controller has part in it: the
//! subject of the next one, what is noted when one ends, and what the person
//! writes.

use super::{AdvisorController, AdvisorWork, Stage, session::Session};
use crate::{
    controller::Effect,
    journal::{Change, Journal, JournalEvent, JournalWork, KeepDays, Note, NoteId, Owner, Words},
    language::Language,
    problem::Problem,
};
use mitblick_protocol::time::Moment;
use std::{path::PathBuf, sync::Arc};

/// What is shown of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotesView {
    /// What the next session will be about.
    pub subject: String,
    /// The list; `None` until it has been read.
    pub list: Option<Arc<Journal>>,
    /// The session that ended last, as long as nothing was written of it.
    pub newest: Option<NoteId>,
    /// What was written of it last, until the list has it.
    pub writing: Option<(NoteId, Words)>,
    /// Whose list it is, or was before they signed out.
    pub owner: Option<Owner>,
    /// The list was exported into this file.
    pub exported: Option<String>,
    /// Why something could not be done.
    pub problem: Option<Problem>,
}

/// What the advisor wants of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotesIntent {
    /// The next session will be about this.
    Subject(String),
    /// This is what there is to say of a session.
    Write {
        /// Which.
        id: NoteId,
        /// What.
        words: Words,
    },
    /// Nothing is to be said of the session that ended last.
    NothingToSay,
    /// Take a session out of the list.
    Remove(NoteId),
    /// Keep sessions for so long.
    KeepFor(KeepDays),
    /// Write the list into a file.
    Export {
        /// Which; it must not be there.
        path: PathBuf,
        /// In this language.
        language: Language,
    },
}

impl AdvisorController {
    /// Whose list it is; `None` without a broker.
    pub(super) fn owner(&self) -> Option<Owner> {
        Some(Owner { pin: self.config.pin?, user: self.user.clone() })
    }

    fn change_notes(&mut self, change: Change) {
        if let Some(owner) = self.owner() {
            self.effects.push_back(Effect::Work(AdvisorWork::Notes(JournalWork::Change(owner, change))));
        }
    }

    /// Somebody has signed in: their list is read.
    pub(super) fn open_notes(&mut self) {
        self.close_notes();
        self.notes.owner = self.owner();
        self.change_notes(Change::Age);
    }

    /// Nobody is signed in: nobody's list is shown. A session that broke off can
    /// still be written about by whose list it is in.
    pub(super) fn close_notes(&mut self) {
        let NotesView { newest, owner, .. } = std::mem::take(&mut self.notes);
        self.notes = NotesView { newest, owner, ..NotesView::default() };
    }

    /// Whether somebody is here who may see and change the list.
    fn has_notes(&self) -> bool {
        matches!(self.stage, Stage::Lobby(_) | Stage::Session(_))
    }

    /// The subject that the session now beginning takes with it.
    pub(super) fn take_subject(&mut self) -> String {
        std::mem::take(&mut self.notes.subject)
    }

    /// A session is over.
    pub(super) fn note_session(&mut self, now: Moment) {
        let Stage::Session(session) = &self.stage else { return };
        let Session { since, waited, subject, .. } = &**session;
        let mut drawn = [0; 8];
        (self.config.entropy)(&mut drawn);
        let id = NoteId(u64::from_be_bytes(drawn));
        let note = Note {
            id,
            begun_unix_s: self.config.unix_s_at_origin + since.as_ms() / 1_000,
            lasted_s: now.since(*since).as_secs(),
            waited_s: waited.as_secs(),
            words: Words { subject: subject.clone(), ..Words::default() },
        };
        self.notes.newest = Some(id);
        self.change_notes(Change::Add(note));
    }

    pub(super) fn handle_notes_intent(&mut self, intent: NotesIntent) {
        if !self.has_notes() {
            // What was being written when the link broke or the person signed
            // out comes now. Who is asked for next must be the same one.
            if let NotesIntent::Write { id, words } = intent
                && self.notes.owner.is_some()
                && self.notes.owner == self.owner()
            {
                return self.change_notes(Change::Write { id, words });
            }
            return self.effects.push_back(Effect::Complain(Problem::NotNow));
        }
        self.notes.problem = None;
        match intent {
            NotesIntent::Subject(subject) => {
                self.notes.subject = Words { subject, ..Words::default() }.cleaned().subject;
            }
            NotesIntent::Write { id, words } => {
                if self.notes.newest == Some(id) {
                    self.notes.writing = Some((id, words.cleaned()));
                }
                self.change_notes(Change::Write { id, words });
            }
            NotesIntent::NothingToSay => self.notes.newest = None,
            NotesIntent::Remove(id) => {
                self.notes.newest.take_if(|newest| *newest == id);
                self.change_notes(Change::Remove(id));
            }
            NotesIntent::KeepFor(days) => self.change_notes(Change::Keep(days)),
            NotesIntent::Export { path, language } => {
                self.notes.exported = None;
                if let Some(owner) = self.owner() {
                    let export = JournalWork::Export(owner, path, language);
                    self.effects.push_back(Effect::Work(AdvisorWork::Notes(export)));
                }
            }
        }
        self.publish();
    }

    pub(super) fn handle_notes(&mut self, event: JournalEvent, now: Moment) {
        match event {
            JournalEvent::Appointments { .. } | JournalEvent::AppointmentsFailed { .. } => {
                return self.handle_appointments(event, now);
            }
            // Somebody else may have signed in meanwhile.
            JournalEvent::Is(owner, list) if self.has_notes() && self.owner().as_ref() == Some(&owner) => {
                // It is asked for again until it is written, or has been taken
                // out of the list.
                let writing = &mut self.notes.writing;
                let done = writing.take_if(|(id, words)| list.note(*id).is_none_or(|note| note.words == *words));
                if let Some((id, _)) = done {
                    self.notes.newest.take_if(|newest| *newest == id);
                }
                self.notes.list = Some(list);
            }
            JournalEvent::Is(..) => {}
            JournalEvent::Exported(path) => self.notes.exported = Some(path.display().to_string()),
            JournalEvent::Failed(problem) => {
                self.effects.push_back(Effect::Complain(problem.clone()));
                self.notes.problem = Some(problem);
            }
        }
        self.publish();
    }
}
