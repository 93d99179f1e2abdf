//! From what the advisor does in the picture to remote input. Pure; whether
//! control is granted is asked before.
//!
//! Characters are sent as characters, so the two keyboards may differ: Ctrl
//! and Alt go over at once, Shift only before what needs it (a click, an
//! arrow, a shortcut) and never with text, which has it applied already. A key
//! goes over pressed and released in one, so that none can stay down; repeats
//! come from the advisor's keyboard. F12 has no way over.

use egui::{Event, Modifiers, MouseWheelUnit, PointerButton, Pos2, Vec2};
use mitblick_protocol::{
    geometry::Point,
    input::{Button, InputEvent, Key, NamedKey},
    peer_msg::SurfaceId,
};
use std::collections::BTreeSet;

/// Points of smooth scrolling that make a notch.
const POINTS_PER_NOTCH: f32 = 40.0;

/// Finds the top-most surface at a place of the window.
pub type Hit<'a> = &'a dyn Fn(Pos2) -> Option<(SurfaceId, Point)>;

/// What is held down at the customer, and what is left of a turn of the wheel.
#[derive(Default)]
pub struct InputMapper {
    held: Held,
    buttons: BTreeSet<Button>,
    pointer: Option<Pos2>,
    last: Option<(SurfaceId, Point)>,
    wheel: Vec2,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Held {
    control: bool,
    alt: bool,
    shift: bool,
}

impl InputMapper {
    /// What these events mean for the customer's windows. `keyboard` = the
    /// picture has the keyboard's focus; `label` = what the key that they come
    /// from makes with Shift as it is, if that is one character.
    pub fn map(&mut self, events: &[Event], keyboard: bool, label: Option<char>, hit: Hit<'_>) -> Vec<InputEvent> {
        let mut out = Vec::new();
        for event in events {
            self.one(event, keyboard, label, hit, &mut out);
        }
        out
    }

    /// Whether something is down that has to be let go of.
    pub fn holds_something(&self) -> bool {
        self.held != Held::default() || !self.buttons.is_empty()
    }

    /// Whether a button that was pressed on a shared window is still down.
    pub fn drags(&self) -> bool {
        !self.buttons.is_empty()
    }

    /// Lets go of everything.
    pub fn release_all(&mut self) -> InputEvent {
        *self = Self { pointer: self.pointer, ..Self::default() };
        InputEvent::ReleaseAll
    }

    fn one(&mut self, event: &Event, keyboard: bool, label: Option<char>, hit: Hit<'_>, out: &mut Vec<InputEvent>) {
        match event {
            Event::PointerMoved(place) => {
                self.pointer = Some(*place);
                if let Some((surface, Point { x, y })) = hit(*place) {
                    self.last = Some((surface, Point { x, y }));
                    let moved = InputEvent::PointerMove { surface, x, y };
                    // Only the newest place of a row of moves counts.
                    match out.last_mut() {
                        Some(before @ InputEvent::PointerMove { .. }) => *before = moved,
                        _ => out.push(moved),
                    }
                }
            }
            Event::PointerGone => self.pointer = None,
            Event::PointerButton { pos, button, pressed, modifiers } => {
                self.pointer = Some(*pos);
                self.button(mouse_button(*button), *pressed, *modifiers, hit(*pos), out);
            }
            Event::MouseWheel { unit, delta, modifiers, .. } => self.turn(*unit, *delta, *modifiers, hit, out),
            Event::WindowFocused(false) if self.holds_something() => out.push(self.release_all()),
            Event::ModifiersChanged(modifiers) if keyboard => {
                self.hold(Held { shift: self.held.shift && modifiers.shift, ..held(*modifiers) }, out);
            }
            Event::Text(text) if keyboard && !self.held.control && !self.held.alt => {
                self.hold(Held { shift: false, ..self.held }, out);
                for c in text.chars().filter(|c| !c.is_control()) {
                    tap(Key::Character(c), out);
                }
            }
            Event::Key { key, physical_key, pressed, modifiers, .. } if keyboard => {
                if *pressed {
                    self.press(*key, Combined { label, digit: physical_key.is_some_and(is_digit) }, *modifiers, out);
                } else {
                    self.hold(Held { shift: self.held.shift && modifiers.shift, ..held(*modifiers) }, out);
                }
            }
            Event::Copy if keyboard => self.shortcut('c', out),
            Event::Cut if keyboard => self.shortcut('x', out),
            Event::Paste(_) | Event::PasteImage(_) if keyboard => self.shortcut('v', out),
            _ => {}
        }
    }

