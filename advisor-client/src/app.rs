//! The advisor's window: takes the newest view, paints it, passes intents on.

use crate::{
    events::{EventPath, WindowSlot},
    screens::{
        Local, advisor_ui,
        viewer::{Zoom, desk::Desk},
    },
};
use egui::{Context, Key, Modifiers, Ui, Vec2, ViewportBuilder, ViewportCommand, vec2};
use mitblick_client_core::{
    advisor::{AdvisorIntent, AdvisorScreen, AdvisorView, PictureStore},
    language::{Language, Texts},
    recording::Folder,
    shell::{IntentSender, ViewSlot},
    ui::{
        self,
        attention::{Attention, Reason},
        look::{self, DesktopLook, Look},
        widgets,
        zoom::WindowZoom,
    },
};
use mitblick_platform::{overlay::NativeWindow, present};
use mitblick_window::host::{App, Host, HostError, Opened, Wake, WindowOptions};
use raw_window_handle::{HasWindowHandle, RawWindowHandle};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use winit::event_loop::EventLoop;

/// Size of the window, in points.
const WINDOW: Vec2 = vec2(1_100.0, 760.0);
/// Smallest size of the window, in points.
const SMALLEST: Vec2 = vec2(420.0, 320.0);

/// Who shows the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PictureBy {
    /// A pane of the system's where it has one, else the window.
    #[default]
    Pane,
    /// The window, with everything else.
    Window,
}

/// What the program tells its window.
pub struct Options {
    /// Language to begin with; `None` = the system's.
    pub language: Option<Language>,
    /// The look to begin with.
    pub look: Look,
    /// What the desktop wants.
    pub wish: DesktopLook,
    /// Whether a session begins in full screen.
    pub full_screen: bool,
    /// How large the picture is at the beginning of a session.
    pub zoom: Zoom,
    /// Who shows the picture.
    pub picture: PictureBy,
    /// Where recordings lie.
    pub recordings: Option<Folder>,
    /// Called when the person has chosen another language.
    pub on_language: Box<dyn FnMut(Language) + Send>,
    /// Set it and call [`ViewSlot::repaint`] to close the window from outside.
    pub close: Arc<AtomicBool>,
}

impl Default for Options {
    fn default() -> Self {
        let close = Arc::new(AtomicBool::new(false));
        Self {
            language: None,
            look: Look::default(),
            wish: DesktopLook::default(),
            full_screen: false,
            zoom: Zoom::Times(1),
            picture: PictureBy::Pane,
            recordings: None,
            on_language: Box::new(|_| {}),
            close,
        }
    }
}

/// How the window begins. Ctrl+C, X and V arrive as the keys that they are, so
/// that they can be passed on whatever the clipboard holds.
pub fn window_options() -> WindowOptions {
    let viewport = ViewportBuilder::default()
        .with_inner_size(WINDOW)
        .with_min_inner_size(SMALLEST)
        .with_app_id("mitblick-advisor")
        .with_title("Mitblick");
    WindowOptions { viewport, clipboard_shortcuts: false }
}

/// Shows the window until it is closed. `store` is the picture that its views
/// show; `prepare` is called once the window is there.
///
/// # Errors
/// There is no window to be had.
pub fn run(
    view: Arc<ViewSlot<AdvisorView>>,
    store: Arc<PictureStore>,
    intents: IntentSender<AdvisorIntent>,
    options: Options,
    prepare: impl FnOnce(&Context),
) -> Result<(), HostError> {
    let event_loop = EventLoop::<Wake>::with_user_event().build()?;
    let (slot, desk) = (WindowSlot::default(), Arc::<Desk>::default());
    let creator = {
        let (slot, view, store) = (Arc::clone(&slot), Arc::clone(&view), Arc::clone(&store));
        let (desk, intents) = (Arc::clone(&desk), intents.clone());
        move |opened: &Opened<'_>| {
            // The only window is made only once.
            let _ = slot.set((opened.ctx.clone(), Arc::downgrade(opened.window)));
            if let Some(pane) = pane(opened, options.picture) {
                store.use_pane(pane);
            }
            let app = AdvisorApp::new(opened, view, intents, options, desk);
            prepare(opened.ctx);
            app
        }
    };
    let window = Host::new(window_options(), event_loop.create_proxy(), creator);
    let mut path = EventPath::new(window, slot, view, store, desk, intents);
    event_loop.run_app(&mut path)?;
    path.result()
}

