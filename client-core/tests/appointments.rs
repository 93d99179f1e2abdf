//! Numbers booked for appointments: kept, opened when they are due, used once.

#[path = "support/world.rs"]
#[allow(dead_code, reason = "the other files of tests use more of it")]
mod support;
#[path = "appointments/waiting.rs"]
mod waiting;

use ed25519_dalek::SigningKey;
use mitblick_client_core::{
    advisor::{
        AdvisorIntent, AdvisorScreen, AppointmentIntent, AppointmentsView, LastSession,
        controller::{AdvisorEvent, AdvisorWork},
    },
    appointments::{Appointment, AppointmentChange, AppointmentId, AppointmentState, Appointments, LateBy},
    controller::{Controller, Effect},
    customer::{ConnectingStep, CustomerIntent, CustomerScreen, WaitingLine},
    journal::{JournalEvent, JournalWork, Owner},
    language::Language,
    link::LinkEvent,
    problem::Problem,
};
use mitblick_protocol::{
    appointment::{Booking, MAX_BOOKINGS, NotBooked, Window},
    broker_msg::{AttemptOutcome, FromBroker, Refusal, ToBroker},
    card::Card,
    number::Routing,
    policy::{AppointmentRule, Limits},
    text::DisplayText,
};
use std::sync::Arc;
use support::World;

const UNIX_S: u64 = 1_800_000_000;
const HOUR_S: u64 = 3_600;

fn owner() -> Owner {
    Owner { pin: [7; 32], user: "anna".into() }
}

/// The keeper of the list, which does what it was told since last time.
#[derive(Default)]
struct Keeper {
    list: Appointments,
    done: usize,
    /// Nothing can be written.
    full: bool,
}

fn full() -> Problem {
    Problem::AppointmentsUnusable("no space".into())
}

impl Keeper {
    fn unix_s(world: &World) -> u64 {
        UNIX_S + world.now.as_ms() / 1_000
    }

    fn catch_up(&mut self, world: &mut World) {
        loop {
            let work: Vec<JournalWork> = world.advisor_work[self.done..].iter().filter_map(notes).collect();
            self.done = world.advisor_work.len();
            if work.is_empty() {
                return;
            }
            for work in work {
                let JournalWork::Appointments(owner, change) = work else { continue };
                let unix_s = Self::unix_s(world);
                let event = if self.full {
                    JournalEvent::AppointmentsFailed { owner, change, problem: full() }
                } else {
                    self.list.apply(change.clone(), unix_s);
                    JournalEvent::Appointments { owner, change, list: Arc::new(self.list.clone()), unix_s }
                };
                world.advisor_event(AdvisorEvent::Notes(event));
            }
        }
    }

    fn only(&self) -> Appointment {
        let [appointment] = self.list.all() else { panic!("{:?}", self.list) };
        appointment.clone()
    }
}

fn notes(work: &AdvisorWork) -> Option<JournalWork> {
    if let AdvisorWork::Notes(work) = work { Some(work.clone()) } else { None }
}

fn signed_in() -> (World, Keeper) {
    let (mut world, mut keeper) = (World::new(), Keeper::default());
    world.number();
    keeper.catch_up(&mut world);
    (world, keeper)
}

fn view(world: &World) -> AppointmentsView {
    match world.advisor_screen() {
        AdvisorScreen::Lobby { appointments, .. } => appointments,
        _ => panic!("no lobby"),
    }
}

fn last(world: &World) -> Option<LastSession> {
    match world.advisor_screen() {
        AdvisorScreen::Lobby { last, .. } => last,
        _ => panic!("no lobby"),
    }
}

fn say(world: &mut World, intent: AppointmentIntent) {
    world.advisor(AdvisorIntent::Appointment(intent));
}

/// Books a number for a time that is so far ahead.
fn book(world: &mut World, keeper: &mut Keeper, ahead_s: u64) -> Appointment {
    let begins_unix_s = Keeper::unix_s(world) + ahead_s;
    let intent = AppointmentIntent::Book { begins_unix_s, late_by: LateBy::Hour, subject: "Drucker".into() };
    say(world, intent);
    keeper.catch_up(world);
    keeper.list.get(view(world).booked.unwrap()).unwrap().clone()
}

