//! `mitblick-broker advisor …`: accounts, straight in the database.

use super::{
    DataArg, Words, canonical, failed, hint, new_account,
    pictures::{self, SetPortrait},
    say,
    secrets::{Given, Secrets, hasher_failed},
    unix_now,
};
use crate::{
    accounts::{Hasher, INITIAL_PASSWORD_LIFE_S, MIN_PASSWORD_CHARS, PasswordState, Role},
    audit::{Action, Actor, Outcome, Record},
    credentials::{self, CodeKind, CodeVerdict, Failure, Kept, Verdict},
    data_dir::DataDir,
    limits::Locked,
    problem::Problem,
    server,
    store::{Account, Change, NewPassword, Store, sqlite::Sqlite},
    vault::Vault,
};
use clap::{Args, Subcommand};
use zeroize::Zeroizing;

#[derive(Debug, Subcommand)]
pub(super) enum Advisor {
    /// Makes an account with an initial password: the one on standard input,
    /// or, on a terminal, one that is made and shown once. It can only be
    /// exchanged for the holder's own, within 72 hours, in the advisor's
    /// program or by `advisor change-password`. The main user comes first: see
    /// `main-user code`.
    Add(Add),
    /// Lists the accounts: name, name for customers, role, and whose choice
    /// the password is (own, initial, initial-expired); then `second-factor`
    /// and `blocked` where they apply.
    List(List),
    /// Removes an account. A running session ends within seconds.
    Remove(Named),
    /// Sets a new initial password, as `add` does.
    Password(Named),
    /// The holder changes the password: the present one, a code if the account
    /// has a second factor, then the new one, a line each on standard input or
    /// asked for on a terminal.
    ChangePassword(Named),
    /// Takes the second factor away, for somebody who has lost phone and
    /// recovery codes. Set an initial password too, if the present one may be
    /// known to others.
    RemoveSecondFactor(Named),
    /// Gives an account another role.
    Role(SetRole),
    /// Sets the picture of the holder that customers see, or takes it away; the
    /// holder does the same on the page "My profile".
    Portrait(SetPortrait),
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
                let vault = Vault::open(&DataDir::open(&data.data)?)?;
                let done = change_password(&store, &vault, &name).await;
                store.close().await;
                done
            }
            Self::RemoveSecondFactor(args) => remove_second_factor(args).await,
            Self::Portrait(args) => pictures::set_portrait(args).await,
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

pub(super) async fn open(data: &DataArg) -> Result<Sqlite, Problem> {
    server::open_store(&DataDir::open(&data.data)?).await
}

fn made(change: Change, name: String) -> Result<(), Problem> {
    match change {
        Change::Made => Ok(()),
        Change::NoSuchAccount => Err(Problem::NoSuchAdvisor { name }),
        Change::IsMainUser => Err(Problem::IsMainUser { name }),
        Change::OtherPassword => Err(Problem::OtherPassword { name }),
    }
}

async fn add(Add { name, display_name, role: RoleArg(role), data }: Add) -> Result<(), Problem> {
    let name = canonical(&name)?;
    let store = open(&data).await?;
    let accounts = store.accounts().await.map_err(failed)?;
    if accounts.iter().any(|account| account.name == name) {
        return Err(Problem::NameTaken { name });
    }
    if !accounts.iter().any(|account| account.role == Role::MainUser) {
        return Err(Problem::NoMainUser);
    }
    let given = Secrets::open().initial_password(&name)?;
    let record = Record::new(&Actor::CommandLine, Action::AccountAdded).on_role(&name, role);
    let hash = Hasher::new().map_err(hasher_failed)?.hash(given.text.clone()).await.map_err(hasher_failed)?;
    let account = new_account(&name, display_name, role, initial(hash));
    store.add_account(account, record).await.map_err(|error| super::not_added(error, name))?;
    store.close().await;
    show(&given);
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
        let factor = if account.second_factor.is_some() { "\tsecond-factor" } else { "" };
        let blocked = if account.blocked { "\tblocked" } else { "" };
        let (name, shown, role) = (&account.name, &account.display_name, account.role);
        say(&format!("{name}\t{shown}\t{role}\t{password}{factor}{blocked}"));
    }
    Ok(())
}

async fn password(Named { name, data }: Named) -> Result<(), Problem> {
    let name = canonical(&name)?;
    let store = open(&data).await?;
    if store.account(&name).await.map_err(failed)?.is_none() {
        return Err(Problem::NoSuchAdvisor { name });
    }
    let given = Secrets::open().initial_password(&name)?;
    let record = Record::new(&Actor::CommandLine, Action::PasswordSet).on(&name);
    let hasher = Hasher::new().map_err(hasher_failed)?;
    let hash =
        credentials::new_hash(&store, &hasher, &name, &given.text, MIN_PASSWORD_CHARS).await.map_err(not_judged)?;
    let hash = hash.map_err(Problem::BadPassword)?;
    let change = store.set_password(&name, None, initial(hash), record).await.map_err(failed)?;
    store.close().await;
    made(change, name)?;
    show(&given);
    Ok(())
}

