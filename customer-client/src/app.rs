//! The customer's window: takes the newest view, paints it, passes intents on,
//! and turns into the bar and back.

use crate::screens::{Local, customer_ui};
use egui::{
    Context, Event, Pos2, Ui, Vec2, ViewportBuilder, ViewportCommand, WindowLevel, accesskit::Action, pos2, vec2,
};
use mitblick_client_core::{
    customer::{
        ControlView, CustomerIntent, CustomerScreen, CustomerView, RecordingState, TurnView,
        intents::{CustomerIntents, Means},
    },
    language::{Language, Texts},
    shell::ViewSlot,
    ui::{
        self,
        attention::{Attention, Reason},
        look::{self, DesktopLook, Look},
        widgets,
        zoom::{WindowZoom, window_size},
    },
};
use mitblick_platform::overlay::NativeWindow;
use mitblick_window::host::{App, Opened, WindowOptions};
use raw_window_handle::{HasWindowHandle, RawWindowHandle};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Size of the normal window, in points.
const WINDOW: Vec2 = vec2(480.0, 700.0);
/// Size of the window while it shows what the advisor shows, in points.
const VIEWER: Vec2 = vec2(1_180.0, 860.0);
/// Smallest size of the normal window, in points.
const SMALLEST: Vec2 = vec2(320.0, 360.0);

/// What the program tells its window, and wants to hear from it.
pub struct Options {
    /// Language to begin with; `None` = the system's.
    pub language: Option<Language>,
    /// The look to begin with.
    pub look: Look,
    /// What the desktop wants.
    pub wish: DesktopLook,
    /// Called once with the window's own id. None of what is called here may
    /// wait for anything, nor take a lock that the session takes.
    pub on_native_window: Box<dyn FnOnce(NativeWindow) + Send>,
    /// Called with `true` when the window becomes the bar, with `false` when it
    /// is a normal window again.
    pub on_bar: Box<dyn FnMut(bool) + Send>,
    /// Called when the person has chosen another language.
    pub on_language: Box<dyn FnMut(Language) + Send>,
    /// Called before each frame.
    pub before_frame: Box<dyn FnMut(&Context) + Send>,
    /// Set it and call [`ViewSlot::repaint`] to close the window from outside.
    pub close: Arc<AtomicBool>,
    /// The same brings it to the front.
    pub raise: Arc<AtomicBool>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            language: None,
            look: Look::default(),
            wish: DesktopLook::default(),
            on_native_window: Box::new(|_| {}),
            on_bar: Box::new(|_| {}),
            on_language: Box::new(|_| {}),
            before_frame: Box::new(|_| {}),
            close: Arc::new(AtomicBool::new(false)),
            raise: Arc::new(AtomicBool::new(false)),
        }
    }
}

/// How the window begins.
pub fn window_options() -> WindowOptions {
    let viewport = ViewportBuilder::default()
        .with_inner_size(WINDOW)
        .with_min_inner_size(SMALLEST)
        .with_app_id("mitblick-customer")
        .with_title("Mitblick");
    WindowOptions { viewport, clipboard_shortcuts: true }
}

/// The window as an [`App`].
pub struct CustomerApp {
    view: Arc<ViewSlot<CustomerView>>,
    intents: CustomerIntents,
    local: Local,
    shape: Shape,
    zoom: WindowZoom,
    attention: Attention,
    title: String,
    quitting: bool,
    on_bar: Box<dyn FnMut(bool) + Send>,
    on_language: Box<dyn FnMut(Language) + Send>,
    before_frame: Box<dyn FnMut(&Context) + Send>,
    wish: DesktopLook,
    close: Arc<AtomicBool>,
    raise: Arc<AtomicBool>,
}

/// What the window looks like at the moment.
enum Shape {
    Window,
    /// Large, to look at what the advisor shows.
    Viewer {
        /// Where the normal window was.
        return_to: Option<Pos2>,
    },
    Bar {
        /// Where the normal window was.
        return_to: Option<Pos2>,
        /// Size last asked for.
        size: Vec2,
        /// Place last asked for.
        place: Option<Pos2>,
    },
}

