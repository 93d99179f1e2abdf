//! One shared window: its place, what it says of itself, and its pixels.
//!
//! When the server gives a window a pixmap of its own (when it is redirected,
//! mapped or gets another size), it fills it with what was on the screen at
//! that place: pixels of other applications, which stay until the window's
//! owner has painted over them. So a new pixmap is `unpainted`, and a neutral
//! grey is read there, until the server reports damage: pixels that the owner
//! (or the server, with the window's background) has painted since.
//!
//! Damage proves that only while no window moves: the server reports what
//! comes to light from under another window as damaged too. Such damage counts
//! as a change, but not as paint; the owner is asked to paint again.
//!
//! A window that gets another size keeps what it had only where that stayed in
//! its place on the screen and no other window can have lain there meanwhile: a
//! pixmap of the new size is filled from the screen, too.
//!
//! In a window that was there before the capture began, nothing tells whose
//! pixels lie. On the screen itself the remains of others stay on one that has
//! no background and whose program hangs; and the list of applications may have
//! had it redirected for long, with what lay over it then, or over its place
//! when it was mapped or got another size since. Where windows lie now says
//! nothing about that. So its owner is asked to paint it once more: a program
//! that lives needs a moment for it, and one that hangs stays grey.
//!
//! Only behind a compositing manager such a window is taken as it is. There
//! every window has had a pixmap of its own all along, in which no other one
//! leaves remains by moving over it, and programs live that never paint again
//! what they have painted once. The list changes nothing in that: the manager's
//! pixmap stays, or, for a window in a frame, is what the new one is filled
//! from. A program that hangs since before it painted in the pixmap that it has
//! is not noticed there.

use super::tree::Covers;
use crate::x11::{
    link::{Link, Lost, answer},
    pixels::{Layout, PixelReader},
    region::Region,
    windows::{Claims, Place, claims, place},
};
use mitblick_protocol::{
    geometry::{Rect, Size},
    peer_msg::SurfaceState,
    session::ApplicationId,
};
use x11rb::{
    connection::{Connection, SequenceNumber},
    protocol::{
        composite::{self, ConnectionExt as _},
        damage::{self, ConnectionExt as _},
        xfixes::ConnectionExt as _,
        xproto::{ConnectionExt as _, Pixmap, Rectangle, Window},
    },
};

/// What is read where a window has not been painted by its owner yet.
const UNPAINTED: u32 = 0x0080_8080;
/// More rectangles of damage than this are joined into one.
const MAX_DAMAGE_RECTS: usize = 128;
/// How many windows inside a window are asked to paint again.
const MAX_REPAINT_WINDOWS: usize = 2_048;
/// Deepest nesting of windows that is followed.
const MAX_DEPTH: usize = 64;

/// A pixmap that stays readable whatever becomes of the window.
#[derive(Debug)]
struct Pixels {
    pixmap: Pixmap,
    /// Without border.
    size: Size,
    border: u16,
    unpainted: Region,
    /// Because of another size. What was above it at that moment is known once
    /// the events up to then have been taken in.
    resized: bool,
    /// All of it is news to the watcher.
    new: bool,
}

/// What is known of the pixmap that the window has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Naming {
    /// It is the one in `pixels`.
    Settled,
    /// A compositing manager had it before the capture began: what lies open
    /// there is its own. What does not may be from before the manager began.
    Kept,
    /// None yet, or a new one.
    New,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Tracked {
    pub(super) application: ApplicationId,
    pub(super) place: Place,
    pub(super) claims: Claims,
    /// Place or size may have changed.
    pub(super) stale: bool,
    /// Its pixels may have changed.
    pub(super) damaged: bool,
    /// It was destroyed, or its number belongs to another application now.
    pub(super) gone: bool,
    /// Events from before this request are about the state before, or about
    /// another window that had this number.
    pub(super) since: SequenceNumber,
    window: Window,
    layout: Option<Layout>,
    damage: damage::Damage,
    naming: Naming,
    pixels: Option<Pixels>,
    claims_stale: bool,
    /// Damage taken from the server and not told yet.
    fetched: Vec<Rect>,
    /// The requests that took damage: the last but one, and the last.
    fetch: (SequenceNumber, SequenceNumber),
}

