//! Writes of the running broker, many in one transaction.
//!
//! A transaction costs a wait for the disk, however much is in it. One task
//! does these writes: while it waits for the disk others queue up, and the next
//! transaction takes them all. Each is answered once it is on the disk, as if
//! it had been alone; nothing waits for company.

use super::{begin, out_of_order, trail};
use crate::{
    audit::{Head, Record, Signer},
    store::StoreError,
};
use mitblick_protocol::number::Routing;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection, SqlitePool};
use tokio::sync::{mpsc, oneshot};

/// Writes in one transaction, and as many that may queue up meanwhile.
const AT_ONCE: usize = 256;

/// A write, and whom to answer.
#[derive(Debug)]
enum Write {
    NumberOpened { routing: Routing, at_unix_s: i64, done: oneshot::Sender<Result<(), StoreError>> },
    Records { records: Vec<Record>, done: oneshot::Sender<Result<Option<Head>, StoreError>> },
}

/// The way to the writing task, which ends with the last one of these.
#[derive(Clone, Debug)]
pub(super) struct Writer {
    queue: mpsc::Sender<Write>,
}

impl Writer {
    /// Starts the task.
    pub(super) fn start(pool: SqlitePool, signer: Signer) -> Self {
        let (queue, mut waiting) = mpsc::channel(AT_ONCE);
        tokio::spawn(async move {
            let mut group = Vec::new();
            while waiting.recv_many(&mut group, AT_ONCE).await > 0 {
                write(&pool, &signer, &mut group).await;
            }
        });
        Self { queue }
    }

    /// See [`crate::store::Store::number_opened`].
    pub(super) async fn number_opened(&self, routing: Routing, at_unix_s: i64) -> Result<(), StoreError> {
        self.written(|done| Write::NumberOpened { routing, at_unix_s, done }).await
    }

    /// See [`crate::store::Store::record`].
    pub(super) async fn record(&self, records: Vec<Record>) -> Result<Option<Head>, StoreError> {
        self.written(|done| Write::Records { records, done }).await
    }

    async fn written<T>(
        &self,
        write: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> Write,
    ) -> Result<T, StoreError> {
        let gone = || StoreError::OutOfOrder("nothing is written any more".to_owned());
        let (done, answer) = oneshot::channel();
        self.queue.send(write(done)).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

/// Writes the group and answers; it is empty then.
async fn write(pool: &SqlitePool, signer: &Signer, group: &mut Vec<Write>) {
    let mut heads = match commit(pool, signer, group).await {
        Ok(heads) => Ok(heads.into_iter()),
        Err(StoreError::OutOfOrder(why)) => Err(why),
        Err(error) => Err(error.to_string()),
    };
    // Whoever no longer waits for the answer needs none.
    for write in group.drain(..) {
        match (write, &mut heads) {
            (Write::NumberOpened { done, .. }, Ok(_)) => drop(done.send(Ok(()))),
            (Write::Records { done, .. }, Ok(heads)) => drop(done.send(Ok(heads.next().flatten()))),
            (Write::NumberOpened { done, .. }, Err(why)) => drop(done.send(Err(StoreError::OutOfOrder(why.clone())))),
            (Write::Records { done, .. }, Err(why)) => drop(done.send(Err(StoreError::OutOfOrder(why.clone())))),
        }
    }
}

/// All or nothing; gives the trail's head after each of the records' writes.
async fn commit(pool: &SqlitePool, signer: &Signer, group: &[Write]) -> Result<Vec<Option<Head>>, StoreError> {
    let mut transaction = begin(pool).await?;
    let mut heads = Vec::new();
    let mut numbers = Vec::new();
    for write in group {
        match write {
            Write::NumberOpened { routing, at_unix_s, .. } => numbers.push((*routing, *at_unix_s)),
            Write::Records { records, .. } => heads.push(trail::append(&mut transaction, signer, records).await?),
        }
    }
    remember(&mut transaction, &numbers).await?;
    transaction.commit().await.map_err(out_of_order)?;
    Ok(heads)
}

/// One statement, however many numbers: each one is a way to SQLite's thread
/// and back.
async fn remember(db: &mut SqliteConnection, numbers: &[(Routing, i64)]) -> Result<(), StoreError> {
    if numbers.is_empty() {
        return Ok(());
    }
    QueryBuilder::<Sqlite>::new("INSERT OR REPLACE INTO opened_number (routing, opened_unix_s) ")
        .push_values(numbers, |mut row, (routing, at_unix_s)| {
            row.push_bind(i64::from(routing.value())).push_bind(*at_unix_s);
        })
        .build()
        .persistent(false)
        .execute(db)
        .await
        .map_err(out_of_order)?;
    Ok(())
}
