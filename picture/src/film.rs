//! Moving pictures: areas that keep changing and look natural go to a video
//! coder outside of this crate for as long as they do, and become exact again
//! as soon as they rest.
//!
//! A tile is *hot* when much of it was damaged several times in close
//! succession. Hot tiles that lie together, and look like a photograph, become
//! a *region*: its rectangle is coded as a whole, and its tiles count as
//! unknown, so that nothing is copied from or compared with what the watcher
//! has there. Once nothing has touched a region for [`REST`], its tiles are
//! damaged again and go the lossless way, part by part; a newer change takes
//! them back. On a slow line a photograph is treated as the first picture of a
//! film before anybody knows whether it is one: it is seen at once, and exact
//! as soon as the line allows. A region that others grow beside grows, one that is hot only in
//! part shrinks, one that has been exact for a while goes.

use crate::{
    clusters::clusters,
    compare::{difference, part},
    damage::{TILE_PX, TilePlace},
    encoder::Tracked,
    format::{MAX_CHUNK_BYTES, NEW_SURFACE, Op, put_number},
    heat::Heat,
    natural,
    run::{PixelSource, Run, read_whole},
    scan::Snapshot,
};
use alloc::{collections::BTreeMap, vec::Vec};
use core::time::Duration;
use mitblick_protocol::{
    geometry::{Rect, Size},
    peer_msg::SurfaceId,
    time::Moment,
};

/// Untouched for so long, a region is made exact.
pub(crate) const REST: Duration = Duration::from_millis(120);
/// Exact for so long, it is forgotten.
const FORGET: Duration = Duration::from_secs(3);
/// How often the rectangle of a region is looked at again.
const FIT_EVERY: Duration = Duration::from_millis(1_500);
/// Fewer tiles are not worth a video stream.
const MIN_TILES: u32 = 6;
/// Longest sides of a region, in pixels, either way round: the most that coders
/// take.
const MAX_SIDES_PX: (u32, u32) = (3_840, 2_160);
/// At most one in so many pixels of a preview is something else than new and
/// natural.
const MIN_PREVIEWED: u64 = 4;
/// Streams at once.
pub const MAX_STREAMS: u8 = 4;
/// Longest coded picture, so that it fits a chunk with its op.
pub(crate) const MAX_FILM_BYTES: usize = MAX_CHUNK_BYTES - 64;
/// Flag of a picture that stands alone.
pub(crate) const BEGIN: u8 = 1;

/// A video coder failed; what it was to code goes another way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("moving pictures do not work")]
pub struct VideoFailed;

/// Codes moving pictures: this side's own pixels.
pub trait VideoEncoder {
    /// Codes the next picture of a stream, below [`MAX_STREAMS`]. `begin`: it
    /// stands alone and may have another size than the one before. `pixels` are
    /// `size.pixels()` of `0x00RRGGBB`, row by row. `None` if this one is left
    /// out.
    ///
    /// # Errors
    /// It does not work, for this stream at least.
    fn encode(&mut self, stream: u8, begin: bool, size: Size, pixels: &[u32]) -> Result<Option<Vec<u8>>, VideoFailed>;

    /// The stream is over.
    fn end(&mut self, stream: u8);
}

/// Decodes moving pictures of a peer that may be hostile: whoever implements
/// this must bear any bytes.
pub trait VideoDecoder {
    /// Decodes the next picture of a stream into `out`, `size.pixels()` of
    /// `0x00RRGGBB` in place of what is in it. `begin`: it stands alone.
    ///
    /// # Errors
    /// It can't; moving pictures do not work (any more).
    fn decode(
        &mut self,
        stream: u8,
        begin: bool,
        size: Size,
        bytes: &[u8],
        out: &mut Vec<u32>,
    ) -> Result<(), VideoFailed>;
}

/// No moving pictures.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoVideo;

impl VideoDecoder for NoVideo {
    fn decode(&mut self, _: u8, _: bool, _: Size, _: &[u8], _: &mut Vec<u32>) -> Result<(), VideoFailed> {
        Err(VideoFailed)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Coded as video.
    Moving,
    /// Being made exact, or exact.
    Resting,
}

/// An area that is coded as video.
#[derive(Debug)]
struct Region {
    stream: u8,
    surface: SurfaceId,
    rect: Rect,
    /// No picture of it was sent yet.
    begins: bool,
    /// Damaged since its last picture.
    touched: bool,
    touched_at: Moment,
    fitted_at: Moment,
    phase: Phase,
}

impl Region {
    fn new(stream: u8, surface: SurfaceId, rect: Rect, now: Moment) -> Self {
        let (touched_at, fitted_at) = (now, now);
        Self { stream, surface, rect, begins: true, touched: true, touched_at, fitted_at, phase: Phase::Moving }
    }

