//! `mitblick-broker advisor …`: accounts, straight in the database.

use super::{
    DataArg, Words, canonical, failed, hint, new_account, say,
    secrets::{Given, Secrets, hasher_failed},
    unix_now,
};
use crate::{
    accounts::{Hasher, PasswordState, Role},
    audit::{Action, Actor, Outcome, Record},
    data_dir::DataDir,
    limits,
    problem::Problem,
    server,
    store::{Account, Change, NewPassword, Store, Tries, sqlite::Sqlite},
};
use clap::{Args, Subcommand};
use zeroize::Zeroizing;

#[derive(Debug, Subcommand)]
pub(super) enum Advisor {
    /// Makes an account. On a terminal an initial password is made and shown
    /// once: it can't be signed in with, only exchanged for one's own by
    /// `advisor change-password` within 72 hours. A password on standard input
    /// is the holder's own, unless --initial is given.
    Add(Add),
    /// Lists the accounts: name, name for customers, role, and whose choice
    /// the password is (own, initial, initial-expired).
    List(List),
    /// Removes an account. A running session is not ended.
    Remove(Named),
    /// Sets a new password, as `add` does.
    Password(SetPassword),
    /// The holder changes the password: the present one, then the new one, a
    /// line each on standard input or asked for on a terminal.
    ChangePassword(Named),
    /// Gives an account another role.
    Role(SetRole),
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// Name to sign in with.
    name: String,
    /// Name that customers see; the same if not given.
    #[arg(long, value_name = "TEXT")]
    display_name: Option<String>,
    /// What the account may do; an auditor opens no sessions.
    #[arg(long, value_enum, default_value_t = RoleArg(Role::Advisor), value_name = "ROLE")]
    role: RoleArg,
    /// The password on standard input is an initial one.
    #[arg(long)]
    initial: bool,
    #[command(flatten)]
    data: DataArg,
}

#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    data: DataArg,
}

#[derive(Debug, Args)]
pub(super) struct Named {
    /// Name of the account.
    name: String,
    #[command(flatten)]
    data: DataArg,
}

#[derive(Debug, Args)]
pub(super) struct SetPassword {
    /// Name of the account.
    name: String,
    /// The password on standard input is an initial one.
    #[arg(long)]
    initial: bool,
    #[command(flatten)]
    data: DataArg,
}

#[derive(Debug, Args)]
pub(super) struct SetRole {
    /// Name of the account.
    name: String,
    /// What it may do from now on.
    #[arg(value_enum)]
    role: RoleArg,
    #[command(flatten)]
    data: DataArg,
}

/// A role as it is typed. The main user's is not given but handed over.
#[derive(Clone, Copy, Debug)]
pub(super) struct RoleArg(Role);

impl clap::ValueEnum for RoleArg {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self(Role::LocalAdmin), Self(Role::Advisor), Self(Role::Auditor)]
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        clap::ValueEnum::to_possible_value(&self.0)
    }
}

impl Advisor {
    pub(super) async fn run(self) -> Result<(), Problem> {
        match self {
            Self::Add(args) => add(args).await,
            Self::List(List { data }) => list(&data).await,
            Self::Remove(Named { name, data }) => {
                let name = canonical(&name)?;
                let record = Record::new(&Actor::CommandLine, Action::AccountRemoved).on(&name);
                let store = open(&data).await?;
                let change = store.remove_account(&name, record).await.map_err(failed)?;
                store.close().await;
                made(change, name)
            }
            Self::Password(args) => password(args).await,
            Self::ChangePassword(Named { name, data }) => {
                let name = canonical(&name)?;
                let store = open(&data).await?;
                let done = change_password(&store, &name).await;
                store.close().await;
                done
            }
            Self::Role(SetRole { name, role: RoleArg(role), data }) => {
                let name = canonical(&name)?;
                let record = Record::new(&Actor::CommandLine, Action::RoleChanged).on_role(&name, role);
                let store = open(&data).await?;
                let change = store.set_role(&name, role, record).await.map_err(failed)?;
                store.close().await;
                made(change, name)
            }
        }
    }
}

async fn open(data: &DataArg) -> Result<Sqlite, Problem> {
    server::open_store(&DataDir::open(&data.data)?).await
}

fn made(change: Change, name: String) -> Result<(), Problem> {
    match change {
        Change::Made => Ok(()),
        Change::NoSuchAccount => Err(Problem::NoSuchAdvisor { name }),
        Change::IsMainUser => Err(Problem::IsMainUser { name }),
    }
}

async fn add(Add { name, display_name, role: RoleArg(role), initial, data }: Add) -> Result<(), Problem> {
    let name = canonical(&name)?;
    let store = open(&data).await?;
    let accounts = store.accounts().await.map_err(failed)?;
    if accounts.iter().any(|account| account.name == name) {
        return Err(Problem::NameTaken { name });
    }
    let given = Secrets::open().new_password(&name, initial)?;
    let record = Record::new(&Actor::CommandLine, Action::AccountAdded).on_role(&name, role);
    let hash = Hasher::new().map_err(hasher_failed)?.hash(given.text.clone()).await.map_err(hasher_failed)?;
    let account = new_account(&name, display_name, role, to_set(&given, hash));
    store.add_account(account, record).await.map_err(|error| super::not_added(error, name))?;
    store.close().await;
    show(&given);
    if !accounts.iter().any(|account| account.role == Role::MainUser) {
        hint(Words {
            english: "There is no main user yet. To make one: mitblick-broker main-user code",
            german: "Es gibt noch keinen Hauptbenutzer. So legen Sie ihn an: mitblick-broker main-user code",
        });
    }
    Ok(())
}

