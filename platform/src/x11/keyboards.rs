//! The keyboards of the display, and what a single key of one of them carries.
//! It presses nothing and reads no whole mapping (`keymap`).
//!
//! Each keyboard has a mapping of its own: layouts can be given to devices. The
//! one that programs look keys up in is that of the keyboard that was used
//! last, and injected presses come from a keyboard that the server keeps for
//! them alone. So what is injected is looked up in that one's mapping, and only
//! that one's mapping is ever changed: a key that no keyboard needs on this
//! machine may be a real one on the keyboard that is plugged in next.

use std::ops::RangeInclusive;
use x11rb::{
    connection::RequestConnection as _,
    errors::ReplyError,
    protocol::{
        xinput::{self, ConnectionExt as _, Device, DeviceType, XIDeviceInfo},
        xkb::{self, ConnectionExt as _, KeySymMap, MapPart, SetMapAux, SetMapFlags, VMod},
    },
    rust_connection::RustConnection,
};

/// A keyboard, by the number that XKB and XInput share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Keyboard(pub(super) u16);

/// Asks for the extension that all else here goes through.
pub(super) fn use_xkb(conn: &RustConnection) -> Result<(), ReplyError> {
    conn.xkb_use_extension(1, 0)?.reply().map(drop)
}

/// Whether this is one of the devices through which the server passes injected
/// input on; it names them itself.
pub(super) fn is_for_injection(device: &XIDeviceInfo) -> bool {
    device.name.windows(5).any(|part| part == b"XTEST")
}

impl Keyboard {
    /// The one whose mapping programs use: that of the keyboard used last.
    pub(super) fn core() -> Self {
        Self(xkb::ID::USE_CORE_KBD.into())
    }

    /// The one that injected presses come from. A server that has none for
    /// that makes them on the core keyboard.
    pub(super) fn for_injection(conn: &RustConnection) -> Result<Self, ReplyError> {
        if conn.extension_information(xinput::X11_EXTENSION_NAME)?.is_none() {
            return Ok(Self::core());
        }
        conn.xinput_xi_query_version(2, 2)?.reply()?;
        let core = conn.xkb_get_state(Self::core().0)?.reply()?.device_id;
        let devices = conn.xinput_xi_query_device(u16::from(u8::from(Device::ALL)))?.reply()?.infos;
        // With several cores each has one of its own.
        let injects = |device: &&XIDeviceInfo| {
            let ours = device.type_ == DeviceType::SLAVE_KEYBOARD && device.attachment == u16::from(core);
            ours && is_for_injection(device)
        };
        Ok(devices.iter().find(injects).map_or(Self::core(), |device| Self(device.deviceid)))
    }

    /// Asks to be told of every change of its mapping. A client that uses XKB
    /// is no longer told by the core protocol.
    pub(super) fn follow(self, conn: &RustConnection) -> Result<(), ReplyError> {
        let wanted = xkb::EventType::NEW_KEYBOARD_NOTIFY | xkb::EventType::MAP_NOTIFY;
        let parts = MapPart::KEY_TYPES | MapPart::KEY_SYMS | MapPart::MODIFIER_MAP;
        let none = xkb::EventType::from(0u16);
        let details = xkb::SelectEventsAux::new();
        conn.xkb_select_events(self.0, none, wanted, parts, parts, &details)?.check()
    }

    /// Has one of its keys carry something else. `keycodes` are those that the
    /// keyboard has.
    pub(super) fn put(
        self,
        conn: &RustConnection,
        keycodes: RangeInclusive<u8>,
        keycode: u8,
        key: KeySymMap,
    ) -> Result<(), ReplyError> {
        let (first, last) = keycodes.into_inner();
        let symbols = u16::try_from(key.syms.len()).unwrap_or(u16::MAX);
        let (flags, none) = (SetMapFlags::from(0u16), VMod::from(0u16));
        let values = SetMapAux::new().syms(vec![key]);
        #[rustfmt::skip]
        let asked = conn.xkb_set_map(
            self.0, flags, first, last,
            0, 0, keycode, 1, symbols,
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, none, &values,
        )?;
        asked.check()
    }

    /// Has a key make nothing, if it still makes this symbol by itself. To be
    /// asked while the server is grabbed.
    pub(super) fn clear(self, conn: &RustConnection, keycode: u8, symbol: u32) -> Result<(), ReplyError> {
        let (none, parts) = (MapPart::from(0u16), MapPart::KEY_SYMS);
        #[rustfmt::skip]
        let asked = conn.xkb_get_map(
            self.0, none, parts,
            0, 0, keycode, 1,
            0, 0, 0, 0, VMod::from(0u16), 0, 0, 0, 0, 0, 0,
        )?;
        let reply = asked.reply()?;
        let keys = reply.map.syms_rtrn.unwrap_or_default();
        if keys.first().and_then(|key| key.syms.first()) == Some(&symbol) {
            self.put(conn, reply.min_key_code..=reply.max_key_code, keycode, KeySymMap::default())?;
        }
        Ok(())
    }
}

/// Whether an event means that a mapping that is followed may be another one
/// now.
pub(super) const fn changes_keymap(event: &x11rb::protocol::Event) -> bool {
    use x11rb::protocol::Event;
    matches!(event, Event::MappingNotify(_) | Event::XkbMapNotify(_) | Event::XkbNewKeyboardNotify(_))
}
