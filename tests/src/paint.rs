//! Windows that do as they are told and write down what reaches them.
//!
//! [`Painter`] drives the program `mitblick-painter` (one process, so one
//! application, with any number of windows) and keeps a copy of what each of
//! its windows shows, so that a test knows every pixel without asking anyone.

use crate::{
    frame::Frame,
    launch::{Launch, Place},
    programs,
    screen::{Screen, SeenWindow},
    talker::Talker,
    wait,
};
use mitblick_protocol::geometry::{Point, Rect, Size};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// One pixel of noise: the same for the same arguments, everywhere.
pub fn noise(seed: u32, x: i32, y: i32) -> u32 {
    let mut v = seed ^ (x as u32).wrapping_mul(0x9e37_79b9) ^ (y as u32).wrapping_mul(0x85eb_ca6b);
    v = (v ^ (v >> 16)).wrapping_mul(0x7feb_352d);
    v = (v ^ (v >> 15)).wrapping_mul(0x846c_a68b);
    // Never near the canary colours, which have a red of 0xe0 and more.
    ((v ^ (v >> 16)) & 0x007f_ffff) | 0x0000_4000
}

/// One of a painter's windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Canvas(u32);

/// How a window is to be.
#[derive(Clone, Debug)]
pub struct CanvasOptions {
    /// Its title; also how it is found on the screen.
    pub title: String,
    /// Where and how large.
    pub rect: Rect,
    /// Its colour all over.
    pub colour: u32,
    /// Passes by the window manager, as menus and tooltips do.
    pub popup: bool,
    /// Has an alpha channel, of zeros.
    pub alpha: bool,
}

impl CanvasOptions {
    /// An ordinary window.
    pub fn new(title: &str, rect: Rect, colour: u32) -> Self {
        Self { title: title.to_owned(), rect, colour, popup: false, alpha: false }
    }

    /// A menu or tooltip.
    pub fn popup(title: &str, rect: Rect, colour: u32) -> Self {
        Self { popup: true, ..Self::new(title, rect, colour) }
    }
}

/// An application of plain windows.
pub struct Painter {
    talker: Talker,
    pictures: BTreeMap<Canvas, Frame>,
    titles: BTreeMap<Canvas, String>,
}

impl Painter {
    /// Starts one without windows.
    ///
    /// # Panics
    /// If it does not start.
    pub fn start(place: &Place, name: &str, screen: &Screen) -> Self {
        let launch = Launch::new(place, name, programs::path("mitblick-painter")).display(screen.display());
        let talker = Talker::new(launch.listening().speaking().start());
        Self { talker, pictures: BTreeMap::new(), titles: BTreeMap::new() }
    }

    /// Starts one with one window.
    ///
    /// # Panics
    /// If it does not start.
    pub fn with_window(place: &Place, name: &str, screen: &Screen, options: &CanvasOptions) -> (Self, Canvas) {
        let mut painter = Self::start(place, name, screen);
        let canvas = painter.open(options);
        (painter, canvas)
    }

    /// Opens a window and returns when it shows.
    #[track_caller]
    pub fn open(&mut self, options: &CanvasOptions) -> Canvas {
        let canvas = Canvas(self.titles.len() as u32 + 1);
        let r = options.rect;
        self.tell(
            "open",
            json!({ "window": canvas.0, "title": options.title, "x": r.x, "y": r.y, "width": r.width,
                "height": r.height, "colour": options.colour, "popup": options.popup, "alpha": options.alpha }),
        );
        self.pictures.insert(canvas, Frame::plain(r.size(), options.colour));
        self.titles.insert(canvas, options.title.clone());
        canvas
    }

    /// What the window shows, by the rig's own account.
    pub fn picture(&self, canvas: Canvas) -> &Frame {
        &self.pictures[&canvas]
    }

    /// Where the window is on its screen.
    #[track_caller]
    pub fn seen(&self, canvas: Canvas, screen: &Screen) -> SeenWindow {
        screen.await_window(&self.titles[&canvas])
    }

