//! Appointments: booked by keyboard and mouse, invited to, opened, cancelled,
//! and what the lobby says of them.

use super::*;
use mitblick_client_core::{
    advisor::{AppointmentIntent, AppointmentsView},
    appointments::{
        Appointment, AppointmentChange, AppointmentId, AppointmentState, Appointments, KeptNumber, KeptWindow, LateBy,
    },
};
use mitblick_protocol::{
    appointment::{Booking, NotBooked, Window as Validity},
    number::Routing,
};

const BEGINS_UNIX_S: u64 = 1_800_000_000;
const NUMBER: &str = "482 915 7309";

fn appointment(id: u64, state: AppointmentState) -> Appointment {
    let begins_unix_s = BEGINS_UNIX_S + id * 86_400;
    Appointment {
        id: AppointmentId(id),
        begins_unix_s,
        window: KeptWindow(Validity::new(begins_unix_s - 900, begins_unix_s + 3_600).unwrap()),
        subject: format!("Drucker {id}"),
        state,
    }
}

fn booked(id: u64) -> Appointment {
    appointment(id, AppointmentState::Booked(KeptNumber(NUMBER.parse().unwrap())))
}

fn view(appointments: impl IntoIterator<Item = Appointment>) -> AppointmentsView {
    let mut list = Appointments::default();
    for appointment in appointments {
        list.apply(AppointmentChange::Add(appointment), BEGINS_UNIX_S);
    }
    AppointmentsView { allowed: true, list: Some(Arc::new(list)), ..AppointmentsView::default() }
}

fn set(harness: &mut Harness<'_, Window>, view: AppointmentsView) {
    if let AdvisorScreen::Lobby { appointments, .. } = &mut harness.state_mut().view.screen {
        *appointments = view;
    }
    harness.run_steps(3);
}

fn in_lobby(view: AppointmentsView) -> Harness<'static, Window> {
    let mut harness = window_in(Language::English, vec2(1_000.0, 2_400.0), lobby(true, None));
    set(&mut harness, view);
    harness
}

fn screen(view: AppointmentsView) -> Harness<'static, Window> {
    let mut harness = in_lobby(view);
    click(&mut harness, "Appointments");
    harness
}

fn wanted_appointments(harness: &mut Harness<'_, Window>) -> Vec<AppointmentIntent> {
    let of = |intent| if let AdvisorIntent::Appointment(intent) = intent { Some(intent) } else { None };
    wanted(harness).into_iter().filter_map(of).collect()
}

fn fill(harness: &mut Harness<'_, Window>, label: &str, text: &str) {
    harness.get_by_role_and_label(egui::accesskit::Role::TextInput, label).focus();
    harness.run_steps(2);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.event(Event::Text(text.into()));
    harness.run_steps(3);
}

/// The name of a control that is about this appointment: its day is on the
/// clock of whoever runs the test.
fn named(harness: &Harness<'_, Window>, begin: &str) -> String {
    let all = harness.query_all_by_label_contains(begin);
    let names = all.filter_map(|node| node.accesskit_node().label().or_else(|| node.accesskit_node().value()));
    names.into_iter().find(|name| name.starts_with(begin)).unwrap()
}

#[test]
fn a_number_is_booked_for_the_day_and_time_that_were_typed() {
    let mut harness = screen(view([]));
    harness.get_by_label("There are no appointments.");
    click(&mut harness, "New appointment");
    fill(&mut harness, "Day", "1.4.2099");
    fill(&mut harness, "Time", "10:30");
    harness.get_by_label_contains("Wednesday, 1 April 2099, 10:30. The number is valid from 10:15 to 11:30.");
    click(&mut harness, "The customer can come until 30 minutes later");
    harness.get_by_label_contains("valid from 10:15 to 11:00.");
    click(&mut harness, "A day later");
    harness.get_by_label_contains("Thursday, 2 April 2099");
    fill(&mut harness, "What is it about? (only for your lists on this computer)", "Drucker");
    click(&mut harness, "Book a number");
    let wanted = wanted_appointments(&mut harness);
    let [AppointmentIntent::Book { begins_unix_s, late_by: LateBy::HalfHour, subject }] = wanted.as_slice() else {
        panic!("not booked")
    };
    assert_eq!((begins_unix_s % 1_800, subject.as_str()), (0, "Drucker"));
}

#[test]
fn what_is_no_day_no_time_or_has_been_is_said_and_not_booked() {
    let mut harness = screen(view([]));
    click(&mut harness, "New appointment");
    for (day, time, said) in [
        ("31.11.2099", "10:00", "That is not a day."),
        ("1.4.2099", "25", "That is not a time."),
        ("1.4.2019", "10:00", "That time has already passed."),
    ] {
        fill(&mut harness, "Day", day);
        fill(&mut harness, "Time", time);
        harness.get_by_label_contains(said);
        click(&mut harness, "Book a number");
        assert_eq!(wanted_appointments(&mut harness), [], "{day} {time}");
    }
    click(&mut harness, "Cancel");
    harness.get_by_label("New appointment");
}

#[test]
fn what_was_booked_is_there_for_eye_and_ear_with_an_invitation() {
    let mut harness = screen(view([]));
    click(&mut harness, "New appointment");
    let mut newer = view([booked(1), booked(2)]);
    newer.booked = Some(AppointmentId(2));
    set(&mut harness, newer);
    assert!(harness.query_by_label("Book a number").is_none());
    harness.get_by_label("Booked. Invite the customer now; they call you at the time agreed.");
    assert_eq!(harness.query_all_by_label("Number 4 8 2, 9 1 5, 7 3 0 9").count(), 2);
    click(&mut harness, "Put the number into it");
    click(&mut harness, "Write the invitation in the mail program");
    let (id, language) = (AppointmentId(2), Language::English);
    let write = AppointmentIntent::WriteMail { id, language, with_number: true };
    assert_eq!(wanted_appointments(&mut harness), [write]);
    click(&mut harness, "Done");
    assert!(harness.query_by_label("Put the number into it").is_none());
}

