//! Where the shared windows are painted: pure arithmetic between the
//! customer's desktop, physical pixels of this screen and egui's points.

use egui::{Pos2, pos2};
use mitblick_protocol::{
    geometry::{Point, Rect, Size},
    peer_msg::{Surface, SurfaceId, SurfaceState},
};

/// How large the picture is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zoom {
    /// All of it, never enlarged.
    Fit,
    /// One pixel of the customer on so many physical pixels of this screen, in
    /// each direction.
    Times(u8),
}

impl std::str::FromStr for Zoom {
    type Err = String;

    /// `fit`, `100` or `200` (percent).
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim_end_matches('%') {
            "fit" => Ok(Self::Fit),
            "100" => Ok(Self::Times(1)),
            "200" => Ok(Self::Times(2)),
            _ => Err(format!("not a zoom: {text}; use 100, 200 or fit")),
        }
    }
}

/// A room that the canvas may keep although its windows need less, in pixels.
const SLACK_PX: i64 = 160;

/// The part of the customer's desktop that is shown. Follows the box around
/// all surfaces, but keeps still while they move a little or a menu opens and
/// closes, so that the picture does not jump.
pub fn next_canvas(previous: Option<Rect>, surfaces: &[Surface]) -> Rect {
    let bounds = surfaces.iter().fold(Rect::default(), |all, surface| all.union(surface.rect));
    let Some(previous) = previous.filter(|_| !bounds.is_empty()) else { return bounds };
    let grown = previous.union(bounds);
    let slack = |rect: Rect| {
        [
            i64::from(bounds.x) - i64::from(rect.x),
            i64::from(bounds.y) - i64::from(rect.y),
            rect.right() - bounds.right(),
            rect.bottom() - bounds.bottom(),
        ]
    };
    if slack(grown).into_iter().all(|room| room <= SLACK_PX) { grown } else { bounds }
}

/// One arrangement of the canvas on the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placement {
    /// The part of the customer's desktop that is shown.
    pub canvas: Rect,
    /// Physical pixels per pixel of the customer.
    pub scale: f32,
    /// Where the canvas begins, in physical pixels of this window.
    pub origin_px: (i32, i32),
    /// Physical pixels per point.
    pub pixels_per_point: f32,
}

/// The scale at which this much canvas is shown in a pane of so many physical
/// pixels.
pub fn scale(zoom: Zoom, canvas: Size, pane_px: (f32, f32)) -> f32 {
    match zoom {
        Zoom::Times(times) => f32::from(times.max(1)),
        Zoom::Fit => {
            let across = pane_px.0 / canvas.width.max(1) as f32;
            let down = pane_px.1 / canvas.height.max(1) as f32;
            // A little less than all of it, so that rounding brings no scroll bars.
            let least = across.min(down);
            if least >= 1.0 { 1.0 } else { (least * 0.999_9).max(0.02) }
        }
    }
}

impl Placement {
    /// Whether pixels stay whole: each of the customer's covers a square of
    /// whole physical pixels.
    pub fn exact(&self) -> bool {
        self.scale.fract() == 0.0
    }

    /// A point of the customer's desktop in physical pixels, on a whole one.
    fn to_px(self, x: i64, y: i64) -> (f32, f32) {
        let (dx, dy) = (x - i64::from(self.canvas.x), y - i64::from(self.canvas.y));
        // In f64, so that large desktops do not lose whole pixels.
        let scale = f64::from(self.scale);
        let px = (f64::from(self.origin_px.0) + (dx as f64 * scale).round()) as f32;
        let py = (f64::from(self.origin_px.1) + (dy as f64 * scale).round()) as f32;
        (px, py)
    }

    /// A rectangle of the customer's desktop in points, its edges on whole
    /// physical pixels.
    pub fn to_points(&self, rect: Rect) -> egui::Rect {
        let min = self.to_px(rect.x.into(), rect.y.into());
        let max = self.to_px(rect.right(), rect.bottom());
        let ppp = self.pixels_per_point;
        egui::Rect::from_min_max(pos2(min.0 / ppp, min.1 / ppp), pos2(max.0 / ppp, max.1 / ppp))
    }

    /// The pixel of the customer's desktop at a place in points.
    pub fn to_desktop(&self, place: Pos2) -> Point {
        let along = |points: f32, origin: i32, start: i32| {
            let px = f64::from(points) * f64::from(self.pixels_per_point) - f64::from(origin);
            let pixel = (px / f64::from(self.scale)).floor() + f64::from(start);
            pixel.clamp(f64::from(i32::MIN), f64::from(i32::MAX)) as i32
        };
        Point { x: along(place.x, self.origin_px.0, self.canvas.x), y: along(place.y, self.origin_px.1, self.canvas.y) }
    }
}

