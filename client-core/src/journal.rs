//! The advisor's own list of sessions: when, how long, what it was about. It
//! lies on the advisor's computer alone; neither the broker nor a customer ever
//! has any of it, and nothing of a session's content is in it but what the
//! advisor writes. Pure here; [`worker`] keeps it in a file.

mod table;
pub mod worker;

pub use table::solution_text;
pub use worker::{JournalEvent, JournalWork, JournalWorker, Owner};

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Longest subject, in characters.
pub const MAX_SUBJECT_CHARS: usize = 120;
/// Longest note, in characters.
pub const MAX_NOTE_CHARS: usize = 2_000;
/// Most sessions that are kept, whatever their age; the oldest give way.
pub const MAX_NOTES: usize = 20_000;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// A clock that is further ahead of the list may be wrong.
const DOUBTED_FROM_DAYS: u64 = 7;
/// It is believed once it has gone on for so long from there.
const BELIEVED_AFTER_DAYS: u64 = 2;

/// A session in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NoteId(pub u64);

/// Whether the problem was solved, as the advisor sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Solution {
    /// It was.
    Solved,
    /// In part.
    Partly,
    /// It was not.
    Unsolved,
}

impl Solution {
    /// In the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::Solved, Self::Partly, Self::Unsolved];
}

/// What the advisor writes of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// What it was about.
    pub subject: String,
    /// Anything else.
    pub note: String,
    /// Whether it was solved.
    pub solution: Option<Solution>,
}

impl Words {
    /// With nothing that can't be shown, and no longer than it may be.
    #[must_use]
    pub fn cleaned(&self) -> Self {
        let line = self.subject.chars().map(|c| if c.is_control() { ' ' } else { c });
        let note = self.note.chars().filter(|c| *c == '\n' || *c == '\t' || !c.is_control());
        Self {
            subject: line.take(MAX_SUBJECT_CHARS).collect::<String>().trim().to_owned(),
            note: note.take(MAX_NOTE_CHARS).collect::<String>().trim_end().to_owned(),
            solution: self.solution,
        }
    }

    fn contain(&self, wanted: &str) -> bool {
        [&self.subject, &self.note].into_iter().any(|text| text.to_lowercase().contains(wanted))
    }
}

/// One session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Which.
    pub id: NoteId,
    /// When it began, in seconds since 1970.
    pub begun_unix_s: u64,
    /// How long it lasted, in seconds.
    pub lasted_s: u64,
    /// From the opened number to the customer who joined, in seconds.
    pub waited_s: u64,
    /// What the advisor wrote.
    pub words: Words,
}

/// For how many days sessions stay in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct KeepDays(u16);

impl KeepDays {
    /// Most that can be set.
    pub const MOST: u16 = 730;

    /// From 1 to [`Self::MOST`].
    pub const fn new(days: u16) -> Option<Self> {
        if days >= 1 && days <= Self::MOST { Some(Self(days)) } else { None }
    }

    /// The number.
    pub const fn value(self) -> u16 {
        self.0
    }
}

impl Default for KeepDays {
    fn default() -> Self {
        Self(90)
    }
}

impl TryFrom<u16> for KeepDays {
    type Error = &'static str;

    fn try_from(days: u16) -> Result<Self, Self::Error> {
        Self::new(days).ok_or("days out of range")
    }
}

impl From<KeepDays> for u16 {
    fn from(days: KeepDays) -> Self {
        days.0
    }
}

/// What the list knows of the clock, in days since 1970. What is deleted because
/// it is old never comes back, and a clock can be wrong for a while.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct SeenClock {
    /// The last day that was believed.
    day: Option<u64>,
    /// The day to which the clock has jumped from there.
    doubted: Option<u64>,
}

impl SeenClock {
    /// Whether what is too old on this day is that. `newest` is the day of the
    /// newest session, for a list that knows nothing of the clock yet.
    fn believes(&mut self, day: u64, newest: Option<u64>) -> bool {
        let known = self.day.or(newest);
        if known.is_some_and(|known| day > known.saturating_add(DOUBTED_FROM_DAYS)) {
            let since = self.doubted.filter(|since| *since <= day).unwrap_or(day);
            if day.saturating_sub(since) < BELIEVED_AFTER_DAYS {
                self.doubted = Some(since);
                return false;
            }
        }
        *self = Self { day: Some(day), doubted: None };
        true
    }
}

