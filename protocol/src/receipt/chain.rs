//! Canonical bytes, the chain over them, and what is signed.

use super::{Commitment, Countersignature, Entry, Names, Opening};
use crate::wire;
use alloc::vec::Vec;
use bincode::Encode;
use sha2::{Digest, Sha256};

const OPENING: &[u8] = b"MITBLICK-RECEIPT-1 opening";
const ENTRY: &[u8] = b"MITBLICK-RECEIPT-1 entry";
const NAMES: &[u8] = b"MITBLICK-RECEIPT-1 names";
const WITNESS: &[u8] = b"MITBLICK-RECEIPT-1 witness";
const KEEPER: &[u8] = b"MITBLICK-RECEIPT-1 keeper";

/// The hash of a chain up to some link.
pub(super) type Head = [u8; 32];

/// Encoding these types can't fail; what would not be there would fit no
/// signature.
fn canonical<T: Encode>(value: &T) -> Vec<u8> {
    wire::encode(value).unwrap_or_default()
}

fn hash(parts: &[&[u8]]) -> Head {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

pub(super) fn opening(opening: &Opening) -> Head {
    hash(&[OPENING, &canonical(opening)])
}

/// The head after the entry with this number, which counts from 1.
pub(super) fn entry(before: &Head, number: u32, entry: &Entry) -> Head {
    hash(&[ENTRY, before, &number.to_be_bytes(), &canonical(entry)])
}

/// The heads after the opening and each entry: one more than there are entries.
pub(super) fn heads<'a>(start: &Opening, entries: impl Iterator<Item = &'a Entry>) -> Vec<Head> {
    let mut head = opening(start);
    let mut heads = alloc::vec![head];
    for (number, next) in (1..).zip(entries) {
        head = entry(&head, number, next);
        heads.push(head);
    }
    heads
}

impl Names {
    /// The hash that stands for them.
    pub fn commitment(&self) -> Commitment {
        let mut parts = alloc::vec![NAMES, self.salt.as_slice()];
        parts.extend(self.names.iter().map(|name| name.as_str().as_bytes()));
        Commitment(hash(&parts))
    }
}

impl Countersignature {
    /// What it is over.
    pub(super) fn signed_bytes(&self, head: &Head) -> Vec<u8> {
        let (entries, time) = (self.entries.to_be_bytes(), self.unix_ms.to_be_bytes());
        [WITNESS, head, &entries, &time, &[u8::from(self.ended)]].concat()
    }
}

/// What the keeper signs: all of it, and the page that it is kept in.
pub(super) fn keeper_bytes(head: &Head, entries: usize, page: &[u8; 32]) -> Vec<u8> {
    [KEEPER, head, &(entries as u64).to_be_bytes(), page].concat()
}
