//! The window tree: which top-level windows there are, whose they are and
//! where they stand, with and without a window manager.

use super::{
    extensions::{Display, broken, if_there, reply_broken},
    owner::Owners,
    properties::{self, Atoms},
};
use crate::capture::CaptureError;
use mitblick_protocol::{geometry::Rect, session::ApplicationId};
use x11rb::protocol::xproto::{ConnectionExt as _, MapState, Window, WindowClass};

/// How deep in a window manager's frame a client's window may be.
const FRAME_DEPTH: usize = 4;
/// `WM_STATE` of a minimised window (ICCCM 4.1.3.1).
const ICONIC: u32 = 3;

/// A client's top-level window.
#[derive(Clone, Debug)]
pub(super) struct TopLevel {
    /// The client's own window.
    pub(super) window: Window,
    /// The child of the root that it is in: itself, or the window manager's
    /// frame.
    pub(super) top: Window,
    pub(super) owner: ApplicationId,
    /// Place on the desktop without its border.
    pub(super) rect: Rect,
    /// Width of the border that belongs to its pixmap.
    pub(super) border_px: u32,
    pub(super) visual: u32,
    /// On the screen (covered or not), or minimised.
    pub(super) viewable: bool,
    /// A menu, tooltip or the like that the window manager leaves alone.
    pub(super) override_redirect: bool,
    /// The desktop's background or a panel.
    pub(super) is_furniture: bool,
    pub(super) transient_for: Option<Window>,
}

/// All clients' top-level windows, bottom-most first.
pub(super) fn top_levels(display: &Display, atoms: &Atoms, owners: Owners) -> Result<Vec<TopLevel>, CaptureError> {
    let conn = &display.conn;
    let tree = conn.query_tree(display.root).map_err(broken)?.reply().map_err(reply_broken)?;
    let managed = is_managed(display, atoms)?;
    // Level by level, so that a level costs one round trip, not one a window.
    let mut level: Vec<(Window, usize)> = tree.children.iter().copied().zip(0..).collect();
    let mut found: Vec<(usize, TopLevel)> = Vec::new();
    // Menus and tooltips have no `WM_STATE`; nor have the window manager's
    // frames, which are told from them by what is inside.
    let mut perhaps: Vec<(usize, TopLevel)> = Vec::new();
    for depth in 0..FRAME_DEPTH {
        let looked = look(display, atoms, owners, &level)?;
        let mut next = Vec::new();
        for (window, place) in looked {
            let unmanaged = depth == 0 && window.top.viewable && (window.top.override_redirect || !managed);
            if window.has_state {
                let top = tree.children.get(place).copied().unwrap_or(window.top.window);
                found.push((place, TopLevel { top, ..window.top }));
                continue;
            }
            if unmanaged {
                perhaps.push((place, window.top));
            }
            next.extend(window.children.into_iter().map(|child| (child, place)));
        }
        if next.is_empty() {
            break;
        }
        level = next;
    }
    perhaps.retain(|(place, _)| !found.iter().any(|(other, _)| other == place));
    found.append(&mut perhaps);
    found.sort_by_key(|(place, _)| *place);
    Ok(found.into_iter().map(|(_, top)| top).collect())
}

/// Whether a window manager is at work (EWMH).
fn is_managed(display: &Display, atoms: &Atoms) -> Result<bool, CaptureError> {
    let check = properties::ask(&display.conn, display.root, atoms._NET_SUPPORTING_WM_CHECK, 1)?;
    let Some(window) = properties::first_u32(check)? else { return Ok(false) };
    // A manager that has gone leaves its mark, but not its window.
    let there = properties::ask(&display.conn, window, atoms._NET_SUPPORTING_WM_CHECK, 1)?;
    Ok(properties::first_u32(there)? == Some(window))
}

struct Looked {
    top: TopLevel,
    has_state: bool,
    children: Vec<Window>,
}

/// Everything about the windows of one level; those that have vanished or
/// can't show anything are left out.
fn look(
    display: &Display,
    atoms: &Atoms,
    owners: Owners,
    level: &[(Window, usize)],
) -> Result<Vec<(Looked, usize)>, CaptureError> {
    let conn = &display.conn;
    let mut asked = Vec::with_capacity(level.len());
    for &(window, place) in level {
        asked.push((
            window,
            place,
            conn.get_window_attributes(window).map_err(broken)?,
            conn.get_geometry(window).map_err(broken)?,
            conn.translate_coordinates(window, display.root, 0, 0).map_err(broken)?,
            properties::ask(conn, window, atoms.WM_STATE, 1)?,
            properties::ask(conn, window, atoms._NET_WM_WINDOW_TYPE, 1)?,
            properties::ask(conn, window, atoms.WM_TRANSIENT_FOR, 1)?,
            conn.query_tree(window).map_err(broken)?,
        ));
    }
    let windows: Vec<Window> = level.iter().map(|&(window, _)| window).collect();
    let owners = owners.owners(conn, &windows)?;
    let mut looked = Vec::with_capacity(level.len());
    for ((window, place, attributes, geometry, origin, state, kind, transient, tree), owner) in
        asked.into_iter().zip(owners)
    {
        let attributes = if_there(attributes.reply())?;
        let geometry = if_there(geometry.reply())?;
        let origin = if_there(origin.reply())?;
        let state = properties::first_u32(state)?;
        let kind = properties::first_u32(kind)?;
        let transient_for = properties::first_u32(transient)?.filter(|&of| of != 0 && of != display.root);
        let tree = if_there(tree.reply())?;
        let (Some(attributes), Some(geometry), Some(origin), Some(tree), Some(owner)) =
            (attributes, geometry, origin, tree, owner)
        else {
            continue;
        };
        if attributes.class == WindowClass::INPUT_ONLY {
            continue;
        }
        let viewable = attributes.map_state == MapState::VIEWABLE;
        // A window that waits to be shown (withdrawn) is none yet.
        let has_state = state.is_some_and(|state| viewable || state == ICONIC);
        let is_furniture =
            kind.is_some_and(|kind| kind == atoms._NET_WM_WINDOW_TYPE_DESKTOP || kind == atoms._NET_WM_WINDOW_TYPE_DOCK);
        let top = TopLevel {
            window,
            top: window,
            owner,
            rect: Rect::new(origin.dst_x.into(), origin.dst_y.into(), geometry.width.into(), geometry.height.into()),
            border_px: geometry.border_width.into(),

            visual: attributes.visual,
            viewable,
            override_redirect: attributes.override_redirect,
            is_furniture,
            transient_for,
        };
        let children = tree.children;
        looked.push((Looked { top, has_state, children }, place));
    }
    Ok(looked)
}
