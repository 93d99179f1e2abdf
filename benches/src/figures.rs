//! Bytes and times of the picture, for each kind of content.

use crate::{SURFACE, content::Sequence};
use anyhow::{Context, ensure};
use mitblick_picture::Turn;
use mitblick_platform::video::VideoEncoder;
use mitblick_protocol::geometry::Rect;
use std::time::{Duration, Instant};

/// Every time is the median of so many.
const RUNS: usize = 9;
/// Rate that OpenH264 is given: that of a good video call.
const H264_BYTES_PER_S: u32 = 500_000;
/// Side of the tiles that plain packing is given, in pixels.
const TILE_PX: usize = 64;

/// What the last picture of a sequence costs.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    /// Bytes of the payload.
    pub bytes: usize,
    /// Time to encode it.
    pub encode: Duration,
    /// Time to decode it.
    pub decode: Duration,
    /// The changed tiles of 64x64 pixels, three bytes a pixel, each packed by
    /// zstd at its usual level: bytes.
    pub zstd_tiles_bytes: usize,
    /// The bounds of what changed as a PNG: bytes.
    pub png_bytes: usize,
    /// The whole window by OpenH264, lossy, at [`H264_BYTES_PER_S`]: bytes.
    pub h264_bytes: usize,
}

impl Figures {
    /// Measures a sequence, and makes sure that it comes out exact.
    ///
    /// # Errors
    /// It does not.
    pub fn of(sequence: &Sequence) -> anyhow::Result<Self> {
        let (mut encode, mut decode, mut bytes) = (Vec::new(), Vec::new(), 0);
        let mut last = sequence.last();
        for _ in 0..RUNS {
            let (mut encoder, mut decoder) = sequence.begin()?;
            let start = Instant::now();
            let payload = encoder.encode(&mut last, Turn::lossless(usize::MAX)).payload;
            encode.push(start.elapsed());
            let start = Instant::now();
            decoder.apply(&payload)?;
            decode.push(start.elapsed());
            let shown = decoder.surface(SURFACE).context("the surface is gone")?;
            ensure!(shown.pixels == last.pixels, "{} is not exact", sequence.name);
            bytes = payload.len();
        }
        let (zstd_tiles_bytes, png_bytes, h264_bytes) = (zstd_tiles(sequence)?, png(sequence)?, h264(sequence)?);
        Ok(Self { bytes, encode: median(encode), decode: median(decode), zstd_tiles_bytes, png_bytes, h264_bytes })
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn bgr(pixels: impl Iterator<Item = u32>) -> Vec<u8> {
    pixels.flat_map(|pixel| pixel.to_le_bytes().into_iter().take(3)).collect()
}

fn zstd_tiles(sequence: &Sequence) -> anyhow::Result<usize> {
    let (last, (before, _)) = (sequence.last(), sequence.change());
    let size = last.size;
    let mut bytes = 0;
    for y in (0..size.height).step_by(TILE_PX) {
        for x in (0..size.width).step_by(TILE_PX) {
            let tile = Rect::new(x as i32, y as i32, TILE_PX as u32, TILE_PX as u32);
            let tile = tile.intersection(size.rect()).context("a tile beyond the edge")?;
            if before.is_some_and(|before| before.rows(tile).eq(last.rows(tile))) {
                continue;
            }
            let raw = bgr(last.rows(tile).flatten().copied());
            let mut packed = vec![0; zstd_safe::compress_bound(raw.len())];
            let packed = zstd_safe::compress(packed.as_mut_slice(), &raw, 3);
            bytes += packed.map_err(|code| anyhow::anyhow!(zstd_safe::get_error_name(code)))?;
        }
    }
    Ok(bytes)
}

fn h264(sequence: &Sequence) -> anyhow::Result<usize> {
    let mut encoder = VideoEncoder::new(sequence.size(), H264_BYTES_PER_S)?;
    let mut bytes = 0;
    for picture in &sequence.pictures {
        bytes = encoder.encode(&picture.pixels)?.map_or(0, |coded| coded.len());
    }
    Ok(bytes)
}

fn png(sequence: &Sequence) -> anyhow::Result<usize> {
    let (last, (_, area)) = (sequence.last(), sequence.change());
    if area.is_empty() {
        return Ok(0);
    }
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, area.width, area.height);
    encoder.set_color(png::ColorType::Rgb);
    let rgb = last.rows(area).flatten().map(|pixel| pixel.swap_bytes() >> 8);
    encoder.write_header()?.write_image_data(&bgr(rgb))?;
    Ok(out.len())
}
