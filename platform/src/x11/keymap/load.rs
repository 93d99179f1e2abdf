//! Reads the mapping from the server.

use super::{KeySymbols, KeyType, Keymap};
use crate::x11::keyboards::Keyboard;
use x11rb::{
    errors::ReplyError,
    protocol::xkb::{ConnectionExt as _, MapPart, VMod},
    rust_connection::RustConnection,
};

impl Keymap {
    /// Asks for the present mapping of a keyboard. The connection must have
    /// said that it uses XKB.
    pub(in crate::x11) fn load(
        conn: &RustConnection,
        keyboard: Keyboard,
        second_stop: Option<u32>,
    ) -> Result<Self, ReplyError> {
        let parts = MapPart::KEY_TYPES | MapPart::KEY_SYMS | MapPart::MODIFIER_MAP;
        let none = MapPart::from(0u16);
        let asked =
            conn.xkb_get_map(keyboard.0, parts, none, 0, 0, 0, 0, 0, 0, 0, 0, VMod::from(0u16), 0, 0, 0, 0, 0, 0)?;
        let reply = asked.reply()?;
        let keys = vec![KeySymbols::default(); 256];
        let keycodes = reply.min_key_code..=reply.max_key_code;
        let mut keymap = Self { types: Vec::new(), keycodes, keys, modifiers: vec![0; 256], second_stop };
        for kind in reply.map.types_rtrn.unwrap_or_default() {
            let active = kind.map.iter().filter(|entry| entry.active);
            let levels = active.map(|entry| (bits(entry.mods_mask.into()), usize::from(entry.level))).collect();
            let (mask, width) = (bits(kind.mods_mask.into()), usize::from(kind.num_levels));
            keymap.types.push(KeyType { mask, width, levels });
        }
        let first = usize::from(reply.first_key_sym);
        for (key, into) in reply.map.syms_rtrn.unwrap_or_default().into_iter().zip(keymap.keys.iter_mut().skip(first)) {
            *into = KeySymbols {
                groups: usize::from(key.group_info & 0x0f).min(4),
                types: key.kt_index.map(usize::from),
                width: usize::from(key.width),
                symbols: key.syms,
            };
        }
        for entry in reply.map.modmap_rtrn.unwrap_or_default() {
            if let Some(into) = keymap.modifiers.get_mut(usize::from(entry.keycode)) {
                *into = bits(entry.mods.into());
            }
        }
        Ok(keymap)
    }
}

/// The eight modifiers, without what else the protocol keeps in that field.
fn bits(mask: u16) -> u8 {
    mask.to_le_bytes()[0]
}
