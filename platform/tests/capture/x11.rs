//! What only X servers can get wrong.

use crate::{
    painter::Kind,
    screen::{Process, Screen, until},
    stage::{Stage, X11Stage},
    viewer::Viewer,
};
use mitblick_platform::{capture::CaptureError, x11::X11};
use mitblick_protocol::{geometry::Rect, peer_msg::SurfaceId, session::ApplicationId};
use std::process::Stdio;
use x11rb::protocol::xproto::ConnectionExt as _;

const BLUE: u32 = 0x20_40c0;
const GREEN: u32 = 0x10_a030;
const SECRET: u32 = 0xff_00ff;

#[test]
fn a_display_that_is_not_there_or_lacks_something_says_so() {
    assert!(matches!(X11::new(Some(":987654")), Err(CaptureError::NoDisplay(_))));
    let screen = Screen::start_with(&["-extension", "DAMAGE"]);
    assert!(matches!(X11::new(Some(&screen.name)), Err(CaptureError::Missing("the Damage extension"))));
}

#[test]
fn pixels_are_exact_without_shared_memory() {
    let mut stage = X11Stage::on(Screen::start_with(&["-extension", "MIT-SHM"]), false);
    let one = stage.application();
    let window = stage.window(one, Kind::Plain, (40, 40, 200, 120), BLUE);
    stage.fill(window, (10, 20, 30, 40), GREEN);
    let mut viewer = Viewer::of(stage.platform(), &[one]);
    viewer.until("the pixels", |viewer| viewer.shows(window, BLUE, &[(Rect::new(10, 20, 30, 40), GREEN)]));
}

#[test]
fn sixteen_bit_screens_are_shown() {
    let mut stage = X11Stage::on(Screen::start_with(&["-screen", "0", "800x600x16"]), false);
    let one = stage.application();
    // 5-6-5 bits: full red and half green.
    let window = stage.window(one, Kind::Plain, (41, 43, 201, 121), 0xfc00);
    let mut viewer = Viewer::of(stage.platform(), &[one]);
    viewer.until("the pixels", |viewer| viewer.shows(window, 0xff_8200, &[]));
}

#[test]
fn alpha_is_left_out() {
    let mut stage = X11Stage::managed();
    let one = stage.application();
    let window = stage.window(one, Kind::Deep, (40, 40, 200, 120), 0x8010_2030);
    let mut viewer = Viewer::of(stage.platform(), &[one]);
    viewer.until("the pixels", |viewer| viewer.shows(window, 0x10_2030, &[]));
}

/// In a window manager's frame, that is: the server itself reports a child of
/// the root as painted anew when it moves.
#[test]
fn moving_a_window_costs_no_pixels() {
    let mut stage = X11Stage::managed();
    let one = stage.application();
    let window = stage.window(one, Kind::Plain, (40, 40, 200, 120), BLUE);
    let mut viewer = Viewer::of(stage.platform(), &[one]);
    viewer.until("the first pixels", |viewer| viewer.shows(window, BLUE, &[]));
    viewer.settle();
    viewer.damage.clear();
    let before = viewer.surface(window).unwrap().rect;
    stage.shift(window, 240, 190);
    viewer.until("the new place", |viewer| viewer.surface(window).unwrap().rect != before);
    viewer.settle();
    assert_eq!(viewer.damage, []);
}

/// A window of a hung program, with secrets around it and one above.
struct Hung {
    stage: X11Stage,
    one: ApplicationId,
    window: SurfaceId,
    cover: SurfaceId,
}

impl Hung {
    fn new() -> Self {
        let mut stage = X11Stage::bare();
        let (one, two) = (stage.application(), stage.application());
        stage.window(two, Kind::Plain, (0, 0, 800, 600), SECRET);
        let window = stage.window(one, Kind::Hung, (100, 100, 200, 120), 0);
        stage.fill(window, (0, 0, 200, 120), BLUE);
        let cover = stage.window(two, Kind::Popup, (150, 120, 100, 60), SECRET);
        Self { stage, one, window, cover }
    }
}

