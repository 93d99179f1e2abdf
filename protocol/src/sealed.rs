//! Sealed records: messages, encrypted and authenticated from program to
//! program, over an ordered stream that the broker relays.
//!
//! ```text
//! record = epoch u32 | len u16 | ciphertext[len] | tag
//! inner  = kind u8 | content length u16 | content | zeros
//! kind   = stream << 1 | last fragment        (0x80 more: message broken off)
//! AAD    = suite u16 | direction u8 | epoch u32 | seq u64 | len u16
//! ```
//! `seq` counts the records of an epoch from 0 and is not sent, so a record
//! that was lost, repeated, moved or taken from elsewhere fails its tag. A
//! message may span several records, and fragments of different streams may
//! alternate: input never waits behind a picture.
//!
//! `blowfish128-ctr-hmac-sha256`: 16 bytes of cipher key and 32 of MAC key per
//! epoch; counter block `seq << 32 | block`; encrypt, then HMAC over
//! `AAD | ciphertext`, 32 bytes of tag. With blocks of 64 bits the key changes
//! after 2^17 blocks (1 MiB), 2^16 records or ten minutes; the receiver
//! enforces blocks and records. `chacha20-poly1305`: key 32, iv 12, nonce =
//! iv xor seq; 1 GiB or an hour.
//!
//! The attacker reads and changes everything on the way. The receiver verifies
//! before it decrypts and before any state changes. After an error it is dead
//! for good: a stream that lost its order can't be trusted again. The peer,
//! who has the keys, is hostile too: lengths are checked before anything is
//! allocated, and buffers grow with received bytes only.
//!
//! Type, stream and true length are inside. Control, input and chat go in
//! records of 64, 256 or 1024 bytes; sizes and times of pictures and files are
//! visible to the broker.

mod cipher;
mod epoch;
mod fragments;
mod opener;
mod sealer;

pub use fragments::Fragments;
pub use opener::Opener;
pub use sealer::Sealer;

use crate::{handshake::Suite, keys::Key, wire};

/// Bytes before the ciphertext of a record.
const HEADER_BYTES: usize = 6;
/// Bytes before the content, inside.
const INNER_HEADER_BYTES: usize = 3;

/// Which way records go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the advisor's program to the customer's.
    AdvisorToCustomer,
    /// From the customer's program to the advisor's.
    CustomerToAdvisor,
}

impl Direction {
    /// The other way.
    #[must_use]
    pub const fn reverse(self) -> Self {
        match self {
            Self::AdvisorToCustomer => Self::CustomerToAdvisor,
            Self::CustomerToAdvisor => Self::AdvisorToCustomer,
        }
    }

    const fn wire_id(self) -> u8 {
        match self {
            Self::AdvisorToCustomer => 0,
            Self::CustomerToAdvisor => 1,
        }
    }
}

/// Messages of one stream keep their order; streams do not wait for each
/// other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stream {
    /// Consent, grants, the state of the session.
    Control,
    /// Remote input.
    Input,
    /// Chat.
    Chat,
    /// The picture.
    Picture,
    /// Files.
    File,
}

impl Stream {
    /// How many there are.
    const COUNT: usize = 5;

    const fn wire_id(self) -> u8 {
        match self {
            Self::Control => 0,
            Self::Input => 1,
            Self::Chat => 2,
            Self::Picture => 3,
            Self::File => 4,
        }
    }

    const fn from_wire_id(id: u8) -> Option<Self> {
        match id {
            0 => Some(Self::Control),
            1 => Some(Self::Input),
            2 => Some(Self::Chat),
            3 => Some(Self::Picture),
            4 => Some(Self::File),
            _ => None,
        }
    }

    const fn index(self) -> usize {
        self.wire_id() as usize
    }

    /// Largest message of this stream, in bytes.
    pub const fn message_limit(self) -> usize {
        match self {
            Self::Picture => wire::MAX_PICTURE_MESSAGE_BYTES,
            Self::Control | Self::Input | Self::Chat | Self::File => wire::MAX_CONTROL_MESSAGE_BYTES,
        }
    }

