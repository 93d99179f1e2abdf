//! Pointing and drawing in the picture: a click is that or input, never both.

use super::*;
use mitblick_client_core::{advisor::AdvisorGuide, pointing::Pointing};
use mitblick_protocol::{
    geometry::Point,
    marks::{MarkColour, MarkShape},
    peer_msg::{PointerPlace, SurfaceState},
    session::Drawing,
};

const HIDDEN: &str = "Point, draw and ask to be shown something";

fn guides(harness: &mut Harness<'_, Window>) -> Vec<AdvisorGuide> {
    let guide = |intent: &AdvisorIntent| match intent {
        AdvisorIntent::Guide(guide) => Some(guide.clone()),
        _ => None,
    };
    harness.state().intents.iter().filter_map(guide).collect()
}

fn with_tool(control: ControlView, tool: &str) -> Harness<'static, Window> {
    let mut harness = window(viewer(SharingState::Showing, control));
    click(&mut harness, HIDDEN);
    click(&mut harness, &format!("Tool: {tool}"));
    harness.state_mut().intents.clear();
    harness
}

/// Presses there, moves and lets go.
fn drag(harness: &mut Harness<'_, Window>, from: egui::Pos2, by: egui::Vec2) {
    harness.hover_at(from);
    harness.run_steps(1);
    harness.drag_at(from);
    harness.run_steps(1);
    harness.hover_at(from + by);
    harness.run_steps(1);
    harness.drop_at(from + by);
    harness.run_steps(2);
}

#[test]
fn a_drag_draws_what_the_tool_says_and_is_no_input_while_controlling() {
    for control in [ControlView::None, GRANTED] {
        let mut harness = with_tool(control, "Circle");
        let place = on_the_window(&harness);
        drag(&mut harness, place, egui::vec2(60.0, 40.0));
        let drawn = guides(&mut harness);
        let Some(AdvisorGuide::Point(Pointing::Draw { drawing: Drawing { surface, shape, colour, .. }, .. })) =
            drawn.last()
        else {
            panic!("{drawn:?}")
        };
        assert_eq!(*surface, SurfaceId(1));
        let MarkShape::Ellipse(rect) = shape else { panic!("{shape:?}") };
        assert_eq!((rect.width, rect.height), (60, 40));
        assert!(MarkColour::ALL.contains(colour));
        assert_eq!(inputs(&mut harness), [], "{control:?}");
    }
}

#[test]
fn the_pointer_is_told_where_it_is_on_the_window_and_when_it_leaves() {
    let mut harness = with_tool(ControlView::None, "Pointer");
    let place = on_the_window(&harness);
    harness.hover_at(place);
    harness.run_steps(2);
    let at = |x, y| PointerPlace { surface: SurfaceId(1), at: Point { x, y } };
    assert_eq!(guides(&mut harness).last(), Some(&AdvisorGuide::Point(Pointing::At(Some(at(200, 150))))));
    harness.key_press(Key::Escape);
    harness.run_steps(2);
    assert_eq!(guides(&mut harness).last(), Some(&AdvisorGuide::Point(Pointing::At(None))), "Esc lays it down");
    let count = guides(&mut harness).len();
    harness.hover_at(place + egui::vec2(5.0, 5.0));
    harness.run_steps(2);
    assert_eq!(guides(&mut harness).len(), count, "without a tool nothing is told");
}

#[test]
fn steps_count_up_and_the_customers_no_is_told() {
    let mut harness = with_tool(ControlView::None, "Step 1");
    let place = on_the_window(&harness);
    for _ in 0..2 {
        drag(&mut harness, place, egui::vec2(0.0, 0.0));
    }
    let numbers: Vec<u8> = guides(&mut harness)
        .into_iter()
        .filter_map(|guide| match guide {
            AdvisorGuide::Point(Pointing::Draw {
                drawing: Drawing { shape: MarkShape::Step { number, .. }, .. },
                ..
            }) => Some(number),
            _ => None,
        })
        .collect();
    assert_eq!(numbers, [1, 2]);
    if let AdvisorScreen::Viewer(view) = &mut harness.state_mut().view.screen {
        view.pointing_allowed = false;
    }
    harness.run_steps(2);
    harness.get_by_label_contains("does not want to see any pointing");
    let count = guides(&mut harness).len();
    drag(&mut harness, place, egui::vec2(30.0, 30.0));
    assert_eq!(guides(&mut harness).len(), count);
}

