//! The store in one SQLite file, which other processes (the command line) may
//! use at the same time.

use super::{Account, Answer, NewAccount, Store, StoreError};
use mitblick_protocol::number::Routing;
use sqlx::{
    Row, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous},
};
use std::{path::Path, time::Duration};
use zeroize::Zeroizing;

/// The file could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It is no database, or a damaged one.
    #[error("damaged: {0}")]
    Damaged(String),
    /// It can't be read or written.
    #[error("{0}")]
    Unusable(String),
    /// It was written by a newer version.
    #[error("written by a newer version")]
    Newer,
}

/// An open database.
#[derive(Clone, Debug)]
pub struct Sqlite {
    pool: SqlitePool,
}

impl Sqlite {
    /// Opens the file, makes it if it isn't there, and brings its tables up to
    /// date.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open(file: &Path) -> Result<Self, OpenError> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5));
        let pool = SqlitePoolOptions::new()
            .max_connections(4)
            .acquire_timeout(Duration::from_secs(10))
            .connect_with(options)
            .await
            .map_err(open_error)?;
        let verdict: String = sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(&pool).await.map_err(open_error)?;
        if verdict != "ok" {
            return Err(OpenError::Damaged(verdict));
        }
        match sqlx::migrate!().run(&pool).await {
            Ok(()) => Ok(Self { pool }),
            Err(sqlx::migrate::MigrateError::VersionMissing(_) | sqlx::migrate::MigrateError::VersionMismatch(_)) => {
                Err(OpenError::Newer)
            }
            Err(
                sqlx::migrate::MigrateError::Execute(error) | sqlx::migrate::MigrateError::ExecuteMigration(error, _),
            ) => Err(open_error(error)),
            Err(error) => Err(OpenError::Unusable(error.to_string())),
        }
    }

    /// Writes everything back and closes the file.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// SQLite's primary result codes 11 (CORRUPT) and 26 (NOTADB).
fn open_error(error: sqlx::Error) -> OpenError {
    let code = error.as_database_error().and_then(|e| e.code()).and_then(|code| code.parse::<u32>().ok());
    match code.map(|code| code & 0xff) {
        Some(11 | 26) => OpenError::Damaged(error.to_string()),
        _ => OpenError::Unusable(error.to_string()),
    }
}

fn out_of_order(error: sqlx::Error) -> StoreError {
    StoreError::OutOfOrder(error.to_string())
}

fn account(row: &SqliteRow) -> Result<Account, sqlx::Error> {
    Ok(Account {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        display_name: row.try_get("display_name")?,
        password_hash: Zeroizing::new(row.try_get("password_hash")?),
        password_changed_unix_s: row.try_get("password_changed_unix_s")?,
    })
}

impl Store for Sqlite {
    fn account<'a>(&'a self, name: &'a str) -> Answer<'a, Option<Account>> {
        Box::pin(async move {
            let row = sqlx::query("SELECT * FROM account WHERE name = ?")
                .bind(name)
                .fetch_optional(&self.pool)
                .await
                .map_err(out_of_order)?;
            row.map(|row| account(&row)).transpose().map_err(out_of_order)
        })
    }

    fn accounts(&self) -> Answer<'_, Vec<Account>> {
        Box::pin(async move {
            let rows =
                sqlx::query("SELECT * FROM account ORDER BY name").fetch_all(&self.pool).await.map_err(out_of_order)?;
            rows.iter().map(account).collect::<Result<_, _>>().map_err(out_of_order)
        })
    }

    fn add_account(&self, account: NewAccount) -> Answer<'_, i64> {
        Box::pin(async move {
            let done = sqlx::query(
                "INSERT INTO account (name, display_name, password_hash, password_changed_unix_s) VALUES (?, ?, ?, ?)",
            )
            .bind(account.name.as_str())
            .bind(account.display_name.as_str())
            .bind(account.password_hash.as_str())
            .bind(account.password_changed_unix_s)
            .execute(&self.pool)
            .await;
            match done {
                Ok(done) => Ok(done.last_insert_rowid()),
                Err(error) if error.as_database_error().is_some_and(|e| e.is_unique_violation()) => {
                    Err(StoreError::NameTaken)
                }
                Err(error) => Err(out_of_order(error)),
            }
        })
    }

    fn remove_account<'a>(&'a self, name: &'a str) -> Answer<'a, bool> {
        Box::pin(async move {
            let done = sqlx::query("DELETE FROM account WHERE name = ?").bind(name).execute(&self.pool).await;
            Ok(done.map_err(out_of_order)?.rows_affected() > 0)
        })
    }

    fn set_password<'a>(&'a self, name: &'a str, hash: &'a str, changed_unix_s: i64) -> Answer<'a, bool> {
        Box::pin(async move {
            let done = sqlx::query("UPDATE account SET password_hash = ?, password_changed_unix_s = ? WHERE name = ?")
                .bind(hash)
                .bind(changed_unix_s)
                .bind(name)
                .execute(&self.pool)
                .await;
            Ok(done.map_err(out_of_order)?.rows_affected() > 0)
        })
    }

    fn number_opened(&self, routing: Routing, at_unix_s: i64) -> Answer<'_, ()> {
        Box::pin(async move {
            sqlx::query("INSERT OR REPLACE INTO opened_number (routing, opened_unix_s) VALUES (?, ?)")
                .bind(i64::from(routing.value()))
                .bind(at_unix_s)
                .execute(&self.pool)
                .await
                .map_err(out_of_order)?;
            Ok(())
        })
    }

    fn numbers_opened_since(&self, since_unix_s: i64) -> Answer<'_, Vec<(Routing, i64)>> {
        Box::pin(async move {
            sqlx::query("DELETE FROM opened_number WHERE opened_unix_s < ?")
                .bind(since_unix_s)
                .execute(&self.pool)
                .await
                .map_err(out_of_order)?;
            let rows = sqlx::query("SELECT routing, opened_unix_s FROM opened_number ORDER BY opened_unix_s, routing")
                .fetch_all(&self.pool)
                .await
                .map_err(out_of_order)?;
            let mut numbers = Vec::new();
            for row in rows {
                let value: i64 = row.try_get("routing").map_err(out_of_order)?;
                if let Some(routing) = u16::try_from(value).ok().and_then(Routing::new) {
                    numbers.push((routing, row.try_get("opened_unix_s").map_err(out_of_order)?));
                }
            }
            Ok(numbers)
        })
    }

    fn organisation(&self) -> Answer<'_, Option<String>> {
        Box::pin(async move {
            sqlx::query_scalar("SELECT value FROM setting WHERE key = 'organisation'")
                .fetch_optional(&self.pool)
                .await
                .map_err(out_of_order)
        })
    }

    fn set_organisation<'a>(&'a self, name: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            sqlx::query("INSERT OR REPLACE INTO setting (key, value) VALUES ('organisation', ?)")
                .bind(name)
                .execute(&self.pool)
                .await
                .map_err(out_of_order)?;
            Ok(())
        })
    }
}
