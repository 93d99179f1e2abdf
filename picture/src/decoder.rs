//! The watcher's side: payloads in, pixels out. Every byte is hostile.
//!
//! Bounds: memory is that of the surfaces (checked against the limits of the
//! wire before it is taken), of 3072 remembered tiles (48 MiB), and one chunk.
//! A payload writes every pixel at most once on average, copies it at most once
//! and keeps it at most twice, all in a bounded number of ops, so its time is
//! bounded by the size of the surfaces.

use crate::{
    areas::Areas,
    chunk::Unpacker,
    damage::numbered_rect,
    film::{self, NoVideo, VideoDecoder},
    format::{BESIDE, MAX_OP_PIXELS, NEW_SURFACE, Op, Reader, VERSION, beside},
    memory::Slots,
    natural,
    palette::{self, MAX_COLOURS},
    surface::{Canvas, LimitError, SurfacePixels, check},
};
use alloc::{collections::BTreeMap, vec::Vec};
use mitblick_protocol::{
    geometry::{Point, Rect, Size},
    peer_msg::SurfaceId,
    wire,
};

/// A payload may have one op for this many pixels of all surfaces...
const MIN_PIXELS_PER_OP: u64 = 64;
/// ...and some for surfaces that are smaller than that.
const MAX_SMALL_OPS: u64 = 1024;

/// Why a payload was refused. The session ends on any of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Longer than a picture message may be.
    #[error("payload of {0} bytes")]
    TooLong(usize),
    /// Of a version that this one does not know.
    #[error("picture format {0}")]
    Version(u8),
    /// Cut off, or claims that do not hold.
    #[error("malformed payload")]
    Malformed,
    /// An op that this version does not know.
    #[error("unknown op {0}")]
    UnknownOp(u8),
    /// Pixels for a surface that is not in the scene.
    #[error("no surface {0:?}")]
    NoSurface(SurfaceId),
    /// Pixels beyond the edge of their surface.
    #[error("pixels beyond the edge of surface {0:?}")]
    OutOfBounds(SurfaceId),
    /// A tile out of a slot that holds none of that size, or into one that
    /// there is not.
    #[error("no such tile in memory")]
    NoTile,
    /// More pixels than all surfaces have, or in too many pieces.
    #[error("more pixels or pieces than there can be")]
    TooMuch,
}

/// Pixels of all surfaces as the shower had them. See the crate.
#[derive(Debug)]
pub struct Decoder {
    surfaces: BTreeMap<SurfaceId, Canvas>,
    total_pixels: u64,
    unpacker: Unpacker,
    reader: PixelReader,
    slots: Slots,
    /// Room for a picture of a film.
    film: Vec<u32>,
}

/// What a payload did.
#[derive(Debug, Default)]
pub struct Applied {
    /// Areas that it changed: a few for each surface, merged.
    pub changed: Vec<(SurfaceId, Rect)>,
    /// A moving picture could not be decoded; what it was to show stays as it
    /// was. The shower is to be told to send none.
    pub video_failed: bool,
}

