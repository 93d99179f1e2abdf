//! Cipher suites, and how one follows from two offers.

use super::{HandshakeError, Step};
use alloc::{vec, vec::Vec};
use core::fmt;

/// A cipher suite for sealed records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Suite {
    /// 128-bit Blowfish in CTR mode, then HMAC-SHA-256, new keys at the latest
    /// every 1 MiB. The default.
    Blowfish128CtrHmacSha256,
    /// ChaCha20-Poly1305 (RFC 8439).
    ChaCha20Poly1305,
}

impl Suite {
    /// Its number on the wire.
    pub(crate) const fn wire_id(self) -> u16 {
        match self {
            Self::Blowfish128CtrHmacSha256 => 1,
            Self::ChaCha20Poly1305 => 2,
        }
    }

    pub(crate) const fn from_wire_id(id: u16) -> Option<Self> {
        match id {
            1 => Some(Self::Blowfish128CtrHmacSha256),
            2 => Some(Self::ChaCha20Poly1305),
            _ => None,
        }
    }

    /// Its name, which is also part of its key labels.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Blowfish128CtrHmacSha256 => "blowfish128-ctr-hmac-sha256",
            Self::ChaCha20Poly1305 => "chacha20-poly1305",
        }
    }
}

impl fmt::Display for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a side can and wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Suites that it has, in any order.
    pub suites: Vec<Suite>,
    /// Whether it insists on the modern suite (a broker's policy, say).
    pub need_modern: bool,
}

impl Default for Offer {
    fn default() -> Self {
        Self { suites: vec![Suite::Blowfish128CtrHmacSha256, Suite::ChaCha20Poly1305], need_modern: false }
    }
}

/// Version of the handshake.
const VERSION: u8 = 1;
const NEED_MODERN: u8 = 1;
/// Most suites that an offer may list.
const MAX_SUITES: u8 = 16;

impl Offer {
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let flags = if self.need_modern { NEED_MODERN } else { 0 };
        let suites = || self.suites.iter().take(usize::from(MAX_SUITES));
        out.extend_from_slice(&[VERSION, flags, suites().count() as u8]);
        for suite in suites() {
            out.extend_from_slice(&suite.wire_id().to_be_bytes());
        }
    }

    /// Takes an offer from the front of `bytes` and gives the rest. A suite
    /// that this version does not know is passed over: it can't be chosen, and
    /// it stays in the transcript.
    pub(super) fn read(bytes: &[u8], step: Step) -> Result<(Self, &[u8]), HandshakeError> {
        let malformed = HandshakeError::Malformed(step);
        let ([version, flags, count], rest) = bytes.split_first_chunk::<3>().ok_or(malformed)?;
        if *version != VERSION {
            return Err(HandshakeError::Version(*version));
        }
        if *flags & !NEED_MODERN != 0 || *count > MAX_SUITES {
            return Err(malformed);
        }
        let (listed, rest) = rest.split_at_checked(usize::from(*count) * 2).ok_or(malformed)?;
        let (ids, _) = listed.as_chunks::<2>();
        let suites = ids.iter().filter_map(|id| Suite::from_wire_id(u16::from_be_bytes(*id))).collect();
        Ok((Self { suites, need_modern: *flags & NEED_MODERN != 0 }, rest))
    }

    /// The suite that follows from both offers, the same from either side.
    /// Neither side can loosen what the other asks for.
    pub(super) fn choose(&self, other: &Self) -> Result<Suite, HandshakeError> {
        let both_have = |suite| self.suites.contains(&suite) && other.suites.contains(&suite);
        if both_have(Suite::Blowfish128CtrHmacSha256) && !self.need_modern && !other.need_modern {
            return Ok(Suite::Blowfish128CtrHmacSha256);
        }
        if both_have(Suite::ChaCha20Poly1305) {
            return Ok(Suite::ChaCha20Poly1305);
        }
        Err(HandshakeError::NoCommonSuite)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Suite::{Blowfish128CtrHmacSha256 as Bf, ChaCha20Poly1305 as Cc};

    #[test]
    fn the_suite_is_a_pure_function_of_both_offers() {
        let offer = |suites: &[Suite], need_modern| Offer { suites: suites.to_vec(), need_modern };
        let cases = [
            (Offer::default(), Offer::default(), Ok(Bf)),
            (offer(&[Cc, Bf], false), offer(&[Bf, Cc], false), Ok(Bf)),
            (offer(&[Bf, Cc], true), Offer::default(), Ok(Cc)),
            (offer(&[Bf], false), offer(&[Bf], false), Ok(Bf)),
            (offer(&[Bf], true), Offer::default(), Err(HandshakeError::NoCommonSuite)),
            (offer(&[Bf], false), offer(&[Cc], false), Err(HandshakeError::NoCommonSuite)),
            (offer(&[Cc], false), Offer::default(), Ok(Cc)),
            (offer(&[], false), Offer::default(), Err(HandshakeError::NoCommonSuite)),
        ];
        for (a, b, expected) in cases {
            assert_eq!(a.choose(&b), expected, "{a:?} {b:?}");
            assert_eq!(b.choose(&a), expected, "{b:?} {a:?}");
        }
    }

    #[test]
    fn an_offer_has_one_form() {
        let mut bytes = Vec::new();
        Offer::default().write(&mut bytes);
        assert_eq!(bytes, [1, 0, 2, 0, 1, 0, 2]);
        bytes.push(9);
        let (offer, rest) = Offer::read(&bytes, Step::M1).unwrap();
        assert_eq!((offer, rest), (Offer::default(), &[9][..]));
        let malformed = Err(HandshakeError::Malformed(Step::M2));
        assert_eq!(Offer::read(&[2, 0, 0], Step::M2), Err(HandshakeError::Version(2)));
        assert_eq!(Offer::read(&[1, 2, 0], Step::M2), malformed);
        assert_eq!(Offer::read(&[1, 0, 2, 0, 1, 0], Step::M2), malformed);
        assert_eq!(Offer::read(&[1, 0, 17], Step::M2), malformed);
        assert_eq!(Offer::read(&[1, 0], Step::M2), malformed);
    }

    #[test]
    fn suites_of_later_versions_are_passed_over() {
        let (offer, _) = Offer::read(&[1, 0, 2, 0x7f, 0xff, 0, 2], Step::M1).unwrap();
        assert_eq!(offer.suites, [Cc]);
    }
}
