//! The folder in which a broker keeps its keys and its database.

use crate::problem::Problem;
use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// The folder.
#[derive(Clone, Debug)]
pub struct DataDir {
    path: PathBuf,
}

/// Held as long as a broker runs on the folder.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl DataDir {
    /// Opens the folder, makes it if it isn't there.
    ///
    /// # Errors
    /// It can't be made or written.
    pub fn open(path: &Path) -> Result<Self, Problem> {
        let unusable = |error: io::Error| Problem::data_dir(path, &error);
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(unusable)?;
        let dir = Self { path: path.to_owned() };
        // Said at the start rather than by the first thing that fails later.
        let probe = dir.file(".probe");
        write_private(&probe, &[0; 4096]).map_err(unusable)?;
        fs::remove_file(&probe).map_err(unusable)?;
        Ok(dir)
    }

    /// Where the folder keeps the file of this name.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes this process the only broker on the folder.
    ///
    /// # Errors
    /// Another one runs on it.
    pub fn lock(&self) -> Result<Lock, Problem> {
        let file = self.lock_file("broker.lock")?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Problem::AlreadyRunning { path: self.path.clone() }),
            Err(TryLockError::Error(error)) => Err(Problem::data_dir(&self.path, &error)),
        }
    }

    /// Waits until no other process changes the folder's set-up.
    ///
    /// # Errors
    /// The folder can't be written.
    pub fn set_up(&self) -> Result<Lock, Problem> {
        let file = self.lock_file("setup.lock")?;
        file.lock().map_err(|error| Problem::data_dir(&self.path, &error))?;
        Ok(Lock { _file: file })
    }

    fn lock_file(&self, name: &str) -> Result<File, Problem> {
        OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(self.file(name))
            .map_err(|error| Problem::data_dir(&self.path, &error))
    }

    /// The file's content; makes it with `make` if it isn't there. It is
    /// there whole or not at all, and only for the owner.
    ///
    /// # Errors
    /// It can't be read or written, or `make` failed.
    pub fn read_or_make(
        &self,
        name: &str,
        make: impl FnOnce() -> Result<Vec<u8>, Problem>,
    ) -> Result<Vec<u8>, Problem> {
        let path = self.file(name);
        match fs::read(&path) {
            Ok(bytes) => return Ok(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(Problem::data_dir(&self.path, &error)),
        }
        let bytes = make()?;
        self.write(name, &bytes)?;
        Ok(bytes)
    }

    /// Writes a file, or another one in its place: whole or not at all, and
    /// only for the owner.
    ///
    /// # Errors
    /// It can't be written.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Problem> {
        let path = self.file(name);
        let temporary = self.file(&format!("{name}.new"));
        let written = write_private(&temporary, bytes)
            .and_then(|()| fs::rename(&temporary, &path))
            .and_then(|()| File::open(&self.path)?.sync_all());
        if let Err(error) = written {
            // Nothing half-written stays; that it can't be removed either
            // would be no news.
            let _ = fs::remove_file(&temporary);
            return Err(Problem::data_dir(&self.path, &error));
        }
        Ok(())
    }
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let written = OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    if written.is_err() {
        let _ = fs::remove_file(path);
    }
    written
}
