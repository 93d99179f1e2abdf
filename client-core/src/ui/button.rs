//! The one kind of button: large enough, wraps its text instead of cutting it,
//! shows the keyboard's focus with a ring of its own.

use super::{icons, icons::Icon, palette, theme};
use egui::{Color32, Response, Role, Sense, Stroke, StrokeKind, TextStyle, Ui, Widget, WidgetInfo, vec2};

/// How much a button stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ButtonKind {
    /// The one main action of a screen.
    Primary,
    /// An action beside it.
    Secondary,
    /// Ends or takes back something.
    Danger,
    /// Hardly a button: a line of text that can be pressed.
    Quiet,
}

/// A button with a text and perhaps a sign.
pub struct ActionButton<'a> {
    kind: ButtonKind,
    text: &'a str,
    icon: Option<Icon>,
    name: Option<&'a str>,
    chosen: Option<bool>,
    small: bool,
    full_width: bool,
}

impl<'a> ActionButton<'a> {
    /// A button of this kind.
    pub fn new(kind: ButtonKind, text: &'a str) -> Self {
        Self { kind, text, icon: None, name: None, chosen: None, small: false, full_width: false }
    }

    /// With a sign before the text.
    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// With a longer name for screen readers than the text shown.
    pub fn name(mut self, name: &'a str) -> Self {
        self.name = Some(name);
        self
    }

    /// One of several, of which one is chosen.
    pub fn chosen(mut self, chosen: bool) -> Self {
        self.chosen = Some(chosen);
        self
    }

    /// For bars: lower and with smaller type.
    pub fn small(mut self) -> Self {
        self.small = true;
        self
    }

    /// As wide as there is room.
    pub fn full_width(mut self) -> Self {
        self.full_width = true;
        self
    }
}

impl Widget for ActionButton<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let palette = palette(ui);
        let (style, padding, height) = match (self.small, self.kind) {
            (true, _) => (TextStyle::Small, vec2(10.0, 6.0), 32.0),
            (false, ButtonKind::Quiet) => (TextStyle::Button, vec2(10.0, 6.0), 32.0),
            (false, _) => (TextStyle::Button, vec2(16.0, 9.0), theme::CONTROL_HEIGHT),
        };
        let font = style.resolve(ui.style());
        let icon_side = font.size * 1.05;
        let icon_room = match (self.icon, self.text.is_empty()) {
            (Some(_), true) => icon_side,
            (Some(_), false) => icon_side + 7.0,
            (None, _) => 0.0,
        };
        let room = if ui.is_sizing_pass() { f32::INFINITY } else { ui.available_size_before_wrap().x };
        let one_line = ui.painter().layout_no_wrap(self.text.to_owned(), font.clone(), Color32::PLACEHOLDER);
        let wrapping = ui.layout().main_wrap();
        let limit = if wrapping { ui.max_rect().width() } else { room };
        let text_limit = (limit - 2.0 * padding.x - icon_room).max(48.0);
        let galley = if one_line.size().x <= text_limit {
            one_line
        } else {
            ui.painter().layout(self.text.to_owned(), font, Color32::PLACEHOLDER, text_limit)
        };
        let mut size = galley.size() + vec2(icon_room, 0.0) + 2.0 * padding;
        size.y = size.y.max(height);
        if self.full_width {
            size.x = size.x.max(room.min(2_000.0));
        }
        let (rect, response) = ui.allocate_exact_size(size, Sense::click());
        let enabled = ui.is_enabled();
        response.widget_info(|| {
            let name = self.name.unwrap_or(self.text);
            match self.chosen {
                Some(chosen) => WidgetInfo::selected(Role::Button, enabled, chosen, name),
                None => WidgetInfo::labeled(Role::Button, enabled, name),
            }
        });
        if !ui.is_rect_visible(rect) {
            return response;
        }
        let hot = enabled && (response.hovered() || response.is_pointer_button_down_on());
        let (fill, edge, ink) = match (self.kind, hot) {
            (ButtonKind::Primary, false) => (palette.primary, palette.primary, palette.on_primary),
            (ButtonKind::Primary, true) => (palette.primary_hover, palette.primary_hover, palette.on_primary),
            (ButtonKind::Danger, false) => (palette.danger, palette.danger, palette.on_danger),
            (ButtonKind::Danger, true) => (palette.danger_hover, palette.danger_hover, palette.on_danger),
            (ButtonKind::Secondary, false) => (palette.surface, palette.outline, palette.text),
            (ButtonKind::Secondary, true) => (palette.hover, palette.outline, palette.text),
            (ButtonKind::Quiet, false) => (Color32::TRANSPARENT, Color32::TRANSPARENT, palette.primary),
            (ButtonKind::Quiet, true) => (palette.hover, Color32::TRANSPARENT, palette.primary),
        };
        let (fill, edge, ink) = if self.chosen == Some(true) {
            (palette.chosen_fill, palette.primary, palette.primary)
        } else {
            (fill, edge, ink)
        };
        ui.painter().rect(rect, theme::RADIUS, fill, Stroke::new(1.0, edge), StrokeKind::Inside);
        focus_ring(ui, &response);
        let content = galley.size() + vec2(icon_room, 0.0);
        let mut at = rect.center() - content / 2.0;
        if let Some(icon) = self.icon {
            let centre = egui::pos2(at.x + icon_side / 2.0, rect.center().y);
            icons::draw(ui.painter(), icon, centre, icon_side, ink);
            at.x += icon_room;
        }
        ui.painter().galley(at, galley, ink);
        if enabled { response.on_hover_cursor(egui::CursorIcon::PointingHand) } else { response }
    }
}

/// A ring around what has the keyboard's focus.
pub fn focus_ring(ui: &Ui, response: &Response) {
    if response.has_focus() {
        let palette = palette(ui);
        let rect = response.rect.expand(2.0);
        ui.painter().rect_stroke(rect, theme::RADIUS + 2, Stroke::new(2.0, palette.text), StrokeKind::Outside);
    }
}
