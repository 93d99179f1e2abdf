//! A workplace: the machine from which an advisor signs in, known by an
//! Ed25519 key that never leaves it.
//!
//! The program proves that it holds the key by a signature over keying
//! material that TLS exports (RFC 8446, 7.5) for this very connection: it is
//! worth nothing on another one, not even to somebody who sits in between.

use crate::text::DisplayText;
use bincode::{Decode, Encode};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

/// Separates these signatures from any other use of the key.
const SIGNATURE_LABEL: &[u8] = b"MITBLICK-WORKPLACE-1";
/// Label of the exported keying material.
pub const BINDING_LABEL: &[u8] = b"EXPORTER-mitblick-workplace";

/// Keying material exported under [`BINDING_LABEL`] without a context: the
/// same at both ends of a TLS connection, and on no other one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelBinding(pub [u8; 32]);

/// A workplace's secret key.
pub struct WorkplaceSecret(SigningKey);

impl WorkplaceSecret {
    /// From 32 random bytes.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(bytes))
    }
}

/// A workplace's public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
pub struct WorkplaceKey(pub [u8; 32]);

/// A workplace as its program presents it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct WorkplaceProof {
    /// Its key.
    pub key: WorkplaceKey,
    /// The name that it gives itself.
    pub name: DisplayText,
    /// Ed25519 over label, binding and name.
    pub signature: [u8; 64],
}

impl WorkplaceProof {
    /// A proof for one connection.
    pub fn sign(WorkplaceSecret(key): &WorkplaceSecret, name: DisplayText, binding: ChannelBinding) -> Self {
        let signature = key.sign(&signed_bytes(&name, binding)).to_bytes();
        Self { key: WorkplaceKey(key.verifying_key().to_bytes()), name, signature }
    }

    /// Whether whoever made it holds the key, and made it for this connection.
    pub fn holds(&self, binding: ChannelBinding) -> bool {
        let Ok(key) = VerifyingKey::from_bytes(&self.key.0) else { return false };
        key.verify_strict(&signed_bytes(&self.name, binding), &Signature::from_bytes(&self.signature)).is_ok()
    }
}

fn signed_bytes(name: &DisplayText, ChannelBinding(binding): ChannelBinding) -> alloc::vec::Vec<u8> {
    [SIGNATURE_LABEL, &binding, name.as_str().as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_holds_for_its_connection_name_and_key_alone() {
        let key = WorkplaceSecret::from_bytes(&[3; 32]);
        let binding = ChannelBinding([9; 32]);
        let proof = WorkplaceProof::sign(&key, DisplayText::cleaned("empfang-2"), binding);
        assert!(proof.holds(binding));
        assert!(!proof.holds(ChannelBinding([8; 32])), "another connection");
        let renamed = WorkplaceProof { name: DisplayText::cleaned("empfang-3"), ..proof.clone() };
        assert!(!renamed.holds(binding));
        let other = SigningKey::from_bytes(&[4; 32]).verifying_key().to_bytes();
        assert!(!WorkplaceProof { key: WorkplaceKey(other), ..proof.clone() }.holds(binding));
        assert!(!WorkplaceProof { key: WorkplaceKey([0xff; 32]), ..proof.clone() }.holds(binding));
        for bit in 0..512 {
            let mut bad = proof.clone();
            bad.signature[bit / 8] ^= 1 << (bit % 8);
            assert!(!bad.holds(binding));
        }
    }
}
