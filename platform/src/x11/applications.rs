//! The applications that a person can choose from, with icons and previews.

use super::{
    link::{Link, Lost, answer},
    owner::process_of,
    pixels::{Layout, PixelReader},
    windows::{Claims, Place, claims, client_window, place},
};
use crate::capture::{Application, CaptureError, Desktop, LocalPicture, WindowInfo};
use mitblick_protocol::{
    geometry::{Rect, Size},
    peer_msg::SurfaceId,
    session::ApplicationId,
};
use std::collections::{BTreeMap, BTreeSet};
use x11rb::{
    connection::Connection,
    protocol::{
        composite::{self, ConnectionExt as _},
        xproto::{AtomEnum, ConnectionExt as _, Pixmap, Window},
    },
};

/// The size of icon looked for, in pixels.
const ICON_SIDE_PX: u32 = 48;
/// Larger icons than this are left out.
const MAX_ICON_SIDE_PX: u32 = 512;
/// Most icon data taken, in 4-byte units.
const MAX_ICON_UNITS: u32 = 2 << 20;

/// A window's pixmap that outlives its being minimised.
struct Kept {
    pixmap: Pixmap,
    place: Place,
}

/// See [`Desktop`].
pub(crate) struct X11Desktop {
    link: Link,
    reader: PixelReader,
    /// Windows redirected, so that covered ones have pixels for a preview.
    redirected: BTreeSet<Window>,
    kept: BTreeMap<Window, Kept>,
}

impl X11Desktop {
    pub(crate) fn new(link: Link) -> Self {
        Self { link, reader: PixelReader::default(), redirected: BTreeSet::new(), kept: BTreeMap::new() }
    }

    /// Windows that people know as such, top-most first.
    fn windows(&self) -> Result<Vec<(Window, Place, Claims)>, Lost> {
        let mut found = Vec::new();
        let managed = managed_windows(&self.link)?;
        let by_manager = managed.is_some();
        let candidates = match managed {
            Some(windows) => windows,
            None => {
                let tree = answer(self.link.conn.query_tree(self.link.root)?.reply())?;
                let tops = tree.map(|tree| tree.children).unwrap_or_default();
                tops.into_iter().map(|top| client_window(&self.link, top)).collect::<Result<_, _>>()?
            }
        };
        for window in candidates.into_iter().rev() {
            let Some(place) = place(&self.link, window)? else { continue };
            let claims = claims(&self.link, window)?;
            let listed = by_manager || (!place.override_redirect && (place.viewable || claims.iconic));
            if listed && !place.input_only && !claims.desktop_part {
                found.push((window, place, claims));
            }
        }
        Ok(found)
    }

    /// Gives windows pixels of their own while they are on offer.
    fn redirect(&mut self, windows: &BTreeSet<Window>) -> Result<(), Lost> {
        for &window in windows.difference(&self.redirected) {
            self.link.conn.composite_redirect_window(window, composite::Redirect::AUTOMATIC)?;
        }
        for window in self.redirected.difference(windows) {
            self.link.conn.composite_unredirect_window(*window, composite::Redirect::AUTOMATIC)?;
            if let Some(kept) = self.kept.remove(window) {
                self.link.conn.free_pixmap(kept.pixmap)?;
            }
        }
        self.redirected.clone_from(windows);
        self.link.conn.flush()?;
        Ok(())
    }

    fn whole_picture(&mut self, window: Window) -> Result<Option<(Size, Vec<u32>)>, Lost> {
        let pixmap = self.link.conn.generate_id()?;
        self.link.conn.composite_name_window_pixmap(window, pixmap)?;
        let geometry = answer(self.link.conn.get_geometry(pixmap)?.reply())?;
        if let (Some(geometry), Some(mut place)) = (geometry, place(&self.link, window)?) {
            let edges = 2 * place.border;
            place.rect.width = geometry.width.saturating_sub(edges).into();
            place.rect.height = geometry.height.saturating_sub(edges).into();
            if let Some(old) = self.kept.insert(window, Kept { pixmap, place }) {
                self.link.conn.free_pixmap(old.pixmap)?;
            }
        }
        let Some(kept) = self.kept.get(&window) else { return Ok(None) };
        let Some(layout) = Layout::of(&self.link, kept.place.visual, kept.place.depth) else { return Ok(None) };
        let border = i32::from(kept.place.border);
        let area = Rect { x: border, y: border, ..kept.place.rect };
        let mut pixels = Vec::new();
        let read = self.reader.read(&self.link, kept.pixmap, layout, area, &mut pixels)?;
        Ok(read.map(|()| (area.size(), pixels)))
    }
}

