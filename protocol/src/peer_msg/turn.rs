//! Messages of the turned direction: for a while the watcher shows applications
//! of its own, and the shower looks.
//!
//! What goes the other way has enums of its own, with the few words that it
//! needs. Control, recordings, asking to be shown something, the end of the
//! session and one more turn inside of a turn can't be said in them.

use super::{Frame, FrameNumber, PointerPlace, SharingState, ToShower, ToWatcher};
use crate::marks::{Mark, MarkId, ShowingNumber};
use bincode::{Decode, Encode};

/// One turn of the direction; every new one has a greater number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
pub struct TurnId(pub u32);

/// Why a turn ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
pub enum TurnEnd {
    /// The human at the shower turned back.
    TakenBack,
    /// The human at the watcher turned back.
    GivenBack,
    /// The watcher's program could not go on.
    Broken,
    /// The company's rules do not allow it.
    Forbidden,
    /// The link broke; it has to be asked for anew.
    LinkLost,
}

/// Whether the watcher may show something of its own screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum TurnState {
    /// Not allowed and not asked for.
    None,
    /// Asked for; the human at the shower has not decided.
    Asked,
    /// Allowed, from here on. Nothing of the shower is shown any more.
    Granted {
        /// Goes with every word of this turn.
        turn: TurnId,
    },
    /// The human at the shower said no.
    Refused,
    /// It was allowed and has ended.
    Ended(TurnEnd),
}

/// From the session's watcher, who shows for this turn.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum TurnedToWatcher {
    /// As [`ToWatcher::Sharing`].
    Sharing(SharingState),
    /// As [`ToWatcher::Frame`].
    Frame(Frame),
    /// As [`ToWatcher::FreshFrame`].
    FreshFrame(Frame),
    /// As [`ToWatcher::Pointing`].
    Pointing {
        /// What is pointed at is seen.
        allowed: bool,
    },
    /// As [`ToWatcher::MarksCleared`].
    MarksCleared {
        /// The newest of them.
        up_to: MarkId,
    },
    /// As [`ToWatcher::PointsOut`].
    PointsOut(bool),
}

impl TurnedToWatcher {
    /// The word, if it may be said in a turn.
    pub fn of(message: ToWatcher) -> Option<Self> {
        match message {
            ToWatcher::Sharing(sharing) => Some(Self::Sharing(sharing)),
            ToWatcher::Frame(frame) => Some(Self::Frame(frame)),
            ToWatcher::FreshFrame(frame) => Some(Self::FreshFrame(frame)),
            ToWatcher::Pointing { allowed } => Some(Self::Pointing { allowed }),
            ToWatcher::MarksCleared { up_to } => Some(Self::MarksCleared { up_to }),
            ToWatcher::PointsOut(points_out) => Some(Self::PointsOut(points_out)),
            ToWatcher::Hello { .. }
            | ToWatcher::Control(_)
            | ToWatcher::MoreTime(_)
            | ToWatcher::InputRefused { .. }
            | ToWatcher::End(_)
            | ToWatcher::EndsSoon { .. }
            | ToWatcher::Receipt(_)
            | ToWatcher::AskAnswered { .. }
            | ToWatcher::Recording(_)
            | ToWatcher::Turn(_)
            | ToWatcher::Turned { .. } => None,
        }
    }

    /// Whether it belongs to the stream of pictures.
    pub const fn is_picture(&self) -> bool {
        matches!(self, Self::Frame(_) | Self::FreshFrame(_))
    }
}

impl From<TurnedToWatcher> for ToWatcher {
    fn from(message: TurnedToWatcher) -> Self {
        match message {
            TurnedToWatcher::Sharing(sharing) => Self::Sharing(sharing),
            TurnedToWatcher::Frame(frame) => Self::Frame(frame),
            TurnedToWatcher::FreshFrame(frame) => Self::FreshFrame(frame),
            TurnedToWatcher::Pointing { allowed } => Self::Pointing { allowed },
            TurnedToWatcher::MarksCleared { up_to } => Self::MarksCleared { up_to },
            TurnedToWatcher::PointsOut(points_out) => Self::PointsOut(points_out),
        }
    }
}

/// From the session's shower, who looks for this turn.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum TurnedToShower {
    /// As [`ToShower::FrameShown`].
    FrameShown {
        /// The newest that was shown.
        number: FrameNumber,
        /// How long this answer was held back, in milliseconds.
        held_ms: u16,
    },
    /// As [`ToShower::DecodesVideo`].
    DecodesVideo(bool),
    /// As [`ToShower::Point`].
    Point {
        /// On which showing of this turn.
        showing: ShowingNumber,
        /// The place.
        at: Option<PointerPlace>,
    },
    /// As [`ToShower::Mark`].
    Mark {
        /// On which showing of this turn.
        showing: ShowingNumber,
        /// The mark.
        mark: Mark,
    },
    /// As [`ToShower::ClearMarks`].
    ClearMarks,
}

impl TurnedToShower {
    /// The word, if it may be said in a turn.
    pub fn of(message: ToShower) -> Option<Self> {
        match message {
            ToShower::FrameShown { number, held_ms } => Some(Self::FrameShown { number, held_ms }),
            ToShower::DecodesVideo(can) => Some(Self::DecodesVideo(can)),
            ToShower::Point { showing, at } => Some(Self::Point { showing, at }),
            ToShower::Mark { showing, mark } => Some(Self::Mark { showing, mark }),
            ToShower::ClearMarks => Some(Self::ClearMarks),
            ToShower::Hello { .. }
            | ToShower::RequestControl
            | ToShower::GiveBackControl
            | ToShower::RequestMoreTime { .. }
            | ToShower::Input { .. }
            | ToShower::End(_)
            | ToShower::Receipt(_)
            | ToShower::AskToShow { .. }
            | ToShower::RequestRecording
            | ToShower::StopRecording { .. }
            | ToShower::RequestTurn
            | ToShower::EndTurn { .. }
            | ToShower::Turned { .. } => None,
        }
    }

    /// Whether it belongs to the stream of what is pointed at.
    pub const fn is_pointing(&self) -> bool {
        matches!(self, Self::Point { .. } | Self::Mark { .. } | Self::ClearMarks)
    }
}

impl From<TurnedToShower> for ToShower {
    fn from(message: TurnedToShower) -> Self {
        match message {
            TurnedToShower::FrameShown { number, held_ms } => Self::FrameShown { number, held_ms },
            TurnedToShower::DecodesVideo(can) => Self::DecodesVideo(can),
            TurnedToShower::Point { showing, at } => Self::Point { showing, at },
            TurnedToShower::Mark { showing, mark } => Self::Mark { showing, mark },
            TurnedToShower::ClearMarks => Self::ClearMarks,
        }
    }
}
