//! Characters that no key of this machine's keyboard makes: key codes that
//! carry nothing carry them while control lasts.
//!
//! An application looks up what a key makes when it gets to the event, not when
//! the key is struck. So a key code keeps its character for as long as there
//! are others to take, and is given another one, or none at the end of control,
//! only when its last stroke is so long ago that an application has dealt with
//! it. If none is, the character is refused: it arrives as another one only
//! where an application hangs for longer than that.

use super::{Failure, ServerGrab, X11Injector};
use crate::x11::{
    guard::NO_SPARE_KEY,
    keymap::{Keymap, Stroke},
};
use std::time::{Duration, Instant};
use xkeysym::Keysym;

/// So long after its last stroke a key code may carry another character.
const STRUCK_LONG_AGO: Duration = Duration::from_secs(5);
/// So long after its last stroke a key code keeps its character when control
/// ends. Shorter, since a lost character is not a wrong one, and the keyboard
/// has to be the person's soon.
const STILL_LOOKED_UP: Duration = Duration::from_millis(250);
/// Between two changes of the mapping. Xlib reads the mapping again after the
/// first, and forgets a second one that comes while it does so: the character
/// would be lost in every program that uses it.
const BETWEEN_CHANGES: Duration = Duration::from_millis(60);

/// A key code that carries characters because of us.
#[derive(Clone, Copy)]
pub(super) struct SpareKey {
    keycode: u8,
    /// What it makes by itself and with Shift.
    plain: Pair,
    /// What it makes with AltGr as well.
    with_alt_graph: Option<Pair>,
    struck: Instant,
}

/// The symbols of a character in both cases; twice the same if it has none.
type Pair = (u32, u32);

impl X11Injector {
    /// The way to type a character by a key code that no key has.
    pub(super) fn spare(&mut self, character: char, group: usize) -> Result<Option<Stroke>, Failure> {
        let Some(pair) = symbols(character) else { return Ok(None) };
        let Some(spare) = self.spare_for(pair) else { return Ok(None) };
        let Some(key) = self.keymap.key_with(&spare.symbols()) else { return Ok(None) };
        if self.spares_changed_at.is_some_and(|at| at.elapsed() < BETWEEN_CHANGES) {
            return Err(Failure::TooSoon);
        }
        let keycode = spare.keycode;
        if let Some(guard) = &mut self.guard {
            guard.note_spare(keycode, spare.plain.0);
        }
        self.spares.retain(|other| other.keycode != keycode);
        self.spares.push(spare);
        self.spares_changed_at = Some(Instant::now());
        self.keyboard.put(&self.conn, self.keymap.keycodes(), keycode, key)?;
        self.keymap = Keymap::load(&self.conn, self.keyboard, self.second_stop_key)?;
        // What the server has made of it counts.
        Ok(self.keymap.character(character, group).filter(|stroke| stroke.keycode == keycode))
    }

    /// A key code with room for a character, and what it is to carry then.
    fn spare_for(&self, pair: Pair) -> Option<SpareKey> {
        let struck = Instant::now();
        let fresh = |keycode| SpareKey { keycode, plain: pair, with_alt_graph: None, struck };
        if let Some(keycode) = self.keymap.unused().next() {
            return Some(fresh(keycode));
        }
        let half = self.spares.iter().filter(|spare| spare.with_alt_graph.is_none());
        let mut full = half.map(|half| SpareKey { with_alt_graph: Some(pair), struck, ..*half });
        if let Some(full) = full.find(|full| self.keymap.key_with(&full.symbols()).is_some()) {
            return Some(full);
        }
        let free = self.spares.iter().filter(|spare| spare.struck.elapsed() > STRUCK_LONG_AGO);
        free.min_by_key(|spare| spare.struck).map(|spare| fresh(spare.keycode))
    }

    /// A key has been struck.
    pub(super) fn spare_was_struck(&mut self, keycode: u8) {
        if let Some(spare) = self.spares.iter_mut().find(|spare| spare.keycode == keycode) {
            spare.struck = Instant::now();
        }
    }

