//! The stop key through raw events of XInput 2, on a thread and a connection of
//! its own: they come whatever window has the keyboard and whoever has grabbed
//! it, and the thread waits for nothing else. No other part of the program has
//! to work for the stop key to work.
//!
//! Every press counts, injected ones too: on-screen keyboards inject theirs.
//! Keeping the key from the application is another matter, a passive grab; it
//! may fail (another program has bound the key) and changes nothing else.

mod devices;
mod swallow;

use super::{
    keyboards::{Keyboard, changes_keymap, use_xkb},
    keymap::Keymap,
};
use crate::stop_key::{AfterEvents, Errand, SeenInput, StopKeyError, StopKeyHandler, StopKeyWatch};
use devices::Devices;
use rustix::{
    event::{EventfdFlags, PollFd, PollFlags, eventfd, poll},
    fd::OwnedFd,
};
use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};
use swallow::Swallow;
use x11rb::{
    connection::{Connection as _, RequestConnection as _},
    errors::{ConnectionError, ReplyError, ReplyOrIdError},
    protocol::{
        Event,
        xinput::{self, ConnectionExt as _, Device, EventMask, XIEventMask},
        xkb,
        xproto::{
            AtomEnum, ClientMessageEvent, ConnectionExt as _, CreateWindowAux, EventMask as WindowEvents, Window,
            WindowClass,
        },
    },
    rust_connection::RustConnection,
};

/// The F12 key of nearly all keyboards, should the mapping have no F12 at all.
const USUAL_KEYCODE: u32 = 96;

/// Use of the local mouse and keyboard is told this often at most.
const LOCAL_INPUT_PAUSE: Duration = Duration::from_millis(100);

fn not_available(error: impl std::fmt::Display) -> StopKeyError {
    StopKeyError::NotAvailable(error.to_string())
}

/// Whether the server belongs to a Wayland desktop. It gets input only while a
/// window of its own has the focus: a stop key would be struck in vain.
fn is_xwayland(conn: &RustConnection) -> Result<bool, ReplyError> {
    // Servers before 23.1 lack the extension, but name their devices so.
    if conn.query_extension(b"XWAYLAND")?.reply()?.present {
        return Ok(true);
    }
    conn.xinput_xi_query_version(2, 2)?.reply()?;
    let devices = conn.xinput_xi_query_device(u16::from(u8::from(xinput::Device::ALL)))?.reply()?.infos;
    Ok(devices.iter().any(|device| device.name.starts_with(b"xwayland-")))
}

/// Watches for the stop key, and for a second one (by its X key symbol) that
/// the person has chosen.
pub(super) fn watch(
    display: Option<&str>,
    handler: Box<dyn StopKeyHandler>,
    second_key: Option<u32>,
) -> Result<Box<dyn StopKeyWatch>, StopKeyError> {
    let (conn, screen) = RustConnection::connect(display).map_err(not_available)?;
    for name in [xinput::X11_EXTENSION_NAME, xkb::X11_EXTENSION_NAME] {
        if conn.extension_information(name).map_err(not_available)?.is_none() {
            return Err(StopKeyError::NotAvailable(format!("the display server lacks {name}")));
        }
    }
    if is_xwayland(&conn).map_err(not_available)? {
        return Err(not_available("this is a Wayland desktop: its X server sees neither stop key nor mouse"));
    }
    let root = conn.setup().roots.get(screen).ok_or_else(|| not_available("no screen"))?.root;
    let signal = Arc::new(Signal {
        fd: eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK).map_err(not_available)?,
        ended: AtomicBool::new(false),
        swallow: AtomicBool::new(false),
    });
    let (errands, taken) = channel();
    let watcher = Watcher::new(conn, root, handler, second_key, Arc::clone(&signal), taken).map_err(not_available)?;
    let thread = std::thread::Builder::new().name("stop-key".to_owned()).spawn(move || watcher.run());
    let thread = thread.map_err(not_available)?;
    Ok(Box::new(Watch { signal, errands, thread: Some(thread) }))
}

/// What the watch's owner tells the thread.
struct Signal {
    /// Wakes it.
    fd: OwnedFd,
    ended: AtomicBool,
    swallow: AtomicBool,
}

impl Signal {
    fn wake(&self) {
        // Fails only if it is signalled already, a great many times.
        let _ = rustix::io::write(&self.fd, &1u64.to_ne_bytes());
    }
}

struct Watch {
    signal: Arc<Signal>,
    errands: Sender<Errand>,
    thread: Option<JoinHandle<()>>,
}

impl StopKeyWatch for Watch {
    fn swallow(&self, on: bool) {
        self.signal.swallow.store(on, Ordering::SeqCst);
        self.signal.wake();
    }

