//! The keyboard mapping of this machine, looked up from the wrong end: which
//! key, with which modifiers, makes this character? Pure but for
//! [`Keymap::load`]. Nothing here presses a key, and nothing changes the mapping
//! (`keyboards`).
//!
//! Read with the XKB extension and not from the core mapping, because only XKB
//! tells the key types: which modifiers select which level of a key, and so
//! what AltGr and Shift do on each key in each of up to four layouts.

mod dead;
mod load;

use dead::Then;
use mitblick_protocol::input::NamedKey;
use std::ops::RangeInclusive;
use x11rb::protocol::xkb::KeySymMap;
use xkeysym::{Keysym, key};

/// The modifier bits of the X protocol.
pub(super) mod mods {
    pub(in crate::x11) const SHIFT: u8 = 1;
    pub(in crate::x11) const LOCK: u8 = 2;
    pub(in crate::x11) const CONTROL: u8 = 4;
}

/// Which modifiers lead to which level; levels that are not named have none.
#[derive(Clone, Debug, Default)]
struct KeyType {
    /// The modifiers that this type looks at.
    mask: u8,
    /// Number of levels.
    width: usize,
    /// Modifiers and level.
    levels: Vec<(u8, usize)>,
}

impl KeyType {
    /// Where these modifiers lead.
    fn level(&self, modifiers: u8) -> usize {
        let named = self.levels.iter().find(|(bits, _)| *bits == modifiers & self.mask);
        named.map_or(0, |&(_, level)| level)
    }
}

/// What one key makes.
#[derive(Clone, Debug, Default)]
struct KeySymbols {
    /// Number of layouts that it distinguishes.
    groups: usize,
    /// Index of the key type of each layout.
    types: [usize; 4],
    /// Levels a layout in `symbols`.
    width: usize,
    /// Layout by layout, level by level; 0 = none.
    symbols: Vec<u32>,
}

impl KeySymbols {
    /// The layout used when this one is switched on.
    fn group(&self, group: usize) -> Option<usize> {
        group.checked_rem(self.groups)
    }

    fn symbol(&self, group: usize, level: usize) -> u32 {
        if level >= self.width {
            return 0;
        }
        self.symbols.get(group * self.width + level).copied().unwrap_or(0)
    }
}

/// One way to make a symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stroke {
    /// The key.
    pub(super) keycode: u8,
    /// The layout that must be switched on.
    pub(super) group: usize,
    /// Exactly these of Shift and AltGr must be down.
    pub(super) mods: u8,
}

/// The mapping at one moment.
#[derive(Clone, Debug)]
pub(super) struct Keymap {
    types: Vec<KeyType>,
    /// The key codes that there are.
    keycodes: RangeInclusive<u8>,
    /// By key code.
    keys: Vec<KeySymbols>,
    /// Modifier bits by key code.
    modifiers: Vec<u8>,
    /// The key symbol of a second stop key beside F12.
    second_stop: Option<u32>,
}

impl Keymap {
    fn keys(&self) -> impl Iterator<Item = (u8, &KeySymbols)> {
        (0..=u8::MAX).zip(&self.keys)
    }

    /// Key codes on which a stop key lies, at any level of any layout.
    pub(super) fn stop_keycodes(&self) -> impl Iterator<Item = u8> {
        let stops = |key: &KeySymbols| key.symbols.iter().any(|&symbol| self.is_stop(symbol));
        self.keys().filter(move |(_, key)| stops(key)).map(|(keycode, _)| keycode)
    }

    /// Whether any key carries F12.
    pub(super) fn has_f12(&self) -> bool {
        self.keys().any(|(_, key)| key.symbols.contains(&key::F12))
    }

    /// The modifier bits that a key sets while it is down.
    pub(super) fn modifier_bits(&self, keycode: u8) -> u8 {
        self.modifiers.get(usize::from(keycode)).copied().unwrap_or(0)
    }

    /// The key that is this modifier, and the bits it sets.
    fn modifier_key(&self, symbol: u32) -> Option<(u8, u8)> {
        let plain = |(keycode, key): (u8, &KeySymbols)| {
            let bits = self.modifier_bits(keycode);
            (key.symbol(0, 0) == symbol && bits != 0 && self.may_be_pressed(keycode)).then_some((keycode, bits))
        };
        self.keys().find_map(plain)
    }

    /// The Shift key.
    pub(super) fn shift(&self) -> Option<(u8, u8)> {
        self.modifier_key(key::Shift_L).or_else(|| self.modifier_key(key::Shift_R))
    }

    /// The AltGr key, whichever way this keyboard has one.
    pub(super) fn alt_graph(&self) -> Option<(u8, u8)> {
        self.modifier_key(key::ISO_Level3_Shift).or_else(|| self.modifier_key(key::Mode_switch))
    }

