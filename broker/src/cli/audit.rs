//! `mitblick-broker audit …`: reads and checks the trail; nothing here writes
//! to it.

use super::{DataArg, Words, failed, hint_line, say};
use crate::{
    audit::{self, Cut, Entry, Format, Head},
    data_dir::DataDir,
    problem::{Language, Problem},
    retention::{self, ReadError, Whole},
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
    /// another machine. A trail whose oldest entries were removed as planned
    /// is checked from its signed cut on.
    Verify {
        /// File with a head that was kept elsewhere, or with the line of
        /// syslog that has one.
        #[arg(long, value_name = "FILE")]
        head: Option<PathBuf>,
        #[command(flatten)]
        data: DataArg,
    },
    /// Writes all entries to standard output.
    ///
    /// If older ones were removed as planned, a line of action
    /// `removed_up_to_here` comes first, with the number and the hash of the
    /// last one that was.
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
    let whole = checked?;
    let language = Language::of_environment();
    let words =
        Words { english: "The audit trail is whole. Entries: ", german: "Das Protokoll ist unversehrt. Einträge: " };
    say(&format!("{}{}", words.of(language), whole.last_seq));
    if let Some(cut) = whole.cut {
        say(&begins_behind(cut, language));
    }
    Ok(())
}

fn begins_behind(cut: Cut, language: Language) -> String {
    let (last, first) = (cut.last.seq, cut.last.seq.saturating_add(1));
    match language {
        Language::English => {
            format!("It begins with entry {first}: those up to {last} were removed as planned ([audit] keep_days).")
        }
        Language::German => {
            format!("Es beginnt mit Eintrag {first}: Die bis {last} wurden planmäßig entfernt ([audit] keep_days).")
        }
    }
}

/// Checks the whole trail.
pub(super) async fn verified(dir: &DataDir, store: &Sqlite, elsewhere: Option<Head>) -> Result<Whole, Problem> {
    let key = server::audit_signer(dir)?.verifying_key();
    retention::read(store, key, elsewhere).await.map_err(|error| match error {
        ReadError::Store(error) => failed(error),
        ReadError::Fault(fault) => Problem::AuditFault { fault },
    })
}

fn read_head(file: &Path) -> Result<Head, Problem> {
    let unusable = |why: String| Problem::HeadFile { path: file.to_owned(), why };
    let mut text = String::new();
    File::open(file)
        .and_then(|file| file.take(MAX_HEAD_BYTES).read_to_string(&mut text))
        .map_err(|error| unusable(error.to_string()))?;
    // A message of syslog has its header before.
    let head = text.find('{').and_then(|begin| text.get(begin..)).unwrap_or(&text);
    Head::from_json(head).map_err(|error| unusable(error.to_string()))
}

async fn export(format: Format, data: &DataArg) -> Result<(), Problem> {
    let (_, store) = open(data).await?;
    let mut out = BufWriter::new(io::stdout());
    let mut write = |entries: &[Entry], heading| {
        audit::export(entries, format, heading, &mut out).map_err(|error| Problem::Export { why: error.to_string() })
    };
    let cut = store.audit_cut().await.map_err(failed)?;
    let line = cut.map(|cut| cut.line());
    write(line.as_slice(), true)?;
    let mut seq = 0;
    loop {
        let entries = store.audit_entries(seq, PAGE).await.map_err(failed)?;
        let Some(last) = entries.last().map(|entry| entry.seq) else { break };
        write(&entries, false)?;
        seq = last;
    }
    store.close().await;
    if let Some(cut) = cut {
        hint_line(&begins_behind(cut, Language::of_environment()));
    }
    Ok(())
}
