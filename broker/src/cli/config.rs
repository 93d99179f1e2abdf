//! `mitblick-broker config …`: the file of settings.

use super::{DataArg, Words};
use crate::{
    certificate::Certificate,
    config::{EXAMPLE, Settings},
    problem::{Language, Problem},
};
use clap::Subcommand;
use std::{
    io::{self, Write},
    path::PathBuf,
};

#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Prints a file with every setting, its default and what it does.
    Example,
    /// Checks a file as the start and a reload do, certificate included.
    Check {
        /// The file; without it broker.toml in the data folder.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        #[command(flatten)]
        data: DataArg,
    },
}

impl ConfigCommand {
    pub(super) fn run(self) -> Result<(), Problem> {
        match self {
            Self::Example => {
                let _ = write!(io::stdout(), "{EXAMPLE}");
            }
            Self::Check { config, data } => {
                let config = Settings::find(config.as_deref(), &data.data)?.config(&data.data);
                if let Some(files) = &config.certificate {
                    Certificate::read(files, super::unix_now())?;
                }
                let well =
                    Words { english: "All settings are in order.", german: "Alle Einstellungen sind in Ordnung." };
                super::say(well.of(Language::of_environment()));
            }
        }
        Ok(())
    }
}
