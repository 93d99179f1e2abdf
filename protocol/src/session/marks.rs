//! The rules of pointing without control, of either side.
//!
//! The watcher points at surfaces that it has been shown, on the showing that
//! it sees. What is on its way when that ends, or its window closes, is
//! dropped; what points at a surface that was never shown ends the session.

use super::Misbehaviour;
use crate::{
    marks::{Mark, MarkBoard, MarkColour, MarkId, MarkLife, MarkShape, ShowingNumber, ShownMarks, is_place},
    peer_msg::{PointerPlace, Scene, SurfaceId, SurfaceState},
    stock::Stock,
    time::Moment,
};
use alloc::{collections::BTreeSet, vec::Vec};
use core::time::Duration;

/// Marks that a watcher may send at once, and how long one more takes: a line
/// that is being drawn is sent several times a second.
const DRAW: (u32, Duration) = (40, Duration::from_millis(50));
/// The same for what is taken from the other side: more, since a line that
/// hung for a while brings everything at once.
const TAKE_MARKS: (u32, Duration) = (800, Duration::from_millis(40));
/// Places of the pointer likewise; only the newest waits to be sent.
const TAKE_PLACES: (u32, Duration) = (3_000, Duration::from_millis(5));
/// Between two places of the pointer that are sent.
const PLACE_PAUSE: Duration = Duration::from_millis(16);
/// Surfaces of one showing that are remembered.
const MAX_KNOWN: usize = 16_384;

/// What a shower lets the watcher point at, and what it does.
#[derive(Debug)]
pub(super) struct Pointed {
    showing: ShowingNumber,
    /// Whether something is shown now.
    live: bool,
    hidden: bool,
    pub(super) points_out: bool,
    /// All surfaces of this showing that the watcher has been told of.
    known: BTreeSet<SurfaceId>,
    /// Those of them whose pixels are shown now.
    shown: BTreeSet<SurfaceId>,
    pointer: Option<PointerPlace>,
    board: MarkBoard,
    /// As people were told last: how many marks, and whether it points.
    told: (usize, bool),
    marks: Stock,
    places: Stock,
}

/// Whether something that is seen has changed.
pub(super) type Changed = bool;

impl Pointed {
    pub(super) const fn new(now: Moment) -> Self {
        Self {
            showing: ShowingNumber(0),
            live: false,
            hidden: false,
            points_out: false,
            known: BTreeSet::new(),
            shown: BTreeSet::new(),
            pointer: None,
            board: MarkBoard::new(),
            told: (0, false),
            marks: Stock::full(TAKE_MARKS.0, TAKE_MARKS.1, now),
            places: Stock::full(TAKE_PLACES.0, TAKE_PLACES.1, now),
        }
    }

    pub(super) const fn hidden(&self) -> bool {
        self.hidden
    }

    pub(super) const fn has_pointer(&self) -> bool {
        self.pointer.is_some()
    }

    pub(super) fn count(&self) -> usize {
        self.board.marks().len()
    }

    pub(super) fn seen(&self) -> ShownMarks {
        ShownMarks { pointer: self.pointer, marks: self.board.marks().cloned().collect() }
    }

    /// Whether people must be told.
    pub(super) fn news(&mut self) -> bool {
        let now = (self.count(), self.has_pointer());
        core::mem::replace(&mut self.told, now) != now
    }

    pub(super) fn begin_showing(&mut self) {
        self.showing.0 = self.showing.0.saturating_add(1);
        self.live = true;
        self.known.clear();
        self.shown.clear();
    }

    pub(super) fn end_showing(&mut self) -> Changed {
        self.live = false;
        self.shown.clear();
        self.wipe()
    }

    /// The watcher is sent this scene.
    pub(super) fn scene(&mut self, scene: &Scene) -> Changed {
        let shown = scene.surfaces.iter().filter(|surface| surface.state == SurfaceState::Shown);
        self.shown = shown.map(|surface| surface.id).collect();
        for surface in &scene.surfaces {
            if self.known.len() < MAX_KNOWN {
                self.known.insert(surface.id);
            }
        }
        let gone = self.pointer.take_if(|place| !self.shown.contains(&place.surface)).is_some();
        let shown = &self.shown;
        self.board.keep_on(|surface| shown.contains(&surface)) | gone
    }

