//! What the advisor sees: the applications that the customer chose, while the
//! customer wants it, and not one pixel else.

use mitblick_protocol::geometry::{Point, Rect, Size};
use mitblick_tests::{
    apps,
    hand::{LEFT, key},
    paint::{Canvas, CanvasOptions, Painter},
    session::{CANARY, Lookout, Session, Stage, is_canary},
    wait,
};
use serde_json::json;
use std::time::Duration;

const SHARED: Rect = Rect::new(60, 60, 420, 300);
/// No pointer's picture is larger here.
const POINTER_SIDE_PX: u32 = 32;

/// A window to share, with a pattern that shows where it is, and one beside
/// and partly under it that is nobody's business.
fn shared_and_secret(stage: &Stage) -> ((Painter, Canvas), (Painter, Canvas)) {
    let screen = &stage.customer_screen;
    let secret = CanvasOptions::new("secret diary", Rect::new(300, 200, 500, 400), CANARY);
    let secret = Painter::with_window(&stage.place, "secret", screen, &secret);
    let options = CanvasOptions::new("shared plan", SHARED, 0x0030_6030);
    let (mut shared, canvas) = Painter::with_window(&stage.place, "shared", screen, &options);
    shared.noise(canvas, Rect::new(20, 20, 120, 80), 1);
    ((shared, canvas), secret)
}

#[test]
fn nothing_is_seen_before_the_customer_has_chosen() {
    let stage = Stage::usual();
    let screen = &stage.customer_screen;
    let secret = CanvasOptions::new("secret diary", Rect::new(500, 60, 400, 400), CANARY);
    let (mut secret, diary) = Painter::with_window(&stage.place, "secret", screen, &secret);
    let options = CanvasOptions::new("shared plan", SHARED, 0x0030_6030);
    let (mut shared, canvas) = Painter::with_window(&stage.place, "shared", screen, &options);
    shared.noise(canvas, Rect::new(20, 20, 120, 80), 1);
    let lookout = Lookout::on(&stage.advisor_screen, is_canary);
    let mut session = stage.connect();
    let before = session.stage.customer_wire.up_bytes();
    // The customer looks through the list, with pictures of every window.
    session.customer.say("applications", json!({}));
    let listed = session.customer.expect("applications", json!({})).to_string();
    assert!(listed.contains("secret diary") && listed.contains("shared plan"), "{listed}");
    secret.fill(diary, Rect::new(10, 10, 50, 50), 0);
    session.exchange_lines();
    assert!(!session.advisor.has_told("view"), "nothing has been shown");
    let sent = session.stage.customer_wire.up_bytes() - before;
    assert!(sent < 4096, "the list stays here, and {sent} bytes were sent");
    session.share(&["shared plan"]);
    session.await_picture("the shared window", shared.picture(canvas));
    assert_eq!(lookout.seen(), None, "the canary at the advisor");
    drop(lookout);
    session.end_well();
}

#[test]
fn what_is_not_shared_never_arrives_whatever_windows_do() {
    let stage = Stage::usual();
    let ((mut shared, canvas), (mut secret, diary)) = shared_and_secret(&stage);
    let lookout = Lookout::on(&stage.advisor_screen, is_canary);
    let mut session = stage.connect();
    session.share(&["shared plan"]);
    session.await_picture("the shared window", shared.picture(canvas));

    // It comes to the front and covers part of what is shared.
    secret.raise(diary);
    shared.noise(canvas, Rect::new(200, 100, 200, 180), 2);
    session.await_picture("the shared window, covered", shared.picture(canvas));
    // It is moved to and fro over it.
    for step in 0..8 {
        secret.move_to(diary, session.here(), Point { x: 20 + step * 40, y: 30 + step * 20 });
        shared.fill(canvas, Rect::new(step * 30, 10, 25, 25), 0x0020_3040 + step as u32);
    }
    session.await_picture("the shared window, moved over", shared.picture(canvas));
    // It is made large, and small again.
    secret.resize(diary, session.here(), Size { width: 900, height: 600 }, CANARY);
    shared.noise(canvas, Rect::new(0, 200, 300, 100), 3);
    session.await_picture("the shared window, all covered", shared.picture(canvas));
    secret.resize(diary, session.here(), Size { width: 200, height: 150 }, CANARY);
    // The shared one moves and changes its size under and over it.
    shared.move_to(canvas, session.here(), Point { x: 200, y: 150 });
    shared.resize(canvas, session.here(), Size { width: 500, height: 350 }, 0x0050_3030);
    shared.noise(canvas, Rect::new(300, 200, 150, 100), 4);
    session.await_picture("the shared window, resized", shared.picture(canvas));
    // It opens a menu above what is shared, and a new window.
    let at = shared.seen(canvas, session.here()).rect;
    let menu = secret.open(&CanvasOptions::popup("secret menu", Rect::new(at.x + 40, at.y + 40, 150, 200), CANARY));
    secret.open(&CanvasOptions::new("secret letter", Rect::new(at.x + 90, at.y + 90, 250, 200), CANARY));
    shared.noise(canvas, Rect::new(30, 30, 250, 180), 5);
    session.await_picture("the shared window under a menu", shared.picture(canvas));
    secret.close(menu);
    // The shared one closes: what was behind it stays unseen.
    let last = shared.picture(canvas).clone();
    shared.close(canvas);
    session.await_gone("the closed window", &last);
    assert_eq!(lookout.seen(), None, "the canary at the advisor");
    drop(lookout);
    session.check_logs();
}

