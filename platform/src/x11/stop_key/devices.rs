//! Which input devices are real.

use crate::x11::keyboards::is_for_injection;
use x11rb::{
    errors::ReplyError,
    protocol::xinput::{ConnectionExt as _, Device, DeviceType, XIDeviceInfo},
    rust_connection::RustConnection,
};

/// The devices that are there and through which nobody injects.
#[derive(Debug, Default)]
pub(super) struct Devices {
    real: Vec<u16>,
    /// Some of them are keyboards that are switched on.
    has_keyboard: bool,
}

impl Devices {
    /// Asks the server, which names those for injection itself.
    pub(super) fn load(conn: &RustConnection) -> Result<Self, ReplyError> {
        let reply = conn.xinput_xi_query_device(u16::from(u8::from(Device::ALL)))?.reply()?;
        let real = || reply.infos.iter().filter(|info| !is_for_injection(info));
        let is_keyboard = |info: &XIDeviceInfo| info.enabled && info.type_ == DeviceType::SLAVE_KEYBOARD;
        Ok(Self { has_keyboard: real().any(is_keyboard), real: real().map(|info| info.deviceid).collect() })
    }

    /// Whether somebody could press a key. The server switches keyboards off
    /// while another user's screen, or none of its own, is seen.
    pub(super) const fn has_keyboard(&self) -> bool {
        self.has_keyboard
    }

    /// Whether what this device reports was injected. A device that is not there
    /// (any more) is no proof of a hand: any program can make one for a moment,
    /// inject through it, and take it away before it can be looked at.
    pub(super) fn is_injecting(&self, device: u16) -> bool {
        !self.real.contains(&device)
    }
}
