//! A message on its way into records.

use super::Stream;
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
pub(super) enum Progress {
    Unbegun,
    Begun,
    Whole,
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
        matches!(self.state, Progress::Begun | Progress::Whole)
    }

    /// Whether all of it is sealed.
    pub const fn is_whole(&self) -> bool {
        matches!(self.state, Progress::Whole)
    }

    /// Bytes of content that are not sealed yet.
    pub const fn remaining_bytes(&self) -> usize {
        self.message.len() - self.sealed_bytes
    }

    pub(super) const fn message_bytes(&self) -> usize {
        self.message.len()
    }

    /// The next piece, and whether it is the last.
    pub(super) fn piece(&self) -> (&[u8], bool) {
        let rest = self.message.get(self.sealed_bytes..).unwrap_or_default();
        let limit = self.stream.fragment_limit();
        match rest.split_at_checked(limit) {
            Some((piece, more)) if !more.is_empty() => (piece, false),
            _ => (rest, true),
        }
    }

    pub(super) const fn advance(&mut self, bytes: usize, last: bool) {
        self.sealed_bytes += bytes;
        self.state = if last { Progress::Whole } else { Progress::Begun };
    }
}

/// What people type passes here, passwords too.
impl Drop for Fragments {
    fn drop(&mut self) {
        if self.stream.is_padded() {
            self.message.zeroize();
        }
    }
}
