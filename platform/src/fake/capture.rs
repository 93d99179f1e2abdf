//! Choosing from and following the windows of the fake desktop.

use super::FakePlatform;
use crate::capture::{Application, Capture, CaptureError, Changes, Desktop, LocalPicture, Waker, WindowInfo};
use mitblick_protocol::{
    geometry::{Point, Rect, Size},
    peer_msg::{CursorImage, PointerPlace, Scene, SurfaceId, SurfaceState},
    session::{Permitted, ViewSelection},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError},
    time::{Duration, Instant},
};

/// How often a wait looks whether consent has ended, which nothing announces.
const CONSENT_LOOK: Duration = Duration::from_millis(20);

pub(super) struct FakeDesktop(FakePlatform);

impl FakeDesktop {
    pub(super) fn new(platform: FakePlatform) -> Self {
        Self(platform)
    }
}

impl Desktop for FakeDesktop {
    fn applications(&mut self) -> Result<Vec<Application>, CaptureError> {
        let state = self.0.state();
        let application = |(&id, name): (_, &String)| {
            let own = state.surfaces.iter().rev().filter(|surface| surface.application == id);
            let windows: Vec<_> = own
                .map(|surface| WindowInfo {
                    id: surface.surface.id,
                    title: surface.surface.title.as_str().to_owned(),
                    rect: surface.surface.rect,
                    minimised: surface.surface.state == SurfaceState::Minimised,
                })
                .collect();
            (!windows.is_empty()).then(|| Application { id, name: name.clone(), icon: None, windows })
        };
        Ok(state.names.iter().filter_map(application).collect())
    }

    fn preview(&mut self, window: SurfaceId, limit: Size) -> Result<LocalPicture, CaptureError> {
        let state = self.0.state();
        let gone = CaptureError::SurfaceGone(window);
        let Some(surface) = state.surface(window) else { return Err(gone) };
        let size = surface.size();
        let pixels = surface.area(size.rect()).ok_or(gone)?;
        // Every so many-th pixel is good enough here.
        let step = size.width.div_ceil(limit.width.max(1)).max(size.height.div_ceil(limit.height.max(1))).max(1);
        let every = usize::try_from(step).unwrap_or(usize::MAX);
        let rows = pixels.chunks_exact(usize::try_from(size.width).unwrap_or(usize::MAX)).step_by(every);
        let pixels = rows.flat_map(|row| row.iter().step_by(every).map(|pixel| pixel | 0xff00_0000)).collect();
        Ok(LocalPicture { size: Size { width: size.width.div_ceil(step), height: size.height.div_ceil(step) }, pixels })
    }
}

pub(super) struct FakeCapture {
    platform: FakePlatform,
    view: Permitted<ViewSelection>,
    /// What has been told: the version of the scene and how much damage.
    told_scene: Option<u64>,
    told_damage: usize,
    /// The sizes of the surfaces that were told.
    sizes: BTreeMap<SurfaceId, Size>,
    told_pointer: Option<PointerPlace>,
    told_cursor: bool,
    seen_events: u64,
}

impl FakeCapture {
    pub(super) fn new(platform: FakePlatform, view: Permitted<ViewSelection>) -> Self {
        let told_damage = platform.state().damage.len();
        Self {
            platform,
            view,
            told_scene: None,
            told_damage,
            sizes: BTreeMap::new(),
            told_pointer: None,
            told_cursor: false,
            seen_events: 0,
        }
    }
}

impl Capture for FakeCapture {
    fn wait(&mut self, timeout: Option<Duration>) -> Result<(), CaptureError> {
        let deadline = timeout.map(|timeout| Instant::now() + timeout);
        let mut state = self.platform.state();
        loop {
            self.view.claim().ok_or(CaptureError::NotPermitted)?;
            let left = deadline.map_or(CONSENT_LOOK, |deadline| deadline.saturating_duration_since(Instant::now()));
            if state.events != self.seen_events || left.is_zero() {
                self.seen_events = state.events;
                return Ok(());
            }
            let waited = self.platform.0.changed.wait_timeout(state, left.min(CONSENT_LOOK));
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn take_changes(&mut self) -> Result<Changes, CaptureError> {
        let state = self.platform.state();
        let view = self.view.claim().ok_or(CaptureError::NotPermitted)?;
        let mut changes = Changes::default();
        let shared = || state.surfaces.iter().filter(|surface| view.applications.contains(&surface.application));
        if self.told_scene != Some(state.scene_version) {
            let surfaces = shared().map(|surface| surface.surface.clone()).collect();
            changes.scene = Some(Scene { desktop: state.desktop, surfaces });
            self.told_scene = Some(state.scene_version);
        }
        let fresh = state.damage.iter().skip(self.told_damage);
        let sizes: BTreeMap<_, _> = shared().map(|surface| (surface.surface.id, surface.size())).collect();
        changes.damage = fresh.filter(|(window, _)| sizes.contains_key(window)).copied().collect();
        let new = sizes.iter().filter(|(window, size)| self.sizes.get(window) != Some(size));
        changes.damage.extend(new.map(|(&window, &size)| (window, size.rect())));
        self.told_damage = state.damage.len();
        self.sizes = sizes;
        let pointer = state.pointer_place().filter(|place| self.sizes.contains_key(&place.surface));
        if pointer != self.told_pointer {
            self.told_pointer = pointer;
            changes.pointer = Some(pointer);
        }
        if pointer.is_some() && !std::mem::replace(&mut self.told_cursor, true) {
            let size = Size { width: 1, height: 1 };
            changes.cursor = Some(CursorImage { size, hot_spot: Point::default(), pixels: vec![0xffff_ffff] });
        }
        Ok(changes)
    }

    fn read(&mut self, surface: SurfaceId, area: Rect, out: &mut Vec<u32>) -> Result<(), CaptureError> {
        out.clear();
        let state = self.platform.state();
        let view = self.view.claim().ok_or(CaptureError::NotPermitted)?;
        let found = state.surface(surface).filter(|surface| view.applications.contains(&surface.application));
        *out = found.and_then(|found| found.area(area)).ok_or(CaptureError::SurfaceGone(surface))?;
        Ok(())
    }

    fn waker(&self) -> Arc<dyn Waker> {
        Arc::new(FakeWaker(self.platform.clone()))
    }
}

struct FakeWaker(FakePlatform);

impl Waker for FakeWaker {
    fn wake(&self) {
        self.0.change(|_| {});
    }
}
