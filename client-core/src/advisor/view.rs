//! What the advisor's window shows, and what the advisor can want.

pub use super::controller::{
    appointments::{AppointmentIntent, AppointmentsView},
    notes::{NotesIntent, NotesView},
};
use super::{
    guide::AdvisorGuide,
    picture::PictureStore,
    turn::{AdvisorTurn, TurnView},
};
use crate::{
    customer::ControlView,
    images::Faces,
    language::Language,
    line::LineView,
    problem::Problem,
    together::{TogetherIntent, TogetherView},
    ui::format,
    workplace_key::KeyPlace,
};
use mitblick_protocol::{
    input::{InputEvent, InputRefusal},
    peer_msg::{RecordingState, SharingState, Surface},
    session::{AskState, AskedMore},
};
use std::{path::PathBuf, sync::Arc};

/// Everything that the advisor's window shows, apart from what is being typed.
#[derive(Clone)]
pub struct AdvisorView {
    /// Which screen.
    pub screen: AdvisorScreen,
    /// This advisor and the company, as customers see them.
    pub faces: Faces,
    /// What went wrong with the newest recording.
    pub recording_problem: Option<Problem>,
}

/// One screen.
#[derive(Clone)]
pub enum AdvisorScreen {
    /// Name and password.
    SignIn {
        /// Name to begin with.
        user: String,
        /// Host of the broker, to be shown.
        broker: String,
        /// On the way.
        busy: bool,
        /// Why the last try failed.
        problem: Option<Problem>,
        /// Where this workplace's key is.
        key: KeyView,
    },
    /// The code of the second factor.
    Code {
        /// Whose.
        user: String,
        /// On the way.
        busy: bool,
        /// Why the last one was not accepted.
        problem: Option<Problem>,
    },
    /// This workplace waits to be approved.
    WorkplaceWaits {
        /// Its name.
        name: String,
        /// Six digits to read out, as they are shown: `042 917`.
        code: String,
    },
    /// The account is signed in at another workplace.
    Elsewhere {
        /// Its name.
        workplace: String,
        /// Whether a session goes on there.
        in_session: bool,
        /// On the way.
        busy: bool,
    },
    /// Locked; nothing of a session is shown.
    Locked {
        /// Whose password unlocks it.
        user: String,
        /// Whether a session goes on.
        in_session: bool,
        /// Why the last password did not.
        problem: Option<Problem>,
    },
    /// An initial password is exchanged for one's own.
    NewPassword {
        /// Whose.
        user: String,
        /// On the way.
        busy: bool,
        /// Why the last one was not accepted.
        problem: Option<Problem>,
    },
    /// Waiting for a customer, or about to.
    Lobby {
        /// The name that customers are shown.
        advisor: String,
        /// The company.
        organisation: String,
        /// Where customers get their program.
        page: String,
        /// The open number, if one is.
        number: Option<NumberView>,
        /// Someone has joined, the number is being checked.
        checking: bool,
        /// How the last number or session ended.
        last: Option<LastSession>,
        /// The advisor's own list of sessions.
        notes: NotesView,
        /// The advisor's appointments.
        appointments: AppointmentsView,
        /// The company has customers asked how a session was.
        asks_customers: bool,
        /// What the person has tried here and did not work.
        problem: Option<Problem>,
    },
    /// In a session.
    Viewer(ViewerView),
}

