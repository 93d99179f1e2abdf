//! Offers of the other side: what was asked, what was wanted, what has come.

use super::{
    FileKinds, TransferEffect,
    kinds::FileKind,
    messages::{
        FULL_LIST_BYTES, FileId, FileNumber, GivingUp, MAX_FILE_BYTES, MAX_OFFER_FILES, MAX_PIECE_BYTES, OfferNumber,
        OfferedFile, Sha256, TransferMsg, Withdrawal, total_bytes,
    },
    outgoing::Held,
    state::{FileEnd, FileRef, FileState, OfferRef, Way, ranges},
    window,
};
use crate::session::Misbehaviour;
use alloc::{collections::VecDeque, vec::Vec};

#[derive(Debug)]
struct InFile {
    offered: OfferedFile,
    state: FileState,
    /// Bytes that have come, written or not.
    received: u64,
}

#[derive(Debug)]
struct InOffer {
    number: OfferNumber,
    /// How many files the list is to have.
    count: usize,
    files: Vec<InFile>,
    /// What the list takes so far.
    list_bytes: usize,
    /// Bytes of all files that it lists so far.
    bytes: u64,
    answered: bool,
    /// Files to which something may still happen, those not listed among them.
    left: usize,
    over: bool,
    held_here: bool,
    held_there: bool,
    /// The file that is on its way.
    current: Option<FileNumber>,
}

/// A piece at whoever writes it.
#[derive(Debug)]
struct Unwritten {
    file: FileId,
    bytes: u64,
    cost_bytes: usize,
    /// How many counted messages had come before.
    before: u64,
}

/// All of them, oldest first.
#[derive(Debug)]
pub(super) struct Incoming {
    offers: VecDeque<InOffer>,
    newest: OfferNumber,
    may: FileKinds,
    /// Files of all offers, those not listed among them, and what their lists
    /// take. Kept, since the other side says when it is asked for.
    files: usize,
    list_bytes: usize,
    unwritten: VecDeque<Unwritten>,
    unwritten_bytes: usize,
}

impl Incoming {
    pub(super) const fn new(may: FileKinds) -> Self {
        Self {
            offers: VecDeque::new(),
            newest: OfferNumber(0),
            may,
            files: 0,
            list_bytes: 0,
            unwritten: VecDeque::new(),
            unwritten_bytes: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.offers.len()
    }

    pub(super) fn held(&self) -> Held {
        Held {
            open_offers: self.offers.iter().filter(|offer| !offer.over).count(),
            files: self.files,
            list_bytes: self.list_bytes,
        }
    }

    /// Forgets an offer that is over.
    pub(super) fn forget_oldest(&mut self) -> bool {
        let oldest = self.offers.iter().position(|offer| offer.over);
        let Some(forgotten) = oldest.and_then(|place| self.offers.remove(place)) else { return false };
        self.files -= forgotten.count;
        self.list_bytes -= forgotten.list_bytes;
        true
    }

    pub(super) fn refs(&self) -> impl Iterator<Item = OfferRef<'_>> {
        self.offers.iter().map(|offer| OfferRef {
            number: offer.number,
            way: Way::In,
            asks: offer.asks(),
            over: offer.over,
            held_here: offer.held_here,
            held_there: offer.held_there,
            files: offer.files.iter().map(|file| FileRef { offered: &file.offered, state: file.state }).collect(),
        })
    }

    /// How many of the messages that came have been dealt with, if so many
    /// have come.
    pub(super) fn taken(&self, received: u64) -> u64 {
        self.unwritten.front().map_or(received, |piece| piece.before)
    }