/// The list, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journal {
    keep_days: KeepDays,
    notes: Vec<Note>,
    #[serde(default)]
    clock: SeenClock,
}

/// A change of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// None but what time does.
    Age,
    /// A session is over.
    Add(Note),
    /// The advisor wrote about one.
    Write {
        /// Which.
        id: NoteId,
        /// What.
        words: Words,
    },
    /// It is taken out of the list.
    Remove(NoteId),
    /// Sessions are kept for so long.
    Keep(KeepDays),
}

impl Journal {
    /// Its sessions, newest first.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// For how long they are kept.
    pub const fn keep_days(&self) -> KeepDays {
        self.keep_days
    }

    /// The session with this id.
    pub fn note(&self, id: NoteId) -> Option<&Note> {
        self.notes.iter().find(|note| note.id == id)
    }

    /// Sessions whose subject or note has this in it, whatever the case.
    pub fn search<'a>(&'a self, wanted: &str) -> impl Iterator<Item = &'a Note> {
        let wanted = wanted.trim().to_lowercase();
        self.notes.iter().filter(move |note| note.words.contain(&wanted))
    }

    /// Makes a change; then what is too old is gone, if the clock can be
    /// believed. What is said of a session that is not there any more changes
    /// nothing.
    pub fn apply(&mut self, change: Change, now_unix_s: u64) {
        let newest = self.notes.first().map(|note| note.begun_unix_s / DAY.as_secs());
        match change {
            Change::Age => {}
            Change::Add(note) => {
                let words = note.words.cleaned();
                let at = self.notes.partition_point(|other| other.begun_unix_s > note.begun_unix_s);
                self.notes.insert(at, Note { words, ..note });
            }
            Change::Write { id, words } => {
                if let Some(note) = self.notes.iter_mut().find(|note| note.id == id) {
                    note.words = words.cleaned();
                }
            }
            Change::Remove(id) => self.notes.retain(|note| note.id != id),
            Change::Keep(days) => self.keep_days = days,
        }
        if self.clock.believes(now_unix_s / DAY.as_secs(), newest) {
            let kept_s = DAY.as_secs() * u64::from(self.keep_days.0);
            let first_unix_s = now_unix_s.saturating_sub(kept_s);
            self.notes.retain(|note| note.begun_unix_s >= first_unix_s);
        }
        self.notes.truncate(MAX_NOTES);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_S: u64 = DAY.as_secs();

    pub(super) fn note(id: u64, begun_unix_s: u64, subject: &str) -> Note {
        let words = Words { subject: subject.into(), ..Words::default() };
        Note { id: NoteId(id), begun_unix_s, lasted_s: 60, waited_s: 5, words }
    }

    fn ids(journal: &Journal) -> Vec<u64> {
        journal.notes().iter().map(|note| note.id.0).collect()
    }

    #[test]
    fn the_newest_session_comes_first_whatever_order_they_came_in() {
        let mut journal = Journal::default();
        for (id, at) in [(1, 100), (3, 300), (2, 200)] {
            journal.apply(Change::Add(note(id, at, "")), 300);
        }
        assert_eq!(ids(&journal), [3, 2, 1]);
        journal.apply(Change::Remove(NoteId(2)), 300);
        journal.apply(Change::Remove(NoteId(9)), 300);
        assert_eq!(ids(&journal), [3, 1]);
    }

    #[test]
    fn what_is_older_than_the_days_set_is_gone() {
        let now = 1_000 * DAY_S;
        let mut journal = Journal::default();
        for (id, days_ago) in [(1, 89), (2, 91), (3, 10)] {
            journal.apply(Change::Add(note(id, now - days_ago * DAY_S, "")), now);
        }
        assert_eq!(ids(&journal), [3, 1]);
        journal.apply(Change::Keep(KeepDays::new(30).unwrap()), now);
        assert_eq!(ids(&journal), [3]);
        for days in [7, 14, 20] {
            journal.apply(Change::Age, now + days * DAY_S);
            assert_eq!(ids(&journal), [3]);
        }
        journal.apply(Change::Age, now + 21 * DAY_S);
        assert_eq!(ids(&journal), [0; 0]);
        assert_eq!([KeepDays::new(0), KeepDays::new(731)], [None, None]);
    }

    #[test]
    fn a_clock_that_jumps_ahead_deletes_nothing_until_it_has_gone_on_from_there() {
        let now = 1_000 * DAY_S;
        let mut journal = Journal::default();
        journal.apply(Change::Add(note(1, now, "")), now);
        // Wrong for some hours, and put right.
        for at in [now + 400 * DAY_S, now + 400 * DAY_S + 3_600, now + DAY_S] {
            journal.apply(Change::Age, at);
            assert_eq!(ids(&journal), [1]);
        }
        // Wrong again, by another time.
        journal.apply(Change::Age, now + 500 * DAY_S);
        journal.apply(Change::Age, now + 300 * DAY_S);
        assert_eq!(ids(&journal), [1]);
        let mut away = journal.clone();
        journal.apply(Change::Age, now + 2 * DAY_S);
        assert_eq!(journal.clock, SeenClock { day: Some(1_002), doubted: None });
        // Nobody was there for a long time.
        away.apply(Change::Age, now + 301 * DAY_S);
        assert_eq!(ids(&away), [1]);
        away.apply(Change::Age, now + 302 * DAY_S);
        assert_eq!(ids(&away), [0; 0]);
    }

    #[test]
    fn a_list_that_knows_nothing_of_the_clock_goes_by_its_newest_session() {
        let kept = r#"{"keep_days":90,"notes":[{"id":1,"begun_unix_s":86400000,"lasted_s":1,"waited_s":1,
            "words":{"subject":"","note":"","solution":null}}]}"#;
        let mut journal: Journal = serde_json::from_str(kept).unwrap();
        journal.apply(Change::Age, 1_400 * DAY_S);
        assert_eq!(ids(&journal), [1]);
        journal.apply(Change::Age, 1_007 * DAY_S);
        assert_eq!((ids(&journal), journal.clock.day), (vec![1], Some(1_007)));
    }

    #[test]
    fn words_are_found_whatever_their_case_and_kept_within_limits() {
        let mut journal = Journal::default();
        journal.apply(Change::Add(note(1, 100, "Überweisung")), 100);
        journal.apply(Change::Add(note(2, 200, "Drucker")), 200);
        let long = "ä".repeat(3_000);
        let words = Words { subject: "Dru\ncker\u{1b}".into(), note: format!("Zeile\r\n{long}"), solution: None };
        journal.apply(Change::Write { id: NoteId(2), words }, 200);
        let written = &journal.note(NoteId(2)).unwrap().words;
        assert_eq!(written.subject, "Dru cker");
        assert!(written.note.starts_with("Zeile\nä") && written.note.chars().count() == MAX_NOTE_CHARS);
        let found = |wanted: &str| journal.search(wanted).map(|note| note.id.0).collect::<Vec<_>>();
        assert_eq!((found(" ÜBER "), found("zeile"), found("nichts")), (vec![1], vec![2], vec![]));
        assert_eq!(found(""), [2, 1]);
    }

    #[test]
    fn a_file_with_impossible_days_is_no_list() {
        assert!(serde_json::from_str::<Journal>(r#"{"keep_days":0,"notes":[]}"#).is_err());
        assert!(serde_json::from_str::<Journal>(r#"{"keep_days":90,"notes":[]}"#).is_ok());
    }

    #[test]
    fn the_list_does_not_grow_for_ever() {
        let mut journal = Journal { notes: vec![note(1, 100, ""); MAX_NOTES], ..Journal::default() };
        journal.apply(Change::Add(note(2, 200, "")), 200);
        assert_eq!((journal.notes.len(), journal.notes[0].id), (MAX_NOTES, NoteId(2)));
    }
}
