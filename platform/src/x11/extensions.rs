//! The errors of requests, told apart.

use crate::capture::CaptureError;
use x11rb::errors::{ConnectionError, ReplyError};

/// The connection is gone.
pub(super) fn broken(error: ConnectionError) -> CaptureError {
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
