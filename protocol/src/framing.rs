//! Frames between a program and the broker, inside TLS.
//!
//! `kind u8 | length u16 | body`, big endian. Kind 0 is a control message of
//! [`crate::broker_msg`], kind 1 is relayed to the paired side as it is: the
//! broker reads no more of it than these three bytes. Keeping the header after
//! pairing lets the broker say "your peer has left" or "I restart" in between,
//! and lets a connection return to the lobby when a session ends.
//!
//! The attacker is any client of the broker, and the broker itself: a length
//! over the limit ends the connection before anything is allocated for it.

use crate::wire::{MAX_BROKER_MESSAGE_BYTES, MAX_FRAME_BODY_BYTES};
use alloc::vec::Vec;

/// Length of a frame's header in bytes.
pub const FRAME_HEADER_BYTES: usize = 3;

/// What a frame carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FrameKind {
    /// A message to or from the broker.
    Control,
    /// Bytes for the paired side.
    Relay,
}

/// Why bytes are not a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The kind is none of ours.
    #[error("unknown frame kind {0}")]
    UnknownKind(u8),
    /// The body is over the limit for its kind.
    #[error("frame of {length} bytes, at most {limit} are allowed")]
    TooLong {
        /// Length announced or given.
        length: usize,
        /// Length allowed.
        limit: usize,
    },
}

impl FrameKind {
    const fn limit(self) -> usize {
        match self {
            Self::Control => MAX_BROKER_MESSAGE_BYTES,
            Self::Relay => MAX_FRAME_BODY_BYTES,
        }
    }

    const fn byte(self) -> u8 {
        match self {
            Self::Control => 0,
            Self::Relay => 1,
        }
    }
}

/// The header of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHeader {
    /// What the body is.
    pub kind: FrameKind,
    /// Bytes of body that follow.
    pub body_bytes: usize,
}

impl FrameHeader {
    /// Reads a header and checks it against the limits.
    ///
    /// # Errors
    /// Unknown kind, or a body over the limit.
    pub fn parse(bytes: [u8; FRAME_HEADER_BYTES]) -> Result<Self, FrameError> {
        let [kind, high, low] = bytes;
        let kind = match kind {
            0 => FrameKind::Control,
            1 => FrameKind::Relay,
            other => return Err(FrameError::UnknownKind(other)),
        };
        let body_bytes = usize::from(u16::from_be_bytes([high, low]));
        if body_bytes > kind.limit() {
            return Err(FrameError::TooLong { length: body_bytes, limit: kind.limit() });
        }
        Ok(Self { kind, body_bytes })
    }
}

/// Appends a frame to `out`.
///
/// # Errors
/// A body over the limit; `out` is unchanged then.
pub fn write_frame(kind: FrameKind, body: &[u8], out: &mut Vec<u8>) -> Result<(), FrameError> {
    let too_long = FrameError::TooLong { length: body.len(), limit: kind.limit() };
    if body.len() > kind.limit() {
        return Err(too_long);
    }
    let length = u16::try_from(body.len()).map_err(|_| too_long)?;
    out.reserve(FRAME_HEADER_BYTES + body.len());
    out.push(kind.byte());
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(body);
    Ok(())
}

/// Takes bytes in pieces of any size and gives whole frames back. Holds at
/// most one incomplete frame and what the last piece brought.
#[derive(Debug, Default)]
pub struct FrameReader {
    buffer: Vec<u8>,
    /// Bytes at the start of `buffer` that have been given out.
    taken: usize,
}

impl FrameReader {
    /// An empty reader.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds bytes from the stream.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.taken > 0 {
            self.buffer.drain(..self.taken);
            self.taken = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole frame's kind and body, if one is there. Call until it
    /// gives `None`.
    ///
    /// # Errors
    /// The stream is not one of ours; the connection must end.
    pub fn next_frame(&mut self) -> Result<Option<(FrameKind, &[u8])>, FrameError> {
        let rest = self.buffer.get(self.taken..).unwrap_or_default();
        let Some((header, body)) = rest.split_first_chunk::<FRAME_HEADER_BYTES>() else {
            return Ok(None);
        };
        let header = FrameHeader::parse(*header)?;
        let Some(body) = body.get(..header.body_bytes) else {
            return Ok(None);
        };
        self.taken += FRAME_HEADER_BYTES + header.body_bytes;
        Ok(Some((header.kind, body)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_back_from_pieces_of_any_size() {
        let mut stream = Vec::new();
        write_frame(FrameKind::Control, b"one", &mut stream).unwrap();
        write_frame(FrameKind::Relay, &[7; MAX_FRAME_BODY_BYTES], &mut stream).unwrap();
        write_frame(FrameKind::Relay, b"", &mut stream).unwrap();
        for piece in [1, 2, 3, 1000, stream.len()] {
            let mut reader = FrameReader::new();
            let mut seen = Vec::new();
            for bytes in stream.chunks(piece) {
                reader.push(bytes);
                while let Some((kind, body)) = reader.next_frame().unwrap() {
                    seen.push((kind, body.len()));
                }
            }
            let whole = [(FrameKind::Control, 3), (FrameKind::Relay, MAX_FRAME_BODY_BYTES), (FrameKind::Relay, 0)];
            assert_eq!(seen, whole, "in pieces of {piece}");
        }
    }

    #[test]
    fn oversized_frames_are_refused_by_their_header_alone() {
        let mut reader = FrameReader::new();
        reader.push(&[0, 0xff, 0xff]);
        assert_eq!(reader.next_frame(), Err(FrameError::TooLong { length: 65_535, limit: MAX_BROKER_MESSAGE_BYTES }));
        let mut reader = FrameReader::new();
        reader.push(&[2, 0, 0]);
        assert_eq!(reader.next_frame(), Err(FrameError::UnknownKind(2)));
        let mut out = alloc::vec![9];
        assert!(write_frame(FrameKind::Relay, &[0; MAX_FRAME_BODY_BYTES + 1], &mut out).is_err());
        assert_eq!(out, [9]);
    }

    #[test]
    fn the_wire_form_is_fixed() {
        let mut out = Vec::new();
        write_frame(FrameKind::Relay, b"hi", &mut out).unwrap();
        assert_eq!(out, [1, 0, 2, b'h', b'i']);
    }
}