    /// Whether something of the watcher's on this surface is to be seen.
    fn takes(&self, showing: ShowingNumber, surface: Option<SurfaceId>) -> Result<bool, Misbehaviour> {
        if showing.0 == 0 || showing > self.showing {
            return Err(Misbehaviour::Pointing);
        }
        if showing < self.showing || !self.live {
            return Ok(false);
        }
        let Some(surface) = surface else { return Ok(true) };
        if !self.known.contains(&surface) && self.known.len() < MAX_KNOWN {
            return Err(Misbehaviour::Pointing);
        }
        Ok(!self.hidden && self.shown.contains(&surface))
    }

    pub(super) fn point(
        &mut self,
        showing: ShowingNumber,
        at: Option<PointerPlace>,
        now: Moment,
    ) -> Result<Changed, Misbehaviour> {
        if !self.places.take(now) {
            return Err(Misbehaviour::PointingFlood);
        }
        if at.is_some_and(|place| !is_place(place.at)) {
            return Err(Misbehaviour::Pointing);
        }
        let takes = self.takes(showing, at.map(|place| place.surface))?;
        let at = at.filter(|_| takes);
        Ok(core::mem::replace(&mut self.pointer, at) != at)
    }

    pub(super) fn mark(&mut self, showing: ShowingNumber, mark: Mark, now: Moment) -> Result<Changed, Misbehaviour> {
        if !self.marks.take(now) {
            return Err(Misbehaviour::PointingFlood);
        }
        if !mark.keeps_limits() {
            return Err(Misbehaviour::Pointing);
        }
        if self.takes(showing, Some(mark.surface))? {
            self.board.put(mark, now).map(|()| true)
        } else {
            self.board.skip(&mark).map(|()| false)
        }
    }

    /// The watcher takes its marks away.
    pub(super) fn clear(&mut self, now: Moment) -> Result<Changed, Misbehaviour> {
        if !self.marks.take(now) {
            return Err(Misbehaviour::PointingFlood);
        }
        Ok(self.board.clear(self.board.newest()))
    }

    /// The human here takes the watcher's marks away: up to which, if there
    /// are some.
    pub(super) fn wipe_marks(&mut self) -> Option<MarkId> {
        let up_to = self.board.newest();
        self.board.clear(up_to).then_some(up_to)
    }

    /// The human here wants to see nothing of it, or again.
    pub(super) fn hide(&mut self, hide: bool) -> Changed {
        self.hidden = hide;
        hide && self.wipe()
    }

    fn wipe(&mut self) -> Changed {
        self.board.clear(self.board.newest()) | self.pointer.take().is_some()
    }

    pub(super) fn fade(&mut self, now: Moment) -> Changed {
        self.board.fade(now)
    }

    pub(super) fn due(&self) -> Option<Moment> {
        self.board.due()
    }
}

/// What the human at the watcher draws.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawing {
    /// The window that it sticks to.
    pub surface: SurfaceId,
    /// What is drawn.
    pub shape: MarkShape,
    /// In this colour.
    pub colour: MarkColour,
    /// How long it is seen.
    pub life: MarkLife,
}

/// What a watcher points at.
#[derive(Debug)]
pub(super) struct Pointing {
    showing: ShowingNumber,
    live: bool,
    pub(super) allowed: bool,
    pub(super) points_out: bool,
    /// Surfaces whose pixels this showing's last scene shows: nothing else can
    /// be pointed at, whatever a hand still holds of the showing before.
    shown: BTreeSet<SurfaceId>,
    board: MarkBoard,
    /// As last said.
    pointer: Option<PointerPlace>,
    /// Not said yet, and when it may be.
    pending: Option<PointerPlace>,
    next_place: Moment,
    draw: Stock,
}

impl Pointing {
    pub(super) const fn new(now: Moment) -> Self {
        Self {
            showing: ShowingNumber(0),
            live: false,
            allowed: true,
            points_out: false,
            shown: BTreeSet::new(),
            board: MarkBoard::new(),
            pointer: None,
            pending: None,
            next_place: now,
            draw: Stock::full(DRAW.0, DRAW.1, now),
        }
    }

    pub(super) const fn showing(&self) -> ShowingNumber {
        self.showing
    }

