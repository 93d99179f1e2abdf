//! The customer's automation: commands to intents, views to events. Compiled
//! into tests and demos only; see the `automation` feature of the program.

mod failing;
mod watching;

use super::{
    guide::{CustomerGuide, GuideTold},
    rating::{Answer, RatingView},
    recording::{RecordingState, RecordingView},
    view::{
        ConnectingStep, ControlView, CustomerIntent, CustomerScreen, CustomerView, EndView, ReceiptState, ReceiptView,
        WaitingLine, Who,
    },
};
use crate::{
    automation::{Complainer, Printer},
    language::Language,
    pointing::{DrawCommand, Pointing},
    problem::Problem,
    receipt::save::Place,
    showing::AppItem,
    together::automation::TogetherTold,
};
pub use failing::{Hang, fault};
use mitblick_protocol::{
    geometry::Point,
    peer_msg::{PointerPlace, SurfaceId},
    rating::{Grade, Rating, Solved},
    recording::RecordingOwners,
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use watching::WatchingTold;

/// A command line.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum CustomerCommand {
    /// Type a number and go on.
    Join {
        /// The number.
        number: String,
    },
    /// The person has called the company.
    IDidCall {},
    /// The company has called the person.
    TheyCalledMe {},
    /// Keep the receipt in this file.
    KeepReceipt {
        /// Where.
        path: PathBuf,
    },
    /// Say whether the problem was solved.
    RateSolved {
        /// `yes`, `partly` or `no`.
        answer: SolvedWord,
    },
    /// Say how it was.
    RateGrade {
        /// From 1 to 5.
        grade: u8,
    },
    /// List the applications.
    Applications {},
    /// Show the applications owning a window whose title contains a text.
    Share {
        /// The texts.
        titles: Vec<String>,
    },
    /// Let the advisor control.
    AllowControl {
        /// For so many minutes; without: until the session ends.
        minutes: Option<u16>,
    },
    /// Do not let the advisor control.
    RefuseControl {},
    /// Let the advisor control for longer.
    AllowMoreTime {
        /// For so many minutes from now on; without: until the session ends.
        minutes: Option<u16>,
    },
    /// Do not.
    RefuseMoreTime {},
    /// Take control back.
    RevokeControl {},
    /// Let the advisor record.
    AllowRecording {
        /// Opening it takes both sides, not the customer alone.
        #[serde(default)]
        both: bool,
    },
    /// Do not let the advisor record, or not any longer.
    StopRecording {},
    /// See what the advisor wants to show.
    AllowTurn {},
    /// Do not, or not any longer.
    TurnBack {},
    /// Point at a place of a window that the advisor shows.
    Point {
        /// The window, as `advisors_view` tells it.
        surface: u32,
        /// Pixels from its left edge.
        x: i32,
        /// Pixels from its top edge.
        y: i32,
    },
    /// Point nowhere any more.
    PointAway {},
    /// Draw a mark there.
    Draw(DrawCommand),
    /// Take all own marks away.
    ClearOwnMarks {},
    /// Take the picture away.
    Pause {},
    /// Show it again.
    Resume {},
    /// Show nothing, back to choosing.
    StopSharing {},
    /// See nothing of what the advisor points at, or again.
    HidePointing {
        /// Nothing.
        hidden: bool,
    },
    /// Take the advisor's marks away.
    ClearMarks {},
    /// Have the own pointer stand out at the advisor, or no longer.
    PointOut {
        /// Stand out.
        on: bool,
    },
    /// Do not show what the advisor asks for.
    RefuseToShow {},
    /// Show more beside what is shown, like `share`.
    ShowAlso {
        /// The texts.
        titles: Vec<String>,
    },
    /// Let the window hang in the middle of a frame, or go on.
    Hang {
        /// Hang.
        on: bool,
    },
    /// Let a thread of the program end by a fault.
    Fault {},
    /// Look at what the advisor sees, or no longer.
    Preview {
        /// Look.
        open: bool,
    },
    /// End the session.
    End {},
    /// Close the program.
    Quit {},
}