impl CustomerApp {
    /// The window that shows this view and sends these intents.
    pub fn new(
        opened: &Opened<'_>,
        view: Arc<ViewSlot<CustomerView>>,
        intents: CustomerIntents,
        options: Options,
    ) -> Self {
        ui::install(opened.ctx);
        look::choose(opened.ctx, options.look);
        let waker = opened.waker.clone();
        view.on_change(move || waker.wake());
        if let Some(window) = native_window(opened) {
            (options.on_native_window)(window);
        }
        Self {
            view,
            intents,
            local: Local::new(options.language.unwrap_or_else(Language::of_system)),
            shape: Shape::Window,
            zoom: WindowZoom::default(),
            attention: Attention::default(),
            title: String::new(),
            quitting: false,
            on_bar: options.on_bar,
            on_language: options.on_language,
            before_frame: options.before_frame,
            wish: options.wish,
            close: options.close,
            raise: options.raise,
        }
    }

    fn shape_window(&mut self, ctx: &Context, screen: &CustomerScreen) {
        let bar = matches!(screen, CustomerScreen::Sharing(_));
        let wants_viewer = matches!(screen, CustomerScreen::Watching(_));
        let (monitor, outer) = ctx.input(|input| (input.viewport().monitor_size, input.viewport().outer_rect));
        let texts = Texts::of(self.local.language);
        let title = if bar { texts.t("bar-title") } else { texts.t("customer-title") };
        widgets::name_window(ctx, &title);
        if title != self.title {
            ctx.send_viewport_cmd(ViewportCommand::Title(title.clone()));
            self.title = title;
        }
        let monitor = monitor.filter(|size| size.x > 1.0 && size.y > 1.0);
        if let Some(monitor) = monitor {
            self.local.bar.max_width = (monitor.x - 16.0).clamp(200.0, 1_180.0);
            self.local.bar.max_height = (monitor.y - 16.0).max(160.0);
        }
        match &mut self.shape {
            shape @ (Shape::Window | Shape::Viewer { .. }) if bar => {
                let return_to = match shape {
                    Shape::Viewer { return_to } => *return_to,
                    Shape::Window | Shape::Bar { .. } => outer.map(|rect| rect.min),
                };
                self.shape = Shape::Bar { return_to, size: Vec2::ZERO, place: None };
                ctx.send_viewport_cmd(ViewportCommand::MinInnerSize(vec2(40.0, 20.0)));
                ctx.send_viewport_cmd(ViewportCommand::Decorations(false));
                ctx.send_viewport_cmd(ViewportCommand::WindowLevel(WindowLevel::AlwaysOnTop));
                (self.on_bar)(true);
                ctx.request_repaint();
            }
            Shape::Bar { return_to, .. } if !bar => {
                let return_to = *return_to;
                ctx.send_viewport_cmd(ViewportCommand::WindowLevel(WindowLevel::Normal));
                ctx.send_viewport_cmd(ViewportCommand::Decorations(true));
                self.take_room(ctx, wants_viewer, monitor, return_to);
                (self.on_bar)(false);
                ctx.request_repaint();
            }
            Shape::Window if wants_viewer => {
                self.take_room(ctx, true, monitor, outer.map(|rect| rect.min));
                ctx.request_repaint();
            }
            Shape::Viewer { return_to } if !wants_viewer => {
                let return_to = *return_to;
                self.take_room(ctx, false, monitor, return_to);
                ctx.request_repaint();
            }
            Shape::Bar { size, place, .. } => {
                let Some(wanted) = self.local.bar.size.filter(|wanted| (*wanted - *size).abs().max_elem() > 1.0) else {
                    return;
                };
                // Only a bar that nobody has dragged aside is centred anew.
                let dragged =
                    matches!((*place, outer), (Some(place), Some(outer)) if (outer.min - place).length() > 4.0);
                *size = wanted;
                ctx.send_viewport_cmd(ViewportCommand::InnerSize(wanted));
                if let (Some(monitor), false) = (monitor, dragged) {
                    let centred = pos2(((monitor.x - wanted.x) / 2.0).max(0.0).round(), 0.0);
                    *place = Some(centred);
                    ctx.send_viewport_cmd(ViewportCommand::OuterPosition(centred));
                }
            }
            Shape::Window => self.zoom.follow(ctx, WINDOW, SMALLEST),
            Shape::Viewer { .. } => self.zoom.follow(ctx, VIEWER, SMALLEST),
        }
    }

