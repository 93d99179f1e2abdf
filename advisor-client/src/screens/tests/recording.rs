//! That it is recorded is seen all the time, with the way to stop it.

use super::*;
use mitblick_protocol::recording::{RecordingKey, RecordingOwners};

/// It is recorded.
pub(super) fn granted() -> RecordingState {
    RecordingState::Granted { owners: RecordingOwners::Shower, key: RecordingKey([7; 32]) }
}

/// Nothing lies above it where it is, and it is in the window.
#[track_caller]
pub(super) fn in_sight(harness: &Harness<'_, Window>, label: &str, size: Vec2) {
    let rect = harness.get_by_label(label).rect();
    let window = egui::Rect::from_min_size(egui::Pos2::ZERO, size);
    assert!(rect.is_positive() && window.contains_rect(rect), "{label} is at {rect}");
    let parts = |count: u8| (0..=count).map(move |step| f32::from(step) / f32::from(count));
    for at in parts(20).flat_map(|x| parts(2).map(move |y| rect.shrink(1.0).lerp_inside(vec2(x, y)))) {
        let above = harness.ctx.layer_id_at(at).map(|layer| layer.order);
        let covered = above.is_some_and(|order| order > egui::Order::Middle);
        assert!(!covered, "{label} is covered at {at}: {rect}");
    }
}

#[test]
fn the_sign_is_in_sight_whatever_else_is_shown() {
    for (language, sign, stop, more) in [
        (Language::German, "Aufzeichnung läuft", "Aufzeichnung beenden", "Zeigen, was selten gebraucht wird"),
        (Language::English, "Recording", "Stop recording", "Show what is seldom needed"),
    ] {
        for size in [vec2(1_100.0, 760.0), vec2(550.0, 380.0)] {
            for (sharing, control, cut_s) in [
                (SharingState::Showing, ControlView::None, None),
                (SharingState::Showing, GRANTED, None),
                (SharingState::Paused, ControlView::None, None),
                (SharingState::Choosing, ControlView::None, None),
                (SharingState::Showing, ControlView::None, Some(95)),
            ] {
                let mut harness = window_in(language, size, viewer(sharing, control));
                harness.run_steps(3);
                assert!(harness.query_by_label(sign).is_none(), "nothing is recorded");
                change(&mut harness, |view| (view.recording.state, view.cut_s) = (granted(), cut_s));
                in_sight(&harness, sign, size);
                in_sight(&harness, stop, size);
                wanted(&mut harness);
                click(&mut harness, stop);
                only(&mut harness, &[AdvisorIntent::StopRecording]);
                // With what is seldom needed there are two ways to stop it.
                click(&mut harness, more);
                in_sight(&harness, sign, size);
                assert_eq!(harness.query_all_by_label(stop).count(), 2);
            }
        }
    }
}

#[test]
fn in_full_screen_the_sign_is_in_sight_whether_the_bar_is_open_or_not() {
    for (language, sign, stop, show, end) in [
        (Language::German, "Aufzeichnung läuft", "Aufzeichnung beenden", "Leiste zeigen", "Sitzung beenden"),
        (Language::English, "Recording", "Stop recording", "Show bar", "End session"),
    ] {
        for size in [vec2(1_100.0, 760.0), vec2(550.0, 380.0)] {
            for control in [ControlView::None, GRANTED] {
                let mut harness = window_in(language, size, viewer(SharingState::Showing, control));
                harness.state_mut().local.viewer.full_screen = true;
                harness.run_steps(3);
                change(&mut harness, |view| view.recording.state = granted());
                in_sight(&harness, sign, size);
                in_sight(&harness, stop, size);
                harness.get_by_label(show).hover();
                harness.run_steps(4);
                harness.get_by_label(end);
                in_sight(&harness, sign, size);
            }
        }
    }
}

#[test]
fn little_room_is_said_in_the_sign_itself() {
    for (language, sign) in [
        (Language::German, "Aufzeichnung läuft; noch Platz für 40 MB"),
        (Language::English, "Recording; room for 40 MB more"),
    ] {
        let mut harness = window_in(language, vec2(1_100.0, 760.0), viewer(SharingState::Showing, ControlView::None));
        change(&mut harness, |view| (view.recording.state, view.recording.left_bytes) = (granted(), Some(40_000_000)));
        harness.get_by_label(sign);
    }
}
