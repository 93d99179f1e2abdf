//! Encoder and filter; the process is tested with the whole system.

use super::*;
use openh264::{
    OpenH264API,
    encoder::{Encoder, EncoderConfig},
    formats::YUVBuffer,
};

/// A picture with soft gradients that moves with `step`.
fn picture(size: Size, step: u32) -> Vec<u32> {
    let pixel = |x: u32, y: u32| ((x + 3 * step) % 256) << 16 | ((y + step) % 256) << 8 | ((x + y) / 2 % 256);
    (0..size.height).flat_map(|y| (0..size.width).map(move |x| pixel(x, y))).collect()
}

fn encoded(size: Size, count: u32) -> Vec<Vec<u8>> {
    let mut encoder = VideoEncoder::new(size, 200_000).unwrap();
    (0..count).filter_map(|step| encoder.encode(&picture(size, step)).unwrap()).collect()
}

const SIZE: Size = Size { width: 200, height: 130 };

#[test]
fn what_our_encoder_makes_is_let_through() {
    for size in [SIZE, Size { width: 640, height: 360 }, Size { width: 1, height: 1 }, Size { width: 17, height: 33 }] {
        let mut filter = Filter::new(size).unwrap();
        let pictures = encoded(size, 8);
        assert_eq!(pictures.len(), 8, "no picture is left out");
        for picture in pictures {
            filter.check(&picture).unwrap();
        }
    }
}

#[test]
fn sizes_that_cannot_be_coded_are_refused() {
    for (width, height) in [(0, 10), (10, 0), (MAX_VIDEO_SIDES_PX.0 + 1, 10), (u32::MAX, u32::MAX)] {
        assert!(VideoEncoder::new(Size { width, height }, 1000).is_err());
        assert!(Filter::new(Size { width, height }).is_err());
    }
    let mut encoder = VideoEncoder::new(SIZE, 1000).unwrap();
    assert!(encoder.encode(&[0; 10]).is_err(), "too few pixels");
}

#[test]
fn a_stream_of_another_size_or_out_of_order_is_refused() {
    let pictures = encoded(SIZE, 3);
    let other = encoded(Size { width: 320, height: 130 }, 1);
    let check = |filter: &mut Filter, bytes: &[u8]| filter.check(bytes).map_err(|refused| refused.0);
    let mut filter = Filter::new(SIZE).unwrap();
    assert_eq!(check(&mut filter, &other[0]), Err("another width"));
    assert_eq!(check(&mut filter, &pictures[1]), Err("a picture before the first"));
    assert_eq!(check(&mut filter, &pictures[0]), Ok(()));
    assert_eq!(check(&mut filter, &other[0]), Err("other parameter sets"), "not in the middle of a stream");
    let both = [&pictures[1][..], &pictures[2][..]].concat();
    assert_eq!(check(&mut filter, &both), Err("slices out of order"));
    let both = [&pictures[0][..], &pictures[1][..]].concat();
    assert_eq!(check(&mut filter, &both), Err("two pictures in one"));
}

#[test]
fn other_units_and_profiles_are_refused() {
    let pictures = encoded(SIZE, 2);
    // Supplemental information, an access unit delimiter, the prefix and the
    // slices of scalable video, data partitioning, the end of a stream.
    for kind in [2, 3, 4, 6, 9, 10, 11, 14, 15, 19, 20, 30] {
        let mut bytes = pictures[0].clone();
        bytes.extend([0, 0, 1, 0x60 | kind, 0x80, 0x80]);
        assert!(Filter::new(SIZE).unwrap().check(&bytes).is_err(), "unit {kind}");
    }
    for (at, value) in [(0x67, 77), (0x67, 100)] {
        let mut bytes = pictures[0].clone();
        let start = bytes.iter().position(|&byte| byte == at).unwrap();
        bytes[start + 1] = value;
        assert!(Filter::new(SIZE).unwrap().check(&bytes).is_err(), "profile {value}");
    }
    // The same encoder with a picture that has to be cropped.
    let cropped = Encoder::with_api_config(OpenH264API::from_source(), EncoderConfig::new());
    let bytes = cropped.unwrap().encode(&YUVBuffer::new(200, 130)).unwrap().to_vec();
    assert_eq!(Filter::new(SIZE).unwrap().check(&bytes).map_err(|refused| refused.0), Err("cropping"));
}

#[test]
fn no_bytes_can_harm_the_filter() {
    let pictures = encoded(SIZE, 2);
    let mut filter = Filter::new(SIZE).unwrap();
    for bytes in [&b""[..], b"\0", b"\0\0\x01", b"\0\0\0\x01\0\0\x01", b"abc", &[0; 1000], &[0xff; 1000]] {
        assert!(filter.check(bytes).is_err());
    }
    assert!(filter.check(&vec![0; MAX_VIDEO_BYTES + 1]).is_err());
    // Every bit of the parameter sets and of the first slice's beginning, and
    // every length.
    for at in 0..pictures[0].len().min(90) {
        for bit in 0..8 {
            let mut bytes = pictures[0].clone();
            bytes[at] ^= 1 << bit;
            let _ = Filter::new(SIZE).unwrap().check(&bytes);
        }
        let _ = Filter::new(SIZE).unwrap().check(&pictures[0][..at]);
    }
}
