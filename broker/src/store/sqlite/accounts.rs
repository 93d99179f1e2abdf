//! The accounts' tables. All functions work within a transaction of their
//! caller, who commits when the record is appended too.

use super::out_of_order;
use crate::{
    accounts::{PasswordState, Role},
    store::{Account, Change, CodeUse, NewAccount, NewPassword, StoreError, Tries},
};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};
use zeroize::Zeroizing;

pub(super) fn account(row: &SqliteRow) -> Result<Account, sqlx::Error> {
    let role: String = row.try_get("role")?;
    let until: Option<i64> = row.try_get("password_initial_until_unix_s")?;
    let wrong: i64 = row.try_get("wrong_tries")?;
    Ok(Account {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        display_name: row.try_get("display_name")?,
        role: role.parse::<Role>().map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
        password_hash: Zeroizing::new(row.try_get("password_hash")?),
        password_state: until.map_or(PasswordState::Own, |until_unix_s| PasswordState::Initial { until_unix_s }),
        password_changed_unix_s: row.try_get("password_changed_unix_s")?,
        tries: Tries {
            wrong: u32::try_from(wrong).unwrap_or(u32::MAX),
            locked_until_unix_s: row.try_get("locked_until_unix_s")?,
        },
        blocked: row.try_get("blocked")?,
        language: row.try_get("language")?,
    })
}

fn initial_until(state: PasswordState) -> Option<i64> {
    match state {
        PasswordState::Own => None,
        PasswordState::Initial { until_unix_s } => Some(until_unix_s),
    }
}

pub(super) async fn add(db: &mut SqliteConnection, account: &NewAccount) -> Result<i64, StoreError> {
    if account.role == Role::MainUser && has_main_user(db).await? {
        return Err(StoreError::MainUserThere);
    }
    let done = sqlx::query(
        "INSERT INTO account (name, display_name, role, password_hash, password_initial_until_unix_s, \
         password_changed_unix_s) VALUES (?, ?, ?, ?, ?, ?)",
    )
    .bind(account.name.as_str())
    .bind(account.display_name.as_str())
    .bind(account.role.as_str())
    .bind(account.password.hash.as_str())
    .bind(initial_until(account.password.state))
    .bind(account.password.changed_unix_s)
    .execute(db)
    .await;
    match done {
        Ok(done) => Ok(done.last_insert_rowid()),
        Err(error) if error.as_database_error().is_some_and(|e| e.is_unique_violation()) => Err(StoreError::NameTaken),
        Err(error) => Err(out_of_order(error)),
    }
}

pub(super) async fn remove(db: &mut SqliteConnection, name: &str) -> Result<Change, StoreError> {
    match role(db, name).await? {
        None => Ok(Change::NoSuchAccount),
        Some(Role::MainUser) => Ok(Change::IsMainUser),
        Some(Role::LocalAdmin | Role::Advisor | Role::Auditor) => {
            run(db, sqlx::query("DELETE FROM account WHERE name = ?").bind(name)).await?;
            Ok(Change::Made)
        }
    }
}

pub(super) async fn set_password(
    db: &mut SqliteConnection,
    name: &str,
    password: &NewPassword,
) -> Result<Change, StoreError> {
    let kept = sqlx::query(
        "INSERT INTO earlier_password (account, password_hash) SELECT id, password_hash FROM account WHERE name = ?",
    );
    if run(db, kept.bind(name)).await? == 0 {
        return Ok(Change::NoSuchAccount);
    }
    let set = sqlx::query(
        "UPDATE account SET password_hash = ?, password_initial_until_unix_s = ?, password_changed_unix_s = ?, \
         wrong_tries = 0, locked_until_unix_s = 0 WHERE name = ?",
    )
    .bind(password.hash.as_str())
    .bind(initial_until(password.state))
    .bind(password.changed_unix_s)
    .bind(name);
    run(db, set).await?;
    Ok(Change::Made)
}

pub(super) async fn password_hashes(
    db: &mut SqliteConnection,
    name: &str,
) -> Result<Vec<Zeroizing<String>>, StoreError> {
    let hashes: Vec<String> = sqlx::query_scalar(
        "SELECT password_hash FROM (\
           SELECT password_hash, 9223372036854775807 AS age FROM account WHERE name = ?1 \
           UNION ALL \
           SELECT e.password_hash, e.id FROM earlier_password e JOIN account a ON a.id = e.account WHERE a.name = ?1\
         ) ORDER BY age DESC",
    )
    .bind(name)
    .fetch_all(db)
    .await
    .map_err(out_of_order)?;
    Ok(hashes.into_iter().map(Zeroizing::new).collect())
}

