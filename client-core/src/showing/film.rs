//! The coder of moving pictures that the sharing worker lends to the encoder.

use mitblick_picture::{MAX_STREAMS, VideoEncoder, VideoFailed};
use mitblick_platform::video::{self, VideoError};
use mitblick_protocol::geometry::Size;

/// So many bytes a second for each pixel show moving pictures well: 80 kB/s
/// for 640x360.
const BYTES_PER_S_AND_PIXEL: f64 = 0.35;
/// Most bytes a second, however large the picture.
const MAX_BYTES_PER_S: u32 = 1_000_000;
/// Fewest: less is no picture.
const MIN_BYTES_PER_S: u32 = 12_000;
/// What moving pictures may take of what the line carries.
const SHARE_OF_LINE: f64 = 0.75;
/// The rate is set anew when it is so far from what it should be.
const RATE_TOLERANCE: f64 = 0.15;

/// One encoder for each stream.
#[derive(Debug, Default)]
pub(super) struct Films {
    streams: [Option<Stream>; MAX_STREAMS as usize],
    line_bytes_per_s: Option<u64>,
}

#[derive(Debug)]
struct Stream {
    encoder: video::VideoEncoder,
    bytes_per_s: u32,
}

impl Films {
    /// What the line carries, in bytes a second, as far as it is known.
    pub(super) fn set_line(&mut self, bytes_per_s: Option<u64>) {
        self.line_bytes_per_s = bytes_per_s;
    }

    /// Bytes a second for pictures of this size.
    fn rate(&self, size: Size) -> u32 {
        let wanted = size.pixels() as f64 * BYTES_PER_S_AND_PIXEL;
        let carried = self.line_bytes_per_s.map_or(f64::INFINITY, |rate| rate as f64 * SHARE_OF_LINE);
        (wanted.min(carried) as u32).clamp(MIN_BYTES_PER_S, MAX_BYTES_PER_S)
    }
}

impl VideoEncoder for Films {
    fn encode(&mut self, stream: u8, begin: bool, size: Size, pixels: &[u32]) -> Result<Option<Vec<u8>>, VideoFailed> {
        let failed = |error: VideoError| {
            tracing::warn!(%error, "a moving picture can't be coded");
            VideoFailed
        };
        let bytes_per_s = self.rate(size);
        let slot = self.streams.get_mut(usize::from(stream)).ok_or(VideoFailed)?;
        if begin {
            let encoder = video::VideoEncoder::new(size, bytes_per_s).map_err(failed)?;
            *slot = Some(Stream { encoder, bytes_per_s });
        }
        let stream = slot.as_mut().filter(|stream| stream.encoder.size() == size).ok_or(VideoFailed)?;
        let off = f64::from(bytes_per_s.abs_diff(stream.bytes_per_s)) / f64::from(stream.bytes_per_s);
        if off > RATE_TOLERANCE {
            stream.encoder.set_rate(bytes_per_s).map_err(failed)?;
            stream.bytes_per_s = bytes_per_s;
        }
        stream.encoder.encode(pixels).map_err(failed)
    }

    fn end(&mut self, stream: u8) {
        if let Some(slot) = self.streams.get_mut(usize::from(stream)) {
            *slot = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_goes_by_the_picture_and_the_line() {
        let size = Size { width: 640, height: 360 };
        let mut films = Films::default();
        assert_eq!(films.rate(size), 80_640);
        assert_eq!(films.rate(Size { width: 3_840, height: 2_160 }), MAX_BYTES_PER_S);
        films.set_line(Some(100_000));
        assert_eq!(films.rate(size), 75_000);
        films.set_line(Some(1_000));
        assert_eq!(films.rate(size), MIN_BYTES_PER_S);
    }

    #[test]
    fn a_stream_goes_on_only_as_it_began() {
        let (one, two) = (Size { width: 128, height: 96 }, Size { width: 96, height: 128 });
        let pixels = vec![0x0030_6090; 128 * 96];
        let mut films = Films::default();
        assert!(films.encode(0, false, one, &pixels).is_err(), "never begun");
        assert!(films.encode(0, true, one, &pixels).unwrap().is_some());
        films.set_line(Some(40_000));
        assert!(films.encode(0, false, one, &pixels).is_ok(), "at another rate");
        assert!(films.encode(0, false, two, &pixels).is_err(), "another size");
        films.end(0);
        assert!(films.encode(0, false, one, &pixels).is_err());
        assert!(films.encode(MAX_STREAMS, true, one, &pixels).is_err());
    }
}
