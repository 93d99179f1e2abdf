//! Frames that disturb nobody, and a bar that nobody covers.

use crate::screen::{Recorder, Screen, until};
use mitblick_platform::{
    Platform,
    overlay::{NativeWindow, Overlay},
    x11::X11,
};
use mitblick_protocol::geometry::Rect;
use x11rb::{
    connection::Connection as _,
    protocol::xproto::{
        ClientMessageEvent, ConnectionExt as _, CreateWindowAux, EventMask, ImageFormat, Window, WindowClass,
    },
};

fn overlay(screen: &Screen) -> Box<dyn Overlay> {
    X11::new(Some(&screen.name)).unwrap().overlay().unwrap()
}

/// The colour of the screen at a point.
fn colour(screen: &Screen, x: i16, y: i16) -> u32 {
    let format = ImageFormat::Z_PIXMAP;
    let image = screen.conn.get_image(format, screen.root, x, y, 1, 1, u32::MAX).unwrap().reply().unwrap();
    u32::from_le_bytes(image.data[..4].try_into().unwrap()) & 0x00ff_ffff
}

/// The child of the root that is on top at a point.
fn top_at(screen: &Screen, x: i16, y: i16) -> Window {
    screen.conn.translate_coordinates(screen.root, screen.root, x, y).unwrap().reply().unwrap().child
}

#[test]
fn a_frame_is_seen_lets_clicks_through_and_goes() {
    let screen = Screen::start();
    let below = Recorder::open(&screen, "300x200+50+50");
    let mut overlay = overlay(&screen);
    overlay.set_frames(&[Rect::new(100, 100, 100, 50)], 0x00ff_4400);
    for (x, y) in [(97, 97), (150, 98), (202, 120), (98, 120), (150, 152)] {
        until("the frame", || (colour(&screen, x, y) == 0x00ff_4400).then_some(()));
    }
    assert_ne!(colour(&screen, 150, 120), 0x00ff_4400, "only round the window");
    screen.run("xdotool", &["mousemove", "150", "98", "click", "1"]);
    until("the click below", || (below.count("ButtonPress") == 1).then_some(()));
    overlay.set_frames(&[Rect::new(100, 100, 100, 50)], 0x0000_aa00);
    until("the other colour", || (colour(&screen, 97, 97) == 0x0000_aa00).then_some(()));
    screen.raise(below.window);
    until("the frame above again", || (colour(&screen, 97, 97) == 0x0000_aa00).then_some(()));
    overlay.set_frames(&[], 0);
    until("the end of the frame", || (colour(&screen, 97, 97) != 0x0000_aa00).then_some(()));
    overlay.set_frames(&[Rect::new(0, 0, 800, 600)], 0x0000_aa00);
    until("the frame of all", || (colour(&screen, 799, 599) == 0x0000_aa00).then_some(()));
    drop(overlay);
    until("the end with the overlay", || (colour(&screen, 799, 599) != 0x0000_aa00).then_some(()));
}

#[test]
fn the_bar_stays_above_windows_that_no_window_manager_places() {
    let screen = Screen::start();
    let bar = screen.own_window((200, 0), (300, 40));
    let mut overlay = overlay(&screen);
    overlay.keep_on_top(Some(NativeWindow(bar.into())));
    overlay.set_frames(&[Rect::new(0, 0, 800, 600)], 0x00ff_4400);
    until("the frame", || (colour(&screen, 2, 2) == 0x00ff_4400).then_some(()));
    let cover = Recorder::open(&screen, "800x600+0+0");
    for _ in 0..5 {
        screen.raise(cover.window);
        until("the bar on top", || (top_at(&screen, 300, 10) == bar).then_some(()));
        until("the bar above the frame", || (colour(&screen, 300, 1) != 0x00ff_4400).then_some(()));
        until("the frame above the window", || (colour(&screen, 2, 2) == 0x00ff_4400).then_some(()));
    }
    overlay.keep_on_top(None);
    until("the bar to be left alone", || {
        screen.raise(cover.window);
        (top_at(&screen, 300, 10) == cover.window).then_some(())
    });
}

#[test]
fn the_bar_stays_above_a_window_that_fills_the_screen() {
    let screen = Screen::start().manage();
    let bar = screen.conn.generate_id().unwrap();
    let (class, aux) = (WindowClass::INPUT_OUTPUT, CreateWindowAux::new());
    screen.conn.create_window(0, bar, screen.root, 0, 0, 300, 40, 0, class, 0, &aux).unwrap().check().unwrap();
    screen.conn.map_window(bar).unwrap().check().unwrap();
    let frame = || screen.conn.query_tree(bar).unwrap().reply().unwrap().parent;
    until("the managed bar", || (frame() != screen.root).then_some(()));
    let mut overlay = overlay(&screen);
    overlay.keep_on_top(Some(NativeWindow(bar.into())));
    let film = Recorder::open(&screen, "300x200+50+50");
    let atom = |name: &[u8]| screen.conn.intern_atom(false, name).unwrap().reply().unwrap().atom;
    let data = [1, atom(b"_NET_WM_STATE_FULLSCREEN"), 0, 1, 0];
    let message = ClientMessageEvent::new(32, film.window, atom(b"_NET_WM_STATE"), data);
    let mask = EventMask::SUBSTRUCTURE_REDIRECT | EventMask::SUBSTRUCTURE_NOTIFY;
    screen.conn.send_event(false, screen.root, mask, message).unwrap().check().unwrap();
    until("the window to fill the screen", || {
        let size = screen.conn.get_geometry(film.window).unwrap().reply().unwrap();
        ((size.width, size.height) == (800, 600)).then_some(())
    });
    screen.run("xdotool", &["windowactivate", "--sync", &film.window.to_string()]);
    // The window manager places the bar some time after it has taken it.
    let is_on_top = || {
        let place = screen.conn.translate_coordinates(bar, screen.root, 150, 20).unwrap().reply().unwrap();
        let mut window = screen.root;
        loop {
            let below = screen.conn.translate_coordinates(screen.root, window, place.dst_x, place.dst_y);
            window = below.unwrap().reply().unwrap().child;
            if window == bar || window == x11rb::NONE {
                return (window == bar).then_some(());
            }
        }
    };
    until("the bar on top", is_on_top);
    screen.run("xdotool", &["windowraise", &film.window.to_string()]);
    until("the bar on top again", is_on_top);
}