/// Lets time pass until the number of an appointment is open.
fn until_open(world: &mut World, keeper: &mut Keeper, appointment: &Appointment) {
    // The one that came by itself expires first.
    world.expire_number();
    let opens = appointment.window.0.opens_unix_s();
    world.pass((opens - Keeper::unix_s(world)) * 1_000 + 1_000);
    keeper.catch_up(world);
    assert_eq!(view(world).open, Some(appointment.id));
}

#[test]
fn a_number_is_booked_kept_and_opened_in_its_window() {
    let (mut world, mut keeper) = signed_in();
    let fresh = world.open_number();
    let appointment = book(&mut world, &mut keeper, 2 * HOUR_S);
    assert_eq!(world.open_number(), fresh, "what is open stays open");
    assert_eq!((view(&world).booking, view(&world).open, view(&world).due), (false, None, None));
    let window = appointment.window.0;
    assert_eq!(appointment.begins_unix_s - window.opens_unix_s(), 900);
    assert_eq!(window.closes_unix_s() - appointment.begins_unix_s, 3_600);
    until_open(&mut world, &mut keeper, &appointment);
    assert_eq!(world.open_number(), appointment.number().unwrap().to_string());
    world.customer(CustomerIntent::Join(world.open_number()));
    assert!(matches!(world.customer_screen(), CustomerScreen::Choose { .. }), "the digits were right");
    keeper.catch_up(&mut world);
    assert_eq!(keeper.only().state, AppointmentState::Used);
    world.customer(CustomerIntent::End);
    world.pass(60_000);
    assert_eq!(view(&world).open, None, "it is used once");
}

#[test]
fn what_it_is_about_is_noted_of_the_session() {
    let (mut world, mut keeper) = signed_in();
    let appointment = book(&mut world, &mut keeper, 2 * HOUR_S);
    until_open(&mut world, &mut keeper, &appointment);
    world.customer(CustomerIntent::Join(world.open_number()));
    world.customer(CustomerIntent::End);
    let noted = world.advisor_work.iter().filter_map(notes).find_map(|work| match work {
        JournalWork::Change(_, mitblick_client_core::journal::Change::Add(note)) => Some(note.words.subject),
        _ => None,
    });
    assert_eq!(noted.as_deref(), Some("Drucker"));
    assert!(world.relayed.iter().all(|(_, bytes)| !bytes.windows(7).any(|window| window == b"Drucker")));
}

#[test]
fn the_person_chooses_between_a_fresh_number_and_that_of_an_appointment() {
    let (mut world, mut keeper) = signed_in();
    let appointment = book(&mut world, &mut keeper, 600);
    assert_eq!((view(&world).open, view(&world).due), (None, Some(appointment.id)), "a fresh one is being told");
    say(&mut world, AppointmentIntent::Open(appointment.id));
    assert_eq!((view(&world).open, view(&world).due), (Some(appointment.id), None));
    world.advisor(AdvisorIntent::NewNumber);
    assert_eq!((view(&world).open, view(&world).due), (None, Some(appointment.id)));
    assert_ne!(world.open_number(), appointment.number().unwrap().to_string());
    say(&mut world, AppointmentIntent::Open(appointment.id));
    assert_eq!(world.open_number(), appointment.number().unwrap().to_string(), "the same as before");
    say(&mut world, AppointmentIntent::Open(AppointmentId(1)));
    assert_eq!(world.complaints, [Problem::NotNow]);
}

#[test]
fn after_a_session_the_number_of_whoever_comes_next_opens_by_itself() {
    let (mut world, mut keeper) = signed_in();
    let appointment = book(&mut world, &mut keeper, 1_200);
    world.customer(CustomerIntent::Join(world.open_number()));
    world.pass(400_000);
    assert!(matches!(world.advisor_screen(), AdvisorScreen::Viewer(_)), "nobody is disturbed");
    world.customer(CustomerIntent::End);
    assert_eq!(view(&world).open, Some(appointment.id));
}

#[test]
fn right_after_signing_in_the_number_that_is_due_takes_the_place_of_the_fresh_one() {
    let (mut world, mut keeper) = signed_in();
    let appointment = book(&mut world, &mut keeper, 600);
    world.advisor(AdvisorIntent::SignOut);
    world.number();
    keeper.catch_up(&mut world);
    assert_eq!(view(&world).open, Some(appointment.id));
}

