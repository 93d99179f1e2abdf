//! A portrait and a logo, to look at.

use mitblick_client_core::images::Faces;
use mitblick_platform::capture::LocalPicture;
use mitblick_protocol::geometry::Size;
use std::sync::Arc;

/// A portrait and a logo for screens whose name ends in `-faces`.
pub(crate) fn faces(has_some: bool) -> Faces {
    let portrait = drawn(128, 128, |x, y| {
        let within = |left: i32, top: i32, radius: i32| (x - left).pow(2) + (y - top).pow(2) < radius.pow(2);
        match () {
            () if within(64, 40, 22) && y < 38 => 0xff5a_3a22,
            () if within(64, 50, 24) => 0xffe0_b090,
            () if within(64, 130, 52) => 0xff2f_5d8a,
            () => 0xffcf_dde6,
        }
    });
    let logo = drawn(240, 64, |x, y| match (x, y) {
        (4..60, 4..60) if (x - 32).pow(2) + (y - 32).pow(2) < 28 * 28 => 0xff0a_3d62,
        (76..232, 14..26) | (76..180, 36..44) => 0xff0a_3d62,
        _ => 0,
    });
    Faces { portrait: has_some.then_some(portrait), logo: has_some.then_some(logo) }
}

fn drawn(width: u32, height: u32, colour: impl Fn(i32, i32) -> u32) -> Arc<LocalPicture> {
    let pixels = (0..width * height).map(|at| colour((at % width) as i32, (at / width) as i32));
    Arc::new(LocalPicture { size: Size { width, height }, pixels: pixels.collect() })
}
