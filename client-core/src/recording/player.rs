//! Opens a recording and gives its picture at any time.
//!
//! The file is not trusted: it lies on a disk, and who seals to a customer's
//! key needs no secret. What it decodes is bounded as what comes over a line.

use super::{NOTHING, SURFACE, is_recordable};
use mitblick_picture::Decoder;
use mitblick_protocol::{
    geometry::{Rect, Size},
    recording::{
        About, CHUNK_HEAD_BYTES, Change, ChunkHead, ChunkKind, FILE_HEADER_BYTES, FileHeader, OpenError, Opener,
        RecordingCode, Share, Step, decode_steps,
    },
};
use std::{
    fs::File,
    io::{self, BufReader, Read, Seek, SeekFrom},
    path::Path,
};

/// More chunks than any recording has: a second of each, for weeks.
const MAX_CHUNKS: usize = 4_000_000;

/// Longest recording, in milliseconds: more than any session. A longer one
/// would keep an export writing without end.
const MAX_LENGTH_MS: u64 = 7 * 24 * 60 * 60 * 1_000;

/// So many chunks at the end may be lost: a program that was killed or a disk
/// that lost its power leaves some that never came to be.
const MAX_LOST: usize = 1_000;

/// Why a recording can't be looked at.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The file can't be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
}

/// A chunk's place in the file.
#[derive(Clone, Copy, Debug)]
struct Place {
    head: ChunkHead,
    offset: u64,
}

/// A recording that is open, at a moment of it.
pub struct Player {
    file: BufReader<File>,
    header: FileHeader,
    about: About,
    opener: Opener,
    chunks: Vec<Place>,
    /// It ends as its maker ended it.
    complete: bool,
    length_ms: u64,
    decoder: Decoder,
    canvas: Option<Size>,
    /// The chunk that is being played, by its number, and what of it is to
    /// come, last first.
    chunk: usize,
    coming: Vec<Step>,
    at_ms: u64,
    /// Counts changes of the picture.
    version: u64,
}

impl std::fmt::Debug for Player {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Player({} chunks)", self.chunks.len())
    }
}

/// Where each chunk lies, as far as they are whole, and how long it is.
fn index(file: &mut BufReader<File>) -> io::Result<Vec<Place>> {
    let end = file.get_ref().metadata()?.len();
    let mut offset = FILE_HEADER_BYTES as u64;
    let mut chunks = Vec::new();
    while chunks.len() < MAX_CHUNKS {
        let mut head = [0; CHUNK_HEAD_BYTES];
        match file.read_exact(&mut head) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => break,
            Err(error) => return Err(error),
        }
        let Ok(head) = ChunkHead::parse(&head) else { break };
        let begin = offset + CHUNK_HEAD_BYTES as u64;
        let after = begin + head.length_bytes as u64;
        if after > end {
            break;
        }
        chunks.push(Place { head, offset: begin });
        if head.kind == ChunkKind::Last {
            break;
        }
        file.seek_relative(i64::try_from(head.length_bytes).map_err(io::Error::other)?)?;
        offset = after;
    }
    Ok(chunks)
}

