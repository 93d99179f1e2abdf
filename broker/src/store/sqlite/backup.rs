//! Copies of the database, and when the last one was made.

use super::out_of_order;
use crate::store::StoreError;
use sqlx::{SqliteConnection, SqlitePool};
use std::path::Path;

/// One statement sees the database as it was when it began, whatever is
/// written meanwhile.
pub(super) async fn copy_to(pool: &SqlitePool, file: &Path) -> Result<(), StoreError> {
    let file = file.to_str().ok_or_else(|| StoreError::OutOfOrder("the path is no UTF-8".to_owned()))?;
    sqlx::query("VACUUM INTO ?").bind(file).persistent(false).execute(pool).await.map_err(out_of_order)?;
    Ok(())
}

pub(super) async fn remember(db: &mut SqliteConnection, at_unix_s: i64) -> Result<(), StoreError> {
    sqlx::query("INSERT OR REPLACE INTO setting (key, value) VALUES ('last_backup_unix_s', ?)")
        .bind(at_unix_s.to_string())
        .execute(db)
        .await
        .map_err(out_of_order)?;
    Ok(())
}

pub(super) async fn last(pool: &SqlitePool) -> Result<Option<i64>, StoreError> {
    let text: Option<String> = sqlx::query_scalar("SELECT value FROM setting WHERE key = 'last_backup_unix_s'")
        .fetch_optional(pool)
        .await
        .map_err(out_of_order)?;
    Ok(text.and_then(|text| text.parse().ok()))
}
