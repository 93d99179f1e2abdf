//! Following the windows of shared applications by the server's events, and
//! reading their own pixmaps.
//!
//! Nothing is polled and the screen itself is never read: each shared window
//! is redirected (Composite), so that its pixels lie in a pixmap of its own,
//! whatever covers it. [`tree`] knows the children of the root window and
//! which of them holds which application's window, [`surface`] one shared
//! window and its pixels.
//!
//! A minimised window keeps its last pixmap: reading it gives the pixels that
//! it had.

mod surface;
mod tree;

use super::{
    cursor,
    link::{Link, Lost, Woken, answer},
    owner::process_of,
    pixels::PixelReader,
    shared::SharedApplications,
    wake::Wake,
};
use crate::capture::{Capture, CaptureError, Changes, Waker};
use mitblick_protocol::{
    geometry::{Point, Rect, Size},
    peer_msg::{PointerPlace, Scene, Surface, SurfaceId, SurfaceState},
    session::{Permitted, ViewSelection},
    text::DisplayText,
    wire::{MAX_SURFACE_SIDE_PX, MAX_SURFACES, MAX_TOTAL_PIXELS},
};
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};
use surface::Tracked;
use tree::Tree;
use x11rb::connection::SequenceNumber;
use x11rb::protocol::{
    Event,
    xfixes::{self, ConnectionExt as _},
    xinput::{self, ConnectionExt as _},
    xproto::{ConnectionExt as _, Window},
};

/// The pointer's place is asked for at most this often while it moves.
const POINTER_INTERVAL: Duration = Duration::from_millis(8);

/// Capture of one consent.
pub(crate) struct X11Capture {
    link: Link,
    wake: Arc<Wake>,
    view: Permitted<ViewSelection>,
    shared: SharedApplications,
    tree: Tree,
    surfaces: BTreeMap<Window, Tracked>,
    reader: PixelReader,
    desktop: Size,
    /// Something other than the pointer may have changed.
    pending: bool,
    /// The disturbance after which all windows were shown again.
    settled_at: SequenceNumber,
    pointer: PointerWatch,
    last_scene: Option<Scene>,
}

/// What is known of the pointer.
struct PointerWatch {
    moved: bool,
    asked_at: Option<Instant>,
    last: Option<Option<PointerPlace>>,
    /// Its picture changed and has not been told yet. It is told only while it
    /// is over a shared surface: elsewhere it is another application's.
    new_picture: bool,
}

impl X11Capture {
    pub(crate) fn start(link: Link, view: Permitted<ViewSelection>) -> Result<Self, CaptureError> {
        let selection = view.claim().ok_or(CaptureError::NotPermitted)?.clone();
        let shared = SharedApplications::new(&selection);
        let wake = Arc::new(Wake::new().map_err(|error| CaptureError::Broken(error.to_string()))?);
        let mask = xinput::EventMask {
            deviceid: xinput::Device::ALL_MASTER.into(),
            mask: vec![xinput::XIEventMask::RAW_MOTION],
        };
        link.conn.xinput_xi_select_events(link.root, &[mask]).map_err(Lost::from)?;
        let all = xfixes::CursorNotifyMask::DISPLAY_CURSOR;
        link.conn.xfixes_select_cursor_input(link.root, all).map_err(Lost::from)?;
        let geometry = link.conn.get_geometry(link.root).map_err(Lost::from)?;
        let desktop = answer(geometry.reply())?
            .map(|root| Size { width: root.width.into(), height: root.height.into() })
            .unwrap_or_default();
        let tree = Tree::new(&link)?;
        let mut capture = Self {
            link,
            wake,
            view,
            shared,
            tree,
            surfaces: BTreeMap::new(),
            reader: PixelReader::default(),
            desktop,
            pending: true,
            settled_at: 0,
            pointer: PointerWatch { moved: true, asked_at: None, last: None, new_picture: true },
            last_scene: None,
        };
        capture.refresh(true)?;
        Ok(capture)
    }

    fn permitted(&self) -> Result<(), CaptureError> {
        self.view.claim().map(|_| ()).ok_or(CaptureError::NotPermitted)
    }

    /// Takes in the events that have arrived.
    fn take_events(&mut self) -> Result<(), Lost> {
        while let Some((event, sequence)) = self.link.next_event()? {
            self.handle(&event, sequence);
        }
        Ok(())
    }

