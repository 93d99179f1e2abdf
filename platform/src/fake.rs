//! A platform without a system, for tests of other crates: applications,
//! windows and pixels that the test sets, and a record of what would have been
//! pressed and drawn. It obeys permits exactly as the real ones do and needs
//! no display.
//!
//! A [`FakePlatform`] is a handle: clones share one desktop.

mod capture;
mod input;
mod present;
mod tray;

pub use present::{FakePane, FakePaneWindow};

use crate::{
    Platform,
    capture::{Capture, CaptureError, Desktop},
    inject::{InjectError, Injector},
    overlay::{NativeWindow, Overlay, OverlayError, Patch},
    stop_key::{StopKeyError, StopKeyHandler, StopKeyWatch},
    tray::{Tray, TrayError, TrayHandler, TrayLook},
};
use input::{Held, Watcher};
use mitblick_protocol::{
    geometry::{Point, Rect, Size},
    input::InputEvent,
    marks::ShownMarks,
    peer_msg::{PointerPlace, Surface, SurfaceId, SurfaceState},
    session::{ApplicationId, Permitted, ViewSelection},
    text::DisplayText,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
};

/// A window of the fake desktop.
#[derive(Clone, Debug)]
struct FakeSurface {
    application: ApplicationId,
    surface: Surface,
    /// What it is made of where nothing was painted.
    colour: u32,
    pixels: Vec<u32>,
}

impl FakeSurface {
    fn size(&self) -> Size {
        self.surface.rect.size()
    }

    /// The pixels of an area, which must lie inside.
    fn area(&self, area: Rect) -> Option<Vec<u32>> {
        if area.is_empty() || self.size().rect().intersection(area) != Some(area) {
            return None;
        }
        let (x, y) = (usize::try_from(area.x).ok()?, usize::try_from(area.y).ok()?);
        let (width, height) = (usize::try_from(area.width).ok()?, usize::try_from(area.height).ok()?);
        let row_px = usize::try_from(self.size().width).ok()?;
        let rows = self.pixels.chunks_exact(row_px).skip(y).take(height);
        Some(rows.flat_map(|row| row.iter().skip(x).take(width).copied()).collect())
    }
}

/// What the test sees of the overlay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FakeOverlay {
    /// The frames, in desktop pixels.
    pub frames: Vec<Rect>,
    /// Their colour, `0xRRGGBB`.
    pub colour: u32,
    /// The bar that is kept on top.
    pub on_top: Option<NativeWindow>,
}

struct State {
    desktop: Size,
    names: BTreeMap<ApplicationId, String>,
    /// Bottom-most first.
    surfaces: Vec<FakeSurface>,
    focus: Option<SurfaceId>,
    pointer: Option<Point>,
    next_surface: u32,
    /// Every change of a surface's pixels, oldest first.
    damage: Vec<(SurfaceId, Rect)>,
    /// Counts changes of the scene.
    scene_version: u64,
    /// Counts wake-ups and changes of any kind.
    events: u64,
    injected: Vec<InputEvent>,
    /// Keys and buttons that are down by injection.
    held: BTreeSet<Held>,
    overlay: FakeOverlay,
    patches: Option<(Vec<Patch>, Permitted<ShownMarks>)>,
    /// Those who watch the stop key, by the number of their watch.
    watches: BTreeMap<u64, Watcher>,
    /// Counts watches.
    last_watch: u64,
    trays: tray::Trays,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

/// A desktop that exists in memory only.
#[derive(Clone)]
pub struct FakePlatform(Arc<Shared>);

impl FakePlatform {
    /// An empty desktop of this size.
    pub fn new(desktop: Size) -> Self {
        let state = State {
            desktop,
            names: BTreeMap::new(),
            surfaces: Vec::new(),
            focus: None,
            pointer: None,
            next_surface: 1,
            damage: Vec::new(),
            scene_version: 0,
            events: 0,
            injected: Vec::new(),
            held: BTreeSet::new(),
            overlay: FakeOverlay::default(),
            patches: None,
            watches: BTreeMap::new(),
            last_watch: 0,
            trays: tray::Trays::default(),
        };
        Self(Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes something and wakes whoever waits for changes.
    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.state();
        let result = change(&mut state);
        state.events += 1;
        self.0.changed.notify_all();
        result
    }

    /// Changes the scene.
    fn rearrange<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        self.change(|state| {
            state.scene_version += 1;
            change(state)
        })
    }

