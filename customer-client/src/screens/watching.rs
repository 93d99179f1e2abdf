//! While the advisor shows: the window becomes a viewer. It says all the time
//! whose applications these are and that nothing of this screen is shown, and
//! leads back with one click.

use super::recording::{self, RecordingLocal};
use egui::{
    CentralPanel, Frame, Margin, Panel, RichText, Role, ScrollArea, Sense, Ui, WidgetInfo,
    containers::scroll_area::{DragScroll, ScrollSource},
    vec2,
};
use mitblick_client_core::{
    customer::{CustomerIntent, NotByHand, RecordingView, WatchingView},
    language::Texts,
    pointing::Pointing,
    ui::{
        ActionButton, ButtonKind, Icon,
        desktop::{look, to_px, veil},
        hand::{self, Hand, Surroundings, Tool},
        icons, palette, panels,
        shown::{self, Painted},
        textures::Textures,
        theme, widgets,
    },
    watching::{
        Arrangement, PictureStore,
        compose::Labels,
        layout::{self, Zoom},
    },
};
use mitblick_protocol::{geometry::Point, marks::MarkLife, peer_msg::SharingState};

/// What can be in the hand; nothing is once the palette is closed.
const TOOLS: [Tool; 6] = [Tool::Pointer, Tool::Arrow, Tool::Ellipse, Tool::Line, Tool::Text, Tool::Step];

/// So wide is a bar, in points, that says less so as to stay one row.
const NARROW: f32 = 720.0;
/// Width of the palette, in points.
const PALETTE_WIDTH: f32 = 200.0;

/// What belongs to the viewer alone.
pub struct WatchingLocal {
    zoom: Zoom,
    details: bool,
    recording: RecordingLocal,
    /// Its marks stay until they are taken away: there is one way less to lose
    /// them, and a button for it.
    hand: Hand,
    textures: Textures,
    /// As of the last pass.
    bar_height: f32,
}

impl Default for WatchingLocal {
    fn default() -> Self {
        Self {
            zoom: Zoom::Fit,
            details: false,
            recording: RecordingLocal::default(),
            hand: Hand::new(MarkLife::Stays),
            textures: Textures::default(),
            bar_height: 0.0,
        }
    }
}

impl WatchingLocal {
    /// Another screen is shown: everything of the picture goes.
    pub fn leave(&mut self) {
        *self = Self::default();
    }
}

/// What the screen says beside the picture.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// Whether it was recorded until the advisor began to show.
    pub recording: &'a RecordingView,
    /// Seconds until the session ends by the rules, once that is soon.
    pub ends_in_s: Option<u32>,
    /// A yes did not count, because it was not by the person's hand.
    pub not_by_hand: Option<NotByHand>,
}

/// The screen, but for the panel of what both people can do alike.
pub fn watching_ui(
    ui: &mut Ui,
    texts: Texts,
    view: &WatchingView,
    around: Around<'_>,
    local: &mut WatchingLocal,
    intents: &mut Vec<CustomerIntent>,
) {
    if view.shown != SharingState::Showing || !view.guide.pointing_allowed {
        local.hand.rest();
    }
    let colours = palette(ui);
    let bar = Frame::new().fill(colours.surface).inner_margin(Margin::symmetric(14, 10));
    let mut wanted = Vec::new();
    let bar = Panel::top("watching bar").frame(bar).show(ui, |ui| {
        bar_ui(ui, texts, view, local, intents, &mut wanted);
        guide_ui(ui, texts, view);
        recording::recording_ui(ui, texts, &view.who, around.recording, &mut local.recording, intents);
        if let Some(left) = around.ends_in_s {
            ui.add_space(4.0);
            super::ends_soon_ui(ui, texts, left);
        }
        if let Some(why) = around.not_by_hand {
            ui.add_space(4.0);
            super::not_by_hand_ui(ui, texts, why);
        }
        if local.details {
            ui.add_space(4.0);
            widgets::card(ui, |ui| panels::security_facts(ui, texts, &view.suite, &view.words));
        }
    });
    // A panel is as high as it was before: what is below would be cut off for as
    // long as nothing else is painted.
    let height = bar.response.rect.height();
    if (std::mem::replace(&mut local.bar_height, height) - height).abs() > 0.5 {
        ui.ctx().request_repaint();
    }
    if view.shown == SharingState::Showing && (local.hand.holds() || view.guide.marks > 0) {
        // Beside the picture: with a large text there is no room above it.
        let side = Frame::new().fill(colours.surface).inner_margin(Margin::symmetric(12, 10));
        Panel::left("watching tools").frame(side).resizable(false).show(ui, |ui| {
            ScrollArea::vertical().show(ui, |ui| palette_ui(ui, texts, view, &mut local.hand, &mut wanted));
        });
    }
    intents.extend(wanted.into_iter().map(CustomerIntent::Point));
    let advisor = [("advisor", (&view.who.advisor).into())];
    CentralPanel::no_frame().frame(Frame::new().fill(colours.background)).show(ui, |ui| match view.shown {
        SharingState::Showing => picture_ui(ui, texts, &view.picture.0, local, intents),
        SharingState::Choosing => {
            message_ui(ui, local, &texts.t_with("watching-choosing", &advisor), Icon::Window);
        }
        SharingState::Paused => message_ui(ui, local, &texts.t_with("watching-paused", &advisor), Icon::Pause),
    });
}

