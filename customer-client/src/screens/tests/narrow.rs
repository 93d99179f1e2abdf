//! Narrow windows, and windows at double size: nothing leaves them sideways.

use super::*;
use mitblick_client_core::customer::{Answer, GuideView, NotByHand, RatingView, RecordingState, TurnView};
use mitblick_protocol::peer_msg::{RecordingEnd, SharingState, TurnEnd};

/// At 200 % a window of 460 x 640 pixels has 230 x 320 points.
#[test]
fn at_double_size_nothing_leaves_the_window_sideways() {
    let screens = [
        CustomerScreen::Join { number: "4829157303".into(), problem: Some(Problem::WrongNumberOrInterference) },
        CustomerScreen::Connecting(ConnectingStep::Checking),
        CustomerScreen::Connecting(ConnectingStep::WaitingRoom {
            line: WaitingLine::Limited { until_unix_s: 1_700_000_000 },
        }),
        choose(Some(vec![item(1, "Browser"), item(2, "An application with quite a long name indeed")])),
        ended(Some(Problem::LinkLost)),
        who_called(),
        CustomerScreen::Ended(EndView { stop: true, ..end_view(None, ReceiptState::Offered) }),
    ];
    for language in Language::ALL {
        for screen in screens.clone() {
            let mut harness = window_in(language, vec2(230.0, 320.0), screen);
            harness.run_steps(3);
            inside(&harness, 230.0);
        }
    }
}

#[test]
fn the_bar_fits_the_width_that_it_is_given() {
    for language in Language::ALL {
        for control in [ControlView::None, ControlView::Asked, ControlView::Granted { remaining_s: Some(899) }] {
            let mut harness = window_in(language, vec2(683.0, 400.0), sharing(control));
            harness.state_mut().local.bar.max_width = 667.0;
            harness.run_steps(PAST_GUARD);
            inside(&harness, 667.0);
            let size = harness.state().local.bar.size.expect("a measured bar");
            assert!(size.x <= 667.0, "{size:?}");
        }
    }
}

#[test]
fn a_bar_that_is_higher_than_the_screen_scrolls_and_its_answers_can_be_reached() {
    for language in Language::ALL {
        let mut harness = window_in(language, vec2(500.0, 240.0), sharing(ControlView::Asked));
        harness.state_mut().local.bar.max_width = 500.0;
        harness.run_steps(PAST_GUARD);
        let whole = harness.state().local.bar.size.expect("a measured bar").y;
        assert!(whole > 240.0, "as high as it likes: {whole}");
        harness.state_mut().local.bar.max_height = 240.0;
        harness.run_steps(3);
        let size = harness.state().local.bar.size.expect("a measured bar");
        assert!(size.y <= 240.0 && size.x <= 500.0, "{size:?}");
        let refuse = if language == Language::German { "Nicht erlauben" } else { "Do not allow" };
        harness.get_by_label(refuse).scroll_to_me();
        harness.run_steps(3 + PAST_GUARD);
        click(&mut harness, refuse);
        assert_eq!(harness.state().intents, [CustomerIntent::RefuseControl]);
        harness.state_mut().local.bar.max_height = 1_000.0;
        harness.run_steps(3);
        assert_eq!(harness.state().local.bar.size.expect("a measured bar").y, whole, "and back");
    }
}

