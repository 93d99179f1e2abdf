//! Pixels of a screen at one moment, and questions about them.

use mitblick_protocol::geometry::{Point, Rect, Size};
use std::{fs::File, os::unix::fs::FileExt, path::Path};

/// Colours of a picture, `0x00RRGGBB`, row by row.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `width * height` colours.
    pub pixels: Vec<u32>,
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Frame({}x{})", self.width, self.height)
    }
}

impl Frame {
    /// A picture of one colour.
    pub fn plain(size: Size, colour: u32) -> Self {
        let (width, height) = (size.width as usize, size.height as usize);
        Self { width, height, pixels: vec![colour; width * height] }
    }

    /// One row of pixels.
    pub fn row(&self, y: usize) -> &[u32] {
        &self.pixels[y * self.width..(y + 1) * self.width]
    }

    /// The whole as a rectangle.
    pub fn rect(&self) -> Rect {
        Rect::new(0, 0, self.width as u32, self.height as u32)
    }

    /// The colour at a place; `None` outside.
    pub fn at(&self, x: i32, y: i32) -> Option<u32> {
        self.rect().contains(Point { x, y }).then(|| self.pixels[y as usize * self.width + x as usize])
    }

    /// A part of it.
    ///
    /// # Panics
    /// If the part sticks out.
    #[track_caller]
    pub fn part(&self, area: Rect) -> Self {
        assert_eq!(self.rect().intersection(area), Some(area), "a part inside of {self:?}");
        let (x, y) = (area.x as usize, area.y as usize);
        let (width, height) = (area.width as usize, area.height as usize);
        let pixels = (y..y + height).flat_map(|row| &self.row(row)[x..x + width]).copied().collect();
        Self { width, height, pixels }
    }

    /// Fills a part of it, as far as it is inside.
    pub fn fill(&mut self, area: Rect, colour: u32) {
        let Some(area) = self.rect().intersection(area) else { return };
        for y in area.y as usize..area.bottom() as usize {
            let row = y * self.width;
            self.pixels[row + area.x as usize..row + area.right() as usize].fill(colour);
        }
    }

    /// Where `other` shows in this picture, pixel by pixel the same.
    ///
    /// Looks for the row of `other` that has the most changes of colour, so
    /// that plain areas do not cost time.
    pub fn find(&self, other: &Self) -> Option<Point> {
        if other.width == 0 || other.height == 0 || other.width > self.width || other.height > self.height {
            return None;
        }
        let changes = |row: &[u32]| row.windows(2).filter(|pair| pair[0] != pair[1]).count();
        let key = (0..other.height).max_by_key(|&y| changes(other.row(y)))?;
        let wanted = other.row(key);
        // The first change of colour inside the row tells places apart quickly.
        let lead = wanted.windows(2).position(|pair| pair[0] != pair[1]).unwrap_or(0);
        let probe = &wanted[lead..other.width.min(lead + 2)];
        for y in key..=self.height - (other.height - key) {
            let row = self.row(y);
            for x in 0..=self.width - other.width {
                let here = row[x + lead..].starts_with(probe) && row[x..].starts_with(wanted);
                if here && self.differences_at(other, x, y - key) == 0 {
                    return Some(Point { x: x as i32, y: (y - key) as i32 });
                }
            }
        }
        None
    }

    /// How many pixels differ from `other` when that is laid at this place.
    pub fn differences_at(&self, other: &Self, x: usize, y: usize) -> usize {
        if x + other.width > self.width || y + other.height > self.height {
            return other.pixels.len();
        }
        let rows = (0..other.height).map(|row| {
            let ours = &self.row(y + row)[x..x + other.width];
            ours.iter().zip(other.row(row)).filter(|(a, b)| a != b).count()
        });
        rows.sum()
    }

    /// Pixels that the question is answered with yes for.
    pub fn count(&self, is: impl Fn(u32) -> bool) -> usize {
        self.pixels.iter().filter(|&&colour| is(colour)).count()
    }

