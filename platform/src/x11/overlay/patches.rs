//! What is drawn over windows of others: for each such window a window of our
//! own of the same place and size, whose form is what is drawn and nothing
//! else. It lies directly above the other one, so that the server itself keeps
//! it below whatever lies above that, and inside its rectangle. No click hits
//! it, and without a compositing manager it looks the same.
//!
//! It is drawn again when the server asks for it; no picture of it is kept.

use super::{Screen, frames::pixel};
use crate::overlay::{Layer, Patch};
use mitblick_protocol::{
    geometry::{Point, Rect},
    marks::ShownMarks,
    session::Permitted,
};
use std::collections::{BTreeMap, BTreeSet};
use x11rb::{
    COPY_DEPTH_FROM_PARENT, COPY_FROM_PARENT,
    connection::Connection as _,
    errors::{ReplyError, ReplyOrIdError},
    protocol::{
        Event,
        shape::{self, ConnectionExt as _},
        xproto::{
            ChangeGCAux, ChangeWindowAttributesAux, ClipOrdering, ConfigureWindowAux, ConnectionExt as _, CreateGCAux,
            CreateWindowAux, EventMask, Gcontext, ImageFormat, MapState, Rectangle, StackMode, Window, WindowClass,
        },
    },
    rust_connection::RustConnection,
};

/// Most ancestors that a window can reasonably have.
const MAX_DEPTH: usize = 16;
/// Rectangles in one request.
const RECTS_AT_ONCE: usize = 8_000;

/// A window of another program as it is on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Target {
    /// On the screen, without border.
    rect: Rect,
    /// What of it is not cut off by the windows that it lies in, from its left
    /// top corner.
    open: Rect,
    /// The child of the root that holds it.
    top: Window,
}

/// One of our windows.
struct Sheet {
    window: Window,
    target: Target,
    /// What is drawn on it.
    patches: Vec<Patch>,
}

/// Sheets by the other program's window, and whether they hold what moves.
type Sheets = BTreeMap<(Window, bool), Sheet>;

/// See the module's documentation.
pub(super) struct Patches {
    gc: Gcontext,
    wanted: Vec<Patch>,
    permit: Option<Permitted<ShownMarks>>,
    sheets: Sheets,
    /// Windows of others whose changes are told.
    followed: BTreeSet<Window>,
    /// Those of them that are gone: their numbers may be another window's now.
    gone: BTreeSet<Window>,
    stale: bool,
}

impl Patches {
    pub(super) fn new(conn: &RustConnection, screen: &Screen) -> Result<Self, ReplyOrIdError> {
        let gc = conn.generate_id()?;
        conn.create_gc(gc, screen.root, &CreateGCAux::new().graphics_exposures(0))?;
        Ok(Self {
            gc,
            wanted: Vec::new(),
            permit: None,
            sheets: Sheets::new(),
            followed: BTreeSet::new(),
            gone: BTreeSet::new(),
            stale: false,
        })
    }

    /// These are to be seen from here on.
    pub(super) fn want(&mut self, patches: Vec<Patch>, permit: Option<Permitted<ShownMarks>>) {
        self.stale |= self.wanted != patches || permit.is_some();
        (self.wanted, self.permit) = (patches, permit);
    }

    /// Takes in an event; whether it is about a window of ours.
    pub(super) fn take(
        &mut self,
        event: &Event,
        conn: &RustConnection,
        screen: &Screen,
    ) -> Result<bool, ReplyOrIdError> {
        let about = match event {
            Event::Expose(event) => {
                if let Some(sheet) = self.sheets.values().find(|sheet| sheet.window == event.window) {
                    draw(sheet, self.gc, conn, screen)?;
                }
                return Ok(true);
            }
            Event::DestroyNotify(event) => {
                if self.followed.contains(&event.window) {
                    self.gone.insert(event.window);
                }
                event.window
            }
            Event::ConfigureNotify(event) => event.window,
            Event::MapNotify(event) => event.window,
            Event::UnmapNotify(event) => event.window,
            Event::CreateNotify(event) => event.window,
            Event::ReparentNotify(event) => event.window,
            Event::GravityNotify(event) => event.window,
            Event::CirculateNotify(event) => event.window,
            _ => return Ok(false),
        };
        let ours = self.sheets.values().any(|sheet| sheet.window == about);
        self.stale |= !ours && !self.sheets.is_empty();
        // A window that is hidden comes back.
        self.stale |= !ours && !self.wanted.is_empty();
        Ok(ours)
    }