    fn handle(&mut self, event: &Event, sequence: SequenceNumber) {
        match event {
            Event::XinputRawMotion(_) | Event::EnterNotify(_) | Event::LeaveNotify(_) => self.pointer.moved = true,
            Event::XfixesCursorNotify(_) => {
                self.pointer.new_picture = true;
                self.pending |= matches!(self.pointer.last, Some(Some(_)));
            }
            Event::DamageNotify(event) => {
                if let Some(surface) = self.surfaces.get_mut(&event.drawable) {
                    surface.damaged = true;
                    self.pending = true;
                }
            }
            Event::ConfigureNotify(event) if event.window == self.link.root => {
                self.desktop = Size { width: event.width.into(), height: event.height.into() };
                self.pending = true;
            }
            other => {
                let relevant = self.tree.handle(other, sequence, self.link.root, &mut self.surfaces);
                self.pending |= relevant;
                // Whatever is under the pointer may be another window.
                self.pointer.moved |= relevant;
            }
        }
    }

    /// Brings tree and surfaces up to date with the server.
    fn refresh(&mut self, first: bool) -> Result<(), Lost> {
        self.tree.refresh(&self.link, &self.shared, &mut self.surfaces, first)?;
        for (&window, surface) in &mut self.surfaces {
            surface.refresh(&self.link, || self.tree.covers(window))?;
        }
        let clients = self.tree.clients();
        let gone = |window: &Window, surface: &Tracked| surface.gone || !clients.contains(window);
        let gone: Vec<_> = self.surfaces.iter().filter(|(w, s)| gone(w, s)).map(|(&window, _)| window).collect();
        for window in gone {
            let Some(gone) = self.surfaces.remove(&window) else { continue };
            gone.release(&self.link);
            // The server gives a remote client's identity to the next one.
            let last = !self.surfaces.values().any(|left| left.application == gone.application);
            if last && process_of(gone.application).is_none() {
                self.shared.remove(gone.application);
            }
        }
        Ok(())
    }

    fn scene(&self) -> Scene {
        let mut surfaces = Vec::new();
        let mut pixels = 0;
        let order = self.tree.clients_from_top();
        // From the top, so that limits cost what is at the bottom.
        for window in &order {
            let Some(surface) = self.surfaces.get(window) else { continue };
            let Some((rect, state)) = surface.shown() else { continue };
            let fits = rect.width <= MAX_SURFACE_SIDE_PX && rect.height <= MAX_SURFACE_SIDE_PX;
            let total = rect.size().pixels() + pixels;
            if rect.is_empty() || !fits || total > MAX_TOTAL_PIXELS || surfaces.len() >= MAX_SURFACES {
                continue;
            }
            pixels = total;
            let title = if surface.place.override_redirect { "" } else { &surface.claims.title };
            surfaces.push(Surface {
                id: SurfaceId(*window),
                rect,
                state,
                parent: None,
                title: DisplayText::cleaned(title),
            });
        }
        let parents: Vec<_> = surfaces.iter().enumerate().map(|(at, _)| self.parent(&surfaces, at)).collect();
        for (surface, parent) in surfaces.iter_mut().zip(parents) {
            surface.parent = parent;
        }
        surfaces.reverse();
        Scene { desktop: self.desktop, surfaces }
    }

    /// The window that a dialog says it belongs to, or for a menu or tooltip
    /// the highest window of its application below it, best one that it
    /// touches. `surfaces` is in order from the top.
    fn parent(&self, surfaces: &[Surface], at: usize) -> Option<SurfaceId> {
        let own = surfaces.get(at)?;
        let tracked = self.surfaces.get(&own.id.0)?;
        let same = |other: &Surface| {
            other.id != own.id
                && self.surfaces.get(&other.id.0).is_some_and(|other| other.application == tracked.application)
        };
        if let Some(owner) = tracked.claims.transient_for
            && let Some(owner) = surfaces.iter().find(|other| other.id.0 == owner && same(other))
        {
            return Some(owner.id);
        }
        if !tracked.place.override_redirect {
            return None;
        }
        let plain = |other: &&Surface| {
            same(other) && self.surfaces.get(&other.id.0).is_some_and(|other| !other.place.override_redirect)
        };
        let around = Rect::new(own.rect.x - 1, own.rect.y - 1, own.rect.width + 2, own.rect.height + 2);
        let below = surfaces.get(at + 1..)?;
        let touching = below.iter().filter(plain).find(|other| other.rect.intersection(around).is_some());
        touching.or_else(|| surfaces.iter().find(plain)).map(|parent| parent.id)
    }

