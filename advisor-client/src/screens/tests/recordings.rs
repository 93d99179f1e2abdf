//! Recordings, from the lobby to the picture: a real recorder makes one, and
//! the screen opens it.

use super::*;
use egui::accesskit::Role;
use mitblick_client_core::recording::{Folder, Kept, Recorder, RecorderEvent, Wanted};
use mitblick_protocol::{
    geometry::Size,
    recording::{About, RecordingCode, RecordingOwners},
    text::DisplayText,
};
use std::{
    path::PathBuf,
    sync::mpsc::channel,
    time::{Duration, Instant},
};

const PATIENCE: Duration = Duration::from_secs(20);

fn code() -> RecordingCode {
    RecordingCode::from_random([7; 16])
}

/// A whole recording of one window.
fn recorded(folder: &Folder) -> PathBuf {
    let store = Arc::new(PictureStore::default());
    let rect = Rect::new(10, 20, 60, 40);
    {
        let mut picture = store.lock();
        picture.scene.desktop = Size { width: 200, height: 120 };
        picture.scene.surfaces = vec![Surface {
            id: SurfaceId(1),
            rect,
            state: SurfaceState::Shown,
            parent: None,
            title: DisplayText::cleaned("plan"),
        }];
        let pixels = vec![0x0012_3456; 60 * 40];
        picture.surfaces.insert(SurfaceId(1), WatchedSurface { size: rect.size(), pixels, changed: Vec::new() });
    }
    let (told, events) = channel();
    let recorder = Recorder::start(store, Some(folder.clone()), move |event| drop(told.send(event))).unwrap();
    let [organisation, advisor] = ["Muster Bank", "Anna Muster"].map(DisplayText::cleaned);
    let about = About { organisation, advisor, utc_offset_s: 0 };
    recorder.begin(Wanted { number: 1, owners: RecordingOwners::Both, key: code().key(), about });
    assert!(matches!(events.recv_timeout(PATIENCE), Ok(RecorderEvent::Began { number: 1, .. })));
    // The first look comes with the beginning.
    let made = |kept: &Kept| kept.bytes > 300;
    let until = Instant::now() + PATIENCE;
    while !folder.list().unwrap().iter().any(made) {
        assert!(Instant::now() < until, "nothing is written");
        std::thread::yield_now();
    }
    recorder.end();
    match events.recv_timeout(PATIENCE) {
        Ok(RecorderEvent::Finished { number: 1, path }) => path,
        other => panic!("{other:?}"),
    }
}

fn lobby() -> AdvisorScreen {
    super::lobby(false, None)
}

/// Frames until something is there.
fn await_label(harness: &mut Harness<'_, Window>, label: &str) {
    let until = Instant::now() + PATIENCE;
    while harness.query_by_label_contains(label).is_none() {
        assert!(Instant::now() < until, "no {label}");
        harness.run_steps(1);
        std::thread::yield_now();
    }
}

fn in_recordings(folder: Folder) -> Harness<'static, Window> {
    let mut harness = window(lobby());
    harness.state_mut().local.recordings = crate::screens::recordings::RecordingsLocal::in_folder(Some(folder));
    click(&mut harness, "Recordings");
    harness
}

fn type_code(harness: &mut Harness<'_, Window>, code: &str) {
    let field = harness.get_by_role_and_label(Role::TextInput, "The customer's code");
    field.focus();
    harness.run_steps(1);
    harness.get_by_role_and_label(Role::TextInput, "The customer's code").type_text(code);
    harness.run_steps(1);
    click(harness, "Open");
}

#[test]
fn a_recording_is_opened_with_the_code_looked_at_and_left() {
    let dir = tempfile::tempdir().unwrap();
    let folder = Folder::below(dir.path());
    recorded(&folder);
    let mut harness = in_recordings(folder);
    await_label(&mut harness, "Open the recording of");
    harness.get_by_label_contains("Open the recording of").click();
    harness.run_steps(2);
    type_code(&mut harness, "7H2K");
    await_label(&mut harness, "not a whole code");
    type_code(&mut harness, &RecordingCode::from_random([8; 16]).to_string());
    await_label(&mut harness, "another recording");
    type_code(&mut harness, &code().to_string());
    await_label(&mut harness, "Position:");
    harness.get_by_label("Play");
    assert_eq!(harness.query_all_by_label_contains("Anna Muster (Muster Bank)").count(), 2, "text and picture");

    click(&mut harness, "Export video \u{2026}");
    harness.get_by_label_contains("The video is not encrypted");
    click(&mut harness, "Export");
    await_label(&mut harness, "The video is in");

    click(&mut harness, "Back");
    await_label(&mut harness, "Open the recording of");
    click(&mut harness, "Back");
    harness.get_by_label("Sign out");
}

#[test]
fn a_customer_who_joins_closes_the_recordings() {
    let dir = tempfile::tempdir().unwrap();
    let mut harness = in_recordings(Folder::below(dir.path()));
    await_label(&mut harness, "There are no recordings.");
    harness.state_mut().view.screen = viewer(SharingState::Showing, ControlView::None);
    harness.run_steps(2);
    assert!(!harness.state().local.recordings.is_open());
    harness.state_mut().view.screen = lobby();
    harness.run_steps(2);
    assert!(harness.query_by_label("There are no recordings.").is_none());
}

#[test]
fn at_double_size_nothing_leaves_the_window_sideways() {
    let dir = tempfile::tempdir().unwrap();
    let folder = Folder::below(dir.path());
    recorded(&folder);
    let mut harness = window_in(Language::English, vec2(550.0, 380.0), lobby());
    harness.state_mut().local.recordings = crate::screens::recordings::RecordingsLocal::in_folder(Some(folder));
    harness.run_steps(3);
    click(&mut harness, "Recordings");
    await_label(&mut harness, "Open the recording of");
    fits_within(&harness, 550.0);
    harness.get_by_label_contains("Open the recording of").click();
    harness.run_steps(2);
    type_code(&mut harness, &code().to_string());
    await_label(&mut harness, "Position:");
    fits_within(&harness, 550.0);
    click(&mut harness, "Export video \u{2026}");
    fits_within(&harness, 550.0);
}
