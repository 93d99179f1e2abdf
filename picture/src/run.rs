//! Where pixels come from and payloads grow: one call of the encoder.

use crate::format::VERSION;
use alloc::vec::Vec;
use mitblick_protocol::{geometry::Rect, peer_msg::SurfaceId};

/// Most pixels read from the source at once.
pub(crate) const READ_PIXELS: u64 = 512 * 1024;
/// Most pixels read at once where this saves copying them: a large screen.
const MAX_WHOLE_READ_PIXELS: u64 = 1920 * 1200;

/// Where the present pixels of surfaces come from.
pub trait PixelSource {
    /// Why a surface's pixels can't be had.
    type Error;

    /// Reads an area that lies inside the surface: `0x00RRGGBB`, row by row,
    /// in place of what is in `out`.
    ///
    /// # Errors
    /// The surface has no pixels of this area now.
    fn read(&mut self, surface: SurfaceId, area: Rect, out: &mut Vec<u32>) -> Result<(), Self::Error>;
}

/// What [`Encoder::encode`](crate::Encoder::encode) gives.
#[derive(Debug)]
pub struct Encoded<E> {
    /// For [`Decoder::apply`](crate::Decoder::apply); empty = nothing differs.
    pub payload: Vec<u8>,
    /// Surfaces that could not be read. Their damage is kept, but they are left
    /// alone until they are damaged again or change size.
    pub failed: Vec<(SurfaceId, E)>,
}

/// One call of [`Encoder::encode`](crate::Encoder::encode).
pub(crate) struct Run<'a, S: PixelSource> {
    pub(crate) source: &'a mut S,
    pub(crate) budget: usize,
    pub(crate) payload: Vec<u8>,
    pub(crate) failed: Vec<(SurfaceId, S::Error)>,
}

impl<S: PixelSource> Run<'_, S> {
    /// Writes the beginning of a payload that is not empty.
    pub(crate) fn begin(&mut self) {
        if self.payload.is_empty() {
            self.payload.push(VERSION);
        }
    }

    pub(crate) fn left(&self) -> usize {
        self.budget.saturating_sub(self.payload.len())
    }
}

/// Reads an area of any size band by band and appends it to `out`.
pub(crate) fn read_whole<S: PixelSource>(
    source: &mut S,
    id: SurfaceId,
    area: Rect,
    band: &mut Vec<u32>,
    out: &mut Vec<u32>,
) -> Result<(), S::Error> {
    if out.is_empty() && area.size().pixels() <= MAX_WHOLE_READ_PIXELS {
        source.read(id, area, out)?;
        out.resize(area.size().pixels() as usize, 0);
        return Ok(());
    }
    let rows = (READ_PIXELS / u64::from(area.width.max(1))).max(1) as u32;
    for top in (0..area.height).step_by(rows as usize) {
        let part = Rect::new(area.x, area.y + top as i32, area.width, rows.min(area.height - top));
        source.read(id, part, band)?;
        // As in the case of a single batch.
        band.resize(part.size().pixels() as usize, 0);
        out.extend_from_slice(band);
    }
    Ok(())
}
