//! Panes: one suite for the fake and for real X servers, with and without
//! shared memory.
#![cfg(target_os = "linux")]

#[path = "../support/screen.rs"]
#[allow(dead_code, reason = "part of several test programs; none uses all of it")]
mod screen;

use mitblick_platform::{fake::FakePaneWindow, overlay::NativeWindow, present::Pane, x11::open_pane};
use mitblick_protocol::{
    geometry::{Point, Rect, Size},
    peer_msg::CursorImage,
};
use screen::{Screen, until};
use x11rb::protocol::xproto::{ConnectionExt as _, CreateWindowAux, ImageFormat, Window, WindowClass};
use x11rb::{connection::Connection as _, protocol::xfixes::ConnectionExt as _};

/// What the window itself shows.
const WINDOW: u32 = 0x0011_2233;
const PLACE: Rect = Rect::new(30, 20, 100, 80);

/// A window that a pane can be opened in and looked at.
trait Ground {
    fn open(&self) -> Box<dyn Pane>;
    /// The pane's pixel there; `None` where the window is seen.
    fn pixel(&self, at: Point) -> Option<u32>;
}

impl Ground for FakePaneWindow {
    fn open(&self) -> Box<dyn Pane> {
        Box::new(self.open_pane())
    }

    fn pixel(&self, at: Point) -> Option<u32> {
        Self::pixel(self, at)
    }
}

struct X11Ground {
    screen: Screen,
    window: Window,
}

impl X11Ground {
    fn new(arguments: &[&str]) -> Self {
        let screen = Screen::start_with(arguments);
        let window = child(&screen, screen.root, Rect::new(40, 40, 300, 200), WINDOW);
        Self { screen, window }
    }
}

/// A window of this test that shows one colour.
fn child(screen: &Screen, parent: Window, at: Rect, colour: u32) -> Window {
    let window = screen.conn.generate_id().unwrap();
    let aux = CreateWindowAux::new().override_redirect(1).background_pixel(colour);
    let (class, width, height) = (WindowClass::INPUT_OUTPUT, at.width as u16, at.height as u16);
    let made = screen.conn.create_window(0, window, parent, at.x as i16, at.y as i16, width, height, 0, class, 0, &aux);
    made.unwrap().check().unwrap();
    screen.conn.map_window(window).unwrap().check().unwrap();
    window
}

impl Ground for X11Ground {
    fn open(&self) -> Box<dyn Pane> {
        open_pane(Some(&self.screen.name), NativeWindow(self.window.into())).unwrap()
    }

    fn pixel(&self, at: Point) -> Option<u32> {
        let (x, y) = (at.x as i16, at.y as i16);
        let image = self.screen.conn.get_image(ImageFormat::Z_PIXMAP, self.window, x, y, 1, 1, !0).unwrap();
        let data = image.reply().unwrap().data;
        let colour = u32::from_le_bytes([data[0], data[1], data[2], 0]);
        (colour != WINDOW).then_some(colour)
    }
}

fn everywhere(test: impl Fn(&dyn Ground)) {
    test(&FakePaneWindow::default());
    test(&X11Ground::new(&[]));
    test(&X11Ground::new(&["-extension", "MIT-SHM"]));
}

fn at(x: i32, y: i32) -> Point {
    Point { x, y }
}

/// Another colour for each pixel.
fn colour(index: usize) -> u32 {
    (index as u32).wrapping_mul(2_654_435_761) >> 8 | 0x0080_0000
}

fn fill(pixels: &mut [u32]) {
    pixels.iter_mut().enumerate().for_each(|(index, pixel)| *pixel = colour(index));
}

/// Requests of a pane have no answers; what they do is waited for.
fn await_pixel(ground: &dyn Ground, place: Point, wanted: Option<u32>) {
    until(&format!("{wanted:?} at {place:?}"), || (ground.pixel(place) == wanted).then_some(()));
}

