//! Pointing without control: the palette, and what mouse and pen do in the
//! picture while one of its tools is in the hand. Then nothing that is done
//! there is input for the customer's windows, also while controlling: a click
//! is one or the other.

use egui::{
    Area, CursorIcon, Event, Frame, Id, Key, Margin, Modifiers, Order, Pos2, Response, Stroke as Line, TextEdit, Ui,
    vec2,
};
use mitblick_client_core::{
    advisor::{AdvisorGuide, AdvisorIntent, PictureStore, ViewerView, guide::rect_between, layout::Placement},
    language::Texts,
    ui::{ActionButton, ButtonKind, Icon, palette, theme, widgets},
};
use mitblick_protocol::{
    ask::AskAnswer,
    geometry::Point,
    marks::{MAX_MARK_POINTS, MarkColour, MarkLife, MarkShape},
    peer_msg::{PointerPlace, SharingState, Surface, SurfaceId},
    session::{AskState, Drawing},
    text::DisplayText,
};

/// Between two looks that the customer gets at a mark being drawn, in seconds.
const DRAW_PAUSE_S: f64 = 0.1;
/// A drag shorter than this draws nothing, in pixels of the customer.
const SHORTEST_PX: i32 = 4;
/// Side of the area that a colour is to differ from, and its steps.
const LOOK_PX: i32 = 60;
const LOOK_STEP_PX: usize = 6;
/// Most signs of a mark and of a request that can be typed; they fit the wire
/// whatever they are.
const MAX_MARK_CHARS: usize = 60;
const MAX_ASK_CHARS: usize = 100;

/// What is in the advisor's hand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tool {
    /// Nothing: the mouse scrolls, or controls.
    #[default]
    None,
    Pointer,
    Arrow,
    Ellipse,
    Line,
    Text,
    Step,
}

impl Tool {
    const ALL: [Self; 7] = [Self::None, Self::Pointer, Self::Arrow, Self::Ellipse, Self::Line, Self::Text, Self::Step];

    fn label(self, texts: Texts, next_step: u8) -> String {
        match self {
            Self::None => texts.t("tool-none"),
            Self::Pointer => texts.t("tool-pointer"),
            Self::Arrow => texts.t("tool-arrow"),
            Self::Ellipse => texts.t("tool-ellipse"),
            Self::Line => texts.t("tool-line"),
            Self::Text => texts.t("tool-text"),
            Self::Step => texts.t_with("tool-step", &[("number", u32::from(next_step).into())]),
        }
    }
}

/// A mark that is being drawn.
struct Stroke {
    surface: SurfaceId,
    points: Vec<Point>,
    colour: MarkColour,
    /// When the customer saw it last; `None` = not yet.
    sent_at: Option<f64>,
}

/// A text that is being typed where it is to stand.
struct Typing {
    surface: SurfaceId,
    at: Point,
    place: Pos2,
    text: String,
    begun: bool,
}

/// What belongs to the palette alone.
pub(super) struct Tools {
    pub(super) open: bool,
    tool: Tool,
    /// `None` = one that differs from the picture.
    colour: Option<MarkColour>,
    life: MarkLife,
    next_step: u8,
    stroke: Option<Stroke>,
    typing: Option<Typing>,
    /// Whether the customer was told a place and not that it is gone.
    points: bool,
    request: String,
}

impl Default for Tools {
    fn default() -> Self {
        Self {
            open: false,
            tool: Tool::None,
            colour: None,
            life: MarkLife::Fades,
            next_step: 1,
            stroke: None,
            typing: None,
            points: false,
            request: String::new(),
        }
    }
}

impl Tools {
    /// Whether the mouse in the picture points.
    pub(super) fn in_hand(&self) -> bool {
        self.tool != Tool::None
    }

    /// Lays the tool down.
    pub(super) fn lay_down(&mut self, intents: &mut Vec<AdvisorIntent>) {
        self.tool = Tool::None;
        (self.stroke, self.typing) = (None, None);
        self.point(None, intents);
    }

    fn point(&mut self, at: Option<PointerPlace>, intents: &mut Vec<AdvisorIntent>) {
        if at.is_some() || self.points {
            intents.push(AdvisorIntent::Guide(AdvisorGuide::Point(at)));
        }
        self.points = at.is_some();
    }

    /// Nothing can be pointed at: all that was begun is dropped, and no tool
    /// stays in the hand.
    pub(super) fn rest(&mut self) {
        (self.stroke, self.typing) = (None, None);
        (self.tool, self.points) = (Tool::None, false);
    }
}

