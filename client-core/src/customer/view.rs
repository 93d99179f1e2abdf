//! What the customer's window shows, and what the customer can want.

use super::{
    guide::{CustomerGuide, GuideView},
    rating::RatingView,
    recording::RecordingView,
    turn::{TurnView, WatchingView},
};
use crate::{
    images::Faces,
    language::Language,
    line::LineView,
    pointing::Pointing,
    problem::Problem,
    receipt::save::Place,
    showing::AppItem,
    together::{Left, TogetherIntent, TogetherView},
};
use mitblick_platform::stop_key::SecondStopKey;
use mitblick_protocol::{
    peer_msg::ControlEnd,
    policy::{CompanyTexts, ControlRule},
    rating::Rating,
    recording::RecordingOwners,
    session::ApplicationId,
};

/// Everything that the customer's window shows, apart from what is being typed.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomerView {
    /// Which screen.
    pub screen: CustomerScreen,
    /// What both people can do alike, in a session.
    pub together: Option<TogetherView>,
    /// The line is cut and both programs try again: seconds that there is still
    /// hope.
    pub cut_s: Option<u32>,
    /// Whom it is with: portrait and logo, as far as they are there.
    pub faces: Faces,
    /// How the advisor guides, in a session.
    pub guide: Option<GuideView>,
    /// Whether the session is recorded.
    pub recording: RecordingView,
    /// Whether the advisor shows something, or wants to.
    pub turn: TurnView,
    /// What the company says, as far as the broker has told.
    pub company: CompanyTexts,
    /// Whether, and for how long, control can be granted.
    pub control: ControlRule,
    /// Seconds until the session ends by the company's rules, once that is
    /// soon.
    pub ends_in_s: Option<u32>,
    /// A moment ago a yes did not count, because it was not by the person's
    /// hand.
    pub not_by_hand: Option<NotByHand>,
}

/// What can be done about a yes that did not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotByHand {
    /// Say it again, by hand.
    SayAgain,
    /// Nothing in this session: nobody can tell any more who presses.
    NotHere,
}

/// Who asks, as the pinned broker vouches for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// The company.
    pub organisation: String,
    /// The advisor.
    pub advisor: String,
}

/// How far a join has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectingStep {
    /// On the way to the broker.
    Broker,
    /// The number is that of an appointment, and the advisor has not opened it
    /// yet.
    WaitingRoom {
        /// How the wait stands.
        line: WaitingLine,
    },
    /// The advisor's program has answered and the number is being checked.
    Checking,
}

/// How it stands with the line of a customer who waits for an appointment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitingLine {
    /// The broker knows that the customer waits.
    Here,
    /// The line is cut; it is tried again.
    Cut,
    /// The broker has been asked too often; it is asked again then.
    Limited {
        /// Seconds since 1970.
        until_unix_s: u64,
    },
}

/// One screen.
#[derive(Clone, Debug, PartialEq)]
pub enum CustomerScreen {
    /// One field and one button.
    Join {
        /// A number from the command line to begin with.
        number: String,
        /// Why the last try failed.
        problem: Option<Problem>,
    },
    /// On the way to the broker, and the handshake.
    Connecting(ConnectingStep),
    /// Who asks, and whether the person called them. Nothing can be shown
    /// before the answer.
    WhoCalled {
        /// Who asks.
        who: Who,
        /// Cipher suite in use.
        suite: String,
        /// Check words: `[german, english]`.
        words: [[String; 4]; 2],
    },
    /// Who asks, and the applications to choose from.
    Choose {
        /// Who asks.
        who: Who,
        /// `None` while they are being listed.
        applications: Option<Vec<AppItem>>,
        /// Whether something was shown before ("choose again").
        again: bool,
        /// Why capture does not work, if it does not.
        problem: Option<Problem>,
        /// Cipher suite in use.
        suite: String,
        /// Check words, both languages side by side: `[german, english]`.
        words: [[String; 4]; 2],
    },
    /// The slim bar.
    Sharing(SharingView),
    /// The advisor shows, and the person looks.
    Watching(WatchingView),
    /// It is over.
    Ended(EndView),
}

/// Who has control.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ControlView {
    /// View only.
    None,
    /// The advisor asks for it.
    Asked,
    /// Granted.
    Granted {
        /// Seconds left; `None` = until the session ends.
        remaining_s: Option<u32>,
    },
    /// The customer refused.
    Refused,
    /// It was granted and has ended.
    Ended(ControlEnd),
}

