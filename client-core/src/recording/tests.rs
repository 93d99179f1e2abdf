//! Recorder, file and player together, without a session.

use super::{
    camera::Camera,
    player::RecordingError,
    recorder::{Recorder, RecorderEvent, Wanted},
    room::Bound,
    tape::{Stop, Tape},
    *,
};
use crate::watching::{PictureStore, WatchedPicture, WatchedSurface};
use mitblick_protocol::{
    geometry::{Point, Rect},
    peer_msg::{PointerPlace, Surface, SurfaceState},
    recording::{About, OpenError, RecordingCode, RecordingOwners},
};
use proptest::prelude::*;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, mpsc},
    time::Duration,
};

const PATIENCE: Duration = Duration::from_secs(20);

fn code() -> RecordingCode {
    RecordingCode::from_random([5; 16])
}

fn wanted(number: u64) -> Wanted {
    let about = About { organisation: Default::default(), advisor: Default::default(), utc_offset_s: 0 };
    Wanted { number, owners: RecordingOwners::Shower, key: code().key(), about }
}

fn surface(id: u32, rect: Rect) -> Surface {
    Surface { id: SurfaceId(id), rect, state: SurfaceState::Shown, parent: None, title: Default::default() }
}

/// Pixels that no coding makes small.
fn noise(size: Size, seed: u32) -> Vec<u32> {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state & 0x00ff_ffff
    };
    (0..size.pixels()).map(next).collect()
}

/// A desktop with one window that is filled with noise.
fn show(store: &PictureStore, desktop: Size, window: Rect, seed: u32) {
    let mut picture = store.lock();
    picture.scene.desktop = desktop;
    picture.scene.surfaces = vec![surface(1, window)];
    let pixels = noise(window.size(), seed);
    picture.surfaces.insert(SurfaceId(1), WatchedSurface { size: window.size(), pixels, changed: Vec::new() });
    picture.note_for_recorder([window]);
}

const DESKTOP: Size = Size { width: 320, height: 200 };
const WINDOW: Rect = Rect::new(20, 10, 120, 100);

/// A recording of three pictures, and the file.
fn three_pictures(folder: &Folder) -> PathBuf {
    let store = PictureStore::default();
    Camera::attach(&store);
    let mut tape = Tape::begin(Some(folder), &wanted(1), MAX_FILE_BYTES).expect("a file");
    let mut camera = Camera::new([1; 4]);
    for seed in 1..4 {
        show(&store, DESKTOP, WINDOW, seed);
        tape.look(&mut camera, &store, || true).expect("room");
    }
    tape.finish().expect("written");
    tape.path().to_owned()
}

/// Whether the picture has this noise in its window.
fn has_noise(player: &Player, seed: u32) -> bool {
    let Some((size, pixels)) = player.picture() else { return false };
    let rows = pixels.chunks_exact(size.width as usize).skip(WINDOW.y as usize).take(WINDOW.height as usize);
    let inside = rows.flat_map(|row| &row[WINDOW.x as usize..][..WINDOW.width as usize]).copied();
    inside.eq(noise(WINDOW.size(), seed))
}

fn folder() -> (tempfile::TempDir, Folder) {
    let place = tempfile::tempdir().expect("a folder");
    let folder = Folder::below(place.path());
    (place, folder)
}

#[test]
fn what_is_written_is_played_to_the_pixel() {
    let (_place, folder) = folder();
    let mut player = Player::open(&three_pictures(&folder), &code(), None).expect("it opens");
    assert!(player.is_complete() && has_noise(&player, 1));
    player.seek(player.length_ms()).expect("readable");
    assert!(has_noise(&player, 3));
    assert_eq!(player.survey(|| true).expect("all of it opens"), Some(DESKTOP));
}

#[test]
fn a_desktop_too_large_to_record_is_refused_before_any_memory_is_taken() {
    let store = PictureStore::default();
    Camera::attach(&store);
    for side in [u16::MAX.into(), 20_000] {
        show(&store, Size { width: side, height: side }, Rect::new(0, 0, 1, 1), 1);
        let mut camera = Camera::new([1; 4]);
        assert!(camera.look(&store, true, || true).is_err());
    }
}

#[test]
fn what_is_shown_after_the_consent_has_ended_is_not_taken_down() {
    let (_place, folder) = folder();
    let store = PictureStore::default();
    Camera::attach(&store);
    let mut tape = Tape::begin(Some(&folder), &wanted(1), MAX_FILE_BYTES).expect("a file");
    let mut camera = Camera::new([1; 4]);
    show(&store, DESKTOP, WINDOW, 1);
    tape.look(&mut camera, &store, || true).expect("room");
    show(&store, DESKTOP, WINDOW, 2);
    tape.look(&mut camera, &store, || false).expect("room");
    tape.finish().expect("written");
    let mut player = Player::open(tape.path(), &code(), None).expect("it opens");
    player.seek(player.length_ms()).expect("readable");
    assert!(has_noise(&player, 1));
}

