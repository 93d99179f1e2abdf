//! In a turn the customer points: over what the advisor shows, there alone, and
//! by the rules of the other direction.

use super::*;
use mitblick_protocol::{geometry::Point, marks::MarkColour};
use mitblick_tests::{
    ink::{RING, around, await_box, await_ink, await_ring, box_of},
    programs::AdvisorOptions,
};
use serde_json::Value;

const RED: u32 = MarkColour::Red.rgb();
const GREEN: u32 = MarkColour::Green.rgb();
/// The pointer of who looks.
const POINTER: u32 = 0x000b_5bd3;
/// Left of what lies over the window.
const CORNERS: [[i32; 2]; 2] = [[8, 150], [48, 210]];

impl Both {
    /// What the advisor shows, and what lies over it, are above their program.
    #[track_caller]
    fn pointing() -> Self {
        let advisor = AdvisorOptions { fullscreen: false, ..AdvisorOptions::default() };
        let mut both = Self::showing(StageOptions { advisor, ..StageOptions::default() });
        both.turn();
        both.show();
        let there = both.session.there();
        for (painter, canvas) in [(&both.advisors, both.theirs), (&both.secret.0, both.secret.1)] {
            there.raise(painter.seen(canvas, there).id);
        }
        wait::until("the advisor's windows are on top", || {
            let whole = there.frame_part(both.secret.0.seen(both.secret.1, there).rect);
            (whole.count(|colour| !is_canary(colour)) == 0).then_some(())
        });
        both
    }

    /// The id of the one window that the advisor shows.
    #[track_caller]
    fn surface(&self) -> Value {
        let view = wait::until("the advisor's window is told", || self.session.customer.newest_ever("advisors_view"));
        view["surfaces"][0]["id"].clone()
    }

    #[track_caller]
    fn circle(&mut self, corners: [[i32; 2]; 2], colour: &str) {
        let draw = json!({ "surface": self.surface(), "shape": "ellipse", "points": corners, "colour": colour,
            "stays": true });
        self.session.customer.say("draw", draw);
    }

    /// Where the window's corner is in the customer's picture, by a part of it
    /// over which nothing is drawn.
    fn corner(&self, seen: &Frame) -> Option<Point> {
        let part = self.advisors.picture(self.theirs).part(Rect::new(60, 20, 160, 100));
        seen.find(&part).map(|at| Point { x: at.x - 60, y: at.y - 20 })
    }

    /// Where the shown window is on the advisor's screen.
    fn place(&self) -> Point {
        let rect = self.advisors.seen(self.theirs, self.session.there()).rect;
        Point { x: rect.x, y: rect.y }
    }
}

#[test]
fn a_mark_lies_over_the_advisors_window_alone_and_once_in_the_customers_picture() {
    let mut both = Both::pointing();
    both.circle(CORNERS, "red");
    both.session.advisor.expect("customers_marks", json!({ "marks": 1 }));
    both.session.customer.expect("own_marks", json!({ "marks": 1 }));
    await_box(both.session.there(), "the mark at the advisor", RED, Some(around(CORNERS, both.place())));
    wait::until("the mark at the customer, once", || {
        let seen = both.session.here().frame();
        let corner = both.corner(&seen)?;
        (box_of(&seen, RED) == Some(around(CORNERS, corner))).then_some(())
    });
    let to = Point { x: THEIRS.x - 40, y: THEIRS.y - 30 };
    both.advisors.move_to(both.theirs, both.session.there(), to);
    await_box(both.session.there(), "the mark, moved", RED, Some(around(CORNERS, both.place())));

    // Through what lies over the window and is not shown.
    both.circle([[30, 20], [300, 190]], "green");
    both.session.advisor.expect("customers_marks", json!({ "marks": 2 }));
    await_ink(both.session.there(), "the other mark", GREEN);
    let (secret, canvas) = &both.secret;
    let over = secret.seen(*canvas, both.session.there()).rect;
    let seen = both.session.there().frame_part(over);
    assert_eq!(seen.count(|colour| !is_canary(colour)), 0, "nothing is drawn over what is not shown");

    both.session.customer.say("clear_own_marks", json!({}));
    for screen in [both.session.there(), both.session.here()] {
        await_box(screen, "cleared", RED, None);
        await_box(screen, "cleared", GREEN, None);
    }
    both.await_seen("the window without marks");
    both.session.end_well();
}

