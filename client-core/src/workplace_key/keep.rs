//! Where the key is kept, and how it moves. The one rule over all: there are
//! never two keys by accident. So a key is made before it is known where it
//! can lie, and whatever half of a move went wrong, the next start finds the
//! same one; and one that lies in the key store is not replaced because the
//! store is out of reach.

use super::{
    KEY_BYTES, KeyWanted,
    file::Folder,
    public,
    store::{Item, KeyStore, StoreError},
};
use crate::problem::Problem;
use mitblick_protocol::workplace::WorkplaceSecret;
use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};
use zeroize::Zeroizing;

/// How long another program of the same folder may take: it may be the one
/// whose person is asked.
const PATIENCE: Duration = Duration::from_secs(150);

/// Where the key lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyPlace {
    /// In the system's key store.
    Store,
    /// In this file.
    File(PathBuf, FileBecause),
}

/// Why the key lies in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileBecause {
    /// The person wants it so.
    Wanted,
    /// There is no key store, or it does not work.
    NoStore,
    /// The key store is locked, and the person did not unlock it.
    Refused,
}

type Key = Zeroizing<[u8; KEY_BYTES]>;
type Open<'a> = &'a dyn Fn() -> Result<Box<dyn KeyStore>, StoreError>;

/// The key of the program with this folder; made if there is none.
///
/// # Errors
/// See [`super::KeyKeeper::fetched`].
pub fn keep(
    folder: &Path,
    wanted: KeyWanted,
    open: Open<'_>,
    asking: &dyn Fn(),
) -> Result<(WorkplaceSecret, KeyPlace), Problem> {
    let path = folder;
    let unkept = |at: &Path, error: io::Error| Problem::WorkplaceKey(format!("{}: {error}", at.display()));
    let folder = Folder::open(path, PATIENCE).map_err(|error| unkept(path, error))?;
    let note = folder.note().map_err(|error| unkept(&folder.note_path(), error))?;
    let key = folder.key().map_err(|error| unkept(&folder.key_path(), error))?;
    let item = Item { folder: path.display().to_string(), public: note };
    let keeping = Keeping { folder: &folder, item, open, asking };
    let (key, place) = match (wanted, key, note) {
        // A file beside a note is a move that was not finished, or newer.
        (KeyWanted::Auto, Some(key), _) => keeping.moved_to_store(key),
        (KeyWanted::Auto, None, Some(public)) => keeping.fetched_from_store(public)?,
        (KeyWanted::Auto, None, None) => keeping.found_or_made().map_err(|error| unkept(&folder.key_path(), error))?,
        (KeyWanted::File, None, Some(public)) => keeping.moved_to_file(public)?,
        (KeyWanted::File, key, note) => {
            let key = key.map_or_else(|| new_key().and_then(|key| folder.write_key(&key)), Ok);
            if note.is_some() {
                folder.remove_note().map_err(|error| unkept(&folder.note_path(), error))?;
            }
            (key.map_err(|error| unkept(&folder.key_path(), error))?, keeping.in_file(FileBecause::Wanted))
        }
    };
    Ok((WorkplaceSecret::from_bytes(&key), place))
}

struct Keeping<'a> {
    folder: &'a Folder,
    item: Item,
    open: Open<'a>,
    asking: &'a dyn Fn(),
}

