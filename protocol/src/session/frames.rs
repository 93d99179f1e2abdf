//! Whether a frame's scene can be: what is checked before anything is
//! allocated or painted for it.

use crate::{
    peer_msg::{CursorImage, Frame, Scene},
    wire::{MAX_CURSOR_SIDE_PX, MAX_SURFACE_SIDE_PX, MAX_SURFACES, MAX_TOTAL_PIXELS},
};
use alloc::collections::BTreeSet;

/// Longest side of a desktop, in pixels: what X11 and Windows can address.
const MAX_DESKTOP_SIDE_PX: u32 = 65_535;

/// Whether the frame keeps the limits of the wire.
pub(super) fn keeps_limits(frame: &Frame) -> bool {
    frame.scene.as_ref().is_none_or(scene_keeps_limits) && frame.cursor.as_ref().is_none_or(cursor_keeps_limits)
}

fn scene_keeps_limits(scene: &Scene) -> bool {
    let ids: BTreeSet<_> = scene.surfaces.iter().map(|surface| surface.id).collect();
    let sides = |width: u32, height: u32, limit: u32| width <= limit && height <= limit;
    let pixels: u64 = scene.surfaces.iter().map(|surface| surface.rect.size().pixels()).fold(0, u64::saturating_add);
    scene.surfaces.len() <= MAX_SURFACES
        && ids.len() == scene.surfaces.len()
        && sides(scene.desktop.width, scene.desktop.height, MAX_DESKTOP_SIDE_PX)
        && scene.surfaces.iter().all(|surface| sides(surface.rect.width, surface.rect.height, MAX_SURFACE_SIDE_PX))
        && pixels <= MAX_TOTAL_PIXELS
}

fn cursor_keeps_limits(cursor: &CursorImage) -> bool {
    let size = cursor.size;
    size.width <= MAX_CURSOR_SIDE_PX
        && size.height <= MAX_CURSOR_SIDE_PX
        && u64::try_from(cursor.pixels.len()) == Ok(size.pixels())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        geometry::{Point, Rect, Size},
        peer_msg::{FrameNumber, Surface, SurfaceId, SurfaceState},
        text::DisplayText,
    };
    use alloc::{vec, vec::Vec};

    fn surface(id: u32, width: u32, height: u32) -> Surface {
        Surface {
            id: SurfaceId(id),
            rect: Rect::new(0, 0, width, height),
            state: SurfaceState::Shown,
            parent: None,
            title: DisplayText::default(),
        }
    }

    fn with_surfaces(surfaces: Vec<Surface>) -> bool {
        let scene = Scene { desktop: Size { width: 1_920, height: 1_080 }, surfaces };
        let number = FrameNumber(1);
        keeps_limits(&Frame {
            number,
            scene: Some(scene),
            pointer: None,
            cursor: None,
            round_trip_ms: None,
            pixels: Vec::new(),
        })
    }

    #[test]
    fn scenes_are_held_to_the_limits_of_the_wire() {
        let many = |count: u32| (0..count).map(|id| surface(id, 10, 10)).collect::<Vec<_>>();
        assert!(with_surfaces(many(256)));
        assert!(!with_surfaces(many(257)));
        assert!(!with_surfaces(vec![surface(1, 10, 10), surface(1, 20, 20)]), "an id twice");
        assert!(with_surfaces(vec![surface(1, 16_384, 8_192)]));
        assert!(!with_surfaces(vec![surface(1, 16_385, 1)]));
        assert!(!with_surfaces(vec![surface(1, 16_384, 8_192), surface(2, 1, 1)]), "too many pixels together");
    }

    #[test]
    fn a_cursor_has_as_many_pixels_as_its_size_says() {
        let cursor = |width, height, pixels| {
            let size = Size { width, height };
            let cursor = CursorImage { size, hot_spot: Point::default(), pixels: vec![0; pixels] };
            let number = FrameNumber(1);
            keeps_limits(&Frame {
                number,
                scene: None,
                pointer: None,
                cursor: Some(cursor),
                round_trip_ms: None,
                pixels: Vec::new(),
            })
        };
        assert!(cursor(16, 16, 256));
        assert!(!cursor(16, 16, 255) && !cursor(16, 16, 257) && !cursor(257, 1, 257));
        assert!(!cursor(u32::MAX, u32::MAX, 1));
    }
}
