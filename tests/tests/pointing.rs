//! Pointing without control: seen on the customer's real screen, in the shared
//! window and nowhere else, and gone with it.

use mitblick_protocol::{
    geometry::{Point, Rect},
    marks::{Mark, MarkColour, MarkId, MarkLife, MarkShape, ShowingNumber},
    peer_msg::{PointerPlace, SharingState, SurfaceId, ToShower, ToWatcher},
    text::DisplayText,
};
use mitblick_tests::{
    false_broker::FalseBroker,
    hand::{LEFT, key},
    ink::{RING, around, await_box, await_ink, await_ring, box_of},
    launch::Place,
    paint::{Canvas, CanvasOptions, Painter},
    programs::{self, AdvisorOptions},
    screen::{Screen, ScreenOptions},
    session::{Session, Stage, StageOptions},
    wait,
};
use serde_json::{Value, json};

const SHARED: Rect = Rect::new(80, 120, 420, 300);
const RED: u32 = MarkColour::Red.rgb();
const GREEN: u32 = MarkColour::Green.rgb();
/// The advisor's pointer.
const POINTER: u32 = 0x000b_5bd3;

fn shared(place: &Place, screen: &Screen) -> (Painter, Canvas) {
    let options = CanvasOptions::new("shared plan", SHARED, 0x00d0_d8e0);
    let (mut painter, canvas) = Painter::with_window(place, "shared", screen, &options);
    painter.noise(canvas, Rect::new(20, 220, 120, 60), 1);
    (painter, canvas)
}

/// The id of the one shared window.
#[track_caller]
fn surface(session: &Session) -> Value {
    session.advisor.newest_ever("view").expect("a view")["surfaces"][0]["id"].clone()
}

/// A session that shows a window, and where its corner is on the advisor's
/// screen.
fn showing() -> (Session, Painter, Canvas, Point) {
    let stage = Stage::usual();
    let (painter, canvas) = shared(&stage.place, &stage.customer_screen);
    let mut session = stage.connect();
    session.share(&["shared plan"]);
    let corner = session.await_picture("the window", painter.picture(canvas));
    (session, painter, canvas, corner)
}

/// A circle that begins at a place of the window, as its outline is drawn:
/// half a pen to each side.
fn circle(session: &mut Session, corners: [[i32; 2]; 2], colour: &str) {
    let draw =
        json!({"surface": surface(session), "shape": "ellipse", "points": corners, "colour": colour, "stays": true});
    session.advisor.say("draw", draw);
}

#[test]
fn a_mark_sticks_to_its_window_and_stays_inside_of_it() {
    let (mut session, mut painter, canvas, corner) = showing();
    let corners = [[50, 40], [150, 120]];
    circle(&mut session, corners, "red");
    session.customer.expect("marks", json!({"marks": 1}));
    let window = |painter: &Painter, session: &Session| painter.seen(canvas, session.here()).rect;
    let first = window(&painter, &session);
    let place = Point { x: first.x, y: first.y };
    let at_first = await_ink(session.here(), "the mark at the customer", RED);
    assert_eq!(at_first, around(corners, place));
    // The advisor sees the same in the picture at once.
    await_box(session.there(), "the mark at the advisor", RED, Some(around(corners, corner)));

    let sent = session.stage.customer_wire.up_bytes();
    for step in 1..=4 {
        painter.move_to(canvas, session.here(), Point { x: 80 + 30 * step, y: 120 + 10 * step });
        let moved = Point { x: place.x + 30 * step, y: place.y + 10 * step };
        await_box(session.here(), "the mark, moved", RED, Some(around(corners, moved)));
    }
    let sent = session.stage.customer_wire.up_bytes() - sent;
    assert!(sent < 20_000, "marks are not in the picture that is sent: {sent} bytes");

    // Beyond the window's edges.
    circle(&mut session, [[-60, -60], [600, 500]], "green");
    session.customer.expect("marks", json!({"marks": 2}));
    let now = window(&painter, &session);
    let seen = await_ink(session.here(), "the part of it that is in the window", GREEN);
    assert_eq!(seen.intersection(now), Some(seen), "in {now:?}");

    // Another application's window above it.
    let cover = CanvasOptions::popup("cover", Rect::new(now.x + 100, now.y, 200, 300), 0x0010_1010);
    let mut other = Painter::start(&session.stage.place, "other", session.here());
    let cover = other.open(&cover);
    other.raise(cover);
    let moved = Point { x: now.x, y: now.y };
    let left_part = Rect { width: 100 - 48, ..around(corners, moved) };
    await_box(session.here(), "only what is not covered", RED, Some(left_part));
    other.close(cover);
    await_box(session.here(), "all of it again", RED, Some(around(corners, moved)));

    // A click goes through.
    let clicks = painter.clicks();
    session.here().hand.click(Point { x: moved.x + 50, y: moved.y + 80 }, LEFT);
    wait::until("the click in the window below", || (painter.clicks() == clicks + 1).then_some(()));
    session.here().park_pointer();

    session.customer.say("pause", json!({}));
    await_box(session.here(), "nothing while it is paused", RED, None);
    await_box(session.there(), "nor at the advisor", RED, None);
    session.customer.say("resume", json!({}));
    session.await_picture("the window again", painter.picture(canvas));
    assert_eq!(box_of(&session.here().frame(), RED), None, "what is gone does not come back");
    assert_eq!(box_of(&session.there().frame(), RED), None);
    session.end_well();
}

