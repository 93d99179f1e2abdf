//! The event loop around one window: the system's events go to egui, egui's
//! wishes to the system, and a frame is painted when something asks for it and
//! not otherwise.

use crate::{
    clipboard::Clipboard,
    paint::{Frame, Painter},
    surface::Surface,
    waker::Waker,
};
use egui::{
    Color32, Context, FullOutput, Ui, ViewportBuilder, ViewportCommand, ViewportEvent, ViewportId, ViewportInfo,
    accesskit::Action,
};
use egui_winit::ActionRequested;
use mitblick_protocol::geometry::Size;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use winit::{
    application::ApplicationHandler,
    event::{StartCause, WindowEvent},
    event_loop::{ActiveEventLoop, ControlFlow, EventLoop, EventLoopProxy},
    keyboard::{Key, ModifiersState, NamedKey},
    window::{Window, WindowId},
};

/// Why there is no window.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The system's events can't be had.
    #[error("no events: {0}")]
    Events(#[from] winit::error::EventLoopError),
    /// The system does not open a window.
    #[error("it could not be opened: {0}")]
    Open(String),
    /// Pixels can't be shown.
    #[error("its pixels can't be shown: {0}")]
    Pixels(String),
}

/// What is shown in the window.
pub trait App {
    /// Called before each frame.
    fn logic(&mut self, ctx: &Context);

    /// Lays out a frame.
    fn ui(&mut self, ui: &mut Ui);

    /// A screen reader or another aid looks at the window, or no longer.
    fn aided(&mut self, _aided: bool) {}

    /// Whether an aid may choose what the keyboard is at.
    fn aids_may_focus(&self) -> bool {
        true
    }

    /// What is under everything.
    fn background(&self, ctx: &Context) -> Color32 {
        ctx.global_style().visuals.panel_fill
    }
}

/// How the window begins.
pub struct WindowOptions {
    /// Size, title and so on.
    pub viewport: ViewportBuilder,
    /// Whether Ctrl+C, X and V become what they stand for, or arrive as keys.
    pub clipboard_shortcuts: bool,
}

/// The window, when it is there and nothing has been shown yet.
pub struct Opened<'a> {
    /// Of egui.
    pub ctx: &'a Context,
    /// Of the system.
    pub window: &'a Arc<Window>,
    /// Wakes it from other threads.
    pub waker: &'a Waker,
}

/// What wakes the event loop from outside.
pub enum Wake {
    /// egui wants another frame.
    Repaint {
        /// Not before this.
        when: Instant,
        /// Number of the pass that asked; a later one has answered already.
        pass: u64,
    },
    /// There is something new to show; see [`Waker`].
    News,
    /// A screen reader, or another aid, wants something.
    Aid(accesskit_winit::Event),
}

impl From<accesskit_winit::Event> for Wake {
    fn from(event: accesskit_winit::Event) -> Self {
        Self::Aid(event)
    }
}

/// Makes what is shown in the window.
type Creator<'a, A> = Box<dyn FnOnce(&Opened<'_>) -> A + 'a>;

/// The window as a handler of the event loop's events.
pub struct Host<'a, A> {
    options: WindowOptions,
    create: Option<Creator<'a, A>>,
    proxy: EventLoopProxy<Wake>,
    waker: Waker,
    running: Option<Running<A>>,
    failed: Option<HostError>,
}

/// Everything that there is while there is a window.
struct Running<A> {
    app: A,
    ctx: Context,
    state: egui_winit::State,
    /// Screen readers and the like.
    aids: accesskit_winit::Adapter,
    info: ViewportInfo,
    painter: Painter,
    surface: Surface,
    window: Arc<Window>,
    next_frame: Option<Instant>,
    actions: Vec<ActionRequested>,
    clipboard: Clipboard,
    modifiers: ModifiersState,
    shown: bool,
}