impl AdvisorView {
    /// Whether a window that shows the other one would look the same: what
    /// counts on all the time is compared by what is shown of it, and the
    /// picture tells of its changes itself.
    pub fn looks_like(&self, other: &Self) -> bool {
        use AdvisorScreen::{Code, Elsewhere, Lobby, Locked, NewPassword, SignIn, Viewer, WorkplaceWaits};
        if self.faces != other.faces || self.recording_problem != other.recording_problem {
            return false;
        }
        match (&self.screen, &other.screen) {
            (Viewer(one), Viewer(other)) => one.looks_like(other),
            (
                SignIn { user, broker, busy, problem, key },
                SignIn { user: its_user, broker: its_broker, busy: its_busy, problem: its_problem, key: its_key },
            ) => (user, broker, busy, problem, key) == (its_user, its_broker, its_busy, its_problem, its_key),
            (
                NewPassword { user, busy, problem },
                NewPassword { user: its_user, busy: its_busy, problem: its_problem },
            )
            | (Code { user, busy, problem }, Code { user: its_user, busy: its_busy, problem: its_problem })
            | (
                Locked { user, in_session: busy, problem },
                Locked { user: its_user, in_session: its_busy, problem: its_problem },
            ) => (user, busy, problem) == (its_user, its_busy, its_problem),
            (WorkplaceWaits { name, code }, WorkplaceWaits { name: its_name, code: its_code }) => {
                (name, code) == (its_name, its_code)
            }
            (
                Elsewhere { workplace, in_session, busy },
                Elsewhere { workplace: its_workplace, in_session: its_session, busy: its_busy },
            ) => (workplace, in_session, busy) == (its_workplace, its_session, its_busy),
            (
                Lobby {
                    advisor,
                    organisation,
                    page,
                    number,
                    checking,
                    last,
                    notes,
                    appointments,
                    asks_customers,
                    problem,
                },
                Lobby {
                    advisor: its_advisor,
                    organisation: its_organisation,
                    page: its_page,
                    number: its_number,
                    checking: its_checking,
                    last: its_last,
                    notes: its_notes,
                    appointments: its_appointments,
                    asks_customers: it_asks,
                    problem: its_problem,
                },
            ) => {
                (advisor, organisation, page, number, checking, last)
                    == (its_advisor, its_organisation, its_page, its_number, its_checking, its_last)
                    && (notes, appointments, asks_customers, problem)
                        == (its_notes, its_appointments, it_asks, its_problem)
            }
            _ => false,
        }
    }
}

impl ViewerView {
    fn looks_like(&self, other: &Self) -> bool {
        let left = |view: &Self| match view.control {
            ControlView::Granted { remaining_s: Some(left) } => Some(format::time_left_step(left.into())),
            _ => None,
        };
        let same_control = match (self.control, other.control) {
            (ControlView::Granted { .. }, ControlView::Granted { .. }) => left(self) == left(other),
            (one, other) => one == other,
        };
        let end = |view: &Self| view.ends_in_s.map(|left| format::time_left_step(left.into()));
        same_control
            && self.more_time == other.more_time
            && self.control_forbidden == other.control_forbidden
            && end(self) == end(other)
            && self.awaited == other.awaited
            && Arc::ptr_eq(&self.picture, &other.picture)
            && self.since_s / 60 == other.since_s / 60
            && self.together == other.together
            && self.cut_s == other.cut_s
            && self.recording == other.recording
            && self.turn == other.turn
            && (self.pointing_allowed, self.marks, self.points_out, self.ask)
                == (other.pointing_allowed, other.marks, other.points_out, other.ask)
            && (self.sharing, self.refusal, &self.suite, &self.words, self.line)
                == (other.sharing, other.refusal, &other.suite, &other.words, other.line)
    }
}

/// Where this workplace's key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyView {
    /// It is being fetched.
    Fetching,
    /// The key store asks the person to unlock it.
    Asking,
    /// It is here, and lies there.
    Here(KeyPlace),
    /// It could not be had.
    Missing,
}

/// The open number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberView {
    /// As it is shown and read out: `482 915 7303`.
    pub text: String,
    /// Seconds that it still waits.
    pub remaining_s: u32,
    /// Seconds that it waits in all.
    pub life_s: u32,
}

/// How the last number or session ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastSession {
    /// Whether there was a session at all, or only a number.
    pub connected: bool,
    /// Whether this side ended it.
    pub by_me: bool,
    /// What went wrong, if something did.
    pub problem: Option<Problem>,
    /// How long the session lasted, in seconds.
    pub lasted_s: u64,
}

