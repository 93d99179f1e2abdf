//! The tables of portraits and of the logo.

use super::out_of_order;
use crate::{
    images::KeptImage,
    store::{Change, StoreError},
};
use mitblick_protocol::image::ImageHash;
use sqlx::{Row, SqliteConnection, SqlitePool, sqlite::SqliteRow};

/// A hash as it is in a column; the tables see to its length.
pub(super) fn hash(bytes: Option<Vec<u8>>) -> Option<ImageHash> {
    Some(ImageHash(bytes?.try_into().ok()?))
}

fn kept(row: &SqliteRow) -> Result<Option<KeptImage>, sqlx::Error> {
    let bytes = row.try_get("bytes")?;
    Ok(hash(row.try_get("sha256")?).map(|hash| KeptImage { hash, bytes }))
}

fn one(row: Result<Option<SqliteRow>, sqlx::Error>) -> Result<Option<KeptImage>, StoreError> {
    let Some(row) = row.map_err(out_of_order)? else { return Ok(None) };
    kept(&row).map_err(out_of_order)
}

pub(super) async fn portrait(pool: &SqlitePool, account: i64) -> Result<Option<KeptImage>, StoreError> {
    let select = sqlx::query("SELECT sha256, bytes FROM portrait WHERE account = ?").bind(account);
    one(select.fetch_optional(pool).await)
}

pub(super) async fn logo(pool: &SqlitePool) -> Result<Option<KeptImage>, StoreError> {
    one(sqlx::query("SELECT sha256, bytes FROM logo").fetch_optional(pool).await)
}

pub(super) async fn logo_hash(db: &mut SqliteConnection) -> Result<Option<ImageHash>, StoreError> {
    let bytes: Option<Vec<u8>> =
        sqlx::query_scalar("SELECT sha256 FROM logo").fetch_optional(db).await.map_err(out_of_order)?;
    Ok(hash(bytes))
}

pub(super) async fn set_portrait(
    db: &mut SqliteConnection,
    account: i64,
    portrait: Option<&KeptImage>,
) -> Result<Change, StoreError> {
    let known: Option<i64> = sqlx::query_scalar("SELECT id FROM account WHERE id = ?")
        .bind(account)
        .fetch_optional(&mut *db)
        .await
        .map_err(out_of_order)?;
    if known.is_none() {
        return Ok(Change::NoSuchAccount);
    }
    let change = match portrait {
        Some(portrait) => sqlx::query("INSERT OR REPLACE INTO portrait (account, sha256, bytes) VALUES (?, ?, ?)")
            .bind(account)
            .bind(portrait.hash.0.to_vec())
            .bind(portrait.bytes.clone()),
        None => sqlx::query("DELETE FROM portrait WHERE account = ?").bind(account),
    };
    change.execute(db).await.map_err(out_of_order)?;
    Ok(Change::Made)
}

pub(super) async fn set_logo(db: &mut SqliteConnection, logo: Option<&KeptImage>) -> Result<(), StoreError> {
    let change = match logo {
        Some(logo) => sqlx::query("INSERT OR REPLACE INTO logo (id, sha256, bytes) VALUES (1, ?, ?)")
            .bind(logo.hash.0.to_vec())
            .bind(logo.bytes.clone()),
        None => sqlx::query("DELETE FROM logo"),
    };
    change.execute(db).await.map_err(out_of_order)?;
    Ok(())
}
