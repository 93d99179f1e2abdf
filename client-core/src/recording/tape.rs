//! The file that a recording is written to, sealed chunk by chunk.

use super::{
    camera::{Camera, TooLarge},
    folder::Folder,
    recorder::Wanted,
    room::{Bound, Room},
};
use crate::watching::PictureStore;
use mitblick_platform::disk;
use mitblick_protocol::recording::{
    CHUNK_HEAD_BYTES, Change, ChunkKind, RecordingOwners, Sealer, Step, TAG_BYTES, encode_steps,
};
use std::{
    fs::File,
    io::{self, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant, SystemTime},
};
use zeroize::Zeroizing;

/// After so long the picture is written whole again, where one can begin to
/// look.
const WHOLE_EVERY: Duration = Duration::from_secs(20);
/// What is not yet written is at most so old, and so large.
const WRITE_EVERY: Duration = Duration::from_secs(1);
const WRITE_BYTES: usize = 1024 * 1024;
/// Of the chunk that says that it is the end: kept back for it.
const END_BYTES: u64 = (CHUNK_HEAD_BYTES + TAG_BYTES) as u64;

/// Why nothing more is recorded.
#[derive(Debug)]
pub(super) enum Stop {
    /// There is no more room than for the end.
    Full(Bound),
    /// The desktop can't be recorded.
    TooLarge(TooLarge),
    /// The file can't be written.
    Io(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<TooLarge> for Stop {
    fn from(error: TooLarge) -> Self {
        Self::TooLarge(error)
    }
}

/// See the module's documentation.
pub(super) struct Tape {
    file: File,
    path: PathBuf,
    sealer: Sealer,
    room: Room,
    begun: Instant,
    /// When the picture was written whole last.
    whole: Option<Instant>,
    steps: Vec<Step>,
    step_bytes: usize,
    kind: ChunkKind,
    written: Instant,
}

impl Tape {
    /// A new file in the folder, of at most so many bytes.
    pub(super) fn begin(folder: Option<&Folder>, wanted: &Wanted, limit_bytes: u64) -> Result<Self, Stop> {
        let folder = folder.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        let share = match wanted.owners {
            RecordingOwners::Both => Some(folder.share_or_new()?),
            RecordingOwners::Shower => None,
        };
        // Who has these opens the recording without the customer's code.
        let mut random = Zeroizing::new([0; 32]);
        getrandom::fill(random.as_mut_slice()).map_err(|error| io::Error::other(error.to_string()))?;
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let begun_unix_ms = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        let sealer =
            Sealer::new(wanted.owners, wanted.key, share.as_ref(), begun_unix_ms, &random).map_err(io::Error::other)?;
        let (file, path) = folder.create(begun_unix_ms)?;
        let now = Instant::now();
        let mut tape = Self {
            file,
            path,
            sealer,
            room: Room::new(limit_bytes),
            begun: now,
            whole: None,
            steps: Vec::new(),
            step_bytes: 0,
            kind: ChunkKind::Changes,
            written: now,
        };
        match tape.write_beginning(wanted) {
            Ok(()) => Ok(tape),
            Err(stop) => {
                // Nothing is in it.
                let _ = std::fs::remove_file(&tape.path);
                Err(stop)
            }
        }
    }

    fn write_beginning(&mut self, wanted: &Wanted) -> Result<(), Stop> {
        self.ask_disk();
        let header = self.sealer.header().bytes();
        let about = wanted.about.bytes();
        self.room.takes((header.len() + about.len()) as u64 + 2 * END_BYTES).map_err(Stop::Full)?;
        self.file.write_all(&header)?;
        self.room.wrote(header.len() as u64);
        self.write(ChunkKind::About, 0, &about)
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes left, once, when they have become few.
    pub(super) fn few_left(&mut self) -> Option<u64> {
        self.room.few_left()
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Takes down what changed since the last look, as long as `may` says so.
    pub(super) fn look(
        &mut self,
        camera: &mut Camera,
        store: &PictureStore,
        may: impl Fn() -> bool,
    ) -> Result<(), Stop> {
        let whole = self.whole.is_none_or(|whole| whole.elapsed() >= WHOLE_EVERY);
        // A picture that stands still is not written again and again.
        let whole = whole && (self.whole.is_none() || has_changes(store));
        // It begins with the first picture, not with nothing.
        let first = self.whole.is_none();
        let Some(changes) = camera.look(store, whole, may)? else { return Ok(()) };
        if whole {
            self.write_steps()?;
            (self.whole, self.kind) = (Some(Instant::now()), ChunkKind::Whole);
        }
        let at_ms = if first { 0 } else { self.now_ms() };
        for change in changes {
            self.step_bytes += match &change {
                Change::Pixels(pixels) => pixels.len(),
                Change::Canvas(_) | Change::Nothing => 0,
            };
            self.steps.push(Step { at_ms, change });
            if self.step_bytes >= WRITE_BYTES {
                self.write_steps()?;
            }
        }
        if self.written.elapsed() >= WRITE_EVERY {
            self.write_steps()?;
        }
        Ok(())
    }

    fn write_steps(&mut self) -> Result<(), Stop> {
        self.written = Instant::now();
        let Some(first) = self.steps.first() else { return Ok(()) };
        let at_ms = first.at_ms;
        let content = encode_steps(&std::mem::take(&mut self.steps)).map_err(io::Error::other)?;
        self.step_bytes = 0;
        let kind = std::mem::replace(&mut self.kind, ChunkKind::Changes);
        self.write(kind, at_ms, &content)
    }

    fn ask_disk(&mut self) {
        if self.room.asks_disk() {
            let folder = self.path.parent().unwrap_or(Path::new("."));
            self.room.disk_has(disk::free_bytes(folder).ok().flatten());
        }
    }

    fn write(&mut self, kind: ChunkKind, at_ms: u64, content: &[u8]) -> Result<(), Stop> {
        self.ask_disk();
        if kind != ChunkKind::Last {
            // Before it is sealed: a chunk's place is its nonce, so none is
            // ever sealed twice at the same place.
            self.room.takes(content.len() as u64 + 2 * END_BYTES).map_err(Stop::Full)?;
        }
        let chunk = self.sealer.seal(kind, at_ms, content).map_err(io::Error::other)?;
        if let Err(error) = self.file.write_all(&chunk) {
            // It ends with the chunk before.
            let whole = self.room.written_bytes();
            let _ = self.file.set_len(whole).and_then(|()| self.file.seek(SeekFrom::Start(whole)));
            return Err(error.into());
        }
        self.room.wrote(chunk.len() as u64);
        Ok(())
    }

    /// Ends it with all that was seen.
    pub(super) fn finish(&mut self) -> Result<(), Stop> {
        match self.write_steps() {
            Ok(()) => self.close().map_err(Stop::Io),
            Err(stop) => Err(stop),
        }
    }

    /// Ends it without what is not written yet.
    pub(super) fn close(&mut self) -> io::Result<()> {
        self.steps.clear();
        match self.write(ChunkKind::Last, self.now_ms(), &[]) {
            Ok(()) | Err(Stop::Full(_) | Stop::TooLarge(_)) => self.file.sync_all(),
            Err(Stop::Io(error)) => Err(error),
        }
    }
}

fn has_changes(store: &PictureStore) -> bool {
    store.lock().changed_for_recorder.as_ref().is_some_and(|changed| !changed.is_empty())
}
