//! Writes the running broker's audit records, in their order.
//!
//! One task writes what waits, together in one transaction, so that many
//! sessions cost few of them. A record that could not be written stays and is
//! tried again; meanwhile the broker admits nobody new, so what waits is
//! bounded by the sessions there are.

use crate::{
    audit::{Head, Record},
    metrics::{Count, Metrics},
    store::{Store, StoreError},
};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Notify, watch},
    time::timeout,
};

/// Records in one transaction.
const AT_ONCE: usize = 256;
/// Between tries when nobody asks for one earlier.
const TRY_AGAIN: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Progress {
    /// Records written since the start.
    written: u64,
    /// Tries that failed since the start.
    failures: u64,
    /// Whether the last try failed.
    failing: bool,
    head: Option<Head>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Record>,
    /// Records taken in since the start.
    taken: u64,
}

/// A record's place; see [`Recorder::written`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ticket {
    taken: u64,
    failures: u64,
}

/// Takes records in.
pub(crate) struct Recorder {
    queue: Mutex<Queue>,
    more: Notify,
    progress: watch::Sender<Progress>,
    metrics: Arc<Metrics>,
}

impl Recorder {
    pub(crate) fn new(metrics: Arc<Metrics>) -> Self {
        let progress = watch::Sender::new(Progress::default());
        Self { queue: Mutex::default(), more: Notify::new(), progress, metrics }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a record in; it is written soon.
    pub(crate) fn push(&self, record: Record) -> Ticket {
        let mut queue = self.queue();
        queue.waiting.push_back(record);
        queue.taken += 1;
        let taken = queue.taken;
        drop(queue);
        self.more.notify_one();
        Ticket { taken, failures: self.progress.borrow().failures }
    }

    /// Waits until the record is written.
    ///
    /// # Errors
    /// A try failed; the record is written later, but what it records must
    /// not go on.
    pub(crate) async fn written(&self, ticket: Ticket) -> Result<(), StoreError> {
        let mut progress = self.progress.subscribe();
        let settled = |now: &Progress| now.written >= ticket.taken || now.failures > ticket.failures;
        match progress.wait_for(settled).await {
            Ok(now) if now.written >= ticket.taken => Ok(()),
            Ok(_) | Err(_) => Err(StoreError::OutOfOrder("the audit trail could not be written".to_owned())),
        }
    }

    /// Whether the last try failed.
    pub(crate) fn is_failing(&self) -> bool {
        self.progress.borrow().failing
    }

    /// Whether something new may begin; if the last try failed there is
    /// another one first.
    ///
    /// # Errors
    /// That failed too.
    pub(crate) async fn ready(&self) -> Result<(), StoreError> {
        if !self.is_failing() {
            return Ok(());
        }
        self.flush().await
    }

    /// Writes all that waits.
    ///
    /// # Errors
    /// A try failed.
    pub(crate) async fn flush(&self) -> Result<(), StoreError> {
        let ticket = Ticket { taken: self.queue().taken, failures: self.progress.borrow().failures };
        self.more.notify_one();
        self.written(ticket).await
    }

    /// Writes, for ever.
    pub(crate) async fn write_to(&self, store: &dyn Store) {
        loop {
            let batch: Vec<Record> = self.queue().waiting.iter().take(AT_ONCE).cloned().collect();
            if batch.is_empty() {
                self.more.notified().await;
                continue;
            }
            let count = batch.len();
            match store.record(batch).await {
                Ok(head) => {
                    self.queue().waiting.drain(..count);
                    self.progress.send_modify(|progress| {
                        progress.written += u64::try_from(count).unwrap_or(u64::MAX);
                        progress.failing = false;
                        progress.head = head;
                    });
                }
                Err(error) => {
                    self.metrics.count(Count::AuditFailed);
                    tracing::error!(%error, "the audit trail can't be written: nobody new is admitted");
                    self.progress.send_modify(|progress| {
                        progress.failures += 1;
                        progress.failing = true;
                    });
                    let _ = timeout(TRY_AGAIN, self.more.notified()).await;
                }
            }
        }
    }

    /// The head after what was written last.
    pub(crate) fn head(&self) -> Option<Head> {
        self.progress.borrow().head
    }

    /// Waits until that has this number or a later one.
    pub(crate) async fn head_reaches(&self, seq: u64) {
        let reached = |now: &Progress| now.head.is_some_and(|head| head.seq >= seq);
        // The sender is here too, so that it can't be gone.
        let _ = self.progress.subscribe().wait_for(reached).await;
    }
}
