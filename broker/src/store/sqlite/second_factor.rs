//! The second factor of an account. Within a transaction of the caller.

use super::out_of_order;
use crate::store::{Change, NewSecondFactor, StoreError};
use sqlx::SqliteConnection;

pub(super) async fn set(
    db: &mut SqliteConnection,
    account: i64,
    factor: Option<&NewSecondFactor>,
) -> Result<Change, StoreError> {
    let done = sqlx::query("UPDATE account SET totp_sealed = ?, totp_step = ? WHERE id = ?")
        .bind(factor.map(|factor| factor.sealed.as_slice()))
        .bind(factor.map_or(0, |factor| factor.used_step))
        .bind(account)
        .execute(&mut *db)
        .await
        .map_err(out_of_order)?;
    if done.rows_affected() == 0 {
        return Ok(Change::NoSuchAccount);
    }
    set_recovery_codes(db, account, factor.map_or(&[], |factor| &factor.recovery_hashes)).await?;
    Ok(Change::Made)
}

pub(super) async fn set_recovery_codes(
    db: &mut SqliteConnection,
    account: i64,
    hashes: &[String],
) -> Result<(), StoreError> {
    let delete = sqlx::query("DELETE FROM recovery_code WHERE account = ?").bind(account);
    delete.execute(&mut *db).await.map_err(out_of_order)?;
    for hash in hashes {
        let insert = sqlx::query("INSERT INTO recovery_code (account, code_sha256) VALUES (?, ?)");
        insert.bind(account).bind(hash.as_str()).execute(&mut *db).await.map_err(out_of_order)?;
    }
    Ok(())
}

/// Uses up a step and all before it.
pub(super) async fn use_step(db: &mut SqliteConnection, account: i64, step: i64) -> Result<bool, StoreError> {
    let done = sqlx::query("UPDATE account SET totp_step = ?1 WHERE id = ?2 AND totp_step < ?1")
        .bind(step)
        .bind(account)
        .execute(db)
        .await
        .map_err(out_of_order)?;
    Ok(done.rows_affected() == 1)
}

/// Uses a recovery code up.
pub(super) async fn use_recovery_code(db: &mut SqliteConnection, account: i64, hash: &str) -> Result<bool, StoreError> {
    let done = sqlx::query("DELETE FROM recovery_code WHERE account = ? AND code_sha256 = ?")
        .bind(account)
        .bind(hash)
        .execute(db)
        .await
        .map_err(out_of_order)?;
    Ok(done.rows_affected() == 1)
}
