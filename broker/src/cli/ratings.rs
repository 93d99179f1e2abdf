//! `mitblick-broker ratings`: what customers answered, as CSV. As on the page,
//! small numbers are not told.

use super::{DataArg, audit::open, failed};
use crate::{
    problem::Problem,
    ratings::{self, KEPT_DAYS, Sums},
    store::Store,
};
use clap::Args;
use jiff::ToSpan;
use std::io::{self, BufWriter};

#[derive(Debug, Args)]
pub(super) struct Ratings {
    /// Of so many days, today's included.
    #[arg(long, value_name = "DAYS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=i64::from(KEPT_DAYS)))]
    days: u32,
    #[command(flatten)]
    data: DataArg,
}

impl Ratings {
    pub(super) async fn run(self) -> Result<(), Problem> {
        let (_, store) = open(&self.data).await?;
        let today = ratings::today();
        let first = today.checked_sub((i64::from(self.days) - 1).days()).unwrap_or(today);
        let counted = store.ratings_since(first).await;
        store.close().await;
        let sums = Sums::of(&counted.map_err(failed)?);
        let written = sums.csv(&mut BufWriter::new(io::stdout()));
        written.map_err(|error| Problem::Export { why: error.to_string() })
    }
}
