//! What the measurements share: recorded screens, and how long to measure.
//!
//! `cargo bench -p mitblick-benches` runs all of them, `cargo run -p
//! mitblick-benches --bin bench-table` measures what pictures cost, and prints
//! that and the last results of the others as tables.

pub mod content;
pub mod figures;

use anyhow::{Context, ensure};
use criterion::Criterion;
use mitblick_picture::PixelSource;
use mitblick_protocol::{
    geometry::{Rect, Size},
    peer_msg::SurfaceId,
};
use std::{convert::Infallible, fs::File, io::BufReader, path::Path, time::Duration};

/// Short, so that the whole suite stays under three minutes on two cores.
pub fn criterion() -> Criterion {
    Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(1000))
        .without_plots()
        .configure_from_args()
}

/// The only surface of a recording.
pub const SURFACE: SurfaceId = SurfaceId(0x0040_000d);

/// A still picture of a window, `0x00RRGGBB`.
#[derive(Clone, Debug)]
pub struct Recording {
    /// In pixels.
    pub size: Size,
    /// Row by row.
    pub pixels: Vec<u32>,
}

impl Recording {
    /// One of `benches/recordings`, by its name without extension.
    ///
    /// # Errors
    /// It is not there, or no PNG of 8 bits a sample.
    pub fn load(name: &str) -> anyhow::Result<Self> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings").join(name).with_extension("png");
        let file = File::open(&path).with_context(|| format!("no recording {}", path.display()))?;
        let mut decoder = png::Decoder::new(BufReader::new(file));
        decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::STRIP_16);
        let mut reader = decoder.read_info()?;
        let mut bytes = vec![0; reader.output_buffer_size().context("too large")?];
        let info = reader.next_frame(&mut bytes)?;
        let colour = |sample: &[u8]| match *sample {
            [grey] | [grey, _] => u32::from_be_bytes([0, grey, grey, grey]),
            [red, green, blue, ..] => u32::from_be_bytes([0, red, green, blue]),
            [] => 0,
        };
        let pixels: Vec<u32> = bytes.chunks_exact(info.color_type.samples()).map(colour).collect();
        let size = Size { width: info.width, height: info.height };
        ensure!(pixels.len() as u64 == size.pixels(), "{name} has {} pixels", pixels.len());
        Ok(Self { size, pixels })
    }

    /// The bounds of what differs from another of the same size.
    pub fn difference(&self, other: &Self) -> Rect {
        let pairs = self.pixels.iter().zip(&other.pixels).enumerate().filter(|(_, (a, b))| a != b);
        pairs.fold(Rect::default(), |bounds, (at, _)| {
            let (x, y) = (at as u32 % self.size.width, at as u32 / self.size.width);
            bounds.union(Rect::new(x as i32, y as i32, 1, 1))
        })
    }
}

impl PixelSource for Recording {
    type Error = Infallible;

    fn read(&mut self, _: SurfaceId, area: Rect, out: &mut Vec<u32>) -> Result<(), Infallible> {
        out.clear();
        let (left, right) = (area.x as usize, area.right() as usize);
        let rows = self.pixels.chunks_exact(self.size.width as usize);
        for row in rows.skip(area.y as usize).take(area.height as usize) {
            out.extend_from_slice(&row[left..right]);
        }
        Ok(())
    }
}
