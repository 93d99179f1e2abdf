//! Whether a name, a password and a code belong together, and a new password
//! instead: the same steps for the wire, the pages and the command line, which
//! share the count of wrong tries in the store.

use crate::{
    accounts::{BadPassword, HashError, Hasher, PasswordState, check_new_password},
    audit::{Action, Actor, Record},
    hall::{Hall, unix_now},
    limits::{Locked, Source, Tries},
    metrics::Count,
    second_factor::{Code, Secret},
    store::{Account, Change, NewPassword, Store, StoreError, TryEnd},
    vault::{BadSeal, Vault},
};
use std::time::Duration;
use zeroize::Zeroizing;

/// Nothing can be said.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Hash(#[from] HashError),
    #[error(transparent)]
    Seal(#[from] BadSeal),
}

/// What a name and a password are to each other.
pub(crate) enum Verdict {
    Right(Account),
    /// The password is right, and its account has a second factor: nobody is
    /// signed in before [`judge_code`] says so.
    CodeWanted(Account),
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
        (Ok(true), Some(account)) if account.second_factor.is_some() => {
            // Wrong codes before are not forgotten: who knows the password
            // could else try codes for ever.
            store.end_try(name, TryEnd::NotJudged).await?;
            Ok(Verdict::CodeWanted(account))
        }
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

/// What an account and a code are to each other.
pub(crate) enum CodeVerdict {
    /// The code is right, and used up by that.
    Right(Account, CodeKind),
    Wrong(Tries),
    /// Not looked at.
    Locked(Locked),
    /// The account is gone, or has another password by now.
    Changed,
}

/// What kind of code it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CodeKind {
    /// Of the authenticator program.
    Totp,
    /// A recovery code.
    Recovery,
}

/// Judges the code of somebody whose password was right. Wrong ones are
/// counted with wrong passwords.
pub(crate) async fn judge_code(
    store: &dyn Store,
    vault: &Vault,
    known: &Account,
    typed: &str,
    now_unix_s: i64,
) -> Result<CodeVerdict, Failure> {
    let tries = match store.count_try(&known.name, now_unix_s).await? {
        Ok(tries) => tries,
        Err(locked) => return Ok(CodeVerdict::Locked(locked)),
    };
    let now = store
        .account(&known.name)
        .await?
        .filter(|account| account.id == known.id && account.password_changed_unix_s == known.password_changed_unix_s);
    let Some(account) = now else {
        store.end_try(&known.name, TryEnd::NotJudged).await?;
        return Ok(CodeVerdict::Changed);
    };
    let right = match (Code::parse(typed), &account.second_factor) {
        (None, _) => None,
        // It was taken away in the meantime: nothing is asked for.
        (Some(_), None) => Some(CodeKind::Totp),
        (Some(Code::Totp(code)), Some(sealed)) => {
            let secret = Secret::from_bytes(vault.open_sealed(account.id, sealed)?)?;
            match secret.step_of(&code, now_unix_s) {
                Some(step) => store.use_code_step(account.id, step).await?.then_some(CodeKind::Totp),
                None => None,
            }
        }
        (Some(Code::Recovery(hash)), Some(_)) => {
            store.use_recovery_code(account.id, &hash).await?.then_some(CodeKind::Recovery)
        }
    };
    match right {
        Some(kind) => {
            store.end_try(&account.name, TryEnd::Right).await?;
            Ok(CodeVerdict::Right(account, kind))
        }
        None => Ok(CodeVerdict::Wrong(tries)),
    }
}

/// Why somebody who comes over the network is not let in.
pub(crate) enum Denied {
    /// The password is right; a code comes next.
    CodeWanted(Account),
    /// The account is gone, or has another password by now.
    Changed,
    /// Name or password is wrong.
    Wrong {
        /// The account, if there is one.
        account: Option<Account>,
        /// How long a next try must wait.
        wait: Duration,
        /// Wrong tries before a lock; 0 while one lasts.
        left: u32,
    },
    /// Not looked at for so long.
    Wait(Duration),
    /// Nothing can be said.
    Failed(Failure),
}

