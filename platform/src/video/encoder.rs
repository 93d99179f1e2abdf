//! The encoder: this side's own pixels in, access units out.

use super::{VideoError, coded_size};
use mitblick_protocol::geometry::Size;
use openh264::{
    OpenH264API,
    encoder::{
        BitRate, Complexity, Encoder, EncoderConfig, FrameRate, FrameType, IntraFramePeriod, Level, Profile, QpRange,
        RateControlMode, SpsPpsStrategy, UsageType,
    },
    formats::{BgraSliceU8, YUVBuffer},
};
use openh264_sys2::{ENCODER_OPTION_BITRATE, SBitrateInfo, SPATIAL_LAYER_ALL};

/// Pictures a second that the rate is divided among.
const FRAMES_PER_S: f32 = 25.0;
/// Coarsest and finest quantiser. Finer than 20 costs twice the bytes for what
/// nobody sees and what is made exact as soon as it rests anyway.
const QUANTISERS: QpRange = QpRange::new(20, 42);

/// Encodes pictures of one size that follow each other.
///
/// Camera settings for moving content: the screen settings of OpenH264 make a
/// whole new picture of each that differs much from the one before.
pub struct VideoEncoder {
    encoder: Encoder,
    size: Size,
    coded: Size,
    /// Blue, green, red and nothing, of the coded size.
    bytes: Vec<u8>,
    planes: YUVBuffer,
}

impl std::fmt::Debug for VideoEncoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "VideoEncoder({}x{})", self.size.width, self.size.height)
    }
}

impl VideoEncoder {
    /// For pictures of this size at about this many bytes a second. The first
    /// picture stands alone, the others go by those before.
    ///
    /// # Errors
    /// The size can't be coded.
    pub fn new(size: Size, bytes_per_s: u32) -> Result<Self, VideoError> {
        let coded = coded_size(size)?;
        let config = EncoderConfig::new()
            .usage_type(UsageType::CameraVideoRealTime)
            .profile(Profile::Baseline)
            .level(Level::Level_5_2)
            .sps_pps_strategy(SpsPpsStrategy::ConstantId)
            .rate_control_mode(RateControlMode::Bitrate)
            .bitrate(BitRate::from_bps(bytes_per_s.saturating_mul(8)))
            .max_frame_rate(FrameRate::from_hz(FRAMES_PER_S))
            .skip_frames(false)
            .qp(QUANTISERS)
            .complexity(Complexity::Low)
            .scene_change_detect(false)
            .adaptive_quantization(false)
            .background_detection(false)
            .intra_frame_period(IntraFramePeriod::from_num_frames(0))
            .num_threads(1);
        let encoder = Encoder::with_api_config(OpenH264API::from_source(), config).map_err(codec)?;
        let (width, height) = (coded.width as usize, coded.height as usize);
        let bytes = vec![0; width * height * 4];
        Ok(Self { encoder, size, coded, bytes, planes: YUVBuffer::new(width, height) })
    }

    /// The size of the pictures.
    pub fn size(&self) -> Size {
        self.size
    }

    /// About so many bytes a second from here on.
    ///
    /// # Errors
    /// OpenH264 does not like it.
    pub fn set_rate(&mut self, bytes_per_s: u32) -> Result<(), VideoError> {
        let bits = i32::try_from(bytes_per_s.saturating_mul(8)).unwrap_or(i32::MAX);
        let mut rate = SBitrateInfo { iLayer: SPATIAL_LAYER_ALL, iBitrate: bits };
        // SAFETY: the option takes a pointer to this very structure, reads it
        // during the call and does not keep it. OpenH264 has no safe call for a
        // rate that changes without a picture that stands alone.
        let result = unsafe { self.encoder.raw_api().set_option(ENCODER_OPTION_BITRATE, (&raw mut rate).cast()) };
        // Before the first picture there is nothing to set it for.
        if result == 0 { Ok(()) } else { Err(VideoError::Codec(format!("error {result}"))) }
    }

    /// Encodes the next picture: `0x00RRGGBB`, row by row. `None` if the
    /// encoder leaves it out; the next one then follows the one before.
    ///
    /// # Errors
    /// Not as many pixels as the size says, or OpenH264 does not like it.
    pub fn encode(&mut self, pixels: &[u32]) -> Result<Option<Vec<u8>>, VideoError> {
        if pixels.len() as u64 != self.size.pixels() {
            return Err(VideoError::Size(self.size));
        }
        self.take_in(pixels);
        let dimensions = (self.coded.width as usize, self.coded.height as usize);
        self.planes.read_bgra8(BgraSliceU8::new(&self.bytes, dimensions));
        let stream = self.encoder.encode(&self.planes).map_err(codec)?;
        if matches!(stream.frame_type(), FrameType::Skip | FrameType::Invalid) {
            return Ok(None);
        }
        Ok(Some(stream.to_vec()).filter(|bytes| !bytes.is_empty()))
    }

    /// Copies the pixels, and repeats the edges to the coded size.
    fn take_in(&mut self, pixels: &[u32]) {
        let (width, stride) = (self.size.width as usize, self.coded.width as usize * 4);
        let mut rows = self.bytes.chunks_exact_mut(stride);
        for (row, from) in rows.by_ref().zip(pixels.chunks_exact(width)) {
            let last = from.last().copied().unwrap_or_default();
            let all = from.iter().copied().chain(std::iter::repeat(last));
            for (pixel, colour) in row.chunks_exact_mut(4).zip(all) {
                pixel.copy_from_slice(&colour.to_le_bytes());
            }
        }
        let height = self.size.height as usize;
        let end = height * stride;
        let last = end.saturating_sub(stride)..end;
        for row in height..self.coded.height as usize {
            self.bytes.copy_within(last.clone(), row * stride);
        }
    }
}

fn codec(error: openh264::Error) -> VideoError {
    VideoError::Codec(error.to_string())
}