/// The present password proves that its holder is there; an initial one is
/// good for nothing else.
async fn change_password(store: &dyn Store, vault: &Vault, name: &str) -> Result<(), Problem> {
    let unknown = || Problem::NoSuchAdvisor { name: name.to_owned() };
    let account = store.account(name).await.map_err(failed)?.ok_or_else(unknown)?;
    // Said before anything is typed.
    let wait_s = account.tries.wait_s(unix_now());
    if wait_s > 0 {
        return Err(Problem::Locked { wait_s });
    }
    let hasher = Hasher::new().map_err(hasher_failed)?;
    let mut secrets = Secrets::open();
    let present = secrets.ask(Words { english: "Present password: ", german: "Bisheriges Passwort: " })?;
    let account = match credentials::judge(store, &hasher, name, present, unix_now()).await.map_err(not_judged)? {
        Verdict::Right(account) => account,
        Verdict::CodeWanted(account) => right_code(store, vault, &account, &mut secrets).await?,
        Verdict::Locked(Locked { wait_s }) => return Err(Problem::Locked { wait_s }),
        Verdict::Wrong { account: None, .. } => return Err(unknown()),
        Verdict::Wrong { account: Some(account), tries } => {
            let wait_s = tries.wait_s(unix_now());
            let record = Record::new(&Actor::Stranger, Action::PasswordChanged)
                .on(&account.name)
                .outcome(Outcome::WrongPassword)
                .count("wait_s", wait_s);
            store.record(vec![record]).await.map_err(failed)?;
            return Err(match wait_s {
                0 => Problem::WrongPassword { tries_left: tries.left() },
                wait_s => Problem::Locked { wait_s },
            });
        }
    };
    if credentials::is_expired(&account, unix_now()) {
        return Err(Problem::InitialExpired { name: name.to_owned() });
    }
    let text = secrets.ask_new(name, account.least_password_chars())?;
    match credentials::change_password(store, &hasher, &account, &text, unix_now()).await.map_err(not_judged)? {
        Ok(()) => Ok(()),
        Err(Kept::Rule(why)) => Err(Problem::BadPassword(why)),
        Err(Kept::InitialExpired) => Err(Problem::InitialExpired { name: name.to_owned() }),
        Err(Kept::Blocked) => Err(Problem::Blocked { name: name.to_owned() }),
        Err(Kept::Changed) => Err(Problem::OtherPassword { name: name.to_owned() }),
    }
}

/// The code of somebody whose password was right.
async fn right_code(
    store: &dyn Store,
    vault: &Vault,
    account: &Account,
    secrets: &mut Secrets,
) -> Result<Account, Problem> {
    let typed = secrets.ask(Words {
        english: "Code from the authenticator program, or a recovery code: ",
        german: "Code aus dem Authentifizierungsprogramm oder Wiederherstellungscode: ",
    })?;
    match credentials::judge_code(store, vault, account, &typed, unix_now()).await.map_err(not_judged)? {
        CodeVerdict::Right(account, kind) => {
            if kind == CodeKind::Recovery {
                let actor = Actor::Account(account.name.clone());
                let record = Record::new(&actor, Action::RecoveryCodeUsed).on(&account.name);
                store.record(vec![record]).await.map_err(failed)?;
            }
            Ok(account)
        }
        CodeVerdict::Locked(Locked { wait_s }) => Err(Problem::Locked { wait_s }),
        CodeVerdict::Changed => Err(Problem::OtherPassword { name: account.name.clone() }),
        CodeVerdict::Wrong(tries) => {
            let wait_s = tries.wait_s(unix_now());
            let record = Record::new(&Actor::Stranger, Action::PasswordChanged)
                .on(&account.name)
                .outcome(Outcome::WrongCode)
                .count("wait_s", wait_s);
            store.record(vec![record]).await.map_err(failed)?;
            Err(match wait_s {
                0 => Problem::WrongSecondFactor { tries_left: tries.left() },
                wait_s => Problem::Locked { wait_s },
            })
        }
    }
}

/// For somebody who has lost phone and recovery codes.
async fn remove_second_factor(Named { name, data }: Named) -> Result<(), Problem> {
    let name = canonical(&name)?;
    let store = open(&data).await?;
    let account = store.account(&name).await.map_err(failed)?;
    let account = account.ok_or_else(|| Problem::NoSuchAdvisor { name: name.clone() })?;
    let record = Record::new(&Actor::CommandLine, Action::SecondFactorRemoved).on(&name);
    let change = store.set_second_factor(account.id, None, record).await.map_err(failed)?;
    store.close().await;
    made(change, name)
}

fn not_judged(failure: Failure) -> Problem {
    match failure {
        Failure::Store(error) => failed(error),
        Failure::Hash(error) => hasher_failed(error),
        Failure::Seal(error) => Problem::Store { why: error.to_string() },
    }
}

fn initial(hash: Zeroizing<String>) -> NewPassword {
    let now_unix_s = unix_now();
    let until_unix_s = now_unix_s.saturating_add(INITIAL_PASSWORD_LIFE_S);
    NewPassword { hash, state: PasswordState::Initial { until_unix_s }, changed_unix_s: now_unix_s }
}

/// Shows a generated password, which nobody has seen yet, and what to do with
/// an initial one.
fn show(given: &Given) {
    if given.generated {
        say(&given.text);
    }
    hint(Words {
        english: "This initial password can only be exchanged for the holder's own, within 72 hours: in the advisor's program, on the admin pages, or with: mitblick-broker advisor change-password NAME",
        german: "Dieses Anfangspasswort lässt sich nur gegen ein eigenes tauschen, binnen 72 Stunden: im Programm der Beratung, auf den Verwaltungsseiten oder mit: mitblick-broker advisor change-password NAME",
    });
}
