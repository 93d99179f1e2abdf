//! Input, stop key and overlay of the fake desktop.

use super::{FakePlatform, State};
use crate::{
    inject::{InjectError, Injected, Injector},
    overlay::{NativeWindow, Overlay, Patch},
    stop_key::{AfterEvents, SeenInput, StopKeyHandler, StopKeyWatch},
};
use mitblick_protocol::{
    geometry::{Point, Rect},
    input::{Button, InputEvent, InputRefusal, Key},
    marks::ShownMarks,
    peer_msg::SurfaceId,
    session::{Permitted, ViewSelection},
};
use std::sync::{Arc, Mutex, PoisonError};

/// Something that is down by injection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Held {
    Key(Key),
    Button(Button),
}

/// One watch of the stop key.
pub(super) struct Watcher {
    handler: Arc<Mutex<Box<dyn StopKeyHandler>>>,
    swallows: bool,
}

impl FakePlatform {
    /// Presses the stop key.
    pub fn press_stop_key(&self) {
        self.tell(|handler| handler.stop_key_pressed());
    }

    /// The local person uses mouse or keyboard.
    pub fn use_local_input(&self) {
        self.tell(|handler| handler.local_input());
    }

    /// Somebody presses, or a program moves the pointer.
    pub fn use_input(&self, input: SeenInput) {
        self.tell(|handler| handler.input_seen(input));
    }

    /// The display goes away, as far as the stop key is concerned.
    pub fn lose_stop_key(&self) {
        self.tell(|handler| handler.watch_lost());
    }

    /// Whether the stop key is kept from applications.
    pub fn swallows_stop_key(&self) -> bool {
        self.state().watches.values().any(|watcher| watcher.swallows)
    }

    /// Calls the handlers, as a real watch does, on another thread than the
    /// one that started it (if the test does).
    fn tell(&self, mut what: impl FnMut(&mut dyn StopKeyHandler)) {
        // A handler may use the platform: the desktop is not held meanwhile.
        let handlers: Vec<_> = self.state().watches.values().map(|watcher| Arc::clone(&watcher.handler)).collect();
        for handler in handlers {
            what(&mut **handler.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }
}

pub(super) struct FakeInjector {
    platform: FakePlatform,
    control: Permitted<ViewSelection>,
}

impl FakeInjector {
    pub(super) fn new(platform: FakePlatform, control: Permitted<ViewSelection>) -> Self {
        Self { platform, control }
    }
}

/// Whether the top-most window at a point of this surface is shared.
fn is_shared(state: &State, view: &ViewSelection, surface: SurfaceId, x: i32, y: i32) -> bool {
    let Some(target) = state.surface(surface) else { return false };
    let rect = target.surface.rect;
    let point = Point { x: rect.x.saturating_add(x), y: rect.y.saturating_add(y) };
    let top = state.surfaces.iter().rev().find(|surface| surface.surface.rect.contains(point));
    let shared = |surface: &super::FakeSurface| view.applications.contains(&surface.application);
    rect.contains(point) && shared(target) && top.is_some_and(shared)
}

impl Injector for FakeInjector {
    fn inject(&mut self, input: &Permitted<InputEvent>) -> Result<Injected, InjectError> {
        let mut state = self.platform.state();
        let Some(view) = self.control.claim() else { return Ok(Injected::Refused(InputRefusal::NoGrant)) };
        let Some(&event) = input.claim() else { return Ok(Injected::Refused(input.refusal())) };
        let refusal = match event {
            InputEvent::ReleaseAll => {
                state.held.clear();
                None
            }
            InputEvent::Key { key, pressed: false } => {
                state.held.remove(&Held::Key(key));
                None
            }
            InputEvent::PointerButton { button, pressed: false, .. } => {
                state.held.remove(&Held::Button(button));
                None
            }
            InputEvent::Key { key, pressed: true } => {
                let focus = state.focus.and_then(|focus| state.surface(focus));
                if focus.is_some_and(|focus| view.applications.contains(&focus.application)) {
                    state.held.insert(Held::Key(key));
                    None
                } else {
                    Some(InputRefusal::FocusNotShared)
                }
            }
            InputEvent::PointerMove { surface, x, y }
            | InputEvent::Scroll { surface, x, y, .. }
            | InputEvent::PointerButton { surface, x, y, .. }
                if !is_shared(&state, view, surface, x, y) =>
            {
                Some(InputRefusal::OutsideSharedWindows)
            }
            InputEvent::PointerButton { button, .. } => {
                state.held.insert(Held::Button(button));
                None
            }
            InputEvent::PointerMove { .. } | InputEvent::Scroll { .. } => None,
        };
        if let Some(refusal) = refusal {
            return Ok(Injected::Refused(refusal));
        }
        state.injected.push(event);
        Ok(Injected::Done)
    }

    fn release_all(&mut self) {
        self.platform.state().held.clear();
    }
}

impl Drop for FakeInjector {
    fn drop(&mut self) {
        self.release_all();
    }
}

pub(super) struct FakeWatch {
    platform: FakePlatform,
    number: u64,
}

impl FakeWatch {
    pub(super) fn new(platform: FakePlatform, handler: Box<dyn StopKeyHandler>) -> Self {
        let number = platform.change(|state| {
            state.last_watch += 1;
            let watcher = Watcher { handler: Arc::new(Mutex::new(handler)), swallows: false };
            state.watches.insert(state.last_watch, watcher);
            state.last_watch
        });
        Self { platform, number }
    }
}

impl StopKeyWatch for FakeWatch {
    fn swallow(&self, on: bool) {
        if let Some(watcher) = self.platform.state().watches.get_mut(&self.number) {
            watcher.swallows = on;
        }
    }

    fn after_events(&self) -> AfterEvents {
        let (platform, number) = (self.platform.clone(), self.number);
        AfterEvents::new(move |errand| {
            let watches = platform.state().watches.contains_key(&number);
            if watches {
                errand();
            }
        })
    }
}

impl Drop for FakeWatch {
    fn drop(&mut self) {
        // The handler goes after the desktop is free: it may use the platform.
        let watcher = self.platform.state().watches.remove(&self.number);
        drop(watcher);
    }
}

pub(super) struct FakeOverlayHandle(FakePlatform);

impl FakeOverlayHandle {
    pub(super) fn new(platform: FakePlatform) -> Self {
        Self(platform)
    }
}

impl Overlay for FakeOverlayHandle {
    fn set_frames(&mut self, rects: &[Rect], colour: u32) {
        let mut state = self.0.state();
        state.overlay.frames = rects.to_vec();
        state.overlay.colour = colour;
    }

    fn keep_on_top(&mut self, window: Option<NativeWindow>) {
        self.0.state().overlay.on_top = window;
    }

    fn set_patches(&mut self, patches: Vec<Patch>, permit: Permitted<ShownMarks>) {
        self.0.state().patches = Some((patches, permit));
    }
}

impl Drop for FakeOverlayHandle {
    fn drop(&mut self) {
        self.set_frames(&[], 0);
        self.keep_on_top(None);
        self.0.state().patches = None;
    }
}
