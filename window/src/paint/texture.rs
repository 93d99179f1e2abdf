//! Pictures that meshes are filled with.

use egui::{Color32, ImageData, TextureFilter, TextureOptions, TextureWrapMode, epaint::ImageDelta};

/// Pixels and how to look between them.
pub(super) struct Texture {
    width: usize,
    height: usize,
    pixels: Vec<Color32>,
    options: TextureOptions,
}

/// How one triangle looks into its texture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sampling {
    /// The pixel that the point lies in.
    Nearest,
    /// Between the four pixels around the point.
    Linear,
    /// The mean of so many by so many points: for pictures that are shown
    /// smaller than they are.
    Mean(u8),
}

/// Most points on a side that a mean is taken of.
const MOST_POINTS: f32 = 8.0;

impl Texture {
    pub(super) fn new(delta: &ImageDelta) -> Self {
        let ImageData::Color(image) = &delta.image;
        let [width, height] = image.size;
        Self { width, height, pixels: image.pixels.clone(), options: delta.options }
    }

    /// Takes over a part; what lies outside is left out.
    pub(super) fn change(&mut self, delta: &ImageDelta) {
        let (ImageData::Color(image), Some([left, top])) = (&delta.image, delta.pos) else { return };
        self.options = delta.options;
        let [width, _] = image.size;
        if width == 0 {
            return;
        }
        let rows = self.pixels.chunks_exact_mut(self.width.max(1)).skip(top);
        for (to, from) in rows.zip(image.pixels.chunks_exact(width)) {
            if let Some(to) = to.get_mut(left..left + width) {
                to.copy_from_slice(from);
            }
        }
    }

    pub(super) fn width(&self) -> f32 {
        self.width as f32
    }

    pub(super) fn height(&self) -> f32 {
        self.height as f32
    }

    /// The way to look into it where one pixel of the screen is `step` pixels
    /// of the texture.
    pub(super) fn sampling(&self, step: f32) -> Sampling {
        let filter = if step > 1.0 { self.options.minification } else { self.options.magnification };
        match (filter, self.options.mipmap_mode) {
            (TextureFilter::Nearest, _) => Sampling::Nearest,
            (TextureFilter::Linear, Some(_)) if step > 1.5 => Sampling::Mean(step.ceil().min(MOST_POINTS) as u8),
            (TextureFilter::Linear, _) => Sampling::Linear,
        }
    }

    /// Pixels of a row that is read from left to right, one for one, with no
    /// end reached; `None` if an end is.
    pub(super) fn run(&self, x: i32, y: i32, len: usize) -> Option<&[Color32]> {
        let (x, y) = (usize::try_from(x).ok()?, usize::try_from(y).ok()?);
        let row = self.pixels.get(y * self.width..(y + 1) * self.width)?;
        row.get(x..x + len)
    }

    /// The colour at a place in pixels of the texture; `step` as for
    /// [`Self::sampling`].
    pub(super) fn at(&self, sampling: Sampling, x: f32, y: f32, step: f32) -> Color32 {
        match sampling {
            Sampling::Nearest => self.pixel(x.floor() as i32, y.floor() as i32),
            Sampling::Linear => self.between(x - 0.5, y - 0.5),
            Sampling::Mean(points) => {
                let (points, mut sum) = (u32::from(points.max(1)), [0_u32; 4]);
                let place = |of: f32, at: u32| of + ((at as f32 + 0.5) / points as f32 - 0.5) * step;
                for at in 0..points * points {
                    let colour = self.between(place(x, at % points) - 0.5, place(y, at / points) - 0.5);
                    for (sum, channel) in sum.iter_mut().zip(colour.to_array()) {
                        *sum += u32::from(channel);
                    }
                }
                let count = points * points;
                let [r, g, b, a] = sum.map(|sum| ((sum + count / 2) / count) as u8);
                Color32::from_rgba_premultiplied(r, g, b, a)
            }
        }
    }

    fn between(&self, x: f32, y: f32) -> Color32 {
        let (left, top) = (x.floor(), y.floor());
        let (right_part, lower_part) = (((x - left) * 256.0) as u32, ((y - top) * 256.0) as u32);
        let (left, top) = (left as i32, top as i32);
        let corner = |dx: i32, dy: i32| self.pixel(left.saturating_add(dx), top.saturating_add(dy)).to_array();
        let mixed = |left_top: u8, right_top: u8, left_bottom: u8, right_bottom: u8| {
            let mix = |one: u32, two: u32, part: u32| one * (256 - part) + two * part;
            let upper = mix(left_top.into(), right_top.into(), right_part);
            let lower = mix(left_bottom.into(), right_bottom.into(), right_part);
            ((mix(upper, lower, lower_part) + (1 << 15)) >> 16) as u8
        };
        let [[r1, g1, b1, a1], [r2, g2, b2, a2]] = [corner(0, 0), corner(1, 0)];
        let [[r3, g3, b3, a3], [r4, g4, b4, a4]] = [corner(0, 1), corner(1, 1)];
        Color32::from_rgba_premultiplied(
            mixed(r1, r2, r3, r4),
            mixed(g1, g2, g3, g4),
            mixed(b1, b2, b3, b4),
            mixed(a1, a2, a3, a4),
        )
    }

    fn pixel(&self, x: i32, y: i32) -> Color32 {
        let (x, y) = (self.wrapped(x, self.width), self.wrapped(y, self.height));
        self.pixels.get(y * self.width + x).copied().unwrap_or(Color32::TRANSPARENT)
    }

    /// What a place beyond the ends means.
    fn wrapped(&self, at: i32, len: usize) -> usize {
        let len = i32::try_from(len).unwrap_or(i32::MAX).max(1);
        let at = match self.options.wrap_mode {
            TextureWrapMode::ClampToEdge => at.clamp(0, len - 1),
            TextureWrapMode::Repeat => at.rem_euclid(len),
            TextureWrapMode::MirroredRepeat => {
                let at = at.rem_euclid(len.saturating_mul(2));
                if at < len { at } else { 2 * len - 1 - at }
            }
        };
        at.unsigned_abs() as usize
    }
}
