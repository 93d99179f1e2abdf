//! A decoder against a watcher's worst peer.

#[path = "shared/picture_decode.rs"]
mod picture_decode;
#[path = "shared/screen.rs"]
mod screen;

use mitblick_picture::{DecodeError, Decoder, Encoder};
use mitblick_protocol::{geometry::Rect, peer_msg::SurfaceId, wire};
use picture_decode::{SURFACES, picture_decode};
use screen::{Random, Screen};

/// Payloads of a short session on the surfaces of the fuzz body.
fn session(seed: u64) -> Vec<Vec<u8>> {
    let (mut screen, mut encoder, mut random) = (Screen::default(), Encoder::new(), Random(seed));
    SURFACES.iter().for_each(|&(id, size)| screen.open(id, size));
    encoder.set_surfaces(&SURFACES).unwrap();
    let mut payloads = Vec::new();
    for _ in 0..4 {
        for (id, area) in screen.scribble(&mut random, 6) {
            encoder.damage(id, area);
        }
        payloads.push(encoder.encode(&mut screen, 60_000).payload);
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
            // The parts before may have been whole; the last never is.
            assert!(decoder().apply(&payload[..length]).is_err() || length > 100, "{length} bytes");
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
    let likely = [1, 2, 3, 15, 0x81, 0x82, 0x83, 0x41, 0x42, 0x43, 0, 1, 2, 63, 63, 10];
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
    let cases: [(&[u8], &[u8], DecodeError); 9] = [
        (&[0x81, 9, 0, 0, 0, 0], &fill, DecodeError::NoSurface(SurfaceId(9))),
        (&[0x81, 1, 200, 1, 0, 0, 0], &fill, DecodeError::OutOfBounds(SurfaceId(1))),
        (&[0x81, 2, 1, 0, 63, 63], &fill, DecodeError::OutOfBounds(SurfaceId(2))),
        (&[0x81, 1, 0, 0, 255, 255], &fill, DecodeError::Malformed),
        (&[0x81, 1, 0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0], &fill, DecodeError::Malformed),
        (&[0x01, 0, 0, 0, 0], &fill, DecodeError::Malformed),
        (&[0xa0, 1, 0, 0, 0, 0], &fill, DecodeError::UnknownOp(0xa0)),
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
fn a_good_op_at_the_edge_is_taken() {
    let mut decoder = decoder();
    let changed = decoder.apply(&chunk(&[0x81, 2, 0, 0, 63, 63], &[3, 2, 1])).unwrap();
    assert_eq!(changed, [(SurfaceId(2), Rect::new(0, 0, 64, 64))]);
    assert!(decoder.surface(SurfaceId(2)).unwrap().pixels.iter().all(|&pixel| pixel == 0x0001_0203));
}