    const fn may(&self) -> bool {
        self.live && self.allowed
    }

    pub(super) fn begin_showing(&mut self) {
        self.showing.0 = self.showing.0.saturating_add(1);
        self.live = true;
        self.shown.clear();
    }

    pub(super) fn end_showing(&mut self) -> Changed {
        self.live = false;
        self.shown.clear();
        (self.pointer, self.pending) = (None, None);
        self.board.clear(self.board.newest())
    }

    pub(super) fn seen(&self) -> Vec<Mark> {
        self.board.marks().cloned().collect()
    }

    pub(super) fn count(&self) -> usize {
        self.board.marks().len()
    }

    pub(super) fn scene(&mut self, scene: &Scene) -> Changed {
        let surfaces = scene.surfaces.iter().filter(|surface| surface.state == SurfaceState::Shown);
        self.shown = surfaces.map(|surface| surface.id).collect();
        let shown = &self.shown;
        for place in [&mut self.pointer, &mut self.pending] {
            place.take_if(|place| !shown.contains(&place.surface));
        }
        self.board.keep_on(|surface| shown.contains(&surface))
    }

    /// What is to be said of the pointer at once, if something is.
    pub(super) fn point(&mut self, at: Option<PointerPlace>, now: Moment) -> Option<Option<PointerPlace>> {
        if !self.may() || at.is_some_and(|place| !is_place(place.at) || !self.shown.contains(&place.surface)) {
            return None;
        }
        match at {
            // That it is gone never waits.
            None => {
                self.pending = None;
                self.pointer.take().map(|_| None)
            }
            Some(place) => {
                self.pending = Some(place);
                self.place_due(now)
            }
        }
    }

    /// What is to be said of the pointer by now.
    pub(super) fn place_due(&mut self, now: Moment) -> Option<Option<PointerPlace>> {
        if now < self.next_place {
            return None;
        }
        let place = self.pending.take()?;
        if self.pointer.replace(place) == Some(place) {
            return None;
        }
        self.next_place = now.after(PLACE_PAUSE);
        Some(Some(place))
    }

    /// A new mark, or with `again` the newest one drawn anew, to be said. If that
    /// one is gone, because it has faded or been taken away, what goes on is
    /// a new one: nobody draws without seeing it.
    pub(super) fn draw(&mut self, drawing: Drawing, again: bool, now: Moment) -> Option<Mark> {
        if !self.may() {
            return None;
        }
        let Drawing { surface, shape, colour, life } = drawing;
        if !self.shown.contains(&surface) {
            return None;
        }
        let newest = self.board.newest();
        let is_there = self.board.marks().next_back().is_some_and(|mark| mark.id == newest);
        let id = if again && is_there { newest } else { MarkId(newest.0.checked_add(1)?) };
        let mark = Mark { id, surface, shape, colour, life };
        if !mark.keeps_limits() || !self.draw.take(now) {
            return None;
        }
        self.board.put(mark.clone(), now).ok()?;
        Some(mark)
    }

    /// Whether there was something to take away.
    pub(super) fn clear(&mut self) -> Changed {
        self.board.clear(self.board.newest())
    }

    pub(super) fn allow(&mut self, allowed: bool) -> Result<(), Misbehaviour> {
        if core::mem::replace(&mut self.allowed, allowed) == allowed {
            return Err(Misbehaviour::PointingOrder);
        }
        (self.pointer, self.pending) = (None, None);
        self.clear();
        Ok(())
    }

    pub(super) fn cleared(&mut self, up_to: MarkId) -> Result<Changed, Misbehaviour> {
        if up_to > self.board.newest() {
            return Err(Misbehaviour::PointingOrder);
        }
        Ok(self.board.clear(up_to))
    }

    pub(super) fn point_out(&mut self, points_out: bool) -> Result<(), Misbehaviour> {
        if core::mem::replace(&mut self.points_out, points_out) == points_out {
            return Err(Misbehaviour::PointingOrder);
        }
        Ok(())
    }

    pub(super) fn fade(&mut self, now: Moment) -> Changed {
        self.board.fade(now)
    }

    pub(super) fn due(&self) -> Option<Moment> {
        self.board.due().into_iter().chain(self.pending.map(|_| self.next_place)).min()
    }
}
