//! Pointing by keyboard alone: a crosshair over the picture, which the arrow
//! keys move, and what Enter does where it is. It is there while the picture
//! has the keyboard's focus and a tool is in the hand. What mouse and pen do
//! is in the module above.

use super::{Hand, Surroundings, Tool, distance, press, shape};
use crate::{
    language::Texts,
    pointing::Pointing,
    ui::{desktop::to_px, widgets},
    watching::layout::{Placement, surface_at},
};
use egui::{
    Area, Color32, Event, EventFilter, Id, Key, Modifiers, Order, Pos2, Rect as Points, Response, Role, Sense, Shape,
    Ui, WidgetInfo, accesskit, pos2, style::ScrollAnimation, vec2,
};
use mitblick_protocol::{
    geometry::{Point, Rect},
    peer_msg::{PointerPlace, Surface, SurfaceId, SurfaceState},
};

/// How far a press moves the crosshair, in pixels of the other side: by itself,
/// with Ctrl and with Shift.
const STEP_PX: i32 = 8;
const FINE_STEP_PX: i32 = 1;
const LONG_STEP_PX: i32 = 40;
/// So much around the crosshair is scrolled into sight, in points.
const AROUND: f32 = 40.0;

/// The crosshair, and what is said of it.
#[derive(Default)]
pub(super) struct Keys {
    /// Where it is on the other side's desktop, once it was anywhere.
    at: Option<Point>,
    /// Whether it is there to be seen, so that it points and not the mouse.
    pub(super) shown: bool,
    /// The mouse was moved in the picture after the last key.
    by_mouse: bool,
    /// Where the mouse was last.
    mouse: Option<Pos2>,
    /// The picture had the focus in the last pass.
    focused: bool,
    /// The picture is to get it.
    pub(super) wants_focus: bool,
    /// What the other side was told last.
    told: Option<PointerPlace>,
    /// The window that was named last, if there was one at that place.
    named: Option<Option<SurfaceId>>,
    /// What screen readers tell.
    pub(super) said: Option<String>,
}

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Command {
    /// The crosshair moves by so much.
    Move(Point),
    /// What is in the hand begins, ends or is set.
    Set,
    /// The key is held down and does nothing more.
    Held,
}

fn command(key: Key, modifiers: Modifiers, repeat: bool) -> Option<Command> {
    if modifiers.alt || (modifiers.shift && modifiers.ctrl) {
        return None;
    }
    let step = match modifiers {
        Modifiers { shift: true, .. } => LONG_STEP_PX,
        Modifiers { ctrl: true, .. } => FINE_STEP_PX,
        Modifiers { .. } => STEP_PX,
    };
    match key {
        Key::ArrowLeft => Some(Command::Move(Point { x: -step, y: 0 })),
        Key::ArrowRight => Some(Command::Move(Point { x: step, y: 0 })),
        Key::ArrowUp => Some(Command::Move(Point { x: 0, y: -step })),
        Key::ArrowDown => Some(Command::Move(Point { x: 0, y: step })),
        Key::Enter | Key::Space if modifiers.is_none() => Some(if repeat { Command::Held } else { Command::Set }),
        _ => None,
    }
}

/// Takes the crosshair's keys out of what was pressed.
fn commands(ui: &Ui, response: &Response) -> Vec<Command> {
    let mut commands = Vec::new();
    ui.input_mut(|input| {
        input.events.retain(|event| {
            let Event::Key { key, pressed: true, repeat, modifiers, .. } = event else { return true };
            let command = command(*key, *modifiers, *repeat);
            commands.extend(command);
            command.is_none()
        });
        // What a screen reader has for a click.
        if input.has_accesskit_action_request(response.id, accesskit::Action::Click) {
            commands.push(Command::Set);
        }
    });
    commands
}

/// The place, kept inside the picture.
fn inside(at: Point, canvas: Rect) -> Point {
    let along = |at: i32, start: i32, length: u32| {
        at.clamp(start, start.saturating_add_unsigned(length.saturating_sub(1)).max(start))
    };
    Point { x: along(at.x, canvas.x, canvas.width), y: along(at.y, canvas.y, canvas.height) }
}

