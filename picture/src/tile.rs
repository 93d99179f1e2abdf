//! Pixels of one op: which coding suits them, and back.

use crate::format::{Op, Reader};
use alloc::vec::Vec;

/// Appends the pixels to `data` and gives the op that they were written as.
pub(crate) fn write(pixels: &[u32], data: &mut Vec<u8>) -> Op {
    match pixels.split_first() {
        Some((&first, rest)) if rest.iter().all(|&pixel| pixel == first) => {
            data.extend_from_slice(&bytes(first));
            Op::Fill
        }
        _ => {
            data.reserve(pixels.len() * 3);
            data.extend(pixels.iter().flat_map(|&pixel| bytes(pixel)));
            Op::Plain
        }
    }
}

/// Reads `count` pixels in place of what is in `out`. `None` = not enough data.
pub(crate) fn read(op: Op, count: usize, data: &mut Reader<'_>, out: &mut Vec<u32>) -> Option<()> {
    out.clear();
    match op {
        Op::Fill => {
            let colour = data.bytes(3)?.first_chunk().copied().map(colour)?;
            out.resize(count, colour);
        }
        Op::Plain => {
            let bytes = data.bytes(count.checked_mul(3)?)?;
            out.extend(bytes.as_chunks::<3>().0.iter().map(|&bytes| colour(bytes)));
        }
    }
    Some(())
}

fn bytes(pixel: u32) -> [u8; 3] {
    let [blue, green, red, _] = pixel.to_le_bytes();
    [blue, green, red]
}

fn colour([blue, green, red]: [u8; 3]) -> u32 {
    u32::from_le_bytes([blue, green, red, 0])
}
