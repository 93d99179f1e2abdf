//! Offers of this side: lists, pieces and how far they have come.

use super::{
    TransferEffect,
    messages::{
        FileId, FileNumber, FileRange, GivingUp, LIST_CHUNK_BYTES, OfferNumber, OfferedFile, Sha256, TransferMsg,
        Withdrawal,
    },
    state::{FileEnd, FileRef, FileState, OfferRef, Way, numbers},
};
use crate::session::Misbehaviour;
use alloc::{collections::VecDeque, vec::Vec};

/// What is read at once of a file, in bytes.
const READ_BYTES: u64 = 64 * 1024;
/// Most that is asked for and not read yet, in reads.
const READS_AHEAD: usize = 4;
/// What is read and waits for its turn, in bytes; above, nothing is read.
const READY_BYTES: usize = 256 * 1024;
/// Most pieces and ends that wait for their turn.
const READY_ITEMS: usize = 64;

/// What waits for its turn on the line.
#[derive(Debug)]
enum Item {
    Bytes { file: FileNumber, offset: u64, bytes: Vec<u8>, sent: usize },
    Whole { file: FileNumber, sha256: Sha256 },
}

impl Item {
    const fn file(&self) -> FileNumber {
        match self {
            Self::Bytes { file, .. } | Self::Whole { file, .. } => *file,
        }
    }
}

#[derive(Debug)]
struct OutFile {
    offered: OfferedFile,
    state: FileState,
    sha256: Option<Sha256>,
}

#[derive(Debug)]
struct OutOffer {
    number: OfferNumber,
    files: Vec<OutFile>,
    /// How many of the list have been sent.
    listed: usize,
    answered: bool,
    /// Files to which something may still happen.
    left: usize,
    held_here: bool,
    held_there: bool,
    /// The file that is read next, and from where.
    reading: (usize, u64),
    reads: usize,
    ready: VecDeque<Item>,
    ready_bytes: usize,
}

/// All of them, oldest first.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    offers: VecDeque<OutOffer>,
    newest: OfferNumber,
}

/// The state of all offers of one direction, as far as limits go.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Held {
    pub(super) open_offers: usize,
    pub(super) files: usize,
    pub(super) list_bytes: usize,
}

impl Outgoing {
    pub(super) fn len(&self) -> usize {
        self.offers.len()
    }

    pub(super) fn held(&self) -> Held {
        let open = self.offers.iter().filter(|offer| !offer.is_over());
        let files = self.offers.iter().flat_map(|offer| &offer.files);
        Held {
            open_offers: open.count(),
            files: files.clone().count(),
            list_bytes: files.map(|file| file.offered.list_bytes()).sum(),
        }
    }

    pub(super) fn offer(&mut self, list: Vec<OfferedFile>) -> OfferNumber {
        self.newest.0 += 1;
        let file = |offered| OutFile { offered, state: FileState::Offered, sha256: None };
        self.offers.push_back(OutOffer {
            number: self.newest,
            left: list.len(),
            files: list.into_iter().map(file).collect(),
            listed: 0,
            answered: false,
            held_here: false,
            held_there: false,
            reading: (0, 0),
            reads: 0,
            ready: VecDeque::new(),
            ready_bytes: 0,
        });
        self.newest
    }

    /// Forgets an offer that is over.
    pub(super) fn forget_oldest(&mut self) -> bool {
        let oldest = self.offers.iter().position(|offer| offer.is_over() && offer.reads == 0);
        oldest.and_then(|place| self.offers.remove(place)).is_some()
    }

