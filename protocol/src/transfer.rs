//! Files between the two people of a session, the same in both directions.
//!
//! ```text
//! A→B  Offer, More..         a list of names and sizes; nothing leaves before
//! B→A  Answer                B's person has chosen some, all or none
//! A→B  Piece.., Whole        one file of an offer after the other, then its hash
//! B→A  Done                  written whole, same hash, has its name
//! A→B  Withdraw, Hold        B→A  GiveUp, HoldYours     at any time after
//! both Taken(n)              n counted messages dealt with, pieces written
//! both Resume(n)             first on a new link: n counted messages have come
//! ```
//! All messages but the last two are counted, each side its own from 1. What
//! the other side has not taken is kept; after a cut both say how many came, and
//! the rest is sent again: no offer, answer, byte or hash is lost or comes
//! twice, wherever the cut was. What may be on the way is bounded by a window
//! (see `window`), so the line's buffers stay short and what is kept stays
//! small.
//!
//! Pieces are pulled: [`Transfers::poll_message`] is called when nothing else
//! waits to be sent. Reading, writing and hashing are effects; nothing here
//! knows a file. The choosing of files is their sender's yes, [`Transfers::accept`]
//! the receiver's; there is no other way to get a write out of this.
//!
//! The peer is hostile: what an honest one can't send ends the session, what it
//! can send late (pieces of a file that has just been given up) is dropped.

mod incoming;
mod kinds;
mod log;
mod messages;
mod names;
mod outgoing;
mod state;
mod window;

pub use kinds::{FileKind, FileKinds, extension};
pub use messages::{
    FileId, FileNumber, FileRange, GivingUp, MAX_FILE_BYTES, MAX_OFFER_FILES, MAX_PATH_PART_BYTES, MAX_PATH_PARTS,
    MAX_PIECE_BYTES, OfferNumber, OfferedFile, PathPart, Sha256, TransferMsg, Withdrawal,
};
pub use names::{MAX_SAFE_NAME_BYTES, numbered, safe_name};
pub use state::{FileEnd, FileRef, FileState, OfferRef, Way};

use crate::{session::Misbehaviour, stock::Stock, time::Moment};
use alloc::{collections::VecDeque, vec::Vec};
use core::time::Duration;
use incoming::Incoming;
use log::Log;
use messages::total_bytes;
use outgoing::{Held, Outgoing};
use window::Window;

/// Most offers of one side at which something can still happen.
pub const MAX_OPEN_OFFERS: usize = 16;
/// Most offers of one side that are remembered; those that are over are
/// forgotten first.
const MAX_OFFERS: usize = 48;
/// Most files of all offers of one side that are remembered.
const MAX_FILES: usize = 2 * MAX_OFFER_FILES;
/// Most bytes that their names take.
const MAX_LIST_BYTES: usize = 8 * 1024 * 1024;
/// Most messages that the other side may leave unanswered.
const MAX_UNTAKEN: usize = 200_000;
/// Offers that a person may make at once, and how long one more takes.
const OFFER: (u32, Duration) = (16, Duration::from_secs(1));
/// The same for those taken from the other side: more, since a line that hung
/// brings everything at once.
const TAKE: (u32, Duration) = (64, Duration::from_millis(800));

/// Why files are not offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OfferError {
    /// There are none.
    #[error("no files")]
    Empty,
    /// There are more than [`MAX_OFFER_FILES`], their names are too long, or they
    /// are larger together than [`MAX_FILE_BYTES`].
    #[error("too many files")]
    TooManyFiles,
    /// Too many offers are open.
    #[error("too many offers")]
    TooManyOffers,
    /// A file is deeper in folders, or larger, than can be sent.
    #[error("a file that can't be sent")]
    CantBeSent(FileNumber),
    /// The company's rules do not let this one be sent.
    #[error("the rules forbid a file")]
    Forbidden(FileNumber),
}

