//! The advisor's automation: commands to intents, views to events. A help desk
//! starts a session from its ticket by it and reads the number.

use super::{
    guide::{AdvisorGuide, GuideTold},
    turn::{AdvisorTurn, TurnTold},
    view::{
        AdvisorIntent, AdvisorScreen, AdvisorView, AppointmentIntent, AppointmentsView, KeyView, LastSession,
        NotesIntent, NotesView, RecordingView, ViewerView,
    },
};
use crate::{
    appointments::{Appointment, AppointmentId, AppointmentState, Appointments, LateBy},
    automation::{Complainer, Printer, pane_event, surfaces_event},
    customer::{
        ControlView,
        automation::{control_event, name},
    },
    journal::{Journal, KeepDays, NoteId, Solution, Words},
    language::Language,
    pointing::{DrawCommand, Pointing},
    problem::Problem,
    together::automation::TogetherTold,
};
use mitblick_protocol::{
    geometry::Point,
    peer_msg::{PointerPlace, RecordingState, Surface, SurfaceId},
    session::AskedMore,
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{path::PathBuf, sync::Arc, time::Duration};

/// How long windows that are not painted are not told, in seconds.
const PAINT_PATIENCE_S: u64 = 2;
/// Most sessions of the own list that are told, the newest ones.
const MOST_TOLD: usize = 20;

/// A command line.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum AdvisorCommand {
    /// Sign in with name and password of the command line.
    SignIn {},
    /// The code of the second factor.
    Code {
        /// As it was typed.
        code: String,
    },
    /// Sign in here instead of at the other workplace.
    TakeOver {},
    /// Lock the program.
    Lock {},
    /// Unlock it with the password of the command line.
    Unlock {},
    /// A fresh number.
    NewNumber {},
    /// Ask for control.
    RequestControl {},
    /// Ask to control for longer.
    RequestMoreTime {},
    /// Give control back.
    GiveBackControl {},
    /// Ask whether this may record.
    RequestRecording {},
    /// Record no longer, or take that back.
    StopRecording {},
    /// Ask whether this may show something of its own screen.
    RequestTurn {},
    /// Take that back, or turn back.
    EndTurn {},
    /// Show the applications owning a window whose title contains a text.
    Show {
        /// The texts.
        titles: Vec<String>,
    },
    /// Show nothing, back to choosing.
    StopShowing {},
    /// Take the picture away.
    PauseShowing {},
    /// Show it again.
    ResumeShowing {},
    /// See nothing of what the customer points at in it, or again.
    HidePointing {
        /// Nothing.
        hidden: bool,
    },
    /// Take the customer's marks away.
    ClearCustomersMarks {},
    /// Have the own pointer stand out at the customer, or no longer.
    PointOut {
        /// Stand out.
        on: bool,
    },
    /// Point at a place of a window.
    Point {
        /// The window, as `view` tells it.
        surface: u32,
        /// Pixels from its left edge.
        x: i32,
        /// Pixels from its top edge.
        y: i32,
    },
    /// Point nowhere any more.
    PointAway {},
    /// Draw a mark.
    Draw(DrawCommand),
    /// Take all marks away.
    ClearMarks {},
    /// Ask to be shown something.
    AskToShow {
        /// In these words.
        text: String,
    },
    /// Take that back.
    TakeBackAsk {},
    /// The next session will be about this, in the own list.
    Subject {
        /// What.
        text: String,
    },
    /// Write about a session in the own list.
    WriteNote {
        /// Which, as `sessions` tells it.
        id: String,
        /// What it was about.
        #[serde(default)]
        subject: String,
        /// Anything else.
        #[serde(default)]
        note: String,
        /// Whether it was solved.
        solution: Option<Solution>,
    },
    /// Nothing is to be said of the last session.
    NoNote {},
    /// Take a session out of the own list.
    RemoveNote {
        /// Which.
        id: String,
    },
    /// Keep sessions in the own list for so many days.
    KeepNotes {
        /// From 1 to 730.
        days: u16,
    },
    /// Write the own list into a file that is not there.
    ExportNotes {
        /// Which.
        path: PathBuf,
    },
    /// Book a number for an appointment.
    Book {
        /// The time agreed on, in seconds since 1970.
        begins_unix_s: u64,
        /// For how long after it the customer can come, in minutes: 30, 60, 120
        /// or 240.
        late_by_minutes: u64,
        /// What it is about, for the own lists.
        #[serde(default)]
        subject: String,
    },
    /// It will not be.
    CancelAppointment {
        /// Which, as `appointments` tells it.
        id: String,
    },
    /// Open the number of an appointment instead of the one that is open.
    OpenAppointment {
        /// Which, as `appointments` tells it.
        id: String,
    },
    /// Write an invitation in the system's mail program.
    WriteMail {
        /// With the open number in it.
        #[serde(default)]
        with_number: bool,
    },
    /// End the session.
    End {},
    /// Close the program.
    Quit {},
}

