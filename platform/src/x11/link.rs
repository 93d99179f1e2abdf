//! One connection to the X server: what it supports, the names it knows, and
//! how its errors are told apart. Every part of the backend opens its own.

use super::{owner::Owners, wake::Wake};
use crate::capture::CaptureError;
use mitblick_protocol::session::ApplicationId;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::{
    os::fd::{AsFd, BorrowedFd},
    time::{Duration, Instant},
};
use x11rb::{
    connection::{Connection, RequestConnection, SequenceNumber},
    errors::{ConnectionError, ReplyError, ReplyOrIdError},
    protocol::{
        Event, composite,
        composite::ConnectionExt as _,
        damage,
        damage::ConnectionExt as _,
        res,
        res::ConnectionExt as _,
        shape, xfixes,
        xfixes::ConnectionExt as _,
        xinput,
        xinput::ConnectionExt as _,
        xproto::{Atom, ConnectionExt as _, Window},
    },
    rust_connection::RustConnection,
};

x11rb::atom_manager! {
    /// Names of properties and types.
    pub(crate) Atoms: AtomsCookie {
        WM_STATE,
        UTF8_STRING,
        _NET_CLIENT_LIST_STACKING,
        _NET_SUPPORTING_WM_CHECK,
        _NET_WM_NAME,
        _NET_WM_ICON,
        _NET_WM_WINDOW_TYPE,
        _NET_WM_WINDOW_TYPE_DESKTOP,
        _NET_WM_WINDOW_TYPE_DOCK,
    }
}

/// The connection is gone; nothing works from here on.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Lost(pub(crate) String);

impl From<ConnectionError> for Lost {
    fn from(error: ConnectionError) -> Self {
        Self(error.to_string())
    }
}

impl From<ReplyOrIdError> for Lost {
    fn from(error: ReplyOrIdError) -> Self {
        Self(error.to_string())
    }
}

impl From<Lost> for CaptureError {
    fn from(lost: Lost) -> Self {
        Self::Broken(lost.0)
    }
}

/// A reply, or nothing if the server refused the request: the window vanished
/// in the meantime, as windows do.
pub(crate) fn answer<T>(reply: Result<T, ReplyError>) -> Result<Option<T>, Lost> {
    match reply {
        Ok(reply) => Ok(Some(reply)),
        Err(ReplyError::X11Error(_)) => Ok(None),
        Err(ReplyError::ConnectionError(error)) => Err(error.into()),
    }
}

/// What woke a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Woken {
    /// The server has something to say.
    Server,
    /// Another thread called.
    Called,
    /// Nothing happened in time.
    TimeOver,
}

/// A connection with all extensions negotiated.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) conn: RustConnection,
    pub(crate) root: Window,
    pub(crate) atoms: Atoms,
    pub(crate) owners: Owners,
    /// The selection whose owner is the compositing manager (EWMH).
    compositing_manager: Atom,
}

