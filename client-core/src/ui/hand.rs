//! Pointing without control: the tool in the hand of who looks, and what mouse
//! and pen do in the picture with it; `keys` does the same by keyboard. The
//! palettes are each program's own.

mod keys;

use super::{ActionButton, ButtonKind, palette};
use crate::{
    language::Texts,
    pointing::{Pointing, rect_between},
    watching::{PictureStore, layout::Placement},
};
use egui::{
    Area, CursorIcon, Event, Frame, Id, Key, Margin, Modifiers, Order, PointerButton, Pos2, Response, Stroke as Line,
    TextEdit, Ui,
};
use mitblick_protocol::{
    geometry::Point,
    marks::{MAX_MARK_POINTS, MarkColour, MarkLife, MarkShape},
    peer_msg::{PointerPlace, Surface, SurfaceId, SurfaceState},
    session::Drawing,
    text::DisplayText,
};

/// Between two looks that the other side gets at a mark being drawn, in seconds.
const DRAW_PAUSE_S: f64 = 0.1;
/// Beside every window: what is drawn here is not seen.
const BESIDE: Point = Point { x: -1_000, y: -1_000 };
/// A drag shorter than this draws nothing, in pixels of the other side.
const SHORTEST_PX: i32 = 4;
/// Side of the area that a colour is to differ from, and its steps.
const LOOK_PX: i32 = 60;
const LOOK_STEP_PX: usize = 6;
/// Most signs of a mark that can be typed; they fit the wire whatever they are.
const MAX_MARK_CHARS: usize = 60;

/// What is in the hand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tool {
    /// Nothing: the mouse scrolls, or controls.
    #[default]
    None,
    /// The other side sees where the mouse is.
    Pointer,
    /// An arrow.
    Arrow,
    /// An ellipse.
    Ellipse,
    /// A free line.
    Line,
    /// A text.
    Text,
    /// A number, one more each time.
    Step,
}

impl Tool {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::None, Self::Pointer, Self::Arrow, Self::Ellipse, Self::Line, Self::Text, Self::Step];

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
    /// When the other side saw it last; `None` = not yet.
    sent_at: Option<f64>,
    by_keys: bool,
    /// It has moved by keys since then.
    fresh: bool,
}

/// A text that is being typed where it is to stand.
struct Typing {
    surface: SurfaceId,
    at: Point,
    place: Pos2,
    text: String,
    begun: bool,
    by_keys: bool,
    /// No Enter is held down any more that may have opened it.
    takes_enter: bool,
}

/// The hand with its tool.
pub struct Hand {
    tool: Tool,
    /// `None` = one that differs from the picture.
    pub colour: Option<MarkColour>,
    /// How long what is drawn is seen.
    pub life: MarkLife,
    next_step: u8,
    stroke: Option<Stroke>,
    typing: Option<Typing>,
    /// Whether the other side was told a place and not that it is gone.
    points: bool,
    keys: keys::Keys,
}

impl Hand {
    /// An empty one, whose marks are seen for so long.
    pub fn new(life: MarkLife) -> Self {
        let keys = keys::Keys::default();
        Self { tool: Tool::None, colour: None, life, next_step: 1, stroke: None, typing: None, points: false, keys }
    }

    /// The tool.
    pub const fn tool(&self) -> Tool {
        self.tool
    }

    /// Whether there is one, so that the mouse in the picture points.
    pub fn holds(&self) -> bool {
        self.tool != Tool::None
    }

    /// Takes this tool.
    pub fn take(&mut self, tool: Tool, wanted: &mut Vec<Pointing>) {
        self.lay_down(wanted);
        self.tool = tool;
    }

    /// Lays the tool down.
    pub fn lay_down(&mut self, wanted: &mut Vec<Pointing>) {
        self.give_up(wanted);
        self.tool = Tool::None;
        self.keys.rest();
        self.point(None, wanted);
    }

    /// Gives up what was begun, if something was.
    fn give_up(&mut self, wanted: &mut Vec<Pointing>) {
        self.typing = None;
        if let Some(Stroke { surface, colour, sent_at: Some(_), .. }) = self.stroke.take() {
            // No word takes a single mark away: it goes to where nothing is
            // seen of it, and fades there.
            let shape = MarkShape::Line(vec![BESIDE]);
            let drawing = Drawing { surface, shape, colour, life: MarkLife::Fades };
            wanted.push(Pointing::Draw { drawing, again: true });
        }
    }

    /// One step back: what was begun is given up, or else the tool laid down.
    fn step_back(&mut self, texts: Texts, wanted: &mut Vec<Pointing>) {
        let typed = self.typing.as_ref().map(|typing| typing.by_keys);
        let drawn = self.stroke.as_ref().map(|stroke| stroke.by_keys);
        if typed.is_none() && drawn.is_none() {
            return self.lay_down(wanted);
        }
        self.give_up(wanted);
        self.say_given_up(texts, typed, drawn);
    }