/// What a payload may still do.
struct Allowance {
    ops: u64,
    pixels: u64,
    copied_pixels: u64,
    kept_pixels: u64,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder {
    /// Without surfaces.
    pub fn new() -> Self {
        Self {
            surfaces: BTreeMap::new(),
            total_pixels: 0,
            unpacker: Unpacker::new(),
            reader: PixelReader::default(),
            slots: Slots::default(),
            film: Vec::new(),
        }
    }

    /// Surfaces and sizes of the new scene, before the payload that came with
    /// it is applied. Forgets those that are gone; new ones are black until
    /// their pixels come, and a new size keeps what lies in both.
    ///
    /// # Errors
    /// More or larger than the wire allows; nothing has changed then.
    pub fn set_surfaces(&mut self, surfaces: &[(SurfaceId, Size)]) -> Result<(), LimitError> {
        check(surfaces)?;
        self.surfaces.retain(|id, _| surfaces.iter().any(|(other, _)| other == id));
        for &(id, size) in surfaces {
            match self.surfaces.get_mut(&id) {
                Some(canvas) if canvas.size() == size => {}
                Some(canvas) => canvas.resize(size),
                None => {
                    self.surfaces.insert(id, Canvas::new(size));
                }
            }
        }
        self.total_pixels = surfaces.iter().map(|(_, size)| size.pixels()).sum();
        Ok(())
    }

    /// Takes a whole payload in and gives the areas that it changed: a few for
    /// each surface, merged. Show them together.
    ///
    /// # Errors
    /// See [`DecodeError`]. Part of the payload may have been taken in; the
    /// pixels stay whole and readable, but the session can't go on.
    pub fn apply(&mut self, payload: &[u8]) -> Result<Vec<(SurfaceId, Rect)>, DecodeError> {
        self.apply_with(payload, &mut NoVideo).map(|applied| applied.changed)
    }

    /// As [`Self::apply`], with a decoder for moving pictures.
    ///
    /// # Errors
    /// As for `apply`. That moving pictures do not work is none.
    pub fn apply_with(&mut self, payload: &[u8], video: &mut dyn VideoDecoder) -> Result<Applied, DecodeError> {
        let mut video_failed = false;
        if payload.is_empty() {
            return Ok(Applied::default());
        }
        if payload.len() > wire::MAX_PICTURE_MESSAGE_BYTES {
            return Err(DecodeError::TooLong(payload.len()));
        }
        let mut payload = Reader(payload);
        match payload.byte() {
            Some(VERSION) => {}
            other => return Err(DecodeError::Version(other.unwrap_or_default())),
        }
        if payload.is_empty() {
            return Err(DecodeError::Malformed);
        }
        let mut changed: BTreeMap<SurfaceId, Areas> = BTreeMap::new();
        let total = self.total_pixels;
        let mut left = Allowance {
            ops: total / MIN_PIXELS_PER_OP + MAX_SMALL_OPS,
            pixels: total,
            copied_pixels: total,
            kept_pixels: 2 * total,
        };
        while !payload.is_empty() {
            let (mut ops, mut data) = self.unpacker.unpack(&mut payload).ok_or(DecodeError::Malformed)?;
            // A chunk without pixels would cost time and not count.
            if ops.is_empty() {
                return Err(DecodeError::Malformed);
            }
            let mut planes = planes(ops, &mut data).ok_or(DecodeError::Malformed)?;
            let mut before = None;
            while !ops.is_empty() {
                spend(&mut left.ops, 1)?;
                let code = ops.byte().ok_or(DecodeError::Malformed)?;
                let op = Op::from_code(code & !(NEW_SURFACE | BESIDE)).ok_or(DecodeError::UnknownOp(code))?;
                if op == Op::Forget {
                    self.reader.colours.clear();
                    continue;
                }
                if op == Op::Film {
                    let film = Film::read(code, &mut ops).ok_or(DecodeError::Malformed)?;
                    let bytes = data.bytes(data.0.len()).filter(|_| ops.is_empty()).ok_or(DecodeError::Malformed)?;
                    let canvas = self.surfaces.get_mut(&film.surface).ok_or(DecodeError::NoSurface(film.surface))?;
                    if film.rect.intersection(canvas.size().rect()) != Some(film.rect) {
                        return Err(DecodeError::OutOfBounds(film.surface));
                    }
                    let count = film.rect.size().pixels();
                    spend(&mut left.pixels, count)?;
                    let decoded = video.decode(film.stream, film.begin, film.rect.size(), bytes, &mut self.film);
                    if decoded.is_ok() && self.film.len() as u64 == count {
                        canvas.put(film.rect, &self.film);
                        changed.entry(film.surface).or_default().add(film.rect);
                    } else {
                        video_failed = true;
                    }
                    continue;
                }
                if matches!(op, Op::Copy | Op::Keep | Op::Recall) {
                    let id = surface(code, &mut ops, before.map(|(id, _)| id)).ok_or(DecodeError::Malformed)?;
                    before = Some((id, Rect::default()));
                    let canvas = self.surfaces.get_mut(&id).ok_or(DecodeError::NoSurface(id))?;
                    let areas = changed.entry(id).or_default();
                    apply_move((op, id), canvas, &mut self.slots, &mut ops, &mut left, areas)?;
                    continue;
                }
                let (id, rect) = place(code, &mut ops, before).ok_or(DecodeError::Malformed)?;
                before = Some((id, rect));
                let canvas = self.surfaces.get_mut(&id).ok_or(DecodeError::NoSurface(id))?;
                if rect.intersection(canvas.size().rect()) != Some(rect) {
                    return Err(DecodeError::OutOfBounds(id));
                }
                spend(&mut left.pixels, rect.size().pixels())?;
                let pixels = self.reader.read(op, rect.size(), &mut ops, &mut data, &mut planes);
                let pixels = pixels.ok_or(DecodeError::Malformed)?;
                canvas.put(rect, pixels);
                changed.entry(id).or_default().add(rect);
            }
            if !data.is_empty() || planes.iter().any(|plane| !plane.is_empty()) {
                return Err(DecodeError::Malformed);
            }
        }
        let flat =
            changed.into_iter().flat_map(|(id, areas)| areas.into_rects().into_iter().map(move |rect| (id, rect)));
        Ok(Applied { changed: flat.collect(), video_failed })
    }

    /// The present pixels of a surface.
    pub fn surface(&self, id: SurfaceId) -> Option<SurfacePixels<'_>> {
        self.surfaces.get(&id).map(Canvas::pixels)
    }
}

