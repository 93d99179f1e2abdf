//! A decoder against a watcher's worst peer.

#[path = "shared/picture_decode.rs"]
mod picture_decode;
#[path = "shared/screen.rs"]
mod screen;

use mitblick_picture::{DecodeError, Decoder, Encoder, Turn};
use mitblick_protocol::{geometry::Rect, peer_msg::SurfaceId, time::Moment, wire};
use picture_decode::{SURFACES, picture_decode};
use screen::{Random, Screen};

/// Payloads of a short session on the surfaces of the fuzz body.
fn session(seed: u64) -> Vec<Vec<u8>> {
    let (mut screen, mut encoder, mut random) = (Screen::default(), Encoder::new(), Random(seed));
    SURFACES.iter().for_each(|&(id, size)| screen.open(id, size));
    encoder.set_surfaces(&SURFACES).unwrap();
    let mut payloads = Vec::new();
    let id = SURFACES[0].0;
    for step in 0..7 {
        match step {
            2 | 5 => screen.scroll(id, SURFACES[0].1.rect(), 3, -20),
            3 | 6 => screen.page(id, 7),
            _ => {
                for (id, area) in screen.scribble(&mut random, 6) {
                    encoder.damage(id, area, Moment::default());
                }
            }
        }
        encoder.damage(id, SURFACES[0].1.rect(), Moment::default());
        payloads.push(encoder.encode(&mut screen, Turn::lossless(60_000)).payload);
    }
    payloads
}

/// In the form that the fuzz body takes.
fn framed(payloads: &[Vec<u8>]) -> Vec<u8> {
    payloads.iter().flat_map(|payload| [&(payload.len() as u16).to_be_bytes(), payload.as_slice()].concat()).collect()
}

fn decoder() -> Decoder {
    let mut decoder = Decoder::new();
    decoder.set_surfaces(&SURFACES).unwrap();
    decoder
}

/// A stored chunk.
fn chunk(ops: &[u8], data: &[u8]) -> Vec<u8> {
    let mut out = vec![2, 0];
    for number in [ops.len(), data.len(), ops.len() + data.len()] {
        put(&mut out, number as u32);
    }
    [out.as_slice(), ops, data].concat()
}

fn put(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Whether the last chunk of a payload is whole.
fn ends_with_a_chunk(payload: &[u8]) -> bool {
    let mut rest = &payload[1..];
    while !rest.is_empty() {
        // Its packing, then three numbers, the last of which is its length.
        let mut at = 1;
        let mut length = 0;
        for _ in 0..3 {
            let Some(end) = rest.get(at..).and_then(|rest| rest.iter().position(|byte| byte & 0x80 == 0)) else {
                return false;
            };
            length = rest[at..=at + end].iter().rev().fold(0, |sum, byte| sum << 7 | usize::from(byte & 0x7f));
            at += end + 1;
        }
        let Some(after) = rest.get(at + length..) else { return false };
        rest = after;
    }
    payload.len() > 1
}

#[test]
fn a_whole_session_is_fine() {
    let mut decoder = decoder();
    for payload in session(1) {
        decoder.apply(&payload).unwrap();
    }
}

#[test]
fn cut_off_payloads_are_refused() {
    for payload in session(2) {
        for length in 1..payload.len() {
            let cut = &payload[..length];
            assert!(decoder().apply(cut).is_err() || ends_with_a_chunk(cut), "{length} bytes");
        }
    }
    for seed in 0..4 {
        let whole = framed(&session(seed));
        (0..whole.len()).step_by(37).for_each(|length| picture_decode(&whole[..length]));
    }
}

#[test]
fn the_corpus_of_the_fuzzer_never_does_harm() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/corpus/picture_decode");
    let files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    assert!(!files.is_empty());
    files.iter().for_each(|file| picture_decode(&std::fs::read(file).unwrap()));
}

#[test]
fn the_corpus_reaches_moves() {
    let bytes = include_bytes!("../../fuzz/corpus/picture_decode/moves");
    let (mut decoder, mut rest, mut payloads) = (decoder(), bytes.as_slice(), 0);
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        let (payload, after) = after.split_at(usize::from(u16::from_be_bytes(*length)));
        decoder.apply(payload).unwrap();
        (rest, payloads) = (after, payloads + 1);
    }
    assert_eq!(payloads, 3);
}

#[test]
fn changed_bytes_never_do_harm() {
    let mut random = Random(3);
    for seed in 0..8 {
        let whole = framed(&session(seed));
        for _ in 0..400 {
            let mut bytes = whole.clone();
            for _ in 0..1 + random.below(6) {
                let at = random.below(bytes.len() as u32) as usize;
                match random.below(3) {
                    0 => bytes[at] ^= 1 << random.below(8),
                    1 => bytes[at] = random.next() as u8,
                    _ => drop(bytes.remove(at)),
                }
            }
            picture_decode(&bytes);
        }
    }
}