    fn overlaps(&self, surface: SurfaceId, area: Rect) -> bool {
        self.surface == surface && self.rect.intersection(area).is_some()
    }
}

/// When to preview what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Preview {
    pub(crate) now: Moment,
    /// Number of the payload.
    pub(crate) payload: u32,
    /// What takes more bytes without loss is previewed.
    pub(crate) patience_bytes: u64,
}

/// All regions, and where new ones may come up.
#[derive(Debug, Default)]
pub(crate) struct Films {
    heat: BTreeMap<SurfaceId, Heat>,
    regions: Vec<Region>,
    pixels: Vec<u32>,
    band: Vec<u32>,
}

impl Films {
    /// Surfaces as they are now.
    pub(crate) fn set_surfaces(&mut self, surfaces: &[(SurfaceId, Size)]) {
        self.heat.retain(|id, heat| surfaces.contains(&(*id, heat.size())));
        let heat = &self.heat;
        self.regions.retain(|region| heat.contains_key(&region.surface));
        for &(id, size) in surfaces {
            self.heat.entry(id).or_insert_with(|| Heat::new(size));
        }
    }

    /// The application painted here.
    pub(crate) fn damage(&mut self, surface: SurfaceId, area: Rect, now: Moment) {
        if let Some(heat) = self.heat.get_mut(&surface) {
            heat.hit(area, now);
        }
        for region in self.regions.iter_mut().filter(|region| region.surface == surface) {
            if region.rect.intersection(area).is_some() {
                (region.touched, region.touched_at) = (true, now);
            }
        }
    }

    /// When a region is to be made exact or forgotten, if nothing happens
    /// before.
    pub(crate) fn next_look(&self) -> Option<Moment> {
        let looks = self.regions.iter().map(|region| match region.phase {
            Phase::Moving => region.touched_at.after(REST),
            Phase::Resting => region.touched_at.after(FORGET),
        });
        looks.min()
    }

    /// Ends all regions: what was sent of them is made exact.
    pub(crate) fn give_up(&mut self, surfaces: &mut BTreeMap<SurfaceId, Tracked>, count: u32) {
        for region in self.regions.drain(..) {
            give_back(surfaces, region.surface, region.rect, count);
        }
    }

    /// Does what is due, and codes what moves. `count` counts damage.
    pub(crate) fn turn<S: PixelSource>(
        &mut self,
        surfaces: &mut BTreeMap<SurfaceId, Tracked>,
        run: &mut Run<'_, S>,
        video: &mut dyn VideoEncoder,
        now: Moment,
        count: u32,
    ) {
        self.forget_old(surfaces, video, now);
        self.fit(surfaces, video, now, count);
        self.discover(surfaces, run, now);
        let mut regions = core::mem::take(&mut self.regions);
        regions.retain_mut(|region| {
            if region.touched {
                region.phase = Phase::Moving;
            }
            if region.phase == Phase::Moving && !region.touched && now.since(region.touched_at) >= REST {
                region.phase = Phase::Resting;
                give_back(surfaces, region.surface, region.rect, count);
            }
            let coded = !region.touched || self.code(surfaces, run, video, region).is_ok();
            if !coded {
                video.end(region.stream);
                give_back(surfaces, region.surface, region.rect, count);
            }
            coded
        });
        self.regions = regions;
    }

    fn forget_old(&mut self, surfaces: &BTreeMap<SurfaceId, Tracked>, video: &mut dyn VideoEncoder, now: Moment) {
        self.regions.retain(|region| {
            let exact = surfaces.get(&region.surface).is_none_or(|tracked| tracked.damage.is_known_area(region.rect));
            let old = region.phase == Phase::Resting && exact && now.since(region.touched_at) >= FORGET;
            if old {
                video.end(region.stream);
            }
            !old
        });
    }

