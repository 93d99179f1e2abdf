//! What an account's holder or an admin changes besides role and password.
//! Within a transaction of the caller.

use super::out_of_order;
use crate::store::{Change, StoreError};
use sqlx::SqliteConnection;

pub(super) async fn set_blocked(db: &mut SqliteConnection, name: &str, blocked: bool) -> Result<Change, StoreError> {
    let role: Option<String> = sqlx::query_scalar("SELECT role FROM account WHERE name = ?")
        .bind(name)
        .fetch_optional(&mut *db)
        .await
        .map_err(out_of_order)?;
    match role.as_deref() {
        None => Ok(Change::NoSuchAccount),
        Some("main_user") => Ok(Change::IsMainUser),
        Some(_) => {
            sqlx::query("UPDATE account SET blocked = ? WHERE name = ?")
                .bind(blocked)
                .bind(name)
                .execute(db)
                .await
                .map_err(out_of_order)?;
            Ok(Change::Made)
        }
    }
}

pub(super) async fn set_profile(
    db: &mut SqliteConnection,
    name: &str,
    display_name: &str,
    language: Option<&str>,
) -> Result<Change, StoreError> {
    let done = sqlx::query("UPDATE account SET display_name = ?, language = ? WHERE name = ?")
        .bind(display_name)
        .bind(language)
        .bind(name)
        .execute(db)
        .await
        .map_err(out_of_order)?;
    Ok(if done.rows_affected() == 0 { Change::NoSuchAccount } else { Change::Made })
}
