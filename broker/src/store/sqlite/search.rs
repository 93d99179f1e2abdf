//! Searches in the audit trail.

use super::{out_of_order, trail};
use crate::{
    audit::Entry,
    store::{AuditSearch, Start, StoreError},
};
use sqlx::SqlitePool;

const LATEST_FIRST: &str = "SELECT * FROM audit WHERE seq < ?1 \
    AND (?2 IS NULL OR at_unix_s >= ?2) AND (?3 IS NULL OR at_unix_s < ?3) \
    AND (?4 IS NULL OR instr(actor, ?4) > 0 OR instr(object, ?4) > 0) \
    AND (?5 IS NULL OR action = ?5) AND (?6 IS NULL OR outcome = ?6) ORDER BY seq DESC LIMIT ?7";
const FIRST_FIRST: &str = "SELECT * FROM audit WHERE seq > ?1 \
    AND (?2 IS NULL OR at_unix_s >= ?2) AND (?3 IS NULL OR at_unix_s < ?3) \
    AND (?4 IS NULL OR instr(actor, ?4) > 0 OR instr(object, ?4) > 0) \
    AND (?5 IS NULL OR action = ?5) AND (?6 IS NULL OR outcome = ?6) ORDER BY seq LIMIT ?7";

pub(super) async fn search(
    pool: &SqlitePool,
    search: &AuditSearch,
    from: Start,
    most: u32,
) -> Result<Vec<Entry>, StoreError> {
    let (query, seq) = match from {
        Start::Before(seq) => (LATEST_FIRST, seq),
        Start::After(seq) => (FIRST_FIRST, seq),
    };
    let rows = sqlx::query(query)
        .bind(i64::try_from(seq).unwrap_or(i64::MAX))
        .bind(search.since_unix_s)
        .bind(search.until_unix_s)
        .bind(search.name.as_deref())
        .bind(search.action.as_deref())
        .bind(search.outcome.as_deref())
        .bind(most)
        .fetch_all(pool)
        .await
        .map_err(out_of_order)?;
    rows.iter().map(trail::entry).collect::<Result<_, _>>().map_err(out_of_order)
}
