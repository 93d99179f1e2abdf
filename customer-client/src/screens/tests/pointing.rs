//! Pointing at what the advisor shows.

use super::{turn::watching, *};
use mitblick_client_core::{customer::WatchingGuide, pointing::Pointing};
use mitblick_protocol::{
    marks::{MarkLife, MarkShape},
    peer_msg::{PointerPlace, SharingState, SurfaceId},
    session::Drawing,
};

const POINT: &str = "Point at something";
const CLEAR: &str = "Remove my marks";
const PICTURE: &str = "Picture of the applications that the advisor shows";

fn looking() -> Harness<'static, Window> {
    let mut harness = window_in(Language::English, vec2(900.0, 700.0), watching(SharingState::Showing));
    harness.run_steps(3);
    harness
}

fn with_tool(tool: &str) -> Harness<'static, Window> {
    let mut harness = looking();
    click(&mut harness, POINT);
    click(&mut harness, &format!("Tool: {tool}"));
    harness.state_mut().intents.clear();
    harness
}

fn pointed(harness: &Harness<'_, Window>) -> Vec<Pointing> {
    let pointing = |intent: &CustomerIntent| match intent {
        CustomerIntent::Point(pointing) => Some(pointing.clone()),
        _ => None,
    };
    harness.state().intents.iter().filter_map(pointing).collect()
}

fn guide(harness: &mut Harness<'_, Window>, change: impl FnOnce(&mut WatchingGuide)) {
    if let CustomerScreen::Watching(view) = &mut harness.state_mut().view.screen {
        change(&mut view.guide);
    }
    harness.run_steps(2);
}

/// Presses in the middle of the picture, moves and lets go.
fn drag(harness: &mut Harness<'_, Window>, by: Vec2) {
    let from = harness.get_by_label(PICTURE).rect().center();
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
fn one_click_makes_the_mouse_point_and_escape_ends_it() {
    let mut harness = looking();
    drag(&mut harness, vec2(30.0, 20.0));
    assert_eq!(pointed(&harness), [], "not before it is wanted");
    click(&mut harness, POINT);
    let place = harness.get_by_label(PICTURE).rect().center();
    harness.hover_at(place);
    harness.run_steps(2);
    let told = pointed(&harness);
    assert!(matches!(told.last(), Some(Pointing::At(Some(PointerPlace { surface: SurfaceId(1), .. })))), "{told:?}");
    harness.get_by_label_contains("Anna Muster sees what you point at");
    press(&mut harness, Key::Escape);
    assert_eq!(pointed(&harness).last(), Some(&Pointing::At(None)));
    assert!(harness.query_by_label("Tool: Arrow").is_none(), "nothing is in the hand");
}

#[test]
fn what_is_drawn_stays_until_it_is_removed() {
    let mut harness = with_tool("Circle");
    drag(&mut harness, vec2(60.0, 40.0));
    let told = pointed(&harness);
    let Some(Pointing::Draw { drawing: Drawing { surface, shape, life, .. }, .. }) = told.last() else {
        panic!("{told:?}")
    };
    assert_eq!((*surface, *life), (SurfaceId(1), MarkLife::Stays));
    assert!(matches!(shape, MarkShape::Ellipse(rect) if rect.width > rect.height), "{shape:?}");
    assert!(harness.get_by_label(CLEAR).accesskit_node().is_disabled(), "there are none");
    guide(&mut harness, |guide| guide.marks = 1);
    click(&mut harness, POINT);
    assert!(harness.query_by_label("Tool: Circle").is_none());
    click(&mut harness, CLEAR);
    assert_eq!(pointed(&harness).last(), Some(&Pointing::Clear), "also with an empty hand");
}

#[test]
fn a_text_is_typed_where_it_is_to_stand() {
    let mut harness = with_tool("Text");
    drag(&mut harness, Vec2::ZERO);
    harness.event(egui::Event::Text("this one?".into()));
    harness.run_steps(2);
    press(&mut harness, Key::Enter);
    let told = pointed(&harness);
    let text = told.iter().find_map(|pointing| match pointing {
        Pointing::Draw { drawing: Drawing { shape: MarkShape::Text { text, .. }, .. }, .. } => Some(text.as_str()),
        _ => None,
    });
    assert_eq!(text, Some("this one?"), "{told:?}");
}

#[test]
fn steps_count_up_and_begin_anew_with_an_empty_picture() {
    let mut harness = with_tool("Step 1");
    drag(&mut harness, Vec2::ZERO);
    drag(&mut harness, Vec2::ZERO);
    harness.get_by_label("Tool: Step 3");
    guide(&mut harness, |guide| guide.marks = 2);
    click(&mut harness, CLEAR);
    harness.get_by_label("Tool: Step 1");
}

#[test]
fn the_palette_is_used_by_keyboard_and_says_what_is_in_the_hand() {
    let mut harness = looking();
    harness.get_by_label(POINT).focus();
    harness.run_steps(1);
    press(&mut harness, Key::Space);
    harness.get_by_label("Tool: Arrow").focus();
    harness.run_steps(1);
    press(&mut harness, Key::Enter);
    let chosen = |label: &str| harness.get_by_label(label).accesskit_node().toggled();
    assert_ne!(chosen("Tool: Arrow"), chosen("Tool: Pointer"), "told apart without colours");
}

#[test]
fn the_advisors_no_and_ring_are_said_in_words() {
    let mut harness = with_tool("Pointer");
    guide(&mut harness, |guide| (guide.pointing_allowed, guide.points_out) = (false, true));
    harness.get_by_label("Anna Muster does not want to see any pointing at the moment.");
    harness.get_by_label("Anna Muster points with their own mouse: look at the ring.");
    assert!(harness.query_by_label("Tool: Pointer").is_none());
    harness.state_mut().intents.clear();
    drag(&mut harness, vec2(30.0, 20.0));
    assert_eq!(pointed(&harness), []);
}

#[test]
fn there_is_nothing_to_point_at_while_nothing_is_shown() {
    for shown in [SharingState::Choosing, SharingState::Paused] {
        let mut harness = window_in(Language::German, vec2(900.0, 700.0), watching(shown));
        harness.run_steps(2);
        assert!(harness.query_by_label("Auf etwas zeigen").is_none());
    }
    let mut harness = window_in(Language::German, vec2(900.0, 700.0), watching(SharingState::Showing));
    harness.run_steps(2);
    click(&mut harness, "Auf etwas zeigen");
    for label in ["Werkzeug: Pfeil", "Werkzeug: Kreis", "Werkzeug: Text", "Meine Markierungen entfernen"] {
        harness.get_by_label(label);
    }
}

/// With a tool that was taken by keyboard, which leads into the picture.
fn by_keys(tool: &str) -> Harness<'static, Window> {
    let mut harness = looking();
    harness.get_by_label(POINT).focus();
    harness.run_steps(1);
    press(&mut harness, Key::Space);
    harness.get_by_label(&format!("Tool: {tool}")).focus();
    harness.run_steps(1);
    press(&mut harness, Key::Enter);
    harness.run_steps(3);
    assert!(harness.get_by_label(PICTURE).is_focused());
    harness.state_mut().intents.clear();
    harness
}