/// The button that opens and closes the palette.
pub(super) fn button_ui(ui: &mut Ui, texts: Texts, tools: &mut Tools, intents: &mut Vec<AdvisorIntent>) {
    let label = texts.t("tools-button");
    let name = texts.t("tools-button-name");
    let button = ActionButton::new(ButtonKind::Secondary, &label).name(&name).small().icon(Icon::Pen);
    if ui.add(button.chosen(tools.open)).clicked() {
        tools.open = !tools.open;
        if tools.open {
            tools.tool = Tool::Pointer;
        } else {
            tools.lay_down(intents);
        }
    }
}

/// The palette, below the bar.
pub(super) fn palette_ui(
    ui: &mut Ui,
    texts: Texts,
    view: &ViewerView,
    tools: &mut Tools,
    intents: &mut Vec<AdvisorIntent>,
) {
    let possible = view.sharing == SharingState::Showing && view.pointing_allowed;
    if !possible {
        tools.rest();
    }
    ui.add_space(4.0);
    ui.horizontal_wrapped(|ui| {
        ui.add_enabled_ui(possible, |ui| {
            ui.horizontal_wrapped(|ui| {
                tools_ui(ui, texts, tools, intents);
                ui.add_space(theme::GAP);
                colours_ui(ui, texts, tools);
                ui.add_space(theme::GAP);
                life_ui(ui, texts, tools);
                let label = texts.t("tools-clear");
                let clear = ActionButton::new(ButtonKind::Secondary, &label).small().icon(Icon::Close);
                if ui.add_enabled(view.marks > 0, clear).clicked() {
                    tools.next_step = 1;
                    intents.push(AdvisorIntent::Guide(AdvisorGuide::ClearMarks));
                }
            });
        });
    });
    if !view.pointing_allowed {
        let line = widgets::small(ui, &texts.t("tools-forbidden"));
        widgets::announce(ui, &line, true);
    } else if tools.in_hand() && possible {
        widgets::small(ui, &texts.t("tools-in-hand"));
    }
    if view.points_out {
        let line = widgets::small(ui, &texts.t("tools-customer-points"));
        widgets::announce(ui, &line, false);
    }
    ask_ui(ui, texts, view, tools, intents);
}

fn tools_ui(ui: &mut Ui, texts: Texts, tools: &mut Tools, intents: &mut Vec<AdvisorIntent>) {
    for tool in Tool::ALL {
        let label = tool.label(texts, tools.next_step);
        let name = texts.t_with("tools-name", &[("tool", (&label).into())]);
        let button = ActionButton::new(ButtonKind::Secondary, &label).name(&name).small();
        if ui.add(button.chosen(tools.tool == tool)).clicked() {
            tools.lay_down(intents);
            tools.tool = tool;
        }
    }
}

fn colours_ui(ui: &mut Ui, texts: Texts, tools: &mut Tools) {
    let colours = std::iter::once(None).chain(MarkColour::ALL.map(Some));
    for colour in colours {
        let label = match colour {
            None => texts.t("colour-auto"),
            Some(MarkColour::Red) => texts.t("colour-red"),
            Some(MarkColour::Amber) => texts.t("colour-amber"),
            Some(MarkColour::Green) => texts.t("colour-green"),
            Some(MarkColour::Blue) => texts.t("colour-blue"),
            Some(MarkColour::Violet) => texts.t("colour-violet"),
        };
        let name = texts.t_with("colour-name", &[("colour", (&label).into())]);
        let shown = if colour.is_none() { label.as_str() } else { "" };
        let button = ActionButton::new(ButtonKind::Secondary, shown).name(&name).small();
        let button = if colour.is_some() { button.icon(Icon::Stop) } else { button };
        let response = ui.add(button.chosen(tools.colour == colour));
        if let Some(colour) = colour {
            let [_, red, green, blue] = colour.rgb().to_be_bytes();
            let dot = egui::Rect::from_center_size(response.rect.center(), vec2(16.0, 16.0));
            ui.painter().rect_filled(dot, 4.0, egui::Color32::from_rgb(red, green, blue));
        }
        if response.on_hover_text(&label).clicked() {
            tools.colour = colour;
        }
    }
}

fn life_ui(ui: &mut Ui, texts: Texts, tools: &mut Tools) {
    for (life, label) in [(MarkLife::Fades, texts.t("marks-fade")), (MarkLife::Stays, texts.t("marks-stay"))] {
        let button = ActionButton::new(ButtonKind::Secondary, &label).small().chosen(tools.life == life);
        if ui.add(button).clicked() {
            tools.life = life;
        }
    }
}

