//! Reads the audit trail whole, and removes what the company keeps no longer.
//!
//! Whoever removes entries could remove the traces of somebody who changed
//! them, so each time all of the trail is checked first, up to its signed
//! head. What is not whole stays as it is.

use crate::{
    audit::{Check, Cut, Fault, Head, Plan, Point},
    metrics::{Count, Metrics},
    store::{Store, StoreError},
};
use ed25519_dalek::VerifyingKey;
use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::time::sleep;

/// Entries read at once.
const PAGE: u32 = 1_000;
/// From one look to the next.
const EVERY: Duration = Duration::from_secs(24 * 60 * 60);
const DAY_S: i64 = 24 * 60 * 60;

/// The trail could not be read, or is not whole.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It is not whole.
    #[error("the audit trail is not whole, so nothing is removed: {0}")]
    Fault(#[from] Fault),
}

/// A trail that was read and is whole.
#[derive(Clone, Debug)]
pub(crate) struct Whole {
    /// Number of its last entry.
    pub(crate) last_seq: u64,
    /// Where it begins.
    pub(crate) cut: Option<Cut>,
    /// See [`Plan::steps`].
    steps: Vec<Point>,
}

/// Checks the whole trail, to which the broker may be writing.
///
/// # Errors
/// See [`ReadError`].
pub(crate) async fn read(store: &dyn Store, key: VerifyingKey, elsewhere: Option<Head>) -> Result<Whole, ReadError> {
    read_to_cut(store, key, elsewhere, Plan::new(i64::MIN)).await
}

async fn read_to_cut(
    store: &dyn Store,
    key: VerifyingKey,
    elsewhere: Option<Head>,
    plan: Plan,
) -> Result<Whole, ReadError> {
    loop {
        let cut = store.audit_cut().await?;
        let whole = read_behind(store, key, elsewhere, cut, plan.clone()).await;
        // A cut that is made meanwhile takes away what was to be read.
        if matches!(whole, Err(ReadError::Fault(_))) && store.audit_cut().await? != cut {
            continue;
        }
        return whole;
    }
}

async fn read_behind(
    store: &dyn Store,
    key: VerifyingKey,
    elsewhere: Option<Head>,
    cut: Option<Cut>,
    mut plan: Plan,
) -> Result<Whole, ReadError> {
    let mut check = Check::new(key, elsewhere, cut)?;
    let mut seq = 0;
    // What is read is whole when the head has not moved meanwhile.
    let head = loop {
        let head = store.audit_head().await?;
        loop {
            let entries = store.audit_entries(seq, PAGE).await?;
            for entry in &entries {
                check.next(entry)?;
                plan.next(entry);
                seq = entry.seq;
            }
            if entries.is_empty() {
                break;
            }
        }
        if store.audit_head().await? == head {
            break head;
        }
    };
    Ok(Whole { last_seq: check.finish(head)?, cut, steps: plan.steps() })
}

/// Removes entries older than so many days, now and once a day, for ever.
pub(crate) async fn keep(store: Arc<dyn Store>, key: VerifyingKey, days: u32, metrics: Arc<Metrics>) {
    loop {
        match remove_older(&*store, key, days).await {
            Ok(None) => {}
            Ok(Some(last)) => tracing::info!(last, "old entries of the audit trail were removed"),
            Err(error) => {
                metrics.count(Count::AuditCutFailed);
                tracing::error!(%error, "old entries of the audit trail could not be removed; the next try is in a day");
            }
        }
        sleep(EVERY).await;
    }
}

/// Gives the number of the last entry that was removed, if there was one.
async fn remove_older(store: &dyn Store, key: VerifyingKey, days: u32) -> Result<Option<u64>, ReadError> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let now_unix_s = i64::try_from(now).unwrap_or(i64::MAX);
    let before_unix_s = now_unix_s.saturating_sub(DAY_S.saturating_mul(days.into()));
    // Most days nothing is old, and then there is no need to read all of it.
    let first = store.audit_entries(0, 1).await?;
    if first.first().is_none_or(|first| first.at_unix_s >= before_unix_s) {
        return Ok(None);
    }
    let whole = read_to_cut(store, key, None, Plan::new(before_unix_s)).await?;
    let mut last = None;
    for step in whole.steps {
        let Some(cut) = store.cut_audit(step).await? else { break };
        last = Some(cut.last.seq);
    }
    Ok(last)
}
