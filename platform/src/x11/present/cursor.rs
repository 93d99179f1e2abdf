//! Pointers with any picture.

use mitblick_protocol::peer_msg::CursorImage;
use x11rb::{
    connection::{Connection as _, RequestConnection as _},
    errors::{ReplyError, ReplyOrIdError},
    protocol::{
        render::{self, ConnectionExt as _, CreatePictureAux, PictType, Pictformat},
        xproto::{ConnectionExt as _, CreateGCAux, Cursor, ImageFormat, ImageOrder, Window},
    },
    rust_connection::RustConnection,
};

/// Makes them where the server can.
pub(super) struct Cursors {
    root: Window,
    /// The format of premultiplied `0xAARRGGBB`; `None` if there is none.
    format: Option<Pictformat>,
}

impl Cursors {
    pub(super) fn new(conn: &RustConnection, root: Window) -> Result<Self, ReplyError> {
        if conn.extension_information(render::X11_EXTENSION_NAME)?.is_none() {
            return Ok(Self { root, format: None });
        }
        let version = conn.render_query_version(0, 11)?;
        let formats = conn.render_query_pict_formats()?;
        let version = version.reply()?;
        let formats = formats.reply()?.formats;
        let format = formats.into_iter().find(|format| {
            let direct = format.direct;
            let shifts = (direct.alpha_shift, direct.red_shift, direct.green_shift, direct.blue_shift);
            format.type_ == PictType::DIRECT
                && format.depth == 32
                && shifts == (24, 16, 8, 0)
                && [direct.alpha_mask, direct.red_mask, direct.green_mask, direct.blue_mask] == [0xff; 4]
        });
        let new_enough = (version.major_version, version.minor_version) >= (0, 5);
        Ok(Self { root, format: format.filter(|_| new_enough).map(|format| format.id) })
    }

    /// The pointer with this picture; `None` if the server can't show it.
    pub(super) fn make(&self, conn: &RustConnection, image: &CursorImage) -> Result<Option<Cursor>, ReplyOrIdError> {
        let (Ok(width), Ok(height)) = (u16::try_from(image.size.width), u16::try_from(image.size.height)) else {
            return Ok(None);
        };
        let Some(format) = self.format else { return Ok(None) };
        if image.size.rect().is_empty() || image.pixels.len() as u64 != image.size.pixels() {
            return Ok(None);
        }
        let (pixmap, gc, picture) = (conn.generate_id()?, conn.generate_id()?, conn.generate_id()?);
        conn.create_pixmap(32, pixmap, self.root, width, height)?;
        conn.create_gc(gc, pixmap, &CreateGCAux::new())?;
        let least_first = conn.setup().image_byte_order == ImageOrder::LSB_FIRST;
        let bytes = |pixel: &u32| if least_first { pixel.to_le_bytes() } else { pixel.to_be_bytes() };
        let data: Vec<u8> = image.pixels.iter().flat_map(bytes).collect();
        conn.put_image(ImageFormat::Z_PIXMAP, pixmap, gc, width, height, 0, 0, 0, 32, &data)?;
        conn.render_create_picture(picture, pixmap, format, &CreatePictureAux::new())?;
        let cursor = conn.generate_id()?;
        let inside = |at: i32, length: u16| u16::try_from(at).unwrap_or(0).min(length.saturating_sub(1));
        let (x, y) = (inside(image.hot_spot.x, width), inside(image.hot_spot.y, height));
        conn.render_create_cursor(cursor, picture, x, y)?;
        conn.render_free_picture(picture)?;
        conn.free_gc(gc)?;
        conn.free_pixmap(pixmap)?;
        Ok(Some(cursor))
    }
}