#[test]
fn a_wrong_number_voids_it_and_the_advisor_is_told() {
    let (mut world, mut keeper) = signed_in();
    let appointment = book(&mut world, &mut keeper, 2 * HOUR_S);
    until_open(&mut world, &mut keeper, &appointment);
    let routing = appointment.routing().unwrap();
    let wrong = (0..100_000).map(|guess| format!("{:04}{guess:05}", routing.value())).find_map(|nine| {
        let number = (0..10)
            .map(|check| format!("{nine}{check}"))
            .find_map(|ten| ten.parse::<mitblick_protocol::number::SessionNumber>().ok());
        number.filter(|number| number.to_string() != appointment.number().unwrap().to_string())
    });
    world.customer(CustomerIntent::Join(wrong.unwrap().to_string()));
    keeper.catch_up(&mut world);
    assert_eq!(world.outcomes, [AttemptOutcome::Burned]);
    assert_eq!(keeper.only().state, AppointmentState::Burned);
    assert_eq!(last(&world).unwrap().problem, Some(Problem::NumberBurned));
    world.pass(60_000);
    assert_eq!(view(&world).open, None, "it is not opened again");
}

#[test]
fn an_appointment_that_nobody_came_to_is_told() {
    let (mut world, mut keeper) = signed_in();
    let appointment = book(&mut world, &mut keeper, 2 * HOUR_S);
    until_open(&mut world, &mut keeper, &appointment);
    world.pass(75 * 60_000);
    world.expire_number();
    keeper.catch_up(&mut world);
    assert_eq!(last(&world).unwrap().problem, Some(Problem::AppointmentMissed));
    assert_eq!(keeper.only().state, AppointmentState::Gone);
}

#[test]
fn a_cancelled_appointment_is_gone_from_both() {
    let (mut world, mut keeper) = signed_in();
    let appointment = book(&mut world, &mut keeper, 2 * HOUR_S);
    assert_eq!(world.bookings.len(), 1);
    say(&mut world, AppointmentIntent::Cancel(appointment.id));
    keeper.catch_up(&mut world);
    assert_eq!((world.bookings.len(), keeper.list.all().len()), (0, 0));
}

#[test]
fn a_number_that_can_not_be_kept_is_given_back() {
    let (mut world, mut keeper) = signed_in();
    let begins_unix_s = Keeper::unix_s(&world) + HOUR_S;
    say(&mut world, AppointmentIntent::Book { begins_unix_s, late_by: LateBy::Hour, subject: String::new() });
    assert_eq!((world.bookings.len(), view(&world).booking), (1, true));
    keeper.full = true;
    keeper.catch_up(&mut world);
    assert_eq!((world.bookings.len(), view(&world).booking), (0, false));
    assert_eq!((view(&world).problem, world.complaints.as_slice()), (Some(full()), &[full()][..]));
}

#[test]
fn another_change_that_can_not_be_written_takes_no_booking_back() {
    let (mut world, mut keeper) = signed_in();
    let first = book(&mut world, &mut keeper, 2 * HOUR_S);
    world.tell_advisor(FromBroker::NoBooking(first.routing().unwrap()));
    let begins_unix_s = Keeper::unix_s(&world) + HOUR_S;
    say(&mut world, AppointmentIntent::Book { begins_unix_s, late_by: LateBy::Hour, subject: String::new() });
    let waits = |change| JournalWork::Appointments(owner(), change);
    let ended = AppointmentChange::Ended(first.id, AppointmentState::Gone);
    assert!(world.advisor_work.iter().filter_map(notes).any(|work| work == waits(ended.clone())));
    let event = JournalEvent::AppointmentsFailed { owner: owner(), change: ended, problem: full() };
    world.advisor_event(AdvisorEvent::Notes(event));
    assert_eq!((world.bookings.len(), view(&world).booking), (2, true), "it is still on its way into the list");
}

#[test]
fn digits_that_must_not_be_used_any_more_are_taken_out_of_the_file_once_it_can_be_written() {
    let (mut world, mut keeper) = signed_in();
    let appointment = book(&mut world, &mut keeper, 2 * HOUR_S);
    keeper.full = true;
    world.tell_advisor(FromBroker::NoBooking(appointment.routing().unwrap()));
    let state = |world: &World| view(world).list.unwrap().get(appointment.id).unwrap().state.clone();
    assert_eq!(state(&world), AppointmentState::Gone, "at once");
    keeper.catch_up(&mut world);
    assert_eq!((state(&world), view(&world).problem), (AppointmentState::Gone, Some(full())));
    assert_eq!(keeper.only().state, appointment.state, "not in the file");
    keeper.full = false;
    world.pass(31_000);
    keeper.catch_up(&mut world);
    assert_eq!((keeper.only().state, view(&world).problem), (AppointmentState::Gone, None));
}