/// Where the crosshair begins: in the middle of what is seen of the topmost
/// window, or else of the picture.
fn beginning(surfaces: &[Surface], visible: Rect) -> Point {
    let shown = surfaces.iter().rev().filter(|surface| surface.state == SurfaceState::Shown);
    let seen = shown.filter_map(|surface| surface.rect.intersection(visible)).next().unwrap_or(visible);
    let middle = |start: i32, length: u32| start.saturating_add_unsigned(length / 2);
    Point { x: middle(seen.x, seen.width), y: middle(seen.y, seen.height) }
}

/// How far a place lies in a window of this length, in percent.
fn percent(at: i32, length: u32) -> u32 {
    let share = i64::from(at) * 100 / i64::from(length.max(1));
    u32::try_from(share.clamp(0, 100)).unwrap_or_default()
}

/// A free line goes on to a point. What goes on straight needs no more points.
fn go_on(points: &mut Vec<Point>, to: Point) {
    if points.last() == Some(&to) {
        return;
    }
    if let [.., before, last] = points.as_mut_slice() {
        let away = |from: Point, to: Point| (i64::from(to.x) - i64::from(from.x), i64::from(to.y) - i64::from(from.y));
        let ((ax, ay), (bx, by)) = (away(*before, *last), away(*last, to));
        if ax * by == ay * bx && ax * bx + ay * by > 0 {
            *last = to;
            return;
        }
    }
    points.push(to);
}

impl Keys {
    /// What is said next comes before where the crosshair is.
    pub(super) fn say_first(&mut self) {
        self.named = None;
    }

    /// No tool is in the hand: the picture's keys are others' now.
    pub(super) fn rest(&mut self) {
        (self.shown, self.focused, self.wants_focus) = (false, false, false);
        (self.named, self.said) = (None, None);
    }
}

/// Takes what the keyboard does in the picture.
pub(super) fn keys_ui(
    ui: &Ui,
    texts: Texts,
    response: &Response,
    around: &Surroundings<'_>,
    hand: &mut Hand,
    wanted: &mut Vec<Pointing>,
) {
    follow_mouse(ui, response, around, hand);
    if std::mem::take(&mut hand.keys.wants_focus) {
        response.request_focus();
    }
    let focused = response.has_focus();
    let had = std::mem::replace(&mut hand.keys.focused, focused);
    if !focused || around.surfaces.is_empty() {
        (hand.keys.shown, hand.keys.named) = (false, None);
        if !focused {
            hand.keys.said = None;
        }
        return;
    }
    // Tab goes on to the next control, as everywhere.
    let arrows = EventFilter { tab: false, horizontal_arrows: true, vertical_arrows: true, escape: true };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
    let commands = if had {
        commands(ui, response)
    } else {
        // A key that brought the focus here is no key of the crosshair's, and
        // the arrows are so only from the next pass on.
        ui.ctx().request_repaint();
        hand.keys.by_mouse = false;
        Vec::new()
    };
    if commands.iter().any(|command| *command != Command::Held) {
        hand.keys.by_mouse = false;
    }
    if hand.keys.by_mouse {
        (hand.keys.shown, hand.keys.named, hand.keys.said) = (false, None, None);
        return;
    }
    let Placement { canvas, .. } = around.placement;
    let visible = around.placement.shown(to_px(ui.clip_rect(), ui.pixels_per_point()));
    let before = hand.keys.at;
    let begin = || beginning(around.surfaces, visible.intersection(canvas).unwrap_or(canvas));
    let mut at = inside(before.unwrap_or_else(begin), canvas);
    let mut said = None;
    for command in commands {
        match command {
            Command::Move(by) => {
                at = inside(Point { x: at.x.saturating_add(by.x), y: at.y.saturating_add(by.y) }, canvas);
                follow(hand, around, at);
            }
            Command::Set => said = set(ui, texts, around, hand, at, wanted),
            Command::Held => {}
        }
    }
    hand.keys.at = Some(at);
    if before != Some(at) || !hand.keys.shown {
        let place =
            Points::from_center_size(in_window(around.placement, at, ui.pixels_per_point()), vec2(AROUND, AROUND));
        ui.scroll_to_rect_animation(place, None, ScrollAnimation::none());
    }
    hand.keys.shown = true;
    let found = surface_at(around.surfaces, at);
    if hand.tool == Tool::Pointer {
        let place = found.map(|(surface, at)| PointerPlace { surface, at });
        if hand.keys.told != place || hand.points != place.is_some() {
            hand.point(place, wanted);
            hand.keys.told = place;
        }
    }
    let window = found.map(|(surface, _)| surface);
    // What came of a text is said once the picture has the keyboard again, and
    // not lost to where that is.
    let named = hand.keys.named.replace(window);
    let pending = named.is_none() && hand.keys.said.is_some();
    if named != Some(window) && !pending && said.is_none() {
        said = Some(place_text(texts, around, at));
    }
    // What is typed now is told by its field.
    if said.is_some() || hand.typing.is_some() {
        hand.keys.said = said;
    }
}

