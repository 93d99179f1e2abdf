//! The messages on the stream of files, the same in both directions.

use alloc::{string::String, vec::Vec};
use bincode::{
    BorrowDecode, Decode, Encode,
    de::{BorrowDecoder, Decoder},
    error::DecodeError,
};
use core::fmt;

/// Longest part of a path on the wire, in bytes of UTF-8: what file systems
/// take.
pub const MAX_PATH_PART_BYTES: usize = 255;
/// Most parts of a path: folders, and the file's own name.
pub const MAX_PATH_PARTS: usize = 16;
/// Most content of one piece, in bytes. With its header it is one record.
pub const MAX_PIECE_BYTES: usize = 16_000;
/// Most files of one offer.
pub const MAX_OFFER_FILES: usize = 20_000;
/// Most bytes of names in one message of an offer's list.
pub(super) const LIST_CHUNK_BYTES: usize = 8 * 1024;
/// What the list takes for one file, and for each part of its path beside the
/// part itself, in bytes; about.
const LISTED_FILE_BYTES: usize = 12;
const LISTED_PART_BYTES: usize = 4;
/// Most that the list takes for one file.
const MAX_LISTED_BYTES: usize = MAX_PATH_PARTS * (MAX_PATH_PART_BYTES + LISTED_PART_BYTES) + LISTED_FILE_BYTES;
/// More than this has every message of a list but the last one: it is filled as
/// long as the next file fits.
pub(super) const FULL_LIST_BYTES: usize = LIST_CHUNK_BYTES - MAX_LISTED_BYTES;
/// Largest file, and most of all files of one offer, in bytes: more than any
/// system has.
pub const MAX_FILE_BYTES: u64 = 1 << 53;

/// Counts each side's own offers from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Encode, Decode)]
pub struct OfferNumber(pub u32);

/// Place of a file in its offer, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Encode, Decode)]
pub struct FileNumber(pub u32);

/// One file of one offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
pub struct FileId {
    /// The offer.
    pub offer: OfferNumber,
    /// Its place there.
    pub file: FileNumber,
}

/// What a file's content is known by.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Encode, Decode)]
pub struct Sha256(pub [u8; 32]);

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sha256({self})")
    }
}

/// One part of a path as the other side calls it: never used before
/// [`super::safe_name`] has made it harmless.
#[derive(Clone, PartialEq, Eq, Encode)]
pub struct PathPart(String);

impl PathPart {
    /// A name; one that is too long is cut, its extension stays.
    pub fn new(name: &str) -> Self {
        if name.len() <= MAX_PATH_PART_BYTES { Self(name.into()) } else { Self(super::safe_name(name)) }
    }

    /// As the other side calls it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Names of files are personal data: they stay out of logs.
impl fmt::Debug for PathPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PathPart({} bytes)", self.0.len())
    }
}

impl<C> Decode<C> for PathPart {
    fn decode<D: Decoder<Context = C>>(decoder: &mut D) -> Result<Self, DecodeError> {
        let name = String::decode(decoder)?;
        if name.len() > MAX_PATH_PART_BYTES {
            return Err(DecodeError::Other("a part of a path that is too long"));
        }
        Ok(Self(name))
    }
}

impl<'de, C> BorrowDecode<'de, C> for PathPart {
    fn borrow_decode<D: BorrowDecoder<'de, Context = C>>(decoder: &mut D) -> Result<Self, DecodeError> {
        Self::decode(decoder)
    }
}

/// A file of an offer.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct OfferedFile {
    /// The folders that it lies in, seen from what was chosen, and its name.
    pub path: Vec<PathPart>,
    /// Its size.
    pub bytes: u64,
}

impl OfferedFile {
    /// What it takes in a list, in bytes; about.
    pub(super) fn list_bytes(&self) -> usize {
        self.path.iter().map(|part| part.as_str().len() + LISTED_PART_BYTES).sum::<usize>() + LISTED_FILE_BYTES
    }

    /// Whether it can be at all.
    pub(super) fn keeps_limits(&self) -> bool {
        (1..=MAX_PATH_PARTS).contains(&self.path.len()) && self.bytes <= MAX_FILE_BYTES
    }

    /// Its path, each part made harmless.
    pub fn safe_path(&self) -> Vec<String> {
        self.path.iter().map(|part| super::safe_name(part.as_str())).collect()
    }
}

/// Bytes of all files of a list.
pub(super) fn total_bytes(list: &[OfferedFile]) -> u64 {
    list.iter().fold(0, |bytes, file| bytes.saturating_add(file.bytes))
}

/// Files `first` to `first + count - 1` of an offer. Of two bytes each, since
/// what a message takes while it is read is bounded too (see
/// [`crate::wire::decode`]), and the longest answer says every other file of
/// the longest list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct FileRange {
    /// The first one's place in the offer.
    pub first: u16,
    /// How many; at least one.
    pub count: u16,
}

const _: () = assert!(MAX_OFFER_FILES <= u16::MAX as usize);

