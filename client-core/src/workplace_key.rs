//! This workplace's key: made once, kept where only this person can read it.

use crate::problem::Problem;
use mitblick_protocol::{text::DisplayText, workplace::WorkplaceSecret};
use std::{
    env, fs,
    io::{self, Write},
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// Name of the file.
const FILE: &str = "workplace.key";
const FOLDER: &str = "mitblick-advisor";
const KEY_BYTES: usize = 32;

/// The key in the person's own data folder; made if it isn't there.
///
/// # Errors
/// [`Problem::WorkplaceKey`]: it can't be kept or read. One that is damaged is
/// never replaced in silence: the approval would be lost with it.
pub fn own() -> Result<WorkplaceSecret, Problem> {
    let folder = data_folder().ok_or_else(|| Problem::WorkplaceKey("HOME".into()))?;
    in_folder(&folder.join(FOLDER))
}

/// The key in this folder.
///
/// # Errors
/// As [`own`].
pub fn in_folder(folder: &Path) -> Result<WorkplaceSecret, Problem> {
    let file = folder.join(FILE);
    let problem = |error: io::Error| Problem::WorkplaceKey(format!("{}: {error}", file.display()));
    if let Some(key) = read(&file).map_err(problem)? {
        return Ok(key);
    }
    make(folder, &file).map_err(problem)?;
    // Another program may have been faster; then its key is the one.
    let key = read(&file).map_err(problem)?;
    key.ok_or_else(|| problem(io::ErrorKind::NotFound.into()))
}

fn read(file: &Path) -> io::Result<Option<WorkplaceSecret>> {
    let bytes = match fs::read(file) {
        Ok(bytes) => Zeroizing::new(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let bytes: &[u8; KEY_BYTES] =
        bytes.as_slice().try_into().map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
    Ok(Some(WorkplaceSecret::from_bytes(bytes)))
}

/// Whole or not at all, and never over one that is there.
fn make(folder: &Path, file: &Path) -> io::Result<()> {
    let mut bytes = Zeroizing::new([0; KEY_BYTES]);
    getrandom::fill(bytes.as_mut_slice()).map_err(io::Error::other)?;
    fs::create_dir_all(folder)?;
    close_to_others(folder)?;
    let mut suffix = [0; 8];
    getrandom::fill(&mut suffix).map_err(io::Error::other)?;
    let temporary = folder.join(format!("{FILE}.{:016x}", u64::from_be_bytes(suffix)));
    let written = write_new(&temporary, bytes.as_slice()).and_then(|()| match fs::hard_link(&temporary, file) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    });
    let removed = fs::remove_file(&temporary);
    written.and(removed)
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Only the person may look into this folder.
#[cfg(unix)]
pub(crate) fn close_to_others(folder: &Path) -> io::Result<()> {
    fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))
}

/// Elsewhere the person's own folder is closed to others by the system.
#[cfg(not(unix))]
pub(crate) fn close_to_others(_folder: &Path) -> io::Result<()> {
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;
    use mitblick_protocol::workplace::{ChannelBinding, WorkplaceProof};

    fn public(key: &WorkplaceSecret) -> [u8; 32] {
        WorkplaceProof::sign(key, DisplayText::default(), ChannelBinding([0; 32])).key.0
    }

    #[test]
    fn the_key_is_made_once_and_is_the_same_afterwards_for_all_who_come_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("a").join("b");
        let keys: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| public(&in_folder(&folder).unwrap()))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(keys.windows(2).all(|pair| pair[0] == pair[1]));
        assert_eq!(public(&in_folder(&folder).unwrap()), keys[0]);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "nothing is left behind");
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            assert_eq!(fs::metadata(folder.join(FILE)).unwrap().mode() & 0o777, 0o600);
            assert_eq!(fs::metadata(&folder).unwrap().mode() & 0o777, 0o700);
        }
    }

    #[test]
    fn a_damaged_key_is_told_and_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), b"short").unwrap();
        assert!(matches!(in_folder(folder.path()), Err(Problem::WorkplaceKey(_))));
        assert_eq!(fs::read(folder.path().join(FILE)).unwrap(), b"short");
    }
}
