//! Who owns the clipboard of X11, told by XFixes at every change.

use super::{link::answer, wake::Wake};
use crate::clipboard::{ClipboardError, ClipboardWatch, Copied, CopyNumber};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc::{Receiver, Sender, SyncSender, channel, sync_channel},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};
use x11rb::{
    connection::{Connection as _, RequestConnection as _},
    errors::{ReplyError, ReplyOrIdError},
    protocol::{
        Event,
        xfixes::{self, ConnectionExt as _, SelectionEventMask, SelectionNotifyEvent},
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

/// How long the new owner may take to say whether it is secret. What an owner
/// that hangs would have said is not known, so that counts as secret.
const HINT_PATIENCE: Duration = Duration::from_secs(2);

/// Windows that ask in turn, so that an answer to an earlier question is told
/// from one to the newest. They stay: an owner that answers late must find the
/// window, or it may end with an error.
const QUESTIONS: usize = 4;

/// The number of what was copied last, whichever watch was told of it: a number
/// of an earlier watch is never taken for one of a later. Counts from 1.
static NUMBERS: AtomicU64 = AtomicU64::new(0);

fn not_available(error: impl std::fmt::Display) -> ClipboardError {
    ClipboardError::NotAvailable(error.to_string())
}

/// See [`crate::clipboard::watch`].
pub(crate) fn watch(
    display: Option<&str>,
    report: Box<dyn FnMut(Copied) + Send>,
) -> Result<Box<dyn ClipboardWatch>, ClipboardError> {
    let (conn, screen) = RustConnection::connect(display).map_err(not_available)?;
    let root = conn.setup().roots.get(screen).ok_or_else(|| not_available("no screen"))?.root;
    if conn.extension_information(xfixes::X11_EXTENSION_NAME).map_err(not_available)?.is_none() {
        return Err(not_available("the display server lacks XFixes"));
    }
    let (windows, atoms) = prepare(&conn, root).map_err(not_available)?;
    let signal = Arc::new(Signal { wake: Wake::new().map_err(not_available)?, ended: AtomicBool::new(false) });
    let (questions, asked) = channel();
    let watcher = Watcher {
        conn,
        windows,
        atoms,
        report,
        signal: Arc::clone(&signal),
        asked,
        waiting: VecDeque::new(),
        newest: CopyNumber::NONE,
    };
    let thread = std::thread::Builder::new().name("clipboard-watch".to_owned()).spawn(move || watcher.run());
    Ok(Box::new(Watch { signal, questions, thread: Some(thread.map_err(not_available)?) }))
}

/// Windows of ours, the first of which is told, and the names.
fn prepare(conn: &RustConnection, root: Window) -> Result<([Window; QUESTIONS], Atoms), ReplyOrIdError> {
    let atoms = Atoms::new(conn)?.reply()?;
    conn.xfixes_query_version(1, 0)?.reply()?;
    let mut windows = [x11rb::NONE; QUESTIONS];
    for window in &mut windows {
        *window = conn.generate_id()?;
        let aux = CreateWindowAux::new();
        conn.create_window(0, *window, root, -1, -1, 1, 1, 0, WindowClass::INPUT_ONLY, 0, &aux)?.check()?;
    }
    let mask = SelectionEventMask::SET_SELECTION_OWNER;
    let [told, ..] = windows;
    conn.xfixes_select_selection_input(told, atoms.CLIPBOARD, mask)?.check()?;
    Ok((windows, atoms))
}

struct Signal {
    wake: Wake,
    ended: AtomicBool,
}

/// Whether nothing was copied since this.
struct Question {
    copy: CopyNumber,
    answer: SyncSender<bool>,
}

struct Watch {
    signal: Arc<Signal>,
    questions: Sender<Question>,
    thread: Option<JoinHandle<()>>,
}

impl ClipboardWatch for Watch {
    fn is_newest(&self, copy: CopyNumber) -> bool {
        let (answer, answered) = sync_channel(1);
        if self.questions.send(Question { copy, answer }).is_err() {
            return false;
        }
        self.signal.wake.call();
        // A watch whose display is gone answers nothing any more.
        answered.recv().unwrap_or(false)
    }
}

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
    windows: [Window; QUESTIONS],
    atoms: Atoms,
    report: Box<dyn FnMut(Copied) + Send>,
    signal: Arc<Signal>,
    asked: Receiver<Question>,
    /// Events that came while a question was answered.
    waiting: VecDeque<Event>,
    newest: CopyNumber,
}

/// What the owner says of what was copied.
enum Hint {
    Secret,
    Nothing,
    /// Something else has been copied meanwhile.
    Newer(SelectionNotifyEvent),
}

impl Watcher {
    fn run(mut self) {
        // The display is gone: nothing is copied there any more.
        let _ = self.follow();
    }

    fn follow(&mut self) -> Result<(), ReplyError> {
        while !self.signal.ended.load(Ordering::SeqCst) {
            self.answer_questions()?;
            match self.next_event()? {
                Some(Event::XfixesSelectionNotify(event)) => self.copied(event)?,
                Some(_) => {}
                None => self.wait(None),
            }
        }
        Ok(())
    }

    fn copied(&mut self, mut event: SelectionNotifyEvent) -> Result<(), ReplyError> {
        let copied = loop {
            self.newest = CopyNumber(NUMBERS.fetch_add(1, Ordering::Relaxed) + 1);
            if event.owner == x11rb::NONE {
                return Ok(());
            }
            match self.hint(event.timestamp)? {
                Hint::Secret => break Copied::Secret(self.newest),
                Hint::Nothing => break Copied::Anything(self.newest),
                Hint::Newer(newer) => event = newer,
            }
        };
        if !self.signal.ended.load(Ordering::SeqCst) {
            (self.report)(copied);
        }
        Ok(())
    }

    /// Asks the owner as KDE's and others' password managers say it.
    fn hint(&mut self, time: u32) -> Result<Hint, ReplyError> {
        let Atoms { CLIPBOARD, MITBLICK_HINT, PASSWORD_HINT } = self.atoms;
        self.windows.rotate_left(1);
        let [window, ..] = self.windows;
        self.conn.convert_selection(window, CLIPBOARD, PASSWORD_HINT, MITBLICK_HINT, time)?;
        let deadline = Instant::now() + HINT_PATIENCE;
        loop {
            self.answer_questions()?;
            match self.next_event()? {
                Some(Event::XfixesSelectionNotify(newer)) => return Ok(Hint::Newer(newer)),
                Some(Event::SelectionNotify(event)) if event.target == PASSWORD_HINT && event.requestor == window => {
                    if event.property == x11rb::NONE {
                        return Ok(Hint::Nothing);
                    }
                    let hint = self.conn.get_property(true, window, MITBLICK_HINT, x11rb::NONE, 0, 16)?;
                    let hint = answer(hint.reply()).ok().flatten();
                    let is_secret = hint.is_none_or(|hint| hint.value == b"secret");
                    return Ok(if is_secret { Hint::Secret } else { Hint::Nothing });
                }
                Some(_) => {}
                None if Instant::now() >= deadline || self.signal.ended.load(Ordering::SeqCst) => {
                    return Ok(Hint::Secret);
                }
                None => self.wait(Some(deadline.saturating_duration_since(Instant::now()))),
            }
        }
    }

    fn next_event(&mut self) -> Result<Option<Event>, ReplyError> {
        match self.waiting.pop_front() {
            Some(event) => Ok(Some(event)),
            None => Ok(self.conn.poll_for_event()?),
        }
    }

    fn answer_questions(&mut self) -> Result<(), ReplyError> {
        while let Ok(Question { copy, answer }) = self.asked.try_recv() {
            // All that was copied before the question is among the events then.
            self.conn.sync()?;
            while let Some(event) = self.conn.poll_for_event()? {
                self.waiting.push_back(event);
            }
            let newer = self.waiting.iter().any(|event| matches!(event, Event::XfixesSelectionNotify(_)));
            let _ = answer.send(copy == self.newest && !newer);
        }
        Ok(())
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
