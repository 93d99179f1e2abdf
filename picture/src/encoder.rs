//! The shower's side: damage in, payloads out.
//!
//! Keeps a copy of what the watcher has (the reference), so that damage that
//! changed nothing costs nothing. A payload is written in two steps: tiles that
//! differ are staged as long as they surely fit in the budget, then packed as a
//! chunk and put into the reference. What was not staged stays dirty.

use crate::{
    chunk::{Kind, Packer, most_packed},
    compare::{difference, part, widened},
    damage::{Damage, TilePlace},
    film::{Films, Preview, VideoEncoder},
    moves::MoveOps,
    natural,
    palette::{NotWritten, Palette},
    run::{Encoded, PixelSource, READ_PIXELS, Run, read_whole},
    scan::{REPLACED, ScanLimits, Scanner, Snapshot},
    stage::{Stage, Staged},
    surface::{Canvas, LimitError, check},
};
use alloc::{collections::BTreeMap, vec::Vec};
use mitblick_protocol::{
    geometry::{Rect, Size},
    peer_msg::SurfaceId,
    time::Moment,
};

/// Smallest run of pixels that is worth a read of its own.
const MIN_READ_PIXELS: u64 = 16 * 1024;
/// Damage of fewer pixels is coded at once: looking for it elsewhere would take
/// longer.
const MIN_SCAN_PIXELS: u64 = 4096;
/// Nor is it looked for if the area around it is so many times larger.
const MAX_SCAN_WASTE: u64 = 16;
/// Budget below which there are no moves.
const MIN_MOVES_BYTES: usize = 1024;
/// The key of [`Encoder::new`].
const PUBLIC_KEY: [u64; 4] =
    [0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344, 0xa409_3822_299f_31d0, 0x082e_fa98_ec4e_6c89];
/// Pixels that may well fit in one byte of a payload.
const PIXELS_PER_BYTE: usize = 32;

/// One surface as the watcher has it, and what may differ by now.
#[derive(Debug)]
pub(crate) struct Tracked {
    pub(crate) reference: Canvas,
    pub(crate) damage: Damage,
    /// Its pixels could not be had; waits for news of it.
    stalled: bool,
}

/// A dirty tile in the order in which it goes out.
#[derive(Clone, Copy, Debug)]
struct Job {
    order: (Class, u32, SurfaceId, TilePlace),
}

/// What goes first when the budget is short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    First,
    Second,
}

/// Turns damage into payloads. See the crate.
#[derive(Debug)]
pub struct Encoder {
    surfaces: BTreeMap<SurfaceId, Tracked>,
    /// Counts damage, to know what is older; wraps after years.
    now: u32,
    /// Small damage went first and large damage got nothing: the other way
    /// round next time, so that neither waits for ever.
    large_first: bool,
    packer: Packer,
    palette: Palette,
    /// What of the palette the watcher has.
    palette_sent: PaletteSent,
    drawn: Stage,
    natural: Stage,
    jobs: Vec<Job>,
    read: Vec<u32>,
    scanner: Scanner,
    moves: MoveOps,
    /// Counts payloads.
    payloads: u32,
    /// Room for the newest pixels of what is scanned.
    snapshot: Vec<u32>,
    films: Films,
}

/// What one payload may be made of.
pub struct Turn<'a> {
    /// Most bytes of it. A moving picture, and one tile, may take more.
    pub budget_bytes: usize,
    /// Now.
    pub now: Moment,
    /// For moving pictures, if the watcher can decode them.
    pub video: Option<&'a mut dyn VideoEncoder>,
    /// A photograph that takes more bytes without loss is shown by `video`
    /// first, and made exact after that: what the line carries in the time that
    /// a person bears to wait. `u64::MAX` = never.
    pub patience_bytes: u64,
}

impl Turn<'_> {
    /// Everything lossless.
    pub fn lossless(budget_bytes: usize) -> Self {
        Self { budget_bytes, now: Moment::default(), video: None, patience_bytes: u64::MAX }
    }
}

impl Default for Encoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Encoder {
    /// Without surfaces, and with a key that everybody knows: for measurements
    /// and tests. See [`Self::with_key`].
    pub fn new() -> Self {
        Self::with_key(PUBLIC_KEY)
    }

