//! Typing: from a key as the watcher means it to presses on this keyboard.

use super::{Failure, HeldModifier, X11Injector};
use crate::x11::{
    keymap::{Stroke, belongs_to_system, mods},
    shortcuts,
};
use mitblick_protocol::{
    input::{InputEvent, InputRefusal, Key, NamedKey},
    session::Permitted,
};
use x11rb::{
    CURRENT_TIME, NONE,
    connection::RequestConnection as _,
    errors::ReplyError,
    protocol::{
        ErrorKind,
        xinput::{self, ConnectionExt as _, Device, GrabMode22, GrabOwner, GrabType, XIEventMask},
        xkb::{self, ConnectionExt as _},
        xproto::{ConnectionExt as _, GrabMode, KEY_PRESS_EVENT, KEY_RELEASE_EVENT, ModMask},
    },
};
use xkeysym::key;

/// The keyboard at the moment of an event.
#[derive(Clone, Copy)]
struct State {
    /// Modifiers that are on, whoever holds them.
    modifiers: u8,
    /// The layout that is on.
    group: usize,
}

/// What to do with the modifiers around a stroke.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    /// Exactly what the character needs.
    Exact,
    /// What is held stays; what the character needs comes on top.
    OnTop,
}

impl X11Injector {
    pub(super) fn key(&mut self, key: Key, pressed: bool, input: &Permitted<InputEvent>) -> Result<(), Failure> {
        let pointer = self.conn.query_pointer(self.root)?.reply()?;
        self.refresh_keymap()?;
        let mask = u16::from(pointer.mask);
        let state = State { modifiers: mask.to_le_bytes()[0], group: usize::from((mask >> 13) & 3) };
        match key {
            Key::Named(name) if name.is_modifier() => {
                if pressed {
                    self.hold(name, state, input)
                } else {
                    self.let_go(name)
                }
            }
            // Released already when it was pressed.
            _ if !pressed => Ok(()),
            _ => {
                self.keyboard_is_shared()?;
                self.tap(key, state, input)
            }
        }
    }

    /// Modifier bits that are on because of us.
    fn held_bits(&self) -> u8 {
        self.modifiers.iter().fold(0, |all, held| all | held.bits)
    }

    /// The person at this machine must not have a hand on a modifier: what is
    /// typed would be another thing than meant.
    fn nobody_else_holds_modifiers(&self, state: State) -> Result<(), Failure> {
        let alt_graph = self.keymap.alt_graph().map_or(0, |(_, bits)| bits);
        let telling = mods::SHIFT | mods::CONTROL | self.keymap.alt_bits() | self.keymap.super_bits() | alt_graph;
        if state.modifiers & telling & !self.held_bits() == 0 {
            Ok(())
        } else {
            Err(Failure::Refused(InputRefusal::LocalInputWins))
        }
    }

    fn hold(&mut self, name: NamedKey, state: State, input: &Permitted<InputEvent>) -> Result<(), Failure> {
        self.keyboard_is_shared()?;
        let stroke = self.keymap.named(name, state.group).ok_or(Failure::Refused(InputRefusal::NoKeyForCharacter))?;
        if self.modifiers.iter().any(|held| held.name == name || held.keycode == stroke.keycode) {
            return Ok(());
        }
        self.nobody_else_holds_modifiers(state)?;
        if !self.modifier_may_go_down(stroke.keycode, state.group, state.modifiers) {
            return Err(Failure::Refused(InputRefusal::SystemShortcut));
        }
        self.still_permitted(input)?;
        self.fake(KEY_PRESS_EVENT, stroke.keycode)?;
        let bits = self.keymap.modifier_bits(stroke.keycode);
        self.modifiers.push(HeldModifier { name, keycode: stroke.keycode, bits });
        Ok(())
    }

    /// Whether a modifier, pressed while these are on, is that and no more.
    /// Alt with Shift is Meta on most keyboards and harmless; but two modifiers
    /// together may also switch the layout.
    fn modifier_may_go_down(&self, keycode: u8, group: usize, on: u8) -> bool {
        let symbol = self.keymap.symbol(keycode, group, on);
        let harmless = matches!(symbol, key::Meta_L | key::Meta_R);
        (harmless || !belongs_to_system(symbol)) && self.keymap.may_be_pressed(keycode)
    }

    fn let_go(&mut self, name: NamedKey) -> Result<(), Failure> {
        // The mapping may be another one since: the key that went down counts.
        let Some(at) = self.modifiers.iter().position(|held| held.name == name) else { return Ok(()) };
        let held = self.modifiers.remove(at);
        self.fake(KEY_RELEASE_EVENT, held.keycode)
    }

