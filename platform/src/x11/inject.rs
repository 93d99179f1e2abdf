//! Remote input through XTEST. Each event is checked and made while the server
//! is grabbed, so nothing can come between the check and the press: no window
//! that pops up under the pointer, no other window that takes the keyboard. A
//! library that injects through a connection of its own can't be used for that
//! reason: its requests would wait for the end of our grab.
//!
//! Only modifiers and buttons are ever held down. Other keys are pressed and
//! released in one: the server repeats a key that is held, and would go on
//! with that in a window that takes the keyboard meanwhile; the watcher's own
//! keyboard repeats, and every repeat is checked.
//!
//! Attackers: a watcher with a grant who wants to reach windows that are not
//! shared, this program's own windows, the window manager or the stop key; and
//! an application that opens windows under the pointer.

mod keys;
mod spare;
mod target;

use super::{
    guard::Guard,
    keyboards::{Keyboard, changes_keymap, use_xkb},
    keymap::Keymap,
    owner::Owners,
    shared::SharedApplications,
};
use crate::inject::{InjectError, Injected, Injector};
use mitblick_protocol::{
    input::{Button, InputEvent, InputRefusal, NamedKey},
    peer_msg::SurfaceId,
    session::{Permitted, ViewSelection},
};
use spare::SpareKey;
use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};
use target::Kinds;
use x11rb::{
    CURRENT_TIME,
    connection::{Connection as _, RequestConnection as _},
    errors::{ConnectionError, ReplyError, ReplyOrIdError},
    protocol::{
        res, xkb,
        xproto::{
            BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ConnectionExt as _, CreateWindowAux, KEY_PRESS_EVENT,
            KEY_RELEASE_EVENT, MOTION_NOTIFY_EVENT, Window, WindowClass,
        },
        xtest::{self, ConnectionExt as _},
    },
    rust_connection::RustConnection,
};

/// Most notches of the wheel that one event turns.
const MAX_NOTCHES: u32 = 20;

/// How long an event is tried while another client has grabbed pointer or
/// keyboard: a window manager does for a moment at each click that gives a
/// window the focus.
const GRAB_PATIENCE: Duration = Duration::from_millis(50);
/// How long a key is tried whose window has yet to get the focus: the window
/// manager sees a click, and moves the focus, in its own time.
const FOCUS_PATIENCE: Duration = Duration::from_millis(200);
/// How long a character is tried that needs another change of the mapping.
const MAPPING_PATIENCE: Duration = Duration::from_secs(1);
/// A click is so young that the focus may still move because of it.
const FOCUS_MOVES: Duration = Duration::from_millis(500);
/// Between two tries. Each one claims its permit anew.
const RETRY_PAUSE: Duration = Duration::from_millis(4);

/// Why an event had no effect.
#[derive(Debug)]
enum Failure {
    Refused(InputRefusal),
    /// As above, because another client has grabbed the device. It may let go.
    Grabbed(InputRefusal),
    /// The keyboard's mapping was changed a moment ago.
    TooSoon,
    Broken(String),
}

impl From<ConnectionError> for Failure {
    fn from(error: ConnectionError) -> Self {
        Self::Broken(error.to_string())
    }
}

impl From<ReplyError> for Failure {
    fn from(error: ReplyError) -> Self {
        Self::Broken(error.to_string())
    }
}

/// Makes the server serve this connection alone; ends when dropped, on every
/// way out.
struct ServerGrab(Arc<RustConnection>);

impl ServerGrab {
    fn new(conn: &Arc<RustConnection>) -> Result<Self, ConnectionError> {
        conn.grab_server()?;
        Ok(Self(Arc::clone(conn)))
    }
}

impl Drop for ServerGrab {
    fn drop(&mut self) {
        // If this fails the connection is gone, and with it the grab.
        if let Ok(cookie) = self.0.ungrab_server() {
            cookie.ignore_error();
        }
        let _ = self.0.flush();
    }
}