    /// Lets regions follow what is hot.
    fn fit(
        &mut self,
        surfaces: &mut BTreeMap<SurfaceId, Tracked>,
        video: &mut dyn VideoEncoder,
        now: Moment,
        count: u32,
    ) {
        let mut fitted = Vec::new();
        for region in &mut self.regions {
            if region.phase != Phase::Moving || now.since(region.fitted_at) < FIT_EVERY {
                continue;
            }
            region.fitted_at = now;
            let Some(heat) = self.heat.get(&region.surface) else { continue };
            let hot = heat.hot_areas(now).into_iter().filter(|hot| hot.intersection(region.rect).is_some());
            let hot = hot.fold(Rect::default(), Rect::union);
            let smaller = hot.size().pixels() * 4 <= region.rect.size().pixels() * 3;
            let larger = hot.union(region.rect) != region.rect;
            if (smaller || larger) && is_worth_it(hot) {
                give_back(surfaces, region.surface, region.rect, count);
                video.end(region.stream);
                (region.rect, region.begins, region.touched) = (hot, true, true);
                fitted.push((region.stream, region.surface, hot));
            }
        }
        // The watcher takes each pixel once in a payload.
        for (stream, surface, rect) in fitted {
            if self.regions.iter().any(|region| region.stream == stream) {
                self.regions.retain(|region| {
                    let swallowed = region.stream != stream && region.overlaps(surface, rect);
                    if swallowed {
                        give_back(surfaces, surface, region.rect, count);
                        video.end(region.stream);
                    }
                    !swallowed
                });
            }
        }
    }

    /// Looks at hot areas without a region.
    fn discover<S: PixelSource>(&mut self, surfaces: &BTreeMap<SurfaceId, Tracked>, run: &mut Run<'_, S>, now: Moment) {
        for (&surface, heat) in &mut self.heat {
            let Some(tracked) = surfaces.get(&surface) else { continue };
            for rect in heat.hot_areas(now) {
                if !is_worth_it(rect) || self.regions.iter().any(|region| region.overlaps(surface, rect)) {
                    continue;
                }
                let Some(stream) = free_stream(&self.regions) else { return };
                self.pixels.clear();
                if read_whole(run.source, surface, rect, &mut self.band, &mut self.pixels).is_err() {
                    continue;
                }
                if !looks_natural(tracked, rect, &self.pixels) {
                    heat.cool(rect);
                    continue;
                }
                self.regions.push(Region::new(stream, surface, rect, now));
            }
        }
    }

    /// Begins regions where new damage looks natural and would take more than
    /// `patience_bytes` without loss; codes their first picture. What moved or
    /// came back must be settled by now.
    pub(crate) fn preview<S: PixelSource>(
        &mut self,
        surfaces: &mut BTreeMap<SurfaceId, Tracked>,
        run: &mut Run<'_, S>,
        video: &mut dyn VideoEncoder,
        seen: Snapshot<'_>,
        Preview { now, payload, patience_bytes }: Preview,
    ) {
        let surface = seen.surface;
        if seen.area.size().pixels() <= patience_bytes {
            return;
        }
        let Some(tracked) = surfaces.get(&surface) else { return };
        let changed = |place| {
            let dirty = tracked.damage.dirty_rect(place)?.intersection(seen.area)?;
            match tracked.damage.is_known(place) {
                true => difference(&tracked.reference, dirty, seen.area, seen.pixels),
                false => Some(dirty),
            }
        };
        let is_natural = |changed| natural::is_natural(part(seen.area, seen.pixels, changed));
        let (marked, columns) = tracked.damage.grid(|place| changed(place).is_some_and(is_natural));
        let mut found: Vec<Rect> = Vec::new();
        for cluster in clusters(marked, columns) {
            let places = || cluster.iter().map(|&number| tracked.damage.place(number));
            let rect = places().filter_map(|place| tracked.damage.tile_rect(place)).fold(Rect::default(), Rect::union);
            let pixels: u64 = places().filter_map(changed).map(|changed| changed.size().pixels()).sum();
            // One byte for a pixel is about what they take.
            let is_slow =
                pixels > patience_bytes && pixels * MIN_PREVIEWED >= rect.size().pixels() * (MIN_PREVIEWED - 1);
            // The watcher takes each pixel once in a payload.
            let taken = found.iter().any(|other| other.intersection(rect).is_some())
                || self.regions.iter().any(|region| region.overlaps(surface, rect))
                || tiles(rect).any(|place| tracked.damage.was_written(place, payload));
            if is_slow && !taken && is_worth_it(rect) {
                found.push(rect);
            }
        }
        for rect in found {
            let Some(stream) = free_stream(&self.regions) else { return };
            let mut region = Region::new(stream, surface, rect, now);
            match self.code(surfaces, run, video, &mut region) {
                Ok(()) => self.regions.push(region),
                Err(VideoFailed) => video.end(stream),
            }
        }
    }

