//! The company's rules for its sessions, signed by the broker.
//!
//! They only ever take something away: a program combines what it allows by
//! itself with them ([`Limits::tightened_by`]), and each side enforces what
//! protects its own person. The broker decides nothing in a session. A program
//! that can't read a policy whole has no session: it could not keep a rule
//! that it doesn't know.

use crate::{
    handshake::Offer,
    image::ImageHash,
    session::ControlLimit,
    text::DisplayText,
    transfer::FileKinds,
    wire::{self, MAX_POLICY_BYTES},
};
use alloc::vec::Vec;
use bincode::{
    BorrowDecode, Decode, Encode,
    de::{BorrowDecoder, Decoder},
    error::DecodeError,
};
use core::{fmt, time::Duration};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

/// Separates these signatures from any other use of the broker's card key.
const SIGNATURE_LABEL: &[u8] = b"MITBLICK-POLICY-1";
/// Form of the policy that follows it. New rules are a new form, so that a
/// program that does not know them says so.
const FORM: u8 = 5;

/// A length in minutes, from 1 to [`Minutes::MOST`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode)]
pub struct Minutes(u16);

impl Minutes {
    /// A day.
    pub const MOST: u16 = 24 * 60;

    /// So many minutes, if that is a length that can be set.
    pub const fn new(minutes: u16) -> Option<Self> {
        if minutes >= 1 && minutes <= Self::MOST { Some(Self(minutes)) } else { None }
    }

    /// The number.
    pub const fn value(self) -> u16 {
        self.0
    }

    /// The length.
    pub const fn duration(self) -> Duration {
        Duration::from_secs(self.0 as u64 * 60)
    }
}

impl fmt::Display for Minutes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<C> Decode<C> for Minutes {
    fn decode<D: Decoder<Context = C>>(decoder: &mut D) -> Result<Self, DecodeError> {
        Self::new(u16::decode(decoder)?).ok_or(DecodeError::Other("minutes out of range"))
    }
}

impl<'de, C> BorrowDecode<'de, C> for Minutes {
    fn borrow_decode<D: BorrowDecoder<'de, Context = C>>(decoder: &mut D) -> Result<Self, DecodeError> {
        Self::decode(decoder)
    }
}

/// Whether the customer may let the advisor control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
pub enum ControlRule {
    /// If the customer wants to, for so long at a time; `None` = as long as
    /// the customer says.
    Allowed {
        /// The longest grant.
        longest: Option<Minutes>,
    },
    /// Never.
    Forbidden,
}

impl Default for ControlRule {
    fn default() -> Self {
        Self::Allowed { longest: None }
    }
}

impl ControlRule {
    /// What both allow.
    #[must_use]
    pub fn tightened_by(self, other: Self) -> Self {
        match (self, other) {
            (Self::Allowed { longest: one }, Self::Allowed { longest: other }) => {
                Self::Allowed { longest: shorter(one, other) }
            }
            (Self::Forbidden, _) | (_, Self::Forbidden) => Self::Forbidden,
        }
    }

    /// For how long control is granted when a person asks for `wanted`; `None`
    /// if it can't be granted at all.
    pub fn limit(self, wanted: ControlLimit) -> Option<ControlLimit> {
        match (self, wanted) {
            (Self::Forbidden, _) => None,
            (Self::Allowed { longest: None }, wanted) => Some(wanted),
            (Self::Allowed { longest: Some(longest) }, ControlLimit::Session) => {
                Some(ControlLimit::Minutes(longest.value()))
            }
            (Self::Allowed { longest: Some(longest) }, ControlLimit::Minutes(minutes)) => {
                Some(ControlLimit::Minutes(minutes.min(longest.value())))
            }
        }
    }
}

/// Whether text may go from one clipboard to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Encode, Decode)]
pub enum ClipboardRule {
    /// As the customer wants.
    #[default]
    Allowed,
    /// One text at a time, each with the receiver's yes; no switch.
    OneByOne,
    /// Never.
    Forbidden,
}

impl ClipboardRule {
    /// What both allow.
    #[must_use]
    pub fn tightened_by(self, other: Self) -> Self {
        self.max(other)
    }
}