fn assert_whole(ground: &dyn Ground, place: Rect) {
    let last = at(place.x + place.width as i32 - 1, place.y + place.height as i32 - 1);
    await_pixel(ground, last, Some(colour(place.size().pixels() as usize - 1)));
    for (x, y) in [(0, 0), (1, 0), (0, 1), (37, 41), (place.width as i32 - 1, 0)] {
        let index = y as usize * place.width as usize + x as usize;
        assert_eq!(ground.pixel(at(place.x + x, place.y + y)), Some(colour(index)), "{x},{y}");
    }
}

#[test]
fn a_pane_shows_its_pixels_in_its_place_and_nothing_before() {
    everywhere(|ground| {
        let mut pane = ground.open();
        assert_eq!(ground.pixel(at(35, 25)), None);
        pane.arrange(PLACE, &[PLACE.size().rect()]).unwrap();
        assert_eq!(ground.pixel(at(35, 25)), None, "until it is drawn");
        pane.draw(&[PLACE.size().rect()], &mut fill).unwrap();
        assert_whole(ground, PLACE);
        assert_eq!(ground.pixel(at(29, 20)), None);
        assert_eq!(ground.pixel(at(130, 99)), None);
        assert_eq!(pane.size(), PLACE.size());
    });
}

#[test]
fn a_part_is_drawn_on_what_was_there_before() {
    everywhere(|ground| {
        let mut pane = ground.open();
        pane.arrange(PLACE, &[PLACE.size().rect()]).unwrap();
        pane.draw(&[PLACE.size().rect()], &mut fill).unwrap();
        let parts = [Rect::new(10, 10, 5, 5), Rect::new(50, 50, 1, 1)];
        let mut red = |pixels: &mut [u32]| {
            assert_eq!(pixels[0], colour(0), "still there");
            for part in parts {
                for row in pixels.chunks_exact_mut(100).skip(part.y as usize).take(part.height as usize) {
                    row[part.x as usize..(part.x as u32 + part.width) as usize].fill(0x00ff_0000);
                }
            }
        };
        pane.draw(&parts, &mut red).unwrap();
        await_pixel(ground, at(80, 70), Some(0x00ff_0000));
        assert_eq!(ground.pixel(at(44, 34)), Some(0x00ff_0000));
        assert_eq!(ground.pixel(at(45, 34)), Some(colour(14 * 100 + 15)));
    });
}

#[test]
fn holes_show_the_window_and_no_parts_hide_all() {
    everywhere(|ground| {
        let mut pane = ground.open();
        let parts = [Rect::new(0, 0, 100, 30), Rect::new(0, 60, 100, 20)];
        pane.arrange(PLACE, &parts).unwrap();
        pane.draw(&[PLACE.size().rect()], &mut fill).unwrap();
        await_pixel(ground, at(30, 99), Some(colour(79 * 100)));
        assert_eq!(ground.pixel(at(80, 65)), None, "in the hole");
        pane.arrange(PLACE, &[PLACE.size().rect()]).unwrap();
        pane.draw(&[PLACE.size().rect()], &mut fill).unwrap();
        await_pixel(ground, at(80, 65), Some(colour(45 * 100 + 50)));
        pane.arrange(PLACE, &[]).unwrap();
        pane.draw(&[], &mut |_| {}).unwrap();
        await_pixel(ground, at(30, 99), None);
        pane.arrange(PLACE, &[PLACE.size().rect()]).unwrap();
        pane.draw(&[PLACE.size().rect()], &mut fill).unwrap();
        assert_whole(ground, PLACE);
        drop(pane);
        await_pixel(ground, at(30, 99), None);
    });
}

#[test]
fn a_pane_moves_grows_and_shrinks() {
    everywhere(|ground| {
        let mut pane = ground.open();
        for place in [PLACE, Rect::new(0, 0, 300, 200), Rect::new(101, 50, 60, 70), Rect::new(5, 5, 290, 60)] {
            pane.arrange(place, &[place.size().rect()]).unwrap();
            pane.draw(&[place.size().rect()], &mut fill).unwrap();
            assert_eq!(pane.size(), place.size());
            assert_whole(ground, place);
        }
    });
}

