//! The own list, the note on the last session, the invitation.

use super::*;
use mitblick_client_core::{
    advisor::{NotesIntent, NotesView},
    journal::{Change, Journal, KeepDays, Note, NoteId, Solution, Words},
};

const BEGUN_UNIX_S: u64 = 1_800_000_000;

fn note(id: u64, subject: &str, text: &str) -> Note {
    let words = Words { subject: subject.into(), note: text.into(), solution: None };
    Note { id: NoteId(id), begun_unix_s: BEGUN_UNIX_S + id * 60, lasted_s: 372, waited_s: 65, words }
}

fn notes(newest: Option<u64>) -> NotesView {
    let mut journal = Journal::default();
    for note in [note(1, "Drucker", "Treiber ist neu"), note(2, "Überweisung", "")] {
        journal.apply(Change::Add(note), BEGUN_UNIX_S);
    }
    NotesView { list: Some(Arc::new(journal)), newest: newest.map(NoteId), ..NotesView::default() }
}

fn in_lobby(newest: Option<u64>) -> AdvisorScreen {
    let mut screen = lobby(true, None);
    if let AdvisorScreen::Lobby { notes: shown, .. } = &mut screen {
        *shown = notes(newest);
    }
    screen
}

/// High enough for everything.
fn tall(language: Language, screen: AdvisorScreen) -> Harness<'static, Window> {
    let mut harness = window_in(language, vec2(1_000.0, 2_400.0), screen);
    harness.run_steps(3);
    harness
}

fn type_into(harness: &mut Harness<'_, Window>, label: &str, text: &str) {
    harness.get_by_role_and_label(egui::accesskit::Role::TextInput, label).focus();
    harness.run_steps(2);
    harness.event(Event::Text(text.into()));
    harness.run_steps(2);
}

fn press(harness: &mut Harness<'_, Window>, key: Key) {
    harness.key_press(key);
    harness.run_steps(3);
}

fn wanted_notes(harness: &mut Harness<'_, Window>) -> Vec<NotesIntent> {
    let of = |intent| if let AdvisorIntent::Notes(intent) = intent { Some(intent) } else { None };
    wanted(harness).into_iter().filter_map(of).collect()
}

#[test]
fn the_next_sessions_subject_is_typed_in_the_lobby() {
    let mut harness = tall(Language::English, in_lobby(None));
    type_into(&mut harness, "What will the next session be about?", "Drucker");
    assert_eq!(wanted_notes(&mut harness), [NotesIntent::Subject("Drucker".into())]);
}

#[test]
fn a_note_on_the_last_session_is_written_by_keyboard_or_left_out() {
    let mut harness = tall(Language::English, in_lobby(Some(2)));
    harness.get_by_label("Note on the last session");
    type_into(&mut harness, "Subject", " doppelt");
    click(&mut harness, "partly solved");
    click(&mut harness, "Save");
    let words = Words { subject: "Überweisung doppelt".into(), note: String::new(), solution: Some(Solution::Partly) };
    assert_eq!(wanted_notes(&mut harness), [NotesIntent::Write { id: NoteId(2), words }]);
    click(&mut harness, "No note");
    assert_eq!(wanted_notes(&mut harness), [NotesIntent::NothingToSay]);
    assert!(tall(Language::English, in_lobby(None)).query_by_label("Note on the last session").is_none());
}

#[test]
fn what_was_being_written_is_kept_when_the_next_session_begins() {
    let mut harness = tall(Language::English, in_lobby(Some(2)));
    type_into(&mut harness, "Subject", " doppelt");
    harness.state_mut().view.screen = viewer(SharingState::Choosing, ControlView::None);
    harness.run_steps(2);
    let [NotesIntent::Write { id: NoteId(2), words }] = &wanted_notes(&mut harness)[..] else { panic!("it is lost") };
    assert_eq!(words.subject, "Überweisung doppelt");
}

