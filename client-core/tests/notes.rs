//! The advisor's own list: what is noted of a session, and that nothing of it
//! is ever sent.

#[path = "support/world.rs"]
#[allow(dead_code, reason = "the other files of tests use more of it")]
mod support;

use mitblick_client_core::{
    advisor::{
        AdvisorIntent, AdvisorScreen, NotesIntent, NotesView,
        controller::{AdvisorEvent, AdvisorWork},
    },
    customer::CustomerIntent,
    journal::{Change, Journal, JournalEvent, JournalWork, KeepDays, Note, NoteId, Owner, Words},
    language::Language,
    problem::Problem,
};
use mitblick_protocol::broker_msg::SignInRefusal;
use std::sync::Arc;
use support::World;

/// What the keeper of the list was told.
fn wanted(world: &World) -> Vec<(Owner, Change)> {
    let of = |work: &AdvisorWork| match work {
        AdvisorWork::Notes(JournalWork::Change(owner, change)) => Some((owner.clone(), change.clone())),
        _ => None,
    };
    world.advisor_work.iter().filter_map(of).collect()
}

fn noted(world: &World) -> Vec<Note> {
    let added = |(_, change)| if let Change::Add(note) = change { Some(note) } else { None };
    wanted(world).into_iter().filter_map(added).collect()
}

fn notes(world: &World) -> NotesView {
    match world.advisor_screen() {
        AdvisorScreen::Lobby { notes, .. } => notes,
        _ => panic!("no lobby"),
    }
}

/// The list that the keeper would have.
fn list(world: &World) -> Arc<Journal> {
    let mut journal = Journal::default();
    for (_, change) in wanted(world) {
        journal.apply(change, 1_800_000_100);
    }
    Arc::new(journal)
}

fn say(world: &mut World, intent: NotesIntent) {
    world.advisor(AdvisorIntent::Notes(intent));
}

#[test]
fn a_session_is_noted_with_its_subject_length_and_wait() {
    let mut world = World::new();
    let number = world.number();
    say(&mut world, NotesIntent::Subject("Drucker".into()));
    world.pass(30_000);
    world.customer(CustomerIntent::Join(number));
    world.pass(90_000);
    assert_eq!(noted(&world), []);
    world.customer(CustomerIntent::End);
    let [note] = noted(&world).try_into().unwrap();
    assert_eq!((note.lasted_s, note.waited_s, note.words.subject.as_str()), (90, 30, "Drucker"));
    assert_eq!((notes(&world).newest, notes(&world).subject.as_str()), (Some(note.id), ""), "the next one is another");
    assert!(world.relayed.iter().all(|(_, bytes)| !bytes.windows(7).any(|window| window == b"Drucker")));
}

#[test]
fn a_session_that_breaks_off_is_noted_once() {
    let mut broken = World::connected();
    broken.cut();
    assert_eq!(noted(&broken).len(), 1);
    let mut closed = World::connected();
    closed.advisor(AdvisorIntent::Quit);
    assert_eq!(noted(&closed).len(), 1);
    let mut no_session = World::new();
    no_session.number();
    no_session.advisor(AdvisorIntent::SignOut);
    assert_eq!(noted(&no_session), []);
}

#[test]
fn what_is_written_goes_to_the_list_of_whoever_is_signed_in() {
    let mut world = World::connected();
    world.customer(CustomerIntent::End);
    let id = notes(&world).newest.unwrap();
    let owner = Owner { pin: [7; 32], user: "anna".into() };
    world.advisor_event(AdvisorEvent::Notes(JournalEvent::Is(owner.clone(), list(&world))));
    assert!(notes(&world).list.is_some_and(|list| list.note(id).is_some()));
    let words = Words { subject: "Drucker".into(), note: "geht".into(), solution: None };
    say(&mut world, NotesIntent::Write { id, words: words.clone() });
    assert_eq!(wanted(&world).last(), Some(&(owner.clone(), Change::Write { id, words })));
    world.advisor_event(AdvisorEvent::Notes(JournalEvent::Is(owner.clone(), list(&world))));
    assert_eq!(notes(&world).newest, None, "it is not asked for again");
    say(&mut world, NotesIntent::KeepFor(KeepDays::new(30).unwrap()));
    say(&mut world, NotesIntent::Remove(NoteId(1)));
    let changes: Vec<Change> = wanted(&world).into_iter().map(|(_, change)| change).collect();
    assert_eq!(changes[changes.len() - 2..], [Change::Keep(KeepDays::new(30).unwrap()), Change::Remove(NoteId(1))]);
    let other = Owner { user: "berta".into(), ..owner };
    let before = notes(&world).list;
    world.advisor_event(AdvisorEvent::Notes(JournalEvent::Is(other, Arc::default())));
    assert_eq!(notes(&world).list, before, "another's list is not shown");
}