impl Desktop for X11Desktop {
    fn applications(&mut self) -> Result<Vec<Application>, CaptureError> {
        let mut applications: Vec<Application> = Vec::new();
        let mut offered = BTreeSet::new();
        for (window, place, claims) in self.windows()? {
            let Some(id) = self.link.application_of(window)?.filter(|&id| !self.link.owners.is_own(id)) else {
                continue;
            };
            offered.insert(window);
            let minimised = !place.viewable;
            let info = WindowInfo { id: SurfaceId(window), title: claims.title.clone(), rect: place.rect, minimised };
            let icon = icon(&self.link, window)?;
            match applications.iter_mut().find(|application| application.id == id) {
                Some(application) => {
                    application.windows.push(info);
                    application.icon = application.icon.take().or(icon);
                }
                None => applications.push(Application { id, name: name(id, &claims), icon, windows: vec![info] }),
            }
        }
        self.redirect(&offered)?;
        Ok(applications)
    }

    fn preview(&mut self, window: SurfaceId, limit: Size) -> Result<LocalPicture, CaptureError> {
        let gone = CaptureError::SurfaceGone(window);
        if !self.redirected.contains(&window.0) {
            return Err(gone);
        }
        let (size, pixels) = self.whole_picture(window.0)?.ok_or(gone)?;
        scaled_down(size, &pixels, limit).ok_or(CaptureError::SurfaceGone(window))
    }
}

/// What the window manager lists, bottom-most first; `None` if there is none.
fn managed_windows(link: &Link) -> Result<Option<Vec<Window>>, Lost> {
    let windows = |window, property, limit| -> Result<Option<Vec<Window>>, Lost> {
        let reply = link.conn.get_property(false, window, property, AtomEnum::WINDOW, 0, limit)?;
        Ok(answer(reply.reply())?.and_then(|reply| Some(reply.value32()?.collect())))
    };
    // A window manager that died leaves its list behind, but not its window.
    let check = link.atoms._NET_SUPPORTING_WM_CHECK;
    let first = |found: Option<Vec<Window>>| found.and_then(|found| found.first().copied());
    let Some(manager) = first(windows(link.root, check, 1)?) else { return Ok(None) };
    if first(windows(manager, check, 1)?) != Some(manager) {
        return Ok(None);
    }
    windows(link.root, link.atoms._NET_CLIENT_LIST_STACKING, 4_096)
}

/// The application's name for people.
fn name(id: ApplicationId, claims: &Claims) -> String {
    let class = claims.class.trim();
    // org.gnome.TextEditor
    let last = class.rsplit('.').next().unwrap_or_default();
    let words = last.replace(['-', '_'], " ");
    let mut letters = words.trim().chars();
    if let Some(first) = letters.next() {
        return first.to_uppercase().chain(letters).collect();
    }
    let program = process_of(id).and_then(|process| std::fs::read_to_string(format!("/proc/{process}/comm")).ok());
    let program = program.map(|name| name.trim().to_owned());
    program.filter(|name| !name.is_empty()).unwrap_or_else(|| claims.title.clone())
}

/// The icon nearest to the wanted size.
fn icon(link: &Link, window: Window) -> Result<Option<LocalPicture>, Lost> {
    let icons =
        link.conn.get_property(false, window, link.atoms._NET_WM_ICON, AtomEnum::CARDINAL, 0, MAX_ICON_UNITS)?;
    let data: Option<Vec<u32>> = answer(icons.reply())?.and_then(|reply| Some(reply.value32()?.collect()));
    Ok(data.and_then(|data| nearest_icon(&data)))
}

/// `data` is what any program may have written: width, height, pixels, and so
/// on (EWMH, `_NET_WM_ICON`).
fn nearest_icon(mut data: &[u32]) -> Option<LocalPicture> {
    let mut best: Option<LocalPicture> = None;
    while let [width, height, rest @ ..] = data {
        let size = Size { width: *width, height: *height };
        let Some(pixels) = usize::try_from(size.pixels()).ok().and_then(|count| rest.get(..count)) else { break };
        data = rest.get(pixels.len()..).unwrap_or_default();
        let sound = (1..=MAX_ICON_SIDE_PX).contains(width) && (1..=MAX_ICON_SIDE_PX).contains(height);
        // Too small looks worse than too large.
        let distance = |size: Size| (size.width < ICON_SIDE_PX, size.width.abs_diff(ICON_SIDE_PX));
        if sound && best.as_ref().is_none_or(|best| distance(size) < distance(best.size)) {
            best = Some(LocalPicture { size, pixels: pixels.to_vec() });
        }
    }
    best
}

