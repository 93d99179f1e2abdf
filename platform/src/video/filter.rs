//! What is let through to the decoder: exactly what our own encoder makes.
//!
//! Attacker: a peer that sends other H.264 to reach faults of a C++ decoder.
//! Known ones lie in parameter sets that change in mid-stream, in cropping and
//! in parts of the standard that nobody here needs (`security-design.md` 3.1).
//! Syntax: ITU-T H.264, 7.3.

use super::{MAX_VIDEO_BYTES, coded_size};
use h264_reader::{
    Context,
    nal::{
        Nal, RefNal, UnitType,
        pps::PicParameterSet,
        slice::{SliceFamily, SliceHeader},
        sps::{FrameMbsFlags, SeqParameterSet},
    },
};
use mitblick_protocol::geometry::Size;

/// Longest parameter set, in bytes; ours have about 20.
const MAX_PARAMETER_SET_BYTES: usize = 64;
/// Most units of one picture.
const MAX_UNITS: usize = 64;
/// Constrained Baseline: profile 66 with constraint flag 1.
const BASELINE: u8 = 66;

/// Why bytes are not let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub &'static str);

/// Follows one stream of pictures of one size.
pub struct Filter {
    coded: Size,
    /// The parameter sets as they came with the first picture, and what they
    /// say.
    known: Option<Known>,
}

struct Known {
    sequence: Vec<u8>,
    picture: Vec<u8>,
    context: Context,
}

impl std::fmt::Debug for Filter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Filter({}x{})", self.coded.width, self.coded.height)
    }
}

impl Filter {
    /// For pictures of this size (not the coded one).
    ///
    /// # Errors
    /// No pictures have this size.
    pub fn new(size: Size) -> Result<Self, Refused> {
        let coded = coded_size(size).map_err(|_| Refused("a size that can't be coded"))?;
        Ok(Self { coded, known: None })
    }

    /// Looks at one access unit in Annex B form.
    ///
    /// # Errors
    /// It is not what our encoder makes; the stream is not to go on.
    pub fn check(&mut self, bytes: &[u8]) -> Result<(), Refused> {
        if bytes.len() > MAX_VIDEO_BYTES {
            return Err(Refused("too long"));
        }
        let units = units(bytes)?;
        let (mut sequence, mut picture) = (None, None);
        let mut slices = Vec::new();
        for unit in units {
            let (&header, _) = unit.split_first().ok_or(Refused("an empty unit"))?;
            // Bit 7 must be zero, bits 5 and 6 say how important it is.
            let kind = UnitType::for_id(header & 0x1f).map_err(|_| Refused("an unknown unit"))?;
            match kind {
                _ if header & 0x80 != 0 => return Err(Refused("a forbidden bit")),
                UnitType::SeqParameterSet if sequence.is_none() && picture.is_none() && slices.is_empty() => {
                    sequence = Some(unit);
                }
                UnitType::PicParameterSet if sequence.is_some() && picture.is_none() && slices.is_empty() => {
                    picture = Some(unit);
                }
                UnitType::SliceLayerWithoutPartitioningIdr | UnitType::SliceLayerWithoutPartitioningNonIdr => {
                    slices.push((kind, unit));
                }
                _ => return Err(Refused("a unit that does not belong here")),
            }
        }
        let begins = slices.iter().any(|(kind, _)| *kind == UnitType::SliceLayerWithoutPartitioningIdr);
        match (sequence, picture) {
            (Some(sequence), Some(picture)) if begins => self.take_in(sequence, picture)?,
            (None, None) if !begins => {}
            _ => return Err(Refused("parameter sets without a first picture, or the other way round")),
        }
        self.check_slices(&slices, begins)
    }

    /// Parameter sets: the first ones are read, later ones are the same bytes.
    fn take_in(&mut self, sequence: &[u8], picture: &[u8]) -> Result<(), Refused> {
        if let Some(known) = &self.known {
            let same = known.sequence == sequence && known.picture == picture;
            return if same { Ok(()) } else { Err(Refused("other parameter sets")) };
        }
        if sequence.len() > MAX_PARAMETER_SET_BYTES || picture.len() > MAX_PARAMETER_SET_BYTES {
            return Err(Refused("a parameter set that is too long"));
        }
        let sps = SeqParameterSet::from_bits(RefNal::new(sequence, &[], true).rbsp_bits())
            .map_err(|_| Refused("a malformed sequence parameter set"))?;
        self.check_sequence(&sps)?;
        let mut context = Context::new();
        context.put_seq_param_set(sps);
        let pps = PicParameterSet::from_bits(&context, RefNal::new(picture, &[], true).rbsp_bits())
            .map_err(|_| Refused("a malformed picture parameter set"))?;
        check_picture(&pps)?;
        context.put_pic_param_set(pps);
        self.known = Some(Known { sequence: sequence.to_vec(), picture: picture.to_vec(), context });
        Ok(())
    }

