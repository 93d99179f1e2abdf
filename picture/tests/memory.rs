//! How much memory a hostile payload can make a decoder take. Watches the
//! whole process, C code included, so everything here is one test.
#![cfg(target_os = "linux")]

use mitblick_picture::{DecodeError, Decoder};
use mitblick_protocol::{geometry::Size, peer_msg::SurfaceId, wire};

#[test]
fn hostile_payloads_take_little_memory() {
    // Everything that is taken once.
    assert!(decoder().apply(&packed(&[0x81, 2, 0, 0, 63, 63], &[0; 4])).is_err());
    endless_rectangles_are_bounded();
    a_bomb_takes_no_more_memory_than_a_chunk();
    refused_surfaces_take_no_memory();
    remembered_tiles_are_bounded();
}

/// The most address space that the process ever had.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmPeak:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// A chunk, a window of the stream and the C library's rounding; far less than
/// what the payloads claim.
fn grown_little(before_kib: u64) {
    grown_at_most(before_kib, 16 * 1024);
}

fn grown_at_most(before_kib: u64, most_kib: u64) {
    let grown = peak_kib() - before_kib;
    assert!(grown < most_kib, "{grown} KiB");
}

fn remembered_tiles_are_bounded() {
    let mut decoder = decoder();
    let before = peak_kib();
    // Every slot there is, three times over, and those that there are not.
    for slot in (0..3072).chain(0..3072).chain(0..3072) {
        let mut ops = vec![0x91, 2, 0, 0];
        put(&mut ops, slot);
        decoder.apply(&packed(&ops, &[])).unwrap();
    }
    for slot in [3072, 1 << 20, u32::MAX] {
        let mut ops = vec![0x91, 2, 0, 0];
        put(&mut ops, slot);
        assert_eq!(decoder.apply(&packed(&ops, &[])), Err(DecodeError::NoTile));
    }
    // 48 MiB of pixels, and what the allocator adds.
    grown_at_most(before, 64 * 1024);
}

fn decoder() -> Decoder {
    let mut decoder = Decoder::new();
    decoder.set_surfaces(&[(SurfaceId(2), Size { width: 64, height: 64 })]).unwrap();
    decoder
}

fn put(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn endless_rectangles_are_bounded() {
    let count = 200_000;
    // Single pixels, all the same: well within the surface, far too many.
    let small = [[0x81, 2, 0, 0, 0, 0].as_slice(), &[1, 0, 0, 0, 0].repeat(count)].concat();
    // Whole surfaces over and over.
    let large = [[0x81, 2, 0, 0, 63, 63].as_slice(), &[1, 0, 0, 63, 63].repeat(count / 2)].concat();
    // Nothing but forgetting.
    let empty = vec![15; count];
    for (ops, fills) in [(small, count + 1), (large, count / 2 + 1), (empty, 0)] {
        let payload = packed(&ops, &[1, 2, 3].repeat(fills.min(10_000)));
        let mut decoder = decoder();
        let before = peak_kib();
        assert_eq!(decoder.apply(&payload), Err(DecodeError::TooMuch));
        grown_little(before);
    }
}

fn a_bomb_takes_no_more_memory_than_a_chunk() {
    let huge = vec![0; 64 << 20];
    let mut small = vec![0; zstd_safe::compress_bound(huge.len())];
    let length = zstd_safe::compress(small.as_mut_slice(), &huge, 3).unwrap();
    for packing in [1, 2] {
        for claimed in [1 << 20, 64 << 20] {
            let mut payload = vec![2, packing];
            for number in [claimed, 0, length as u32] {
                put(&mut payload, number);
            }
            payload.extend_from_slice(&small[..length]);
            let mut decoder = decoder();
            let before = peak_kib();
            assert_eq!(decoder.apply(&payload), Err(DecodeError::Malformed));
            grown_little(before);
        }
    }
}

fn refused_surfaces_take_no_memory() {
    let mut decoder = Decoder::new();
    let side = wire::MAX_SURFACE_SIDE_PX;
    let huge = [(SurfaceId(1), Size { width: side, height: side })];
    let before = peak_kib();
    assert!(decoder.set_surfaces(&huge).is_err());
    grown_little(before);
}

/// A chunk packed as a frame.
fn packed(ops: &[u8], data: &[u8]) -> Vec<u8> {
    let all = [ops, data].concat();
    let mut small = vec![0; zstd_safe::compress_bound(all.len())];
    let length = zstd_safe::compress(small.as_mut_slice(), &all, 3).unwrap();
    let mut payload = vec![2, 1];
    for number in [ops.len(), data.len(), length] {
        put(&mut payload, number as u32);
    }
    payload.extend_from_slice(&small[..length]);
    payload
}