#[test]
fn a_number_that_is_cancelled_while_it_is_open_is_not_asked_for_again() {
    let (mut world, mut keeper) = signed_in();
    let appointment = book(&mut world, &mut keeper, HOUR_S);
    until_open(&mut world, &mut keeper, &appointment);
    assert_eq!((view(&world).open, world.opens_asked), (Some(appointment.id), 1));
    say(&mut world, AppointmentIntent::Cancel(appointment.id));
    assert!(view(&world).list.unwrap().all().is_empty(), "before the file says so");
    keeper.catch_up(&mut world);
    assert_eq!((world.opens_asked, keeper.list.all().len()), (1, 0));
}

#[test]
fn cancelling_the_open_one_of_two_that_are_due_opens_the_other() {
    let (mut world, mut keeper) = signed_in();
    let first = book(&mut world, &mut keeper, HOUR_S);
    let second = book(&mut world, &mut keeper, HOUR_S + 600);
    until_open(&mut world, &mut keeper, &first);
    world.pass(15 * 60_000);
    assert_eq!((view(&world).open, world.opens_asked), (Some(first.id), 1));
    say(&mut world, AppointmentIntent::Cancel(first.id));
    keeper.catch_up(&mut world);
    assert_eq!((view(&world).open, world.opens_asked), (Some(second.id), 2));
    assert_eq!(world.open_number(), second.number().unwrap().to_string());
}

#[test]
fn a_number_that_nobody_asked_for_is_closed() {
    let (mut world, _) = signed_in();
    world.expire_number();
    let (routing, name) = (Routing::new(1234).unwrap(), || DisplayText::cleaned("Anna Muster"));
    let card = Card::sign(&SigningKey::from_bytes(&[3; 32]), name(), name(), None, routing, UNIX_S + HOUR_S);
    let opened = FromBroker::NumberOpened { routing, life_s: 900, card };
    world.advisor.handle_link(LinkEvent::Broker(opened), world.now);
    let told = world.advisor.poll_effect();
    assert!(matches!(told, Some(Effect::ToBroker(ToBroker::CloseNumber))), "{told:?}");
}

#[test]
fn a_time_that_is_over_by_a_clock_that_is_ahead_comes_back_with_its_number() {
    let (mut world, mut keeper) = signed_in();
    let appointment = book(&mut world, &mut keeper, 2 * HOUR_S);
    let unix_s = Keeper::unix_s(&world);
    keeper.list.apply(AppointmentChange::Age, unix_s + 6 * HOUR_S);
    assert_eq!(keeper.only().state, AppointmentState::Gone);
    world.advisor(AdvisorIntent::SignOut);
    world.number();
    // What the broker has booked is neither given back nor elsewhere.
    let JournalWork::Appointments(owner, change) = world.advisor_work.iter().rev().find_map(notes).unwrap() else {
        panic!("another list")
    };
    let list = Arc::new(keeper.list.clone());
    let ahead = JournalEvent::Appointments { owner, change, list, unix_s: unix_s + 6 * HOUR_S };
    world.advisor_event(AdvisorEvent::Notes(ahead));
    assert_eq!((view(&world).elsewhere, world.bookings.len()), (vec![], 1));
    keeper.catch_up(&mut world);
    assert_eq!(keeper.only(), appointment);
}

#[test]
fn a_booking_of_another_computer_in_the_same_window_as_one_that_has_ended_is_left_alone() {
    let (mut world, mut keeper) = signed_in();
    let appointment = book(&mut world, &mut keeper, 2 * HOUR_S);
    let unix_s = Keeper::unix_s(&world);
    keeper.list.apply(AppointmentChange::Ended(appointment.id, AppointmentState::Used), unix_s);
    let other = Booking { routing: Routing::new(7_000).unwrap(), window: appointment.window.0 };
    world.bookings = vec![other];
    world.advisor(AdvisorIntent::SignOut);
    world.number();
    keeper.catch_up(&mut world);
    assert_eq!((view(&world).elsewhere, world.bookings), (vec![other], vec![other]));
}

