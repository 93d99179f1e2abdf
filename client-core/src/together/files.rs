//! Files between the two people: connects the rules of a transfer with the
//! worker that reads and writes, and with what is shown.

mod folders;
mod progress;
mod sources;
mod targets;
pub mod view;
pub mod worker;

pub use folders::downloads;
pub use sources::{Found, LookError};
pub use view::{Entry, FileIntent, FileView, FilesView, Listing, OfferView};
pub use worker::{FileEvent, FileHappening, FileWork, FileWorker};

use crate::problem::Problem;
use mitblick_protocol::{
    sealed::Stream,
    session::Misbehaviour,
    time::Moment,
    transfer::{
        FileId, FileKinds, FileNumber, FileState, OfferError, OfferNumber, OfferedFile, TransferEffect, TransferMsg,
        Transfers, Way,
    },
    wire,
};
use progress::{Progress, views};
use std::{
    collections::{BTreeSet, VecDeque},
    fmt,
    path::PathBuf,
    sync::Arc,
    time::Duration,
};
use worker::Over;

/// How often progress is shown, at most.
const SHOW_EVERY: Duration = Duration::from_millis(250);

/// What happened to a file, for the receipt.
#[derive(Clone, PartialEq, Eq)]
pub struct FileFact {
    /// Which way it went.
    pub way: Way,
    /// Its name, made harmless; folders before it.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// How it ended; with the hash, if it is whole.
    pub state: FileState,
}

/// Names of files are personal data: they stay out of logs.
impl fmt::Debug for FileFact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileFact({:?}, {} bytes, {:?})", self.way, self.bytes, self.state)
    }
}

/// What must be done for it.
#[derive(Debug)]
pub(super) enum FilesEffect {
    Work(FileWork),
    Complain(Problem),
    /// The person can go on: what was wrong is no longer.
    Fine,
    Happened(FileFact),
    Changed,
}

/// See the module's documentation.
#[derive(Debug)]
pub(super) struct Files {
    session: u64,
    over: Over,
    transfers: Transfers,
    view: FilesView,
    progress: Progress,
    /// Counts what the person chose.
    look: u64,
    /// Where files are saved if nothing is said: as found, or as the person
    /// said.
    folder: Option<PathBuf>,
    shown_at: Option<Moment>,
    stale: bool,
    effects: VecDeque<FilesEffect>,
}

impl Files {
    /// For a session that begins, under the company's rules.
    pub(super) fn new(may_offer: FileKinds, may_take: FileKinds, now: Moment) -> Self {
        let (session, over) = (now.as_ms(), Over::default());
        let begin = FileWork::Begin { session, over: over.clone() };
        let effects = [begin, FileWork::FindDownloads].map(FilesEffect::Work);
        Self {
            session,
            over,
            transfers: Transfers::new(may_offer, may_take, now),
            view: FilesView { may_offer, may_take, ..FilesView::default() },
            progress: Progress::default(),
            look: 0,
            folder: None,
            shown_at: None,
            stale: false,
            effects: effects.into(),
        }
    }

    pub(super) fn view(&self) -> FilesView {
        self.view.clone()
    }

    pub(super) fn poll_effect(&mut self) -> Option<FilesEffect> {
        self.effects.pop_front()
    }

    fn work(&mut self, work: FileWork) {
        self.effects.push_back(FilesEffect::Work(work));
    }

    pub(super) fn handle_intent(&mut self, intent: FileIntent, now: Moment) {
        match self.perform(intent) {
            Ok(()) => self.effects.push_back(FilesEffect::Fine),
            Err(problem) => self.effects.push_back(FilesEffect::Complain(problem)),
        }
        self.show_now(now);
    }