impl Player {
    /// Opens a file with the customer's code, at its beginning.
    ///
    /// # Errors
    /// See [`RecordingError`].
    pub fn open(path: &Path, code: &RecordingCode, share: Option<&Share>) -> Result<Self, RecordingError> {
        let mut file = BufReader::new(File::open(path)?);
        let mut header = [0; FILE_HEADER_BYTES];
        match file.read_exact(&mut header) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Err(OpenError::NoRecording.into()),
            read => read?,
        }
        let header = FileHeader::parse(&header)?;
        let opener = Opener::new(&header, code, share)?;
        let chunks = index(&mut file)?;
        let complete = chunks.last().is_some_and(|chunk| chunk.head.kind == ChunkKind::Last);
        let mut player = Self {
            file,
            header,
            about: About::parse(&[]).unwrap_or_else(|_| nobody()),
            opener,
            chunks,
            complete,
            length_ms: 0,
            decoder: Decoder::new(),
            canvas: None,
            chunk: 0,
            coming: Vec::new(),
            at_ms: 0,
            version: 0,
        };
        let about = player.content(0).map_err(|error| match (error, player.header.owners) {
            // The code fits, so it is the share that does not.
            (RecordingError::Open(OpenError::Damaged), mitblick_protocol::recording::RecordingOwners::Both) => {
                OpenError::WrongShare.into()
            }
            (error, _) => error,
        })?;
        player.about = About::parse(&about).map_err(|_| OpenError::Damaged)?;
        player.length_ms = player.real_length_ms()?;
        if player.length_ms > MAX_LENGTH_MS {
            return Err(OpenError::Damaged.into());
        }
        player.seek(0)?;
        Ok(player)
    }

    /// What claims to be the end has to be it. Without an end it is as long as
    /// what it holds; what does not open at its end is left out.
    fn real_length_ms(&mut self) -> Result<u64, RecordingError> {
        for _ in 0..MAX_LOST {
            let Some(last) = self.chunks.len().checked_sub(1) else { return Ok(0) };
            let at_ms = self.chunks.last().map_or(0, |place| place.head.at_ms);
            let content = match self.content(last) {
                Err(RecordingError::Open(OpenError::Damaged)) if last > 0 => {
                    self.chunks.pop();
                    self.complete = false;
                    continue;
                }
                content => content?,
            };
            if self.complete || last == 0 {
                return Ok(at_ms);
            }
            let steps = decode_steps(&content).map_err(|_| OpenError::Damaged)?;
            return Ok(steps.last().map_or(at_ms, |step| step.at_ms));
        }
        Err(OpenError::Damaged.into())
    }

    /// Opens all of it and gives the size that holds every picture; `None` =
    /// nothing was ever shown, or `goes_on` said no. The player stands where it
    /// stood.
    ///
    /// # Errors
    /// It is damaged somewhere, or can't be read.
    pub fn survey(&mut self, mut goes_on: impl FnMut() -> bool) -> Result<Option<Size>, RecordingError> {
        let mut largest: Option<Size> = None;
        for number in 0..self.chunks.len() {
            if !goes_on() {
                return Ok(None);
            }
            let content = self.content(number)?;
            let kind = self.chunks.get(number).map(|place| place.head.kind);
            if !matches!(kind, Some(ChunkKind::Whole | ChunkKind::Changes)) {
                continue;
            }
            for step in decode_steps(&content).map_err(|_| OpenError::Damaged)? {
                let Change::Canvas(size) = step.change else { continue };
                if !is_recordable(size) {
                    return Err(OpenError::Damaged.into());
                }
                let before = largest.unwrap_or_default();
                largest = Some(Size { width: size.width.max(before.width), height: size.height.max(before.height) });
            }
        }
        Ok(largest)
    }

    /// How the file begins.
    pub const fn header(&self) -> &FileHeader {
        &self.header
    }

    /// Whose session it was.
    pub const fn about(&self) -> &About {
        &self.about
    }

    /// Whether it is whole: not broken off, and not cut short since.
    pub const fn is_complete(&self) -> bool {
        self.complete
    }

    /// How long it is, in milliseconds.
    pub const fn length_ms(&self) -> u64 {
        self.length_ms
    }

    /// Where it stands, in milliseconds.
    pub const fn at_ms(&self) -> u64 {
        self.at_ms
    }

    /// Counts changes of the picture.
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// The picture: size and pixels, `0x00RRGGBB`, row by row. `None` while
    /// nothing is shown.
    pub fn picture(&self) -> Option<(Size, &[u32])> {
        self.canvas?;
        let surface = self.decoder.surface(SURFACE)?;
        Some((surface.size, surface.pixels))
    }

    /// Goes to a moment, forwards or back.
    ///
    /// # Errors
    /// It is damaged there, or can't be read. It then stands before the damage.
    pub fn seek(&mut self, to_ms: u64) -> Result<(), RecordingError> {
        let to_ms = to_ms.min(self.length_ms);
        let whole = |place: &(usize, &Place)| place.1.head.kind == ChunkKind::Whole && place.1.head.at_ms <= to_ms;
        let begin = self.chunks.iter().enumerate().filter(whole).map(|(number, _)| number).next_back();
        // Going on from here is the shortest way, unless it leads back or over
        // a whole picture.
        let goes_on = self.chunk > 0 && to_ms >= self.at_ms && begin.is_none_or(|begin| begin <= self.chunk);
        if !goes_on {
            (self.decoder, self.canvas, self.at_ms) = (Decoder::new(), None, 0);
            self.coming.clear();
            // The chunk before the one to begin with: nothing of it is to come.
            self.chunk = begin.unwrap_or(1).saturating_sub(1);
            self.version += 1;
        }
        while let Some(next_ms) = self.next_ms()? {
            if next_ms > to_ms {
                break;
            }
            self.step()?;
        }
        self.at_ms = to_ms;
        Ok(())
    }

    /// When the picture changes next, in milliseconds; `None` = not any more.
    ///
    /// # Errors
    /// As for [`Self::seek`].
    pub fn next_ms(&mut self) -> Result<Option<u64>, RecordingError> {
        while self.coming.is_empty() {
            let next = self.chunk + 1;
            let Some(&place) = self.chunks.get(next) else { return Ok(None) };
            if place.head.kind != ChunkKind::Last {
                let steps = self.content(next)?;
                self.coming = decode_steps(&steps).map_err(|_| OpenError::Damaged)?;
                self.coming.reverse();
                // Time never goes back, nor past the end.
                let within = place.head.at_ms..=self.length_ms;
                let ends = [self.coming.first(), self.coming.last()];
                if ends.into_iter().flatten().any(|step| !within.contains(&step.at_ms)) {
                    return Err(OpenError::Damaged.into());
                }
            }
            self.chunk = next;
        }
        Ok(self.coming.last().map(|step| step.at_ms))
    }

    /// Shows the next change.
    fn step(&mut self) -> Result<(), RecordingError> {
        let Some(step) = self.coming.pop() else { return Ok(()) };
        match step.change {
            Change::Canvas(size) => {
                if !is_recordable(size) {
                    return Err(OpenError::Damaged.into());
                }
                self.decoder = Decoder::new();
                self.decoder.set_surfaces(&[(SURFACE, size)]).map_err(|_| OpenError::Damaged)?;
                self.canvas = Some(size);
            }
            Change::Pixels(pixels) => {
                let _: Vec<(_, Rect)> = self.decoder.apply(&pixels).map_err(|_| OpenError::Damaged)?;
            }
            Change::Nothing => self.canvas = None,
        }
        self.at_ms = step.at_ms;
        self.version += 1;
        Ok(())
    }

    /// The opened content of a chunk.
    fn content(&mut self, number: usize) -> Result<Vec<u8>, RecordingError> {
        let place = *self.chunks.get(number).ok_or(OpenError::Damaged)?;
        self.file.seek(SeekFrom::Start(place.offset))?;
        let mut sealed = vec![0; place.head.length_bytes];
        self.file.read_exact(&mut sealed)?;
        Ok(self.opener.open(number as u64, place.head, &sealed)?)
    }

    /// A picture of the given size that says that nothing is shown.
    pub fn nothing(size: Size) -> Vec<u32> {
        vec![NOTHING; usize::try_from(size.pixels()).unwrap_or(0)]
    }
}

fn nobody() -> About {
    About { organisation: Default::default(), advisor: Default::default(), utc_offset_s: 0 }
}