    /// Brings what is drawn to where its windows are.
    pub(super) fn follow(&mut self, conn: &RustConnection, screen: &Screen) -> Result<(), ReplyOrIdError> {
        if !std::mem::take(&mut self.stale) {
            return Ok(());
        }
        if self.permit.as_ref().is_none_or(|permit| permit.claim().is_none()) {
            self.wanted.clear();
        }
        self.listen(conn)?;
        let mut targets = BTreeMap::new();
        for &window in &self.followed {
            let there = if self.gone.contains(&window) { None } else { locate(conn, screen.root, window)? };
            targets.extend(there.map(|target| (window, target)));
        }
        let mut wanted: BTreeMap<(Window, bool), Vec<Patch>> = BTreeMap::new();
        for patch in self.wanted.iter().filter(|patch| targets.contains_key(&patch.surface.0)) {
            wanted.entry((patch.surface.0, patch.moves)).or_default().push(patch.clone());
        }
        let over: Vec<_> = self.sheets.keys().filter(|key| !wanted.contains_key(key)).copied().collect();
        for key in over {
            if let Some(sheet) = self.sheets.remove(&key) {
                conn.destroy_window(sheet.window)?;
            }
        }
        for ((window, moves), patches) in wanted {
            let Some(&target) = targets.get(&window) else { continue };
            match self.sheets.get_mut(&(window, moves)) {
                Some(sheet) => renew(sheet, target, patches, self.gc, conn, screen)?,
                None => {
                    let sheet = open(target, patches, conn, screen)?;
                    draw(&sheet, self.gc, conn, screen)?;
                    self.sheets.insert((window, moves), sheet);
                }
            }
        }
        self.stack(conn, screen)
    }

    /// Has the changes of exactly the wanted windows told.
    fn listen(&mut self, conn: &RustConnection) -> Result<(), ReplyOrIdError> {
        let wanted: BTreeSet<Window> = self.wanted.iter().map(|patch| patch.surface.0).collect();
        let events = |mask| ChangeWindowAttributesAux::new().event_mask(mask);
        for &window in wanted.difference(&self.followed) {
            // It may be gone already, which its place will tell.
            let _ = conn.change_window_attributes(window, &events(EventMask::STRUCTURE_NOTIFY))?.check();
        }
        for &window in self.followed.difference(&wanted) {
            let _ = conn.change_window_attributes(window, &events(EventMask::NO_EVENT))?.check();
        }
        self.gone.retain(|window| wanted.contains(window));
        self.followed = wanted;
        Ok(())
    }

    /// Puts each sheet directly above its window, what moves above the rest.
    fn stack(&self, conn: &RustConnection, screen: &Screen) -> Result<(), ReplyOrIdError> {
        if self.sheets.is_empty() {
            return Ok(());
        }
        let order = conn.query_tree(screen.root)?.reply()?.children;
        let mut tops: BTreeMap<Window, Vec<Window>> = BTreeMap::new();
        for sheet in self.sheets.values() {
            tops.entry(sheet.target.top).or_default().push(sheet.window);
        }
        for (top, sheets) in tops {
            let at = order.iter().position(|&window| window == top);
            let above = at.and_then(|at| order.get(at + 1..)).unwrap_or_default();
            if above.starts_with(&sheets) {
                continue;
            }
            let mut below = top;
            for sheet in sheets {
                let aux = ConfigureWindowAux::new().sibling(below).stack_mode(StackMode::ABOVE);
                // The window may have gone at this moment; an event follows.
                let _ = conn.configure_window(sheet, &aux)?.check();
                below = sheet;
            }
        }
        Ok(())
    }
}

