//! Follows the windows of the chosen applications: by events alone, without
//! polling. Pixels come from each window's own buffer; the desktop is never
//! read.

use super::{
    cursor,
    extensions::{Display, broken, connect, reply_broken},
    owner::Owners,
    pixels::PixelReader,
    properties::{self, Atoms},
    scan::{TopLevel, top_levels},
    tracked::Tracked,
};
use crate::capture::{Capture, CaptureError, Changes, Waker};
use mitblick_protocol::{
    geometry::{Rect, Size},
    peer_msg::{PointerPlace, Scene, Surface, SurfaceId},
    session::{Permitted, ViewSelection},
    text::DisplayText,
    wire::{MAX_SURFACE_SIDE_PX, MAX_SURFACES},
};
use rustix::{
    event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll},
    fd::OwnedFd,
    io::{read, retry_on_intr, write},
};
use std::{collections::BTreeSet, os::fd::AsFd, sync::Arc, time::Duration};
use x11rb::{
    connection::Connection,
    errors::ReplyError,
    protocol::{
        Event,
        xfixes::{self, ConnectionExt as _, CursorNotifyMask},
        xinput::{ConnectionExt as _, Device, EventMask as InputMask, XIEventMask},
        xproto::{ChangeWindowAttributesAux, ConnectionExt as _, EventMask, Window},
    },
};

/// A running capture.
pub(super) struct X11Capture {
    display: Display,
    atoms: Atoms,
    owners: Owners,
    permit: Permitted<ViewSelection>,
    /// Bottom-most first.
    shared: Vec<Tracked>,
    reader: PixelReader,
    region: xfixes::Region,
    bell: Arc<Bell>,
    scene: Scene,
    seen: Seen,
    told_pointer: Option<PointerPlace>,
}

/// What events have told since the last `take_changes`.
struct Seen {
    /// Windows came, went, moved or changed.
    tree: bool,
    /// Windows whose titles changed.
    titles: BTreeSet<Window>,
    /// Windows that were destroyed; their ids may be used again.
    destroyed: BTreeSet<Window>,
    pointer: bool,
    cursor: bool,
    damage: bool,
}

/// Wakes a waiting capture through an eventfd.
struct Bell(OwnedFd);

impl Waker for Bell {
    fn wake(&self) {
        // A counter that is full is a bell that rings already.
        let _ = retry_on_intr(|| write(&self.0, &1_u64.to_ne_bytes()));
    }
}

