//! The audit trail's tables.

use super::out_of_order;
use crate::{
    audit::{Cut, Entry, Head, Point, Record, Signer, Unfinished},
    store::StoreError,
};
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection, SqlitePool, sqlite::SqliteRow};

/// Appends within the transaction that `connection` is in.
pub(super) async fn append(
    connection: &mut SqliteConnection,
    signer: &Signer,
    records: &[Record],
) -> Result<Option<Head>, StoreError> {
    let before = head(&mut *connection).await?;
    let (entries, after) = signer.append(before, records);
    let Some(after) = after.filter(|_| !entries.is_empty()) else { return Ok(before) };
    // One statement, however many entries: each one is a way to SQLite's thread
    // and back.
    let seqs = entries.iter().map(|entry| stored(entry.seq)).collect::<Result<Vec<_>, _>>()?;
    QueryBuilder::<Sqlite>::new("INSERT INTO audit (seq, at_unix_s, actor, action, object, outcome, counts, hash) ")
        .push_values(seqs.into_iter().zip(&entries), |mut row, (seq, entry)| {
            row.push_bind(seq)
                .push_bind(entry.at_unix_s)
                .push_bind(entry.actor.as_str())
                .push_bind(entry.action.as_str())
                .push_bind(entry.object.as_str())
                .push_bind(entry.outcome.as_str())
                .push_bind(entry.counts.as_str())
                .push_bind(entry.hash.as_slice());
        })
        .build()
        .persistent(false)
        .execute(&mut *connection)
        .await
        .map_err(out_of_order)?;
    sqlx::query("INSERT OR REPLACE INTO audit_head (id, seq, hash, signature) VALUES (1, ?, ?, ?)")
        .bind(stored(after.seq)?)
        .bind(after.hash.as_slice())
        .bind(after.signature.as_slice())
        .execute(&mut *connection)
        .await
        .map_err(out_of_order)?;
    Ok(Some(after))
}

pub(super) async fn head(connection: &mut SqliteConnection) -> Result<Option<Head>, StoreError> {
    let row = sqlx::query("SELECT seq, hash, signature FROM audit_head")
        .fetch_optional(connection)
        .await
        .map_err(out_of_order)?;
    row.map(|row| {
        Ok(Head { seq: number(&row, "seq")?, hash: bytes(&row, "hash")?, signature: bytes(&row, "signature")? })
    })
    .transpose()
    .map_err(out_of_order)
}

pub(super) async fn entries(pool: &SqlitePool, seq: u64, most: u32) -> Result<Vec<Entry>, StoreError> {
    let rows = sqlx::query("SELECT * FROM audit WHERE seq > ? ORDER BY seq LIMIT ?")
        .bind(stored(seq)?)
        .bind(most)
        .fetch_all(pool)
        .await
        .map_err(out_of_order)?;
    rows.iter().map(entry).collect::<Result<_, _>>().map_err(out_of_order)
}

pub(super) async fn last_cut(pool: &SqlitePool) -> Result<Option<Cut>, StoreError> {
    let row = sqlx::query("SELECT seq, hash, at_unix_s, signature FROM audit_cut")
        .fetch_optional(pool)
        .await
        .map_err(out_of_order)?;
    row.map(|row| {
        Ok(Cut {
            last: Point { seq: number(&row, "seq")?, hash: bytes(&row, "hash")? },
            at_unix_s: row.try_get("at_unix_s")?,
            signature: bytes(&row, "signature")?,
        })
    })
    .transpose()
    .map_err(out_of_order)
}

/// Removes what is before, within the transaction that `connection` is in. The
/// row of the cut comes first: the tables let no entry go that it does not
/// cover.
pub(super) async fn cut(
    connection: &mut SqliteConnection,
    signer: &Signer,
    last: Point,
) -> Result<Option<Cut>, StoreError> {
    let seq = stored(last.seq)?;
    let entries: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM audit WHERE seq <= ?1 \
         AND EXISTS (SELECT 1 FROM audit WHERE seq = ?1 AND hash = ?2) \
         AND ?1 < (SELECT max(seq) FROM audit WHERE action = 'broker_started')",
    )
    .bind(seq)
    .bind(last.hash.as_slice())
    .fetch_one(&mut *connection)
    .await
    .map_err(out_of_order)?;
    let entries = u64::try_from(entries).unwrap_or(0);
    if entries == 0 {
        return Ok(None);
    }
    let (record, cut) = signer.cut(last, entries);
    append(&mut *connection, signer, &[record]).await?;
    sqlx::query("INSERT OR REPLACE INTO audit_cut (id, seq, hash, at_unix_s, signature) VALUES (1, ?, ?, ?, ?)")
        .bind(seq)
        .bind(cut.last.hash.as_slice())
        .bind(cut.at_unix_s)
        .bind(cut.signature.as_slice())
        .execute(&mut *connection)
        .await
        .map_err(out_of_order)?;
    sqlx::query("DELETE FROM audit WHERE seq <= ?").bind(seq).execute(&mut *connection).await.map_err(out_of_order)?;
    Ok(Some(cut))
}

/// Sessions without an end since the last start of the broker, within whose
/// run ids of sessions are unique.
pub(super) async fn unfinished(pool: &SqlitePool) -> Result<Vec<Unfinished>, StoreError> {
    let rows = sqlx::query(
        "SELECT min(actor) AS actor, object FROM audit \
         WHERE seq > (SELECT coalesce(max(seq), 0) FROM audit WHERE action = 'broker_started') \
         AND action IN ('session_began', 'session_resumed', 'session_ended') \
         GROUP BY object HAVING sum(action = 'session_ended') = 0 ORDER BY min(seq)",
    )
    .fetch_all(pool)
    .await
    .map_err(out_of_order)?;
    let session = |row: &SqliteRow| Ok(Unfinished { actor: row.try_get("actor")?, object: row.try_get("object")? });
    rows.iter().map(session).collect::<Result<_, sqlx::Error>>().map_err(out_of_order)
}

pub(super) fn entry(row: &SqliteRow) -> Result<Entry, sqlx::Error> {
    Ok(Entry {
        seq: number(row, "seq")?,
        at_unix_s: row.try_get("at_unix_s")?,
        actor: row.try_get("actor")?,
        action: row.try_get("action")?,
        object: row.try_get("object")?,
        outcome: row.try_get("outcome")?,
        counts: row.try_get("counts")?,
        hash: bytes(row, "hash")?,
    })
}

/// A number that was changed to a negative one is no entry's: 0.
fn number(row: &SqliteRow, column: &str) -> Result<u64, sqlx::Error> {
    Ok(u64::try_from(row.try_get::<i64, _>(column)?).unwrap_or(0))
}

/// Bytes of a wrong length are no hash and no signature: zeros, which fit
/// nothing.
fn bytes<const N: usize>(row: &SqliteRow, column: &str) -> Result<[u8; N], sqlx::Error> {
    Ok(row.try_get::<Vec<u8>, _>(column)?.try_into().unwrap_or([0; N]))
}

fn stored(seq: u64) -> Result<i64, StoreError> {
    i64::try_from(seq).map_err(|_| StoreError::OutOfOrder("the audit trail is full".to_owned()))
}
