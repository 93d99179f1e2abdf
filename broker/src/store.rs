//! What the broker must remember, behind a trait.
//!
//! SQLite is the embedded backend; another one goes beside it and must pass
//! the same conformance suite. Nothing here knows rules: who may sign in is
//! decided in [`crate::accounts`].

pub mod sqlite;

use mitblick_protocol::number::Routing;
use std::{fmt, pin::Pin};
use zeroize::Zeroizing;

/// Why the store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It is broken, full or away. The text is for the log.
    #[error("store: {0}")]
    OutOfOrder(String),
    /// There is an account of this name already.
    #[error("the name is taken")]
    NameTaken,
}

/// An advisor's account.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// Never used again after the account is removed.
    pub id: i64,
    /// Name to sign in with, in lower case.
    pub name: String,
    /// Name that customers are shown.
    pub display_name: String,
    /// Hash of the password as a PHC string.
    pub password_hash: Zeroizing<String>,
    /// When the password was set, seconds since 1970.
    pub password_changed_unix_s: i64,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Account({})", self.id)
    }
}

/// An account to be made.
#[derive(Clone)]
pub struct NewAccount {
    /// See [`Account::name`].
    pub name: String,
    /// See [`Account::display_name`].
    pub display_name: String,
    /// See [`Account::password_hash`].
    pub password_hash: Zeroizing<String>,
    /// See [`Account::password_changed_unix_s`].
    pub password_changed_unix_s: i64,
}

/// A result to wait for.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// The broker's memory.
pub trait Store: Send + Sync {
    /// The account of this name.
    fn account<'a>(&'a self, name: &'a str) -> Answer<'a, Option<Account>>;
    /// All accounts, by name.
    fn accounts(&self) -> Answer<'_, Vec<Account>>;
    /// Makes an account and gives its id; [`StoreError::NameTaken`] if there
    /// is one of that name.
    fn add_account(&self, account: NewAccount) -> Answer<'_, i64>;
    /// Removes an account; `false` if there was none.
    fn remove_account<'a>(&'a self, name: &'a str) -> Answer<'a, bool>;
    /// Sets another password; `false` if there is no such account.
    fn set_password<'a>(&'a self, name: &'a str, hash: &'a str, changed_unix_s: i64) -> Answer<'a, bool>;
    /// Writes down that this number was opened; a later time replaces an
    /// earlier one.
    fn number_opened(&self, routing: Routing, at_unix_s: i64) -> Answer<'_, ()>;
    /// Numbers opened at or after this time, the earliest first; forgets the
    /// others.
    fn numbers_opened_since(&self, since_unix_s: i64) -> Answer<'_, Vec<(Routing, i64)>>;
    /// The company's name, if it was ever set.
    fn organisation(&self) -> Answer<'_, Option<String>>;
    /// Sets the company's name.
    fn set_organisation<'a>(&'a self, name: &'a str) -> Answer<'a, ()>;
}
