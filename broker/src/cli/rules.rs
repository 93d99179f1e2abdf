//! `mitblick-broker rules …`: the company's rules.

use super::{DataArg, failed, pictures, say};
use crate::{
    audit::{Action, Actor, Record, hex_text},
    data_dir::DataDir,
    images::KeptImage,
    problem::Problem,
    rules::{LOGO, Rule, changes, logo_change},
    server,
    store::Store,
};
use clap::{Args, Subcommand};
use mitblick_protocol::policy::Policy;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(super) enum RulesCommand {
    /// Prints all rules: key, tab, value.
    Show {
        #[command(flatten)]
        data: DataArg,
    },
    /// Sets one rule or the logo, for sessions that begin from now on.
    Set(Set),
}

#[derive(Debug, Args)]
pub(super) struct Set {
    /// modern_suite (required or free), control (allowed, forbidden, or the
    /// most minutes of a grant), session_minutes (1 to 1440, or none),
    /// clipboard (allowed, one_by_one or forbidden), files_to_customer and
    /// files_to_advisor (allowed, forbidden, or some of
    /// documents,media,archives,programs,other), recording and advisor_shows
    /// (allowed, if the customer agrees, or forbidden), rating (whether
    /// customers are asked how a session was: asked or not_asked), appointments
    /// (whether advisors may book numbers: allowed or forbidden), greeting_de,
    /// greeting_en, telephone (a line, or "" for none).
    #[arg(required_unless_present_any = ["logo", "no_logo"], requires = "value")]
    key: Option<String>,
    /// Its value.
    #[arg(allow_hyphen_values = true)]
    value: Option<String>,
    /// The company's logo from this PNG or JPEG file, instead of a rule.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["key", "no_logo"])]
    logo: Option<PathBuf>,
    /// No logo.
    #[arg(long, conflicts_with = "key")]
    no_logo: bool,
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
    say(&format!("{LOGO}\t{}", rules.texts.logo.map_or_else(|| "none".to_owned(), |hash| hex_text(&hash.0))));
    Ok(())
}

async fn set(Set { key, value, logo, no_logo: _, data }: Set) -> Result<(), Problem> {
    // Before the database is touched: a slip makes none.
    let change = match (key, value, logo) {
        (Some(key), value, _) => {
            let value = value.unwrap_or_default();
            let rule = Rule::of_key(&key).ok_or(Problem::NoSuchRule { key })?;
            rule.set(&mut Policy::default(), &value).map_err(|wants| Problem::RuleValue { key: rule.key(), wants })?;
            Wanted::Rule(rule, value)
        }
        (None, _, Some(file)) => Wanted::Logo(Some(pictures::read(&file, KeptImage::logo)?)),
        (None, _, None) => Wanted::Logo(None),
    };
    let store = server::open_store(&DataDir::open(&data.data)?).await?;
    let done = match change {
        Wanted::Rule(rule, value) => replace(&store, rule, &value).await,
        Wanted::Logo(logo) => replace_logo(&store, logo).await,
    };
    store.close().await;
    done
}

enum Wanted {
    Rule(Rule, String),
    Logo(Option<KeptImage>),
}

async fn replace_logo(store: &dyn Store, logo: Option<KeptImage>) -> Result<(), Problem> {
    let before = store.rules().await.map_err(failed)?.texts.logo;
    if before == logo.as_ref().map(|logo| logo.hash) {
        return Ok(());
    }
    let changed = logo_change(before.is_some(), logo.is_some());
    let record = Record::new(&Actor::CommandLine, Action::RulesChanged).on_rules(changed);
    store.set_logo(logo, record).await.map_err(failed).map(drop)
}

async fn replace(store: &dyn Store, rule: Rule, value: &str) -> Result<(), Problem> {
    let before = store.rules().await.map_err(failed)?;
    let mut after = before.clone();
    rule.set(&mut after, value).map_err(|wants| Problem::RuleValue { key: rule.key(), wants })?;
    let Some(changed) = changes(&before, &after) else { return Ok(()) };
    let record = Record::new(&Actor::CommandLine, Action::RulesChanged).on_rules(changed);
    store.set_rules(after, record).await.map_err(failed)?.map(drop).ok_or(Problem::RulesChanged)
}
