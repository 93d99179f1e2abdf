//! Puts the frames, and above them the bar, back on top of what covers them.

use mitblick_protocol::geometry::Rect;
use x11rb::{
    errors::ReplyError,
    protocol::xproto::{
        ChangeWindowAttributesAux, ConfigureWindowAux, ConnectionExt as _, MapState, StackMode, Window, WindowClass,
    },
    rust_connection::RustConnection,
};

/// Most ancestors that a window can reasonably have.
const MAX_DEPTH: usize = 16;

/// The answer about a window, if the window is still there.
fn there<T>(reply: Result<T, ReplyError>) -> Result<Option<T>, ReplyError> {
    match reply {
        Ok(value) => Ok(Some(value)),
        Err(ReplyError::X11Error(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Raises what is covered. Does nothing if all is right.
pub(super) fn restore(
    conn: &RustConnection,
    root: Window,
    frames: &[Window],
    bar: Option<Window>,
) -> Result<(), ReplyError> {
    let bar = match bar {
        Some(bar) => top_level(conn, root, bar)?,
        None => None,
    };
    let stack = conn.query_tree(root)?.reply()?.children;
    let is_ours = |window: &Window| frames.contains(window) || Some(*window) == bar;
    let Some(lowest) = stack.iter().position(is_ours) else { return Ok(()) };
    let mut places = Vec::new();
    for &window in stack.iter().skip(lowest) {
        places.push((window, visible_place(conn, window)?));
    }
    let covered = |ours: Window| {
        let mut above = places.iter().skip_while(|(window, _)| *window != ours);
        let place = above.next().and_then(|(_, place)| *place);
        let covers = |other: &Rect| place.is_some_and(|place| place.intersection(*other).is_some());
        above
            .filter(|(window, _)| Some(ours) == bar || !is_ours(window))
            .any(|(_, place)| place.as_ref().is_some_and(covers))
    };
    let raise_frames = frames.iter().any(|&side| covered(side));
    if raise_frames {
        for &side in frames {
            raise(conn, side)?;
        }
    }
    if let Some(bar) = bar.filter(|&bar| raise_frames || covered(bar)) {
        raise(conn, bar)?;
    }
    Ok(())
}

/// Raises a window past every rule of the window manager. A manager is asked
/// before a window is restacked, and keeps windows that fill the screen above;
/// not so for one that bypasses it, which the window does for this moment.
fn raise(conn: &RustConnection, window: Window) -> Result<(), ReplyError> {
    let Some(attributes) = there(conn.get_window_attributes(window)?.reply())? else { return Ok(()) };
    let bypass = |bypass: bool| ChangeWindowAttributesAux::new().override_redirect(u32::from(bypass));
    let managed = !attributes.override_redirect;
    // It may go at any moment, so that any of these may fail.
    if managed {
        there(conn.change_window_attributes(window, &bypass(true))?.check())?;
    }
    there(conn.configure_window(window, &ConfigureWindowAux::new().stack_mode(StackMode::ABOVE))?.check())?;
    if managed {
        there(conn.change_window_attributes(window, &bypass(false))?.check())?;
    }
    Ok(())
}

/// The child of the root that holds this window: the window manager's frame,
/// or the window itself.
fn top_level(conn: &RustConnection, root: Window, window: Window) -> Result<Option<Window>, ReplyError> {
    let mut window = window;
    for _ in 0..MAX_DEPTH {
        let Some(tree) = there(conn.query_tree(window)?.reply())? else { return Ok(None) };
        if tree.parent == root {
            return Ok(Some(window));
        }
        window = tree.parent;
    }
    Ok(None)
}

/// Where a window is, if it is there to be seen.
fn visible_place(conn: &RustConnection, window: Window) -> Result<Option<Rect>, ReplyError> {
    let (attributes, geometry) = (conn.get_window_attributes(window)?, conn.get_geometry(window)?);
    let (Some(attributes), Some(geometry)) = (there(attributes.reply())?, there(geometry.reply())?) else {
        return Ok(None);
    };
    let seen = attributes.map_state == MapState::VIEWABLE && attributes.class == WindowClass::INPUT_OUTPUT;
    let border = 2 * u32::from(geometry.border_width);
    let (width, height) = (u32::from(geometry.width) + border, u32::from(geometry.height) + border);
    Ok(seen.then(|| Rect::new(geometry.x.into(), geometry.y.into(), width, height)))
}