    fn after_events(&self) -> AfterEvents {
        let (signal, errands) = (Arc::clone(&self.signal), self.errands.clone());
        AfterEvents::new(move |errand| {
            // A thread that has ended does none.
            if errands.send(errand).is_ok() {
                signal.wake();
            }
        })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.signal.ended.store(true, Ordering::SeqCst);
        self.signal.wake();
        // The handler itself may hold the watch and drop it on its own thread.
        if let Some(thread) = self.thread.take().filter(|thread| thread.thread().id() != std::thread::current().id()) {
            let _ = thread.join();
        }
    }
}

struct Watcher {
    conn: RustConnection,
    root: Window,
    handler: Box<dyn StopKeyHandler>,
    second_key: Option<u32>,
    signal: Arc<Signal>,
    errands: Receiver<Errand>,
    /// Errands, each with the number of the request whose event marks where
    /// among all events it belongs.
    marked: VecDeque<(u64, Errand)>,
    /// A window that only gets those marks.
    marks: Window,
    stop_keycodes: Vec<u32>,
    devices: Devices,
    swallow: Swallow,
    /// When use of the local devices was told last.
    told_local: Option<Instant>,
}

impl Watcher {
    fn new(
        conn: RustConnection,
        root: Window,
        handler: Box<dyn StopKeyHandler>,
        second_key: Option<u32>,
        signal: Arc<Signal>,
        errands: Receiver<Errand>,
    ) -> Result<Self, ReplyOrIdError> {
        // Raw events come in spite of grabs to clients of 2.1 and later only.
        conn.xinput_xi_query_version(2, 2)?.reply()?;
        use_xkb(&conn)?;
        Keyboard::core().follow(&conn)?;
        let keys = XIEventMask::RAW_KEY_PRESS | XIEventMask::RAW_KEY_RELEASE;
        let buttons = XIEventMask::RAW_BUTTON_PRESS | XIEventMask::RAW_BUTTON_RELEASE | XIEventMask::RAW_MOTION;
        let touch = XIEventMask::RAW_TOUCH_BEGIN | XIEventMask::RAW_TOUCH_END;
        let mask = vec![keys | buttons | touch | XIEventMask::HIERARCHY];
        let mask = EventMask { deviceid: Device::ALL.into(), mask };
        conn.xinput_xi_select_events(root, &[mask])?.check()?;
        let marks = conn.generate_id()?;
        let aux = CreateWindowAux::new();
        conn.create_window(0, marks, root, -1, -1, 1, 1, 0, WindowClass::INPUT_ONLY, 0, &aux)?.check()?;
        let devices = Devices::load(&conn)?;
        let stop_keycodes = stop_keycodes(&conn, second_key)?;
        let (swallow, told_local) = (Swallow::default(), None);
        let marked = VecDeque::new();
        Ok(Self {
            conn,
            root,
            handler,
            second_key,
            signal,
            errands,
            marked,
            marks,
            stop_keycodes,
            devices,
            swallow,
            told_local,
        })
    }

    fn run(mut self) {
        if let Err(error) = self.watch() {
            tracing::warn!(%error, "the stop key can't be watched any longer");
            self.handler.watch_lost();
        }
        self.swallow.end(&self.conn, self.root);
    }

    fn watch(&mut self) -> Result<(), ReplyError> {
        loop {
            self.mark_errands()?;
            while let Some((event, number)) = self.conn.poll_for_event_with_sequence()? {
                self.event(&event)?;
                self.do_errands(number);
                if self.signal.ended.load(Ordering::SeqCst) {
                    return Ok(());
                }
                // Of events there may be no end.
                self.mark_errands()?;
            }
            if self.signal.ended.load(Ordering::SeqCst) {
                return Ok(());
            }
            let wanted = self.signal.swallow.load(Ordering::SeqCst);
            self.swallow.set(wanted, &self.conn, self.root, &self.stop_keycodes)?;
            // A request that waited for its answer may have read events too.
            if let Some((event, number)) = self.conn.poll_for_event_with_sequence()? {
                self.event(&event)?;
                self.do_errands(number);
                continue;
            }
            self.wait()?;
        }
    }

    /// Has the server make an event behind all events up to now, for what was
    /// given to be done after them. It is not waited for: a program may hold the
    /// server, and the stop key works all the same.
    fn mark_errands(&mut self) -> Result<(), ReplyError> {
        let mut number = None;
        while let Ok(errand) = self.errands.try_recv() {
            let number = match number {
                Some(number) => number,
                None => {
                    let mark = ClientMessageEvent::new(32, self.marks, AtomEnum::NONE, [0; 5]);
                    let sent = self.conn.send_event(false, self.marks, WindowEvents::NO_EVENT, mark)?;
                    *number.insert(sent.sequence_number())
                }
            };
            self.marked.push_back((number, errand));
        }
        if number.is_some() {
            self.conn.flush()?;
        }
        Ok(())
    }