    /// Forgets the key codes that the person has given another meaning, by
    /// choosing another layout, say.
    pub(super) fn keep_own_spares(&mut self) {
        let (own, lost): (Vec<_>, Vec<_>) = std::mem::take(&mut self.spares)
            .into_iter()
            .partition(|spare| self.keymap.symbols(spare.keycode) == spare.symbols());
        self.spares = own;
        if let Some(guard) = &mut self.guard {
            lost.iter().for_each(|spare| guard.note(NO_SPARE_KEY, spare.keycode));
        }
    }

    /// Leaves the keyboard as it was, when what was typed last has been looked
    /// up. To be done after all else: it waits for that.
    pub(super) fn give_back_spares(&mut self) {
        let Some(last) = self.spares.iter().map(|spare| spare.struck).max() else { return };
        std::thread::sleep(STILL_LOOKED_UP.saturating_sub(last.elapsed()));
        // If anything here fails the connection is gone, and the guard does it.
        let Ok(_grab) = ServerGrab::new(&self.conn) else { return };
        for spare in std::mem::take(&mut self.spares) {
            let cleared = self.keyboard.clear(&self.conn, spare.keycode, spare.plain.0);
            if let (Ok(()), Some(guard)) = (cleared, &mut self.guard) {
                guard.note(NO_SPARE_KEY, spare.keycode);
            }
        }
    }
}

impl SpareKey {
    /// What it makes, level by level.
    fn symbols(&self) -> Vec<u32> {
        let (plain, shift) = self.plain;
        match self.with_alt_graph {
            Some((alt_graph, both)) => vec![plain, shift, alt_graph, both],
            None if plain == shift => vec![plain],
            None => vec![plain, shift],
        }
    }
}

/// The symbols of a key for this character, without and with Shift: those of a
/// letter in both cases, so that one key serves for both. A symbol that is not
/// read as that character again would never be found on the key that carries
/// it: every try would take one more key in vain.
fn symbols(character: char) -> Option<Pair> {
    if character.is_control() || Keysym::from_char(character).key_char() != Some(character) {
        return None;
    }
    let only = |mut cases: Box<dyn Iterator<Item = char>>| match (cases.next(), cases.next()) {
        (Some(one), None) => Some(one),
        _ => None,
    };
    let lower = only(Box::new(character.to_lowercase())).unwrap_or(character);
    let upper = only(Box::new(lower.to_uppercase())).unwrap_or(lower);
    let symbol = |character: char| Keysym::from_char(character).raw();
    // Some letters are nobody's other case (ẞ).
    let pair = character == lower || character == upper;
    Some(if pair { (symbol(lower), symbol(upper)) } else { (symbol(character), symbol(character)) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use xkeysym::key;

    #[test]
    fn a_letter_brings_its_other_case_along() {
        for letter in ['ä', 'Ä'] {
            assert_eq!(symbols(letter), Some((key::adiaeresis, key::Adiaeresis)));
        }
    }

    #[test]
    fn what_has_no_other_case_stands_alone() {
        assert_eq!(symbols('€'), Some((key::EuroSign, key::EuroSign)));
        assert_eq!(symbols('ß'), Some((key::ssharp, key::ssharp)), "in capitals it is two letters");
        assert_eq!(symbols('ẞ').map(|(plain, shift)| plain == shift), Some(true));
        assert_eq!(symbols('😀'), Some((0x0101_f600, 0x0101_f600)));
    }

    #[test]
    fn control_characters_have_no_key() {
        assert_eq!(symbols('\u{1b}'), None);
        assert_eq!(symbols('\u{85}'), None);
    }

    #[test]
    fn characters_that_unicode_keeps_free_have_no_key() {
        for free in ['\u{fdd0}', '\u{fdef}', '\u{fffe}', '\u{1ffff}', '\u{10ffff}'] {
            assert_eq!(symbols(free), None, "{free:?}");
        }
    }

    #[test]
    fn every_character_with_a_key_can_be_found_on_it() {
        for character in '\0'..=char::MAX {
            let Some((plain, shift)) = symbols(character) else { continue };
            let made = [plain, shift].map(|symbol| Keysym::new(symbol).key_char());
            assert!(made.contains(&Some(character)), "{character:?}");
            assert!(made.iter().all(Option::is_some), "{character:?}");
        }
    }
}