/// Asking to be shown something, and what became of it.
fn ask_ui(ui: &mut Ui, texts: Texts, view: &ViewerView, tools: &mut Tools, intents: &mut Vec<AdvisorIntent>) {
    ui.horizontal_wrapped(|ui| {
        let label = texts.t("ask-field");
        let field = TextEdit::singleline(&mut tools.request).hint_text(&label).char_limit(MAX_ASK_CHARS);
        let field = ui.add(field.desired_width(300.0));
        field.widget_info(|| {
            let mut info = egui::WidgetInfo::text_edit(true, &tools.request, &tools.request, "");
            info.label = Some(label.clone());
            info
        });
        let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        let send = ActionButton::new(ButtonKind::Secondary, &texts.t("ask-button")).small().clicked_in(ui);
        if (entered || send) && !tools.request.trim().is_empty() {
            intents.push(AdvisorIntent::Guide(AdvisorGuide::Ask(std::mem::take(&mut tools.request))));
        }
        let state = match view.ask {
            AskState::None => None,
            AskState::Open => Some(texts.t("ask-open")),
            AskState::Answered(AskAnswer::Shown) => Some(texts.t("ask-shown")),
            AskState::Answered(AskAnswer::Refused) => Some(texts.t("ask-refused")),
        };
        if let Some(state) = state {
            let line = widgets::small(ui, &state);
            widgets::announce(ui, &line, false);
        }
        let back = view.ask == AskState::Open
            && ActionButton::new(ButtonKind::Quiet, &texts.t("ask-take-back")).small().clicked_in(ui);
        if back {
            intents.push(AdvisorIntent::Guide(AdvisorGuide::TakeBackAsk));
        }
    });
}

/// What the mouse does in the picture.
pub(super) struct Surroundings<'a> {
    /// The picture.
    pub(super) store: &'a PictureStore,
    /// Where it lies.
    pub(super) placement: Placement,
    /// Its windows.
    pub(super) surfaces: &'a [Surface],
}

impl Surroundings<'_> {
    /// The shared window under a place, and the place on it.
    fn hit(&self, ui: &Ui, at: Pos2) -> Option<(SurfaceId, Point)> {
        let ppp = ui.pixels_per_point();
        self.store.hit(f64::from(at.x * ppp), f64::from(at.y * ppp))
    }

    /// A place as one of this window, wherever it is.
    fn on(&self, ui: &Ui, surface: SurfaceId, at: Pos2) -> Option<Point> {
        let ppp = ui.pixels_per_point();
        let desktop = self.placement.to_desktop(f64::from(at.x * ppp), f64::from(at.y * ppp));
        let rect = self.surfaces.iter().find(|known| known.id == surface)?.rect;
        Some(Point { x: desktop.x.saturating_sub(rect.x), y: desktop.y.saturating_sub(rect.y) })
    }

    /// The colour that differs most from what is seen around a place.
    fn differing(&self, surface: SurfaceId, at: Point) -> MarkColour {
        let picture = self.store.lock();
        let Some(pixels) = picture.surfaces.get(&surface) else { return MarkColour::Red };
        let rows = (at.y - LOOK_PX / 2..at.y + LOOK_PX / 2).step_by(LOOK_STEP_PX).filter(|&row| row >= 0);
        let around = rows.flat_map(|row| {
            let columns = pixels.row(row, (at.x - LOOK_PX / 2).max(0));
            columns.iter().take(LOOK_PX as usize).step_by(LOOK_STEP_PX).copied()
        });
        MarkColour::differing_from(around)
    }
}

/// Takes what the mouse does in the picture.
pub(super) fn pane_ui(
    ui: &Ui,
    texts: Texts,
    response: &Response,
    around: &Surroundings<'_>,
    tools: &mut Tools,
    intents: &mut Vec<AdvisorIntent>,
) {
    if ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
        return tools.lay_down(intents);
    }
    let (place, pressed, down, released, now) = ui.input(|input| {
        let pointer = &input.pointer;
        let (pressed, released) = (pointer.primary_pressed(), pointer.primary_released());
        (pointer.latest_pos(), pressed, pointer.primary_down(), released, input.time)
    });
    let here = place.filter(|_| response.contains_pointer());
    if here.is_some() {
        ui.ctx().set_cursor_icon(CursorIcon::Crosshair);
    }
    typing_ui(ui, texts, tools, intents);
    let found = here.and_then(|at| around.hit(ui, at));
    if pressed && let (Some((surface, at)), Some(place)) = (found, here) {
        press(tools, around, (surface, at), place, intents);
    }
    if let (Some(stroke), Some(at)) = (&mut tools.stroke, place) {
        if let Some(point) = around.on(ui, stroke.surface, at).filter(|_| down || released) {
            extend(stroke, point, tools.tool);
        }
        let due = stroke.sent_at.is_none_or(|sent| now - sent >= DRAW_PAUSE_S);
        if (due || released)
            && let Some(shape) = shape(tools.tool, &stroke.points)
        {
            let Stroke { surface, colour, .. } = *stroke;
            let drawing = Drawing { surface, shape, colour, life: tools.life };
            let again = stroke.sent_at.replace(now).is_some();
            intents.push(AdvisorIntent::Guide(AdvisorGuide::Draw { drawing, again }));
        }
        if released {
            tools.stroke = None;
        } else {
            ui.ctx().request_repaint_after_secs(DRAW_PAUSE_S as f32);
        }
    }
    let moved = ui.input(|input| input.events.iter().any(|event| matches!(event, Event::PointerMoved(_))));
    if tools.tool == Tool::Pointer && (moved || found.is_none()) {
        tools.point(found.map(|(surface, at)| PointerPlace { surface, at }), intents);
    }
}