    fn tap(&mut self, key: Key, state: State, input: &Permitted<InputEvent>) -> Result<(), Failure> {
        const NO_KEY: Failure = Failure::Refused(InputRefusal::NoKeyForCharacter);
        self.nobody_else_holds_modifiers(state)?;
        let alt_bits = self.keymap.alt_bits();
        let held_bits = self.held_bits();
        let held = shortcuts::Held {
            control: held_bits & mods::CONTROL != 0,
            alt: alt_bits != 0 && held_bits & alt_bits != 0,
        };
        let group = state.group;
        let alt_graph = self.keymap.alt_graph().map_or(0, |(_, bits)| bits);
        let composes = match key {
            Key::Character(c) if held.control && held.alt => {
                self.keymap.character(c, group).is_some_and(|stroke| stroke.mods & alt_graph != 0)
            }
            _ => false,
        };
        if shortcuts::belongs_to_system(held, key, composes) {
            return Err(Failure::Refused(InputRefusal::SystemShortcut));
        }
        let (strokes, around): ([Option<Stroke>; 2], _) = match key {
            Key::Named(name) => ([self.keymap.named(name, group), None], Around::OnTop),
            Key::Character(c) if (held.control || held.alt) && !composes => {
                // Whether Shift belongs to the shortcut says the Shift that is
                // held, not the letter.
                let base = c.to_lowercase().next().filter(|_| c.to_lowercase().count() == 1).unwrap_or(c);
                ([self.keymap.character(base, group), None], Around::OnTop)
            }
            Key::Character(c) => match (self.keymap.character(c, group), self.keymap.composed(c, group)) {
                (Some(stroke), _) => ([Some(stroke), None], Around::Exact),
                (None, Some(strokes)) => (strokes.map(Some), Around::Exact),
                (None, None) => {
                    self.still_permitted(input)?;
                    ([self.spare(c, group)?, None], Around::Exact)
                }
            },
        };
        if strokes == [None, None] {
            return Err(NO_KEY);
        }
        let strokes = || strokes.into_iter().flatten();
        for stroke in strokes() {
            self.must_not_reach_system(stroke, around, state)?;
        }
        for (at, stroke) in strokes().enumerate() {
            // Asked for the first alone: both were looked at together and are
            // one character. Half an accent would fall on the next letter that
            // the person types.
            self.strike(stroke, around, state, (at == 0).then_some(input))?;
        }
        Ok(())
    }

    /// The modifiers that are on while a key is struck.
    fn modifiers_during(&self, stroke: Stroke, around: Around, state: State) -> u8 {
        let others = state.modifiers & !self.held_bits();
        match around {
            Around::Exact => (others & !mods::LOCK) | stroke.mods,
            Around::OnTop => state.modifiers | stroke.mods,
        }
    }

    /// What is done around a stroke: which of the held modifiers are up for its
    /// moment, and which keys are down besides, with their bits.
    fn preparation(&self, stroke: Stroke, during: u8) -> (Vec<HeldModifier>, Vec<(u8, u8)>) {
        let (lifted, kept): (Vec<_>, Vec<_>) =
            self.modifiers.iter().copied().partition(|held| held.bits & !during != 0);
        let kept = kept.iter().fold(0, |all, held| all | held.bits);
        let helpers = [self.keymap.shift(), self.keymap.alt_graph()];
        let needed = |&(_, bits): &(u8, u8)| bits & stroke.mods != 0 && bits & kept == 0;
        (lifted, helpers.into_iter().flatten().filter(needed).collect())
    }

    /// Whether what is pressed around a stroke, before it and after it, does
    /// nothing by itself.
    fn may_be_prepared(&self, stroke: Stroke, during: u8) -> bool {
        let (lifted, helpers) = self.preparation(stroke, during);
        let kept = helpers.iter().fold(during, |on, (_, bits)| on & !bits);
        let lifted = lifted.iter().map(|held| (held.keycode, held.bits)).collect();
        let harmless = |keys: Vec<(u8, u8)>| {
            let mut on = kept;
            keys.into_iter().all(|(keycode, bits)| {
                let harmless = self.modifier_may_go_down(keycode, stroke.group, on);
                on |= bits;
                harmless
            })
        };
        harmless(helpers) && harmless(lifted)
    }

    /// Refuses a key that the system would take: by what it makes, or because
    /// somebody has bound it on this very desktop.
    fn must_not_reach_system(&self, stroke: Stroke, around: Around, state: State) -> Result<(), Failure> {
        const SYSTEM: Failure = Failure::Refused(InputRefusal::SystemShortcut);
        let modifiers = self.modifiers_during(stroke, around, state);
        let symbol = self.keymap.symbol(stroke.keycode, stroke.group, modifiers);
        if belongs_to_system(symbol) || !self.keymap.may_be_pressed(stroke.keycode) {
            return Err(SYSTEM);
        }
        if !self.may_be_prepared(stroke, modifiers) {
            return Err(SYSTEM);
        }
        if self.is_bound(stroke.keycode, modifiers)? { Err(SYSTEM) } else { Ok(()) }
    }

