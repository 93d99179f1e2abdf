//! Checking a kept receipt, and naming the first wrong place.

use super::{
    Countersignature, Fact, MAX_APPLICATIONS, MAX_RECEIPT_ENTRIES, Opening, Side,
    chain::{self, Head},
    keeper::Kept,
};
use alloc::vec::Vec;

/// A receipt as it is kept. Nothing before [`SignedReceipt::check`] has said so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedReceipt {
    /// The first link.
    pub opening: Opening,
    /// The others.
    pub entries: Vec<Kept>,
    /// The chain's hashes after the opening and each entry, kept so that the
    /// first wrong place can be named.
    pub heads: Vec<[u8; 32]>,
    /// The witness's newest signature.
    pub countersignature: Option<Countersignature>,
    /// SHA-256 of the page that it is kept in.
    pub page: [u8; 32],
    /// The keeper's signature, over all of it.
    pub signature: [u8; 64],
}

/// The first place that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Fault {
    /// Not the page that was signed.
    #[error("the page around the receipt")]
    Page,
    /// The card is not the broker's, or was not valid then.
    #[error("the advisor's card")]
    Card,
    /// Session, versions or keys.
    #[error("the opening")]
    Opening,
    /// An entry, counted from 1: what happened, when, or its hash.
    #[error("entry {0}")]
    Entry(u32),
    /// The names of the applications of an entry.
    #[error("the names of applications in entry {0}")]
    Names(u32),
    /// The hashes are not one more than the entries, or more than can be.
    #[error("the number of entries")]
    Count,
    /// The other side's signature.
    #[error("the other side's signature")]
    Countersignature,
    /// The own signature.
    #[error("the own signature")]
    Signature,
}

/// How far the other side has signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reach {
    /// All of it.
    Whole,
    /// So many of the entries, last at a time by its own clock.
    Entries {
        /// How many.
        entries: u32,
        /// When, in milliseconds since 1970.
        unix_ms: u64,
    },
    /// Nothing.
    Nothing,
}

/// A witness's own end has no entry that it could have signed: it signed that
/// it ends.
pub(super) fn reaches_end(signed: &Countersignature, entries: &[Kept]) -> bool {
    let total = u32::try_from(entries.len()).unwrap_or(u32::MAX);
    let last = entries.last().map(|kept| &kept.entry.fact);
    match last {
        Some(Fact::Ended { by: Side::Witness, .. }) => signed.ended && signed.entries.checked_add(1) == Some(total),
        Some(Fact::Ended { by: Side::Keeper, .. }) => signed.entries == total,
        _ => false,
    }
}

impl SignedReceipt {
    /// Whether all of it fits together. `page` is the SHA-256 of the page that
    /// it was found in.
    ///
    /// # Errors
    /// The first place that is wrong.
    pub fn check(&self, page: &[u8; 32]) -> Result<Reach, Fault> {
        if *page != self.page {
            return Err(Fault::Page);
        }
        self.check_card()?;
        let heads = self.check_chain()?;
        let last = heads.last().ok_or(Fault::Count)?;
        let reach = self.check_countersignature(&heads)?;
        let signed = chain::keeper_bytes(last, self.entries.len(), &self.page);
        if !self.opening.keeper.key.verifies(&signed, &self.signature) {
            return Err(Fault::Signature);
        }
        Ok(reach)
    }

    fn check_card(&self) -> Result<(), Fault> {
        let setting = &self.opening.setting;
        let card = &setting.card;
        card.verify(&setting.card_key, card.routing, self.opening.begun.unix_ms / 1_000).map_err(|_| Fault::Card)
    }

    fn check_chain(&self) -> Result<Vec<Head>, Fault> {
        if self.entries.len() > MAX_RECEIPT_ENTRIES {
            return Err(Fault::Count);
        }
        let heads = chain::heads(&self.opening, self.entries.iter().map(|kept| &kept.entry));
        let mut found = self.heads.iter();
        let mut ours = heads.iter();
        if found.next() != ours.next() {
            return Err(Fault::Opening);
        }
        let mut before_ms = self.opening.begun.unix_ms;
        let mut over = false;
        for (number, kept) in (1..).zip(&self.entries) {
            let in_order = kept.entry.unix_ms >= before_ms && !over;
            if found.next() != ours.next() || !in_order {
                return Err(Fault::Entry(number));
            }
            before_ms = kept.entry.unix_ms;
            let names_fit = match (&kept.entry.fact, &kept.names) {
                (Fact::Showing(commitment), Some(names)) => {
                    names.names.len() <= MAX_APPLICATIONS && names.commitment() == *commitment
                }
                (Fact::Showing(_), None) => false,
                (_, names) => names.is_none(),
            };
            if !names_fit {
                return Err(Fault::Names(number));
            }
            over = matches!(kept.entry.fact, Fact::Ended { .. });
        }
        if found.next().is_some() { Err(Fault::Count) } else { Ok(heads) }
    }

    fn check_countersignature(&self, heads: &[Head]) -> Result<Reach, Fault> {
        let Some(signed) = &self.countersignature else { return Ok(Reach::Nothing) };
        let head = usize::try_from(signed.entries).ok().and_then(|entries| heads.get(entries));
        let (Some(head), Some(witness)) = (head, &self.opening.witness) else { return Err(Fault::Countersignature) };
        if !witness.key.verifies(&signed.signed_bytes(head), &signed.signature) {
            return Err(Fault::Countersignature);
        }
        Ok(if reaches_end(signed, &self.entries) {
            Reach::Whole
        } else {
            Reach::Entries { entries: signed.entries, unix_ms: signed.unix_ms }
        })
    }
}
