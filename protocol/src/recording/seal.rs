//! Seals a recording while it is made, and opens it again.

use super::{RecordingCode, RecordingKey, RecordingOwners};
use alloc::vec::Vec;
use chacha20poly1305::{
    ChaCha20Poly1305, KeyInit,
    aead::{Aead, Payload},
};
use hkdf::Hkdf;
use sha2::Sha256;
use x25519_dalek::{PublicKey, SharedSecret, StaticSecret};
use zeroize::{Zeroize, ZeroizeOnDrop};

const MAGIC: &[u8; 20] = b"MITBLICK-RECORDING-1";
/// Magic, owners, two keys, time.
pub const FILE_HEADER_BYTES: usize = MAGIC.len() + 1 + 32 + 32 + 8;
/// Length, kind, time.
pub const CHUNK_HEAD_BYTES: usize = 4 + 1 + 8;
/// What sealing adds to a chunk.
pub const TAG_BYTES: usize = 16;
/// Longest content of a chunk, in bytes.
pub const MAX_CHUNK_BYTES: usize = 64 * 1024 * 1024;

/// What an installation adds to recordings that both sides open.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Share(pub [u8; 32]);

/// Why a file, or a part of it, does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Not a recording, or one of a form that this version does not know.
    #[error("this is no recording that this version knows")]
    NoRecording,
    /// The code belongs to another recording.
    #[error("the code belongs to another recording")]
    WrongCode,
    /// It opens at another installation only.
    #[error("the share of the installation that made it is needed")]
    WrongShare,
    /// Changed or damaged from here on.
    #[error("the recording is damaged here")]
    Damaged,
}

/// The beginning of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileHeader {
    /// Who opens it.
    pub owners: RecordingOwners,
    /// What it is sealed to.
    pub key: RecordingKey,
    one_time: [u8; 32],
    /// When it was begun, in milliseconds since 1970.
    pub begun_unix_ms: u64,
}

impl FileHeader {
    /// As it stands in the file.
    pub fn bytes(&self) -> [u8; FILE_HEADER_BYTES] {
        let owners = match self.owners {
            RecordingOwners::Shower => 1,
            RecordingOwners::Both => 2,
        };
        let parts: [&[u8]; 5] = [MAGIC, &[owners], &self.key.0, &self.one_time, &self.begun_unix_ms.to_be_bytes()];
        let mut bytes = [0; FILE_HEADER_BYTES];
        bytes.iter_mut().zip(parts.into_iter().flatten()).for_each(|(to, from)| *to = *from);
        bytes
    }

    /// From the beginning of a file.
    ///
    /// # Errors
    /// `NoRecording`.
    pub fn parse(bytes: &[u8; FILE_HEADER_BYTES]) -> Result<Self, OpenError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(OpenError::NoRecording)?;
        let (owners, rest) = rest.split_first().ok_or(OpenError::NoRecording)?;
        let owners = match owners {
            1 => RecordingOwners::Shower,
            2 => RecordingOwners::Both,
            _ => return Err(OpenError::NoRecording),
        };
        let (key, rest) = rest.split_first_chunk().ok_or(OpenError::NoRecording)?;
        let (one_time, rest) = rest.split_first_chunk().ok_or(OpenError::NoRecording)?;
        let begun = rest.first_chunk().ok_or(OpenError::NoRecording)?;
        let begun_unix_ms = u64::from_be_bytes(*begun);
        Ok(Self { owners, key: RecordingKey(*key), one_time: *one_time, begun_unix_ms })
    }

    fn cipher(&self, shared: &SharedSecret, share: Option<&Share>) -> Result<ChaCha20Poly1305, OpenError> {
        if !shared.was_contributory() {
            return Err(OpenError::NoRecording);
        }
        let none = [0; 32];
        let share = match (self.owners, share) {
            (RecordingOwners::Shower, _) => &none,
            (RecordingOwners::Both, Some(share)) => &share.0,
            (RecordingOwners::Both, None) => return Err(OpenError::WrongShare),
        };
        let mut material = [0; 64];
        let parts = shared.as_bytes().iter().chain(share);
        material.iter_mut().zip(parts).for_each(|(to, from)| *to = *from);
        let mut key = [0; 32];
        // Fails for lengths alone that HKDF can't give; 32 it can.
        let _ = Hkdf::<Sha256>::new(Some(&self.bytes()), &material).expand(b"MITBLICK-RECORDING-1 key", &mut key);
        let cipher = ChaCha20Poly1305::new(&key.into());
        material.zeroize();
        key.zeroize();
        Ok(cipher)
    }
}

/// What a chunk holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChunkKind {
    /// About the recording; the first.
    About,
    /// Begins with a whole picture: one can begin to look here.
    Whole,
    /// Changes to the picture before.
    Changes,
    /// The end; the last.
    Last,
}

/// What stands before each chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkHead {
    /// Bytes of the sealed content that follows.
    pub length_bytes: usize,
    /// What it holds.
    pub kind: ChunkKind,
    /// When it begins, in milliseconds since the beginning.
    pub at_ms: u64,
}