impl AdvisorCommand {
    /// What the person would do; `credentials` are those of the command line,
    /// and what the program writes is in `language`.
    pub fn intent(self, credentials: Option<&(String, String)>, language: Language) -> Option<AdvisorIntent> {
        Some(match self {
            Self::Subject { text } => AdvisorIntent::Notes(NotesIntent::Subject(text)),
            Self::WriteNote { id, subject, note, solution } => {
                let words = Words { subject, note, solution };
                AdvisorIntent::Notes(NotesIntent::Write { id: note_id(&id)?, words })
            }
            Self::NoNote {} => AdvisorIntent::Notes(NotesIntent::NothingToSay),
            Self::RemoveNote { id } => AdvisorIntent::Notes(NotesIntent::Remove(note_id(&id)?)),
            Self::KeepNotes { days } => AdvisorIntent::Notes(NotesIntent::KeepFor(KeepDays::new(days)?)),
            Self::ExportNotes { path } => AdvisorIntent::Notes(NotesIntent::Export { path, language }),
            Self::Book { begins_unix_s, late_by_minutes, subject } => {
                let length = Duration::from_secs(late_by_minutes.checked_mul(60)?);
                let late_by = LateBy::ALL.into_iter().find(|late_by| late_by.length() == length)?;
                AdvisorIntent::Appointment(AppointmentIntent::Book { begins_unix_s, late_by, subject })
            }
            Self::CancelAppointment { id } => {
                AdvisorIntent::Appointment(AppointmentIntent::Cancel(AppointmentId(id.parse().ok()?)))
            }
            Self::OpenAppointment { id } => {
                AdvisorIntent::Appointment(AppointmentIntent::Open(AppointmentId(id.parse().ok()?)))
            }
            Self::WriteMail { with_number } => AdvisorIntent::WriteMail { language, with_number },
            Self::SignIn {} => {
                let (user, password) = credentials?.clone();
                AdvisorIntent::SignIn { user, password }
            }
            Self::Code { code } => AdvisorIntent::EnterCode { code },
            Self::TakeOver {} => AdvisorIntent::TakeOver,
            Self::Lock {} => AdvisorIntent::Lock,
            Self::Unlock {} => AdvisorIntent::Unlock { password: credentials?.1.clone() },
            Self::NewNumber {} => AdvisorIntent::NewNumber,
            Self::RequestControl {} => AdvisorIntent::RequestControl,
            Self::RequestMoreTime {} => AdvisorIntent::RequestMoreTime,
            Self::GiveBackControl {} => AdvisorIntent::GiveBackControl,
            Self::RequestRecording {} => AdvisorIntent::RequestRecording,
            Self::StopRecording {} => AdvisorIntent::StopRecording,
            Self::RequestTurn {} => AdvisorIntent::Turn(AdvisorTurn::Request),
            Self::EndTurn {} => AdvisorIntent::Turn(AdvisorTurn::End),
            Self::Show { titles } => AdvisorIntent::Turn(AdvisorTurn::ShowTitles(titles)),
            Self::StopShowing {} => AdvisorIntent::Turn(AdvisorTurn::ChooseAgain),
            Self::PauseShowing {} => AdvisorIntent::Turn(AdvisorTurn::Pause),
            Self::ResumeShowing {} => AdvisorIntent::Turn(AdvisorTurn::Resume),
            Self::HidePointing { hidden } => AdvisorIntent::Turn(AdvisorTurn::HidePointing(hidden)),
            Self::ClearCustomersMarks {} => AdvisorIntent::Turn(AdvisorTurn::ClearMarks),
            Self::PointOut { on } => AdvisorIntent::Turn(AdvisorTurn::PointOut(on)),
            Self::Point { surface, x, y } => {
                let place = PointerPlace { surface: SurfaceId(surface), at: Point { x, y } };
                AdvisorIntent::Guide(AdvisorGuide::Point(Pointing::At(Some(place))))
            }
            Self::PointAway {} => AdvisorIntent::Guide(AdvisorGuide::Point(Pointing::At(None))),
            Self::Draw(command) => {
                let wanted = Pointing::Draw { drawing: command.drawing()?, again: false };
                AdvisorIntent::Guide(AdvisorGuide::Point(wanted))
            }
            Self::ClearMarks {} => AdvisorIntent::Guide(AdvisorGuide::Point(Pointing::Clear)),
            Self::AskToShow { text } => AdvisorIntent::Guide(AdvisorGuide::Ask(text)),
            Self::TakeBackAsk {} => AdvisorIntent::Guide(AdvisorGuide::TakeBackAsk),
            Self::End {} => AdvisorIntent::End,
            Self::Quit {} => AdvisorIntent::Quit,
        })
    }
}