/// Makes a picture fit, every pixel the average of those that it stands for.
fn scaled_down(size: Size, pixels: &[u32], limit: Size) -> Option<LocalPicture> {
    let (width, height) = (u64::from(size.width), u64::from(size.height));
    let (most_wide, most_high) = (u64::from(limit.width.max(1)), u64::from(limit.height.max(1)));
    if width == 0 || height == 0 {
        return None;
    }
    let (new_width, new_height) = if width <= most_wide && height <= most_high {
        (width, height)
    } else if width * most_high >= height * most_wide {
        (most_wide, (height * most_wide / width).max(1))
    } else {
        ((width * most_high / height).max(1), most_high)
    };
    let mut out = Vec::with_capacity(usize::try_from(new_width * new_height).ok()?);
    for y in 0..new_height {
        let rows = y * height / new_height..((y + 1) * height).div_ceil(new_height);
        for x in 0..new_width {
            let columns = x * width / new_width..((x + 1) * width).div_ceil(new_width);
            let (mut red, mut green, mut blue, mut count) = (0_u64, 0, 0, 0);
            for row in rows.clone() {
                let from = usize::try_from(row * width + columns.start).ok()?;
                let to = usize::try_from(row * width + columns.end).ok()?;
                for &pixel in pixels.get(from..to)? {
                    let pixel = u64::from(pixel);
                    red += pixel >> 16 & 0xff;
                    green += pixel >> 8 & 0xff;
                    blue += pixel & 0xff;
                    count += 1;
                }
            }
            let average = |sum: u64| u32::try_from((sum + count / 2) / count.max(1)).unwrap_or(0xff);
            out.push(0xff00_0000 | average(red) << 16 | average(green) << 8 | average(blue));
        }
    }
    let size = Size { width: u32::try_from(new_width).ok()?, height: u32::try_from(new_height).ok()? };
    Some(LocalPicture { size, pixels: out })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_icons_the_nearest_is_taken_and_lies_about_sizes_end_the_list() {
        let icon = |side: u32| [vec![side, side], vec![side; (side * side) as usize]].concat();
        let side = |data: &[u32]| nearest_icon(data).map(|icon| icon.size.width);
        assert_eq!(side(&[icon(16), icon(64), icon(256)].concat()), Some(64));
        assert_eq!(side(&[icon(32), icon(48)].concat()), Some(48));
        assert_eq!(side(&[icon(16), vec![u32::MAX, u32::MAX, 1]].concat()), Some(16));
        assert_eq!(side(&[vec![0, 0], icon(16)].concat()), Some(16));
        assert_eq!(side(&[5, 5, 1]), None);
        assert_eq!(side(&[]), None);
    }

    #[test]
    fn a_scaled_picture_keeps_its_shape_and_averages() {
        let limit = Size { width: 2, height: 2 };
        let chequered = [0x00ff_ffff, 0, 0x00ff_ffff, 0, 0, 0x00ff_ffff, 0, 0x00ff_ffff];
        let small = scaled_down(Size { width: 4, height: 2 }, &chequered, limit).unwrap();
        assert_eq!((small.size, small.pixels), (Size { width: 2, height: 1 }, vec![0xff80_8080; 2]));
        let kept = scaled_down(Size { width: 2, height: 1 }, &[1, 2], limit).unwrap();
        assert_eq!(kept.pixels, [0xff00_0001, 0xff00_0002]);
        assert_eq!(scaled_down(Size::default(), &[], limit), None);
    }

    #[test]
    fn names_are_for_people() {
        let named = |class: &str| name(ApplicationId(u64::MAX), &Claims { class: class.into(), ..Claims::default() });
        assert_eq!(named("org.gnome.TextEditor"), "TextEditor");
        assert_eq!(named("libreoffice-writer"), "Libreoffice writer");
        assert_eq!(named("XTerm"), "XTerm");
    }
}
