//! Pixels exact, also after being covered, moved, resized and cut out.

use crate::screen::{Screen, until};
use mitblick_platform::{fake::FakePaneWindow, overlay::NativeWindow, present::Pane, x11::open_pane};
use mitblick_protocol::geometry::{Point, Rect, Size};
use x11rb::{
    connection::Connection as _,
    protocol::xproto::{ConfigureWindowAux, ConnectionExt as _, CreateWindowAux, ImageFormat, Window, WindowClass},
};

/// A window with a pane.
trait Stage {
    fn pane(&mut self) -> Box<dyn Pane>;
    /// What is seen at a place of the window; `None` = the window itself.
    fn pixel(&self, at: Point) -> Option<u32>;
    /// Another window covers it for a moment.
    fn cover_and_uncover(&mut self);
    /// The window itself is closed.
    fn close(&mut self);
}

/// The colour of the window itself.
const WINDOW: u32 = 0x00ab_cdef;

struct X11Stage {
    screen: Screen,
    window: Window,
}

impl X11Stage {
    fn new(arguments: &[&str]) -> Self {
        let screen = Screen::start_with(arguments);
        let window = plain(&screen, (50, 40, 400, 300), WINDOW);
        Self { screen, window }
    }
}

/// A window of one colour, on top.
fn plain(screen: &Screen, (x, y, width, height): (i16, i16, u16, u16), colour: u32) -> Window {
    let (conn, class) = (&screen.conn, WindowClass::INPUT_OUTPUT);
    let window = conn.generate_id().unwrap();
    let aux = CreateWindowAux::new().background_pixel(colour).override_redirect(1);
    conn.create_window(0, window, screen.root, x, y, width, height, 0, class, 0, &aux).unwrap();
    conn.map_window(window).unwrap().check().unwrap();
    window
}

impl Stage for X11Stage {
    fn pane(&mut self) -> Box<dyn Pane> {
        open_pane(Some(&self.screen.name), NativeWindow(self.window.into())).unwrap()
    }

    fn pixel(&self, at: Point) -> Option<u32> {
        let (x, y) = (50 + at.x as i16, 40 + at.y as i16);
        let image = self.screen.conn.get_image(ImageFormat::Z_PIXMAP, self.screen.root, x, y, 1, 1, !0);
        let data = image.unwrap().reply().unwrap().data;
        let pixel = u32::from_le_bytes([data[0], data[1], data[2], 0]);
        (pixel != WINDOW).then_some(pixel)
    }

    fn cover_and_uncover(&mut self) {
        let cover = plain(&self.screen, (0, 0, 600, 500), 0x0012_3456);
        let seen = || self.pixel(Point { x: 5, y: 5 });
        until("the cover", || (seen() == Some(0x0012_3456)).then_some(()));
        let away = ConfigureWindowAux::new().x(30).y(20);
        self.screen.conn.configure_window(cover, &away).unwrap();
        self.screen.conn.destroy_window(cover).unwrap().check().unwrap();
    }

    fn close(&mut self) {
        self.screen.conn.destroy_window(self.window).unwrap().check().unwrap();
    }
}

struct FakeStage(FakePaneWindow);

impl Stage for FakeStage {
    fn pane(&mut self) -> Box<dyn Pane> {
        Box::new(self.0.open_pane())
    }

    fn pixel(&self, at: Point) -> Option<u32> {
        self.0.pixel(at)
    }

    fn cover_and_uncover(&mut self) {}

    fn close(&mut self) {}
}

