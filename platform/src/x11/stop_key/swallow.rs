//! Keeps the stop key from the application that has the keyboard, as well as
//! it can be done: a passive grab of the key on the root window.

use x11rb::{
    errors::ReplyError,
    protocol::xproto::{ConnectionExt as _, GrabMode, ModMask, Window},
    rust_connection::RustConnection,
};

/// The grabs that are in place.
#[derive(Debug, Default)]
pub(super) struct Swallow {
    on: bool,
    grabbed: Vec<u8>,
}

impl Swallow {
    /// Switches it on or off.
    pub(super) fn set(
        &mut self,
        on: bool,
        conn: &RustConnection,
        root: Window,
        keycodes: &[u32],
    ) -> Result<(), ReplyError> {
        if on == self.on {
            return Ok(());
        }
        self.on = on;
        self.renew(conn, root, keycodes)
    }

    /// Grabs these keys in place of the ones before, if it is on. A key that
    /// stays one of them is held without a gap: mappings change whenever another
    /// keyboard is used, and a press in between would reach the application.
    pub(super) fn renew(&mut self, conn: &RustConnection, root: Window, keycodes: &[u32]) -> Result<(), ReplyError> {
        let mut wanted: Vec<u8> = Vec::new();
        if self.on {
            wanted.extend(keycodes.iter().filter_map(|&keycode| u8::try_from(keycode).ok()));
        }
        for &keycode in &wanted {
            if self.grabbed.contains(&keycode) {
                continue;
            }
            let mode = GrabMode::ASYNC;
            match conn.grab_key(false, root, ModMask::ANY, keycode, mode, mode)?.check() {
                Ok(()) => {}
                // Another program has bound the key; it stops all the same.
                Err(ReplyError::X11Error(error)) => {
                    tracing::debug!(?error, "the stop key can't be kept to ourselves");
                    continue;
                }
                Err(error) => return Err(error),
            }
            self.grabbed.push(keycode);
        }
        let (kept, given_back): (Vec<u8>, Vec<u8>) =
            self.grabbed.drain(..).partition(|keycode| wanted.contains(keycode));
        self.grabbed = kept;
        for keycode in given_back {
            conn.ungrab_key(keycode, root, ModMask::ANY)?.check()?;
        }
        Ok(())
    }

    /// Gives the keys back. If that fails the connection is gone, and with it
    /// the grabs.
    pub(super) fn end(&mut self, conn: &RustConnection, root: Window) {
        let _ = self.set(false, conn, root, &[]);
    }
}