fn bar_ui(
    ui: &mut Ui,
    texts: Texts,
    view: &WatchingView,
    local: &mut WatchingLocal,
    intents: &mut Vec<CustomerIntent>,
    wanted: &mut Vec<Pointing>,
) {
    let colours = palette(ui);
    let narrow = ui.available_width() < NARROW;
    ui.horizontal_top(|ui| {
        icons::show(ui, Icon::Eye, 22.0, colours.primary);
        let says = texts.t_with("watching-line", &[("advisor", (&view.who.advisor).into())]);
        let line = ui.add(egui::Label::new(RichText::new(says).text_style(theme::title_style()).strong()).wrap());
        widgets::announce(ui, &line, true);
    });
    ui.add_space(6.0);
    ui.horizontal_wrapped(|ui| {
        let (label, name) = (texts.t("watching-back"), texts.t("watching-back-name"));
        if ui.add(ActionButton::new(ButtonKind::Primary, &label).name(&name).icon(Icon::Leave)).clicked() {
            intents.push(CustomerIntent::TurnBack);
        }
        let label = texts.t("end-session");
        if ui.add(ActionButton::new(ButtonKind::Danger, &label).icon(Icon::Close)).clicked() {
            intents.push(CustomerIntent::End);
        }
        ui.add_space(theme::GAP);
        if view.shown == SharingState::Showing {
            let (label, hand) = (texts.t("watching-point"), &mut local.hand);
            let button = ActionButton::new(ButtonKind::Secondary, &label).small().icon(Icon::Pen);
            if ui.add_enabled(view.guide.pointing_allowed, button.chosen(hand.holds())).clicked() {
                hand.take(if hand.holds() { Tool::None } else { Tool::Pointer }, wanted);
            }
        }
        let size = texts.t("viewer-zoom");
        for (label, zoom) in [(texts.t("viewer-zoom-fit"), Zoom::Fit), (texts.t("viewer-zoom-actual"), Zoom::Times(1))]
        {
            if narrow && local.zoom == zoom {
                continue;
            }
            let name = format!("{size}: {label}");
            let button = ActionButton::new(ButtonKind::Secondary, &label).name(&name).small();
            if ui.add(button.chosen(local.zoom == zoom)).clicked() {
                local.zoom = zoom;
            }
        }
        let (label, name) = (texts.t("bar-security"), texts.t("details"));
        let label = if narrow { String::new() } else { label };
        let details = ActionButton::new(ButtonKind::Secondary, &label).name(&name).small().icon(Icon::Lock);
        if ui.add(details.chosen(local.details)).on_hover_text(&name).clicked() {
            local.details = !local.details;
        }
    });
}

/// What both people have to know of pointing.
fn guide_ui(ui: &mut Ui, texts: Texts, view: &WatchingView) {
    let advisor = [("advisor", (&view.who.advisor).into())];
    if view.shown == SharingState::Showing && !view.guide.pointing_allowed {
        let line = widgets::small(ui, &texts.t_with("watching-no-pointing", &advisor));
        widgets::announce(ui, &line, true);
    }
    if view.guide.points_out {
        let line = widgets::small(ui, &texts.t_with("watching-advisor-points", &advisor));
        widgets::announce(ui, &line, false);
    }
}

