//! Appointments, as the controller has part in them: numbers booked at the
//! broker, their secret digits drawn and kept here, opened when they are due.

mod unwritten;

use super::{AdvisorController, AdvisorWork, Lobby, Stage, number::NumberWanted};
use crate::{
    appointments::{
        Appointment, AppointmentChange, AppointmentId, AppointmentState, Appointments, KeptNumber, KeptWindow, LateBy,
        cleaned, window,
    },
    controller::Effect,
    invitation::{Invitation, InvitedTo, Meeting},
    journal::{JournalEvent, JournalWork},
    language::{Language, Texts},
    problem::Problem,
};
use mitblick_protocol::{
    appointment::{Booking, MAX_BOOKINGS, NotBooked},
    broker_msg::{AttemptOutcome, NumberEnd, ToBroker},
    number::{Routing, SecretPart, SessionNumber},
    policy::AppointmentRule,
    time::Moment,
};
use std::{sync::Arc, time::Duration};
use unwritten::Unwritten;

/// At least so long between two tries to open a number that the broker does not
/// let be opened yet.
const LEAST_WAIT: Duration = Duration::from_secs(1);

/// What is shown of appointments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AppointmentsView {
    /// Whether the company's rules allow any.
    pub allowed: bool,
    /// The list; `None` until it has been read.
    pub list: Option<Arc<Appointments>>,
    /// Booked numbers whose secret digits are not on this computer.
    pub elsewhere: Vec<Booking>,
    /// The broker looks for a number.
    pub booking: bool,
    /// The appointment that was booked last.
    pub booked: Option<AppointmentId>,
    /// The appointment whose number is open.
    pub open: Option<AppointmentId>,
    /// One whose number could be open instead; if somebody waits for one, that.
    pub due: Option<AppointmentId>,
    /// Those for which somebody waits.
    pub awaited: Vec<AppointmentId>,
    /// Why something could not be done.
    pub problem: Option<Problem>,
}

/// What the advisor wants of appointments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AppointmentIntent {
    /// Have a number for this appointment.
    Book {
        /// The time agreed on, in seconds since 1970.
        begins_unix_s: u64,
        /// For how long after it the customer can come.
        late_by: LateBy,
        /// What it is about, for the own lists alone.
        subject: String,
    },
    /// It will not be: its number is void, and it is taken out of the list.
    Cancel(AppointmentId),
    /// The same for a number that was booked at another computer.
    CancelElsewhere(Routing),
    /// Open its number instead of the one that is open.
    Open(AppointmentId),
    /// Have the system's mail program write an invitation to it.
    WriteMail {
        /// To which.
        id: AppointmentId,
        /// In this language.
        language: Language,
        /// With its number in it.
        with_number: bool,
    },
}

/// What is waited for from the broker.
struct Draft {
    begins_unix_s: u64,
    subject: String,
}

/// All about appointments that is not in the list.
#[derive(Default)]
pub(super) struct Book {
    list: Option<Arc<Appointments>>,
    unwritten: Unwritten,
    /// What the broker said it has, until the list is there too.
    at_broker: Option<Vec<Booking>>,
    elsewhere: Vec<Booking>,
    /// Numbers for which somebody waits, as the broker says.
    awaited: Vec<Routing>,
    /// List and broker have been compared: it is known what there is and who
    /// waits for it.
    compared: bool,
    draft: Option<Draft>,
    /// A booked one that is on its way into the list.
    adding: Option<(AppointmentId, Routing)>,
    booked: Option<AppointmentId>,
    /// The time of day and when it was, by which days are kept apart from what
    /// the program counts: that stands still while the computer sleeps.
    clock: Option<(u64, Moment)>,
    /// When the next number can be opened.
    due_at: Option<Moment>,
    /// Since signing in nobody has asked for a number: the first one came by
    /// itself.
    unasked: bool,
    problem: Option<Problem>,
}

impl AdvisorController {
    fn allowed(&self) -> bool {
        self.rules.policy().limits.appointments == AppointmentRule::Allowed
    }