impl ChunkHead {
    fn bytes(self) -> [u8; CHUNK_HEAD_BYTES] {
        let kind = match self.kind {
            ChunkKind::About => 1,
            ChunkKind::Whole => 2,
            ChunkKind::Changes => 3,
            ChunkKind::Last => 4,
        };
        let length = u32::try_from(self.length_bytes).unwrap_or(u32::MAX);
        let mut bytes = [0; CHUNK_HEAD_BYTES];
        let parts: [&[u8]; 3] = [&length.to_be_bytes(), &[kind], &self.at_ms.to_be_bytes()];
        bytes.iter_mut().zip(parts.into_iter().flatten()).for_each(|(to, from)| *to = *from);
        bytes
    }

    /// From a file.
    ///
    /// # Errors
    /// `Damaged`.
    pub fn parse(bytes: &[u8; CHUNK_HEAD_BYTES]) -> Result<Self, OpenError> {
        let (length, rest) = bytes.split_first_chunk().ok_or(OpenError::Damaged)?;
        let (kind, rest) = rest.split_first().ok_or(OpenError::Damaged)?;
        let at_ms = u64::from_be_bytes(*rest.first_chunk().ok_or(OpenError::Damaged)?);
        let kind = match kind {
            1 => ChunkKind::About,
            2 => ChunkKind::Whole,
            3 => ChunkKind::Changes,
            4 => ChunkKind::Last,
            _ => return Err(OpenError::Damaged),
        };
        let length_bytes = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| OpenError::Damaged)?;
        if !(TAG_BYTES..=MAX_CHUNK_BYTES + TAG_BYTES).contains(&length_bytes) {
            return Err(OpenError::Damaged);
        }
        Ok(Self { length_bytes, kind, at_ms })
    }
}

fn nonce(place: u64) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce.iter_mut().skip(4).zip(place.to_be_bytes()).for_each(|(to, from)| *to = from);
    nonce
}

/// Seals a recording that is being made.
pub struct Sealer {
    header: FileHeader,
    cipher: ChaCha20Poly1305,
    place: u64,
}

impl core::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Sealer")
    }
}

impl Sealer {
    /// For a recording that begins now; `random` are fresh random bytes, which
    /// the caller wipes: they open the recording too.
    ///
    /// # Errors
    /// The customer's key is none, or both own it and there is no share.
    pub fn new(
        owners: RecordingOwners,
        key: RecordingKey,
        share: Option<&Share>,
        begun_unix_ms: u64,
        random: &[u8; 32],
    ) -> Result<Self, OpenError> {
        let secret = StaticSecret::from(*random);
        let one_time = PublicKey::from(&secret).to_bytes();
        let header = FileHeader { owners, key, one_time, begun_unix_ms };
        let cipher = header.cipher(&secret.diffie_hellman(&PublicKey::from(key.0)), share)?;
        Ok(Self { header, cipher, place: 0 })
    }

    /// What the file begins with.
    pub const fn header(&self) -> &FileHeader {
        &self.header
    }

    /// The next chunk, head and all, to be written behind all before.
    ///
    /// # Errors
    /// `Damaged` if the content is longer than [`MAX_CHUNK_BYTES`].
    pub fn seal(&mut self, kind: ChunkKind, at_ms: u64, content: &[u8]) -> Result<Vec<u8>, OpenError> {
        if content.len() > MAX_CHUNK_BYTES {
            return Err(OpenError::Damaged);
        }
        let head = ChunkHead { length_bytes: content.len() + TAG_BYTES, kind, at_ms }.bytes();
        let sealed = self
            .cipher
            .encrypt(&nonce(self.place).into(), Payload { msg: content, aad: &head })
            .map_err(|_| OpenError::Damaged)?;
        self.place += 1;
        let mut bytes = Vec::with_capacity(head.len() + sealed.len());
        bytes.extend_from_slice(&head);
        bytes.extend_from_slice(&sealed);
        Ok(bytes)
    }
}

/// Opens chunks of a recording, in any order.
pub struct Opener(ChaCha20Poly1305);

impl core::fmt::Debug for Opener {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Opener")
    }
}

impl Opener {
    /// With the code, and the share of this installation.
    ///
    /// # Errors
    /// `WrongCode`, or `WrongShare` if there is none and it is needed. A share
    /// of another installation shows when the first chunk does not open.
    pub fn new(header: &FileHeader, code: &RecordingCode, share: Option<&Share>) -> Result<Self, OpenError> {
        if code.key() != header.key {
            return Err(OpenError::WrongCode);
        }
        let shared = code.secret().diffie_hellman(&PublicKey::from(header.one_time));
        header.cipher(&shared, share).map(Self)
    }

    /// The content of the chunk at a place, counted from 0.
    ///
    /// # Errors
    /// `Damaged`: it was changed, or does not belong here.
    pub fn open(&self, place: u64, head: ChunkHead, sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
        let aad = head.bytes();
        self.0.decrypt(&nonce(place).into(), Payload { msg: sealed, aad: &aad }).map_err(|_| OpenError::Damaged)
    }
}
