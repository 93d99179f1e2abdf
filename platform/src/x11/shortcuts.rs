//! Which key combinations stay with the person at this machine: those that the
//! window manager or the system act on instead of the shared application. Pure.
//!
//! The list holds on every desktop; what this very desktop has bound besides
//! is found out at the moment of pressing (`inject`).
//! Alt+F4 is among them: the window manager obeys it, not the application, and
//! closing a window is the person's own decision. The same goes for the other
//! function keys with Alt (move, resize, minimise, run a command).

use mitblick_protocol::input::{Key, NamedKey};

/// What is held down while a key is pressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) control: bool,
    pub(super) alt: bool,
}

/// Whether this combination belongs to the system. `composes` = Ctrl and Alt
/// only stand for AltGr, as some keyboards send it, and the character needs it.
pub(super) fn belongs_to_system(held: Held, key: Key, composes: bool) -> bool {
    match key {
        Key::Named(NamedKey::ShiftLeft | NamedKey::ControlLeft | NamedKey::AltLeft | NamedKey::AltGraph) => false,
        _ if held.control && held.alt => !composes,
        Key::Character(' ' | '\t' | '\u{1b}') => held.alt,
        Key::Character(_) => false,
        Key::Named(NamedKey::Escape) => held.alt || held.control,
        Key::Named(
            NamedKey::Tab
            | NamedKey::F1
            | NamedKey::F2
            | NamedKey::F3
            | NamedKey::F4
            | NamedKey::F5
            | NamedKey::F6
            | NamedKey::F7
            | NamedKey::F8
            | NamedKey::F9
            | NamedKey::F10
            | NamedKey::F11,
        ) => held.alt,
        Key::Named(
            NamedKey::Enter
            | NamedKey::Backspace
            | NamedKey::Delete
            | NamedKey::Insert
            | NamedKey::Home
            | NamedKey::End
            | NamedKey::PageUp
            | NamedKey::PageDown
            | NamedKey::ArrowUp
            | NamedKey::ArrowDown
            | NamedKey::ArrowLeft
            | NamedKey::ArrowRight
            | NamedKey::Menu,
        ) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Held = Held { control: false, alt: false };
    const ALT: Held = Held { control: false, alt: true };
    const CONTROL: Held = Held { control: true, alt: false };
    const BOTH: Held = Held { control: true, alt: true };

    #[test]
    fn what_switches_windows_or_leaves_the_application_is_refused() {
        let refused = [
            (ALT, Key::Named(NamedKey::Tab)),
            (ALT, Key::Character('\t')),
            (ALT, Key::Named(NamedKey::Escape)),
            (ALT, Key::Character(' ')),
            (ALT, Key::Named(NamedKey::F4)),
            (ALT, Key::Named(NamedKey::F2)),
            (CONTROL, Key::Named(NamedKey::Escape)),
            (BOTH, Key::Character('t')),
            (BOTH, Key::Named(NamedKey::Delete)),
            (BOTH, Key::Named(NamedKey::Backspace)),
            (BOTH, Key::Named(NamedKey::ArrowLeft)),
            (BOTH, Key::Named(NamedKey::F1)),
        ];
        for (held, key) in refused {
            assert!(belongs_to_system(held, key, false), "{held:?} {key:?}");
        }
    }

    #[test]
    fn what_applications_use_passes() {
        let passes = [
            (NONE, Key::Named(NamedKey::Tab)),
            (NONE, Key::Named(NamedKey::Escape)),
            (NONE, Key::Named(NamedKey::F11)),
            (CONTROL, Key::Character('c')),
            (CONTROL, Key::Named(NamedKey::Tab)),
            (CONTROL, Key::Named(NamedKey::F4)),
            (CONTROL, Key::Character(' ')),
            (ALT, Key::Character('f')),
            (ALT, Key::Named(NamedKey::ArrowLeft)),
            (CONTROL, Key::Named(NamedKey::AltLeft)),
        ];
        for (held, key) in passes {
            assert!(!belongs_to_system(held, key, false), "{held:?} {key:?}");
        }
    }

    #[test]
    fn control_and_alt_together_pass_as_alt_gr_only() {
        assert!(!belongs_to_system(BOTH, Key::Character('@'), true));
        assert!(belongs_to_system(BOTH, Key::Character('@'), false));
    }
}
