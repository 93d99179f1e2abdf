//! Triangles into pixels.
//!
//! A pixel belongs to a triangle if its centre does. A centre on an edge
//! belongs to the triangle whose left or upper edge it is, so that triangles
//! that share an edge leave no gap and paint nothing twice. Corners are rounded
//! to 1/256 of a pixel and all decisions made in whole numbers (J. Pineda,
//! "A Parallel Algorithm for Polygon Rasterization", SIGGRAPH 1988).

use super::texture::{Sampling, Texture};
use egui::{Color32, Mesh, Pos2, epaint::Vertex};
use mitblick_protocol::geometry::{Rect, Size};

/// Parts of a pixel, as a power of two.
const PART_BITS: u32 = 8;
const PARTS: i64 = 1 << PART_BITS;
/// Corners farther away are brought here; it is far outside of any window.
const FAR_PX: f32 = 1e6;

/// Pixels to be painted on.
pub(super) struct Canvas<'a> {
    pixels: &'a mut [u32],
    size: Size,
}

/// A value that changes evenly over a triangle: its value at the corner of the
/// first pixel, and its growth to the right and down.
#[derive(Clone, Copy, Default)]
struct Plane {
    origin: f32,
    right: f32,
    down: f32,
}

impl Plane {
    /// Through these values at the corners.
    fn through(corners: [Pos2; 3], values: [f32; 3]) -> Self {
        let ([a, b, c], [at_a, at_b, at_c]) = (corners, values);
        let (ab, ac) = (b - a, c - a);
        let area = ab.x * ac.y - ab.y * ac.x;
        let (to_b, to_c) = (at_b - at_a, at_c - at_a);
        let right = (to_b * ac.y - to_c * ab.y) / area;
        let down = (to_c * ab.x - to_b * ac.x) / area;
        Self { origin: at_a - right * a.x - down * a.y, right, down }
    }

    /// At the centre of a pixel.
    fn at(&self, x: i32, y: i32) -> f32 {
        self.origin + self.right * (x as f32 + 0.5) + self.down * (y as f32 + 0.5)
    }
}

/// What a triangle is filled with.
enum Fill<'a> {
    /// One colour.
    Plain(Color32),
    /// Colours that change evenly: red, green, blue, alpha.
    Shaded([Plane; 4]),
    /// A picture, coloured.
    Picture { texture: &'a Texture, sampling: Sampling, x: Plane, y: Plane, step: f32, tint: Tint },
}

enum Tint {
    Plain(Color32),
    Shaded([Plane; 4]),
}

impl<'a> Canvas<'a> {
    /// On pixels of this size, `0x00RRGGBB`, row by row.
    pub(super) fn new(pixels: &'a mut [u32], size: Size) -> Self {
        Self { pixels, size }
    }

    /// Covers an area.
    pub(super) fn fill(&mut self, area: Rect, colour: Color32) {
        let colour = colour.to_opaque();
        for y in area.y.into()..area.bottom() {
            if let Some(row) = self.row(y, area.x.into(), area.right()) {
                row.fill(rgb(colour));
            }
        }
    }

    /// Paints a mesh whose places are in points, inside of `clip`.
    pub(super) fn mesh(&mut self, mesh: &Mesh, pixels_per_point: f32, clip: Rect, texture: &Texture) {
        let Some(clip) = clip.intersection(self.size.rect()) else { return };
        for triangle in mesh.indices.chunks_exact(3) {
            let [a, b, c] = [0, 1, 2].map(|corner| triangle.get(corner).and_then(|&at| mesh.vertices.get(at as usize)));
            if let (Some(a), Some(b), Some(c)) = (a, b, c) {
                self.triangle([a, b, c], pixels_per_point, clip, texture);
            }
        }
    }

    fn triangle(&mut self, corners: [&Vertex; 3], pixels_per_point: f32, clip: Rect, texture: &Texture) {
        if corners.iter().all(|corner| corner.color == Color32::TRANSPARENT) {
            return;
        }
        let places = corners.map(|corner| {
            let place = |value: f32| (value * pixels_per_point).clamp(-FAR_PX, FAR_PX);
            Pos2::new(place(corner.pos.x), place(corner.pos.y))
        });
        let Some(shape) = Shape::new(places) else { return };
        let Some(bounds) = shape.bounds().intersection(clip) else { return };
        let fill = Fill::new(corners, places, texture);
        for y in bounds.y.into()..bounds.bottom() {
            let (from, to) = shape.row(y);
            let (from, to) = (from.max(bounds.x.into()), to.min(bounds.right()));
            if from < to
                && let Some(row) = self.row(y, from, to)
            {
                fill.paint(row, from as i32, y as i32);
            }
        }
    }

