//! What the fuzz target of the filter of H.264 does, and the corpus on stable.

use mitblick_platform::video::Filter;
use mitblick_protocol::geometry::Size;

/// Two access units of a picture whose size the first two bytes give.
pub(crate) fn nal_filter(data: &[u8]) {
    let [width, height, rest @ ..] = data else { return };
    let size = Size { width: 1 + u32::from(*width) * 4, height: 1 + u32::from(*height) * 4 };
    let Ok(mut filter) = Filter::new(size) else { return };
    let (first, second) = rest.split_at(rest.len() / 2);
    let _ = filter.check(rest);
    let _ = filter.check(first);
    let _ = filter.check(second);
}
