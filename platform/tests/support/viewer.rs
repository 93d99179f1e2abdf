//! A capture with its scene and pictures, kept up to date as a watcher's would
//! be: only what is told as damaged is read.

use mitblick_platform::{
    Platform,
    capture::{Capture, CaptureError},
};
use mitblick_protocol::{
    geometry::Rect,
    peer_msg::{CursorImage, PointerPlace, Scene, Surface, SurfaceId},
    policy::Limits,
    session::{ApplicationId, Permitted, ShowerEffect, ShowerSession, ViewSelection},
    time::Moment,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

/// How long anything may take before it counts as never.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long nothing must happen to count as quiet.
const QUIET: Duration = Duration::from_millis(150);

const NOW: Moment = Moment::from_ms(1_000);

/// A picture, row by row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) pixels: Vec<u32>,
}

impl Picture {
    pub(crate) fn at(&self, x: u32, y: u32) -> u32 {
        self.pixels[(y * self.width + x) as usize]
    }

    /// Whether it is this colour, except for these areas.
    pub(crate) fn is(&self, colour: u32, parts: &[(Rect, u32)]) -> bool {
        (0..self.height).all(|y| {
            (0..self.width).all(|x| {
                let point = mitblick_protocol::geometry::Point { x: x as i32, y: y as i32 };
                let part = parts.iter().rev().find(|(area, _)| area.contains(point));
                self.at(x, y) == part.map_or(colour, |part| part.1)
            })
        })
    }
}

pub(crate) struct Viewer {
    pub(crate) session: ShowerSession,
    pub(crate) capture: Box<dyn Capture>,
    pub(crate) scene: Scene,
    pub(crate) pictures: BTreeMap<SurfaceId, Picture>,
    /// Every colour that was ever read.
    pub(crate) seen: BTreeSet<u32>,
    pub(crate) pointer: Option<PointerPlace>,
    pub(crate) cursor: Option<CursorImage>,
    /// What was told as damaged since a test last looked.
    pub(crate) damage: Vec<(SurfaceId, Rect)>,
}

/// A session that shows these, and its permit.
pub(crate) fn showing(applications: &[ApplicationId]) -> (ShowerSession, Permitted<ViewSelection>) {
    let mut session = ShowerSession::new(Limits::default(), NOW);
    session.share(ViewSelection { applications: applications.iter().copied().collect() }, NOW).unwrap();
    let mut permit = None;
    while let Some(effect) = session.poll_effect() {
        if let ShowerEffect::StartCapture(view) = effect {
            permit = Some(view);
        }
    }
    (session, permit.unwrap())
}

impl Viewer {
    pub(crate) fn of(platform: &dyn Platform, applications: &[ApplicationId]) -> Self {
        let (session, permit) = showing(applications);
        let capture = platform.start_capture(permit).unwrap();
        let mut viewer = Self {
            session,
            capture,
            scene: Scene::default(),
            pictures: BTreeMap::new(),
            seen: BTreeSet::new(),
            pointer: None,
            cursor: None,
            damage: Vec::new(),
        };
        viewer.take();
        viewer
    }

    /// Takes in what has changed; whether anything had.
    pub(crate) fn take(&mut self) -> bool {
        let changes = self.capture.take_changes().unwrap();
        let any = !changes.is_empty();
        if let Some(scene) = changes.scene {
            self.scene = scene;
        }
        for surface in &self.scene.surfaces {
            let picture = self.pictures.entry(surface.id).or_default();
            if (picture.width, picture.height) != (surface.rect.width, surface.rect.height) {
                let (width, height) = (surface.rect.width, surface.rect.height);
                *picture = Picture { width, height, pixels: vec![0xdead_beef; (width * height) as usize] };
            }
        }
        for (id, area) in changes.damage {
            self.damage.push((id, area));
            let mut pixels = Vec::new();
            match self.capture.read(id, area, &mut pixels) {
                Ok(()) => self.put(id, area, &pixels),
                Err(CaptureError::SurfaceGone(_)) => {}
                Err(error) => panic!("{error}"),
            }
        }
        if let Some(pointer) = changes.pointer {
            self.pointer = pointer;
        }
        self.cursor = changes.cursor.or(self.cursor.take());
        any
    }

    fn put(&mut self, id: SurfaceId, area: Rect, pixels: &[u32]) {
        assert_eq!(pixels.len(), (area.width * area.height) as usize);
        self.seen.extend(pixels);
        let picture = self.pictures.get_mut(&id).expect("damage only of surfaces in the scene");
        for (row, line) in pixels.chunks_exact(area.width as usize).enumerate() {
            let start = (area.y as usize + row) * picture.width as usize + area.x as usize;
            picture.pixels[start..start + line.len()].copy_from_slice(line);
        }
    }

    /// Goes on until this holds.
    pub(crate) fn until(&mut self, what: &str, mut holds: impl FnMut(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds(self) {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "never: {what}\n{:?}", self.scene);
            self.capture.wait(Some(left)).unwrap();
            self.take();
        }
    }

    /// Goes on until nothing has happened for a while.
    pub(crate) fn settle(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        let mut quiet_since = Instant::now();
        while quiet_since.elapsed() < QUIET {
            assert!(Instant::now() < deadline, "never quiet");
            self.capture.wait(Some(QUIET)).unwrap();
            if self.take() {
                quiet_since = Instant::now();
            }
        }
    }

    pub(crate) fn surface(&self, id: SurfaceId) -> Option<&Surface> {
        self.scene.surfaces.iter().find(|surface| surface.id == id)
    }

    pub(crate) fn shows(&self, id: SurfaceId, colour: u32, parts: &[(Rect, u32)]) -> bool {
        self.surface(id).is_some() && self.pictures.get(&id).is_some_and(|picture| picture.is(colour, parts))
    }

    pub(crate) fn end(&mut self) {
        self.session.pause(NOW);
    }
}
