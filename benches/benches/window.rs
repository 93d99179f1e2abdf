//! Painting a window of egui into pixels: all of it, as when it opens or
//! changes its size, and what one line of text that changes costs. The window
//! is a page of text and buttons as the programs have them.

use criterion::{Criterion, Throughput, criterion_main};
use egui::{CentralPanel, Color32, Context, RawInput, ScrollArea, TexturesDelta, pos2, vec2};
use mitblick_benches::criterion;
use mitblick_protocol::geometry::Size;
use mitblick_window::paint::{Frame, Painter};

/// Of the window, in pixels.
const SIZE: Size = Size { width: 1100, height: 760 };
/// The colours under everything, one after the other: another one means that
/// all has to be painted again.
const BACKGROUNDS: [Color32; 2] = [Color32::from_gray(16), Color32::from_gray(24)];

/// Lays out the page, and paints it for the first time.
struct Page {
    ctx: Context,
    painter: Painter,
    pixels_per_point: f32,
}

impl Page {
    fn new(pixels_per_point: f32) -> Self {
        let mut page = Self { ctx: Context::default(), painter: Painter::default(), pixels_per_point };
        // The second time all glyphs are known.
        for _ in 0..2 {
            let frame = page.frame(0, BACKGROUNDS[0]);
            page.painter.paint(frame);
        }
        page
    }

    fn frame(&mut self, count: usize, background: Color32) -> Frame {
        let points = vec2(SIZE.width as f32, SIZE.height as f32) / self.pixels_per_point;
        let screen_rect = Some(egui::Rect::from_min_size(pos2(0.0, 0.0), points));
        let mut input = RawInput { screen_rect, ..RawInput::default() };
        input.viewports.entry(input.viewport_id).or_default().native_pixels_per_point = Some(self.pixels_per_point);
        let output = self.ctx.run_ui(input, |ui| {
            CentralPanel::default().show(ui, |ui| {
                ui.heading(format!("Changed {} times", count % 2));
                ScrollArea::vertical().show(ui, |ui| {
                    for line in 0..60 {
                        ui.horizontal(|ui| {
                            let _ = ui.button(format!("Show {line}"));
                            ui.label("Nothing is shown before you choose it, and you take it back at any time.");
                        });
                    }
                });
            });
        });
        Frame {
            size: SIZE,
            pixels_per_point: self.pixels_per_point,
            background,
            primitives: self.ctx.tessellate(output.shapes, self.pixels_per_point),
            textures: output.textures_delta,
        }
    }

    /// Two frames that differ in one line, or in what is under everything,
    /// with nothing to be told of textures.
    fn two(&mut self, whole: bool) -> [Frame; 2] {
        let [first, second] = BACKGROUNDS;
        let frames = [self.frame(0, first), self.frame(1, if whole { second } else { first })];
        frames.map(|frame| {
            let textures = frame.textures.clone();
            self.painter.paint(Frame { textures, primitives: frame.primitives.clone(), ..frame });
            Frame { textures: TexturesDelta::default(), ..frame }
        })
    }
}

fn measure(criterion: &mut Criterion, name: &str, whole: bool) {
    let mut group = criterion.benchmark_group(name);
    for (scale, pixels_per_point) in [("100 %", 1.0), ("200 %", 2.0)] {
        let mut page = Page::new(pixels_per_point);
        let frames = page.two(whole);
        let mut count = 0;
        if whole {
            group.throughput(Throughput::Elements(SIZE.pixels()));
        }
        group.bench_function(scale, |bencher| {
            let next = || {
                count += 1;
                let frame = &frames[count % 2];
                let textures = TexturesDelta::default();
                Frame { textures, primitives: frame.primitives.clone(), ..*frame }
            };
            bencher.iter_batched(next, |frame| page.painter.paint(frame), criterion::BatchSize::SmallInput);
        });
    }
    group.finish();
}

fn window() {
    let mut criterion = criterion();
    measure(&mut criterion, "window painted", true);
    measure(&mut criterion, "line painted", false);
}

criterion_main!(window);
