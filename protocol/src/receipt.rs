//! The receipt: what happened in a session, to be kept by the customer, signed
//! by both programs.
//!
//! The *keeper* is the program whose person keeps the receipt (the shower);
//! the *witness* is the other one (the watcher). Each makes an Ed25519 key for
//! this session alone, that lives in its memory only, and tells the other the
//! public half inside the sealed channel.
//!
//! ```text
//! W→K  Key(key, version)                  first, once
//! K→W  Begin(key, version, time)          the opening: both compute its hash
//! K→W  Entry(n, time, fact)               after each message that it is about
//! W→K  Signed(n, time)                    over the head of the chain at n
//!
//! opening = binding, broker's pin, broker's card key, card, suite, check
//!           words, both keys and versions, time of the beginning
//! h_0 = H(lv("MITBLICK-RECEIPT-1 opening", opening))
//! h_n = H(lv("MITBLICK-RECEIPT-1 entry", h_(n-1), n, entry))
//! witness: Ed25519("MITBLICK-RECEIPT-1 witness" | h_n | n | time | ended)
//! keeper:  Ed25519("MITBLICK-RECEIPT-1 keeper"  | h_n | n | H(page))
//! ```
//! H is SHA-256; in `lv` each part stands after its length in eight bytes.
//! Opening and entry are in the wire's coding, which has one form for each
//! value; n is a u32, in the keeper's signature a u64, time a u64 in
//! milliseconds since 1970, `ended` a byte; all big endian.
//!
//! *Bound to the session.* The binding is keying material that the handshake
//! exports: equal at both ends of this session and nowhere else. All else in
//! the opening is taken by each side from what it knows itself, never from the
//! other one. A signature of another session therefore fits nothing here.
//!
//! *What the witness signs.* Only what it was told anyway, in the same order:
//! what is shown or paused, rights asked for, granted and ended, the end. It
//! compares each entry with the message that it is about; an entry that
//! contradicts ends the session. It does not learn the names of the
//! applications: of those an entry has a salted hash, and the receipt the names
//! and the salt, so that the names can't be changed afterwards but stay with
//! the customer. The times of entries are the keeper's clock; each signature
//! has the time by the witness's own.
//!
//! *How far it has signed.* The witness signs after each entry, so a session
//! that breaks leaves a receipt that is signed up to shortly before. An honest
//! witness never refuses, but one whose line is slow can't be told from one
//! that does not want to: a missing signature ends nothing, and the receipt
//! says so. A wrong one ends the session.
//!
//! *After a cut.* A session that goes on after the link broke is recorded by
//! the keeper alone from the cut on: which of the last words came through can't
//! be told any more, and a witness signs nothing that it does not know.
//!
//! *What it proves.* To the customer: everything in it, as the other end of
//! the authenticated channel has signed it. To others: that the broker issued
//! this card for this number, that nothing was changed since it was signed, and
//! that both keys signed. That the witness's key was the advisor's rests on the
//! customer's program, as the broker does not vouch for session keys.

mod chain;
mod check;
mod keeper;
mod witness;

pub use check::{Fault, Reach, SignedReceipt};
pub use keeper::{Keeper, Kept};
pub use witness::{Told, Witness};

use crate::{
    card::Card,
    clipboard::ClipWays,
    handshake::Suite,
    peer_msg::{ControlEnd, EndReason, RecordingEnd, TurnEnd},
    recording::RecordingOwners,
    text::DisplayText,
};
use alloc::vec::Vec;
use bincode::{
    BorrowDecode, Decode, Encode,
    de::{BorrowDecoder, Decoder},
    enc::Encoder,
    error::{DecodeError, EncodeError},
};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

/// Most entries of a receipt; then one that says that there was more, and the
/// end.
pub const MAX_RECEIPT_ENTRIES: usize = 16_384;
/// Most of them that are about files, so that files leave room for the rights
/// that are granted and end.
pub const MAX_FILE_ENTRIES: usize = 12_288;
/// Most applications that one entry names.
pub const MAX_APPLICATIONS: usize = 256;

/// Keying material that the handshake exports for receipts: equal at both ends
/// of one session, and of no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SessionBinding(pub [u8; 32]);

/// The secret half of a key for one session.
pub struct ReceiptSecret(SigningKey);

impl ReceiptSecret {
    /// From 32 random bytes.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(bytes))
    }

    /// The public half.
    pub fn key(&self) -> ReceiptKey {
        ReceiptKey(self.0.verifying_key().to_bytes())
    }

    fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        self.0.sign(bytes).to_bytes()
    }
}

impl core::fmt::Debug for ReceiptSecret {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("ReceiptSecret")
    }
}

/// The public half of a key for one session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ReceiptKey(pub [u8; 32]);

impl ReceiptKey {
    fn verifies(self, bytes: &[u8], signature: &[u8; 64]) -> bool {
        let Ok(key) = VerifyingKey::from_bytes(&self.0) else { return false };
        key.verify_strict(bytes, &Signature::from_bytes(signature)).is_ok()
    }
}

/// What both programs know of a session without telling each other.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Setting {
    /// Of this session alone.
    pub binding: SessionBinding,
    /// The broker's pin.
    pub broker: [u8; 32],
    /// The broker's key for cards.
    pub card_key: [u8; 32],
    /// Who the advisor is.
    pub card: Card,
    /// The cipher suite.
    pub suite: Suite,
    /// Places of the check words in their lists.
    pub check_words: [u8; 4],
}

