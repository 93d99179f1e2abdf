//! While the advisor shows: the window becomes a viewer. It says all the time
//! whose applications these are and that nothing of this screen is shown, and
//! leads back with one click.

use egui::{CentralPanel, Frame, Margin, Mesh, Panel, RichText, Role, ScrollArea, Sense, Shape, Ui, WidgetInfo, vec2};
use mitblick_client_core::{
    customer::{CustomerIntent, WatchingView},
    language::Texts,
    ui::{
        ActionButton, ButtonKind, Icon,
        desktop::{look, state_text, to_points, to_px, veil},
        format, icons, palette, panels,
        textures::{Filter, Textures, whole_texture},
        theme,
        widgets::{self, Mood},
    },
    watching::{
        Arrangement, PictureStore,
        compose::Labels,
        layout::{self, Placement, Zoom},
    },
};
use mitblick_protocol::{
    geometry::{Point, Rect},
    peer_msg::{SharingState, Surface},
};

/// What belongs to the viewer alone.
pub struct WatchingLocal {
    zoom: Zoom,
    details: bool,
    textures: Textures,
}

impl Default for WatchingLocal {
    fn default() -> Self {
        Self { zoom: Zoom::Fit, details: false, textures: Textures::default() }
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
pub struct Around {
    /// Seconds until the session ends by the rules, once that is soon.
    pub ends_in_s: Option<u32>,
}

/// The screen, but for the panel of what both people can do alike.
pub fn watching_ui(
    ui: &mut Ui,
    texts: Texts,
    view: &WatchingView,
    around: Around,
    local: &mut WatchingLocal,
    intents: &mut Vec<CustomerIntent>,
) {
    let colours = palette(ui);
    let bar = Frame::new().fill(colours.surface).inner_margin(Margin::symmetric(14, 10));
    Panel::top("watching bar").frame(bar).show(ui, |ui| {
        bar_ui(ui, texts, view, local, intents);
        if let Some(left) = around.ends_in_s {
            ui.add_space(4.0);
            let left = format::time_left(texts, left.into());
            widgets::notice(ui, Mood::Warning, &texts.t_with("ends-soon", &[("left", left.into())]));
        }
        if local.details {
            ui.add_space(4.0);
            widgets::card(ui, |ui| panels::security_facts(ui, texts, &view.suite, &view.words));
        }
    });
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
) {
    let colours = palette(ui);
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
        let size = texts.t("viewer-zoom");
        for (label, zoom) in [(texts.t("viewer-zoom-fit"), Zoom::Fit), (texts.t("viewer-zoom-actual"), Zoom::Times(1))]
        {
            let name = format!("{size}: {label}");
            let button = ActionButton::new(ButtonKind::Secondary, &label).name(&name).small();
            if ui.add(button.chosen(local.zoom == zoom)).clicked() {
                local.zoom = zoom;
            }
        }
        let (label, name) = (texts.t("bar-security"), texts.t("details"));
        let details = ActionButton::new(ButtonKind::Secondary, &label).name(&name).small().icon(Icon::Lock);
        if ui.add(details.chosen(local.details)).on_hover_text(&name).clicked() {
            local.details = !local.details;
        }
    });
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

/// What of the picture is shown in one pass, copied out of the store.
struct Shown {
    surfaces: Vec<Surface>,
    /// The advisor's pointer: where on the desktop its picture begins.
    cursor: Option<(Rect, egui::TextureId)>,
    canvas: Rect,
    frames: u64,
}

fn picture_ui(
    ui: &mut Ui,
    texts: Texts,
    store: &PictureStore,
    local: &mut WatchingLocal,
    intents: &mut Vec<CustomerIntent>,
) {
    let pane = ui.available_rect_before_wrap();
    let colours = palette(ui);
    let dark = ui.visuals().dark_mode;
    let pattern = local.textures.pattern(ui.ctx(), pane, dark, [colours.pattern, colours.pattern_line]);
    ui.painter().add(Shape::mesh(pattern));
    let ppp = ui.pixels_per_point();
    let room = to_px(pane, ppp).size();
    let canvas = store.lock().follow_canvas();
    let scale = layout::scale(local.zoom, canvas.size(), (room.width as f32, room.height as f32));
    let shown = take(ui, store, local, canvas, scale);
    let content = vec2(canvas.width as f32, canvas.height as f32) * scale / ppp;
    ScrollArea::both().id_salt("advisor's picture").auto_shrink([false, false]).show(ui, |ui| {
        let (rect, response) = ui.allocate_exact_size(ui.available_size().max(content), Sense::empty());
        let view = ui.clip_rect();
        let whole_px = |points: f32| (points * ppp).round() as i32;
        let (placement, first_time) = store.arrange(Arrangement {
            room,
            pane: to_px(view, ppp),
            zoom: local.zoom,
            scrolled_px: Point { x: whole_px(view.left() - rect.left()), y: whole_px(view.top() - rect.top()) },
            canvas: shown.canvas,
            controlling: false,
            look: look(ui),
            labels: Labels::new(),
        });
        if first_time {
            intents.push(CustomerIntent::Painted);
        }
        paint(ui, texts, local, &shown, placement, view);
        if shown.surfaces.is_empty() {
            let text = if shown.frames == 0 { texts.t("viewer-waiting") } else { texts.t("watching-no-window") };
            veil(ui, view, &text, "");
        }
        let name = texts.t("watching-picture");
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &name));
    });
}

/// Takes what changed out of the store; the lock is held for this long.
fn take(ui: &Ui, store: &PictureStore, local: &mut WatchingLocal, canvas: Rect, scale: f32) -> Shown {
    let mut picture = store.lock();
    let picture = &mut *picture;
    let filter = Filter::for_scale(scale);
    for (&id, surface) in &mut picture.surfaces {
        local.textures.update(ui.ctx(), id, surface, filter);
    }
    local.textures.keep_only(|id| picture.surfaces.contains_key(&id));
    let mut cursor = None;
    if let (Some(place), Some(image)) = (picture.cursor_place(), &picture.cursor) {
        let texture = local.textures.cursor(ui.ctx(), picture.cursor_changes, image);
        cursor = texture.map(|texture| (place, texture.id()));
    }
    Shown { surfaces: picture.scene.surfaces.clone(), cursor, canvas, frames: picture.frames }
}

fn paint(ui: &Ui, texts: Texts, local: &WatchingLocal, shown: &Shown, placement: Placement, view: egui::Rect) {
    let ppp = ui.pixels_per_point();
    for surface in layout::painting_order(&shown.surfaces) {
        let place = to_points(placement, surface.rect, ppp);
        if !place.intersects(view) {
            continue;
        }
        let on_desktop = |part: Rect| part.moved(surface.rect.x, surface.rect.y);
        for mesh in local.textures.meshes(surface.id, |part| to_points(placement, on_desktop(part), ppp)) {
            ui.painter().add(Shape::mesh(mesh));
        }
        if let Some(text) = state_text(texts, surface.state) {
            veil(ui, place, &text, surface.title.as_str());
        }
    }
    if let Some((place, texture)) = shown.cursor {
        let mut mesh = Mesh::with_texture(texture);
        mesh.add_rect_with_uv(to_points(placement, place, ppp), whole_texture(), egui::Color32::WHITE);
        ui.painter().add(Shape::mesh(mesh));
    }
}
