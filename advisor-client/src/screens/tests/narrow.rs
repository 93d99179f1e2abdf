//! Windows at double size: nothing leaves them sideways.

use super::*;
use mitblick_protocol::peer_msg::{RecordingEnd, TurnEnd};

/// At 200 % a window of 1100 x 760 pixels has 550 x 380 points.
#[test]
fn at_double_size_nothing_leaves_the_window_sideways() {
    for language in Language::ALL {
        for screen in [
            sign_in(Some(Problem::SignInFailed { retry_after_s: 0, tries_left: 4 })),
            with_key(
                None,
                KeyView::Here(KeyPlace::File(
                    "/home/anna.von-und-zu-muster/.local/share/mitblick-advisor/workplace.key".into(),
                    FileBecause::Refused,
                )),
            ),
            new_password(Some(Problem::PasswordRefused(PasswordRule::Common))),
            lobby(true, None),
            viewer(SharingState::Choosing, ControlView::None),
            viewer(SharingState::Paused, GRANTED),
        ] {
            let mut harness = window_in(language, vec2(550.0, 380.0), screen);
            harness.run_steps(3);
            fits_within(&harness, 550.0);
        }
    }
}

/// What can be at the viewer.
type State = (&'static str, fn(&mut ViewerView));

const STATES: [State; 17] = [
    ("controlled", |view| view.control = GRANTED),
    ("control ended", |view| view.control = ControlView::Ended(ControlEnd::SharingChanged)),
    ("forbidden and ends soon", |view| (view.control_forbidden, view.ends_in_s) = (true, Some(240))),
    ("somebody waits", |view| view.awaited = Some(1_800_000_000)),
    ("cut", |view| view.cut_s = Some(95)),
    ("asked to record", |view| view.recording.state = RecordingState::Asked),
    ("recorded", |view| {
        (view.recording.state, view.recording.left_bytes) = (super::recording::granted(), Some(40_000_000));
    }),
    ("not recorded", |view| view.recording.state = RecordingState::Refused),
    ("recorded no longer", |view| {
        view.recording.state = RecordingState::Ended(RecordingEnd::TakenBack);
        view.recording.file = Some("/home/anna.von-und-zu-muster/Recordings/2026-11-29 14-05-17.mbr".into());
    }),
    ("asked to show", |view| view.turn.state = WatcherTurn::Asked),
    ("nothing to show", |view| view.turn.state = WatcherTurn::Refused),
    ("chooses what to show", |view| turned(view, SharingState::Choosing)),
    ("shows", |view| turned(view, SharingState::Showing)),
    ("paused showing", |view| turned(view, SharingState::Paused)),
    ("showed", |view| view.turn.state = WatcherTurn::Ended(TurnEnd::TakenBack)),
    ("a text", |view| view.together = super::clipboard::asked_text()),
    ("files", |view| {
        let files = [("A report with a long name, as they are from time to time.pdf", 4_800_000), ("setup.exe", 9)];
        view.together = super::files::offered(&files);
    }),
];

fn turned(view: &mut ViewerView, sharing: SharingState) {
    view.sharing = SharingState::Choosing;
    view.turn.state = WatcherTurn::Granted { sharing };
    view.turn.shown = vec!["Ledger".into(), "An application with quite a long name indeed".into()];
    view.turn.guide.marks = 2;
    view.turn.applications = Some(Vec::new());
}

#[test]
fn at_double_size_nothing_leaves_the_viewer_sideways_in_any_state() {
    for language in Language::ALL {
        for (name, change) in STATES {
            for full_screen in [false, true] {
                let mut harness = window_in(language, vec2(550.0, 380.0), viewer_with(change));
                harness.state_mut().local.viewer.full_screen = full_screen;
                harness.run_steps(3);
                fits_within(&harness, 550.0);
                if full_screen {
                    harness.key_press_modifiers(Modifiers::CTRL | Modifiers::ALT, Key::Home);
                    harness.run_steps(4);
                    let end = ["Sitzung beenden", "End session"][language.index()];
                    assert!(harness.query_by_label(end).is_some(), "{name}: the bar is not open");
                    fits_within(&harness, 550.0);
                }
            }
        }
    }
}

#[test]
fn at_double_size_nothing_leaves_the_viewer_sideways_whatever_is_opened() {
    for language in Language::ALL {
        for labels in [
            &["Zeigen, was selten gebraucht wird", "Show what is seldom needed"][..],
            &["Zeigen, was selten gebraucht wird", "Show what is seldom needed", "Details", "Details"],
            &["Zeigen, zeichnen und um Einblick bitten", "Point, draw and ask to be shown something"],
            &super::chat::BUTTON,
            &[super::chat::BUTTON[0], super::chat::BUTTON[1], "Zwischenablage", "Clipboard"],
        ] {
            let mut harness = window_in(language, vec2(550.0, 380.0), viewer(SharingState::Showing, GRANTED));
            harness.run_steps(3);
            for pair in labels.chunks(2) {
                click(&mut harness, pair[language.index()]);
                harness.run_steps(2);
                fits_within(&harness, 550.0);
            }
        }
        let files = [("A report with a long name, as they are from time to time.pdf", 4_800_000), ("setup.exe", 9)];
        let screen = viewer_with(|view| view.together = super::files::offered(&files));
        let mut harness = window_in(language, vec2(550.0, 380.0), screen);
        harness.run_steps(3);
        let words = ["Dateien: 1 Angebot wartet auf Ihre Antwort", "Files: 1 offer waits for your answer"];
        click(&mut harness, words[language.index()]);
        fits_within(&harness, 550.0);
    }
}

#[test]
fn at_double_size_nothing_leaves_the_screens_around_a_session_sideways() {
    let user = || "anna.von-und-zu-muster".to_owned();
    let last = LastSession { connected: true, by_me: false, problem: Some(Problem::OtherSideLost), lasted_s: 3_725 };
    for language in Language::ALL {
        for screen in [
            lobby(true, Some(last.clone())),
            lobby(false, None),
            AdvisorScreen::Code {
                user: user(),
                busy: false,
                problem: Some(Problem::CodeWrong { retry_after_s: 30, tries_left: 0 }),
            },
            AdvisorScreen::WorkplaceWaits { name: "anna-von-und-zu-musters-laptop".into(), code: "042 917".into() },
            AdvisorScreen::Elsewhere { workplace: String::new(), in_session: true, busy: false },
            AdvisorScreen::Locked {
                user: user(),
                in_session: true,
                problem: Some(Problem::SignInFailed { retry_after_s: 30, tries_left: 0 }),
            },
        ] {
            let mut harness = window_in(language, vec2(550.0, 380.0), screen);
            harness.run_steps(3);
            fits_within(&harness, 550.0);
        }
        for screen in [["Termine", "Appointments"], ["Meine Sitzungen", "My sessions"]] {
            let mut harness = window_in(language, vec2(550.0, 380.0), lobby(true, None));
            harness.run_steps(3);
            click(&mut harness, screen[language.index()]);
            fits_within(&harness, 550.0);
        }
    }
}
