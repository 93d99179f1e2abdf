//! The picture itself: the customer's windows on a neutral pattern, and the
//! advisor's mouse and keyboard on them while control is granted.

use super::{ViewerLocal, tools};
use egui::{
    EventFilter, Id, Pos2, Response, Role, ScrollArea, Sense, Ui, WidgetInfo,
    containers::scroll_area::{DragScroll, ScrollSource},
    vec2,
};
use mitblick_client_core::{
    advisor::{AdvisorIntent, Arrangement, PictureStore, layout},
    language::Texts,
    ui::{
        desktop::{look, to_px, veil},
        hand::{self, Surroundings},
        shown::{self, Painted, Shown},
    },
};
use mitblick_protocol::geometry::{Point, Rect, Size};

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
    let painted_here = !store.has_pane();
    shown::paint_pattern(ui, &mut local.textures, pane);
    let ppp = ui.pixels_per_point();
    let room = to_px(pane, ppp);
    let (shown, canvas, scale) = take(ui, store, controlling, local, room.size(), painted_here);
    let content = vec2(canvas.width as f32, canvas.height as f32) * scale / ppp;
    let pointing = local.tools.hand.holds();
    let source = ScrollSource {
        scroll_bar: true,
        // While controlling, mouse and wheel belong to the customer's windows.
        drag: if controlling || pointing { DragScroll::Never } else { DragScroll::Always },
        mouse_wheel: !controlling,
    };
    let mut area = ScrollArea::both().id_salt("picture").auto_shrink([false, false]).scroll_source(source);
    if let Some(offset) = local.scroll_to.take() {
        area = area.scroll_offset(offset);
    }
    let output = area.show(ui, |ui| {
        let sense = if pointing { Sense::click_and_drag() } else { Sense::click() };
        let (rect, response) = ui.allocate_exact_size(ui.available_size().max(content), sense);
        let view = ui.clip_rect();
        let whole_px = |points: f32| (points * ppp).round() as i32;
        let arrangement = Arrangement {
            room: room.size(),
            pane: to_px(view, ppp),
            zoom: local.zoom,
            scrolled_px: Point { x: whole_px(view.left() - rect.left()), y: whole_px(view.top() - rect.top()) },
            canvas,
            controlling,
            look: look(ui),
            labels: local.labels.of(ui, texts, &shown.surfaces, scale, !painted_here),
        };
        let (placement, first_time) = store.arrange(arrangement);
        if first_time {
            intents.push(AdvisorIntent::Painted);
        }
        if painted_here {
            shown::paint(ui, texts, &local.textures, &shown, placement, view);
        }
        if shown.surfaces.is_empty() {
            let text = if shown.frames == 0 { texts.t("viewer-waiting") } else { texts.t("viewer-no-window") };
            veil(ui, view, &text, "");
        }
        name(texts, &response);
        local.pane = Some(response.id);
        if controlling {
            control(ui, &response, store, local, intents);
        } else {
            intents.extend(local.desk.close().map(AdvisorIntent::Input));
        }
        if pointing {
            let around = Surroundings { store, placement, surfaces: &shown.surfaces };
            let mut wanted = Vec::new();
            hand::pane_ui(ui, texts, &response, &around, &mut local.tools.hand, &mut wanted);
            intents.extend(tools::guides(wanted));
        }
    });
    local.scrolled = output.state.clamped_offset();
}

/// Takes what changed out of the store; the lock is held for this long.
fn take(
    ui: &Ui,
    store: &PictureStore,
    controlling: bool,
    local: &mut ViewerLocal,
    room: Size,
    painted_here: bool,
) -> (Shown, Rect, f32) {
    let mut picture = store.lock();
    let picture = &mut *picture;
    let canvas = picture.follow_canvas();
    let scale = layout::scale(local.zoom, canvas.size(), (room.width as f32, room.height as f32));
    if let Some(before) = local.canvas.replace(canvas) {
        // The canvas grows to the left or upwards: keep what is seen in place.
        let grown = vec2((before.x - canvas.x) as f32, (before.y - canvas.y) as f32);
        if grown != egui::Vec2::ZERO {
            let offset = local.scrolled + grown * scale / ui.pixels_per_point();
            local.scroll_to = Some(offset.max(egui::Vec2::ZERO));
        }
    }
    let painted = Painted { here: painted_here, pointer: !controlling };
    let shown = shown::take(ui, picture, &mut local.textures, (canvas, scale), painted);
    (shown, canvas, scale)
}

fn name(texts: Texts, response: &Response) {
    let name = texts.t("viewer-picture");
    response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, &name));
}

/// The advisor's mouse and keyboard become input for the customer's windows.
fn control(
    ui: &Ui,
    response: &Response,
    store: &PictureStore,
    local: &mut ViewerLocal,
    intents: &mut Vec<AdvisorIntent>,
) {
    if response.clicked() || response.is_pointer_button_down_on() || std::mem::take(&mut local.focus_pane) {
        response.request_focus();
    }
    let everything = EventFilter { tab: true, horizontal_arrows: true, vertical_arrows: true, escape: true };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, everything));
    let focused = response.has_focus();
    let popup = egui::Popup::is_any_open(ui.ctx());
    let released = local.desk.open(focused, popup, ui.input(|input| input.pointer.any_down()));
    intents.extend(released.map(AdvisorIntent::Input));
    if local.desk.is_attached() {
        return;
    }
    let (layer, ppp) = (response.layer_id, ui.pixels_per_point());
    let hit = |place: Pos2| {
        let px = (f64::from(place.x * ppp), f64::from(place.y * ppp));
        let ours = ui.clip_rect().contains(place) && ui.ctx().layer_id_at(place).is_none_or(|top| top == layer);
        ours.then(|| store.hit(px.0, px.1)).flatten()
    };
    let events = ui.input(|input| input.events.clone());
    let input = local.desk.map(&events, focused, None, &hit);
    intents.extend(input.into_iter().map(AdvisorIntent::Input));
}

/// Whether the picture has the keyboard's focus.
pub(super) fn has_focus(ui: &Ui, pane: Option<Id>) -> bool {
    pane.is_some_and(|pane| ui.memory(|memory| memory.has_focus(pane)))
}