    fn button(
        &mut self,
        button: Button,
        pressed: bool,
        modifiers: Modifiers,
        at: Option<(SurfaceId, Point)>,
        out: &mut Vec<InputEvent>,
    ) {
        // A release counts wherever the pointer is, a press only on a surface.
        let place = if pressed {
            at
        } else if self.buttons.contains(&button) {
            at.or(self.last)
        } else {
            None
        };
        let Some((surface, Point { x, y })) = place else { return };
        if pressed {
            self.hold(held(modifiers), out);
            self.buttons.insert(button);
        } else {
            self.buttons.remove(&button);
        }
        self.last = place;
        out.push(InputEvent::PointerButton { surface, x, y, button, pressed });
    }

    fn turn(
        &mut self,
        unit: MouseWheelUnit,
        delta: Vec2,
        modifiers: Modifiers,
        hit: Hit<'_>,
        out: &mut Vec<InputEvent>,
    ) {
        let Some((surface, Point { x, y })) = self.pointer.and_then(hit) else { return };
        self.wheel += match unit {
            MouseWheelUnit::Line => delta,
            MouseWheelUnit::Page => delta * 3.0,
            MouseWheelUnit::Point => delta / POINTS_PER_NOTCH,
        };
        let whole = vec_trunc(self.wheel);
        self.wheel -= whole;
        if whole == Vec2::ZERO {
            return;
        }
        self.hold(held(modifiers), out);
        // egui counts the movement of the content, the customer that of the wheel.
        let notches = |amount: f32| (-amount).clamp(-127.0, 127.0) as i8;
        out.push(InputEvent::Scroll { surface, x, y, right: notches(whole.x), down: notches(whole.y) });
    }

    fn press(&mut self, key: egui::Key, combined: Combined, modifiers: Modifiers, out: &mut Vec<InputEvent>) {
        let mut wanted = held(modifiers);
        let meant = match named(key) {
            Some(name) => Some(Key::Named(name)),
            None if wanted.control || wanted.alt => match combined.sign(key) {
                // Shift is in the sign already: on another keyboard it may stand
                // without.
                Some(sign) if !sign.is_alphabetic() => {
                    wanted.shift = false;
                    Some(Key::Character(sign))
                }
                Some(letter) => Some(Key::Character(letter)),
                None => character(key).map(Key::Character),
            },
            // The text event says it.
            None => None,
        };
        if let Some(meant) = meant {
            self.hold(wanted, out);
            tap(meant, out);
        }
    }

    fn shortcut(&mut self, letter: char, out: &mut Vec<InputEvent>) {
        let before = self.held;
        self.hold(Held { control: true, ..before }, out);
        tap(Key::Character(letter), out);
        self.hold(before, out);
    }

