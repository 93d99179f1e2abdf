//! Messages between shower and watcher, inside sealed records.
//!
//! What scammers need does not exist here: no black screen, no input lock, no
//! hidden mode, no unattended access, no silent file. A message that this
//! version does not know ends the session.

mod turn;

pub use turn::{TurnEnd, TurnId, TurnState, TurnedToShower, TurnedToWatcher};

use crate::{
    ask::{AskAnswer, AskNumber, AskText},
    geometry::{Point, Rect, Size},
    input::{InputEvent, InputRefusal},
    marks::{Mark, MarkId, ShowingNumber},
    receipt::{ToKeeper, ToWitness},
    recording::{RecordingKey, RecordingOwners},
    text::DisplayText,
};
use alloc::vec::Vec;
use bincode::{Decode, Encode};

/// A shared window's pixels: one per top-level window, menu or tooltip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
pub struct SurfaceId(pub u32);

/// One grant of control; every new one has a new number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
pub struct GrantId(pub u32);

/// Counts the frames of a session, from 1, also across pauses. Numbers may be
/// missing: a frame whose sending was broken off when showing ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
pub struct FrameNumber(pub u64);

/// Whether a surface's pixels can be shown at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
pub enum SurfaceState {
    /// Its pixels are current.
    Shown,
    /// The window is minimised: the last pixels stand.
    Minimised,
    /// The system refuses its pixels: a labelled placeholder stands for it.
    Unavailable,
}

/// One surface of a scene.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Surface {
    /// Which.
    pub id: SurfaceId,
    /// Place on the shower's desktop and size, in pixels.
    pub rect: Rect,
    /// Whether its pixels are current.
    pub state: SurfaceState,
    /// The window that a menu, dialog or tooltip belongs to.
    pub parent: Option<SurfaceId>,
    /// The window's title; empty for menus and tooltips.
    pub title: DisplayText,
}

/// All surfaces, bottom-most first. Moving, raising or closing a window is a
/// new scene and costs no pixels.
#[derive(Clone, Debug, PartialEq, Eq, Default, Encode, Decode)]
pub struct Scene {
    /// The shower's desktop.
    pub desktop: Size,
    /// Bottom-most first; at most [`crate::wire::MAX_SURFACES`].
    pub surfaces: Vec<Surface>,
}

/// A pointer, told only while it is over a shared surface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct PointerPlace {
    /// The surface that it is over.
    pub surface: SurfaceId,
    /// Hot spot, from the surface's left top corner.
    pub at: Point,
}

/// The picture of a pointer.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct CursorImage {
    /// At most [`crate::wire::MAX_CURSOR_SIDE_PX`] on each side.
    pub size: Size,
    /// The point that points, from its left top corner.
    pub hot_spot: Point,
    /// Premultiplied `0xAARRGGBB`, row by row; `size.pixels()` of them.
    pub pixels: Vec<u32>,
}

/// One step of the picture. All of its parts become visible together.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Frame {
    /// Greater than that of every frame before.
    pub number: FrameNumber,
    /// The new scene, if it changed.
    pub scene: Option<Scene>,
    /// Where the pointer is, if that changed: `Some(None)` = over nothing shared.
    pub pointer: Option<Option<PointerPlace>>,
    /// The pointer's new picture, if it changed.
    pub cursor: Option<CursorImage>,
    /// From taking a frame to hearing that it was shown, in milliseconds, if
    /// that changed much since it was told last. For the watcher's person.
    pub round_trip_ms: Option<u16>,
    /// Changed pixels in the coding of the `picture` crate; may be empty.
    pub pixels: Vec<u8>,
}

/// What the shower is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
pub enum SharingState {
    /// Choosing what to show; nothing is shown.
    Choosing,
    /// Showing.
    Showing,
    /// Paused: the picture is taken away until it goes on.
    Paused,
}

/// Why control ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
pub enum ControlEnd {
    /// The shower pressed the stop key (F12).
    StopKey,
    /// The shower took it back by a button.
    TakenBack,
    /// The time allowed is over.
    TimeOver,
    /// Sharing was paused, ended or chosen anew.
    SharingChanged,
    /// The watcher gave it back.
    GivenBack,
    /// Injection does not work on the shower's machine.
    NotAvailable,
    /// The company's rules do not allow control.
    Forbidden,
    /// The link broke; a new grant is needed.
    LinkLost,
}

/// Whether the watcher may control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
pub enum ControlState {
    /// Not granted and not asked for.
    None,
    /// Asked for; the shower has not decided.
    Asked,
    /// Granted.
    Granted {
        /// Goes with every input event.
        grant: GrantId,
        /// Seconds left; `None` = until the session ends.
        remaining_s: Option<u32>,
    },
    /// The shower said no.
    Refused,
    /// It was granted and has ended.
    Ended(ControlEnd),
}

/// What becomes of a request for more time, while control is granted for a
/// limited one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
pub enum MoreTime {
    /// The shower has not decided.
    Asked,
    /// The same grant lasts longer.
    Granted {
        /// Seconds left from here on; `None` = until the session ends.
        remaining_s: Option<u32>,
    },
    /// The shower said no; the grant lasts as long as before.
    Refused,
}