/// The main button goes down on a shared window.
fn press(
    tools: &mut Tools,
    around: &Surroundings<'_>,
    (surface, at): (SurfaceId, Point),
    place: Pos2,
    intents: &mut Vec<AdvisorIntent>,
) {
    let colour = tools.colour.unwrap_or_else(|| around.differing(surface, at));
    match tools.tool {
        Tool::None | Tool::Pointer => {}
        Tool::Arrow | Tool::Ellipse | Tool::Line => {
            tools.stroke = Some(Stroke { surface, points: vec![at], colour, sent_at: None });
        }
        Tool::Text => tools.typing = Some(Typing { surface, at, place, text: String::new(), begun: false }),
        Tool::Step => {
            let shape = MarkShape::Step { at, number: tools.next_step };
            tools.next_step = tools.next_step.saturating_add(1).min(99);
            let drawing = Drawing { surface, shape, colour, life: tools.life };
            intents.push(AdvisorIntent::Guide(AdvisorGuide::Draw { drawing, again: false }));
        }
    }
}

fn distance(one: Point, other: Point) -> i32 {
    one.x.saturating_sub(other.x).saturating_abs().max(one.y.saturating_sub(other.y).saturating_abs())
}

fn extend(stroke: &mut Stroke, point: Point, tool: Tool) {
    if tool != Tool::Line {
        stroke.points.truncate(1);
        stroke.points.push(point);
    } else if stroke.points.last().is_none_or(|last| distance(*last, point) >= 2) {
        if stroke.points.len() >= MAX_MARK_POINTS {
            // A longer line is drawn with fewer points.
            let mut even = false;
            stroke.points.retain(|_| {
                even = !even;
                even
            });
        }
        stroke.points.push(point);
    }
}

/// The mark, if it is one yet.
fn shape(tool: Tool, points: &[Point]) -> Option<MarkShape> {
    let (first, last) = (*points.first()?, *points.last()?);
    match tool {
        Tool::Line if points.len() > 1 => Some(MarkShape::Line(points.to_vec())),
        Tool::Arrow if distance(first, last) >= SHORTEST_PX => Some(MarkShape::Arrow { from: first, to: last }),
        Tool::Ellipse if distance(first, last) >= SHORTEST_PX => Some(MarkShape::Ellipse(rect_between(first, last))),
        Tool::None | Tool::Pointer | Tool::Arrow | Tool::Ellipse | Tool::Line | Tool::Text | Tool::Step => None,
    }
}

/// The field for a text, where the text will stand.
fn typing_ui(ui: &Ui, texts: Texts, tools: &mut Tools, intents: &mut Vec<AdvisorIntent>) {
    let Some(typing) = &mut tools.typing else { return };
    let label = texts.t("tool-text-field");
    let area = Area::new(Id::unique("mark text")).order(Order::Foreground).fixed_pos(typing.place);
    let entered = area.show(ui.ctx(), |ui| {
        let colours = palette(ui);
        let frame = Frame::new().fill(colours.surface).stroke(Line::new(1.0, colours.outline));
        let inside = frame.inner_margin(Margin::same(6)).show(ui, |ui| {
            let field = TextEdit::singleline(&mut typing.text).hint_text(&label).char_limit(MAX_MARK_CHARS);
            let field = ui.add(field.desired_width(220.0));
            field.widget_info(|| {
                let mut info = egui::WidgetInfo::text_edit(true, &typing.text, &typing.text, "");
                info.label = Some(label.clone());
                info
            });
            if !std::mem::replace(&mut typing.begun, true) {
                field.request_focus();
            }
            field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter))
        });
        inside.inner
    });
    if !entered.inner {
        return;
    }
    if let Some(Typing { surface, at, text, .. }) = tools.typing.take()
        && !text.trim().is_empty()
    {
        let shape = MarkShape::Text { at, text: DisplayText::cleaned(&text) };
        let colour = tools.colour.unwrap_or(MarkColour::Blue);
        let drawing = Drawing { surface, shape, colour, life: tools.life };
        intents.push(AdvisorIntent::Guide(AdvisorGuide::Draw { drawing, again: false }));
    }
}

/// A button that is asked at once whether it was clicked.
trait ClickedIn {
    fn clicked_in(self, ui: &mut Ui) -> bool;
}

impl ClickedIn for ActionButton<'_> {
    fn clicked_in(self, ui: &mut Ui) -> bool {
        ui.add(self).clicked()
    }
}
