//! Surfaces as textures: only changed areas are uploaded, and what is gone is
//! freed.

use crate::watching::{
    WatchedSurface,
    compose::{PATTERN_SIDE_PX, is_pattern_line},
};
use egui::{Color32, ColorImage, Context, Mesh, TextureFilter, TextureHandle, TextureOptions, TextureWrapMode, pos2};
use mitblick_protocol::{
    geometry::{Rect, Size},
    peer_msg::{CursorImage, SurfaceId},
};
use std::collections::BTreeMap;

/// From so many changed areas on their common box is uploaded at once.
const MANY_AREAS: usize = 24;

/// How pixels become pixels of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Whole pixels, bit for bit.
    Exact,
    /// Between half and full size.
    Smooth,
    /// Smaller than half: from a row of ever smaller pictures, so that thin
    /// lines do not vanish.
    Small,
}

impl Filter {
    /// The right one for a scale.
    pub fn for_scale(scale: f32) -> Self {
        match scale {
            scale if scale.fract() == 0.0 => Self::Exact,
            scale if scale >= 0.5 => Self::Smooth,
            _ => Self::Small,
        }
    }

    fn options(self) -> TextureOptions {
        match self {
            Self::Exact => TextureOptions::NEAREST,
            Self::Smooth => TextureOptions::LINEAR,
            Self::Small => TextureOptions { mipmap_mode: Some(TextureFilter::Linear), ..TextureOptions::LINEAR },
        }
    }
}

/// One surface's textures: one, or several if it is larger than the graphics
/// can take.
struct SurfaceTexture {
    size: Size,
    filter: Filter,
    tiles: Vec<Tile>,
}

struct Tile {
    /// In pixels of the surface.
    rect: Rect,
    handle: TextureHandle,
}

/// All textures of the picture.
#[derive(Default)]
pub struct Textures {
    surfaces: BTreeMap<SurfaceId, SurfaceTexture>,
    cursor: Option<(u64, TextureHandle)>,
    pattern: Option<([Color32; 2], TextureHandle)>,
}

impl Textures {
    /// Takes over what changed in a surface and empties its list of changes.
    pub fn update(&mut self, ctx: &Context, id: SurfaceId, surface: &mut WatchedSurface, filter: Filter) {
        let changed = std::mem::take(&mut surface.changed);
        let whole = surface.size.rect();
        if surface.pixels.len() as u64 != surface.size.pixels() || whole.is_empty() {
            self.surfaces.remove(&id);
            return;
        }
        let known = self.surfaces.get_mut(&id).filter(|known| known.size == surface.size && known.filter == filter);
        let Some(known) = known else {
            let limit = ctx.input(|input| input.max_texture_side).max(64);
            let tiles = tile_rects(surface.size, limit as u32).map(|rect| {
                let image = image(surface, rect);
                Tile { rect, handle: ctx.load_texture("surface", image, filter.options()) }
            });
            let texture = SurfaceTexture { size: surface.size, filter, tiles: tiles.collect() };
            self.surfaces.insert(id, texture);
            return;
        };
        for area in merged(changed) {
            for tile in &mut known.tiles {
                let Some(part) = tile.rect.intersection(area).and_then(|part| part.intersection(whole)) else {
                    continue;
                };
                let at = [(part.x - tile.rect.x) as usize, (part.y - tile.rect.y) as usize];
                tile.handle.set_partial(at, image(surface, part), filter.options());
            }
        }
    }

    /// Frees what is not among these.
    pub fn keep_only(&mut self, wanted: impl Fn(SurfaceId) -> bool) {
        self.surfaces.retain(|&id, _| wanted(id));
    }

    /// Frees windows and pointer.
    pub fn clear_picture(&mut self) {
        self.surfaces.clear();
        self.cursor = None;
    }

    /// Frees everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// The surface as meshes, given where an area of it lies on the screen.
    pub fn meshes(&self, id: SurfaceId, place: impl Fn(Rect) -> egui::Rect) -> Vec<Mesh> {
        let tiles = self.surfaces.get(&id).map(|surface| surface.tiles.as_slice()).unwrap_or_default();
        let mesh = |tile: &Tile| {
            let mut mesh = Mesh::with_texture(tile.handle.id());
            mesh.add_rect_with_uv(place(tile.rect), whole_texture(), Color32::WHITE);
            mesh
        };
        tiles.iter().map(mesh).collect()
    }

    /// The pointer; uploaded when `version` changes.
    pub fn cursor(&mut self, ctx: &Context, version: u64, cursor: &CursorImage) -> Option<&TextureHandle> {
        if cursor.pixels.len() as u64 != cursor.size.pixels() || cursor.size.rect().is_empty() {
            return None;
        }
        if self.cursor.as_ref().is_none_or(|(known, _)| *known != version) {
            let pixels = cursor.pixels.iter().map(|&argb| {
                let [a, r, g, b] = argb.to_be_bytes();
                Color32::from_rgba_premultiplied(r, g, b, a)
            });
            let size = [cursor.size.width as usize, cursor.size.height as usize];
            let image = ColorImage::new(size, pixels.collect());
            self.cursor = Some((version, ctx.load_texture("cursor", image, TextureOptions::NEAREST)));
        }
        self.cursor.as_ref().map(|(_, texture)| texture)
    }