    pub(super) fn file(&self, id: FileId) -> Option<FileRef<'_>> {
        let offer = self.offers.iter().find(|offer| offer.number == id.offer)?;
        let file = offer.files.get(id.file.0 as usize)?;
        Some(FileRef { offered: &file.offered, state: file.state })
    }

    fn find(&mut self, number: OfferNumber) -> Option<&mut InOffer> {
        self.offers.iter_mut().find(|offer| offer.number == number)
    }

    /// An offer that the other side speaks of; `None` if it is forgotten.
    fn spoken_of(&mut self, number: OfferNumber) -> Result<Option<&mut InOffer>, Misbehaviour> {
        if number.0 == 0 || number > self.newest {
            return Err(Misbehaviour::TransferOrder);
        }
        Ok(self.find(number))
    }

    /// A new offer. Whether its list is whole.
    pub(super) fn offered(
        &mut self,
        number: OfferNumber,
        files: u32,
        list: Vec<OfferedFile>,
    ) -> Result<bool, Misbehaviour> {
        let count = usize::try_from(files).map_err(|_| Misbehaviour::TransferLimits)?;
        if number <= self.newest || self.offers.iter().any(InOffer::lists) {
            return Err(Misbehaviour::TransferOrder);
        }
        if !(1..=MAX_OFFER_FILES).contains(&count) {
            return Err(Misbehaviour::TransferLimits);
        }
        self.newest = number;
        self.files += count;
        self.offers.push_back(InOffer {
            number,
            count,
            files: Vec::new(),
            list_bytes: 0,
            bytes: 0,
            answered: false,
            left: count,
            over: false,
            held_here: false,
            held_there: false,
            current: None,
        });
        self.list(number, list)
    }

    /// More of its list. Whether it is whole now.
    pub(super) fn listed(&mut self, number: OfferNumber, list: Vec<OfferedFile>) -> Result<bool, Misbehaviour> {
        let list_bytes: usize = list.iter().map(OfferedFile::list_bytes).sum();
        let is_whole = self.list(number, list)?;
        // In many small messages a list would cost more than it is worth.
        if !is_whole && list_bytes <= FULL_LIST_BYTES && self.find(number).is_some_and(|offer| offer.lists()) {
            return Err(Misbehaviour::TransferFlood);
        }
        Ok(is_whole)
    }

    fn list(&mut self, number: OfferNumber, list: Vec<OfferedFile>) -> Result<bool, Misbehaviour> {
        let may = self.may;
        let Some(offer) = self.spoken_of(number)? else { return Ok(false) };
        if offer.over {
            return Err(Misbehaviour::TransferOrder);
        }
        if !offer.lists() || list.is_empty() || offer.files.len() + list.len() > offer.count {
            return Err(Misbehaviour::TransferOrder);
        }
        if !list.iter().all(OfferedFile::keeps_limits) {
            return Err(Misbehaviour::TransferLimits);
        }
        offer.bytes = offer.bytes.saturating_add(total_bytes(&list));
        if offer.bytes > MAX_FILE_BYTES {
            return Err(Misbehaviour::TransferLimits);
        }
        let list_bytes: usize = list.iter().map(OfferedFile::list_bytes).sum();
        offer.list_bytes += list_bytes;
        for offered in list {
            let name = offered.path.last().map(|part| super::safe_name(part.as_str())).unwrap_or_default();
            let state = if may.has(FileKind::of_name(&name)) { FileState::Offered } else { FileState::Forbidden };
            offer.left -= usize::from(state.is_over());
            offer.files.push(InFile { offered, state, received: 0 });
        }
        let asks = offer.asks();
        self.list_bytes += list_bytes;
        Ok(asks)
    }

    /// Whether the rules forbid all of it.
    pub(super) fn is_forbidden(&mut self, number: OfferNumber) -> bool {
        self.find(number).is_some_and(|offer| offer.left == 0)
    }

    /// The person has chosen: the answer to be sent. `None` if there is nothing
    /// to choose.
    pub(super) fn answer(&mut self, number: OfferNumber, wants: &dyn Fn(u32) -> bool) -> Option<TransferMsg> {
        let offer = self.find(number).filter(|offer| offer.asks())?;
        offer.answered = true;
        let mut accepted = Vec::new();
        for (place, file) in (0_u16..).zip(&mut offer.files) {
            if file.state != FileState::Offered {
                continue;
            }
            if wants(place.into()) {
                file.state = FileState::Waiting;
                accepted.push(place);
            } else {
                file.state = FileState::Refused;
                offer.left -= 1;
            }
        }
        offer.over = offer.left == 0;
        Some(TransferMsg::Answer { offer: number, accepted: ranges(accepted.into_iter()) })
    }

    /// A piece has come, the counted message after `before` others: what is to
    /// be written.
    pub(super) fn piece(
        &mut self,
        id: FileId,
        offset: u64,
        bytes: Vec<u8>,
        cost_bytes: usize,
        before: u64,
    ) -> Result<Option<TransferEffect>, Misbehaviour> {
        if bytes.is_empty() || bytes.len() > MAX_PIECE_BYTES {
            return Err(Misbehaviour::TransferLimits);
        }
        let Some(offer) = self.spoken_of(id.offer)? else { return Ok(None) };
        let current = offer.current;
        let file = offer.wanted(id.file)?;
        match file.state {
            // On its way when it ended.
            FileState::Ended(_) => return Ok(None),
            FileState::Waiting if offset == 0 && current.is_none() => file.state = FileState::Moving(0),
            FileState::Moving(_) if offset == file.received => {}
            _ => return Err(Misbehaviour::TransferOrder),
        }
        let length = bytes.len() as u64;
        file.received += length;
        if file.received > file.offered.bytes {
            return Err(Misbehaviour::TransferLimits);
        }
        offer.current = Some(id.file);
        self.unwritten.push_back(Unwritten { file: id, bytes: length, cost_bytes, before });
        self.unwritten_bytes += cost_bytes;
        // An honest side never has more on the way, and this is what came.
        if self.unwritten_bytes > window::MAX_BYTES + 2 * MAX_PIECE_BYTES {
            return Err(Misbehaviour::TransferFlood);
        }
        Ok(Some(TransferEffect::Write { file: id, bytes }))
    }

    /// All of a file has come.
    pub(super) fn whole(&mut self, id: FileId, sha256: Sha256) -> Result<Option<TransferEffect>, Misbehaviour> {
        let Some(offer) = self.spoken_of(id.offer)? else { return Ok(None) };
        let current = offer.current;
        let file = offer.wanted(id.file)?;
        match file.state {
            FileState::Ended(_) => return Ok(None),
            FileState::Waiting if file.offered.bytes == 0 && current.is_none() => {}
            FileState::Moving(_) if file.received == file.offered.bytes => {}
            _ => return Err(Misbehaviour::TransferOrder),
        }
        file.state = FileState::Checking;
        offer.current = None;
        Ok(Some(TransferEffect::Finish { file: id, sha256 }))
    }

    /// The oldest piece has been written, or could not be: what must be said.
    pub(super) fn wrote(&mut self, result: Result<(), GivingUp>) -> (Option<TransferMsg>, Vec<FileId>) {
        let Some(piece) = self.unwritten.pop_front() else { return (None, Vec::new()) };
        self.unwritten_bytes -= piece.cost_bytes;
        match result {
            Ok(()) => {
                let found =
                    self.find(piece.file.offer).and_then(|offer| offer.files.get_mut(piece.file.file.0 as usize));
                if let Some(InFile { state: FileState::Moving(bytes), .. }) = found {
                    *bytes += piece.bytes;
                }
                (None, Vec::new())
            }
            Err(why) => self.failed(piece.file, why),
        }
    }

    /// A file is finished, or could not be.
    pub(super) fn finished(
        &mut self,
        id: FileId,
        result: Result<Sha256, GivingUp>,
    ) -> (Option<TransferMsg>, Vec<FileId>) {
        let sha256 = match result {
            Ok(sha256) => sha256,
            Err(why) => return self.failed(id, why),
        };
        let Some(offer) = self.find(id.offer) else { return (None, Vec::new()) };
        let Some(file) = offer.files.get_mut(id.file.0 as usize) else { return (None, Vec::new()) };
        if file.state != FileState::Checking {
            return (None, Vec::new());
        }
        file.state = FileState::Done(sha256);
        offer.left -= 1;
        offer.over = offer.left == 0;
        (Some(TransferMsg::Done { file: id, sha256 }), Vec::new())
    }

    /// It can't be written: what must be said, and what ended by it.
    fn failed(&mut self, id: FileId, why: GivingUp) -> (Option<TransferMsg>, Vec<FileId>) {
        // Without room, or without the right to write, the others fail too.
        let file = if matches!(why, GivingUp::DiskFull | GivingUp::NotPermitted) { None } else { Some(id.file) };
        self.end(id.offer, file, why, Some(id.file))
    }

    /// The person wants no more of a file, or of all: what must be said, and
    /// what ended by it.
    pub(super) fn give_up(
        &mut self,
        number: OfferNumber,
        file: Option<FileNumber>,
    ) -> (Option<TransferMsg>, Vec<FileId>) {
        self.end(number, file, GivingUp::ByPerson, None)
    }

    fn end(
        &mut self,
        number: OfferNumber,
        file: Option<FileNumber>,
        why: GivingUp,
        failed: Option<FileNumber>,
    ) -> (Option<TransferMsg>, Vec<FileId>) {
        let Some(offer) = self.find(number).filter(|offer| offer.answered) else { return (None, Vec::new()) };
        match offer.end_files(file, FileEnd::given_up(why, true), failed) {
            Some(ended) if !ended.is_empty() => (Some(TransferMsg::GiveUp { offer: number, file, why }), ended),
            _ => (None, Vec::new()),
        }
    }

    /// The other side takes a file back, or all.
    pub(super) fn withdrawn(
        &mut self,
        number: OfferNumber,
        file: Option<FileNumber>,
        why: Withdrawal,
    ) -> Result<Vec<FileId>, Misbehaviour> {
        let mut unlisted = 0;
        let Some(offer) = self.spoken_of(number)? else { return Ok(Vec::new()) };
        if file.is_some() && !offer.answered {
            return Err(Misbehaviour::TransferOrder);
        }
        if file.is_none() && offer.lists() {
            // What was not listed never will be.
            let missing = offer.count - offer.files.len();
            offer.left -= missing;
            offer.count -= missing;
            unlisted = missing;
        }
        let ended = offer.end_files(file, FileEnd::withdrawn(why, false), None).ok_or(Misbehaviour::TransferOrder)?;
        self.files -= unlisted;
        Ok(ended)
    }

    /// Pauses or goes on, at the wish of the person here.
    pub(super) fn hold_here(&mut self, number: OfferNumber, paused: bool) -> bool {
        let Some(offer) = self.find(number).filter(|offer| offer.answered && !offer.over) else { return false };
        core::mem::replace(&mut offer.held_here, paused) != paused
    }

    /// The same, of the person there.
    pub(super) fn hold_there(&mut self, number: OfferNumber, paused: bool) -> Result<(), Misbehaviour> {
        let Some(offer) = self.spoken_of(number)? else { return Ok(()) };
        if !offer.over && (!offer.answered || offer.held_there == paused) {
            return Err(Misbehaviour::TransferOrder);
        }
        offer.held_there = paused;
        Ok(())
    }
}