    fn hold(&mut self, wanted: Held, out: &mut Vec<InputEvent>) {
        for (key, was, is) in [
            (NamedKey::ControlLeft, self.held.control, wanted.control),
            (NamedKey::AltLeft, self.held.alt, wanted.alt),
            (NamedKey::ShiftLeft, self.held.shift, wanted.shift),
        ] {
            if was != is {
                out.push(InputEvent::Key { key: Key::Named(key), pressed: is });
            }
        }
        self.held = wanted;
    }
}

/// What a key in a shortcut is on the advisor's keyboard.
#[derive(Clone, Copy)]
struct Combined {
    label: Option<char>,
    /// It stands in the row of digits.
    digit: bool,
}

impl Combined {
    /// The character that the shortcut is made with, if the keyboard says more
    /// of it than the toolkit's name for the key.
    fn sign(self, key: egui::Key) -> Option<char> {
        let label = self.label?;
        // Programs count the keys of the digits as digits, whatever stands on
        // them (French keyboards), and the places of Latin letters as those
        // letters where the layout has none (Greek, Russian).
        let known = egui::Key::from_name(label.encode_utf8(&mut [0; 4])).is_some();
        let by_place = self.digit && !known || label.is_alphabetic() && label > LAST_LATIN;
        if by_place || key == egui::Key::Space {
            return None;
        }
        let mut lower = label.to_lowercase();
        Some(lower.next().filter(|_| lower.next().is_none()).unwrap_or(label))
    }
}

/// End of Unicode's blocks of Latin letters that keyboards have.
const LAST_LATIN: char = '\u{24f}';

fn is_digit(key: egui::Key) -> bool {
    use egui::Key as E;
    matches!(key, E::Num0 | E::Num1 | E::Num2 | E::Num3 | E::Num4 | E::Num5 | E::Num6 | E::Num7 | E::Num8 | E::Num9)
}

fn vec_trunc(vec: Vec2) -> Vec2 {
    egui::vec2(vec.x.trunc(), vec.y.trunc())
}

fn held(modifiers: Modifiers) -> Held {
    Held { control: modifiers.ctrl, alt: modifiers.alt, shift: modifiers.shift }
}

fn tap(key: Key, out: &mut Vec<InputEvent>) {
    out.push(InputEvent::Key { key, pressed: true });
    out.push(InputEvent::Key { key, pressed: false });
}

fn mouse_button(button: PointerButton) -> Button {
    match button {
        PointerButton::Primary => Button::Left,
        PointerButton::Secondary => Button::Right,
        PointerButton::Middle => Button::Middle,
        PointerButton::Extra1 => Button::Back,
        PointerButton::Extra2 => Button::Forward,
    }
}

/// Keys that make no character. F12 is left out: it belongs to the customer.
fn named(key: egui::Key) -> Option<NamedKey> {
    use egui::Key as E;
    Some(match key {
        E::Enter => NamedKey::Enter,
        E::Tab => NamedKey::Tab,
        E::Backspace => NamedKey::Backspace,
        E::Delete => NamedKey::Delete,
        E::Insert => NamedKey::Insert,
        E::Escape => NamedKey::Escape,
        E::Home => NamedKey::Home,
        E::End => NamedKey::End,
        E::PageUp => NamedKey::PageUp,
        E::PageDown => NamedKey::PageDown,
        E::ArrowUp => NamedKey::ArrowUp,
        E::ArrowDown => NamedKey::ArrowDown,
        E::ArrowLeft => NamedKey::ArrowLeft,
        E::ArrowRight => NamedKey::ArrowRight,
        E::Menu => NamedKey::Menu,
        E::F1 => NamedKey::F1,
        E::F2 => NamedKey::F2,
        E::F3 => NamedKey::F3,
        E::F4 => NamedKey::F4,
        E::F5 => NamedKey::F5,
        E::F6 => NamedKey::F6,
        E::F7 => NamedKey::F7,
        E::F8 => NamedKey::F8,
        E::F9 => NamedKey::F9,
        E::F10 => NamedKey::F10,
        E::F11 => NamedKey::F11,
        _ => return None,
    })
}

/// The character of a key in a shortcut, without Shift.
fn character(key: egui::Key) -> Option<char> {
    use egui::Key as E;
    Some(match key {
        E::Space => ' ',
        E::Colon => ':',
        E::Comma => ',',
        E::Backslash => '\\',
        E::Slash => '/',
        E::Pipe => '|',
        E::Questionmark => '?',
        E::Exclamationmark => '!',
        E::OpenBracket => '[',
        E::CloseBracket => ']',
        E::OpenCurlyBracket => '{',
        E::CloseCurlyBracket => '}',
        E::Backtick => '`',
        E::Minus => '-',
        E::Period => '.',
        E::Plus => '+',
        E::Equals => '=',
        E::Semicolon => ';',
        E::Quote => '\'',
        E::Copy => 'c',
        E::Cut => 'x',
        E::Paste => 'v',
        key => {
            // Letters and digits have their own name.
            let mut name = key.name().chars();
            match (name.next(), name.next()) {
                (Some(c), None) if c.is_ascii_alphanumeric() => c.to_ascii_lowercase(),
                _ => return None,
            }
        }
    })
}

#[cfg(test)]
mod tests;
