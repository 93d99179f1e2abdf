//! The pointer: where it is over shared windows, and its picture.

use super::{
    extensions::{Display, broken, reply_broken},
    tracked::Tracked,
};
use crate::capture::CaptureError;
use mitblick_protocol::{
    geometry::{Point, Size},
    peer_msg::{CursorImage, PointerPlace},
    wire::MAX_CURSOR_SIDE_PX,
};
use x11rb::protocol::{xfixes::ConnectionExt as _, xproto::ConnectionExt as _};

/// Where the pointer is, if the top-most window there is a shared one.
pub(super) fn place(display: &Display, shared: &[Tracked]) -> Result<Option<PointerPlace>, CaptureError> {
    let pointer = display.conn.query_pointer(display.root).map_err(broken)?.reply().map_err(reply_broken)?;
    let at = Point { x: pointer.root_x.into(), y: pointer.root_y.into() };
    // `child` is the top-most child of the root under the pointer, so a window
    // of another application that covers a shared one hides the pointer.
    let under = shared.iter().find(|tracked| tracked.is_shown() && tracked.top() == pointer.child && tracked.rect().contains(at));
    Ok(under.map(|tracked| PointerPlace {
        surface: tracked.id(),
        at: Point { x: at.x - tracked.rect().x, y: at.y - tracked.rect().y },
    }))
}

/// The pointer's picture; `None` if it is larger than anyone needs.
pub(super) fn image(display: &Display) -> Result<Option<CursorImage>, CaptureError> {
    let image = display.conn.xfixes_get_cursor_image().map_err(broken)?.reply().map_err(reply_broken)?;
    let size = Size { width: image.width.into(), height: image.height.into() };
    if size.width > MAX_CURSOR_SIDE_PX || size.height > MAX_CURSOR_SIDE_PX {
        return Ok(None);
    }
    let hot_spot = Point { x: image.xhot.into(), y: image.yhot.into() };
    Ok(Some(CursorImage { size, hot_spot, pixels: image.cursor_image }))
}

