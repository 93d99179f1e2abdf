//! The children of the root window, bottom-most first, and the application's
//! window in each.

use super::surface::Tracked;
use crate::x11::{
    link::{Link, Lost, answer},
    shared::SharedApplications,
    windows::{client_window, place},
};
use mitblick_protocol::geometry::Rect;
use std::collections::{BTreeMap, BTreeSet};
use x11rb::connection::SequenceNumber;
use x11rb::protocol::{
    Event,
    shape::ConnectionExt as _,
    xproto::{ChangeWindowAttributesAux, ConnectionExt as _, EventMask, Window},
};

/// More places than this that windows have left are joined into one.
const MAX_PASSED: usize = 256;

/// A child of the root.
#[derive(Debug)]
struct Top {
    /// With border, in root coordinates.
    outside: Rect,
    mapped: bool,
    input_only: bool,
    client: Window,
    /// The client window in it has to be looked up.
    unknown: bool,
}

/// Where a child of the root has been.
#[derive(Debug)]
struct Passed {
    look: u64,
    window: Window,
    outside: Rect,
}

/// What may lie, or have lain since the last look, above a window.
#[derive(Debug, Default)]
pub(super) struct Covers {
    /// In root coordinates.
    pub(super) rects: Vec<Rect>,
    /// The window itself has been at another place.
    pub(super) moved: bool,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Tree {
    tops: BTreeMap<Window, Top>,
    /// Bottom-most first.
    order: Vec<Window>,
    stale: bool,
    /// The places that windows have left since the last look but one.
    passed: Vec<Passed>,
    look: u64,
    /// The newest event about windows that moved, came or went.
    pub(super) disturbed_at: SequenceNumber,
}

impl Tree {
    pub(super) fn new(link: &Link) -> Result<Self, Lost> {
        let mask = EventMask::SUBSTRUCTURE_NOTIFY | EventMask::STRUCTURE_NOTIFY;
        link.conn.change_window_attributes(link.root, &ChangeWindowAttributesAux::new().event_mask(mask))?;
        Ok(Self { stale: true, ..Self::default() })
    }

    /// Takes in an event about windows; whether it may change what is shown.
    pub(super) fn handle(
        &mut self,
        event: &Event,
        sequence: SequenceNumber,
        root: Window,
        surfaces: &mut BTreeMap<Window, Tracked>,
    ) -> bool {
        if !matches!(event, Event::PropertyNotify(_)) {
            self.disturbed_at = sequence;
        }
        match event {
            Event::CreateNotify(event) if event.parent == root => {
                let size = (event.width, event.height);
                self.passes(event.window, outside((event.x, event.y), size, event.border_width));
                self.stale = true;
            }
            Event::DestroyNotify(event) => {
                self.leaves(event.window);
                let mut known = self.tops.remove(&event.window).is_some();
                if let Some(surface) = surfaces.get_mut(&event.window).filter(|surface| sequence >= surface.since) {
                    surface.gone = true;
                    known = true;
                }
                for top in self.tops.values_mut().filter(|top| top.client == event.window) {
                    top.unknown = true;
                }
                self.stale |= known;
                return known;
            }
            Event::ReparentNotify(event) => {
                self.stale = true;
                if event.parent != root {
                    self.leaves(event.window);
                    self.tops.remove(&event.window);
                }
                self.look_again(event.parent);
                self.look_again(event.event);
                if let Some(surface) = surfaces.get_mut(&event.window) {
                    surface.mapping_changed(sequence);
                }
            }
            // Told twice of a child of the root: as the root's child and by
            // itself. The first is enough.
            Event::MapNotify(event) if event.event == root || !self.tops.contains_key(&event.window) => {
                return self.mapping(event.window, true, sequence, surfaces);
            }
            Event::UnmapNotify(event) if event.event == root || !self.tops.contains_key(&event.window) => {
                return self.mapping(event.window, false, sequence, surfaces);
            }
            Event::ConfigureNotify(event) => {
                let mut known = false;
                let outside = outside((event.x, event.y), (event.width, event.height), event.border_width);
                self.leaves(event.window);
                // From a client's own StructureNotify the coordinates count
                // from its frame, not from the root.
                if let Some(top) = self.tops.get_mut(&event.window) {
                    top.outside = outside;
                    if let Some(surface) = surfaces.get_mut(&top.client) {
                        surface.stale = true;
                    }
                    self.stale = true;
                    known = true;
                } else if event.event == root {
                    self.passes(event.window, outside);
                }
                if let Some(surface) = surfaces.get_mut(&event.window) {
                    surface.stale = true;
                    known = true;
                }
                return known;
            }
            Event::CirculateNotify(_) | Event::GravityNotify(_) => self.stale = true,
            Event::PropertyNotify(event) => {
                return surfaces.get_mut(&event.window).map(Tracked::claims_changed).is_some();
            }
            _ => return false,
        }
        true
    }

    fn mapping(
        &mut self,
        window: Window,
        mapped: bool,
        sequence: SequenceNumber,
        surfaces: &mut BTreeMap<Window, Tracked>,
    ) -> bool {
        let mut known = false;
        let mut client = window;
        self.leaves(window);
        if let Some(top) = self.tops.get_mut(&window) {
            top.mapped = mapped;
            top.unknown |= top.mapped && !top.input_only;
            client = top.client;
            self.stale = true;
            known = true;
        }
        if let Some(surface) = surfaces.get_mut(&client) {
            surface.mapping_changed(sequence);
            known = true;
        }
        known
    }

