//! The advisor's portrait and the company's logo, from the broker's command
//! line to both people's screens.

use mitblick_protocol::geometry::Rect;
use mitblick_tests::{
    paint::{CanvasOptions, Painter},
    programs::{self, LOGO_COLOUR, PORTRAIT_COLOUR, set_pictures},
    screen::Screen,
    session::{Session, Stage},
    wait,
};
use serde_json::json;
use std::time::Duration;

/// Waits until so many pixels of a screen have this colour.
#[track_caller]
fn await_colour(what: &str, screen: &Screen, colour: u32, least: usize) {
    wait::until(what, || {
        let frame = screen.frame();
        (frame.pixels.iter().filter(|&&pixel| pixel & 0x00ff_ffff == colour).count() >= least).then_some(())
    });
}

#[test]
fn the_customer_sees_portrait_and_logo_beside_the_question_and_the_advisor_sees_them_too() {
    let stage = Stage::usual();
    set_pictures(&stage.place);
    let options = CanvasOptions::new("shared plan", Rect::new(40, 40, 360, 260), 0x0030_6030);
    let (_painter, _) = Painter::with_window(&stage.place, "shared", &stage.customer_screen, &options);
    let advisor = stage.start_advisor("advisor");
    let number = programs::number(&advisor);
    // The broker takes over within seconds what the command line has set.
    advisor.expect("images", json!({ "portrait": true, "logo": true }));
    let customer = stage.start_customer("customer", Some(&number));
    customer.expect("connected", json!({}));
    advisor.expect("connected", json!({}));
    let mut customer = customer;
    customer.say("i_did_call", json!({}));
    let mut session = Session { advisor, customer, number, connected_after: Duration::ZERO, stage };
    session.customer.expect("images", json!({ "portrait": true, "logo": true }));
    await_colour("the portrait on the customer's screen", session.here(), PORTRAIT_COLOUR, 1_000);
    await_colour("the logo on the customer's screen", session.here(), LOGO_COLOUR, 1_000);
    session.share(&["shared plan"]);
    await_colour("the portrait in the bar", session.here(), PORTRAIT_COLOUR, 500);
    session.end_well();
}

#[test]
fn without_pictures_initials_stand_there_and_nothing_is_told_of_them() {
    let session = Stage::usual().connect();
    assert!(!session.customer.has_told("images") && !session.advisor.has_told("images"));
    session.end_well();
}