#[test]
fn a_recording_taken_back_before_its_turn_makes_no_file() {
    let (_place, folder) = folder();
    let store = Arc::new(PictureStore::default());
    show(&store, DESKTOP, WINDOW, 1);
    let (events, told) = mpsc::channel();
    let (go_on, wait) = mpsc::channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let recorder = Recorder::start(Arc::clone(&store), Some(folder.clone()), move |event| {
        let finished = matches!(event, RecorderEvent::Finished { .. });
        events.send(event).expect("the test listens");
        if finished {
            // As behind a slow disk.
            let _ = wait.lock().map(|wait| wait.recv_timeout(PATIENCE));
        }
    })
    .expect("a thread");
    let next = || told.recv_timeout(PATIENCE).expect("the recorder says something");
    recorder.begin(wanted(1));
    assert!(matches!(next(), RecorderEvent::Began { number: 1, .. }));
    recorder.end();
    assert!(matches!(next(), RecorderEvent::Finished { number: 1, .. }));
    recorder.begin(wanted(2));
    recorder.end();
    recorder.begin(wanted(3));
    go_on.send(()).expect("it waits");
    assert!(matches!(next(), RecorderEvent::Began { number: 3, .. }), "nothing was said of the second");
    drop(go_on);
    drop(recorder);
    assert_eq!(folder.list().expect("readable").len(), 2);
}

#[test]
fn a_tape_that_is_full_ends_whole_and_within_its_limit() {
    const LIMIT: u64 = 4_000_000;
    let (_place, folder) = folder();
    let store = PictureStore::default();
    Camera::attach(&store);
    let mut tape = Tape::begin(Some(&folder), &wanted(1), LIMIT).expect("a file");
    let mut camera = Camera::new([1; 4]);
    let stop = (1..1_000).find_map(|seed| {
        show(&store, DESKTOP, WINDOW, seed);
        tape.look(&mut camera, &store, || true).err()
    });
    assert!(matches!(stop, Some(Stop::Full(Bound::File))), "{stop:?}");
    tape.close().expect("there is room for the end");
    let length = fs::metadata(tape.path()).expect("it is there").len();
    assert!((LIMIT / 2..=LIMIT).contains(&length), "{length}");
    let mut player = Player::open(tape.path(), &code(), None).expect("it opens");
    assert!(player.is_complete() && has_noise(&player, 1));
    player.seek(player.length_ms()).expect("all that was written can be read");
    let refused = Tape::begin(Some(&folder), &wanted(2), 100).err();
    assert!(matches!(refused, Some(Stop::Full(Bound::File))));
    assert_eq!(folder.list().expect("readable").len(), 1, "no empty file is left");
}

/// Changes the file from a place counted from its end.
fn change(file: &Path, from_end: usize, with: impl Fn(u8) -> u8) {
    let mut bytes = fs::read(file).expect("readable");
    let begin = bytes.len() - from_end;
    bytes[begin..].iter_mut().for_each(|byte| *byte = with(*byte));
    fs::write(file, bytes).expect("written");
}

#[test]
fn a_recording_whose_end_never_reached_the_disk_opens_up_to_there() {
    let (_place, folder) = folder();
    let file = three_pictures(&folder);
    // The last chunk has its place, and not its content.
    change(&file, 16, |_| 0);
    let mut player = Player::open(&file, &code(), None).expect("what is before is whole");
    assert!(!player.is_complete());
    player.seek(player.length_ms()).expect("readable");
    assert!(has_noise(&player, 3));
}

#[test]
fn damage_in_the_middle_is_found_by_who_looks_at_all_of_it() {
    let (_place, folder) = folder();
    let file = three_pictures(&folder);
    let length = fs::metadata(&file).expect("it is there").len() as usize;
    let mut bytes = fs::read(&file).expect("readable");
    bytes[length / 2] ^= 1;
    fs::write(&file, bytes).expect("written");
    let damaged = Player::open(&file, &code(), None).and_then(|mut player| player.survey(|| true));
    assert!(matches!(damaged, Err(RecordingError::Open(OpenError::Damaged))), "{damaged:?}");
}

#[test]
fn an_export_is_given_up_at_once_and_leaves_nothing() {
    let (place, folder) = folder();
    let mut player = Player::open(&three_pictures(&folder), &code(), None).expect("it opens");
    let mut asked = 0;
    let to = place.path().join("film.mp4");
    let given_up = export(&mut player, &to, |_| {
        asked += 1;
        false
    });
    assert!(matches!(given_up, Err(ExportError::GivenUp)), "{given_up:?}");
    assert_eq!(asked, 1);
    let left = fs::read_dir(place.path()).expect("readable").flatten().filter(|entry| entry.path().is_file());
    assert_eq!(left.count(), 0);
}