/// What can stand below the bar's row, or around the choice.
type State = (&'static str, fn(&mut CustomerView));

const STATES: [State; 10] = [
    ("may it be recorded?", |view| view.recording.state = RecordingState::Asked),
    ("recorded", |view| view.recording = super::recording::recorded()),
    ("not recorded any more", |view| view.recording.state = RecordingState::Ended(RecordingEnd::SharingChanged)),
    ("may something be shown?", |view| view.turn = TurnView::Asked),
    ("nothing is shown any more", |view| view.turn = TurnView::Ended(TurnEnd::GivenBack)),
    ("cut", |view| view.cut_s = Some(95)),
    ("ends soon, and no yes", |view| (view.ends_in_s, view.not_by_hand) = (Some(1_199), Some(NotByHand::SayAgain))),
    ("a text", |view| view.together = Some(super::clipboard::asked_text())),
    ("files", |view| {
        let files = [("A report with a long name, as they are from time to time.pdf", 4_800_000), ("setup.exe", 9)];
        view.together = Some(super::files::offered(&files));
    }),
    ("a request", |view| {
        let asked = Some("Please show me the settings of your mail program".into());
        view.guide = Some(GuideView { asked, ..GuideView::default() });
    }),
];

/// At 200 % a screen of 1280 pixels has 640 points, of which the bar takes 624.
#[test]
fn at_double_size_the_bar_fits_the_screen_in_every_state() {
    for language in Language::ALL {
        for (name, change) in STATES {
            for open in [false, true] {
                let granted = ControlView::Granted { remaining_s: Some(899) };
                let mut harness = window_in(language, vec2(640.0, 1_200.0), sharing(granted));
                let state = harness.state_mut();
                state.local.bar.max_width = 624.0;
                (state.view.together, state.view.guide) = (Some(together()), Some(GuideView::default()));
                change(&mut state.view);
                if open {
                    state.local.together.open_files();
                    let more = ["Zeigen, was selten gebraucht wird", "Show what is seldom needed"];
                    let details = ["Details zur Sicherheit", "Security details"];
                    harness.run_steps(3);
                    click(&mut harness, more[language.index()]);
                    click(&mut harness, details[language.index()]);
                }
                harness.run_steps(PAST_GUARD);
                inside(&harness, 624.0);
                let size = harness.state().local.bar.size.expect("a measured bar");
                assert!(size.x <= 624.0, "{name}: {size:?}");
            }
        }
    }
}

#[test]
fn at_double_size_nothing_leaves_the_choice_sideways_in_any_state() {
    for language in Language::ALL {
        for (_, change) in STATES {
            for open in [false, true] {
                let mut harness = window_in(language, vec2(230.0, 320.0), choose(Some(vec![item(1, "Browser")])));
                let state = harness.state_mut();
                state.view.together = Some(together());
                change(&mut state.view);
                if open {
                    state.local.together.open_files();
                }
                harness.run_steps(PAST_GUARD);
                inside(&harness, 230.0);
            }
        }
    }
}

#[test]
fn at_double_size_nothing_leaves_the_view_of_the_advisors_picture_sideways() {
    for language in Language::ALL {
        for shown in [SharingState::Choosing, SharingState::Showing, SharingState::Paused] {
            for change in STATES.map(|(_, change)| change) {
                let mut harness = window_in(language, vec2(230.0, 320.0), super::turn::watching(shown));
                let state = harness.state_mut();
                state.view.together = Some(together());
                change(&mut state.view);
                harness.run_steps(PAST_GUARD);
                inside(&harness, 230.0);
                let details = ["Details zur Sicherheit", "Security details"];
                click(&mut harness, details[language.index()]);
                inside(&harness, 230.0);
            }
        }
    }
}

#[test]
fn at_double_size_nothing_leaves_the_end_sideways_with_codes_and_questions() {
    let open = RatingView { solved: Answer::Open, grade: Answer::Open, problem: None, is_open: true };
    for language in Language::ALL {
        let end = EndView {
            rating: Some(open.clone()),
            recordings: vec!["7H2K-9QWE-4RTZ-M3NP-8XCV-2BDF-6GHJ-5KLQ".into()],
            left: Left { files: 3, clipboard: true },
            ..end_view(None, ReceiptState::Kept("/home/anna/Downloads/mitblick-2026-11-29.html".into()))
        };
        let mut harness = window_in(language, vec2(230.0, 1_600.0), CustomerScreen::Ended(end));
        harness.run_steps(3);
        inside(&harness, 230.0);
    }
}