    /// Names an application. It is listed once it has a window.
    pub fn add_application(&self, id: ApplicationId, name: &str) {
        self.rearrange(|state| state.names.insert(id, name.to_owned()));
    }

    /// Opens a window of one colour (`0xRRGGBB`) on top of all others, and
    /// gives it the keyboard.
    pub fn open_window(&self, application: ApplicationId, title: &str, rect: Rect, colour: u32) -> SurfaceId {
        self.rearrange(|state| {
            let id = SurfaceId(state.next_surface);
            state.next_surface += 1;
            let pixels = vec![colour; usize::try_from(rect.size().pixels()).unwrap_or(0)];
            let title = DisplayText::cleaned(title);
            let surface = Surface { id, rect, state: SurfaceState::Shown, parent: None, title };
            state.surfaces.push(FakeSurface { application, surface, colour, pixels });
            state.focus = Some(id);
            id
        })
    }

    /// Closes a window.
    pub fn close_window(&self, window: SurfaceId) {
        self.rearrange(|state| {
            state.surfaces.retain(|surface| surface.surface.id != window);
            state.focus = state.focus.filter(|&focus| focus != window);
        });
    }

    /// Moves a window.
    pub fn move_window(&self, window: SurfaceId, x: i32, y: i32) {
        self.rearrange(|state| {
            if let Some(surface) = state.surface_mut(window) {
                (surface.surface.rect.x, surface.surface.rect.y) = (x, y);
            }
        });
    }

    /// Gives a window another size and clears it.
    pub fn resize_window(&self, window: SurfaceId, size: Size) {
        self.rearrange(|state| {
            if let Some(surface) = state.surface_mut(window) {
                surface.surface.rect = Rect { width: size.width, height: size.height, ..surface.surface.rect };
                surface.pixels = vec![surface.colour; usize::try_from(size.pixels()).unwrap_or(0)];
            }
        });
    }

    /// Minimises a window, or shows it again.
    pub fn minimise_window(&self, window: SurfaceId, minimised: bool) {
        self.rearrange(|state| {
            if let Some(surface) = state.surface_mut(window) {
                surface.surface.state = if minimised { SurfaceState::Minimised } else { SurfaceState::Shown };
            }
        });
    }

    /// Gives a window another title.
    pub fn retitle_window(&self, window: SurfaceId, title: &str) {
        self.rearrange(|state| {
            if let Some(surface) = state.surface_mut(window) {
                surface.surface.title = DisplayText::cleaned(title);
            }
        });
    }

    /// Makes a window the menu or dialog of another one. It shows only if both
    /// are of one application.
    pub fn set_parent(&self, window: SurfaceId, parent: Option<SurfaceId>) {
        self.rearrange(|state| {
            let owner = |id| state.surface(id).map(|surface| surface.application);
            let parent = parent.filter(|&parent| owner(parent) == owner(window));
            if let Some(surface) = state.surface_mut(window) {
                surface.surface.parent = parent;
            }
        });
    }

    /// Puts the pointer at a place of the desktop.
    pub fn set_pointer(&self, pointer: Point) {
        self.change(|state| state.pointer = Some(pointer));
    }

    /// Puts a window on top of all others and gives it the keyboard.
    pub fn raise_window(&self, window: SurfaceId) {
        self.rearrange(|state| {
            if let Some(at) = state.surfaces.iter().position(|surface| surface.surface.id == window) {
                let surface = state.surfaces.remove(at);
                state.surfaces.push(surface);
                state.focus = Some(window);
            }
        });
    }

