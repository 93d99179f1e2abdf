//! Keeps the audit trail's latest head elsewhere while the broker runs.
//!
//! Each place has a task of its own. That a place can't be reached is no reason
//! to stop sessions: the chain and its head are in the database.

use crate::{
    audit::Head,
    metrics::{Count, Metrics},
    recorder::Recorder,
    syslog::Syslog,
};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::Mutex,
    time::{Instant, sleep, timeout_at},
};

/// A head is kept after so many entries or so long, whichever comes first.
const ENTRIES: u64 = 100;
const AGE: Duration = Duration::from_secs(5 * 60);
/// Between tries when the place can't be reached.
const TRY_AGAIN: Duration = Duration::from_secs(10);

/// Where heads are kept.
#[derive(Debug)]
pub(crate) enum Place {
    /// In this file, the latest one.
    File(PathBuf),
    /// At a server that collects logs, each one.
    Syslog(Syslog),
}

/// Keeps heads in one place.
#[derive(Debug)]
pub(crate) struct HeadKeeper {
    place: Place,
    /// Number of the head that was kept last.
    kept: Mutex<u64>,
    failing: AtomicBool,
    metrics: Arc<Metrics>,
}

impl HeadKeeper {
    pub(crate) fn new(place: Place, metrics: Arc<Metrics>) -> Self {
        Self { place, kept: Mutex::default(), failing: AtomicBool::default(), metrics }
    }

    /// Keeps heads when they are due, for ever.
    pub(crate) async fn keep_always(&self, recorder: &Recorder) {
        let mut due_seq = 1;
        let mut due_at = None;
        loop {
            match due_at {
                None => recorder.head_reaches(due_seq).await,
                Some(at) => drop(timeout_at(at, recorder.head_reaches(due_seq)).await),
            }
            if let Some(kept) = self.keep_now(recorder).await {
                due_seq = kept.saturating_add(ENTRIES);
                due_at = Some(Instant::now() + AGE);
            } else {
                sleep(TRY_AGAIN).await;
            }
        }
    }

    /// Keeps the latest head now; gives its number, or `None` if that failed.
    pub(crate) async fn keep_now(&self, recorder: &Recorder) -> Option<u64> {
        // One at a time, and each the latest: an older one never replaces it.
        let mut kept = self.kept.lock().await;
        if let Some(head) = recorder.head().filter(|head| head.seq > *kept) {
            self.note(self.keep(head).await)?;
            *kept = head.seq;
        }
        Some(*kept)
    }

    async fn keep(&self, head: Head) -> io::Result<()> {
        match &self.place {
            Place::File(file) => {
                let (file, text) = (file.clone(), format!("{}\n", head.to_json()));
                // Away from the tasks that relay: the file may be on another
                // machine.
                tokio::task::spawn_blocking(move || replace(&file, &text)).await.map_err(io::Error::other)?
            }
            Place::Syslog(syslog) => syslog.send(&head).await,
        }
    }

    /// Every failure is counted; the log has the first one, and the end of it.
    fn note(&self, kept: io::Result<()>) -> Option<()> {
        let place = match &self.place {
            Place::File(_) => "its file",
            Place::Syslog(_) => "the log server",
        };
        match kept {
            Ok(()) => {
                if self.failing.swap(false, Ordering::Relaxed) {
                    tracing::info!("the head of the audit trail is kept in {place} again");
                }
                Some(())
            }
            Err(error) => {
                self.metrics.count(match &self.place {
                    Place::File(_) => Count::HeadFileFailed,
                    Place::Syslog(_) => Count::SyslogFailed,
                });
                if !self.failing.swap(true, Ordering::Relaxed) {
                    tracing::error!(%error, "the head of the audit trail could not be kept in {place}; it is tried on");
                }
                None
            }
        }
    }
}

/// There is always a whole head in the file.
fn replace(file: &Path, text: &str) -> io::Result<()> {
    let mut name = file.as_os_str().to_owned();
    name.push(".new");
    let temporary = PathBuf::from(name);
    let mut new: File = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&temporary)?;
    new.write_all(text.as_bytes())?;
    new.sync_all()?;
    fs::rename(&temporary, file)
}