#[test]
fn a_hung_program_never_shows_what_was_around_it() {
    let Hung { mut stage, one, window, cover } = Hung::new();
    let mut viewer = Viewer::of(stage.platform(), &[one]);
    viewer.settle();
    assert!(!viewer.seen.contains(&SECRET), "at the start");
    let popup = stage.window(one, Kind::HungPopup, (300, 300, 50, 50), 0);
    viewer.until("the popup", |viewer| viewer.surface(popup).is_some());
    viewer.settle();
    assert!(!viewer.seen.contains(&SECRET), "when mapped");
    stage.resize(window, 320, 220);
    stage.shift(cover, 110, 110);
    viewer.until("the new size", |viewer| viewer.surface(window).unwrap().rect.width == 320);
    viewer.settle();
    assert!(!viewer.seen.contains(&SECRET), "when resized");
    stage.painter(popup).hide(popup.0);
    viewer.until("no popup", |viewer| viewer.surface(popup).is_none());
    stage.shift(cover, 320, 320);
    stage.raise(cover);
    stage.painter(popup).show(popup.0);
    viewer.until("the popup again", |viewer| viewer.surface(popup).is_some());
    viewer.settle();
    assert!(!viewer.seen.contains(&SECRET), "when mapped again");
    // As soon as it paints, that is shown.
    stage.fill(popup, (0, 0, 50, 50), GREEN);
    viewer.until("the paint", |viewer| viewer.shows(popup, GREEN, &[]));
}

/// X.Org fills the pixmap of a window without background with what is on the
/// screen, and the list of applications has windows redirected long before one
/// of them is shared.
#[test]
fn a_hung_program_that_was_listed_never_shows_what_has_left_it_since() {
    let Hung { mut stage, one, window, cover } = Hung::new();
    let mut desktop = stage.platform().desktop().unwrap();
    assert_eq!(desktop.applications().unwrap().len(), 2);
    stage.shift(cover, 600, 450);
    let mut viewer = Viewer::of(stage.platform(), &[one]);
    viewer.settle();
    assert!(!viewer.seen.contains(&SECRET), "covered when listed");
    viewer.end();
    drop(viewer);
    // The list keeps it redirected during a pause.
    stage.resize(window, 320, 220);
    stage.raise(cover);
    let mut viewer = Viewer::of(stage.platform(), &[one]);
    viewer.settle();
    assert!(!viewer.seen.contains(&SECRET), "resized during a pause");
    viewer.end();
    drop(viewer);
    stage.painter(window).hide(window.0);
    stage.shift(cover, 110, 110);
    stage.painter(window).show(window.0);
    stage.shift(cover, 600, 450);
    let mut viewer = Viewer::of(stage.platform(), &[one]);
    viewer.settle();
    assert!(!viewer.seen.contains(&SECRET), "mapped during a pause");
    stage.fill(window, (0, 0, 320, 220), GREEN);
    viewer.until("the paint", |viewer| viewer.shows(window, GREEN, &[]));
}

/// Nobody paints over what a foreign window leaves behind on a window that has
/// no background and whose program hangs.
#[test]
fn remains_on_the_screen_are_not_a_hung_programs_own() {
    let Hung { mut stage, one, cover, .. } = Hung::new();
    stage.shift(cover, 600, 450);
    let mut viewer = Viewer::of(stage.platform(), &[one]);
    viewer.settle();
    assert!(!viewer.seen.contains(&SECRET));
}

/// What a window's pixmap of a new size is filled with lay at its new place at
/// that moment.
#[test]
fn a_hung_program_that_is_resized_never_shows_what_has_left_it_since() {
    let mut stage = X11Stage::bare();
    let (one, two) = (stage.application(), stage.application());
    stage.window(two, Kind::Plain, (0, 0, 800, 600), SECRET);
    let window = stage.window(one, Kind::Hung, (100, 100, 200, 120), 0);
    let cover = stage.window(two, Kind::Popup, (600, 450, 100, 60), SECRET);
    let mut viewer = Viewer::of(stage.platform(), &[one]);
    viewer.settle();
    stage.fill(window, (0, 0, 200, 120), BLUE);
    viewer.until("the paint", |viewer| viewer.shows(window, BLUE, &[]));
    stage.shift(cover, 150, 120);
    stage.resize(window, 220, 130);
    stage.shift(cover, 600, 450);
    viewer.until("the new size", |viewer| viewer.surface(window).unwrap().rect.width == 220);
    viewer.settle();
    assert!(!viewer.seen.contains(&SECRET), "covered when resized");
    assert_eq!(viewer.pictures[&window].at(10, 10), BLUE, "its own paint stays");
    let popup = stage.window(two, Kind::Popup, (110, 110, 30, 30), SECRET);
    stage.resize(window, 230, 140);
    stage.close(popup);
    viewer.until("the next size", |viewer| viewer.surface(window).unwrap().rect.width == 230);
    viewer.settle();
    assert!(!viewer.seen.contains(&SECRET), "covered for a moment when resized");
    stage.painter(window).place(window.0, (50, 50, 300, 200));
    viewer.until("the new place", |viewer| viewer.surface(window).unwrap().rect.width == 300);
    viewer.settle();
    assert!(!viewer.seen.contains(&SECRET), "moved and resized");
}