    /// Without surfaces. The key must be random, new for each session, and
    /// known to nobody else: a tile that the watcher remembers is known by its
    /// hash under this key, and whoever chooses the pixels of a shared window
    /// must not be able to find two tiles with the same hash.
    pub fn with_key(key: [u64; 4]) -> Self {
        Self {
            surfaces: BTreeMap::new(),
            now: 0,
            large_first: false,
            packer: Packer::new(),
            palette: Palette::new(),
            palette_sent: PaletteSent { colours: 0, stale: false },
            drawn: Stage::default(),
            natural: Stage::default(),
            jobs: Vec::new(),
            read: Vec::new(),
            scanner: Scanner::new(key),
            moves: MoveOps::default(),
            payloads: 0,
            snapshot: Vec::new(),
            films: Films::default(),
        }
    }

    /// Surfaces and sizes as in the new scene. Forgets those that are gone; new
    /// ones and those with a new size are damaged as a whole. The watcher must
    /// be told the same scene with or before the next payload; scenes in
    /// between that it is never told do no harm.
    ///
    /// # Errors
    /// More or larger than the wire allows; nothing has changed then.
    pub fn set_surfaces(&mut self, surfaces: &[(SurfaceId, Size)]) -> Result<(), LimitError> {
        check(surfaces)?;
        self.now = self.now.wrapping_add(1);
        self.snapshot = Vec::new();
        let same = |(id, tracked): (&SurfaceId, &Tracked)| surfaces.contains(&(*id, tracked.reference.size()));
        let gone: Vec<SurfaceId> = self.surfaces.iter().filter(|&entry| !same(entry)).map(|(&id, _)| id).collect();
        gone.into_iter().for_each(|id| self.scanner.forget(id));
        self.surfaces.retain(|id, _| surfaces.iter().any(|(other, _)| other == id));
        for &(id, size) in surfaces {
            match self.surfaces.get_mut(&id) {
                Some(tracked) if tracked.reference.size() == size => {}
                Some(tracked) => {
                    tracked.reference.resize(size);
                    tracked.damage = tracked.damage.resized(size, self.now);
                    tracked.stalled = false;
                }
                None => {
                    let (reference, damage) = (Canvas::new(size), Damage::whole(size, self.now));
                    self.surfaces.insert(id, Tracked { reference, damage, stalled: false });
                }
            }
        }
        self.films.set_surfaces(surfaces);
        Ok(())
    }

    /// The area, in surface coordinates, may look different now. What lies
    /// outside of the surface, or names none, is nothing.
    pub fn damage(&mut self, surface: SurfaceId, area: Rect, now: Moment) {
        self.now = self.now.wrapping_add(1);
        self.films.damage(surface, area, now);
        if let Some(tracked) = self.surfaces.get_mut(&surface)
            && tracked.damage.add(area, self.now)
        {
            tracked.stalled = false;
        }
    }

    /// Whether [`Self::encode`] has anything to look at.
    pub fn has_damage(&self) -> bool {
        self.surfaces.values().any(|tracked| !tracked.stalled && tracked.damage.dirty_tiles() > 0)
    }

    /// When [`Self::encode`] has something to look at if nothing is damaged
    /// before: moving pictures that rest become exact.
    pub fn next_look(&self) -> Option<Moment> {
        self.films.next_look()
    }

