//! Pointing and drawing in the picture: a click is that or input, never both.

use super::*;
use mitblick_client_core::{advisor::AdvisorGuide, pointing::Pointing};
use mitblick_protocol::{
    geometry::Point,
    marks::{MarkColour, MarkShape},
    peer_msg::PointerPlace,
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