    /// The appointment whose number can be opened now: the first for which
    /// somebody waits, else the first.
    fn due(&self, now: Moment) -> Option<AppointmentId> {
        let unix_s = self.unix_s(now);
        let list = self.book.list.as_ref()?;
        let awaited = self.awaited().find(|appointment| appointment.is_due(unix_s));
        let due = awaited.or_else(|| list.due(unix_s))?.id;
        self.allowed().then_some(due)
    }

    /// The appointments for which somebody waits.
    fn awaited(&self) -> impl Iterator<Item = &Appointment> {
        let all = self.book.list.iter().flat_map(|list| list.all());
        let waits = |routing: Routing| self.book.awaited.contains(&routing);
        all.filter(move |appointment| appointment.routing().is_some_and(waits))
    }

    /// When the first of those began, for the advisor in a session.
    pub(super) fn awaited_since_unix_s(&self) -> Option<u64> {
        self.awaited().next().map(|appointment| appointment.begins_unix_s)
    }

    /// The broker says whether somebody waits for a number.
    pub(super) fn customer_waits(&mut self, routing: Routing, waits: bool, now: Moment) {
        self.book.awaited.retain(|other| *other != routing);
        if waits {
            self.book.awaited.push(routing);
        }
        self.open_due(now);
        self.publish();
    }

    /// Meanwhile nobody could say.
    pub(super) fn ask_who_waits(&mut self) {
        self.book.awaited.clear();
        self.tell_broker(ToBroker::ListBookings);
    }

    fn unix_s(&self, now: Moment) -> u64 {
        match self.book.clock {
            Some((unix_s, at)) => unix_s + now.since(at).as_secs(),
            None => self.config.unix_s_at_origin + now.as_ms() / 1_000,
        }
    }

    /// What it takes away is gone from here at once: until the file says so,
    /// it is not to be opened again.
    fn change_appointments(&mut self, change: AppointmentChange) {
        if let Some(owner) = self.owner() {
            self.book.unwritten.sent(change.clone());
            if let (Some(list), Some((unix_s, _))) = (&mut self.book.list, self.book.clock) {
                self.book.unwritten.applied_to(list, unix_s);
            }
            self.effects.push_back(Effect::Work(AdvisorWork::Notes(JournalWork::Appointments(owner, change))));
        }
    }

    /// Somebody has signed in: their list is read, and compared with what the
    /// broker has.
    pub(super) fn open_appointments(&mut self) {
        self.book = Book { unasked: true, ..Book::default() };
        self.change_appointments(AppointmentChange::Age);
        self.tell_broker(ToBroker::ListBookings);
    }

    /// Nobody is signed in: nobody's list is shown.
    pub(super) fn close_appointments(&mut self) {
        self.book = Book::default();
    }

    /// The appointment whose number is open.
    pub(super) fn open_appointment(&self) -> Option<AppointmentId> {
        match &self.stage {
            Stage::Lobby(Lobby { number: Some(open), .. }) => open.appointment,
            _ => None,
        }
    }

    pub(super) fn appointment(&self, id: AppointmentId) -> Option<&Appointment> {
        self.book.list.as_ref()?.get(id)
    }

    /// When a number becomes due, as long as something can be done about it.
    fn number_due_at(&self) -> Option<Moment> {
        self.book.due_at.filter(|_| matches!(self.stage, Stage::Lobby(_)))
    }

    /// When there is something to do for appointments.
    pub(super) fn appointments_due_at(&self) -> Option<Moment> {
        [self.number_due_at(), self.book.unwritten.due()].into_iter().flatten().min()
    }

    pub(super) fn appointments_view(&self, lobby: &Lobby, now: Moment) -> AppointmentsView {
        let open = lobby.number.as_ref().and_then(|open| open.appointment);
        let due = self.due(now);
        AppointmentsView {
            allowed: self.allowed(),
            list: self.book.list.clone(),
            elsewhere: self.book.elsewhere.clone(),
            booking: self.book.draft.is_some() || self.book.adding.is_some(),
            booked: self.book.booked,
            open,
            due: due.filter(|due| Some(*due) != open),
            awaited: self.awaited().map(|appointment| appointment.id).collect(),
            problem: self.book.problem.clone(),
        }
    }

