//! Ink in the picture that the window itself paints.

use egui::{Color32, Mesh};
use mitblick_platform::overlay::{Ink, Layer};
use mitblick_protocol::geometry::{Point, Rect};

/// The ink at this place of the customer's desktop, as far as it lies inside;
/// `place` says where an area of the desktop lies in the window.
pub(super) fn mesh(ink: &Ink, origin: Point, inside: Rect, place: impl Fn(Rect) -> egui::Rect) -> Mesh {
    let mut mesh = Mesh::default();
    let mut fill = |area: Rect, rgb: u32| {
        if let Some(area) = area.moved(origin.x, origin.y).intersection(inside) {
            let [_, red, green, blue] = rgb.to_be_bytes();
            mesh.add_colored_rect(place(area), Color32::from_rgb(red, green, blue));
        }
    };
    for layer in &ink.layers {
        match layer {
            Layer::Areas { colour, areas } => areas.iter().for_each(|&area| fill(area, *colour)),
            Layer::Picture { at, size, pixels } => {
                for (y, row) in (at.y..).zip(pixels.chunks_exact(size.width.max(1) as usize)) {
                    let mut x = at.x;
                    for run in row.chunk_by(|one, other| one == other) {
                        let length = run.len() as u32;
                        fill(Rect::new(x, y, length, 1), run.first().copied().unwrap_or_default());
                        x = x.saturating_add_unsigned(length);
                    }
                }
            }
        }
    }
    mesh
}
