//! Pixels of drawables: through shared memory where the server can, else over
//! the connection; always turned into `0x00RRGGBB`.

use super::link::{Link, Lost, answer};
use memmap2::{Mmap, MmapOptions};
use mitblick_protocol::geometry::Rect;
use x11rb::{
    connection::{Connection, RequestConnection},
    protocol::{
        shm::{self, ConnectionExt as _},
        xproto::{self, ConnectionExt as _, Drawable, ImageFormat, ImageOrder, Visualid},
    },
};

/// How the pixels of a visual are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    bytes_per_pixel: usize,
    row_pad_bytes: usize,
    swapped: bool,
    red: Channel,
    green: Channel,
    blue: Channel,
}

/// Where one colour lies in a pixel value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Channel {
    shift: u32,
    max: u32,
}

impl Channel {
    fn of(mask: u32) -> Option<Self> {
        let shift = mask.trailing_zeros();
        let max = mask.checked_shr(shift)?;
        // A mask with holes is no colour of any known server.
        (max != 0 && max.count_ones() == 32 - max.leading_zeros() && max <= 0xffff).then_some(Self { shift, max })
    }

    fn eight_bits(self, pixel: u32) -> u32 {
        let value = (pixel >> self.shift) & self.max;
        if self.max == 0xff { value } else { (value * 0xff + self.max / 2) / self.max }
    }
}

impl Layout {
    /// Layout of a visual's pixels; `None` if its values are no colours
    /// (palettes) or of a kind that is not known.
    pub(crate) fn of(link: &Link, visual: Visualid, depth: u8) -> Option<Self> {
        let setup = link.conn.setup();
        let format = setup.pixmap_formats.iter().find(|format| format.depth == depth)?;
        let depths = setup.roots.iter().flat_map(|screen| &screen.allowed_depths);
        let visual = depths.flat_map(|depth| &depth.visuals).find(|found| found.visual_id == visual)?;
        if !matches!(visual.class, xproto::VisualClass::TRUE_COLOR | xproto::VisualClass::DIRECT_COLOR) {
            return None;
        }
        let server_swaps = setup.image_byte_order == ImageOrder::MSB_FIRST;
        Some(Self {
            bytes_per_pixel: match format.bits_per_pixel {
                16 => 2,
                24 => 3,
                32 => 4,
                _ => return None,
            },
            row_pad_bytes: usize::from(format.scanline_pad / 8).max(1),
            swapped: server_swaps != cfg!(target_endian = "big"),
            red: Channel::of(visual.red_mask)?,
            green: Channel::of(visual.green_mask)?,
            blue: Channel::of(visual.blue_mask)?,
        })
    }

    fn stride(self, width: usize) -> usize {
        (width * self.bytes_per_pixel).next_multiple_of(self.row_pad_bytes)
    }

    /// Whether alpha is all that has to go.
    fn is_plain(self) -> bool {
        let byte = |shift| Channel { shift, max: 0xff };
        self.bytes_per_pixel == 4 && !self.swapped && (self.red, self.green, self.blue) == (byte(16), byte(8), byte(0))
    }

    /// Appends `width` columns of each row; `None` if there are too few bytes.
    fn convert(self, bytes: &[u8], width: usize, height: usize, out: &mut Vec<u32>) -> Option<()> {
        let stride = self.stride(width);
        let bytes = bytes.get(..stride.checked_mul(height)?)?;
        out.reserve(width * height);
        for row in bytes.chunks_exact(stride.max(1)) {
            let pixels = row.chunks_exact(self.bytes_per_pixel).take(width);
            if self.is_plain() {
                let value = |pixel: &[u8]| <[u8; 4]>::try_from(pixel).map_or(0, u32::from_ne_bytes);
                out.extend(pixels.map(|pixel| value(pixel) & 0x00ff_ffff));
            } else {
                out.extend(pixels.map(|pixel| self.colour(pixel)));
            }
        }
        Some(())
    }

    fn colour(self, pixel: &[u8]) -> u32 {
        let most_significant_first = cfg!(target_endian = "big") != self.swapped;
        let join = |value: u32, &byte: &u8| (value << 8) | u32::from(byte);
        let value = if most_significant_first { pixel.iter().fold(0, join) } else { pixel.iter().rev().fold(0, join) };
        (self.red.eight_bits(value) << 16) | (self.green.eight_bits(value) << 8) | self.blue.eight_bits(value)
    }
}

/// Memory shared with the server.
struct Segment {
    id: shm::Seg,
    memory: Mmap,
}

/// Reads pixels, and keeps the memory shared with the server for the next time.
#[derive(Default)]
pub(crate) struct PixelReader {
    segment: Option<Segment>,
    /// The server can't share memory (a remote display, say).
    without_sharing: bool,
}

