//! What of files is shown, and what a person can want of them.

use mitblick_protocol::transfer::{FileEnd, FileKind, FileKinds, FileState, OfferNumber, Way};
use std::{path::PathBuf, sync::Arc};

/// Everything of files that a window shows. Cheap to clone and to compare.
#[derive(Clone, Debug, Default)]
pub struct FilesView {
    /// What may be offered here.
    pub may_offer: FileKinds,
    /// What may be taken here.
    pub may_take: FileKinds,
    /// All offers, those that ask first, then the newest first. Another list
    /// whenever something changed.
    pub offers: Arc<Vec<OfferView>>,
    /// Where files are saved if the person says nothing else.
    pub folder: Option<Arc<PathBuf>>,
    /// What is in the folder that the person looks at.
    pub listing: Option<Arc<Listing>>,
    /// What the person chose is being looked at.
    pub looking: bool,
    /// The link is gone: nothing moves until it is back.
    pub resting: bool,
}

impl PartialEq for FilesView {
    fn eq(&self, other: &Self) -> bool {
        let same_listing = match (&self.listing, &other.listing) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (None, None) => true,
            _ => false,
        };
        same_listing
            && Arc::ptr_eq(&self.offers, &other.offers)
            && self.folder == other.folder
            && (self.looking, self.resting) == (other.looking, other.resting)
            && (self.may_offer, self.may_take) == (other.may_offer, other.may_take)
    }
}

impl FilesView {
    /// How many offers wait for an answer of the person here.
    pub fn asking(&self) -> usize {
        self.offers.iter().filter(|offer| offer.asks_me()).count()
    }

    /// Whether files can go in any direction.
    pub const fn allowed(&self) -> bool {
        !(self.may_offer.is_empty() && self.may_take.is_empty())
    }
}

/// One offer.
#[derive(Clone, Debug)]
pub struct OfferView {
    /// Which way it goes.
    pub way: Way,
    /// Its number among those of its way.
    pub number: OfferNumber,
    /// Whether nobody has answered.
    pub asks: bool,
    /// Whether nothing happens to it any more.
    pub over: bool,
    /// Whether the person here has paused it.
    pub held_here: bool,
    /// Whether the person there has.
    pub held_there: bool,
    /// Its files.
    pub files: Arc<[FileView]>,
    /// Bytes of all that are wanted.
    pub wanted_bytes: u64,
    /// Bytes of those that are there.
    pub moved_bytes: u64,
    /// How many are there, whole.
    pub done: usize,
    /// How many did not come to their end.
    pub failed: usize,
    /// Bytes a second, while it moves.
    pub bytes_per_s: Option<u64>,
    /// Seconds left at that rate.
    pub left_s: Option<u64>,
}

impl OfferView {
    /// Whether the person here has to answer.
    pub fn asks_me(&self) -> bool {
        self.asks && self.way == Way::In
    }

    /// Why the first of the files that failed did.
    pub fn why_failed(&self) -> Option<FileEnd> {
        self.files.iter().find_map(|file| match file.state {
            FileState::Ended(end) => Some(end),
            _ => None,
        })
    }
}

/// One file of an offer.
#[derive(Clone, Debug)]
pub struct FileView {
    /// Its name, made harmless; folders before it.
    pub name: Arc<str>,
    /// Its size.
    pub bytes: u64,
    /// What it is, by its name.
    pub kind: FileKind,
    /// How far it has come.
    pub state: FileState,
}

/// A folder that the person looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The folder.
    pub folder: PathBuf,
    /// The folder that it lies in.
    pub parent: Option<PathBuf>,
    /// What is in it, folders first; nothing hidden.
    pub entries: Vec<Entry>,
    /// There is more than is listed.
    pub more: bool,
    /// Why it can't be listed, in the system's words.
    pub problem: Option<String>,
    /// Folders that people keep things in.
    pub places: Vec<PathBuf>,
}

/// Something in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name as it is shown.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// Whether it is a folder.
    pub is_folder: bool,
    /// Its size, of a file.
    pub bytes: u64,
}

/// What a person can want of files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileIntent {
    /// Offer these files and folders to the other person.
    Offer(Vec<PathBuf>),
    /// Save these files of an offer.
    Accept {
        /// The offer.
        offer: OfferNumber,
        /// Places of the files in it; `None` = all.
        files: Option<Vec<u32>>,
        /// Where; `None` = where files are saved if nothing is said.
        folder: Option<PathBuf>,
    },
    /// Save nothing of it.
    Refuse(OfferNumber),
    /// No more of a file, or of all that is not done yet.
    Cancel {
        /// Which way the offer goes.
        way: Way,
        /// The offer.
        offer: OfferNumber,
        /// The file's place; `None` = all.
        file: Option<u32>,
    },
    /// Pause or go on.
    Hold {
        /// Which way the offer goes.
        way: Way,
        /// The offer.
        offer: OfferNumber,
        /// Whether it is to pause.
        paused: bool,
    },
    /// Look into a folder; `None` = the one to begin with.
    Browse(Option<PathBuf>),
    /// Look into no folder any more.
    StopBrowsing,
    /// Save files here if nothing else is said.
    SaveInto(PathBuf),
}