    fn perform(&mut self, intent: FileIntent) -> Result<(), Problem> {
        let known = |fits: bool| if fits { Ok(()) } else { Err(Problem::NotNow) };
        match intent {
            FileIntent::Offer(_) if self.transfers.may_offer().is_empty() => Err(Problem::FilesForbidden),
            FileIntent::Offer(paths) => {
                self.look += 1;
                self.view.looking = true;
                self.view.listing = None;
                self.work(FileWork::Look { look: self.look, paths });
                Ok(())
            }
            FileIntent::Accept { offer, files, folder } => {
                let folder = folder.or_else(|| self.folder.clone()).ok_or(Problem::NoFolder)?;
                known(self.accept(offer, files.as_deref(), folder))
            }
            FileIntent::Refuse(offer) => known(self.transfers.accept(offer, &|_| false)),
            FileIntent::Cancel { way, offer, file } => known(self.transfers.cancel(way, offer, file.map(FileNumber))),
            FileIntent::Hold { way, offer, paused } => known(self.transfers.hold(way, offer, paused)),
            FileIntent::Browse(folder) => {
                self.work(FileWork::List(folder));
                Ok(())
            }
            FileIntent::StopBrowsing => {
                self.view.listing = None;
                Ok(())
            }
            FileIntent::SaveInto(folder) => {
                self.view.folder = Some(Arc::new(folder.clone()));
                self.view.listing = None;
                self.folder = Some(folder);
                Ok(())
            }
        }
    }

    fn accept(&mut self, offer: OfferNumber, files: Option<&[u32]>, folder: PathBuf) -> bool {
        let files: Option<BTreeSet<u32>> = files.map(|files| files.iter().copied().collect());
        let wanted = |place: u32| files.as_ref().is_none_or(|files| files.contains(&place));
        let paths = {
            let Some(asking) = self.transfers.offers().find(|other| other.way == Way::In && other.number == offer)
            else {
                return false;
            };
            let chosen = (0_u32..).zip(&asking.files).filter(|(place, _)| wanted(*place));
            chosen.map(|(place, file)| (FileNumber(place), file.offered.safe_path())).collect()
        };
        let fits = self.transfers.accept(offer, &wanted);
        if fits {
            self.work(FileWork::Into { offer, folder, files: paths });
        }
        fits
    }

    pub(super) fn handle_event(&mut self, FileEvent { session, happened }: FileEvent, now: Moment) {
        // Of a session before.
        if session != self.session {
            return;
        }
        match happened {
            FileHappening::Looked { look, found } => {
                self.view.looking &= look != self.look;
                self.looked(look, found, now);
                return self.show_now(now);
            }
            FileHappening::Read { file, offset, bytes, end } => self.transfers.read(file, offset, bytes, end),
            FileHappening::ReadFailed(file, why) => self.transfers.read_failed(file, why),
            FileHappening::Wrote(result) => self.transfers.wrote(result),
            FileHappening::Finished(file, result) => self.transfers.finished(file, result.map(|(sha256, _)| sha256)),
            FileHappening::Listed(listing) => {
                self.view.listing = Some(Arc::new(listing));
                self.effects.push_back(FilesEffect::Changed);
            }
            FileHappening::Downloads(folder) => {
                if self.folder.is_none() {
                    self.view.folder = Some(Arc::new(folder.clone()));
                    self.folder = Some(folder);
                    self.effects.push_back(FilesEffect::Changed);
                }
            }
        }
        self.drain(now);
    }

    fn looked(&mut self, look: u64, found: Result<Found, LookError>, now: Moment) {
        let offered = found.map_err(Problem::from).and_then(|found| {
            let name = |file: FileNumber| found.files.get(file.0 as usize).map(shown_name).unwrap_or_default();
            self.transfers.offer(found.files.clone(), now).map_err(|error| match error {
                OfferError::Empty => Problem::NoFiles,
                OfferError::TooManyFiles => Problem::TooManyFiles,
                OfferError::TooManyOffers => Problem::TooManyOffers,
                OfferError::CantBeSent(file) => Problem::FileUnreadable { path: name(file), why: String::new() },
                OfferError::Forbidden(file) => Problem::FileForbidden(name(file)),
            })
        });
        self.work(FileWork::Bind { look, offer: offered.as_ref().ok().copied() });
        match offered {
            Ok(_) => self.effects.push_back(FilesEffect::Fine),
            Err(problem) => self.effects.push_back(FilesEffect::Complain(problem)),
        }
    }

