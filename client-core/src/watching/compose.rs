//! The picture put together in software: the customer's windows in their
//! order on a neutral pattern, at any scale. Pure.
//!
//! At whole scales each pixel of the customer becomes a square of exactly that
//! colour. Smaller ones are the average of what they cover, so that thin lines
//! stay where a nearest pixel would lose them; the result of a part does not
//! depend on which other parts are put together with it.

use super::{
    layout::{self, Placement},
    picture::{WatchedPicture, WatchedSurface},
};
use mitblick_platform::overlay::{Ink, Layer};
use mitblick_protocol::{
    geometry::{Point, Rect, Size},
    peer_msg::{Surface, SurfaceId, SurfaceState},
};
use std::collections::BTreeMap;

/// Side of the pattern's tile, and how broad its line is, in physical pixels.
pub const PATTERN_SIDE_PX: usize = 16;
const PATTERN_LINE_PX: usize = 4;
/// How much of a window's last pixels the sheet over it hides, of 255.
const VEIL: u32 = 235;

/// Most of the customer's pixels that are laid out at once, and most that are
/// looked at for one picture. No desktop is nearly as large; windows that a
/// hostile program places far apart must cost neither memory nor time.
const MOST_AT_ONCE_PX: u64 = 32 << 20;
const MOST_CANVAS_PX: u64 = 512 << 20;

/// Whether a pixel of the pattern is one of its line.
pub fn is_pattern_line(x: usize, y: usize) -> bool {
    (x + y) % PATTERN_SIDE_PX < PATTERN_LINE_PX
}

/// Colours that are not the customer's, `0x00RRGGBB`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Ground and line of the pattern for "not shared".
    pub pattern: [u32; 2],
}

/// A text for a window whose pixels are not current, as pixels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Size in physical pixels.
    pub size: Size,
    /// Premultiplied `0xAARRGGBB`, row by row.
    pub pixels: Vec<u32>,
}

/// Labels by window.
pub type Labels = BTreeMap<SurfaceId, Label>;

/// What is put together.
pub struct Composition<'a> {
    /// Windows and their pixels.
    pub picture: &'a WatchedPicture,
    /// Where they lie.
    pub placement: Placement,
    /// The pane, in physical pixels of the window.
    pub pane: Rect,
    /// Colours.
    pub look: Look,
    /// For windows that are minimised or not available.
    pub labels: &'a Labels,
    /// Whether the customer's pointer is shown.
    pub cursor: bool,
}

/// Pixels of a part of the customer's desktop, premultiplied `0xAARRGGBB`:
/// nothing where nothing is shared.
struct Sheet {
    area: Rect,
    pixels: Vec<u32>,
}

impl Sheet {
    fn rows_mut(&mut self, part: Rect) -> impl Iterator<Item = (i32, &mut [u32])> {
        let (left, top) = ((part.x - self.area.x) as usize, (part.y - self.area.y) as usize);
        let width = part.width as usize;
        let rows = self.pixels.chunks_exact_mut(self.area.width.max(1) as usize);
        let rows = rows.skip(top).take(part.height as usize);
        (part.y..).zip(rows.map(move |row| row.get_mut(left..left + width).unwrap_or_default()))
    }

    /// Puts ink on it, as far as it lies inside.
    fn ink(&mut self, ink: &Ink, origin: Point, inside: Rect) {
        for layer in &ink.layers {
            match layer {
                Layer::Areas { colour, areas } => {
                    for part in areas.iter().filter_map(|area| area.moved(origin.x, origin.y).intersection(inside)) {
                        self.rows_mut(part).for_each(|(_, row)| row.fill(colour | 0xff00_0000));
                    }
                }
                Layer::Picture { at, size, pixels } => {
                    let place = Rect::new(at.x, at.y, size.width, size.height).moved(origin.x, origin.y);
                    let Some(part) = place.intersection(inside) else { continue };
                    for (y, row) in self.rows_mut(part) {
                        let start = (y - place.y) as usize * size.width as usize + (part.x - place.x) as usize;
                        let from = pixels.get(start..).unwrap_or_default();
                        row.iter_mut().zip(from).for_each(|(to, from)| *to = from | 0xff00_0000);
                    }
                }
            }
        }
    }