#[test]
fn menus_and_new_windows_of_a_shared_application_are_seen() {
    let stage = Stage::usual();
    let ((mut shared, canvas), _secret) = shared_and_secret(&stage);
    let lookout = Lookout::on(&stage.advisor_screen, is_canary);
    let mut session = stage.connect();
    session.share(&["shared plan"]);
    session.await_picture("the shared window", shared.picture(canvas));
    let menu = shared.open(&CanvasOptions::popup("menu", Rect::new(100, 120, 130, 180), 0x0011_7733));
    shared.noise(menu, Rect::new(5, 5, 100, 60), 6);
    session.await_picture("its menu", shared.picture(menu));
    let tip = CanvasOptions { alpha: true, ..CanvasOptions::popup("tip", Rect::new(180, 300, 90, 20), 0x0066_6600) };
    let tip = shared.open(&tip);
    shared.noise(tip, Rect::new(5, 5, 60, 10), 7);
    session.await_picture("its tooltip with an alpha channel", shared.picture(tip));
    let dialog = shared.open(&CanvasOptions::new("a dialog", Rect::new(500, 300, 250, 160), 0x0022_2277));
    shared.noise(dialog, Rect::new(5, 5, 100, 60), 8);
    session.await_picture("its new window", shared.picture(dialog));
    let gone = shared.picture(menu).clone();
    shared.close(menu);
    session.await_gone("its menu", &gone);
    assert_eq!(lookout.seen(), None, "the canary at the advisor");
}

#[test]
fn menus_of_real_applications_are_seen() {
    let stage = Stage::usual();
    let screen = &stage.customer_screen;
    let terminal = apps::coloured_xterm(&stage.place, screen, "build log", Rect::new(20, 20, 420, 330));
    let editor = apps::mousepad(&stage.place, screen, "letter.txt", "Dear customer,\n\nthank you for your call.\n");
    let mut session = stage.connect();
    session.share(&["build log", "letter.txt"]);

    for app in [&terminal, &editor] {
        let window = app.window(session.here()).rect;
        session.here().raise(app.window(session.here()).id);
        session.here().click_into(app.window(session.here()), 150, 120);
        session.here().park_pointer();
        let before = session.here().popups();
        let opened = || {
            let new = session.here().popups().into_iter().find(|popup| !before.contains(popup));
            new.filter(|menu| menu.rect.width > 50 && menu.rect.height > 50)
        };
        let menu = if app.title() == "letter.txt" {
            // A key that comes before the keyboard has gone over is lost.
            let tries = (0..8).find_map(|_| {
                session.here().hand.strike(key::F10);
                wait::within(Duration::from_secs(4), opened)
            });
            tries.expect("a menu of the editor opens")
        } else {
            // xterm's main menu stays as long as the button is held.
            session.here().hand.move_to(Point { x: window.x + 150, y: window.y + 120 });
            session.here().hand.key(key::CONTROL, true);
            session.here().hand.button(LEFT, true);
            wait::until("a menu of the terminal opens", opened)
        };
        // Its inside, as shadows are outside; and below the pointer, which the
        // server draws into its frame buffer and takes away as it likes.
        let below = POINTER_SIDE_PX + (window.y + 120 - menu.rect.y).max(0) as u32;
        let inside = Rect::new(menu.rect.x + 30, menu.rect.y, menu.rect.width - 40, menu.rect.height - 10);
        let inside = Rect { y: inside.y + below as i32, height: inside.height - below, ..inside };
        wait::until("the menu has painted itself", || {
            let menu = session.here().frame_part(inside);
            (menu.pixels.windows(2).filter(|pair| pair[0] != pair[1]).count() > 40).then_some(())
        });
        session.await_part(&format!("the menu of {}", app.title()), inside);
        session.here().hand.button(LEFT, false);
        session.here().hand.key(key::CONTROL, false);
        session.here().hand.strike(key::ESCAPE);
    }
}