/// What must be done.
#[derive(Clone, PartialEq, Eq)]
pub enum TransferEffect {
    /// Read so many bytes of a file that is sent, and say so by
    /// [`Transfers::read`] or [`Transfers::read_failed`]. They come in order.
    Read {
        /// The file.
        file: FileId,
        /// From where.
        offset: u64,
        /// How many; 0 only with `last`.
        bytes: u32,
        /// After these the file must end; its hash is wanted.
        last: bool,
    },
    /// Nothing more of this file will be read.
    CloseSource(FileId),
    /// Write the next bytes of a file that its person wants, and say so by
    /// [`Transfers::wrote`].
    Write {
        /// The file.
        file: FileId,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// Compare the hash and give the file its name, and say so by
    /// [`Transfers::finished`].
    Finish {
        /// The file.
        file: FileId,
        /// What its hash must be.
        sha256: Sha256,
    },
    /// Remove what has been written of a file.
    Discard(FileId),
    /// The other side's person offers files, and the person here must answer.
    Asked(OfferNumber),
    /// A file has come to an end, good or bad.
    Over(Way, FileId),
    /// [`Transfers::offers`] has changed.
    Changed,
}

/// Content is no log's affair.
impl core::fmt::Debug for TransferEffect {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Read { file, offset, bytes, last } => write!(f, "Read({file:?}, {offset}, {bytes}, {last})"),
            Self::CloseSource(file) => write!(f, "CloseSource({file:?})"),
            Self::Write { file, bytes } => write!(f, "Write({file:?}, {} bytes)", bytes.len()),
            Self::Finish { file, sha256 } => write!(f, "Finish({file:?}, {sha256})"),
            Self::Discard(file) => write!(f, "Discard({file:?})"),
            Self::Asked(offer) => write!(f, "Asked({})", offer.0),
            Self::Over(way, file) => write!(f, "Over({way:?}, {file:?})"),
            Self::Changed => write!(f, "Changed"),
        }
    }
}

/// The link under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    Up,
    Down,
    /// A new link: each side says first how much has come.
    Agreeing {
        told: bool,
        heard: bool,
    },
}

/// See the module's documentation.
#[derive(Debug)]
pub struct Transfers {
    outgoing: Outgoing,
    incoming: Incoming,
    may_offer: FileKinds,
    line: Line,
    log: Log,
    window: Window,
    /// Counted messages that have come.
    received: u64,
    /// As of the last `Taken`.
    told_taken: u64,
    controls: VecDeque<TransferMsg>,
    offer: Stock,
    take: Stock,
    effects: VecDeque<TransferEffect>,
}

impl Transfers {
    /// For a session that begins, under the company's rules: what may be
    /// offered, and what may be taken.
    pub fn new(may_offer: FileKinds, may_take: FileKinds, now: Moment) -> Self {
        Self {
            outgoing: Outgoing::default(),
            incoming: Incoming::new(may_take),
            may_offer,
            line: Line::Up,
            log: Log::default(),
            window: Window::new(now),
            received: 0,
            told_taken: 0,
            controls: VecDeque::new(),
            offer: Stock::full(OFFER.0, OFFER.1, now),
            take: Stock::full(TAKE.0, TAKE.1, now),
            effects: VecDeque::new(),
        }
    }

    /// What may be offered.
    pub const fn may_offer(&self) -> FileKinds {
        self.may_offer
    }