/// Where a picture of a film belongs.
struct Film {
    surface: SurfaceId,
    rect: Rect,
    stream: u8,
    begin: bool,
}

impl Film {
    /// Reads the op behind its code, which names its surface.
    fn read(code: u8, ops: &mut Reader<'_>) -> Option<Self> {
        let surface = surface(code, ops, None)?;
        let (x, y, right, bottom) = (ops.number()?, ops.number()?, ops.number()?, ops.number()?);
        let (width, height) = (right.checked_add(1)?, bottom.checked_add(1)?);
        let rect = Rect::new(i32::try_from(x).ok()?, i32::try_from(y).ok()?, width, height);
        film::can_be_coded(rect.size()).then_some(())?;
        let stream = ops.byte().filter(|&stream| stream < film::MAX_STREAMS)?;
        let flags = ops.byte().filter(|&flags| flags & !film::BEGIN == 0)?;
        Some(Self { surface, rect, stream, begin: flags & film::BEGIN != 0 })
    }
}

/// An op that brings no pixels.
fn apply_move(
    (op, id): (Op, SurfaceId),
    canvas: &mut Canvas,
    slots: &mut Slots,
    ops: &mut Reader<'_>,
    left: &mut Allowance,
    changed: &mut Areas,
) -> Result<(), DecodeError> {
    let size = canvas.size();
    let mut number = || ops.number().ok_or(DecodeError::Malformed);
    if op == Op::Copy {
        let (x, y, right, bottom) = (number()?, number()?, number()?, number()?);
        let from = (number()?, number()?);
        let inside = |(x, y): (u32, u32)| {
            let within = |start: u32, last: u32, side: u32| u64::from(start) + u64::from(last) < u64::from(side);
            within(x, right, size.width) && within(y, bottom, size.height)
        };
        if !inside((x, y)) || !inside(from) {
            return Err(DecodeError::OutOfBounds(id));
        }
        // Inside the surface, so far from overflow.
        let rect = Rect::new(x as i32, y as i32, right + 1, bottom + 1);
        spend(&mut left.copied_pixels, rect.size().pixels())?;
        canvas.copy(rect, Point { x: from.0 as i32, y: from.1 as i32 });
        changed.add(rect);
        return Ok(());
    }
    let (first, last, slot) = (number()?, number()?, number()?);
    for offset in 0..=last {
        let numbers = first.checked_add(offset).zip(slot.checked_add(offset));
        let (tile, slot) = numbers.ok_or(DecodeError::Malformed)?;
        let rect = numbered_rect(size, tile).ok_or(DecodeError::OutOfBounds(id))?;
        let pixels = rect.size().pixels();
        if op == Op::Keep {
            spend(&mut left.kept_pixels, pixels)?;
            slots.keep(slot, rect.size(), canvas.rows(rect)).ok_or(DecodeError::NoTile)?;
        } else {
            spend(&mut left.pixels, pixels)?;
            canvas.put(rect, slots.recall(slot, rect.size()).ok_or(DecodeError::NoTile)?);
            changed.add(rect);
        }
    }
    Ok(())
}

