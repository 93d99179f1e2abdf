//! The audit trail: who did what, when, and how it ended.
//!
//! Entries form a hash chain whose head is signed. A chain alone does not show
//! that its end was cut off or that all of it was written anew; a [`Head`]
//! kept on another machine does, see [`Check`]. Entries hold names of
//! accounts, times, rights that the broker knows and counts; never content,
//! titles, file names, addresses or what a stranger typed as a name. Which
//! rights a customer grants in a session is between the two programs, and the
//! broker can't know it.
//!
//! Entries that the company keeps no longer go from the beginning only, behind
//! a signed [`Cut`], so that what is left can still be checked whole.
//!
//! This file knows no database: a store appends with [`Signer::append`] and
//! removes with [`Signer::cut`].

mod check;
mod cut;
mod export;
mod head;

pub use check::{Check, Fault};
pub use cut::{Cut, Plan, Point};
pub use export::{ExportError, Format, export};
pub use head::{BadHead, Head, Signer};

use crate::accounts::Role;
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    fmt,
    time::{SystemTime, UNIX_EPOCH},
};

/// Domain of an entry's hash.
const LABEL: &[u8] = b"mitblick audit entry 1";

/// Hash of an entry and, through the chain, of all before it.
pub type Hash = [u8; 32];

/// What comes before the first entry.
pub const BEGINNING: Hash = [0; 32];

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// The broker by itself.
    Broker,
    /// Somebody at the command line on the broker's machine.
    CommandLine,
    /// The holder of this account.
    Account(String),
    /// Somebody who named no account that exists.
    Stranger,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broker => f.write_str("broker"),
            Self::CommandLine => f.write_str("command line"),
            Self::Account(name) => write!(f, "account:{name}"),
            Self::Stranger => f.write_str("stranger"),
        }
    }
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The broker is ready. Ends of sessions that an earlier run could not
    /// record stand before it.
    BrokerStarted,
    /// The broker was told to stop.
    BrokerStopped,
    /// A sign-in.
    SignIn,
    /// A wrong proof burned a number.
    NumberBurned,
    /// A number was booked for an appointment.
    NumberBooked,
    /// A booked number was taken back.
    BookingCancelled,
    /// A session has begun.
    SessionBegan,
    /// A session went on after a cut, as another pair.
    SessionResumed,
    /// A session has ended, or was cut.
    SessionEnded,
    /// An account was made.
    AccountAdded,
    /// An account was removed.
    AccountRemoved,
    /// Somebody else has set the account's password.
    PasswordSet,
    /// The holder has changed the password.
    PasswordChanged,
    /// The account has another role.
    RoleChanged,
    /// Another account is the main user.
    MainUserHandedOver,
    /// A paper code for the main user was made.
    PaperCodeMade,
    /// An account was blocked.
    AccountBlocked,
    /// A blocked account was let in again.
    AccountUnblocked,
    /// The holder has changed the name for customers or the language.
    ProfileChanged,
    /// The holder has set a portrait.
    PortraitSet,
    /// The holder has taken the portrait away.
    PortraitRemoved,
    /// A sign-in on the admin pages.
    PagesSignIn,
    /// A sign-out on the admin pages.
    PagesSignOut,
    /// A session was ended on the admin pages.
    SessionStopped,
    /// The trail was exported on the admin pages.
    AuditExported,
    /// So many joins found nobody, within the last hour.
    JoinsFailed,
    /// A sign-in that ended the one at another workplace.
    SignInTakenOver,
    /// A workplace came for the first time.
    WorkplaceAsked,
    /// A workplace was approved.
    WorkplaceApproved,
    /// A workplace was refused, or its approval taken back.
    WorkplaceRefused,
    /// A refused workplace may ask anew.
    WorkplaceForgotten,
    /// A second factor was set up.
    SecondFactorSet,
    /// A second factor was taken away.
    SecondFactorRemoved,
    /// Recovery codes were made anew.
    RecoveryCodesMade,
    /// A recovery code was used up.
    RecoveryCodeUsed,
    /// The company's rules were changed.
    RulesChanged,
    /// A backup was made.
    BackupMade,
    /// Old entries were removed as planned; see [`Cut`].
    AuditCut,
}

impl Action {
    fn text(self) -> &'static str {
        match self {
            Self::BrokerStarted => "broker_started",
            Self::BrokerStopped => "broker_stopped",
            Self::SignIn => "sign_in",
            Self::NumberBurned => "number_burned",
            Self::NumberBooked => "number_booked",
            Self::BookingCancelled => "booking_cancelled",
            Self::SessionBegan => "session_began",
            Self::SessionResumed => "session_resumed",
            Self::SessionEnded => "session_ended",
            Self::AccountAdded => "account_added",
            Self::AccountRemoved => "account_removed",
            Self::PasswordSet => "password_set",
            Self::PasswordChanged => "password_changed",
            Self::RoleChanged => "role_changed",
            Self::MainUserHandedOver => "main_user_handed_over",
            Self::PaperCodeMade => "paper_code_made",
            Self::AccountBlocked => "account_blocked",
            Self::AccountUnblocked => "account_unblocked",
            Self::ProfileChanged => "profile_changed",
            Self::PortraitSet => "portrait_set",
            Self::PortraitRemoved => "portrait_removed",
            Self::PagesSignIn => "pages_sign_in",
            Self::PagesSignOut => "pages_sign_out",
            Self::SessionStopped => "session_stopped",
            Self::AuditExported => "audit_exported",
            Self::JoinsFailed => "joins_failed",
            Self::SignInTakenOver => "sign_in_taken_over",
            Self::WorkplaceAsked => "workplace_asked",
            Self::WorkplaceApproved => "workplace_approved",
            Self::WorkplaceRefused => "workplace_refused",
            Self::WorkplaceForgotten => "workplace_forgotten",
            Self::SecondFactorSet => "second_factor_set",
            Self::SecondFactorRemoved => "second_factor_removed",
            Self::RecoveryCodesMade => "recovery_codes_made",
            Self::RecoveryCodeUsed => "recovery_code_used",
            Self::RulesChanged => "rules_changed",
            Self::BackupMade => "backup_made",
            Self::AuditCut => "audit_cut",
        }
    }
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done.
    Done,
    /// Refused: the password is wrong or there is no such account.
    WrongPassword,
    /// Refused: the initial password must be changed first.
    InitialPassword,
    /// Refused: the account's role does not allow it.
    WrongRole,
    /// Refused: the account is blocked.
    Blocked,
    /// Refused: the code of the second factor is wrong.
    WrongCode,
    /// Refused: nobody may sign in from this workplace.
    WorkplaceRefused,
    /// Refused: the workplace's approval was not made by this broker.
    ForgedApproval,
    /// The broker ended without a chance to record it: found at its next start.
    EndedWithBroker,
}