#[test]
fn marks_and_pointer_end_with_what_is_shown() {
    let mut both = Both::pointing();
    both.circle(CORNERS, "red");
    await_ink(both.session.there(), "the mark", RED);
    both.session.advisor.say("pause_showing", json!({}));
    for screen in [both.session.there(), both.session.here()] {
        await_box(screen, "nothing while it is paused", RED, None);
    }
    both.session.advisor.say("resume_showing", json!({}));
    both.await_seen("shown again, and nothing over it");
    assert_eq!(box_of(&both.session.there().frame(), RED), None, "what is gone does not come back");

    both.circle(CORNERS, "green");
    await_ink(both.session.there(), "the other mark", GREEN);
    both.session.customer.say("turn_back", json!({}));
    both.ended("TakenBack");
    for screen in [both.session.there(), both.session.here()] {
        await_box(screen, "nothing after the turn", GREEN, None);
    }
    both.session.customer.say("draw", json!({ "surface": 1, "shape": "step", "points": [[1, 1]], "number": 1 }));
    both.session.customer.expect("error", json!({ "problem": "not_now" }));
    both.session.end_well();
}

#[test]
fn the_customers_pointer_has_a_name_and_is_in_no_picture() {
    let mut both = Both::pointing();
    let (id, window) = (both.surface(), both.place());
    for (x, y) in [(10, 30), (20, 190)] {
        both.session.customer.say("point", json!({ "surface": id, "x": x, "y": y }));
        wait::until("the arrow points there", || {
            let seen = box_of(&both.session.there().frame(), POINTER)?;
            // Its tip is at the place; the name stands right below it.
            let near = (seen.x - (window.x + x)).abs() <= 2 && (seen.y - (window.y + y)).abs() <= 4;
            (near && seen.width > 50).then_some(())
        });
    }
    both.advisors.noise(both.theirs, Rect::new(4, 150, 50, 80), 9);
    both.await_seen("what changed below the arrow, without it");
    both.session.customer.say("point_away", json!({}));
    await_box(both.session.there(), "no arrow", POINTER, None);

    both.session.customer.say("point", json!({ "surface": id, "x": 10, "y": 30 }));
    await_ink(both.session.there(), "the arrow again", POINTER);
    both.session.advisor.say("end_turn", json!({}));
    both.ended("GivenBack");
    await_box(both.session.there(), "no arrow after the turn", POINTER, None);
    both.session.end_well();
}

#[test]
fn the_advisor_clears_and_forbids_marks_and_points_too() {
    let mut both = Both::pointing();
    both.circle(CORNERS, "red");
    await_ink(both.session.there(), "the mark", RED);
    both.session.advisor.say("clear_customers_marks", json!({}));
    for screen in [both.session.there(), both.session.here()] {
        await_box(screen, "cleared", RED, None);
    }
    both.session.advisor.say("hide_pointing", json!({ "hidden": true }));
    both.session.customer.expect("own_pointing", json!({ "allowed": false }));
    both.circle(CORNERS, "green");
    both.session.customer.expect("error", json!({ "problem": "not_now" }));
    both.session.advisor.say("hide_pointing", json!({ "hidden": false }));
    both.session.customer.expect("own_pointing", json!({ "allowed": true }));

    // A ring around the advisor's own pointer, at the customer alone.
    both.session.advisor.say("point_out", json!({ "on": true }));
    both.session.customer.expect("advisor_points_out", json!({ "on": true }));
    let at = both.advisors.point(both.theirs, both.session.there(), 310, 200);
    both.session.there().hand.move_to(at);
    await_ring(both.session.here(), |seen| {
        both.corner(seen).map(|corner| Point { x: corner.x + 310, y: corner.y + 200 })
    });
    assert_eq!(box_of(&both.session.there().frame(), RING), None, "not on the own screen");
    both.session.advisor.say("point_out", json!({ "on": false }));
    await_box(both.session.here(), "no ring", RING, None);
    both.session.end_well();
}