/// While something is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct SharingView {
    /// Who sees it.
    pub who: Who,
    /// Names of the applications shown.
    pub applications: Vec<String>,
    /// Whether the picture is taken away for the moment.
    pub paused: bool,
    /// The line is cut, and what was shown is shown again by itself as soon as
    /// it is back.
    pub comes_back: bool,
    /// Who has control.
    pub control: ControlView,
    /// The advisor asks to control for longer.
    pub asks_more: bool,
    /// Cipher suite in use.
    pub suite: String,
    /// Check words: `[german, english]`.
    pub words: [[String; 4]; 2],
    /// Whole minutes since the session began.
    pub minutes: u64,
    /// Bytes sent so far.
    pub sent_bytes: u64,
    /// Facts of the line, while the person looks at them.
    pub line: Option<LineView>,
    /// Why control can't be granted, if it can't.
    pub problem: Option<Problem>,
    /// The key that stops control beside F12.
    pub second_stop_key: Option<SecondStopKey>,
}

impl SharingView {
    /// The keys that stop control, for people.
    pub fn stop_keys(&self) -> String {
        self.second_stop_key.map_or_else(|| "F12".to_owned(), |second| format!("F12, {second}"))
    }
}

/// After the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndView {
    /// Who it was, if the session had come so far.
    pub who: Option<Who>,
    /// Whether this side ended it.
    pub by_me: bool,
    /// What went wrong, if something did.
    pub problem: Option<Problem>,
    /// How long something was shown, in seconds.
    pub shown_s: u64,
    /// The person said that the other side had called: what to do now.
    pub stop: bool,
    /// The receipt, if there was a session.
    pub receipt: Option<ReceiptView>,
    /// The two questions how it was, if they are asked.
    pub rating: Option<RatingView>,
    /// The codes that open what was recorded, oldest first.
    pub recordings: Vec<String>,
    /// What the person has taken of the other side's.
    pub left: Left,
}

/// A receipt that can be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptView {
    /// Where it goes, if the person wants it nowhere else.
    pub folder: String,
    /// What became of it.
    pub state: ReceiptState,
}

/// What became of a receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReceiptState {
    /// Nothing yet.
    Offered,
    /// It is being written.
    Saving,
    /// It is in this file.
    Kept(String),
    /// It could not be written.
    Failed(Problem),
}

/// What the customer wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CustomerIntent {
    /// A thread of the program has ended by a fault (see [`crate::faults`]).
    Fault,
    /// A yes was said that was not by the person's hand (see [`super::by_hand`]):
    /// it does not count.
    NotByHand,
    /// Join at this number, as typed.
    Join(String),
    /// Stop connecting, back to the number.
    CancelJoin,
    /// The person has called the company.
    IDidCall,
    /// The company has called the person: the session ends.
    TheyCalledMe,
    /// Keep the receipt of the session that has ended.
    KeepReceipt {
        /// Where; `None` = where receipts usually go.
        place: Option<Place>,
        /// In which language.
        language: Language,
    },
    /// Say how the session that has ended was.
    Rate(Rating),
    /// List the applications again.
    RefreshApplications,
    /// Show these applications.
    Share(Vec<ApplicationId>),
    /// Show the applications owning a window whose title contains one of these
    /// texts (automation).
    ShareTitles(Vec<String>),
    /// Choose anew; nothing is shown meanwhile.
    ChooseAgain,
    /// Take the picture away.
    Pause,
    /// Show it again.
    Resume,
    /// Let the advisor control.
    AllowControl {
        /// For so many minutes; `None` = until the session ends.
        minutes: Option<u16>,
    },
    /// Do not.
    RefuseControl,
    /// Let the advisor control for longer.
    AllowMoreTime {
        /// For so many minutes from now on; `None` = until the session ends.
        minutes: Option<u16>,
    },
    /// Do not.
    RefuseMoreTime,
    /// Take control back.
    RevokeControl,
    /// Let the advisor record what is shown.
    AllowRecording {
        /// Who opens the recording.
        owners: RecordingOwners,
    },
    /// Do not, or not any longer.
    StopRecording,
    /// See what the advisor wants to show; nothing is shown from here on.
    AllowTurn,
    /// Do not, or not any longer.
    TurnBack,
    /// Point at something of what the advisor shows.
    Point(Pointing),
    /// The window has painted a scene of the advisor's picture for the first
    /// time.
    Painted,
    /// The person looks at the line's facts, or no longer.
    ShowLine(bool),
    /// Something that both people can do alike.
    Together(TogetherIntent),
    /// Something about being guided without control.
    Guide(CustomerGuide),
    /// End the session.
    End,
    /// From the end screen back to the number.
    NewSession,
    /// Close the program (ends a session first).
    Quit,
}
