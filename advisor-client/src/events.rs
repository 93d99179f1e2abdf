//! Input on its way to the customer, taken where it comes in, before the
//! window sees it: mouse and keyboard in the picture cost no repaint and wait
//! for none while control is granted. All of it comes from the window's one
//! queue, so a key struck before a click arrives before it, and characters,
//! dead keys and layouts are those of the toolkit.
//!
//! The window is told what it needs to know: where the pointer enters and
//! leaves the picture, the clicks that move the focus or close a popup, the
//! viewer's own shortcuts, and everything outside of the picture.

use crate::{
    app::AdvisorApp,
    screens::viewer::desk::{Desk, Seat},
};
use egui::{Context, Event, Key, Order, ViewportId};
use mitblick_client_core::{
    advisor::{AdvisorIntent, AdvisorScreen, AdvisorView, PictureStore},
    customer::ControlView,
    shell::{IntentSender, ViewSlot},
};
use mitblick_protocol::{geometry::Rect, peer_msg::SharingState};
use mitblick_window::host::{Host, HostError, Wake};
use std::{
    collections::HashSet,
    sync::{Arc, OnceLock, Weak},
};
use winit::{
    application::ApplicationHandler,
    event::{DeviceEvent, DeviceId, ElementState, Modifiers, MouseButton, StartCause, WindowEvent},
    event_loop::ActiveEventLoop,
    keyboard::PhysicalKey,
    window::{Window, WindowId},
};

/// The window, once it is there. It is not held here: closing it is what ends
/// the program.
pub(crate) type WindowSlot = Arc<OnceLock<(Context, Weak<Window>)>>;

/// Stands between the system's events and the window.
pub(crate) struct EventPath<'a> {
    window: Host<'a, AdvisorApp>,
    slot: WindowSlot,
    view: Arc<ViewSlot<AdvisorView>>,
    store: Arc<PictureStore>,
    desk: Arc<Desk>,
    intents: IntentSender<AdvisorIntent>,
    /// Turns the system's events into those that input is made of.
    translator: Option<egui_winit::State>,
    /// Where the pointer is, in physical pixels of the window.
    pointer: (f64, f64),
    /// Where it was when it was last sent, while it is in the picture.
    sent_from: Option<(f64, f64)>,
    last_move: Option<WindowEvent>,
    /// Whether the window was not told of the last move.
    kept_move: bool,
    /// The pointer is said to have left the window, and whether the window was
    /// told. It is said so too when it goes over a pane in the window, and each
    /// time a button is pressed there.
    left: Option<bool>,
    modifiers: Modifiers,
    told_modifiers: Modifiers,
    told_buttons: HashSet<MouseButton>,
    told_keys: HashSet<PhysicalKey>,
}

impl<'a> EventPath<'a> {
    /// For this window, which fills `slot` when it is there.
    pub(crate) fn new(
        window: Host<'a, AdvisorApp>,
        slot: WindowSlot,
        view: Arc<ViewSlot<AdvisorView>>,
        store: Arc<PictureStore>,
        desk: Arc<Desk>,
        intents: IntentSender<AdvisorIntent>,
    ) -> Self {
        desk.attach();
        Self {
            window,
            slot,
            view,
            store,
            desk,
            intents,
            translator: None,
            pointer: (0.0, 0.0),
            sent_from: None,
            last_move: None,
            kept_move: false,
            left: None,
            modifiers: Modifiers::default(),
            told_modifiers: Modifiers::default(),
            told_buttons: HashSet::new(),
            told_keys: HashSet::new(),
        }
    }

    /// How it went, after the event loop has ended.
    pub(crate) fn result(self) -> Result<(), HostError> {
        self.window.result()
    }

    fn translate(&mut self, event: &WindowEvent) -> Vec<Event> {
        let Some((ctx, window)) = self.slot.get() else { return Vec::new() };
        let Some(window) = window.upgrade() else { return Vec::new() };
        let translator = self.translator.get_or_insert_with(|| {
            let scale = Some(window.scale_factor() as f32);
            let mut state = egui_winit::State::new(ctx.clone(), ViewportId::ROOT, &window, scale, None, None);
            // Shortcuts go over as the keys that they are.
            state.set_clipboard_shortcuts(false);
            state
        });
        let _ = translator.on_window_event(&window, event);
        std::mem::take(&mut translator.egui_input_mut().events)
    }

    /// Sends what these events mean for the customer's windows.
    fn send(&self, events: &[Event], keyboard: bool) {
        self.send_key(events, keyboard, None);
    }