/// Which files may go from one side to the other; the receiver decides about
/// each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Encode, Decode)]
pub struct FileLimits {
    /// From the advisor to the customer.
    pub to_customer: FileKinds,
    /// From the customer to the advisor.
    pub to_advisor: FileKinds,
}

impl FileLimits {
    /// Nothing is limited.
    pub const NONE: Self = Self { to_customer: FileKinds::ALL, to_advisor: FileKinds::ALL };

    /// What both allow.
    #[must_use]
    pub const fn tightened_by(self, other: Self) -> Self {
        Self { to_customer: self.to_customer.and(other.to_customer), to_advisor: self.to_advisor.and(other.to_advisor) }
    }
}

/// Whether a session may be recorded, if the customer agrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Encode, Decode)]
pub enum RecordingRule {
    /// As the customer wants.
    Allowed,
    /// Never; so it is until a company decides otherwise.
    #[default]
    Forbidden,
}

impl RecordingRule {
    /// What both allow.
    #[must_use]
    pub fn tightened_by(self, other: Self) -> Self {
        self.max(other)
    }
}

/// Whether the advisor may show something of the own screen, if the customer
/// agrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Encode, Decode)]
pub enum TurnRule {
    /// As the customer wants.
    #[default]
    Allowed,
    /// Never.
    Forbidden,
}

impl TurnRule {
    /// What both allow.
    #[must_use]
    pub fn tightened_by(self, other: Self) -> Self {
        self.max(other)
    }
}

/// Whether customers are asked how a session was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Encode, Decode)]
pub enum RatingRule {
    /// They are, and need not answer.
    #[default]
    Asked,
    /// They are not.
    NotAsked,
}

impl RatingRule {
    /// What both allow.
    #[must_use]
    pub fn tightened_by(self, other: Self) -> Self {
        self.max(other)
    }
}

/// Whether advisors may book numbers for appointments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Encode, Decode)]
pub enum AppointmentRule {
    /// They may.
    #[default]
    Allowed,
    /// They may not: every number is told on the phone, minutes before its use.
    Forbidden,
}

impl AppointmentRule {
    /// What both allow.
    #[must_use]
    pub fn tightened_by(self, other: Self) -> Self {
        self.max(other)
    }
}

/// What a program keeps to in a session. The default limits nothing, but
/// allows no recordings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Encode, Decode)]
pub struct Limits {
    /// Only the modern cipher suite will do.
    pub modern_suite: bool,
    /// Control.
    pub control: ControlRule,
    /// A session ends after so long.
    pub longest_session: Option<Minutes>,
    /// Text between clipboards.
    pub clipboard: ClipboardRule,
    /// Files.
    pub files: FileLimits,
    /// Recordings.
    pub recording: RecordingRule,
    /// Advisors who show something.
    pub turn: TurnRule,
    /// Questions after a session.
    pub rating: RatingRule,
    /// Numbers for appointments.
    pub appointments: AppointmentRule,
}

impl Limits {
    /// Nothing is limited.
    pub const NONE: Self = Self {
        modern_suite: false,
        control: ControlRule::Allowed { longest: None },
        longest_session: None,
        clipboard: ClipboardRule::Allowed,
        files: FileLimits::NONE,
        recording: RecordingRule::Allowed,
        turn: TurnRule::Allowed,
        rating: RatingRule::Asked,
        appointments: AppointmentRule::Allowed,
    };

    /// What both allow: never more than either does.
    #[must_use]
    pub fn tightened_by(self, other: Self) -> Self {
        Self {
            modern_suite: self.modern_suite || other.modern_suite,
            control: self.control.tightened_by(other.control),
            longest_session: shorter(self.longest_session, other.longest_session),
            clipboard: self.clipboard.tightened_by(other.clipboard),
            files: self.files.tightened_by(other.files),
            recording: self.recording.tightened_by(other.recording),
            turn: self.turn.tightened_by(other.turn),
            rating: self.rating.tightened_by(other.rating),
            appointments: self.appointments.tightened_by(other.appointments),
        }
    }