    /// Paints an area of a window in one colour (`0xRRGGBB`), as far as it lies
    /// inside, and reports it as damage.
    pub fn paint(&self, window: SurfaceId, area: Rect, colour: u32) {
        self.change(|state| {
            let Some(surface) = state.surface_mut(window) else { return };
            let size = surface.size();
            let Some(area) = size.rect().intersection(area) else { return };
            let row_px = usize::try_from(size.width).unwrap_or(usize::MAX).max(1);
            for (y, row) in (0i64..).zip(surface.pixels.chunks_mut(row_px)) {
                if y >= i64::from(area.y) && y < area.bottom() {
                    let columns = (0i64..).zip(row).filter(|(x, _)| *x >= i64::from(area.x) && *x < area.right());
                    columns.for_each(|(_, pixel)| *pixel = colour);
                }
            }
            state.damage.push((window, area));
        });
    }

    /// All that was injected, oldest first.
    pub fn injected(&self) -> Vec<InputEvent> {
        self.state().injected.clone()
    }

    /// Whether a key or button is down by injection.
    pub fn holds_input(&self) -> bool {
        !self.state().held.is_empty()
    }

    /// What the overlay shows.
    pub fn overlay_shown(&self) -> FakeOverlay {
        self.state().overlay.clone()
    }

    /// What is drawn over windows: nothing once its permit has ended, and
    /// nothing on windows that are not on the screen.
    pub fn patches_shown(&self) -> Vec<Patch> {
        let state = self.state();
        let Some((patches, permit)) = &state.patches else { return Vec::new() };
        let shown = |patch: &&Patch| {
            state.surface(patch.surface).is_some_and(|found| found.surface.state == SurfaceState::Shown)
        };
        permit.claim().map(|_| patches.iter().filter(shown).cloned().collect()).unwrap_or_default()
    }
}

impl State {
    /// The window under the pointer, shared or not.
    fn pointer_place(&self) -> Option<PointerPlace> {
        let pointer = self.pointer?;
        let shown = |surface: &&FakeSurface| surface.surface.state == SurfaceState::Shown;
        let mut from_top = self.surfaces.iter().rev().filter(shown);
        let Surface { id, rect, .. } = &from_top.find(|found| found.surface.rect.contains(pointer))?.surface;
        Some(PointerPlace { surface: *id, at: Point { x: pointer.x - rect.x, y: pointer.y - rect.y } })
    }

    fn surface_mut(&mut self, window: SurfaceId) -> Option<&mut FakeSurface> {
        self.surfaces.iter_mut().find(|surface| surface.surface.id == window)
    }

    fn surface(&self, window: SurfaceId) -> Option<&FakeSurface> {
        self.surfaces.iter().find(|surface| surface.surface.id == window)
    }
}

impl Platform for FakePlatform {
    fn desktop(&self) -> Result<Box<dyn Desktop>, CaptureError> {
        Ok(Box::new(capture::FakeDesktop::new(self.clone())))
    }

    fn start_capture(&self, view: Permitted<ViewSelection>) -> Result<Box<dyn Capture>, CaptureError> {
        view.claim().ok_or(CaptureError::NotPermitted)?;
        Ok(Box::new(capture::FakeCapture::new(self.clone(), view)))
    }

    fn start_injector(&self, control: Permitted<ViewSelection>) -> Result<Box<dyn Injector>, InjectError> {
        control.claim().ok_or_else(|| InjectError::NotAvailable("control is not granted".to_owned()))?;
        Ok(Box::new(input::FakeInjector::new(self.clone(), control)))
    }

    fn control_available(&self) -> Result<(), InjectError> {
        Ok(())
    }

    fn watch_stop_key(&self, handler: Box<dyn StopKeyHandler>) -> Result<Box<dyn StopKeyWatch>, StopKeyError> {
        Ok(Box::new(input::FakeWatch::new(self.clone(), handler)))
    }

    fn overlay(&self) -> Result<Box<dyn Overlay>, OverlayError> {
        Ok(Box::new(input::FakeOverlayHandle::new(self.clone())))
    }

    fn tray(&self, _name: &str, look: TrayLook, handler: Box<dyn TrayHandler>) -> Result<Box<dyn Tray>, TrayError> {
        tray::open(self, look, handler)
    }
}

#[cfg(test)]
mod tests;
