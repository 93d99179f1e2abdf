//! How far a file, and an offer, has come: the words that both directions
//! share.

use super::messages::{FileRange, GivingUp, OfferNumber, OfferedFile, Sha256, Withdrawal};
use alloc::vec::Vec;

/// Which way an offer goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Way {
    /// Offered here.
    Out,
    /// Offered by the other side.
    In,
}

/// Why a file did not come to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileEnd {
    /// The person at this side wanted no more of it.
    ByMe,
    /// The person at the other side.
    ByOther,
    /// It changed while it was sent.
    Changed,
    /// It is gone or can't be read.
    Unreadable,
    /// There is no room for it.
    DiskFull,
    /// It must not be written there.
    NotPermitted,
    /// It can't be written for another reason.
    CantWrite,
    /// What came is not what was sent.
    WrongHash,
}

impl FileEnd {
    /// As the side that offers says it, which is this one with `mine`.
    pub(super) const fn withdrawn(why: Withdrawal, mine: bool) -> Self {
        match why {
            Withdrawal::ByPerson if mine => Self::ByMe,
            Withdrawal::ByPerson => Self::ByOther,
            Withdrawal::Changed => Self::Changed,
            Withdrawal::Unreadable => Self::Unreadable,
        }
    }

    /// As the side that receives says it, which is this one with `mine`.
    pub(super) const fn given_up(why: GivingUp, mine: bool) -> Self {
        match why {
            GivingUp::ByPerson if mine => Self::ByMe,
            GivingUp::ByPerson => Self::ByOther,
            GivingUp::DiskFull => Self::DiskFull,
            GivingUp::NotPermitted => Self::NotPermitted,
            GivingUp::CantWrite => Self::CantWrite,
            GivingUp::WrongHash => Self::WrongHash,
        }
    }
}

/// How far a file has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileState {
    /// Nobody has answered.
    Offered,
    /// The company's rules do not let it be taken.
    Forbidden,
    /// It is not wanted.
    Refused,
    /// It is wanted, and others come first.
    Waiting,
    /// So many bytes are written at the receiver.
    Moving(u64),
    /// All is there and is being looked at.
    Checking,
    /// It is there, whole, with its name.
    Done(Sha256),
    /// It did not come to its end.
    Ended(FileEnd),
}

impl FileState {
    /// Whether nothing happens to it any more.
    pub const fn is_over(self) -> bool {
        match self {
            Self::Forbidden | Self::Refused | Self::Done(_) | Self::Ended(_) => true,
            Self::Offered | Self::Waiting | Self::Moving(_) | Self::Checking => false,
        }
    }

    /// Whether pieces of it may come or go.
    pub(super) const fn moves(self) -> bool {
        matches!(self, Self::Waiting | Self::Moving(_))
    }

    /// Bytes that are there of a file of this size.
    pub const fn moved_bytes(self, size: u64) -> u64 {
        match self {
            Self::Moving(bytes) => bytes,
            Self::Checking | Self::Done(_) => size,
            Self::Offered | Self::Forbidden | Self::Refused | Self::Waiting | Self::Ended(_) => 0,
        }
    }
}

/// A file of an offer, as it is shown.
#[derive(Clone, Copy, Debug)]
pub struct FileRef<'a> {
    /// What was offered.
    pub offered: &'a OfferedFile,
    /// How far it has come.
    pub state: FileState,
}

/// An offer, as it is shown.
#[derive(Clone, Debug)]
pub struct OfferRef<'a> {
    /// Which.
    pub number: OfferNumber,
    /// Which way it goes.
    pub way: Way,
    /// Whether the whole list is there and the receiver's person has not
    /// answered.
    pub asks: bool,
    /// Whether nothing happens to it any more.
    pub over: bool,
    /// Whether the person at this side has paused it.
    pub held_here: bool,
    /// Whether the person at the other side has.
    pub held_there: bool,
    /// Its files, in their order.
    pub files: Vec<FileRef<'a>>,
}

/// Places in order as ranges.
pub(super) fn ranges(places: impl Iterator<Item = u16>) -> Vec<FileRange> {
    let mut ranges: Vec<FileRange> = Vec::new();
    for place in places {
        match ranges.last_mut() {
            Some(last) if last.first.checked_add(last.count) == Some(place) => last.count += 1,
            _ => ranges.push(FileRange { first: place, count: 1 }),
        }
    }
    ranges
}

/// The numbers that these ranges say for a list of so many files: `None` if
/// they are not in the one form that says it.
pub(super) fn numbers(ranges: &[FileRange], files: usize) -> Option<Vec<bool>> {
    let mut chosen = alloc::vec![false; files];
    let mut free = 0_u16;
    for (place, range) in ranges.iter().enumerate() {
        let end = range.first.checked_add(range.count)?;
        // Two that touch would be one.
        if range.count == 0 || range.first < free || (place > 0 && range.first == free) {
            return None;
        }
        chosen.get_mut(usize::from(range.first)..usize::from(end))?.fill(true);
        free = end;
    }
    Some(chosen)
}