#[test]
fn the_advisors_pointer_has_a_name_and_goes_when_it_leaves() {
    let (mut session, painter, canvas, _) = showing();
    let window = painter.seen(canvas, session.here()).rect;
    let id = surface(&session);
    for (x, y) in [(30, 40), (120, 90), (200, 60)] {
        session.advisor.say("point", json!({"surface": id, "x": x, "y": y}));
        wait::until("the arrow points there", || {
            let seen = box_of(&session.here().frame(), POINTER)?;
            // Its tip is at the place; the name stands right below it.
            let near = (seen.x - (window.x + x)).abs() <= 2 && (seen.y - (window.y + y)).abs() <= 4;
            (near && seen.width > 50).then_some(())
        });
    }
    session.advisor.say("point_away", json!({}));
    await_box(session.here(), "no arrow", POINTER, None);
    assert_eq!(box_of(&session.there().frame(), POINTER), None, "the advisor has a pointer of their own");
    session.end_well();
}

#[test]
fn marks_fade_and_go_with_a_minimised_or_closed_window() {
    let (mut session, mut painter, canvas, _) = showing();
    let id = surface(&session);
    session.advisor.say("draw", json!({"surface": id, "shape": "line", "points": [[10, 10], [60, 60]]}));
    await_ink(session.here(), "a line", RED);
    await_box(session.here(), "it fades", RED, None);
    await_box(session.there(), "at the advisor too", RED, None);
    for (shape, points) in [("step", json!([[40, 40]])), ("arrow", json!([[100, 100], [160, 40]]))] {
        let draw = json!({"surface": id, "shape": shape, "points": points, "number": 3, "stays": true});
        session.advisor.say("draw", draw);
    }
    let text = json!({"surface": id, "shape": "text", "points": [[200, 100]], "text": "hier", "stays": true,
        "colour": "green"});
    session.advisor.say("draw", text);
    await_ink(session.here(), "the step and the arrow", RED);
    await_ink(session.here(), "the text", GREEN);
    let window = painter.seen(canvas, session.here());
    // That there was none before does not count.
    session.customer.turn_page();
    session.here().iconify(window.id);
    await_box(session.here(), "nothing of a minimised window", RED, None);
    session.customer.expect("marks", json!({"marks": 0}));
    session.here().restore(window.id);
    session.await_picture("the window again", painter.picture(canvas));
    assert_eq!(box_of(&session.here().frame(), GREEN), None, "what is gone does not come back");

    session.advisor.turn_page();
    circle(&mut session, [[50, 40], [150, 120]], "green");
    await_ink(session.here(), "a circle", GREEN);
    painter.close(canvas);
    await_box(session.here(), "nothing of a closed window", GREEN, None);
    session.advisor.expect("marks", json!({"marks": 0}));
    session.end_well();
}

