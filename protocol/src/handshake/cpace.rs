//! CPace with ristretto255 and SHA-512 (draft-irtf-cfrg-cpace, initiator and
//! responder): one guess of the password an attempt, nothing to test offline.
//!
//! Constant time where secrets are concerned: the group comes from
//! `curve25519-dalek`, nothing here branches on the password.

use super::HandshakeError;
use alloc::vec::Vec;
use curve25519_dalek::{
    RistrettoPoint, Scalar,
    ristretto::CompressedRistretto,
    traits::{Identity, IsIdentity},
};
use sha2::{Digest, Sha512};
use zeroize::Zeroizing;

const DSI: &[u8] = b"CPaceRistretto255";
const DSI_ISK: &[u8] = b"CPaceRistretto255_ISK";
/// Input block of SHA-512 in bytes: the password alone fills the first one, so
/// that the time to hash what follows says nothing about it.
const HASH_BLOCK_BYTES: usize = 128;

/// Appends `parts`, each with its length in LEB128 before it: the draft's
/// `lv_cat`, which no two different lists share.
pub(super) fn lv(parts: &[&[u8]], mut take: impl FnMut(&[u8])) {
    for part in parts {
        let mut rest = part.len();
        loop {
            let low = (rest & 0x7f) as u8;
            rest >>= 7;
            if rest == 0 {
                take(&[low]);
                break;
            }
            take(&[low | 0x80]);
        }
        take(part);
    }
}

/// `lv_cat` as bytes.
pub(super) fn lv_bytes(parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(parts.iter().map(|part| part.len() + 3).sum());
    lv(parts, |piece| bytes.extend_from_slice(piece));
    bytes
}

/// The generator that both sides get only from the same password, channel and
/// session.
pub(super) fn generator(password: &[u8], channel: &[u8], session: &[u8]) -> Zeroizing<RistrettoPoint> {
    let length_bytes = |bytes: usize| if bytes < 128 { 1 } else { 2 };
    let filled = length_bytes(password.len()) + password.len() + length_bytes(DSI.len()) + DSI.len();
    let pad = [0; HASH_BLOCK_BYTES];
    let pad = pad.get(..(HASH_BLOCK_BYTES - 1).saturating_sub(filled)).unwrap_or_default();
    let mut hash = Sha512::new();
    lv(&[DSI, password, pad, channel, session], |piece| hash.update(piece));
    let uniform = Zeroizing::new(<[u8; 64]>::from(hash.finalize()));
    Zeroizing::new(RistrettoPoint::from_uniform_bytes(&uniform))
}

/// Y = y·g, as it goes over the wire.
pub(super) fn share(secret: &Scalar, generator: &RistrettoPoint) -> [u8; 32] {
    (secret * generator).compress().to_bytes()
}

/// K = y·Y of the peer.
///
/// # Errors
/// `BadShare` if the peer's bytes are no point, or K is the identity.
pub(super) fn shared_point(secret: &Scalar, peer: &[u8; 32]) -> Result<Zeroizing<[u8; 32]>, HandshakeError> {
    let peer = CompressedRistretto(*peer).decompress().ok_or(HandshakeError::BadShare)?;
    let mut shared = Zeroizing::new(RistrettoPoint::identity());
    *shared = secret * peer;
    if shared.is_identity() {
        return Err(HandshakeError::BadShare);
    }
    Ok(Zeroizing::new(shared.compress().to_bytes()))
}

/// One side's share and the name of the side, which goes into the key.
pub(super) struct Party<'a> {
    pub(super) share: &'a [u8; 32],
    pub(super) name: &'a [u8],
}

/// The intermediate session key; `first` is whoever sent its share first.
pub(super) fn session_key(
    session: &[u8],
    shared: &[u8; 32],
    first: &Party<'_>,
    second: &Party<'_>,
) -> Zeroizing<[u8; 64]> {
    let mut hash = Sha512::new();
    let parts = [DSI_ISK, session, shared, first.share, first.name, second.share, second.name];
    lv(&parts, |piece| hash.update(piece));
    Zeroizing::new(hash.finalize().into())
}

#[cfg(test)]
mod tests;
