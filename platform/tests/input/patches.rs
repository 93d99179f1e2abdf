//! What is drawn over windows of others stays inside of them, wherever they
//! go and whatever lies above, and takes no click.

use crate::screen::{Recorder, Screen, until};
use mitblick_platform::{
    Platform,
    overlay::{Ink, Layer, Overlay, Patch},
    x11::X11,
};
use mitblick_protocol::{
    geometry::{Point, Rect, Size},
    marks::{ShowingNumber, ShownMarks},
    peer_msg::{PointerPlace, Scene, Surface, SurfaceId, SurfaceState, ToShower},
    policy::Limits,
    session::{ApplicationId, Permitted, ShowerEffect, ShowerSession, ViewSelection},
    text::DisplayText,
    time::Moment,
};
use std::sync::Arc;
use x11rb::protocol::xproto::{ConfigureWindowAux, ConnectionExt as _, ImageFormat, StackMode, Window};

const NOW: Moment = Moment::from_ms(1_000);
const INK: u32 = 0x0012_ab34;

/// A session that shows something, and a permit to draw on it.
fn permit() -> (ShowerSession, Permitted<ShownMarks>) {
    let mut session = ShowerSession::new(Limits::default(), NOW);
    session.handle_message(ToShower::Hello { version: DisplayText::cleaned("1") }, NOW).unwrap();
    session.share(ViewSelection { applications: [ApplicationId(1)].into() }, NOW).unwrap();
    let (id, state, title) = (SurfaceId(1), SurfaceState::Shown, DisplayText::default());
    let surface = Surface { id, rect: Rect::new(0, 0, 9, 9), state, parent: None, title };
    session.scene_sent(&Scene { desktop: Size { width: 9, height: 9 }, surfaces: vec![surface] }, NOW);
    let at = Some(PointerPlace { surface: SurfaceId(1), at: Point { x: 1, y: 1 } });
    session.handle_message(ToShower::Point { showing: ShowingNumber(1), at }, NOW).unwrap();
    let permit = std::iter::from_fn(|| session.poll_effect()).find_map(|effect| match effect {
        ShowerEffect::Marks(seen) => Some(seen),
        _ => None,
    });
    (session, permit.unwrap())
}

/// An area of one colour at this place of a window.
fn patch(window: Window, area: Rect) -> Patch {
    let areas = vec![Rect { x: 0, y: 0, ..area }];
    let ink = Arc::new(Ink { layers: vec![Layer::Areas { colour: INK, areas }] });
    Patch { surface: SurfaceId(window), at: Point { x: area.x, y: area.y }, ink, moves: false }
}

/// Where the screen has the colour of the ink: the box around it and how many
/// pixels.
fn inked(screen: &Screen) -> (Rect, usize) {
    let image = screen.conn.get_image(ImageFormat::Z_PIXMAP, screen.root, 0, 0, 800, 600, u32::MAX);
    let bytes = image.unwrap().reply().unwrap().data;
    let mut all = (Rect::default(), 0);
    for (at, pixel) in bytes.chunks_exact(4).enumerate() {
        if u32::from_le_bytes(pixel.try_into().unwrap()) & 0x00ff_ffff == INK {
            all.0 = all.0.union(Rect::new((at % 800) as i32, (at / 800) as i32, 1, 1));
            all.1 += 1;
        }
    }
    all
}