    fn row(&self, y: i32) -> &[u32] {
        let (width, row) = (self.area.width as usize, (y - self.area.y) as usize);
        self.pixels.get(row * width..(row + 1) * width).unwrap_or_default()
    }
}

impl Composition<'_> {
    /// Puts a part of the pane together, given in pixels from its left top
    /// corner. `out` are the pixels of the whole pane, `0x00RRGGBB`.
    pub fn compose(&self, part: Rect, out: &mut [u32]) {
        let Some(part) = part.intersection(self.pane.size().rect()) else { return };
        if out.len() as u64 != self.pane.size().pixels() {
            return;
        }
        let shown = self.placement.shown(part.moved(self.pane.x, self.pane.y));
        let too_large = self.placement.scale < 1.0 && self.placement.canvas.size().pixels() > MOST_CANVAS_PX;
        let Some(shown) = shown.intersection(self.placement.canvas).filter(|_| !too_large) else {
            self.each_row(part, out, |x, y, row| self.fill_pattern(x, y, row));
            return;
        };
        if shown.size().pixels() > MOST_AT_ONCE_PX && part.height > 1 {
            let upper = Rect { height: part.height / 2, ..part };
            let lower = Rect { y: part.y + upper.height as i32, height: part.height - upper.height, ..part };
            self.compose(upper, out);
            return self.compose(lower, out);
        }
        match self.whole_cover(shown) {
            Some((at, pixels)) if self.placement.scale == 1.0 && self.within_canvas(part) => {
                self.copy(part, at, pixels, out);
            }
            _ => {
                let sheet = self.sheet(shown);
                if self.placement.exact() {
                    self.enlarge(part, &sheet, out);
                } else {
                    self.average(part, &sheet, out);
                }
            }
        }
        self.put_labels(part, out);
    }

    /// Whether a part of the pane shows nothing but canvas.
    fn within_canvas(&self, part: Rect) -> bool {
        let in_window = part.moved(self.pane.x, self.pane.y);
        self.placement.touched(self.placement.canvas).intersection(in_window) == Some(in_window)
    }

    /// Calls with the place of each row of a part, in the pane, and the row.
    fn each_row(&self, part: Rect, out: &mut [u32], mut paint: impl FnMut(usize, usize, &mut [u32])) {
        let (left, top) = (part.x as usize, part.y as usize);
        let rows = out.chunks_exact_mut(self.pane.width.max(1) as usize).enumerate();
        for (y, row) in rows.skip(top).take(part.height as usize) {
            paint(left, y, row.get_mut(left..left + part.width as usize).unwrap_or_default());
        }
    }

    fn fill_pattern(&self, x: usize, y: usize, row: &mut [u32]) {
        for (x, pixel) in (x..).zip(row) {
            *pixel = self.pattern(x, y);
        }
    }

    fn pattern(&self, x: usize, y: usize) -> u32 {
        let [ground, line] = self.look.pattern;
        if is_pattern_line(x, y) { line } else { ground }
    }

    /// A premultiplied pixel over the pattern.
    fn resolve(&self, pixel: u32, x: usize, y: usize) -> u32 {
        if pixel >= 0xff00_0000 { pixel & 0x00ff_ffff } else { over(pixel, self.pattern(x, y)) & 0x00ff_ffff }
    }

    /// The one window that alone is seen in an area, and its pixels.
    fn whole_cover(&self, area: Rect) -> Option<(Point, &WatchedSurface)> {
        let touches = |place: Rect| place.intersection(area).is_some();
        if self.cursor_place().is_some_and(touches)
            || self.ring_place().is_some_and(touches)
            || self.picture.mark_places().into_iter().any(touches)
        {
            return None;
        }
        let order: Vec<_> = layout::painting_order(&self.picture.scene.surfaces).collect();
        let top = order.into_iter().rev().find(|surface| surface.rect.intersection(area).is_some())?;
        let covers = top.state == SurfaceState::Shown && top.rect.intersection(area) == Some(area);
        let pixels = self.pixels(top).filter(|_| covers)?;
        Some((Point { x: top.rect.x, y: top.rect.y }, pixels))
    }

    /// A window's pixels, if there are as many as its size says.
    fn pixels(&self, surface: &Surface) -> Option<&WatchedSurface> {
        let pixels = self.picture.surfaces.get(&surface.id)?;
        (pixels.size == surface.rect.size() && pixels.pixels.len() as u64 == pixels.size.pixels()).then_some(pixels)
    }

    fn ring_place(&self) -> Option<Rect> {
        if self.cursor { self.picture.ring_place() } else { None }
    }

    fn cursor_place(&self) -> Option<Rect> {
        if self.cursor { self.picture.cursor_place() } else { None }
    }

    /// Copies one window's pixels at scale 1.
    fn copy(&self, part: Rect, at: Point, surface: &WatchedSurface, out: &mut [u32]) {
        let Placement { canvas, origin, .. } = self.placement;
        let from = |pane: usize, start: i32, origin: i32, canvas: i32, at: i32| {
            (pane as i64 + i64::from(start) - i64::from(origin) + i64::from(canvas) - i64::from(at)) as usize
        };
        let stride = surface.size.width as usize;
        self.each_row(part, out, |x, y, row| {
            let left = from(x, self.pane.x, origin.x, canvas.x, at.x);
            let top = from(y, self.pane.y, origin.y, canvas.y, at.y);
            let start = top * stride + left;
            if let Some(from) = surface.pixels.get(start..start + row.len()) {
                row.copy_from_slice(from);
            }
        });
    }

    /// All windows of a part of the desktop, and the pointer.
    fn sheet(&self, area: Rect) -> Sheet {
        let mut sheet = Sheet { area, pixels: vec![0; usize::try_from(area.size().pixels()).unwrap_or(0)] };
        for surface in layout::painting_order(&self.picture.scene.surfaces) {
            let Some(part) = surface.rect.intersection(area) else { continue };
            let pixels = self.pixels(surface);
            let veil = (self.look.pattern[0] & 0x00ff_ffff) | 0xff00_0000;
            for (y, row) in sheet.rows_mut(part) {
                let from = pixels.map_or(&[][..], |pixels| pixels.row(y - surface.rect.y, part.x - surface.rect.x));
                match surface.state {
                    SurfaceState::Shown => {
                        row.iter_mut().zip(from).for_each(|(to, from)| *to = from | 0xff00_0000);
                    }
                    SurfaceState::Minimised | SurfaceState::Unavailable if from.is_empty() => row.fill(veil),
                    SurfaceState::Minimised | SurfaceState::Unavailable => {
                        row.iter_mut().zip(from).for_each(|(to, from)| *to = mix(veil, from | 0xff00_0000, VEIL));
                    }
                }
            }
            // Marks lie on their window, and what lies above it on them.
            let marks = self.picture.marks.iter().filter(|(patch, _)| patch.surface == surface.id);
            for (patch, _) in marks.filter(|_| surface.state == SurfaceState::Shown) {
                let origin = Point {
                    x: surface.rect.x.saturating_add(patch.at.x),
                    y: surface.rect.y.saturating_add(patch.at.y),
                };
                sheet.ink(&patch.ink, origin, part);
            }
        }
        if let (Some((ink, _)), Some(at), true) = (&self.picture.ring, self.picture.pointed_at(), self.cursor) {
            sheet.ink(ink, at, area);
        }
        if let (Some(place), Some(cursor)) = (self.cursor_place(), &self.picture.cursor)
            && let Some(part) = place.intersection(area)
        {
            let width = cursor.size.width as usize;
            for (y, row) in sheet.rows_mut(part) {
                let start = (y - place.y) as usize * width + (part.x - place.x) as usize;
                let from = cursor.pixels.get(start..).unwrap_or_default();
                row.iter_mut().zip(from).for_each(|(to, from)| *to = over(*from, *to));
            }
        }
        sheet
    }

    /// Each pixel as a square.
    fn enlarge(&self, part: Rect, sheet: &Sheet, out: &mut [u32]) {
        let columns = |at: usize| self.placement.to_desktop(self.px(at, self.pane.x), 0.0).x;
        let rows = |at: usize| self.placement.to_desktop(0.0, self.px(at, self.pane.y)).y;
        let from: Vec<Option<usize>> = (part.x as usize..part.right() as usize)
            .map(|x| usize::try_from(i64::from(columns(x)) - i64::from(sheet.area.x)).ok())
            .collect();
        self.each_row(part, out, |left, y, row| {
            let desktop = rows(y);
            let inside = desktop >= sheet.area.y && i64::from(desktop) < sheet.area.bottom();
            let source = if inside { sheet.row(desktop) } else { &[] };
            for ((x, pixel), from) in (left..).zip(row).zip(&from) {
                let found = from.and_then(|from| source.get(from)).copied().unwrap_or(0);
                *pixel = self.resolve(found, x, y);
            }
        });
    }

    /// The middle of a pixel of the pane, in the window.
    fn px(&self, at: usize, start: i32) -> f64 {
        at as f64 + f64::from(start) + 0.5
    }

    /// Each pixel as the average of what it covers.
    fn average(&self, part: Rect, sheet: &Sheet, out: &mut [u32]) {
        let Placement { canvas, scale, origin } = self.placement;
        let across = |at: usize| Cover::of(at, self.pane.x, origin.x, canvas.x, scale, sheet.area.x, sheet.area.width);
        let down = |at: usize| Cover::of(at, self.pane.y, origin.y, canvas.y, scale, sheet.area.y, sheet.area.height);
        let columns: Vec<Cover> = (part.x as usize..part.right() as usize).map(across).collect();
        let mut narrow = Narrow { row: None, sums: vec![[0.0; 4]; columns.len()] };
        let mut sums = vec![[0.0; 4]; columns.len()];
        self.each_row(part, out, |left, y, row| {
            sums.fill([0.0; 4]);
            for (source, weight) in down(y).weights() {
                narrow.take(source, sheet, &columns);
                for (sum, part) in sums.iter_mut().zip(&narrow.sums) {
                    for (sum, part) in sum.iter_mut().zip(part) {
                        *sum += part * weight;
                    }
                }
            }
            for ((x, pixel), sum) in (left..).zip(row).zip(&sums) {
                let [alpha, red, green, blue] = sum.map(|sum| (sum + 0.5) as u32);
                let found = (alpha.min(255) << 24) | (red.min(255) << 16) | (green.min(255) << 8) | blue.min(255);
                *pixel = self.resolve(found, x, y);
            }
        });
    }

    /// Labels where their windows are not covered by others.
    fn put_labels(&self, part: Rect, out: &mut [u32]) {
        let order: Vec<_> = layout::painting_order(&self.picture.scene.surfaces).collect();
        for (at, surface) in order.iter().enumerate() {
            let Some(label) = self.labels.get(&surface.id).filter(|_| surface.state != SurfaceState::Shown) else {
                continue;
            };
            let Some(visible) = self.placement.touched(surface.rect).intersection(self.pane) else { continue };
            let middle = |start: i32, length: u32, pane: i32, own: u32| {
                i64::from(start) - i64::from(pane) + (i64::from(length) - i64::from(own)) / 2
            };
            let x = middle(visible.x, visible.width, self.pane.x, label.size.width);
            let y = middle(visible.y, visible.height, self.pane.y, label.size.height);
            let (Ok(x), Ok(y)) = (i32::try_from(x), i32::try_from(y)) else { continue };
            let place = Rect::new(x, y, label.size.width, label.size.height);
            let inside = visible.moved(-self.pane.x, -self.pane.y);
            let Some(common) = place.intersection(part).and_then(|common| common.intersection(inside)) else {
                continue;
            };
            let above = order.get(at + 1..).unwrap_or_default();
            self.each_row(common, out, |left, row_y, row| {
                let start = (row_y as i64 - i64::from(y)) as usize * label.size.width as usize;
                let from = label.pixels.get(start + (left as i64 - i64::from(x)) as usize..).unwrap_or_default();
                for ((column, pixel), from) in (left..).zip(row).zip(from) {
                    let desktop = self.placement.to_desktop(self.px(column, self.pane.x), self.px(row_y, self.pane.y));
                    if !above.iter().any(|above| above.rect.contains(desktop)) {
                        *pixel = over(*from, *pixel) & 0x00ff_ffff;
                    }
                }
            });
        }
    }
}