/// In painting order: minimised windows are on no desktop, so they go below
/// everything that is.
pub fn painting_order(surfaces: &[Surface]) -> impl Iterator<Item = &Surface> {
    let minimised = |surface: &&Surface| surface.state == SurfaceState::Minimised;
    surfaces.iter().filter(minimised).chain(surfaces.iter().filter(move |surface| !minimised(surface)))
}

/// The top-most surface at a pixel of the desktop, and the place on it; `None`
/// where nothing shared is, or something that can't be shown covers it.
pub fn surface_at(surfaces: &[Surface], at: Point) -> Option<(SurfaceId, Point)> {
    let surface =
        surfaces.iter().rev().find(|surface| surface.state != SurfaceState::Minimised && surface.rect.contains(at))?;
    let place = Point { x: at.x.saturating_sub(surface.rect.x), y: at.y.saturating_sub(surface.rect.y) };
    (surface.state == SurfaceState::Shown).then_some((surface.id, place))
}

#[cfg(test)]
mod tests {
    use super::*;
    use mitblick_protocol::text::DisplayText;

    fn surface(id: u32, rect: Rect, state: SurfaceState) -> Surface {
        Surface { id: SurfaceId(id), rect, state, parent: None, title: DisplayText::default() }
    }

    fn shown(id: u32, rect: Rect) -> Surface {
        surface(id, rect, SurfaceState::Shown)
    }

    #[test]
    fn the_canvas_keeps_still_while_a_window_moves_a_little_or_a_menu_opens() {
        let first = next_canvas(None, &[shown(1, Rect::new(100, 80, 800, 600))]);
        assert_eq!(first, Rect::new(100, 80, 800, 600));
        let with_menu = next_canvas(Some(first), &[shown(1, first), shown(2, Rect::new(860, 100, 120, 90))]);
        assert_eq!(with_menu, Rect::new(100, 80, 880, 600));
        assert_eq!(next_canvas(Some(with_menu), &[shown(1, first)]), with_menu);
        let moved = first.moved(60, 0);
        assert_eq!(next_canvas(Some(with_menu), &[shown(1, moved)]), with_menu);
    }

    #[test]
    fn the_canvas_shrinks_when_much_of_it_is_empty() {
        let wide = next_canvas(None, &[shown(1, Rect::new(0, 0, 800, 600)), shown(2, Rect::new(1_000, 0, 800, 600))]);
        let one = [shown(1, Rect::new(0, 0, 800, 600))];
        assert_eq!(next_canvas(Some(wide), &one), Rect::new(0, 0, 800, 600));
    }

    #[test]
    fn pixels_and_points_agree_at_every_zoom_and_density() {
        for pixels_per_point in [1.0, 1.25, 1.5, 1.75, 2.0] {
            for scale in [1.0, 2.0, 3.0] {
                let canvas = Rect::new(-300, 40, 4_000, 3_000);
                let placement = Placement { canvas, scale, origin_px: (7, 131), pixels_per_point };
                for (x, y) in [(-300, 40), (0, 41), (1_919, 1_079), (3_699, 3_039)] {
                    let rect = placement.to_points(Rect::new(x, y, 1, 1));
                    let px = rect.min.x * pixels_per_point;
                    assert!((px - px.round()).abs() < 0.01, "{px} is no whole pixel");
                    assert_eq!(placement.to_desktop(rect.center()), Point { x, y });
                }
            }
        }
    }

    #[test]
    fn fitting_shrinks_but_never_enlarges() {
        let size = Size { width: 1_000, height: 500 };
        let half = scale(Zoom::Fit, size, (500.0, 500.0));
        assert!(half <= 0.5 && half > 0.499, "{half}");
        assert_eq!(scale(Zoom::Fit, size, (4_000.0, 4_000.0)), 1.0);
        assert_eq!(scale(Zoom::Times(2), size, (1.0, 1.0)), 2.0);
    }

    #[test]
    fn the_topmost_surface_is_hit_and_what_can_not_be_shown_hides_what_is_below() {
        let below = shown(1, Rect::new(0, 0, 100, 100));
        let above = shown(2, Rect::new(50, 0, 100, 100));
        let at = Point { x: 60, y: 5 };
        assert_eq!(surface_at(&[below.clone(), above.clone()], at), Some((SurfaceId(2), Point { x: 10, y: 5 })));
        let hidden = Surface { state: SurfaceState::Unavailable, ..above.clone() };
        assert_eq!(surface_at(&[below.clone(), hidden], at), None);
        let minimised = Surface { state: SurfaceState::Minimised, ..above };
        assert_eq!(surface_at(&[below.clone(), minimised], at), Some((SurfaceId(1), at)));
        assert_eq!(surface_at(&[below], Point { x: -1, y: 5 }), None);
    }

    #[test]
    fn a_zoom_is_read_from_the_command_line() {
        assert_eq!("fit".parse(), Ok(Zoom::Fit));
        assert_eq!("100%".parse(), Ok(Zoom::Times(1)));
        assert!("37".parse::<Zoom>().is_err());
    }
}