    /// Codes the newest pixels of a region. Its tiles need no other way from
    /// here on until it rests.
    fn code<S: PixelSource>(
        &mut self,
        surfaces: &mut BTreeMap<SurfaceId, Tracked>,
        run: &mut Run<'_, S>,
        video: &mut dyn VideoEncoder,
        region: &mut Region,
    ) -> Result<(), VideoFailed> {
        let tracked = surfaces.get_mut(&region.surface).ok_or(VideoFailed)?;
        self.pixels.clear();
        let Region { surface, rect, .. } = *region;
        read_whole(run.source, surface, rect, &mut self.band, &mut self.pixels).map_err(|_| VideoFailed)?;
        let coded = video.encode(region.stream, region.begins, rect.size(), &self.pixels)?;
        if let Some(bytes) = coded {
            if bytes.len() > MAX_FILM_BYTES {
                return Err(VideoFailed);
            }
            run.begin();
            write(&mut run.payload, region, &bytes);
            region.begins = false;
        }
        region.touched = false;
        tiles(rect).for_each(|place| tracked.damage.release(place));
        Ok(())
    }
}

/// Appends the chunk of one picture.
fn write(out: &mut Vec<u8>, region: &Region, bytes: &[u8]) {
    let mut op = Vec::from([Op::Film.code() | NEW_SURFACE]);
    put_number(&mut op, region.surface.0);
    let Rect { x, y, width, height } = region.rect;
    // Inside the surface, so not negative.
    for number in [x as u32, y as u32, width - 1, height - 1] {
        put_number(&mut op, number);
    }
    op.extend([region.stream, if region.begins { BEGIN } else { 0 }]);
    out.push(crate::format::Packing::Stored.code());
    for number in [op.len(), bytes.len(), op.len() + bytes.len()] {
        // At most a chunk.
        put_number(out, number as u32);
    }
    out.extend_from_slice(&op);
    out.extend_from_slice(bytes);
}

/// What was sent of an area as video is damage: it is to be made exact.
fn give_back(surfaces: &mut BTreeMap<SurfaceId, Tracked>, surface: SurfaceId, rect: Rect, count: u32) {
    let Some(tracked) = surfaces.get_mut(&surface) else { return };
    for place in tiles(rect) {
        if !tracked.damage.is_known(place)
            && let Some(tile) = tracked.damage.tile_rect(place)
        {
            tracked.damage.add(tile, count);
        }
    }
}

/// The first stream that no region has.
fn free_stream(regions: &[Region]) -> Option<u8> {
    (0..MAX_STREAMS).find(|stream| regions.iter().all(|region| region.stream != *stream))
}

fn is_worth_it(rect: Rect) -> bool {
    let tiles = rect.width.div_ceil(TILE_PX) * rect.height.div_ceil(TILE_PX);
    tiles >= MIN_TILES && can_be_coded(rect.size())
}

/// Whether video coders take pictures of this size.
pub(crate) fn can_be_coded(size: Size) -> bool {
    let (long, short) = (size.width.max(size.height), size.width.min(size.height));
    long <= MAX_SIDES_PX.0 && short <= MAX_SIDES_PX.1
}

/// Whether most tiles of an area look like a photograph.
fn looks_natural(tracked: &Tracked, rect: Rect, pixels: &[u32]) -> bool {
    let (mut all, mut natural) = (0, 0);
    for place in tiles(rect) {
        let Some(tile) = tracked.damage.tile_rect(place).and_then(|tile| tile.intersection(rect)) else { continue };
        all += 1;
        natural += usize::from(natural::is_natural(part(rect, pixels, tile)));
    }
    natural * 2 > all
}

/// The tiles of an area whose edges are those of tiles or of the surface.
fn tiles(rect: Rect) -> impl Iterator<Item = TilePlace> {
    let along = |start: i32, length: u32| {
        let first = start.unsigned_abs() / TILE_PX;
        first..first + length.div_ceil(TILE_PX)
    };
    let columns = along(rect.x, rect.width);
    along(rect.y, rect.height)
        .flat_map(move |row| columns.clone().map(move |column| TilePlace { row: row as u16, column: column as u16 }))
}