/// The pixels of the desktop that one pixel of the pane covers in one
/// direction, and how much of it each of them makes up.
struct Cover {
    /// The first, from where the sheet begins.
    first: usize,
    parts: Vec<f32>,
}

impl Cover {
    /// Of pixel `at` of a pane that begins at `pane`, with a canvas that
    /// begins at `origin` and shows the desktop from `canvas` on, on a sheet of
    /// `length` pixels from `sheet` on.
    fn of(at: usize, pane: i32, origin: i32, canvas: i32, scale: f32, sheet: i32, length: u32) -> Self {
        let edge = |at: usize| (at as f64 + f64::from(pane) - f64::from(origin)) / f64::from(scale) + f64::from(canvas);
        let (from, to) = (edge(at), edge(at + 1));
        let (start, end) = (f64::from(sheet), f64::from(sheet) + f64::from(length));
        let (first, last) = (from.floor().max(start), to.ceil().min(end));
        let count = (last - first).max(0.0) as usize;
        let part = |step: usize| {
            let pixel = first + step as f64;
            (((pixel + 1.0).min(to) - pixel.max(from)).max(0.0) / (to - from)) as f32
        };
        Self { first: (first - start).max(0.0) as usize, parts: (0..count).map(part).collect() }
    }

    fn weights(&self) -> impl Iterator<Item = (usize, f32)> {
        (self.first..).zip(self.parts.iter().copied())
    }
}