impl Outcome {
    fn text(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::WrongPassword => "wrong_password",
            Self::InitialPassword => "initial_password",
            Self::WrongRole => "wrong_role",
            Self::Blocked => "blocked",
            Self::EndedWithBroker => "ended_with_broker",
            Self::WrongCode => "wrong_code",
            Self::WorkplaceRefused => "workplace_refused",
            Self::ForgedApproval => "forged_approval",
        }
    }
}

/// A session whose end is not in the trail.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Unfinished {
    /// [`Entry::actor`] of its beginning.
    pub actor: String,
    /// [`Entry::object`] of its beginning.
    pub object: String,
}

/// Something to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    at_unix_s: i64,
    actor: String,
    action: Action,
    object: String,
    outcome: Outcome,
    counts: BTreeMap<&'static str, u64>,
}

impl Record {
    /// It is done, now.
    pub fn new(actor: &Actor, action: Action) -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            at_unix_s: i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
            actor: actor.to_string(),
            action,
            object: String::new(),
            outcome: Outcome::Done,
            counts: BTreeMap::new(),
        }
    }

    /// The session ended, at the latest now, with the broker that held it.
    pub fn ended_with_broker(session: Unfinished) -> Self {
        let mut record = Self::new(&Actor::Broker, Action::SessionEnded).outcome(Outcome::EndedWithBroker);
        record.actor = session.actor;
        record.object = session.object;
        record
    }

    /// To this account.
    #[must_use]
    pub fn on(mut self, account: &str) -> Self {
        self.object = format!("account:{account}");
        self
    }

    /// To this account, which has this role from now on.
    #[must_use]
    pub fn on_role(mut self, account: &str, role: Role) -> Self {
        self.object = format!("account:{account} role:{}", role.as_str());
        self
    }

    /// To this workplace of an account.
    #[must_use]
    pub fn on_workplace(mut self, account: &str, workplace: i64) -> Self {
        self.object = format!("account:{account} workplace:{workplace}");
        self
    }

    /// To this session; ids begin anew with every start of the broker.
    #[must_use]
    pub fn on_session(mut self, session: u64) -> Self {
        self.object = format!("session:{session}");
        self
    }

    /// To these rules; see [`crate::rules::changes`].
    #[must_use]
    pub fn on_rules(mut self, changes: String) -> Self {
        self.object = changes;
        self
    }

    /// With this outcome.
    #[must_use]
    pub fn outcome(mut self, outcome: Outcome) -> Self {
        self.outcome = outcome;
        self
    }

    /// With a count; the name tells the unit.
    #[must_use]
    pub fn count(mut self, name: &'static str, value: u64) -> Self {
        self.counts.insert(name, value);
        self
    }
}

/// An entry of the trail. Words are kept as they were written: a newer version
/// may know more of them.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Entry {
    /// From 1, without gaps.
    pub seq: u64,
    /// Seconds since 1970.
    pub at_unix_s: i64,
    /// Who.
    pub actor: String,
    /// What.
    pub action: String,
    /// To what.
    pub object: String,
    /// How it ended.
    pub outcome: String,
    /// Counts as `name=value`, separated by blanks, in the order of names.
    pub counts: String,
    /// See [`Entry::hash_after`].
    #[serde(serialize_with = "hex")]
    pub hash: Hash,
}

impl Entry {
    /// The entry that follows `head`.
    fn after(head: Option<&Head>, record: &Record) -> Self {
        let (seq, before) = head.map_or((1, BEGINNING), |head| (head.seq.saturating_add(1), head.hash));
        let counts: Vec<String> = record.counts.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut entry = Self {
            seq,
            at_unix_s: record.at_unix_s,
            actor: record.actor.clone(),
            action: record.action.text().to_owned(),
            object: record.object.clone(),
            outcome: record.outcome.text().to_owned(),
            counts: counts.join(" "),
            hash: BEGINNING,
        };
        entry.hash = entry.hash_after(&before);
        entry
    }

    /// The hash that this entry must have after one of hash `before`. Texts
    /// carry their length, so that nothing can move from one to the next.
    pub fn hash_after(&self, before: &Hash) -> Hash {
        let mut hash = Sha256::new();
        hash.update(LABEL);
        hash.update(before);
        hash.update(self.seq.to_be_bytes());
        hash.update(self.at_unix_s.to_be_bytes());
        for text in [&self.actor, &self.action, &self.object, &self.outcome, &self.counts] {
            hash.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(text.as_bytes());
        }
        hash.finalize().into()
    }
}

fn hex<S: serde::Serializer>(hash: &Hash, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&hex_text(hash))
}

/// Bytes in lower-case hexadecimal digits.
pub(crate) fn hex_text(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