#[test]
fn changed_ops_that_unpack_well_never_do_harm() {
    // Stored, so that the changes reach what is behind the packing.
    let mut random = Random(4);
    for _ in 0..20_000 {
        let ops: Vec<u8> = (0..random.below(40)).map(|_| op_byte(&mut random)).collect();
        let data: Vec<u8> = (0..random.below(3000)).map(|_| random.next() as u8 >> random.below(8)).collect();
        picture_decode(&framed(&[chunk(&ops, &data)]));
    }
}

/// Bytes that are often meant.
fn op_byte(random: &mut Random) -> u8 {
    let likely = [1, 2, 3, 15, 16, 17, 18, 0x81, 0x82, 0x83, 0x90, 0x91, 0x92, 0x41, 0x42, 0x43, 0, 1, 2, 63, 63, 10];
    match random.below(4) {
        0 => random.next() as u8,
        _ => likely[random.below(likely.len() as u32) as usize],
    }
}

#[test]
fn random_bytes_never_do_harm() {
    let mut random = Random(5);
    for _ in 0..20_000 {
        let mut bytes: Vec<u8> = (0..random.below(200)).map(|_| random.next() as u8).collect();
        if let Some(version) = bytes.get_mut(2) {
            *version = 2;
        }
        picture_decode(&bytes);
    }
}

#[test]
fn claims_beyond_the_limits_are_refused_by_their_kind() {
    let fill = [7, 8, 9];
    let cases: [(&[u8], &[u8], DecodeError); 30] = [
        // Copies: the place, the source, half a number, a surface.
        (&[0x90, 2, 1, 0, 63, 63, 0, 0], &[], DecodeError::OutOfBounds(SurfaceId(2))),
        (&[0x90, 2, 0, 0, 63, 63, 0, 1], &[], DecodeError::OutOfBounds(SurfaceId(2))),
        (&[0x90, 2, 0, 0, 64, 0, 0, 0], &[], DecodeError::OutOfBounds(SurfaceId(2))),
        (&[0x90, 2, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0], &[], DecodeError::OutOfBounds(SurfaceId(2))),
        (&[0x90, 2, 0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0, 0, 0], &[], DecodeError::OutOfBounds(SurfaceId(2))),
        (&[0x90, 2, 0, 0, 0, 0, 0], &[], DecodeError::Malformed),
        (&[0x90, 9, 0, 0, 0, 0, 0, 0], &[], DecodeError::NoSurface(SurfaceId(9))),
        (&[0xd0, 2, 0, 0, 0, 0, 0, 0], &[], DecodeError::Malformed),
        (&[0x10, 0, 0, 0, 0, 0, 0], &[], DecodeError::Malformed),
        // Tiles: beyond the last, slots that are empty, of another size, or
        // beyond the last.
        (&[0x91, 2, 0, 1, 0], &[], DecodeError::OutOfBounds(SurfaceId(2))),
        (&[0x91, 2, 0xff, 0xff, 0xff, 0xff, 0x0f, 1, 0], &[], DecodeError::OutOfBounds(SurfaceId(2))),
        (&[0x92, 2, 0, 0, 7], &[], DecodeError::NoTile),
        (&[0x91, 2, 0, 0, 0, 0x92, 1, 3, 0, 0], &[], DecodeError::NoTile),
        (&[0x91, 2, 0, 0, 0x80, 0x18], &[], DecodeError::NoTile),
        (&[0x92, 2, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f], &[], DecodeError::NoTile),
        (&[0x81, 9, 0, 0, 0, 0], &fill, DecodeError::NoSurface(SurfaceId(9))),
        (&[0x81, 1, 200, 1, 0, 0, 0], &fill, DecodeError::OutOfBounds(SurfaceId(1))),
        (&[0x81, 2, 1, 0, 63, 63], &fill, DecodeError::OutOfBounds(SurfaceId(2))),
        (&[0x81, 1, 0, 0, 255, 255], &fill, DecodeError::Malformed),
        (&[0x81, 1, 0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0], &fill, DecodeError::Malformed),
        (&[0x01, 0, 0, 0, 0], &fill, DecodeError::Malformed),
        (&[0xa1, 1, 0, 0, 0, 0], &fill, DecodeError::UnknownOp(0xa1)),
        (&[0xa0, 1, 0, 0, 0, 0], &fill, DecodeError::Malformed),
        (&[0xa0, 9, 0, 0, 0, 0, 0, 1], &fill, DecodeError::NoSurface(SurfaceId(9))),
        (&[0xa0, 2, 1, 0, 63, 63, 0, 1], &fill, DecodeError::OutOfBounds(SurfaceId(2))),
        (&[0xa0, 1, 0, 0, 0, 0, 4, 1], &fill, DecodeError::Malformed),
        (&[0xa0, 1, 0, 0, 0, 0, 0, 2], &fill, DecodeError::Malformed),
        (&[0xa0, 1, 0, 0, 0, 0, 0, 1, 0xa0, 1, 0, 0, 0, 0, 0, 1], &fill, DecodeError::Malformed),
        (&[0x82, 1, 0, 0, 0, 0, 0], &[0], DecodeError::Malformed),
        (&[0x81, 1, 0, 0, 0, 0], &[7, 8, 9, 10], DecodeError::Malformed),
    ];
    for (ops, data, error) in cases {
        assert_eq!(decoder().apply(&chunk(ops, data)), Err(error), "{ops:?}");
    }
    assert_eq!(decoder().apply(&[9, 0, 0, 0, 0]), Err(DecodeError::Version(9)));
    let long = vec![0; wire::MAX_PICTURE_MESSAGE_BYTES + 1];
    assert_eq!(decoder().apply(&long), Err(DecodeError::TooLong(long.len())));
}

