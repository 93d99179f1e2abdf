//! Messages between shower and watcher, inside sealed records.
//!
//! What scammers need does not exist here: no black screen, no input lock, no
//! hidden mode, no unattended access, no silent file. A message that this
//! version does not know ends the session.

use crate::{
    geometry::{Point, Rect, Size},
    input::{InputEvent, InputRefusal},
    receipt::{ToKeeper, ToWitness},
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

/// The shower's pointer, told only while it is over a shared surface.
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
}
