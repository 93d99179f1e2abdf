//! Counted messages that were sent and not dealt with at the other side yet:
//! what a cut may have swallowed is sent again from here.

use super::messages::{FileId, TransferMsg};
use crate::{session::Misbehaviour, time::Moment};
use alloc::{collections::VecDeque, vec::Vec};

#[derive(Debug)]
struct Sent {
    message: TransferMsg,
    at: Moment,
}

/// What an answer of the other side was for.
#[derive(Debug, Default)]
pub(super) struct Answered {
    pub(super) bytes: usize,
    /// When the newest was sent.
    pub(super) newest: Option<Moment>,
    /// How far these files have come.
    pub(super) pieces: Vec<(FileId, u64)>,
}

/// See the module's documentation.
#[derive(Debug, Default)]
pub(super) struct Log {
    sent: VecDeque<Sent>,
    /// Number of the newest; counts from 1.
    newest: u64,
    in_flight_bytes: usize,
    /// How many of the oldest need not be sent again.
    known: usize,
}

impl Log {
    pub(super) const fn in_flight_bytes(&self) -> usize {
        self.in_flight_bytes
    }

    pub(super) fn len(&self) -> usize {
        self.sent.len()
    }

    pub(super) fn push(&mut self, message: &TransferMsg, now: Moment) {
        self.in_flight_bytes += message.cost_bytes();
        self.sent.push_back(Sent { message: message.clone(), at: now });
        self.newest += 1;
        self.known += 1;
    }

    /// Whether there is something to send again.
    pub(super) fn has_old(&self) -> bool {
        self.known < self.sent.len()
    }

    /// The next message to send again.
    pub(super) fn next_old(&mut self, now: Moment) -> Option<TransferMsg> {
        let sent = self.sent.get_mut(self.known)?;
        self.known += 1;
        sent.at = now;
        Some(sent.message.clone())
    }

    /// How many of the sent messages are the oldest up to this number.
    fn up_to(&self, number: u64) -> Result<usize, Misbehaviour> {
        let oldest = self.newest - self.sent.len() as u64;
        if number < oldest || number > self.newest {
            return Err(Misbehaviour::TransferOrder);
        }
        usize::try_from(number - oldest).map_err(|_| Misbehaviour::TransferOrder)
    }

    /// The other side has dealt with all up to this number.
    pub(super) fn taken(&mut self, number: u64) -> Result<Answered, Misbehaviour> {
        let count = self.up_to(number)?;
        if count > self.known {
            return Err(Misbehaviour::TransferOrder);
        }
        let mut answered = Answered::default();
        for sent in self.sent.drain(..count) {
            answered.bytes += sent.message.cost_bytes();
            answered.newest = Some(sent.at);
            if let TransferMsg::Piece { file, offset, bytes } = sent.message {
                answered.pieces.push((file, offset + bytes.len() as u64));
            }
        }
        self.known -= count;
        self.in_flight_bytes = self.in_flight_bytes.saturating_sub(answered.bytes);
        Ok(answered)
    }

    /// A new link: the other side has all up to this number; the rest is sent
    /// again.
    pub(super) fn resume(&mut self, number: u64) -> Result<(), Misbehaviour> {
        self.known = self.up_to(number)?;
        Ok(())
    }
}