/// The answer about a window, if the window is still there.
fn there<T>(reply: Result<T, ReplyError>) -> Result<Option<T>, ReplyError> {
    match reply {
        Ok(value) => Ok(Some(value)),
        Err(ReplyError::X11Error(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Where a window is, if it is on the screen.
fn locate(conn: &RustConnection, root: Window, window: Window) -> Result<Option<Target>, ReplyOrIdError> {
    let attributes = conn.get_window_attributes(window)?;
    let geometry = conn.get_geometry(window)?;
    let origin = conn.translate_coordinates(window, root, 0, 0)?;
    let (Some(attributes), Some(geometry), Some(origin)) =
        (there(attributes.reply())?, there(geometry.reply())?, there(origin.reply())?)
    else {
        return Ok(None);
    };
    if attributes.map_state != MapState::VIEWABLE {
        return Ok(None);
    }
    let rect = Rect::new(origin.dst_x.into(), origin.dst_y.into(), geometry.width.into(), geometry.height.into());
    let mut seen = Some(rect);
    let mut top = window;
    for _ in 0..MAX_DEPTH {
        let Some(tree) = there(conn.query_tree(top)?.reply())? else { return Ok(None) };
        if tree.parent == root {
            let open = seen.map(|seen| seen.moved(-rect.x, -rect.y)).unwrap_or_default();
            return Ok(Some(Target { rect, open, top }));
        }
        top = tree.parent;
        let (geometry, origin) = (conn.get_geometry(top)?, conn.translate_coordinates(top, root, 0, 0)?);
        let (Some(geometry), Some(origin)) = (there(geometry.reply())?, there(origin.reply())?) else {
            return Ok(None);
        };
        let outer = Rect::new(origin.dst_x.into(), origin.dst_y.into(), geometry.width.into(), geometry.height.into());
        seen = seen.and_then(|seen| seen.intersection(outer));
    }
    Ok(None)
}

/// A new window, on the screen with its form from the first moment on.
fn open(target: Target, patches: Vec<Patch>, conn: &RustConnection, screen: &Screen) -> Result<Sheet, ReplyOrIdError> {
    let window = conn.generate_id()?;
    let Rectangle { x, y, width, height } = rectangle(target.rect);
    // No background: the server paints nothing before we do.
    let aux = CreateWindowAux::new().override_redirect(1).event_mask(EventMask::EXPOSURE);
    let (depth, class) = (COPY_DEPTH_FROM_PARENT, WindowClass::INPUT_OUTPUT);
    conn.create_window(depth, window, screen.root, x, y, width, height, 0, class, COPY_FROM_PARENT, &aux)?;
    conn.shape_rectangles(shape::SO::SET, shape::SK::INPUT, ClipOrdering::UNSORTED, window, 0, 0, &[])?;
    let sheet = Sheet { window, target, patches };
    give_form(&sheet, conn)?;
    let aux = ConfigureWindowAux::new().sibling(target.top).stack_mode(StackMode::ABOVE);
    let _ = conn.configure_window(window, &aux)?.check();
    conn.map_window(window)?;
    Ok(sheet)
}

/// Brings a window to its new place, size and form.
fn renew(
    sheet: &mut Sheet,
    target: Target,
    patches: Vec<Patch>,
    gc: Gcontext,
    conn: &RustConnection,
    screen: &Screen,
) -> Result<(), ReplyOrIdError> {
    let moved = sheet.target.rect != target.rect;
    let other_form = sheet.patches != patches || sheet.target.open != target.open;
    (sheet.target, sheet.patches) = (target, patches);
    if moved {
        let Rect { x, y, width, height } = target.rect;
        conn.configure_window(sheet.window, &ConfigureWindowAux::new().x(x).y(y).width(width).height(height))?;
    }
    if other_form {
        give_form(sheet, conn)?;
        draw(sheet, gc, conn, screen)?;
    }
    Ok(())
}

/// What of an area of a patch can be seen, from the window's corner.
fn visible(area: Rect, at: Point, open: Rect) -> Option<Rect> {
    area.moved(at.x, at.y).intersection(open)
}

fn give_form(sheet: &Sheet, conn: &RustConnection) -> Result<(), ReplyOrIdError> {
    let open = sheet.target.open;
    let layers = sheet.patches.iter().flat_map(|patch| patch.ink.layers.iter().map(move |layer| (patch.at, layer)));
    let areas =
        layers.flat_map(|(at, layer)| layer.areas().into_iter().filter_map(move |area| visible(area, at, open)));
    let form: Vec<Rectangle> = areas.map(rectangle).collect();
    let mut how = shape::SO::SET;
    let mut parts = form.chunks(RECTS_AT_ONCE);
    let mut part = Some(parts.next().unwrap_or_default());
    while let Some(rects) = part {
        conn.shape_rectangles(how, shape::SK::BOUNDING, ClipOrdering::UNSORTED, sheet.window, 0, 0, rects)?;
        how = shape::SO::UNION;
        part = parts.next();
    }
    Ok(())
}

fn draw(sheet: &Sheet, gc: Gcontext, conn: &RustConnection, screen: &Screen) -> Result<(), ReplyOrIdError> {
    let fill = |colour: u32, areas: &[Rect], at: Point| -> Result<(), ReplyOrIdError> {
        let colour = if screen.plain { colour } else { pixel(colour, conn, screen)? };
        conn.change_gc(gc, &ChangeGCAux::new().foreground(colour))?;
        let seen = areas.iter().filter_map(|&area| visible(area, at, sheet.target.open));
        let rects: Vec<Rectangle> = seen.map(rectangle).collect();
        for part in rects.chunks(RECTS_AT_ONCE) {
            conn.poly_fill_rectangle(sheet.window, gc, part)?;
        }
        Ok(())
    };
    for patch in &sheet.patches {
        for layer in &patch.ink.layers {
            match layer {
                Layer::Areas { colour, areas } => fill(*colour, areas, patch.at)?,
                Layer::Picture { at, size, pixels } if screen.plain => {
                    let place = Rect::new(at.x, at.y, size.width, size.height).moved(patch.at.x, patch.at.y);
                    let Rectangle { x, y, width, height } = rectangle(place);
                    if u64::from(width) * u64::from(height) != pixels.len() as u64 {
                        continue;
                    }
                    let bytes: Vec<u8> = pixels.iter().flat_map(|pixel| pixel.to_ne_bytes()).collect();
                    let format = ImageFormat::Z_PIXMAP;
                    conn.put_image(format, sheet.window, gc, width, height, x, y, 0, screen.depth, &bytes)?;
                }
                Layer::Picture { pixels, .. } => {
                    fill(pixels.first().copied().unwrap_or_default(), &layer.areas(), patch.at)?;
                }
            }
        }
    }
    Ok(())
}

fn rectangle(rect: Rect) -> Rectangle {
    let at = |place: i32| i16::try_from(place).unwrap_or(if place < 0 { i16::MIN } else { i16::MAX });
    let length = |length: u32| u16::try_from(length).unwrap_or(u16::MAX);
    Rectangle { x: at(rect.x), y: at(rect.y), width: length(rect.width), height: length(rect.height) }
}
