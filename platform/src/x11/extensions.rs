//! Connecting, and what a display must offer.

use crate::capture::CaptureError;
use x11rb::{
    connection::RequestConnection,
    errors::{ConnectError, ConnectionError, ReplyError},
    protocol::{
        composite::{self, ConnectionExt as _},
        damage::{self, ConnectionExt as _},
        res::{self, ConnectionExt as _},
        shm,
        xfixes::{self, ConnectionExt as _},
        xinput::{self, ConnectionExt as _},
        xproto::{Setup, Window},
        xtest,
    },
    rust_connection::RustConnection,
};

/// A connection, with the root window of its screen.
pub(super) struct Display {
    pub(super) conn: RustConnection,
    pub(super) root: Window,
    /// Whether pixels can be had through shared memory.
    pub(super) has_shm: bool,
}

impl Display {
    pub(super) fn setup(&self) -> &Setup {
        x11rb::connection::Connection::setup(&self.conn)
    }
}

/// Connects and says to each extension which version is spoken, as they demand
/// before anything else.
pub(super) fn connect(display: Option<&str>) -> Result<Display, CaptureError> {
    let (conn, screen) = RustConnection::connect(display).map_err(no_display)?;
    let missing = |name: &'static str, extension: &'static str| match conn.extension_information(extension) {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err(CaptureError::Missing(name)),
        Err(error) => Err(broken(error)),
    };
    missing("the Composite extension", composite::X11_EXTENSION_NAME)?;
    missing("the DAMAGE extension", damage::X11_EXTENSION_NAME)?;
    missing("the XFIXES extension", xfixes::X11_EXTENSION_NAME)?;
    missing("the X-Resource extension", res::X11_EXTENSION_NAME)?;
    missing("the XInputExtension", xinput::X11_EXTENSION_NAME)?;
    missing("the XTEST extension", xtest::X11_EXTENSION_NAME)?;
    conn.composite_query_version(0, 4).map_err(broken)?.reply().map_err(reply_broken)?;
    conn.damage_query_version(1, 1).map_err(broken)?.reply().map_err(reply_broken)?;
    conn.xfixes_query_version(5, 0).map_err(broken)?.reply().map_err(reply_broken)?;
    conn.res_query_version(1, 2).map_err(broken)?.reply().map_err(reply_broken)?;
    let input = conn.xinput_xi_query_version(2, 2).map_err(broken)?.reply().map_err(reply_broken)?;
    if (input.major_version, input.minor_version) < (2, 1) {
        return Err(CaptureError::Missing("version 2.1 of the XInputExtension"));
    }
    let has_shm = matches!(conn.extension_information(shm::X11_EXTENSION_NAME), Ok(Some(_)));
    let setup = x11rb::connection::Connection::setup(&conn);
    let root = setup.roots.get(screen).ok_or(CaptureError::Missing("a screen"))?.root;
    Ok(Display { conn, root, has_shm })
}

fn no_display(error: ConnectError) -> CaptureError {
    let text = match &error {
        ConnectError::DisplayParsingError(_) => "DISPLAY does not name one".to_owned(),
        other => other.to_string(),
    };
    CaptureError::NoDisplay(text)
}

/// The connection is gone.
pub(super) fn broken(error: ConnectionError) -> CaptureError {
    CaptureError::Broken(error.to_string())
}

/// The connection is gone, or the server refused what it must not refuse.
pub(super) fn reply_broken(error: ReplyError) -> CaptureError {
    CaptureError::Broken(error.to_string())
}

/// A reply about a window that may have vanished meanwhile: an X error means
/// "no longer there", a broken connection stays an error.
pub(super) fn if_there<T>(reply: Result<T, ReplyError>) -> Result<Option<T>, CaptureError> {
    match reply {
        Ok(value) => Ok(Some(value)),
        Err(ReplyError::X11Error(_)) => Ok(None),
        Err(ReplyError::ConnectionError(error)) => Err(broken(error)),
    }
}
