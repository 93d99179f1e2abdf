//! The pixels of a pane: memory shared with the server where it can share, a
//! buffer of our own where it can't (a display elsewhere, say).

use super::Shared;
use crate::present::PresentError;
use memmap2::{MmapMut, MmapOptions};
use mitblick_protocol::geometry::{Rect, Size};
use x11rb::{
    connection::{Connection as _, RequestConnection as _},
    errors::{ConnectionError, ReplyError},
    protocol::{
        shm::{self, ConnectionExt as _},
        xproto::{ConnectionExt as _, ImageFormat},
    },
    rust_connection::RustConnection,
};

/// Bytes of a `PutImage` request before its pixels.
const PUT_HEADER_BYTES: usize = 28;

enum Memory {
    Shared { id: shm::Seg, map: MmapMut },
    Own(Vec<u32>),
}

/// See the module's documentation.
pub(super) struct Canvas {
    size: Size,
    memory: Memory,
    can_share: bool,
    /// Resized, and not yet drawn since.
    pub(super) unfinished: bool,
}

impl Canvas {
    pub(super) fn new(conn: &RustConnection) -> Result<Self, PresentError> {
        let mut can_share = conn.extension_information(shm::X11_EXTENSION_NAME)?.is_some();
        if can_share {
            let version = conn.shm_query_version()?.reply()?;
            can_share = (version.major_version, version.minor_version) >= (1, 2);
        }
        Ok(Self { size: Size::default(), memory: Memory::Own(Vec::new()), can_share, unfinished: true })
    }

    pub(super) fn size(&self) -> Size {
        self.size
    }

    /// Number of pixels.
    fn len(&self) -> usize {
        usize::try_from(self.size.pixels()).unwrap_or(0)
    }

    /// All pixels, row by row.
    pub(super) fn pixels(&mut self) -> &mut [u32] {
        let len = self.len();
        let all = match &mut self.memory {
            Memory::Own(pixels) => pixels.as_mut_slice(),
            Memory::Shared { map, .. } => {
                let pixels = map.len() / size_of::<u32>();
                // SAFETY: a mapping begins at a page, which is aligned for u32,
                // has this many of them, and is borrowed for as long as the
                // slice lives. The server only reads it.
                unsafe { std::slice::from_raw_parts_mut(map.as_mut_ptr().cast::<u32>(), pixels) }
            }
        };
        all.get_mut(..len).unwrap_or_default()
    }

    /// Makes room for another size; what was drawn is lost.
    pub(super) fn resize(&mut self, conn: &RustConnection, size: Size) -> Result<(), PresentError> {
        if size == self.size {
            return Ok(());
        }
        (self.size, self.unfinished) = (size, true);
        let bytes = self.len() * size_of::<u32>();
        if let Memory::Shared { id, map } = &self.memory {
            if map.len() >= bytes {
                return Ok(());
            }
            // What was put from it before comes before this.
            conn.shm_detach(*id)?;
        }
        self.memory = Memory::Own(Vec::new());
        if self.can_share {
            match share(conn, bytes.next_multiple_of(1 << 20))? {
                Some(memory) => self.memory = memory,
                None => self.can_share = false,
            }
        }
        let len = self.len();
        if let Memory::Own(pixels) = &mut self.memory {
            pixels.resize(len, 0);
        }
        Ok(())
    }

    /// Asks the server to show these areas.
    pub(super) fn put(&self, to: &Shared, areas: &[Rect]) -> Result<(), ConnectionError> {
        for area in areas.iter().filter_map(|area| area.intersection(self.size.rect())) {
            match &self.memory {
                Memory::Shared { id, .. } => self.put_shared(to, *id, area)?,
                Memory::Own(pixels) => self.put_own(to, pixels, area)?,
            }
        }
        Ok(())
    }

    fn put_shared(&self, to: &Shared, id: shm::Seg, area: Rect) -> Result<(), ConnectionError> {
        let (Ok(all_width), Ok(all_height)) = (u16::try_from(self.size.width), u16::try_from(self.size.height)) else {
            return Ok(());
        };
        let super::Rectangle { x, y, width, height } = super::rectangle(area);
        let (from_x, from_y) = (x.unsigned_abs(), y.unsigned_abs());
        let format = ImageFormat::Z_PIXMAP.into();
        to.conn.shm_put_image(
            to.window, to.gc, all_width, all_height, from_x, from_y, width, height, x, y, to.depth, format, false, id,
            0,
        )?;
        Ok(())
    }

    fn put_own(&self, to: &Shared, pixels: &[u32], area: Rect) -> Result<(), ConnectionError> {
        let (Ok(left), Ok(top)) = (usize::try_from(area.x), usize::try_from(area.y)) else { return Ok(()) };
        let (width, height) = (area.width as usize, area.height as usize);
        let stride = self.size.width as usize;
        let row_bytes = width * size_of::<u32>();
        let rows_at_once = (to.conn.maximum_request_bytes().saturating_sub(PUT_HEADER_BYTES) / row_bytes.max(1)).max(1);
        let rows: Vec<&[u32]> = pixels.chunks_exact(stride.max(1)).skip(top).take(height).collect();
        let super::Rectangle { x, mut y, width: columns, .. } = super::rectangle(area);
        for part in rows.chunks(rows_at_once) {
            let mut bytes = Vec::with_capacity(part.len() * row_bytes);
            for pixel in part.iter().flat_map(|row| row.get(left..left + width).unwrap_or_default()) {
                bytes.extend_from_slice(&pixel.to_ne_bytes());
            }
            let height = u16::try_from(part.len()).unwrap_or(u16::MAX);
            let format = ImageFormat::Z_PIXMAP;
            to.conn.put_image(format, to.window, to.gc, columns, height, x, y, 0, to.depth, &bytes)?;
            y = y.saturating_add_unsigned(height);
        }
        Ok(())
    }
}

/// Memory made by the server, so that no other process can know it; it maps it
/// for reading alone.
fn share(conn: &RustConnection, bytes: usize) -> Result<Option<Memory>, PresentError> {
    let Ok(size) = u32::try_from(bytes) else { return Ok(None) };
    let id = conn.generate_id()?;
    let Ok(cookie) = conn.shm_create_segment(id, size, true) else { return Ok(None) };
    let reply = match cookie.reply() {
        Ok(reply) => reply,
        Err(ReplyError::X11Error(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    // SAFETY: the file is anonymous memory that the server made for this
    // connection and just sized to `bytes`; it never shrinks it, and it only
    // reads it.
    let map = unsafe { MmapOptions::new().len(bytes).map_mut(&reply.shm_fd) };
    Ok(map.ok().map(|map| Memory::Shared { id, map }))
}
