//! What a person can type on the keyboard of a screen: which keys make a
//! character, read from the display's own mapping. It presses nothing.

use crate::screen::Link;
use unicode_normalization::{UnicodeNormalization, char::decompose_canonical};
use x11rb::{
    connection::Connection as _,
    protocol::xproto::{ConnectionExt as _, Keysym},
};
use xkeysym::key;

/// One key and what is held while it is struck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stroke {
    /// The key.
    pub keycode: u8,
    /// Shift is held.
    pub shift: bool,
    /// AltGr is held.
    pub alt_graph: bool,
}

/// A keyboard with one layout, as its display describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keyboard {
    first_keycode: u8,
    per_keycode: usize,
    keysyms: Vec<Keysym>,
}

/// Where the core protocol's list of a key has what Shift and AltGr make of it:
/// column, Shift, AltGr. The second layout stands between the two halves.
const COLUMNS: [(usize, bool, bool); 4] = [(0, false, false), (1, true, false), (4, false, true), (5, true, true)];

/// Each modifier is on a PC keyboard's list once more, on keys that none has.
const NO_REAL_KEYS: [u8; 6] = [92, 203, 204, 205, 206, 207];

/// Dead keys, the marks that they put on the next letter, and what they make
/// when they are struck twice.
const DEAD: [(Keysym, char, char); 9] = [
    (key::dead_grave, '\u{300}', '`'),
    (key::dead_acute, '\u{301}', '´'),
    (key::dead_circumflex, '\u{302}', '^'),
    (key::dead_tilde, '\u{303}', '~'),
    (key::dead_diaeresis, '\u{308}', '¨'),
    (key::dead_abovering, '\u{30a}', '°'),
    (key::dead_caron, '\u{30c}', 'ˇ'),
    (key::dead_cedilla, '\u{327}', '¸'),
    (key::dead_ogonek, '\u{328}', '˛'),
];

impl Keyboard {
    /// The keyboard of a display as it is now.
    ///
    /// # Panics
    /// If the display does not answer.
    pub fn of(display: &str) -> Self {
        let Link { connection, .. } = Link::open(display);
        let setup = connection.setup();
        let (first, last) = (setup.min_keycode, setup.max_keycode);
        let asked = connection.get_keyboard_mapping(first, last - first + 1).expect("a request");
        let mapping = asked.reply().expect("the keyboard mapping");
        let per_keycode = usize::from(mapping.keysyms_per_keycode);
        Self { first_keycode: first, per_keycode, keysyms: mapping.keysyms }
    }

    /// The key that carries this symbol by itself.
    pub fn key(&self, keysym: Keysym) -> Option<u8> {
        self.find(|symbol| symbol == keysym).filter(|stroke| !stroke.shift && !stroke.alt_graph).map(|s| s.keycode)
    }

    /// How a person types this character, by one key or by a dead key and
    /// another; `None` if this keyboard can't.
    pub fn strokes(&self, character: char) -> Option<Vec<Stroke>> {
        if let Some(stroke) = self.direct(character) {
            return Some(vec![stroke]);
        }
        let (dead, base) = dead_and_base(character)?;
        let dead = self.find(|symbol| symbol == dead)?;
        Some(vec![dead, base.map_or(Some(dead), |base| self.direct(base))?])
    }

    /// Those characters of a text that this keyboard can type.
    pub fn typeable(&self, text: &str) -> String {
        text.chars().filter(|&character| self.strokes(character).is_some()).collect()
    }

    fn direct(&self, character: char) -> Option<Stroke> {
        match character {
            '\n' => self.find(|symbol| symbol == key::Return),
            '\t' => self.find(|symbol| symbol == key::Tab),
            _ => self.find(|symbol| {
                let symbol = xkeysym::Keysym::new(symbol);
                !symbol.is_keypad_key() && symbol.key_char() == Some(character)
            }),
        }
    }

    fn find(&self, wanted: impl Fn(Keysym) -> bool) -> Option<Stroke> {
        COLUMNS.into_iter().find_map(|(column, shift, alt_graph)| {
            let rows = (self.first_keycode..=u8::MAX).zip(self.keysyms.chunks(self.per_keycode));
            let rows = rows.filter(|(keycode, _)| !NO_REAL_KEYS.contains(keycode));
            let mut carries = rows.filter(|(_, row)| row.get(column).is_some_and(|&symbol| wanted(symbol)));
            carries.next().map(|(keycode, _)| Stroke { keycode, shift, alt_graph })
        })
    }
}

/// The dead key, and the letter after it unless it is struck twice.
fn dead_and_base(character: char) -> Option<(Keysym, Option<char>)> {
    if let Some(&(dead, _, _)) = DEAD.iter().find(|(_, _, alone)| *alone == character) {
        return Some((dead, None));
    }
    let mut parts = Vec::new();
    decompose_canonical(character, |part| parts.push(part));
    let [base, mark] = parts[..] else { return None };
    let &(dead, _, _) = DEAD.iter().find(|(_, combining, _)| *combining == mark)?;
    // What is put together again is this very character.
    [base, mark].into_iter().nfc().eq([character]).then_some((dead, Some(base)))
}