    /// Takes a message of the other side.
    pub(super) fn handle(&mut self, message: TransferMsg, now: Moment) -> Result<(), Misbehaviour> {
        let done = self.transfers.handle(message, now);
        self.drain(now);
        done
    }

    pub(super) fn has_message(&self) -> bool {
        self.transfers.has_message()
    }

    /// The next message; see [`Transfers::poll_message`].
    pub(super) fn next_message(&mut self, now: Moment) -> Option<(Stream, Vec<u8>)> {
        let message = self.transfers.poll_message(now)?;
        self.drain(now);
        match wire::encode(&message) {
            Ok(bytes) => Some((Stream::File, bytes)),
            Err(error) => {
                tracing::error!(%error, "a message can't be written");
                None
            }
        }
    }

    /// The link is gone, or the session over: nothing is sent.
    pub(super) fn link_lost(&mut self, now: Moment) {
        self.transfers.link_lost();
        self.view.resting = true;
        self.show_now(now);
    }

    /// There is a new link to the same program: all goes on where it was.
    pub(super) fn link_back(&mut self, now: Moment) {
        self.transfers.link_back(now);
        self.view.resting = false;
        self.show_now(now);
    }

    /// The session is over: what is not whole is removed, and nothing that waits
    /// for the disk gets its name any more.
    pub(super) fn end(&mut self) {
        self.over.set();
        self.transfers.link_lost();
        self.work(FileWork::End);
    }

    pub(super) fn poll_timeout(&self) -> Option<Moment> {
        self.stale.then(|| self.shown_at.map_or(Moment::default(), |at| at.after(SHOW_EVERY)))
    }

    pub(super) fn handle_timeout(&mut self, now: Moment) {
        if self.poll_timeout().is_some_and(|at| at <= now) {
            self.show(now);
        }
    }

    fn drain(&mut self, now: Moment) {
        while let Some(effect) = self.transfers.poll_effect() {
            match effect {
                TransferEffect::Read { file, offset, bytes, last } => {
                    self.work(FileWork::Read { file, offset, bytes, last });
                }
                TransferEffect::CloseSource(file) => self.work(FileWork::CloseSource(file)),
                TransferEffect::Write { file, bytes } => self.work(FileWork::Write { file, bytes }),
                TransferEffect::Finish { file, sha256 } => self.work(FileWork::Finish { file, sha256 }),
                TransferEffect::Discard(file) => self.work(FileWork::Discard(file)),
                TransferEffect::Asked(_) => self.stale = true,
                TransferEffect::Over(way, file) => self.over(way, file),
                TransferEffect::Changed => self.stale = true,
            }
        }
        if self.poll_timeout().is_some_and(|at| at <= now) {
            self.show(now);
        }
    }

    fn over(&mut self, way: Way, id: FileId) {
        let Some(file) = self.transfers.file(way, id) else { return };
        let (name, bytes) = (shown_name(file.offered), file.offered.bytes);
        let fact = FileFact { way, name, bytes, state: file.state };
        self.effects.push_back(FilesEffect::Happened(fact));
    }

    fn show_now(&mut self, now: Moment) {
        self.drain(now);
        self.show(now);
    }

    fn show(&mut self, now: Moment) {
        self.stale = false;
        self.shown_at = Some(now);
        self.view.offers = Arc::new(views(&self.transfers, &mut self.progress, now));
        self.effects.push_back(FilesEffect::Changed);
    }
}

/// However a session ends, nothing comes after it.
impl Drop for Files {
    fn drop(&mut self) {
        self.over.set();
    }
}

/// A file's name as it is shown: harmless, folders before it.
fn shown_name(file: &OfferedFile) -> String {
    file.safe_path().join("/")
}

impl From<LookError> for Problem {
    fn from(error: LookError) -> Self {
        match error {
            LookError::Unreadable { path, why } => Self::FileUnreadable { path, why },
            LookError::NotAFile(path) => Self::NotAFile(path),
            LookError::TooMany => Self::TooManyFiles,
            LookError::Empty => Self::NoFiles,
        }
    }
}
