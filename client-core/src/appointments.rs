//! The advisor's appointments: numbers booked at the broker for a window of
//! time. Their secret digits lie here, on the advisor's computer, and nowhere
//! else until a person tells them. Pure; `journal::worker` keeps the list in a
//! file.

mod when;

pub(crate) use when::window;
pub use when::{Day, LateBy, WhenError, WhenTyped};

use crate::journal::Words;
use mitblick_protocol::{
    appointment::{Booking, Window, WindowState},
    number::{Routing, SessionNumber},
};
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};

/// A number opens so long before the time agreed on: people are early.
pub const EARLY: Duration = Duration::from_secs(15 * 60);
/// What is over stays in the list for so long, and so do the digits of what only
/// the clock has ended: one that is wrong is put right meanwhile.
const KEPT_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// An appointment in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AppointmentId(pub u64);

/// A whole number as it is kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeptNumber(pub SessionNumber);

impl fmt::Debug for KeptNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<String> for KeptNumber {
    type Error = mitblick_protocol::number::NumberError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(Self)
    }
}

impl From<KeptNumber> for String {
    fn from(number: KeptNumber) -> Self {
        number.0.to_string()
    }
}

/// A window as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "(u64, u64)", into = "(u64, u64)")]
pub struct KeptWindow(pub Window);

impl TryFrom<(u64, u64)> for KeptWindow {
    type Error = &'static str;

    fn try_from((opens_unix_s, closes_unix_s): (u64, u64)) -> Result<Self, Self::Error> {
        Window::new(opens_unix_s, closes_unix_s).map(Self).ok_or("not a window of time")
    }
}

impl From<KeptWindow> for (u64, u64) {
    fn from(window: KeptWindow) -> Self {
        (window.0.opens_unix_s(), window.0.closes_unix_s())
    }
}

/// A routing part as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
struct KeptRouting(Routing);

impl TryFrom<u16> for KeptRouting {
    type Error = &'static str;

    fn try_from(value: u16) -> Result<Self, Self::Error> {
        Routing::new(value).map(Self).ok_or("not a routing part")
    }
}

impl From<KeptRouting> for u16 {
    fn from(routing: KeptRouting) -> Self {
        routing.0.value()
    }
}

/// What is kept of the number of an appointment that has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum EndedNumber {
    /// Its time is over by the clock alone: all of it, in case that is wrong.
    Over(KeptNumber),
    /// It is void: the part that the broker knows.
    Void(KeptRouting),
}

/// What has become of an appointment's number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppointmentState {
    /// It is valid in its window.
    Booked(KeptNumber),
    /// A customer has come by it.
    Used,
    /// Somebody did not know its secret digits: it is void.
    Burned,
    /// The broker does not know it any more.
    Gone,
}

/// An appointment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointment {
    /// Which.
    pub id: AppointmentId,
    /// The time agreed on, in seconds since 1970.
    pub begins_unix_s: u64,
    /// When its number is valid.
    pub window: KeptWindow,
    /// What it is about, for the own lists alone.
    pub subject: String,
    /// What has become of its number.
    pub state: AppointmentState,
}

impl Appointment {
    /// Its number, as long as it can be used.
    pub fn number(&self) -> Option<&SessionNumber> {
        match &self.state {
            AppointmentState::Booked(number) => Some(&number.0),
            AppointmentState::Used | AppointmentState::Burned | AppointmentState::Gone => None,
        }
    }

    /// The part of it that the broker knows, as long as it can be used.
    pub fn routing(&self) -> Option<Routing> {
        self.number().map(SessionNumber::routing)
    }

    /// Whether its number can be opened at this moment.
    pub fn is_due(&self, unix_s: u64) -> bool {
        self.number().is_some() && matches!(self.window.0.at(unix_s), WindowState::Open { .. })
    }

    /// Until its number can be opened; `None` if that is now or never again.
    pub fn due_in(&self, unix_s: u64) -> Option<Duration> {
        match (self.number(), self.window.0.at(unix_s)) {
            (Some(_), WindowState::Ahead { wait }) => Some(wait),
            _ => None,
        }
    }
}

/// A change of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AppointmentChange {
    /// None but what time does.
    Age,
    /// A number is booked.
    Add(Appointment),
    /// This has become of one; only of one that was not void yet.
    Ended(AppointmentId, AppointmentState),
    /// It is taken out of the list.
    Remove(AppointmentId),
}

