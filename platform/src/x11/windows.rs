//! What windows say of themselves, and which window inside a window manager's
//! frame is the application's.
//!
//! Everything here is a claim of the window's owner, used to show and to
//! arrange; who the owner is, comes from [`Link::application_of`] alone.

use super::link::{Link, Lost, answer};
use mitblick_protocol::geometry::Rect;
use x11rb::protocol::xproto::{self, Atom, AtomEnum, ConnectionExt as _, MapState, Window, WindowClass};

/// How deep a client window may lie below the root's children.
const MAX_FRAME_DEPTH: usize = 4;
/// How many windows are looked at to find a client window in a frame.
const MAX_FRAME_WINDOWS: usize = 64;
/// Longest text property taken, in 4-byte units.
const MAX_TEXT_UNITS: u32 = 1_024;

/// ICCCM section 4.1.3.1.
const ICONIC_STATE: u32 = 3;

/// What a window claims about itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Claims {
    pub(crate) title: String,
    pub(crate) class: String,
    pub(crate) transient_for: Option<Window>,
    pub(crate) iconic: bool,
    /// Desktop background or panel.
    pub(crate) desktop_part: bool,
}

/// Where a window is and how the server treats it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Without its border, in root coordinates.
    pub(crate) rect: Rect,
    pub(crate) border: u16,
    pub(crate) depth: u8,
    pub(crate) visual: xproto::Visualid,
    pub(crate) viewable: bool,
    pub(crate) input_only: bool,
    pub(crate) override_redirect: bool,
}

/// Place and treatment of a window; `None` if it is gone.
pub(crate) fn place(link: &Link, window: Window) -> Result<Option<Place>, Lost> {
    let attributes = link.conn.get_window_attributes(window)?;
    let geometry = link.conn.get_geometry(window)?;
    let origin = link.conn.translate_coordinates(window, link.root, 0, 0)?;
    let (attributes, geometry, origin) =
        (answer(attributes.reply())?, answer(geometry.reply())?, answer(origin.reply())?);
    let (Some(attributes), Some(geometry), Some(origin)) = (attributes, geometry, origin) else {
        return Ok(None);
    };
    Ok(Some(Place {
        rect: Rect::new(origin.dst_x.into(), origin.dst_y.into(), geometry.width.into(), geometry.height.into()),
        border: geometry.border_width,
        depth: geometry.depth,
        visual: attributes.visual,
        viewable: attributes.map_state == MapState::VIEWABLE,
        input_only: attributes.class == WindowClass::INPUT_ONLY,
        override_redirect: attributes.override_redirect,
    }))
}

/// What a window says of itself. Of one that is gone: nothing.
pub(crate) fn claims(link: &Link, window: Window) -> Result<Claims, Lost> {
    let atoms = &link.atoms;
    let any = u32::from(AtomEnum::ANY);
    let ask = |property: Atom, units| link.conn.get_property(false, window, property, any, 0, units);
    let net_name = ask(atoms._NET_WM_NAME, MAX_TEXT_UNITS)?;
    let name = ask(AtomEnum::WM_NAME.into(), MAX_TEXT_UNITS)?;
    let class = ask(AtomEnum::WM_CLASS.into(), MAX_TEXT_UNITS)?;
    let transient_for = ask(AtomEnum::WM_TRANSIENT_FOR.into(), 1)?;
    let state = ask(atoms.WM_STATE, 2)?;
    let kinds = ask(atoms._NET_WM_WINDOW_TYPE, 32)?;
    let text = |reply: Option<xproto::GetPropertyReply>| reply.map(|reply| decode(link, &reply)).unwrap_or_default();
    let first = |reply: Option<xproto::GetPropertyReply>| {
        reply.and_then(|reply| reply.value32().and_then(|mut values| values.next()))
    };
    let net_name = text(answer(net_name.reply())?);
    let name = text(answer(name.reply())?);
    // Instance and class, each ended by a zero (ICCCM section 4.1.2.5).
    let class = text(answer(class.reply())?).split('\0').nth(1).unwrap_or_default().to_owned();
    let transient_for = first(answer(transient_for.reply())?).filter(|&owner| owner != 0);
    let state = first(answer(state.reply())?);
    let kinds: Vec<Atom> =
        answer(kinds.reply())?.and_then(|reply| Some(reply.value32()?.collect())).unwrap_or_default();
    let desktop_part = |kind: &Atom| [atoms._NET_WM_WINDOW_TYPE_DESKTOP, atoms._NET_WM_WINDOW_TYPE_DOCK].contains(kind);
    Ok(Claims {
        title: if net_name.is_empty() { name } else { net_name }.trim_end_matches('\0').to_owned(),
        class,
        transient_for,
        iconic: state == Some(ICONIC_STATE),
        desktop_part: kinds.iter().any(desktop_part),
    })
}

/// Text of a property. `STRING` is Latin-1 (ICCCM section 2.7.1), and so is what
/// most programs put into `COMPOUND_TEXT` outside of Asia.
fn decode(link: &Link, reply: &xproto::GetPropertyReply) -> String {
    if reply.format != 8 {
        return String::new();
    }
    if reply.type_ == link.atoms.UTF8_STRING {
        return String::from_utf8_lossy(&reply.value).into_owned();
    }
    match std::str::from_utf8(&reply.value) {
        // Programs that write UTF-8 where Latin-1 belongs are common; the
        // other way round hardly ever makes valid UTF-8.
        Ok(text) => text.to_owned(),
        Err(_) => reply.value.iter().map(|&byte| char::from(byte)).collect(),
    }
}

/// The application's window in a child of the root: itself, or the one inside
/// the window manager's frame.
///
/// A window that a window manager has marked wins; then the child of the root
/// itself, if it says who it is or nobody manages it; then any window below
/// that does.
pub(crate) fn client_window(link: &Link, top: Window) -> Result<Window, Lost> {
    let any = u32::from(AtomEnum::ANY);
    let mut level = vec![top];
    let mut seen = 0;
    let mut named = None;
    for _ in 0..MAX_FRAME_DEPTH {
        let mut asked = Vec::new();
        for window in level {
            let has = |property: Atom| link.conn.get_property(false, window, property, any, 0, 0);
            let marked = has(link.atoms.WM_STATE)?;
            let class = has(AtomEnum::WM_CLASS.into())?;
            let name = has(AtomEnum::WM_NAME.into())?;
            asked.push((window, marked, class, name, link.conn.query_tree(window)?));
        }
        level = Vec::new();
        for (window, marked, class, name, tree) in asked {
            let is_there = |reply: Option<xproto::GetPropertyReply>| reply.is_some_and(|reply| reply.type_ != 0);
            let marked = is_there(answer(marked.reply())?);
            let says_who = is_there(answer(class.reply())?) | is_there(answer(name.reply())?);
            let children = answer(tree.reply())?.map(|tree| tree.children).unwrap_or_default();
            if marked {
                return Ok(window);
            }
            if says_who && named.is_none() {
                named = Some(window);
            }
            seen += 1;
            if seen + level.len() < MAX_FRAME_WINDOWS {
                level.extend(children);
            }
        }
    }
    Ok(named.unwrap_or(top))
}
