//! Properties of windows: titles, icons, states, types. All of it is set by
//! the applications and as trustworthy as they are.

use super::extensions::{broken, if_there, reply_broken};
use crate::capture::{CaptureError, LocalPicture};
use mitblick_protocol::geometry::Size;
use x11rb::{
    cookie::Cookie,
    protocol::xproto::{Atom, AtomEnum, ConnectionExt as _, GetPropertyReply, Window},
    rust_connection::RustConnection,
};

x11rb::atom_manager! {
    /// Names that are used here.
    pub(super) Atoms: AtomsCookie {
        UTF8_STRING,
        WM_STATE,
        WM_CLASS,
        WM_NAME,
        WM_TRANSIENT_FOR,
        _NET_WM_NAME,
        _NET_WM_ICON,
        _NET_WM_WINDOW_TYPE,
        _NET_WM_WINDOW_TYPE_DESKTOP,
        _NET_WM_WINDOW_TYPE_DOCK,
        _NET_SUPPORTING_WM_CHECK,
    }
}

impl Atoms {
    pub(super) fn intern(conn: &RustConnection) -> Result<Self, CaptureError> {
        Self::new(conn).map_err(broken)?.reply().map_err(reply_broken)
    }
}

/// Longest text taken, in units of four bytes.
const TEXT_UNITS: u32 = 512;
/// Most icon data taken, in units of four bytes: some icons up to 256 px.
const ICON_UNITS: u32 = 512 * 1024;
/// Longest side of an icon taken.
const ICON_SIDE_PX: u32 = 512;
/// Side of an icon as it is shown.
const WANTED_ICON_PX: u32 = 48;

pub(super) type Asked<'c> = Cookie<'c, RustConnection, GetPropertyReply>;

/// Asks for a property, up to `units` of four bytes.
pub(super) fn ask(
    conn: &RustConnection,
    window: Window,
    property: Atom,
    units: u32,
) -> Result<Asked<'_>, CaptureError> {
    conn.get_property(false, window, property, AtomEnum::ANY, 0, units).map_err(broken)
}

/// The first 32-bit value of a property.
pub(super) fn first_u32(asked: Asked<'_>) -> Result<Option<u32>, CaptureError> {
    Ok(if_there(asked.reply())?.and_then(|reply| reply.value32()?.next()))
}

/// The questions that make a title.
pub(super) struct AskedTitle<'c> {
    modern: Asked<'c>,
    old: Asked<'c>,
}

pub(super) fn ask_title<'c>(
    conn: &'c RustConnection,
    atoms: &Atoms,
    window: Window,
) -> Result<AskedTitle<'c>, CaptureError> {
    Ok(AskedTitle {
        modern: ask(conn, window, atoms._NET_WM_NAME, TEXT_UNITS)?,
        old: ask(conn, window, atoms.WM_NAME, TEXT_UNITS)?,
    })
}

/// The title; empty if there is none.
pub(super) fn title(atoms: &Atoms, asked: AskedTitle<'_>) -> Result<String, CaptureError> {
    let modern = if_there(asked.modern.reply())?;
    let old = if_there(asked.old.reply())?;
    Ok([modern, old].into_iter().flatten().map(|reply| text(atoms, &reply)).find(|text| !text.is_empty()).unwrap_or_default())
}

fn text(atoms: &Atoms, reply: &GetPropertyReply) -> String {
    if reply.type_ == atoms.UTF8_STRING {
        return String::from_utf8_lossy(&reply.value).into_owned();
    }
    // STRING is Latin-1 (ICCCM 2.7.1); some write UTF-8 into it all the same.
    match std::str::from_utf8(&reply.value) {
        Ok(text) => text.to_owned(),
        Err(_) => reply.value.iter().map(|&byte| char::from(byte)).collect(),
    }
}

/// The name of the application that a window says it belongs to.
pub(super) fn class(conn: &RustConnection, atoms: &Atoms, window: Window) -> Result<Option<String>, CaptureError> {
    let reply = if_there(ask(conn, window, atoms.WM_CLASS, TEXT_UNITS)?.reply())?;
    let Some(reply) = reply else { return Ok(None) };
    // "instance\0Class\0"
    let parts: Vec<_> = reply.value.split(|&byte| byte == 0).filter(|part| !part.is_empty()).collect();
    Ok(parts.get(1).or(parts.first()).map(|part| String::from_utf8_lossy(part).into_owned()))
}

/// The icon whose size is nearest to what is shown.
pub(super) fn icon(
    conn: &RustConnection,
    atoms: &Atoms,
    window: Window,
) -> Result<Option<LocalPicture>, CaptureError> {
    let reply = if_there(ask(conn, window, atoms._NET_WM_ICON, ICON_UNITS)?.reply())?;
    let Some(values) = reply.as_ref().and_then(GetPropertyReply::value32) else { return Ok(None) };
    let values: Vec<u32> = values.collect();
    Ok(nearest_icon(&values))
}

/// Icons stand one behind the other: width, height, pixels. Sizes are the
/// application's word and are checked.
fn nearest_icon(mut rest: &[u32]) -> Option<LocalPicture> {
    let mut best: Option<(u32, LocalPicture)> = None;
    while let Some((&[width, height], pixels)) = rest.split_first_chunk::<2>() {
        if width == 0 || height == 0 || width > ICON_SIDE_PX || height > ICON_SIDE_PX {
            break;
        }
        let Some((icon, more)) = pixels.split_at_checked((width * height) as usize) else { break };
        let distance = width.max(height).abs_diff(WANTED_ICON_PX);
        if best.as_ref().is_none_or(|(least, _)| distance < *least) {
            best = Some((distance, LocalPicture { size: Size { width, height }, pixels: icon.to_vec() }));
        }
        rest = more;
    }
    best.map(|(_, icon)| icon)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_icon_is_taken_and_lies_about_sizes_do_no_harm() {
        let mut icons = vec![16, 16];
        icons.extend([1; 256]);
        icons.extend([48, 48]);
        icons.extend([2; 48 * 48]);
        icons.extend([u32::MAX, u32::MAX, 7]);
        assert_eq!(nearest_icon(&icons).map(|icon| icon.size.width), Some(48));
        assert_eq!(nearest_icon(&[500, 500, 1, 2]), None);
        assert_eq!(nearest_icon(&[0, 5]), None);
        assert_eq!(nearest_icon(&[3]), None);
    }
}
