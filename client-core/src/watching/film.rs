//! The decoder of moving pictures that the watching worker lends to the
//! picture's decoder: a process of its own, see `platform::video`.

use mitblick_picture::{VideoDecoder, VideoFailed};
#[cfg(target_os = "linux")]
use mitblick_platform::video;
use mitblick_protocol::geometry::Size;
use std::path::Path;

/// The decoder, if there is one.
#[derive(Debug, Default)]
pub(super) struct Films {
    #[cfg(target_os = "linux")]
    decoder: Option<video::VideoDecoder>,
}

impl Films {
    /// Starts the decoder's process: `program` is this program itself, or
    /// another that becomes one. Without a sandbox there is none.
    #[cfg(target_os = "linux")]
    pub(super) fn start(program: Option<&Path>) -> Self {
        let started = program.map(video::VideoDecoder::start);
        let decoder = started.and_then(|started| {
            started.map_err(|error| tracing::warn!(%error, "moving pictures will be sent as all others")).ok()
        });
        Self { decoder }
    }

    /// There is no sandbox on this system, and so no decoder.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn start(_program: Option<&Path>) -> Self {
        Self::default()
    }

    /// Whether moving pictures can be decoded.
    pub(super) fn works(&self) -> bool {
        #[cfg(target_os = "linux")]
        return self.decoder.is_some();
        #[cfg(not(target_os = "linux"))]
        false
    }
}

impl VideoDecoder for Films {
    #[cfg(target_os = "linux")]
    fn decode(
        &mut self,
        stream: u8,
        begin: bool,
        size: Size,
        bytes: &[u8],
        out: &mut Vec<u32>,
    ) -> Result<(), VideoFailed> {
        let decoder = self.decoder.as_mut().ok_or(VideoFailed)?;
        if begin {
            decoder.end(stream);
        }
        decoder.decode(stream, size, bytes, out).map_err(|error| {
            tracing::warn!(%error, "moving pictures do not work any more");
            self.decoder = None;
            VideoFailed
        })
    }

    #[cfg(not(target_os = "linux"))]
    fn decode(&mut self, _: u8, _: bool, _: Size, _: &[u8], _: &mut Vec<u32>) -> Result<(), VideoFailed> {
        Err(VideoFailed)
    }
}