#[test]
fn a_request_is_typed_sent_and_answered() {
    let mut harness = window(viewer(SharingState::Choosing, ControlView::None));
    click(&mut harness, HIDDEN);
    harness.get_by_label("What would you like to be shown?").focus();
    harness.run_steps(1);
    harness.event(Event::Text("your mail".into()));
    harness.run_steps(1);
    click(&mut harness, "Ask to be shown");
    assert_eq!(guides(&mut harness), [AdvisorGuide::Ask("your mail".into())]);
    if let AdvisorScreen::Viewer(view) = &mut harness.state_mut().view.screen {
        view.ask = AskState::Open;
    }
    harness.run_steps(2);
    click(&mut harness, "Take back");
    assert_eq!(guides(&mut harness).last(), Some(&AdvisorGuide::TakeBackAsk));
}

const PICTURE: &str = "Customer's shared windows";

/// The same, with the tool taken by keyboard, which leads into the picture.
fn by_keys(control: ControlView, tool: &str) -> Harness<'static, Window> {
    let mut harness = window(viewer(SharingState::Showing, control));
    click(&mut harness, HIDDEN);
    harness.get_by_label(&format!("Tool: {tool}")).focus();
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    harness.run_steps(4);
    assert!(harness.get_by_label(PICTURE).is_focused());
    harness
}

fn keys(harness: &mut Harness<'_, Window>, keys: &[(Modifiers, Key)]) {
    for &(modifiers, key) in keys {
        harness.key_press_modifiers(modifiers, key);
        harness.run_steps(2);
    }
}

fn shapes(harness: &mut Harness<'_, Window>) -> Vec<MarkShape> {
    let shape = |guide| match guide {
        AdvisorGuide::Point(Pointing::Draw { drawing, .. }) => Some(drawing.shape),
        _ => None,
    };
    guides(harness).into_iter().filter_map(shape).collect()
}

const PLAIN: Modifiers = Modifiers::NONE;

#[test]
fn an_arrow_is_drawn_by_keys_alone_and_is_no_input_while_controlling() {
    for control in [ControlView::None, GRANTED] {
        let mut harness = by_keys(control, "Arrow");
        harness.state_mut().intents.clear();
        harness.get_by_label("Crosshair on “Invoices”, 50 % from the left, 50 % from the top");
        keys(&mut harness, &[(PLAIN, Key::Enter)]);
        harness.get_by_label_contains("Arrow begun");
        let arrows = [(Modifiers::SHIFT, Key::ArrowRight), (PLAIN, Key::ArrowDown), (Modifiers::CTRL, Key::ArrowUp)];
        keys(&mut harness, &arrows);
        keys(&mut harness, &[(PLAIN, Key::Space)]);
        harness.get_by_label("Arrow set");
        let (from, to) = (Point { x: 200, y: 150 }, Point { x: 240, y: 157 });
        assert_eq!(shapes(&mut harness).last(), Some(&MarkShape::Arrow { from, to }), "{control:?}");
        assert!(harness.get_by_label(PICTURE).is_focused(), "arrows do not move the focus");
        assert_eq!(inputs(&mut harness), [], "{control:?}");
    }
}

#[test]
fn without_a_tool_in_the_hand_keys_are_the_customers_again() {
    let mut harness = by_keys(GRANTED, "Arrow");
    keys(&mut harness, &[(PLAIN, Key::Enter), (PLAIN, Key::Escape)]);
    harness.get_by_label("Arrow given up");
    keys(&mut harness, &[(PLAIN, Key::Escape)]);
    assert!(harness.query_by_label("Arrow given up").is_none(), "nothing is in the hand");
    harness.run_steps(3);
    harness.state_mut().intents.clear();
    keys(&mut harness, &[(PLAIN, Key::ArrowRight), (PLAIN, Key::Enter)]);
    let sent = inputs(&mut harness);
    assert_eq!(sent.iter().filter(|event| matches!(event, InputEvent::Key { pressed: true, .. })).count(), 2);
}

#[test]
fn what_was_seen_before_it_was_given_up_goes_out_of_sight_and_fades() {
    let mut harness = by_keys(ControlView::None, "Circle");
    keys(&mut harness, &[(PLAIN, Key::Enter), (Modifiers::SHIFT, Key::ArrowRight), (PLAIN, Key::Escape)]);
    let drawn = guides(&mut harness);
    let Some(AdvisorGuide::Point(Pointing::Draw { drawing, again: true })) = drawn.last() else { panic!("{drawn:?}") };
    assert_eq!(drawing.life, mitblick_protocol::marks::MarkLife::Fades);
    let MarkShape::Line(points) = &drawing.shape else { panic!("{drawn:?}") };
    assert!(points.iter().all(|at| at.x < -100 && at.y < -100), "{points:?}");
    assert!(harness.get_by_label(PICTURE).is_focused());
    let count = drawn.len();
    keys(&mut harness, &[(PLAIN, Key::ArrowRight)]);
    assert_eq!(guides(&mut harness).len(), count, "nothing is begun any more");
}

