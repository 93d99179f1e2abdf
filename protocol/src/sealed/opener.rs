//! The receiving end.

use super::{
    Direction, INNER_HEADER_BYTES, Piece, RecordError, Stream, TrafficSecret, cipher::tag_bytes, epoch::Epoch,
};
use crate::{handshake::Suite, time::Moment, wire::MAX_RECORD_PLAINTEXT_BYTES};
use alloc::vec::Vec;
use core::mem;
use zeroize::Zeroize;

/// Opens records of one direction and puts messages together. After the first
/// error it gives nothing more.
pub struct Opener {
    pub(super) epoch: Epoch,
    dead: bool,
    /// Plaintext of the record at hand; kept to save allocations.
    pub(super) plaintext: Vec<u8>,
    /// A stream of which nothing may come.
    refused: Option<Stream>,
    /// Messages that are not whole yet.
    unfinished: [Vec<u8>; Stream::COUNT],
}

impl Opener {
    /// From the secret for this direction.
    pub fn new(suite: Suite, secret: TrafficSecret, direction: Direction) -> Self {
        Self {
            epoch: Epoch::first(suite, direction, secret),
            dead: false,
            plaintext: Vec::new(),
            refused: None,
            unfinished: Default::default(),
        }
    }

    /// From here on nothing of this stream may come, not even a piece; `None` =
    /// every stream again. For a stream whose large messages nobody has agreed to:
    /// no memory is used for them.
    pub fn refuse(&mut self, stream: Option<Stream>) {
        self.refused = stream;
    }

    /// Takes one record. Gives a message when its last fragment is in.
    ///
    /// # Errors
    /// See [`RecordError`]: the session must end.
    pub fn open(&mut self, record: &[u8], _now: Moment) -> Result<Option<(Stream, Vec<u8>)>, RecordError> {
        if self.dead {
            return Err(RecordError::Dead);
        }
        let result = self.decrypt(record).and_then(|()| self.take_fragment());
        if result.is_err() {
            self.dead = true;
            self.erase();
        }
        result
    }

    /// Verifies and decrypts into `self.plaintext`. Until the tag is found
    /// good nothing of `self` changes.
    fn decrypt(&mut self, record: &[u8]) -> Result<(), RecordError> {
        let (epoch, rest) = record.split_first_chunk().ok_or(RecordError::Malformed)?;
        let (length, rest) = rest.split_first_chunk().ok_or(RecordError::Malformed)?;
        let (number, length) = (u32::from_be_bytes(*epoch), u16::from_be_bytes(*length));
        let bytes = usize::from(length);
        if !(INNER_HEADER_BYTES..=MAX_RECORD_PLAINTEXT_BYTES).contains(&bytes) {
            return Err(RecordError::Malformed);
        }
        let (ciphertext, tag) = rest.split_at_checked(bytes).ok_or(RecordError::Malformed)?;
        if tag.len() != tag_bytes(self.epoch.suite()) {
            return Err(RecordError::Malformed);
        }

        let mut stepped = None;
        let epoch = if number == self.epoch.number() {
            &self.epoch
        } else if number.checked_sub(1) == Some(self.epoch.number()) {
            &*stepped.insert(self.epoch.next().ok_or(RecordError::Epoch)?)
        } else {
            return Err(RecordError::Epoch);
        };
        if !epoch.has_room(bytes) {
            return Err(RecordError::KeyLimit);
        }
        let (seq, aad) = (epoch.next_seq(), epoch.aad(length));
        epoch.cipher().open(seq, &aad, ciphertext, tag, &mut self.plaintext).map_err(|_| RecordError::Tag)?;

        if let Some(stepped) = stepped {
            self.epoch = stepped;
        }
        self.epoch.count(bytes);
        Ok(())
    }

    /// Adds the fragment in `self.plaintext` to its message.
    fn take_fragment(&mut self) -> Result<Option<(Stream, Vec<u8>)>, RecordError> {
        let ([kind, high, low], rest) = self.plaintext.split_first_chunk().ok_or(RecordError::Inner)?;
        let (stream, piece) = Piece::from_kind(*kind).ok_or(RecordError::Inner)?;
        if self.refused == Some(stream) {
            return Err(RecordError::Inner);
        }
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let (content, padding) = rest.split_at_checked(length).ok_or(RecordError::Inner)?;
        let one_form = self.plaintext.len() == stream.plaintext_bytes(length)
            && length <= stream.fragment_limit()
            && padding.iter().all(|byte| *byte == 0);
        let message = self.unfinished.get_mut(stream.index()).ok_or(RecordError::Inner)?;
        let right_length = match piece {
            // A message in more pieces than it needs is no form of ours, and
            // empty pieces without end would cost work for nothing.
            Piece::More => length == stream.fragment_limit(),
            Piece::Last => true,
            Piece::Cancelled => length == 0 && !message.is_empty(),
        };
        if !one_form || !right_length {
            return Err(RecordError::Inner);
        }
        if message.len() + length > stream.message_limit() {
            return Err(RecordError::MessageTooLong);
        }
        message.extend_from_slice(content);
        let whole = match piece {
            Piece::More => None,
            Piece::Last => Some((stream, mem::take(message))),
            Piece::Cancelled => {
                *message = Vec::new();
                None
            }
        };
        if stream.is_padded() {
            self.plaintext.zeroize();
        }
        Ok(whole)
    }

    fn erase(&mut self) {
        self.plaintext.zeroize();
        for message in &mut self.unfinished {
            message.zeroize();
        }
    }
}

impl Drop for Opener {
    fn drop(&mut self) {
        self.erase();
    }
}
