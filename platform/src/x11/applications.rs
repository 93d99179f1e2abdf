//! The applications to choose from, with icons and previews.

use super::{
    extensions::{Display, broken, connect, if_there},
    owner::Owners,
    pixels::{PixelFormat, PixelReader},
    properties::{self, Atoms},
    scan::{TopLevel, top_levels},
};
use crate::capture::{Application, CaptureError, Desktop, LocalPicture, WindowInfo};
use mitblick_protocol::{
    geometry::{Rect, Size},
    peer_msg::SurfaceId,
    session::ApplicationId,
};
use std::collections::BTreeSet;
use x11rb::{
    connection::Connection,
    protocol::{
        composite::{ConnectionExt as _, Redirect},
        xproto::{ConnectionExt as _, Window},
    },
};

/// The desktop as the local person chooses from it.
pub(super) struct X11Desktop {
    display: Display,
    atoms: Atoms,
    owners: Owners,
    reader: PixelReader,
    /// The windows of the last list.
    listed: Vec<TopLevel>,
    /// Windows that have a buffer of their own for the sake of previews.
    redirected: BTreeSet<Window>,
}

impl X11Desktop {
    pub(super) fn open(display: Option<&str>) -> Result<Self, CaptureError> {
        let display = connect(display)?;
        let atoms = Atoms::intern(&display.conn)?;
        let owners = Owners::new(&display.conn);
        Ok(Self {
            display,
            atoms,
            owners,
            reader: PixelReader::default(),
            listed: Vec::new(),
            redirected: BTreeSet::new(),
        })
    }

    fn title(&self, window: Window) -> Result<String, CaptureError> {
        let asked = properties::ask_title(&self.display.conn, &self.atoms, window)?;
        properties::title(&self.atoms, asked)
    }

    fn application(&self, id: ApplicationId, windows: &[&TopLevel]) -> Result<Application, CaptureError> {
        let conn = &self.display.conn;
        let (mut name, mut icon) = (None, None);
        let mut infos = Vec::with_capacity(windows.len());
        for top in windows {
            if name.is_none() {
                name = properties::class(conn, &self.atoms, top.window)?;
            }
            if icon.is_none() {
                icon = properties::icon(conn, &self.atoms, top.window)?;
            }
            infos.push(WindowInfo {
                id: SurfaceId(top.window),
                title: self.title(top.window)?,
                rect: top.rect,
                minimised: !top.viewable,
            });
        }
        let fallback = || infos.iter().map(|info| info.title.clone()).find(|title| !title.is_empty());
        let name = name.filter(|name| !name.is_empty()).or_else(fallback).unwrap_or_else(|| "?".into());
        Ok(Application { id, name, icon, windows: infos })
    }
}

impl Desktop for X11Desktop {
    fn applications(&mut self) -> Result<Vec<Application>, CaptureError> {
        let own = Owners::own_process();
        let found = top_levels(&self.display, &self.atoms, self.owners)?;
        let choosable = |top: &TopLevel| {
            top.owner != own && !top.override_redirect && !top.is_furniture && top.rect.width > 1 && top.rect.height > 1
        };
        self.listed = found.into_iter().rev().filter(choosable).collect();
        let mut order: Vec<ApplicationId> = Vec::new();
        for top in &self.listed {
            if !order.contains(&top.owner) {
                order.push(top.owner);
            }
        }
        let windows_of = |id| self.listed.iter().filter(|top| top.owner == id).collect::<Vec<_>>();
        order.into_iter().map(|id| self.application(id, &windows_of(id))).collect()
    }

    fn preview(&mut self, window: SurfaceId, limit: Size) -> Result<LocalPicture, CaptureError> {
        let gone = || CaptureError::SurfaceGone(window);
        let top = self.listed.iter().find(|top| top.window == window.0).ok_or_else(gone)?.clone();
        let format = PixelFormat::of(&self.display, top.visual).ok_or_else(gone)?;
        let conn = &self.display.conn;
        if !self.redirected.contains(&top.window) {
            // Stays so while one chooses: a window that is covered paints the
            // covered part only after it got its own buffer.
            let asked = conn.composite_redirect_window(top.window, Redirect::AUTOMATIC).map_err(broken)?;
            if_there(asked.check())?.ok_or_else(gone)?;
            self.redirected.insert(top.window);
        }
        let pixmap = conn.generate_id().map_err(|error| CaptureError::Broken(error.to_string()))?;
        let named = conn.composite_name_window_pixmap(top.window, pixmap).map_err(broken)?;
        if_there(named.check())?.ok_or_else(gone)?;
        let border = i32::try_from(top.border_px).unwrap_or(0);
        let area = Rect::new(border, border, top.rect.width, top.rect.height);
        let mut pixels = Vec::new();
        let there = self.reader.read(&self.display, pixmap, area, format, &mut pixels)?;
        conn.free_pixmap(pixmap).map_err(broken)?;
        if !there {
            return Err(gone());
        }
        Ok(scaled(&pixels, top.rect.size(), limit))
    }
}

/// The picture in at most this size, each pixel the mean of those that it
/// stands for.
fn scaled(pixels: &[u32], size: Size, limit: Size) -> LocalPicture {
    let divisor = size.width.div_ceil(limit.width.max(1)).max(size.height.div_ceil(limit.height.max(1))).max(1);
    let small = Size { width: (size.width / divisor).max(1), height: (size.height / divisor).max(1) };
    let mut out = Vec::with_capacity(small.pixels() as usize);
    for y in 0..small.height {
        for x in 0..small.width {
            let (mut sum, mut count) = ([0_u32; 3], 0);
            for row in y * divisor..((y + 1) * divisor).min(size.height) {
                let start = (row * size.width + x * divisor) as usize;
                let end = start + divisor.min(size.width - x * divisor) as usize;
                for pixel in pixels.get(start..end).unwrap_or_default() {
                    sum = [sum[0] + (pixel >> 16 & 255), sum[1] + (pixel >> 8 & 255), sum[2] + (pixel & 255)];
                    count += 1;
                }
            }
            let [red, green, blue] = sum.map(|sum| sum / count.max(1));
            out.push(0xff00_0000 | red << 16 | green << 8 | blue);
        }
    }
    LocalPicture { size: small, pixels: out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn previews_keep_proportions_and_mean_colours() {
        let pixels: Vec<u32> = (0..400 * 100).map(|i| if i % 2 == 0 { 0xff_ffff } else { 0 }).collect();
        let small = scaled(&pixels, Size { width: 400, height: 100 }, Size { width: 100, height: 100 });
        assert_eq!(small.size, Size { width: 100, height: 25 });
        assert!(small.pixels.iter().all(|&pixel| pixel == 0xff7f_7f7f));
        let tiny = scaled(&[0x12_3456], Size { width: 1, height: 1 }, Size { width: 9, height: 9 });
        assert_eq!(tiny.pixels, [0xff12_3456]);
    }
}