#[test]
fn appointments_that_have_ended_leave_room_for_others() {
    let (mut world, mut keeper) = signed_in();
    let sample = book(&mut world, &mut keeper, HOUR_S);
    let unix_s = Keeper::unix_s(&world);
    for id in (0..).take(MAX_BOOKINGS) {
        let ended = Appointment { id: AppointmentId(id), state: AppointmentState::Used, ..sample.clone() };
        keeper.list.apply(AppointmentChange::Add(ended), unix_s);
    }
    let next = book(&mut world, &mut keeper, 2 * HOUR_S);
    assert!(keeper.list.all().len() > MAX_BOOKINGS);
    let after = book(&mut world, &mut keeper, 3 * HOUR_S);
    assert_ne!(after.id, next.id);
    assert_eq!(view(&world).problem, None);
}

fn customer_step(world: &World) -> Option<ConnectingStep> {
    match world.customer_screen() {
        CustomerScreen::Connecting(step) => Some(step),
        _ => None,
    }
}

fn waits(line: WaitingLine) -> Option<ConnectingStep> {
    Some(ConnectingStep::WaitingRoom { line })
}

#[test]
fn what_the_broker_refuses_is_told_and_what_it_would_refuse_is_not_asked() {
    let (mut world, mut keeper) = signed_in();
    let now = Keeper::unix_s(&world);
    for begins_unix_s in [now - 2 * HOUR_S, now + 101 * 24 * HOUR_S, u64::MAX] {
        say(&mut world, AppointmentIntent::Book { begins_unix_s, late_by: LateBy::Hour, subject: String::new() });
        assert_eq!(view(&world).problem, Some(Problem::NotBooked(NotBooked::OutOfTime)));
        assert!(world.bookings.is_empty());
    }
    world.silent = true;
    say(&mut world, AppointmentIntent::Book { begins_unix_s: now + HOUR_S, late_by: LateBy::Hour, subject: "".into() });
    assert!(view(&world).booking);
    world.tell_advisor(FromBroker::NotBooked(NotBooked::NoNumberFree));
    assert_eq!(view(&world).problem, Some(Problem::NotBooked(NotBooked::NoNumberFree)));
    let limits = Limits { appointments: AppointmentRule::Forbidden, ..Limits::NONE };
    world.tell_advisor(FromBroker::Rules(world.signed(5, limits)));
    assert!(!view(&world).allowed && view(&world).due.is_none());
    say(&mut world, AppointmentIntent::Book { begins_unix_s: now + HOUR_S, late_by: LateBy::Hour, subject: "".into() });
    assert_eq!(view(&world).problem, Some(Problem::NotBooked(NotBooked::Forbidden)));
    keeper.catch_up(&mut world);
    assert!(keeper.list.all().is_empty());
}

#[test]
fn what_only_one_of_both_knows_is_shown_as_that() {
    let (mut world, mut keeper) = signed_in();
    let known = book(&mut world, &mut keeper, 2 * HOUR_S);
    let lost = book(&mut world, &mut keeper, 3 * HOUR_S);
    world.bookings.retain(|booking| Some(booking.routing) != lost.routing());
    let now = Keeper::unix_s(&world);
    let window = Window::new(now + HOUR_S, now + 2 * HOUR_S).unwrap();
    let other = Booking { routing: Routing::new(7_000).unwrap(), window };
    world.bookings.push(other);
    world.advisor(AdvisorIntent::SignOut);
    world.number();
    keeper.catch_up(&mut world);
    assert_eq!(view(&world).elsewhere, [other]);
    assert_eq!(keeper.list.get(lost.id).unwrap().state, AppointmentState::Gone);
    assert!(keeper.list.get(known.id).unwrap().number().is_some());
    say(&mut world, AppointmentIntent::CancelElsewhere(other.routing));
    assert!(view(&world).elsewhere.is_empty());
    assert!(world.bookings.iter().all(|booking| booking.routing != other.routing));
}

