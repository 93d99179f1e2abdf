//! One shared window: its own buffer, redirected so that whatever covers it
//! stays out, and its damage.

use super::{
    extensions::{Display, broken, if_there},
    pixels::{PixelFormat, PixelReader},
    scan::TopLevel,
};
use crate::capture::CaptureError;
use mitblick_protocol::{
    geometry::Rect,
    peer_msg::{SurfaceId, SurfaceState},
};
use x11rb::{
    connection::Connection,
    protocol::{
        composite::{ConnectionExt as _, Redirect},
        damage::{self, ConnectionExt as _},
        xfixes::{self, ConnectionExt as _},
        xproto::{ChangeWindowAttributesAux, ConnectionExt as _, EventMask, Pixmap, Window},
    },
};

/// A shared window and what the server holds for it.
pub(super) struct Tracked {
    window: TopLevel,
    title: String,
    format: Option<PixelFormat>,
    damage: damage::Damage,
    /// The window's buffer, while it has one of the present size.
    buffer: Option<Pixmap>,
    /// The buffer no longer belongs to the window (it was mapped anew).
    stale: bool,
    /// Damage was reported and not yet fetched.
    damaged: bool,
}

impl Tracked {
    /// Starts to follow a window; `None` if it vanished meanwhile.
    pub(super) fn start(display: &Display, window: TopLevel, title: String) -> Result<Option<Self>, CaptureError> {
        let conn = &display.conn;
        let new_id = || conn.generate_id().map_err(|error| CaptureError::Broken(error.to_string()));
        let events = EventMask::STRUCTURE_NOTIFY | EventMask::PROPERTY_CHANGE;
        let attributes = ChangeWindowAttributesAux::new().event_mask(events);
        let damage = new_id()?;
        let selected = conn.change_window_attributes(window.window, &attributes).map_err(broken)?;
        let redirected = conn.composite_redirect_window(window.window, Redirect::AUTOMATIC).map_err(broken)?;
        let watched = conn.damage_create(damage, window.window, damage::ReportLevel::NON_EMPTY).map_err(broken)?;
        let done = [selected.check(), redirected.check(), watched.check()];
        for step in done {
            if if_there(step)?.is_none() {
                return Ok(None);
            }
        }
        let format = PixelFormat::of(display, window.visual);
        let mut tracked = Self { window, title, format, damage, buffer: None, stale: false, damaged: false };
        tracked.name_buffer(display)?;
        Ok(Some(tracked))
    }

    /// Takes in what a scan found. Says whether all of its pixels are new.
    pub(super) fn update(&mut self, display: &Display, window: TopLevel, title: Option<String>) -> Result<bool, CaptureError> {
        let resized = window.rect.size() != self.window.rect.size() || window.border_px != self.window.border_px;
        let shown_again = window.viewable && !self.window.viewable;
        self.window = window;
        if let Some(title) = title {
            self.title = title;
        }
        let renew = self.window.viewable && (resized || shown_again || self.stale || self.buffer.is_none());
        if renew {
            self.name_buffer(display)?;
        }
        Ok(renew || resized)
    }

    /// Asks for the window's present buffer. Without one (the window is not on
    /// the screen) the old one stays: its pixels are the last ones shown.
    fn name_buffer(&mut self, display: &Display) -> Result<(), CaptureError> {
        let conn = &display.conn;
        let pixmap = conn.generate_id().map_err(|error| CaptureError::Broken(error.to_string()))?;
        let named = conn.composite_name_window_pixmap(self.window.window, pixmap).map_err(broken)?;
        if if_there(named.check())?.is_some() {
            if let Some(old) = self.buffer.replace(pixmap) {
                conn.free_pixmap(old).map_err(broken)?;
            }
            self.stale = false;
        }
        Ok(())
    }

    pub(super) fn id(&self) -> SurfaceId {
        SurfaceId(self.window.window)
    }

    pub(super) fn window(&self) -> &TopLevel {
        &self.window
    }

    pub(super) fn top(&self) -> Window {
        self.window.top
    }

    pub(super) fn rect(&self) -> Rect {
        self.window.rect
    }

    pub(super) fn title(&self) -> &str {
        &self.title
    }

    pub(super) fn is_shown(&self) -> bool {
        self.window.viewable
    }

    pub(super) fn state(&self) -> SurfaceState {
        match (self.format, self.buffer, self.window.viewable) {
            (None, ..) | (_, None, true) => SurfaceState::Unavailable,
            (Some(_), _, false) => SurfaceState::Minimised,
            (Some(_), Some(_), true) => SurfaceState::Shown,
        }
    }

    pub(super) fn damage(&self) -> damage::Damage {
        self.damage
    }

    pub(super) fn note_damage(&mut self) {
        self.damaged = true;
    }

    /// The server made a new buffer for it.
    pub(super) fn note_mapped(&mut self) {
        self.stale = true;
    }

    /// Fetches and clears the damage, in surface coordinates. `region` is one
    /// of this connection, for passing it through.
    pub(super) fn take_damage(
        &mut self,
        display: &Display,
        region: xfixes::Region,
    ) -> Result<Vec<Rect>, CaptureError> {
        if !std::mem::take(&mut self.damaged) {
            return Ok(Vec::new());
        }
        let conn = &display.conn;
        conn.damage_subtract(self.damage, x11rb::NONE, region).map_err(broken)?.ignore_error();
        let fetched = conn.xfixes_fetch_region(region).map_err(broken)?;
        let Some(fetched) = if_there(fetched.reply())? else { return Ok(Vec::new()) };
        let whole = self.window.rect.size().rect();
        let rects = fetched.rectangles.iter().filter_map(|rect| {
            Rect::new(rect.x.into(), rect.y.into(), rect.width.into(), rect.height.into()).intersection(whole)
        });
        Ok(rects.collect())
    }

    /// Pixels of an area; `false` if there are none (now).
    pub(super) fn read(
        &self,
        display: &Display,
        reader: &mut PixelReader,
        area: Rect,
        out: &mut Vec<u32>,
    ) -> Result<bool, CaptureError> {
        let (Some(buffer), Some(format)) = (self.buffer, self.format) else { return Ok(false) };
        if area.intersection(self.window.rect.size().rect()) != Some(area) {
            return Ok(false);
        }
        // The buffer begins with the window's border.
        let border = i32::try_from(self.window.border_px).unwrap_or(0);
        reader.read(display, buffer, area.moved(border, border), format, out)
    }

    /// Gives back what the server holds. Requests about a window that is gone
    /// fail there, which is fine.
    pub(super) fn stop(self, display: &Display, window_is_gone: bool) -> Result<(), CaptureError> {
        let conn = &display.conn;
        if let Some(buffer) = self.buffer {
            conn.free_pixmap(buffer).map_err(broken)?.ignore_error();
        }
        conn.damage_destroy(self.damage).map_err(broken)?.ignore_error();
        if !window_is_gone {
            let window = self.window.window;
            let quiet = ChangeWindowAttributesAux::new().event_mask(EventMask::NO_EVENT);
            conn.change_window_attributes(window, &quiet).map_err(broken)?.ignore_error();
            conn.composite_unredirect_window(window, Redirect::AUTOMATIC).map_err(broken)?.ignore_error();
        }
        Ok(())
    }
}