impl Tracked {
    /// Starts to track a window. `None` if it is gone, or has no pixels, or is
    /// part of the desktop itself.
    pub(super) fn begin(
        link: &Link,
        window: Window,
        application: ApplicationId,
        first: bool,
    ) -> Result<Option<Self>, Lost> {
        let claims = claims(link, window)?;
        if claims.desktop_part {
            return Ok(None);
        }
        let damage = link.conn.generate_id()?;
        let hold = link.hold_server()?;
        let Some(place) = place(link, window)?.filter(|place| !place.input_only) else { return Ok(None) };
        let kept = place.viewable && first && kept_by_manager(link, window)?;
        // Damage first: it then tells what the redirection itself repaints.
        let since = link.conn.damage_create(damage, window, damage::ReportLevel::NON_EMPTY)?.sequence_number();
        link.conn.composite_redirect_window(window, composite::Redirect::AUTOMATIC)?;
        drop(hold);
        let naming = if kept { Naming::Kept } else { Naming::New };
        Ok(Some(Self {
            application,
            place,
            claims,
            stale: true,
            damaged: true,
            gone: false,
            since,
            window,
            layout: Layout::of(link, place.visual, place.depth),
            damage,
            naming,
            pixels: None,
            claims_stale: false,
            fetched: Vec::new(),
            fetch: (since, since),
        }))
    }

    /// Gives everything back to the server.
    pub(super) fn release(&self, link: &Link) {
        if let Some(pixels) = &self.pixels {
            let _ = link.conn.free_pixmap(pixels.pixmap);
        }
        let _ = link.conn.damage_destroy(self.damage);
        let _ = link.conn.composite_unredirect_window(self.window, composite::Redirect::AUTOMATIC);
    }

    /// It was mapped, unmapped or put into another window.
    pub(super) fn mapping_changed(&mut self, sequence: SequenceNumber) {
        self.stale = true;
        self.claims_stale = true;
        if sequence >= self.since {
            self.naming = Naming::New;
        }
    }

    pub(super) fn claims_changed(&mut self) {
        self.claims_stale = true;
    }

    /// Where it is shown and how; `None` if it is not.
    pub(super) fn shown(&self) -> Option<(Rect, SurfaceState)> {
        let size = self.pixels.as_ref().map_or(self.place.rect.size(), |pixels| pixels.size);
        let rect = Rect { width: size.width, height: size.height, ..self.place.rect };
        let state = match (self.place.viewable, self.layout) {
            (true, Some(_)) if self.pixels.is_some() => SurfaceState::Shown,
            (true, None) => SurfaceState::Unavailable,
            (false, _) if self.claims.iconic && !self.place.override_redirect => SurfaceState::Minimised,
            (true, Some(_)) | (false, _) => return None,
        };
        Some((rect, state))
    }

    /// Brings it up to date with the server. `covers` tells the windows above,
    /// in root coordinates.
    pub(super) fn refresh(&mut self, link: &Link, covers: impl FnOnce() -> Covers) -> Result<(), Lost> {
        if self.gone {
            return Ok(());
        }
        if std::mem::take(&mut self.claims_stale) {
            self.claims = claims(link, self.window)?;
        }
        if !std::mem::take(&mut self.stale) {
            return Ok(());
        }
        let Some(now) = place(link, self.window)? else { return Ok(()) };
        let moved = (now.rect.x, now.rect.y) != (self.place.rect.x, self.place.rect.y);
        // The old pixmap's place stands for as long as it is shown.
        self.place = if now.viewable || self.pixels.is_none() {
            now
        } else {
            Place { rect: self.place.rect, border: self.place.border, ..now }
        };
        let named = self.pixels.as_ref().map(|pixels| (pixels.size, pixels.border));
        let fits = named == Some((now.rect.size(), now.border));
        if now.viewable && self.layout.is_some() && (self.naming != Naming::Settled || !fits) {
            let mut covers = covers();
            covers.moved |= moved;
            self.name_pixels(link, &covers)?;
        }
        Ok(())
    }

    /// Takes hold of the window's present pixmap.
    fn name_pixels(&mut self, link: &Link, covers: &Covers) -> Result<(), Lost> {
        let pixmap = link.conn.generate_id()?;
        self.since = link.conn.composite_name_window_pixmap(self.window, pixmap)?.sequence_number();
        let Some(geometry) = answer(link.conn.get_geometry(pixmap)?.reply())? else {
            // Not on the screen any more; the event that says so is on its way.
            return Ok(());
        };
        // Last, so that the pixmap is known to be that owner's even if the
        // window's number was given to another one a moment ago.
        if link.application_of(self.window)? != Some(self.application) {
            self.gone = true;
            link.conn.free_pixmap(pixmap)?;
            return Ok(());
        }
        let edges = 2 * self.place.border;
        let size = Size {
            width: geometry.width.saturating_sub(edges).into(),
            height: geometry.height.saturating_sub(edges).into(),
        };
        let naming = std::mem::replace(&mut self.naming, Naming::Settled);
        let mut unpainted = Region::default();
        let mut resized = false;
        match (naming, &self.pixels) {
            (Naming::Kept, _) => {}
            (Naming::Settled, Some(old)) if !covers.moved => {
                resized = true;
                unpainted.add(size.rect());
                unpainted.subtract(old.size.rect());
                old.unpainted.rects().iter().for_each(|&rect| unpainted.add(rect));
            }
            (Naming::Settled | Naming::New, _) => unpainted.add(size.rect()),
        }
        for cover in &covers.rects {
            unpainted.add(cover.moved(-self.place.rect.x, -self.place.rect.y));
        }
        unpainted.clip(size.rect());
        // What was damaged up to here may have been in the pixmap before.
        self.fetch_damage(link)?;
        self.fetched.clear();
        if !unpainted.is_empty() {
            ask_to_repaint(link, self.window, &unpainted)?;
        }
        let pixels = Pixels { pixmap, size, border: self.place.border, unpainted, resized, new: true };
        if let Some(old) = self.pixels.replace(pixels) {
            link.conn.free_pixmap(old.pixmap)?;
        }
        Ok(())
    }