#[test]
fn the_customer_clears_and_hides_what_is_pointed_at_and_points_too() {
    let (mut session, painter, canvas, corner) = showing();
    circle(&mut session, [[50, 40], [150, 120]], "red");
    await_ink(session.here(), "the mark", RED);
    session.customer.say("clear_marks", json!({}));
    await_box(session.here(), "cleared", RED, None);
    await_box(session.there(), "cleared at the advisor too", RED, None);
    circle(&mut session, [[50, 40], [150, 120]], "green");
    await_ink(session.here(), "the other mark", GREEN);
    session.customer.say("hide_pointing", json!({"hidden": true}));
    session.advisor.expect("pointing", json!({"allowed": false}));
    await_box(session.here(), "hidden", GREEN, None);
    circle(&mut session, [[50, 40], [150, 120]], "green");
    session.advisor.expect("error", json!({"problem": "not_now"}));
    session.customer.say("hide_pointing", json!({"hidden": false}));
    session.advisor.expect("pointing", json!({"allowed": true}));

    // A ring around the customer's own pointer, at the advisor alone.
    session.customer.say("point_out", json!({"on": true}));
    session.advisor.expect("points_out", json!({"on": true}));
    let at = painter.point(canvas, session.here(), 200, 150);
    session.here().hand.move_to(at);
    let middle = Point { x: corner.x + 200, y: corner.y + 150 };
    await_ring(session.there(), |_| Some(middle));
    assert_eq!(box_of(&session.here().frame(), RING), None, "not on the own screen");
    session.customer.say("point_out", json!({"on": false}));
    await_box(session.there(), "no ring", RING, None);
    session.end_well();
}