    /// A calm slanting pattern over this area: "not shared".
    pub fn pattern(&mut self, ctx: &Context, area: egui::Rect, colours: [Color32; 2]) -> Mesh {
        const SIDE: usize = PATTERN_SIDE_PX;
        if self.pattern.as_ref().is_none_or(|(known, _)| *known != colours) {
            let pixel = |at: usize| {
                if is_pattern_line(at % SIDE, at / SIDE) { colours[1] } else { colours[0] }
            };
            let image = ColorImage::new([SIDE, SIDE], (0..SIDE * SIDE).map(pixel).collect());
            let options = TextureOptions { wrap_mode: TextureWrapMode::Repeat, ..TextureOptions::NEAREST };
            self.pattern = Some((colours, ctx.load_texture("not shared", image, options)));
        }
        let mut mesh = Mesh::default();
        if let Some((_, texture)) = &self.pattern {
            mesh.texture_id = texture.id();
            let repeats = area.size() * ctx.pixels_per_point() / SIDE as f32;
            mesh.add_rect_with_uv(area, egui::Rect::from_min_size(pos2(0.0, 0.0), repeats), Color32::WHITE);
        }
        mesh
    }
}

/// The whole of a texture.
pub fn whole_texture() -> egui::Rect {
    egui::Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0))
}

fn merged(areas: Vec<Rect>) -> Vec<Rect> {
    if areas.len() < MANY_AREAS {
        return areas;
    }
    vec![areas.into_iter().fold(Rect::default(), Rect::union)]
}

/// Pieces of a surface that are at most `limit` on each side.
fn tile_rects(size: Size, limit: u32) -> impl Iterator<Item = Rect> {
    let (columns, rows) = (size.width.div_ceil(limit), size.height.div_ceil(limit));
    (0..rows).flat_map(move |row| {
        (0..columns).map(move |column| {
            let (x, y) = (column * limit, row * limit);
            Rect::new(x as i32, y as i32, (size.width - x).min(limit), (size.height - y).min(limit))
        })
    })
}

/// An area that lies inside the surface, opaque.
fn image(surface: &WatchedSurface, area: Rect) -> ColorImage {
    let stride = surface.size.width as usize;
    let (left, width) = (area.x as usize, area.width as usize);
    let mut pixels = Vec::with_capacity(width * area.height as usize);
    for row in surface.pixels.chunks_exact(stride).skip(area.y as usize).take(area.height as usize) {
        let part = row.get(left..left + width).unwrap_or_default();
        pixels.extend(part.iter().map(|&rgb| {
            let [_, r, g, b] = rgb.to_be_bytes();
            Color32::from_rgb(r, g, b)
        }));
    }
    ColorImage::new([width, area.height as usize], pixels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_cover_a_large_surface_once_and_keep_to_the_limit() {
        let size = Size { width: 5_000, height: 2_049 };
        let tiles: Vec<_> = tile_rects(size, 2_048).collect();
        assert_eq!(tiles.iter().map(|tile| tile.size().pixels()).sum::<u64>(), size.pixels());
        assert_eq!(tiles.iter().fold(Rect::default(), |all, tile| all.union(*tile)), size.rect());
        assert!(tiles.iter().all(|tile| tile.width <= 2_048 && tile.height <= 2_048));
    }

    #[test]
    fn an_area_is_cut_out_of_its_surface_pixel_by_pixel() {
        let size = Size { width: 5, height: 4 };
        let surface = WatchedSurface { size, pixels: (0..20).collect(), changed: Vec::new() };
        let cut = image(&surface, Rect::new(2, 1, 2, 2));
        let blue: Vec<u8> = cut.pixels.iter().map(Color32::b).collect();
        assert_eq!((cut.size, blue), ([2, 2], vec![7, 8, 12, 13]));
        assert!(cut.pixels.iter().all(|pixel| pixel.is_opaque()));
    }

    #[test]
    fn a_surface_whose_pixels_do_not_fit_its_size_is_not_shown() {
        let ctx = Context::default();
        let mut textures = Textures::default();
        let size = Size { width: 5, height: 4 };
        let mut surface = WatchedSurface { size, pixels: vec![0; 20], changed: Vec::new() };
        textures.update(&ctx, SurfaceId(1), &mut surface, Filter::Exact);
        assert_eq!(textures.meshes(SurfaceId(1), |_| egui::Rect::ZERO).len(), 1);
        surface.pixels.pop();
        textures.update(&ctx, SurfaceId(1), &mut surface, Filter::Exact);
        assert_eq!(textures.meshes(SurfaceId(1), |_| egui::Rect::ZERO).len(), 0);
    }
}