    /// A point of the window, in pixels of its screen.
    #[track_caller]
    pub fn point(&self, canvas: Canvas, screen: &Screen, x: i32, y: i32) -> Point {
        let at = self.seen(canvas, screen).rect;
        Point { x: at.x + x, y: at.y + y }
    }

    /// Fills an area with one colour.
    #[track_caller]
    pub fn fill(&mut self, canvas: Canvas, area: Rect, colour: u32) {
        self.tell("fill", with_area(canvas, area, json!({ "colour": colour })));
        self.pictures.entry(canvas).and_modify(|picture| picture.fill(area, colour));
    }

    /// Fills an area with soft colours that differ from step to step.
    #[track_caller]
    pub fn gradient(&mut self, canvas: Canvas, area: Rect, step: u32) {
        self.tell("gradient", with_area(canvas, area, json!({ "step": step })));
        self.pictures.entry(canvas).and_modify(|picture| fill_gradient(picture, area, step));
    }

    /// Moves what is in an area up by so many rows, and fills those with a line
    /// of signs, as a page of text that is scrolled.
    #[track_caller]
    pub fn scroll(&mut self, canvas: Canvas, area: Rect, by: u32, seed: u32) {
        self.tell("scroll", with_area(canvas, area, json!({ "by": by, "seed": seed })));
        self.pictures.entry(canvas).and_modify(|picture| scroll_text(picture, area, by, seed));
    }

    /// Fills an area with noise.
    #[track_caller]
    pub fn noise(&mut self, canvas: Canvas, area: Rect, seed: u32) {
        self.tell("noise", with_area(canvas, area, json!({ "seed": seed })));
        self.pictures.entry(canvas).and_modify(|picture| fill_noise(picture, area, seed));
    }

    /// Moves the window, with its frame if it has one, and returns when it is
    /// there.
    #[track_caller]
    pub fn move_to(&mut self, canvas: Canvas, screen: &Screen, at: Point) {
        let content = self.seen(canvas, screen);
        let frame = screen.frame_of(content.id).unwrap_or(content.rect);
        self.tell("move", json!({ "window": canvas.0, "x": at.x, "y": at.y }));
        let moved = (at.x - frame.x, at.y - frame.y);
        wait::until("the window has moved", || {
            let rect = screen.window(&self.titles[&canvas])?.rect;
            ((rect.x, rect.y) == (content.rect.x + moved.0, content.rect.y + moved.1)).then_some(())
        });
    }

    /// Resizes the window and returns when it has its size; new area has the
    /// given colour.
    #[track_caller]
    pub fn resize(&mut self, canvas: Canvas, screen: &Screen, size: Size, colour: u32) {
        self.tell(
            "resize",
            json!({ "window": canvas.0, "width": size.width, "height": size.height, "colour": colour }),
        );
        let mut picture = Frame::plain(size, colour);
        copy_common(&self.pictures[&canvas], &mut picture);
        self.pictures.insert(canvas, picture);
        wait::until("the window has its new size", || {
            (screen.window(&self.titles[&canvas])?.rect.size() == size).then_some(())
        });
    }

    /// Puts the window on top.
    #[track_caller]
    pub fn raise(&mut self, canvas: Canvas) {
        self.tell("raise", json!({ "window": canvas.0 }));
    }

    /// Takes the keyboard away from every other application, as menus do.
    #[track_caller]
    pub fn grab_keyboard(&mut self, canvas: Canvas) {
        self.tell("grab_keyboard", json!({ "window": canvas.0 }));
    }

    /// Closes the window.
    #[track_caller]
    pub fn close(&mut self, canvas: Canvas) {
        self.tell("close", json!({ "window": canvas.0 }));
        self.pictures.remove(&canvas);
    }