    /// A window moves away, or something about it changes that may have.
    fn leaves(&mut self, window: Window) {
        if let Some(top) = self.tops.get(&window).filter(|top| !top.input_only) {
            self.passes(window, top.outside);
        }
    }

    fn passes(&mut self, window: Window, outside: Rect) {
        let look = self.look;
        if self.passed.len() >= MAX_PASSED {
            let all = self.passed.iter().fold(Rect::default(), |all, passed| all.union(passed.outside));
            self.passed = vec![Passed { look, window: x11rb::NONE, outside: all }];
        }
        self.passed.push(Passed { look, window, outside });
    }

    /// Begins a look at all windows; what is told from here on counts for the
    /// next one too. To be ended with [`Self::end_look`].
    pub(super) fn begin_look(&mut self) -> u64 {
        self.look += 1;
        self.look
    }

    /// Every window whose size had changed before this look has been seen to:
    /// where others had been until then no longer matters.
    pub(super) fn end_look(&mut self, look: u64) {
        self.passed.retain(|passed| passed.look >= look);
    }

    fn look_again(&mut self, top: Window) {
        if let Some(top) = self.tops.get_mut(&top) {
            top.unknown = true;
        }
    }

    /// Asks the server for the present children of the root and looks at those
    /// that are new or have changed inside. Starts to track the shared ones.
    pub(super) fn refresh(
        &mut self,
        link: &Link,
        shared: &SharedApplications,
        surfaces: &mut BTreeMap<Window, Tracked>,
        first: bool,
    ) -> Result<(), Lost> {
        if !std::mem::take(&mut self.stale) {
            return Ok(());
        }
        let Some(tree) = answer(link.conn.query_tree(link.root)?.reply())? else { return Ok(()) };
        self.order = tree.children;
        let gone: Vec<Window> = self.tops.keys().copied().filter(|window| !self.order.contains(window)).collect();
        for window in gone {
            self.leaves(window);
            self.tops.remove(&window);
        }
        for &window in &self.order {
            if self.tops.contains_key(&window) {
                continue;
            }
            // Before anything is asked, so that no later change is missed.
            select(link, window)?;
            let Some(place) = place(link, window)? else { continue };
            let border = i32::from(place.border);
            let edges = 2 * u32::from(place.border);
            let outside = Rect::new(
                place.rect.x - border,
                place.rect.y - border,
                place.rect.width + edges,
                place.rect.height + edges,
            );
            let (mapped, input_only) = (place.viewable, place.input_only);
            self.tops.insert(window, Top { outside, mapped, input_only, client: window, unknown: !input_only });
        }
        for (&window, top) in self.tops.iter_mut().filter(|(_, top)| top.unknown) {
            top.unknown = false;
            top.client = client_window(link, window)?;
            if let Some(known) = surfaces.get_mut(&top.client) {
                if !known.gone {
                    known.stale = true;
                    continue;
                }
                known.release(link);
            }
            if top.client != window {
                select(link, top.client)?;
            }
            let owner = link.application_of(top.client)?;
            if let Some(application) = owner.filter(|&owner| shared.contains(&link.owners, owner))
                && let Some(surface) = Tracked::begin(link, top.client, application, first)?
            {
                surfaces.insert(top.client, surface);
            }
        }
        Ok(())
    }

    /// The client windows in all children of the root.
    pub(super) fn clients(&self) -> BTreeSet<Window> {
        self.tops.values().map(|top| top.client).collect()
    }

    /// Where other windows may lie above this one, or have lain.
    pub(super) fn covers(&self, client: Window) -> Covers {
        let own = |window: Window| self.tops.get(&window).filter(|top| top.client == client);
        let above = self.order.iter().rev().take_while(|&&window| own(window).is_none());
        let above = above.filter_map(|window| self.tops.get(window)).filter(|top| top.mapped && !top.input_only);
        let mut covers = Covers { rects: above.map(|top| top.outside).collect(), moved: false };
        for passed in &self.passed {
            match own(passed.window) {
                Some(top) => covers.moved |= (passed.outside.x, passed.outside.y) != (top.outside.x, top.outside.y),
                None => {
                    covers.rects.push(passed.outside);
                    // Of joined places, one may have been its own.
                    covers.moved |= passed.window == x11rb::NONE;
                }
            }
        }
        covers
    }

    /// Client windows, top-most first.
    pub(super) fn clients_from_top(&self) -> Vec<Window> {
        self.order.iter().rev().filter_map(|window| Some(self.tops.get(window)?.client)).collect()
    }

    /// The client window in a child of the root.
    pub(super) fn client_of(&self, top: Window) -> Option<Window> {
        self.tops.get(&top).map(|top| top.client)
    }
}

/// The place of a window with its border.
fn outside((x, y): (i16, i16), (width, height): (u16, u16), border: u16) -> Rect {
    let edges = 2 * u32::from(border);
    Rect::new(x.into(), y.into(), u32::from(width) + edges, u32::from(height) + edges)
}

fn select(link: &Link, window: Window) -> Result<(), Lost> {
    // A program may move the pointer itself, which is no raw motion; leaving a
    // window is still seen.
    let pointer = EventMask::ENTER_WINDOW | EventMask::LEAVE_WINDOW;
    let mask = EventMask::STRUCTURE_NOTIFY | EventMask::SUBSTRUCTURE_NOTIFY | EventMask::PROPERTY_CHANGE | pointer;
    link.conn.change_window_attributes(window, &ChangeWindowAttributesAux::new().event_mask(mask))?;
    // What a window above lets through by its shape is damage, too.
    link.conn.shape_select_input(window, true)?;
    Ok(())
}