    fn check_sequence(&self, sps: &SeqParameterSet) -> Result<(), Refused> {
        let macroblocks = |pixels: u32| pixels / 16;
        let width = sps.pic_width_in_mbs_minus1.checked_add(1);
        let height = sps.pic_height_in_map_units_minus1.checked_add(1);
        let checks = [
            (u8::from(sps.profile_idc) == BASELINE && sps.constraint_flags.flag1(), "another profile"),
            (sps.seq_parameter_set_id.id() == 0, "another parameter set id"),
            (sps.frame_mbs_flags == FrameMbsFlags::Frames, "interlaced"),
            (sps.frame_cropping.is_none(), "cropping"),
            (sps.max_num_ref_frames <= 4, "many reference pictures"),
            (!sps.gaps_in_frame_num_value_allowed_flag, "gaps"),
            (width == Some(macroblocks(self.coded.width)), "another width"),
            (height == Some(macroblocks(self.coded.height)), "another height"),
        ];
        checks.into_iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, why)| Err(Refused(why)))
    }

    fn check_slices(&self, slices: &[(UnitType, &[u8])], begins: bool) -> Result<(), Refused> {
        let known = self.known.as_ref().ok_or(Refused("a picture before the first"))?;
        let mut next = None;
        for (kind, unit) in slices {
            if (*kind == UnitType::SliceLayerWithoutPartitioningIdr) != begins {
                return Err(Refused("two pictures in one"));
            }
            let nal = RefNal::new(unit, &[], true);
            let header = nal.header().map_err(|_| Refused("a malformed unit"))?;
            let (slice, ..) = SliceHeader::from_bits(&known.context, &mut nal.rbsp_bits(), header, None)
                .map_err(|_| Refused("a malformed slice"))?;
            let fits = match next {
                None => slice.first_mb_in_slice == 0,
                Some(before) => slice.first_mb_in_slice > before,
            };
            let total = (self.coded.width / 16) * (self.coded.height / 16);
            if !fits || slice.first_mb_in_slice >= total {
                return Err(Refused("slices out of order"));
            }
            if !matches!(slice.slice_type.family, SliceFamily::P | SliceFamily::I) {
                return Err(Refused("a kind of slice that is not used"));
            }
            next = Some(slice.first_mb_in_slice);
        }
        if next.is_none() { Err(Refused("no picture")) } else { Ok(()) }
    }
}

fn check_picture(pps: &PicParameterSet) -> Result<(), Refused> {
    let checks = [
        (pps.pic_parameter_set_id.id() == 0 && pps.seq_parameter_set_id.id() == 0, "another parameter set id"),
        (!pps.entropy_coding_mode_flag, "arithmetic coding"),
        (pps.slice_groups.is_none(), "slice groups"),
        (!pps.weighted_pred_flag && pps.weighted_bipred_idc == 0, "weighted prediction"),
        (!pps.redundant_pic_cnt_present_flag, "redundant pictures"),
        (pps.extension.is_none(), "an extension"),
    ];
    checks.into_iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, why)| Err(Refused(why)))
}

/// The units between start codes (Annex B), without trailing zeros.
fn units(bytes: &[u8]) -> Result<Vec<&[u8]>, Refused> {
    const START: [u8; 3] = [0, 0, 1];
    let trimmed = |unit: &'_ [u8]| unit.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    let mut found = Vec::new();
    let mut rest = bytes;
    loop {
        let start = rest.windows(START.len()).position(|window| window == START);
        let (before, after) = match start {
            Some(at) => (rest.get(..at).unwrap_or_default(), rest.get(at + START.len()..)),
            None => (rest, None),
        };
        let unit = before.get(..trimmed(before)).unwrap_or_default();
        match (found.is_empty() && rest.len() == bytes.len(), unit.is_empty()) {
            // What comes before the first start code.
            (true, true) => {}
            (true, false) => return Err(Refused("no start code")),
            (false, true) => return Err(Refused("an empty unit")),
            (false, false) => found.push(unit),
        }
        if found.len() > MAX_UNITS {
            return Err(Refused("too many units"));
        }
        match after {
            Some(after) => rest = after,
            None => break,
        }
    }
    if found.is_empty() { Err(Refused("no unit")) } else { Ok(found) }
}
