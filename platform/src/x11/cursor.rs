//! The picture of the pointer.

use super::link::{Link, Lost, answer};
use mitblick_protocol::{
    geometry::{Point, Size},
    peer_msg::CursorImage,
    wire::MAX_CURSOR_SIDE_PX,
};
use x11rb::protocol::xfixes::ConnectionExt as _;

/// The present picture, cut where it is larger than the wire allows.
pub(crate) fn picture(link: &Link) -> Result<Option<CursorImage>, Lost> {
    let Some(image) = answer(link.conn.xfixes_get_cursor_image()?.reply())? else {
        return Ok(None);
    };
    let columns = usize::from(image.width);
    let size = Size {
        width: u32::from(image.width).min(MAX_CURSOR_SIDE_PX),
        height: u32::from(image.height).min(MAX_CURSOR_SIDE_PX),
    };
    let (width, height) = (size.width as usize, size.height as usize);
    let rows = image.cursor_image.chunks_exact(columns.max(1)).take(height);
    let pixels: Vec<u32> = rows.flat_map(|row| row.iter().take(width).copied()).collect();
    let hot_spot = Point { x: image.xhot.into(), y: image.yhot.into() };
    // A reply at odds with itself shows no pointer.
    Ok((pixels.len() == width * height).then_some(CursorImage { size, hot_spot, pixels }))
}