/// Where the mouse is moved in the picture it leads, and the crosshair goes on
/// from there; what was begun by keys stays with them.
fn follow_mouse(ui: &Ui, response: &Response, around: &Surroundings<'_>, hand: &mut Hand) {
    let Some(place) = ui.input(|input| input.pointer.latest_pos()) else { return };
    // The system tells of places without any movement too.
    let moved = hand.keys.mouse.replace(place).is_some_and(|before| before != place)
        || ui.input(|input| input.pointer.any_pressed());
    let busy = hand.stroke.as_ref().is_some_and(|stroke| stroke.by_keys);
    if moved && !busy && response.contains_pointer() {
        let ppp = ui.pixels_per_point();
        let at = around.placement.to_desktop(f64::from(place.x * ppp), f64::from(place.y * ppp));
        (hand.keys.at, hand.keys.by_mouse) = (Some(at), true);
    }
}

/// What was begun by keys goes on to where the crosshair is.
fn follow(hand: &mut Hand, around: &Surroundings<'_>, at: Point) {
    let Some(stroke) = hand.stroke.as_mut().filter(|stroke| stroke.by_keys) else { return };
    let Some(to) = around.place_on(stroke.surface, at) else { return };
    stroke.fresh = true;
    if hand.tool == Tool::Line {
        go_on(&mut stroke.points, to);
        super::thin_out(&mut stroke.points);
    } else {
        stroke.points.truncate(1);
        stroke.points.push(to);
    }
}

/// Enter: ends what was begun by keys, or begins. Gives what is to be said.
fn set(
    ui: &Ui,
    texts: Texts,
    around: &Surroundings<'_>,
    hand: &mut Hand,
    at: Point,
    wanted: &mut Vec<Pointing>,
) -> Option<String> {
    let tool = hand.tool.label(texts, hand.next_step);
    if let Some(stroke) = hand.stroke.as_ref().filter(|stroke| stroke.by_keys) {
        if shape(hand.tool, &stroke.points).is_none() {
            return Some(texts.t("pointing-short"));
        }
        hand.tell(ui.input(|input| input.time), true, wanted);
        hand.stroke = None;
        return Some(texts.t_with("pointing-set", &[("tool", tool.into())]));
    }
    let where_it_is = place_text(texts, around, at);
    let Some(found) = surface_at(around.surfaces, at) else { return Some(where_it_is) };
    let place = in_window(around.placement, at, ui.pixels_per_point());
    match hand.tool {
        Tool::None | Tool::Pointer => Some(where_it_is),
        Tool::Arrow | Tool::Ellipse | Tool::Line => {
            press(hand, around, found, (place, true), wanted);
            Some(texts.t_with("pointing-begun", &[("tool", tool.into()), ("place", where_it_is.into())]))
        }
        Tool::Text => {
            press(hand, around, found, (place, true), wanted);
            None
        }
        Tool::Step => {
            press(hand, around, found, (place, true), wanted);
            Some(texts.t_with("pointing-set", &[("tool", tool.into())]))
        }
    }
}

/// Where the crosshair is, in words.
fn place_text(texts: Texts, around: &Surroundings<'_>, at: Point) -> String {
    let found = surface_at(around.surfaces, at);
    let window = found.and_then(|(id, at)| around.surfaces.iter().find(|known| known.id == id).zip(Some(at)));
    let Some((Surface { rect, title, .. }, at)) = window else { return texts.t("pointing-nowhere") };
    let (across, down) = (percent(at.x, rect.width), percent(at.y, rect.height));
    let place = [("across", across.into()), ("down", down.into())];
    if title.as_str().trim().is_empty() {
        return texts.t_with("pointing-at-untitled", &place);
    }
    let [across, down] = place;
    texts.t_with("pointing-at", &[("title", title.as_str().into()), across, down])
}