    /// Whether its records hide their true length.
    const fn is_padded(self) -> bool {
        match self {
            Self::Control | Self::Input | Self::Chat => true,
            Self::Picture | Self::File => false,
        }
    }

    /// Most content of one record, in bytes.
    const fn fragment_limit(self) -> usize {
        let [.., largest_class] = PADDED_BYTES;
        let plaintext = if self.is_padded() { largest_class } else { wire::MAX_RECORD_PLAINTEXT_BYTES };
        plaintext - INNER_HEADER_BYTES
    }

    /// Bytes of plaintext for so much content: there is one form only.
    fn plaintext_bytes(self, content_bytes: usize) -> usize {
        let bytes = INNER_HEADER_BYTES + content_bytes;
        if !self.is_padded() {
            return bytes;
        }
        PADDED_BYTES.into_iter().find(|class| *class >= bytes).unwrap_or(bytes)
    }
}

/// What a record carries of a message.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Piece {
    /// A piece, and more follow.
    More,
    /// The last piece.
    Last,
    /// Nothing: the message that has begun will not be finished.
    Cancelled,
}

impl Piece {
    const CANCELLED: u8 = 0x80;

    const fn kind(self, stream: Stream) -> u8 {
        let kind = stream.wire_id() << 1;
        match self {
            Self::More => kind,
            Self::Last => kind | 1,
            Self::Cancelled => kind | 1 | Self::CANCELLED,
        }
    }

    fn from_kind(kind: u8) -> Option<(Stream, Self)> {
        let stream = Stream::from_wire_id((kind & !Self::CANCELLED) >> 1)?;
        let piece = match (kind & Self::CANCELLED != 0, kind & 1 == 1) {
            (false, false) => Self::More,
            (false, true) => Self::Last,
            (true, true) => Self::Cancelled,
            (true, false) => return None,
        };
        Some((stream, piece))
    }
}

/// Sizes of padded plaintexts.
const PADDED_BYTES: [usize; 3] = [64, 256, 1024];

/// The secret that the keys of one direction come from.
#[derive(Clone)]
pub struct TrafficSecret(Key);

impl TrafficSecret {
    pub(crate) fn from_key(key: Key) -> Self {
        Self(key)
    }
}

/// Secrets of both directions, as one side sees them.
pub struct TrafficKeys {
    /// For what this side sends.
    pub send: TrafficSecret,
    /// For what this side receives.
    pub receive: TrafficSecret,
    /// Which way this side sends.
    pub sends: Direction,
}

impl TrafficKeys {
    /// Both ends of this side.
    pub fn into_channel(self, suite: Suite) -> (Sealer, Opener) {
        (Sealer::new(suite, self.send, self.sends), Opener::new(suite, self.receive, self.sends.reverse()))
    }
}

/// Why a message can't be sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Longer than its stream allows. Nothing has been sealed of it.
    #[error("message of {length} bytes, at most {limit} are allowed")]
    TooLong {
        /// Its length.
        length: usize,
        /// Length allowed.
        limit: usize,
    },
    /// Another message of this stream has begun and is not whole yet.
    #[error("another message of this stream is not whole yet")]
    StreamBusy,
    /// All epochs are used up; the session must end.
    #[error("no key is left")]
    Exhausted,
}

/// Why a record ends the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Its length fits no record.
    #[error("not the form of a record")]
    Malformed,
    /// Its epoch is neither this nor the next.
    #[error("epoch out of order")]
    Epoch,
    /// More under one key than that key may protect.
    #[error("key used beyond its limit")]
    KeyLimit,
    /// Changed, lost, repeated, moved, or sealed with other keys.
    #[error("the tag is wrong")]
    Tag,
    /// The peer sealed something that has no meaning.
    #[error("authentic but not the form of a fragment")]
    Inner,
    /// A message longer than its stream allows.
    #[error("message over the limit of its stream")]
    MessageTooLong,
    /// An earlier record ended this session.
    #[error("the session has ended with an earlier record")]
    Dead,
}

#[cfg(test)]
mod tests;
