//! Turns what egui wants painted into pixels.
//!
//! Colours are premultiplied and blended as they are encoded, without going
//! through linear light, which is what egui is drawn for (its own OpenGL
//! painter does the same). Only what differs from the frame before is painted
//! again.

mod raster;
mod texture;

use egui::{
    ClippedPrimitive, Color32, ColorImage, Mesh, TextureId, TexturesDelta,
    epaint::{Primitive, Vertex},
};
use mitblick_protocol::geometry::{Rect, Size};
use raster::Canvas;
use std::collections::{HashMap, HashSet};
use texture::Texture;

/// What one frame is made of.
pub struct Frame {
    /// Of the window, in pixels.
    pub size: Size,
    /// Pixels of a point of egui's.
    pub pixels_per_point: f32,
    /// What is under everything; taken as opaque.
    pub background: Color32,
    /// From the back to the front.
    pub primitives: Vec<ClippedPrimitive>,
    /// Textures that are new, changed or no longer needed.
    pub textures: TexturesDelta,
}

/// The pixels of a window, and what is needed to paint the next frame.
#[derive(Default)]
pub struct Painter {
    size: Size,
    /// `0x00RRGGBB`, row by row.
    pixels: Vec<u32>,
    textures: HashMap<TextureId, Texture>,
    before: Option<Before>,
}

/// The frame that the pixels show.
struct Before {
    pixels_per_point: f32,
    background: Color32,
    primitives: Vec<ClippedPrimitive>,
}

impl Painter {
    /// All pixels as of the last frame, `0x00RRGGBB`, row by row.
    pub fn pixels(&self) -> &[u32] {
        &self.pixels
    }

    /// Size of the last frame in pixels.
    pub fn size(&self) -> Size {
        self.size
    }

    /// The last frame as egui's kind of picture.
    pub fn screenshot(&self) -> ColorImage {
        let pixels = self.pixels.iter().map(|&rgb| {
            let [_, r, g, b] = rgb.to_be_bytes();
            Color32::from_rgb(r, g, b)
        });
        ColorImage::new([self.size.width as usize, self.size.height as usize], pixels.collect())
    }

    /// Paints a frame; gives back the area outside of which the pixels are
    /// those of the frame before.
    pub fn paint(&mut self, frame: Frame) -> Rect {
        let Frame { size, pixels_per_point, background, primitives, mut textures } = frame;
        let (set, free) = (std::mem::take(&mut textures.set), std::mem::take(&mut textures.free));
        let mut changed = HashSet::new();
        for (id, deltas) in set {
            changed.insert(id);
            for delta in deltas {
                match self.textures.get_mut(&id) {
                    Some(texture) if delta.pos.is_some() => texture.change(&delta),
                    _ => drop(self.textures.insert(id, Texture::new(&delta))),
                }
            }
        }
        let damage = match &self.before {
            Some(before)
                if self.size == size
                    && before.pixels_per_point == pixels_per_point
                    && before.background == background =>
            {
                damage(&before.primitives, &primitives, &changed, pixels_per_point)
            }
            _ => size.rect(),
        };
        if self.size != size {
            self.size = size;
            self.pixels.clear();
            self.pixels.resize(usize::try_from(size.pixels()).unwrap_or(0), 0);
        }
        let damage = damage.intersection(size.rect()).unwrap_or_default();
        if !damage.is_empty() {
            let mut canvas = Canvas::new(&mut self.pixels, size);
            canvas.fill(damage, background);
            for primitive in &primitives {
                let Primitive::Mesh(mesh) = &primitive.primitive else { continue };
                let clip = nearest_pixels(primitive.clip_rect, pixels_per_point);
                if let (Some(clip), Some(texture)) = (clip.intersection(damage), self.textures.get(&mesh.texture_id)) {
                    canvas.mesh(mesh, pixels_per_point, clip, texture);
                }
            }
        }
        for id in free {
            self.textures.remove(&id);
        }
        self.before = Some(Before { pixels_per_point, background, primitives });
        damage
    }
}

/// Where two frames differ.
fn damage(
    before: &[ClippedPrimitive],
    after: &[ClippedPrimitive],
    changed: &HashSet<TextureId>,
    pixels_per_point: f32,
) -> Rect {
    let mut damage = Rect::default();
    let whole = |primitive: &ClippedPrimitive| match &primitive.primitive {
        Primitive::Mesh(mesh) => box_of(primitive, mesh.vertices.iter(), pixels_per_point),
        Primitive::Callback(_) => Rect::default(),
    };
    for place in 0..before.len().max(after.len()) {
        match (before.get(place), after.get(place)) {
            (Some(old), Some(new)) => {
                let (Primitive::Mesh(old_mesh), Primitive::Mesh(new_mesh)) = (&old.primitive, &new.primitive) else {
                    continue;
                };
                if old.clip_rect != new.clip_rect
                    || old_mesh.texture_id != new_mesh.texture_id
                    || changed.contains(&new_mesh.texture_id)
                    || old_mesh.indices != new_mesh.indices
                    || old_mesh.vertices.len() != new_mesh.vertices.len()
                {
                    damage = damage.union(whole(old)).union(whole(new));
                } else {
                    let moved = moved(old_mesh, new_mesh);
                    damage = damage.union(box_of(new, moved.into_iter(), pixels_per_point));
                }
            }
            (Some(one), None) | (None, Some(one)) => damage = damage.union(whole(one)),
            (None, None) => {}
        }
    }
    damage
}

/// The corners, old and new, of triangles that differ.
fn moved<'a>(old: &'a Mesh, new: &'a Mesh) -> Vec<&'a Vertex> {
    let mut corners = Vec::new();
    for triangle in new.indices.chunks_exact(3) {
        let of = |mesh: &'a Mesh| triangle.iter().filter_map(|&at| mesh.vertices.get(at as usize));
        if of(old).ne(of(new)) {
            corners.extend(of(old).chain(of(new)));
        }
    }
    corners
}

/// The pixels that these corners and all between them can touch.
fn box_of<'a>(primitive: &ClippedPrimitive, corners: impl Iterator<Item = &'a Vertex>, pixels_per_point: f32) -> Rect {
    let mut bounds = egui::Rect::NOTHING;
    for corner in corners {
        bounds.extend_with(corner.pos);
    }
    if !bounds.is_finite() || bounds.is_negative() {
        return Rect::default();
    }
    let bounds = bounds * pixels_per_point;
    let touched = between(bounds.min.floor(), bounds.max.ceil());
    touched.intersection(nearest_pixels(primitive.clip_rect, pixels_per_point)).unwrap_or_default()
}

/// A rectangle in points as whole pixels.
fn nearest_pixels(points: egui::Rect, pixels_per_point: f32) -> Rect {
    let pixels = points * pixels_per_point;
    between(pixels.min.round(), pixels.max.round())
}

/// `min` and `max` are whole numbers; what is infinite becomes very large.
fn between(min: egui::Pos2, max: egui::Pos2) -> Rect {
    const FAR: f32 = 1e6;
    let whole = |value: f32| value.clamp(-FAR, FAR) as i32;
    let (left, top) = (whole(min.x), whole(min.y));
    let length = |from: i32, to: f32| u32::try_from(whole(to) - from).unwrap_or(0);
    Rect::new(left, top, length(left, max.x), length(top, max.y))
}

#[cfg(test)]
mod tests;