/// Ids are texts in JSON: they are larger than its numbers.
fn note_id(text: &str) -> Option<NoteId> {
    text.parse().ok().map(NoteId)
}

/// What was told last, to see changes.
#[derive(Default)]
struct Told {
    notes: NotesView,
    appointments: AppointmentsView,
    signed_in: bool,
    number: Option<String>,
    /// Whether portrait and logo were told to be there.
    faces: (bool, bool),
    checking: bool,
    connected: bool,
    surfaces: Option<Arc<Vec<Surface>>>,
    together: TogetherTold,
    cut: bool,
    guide: GuideTold,
    /// Since when surfaces wait to be told, in seconds of the session.
    waiting_since_s: Option<u64>,
    control: &'static str,
    more_time: AskedMore,
    awaited: Option<u64>,
    recording: Option<RecordingView>,
    turn: TurnTold,
    locked: bool,
    /// What was told of the way in.
    door: Option<Value>,
    end: bool,
    last: Option<LastSession>,
    problem: Option<Problem>,
}

/// Tells events by watching the views.
pub struct AdvisorEvents {
    printer: Printer,
    complainer: Complainer,
    language: Language,
    told: Told,
}

impl AdvisorEvents {
    /// Prints to `printer`, texts in `language`.
    pub fn new(printer: Printer, language: Language) -> Self {
        let complainer = Complainer::new(printer.clone(), language);
        Self { printer, complainer, language, told: Told { control: name(ControlView::None), ..Told::default() } }
    }

    /// Something is wrong.
    pub fn complain(&self, problem: &Problem) {
        self.complainer.complain(problem);
    }

    /// What prints errors from elsewhere.
    pub fn complainer(&self) -> Complainer {
        self.complainer.clone()
    }

    /// A newer view.
    pub fn show(&mut self, view: &AdvisorView) {
        if !matches!(view.screen, AdvisorScreen::Locked { .. }) && std::mem::take(&mut self.told.locked) {
            self.printer.print(json!({"event": "unlocked"}));
        }
        match &view.screen {
            AdvisorScreen::Locked { problem, .. } => {
                if !std::mem::replace(&mut self.told.locked, true) {
                    self.printer.print(json!({"event": "locked"}));
                }
                if let Some(problem) = problem
                    && self.told.problem.as_ref() != Some(problem)
                {
                    self.complain(problem);
                }
                self.told.problem.clone_from(problem);
            }
            AdvisorScreen::Code { busy: false, problem, .. } => {
                match problem {
                    Some(problem) if self.told.problem.as_ref() != Some(problem) => self.complain(problem),
                    _ => self.door(json!({"event": "code_wanted"})),
                }
                self.told.problem.clone_from(problem);
            }
            AdvisorScreen::Code { busy: true, .. } => self.told.problem = None,
            AdvisorScreen::WorkplaceWaits { name, code } => {
                self.door(json!({"event": "workplace_waits", "name": name, "code": code}));
            }
            AdvisorScreen::Elsewhere { workplace, in_session, .. } => {
                self.door(json!({"event": "signed_in_elsewhere", "workplace": workplace, "in_session": in_session}));
            }
            AdvisorScreen::SignIn { problem, key, .. } => {
                if std::mem::take(&mut self.told).connected {
                    self.complainer.ended(problem.as_ref().map_or("this_side", Problem::code), problem.as_ref());
                }
                self.told.control = name(ControlView::None);
                if let Some(problem) = problem
                    && self.told.problem.as_ref() != Some(problem)
                {
                    self.complain(problem);
                }
                self.told.problem.clone_from(problem);
                if *key == KeyView::Asking {
                    self.door(json!({"event": "key_store_asks"}));
                }
            }
            AdvisorScreen::NewPassword { busy: true, .. } => self.told.problem = None,
            // Whoever runs the program chooses it, in its window.
            AdvisorScreen::NewPassword { busy: false, problem, .. } => {
                let problem = problem.clone().unwrap_or(Problem::MustChangePassword);
                if self.told.problem.as_ref() != Some(&problem) {
                    self.complain(&problem);
                }
                self.told.problem = Some(problem);
            }
            AdvisorScreen::Lobby {
                number,
                checking,
                last,
                advisor,
                organisation,
                page: _,
                notes,
                appointments,
                asks_customers: _,
                // Complained of already.
                problem: _,
            } => {
                if !std::mem::replace(&mut self.told.signed_in, true) {
                    self.printer.print(json!({"event": "signed_in", "advisor": advisor, "organisation": organisation}));
                }
                let faces = (view.faces.portrait.is_some(), view.faces.logo.is_some());
                if std::mem::replace(&mut self.told.faces, faces) != faces {
                    let (portrait, logo) = faces;
                    self.printer.print(json!({"event": "images", "portrait": portrait, "logo": logo}));
                }
                self.lobby(number.as_ref().map(|number| &number.text), *checking, last.as_ref());
                self.notes(notes);
                self.appointments(appointments);
            }
            AdvisorScreen::Viewer(viewer) => self.viewer(viewer),
        }
    }

