//! A person's hands at a screen: its keyboard and mouse, through XTEST.

use crate::{keyboard::Keyboard, screen::Link};
use mitblick_protocol::geometry::Point;
use x11rb::{
    protocol::{
        xproto::{
            BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ConnectionExt as _, KEY_PRESS_EVENT, KEY_RELEASE_EVENT, Keysym,
            MOTION_NOTIFY_EVENT,
        },
        xtest::ConnectionExt as _,
    },
    rust_connection::RustConnection,
};

/// Keys without a character, by their X keysym.
pub mod key {
    /// Return.
    pub const RETURN: u32 = 0xff0d;
    /// Escape.
    pub const ESCAPE: u32 = 0xff1b;
    /// Tab.
    pub const TAB: u32 = 0xff09;
    /// Left Shift.
    pub const SHIFT: u32 = 0xffe1;
    /// Left Control.
    pub const CONTROL: u32 = 0xffe3;
    /// Left Alt.
    pub const ALT: u32 = 0xffe9;
    /// Left Super.
    pub const SUPER: u32 = 0xffeb;
    /// AltGr.
    pub const ALT_GRAPH: u32 = 0xfe03;
    /// Caps Lock.
    pub const CAPS_LOCK: u32 = 0xffe5;
    /// Num Lock.
    pub const NUM_LOCK: u32 = 0xff7f;
    /// Home.
    pub const HOME: u32 = 0xff50;
    /// The arrow to the left.
    pub const LEFT: u32 = 0xff51;
    /// The arrow to the right.
    pub const RIGHT: u32 = 0xff53;
    /// End.
    pub const END: u32 = 0xff57;
    /// Delete.
    pub const DELETE: u32 = 0xffff;
    /// F10.
    pub const F10: u32 = 0xffc7;
    /// Pause.
    pub const PAUSE: u32 = 0xff13;
    /// F12.
    pub const F12: u32 = 0xffc9;
}

/// The main button.
pub const LEFT: u8 = 1;
/// The context button.
pub const RIGHT: u8 = 3;

/// Keyboard and mouse of one screen.
pub struct Hand {
    connection: RustConnection,
    root: u32,
    first_keycode: u8,
    per_keycode: usize,
    keysyms: Vec<Keysym>,
}

impl Hand {
    /// Hands at this display.
    ///
    /// # Panics
    /// If the display has no XTEST.
    pub fn new(link: Link) -> Self {
        let Link { connection, root } = link;
        let setup = x11rb::connection::Connection::setup(&connection);
        let (first, last) = (setup.min_keycode, setup.max_keycode);
        let mapping = connection
            .get_keyboard_mapping(first, last - first + 1)
            .expect("a request")
            .reply()
            .expect("the keyboard mapping");
        let per_keycode = usize::from(mapping.keysyms_per_keycode);
        Self { connection, root, first_keycode: first, per_keycode, keysyms: mapping.keysyms }
    }

    /// Moves the pointer.
    pub fn move_to(&self, at: Point) {
        self.fake(MOTION_NOTIFY_EVENT, 0, at);
    }

    /// Presses or releases a button where the pointer is.
    pub fn button(&self, button: u8, pressed: bool) {
        let kind = if pressed { BUTTON_PRESS_EVENT } else { BUTTON_RELEASE_EVENT };
        self.fake(kind, button, Point { x: 0, y: 0 });
    }

    /// Moves there and clicks.
    pub fn click(&self, at: Point, button: u8) {
        self.move_to(at);
        self.button(button, true);
        self.button(button, false);
    }

    /// Presses or releases a key.
    ///
    /// # Panics
    /// If the keyboard has no such key.
    pub fn key(&self, keysym: Keysym, pressed: bool) {
        let (keycode, _) = self.find(keysym);
        self.key_at(keycode, pressed);
    }

    /// Strikes a key: down and up.
    ///
    /// # Panics
    /// If the keyboard has no such key.
    pub fn strike(&self, keysym: Keysym) {
        self.key(keysym, true);
        self.key(keysym, false);
    }

    /// Strikes a key while others are held.
    ///
    /// # Panics
    /// If the keyboard has no such key.
    pub fn strike_with(&self, held: &[Keysym], keysym: Keysym) {
        for &key in held {
            self.key(key, true);
        }
        self.strike(keysym);
        for &key in held.iter().rev() {
            self.key(key, false);
        }
    }

    /// Presses or releases the key with this code.
    pub fn key_at(&self, keycode: u8, pressed: bool) {
        let kind = if pressed { KEY_PRESS_EVENT } else { KEY_RELEASE_EVENT };
        self.fake(kind, keycode, Point { x: 0, y: 0 });
    }

    /// Types a text key by key as a person at this keyboard would: Shift and
    /// AltGr are held, accents struck before their letter.
    ///
    /// # Panics
    /// If the keyboard can't make one of its characters.
    pub fn type_on(&self, keyboard: &Keyboard, text: &str) {
        for character in text.chars() {
            let strokes = keyboard.strokes(character);
            for stroke in strokes.unwrap_or_else(|| panic!("no keys for “{character}”")) {
                let held = [(stroke.shift, key::SHIFT), (stroke.alt_graph, key::ALT_GRAPH)];
                let held = || held.into_iter().filter(|(held, _)| *held).map(|(_, key)| code(keyboard, key));
                held().for_each(|keycode| self.key_at(keycode, true));
                self.key_at(stroke.keycode, true);
                self.key_at(stroke.keycode, false);
                held().for_each(|keycode| self.key_at(keycode, false));
            }
        }
    }

    /// Strikes the key that has this symbol while others are held, all of them
    /// where this keyboard has them.
    ///
    /// # Panics
    /// If it has not.
    pub fn strike_on(&self, keyboard: &Keyboard, held: &[Keysym], keysym: Keysym) {
        for &key in held {
            self.key_at(code(keyboard, key), true);
        }
        self.key_at(code(keyboard, keysym), true);
        self.key_at(code(keyboard, keysym), false);
        for &key in held.iter().rev() {
            self.key_at(code(keyboard, key), false);
        }
    }

    /// Types a text in Latin-1.
    ///
    /// # Panics
    /// If the keyboard has no key for one of its characters.
    pub fn write(&self, text: &str) {
        for character in text.chars() {
            let keysym = if character == '\n' { key::RETURN } else { u32::from(character) };
            match self.find(keysym) {
                (_, true) => self.strike_with(&[key::SHIFT], keysym),
                (_, false) => self.strike(keysym),
            }
        }
    }

    /// The keycode of a keysym, and whether it needs Shift.
    fn find(&self, keysym: Keysym) -> (u8, bool) {
        let column = |column: usize| {
            let rows = self.keysyms.chunks(self.per_keycode);
            rows.enumerate()
                .find(|(_, row)| row.get(column) == Some(&keysym))
                .map(|(n, _)| self.first_keycode + n as u8)
        };
        match (column(0), column(1)) {
            (Some(keycode), _) => (keycode, false),
            (None, Some(keycode)) => (keycode, true),
            (None, None) => panic!("no key for keysym {keysym:#x}"),
        }
    }

    /// Returns when the server has done it.
    fn fake(&self, kind: u8, detail: u8, at: Point) {
        let (x, y) = (at.x as i16, at.y as i16);
        let sent = self.connection.xtest_fake_input(kind, detail, x11rb::CURRENT_TIME, self.root, x, y, 0);
        sent.expect("a request").check().expect("XTEST");
    }
}

fn code(keyboard: &Keyboard, keysym: Keysym) -> u8 {
    keyboard.key(keysym).unwrap_or_else(|| panic!("no key for keysym {keysym:#x}"))
}
