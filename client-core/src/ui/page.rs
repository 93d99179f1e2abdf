//! A screen's sheet: content in the middle of the window that scrolls when it
//! is higher, and below it what the person decides with, always in reach.

use super::{palette, theme};
use egui::{Frame, Id, Margin, Rect, Stroke, Ui, UiBuilder};

/// Windows lower than this have no room for air.
const AIRY_HEIGHT: f32 = 540.0;
/// The most of a window's height that may stay put while the rest scrolls.
const MOST_OF_WINDOW: f32 = 0.7;
/// Above and below what stays put.
const FOOT_MARGIN: f32 = 14.0;

/// Content in the middle of the window, at most `width` wide, scrolling when
/// it is higher than the window.
pub fn page<R>(ui: &mut Ui, width: f32, add: impl FnOnce(&mut Ui) -> R) -> R {
    let air = vertical_margin(ui);
    egui::ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            ui.add_space(air);
            let inside = column(ui, width, add);
            ui.add_space(air);
            inside
        })
        .inner
}

/// Heights as they were last measured, in points.
#[derive(Clone, Copy, Default)]
struct Measured {
    content: f32,
    foot: f32,
}

/// A page with what the person decides with below it. Where all has room, the
/// foot follows the content. Where it has not, the foot stays at the window's
/// lower edge while the content scrolls, so that no decision is below the fold;
/// only in a window too low for both it scrolls too. `name` tells screens
/// apart; `state` is what both parts change.
pub fn page_with_foot<S: ?Sized>(
    ui: &mut Ui,
    name: &str,
    width: f32,
    state: &mut S,
    content: impl FnOnce(&mut Ui, &mut S),
    foot: impl FnOnce(&mut Ui, &mut S),
) {
    let id = Id::unique(("page", name));
    let whole = ui.available_rect_before_wrap();
    let before = ui.data(|data| data.get_temp::<Measured>(id)).unwrap_or_default();
    let pinned = is_pinned(before, whole, ui);
    let mut now = before;
    if pinned {
        // The foot comes after the content for the keyboard too, so the content
        // is laid out first, in what the foot left free the last time.
        let (above, below) = whole.split_top_bottom_at_y(whole.bottom() - before.foot - 2.0 * FOOT_MARGIN);
        ui.scope_builder(UiBuilder::new().max_rect(above), |ui| {
            ui.shrink_clip_rect(above);
            now.content = page(ui, width, |ui| height(ui, |ui| content(ui, state)));
        });
        let colours = palette(ui);
        ui.painter().rect_filled(below, 0.0, colours.surface);
        ui.painter().hline(below.x_range(), below.top(), Stroke::new(1.0, colours.line));
        ui.scope_builder(UiBuilder::new().max_rect(below), |ui| {
            let margin = Margin { top: FOOT_MARGIN as i8, bottom: FOOT_MARGIN as i8, ..Margin::ZERO };
            Frame::new().inner_margin(margin).show(ui, |ui| {
                now.foot = column(ui, width, |ui| height(ui, |ui| foot(ui, state)));
            });
        });
    } else {
        page(ui, width, |ui| {
            now.content = height(ui, |ui| content(ui, state));
            ui.add_space(theme::GROUP_GAP);
            now.foot = height(ui, |ui| foot(ui, state));
        });
    }
    ui.data_mut(|data| data.insert_temp(id, now));
    if is_pinned(now, whole, ui) != pinned || (pinned && (now.foot - before.foot).abs() > 0.5) {
        ui.ctx().request_discard("the foot of the page stands elsewhere");
    }
}

fn is_pinned(measured: Measured, whole: Rect, ui: &Ui) -> bool {
    let air = 2.0 * vertical_margin(ui) + theme::GROUP_GAP + ui.spacing().item_spacing.y;
    measured.content + measured.foot + air > whole.height()
        && measured.foot + 2.0 * FOOT_MARGIN <= whole.height() * MOST_OF_WINDOW
}

/// Space above a short page's heading, where there is room for it.
pub fn air(ui: &mut Ui, space: f32) {
    if is_airy(ui) {
        ui.add_space(space);
    }
}

fn is_airy(ui: &Ui) -> bool {
    ui.ctx().content_rect().height() >= AIRY_HEIGHT
}

fn vertical_margin(ui: &Ui) -> f32 {
    if is_airy(ui) { side_margin(ui.available_width()) } else { 12.0 }
}

fn side_margin(room: f32) -> f32 {
    if room < 400.0 { 12.0 } else { 28.0 }
}

/// What stands in the middle.
fn column<R>(ui: &mut Ui, width: f32, add: impl FnOnce(&mut Ui) -> R) -> R {
    let room = ui.available_width();
    let inner = (room - 2.0 * side_margin(room)).min(width).max(120.0);
    let side = ((room - inner) / 2.0).max(0.0);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        ui.add_space(side);
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.x = theme::GAP;
            ui.set_width(inner);
            add(ui)
        })
        .inner
    })
    .inner
}

fn height(ui: &mut Ui, add: impl FnOnce(&mut Ui)) -> f32 {
    ui.vertical(add).response.rect.height()
}
