//! Lets go of what remote control holds down when this program can't any more:
//! a press that was injected stays in the server after its client is gone, and
//! a program that is killed has no last words.
//!
//! The guard is the same program once more, started with [`GUARD_ARGUMENT`]
//! while control is granted. It is told over its standard input what goes down
//! and comes up, and when that ends it releases what is left.

use super::keyboards::{Keyboard, use_xkb};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, ExitCode, Stdio},
};
use x11rb::{
    CURRENT_TIME,
    connection::Connection as _,
    protocol::{
        xproto::{
            BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ConnectionExt as _, KEY_PRESS_EVENT, KEY_RELEASE_EVENT,
            MAPPING_NOTIFY_EVENT,
        },
        xtest::ConnectionExt as _,
    },
    rust_connection::RustConnection,
};

/// First argument of the guard; the display's name may follow.
pub const GUARD_ARGUMENT: &str = "--release-held-input";

/// Told instead of a press, and followed by a symbol: this key code carries it
/// only for us. To be cleared at the end, after all releases.
const SPARE_KEY: u8 = MAPPING_NOTIFY_EVENT;
/// It does no longer.
pub(super) const NO_SPARE_KEY: u8 = SPARE_KEY + 1;

/// The running guard. Dropping it ends it.
#[derive(Debug)]
pub(super) struct Guard {
    told: Option<ChildStdin>,
    hangs: bool,
    process: Option<Child>,
}

impl Guard {
    /// Starts this program as a guard.
    pub(super) fn start(program: &Path, display: Option<&str>) -> io::Result<Self> {
        let mut command = Command::new(program);
        command.arg(GUARD_ARGUMENT).args(display);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        // What ends this program's group must not end its guard.
        command.process_group(0);
        let mut process = command.spawn()?;
        let told = process.stdin.take();
        if let Some(told) = &told {
            // A guard that hangs must not hang the injection.
            fcntl_setfl(told, fcntl_getfl(told)? | OFlags::NONBLOCK)?;
        }
        Ok(Self { told, hangs: false, process: Some(process) })
    }

    /// An event is about to be injected (a press), or was (a release).
    pub(super) fn note(&mut self, kind: u8, detail: u8) {
        self.tell(&[kind, detail]);
    }

    /// A key code is about to carry this symbol.
    pub(super) fn note_spare(&mut self, keycode: u8, symbol: u32) {
        let [a, b, c, d] = symbol.to_le_bytes();
        self.tell(&[SPARE_KEY, keycode, a, b, c, d]);
    }

    fn tell(&mut self, note: &[u8]) {
        let Some(told) = &mut self.told else { return };
        match told.write_all(note) {
            Ok(()) => {}
            // The end of the notes would be its sign to let go of everything.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.hangs = true,
            Err(error) => {
                tracing::warn!(%error, "the guard of held keys is gone");
                self.told = None;
            }
        }
    }

    /// Whether it has missed a note because it hangs: what it would let go of
    /// is not what is held.
    pub(super) fn hangs(&self) -> bool {
        self.hangs
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.told = None;
        if let Some(mut process) = self.process.take() {
            // It ends by itself; nobody waits for that but the one who sees it off.
            let _ = std::thread::Builder::new().name("guard".to_owned()).spawn(move || process.wait());
        }
    }
}

/// What the guard does, to its end.
pub fn run_guard(display: Option<&str>) -> ExitCode {
    // Connected before it matters.
    let Ok((conn, _)) = RustConnection::connect(display) else { return ExitCode::FAILURE };
    let keyboard = use_xkb(&conn).and_then(|()| Keyboard::for_injection(&conn));
    let held = held_at_the_end(io::stdin().lock());
    // Nobody may give a key code another meaning between the look at it and
    // the clearing.
    let _ = conn.grab_server();
    for ((release, detail), symbol) in held {
        if release != SPARE_KEY {
            let _ = conn.xtest_fake_input(release, detail, CURRENT_TIME, x11rb::NONE, 0, 0, 0);
        } else if let Ok(keyboard) = keyboard {
            let _ = keyboard.clear(&conn, detail, symbol);
        }
    }
    let _ = conn.ungrab_server();
    // An answer means that the server has done all that was asked before.
    let done = conn.flush().is_ok() && conn.get_input_focus().is_ok_and(|cookie| cookie.reply().is_ok());
    if done { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Reads notes to their end: the releases that are missing by then, and the
/// key codes that still carry a symbol of ours.
fn held_at_the_end(mut notes: impl Read) -> BTreeMap<(u8, u8), u32> {
    let mut held = BTreeMap::new();
    let (mut note, mut symbol) = ([0; 2], [0; 4]);
    while notes.read_exact(&mut note).is_ok() {
        let [kind, detail] = note;
        match kind {
            KEY_PRESS_EVENT => drop(held.insert((KEY_RELEASE_EVENT, detail), 0)),
            BUTTON_PRESS_EVENT => drop(held.insert((BUTTON_RELEASE_EVENT, detail), 0)),
            SPARE_KEY => match notes.read_exact(&mut symbol) {
                Ok(()) => drop(held.insert((SPARE_KEY, detail), u32::from_le_bytes(symbol))),
                Err(_) => break,
            },
            NO_SPARE_KEY => drop(held.remove(&(SPARE_KEY, detail))),
            release => drop(held.remove(&(release, detail))),
        }
    }
    held
}

/// The program that is started as a guard.
pub(super) type GuardProgram = Option<PathBuf>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spare_key_is_held_until_it_is_somebody_elses() {
        let notes: [&[u8]; 7] = [
            &[SPARE_KEY, 93, 0xe4, 0, 0, 0],
            &[SPARE_KEY, 97, 0xac, 0x20, 0, 1],
            &[KEY_PRESS_EVENT, 97],
            &[KEY_RELEASE_EVENT, 97],
            &[KEY_PRESS_EVENT, 103],
            &[NO_SPARE_KEY, 93],
            // Cut off.
            &[SPARE_KEY, 120, 0xe4],
        ];
        let held: Vec<_> = held_at_the_end(notes.concat().as_slice()).into_iter().collect();
        let expected = [((KEY_RELEASE_EVENT, 103), 0), ((SPARE_KEY, 97), 0x0100_20ac)];
        assert_eq!(held, expected, "released before it is cleared");
    }

    #[test]
    fn what_went_down_and_never_came_up_is_held_at_the_end() {
        let notes = [
            [KEY_PRESS_EVENT, 37],
            [KEY_PRESS_EVENT, 24],
            [KEY_RELEASE_EVENT, 24],
            [BUTTON_PRESS_EVENT, 1],
            [BUTTON_PRESS_EVENT, 3],
            [BUTTON_RELEASE_EVENT, 1],
        ];
        let mut bytes = notes.concat();
        // Cut off in the middle of a note.
        bytes.push(KEY_PRESS_EVENT);
        let held = held_at_the_end(bytes.as_slice());
        let held: Vec<_> = held.into_keys().collect();
        assert_eq!(held, [(KEY_RELEASE_EVENT, 37), (BUTTON_RELEASE_EVENT, 3)]);
    }
}