    /// All offers that are remembered, this side's first, each side's oldest
    /// first.
    pub fn offers(&self) -> impl Iterator<Item = OfferRef<'_>> {
        self.outgoing.refs().chain(self.incoming.refs())
    }

    /// One file of an offer that is remembered.
    pub fn file(&self, way: Way, id: FileId) -> Option<FileRef<'_>> {
        match way {
            Way::Out => self.outgoing.file(id),
            Way::In => self.incoming.file(id),
        }
    }

    /// What must be done next. To be drained after every other call.
    pub fn poll_effect(&mut self) -> Option<TransferEffect> {
        self.effects.pop_front().or_else(|| self.outgoing.next_read())
    }

    fn changed(&mut self) {
        if self.effects.back() != Some(&TransferEffect::Changed) {
            self.effects.push_back(TransferEffect::Changed);
        }
    }

    // The person here

    /// The person has chosen these files for the other side.
    ///
    /// # Errors
    /// See [`OfferError`]; nothing is offered then.
    pub fn offer(&mut self, list: Vec<OfferedFile>, now: Moment) -> Result<OfferNumber, OfferError> {
        if list.is_empty() {
            return Err(OfferError::Empty);
        }
        if list.len() > MAX_OFFER_FILES {
            return Err(OfferError::TooManyFiles);
        }
        for (place, file) in (0_u32..).zip(&list) {
            let name = file.path.last().map(|part| safe_name(part.as_str())).unwrap_or_default();
            if !file.keeps_limits() {
                return Err(OfferError::CantBeSent(FileNumber(place)));
            }
            if !self.may_offer.has(FileKind::of_name(&name)) {
                return Err(OfferError::Forbidden(FileNumber(place)));
            }
        }
        if total_bytes(&list) > MAX_FILE_BYTES {
            return Err(OfferError::TooManyFiles);
        }
        let list_bytes: usize = list.iter().map(OfferedFile::list_bytes).sum();
        while !fits(self.outgoing.held(), list.len(), list_bytes) {
            if !self.outgoing.forget_oldest() {
                return Err(OfferError::TooManyFiles);
            }
        }
        if self.outgoing.held().open_offers >= MAX_OPEN_OFFERS || !self.offer.take(now) {
            return Err(OfferError::TooManyOffers);
        }
        if self.outgoing.len() >= MAX_OFFERS {
            self.outgoing.forget_oldest();
        }
        let number = self.outgoing.offer(list);
        self.changed();
        Ok(number)
    }

    /// The person wants those files of an offer for which `wants` says so, and
    /// no others. Whether there was something to answer.
    pub fn accept(&mut self, offer: OfferNumber, wants: &dyn Fn(u32) -> bool) -> bool {
        let Some(answer) = self.incoming.answer(offer, wants) else { return false };
        self.controls.push_back(answer);
        self.changed();
        true
    }

    /// The person wants no more of a file, or of all that is not done yet.
    /// Whether there was something to cancel.
    pub fn cancel(&mut self, way: Way, offer: OfferNumber, file: Option<FileNumber>) -> bool {
        let (message, ended) = match way {
            Way::Out => match self.outgoing.withdraw(offer, file) {
                Some((ended, message)) => (message, ended),
                None => return false,
            },
            Way::In => self.incoming.give_up(offer, file),
        };
        self.controls.extend(message);
        self.ended(way, &ended);
        !ended.is_empty()
    }

    /// The person pauses an offer or lets it go on. Whether that changes
    /// something.
    pub fn hold(&mut self, way: Way, offer: OfferNumber, paused: bool) -> bool {
        let (fits, message) = match way {
            Way::Out => (self.outgoing.hold_here(offer, paused), TransferMsg::Hold { offer, paused }),
            Way::In => (self.incoming.hold_here(offer, paused), TransferMsg::HoldYours { offer, paused }),
        };
        if fits {
            self.controls.push_back(message);
            self.changed();
        }
        fits
    }

    // Whoever reads and writes

    /// These bytes were asked for by [`TransferEffect::Read`]; `end` is the hash
    /// of the whole file, if it was the last.
    pub fn read(&mut self, file: FileId, offset: u64, bytes: Vec<u8>, end: Option<Sha256>) {
        self.outgoing.read(file, offset, bytes, end);
    }

    /// A file can't be read as it was offered.
    pub fn read_failed(&mut self, file: FileId, why: Withdrawal) {
        if self.outgoing.read_failed(file, why) {
            self.controls.push_back(TransferMsg::Withdraw { offer: file.offer, file: Some(file.file), why });
            self.ended(Way::Out, &[file]);
        }
    }

    /// The oldest [`TransferEffect::Write`] has been done, or could not be.
    pub fn wrote(&mut self, result: Result<(), GivingUp>) {
        let (message, ended) = self.incoming.wrote(result);
        self.controls.extend(message);
        self.ended(Way::In, &ended);
        self.changed();
    }

    /// A [`TransferEffect::Finish`] has been done, or could not be.
    pub fn finished(&mut self, file: FileId, result: Result<Sha256, GivingUp>) {
        let (message, ended) = self.incoming.finished(file, result);
        if let Some(message @ TransferMsg::Done { .. }) = message {
            self.controls.push_back(message);
            self.effects.push_back(TransferEffect::Over(Way::In, file));
            self.changed();
        } else {
            self.controls.extend(message);
            self.ended(Way::In, &ended);
        }
    }

    fn ended(&mut self, way: Way, files: &[FileId]) {
        for file in files {
            self.effects.push_back(match way {
                Way::Out => TransferEffect::CloseSource(*file),
                Way::In => TransferEffect::Discard(*file),
            });
            self.effects.push_back(TransferEffect::Over(way, *file));
        }
        if !files.is_empty() {
            self.changed();
        }
    }

    // The line

    /// The link is gone: nothing is sent until there is a new one.
    pub fn link_lost(&mut self) {
        self.line = Line::Down;
        self.changed();
    }

    /// There is a new link to the same program. Both sides say first how much
    /// has come.
    pub fn link_back(&mut self, now: Moment) {
        self.line = Line::Agreeing { told: false, heard: false };
        self.told_taken = 0;
        self.window.begin_anew(now);
        self.changed();
    }

    /// Whether [`Transfers::poll_message`] has something.
    pub fn has_message(&self) -> bool {
        match self.line {
            Line::Down => false,
            Line::Agreeing { told, .. } => !told,
            Line::Up => {
                self.log.has_old()
                    || self.told_taken < self.incoming.taken(self.received)
                    || !self.controls.is_empty()
                    || self.room().is_some() && (self.outgoing.has_list() || self.outgoing.has_piece())
            }
        }
    }

    fn room(&self) -> Option<usize> {
        self.window.room(self.log.in_flight_bytes())
    }

    /// The next message. To be called only when nothing waits to be sent: what
    /// is more urgent overtakes it that way.
    pub fn poll_message(&mut self, now: Moment) -> Option<TransferMsg> {
        match self.line {
            Line::Down | Line::Agreeing { told: true, .. } => return None,
            Line::Agreeing { told: false, heard } => {
                self.line = if heard { Line::Up } else { Line::Agreeing { told: true, heard } };
                return Some(TransferMsg::Resume(self.received));
            }
            Line::Up => {}
        }
        if let Some(old) = self.log.next_old(now) {
            return Some(old);
        }
        let taken = self.incoming.taken(self.received);
        // What a person said is ahead of what is always due while pieces come.
        let message = match self.controls.pop_front() {
            Some(message) => message,
            None if self.told_taken < taken => {
                self.told_taken = taken;
                return Some(TransferMsg::Taken(taken));
            }
            None => {
                let room = self.room()?;
                let list = self.outgoing.next_list();
                list.or_else(|| self.outgoing.next_piece(room))?
            }
        };
        self.log.push(&message, now);
        Some(message)
    }

    /// Takes a message of the other side.
    ///
    /// # Errors
    /// An honest program can't have sent this.
    pub fn handle(&mut self, message: TransferMsg, now: Moment) -> Result<(), Misbehaviour> {
        match (self.line, &message) {
            // Came before we knew that the link was gone.
            (Line::Down, _) => return Ok(()),
            (Line::Agreeing { told, heard: false }, TransferMsg::Resume(received)) => {
                self.log.resume(*received)?;
                self.line = if told { Line::Up } else { Line::Agreeing { told, heard: true } };
                return Ok(());
            }
            (_, TransferMsg::Resume(_)) | (Line::Agreeing { heard: false, .. }, _) => {
                return Err(Misbehaviour::TransferOrder);
            }
            (Line::Up | Line::Agreeing { heard: true, .. }, _) => {}
        }
        if self.log.len() > MAX_UNTAKEN {
            return Err(Misbehaviour::TransferFlood);
        }
        if message.is_counted() {
            self.received += 1;
        }
        self.handle_counted(message, now)
    }

    fn handle_counted(&mut self, message: TransferMsg, now: Moment) -> Result<(), Misbehaviour> {
        let cost_bytes = message.cost_bytes();
        match message {
            TransferMsg::Offer { offer, files, list } => return self.offered(offer, files, list, now),
            TransferMsg::More { offer, list } => {
                let is_whole = self.incoming.listed(offer, list)?;
                return self.listed(offer, is_whole);
            }
            TransferMsg::Answer { offer, accepted } => self.outgoing.answered(offer, &accepted)?,
            TransferMsg::Piece { file, offset, bytes } => {
                let before = self.received - 1;
                let effect = self.incoming.piece(file, offset, bytes, cost_bytes, before)?;
                self.effects.extend(effect);
                return Ok(());
            }
            TransferMsg::Whole { file, sha256 } => {
                let effect = self.incoming.whole(file, sha256)?;
                self.effects.extend(effect);
            }
            TransferMsg::Done { file, sha256 } => {
                self.outgoing.done(file, sha256)?;
                self.effects.push_back(TransferEffect::Over(Way::Out, file));
            }
            TransferMsg::Withdraw { offer, file, why } => {
                let ended = self.incoming.withdrawn(offer, file, why)?;
                self.ended(Way::In, &ended);
            }
            TransferMsg::GiveUp { offer, file, why } => {
                let ended = self.outgoing.given_up(offer, file, why)?;
                self.ended(Way::Out, &ended);
            }
            TransferMsg::Hold { offer, paused } => self.incoming.hold_there(offer, paused)?,
            TransferMsg::HoldYours { offer, paused } => self.outgoing.hold_there(offer, paused)?,
            TransferMsg::Taken(number) => {
                let answered = self.log.taken(number)?;
                if let Some(sent_at) = answered.newest {
                    self.window.answered(answered.bytes, sent_at, self.log.in_flight_bytes(), now);
                }
                for (file, up_to) in answered.pieces {
                    self.outgoing.taken(file, up_to);
                }
            }
            TransferMsg::Resume(_) => {}
        }
        self.changed();
        Ok(())
    }

    fn offered(
        &mut self,
        offer: OfferNumber,
        files: u32,
        list: Vec<OfferedFile>,
        now: Moment,
    ) -> Result<(), Misbehaviour> {
        if !self.take.take(now) {
            return Err(Misbehaviour::TransferFlood);
        }
        let held = self.incoming.held();
        if held.open_offers >= MAX_OPEN_OFFERS {
            return Err(Misbehaviour::TransferLimits);
        }
        if self.incoming.len() >= MAX_OFFERS {
            self.incoming.forget_oldest();
        }
        let is_whole = self.incoming.offered(offer, files, list)?;
        self.listed(offer, is_whole)
    }

    /// The list of an offer has grown.
    fn listed(&mut self, offer: OfferNumber, is_whole: bool) -> Result<(), Misbehaviour> {
        while !fits(self.incoming.held(), 0, 0) {
            if !self.incoming.forget_oldest() {
                return Err(Misbehaviour::TransferLimits);
            }
        }
        if is_whole {
            if self.incoming.is_forbidden(offer) {
                let answer = self.incoming.answer(offer, &|_| false);
                self.controls.extend(answer);
            } else {
                self.effects.push_back(TransferEffect::Asked(offer));
            }
            self.changed();
        }
        Ok(())
    }
}

/// Whether so many more files can be remembered.
const fn fits(held: Held, files: usize, list_bytes: usize) -> bool {
    held.files + files <= MAX_FILES && held.list_bytes + list_bytes <= MAX_LIST_BYTES
}

#[cfg(test)]
mod tests;
