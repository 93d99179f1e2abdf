//! What both programs do at their start: the log, the broker's address, errors
//! for people.

use crate::{
    address::BrokerAddress,
    language::{Language, Texts},
    problem::Problem,
    ui::wording,
};
use mitblick_protocol::wire::ADDRESS_FILE;
use std::path::PathBuf;
use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

/// Starts the log on stderr: warnings, or what `MITBLICK_LOG` asks for.
pub fn start_log() {
    let wanted = std::env::var("MITBLICK_LOG").ok().and_then(|levels| levels.parse::<Targets>().ok());
    let filter = wanted.unwrap_or_else(|| Targets::new().with_default(tracing::Level::WARN));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false);
    // A log that was started before stays.
    let _ = tracing_subscriber::registry().with(lines).with(filter).try_init();
}

/// The broker's address: the one given, else the one in the file beside the
/// program.
///
/// # Errors
/// A text that is no address.
pub fn broker_address(given: Option<&str>) -> Result<Option<BrokerAddress>, Problem> {
    let beside = || {
        let path: PathBuf = std::env::current_exe().ok()?.with_file_name(ADDRESS_FILE);
        std::fs::read_to_string(path).ok()
    };
    let text = given.map(str::to_owned).or_else(beside);
    text.map(|text| text.parse().map_err(|_| Problem::BrokerAddressInvalid)).transpose()
}

/// The language asked for, else the system's.
pub fn language(tag: Option<&str>) -> Language {
    tag.map_or_else(Language::of_system, Language::from_tag)
}

/// Says why the program can't start, in the person's language.
pub fn say(language: Language, problem: &Problem) {
    eprintln!("{}", wording::problem(Texts::of(language), problem));
}