/// Why the side that offers takes a file back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
pub enum Withdrawal {
    /// Its person wants to.
    ByPerson,
    /// The file is no longer what was offered.
    Changed,
    /// The file is gone or can't be read.
    Unreadable,
}

/// Why the side that was offered a file does not take it to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
pub enum GivingUp {
    /// Its person wants no more of it.
    ByPerson,
    /// There is no room for it.
    DiskFull,
    /// It must not be written there.
    NotPermitted,
    /// It can't be written for another reason.
    CantWrite,
    /// What came is not what was sent.
    WrongHash,
}

/// A message on the stream of files. All but the last two are counted; see the
/// module's documentation.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub enum TransferMsg {
    /// Some files are offered; the list is whole once it has `files` of them.
    Offer {
        /// More than that of this side's offer before; what was taken back before
        /// its list went out leaves a gap.
        offer: OfferNumber,
        /// How many files there are.
        files: u32,
        /// The first of them.
        list: Vec<OfferedFile>,
    },
    /// More of the list of the newest offer.
    More {
        /// That offer.
        offer: OfferNumber,
        /// The next files.
        list: Vec<OfferedFile>,
    },
    /// These files, and no others, are wanted. Said once, after the whole list.
    Answer {
        /// Of the other side.
        offer: OfferNumber,
        /// In their order, without gaps in between that could be closed.
        accepted: Vec<FileRange>,
    },
    /// The next bytes of a wanted file. One file of an offer after the other.
    Piece {
        /// The file.
        file: FileId,
        /// Where they begin.
        offset: u64,
        /// At least one, at most [`MAX_PIECE_BYTES`].
        bytes: Vec<u8>,
    },
    /// The whole file has been sent.
    Whole {
        /// The file.
        file: FileId,
        /// Of all of its bytes.
        sha256: Sha256,
    },
    /// The whole file has come, is what was sent, and has its name.
    Done {
        /// Of the other side.
        file: FileId,
        /// The same.
        sha256: Sha256,
    },
    /// The side that offers takes back a file, or all that is not done yet.
    Withdraw {
        /// Its offer.
        offer: OfferNumber,
        /// The file; `None` = all.
        file: Option<FileNumber>,
        /// Why.
        why: Withdrawal,
    },
    /// The other side wants no more of a file, or of all that is not done yet.
    GiveUp {
        /// Of the other side.
        offer: OfferNumber,
        /// The file; `None` = all.
        file: Option<FileNumber>,
        /// Why.
        why: GivingUp,
    },
    /// The side that offers pauses or goes on.
    Hold {
        /// Its offer.
        offer: OfferNumber,
        /// Whether it pauses.
        paused: bool,
    },
    /// The other side wants it to pause or to go on.
    HoldYours {
        /// Of the other side.
        offer: OfferNumber,
        /// Whether it is to pause.
        paused: bool,
    },
    /// So many counted messages have been dealt with, pieces written.
    Taken(u64),
    /// First on a new link after a cut: so many counted messages have come.
    Resume(u64),
}

impl TransferMsg {
    /// Whether it has a number; see the module's documentation.
    pub(super) const fn is_counted(&self) -> bool {
        !matches!(self, Self::Taken(_) | Self::Resume(_))
    }

    /// What it takes of the line; about.
    pub(super) fn cost_bytes(&self) -> usize {
        let content = match self {
            Self::Offer { list, .. } | Self::More { list, .. } => list.iter().map(OfferedFile::list_bytes).sum(),
            Self::Piece { bytes, .. } => bytes.len(),
            Self::Answer { accepted, .. } => accepted.len() * 4,
            _ => 32,
        };
        content + MESSAGE_OVERHEAD_BYTES
    }
}

/// About what a message adds to its content: header, record, frame, TLS.
pub(super) const MESSAGE_OVERHEAD_BYTES: usize = 128;

/// Content is no log's affair.
impl fmt::Debug for TransferMsg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Offer { offer, files, list } => write!(f, "Offer({}, {} of {files} files)", offer.0, list.len()),
            Self::More { offer, list } => write!(f, "More({}, {} files)", offer.0, list.len()),
            Self::Answer { offer, accepted } => write!(f, "Answer({}, {accepted:?})", offer.0),
            Self::Piece { file, offset, bytes } => write!(f, "Piece({file:?}, {offset}, {} bytes)", bytes.len()),
            Self::Whole { file, sha256 } => write!(f, "Whole({file:?}, {sha256})"),
            Self::Done { file, sha256 } => write!(f, "Done({file:?}, {sha256})"),
            Self::Withdraw { offer, file, why } => write!(f, "Withdraw({}, {file:?}, {why:?})", offer.0),
            Self::GiveUp { offer, file, why } => write!(f, "GiveUp({}, {file:?}, {why:?})", offer.0),
            Self::Hold { offer, paused } => write!(f, "Hold({}, {paused})", offer.0),
            Self::HoldYours { offer, paused } => write!(f, "HoldYours({}, {paused})", offer.0),
            Self::Taken(count) => write!(f, "Taken({count})"),
            Self::Resume(count) => write!(f, "Resume({count})"),
        }
    }
}