/// There every window has had a pixmap of its own all along.
#[test]
fn behind_a_compositing_manager_a_hung_program_is_shown_as_it_is() {
    for mut stage in [X11Stage::bare(), X11Stage::managed()] {
        compose(&stage.screen);
        let (one, two) = (stage.application(), stage.application());
        let bare = stage.window(one, Kind::Hung, (100, 100, 200, 120), 0);
        stage.fill(bare, (0, 0, 200, 120), BLUE);
        let filled = stage.window(one, Kind::HungFilled, (400, 100, 200, 120), SECRET);
        stage.fill(filled, (0, 0, 200, 120), GREEN);
        let cover = stage.window(two, Kind::Popup, (150, 120, 300, 60), SECRET);
        let shows = |viewer: &Viewer| viewer.shows(bare, BLUE, &[]) && viewer.shows(filled, GREEN, &[]);
        for listed in [false, true] {
            let mut desktop = stage.platform().desktop().unwrap();
            if listed {
                desktop.applications().unwrap();
            }
            stage.shift(cover, 150, 450);
            let mut viewer = Viewer::of(stage.platform(), &[one]);
            viewer.until("both", shows);
            viewer.settle();
            assert!(shows(&viewer) && !viewer.seen.contains(&SECRET));
            stage.shift(cover, 150, 120);
        }
    }
}

/// Makes this test the compositing manager, which paints nothing.
fn compose(screen: &Screen) {
    use x11rb::protocol::composite::{ConnectionExt as _, Redirect};
    let conn = &screen.conn;
    conn.composite_query_version(0, 4).unwrap().reply().unwrap();
    conn.composite_redirect_subwindows(screen.root, Redirect::MANUAL).unwrap().check().unwrap();
    let selection = conn.intern_atom(false, b"_NET_WM_CM_S0").unwrap().reply().unwrap().atom;
    let owner = screen.own_window((-10, -10), (1, 1));
    conn.set_selection_owner(owner, selection, x11rb::CURRENT_TIME).unwrap().check().unwrap();
}

#[test]
fn windows_that_come_and_go_at_once_break_nothing() {
    let mut stage = X11Stage::bare();
    let (one, two) = (stage.application(), stage.application());
    let window = stage.window(one, Kind::Plain, (100, 100, 200, 120), BLUE);
    let mut viewer = Viewer::of(stage.platform(), &[one]);
    let storm = std::thread::scope(|scope| {
        let storm = scope.spawn(|| {
            stage.of(one).storm(400);
            stage.of(two).storm(400);
            stage.fill(window, (1, 1, 1, 1), GREEN);
        });
        while !storm.is_finished() {
            viewer.capture.wait(Some(std::time::Duration::from_millis(20))).unwrap();
            viewer.take();
        }
        storm.join()
    });
    storm.unwrap();
    viewer.until("only the window that stays", |viewer| {
        viewer.scene.surfaces.len() == 1 && viewer.shows(window, BLUE, &[(Rect::new(1, 1, 1, 1), GREEN)])
    });
}

#[test]
fn a_program_that_ends_takes_its_windows_along() {
    let mut stage = X11Stage::managed();
    let (one, two) = (stage.application(), stage.application());
    let window = stage.window(one, Kind::Plain, (100, 100, 200, 120), BLUE);
    stage.window(two, Kind::Plain, (100, 300, 50, 50), GREEN);
    let mut viewer = Viewer::of(stage.platform(), &[one, two]);
    viewer.until("both", |viewer| viewer.scene.surfaces.len() == 2);
    stage.end(one);
    viewer.until("one left", |viewer| viewer.scene.surfaces.len() == 1 && viewer.surface(window).is_none());
}

#[test]
fn a_server_that_ends_is_an_error_not_a_hang() {
    let mut stage = X11Stage::bare();
    let one = stage.application();
    stage.window(one, Kind::Plain, (100, 100, 200, 120), BLUE);
    let mut viewer = Viewer::of(stage.platform(), &[one]);
    drop(stage);
    let error = loop {
        if let Err(error) = viewer.capture.wait(None).and_then(|()| viewer.capture.take_changes().map(|_| ())) {
            break error;
        }
    };
    assert!(matches!(error, CaptureError::Broken(_)), "{error}");
}