    /// Takes the newest pixels of damaged areas, compares them with what the
    /// watcher has and writes what differs. What does not fit in
    /// `budget_bytes` stays damaged for the next call: small recent damage
    /// (typing, a pressed button) goes first, then the oldest. One tile is
    /// written even if the budget is too small for it, so that it always goes
    /// on; a tile takes at most 13 kB. Areas that keep changing and look natural
    /// are coded as video, if there is a coder for it, until they rest.
    ///
    /// The payload must reach the watcher: it counts as seen from here on.
    pub fn encode<S: PixelSource>(&mut self, source: &mut S, mut turn: Turn<'_>) -> Encoded<S::Error> {
        let mut run = Run { source, budget: turn.budget_bytes, payload: Vec::new(), failed: Vec::new() };
        match turn.video.as_deref_mut() {
            Some(video) => self.films.turn(&mut self.surfaces, &mut run, video, turn.now, self.now),
            None => self.films.give_up(&mut self.surfaces, self.now),
        }
        self.payloads = self.payloads.wrapping_add(1);
        let mut snapshot = core::mem::take(&mut self.snapshot);
        snapshot.clear();
        let scanned = self.scan(&mut run, &mut snapshot);
        if let Some(video) = turn.video {
            let preview = Preview { now: turn.now, payload: self.payloads, patience_bytes: turn.patience_bytes };
            for &(surface, area, start) in &scanned {
                let seen = Snapshot { surface, area, pixels: snapshot.get(start..).unwrap_or_default() };
                self.films.preview(&mut self.surfaces, &mut run, video, seen, preview);
            }
        }
        let mut jobs = core::mem::take(&mut self.jobs);
        self.collect(&mut jobs);
        let mut rest = jobs.as_slice();
        let mut room = true;
        while room && let Some(&Job { order: (_, _, id, _) }) = rest.first() {
            let (batch, area, after) = self.next_batch(rest, run.left().saturating_mul(PIXELS_PER_BYTE));
            rest = after;
            let inside = |shot: &&(SurfaceId, Rect, usize)| shot.0 == id && shot.1.intersection(area) == Some(area);
            room = match scanned.iter().find(inside) {
                Some(&(_, area, at)) => {
                    self.stage_batch(&mut run, id, batch, area, snapshot.get(at..).unwrap_or_default())
                }
                None => self.read_batch(&mut run, id, batch, area),
            };
        }
        self.flush(&mut run);
        self.pack_moves(&mut run);
        self.snapshot = snapshot;
        let both = jobs.first().is_some_and(|job| job.order.0 == Class::First);
        let waits = |job: &Job| job.order.0 == Class::Second && self.wanted(job).is_some();
        self.large_first = !room && both && !self.large_first && jobs.last().is_some_and(waits);
        jobs.clear();
        self.jobs = jobs;
        Encoded { payload: run.payload, failed: run.failed }
    }

    /// Looks for new damage elsewhere in what the watcher has. Gives what was
    /// read: surface, area, and where its pixels begin in `snapshot`.
    fn scan<S: PixelSource>(&mut self, run: &mut Run<'_, S>, snapshot: &mut Vec<u32>) -> Vec<(SurfaceId, Rect, usize)> {
        let mut scanned = Vec::new();
        self.scanner.begin();
        self.moves.clear();
        let mut limits = ScanLimits {
            payload: self.payloads,
            now: self.now,
            bytes: run.left() / 2,
            copied_pixels: self.surfaces.values().map(|tracked| tracked.reference.size().pixels()).sum(),
        };
        if limits.bytes < MIN_MOVES_BYTES {
            return scanned;
        }
        for (&id, tracked) in self.surfaces.iter_mut().filter(|(_, tracked)| !tracked.stalled) {
            let dirty = tracked.damage.fresh().filter_map(|place| tracked.damage.dirty_rect(place));
            let (area, pixels) = dirty
                .fold((Rect::default(), 0), |(area, pixels), rect| (area.union(rect), pixels + rect.size().pixels()));
            if pixels < MIN_SCAN_PIXELS || pixels * MAX_SCAN_WASTE < area.size().pixels() {
                continue;
            }
            let start = snapshot.len();
            if let Err(error) = read_whole(run.source, id, area, &mut self.read, snapshot) {
                tracked.stalled = true;
                run.failed.push((id, error));
                snapshot.truncate(start);
                continue;
            }
            let pixels = snapshot.get(start..).unwrap_or_default();
            self.scanner.scan(tracked, Snapshot { surface: id, area, pixels }, &mut self.moves, &mut limits);
            scanned.push((id, area, start));
        }
        self.pack_moves(run);
        scanned
    }

