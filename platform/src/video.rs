//! Moving pictures with OpenH264, both directions.
//!
//! The encoder is fed with the person's own pixels and runs in this process.
//! The decoder's input is the peer's, and OpenH264 is written in C++: it runs
//! in a [`process`] of its own that can do nothing but compute, behind a
//! [`filter`] that lets through only what our own encoder makes. Without that
//! process there is no decoding at all, and the other side sends lossless
//! pixels only.
//!
//! One picture is one access unit in Annex B form. It is coded with sides that
//! are multiples of 16 pixels, so that no cropping is needed; what is beyond
//! the picture repeats its edge and is cut off after decoding.

mod encoder;
mod filter;
#[cfg(target_os = "linux")]
mod process;
#[cfg(target_os = "linux")]
mod sandbox;

pub use encoder::VideoEncoder;
pub use filter::{Filter, Refused};
#[cfg(target_os = "linux")]
pub use process::{DECODER_ARGUMENT, VideoDecoder, run_decoder};

use mitblick_protocol::geometry::Size;

/// Longest sides of a picture, in pixels, either way round: the largest that
/// OpenH264 takes.
pub const MAX_VIDEO_SIDES_PX: (u32, u32) = (3_840, 2_160);
/// Most bytes of one coded picture.
pub const MAX_VIDEO_BYTES: usize = 8 * 1024 * 1024;
/// Most pictures that are followed at once.
pub const MAX_VIDEO_STREAMS: u8 = 4;

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum VideoError {
    /// It can't work on this system as it is.
    #[error("moving pictures are not available here: {0}")]
    NotAvailable(String),
    /// A size that can't be coded.
    #[error("no moving picture of {0:?}")]
    Size(Size),
    /// The bytes are not what our encoder makes.
    #[error("a moving picture was refused: {0}")]
    Refused(#[from] Refused),
    /// The decoder ended, or did not answer in time. It is gone.
    #[error("the decoder of moving pictures is gone: {0}")]
    Gone(String),
    /// OpenH264 does not like it.
    #[error("OpenH264: {0}")]
    Codec(String),
}

/// The size with which a picture is coded.
pub(crate) fn coded_size(size: Size) -> Result<Size, VideoError> {
    let (long, short) = (size.width.max(size.height), size.width.min(size.height));
    if short == 0 || long > MAX_VIDEO_SIDES_PX.0 || short > MAX_VIDEO_SIDES_PX.1 {
        return Err(VideoError::Size(size));
    }
    Ok(Size { width: size.width.next_multiple_of(16), height: size.height.next_multiple_of(16) })
}

#[cfg(test)]
mod tests;
