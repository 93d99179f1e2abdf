//! Which input devices are real and which only stand for injected input.

use crate::x11::keyboards::is_for_injection;
use x11rb::{
    errors::ReplyError,
    protocol::xinput::{ConnectionExt as _, Device},
    rust_connection::RustConnection,
};

/// The devices through which the server passes injected input on.
#[derive(Debug, Default)]
pub(super) struct Devices {
    injecting: Vec<u16>,
}

impl Devices {
    /// Asks the server, which names them itself.
    pub(super) fn load(conn: &RustConnection) -> Result<Self, ReplyError> {
        let reply = conn.xinput_xi_query_device(u16::from(u8::from(Device::ALL)))?.reply()?;
        let injecting = reply.infos.iter().filter(|info| is_for_injection(info)).map(|info| info.deviceid).collect();
        Ok(Self { injecting })
    }

    /// Whether what this device reports was injected.
    pub(super) fn is_injecting(&self, device: u16) -> bool {
        self.injecting.contains(&device)
    }
}
