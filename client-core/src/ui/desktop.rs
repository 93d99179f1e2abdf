//! Windows of another desktop in a window of ours: where they lie, and what
//! stands in place of pixels that are not there.

use super::palette;
use crate::{
    language::Texts,
    watching::{compose::Look, layout::Placement},
};
use egui::{Color32, TextStyle, Ui, pos2};
use mitblick_protocol::{geometry::Rect, peer_msg::SurfaceState};

/// A part of the window in its physical pixels.
pub fn to_px(points: egui::Rect, ppp: f32) -> Rect {
    let px = |points: f32| (points * ppp).round() as i32;
    let length = |from: f32, to: f32| u32::try_from(px(to) - px(from)).unwrap_or(0);
    let (min, max) = (points.min, points.max);
    Rect::new(px(min.x), px(min.y), length(min.x, max.x), length(min.y, max.y))
}

/// A rectangle of the shown desktop in points, its edges on whole
/// physical pixels.
pub fn to_points(placement: Placement, rect: Rect, ppp: f32) -> egui::Rect {
    let corner = |[x, y]: [f64; 2]| pos2(x.round() as f32 / ppp, y.round() as f32 / ppp);
    let min = corner(placement.to_px(rect.x.into(), rect.y.into()));
    egui::Rect::from_min_max(min, corner(placement.to_px(rect.right(), rect.bottom())))
}

/// What stands behind the windows.
pub fn look(ui: &Ui) -> Look {
    let rgb = |colour: Color32| u32::from_be_bytes([0, colour.r(), colour.g(), colour.b()]);
    let colours = palette(ui);
    Look { pattern: [rgb(colours.pattern), rgb(colours.pattern_line)] }
}

/// What stands in place of pixels that are not current.
pub fn state_text(texts: Texts, state: SurfaceState) -> Option<String> {
    match state {
        SurfaceState::Shown => None,
        SurfaceState::Minimised => Some(texts.t("viewer-minimised")),
        SurfaceState::Unavailable => Some(texts.t("viewer-unavailable")),
    }
}

/// A calm sheet with a text in place of pixels.
pub fn veil(ui: &Ui, place: egui::Rect, text: &str, title: &str) {
    let colours = palette(ui);
    let painter = ui.painter_at(place.intersect(ui.clip_rect()));
    painter.rect_filled(place, 0.0, colours.pattern.gamma_multiply(0.92));
    let width = (place.width() - 16.0).max(20.0);
    let upper = painter.layout(text.to_owned(), TextStyle::Body.resolve(ui.style()), colours.text, width);
    let lower = painter.layout(title.to_owned(), TextStyle::Small.resolve(ui.style()), colours.muted, width);
    let middle = place.intersect(ui.clip_rect()).center();
    let place_of = |size: egui::Vec2, top: f32| pos2(middle.x - size.x / 2.0, top);
    let top = middle.y - (upper.size().y + lower.size().y) / 2.0;
    let below = place_of(lower.size(), top + upper.size().y);
    painter.galley(place_of(upper.size(), top), upper, colours.text);
    painter.galley(below, lower, colours.muted);
}
