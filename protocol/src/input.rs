//! Remote input: what a watcher can ask to have pressed, typed or moved.
//!
//! The types leave out what must never happen: there is no F12, no Super or
//! Windows key, no way to name a raw key code. A character is meant as the
//! character; the shower's program finds the key for it in the mapping of the
//! shower's own keyboard.

use crate::peer_msg::SurfaceId;
use bincode::{Decode, Encode};

/// A mouse button.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
pub enum Button {
    /// The main button.
    Left,
    /// The wheel, pressed.
    Middle,
    /// The context button.
    Right,
    /// The side button for "back".
    Back,
    /// The side button for "forward".
    Forward,
}

/// Keys that make no character. F12 is not among them on purpose: it belongs
/// to the shower alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
#[allow(missing_docs)]
pub enum NamedKey {
    Enter,
    Tab,
    Backspace,
    Delete,
    Insert,
    Escape,
    Home,
    End,
    PageUp,
    PageDown,
    ArrowUp,
    ArrowDown,
    ArrowLeft,
    ArrowRight,
    ShiftLeft,
    ControlLeft,
    AltLeft,
    /// AltGr on most European keyboards.
    AltGraph,
    Menu,
    F1,
    F2,
    F3,
    F4,
    F5,
    F6,
    F7,
    F8,
    F9,
    F10,
    F11,
}

impl NamedKey {
    /// Whether it changes what other keys, clicks and the wheel do while it is
    /// held.
    pub const fn is_modifier(self) -> bool {
        matches!(self, Self::ShiftLeft | Self::ControlLeft | Self::AltLeft | Self::AltGraph)
    }
}

/// A key as the watcher means it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
pub enum Key {
    /// A character, with Shift and AltGr already applied: `A`, `@`, `€`.
    Character(char),
    /// A key that makes no character.
    Named(NamedKey),
}

/// One event of remote input. Coordinates are pixels from the left top corner
/// of the surface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum InputEvent {
    /// The pointer moved over a surface.
    PointerMove {
        /// The surface under the pointer.
        surface: SurfaceId,
        /// Pixels from its left edge.
        x: i32,
        /// Pixels from its top edge.
        y: i32,
    },
    /// A button went down or up. A release is meant wherever the pointer is.
    PointerButton {
        /// The surface under the pointer.
        surface: SurfaceId,
        /// Pixels from its left edge.
        x: i32,
        /// Pixels from its top edge.
        y: i32,
        /// Which button.
        button: Button,
        /// Down or up.
        pressed: bool,
    },
    /// The wheel turned, in notches: right and down are positive.
    Scroll {
        /// The surface under the pointer.
        surface: SurfaceId,
        /// Pixels from its left edge.
        x: i32,
        /// Pixels from its top edge.
        y: i32,
        /// Notches to the right.
        right: i8,
        /// Notches down.
        down: i8,
    },
    /// A key went down or up.
    Key {
        /// Which key.
        key: Key,
        /// Down or up.
        pressed: bool,
    },
    /// Let go of everything that this watcher holds down (its window lost the
    /// keyboard, say).
    ReleaseAll,
}

/// Why an input event had no effect at the shower.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
pub enum InputRefusal {
    /// Control is not granted, or the event belongs to an earlier grant.
    NoGrant,
    /// The point is not on a shared window at this moment.
    OutsideSharedWindows,
    /// The keyboard belongs to a window that is not shared.
    FocusNotShared,
    /// The shower's keyboard has no key for this character.
    NoKeyForCharacter,
    /// A shortcut of the system, which stays with the shower.
    SystemShortcut,
    /// The shower is using mouse or keyboard.
    LocalInputWins,
}
