//! The stop key (F12), a second one, and the local person's own mouse and
//! keyboard.

use std::{fmt, str::FromStr, sync::Arc};

/// A key that stops control beside F12. Only keys that nobody types text with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecondStopKey(&'static (&'static str, u32));

/// By the names and symbols of X.
const SECOND_STOP_KEYS: [(&str, u32); 31] = [
    ("Pause", 0xff13),
    ("Break", 0xff6b),
    ("Scroll_Lock", 0xff14),
    ("Print", 0xff61),
    ("Sys_Req", 0xff15),
    ("Cancel", 0xff69),
    ("Insert", 0xff63),
    ("Menu", 0xff67),
    ("F1", 0xffbe),
    ("F2", 0xffbf),
    ("F3", 0xffc0),
    ("F4", 0xffc1),
    ("F5", 0xffc2),
    ("F6", 0xffc3),
    ("F7", 0xffc4),
    ("F8", 0xffc5),
    ("F9", 0xffc6),
    ("F10", 0xffc7),
    ("F11", 0xffc8),
    ("F13", 0xffca),
    ("F14", 0xffcb),
    ("F15", 0xffcc),
    ("F16", 0xffcd),
    ("F17", 0xffce),
    ("F18", 0xffcf),
    ("F19", 0xffd0),
    ("F20", 0xffd1),
    ("F21", 0xffd2),
    ("F22", 0xffd3),
    ("F23", 0xffd4),
    ("F24", 0xffd5),
];

impl SecondStopKey {
    /// The names that a key can be chosen by.
    pub fn names() -> impl Iterator<Item = &'static str> {
        SECOND_STOP_KEYS.iter().map(|(name, _)| *name)
    }

    /// Its X key symbol.
    pub const fn symbol(self) -> u32 {
        self.0.1
    }
}

/// As people read it.
impl fmt::Display for SecondStopKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.0.replace('_', " "))
    }
}

/// There is no such key, or it can't be a stop key.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("no second stop key")]
pub struct NoStopKey;

/// By its name in X, in capitals or not.
impl FromStr for SecondStopKey {
    type Err = NoStopKey;

    fn from_str(name: &str) -> Result<Self, NoStopKey> {
        let found = SECOND_STOP_KEYS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(Self).ok_or(NoStopKey)
    }
}

/// Why the stop key can't be watched.
#[derive(Debug, thiserror::Error)]
pub enum StopKeyError {
    /// The system can't report it.
    #[error("the stop key can't be watched here: {0}")]
    NotAvailable(String),
}

/// Input as the display got it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeenInput {
    /// A key of a real device went down or up, or a finger on its touchscreen.
    Press,
    /// A button of a real device went down or up, where the pointer was.
    Click,
    /// A key or button did, but by a program that injects.
    InjectedPress,
    /// A program that injects moved the pointer.
    InjectedMotion,
}

/// Called on the watching thread, at once. Must not block.
pub trait StopKeyHandler: Send {
    /// The stop key was pressed, by whatever device the system reports.
    fn stop_key_pressed(&mut self);

    /// The last keyboard was switched off or taken away: nobody could press the
    /// stop key. Must not block.
    fn keyboard_gone(&mut self);

    /// The local person used a real mouse or keyboard (not injected input).
    fn local_input(&mut self) {}

    /// Somebody pressed, or a program moved the pointer; of each, unlike
    /// [`Self::local_input`].
    fn input_seen(&mut self, _input: SeenInput) {}

    /// The watch is lost (the display is gone): whatever needs the stop key
    /// must end.
    fn watch_lost(&mut self);
}

/// A running watch; ends when dropped.
pub trait StopKeyWatch: Send {
    /// Whether the stop key is kept from the application that has the
    /// keyboard: on while control is granted, off otherwise. A wish: where the
    /// system can't, the key still stops.
    fn swallow(&self, on: bool);

    /// A way to have something done in the order of the display's events.
    fn after_events(&self) -> AfterEvents;
}

/// What is done on the watching thread.
pub type Errand = Box<dyn FnOnce() + Send>;

/// Has errands done on the watching thread, each as soon as the handler has
/// been told of all that the display got before it was given. Never blocks;
/// cheap to clone. When the watch has ended or is lost, an errand is dropped
/// without being done.
#[derive(Clone)]
pub struct AfterEvents(Arc<dyn Fn(Errand) + Send + Sync>);

impl AfterEvents {
    /// Gives errands to a watch in this way.
    pub fn new(give: impl Fn(Errand) + Send + Sync + 'static) -> Self {
        Self(Arc::new(give))
    }

    /// Has this done.
    pub fn run(&self, errand: impl FnOnce() + Send + 'static) {
        (self.0)(Box::new(errand));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_stop_key_is_found_by_its_name_and_none_that_types() {
        for (name, symbol, shown) in
            [("Pause", 0xff13, "Pause"), ("scroll_lock", 0xff14, "Scroll Lock"), ("F11", 0xffc8, "F11")]
        {
            let key: SecondStopKey = name.parse().unwrap();
            assert_eq!((key.symbol(), key.to_string().as_str()), (symbol, shown));
        }
        for name in ["", "F12", "a", "Return", "Shift_L", "Pause ", "F99"] {
            assert_eq!(name.parse::<SecondStopKey>(), Err(NoStopKey), "{name}");
        }
        assert!(SecondStopKey::names().all(|name| name.parse::<SecondStopKey>().is_ok()));
    }
}