    pub(super) fn handle_appointment_intent(&mut self, intent: AppointmentIntent, now: Moment) {
        if !matches!(self.stage, Stage::Lobby(_)) {
            return self.effects.push_back(Effect::Complain(Problem::NotNow));
        }
        self.book.problem = None;
        match intent {
            AppointmentIntent::Book { begins_unix_s, late_by, subject } => {
                self.book(begins_unix_s, late_by, subject, now);
            }
            AppointmentIntent::Cancel(id) => {
                // Also if its time is over here: that may not be so at the broker.
                let live = self.book.list.as_ref().and_then(|list| list.live().find(|(live, _)| *live == id));
                if let Some((_, routing)) = live {
                    self.tell_broker(ToBroker::CancelBooking(routing));
                }
                self.change_appointments(AppointmentChange::Remove(id));
            }
            AppointmentIntent::CancelElsewhere(routing) => {
                self.book.elsewhere.retain(|booking| booking.routing != routing);
                self.tell_broker(ToBroker::CancelBooking(routing));
            }
            AppointmentIntent::Open(id) => {
                let unix_s = self.unix_s(now);
                let is_due = self.appointment(id).is_some_and(|appointment| appointment.is_due(unix_s));
                if is_due && self.allowed() {
                    self.want_booked(id);
                } else {
                    self.effects.push_back(Effect::Complain(Problem::NotNow));
                }
            }
            AppointmentIntent::WriteMail { id, language, with_number } => {
                self.write_appointment_mail(id, language, with_number);
            }
        }
        self.publish();
    }

    /// The person, or the time, wants the number of this appointment.
    fn want_booked(&mut self, id: AppointmentId) {
        if let Some(routing) = self.appointment(id).and_then(Appointment::routing) {
            self.want(NumberWanted::Booked(id, routing));
        }
    }

    fn book(&mut self, begins_unix_s: u64, late_by: LateBy, subject: String, now: Moment) {
        // Those that have ended are in the list, but booked no longer.
        let is_full = |list: &Arc<Appointments>| {
            list.all().iter().filter(|appointment| appointment.number().is_some()).count() >= MAX_BOOKINGS
        };
        let why_not = if !self.allowed() {
            Some(NotBooked::Forbidden)
        } else if self.book.list.as_ref().is_some_and(is_full) {
            Some(NotBooked::TooMany)
        } else {
            None
        };
        let window = window(begins_unix_s, late_by).filter(|window| window.can_be_booked_at(self.unix_s(now)));
        let problem = match (why_not, window) {
            (Some(why), _) => Problem::NotBooked(why),
            (None, None) => Problem::NotBooked(NotBooked::OutOfTime),
            // One after the other, and none that could not be kept.
            (None, Some(_)) if self.book.list.is_none() || self.book.draft.is_some() || self.book.adding.is_some() => {
                Problem::NotNow
            }
            (None, Some(window)) => {
                self.book.draft = Some(Draft { begins_unix_s, subject: cleaned(subject) });
                self.book.booked = None;
                return self.tell_broker(ToBroker::Book { window });
            }
        };
        self.appointment_problem(problem);
    }

    fn appointment_problem(&mut self, problem: Problem) {
        self.effects.push_back(Effect::Complain(problem.clone()));
        self.book.problem = Some(problem);
    }

    pub(super) fn booked(&mut self, booking: Booking) {
        let Some(Draft { begins_unix_s, subject }) = self.book.draft.take() else { return };
        let secret = SecretPart::draw(&mut self.config.entropy);
        let mut drawn = [0; 8];
        (self.config.entropy)(&mut drawn);
        let id = AppointmentId(u64::from_be_bytes(drawn));
        let number = KeptNumber(SessionNumber::new(booking.routing, secret));
        self.book.adding = Some((id, booking.routing));
        self.change_appointments(AppointmentChange::Add(Appointment {
            id,
            begins_unix_s,
            window: KeptWindow(booking.window),
            subject,
            state: AppointmentState::Booked(number),
        }));
        self.publish();
    }

