//! Which application a window belongs to, as the X server itself knows it. What
//! a window says of itself (`_NET_WM_PID`) can be forged and is not asked.
//!
//! Nothing is cached: the server gives a range of ids to another client once
//! the first is gone, and a stale answer would share a stranger's window.

use mitblick_protocol::session::ApplicationId;
use x11rb::{
    connection::Connection,
    errors::ReplyError,
    protocol::{
        res::{ClientIdMask, ClientIdSpec, ConnectionExt as _},
        xproto::Window,
    },
    rust_connection::RustConnection,
};

/// Bit that marks an application whose process the server can't tell. No
/// process id reaches it.
const WITHOUT_PROCESS: u32 = 0x8000_0000;

/// Whether the application is a process, not a client of unknown origin.
pub(crate) const fn is_process(application: ApplicationId) -> bool {
    application.0 & WITHOUT_PROCESS == 0
}

/// Asks the server for owners.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owners {
    client_mask: u32,
    /// This program, as the server sees it; another number than its own where
    /// process namespaces differ.
    own: Option<ApplicationId>,
}

impl Owners {
    pub(crate) fn new(conn: &RustConnection) -> Result<Self, ReplyError> {
        let setup = conn.setup();
        let owners = Self { client_mask: !setup.resource_id_mask, own: None };
        let own = owners.application_of(conn, setup.resource_id_base)?;
        Ok(Self { own, ..owners })
    }

    /// Whether it is this program.
    pub(crate) fn is_own(&self, application: ApplicationId) -> bool {
        self.own == Some(application) || application.0 == std::process::id()
    }

    /// The application that made a window. `None` if that client is gone, or
    /// is the server itself.
    ///
    /// A client without a process (remote, or of another process namespace)
    /// counts as an application of its own.
    pub(crate) fn application_of(
        &self,
        conn: &RustConnection,
        window: Window,
    ) -> Result<Option<ApplicationId>, ReplyError> {
        let base = window & self.client_mask;
        if base == 0 {
            return Ok(None);
        }
        let mask = ClientIdMask::CLIENT_XID | ClientIdMask::LOCAL_CLIENT_PID;
        let ids = match conn.res_query_client_ids(&[ClientIdSpec { client: base, mask }])?.reply() {
            Ok(reply) => reply.ids,
            Err(ReplyError::X11Error(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        if ids.is_empty() {
            return Ok(None);
        }
        let process = ids
            .iter()
            .filter(|id| id.spec.mask == ClientIdMask::LOCAL_CLIENT_PID)
            .find_map(|id| id.value.first().copied())
            .filter(|&process| process != 0 && process < WITHOUT_PROCESS);
        Ok(Some(ApplicationId(process.unwrap_or(WITHOUT_PROCESS | base))))
    }
}