/// Starts to inject input into the windows of the chosen applications.
pub(super) fn start(
    display: Option<&str>,
    control: Permitted<ViewSelection>,
    second_stop_key: Option<u32>,
    guard: Option<&Path>,
) -> Result<Box<dyn Injector>, InjectError> {
    let mut injector = X11Injector::start(display, control, second_stop_key)?;
    if let Some(program) = guard {
        match Guard::start(program, display) {
            Ok(guard) => injector.guard = Some(guard),
            Err(error) => tracing::warn!(%error, "no guard of held keys"),
        }
    }
    Ok(Box::new(injector))
}

fn not_available(error: impl std::fmt::Display) -> InjectError {
    InjectError::NotAvailable(error.to_string())
}

/// A modifier key that is down because of us.
#[derive(Clone, Copy)]
struct HeldModifier {
    name: NamedKey,
    keycode: u8,
    /// The modifier bits that it sets.
    bits: u8,
}

struct X11Injector {
    conn: Arc<RustConnection>,
    root: Window,
    owners: Owners,
    control: Permitted<ViewSelection>,
    shared: SharedApplications,
    /// The keyboard that injected presses come from, and its mapping.
    keyboard: Keyboard,
    keymap: Keymap,
    second_stop_key: Option<u32>,
    /// Never mapped: a grab on it can't succeed, but tells whether another
    /// client has one.
    probe: Window,
    kinds: Kinds,
    /// Buttons that are down because of us.
    buttons: Vec<u8>,
    /// Modifier keys that are down because of us, oldest first.
    modifiers: Vec<HeldModifier>,
    /// Key codes that carry a character because of us.
    spares: Vec<SpareKey>,
    spares_changed_at: Option<Instant>,
    /// The last event met a foreign grab; the next ones don't wait for its end.
    grab_seen: bool,
    /// When a button was pressed last, unless a key has waited in vain since.
    clicked_at: Option<Instant>,
    guard: Option<Guard>,
}

/// Whether the display has what injection needs.
pub(super) fn available(display: Option<&str>) -> Result<(), InjectError> {
    connect(display).map(drop)
}

fn connect(display: Option<&str>) -> Result<(RustConnection, usize), InjectError> {
    let (conn, screen) = RustConnection::connect(display).map_err(not_available)?;
    for name in [xtest::X11_EXTENSION_NAME, res::X11_EXTENSION_NAME, xkb::X11_EXTENSION_NAME] {
        if conn.extension_information(name).map_err(not_available)?.is_none() {
            return Err(InjectError::NotAvailable(format!("the display server lacks {name}")));
        }
    }
    Ok((conn, screen))
}

impl X11Injector {
    fn start(
        display: Option<&str>,
        control: Permitted<ViewSelection>,
        second_stop_key: Option<u32>,
    ) -> Result<Self, InjectError> {
        let selection = control.claim().ok_or_else(|| not_available("control is not granted"))?;
        let shared = SharedApplications::new(selection);
        let (conn, screen) = connect(display)?;
        let root =
            conn.setup().roots.get(screen).ok_or_else(|| InjectError::NotAvailable("no screen".to_owned()))?.root;
        let prepare = || -> Result<(Window, Kinds, Keyboard, Keymap), ReplyOrIdError> {
            use_xkb(&conn)?;
            let keyboard = Keyboard::for_injection(&conn)?;
            keyboard.follow(&conn)?;
            let probe = conn.generate_id()?;
            let (class, aux) = (WindowClass::INPUT_ONLY, CreateWindowAux::new().override_redirect(1));
            conn.create_window(0, probe, root, -1, -1, 1, 1, 0, class, 0, &aux)?.check()?;
            let kinds = Kinds::new(&conn)?.reply()?;
            Ok((probe, kinds, keyboard, Keymap::load(&conn, keyboard, second_stop_key)?))
        };
        let (probe, kinds, keyboard, keymap) = prepare().map_err(not_available)?;
        Ok(Self {
            owners: Owners::new(&conn).map_err(not_available)?,
            shared,
            conn: Arc::new(conn),
            root,
            control,
            keyboard,
            keymap,
            second_stop_key,
            probe,
            kinds,
            buttons: Vec::new(),
            modifiers: Vec::new(),
            spares: Vec::new(),
            spares_changed_at: None,
            grab_seen: false,
            clicked_at: None,
            guard: None,
        })
    }