    pub(super) fn not_booked(&mut self, why: NotBooked) {
        if self.book.draft.take().is_some() {
            self.appointment_problem(Problem::NotBooked(why));
            self.publish();
        }
    }

    pub(super) fn bookings(&mut self, bookings: Vec<Booking>, now: Moment) {
        self.book.at_broker = Some(bookings);
        self.compare(now);
    }

    /// Once both are there: what the broker does not know is void, and what is
    /// not in the list lies on another computer.
    fn compare(&mut self, now: Moment) {
        let (Some(list), Some(_)) = (self.book.list.clone(), &self.book.at_broker) else { return };
        let Some(at_broker) = self.book.at_broker.take() else { return };
        let unix_s = self.unix_s(now);
        let known = |routing| at_broker.iter().any(|booking| booking.routing == routing);
        for (id, _) in list.live().filter(|(_, routing)| !known(*routing)) {
            self.change_appointments(AppointmentChange::Ended(id, AppointmentState::Gone));
        }
        let own = |booking: &Booking| list.live().any(|(_, routing)| routing == booking.routing);
        // The line may have broken before the broker heard that it was used or
        // burned.
        let (void, elsewhere): (Vec<Booking>, _) =
            at_broker.iter().copied().filter(|booking| !own(booking)).partition(|booking| list.is_void(*booking));
        self.book.elsewhere = elsewhere;
        for booking in void {
            self.tell_broker(ToBroker::CancelBooking(booking.routing));
        }
        self.book.elsewhere.retain(|booking| booking.window.closes_unix_s() > unix_s);
        if !std::mem::replace(&mut self.book.compared, true) {
            self.open_due_first(now);
        }
        self.open_due(now);
        self.publish();
    }

    /// The broker does not have this number booked any more.
    pub(super) fn no_booking(&mut self, routing: Routing) {
        self.book.elsewhere.retain(|booking| booking.routing != routing);
        let gone = self.book.list.as_ref().and_then(|list| list.live().find(|(_, live)| *live == routing));
        if let Some((id, _)) = gone {
            self.change_appointments(AppointmentChange::Ended(id, AppointmentState::Gone));
        }
        // It may be the answer to a cancelling while another is being opened.
        self.not_opened(|asked| asked == routing);
        self.publish();
    }

    /// The broker's clock is behind this one.
    pub(super) fn not_yet(&mut self, wait_s: u32, now: Moment) {
        self.book.due_at = Some(now.after(LEAST_WAIT.max(Duration::from_secs(wait_s.into()))));
        self.not_opened(|_| true);
    }

    /// The number of an appointment could not be opened, if that is what was
    /// asked for: what is wanted meanwhile is.
    fn not_opened(&mut self, is_that: impl Fn(Routing) -> bool) {
        let Stage::Lobby(lobby) = &mut self.stage else { return };
        let is_it = |asked: &mut NumberWanted| matches!(*asked, NumberWanted::Booked(_, routing) if is_that(routing));
        if lobby.asked.take_if(is_it).is_some()
            && let Some(wanted) = lobby.want.take()
        {
            self.ask_for_number(wanted);
        }
    }

    pub(super) fn handle_appointments(&mut self, event: JournalEvent, now: Moment) {
        match event {
            // Somebody else may have signed in meanwhile.
            JournalEvent::Appointments { owner, change, mut list, unix_s } if self.owner().as_ref() == Some(&owner) => {
                self.book.unwritten.written(&change);
                self.book.unwritten.applied_to(&mut list, unix_s);
                self.book.problem.take_if(|problem| matches!(problem, Problem::AppointmentsUnusable(_)));
                self.book.clock = Some((unix_s, now));
                let added = self.book.adding.take_if(|(id, _)| list.get(*id).is_some());
                self.book.booked = added.map(|(id, _)| id).or(self.book.booked);
                self.book.list = Some(list);
                self.compare(now);
                self.open_due(now);
            }
            JournalEvent::AppointmentsFailed { owner, change, problem } if self.owner().as_ref() == Some(&owner) => {
                // A number that nobody can tell is none.
                if let AppointmentChange::Add(appointment) = &change
                    && let Some((_, routing)) = self.book.adding.take_if(|(id, _)| *id == appointment.id)
                {
                    self.tell_broker(ToBroker::CancelBooking(routing));
                }
                self.book.unwritten.failed(change, now);
                self.appointment_problem(problem);
            }
            _ => {}
        }
        self.publish();
    }