    /// The bits of Alt.
    pub(super) fn alt_bits(&self) -> u8 {
        let alt = self.modifier_key(key::Alt_L).or_else(|| self.modifier_key(key::Alt_R));
        alt.map_or(0, |(_, bits)| bits)
    }

    /// The bits of what makes a system shortcut of every key.
    pub(super) fn super_bits(&self) -> u8 {
        let symbols = [key::Super_L, key::Super_R, key::Hyper_L, key::Hyper_R];
        // Alt and Meta share a bit on nearly every keyboard: that is Alt.
        symbols.iter().filter_map(|&symbol| self.modifier_key(symbol)).fold(0, |all, (_, bits)| all | bits)
            & !self.alt_bits()
    }

    fn is_stop(&self, symbol: u32) -> bool {
        symbol == key::F12 || (symbol != 0 && Some(symbol) == self.second_stop)
    }

    /// Whether this program may ever press the key: not if a stop key lies on
    /// it, anywhere.
    pub(super) fn may_be_pressed(&self, keycode: u8) -> bool {
        self.keys.get(usize::from(keycode)).is_some_and(|keys| !keys.symbols.iter().any(|&symbol| self.is_stop(symbol)))
    }

    /// What a key makes with this layout and these modifiers down.
    pub(super) fn symbol(&self, keycode: u8, group: usize, modifiers: u8) -> u32 {
        let made = || {
            let keys = self.keys.get(usize::from(keycode))?;
            let group = keys.group(group)?;
            let kind = self.types.get(*keys.types.get(group)?)?;
            Some(keys.symbol(group, kind.level(modifiers)))
        };
        made().unwrap_or(0)
    }

    /// The easiest way to make a symbol that `wanted` accepts: in this layout
    /// if it has one, else in another; with as few modifiers as can be.
    fn stroke(&self, group: usize, wanted: impl Fn(u32) -> bool) -> Option<Stroke> {
        let allowed = mods::SHIFT | self.alt_graph().map_or(0, |(_, bits)| bits);
        let mut best: Option<((bool, u32), Stroke)> = None;
        for (keycode, keys) in self.keys().filter(|(keycode, _)| self.may_be_pressed(*keycode)) {
            let Some(present) = keys.group(group) else { continue };
            for at in 0..keys.groups.min(4) {
                let Some(kind) = keys.types.get(at).and_then(|&kind| self.types.get(kind)) else { continue };
                let plain = (0, 0);
                for (bits, level) in std::iter::once(plain).chain(kind.levels.iter().copied()) {
                    if bits & !allowed != 0 || !wanted(keys.symbol(at, level)) {
                        continue;
                    }
                    let group = if at == present { group } else { at };
                    let stroke = Stroke { keycode, group, mods: bits };
                    // A type may use "no modifiers" for another level.
                    if !wanted(self.symbol(keycode, group, bits)) {
                        continue;
                    }
                    let cost = (at != present, bits.count_ones());
                    if best.is_none_or(|(least, _)| cost < least) {
                        best = Some((cost, stroke));
                    }
                }
            }
        }
        best.map(|(_, stroke)| stroke)
    }

    /// The way to type a character by one key.
    pub(super) fn character(&self, character: char, group: usize) -> Option<Stroke> {
        match character {
            '\n' | '\r' => return self.stroke(group, |symbol| symbol == key::Return),
            '\t' => return self.stroke(group, |symbol| symbol == key::Tab),
            other if other.is_control() => return None,
            _ => {}
        }
        self.stroke(group, |symbol| {
            let symbol = Keysym::new(symbol);
            !symbol.is_keypad_key() && symbol.key_char() == Some(character)
        })
    }

    /// The way to type a character with a dead key: `ê`, or `^` by itself where
    /// no key makes it alone (on German keyboards).
    pub(super) fn composed(&self, character: char, group: usize) -> Option<[Stroke; 2]> {
        let (dead, then) = dead::taken_apart(character)?;
        let dead = self.stroke(group, |symbol| symbol == dead)?;
        let then = match then {
            Then::Again => dead,
            Then::Character(character) => self.character(character, group)?,
        };
        Some([dead, then])
    }

    /// Key codes that make nothing and are no modifiers.
    pub(super) fn unused(&self) -> impl Iterator<Item = u8> {
        let nothing = |keycode: u8, key: &KeySymbols| {
            key.symbols.iter().all(|&symbol| symbol == 0) && self.modifier_bits(keycode) == 0
        };
        // The lowest is the kernel's key 0: no key, to some toolkits.
        let lowest = *self.keycodes.start();
        self.keys()
            .filter(move |&(keycode, key)| {
                self.keycodes.contains(&keycode) && keycode != lowest && nothing(keycode, key)
            })
            .map(|(keycode, _)| keycode)
    }

    /// All that a key makes, layout by layout and level by level.
    pub(super) fn symbols(&self, keycode: u8) -> &[u32] {
        self.keys.get(usize::from(keycode)).map_or(&[], |key| &key.symbols)
    }

