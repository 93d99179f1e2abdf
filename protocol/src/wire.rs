//! Every version and limit of the wire in one place, and the only door to
//! bincode.
//!
//! Version history: 1 = first; 3 = a failed sign-in tells the tries left,
//! refusals after the right password, passwords changed over the wire; 4 = the
//! second factor, workplaces, one sign-in at a time, sessions ended by the
//! company, the company's rules; 5 = chat, clipboards, files, sessions that go on
//! after a cut, portraits of advisors and the company's logo, receipts, pointing
//! and marks, asking to be shown something, a picture begun afresh; 6 =
//! recordings; 7 = the direction can be turned, customers answer two questions
//! after a session; 8 = numbers booked for appointments.

use bincode::{Decode, Encode, config};

/// Version of the broker protocol and of the messages between the peers.
pub const PROTOCOL_VERSION: u16 = 11;
/// Name of the file beside a program that holds the broker's address, so that
/// a customer types the number only.
pub const ADDRESS_FILE: &str = "mitblick-broker.address";
/// ALPN name of the broker protocol inside TLS.
pub const ALPN: &[u8] = b"mitblick/1";

/// Largest body of a frame between a program and the broker, in bytes. A
/// sealed record (16 384 bytes of plaintext, header, tag) fits.
pub const MAX_FRAME_BODY_BYTES: usize = 16_384 + 64;
/// Largest control message to or from the broker, in bytes.
pub const MAX_BROKER_MESSAGE_BYTES: usize = 4_096;
/// Largest plaintext of one sealed record, in bytes.
pub const MAX_RECORD_PLAINTEXT_BYTES: usize = 16_384;
/// Largest peer message of the control and input streams, in bytes.
pub const MAX_CONTROL_MESSAGE_BYTES: usize = 64 * 1024;
/// Largest picture message (one frame of all surfaces), in bytes.
pub const MAX_PICTURE_MESSAGE_BYTES: usize = 64 * 1024 * 1024;

/// Largest advisor's card in m1 of the handshake, in bytes.
pub const MAX_CARD_BYTES: usize = 1_024;
/// Largest policy without its signature, in bytes.
pub const MAX_POLICY_BYTES: usize = 1_024;

/// Width and height of an advisor's portrait, in pixels.
pub const PORTRAIT_SIDE_PX: u16 = 128;
/// Greatest width of the company's logo, in pixels.
pub const LOGO_WIDTH_PX: u16 = 240;
/// Greatest height of the company's logo, in pixels.
pub const LOGO_HEIGHT_PX: u16 = 64;
/// Longest image: the largest logo, four bytes a pixel, and its size.
pub const MAX_IMAGE_BYTES: usize = 4 + LOGO_WIDTH_PX as usize * LOGO_HEIGHT_PX as usize * 4;
/// Bytes of every part of an image but the last.
pub const IMAGE_PART_BYTES: usize = 4_000;
/// Parts of an image that one question is answered with, so that what is more
/// urgent never waits behind many.
pub const IMAGE_PARTS_AT_ONCE: u16 = 4;

/// Most surfaces shown at once.
pub const MAX_SURFACES: usize = 256;
/// Longest side of a surface, in pixels.
pub const MAX_SURFACE_SIDE_PX: u32 = 16_384;
/// Most pixels of all surfaces together.
pub const MAX_TOTAL_PIXELS: u64 = 128 * 1024 * 1024;
/// Longest side of a cursor picture, in pixels.
pub const MAX_CURSOR_SIDE_PX: u32 = 256;
/// Longest title or name on the wire, in bytes of UTF-8.
pub const MAX_TEXT_BYTES: usize = 256;

/// Why bytes are not a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// Longer than the limit for its kind.
    #[error("message of {length} bytes, at most {limit} are allowed")]
    TooLong {
        /// Length found.
        length: usize,
        /// Length allowed.
        limit: usize,
    },
    /// Not a message that this version knows.
    #[error("malformed or unknown message")]
    Malformed,
    /// A whole message, and then more.
    #[error("{0} bytes after the message")]
    Trailing(usize),
}

/// The bytes of a message: bincode 2, big endian, variable-length integers.
///
/// # Errors
/// Never for types whose encoding can't fail; `Malformed` otherwise.
pub fn encode<T: Encode>(message: &T) -> Result<alloc::vec::Vec<u8>, WireError> {
    bincode::encode_to_vec(message, config::standard().with_big_endian()).map_err(|_| WireError::Malformed)
}

/// The message that the bytes are, all of them. `LIMIT` bounds the bytes taken
/// and, by bincode's own count, what is allocated while reading.
///
/// # Errors
/// See [`WireError`].
pub fn decode<T: Decode<()>, const LIMIT: usize>(bytes: &[u8]) -> Result<T, WireError> {
    if bytes.len() > LIMIT {
        return Err(WireError::TooLong { length: bytes.len(), limit: LIMIT });
    }
    let config = config::standard().with_big_endian().with_limit::<LIMIT>();
    let (message, used) = bincode::decode_from_slice(bytes, config).map_err(|_| WireError::Malformed)?;
    match bytes.len() - used {
        0 => Ok(message),
        rest => Err(WireError::Trailing(rest)),
    }
}