#[test]
fn moves_are_bounded_by_what_surfaces_have() {
    let total: u64 = SURFACES.iter().map(|(_, size)| size.pixels()).sum();
    let tile = 64 * 64;
    let first = [0x91, 2, 0, 0, 0];
    let forever = |op: &[u8], times: u64| [first.as_slice(), &op.repeat(times as usize)].concat();
    // Ops that are fine by themselves, as often as there are pixels for, and
    // once more.
    for (op, most) in [
        ([0x10, 0, 0, 63, 63, 0, 0].as_slice(), total / tile),
        (&[0x11, 0, 0, 0], 2 * total / tile - 1),
        (&[0x12, 0, 0, 0], total / tile),
    ] {
        assert!(decoder().apply(&chunk(&forever(op, most), &[])).is_ok(), "{op:?}");
        assert_eq!(decoder().apply(&chunk(&forever(op, most + 1), &[])), Err(DecodeError::TooMuch), "{op:?}");
    }
    // A million of the smallest there are.
    let small = [0x10, 0, 0, 0, 0, 0, 0].repeat(149_000);
    let begin = [0x90, 2, 0, 0, 0, 0, 0, 0];
    assert_eq!(decoder().apply(&chunk(&[begin.as_slice(), &small].concat(), &[])), Err(DecodeError::TooMuch));
}

#[test]
fn copies_read_before_they_write_and_tiles_come_back() {
    let id = SurfaceId(1);
    let mut decoder = decoder();
    // A column of three colours, one pixel each, then moved over itself.
    let fills: Vec<u8> = (0..3).flat_map(|x| [0x81, 1, x, 0, 0, 0]).collect();
    decoder.apply(&chunk(&fills, &[1, 0, 0, 2, 0, 0, 3, 0, 0])).unwrap();
    let row = |decoder: &Decoder| decoder.surface(id).unwrap().pixels[..5].to_vec();
    let changed = decoder.apply(&chunk(&[0x90, 1, 1, 0, 2, 0, 0, 0], &[])).unwrap();
    assert_eq!((row(&decoder), changed), (vec![1, 1, 2, 3, 0], vec![(id, Rect::new(1, 0, 3, 1))]));
    // Kept, overwritten and recalled within one payload.
    let changed = decoder.apply(&chunk(&[0x91, 1, 0, 0, 5, 0x01, 0, 0, 63, 63, 0x12, 0, 0, 5], &[9, 9, 9])).unwrap();
    assert_eq!((row(&decoder), changed), (vec![1, 1, 2, 3, 0], vec![(id, Rect::new(0, 0, 64, 64))]));
    // The other way, and down and up over itself.
    decoder.apply(&chunk(&[0x90, 1, 0, 0, 2, 0, 1, 0], &[])).unwrap();
    assert_eq!(row(&decoder), [1, 2, 3, 3, 0]);
    let column = |decoder: &Decoder| -> Vec<u32> {
        decoder.surface(id).unwrap().pixels.chunks(200).map(|row| row[0]).take(4).collect()
    };
    let fills: Vec<u8> = (0..3).flat_map(|y| [0x81, 1, 0, y, 0, 0]).collect();
    decoder.apply(&chunk(&fills, &[1, 0, 0, 2, 0, 0, 3, 0, 0])).unwrap();
    decoder.apply(&chunk(&[0x90, 1, 0, 1, 0, 2, 0, 0], &[])).unwrap();
    assert_eq!(column(&decoder), [1, 1, 2, 3]);
    decoder.apply(&chunk(&[0x90, 1, 0, 0, 0, 2, 0, 1], &[])).unwrap();
    assert_eq!(column(&decoder), [1, 2, 3, 3]);
}

#[test]
fn a_good_op_at_the_edge_is_taken() {
    let mut decoder = decoder();
    let changed = decoder.apply(&chunk(&[0x81, 2, 0, 0, 63, 63], &[3, 2, 1])).unwrap();
    assert_eq!(changed, [(SurfaceId(2), Rect::new(0, 0, 64, 64))]);
    assert!(decoder.surface(SurfaceId(2)).unwrap().pixels.iter().all(|&pixel| pixel == 0x0001_0203));
}
