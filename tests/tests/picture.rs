//! The picture is exact, and it follows its windows.

use mitblick_protocol::geometry::{Point, Rect, Size};
use mitblick_tests::{
    apps,
    paint::{CanvasOptions, Painter},
    programs::AdvisorOptions,
    screen::{ScreenOptions, Windows},
    session::{Stage, StageOptions},
    wait,
};
use serde_json::json;

/// The screens of these tests have no graphics hardware: by itself the picture
/// is shown in a pane.
fn shown_by(picture: &'static str) -> StageOptions {
    StageOptions { advisor: AdvisorOptions { picture, ..AdvisorOptions::default() }, ..StageOptions::default() }
}

#[test]
fn text_of_real_applications_is_exact_while_it_scrolls_and_is_typed() {
    let stage = Stage::usual();
    let screen = &stage.customer_screen;
    let log = apps::coloured_xterm(&stage.place, screen, "build log", Rect::new(20, 160, 480, 400));
    let editor = apps::mousepad(&stage.place, screen, "letter.txt", "Dear customer,\n\nthank you for your call.\n");
    let mut session = stage.connect();
    session.share(&["build log", "letter.txt"]);
    // The title line of the editor blinks no cursor; its text area does.
    for round in 0..3 {
        let window = log.window(session.here());
        session.here().raise(window.id);
        session.here().click_into(window, 100, 100);
        session.here().park_pointer();
        session.here().hand.write(&format!("line {round}: aouq 12345 {{}}\n"));
        let what = format!("the terminal in round {round}");
        exact(&session, &what, window.rect);
    }
    let window = editor.window(session.here());
    session.here().raise(window.id);
    // Its menu bar and what is around it: its text cursor blinks.
    let bottom = window.rect.y + window.rect.height as i32;
    exact(&session, "the editor's lower part", Rect::new(window.rect.x, bottom - 60, window.rect.width, 60));
    session.end_well();
}

/// Waits until a part of the customer's screen shows pixel by pixel on the
/// advisor's, whatever it shows by then.
#[track_caller]
fn exact(session: &mitblick_tests::session::Session, what: &str, area: Rect) {
    wait::until(&format!("{what} shows exactly"), || session.there().frame().find(&session.here().frame_part(area)));
}

#[test]
fn a_window_is_followed_while_it_is_moved_resized_and_covered() {
    follow("pane");
}

#[test]
fn a_window_is_followed_while_it_is_moved_resized_and_covered_where_the_window_paints_it() {
    follow("window");
}

#[track_caller]
fn follow(picture: &'static str) {
    let stage = Stage::new(shown_by(picture));
    let screen = &stage.customer_screen;
    let options = CanvasOptions::new("shared plan", Rect::new(60, 60, 400, 280), 0x0030_6030);
    let (mut shared, canvas) = Painter::with_window(&stage.place, "shared", screen, &options);
    shared.noise(canvas, Rect::new(0, 0, 400, 280), 1);
    let cover = CanvasOptions::new("cover", Rect::new(0, 0, 900, 600), 0x0010_1010);
    // The viewer centres what is shared; with these it has a fixed extent.
    let one = shared.open(&CanvasOptions::new("corner one", Rect::new(0, 0, 20, 20), 0x0030_3030));
    let two = shared.open(&CanvasOptions::new("corner two", Rect::new(970, 600, 20, 20), 0x0030_3030));
    for corner in [one, two] {
        shared.noise(corner, Rect::new(0, 0, 20, 20), if corner == one { 8 } else { 9 });
    }
    let mut session = stage.connect();
    session.share(&["shared plan"]);
    wait::until("both corners show", || {
        let (at, to) =
            (session.there().frame().find(shared.picture(one))?, session.there().frame().find(shared.picture(two))?);
        (to.x - at.x == 970 && to.y - at.y == 600).then_some(())
    });
    let first = session.await_picture("the window", shared.picture(canvas));

    let (_cover, _) = Painter::with_window(&session.stage.place, "cover", session.here(), &cover);
    shared.noise(canvas, Rect::new(100, 100, 200, 100), 2);
    let covered = session.await_picture("the window, covered all over", shared.picture(canvas));
    assert_eq!(covered, first, "it has not moved");

    shared.move_to(canvas, session.here(), Point { x: 260, y: 190 });
    let moved = Point { x: first.x + 200, y: first.y + 130 };
    wait::until("the window shows where it was moved to", || {
        session.there().frame().find(shared.picture(canvas)).filter(|at| *at == moved)
    });
    for size in [(520, 300), (130, 90), (700, 480)] {
        let size = Size { width: size.0, height: size.1 };
        shared.resize(canvas, session.here(), size, 0x0040_4070);
        shared.noise(canvas, Rect::new(10, 10, 60, 60), size.width);
        session.await_picture(&format!("the window as {size:?}"), shared.picture(canvas));
    }
    session.end_well();
}

#[test]
fn fast_changes_end_in_the_exact_last_state() {
    change_fast("pane");
}

#[test]
fn fast_changes_end_in_the_exact_last_state_where_the_window_paints_it() {
    change_fast("window");
}