#[test]
fn cancelling_asks_once_more_and_what_has_ended_is_only_taken_off_the_list() {
    let mut harness = screen(view([booked(1)]));
    let cancel = named(&harness, "Cancel the appointment on");
    click(&mut harness, &cancel);
    assert_eq!(wanted_appointments(&mut harness), []);
    click(&mut harness, "Keep it");
    click(&mut harness, &cancel);
    click(&mut harness, "Really cancel it");
    assert_eq!(wanted_appointments(&mut harness), [AppointmentIntent::Cancel(AppointmentId(1))]);
    for (state, said) in [
        (AppointmentState::Used, "The customer was here."),
        (AppointmentState::Burned, "Somebody typed a wrong number."),
        (AppointmentState::Gone, "The number is not valid any more."),
    ] {
        let mut harness = screen(view([appointment(1, state)]));
        harness.get_by_label_contains(said);
        assert!(harness.query_by_label_contains("Number 4 8 2").is_none());
        let remove = named(&harness, "Take the appointment on");
        click(&mut harness, &remove);
        assert_eq!(wanted_appointments(&mut harness), [AppointmentIntent::Cancel(AppointmentId(1))]);
    }
}

#[test]
fn the_lobby_says_who_comes_next_who_can_come_now_and_whose_number_is_open() {
    let harness = in_lobby(view([booked(1), booked(2)]));
    assert!(named(&harness, "Next appointment: ").contains("Drucker 1"));
    let mut harness = in_lobby(AppointmentsView { due: Some(AppointmentId(2)), ..view([booked(1), booked(2)]) });
    assert!(named(&harness, "The customer of").contains("Drucker 2"));
    let open = named(&harness, "Open the number for");
    click(&mut harness, &open);
    assert_eq!(wanted_appointments(&mut harness), [AppointmentIntent::Open(AppointmentId(2))]);
    let harness = in_lobby(AppointmentsView { open: Some(AppointmentId(1)), ..view([booked(1)]) });
    assert!(named(&harness, "Appointment: ").contains("Drucker 1"));
    assert!(harness.query_by_label_contains("Next appointment").is_none());
}

#[test]
fn who_waits_for_an_appointment_is_let_in_by_a_click_and_seen_in_a_session_too() {
    let awaited = vec![AppointmentId(1)];
    let due = Some(AppointmentId(1));
    let mut harness = in_lobby(AppointmentsView { due, awaited, ..view([booked(1)]) });
    assert!(named(&harness, "A customer is waiting for this appointment: ").contains("Drucker 1"));
    let let_in = named(&harness, "Let in whoever waits for");
    click(&mut harness, &let_in);
    assert_eq!(wanted_appointments(&mut harness), [AppointmentIntent::Open(AppointmentId(1))]);
    click(&mut harness, "Appointments");
    harness.get_by_label("A customer is waiting for this.");
    let AdvisorScreen::Viewer(shown) = viewer(SharingState::Showing, ControlView::None) else { return };
    let shown = AdvisorScreen::Viewer(ViewerView { awaited: Some(BEGINS_UNIX_S), ..shown });
    let harness = window_in(Language::English, vec2(1_000.0, 700.0), shown);
    harness.get_by_label_contains("A customer is waiting for your appointment: ");
}

#[test]
fn what_lies_on_another_computer_or_is_forbidden_or_failed_is_said() {
    let window = Validity::new(BEGINS_UNIX_S, BEGINS_UNIX_S + 60).unwrap();
    let booking = Booking { routing: Routing::new(4_711).unwrap(), window };
    let problem = Some(Problem::NotBooked(NotBooked::TooMany));
    let mut harness = screen(AppointmentsView { elsewhere: vec![booking], problem, ..view([]) });
    harness.get_by_label_contains("You have booked as many numbers as you can.");
    let cancel = named(&harness, "Cancel the appointment on");
    click(&mut harness, &cancel);
    click(&mut harness, "Really cancel it");
    assert_eq!(wanted_appointments(&mut harness), [AppointmentIntent::CancelElsewhere(booking.routing)]);
    assert!(harness.query_by_label_contains("4711").is_none());
    let harness = screen(AppointmentsView { allowed: false, ..view([booked(1)]) });
    harness.get_by_label("The company's rules do not allow numbers for appointments.");
    assert!(harness.query_by_label("New appointment").is_none());
    harness.get_by_label("Number 4 8 2, 9 1 5, 7 3 0 9");
}

#[test]
fn the_keyboard_leads_back_and_a_customer_who_joins_comes_first() {
    let mut harness = screen(view([booked(1)]));
    harness.key_press(Key::Escape);
    harness.run_steps(3);
    harness.get_by_label("Copy number");
    click(&mut harness, "Appointments");
    if let AdvisorScreen::Lobby { checking, .. } = &mut harness.state_mut().view.screen {
        *checking = true;
    }
    harness.run_steps(3);
    assert!(harness.query_by_label("New appointment").is_none());
}

#[test]
fn at_double_size_nothing_leaves_the_window_sideways() {
    for language in Language::ALL {
        let mut harness = window_in(language, vec2(550.0, 380.0), lobby(true, None));
        let mut all = view([booked(1), appointment(2, AppointmentState::Burned)]);
        all.booked = Some(AppointmentId(1));
        set(&mut harness, all);
        harness.state_mut().local.appointments.open();
        harness.run_steps(3);
        fits_within(&harness, 550.0);
    }
}