/// Shows a window until it is closed.
///
/// # Errors
/// There is no window to be had, or no pixels can be shown in it any more.
pub fn run<'a, A: App + 'a>(
    options: WindowOptions,
    create: impl FnOnce(&Opened<'_>) -> A + 'a,
) -> Result<(), HostError> {
    let event_loop = EventLoop::<Wake>::with_user_event().build()?;
    let mut host = Host::new(options, event_loop.create_proxy(), create);
    event_loop.run_app(&mut host)?;
    host.result()
}

impl<'a, A: App> Host<'a, A> {
    /// A window that is opened when the loop of this proxy begins.
    pub fn new(
        options: WindowOptions,
        proxy: EventLoopProxy<Wake>,
        create: impl FnOnce(&Opened<'_>) -> A + 'a,
    ) -> Self {
        let waker = Waker::new(proxy.clone());
        Self { options, create: Some(Box::new(create)), proxy, waker, running: None, failed: None }
    }

    /// How it went, after the event loop has ended.
    ///
    /// # Errors
    /// See [`run`].
    pub fn result(self) -> Result<(), HostError> {
        self.failed.map_or(Ok(()), Err)
    }

    fn open(&mut self, event_loop: &ActiveEventLoop) -> Result<(), HostError> {
        let Some(create) = self.create.take() else { return Ok(()) };
        let ctx = Context::default();
        // Seen when something has been painted.
        let viewport = self.options.viewport.clone().with_visible(false);
        let window = egui_winit::create_window(&ctx, event_loop, &viewport)
            .map_err(|error| HostError::Open(error.to_string()))?;
        let window = Arc::new(window);
        centre(&window);
        let scale = Some(window.scale_factor() as f32);
        let mut state = egui_winit::State::new(ctx.clone(), ViewportId::ROOT, &window, scale, window.theme(), None);
        state.set_clipboard_shortcuts(self.options.clipboard_shortcuts);
        let aids = accesskit_winit::Adapter::with_event_loop_proxy(event_loop, &window, self.proxy.clone());
        let proxy = self.proxy.clone();
        ctx.set_request_repaint_callback(move |info| {
            let when = Instant::now().checked_add(info.delay);
            // A loop that has ended paints nothing, and what is never, is not asked for.
            if let Some(when) = when {
                let _ = proxy.send_event(Wake::Repaint { when, pass: info.current_cumulative_pass_nr });
            }
        });
        let mut info = ViewportInfo::default();
        egui_winit::update_viewport_info(&mut info, &ctx, &window, true);
        let surface = Surface::new(&window)?;
        let app = create(&Opened { ctx: &ctx, window: &window, waker: &self.waker });
        window.request_redraw();
        self.running = Some(Running {
            app,
            ctx,
            state,
            aids,
            info,
            painter: Painter::default(),
            surface,
            window,
            next_frame: None,
            actions: Vec::new(),
            clipboard: Clipboard::default(),
            modifiers: ModifiersState::default(),
            shown: false,
        });
        Ok(())
    }

    fn fail(&mut self, event_loop: &ActiveEventLoop, error: HostError) {
        tracing::error!(%error, "the window");
        self.failed = Some(error);
        event_loop.exit();
    }
}

/// In the middle of its monitor, where the system lets windows say so.
fn centre(window: &Window) {
    let Some(monitor) = window.current_monitor().or_else(|| window.primary_monitor()) else { return };
    let (all, own, corner) = (monitor.size(), window.outer_size(), monitor.position());
    let middle = |all: u32, own: u32| i32::try_from(all.saturating_sub(own) / 2).unwrap_or(0);
    let place = (corner.x + middle(all.width, own.width), corner.y + middle(all.height, own.height));
    window.set_outer_position(winit::dpi::PhysicalPosition::<i32>::from(place));
}

impl<A: App> Running<A> {
    /// Takes an event that is not for painting.
    fn take(&mut self, event: &WindowEvent) {
        match event {
            WindowEvent::CloseRequested => {
                self.info.events.push(ViewportEvent::Close);
                self.ctx.request_repaint();
            }
            WindowEvent::ModifiersChanged(modifiers) => self.modifiers = modifiers.state(),
            WindowEvent::Occluded(occluded) => self.info.occluded = Some(*occluded),
            _ => {}
        }
        self.aids.process_event(&self.window, event);
        if self.pastes(event)
            && let Some(text) = self.clipboard.text()
        {
            self.state.set_clipboard_text(text);
        }
        if self.state.on_window_event(&self.window, event).repaint {
            self.window.request_redraw();
        }
    }

    /// Whether the window is about to take what is in the clipboard.
    fn pastes(&self, event: &WindowEvent) -> bool {
        let WindowEvent::KeyboardInput { event, .. } = event else { return false };
        let (command, shift) = (self.modifiers.control_key(), self.modifiers.shift_key());
        let key = event.logical_key.as_ref();
        event.state.is_pressed()
            && match key {
                Key::Character(key) => command && key.eq_ignore_ascii_case("v"),
                Key::Named(NamedKey::Insert) => shift,
                Key::Named(NamedKey::Paste) => true,
                _ => false,
            }
    }

    /// Lays out a frame, paints and shows it; whether the window stays.
    fn frame(&mut self, event_loop: &ActiveEventLoop) -> Result<bool, HostError> {
        self.next_frame = None;
        egui_winit::update_viewport_info(&mut self.info, &self.ctx, &self.window, false);
        let mut input = self.state.take_egui_input(&self.window);
        input.viewports.insert(ViewportId::ROOT, self.info.clone());
        let closing = self.info.close_requested();
        let app = &mut self.app;
        let output = self.ctx.run_ui(input, |ui| {
            app.logic(ui.ctx());
            app.ui(ui);
        });
        self.info.events.clear();
        let FullOutput { mut platform_output, textures_delta, shapes, pixels_per_point, mut viewport_output } = output;
        if let Some(update) = platform_output.accesskit_update.take() {
            self.aids.update_if_active(|| update);
        }
        self.clipboard.copy(&platform_output.commands);
        self.state.handle_platform_output_with_event_loop(&self.window, event_loop, platform_output);
        let size = self.window.inner_size();
        let damage = self.painter.paint(Frame {
            size: Size { width: size.width, height: size.height },
            pixels_per_point,
            background: self.app.background(&self.ctx),
            primitives: self.ctx.tessellate(shapes, pixels_per_point),
            textures: textures_delta,
        });
        self.window.pre_present_notify();
        self.surface.show(&self.painter, damage)?;
        if !std::mem::replace(&mut self.shown, true) {
            self.window.set_visible(true);
        }
        let commands = viewport_output.remove(&ViewportId::ROOT).map(|output| output.commands).unwrap_or_default();
        let stays = !closing || commands.contains(&ViewportCommand::CancelClose);
        egui_winit::process_viewport_commands(&self.ctx, &mut self.info, commands, &self.window, &mut self.actions);
        self.act();
        if self.info.close_requested() {
            // The program is told with the next frame.
            self.window.request_redraw();
        }
        Ok(stays)
    }

    /// Does what was asked for by command.
    fn act(&mut self) {
        let actions = std::mem::take(&mut self.actions);
        if actions.is_empty() {
            return;
        }
        for action in actions {
            let event = match action {
                ActionRequested::Cut => egui::Event::Cut,
                ActionRequested::Copy => egui::Event::Copy,
                ActionRequested::Paste => match self.clipboard.text() {
                    Some(text) if !text.is_empty() => egui::Event::Paste(text.replace("\r\n", "\n")),
                    _ => continue,
                },
                ActionRequested::Screenshot(callback) => {
                    callback.complete(Arc::new(self.painter.screenshot()));
                    continue;
                }
                ActionRequested::PaintWhileHidden => continue,
            };
            self.state.egui_input_mut().events.push(event);
        }
        self.window.request_redraw();
    }

    fn wake(&mut self, wake: Wake) {
        match wake {
            Wake::Repaint { when, pass } => {
                let now = self.ctx.cumulative_pass_nr();
                if now == pass || now == pass + 1 {
                    self.next_frame = Some(self.next_frame.map_or(when, |next| next.min(when)));
                }
            }
            Wake::News => self.ctx.request_repaint(),
            Wake::Aid(event) => match event.window_event {
                accesskit_winit::WindowEvent::InitialTreeRequested => {
                    self.ctx.enable_accesskit();
                    self.app.aided(true);
                    self.window.request_redraw();
                }
                accesskit_winit::WindowEvent::ActionRequested(request)
                    if request.action == Action::Focus && !self.app.aids_may_focus() => {}
                accesskit_winit::WindowEvent::ActionRequested(request) => {
                    let events = &mut self.state.egui_input_mut().events;
                    events.push(egui::Event::AccessKitActionRequest(request));
                    self.window.request_redraw();
                }
                accesskit_winit::WindowEvent::AccessibilityDeactivated => {
                    self.ctx.disable_accesskit();
                    self.app.aided(false);
                }
            },
        }
    }

    /// Asks the system for a frame that is due, or says when one will be.
    fn schedule(&mut self, event_loop: &ActiveEventLoop) {
        let flow = match self.next_frame {
            Some(when) if when <= Instant::now() + Duration::from_micros(100) => {
                self.next_frame = None;
                self.window.request_redraw();
                ControlFlow::Wait
            }
            Some(when) => ControlFlow::WaitUntil(when),
            None => ControlFlow::Wait,
        };
        event_loop.set_control_flow(flow);
    }
}

impl<A: App> ApplicationHandler<Wake> for Host<'_, A> {
    fn resumed(&mut self, event_loop: &ActiveEventLoop) {
        if let Err(error) = self.open(event_loop) {
            self.fail(event_loop, error);
        }
    }

    fn window_event(&mut self, event_loop: &ActiveEventLoop, _: WindowId, event: WindowEvent) {
        let Some(running) = &mut self.running else { return };
        if !matches!(event, WindowEvent::RedrawRequested) {
            running.take(&event);
            return;
        }
        match running.frame(event_loop) {
            Ok(true) => {}
            Ok(false) => event_loop.exit(),
            Err(error) => self.fail(event_loop, error),
        }
    }

    fn user_event(&mut self, _: &ActiveEventLoop, wake: Wake) {
        if matches!(wake, Wake::News) {
            self.waker.heard();
        }
        if let Some(running) = &mut self.running {
            running.wake(wake);
        }
    }

    fn new_events(&mut self, _: &ActiveEventLoop, _: StartCause) {}

    fn about_to_wait(&mut self, event_loop: &ActiveEventLoop) {
        if let Some(running) = &mut self.running {
            running.schedule(event_loop);
        }
    }

    fn exiting(&mut self, _: &ActiveEventLoop) {
        self.running = None;
    }
}
