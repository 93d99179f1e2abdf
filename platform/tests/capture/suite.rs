//! What capture does on every backend.

use crate::{
    painter::Kind,
    stage::{FakeStage, Stage, X11Stage},
    viewer::{Viewer, showing},
};
use mitblick_platform::capture::CaptureError;
use mitblick_protocol::{
    geometry::{Rect, Size},
    peer_msg::{SurfaceId, SurfaceState},
};
use std::time::Duration;

const BLUE: u32 = 0x20_40c0;
const GREEN: u32 = 0x10_a030;
const YELLOW: u32 = 0xf0_e010;
/// Of windows that are not shared.
const SECRET: u32 = 0xff_00ff;

macro_rules! on_every_backend {
    ($($name:ident),* $(,)?) => {
        mod fake {
            use super::*;
            $(#[test] fn $name() { super::$name(&mut FakeStage::new()); })*
        }
        mod x11_bare {
            use super::*;
            $(#[test] fn $name() { super::$name(&mut X11Stage::bare()); })*
        }
        mod x11_managed {
            use super::*;
            $(#[test] fn $name() { super::$name(&mut X11Stage::managed()); })*
        }
    };
}

on_every_backend!(
    applications_are_listed_with_their_windows_and_previews,
    pixels_are_exact_whatever_covers_the_window,
    a_covered_preview_shows_the_window,
    another_application_never_shows,
    a_moved_window_is_a_new_scene,
    pixels_outside_the_screen_are_there,
    a_resized_window_is_shown_anew,
    a_minimised_window_keeps_its_last_pixels,
    a_popup_of_the_application_follows_and_one_of_another_does_not,
    a_dialog_names_its_window,
    raising_changes_the_order,
    a_closed_window_leaves,
    a_new_title_is_a_new_scene,
    consent_that_ends_ends_everything,
    consent_that_has_ended_starts_nothing,
    a_small_change_is_small_damage,
    without_change_nothing_happens,
    the_waker_ends_a_wait,
    the_pointer_is_told_only_over_shared_windows,
    two_captures_do_not_disturb_each_other,
);

fn applications_are_listed_with_their_windows_and_previews(stage: &mut dyn Stage) {
    let (one, two) = (stage.application(), stage.application());
    let first = stage.window(one, Kind::Plain, (20, 30, 200, 100), BLUE);
    let second = stage.window(one, Kind::Plain, (260, 30, 120, 90), YELLOW);
    let other = stage.window(two, Kind::Plain, (20, 300, 150, 100), GREEN);
    stage.title(other, "Fußnote – 3 €");
    let mut desktop = stage.platform().desktop().unwrap();
    // A window manager takes a moment to list what it shows.
    let found = crate::screen::until("both applications", || {
        let found = desktop.applications().unwrap();
        let windows: usize = found.iter().map(|application| application.windows.len()).sum();
        (found.len() == 2 && windows == 3).then_some(found)
    });
    let of = |id| found.iter().find(|application| application.id == id).unwrap();
    let ids = |id| of(id).windows.iter().map(|window| window.id).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(ids(one), [first, second].into());
    assert_eq!(ids(two), [other].into());
    assert_eq!(of(two).windows[0].title, "Fußnote – 3 €");
    assert!(!of(one).name.is_empty());
    let info = of(one).windows.iter().find(|window| window.id == first).unwrap();
    assert_eq!((info.rect.size(), info.minimised), (Size { width: 200, height: 100 }, false));
    let preview = desktop.preview(first, Size { width: 100, height: 100 }).unwrap();
    assert_eq!(preview.size, Size { width: 100, height: 50 });
    assert!(preview.pixels.iter().all(|&pixel| pixel == 0xff00_0000 | BLUE));
    assert!(matches!(desktop.preview(SurfaceId(u32::MAX), Size::default()), Err(CaptureError::SurfaceGone(_))));
}

fn pixels_are_exact_whatever_covers_the_window(stage: &mut dyn Stage) {
    let (one, two) = (stage.application(), stage.application());
    let window = stage.window(one, Kind::Plain, (40, 40, 200, 120), BLUE);
    stage.fill(window, (10, 20, 30, 40), YELLOW);
    let mut viewer = Viewer::of(stage.platform(), &[one]);
    let parts = [(Rect::new(10, 20, 30, 40), YELLOW), (Rect::new(100, 50, 7, 5), GREEN)];
    viewer.until("the first pixels", |viewer| viewer.shows(window, BLUE, &parts[..1]));
    stage.window(two, Kind::Popup, (0, 0, 400, 300), SECRET);
    stage.fill(window, (100, 50, 7, 5), GREEN);
    viewer.until("paint under a cover", |viewer| viewer.shows(window, BLUE, &parts));
    assert!(!viewer.seen.contains(&SECRET));
}

fn a_covered_preview_shows_the_window(stage: &mut dyn Stage) {
    let (one, two) = (stage.application(), stage.application());
    let window = stage.window(one, Kind::Plain, (40, 40, 200, 120), BLUE);
    stage.window(two, Kind::Popup, (0, 0, 400, 300), SECRET);
    let mut desktop = stage.platform().desktop().unwrap();
    crate::screen::until("the preview of a covered window", || {
        desktop.applications().unwrap();
        let preview = desktop.preview(window, Size { width: 50, height: 50 }).ok()?;
        preview.pixels.iter().all(|&pixel| pixel == 0xff00_0000 | BLUE).then_some(())
    });
}

fn another_application_never_shows(stage: &mut dyn Stage) {
    let (one, two) = (stage.application(), stage.application());
    let secret = stage.window(two, Kind::Plain, (0, 0, 500, 400), SECRET);
    let window = stage.window(one, Kind::Plain, (40, 40, 200, 120), BLUE);
    stage.raise(secret);
    let mut viewer = Viewer::of(stage.platform(), &[one]);
    stage.window(two, Kind::Popup, (60, 60, 100, 100), SECRET);
    for step in 0..8 {
        stage.shift(window, 40 + 15 * step, 40 + 9 * step);
        stage.resize(window, 200 + 20 * step as u32, 120 + 13 * step as u32);
        stage.raise(if step % 2 == 0 { window } else { secret });
        viewer.take();
    }
    viewer.until("the last size", |viewer| {
        viewer.surface(window).is_some_and(|surface| surface.rect.size() == Size { width: 340, height: 211 })
            && viewer.shows(window, BLUE, &[])
    });
    assert!(!viewer.seen.contains(&SECRET), "{:x?}", viewer.seen);
    assert_eq!(viewer.scene.surfaces.len(), 1);
}

fn a_moved_window_is_a_new_scene(stage: &mut dyn Stage) {
    let one = stage.application();
    let window = stage.window(one, Kind::Plain, (40, 40, 200, 120), BLUE);
    let mut viewer = Viewer::of(stage.platform(), &[one]);
    viewer.until("the first pixels", |viewer| viewer.shows(window, BLUE, &[]));
    viewer.settle();
    let before = viewer.surface(window).unwrap().rect;
    stage.shift(window, 240, 190);
    viewer.until("the new place", |viewer| viewer.surface(window).unwrap().rect != before);
    viewer.settle();
    let after = viewer.surface(window).unwrap().rect;
    assert_eq!(after.size(), before.size());
    assert!(after.x > before.x + 150 && after.y > before.y + 100, "{before:?} {after:?}");
    assert!(viewer.shows(window, BLUE, &[]));
}

fn pixels_outside_the_screen_are_there(stage: &mut dyn Stage) {
    let one = stage.application();
    let window = stage.window(one, Kind::Plain, (40, 40, 200, 120), BLUE);
    let mut viewer = Viewer::of(stage.platform(), &[one]);
    stage.shift(window, -120, -60);
    stage.fill(window, (5, 5, 20, 10), YELLOW);
    viewer.until("paint outside the screen", |viewer| {
        viewer.surface(window).is_some_and(|surface| surface.rect.x < 0)
            && viewer.shows(window, BLUE, &[(Rect::new(5, 5, 20, 10), YELLOW)])
    });
}

fn a_resized_window_is_shown_anew(stage: &mut dyn Stage) {
    let one = stage.application();
    let window = stage.window(one, Kind::Plain, (40, 40, 200, 120), BLUE);
    let mut viewer = Viewer::of(stage.platform(), &[one]);
    for (width, height) in [(300, 200), (1_000, 700), (90, 60), (91, 61)] {
        stage.resize(window, width, height);
        stage.fill(window, (3, 4, 5, 6), GREEN);
        viewer.until("the new size", |viewer| {
            viewer.surface(window).is_some_and(|surface| surface.rect.size() == Size { width, height })
                && viewer.shows(window, BLUE, &[(Rect::new(3, 4, 5, 6), GREEN)])
        });
    }
}

fn a_minimised_window_keeps_its_last_pixels(stage: &mut dyn Stage) {
    if !stage.minimises() {
        return;
    }
    let one = stage.application();
    let window = stage.window(one, Kind::Plain, (40, 40, 200, 120), BLUE);
    let mut viewer = Viewer::of(stage.platform(), &[one]);
    viewer.until("the first pixels", |viewer| viewer.shows(window, BLUE, &[]));
    stage.minimise(window);
    let state = |viewer: &Viewer| viewer.surface(window).map(|surface| surface.state);
    viewer.until("minimised", |viewer| state(viewer) == Some(SurfaceState::Minimised));
    let mut pixels = Vec::new();
    viewer.capture.read(window, Rect::new(0, 0, 200, 120), &mut pixels).unwrap();
    assert!(pixels.iter().all(|&pixel| pixel == BLUE));
    stage.restore(window);
    stage.fill(window, (1, 1, 2, 2), GREEN);
    viewer.until("restored", |viewer| {
        state(viewer) == Some(SurfaceState::Shown) && viewer.shows(window, BLUE, &[(Rect::new(1, 1, 2, 2), GREEN)])
    });
}

fn a_popup_of_the_application_follows_and_one_of_another_does_not(stage: &mut dyn Stage) {
    let (one, two) = (stage.application(), stage.application());
    let window = stage.window(one, Kind::Plain, (40, 40, 200, 120), BLUE);
    let mut viewer = Viewer::of(stage.platform(), &[one]);
    let foreign = stage.window(two, Kind::Popup, (60, 60, 80, 80), SECRET);
    stage.belong(foreign, window);
    let popup = stage.window(one, Kind::Popup, (70, 70, 60, 30), GREEN);
    viewer.until("the popup", |viewer| viewer.shows(popup, GREEN, &[]));
    assert_eq!(viewer.surface(popup).unwrap().parent, Some(window));
    assert_eq!(viewer.surface(popup).unwrap().rect, Rect::new(70, 70, 60, 30));
    assert_eq!(viewer.scene.surfaces.last().unwrap().id, popup);
    assert!(viewer.surface(foreign).is_none() && !viewer.seen.contains(&SECRET));
    stage.close(popup);
    viewer.until("no popup", |viewer| viewer.surface(popup).is_none());
    assert!(viewer.surface(window).is_some());
}

fn a_dialog_names_its_window(stage: &mut dyn Stage) {
    let one = stage.application();
    let window = stage.window(one, Kind::Plain, (40, 40, 200, 120), BLUE);
    let dialog = stage.window(one, Kind::Plain, (300, 200, 100, 60), GREEN);
    let mut viewer = Viewer::of(stage.platform(), &[one]);
    stage.belong(dialog, window);
    viewer.until("the dialog's window", |viewer| {
        viewer.surface(dialog).is_some_and(|dialog| dialog.parent == Some(window))
    });
    assert_eq!(viewer.surface(window).unwrap().parent, None);
}

fn raising_changes_the_order(stage: &mut dyn Stage) {
    let one = stage.application();
    let first = stage.window(one, Kind::Plain, (40, 40, 200, 120), BLUE);
    let second = stage.window(one, Kind::Plain, (60, 60, 200, 120), GREEN);
    let mut viewer = Viewer::of(stage.platform(), &[one]);
    for window in [first, second, first] {
        stage.raise(window);
        viewer.until("the raised window on top", |viewer| {
            viewer.scene.surfaces.len() == 2 && viewer.scene.surfaces[1].id == window
        });
    }
}

fn a_closed_window_leaves(stage: &mut dyn Stage) {
    let one = stage.application();
    let window = stage.window(one, Kind::Plain, (40, 40, 200, 120), BLUE);
    let other = stage.window(one, Kind::Plain, (300, 40, 50, 50), GREEN);
    let mut viewer = Viewer::of(stage.platform(), &[one]);
    stage.close(window);
    viewer.until("the closed window gone", |viewer| viewer.surface(window).is_none());
    let read = viewer.capture.read(window, Rect::new(0, 0, 1, 1), &mut Vec::new());
    assert!(matches!(read, Err(CaptureError::SurfaceGone(gone)) if gone == window));
    stage.fill(other, (0, 0, 5, 5), YELLOW);
    viewer.until("the other going on", |viewer| viewer.shows(other, GREEN, &[(Rect::new(0, 0, 5, 5), YELLOW)]));
}

fn a_new_title_is_a_new_scene(stage: &mut dyn Stage) {
    let one = stage.application();
    let window = stage.window(one, Kind::Plain, (40, 40, 200, 120), BLUE);
    let mut viewer = Viewer::of(stage.platform(), &[one]);
    stage.title(window, "Brief an Zoë");
    viewer.until("the title", |viewer| viewer.surface(window).is_some_and(|s| s.title.as_str() == "Brief an Zoë"));
}

fn consent_that_ends_ends_everything(stage: &mut dyn Stage) {
    let one = stage.application();
    let window = stage.window(one, Kind::Plain, (40, 40, 200, 120), BLUE);
    let mut viewer = Viewer::of(stage.platform(), &[one]);
    viewer.until("the first pixels", |viewer| viewer.shows(window, BLUE, &[]));
    viewer.end();
    let mut pixels = vec![1, 2, 3];
    let read = viewer.capture.read(window, Rect::new(0, 0, 10, 10), &mut pixels);
    assert!(matches!(read, Err(CaptureError::NotPermitted)) && pixels.is_empty());
    assert!(matches!(viewer.capture.take_changes(), Err(CaptureError::NotPermitted)));
    assert!(matches!(viewer.capture.wait(None), Err(CaptureError::NotPermitted)));
}

fn consent_that_has_ended_starts_nothing(stage: &mut dyn Stage) {
    let one = stage.application();
    let (session, permit) = showing(&[one]);
    session.gates().view.raise();
    assert!(matches!(stage.platform().start_capture(permit), Err(CaptureError::NotPermitted)));
}

fn a_small_change_is_small_damage(stage: &mut dyn Stage) {
    let one = stage.application();
    let window = stage.window(one, Kind::Plain, (40, 40, 400, 300), BLUE);
    let other = stage.window(one, Kind::Plain, (500, 40, 100, 100), GREEN);
    let mut viewer = Viewer::of(stage.platform(), &[one]);
    viewer.until("the first pixels", |viewer| viewer.shows(window, BLUE, &[]) && viewer.shows(other, GREEN, &[]));
    viewer.settle();
    viewer.damage.clear();
    let area = Rect::new(100, 50, 12, 9);
    stage.fill(window, (100, 50, 12, 9), YELLOW);
    viewer.until("the change", |viewer| viewer.shows(window, BLUE, &[(area, YELLOW)]));
    let all = viewer.damage.iter().fold(Rect::default(), |all, damage| all.union(damage.1));
    assert!(viewer.damage.iter().all(|damage| damage.0 == window), "{:?}", viewer.damage);
    assert!(all.size().pixels() <= 2 * area.size().pixels(), "{:?}", viewer.damage);
}

fn without_change_nothing_happens(stage: &mut dyn Stage) {
    let one = stage.application();
    stage.window(one, Kind::Plain, (40, 40, 200, 120), BLUE);
    let mut viewer = Viewer::of(stage.platform(), &[one]);
    viewer.settle();
    viewer.capture.wait(Some(Duration::from_millis(50))).unwrap();
    let changes = viewer.capture.take_changes().unwrap();
    assert!(changes.is_empty(), "{changes:?}");
}

fn the_waker_ends_a_wait(stage: &mut dyn Stage) {
    let one = stage.application();
    stage.window(one, Kind::Plain, (40, 40, 200, 120), BLUE);
    let mut viewer = Viewer::of(stage.platform(), &[one]);
    viewer.settle();
    let waker = viewer.capture.waker();
    // Before the wait, too.
    waker.wake();
    viewer.capture.wait(None).unwrap();
    let thread = std::thread::spawn(move || waker.wake());
    viewer.capture.wait(None).unwrap();
    thread.join().unwrap();
}

fn the_pointer_is_told_only_over_shared_windows(stage: &mut dyn Stage) {
    let (one, two) = (stage.application(), stage.application());
    let window = stage.window(one, Kind::Plain, (100, 100, 200, 120), BLUE);
    let mut viewer = Viewer::of(stage.platform(), &[one]);
    let rect = viewer.surface(window).unwrap().rect;
    stage.point(rect.x + 30, rect.y + 40);
    viewer.until("the pointer", |viewer| {
        viewer.pointer.is_some_and(|pointer| {
            pointer.surface == window && pointer.at == mitblick_protocol::geometry::Point { x: 30, y: 40 }
        })
    });
    viewer.until("its picture", |viewer| viewer.cursor.is_some());
    stage.point(rect.x + 250, rect.y + 40);
    viewer.until("no pointer beside the window", |viewer| viewer.pointer.is_none());
    stage.point(rect.x + 31, rect.y + 40);
    viewer.until("the pointer again", |viewer| viewer.pointer.is_some());
    stage.window(two, Kind::Popup, (rect.x, rect.y, 100, 100), SECRET);
    viewer.until("no pointer over a cover", |viewer| viewer.pointer.is_none());
}

fn two_captures_do_not_disturb_each_other(stage: &mut dyn Stage) {
    let (one, two) = (stage.application(), stage.application());
    let first = stage.window(one, Kind::Plain, (40, 40, 200, 120), BLUE);
    let second = stage.window(two, Kind::Plain, (300, 40, 100, 50), GREEN);
    let mut both = Viewer::of(stage.platform(), &[one, two]);
    {
        let mut single = Viewer::of(stage.platform(), &[one]);
        single.until("its one window", |viewer| viewer.shows(first, BLUE, &[]) && viewer.scene.surfaces.len() == 1);
    }
    stage.fill(first, (0, 0, 9, 9), YELLOW);
    both.until("both windows", |viewer| {
        viewer.shows(first, BLUE, &[(Rect::new(0, 0, 9, 9), YELLOW)]) && viewer.shows(second, GREEN, &[])
    });
}