    /// The person asks for a number: it is no longer the one that came by itself.
    pub(super) fn number_was_asked_for(&mut self) {
        self.book.unasked = false;
    }

    /// The appointment whose number opens by itself. Who waits already would be
    /// here in the same moment, with nobody asked: they are let in by a click.
    fn opens_by_itself(&self, now: Moment) -> Option<AppointmentId> {
        self.due(now).filter(|due| self.awaited().all(|awaited| awaited.id != *due))
    }

    /// Right after signing in, the number that came by itself gives way.
    fn open_due_first(&mut self, now: Moment) {
        if let (Some(id), true, Stage::Lobby(_)) = (self.opens_by_itself(now), self.book.unasked, &self.stage) {
            self.want_booked(id);
        }
    }

    /// Opens the number of an appointment that is due, if none is open, and
    /// notes when to look again.
    pub(super) fn open_due(&mut self, now: Moment) {
        let unix_s = self.unix_s(now);
        let Some(list) = &self.book.list else { return };
        self.book.due_at = list.next_due_in(unix_s).map(|wait| now.after(wait.max(LEAST_WAIT)));
        let Some(due) = self.opens_by_itself(now).filter(|_| self.book.compared) else { return };
        if let Stage::Lobby(Lobby { number: None, want: None, asked: None, attempt: None, .. }) = &self.stage {
            self.want_booked(due);
        }
    }

    pub(super) fn appointments_timeout(&mut self, now: Moment) {
        for change in self.book.unwritten.again(now) {
            self.change_appointments(change);
        }
        if self.number_due_at().is_some_and(|at| at <= now) {
            self.book.due_at = None;
            self.open_due(now);
            self.publish();
        }
    }

    /// The number of an appointment was tried.
    pub(super) fn appointment_judged(&mut self, id: Option<AppointmentId>, outcome: AttemptOutcome) {
        let state = match outcome {
            AttemptOutcome::Confirmed => AppointmentState::Used,
            AttemptOutcome::Burned => AppointmentState::Burned,
            AttemptOutcome::Unproven => return,
        };
        self.appointment_ended(id, state);
    }

    /// The number of an appointment was closed by the broker.
    pub(super) fn appointment_closed(&mut self, id: Option<AppointmentId>, why: NumberEnd) {
        match why {
            NumberEnd::Burned | NumberEnd::TooManyAttempts => self.appointment_ended(id, AppointmentState::Burned),
            NumberEnd::Expired => self.appointment_ended(id, AppointmentState::Gone),
            NumberEnd::Closed => {}
        }
    }

    fn appointment_ended(&mut self, id: Option<AppointmentId>, state: AppointmentState) {
        if let Some(id) = id {
            self.change_appointments(AppointmentChange::Ended(id, state));
        }
    }

    fn write_appointment_mail(&mut self, id: AppointmentId, language: Language, with_number: bool) {
        let texts = Texts::of(language);
        let Some(appointment) = self.appointment(id).cloned() else { return };
        if let Stage::Lobby(lobby) = &mut self.stage {
            lobby.problem = None;
        }
        let meeting = Meeting::of(texts, &appointment);
        let number = appointment
            .number()
            .filter(|_| with_number)
            .map(|number| InvitedTo { number: number.to_string(), until: meeting.until.clone() });
        let invitation = Invitation {
            advisor: &self.advisor,
            organisation: &self.organisation,
            page: &super::drive::page(&self.config.broker_place),
            number: number.as_ref(),
            meeting: Some(&meeting),
        };
        let uri = invitation.mail(texts);
        self.effects.push_back(Effect::Work(AdvisorWork::WriteMail(uri)));
    }
}
