//! One key's life: what it is for, how much it has protected, what follows.

use super::{
    Direction, TrafficSecret,
    cipher::{AAD_BYTES, Cipher},
};
use crate::{handshake::Suite, keys::expand};
use core::time::Duration;

/// What one key may protect.
struct Limits {
    /// In the unit of [`cost`].
    units: u64,
    records: u64,
    age: Duration,
}

const fn limits(suite: Suite) -> Limits {
    match suite {
        // An eighth of the last limit that NIST had for ciphers with 64-bit
        // blocks: an attacker tells 2^17 blocks from noise with 2^-31.
        Suite::Blowfish128CtrHmacSha256 => {
            Limits { units: 1 << 17, records: 1 << 16, age: Duration::from_secs(10 * 60) }
        }
        // Not a bound of the cipher: old keys go, so that a stolen one opens
        // nothing older.
        Suite::ChaCha20Poly1305 => Limits { units: 1 << 30, records: 1 << 30, age: Duration::from_secs(60 * 60) },
    }
}

/// What a record of so many bytes uses up: cipher blocks, or bytes.
const fn cost(suite: Suite, plaintext_bytes: usize) -> u64 {
    match suite {
        Suite::Blowfish128CtrHmacSha256 => plaintext_bytes.div_ceil(8) as u64,
        Suite::ChaCha20Poly1305 => plaintext_bytes as u64,
    }
}

/// The key of one epoch and its use so far.
pub(super) struct Epoch {
    suite: Suite,
    direction: Direction,
    number: u32,
    secret: TrafficSecret,
    cipher: Cipher,
    units: u64,
    /// Records so far, which is the sequence number of the next.
    records: u64,
}

impl Epoch {
    pub(super) fn first(suite: Suite, direction: Direction, secret: TrafficSecret) -> Self {
        Self::with(suite, direction, 0, secret)
    }

    fn with(suite: Suite, direction: Direction, number: u32, secret: TrafficSecret) -> Self {
        let cipher = Cipher::new(suite, &secret.0);
        Self { suite, direction, number, secret, cipher, units: 0, records: 0 }
    }

    /// The epoch after this one; there is none after 2^32 - 1.
    pub(super) fn next(&self) -> Option<Self> {
        let number = self.number.checked_add(1)?;
        let secret = TrafficSecret::from_key(expand(&self.secret.0, b"MB1 next epoch"));
        Some(Self::with(self.suite, self.direction, number, secret))
    }

    pub(super) const fn number(&self) -> u32 {
        self.number
    }

    pub(super) const fn suite(&self) -> Suite {
        self.suite
    }

    pub(super) const fn cipher(&self) -> &Cipher {
        &self.cipher
    }

    pub(super) const fn next_seq(&self) -> u64 {
        self.records
    }

    /// Whether this key may protect one more record of this size.
    pub(super) const fn has_room(&self, plaintext_bytes: usize) -> bool {
        let limits = limits(self.suite);
        self.records < limits.records && self.units + cost(self.suite, plaintext_bytes) <= limits.units
    }

    pub(super) fn is_too_old(&self, age: Duration) -> bool {
        age >= limits(self.suite).age
    }

    /// A record of this size has been sealed or verified.
    pub(super) const fn count(&mut self, plaintext_bytes: usize) {
        self.units += cost(self.suite, plaintext_bytes);
        self.records += 1;
    }

    /// What the next record's tag covers beside its ciphertext.
    pub(super) fn aad(&self, plaintext_bytes: u16) -> [u8; AAD_BYTES] {
        let mut aad = [0; AAD_BYTES];
        let parts: [&[u8]; 5] = [
            &self.suite.wire_id().to_be_bytes(),
            &[self.direction.wire_id()],
            &self.number.to_be_bytes(),
            &self.records.to_be_bytes(),
            &plaintext_bytes.to_be_bytes(),
        ];
        for (place, byte) in aad.iter_mut().zip(parts.into_iter().flatten()) {
            *place = *byte;
        }
        aad
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epoch(suite: Suite, number: u32) -> Epoch {
        Epoch::with(suite, Direction::AdvisorToCustomer, number, TrafficSecret::from_key([1; 32].into()))
    }

    #[test]
    fn chacha_keys_protect_a_gibibyte() {
        let mut epoch = epoch(Suite::ChaCha20Poly1305, 0);
        for _ in 0..1 << 16 {
            assert!(epoch.has_room(16_384));
            epoch.count(16_384);
        }
        assert!(!epoch.has_room(1));
    }

    #[test]
    fn the_last_epoch_has_no_next() {
        assert!(epoch(Suite::ChaCha20Poly1305, u32::MAX - 1).next().is_some_and(|last| last.next().is_none()));
    }

    #[test]
    fn each_epoch_has_a_secret_of_its_own() {
        let first = epoch(Suite::ChaCha20Poly1305, 0);
        let second = first.next().unwrap();
        assert_ne!(first.secret.0, second.secret.0);
        assert_eq!(second.secret.0, expand::<32>(&first.secret.0, b"MB1 next epoch"));
    }

    #[test]
    fn additional_data_has_its_fixed_form() {
        let mut epoch = epoch(Suite::ChaCha20Poly1305, 3);
        epoch.count(10);
        assert_eq!(epoch.aad(0x0102), [0, 2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2]);
    }
}