impl X11Capture {
    pub(super) fn start(display: Option<&str>, permit: Permitted<ViewSelection>) -> Result<Self, CaptureError> {
        permit.claim().ok_or(CaptureError::NotPermitted)?;
        let display = connect(display)?;
        let atoms = Atoms::intern(&display.conn)?;
        let owners = Owners::new(&display.conn);
        let conn = &display.conn;
        let region = conn.generate_id().map_err(|error| CaptureError::Broken(error.to_string()))?;
        conn.xfixes_create_region(region, &[]).map_err(broken)?;
        let events = ChangeWindowAttributesAux::new().event_mask(EventMask::SUBSTRUCTURE_NOTIFY);
        conn.change_window_attributes(display.root, &events).map_err(broken)?;
        conn.xfixes_select_cursor_input(display.root, CursorNotifyMask::DISPLAY_CURSOR).map_err(broken)?;
        let motion = InputMask { deviceid: Device::ALL_MASTER.into(), mask: vec![XIEventMask::RAW_MOTION] };
        conn.xinput_xi_select_events(display.root, &[motion]).map_err(broken)?;
        let bell = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)
            .map_err(|error| CaptureError::Broken(error.to_string()))?;
        let seen = Seen {
            tree: true,
            titles: BTreeSet::new(),
            destroyed: BTreeSet::new(),
            pointer: true,
            cursor: true,
            damage: false,
        };
        Ok(Self {
            display,
            atoms,
            owners,
            permit,
            shared: Vec::new(),
            reader: PixelReader::default(),
            region,
            bell: Arc::new(Bell(bell)),
            scene: Scene::default(),
            seen,
            told_pointer: None,
        })
    }

    /// Takes in all events that are there.
    fn take_events(&mut self) -> Result<(), CaptureError> {
        while let Some(event) = self.display.conn.poll_for_event().map_err(broken)? {
            self.handle(&event);
        }
        Ok(())
    }

    fn handle(&mut self, event: &Event) {
        match event {
            Event::DamageNotify(event) => {
                if let Some(tracked) = self.shared.iter_mut().find(|tracked| tracked.damage() == event.damage) {
                    tracked.note_damage();
                    self.seen.damage = true;
                }
            }
            Event::MapNotify(event) => {
                for tracked in &mut self.shared {
                    if tracked.top() == event.window || tracked.id().0 == event.window {
                        tracked.note_mapped();
                    }
                }
                self.seen.tree = true;
            }
            Event::DestroyNotify(event) => {
                self.seen.destroyed.insert(event.window);
                self.seen.tree = true;
            }
            Event::CreateNotify(_) => {}
            Event::UnmapNotify(_)
            | Event::ConfigureNotify(_)
            | Event::ReparentNotify(_)
            | Event::GravityNotify(_)
            | Event::CirculateNotify(_) => self.seen.tree = true,
            Event::PropertyNotify(event) => {
                if event.atom == self.atoms.WM_NAME || event.atom == self.atoms._NET_WM_NAME {
                    self.seen.titles.insert(event.window);
                    self.seen.tree = true;
                } else if event.atom == self.atoms.WM_STATE || event.atom == self.atoms.WM_TRANSIENT_FOR {
                    self.seen.tree = true;
                }
            }
            Event::XinputRawMotion(_) => self.seen.pointer = true,
            Event::XfixesCursorNotify(_) => self.seen.cursor = true,
            // Requests about windows that have vanished fail, which is how we
            // learn of it; anything else is of no interest.
            _ => {}
        }
    }

    /// Brings the list of shared windows up to date. Gives the damage of those
    /// that are new, resized or shown again.
    fn rescan(&mut self) -> Result<Vec<(SurfaceId, Rect)>, CaptureError> {
        let selection = self.permit.claim().ok_or(CaptureError::NotPermitted)?;
        let found = top_levels(&self.display, &self.atoms, self.owners)?;
        let own = Owners::own_process();
        let fits = |top: &TopLevel| {
            selection.applications.contains(&top.owner)
                && top.owner != own
                && !top.is_furniture
                && top.rect.width.max(top.rect.height) <= MAX_SURFACE_SIDE_PX
                && !top.rect.is_empty()
        };
        // The top-most ones, should there be too many.
        let mut wanted: Vec<TopLevel> = found.into_iter().rev().filter(fits).take(MAX_SURFACES).collect();
        wanted.reverse();

        let destroyed = std::mem::take(&mut self.seen.destroyed);
        let renamed = std::mem::take(&mut self.seen.titles);
        let mut old = std::mem::take(&mut self.shared);
        let mut damage = Vec::new();
        for top in wanted {
            let window = top.window;
            let known = old.iter().position(|tracked| tracked.id().0 == window && !destroyed.contains(&window));
            let tracked = match known {
                Some(place) => {
                    let mut tracked = old.swap_remove(place);
                    let title = renamed.contains(&window).then(|| self.title(window)).transpose()?;
                    if tracked.update(&self.display, top, title)? {
                        damage.push((tracked.id(), tracked.rect().size().rect()));
                    }
                    tracked
                }
                None => {
                    let title = if top.override_redirect { String::new() } else { self.title(window)? };
                    let Some(tracked) = Tracked::start(&self.display, top, title)? else { continue };
                    damage.push((tracked.id(), tracked.rect().size().rect()));
                    tracked
                }
            };
            self.shared.push(tracked);
        }
        for gone in old {
            let window_is_gone = destroyed.contains(&gone.id().0);
            gone.stop(&self.display, window_is_gone)?;
        }
        Ok(damage)
    }

    fn title(&self, window: Window) -> Result<String, CaptureError> {
        let asked = properties::ask_title(&self.display.conn, &self.atoms, window)?;
        properties::title(&self.atoms, asked)
    }

    fn new_scene(&self) -> Result<Scene, CaptureError> {
        let root = self.display.conn.get_geometry(self.display.root).map_err(broken)?.reply().map_err(reply_broken)?;
        let desktop = Size { width: root.width.into(), height: root.height.into() };
        let surfaces = self.shared.iter().map(|tracked| Surface {
            id: tracked.id(),
            rect: tracked.rect(),
            state: tracked.state(),
            parent: self.parent(tracked.window()),
            title: DisplayText::cleaned(tracked.title()),
        });
        Ok(Scene { desktop, surfaces: surfaces.collect() })
    }

    /// The shared window that this one belongs to: the one it names, or for a
    /// menu that names none, the top-most window of its application beneath it.
    fn parent(&self, window: &TopLevel) -> Option<SurfaceId> {
        let named = window.transient_for.map(SurfaceId);
        let named = named.filter(|id| id.0 != window.window && self.shared.iter().any(|other| other.id() == *id));
        let beneath = || {
            let below = self.shared.iter().take_while(|other| other.id().0 != window.window);
            let same = below.filter(|other| {
                let other = other.window();
                other.owner == window.owner && !other.override_redirect && other.viewable
            });
            same.last().map(Tracked::id)
        };
        named.or_else(|| window.override_redirect.then(beneath).flatten())
    }
}