    /// A step of the way in, told once.
    fn door(&mut self, event: Value) {
        if self.told.door.as_ref() != Some(&event) {
            self.printer.print(event.clone());
            self.told.door = Some(event);
        }
    }

    fn lobby(&mut self, number: Option<&String>, checking: bool, last: Option<&LastSession>) {
        self.told.control = name(ControlView::None);
        self.told.surfaces = None;
        (self.told.recording, self.told.turn) = (None, TurnTold::default());
        self.told.together = TogetherTold::default();
        self.told.cut = false;
        self.told.end = false;
        let ended = std::mem::take(&mut self.told.connected);
        if let Some(last) = last
            && (ended || self.told.last.as_ref() != Some(last))
        {
            if last.connected {
                let by = if last.by_me { "this_side" } else { "other_side" };
                self.complainer.ended(last.problem.as_ref().map_or(by, Problem::code), last.problem.as_ref());
            } else if let Some(problem) = &last.problem {
                self.complain(problem);
            }
        }
        self.told.last = last.cloned();
        if self.told.number.as_ref() != number {
            self.told.number = number.cloned();
            if let Some(number) = number {
                self.printer.print(json!({"event": "number", "number": number}));
            }
        }
        if checking && !self.told.checking {
            self.printer.print(json!({"event": "joined"}));
        }
        self.told.checking = checking;
    }

    fn notes(&mut self, notes: &NotesView) {
        if let Some(list) = &notes.list
            && (self.told.notes.list.as_ref() != Some(list) || self.told.notes.newest != notes.newest)
        {
            self.printer.print(sessions_event(list, notes.newest));
        }
        if let Some(file) = &notes.exported
            && self.told.notes.exported.as_ref() != Some(file)
        {
            self.printer.print(json!({"event": "sessions_exported", "path": file}));
        }
        self.told.notes.clone_from(notes);
    }

    fn appointments(&mut self, view: &AppointmentsView) {
        if let Some(list) = &view.list
            && (self.told.appointments.list.as_ref() != Some(list)
                || (self.told.appointments.open, self.told.appointments.due) != (view.open, view.due)
                || self.told.appointments.awaited != view.awaited)
        {
            self.printer.print(appointments_event(list, view));
        }
        self.told.appointments.clone_from(view);
    }