/// Judges a name and a password that come from `source`, by its limits too,
/// and counts what becomes of it.
pub(crate) async fn judge_from(
    source: Source,
    hall: &Hall,
    store: &dyn Store,
    hasher: &Hasher,
    name: &str,
    password: Zeroizing<String>,
) -> Result<Account, Denied> {
    // What can't be recorded does not happen.
    hall.recorder.ready().await.map_err(|error| Denied::Failed(error.into()))?;
    let admitted = hall.limits().sign_in(source, hall.now());
    if let Err(wait) = admitted {
        hall.metrics.count(Count::SignInLimited);
        return Err(Denied::Wait(wait));
    }
    match judge(store, hasher, name, password, unix_now_s()).await {
        Ok(Verdict::Right(account)) => {
            hall.limits().sign_in_undone(source);
            Ok(account)
        }
        Ok(Verdict::CodeWanted(account)) => {
            hall.limits().sign_in_undone(source);
            Err(Denied::CodeWanted(account))
        }
        Ok(Verdict::Wrong { account, tries }) => {
            hall.metrics.count(Count::SignInFailed);
            let by_source = hall.limits().sign_in_wait(source, hall.now());
            let (wait, left) = next_try(tries, by_source, unix_now_s());
            Err(Denied::Wrong { account, wait, left })
        }
        Ok(Verdict::Locked(Locked { wait_s })) => {
            hall.limits().sign_in_undone(source);
            hall.metrics.count(Count::SignInLimited);
            Err(Denied::Wait(Duration::from_secs(wait_s)))
        }
        Err(failure) => {
            hall.limits().sign_in_undone(source);
            Err(Denied::Failed(failure))
        }
    }
}

/// Judges the code of somebody whose password was right and who comes from
/// `source`.
pub(crate) async fn judge_code_from(
    source: Source,
    hall: &Hall,
    store: &dyn Store,
    vault: &Vault,
    known: &Account,
    typed: &str,
) -> Result<(Account, CodeKind), Denied> {
    hall.recorder.ready().await.map_err(|error| Denied::Failed(error.into()))?;
    let admitted = hall.limits().sign_in(source, hall.now());
    if let Err(wait) = admitted {
        hall.metrics.count(Count::SignInLimited);
        return Err(Denied::Wait(wait));
    }
    match judge_code(store, vault, known, typed, unix_now_s()).await {
        Ok(CodeVerdict::Right(account, kind)) => {
            hall.limits().sign_in_undone(source);
            Ok((account, kind))
        }
        Ok(CodeVerdict::Wrong(tries)) => {
            hall.metrics.count(Count::SignInFailed);
            let by_source = hall.limits().sign_in_wait(source, hall.now());
            let (wait, left) = next_try(tries, by_source, unix_now_s());
            Err(Denied::Wrong { account: Some(known.clone()), wait, left })
        }
        Ok(CodeVerdict::Locked(Locked { wait_s })) => {
            hall.limits().sign_in_undone(source);
            hall.metrics.count(Count::SignInLimited);
            Err(Denied::Wait(Duration::from_secs(wait_s)))
        }
        Ok(CodeVerdict::Changed) => {
            hall.limits().sign_in_undone(source);
            Err(Denied::Changed)
        }
        Err(failure) => {
            hall.limits().sign_in_undone(source);
            Err(Denied::Failed(failure))
        }
    }
}

/// How long the next try must wait, and tries before a lock, after a wrong
/// one: the stricter of name and source.
fn next_try(tries: Tries, by_source: Option<(Duration, u32)>, now_unix_s: i64) -> (Duration, u32) {
    let by_name = Duration::from_secs(tries.wait_s(now_unix_s));
    let (wait, left) = match by_source {
        Some((by_source, left)) => (by_name.max(by_source), tries.left().min(left)),
        None => (by_name, tries.left()),
    };
    (wait, if wait.is_zero() { left.max(1) } else { 0 })
}

/// Seconds since 1970, as the store keeps them.
pub(crate) fn unix_now_s() -> i64 {
    i64::try_from(unix_now()).unwrap_or(i64::MAX)
}

/// Why a password stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// The new one fails a rule.
    Rule(BadPassword),
    /// The present one is an initial one whose time is over.
    InitialExpired,
    /// The account is blocked.
    Blocked,
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
    if account.blocked {
        return Ok(Err(Kept::Blocked));
    }
    if is_expired(account, now_unix_s) {
        return Ok(Err(Kept::InitialExpired));
    }
    let hash = match new_hash(store, hasher, &account.name, new, account.least_password_chars()).await? {
        Ok(hash) => hash,
        Err(why) => return Ok(Err(Kept::Rule(why))),
    };
    // Later than the one before, so that whoever signed in with that one can be
    // told from whoever signs in with this one.
    let changed_unix_s = now_unix_s.max(account.password_changed_unix_s.saturating_add(1));
    let password = NewPassword { hash, state: PasswordState::Own, changed_unix_s };
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
    least_chars: usize,
) -> Result<Result<Zeroizing<String>, BadPassword>, Failure> {
    if let Err(why) = check_new_password(name, new, least_chars) {
        return Ok(Err(why));
    }
    let hashes = store.password_hashes(name).await?;
    if hasher.used_before(new, hashes).await? {
        return Ok(Err(BadPassword::UsedBefore));
    }
    Ok(Ok(hasher.hash(new.clone()).await?))
}
