//! Backups that the running broker makes by itself.
//!
//! When one is due is told by the names in the folder, so that a restart
//! neither forgets nor repeats one.

use crate::{
    audit::Actor,
    data_dir::DataDir,
    metrics::{Count, Metrics},
    problem::Problem,
    store::Store,
};
use jiff::{Timestamp, tz::TimeZone};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

/// Between tries when one has failed.
const TRY_AGAIN: Duration = Duration::from_secs(10 * 60);
const BEFORE: &str = "mitblick-backup-";
const AFTER: &str = ".zip";
const TIME: &str = "%Y%m%dT%H%M%SZ";

/// Where, how often, and how many stay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The folder; it is not made.
    pub folder: PathBuf,
    /// From one to the next.
    pub every: Duration,
    /// So many stay; older ones go once a newer one is whole.
    pub keep: usize,
}

/// How it goes, for the system page.
#[derive(Debug, Default)]
pub(crate) struct State {
    failing: AtomicBool,
}

impl State {
    /// Whether the last try failed.
    pub(crate) fn is_failing(&self) -> bool {
        self.failing.load(Ordering::Relaxed)
    }
}

/// Makes backups as planned, for ever.
pub(crate) async fn make_always(
    dir: DataDir,
    store: Arc<dyn Store>,
    mut plan: watch::Receiver<Option<Plan>>,
    state: Arc<State>,
    metrics: Arc<Metrics>,
) {
    loop {
        let Some(now) = plan.borrow_and_update().clone() else {
            state.failing.store(false, Ordering::Relaxed);
            if plan.changed().await.is_err() {
                return;
            }
            continue;
        };
        let wait = due_in(&now, Timestamp::now());
        if !wait.is_zero() {
            // A clock that is set, or a machine that slept, is seen in time.
            match timeout(wait.min(TRY_AGAIN), plan.changed()).await {
                Ok(Err(_)) => return,
                Ok(Ok(())) | Err(_) => continue,
            }
        }
        match make_one(&now, &dir, &*store).await {
            Ok(()) => {
                state.failing.store(false, Ordering::Relaxed);
                metrics.count(Count::BackupsMade);
                tracing::info!("a backup was made");
            }
            Err(problem) => {
                state.failing.store(true, Ordering::Relaxed);
                metrics.count(Count::BackupFailed);
                tracing::error!(%problem, "no backup could be made; the next try is in ten minutes");
                tokio::select! {
                    () = sleep(TRY_AGAIN) => {}
                    changed = plan.changed() => if changed.is_err() { return },
                }
            }
        }
    }
}

async fn make_one(plan: &Plan, dir: &DataDir, store: &dyn Store) -> Result<(), Problem> {
    let file = plan.folder.join(name(Timestamp::now()));
    super::make(dir, store, &file, &Actor::Broker).await?;
    for old in too_many(there(&plan.folder), plan.keep) {
        let path = plan.folder.join(name(old));
        if let Err(error) = fs::remove_file(&path) {
            tracing::warn!(%error, "an old backup could not be removed");
        }
    }
    Ok(())
}

fn due_in(plan: &Plan, now: Timestamp) -> Duration {
    // One from the future, by a clock that was wrong, does not hold up others.
    let last = there(&plan.folder).into_iter().filter(|at| *at <= now).max();
    let Some(last) = last else { return Duration::ZERO };
    let age = u64::try_from(now.as_second().saturating_sub(last.as_second())).unwrap_or(0);
    plan.every.saturating_sub(Duration::from_secs(age))
}

/// When those in the folder were made.
fn there(folder: &Path) -> Vec<Timestamp> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries.flatten().filter_map(|entry| made_at(entry.file_name().to_str()?)).collect()
}

/// The oldest ones, without those that stay.
fn too_many(mut there: Vec<Timestamp>, keep: usize) -> Vec<Timestamp> {
    there.sort();
    there.truncate(there.len().saturating_sub(keep));
    there
}

fn name(at: Timestamp) -> String {
    format!("{BEFORE}{}{AFTER}", at.to_zoned(TimeZone::UTC).strftime(TIME))
}

/// Only what [`name`] writes is ours to count and to remove.
fn made_at(file: &str) -> Option<Timestamp> {
    let text = file.strip_prefix(BEFORE)?.strip_suffix(AFTER)?;
    let at = jiff::civil::DateTime::strptime(TIME, text).ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp();
    (name(at) == file).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_when_it_was_made_and_other_files_tell_nothing() {
        let at = Timestamp::from_second(1_795_000_000).unwrap();
        assert_eq!(made_at(&name(at)), Some(at));
        for other in ["mitblick-backup-.zip", "mitblick-backup-20260101T000000Z.zip.new", "x", "mitblick-backup-1.zip"]
        {
            assert_eq!(made_at(other), None, "{other}");
        }
    }

    #[test]
    fn the_latest_stay_and_the_next_one_is_due_by_the_latest() {
        let dir = tempfile::tempdir().unwrap();
        let plan = Plan { folder: dir.path().to_owned(), every: Duration::from_secs(3_600), keep: 2 };
        let at = |second: i64| Timestamp::from_second(1_795_000_000 + second).unwrap();
        assert_eq!(due_in(&plan, at(0)), Duration::ZERO);
        for second in [0, 60, 120, 999_999] {
            fs::write(dir.path().join(name(at(second))), "").unwrap();
        }
        assert_eq!(due_in(&plan, at(120)), Duration::from_secs(3_600));
        assert_eq!(due_in(&plan, at(3_000)), Duration::from_secs(720));
        assert_eq!(due_in(&plan, at(9_000)), Duration::ZERO);
        assert_eq!(too_many(there(dir.path()), 2), [at(0), at(60)]);
        assert_eq!(too_many(there(dir.path()), 9), []);
    }
}