impl Link {
    /// Connects and negotiates every extension that the backend uses.
    pub(crate) fn open(display: Option<&str>) -> Result<Self, CaptureError> {
        let no_display = |error: &dyn std::fmt::Display| CaptureError::NoDisplay(error.to_string());
        let (conn, screen) = RustConnection::connect(display).map_err(|error| no_display(&error))?;
        let root = conn.setup().roots.get(screen).map(|screen| screen.root).ok_or_else(|| no_display(&"no screen"))?;
        let needed = [
            (composite::X11_EXTENSION_NAME, "the Composite extension"),
            (damage::X11_EXTENSION_NAME, "the Damage extension"),
            (xfixes::X11_EXTENSION_NAME, "the XFixes extension"),
            (res::X11_EXTENSION_NAME, "the X-Resource extension"),
            (shape::X11_EXTENSION_NAME, "the Shape extension"),
            (xinput::X11_EXTENSION_NAME, "the XInput extension"),
        ];
        for (name, words) in needed {
            let there = conn.extension_information(name).map_err(Lost::from)?.is_some();
            there.then_some(()).ok_or(CaptureError::Missing(words))?;
        }
        let atoms = Atoms::new(&conn).map_err(Lost::from)?;
        let composite = conn.composite_query_version(0, 4).map_err(Lost::from)?;
        let damage = conn.damage_query_version(1, 1).map_err(Lost::from)?;
        let xfixes = conn.xfixes_query_version(5, 0).map_err(Lost::from)?;
        let res = conn.res_query_version(1, 2).map_err(Lost::from)?;
        let xinput = conn.xinput_xi_query_version(2, 2).map_err(Lost::from)?;
        let manager = conn.intern_atom(false, format!("_NET_WM_CM_S{screen}").as_bytes()).map_err(Lost::from)?;
        let atoms = answer(atoms.reply())?.ok_or(CaptureError::Missing("atoms"))?;
        let compositing_manager = answer(manager.reply())?.ok_or(CaptureError::Missing("atoms"))?.atom;
        let new_enough = [
            (answer(composite.reply())?.is_some_and(|v| (v.major_version, v.minor_version) >= (0, 2)), "Composite 0.2"),
            (answer(damage.reply())?.is_some(), "Damage 1"),
            (answer(xfixes.reply())?.is_some_and(|v| v.major_version >= 2), "XFixes 2"),
            (answer(res.reply())?.is_some_and(|v| (v.server_major, v.server_minor) >= (1, 2)), "X-Resource 1.2"),
            (answer(xinput.reply())?.is_some_and(|v| (v.major_version, v.minor_version) >= (2, 2)), "XInput 2.2"),
        ];
        for (enough, words) in new_enough {
            enough.then_some(()).ok_or(CaptureError::Missing(words))?;
        }
        let owners = answer(Owners::new(&conn))?.ok_or(CaptureError::Missing("X-Resource 1.2"))?;
        Ok(Self { conn, root, atoms, owners, compositing_manager })
    }

    /// The application that made a window, see [`Owners::application_of`].
    pub(crate) fn application_of(&self, window: Window) -> Result<Option<ApplicationId>, Lost> {
        answer(self.owners.application_of(&self.conn, window)).map(Option::flatten)
    }

    /// Whether a compositing manager runs, which by its nature has all children
    /// of the root redirected (Composite).
    pub(crate) fn has_compositing_manager(&self) -> Result<bool, Lost> {
        let owner = answer(self.conn.get_selection_owner(self.compositing_manager)?.reply())?;
        Ok(owner.is_some_and(|reply| reply.owner != x11rb::NONE))
    }

    /// The next event that has arrived, with the number of the last request
    /// that the server had done before it; server errors about windows that
    /// vanished are left out.
    pub(crate) fn next_event(&self) -> Result<Option<(Event, SequenceNumber)>, Lost> {
        while let Some(event) = self.conn.poll_for_event_with_sequence()? {
            if !matches!(event.0, Event::Error(_)) {
                return Ok(Some(event));
            }
        }
        Ok(None)
    }

    /// Blocks until the server or another thread has something to say. Events
    /// that have arrived already are not noticed: take them first.
    pub(crate) fn wait(&self, wake: &Wake, timeout: Option<Duration>) -> Result<Woken, Lost> {
        self.conn.flush()?;
        let deadline = timeout.map(|timeout| Instant::now() + timeout);
        loop {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            let left = left.map(|left| Timespec {
                tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
                tv_nsec: i64::from(left.subsec_nanos()),
            });
            let mut fds = [PollFd::new(self, PollFlags::IN), PollFd::new(wake, PollFlags::IN)];
            match poll(&mut fds, left.as_ref()) {
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(Lost(error.to_string())),
                Ok(0) => return Ok(Woken::TimeOver),
                Ok(_) if !fds[1].revents().is_empty() => {
                    wake.take();
                    return Ok(Woken::Called);
                }
                Ok(_) => return Ok(Woken::Server),
            }
        }
    }

    /// Holds the server for this connection alone until the guard is dropped,
    /// so that what was looked at is what is acted on.
    pub(crate) fn hold_server(&self) -> Result<Hold<'_>, Lost> {
        self.conn.grab_server()?;
        Ok(Hold(self))
    }
}

impl AsFd for Link {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.conn.stream().as_fd()
    }
}

/// The server answers nobody else while this lives.
#[derive(Debug)]
pub(crate) struct Hold<'a>(&'a Link);

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        // A lost connection frees the server by itself.
        let _ = self.0.conn.ungrab_server();
        let _ = self.0.conn.flush();
    }
}
