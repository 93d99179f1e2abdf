//! Where the shared windows are shown: pure arithmetic between the customer's
//! desktop and physical pixels of the advisor's window.

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

/// Where the canvas lies in the window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placement {
    /// The part of the customer's desktop that is shown.
    pub canvas: Rect,
    /// Physical pixels per pixel of the customer.
    pub scale: f32,
    /// Where the canvas begins, in physical pixels of the window.
    pub origin: Point,
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
    /// The canvas in a pane: in its middle where the pane is larger, else
    /// scrolled by so many pixels, as far as there is something to scroll.
    pub fn new(canvas: Rect, scale: f32, pane: Rect, scrolled_px: Point) -> Self {
        let along = |pane_start: i32, pane_length: u32, canvas_length: u32, scrolled: i32| {
            let length = (f64::from(canvas_length) * f64::from(scale)).round() as i64;
            let free = i64::from(pane_length) - length;
            let offset = if free > 0 { free / 2 } else { -i64::from(scrolled).clamp(0, -free) };
            i32::try_from(i64::from(pane_start) + offset).unwrap_or(pane_start)
        };
        let origin = Point {
            x: along(pane.x, pane.width, canvas.width, scrolled_px.x),
            y: along(pane.y, pane.height, canvas.height, scrolled_px.y),
        };
        Self { canvas, scale, origin }
    }

    /// Whether pixels stay whole: each of the customer's covers a square of
    /// whole physical pixels.
    pub fn exact(&self) -> bool {
        self.scale >= 1.0 && self.scale.fract() == 0.0
    }

    /// Where an edge of the customer's desktop lies, in physical pixels of the
    /// window: `[x, y]`, not rounded.
    pub fn to_px(&self, x: i64, y: i64) -> [f64; 2] {
        // In f64, so that large desktops do not lose whole pixels.
        let along = |at: i64, start: i32, origin: i32| {
            f64::from(origin) + (at - i64::from(start)) as f64 * f64::from(self.scale)
        };
        [along(x, self.canvas.x, self.origin.x), along(y, self.canvas.y, self.origin.y)]
    }

    /// The place on the customer's desktop under a place of the window, in
    /// physical pixels: `[x, y]`, not rounded.
    pub fn from_px(&self, x: f64, y: f64) -> [f64; 2] {
        let along =
            |px: f64, start: i32, origin: i32| (px - f64::from(origin)) / f64::from(self.scale) + f64::from(start);
        [along(x, self.canvas.x, self.origin.x), along(y, self.canvas.y, self.origin.y)]
    }

    /// The pixel of the customer's desktop under a place of the window, in
    /// physical pixels.
    pub fn to_desktop(&self, x: f64, y: f64) -> Point {
        let [x, y] = self.from_px(x, y).map(|at| at.floor().clamp(f64::from(i32::MIN), f64::from(i32::MAX)) as i32);
        Point { x, y }
    }

    /// All physical pixels of the window that a part of the customer's desktop
    /// touches.
    pub fn touched(&self, area: Rect) -> Rect {
        let [left, top] = self.to_px(area.x.into(), area.y.into()).map(|edge| edge.floor() as i32);
        let [right, bottom] = self.to_px(area.right(), area.bottom()).map(|edge| edge.ceil() as i32);
        let length = |from: i32, to: i32| u32::try_from(i64::from(to) - i64::from(from)).unwrap_or(0);
        Rect { x: left, y: top, width: length(left, right), height: length(top, bottom) }
    }

    /// All pixels of the customer's desktop that a part of the window shows.
    pub fn shown(&self, area: Rect) -> Rect {
        let [left, top] = self.from_px(area.x.into(), area.y.into()).map(|edge| edge.floor() as i32);
        let [right, bottom] = self.from_px(area.right() as f64, area.bottom() as f64).map(|edge| edge.ceil() as i32);
        let length = |from: i32, to: i32| u32::try_from(i64::from(to) - i64::from(from)).unwrap_or(0);
        Rect { x: left, y: top, width: length(left, right), height: length(top, bottom) }
    }

    /// Where the customer's desktop's own left top corner would be, in
    /// physical pixels of the window.
    pub fn desktop_origin(&self) -> Point {
        let [x, y] = self.to_px(0, 0).map(|edge| edge.round() as i32);
        Point { x, y }
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
    fn desktop_and_window_agree_at_every_zoom() {
        for scale in [1.0, 2.0, 3.0] {
            let canvas = Rect::new(-300, 40, 4_000, 3_000);
            let pane = Rect::new(7, 131, 800, 600);
            let placement = Placement::new(canvas, scale, pane, Point { x: 11, y: 5 });
            assert_eq!(placement.origin, Point { x: -4, y: 126 });
            for (x, y) in [(-300, 40), (0, 41), (1_919, 1_079), (3_699, 3_039)] {
                let touched = placement.touched(Rect::new(x, y, 1, 1));
                let middle = (f64::from(touched.x) + f64::from(scale) / 2.0, f64::from(touched.y) + 0.5);
                assert_eq!((touched.width, touched.height), (scale as u32, scale as u32));
                assert_eq!(placement.to_desktop(middle.0, middle.1), Point { x, y });
                assert_eq!(placement.shown(touched), Rect::new(x, y, 1, 1));
            }
        }
    }

    #[test]
    fn a_canvas_smaller_than_the_pane_lies_in_its_middle_and_a_larger_one_scrolls_to_its_ends() {
        let pane = Rect::new(10, 20, 100, 100);
        let small = Placement::new(Rect::new(5, 5, 50, 200), 1.0, pane, Point { x: 30, y: 500 });
        assert_eq!(small.origin, Point { x: 35, y: -80 });
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
