//! What the broker must remember, behind a trait.
//!
//! SQLite is the embedded backend; another one goes beside it and must pass
//! the same conformance suite. Whatever changes an account takes the
//! [`Record`] of it and writes both or neither; only wrong tries are counted
//! without one. Rules are decided in [`crate::accounts`], but for those that
//! only hold if the store keeps them: the first account is the main user's,
//! made with the paper code; there is one main user, who is neither removed
//! nor given another role before somebody else is.

pub mod sqlite;
pub mod workplace;

use crate::{
    accounts::{MIN_PASSWORD_CHARS, MIN_PASSWORD_CHARS_WITH_CODE, PasswordState, Role},
    audit::{Cut, Entry, Head, Point, Record, Unfinished},
    images::KeptImage,
    limits::{Locked, Tries},
    ratings::Counted,
};
use jiff::civil::Date;
use mitblick_protocol::{
    appointment::Booking, image::ImageHash, number::Routing, policy::Policy, rating::Rating, workplace::WorkplaceKey,
};
use std::{fmt, path::Path, pin::Pin};
use workplace::{Asked, Decision, NewWorkplace, Workplace, WorkplaceId};
use zeroize::Zeroizing;

/// Why the store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It is broken, full or away. The text is for the log.
    #[error("store: {0}")]
    OutOfOrder(String),
    /// There is an account of this name already.
    #[error("the name is taken")]
    NameTaken,
    /// There is a main user already.
    #[error("there is a main user already")]
    MainUserThere,
    /// There is no main user yet, who comes first.
    #[error("there is no main user yet")]
    NoMainUser,
}

/// An account.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// Never used again after the account is removed.
    pub id: i64,
    /// Name to sign in with, in lower case.
    pub name: String,
    /// Name that customers are shown.
    pub display_name: String,
    /// What it may do.
    pub role: Role,
    /// Hash of the password as a PHC string.
    pub password_hash: Zeroizing<String>,
    /// Whose choice the password is.
    pub password_state: PasswordState,
    /// When the password was set, seconds since 1970.
    pub password_changed_unix_s: i64,
    /// Wrong passwords lately.
    pub tries: Tries,
    /// Signs nobody in for as long as it is.
    pub blocked: bool,
    /// Language of the pages, `de` or `en`; `None` is the browser's.
    pub language: Option<String>,
    /// The second factor's sealed secret, if it has one; see [`crate::vault`].
    pub second_factor: Option<Vec<u8>>,
    /// The hash of the portrait, if it has one.
    pub portrait: Option<ImageHash>,
}

impl Account {
    /// Fewest characters that a new password must have.
    pub fn least_password_chars(&self) -> usize {
        if self.second_factor.is_some() { MIN_PASSWORD_CHARS_WITH_CODE } else { MIN_PASSWORD_CHARS }
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Account({})", self.id)
    }
}

/// An account to be made.
#[derive(Clone)]
pub struct NewAccount {
    /// See [`Account::name`].
    pub name: String,
    /// See [`Account::display_name`].
    pub display_name: String,
    /// See [`Account::role`].
    pub role: Role,
    /// Its password.
    pub password: NewPassword,
}

/// A password to be set.
#[derive(Clone)]
pub struct NewPassword {
    /// See [`Account::password_hash`].
    pub hash: Zeroizing<String>,
    /// See [`Account::password_state`].
    pub state: PasswordState,
    /// See [`Account::password_changed_unix_s`].
    pub changed_unix_s: i64,
}

/// A second factor that takes the place of any there was.
#[derive(Clone)]
pub struct NewSecondFactor {
    /// See [`Account::second_factor`].
    pub sealed: Vec<u8>,
    /// The step whose code has proven it, used up by that.
    pub used_step: i64,
    /// Hashes of its recovery codes.
    pub recovery_hashes: Vec<String>,
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is made.
    Made,
    /// There is no account of that name.
    NoSuchAccount,
    /// It is the main user's account, which must be handed over first.
    IsMainUser,
    /// The account has another password by now than the one that was to be
    /// replaced.
    OtherPassword,
}

/// What became of a try that [`Store::count_try`] has counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TryEnd {
    /// The password was right: all wrong ones are forgotten.
    Right,
    /// It was not judged.
    NotJudged,
}

/// What became of a paper code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeUse {
    /// It was right; it is used up.
    Accepted,
    /// It is not the one, or there is none.
    Wrong,
    /// It came too late.
    Expired,
}

/// Which entries of the audit trail are wanted; `None` is all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditSearch {
    /// At or after this time.
    pub since_unix_s: Option<i64>,
    /// Before this time.
    pub until_unix_s: Option<i64>,
    /// Actor or object holds this text.
    pub name: Option<String>,
    /// The action is this one.
    pub action: Option<String>,
    /// The outcome is this one.
    pub outcome: Option<String>,
}