/// A customer's program that shows a window to a watcher that does as it likes.
fn watched_by(
    script: impl FnOnce(&mut mitblick_tests::false_broker::Watcher<'_>) -> anyhow::Result<()> + Send + 'static,
) {
    let place = Place::new();
    let screen = Screen::start(&place, "customer", &ScreenOptions::default());
    let broker = FalseBroker::start();
    let number = broker.watch(script);
    let _window = shared(&place, &screen);
    let mut customer = programs::customer(&place, "customer", screen.display(), broker.url(), Some(&number));
    customer.expect("connected", json!({}));
    customer.say("i_did_call", json!({}));
    customer.say("share", json!({"titles": ["shared plan"]}));
    customer.expect("ended", json!({"reason": "other_side_misbehaved"}));
    assert_eq!(box_of(&screen.frame(), RED), None);
}

fn mark(showing: u32, id: u32, surface: SurfaceId) -> ToShower {
    let shape = MarkShape::Ellipse(Rect::new(10, 10, 200, 200));
    let (colour, life) = (MarkColour::Red, MarkLife::Stays);
    let mark = Mark { id: MarkId(id), surface, shape, colour, life };
    ToShower::Mark { showing: ShowingNumber(showing), mark }
}

fn hello() -> ToShower {
    ToShower::Hello { version: DisplayText::cleaned("1") }
}

#[test]
fn a_watcher_that_points_before_anything_is_shown_is_sent_away() {
    watched_by(|watcher| {
        watcher.say(&hello())?;
        while !matches!(watcher.hear()?, ToWatcher::Sharing(SharingState::Showing)) {}
        // It says so as soon as it may have been shown something, and before.
        watcher.say(&mark(2, 1, SurfaceId(1)))
    });
}

#[test]
fn a_watcher_that_points_at_what_was_never_shown_is_sent_away() {
    watched_by(|watcher| {
        watcher.say(&hello())?;
        let scene = loop {
            if let ToWatcher::Frame(frame) = watcher.hear()?
                && let Some(scene) = frame.scene
            {
                break scene;
            }
        };
        let known = scene.surfaces.first().map_or(SurfaceId(0), |surface| surface.id);
        let at = Some(PointerPlace { surface: SurfaceId(known.0 ^ 0x0010_0000), at: Point { x: 1, y: 1 } });
        watcher.say(&ToShower::Point { showing: ShowingNumber(1), at })
    });
}

#[test]
fn what_the_advisor_asks_for_is_shown_or_refused_and_no_title_is_told() {
    let (mut session, painter, canvas, _) = showing();
    let options = CanvasOptions::new("secret mailbox", Rect::new(560, 120, 200, 160), 0x0040_5060);
    let (mut mail, mailbox) = Painter::with_window(&session.stage.place, "mail", session.here(), &options);
    mail.noise(mailbox, Rect::new(20, 20, 100, 80), 9);
    session.advisor.say("ask_to_show", json!({"text": "Bitte zeigen Sie Ihr Postfach\u{202e}"}));
    let asked = session.customer.expect("asked_to_show", json!({}));
    assert_eq!(asked["text"], "Bitte zeigen Sie Ihr Postfach<U+202E>");
    session.advisor.expect("ask", json!({"state": "open"}));
    session.customer.say("refuse_to_show", json!({}));
    session.advisor.expect("ask", json!({"state": "refused"}));
    // Both words: either alone may be a check word.
    let telling = session.advisor.ever_told().into_iter().find(|event| event.to_string().contains("secret mailbox"));
    assert_eq!(telling, None, "no title of what is not shown");

    session.advisor.turn_page();
    session.advisor.say("ask_to_show", json!({"text": "Wirklich nicht?"}));
    session.customer.expect("asked_to_show", json!({"text": "Wirklich nicht?"}));
    session.customer.say("show_also", json!({"titles": ["secret mailbox"]}));
    session.advisor.expect("ask", json!({"state": "shown"}));
    session.await_picture("what is shown too", mail.picture(mailbox));
    session.await_picture("what was shown before", painter.picture(canvas));
    session.advisor.say("ask_to_show", json!({"text": "x".repeat(500)}));
    session.advisor.expect("error", json!({"problem": "ask_too_long"}));
    session.end_well();
}

#[test]
fn an_arrow_is_drawn_by_keys_alone() {
    let advisor = AdvisorOptions { fullscreen: false, ..AdvisorOptions::default() };
    let stage = Stage::new(StageOptions { advisor, ..StageOptions::default() });
    let (painter, canvas) = shared(&stage.place, &stage.customer_screen);
    let mut session = stage.connect();
    session.share(&["shared plan"]);
    session.await_picture("the window", painter.picture(canvas));
    session.there().park_pointer();
    // One key after the other: a pass of the window takes one step of the focus.
    let strike = |session: &Session, keys: &[u32]| {
        for &keysym in keys {
            session.there().hand.strike(keysym);
            session.advisor.process().await_quiet();
        }
    };
    let space = u32::from(' ');
    // Asking for control, the end, pointing.
    strike(&session, &[key::TAB, key::TAB, key::TAB, space]);
    // The chat, four buttons of sizes, more; no tool, the pointer, the arrow.
    strike(&session, &[key::TAB; 9]);
    strike(&session, &[space]);
    // In the picture, from the middle of the window.
    strike(&session, &[space]);
    session.there().hand.strike_with(&[key::SHIFT], key::RIGHT);
    session.advisor.process().await_quiet();
    strike(&session, &[key::RIGHT, key::RETURN]);
    session.customer.expect("marks", json!({"marks": 1}));
    let window = painter.seen(canvas, session.here()).rect;
    let (from, to) = (window.x + 210, window.x + 210 + 48);
    wait::until("an arrow from there to there at the customer", || {
        let colours = MarkColour::ALL.map(MarkColour::rgb);
        let seen = session.here().frame();
        let ink = colours.into_iter().find_map(|colour| box_of(&seen, colour))?;
        let along = (ink.x - from).abs() <= 4 && (ink.right() - i64::from(to)).abs() <= 4;
        (along && ink.contains(Point { x: from + 20, y: window.y + 150 })).then_some(())
    });
    // Begun, seen and given up: nothing of it stays, as of the first once that
    // has faded.
    strike(&session, &[key::RETURN, key::RIGHT, key::ESCAPE, key::ESCAPE]);
    for colour in MarkColour::ALL {
        await_box(session.here(), "nothing at the customer", colour.rgb(), None);
    }
    session.customer.expect("marks", json!({"marks": 0}));
    session.end_well();
}
