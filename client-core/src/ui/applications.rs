//! Applications of a desktop as cards to choose from, for whoever is about to
//! show some.

use super::{Icon, button::focus_ring, icons, palette, pictures::Pictures, theme, widgets};
use crate::{language::Texts, showing::AppItem};
use egui::{Frame, Margin, Rect, RichText, Role, Sense, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, vec2};
use mitblick_protocol::session::ApplicationId;
use std::collections::BTreeSet;

/// Largest preview on the screen, in points.
const PREVIEW: egui::Vec2 = vec2(124.0, 84.0);

/// What is chosen, and the pictures of what can be.
#[derive(Default)]
pub struct Chooser {
    /// Chosen by hand.
    pub chosen: BTreeSet<ApplicationId>,
    pictures: Pictures,
}

impl Chooser {
    /// Forgets pictures that are not shown any more.
    pub fn sweep(&mut self) {
        self.pictures.sweep();
    }

    /// The chosen ones among those that exist, in the order of the list.
    pub fn existing(&self, listed: &[AppItem]) -> Vec<ApplicationId> {
        listed.iter().map(|item| item.id).filter(|id| self.chosen.contains(id)).collect()
    }
}

/// A card to choose an application by, or no longer.
pub fn application_card(ui: &mut Ui, texts: Texts, item: &AppItem, local: &mut Chooser) {
    let chosen = local.chosen.contains(&item.id);
    let colours = palette(ui);
    let builder = UiBuilder::new().id_salt(("application", item.id.0)).sense(Sense::click());
    let card = ui.scope_builder(builder, |ui| {
        let hot = ui.response().hovered();
        let (fill, edge) = match (chosen, hot) {
            (true, _) => (colours.chosen_fill, Stroke::new(2.0, colours.primary)),
            (false, true) => (colours.hover, Stroke::new(1.0, colours.outline)),
            (false, false) => (colours.surface, Stroke::new(1.0, colours.outline)),
        };
        Frame::new().fill(fill).corner_radius(theme::CARD_RADIUS).stroke(edge).inner_margin(Margin::same(12)).show(
            ui,
            |ui| {
                ui.set_width(ui.available_width());
                let wide = ui.available_width() >= 330.0;
                ui.horizontal_top(|ui| {
                    tick_box(ui, chosen);
                    let reserve = if wide { PREVIEW.x + theme::GAP } else { 0.0 };
                    let width = (ui.available_width() - reserve).max(60.0);
                    ui.allocate_ui_with_layout(vec2(width, 0.0), egui::Layout::top_down(egui::Align::Min), |ui| {
                        ui.set_width(width);
                        name_and_titles(ui, texts, item, local);
                        if !wide {
                            ui.add_space(4.0);
                            preview(ui, texts, item, local);
                        }
                    });
                    if wide {
                        preview(ui, texts, item, local);
                    }
                });
            },
        );
    });
    let response = card.response;
    let label = spoken(texts, item);
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, chosen, &label));
    if response.has_focus() {
        focus_ring(ui, &response);
    }
    if response.clicked() {
        if chosen {
            local.chosen.remove(&item.id);
        } else {
            local.chosen.insert(item.id);
        }
    }
    response.on_hover_cursor(egui::CursorIcon::PointingHand);
}

fn spoken(texts: Texts, item: &AppItem) -> String {
    let title = item.titles.first().filter(|title| !title.is_empty());
    match title {
        Some(title) => format!("{}, {title}", item.name),
        None => format!("{}, {}", item.name, texts.t("choose-untitled")),
    }
}

fn tick_box(ui: &mut Ui, chosen: bool) {
    let colours = palette(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(24.0, 24.0), Sense::empty());
    if chosen {
        ui.painter().rect_filled(rect, 6.0, colours.primary);
        icons::draw(ui.painter(), Icon::Check, rect.center(), 16.0, colours.on_primary);
    } else {
        ui.painter().rect(rect, 6.0, colours.surface, Stroke::new(2.0, colours.outline), StrokeKind::Inside);
    }
}

fn name_and_titles(ui: &mut Ui, texts: Texts, item: &AppItem, local: &mut Chooser) {
    ui.horizontal_top(|ui| {
        let texture = item.icon.as_ref().and_then(|icon| local.pictures.texture(ui.ctx(), icon));
        let (rect, _) = ui.allocate_exact_size(vec2(24.0, 24.0), Sense::empty());
        match texture {
            Some(texture) => {
                egui::Image::new(&texture).fit_to_exact_size(rect.size()).paint_at(ui, rect);
            }
            None => icons::draw(ui.painter(), Icon::Window, rect.center(), 20.0, palette(ui).muted),
        }
        ui.add(egui::Label::new(RichText::new(&item.name).strong()).wrap());
    });
    let title = item.titles.first().map(String::as_str).filter(|title| !title.is_empty());
    match title {
        Some(title) => widgets::small(ui, title),
        None => widgets::small(ui, &texts.t("choose-untitled")),
    };
    if item.titles.len() > 1 {
        widgets::small(ui, &texts.t_with("choose-windows", &[("count", (item.titles.len() - 1).into())]));
    }
}

fn preview(ui: &mut Ui, texts: Texts, item: &AppItem, local: &mut Chooser) {
    let colours = palette(ui);
    let size = vec2(PREVIEW.x.min(ui.available_width()), PREVIEW.y);
    let (rect, response) = ui.allocate_exact_size(size, Sense::empty());
    ui.painter().rect_filled(rect, 4.0, colours.pattern);
    match item.preview.as_ref().and_then(|picture| local.pictures.texture(ui.ctx(), picture)) {
        Some(texture) => {
            let scale = (rect.size() / texture.size_vec2()).min_elem().min(1.0);
            let place = Rect::from_center_size(rect.center(), texture.size_vec2() * scale);
            egui::Image::new(&texture).paint_at(ui, place);
            let name = texts.t_with("choose-preview", &[("name", (&item.name).into())]);
            response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &name));
        }
        None => {
            let font = egui::TextStyle::Small.resolve(ui.style());
            let galley = ui.painter().layout(texts.t("choose-no-preview"), font, colours.muted, rect.width() - 8.0);
            ui.painter().galley(rect.center() - galley.size() / 2.0, galley, colours.muted);
        }
    }
    ui.painter().rect_stroke(rect, 4.0, Stroke::new(1.0, colours.line), StrokeKind::Inside);
}