    fn pointer_place(&mut self) -> Result<Option<PointerPlace>, Lost> {
        let Some(pointer) = answer(self.link.conn.query_pointer(self.link.root)?.reply())? else {
            return Ok(None);
        };
        if !pointer.same_screen {
            return Ok(None);
        }
        let Some(client) = self.tree.client_of(pointer.child) else { return Ok(None) };
        let Some(surface) = self.surfaces.get(&client) else { return Ok(None) };
        let at = Point { x: pointer.root_x.into(), y: pointer.root_y.into() };
        let place = surface.shown().filter(|(rect, state)| *state == SurfaceState::Shown && rect.contains(at));
        Ok(place.map(|(rect, _)| PointerPlace {
            surface: SurfaceId(client),
            at: Point { x: at.x - rect.x, y: at.y - rect.y },
        }))
    }

    /// How long a pointer that only moves can still rest unasked.
    fn pointer_rest(&self) -> Duration {
        let since = self.pointer.asked_at.map_or(POINTER_INTERVAL, |at| at.elapsed());
        POINTER_INTERVAL.saturating_sub(since)
    }
}

impl Capture for X11Capture {
    fn wait(&mut self, timeout: Option<Duration>) -> Result<(), CaptureError> {
        let deadline = timeout.map(|timeout| Instant::now() + timeout);
        loop {
            self.permitted()?;
            self.take_events()?;
            let rest = self.pointer_rest();
            if self.pending || (self.pointer.moved && rest.is_zero()) {
                return Ok(());
            }
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            let for_pointer = self.pointer.moved.then_some(rest);
            let nap = left.into_iter().chain(for_pointer).min();
            match self.link.wait(&self.wake, nap)? {
                Woken::Server => {}
                Woken::Called => return self.permitted(),
                Woken::TimeOver if nap == left => return self.permitted(),
                Woken::TimeOver => {}
            }
        }
    }

    fn take_changes(&mut self) -> Result<Changes, CaptureError> {
        self.permitted()?;
        self.take_events()?;
        let mut changes = Changes::default();
        if std::mem::take(&mut self.pending) || self.last_scene.is_none() {
            let look = self.tree.begin_look();
            self.refresh(false)?;
            for surface in self.surfaces.values_mut() {
                surface.collect_damage(&self.link)?;
            }
            // Those that came with the damage say what it means.
            self.take_events()?;
            for (&window, surface) in &mut self.surfaces {
                let rects = surface.take_damage(&self.link, self.tree.disturbed_at, || self.tree.covers(window))?;
                changes.damage.extend(rects.into_iter().map(|rect| (SurfaceId(window), rect)));
            }
            self.tree.end_look(look);
            if std::mem::replace(&mut self.settled_at, self.tree.disturbed_at) != self.tree.disturbed_at {
                for surface in self.surfaces.values_mut() {
                    surface.show_again(&self.link)?;
                    self.pending |= surface.damaged;
                }
            }
            let scene = self.scene();
            let size_of = |scene: &Scene, id| {
                scene.surfaces.iter().find(|surface| surface.id == id).map(|surface| surface.rect.size())
            };
            changes.damage.retain(|(id, _)| size_of(&scene, *id).is_some());
            if self.last_scene.as_ref() != Some(&scene) {
                self.last_scene = Some(scene.clone());
                changes.scene = Some(scene);
            }
        }
        if std::mem::take(&mut self.pointer.moved) {
            self.pointer.asked_at = Some(Instant::now());
            let place = self.pointer_place()?;
            if self.pointer.last != Some(place) {
                self.pointer.last = Some(place);
                changes.pointer = Some(place);
            }
        }
        if matches!(self.pointer.last, Some(Some(_))) && std::mem::take(&mut self.pointer.new_picture) {
            changes.cursor = cursor::picture(&self.link)?;
        }
        self.permitted()?;
        Ok(changes)
    }

    fn read(&mut self, surface: SurfaceId, area: Rect, out: &mut Vec<u32>) -> Result<(), CaptureError> {
        out.clear();
        self.permitted()?;
        let tracked = self.surfaces.get(&surface.0).ok_or(CaptureError::SurfaceGone(surface))?;
        let read = tracked.read(&self.link, &mut self.reader, area, out)?;
        // Consent may have ended while the server answered.
        if let Err(error) = self.permitted() {
            out.clear();
            return Err(error);
        }
        if read.is_none() {
            out.clear();
            self.pending = true;
            return Err(CaptureError::SurfaceGone(surface));
        }
        Ok(())
    }

    fn waker(&self) -> Arc<dyn Waker> {
        Arc::clone(&self.wake) as Arc<dyn Waker>
    }
}
