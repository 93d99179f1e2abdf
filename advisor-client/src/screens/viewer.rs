//! The viewer: a slim bar whose state is always seen, the picture, a line of
//! facts. In full screen the bar shrinks to a handle at the upper edge.
//!
//! Shortcuts while only looking: F11 full screen, Ctrl+0 100 %, Ctrl+1 fit,
//! Ctrl+2 200 %. While controlling, the keyboard belongs to the customer's
//! windows; the same work with Ctrl+Alt (Enter in place of F11), and
//! Ctrl+Alt+Home puts the focus on the bar.

pub mod desk;
pub mod input;
mod labels;
mod pane;
mod toolbar;
mod tools;
mod turn;

pub use mitblick_client_core::advisor::layout::Zoom;

use super::appointments::when;
use desk::Desk;
use egui::{CentralPanel, Context, Frame, Id, Key, Margin, Modifiers, Panel, RichText, Ui, Vec2, ViewportCommand};
use mitblick_client_core::{
    advisor::{AdvisorIntent, PictureStore, ViewerView},
    customer::ControlView,
    language::Texts,
    problem::Problem,
    ui::{
        Icon,
        applications::Chooser,
        format::{self, SteadyEnd},
        icons, palette,
        panels::{self, LineSide},
        textures::Textures,
        together::{self, TogetherLocal},
        widgets, wording,
    },
};
use mitblick_protocol::{
    geometry::Rect,
    peer_msg::{RecordingState, SharingState},
    session::WatcherTurn,
};
use std::sync::Arc;

/// Room for the handle of full screen above a line of buttons, in points.
const BELOW_HANDLE: i8 = 42;

/// What belongs to the viewer alone.
pub struct ViewerLocal {
    /// How large the picture is.
    pub zoom: Zoom,
    /// Whether it fills the screen.
    pub full_screen: bool,
    begin: (Zoom, bool),
    /// Whether what is seldom needed is shown.
    rare: bool,
    details: bool,
    together: TogetherLocal,
    tools: tools::Tools,
    bar_open: bool,
    /// Of the handle that it opens from, in points.
    handle_height: f32,
    /// Open although the pointer is elsewhere: it was reached by keyboard.
    bar_pinned: bool,
    end: SteadyEnd,
    controlled: bool,
    canvas: Option<Rect>,
    scrolled: Vec2,
    scroll_to: Option<Vec2>,
    pane: Option<Id>,
    focus_pane: bool,
    /// Shared with who takes input before the window paints.
    pub(super) desk: Arc<Desk>,
    textures: Textures,
    /// What is shown to the customer.
    chooser: Chooser,
    labels: labels::LabelCache,
    /// The picture that was laid out.
    store: Option<Arc<PictureStore>>,
    /// Full screen as last asked of the window.
    asked_full_screen: bool,
}

impl ViewerLocal {
    /// With what every session begins with.
    pub fn new(zoom: Zoom, full_screen: bool) -> Self {
        Self {
            zoom,
            full_screen,
            begin: (zoom, full_screen),
            rare: false,
            details: false,
            together: TogetherLocal::default(),
            tools: tools::Tools::default(),
            bar_open: false,
            handle_height: 0.0,
            bar_pinned: false,
            end: SteadyEnd::default(),
            controlled: false,
            canvas: None,
            scrolled: Vec2::ZERO,
            scroll_to: None,
            pane: None,
            focus_pane: false,
            desk: Arc::default(),
            textures: Textures::default(),
            chooser: Chooser::default(),
            labels: labels::LabelCache::default(),
            store: None,
            asked_full_screen: false,
        }
    }

    /// Nothing of the customer's is shown.
    fn rest_picture(&mut self) {
        self.textures.clear();
        self.canvas = None;
        self.desk.close();
    }

    /// Another screen is shown: everything of the session goes.
    pub fn leave(&mut self, ctx: &Context, intents: &mut Vec<AdvisorIntent>) {
        intents.extend(self.desk.close().map(AdvisorIntent::Input));
        if let Some(store) = &self.store {
            store.take_away();
        }
        if self.asked_full_screen {
            ctx.send_viewport_cmd(ViewportCommand::Fullscreen(false));
        }
        ctx.options_mut(|options| options.zoom_with_keyboard = true);
        let desk = Arc::clone(&self.desk);
        *self = Self { desk, ..Self::new(self.begin.0, self.begin.1) };
    }
}

