//! Who owns the clipboard of X11, told by XFixes at every change.

use super::{link::answer, wake::Wake};
use crate::clipboard::{ClipboardError, ClipboardWatch, Copied};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};
use x11rb::{
    connection::{Connection as _, RequestConnection as _},
    errors::{ReplyError, ReplyOrIdError},
    protocol::{
        Event,
        xfixes::{self, ConnectionExt as _, SelectionEventMask},
        xproto::{ConnectionExt as _, CreateWindowAux, Window, WindowClass},
    },
    rust_connection::RustConnection,
    wrapper::ConnectionExt as _,
};

x11rb::atom_manager! {
    /// Names of selections and targets.
    Atoms: AtomsCookie {
        CLIPBOARD,
        MITBLICK_HINT: b"MITBLICK_CLIPBOARD_HINT",
        PASSWORD_HINT: b"x-kde-passwordManagerHint",
    }
}

/// How long the new owner may take to say whether it is secret; one that does
/// not answer is a program that knows no secrets.
const HINT_PATIENCE: Duration = Duration::from_millis(300);

fn not_available(error: impl std::fmt::Display) -> ClipboardError {
    ClipboardError::NotAvailable(error.to_string())
}

/// See [`crate::clipboard::watch`].
pub(crate) fn watch(report: Box<dyn FnMut(Copied) + Send>) -> Result<Box<dyn ClipboardWatch>, ClipboardError> {
    let (conn, screen) = RustConnection::connect(None).map_err(not_available)?;
    let root = conn.setup().roots.get(screen).ok_or_else(|| not_available("no screen"))?.root;
    if conn.extension_information(xfixes::X11_EXTENSION_NAME).map_err(not_available)?.is_none() {
        return Err(not_available("the display server lacks XFixes"));
    }
    let (window, atoms) = prepare(&conn, root).map_err(not_available)?;
    let signal = Arc::new(Signal { wake: Wake::new().map_err(not_available)?, ended: AtomicBool::new(false) });
    let watcher = Watcher { conn, window, atoms, report, signal: Arc::clone(&signal) };
    let thread = std::thread::Builder::new().name("clipboard-watch".to_owned()).spawn(move || watcher.run());
    Ok(Box::new(Watch { signal, thread: Some(thread.map_err(not_available)?) }))
}

/// A window of ours that is told, and the names.
fn prepare(conn: &RustConnection, root: Window) -> Result<(Window, Atoms), ReplyOrIdError> {
    let atoms = Atoms::new(conn)?.reply()?;
    conn.xfixes_query_version(1, 0)?.reply()?;
    let window = conn.generate_id()?;
    let aux = CreateWindowAux::new();
    conn.create_window(0, window, root, -1, -1, 1, 1, 0, WindowClass::INPUT_ONLY, 0, &aux)?.check()?;
    let mask = SelectionEventMask::SET_SELECTION_OWNER;
    conn.xfixes_select_selection_input(window, atoms.CLIPBOARD, mask)?.check()?;
    Ok((window, atoms))
}

struct Signal {
    wake: Wake,
    ended: AtomicBool,
}

struct Watch {
    signal: Arc<Signal>,
    thread: Option<JoinHandle<()>>,
}

impl ClipboardWatch for Watch {}

impl Drop for Watch {
    fn drop(&mut self) {
        self.signal.ended.store(true, Ordering::SeqCst);
        self.signal.wake.call();
        // Whoever is told may drop the watch on the thread itself.
        if let Some(thread) = self.thread.take().filter(|thread| thread.thread().id() != std::thread::current().id()) {
            let _ = thread.join();
        }
    }
}

struct Watcher {
    conn: RustConnection,
    window: Window,
    atoms: Atoms,
    report: Box<dyn FnMut(Copied) + Send>,
    signal: Arc<Signal>,
}

impl Watcher {
    fn run(mut self) {
        // The display is gone: nothing is copied there any more.
        let _ = self.follow();
    }

    fn follow(&mut self) -> Result<(), ReplyError> {
        while !self.signal.ended.load(Ordering::SeqCst) {
            match self.conn.poll_for_event()? {
                Some(Event::XfixesSelectionNotify(event)) if event.owner != x11rb::NONE => {
                    let copied = if self.is_secret(event.timestamp)? { Copied::Secret } else { Copied::Anything };
                    if !self.signal.ended.load(Ordering::SeqCst) {
                        (self.report)(copied);
                    }
                }
                Some(_) => {}
                None => self.wait(None),
            }
        }
        Ok(())
    }

    /// Asks the owner as KDE's and others' password managers say it.
    fn is_secret(&self, time: u32) -> Result<bool, ReplyError> {
        let Atoms { CLIPBOARD, MITBLICK_HINT, PASSWORD_HINT } = self.atoms;
        self.conn.convert_selection(self.window, CLIPBOARD, PASSWORD_HINT, MITBLICK_HINT, time)?;
        self.conn.sync()?;
        let deadline = Instant::now() + HINT_PATIENCE;
        loop {
            match self.conn.poll_for_event()? {
                Some(Event::SelectionNotify(event)) if event.target == PASSWORD_HINT => {
                    if event.property == x11rb::NONE {
                        return Ok(false);
                    }
                    let hint = self.conn.get_property(true, self.window, MITBLICK_HINT, x11rb::NONE, 0, 16)?;
                    return Ok(answer(hint.reply()).ok().flatten().is_some_and(|hint| hint.value == b"secret"));
                }
                Some(_) => {}
                None if Instant::now() >= deadline || self.signal.ended.load(Ordering::SeqCst) => return Ok(false),
                None => self.wait(Some(deadline.saturating_duration_since(Instant::now()))),
            }
        }
    }

    fn wait(&self, timeout: Option<Duration>) {
        let _ = self.conn.flush();
        let timeout = timeout.map(|left| Timespec {
            tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: i64::from(left.subsec_nanos()),
        });
        let mut fds = [PollFd::new(self.conn.stream(), PollFlags::IN), PollFd::new(&self.signal.wake, PollFlags::IN)];
        // Whatever the answer, what has come is looked at next.
        let _ = poll(&mut fds, timeout.as_ref());
        self.signal.wake.take();
    }
}