    /// Packs the moves so far as a chunk.
    fn pack_moves<S: PixelSource>(&mut self, run: &mut Run<'_, S>) {
        let ops = self.moves.finish();
        if !ops.is_empty() {
            run.begin();
            self.packer.pack(Kind::Moves, ops, [&[]; 3], &mut run.payload);
        }
        self.moves.clear();
    }

    /// Lists all dirty tiles in their order.
    fn collect(&self, jobs: &mut Vec<Job>) {
        for (&id, tracked) in self.surfaces.iter().filter(|(_, tracked)| !tracked.stalled) {
            jobs.extend(tracked.damage.dirty().map(|dirty| {
                let class = if dirty.urgent == self.large_first { Class::Second } else { Class::First };
                // Newest first by its age now, oldest first by the age of its oldest damage.
                let age = |then: u32| self.now.wrapping_sub(then);
                let when = if dirty.urgent { age(dirty.newest) } else { u32::MAX - age(dirty.since) };
                Job { order: (class, when, id, dirty.place) }
            }));
        }
        jobs.sort_unstable_by_key(|job| job.order);
    }

    /// The tiles at the front that lie side by side (a run in a row of tiles,
    /// and runs of the same columns below it): one read for all of them.
    fn next_batch<'a>(&self, jobs: &'a [Job], pixels: usize) -> (&'a [Job], Rect, &'a [Job]) {
        let limit = (pixels as u64).clamp(MIN_READ_PIXELS, READ_PIXELS);
        let mut area = Rect::default();
        let mut taken = 0;
        let same = |a: &Job, b: &Job| (a.order.0, a.order.2) == (b.order.0, b.order.2);
        while let Some(rest) = jobs.get(taken..)
            && let Some(first) = rest.first()
            && jobs.first().is_some_and(|start| same(start, first))
        {
            let run =
                rest.iter().zip(rest.iter().skip(1)).take_while(|(a, b)| same(a, b) && follows(a.order.3, b.order.3));
            let run = run.count() + 1;
            let row = rest.iter().take(run).filter_map(|job| self.wanted(job)).fold(Rect::default(), Rect::union);
            let both = area.union(row);
            let waste = both.size().pixels()
                - area.size().pixels().saturating_add(row.size().pixels()).min(both.size().pixels());
            if taken > 0 && (both.size().pixels() > limit || waste > 0) {
                break;
            }
            (area, taken) = (both, taken + run);
        }
        let (batch, rest) = jobs.split_at_checked(taken).unwrap_or((jobs, &[]));
        (batch, area, rest)
    }

    /// What has to be read of a tile.
    fn wanted(&self, job: &Job) -> Option<Rect> {
        let (_, _, id, place) = job.order;
        self.surfaces.get(&id)?.damage.dirty_rect(place)
    }

    /// Reads a batch and stages what differs. False = the budget is used up.
    fn read_batch<S: PixelSource>(&mut self, run: &mut Run<'_, S>, id: SurfaceId, batch: &[Job], area: Rect) -> bool {
        let Some(tracked) = self.surfaces.get_mut(&id).filter(|tracked| !tracked.stalled) else { return true };
        if let Err(error) = run.source.read(id, area, &mut self.read) {
            tracked.stalled = true;
            run.failed.push((id, error));
            return true;
        }
        // A source that gives fewer pixels than asked for is out of step;
        // black is as good as anything until it is damaged again.
        self.read.resize(area.size().pixels() as usize, 0);
        batch.iter().for_each(|job| self.scanner.read_again(id, job.order.3));
        let read = core::mem::take(&mut self.read);
        let room = self.stage_batch(run, id, batch, area, &read);
        self.read = read;
        room
    }

    /// Stages what of a batch differs. False = the budget is used up.
    fn stage_batch<S: PixelSource>(
        &mut self,
        run: &mut Run<'_, S>,
        id: SurfaceId,
        batch: &[Job],
        area: Rect,
        read: &[u32],
    ) -> bool {
        for job in batch {
            let place = job.order.3;
            let Some(tracked) = self.surfaces.get_mut(&id) else { break };
            let Some(dirty) = tracked.damage.dirty_rect(place) else { continue };
            let changed = if tracked.damage.is_known(place) {
                difference(&tracked.reference, dirty, area, read)
            } else {
                Some(dirty)
            };
            let Some(changed) = changed else {
                tracked.damage.settle(place);
                continue;
            };
            let is_natural = natural::is_natural(part(area, read, changed));
            let changed = if is_natural { changed } else { widened(changed, dirty) };
            if !self.stage(run, (id, place, changed), is_natural, part(area, read, changed)) {
                return false;
            }
        }
        true
    }

    /// Stages a tile, and packs first what is staged if there is no room for
    /// it. False = the budget is used up, and the tile was not taken.
    fn stage<'a, S: PixelSource>(
        &mut self,
        run: &mut Run<'_, S>,
        tile: (SurfaceId, TilePlace, Rect),
        is_natural: bool,
        rows: impl Iterator<Item = &'a [u32]> + Clone,
    ) -> bool {
        loop {
            if self.drawn.is_full() || self.natural.is_full() {
                self.flush(run);
            }
            let drawn = if is_natural {
                Err(NotWritten::Natural)
            } else {
                self.drawn.add_drawn(tile, rows.clone(), &mut self.palette)
            };
            let is_drawn = match drawn {
                Ok(()) => true,
                Err(NotWritten::Full) => {
                    self.flush(run);
                    self.palette_sent = PaletteSent { colours: 0, stale: true };
                    self.drop_staged();
                    continue;
                }
                Err(NotWritten::Natural) => {
                    self.natural.add_natural(tile, rows.clone());
                    false
                }
            };
            let alone = self.drawn.len() + self.natural.len() == 1;
            let most = [&self.drawn, &self.natural].map(|stage| most_packed(stage.unpacked_bytes()));
            if most.iter().sum::<usize>() <= run.left() || (alone && run.payload.is_empty()) {
                return true;
            }
            // Packed, the tiles before it are likely to leave more room.
            let stage = if is_drawn { &mut self.drawn } else { &mut self.natural };
            stage.truncate(stage.len().saturating_sub(1));
            self.palette.truncate(self.drawn.colours_end().unwrap_or(self.palette_sent.colours));
            if alone {
                return false;
            }
            self.flush(run);
        }
    }

    /// Packs what is staged and takes it into the reference.
    fn flush<S: PixelSource>(&mut self, run: &mut Run<'_, S>) {
        for (stage, kind) in [(&mut self.drawn, Kind::Drawn), (&mut self.natural, Kind::Natural)] {
            if stage.len() == 0 {
                continue;
            }
            run.begin();
            let (ops, data) = stage.bytes();
            self.packer.pack(kind, ops, data, &mut run.payload);
            for Staged { surface, place, area, pixels } in stage.staged() {
                if let Some(tracked) = self.surfaces.get_mut(&surface) {
                    tracked.reference.put(area, pixels);
                    tracked.damage.settle(place);
                    let tile = tracked.damage.tile_rect(place).map_or(0, |tile| tile.size().pixels());
                    if area.size().pixels() * REPLACED >= tile {
                        tracked.damage.wrote(place, self.payloads);
                    }
                    self.scanner.wrote(surface, place);
                    if self.moves.has_room(run.left()) {
                        self.scanner.keep_new(tracked, (surface, place), area.size().pixels(), &mut self.moves);
                    }
                }
            }
            if let Some(colours) = stage.colours_end() {
                self.palette_sent = PaletteSent { colours, stale: false };
            }
        }
        self.drop_staged();
    }

    /// Gives up what is staged; it stays dirty. The palette is what the watcher
    /// has again.
    fn drop_staged(&mut self) {
        self.drawn.clear();
        self.natural.clear();
        self.palette.truncate(self.palette_sent.colours);
        if self.palette_sent.stale {
            self.drawn.forget_palette();
        }
    }
}

/// What the watcher knows of the palette.
#[derive(Clone, Copy, Debug)]
struct PaletteSent {
    /// So many colours from the front...
    colours: usize,
    /// ...once it was told to forget those before.
    stale: bool,
}

/// Whether `b` is the right neighbour of `a`.
fn follows(a: TilePlace, b: TilePlace) -> bool {
    a.row == b.row && b.column == a.column + 1
}