/// The list, what comes first first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Entry>", into = "Vec<Entry>")]
pub struct Appointments {
    all: Vec<Appointment>,
    /// The numbers of those that have ended. Secret digits are among them only
    /// as long as the clock may be wrong.
    ended: Vec<(AppointmentId, EndedNumber)>,
}

/// An appointment as it is kept. What was written without a number that has
/// ended is read as well.
#[derive(Clone, Serialize, Deserialize)]
struct Entry {
    #[serde(flatten)]
    appointment: Appointment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended: Option<EndedNumber>,
}

impl From<Vec<Entry>> for Appointments {
    fn from(entries: Vec<Entry>) -> Self {
        let mut list = Self::default();
        for Entry { appointment, ended } in entries {
            list.ended.extend(ended.map(|number| (appointment.id, number)));
            list.all.push(appointment);
        }
        list
    }
}

impl From<Appointments> for Vec<Entry> {
    fn from(list: Appointments) -> Self {
        let Appointments { all, ended } = list;
        let number = |id: AppointmentId| ended.iter().find(|(other, _)| *other == id).map(|(_, number)| number.clone());
        all.into_iter().map(|appointment| Entry { ended: number(appointment.id), appointment }).collect()
    }
}

impl Appointments {
    /// All of them.
    pub fn all(&self) -> &[Appointment] {
        &self.all
    }

    /// The one with this id.
    pub fn get(&self, id: AppointmentId) -> Option<&Appointment> {
        self.all.iter().find(|appointment| appointment.id == id)
    }

    /// The number of one that is not void: it can be used, or could be if the
    /// clock is wrong.
    fn live_number(&self, id: AppointmentId) -> Option<&SessionNumber> {
        let over = || {
            self.ended.iter().find_map(|(other, number)| match number {
                EndedNumber::Over(number) if *other == id => Some(&number.0),
                EndedNumber::Over(_) | EndedNumber::Void(_) => None,
            })
        };
        self.get(id)?.number().or_else(over)
    }

    /// Those whose number is not void, with the part of it that the broker
    /// knows. What only the clock has ended is among them.
    pub(crate) fn live(&self) -> impl Iterator<Item = (AppointmentId, Routing)> {
        self.all.iter().filter_map(|appointment| Some((appointment.id, self.live_number(appointment.id)?.routing())))
    }

    /// Whether this booking is of a number that is void here.
    pub(crate) fn is_void(&self, booking: Booking) -> bool {
        let is_its = |number: &EndedNumber| matches!(number, EndedNumber::Void(kept) if kept.0 == booking.routing);
        let same_window = |id| self.get(id).is_some_and(|appointment| appointment.window.0 == booking.window);
        self.ended.iter().any(|(id, number)| is_its(number) && same_window(*id))
    }

    /// The first whose number can be opened at this moment.
    pub fn due(&self, unix_s: u64) -> Option<&Appointment> {
        self.all.iter().find(|appointment| appointment.is_due(unix_s))
    }

    /// Until the next number can be opened.
    pub fn next_due_in(&self, unix_s: u64) -> Option<Duration> {
        self.all.iter().filter_map(|appointment| appointment.due_in(unix_s)).min()
    }

    /// Makes a change; then what was over a day ago is gone. What is said of an
    /// appointment that is not there any more changes nothing.
    pub fn apply(&mut self, change: AppointmentChange, now_unix_s: u64) {
        match change {
            AppointmentChange::Age => {}
            AppointmentChange::Add(appointment) => {
                let subject = cleaned(appointment.subject);
                let at = self.all.partition_point(|other| other.begins_unix_s <= appointment.begins_unix_s);
                self.all.insert(at, Appointment { subject, ..appointment });
            }
            AppointmentChange::Ended(id, state) => self.end(id, state),
            AppointmentChange::Remove(id) => self.all.retain(|appointment| appointment.id != id),
        }
        self.follow_clock(now_unix_s);
        let kept_s = KEPT_AFTER.as_secs();
        self.all.retain(|appointment| appointment.window.0.closes_unix_s().saturating_add(kept_s) > now_unix_s);
        let all = &self.all;
        self.ended.retain(|(id, _)| all.iter().any(|appointment| appointment.id == *id));
    }