/// One row of a sheet, averaged across and kept: the next row of the pane may
/// cover a part of it too.
struct Narrow {
    row: Option<usize>,
    /// Alpha, red, green, blue.
    sums: Vec<[f32; 4]>,
}

impl Narrow {
    fn take(&mut self, row: usize, sheet: &Sheet, columns: &[Cover]) {
        if self.row.replace(row) == Some(row) {
            return;
        }
        let pixels = i32::try_from(row).map(|row| sheet.row(sheet.area.y.saturating_add(row))).unwrap_or_default();
        for (sum, cover) in self.sums.iter_mut().zip(columns) {
            *sum = [0.0; 4];
            let covered = pixels.get(cover.first..).unwrap_or_default();
            for (pixel, weight) in covered.iter().zip(&cover.parts) {
                for (sum, part) in sum.iter_mut().zip(pixel.to_be_bytes()) {
                    *sum += f32::from(part) * weight;
                }
            }
        }
    }
}

/// A premultiplied pixel over another one.
fn over(pixel: u32, below: u32) -> u32 {
    let rest = 255 - (pixel >> 24);
    let part = |shift: u32| {
        let below = ((below >> shift & 0xff) * rest + 127) / 255;
        ((pixel >> shift & 0xff) + below).min(255) << shift
    };
    part(24) | part(16) | part(8) | part(0)
}

/// `share` of 255 of one opaque pixel, the rest of another.
fn mix(one: u32, other: u32, share: u32) -> u32 {
    let part =
        |shift: u32| (((one >> shift & 0xff) * share + (other >> shift & 0xff) * (255 - share) + 127) / 255) << shift;
    part(24) | part(16) | part(8) | part(0)
}

#[cfg(test)]
mod tests;
