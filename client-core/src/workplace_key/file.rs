//! The files in the program's folder: the key, or the note that it lies in the
//! key store; and the lock, so that two programs don't make two keys.

use super::KEY_BYTES;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};
use tempfile::NamedTempFile;
use zeroize::Zeroizing;

/// The key.
const KEY: &str = "workplace.key";
/// The note that it lies in the key store. Whoever deletes it gives the key up.
const NOTE: &str = "workplace.key-store";
/// Who has it locked may fetch or move the key.
const LOCK: &str = "workplace.lock";
/// What a note says before the key.
const NOTE_WORDS: &str = "The key of this workplace lies in the system's key store. Its public half:";
/// Far more than a note has.
const MAX_NOTE_BYTES: u64 = 1024;
const TRY_AGAIN: Duration = Duration::from_millis(50);

/// A program's folder, in which nobody else of this program fetches or moves
/// the key meanwhile.
pub(super) struct Folder {
    path: PathBuf,
    /// Unlocked when it is closed.
    _lock: fs::File,
}

impl Folder {
    /// Opens the folder, made if it isn't there, when its turn comes.
    pub(super) fn open(path: &Path, patience: Duration) -> io::Result<Self> {
        fs::create_dir_all(path)?;
        close_to_others(path)?;
        let lock = private().create(true).truncate(false).open(path.join(LOCK))?;
        let until = Instant::now() + patience;
        loop {
            match lock.try_lock() {
                Ok(()) => break,
                // Some network folders have no locks. Making a key is whole or
                // not at all even there.
                Err(fs::TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => break,
                Err(fs::TryLockError::Error(error)) => return Err(error),
                Err(fs::TryLockError::WouldBlock) if Instant::now() < until => thread::sleep(TRY_AGAIN),
                Err(fs::TryLockError::WouldBlock) => return Err(io::ErrorKind::TimedOut.into()),
            }
        }
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// Where the key's file is, or would be.
    pub(super) fn key_path(&self) -> PathBuf {
        self.path.join(KEY)
    }

    /// Where the note is, or would be.
    pub(super) fn note_path(&self) -> PathBuf {
        self.path.join(NOTE)
    }

    /// The key in the file.
    pub(super) fn key(&self) -> io::Result<Option<Zeroizing<[u8; KEY_BYTES]>>> {
        let Some(bytes) = there(fs::read(self.key_path()))?.map(Zeroizing::new) else { return Ok(None) };
        let key: &[u8; KEY_BYTES] = bytes.as_slice().try_into().map_err(|_| damaged())?;
        Ok(Some(Zeroizing::new(*key)))
    }

    /// The public half of the key that lies in the key store.
    pub(super) fn note(&self) -> io::Result<Option<[u8; 32]>> {
        let Some(file) = there(fs::File::open(self.note_path()))? else { return Ok(None) };
        let text = io::read_to_string(io::Read::take(file, MAX_NOTE_BYTES))?;
        let public = text.trim_end().rsplit('\n').next().unwrap_or_default();
        let public = URL_SAFE_NO_PAD.decode(public).ok().and_then(|bytes| bytes.try_into().ok());
        public.map(Some).ok_or_else(damaged)
    }

    /// Writes the file of the key, and gives what is in it then: another
    /// program's if that was faster. Whole or not at all, and never over one
    /// that is there.
    pub(super) fn write_key(&self, key: &[u8; KEY_BYTES]) -> io::Result<Zeroizing<[u8; KEY_BYTES]>> {
        match self.unnamed(key)?.persist_noclobber(self.key_path()) {
            Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => return Err(error.error),
            _ => {}
        }
        self.sync()?;
        self.key()?.ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// Writes the note, over one that is there.
    pub(super) fn write_note(&self, public: &[u8; 32]) -> io::Result<()> {
        let text = format!("{NOTE_WORDS}\n{}\n", URL_SAFE_NO_PAD.encode(public));
        self.unnamed(text.as_bytes())?.persist(self.note_path()).map_err(|error| error.error)?;
        self.sync()
    }

    /// Removes the file of the key.
    pub(super) fn remove_key(&self) -> io::Result<()> {
        there(fs::remove_file(self.key_path())).map(drop)
    }

    /// Removes the note.
    pub(super) fn remove_note(&self) -> io::Result<()> {
        there(fs::remove_file(self.note_path())).map(drop)
    }

    /// A file without a name of its own, for its owner alone. Dropped, it is
    /// removed.
    fn unnamed(&self, bytes: &[u8]) -> io::Result<NamedTempFile> {
        let mut file = tempfile::Builder::new().prefix(&format!("{KEY}.")).tempfile_in(&self.path)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        Ok(file)
    }

    /// What was renamed or linked in the folder outlasts a power cut.
    #[cfg(unix)]
    fn sync(&self) -> io::Result<()> {
        fs::File::open(&self.path)?.sync_all()
    }

    #[cfg(not(unix))]
    #[allow(clippy::unused_self, clippy::unnecessary_wraps)]
    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

/// What is not there is no error.
fn there<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn damaged() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

/// Opens for writing, and what it makes is for its owner alone.
fn private() -> fs::OpenOptions {
    let mut options = fs::OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(unix)]
pub(crate) fn close_to_others(folder: &Path) -> io::Result<()> {
    fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))
}

/// Elsewhere the person's own folder is closed to others by the system.
#[cfg(not(unix))]
pub(crate) fn close_to_others(_folder: &Path) -> io::Result<()> {
    Ok(())
}
