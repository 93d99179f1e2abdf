//! Characters on keyboards of different countries.

use crate::screen::{Granted, Recorder, Screen, until};
use mitblick_platform::{Platform, inject::Injected, inject::Injector, x11::X11};
use mitblick_protocol::{
    input::{InputEvent, InputRefusal, Key, NamedKey},
    session::Permitted,
};
use std::{
    sync::Barrier,
    time::{Duration, Instant},
};

use x11rb::protocol::{
    xkb::{self, ConnectionExt as _},
    xproto::ModMask,
};

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

    /// Gives the person's own keyboard a layout of its own, and says which
    /// keyboard that is.
    fn own_layout(&self, layout: &str) -> u16 {
        let keyboard = self.screen.own_keyboard();
        self.screen.run("setxkbmap", &["-device", &keyboard.to_string(), layout]);
        keyboard
    }

    fn switch_layout(&self, group: u8) {
        let (core, none) = (xkb::ID::USE_CORE_KBD.into(), ModMask::from(0u16));
        self.screen.conn.xkb_use_extension(1, 0).unwrap().reply().unwrap();
        let group = xkb::Group::from(group);
        let asked = self.screen.conn.xkb_latch_lock_state(core, none, none, true, group, none, false, 0);
        asked.unwrap().check().unwrap();
    }

    /// The layout that is on.
    fn group(&self) -> u16 {
        self.screen.mask() >> 13 & 3
    }

    fn mapping(&self) -> String {
        mapping(&self.screen)
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

/// What every key of the keyboard makes, without the keyboard's name and shape.
pub(crate) fn mapping(screen: &Screen) -> String {
    let output = screen.command("xmodmap").arg("-pke").output().unwrap();
    String::from_utf8(output.stdout).unwrap()
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
fn an_american_keyboard_types_what_it_has_no_keys_for() {
    let mut desk = Desk::new();
    desk.screen.run("setxkbmap", &["us"]);
    desk.types(TEXT);
    desk.types("^`");
    desk.types("äÄöß€éÉẞ日本😀ЖжΩ");
    desk.types("äÄ€😀");
    let refused = Injected::Refused(InputRefusal::NoKeyForCharacter);
    assert_eq!(desk.press(Key::Character('\u{1b}'), true), refused);
}

#[test]
fn a_german_keyboard_types_accents_with_its_dead_keys() {
    let mut desk = Desk::new();
    desk.screen.run("setxkbmap", &["de"]);
    let before = desk.mapping();
    desk.types("êÊéÈà^`´¨");
    assert_eq!(desk.mapping(), before, "what it can make by itself needs no other keys");
}

#[test]
fn the_keyboard_is_as_it_was_when_control_has_ended() {
    let mut desk = Desk::new();
    desk.screen.run("setxkbmap", &["us"]);
    let before = desk.mapping();
    desk.types("äöü日");
    assert_ne!(desk.mapping(), before);
    let Desk { screen, shared, injector, .. } = desk;
    drop(injector);
    assert_eq!(mapping(&screen), before);
    drop(shared);
}

#[test]
fn another_layout_takes_what_was_added_and_typing_goes_on() {
    let mut desk = Desk::new();
    desk.screen.run("setxkbmap", &["us"]);
    desk.types("ä日");
    desk.screen.run("setxkbmap", &["fr"]);
    let before = desk.mapping();
    desk.types("ä日éß");
    let Desk { screen, shared, injector, .. } = desk;
    drop(injector);
    assert_eq!(mapping(&screen), before);
    drop(shared);
}

#[test]
fn more_characters_than_there_are_spare_keys_are_refused_and_never_become_others() {
    let mut desk = Desk::new();
    desk.screen.run("setxkbmap", &["us"]);
    let mut expected = String::new();
    let mut refused = 0;
    for c in ('一'..'伀').take(50) {
        match desk.press(Key::Character(c), true) {
            Injected::Done => expected.push(c),
            Injected::Refused(reason) => {
                assert_eq!(reason, InputRefusal::NoKeyForCharacter);
                refused += 1;
            }
        }
    }
    assert!(expected.chars().count() >= 20 && refused > 0, "{expected}, {refused} refused");
    until("what was not refused", || (desk.shared.typed() == expected).then_some(()));
    // After a while there is room again.
    let later = until("a key code that was struck long ago", || {
        (desk.press(Key::Character('終'), true) == Injected::Done).then_some('終')
    });
    expected.push(later);
    until("the last one", || (desk.shared.typed() == expected).then_some(()));
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
    assert_eq!(desk.group(), 0, "and so does the layout");
    desk.switch_layout(1);
    desk.types("aAzß@日z");
    assert_eq!((desk.group(), desk.screen.mask() & 2), (1, 2));
}

#[test]
fn what_is_struck_is_looked_up_on_the_keyboard_that_strikes_it() {
    let mut desk = Desk::new();
    desk.screen.run("setxkbmap", &["us"]);
    let own = desk.own_layout("de");
    for (c, typed) in [('z', "az"), ('y', "azay"), ('ö', "azayaö")] {
        // The "a" of both; then programs look up keys in the German mapping.
        desk.screen.strike_on(own, 38);
        until("the person's keyboard", || desk.mapping().contains("= odiaeresis Odiaeresis").then_some(()));
        assert_eq!(desk.press(Key::Character(c), true), Injected::Done);
        until(typed, || (desk.shared.typed() == typed).then_some(()));
    }
}

#[test]
fn the_persons_own_keyboard_keeps_the_keys_that_others_do_not_have() {
    let mut desk = Desk::new();
    desk.screen.run("setxkbmap", &["us"]);
    // It has keys for "/ ?" and more where an American one has none.
    let own = desk.own_layout("br");
    let before = desk.screen.keys_of(own);
    desk.types("äöü日Жß");
    assert_eq!(desk.screen.keys_of(own), before);
    desk.screen.strike_on(own, 97);
    until("the person's key", || desk.shared.typed().ends_with('/').then_some(()));
    desk.types("äЖñ");
    let Desk { screen, injector, shared, .. } = desk;
    drop(injector);
    assert_eq!(screen.keys_of(own), before);
    drop(shared);
}

#[test]
fn shift_that_a_shortcut_needs_does_not_switch_the_layout() {
    let mut desk = Desk::new();
    desk.screen.run("setxkbmap", &["de,ru", "-option", "grp:ctrl_shift_toggle"]);
    desk.press(Key::Named(NamedKey::ControlLeft), true);
    let refused = Injected::Refused(InputRefusal::SystemShortcut);
    assert_eq!(desk.press(Key::Character('/'), true), refused, "Shift and 7");
    assert_eq!(desk.press(Key::Character('7'), true), Injected::Done);
    desk.press(Key::Named(NamedKey::ControlLeft), false);
    for c in ['/', '?'] {
        assert_eq!(desk.press(Key::Character(c), true), Injected::Done);
    }
    until("what is typed after it", || desk.shared.typed().ends_with("/?").then_some(()));
    assert_eq!(desk.group(), 0, "the layout is the person's");
}

#[test]
fn characters_that_can_not_be_typed_change_nothing() {
    let mut desk = Desk::new();
    desk.screen.run("setxkbmap", &["us"]);
    let _ = desk.screen.mapping_changes();
    let refused = Injected::Refused(InputRefusal::NoKeyForCharacter);
    for c in ['\u{fdd0}', '\u{fffe}', '\u{10ffff}', '\u{7f}'] {
        assert_eq!(desk.press(Key::Character(c), true), refused, "{c:?}");
        assert_eq!(desk.screen.mapping_changes(), 0, "{c:?}");
    }
    desk.types("ö");
    assert_ne!(desk.screen.mapping_changes(), 0, "each is told of");
}

#[test]
fn an_old_keyboard_is_not_changed_for_what_is_refused() {
    let mut desk = Desk::new();
    desk.screen.run("setxkbmap", &["us"]);
    // What old keyboards have for AltGr: it leads to a second layout.
    let old = ["-e", "clear mod5", "-e", "keycode 92 = XF86Launch1", "-e", "add mod3 = Mode_switch"];
    desk.screen.run("xmodmap", &old);
    let mut expected = String::new();
    let mut foreign = '一'..'伀';
    let first = foreign.find(|&c| {
        let done = desk.press(Key::Character(c), true) == Injected::Done;
        expected.extend(done.then_some(c));
        !done
    });
    let before = desk.mapping();
    for c in first.into_iter().chain(foreign).take(5) {
        assert_ne!(desk.press(Key::Character(c), true), Injected::Done, "{c}");
    }
    assert_eq!(desk.mapping(), before);
    until("what was not refused", || (desk.shared.typed() == expected).then_some(()));
}

#[test]
fn what_was_typed_last_can_still_be_looked_up_when_control_ends() {
    let mut desk = Desk::new();
    desk.screen.run("setxkbmap", &["us"]);
    let before = desk.mapping();
    let began = Instant::now();
    assert_eq!(desk.press(Key::Character('ö'), true), Injected::Done);
    let Desk { screen, injector, shared, .. } = desk;
    std::thread::scope(|scope| {
        scope.spawn(|| drop(injector));
        until("the keyboard as it was", || (mapping(&screen) == before).then_some(()));
    });
    assert!(began.elapsed() >= Duration::from_millis(250), "{:?}", began.elapsed());
    drop(shared);
}

#[test]
fn a_letter_with_an_accent_is_typed_whole_or_not_at_all() {
    const ROUNDS: u32 = 600;
    let mut desk = Desk::new();
    desk.screen.run("setxkbmap", &["de"]);
    let event = InputEvent::Key { key: Key::Character('ê'), pressed: true };
    let hands = desk.granted.gates().hands;
    let began = Instant::now();
    assert_eq!(desk.granted.inject(&mut *desk.injector, event), Injected::Done);
    let mut lasts = began.elapsed();
    let mut typed = 1;
    for round in 0..ROUNDS {
        let permit: Permitted<InputEvent> = desk.granted.permit(event);
        let ready = Barrier::new(2);
        let began = std::thread::scope(|scope| {
            scope.spawn(|| {
                ready.wait();
                // At another moment of the stroke each time.
                let began = Instant::now();
                while began.elapsed() < lasts * (round % 50) / 40 {
                    std::hint::spin_loop();
                }
                hands.raise();
            });
            ready.wait();
            let began = Instant::now();
            let done = desk.injector.inject(&permit).unwrap() == Injected::Done;
            done.then_some(began)
        });
        if let Some(began) = began {
            typed += 1;
            lasts = lasts.min(began.elapsed());
        }
        desk.granted.local_input_is_over();
    }
    assert!(typed > 1 && typed <= ROUNDS, "some in time and some too late: {typed}");
    assert_eq!(desk.press(Key::Character('x'), true), Injected::Done);
    until("the end", || desk.shared.typed().ends_with('x').then_some(()));
    let found = desk.shared.typed();
    assert!(found.chars().filter(|&c| c == 'ê').count() == typed as usize && !found.contains('^'), "{typed}: {found}");
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
    // By a key code of its own.
    desk.types("q");
    assert!(!desk.shared.said().contains("keycode 24 "), "{}", desk.shared.said());
    let refused = Injected::Refused(InputRefusal::NoKeyForCharacter);
    assert_eq!(desk.press(Key::Named(NamedKey::F5), true), refused);
    assert_ne!(desk.press(Key::Named(NamedKey::Enter), true), Injected::Done);
    desk.types("b");
    assert!(!desk.shared.said().contains("F12") && !desk.shared.said().contains("F5"));
}