impl CustomerCommand {
    /// What the person would do; `None` if there is no such answer or mark.
    /// What the program writes is in `language`.
    pub fn intent(self, language: Language) -> Option<CustomerIntent> {
        Some(match self {
            Self::RateSolved { answer } => CustomerIntent::Rate(Rating::Solved(answer.into())),
            Self::RateGrade { grade } => CustomerIntent::Rate(Rating::Grade(Grade::new(grade)?)),
            Self::Join { number } => CustomerIntent::Join(number),
            Self::IDidCall {} => CustomerIntent::IDidCall,
            Self::TheyCalledMe {} => CustomerIntent::TheyCalledMe,
            Self::KeepReceipt { path } => CustomerIntent::KeepReceipt { place: Some(Place::File(path)), language },
            Self::Applications {} => CustomerIntent::RefreshApplications,
            Self::Share { titles } => CustomerIntent::ShareTitles(titles),
            Self::AllowControl { minutes } => CustomerIntent::AllowControl { minutes },
            Self::RefuseControl {} => CustomerIntent::RefuseControl,
            Self::AllowMoreTime { minutes } => CustomerIntent::AllowMoreTime { minutes },
            Self::RefuseMoreTime {} => CustomerIntent::RefuseMoreTime,
            Self::RevokeControl {} => CustomerIntent::RevokeControl,
            Self::AllowRecording { both } => {
                let owners = if both { RecordingOwners::Both } else { RecordingOwners::Shower };
                CustomerIntent::AllowRecording { owners }
            }
            Self::StopRecording {} => CustomerIntent::StopRecording,
            Self::AllowTurn {} => CustomerIntent::AllowTurn,
            Self::TurnBack {} => CustomerIntent::TurnBack,
            Self::Point { surface, x, y } => {
                let place = PointerPlace { surface: SurfaceId(surface), at: Point { x, y } };
                CustomerIntent::Point(Pointing::At(Some(place)))
            }
            Self::PointAway {} => CustomerIntent::Point(Pointing::At(None)),
            Self::Draw(command) => CustomerIntent::Point(Pointing::Draw { drawing: command.drawing()?, again: false }),
            Self::ClearOwnMarks {} => CustomerIntent::Point(Pointing::Clear),
            Self::Pause {} => CustomerIntent::Pause,
            Self::Resume {} => CustomerIntent::Resume,
            Self::StopSharing {} => CustomerIntent::ChooseAgain,
            Self::HidePointing { hidden } => CustomerIntent::Guide(CustomerGuide::HidePointing(hidden)),
            Self::ClearMarks {} => CustomerIntent::Guide(CustomerGuide::ClearMarks),
            Self::PointOut { on } => CustomerIntent::Guide(CustomerGuide::PointOut(on)),
            Self::RefuseToShow {} => CustomerIntent::Guide(CustomerGuide::RefuseToShow),
            Self::ShowAlso { titles } => CustomerIntent::Guide(CustomerGuide::ShowAlsoTitles(titles)),
            Self::Preview { open } => CustomerIntent::Guide(CustomerGuide::Preview(open)),
            // The program's own affair.
            Self::Hang { .. } | Self::Fault {} => return None,
            Self::End {} => CustomerIntent::End,
            Self::Quit {} => CustomerIntent::Quit,
        })
    }
}

/// An answer whether the problem was solved.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SolvedWord {
    /// It was.
    Yes,
    /// In part.
    Partly,
    /// It was not.
    No,
}

impl From<SolvedWord> for Solved {
    fn from(word: SolvedWord) -> Self {
        match word {
            SolvedWord::Yes => Self::Yes,
            SolvedWord::Partly => Self::Partly,
            SolvedWord::No => Self::No,
        }
    }
}

/// Tells events by watching the views.
pub struct CustomerEvents {
    printer: Printer,
    complainer: Complainer,
    language: Language,
    /// Set by the command `applications`, taken by the next list.
    wants_list: Arc<AtomicBool>,
    last: Option<CustomerScreen>,
    together: TogetherTold,
    /// Whether portrait and logo were told to be there.
    told_faces: (bool, bool),
    guide: GuideTold,
    told_end: bool,
    told_cut: bool,
    told_not_by_hand: bool,
    recording: RecordingView,
    watching: WatchingTold,
}

impl CustomerEvents {
    /// Prints to `printer`, texts in `language`.
    pub fn new(printer: Printer, language: Language, wants_list: Arc<AtomicBool>) -> Self {
        let complainer = Complainer::new(printer.clone(), language);
        Self {
            printer,
            complainer,
            language,
            wants_list,
            last: None,
            told_faces: (false, false),
            together: TogetherTold::default(),
            guide: GuideTold::default(),
            told_end: false,
            told_cut: false,
            told_not_by_hand: false,
            recording: RecordingView::default(),
            watching: WatchingTold::default(),
        }
    }