    /// The same of a key that is labelled so.
    fn send_key(&self, events: &[Event], keyboard: bool, label: Option<char>) {
        let (x, y) = self.pointer;
        // The place in whole pixels is known better than in points.
        let hit = |_| if self.store.shows_at(x, y) { self.store.hit(x, y) } else { None };
        for input in self.desk.map(events, keyboard, label, &hit) {
            // A session that is gone needs no input.
            let _ = self.intents.send(AdvisorIntent::Input(input));
        }
    }

    /// Who gets input, as of the newest view, painted or not.
    fn seat(&self) -> Seat {
        let granted = match &self.view.newest().screen {
            AdvisorScreen::Viewer(viewer) => {
                viewer.sharing == SharingState::Showing && matches!(viewer.control, ControlView::Granted { .. })
            }
            AdvisorScreen::SignIn { .. }
            | AdvisorScreen::NewPassword { .. }
            | AdvisorScreen::Code { .. }
            | AdvisorScreen::WorkplaceWaits { .. }
            | AdvisorScreen::Elsewhere { .. }
            | AdvisorScreen::Locked { .. }
            | AdvisorScreen::Lobby { .. } => false,
        };
        let seat = self.desk.seat();
        match (granted && !self.desk.points(), seat.controlling) {
            (true, true) => seat,
            // A new grant gives the keyboard to the picture.
            (true, false) => Seat { controlling: true, keyboard: true, popup: false, drags: false },
            (false, _) => Seat::default(),
        }
    }

    fn in_picture(&self, seat: Seat) -> bool {
        seat.controlling && self.store.shows_at(self.pointer.0, self.pointer.1)
    }

    /// Whether the window is to see this event too.
    fn take(&mut self, event_loop: &ActiveEventLoop, id: WindowId, event: &WindowEvent) -> bool {
        let seat = self.seat();
        if matches!(event, WindowEvent::MouseInput { .. } | WindowEvent::MouseWheel { .. }) {
            self.come_back(event_loop, id);
        }
        match event {
            WindowEvent::CursorMoved { position, .. } => {
                self.pointer = (position.x, position.y);
                self.last_move = Some(event.clone());
                self.left = None;
                let events = self.translate(event);
                let ours = seat.controlling && seat.drags || self.in_picture(seat);
                // It is told again, unmoved, around each press.
                let moved = self.sent_from.replace(self.pointer) != Some(self.pointer);
                if ours && moved {
                    self.send(&events, seat.keyboard);
                }
                let tell = !ours || !self.kept_move || !self.told_buttons.is_empty();
                self.kept_move = ours;
                if !ours {
                    self.sent_from = None;
                }
                tell
            }
            WindowEvent::MouseInput { state: ElementState::Pressed, button, .. } => {
                let events = self.translate(event);
                let ours = self.in_picture(seat);
                if ours {
                    self.send(&events, seat.keyboard);
                }
                let tell = !ours || !seat.keyboard || seat.popup;
                if tell {
                    self.told_buttons.insert(*button);
                    if let Some(moved) = self.last_move.clone() {
                        self.window.window_event(event_loop, id, moved);
                    }
                    self.tell_modifiers(event_loop, id);
                }
                tell
            }
            WindowEvent::MouseInput { state: ElementState::Released, button, .. } => {
                let events = self.translate(event);
                if seat.controlling {
                    self.send(&events, seat.keyboard);
                }
                self.told_buttons.remove(button) || !seat.controlling
            }
            WindowEvent::MouseWheel { .. } => {
                let events = self.translate(event);
                let ours = self.in_picture(seat);
                if ours {
                    self.send(&events, seat.keyboard);
                }
                !ours
            }
            WindowEvent::KeyboardInput { event: key, .. } => {
                let events = self.translate(event);
                let tell = if key.state == ElementState::Released {
                    self.told_keys.remove(&key.physical_key) || !seat.keyboard
                } else {
                    !seat.keyboard || events.iter().any(is_shortcut)
                };
                if !tell {
                    self.send_key(&events, true, label(&key.logical_key));
                } else {
                    if key.state == ElementState::Pressed {
                        self.told_keys.insert(key.physical_key);
                    }
                    self.tell_modifiers(event_loop, id);
                }
                tell
            }
            WindowEvent::ModifiersChanged(modifiers) => {
                self.modifiers = *modifiers;
                let events = self.translate(event);
                if seat.controlling {
                    self.send(&events, seat.keyboard);
                }
                let tell = !seat.keyboard || self.told_modifiers != Modifiers::default();
                if tell {
                    self.told_modifiers = *modifiers;
                }
                tell
            }
            WindowEvent::Ime(_) => {
                let events = self.translate(event);
                if seat.keyboard {
                    self.send(&events, true);
                }
                !seat.keyboard
            }
            WindowEvent::Focused(_) => {
                let events = self.translate(event);
                if seat.controlling {
                    self.send(&events, seat.keyboard);
                }
                self.kept_move = false;
                true
            }
            WindowEvent::CursorEntered { .. } => {
                self.translate(event);
                !(seat.controlling && self.kept_move)
            }
            WindowEvent::CursorLeft { .. } => {
                self.translate(event);
                // Said before each press too: it must cost no repaint there.
                let tell = !(seat.controlling && self.kept_move);
                self.left = Some(tell);
                tell
            }
            _ => true,
        }
    }

