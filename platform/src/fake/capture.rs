//! Choosing from and following the windows of the fake desktop.

use super::FakePlatform;
use crate::capture::{Application, Capture, CaptureError, Changes, Desktop, LocalPicture, Waker, WindowInfo};
use mitblick_protocol::{
    geometry::{Rect, Size},
    peer_msg::{Scene, SurfaceId},
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
                    minimised: false,
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
        let size = Size { width: size.width.min(limit.width), height: size.height.min(limit.height) };
        let pixels = surface.area(size.rect()).ok_or(gone)?;
        Ok(LocalPicture { size, pixels: pixels.into_iter().map(|pixel| pixel | 0xff00_0000).collect() })
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
    seen_events: u64,
}

impl FakeCapture {
    pub(super) fn new(platform: FakePlatform, view: Permitted<ViewSelection>) -> Self {
        let told_damage = platform.state().damage.len();
        Self { platform, view, told_scene: None, told_damage, sizes: BTreeMap::new(), seen_events: 0 }
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
        Ok(changes)
    }

    fn read(&mut self, surface: SurfaceId, area: Rect, out: &mut Vec<u32>) -> Result<(), CaptureError> {
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
