//! Opening the file: what it is set to, and what is wrong with it when it can't
//! be used.

use super::{Sqlite, writer::Writer};
use crate::audit::Signer;
use sqlx::{
    Connection, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
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

impl Sqlite {
    /// Opens the file, makes it if it isn't there, and brings its tables up to
    /// date; `signer` signs the head of the audit trail.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open(file: &Path, signer: Signer) -> Result<Self, OpenError> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            // What is removed is gone from the file too.
            .pragma("secure_delete", "ON")
            .busy_timeout(Duration::from_secs(5));
        let connect = |connections, options| {
            SqlitePoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(Duration::from_secs(10))
                // A file does not go away as a server may: asking before each
                // use would only be one more way to its thread and back.
                .test_before_acquire(false)
                .after_release(|connection, _| Box::pin(is_usable(connection)))
                .connect_with(options)
        };
        let writing = connect(1, options.clone()).await.map_err(open_error)?;
        let verdict: String =
            sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(&writing).await.map_err(open_error)?;
        if verdict != "ok" {
            return Err(OpenError::Damaged(verdict));
        }
        match sqlx::migrate!().run(&writing).await {
            Ok(()) => {
                let pool = connect(3, options).await.map_err(open_error)?;
                let salt = "SELECT value FROM setting WHERE key = 'stranger_salt'";
                let salt: String = sqlx::query_scalar(salt).fetch_one(&pool).await.map_err(open_error)?;
                let writer = Writer::start(writing.clone(), signer.clone());
                Ok(Self { pool, writing, writer, signer, stranger_salt: Zeroizing::new(salt) })
            }
            Err(sqlx::migrate::MigrateError::VersionMissing(_) | sqlx::migrate::MigrateError::VersionMismatch(_)) => {
                Err(OpenError::Newer)
            }
            Err(
                sqlx::migrate::MigrateError::Execute(error) | sqlx::migrate::MigrateError::ExecuteMigration(error, _),
            ) => Err(open_error(error)),
            Err(error) => Err(OpenError::Unusable(error.to_string())),
        }
    }
}

/// When the disk is full SQLite undoes a transaction by itself. The library
/// then fails to undo it, and begins no other one on this connection: another
/// connection must take its place.
async fn is_usable(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    if connection.is_in_transaction() {
        // The undoing may still be in the queue.
        connection.ping().await?;
    }
    Ok(!connection.is_in_transaction())
}

/// SQLite's primary result codes 11 (CORRUPT) and 26 (NOTADB).
fn open_error(error: sqlx::Error) -> OpenError {
    let code = error.as_database_error().and_then(|e| e.code()).and_then(|code| code.parse::<u32>().ok());
    match code.map(|code| code & 0xff) {
        Some(11 | 26) => OpenError::Damaged(error.to_string()),
        _ => OpenError::Unusable(error.to_string()),
    }
}
