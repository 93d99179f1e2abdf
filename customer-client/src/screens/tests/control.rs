//! What is found of control: the question, its guard, what stops it.

use super::*;

#[test]
fn control_is_said_in_words_with_the_time_left_and_stopped_by_a_button() {
    let mut harness = bar(sharing(ControlView::Granted { remaining_s: Some(245) }));
    harness.run_steps(2);
    // Its name stays while the time runs down: a screen reader would never stop.
    let name = |harness: &Harness<'_, Window>, left: &str| {
        let badge = harness.get_by_label_contains("Control until");
        let badge = badge.accesskit_node();
        assert!(badge.data().description().is_some_and(|text| text.contains(left)), "{left}");
        badge.label()
    };
    let first = name(&harness, "4:05 left");
    harness.state_mut().view.screen = sharing(ControlView::Granted { remaining_s: Some(244) });
    harness.run_steps(2);
    assert_eq!(name(&harness, "4:04 left"), first);
    click(&mut harness, "Stop control (F12)");
    assert_eq!(harness.state().intents, [CustomerIntent::RevokeControl]);
}

#[test]
fn whoever_has_a_second_stop_key_reads_of_it_beside_the_first() {
    let with_second = |control| {
        let mut screen = sharing(control);
        if let CustomerScreen::Sharing(view) = &mut screen {
            view.second_stop_key = "Scroll_Lock".parse().ok();
        }
        let mut harness = bar(screen);
        harness.run_steps(PAST_GUARD);
        harness
    };
    with_second(ControlView::Granted { remaining_s: None }).get_by_label("Stop control (F12, Scroll Lock)");
    with_second(ControlView::Asked).get_by_label_contains("F12, Scroll Lock or \u{201c}Stop\u{201d} ends it");
}

#[test]
fn each_answer_to_the_question_of_control_is_its_own() {
    for (label, intent) in [
        ("Allow for 5 minutes", CustomerIntent::AllowControl { minutes: Some(5) }),
        ("Allow for 15 minutes", CustomerIntent::AllowControl { minutes: Some(15) }),
        ("Allow for this session", CustomerIntent::AllowControl { minutes: None }),
        ("Do not allow", CustomerIntent::RefuseControl),
    ] {
        let mut harness = bar(sharing(ControlView::Asked));
        harness.run_steps(PAST_GUARD);
        harness.get_by_label("Anna Muster (Muster Bank) asks for control.");
        click(&mut harness, label);
        assert_eq!(harness.state().intents, [intent]);
    }
}

#[test]
fn a_click_that_was_on_its_way_when_the_question_appeared_does_not_count() {
    let mut harness = bar(sharing(ControlView::Asked));
    harness.run_steps(2);
    harness.get_by_label("Allow for this session").click();
    harness.run_steps(2);
    // Pressed before the end of the guard, let go of after it.
    let place = harness.get_by_label("Allow for this session").rect().center();
    harness.drag_at(place);
    harness.run_steps(PAST_GUARD);
    harness.drop_at(place);
    harness.run_steps(3);
    assert_eq!(harness.state().intents, []);
    click(&mut harness, "Allow for this session");
    assert_eq!(harness.state().intents, [CustomerIntent::AllowControl { minutes: None }]);
}

#[test]
fn enter_and_space_answer_nothing_unless_an_answer_has_been_focused() {
    let mut harness = bar(sharing(ControlView::None));
    harness.get_by_label("Pause").focus();
    harness.run_steps(2);
    harness.state_mut().view.screen = sharing(ControlView::Asked);
    harness.run_steps(PAST_GUARD);
    for key in [Key::Enter, Key::Space, Key::Escape] {
        press(&mut harness, key);
    }
    assert_eq!(harness.state().intents, []);
    harness.get_by_label("Do not allow").focus();
    harness.run_steps(2);
    press(&mut harness, Key::Enter);
    assert_eq!(harness.state().intents, [CustomerIntent::RefuseControl]);
}

#[test]
fn a_second_question_is_guarded_like_the_first() {
    let mut harness = bar(sharing(ControlView::Asked));
    harness.run_steps(PAST_GUARD);
    harness.state_mut().view.screen = sharing(ControlView::None);
    harness.run_steps(2);
    harness.state_mut().view.screen = sharing(ControlView::Asked);
    harness.run_steps(2);
    click(&mut harness, "Allow for this session");
    assert_eq!(harness.state().intents, []);
}