    /// Takes what was damaged since the last time, in window coordinates.
    fn fetch_damage(&mut self, link: &Link) -> Result<(), Lost> {
        self.damaged = false;
        let region = link.conn.generate_id()?;
        link.conn.xfixes_create_region(region, &[])?;
        let subtract = link.conn.damage_subtract(self.damage, x11rb::NONE, region)?;
        // What is left from before counts from before.
        let from = if self.fetched.is_empty() { self.fetch.1 } else { self.fetch.0 };
        self.fetch = (from, subtract.sequence_number());
        let fetched = link.conn.xfixes_fetch_region(region)?;
        link.conn.xfixes_destroy_region(region)?;
        let rects = answer(fetched.reply())?.map(|fetched| fetched.rectangles).unwrap_or_default();
        let rect = |r: &Rectangle| Rect::new(r.x.into(), r.y.into(), r.width.into(), r.height.into());
        self.fetched.extend(rects.iter().map(rect));
        Ok(())
    }

    /// First half of [`Self::take_damage`].
    pub(super) fn collect_damage(&mut self, link: &Link) -> Result<(), Lost> {
        // While its pixmap is about to be another one, damage is left for
        // when that has been named.
        let settled = self.place.viewable && self.naming == Naming::Settled && !self.stale;
        if self.damaged && settled && self.pixels.is_some() { self.fetch_damage(link) } else { Ok(()) }
    }

    /// Changed areas inside the surface since the last call. Between the two
    /// halves the events that came with the damage are taken in;
    /// `disturbed_at` is the newest about windows that moved, came or went.
    /// `covers` as for [`Self::refresh`].
    pub(super) fn take_damage(
        &mut self,
        link: &Link,
        disturbed_at: SequenceNumber,
        covers: impl FnOnce() -> Covers,
    ) -> Result<Vec<Rect>, Lost> {
        let fetched = std::mem::take(&mut self.fetched);
        let Some(pixels) = &mut self.pixels else { return Ok(Vec::new()) };
        let whole = pixels.size.rect();
        if std::mem::take(&mut pixels.resized) {
            let covers = covers();
            let mut foreign = Region::default();
            if covers.moved {
                foreign.add(whole);
            }
            covers.rects.iter().for_each(|cover| foreign.add(cover.moved(-self.place.rect.x, -self.place.rect.y)));
            foreign.clip(whole);
            if !foreign.is_empty() {
                foreign.rects().iter().for_each(|&rect| pixels.unpainted.add(rect));
                ask_to_repaint(link, self.window, &foreign)?;
            }
        }
        let mut rects: Vec<Rect> = fetched.iter().filter_map(|rect| rect.intersection(whole)).collect();
        if !pixels.unpainted.is_empty() && !rects.is_empty() {
            if disturbed_at < self.fetch.0 {
                rects.iter().for_each(|&rect| pixels.unpainted.subtract(rect));
            } else {
                ask_to_repaint(link, self.window, &pixels.unpainted)?;
            }
        }
        if std::mem::take(&mut pixels.new) {
            return Ok(vec![whole]);
        }
        if rects.len() > MAX_DAMAGE_RECTS {
            rects = vec![rects.iter().fold(Rect::default(), |all, &rect| all.union(rect))];
        }
        Ok(rects)
    }

    /// Has the server bring the window's pixels to the screen once more. Its own
    /// bookkeeping of redirected windows forgets areas when windows over them
    /// move at the same moment: the person here would keep seeing remains of
    /// what was there. What is not painted yet is left out, so that this never
    /// passes for paint.
    pub(super) fn show_again(&mut self, link: &Link) -> Result<(), Lost> {
        let Some(pixels) = self.pixels.as_ref().filter(|_| self.place.viewable && !self.gone) else { return Ok(()) };
        let mut painted = Region::default();
        painted.add(pixels.size.rect());
        pixels.unpainted.rects().iter().for_each(|&rect| painted.subtract(rect));
        let rects: Vec<Rectangle> = painted.rects().iter().map(|&rect| rectangle(rect)).collect();
        // Nothing is painted between these, so that what is added here, and no
        // more, is forgotten again: it is no change for the watcher.
        let _hold = link.hold_server()?;
        self.fetch_damage(link)?;
        self.damaged = !self.fetched.is_empty();
        let region = link.conn.generate_id()?;
        link.conn.xfixes_create_region(region, &rects)?;
        link.conn.damage_add(self.window, region)?;
        link.conn.xfixes_destroy_region(region)?;
        link.conn.damage_subtract(self.damage, x11rb::NONE, x11rb::NONE)?;
        Ok(())
    }

