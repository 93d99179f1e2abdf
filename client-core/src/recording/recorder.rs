//! The recorder: a thread of its own that looks at the picture and writes what
//! changed, sealed, so that neither a slow disk nor a large screen holds up the
//! session.

use super::{camera::Camera, folder::Folder};
use crate::watching::PictureStore;
use mitblick_protocol::recording::{
    About, Change, ChunkKind, RecordingKey, RecordingOwners, Sealer, Step, encode_steps,
};
use std::{
    fs::File,
    io::{self, Write},
    path::PathBuf,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread::JoinHandle,
    time::{Duration, Instant, SystemTime},
};

/// Between two looks at the picture.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// After so long the picture is written whole again, where one can begin to
/// look.
const WHOLE_EVERY: Duration = Duration::from_secs(20);
/// What is not yet written is at most so old, and so large.
const WRITE_EVERY: Duration = Duration::from_secs(1);
const WRITE_BYTES: usize = 1024 * 1024;

/// A recording that is to begin.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Counts recordings of this program.
    pub number: u64,
    /// Who opens it.
    pub owners: RecordingOwners,
    /// What it is sealed to.
    pub key: RecordingKey,
    /// Whose session.
    pub about: About,
}

/// What the recorder reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecorderEvent {
    /// It is written here.
    Began {
        /// Which.
        number: u64,
        /// The file.
        path: PathBuf,
    },
    /// It is whole.
    Finished {
        /// Which.
        number: u64,
        /// The file.
        path: PathBuf,
    },
    /// It can't begin or go on. What has been written stays and can be opened.
    Failed {
        /// Which.
        number: u64,
        /// There is no room.
        no_room: bool,
        /// What the system says.
        why: String,
    },
}

enum Command {
    Begin(Wanted),
    End,
    Quit,
}

/// See the module's documentation. Dropping it ends what is recorded.
pub struct Recorder {
    commands: Sender<Command>,
    thread: Option<JoinHandle<()>>,
}

impl Recorder {
    /// Starts the thread.
    ///
    /// # Errors
    /// There can be none.
    pub fn start(
        store: Arc<PictureStore>,
        folder: Option<Folder>,
        report: impl Fn(RecorderEvent) + Send + 'static,
    ) -> io::Result<Self> {
        let (commands, wanted) = channel();
        let worker = Worker { store, folder, report: Box::new(report) };
        let thread = std::thread::Builder::new().name("recorder".to_owned()).spawn(move || worker.run(&wanted))?;
        Ok(Self { commands, thread: Some(thread) })
    }

    /// Begins a recording, in place of one that is being made.
    pub fn begin(&self, wanted: Wanted) {
        let _ = self.commands.send(Command::Begin(wanted));
    }