impl Capture for X11Capture {
    fn wait(&mut self, timeout: Option<Duration>) -> Result<(), CaptureError> {
        self.display.conn.flush().map_err(broken)?;
        // Events that replies have brought along are in memory already.
        if let Some(event) = self.display.conn.poll_for_event().map_err(broken)? {
            self.handle(&event);
        } else {
            let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
            let mut fds = [
                PollFd::from_borrowed_fd(self.display.conn.stream().as_fd(), PollFlags::IN),
                PollFd::from_borrowed_fd(self.bell.0.as_fd(), PollFlags::IN),
            ];
            retry_on_intr(|| poll(&mut fds, timeout.as_ref())).map_err(|error| CaptureError::Broken(error.to_string()))?;
            let mut count = [0; 8];
            // Nothing to read is a bell that was not rung.
            let _ = read(&self.bell.0, &mut count);
        }
        self.permit.claim().map(|_| ()).ok_or(CaptureError::NotPermitted)
    }

    fn take_changes(&mut self) -> Result<Changes, CaptureError> {
        self.permit.claim().ok_or(CaptureError::NotPermitted)?;
        self.take_events()?;
        let mut changes = Changes::default();
        if std::mem::take(&mut self.seen.tree) {
            changes.damage = self.rescan()?;
            let scene = self.new_scene()?;
            if scene != self.scene || self.scene.desktop == Size::default() {
                self.scene = scene.clone();
                changes.scene = Some(scene);
            }
            self.seen.pointer = true;
            // What happened during the scan is seen by the next one.
            self.take_events()?;
        }
        if std::mem::take(&mut self.seen.damage) {
            for tracked in &mut self.shared {
                let id = tracked.id();
                let rects = tracked.take_damage(&self.display, self.region)?;
                changes.damage.extend(rects.into_iter().map(|rect| (id, rect)));
            }
        }
        if std::mem::take(&mut self.seen.pointer) {
            let place = cursor::place(&self.display, &self.shared)?;
            if place != self.told_pointer {
                self.told_pointer = place;
                changes.pointer = Some(place);
            }
        }
        // Over windows that are not shared its shape is nobody's business.
        if self.told_pointer.is_some() && std::mem::take(&mut self.seen.cursor) {
            changes.cursor = cursor::image(&self.display)?;
        }
        Ok(changes)
    }

    fn read(&mut self, surface: SurfaceId, area: Rect, out: &mut Vec<u32>) -> Result<(), CaptureError> {
        let tracked = self.shared.iter().find(|tracked| tracked.id() == surface);
        let tracked = tracked.ok_or(CaptureError::SurfaceGone(surface))?;
        // The last step: consent is asked for once more.
        self.permit.claim().ok_or(CaptureError::NotPermitted)?;
        if tracked.read(&self.display, &mut self.reader, area, out)? {
            Ok(())
        } else {
            self.seen.tree = true;
            Err(CaptureError::SurfaceGone(surface))
        }
    }

    fn waker(&self) -> Arc<dyn Waker> {
        Arc::clone(&self.bell) as Arc<dyn Waker>
    }
}

impl From<ReplyError> for CaptureError {
    fn from(error: ReplyError) -> Self {
        reply_broken(error)
    }
}