macro_rules! on_every_backend {
    ($($name:ident),* $(,)?) => {
        mod fake {
            use super::*;
            $(#[test] fn $name() { super::$name(&mut FakeStage(FakePaneWindow::default())); })*
        }
        mod x11 {
            use super::*;
            $(#[test] fn $name() { super::$name(&mut X11Stage::new(&[])); })*
        }
        mod x11_without_shared_memory {
            use super::*;
            $(#[test] fn $name() { super::$name(&mut X11Stage::new(&["-extension", "MIT-SHM"])); })*
        }
    };
}

on_every_backend!(
    pixels_are_exact_where_they_are_put_and_nowhere_else,
    what_was_covered_comes_back,
    it_moves_and_takes_other_sizes,
    what_is_cut_out_shows_the_window,
    it_goes_with_its_guard_and_outlives_its_window,
);

/// Any colour, the same for the same place; never the window's own.
fn noise(at: usize, seed: u32) -> u32 {
    let mixed = (at as u32).wrapping_mul(0x9e37_79b1) ^ seed.wrapping_mul(0x85eb_ca77);
    (mixed ^ (mixed >> 13)) & 0x007f_ffff
}

fn fill(pixels: &mut [u32], seed: u32) {
    pixels.iter_mut().enumerate().for_each(|(at, pixel)| *pixel = noise(at, seed));
}

/// Arranges and draws all of it.
fn show(pane: &mut dyn Pane, place: Rect, open: &[Rect], seed: u32) {
    pane.arrange(place, open).unwrap();
    pane.draw(&[place.size().rect()], &mut |pixels| fill(pixels, seed)).unwrap();
}

/// Places worth looking at: corners, edges and some within.
fn places(size: Size) -> impl Iterator<Item = Point> {
    let along = |length: u32| [0, 1, length / 3, length / 2, length - 2, length - 1].map(|at| at as i32);
    along(size.width).into_iter().flat_map(move |x| along(size.height).map(|y| Point { x, y }))
}

/// Waits until exactly this noise is seen in `place`.
#[track_caller]
fn await_noise(stage: &dyn Stage, what: &str, place: Rect, seed: u32, seen: impl Fn(Point) -> bool) {
    until(what, || {
        let right = places(place.size()).all(|at| {
            let wanted = noise(at.y as usize * place.width as usize + at.x as usize, seed);
            let found = stage.pixel(Point { x: place.x + at.x, y: place.y + at.y });
            found == seen(at).then_some(wanted)
        });
        right.then_some(())
    });
}

const PLACE: Rect = Rect::new(20, 30, 301, 203);

fn pixels_are_exact_where_they_are_put_and_nowhere_else(stage: &mut dyn Stage) {
    let mut pane = stage.pane();
    show(&mut *pane, PLACE, &[PLACE.size().rect()], 1);
    assert_eq!(pane.size(), PLACE.size());
    await_noise(stage, "the pane", PLACE, 1, |_| true);
    assert_eq!(stage.pixel(Point { x: 19, y: 30 }), None);
    assert_eq!(stage.pixel(Point { x: 321, y: 233 }), None);
    let area = Rect::new(100, 80, 51, 1);
    let row = 80 * 301;
    pane.draw(&[area], &mut |pixels| pixels[row + 100..row + 151].fill(0x0001_0203)).unwrap();
    until("the area", || (stage.pixel(Point { x: 170, y: 110 }) == Some(0x0001_0203)).then_some(()));
    assert_eq!(stage.pixel(Point { x: 119, y: 110 }), Some(noise(row + 99, 1)));
    assert_eq!(stage.pixel(Point { x: 171, y: 110 }), Some(noise(row + 151, 1)));
    await_noise(stage, "the rest, still there", PLACE, 1, |_| true);
}

fn what_was_covered_comes_back(stage: &mut dyn Stage) {
    let mut pane = stage.pane();
    show(&mut *pane, PLACE, &[PLACE.size().rect()], 2);
    await_noise(stage, "the pane", PLACE, 2, |_| true);
    stage.cover_and_uncover();
    await_noise(stage, "the pane, uncovered", PLACE, 2, |_| true);
}

fn it_moves_and_takes_other_sizes(stage: &mut dyn Stage) {
    let mut pane = stage.pane();
    for (seed, place) in (3..).zip([
        PLACE,
        Rect::new(0, 0, 301, 203),
        Rect::new(10, 5, 390, 290),
        Rect::new(200, 150, 3, 2),
        Rect::new(1, 2, 399, 298),
    ]) {
        show(&mut *pane, place, &[place.size().rect()], seed);
        await_noise(stage, "the pane at its new place", place, seed, |_| true);
    }
}

fn what_is_cut_out_shows_the_window(stage: &mut dyn Stage) {
    let mut pane = stage.pane();
    let open = [Rect::new(0, 0, 301, 60), Rect::new(0, 60, 90, 143)];
    show(&mut *pane, PLACE, &open, 8);
    await_noise(stage, "the open parts", PLACE, 8, |at| open.iter().any(|open| open.contains(at)));
    pane.arrange(PLACE, &[]).unwrap();
    pane.draw(&[], &mut |_| {}).unwrap();
    until("nothing of it", || places(PLACE.size()).all(|at| stage.pixel(at).is_none()).then_some(()));
    // What was drawn before is still there.
    pane.arrange(PLACE, &[PLACE.size().rect()]).unwrap();
    pane.draw(&[PLACE.size().rect()], &mut |_| {}).unwrap();
    await_noise(stage, "all of it", PLACE, 8, |_| true);
}

fn it_goes_with_its_guard_and_outlives_its_window(stage: &mut dyn Stage) {
    let mut pane = stage.pane();
    show(&mut *pane, PLACE, &[PLACE.size().rect()], 9);
    await_noise(stage, "the pane", PLACE, 9, |_| true);
    drop(pane);
    until("the window", || places(PLACE.size()).all(|at| stage.pixel(at).is_none()).then_some(()));
    let mut pane = stage.pane();
    show(&mut *pane, PLACE, &[PLACE.size().rect()], 9);
    stage.close();
    let _ = pane.draw(&[PLACE.size().rect()], &mut |pixels| fill(pixels, 1));
    drop(pane);
}