#[test]
fn a_number_that_the_broker_did_not_hear_the_end_of_is_given_back() {
    let (mut world, mut keeper) = signed_in();
    let appointment = book(&mut world, &mut keeper, 2 * HOUR_S);
    let unix_s = Keeper::unix_s(&world);
    keeper.list.apply(AppointmentChange::Ended(appointment.id, AppointmentState::Burned), unix_s);
    world.advisor(AdvisorIntent::SignOut);
    world.number();
    keeper.catch_up(&mut world);
    assert_eq!((view(&world).elsewhere, world.bookings.len()), (vec![], 0));
}

#[test]
fn a_broker_whose_clock_is_behind_is_asked_again() {
    let (mut world, mut keeper) = signed_in();
    world.broker_behind_s = 30;
    let appointment = book(&mut world, &mut keeper, 2 * HOUR_S);
    world.expire_number();
    let wait = appointment.window.0.opens_unix_s() - Keeper::unix_s(&world);
    world.pass(wait * 1_000 + 5_000);
    assert_eq!(view(&world).open, None);
    world.pass(31_000);
    assert_eq!(view(&world).open, Some(appointment.id));
}

#[test]
fn answers_that_nobody_asked_for_change_nothing() {
    let (mut world, mut keeper) = signed_in();
    let appointment = book(&mut world, &mut keeper, 2 * HOUR_S);
    let number = world.open_number();
    let window = appointment.window.0;
    let routing = Routing::new(1).unwrap();
    for message in [
        FromBroker::Booked(Booking { routing, window }),
        FromBroker::NotBooked(NotBooked::TooMany),
        FromBroker::NoBooking(routing),
        FromBroker::NotYet { routing, wait_s: u32::MAX },
    ] {
        world.tell_advisor(message);
        keeper.catch_up(&mut world);
    }
    assert_eq!(keeper.only(), appointment);
    assert_eq!((world.open_number(), view(&world).problem), (number, None));
}

#[test]
fn nobody_books_before_signing_in_in_a_session_or_under_a_lock_and_another_list_is_not_shown() {
    let mut world = World::new();
    let book = || AppointmentIntent::Book { begins_unix_s: UNIX_S + HOUR_S, late_by: LateBy::Hour, subject: "".into() };
    say(&mut world, book());
    assert_eq!(world.complaints, [Problem::NotNow]);
    let (mut world, _) = signed_in();
    let owner = Owner { user: "berta".into(), ..owner() };
    let before = view(&world).list;
    let change = AppointmentChange::Age;
    let event = JournalEvent::Appointments { owner, change, list: Arc::default(), unix_s: UNIX_S };
    world.advisor_event(AdvisorEvent::Notes(event));
    assert!(Arc::ptr_eq(&view(&world).list.unwrap(), &before.unwrap()));
    world.advisor(AdvisorIntent::Lock);
    say(&mut world, book());
    assert!(world.bookings.is_empty());
    let mut world = World::connected();
    say(&mut world, book());
    assert!(world.bookings.is_empty());
}

#[test]
fn a_mail_names_the_day_and_has_the_number_only_if_the_person_wants_it() {
    let (mut world, mut keeper) = signed_in();
    let appointment = book(&mut world, &mut keeper, 2 * HOUR_S);
    let number = appointment.number().unwrap().to_string().replace(' ', "%20");
    for with_number in [false, true] {
        let (id, language) = (appointment.id, Language::German);
        say(&mut world, AppointmentIntent::WriteMail { id, language, with_number });
        let Some(AdvisorWork::WriteMail(uri)) = world.advisor_work.last() else { panic!("no mail") };
        assert_eq!(uri.as_str().contains(&number), with_number, "{uri:?}");
        assert!(uri.as_str().contains("Januar%202027"), "{uri:?}");
    }
}

#[test]
fn a_mail_that_opens_takes_away_what_was_said_of_one_that_did_not() {
    let (mut world, mut keeper) = signed_in();
    let appointment = book(&mut world, &mut keeper, 2 * HOUR_S);
    let problem = |world: &World| match world.advisor_screen() {
        AdvisorScreen::Lobby { problem, .. } => problem,
        _ => panic!("no lobby"),
    };
    world.advisor_event(AdvisorEvent::MailNotOpened("none".into()));
    assert_eq!(problem(&world), Some(Problem::MailNotOpened("none".into())));
    let (id, language) = (appointment.id, Language::German);
    say(&mut world, AppointmentIntent::WriteMail { id, language, with_number: false });
    assert_eq!(problem(&world), None);
}