    /// The number of one is void, and its secret digits are erased.
    fn end(&mut self, id: AppointmentId, state: AppointmentState) {
        let Some(routing) = self.live_number(id).map(SessionNumber::routing) else { return };
        for appointment in self.all.iter_mut().filter(|appointment| appointment.id == id) {
            appointment.state = state.clone();
        }
        self.ended.retain(|(other, _)| *other != id);
        self.ended.push((id, EndedNumber::Void(KeptRouting(routing))));
    }

    /// What is over by the clock can't be used, and what the clock ended too
    /// early can be again.
    fn follow_clock(&mut self, now_unix_s: u64) {
        for appointment in &mut self.all {
            let id = appointment.id;
            let is_over = appointment.window.0.at(now_unix_s) == WindowState::Over;
            if let (AppointmentState::Booked(number), true) = (&appointment.state, is_over) {
                self.ended.push((id, EndedNumber::Over(number.clone())));
                appointment.state = AppointmentState::Gone;
            } else if !is_over {
                let is_its = |(other, number): &(AppointmentId, EndedNumber)| {
                    *other == id && matches!(number, EndedNumber::Over(_))
                };
                if let Some(at) = self.ended.iter().position(is_its)
                    && let (_, EndedNumber::Over(number)) = self.ended.remove(at)
                {
                    appointment.state = AppointmentState::Booked(number);
                }
            }
        }
    }
}