impl Keeping<'_> {
    fn in_file(&self, because: FileBecause) -> KeyPlace {
        KeyPlace::File(self.folder.key_path(), because)
    }

    fn store(&self) -> Result<Box<dyn KeyStore>, StoreError> {
        let mut store = (self.open)()?;
        store.unlock(self.asking)?;
        Ok(store)
    }

    /// A key in the file goes into the store if that takes it; else it stays.
    fn moved_to_store(&self, key: Key) -> (Key, KeyPlace) {
        let place = match self.store().and_then(|mut store| self.put(store.as_mut(), &key)) {
            Ok(()) => KeyPlace::Store,
            Err(error) => self.in_file(because(&error)),
        };
        (key, place)
    }

    /// Puts the key into the store, notes that, and only then removes the file.
    fn put(&self, store: &mut dyn KeyStore, key: &Key) -> Result<(), StoreError> {
        let item = Item { public: Some(public(key)), ..self.item.clone() };
        if store.find(&item, self.asking)?.as_ref() != Some(key) {
            store.put(&item, key)?;
            // Some stores change what they keep.
            if store.find(&item, self.asking)?.as_ref() != Some(key) {
                return Err(StoreError::Broke("it gives back something else".into()));
            }
        }
        self.note(&item).map_err(|error| StoreError::Broke(error.to_string()))?;
        if let Err(error) = self.folder.remove_key() {
            tracing::warn!(%error, "the key lies in the key store, and its old file can't be removed");
        }
        if let Err(error) = store.remove_others(&item) {
            tracing::debug!(%error, "an older key stays in the key store");
        }
        Ok(())
    }

    fn note(&self, item: &Item) -> io::Result<()> {
        match &item.public {
            Some(public) if self.folder.note()? != Some(*public) => self.folder.write_note(public),
            _ => Ok(()),
        }
    }

    /// The key that the note tells of.
    fn fetched_from_store(&self, noted: [u8; 32]) -> Result<(Key, KeyPlace), Problem> {
        let (key, _) = self.noted(noted)?;
        Ok((key, KeyPlace::Store))
    }

    fn noted(&self, noted: [u8; 32]) -> Result<(Key, Box<dyn KeyStore>), Problem> {
        let found = self.store().and_then(|mut store| Ok((store.find(&self.item, self.asking)?, store)));
        match found {
            Ok((Some(key), store)) if public(&key) == noted => Ok((key, store)),
            Ok(_) => Err(Problem::WorkplaceKeyLost(self.folder.note_path().display().to_string())),
            Err(StoreError::Refused) => Err(Problem::WorkplaceKeyLocked),
            Err(StoreError::Absent(why) | StoreError::Broke(why)) => Err(Problem::WorkplaceKeyStoreGone(why)),
        }
    }

    /// The key that the note tells of goes into the file.
    fn moved_to_file(&self, noted: [u8; 32]) -> Result<(Key, KeyPlace), Problem> {
        let (key, mut store) = self.noted(noted)?;
        let written = self.folder.write_key(&key).and_then(|key| self.folder.remove_note().map(|()| key));
        let path = self.folder.key_path();
        let key = written.map_err(|error| Problem::WorkplaceKey(format!("{}: {error}", path.display())))?;
        if let Err(error) = store.remove(&self.item) {
            tracing::warn!(%error, "the key lies in its file, and stays in the key store too");
        }
        Ok((key, self.in_file(FileBecause::Wanted)))
    }

    /// No trace of a key in the folder: one of an earlier folder at the same
    /// place is still in the store, or one is made.
    fn found_or_made(&self) -> io::Result<(Key, KeyPlace)> {
        let mut key = new_key()?;
        let kept = self.store().and_then(|mut store| {
            if let Some(found) = store.find(&self.item, self.asking)? {
                key = found;
            }
            self.put(store.as_mut(), &key)
        });
        match kept {
            Ok(()) => Ok((key, KeyPlace::Store)),
            // It may have got into the store: the file holds the same then.
            Err(error) => Ok((self.folder.write_key(&key)?, self.in_file(because(&error)))),
        }
    }
}

fn because(error: &StoreError) -> FileBecause {
    match error {
        StoreError::Refused => FileBecause::Refused,
        StoreError::Absent(why) => {
            tracing::debug!(why, "no key store");
            FileBecause::NoStore
        }
        StoreError::Broke(why) => {
            tracing::warn!(why, "the key store does not work");
            FileBecause::NoStore
        }
    }
}

fn new_key() -> io::Result<Key> {
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    getrandom::fill(key.as_mut_slice()).map_err(io::Error::other)?;
    Ok(key)
}

#[cfg(test)]
mod tests;