#[test]
fn what_rests_half_drawn_is_told_once() {
    let mut harness = by_keys(ControlView::None, "Arrow");
    keys(&mut harness, &[(PLAIN, Key::Enter), (Modifiers::SHIFT, Key::ArrowRight)]);
    harness.run_steps(4);
    let drawn = shapes(&mut harness).len();
    assert!(drawn > 0);
    // Nobody touches anything: the program may lock itself.
    harness.run_steps(100);
    assert_eq!(shapes(&mut harness).len(), drawn);
    keys(&mut harness, &[(PLAIN, Key::Enter)]);
    assert_eq!(shapes(&mut harness).len(), drawn + 1, "it is still in the hand");
}

#[test]
fn what_was_begun_on_a_window_is_given_up_when_that_is_shown_no_more() {
    for tool in ["Circle", "Text"] {
        let mut harness = by_keys(ControlView::None, tool);
        keys(&mut harness, &[(PLAIN, Key::Enter)]);
        if tool == "Circle" {
            keys(&mut harness, &[(Modifiers::SHIFT, Key::ArrowRight)]);
        } else {
            harness.get_by_label("Text at this place");
        }
        let count = guides(&mut harness).len();
        let AdvisorScreen::Viewer(view) = &harness.state().view.screen else { panic!() };
        for surface in &mut view.picture.lock().scene.surfaces {
            surface.state = SurfaceState::Minimised;
        }
        harness.run_steps(3);
        harness.get_by_label(&format!("{tool} given up"));
        assert!(harness.query_by_label("Text at this place").is_none());
        keys(&mut harness, &[(PLAIN, Key::Escape)]);
        assert_eq!(guides(&mut harness).len(), count, "nothing points at it");
    }
}

#[test]
fn the_crosshair_points_stays_in_the_picture_and_gives_way_to_the_mouse() {
    let mut harness = by_keys(ControlView::None, "Pointer");
    let at = |x, y| AdvisorGuide::Point(Pointing::At(Some(PointerPlace { surface: SurfaceId(1), at: Point { x, y } })));
    assert_eq!(guides(&mut harness).last(), Some(&at(200, 150)));
    keys(&mut harness, &[(Modifiers::SHIFT, Key::ArrowLeft); 9]);
    assert_eq!(guides(&mut harness).last(), Some(&at(0, 150)));
    let count = guides(&mut harness).len();
    harness.run_steps(3);
    assert_eq!(guides(&mut harness).len(), count, "a place is told once");
    let place = on_the_window(&harness);
    harness.hover_at(place);
    harness.run_steps(2);
    harness.hover_at(place + egui::vec2(10.0, 0.0));
    harness.run_steps(2);
    assert_eq!(guides(&mut harness).last(), Some(&at(210, 150)));
    keys(&mut harness, &[(PLAIN, Key::ArrowRight)]);
    assert_eq!(guides(&mut harness).last(), Some(&at(218, 150)), "it goes on from the mouse");
    keys(&mut harness, &[(PLAIN, Key::Tab)]);
    assert_eq!(guides(&mut harness).last(), Some(&AdvisorGuide::Point(Pointing::At(None))), "it is elsewhere");
}

#[test]
fn keys_in_a_field_stay_there() {
    let mut harness = with_tool(ControlView::None, "Step 1");
    harness.get_by_label("What would you like to be shown?").focus();
    harness.run_steps(2);
    harness.event(Event::Text("a b".into()));
    keys(&mut harness, &[(PLAIN, Key::ArrowLeft), (PLAIN, Key::Space)]);
    assert_eq!(shapes(&mut harness), []);
    keys(&mut harness, &[(PLAIN, Key::Enter)]);
    assert_eq!(guides(&mut harness), [AdvisorGuide::Ask("a b".into())]);
}

#[test]
fn the_picture_is_scrolled_to_where_the_crosshair_is() {
    let mut harness = by_keys(ControlView::None, "Pointer");
    click(&mut harness, "Picture size: 200 %");
    harness.set_size(egui::vec2(700.0, 500.0));
    harness.run_steps(3);
    harness.get_by_label(PICTURE).focus();
    harness.run_steps(3);
    keys(&mut harness, &[(Modifiers::SHIFT, Key::ArrowDown); 8]);
    keys(&mut harness, &[(Modifiers::SHIFT, Key::ArrowRight); 10]);
    harness.run_steps(3);
    let AdvisorScreen::Viewer(view) = &harness.state().view.screen else { panic!() };
    let painted = view.picture.lock().painted.expect("it was painted");
    let along = |corner: i32, at: f32| corner as f32 + at * painted.zoom;
    let (right, bottom) = (along(painted.desktop.x, 450.0), along(painted.desktop.y, 360.0));
    assert!(right <= 700.5 && bottom <= 500.5, "the corner of the window is at {right}, {bottom}");
}