    /// Becomes the viewer in the middle of a screen of this size, as far as it is
    /// known, or the normal window again at its place.
    fn take_room(&mut self, ctx: &Context, viewer: bool, monitor: Option<Vec2>, return_to: Option<Pos2>) {
        let size = window_size(if viewer { VIEWER } else { WINDOW }, monitor);
        let place = match monitor {
            Some(monitor) if viewer => {
                let free = (monitor - size) / 2.0;
                Some(pos2(free.x.max(0.0).round(), (free.y - 20.0).max(0.0).round()))
            }
            _ => return_to.filter(|_| !viewer),
        };
        ctx.send_viewport_cmd(ViewportCommand::InnerSize(size));
        ctx.send_viewport_cmd(ViewportCommand::MinInnerSize(SMALLEST.min(size)));
        if let Some(place) = place {
            ctx.send_viewport_cmd(ViewportCommand::OuterPosition(place));
        }
        self.shape = if viewer { Shape::Viewer { return_to } } else { Shape::Window };
    }

    fn quit(&mut self) {
        if !self.quitting {
            self.quitting = true;
            self.intents.send(CustomerIntent::Quit, Means::Input);
        }
    }
}

impl App for CustomerApp {
    fn logic(&mut self, ctx: &Context) {
        (self.before_frame)(ctx);
        look::follow(ctx, self.wish.newest());
        if self.close.load(Ordering::SeqCst) && !self.quitting {
            self.quitting = true;
            ctx.send_viewport_cmd(ViewportCommand::Close);
        }
        if ctx.input(|input| input.viewport().close_requested()) {
            self.quit();
        }
        if self.raise.swap(false, Ordering::SeqCst) {
            ctx.send_viewport_cmd(ViewportCommand::Minimized(false));
            ctx.send_viewport_cmd(ViewportCommand::Focus);
        }
    }

    fn aided(&mut self, aided: bool) {
        self.intents.aided(aided);
    }

    fn aids_may_focus(&self) -> bool {
        self.intents.heeds_aids()
    }

    fn ui(&mut self, ui: &mut Ui) {
        let view = self.view.newest();
        let mut intents = Vec::new();
        let spoken = self.local.language;
        customer_ui(ui, &view, &mut self.local, &mut intents);
        if self.local.language != spoken {
            (self.on_language)(self.local.language);
        }
        self.shape_window(ui.ctx(), &view.screen);
        self.attention.follow(ui.ctx(), waits(&view));
        let means = means(ui);
        for intent in intents {
            if intent == CustomerIntent::Quit {
                self.quit();
                ui.ctx().send_viewport_cmd(ViewportCommand::Close);
            } else {
                self.intents.send(intent, means);
            }
        }
    }
}

/// By what the person has pressed in this frame.
fn means(ui: &Ui) -> Means {
    let is_aid = |event: &Event| matches!(event, Event::AccessKitActionRequest(asked) if asked.action == Action::Click);
    let is_input =
        |event: &Event| matches!(event, Event::PointerButton { .. } | Event::Key { .. } | Event::Touch { .. });
    let aid = ui.input(|input| input.events.iter().any(is_aid) && !input.events.iter().any(is_input));
    if aid { Means::Aid } else { Means::Input }
}

/// What waits for the person.
fn waits(view: &CustomerView) -> Vec<Reason> {
    let begun = match &view.screen {
        CustomerScreen::Join { .. } | CustomerScreen::Connecting(_) | CustomerScreen::Ended(_) => return Vec::new(),
        CustomerScreen::WhoCalled { .. }
        | CustomerScreen::Choose { .. }
        | CustomerScreen::Sharing(_)
        | CustomerScreen::Watching(_) => Reason::SessionBegun,
    };
    let control_asked = match &view.screen {
        CustomerScreen::Sharing(sharing) => sharing.control == ControlView::Asked || sharing.asks_more,
        _ => false,
    };
    let asks = [
        (control_asked, Reason::Control),
        (view.recording.state == RecordingState::Asked, Reason::Recording),
        (view.turn == TurnView::Asked, Reason::Turn),
        (view.guide.as_ref().is_some_and(|guide| guide.asked.is_some()), Reason::AskedToShow),
    ];
    let asks = asks.into_iter().filter_map(|(asks, reason)| asks.then_some(reason));
    [begun].into_iter().chain(asks).chain(view.together.iter().flat_map(Reason::of)).collect()
}

fn native_window(opened: &Opened<'_>) -> Option<NativeWindow> {
    match opened.window.window_handle().ok()?.as_raw() {
        RawWindowHandle::Xlib(handle) => Some(NativeWindow(handle.window)),
        RawWindowHandle::Xcb(handle) => Some(NativeWindow(handle.window.get().into())),
        RawWindowHandle::Win32(handle) => Some(NativeWindow(handle.hwnd.get() as u64)),
        _ => None,
    }
}
