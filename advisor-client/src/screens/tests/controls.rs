//! Every control of the advisor's that ends something or asks for something:
//! by its name, in both languages, with one click, and nothing beside it.

use super::*;
use mitblick_client_core::advisor::AdvisorTurn;
use mitblick_protocol::recording::{RecordingKey, RecordingOwners};

const MORE: [&str; 2] = ["Zeigen, was selten gebraucht wird", "Show what is seldom needed"];

/// Opens what is seldom needed, if it is to be found there, and clicks.
#[track_caller]
fn wants(screen: &AdvisorScreen, [rare, labels]: [Option<[&str; 2]>; 2], intent: &AdvisorIntent) {
    for language in Language::ALL {
        let mut harness = window_in(language, vec2(1_100.0, 760.0), screen.clone());
        harness.run_steps(3);
        for label in [rare, labels].into_iter().flatten() {
            click(&mut harness, label[language.index()]);
        }
        only(&mut harness, std::slice::from_ref(intent));
    }
}

#[test]
fn what_ends_or_asks_for_something_does_so_with_one_click_and_nothing_else() {
    let showing = || viewer(SharingState::Showing, ControlView::None);
    let recorded = |state| viewer_with(|view| view.recording.state = state);
    let granted = RecordingState::Granted { owners: RecordingOwners::Both, key: RecordingKey([7; 32]) };
    let turned = |state| viewer_with(|view| (view.turn.state, view.sharing) = (state, SharingState::Choosing));
    let shows = turned(WatcherTurn::Granted { sharing: SharingState::Showing });
    use AdvisorIntent::{End, GiveBackControl, Lock, RequestControl, RequestRecording, StopRecording, Turn};
    for (screen, rare, labels, intent) in [
        (showing(), Some(MORE), ["Um Aufzeichnung bitten", "Ask to record"], RequestRecording),
        (
            recorded(RecordingState::Asked),
            Some(MORE),
            ["Bitte um Aufzeichnung zurückziehen", "Withdraw request to record"],
            StopRecording,
        ),
        (recorded(granted), None, ["Aufzeichnung beenden", "Stop recording"], StopRecording),
        (showing(), Some(MORE), ["Sperren", "Lock"], Lock),
        (lobby(true, None), None, ["Sperren", "Lock"], Lock),
        (lobby(false, None), None, ["Sperren", "Lock"], Lock),
        (showing(), None, ["Steuerung anfragen", "Ask for control"], RequestControl),
        (
            viewer(SharingState::Showing, ControlView::Asked),
            None,
            ["Anfrage zurückziehen", "Withdraw request"],
            GiveBackControl,
        ),
        (viewer(SharingState::Showing, GRANTED), None, ["Steuerung zurückgeben", "Give control back"], GiveBackControl),
        (viewer(SharingState::Paused, GRANTED), None, ["Steuerung zurückgeben", "Give control back"], GiveBackControl),
        (turned(WatcherTurn::Asked), None, ["Frage zurückziehen", "Withdraw question"], Turn(AdvisorTurn::End)),
        (
            shows.clone(),
            None,
            ["Zurück: dem Kunden nichts mehr zeigen", "Back: show the customer nothing any more"],
            Turn(AdvisorTurn::End),
        ),
        (shows, None, ["Sitzung beenden", "End session"], End),
        (viewer_with(|view| view.cut_s = Some(95)), None, ["Sitzung beenden", "End session"], End),
    ] {
        wants(&screen, [rare, Some(labels)], &intent);
    }
}

#[test]
fn a_recording_that_can_not_be_is_not_asked_for() {
    let forbidden = viewer_with(|view| view.recording.forbidden = true);
    let turned = viewer_with(|view| {
        view.turn.state = WatcherTurn::Granted { sharing: SharingState::Showing };
        view.sharing = SharingState::Choosing;
    });
    for screen in [forbidden, turned] {
        let mut harness = window(screen);
        click(&mut harness, MORE[1]);
        click(&mut harness, "Ask to record");
        only(&mut harness, &[]);
    }
}

#[test]
fn a_locked_program_is_left_by_password_or_by_signing_out_and_ends_the_session_if_there_is_one() {
    let locked = |in_session| AdvisorScreen::Locked { user: "anna".into(), in_session, problem: None };
    for (in_session, labels, intent) in [
        (true, ["Sitzung beenden", "End session"], AdvisorIntent::End),
        (true, ["Abmelden", "Sign out"], AdvisorIntent::SignOut),
        (false, ["Abmelden", "Sign out"], AdvisorIntent::SignOut),
    ] {
        wants(&locked(in_session), [None, Some(labels)], &intent);
    }
    let harness = window(locked(false));
    assert!(harness.query_by_label("End session").is_none(), "there is none");
    let mut harness = window(locked(true));
    harness.get_by_label_contains("nothing of it is shown");
    assert!(harness.query_by_label("Customer's shared windows").is_none());
    harness.event(Event::Text("pass word".into()));
    harness.run_steps(2);
    click(&mut harness, "Unlock");
    only(&mut harness, &[AdvisorIntent::Unlock { password: "pass word".into() }]);
}