/// Where a search begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Below this number, the latest first.
    Before(u64),
    /// Above this number, the first one first.
    After(u64),
}

/// A result to wait for.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// The broker's memory.
pub trait Store: Send + Sync {
    /// The account of this name.
    fn account<'a>(&'a self, name: &'a str) -> Answer<'a, Option<Account>>;
    /// All accounts, by name.
    fn accounts(&self) -> Answer<'_, Vec<Account>>;
    /// Makes an account and gives its id; [`StoreError::NameTaken`],
    /// [`StoreError::NoMainUser`] before there is one, and
    /// [`StoreError::MainUserThere`] if it is to be a second one.
    fn add_account(&self, account: NewAccount, record: Record) -> Answer<'_, i64>;
    /// Removes an account that is not the main user's.
    fn remove_account<'a>(&'a self, name: &'a str, record: Record) -> Answer<'a, Change>;
    /// Sets another password; the present one becomes an earlier one, and
    /// wrong tries are forgotten. With `instead_of` only if that is the present
    /// one's hash: of two who exchange the same password one comes first.
    fn set_password<'a>(
        &'a self,
        name: &'a str,
        instead_of: Option<&'a str>,
        password: NewPassword,
        record: Record,
    ) -> Answer<'a, Change>;
    /// Hashes of the present password and of all earlier ones, the latest
    /// first; none if there is no such account.
    fn password_hashes<'a>(&'a self, name: &'a str) -> Answer<'a, Vec<Zeroizing<String>>>;
    /// Counts a try with this name as wrong, before it is judged, whether an
    /// account has the name or not; see [`Tries::counted`].
    fn count_try<'a>(&'a self, name: &'a str, now_unix_s: i64) -> Answer<'a, Result<Tries, Locked>>;
    /// The try that was counted was not a wrong one.
    fn end_try<'a>(&'a self, name: &'a str, how: TryEnd) -> Answer<'a, ()>;
    /// Gives an account that is not the main user's another role than that.
    fn set_role<'a>(&'a self, name: &'a str, role: Role, record: Record) -> Answer<'a, Change>;
    /// Makes this account the main user's, unblocked if it was blocked, and the
    /// one before a local admin's;
    /// [`StoreError::NoMainUser`] if nobody can hand over.
    fn hand_over<'a>(&'a self, name: &'a str, record: Record) -> Answer<'a, Change>;
    /// Replaces the paper code; [`StoreError::MainUserThere`] if nobody needs
    /// one any more.
    fn set_paper_code<'a>(&'a self, hash: &'a str, expires_unix_s: i64, record: Record) -> Answer<'a, ()>;
    /// Makes the main user's account if the code is right, and uses it up.
    fn add_main_user<'a>(
        &'a self,
        account: NewAccount,
        code_hash: &'a str,
        now_unix_s: i64,
        record: Record,
    ) -> Answer<'a, CodeUse>;
    /// Appends to the audit trail, all or nothing; gives the new head.
    fn record(&self, records: Vec<Record>) -> Answer<'_, Option<Head>>;
    /// Sessions whose beginning is in the trail since the broker's last start,
    /// and whose end is not.
    fn unfinished_sessions(&self) -> Answer<'_, Vec<Unfinished>>;
    /// Audit entries with numbers above `seq`, the first ones first, at most
    /// so many.
    fn audit_entries(&self, seq: u64, most: u32) -> Answer<'_, Vec<Entry>>;
    /// Where the audit trail begins; `None` if it has all its entries.
    fn audit_cut(&self) -> Answer<'_, Option<Cut>>;
    /// Removes the audit entries up to this one, behind a signed cut and with
    /// an entry of it, and gives the cut; see [`crate::audit::Signer::cut`].
    /// `None`, and nothing is removed, if that entry is not there with this
    /// hash, or not before the broker's last start.
    fn cut_audit(&self, last: Point) -> Answer<'_, Option<Cut>>;
    /// At most so many of the audit entries that are wanted.
    fn audit_search<'a>(&'a self, wanted: &'a AuditSearch, from: Start, most: u32) -> Answer<'a, Vec<Entry>>;
    /// Blocks an account that is not the main user's, or lets it in again.
    fn set_blocked<'a>(&'a self, name: &'a str, blocked: bool, record: Record) -> Answer<'a, Change>;
    /// Sets the name for customers and the pages' language.
    fn set_profile<'a>(
        &'a self,
        name: &'a str,
        display_name: &'a str,
        language: Option<&'a str>,
        record: Record,
    ) -> Answer<'a, Change>;
    /// An account's portrait.
    fn portrait(&self, account: i64) -> Answer<'_, Option<KeptImage>>;
    /// Gives an account a portrait instead of any there was, or takes it away.
    fn set_portrait(&self, account: i64, portrait: Option<KeptImage>, record: Record) -> Answer<'_, Change>;
    /// The company's logo.
    fn logo(&self) -> Answer<'_, Option<KeptImage>>;
    /// Sets the company's logo, or takes it away; gives the rules, which carry
    /// its hash, with the next serial number.
    fn set_logo(&self, logo: Option<KeptImage>, record: Record) -> Answer<'_, Policy>;
    /// The company's rules.
    fn rules(&self) -> Answer<'_, Policy>;
    /// Replaces the rules that have this one's serial number, but for the logo,
    /// and gives the new ones with the next; `None` if somebody else has changed them since.
    fn set_rules(&self, policy: Policy, record: Record) -> Answer<'_, Option<Policy>>;
    /// Counts a customer's answer under this day and advisor, and forgets those
    /// that are [`crate::ratings::KEPT_DAYS`] older.
    fn rated<'a>(&'a self, day: Date, advisor: &'a str, rating: Rating) -> Answer<'a, ()>;
    /// How often each answer was given on this day and later, the earliest
    /// first.
    fn ratings_since(&self, day: Date) -> Answer<'_, Vec<Counted>>;
    /// The audit trail's head; `None` before the first entry.
    fn audit_head(&self) -> Answer<'_, Option<Head>>;
    /// Writes down that this number was opened; a later time replaces an
    /// earlier one.
    fn number_opened(&self, routing: Routing, at_unix_s: i64) -> Answer<'_, ()>;
    /// Numbers opened at or after this time, the earliest first; forgets the
    /// others.
    fn numbers_opened_since(&self, since_unix_s: i64) -> Answer<'_, Vec<(Routing, i64)>>;
    /// Writes down that the account of this id has booked a number that nobody
    /// has booked.
    fn book(&self, account: i64, booking: Booking, record: Record) -> Answer<'_, ()>;
    /// All bookings with the ids of their accounts; those of an account go with
    /// it, and their numbers rest.
    fn bookings(&self) -> Answer<'_, Vec<(i64, Booking)>>;
    /// Removes the bookings of these numbers, if there are any, and writes down
    /// that they rest from this time on, as if opened then, in seconds since
    /// 1970: all or nothing.
    fn bookings_over<'a>(&'a self, numbers: &'a [(Routing, i64)]) -> Answer<'a, ()>;
    /// The company's name, if it was ever set.
    fn organisation(&self) -> Answer<'_, Option<String>>;
    /// Writes a consistent copy of all that is remembered into this file, which
    /// is there, empty and the owner's alone.
    fn copy_to<'a>(&'a self, file: &'a Path) -> Answer<'a, ()>;
    /// Remembers when the last backup was made.
    fn backup_made(&self, at_unix_s: i64, record: Record) -> Answer<'_, ()>;
    /// When the last backup was made, in seconds since 1970.
    fn last_backup(&self) -> Answer<'_, Option<i64>>;
    /// Sets the company's name.
    fn set_organisation<'a>(&'a self, name: &'a str) -> Answer<'a, ()>;
    /// Gives the account of this id a second factor, or takes it away.
    fn set_second_factor<'a>(
        &'a self,
        account: i64,
        factor: Option<NewSecondFactor>,
        record: Record,
    ) -> Answer<'a, Change>;
    /// Replaces an account's recovery codes.
    fn set_recovery_codes<'a>(&'a self, account: i64, hashes: Vec<String>, record: Record) -> Answer<'a, Change>;
    /// Recovery codes that an account has left.
    fn recovery_codes(&self, account: i64) -> Answer<'_, u32>;
    /// Uses up the code of this time step, and those of all before it; false
    /// if it is used up already.
    fn use_code_step(&self, account: i64, step: i64) -> Answer<'_, bool>;
    /// Uses a recovery code up; false if there is none of this hash.
    fn use_recovery_code<'a>(&'a self, account: i64, hash: &'a str) -> Answer<'a, bool>;
    /// An account's workplace of this key.
    fn workplace<'a>(&'a self, account: i64, key: &'a WorkplaceKey) -> Answer<'a, Option<Workplace>>;
    /// All workplaces: those that wait, then approved, then refused ones.
    fn workplaces(&self) -> Answer<'_, Vec<Workplace>>;
    /// A workplace that comes for the first time waits to be decided on.
    fn ask_for_workplace(&self, new: NewWorkplace, record: Record) -> Answer<'_, Asked>;
    /// Decides on a workplace; false if there is none.
    fn decide_on_workplace(&self, id: WorkplaceId, decision: Decision, record: Record) -> Answer<'_, bool>;
    /// Forgets a workplace, which then can come anew; false if there is none.
    fn forget_workplace(&self, id: WorkplaceId, record: Record) -> Answer<'_, bool>;
    /// Somebody has signed in from it.
    fn workplace_used(&self, id: WorkplaceId, at_unix_s: i64) -> Answer<'_, ()>;
    /// Grows with every change, by whatever process, after which somebody may
    /// be signed in who may not any more.
    fn rights_generation(&self) -> Answer<'_, i64>;
}
