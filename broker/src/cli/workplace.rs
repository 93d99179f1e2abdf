//! `workplace`: approving where no browser is at hand.

use super::{DataArg, canonical, failed, say};
use crate::{
    audit::{Action, Actor, Record},
    data_dir::DataDir,
    problem::Problem,
    store::{
        Store,
        sqlite::Sqlite,
        workplace::{Workplace, WorkplaceId, WorkplaceState},
    },
    vault::Vault,
    workplaces,
};
use clap::{Args, Subcommand};

/// See [`super::Command::Workplace`].
#[derive(Debug, Subcommand)]
pub(super) enum WorkplaceCommand {
    /// Shows all: number, user, name, state and, while it waits, its code.
    List(DataArg),
    /// Approves the workplace of a user that shows this code.
    ///
    /// Ask the user on the telephone to read the code out.
    Approve {
        /// Name of the user.
        name: String,
        /// The six digits.
        #[arg(num_args = 1.., value_name = "CODE")]
        code: Vec<String>,
        #[command(flatten)]
        data: DataArg,
    },
    /// Refuses a workplace, or takes its approval back; a session there ends
    /// within seconds.
    Refuse(Numbered),
    /// Lets a refused workplace ask again.
    Forget(Numbered),
}

#[derive(Debug, Args)]
pub(super) struct Numbered {
    /// Its number, from the list.
    number: i64,
    #[command(flatten)]
    data: DataArg,
}

impl WorkplaceCommand {
    pub(super) async fn run(self) -> Result<(), Problem> {
        match self {
            Self::List(data) => list(&data).await,
            Self::Approve { name, code, data } => approve(&name, &code.concat(), &data).await,
            Self::Refuse(Numbered { number, data }) => {
                let store = super::advisor::open(&data).await?;
                let workplace = find(&store, number).await?;
                workplaces::refuse(&store, &workplace, &Actor::CommandLine).await.map_err(failed)?;
                store.close().await;
                Ok(())
            }
            Self::Forget(Numbered { number, data }) => {
                let store = super::advisor::open(&data).await?;
                let workplace = find(&store, number).await?;
                let record = Record::new(&Actor::CommandLine, Action::WorkplaceForgotten);
                let record = record.on_workplace(&workplace.account_name, workplace.id.0);
                store.forget_workplace(workplace.id, record).await.map_err(failed)?;
                store.close().await;
                Ok(())
            }
        }
    }
}

async fn find(store: &Sqlite, number: i64) -> Result<Workplace, Problem> {
    let all = store.workplaces().await.map_err(failed)?;
    all.into_iter().find(|workplace| workplace.id == WorkplaceId(number)).ok_or(Problem::NoSuchWorkplace)
}

async fn list(data: &DataArg) -> Result<(), Problem> {
    let store = super::advisor::open(data).await?;
    let all = store.workplaces().await.map_err(failed)?;
    store.close().await;
    for workplace in all {
        let code = match workplace.state {
            WorkplaceState::Waiting => crate::web::admin::workplaces::code(&workplace),
            WorkplaceState::Approved | WorkplaceState::Refused => String::new(),
        };
        let (number, state) = (workplace.id.0, workplace.state.as_str());
        say(&format!("{number}\t{}\t{}\t{state}\t{code}", workplace.account_name, workplace.name));
    }
    Ok(())
}

async fn approve(name: &str, code: &str, data: &DataArg) -> Result<(), Problem> {
    let name = canonical(name)?;
    let digits: String = code.chars().filter(char::is_ascii_digit).collect();
    let store = super::advisor::open(data).await?;
    let all = store.workplaces().await.map_err(failed)?;
    let waiting = all.into_iter().find(|workplace| {
        workplace.state == WorkplaceState::Waiting
            && workplace.account_name == name
            && format!("{:06}", workplace.code) == digits
    });
    let workplace = waiting.ok_or(Problem::NoSuchWorkplace)?;
    let vault = Vault::open(&DataDir::open(&data.data)?)?;
    workplaces::approve(&store, &vault, &workplace, &Actor::CommandLine).await.map_err(failed)?;
    store.close().await;
    Ok(())
}
