//! The recorder: a thread of its own that looks at the picture and writes what
//! changed, sealed, so that neither a slow disk nor a large screen holds up the
//! session.

use super::{
    MAX_FILE_BYTES,
    camera::Camera,
    folder::Folder,
    room::Bound,
    tape::{Stop, Tape},
};
use crate::watching::PictureStore;
use mitblick_protocol::recording::{About, RecordingKey, RecordingOwners};
use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// Between two looks at the picture, at least.
const LOOK_EVERY: Duration = Duration::from_millis(100);

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
    /// There is little room left for it.
    FewLeft {
        /// Which.
        number: u64,
        /// So many bytes.
        left_bytes: u64,
    },
    /// It can't begin or go on. What has been written stays and can be opened.
    Failed {
        /// Which.
        number: u64,
        /// Why.
        why: Failure,
    },
}

/// Why there is no more of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The disk has no room.
    NoRoom,
    /// It is as long as recordings become.
    TooLong,
    /// The system's words.
    System(String),
}

impl From<Stop> for Failure {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Full(Bound::Disk) => Self::NoRoom,
            Stop::Full(Bound::File) => Self::TooLong,
            Stop::TooLarge(error) => Self::System(error.to_string()),
            Stop::Io(error) => match error.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoRoom,
                _ => Self::System(error.to_string()),
            },
        }
    }
}

enum Command {
    Begin(Wanted),
    End,
    Quit,
}

/// See the module's documentation. Dropping it ends what is recorded.
pub struct Recorder {
    commands: Sender<Command>,
    /// The number of the recording that may be made; 0 = none. Ahead of the
    /// commands, which may wait behind a slow disk.
    may: Arc<AtomicU64>,
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
        let may = Arc::<AtomicU64>::default();
        let worker = Worker { store, folder, may: Arc::clone(&may), report: Box::new(report) };
        let thread = std::thread::Builder::new().name("recorder".to_owned()).spawn(move || worker.run(&wanted))?;
        Ok(Self { commands, may, thread: Some(thread) })
    }

    /// Begins a recording, in place of one that is being made. Its number is
    /// greater than 0.
    pub fn begin(&self, wanted: Wanted) {
        self.may.store(wanted.number, Ordering::SeqCst);
        let _ = self.commands.send(Command::Begin(wanted));
    }

    /// Ends the recording that is being made: nothing that the picture shows
    /// from here on is in it.
    pub fn end(&self) {
        self.may.store(0, Ordering::SeqCst);
        let _ = self.commands.send(Command::End);
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.may.store(0, Ordering::SeqCst);
        let _ = self.commands.send(Command::Quit);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Worker {
    store: Arc<PictureStore>,
    folder: Option<Folder>,
    may: Arc<AtomicU64>,
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
        let (number, mut next) = (wanted.number, None);
        // Taken back while another one was still being written: there is none.
        if self.may.load(Ordering::SeqCst) == number {
            Camera::attach(&self.store);
            // A recorder that is gone would leave a sign that is not true.
            let made = catch_unwind(AssertUnwindSafe(|| self.make(wanted, commands, &mut next)))
                .unwrap_or_else(|_| Err(Failure::System("the recorder stopped unexpectedly".to_owned())));
            Camera::detach(&self.store);
            (self.report)(match made {
                Ok(path) => RecorderEvent::Finished { number, path },
                Err(why) => RecorderEvent::Failed { number, why },
            });
        }
        next.or_else(|| commands.recv().ok())
    }

    /// The file. `next` becomes the command that ended it, if that is more than
    /// the end.
    fn make(
        &self,
        wanted: &Wanted,
        commands: &Receiver<Command>,
        next: &mut Option<Command>,
    ) -> Result<PathBuf, Failure> {
        let number = wanted.number;
        let mut tape = Tape::begin(self.folder.as_ref(), wanted, MAX_FILE_BYTES)?;
        (self.report)(RecorderEvent::Began { number, path: tape.path().to_owned() });
        let mut camera = Camera::new(random_key().map_err(Stop::Io)?);
        let ended = loop {
            let begun = Instant::now();
            if let Err(stop) = tape.look(&mut camera, &self.store, || self.may.load(Ordering::SeqCst) == number) {
                break Err(stop);
            }
            if let Some(left_bytes) = tape.few_left() {
                (self.report)(RecorderEvent::FewLeft { number, left_bytes });
            }
            // What takes long is done less often: half of a core at most.
            match commands.recv_timeout(LOOK_EVERY.max(begun.elapsed())) {
                Err(RecvTimeoutError::Timeout) => {}
                Ok(command) => {
                    *next = Some(command).filter(|command| !matches!(command, Command::End));
                    break tape.finish();
                }
                Err(RecvTimeoutError::Disconnected) => break tape.finish(),
            }
        };
        match ended {
            Ok(()) => Ok(tape.path().to_owned()),
            // It ends with the last chunk that was written.
            Err(stop @ Stop::Io(_)) => Err(stop.into()),
            Err(stop) => {
                tape.close().map_err(Stop::Io)?;
                Err(stop.into())
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