    /// What to offer in the handshake.
    pub fn offer(&self) -> Offer {
        Offer { need_modern: self.modern_suite, ..Offer::default() }
    }
}

fn shorter(one: Option<Minutes>, other: Option<Minutes>) -> Option<Minutes> {
    one.into_iter().chain(other).min()
}

/// What the company says to its customers; each may be empty.
#[derive(Clone, Debug, PartialEq, Eq, Default, Encode, Decode)]
pub struct CompanyTexts {
    /// A line above the question whether to show something, in German.
    pub greeting_de: DisplayText,
    /// The same in English.
    pub greeting_en: DisplayText,
    /// Where to call.
    pub telephone: DisplayText,
    /// The logo, if there is one.
    pub logo: Option<ImageHash>,
}

/// The rules of a company. The default restricts nothing and says nothing.
#[derive(Clone, Debug, PartialEq, Eq, Default, Encode, Decode)]
pub struct Policy {
    /// Counts the changes: a program does not go back to an earlier one.
    pub serial: u64,
    /// What is limited.
    pub limits: Limits,
    /// What is said.
    pub texts: CompanyTexts,
}

/// A policy as it travels: bytes that are nothing before
/// [`SignedPolicy::verify`] has said so.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct SignedPolicy {
    /// Form (one byte), then the policy.
    body: Vec<u8>,
    /// Ed25519 over label and body.
    signature: [u8; 64],
}

impl fmt::Debug for SignedPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignedPolicy({} bytes)", self.body.len())
    }
}

/// Why a policy is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// The broker did not sign this.
    #[error("the signature of the rules is wrong")]
    Signature,
    /// The broker signed something that this version can't read.
    #[error("rules that this version does not know")]
    Unknown,
    /// The broker had later ones before.
    #[error("the rules are older than those before")]
    Older,
}

fn signed_bytes(body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::from(SIGNATURE_LABEL);
    bytes.extend_from_slice(body);
    bytes
}

impl SignedPolicy {
    /// A policy with its signature. Never longer than [`MAX_POLICY_BYTES`] and
    /// a signature.
    pub fn sign(key: &SigningKey, policy: &Policy) -> Self {
        let mut body = Vec::from([FORM]);
        // Encoding it can't fail; without a body nobody would believe it.
        body.extend(wire::encode(policy).unwrap_or_default());
        let signature = key.sign(&signed_bytes(&body)).to_bytes();
        Self { body, signature }
    }

    /// The policy, if the broker with `card_key` signed it.
    ///
    /// # Errors
    /// `Signature` or `Unknown`.
    pub fn verify(&self, card_key: &[u8; 32]) -> Result<Policy, PolicyError> {
        let key = VerifyingKey::from_bytes(card_key).map_err(|_| PolicyError::Signature)?;
        key.verify_strict(&signed_bytes(&self.body), &Signature::from_bytes(&self.signature))
            .map_err(|_| PolicyError::Signature)?;
        match self.body.split_first() {
            Some((&FORM, policy)) => wire::decode::<Policy, MAX_POLICY_BYTES>(policy).map_err(|_| PolicyError::Unknown),
            _ => Err(PolicyError::Unknown),
        }
    }
}

/// The newest policy that a program has seen since it was started.
#[derive(Clone, Debug, Default)]
pub struct NewestPolicy(Policy);

impl NewestPolicy {
    /// Takes one that came from the broker with `card_key`.
    ///
    /// # Errors
    /// It is not believed; the one before stays.
    pub fn take(&mut self, signed: &SignedPolicy, card_key: &[u8; 32]) -> Result<&Policy, PolicyError> {
        let policy = signed.verify(card_key)?;
        // Two of the same number can't both be the broker's word.
        let differs = self.0 != Policy::default() && policy.serial == self.0.serial && policy != self.0;
        if policy.serial < self.0.serial || differs {
            return Err(PolicyError::Older);
        }
        self.0 = policy;
        Ok(&self.0)
    }

    /// The one in force.
    pub const fn policy(&self) -> &Policy {
        &self.0
    }
}

#[cfg(test)]
mod tests;
