//! Frames round shared windows and the bar's place above all others, by a
//! thread and a connection of their own: they stay right while the program's
//! own windows are busy or hang.
//!
//! A frame is four windows that no window manager touches and no click hits;
//! what is drawn over windows ([`patches`]) is of the same kind. Nothing is
//! drawn into windows of others.

mod frames;
mod patches;
mod stacking;

use super::present::has_plain_pixels;
use crate::overlay::{NativeWindow, Overlay, OverlayError, Patch};
use frames::Frames;
use mitblick_protocol::{
    geometry::{Rect, Size},
    marks::ShownMarks,
    session::Permitted,
};
use patches::Patches;
use rustix::{
    event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll},
    fd::OwnedFd,
};
use std::{
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
    time::{Duration, Instant},
};
use x11rb::{
    connection::{Connection as _, RequestConnection as _},
    errors::{ConnectionError, ReplyError, ReplyOrIdError},
    protocol::{
        Event, shape,
        xproto::{ChangeWindowAttributesAux, Colormap, ConnectionExt as _, EventMask, Window},
    },
    rust_connection::RustConnection,
};

/// The shortest time between two looks at the stacking: a program that insists
/// on being on top as well must not keep the machine busy.
const STACKING_PAUSE: Duration = Duration::from_millis(50);

fn not_available(error: impl std::fmt::Display) -> OverlayError {
    OverlayError::NotAvailable(error.to_string())
}

/// Starts without frames.
pub(super) fn open(display: Option<&str>) -> Result<Box<dyn Overlay>, OverlayError> {
    let (conn, screen) = RustConnection::connect(display).map_err(not_available)?;
    if conn.extension_information(shape::X11_EXTENSION_NAME).map_err(not_available)?.is_none() {
        return Err(OverlayError::NotAvailable("the display server lacks SHAPE".to_owned()));
    }
    let screen = conn.setup().roots.get(screen).ok_or_else(|| not_available("no screen"))?;
    let (root, colours) = (screen.root, screen.default_colormap);
    let plain = has_plain_pixels(&conn, screen);
    let depth = screen.root_depth;
    let size = Size { width: screen.width_in_pixels.into(), height: screen.height_in_pixels.into() };
    let follow =
        ChangeWindowAttributesAux::new().event_mask(EventMask::SUBSTRUCTURE_NOTIFY | EventMask::STRUCTURE_NOTIFY);
    conn.change_window_attributes(root, &follow).map_err(not_available)?.check().map_err(not_available)?;
    let signal = Arc::new(Signal {
        fd: eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK).map_err(not_available)?,
        wish: Mutex::default(),
    });
    let screen = Screen { root, colours, size, depth, plain };
    let patches = Patches::new(&conn, &screen).map_err(not_available)?;
    let keeper = Keeper {
        conn,
        screen,
        signal: Arc::clone(&signal),
        frames: Frames::default(),
        patches,
        bar: None,
        looked: None,
    };
    let thread = std::thread::Builder::new().name("overlay".to_owned()).spawn(move || keeper.run());
    Ok(Box::new(X11Overlay { signal, thread: Some(thread.map_err(not_available)?) }))
}

/// The screen that is drawn on.
struct Screen {
    root: Window,
    colours: Colormap,
    size: Size,
    depth: u8,
    /// Its pixels are `0x..RRGGBB` in this machine's order.
    plain: bool,
}

/// What is to be seen.
#[derive(Clone, Default)]
struct Wish {
    rects: Vec<Rect>,
    colour: u32,
    bar: Option<Window>,
    patches: Vec<Patch>,
    /// For the patches.
    permit: Option<Permitted<ShownMarks>>,
    /// Whether it differs from what the thread has taken.
    changed: bool,
    ended: bool,
}

struct Signal {
    fd: OwnedFd,
    wish: Mutex<Wish>,
}

impl Signal {
    fn change(&self, change: impl FnOnce(&mut Wish)) {
        let mut wish = self.wish.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut wish);
        wish.changed = true;
        // Fails only if it is signalled already, a great many times.
        let _ = rustix::io::write(&self.fd, &1u64.to_ne_bytes());
    }

    fn take(&self) -> Option<Wish> {
        let mut wish = self.wish.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut wish.changed).then(|| wish.clone())
    }
}