    /// Does what belongs before an event of this number. That another program
    /// can send such marks too changes nothing: the server's own count says
    /// where they belong.
    fn do_errands(&mut self, number: u64) {
        while self.marked.front().is_some_and(|(marked, _)| *marked <= number) {
            if let Some((_, errand)) = self.marked.pop_front() {
                errand();
            }
        }
    }

    /// Waits for the server or the watch's owner.
    fn wait(&self) -> Result<(), ConnectionError> {
        let mut fds = [PollFd::new(self.conn.stream(), PollFlags::IN), PollFd::new(&self.signal.fd, PollFlags::IN)];
        match poll(&mut fds, None) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(ConnectionError::IoError(error.into())),
        }
        let mut count = [0; 8];
        let _ = rustix::io::read(&self.signal.fd, &mut count);
        Ok(())
    }

    fn event(&mut self, event: &Event) -> Result<(), ReplyError> {
        match event {
            // Each event comes twice: of the device, and of the master that it
            // belongs to.
            Event::XinputRawKeyPress(press) if press.deviceid == press.sourceid => {
                if self.stop_keycodes.contains(&press.detail) {
                    self.handler.stop_key_pressed();
                }
                self.went_down(press.sourceid, SeenInput::Press);
            }
            Event::XinputRawButtonPress(event) if event.deviceid == event.sourceid => {
                self.went_down(event.sourceid, SeenInput::Click);
            }
            Event::XinputRawTouchBegin(event) if event.deviceid == event.sourceid => {
                self.went_down(event.sourceid, SeenInput::Press);
            }
            Event::XinputRawKeyRelease(event) if event.deviceid == event.sourceid => {
                self.pressed(event.sourceid, SeenInput::Press);
            }
            Event::XinputRawButtonRelease(event) if event.deviceid == event.sourceid => {
                self.pressed(event.sourceid, SeenInput::Click);
            }
            Event::XinputRawTouchEnd(event) if event.deviceid == event.sourceid => {
                self.pressed(event.sourceid, SeenInput::Press);
            }
            Event::XinputRawMotion(event) if event.deviceid == event.sourceid => {
                if self.devices.is_injecting(event.sourceid) {
                    self.handler.input_seen(SeenInput::InjectedMotion);
                }
                self.local(event.sourceid);
            }
            Event::XinputHierarchy(_) => {
                let had_keyboard = self.devices.has_keyboard();
                self.devices = Devices::load(&self.conn)?;
                if had_keyboard && !self.devices.has_keyboard() {
                    self.handler.keyboard_gone();
                }
            }
            event if changes_keymap(event) => {
                // Whoever controls a terminal can move F12 to another key: what
                // was a stop key when this began, stays one.
                for keycode in stop_keycodes(&self.conn, self.second_key)? {
                    if !self.stop_keycodes.contains(&keycode) {
                        self.stop_keycodes.push(keycode);
                    }
                }
                self.swallow.renew(&self.conn, self.root, &self.stop_keycodes)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Something of a device went down.
    fn went_down(&mut self, device: u16, seen: SeenInput) {
        self.pressed(device, seen);
        self.local(device);
    }

    /// Something of a device went down or up.
    fn pressed(&mut self, device: u16, seen: SeenInput) {
        let injected = self.devices.is_injecting(device);
        self.handler.input_seen(if injected { SeenInput::InjectedPress } else { seen });
    }

    /// A device was used: if it is a real one, the person did.
    fn local(&mut self, device: u16) {
        if self.devices.is_injecting(device) {
            return;
        }
        let now = Instant::now();
        if self.told_local.is_none_or(|told| now.duration_since(told) >= LOCAL_INPUT_PAUSE) {
            self.told_local = Some(now);
            self.handler.local_input();
        }
    }
}

/// Every key on which a stop key lies, at any level of any layout.
fn stop_keycodes(conn: &RustConnection, second_key: Option<u32>) -> Result<Vec<u32>, ReplyError> {
    let keymap = Keymap::load(conn, Keyboard::core(), second_key)?;
    let mut found: Vec<u32> = keymap.stop_keycodes().map(u32::from).collect();
    if !keymap.has_f12() {
        found.push(USUAL_KEYCODE);
    }
    Ok(found)
}
