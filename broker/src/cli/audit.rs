//! `mitblick-broker audit …`: reads and checks the trail; nothing here writes
//! to it.

use super::{DataArg, Words, failed, say};
use crate::{
    audit::{self, Check, Format, Head},
    data_dir::DataDir,
    problem::{Language, Problem},
    server,
    store::{Store, sqlite::Sqlite},
};
use clap::Subcommand;
use std::{
    fs::File,
    io::{self, BufWriter, Read},
    path::{Path, PathBuf},
};

/// Entries read at once.
const PAGE: u32 = 1_000;
/// A head is one short line.
const MAX_HEAD_BYTES: u64 = 4_096;

#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// Checks the whole trail and names the first bad entry.
    ///
    /// The chain and the head in the database show changed, deleted and
    /// swapped entries. That its end was cut off, or all of it written anew
    /// by somebody with the broker's key, is shown by a head that was kept on
    /// another machine.
    Verify {
        /// File with a head that was kept elsewhere.
        #[arg(long, value_name = "FILE")]
        head: Option<PathBuf>,
        #[command(flatten)]
        data: DataArg,
    },
    /// Writes all entries to standard output.
    Export {
        /// CSV with headings, or a JSON object a line.
        #[arg(long, value_enum)]
        format: Format,
        #[command(flatten)]
        data: DataArg,
    },
    /// Prints the present head, to be kept on another machine.
    Head {
        #[command(flatten)]
        data: DataArg,
    },
}

impl Audit {
    pub(super) async fn run(self) -> Result<(), Problem> {
        match self {
            Self::Verify { head, data } => verify(head.as_deref(), &data).await,
            Self::Export { format, data } => export(format, &data).await,
            Self::Head { data } => {
                let (_, store) = open(&data).await?;
                let head = store.audit_head().await.map_err(failed)?;
                store.close().await;
                if let Some(head) = head {
                    say(&head.to_json());
                }
                Ok(())
            }
        }
    }
}

/// A folder without a database has no trail, rather than an empty one that is
/// whole: a slip in its name must not look like a good answer.
pub(super) async fn open(data: &DataArg) -> Result<(DataDir, Sqlite), Problem> {
    if !data.data.join(server::DATABASE).is_file() {
        return Err(Problem::NoDatabase { path: data.data.clone() });
    }
    let dir = DataDir::open(&data.data)?;
    let store = server::open_store(&dir).await?;
    Ok((dir, store))
}

async fn verify(elsewhere: Option<&Path>, data: &DataArg) -> Result<(), Problem> {
    let elsewhere = elsewhere.map(read_head).transpose()?;
    let (dir, store) = open(data).await?;
    let checked = verified(&dir, &store, elsewhere).await;
    store.close().await;
    let count = checked?;
    let words =
        Words { english: "The audit trail is whole. Entries: ", german: "Das Protokoll ist unversehrt. Einträge: " };
    say(&format!("{}{count}", words.of(Language::of_environment())));
    Ok(())
}

/// Checks the whole trail; gives the number of its last entry.
pub(super) async fn verified(dir: &DataDir, store: &Sqlite, elsewhere: Option<Head>) -> Result<u64, Problem> {
    let fault = |fault| Problem::AuditFault { fault };
    let mut check = Check::new(server::audit_signer(dir)?.verifying_key(), elsewhere).map_err(fault)?;
    let mut seq = 0;
    // The broker may be writing: what is read is whole when the head has not
    // moved meanwhile.
    let head = loop {
        let head = store.audit_head().await.map_err(failed)?;
        loop {
            let entries = store.audit_entries(seq, PAGE).await.map_err(failed)?;
            for entry in &entries {
                check.next(entry).map_err(fault)?;
                seq = entry.seq;
            }
            if entries.is_empty() {
                break;
            }
        }
        if store.audit_head().await.map_err(failed)? == head {
            break head;
        }
    };
    check.finish(head).map_err(fault)
}

fn read_head(file: &Path) -> Result<Head, Problem> {
    let unusable = |why: String| Problem::HeadFile { path: file.to_owned(), why };
    let mut text = String::new();
    File::open(file)
        .and_then(|file| file.take(MAX_HEAD_BYTES).read_to_string(&mut text))
        .map_err(|error| unusable(error.to_string()))?;
    Head::from_json(&text).map_err(|error| unusable(error.to_string()))
}

async fn export(format: Format, data: &DataArg) -> Result<(), Problem> {
    let (_, store) = open(data).await?;
    let mut out = BufWriter::new(io::stdout());
    let mut seq = 0;
    loop {
        let entries = store.audit_entries(seq, PAGE).await.map_err(failed)?;
        let heading = seq == 0;
        let Some(last) = entries.last().map(|entry| entry.seq) else {
            if heading {
                audit::export(&[], format, heading, &mut out)
                    .map_err(|error| Problem::Export { why: error.to_string() })?;
            }
            break;
        };
        audit::export(&entries, format, heading, &mut out)
            .map_err(|error| Problem::Export { why: error.to_string() })?;
        seq = last;
    }
    store.close().await;
    Ok(())
}
