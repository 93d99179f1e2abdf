//! The sending end.

use super::{
    Direction, Fragments, HEADER_BYTES, Piece, SealError, Stream, TrafficSecret, cipher::tag_bytes, epoch::Epoch,
};
use crate::{handshake::Suite, time::Moment};
use alloc::vec::Vec;

/// Seals messages into records, one direction of a session. Changes its key by
/// itself when the limits of the suite say so.
pub struct Sealer {
    epoch: Epoch,
    /// First use of the present key.
    epoch_began: Option<Moment>,
    /// Streams with a message that is begun and not whole.
    busy: [bool; Stream::COUNT],
}

impl Sealer {
    /// From the secret for this direction.
    pub fn new(suite: Suite, secret: TrafficSecret, direction: Direction) -> Self {
        Self { epoch: Epoch::first(suite, direction, secret), epoch_began: None, busy: [false; Stream::COUNT] }
    }

    /// Seals the next piece of a message into one record; `None` when the
    /// message is done.
    ///
    /// # Errors
    /// See [`SealError`]; nothing has been sealed then.
    pub fn seal_fragment(&mut self, fragments: &mut Fragments, now: Moment) -> Result<Option<Vec<u8>>, SealError> {
        if fragments.is_done() {
            return Ok(None);
        }
        let stream = fragments.stream();
        let (length, limit) = (fragments.message_bytes(), stream.message_limit());
        if length > limit {
            return Err(SealError::TooLong { length, limit });
        }
        if !fragments.is_begun() && self.is_busy(stream) {
            return Err(SealError::StreamBusy);
        }
        let (content, piece) = fragments.piece();
        let bytes = content.len();
        let record = self.seal(stream, content, piece, now)?;
        fragments.advance(bytes, piece);
        Ok(Some(record))
    }

    /// Seals a whole message and hands over its records, one a call of `out`.
    ///
    /// # Errors
    /// See [`SealError`]. After `Exhausted` a part may have been handed over;
    /// the session is over then anyway.
    pub fn seal_message(
        &mut self,
        stream: Stream,
        message: &[u8],
        now: Moment,
        out: &mut dyn FnMut(&[u8]),
    ) -> Result<(), SealError> {
        let mut fragments = Fragments::new(stream, message.into());
        while let Some(record) = self.seal_fragment(&mut fragments, now)? {
            out(&record);
        }
        Ok(())
    }

    fn is_busy(&self, stream: Stream) -> bool {
        self.busy.get(stream.index()).copied().unwrap_or_default()
    }

    fn seal(&mut self, stream: Stream, content: &[u8], piece: Piece, now: Moment) -> Result<Vec<u8>, SealError> {
        let plaintext_bytes = stream.plaintext_bytes(content.len());
        let age = self.epoch_began.map(|began| now.since(began)).unwrap_or_default();
        if !self.epoch.has_room(plaintext_bytes) || self.epoch.is_too_old(age) {
            self.epoch = self.epoch.next().ok_or(SealError::Exhausted)?;
            self.epoch_began = None;
        }
        self.epoch_began.get_or_insert(now);

        // Both lengths are at most 16 384: the stream's fragment limit.
        let (length, content_length) = (plaintext_bytes as u16, content.len() as u16);
        let mut record = Vec::with_capacity(HEADER_BYTES + plaintext_bytes + tag_bytes(self.epoch.suite()));
        record.extend_from_slice(&self.epoch.number().to_be_bytes());
        record.extend_from_slice(&length.to_be_bytes());
        record.push(piece.kind(stream));
        record.extend_from_slice(&content_length.to_be_bytes());
        record.extend_from_slice(content);
        record.resize(HEADER_BYTES + plaintext_bytes, 0);
        let aad = self.epoch.aad(length);
        let plaintext = record.get_mut(HEADER_BYTES..).unwrap_or_default();
        let tag = self.epoch.cipher().seal(self.epoch.next_seq(), &aad, plaintext);
        record.extend_from_slice(tag.as_slice());
        self.epoch.count(plaintext_bytes);
        if let Some(busy) = self.busy.get_mut(stream.index()) {
            *busy = piece == Piece::More;
        }
        Ok(record)
    }
}
