//! The words of the shower's machine: what must be done, and what people must
//! see.

use super::*;

/// For how long control is granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ControlLimit {
    /// So many minutes.
    Minutes(u16),
    /// Until the session ends.
    Session,
}

/// Why nothing is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShareError {
    /// No application is chosen.
    #[error("no application is chosen")]
    Empty,
    /// The session has ended.
    #[error("the session has ended")]
    Ended,
}

/// A right can't be allowed, because nobody asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this has not been asked for")]
pub struct NotAsked;

/// What the shower's program must do, in this order.
#[derive(Clone, Debug)]
pub enum ShowerEffect {
    /// Seal and send this.
    Send(ToWatcher),
    /// Begin to capture, with an empty picture.
    StartCapture(Permitted<ViewSelection>),
    /// Stop capturing. Frames that wait to be sealed must not leave.
    StopCapture,
    /// Begin to take remote input.
    StartInjection(Permitted<ViewSelection>),
    /// Inject this.
    Inject(Permitted<InputEvent>),
    /// Stop injecting and release everything that is held down.
    StopInjection,
    /// The watcher has shown this frame, and says so after so many
    /// milliseconds.
    FrameShown {
        /// The newest that it has shown.
        number: FrameNumber,
        /// From showing it to saying so, in milliseconds.
        held_ms: u16,
    },
    /// Whether the watcher can decode moving pictures.
    DecodesVideo(bool),
    /// All that the watcher points at from here on, in place of what it pointed
    /// at before.
    Marks(Permitted<ShownMarks>),
    /// Take this frame of a turn into the picture.
    TurnedFrame(Frame),
    /// The same; what was sent before is of no use for it and those to come.
    TurnedFreshFrame(Frame),
    /// [`ShowerSession::turned_marks`] has changed.
    TurnedMarks,
    /// [`ShowerSession::state`] has changed. When what a turn shows changes, its
    /// picture is forgotten.
    Changed,
    /// It is over; nothing follows.
    Ended(EndReason, EndedBy),
}

/// Control as the shower sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShowerControl {
    /// Not granted and not asked for.
    None,
    /// The watcher asks.
    Asked {
        /// Since when.
        since: Moment,
    },
    /// Granted.
    Granted {
        /// Until when; `None` = until the session ends.
        until: Option<Moment>,
        /// The watcher asks for more time.
        asks_more: bool,
    },
    /// The human said no.
    Refused,
    /// It was granted and has ended.
    Ended(ControlEnd),
}

/// The recording as the shower sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShowerRecording {
    /// Not allowed and not asked for.
    None,
    /// The watcher asks.
    Asked {
        /// Since when.
        since: Moment,
    },
    /// The watcher records.
    Granted {
        /// Who opens it.
        owners: RecordingOwners,
    },
    /// The human said no.
    Refused,
    /// It was allowed and has ended.
    Ended(RecordingEnd),
}

/// The turned direction as the shower sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShowerTurn {
    /// Not turned and not asked for.
    None,
    /// The watcher asks to show something of its own.
    Asked {
        /// Since when.
        since: Moment,
    },
    /// The watcher shows, and this side looks.
    Granted {
        /// What the watcher is doing.
        shown: SharingState,
    },
    /// The human said no.
    Refused,
    /// It was turned and has ended.
    Ended(TurnEnd),
}

/// What people at the shower must see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShowerState {
    /// Whether something is shown.
    pub sharing: SharingState,
    /// Who has control.
    pub control: ShowerControl,
    /// When the session ends by the company's rules, once that is soon.
    pub ends_at: Option<Moment>,
    /// Without a link: `Some(true)` if what is paused is shown again as soon as
    /// there is one.
    pub cut: Option<bool>,
    /// Whether the human sees what the watcher points at, if it does.
    pub pointing_hidden: bool,
    /// How many marks of the watcher's are seen.
    pub marks: usize,
    /// Whether the watcher's pointer is seen.
    pub watcher_points: bool,
    /// Whether the shower's own pointer is to stand out.
    pub points_out: bool,
    /// Whether the watcher records.
    pub recording: ShowerRecording,
    /// Whether the direction is turned.
    pub turn: ShowerTurn,
}