#[track_caller]
fn await_ink(screen: &Screen, what: &str, wanted: Rect) {
    let wanted = (wanted, wanted.size().pixels() as usize);
    let mut last = inked(screen);
    for _ in 0..2_000 {
        if last == wanted {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
        last = inked(screen);
    }
    panic!("{what}: {last:?}, not {wanted:?}");
}

fn overlay(screen: &Screen) -> Box<dyn Overlay> {
    X11::new(Some(&screen.name)).unwrap().overlay().unwrap()
}

fn configure(screen: &Screen, window: Window, aux: &ConfigureWindowAux) {
    screen.conn.configure_window(window, aux).unwrap().check().unwrap();
}

#[test]
fn a_patch_lies_in_its_window_moves_with_it_and_lets_clicks_through() {
    let screen = Screen::start();
    let below = Recorder::open(&screen, "300x200+50+50");
    let (_session, permit) = permit();
    let mut overlay = overlay(&screen);
    let place = |screen: &Screen| {
        let at = screen.conn.translate_coordinates(below.window, screen.root, 0, 0).unwrap().reply().unwrap();
        (i32::from(at.dst_x), i32::from(at.dst_y))
    };
    let (x, y) = place(&screen);
    overlay.set_patches(vec![patch(below.window, Rect::new(20, 30, 60, 40))], permit.clone());
    await_ink(&screen, "the patch", Rect::new(x + 20, y + 30, 60, 40));
    let (at_x, at_y) = ((x + 40).to_string(), (y + 50).to_string());
    screen.run("xdotool", &["mousemove", &at_x, &at_y, "click", "1"]);
    until("the click below", || (below.count("ButtonPress") == 1).then_some(()));
    for step in 1..=5 {
        configure(&screen, below.window, &ConfigureWindowAux::new().x(50 + 60 * step).y(50 + 20 * step));
        let (x, y) = place(&screen);
        await_ink(&screen, "the patch, moved", Rect::new(x + 20, y + 30, 60, 40));
    }
    overlay.set_patches(vec![patch(below.window, Rect::new(1, 2, 3, 4))], permit);
    let (x, y) = place(&screen);
    await_ink(&screen, "the other patch", Rect::new(x + 1, y + 2, 3, 4));
    drop(overlay);
    await_ink(&screen, "the end with the overlay", Rect::default());
}

#[test]
fn a_patch_never_leaves_its_window_and_never_covers_what_lies_above() {
    let screen = Screen::start();
    let window = screen.own_window((100, 100), (200, 150));
    let (_session, permit) = permit();
    let mut overlay = overlay(&screen);
    // Over all edges of the window.
    overlay.set_patches(vec![patch(window, Rect::new(-50, -50, 400, 400))], permit);
    await_ink(&screen, "cut off at its edges", Rect::new(100, 100, 200, 150));
    configure(&screen, window, &ConfigureWindowAux::new().width(120).height(80));
    await_ink(&screen, "cut off at the new edges", Rect::new(100, 100, 120, 80));
    // A window that comes up above, moves, and goes.
    let above = screen.own_window((160, 90), (300, 200));
    await_ink(&screen, "below the other window", Rect::new(100, 100, 60, 80));
    configure(&screen, above, &ConfigureWindowAux::new().x(190));
    await_ink(&screen, "below it where it is now", Rect::new(100, 100, 90, 80));
    screen.raise(window);
    await_ink(&screen, "above it with its window", Rect::new(100, 100, 120, 80));
    configure(&screen, window, &ConfigureWindowAux::new().stack_mode(StackMode::BELOW));
    await_ink(&screen, "below it with its window", Rect::new(100, 100, 90, 80));
}

#[test]
fn a_patch_goes_with_its_window_and_with_its_permit() {
    let screen = Screen::start();
    let windows = [(100, 100), (400, 100)].map(|at| screen.own_window(at, (200, 150)));
    let (mut session, permit) = permit();
    let mut overlay = overlay(&screen);
    let patches = windows.map(|window| patch(window, Rect::new(10, 10, 20, 20)));
    overlay.set_patches(patches[..1].to_vec(), permit.clone());
    let here = Rect::new(110, 110, 20, 20);
    await_ink(&screen, "the patch", here);
    screen.conn.unmap_window(windows[0]).unwrap().check().unwrap();
    await_ink(&screen, "not on the screen", Rect::default());
    screen.conn.map_window(windows[0]).unwrap().check().unwrap();
    await_ink(&screen, "on the screen again", here);
    overlay.set_patches(patches.to_vec(), permit.clone());
    until("both", || (inked(&screen).1 == 800).then_some(()));
    screen.conn.destroy_window(windows[0]).unwrap().check().unwrap();
    await_ink(&screen, "the one that is left", Rect::new(410, 110, 20, 20));
    session.pause(NOW);
    overlay.set_patches(patches.to_vec(), permit);
    await_ink(&screen, "nothing under a dead permit", Rect::default());
}

#[test]
fn a_patch_keeps_to_the_content_of_a_window_in_a_frame() {
    let screen = Screen::start().manage();
    let below = Recorder::open(&screen, "300x200+50+50");
    until("the frame", || {
        (screen.conn.query_tree(below.window).unwrap().reply().unwrap().parent != screen.root).then_some(())
    });
    let (_session, permit) = permit();
    let mut overlay = overlay(&screen);
    overlay.set_patches(vec![patch(below.window, Rect::new(-50, -50, 600, 600))], permit);
    let content = |screen: &Screen| {
        let at = screen.conn.translate_coordinates(below.window, screen.root, 0, 0).unwrap().reply().unwrap();
        Rect::new(at.dst_x.into(), at.dst_y.into(), 300, 200)
    };
    await_ink(&screen, "inside of the frame", content(&screen));
    screen.run("xdotool", &["windowmove", &below.window.to_string(), "200", "150"]);
    until("the move", || (content(&screen).x > 150).then_some(()));
    await_ink(&screen, "inside of the moved frame", content(&screen));
    screen.run("xdotool", &["windowminimize", &below.window.to_string()]);
    await_ink(&screen, "minimised", Rect::default());
}
