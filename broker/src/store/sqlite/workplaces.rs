//! Workplaces. Within a transaction of the caller where something changes.

use super::out_of_order;
use crate::store::{
    StoreError,
    workplace::{Asked, Decision, NewWorkplace, Workplace, WorkplaceId},
};
use mitblick_protocol::workplace::WorkplaceKey;
use sqlx::{Row, SqliteConnection, SqlitePool, sqlite::SqliteRow};

/// Workplaces of one account that may wait at the same time.
const MOST_WAITING: i64 = 5;

/// All columns, with the account's name.
macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT w.*, a.name AS account_name FROM workplace w JOIN account a ON a.id = w.account ", $rest)
    };
}

fn workplace(row: &SqliteRow) -> Result<Workplace, sqlx::Error> {
    let key: Vec<u8> = row.try_get("device_key")?;
    let state: String = row.try_get("state")?;
    let decode = |error: Box<dyn std::error::Error + Send + Sync>| sqlx::Error::Decode(error);
    Ok(Workplace {
        id: WorkplaceId(row.try_get("id")?),
        account: row.try_get("account")?,
        account_name: row.try_get("account_name")?,
        key: WorkplaceKey(key.as_slice().try_into().map_err(|error| decode(Box::new(error)))?),
        name: row.try_get("name")?,
        state: state.parse().map_err(|error: crate::store::workplace::NoState| decode(Box::new(error)))?,
        code: u32::try_from(row.try_get::<i64, _>("code")?).unwrap_or_default(),
        asked_unix_s: row.try_get("asked_unix_s")?,
        address: row.try_get("address")?,
        decided_unix_s: row.try_get("decided_unix_s")?,
        decided_by: row.try_get("decided_by")?,
        approval_tag: row.try_get("approval_tag")?,
        used_unix_s: row.try_get("used_unix_s")?,
    })
}

pub(super) async fn find(pool: &SqlitePool, account: i64, key: &WorkplaceKey) -> Result<Option<Workplace>, StoreError> {
    let row = sqlx::query(select!("WHERE w.account = ? AND w.device_key = ?"))
        .bind(account)
        .bind(key.0.as_slice())
        .fetch_optional(pool)
        .await
        .map_err(out_of_order)?;
    row.as_ref().map(workplace).transpose().map_err(out_of_order)
}

pub(super) async fn all(pool: &SqlitePool) -> Result<Vec<Workplace>, StoreError> {
    let query = sqlx::query(select!(
        "ORDER BY CASE w.state WHEN 'waiting' THEN 0 WHEN 'approved' THEN 1 ELSE 2 END, a.name, w.id"
    ));
    let rows = query.fetch_all(pool).await.map_err(out_of_order)?;
    rows.iter().map(workplace).collect::<Result<_, _>>().map_err(out_of_order)
}

pub(super) async fn ask(db: &mut SqliteConnection, new: &NewWorkplace) -> Result<Asked, StoreError> {
    let waiting: i64 = sqlx::query_scalar("SELECT count(*) FROM workplace WHERE account = ? AND state = 'waiting'")
        .bind(new.account)
        .fetch_one(&mut *db)
        .await
        .map_err(out_of_order)?;
    if waiting >= MOST_WAITING {
        return Ok(Asked::TooMany);
    }
    let done = sqlx::query(
        "INSERT INTO workplace (account, device_key, name, state, code, asked_unix_s, address) \
         SELECT id, ?2, ?3, 'waiting', ?4, ?5, ?6 FROM account WHERE id = ?1 ON CONFLICT DO NOTHING",
    )
    .bind(new.account)
    .bind(new.key.0.as_slice())
    .bind(new.name.as_str())
    .bind(i64::from(new.code))
    .bind(new.asked_unix_s)
    .bind(new.address.as_str())
    .execute(db)
    .await
    .map_err(out_of_order)?;
    Ok(if done.rows_affected() == 0 { Asked::Meanwhile } else { Asked::Waits(WorkplaceId(done.last_insert_rowid())) })
}

/// Whether there is such a workplace.
pub(super) async fn decide(
    db: &mut SqliteConnection,
    id: WorkplaceId,
    decision: &Decision,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE workplace SET state = ?, decided_unix_s = ?, decided_by = ?, approval_tag = ?, address = NULL \
         WHERE id = ?",
    )
    .bind(decision.state.as_str())
    .bind(decision.at_unix_s)
    .bind(decision.by.as_str())
    .bind(decision.approval_tag.as_deref())
    .bind(id.0)
    .execute(db)
    .await
    .map_err(out_of_order)?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn forget(db: &mut SqliteConnection, id: WorkplaceId) -> Result<bool, StoreError> {
    let done = sqlx::query("DELETE FROM workplace WHERE id = ?").bind(id.0).execute(db).await.map_err(out_of_order)?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn used(pool: &SqlitePool, id: WorkplaceId, at_unix_s: i64) -> Result<(), StoreError> {
    let set = sqlx::query("UPDATE workplace SET used_unix_s = ? WHERE id = ?").bind(at_unix_s).bind(id.0);
    set.execute(pool).await.map_err(out_of_order)?;
    Ok(())
}

pub(super) async fn rights_generation(pool: &SqlitePool) -> Result<i64, StoreError> {
    sqlx::query_scalar("SELECT CAST(value AS INTEGER) FROM setting WHERE key = 'rights_generation'")
        .fetch_one(pool)
        .await
        .map_err(out_of_order)
}
