//! Pixels of photographs, gradients and video: what each differs from a guess,
//! green first, then red and blue as differences from green, each as a plane of
//! its own. The guess is that of LOCO-I: left plus above less left above, but
//! not beyond either neighbour; in the first row what is left of it, in the
//! first column what is above it.

use crate::format::Reader;
use alloc::vec::Vec;

/// Less than one in so many pixels of a natural picture equals the pixel to its
/// left or the one above...
const SMOOTH: usize = 2;
/// ...or one in so many, if it is so small that it may be one coloured letter.
const SMALL_SMOOTH: usize = 4;
const SMALL_PIXELS: usize = 512;
/// It has more colours than this.
const NATURAL_COLOURS: u32 = 64;
/// Too small to tell, and not worth a chunk of its own.
const MIN_NATURAL_PIXELS: usize = 100;

/// Appends as many bytes as there are pixels to each of the three planes.
pub(crate) fn write(pixels: &[u32], width: usize, planes: [&mut Vec<u8>; 3]) {
    for (plane, data) in (0..).zip(planes) {
        data.reserve(pixels.len());
        let mut above: Option<&[u32]> = None;
        for row in pixels.chunks_exact(width.max(1)) {
            let mut left = above.and_then(|above| above.first()).map_or(0, |&pixel| sample(pixel, plane));
            match above {
                None => {
                    for &pixel in row {
                        let value = sample(pixel, plane);
                        data.push(value.wrapping_sub(left));
                        left = value;
                    }
                }
                Some(above) => {
                    let mut corner = left;
                    data.extend(row.iter().zip(above).map(|(&pixel, &up)| {
                        let (value, up) = (sample(pixel, plane), sample(up, plane));
                        let guess = guess(left, up, corner);
                        (left, corner) = (value, up);
                        value.wrapping_sub(guess)
                    }));
                }
            }
            above = Some(row);
        }
    }
}

/// Reads `count` pixels, so many bytes of each plane, and appends them to `out`,
/// which must be empty. `room` is room to work in.
pub(crate) fn read(
    count: usize,
    width: usize,
    planes: &mut [Reader<'_>; 3],
    room: &mut Vec<u8>,
    out: &mut Vec<u32>,
) -> Option<()> {
    room.clear();
    for plane in planes {
        room.extend_from_slice(plane.bytes(count)?);
    }
    let width = width.max(1);
    for plane in room.chunks_exact_mut(count.max(1)) {
        let mut rows = plane.chunks_exact_mut(width);
        let Some(mut above) = rows.next() else { continue };
        let mut left = 0u8;
        for value in above.iter_mut() {
            left = left.wrapping_add(*value);
            *value = left;
        }
        for row in rows {
            let mut left = above.first().copied().unwrap_or_default();
            let mut corner = left;
            for (value, &up) in row.iter_mut().zip(above.iter()) {
                left = guess(left, up, corner).wrapping_add(*value);
                corner = up;
                *value = left;
            }
            above = row;
        }
    }
    let (green, rest) = room.split_at_checked(count)?;
    let (red, blue) = rest.split_at_checked(count)?;
    out.extend(green.iter().zip(red).zip(blue).map(|((&green, &red), &blue)| {
        let (red, blue) = (red.wrapping_sub(128).wrapping_add(green), blue.wrapping_sub(128).wrapping_add(green));
        u32::from_le_bytes([blue, green, red, 0])
    }));
    Some(())
}

/// Green, or the difference of red or blue from it, centred so that small
/// differences do not wrap.
#[inline(always)]
fn sample(pixel: u32, plane: u8) -> u8 {
    let [blue, green, red, _] = pixel.to_le_bytes();
    match plane {
        0 => green,
        1 => red.wrapping_sub(green).wrapping_add(128),
        _ => blue.wrapping_sub(green).wrapping_add(128),
    }
}

#[inline(always)]
fn guess(left: u8, up: u8, corner: u8) -> u8 {
    let slope = i16::from(left) + i16::from(up) - i16::from(corner);
    slope.clamp(i16::from(left.min(up)), i16::from(left.max(up))) as u8
}

/// Whether a tile looks like a photograph rather than a drawing: most pixels
/// equal neither neighbour, and there are many colours.
pub(crate) fn is_natural<'a>(rows: impl Iterator<Item = &'a [u32]> + Clone) -> bool {
    let (mut pixels, mut rough) = (0, 0);
    for (row, above) in rows.clone().skip(1).zip(rows.clone()) {
        let left = row.get(1..).unwrap_or_default().iter().zip(row);
        let above = above.get(1..).unwrap_or_default();
        pixels += above.len();
        let differs = |((pixel, left), up): ((&u32, &u32), &u32)| u32::from((pixel != left) & (pixel != up));
        rough += left.zip(above).map(differs).sum::<u32>() as usize;
    }
    let most_smooth = if pixels < SMALL_PIXELS { SMALL_SMOOTH } else { SMOOTH };
    if (pixels - rough) * most_smooth >= pixels || pixels < MIN_NATURAL_PIXELS {
        return false;
    }
    let mut seen = [0u64; 16];
    for &pixel in rows.flatten() {
        let hash = pixel.wrapping_mul(0x9e37_79b1) >> 22;
        if let Some(word) = seen.get_mut(hash as usize >> 6) {
            *word |= 1 << (hash & 63);
        }
    }
    seen.iter().map(|word| word.count_ones()).sum::<u32>() > NATURAL_COLOURS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_come_back() {
        for (width, height) in [(1, 1), (1, 9), (9, 1), (64, 64), (7, 13)] {
            let pixels: Vec<u32> = (0..width * height).map(|n| (n as u32).wrapping_mul(0x9e37_79b9) >> 8).collect();
            let [mut green, mut red, mut blue] = [const { Vec::new() }; 3];
            write(&pixels, width, [&mut green, &mut red, &mut blue]);
            let (mut out, mut room, mut readers) = (Vec::new(), Vec::new(), [&green, &red, &blue].map(|p| Reader(p)));
            read(pixels.len(), width, &mut readers, &mut room, &mut out).unwrap();
            assert!(readers.iter().all(|reader| reader.is_empty()));
            assert_eq!(out, pixels);
        }
    }
}