    fn row(&mut self, y: i64, from: i64, to: i64) -> Option<&mut [u32]> {
        let start = usize::try_from(y).ok()? * self.size.width as usize;
        self.pixels.get_mut(start + usize::try_from(from).ok()?..start + usize::try_from(to).ok()?)
    }
}

/// Three edges in whole numbers.
struct Shape {
    edges: [Edge; 3],
    bounds: Rect,
}

/// The pixels at whose centre `value - x * PARTS * rise` is not negative are on
/// the inner side.
struct Edge {
    from: (i64, i64),
    run: i64,
    rise: i64,
    /// 0 if centres on the edge are inside, -1 if not.
    bias: i64,
}

impl Shape {
    /// `None` if it has no area.
    fn new(places: [Pos2; 3]) -> Option<Self> {
        let part = |value: f32| (value * PARTS as f32).round() as i64;
        let [a, mut b, mut c] = places.map(|place| (part(place.x), part(place.y)));
        let area = (b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0);
        if area == 0 {
            return None;
        }
        if area < 0 {
            std::mem::swap(&mut b, &mut c);
        }
        let edge = |from: (i64, i64), to: (i64, i64)| {
            let (run, rise) = (to.0 - from.0, to.1 - from.1);
            let left_or_upper = rise < 0 || (rise == 0 && run > 0);
            Edge { from, run, rise, bias: if left_or_upper { 0 } else { -1 } }
        };
        let (left, right) = (a.0.min(b.0).min(c.0), a.0.max(b.0).max(c.0));
        let (top, bottom) = (a.1.min(b.1).min(c.1), a.1.max(b.1).max(c.1));
        let (left, top) = (left >> PART_BITS, top >> PART_BITS);
        let length = |from: i64, to: i64| u32::try_from((to >> PART_BITS) + 1 - from).unwrap_or(0);
        let bounds = Rect::new(left as i32, top as i32, length(left, right), length(top, bottom));
        Some(Self { edges: [edge(a, b), edge(b, c), edge(c, a)], bounds })
    }

    /// All pixels that can belong to it.
    fn bounds(&self) -> Rect {
        self.bounds
    }

    /// First pixel of a row that belongs to it, and the first behind it.
    fn row(&self, y: i64) -> (i64, i64) {
        let centre = y * PARTS + PARTS / 2;
        let (mut from, mut to) = (i64::from(i32::MIN), i64::from(i32::MAX));
        for edge in &self.edges {
            let value = edge.run * (centre - edge.from.1) - edge.rise * (PARTS / 2 - edge.from.0) + edge.bias;
            let fall = edge.rise * PARTS;
            if fall > 0 {
                to = to.min(value.div_euclid(fall) + 1);
            } else if fall < 0 {
                from = from.max(-value.div_euclid(-fall));
            } else if value < 0 {
                return (0, 0);
            }
        }
        (from, to)
    }
}

impl<'a> Fill<'a> {
    fn new(corners: [&Vertex; 3], places: [Pos2; 3], texture: &'a Texture) -> Self {
        let colours = corners.map(|corner| corner.color);
        let looks = corners.map(|corner| corner.uv);
        let [first, second, third] = colours;
        let plain = (first == second && second == third).then_some(first);
        let shaded = |colours: [Color32; 3]| {
            let [[r1, g1, b1, a1], [r2, g2, b2, a2], [r3, g3, b3, a3]] = colours.map(|colour| colour.to_array());
            let channels = [[r1, r2, r3], [g1, g2, g3], [b1, b2, b3], [a1, a2, a3]];
            channels.map(|channel| Plane::through(places, channel.map(f32::from)))
        };
        if looks[0] == looks[1] && looks[1] == looks[2] {
            let look = looks[0];
            let texel = texture.at(Sampling::Nearest, look.x * texture.width(), look.y * texture.height(), 1.0);
            return match plain {
                Some(colour) => Self::Plain(tinted(texel, colour)),
                None => Self::Shaded(shaded(colours.map(|colour| tinted(texel, colour)))),
            };
        }
        let x = Plane::through(places, looks.map(|look| look.x * texture.width()));
        let y = Plane::through(places, looks.map(|look| look.y * texture.height()));
        let step = (x.right.hypot(y.right)).max(x.down.hypot(y.down));
        let tint = plain.map_or_else(|| Tint::Shaded(shaded(colours)), Tint::Plain);
        let sampling = if is_one_to_one(x, y, places) { Sampling::Nearest } else { texture.sampling(step) };
        Self::Picture { texture, sampling, x, y, step, tint }
    }

