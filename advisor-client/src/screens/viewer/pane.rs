//! The picture itself: the customer's windows on a neutral pattern, and the
//! advisor's mouse and keyboard on them while control is granted.

use super::{
    ViewerLocal,
    layout::{self, Placement},
    textures::{Filter, whole_texture},
};
use egui::{
    Color32, EventFilter, Id, Mesh, Pos2, Response, Role, ScrollArea, Sense, Shape, TextStyle, Ui, WidgetInfo,
    containers::scroll_area::{DragScroll, ScrollSource},
    pos2, vec2,
};
use mitblick_client_core::{
    advisor::{AdvisorIntent, PictureStore},
    language::Texts,
    ui::palette,
};
use mitblick_protocol::{
    geometry::Rect,
    peer_msg::{Surface, SurfaceState},
};

/// What of the picture is painted in one pass, copied out of the store.
struct Shown {
    surfaces: Vec<Surface>,
    /// The customer's pointer: where on the desktop its picture begins.
    cursor: Option<(Rect, egui::TextureId)>,
    placement: Placement,
    frames: u64,
}

/// The picture in all the room that is left.
pub(super) fn pane_ui(
    ui: &mut Ui,
    texts: Texts,
    store: &PictureStore,
    controlling: bool,
    local: &mut ViewerLocal,
    intents: &mut Vec<AdvisorIntent>,
) {
    let pane = ui.available_rect_before_wrap();
    paint_pattern(ui, local, pane);
    let shown = take(ui, store, controlling, local, pane);
    let ppp = ui.pixels_per_point();
    let canvas = vec2(shown.placement.canvas.width as f32, shown.placement.canvas.height as f32);
    let content = canvas * shown.placement.scale / ppp;
    let source = ScrollSource {
        scroll_bar: true,
        // While controlling, mouse and wheel belong to the customer's windows.
        drag: if controlling { DragScroll::Never } else { DragScroll::Always },
        mouse_wheel: !controlling,
    };
    let mut area = ScrollArea::both().id_salt("picture").auto_shrink([false, false]).scroll_source(source);
    if let Some(offset) = local.scroll_to.take() {
        area = area.scroll_offset(offset);
    }
    let output = area.show(ui, |ui| {
        let room = ui.available_size().max(content);
        let (rect, response) = ui.allocate_exact_size(room, Sense::click());
        let view = ui.clip_rect();
        let placement = Placement { origin_px: origin(rect, view, content, ppp), ..shown.placement };
        let shown = Shown { placement, ..shown };
        paint(ui, texts, local, &shown, view);
        name(texts, &response);
        local.pane = Some(response.id);
        if controlling {
            control(ui, &response, &shown, view, local, intents);
        } else if local.mapper.holds_something() {
            intents.push(AdvisorIntent::Input(local.mapper.release_all()));
        }
        placement
    });
    local.scrolled = output.state.clamped_offset();
    let placement = output.inner;
    let desktop_px =
        |start: i32, origin: i32| (f64::from(origin) - f64::from(start) * f64::from(placement.scale)) as i32;
    let (left, top) = placement.origin_px;
    store.lock().painted_at =
        Some((desktop_px(placement.canvas.x, left), desktop_px(placement.canvas.y, top), placement.scale));
}

/// Takes what changed out of the store; the lock is held for this long.
fn take(ui: &Ui, store: &PictureStore, controlling: bool, local: &mut ViewerLocal, pane: egui::Rect) -> Shown {
    let ppp = ui.pixels_per_point();
    let mut picture = store.lock();
    let picture = &mut *picture;
    let canvas = layout::next_canvas(local.canvas, &picture.scene.surfaces);
    let scale = layout::scale(local.zoom, canvas.size(), (pane.width() * ppp, pane.height() * ppp));
    if let Some(before) = local.canvas.replace(canvas) {
        // The canvas grows to the left or upwards: keep what is seen in place.
        let grown = vec2((before.x - canvas.x) as f32, (before.y - canvas.y) as f32);
        if grown != egui::Vec2::ZERO {
            local.scroll_to = Some((local.scrolled + grown * scale / ppp).max(egui::Vec2::ZERO));
        }
    }
    let filter = Filter::for_scale(scale);
    for (&id, surface) in &mut picture.surfaces {
        local.textures.update(ui.ctx(), id, surface, filter);
    }
    local.textures.keep_only(|id| picture.surfaces.contains_key(&id));
    let cursor = match (&picture.pointer, &picture.cursor) {
        (Some(at), Some(image)) if !controlling => {
            let surface = picture.scene.surfaces.iter().find(|surface| surface.id == at.surface);
            let texture = local.textures.cursor(ui.ctx(), picture.cursor_changes, image).map(egui::TextureHandle::id);
            surface.zip(texture).map(|(surface, texture)| {
                let place = Rect::new(surface.rect.x, surface.rect.y, image.size.width, image.size.height)
                    .moved(at.at.x.saturating_sub(image.hot_spot.x), at.at.y.saturating_sub(image.hot_spot.y));
                (place, texture)
            })
        }
        _ => None,
    };
    Shown {
        surfaces: picture.scene.surfaces.clone(),
        cursor,
        placement: Placement { canvas, scale, origin_px: (0, 0), pixels_per_point: ppp },
        frames: picture.frames,
    }
}