    /// What the keys that came down in any of its windows make together:
    /// characters as they are, other keys as `<keysym>`.
    pub fn typed(&self) -> String {
        let keys = self.talker.told().into_iter().filter(|e| e["event"] == "key" && e["pressed"] == true);
        keys.map(|e| e["text"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Waits until what was typed ends with this text.
    #[track_caller]
    pub fn await_typed(&self, text: &str) {
        let arrived = wait::within(wait::PATIENCE, || self.typed().ends_with(text).then_some(()));
        let name = self.talker.process().name();
        assert!(arrived.is_some(), "“{text}” was not typed into {name}, but “{}”", self.typed());
    }

    /// Everything that reached its windows so far: keys, buttons, focus.
    pub fn received(&self) -> Vec<Value> {
        self.talker.told().into_iter().filter(|e| e["event"] != "done").collect()
    }

    /// How many mouse buttons came down in its windows so far.
    pub fn clicks(&self) -> usize {
        self.received().iter().filter(|e| e["event"] == "button" && e["pressed"] == true).count()
    }

    /// What it says, and its process.
    pub fn talker(&mut self) -> &mut Talker {
        &mut self.talker
    }

    #[track_caller]
    fn tell(&mut self, command: &str, more: Value) {
        let done = |talker: &Talker| talker.told().iter().filter(|e| e["event"] == "done").count();
        let before = done(&self.talker);
        self.talker.say(command, more);
        wait::until(&format!("the painter did “{command}”"), || (done(&self.talker) > before).then_some(()));
    }
}

fn with_area(canvas: Canvas, area: Rect, mut more: Value) -> Value {
    more["window"] = canvas.0.into();
    more["x"] = area.x.into();
    more["y"] = area.y.into();
    more["width"] = area.width.into();
    more["height"] = area.height.into();
    more
}

/// Fills an area with soft colours, as far as it is inside: what is near is
/// alike, and no place is moved to another by a step.
pub fn fill_gradient(picture: &mut Frame, area: Rect, step: u32) {
    let Some(area) = picture.rect().intersection(area) else { return };
    for y in area.y as u32..area.bottom() as u32 {
        for x in area.x as u32..area.right() as u32 {
            let parts = [(x + y) / 2, y + step, x + 3 * step, 0].map(|part| (part % 256) as u8);
            picture.pixels[y as usize * picture.width + x as usize] = u32::from_le_bytes(parts);
        }
    }
}

/// Moves what is in an area up by so many rows, as far as it is inside; below
/// stand signs of 8 by 12 pixels that differ from seed to seed.
pub fn scroll_text(picture: &mut Frame, area: Rect, by: u32, seed: u32) {
    let Some(area) = picture.rect().intersection(area) else { return };
    let bottom = area.bottom() as i32;
    let first_new = bottom - by.min(area.height) as i32;
    for y in area.y..bottom {
        for x in area.x..area.right() as i32 {
            let place = y as usize * picture.width + x as usize;
            picture.pixels[place] = if y < first_new {
                picture.pixels[place + by as usize * picture.width]
            } else {
                let (sign, row, column) = (noise(seed, x / 8, 0), (y - first_new) % 16, x % 8);
                let ink = row < 12 && column < 6 && noise(sign, column / 2, row / 2) & 1 == 1;
                if ink { 0x0018_1818 } else { 0x00fa_fafa }
            };
        }
    }
}

/// Fills an area with noise, as far as it is inside.
pub fn fill_noise(picture: &mut Frame, area: Rect, seed: u32) {
    let Some(area) = picture.rect().intersection(area) else { return };
    for y in area.y..area.bottom() as i32 {
        for x in area.x..area.right() as i32 {
            picture.pixels[y as usize * picture.width + x as usize] = noise(seed, x, y);
        }
    }
}

/// Copies what two pictures have in common, from their left top corners.
pub fn copy_common(from: &Frame, to: &mut Frame) {
    let width = from.width.min(to.width);
    for y in 0..from.height.min(to.height) {
        let (source, target) = (y * from.width, y * to.width);
        to.pixels[target..target + width].copy_from_slice(&from.pixels[source..source + width]);
    }
}
