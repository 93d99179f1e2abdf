//! The accounts' tables. All functions work within a transaction of their
//! caller, who commits when the record is appended too.

use super::{images, out_of_order};
use crate::{
    accounts::{PasswordState, Role},
    limits::{Locked, Tries},
    store::{Account, Change, CodeUse, NewAccount, NewPassword, StoreError, TryEnd},
};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};
use zeroize::Zeroizing;

/// All accounts, or one by its name, with the hashes of their portraits.
pub(super) const ALL: &str = "SELECT account.*, portrait.sha256 AS portrait_sha256 FROM account \
    LEFT JOIN portrait ON portrait.account = account.id ORDER BY name";
pub(super) const ONE: &str = "SELECT account.*, portrait.sha256 AS portrait_sha256 FROM account \
    LEFT JOIN portrait ON portrait.account = account.id WHERE name = ?";

pub(super) fn account(row: &SqliteRow) -> Result<Account, sqlx::Error> {
    let role: String = row.try_get("role")?;
    let until: Option<i64> = row.try_get("password_initial_until_unix_s")?;
    Ok(Account {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        display_name: row.try_get("display_name")?,
        role: role.parse::<Role>().map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
        password_hash: Zeroizing::new(row.try_get("password_hash")?),
        password_state: until.map_or(PasswordState::Own, |until_unix_s| PasswordState::Initial { until_unix_s }),
        password_changed_unix_s: row.try_get("password_changed_unix_s")?,
        tries: tries(row)?,
        blocked: row.try_get("blocked")?,
        language: row.try_get("language")?,
        second_factor: row.try_get("totp_sealed")?,
        portrait: images::hash(row.try_get("portrait_sha256")?),
    })
}

fn tries(row: &SqliteRow) -> Result<Tries, sqlx::Error> {
    let wrong: i64 = row.try_get("wrong_tries")?;
    Ok(Tries {
        wrong: u32::try_from(wrong).unwrap_or(u32::MAX),
        last_unix_s: row.try_get("last_try_unix_s")?,
        locked_until_unix_s: row.try_get("locked_until_unix_s")?,
    })
}

fn initial_until(state: PasswordState) -> Option<i64> {
    match state {
        PasswordState::Own => None,
        PasswordState::Initial { until_unix_s } => Some(until_unix_s),
    }
}

pub(super) async fn add(db: &mut SqliteConnection, account: &NewAccount) -> Result<i64, StoreError> {
    match (account.role, has_main_user(db).await?) {
        (Role::MainUser, true) => return Err(StoreError::MainUserThere),
        (Role::LocalAdmin | Role::Advisor | Role::Auditor, false) => return Err(StoreError::NoMainUser),
        (Role::MainUser, false) | (Role::LocalAdmin | Role::Advisor | Role::Auditor, true) => {}
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
    instead_of: Option<&str>,
    password: &NewPassword,
) -> Result<Change, StoreError> {
    let present: Option<String> = sqlx::query_scalar("SELECT password_hash FROM account WHERE name = ?")
        .bind(name)
        .fetch_optional(&mut *db)
        .await
        .map_err(out_of_order)?;
    let Some(present) = present.map(Zeroizing::new) else { return Ok(Change::NoSuchAccount) };
    if instead_of.is_some_and(|expected| expected != present.as_str()) {
        return Ok(Change::OtherPassword);
    }
    let kept = sqlx::query(
        "INSERT INTO earlier_password (account, password_hash) SELECT id, password_hash FROM account WHERE name = ?",
    );
    run(db, kept.bind(name)).await?;
    let set = sqlx::query(
        "UPDATE account SET password_hash = ?, password_initial_until_unix_s = ?, password_changed_unix_s = ?, \
         wrong_tries = 0, last_try_unix_s = 0, locked_until_unix_s = 0 WHERE name = ?",
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

/// Where the tries of a name are kept: its account's row, or the bucket of
/// names that no account has.
async fn tries_of(
    db: &mut SqliteConnection,
    name: &str,
    bucket: i64,
) -> Result<(Option<i64>, Option<Tries>), StoreError> {
    let account = sqlx::query("SELECT * FROM account WHERE name = ?").bind(name).fetch_optional(&mut *db).await;
    if let Some(row) = account.map_err(out_of_order)? {
        let id: i64 = row.try_get("id").map_err(out_of_order)?;
        return Ok((Some(id), Some(tries(&row).map_err(out_of_order)?)));
    }
    let row = sqlx::query("SELECT * FROM stranger_tries WHERE bucket = ?").bind(bucket).fetch_optional(db).await;
    Ok((None, row.map_err(out_of_order)?.as_ref().map(tries).transpose().map_err(out_of_order)?))
}

async fn keep_tries(
    db: &mut SqliteConnection,
    account: Option<i64>,
    bucket: i64,
    tries: Tries,
) -> Result<(), StoreError> {
    let (sql, row) = match account {
        Some(id) => {
            ("UPDATE account SET wrong_tries = ?1, last_try_unix_s = ?2, locked_until_unix_s = ?3 WHERE id = ?4", id)
        }
        None => (
            "INSERT OR REPLACE INTO stranger_tries (wrong_tries, last_try_unix_s, locked_until_unix_s, bucket) \
             VALUES (?1, ?2, ?3, ?4)",
            bucket,
        ),
    };
    let set =
        sqlx::query(sql).bind(i64::from(tries.wrong)).bind(tries.last_unix_s).bind(tries.locked_until_unix_s).bind(row);
    run(db, set).await?;
    Ok(())
}

/// Does the same work whether an account has the name or not.
pub(super) async fn count_try(
    db: &mut SqliteConnection,
    name: &str,
    bucket: i64,
    now_unix_s: i64,
) -> Result<Result<Tries, Locked>, StoreError> {
    let (account, before) = tries_of(db, name, bucket).await?;
    let counted = before.unwrap_or_default().counted(now_unix_s);
    if let Ok(tries) = counted {
        keep_tries(db, account, bucket, tries).await?;
    }
    Ok(counted)
}

pub(super) async fn end_try(db: &mut SqliteConnection, name: &str, bucket: i64, how: TryEnd) -> Result<(), StoreError> {
    let (account, before) = tries_of(db, name, bucket).await?;
    let tries = match how {
        TryEnd::Right => Tries::default(),
        TryEnd::NotJudged => before.unwrap_or_default().taken_back(),
    };
    keep_tries(db, account, bucket, tries).await
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
    if !has_main_user(db).await? {
        return Err(StoreError::NoMainUser);
    }
    match role(db, name).await? {
        None => Ok(Change::NoSuchAccount),
        Some(Role::MainUser) => Ok(Change::IsMainUser),
        Some(_) => {
            run(db, sqlx::query("UPDATE account SET role = 'local_admin' WHERE role = 'main_user'")).await?;
            // A block on the main user could not be taken back by anybody.
            let set = sqlx::query("UPDATE account SET role = 'main_user', blocked = 0 WHERE name = ?").bind(name);
            run(db, set).await?;
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
