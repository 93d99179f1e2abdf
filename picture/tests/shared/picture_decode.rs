//! What a fuzzer does with a payload, as a plain function: the fuzz target and
//! the tests here run the same body.
#![allow(dead_code, unreachable_pub, reason = "part of several programs")]

use mitblick_picture::Decoder;
use mitblick_protocol::{geometry::Size, peer_msg::SurfaceId};

/// Surfaces that the payload may write to.
pub const SURFACES: [(SurfaceId, Size); 3] = [
    (SurfaceId(1), Size { width: 200, height: 130 }),
    (SurfaceId(2), Size { width: 64, height: 64 }),
    (SurfaceId(70_000), Size { width: 1, height: 300 }),
];

/// Takes the bytes as one or more payloads of a session: the first two bytes
/// say how long the first is. Whatever happens, surfaces keep their sizes, all
/// pixels stay readable, and what changed lies inside.
pub fn picture_decode(bytes: &[u8]) {
    let mut decoder = Decoder::new();
    if decoder.set_surfaces(&SURFACES).is_err() {
        unreachable!("the surfaces are within the limits");
    }
    let mut rest = bytes;
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        let (payload, after) = after.split_at(usize::from(u16::from_be_bytes(*length)).min(after.len()));
        rest = after;
        let changed = decoder.apply(payload);
        for (id, size) in SURFACES {
            let surface = decoder.surface(id);
            assert!(surface.is_some_and(|s| s.size == size && s.pixels.len() as u64 == size.pixels()));
            assert!(surface.is_some_and(|s| s.pixels.iter().all(|pixel| pixel >> 24 == 0)));
        }
        // The session ends at the first error.
        let Ok(changed) = changed else { return };
        for (id, area) in changed {
            let size = SURFACES.iter().find(|(known, _)| *known == id).map(|(_, size)| size.rect());
            assert!(size.is_some_and(|size| size.intersection(area) == Some(area)));
        }
    }
}
