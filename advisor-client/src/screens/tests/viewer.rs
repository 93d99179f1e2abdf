//! The viewer: control, input, full screen, check words.

use super::*;

#[test]
fn control_is_asked_for_withdrawn_and_given_back() {
    for (control, state, button, intent) in [
        (ControlView::None, "View only", "Ask for control", "request control"),
        (ControlView::Refused, "Control refused – view only", "Ask for control", "request control"),
        (ControlView::Ended(ControlEnd::StopKey), "View only", "Ask for control", "request control"),
        (ControlView::Asked, "Control requested", "Withdraw request", "give back control"),
        (ControlView::Granted { remaining_s: None }, "Control allowed", "Give control back", "give back control"),
    ] {
        let mut harness = window(viewer(SharingState::Showing, control));
        harness.get_by_label(state);
        click(&mut harness, button);
        assert_eq!(names(&wanted(&mut harness)), [intent], "{control:?}");
    }
}

#[test]
fn the_session_is_ended_with_one_click() {
    let mut harness = window(viewer(SharingState::Showing, GRANTED));
    click(&mut harness, "End session");
    assert_eq!(names(&wanted(&mut harness)), ["end"]);
}

#[test]
fn nothing_shown_is_said_in_words_and_control_can_not_be_asked_for() {
    for (sharing, text) in [
        (SharingState::Choosing, "The customer is choosing what to show."),
        (SharingState::Paused, "The customer has paused the picture."),
    ] {
        let mut harness = window(viewer(sharing, ControlView::None));
        harness.get_by_label(text);
        click(&mut harness, "Ask for control");
        assert_eq!(names(&wanted(&mut harness)), Vec::<&str>::new());
    }
}

fn type_and_click(harness: &mut Harness<'_, Window>) {
    let place = on_the_window(harness);
    for event in [
        Event::PointerMoved(place),
        Event::PointerButton {
            pos: place,
            button: egui::PointerButton::Primary,
            pressed: true,
            modifiers: Modifiers::NONE,
        },
        Event::PointerButton {
            pos: place,
            button: egui::PointerButton::Primary,
            pressed: false,
            modifiers: Modifiers::NONE,
        },
        Event::Text("a".into()),
    ] {
        harness.event(event);
    }
    harness.run_steps(6);
}

#[test]
fn control_that_the_rules_forbid_can_not_be_asked_for_and_the_reason_is_said() {
    let AdvisorScreen::Viewer(view) = viewer(SharingState::Showing, ControlView::None) else { panic!("no viewer") };
    let ruled = ViewerView { control_forbidden: true, ends_in_s: Some(240), ..view };
    let mut harness = window(AdvisorScreen::Viewer(ruled));
    click(&mut harness, "Ask for control");
    assert_eq!(names(&wanted(&mut harness)), Vec::<&str>::new());
    harness.get_by_label_contains("do not allow control");
    harness.get_by_label_contains("this session ends in");
}

#[test]
fn no_input_leaves_without_control() {
    for control in
        [ControlView::None, ControlView::Asked, ControlView::Refused, ControlView::Ended(ControlEnd::TimeOver)]
    {
        let mut harness = window(viewer(SharingState::Showing, control));
        type_and_click(&mut harness);
        assert_eq!(inputs(&mut harness), [], "{control:?}");
    }
    let mut harness = window(viewer(SharingState::Paused, GRANTED));
    harness.event(Event::Text("a".into()));
    harness.run_steps(2);
    assert_eq!(inputs(&mut harness), []);
}

#[test]
fn with_control_a_click_lands_on_the_pixel_under_the_pointer_and_keys_follow() {
    let mut harness = window(viewer(SharingState::Showing, GRANTED));
    type_and_click(&mut harness);
    let sent = inputs(&mut harness);
    let pressed = sent.iter().find_map(|event| match event {
        InputEvent::PointerButton { surface, x, y, button: Button::Left, pressed: true } => Some((*surface, *x, *y)),
        _ => None,
    });
    assert_eq!(pressed, Some((SurfaceId(1), 200, 150)), "{sent:?}");
    assert!(sent.iter().any(|event| matches!(event, InputEvent::Key { .. })), "{sent:?}");
}

#[test]
fn everything_is_let_go_of_when_control_ends_with_a_button_down() {
    let mut harness = window(viewer(SharingState::Showing, GRANTED));
    let place = on_the_window(&harness);
    harness.drag_at(place);
    harness.run_steps(2);
    assert!(inputs(&mut harness).iter().any(|event| matches!(event, InputEvent::PointerButton { pressed: true, .. })));
    harness.state_mut().view.screen = viewer(SharingState::Showing, ControlView::Ended(ControlEnd::StopKey));
    harness.run_steps(2);
    assert_eq!(inputs(&mut harness), [InputEvent::ReleaseAll]);
}

#[test]
fn the_focus_gets_out_of_the_picture_with_ctrl_alt_home() {
    let mut harness = window(viewer(SharingState::Showing, GRANTED));
    assert!(harness.get_by_label("Customer's shared windows").is_focused());
    harness.key_press(Key::Tab);
    harness.run_steps(2);
    assert!(harness.get_by_label("Customer's shared windows").is_focused(), "Tab belongs to the customer's windows");
    harness.key_press_modifiers(Modifiers::CTRL | Modifiers::ALT, Key::Home);
    harness.run_steps(3);
    assert!(!harness.get_by_label("Customer's shared windows").is_focused());
    assert_eq!(inputs(&mut harness).last(), Some(&InputEvent::ReleaseAll));
}

