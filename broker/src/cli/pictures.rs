//! Pictures from files: the logo and portraits.

use super::{DataArg, advisor, canonical, failed};
use crate::{
    audit::{Action, Actor, Record},
    images::{BadImage, KeptImage, MAX_UPLOAD_BYTES},
    problem::{PictureFault, Problem},
    store::Store,
};
use clap::Args;
use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

#[derive(Debug, Args)]
pub(super) struct SetPortrait {
    /// Name of the account.
    name: String,
    /// The picture, PNG or JPEG, at most 5 MB; it is cut to a square.
    #[arg(required_unless_present = "remove", conflicts_with = "remove")]
    file: Option<PathBuf>,
    /// Takes the portrait away.
    #[arg(long)]
    remove: bool,
    #[command(flatten)]
    data: DataArg,
}

/// What is kept of the picture in this file.
pub(super) fn read(file: &Path, make: fn(&[u8]) -> Result<KeptImage, BadImage>) -> Result<KeptImage, Problem> {
    let problem = |why| Problem::Picture { path: file.to_owned(), why };
    let unreadable = |error: io::Error| problem(PictureFault::Unreadable(error.to_string()));
    // Never more than is looked at, whatever the file is.
    let most = u64::try_from(MAX_UPLOAD_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    fs::File::open(file).and_then(|open| open.take(most).read_to_end(&mut bytes)).map_err(unreadable)?;
    make(&bytes).map_err(|why| problem(PictureFault::Bad(why)))
}

pub(super) async fn set_portrait(SetPortrait { name, file, remove: _, data }: SetPortrait) -> Result<(), Problem> {
    let name = canonical(&name)?;
    let portrait = file.map(|file| read(&file, KeptImage::portrait)).transpose()?;
    let store = advisor::open(&data).await?;
    let done = replace(&store, &name, portrait).await;
    store.close().await;
    done
}

async fn replace(store: &dyn Store, name: &str, portrait: Option<KeptImage>) -> Result<(), Problem> {
    let account = store.account(name).await.map_err(failed)?;
    let account = account.ok_or_else(|| Problem::NoSuchAdvisor { name: name.to_owned() })?;
    let action = if portrait.is_some() { Action::PortraitSet } else { Action::PortraitRemoved };
    if portrait.is_none() && account.portrait.is_none() {
        return Ok(());
    }
    let record = Record::new(&Actor::CommandLine, action).on(name);
    store.set_portrait(account.id, portrait, record).await.map_err(failed).map(drop)
}
