//! The rig itself: what it claims to see and to do is true, and nothing of it
//! is left behind.

use mitblick_protocol::geometry::{Point, Rect, Size};
use mitblick_tests::{
    apps,
    hand::{RIGHT, key},
    launch::Place,
    paint::{CanvasOptions, Painter},
    screen::{Screen, ScreenOptions, Windows},
    wait,
    wire::Wire,
};
use std::{
    fs,
    io::{self, ErrorKind, Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::fs::MetadataExt,
};

#[test]
fn a_painted_window_shows_pixel_by_pixel() {
    let place = Place::new();
    let screen = Screen::start(&place, "a", &ScreenOptions::default());
    let options = CanvasOptions::new("first", Rect::new(100, 80, 300, 200), 0x0011_2233);
    let (mut painter, canvas) = Painter::with_window(&place, "painter", &screen, &options);
    painter.noise(canvas, Rect::new(10, 10, 200, 100), 7);
    let shown = |painter: &Painter| screen.frame().find(painter.picture(canvas));
    wait::until("it shows", || shown(&painter).filter(|at| *at == Point { x: 100, y: 80 }));
    painter.resize(canvas, &screen, Size { width: 350, height: 150 }, 0x0044_5566);
    painter.move_to(canvas, &screen, Point { x: 20, y: 30 });
    wait::until("it shows again", || shown(&painter).filter(|at| *at == Point { x: 20, y: 30 }));
    let with_alpha =
        CanvasOptions { alpha: true, ..CanvasOptions::popup("tip", Rect::new(600, 400, 90, 40), 0x00ff_ee00) };
    let tip = painter.open(&with_alpha);
    wait::until("the popup shows", || screen.frame().find(painter.picture(tip)));
}

#[test]
fn what_hands_do_reaches_the_window_under_them() {
    let place = Place::new();
    let screen = Screen::start(&place, "a", &ScreenOptions::default());
    let options = CanvasOptions::new("target", Rect::new(100, 80, 300, 200), 0x0011_2233);
    let (painter, canvas) = Painter::with_window(&place, "painter", &screen, &options);
    screen.click_into(painter.seen(canvas, &screen), 20, 30);
    screen.hand.write("Hello, 42!");
    screen.hand.strike(key::F12);
    painter.await_typed("<0xffc9>");
    let text: String = painter.typed().replace("<0xffe1>", "");
    assert_eq!(text, "Hello, 42!<0xffc9>");
    let press = painter.received().into_iter().find(|e| e["event"] == "button").unwrap();
    assert_eq!((press["button"].as_u64(), press["x"].as_i64(), press["y"].as_i64()), (Some(1), Some(20), Some(30)));
    assert!(!screen.any_key_down());
    screen.hand.button(RIGHT, true);
    assert_ne!(screen.buttons_down(), 0);
    screen.hand.button(RIGHT, false);
    assert_eq!(screen.buttons_down(), 0);
}

#[test]
fn a_screen_with_devices_shows_and_types_like_any_other() {
    let place = Place::new();
    let screen = Screen::start_with_devices(&place, "a", &ScreenOptions::default());
    let options = CanvasOptions::new("inner", Rect::new(50, 60, 200, 100), 0x0020_8040);
    let (painter, canvas) = Painter::with_window(&place, "painter", &screen, &options);
    wait::until("it shows", || screen.frame().find(painter.picture(canvas)).filter(|at| *at == Point { x: 50, y: 60 }));
    screen.click_into(painter.seen(canvas, &screen), 20, 30);
    screen.hand.write("abc");
    painter.await_typed("abc");
}

#[test]
fn real_applications_come_up_and_take_text() {
    let place = Place::new();
    let screen = Screen::start(&place, "a", &ScreenOptions { windows: Windows::Framed, ..ScreenOptions::default() });
    let terminal = apps::coloured_xterm(&place, &screen, "log", Rect::new(500, 300, 400, 300));
    let editor = apps::mousepad(&place, &screen, "letter.txt", "Dear customer,\n");
    let calculator = apps::xcalc(&place, &screen, Rect::new(20, 400, 220, 250));
    for app in [&terminal, &calculator, &editor] {
        let window = app.window(&screen);
        screen.raise(window.id);
        let picture = || screen.frame_part(screen.rect_of(window.id).unwrap());
        let colours = || picture().pixels.windows(2).filter(|pair| pair[0] != pair[1]).count();
        wait::until(&format!("{} has painted itself", app.title()), || (colours() > 200).then_some(()));
    }
    let window = editor.window(&screen);
    screen.click_into(window, 60, 100);
    screen.hand.write("typed");
    // Not its picture: a caret that blinks changes that too.
    screen.hand.strike_with(&[key::CONTROL], u32::from('s'));
    let saved = || fs::read_to_string(place.path().join("letter.txt")).is_ok_and(|text| text.contains("typed"));
    wait::until("the editor saves what is typed", || saved().then_some(()));
}

/// Whether a connection has ended: nothing came, and not because of the time.
fn is_end(read: io::Result<usize>) -> bool {
    match read {
        Ok(count) => count == 0,
        Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
    }
}

#[test]
fn a_dead_line_passes_nothing_and_a_cut_one_ends() {
    let echo = TcpListener::bind("127.0.0.1:0").unwrap();
    let wire = Wire::to(echo.local_addr().unwrap());
    let mut near = TcpStream::connect(wire.address()).unwrap();
    let (mut far, _) = echo.accept().unwrap();
    let mut byte = [0];
    near.write_all(b"1").unwrap();
    far.read_exact(&mut byte).unwrap();
    assert_eq!((byte[0], wire.up_bytes(), wire.down_bytes()), (b'1', 1, 0));
    wire.go_dead();
    near.write_all(b"2").unwrap();
    far.write_all(b"3").unwrap();
    for socket in [&mut near, &mut far] {
        socket.set_read_timeout(Some(std::time::Duration::from_millis(200))).unwrap();
        assert!(socket.read(&mut byte).is_err(), "nothing comes over a dead line, not even its end");
    }
    wire.cut();
    for socket in [&mut near, &mut far] {
        socket.set_read_timeout(Some(wait::PATIENCE)).unwrap();
        assert!(is_end(socket.read(&mut byte)), "a cut line ends");
    }
}

#[test]
fn a_held_line_ends_and_takes_nobody_until_it_is_released() {
    let echo = TcpListener::bind("127.0.0.1:0").unwrap();
    let wire = Wire::to(echo.local_addr().unwrap());
    let connect = || {
        let socket = TcpStream::connect(wire.address()).unwrap();
        socket.set_read_timeout(Some(wait::PATIENCE)).unwrap();
        socket
    };
    let (mut before, (_far, _)) = (connect(), echo.accept().unwrap());
    wire.hold();
    let mut meanwhile = connect();
    for socket in [&mut before, &mut meanwhile] {
        assert!(is_end(socket.read(&mut [0])), "a held line ends");
    }
    wire.release();
    let (mut after, (mut far, _)) = (connect(), echo.accept().unwrap());
    after.write_all(b"1").unwrap();
    let mut byte = [0];
    far.read_exact(&mut byte).unwrap();
    assert_eq!((byte[0], wire.up_bytes()), (b'1', 1));
}

#[test]
fn nothing_of_a_test_is_left_when_it_ends() {
    let place = Place::new();
    let folder = place.path().to_owned();
    let mut screen = Screen::start(&place, "a", &ScreenOptions::default());
    let options = CanvasOptions::new("target", Rect::new(100, 80, 300, 200), 0x0011_2233);
    let (mut painter, _) = Painter::with_window(&place, "painter", &screen, &options);
    let terminal = apps::xterm(&place, &screen, "terminal", "text", Rect::new(500, 300, 300, 200));
    let socket = format!("/tmp/.X11-unix/X{}", screen.display().trim_start_matches(':'));
    // Another test's display may take the name as soon as it is free.
    let socket = || fs::metadata(&socket).ok().map(|meta| (meta.ino(), meta.ctime(), meta.ctime_nsec()));
    let ids = [screen.server().id(), painter.talker().process().id(), terminal.process.id()];
    let own_socket = socket();
    assert!(own_socket.is_some());
    drop((painter, terminal, screen, place));
    assert_ne!(socket(), own_socket, "the display's socket");
    assert!(!folder.exists(), "the test's folder");
    for id in ids {
        assert!(!std::path::Path::new(&format!("/proc/{id}")).exists(), "process {id}");
    }
}
