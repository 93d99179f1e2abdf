//! A child window for pixels, on a connection of its own. What it shows lies
//! whole in memory shared with the server, so that a change costs one request
//! without an answer, and uncovered parts are shown again from there.
//!
//! It selects no input: pointer and keys reach the window that it lies in.

mod canvas;
mod cursor;

use crate::{
    overlay::NativeWindow,
    present::{Pane, PresentError},
};
use canvas::Canvas;
use cursor::Cursors;
use mitblick_protocol::{
    geometry::{Rect, Size},
    peer_msg::CursorImage,
};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
};
use x11rb::{
    connection::{Connection as _, RequestConnection as _},
    errors::{ConnectionError, ReplyError, ReplyOrIdError},
    protocol::{
        Event,
        shape::{self, ConnectionExt as _},
        xproto::{
            ChangeWindowAttributesAux, ClipOrdering, ConfigureWindowAux, ConnectionExt as _, CreateGCAux,
            CreateWindowAux, EventMask, Gcontext, Gravity, ImageOrder, Rectangle, Screen, VisualClass, Window,
            WindowClass,
        },
    },
    rust_connection::RustConnection,
};

fn not_available(error: impl std::fmt::Display) -> PresentError {
    PresentError::NotAvailable(error.to_string())
}

impl From<ConnectionError> for PresentError {
    fn from(error: ConnectionError) -> Self {
        Self::Broken(error.to_string())
    }
}

impl From<ReplyError> for PresentError {
    fn from(error: ReplyError) -> Self {
        Self::Broken(error.to_string())
    }
}

impl From<ReplyOrIdError> for PresentError {
    fn from(error: ReplyOrIdError) -> Self {
        Self::Broken(error.to_string())
    }
}

/// Opens a pane in a window of this display; `None` means the display that the
/// environment names.
///
/// # Errors
/// `NotAvailable` if there is no such display or window, or if the screen's
/// pixels are not made of eight bits a colour.
pub fn open_pane(display: Option<&str>, parent: NativeWindow) -> Result<Box<dyn Pane>, PresentError> {
    let parent = Window::try_from(parent.0).map_err(not_available)?;
    let (conn, number) = RustConnection::connect(display).map_err(not_available)?;
    if conn.extension_information(shape::X11_EXTENSION_NAME).map_err(not_available)?.is_none() {
        return Err(not_available("the display server lacks SHAPE"));
    }
    let screen = conn.setup().roots.get(number).ok_or_else(|| not_available("no screen"))?.clone();
    if !has_plain_pixels(&conn, &screen) {
        return Err(not_available("the screen's pixels are of another kind"));
    }
    let window = conn.generate_id().map_err(not_available)?;
    // The kind of the screen, not of the parent, which may have an alpha
    // channel. No background: the server paints nothing before we do.
    let aux = CreateWindowAux::new()
        .event_mask(EventMask::EXPOSURE | EventMask::STRUCTURE_NOTIFY)
        .border_pixel(0)
        .bit_gravity(Gravity::NORTH_WEST)
        .colormap(screen.default_colormap);
    let (depth, visual, class) = (screen.root_depth, screen.root_visual, WindowClass::INPUT_OUTPUT);
    conn.create_window(depth, window, parent, 0, 0, 1, 1, 0, class, visual, &aux)
        .map_err(not_available)?
        .check()
        .map_err(not_available)?;
    let gc = conn.generate_id().map_err(not_available)?;
    conn.create_gc(gc, window, &CreateGCAux::new().graphics_exposures(0)).map_err(not_available)?;
    let cursors = Cursors::new(&conn, screen.root).map_err(not_available)?;
    let canvas = Mutex::new(Canvas::new(&conn)?);
    let shared = Arc::new(Shared { conn, window, gc, depth, canvas });
    let repairing = Arc::clone(&shared);
    let thread = std::thread::Builder::new().name("pane".to_owned()).spawn(move || repairing.repair());
    let thread = Some(thread.map_err(not_available)?);
    Ok(Box::new(X11Pane { shared, cursors, thread, open: Vec::new(), pending: None, mapped: false }))
}

/// Whether a pixel of the screen is `0x..RRGGBB` in this machine's order.
pub(super) fn has_plain_pixels(conn: &RustConnection, screen: &Screen) -> bool {
    let setup = conn.setup();
    let format = setup.pixmap_formats.iter().find(|format| format.depth == screen.root_depth);
    let visuals = screen.allowed_depths.iter().flat_map(|depth| &depth.visuals);
    let visual = visuals.into_iter().find(|visual| visual.visual_id == screen.root_visual);
    let native = if cfg!(target_endian = "big") { ImageOrder::MSB_FIRST } else { ImageOrder::LSB_FIRST };
    setup.image_byte_order == native
        && format.is_some_and(|format| format.bits_per_pixel == 32)
        && visual.is_some_and(|visual| {
            visual.class == VisualClass::TRUE_COLOR
                && (visual.red_mask, visual.green_mask, visual.blue_mask) == (0x00ff_0000, 0xff00, 0xff)
        })
}

