//! The edge to the system's key store.

use super::KEY_BYTES;
use zeroize::Zeroizing;

/// Names a key in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The folder of the program that the key belongs to: one person can have
    /// several.
    pub folder: String,
    /// Its public half, if that is known.
    pub public: Option<[u8; 32]>,
}

/// Why a key store does not do what is wanted of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// There is none here.
    #[error("{0}")]
    Absent(String),
    /// It is locked, and the person did not unlock it.
    #[error("it stayed locked")]
    Refused,
    /// It does not work, or has gone away meanwhile.
    #[error("{0}")]
    Broke(String),
}

/// A key store of the system. Each call has a deadline of its own; only the
/// person is given time.
pub trait KeyStore {
    /// Makes it ready, and asks the person to unlock it if it is locked;
    /// `asking` is called before that.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn unlock(&mut self, asking: &dyn Fn()) -> Result<(), StoreError>;

    /// The key of this name: of any public half if none is given. It may lie
    /// where it has to be unlocked by itself.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn find(&mut self, item: &Item, asking: &dyn Fn()) -> Result<Option<Zeroizing<[u8; KEY_BYTES]>>, StoreError>;

    /// Keeps a key under its folder and its public half.
    ///
    /// # Errors
    /// See [`StoreError`]. It may be in the store all the same.
    fn put(&mut self, item: &Item, key: &[u8; KEY_BYTES]) -> Result<(), StoreError>;

    /// Removes what this names, if it is there.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn remove(&mut self, item: &Item) -> Result<(), StoreError>;

    /// Removes what belongs to the item's folder and has another public half.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn remove_others(&mut self, item: &Item) -> Result<(), StoreError>;
}

/// The store of this system.
#[cfg(target_os = "linux")]
pub(super) fn of_system() -> Result<Box<dyn KeyStore>, StoreError> {
    Ok(Box::new(super::secret_service::SecretServiceStore::open(None)?))
}

/// Other systems' stores come with those systems.
#[cfg(not(target_os = "linux"))]
pub(super) fn of_system() -> Result<Box<dyn KeyStore>, StoreError> {
    Err(StoreError::Absent("not on this system yet".into()))
}