    /// A newer view.
    pub fn show(&mut self, view: &CustomerView) {
        self.tell(&view.screen);
        match &view.together {
            Some(together) => self.together.tell(together, &self.printer),
            None => self.together = TogetherTold::default(),
        }
        if view.cut_s.is_some() != std::mem::replace(&mut self.told_cut, view.cut_s.is_some())
            && view.together.is_some()
        {
            let state = if view.cut_s.is_some() { "lost" } else { "restored" };
            self.printer.print(json!({"event": "line", "state": state}));
        }
        match &view.guide {
            Some(guide) => self.guide.tell(guide, &self.printer),
            None => self.guide = GuideTold::default(),
        }
        if let Some(remaining_s) = view.ends_in_s
            && !std::mem::replace(&mut self.told_end, true)
        {
            self.printer.print(json!({"event": "ends_soon", "remaining_s": remaining_s}));
        }
        if !std::mem::replace(&mut self.told_not_by_hand, view.not_by_hand.is_some()) && view.not_by_hand.is_some() {
            self.printer.print(json!({"event": "not_by_hand"}));
        }
        let faces = match session(&view.screen) {
            Some(_) => (view.faces.portrait.is_some(), view.faces.logo.is_some()),
            None => (false, false),
        };
        if std::mem::replace(&mut self.told_faces, faces) != faces && faces != (false, false) {
            let (portrait, logo) = faces;
            self.printer.print(json!({"event": "images", "portrait": portrait, "logo": logo}));
        }
        if session(&view.screen).is_some() && view.recording != self.recording {
            self.printer.print(recording_event(&view.recording));
        }
        self.recording.clone_from(&view.recording);
        self.watching.tell(view, session(&view.screen).is_some(), &self.printer);
        self.told_end &= view.ends_in_s.is_some();
        self.last = Some(view.screen.clone());
    }

    /// Something is wrong.
    pub fn complain(&self, problem: &Problem) {
        self.complainer.complain(problem);
    }

    /// What prints errors from elsewhere.
    pub fn complainer(&self) -> Complainer {
        self.complainer.clone()
    }

    fn tell(&self, screen: &CustomerScreen) {
        let last = self.last.as_ref();
        if let CustomerScreen::Connecting(ConnectingStep::WaitingRoom { line }) = screen
            && last != Some(screen)
        {
            let line = match line {
                WaitingLine::Here => "here",
                WaitingLine::Cut => "cut",
                WaitingLine::Limited { .. } => "limited",
            };
            self.printer.print(json!({"event": "waiting", "line": line}));
        }
        if let Some((who, suite, words)) = session(screen) {
            if last.and_then(session).is_none() {
                let [german, english] = words;
                let words = if self.language == Language::German { german } else { english };
                self.printer.print(
                    json!({"event": "connected", "advisor": who.advisor, "organisation": who.organisation,
                    "suite": suite, "words": words,
                    "asks_who_called": matches!(screen, CustomerScreen::WhoCalled { .. })}),
                );
            }
            if let CustomerScreen::Choose { applications: Some(items), .. } = screen
                && self.wants_list.swap(false, Ordering::SeqCst)
            {
                self.printer.print(list(items));
            }
            let now = sharing(screen);
            if last.and_then(session).is_some() && last.map(sharing) != Some(now.clone()) {
                let (state, names) = now;
                self.printer.print(json!({"event": "sharing", "state": state, "applications": names}));
            }
            let before = last.map_or(ControlView::None, control);
            if name(before) != name(control(screen)) {
                self.printer.print(control_event(control(screen)));
            }
            if asks_more(screen) && !last.is_some_and(asks_more) {
                self.printer.print(json!({"event": "more_time", "state": "asked"}));
            }
        }
        let problem = problem(screen);
        if let Some(problem) = problem
            && last.and_then(self::problem) != Some(problem)
        {
            self.complainer.complain(problem);
        }
        if let CustomerScreen::Ended(end) = screen
            && !matches!(last, Some(CustomerScreen::Ended(_)))
        {
            self.ended(end);
        }
        if let Some(rating) = rating(screen)
            && last.and_then(self::rating) != Some(rating)
        {
            self.printer.print(rating_event(rating));
        }
        if let Some(path) = kept(screen)
            && last.and_then(kept) != Some(path)
        {
            self.printer.print(json!({"event": "receipt_kept", "path": path}));
        }
    }

