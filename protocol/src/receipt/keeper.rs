//! The side that keeps the receipt.

use super::{
    Begun, Countersignature, Entry, Fact, MAX_APPLICATIONS, MAX_FILE_ENTRIES, MAX_RECEIPT_ENTRIES, Names, Opening,
    Party, ReceiptSecret, Setting, Side, SignedReceipt, ToKeeper, ToWitness,
    chain::{self, Head},
    version,
};
use crate::{session::Misbehaviour, text::DisplayText};
use alloc::{collections::VecDeque, vec::Vec};

/// An entry with what only the keeper knows of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The entry.
    pub entry: Entry,
    /// The names, if it is about showing.
    pub names: Option<Names>,
}

/// The end of the year 9999, less a day for every time zone: no date is later.
const MAX_UNIX_MS: u64 = 253_402_300_800_000 - 24 * 60 * 60 * 1_000;

/// Writes down what happens, and takes the witness's signatures.
#[derive(Debug)]
pub struct Keeper {
    secret: ReceiptSecret,
    setting: Setting,
    begun: Begun,
    witness: Option<Party>,
    entries: Vec<Kept>,
    /// How many of them are about files.
    files: usize,
    /// After the opening and each entry, since the witness has told its key.
    heads: Vec<Head>,
    signed: Option<Countersignature>,
    /// The link broke: the witness signs nothing more.
    cut: bool,
    outgoing: VecDeque<ToWitness>,
}

impl Keeper {
    /// For a session that begins.
    pub fn new(secret: ReceiptSecret, setting: Setting, begun: Begun) -> Self {
        Self {
            secret,
            setting,
            begun,
            witness: None,
            entries: Vec::new(),
            files: 0,
            heads: Vec::new(),
            signed: None,
            cut: false,
            outgoing: VecDeque::new(),
        }
    }

    /// What must be sent next. To be drained after every other call, and before
    /// anything that happens later is sent.
    pub fn poll_message(&mut self) -> Option<ToWitness> {
        self.outgoing.pop_front()
    }

    /// Takes a message of the witness.
    ///
    /// # Errors
    /// An honest witness can't have sent this.
    pub fn handle(&mut self, message: ToKeeper) -> Result<(), Misbehaviour> {
        match message {
            _ if self.cut => Ok(()),
            ToKeeper::Key(_) if self.witness.is_some() => Err(Misbehaviour::Receipt),
            // What can't be written as it is, and read again, would spoil the
            // whole.
            ToKeeper::Key(Party { version, .. }) if DisplayText::cleaned(version.as_str()) != version => {
                Err(Misbehaviour::Receipt)
            }
            ToKeeper::Key(witness) => {
                self.witness = Some(witness);
                let opening = self.opening();
                self.heads = chain::heads(&opening, self.entries.iter().map(|kept| &kept.entry));
                self.outgoing.push_back(ToWitness::Begin { keeper: opening.keeper, begun: self.begun });
                self.outgoing.extend(self.entries.iter().map(|kept| ToWitness::Entry(kept.entry.clone())));
                Ok(())
            }
            ToKeeper::Signed(signature) => self.take(signature),
        }
    }

    fn take(&mut self, signature: Countersignature) -> Result<(), Misbehaviour> {
        let counts_up = match self.signed {
            None => true,
            Some(before) => !before.ended && (signature.entries > before.entries || signature.ended),
        };
        let not_back = self.signed.is_none_or(|before| signature.entries >= before.entries);
        let head = usize::try_from(signature.entries).ok().and_then(|entries| self.heads.get(entries));
        let (Some(head), Some(witness), true, true) = (head, &self.witness, counts_up, not_back) else {
            return Err(Misbehaviour::Receipt);
        };
        if signature.unix_ms > MAX_UNIX_MS {
            return Err(Misbehaviour::Receipt);
        }
        if !witness.key.verifies(&signature.signed_bytes(head), &signature.signature) {
            return Err(Misbehaviour::Receipt);
        }
        self.signed = Some(signature);
        Ok(())
    }

    /// Something happened. What is said after the end counts no more.
    pub fn note(&mut self, fact: Fact, unix_ms: u64) {
        self.keep(fact, None, unix_ms);
    }

    /// These applications are shown.
    pub fn note_showing(&mut self, mut names: Names, unix_ms: u64) {
        names.names.truncate(MAX_APPLICATIONS);
        self.keep(Fact::Showing(names.commitment()), Some(names), unix_ms);
    }

    fn keep(&mut self, fact: Fact, names: Option<Names>, unix_ms: u64) {
        let ends = matches!(fact, Fact::Ended { .. });
        let fact = match fact {
            Fact::File(_) if self.files > MAX_FILE_ENTRIES => return,
            Fact::File(_) => {
                self.files += 1;
                if self.files > MAX_FILE_ENTRIES { Fact::MoreFiles } else { fact }
            }
            other => other,
        };
        let (fact, names) = match self.entries.last().map(|kept| &kept.entry.fact) {
            Some(Fact::Ended { .. }) => return,
            Some(Fact::TooMuch) if !ends => return,
            _ if !ends && self.entries.len() + 2 >= MAX_RECEIPT_ENTRIES => (Fact::TooMuch, None),
            _ => (fact, names),
        };
        // A clock that is set back does not turn the order round.
        let before = self.entries.last().map_or(self.begun.unix_ms, |kept| kept.entry.unix_ms);
        let entry = Entry { unix_ms: unix_ms.max(before), fact };
        if let (Some(head), Ok(number)) = (self.heads.last(), u32::try_from(self.heads.len())) {
            self.heads.push(chain::entry(head, number, &entry));
            if !self.cut {
                self.outgoing.push_back(ToWitness::Entry(entry.clone()));
            }
        }
        self.entries.push(Kept { entry, names });
    }

    /// The link broke, and the session may go on over another one. Both sides
    /// must be told of it.
    pub fn interrupted(&mut self, unix_ms: u64) {
        self.cut = true;
        self.outgoing.clear();
        self.note(Fact::Interrupted, unix_ms);
    }

    /// Whether the witness can still sign something that it has not.
    pub fn awaits_signature(&self) -> bool {
        self.witness.is_some() && !self.cut && !self.is_complete()
    }

    /// Whether the witness has signed all, up to the end.
    pub fn is_complete(&self) -> bool {
        self.signed.is_some_and(|signed| super::check::reaches_end(&signed, &self.entries))
    }

    /// The receipt as it stands, signed together with the page that it will be
    /// kept in: `page` is that page's SHA-256.
    pub fn sign(&self, page: [u8; 32]) -> SignedReceipt {
        let opening = self.opening();
        let heads = chain::heads(&opening, self.entries.iter().map(|kept| &kept.entry));
        let last = heads.last().copied().unwrap_or_default();
        let signature = self.secret.sign(&chain::keeper_bytes(&last, self.entries.len(), &page));
        let (entries, countersignature) = (self.entries.clone(), self.signed);
        SignedReceipt { opening, entries, heads, countersignature, page, signature }
    }

    fn opening(&self) -> Opening {
        Opening {
            setting: self.setting.clone(),
            begun: self.begun,
            keeper: Party { key: self.secret.key(), version: version() },
            witness: self.witness.clone(),
        }
    }
}

/// Who ended a session, from the keeper's side.
impl From<crate::session::EndedBy> for Side {
    fn from(by: crate::session::EndedBy) -> Self {
        match by {
            crate::session::EndedBy::ThisSide => Self::Keeper,
            crate::session::EndedBy::OtherSide => Self::Witness,
        }
    }
}
