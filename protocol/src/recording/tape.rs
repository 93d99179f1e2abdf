//! What chunks hold, once they are opened.

use super::MAX_CHUNK_BYTES;
use crate::{
    geometry::Size,
    text::DisplayText,
    wire::{self, WireError},
};
use alloc::vec::Vec;
use bincode::{Decode, Encode};

/// Longest [`About`], in bytes.
const MAX_ABOUT_BYTES: usize = 2_048;

/// Whose session it was. The first chunk.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct About {
    /// The company.
    pub organisation: DisplayText,
    /// The advisor.
    pub advisor: DisplayText,
    /// What the recorder's local time was ahead of UTC, in seconds.
    pub utc_offset_s: i32,
}

/// What changed at a moment.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Change {
    /// A picture of this size begins, of which nothing is known yet; the coding
    /// of its pixels begins anew too.
    Canvas(Size),
    /// Pixels of the picture, in the coding of the `picture` crate, as of
    /// surface 0.
    Pixels(Vec<u8>),
    /// Nothing is shown from here on, until the next canvas.
    Nothing,
}

/// A change and its moment.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Step {
    /// Milliseconds since the beginning; never less than that of the step
    /// before.
    pub at_ms: u64,
    /// What.
    pub change: Change,
}

impl About {
    /// For the first chunk.
    pub fn bytes(&self) -> Vec<u8> {
        // Encoding texts and a number can't fail.
        wire::encode(self).unwrap_or_default()
    }

    /// From the first chunk.
    ///
    /// # Errors
    /// Other bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, WireError> {
        wire::decode::<Self, MAX_ABOUT_BYTES>(bytes)
    }
}

/// For a chunk of changes.
///
/// # Errors
/// Never for steps; `Malformed` otherwise.
pub fn encode_steps(steps: &Vec<Step>) -> Result<Vec<u8>, WireError> {
    wire::encode(steps)
}

/// From a chunk of changes.
///
/// # Errors
/// Other bytes, or steps that go back in time.
pub fn decode_steps(bytes: &[u8]) -> Result<Vec<Step>, WireError> {
    let steps = wire::decode::<Vec<Step>, MAX_CHUNK_BYTES>(bytes)?;
    let in_order = steps.is_sorted_by_key(|step| step.at_ms);
    in_order.then_some(steps).ok_or(WireError::Malformed)
}
