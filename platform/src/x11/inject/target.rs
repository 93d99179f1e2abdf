//! Where an event would go at this very moment, and whether that is shared.
//! To be asked only while the server is grabbed.

use super::{Failure, X11Injector};
use crate::x11::owner::process_of;
use mitblick_protocol::{input::InputRefusal, peer_msg::SurfaceId};
use x11rb::{
    CURRENT_TIME, NONE,
    connection::Connection as _,
    errors::ReplyError,
    protocol::xproto::{
        AtomEnum, ConnectionExt as _, EventMask, GrabMode, GrabStatus, InputFocus, MapState, Window, WindowClass,
    },
};

/// Deepest nesting of windows that is followed.
const MAX_DEPTH: usize = 64;
/// Most kinds of a window that are looked at.
const MAX_KINDS: u32 = 32;

x11rb::atom_manager! {
    /// The property that names the kinds of a window (EWMH), and those kinds
    /// that are never the reason for a grab.
    pub(super) Kinds: KindsCookie {
        _NET_WM_WINDOW_TYPE,
        _NET_WM_WINDOW_TYPE_TOOLTIP,
        _NET_WM_WINDOW_TYPE_NOTIFICATION,
        _NET_WM_WINDOW_TYPE_DND,
    }
}

impl X11Injector {
    /// Where a point of a surface is on the screen, if a press there reaches
    /// a shared window.
    pub(super) fn place(&self, surface: SurfaceId, x: i32, y: i32) -> Result<(i16, i16), Failure> {
        const OUTSIDE: Failure = Failure::Refused(InputRefusal::OutsideSharedWindows);
        let window = surface.0;
        let (Ok(x), Ok(y)) = (i16::try_from(x), i16::try_from(y)) else { return Err(OUTSIDE) };
        let geometry = if_there(self.conn.get_geometry(window)?.reply())?.ok_or(OUTSIDE)?;
        let attributes = if_there(self.conn.get_window_attributes(window)?.reply())?.ok_or(OUTSIDE)?;
        let inside =
            u16::try_from(x).is_ok_and(|x| x < geometry.width) && u16::try_from(y).is_ok_and(|y| y < geometry.height);
        if !inside || attributes.map_state != MapState::VIEWABLE || !self.is_shared(window)? {
            return Err(OUTSIDE);
        }
        let there = self.conn.translate_coordinates(window, self.root, x, y)?.reply()?;
        let place = (there.dst_x, there.dst_y);
        let path = self.path_at(place)?;
        // Off the screen there is nothing but the root; the pointer can't go there.
        if !path.last().map_or(Ok(false), |&top| self.is_shared(top))? {
            return Err(OUTSIDE);
        }
        // While one of our buttons is down the grab is the one of the window
        // that took it.
        if self.buttons.is_empty() {
            let mode = GrabMode::ASYNC;
            let (events, none) = (EventMask::NO_EVENT, NONE);
            let asked = self.conn.grab_pointer(false, self.probe, events, mode, mode, none, none, CURRENT_TIME)?;
            if asked.reply()?.status == GrabStatus::ALREADY_GRABBED && !self.popup_is_shared()? {
                return Err(Failure::Grabbed(InputRefusal::OutsideSharedWindows));
            }
        }
        Ok(place)
    }

    /// Makes sure that a key goes to a shared window.
    pub(super) fn keyboard_is_shared(&self) -> Result<(), Failure> {
        const NOT_SHARED: Failure = Failure::Refused(InputRefusal::FocusNotShared);
        let focus = self.conn.get_input_focus()?.reply()?.focus;
        let focus = match focus {
            NONE => return Err(NOT_SHARED),
            focus if focus == u32::from(u8::from(InputFocus::POINTER_ROOT)) => self.root,
            focus => focus,
        };
        if focus != self.root && !self.is_shared(focus)? {
            return Err(NOT_SHARED);
        }
        let pointer = self.conn.query_pointer(self.root)?.reply()?;
        let path = self.path_at((pointer.root_x, pointer.root_y))?;
        // With the pointer inside the focus window, or the root as that, a key
        // goes to the window under the pointer.
        let under_pointer = path.last().copied().filter(|_| path.contains(&focus));
        if !self.is_shared(under_pointer.unwrap_or(focus))? {
            return Err(NOT_SHARED);
        }
        let mode = GrabMode::ASYNC;
        let grab = self.conn.grab_keyboard(false, self.probe, CURRENT_TIME, mode, mode)?.reply()?;
        if grab.status == GrabStatus::ALREADY_GRABBED && !self.popup_is_shared()? {
            return Err(Failure::Grabbed(InputRefusal::FocusNotShared));
        }
        Ok(())
    }

