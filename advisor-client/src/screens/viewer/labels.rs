//! Texts for windows whose pixels are not current, as pixels, for the stage
//! that puts the picture together without the window's help.

use egui::{Color32, Galley, TextStyle, Ui};
use mitblick_client_core::{
    advisor::compose::{Label, Labels},
    language::Texts,
    ui::{desktop::state_text, palette},
};
use mitblick_protocol::{
    geometry::Size,
    peer_msg::{Surface, SurfaceId},
};
use std::{collections::BTreeMap, sync::Arc};

/// Everything that a label depends on.
#[derive(Clone, Debug, PartialEq)]
struct Wording {
    text: String,
    title: String,
    width_px: u32,
    pixels_per_point: f32,
    colours: [Color32; 2],
}

/// The labels of the last pass.
#[derive(Default)]
pub(super) struct LabelCache(BTreeMap<SurfaceId, (Wording, Label)>);

impl LabelCache {
    /// The labels that these windows need at this scale; none if they are not
    /// wanted.
    pub(super) fn of(&mut self, ui: &Ui, texts: Texts, surfaces: &[Surface], scale: f32, wanted: bool) -> Labels {
        let mut kept = BTreeMap::new();
        let colours = palette(ui);
        for surface in surfaces.iter().filter(|_| wanted) {
            let Some(text) = state_text(texts, surface.state) else { continue };
            let wording = Wording {
                text,
                title: surface.title.as_str().to_owned(),
                width_px: (surface.rect.width as f32 * scale) as u32,
                pixels_per_point: ui.pixels_per_point(),
                colours: [colours.text, colours.muted],
            };
            let known = self.0.remove(&surface.id).filter(|(known, _)| *known == wording);
            let label = known.map_or_else(|| draw(ui, &wording), |(_, label)| label);
            kept.insert(surface.id, (wording, label));
        }
        self.0 = kept;
        self.0.iter().map(|(&id, (_, label))| (id, label.clone())).collect()
    }
}

/// The text above the title, both in their middle.
fn draw(ui: &Ui, wording: &Wording) -> Label {
    let ppp = wording.pixels_per_point;
    let [text, muted] = wording.colours;
    let width = (wording.width_px as f32 / ppp - 16.0).max(20.0);
    let lay_out = |text: &str, style: TextStyle, colour| {
        ui.painter().layout(text.to_owned(), style.resolve(ui.style()), colour, width)
    };
    let upper = lay_out(&wording.text, TextStyle::Body, text);
    let lower = lay_out(&wording.title, TextStyle::Small, muted);
    let px = |points: f32| (points * ppp).ceil().max(0.0) as u32;
    let size = Size { width: px(upper.size().x.max(lower.size().x)), height: px(upper.size().y + lower.size().y) };
    let mut label = Label { size, pixels: vec![0; usize::try_from(size.pixels()).unwrap_or(0)] };
    let atlas = ui.ctx().fonts(|fonts| fonts.image());
    for (galley, colour, top) in [(&upper, text, 0.0), (&lower, muted, upper.size().y)] {
        let left = (size.width as f32 / ppp - galley.size().x) / 2.0;
        print(&mut label, galley, colour, (left, top), ppp, &atlas);
    }
    label
}

/// Puts the glyphs of a text on a label.
fn print(
    label: &mut Label,
    galley: &Arc<Galley>,
    colour: Color32,
    (left, top): (f32, f32),
    ppp: f32,
    atlas: &egui::ColorImage,
) {
    let width = label.size.width as usize;
    for row in &galley.rows {
        for glyph in &row.row.glyphs {
            let found = glyph.uv_rect;
            let start = |along: f32| (along * ppp).round() as i64;
            let x = start(left + row.pos.x + glyph.pos.x + found.offset.x);
            let y = start(top + row.pos.y + glyph.pos.y + found.offset.y);
            for (down, atlas_y) in (found.min[1]..found.max[1]).enumerate() {
                for (across, atlas_x) in (found.min[0]..found.max[0]).enumerate() {
                    let texel = atlas.pixels.get(usize::from(atlas_y) * atlas.width() + usize::from(atlas_x));
                    let (Ok(x), Ok(y)) = (usize::try_from(x + across as i64), usize::try_from(y + down as i64)) else {
                        continue;
                    };
                    if x < width
                        && let (Some(texel), Some(pixel)) = (texel, label.pixels.get_mut(y * width + x))
                    {
                        let inked = colour.gamma_multiply_u8(texel.a());
                        *pixel = u32::from_be_bytes([inked.a(), inked.r(), inked.g(), inked.b()]).max(*pixel);
                    }
                }
            }
        }
    }
}