impl PixelReader {
    /// Puts the pixels of an area in place of `out`'s contents. `None` if the
    /// server refuses: the drawable is gone or the area lies outside.
    pub(crate) fn read(
        &mut self,
        link: &Link,
        drawable: Drawable,
        layout: Layout,
        area: Rect,
        out: &mut Vec<u32>,
    ) -> Result<Option<()>, Lost> {
        out.clear();
        let (Ok(x), Ok(y), Ok(width), Ok(height)) =
            (i16::try_from(area.x), i16::try_from(area.y), u16::try_from(area.width), u16::try_from(area.height))
        else {
            return Ok(None);
        };
        let (columns, rows) = (usize::from(width), usize::from(height));
        let needed = layout.stride(columns) * rows;
        self.provide(link, needed)?;
        if let Some(segment) = &self.segment {
            let planes = !0;
            let format = ImageFormat::Z_PIXMAP.into();
            let got = link.conn.shm_get_image(drawable, x, y, width, height, planes, format, segment.id, 0)?;
            let got = answer(got.reply())?;
            return Ok(got.and_then(|_| layout.convert(&segment.memory, columns, rows, out)));
        }
        let got = link.conn.get_image(ImageFormat::Z_PIXMAP, drawable, x, y, width, height, !0)?;
        Ok(answer(got.reply())?.and_then(|image| layout.convert(&image.data, columns, rows, out)))
    }

    /// Makes shared memory large enough, if the server can share at all.
    fn provide(&mut self, link: &Link, bytes: usize) -> Result<(), Lost> {
        if self.without_sharing || self.segment.as_ref().is_some_and(|segment| segment.memory.len() >= bytes) {
            return Ok(());
        }
        self.release(link);
        match share(link, bytes.next_multiple_of(1 << 20))? {
            Some(segment) => self.segment = Some(segment),
            None => self.without_sharing = true,
        }
        Ok(())
    }

    fn release(&mut self, link: &Link) {
        if let Some(segment) = self.segment.take() {
            let _ = link.conn.shm_detach(segment.id);
        }
    }
}

/// Memory made by the server, so that no other process can know it.
fn share(link: &Link, bytes: usize) -> Result<Option<Segment>, Lost> {
    if link.conn.extension_information(shm::X11_EXTENSION_NAME)?.is_none() {
        return Ok(None);
    }
    let version = answer(link.conn.shm_query_version()?.reply())?;
    let can_pass = version.is_some_and(|version| (version.major_version, version.minor_version) >= (1, 2));
    let (Ok(size), true) = (u32::try_from(bytes), can_pass) else {
        return Ok(None);
    };
    let id = link.conn.generate_id()?;
    let Ok(cookie) = link.conn.shm_create_segment(id, size, false) else {
        return Ok(None);
    };
    let Some(reply) = answer(cookie.reply())? else {
        return Ok(None);
    };
    // SAFETY: the file is anonymous memory that the server made for this
    // connection and just sized to `bytes`; it never shrinks it. The server
    // writes only while it answers a GetImage request, and the memory is read
    // only after that answer has come, on this thread.
    let memory = unsafe { MmapOptions::new().len(bytes).map(&reply.shm_fd) };
    Ok(memory.ok().map(|memory| Segment { id, memory }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(bytes_per_pixel: usize, red: u32, green: u32, blue: u32) -> Layout {
        let channel = |mask| Channel::of(mask).unwrap();
        let (red, green, blue) = (channel(red), channel(green), channel(blue));
        Layout { bytes_per_pixel, row_pad_bytes: 4, swapped: false, red, green, blue }
    }

    #[test]
    fn every_depth_becomes_eight_bits_a_colour_without_alpha() {
        let convert = |layout: Layout, bytes: &[u8], width, height| {
            let mut out = Vec::new();
            layout.convert(bytes, width, height, &mut out).map(|()| out)
        };
        let deep = layout(4, 0xff_0000, 0xff00, 0xff);
        assert_eq!(convert(deep, &0x80ff_8001_u32.to_ne_bytes(), 1, 1), Some(vec![0x00ff_8001]));
        let ten_bits = layout(4, 0x3ff0_0000, 0xf_fc00, 0x3ff);
        assert_eq!(convert(ten_bits, &0x3ff0_03ff_u32.to_ne_bytes(), 1, 1), Some(vec![0x00ff_00ff]));
        // Rows of 16-bit pixels are padded to four bytes.
        let high = layout(2, 0xf800, 0x07e0, 0x001f);
        let rows = [0xf800_u16, 0, 0x07e0, 0].map(u16::to_ne_bytes).concat();
        assert_eq!(convert(high, &rows, 1, 2), Some(vec![0x00ff_0000, 0x0000_ff00]));
        assert_eq!(convert(high, &rows, 1, 3), None, "fewer bytes than rows");
    }
}