    /// The last question before every press.
    fn still_permitted(&self, input: &Permitted<InputEvent>) -> Result<(), Failure> {
        match (self.control.claim(), input.claim()) {
            (Some(_), Some(_)) => Ok(()),
            (None, _) => Err(Failure::Refused(InputRefusal::NoGrant)),
            (_, None) => Err(Failure::Refused(input.refusal())),
        }
    }

    fn attempt(&mut self, input: &Permitted<InputEvent>) -> Result<(), Failure> {
        let event = *input.claim().ok_or_else(|| Failure::Refused(input.refusal()))?;
        match event {
            InputEvent::ReleaseAll => {
                self.release_all();
                Ok(())
            }
            InputEvent::PointerMove { surface, x, y } => self.grabbed(|injector| {
                let place = injector.place(surface, x, y)?;
                injector.move_to(place, input)
            }),
            InputEvent::PointerButton { surface, x, y, button, pressed } => {
                self.grabbed(|injector| injector.button((surface, x, y), number(button), pressed, input))
            }
            InputEvent::Scroll { surface, x, y, right, down } => self.grabbed(|injector| {
                injector.mouse_is_the_applications()?;
                let place = injector.place(surface, x, y)?;
                injector.move_to(place, input)?;
                for (notches, less, more) in [(down, 4, 5), (right, 6, 7)] {
                    let button = if notches < 0 { less } else { more };
                    for _ in 0..u32::from(notches.unsigned_abs()).min(MAX_NOTCHES) {
                        injector.still_permitted(input)?;
                        injector.fake(BUTTON_PRESS_EVENT, button)?;
                        injector.fake(BUTTON_RELEASE_EVENT, button)?;
                    }
                }
                Ok(())
            }),
            InputEvent::Key { key, pressed } => self.grabbed(|injector| injector.key(key, pressed, input)),
        }
    }

    /// Does this while the server serves nobody else.
    fn grabbed(&mut self, work: impl FnOnce(&mut Self) -> Result<(), Failure>) -> Result<(), Failure> {
        let _grab = ServerGrab::new(&self.conn)?;
        work(self)
    }

    fn button(
        &mut self,
        (surface, x, y): (SurfaceId, i32, i32),
        button: u8,
        pressed: bool,
        input: &Permitted<InputEvent>,
    ) -> Result<(), Failure> {
        let held = self.buttons.contains(&button);
        if held == pressed {
            return Ok(());
        }
        let moved = self.place(surface, x, y).and_then(|place| self.move_to(place, input));
        if pressed {
            moved?;
            self.mouse_is_the_applications()?;
            self.still_permitted(input)?;
            self.fake(BUTTON_PRESS_EVENT, button)?;
            self.buttons.push(button);
            self.clicked_at = Some(Instant::now());
        } else {
            // What is held is let go of wherever the pointer may be.
            if let Err(Failure::Broken(error)) = moved {
                return Err(Failure::Broken(error));
            }
            self.fake(BUTTON_RELEASE_EVENT, button)?;
            self.buttons.retain(|&held| held != button);
        }
        Ok(())
    }

    /// With Alt held, button and wheel are the window manager's on most desktops:
    /// they move and resize windows, or change the desktop.
    fn mouse_is_the_applications(&self) -> Result<(), Failure> {
        let managers = self.keymap.alt_bits() | self.keymap.super_bits();
        let held = self.modifiers.iter().fold(0, |all, held| all | held.bits);
        if held & managers == 0 { Ok(()) } else { Err(Failure::Refused(InputRefusal::SystemShortcut)) }
    }

    /// Whether a click may be about to give the keyboard to a shared window.
    fn focus_is_moving(&self) -> bool {
        self.clicked_at.is_some_and(|at| at.elapsed() < FOCUS_MOVES)
    }

