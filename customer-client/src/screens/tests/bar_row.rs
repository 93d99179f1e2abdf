//! The bar's row: on an ordinary screen it is one line, so that it covers
//! little of what is worked at and nothing of it jumps.

use super::*;
use mitblick_client_core::customer::{CustomerGuide, GuideView, PreviewView};

/// What an ordinary laptop's screen of 1280 pixels leaves.
const WIDTH: f32 = 1_264.0;

fn rows_of(harness: &Harness<'_, Window>, names: &[&str]) -> Vec<i64> {
    let middle = |name: &&str| {
        let rect = harness.get_by_label(name).rect();
        rect.center().y.round() as i64
    };
    names.iter().map(middle).collect()
}

#[test]
fn the_row_is_one_line_on_an_ordinary_screen_in_every_language_and_state() {
    for (language, names) in [
        (
            Language::English,
            ["Pause", "End session", "Open or close chat, clipboard and files", "Show what is seldom needed"],
        ),
        (
            Language::German,
            [
                "Pause",
                "Sitzung beenden",
                "Chat, Zwischenablage und Dateien öffnen oder schließen",
                "Zeigen, was selten gebraucht wird",
            ],
        ),
    ] {
        for control in [ControlView::None, ControlView::Asked, ControlView::Granted { remaining_s: Some(899) }] {
            let mut harness = window_in(language, vec2(WIDTH, 500.0), sharing(control));
            let state = harness.state_mut();
            state.local.bar.max_width = WIDTH;
            state.view.guide = Some(GuideView { marks: 3, points_out: true, ..GuideView::default() });
            state.view.together = Some(together());
            harness.run_steps(PAST_GUARD);
            let rows = rows_of(&harness, &names);
            assert!(rows.iter().all(|row| *row == rows[0]), "{language:?} {control:?}: {rows:?}");
            inside(&harness, WIDTH);
        }
    }
}

#[test]
fn what_is_seldom_needed_opens_and_closes_with_what_it_opened() {
    let mut harness = bar(sharing(ControlView::None));
    harness.state_mut().view.guide = Some(GuideView::default());
    harness.run_steps(2);
    assert!(harness.query_by_label("Look at what the advisor sees").is_none());
    click(&mut harness, "Show what is seldom needed");
    click(&mut harness, "Security details");
    harness.state_mut().view.guide = Some(GuideView { preview: Some(PreviewView::default()), ..GuideView::default() });
    harness.state_mut().intents.clear();
    click(&mut harness, "Show what is seldom needed");
    let wanted = [CustomerIntent::ShowLine(false), CustomerIntent::Guide(CustomerGuide::Preview(false))];
    assert_eq!(harness.state().intents, wanted);
    harness.run_steps(2);
    assert!(harness.query_by_label("Security details").is_none());
}

#[test]
fn what_stays_on_is_seen_and_switched_off_while_its_row_is_closed() {
    let mut harness = bar(sharing(ControlView::None));
    harness.state_mut().view.guide = Some(GuideView { points_out: true, ..GuideView::default() });
    harness.run_steps(2);
    click(&mut harness, "Make my mouse pointer stand out for the advisor");
    let wanted = [CustomerIntent::Guide(CustomerGuide::PointOut(false))];
    assert_eq!(harness.state().intents, wanted);
}