    pub(super) fn refs(&self) -> impl Iterator<Item = OfferRef<'_>> {
        self.offers.iter().map(|offer| OfferRef {
            number: offer.number,
            way: Way::Out,
            asks: !offer.answered && !offer.is_over(),
            over: offer.is_over(),
            held_here: offer.held_here,
            held_there: offer.held_there,
            files: offer.files.iter().map(|file| FileRef { offered: &file.offered, state: file.state }).collect(),
        })
    }

    pub(super) fn file(&self, id: FileId) -> Option<FileRef<'_>> {
        let offer = self.offers.iter().find(|offer| offer.number == id.offer)?;
        let file = offer.files.get(id.file.0 as usize)?;
        Some(FileRef { offered: &file.offered, state: file.state })
    }

    fn find(&mut self, number: OfferNumber) -> Option<&mut OutOffer> {
        self.offers.iter_mut().find(|offer| offer.number == number)
    }

    /// An offer that the other side speaks of; `None` if it is forgotten.
    fn spoken_of(&mut self, number: OfferNumber) -> Result<Option<&mut OutOffer>, Misbehaviour> {
        if number.0 == 0 || number > self.newest {
            return Err(Misbehaviour::TransferOrder);
        }
        match self.find(number) {
            // Of an offer whose list has not gone out nobody can speak.
            Some(offer) if offer.listed == 0 && !offer.is_over() => Err(Misbehaviour::TransferOrder),
            found => Ok(found),
        }
    }

    /// The other side's person has chosen.
    pub(super) fn answered(&mut self, number: OfferNumber, accepted: &[FileRange]) -> Result<(), Misbehaviour> {
        let Some(offer) = self.spoken_of(number)? else { return Ok(()) };
        let chosen = numbers(accepted, offer.files.len()).ok_or(Misbehaviour::TransferOrder)?;
        if offer.answered || offer.listed < offer.files.len() && !offer.is_over() {
            return Err(Misbehaviour::TransferOrder);
        }
        offer.answered = true;
        for (file, chosen) in offer.files.iter_mut().zip(chosen) {
            if file.state == FileState::Offered {
                file.state = if chosen { FileState::Waiting } else { FileState::Refused };
                offer.left -= usize::from(!chosen);
            }
        }
        Ok(())
    }

    /// What is to be read next.
    pub(super) fn next_read(&mut self) -> Option<TransferEffect> {
        // One offer after the other: only the first that can go on.
        let offer = self.offers.iter_mut().find(|offer| offer.can_go_on())?;
        let full = offer.ready_bytes >= READY_BYTES || offer.ready.len() >= READY_ITEMS || offer.reads >= READS_AHEAD;
        if full {
            return None;
        }
        let (place, offset) = offer.next_to_read()?;
        let size = offer.files.get(place)?.offered.bytes;
        let bytes = READ_BYTES.min(size.saturating_sub(offset));
        let last = offset + bytes >= size;
        offer.reading = if last { (place + 1, 0) } else { (place, offset + bytes) };
        offer.reads += 1;
        let file = FileId { offer: offer.number, file: FileNumber(u32::try_from(place).ok()?) };
        Some(TransferEffect::Read { file, offset, bytes: u32::try_from(bytes).ok()?, last })
    }

    /// What was asked for has been read; `end` is of all bytes, with the last.
    pub(super) fn read(&mut self, file: FileId, offset: u64, bytes: Vec<u8>, end: Option<Sha256>) {
        let Some(offer) = self.find(file.offer) else { return };
        offer.reads = offer.reads.saturating_sub(1);
        let number = file.file;
        if !offer.files.get(number.0 as usize).is_some_and(|file| file.state.moves()) {
            return;
        }
        offer.ready_bytes += bytes.len();
        if !bytes.is_empty() {
            offer.ready.push_back(Item::Bytes { file: number, offset, bytes, sent: 0 });
        }
        if let Some(sha256) = end {
            offer.ready.push_back(Item::Whole { file: number, sha256 });
        }
    }

    /// What was asked for can't be read. Whether the other side must be told.
    pub(super) fn read_failed(&mut self, file: FileId, why: Withdrawal) -> bool {
        let Some(offer) = self.find(file.offer) else { return false };
        offer.reads = offer.reads.saturating_sub(1);
        offer.end_files(Some(file.file), FileEnd::withdrawn(why, true), true).is_some_and(|ended| !ended.is_empty())
    }

    pub(super) fn has_list(&self) -> bool {
        self.offers.iter().any(OutOffer::has_list)
    }

    /// The next part of a list.
    pub(super) fn next_list(&mut self) -> Option<TransferMsg> {
        let offer = self.offers.iter_mut().find(|offer| offer.has_list())?;
        let mut list = Vec::new();
        let mut bytes = 0;
        let begins = offer.listed == 0;
        while let Some(file) = offer.files.get(offer.listed) {
            bytes += file.offered.list_bytes();
            if bytes > LIST_CHUNK_BYTES && !list.is_empty() {
                break;
            }
            list.push(file.offered.clone());
            offer.listed += 1;
        }
        let files = u32::try_from(offer.files.len()).ok()?;
        Some(if begins {
            TransferMsg::Offer { offer: offer.number, files, list }
        } else {
            TransferMsg::More { offer: offer.number, list }
        })
    }

    pub(super) fn has_piece(&self) -> bool {
        self.offers.iter().any(|offer| !offer.is_held() && !offer.ready.is_empty())
    }

    /// The next piece of at most so many bytes, or the end of a file.
    pub(super) fn next_piece(&mut self, most_bytes: usize) -> Option<TransferMsg> {
        let offer = self.offers.iter_mut().find(|offer| !offer.is_held() && !offer.ready.is_empty())?;
        let number = offer.number;
        let item = offer.ready.front_mut()?;
        let id = FileId { offer: number, file: item.file() };
        let file = offer.files.get_mut(id.file.0 as usize)?;
        match item {
            Item::Bytes { offset, bytes, sent, .. } => {
                let at = *offset + *sent as u64;
                let end = bytes.len().min(*sent + most_bytes.max(1));
                let piece = bytes.get(*sent..end)?.to_vec();
                *sent = end;
                let used_up = (end == bytes.len()).then_some(bytes.len());
                if let Some(length) = used_up {
                    offer.ready_bytes -= length;
                    offer.ready.pop_front();
                }
                if file.state == FileState::Waiting {
                    file.state = FileState::Moving(0);
                }
                Some(TransferMsg::Piece { file: id, offset: at, bytes: piece })
            }
            Item::Whole { sha256, .. } => {
                let sha256 = *sha256;
                offer.ready.pop_front();
                file.state = FileState::Checking;
                file.sha256 = Some(sha256);
                Some(TransferMsg::Whole { file: id, sha256 })
            }
        }
    }

    /// So much of a file is written there.
    pub(super) fn taken(&mut self, file: FileId, up_to: u64) {
        let Some(offer) = self.find(file.offer) else { return };
        if let Some(OutFile { state: FileState::Moving(bytes), .. }) = offer.files.get_mut(file.file.0 as usize) {
            *bytes = up_to;
        }
    }

    /// It is there, whole.
    pub(super) fn done(&mut self, file: FileId, sha256: Sha256) -> Result<(), Misbehaviour> {
        let Some(offer) = self.spoken_of(file.offer)? else { return Ok(()) };
        let place = file.file.0 as usize;
        let found = offer.files.get_mut(place).ok_or(Misbehaviour::TransferOrder)?;
        if found.sha256 != Some(sha256) {
            return Err(Misbehaviour::TransferOrder);
        }
        match found.state {
            FileState::Checking => {
                found.state = FileState::Done(sha256);
                offer.left -= 1;
            }
            // What was on the way was given up, and this one was there.
            FileState::Ended(FileEnd::ByOther | FileEnd::DiskFull | FileEnd::NotPermitted) => {
                found.state = FileState::Done(sha256);
            }
            _ => return Err(Misbehaviour::TransferOrder),
        }
        Ok(())
    }

    /// The other side wants no more of it. The files whose sources are needed
    /// no longer.
    pub(super) fn given_up(
        &mut self,
        number: OfferNumber,
        file: Option<FileNumber>,
        why: GivingUp,
    ) -> Result<Vec<FileId>, Misbehaviour> {
        let Some(offer) = self.spoken_of(number)? else { return Ok(Vec::new()) };
        if !offer.answered && !offer.is_over() {
            return Err(Misbehaviour::TransferOrder);
        }
        offer.end_files(file, FileEnd::given_up(why, false), false).ok_or(Misbehaviour::TransferOrder)
    }

    /// The person here takes a file back, or all: the files whose sources are
    /// needed no longer, and what the other side must be told.
    pub(super) fn withdraw(
        &mut self,
        number: OfferNumber,
        file: Option<FileNumber>,
    ) -> Option<(Vec<FileId>, Option<TransferMsg>)> {
        let offer = self.find(number).filter(|offer| !offer.is_over())?;
        // Of a list that nobody has answered a single file can't be taken out.
        let file = file.filter(|_| offer.answered);
        let is_known = offer.listed > 0;
        let ended = offer.end_files(file, FileEnd::ByMe, true)?;
        let message = TransferMsg::Withdraw { offer: number, file, why: Withdrawal::ByPerson };
        let told = (is_known && !ended.is_empty()).then_some(message);
        Some((ended, told))
    }

    /// Pauses or goes on, at the wish of the person here.
    pub(super) fn hold_here(&mut self, number: OfferNumber, paused: bool) -> bool {
        let Some(offer) = self.find(number).filter(|offer| offer.answered && !offer.is_over()) else { return false };
        core::mem::replace(&mut offer.held_here, paused) != paused
    }

    /// The same, of the person there.
    pub(super) fn hold_there(&mut self, number: OfferNumber, paused: bool) -> Result<(), Misbehaviour> {
        let Some(offer) = self.spoken_of(number)? else { return Ok(()) };
        if !offer.is_over() && (!offer.answered || offer.held_there == paused) {
            return Err(Misbehaviour::TransferOrder);
        }
        offer.held_there = paused;
        Ok(())
    }
}

