//! The customer looks at what the advisor sees: made of what is really sent.

use mitblick_protocol::geometry::Rect;
use mitblick_tests::{
    frame::Frame,
    paint::{CanvasOptions, Painter},
    session::{Session, Stage},
    wait,
};
use serde_json::json;

#[test]
fn the_preview_is_what_the_advisor_sees_pixel_for_pixel() {
    let stage = Stage::usual();
    let screen = &stage.customer_screen;
    let other = CanvasOptions::new("other", Rect::new(600, 600, 100, 80), 0x0020_2020);
    let _other = Painter::with_window(&stage.place, "other", screen, &other);
    // Small enough to be shown one to one.
    let options = CanvasOptions::new("shared plan", Rect::new(40, 500, 240, 160), 0x00d0_d8e0);
    let (mut painter, canvas) = Painter::with_window(&stage.place, "shared", screen, &options);
    painter.noise(canvas, Rect::new(20, 20, 120, 60), 1);
    painter.gradient(canvas, Rect::new(100, 60, 120, 90), 3);
    let mut session = stage.connect();
    session.share(&["shared plan"]);
    session.await_picture("the window", painter.picture(canvas));
    let in_the_bar = |session: &Session, picture: &Frame| {
        let bar = session.here().window("Mitblick")?.rect;
        let frame = session.here().frame();
        frame.part(bar.intersection(frame.rect())?).find(picture)
    };
    assert_eq!(in_the_bar(&session, painter.picture(canvas)), None);
    session.customer.say("preview", json!({"open": true}));
    session.customer.expect("preview", json!({"picture": true, "shown": 1, "hidden": 1}));
    let find = |session: &Session, painter: &Painter, what: &str| {
        wait::until(what, || in_the_bar(session, painter.picture(canvas)));
    };
    find(&session, &painter, "the picture in the bar");
    session.await_picture("the same at the advisor", painter.picture(canvas));
    for step in 0..5 {
        painter.gradient(canvas, Rect::new(100, 60, 120, 90), step);
        painter.noise(canvas, Rect::new(10, 90, 60, 60), step);
        find(&session, &painter, "the newer picture in the bar");
        session.await_picture("the same at the advisor", painter.picture(canvas));
    }
    let view = session.advisor.newest_ever("view").expect("a view");
    assert_eq!(view["surfaces"].as_array().map(Vec::len), Some(1), "our own windows are never shown: {view}");

    session.customer.say("pause", json!({}));
    session.customer.expect("preview", json!({"picture": false, "shown": 0}));
    session.customer.turn_page();
    session.customer.say("resume", json!({}));
    session.customer.expect("preview", json!({"picture": true, "shown": 1}));
    find(&session, &painter, "the picture in the bar again");
    session.customer.say("preview", json!({"open": false}));
    wait::until("no preview any more", || in_the_bar(&session, painter.picture(canvas)).is_none().then_some(()));
    session.end_well();
}