#[test]
fn what_can_not_be_written_is_asked_for_again() {
    let mut world = World::connected();
    world.customer(CustomerIntent::End);
    let (id, before) = (notes(&world).newest.unwrap(), list(&world));
    let words = Words { subject: "Drucker".into(), note: "geht ".into(), solution: None };
    say(&mut world, NotesIntent::Write { id, words: words.clone() });
    // What was wanted before is done before.
    let owner = Owner { pin: [7; 32], user: "anna".into() };
    world.advisor_event(AdvisorEvent::Notes(JournalEvent::Is(owner.clone(), before)));
    assert_eq!(notes(&world).newest, Some(id));
    let problem = Problem::SessionsUnusable("no space".into());
    world.advisor_event(AdvisorEvent::Notes(JournalEvent::Failed(problem.clone())));
    assert_eq!((notes(&world).newest, notes(&world).problem), (Some(id), Some(problem)));
    say(&mut world, NotesIntent::Write { id, words });
    world.advisor_event(AdvisorEvent::Notes(JournalEvent::Is(owner, list(&world))));
    assert_eq!((notes(&world).newest, notes(&world).problem), (None, None));
}

#[test]
fn what_was_being_written_is_kept_after_the_link_broke_or_the_person_signed_out() {
    let owner = Owner { pin: [7; 32], user: "anna".into() };
    let words = Words { subject: "Drucker".into(), ..Words::default() };
    let leaving: [fn(&mut World); 2] = [World::cut, |world| world.advisor(AdvisorIntent::SignOut)];
    for leave in leaving {
        let mut world = World::connected();
        world.customer(CustomerIntent::End);
        let id = notes(&world).newest.unwrap();
        leave(&mut world);
        world.complaints.clear();
        let write = || NotesIntent::Write { id, words: words.clone() };
        say(&mut world, write());
        let change = Change::Write { id, words: words.clone() };
        assert_eq!(wanted(&world).last(), Some(&(owner.clone(), change)));
        say(&mut world, NotesIntent::Remove(id));
        assert_eq!(world.complaints, [Problem::NotNow], "nothing else");
        // Nobody else's list gets it.
        let before = wanted(&world).len();
        world.refuses = Some(SignInRefusal::Blocked);
        world.advisor(AdvisorIntent::SignIn { user: "berta".into(), password: "secret".into() });
        assert!(matches!(world.advisor_screen(), AdvisorScreen::SignIn { busy: false, .. }));
        say(&mut world, write());
        assert_eq!((wanted(&world).len(), world.complaints.len()), (before, 2));
        // There may be more to say.
        world.refuses = None;
        world.number();
        assert_eq!(notes(&world).newest, Some(id));
    }
}

#[test]
fn nobody_sees_or_changes_a_list_before_signing_in_or_under_a_lock() {
    let mut world = World::new();
    say(&mut world, NotesIntent::Remove(NoteId(1)));
    assert_eq!((wanted(&world), world.complaints.as_slice()), (vec![], &[Problem::NotNow][..]));
    say(&mut world, NotesIntent::Write { id: NoteId(1), words: Words::default() });
    assert_eq!((wanted(&world).len(), world.complaints.len()), (0, 2));
    world.number();
    assert_eq!(wanted(&world).len(), 1, "it is read");
    world.advisor(AdvisorIntent::Lock);
    say(&mut world, NotesIntent::Remove(NoteId(1)));
    assert_eq!(wanted(&world).len(), 1);
    assert!(matches!(world.advisor_screen(), AdvisorScreen::Locked { .. }));
}

#[test]
fn a_list_that_can_not_be_kept_is_told() {
    let mut world = World::new();
    world.number();
    let problem = Problem::SessionsUnusable("no space".into());
    world.advisor_event(AdvisorEvent::Notes(JournalEvent::Failed(problem.clone())));
    assert_eq!(notes(&world).problem, Some(problem.clone()));
    assert_eq!(world.complaints, [problem]);
}

#[test]
fn a_mail_has_the_number_only_if_the_person_wants_it() {
    let mut world = World::new();
    let number = world.number().replace(' ', "%20");
    for with_number in [false, true] {
        world.advisor(AdvisorIntent::WriteMail { language: Language::German, with_number });
        let Some(AdvisorWork::WriteMail(uri)) = world.advisor_work.last() else { panic!("no mail") };
        assert_eq!(uri.as_str().contains(&number), with_number, "{uri:?}");
        assert!(uri.as_str().contains("broker.example"), "{uri:?}");
    }
    world.advisor_event(AdvisorEvent::MailNotOpened("none".into()));
    let AdvisorScreen::Lobby { problem: Some(Problem::MailNotOpened(_)), .. } = world.advisor_screen() else {
        panic!("not told")
    };
}