    fn ended(&self, end: &EndView) {
        let reason = match (&end.problem, end.by_me) {
            (Some(problem), _) => problem.code(),
            (None, true) if end.stop => "declined",
            (None, true) => "this_side",
            (None, false) => "other_side",
        };
        self.complainer.ended(reason, end.problem.as_ref());
    }
}

fn session(screen: &CustomerScreen) -> Option<(&Who, &str, &[[String; 4]; 2])> {
    match screen {
        CustomerScreen::Choose { who, suite, words, .. } | CustomerScreen::WhoCalled { who, suite, words } => {
            Some((who, suite, words))
        }
        CustomerScreen::Sharing(view) => Some((&view.who, &view.suite, &view.words)),
        CustomerScreen::Watching(view) => Some((&view.who, &view.suite, &view.words)),
        CustomerScreen::Join { .. } | CustomerScreen::Connecting(_) | CustomerScreen::Ended(_) => None,
    }
}

fn sharing(screen: &CustomerScreen) -> (&'static str, Vec<String>) {
    match screen {
        CustomerScreen::Sharing(view) => (if view.paused { "paused" } else { "showing" }, view.applications.clone()),
        _ => ("choosing", Vec::new()),
    }
}

fn control(screen: &CustomerScreen) -> ControlView {
    match screen {
        CustomerScreen::Sharing(view) => view.control,
        _ => ControlView::None,
    }
}

fn asks_more(screen: &CustomerScreen) -> bool {
    matches!(screen, CustomerScreen::Sharing(view) if view.asks_more)
}

/// What is wrong; why a session has ended is told with its end.
fn problem(screen: &CustomerScreen) -> Option<&Problem> {
    match screen {
        CustomerScreen::Join { problem, .. } | CustomerScreen::Choose { problem, .. } => problem.as_ref(),
        CustomerScreen::Sharing(view) => view.problem.as_ref(),
        CustomerScreen::Connecting(_)
        | CustomerScreen::WhoCalled { .. }
        | CustomerScreen::Watching(_)
        | CustomerScreen::Ended(_) => None,
    }
}

fn rating(screen: &CustomerScreen) -> Option<&RatingView> {
    match screen {
        CustomerScreen::Ended(end) => end.rating.as_ref(),
        _ => None,
    }
}

fn rating_event(rating: &RatingView) -> Value {
    fn state<T>(answer: Answer<T>) -> &'static str {
        match answer {
            Answer::Open => "open",
            Answer::Sending(_) => "sending",
            Answer::Sent(_) => "sent",
        }
    }
    let problem = rating.problem.as_ref().map(Problem::code);
    json!({"event": "rating", "solved": state(rating.solved), "grade": state(rating.grade), "problem": problem})
}

fn kept(screen: &CustomerScreen) -> Option<&str> {
    match screen {
        CustomerScreen::Ended(EndView {
            receipt: Some(ReceiptView { state: ReceiptState::Kept(path), .. }), ..
        }) => Some(path),
        _ => None,
    }
}

fn list(items: &[AppItem]) -> Value {
    let items: Vec<_> = items.iter().map(|item| json!({"name": item.name, "titles": item.titles})).collect();
    json!({"event": "applications", "applications": items})
}

fn recording_event(recording: &RecordingView) -> Value {
    let code = &recording.code;
    match recording.state {
        RecordingState::None => json!({"event": "recording", "state": "none"}),
        RecordingState::Asked => json!({"event": "recording", "state": "asked"}),
        RecordingState::Recorded { owners } => {
            json!({"event": "recording", "state": "granted", "both": owners == RecordingOwners::Both, "code": code})
        }
        RecordingState::Ended(why) => {
            json!({"event": "recording", "state": "ended", "why": format!("{why:?}"), "code": code})
        }
    }
}

/// The name of a state of control in events.
pub(crate) fn name(control: ControlView) -> &'static str {
    match control {
        ControlView::None => "none",
        ControlView::Asked => "asked",
        ControlView::Granted { .. } => "granted",
        ControlView::Refused => "refused",
        ControlView::Ended(_) => "revoked",
    }
}

/// The event of a change of control.
pub(crate) fn control_event(control: ControlView) -> Value {
    match control {
        ControlView::Granted { remaining_s } => {
            json!({"event": "control", "state": name(control), "remaining_s": remaining_s})
        }
        ControlView::Ended(why) => json!({"event": "control", "state": name(control), "why": format!("{why:?}")}),
        _ => json!({"event": "control", "state": name(control)}),
    }
}
