//! A message on its way into records.

use super::{Piece, Stream};
use alloc::vec::Vec;
use zeroize::Zeroize;

/// One message that is sealed piece by piece, so that other streams can go in
/// between.
pub struct Fragments {
    stream: Stream,
    message: Vec<u8>,
    sealed_bytes: usize,
    state: Progress,
}

/// How far a message has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    Unbegun,
    Begun,
    /// Broken off, which the other side has still to be told.
    Cancelled,
    Done,
}

impl Fragments {
    /// A message that is to go in this stream.
    pub const fn new(stream: Stream, message: Vec<u8>) -> Self {
        Self { stream, message, sealed_bytes: 0, state: Progress::Unbegun }
    }

    /// Its stream.
    pub const fn stream(&self) -> Stream {
        self.stream
    }

    /// Whether a part of it is sealed: then the rest must follow, or nothing
    /// else can go in its stream.
    pub const fn is_begun(&self) -> bool {
        match self.state {
            Progress::Unbegun => false,
            Progress::Begun | Progress::Cancelled | Progress::Done => true,
        }
    }

    /// Whether nothing of it is left to seal.
    pub const fn is_done(&self) -> bool {
        matches!(self.state, Progress::Done)
    }

    /// Breaks the message off: none of its content is sealed any more. If a
    /// part was sealed already, one record follows that makes the other side
    /// forget that part.
    pub fn cancel(&mut self) {
        self.state = match self.state {
            Progress::Unbegun | Progress::Done => Progress::Done,
            Progress::Begun | Progress::Cancelled => Progress::Cancelled,
        };
        self.erase();
        self.message = Vec::new();
        self.sealed_bytes = 0;
    }

    /// Bytes of content that are not sealed yet.
    pub const fn remaining_bytes(&self) -> usize {
        self.message.len() - self.sealed_bytes
    }

    pub(super) const fn message_bytes(&self) -> usize {
        self.message.len()
    }

    /// The next piece, and what it is.
    pub(super) fn piece(&self) -> (&[u8], Piece) {
        if self.state == Progress::Cancelled {
            return (&[], Piece::Cancelled);
        }
        let rest = self.message.get(self.sealed_bytes..).unwrap_or_default();
        let limit = self.stream.fragment_limit();
        match rest.split_at_checked(limit) {
            Some((piece, more)) if !more.is_empty() => (piece, Piece::More),
            _ => (rest, Piece::Last),
        }
    }

    pub(super) const fn advance(&mut self, bytes: usize, piece: Piece) {
        self.sealed_bytes += bytes;
        self.state = match piece {
            Piece::More => Progress::Begun,
            Piece::Last | Piece::Cancelled => Progress::Done,
        };
    }

    /// What people type passes here, passwords too.
    fn erase(&mut self) {
        if self.stream.is_padded() {
            self.message.zeroize();
        }
    }
}

impl Drop for Fragments {
    fn drop(&mut self) {
        self.erase();
    }
}