    /// Paints pixels of a row, from `x` on.
    fn paint(&self, row: &mut [u32], x: i32, y: i32) {
        match self {
            Self::Plain(colour) if colour.is_opaque() => row.fill(rgb(*colour)),
            Self::Plain(colour) => row.iter_mut().for_each(|pixel| *pixel = over(*pixel, *colour)),
            Self::Shaded(planes) => {
                for (pixel, x) in row.iter_mut().zip(x..) {
                    *pixel = over(*pixel, shade(planes, x, y));
                }
            }
            Self::Picture { texture, sampling, x: across, y: along, step, tint } => {
                // A picture at its own size is copied in one go.
                if let (Sampling::Nearest, Tint::Plain(tint)) = (sampling, tint)
                    && *tint == Color32::WHITE
                    && is_level(*across, *along, row.len())
                    && let Some(run) = texture.run(floor(across.at(x, y)), floor(along.at(x, y)), row.len())
                {
                    for (pixel, colour) in row.iter_mut().zip(run) {
                        *pixel = over(*pixel, *colour);
                    }
                    return;
                }
                for (pixel, x) in row.iter_mut().zip(x..) {
                    let colour = texture.at(*sampling, across.at(x, y), along.at(x, y), *step);
                    if colour == Color32::TRANSPARENT {
                        continue;
                    }
                    let tint = match tint {
                        Tint::Plain(tint) => *tint,
                        Tint::Shaded(planes) => shade(planes, x, y),
                    };
                    *pixel = over(*pixel, tinted(colour, tint));
                }
            }
        }
    }
}

fn floor(value: f32) -> i32 {
    value.floor() as i32
}

/// Whether each pixel to the right is the next of the texture, over so many.
fn is_level(x: Plane, y: Plane, len: usize) -> bool {
    let drift = (x.right - 1.0).abs().max(y.right.abs());
    drift * (len as f32) < 0.25
}

/// Whether pixels of the texture fall on pixels of the screen, so that looking
/// between them would only blur.
fn is_one_to_one(x: Plane, y: Plane, places: [Pos2; 3]) -> bool {
    const NEARLY: f32 = 0.02;
    let bounds = egui::Rect::from_points(&places);
    let extent = bounds.width().max(bounds.height());
    let drift =
        [x.right - 1.0, x.down, y.right, y.down - 1.0].into_iter().fold(0.0, |most: f32, one| most.max(one.abs()));
    let centred = |plane: Plane| (plane.at(floor(bounds.min.x), floor(bounds.min.y)).rem_euclid(1.0) - 0.5).abs();
    drift * extent < NEARLY && centred(x) < NEARLY && centred(y) < NEARLY
}

fn shade(planes: &[Plane; 4], x: i32, y: i32) -> Color32 {
    let [r, g, b, a] = planes.each_ref().map(|plane| (plane.at(x, y) + 0.5).clamp(0.0, 255.0) as u8);
    Color32::from_rgba_premultiplied(r, g, b, a)
}

/// The product of two premultiplied colours.
fn tinted(colour: Color32, tint: Color32) -> Color32 {
    if tint == Color32::WHITE {
        return colour;
    }
    let product = |one: u8, two: u8| of_255(u32::from(one) * u32::from(two)) as u8;
    let ([r, g, b, a], [tint_r, tint_g, tint_b, tint_a]) = (colour.to_array(), tint.to_array());
    Color32::from_rgba_premultiplied(product(r, tint_r), product(g, tint_g), product(b, tint_b), product(a, tint_a))
}

/// A product of two values out of 255, out of 255 again, rounded.
fn of_255(product: u32) -> u32 {
    let product = product + 128;
    (product + (product >> 8)) >> 8
}

fn rgb(colour: Color32) -> u32 {
    let [r, g, b, _] = colour.to_array();
    u32::from_be_bytes([0, r, g, b])
}

/// A premultiplied colour over a pixel.
fn over(pixel: u32, colour: Color32) -> u32 {
    let [r, g, b, a] = colour.to_array();
    if a == u8::MAX {
        return rgb(colour);
    }
    let under = u32::from(u8::MAX - a);
    let [_, below_r, below_g, below_b] = pixel.to_be_bytes();
    let mix = |above: u8, below: u8| (u32::from(above) + of_255(u32::from(below) * under)).min(255) as u8;
    u32::from_be_bytes([0, mix(r, below_r), mix(g, below_g), mix(b, below_b)])
}
