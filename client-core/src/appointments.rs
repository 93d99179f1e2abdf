//! The advisor's appointments: numbers booked at the broker for a window of
//! time. Their secret digits lie here, on the advisor's computer, and nowhere
//! else until a person tells them. Pure; `journal::worker` keeps the list in a
//! file.

mod when;

pub(crate) use when::window;
pub use when::{Day, LateBy, WhenError, WhenTyped};

use crate::journal::Words;
use mitblick_protocol::{
    appointment::{Window, WindowState},
    number::{Routing, SessionNumber},
};
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};

/// A number opens so long before the time agreed on: people are early.
pub const EARLY: Duration = Duration::from_secs(15 * 60);
/// What is over stays in the list for so long.
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
    /// What has become of its number. Secret digits are kept no longer than they
    /// can be used.
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
    /// This has become of one; only of one that was still booked.
    Ended(AppointmentId, AppointmentState),
    /// It is taken out of the list.
    Remove(AppointmentId),
}

/// The list, what comes first first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointments(Vec<Appointment>);

impl Appointments {
    /// All of them.
    pub fn all(&self) -> &[Appointment] {
        &self.0
    }

    /// The one with this id.
    pub fn get(&self, id: AppointmentId) -> Option<&Appointment> {
        self.0.iter().find(|appointment| appointment.id == id)
    }

    /// The first whose number can be opened at this moment.
    pub fn due(&self, unix_s: u64) -> Option<&Appointment> {
        self.0.iter().find(|appointment| appointment.is_due(unix_s))
    }

    /// Until the next number can be opened.
    pub fn next_due_in(&self, unix_s: u64) -> Option<Duration> {
        self.0.iter().filter_map(|appointment| appointment.due_in(unix_s)).min()
    }

    /// Makes a change; then what was over a day ago is gone. What is said of an
    /// appointment that is not there any more changes nothing.
    pub fn apply(&mut self, change: AppointmentChange, now_unix_s: u64) {
        match change {
            AppointmentChange::Age => {}
            AppointmentChange::Add(appointment) => {
                let subject = cleaned(appointment.subject);
                let at = self.0.partition_point(|other| other.begins_unix_s <= appointment.begins_unix_s);
                self.0.insert(at, Appointment { subject, ..appointment });
            }
            AppointmentChange::Ended(id, state) => {
                let booked =
                    self.0.iter_mut().find(|appointment| appointment.id == id && appointment.number().is_some());
                if let Some(appointment) = booked {
                    appointment.state = state;
                }
            }
            AppointmentChange::Remove(id) => self.0.retain(|appointment| appointment.id != id),
        }
        for appointment in &mut self.0 {
            if appointment.number().is_some() && appointment.window.0.at(now_unix_s) == WindowState::Over {
                appointment.state = AppointmentState::Gone;
            }
        }
        let kept_s = KEPT_AFTER.as_secs();
        self.0.retain(|appointment| appointment.window.0.closes_unix_s().saturating_add(kept_s) > now_unix_s);
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
        let mut list = list(&[0, 0, 0]);
        list.apply(AppointmentChange::Ended(AppointmentId(1), AppointmentState::Used), NOW);
        list.apply(AppointmentChange::Ended(AppointmentId(1), AppointmentState::Burned), NOW);
        list.apply(AppointmentChange::Ended(AppointmentId(2), AppointmentState::Burned), NOW);
        assert_eq!(list.get(AppointmentId(1)).unwrap().state, AppointmentState::Used);
        list.apply(AppointmentChange::Age, NOW + 3_600);
        assert!(list.all().iter().all(|appointment| appointment.number().is_none()));
        let kept = serde_json::to_string(&list).unwrap();
        assert!(!kept.contains("7309"), "{kept}");
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