/// The pane that shows the picture, where the window is not to paint it.
fn pane(opened: &Opened<'_>, by: PictureBy) -> Option<Box<dyn present::Pane>> {
    if by == PictureBy::Window {
        return None;
    }
    let id = match opened.window.window_handle().ok()?.as_raw() {
        RawWindowHandle::Xlib(handle) => handle.window,
        RawWindowHandle::Xcb(handle) => handle.window.get().into(),
        _ => return None,
    };
    present::open(NativeWindow(id)).inspect_err(|error| tracing::info!(%error, "the window paints the picture")).ok()
}

/// The window as an [`App`].
pub struct AdvisorApp {
    view: Arc<ViewSlot<AdvisorView>>,
    intents: IntentSender<AdvisorIntent>,
    local: Local,
    zoom: WindowZoom,
    attention: Attention,
    title: String,
    quitting: bool,
    on_language: Box<dyn FnMut(Language) + Send>,
    wish: DesktopLook,
    close: Arc<AtomicBool>,
}

impl AdvisorApp {
    /// The window that shows this view and sends these intents.
    pub fn new(
        opened: &Opened<'_>,
        view: Arc<ViewSlot<AdvisorView>>,
        intents: IntentSender<AdvisorIntent>,
        options: Options,
        desk: Arc<Desk>,
    ) -> Self {
        ui::install(opened.ctx);
        look::choose(opened.ctx, options.look);
        let waker = opened.waker.clone();
        view.on_change(move || waker.wake());
        let language = options.language.unwrap_or_else(Language::of_system);
        Self {
            view,
            intents,
            local: Local::new(language, options.zoom, options.full_screen).at(desk).with_recordings(options.recordings),
            zoom: WindowZoom::default(),
            attention: Attention::default(),
            title: String::new(),
            quitting: false,
            on_language: options.on_language,
            wish: options.wish,
            close: options.close,
        }
    }

    fn quit(&mut self) {
        if !self.quitting {
            self.quitting = true;
            for intent in self.local.last_intents() {
                // A program that is gone already needs no telling.
                let _ = self.intents.send(intent);
            }
        }
    }
}

impl App for AdvisorApp {
    fn logic(&mut self, ctx: &Context) {
        look::follow(ctx, self.wish.newest());
        if self.close.load(Ordering::SeqCst) && !self.quitting {
            self.quitting = true;
            ctx.send_viewport_cmd(ViewportCommand::Close);
        }
        if ctx.input(|input| input.viewport().close_requested()) {
            self.quit();
        }
    }

    fn ui(&mut self, ui: &mut Ui) {
        let view = self.view.newest();
        let title = Texts::of(self.local.language).t("advisor-title");
        widgets::name_window(ui.ctx(), &title);
        if title != self.title {
            ui.ctx().send_viewport_cmd(ViewportCommand::Title(title.clone()));
            self.title = title;
        }
        if !matches!(view.screen, AdvisorScreen::Viewer(_)) {
            clipboard_shortcuts(ui);
        }
        self.zoom.follow(ui.ctx(), WINDOW, SMALLEST);
        let mut intents = Vec::new();
        let spoken = self.local.language;
        advisor_ui(ui, &view, &mut self.local, &mut intents);
        if self.local.language != spoken {
            (self.on_language)(self.local.language);
        }
        self.attention.follow(ui.ctx(), waits(&view.screen));
        for intent in intents {
            let _ = self.intents.send(intent);
        }
    }
}

/// What waits for the person.
fn waits(screen: &AdvisorScreen) -> Vec<Reason> {
    match screen {
        AdvisorScreen::Lobby { appointments, .. } if !appointments.awaited.is_empty() => vec![Reason::CustomerWaits],
        AdvisorScreen::Viewer(viewer) => {
            let awaited = viewer.awaited.map(|_| Reason::CustomerWaits);
            [Reason::SessionBegun].into_iter().chain(awaited).chain(Reason::of(&viewer.together)).collect()
        }
        _ => Vec::new(),
    }
}

/// Outside the viewer the keys mean what they mean in any form.
fn clipboard_shortcuts(ui: &Ui) {
    for (modifiers, key, command) in [
        (Modifiers::CTRL, Key::C, ViewportCommand::RequestCopy),
        (Modifiers::CTRL, Key::X, ViewportCommand::RequestCut),
        (Modifiers::CTRL, Key::V, ViewportCommand::RequestPaste),
        (Modifiers::SHIFT, Key::Insert, ViewportCommand::RequestPaste),
    ] {
        if ui.input_mut(|input| input.consume_key(modifiers, key)) {
            ui.ctx().send_viewport_cmd(command);
        }
    }
}
