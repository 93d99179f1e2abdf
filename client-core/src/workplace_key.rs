//! This workplace's key: made once, and kept in the system's key store where
//! there is one, else in a file that only this person can read.
//!
//! Fetching it may take as long as a person needs to unlock the store, so it
//! happens on a thread of its own ([`KeyKeeper::fetch`]); what it comes to is
//! told as [`KeyNews`].

pub(crate) mod file;
mod keep;
#[cfg(target_os = "linux")]
mod secret_service;
mod store;

pub use keep::{FileBecause, KeyPlace, keep};
pub use store::{Item, KeyStore, StoreError};

use crate::problem::Problem;
use mitblick_protocol::{
    text::DisplayText,
    workplace::{ChannelBinding, WorkplaceProof, WorkplaceSecret},
};
use std::{env, fmt, path::PathBuf, sync::Arc};

const FOLDER: &str = "mitblick-advisor";
const KEY_BYTES: usize = 32;

/// Where the person wants the key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyWanted {
    /// In the system's key store if there is one, else in the file.
    #[default]
    Auto,
    /// In the file.
    File,
}

/// What fetching the key has come to.
pub enum KeyNews {
    /// The key store asks the person to unlock it, in a window of its own.
    Asking,
    /// Here it is.
    Here(WorkplaceSecret, KeyPlace),
    /// It can't be had.
    Failed(Problem),
}

impl fmt::Debug for KeyNews {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asking => f.write_str("Asking"),
            Self::Here(_, place) => f.debug_tuple("Here").field(place).finish_non_exhaustive(),
            Self::Failed(problem) => f.debug_tuple("Failed").field(problem).finish(),
        }
    }
}

/// Opens the key store; tells when it asks the person.
type OpenStore = dyn Fn() -> Result<Box<dyn KeyStore>, StoreError> + Send + Sync;

/// Where a workplace's key is to be looked for.
pub struct KeyKeeper {
    folder: Result<PathBuf, Problem>,
    wanted: KeyWanted,
    open: Box<OpenStore>,
}

impl KeyKeeper {
    /// The key in this folder, or in the person's own data folder, and in the
    /// system's key store.
    pub fn of_system(folder: Option<PathBuf>, wanted: KeyWanted) -> Self {
        let own = || data_folder().map(|data| data.join(FOLDER));
        let folder = folder.or_else(own).ok_or_else(|| Problem::WorkplaceKey("HOME".into()));
        Self { folder, wanted, open: Box::new(store::of_system) }
    }

    /// The key in this folder, and in the Secret Service at the bus of this
    /// address.
    #[cfg(target_os = "linux")]
    pub fn at_bus(folder: PathBuf, wanted: KeyWanted, address: String) -> Self {
        Self::with_store(folder, wanted, move || {
            let store = secret_service::SecretServiceStore::open(Some(&address))?;
            Ok(Box::new(store))
        })
    }

    /// The key in this folder and this store.
    pub fn with_store(
        folder: PathBuf,
        wanted: KeyWanted,
        open: impl Fn() -> Result<Box<dyn KeyStore>, StoreError> + Send + Sync + 'static,
    ) -> Self {
        Self { folder: Ok(folder), wanted, open: Box::new(open) }
    }

    /// Fetches the key on a thread of its own. The last news is the key or why
    /// there is none.
    pub fn fetch(self: &Arc<Self>, tell: impl Fn(KeyNews) + Send + Sync + 'static) {
        let keeper = Arc::clone(self);
        let tell = Arc::new(tell);
        let teller = Arc::clone(&tell);
        let started = std::thread::Builder::new().name("key".into()).spawn(move || {
            let fetched = keeper.fetched(&|| teller(KeyNews::Asking));
            teller(fetched.map_or_else(KeyNews::Failed, |(key, place)| KeyNews::Here(key, place)));
        });
        if let Err(error) = started {
            tell(KeyNews::Failed(Problem::WorkplaceKey(error.to_string())));
        }
    }

    /// The key, on this thread.
    ///
    /// # Errors
    /// It can't be kept or read, or lies in a key store that does not give it.
    /// One that is damaged or out of reach is never replaced in silence: the
    /// approval would be lost with it.
    pub fn fetched(&self, asking: &dyn Fn()) -> Result<(WorkplaceSecret, KeyPlace), Problem> {
        let folder = self.folder.as_ref().map_err(Clone::clone)?;
        keep(folder, self.wanted, &self.open, asking)
    }
}

/// The public half, by which the key is found again.
fn public(secret: &[u8; KEY_BYTES]) -> [u8; 32] {
    let secret = WorkplaceSecret::from_bytes(secret);
    WorkplaceProof::sign(&secret, DisplayText::default(), ChannelBinding([0; 32])).key.0
}

/// The person's own folder for what programs keep.
pub(crate) fn data_folder() -> Option<PathBuf> {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if cfg!(windows) {
        return set("LOCALAPPDATA");
    }
    if cfg!(target_os = "macos") {
        return set("HOME").map(|home| home.join("Library/Application Support"));
    }
    set("XDG_DATA_HOME").or_else(|| set("HOME").map(|home| home.join(".local/share")))
}

/// The machine's name, by which the approver knows it.
pub fn name() -> DisplayText {
    DisplayText::cleaned(&gethostname::gethostname().to_string_lossy())
}
