//! HKDF and HMAC with SHA-256 over keys of 32 bytes (RFC 5869, RFC 2104), in
//! the one shape that this crate uses. Everything derived is erased when
//! dropped.

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

/// A key of 32 bytes that is erased when dropped.
pub(crate) type Key = Zeroizing<[u8; 32]>;

/// HKDF-Extract.
pub(crate) fn extract(salt: &[u8], input: &[u8]) -> Key {
    let (mut prk, _) = Hkdf::<Sha256>::extract(Some(salt), input);
    let key = Zeroizing::new(prk.into());
    prk.zeroize();
    key
}

/// HKDF-Expand to `N` bytes.
pub(crate) fn expand<const N: usize>(key: &[u8; 32], info: &[u8]) -> Zeroizing<[u8; N]> {
    const { assert!(N <= 255 * 32, "the most that HKDF-SHA-256 gives") };
    let mut output = Zeroizing::new([0; N]);
    let done = Hkdf::<Sha256>::from_prk(key).ok().and_then(|hkdf| hkdf.expand(info, output.as_mut()).ok());
    // Both can fail by length alone, and the lengths are fixed by types.
    assert!(done.is_some(), "lengths are checked at compile time");
    output
}

/// An HMAC that waits for data.
pub(crate) fn hmac(key: &[u8; 32]) -> Hmac<Sha256> {
    let mut block = Zeroizing::new([0; 64]);
    let (front, _) = block.split_at_mut(32);
    front.copy_from_slice(key);
    // RFC 2104 fills a short key with zeros; a whole block can't be refused.
    <Hmac<Sha256> as KeyInit>::new((&*block).into())
}

/// The HMAC of `parts`, one after the other.
pub(crate) fn tag(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = hmac(key);
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
pub(crate) mod tests;
