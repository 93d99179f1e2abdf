//! `mitblick-broker main-user …`: the one who answers for all accounts.

use super::{
    DataArg, Words, canonical, failed, hint, new_account, not_added, say,
    secrets::{Secrets, hasher_failed},
    unix_now,
};
use crate::{
    accounts::{self, Hasher, MIN_PASSWORD_CHARS, PAPER_CODE_LIFE_S, PasswordState, Role},
    audit::{Action, Actor, Record},
    data_dir::DataDir,
    problem::Problem,
    server,
    store::{Change, CodeUse, NewPassword, Store, StoreError},
};
use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(super) enum MainUser {
    /// Prints a code with which the main user's account can be made, once,
    /// within 24 hours. An earlier code is void.
    Code {
        #[command(flatten)]
        data: DataArg,
    },
    /// Makes the main user's account. The code, then the password: a line
    /// each on standard input, or asked for on a terminal.
    Create(Create),
    /// Makes another account the main user; the one before becomes a local
    /// admin.
    HandOver {
        /// Name of the account.
        name: String,
        #[command(flatten)]
        data: DataArg,
    },
}

#[derive(Debug, Args)]
pub(super) struct Create {
    /// Name to sign in with.
    name: String,
    /// Name that customers see; the same if not given.
    #[arg(long, value_name = "TEXT")]
    display_name: Option<String>,
    #[command(flatten)]
    data: DataArg,
}

impl MainUser {
    pub(super) async fn run(self) -> Result<(), Problem> {
        match self {
            Self::Code { data } => code(&data).await,
            Self::Create(args) => create(args).await,
            Self::HandOver { name, data } => hand_over(&name, &data).await,
        }
    }
}

async fn code(data: &DataArg) -> Result<(), Problem> {
    let store = server::open_store(&DataDir::open(&data.data)?).await?;
    let code = accounts::generated_paper_code().map_err(hasher_failed)?;
    let expires_unix_s = unix_now().saturating_add(PAPER_CODE_LIFE_S);
    let record = Record::new(&Actor::CommandLine, Action::PaperCodeMade);
    let set = store.set_paper_code(&accounts::paper_code_hash(&code), expires_unix_s, record).await;
    store.close().await;
    match set {
        Ok(()) => {}
        Err(StoreError::MainUserThere) => return Err(Problem::MainUserThere),
        Err(error) => return Err(failed(error)),
    }
    say(&code);
    hint(Words {
        english: "Write this code on paper. Within 24 hours, once: mitblick-broker main-user create NAME",
        german: "Schreiben Sie diesen Code auf Papier. Binnen 24 Stunden, einmal: mitblick-broker main-user create NAME",
    });
    Ok(())
}

async fn create(Create { name, display_name, data }: Create) -> Result<(), Problem> {
    let name = canonical(&name)?;
    let store = server::open_store(&DataDir::open(&data.data)?).await?;
    let mut secrets = Secrets::open();
    let code = secrets.ask(Words { english: "Code: ", german: "Code: " })?;
    let text = secrets.ask_new(&name, MIN_PASSWORD_CHARS)?;
    let hash = Hasher::new().map_err(hasher_failed)?.hash(text).await.map_err(hasher_failed)?;
    let password = NewPassword { hash, state: PasswordState::Own, changed_unix_s: unix_now() };
    let account = new_account(&name, display_name, Role::MainUser, password);
    let record = Record::new(&Actor::CommandLine, Action::AccountAdded).on_role(&name, Role::MainUser);
    let code_hash = accounts::paper_code_hash(&code);
    let code_use = store.add_main_user(account, &code_hash, unix_now(), record).await;
    store.close().await;
    match code_use.map_err(|error| not_added(error, name))? {
        CodeUse::Accepted => Ok(()),
        CodeUse::Wrong => Err(Problem::WrongCode),
        CodeUse::Expired => Err(Problem::CodeExpired),
    }
}

async fn hand_over(name: &str, data: &DataArg) -> Result<(), Problem> {
    let name = canonical(name)?;
    let store = server::open_store(&DataDir::open(&data.data)?).await?;
    let record = Record::new(&Actor::CommandLine, Action::MainUserHandedOver).on_role(&name, Role::MainUser);
    let change = store.hand_over(&name, record).await;
    store.close().await;
    match change.map_err(|error| not_added(error, name.clone()))? {
        // To whom it belongs already is no failure.
        Change::Made | Change::IsMainUser => Ok(()),
        Change::NoSuchAccount | Change::OtherPassword => Err(Problem::NoSuchAdvisor { name }),
    }
}