/// In a session.
#[derive(Clone)]
pub struct ViewerView {
    /// What the customer is doing.
    pub sharing: SharingState,
    /// The picture; changes without a new view.
    pub picture: Arc<PictureStore>,
    /// The surfaces of its scene, bottom-most first.
    pub surfaces: Arc<Vec<Surface>>,
    /// Who has control.
    pub control: ControlView,
    /// What became of the request to control for longer.
    pub more_time: AskedMore,
    /// The company's rules do not allow control.
    pub control_forbidden: bool,
    /// Seconds until the session ends by the company's rules, once that is
    /// soon.
    pub ends_in_s: Option<u32>,
    /// Somebody waits for the advisor's appointment, which begins or began then,
    /// in seconds since 1970.
    pub awaited: Option<u64>,
    /// Why input had no effect, if the last had none.
    pub refusal: Option<InputRefusal>,
    /// Cipher suite in use.
    pub suite: String,
    /// Check words: `[german, english]`.
    pub words: [[String; 4]; 2],
    /// Seconds since it began.
    pub since_s: u64,
    /// Bytes received so far.
    pub received_bytes: u64,
    /// Facts of the line, while the person looks at them.
    pub line: Option<LineView>,
    /// What both people can do alike.
    pub together: TogetherView,
    /// The line is cut and both programs try again: seconds that there is still
    /// hope.
    pub cut_s: Option<u32>,
    /// Whether the customer sees what is pointed at.
    pub pointing_allowed: bool,
    /// How many marks are seen.
    pub marks: usize,
    /// Whether the customer points with the own pointer.
    pub points_out: bool,
    /// What became of the newest request to be shown something.
    pub ask: AskState,
    /// Whether it is recorded.
    pub recording: RecordingView,
    /// Whether the advisor shows something to the customer.
    pub turn: TurnView,
}

/// What is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingView {
    /// Whether this side may, and why not.
    pub state: RecordingState,
    /// The company's rules do not allow it.
    pub forbidden: bool,
    /// The file of the recording that is made, or was made last.
    pub file: Option<PathBuf>,
    /// How much more of it there is room for, in bytes, once that is little.
    pub left_bytes: Option<u64>,
    /// What went wrong with it.
    pub problem: Option<Problem>,
}

/// What the advisor wants.
#[derive(Clone, PartialEq, Eq)]
pub enum AdvisorIntent {
    /// A thread of the program has ended by a fault (see [`crate::faults`]).
    Fault,
    /// Sign in.
    SignIn {
        /// Account name.
        user: String,
        /// Password.
        password: String,
    },
    /// The code of the second factor, or a recovery code.
    EnterCode {
        /// As it was typed.
        code: String,
    },
    /// Sign in here, and end what goes on at the other workplace.
    TakeOver,
    /// Lock the program: nothing is shown and nothing sent until the password
    /// unlocks it.
    Lock,
    /// Unlock it.
    Unlock {
        /// The password.
        password: String,
    },
    /// The person is there.
    Active,
    /// Exchange the initial password for this one, and sign in with it.
    ChangePassword {
        /// The new password.
        new: String,
    },
    /// A fresh number (also takes the open one back).
    NewNumber,
    /// Ask for control.
    RequestControl,
    /// Ask to control for longer.
    RequestMoreTime,
    /// Give control back, or take the request back.
    GiveBackControl,
    /// Input for the customer's windows.
    Input(InputEvent),
    /// Something that both people can do alike.
    Together(TogetherIntent),
    /// Ask whether what is seen may be recorded.
    RequestRecording,
    /// Take that request back, or record no longer.
    StopRecording,
    /// Show something to the customer.
    Turn(AdvisorTurn),
    /// Guide the customer without control.
    Guide(AdvisorGuide),
    /// Something about the advisor's own list of sessions.
    Notes(NotesIntent),
    /// Something about appointments.
    Appointment(AppointmentIntent),
    /// Have the system's mail program write an invitation.
    WriteMail {
        /// In this language.
        language: Language,
        /// With the open number in it.
        with_number: bool,
    },
    /// The window has painted a scene of the picture for the first time.
    Painted,
    /// The person looks at the line's facts, or no longer.
    ShowLine(bool),
    /// End the session.
    End,
    /// Sign out, back to name and password.
    SignOut,
    /// Close the program (ends a session first).
    Quit,
}