    /// Writes it as a PNG file.
    ///
    /// # Panics
    /// If that fails.
    pub fn save(&self, path: &Path) {
        let file = File::create(path).expect("a picture file");
        let mut encoder = png::Encoder::new(std::io::BufWriter::new(file), self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let bytes: Vec<u8> = self.pixels.iter().flat_map(|c| [(c >> 16) as u8, (c >> 8) as u8, *c as u8]).collect();
        let mut writer = encoder.write_header().expect("a picture file");
        writer.write_image_data(&bytes).expect("a picture file");
    }
}

/// The frame buffer of an X server that keeps it in a file. Reading asks the
/// server nothing, so it shows what is there even while the server is busy or
/// a program holds it.
pub struct FrameBuffer {
    file: File,
    size: Size,
    /// Bytes before the first pixel.
    offset: u64,
    /// Bytes of one row.
    stride: usize,
}

impl FrameBuffer {
    /// Opens a file in XWD format with 32-bit little-endian pixels.
    ///
    /// # Panics
    /// If it is not one.
    pub fn open(path: &Path) -> Self {
        let file = File::open(path).expect("the frame buffer file");
        let mut header = [0u8; 100];
        file.read_exact_at(&mut header, 0).expect("the frame buffer's header");
        let word =
            |n: usize| u32::from_be_bytes([header[4 * n], header[4 * n + 1], header[4 * n + 2], header[4 * n + 3]]);
        assert_eq!((word(1), word(7), word(11)), (7, 0, 32), "XWD 7, little endian, 32 bits a pixel");
        // A header of `word(0)` bytes, then `word(19)` colours of 12 bytes.
        let offset = u64::from(word(0)) + 12 * u64::from(word(19));
        Self { file, size: Size { width: word(4), height: word(5) }, offset, stride: word(12) as usize }
    }

    /// Its size.
    pub fn size(&self) -> Size {
        self.size
    }

    /// What it shows at this moment.
    ///
    /// # Panics
    /// If it can't be read.
    pub fn frame(&self) -> Frame {
        self.frame_part(self.size.rect())
    }

    /// What a part of it shows at this moment.
    ///
    /// # Panics
    /// If it can't be read, or the part sticks out.
    #[track_caller]
    pub fn frame_part(&self, area: Rect) -> Frame {
        assert_eq!(self.size.rect().intersection(area), Some(area), "a part inside of the screen");
        let (width, height) = (area.width as usize, area.height as usize);
        let mut bytes = vec![0u8; self.stride * height];
        self.file
            .read_exact_at(&mut bytes, self.offset + self.stride as u64 * area.y as u64)
            .expect("the frame buffer");
        let left = 4 * area.x as usize;
        let rows = bytes.chunks_exact(self.stride).flat_map(|row| row[left..left + 4 * width].chunks_exact(4));
        let pixels = rows.map(|p| u32::from_le_bytes([p[0], p[1], p[2], 0])).collect();
        Frame { width, height, pixels }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(width: usize, height: usize) -> Frame {
        let pixels = (0..width * height).map(|i| (i as u32).wrapping_mul(2_654_435_761) >> 8).collect();
        Frame { width, height, pixels }
    }

    #[test]
    fn a_part_is_found_where_it_was_cut_out() {
        let whole = noise(90, 70);
        let part = whole.part(Rect::new(31, 17, 20, 30));
        assert_eq!(whole.find(&part), Some(Point { x: 31, y: 17 }));
    }

    #[test]
    fn one_different_pixel_is_not_found() {
        let whole = noise(90, 70);
        let mut part = whole.part(Rect::new(70, 40, 20, 30));
        part.pixels[0] ^= 1;
        assert_eq!(whole.find(&part), None);
        assert_eq!(whole.differences_at(&part, 70, 40), 1);
    }

    #[test]
    fn a_plain_picture_is_found_at_its_first_place() {
        let mut whole = Frame::plain(Size { width: 40, height: 40 }, 1);
        whole.fill(Rect::new(10, 20, 9, 9), 2);
        let part = Frame::plain(Size { width: 9, height: 9 }, 2);
        assert_eq!(whole.find(&part), Some(Point { x: 10, y: 20 }));
    }
}
