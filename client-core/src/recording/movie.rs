//! Exports a recording as an ordinary video: H.264 in MP4, without sound.

use super::player::{Player, RecordingError};
use mitblick_platform::video::{MAX_VIDEO_SIDES_PX, VideoEncoder, VideoError};
use mitblick_protocol::geometry::Size;
use shiguredo_mp4::{
    TrackKind, Uint,
    boxes::{Avc1Box, AvccBox, SampleEntry, VisualSampleEntryFields},
    mux::{Mp4FileMuxer, MuxError, Sample},
};
use std::{
    fs,
    io::{self, Seek, SeekFrom, Write},
    num::NonZeroU32,
    path::Path,
};

/// Units of time in a second.
const TIMESCALE: u32 = 1_000;
/// What the encoder may spend; it takes what the finest quantiser needs, which
/// is far less where little moves.
const BYTES_PER_S: u32 = 4_000_000;
/// After so long a picture stands alone, where a player can begin.
const ALONE_EVERY_MS: u64 = 10_000;
/// A picture is shown at least so often, so that players that wait for the
/// next one do not hang.
const LONGEST_MS: u64 = 1_000;
/// What a NAL unit begins with in Annex B.
const START: [u8; 3] = [0, 0, 1];

/// Why there is no video.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The recording can't be read on.
    #[error(transparent)]
    Recording(#[from] RecordingError),
    /// The file can't be written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The pictures can't be coded.
    #[error(transparent)]
    Video(#[from] VideoError),
    /// They can't be put into a file.
    #[error(transparent)]
    Mux(#[from] MuxError),
    /// Nothing was shown while it was made.
    #[error("nothing is shown in this recording")]
    Empty,
    /// It was given up by its person.
    #[error("given up")]
    GivenUp,
}

/// Writes the whole recording to a new file, and gives it its name when it is
/// whole. `goes_on` is told how far it is, in thousandths, and says whether it
/// is still wanted.
///
/// # Errors
/// See [`ExportError`]; nothing is left behind then.
pub fn export(player: &mut Player, to: &Path, mut goes_on: impl FnMut(u16) -> bool) -> Result<(), ExportError> {
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let file = tempfile::Builder::new().prefix(".mitblick-export").tempfile_in(folder)?;
    let mut given_up = false;
    let size = player.survey(|| {
        given_up = !goes_on(0);
        !given_up
    })?;
    if given_up {
        return Err(ExportError::GivenUp);
    }
    let size = size.ok_or(ExportError::Empty)?;
    let mut movie = Movie::begin(file.as_file().try_clone()?, size)?;
    player.seek(0)?;
    let mut from_ms = 0;
    loop {
        let next_ms = player.next_ms()?;
        let until_ms = next_ms.unwrap_or(player.length_ms()).max(from_ms);
        while from_ms < until_ms {
            let done = from_ms.saturating_mul(1_000) / player.length_ms().max(1);
            if !goes_on(u16::try_from(done).unwrap_or(1_000)) {
                return Err(ExportError::GivenUp);
            }
            let shown_ms = (until_ms - from_ms).min(LONGEST_MS);
            movie.show(player, from_ms, u32::try_from(shown_ms).unwrap_or(u32::MAX))?;
            from_ms += shown_ms;
        }
        let Some(next_ms) = next_ms else { break };
        player.seek(next_ms)?;
    }
    movie.finish()?;
    file.as_file().sync_all()?;
    file.persist_noclobber(to).map_err(|error| error.error)?;
    Ok(())
}

struct Movie {
    file: fs::File,
    muxer: Mp4FileMuxer,
    /// What every picture is drawn on.
    canvas: Size,
    /// How many pixels each way become one, so that it can be coded.
    shrink: u32,
    coded: Size,
    encoder: VideoEncoder,
    alone_at_ms: Option<u64>,
    written: u64,
    entry: Option<SampleEntry>,
    pixels: Vec<u32>,
    version: Option<u64>,
}

impl Movie {
    fn begin(mut file: fs::File, canvas: Size) -> Result<Self, ExportError> {
        let muxer = Mp4FileMuxer::new()?;
        let head = muxer.initial_boxes_bytes();
        file.write_all(head)?;
        let written = head.len() as u64;
        let (long, short) = (canvas.width.max(canvas.height), canvas.width.min(canvas.height));
        let shrink = long.div_ceil(MAX_VIDEO_SIDES_PX.0).max(short.div_ceil(MAX_VIDEO_SIDES_PX.1)).max(1);
        // Players show the coded size, whose sides are multiples of 16.
        let side = |length: u32| length.div_ceil(shrink).div_ceil(16) * 16;
        let coded = Size { width: side(canvas.width), height: side(canvas.height) };
        let encoder = VideoEncoder::new(coded, BYTES_PER_S)?;
        Ok(Self {
            file,
            muxer,
            canvas,
            shrink,
            coded,
            encoder,
            alone_at_ms: None,
            written,
            entry: None,
            pixels: Vec::new(),
            version: None,
        })
    }

    /// The picture that the player stands at, for so long.
    fn show(&mut self, player: &Player, at_ms: u64, shown_ms: u32) -> Result<(), ExportError> {
        let alone = self.alone_at_ms.is_none_or(|last_ms| at_ms >= last_ms + ALONE_EVERY_MS);
        if alone {
            self.encoder = VideoEncoder::new(self.coded, BYTES_PER_S)?;
            self.alone_at_ms = Some(at_ms);
        }
        if self.version.replace(player.version()) != Some(player.version()) {
            self.draw(player.picture());
        }
        let unit = self.encoder.encode(&self.pixels)?.ok_or_else(|| VideoError::Codec("no picture".to_owned()))?;
        let (sample, parameters) = without_start_codes(&unit);
        let entry = if self.entry.is_none() {
            let entry = sample_entry(self.coded, parameters)?;
            self.entry = Some(entry.clone());
            Some(entry)
        } else {
            None
        };
        self.file.seek(SeekFrom::Start(self.written))?;
        self.file.write_all(&sample)?;
        self.muxer.append_sample(&Sample {
            track_kind: TrackKind::Video,
            sample_entry: entry,
            keyframe: alone,
            timescale: NonZeroU32::new(TIMESCALE).unwrap_or(NonZeroU32::MIN),
            duration: shown_ms,
            composition_time_offset: None,
            data_offset: self.written,
            data_size: sample.len(),
        })?;
        self.written += sample.len() as u64;
        Ok(())
    }

    /// Puts the picture into the left top corner, smaller if it must be.
    fn draw(&mut self, picture: Option<(Size, &[u32])>) {
        self.pixels = Player::nothing(self.coded);
        let Some((size, from)) = picture else { return };
        let (shrink, stride) = (self.shrink as usize, size.width as usize);
        let rows = self.pixels.chunks_exact_mut(self.coded.width as usize);
        let high = size.height.min(self.canvas.height).div_ceil(self.shrink) as usize;
        let wide = size.width.min(self.canvas.width).div_ceil(self.shrink) as usize;
        for (y, row) in rows.take(high).enumerate() {
            for (x, pixel) in row.iter_mut().take(wide).enumerate() {
                if shrink == 1 {
                    *pixel = from.get(y * stride + x).copied().unwrap_or_default();
                    continue;
                }
                let (mut sums, mut count) = ([0_u32; 3], 0_u32);
                for down in y * shrink..((y + 1) * shrink).min(size.height as usize) {
                    let part = down * stride + x * shrink..down * stride + ((x + 1) * shrink).min(stride);
                    for colour in from.get(part).unwrap_or_default() {
                        let [_, parts @ ..] = colour.to_be_bytes();
                        sums.iter_mut().zip(parts).for_each(|(sum, part)| *sum += u32::from(part));
                        count += 1;
                    }
                }
                let [red, green, blue] = sums.map(|sum| sum / count.max(1));
                *pixel = red << 16 | green << 8 | blue;
            }
        }
    }

    fn finish(mut self) -> Result<(), ExportError> {
        let finalized = self.muxer.finalize()?;
        for (offset, bytes) in finalized.offset_and_bytes_pairs() {
            self.file.seek(SeekFrom::Start(offset))?;
            self.file.write_all(bytes)?;
        }
        self.file.flush()?;
        Ok(())
    }
}

/// Sequence and picture parameter sets.
#[derive(Default)]
struct Parameters {
    sps: Vec<Vec<u8>>,
    pps: Vec<Vec<u8>>,
}

/// An access unit as MP4 has it: each NAL unit after its length. The parameter
/// sets go into the header of the file.
fn without_start_codes(unit: &[u8]) -> (Vec<u8>, Parameters) {
    let mut sample = Vec::with_capacity(unit.len() + 16);
    let mut parameters = Parameters::default();
    for nal in nal_units(unit) {
        match nal.first().map(|first| first & 0x1f) {
            Some(7) => parameters.sps.push(nal.to_vec()),
            Some(8) => parameters.pps.push(nal.to_vec()),
            Some(_) => {
                sample.extend_from_slice(&u32::try_from(nal.len()).unwrap_or(u32::MAX).to_be_bytes());
                sample.extend_from_slice(nal);
            }
            None => {}
        }
    }
    (sample, parameters)
}

/// The NAL units of an Annex B stream, without start codes and the zeros
/// before them.
fn nal_units(unit: &[u8]) -> impl Iterator<Item = &[u8]> {
    let starts: Vec<usize> =
        unit.windows(START.len()).enumerate().filter(|(_, at)| *at == START).map(|(at, _)| at).collect();
    let ends: Vec<usize> = starts.iter().skip(1).copied().chain([unit.len()]).collect();
    starts.into_iter().zip(ends).map(move |(start, end)| {
        let nal = unit.get(start + START.len()..end).unwrap_or_default();
        let zeros = nal.iter().rev().take_while(|byte| **byte == 0).count();
        nal.get(..nal.len() - zeros).unwrap_or_default()
    })
}

fn sample_entry(coded: Size, parameters: Parameters) -> Result<SampleEntry, ExportError> {
    let none = || VideoError::Codec("no parameters".to_owned());
    let sps = parameters.sps.first().ok_or_else(none)?;
    let &[_, profile, constraints, level, ..] = sps.as_slice() else { return Err(none().into()) };
    let side = |length: u32| u16::try_from(length).map_err(|_| VideoError::Size(coded));
    Ok(SampleEntry::Avc1(Avc1Box {
        visual: VisualSampleEntryFields {
            data_reference_index: VisualSampleEntryFields::DEFAULT_DATA_REFERENCE_INDEX,
            width: side(coded.width)?,
            height: side(coded.height)?,
            horizresolution: VisualSampleEntryFields::DEFAULT_HORIZRESOLUTION,
            vertresolution: VisualSampleEntryFields::DEFAULT_VERTRESOLUTION,
            frame_count: VisualSampleEntryFields::DEFAULT_FRAME_COUNT,
            compressorname: VisualSampleEntryFields::NULL_COMPRESSORNAME,
            depth: VisualSampleEntryFields::DEFAULT_DEPTH,
        },
        avcc_box: AvccBox {
            avc_profile_indication: profile,
            profile_compatibility: constraints,
            avc_level_indication: level,
            length_size_minus_one: Uint::new(3),
            sps_list: parameters.sps,
            pps_list: parameters.pps,
            chroma_format: None,
            bit_depth_luma_minus8: None,
            bit_depth_chroma_minus8: None,
            sps_ext_list: Vec::new(),
        },
        unknown_boxes: Vec::new(),
    }))
}