impl OutOffer {
    const fn is_over(&self) -> bool {
        self.left == 0
    }

    const fn is_held(&self) -> bool {
        self.held_here || self.held_there
    }

    fn has_list(&self) -> bool {
        !self.is_over() && self.listed < self.files.len()
    }

    fn can_go_on(&self) -> bool {
        self.answered && !self.is_over() && !self.is_held() && (self.next_to_read().is_some() || self.reads > 0)
    }

    fn next_to_read(&self) -> Option<(usize, u64)> {
        let (place, offset) = self.reading;
        if self.files.get(place)?.state.moves() {
            return Some((place, offset));
        }
        let ahead = self.files.iter().enumerate().skip(place + 1);
        ahead.into_iter().find(|(_, file)| file.state.moves()).map(|(place, _)| (place, 0))
    }

    /// Ends a file or all: those for which that is news; `None` if there is no
    /// such file.
    fn end_files(&mut self, file: Option<FileNumber>, end: FileEnd, spare_sent: bool) -> Option<Vec<FileId>> {
        let first = file.map_or(0, |file| file.0);
        let last = file.map_or(u32::try_from(self.files.len()).ok()?.checked_sub(1)?, |file| file.0);
        let mut ended = Vec::new();
        for number in first..=last {
            let found = self.files.get_mut(number as usize)?;
            // What has been sent whole is the receiver's affair.
            let spared = spare_sent && found.state == FileState::Checking;
            if !found.state.is_over() && !spared {
                found.state = FileState::Ended(end);
                ended.push(FileId { offer: self.number, file: FileNumber(number) });
            }
        }
        let files = &self.files;
        let moves = |item: &Item| files.get(item.file().0 as usize).is_some_and(|file| !file.state.is_over());
        self.ready.retain(moves);
        let bytes = |item: &Item| if let Item::Bytes { bytes, .. } = item { bytes.len() } else { 0 };
        self.ready_bytes = self.ready.iter().map(bytes).sum();
        if files.get(self.reading.0).is_some_and(|file| file.state.is_over()) {
            self.reading.1 = 0;
        }
        self.left -= ended.len();
        Some(ended)
    }
}
