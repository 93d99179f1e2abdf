//! The signed head of the chain, as it is kept in the database and elsewhere.

use super::{Entry, Hash, Record};
use base64::{Engine, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

const LABEL: &[u8] = b"mitblick audit head 1";

/// The last entry's number and hash, signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The last entry's number.
    pub seq: u64,
    /// The last entry's hash.
    pub hash: Hash,
    /// Ed25519 signature over both.
    pub signature: [u8; 64],
}

/// The text is no head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no head of an audit trail")]
pub struct BadHead;

#[derive(Serialize, Deserialize)]
struct Text {
    seq: u64,
    hash: String,
    signature: String,
}

impl Head {
    /// One line of JSON.
    pub fn to_json(&self) -> String {
        let text = Text { seq: self.seq, hash: STANDARD.encode(self.hash), signature: STANDARD.encode(self.signature) };
        // Numbers and texts can always be written.
        serde_json::to_string(&text).unwrap_or_default()
    }

    /// Reads what [`Head::to_json`] wrote.
    ///
    /// # Errors
    /// It is something else.
    pub fn from_json(text: &str) -> Result<Self, BadHead> {
        fn bytes<const N: usize>(text: &str) -> Result<[u8; N], BadHead> {
            STANDARD.decode(text).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(BadHead)
        }
        let text: Text = serde_json::from_str(text).map_err(|_| BadHead)?;
        Ok(Self { seq: text.seq, hash: bytes(&text.hash)?, signature: bytes(&text.signature)? })
    }

    /// Whether the key has signed it.
    pub fn is_signed_by(&self, key: &VerifyingKey) -> bool {
        key.verify_strict(&message(self.seq, &self.hash), &Signature::from_bytes(&self.signature)).is_ok()
    }
}

fn message(seq: u64, hash: &Hash) -> Vec<u8> {
    [LABEL, &seq.to_be_bytes(), hash].concat()
}

/// Continues the chain and signs its head.
#[derive(Clone)]
pub struct Signer(SigningKey);

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer")
    }
}

impl Signer {
    /// Signs with this secret key.
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(secret))
    }

    /// The key that verifies.
    pub fn verifying_key(&self) -> VerifyingKey {
        self.0.verifying_key()
    }

    /// The entries that follow `head`, and the head after them. A store writes
    /// all of it in one transaction, or nothing.
    pub fn append(&self, head: Option<Head>, records: &[Record]) -> (Vec<Entry>, Option<Head>) {
        let mut last = head;
        let mut entries = Vec::with_capacity(records.len());
        for record in records {
            let entry = Entry::after(last.as_ref(), record);
            last = Some(Head { seq: entry.seq, hash: entry.hash, signature: [0; 64] });
            entries.push(entry);
        }
        if let Some(last) = last.as_mut().filter(|_| !entries.is_empty()) {
            last.signature = self.sign(&message(last.seq, &last.hash));
        }
        (entries, last)
    }

    pub(super) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}