async fn list(data: &DataArg) -> Result<(), Problem> {
    let store = open(data).await?;
    let accounts = store.accounts().await.map_err(failed)?;
    store.close().await;
    let now_unix_s = unix_now();
    for account in accounts {
        let password = match account.password_state {
            PasswordState::Own => "own",
            PasswordState::Initial { until_unix_s } if until_unix_s <= now_unix_s => "initial-expired",
            PasswordState::Initial { .. } => "initial",
        };
        say(&format!("{}\t{}\t{}\t{password}", account.name, account.display_name, account.role));
    }
    Ok(())
}

async fn password(SetPassword { name, initial, data }: SetPassword) -> Result<(), Problem> {
    let name = canonical(&name)?;
    let store = open(&data).await?;
    if store.account(&name).await.map_err(failed)?.is_none() {
        return Err(Problem::NoSuchAdvisor { name });
    }
    let given = Secrets::open().new_password(&name, initial)?;
    let record = Record::new(&Actor::CommandLine, Action::PasswordSet).on(&name);
    let hash = unused_hash(&store, &Hasher::new().map_err(hasher_failed)?, &name, &given.text).await?;
    let change = store.set_password(&name, to_set(&given, hash), record).await.map_err(failed)?;
    store.close().await;
    made(change, name)?;
    show(&given);
    Ok(())
}

/// The present password proves that its holder is there; an initial one is
/// good for nothing else.
async fn change_password(store: &dyn Store, name: &str) -> Result<(), Problem> {
    let unknown = || Problem::NoSuchAdvisor { name: name.to_owned() };
    let account = store.account(name).await.map_err(failed)?.ok_or_else(unknown)?;
    let wait_s = account.tries.locked_until_unix_s.saturating_sub(unix_now());
    if wait_s > 0 {
        return Err(Problem::Locked { wait_s: u64::try_from(wait_s).unwrap_or(0) });
    }
    let hasher = Hasher::new().map_err(hasher_failed)?;
    let mut secrets = Secrets::open();
    let present = secrets.ask(Words { english: "Present password: ", german: "Bisheriges Passwort: " })?;
    if !hasher.verify(present, Some(account.password_hash.clone())).await.map_err(hasher_failed)? {
        return Err(count_wrong(store, &account).await?);
    }
    if matches!(account.password_state, PasswordState::Initial { until_unix_s } if until_unix_s <= unix_now()) {
        return Err(Problem::InitialExpired { name: name.to_owned() });
    }
    let text = secrets.ask_new(name)?;
    let hash = unused_hash(store, &hasher, name, &text).await?;
    let password = NewPassword { hash, state: PasswordState::Own, changed_unix_s: unix_now() };
    let record = Record::new(&Actor::Account(name.to_owned()), Action::PasswordChanged).on(name);
    made(store.set_password(name, password, record).await.map_err(failed)?, name.to_owned())
}

/// Counts a wrong password; gives what to tell.
async fn count_wrong(store: &dyn Store, account: &Account) -> Result<Problem, Problem> {
    let wrong = account.tries.wrong.saturating_add(1);
    let lock_s = limits::lock_after(wrong).map_or(0, |lock| lock.as_secs());
    let locked_until_unix_s = unix_now().saturating_add(i64::try_from(lock_s).unwrap_or(i64::MAX));
    let record = Record::new(&Actor::Stranger, Action::PasswordChanged)
        .on(&account.name)
        .outcome(Outcome::WrongPassword)
        .count("wait_s", lock_s);
    let change = store.set_tries(&account.name, Tries { wrong, locked_until_unix_s }, record).await.map_err(failed)?;
    made(change, account.name.clone())?;
    Ok(match lock_s {
        0 => Problem::WrongPassword { tries_left: limits::FREE_SIGN_INS.saturating_sub(wrong) },
        wait_s => Problem::Locked { wait_s },
    })
}

/// The new password's hash, if the account never had it.
async fn unused_hash(
    store: &dyn Store,
    hasher: &Hasher,
    name: &str,
    text: &Zeroizing<String>,
) -> Result<Zeroizing<String>, Problem> {
    let hashes = store.password_hashes(name).await.map_err(failed)?;
    if hasher.used_before(text, hashes).await.map_err(hasher_failed)? {
        return Err(Problem::BadPassword(crate::accounts::BadPassword::UsedBefore));
    }
    hasher.hash(text.clone()).await.map_err(hasher_failed)
}

fn to_set(given: &Given, hash: Zeroizing<String>) -> NewPassword {
    NewPassword { hash, state: given.state, changed_unix_s: unix_now() }
}

/// Shows a generated password, which nobody has seen yet.
fn show(given: &Given) {
    if given.generated {
        say(&given.text);
    }
    if given.state != PasswordState::Own {
        hint(Words {
            english: "This initial password can't be signed in with. Within 72 hours its holder sets another one with: mitblick-broker advisor change-password NAME",
            german: "Mit diesem Anfangspasswort kann man sich nicht anmelden. Binnen 72 Stunden setzt sein Inhaber ein eigenes mit: mitblick-broker advisor change-password NAME",
        });
    }
}