/// The first physical pixel of the canvas: in the middle of a pane that is
/// larger, else where scrolling has it.
fn origin(content: egui::Rect, view: egui::Rect, canvas: egui::Vec2, ppp: f32) -> (i32, i32) {
    let along = |start: f32, view_start: f32, view_length: f32, length: f32| {
        let free = view_length - length;
        let place = if free > 0.0 { view_start.max(start) + free / 2.0 } else { start };
        (place * ppp).round() as i32
    };
    (
        along(content.left(), view.left(), view.width(), canvas.x),
        along(content.top(), view.top(), view.height(), canvas.y),
    )
}

fn paint_pattern(ui: &Ui, local: &mut ViewerLocal, area: egui::Rect) {
    let colours = palette(ui);
    let pattern =
        local.textures.pattern(ui.ctx(), area, ui.visuals().dark_mode, [colours.pattern, colours.pattern_line]);
    ui.painter().add(Shape::mesh(pattern));
}

fn paint(ui: &Ui, texts: Texts, local: &ViewerLocal, shown: &Shown, view: egui::Rect) {
    let placement = &shown.placement;
    for surface in layout::painting_order(&shown.surfaces) {
        let place = placement.to_points(surface.rect);
        if !place.intersects(view) {
            continue;
        }
        let meshes =
            local.textures.meshes(surface.id, |part| placement.to_points(part.moved(surface.rect.x, surface.rect.y)));
        for mesh in meshes {
            ui.painter().add(Shape::mesh(mesh));
        }
        match surface.state {
            SurfaceState::Shown => {}
            SurfaceState::Minimised => veil(ui, place, &texts.t("viewer-minimised"), surface.title.as_str()),
            SurfaceState::Unavailable => veil(ui, place, &texts.t("viewer-unavailable"), surface.title.as_str()),
        }
    }
    if let Some((place, texture)) = shown.cursor {
        let mut mesh = Mesh::with_texture(texture);
        mesh.add_rect_with_uv(placement.to_points(place), whole_texture(), Color32::WHITE);
        ui.painter().add(Shape::mesh(mesh));
    }
    if shown.surfaces.is_empty() {
        let text = if shown.frames == 0 { texts.t("viewer-waiting") } else { texts.t("viewer-no-window") };
        veil(ui, view, &text, "");
    }
}

/// A calm sheet with a text in place of pixels.
fn veil(ui: &Ui, place: egui::Rect, text: &str, title: &str) {
    let colours = palette(ui);
    let painter = ui.painter_at(place.intersect(ui.clip_rect()));
    painter.rect_filled(place, 0.0, colours.pattern.gamma_multiply(0.92));
    let width = (place.width() - 16.0).max(20.0);
    let upper = painter.layout(text.to_owned(), TextStyle::Body.resolve(ui.style()), colours.text, width);
    let lower = painter.layout(title.to_owned(), TextStyle::Small.resolve(ui.style()), colours.muted, width);
    let middle = place.intersect(ui.clip_rect()).center();
    let place_of = |size: egui::Vec2, top: f32| pos2(middle.x - size.x / 2.0, top);
    let top = middle.y - (upper.size().y + lower.size().y) / 2.0;
    let below = place_of(lower.size(), top + upper.size().y);
    painter.galley(place_of(upper.size(), top), upper, colours.text);
    painter.galley(below, lower, colours.muted);
}

fn name(texts: Texts, response: &Response) {
    let name = texts.t("viewer-picture");
    response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, &name));
}

/// The advisor's mouse and keyboard become input for the customer's windows.
fn control(
    ui: &Ui,
    response: &Response,
    shown: &Shown,
    view: egui::Rect,
    local: &mut ViewerLocal,
    intents: &mut Vec<AdvisorIntent>,
) {
    if response.clicked() || response.is_pointer_button_down_on() || std::mem::take(&mut local.focus_pane) {
        response.request_focus();
    }
    let everything = EventFilter { tab: true, horizontal_arrows: true, vertical_arrows: true, escape: true };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, everything));
    let focused = response.has_focus();
    if !focused && local.mapper.holds_something() && !ui.input(|input| input.pointer.any_down()) {
        intents.push(AdvisorIntent::Input(local.mapper.release_all()));
    }
    let layer = response.layer_id;
    let hit = |place: Pos2| {
        let ours = view.contains(place) && ui.ctx().layer_id_at(place).is_none_or(|top| top == layer);
        ours.then(|| shown.placement.to_desktop(place)).and_then(|at| layout::surface_at(&shown.surfaces, at))
    };
    let events = ui.input(|input| input.events.clone());
    let input = local.mapper.map(&events, focused, &hit);
    intents.extend(input.into_iter().map(AdvisorIntent::Input));
}

/// Whether the picture has the keyboard's focus.
pub(super) fn has_focus(ui: &Ui, pane: Option<Id>) -> bool {
    pane.is_some_and(|pane| ui.memory(|memory| memory.has_focus(pane)))
}