    /// What was begun on a window that is not shown any more is given up.
    fn keep_on(&mut self, texts: Texts, surfaces: &[Surface]) {
        let gone = |id| !surfaces.iter().any(|known| known.id == id && known.state == SurfaceState::Shown);
        let typed = self.typing.take_if(|typing| gone(typing.surface)).map(|typing| typing.by_keys);
        let drawn = self.stroke.take_if(|stroke| gone(stroke.surface)).map(|stroke| stroke.by_keys);
        if typed.is_some() || drawn.is_some() {
            self.keys.say_first();
            self.say_given_up(texts, typed, drawn);
        }
    }

    /// Tells who works by keyboard that a text or a drawing was given up.
    fn say_given_up(&mut self, texts: Texts, typed: Option<bool>, drawn: Option<bool>) {
        if typed == Some(true) || drawn == Some(true) {
            self.keys.wants_focus |= typed == Some(true);
            let tool = self.tool.label(texts, self.next_step);
            self.keys.said = Some(texts.t_with("pointing-given-up", &[("tool", tool.into())]));
        }
    }

    /// Has the other side see what is being drawn, if it is time to or this is
    /// the last look.
    fn tell(&mut self, now: f64, last: bool, wanted: &mut Vec<Pointing>) {
        let Some(stroke) = &mut self.stroke else { return };
        // What rests under the keys fades like any other mark, and is seen anew
        // when it goes on: nobody may be there.
        let news = stroke.fresh || !stroke.by_keys;
        let due = news && stroke.sent_at.is_none_or(|sent| now - sent >= DRAW_PAUSE_S);
        if (due || last)
            && let Some(shape) = shape(self.tool, &stroke.points)
        {
            let Stroke { surface, colour, .. } = *stroke;
            let drawing = Drawing { surface, shape, colour, life: self.life };
            let again = stroke.sent_at.replace(now).is_some();
            stroke.fresh = false;
            wanted.push(Pointing::Draw { drawing, again });
        }
    }

    /// Takes all marks away; steps count anew.
    pub fn clear(&mut self, wanted: &mut Vec<Pointing>) {
        self.next_step = 1;
        self.stroke = None;
        wanted.push(Pointing::Clear);
    }

    fn point(&mut self, at: Option<PointerPlace>, wanted: &mut Vec<Pointing>) {
        if at.is_some() || self.points {
            wanted.push(Pointing::At(at));
        }
        self.points = at.is_some();
    }

    /// Nothing can be pointed at: all that was begun is dropped, and no tool
    /// stays in the hand.
    pub fn rest(&mut self) {
        (self.stroke, self.typing) = (None, None);
        (self.tool, self.points) = (Tool::None, false);
        self.keys = keys::Keys::default();
    }
}

/// Buttons that take these tools into the hand.
pub fn tools_ui(ui: &mut Ui, texts: Texts, tools: &[Tool], hand: &mut Hand, wanted: &mut Vec<Pointing>) {
    for &tool in tools {
        let label = tool.label(texts, hand.next_step);
        let name = texts.t_with("tools-name", &[("tool", (&label).into())]);
        let button = ActionButton::new(ButtonKind::Secondary, &label).name(&name).small();
        let response = ui.add(button.chosen(hand.tool == tool));
        if response.clicked() {
            hand.take(tool, wanted);
            // Who has no mouse goes on in the picture.
            hand.keys.wants_focus = tool != Tool::None && !response.clicked_by(PointerButton::Primary);
        }
    }
}