struct X11Overlay {
    signal: Arc<Signal>,
    thread: Option<JoinHandle<()>>,
}

impl Overlay for X11Overlay {
    fn set_frames(&mut self, rects: &[Rect], colour: u32) {
        self.signal.change(|wish| (wish.rects, wish.colour) = (rects.to_vec(), colour));
    }

    fn keep_on_top(&mut self, window: Option<NativeWindow>) {
        let bar = window.and_then(|window| Window::try_from(window.0).ok());
        self.signal.change(|wish| wish.bar = bar);
    }

    fn set_patches(&mut self, patches: Vec<Patch>, permit: Permitted<ShownMarks>) {
        self.signal.change(|wish| (wish.patches, wish.permit) = (patches, Some(permit)));
    }
}

impl Drop for X11Overlay {
    fn drop(&mut self) {
        self.signal.change(|wish| wish.ended = true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Keeper {
    conn: RustConnection,
    screen: Screen,
    signal: Arc<Signal>,
    frames: Frames,
    patches: Patches,
    bar: Option<Window>,
    /// When the stacking was looked at last.
    looked: Option<Instant>,
}

impl Keeper {
    fn run(mut self) {
        if let Err(error) = self.keep() {
            tracing::warn!(%error, "frames can't be kept any longer");
        }
    }

    fn keep(&mut self) -> Result<(), ReplyOrIdError> {
        let mut disturbed = false;
        loop {
            if let Some(wish) = self.signal.take() {
                if wish.ended {
                    return Ok(());
                }
                self.frames.show(&wish.rects, wish.colour, &self.conn, &self.screen)?;
                disturbed |= wish.bar.is_some() || !wish.rects.is_empty();
                self.bar = wish.bar;
                self.patches.want(wish.patches, wish.permit);
            }
            self.take_events(&mut disturbed)?;
            // Without a pause: what sticks to a window moves when it does.
            self.patches.follow(&self.conn, &self.screen)?;
            let rest = self.looked.map_or(Duration::ZERO, |looked| STACKING_PAUSE.saturating_sub(looked.elapsed()));
            if disturbed && rest.is_zero() {
                disturbed = false;
                self.looked = Some(Instant::now());
                self.restack()?;
                continue;
            }
            self.conn.flush()?;
            // Answers and the flush may have brought events along, for which
            // the socket wakes nobody any more.
            if !self.take_events(&mut disturbed)? {
                self.wait(disturbed.then_some(rest))?;
            }
        }
    }

    /// Takes in all that has come; whether there was anything.
    fn take_events(&mut self, disturbed: &mut bool) -> Result<bool, ReplyOrIdError> {
        let mut any = false;
        while let Some(event) = self.conn.poll_for_event()? {
            any = true;
            if !self.patches.take(&event, &self.conn, &self.screen)? {
                *disturbed |= self.disturbs(&event);
            }
        }
        Ok(any)
    }

    /// Whether the stacking may be another one, or windows at other places.
    fn disturbs(&mut self, event: &Event) -> bool {
        match event {
            Event::ConfigureNotify(event) if event.window == self.screen.root => {
                self.screen.size = Size { width: event.width.into(), height: event.height.into() };
                // Frames are fitted to the screen.
                self.signal.change(|_| {});
                true
            }
            Event::ConfigureNotify(_)
            | Event::MapNotify(_)
            | Event::ReparentNotify(_)
            | Event::CirculateNotify(_)
            | Event::GravityNotify(_) => true,
            _ => false,
        }
    }

    fn restack(&mut self) -> Result<(), ReplyError> {
        let (frames, root) = (self.frames.windows(), self.screen.root);
        stacking::restore(&self.conn, root, &frames, self.bar)
    }

    /// Waits for the server, a new wish, or the end of the pause.
    fn wait(&self, timeout: Option<Duration>) -> Result<(), ConnectionError> {
        let mut fds = [PollFd::new(self.conn.stream(), PollFlags::IN), PollFd::new(&self.signal.fd, PollFlags::IN)];
        let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
        match poll(&mut fds, timeout.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(ConnectionError::IoError(error.into())),
        }
        let mut count = [0; 8];
        let _ = rustix::io::read(&self.signal.fd, &mut count);
        Ok(())
    }
}
