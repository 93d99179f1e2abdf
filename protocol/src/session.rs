//! The session machine: who may see and do what, decided at the shower.
//!
//! [`ShowerSession`] is the judge. Nothing is shown or controlled without a
//! live grant by the human at the shower, given through one of its verbs; it
//! alone makes [`Permitted`] values, which capture and injection demand.
//! [`WatcherSession`] is its counterpart; it keeps an honest watcher in order
//! and a hostile shower out.
//!
//! Both are pure. Families of calls:
//! - `handle_message`, `handle_timeout`: what comes from outside;
//! - verbs: what the human, or the machine's own side, wants;
//! - `poll_effect`: what must be done, to be drained after every call above;
//!   `poll_timeout`: when to call `handle_timeout` next.
//!
//! ```text
//! both   Hello                                     first, once
//! S→W    Sharing(Showing), Frame.., Sharing(Paused | Choosing)
//!        Every Showing begins with an empty picture; frame numbers go on.
//! W→S    FrameShown
//! W→S    RequestControl     S→W  Control(Asked), then
//!                                Control(Granted | Refused | None)
//! W→S    Input..            S→W  InputRefused (aggregated)
//! S→W    Control(Ended)     time over, taken back, F12, sharing changed
//! W→S    Point, Mark, ClearMarks    while shown    S→W  Pointing, MarksCleared
//! W→S    AskToShow          S→W  AskAnswered       S→W  PointsOut
//! W→S    RequestRecording   S→W  Recording(Asked), then
//!                                Recording(Granted | Refused | None)
//! W→S    StopRecording      S→W  Recording(Ended), also without being asked
//! W→S    RequestTurn        S→W  Turn(Asked), then
//!                                Turn(Granted | Refused | None)
//!        Before Granted nothing is shown any more. From there to its end
//! both   Turned(turn, word)     the words of showing, looking and pointing,
//!                               turned round
//! W→S    EndTurn            S→W  Turn(Ended), also without being asked
//! W→S    RequestMoreTime    S→W  MoreTime(Asked), then
//!                                MoreTime(Granted | Refused), while Granted
//! S→W    EndsSoon                                  once, by the rules
//! both   End                                       last
//! ```
//! The peer is hostile: what an honest peer can't send ends the session; what
//! it can send late (input under a grant that has just ended, say) is dropped.

mod asks;
mod frames;
mod marks;
mod permit;
mod refusals;
mod shower;
mod watcher;

pub use asks::AskState;
pub use marks::Drawing;
pub use permit::{Gate, Permitted};
pub use shower::{
    ControlLimit, NotAsked, ShareError, ShowerControl, ShowerEffect, ShowerRecording, ShowerSession, ShowerState,
    ShowerTurn,
};
pub use watcher::{AskedMore, WatcherEffect, WatcherSession, WatcherState, WatcherTurn};

use alloc::collections::BTreeSet;

/// An application on the shower's desktop: all windows of one process, as the
/// system itself tells it. Only the platform knows what is in the number. A
/// process that ends takes it along; where the system does not tell the process
/// (a program on another computer, say), a later one may get it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ApplicationId(pub u64);

/// The applications that the human at the shower chose to show.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ViewSelection {
    /// Chosen by hand, never empty in a grant.
    pub applications: BTreeSet<ApplicationId>,
}

/// The gates of a session, for threads that must end rights without waiting
/// (the stop key's, say). Raising one is enough: the session notices at its
/// next call and does the rest.
#[derive(Clone, Debug, Default)]
pub struct Gates {
    /// Raised when showing ends.
    pub view: Gate,
    /// Raised when control ends.
    pub control: Gate,
    /// Raised when the human at the shower uses mouse or keyboard: what the
    /// watcher sent before has no effect any more, and what it sends rests.
    pub hands: Gate,
}

/// Which side ended the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EndedBy {
    /// This one.
    ThisSide,
    /// The other one.
    OtherSide,
}

/// What a peer did that an honest one can't.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misbehaviour {
    /// A message before its hello.
    #[error("a message before the hello")]
    HelloMissing,
    /// A second hello.
    #[error("a second hello")]
    HelloTwice,
    /// Input under a grant that was never given.
    #[error("input under a grant that was never given")]
    UnknownGrant,
    /// Asking for control, or to be shown something, without end.
    #[error("asked over and over")]
    AsksFlood,
    /// A request to be shown something, or its answer, that does not follow.
    #[error("requests out of order")]
    AskOrder,
    /// A mark or pointer on what was never shown, or that can't be.
    #[error("pointing at what can't be pointed at")]
    Pointing,
    /// Pointing without end.
    #[error("too much pointing")]
    PointingFlood,
    /// A word on pointing that can't follow what was said before.
    #[error("pointing out of order")]
    PointingOrder,
    /// A frame number, or its acknowledgement, that does not count up.
    #[error("frames out of order")]
    FrameOrder,
    /// A change of sharing that can't follow the state before.
    #[error("sharing changed out of order")]
    SharingOrder,
    /// A change of control that can't follow the state before.
    #[error("control changed out of order")]
    ControlOrder,
    /// A scene or cursor beyond the limits, or at odds with itself.
    #[error("a scene that can't be")]
    Scene,
    /// A word on the recording that can't follow what was said before.
    #[error("recording changed out of order")]
    RecordingOrder,
    /// A word on turning the direction that can't follow what was said before,
    /// or one of a turn that never was.
    #[error("turning out of order")]
    TurnOrder,
    /// A second word of when the session ends.
    #[error("the end of the session told twice")]
    EndTwice,
    /// A line of chat, or its receipt, that does not count up.
    #[error("chat out of order")]
    ChatOrder,
    /// Chat without end.
    #[error("too much chat")]
    ChatFlood,
    /// A text from a clipboard that nobody let through, or an answer to none.
    #[error("clipboard out of order")]
    ClipboardOrder,
    /// Copied text without end.
    #[error("too much copied text")]
    ClipboardFlood,
    /// An entry of the receipt at odds with what happened, or a wrong
    /// signature.
    #[error("a receipt that can't be")]
    Receipt,
    /// A message about files that can't follow those before.
    #[error("messages about files out of order")]
    TransferOrder,
    /// Bytes of a file that nobody wanted.
    #[error("a file that nobody wanted")]
    TransferUnasked,
    /// An offer, or a file, beyond the limits.
    #[error("files beyond the limits")]
    TransferLimits,
    /// More of files at once than an honest side sends.
    #[error("too much of files at once")]
    TransferFlood,
}

#[cfg(test)]
mod tests;