    /// Whether a window belongs to a shared application, which this program
    /// itself never is. Clients without a process can be shown, but not
    /// controlled: nothing tells them from the next one that the server gives
    /// the same identity.
    fn is_shared(&self, window: Window) -> Result<bool, Failure> {
        let owner = self.owners.application_of(&self.conn, window)?;
        Ok(owner.is_some_and(|owner| process_of(owner).is_some() && self.shared.contains(&self.owners, owner)))
    }

    /// The windows that hold this point, from the root to the top-most one, as
    /// the server finds them for an event: mapped and inside the shapes for
    /// looks and for input.
    fn path_at(&self, (x, y): (i16, i16)) -> Result<Vec<Window>, Failure> {
        let mut path = vec![self.root];
        let mut window = self.root;
        while path.len() < MAX_DEPTH {
            match self.conn.translate_coordinates(self.root, window, x, y)?.reply()?.child {
                NONE => break,
                child => window = child,
            }
            path.push(window);
        }
        Ok(path)
    }

    /// Whether the top-most window that no window manager places belongs to a
    /// shared application. Another client's grab takes all events, wherever
    /// they point; the protocol does not say whose it is. Nearly always it is
    /// a menu's, and a menu is such a window.
    ///
    /// What only shows something takes no events, so that of a shared
    /// application it says nothing about the grab: else a tooltip, which the
    /// watcher can call up, would pass off anybody's grab as shared. That of
    /// another application counts: to refuse is never wrong.
    fn popup_is_shared(&self) -> Result<bool, Failure> {
        let of_server = |window: Window| window & !self.conn.setup().resource_id_mask == 0;
        let tree = self.conn.query_tree(self.root)?.reply()?;
        for window in tree.children.into_iter().rev().filter(|&window| !of_server(window)) {
            let Some(attributes) = if_there(self.conn.get_window_attributes(window)?.reply())? else { continue };
            let popup = attributes.override_redirect && attributes.map_state == MapState::VIEWABLE;
            if !popup || attributes.class == WindowClass::INPUT_ONLY {
                continue;
            }
            let owner = self.owners.application_of(&self.conn, window)?;
            if owner.is_some_and(|owner| self.owners.is_own(owner)) {
                continue;
            }
            let shared = self.is_shared(window)?;
            if !shared || !self.only_shows(window)? {
                return Ok(shared);
            }
        }
        Ok(false)
    }

    /// Whether a window says that it is of a kind that takes no events.
    fn only_shows(&self, window: Window) -> Result<bool, Failure> {
        let kinds = &self.kinds;
        let (property, any) = (kinds._NET_WM_WINDOW_TYPE, AtomEnum::ANY);
        let said = if_there(self.conn.get_property(false, window, property, any, 0, MAX_KINDS)?.reply())?;
        let passive =
            [kinds._NET_WM_WINDOW_TYPE_TOOLTIP, kinds._NET_WM_WINDOW_TYPE_NOTIFICATION, kinds._NET_WM_WINDOW_TYPE_DND];
        Ok(said.is_some_and(|said| said.value32().is_some_and(|mut kinds| kinds.any(|kind| passive.contains(&kind)))))
    }
}

/// A reply about a window, if the window is still there.
fn if_there<T>(reply: Result<T, ReplyError>) -> Result<Option<T>, Failure> {
    match reply {
        Ok(reply) => Ok(Some(reply)),
        Err(ReplyError::X11Error(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