#[test]
fn a_pause_takes_the_picture_away_and_nothing_leaves_meanwhile() {
    let stage = Stage::usual();
    let ((mut shared, canvas), _secret) = shared_and_secret(&stage);
    let mut session = stage.connect();
    session.share(&["shared plan"]);
    session.await_picture("the shared window", shared.picture(canvas));
    let before = shared.picture(canvas).part(Rect::new(20, 20, 120, 80));
    session.customer.say("pause", json!({}));
    session.customer.expect("sharing", json!({ "state": "paused" }));
    session.await_gone("the shared window", &before);

    // Typed while the advisor is not to see it, and gone when the pause ends.
    let lookout = Lookout::on(session.there(), is_canary);
    for step in 0..20 {
        shared.fill(canvas, Rect::new(10 + step, 150, 200, 100), CANARY);
    }
    shared.fill(canvas, Rect::new(0, 150, 420, 100), 0x0030_6030);
    session.customer.turn_page();
    session.customer.say("resume", json!({}));
    session.customer.expect("sharing", json!({ "state": "showing" }));
    shared.noise(canvas, Rect::new(200, 20, 120, 80), 2);
    session.await_picture("the shared window after the pause", shared.picture(canvas));
    assert_eq!(lookout.seen(), None, "what was painted during the pause");
    drop(lookout);
    session.end_well();
}

#[test]
fn choosing_again_stops_the_picture_and_shows_only_the_new_choice() {
    let stage = Stage::usual();
    let screen = &stage.customer_screen;
    let first = CanvasOptions::new("first thing", Rect::new(40, 40, 300, 200), 0x0030_6030);
    let (mut first, one) = Painter::with_window(&stage.place, "first", screen, &first);
    first.noise(one, Rect::new(20, 20, 120, 80), 1);
    let second = CanvasOptions::new("second thing", Rect::new(400, 40, 300, 200), 0x0060_3030);
    let (mut second, two) = Painter::with_window(&stage.place, "second", screen, &second);
    second.noise(two, Rect::new(20, 20, 120, 80), 2);
    let mut session = stage.connect();
    session.share(&["first thing"]);
    session.await_picture("the first choice", first.picture(one));
    session.customer.turn_page();
    session.customer.say("stop_sharing", json!({}));
    session.customer.expect("sharing", json!({ "state": "choosing" }));
    session.await_gone("the first choice", &first.picture(one).part(Rect::new(20, 20, 120, 80)));
    session.customer.turn_page();
    let lookout = Lookout::on(session.there(), is_canary);
    first.fill(one, Rect::new(0, 0, 300, 200), CANARY);
    session.share(&["second thing"]);
    session.await_picture("the second choice", second.picture(two));
    assert_eq!(lookout.seen(), None, "what is no longer shared");
    drop(lookout);
    session.end_well();
}

/// What a person does who shares the company's picture by mistake: nothing of
/// this program is ever part of it.
#[test]
fn the_customers_own_program_is_not_offered() {
    let stage = Stage::usual();
    let ((_shared, _canvas), _secret) = shared_and_secret(&stage);
    let mut session: Session = stage.connect();
    session.customer.say("applications", json!({}));
    let listed = session.customer.expect("applications", json!({}));
    let names: Vec<String> =
        listed["applications"].as_array().into_iter().flatten().map(|app| app["titles"].to_string()).collect();
    assert_eq!(names.len(), 2, "{listed}");
    assert!(names.iter().all(|titles| !titles.contains("Mitblick")), "{listed}");
}
