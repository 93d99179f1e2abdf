//! Painting what the other side shows: its windows with what is drawn over
//! them, and its pointer. Where there is a pane, that shows all of it instead.

use super::{
    desktop::{state_text, to_points, veil},
    palette,
    textures::{Filter, Textures, whole_texture},
};
use crate::{
    language::Texts,
    watching::{
        WatchedPicture,
        layout::{self, Placement},
    },
};
use egui::{Color32, Mesh, Shape, Ui};
use mitblick_platform::overlay::{Ink, Layer, Patch};
use mitblick_protocol::{
    geometry::{Point, Rect},
    peer_msg::Surface,
};
use std::sync::Arc;

/// What of the picture is shown in one pass, copied out of the store.
pub struct Shown {
    /// Its windows.
    pub surfaces: Vec<Surface>,
    /// Frames taken in so far.
    pub frames: u64,
    canvas: Rect,
    /// The other side's pointer: where on the desktop its picture begins.
    cursor: Option<(Rect, egui::TextureId)>,
    /// Drawn over windows.
    marks: Vec<Patch>,
    /// Around the other side's pointer.
    ring: Option<(Arc<Ink>, Point)>,
}

/// What of it the window paints.
#[derive(Clone, Copy, Debug)]
pub struct Painted {
    /// Windows and marks: there is no pane.
    pub here: bool,
    /// The other side's pointer.
    pub pointer: bool,
}

/// Takes what changed out of the picture, which is locked for this long.
pub fn take(
    ui: &Ui,
    picture: &mut WatchedPicture,
    textures: &mut Textures,
    (canvas, scale): (Rect, f32),
    painted: Painted,
) -> Shown {
    let mut cursor = None;
    if painted.here {
        let filter = Filter::for_scale(scale);
        for (&id, surface) in &mut picture.surfaces {
            textures.update(ui.ctx(), id, surface, filter);
        }
        textures.keep_only(|id| picture.surfaces.contains_key(&id));
        if let (Some(place), Some(image), true) = (picture.cursor_place(), &picture.cursor, painted.pointer) {
            let texture = textures.cursor(ui.ctx(), picture.cursor_changes, image);
            cursor = texture.map(|texture| (place, texture.id()));
        }
    } else {
        textures.clear_picture();
    }
    let marks = picture.marks.iter().filter(|_| painted.here).map(|(patch, _)| patch.clone()).collect();
    let ring = picture.ring.as_ref().filter(|_| painted.here && painted.pointer).map(|(ink, _)| Arc::clone(ink));
    let ring = ring.zip(picture.pointed_at());
    Shown { surfaces: picture.scene.surfaces.clone(), frames: picture.frames, canvas, cursor, marks, ring }
}

/// Paints the neutral pattern on which windows lie.
pub fn paint_pattern(ui: &Ui, textures: &mut Textures, area: egui::Rect) {
    let colours = palette(ui);
    let pattern = textures.pattern(ui.ctx(), area, [colours.pattern, colours.pattern_line]);
    ui.painter().add(Shape::mesh(pattern));
}

/// Paints the windows, and what lies over them.
pub fn paint(ui: &Ui, texts: Texts, textures: &Textures, shown: &Shown, placement: Placement, view: egui::Rect) {
    let ppp = ui.pixels_per_point();
    for surface in layout::painting_order(&shown.surfaces) {
        let place = to_points(placement, surface.rect, ppp);
        if !place.intersects(view) {
            continue;
        }
        let on_desktop = |part: Rect| part.moved(surface.rect.x, surface.rect.y);
        for mesh in textures.meshes(surface.id, |part| to_points(placement, on_desktop(part), ppp)) {
            ui.painter().add(Shape::mesh(mesh));
        }
        for patch in shown.marks.iter().filter(|patch| patch.surface == surface.id) {
            let origin = Point { x: surface.rect.x + patch.at.x, y: surface.rect.y + patch.at.y };
            let mesh = mesh(&patch.ink, origin, surface.rect, |area| to_points(placement, area, ppp));
            ui.painter().add(Shape::mesh(mesh));
        }
        if let Some(text) = state_text(texts, surface.state) {
            veil(ui, place, &text, surface.title.as_str());
        }
    }
    if let Some((ink, at)) = &shown.ring {
        let mesh = mesh(ink, *at, shown.canvas, |area| to_points(placement, area, ppp));
        ui.painter().add(Shape::mesh(mesh));
    }
    if let Some((place, texture)) = shown.cursor {
        let mut mesh = Mesh::with_texture(texture);
        mesh.add_rect_with_uv(to_points(placement, place, ppp), whole_texture(), Color32::WHITE);
        ui.painter().add(Shape::mesh(mesh));
    }
}

/// The ink at this place of the desktop, as far as it lies inside;
/// `place` says where an area of the desktop lies in the window.
fn mesh(ink: &Ink, origin: Point, inside: Rect, place: impl Fn(Rect) -> egui::Rect) -> Mesh {
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
