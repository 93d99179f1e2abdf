//! Characters on keyboards of different countries.

use crate::screen::{Granted, Recorder, Screen, until};
use mitblick_platform::{Platform, inject::Injected, inject::Injector, x11::X11};
use mitblick_protocol::input::{InputEvent, InputRefusal, Key, NamedKey};

struct Desk {
    screen: Screen,
    shared: Recorder,
    granted: Granted,
    injector: Box<dyn Injector>,
}

impl Desk {
    fn new() -> Self {
        let screen = Screen::start();
        let shared = Recorder::open(&screen, "200x150+100+80");
        screen.focus(shared.window);
        let granted = Granted::to(&[shared.application()]);
        let injector = X11::new(Some(&screen.name)).unwrap().start_injector(granted.view.clone()).unwrap();
        Self { screen, shared, granted, injector }
    }

    fn press(&mut self, key: Key, pressed: bool) -> Injected {
        self.granted.inject(&mut *self.injector, InputEvent::Key { key, pressed })
    }

    fn types(&mut self, text: &str) {
        let before = self.shared.typed();
        for c in text.chars() {
            assert_eq!(self.press(Key::Character(c), true), Injected::Done, "{c}");
        }
        let all = before + text;
        until(text, || (self.shared.typed() == all).then_some(()));
    }
}

const TEXT: &str = "Hallo Welt, {[]}\\|~@ 1+1=2; \"x_y\" <a&b> #!?%$";

#[test]
fn a_german_keyboard_types_what_the_advisor_types() {
    let mut desk = Desk::new();
    desk.screen.run("setxkbmap", &["de"]);
    desk.types(TEXT);
    desk.types("äöüÄÖÜß€µ@²");
}

#[test]
fn an_american_keyboard_types_text_and_refuses_what_it_has_not() {
    let mut desk = Desk::new();
    desk.screen.run("setxkbmap", &["us"]);
    desk.types(TEXT);
    desk.types("^`");
    let refused = Injected::Refused(InputRefusal::NoKeyForCharacter);
    assert_eq!(desk.press(Key::Character('ä'), true), refused);
    assert_eq!(desk.press(Key::Character('日'), true), refused);
}

#[test]
fn caps_lock_and_a_second_layout_change_nothing() {
    let mut desk = Desk::new();
    desk.screen.run("setxkbmap", &["us,de"]);
    desk.types("aäß@");
    desk.screen.run("xdotool", &["key", "Caps_Lock"]);
    until("Caps Lock", || (desk.screen.mask() & 2 != 0).then_some(()));
    desk.types("aAzß@");
    assert!(desk.screen.mask() & 2 != 0, "Caps Lock stays as the person left it");
}

#[test]
fn held_modifiers_make_shortcuts_of_base_keys() {
    let mut desk = Desk::new();
    desk.screen.run("setxkbmap", &["de"]);
    desk.press(Key::Named(NamedKey::ControlLeft), true);
    assert_eq!(desk.press(Key::Character('C'), true), Injected::Done);
    desk.press(Key::Named(NamedKey::ControlLeft), false);
    until("the shortcut", || desk.shared.said().contains("keysym 0x63, c").then_some(()));
    assert!(!desk.shared.said().contains("Shift_L"), "{}", desk.shared.said());
    // AltGr as Ctrl and Alt, as some keyboards send it.
    desk.press(Key::Named(NamedKey::ControlLeft), true);
    desk.press(Key::Named(NamedKey::AltLeft), true);
    assert_eq!(desk.press(Key::Character('@'), true), Injected::Done);
    until("the sign", || desk.shared.typed().ends_with('@').then_some(()));
    desk.press(Key::Named(NamedKey::AltLeft), false);
    desk.press(Key::Named(NamedKey::ControlLeft), false);
    assert!(desk.screen.keys_down().is_empty());
}

#[test]
fn a_key_that_carries_f12_anywhere_is_never_pressed() {
    let mut desk = Desk::new();
    // F12 above "q", on the key of F5, and on the Enter key.
    desk.screen.run(
        "xmodmap",
        &[
            "-e",
            "keycode 24 = q F12",
            "-e",
            "keycode 71 = F5 F5 F12",
            "-e",
            "keycode 36 = Return NoSymbol NoSymbol F12",
        ],
    );
    desk.types("a");
    let refused = Injected::Refused(InputRefusal::NoKeyForCharacter);
    assert_eq!(desk.press(Key::Character('q'), true), refused);
    assert_eq!(desk.press(Key::Named(NamedKey::F5), true), refused);
    assert_ne!(desk.press(Key::Named(NamedKey::Enter), true), Injected::Done);
    desk.types("b");
    assert!(!desk.shared.said().contains("F12") && !desk.shared.said().contains("F5"));
}
