//! `mitblick-broker backup …` and `restore`.

use super::{DataArg, Words, audit, hint, say};
use crate::{
    audit::Actor,
    backup::{self, Archive, BackupFault},
    data_dir::DataDir,
    identity::Identity,
    problem::{Language, Problem},
    server,
    vault::Vault,
};
use clap::{Args, Subcommand};
use std::{
    fs::{self, DirBuilder, File},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

/// Where a restore unpacks before anything takes its place.
const STAGE: &str = ".restore";

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct Backup {
    #[command(subcommand)]
    command: Option<BackupCommand>,
    /// The archive to be written; an earlier one of this name is replaced
    /// once the new one is whole.
    #[arg(value_name = "FILE", required = true)]
    file: Option<PathBuf>,
    #[command(flatten)]
    data: DataArg,
}

#[derive(Debug, Subcommand)]
enum BackupCommand {
    /// Checks an archive whole: names, sizes, hashes, database, keys, audit
    /// trail. Changes nothing.
    Check {
        /// The archive.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(super) struct Restore {
    /// The archive.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    data: DataArg,
}

impl Backup {
    pub(super) async fn run(self) -> Result<(), Problem> {
        match (self.command, self.file) {
            (Some(BackupCommand::Check { file }), _) => check(&file).await,
            (None, Some(file)) => make(&file, &self.data).await,
            (None, None) => Ok(()),
        }
    }
}

async fn make(file: &Path, data: &DataArg) -> Result<(), Problem> {
    let (dir, store) = audit::open(data).await?;
    // Keys that the first start would make belong to the backup too.
    Identity::open(&dir, &[])?;
    Vault::open(&dir)?;
    let done = backup::make(&dir, &store, file, &Actor::CommandLine).await;
    store.close().await;
    done?;
    hint(Words {
        english: "The backup is made. It holds the broker's keys: keep it where only you can read it.",
        german: "Die Sicherung ist erstellt. Sie enthält die Schlüssel des Brokers: Verwahren Sie sie, wo nur Sie sie lesen können.",
    });
    Ok(())
}

/// Opens the archive and reads all of it; nothing is written.
fn read(file: &Path) -> Result<Archive, Problem> {
    let at = |fault| Problem::Backup { path: file.to_owned(), fault };
    let mut archive = Archive::open(file).map_err(at)?;
    archive.verify().map_err(at)?;
    Ok(archive)
}

/// Opens what was unpacked as a broker does; gives what is wrong with the
/// trail, which is no reason not to have the rest.
async fn look_into(folder: &Path) -> Result<Option<Problem>, Problem> {
    let dir = DataDir::open(folder)?;
    let store = server::open_store(&dir).await?;
    let trail = audit::verified(&dir, &store, None).await;
    store.close().await;
    Identity::open(&dir, &[])?;
    Vault::open(&dir)?;
    match trail {
        Ok(_) => Ok(None),
        Err(problem @ Problem::AuditFault { .. }) => Ok(Some(problem)),
        Err(problem) => Err(problem),
    }
}

async fn check(file: &Path) -> Result<(), Problem> {
    let at = |fault| Problem::Backup { path: file.to_owned(), fault };
    let mut archive = read(file)?;
    let folder = tempfile::tempdir().map_err(|error| at(error.into()))?;
    archive.unpack(folder.path()).map_err(at)?;
    if let Some(problem) = look_into(folder.path()).await? {
        return Err(problem);
    }
    let words = Words { english: "The backup is whole. Made: ", german: "Die Sicherung ist unversehrt. Erstellt: " };
    let made = archive.manifest.made_unix_s;
    let made = jiff::Timestamp::from_second(made).map_or_else(|_| made.to_string(), |at| at.to_string());
    say(&format!("{}{made}", words.of(Language::of_environment())));
    Ok(())
}

impl Restore {
    pub(super) async fn run(self) -> Result<(), Problem> {
        let target = &self.data.data;
        let was_there = is_empty(target)?;
        let archive = read(&self.file)?;
        let folder = |error: io::Error| Problem::data_dir(target, &error);
        DirBuilder::new().recursive(true).mode(0o700).create(target).map_err(folder)?;
        let stage = target.join(STAGE);
        let done = restore(archive, &self.file, target, &stage).await;
        // What is left of it is of no use to anybody.
        let _ = fs::remove_dir_all(&stage);
        if done.is_err() && !was_there {
            let _ = fs::remove_dir(target);
        }
        if let Some(problem) = done? {
            let _ = io::Write::write_all(
                &mut io::stderr(),
                format!("{}\n", problem.text(Language::of_environment())).as_bytes(),
            );
        }
        hint(Words { english: "The backup is restored.", german: "Die Sicherung ist wiederhergestellt." });
        Ok(())
    }
}

/// Whether the folder is there; it must have nothing in it.
fn is_empty(folder: &Path) -> Result<bool, Problem> {
    match fs::read_dir(folder) {
        Ok(mut entries) => match entries.next() {
            None => Ok(true),
            Some(_) => Err(Problem::Backup { path: folder.to_owned(), fault: BackupFault::NotEmpty }),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Problem::data_dir(folder, &error)),
    }
}

/// Unpacks beside, looks into it, and only then moves each file to its place,
/// the database last.
async fn restore(mut archive: Archive, file: &Path, target: &Path, stage: &Path) -> Result<Option<Problem>, Problem> {
    let at = |fault| Problem::Backup { path: file.to_owned(), fault };
    let folder = |error: io::Error| Problem::data_dir(target, &error);
    DirBuilder::new().mode(0o700).create(stage).map_err(folder)?;
    archive.unpack(stage).map_err(at)?;
    let trail = look_into(stage).await?;
    let names = archive.manifest.files.keys().filter(|name| *name != server::DATABASE);
    for name in names.map(String::as_str).chain([server::DATABASE]) {
        fs::rename(stage.join(name), target.join(name)).map_err(folder)?;
    }
    File::open(target).and_then(|target| target.sync_all()).map_err(folder)?;
    Ok(trail)
}