/// The screen.
pub fn viewer_ui(
    ui: &mut Ui,
    texts: Texts,
    view: &ViewerView,
    local: &mut ViewerLocal,
    intents: &mut Vec<AdvisorIntent>,
) {
    let showing = view.sharing == SharingState::Showing;
    let granted = showing && matches!(view.control, ControlView::Granted { .. });
    // With a tool in the hand nothing is input for the customer's windows.
    if !showing || !view.pointing_allowed {
        local.tools.hand.rest();
    }
    let controlling = granted && !local.tools.hand.holds();
    local.desk.point(local.tools.hand.holds());
    if controlling && !local.controlled {
        local.focus_pane = true;
    }
    local.controlled = controlling;
    local.store = Some(Arc::clone(&view.picture));
    // Ctrl+Plus and the like belong to the customer while controlling.
    ui.ctx().options_mut(|options| options.zoom_with_keyboard = !controlling);
    shortcuts(ui, controlling, local, intents);
    if local.full_screen != local.asked_full_screen {
        local.asked_full_screen = local.full_screen;
        ui.ctx().send_viewport_cmd(ViewportCommand::Fullscreen(local.full_screen));
    }

    let colours = palette(ui);
    let bar = Frame::new().fill(colours.surface).inner_margin(Margin::symmetric(10, 6));
    if !local.full_screen {
        Panel::top("viewer bar").frame(bar).show(ui, |ui| {
            toolbar::toolbar_ui(ui, texts, view, local, intents);
            if local.tools.open {
                tools::palette_ui(ui, texts, view, &mut local.tools, intents);
            }
        });
        let line = Frame::new().fill(colours.surface).inner_margin(Margin::symmetric(12, 4));
        Panel::bottom("viewer facts").frame(line).show(ui, |ui| facts_ui(ui, texts, view, controlling));
    }
    if local.details {
        let side = Frame::new().fill(colours.background).inner_margin(Margin::same(14));
        Panel::right("viewer details").frame(side).resizable(false).default_size(300.0).show(ui, |ui| {
            egui::ScrollArea::vertical().show(ui, |ui| {
                panels::security_facts(ui, texts, &view.suite, &view.words);
                if let Some(line) = &view.line {
                    ui.add_space(6.0);
                    panels::line_facts(ui, texts, line, LineSide::Receives);
                }
            });
        });
    }
    if view.recording.state != RecordingState::None {
        let line = Frame::new().fill(colours.surface).inner_margin(Margin::symmetric(12, 4));
        // In full screen the bar opens above the upper edge, and this is always
        // seen.
        let panel =
            if local.full_screen { Panel::bottom("viewer recording below") } else { Panel::top("viewer recording") };
        panel.frame(line).show(ui, |ui| {
            toolbar::recording_ui(ui, texts, &view.recording, intents);
        });
    }
    if turn::has_line(&view.turn) {
        let mut margin = Margin::symmetric(12, 4);
        if local.full_screen {
            margin.top = BELOW_HANDLE;
        }
        let line = Frame::new().fill(colours.surface).inner_margin(margin);
        Panel::top("viewer turn").frame(line).show(ui, |ui| turn::line_ui(ui, texts, &view.turn, intents));
    }
    if together::has_notices(&view.together) {
        let mut margin = Margin::symmetric(12, 6);
        if local.full_screen && !turn::has_line(&view.turn) {
            margin.top = BELOW_HANDLE;
        }
        let line = Frame::new().fill(colours.surface).inner_margin(margin);
        let mut wanted = Vec::new();
        Panel::top("viewer notices").frame(line).show(ui, |ui| {
            together::notices_ui(ui, texts, &texts.t("the-customer"), &view.together, &mut wanted);
        });
        intents.extend(wanted.into_iter().map(AdvisorIntent::Together));
    }
    let mut wanted = Vec::new();
    together::drops(ui, texts, &view.together, &mut local.together, &mut wanted);
    if local.together.open {
        let side = Frame::new().fill(colours.background).inner_margin(Margin::same(12));
        let panel = Panel::right("viewer together").frame(side).default_size(320.0).size_range(240.0..=520.0);
        panel.show(ui, |ui| {
            let there = texts.t("the-customer");
            together::panel_ui(ui, texts, &there, &view.together, &mut local.together, &mut wanted);
        });
    }
    intents.extend(wanted.into_iter().map(AdvisorIntent::Together));
    let turned = matches!(view.turn.state, WatcherTurn::Granted { .. });
    let choosing = view.turn.state == WatcherTurn::Granted { sharing: SharingState::Choosing };
    if !turned {
        local.chooser = Chooser::default();
    }
    CentralPanel::no_frame().frame(Frame::new()).show(ui, |ui| match view.sharing {
        _ if view.cut_s.is_some() => {
            view.picture.take_away();
            let left = format::countdown(view.cut_s.unwrap_or_default().into());
            let lead = texts.t_with("viewer-cut-lead", &[("left", left.into())]);
            message_ui(ui, local, &texts.t("viewer-cut"), &lead, Icon::Refresh);
        }
        SharingState::Choosing if turned => {
            view.picture.take_away();
            local.rest_picture();
            if choosing {
                turn::choose_ui(ui, texts, &view.turn, &mut local.chooser, intents);
            } else {
                turn::shown_ui(ui, texts, &view.turn);
            }
        }
        SharingState::Showing => pane::pane_ui(ui, texts, &view.picture, controlling, local, intents),
        SharingState::Choosing => {
            view.picture.take_away();
            message_ui(ui, local, &texts.t("viewer-choosing"), &texts.t("viewer-choosing-lead"), Icon::Window);
        }
        SharingState::Paused => {
            view.picture.take_away();
            message_ui(ui, local, &texts.t("viewer-paused"), &texts.t("viewer-paused-lead"), Icon::Pause);
        }
    });
    if local.full_screen {
        toolbar::handle_ui(ui, texts, view, local, intents);
    }
}