    /// A button or the wheel is moved in the window: the pointer is there.
    fn come_back(&mut self, event_loop: &ActiveEventLoop, id: WindowId) {
        if let (Some(told), Some(moved)) = (self.left.take(), self.last_move.clone()) {
            self.translate(&moved);
            if told {
                self.window.window_event(event_loop, id, moved);
            }
        }
    }

    /// The window has not seen modifiers while the keyboard was not its own.
    fn tell_modifiers(&mut self, event_loop: &ActiveEventLoop, id: WindowId) {
        if self.told_modifiers != self.modifiers {
            self.told_modifiers = self.modifiers;
            self.window.window_event(event_loop, id, WindowEvent::ModifiersChanged(self.modifiers));
        }
    }

    /// Where the window paints above the picture, the picture is not to be
    /// seen: menus, tooltips, the handle in full screen.
    fn follow_window(&self) {
        let Some((ctx, _)) = self.slot.get() else { return };
        if !self.store.has_pane() {
            return;
        }
        let ppp = ctx.pixels_per_point();
        let mut above: Vec<Rect> = ctx.memory(|memory| {
            let layers = memory.areas().visible_layer_ids();
            let above = layers.iter().filter(|layer| layer.order != Order::Background);
            above.filter_map(|layer| memory.area_rect(layer.id)).map(|rect| outwards(rect, ppp)).collect()
        });
        // Of a set, in no order: only real changes count.
        above.sort_by_key(|rect| (rect.y, rect.x, rect.width, rect.height));
        self.store.cover(above);
    }
}

/// The one character of a key, dead or not.
fn label(key: &winit::keyboard::Key) -> Option<char> {
    use winit::keyboard::Key as K;
    match key {
        K::Character(text) => {
            let mut characters = text.chars();
            characters.next().filter(|_| characters.next().is_none())
        }
        K::Dead(character) => *character,
        K::Named(_) | K::Unidentified(_) => None,
    }
}

/// All physical pixels that a rectangle touches.
fn outwards(points: egui::Rect, ppp: f32) -> Rect {
    let (left, top) = ((points.left() * ppp).floor() as i32, (points.top() * ppp).floor() as i32);
    let length = |to: f32, from: i32| u32::try_from((to * ppp).ceil() as i32 - from).unwrap_or(0);
    Rect::new(left, top, length(points.right(), left), length(points.bottom(), top))
}

/// Whether this is for the viewer although the keyboard belongs to the
/// customer's windows; see [`crate::screens::viewer`].
fn is_shortcut(event: &Event) -> bool {
    let Event::Key { key, modifiers, .. } = event else { return false };
    let both = modifiers.ctrl && modifiers.alt && !modifiers.shift;
    both && matches!(key, Key::Enter | Key::Home | Key::Num0 | Key::Num1 | Key::Num2)
}

impl ApplicationHandler<Wake> for EventPath<'_> {
    fn window_event(&mut self, event_loop: &ActiveEventLoop, id: WindowId, event: WindowEvent) {
        if !self.take(event_loop, id, &event) {
            return;
        }
        let painted = matches!(event, WindowEvent::RedrawRequested);
        self.window.window_event(event_loop, id, event);
        if painted {
            self.follow_window();
        }
    }

    fn resumed(&mut self, event_loop: &ActiveEventLoop) {
        self.window.resumed(event_loop);
    }

    fn new_events(&mut self, event_loop: &ActiveEventLoop, cause: StartCause) {
        self.window.new_events(event_loop, cause);
    }

    fn user_event(&mut self, event_loop: &ActiveEventLoop, event: Wake) {
        self.window.user_event(event_loop, event);
    }

    fn device_event(&mut self, event_loop: &ActiveEventLoop, id: DeviceId, event: DeviceEvent) {
        self.window.device_event(event_loop, id, event);
    }

    fn about_to_wait(&mut self, event_loop: &ActiveEventLoop) {
        self.window.about_to_wait(event_loop);
    }

    fn suspended(&mut self, event_loop: &ActiveEventLoop) {
        self.window.suspended(event_loop);
    }

    fn exiting(&mut self, event_loop: &ActiveEventLoop) {
        self.window.exiting(event_loop);
    }

    fn memory_warning(&mut self, event_loop: &ActiveEventLoop) {
        self.window.memory_warning(event_loop);
    }
}
