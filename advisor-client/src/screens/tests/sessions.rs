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

/// What [`type_into`] makes of the second session.
fn doubled() -> NotesIntent {
    NotesIntent::Write { id: NoteId(2), words: Words { subject: "Überweisung doppelt".into(), ..Words::default() } }
}

/// Something is being written in the lobby about the session that ended last.
fn writing() -> Harness<'static, Window> {
    let mut harness = tall(Language::English, in_lobby(Some(2)));
    type_into(&mut harness, "Subject", " doppelt");
    harness
}

/// Changes what is seen of the list.
fn change_notes(harness: &mut Harness<'_, Window>, change: impl FnOnce(&mut NotesView)) {
    if let AdvisorScreen::Lobby { notes, .. } = &mut harness.state_mut().view.screen {
        change(notes);
    }
    harness.run_steps(3);
}

#[test]
fn what_was_being_written_is_kept_when_the_person_has_to_sign_in_again() {
    let mut harness = writing();
    harness.state_mut().view.screen = sign_in(Some(Problem::LinkLost));
    harness.run_steps(2);
    assert_eq!(wanted_notes(&mut harness), [doubled()]);
    let mut harness = tall(Language::English, in_lobby(None));
    click(&mut harness, "My sessions");
    harness.query_all_by_label_contains("Edit the session of").next().expect("a session").click();
    harness.run_steps(3);
    type_into(&mut harness, "Subject", " doppelt");
    harness.state_mut().view.screen = sign_in(Some(Problem::LinkLost));
    harness.run_steps(2);
    assert_eq!(wanted_notes(&mut harness), [doubled()]);
}

#[test]
fn what_was_being_written_is_kept_before_the_person_signs_out_or_closes_the_window() {
    let mut harness = writing();
    click(&mut harness, "Sign out");
    only(&mut harness, &[AdvisorIntent::Notes(doubled()), AdvisorIntent::SignOut]);
    let last = writing().state_mut().local.last_intents();
    assert!(last == [AdvisorIntent::Notes(doubled()), AdvisorIntent::Quit], "{:?}", names(&last));
}

#[test]
fn what_was_being_written_is_kept_when_there_was_a_session_under_the_lock() {
    let mut harness = writing();
    harness.state_mut().view.screen = AdvisorScreen::Locked { user: "anna".into(), in_session: true, problem: None };
    harness.run_steps(2);
    assert_eq!(wanted_notes(&mut harness), []);
    harness.state_mut().view.screen = in_lobby(Some(1));
    harness.run_steps(2);
    assert_eq!(wanted_notes(&mut harness), [doubled()]);
    click(&mut harness, "Save");
    let words = Words { subject: "Drucker".into(), note: "Treiber ist neu".into(), solution: None };
    assert_eq!(wanted_notes(&mut harness), [NotesIntent::Write { id: NoteId(1), words }]);
}

#[test]
fn what_could_not_be_written_is_said_in_the_lobby_and_stays_until_it_is() {
    let mut harness = writing();
    click(&mut harness, "Save");
    assert_eq!(wanted_notes(&mut harness), [doubled()]);
    change_notes(&mut harness, |notes| notes.problem = Some(Problem::SessionsUnusable("no space".into())));
    harness.get_by_label_contains("no space");
    click(&mut harness, "Save");
    assert_eq!(wanted_notes(&mut harness), [doubled()]);
    change_notes(&mut harness, |notes| (notes.newest, notes.problem) = (None, None));
    assert!(harness.query_by_label("Note on the last session").is_none());
    harness.state_mut().view.screen = viewer(SharingState::Choosing, ControlView::None);
    harness.run_steps(2);
    assert_eq!(wanted_notes(&mut harness), [], "not again");
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
    harness.get_by_label("Sessions that are older than 9 days are then deleted at once.");
    assert_eq!(wanted_notes(&mut harness), [], "not by one slip");
    click(&mut harness, "Cancel");
    assert!(harness.query_by_label("Really delete older ones").is_none());
    let keep_for = |harness: &mut Harness<'_, Window>, days: &str| {
        harness.get_by_role_and_label(egui::accesskit::Role::TextInput, "Keep for (days)").focus();
        harness.run_steps(2);
        harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
        harness.event(Event::Text(days.into()));
        harness.run_steps(3);
        click(harness, "Apply");
    };
    keep_for(&mut harness, "9");
    click(&mut harness, "Really delete older ones");
    assert_eq!(wanted_notes(&mut harness), [NotesIntent::KeepFor(KeepDays::new(9).unwrap())]);
    keep_for(&mut harness, "91");
    assert_eq!(wanted_notes(&mut harness), [NotesIntent::KeepFor(KeepDays::new(91).unwrap())], "nothing is lost");
}

#[test]
fn what_an_export_could_not_do_is_said_beside_its_button_alone() {
    let mut harness = tall(Language::English, in_lobby(None));
    click(&mut harness, "My sessions");
    let problem = Problem::SessionsNotExported("/list.csv: no space".into());
    change_notes(&mut harness, |notes| notes.problem = Some(problem));
    let said = harness.get_by_label_contains("no space").rect();
    let above = harness.get_by_label("Apply").rect();
    let below = harness.get_by_label_contains("Export as CSV").rect();
    assert!(above.bottom() < said.top() && said.bottom() < below.top(), "{above:?} {said:?} {below:?}");
    press(&mut harness, Key::Escape);
    assert!(harness.query_by_label_contains("no space").is_none());
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
fn another_number_is_in_the_invitation_only_once_the_person_wants_that_one() {
    let mut harness = tall(Language::English, in_lobby(None));
    let other_number = |harness: &mut Harness<'_, Window>, text: &str| {
        if let AdvisorScreen::Lobby { number: Some(number), .. } = &mut harness.state_mut().view.screen {
            number.text = text.into();
        }
        harness.run_steps(3);
    };
    click(&mut harness, "Put the number into it");
    copied(&mut harness, "Copy invitation").expect("a text is copied");
    harness.run_steps(3);
    harness.get_by_label("Invitation copied");
    other_number(&mut harness, "482 915 7309");
    assert!(harness.query_by_label_contains("can join before").is_none());
    let text = copied(&mut harness, "Copy invitation").expect("a text is copied");
    assert!(!text.contains("482"), "{text}");
    click(&mut harness, "Write the invitation in the mail program");
    let mail = AdvisorIntent::WriteMail { language: Language::English, with_number: false };
    only(&mut harness, &[mail]);
    // Without a number it is good for every one.
    other_number(&mut harness, "482 915 7303");
    harness.get_by_label("Invitation copied");
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
