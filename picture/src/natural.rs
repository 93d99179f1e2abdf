//! Pixels of photographs, gradients and video: what each differs from the mean
//! of its left and upper neighbours, green first, then red and blue as
//! differences from green, each as a plane of its own.

use crate::format::Reader;
use alloc::vec::Vec;

/// Appends three planes of as many bytes as there are pixels.
pub(crate) fn write(pixels: &[u32], width: usize, data: &mut Vec<u8>) {
    data.reserve(pixels.len() * 3);
    for plane in 0..3 {
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
                Some(above) => data.extend(row.iter().zip(above).map(|(&pixel, &up)| {
                    let value = sample(pixel, plane);
                    let guess = mean(left, sample(up, plane));
                    left = value;
                    value.wrapping_sub(guess)
                })),
            }
            above = Some(row);
        }
    }
}

/// Reads `count` pixels and appends them to `out`, which must be empty.
/// `planes` is room to work in.
pub(crate) fn read(
    count: usize,
    width: usize,
    data: &mut Reader<'_>,
    planes: &mut Vec<u8>,
    out: &mut Vec<u32>,
) -> Option<()> {
    let bytes = data.bytes(count.checked_mul(3)?)?;
    planes.clear();
    planes.extend_from_slice(bytes);
    let width = width.max(1);
    for plane in planes.chunks_exact_mut(count.max(1)) {
        let mut rows = plane.chunks_exact_mut(width);
        let Some(mut above) = rows.next() else { continue };
        let mut left = 0u8;
        for value in above.iter_mut() {
            left = left.wrapping_add(*value);
            *value = left;
        }
        for row in rows {
            let mut left = above.first().copied().unwrap_or_default();
            for (value, &up) in row.iter_mut().zip(above.iter()) {
                left = mean(left, up).wrapping_add(*value);
                *value = left;
            }
            above = row;
        }
    }
    let (green, rest) = planes.split_at_checked(count)?;
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
fn mean(a: u8, b: u8) -> u8 {
    ((u16::from(a) + u16::from(b)) / 2) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_come_back() {
        for (width, height) in [(1, 1), (1, 9), (9, 1), (64, 64), (7, 13)] {
            let pixels: Vec<u32> = (0..width * height).map(|n| (n as u32).wrapping_mul(0x9e37_79b9) >> 8).collect();
            let mut data = Vec::new();
            write(&pixels, width, &mut data);
            let (mut out, mut planes, mut reader) = (Vec::new(), Vec::new(), Reader(&data));
            read(pixels.len(), width, &mut reader, &mut planes, &mut out).unwrap();
            assert!(reader.is_empty());
            assert_eq!(out, pixels);
        }
    }
}
