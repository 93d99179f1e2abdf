//! What is found where applications are chosen.

use super::*;

#[test]
fn nothing_is_chosen_and_nothing_can_be_shown_before_the_person_chooses() {
    let mut harness = window(choose(Some(vec![item(1, "Browser"), item(2, "Mail")])));
    harness.get_by_label("Choose at least one application.");
    click(&mut harness, "Show applications");
    press(&mut harness, Key::Enter);
    assert_eq!(harness.state().intents, []);
}

#[test]
fn exactly_the_chosen_applications_are_shown() {
    let mut harness = window(choose(Some(vec![item(1, "Browser"), item(2, "Mail"), item(3, "Notes")])));
    click(&mut harness, "Browser, Title of Browser");
    click(&mut harness, "Mail, Title of Mail");
    click(&mut harness, "Browser, Title of Browser");
    click(&mut harness, "Show this application");
    assert_eq!(harness.state().intents, [CustomerIntent::Share(vec![ApplicationId(2)])]);
}

#[test]
fn a_card_is_chosen_with_the_keyboard_too() {
    let mut harness = window(choose(Some(vec![item(1, "Browser")])));
    harness.get_by_label("Browser, Title of Browser").focus();
    harness.run_steps(2);
    press(&mut harness, Key::Space);
    harness.get_by_label("Show this application");
}

#[test]
fn the_keyboard_reaches_the_list_before_the_buttons_below_it() {
    let mut harness = window(choose(Some(vec![item(1, "Browser")])));
    let mut order = Vec::new();
    for _ in 0..5 {
        press(&mut harness, Key::Tab);
        let focused = harness.root().children_recursive().find(|node| node.is_focused());
        order.push(focused.and_then(|node| node.accesskit_node().label()).unwrap_or_default());
    }
    let expected = ["Security details", "Reload", "Browser, Title of Browser", "End session", "Security details"];
    assert_eq!(order, expected);
}

#[test]
fn a_changed_list_keeps_the_choice_and_sends_only_what_exists() {
    let mut harness = window(choose(Some(vec![item(1, "Browser"), item(2, "Mail")])));
    click(&mut harness, "Browser, Title of Browser");
    click(&mut harness, "Mail, Title of Mail");
    harness.state_mut().view.screen = choose(None);
    harness.run_steps(2);
    harness.state_mut().view.screen = choose(Some(vec![item(3, "Notes"), item(2, "Mail")]));
    harness.run_steps(2);
    click(&mut harness, "Show this application");
    assert_eq!(harness.state().intents, [CustomerIntent::Share(vec![ApplicationId(2)])]);
}

#[test]
fn choosing_again_starts_with_nothing_chosen() {
    let mut harness = window(choose(Some(vec![item(1, "Browser")])));
    click(&mut harness, "Browser, Title of Browser");
    harness.state_mut().view.screen = sharing(ControlView::None);
    harness.run_steps(2);
    harness.state_mut().view.screen = choose(Some(vec![item(1, "Browser")]));
    harness.run_steps(2);
    harness.get_by_label("Choose at least one application.");
}

#[test]
fn who_asks_is_named_and_the_check_words_of_both_languages_can_be_seen() {
    let mut harness = window(choose(Some(Vec::new())));
    harness.get_by_label("Muster Bank");
    harness.get_by_label_contains("Anna Muster");
    click(&mut harness, "Security details");
    harness.get_by_label("Ahorn  Beil  Chor  Dorf");
    harness.get_by_label("acorn  bell  chalk  drum");
    harness.get_by_label("Encryption: a suite");
}

#[test]
fn a_session_is_ended_from_choosing() {
    let mut harness = window(choose(None));
    click(&mut harness, "End session");
    assert_eq!(harness.state().intents, [CustomerIntent::End]);
}

#[test]
fn enter_and_space_show_nothing_where_applications_are_chosen() {
    let mut harness = window(who_called());
    harness.run_steps(PAST_GUARD);
    harness.get_by_label("Yes, I called them").focus();
    harness.run_steps(2);
    harness.state_mut().view.screen = choose(Some(vec![item(1, "Browser")]));
    for _ in 0..20 {
        for key in [Key::Enter, Key::Space] {
            press(&mut harness, key);
        }
    }
    assert_eq!(harness.state().intents, []);
    assert!(harness.state().local.choose.chooser.chosen.is_empty());
}
