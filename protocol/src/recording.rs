//! Recordings: who may open one, and the sealed form in which it lies on the
//! watcher's machine.
//!
//! The shower's program makes a *code* of 128 random bits when its person
//! allows a recording, shows it to that person alone, and tells the watcher
//! the public key that follows from it. The watcher's program seals what it
//! records to that key while it comes in, and forgets how: from the end of the
//! recording on nobody opens it without the code, not even the program that
//! made it. If both are to agree, the key of the file depends on a share of the
//! watcher's installation too.
//!
//! ```text
//! file   = "MITBLICK-RECORDING-1" | header | chunk*
//! header = owners (1) | customer's key (32) | one-time key (32) | begun (8)
//! key    = HKDF-SHA256(salt = file's beginning up to here,
//!                      ikm  = X25519(one-time key, customer's key) | share (32),
//!                      info = "MITBLICK-RECORDING-1 key")
//! chunk  = head | ChaCha20-Poly1305(key, nonce = 0 (4) | place (8),
//!                                   aad = head, content)
//! head   = length of what follows (4) | kind (1) | begins at (8)
//! ```
//! The share is zero for a recording that the customer's side opens alone. The
//! place counts chunks from 0, times are milliseconds since the beginning, all
//! numbers are big endian. A chunk of [`ChunkKind::Last`] ends the file: one
//! that was cut short is known as such, as in Rogaway's STREAM construction.
//! Heads are readable, so that a place in the recording is found without
//! opening all before it; they tell how much changed when, and nothing else.

mod code;
mod seal;
mod tape;

pub use code::{CodeError, RecordingCode, RecordingKey};
pub use seal::{
    CHUNK_HEAD_BYTES, ChunkHead, ChunkKind, FILE_HEADER_BYTES, FileHeader, MAX_CHUNK_BYTES, OpenError, Opener, Sealer,
    Share, TAG_BYTES,
};
pub use tape::{About, Change, Step, decode_steps, encode_steps};

use bincode::{Decode, Encode};

/// Whose agreement opens a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
pub enum RecordingOwners {
    /// The shower's person alone.
    Shower,
    /// Both: the shower's person with the code, and the watcher's installation.
    Both,
}

#[cfg(test)]
mod tests;