fn shapes(harness: &Harness<'_, Window>) -> Vec<MarkShape> {
    let shape = |pointing| match pointing {
        Pointing::Draw { drawing, .. } => Some(drawing.shape),
        _ => None,
    };
    pointed(harness).into_iter().filter_map(shape).collect()
}

#[test]
fn a_free_line_is_drawn_by_keys_alone() {
    let mut harness = by_keys("Free line");
    press(&mut harness, Key::Enter);
    harness.get_by_label_contains("Free line begun. Crosshair on “");
    for key in [Key::ArrowRight, Key::ArrowRight, Key::ArrowDown] {
        press(&mut harness, key);
    }
    press(&mut harness, Key::Enter);
    harness.get_by_label("Free line set");
    let drawn = shapes(&harness);
    let Some(MarkShape::Line(points)) = drawn.last() else { panic!("{drawn:?}") };
    let [first, turn, last] = points.as_slice() else { panic!("{points:?}") };
    assert_eq!((turn.x - first.x, turn.y - first.y, last.x - turn.x, last.y - turn.y), (16, 0, 0, 8));
    press(&mut harness, Key::Enter);
    press(&mut harness, Key::Enter);
    harness.get_by_label("Nothing can be seen yet: move the crosshair first.");
    press(&mut harness, Key::Escape);
    harness.get_by_label("Free line given up");
    press(&mut harness, Key::Escape);
    assert!(harness.query_by_label("Tool: Free line").is_none(), "nothing is in the hand");
}

#[test]
fn an_enter_that_is_held_down_opens_the_field_for_a_text_and_leaves_it_open() {
    let held = |repeat| egui::Event::Key {
        key: Key::Enter,
        physical_key: None,
        pressed: true,
        repeat,
        modifiers: egui::Modifiers::NONE,
    };
    let mut harness = by_keys("Text");
    for repeat in [false, true, true] {
        harness.event(held(repeat));
        harness.run_steps(2);
    }
    harness.get_by_label("Text at this place");
    harness.event(egui::Event::Key {
        key: Key::Enter,
        physical_key: None,
        pressed: false,
        repeat: false,
        modifiers: egui::Modifiers::NONE,
    });
    harness.run_steps(1);
    harness.event(egui::Event::Text("here".into()));
    press(&mut harness, Key::Enter);
    harness.run_steps(3);
    assert!(matches!(shapes(&harness).as_slice(), [MarkShape::Text { text, .. }] if text.as_str() == "here"));
}

#[test]
fn a_text_and_steps_are_set_by_keys_alone() {
    let mut harness = by_keys("Text");
    press(&mut harness, Key::Enter);
    harness.get_by_label("Text at this place");
    harness.event(egui::Event::Text("this one?".into()));
    harness.run_steps(2);
    press(&mut harness, Key::Enter);
    harness.run_steps(3);
    assert!(matches!(shapes(&harness).as_slice(), [MarkShape::Text { text, .. }] if text.as_str() == "this one?"));
    harness.get_by_label("Text set");
    assert!(harness.get_by_label(PICTURE).is_focused(), "it goes on in the picture");
    press(&mut harness, Key::Enter);
    press(&mut harness, Key::Escape);
    harness.run_steps(3);
    assert!(harness.query_by_label("Text at this place").is_none());
    assert!(harness.get_by_label(PICTURE).is_focused(), "the tool is still in the hand");

    let mut harness = by_keys("Step 1");
    press(&mut harness, Key::Enter);
    harness.get_by_label("Step 1 set");
    press(&mut harness, Key::ArrowLeft);
    press(&mut harness, Key::Enter);
    harness.get_by_label("Step 2 set");
    let [MarkShape::Step { at: one, .. }, MarkShape::Step { at: two, number: 2 }] = shapes(&harness)[..] else {
        panic!()
    };
    assert_eq!((one.x - two.x, one.y), (8, two.y));
}