#[test]
fn capture_leaves_keyboard_and_grabs_alone() {
    let mut stage = X11Stage::managed();
    let one = stage.application();
    let window = stage.window(one, Kind::Plain, (100, 100, 200, 120), BLUE);
    stage.screen.focus(window.0);
    let popup = stage.window(one, Kind::Popup, (120, 120, 50, 50), GREEN);
    use x11rb::protocol::xproto::{EventMask, GrabMode, GrabStatus};
    let (mode, mask) = (GrabMode::ASYNC, EventMask::BUTTON_PRESS);
    let conn = &stage.screen.conn;
    let grab = conn.grab_pointer(false, popup.0, mask, mode, mode, 0u32, 0u32, 0u32).unwrap().reply().unwrap();
    assert_eq!(grab.status, GrabStatus::SUCCESS);
    let mut viewer = Viewer::of(stage.platform(), &[one]);
    viewer.until("both", |viewer| viewer.shows(window, BLUE, &[]) && viewer.shows(popup, GREEN, &[]));
    assert_eq!(stage.screen.conn.get_input_focus().unwrap().reply().unwrap().focus, window.0);
    let (other, _) = x11rb::connect(Some(&stage.screen.name)).unwrap();
    let root = stage.screen.root;
    let second = other.grab_pointer(false, root, mask, mode, mode, 0u32, 0u32, 0u32).unwrap().reply().unwrap();
    assert_eq!(second.status, GrabStatus::ALREADY_GRABBED, "a menu keeps its grab");
}

#[test]
fn windows_of_this_program_are_neither_listed_nor_shown() {
    let stage = X11Stage::bare();
    let own = stage.screen.own_window((10, 10), (100, 100));
    let aux = x11rb::protocol::xproto::ChangeWindowAttributesAux::new().override_redirect(0);
    stage.screen.conn.change_window_attributes(own, &aux).unwrap().check().unwrap();
    assert_eq!(stage.platform().desktop().unwrap().applications().unwrap(), []);
    let viewer = Viewer::of(stage.platform(), &[X11::application_of_process(std::process::id())]);
    assert_eq!(viewer.scene.surfaces, []);
}

#[test]
fn a_terminal_is_listed_and_its_text_seen() {
    let stage = X11Stage::managed();
    let mut command = stage.screen.command("xterm");
    command.args(["-T", "Konto", "-e", "sh", "-c", "printf 'hello\\n'; exec sleep 1000"]).stderr(Stdio::null());
    let terminal = Process::spawn(&mut command);
    let id = X11::application_of_process(terminal.0.id());
    let mut desktop = stage.platform().desktop().unwrap();
    let found =
        until("the terminal", || desktop.applications().unwrap().into_iter().find(|application| application.id == id));
    assert_eq!((found.name.as_str(), found.windows[0].title.as_str()), ("XTerm", "Konto"));
    let mut viewer = Viewer::of(stage.platform(), &[id]);
    let window: SurfaceId = found.windows[0].id;
    viewer.until("dark letters on a white page", |viewer| {
        let Some(picture) = viewer.pictures.get(&window) else { return false };
        let count = |colour| picture.pixels.iter().filter(|&&pixel| pixel == colour).count();
        count(0x00ff_ffff) > picture.pixels.len() / 2 && count(0) > 20
    });
}

#[test]
fn the_menu_of_a_real_program_is_shown_whole() {
    let stage = X11Stage::managed();
    let home = std::env::temp_dir().join(format!("mitblick-menu-{}", std::process::id()));
    let mut command = stage.screen.command("mousepad");
    command.args(["--disable-server"]).env("HOME", &home).env("XDG_CONFIG_HOME", &home).env("XDG_RUNTIME_DIR", &home);
    command.env("GSETTINGS_BACKEND", "memory").env("NO_AT_BRIDGE", "1").env("DBUS_SESSION_BUS_ADDRESS", "disabled:");
    let program = Process::spawn(command.stdout(Stdio::null()).stderr(Stdio::null()));
    let id = X11::application_of_process(program.0.id());
    let mut desktop = stage.platform().desktop().unwrap();
    let window = until("the editor", || {
        let found = desktop.applications().unwrap().into_iter().find(|application| application.id == id)?;
        Some(found.windows[0].id)
    });
    let mut viewer = Viewer::of(stage.platform(), &[id]);
    let whole = |viewer: &Viewer, id| {
        viewer.pictures.get(&id).is_some_and(|picture| {
            picture.pixels.iter().all(|&pixel| pixel != 0xdead_beef && pixel != 0x80_8080)
                && picture.pixels.iter().any(|&pixel| pixel != picture.pixels[0])
        })
    };
    viewer.until("the editor's pixels", |viewer| whole(viewer, window));
    viewer.settle();
    for _ in 0..3 {
        stage.screen.focus(window.0);
        stage.screen.run("xdotool", &["key", "alt+e"]);
        viewer.until("the menu", |viewer| {
            let menu = viewer.scene.surfaces.iter().find(|surface| surface.id != window);
            menu.is_some_and(|menu| menu.parent == Some(window) && whole(viewer, menu.id))
        });
        stage.screen.run("xdotool", &["key", "Escape"]);
        viewer.until("no menu", |viewer| viewer.scene.surfaces.len() == 1);
    }
    drop(program);
    let _ = std::fs::remove_dir_all(home);
}