    /// The key codes that there are.
    pub(super) fn keycodes(&self) -> RangeInclusive<u8> {
        self.keycodes.clone()
    }

    /// What to put on a key so that it makes one, two or four symbols: by
    /// itself, with Shift, with AltGr and with both. `None` if these keys lead
    /// to fewer: an AltGr may lead to a second layout and nowhere else.
    pub(super) fn key_with(&self, symbols: &[u32]) -> Option<KeySymMap> {
        let alt_graph = self.alt_graph().map(|(_, bits)| bits);
        let leading = [Some(0), Some(mods::SHIFT), alt_graph, alt_graph.map(|bits| bits | mods::SHIFT)];
        let others = !(mods::SHIFT | mods::LOCK | alt_graph.unwrap_or(0));
        let fits = |kind: &KeyType| {
            let mut levels = (0..kind.width).zip(leading);
            let right = |(level, by): (usize, Option<u8>)| by.is_some_and(|by| kind.level(by) == level);
            kind.width == symbols.len() && kind.mask & others == 0 && levels.all(right)
        };
        let kind = u8::try_from(self.types.iter().position(fits)?).ok()?;
        let width = u8::try_from(symbols.len()).ok()?;
        Some(KeySymMap { kt_index: [kind, 0, 0, 0], group_info: 1, width, syms: symbols.to_vec() })
    }

    /// The key of a name.
    pub(super) fn named(&self, name: NamedKey, group: usize) -> Option<Stroke> {
        let unmodified = |(keycode, _)| Stroke { keycode, group, mods: 0 };
        match name {
            NamedKey::ShiftLeft => return self.shift().map(unmodified),
            NamedKey::AltGraph => return self.alt_graph().map(unmodified),
            NamedKey::ControlLeft => {
                return self.modifier_key(key::Control_L).or_else(|| self.modifier_key(key::Control_R)).map(unmodified);
            }
            NamedKey::AltLeft => {
                return self.modifier_key(key::Alt_L).or_else(|| self.modifier_key(key::Meta_L)).map(unmodified);
            }
            _ => {}
        }
        let wanted = symbol_of(name);
        // On its plain level: with Shift the same key makes something else.
        let found = self.keys().find(|(keycode, keys)| keys.symbol(0, 0) == wanted && self.may_be_pressed(*keycode));
        found.map(|(keycode, _)| unmodified((keycode, 0)))
    }
}

/// The X key symbol of a name.
const fn symbol_of(name: NamedKey) -> u32 {
    match name {
        NamedKey::Enter => key::Return,
        NamedKey::Tab => key::Tab,
        NamedKey::Backspace => key::BackSpace,
        NamedKey::Delete => key::Delete,
        NamedKey::Insert => key::Insert,
        NamedKey::Escape => key::Escape,
        NamedKey::Home => key::Home,
        NamedKey::End => key::End,
        NamedKey::PageUp => key::Page_Up,
        NamedKey::PageDown => key::Page_Down,
        NamedKey::ArrowUp => key::Up,
        NamedKey::ArrowDown => key::Down,
        NamedKey::ArrowLeft => key::Left,
        NamedKey::ArrowRight => key::Right,
        NamedKey::ShiftLeft => key::Shift_L,
        NamedKey::ControlLeft => key::Control_L,
        NamedKey::AltLeft => key::Alt_L,
        NamedKey::AltGraph => key::ISO_Level3_Shift,
        NamedKey::Menu => key::Menu,
        NamedKey::F1 => key::F1,
        NamedKey::F2 => key::F2,
        NamedKey::F3 => key::F3,
        NamedKey::F4 => key::F4,
        NamedKey::F5 => key::F5,
        NamedKey::F6 => key::F6,
        NamedKey::F7 => key::F7,
        NamedKey::F8 => key::F8,
        NamedKey::F9 => key::F9,
        NamedKey::F10 => key::F10,
        NamedKey::F11 => key::F11,
    }
}

/// Whether a symbol belongs to the system or to the shower alone: the stop
/// key, Super and Hyper, virtual terminals, media and power keys, locks, the
/// switching of layouts, printing the screen, and the keys that move the mouse.
pub(super) const fn belongs_to_system(symbol: u32) -> bool {
    matches!(
        symbol,
        key::F12
            | key::Super_L
            | key::Super_R
            | key::Hyper_L
            | key::Hyper_R
            | key::Meta_L
            | key::Meta_R
            | key::Caps_Lock
            | key::Shift_Lock
            | key::Num_Lock
            | key::Print
            | key::Sys_Req
            | key::Terminate_Server
            // AccessX, ISO locks and layout switches, mouse keys.
            | 0xFE01..=0xFE02
            | 0xFE04..=0xFE0F
            | 0xFE70..=0xFE7A
            | 0xFEE0..=0xFEFD
            // XFree86's and the kernel's: virtual terminals, power, volume.
            | 0x1008_0000..=0x1008_FFFF
    )
}

#[cfg(test)]
mod tests;