impl InOffer {
    /// Whether its list is not whole.
    const fn lists(&self) -> bool {
        !self.over && self.files.len() < self.count
    }

    const fn asks(&self) -> bool {
        !self.answered && !self.over && self.files.len() == self.count
    }

    /// A file that the other side sends.
    fn wanted(&mut self, number: FileNumber) -> Result<&mut InFile, Misbehaviour> {
        let file = self.files.get_mut(number.0 as usize).ok_or(Misbehaviour::TransferOrder)?;
        match file.state {
            FileState::Offered | FileState::Forbidden | FileState::Refused => Err(Misbehaviour::TransferUnasked),
            // Of what was taken back before anybody answered nothing can come.
            FileState::Ended(_) if !self.answered => Err(Misbehaviour::TransferUnasked),
            _ => Ok(file),
        }
    }

    /// Ends a file or all, but for those that have come and are being looked at:
    /// they may get their name before anybody hears of this. The one that
    /// `failed` gets none. Gives those for which that is news; `None` if there is
    /// no such file.
    fn end_files(&mut self, file: Option<FileNumber>, end: FileEnd, failed: Option<FileNumber>) -> Option<Vec<FileId>> {
        let numbers = match file {
            Some(file) => file.0..file.0.checked_add(1)?,
            None => 0..u32::try_from(self.files.len()).ok()?,
        };
        let mut ended = Vec::new();
        for number in numbers {
            let found = self.files.get_mut(number as usize)?;
            let spared = found.state == FileState::Checking && failed != Some(FileNumber(number));
            if !found.state.is_over() && !spared {
                found.state = FileState::Ended(end);
                ended.push(FileId { offer: self.number, file: FileNumber(number) });
                if self.current == Some(FileNumber(number)) {
                    self.current = None;
                }
            }
        }
        self.left -= ended.len();
        self.over = self.left == 0;
        Some(ended)
    }
}
