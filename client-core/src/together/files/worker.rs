//! The files' worker: looks, reads, writes and hashes on a thread of its own,
//! so that a slow disk never holds up a session.
//!
//! What waits for it is bounded by the transfer's rules: a few reads, and as
//! many writes as an honest side has on the way.

use super::{
    folders,
    sources::{Found, LookError, Sources},
    targets::Targets,
    view::Listing,
};
use mitblick_protocol::transfer::{FileId, FileNumber, GivingUp, OfferNumber, Sha256, Withdrawal};
use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// Whether a session is over. The worker knows it at once, whatever else waits
/// to be done.
#[derive(Clone, Debug, Default)]
pub struct Over(Arc<AtomicBool>);

impl Over {
    pub(super) fn set(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    pub(super) fn is_set(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// What it is to do.
#[derive(Debug)]
pub enum FileWork {
    /// A session begins.
    Begin {
        /// What is reported carries this number.
        session: u64,
        /// No file gets its name any more once it is over.
        over: Over,
    },
    /// See what files these are.
    Look {
        /// Counts them.
        look: u64,
        /// Files and folders.
        paths: Vec<PathBuf>,
    },
    /// What was looked at is this offer.
    Bind {
        /// Its count.
        look: u64,
        /// `None` = it is not offered.
        offer: Option<OfferNumber>,
    },
    /// Read the next bytes.
    Read {
        /// The file.
        file: FileId,
        /// From where.
        offset: u64,
        /// How many.
        bytes: u32,
        /// Whether it must end after them.
        last: bool,
    },
    /// Nothing more of it will be read.
    CloseSource(FileId),
    /// Files of an offer of the other side are saved here.
    Into {
        /// The offer.
        offer: OfferNumber,
        /// The folder.
        folder: PathBuf,
        /// Which, and their harmless paths.
        files: Vec<(FileNumber, Vec<String>)>,
    },
    /// Write the next bytes.
    Write {
        /// The file.
        file: FileId,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// Compare the hash and give the file its name.
    Finish {
        /// The file.
        file: FileId,
        /// What its hash must be.
        sha256: Sha256,
    },
    /// Remove what has been written of it.
    Discard(FileId),
    /// List a folder; `None` = the one to begin with.
    List(Option<PathBuf>),
    /// Tell where downloads go.
    FindDownloads,
    /// The session is over: what is not whole is removed.
    End,
}

/// What it reports, with the number of the session.
#[derive(Debug)]
pub struct FileEvent {
    /// The session's number.
    pub session: u64,
    /// What happened.
    pub happened: FileHappening,
}

/// What happened at the disk.
#[derive(Debug)]
pub enum FileHappening {
    /// Files were looked at.
    Looked {
        /// The count of the look.
        look: u64,
        /// What was found.
        found: Result<Found, LookError>,
    },
    /// Bytes were read.
    Read {
        /// The file.
        file: FileId,
        /// From where.
        offset: u64,
        /// The bytes.
        bytes: Vec<u8>,
        /// The hash of all, if they were the last.
        end: Option<Sha256>,
    },
    /// They can't be read.
    ReadFailed(FileId, Withdrawal),
    /// The oldest write was done, or can't be.
    Wrote(Result<(), GivingUp>),
    /// A file has its name, or can't.
    Finished(FileId, Result<(Sha256, PathBuf), GivingUp>),
    /// A folder was listed.
    Listed(Listing),
    /// Where downloads go.
    Downloads(PathBuf),
}

/// How long the end of a session is waited for: removing a few files.
const END_PATIENCE: Duration = Duration::from_secs(2);

/// The running worker. Dropping it ends the thread, and removes what is not
/// whole.
pub struct FileWorker {
    work: Option<Sender<FileWork>>,
    thread: Option<JoinHandle<()>>,
}

impl FileWorker {
    /// Starts the thread. `report` is called on it and must not block.
    ///
    /// # Errors
    /// No thread can be started.
    pub fn start(report: impl Fn(FileEvent) + Send + 'static) -> std::io::Result<Self> {
        let (work, receiver) = channel();
        let run = move || {
            Worker { session: 0, sources: Sources::default(), targets: Targets::default(), report }.run(&receiver)
        };
        let thread = std::thread::Builder::new().name("files".into()).spawn(run)?;
        Ok(Self { work: Some(work), thread: Some(thread) })
    }

    /// Has something done; never blocks.
    pub fn send(&self, work: FileWork) {
        if let Some(sender) = &self.work {
            let _ = sender.send(work);
        }
    }
}

impl Drop for FileWorker {
    fn drop(&mut self) {
        self.work = None;
        let Some(thread) = self.thread.take() else { return };
        // A disk that hangs is not waited for long.
        let until = Instant::now() + END_PATIENCE;
        while !thread.is_finished() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(5));
        }
        if thread.is_finished() {
            let _ = thread.join();
        }
    }
}

struct Worker<R> {
    session: u64,
    sources: Sources,
    targets: Targets,
    report: R,
}

impl<R: Fn(FileEvent)> Worker<R> {
    fn run(mut self, work: &Receiver<FileWork>) {
        while let Ok(work) = work.recv() {
            if let Some(happened) = self.perform(work) {
                (self.report)(FileEvent { session: self.session, happened });
            }
        }
    }

    fn perform(&mut self, work: FileWork) -> Option<FileHappening> {
        match work {
            FileWork::Begin { session, over } => {
                self.session = session;
                self.forget();
                self.targets = Targets::of(over);
                None
            }
            FileWork::End => {
                self.forget();
                None
            }
            FileWork::Look { look, paths } => {
                Some(FileHappening::Looked { look, found: self.sources.look(look, &paths) })
            }
            FileWork::Bind { look, offer } => {
                self.sources.bind(look, offer);
                None
            }
            FileWork::Read { file, offset, bytes, last } => Some(match self.sources.read(file, offset, bytes, last) {
                Ok((bytes, end)) => FileHappening::Read { file, offset, bytes, end },
                Err(why) => FileHappening::ReadFailed(file, why),
            }),
            FileWork::CloseSource(file) => {
                self.sources.close(file);
                None
            }
            FileWork::Into { offer, folder, files } => {
                self.targets.begin(offer, folder, files);
                None
            }
            FileWork::Write { file, bytes } => Some(FileHappening::Wrote(self.targets.write(file, &bytes))),
            FileWork::Finish { file, sha256 } => Some(FileHappening::Finished(file, self.targets.finish(file, sha256))),
            FileWork::Discard(file) => {
                self.targets.discard(file);
                None
            }
            FileWork::List(folder) => Some(FileHappening::Listed(folders::list(folder))),
            FileWork::FindDownloads => folders::downloads().map(FileHappening::Downloads),
        }
    }

    fn forget(&mut self) {
        self.sources = Sources::default();
        self.targets = Targets::default();
    }
}