#[track_caller]
fn change_fast(picture: &'static str) {
    let stage = Stage::new(shown_by(picture));
    let screen = &stage.customer_screen;
    let options = CanvasOptions::new("film", Rect::new(60, 60, 640, 480), 0x0030_6030);
    let (mut film, canvas) = Painter::with_window(&stage.place, "film", screen, &options);
    let mut session = stage.connect();
    session.share(&["film"]);
    for frame in 0..40 {
        film.noise(canvas, Rect::new(40, 40, 560, 400), frame);
    }
    session.await_picture("the last frame", film.picture(canvas));
    session.end_well();
}

#[test]
fn windows_partly_off_the_screen_and_minimised_do_no_harm() {
    let stage = Stage::usual();
    let screen = &stage.customer_screen;
    let options = CanvasOptions::new("shared plan", Rect::new(300, 60, 300, 200), 0x0030_6030);
    let (mut shared, canvas) = Painter::with_window(&stage.place, "shared", screen, &options);
    shared.noise(canvas, Rect::new(0, 0, 300, 200), 1);
    let second = shared.open(&CanvasOptions::new("second sheet", Rect::new(50, 400, 300, 200), 0x0060_3030));
    shared.noise(second, Rect::new(0, 0, 300, 200), 2);
    let mut session = stage.connect();
    session.share(&["shared plan"]);
    session.await_picture("one", shared.picture(canvas));
    session.await_picture("the other", shared.picture(second));

    shared.move_to(canvas, session.here(), Point { x: 850, y: -90 });
    shared.noise(canvas, Rect::new(0, 100, 100, 90), 3);
    session.await_picture("the part that is on the screen", &shared.picture(canvas).part(Rect::new(0, 90, 150, 110)));

    let window = shared.seen(second, session.here());
    session.here().iconify(window.id);
    session.await_gone("the minimised sheet", &shared.picture(second).part(Rect::new(30, 30, 200, 100)));
    session.here().restore(window.id);
    shared.noise(second, Rect::new(0, 0, 60, 60), 4);
    session.await_picture("the sheet, back again", shared.picture(second));
    session.end_well();
}

#[test]
fn windows_with_frames_show_their_content_and_the_place_told_is_true() {
    tell_place("pane");
}

#[test]
fn the_place_told_is_true_where_the_window_paints_it() {
    tell_place("window");
}

#[track_caller]
fn tell_place(picture: &'static str) {
    let framed = ScreenOptions { windows: Windows::Framed, ..ScreenOptions::default() };
    let stage = Stage::new(StageOptions { customer_screen: framed, ..shown_by(picture) });
    let screen = &stage.customer_screen;
    let options = CanvasOptions::new("shared plan", Rect::new(300, 160, 300, 200), 0x0030_6030);
    let (mut shared, canvas) = Painter::with_window(&stage.place, "shared", screen, &options);
    shared.noise(canvas, Rect::new(0, 0, 300, 200), 1);
    shared.open(&CanvasOptions::new("corner one", Rect::new(5, 30, 60, 40), 0x0030_3030));
    shared.open(&CanvasOptions::new("corner two", Rect::new(900, 600, 60, 40), 0x0030_3030));
    let mut session = stage.connect();
    session.share(&["shared plan"]);
    session.await_picture("the window", shared.picture(canvas));
    // Once the window has been painted, every view event says where.
    session.advisor.turn_page();
    shared.move_to(canvas, session.here(), Point { x: 350, y: 200 });
    let seen = shared.seen(canvas, session.here()).rect;
    let place = json!({ "x": seen.x, "y": seen.y, "width": seen.width, "height": seen.height });
    let view = session.advisor.expect_where("view with the window's place", |event| {
        let surfaces = event["surfaces"].as_array();
        event["event"] == "view"
            && surfaces.into_iter().flatten().any(|s| ["x", "y", "width", "height"].iter().all(|&f| s[f] == place[f]))
    });
    let pane = &view["pane"];
    let corner = |pane: &serde_json::Value, at: i32| pane.as_f64().map(|pane| (pane + f64::from(at)).round() as i32);
    assert_eq!(pane["zoom"].as_f64(), Some(1.0), "{view}");
    let told = Point { x: corner(&pane["x"], seen.x).unwrap_or(-1), y: corner(&pane["y"], seen.y).unwrap_or(-1) };
    wait::until("the window shows where it was told", || {
        session.there().frame().find(shared.picture(canvas)).filter(|at| *at == told)
    });
    session.end_well();
}

#[test]
fn while_nothing_changes_next_to_nothing_is_sent() {
    let stage = Stage::usual();
    let screen = &stage.customer_screen;
    let options = CanvasOptions::new("shared plan", Rect::new(60, 60, 640, 480), 0x0030_6030);
    let (mut shared, canvas) = Painter::with_window(&stage.place, "shared", screen, &options);
    shared.noise(canvas, Rect::new(0, 0, 640, 480), 1);
    let mut session = stage.connect();
    session.share(&["shared plan"]);
    session.await_picture("the window", shared.picture(canvas));
    // Moving the window costs a place, not its million bytes of pixels.
    let before = session.stage.customer_wire.up_bytes();
    for step in 0..20 {
        shared.move_to(canvas, session.here(), Point { x: 60 + 5 * step, y: 60 + 4 * step });
    }
    shared.fill(canvas, Rect::new(0, 0, 8, 8), 1);
    session.await_picture("the window, moved", shared.picture(canvas));
    let sent = session.stage.customer_wire.up_bytes() - before;
    assert!(sent < 100_000, "{sent} bytes for twenty moves and eight by eight pixels");
    session.end_well();
}