    /// Ends the recording that is being made.
    pub fn end(&self) {
        let _ = self.commands.send(Command::End);
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        let _ = self.commands.send(Command::Quit);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Worker {
    store: Arc<PictureStore>,
    folder: Option<Folder>,
    report: Box<dyn Fn(RecorderEvent) + Send>,
}

impl Worker {
    fn run(self, commands: &Receiver<Command>) {
        let mut next = commands.recv().ok();
        while let Some(command) = next {
            next = match command {
                Command::Quit => return,
                Command::End => commands.recv().ok(),
                Command::Begin(wanted) => self.record(&wanted, commands),
            };
        }
    }

    /// Records until something else is wanted, and gives what.
    fn record(&self, wanted: &Wanted, commands: &Receiver<Command>) -> Option<Command> {
        Camera::attach(&self.store);
        let made = self.make(wanted, commands);
        Camera::detach(&self.store);
        let number = wanted.number;
        match made {
            Ok((path, next)) => {
                (self.report)(RecorderEvent::Finished { number, path });
                next.or_else(|| commands.recv().ok())
            }
            Err(error) => {
                let no_room = matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
                (self.report)(RecorderEvent::Failed { number, no_room, why: error.to_string() });
                commands.recv().ok()
            }
        }
    }

    /// The file, and the command that ended it if that is more than the end.
    fn make(&self, wanted: &Wanted, commands: &Receiver<Command>) -> io::Result<(PathBuf, Option<Command>)> {
        let mut tape = Tape::begin(self.folder.as_ref(), wanted)?;
        (self.report)(RecorderEvent::Began { number: wanted.number, path: tape.path.clone() });
        let mut camera = Camera::new(random_key()?);
        loop {
            tape.look(&mut camera, &self.store)?;
            match commands.recv_timeout(LOOK_EVERY) {
                Err(RecvTimeoutError::Timeout) => {}
                // Without another look: the consent may have ended already.
                Ok(Command::End) => {
                    tape.finish()?;
                    return Ok((tape.path, None));
                }
                Ok(next) => {
                    tape.finish()?;
                    return Ok((tape.path, Some(next)));
                }
                Err(RecvTimeoutError::Disconnected) => {
                    tape.finish()?;
                    return Ok((tape.path, None));
                }
            }
        }
    }
}

fn random_key() -> io::Result<[u64; 4]> {
    let mut key = [0; 4];
    for part in &mut key {
        *part = getrandom::u64().map_err(|error| io::Error::other(error.to_string()))?;
    }
    Ok(key)
}

/// The file that is being written.
struct Tape {
    file: File,
    path: PathBuf,
    sealer: Sealer,
    begun: Instant,
    /// When the picture was written whole last.
    whole: Option<Instant>,
    steps: Vec<Step>,
    step_bytes: usize,
    kind: ChunkKind,
    written: Instant,
}

impl Tape {
    fn begin(folder: Option<&Folder>, wanted: &Wanted) -> io::Result<Self> {
        let folder = folder.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        let share = match wanted.owners {
            RecordingOwners::Both => Some(folder.share_or_new()?),
            RecordingOwners::Shower => None,
        };
        let mut random = [0; 32];
        getrandom::fill(&mut random).map_err(|error| io::Error::other(error.to_string()))?;
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let begun_unix_ms = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        let sealer =
            Sealer::new(wanted.owners, wanted.key, share.as_ref(), begun_unix_ms, random).map_err(io::Error::other)?;
        let (mut file, path) = folder.create(begun_unix_ms)?;
        file.write_all(&sealer.header().bytes())?;
        let now = Instant::now();
        let mut tape = Self {
            file,
            path,
            sealer,
            begun: now,
            whole: None,
            steps: Vec::new(),
            step_bytes: 0,
            kind: ChunkKind::Changes,
            written: now,
        };
        tape.write(ChunkKind::About, 0, &wanted.about.bytes())?;
        Ok(tape)
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn look(&mut self, camera: &mut Camera, store: &PictureStore) -> io::Result<()> {
        let whole = self.whole.is_none_or(|whole| whole.elapsed() >= WHOLE_EVERY);
        // A picture that stands still is not written again and again.
        let whole = whole && (self.whole.is_none() || has_changes(store));
        // It begins with the first picture, not with nothing.
        let first = self.whole.is_none();
        let changes = camera.look(store, whole);
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

    fn write_steps(&mut self) -> io::Result<()> {
        self.written = Instant::now();
        let Some(first) = self.steps.first() else { return Ok(()) };
        let at_ms = first.at_ms;
        let content = encode_steps(&std::mem::take(&mut self.steps)).map_err(io::Error::other)?;
        self.step_bytes = 0;
        let kind = std::mem::replace(&mut self.kind, ChunkKind::Changes);
        self.write(kind, at_ms, &content)
    }

    fn write(&mut self, kind: ChunkKind, at_ms: u64, content: &[u8]) -> io::Result<()> {
        let chunk = self.sealer.seal(kind, at_ms, content).map_err(io::Error::other)?;
        self.file.write_all(&chunk)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.write_steps()?;
        self.write(ChunkKind::Last, self.now_ms(), &[])?;
        self.file.sync_all()
    }
}

fn has_changes(store: &PictureStore) -> bool {
    store.lock().changed_for_recorder.as_ref().is_some_and(|changed| !changed.is_empty())
}