/// The planes of a chunk that begins with a natural picture, which take all of
/// its data; otherwise they are empty.
fn planes<'a>(mut ops: Reader<'_>, data: &mut Reader<'a>) -> Option<[Reader<'a>; 3]> {
    let is_natural = ops.byte().is_some_and(|code| code & !(NEW_SURFACE | BESIDE) == Op::Natural.code());
    let length = if is_natural { data.0.len() / 3 } else { 0 };
    Some([Reader(data.bytes(length)?), Reader(data.bytes(length)?), Reader(data.bytes(length)?)])
}

/// Takes from what is allowed.
fn spend(left: &mut u64, amount: u64) -> Result<(), DecodeError> {
    *left = left.checked_sub(amount).ok_or(DecodeError::TooMuch)?;
    Ok(())
}

/// Reads the surface of an op that has no rectangle of a tile.
fn surface(code: u8, ops: &mut Reader<'_>, before: Option<SurfaceId>) -> Option<SurfaceId> {
    if code & BESIDE != 0 {
        return None;
    }
    if code & NEW_SURFACE != 0 { Some(SurfaceId(ops.number()?)) } else { before }
}

/// Reads the surface and rectangle of an op. The rectangle is not empty and has
/// at most [`MAX_OP_PIXELS`].
fn place(code: u8, ops: &mut Reader<'_>, before: Option<(SurfaceId, Rect)>) -> Option<(SurfaceId, Rect)> {
    let id = match (code & NEW_SURFACE != 0, before) {
        (true, _) => SurfaceId(ops.number()?),
        (false, Some((id, _))) => id,
        (false, None) => return None,
    };
    let rect = match (code & BESIDE != 0, before) {
        (true, Some((other, rect))) if other == id => beside(rect)?,
        (true, _) => return None,
        (false, _) => {
            let x = i32::try_from(ops.number()?).ok()?;
            let y = i32::try_from(ops.number()?).ok()?;
            Rect::new(x, y, u32::from(ops.byte()?) + 1, u32::from(ops.byte()?) + 1)
        }
    };
    (rect.size().pixels() <= MAX_OP_PIXELS as u64).then_some((id, rect))
}

/// Reads pixels; keeps what it needs to know from op to op.
#[derive(Debug, Default)]
struct PixelReader {
    /// The palette.
    colours: Vec<u32>,
    pixels: Vec<u32>,
    /// To put planes together in.
    room: Vec<u8>,
}

impl PixelReader {
    /// The pixels of an op, as many as its size says.
    fn read(
        &mut self,
        op: Op,
        size: Size,
        ops: &mut Reader<'_>,
        data: &mut Reader<'_>,
        planes: &mut [Reader<'_>; 3],
    ) -> Option<&[u32]> {
        let count = size.pixels() as usize;
        self.pixels.clear();
        match op {
            Op::Fill => {
                let &[blue, green, red] = data.bytes(3)?.first_chunk()?;
                self.pixels.resize(count, u32::from_le_bytes([blue, green, red, 0]));
            }
            Op::Drawn => {
                let new = ops.number()? as usize;
                if new > MAX_COLOURS.checked_sub(self.colours.len())? {
                    return None;
                }
                let (blue, green, red) = (ops.bytes(new)?, ops.bytes(new)?, ops.bytes(new)?);
                let colours = blue.iter().zip(green).zip(red);
                let colours = colours.map(|((&blue, &green), &red)| u32::from_le_bytes([blue, green, red, 0]));
                self.colours.extend(colours);
                palette::read(&self.colours, count, data, &mut self.pixels)?;
            }
            Op::Natural => natural::read(count, size.width as usize, planes, &mut self.room, &mut self.pixels)?,
            Op::Forget | Op::Copy | Op::Keep | Op::Recall | Op::Film => return None,
        }
        Some(&self.pixels)
    }
}