pub(super) async fn set_tries(db: &mut SqliteConnection, name: &str, tries: Tries) -> Result<Change, StoreError> {
    let set = sqlx::query("UPDATE account SET wrong_tries = ?, locked_until_unix_s = ? WHERE name = ?")
        .bind(i64::from(tries.wrong))
        .bind(tries.locked_until_unix_s)
        .bind(name);
    Ok(if run(db, set).await? == 0 { Change::NoSuchAccount } else { Change::Made })
}

pub(super) async fn set_role(db: &mut SqliteConnection, name: &str, to: Role) -> Result<Change, StoreError> {
    match role(db, name).await? {
        None => Ok(Change::NoSuchAccount),
        Some(Role::MainUser) => Ok(Change::IsMainUser),
        Some(_) if to == Role::MainUser => Err(StoreError::MainUserThere),
        Some(_) => {
            run(db, sqlx::query("UPDATE account SET role = ? WHERE name = ?").bind(to.as_str()).bind(name)).await?;
            Ok(Change::Made)
        }
    }
}

pub(super) async fn hand_over(db: &mut SqliteConnection, name: &str) -> Result<Change, StoreError> {
    match role(db, name).await? {
        None => Ok(Change::NoSuchAccount),
        Some(Role::MainUser) => Ok(Change::IsMainUser),
        Some(_) => {
            run(db, sqlx::query("UPDATE account SET role = 'local_admin' WHERE role = 'main_user'")).await?;
            run(db, sqlx::query("UPDATE account SET role = 'main_user' WHERE name = ?").bind(name)).await?;
            Ok(Change::Made)
        }
    }
}

pub(super) async fn set_paper_code(
    db: &mut SqliteConnection,
    hash: &str,
    expires_unix_s: i64,
) -> Result<(), StoreError> {
    if has_main_user(db).await? {
        return Err(StoreError::MainUserThere);
    }
    let set = sqlx::query("INSERT OR REPLACE INTO paper_code (id, code_sha256, expires_unix_s) VALUES (1, ?, ?)")
        .bind(hash)
        .bind(expires_unix_s);
    run(db, set).await?;
    Ok(())
}

/// Uses the code up if it is right.
pub(super) async fn use_paper_code(
    db: &mut SqliteConnection,
    hash: &str,
    now_unix_s: i64,
) -> Result<CodeUse, StoreError> {
    let expires: Option<i64> = sqlx::query_scalar("SELECT expires_unix_s FROM paper_code WHERE code_sha256 = ?")
        .bind(hash)
        .fetch_optional(&mut *db)
        .await
        .map_err(out_of_order)?;
    match expires {
        None => Ok(CodeUse::Wrong),
        Some(at) if at <= now_unix_s => Ok(CodeUse::Expired),
        Some(_) => {
            run(db, sqlx::query("DELETE FROM paper_code")).await?;
            Ok(CodeUse::Accepted)
        }
    }
}

async fn has_main_user(db: &mut SqliteConnection) -> Result<bool, StoreError> {
    let found: Option<i64> = sqlx::query_scalar("SELECT id FROM account WHERE role = 'main_user'")
        .fetch_optional(db)
        .await
        .map_err(out_of_order)?;
    Ok(found.is_some())
}

async fn role(db: &mut SqliteConnection, name: &str) -> Result<Option<Role>, StoreError> {
    let role: Option<String> = sqlx::query_scalar("SELECT role FROM account WHERE name = ?")
        .bind(name)
        .fetch_optional(db)
        .await
        .map_err(out_of_order)?;
    role.map(|role| role.parse::<Role>()).transpose().map_err(|error| StoreError::OutOfOrder(error.to_string()))
}

/// Rows that were changed.
async fn run<'q>(
    db: &mut SqliteConnection,
    query: sqlx::query::Query<'q, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>,
) -> Result<u64, StoreError> {
    Ok(query.execute(db).await.map_err(out_of_order)?.rows_affected())
}