#[test]
fn areas_and_places_beyond_all_bounds_do_no_harm() {
    everywhere(|ground| {
        let mut pane = ground.open();
        let mad = Rect::new(i32::MIN, i32::MAX, u32::MAX, u32::MAX);
        pane.arrange(PLACE, &[mad, PLACE.size().rect()]).unwrap();
        pane.draw(&[mad, PLACE.size().rect(), Rect::new(90, 70, 500, 500)], &mut fill).unwrap();
        assert_whole(ground, PLACE);
    });
}

#[test]
fn what_was_covered_comes_back_by_itself() {
    for arguments in [&[][..], &["-extension", "MIT-SHM"]] {
        let ground = X11Ground::new(arguments);
        let mut pane = ground.open();
        pane.arrange(PLACE, &[PLACE.size().rect()]).unwrap();
        pane.draw(&[PLACE.size().rect()], &mut fill).unwrap();
        assert_whole(&ground, PLACE);
        let cover = child(&ground.screen, ground.screen.root, Rect::new(60, 50, 200, 150), 0x00aa_bbcc);
        ground.screen.conn.destroy_window(cover).unwrap().check().unwrap();
        assert_whole(&ground, PLACE);
    }
}

#[test]
fn the_pointer_looks_as_it_is_told_over_the_pane() {
    let ground = X11Ground::new(&[]);
    let mut pane = ground.open();
    pane.arrange(PLACE, &[PLACE.size().rect()]).unwrap();
    pane.draw(&[PLACE.size().rect()], &mut fill).unwrap();
    let conn = &ground.screen.conn;
    conn.xfixes_query_version(5, 0).unwrap().reply().unwrap();
    conn.warp_pointer(x11rb::NONE, ground.screen.root, 0, 0, 0, 0, 100, 90).unwrap().check().unwrap();
    let size = Size { width: 9, height: 7 };
    let image = CursorImage { size, hot_spot: at(3, 2), pixels: vec![0xff12_3456; 63] };
    let shown = || {
        let shown = conn.xfixes_get_cursor_image().unwrap().reply().unwrap();
        ((shown.width, shown.height), (shown.xhot, shown.yhot), shown.cursor_image.first().copied())
    };
    let before = shown();
    pane.set_cursor(Some(&image)).unwrap();
    until("the pointer's picture", || (shown() == ((9, 7), (3, 2), Some(0xff12_3456))).then_some(()));
    pane.set_cursor(None).unwrap();
    until("the pointer of the window", || (shown() == before).then_some(()));
    // Pictures that make no sense are none.
    let odd = CursorImage { size: Size { width: 1_000, height: 1_000 }, hot_spot: at(-3, 9_999), pixels: vec![1] };
    pane.set_cursor(Some(&odd)).unwrap();
}

#[test]
fn a_window_or_display_that_goes_away_ends_the_pane_in_peace() {
    let ground = X11Ground::new(&[]);
    let mut pane = ground.open();
    ground.screen.conn.destroy_window(ground.window).unwrap().check().unwrap();
    let _ = pane.arrange(PLACE, &[PLACE.size().rect()]);
    let _ = pane.draw(&[PLACE.size().rect()], &mut fill);
    drop(pane);
    assert!(open_pane(Some(&ground.screen.name), NativeWindow(ground.window.into())).is_err(), "no such window");
    let again = X11Ground::new(&[]);
    let mut pane = again.open();
    drop(again);
    until("the pane to notice", || {
        let arranged = pane.arrange(PLACE, &[PLACE.size().rect()]);
        arranged.and_then(|()| pane.draw(&[PLACE.size().rect()], &mut fill)).is_err().then_some(())
    });
}
