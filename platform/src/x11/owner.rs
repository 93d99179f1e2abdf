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

/// The application of this process. When it began is in the upper half of the
/// number: a process number that is used again is another application.
pub(crate) fn of_process(process: u32) -> ApplicationId {
    // In ticks since the system began, of which the lower half is as good.
    let began = process_began(process).unwrap_or_default() & u64::from(u32::MAX);
    ApplicationId(began << 32 | u64::from(process))
}

/// The number of the application's process, unless it is a client of unknown
/// origin.
pub(crate) const fn process_of(application: ApplicationId) -> Option<u32> {
    let process = application.0 as u32;
    if process & WITHOUT_PROCESS == 0 { Some(process) } else { None }
}

/// When the process began, in clock ticks since the system did; `None` where
/// that can't be known. Field 22 of `/proc/<pid>/stat`, see proc(5).
fn process_began(process: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The second field is the program's name in brackets and may hold anything.
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_ascii_whitespace().nth(19)?.parse().ok()
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
        let process = process_of(application);
        // By its number alone: where process namespaces differ, when it began
        // is another process's.
        process == Some(std::process::id())
            || self.own.is_some_and(|own| own == application || (process.is_some() && process_of(own) == process))
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
        let without = || ApplicationId((WITHOUT_PROCESS | base).into());
        Ok(Some(process.map_or_else(without, of_process)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_number_that_is_used_again_is_another_application() {
        let own = of_process(std::process::id());
        assert_eq!(own, of_process(std::process::id()), "it stays");
        assert_eq!(process_of(own), Some(std::process::id()));
        assert_ne!(own.0 >> 32, 0, "it says when it began");
        // The first of all processes has another beginning than this one.
        assert_ne!(of_process(1).0 >> 32, own.0 >> 32);
        assert_eq!(of_process(0x7fff_ffff).0, 0x7fff_ffff, "there is none");
        assert_eq!(process_of(ApplicationId((WITHOUT_PROCESS | 0x20_0000).into())), None);
    }
}
