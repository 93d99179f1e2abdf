//! A screen made of random pixels, for tests: the source, and the truth to
//! compare with.
#![allow(dead_code, unreachable_pub, reason = "part of several test programs; none uses all of it")]

use mitblick_picture::PixelSource;
use mitblick_protocol::{
    geometry::{Point, Rect, Size},
    peer_msg::SurfaceId,
};
use std::collections::BTreeMap;

/// Small and repeatable (SplitMix64).
#[derive(Clone, Debug)]
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, limit: u32) -> u32 {
        (self.next() % u64::from(limit.max(1))) as u32
    }

    /// Any rectangle, sane or not.
    pub fn rect(&mut self) -> Rect {
        let number = |random: &mut Self| match random.below(4) {
            0 => random.next() as i32,
            _ => random.below(400) as i32 - 100,
        };
        Rect::new(number(self), number(self), number(self) as u32, number(self) as u32)
    }

    fn colour(&mut self) -> u32 {
        self.next() as u32 & 0x00ff_ffff
    }
}

/// This surface has no pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gone;

/// The surfaces and their present pixels.
#[derive(Debug, Default)]
pub struct Screen {
    surfaces: BTreeMap<SurfaceId, (Size, Vec<u32>)>,
    /// All reads so far.
    pub reads: Vec<(SurfaceId, Rect)>,
    /// This one can't be read.
    pub gone: Option<SurfaceId>,
}

impl Screen {
    pub fn open(&mut self, id: SurfaceId, size: Size) {
        self.surfaces.insert(id, (size, vec![0; size.pixels() as usize]));
    }

    pub fn close(&mut self, id: SurfaceId) {
        self.surfaces.remove(&id);
    }

    /// A new size, its pixels new as well.
    pub fn resize(&mut self, id: SurfaceId, size: Size) {
        let colour = self.surfaces.get(&id).and_then(|(_, pixels)| pixels.first().copied()).unwrap_or(0);
        self.surfaces.insert(id, (size, vec![colour; size.pixels() as usize]));
    }

    pub fn sizes(&self) -> Vec<(SurfaceId, Size)> {
        self.surfaces.iter().map(|(&id, (size, _))| (id, *size)).collect()
    }

    pub fn size(&self, id: SurfaceId) -> Option<Size> {
        self.surfaces.get(&id).map(|(size, _)| *size)
    }

    pub fn pixels(&self, id: SurfaceId) -> &[u32] {
        &self.surfaces[&id].1
    }

    /// Draws with a function of the pixel's place; the area is clipped.
    pub fn draw(&mut self, id: SurfaceId, area: Rect, mut colour: impl FnMut(i32, i32) -> u32) {
        let Some((size, pixels)) = self.surfaces.get_mut(&id) else { return };
        let Some(area) = area.intersection(size.rect()) else { return };
        for y in area.y..area.bottom() as i32 {
            for x in area.x..area.right() as i32 {
                pixels[y as usize * size.width as usize + x as usize] = colour(x, y);
            }
        }
    }

    pub fn fill(&mut self, id: SurfaceId, area: Rect, colour: u32) {
        self.draw(id, area, |_, _| colour);
    }

    pub fn noise(&mut self, id: SurfaceId, area: Rect, random: &mut Random) {
        self.draw(id, area, |_, _| random.colour());
    }

    /// Moves what is in the area by so much, as far as it stays inside of it.
    pub fn scroll(&mut self, id: SurfaceId, area: Rect, dx: i32, dy: i32) {
        let Some((size, pixels)) = self.surfaces.get(&id) else { return };
        let (before, stride) = (pixels.clone(), size.width as usize);
        let Some(area) = area.intersection(size.rect()) else { return };
        self.draw(id, area, |x, y| {
            let from = Point { x: x - dx, y: y - dy };
            let from = if area.contains(from) { from } else { Point { x, y } };
            before[from.y as usize * stride + from.x as usize]
        });
    }

    /// All pixels of a surface at once, to show them again later.
    pub fn show(&mut self, id: SurfaceId, shown: &[u32]) {
        let Some((_, pixels)) = self.surfaces.get_mut(&id) else { return };
        assert_eq!(pixels.len(), shown.len());
        pixels.copy_from_slice(shown);
    }

    /// Something like a page of text, another for each seed.
    pub fn page(&mut self, id: SurfaceId, seed: u64) {
        let Some(size) = self.size(id) else { return };
        let mut random = Random(seed);
        let letters: Vec<u64> = (0..64).map(|_| random.next()).collect();
        let lines: Vec<u64> = (0..size.height / 12 + 1).map(|_| random.next()).collect();
        self.draw(id, size.rect(), |x, y| {
            let line = lines[(y / 12) as usize];
            let letter = letters[(line.wrapping_mul((x / 7 + 3) as u64) >> 58) as usize];
            let ink = y % 12 < 9 && x % 7 < 6 && letter >> ((y % 12) * 6 + x % 7) & 1 == 1;
            if ink { 0x0020_3040 } else { 0x00fe_fefe }
        });
    }

    /// Random drawings of all kinds; gives the places.
    pub fn scribble(&mut self, random: &mut Random, times: u32) -> Vec<(SurfaceId, Rect)> {
        let mut places = Vec::new();
        let sizes = self.sizes();
        for _ in 0..times {
            if sizes.is_empty() {
                break;
            }
            let (id, size) = sizes[random.below(sizes.len() as u32) as usize];
            let (x, y) = (random.below(size.width) as i32, random.below(size.height) as i32);
            let area = Rect::new(x, y, 1 + random.below(size.width), 1 + random.below(size.height));
            let small = Rect { width: area.width.min(16), height: area.height.min(16), ..area };
            let (area, colour) = (if random.below(2) == 0 { small } else { area }, random.colour());
            match random.below(5) {
                0 => self.fill(id, area, colour),
                1 => self.noise(id, area, random),
                // As much as text as random gets: few colours.
                2 => {
                    let colours: Vec<u32> = (0..2 + random.below(14)).map(|_| random.colour()).collect();
                    self.draw(id, area, |_, _| colours[random.below(colours.len() as u32) as usize]);
                }
                3 => {
                    let colours: Vec<u32> = (0..2 + random.below(300)).map(|_| random.colour()).collect();
                    self.draw(id, area, |_, _| colours[random.below(colours.len() as u32) as usize]);
                }
                _ => self.draw(id, area, |x, y| colour.wrapping_add((x * 3 + y * 0x0002_0100) as u32) & 0x00ff_ffff),
            }
            places.push((id, area));
        }
        places
    }
}

impl PixelSource for Screen {
    type Error = Gone;

    fn read(&mut self, surface: SurfaceId, area: Rect, out: &mut Vec<u32>) -> Result<(), Gone> {
        if self.gone == Some(surface) {
            return Err(Gone);
        }
        self.reads.push((surface, area));
        let (size, pixels) = &self.surfaces[&surface];
        assert_eq!(area.intersection(size.rect()), Some(area), "read outside of the surface");
        out.clear();
        for row in pixels.chunks(size.width as usize).skip(area.y as usize).take(area.height as usize) {
            out.extend_from_slice(&row[area.x as usize..area.x as usize + area.width as usize]);
        }
        Ok(())
    }
}
