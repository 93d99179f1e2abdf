//! A window grows with its text: who enlarges the text sees as much of it as
//! before, as far as the screen has room.

use egui::{Context, Vec2, ViewportCommand, pos2, vec2};

/// What a window's frame and the system's own bars may need, in points.
const AROUND: Vec2 = vec2(8.0, 72.0);

/// Follows the zoom of one window.
pub struct WindowZoom {
    /// That the window has the size for.
    fits: f32,
    /// As of the last pass.
    seen: f32,
}

impl Default for WindowZoom {
    fn default() -> Self {
        Self { fits: 1.0, seen: 1.0 }
    }
}

impl WindowZoom {
    /// To be called with each pass as long as the window has its normal shape.
    /// Sizes in points.
    pub fn follow(&mut self, ctx: &Context, normal: Vec2, smallest: Vec2) {
        let zoom = ctx.zoom_factor();
        if (zoom - self.seen).abs() > 0.01 {
            // What is known of screen and window is still in points of before.
            self.seen = zoom;
            return ctx.request_repaint();
        }
        if (zoom - self.fits).abs() < 0.01 {
            return;
        }
        // Known a moment after the window has opened.
        if ctx.input(|input| input.viewport().monitor_size.is_some()) {
            self.fits = zoom;
            resize(ctx, normal, smallest);
        }
    }
}

/// Gives a window its size, as far as the screen has room, and moves it there.
/// Sizes in points.
pub fn resize(ctx: &Context, normal: Vec2, smallest: Vec2) {
    let (monitor, outer, filled) = ctx.input(|input| {
        let viewport = input.viewport();
        let filled = viewport.maximized.unwrap_or(false) || viewport.fullscreen.unwrap_or(false);
        (viewport.monitor_size, viewport.outer_rect, filled)
    });
    let size = window_size(normal, monitor);
    ctx.send_viewport_cmd(ViewportCommand::MinInnerSize(smallest.min(size)));
    if filled {
        return;
    }
    ctx.send_viewport_cmd(ViewportCommand::InnerSize(size));
    if let (Some(monitor), Some(outer)) = (monitor, outer) {
        let last = (monitor - size - AROUND / 2.0).max(Vec2::ZERO);
        let place = pos2(outer.min.x.min(last.x), outer.min.y.min(last.y));
        if place != outer.min {
            ctx.send_viewport_cmd(ViewportCommand::OuterPosition(place));
        }
    }
}

/// The normal size, or what of it the screen has room for.
pub fn window_size(normal: Vec2, monitor: Option<Vec2>) -> Vec2 {
    match monitor.filter(|size| size.x > 1.0 && size.y > 1.0) {
        Some(monitor) => normal.min((monitor - AROUND).max(vec2(160.0, 120.0))),
        None => normal,
    }
}

#[cfg(test)]
mod tests {
    use super::window_size;
    use egui::vec2;

    #[test]
    fn a_window_is_never_larger_than_its_screen() {
        let normal = vec2(480.0, 700.0);
        assert_eq!(window_size(normal, None), normal);
        assert_eq!(window_size(normal, Some(vec2(1_280.0, 800.0))), normal);
        assert_eq!(window_size(normal, Some(vec2(640.0, 400.0))), vec2(480.0, 328.0));
        assert_eq!(window_size(normal, Some(vec2(0.0, 0.0))), normal);
    }
}