/// What can be drawn while there is a tool in the hand, and the way to take it
/// away.
fn palette_ui(ui: &mut Ui, texts: Texts, view: &WatchingView, hand: &mut Hand, wanted: &mut Vec<Pointing>) {
    ui.set_width(PALETTE_WIDTH);
    if hand.holds() {
        ui.horizontal_wrapped(|ui| hand::tools_ui(ui, texts, &TOOLS, hand, wanted));
        ui.add_space(theme::GAP);
    }
    let label = texts.t("watching-clear");
    let clear = ActionButton::new(ButtonKind::Secondary, &label).small().icon(Icon::Erase);
    if ui.add_enabled(view.guide.marks > 0, clear).clicked() {
        hand.clear(wanted);
    }
    if hand.holds() {
        ui.add_space(theme::GAP);
        widgets::small(ui, &texts.t_with("watching-in-hand", &[("advisor", (&view.who.advisor).into())]));
        ui.add_space(theme::GAP);
        widgets::small(ui, &texts.t("pointing-keys"));
    }
}

/// A text in place of the picture, whose textures are let go of.
fn message_ui(ui: &mut Ui, local: &mut WatchingLocal, text: &str, icon: Icon) {
    local.textures.clear();
    let muted = palette(ui).muted;
    let height = ui.available_height();
    ScrollArea::vertical().show(ui, |ui| {
        ui.vertical_centered(|ui| {
            ui.add_space((height / 2.0 - 60.0).max(12.0));
            icons::show(ui, icon, 40.0, muted);
            ui.add_space(8.0);
            let line = widgets::title(ui, text);
            widgets::announce(ui, &line, true);
        });
    });
}

fn picture_ui(
    ui: &mut Ui,
    texts: Texts,
    store: &PictureStore,
    local: &mut WatchingLocal,
    intents: &mut Vec<CustomerIntent>,
) {
    let pane = ui.available_rect_before_wrap();
    shown::paint_pattern(ui, &mut local.textures, pane);
    let ppp = ui.pixels_per_point();
    let room = to_px(pane, ppp).size();
    let pointing = local.hand.holds();
    let (shown, canvas, scale) = {
        let mut picture = store.lock();
        let canvas = picture.follow_canvas();
        let scale = layout::scale(local.zoom, canvas.size(), (room.width as f32, room.height as f32));
        let painted = Painted { here: true, pointer: true };
        (shown::take(ui, &mut picture, &mut local.textures, (canvas, scale), painted), canvas, scale)
    };
    let content = vec2(canvas.width as f32, canvas.height as f32) * scale / ppp;
    let drag = if pointing { DragScroll::Never } else { DragScroll::default() };
    let source = ScrollSource { drag, ..ScrollSource::default() };
    let area = ScrollArea::both().id_salt("advisor's picture").auto_shrink([false, false]).scroll_source(source);
    area.show(ui, |ui| {
        let sense = if pointing { Sense::click_and_drag() } else { Sense::empty() };
        let (rect, response) = ui.allocate_exact_size(ui.available_size().max(content), sense);
        let view = ui.clip_rect();
        let whole_px = |points: f32| (points * ppp).round() as i32;
        let (placement, first_time) = store.arrange(Arrangement {
            room,
            pane: to_px(view, ppp),
            zoom: local.zoom,
            scrolled_px: Point { x: whole_px(view.left() - rect.left()), y: whole_px(view.top() - rect.top()) },
            canvas,
            controlling: false,
            look: look(ui),
            labels: Labels::new(),
        });
        if first_time {
            intents.push(CustomerIntent::Painted);
        }
        shown::paint(ui, texts, &local.textures, &shown, placement, view);
        if shown.surfaces.is_empty() {
            let text = if shown.frames == 0 { texts.t("viewer-waiting") } else { texts.t("watching-no-window") };
            veil(ui, view, &text, "");
        }
        let name = texts.t("watching-picture");
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &name));
        if pointing {
            let around = Surroundings { store, placement, surfaces: &shown.surfaces };
            let mut wanted = Vec::new();
            hand::pane_ui(ui, texts, &response, &around, &mut local.hand, &mut wanted);
            intents.extend(wanted.into_iter().map(CustomerIntent::Point));
        }
    });
}