    /// Whether another client has bound this key with these modifiers on the
    /// desktop. A key can be bound by one client only: if we can't, another has.
    /// The two kinds of bindings do not know of each other; GNOME's are of the
    /// newer one.
    fn is_bound(&self, keycode: u8, modifiers: u8) -> Result<bool, Failure> {
        let (mode, bits) = (GrabMode::ASYNC, ModMask::from(u16::from(modifiers)));
        match self.conn.grab_key(true, self.root, bits, keycode, mode, mode)?.check() {
            Ok(()) => self.conn.ungrab_key(keycode, self.root, bits)?.check()?,
            Err(ReplyError::X11Error(error)) if error.error_kind == ErrorKind::Access => return Ok(true),
            Err(error) => return Err(error.into()),
        }
        if self.conn.extension_information(xinput::X11_EXTENSION_NAME)?.is_none() {
            return Ok(false);
        }
        let (devices, kind) = (Device::ALL_MASTER, GrabType::KEYCODE);
        let (detail, on) = (u32::from(keycode), [u32::from(modifiers)]);
        let mask = [u32::from(XIEventMask::KEY_PRESS | XIEventMask::KEY_RELEASE)];
        let (async_mode, owner) = (GrabMode22::ASYNC, GrabOwner::NO_OWNER);
        let asked = self.conn.xinput_xi_passive_grab_device(
            CURRENT_TIME,
            self.root,
            NONE,
            detail,
            devices,
            kind,
            async_mode,
            mode,
            owner,
            &mask,
            &on,
        )?;
        // It names those that did not succeed.
        if !asked.reply()?.modifiers.is_empty() {
            return Ok(true);
        }
        self.conn.xinput_xi_passive_ungrab_device(self.root, detail, devices, kind, &on)?.check()?;
        Ok(false)
    }

    /// Strikes a key, if `input` still is permitted or has been asked for
    /// before.
    fn strike(
        &mut self,
        stroke: Stroke,
        around: Around,
        state: State,
        input: Option<&Permitted<InputEvent>>,
    ) -> Result<(), Failure> {
        let permitted = |injector: &Self| input.map_or(Ok(()), |input| injector.still_permitted(input));
        let during = self.modifiers_during(stroke, around, state);
        let (lifted, helpers) = self.preparation(stroke, during);
        let unlock = around == Around::Exact && state.modifiers & mods::LOCK != 0;
        let regroup = stroke.group != state.group;

        permitted(self)?;
        self.set_locks(unlock.then_some(false), regroup.then_some(stroke.group))?;
        for held in &lifted {
            self.fake(KEY_RELEASE_EVENT, held.keycode)?;
        }
        for &(keycode, _) in &helpers {
            self.fake(KEY_PRESS_EVENT, keycode)?;
        }
        let result = permitted(self);
        if result.is_ok() {
            self.fake(KEY_PRESS_EVENT, stroke.keycode)?;
            self.fake(KEY_RELEASE_EVENT, stroke.keycode)?;
            self.spare_was_struck(stroke.keycode);
        }
        for &(keycode, _) in helpers.iter().rev() {
            self.fake(KEY_RELEASE_EVENT, keycode)?;
        }
        for held in &lifted {
            self.fake(KEY_PRESS_EVENT, held.keycode)?;
        }
        self.set_locks(unlock.then_some(true), regroup.then_some(state.group))?;
        result
    }

    /// Switches Caps Lock and the layout, for the moment of a stroke: nobody
    /// else is served meanwhile, and each application goes by the state that
    /// comes with the key.
    fn set_locks(&self, caps_lock: Option<bool>, group: Option<usize>) -> Result<(), Failure> {
        if caps_lock.is_none() && group.is_none() {
            return Ok(());
        }
        let affected = if caps_lock.is_some() { ModMask::LOCK } else { ModMask::from(0u16) };
        let locked = if caps_lock == Some(true) { ModMask::LOCK } else { ModMask::from(0u16) };
        let index = group.and_then(|group| u8::try_from(group).ok()).unwrap_or(0);
        let (keyboard, none) = (xkb::ID::USE_CORE_KBD.into(), ModMask::from(0u16));
        let to_group = xkb::Group::from(index);
        self.conn.xkb_latch_lock_state(keyboard, affected, locked, group.is_some(), to_group, none, false, 0)?;
        Ok(())
    }
}