/// A subject with nothing that can't be shown, and no longer than it may be.
pub fn cleaned(subject: String) -> String {
    Words { subject, ..Words::default() }.cleaned().subject
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000;

    fn appointment(id: u64, opens_in_s: u64) -> Appointment {
        let opens = NOW + opens_in_s;
        Appointment {
            id: AppointmentId(id),
            begins_unix_s: opens + EARLY.as_secs(),
            window: KeptWindow(Window::new(opens, opens + 3_600).unwrap()),
            subject: "Drucker\n".into(),
            state: AppointmentState::Booked(KeptNumber("482 915 7309".parse().unwrap())),
        }
    }

    fn list(opens_in_s: &[u64]) -> Appointments {
        let mut list = Appointments::default();
        for (id, opens_in_s) in (1..).zip(opens_in_s) {
            list.apply(AppointmentChange::Add(appointment(id, *opens_in_s)), NOW);
        }
        list
    }

    fn ids(list: &Appointments) -> Vec<u64> {
        list.all().iter().map(|appointment| appointment.id.0).collect()
    }

    #[test]
    fn what_comes_first_is_first_and_due_in_its_window_alone() {
        let list = list(&[7_200, 600, 3_600]);
        assert_eq!(ids(&list), [2, 3, 1]);
        let due = |at| list.due(at).map(|appointment| appointment.id.0);
        assert_eq!([due(NOW), due(NOW + 599), due(NOW + 600), due(NOW + 4_199)], [None, None, Some(2), Some(2)]);
        assert_eq!([due(NOW + 4_200), due(NOW + 10_800)], [Some(3), None]);
        assert_eq!(list.next_due_in(NOW), Some(Duration::from_secs(600)));
        assert_eq!(list.next_due_in(NOW + 600), Some(Duration::from_secs(3_000)));
        assert_eq!(list.next_due_in(NOW + 7_200), None);
        assert_eq!(list.all()[0].subject, "Drucker");
    }

    #[test]
    fn secret_digits_are_gone_when_they_can_not_be_used_any_more() {
        let mut list = list(&[0, 0]);
        list.apply(AppointmentChange::Ended(AppointmentId(1), AppointmentState::Used), NOW);
        list.apply(AppointmentChange::Ended(AppointmentId(1), AppointmentState::Burned), NOW);
        list.apply(AppointmentChange::Ended(AppointmentId(2), AppointmentState::Burned), NOW);
        assert_eq!(list.get(AppointmentId(1)).unwrap().state, AppointmentState::Used);
        assert!(list.all().iter().all(|appointment| appointment.number().is_none()));
        let kept = kept(&list);
        assert!(!kept.contains("7309"), "{kept}");
    }

    fn kept(list: &Appointments) -> String {
        serde_json::to_string(list).unwrap()
    }

    #[test]
    fn a_clock_that_is_ahead_for_some_hours_erases_no_digits() {
        let (over, id) = (NOW + 3_600, AppointmentId(1));
        let mut list = list(&[0]);
        let before = list.clone();
        list.apply(AppointmentChange::Age, over);
        assert_eq!((&list.get(id).unwrap().state, list.live().count()), (&AppointmentState::Gone, 1));
        assert_eq!((list.due(over), list.due(NOW)), (None, None));
        assert_eq!(serde_json::from_str::<Appointments>(&kept(&list)).unwrap(), list);
        list.apply(AppointmentChange::Age, NOW);
        assert_eq!(list, before);
        // What the broker says is so whatever the clock says.
        list.apply(AppointmentChange::Age, over);
        list.apply(AppointmentChange::Ended(id, AppointmentState::Gone), over);
        list.apply(AppointmentChange::Age, NOW);
        assert_eq!((&list.get(id).unwrap().state, list.live().count()), (&AppointmentState::Gone, 0));
        assert!(!kept(&list).contains("7309"));
        let mut late = before;
        late.apply(AppointmentChange::Age, over + 86_399);
        assert!(kept(&late).contains("7309"));
        late.apply(AppointmentChange::Age, over + 86_400);
        assert!(!kept(&late).contains("7309"));
    }

    #[test]
    fn a_booking_is_of_a_void_number_only_if_both_its_digits_and_its_window_are() {
        let mut list = list(&[600, 600]);
        let number = list.get(AppointmentId(1)).unwrap().routing().unwrap();
        let window = |opens: u64| Window::new(opens, opens + 3_600).unwrap();
        let booking = |routing, opens_in_s: u64| Booking { routing, window: window(NOW + opens_in_s) };
        assert!(!list.is_void(booking(number, 600)), "it is not");
        list.apply(AppointmentChange::Ended(AppointmentId(1), AppointmentState::Used), NOW);
        let again: Appointments = serde_json::from_str(&kept(&list)).unwrap();
        for list in [list, again] {
            assert!(list.is_void(booking(number, 600)));
            assert!(!list.is_void(booking(number, 601)));
            assert!(!list.is_void(booking(Routing::new(1).unwrap(), 600)));
        }
    }

    #[test]
    fn a_list_that_was_kept_without_numbers_that_have_ended_is_read() {
        let entry = |end: &str| {
            let window = format!("[{},{}]", NOW + 600, NOW + 4_200);
            format!(r#"[{{"id":1,"begins_unix_s":{NOW},"window":{window},"subject":"x","state":"used"{end}}}]"#)
        };
        let list: Appointments = serde_json::from_str(&entry("")).unwrap();
        assert_eq!((list.all().len(), list.live().count()), (1, 0));
        assert_eq!(kept(&list), entry(""));
        for (end, is_read) in [
            (r#","ended":{"void":4829}"#, true),
            (r#","ended":{"void":10000}"#, false),
            (r#","ended":{"over":"482 915 7300"}"#, false),
        ] {
            assert_eq!(serde_json::from_str::<Appointments>(&entry(end)).is_ok(), is_read, "{end}");
        }
    }

    #[test]
    fn what_was_over_a_day_ago_is_not_kept() {
        let mut list = list(&[0, 86_400]);
        list.apply(AppointmentChange::Age, NOW + 3_600 + 86_399);
        assert_eq!(ids(&list), [1, 2]);
        list.apply(AppointmentChange::Age, NOW + 3_600 + 86_400);
        assert_eq!(ids(&list), [2]);
        list.apply(AppointmentChange::Remove(AppointmentId(2)), NOW);
        list.apply(AppointmentChange::Remove(AppointmentId(9)), NOW);
        assert_eq!(ids(&list), [0; 0]);
    }

    #[test]
    fn it_comes_back_from_its_file_and_nothing_odd_does() {
        let list = list(&[600]);
        let kept = serde_json::to_string(&list).unwrap();
        assert_eq!(serde_json::from_str::<Appointments>(&kept).unwrap(), list);
        for (present, odd) in [("482 915 7309", "482 915 7300"), ("[1800000600,1800004200]", "[1800000600,1800000600]")]
        {
            assert!(kept.contains(present), "{kept}");
            assert!(serde_json::from_str::<Appointments>(&kept.replace(present, odd)).is_err());
        }
        assert!(!format!("{list:?}").contains("7309"), "numbers stay out of logs");
    }
}