    fn viewer(&mut self, viewer: &ViewerView) {
        if !std::mem::replace(&mut self.told.connected, true) {
            let [german, english] = &viewer.words;
            let words = if self.language == Language::German { german } else { english };
            self.printer.print(json!({"event": "connected", "suite": viewer.suite, "words": words}));
            self.told.number = None;
            self.told.checking = false;
        }
        let same = self.told.surfaces.as_ref().is_some_and(|told| Arc::ptr_eq(told, &viewer.surfaces));
        let pane = pane_event(&viewer.picture, &viewer.surfaces);
        let waiting_since_s = *self.told.waiting_since_s.get_or_insert(viewer.since_s);
        // Where they are is known once they are painted. A window that is
        // minimised paints nothing: they are told all the same after a while.
        if same {
            self.told.waiting_since_s = None;
        } else if viewer.surfaces.is_empty() || pane.is_some() || viewer.since_s > waiting_since_s + PAINT_PATIENCE_S {
            self.told.waiting_since_s = None;
            // Nothing before the first picture; after it also that it is gone.
            let told_some = self.told.surfaces.as_ref().is_some_and(|told| !told.is_empty());
            if told_some || !viewer.surfaces.is_empty() {
                self.printer.print(view_event(viewer, pane));
            }
            self.told.surfaces = Some(Arc::clone(&viewer.surfaces));
        }
        if std::mem::replace(&mut self.told.awaited, viewer.awaited) != viewer.awaited {
            self.printer.print(json!({"event": "customer_waits", "begins_unix_s": viewer.awaited}));
        }
        if let Some(remaining_s) = viewer.ends_in_s
            && !std::mem::replace(&mut self.told.end, true)
        {
            self.printer.print(json!({"event": "ends_soon", "remaining_s": remaining_s}));
        }
        if viewer.cut_s.is_some() != std::mem::replace(&mut self.told.cut, viewer.cut_s.is_some()) {
            let state = if viewer.cut_s.is_some() { "lost" } else { "restored" };
            self.printer.print(json!({"event": "line", "state": state}));
        }
        self.told.together.tell(&viewer.together, &self.printer);
        self.told.guide.tell(viewer, &self.printer);
        if self.told.recording.as_ref() != Some(&viewer.recording) {
            let told = self.told.recording.replace(viewer.recording.clone());
            if told.is_some() || viewer.recording.state != RecordingState::None {
                self.printer.print(recording_event(&viewer.recording));
            }
        }
        self.told.turn.tell(&viewer.turn, &self.printer);
        if name(viewer.control) != self.told.control {
            self.told.control = name(viewer.control);
            self.printer.print(control_event(viewer.control));
        }
        if std::mem::replace(&mut self.told.more_time, viewer.more_time) != viewer.more_time {
            let state = match (viewer.more_time, viewer.control) {
                (AskedMore::Asked, _) => "asked",
                (AskedMore::Refused, _) => "refused",
                (AskedMore::Nothing, ControlView::Granted { .. }) => "granted",
                (AskedMore::Nothing, _) => return,
            };
            let remaining_s = match viewer.control {
                ControlView::Granted { remaining_s } => remaining_s,
                _ => None,
            };
            self.printer.print(json!({"event": "more_time", "state": state, "remaining_s": remaining_s}));
        }
    }
}

fn recording_event(recording: &RecordingView) -> Value {
    let (state, why) = match recording.state {
        RecordingState::None => ("none", None),
        RecordingState::Asked => ("asked", None),
        RecordingState::Granted { .. } => ("granted", None),
        RecordingState::Refused => ("refused", None),
        RecordingState::Ended(why) => ("ended", Some(format!("{why:?}"))),
    };
    json!({"event": "recording", "state": state, "why": why, "file": recording.file})
}

fn sessions_event(list: &Journal, newest: Option<NoteId>) -> Value {
    let sessions = list.notes().iter().take(MOST_TOLD).map(|note| {
        let Words { subject, note: text, solution } = &note.words;
        json!({"id": note.id.0.to_string(), "begun_unix_s": note.begun_unix_s, "lasted_s": note.lasted_s,
            "waited_s": note.waited_s, "subject": subject, "note": text, "solution": solution})
    });
    let sessions: Vec<_> = sessions.collect();
    let newest = newest.map(|id| id.0.to_string());
    json!({"event": "sessions", "sessions": sessions, "newest": newest, "keep_days": list.keep_days().value()})
}

fn appointments_event(list: &Appointments, view: &AppointmentsView) -> Value {
    let appointments = list.all().iter().map(|appointment| {
        let Appointment { id, begins_unix_s, window, subject, state } = appointment;
        let state = match state {
            AppointmentState::Booked(_) if view.open == Some(*id) => "open",
            AppointmentState::Booked(_) => "booked",
            AppointmentState::Used => "used",
            AppointmentState::Burned => "burned",
            AppointmentState::Gone => "gone",
        };
        json!({"id": id.0.to_string(), "begins_unix_s": begins_unix_s, "opens_unix_s": window.0.opens_unix_s(),
            "closes_unix_s": window.0.closes_unix_s(), "subject": subject, "state": state,
            "number": appointment.number().map(ToString::to_string), "due": view.due == Some(*id),
            "awaited": view.awaited.contains(id)})
    });
    json!({"event": "appointments", "appointments": appointments.collect::<Vec<_>>()})
}

fn view_event(viewer: &ViewerView, pane: Option<Value>) -> Value {
    json!({"event": "view", "surfaces": surfaces_event(&viewer.surfaces), "pane": pane})
}
