//! Whether a name and a password belong together, and a new password instead:
//! the same steps for the wire and for the command line, which share the count
//! of wrong tries in the store.

use crate::{
    accounts::{BadPassword, HashError, Hasher, PasswordState, check_new_password},
    audit::{Action, Actor, Record},
    limits::{Locked, Tries},
    store::{Account, Change, NewPassword, Store, StoreError, TryEnd},
};
use zeroize::Zeroizing;

/// Nothing can be said.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Hash(#[from] HashError),
}

/// What a name and a password are to each other.
pub(crate) enum Verdict {
    Right(Account),
    /// Or there is no such account; the work is the same.
    Wrong {
        account: Option<Account>,
        tries: Tries,
    },
    /// Not looked at.
    Locked(Locked),
}

/// Judges a name, in the form of [`crate::accounts::canonical_name`], and a
/// password.
pub(crate) async fn judge(
    store: &dyn Store,
    hasher: &Hasher,
    name: &str,
    password: Zeroizing<String>,
    now_unix_s: i64,
) -> Result<Verdict, Failure> {
    let tries = match store.count_try(name, now_unix_s).await? {
        Ok(tries) => tries,
        Err(locked) => return Ok(Verdict::Locked(locked)),
    };
    let account = store.account(name).await?;
    let hash = account.as_ref().map(|account| account.password_hash.clone());
    match (hasher.verify(password, hash).await, account) {
        (Ok(true), Some(account)) => {
            store.end_try(name, TryEnd::Right).await?;
            Ok(Verdict::Right(account))
        }
        (Ok(_), account) => Ok(Verdict::Wrong { account, tries }),
        (Err(error), _) => {
            store.end_try(name, TryEnd::NotJudged).await?;
            Err(error.into())
        }
    }
}

/// Why a password stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// The new one fails a rule.
    Rule(BadPassword),
    /// The present one is an initial one whose time is over.
    InitialExpired,
    /// Somebody else was faster: the account has another password or is gone.
    Changed,
}

/// The holder, whose present password was right, sets another one.
pub(crate) async fn change_password(
    store: &dyn Store,
    hasher: &Hasher,
    account: &Account,
    new: &Zeroizing<String>,
    now_unix_s: i64,
) -> Result<Result<(), Kept>, Failure> {
    if is_expired(account, now_unix_s) {
        return Ok(Err(Kept::InitialExpired));
    }
    let hash = match new_hash(store, hasher, &account.name, new).await? {
        Ok(hash) => hash,
        Err(why) => return Ok(Err(Kept::Rule(why))),
    };
    let password = NewPassword { hash, state: PasswordState::Own, changed_unix_s: now_unix_s };
    let record = Record::new(&Actor::Account(account.name.clone()), Action::PasswordChanged).on(&account.name);
    let change = store.set_password(&account.name, Some(&account.password_hash), password, record).await?;
    Ok(match change {
        Change::Made => Ok(()),
        Change::OtherPassword | Change::NoSuchAccount | Change::IsMainUser => Err(Kept::Changed),
    })
}

/// Whether the password is an initial one whose time is over.
pub(crate) fn is_expired(account: &Account, now_unix_s: i64) -> bool {
    matches!(account.password_state, PasswordState::Initial { until_unix_s } if until_unix_s <= now_unix_s)
}

/// The hash of a password that fits the rules and that the account never had.
pub(crate) async fn new_hash(
    store: &dyn Store,
    hasher: &Hasher,
    name: &str,
    new: &Zeroizing<String>,
) -> Result<Result<Zeroizing<String>, BadPassword>, Failure> {
    if let Err(why) = check_new_password(name, new) {
        return Ok(Err(why));
    }
    let hashes = store.password_hashes(name).await?;
    if hasher.used_before(new, hashes).await? {
        return Ok(Err(BadPassword::UsedBefore));
    }
    Ok(Ok(hasher.hash(new.clone()).await?))
}
