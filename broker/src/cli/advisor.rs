//! `mitblick-broker advisor …`: accounts, straight in the database.

use super::DataArg;
use crate::{
    accounts::{self, Hasher},
    data_dir::DataDir,
    problem::Problem,
    server,
    store::{NewAccount, Store, StoreError},
};
use clap::{Args, Subcommand};
use std::{
    io::{self, IsTerminal, Read, Write},
    time::{SystemTime, UNIX_EPOCH},
};
use zeroize::Zeroizing;

#[derive(Debug, Subcommand)]
pub(super) enum Advisor {
    /// Makes an account. The password is read from standard input; on a
    /// terminal one is made and shown once.
    Add(Add),
    /// Lists the accounts.
    List(List),
    /// Removes an account. A running session is not ended.
    Remove(Named),
    /// Sets a new password, as `add` does.
    Password(Named),
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// Name to sign in with.
    name: String,
    /// Name that customers see; the same if not given.
    #[arg(long, value_name = "TEXT")]
    display_name: Option<String>,
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

impl Advisor {
    pub(super) async fn run(self) -> Result<(), Problem> {
        match self {
            Self::Add(Add { name, display_name, data }) => {
                let name = canonical(&name)?;
                let store = server::open_store(&DataDir::open(&data.data)?).await?;
                if store.account(&name).await.map_err(failed)?.is_some() {
                    return Err(Problem::NameTaken { name });
                }
                let password = new_password(&name)?;
                let account = NewAccount {
                    display_name: display_name.unwrap_or_else(|| name.clone()),
                    password_hash: hash(&password).await?,
                    password_changed_unix_s: unix_now(),
                    name: name.clone(),
                };
                match store.add_account(account).await {
                    Ok(_) => {}
                    Err(StoreError::NameTaken) => return Err(Problem::NameTaken { name }),
                    Err(error) => return Err(failed(error)),
                }
                store.close().await;
                password.show();
            }
            Self::List(List { data }) => {
                let store = server::open_store(&DataDir::open(&data.data)?).await?;
                let accounts = store.accounts().await.map_err(failed)?;
                store.close().await;
                for account in accounts {
                    say(&format!("{}\t{}", account.name, account.display_name));
                }
            }
            Self::Remove(Named { name, data }) => {
                let name = canonical(&name)?;
                let store = server::open_store(&DataDir::open(&data.data)?).await?;
                let removed = store.remove_account(&name).await.map_err(failed)?;
                store.close().await;
                if !removed {
                    return Err(Problem::NoSuchAdvisor { name });
                }
            }
            Self::Password(Named { name, data }) => {
                let name = canonical(&name)?;
                let store = server::open_store(&DataDir::open(&data.data)?).await?;
                if store.account(&name).await.map_err(failed)?.is_none() {
                    return Err(Problem::NoSuchAdvisor { name });
                }
                let password = new_password(&name)?;
                let hash = hash(&password).await?;
                let set = store.set_password(&name, &hash, unix_now()).await.map_err(failed)?;
                store.close().await;
                if !set {
                    return Err(Problem::NoSuchAdvisor { name });
                }
                password.show();
            }
        }
        Ok(())
    }
}

/// A password and where it comes from.
struct NewPassword {
    text: Zeroizing<String>,
    generated: bool,
}

impl NewPassword {
    /// Shows a generated one, which nobody has seen yet.
    fn show(&self) {
        if self.generated {
            say(&self.text);
        }
    }
}

fn new_password(name: &str) -> Result<NewPassword, Problem> {
    let unreadable = |why: String| Problem::Password { why };
    if io::stdin().is_terminal() {
        let text = accounts::generated_password().map_err(|error| unreadable(error.to_string()))?;
        return Ok(NewPassword { text, generated: true });
    }
    let mut text = Zeroizing::new(String::new());
    let limit = u64::try_from(accounts::MAX_PASSWORD_BYTES).unwrap_or(u64::MAX).saturating_add(3);
    io::stdin().take(limit).read_to_string(&mut text).map_err(|error| unreadable(error.to_string()))?;
    let length = text.trim_end_matches(['\r', '\n']).len();
    text.truncate(length);
    accounts::check_new_password(name, &text).map_err(Problem::BadPassword)?;
    Ok(NewPassword { text, generated: false })
}

async fn hash(password: &NewPassword) -> Result<Zeroizing<String>, Problem> {
    let problem = |error: accounts::HashError| Problem::Password { why: error.to_string() };
    Hasher::new().map_err(problem)?.hash(password.text.clone()).await.map_err(problem)
}

fn canonical(name: &str) -> Result<String, Problem> {
    accounts::canonical_name(name).map_err(|_| Problem::BadName)
}

fn failed(error: StoreError) -> Problem {
    Problem::Store { why: error.to_string() }
}

/// A line on standard output; that nobody reads it is no failure.
fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}

fn unix_now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