/// The middle of a pixel of the other side's desktop, in points of the window.
fn in_window(placement: Placement, at: Point, ppp: f32) -> Pos2 {
    let half = f64::from(placement.scale) / 2.0;
    let [x, y] = placement.to_px(at.x.into(), at.y.into()).map(|edge| (edge + half).floor() as f32 / ppp);
    pos2(x, y)
}

/// Paints the crosshair, and says what there is to say.
pub(super) fn crosshair_ui(ui: &Ui, texts: Texts, response: &Response, around: &Surroundings<'_>, hand: &Hand) {
    let (view, ppp) = (ui.clip_rect(), ui.pixels_per_point());
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_description(texts.t("pointing-keys")));
    if let Some(said) = &hand.keys.said {
        let corner = Points::from_min_size(view.min, vec2(1.0, 1.0));
        let line = ui.interact(corner, response.id.with("said"), Sense::hover());
        line.widget_info(|| WidgetInfo::labeled(Role::Label, true, said));
        widgets::announce(ui, &line, false);
    }
    let Some(at) = hand.keys.at.filter(|_| hand.keys.shown) else { return };
    let middle = in_window(around.placement, at, ppp);
    let begun = hand.stroke.as_ref().filter(|stroke| stroke.by_keys).and_then(|stroke| {
        let rect = around.surfaces.iter().find(|known| known.id == stroke.surface)?.rect;
        let first = stroke.points.first()?;
        let first = Point { x: first.x.saturating_add(rect.x), y: first.y.saturating_add(rect.y) };
        (distance(first, at) > 0).then(|| in_window(around.placement, first, ppp))
    });
    for (index, part) in parts(middle, begun, ppp).into_iter().enumerate() {
        part_ui(ui, index, part.intersect(view), line_width(ppp));
    }
}

/// The width of the crosshair's edge in points, as whole physical pixels.
fn line_width(ppp: f32) -> f32 {
    ppp.round().max(1.0) / ppp
}

/// The boxes that the crosshair is made of: four arms around a middle that
/// stays free, and one where something was begun.
fn parts(middle: Pos2, begun: Option<Pos2>, ppp: f32) -> Vec<Points> {
    let line = line_width(ppp);
    let (half, gap, far) = (3.0 * line, 6.0 * line, 21.0 * line);
    // The middle is one line wide.
    let (low, high) = (-half, half + line);
    let arm = |x: (f32, f32), y: (f32, f32)| Points::from_min_max(middle + vec2(x.0, y.0), middle + vec2(x.1, y.1));
    let (near, away) = ((-far, -gap), (gap + line, far + line));
    let mut parts =
        vec![arm(near, (low, high)), arm(away, (low, high)), arm((low, high), near), arm((low, high), away)];
    parts.extend(begun.map(|at| Points::from_min_max(at + vec2(low, low), at + vec2(high, high)).expand(line)));
    parts
}

