//! Showing the customer something: ask, choose, pause, back.

use super::*;
use mitblick_client_core::{advisor::AdvisorTurn, showing::AppItem};
use mitblick_protocol::{peer_msg::TurnEnd, session::ApplicationId};

fn shows(state: WatcherTurn) -> AdvisorScreen {
    let mut screen = viewer(SharingState::Choosing, ControlView::None);
    if let AdvisorScreen::Viewer(view) = &mut screen {
        let item = AppItem {
            id: ApplicationId(7),
            name: "Ledger".into(),
            titles: vec!["Accounts".into()],
            icon: None,
            preview: None,
        };
        view.turn = TurnView {
            state,
            forbidden: false,
            applications: Some(vec![item]),
            shown: vec!["Ledger".into()],
            guide: TurnGuide::default(),
        };
    }
    screen
}

fn granted(sharing: SharingState) -> AdvisorScreen {
    shows(WatcherTurn::Granted { sharing })
}

#[track_caller]
fn wants(screen: AdvisorScreen, labels: &[&str], expected: &[AdvisorTurn]) {
    let mut harness = window(screen);
    for label in labels {
        harness.get_by_label(label).click();
        harness.run_steps(3);
    }
    let intents = std::mem::take(&mut harness.state_mut().intents);
    let wanted: Vec<_> = intents
        .into_iter()
        .filter_map(|intent| match intent {
            AdvisorIntent::Turn(turn) => Some(turn),
            _ => None,
        })
        .collect();
    assert_eq!(wanted, expected);
}

#[test]
fn it_is_asked_for_and_taken_back_where_seldom_things_are() {
    let more = "Show what is seldom needed";
    let screen = || viewer(SharingState::Showing, ControlView::None);
    wants(screen(), &[more, "Show my screen \u{2026}"], &[AdvisorTurn::Request]);
    wants(shows(WatcherTurn::Asked), &["Withdraw question"], &[AdvisorTurn::End]);
    let mut forbidden = screen();
    if let AdvisorScreen::Viewer(view) = &mut forbidden {
        view.turn.forbidden = true;
    }
    let mut harness = window(forbidden);
    harness.get_by_label(more).click();
    harness.run_steps(3);
    assert!(harness.query_by_label_contains("Show my screen").is_none());
}

#[test]
fn nothing_is_chosen_before_the_advisor_chooses_it() {
    let mut harness = window(granted(SharingState::Choosing));
    harness.run_steps(2);
    harness.get_by_label("The customer sees nothing of your screen yet");
    wants(granted(SharingState::Choosing), &["Show"], &[]);
    let choose = ["Ledger, Accounts", "Show this application"];
    wants(granted(SharingState::Choosing), &choose, &[AdvisorTurn::Show(vec![ApplicationId(7)])]);
}

#[test]
fn what_the_customer_sees_is_said_in_words_with_the_ways_to_end_it() {
    let back = "Back: show the customer nothing any more";
    let mut harness = window(granted(SharingState::Showing));
    harness.run_steps(2);
    harness.get_by_label("The customer sees: Ledger");
    let all = [AdvisorTurn::Pause, AdvisorTurn::ChooseAgain, AdvisorTurn::End];
    wants(granted(SharingState::Showing), &["Pause", "Change", back], &all);
    let mut harness = window(granted(SharingState::Paused));
    harness.run_steps(2);
    harness.get_by_label("Paused: the customer sees nothing of your screen");
    wants(granted(SharingState::Paused), &["Show again", back], &[AdvisorTurn::Resume, AdvisorTurn::End]);
    let mut harness = window(shows(WatcherTurn::Ended(TurnEnd::TakenBack)));
    harness.run_steps(2);
    harness.get_by_label_contains("the customer's side switched back");
}

#[test]
fn what_the_customer_points_at_is_forbidden_and_cleared_with_one_click_each() {
    let mut marked = granted(SharingState::Showing);
    if let AdvisorScreen::Viewer(view) = &mut marked {
        view.turn.guide = TurnGuide { marks: 2, customer_points: true, ..TurnGuide::default() };
    }
    let labels = [
        "Do not show what the customer points at and draws",
        "Make my mouse pointer stand out for the customer",
        "Clear the customer's marks",
    ];
    let all = [AdvisorTurn::HidePointing(true), AdvisorTurn::PointOut(true), AdvisorTurn::ClearMarks];
    wants(marked, &labels, &all);
    let mut harness = window(granted(SharingState::Showing));
    harness.run_steps(2);
    assert!(harness.query_by_label(labels[2]).is_none(), "there are none");
    let mut harness = window(granted(SharingState::Paused));
    harness.run_steps(2);
    assert!(harness.query_by_label(labels[0]).is_none(), "nothing can be pointed at");
}