#[derive(Clone, Debug)]
enum Step {
    Put { id: u32, rect: Rect, seed: u32 },
    Paint { id: u32, row: u32, value: u32 },
    Move { id: u32, x: i32, y: i32 },
    Remove { id: u32 },
    Raise { id: u32 },
    Point { id: u32 },
    Reset,
    Look,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (id, place) = (1..4_u32, 0..60_i32);
    let rect = (place.clone(), place.clone(), 1..40_u32, 1..40_u32).prop_map(|(x, y, w, h)| Rect::new(x, y, w, h));
    prop::collection::vec(
        prop_oneof![
            3 => (id.clone(), rect, any::<u32>()).prop_map(|(id, rect, seed)| Step::Put { id, rect, seed }),
            4 => (id.clone(), 0..40_u32, 0..0x0100_0000_u32).prop_map(|(id, row, value)| Step::Paint { id, row, value }),
            3 => (id.clone(), place.clone(), place).prop_map(|(id, x, y)| Step::Move { id, x, y }),
            1 => id.clone().prop_map(|id| Step::Remove { id }),
            1 => id.clone().prop_map(|id| Step::Raise { id }),
            1 => id.prop_map(|id| Step::Point { id }),
            1 => Just(Step::Reset),
            4 => Just(Step::Look),
        ],
        1..60,
    )
}

/// Does a step as the watching worker would, and notes what it changes.
fn take(store: &PictureStore, step: Step) {
    if matches!(step, Step::Reset) {
        return store.reset();
    }
    let mut picture = store.lock();
    let picture = &mut *picture;
    let place = |picture: &WatchedPicture, id: u32| {
        picture.scene.surfaces.iter().position(|surface| surface.id == SurfaceId(id))
    };
    match step {
        Step::Put { id, rect, seed } => {
            if let Some(at) = place(picture, id) {
                let before = picture.scene.surfaces.remove(at);
                picture.note_for_recorder([before.rect]);
            }
            picture.scene.surfaces.push(surface(id, rect));
            let pixels = noise(rect.size(), seed);
            let watched = WatchedSurface { size: rect.size(), pixels, changed: Vec::new() };
            picture.surfaces.insert(SurfaceId(id), watched);
            picture.note_for_recorder([rect]);
        }
        Step::Paint { id, row, value } => {
            let Some(rect) = place(picture, id).map(|at| picture.scene.surfaces[at].rect) else { return };
            let row = row % rect.height;
            let watched = picture.surfaces.get_mut(&SurfaceId(id)).expect("it is in the scene");
            let begin = (row * rect.width) as usize;
            watched.pixels[begin..begin + rect.width as usize].fill(value);
            picture.note_for_recorder([Rect::new(rect.x, rect.y + row as i32, rect.width, 1)]);
        }
        Step::Move { id, x, y } => {
            let Some(at) = place(picture, id) else { return };
            let before = picture.scene.surfaces[at].rect;
            let after = Rect { x, y, ..before };
            picture.scene.surfaces[at].rect = after;
            picture.note_for_recorder([before, after]);
        }
        Step::Remove { id } => {
            let Some(at) = place(picture, id) else { return };
            let before = picture.scene.surfaces.remove(at);
            picture.surfaces.remove(&SurfaceId(id));
            picture.note_for_recorder([before.rect]);
        }
        Step::Raise { id } => {
            let Some(at) = place(picture, id) else { return };
            let raised = picture.scene.surfaces.remove(at);
            picture.note_for_recorder([raised.rect]);
            picture.scene.surfaces.push(raised);
        }
        Step::Point { id } => {
            picture.pointer = Some(PointerPlace { surface: SurfaceId(id), at: Point { x: 1, y: 1 } });
        }
        Step::Reset | Step::Look => {}
    }
}

proptest! {
    /// Copying only what changed makes the same picture as copying all of it,
    /// whatever was done in between.
    #[test]
    fn a_copy_that_follows_changes_is_the_picture(steps in steps()) {
        let store = PictureStore::default();
        Camera::attach(&store);
        store.lock().scene.desktop = Size { width: 100, height: 100 };
        let mut mirror = WatchedPicture::default();
        for step in steps {
            let looks = matches!(step, Step::Look);
            take(&store, step);
            if !looks {
                continue;
            }
            let mut picture = store.lock();
            let changed = picture.changed_for_recorder.replace(Vec::new()).unwrap_or_default();
            mirror.take_over(&picture, &changed);
            prop_assert_eq!(&mirror.scene, &picture.scene);
            prop_assert_eq!(mirror.pointer, picture.pointer);
            let pixels = |picture: &WatchedPicture| {
                let all = picture.surfaces.iter().map(|(id, surface)| (*id, surface.size, surface.pixels.clone()));
                all.collect::<Vec<_>>()
            };
            prop_assert_eq!(pixels(&mirror), pixels(&picture));
        }
    }
}