/// Why a recording ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
pub enum RecordingEnd {
    /// The human at the shower took the consent back.
    TakenBack,
    /// The watcher stopped it.
    Stopped,
    /// The watcher's program could not go on: no room on its disk, say.
    Broken,
    /// The company's rules do not allow recordings.
    Forbidden,
    /// The link broke; a new consent is needed.
    LinkLost,
    /// Something is shown that was not when the consent was given.
    SharingChanged,
    /// The direction was turned: there was nothing more to be recorded.
    Turned,
}

/// Whether the watcher may record what it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum RecordingState {
    /// Not allowed and not asked for.
    None,
    /// Asked for; the human at the shower has not decided.
    Asked,
    /// Allowed, from here on.
    Granted {
        /// Who opens it.
        owners: RecordingOwners,
        /// What it is sealed to.
        key: RecordingKey,
    },
    /// The human at the shower said no.
    Refused,
    /// It was allowed and has ended.
    Ended(RecordingEnd),
}

/// Why a side ends the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
pub enum EndReason {
    /// A person ended it.
    ByPerson,
    /// The program is closing.
    ProgramClosed,
    /// The other side broke the rules of the session.
    Misbehaved,
    /// Something broke on this side.
    Broken,
    /// The company's rules let a session be no longer.
    TimeOver,
    /// The customer does not want this session.
    Declined,
}

/// From the side that is shown to the side that looks.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum ToWatcher {
    /// First message.
    Hello {
        /// Of the program.
        version: DisplayText,
    },
    /// What the shower is doing changed. Each `Showing` begins with an empty
    /// picture.
    Sharing(SharingState),
    /// A step of the picture.
    Frame(Frame),
    /// Control changed.
    Control(ControlState),
    /// Input had no effect. Sent at most a few times a second.
    InputRefused {
        /// Why.
        reason: InputRefusal,
        /// How many events since the last such message.
        events: u32,
    },
    /// The session is over.
    End(EndReason),
    /// By the company's rules the session ends soon. Sent once.
    EndsSoon {
        /// Seconds left.
        remaining_s: u32,
    },
    /// Of the receipt that the shower's person may keep.
    Receipt(ToWitness),
    /// A step of the picture that takes up nothing of what came before: its
    /// scene is whole, and so are its pixels and those that follow.
    FreshFrame(Frame),
    /// Whether the watcher's pointer and marks are seen. Told when it changes;
    /// they are at first. All marks are gone when they are not.
    Pointing {
        /// They are.
        allowed: bool,
    },
    /// The human at the shower took away all marks up to this one.
    MarksCleared {
        /// The newest of them.
        up_to: MarkId,
    },
    /// The shower points with its own pointer: it is to stand out, or no
    /// longer. Told when it changes; it does not at first.
    PointsOut(bool),
    /// What became of a request to be shown something.
    AskAnswered {
        /// Which request.
        number: AskNumber,
        /// What became of it.
        answer: AskAnswer,
    },
    /// Whether the watcher may record changed.
    Recording(RecordingState),
    /// Whether the watcher may show something of its own changed.
    Turn(TurnState),
    /// A word of a turn.
    Turned {
        /// Which turn.
        turn: TurnId,
        /// The word.
        message: TurnedToShower,
    },
    /// What becomes of the request for more time.
    MoreTime(MoreTime),
}

/// From the side that looks to the side that is shown.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum ToShower {
    /// First message.
    Hello {
        /// Of the program.
        version: DisplayText,
    },
    /// This frame, and all before it, have been taken in and shown.
    FrameShown {
        /// The newest of them.
        number: FrameNumber,
        /// How long this answer was held back, to go for several frames at
        /// once, in milliseconds.
        held_ms: u16,
    },
    /// Whether moving pictures can be decoded here: none may be sent before
    /// this said so, and none any more once it said no.
    DecodesVideo(bool),
    /// Please may I control?
    RequestControl,
    /// I take my request back, or give control back.
    GiveBackControl,
    /// Input under a grant.
    Input {
        /// The grant that it belongs to.
        grant: GrantId,
        /// What to do.
        event: InputEvent,
    },
    /// The session is over.
    End(EndReason),
    /// Of the receipt that the shower's person may keep.
    Receipt(ToKeeper),
    /// Where the watcher's pointer is; `None` = it points at nothing.
    Point {
        /// On which showing.
        showing: ShowingNumber,
        /// The place.
        at: Option<PointerPlace>,
    },
    /// A mark, or the newest one drawn anew.
    Mark {
        /// On which showing.
        showing: ShowingNumber,
        /// The mark.
        mark: Mark,
    },
    /// I take all my marks away.
    ClearMarks,
    /// Please show me this; without a text: I take the request back.
    AskToShow {
        /// One more than that of the request before; the same to take it back.
        number: AskNumber,
        /// In the own words of the human at the watcher.
        text: Option<AskText>,
    },
    /// Please may I record what I am shown?
    RequestRecording,
    /// I take that request back, or have stopped recording.
    StopRecording {
        /// Because this program can't go on.
        broken: bool,
    },
    /// Please may I show you something of my screen?
    RequestTurn,
    /// I take that request back, or turn back.
    EndTurn {
        /// Because this program can't go on.
        broken: bool,
    },
    /// A word of a turn.
    Turned {
        /// Which turn.
        turn: TurnId,
        /// The word.
        message: TurnedToWatcher,
    },
    /// Please may I control for longer?
    RequestMoreTime {
        /// Under this grant, which is limited.
        grant: GrantId,
    },
}
