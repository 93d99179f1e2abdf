//! Cards, notices and labels that both programs are made of.

use super::{Icon, icons, palette, theme};
use egui::{
    Align, Color32, Frame, Layout, Margin, Response, RichText, Role, Sense, Stroke, TextStyle, Ui, WidgetInfo,
    accesskit, pos2, vec2,
};

/// How urgent a notice is. Sign and text say it too, not only the colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// Good to know.
    Info,
    /// Needs a look or an answer.
    Warning,
    /// Something went wrong.
    Error,
}

/// A heading that screen readers know as one.
pub fn heading(ui: &mut Ui, text: &str) -> Response {
    let response = ui.add(egui::Label::new(RichText::new(text).text_style(TextStyle::Heading).strong()).wrap());
    as_heading(ui, &response, text);
    response
}

/// A heading of second rank.
pub fn title(ui: &mut Ui, text: &str) -> Response {
    let response = ui.add(egui::Label::new(RichText::new(text).text_style(theme::title_style()).strong()).wrap());
    as_heading(ui, &response, text);
    response
}

fn as_heading(ui: &Ui, response: &Response, text: &str) {
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_role(accesskit::Role::Heading);
        node.clear_value();
        node.set_label(text);
    });
}

/// Text of first rank.
pub fn body(ui: &mut Ui, text: &str) -> Response {
    ui.add(egui::Label::new(text).wrap())
}

/// Text of second rank.
pub fn muted(ui: &mut Ui, text: &str) -> Response {
    let colour = palette(ui).muted;
    ui.add(egui::Label::new(RichText::new(text).color(colour)).wrap())
}

/// Small text of second rank.
pub fn small(ui: &mut Ui, text: &str) -> Response {
    let colour = palette(ui).muted;
    ui.add(egui::Label::new(RichText::new(text).color(colour).text_style(TextStyle::Small)).wrap())
}

/// What a screen reader calls the window; for every frame.
pub fn name_window(ctx: &egui::Context, title: &str) {
    ctx.accesskit_node_builder(egui::accesskit_root_id(), |node| node.set_label(title));
}

/// Marks what was just painted as something that a screen reader tells when it
/// changes: politely, or at once.
pub fn announce(ui: &Ui, response: &Response, at_once: bool) {
    let live = if at_once { accesskit::Live::Assertive } else { accesskit::Live::Polite };
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_live(live);
        node.set_live_atomic();
    });
}

/// Has screen readers know something by this name in place of a text that counts
/// all the time, which becomes its description: they would never stop.
pub fn tell_as(ui: &Ui, response: &Response, (text, name): (&str, &str)) {
    if text == name {
        return;
    }
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_value(name);
        node.set_description(text);
    });
}

/// A box with a sign and a text, told by screen readers when it appears.
pub fn notice(ui: &mut Ui, mood: Mood, text: &str) -> Response {
    let palette = palette(ui);
    let (fill, ink, icon) = match mood {
        Mood::Info => (palette.info_fill, palette.primary, Icon::Info),
        Mood::Warning => (palette.warn_fill, palette.warn, Icon::Warning),
        Mood::Error => (palette.error_fill, palette.danger, Icon::Warning),
    };
    Frame::new()
        .fill(fill)
        .corner_radius(theme::RADIUS)
        .stroke(Stroke::new(1.0, ink.gamma_multiply(0.5)))
        .inner_margin(Margin::symmetric(12, 10))
        .show(ui, |ui| {
            ui.with_layout(Layout::left_to_right(Align::Min), |ui| {
                icons::show(ui, icon, 18.0, ink);
                let response = ui
                    .vertical(|ui| {
                        ui.set_width(ui.available_width());
                        body(ui, text)
                    })
                    .inner;
                announce(ui, &response, mood == Mood::Error);
                response
            })
            .inner
        })
        .inner
}

/// A white sheet on the background, as wide as there is room.
pub fn card<R>(ui: &mut Ui, add: impl FnOnce(&mut Ui) -> R) -> R {
    let palette = palette(ui);
    Frame::new()
        .fill(palette.surface)
        .corner_radius(theme::CARD_RADIUS)
        .stroke(Stroke::new(1.0, palette.line))
        .inner_margin(theme::card_margin())
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            add(ui)
        })
        .inner
}

/// A filled label with a sign: state that must be seen. Screen readers tell it
/// at once when it changes.
pub fn badge(ui: &mut Ui, icon: Icon, text: &str, fill: Color32, ink: Color32) -> Response {
    named_badge(ui, icon, (text, text), fill, ink)
}

/// A badge of a text that changes all the time: screen readers tell the name
/// when that changes, and have the text as its description.
pub fn named_badge(ui: &mut Ui, icon: Icon, (text, name): (&str, &str), fill: Color32, ink: Color32) -> Response {
    let font = TextStyle::Small.resolve(ui.style());
    let (padding, side, gap) = (vec2(10.0, 6.0), 15.0, 7.0);
    let room = ui.max_rect().width() - 2.0 * padding.x - side - gap;
    let galley = ui.painter().layout(text.to_owned(), font, ink, room.max(48.0));
    let size = galley.size() + vec2(side + gap, 0.0) + 2.0 * padding;
    let (rect, response) = ui.allocate_exact_size(vec2(size.x, size.y.max(32.0)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, name));
    announce(ui, &response, true);
    if text != name {
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_description(text));
    }
    ui.painter().rect_filled(rect, theme::RADIUS, fill);
    let left = rect.left() + padding.x;
    icons::draw(ui.painter(), icon, pos2(left + side / 2.0, rect.center().y), side, ink);
    let at = pos2(left + side + gap, rect.center().y - galley.size().y / 2.0);
    ui.painter().galley(at, galley, ink);
    response
}