    /// The pixels of an area; `None` if there are none.
    pub(super) fn read(
        &self,
        link: &Link,
        reader: &mut PixelReader,
        area: Rect,
        out: &mut Vec<u32>,
    ) -> Result<Option<()>, Lost> {
        let (Some(pixels), Some(layout)) = (&self.pixels, self.layout) else { return Ok(None) };
        if area.is_empty() || area.intersection(pixels.size.rect()) != Some(area) {
            return Ok(None);
        }
        let border = i32::from(pixels.border);
        if reader.read(link, pixels.pixmap, layout, area.moved(border, border), out)?.is_none() {
            return Ok(None);
        }
        for hole in pixels.unpainted.rects().iter().filter_map(|rect| rect.intersection(area)) {
            let hole = hole.moved(-area.x, -area.y);
            let (x, width) = (usize::try_from(hole.x).unwrap_or(0), hole.width as usize);
            let rows = out.chunks_exact_mut(area.width as usize);
            for row in rows.skip(usize::try_from(hole.y).unwrap_or(0)).take(hole.height as usize) {
                if let Some(part) = row.get_mut(x..x + width) {
                    part.fill(UNPAINTED);
                }
            }
        }
        Ok(Some(()))
    }
}

/// Whether a compositing manager has redirected the child of the root that a
/// window is or is in. The manager's word alone is not enough: managers let
/// single windows, such as those that fill the screen, paint there directly.
/// To be asked while the server is held and before this program redirects.
fn kept_by_manager(link: &Link, window: Window) -> Result<bool, Lost> {
    if !link.has_compositing_manager()? {
        return Ok(false);
    }
    let mut top = window;
    for _ in 0..MAX_DEPTH {
        let Some(tree) = answer(link.conn.query_tree(top)?.reply())? else { return Ok(false) };
        if tree.parent == link.root {
            let pixmap = link.conn.generate_id()?;
            let named = answer(link.conn.composite_name_window_pixmap(top, pixmap)?.check())?.is_some();
            if named {
                link.conn.free_pixmap(pixmap)?;
            }
            return Ok(named);
        }
        top = tree.parent;
    }
    Ok(false)
}

/// Asks the owner of a window, and the server for its background, to paint
/// parts of it again, in the windows inside it too.
fn ask_to_repaint(link: &Link, window: Window, parts: &Region) -> Result<(), Lost> {
    // Each with where its parent's corner lies, and all of one depth at once:
    // some programs have a window for each button, and answers take their time.
    let mut level = vec![(window, None)];
    let mut left_to_ask = MAX_REPAINT_WINDOWS;
    while !level.is_empty() && left_to_ask > 0 {
        level.truncate(left_to_ask);
        left_to_ask -= level.len();
        let mut asked = Vec::new();
        for (window, parent) in level {
            asked.push((window, parent, link.conn.get_geometry(window)?, link.conn.query_tree(window)?));
        }
        level = Vec::new();
        for (window, parent, geometry, tree) in asked {
            let (Some(geometry), Some(tree)) = (answer(geometry.reply())?, answer(tree.reply())?) else { continue };
            let border = i32::from(geometry.border_width);
            let (x, y) = (i32::from(geometry.x) + border, i32::from(geometry.y) + border);
            let (left, top) = parent.map_or((0, 0), |(left, top): (i32, i32)| (left + x, top + y));
            let inside = Rect::new(left, top, geometry.width.into(), geometry.height.into());
            let mut touched = false;
            for part in parts.rects().iter().filter_map(|part| part.intersection(inside)) {
                let part = rectangle(part.moved(-left, -top));
                link.conn.clear_area(true, window, part.x, part.y, part.width, part.height)?;
                touched = true;
            }
            if touched {
                level.extend(tree.children.into_iter().map(|child| (child, Some((left, top)))));
            }
        }
    }
    Ok(())
}

fn rectangle(rect: Rect) -> Rectangle {
    let place = |value: i32| i16::try_from(value).unwrap_or_default();
    let length = |value: u32| u16::try_from(value).unwrap_or(u16::MAX);
    Rectangle { x: place(rect.x), y: place(rect.y), width: length(rect.width), height: length(rect.height) }
}