#[test]
fn a_click_on_the_bar_is_no_input() {
    let mut harness = window(viewer(SharingState::Showing, ControlView::Granted { remaining_s: None }));
    inputs(&mut harness);
    click(&mut harness, "Picture size: Fit");
    let sent = inputs(&mut harness);
    assert!(!sent.iter().any(|event| matches!(event, InputEvent::PointerButton { .. })), "{sent:?}");
}

#[test]
fn in_full_screen_the_state_stays_and_touching_the_handle_opens_the_bar() {
    let mut harness = window(viewer(SharingState::Showing, ControlView::None));
    click(&mut harness, "Full screen");
    harness.hover_at(pos2(30.0, 700.0));
    harness.run_steps(4);
    harness.get_by_label("View only");
    assert!(harness.query_by_label("End session").is_none());
    harness.get_by_label("View only").hover();
    harness.run_steps(4);
    harness.get_by_label("End session");
}

#[test]
fn a_click_on_the_handle_presses_nothing_of_the_bar_that_opens_under_the_pointer() {
    for (language, show) in [(Language::German, "Leiste zeigen"), (Language::English, "Show bar")] {
        for width in [400.0, 480.0, 550.0, 640.0, 800.0, 960.0, 1_100.0, 1_920.0] {
            for control in [ControlView::None, ControlView::Asked, GRANTED] {
                for place in [0.1, 0.5, 0.9] {
                    let screen = viewer(SharingState::Showing, control);
                    let mut harness = window_in(language, vec2(width, 600.0), screen);
                    harness.state_mut().local.viewer.full_screen = true;
                    harness.run_steps(4);
                    let at = harness.get_by_label(show).rect().lerp_inside(vec2(0.5, place));
                    wanted(&mut harness);
                    harness.hover_at(at);
                    harness.run_steps(4);
                    assert!(harness.query_by_label(show).is_none(), "it is open");
                    harness.drag_at(at);
                    harness.run_steps(1);
                    harness.drop_at(at);
                    harness.run_steps(3);
                    only(&mut harness, &[]);
                    assert!(harness.state().local.viewer.full_screen);
                    let panel = harness.query_by_label("Chat");
                    assert!(panel.is_none(), "nothing else was opened either");
                }
            }
        }
    }
}

#[test]
fn in_full_screen_the_bar_is_reached_by_keyboard() {
    let mut harness = window(viewer(SharingState::Showing, GRANTED));
    harness.key_press_modifiers(Modifiers::CTRL | Modifiers::ALT, Key::Enter);
    harness.run_steps(4);
    assert!(harness.query_by_label("End session").is_none());
    harness.key_press_modifiers(Modifiers::CTRL | Modifiers::ALT, Key::Home);
    harness.run_steps(4);
    harness.get_by_label("End session").focus();
    harness.run_steps(4);
    harness.key_press(Key::Enter);
    harness.run_steps(2);
    assert_eq!(names(&wanted(&mut harness)), ["end"]);
}

#[test]
fn the_check_words_of_both_languages_can_be_seen_and_beside_them_how_they_are_used() {
    for (language, more, how) in [
        (
            Language::German,
            "Zeigen, was selten gebraucht wird",
            "Lesen Sie sich diese vier Wörter am Telefon vor: Stehen auf beiden Seiten dieselben, sitzt niemand \
             dazwischen; sind es andere, beenden Sie die Sitzung.",
        ),
        (
            Language::English,
            "Show what is seldom needed",
            "Read these four words to each other on the phone: if both sides have the same, nobody sits in between; \
             if not, end the session.",
        ),
    ] {
        let mut harness = window_in(language, vec2(1_100.0, 760.0), viewer(SharingState::Showing, ControlView::None));
        harness.run_steps(3);
        click(&mut harness, more);
        assert!(harness.query_by_label(how).is_none());
        click(&mut harness, "Details");
        let sentence = harness.get_by_label(how).rect();
        for words in ["Ahorn  Beil  Chor  Dorf", "acorn  bell  chalk  drum"] {
            let rect = harness.get_by_label(words).rect();
            assert!(rect.top() > sentence.top() && rect.bottom() < sentence.bottom() + 200.0, "{words}: {rect}");
        }
        harness.get_by_label_contains(": a suite");
    }
}

#[test]
fn more_time_is_asked_for_while_control_is_limited_and_what_became_of_it_is_said() {
    for (more_time, label, asks) in [
        (AskedMore::Nothing, "Ask for more time", true),
        (AskedMore::Asked, "More time asked for", false),
        (AskedMore::Refused, "More time refused – ask again", true),
    ] {
        let AdvisorScreen::Viewer(view) = viewer(SharingState::Showing, GRANTED) else { panic!() };
        let mut harness = window(AdvisorScreen::Viewer(ViewerView { more_time, ..view }));
        click(&mut harness, label);
        let expected: &[&str] = if asks { &["request more time"] } else { &[] };
        assert_eq!(names(&wanted(&mut harness)), expected);
    }
    let unlimited = window(viewer(SharingState::Showing, ControlView::Granted { remaining_s: None }));
    assert!(unlimited.query_by_label("Ask for more time").is_none());
}