/// A text in place of the picture, whose textures are let go of.
fn message_ui(ui: &mut Ui, local: &mut ViewerLocal, text: &str, lead: &str, icon: Icon) {
    local.rest_picture();
    let muted = palette(ui).muted;
    let height = ui.available_height();
    egui::ScrollArea::vertical().show(ui, |ui| {
        ui.vertical_centered(|ui| {
            ui.add_space((height / 2.0 - 70.0).max(12.0));
            icons::show(ui, icon, 40.0, muted);
            ui.add_space(8.0);
            let line = widgets::title(ui, text);
            widgets::announce(ui, &line, true);
            widgets::muted(ui, lead);
        });
    });
}

fn facts_ui(ui: &mut Ui, texts: Texts, view: &ViewerView, controlling: bool) {
    let colours = palette(ui);
    ui.horizontal_wrapped(|ui| {
        if let Some(begins_unix_s) = view.awaited {
            let when = when(texts, begins_unix_s);
            icons::show(ui, Icon::Clock, 14.0, colours.warn);
            let text = texts.t_with("viewer-customer-waits", &[("when", when.into())]);
            let line = ui.label(RichText::new(text).small().color(colours.text));
            widgets::announce(ui, &line, false);
            ui.add_space(16.0);
        }
        if let Some(note) = note(texts, view) {
            icons::show(ui, Icon::Info, 14.0, colours.warn);
            note_ui(ui, &note);
            return;
        }
        let minutes = (view.since_s / 60).to_string();
        let bytes = format::bytes(view.received_bytes, texts.language());
        widgets::small(ui, &texts.t_with("viewer-facts", &[("minutes", minutes.into()), ("bytes", bytes.into())]));
        let shortcuts =
            if controlling { texts.t("viewer-shortcuts-control") } else { texts.t("viewer-shortcuts-view") };
        ui.add_space(16.0);
        widgets::small(ui, &shortcuts);
    });
}

/// What has just happened and needs a sentence: as it is read, and as screen
/// readers tell it.
fn note(texts: Texts, view: &ViewerView) -> Option<[String; 2]> {
    let plain = |text: String| Some([text.clone(), text]);
    match (view.refusal, view.control) {
        (Some(refusal), ControlView::Granted { .. }) => plain(wording::refusal(texts, refusal)),
        (_, ControlView::Ended(why)) => plain(wording::control_end(texts, why)),
        _ => rule_note(texts, view),
    }
}

/// What the company's rules say of this session.
fn rule_note(texts: Texts, view: &ViewerView) -> Option<[String; 2]> {
    let forbidden = || wording::problem(texts, &Problem::ControlForbidden);
    match (view.ends_in_s, view.control_forbidden) {
        (Some(left), true) => Some(wording::ends_soon(texts, left).map(|ends| format!("{ends} {}", forbidden()))),
        (Some(left), false) => Some(wording::ends_soon(texts, left)),
        (None, true) => Some([forbidden(), forbidden()]),
        (None, false) => None,
    }
}

fn note_ui(ui: &mut Ui, [text, told]: &[String; 2]) {
    let colour = palette(ui).text;
    let line = ui.label(RichText::new(text).small().color(colour));
    widgets::announce(ui, &line, true);
    widgets::tell_as(ui, &line, (text, told));
}

fn shortcuts(ui: &Ui, controlling: bool, local: &mut ViewerLocal, intents: &mut Vec<AdvisorIntent>) {
    let pressed = |modifiers: Modifiers, key: Key| ui.input_mut(|input| input.consume_key(modifiers, key));
    let both = Modifiers::CTRL | Modifiers::ALT;
    let mut done = false;
    if pressed(both, Key::Enter) || (!controlling && pressed(Modifiers::NONE, Key::F11)) {
        local.full_screen = !local.full_screen;
        done = true;
    }
    for (key, zoom) in [(Key::Num0, Zoom::Times(1)), (Key::Num1, Zoom::Fit), (Key::Num2, Zoom::Times(2))] {
        if pressed(both, key) || (!controlling && pressed(Modifiers::CTRL, key)) {
            local.zoom = zoom;
            done = true;
        }
    }
    if pressed(both, Key::Home) {
        local.bar_open = true;
        local.bar_pinned = true;
        if let Some(pane) = local.pane {
            ui.memory_mut(|memory| memory.surrender_focus(pane));
        }
        done = true;
    }
    // With a tool in the hand Escape puts that away first.
    let idle = !controlling && !local.tools.hand.holds();
    if idle && local.full_screen && pressed(Modifiers::NONE, Key::Escape) {
        local.full_screen = false;
    }
    // The Ctrl and Alt of the shortcut have gone over to the customer.
    if done {
        intents.extend(local.desk.release().map(AdvisorIntent::Input));
    }
}