/// One box in two tones, so that it is seen on any colour. It is an area of its
/// own, since the picture may lie in a pane that is above everything else.
fn part_ui(ui: &Ui, index: usize, part: Points, line: f32) {
    if !part.is_positive() {
        return;
    }
    let area = Area::new(Id::unique(("crosshair", index))).order(Order::Middle).fixed_pos(part.min);
    let area = area.default_size(part.size()).interactable(false).constrain(false).fade_in(false);
    area.show(ui.ctx(), |ui| {
        let (rect, _) = ui.allocate_exact_size(part.size(), Sense::hover());
        let mut mesh = egui::Mesh::default();
        // Where points are no whole pixels, the hole in the pane may be a pixel
        // wider than the area.
        let ppp = ui.pixels_per_point();
        let hole = if ppp.fract() == 0.0 { rect } else { rect.expand(1.0 / ppp) };
        mesh.add_colored_rect(hole, Color32::WHITE);
        mesh.add_colored_rect(rect.shrink(2.0 * line), Color32::BLACK);
        ui.painter().with_clip_rect(hole).add(Shape::mesh(mesh));
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use mitblick_protocol::text::DisplayText;

    const CANVAS: Rect = Rect::new(-100, 50, 400, 300);

    fn surface(id: u32, rect: Rect, state: SurfaceState) -> Surface {
        Surface { id: SurfaceId(id), rect, state, parent: None, title: DisplayText::default() }
    }

    #[test]
    fn arrows_move_and_shift_and_ctrl_say_how_far() {
        let moves = |x, y| Some(Command::Move(Point { x, y }));
        assert_eq!(command(Key::ArrowLeft, Modifiers::NONE, false), moves(-8, 0));
        assert_eq!(command(Key::ArrowDown, Modifiers::SHIFT, true), moves(0, 40));
        assert_eq!(command(Key::ArrowUp, Modifiers::CTRL, false), moves(0, -1));
        for modifiers in [Modifiers::ALT, Modifiers::CTRL | Modifiers::ALT, Modifiers::CTRL | Modifiers::SHIFT] {
            assert_eq!(command(Key::ArrowRight, modifiers, false), None, "{modifiers:?}");
            assert_eq!(command(Key::Enter, modifiers, false), None, "{modifiers:?}");
        }
    }

    #[test]
    fn a_key_that_is_held_down_does_not_begin_and_end_in_turn() {
        for key in [Key::Enter, Key::Space] {
            assert_eq!(command(key, Modifiers::NONE, false), Some(Command::Set));
            assert_eq!(command(key, Modifiers::NONE, true), Some(Command::Held));
        }
        assert_eq!(command(Key::Tab, Modifiers::NONE, false), None);
        assert_eq!(command(Key::A, Modifiers::NONE, false), None);
    }

    #[test]
    fn the_crosshair_stays_inside_the_picture() {
        assert_eq!(inside(Point { x: -500, y: 5_000 }, CANVAS), Point { x: -100, y: 349 });
        assert_eq!(inside(Point { x: 299, y: 50 }, CANVAS), Point { x: 299, y: 50 });
        assert_eq!(inside(Point { x: 7, y: 7 }, Rect::new(3, 4, 0, 0)), Point { x: 3, y: 4 });
    }

    #[test]
    fn it_begins_in_the_middle_of_what_is_seen_of_the_topmost_window() {
        let below = surface(1, Rect::new(0, 0, 200, 100), SurfaceState::Shown);
        let above = surface(2, Rect::new(100, 0, 200, 100), SurfaceState::Shown);
        let hidden = surface(3, Rect::new(0, 0, 10, 10), SurfaceState::Minimised);
        let all = [below, above, hidden];
        assert_eq!(beginning(&all, Rect::new(0, 0, 300, 100)), Point { x: 200, y: 50 });
        assert_eq!(beginning(&all, Rect::new(0, 0, 140, 100)), Point { x: 120, y: 50 });
        assert_eq!(beginning(&all, Rect::new(0, 0, 60, 100)), Point { x: 30, y: 50 });
        assert_eq!(beginning(&[], CANVAS), Point { x: 100, y: 200 });
    }

    #[test]
    fn a_free_line_has_points_where_it_turns() {
        let mut points = vec![Point { x: 0, y: 0 }];
        for (x, y) in [(8, 0), (16, 0), (16, 0), (16, 8), (16, 0), (24, 8), (32, 16)] {
            go_on(&mut points, Point { x, y });
        }
        let turns = [(0, 0), (16, 0), (16, 8), (16, 0), (32, 16)];
        assert_eq!(points, turns.map(|(x, y)| Point { x, y }));
    }

    #[test]
    fn places_are_told_in_percent_of_the_window() {
        assert_eq!([percent(0, 400), percent(200, 400), percent(399, 400)], [0, 50, 99]);
        assert_eq!([percent(-20, 400), percent(500, 400), percent(5, 0)], [0, 100, 100]);
    }

    #[test]
    fn the_crosshairs_boxes_lie_on_whole_pixels_and_leave_the_middle_free() {
        for ppp in [1.0_f32, 1.25, 2.0] {
            let middle = pos2(100.0 / ppp, 60.0 / ppp);
            let parts = parts(middle, Some(pos2(10.0 / ppp, 10.0 / ppp)), ppp);
            assert_eq!(parts.len(), 5);
            for part in parts {
                assert!(!part.contains(middle), "{part:?}");
                for edge in [part.min.x, part.min.y, part.max.x, part.max.y].map(|edge| edge * ppp) {
                    assert!((edge - edge.round()).abs() < 0.01, "{edge} at {ppp}");
                }
            }
        }
    }
}
