//! Texts as small pictures, with the fonts of the windows.

use crate::ui::theme;
use egui::{
    Color32, FontFamily, FontId,
    epaint::{
        TextOptions,
        text::{Fonts, LayoutJob, TextFormat},
    },
};
use mitblick_protocol::geometry::Size;
use std::sync::Arc;

/// Room around a text.
const ROOM_PX: u32 = 5;
/// Largest picture of a text on each side.
const MAX_SIDE_PX: u32 = 1_024;

/// A text as pixels, `0x00RRGGBB`.
pub(super) struct Written {
    pub(super) size: Size,
    pub(super) pixels: Vec<u32>,
}

impl Written {
    /// Without the rows and columns at its edges that have only this colour.
    pub(super) fn cropped(self, ground: u32) -> Self {
        let width = self.size.width as usize;
        let inked = |at: &(usize, &u32)| *at.1 != ground;
        let places = self.pixels.iter().enumerate().filter(inked).map(|(at, _)| (at % width.max(1), at / width.max(1)));
        let (mut left, mut right, mut top, mut bottom) = (usize::MAX, 0, usize::MAX, 0);
        for (x, y) in places {
            (left, right) = (left.min(x), right.max(x));
            (top, bottom) = (top.min(y), bottom.max(y));
        }
        if left > right || top > bottom {
            return self;
        }
        let rows = self.pixels.chunks_exact(width).skip(top).take(bottom - top + 1);
        let pixels = rows.flat_map(|row| row.get(left..=right).unwrap_or_default()).copied().collect();
        Self { size: Size { width: (right - left + 1) as u32, height: (bottom - top + 1) as u32 }, pixels }
    }
}

/// The fonts, once they are needed.
#[derive(Default)]
pub(super) struct Letters(Option<Fonts>);

impl Letters {
    /// A text in `ink` on `ground`; `None` if there is nothing to be seen of it.
    pub(super) fn write(&mut self, text: &str, size_px: f32, width_px: f32, ground: u32, ink: u32) -> Option<Written> {
        let fonts = self.0.get_or_insert_with(|| Fonts::new(TextOptions::default(), theme::fonts()));
        let format = TextFormat::simple(FontId::new(size_px, FontFamily::Proportional), Color32::WHITE);
        let mut job = LayoutJob::single_section(text.to_owned(), format);
        job.wrap.max_width = width_px;
        let galley = fonts.layout_uncached(1.0, Arc::new(job));
        let side = |length: f32| (length.ceil().max(0.0) as u32 + 2 * ROOM_PX).min(MAX_SIDE_PX);
        let size = Size { width: side(galley.size().x), height: side(galley.size().y) };
        let mut written = Written { size, pixels: vec![ground; usize::try_from(size.pixels()).ok()?] };
        let atlas = fonts.image();
        let width = size.width as usize;
        for row in &galley.rows {
            for glyph in &row.row.glyphs {
                let found = glyph.uv_rect;
                let start = |along: f32| along.round() as i64 + i64::from(ROOM_PX);
                let left = start(row.pos.x + glyph.pos.x + found.offset.x);
                let top = start(row.pos.y + glyph.pos.y + found.offset.y);
                for (down, atlas_y) in (found.min[1]..found.max[1]).enumerate() {
                    for (across, atlas_x) in (found.min[0]..found.max[0]).enumerate() {
                        let texel = atlas.pixels.get(usize::from(atlas_y) * atlas.width() + usize::from(atlas_x));
                        let place = (usize::try_from(left + across as i64), usize::try_from(top + down as i64));
                        let (Some(texel), (Ok(x), Ok(y))) = (texel, place) else { continue };
                        if x < width
                            && let Some(pixel) = written.pixels.get_mut(y * width + x)
                        {
                            *pixel = mixed(ink, *pixel, texel.a().into());
                        }
                    }
                }
            }
        }
        Some(written)
    }
}

/// `share` of 255 of one colour, the rest of another.
fn mixed(one: u32, other: u32, share: u32) -> u32 {
    let part =
        |shift: u32| (((one >> shift & 0xff) * share + (other >> shift & 0xff) * (255 - share) + 127) / 255) << shift;
    part(16) | part(8) | part(0)
}