#[test]
fn the_question_offers_no_longer_control_than_the_rules_allow() {
    let mut harness = bar(sharing(ControlView::Asked));
    harness.state_mut().view.control = ControlRule::Allowed { longest: Minutes::new(10) };
    harness.run_steps(PAST_GUARD);
    assert!(harness.query_by_label("Allow for this session").is_none());
    assert!(harness.query_by_label_contains("15 minutes").is_none());
    click(&mut harness, "Allow for 10 minutes");
    assert_eq!(harness.state().intents, [CustomerIntent::AllowControl { minutes: Some(10) }]);
}

#[test]
fn more_time_is_a_question_of_its_own_while_control_goes_on() {
    let asked = |harness: &mut Harness<'_, Window>| {
        let CustomerScreen::Sharing(view) = sharing(ControlView::Granted { remaining_s: Some(42) }) else { panic!() };
        harness.state_mut().view.screen = CustomerScreen::Sharing(SharingView { asks_more: true, ..view });
        harness.run_steps(PAST_GUARD);
    };
    for (label, intent) in [
        ("Do not allow", CustomerIntent::RefuseMoreTime),
        ("Allow 5 minutes from now", CustomerIntent::AllowMoreTime { minutes: Some(5) }),
        ("Allow for the rest of this session", CustomerIntent::AllowMoreTime { minutes: None }),
        // What ends control stays where it was.
        ("Stop control (F12)", CustomerIntent::RevokeControl),
    ] {
        let mut harness = bar(sharing(ControlView::Granted { remaining_s: Some(43) }));
        harness.run_steps(3);
        assert!(harness.query_by_label_contains("asks to control for longer").is_none());
        asked(&mut harness);
        harness.get_by_label_contains("asks to control for longer");
        click(&mut harness, label);
        assert_eq!(harness.state().intents, [intent]);
    }
}

fn asks_more(left_s: u32) -> CustomerScreen {
    let CustomerScreen::Sharing(view) = sharing(ControlView::Granted { remaining_s: Some(left_s) }) else { panic!() };
    CustomerScreen::Sharing(SharingView { asks_more: true, ..view })
}

#[test]
fn more_time_is_offered_only_where_it_is_more_and_no_answer_moves() {
    let five = "Allow 5 minutes from now";
    let mut harness = bar(asks_more(301));
    harness.run_steps(PAST_GUARD);
    assert!(harness.query_by_label(five).is_none(), "that is less than what is left");
    harness.get_by_label("Allow 15 minutes from now");
    harness.state_mut().view.screen = asks_more(200);
    harness.run_steps(3);
    assert!(harness.query_by_label(five).is_none(), "the others would move under the hand");

    let mut harness = bar(asks_more(3_000));
    harness.state_mut().view.control = ControlRule::Allowed { longest: Minutes::new(50) };
    harness.run_steps(PAST_GUARD);
    click(&mut harness, "Allow 50 minutes from now");
    assert_eq!(harness.state().intents, [CustomerIntent::AllowMoreTime { minutes: Some(50) }]);
}

#[test]
fn of_two_questions_that_follow_each_other_at_once_each_is_guarded() {
    let asked = || sharing(ControlView::Asked);
    for (one, other, yes) in
        [(asked(), asks_more(42), "Allow 5 minutes from now"), (asks_more(42), asked(), "Allow for 5 minutes")]
    {
        let mut harness = bar(one);
        harness.run_steps(PAST_GUARD);
        harness.state_mut().view.screen = other;
        harness.run_steps(2);
        click(&mut harness, yes);
        assert_eq!(harness.state().intents, [], "{yes}");
        harness.run_steps(PAST_GUARD);
        click(&mut harness, yes);
        assert_eq!(harness.state().intents.len(), 1, "{yes}");
    }
}

#[test]
fn an_answer_about_more_time_counts_only_after_a_moment() {
    let CustomerScreen::Sharing(view) = sharing(ControlView::Granted { remaining_s: Some(42) }) else { panic!() };
    let mut harness = bar(CustomerScreen::Sharing(SharingView { asks_more: true, ..view }));
    click(&mut harness, "Allow 5 minutes from now");
    assert_eq!(harness.state().intents, []);
}