#[test]
fn the_list_is_searched_edited_and_thinned_out() {
    let mut harness = tall(Language::English, in_lobby(None));
    click(&mut harness, "My sessions");
    harness.get_by_label("2 sessions");
    harness.get_by_label("Überweisung");
    type_into(&mut harness, "Search", "TREIBER");
    harness.get_by_label("1 session");
    assert!(harness.query_by_label("Überweisung").is_none());
    harness.get_by_label_contains("Edit the session of").click();
    harness.run_steps(3);
    click(&mut harness, "solved");
    click(&mut harness, "Save");
    let words = Words { subject: "Drucker".into(), note: "Treiber ist neu".into(), solution: Some(Solution::Solved) };
    assert_eq!(wanted_notes(&mut harness), [NotesIntent::Write { id: NoteId(1), words }]);
    harness.get_by_label_contains("Delete the session of").click();
    harness.run_steps(3);
    assert_eq!(wanted_notes(&mut harness), [], "not by one slip");
    click(&mut harness, "Really delete");
    assert_eq!(wanted_notes(&mut harness), [NotesIntent::Remove(NoteId(1))]);
    press(&mut harness, Key::Escape);
    harness.get_by_label("Your session number");
}

#[test]
fn how_long_sessions_are_kept_is_set_within_limits() {
    let mut harness = tall(Language::English, in_lobby(None));
    click(&mut harness, "My sessions");
    type_into(&mut harness, "Keep for (days)", "9");
    click(&mut harness, "Apply");
    assert_eq!(wanted_notes(&mut harness), [], "909 days are too many");
    harness.get_by_role_and_label(egui::accesskit::Role::TextInput, "Keep for (days)").focus();
    press(&mut harness, Key::Backspace);
    press(&mut harness, Key::Backspace);
    click(&mut harness, "Apply");
    assert_eq!(wanted_notes(&mut harness), [NotesIntent::KeepFor(KeepDays::new(9).unwrap())]);
}

#[test]
fn a_customer_who_joins_comes_before_the_list() {
    let mut harness = tall(Language::German, in_lobby(None));
    click(&mut harness, "Meine Sitzungen");
    harness.get_by_label("2 Sitzungen");
    harness.state_mut().view.screen = viewer(SharingState::Choosing, ControlView::None);
    harness.run_steps(3);
    assert!(harness.query_by_label("2 Sitzungen").is_none());
}

#[test]
fn the_invitation_has_the_number_only_behind_a_warning() {
    for (language, copy, box_, warning, sms) in [
        (
            Language::German,
            "Einladung kopieren",
            "Nummer hineinschreiben",
            "kann vor dem Kunden beitreten",
            "Form: SMS",
        ),
        (Language::English, "Copy invitation", "Put the number into it", "can join before", "Form: Text message"),
    ] {
        let mut harness = tall(language, in_lobby(None));
        let text = copied(&mut harness, copy).expect("a text is copied");
        for part in ["https://help.example/", "Muster Bank", "Anna Muster"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!text.contains("482") && !text.contains('{'), "{text}");
        assert!(harness.query_by_label_contains(warning).is_none());
        click(&mut harness, box_);
        harness.get_by_label_contains(warning);
        click(&mut harness, sms);
        let text = copied(&mut harness, copy).expect("a text is copied");
        assert!(text.contains("482 915 7303") && !text.contains('\n'), "{text}");
    }
}

#[test]
fn a_mail_is_written_with_what_was_ticked() {
    let mut harness = tall(Language::English, in_lobby(None));
    click(&mut harness, "Write the invitation in the mail program");
    click(&mut harness, "Put the number into it");
    click(&mut harness, "Write the invitation in the mail program");
    let mail = |with_number| AdvisorIntent::WriteMail { language: Language::English, with_number };
    assert!(wanted(&mut harness) == [mail(false), mail(true)]);
}

#[test]
fn at_double_size_nothing_leaves_the_window_sideways() {
    for (language, own, edit, remove) in [
        (Language::German, "Meine Sitzungen", "bearbeiten", "löschen"),
        (Language::English, "My sessions", "Edit the session of", "Delete the session of"),
    ] {
        let mut harness = window_in(language, vec2(550.0, 1_200.0), in_lobby(Some(2)));
        harness.run_steps(3);
        fits_within(&harness, 550.0);
        click(&mut harness, own);
        fits_within(&harness, 550.0);
        for label in [remove, edit] {
            harness.query_all_by_label_contains(label).next().expect("a session").click();
            harness.run_steps(3);
            fits_within(&harness, 550.0);
        }
    }
}
