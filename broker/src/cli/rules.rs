//! `mitblick-broker rules …`: the company's rules.

use super::{DataArg, failed, say};
use crate::{
    audit::{Action, Actor, Record},
    data_dir::DataDir,
    problem::Problem,
    rules::{Rule, changes},
    server,
    store::Store,
};
use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(super) enum RulesCommand {
    /// Prints all rules: key, tab, value.
    Show {
        #[command(flatten)]
        data: DataArg,
    },
    /// Sets one rule, for sessions that begin from now on.
    Set(Set),
}

#[derive(Debug, Args)]
pub(super) struct Set {
    /// modern_suite (required or free), control (allowed, forbidden, or the
    /// most minutes of a grant), session_minutes (1 to 1440, or none),
    /// clipboard (allowed, one_by_one or forbidden), greeting_de, greeting_en, telephone (a line, or "" for none).
    key: String,
    /// Its value.
    #[arg(allow_hyphen_values = true)]
    value: String,
    #[command(flatten)]
    data: DataArg,
}

impl RulesCommand {
    pub(super) async fn run(self) -> Result<(), Problem> {
        match self {
            Self::Show { data } => show(&data).await,
            Self::Set(set_one) => set(set_one).await,
        }
    }
}

async fn show(data: &DataArg) -> Result<(), Problem> {
    let store = server::open_store(&DataDir::open(&data.data)?).await?;
    let rules = store.rules().await;
    store.close().await;
    let rules = rules.map_err(failed)?;
    for rule in Rule::ALL {
        say(&format!("{}\t{}", rule.key(), rule.value(&rules)));
    }
    Ok(())
}

async fn set(Set { key, value, data }: Set) -> Result<(), Problem> {
    // Before the database is touched: a slip makes none.
    let rule = Rule::of_key(&key).ok_or(Problem::NoSuchRule { key })?;
    rule.set(&mut mitblick_protocol::policy::Policy::default(), &value)
        .map_err(|wants| Problem::RuleValue { key: rule.key(), wants })?;
    let store = server::open_store(&DataDir::open(&data.data)?).await?;
    let done = replace(&store, rule, &value).await;
    store.close().await;
    done
}

async fn replace(store: &dyn Store, rule: Rule, value: &str) -> Result<(), Problem> {
    let before = store.rules().await.map_err(failed)?;
    let mut after = before.clone();
    rule.set(&mut after, value).map_err(|wants| Problem::RuleValue { key: rule.key(), wants })?;
    let Some(changed) = changes(&before, &after) else { return Ok(()) };
    let record = Record::new(&Actor::CommandLine, Action::RulesChanged).on_rules(changed);
    store.set_rules(after, record).await.map_err(failed)?.map(drop).ok_or(Problem::RulesChanged)
}
