//! Which process a window belongs to, as the X server itself knows it. What a
//! window says of itself (`_NET_WM_PID`) can be forged and is not asked.
//!
//! Nothing is cached: the server gives a range of ids to another client once
//! the first is gone, and a stale answer would share a stranger's window.

use super::extensions::{broken, if_there};
use crate::capture::CaptureError;
use mitblick_protocol::session::ApplicationId;
use x11rb::{
    connection::Connection,
    protocol::{
        res::{ClientIdMask, ClientIdSpec, ConnectionExt as _, QueryClientIdsReply},
        xproto::Window,
    },
    rust_connection::RustConnection,
};

/// Marks an id that is made of a client's range of resources, because the
/// server can't tell a process (a client on another machine). Process ids are
/// far smaller.
const REMOTE: u32 = 0x8000_0000;

/// Asks the server for owners.
#[derive(Clone, Copy, Debug)]
pub(super) struct Owners {
    client_mask: u32,
}

impl Owners {
    pub(super) fn new(conn: &RustConnection) -> Self {
        Self { client_mask: !conn.setup().resource_id_mask }
    }

    /// This program itself.
    pub(super) fn own_process() -> ApplicationId {
        ApplicationId(std::process::id())
    }

    /// The owner of one window; `None` if the window is no client's.
    pub(super) fn owner(&self, conn: &RustConnection, window: Window) -> Result<Option<ApplicationId>, CaptureError> {
        Ok(self.owners(conn, &[window])?.pop().flatten())
    }

    /// The owners of several windows, asked for in one go; in the same order.
    pub(super) fn owners(
        &self,
        conn: &RustConnection,
        windows: &[Window],
    ) -> Result<Vec<Option<ApplicationId>>, CaptureError> {
        let ask = |&window: &Window| {
            let spec = ClientIdSpec { client: window, mask: ClientIdMask::LOCAL_CLIENT_PID };
            conn.res_query_client_ids(&[spec]).map_err(broken)
        };
        let asked: Vec<_> = windows.iter().map(ask).collect::<Result<_, _>>()?;
        let answers = asked.into_iter().zip(windows);
        answers.map(|(asked, &window)| Ok(if_there(asked.reply())?.map(|reply| self.name(&reply, window)))).collect()
    }

    fn name(&self, reply: &QueryClientIdsReply, window: Window) -> ApplicationId {
        let pid = reply.ids.iter().find_map(|id| id.value.first().copied());
        match pid {
            Some(pid) if pid != 0 && pid < REMOTE => ApplicationId(pid),
            _ => ApplicationId(REMOTE | (window & self.client_mask)),
        }
    }
}
