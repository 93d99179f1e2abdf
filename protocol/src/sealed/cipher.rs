//! The two suites over one record, in place.

use crate::{
    handshake::Suite,
    keys::{self, expand},
};
use blowfish::Blowfish;
use chacha20poly1305::{AeadInOut, ChaCha20Poly1305};
use cipher::{InnerIvInit, KeyInit, StreamCipher, StreamCipherCoreWrapper};
use ctr::{CtrCore, flavors::Ctr64BE};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Length of the additional data: suite, direction, epoch, sequence, length.
pub(super) const AAD_BYTES: usize = 17;

/// Keys of one epoch. Blowfish's key schedule and HMAC's padded key are made
/// once an epoch.
#[allow(clippy::large_enum_variant, reason = "there are two of them a session, and boxing costs a pointer a block")]
pub(super) enum Cipher {
    Blowfish { cipher: Blowfish, mac: Hmac<Sha256> },
    ChaCha20 { aead: ChaCha20Poly1305, iv: Zeroizing<[u8; 12]> },
}

/// The tag did not fit; nothing has been decrypted.
pub(super) struct WrongTag;

/// A tag of either suite.
pub(super) enum Tag {
    Long([u8; 32]),
    Short([u8; 16]),
}

impl Tag {
    pub(super) fn as_slice(&self) -> &[u8] {
        match self {
            Self::Long(tag) => tag,
            Self::Short(tag) => tag,
        }
    }
}

impl Cipher {
    pub(super) fn new(suite: Suite, secret: &[u8; 32]) -> Self {
        match suite {
            Suite::Blowfish128CtrHmacSha256 => {
                let both = expand::<48>(secret, b"MB1 key blowfish128-ctr-hmac-sha256");
                let (key, mac) = parts::<16, 32>(both.as_slice());
                // Its key may have 4 to 56 bytes; the 16 are fixed by the type.
                #[allow(clippy::expect_used, reason = "the length is a constant")]
                let cipher = Blowfish::new_from_slice(key).expect("16 bytes are a Blowfish key");
                Self::Blowfish { cipher, mac: keys::hmac(mac) }
            }
            Suite::ChaCha20Poly1305 => {
                let both = expand::<44>(secret, b"MB1 key chacha20-poly1305");
                let (key, iv) = parts::<32, 12>(both.as_slice());
                Self::ChaCha20 { aead: ChaCha20Poly1305::new(key.into()), iv: Zeroizing::new(*iv) }
            }
        }
    }

    /// Encrypts in place and gives the tag.
    pub(super) fn seal(&self, seq: u64, aad: &[u8; AAD_BYTES], bytes: &mut [u8]) -> Tag {
        match self {
            Self::Blowfish { cipher, mac } => {
                apply_ctr(cipher, seq, bytes);
                Tag::Long(authenticate(mac, aad, bytes).finalize().into_bytes().into())
            }
            Self::ChaCha20 { aead, iv } => {
                let sealed = aead.encrypt_inout_detached(&nonce(iv, seq).into(), aad, bytes.into());
                #[allow(clippy::expect_used, reason = "a record has at most 16 384 bytes, the limit is 256 GiB")]
                Tag::Short(sealed.expect("a record is short enough").into())
            }
        }
    }

    /// Verifies, then puts the plaintext into `out`, which is empty if the tag
    /// is wrong.
    pub(super) fn open(
        &self,
        seq: u64,
        aad: &[u8; AAD_BYTES],
        ciphertext: &[u8],
        tag: &[u8],
        out: &mut alloc::vec::Vec<u8>,
    ) -> Result<(), WrongTag> {
        out.clear();
        match self {
            Self::Blowfish { cipher, mac } => {
                authenticate(mac, aad, ciphertext).verify_slice(tag).map_err(|_| WrongTag)?;
                out.extend_from_slice(ciphertext);
                apply_ctr(cipher, seq, out);
                Ok(())
            }
            Self::ChaCha20 { aead, iv } => {
                let tag: [u8; 16] = tag.try_into().map_err(|_| WrongTag)?;
                out.extend_from_slice(ciphertext);
                let nonce = nonce(iv, seq).into();
                let opened = aead.decrypt_inout_detached(&nonce, aad, out.as_mut_slice().into(), &tag.into());
                opened.map_err(|_| {
                    out.clear();
                    WrongTag
                })
            }
        }
    }
}

/// Key material in its two parts, as long together as it was derived.
#[allow(clippy::expect_used, reason = "the lengths are constants")]
fn parts<const A: usize, const B: usize>(both: &[u8]) -> (&[u8; A], &[u8; B]) {
    let (first, second) = both.split_first_chunk().expect("as long as it was derived");
    (first, second.try_into().expect("as long as it was derived"))
}

pub(super) const fn tag_bytes(suite: Suite) -> usize {
    match suite {
        Suite::Blowfish128CtrHmacSha256 => 32,
        Suite::ChaCha20Poly1305 => 16,
    }
}

/// CTR with the counter block `seq << 32 | block`: the blocks of a record are
/// far fewer than 2^32, so no counter is used twice under one key.
fn apply_ctr(cipher: &Blowfish, seq: u64, bytes: &mut [u8]) {
    let iv = (seq << 32).to_be_bytes();
    let core = CtrCore::<&Blowfish, Ctr64BE>::inner_iv_init(cipher, &iv.into());
    StreamCipherCoreWrapper::from_core(core).apply_keystream(bytes);
}

fn authenticate(mac: &Hmac<Sha256>, aad: &[u8], ciphertext: &[u8]) -> Hmac<Sha256> {
    let mut mac = mac.clone();
    mac.update(aad);
    mac.update(ciphertext);
    mac
}

fn nonce(iv: &[u8; 12], seq: u64) -> [u8; 12] {
    let mut nonce = *iv;
    for (byte, seq) in nonce.iter_mut().rev().zip(seq.to_le_bytes()) {
        *byte ^= seq;
    }
    nonce
}

#[cfg(test)]
mod tests;