/// What mouse and keys point at.
pub struct Surroundings<'a> {
    /// The picture.
    pub store: &'a PictureStore,
    /// Where it lies.
    pub placement: Placement,
    /// Its windows.
    pub surfaces: &'a [Surface],
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
        self.place_on(surface, self.placement.to_desktop(f64::from(at.x * ppp), f64::from(at.y * ppp)))
    }

    /// A place on the desktop as one of this window, wherever it is.
    fn place_on(&self, surface: SurfaceId, desktop: Point) -> Option<Point> {
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

/// Takes what mouse and keyboard do in the picture.
pub fn pane_ui(
    ui: &Ui,
    texts: Texts,
    response: &Response,
    around: &Surroundings<'_>,
    hand: &mut Hand,
    wanted: &mut Vec<Pointing>,
) {
    if ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
        hand.step_back(texts, wanted);
        if !hand.holds() {
            return;
        }
    }
    hand.keep_on(texts, around.surfaces);
    let by_keys = hand.keys.shown;
    keys::keys_ui(ui, texts, response, around, hand, wanted);
    let (place, pressed, down, released, now) = ui.input(|input| {
        let pointer = &input.pointer;
        let (pressed, released) = (pointer.primary_pressed(), pointer.primary_released());
        (pointer.latest_pos(), pressed, pointer.primary_down(), released, input.time)
    });
    let here = place.filter(|_| response.contains_pointer());
    if here.is_some() {
        ui.ctx().set_cursor_icon(CursorIcon::Crosshair);
    }
    typing_ui(ui, texts, hand, wanted);
    let found = here.and_then(|at| around.hit(ui, at));
    if pressed && let (Some((surface, at)), Some(place)) = (found, here) {
        hand.give_up(wanted);
        press(hand, around, (surface, at), (place, false), wanted);
    }
    if let (Some(stroke), Some(at)) = (hand.stroke.as_mut().filter(|stroke| !stroke.by_keys), place) {
        if let Some(point) = around.on(ui, stroke.surface, at).filter(|_| down || released) {
            extend(stroke, point, hand.tool);
        }
        hand.tell(now, released, wanted);
        if released {
            hand.stroke = None;
        } else {
            ui.ctx().request_repaint_after_secs(DRAW_PAUSE_S as f32);
        }
    }
    if let Some(Stroke { by_keys: true, .. }) = hand.stroke {
        hand.tell(now, false, wanted);
        if hand.stroke.as_ref().is_some_and(|stroke| stroke.fresh) {
            ui.ctx().request_repaint_after_secs(DRAW_PAUSE_S as f32);
        }
    }
    let moved = ui.input(|input| input.events.iter().any(|event| matches!(event, Event::PointerMoved(_))));
    let mouse = moved || found.is_none();
    // The crosshair has gone and the mouse lies still: nothing is pointed at.
    let gone = by_keys && !mouse;
    if hand.tool == Tool::Pointer && !hand.keys.shown && (mouse || gone) {
        hand.point(found.filter(|_| !gone).map(|(surface, at)| PointerPlace { surface, at }), wanted);
    }
    keys::crosshair_ui(ui, texts, response, around, hand);
}

/// The main button goes down on a shared window, or what stands for it by keys.
fn press(
    hand: &mut Hand,
    around: &Surroundings<'_>,
    (surface, at): (SurfaceId, Point),
    (place, by_keys): (Pos2, bool),
    wanted: &mut Vec<Pointing>,
) {
    let colour = hand.colour.unwrap_or_else(|| around.differing(surface, at));
    match hand.tool {
        Tool::None | Tool::Pointer => {}
        Tool::Arrow | Tool::Ellipse | Tool::Line => {
            hand.stroke = Some(Stroke { surface, points: vec![at], colour, sent_at: None, by_keys, fresh: true });
        }
        Tool::Text => {
            hand.typing =
                Some(Typing { surface, at, place, text: String::new(), begun: false, by_keys, takes_enter: false })
        }
        Tool::Step => {
            let shape = MarkShape::Step { at, number: hand.next_step };
            hand.next_step = hand.next_step.saturating_add(1).min(99);
            let drawing = Drawing { surface, shape, colour, life: hand.life };
            wanted.push(Pointing::Draw { drawing, again: false });
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
        stroke.points.push(point);
        thin_out(&mut stroke.points);
    }
}

/// A line that is too long is drawn with fewer points.
fn thin_out(points: &mut Vec<Point>) {
    if points.len() <= MAX_MARK_POINTS {
        return;
    }
    let (mut left, mut even) = (points.len(), true);
    points.retain(|_| {
        left -= 1;
        even = !even;
        !even || left == 0
    });
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
fn typing_ui(ui: &Ui, texts: Texts, hand: &mut Hand, wanted: &mut Vec<Pointing>) {
    let Some(typing) = &mut hand.typing else { return };
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
            if !typing.begun {
                field.request_focus();
                // Where the button goes up is elsewhere, which would take the
                // keyboard away again.
                typing.begun = ui.input(|input| !input.pointer.any_down() && !input.pointer.any_released());
            }
            typing.takes_enter |= ui.input(|input| !input.key_down(Key::Enter));
            if field.lost_focus() && !typing.takes_enter {
                // Held down, it is still the Enter that opened the field.
                field.request_focus();
            }
            field.lost_focus() && typing.takes_enter && ui.input(|input| input.key_pressed(Key::Enter))
        });
        inside.inner
    });
    if !entered.inner {
        return;
    }
    let typed = hand.typing.take();
    if typed.as_ref().is_some_and(|typing| typing.by_keys) {
        hand.keys.wants_focus = true;
        ui.ctx().request_repaint();
    }
    if let Some(Typing { surface, at, text, by_keys, .. }) = typed
        && !text.trim().is_empty()
    {
        let shape = MarkShape::Text { at, text: DisplayText::cleaned(&text) };
        let colour = hand.colour.unwrap_or(MarkColour::Blue);
        let drawing = Drawing { surface, shape, colour, life: hand.life };
        wanted.push(Pointing::Draw { drawing, again: false });
        if by_keys {
            let tool = hand.tool.label(texts, hand.next_step);
            hand.keys.said = Some(texts.t_with("pointing-set", &[("tool", tool.into())]));
        }
    }
}