/// One of the two programs.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Party {
    /// Its key for this session.
    pub key: ReceiptKey,
    /// Its version.
    pub version: DisplayText,
}

/// When the session began, by the keeper's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Begun {
    /// Milliseconds since 1970.
    pub unix_ms: u64,
    /// What the keeper's local time was ahead of UTC, in seconds.
    pub utc_offset_s: i32,
}

/// The first link of the chain.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Opening {
    /// What both know.
    pub setting: Setting,
    /// When.
    pub begun: Begun,
    /// Whose person keeps it.
    pub keeper: Party,
    /// The other side; `None` if it never told its key.
    pub witness: Option<Party>,
}

/// A salted hash of the names of applications.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Commitment(pub [u8; 32]);

/// The names that a [`Commitment`] is about, as the keeper's person saw them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// At most [`MAX_APPLICATIONS`].
    pub names: Vec<DisplayText>,
    /// Random, so that nobody can guess names.
    pub salt: [u8; 32],
}

/// Which side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
pub enum Side {
    /// The one whose person keeps the receipt.
    Keeper,
    /// The other one.
    Witness,
}

/// A file that came whole from one side to the other.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct FileFact {
    /// Who sent it.
    pub from: Side,
    /// Its name, safe to show.
    pub name: DisplayText,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its content.
    pub sha256: [u8; 32],
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Fact {
    /// These applications are shown, instead of any before.
    Showing(Commitment),
    /// Nothing is shown for the moment.
    Paused,
    /// Nothing is shown any more.
    Hidden,
    /// The witness asks for control.
    ControlAsked,
    /// Control is granted.
    ControlGranted {
        /// For so many seconds; `None` = until the session ends.
        limit_s: Option<u32>,
    },
    /// The keeper's person said no.
    ControlRefused,
    /// The request was taken back.
    ControlWithdrawn,
    /// Control ended.
    ControlEnded(ControlEnd),
    /// A file was handed over.
    File(FileFact),
    /// More happened than a receipt holds.
    TooMuch,
    /// The link broke.
    Interrupted,
    /// The link is there again, and the session goes on.
    Resumed,
    /// The session is over, and with it every right.
    Ended {
        /// Who ended it.
        by: Side,
        /// Why.
        reason: EndReason,
    },
    /// The witness asks whether it may record.
    RecordingAsked,
    /// It may.
    RecordingGranted {
        /// Who opens the recording.
        owners: RecordingOwners,
    },
    /// The keeper's person said no.
    RecordingRefused,
    /// The request was taken back.
    RecordingWithdrawn,
    /// The recording ended.
    RecordingEnded(RecordingEnd),
    /// The witness asks to show something of its own.
    TurnAsked,
    /// It may; nothing of the keeper's is shown from here on.
    TurnGranted,
    /// The keeper's person said no.
    TurnRefused,
    /// The request was taken back.
    TurnWithdrawn,
    /// The witness shows nothing any more.
    TurnEnded(TurnEnd),
    /// More files were handed over than a receipt names.
    MoreFiles,
    /// The witness asks to control for longer.
    MoreTimeAsked,
    /// It may, for so many seconds from here on; `None` = until the session
    /// ends.
    MoreTimeGranted {
        /// Seconds.
        limit_s: Option<u32>,
    },
    /// The keeper's person said no; control goes on as before.
    MoreTimeRefused,
    /// What the keeper's switch lets through of copied text from here on. The
    /// word itself goes another way than this entry, as with files.
    Clipboard(ClipWays),
}

/// One link of the chain.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Entry {
    /// When, by the keeper's clock, in milliseconds since 1970.
    pub unix_ms: u64,
    /// What.
    pub fact: Fact,
}

/// The witness's signature over the chain up to an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Countersignature {
    /// Over so many entries.
    pub entries: u32,
    /// When, by the witness's clock, in milliseconds since 1970.
    pub unix_ms: u64,
    /// The witness then ended the session.
    pub ended: bool,
    /// Ed25519.
    pub signature: [u8; 64],
}

/// From keeper to witness.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum ToWitness {
    /// What of the opening the witness can't know.
    Begin {
        /// The keeper.
        keeper: Party,
        /// When.
        begun: Begun,
    },
    /// The next entry.
    Entry(Entry),
}

/// From witness to keeper.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum ToKeeper {
    /// The witness. First, once.
    Key(Party),
    /// It has signed.
    Signed(Countersignature),
}

/// This program's version.
fn version() -> DisplayText {
    DisplayText::cleaned(env!("CARGO_PKG_VERSION"))
}

/// By its number in the handshake.
impl Encode for Suite {
    fn encode<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        self.wire_id().encode(encoder)
    }
}

impl<C> Decode<C> for Suite {
    fn decode<D: Decoder<Context = C>>(decoder: &mut D) -> Result<Self, DecodeError> {
        Self::from_wire_id(u16::decode(decoder)?).ok_or(DecodeError::Other("no cipher suite"))
    }
}

impl<'de, C> BorrowDecode<'de, C> for Suite {
    fn borrow_decode<D: BorrowDecoder<'de, Context = C>>(decoder: &mut D) -> Result<Self, DecodeError> {
        Self::decode(decoder)
    }
}

#[cfg(test)]
mod tests;