/// What the thread that repairs uncovered parts shares with who draws.
struct Shared {
    conn: RustConnection,
    window: Window,
    gc: Gcontext,
    depth: u8,
    canvas: Mutex<Canvas>,
}

impl Shared {
    fn canvas(&self) -> MutexGuard<'_, Canvas> {
        self.canvas.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows uncovered parts again until the window is gone.
    fn repair(&self) {
        while let Ok(event) = self.conn.wait_for_event() {
            match event {
                Event::Expose(event) => {
                    let area = Rect::new(event.x.into(), event.y.into(), event.width.into(), event.height.into());
                    let canvas = self.canvas();
                    let shown = if canvas.unfinished { Ok(()) } else { canvas.put(self, &[area]) };
                    if shown.and_then(|()| self.conn.flush()).is_err() {
                        return;
                    }
                }
                Event::DestroyNotify(event) if event.window == self.window => return,
                _ => {}
            }
        }
    }
}

/// An arrangement that the next drawing puts into effect.
struct Pending {
    place: Rect,
    open: Vec<Rect>,
}

struct X11Pane {
    shared: Arc<Shared>,
    cursors: Cursors,
    thread: Option<JoinHandle<()>>,
    open: Vec<Rect>,
    pending: Option<Pending>,
    mapped: bool,
}

impl X11Pane {
    /// Puts the window where it is wanted.
    fn settle(&mut self, pending: Pending) -> Result<(), ConnectionError> {
        let Shared { conn, window, .. } = &*self.shared;
        let Pending { place, open } = pending;
        if open.is_empty() {
            if std::mem::take(&mut self.mapped) {
                conn.unmap_window(*window)?;
            }
            return Ok(());
        }
        if open != self.open {
            let rectangles: Vec<_> = open.iter().map(|&rect| rectangle(rect)).collect();
            let (set, bounding) = (shape::SO::SET, shape::SK::BOUNDING);
            conn.shape_rectangles(set, bounding, ClipOrdering::UNSORTED, *window, 0, 0, &rectangles)?;
            self.open = open;
        }
        let aux = ConfigureWindowAux::new().x(place.x).y(place.y).width(place.width).height(place.height);
        conn.configure_window(*window, &aux)?;
        if !std::mem::replace(&mut self.mapped, true) {
            conn.map_window(*window)?;
        }
        Ok(())
    }
}

fn rectangle(rect: Rect) -> Rectangle {
    let at = |place: i32| i16::try_from(place).unwrap_or(if place < 0 { i16::MIN } else { i16::MAX });
    let length = |length: u32| u16::try_from(length).unwrap_or(u16::MAX);
    Rectangle { x: at(rect.x), y: at(rect.y), width: length(rect.width), height: length(rect.height) }
}

impl Pane for X11Pane {
    fn size(&self) -> Size {
        self.shared.canvas().size()
    }

    fn arrange(&mut self, place: Rect, open: &[Rect]) -> Result<(), PresentError> {
        let limit = u32::from(u16::MAX);
        let fits = |at: i32| i16::try_from(at).is_ok();
        let possible = place.width <= limit && place.height <= limit && fits(place.x) && fits(place.y);
        let open: Vec<_> = open.iter().filter_map(|rect| rect.intersection(place.size().rect())).collect();
        if open.is_empty() || !possible {
            self.pending = Some(Pending { place, open: Vec::new() });
            return Ok(());
        }
        self.shared.canvas().resize(&self.shared.conn, place.size())?;
        self.pending = Some(Pending { place, open });
        Ok(())
    }

    fn draw(&mut self, areas: &[Rect], draw: &mut dyn FnMut(&mut [u32])) -> Result<(), PresentError> {
        let pending = self.pending.take();
        let shared = Arc::clone(&self.shared);
        let mut canvas = shared.canvas();
        draw(canvas.pixels());
        if let Some(pending) = pending {
            self.settle(pending)?;
            canvas.unfinished = false;
        }
        if self.mapped {
            canvas.put(&shared, areas)?;
        }
        drop(canvas);
        shared.conn.flush()?;
        Ok(())
    }

    fn set_cursor(&mut self, cursor: Option<&CursorImage>) -> Result<(), PresentError> {
        let Shared { conn, window, .. } = &*self.shared;
        let made = match cursor {
            Some(image) => self.cursors.make(conn, image)?,
            None => None,
        };
        let aux = ChangeWindowAttributesAux::new().cursor(made.unwrap_or(x11rb::NONE));
        conn.change_window_attributes(*window, &aux)?;
        if let Some(made) = made {
            // The window holds on to it.
            conn.free_cursor(made)?;
        }
        conn.flush()?;
        Ok(())
    }
}

impl Drop for X11Pane {
    fn drop(&mut self) {
        // Its end is what ends the thread; a lost connection does too.
        let _ = self.shared.conn.destroy_window(self.shared.window);
        let _ = self.shared.conn.flush();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