    /// Moves the pointer there, and makes sure that it is there: a barrier or
    /// another client's grab may hold it back.
    fn move_to(&self, (x, y): (i16, i16), input: &Permitted<InputEvent>) -> Result<(), Failure> {
        self.still_permitted(input)?;
        self.conn.xtest_fake_input(MOTION_NOTIFY_EVENT, 0, CURRENT_TIME, self.root, x, y, 0)?;
        let pointer = self.conn.query_pointer(self.root)?.reply()?;
        if (pointer.root_x, pointer.root_y) == (x, y) {
            Ok(())
        } else {
            Err(Failure::Refused(InputRefusal::OutsideSharedWindows))
        }
    }

    fn fake(&mut self, kind: u8, detail: u8) -> Result<(), Failure> {
        let press = matches!(kind, KEY_PRESS_EVENT | BUTTON_PRESS_EVENT);
        // Known before it is down, and forgotten only once it is up.
        if let Some(guard) = self.guard.as_mut().filter(|_| press) {
            guard.note(kind, detail);
        }
        self.conn.xtest_fake_input(kind, detail, CURRENT_TIME, self.root, 0, 0, 0)?;
        if let Some(guard) = self.guard.as_mut().filter(|_| !press) {
            self.conn.flush()?;
            guard.note(kind, detail);
        }
        Ok(())
    }

    /// Reads the keyboard mapping again if it has changed.
    fn refresh_keymap(&mut self) -> Result<(), Failure> {
        let mut changed = false;
        while let Some(event) = self.conn.poll_for_event()? {
            changed |= changes_keymap(&event);
        }
        if changed {
            self.keymap = Keymap::load(&self.conn, self.keyboard, self.second_stop_key)?;
            self.keep_own_spares();
        }
        Ok(())
    }
}

impl Injector for X11Injector {
    fn inject(&mut self, input: &Permitted<InputEvent>) -> Result<Injected, InjectError> {
        if self.guard.as_ref().is_some_and(Guard::hangs) {
            return Err(InjectError::Broken("the guard of held keys hangs".to_owned()));
        }
        let began = Instant::now();
        loop {
            let (refusal, patience) = match self.attempt(input) {
                Ok(()) => {
                    self.grab_seen = false;
                    return Ok(Injected::Done);
                }
                Err(Failure::Broken(error)) => return Err(InjectError::Broken(error)),
                Err(Failure::Grabbed(refusal)) => {
                    (refusal, if self.grab_seen { Duration::ZERO } else { GRAB_PATIENCE })
                }
                Err(Failure::TooSoon) => (InputRefusal::NoKeyForCharacter, MAPPING_PATIENCE),
                Err(Failure::Refused(InputRefusal::FocusNotShared)) if self.focus_is_moving() => {
                    (InputRefusal::FocusNotShared, FOCUS_PATIENCE)
                }
                Err(Failure::Refused(refusal)) => return Ok(Injected::Refused(refusal)),
            };
            if began.elapsed() >= patience {
                self.grab_seen |= patience == GRAB_PATIENCE;
                self.clicked_at = None;
                return Ok(Injected::Refused(refusal));
            }
            std::thread::sleep(RETRY_PAUSE);
        }
    }

    fn release_all(&mut self) {
        let keys = std::mem::take(&mut self.modifiers);
        let buttons = std::mem::take(&mut self.buttons);
        if keys.is_empty() && buttons.is_empty() {
            return;
        }
        for held in keys.iter().rev() {
            let _ = self.fake(KEY_RELEASE_EVENT, held.keycode);
        }
        for button in buttons {
            let _ = self.fake(BUTTON_RELEASE_EVENT, button);
        }
        // An answer means that the server has done all that was asked before.
        let _ = self.conn.get_input_focus().map(|cookie| cookie.reply());
    }
}

impl Drop for X11Injector {
    fn drop(&mut self) {
        self.release_all();
        self.give_back_spares();
    }
}

/// The X number of a button.
const fn number(button: Button) -> u8 {
    match button {
        Button::Left => 1,
        Button::Middle => 2,
        Button::Right => 3,
        Button::Back => 8,
        Button::Forward => 9,
    }
}
