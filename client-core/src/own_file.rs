//! A list of the advisor's own in a file, for its owner alone. Two programs that
//! use the same file take turns, and half a list is never seen.

use crate::workplace_key::file::close_to_others;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    fs::{self, File},
    io::{self, Read, Write},
    marker::PhantomData,
    path::{Path, PathBuf},
};

/// Form of the file. A later one is not touched.
const FORM: u16 = 1;
/// A longer file is none of ours: 20 000 full notes are shorter.
const MAX_FILE_BYTES: u64 = 256 * 1024 * 1024;

#[derive(Serialize, Deserialize)]
struct Kept<T> {
    form: u16,
    list: T,
}

/// Where a list lies.
#[derive(Clone, Debug)]
pub(crate) struct OwnFile<T> {
    path: PathBuf,
    list: PhantomData<fn() -> T>,
}

impl<T: Clone + Default + PartialEq + Serialize + DeserializeOwned> OwnFile<T> {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, list: PhantomData }
    }

    /// Makes a change in the file and gives what it holds then. A file that
    /// can't be read is left as it is.
    pub(crate) fn change(&self, change: impl FnOnce(&mut T)) -> io::Result<T> {
        let folder = self.path.parent().ok_or(io::ErrorKind::InvalidInput)?;
        fs::create_dir_all(folder)?;
        close_to_others(folder)?;
        let _turn = self.turn()?;
        let before = self.read()?;
        let mut list = before.clone().unwrap_or_default();
        change(&mut list);
        if before.as_ref() != Some(&list) {
            self.write(folder, &list)?;
        }
        Ok(list)
    }

    /// Waits until no other program changes it; until the file is dropped none
    /// does.
    fn turn(&self) -> io::Result<File> {
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let lock = options.open(self.path.with_extension("lock"))?;
        lock.lock()?;
        Ok(lock)
    }

    fn read(&self) -> io::Result<Option<T>> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut bytes = Vec::new();
        file.take(MAX_FILE_BYTES).read_to_end(&mut bytes)?;
        let kept: Kept<T> = serde_json::from_slice(&bytes).map_err(io::Error::from)?;
        if kept.form != FORM {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "written by a newer version"));
        }
        Ok(Some(kept.list))
    }

    /// `tempfile` opens its file to nobody else.
    fn write(&self, folder: &Path, list: &T) -> io::Result<()> {
        let mut file = tempfile::Builder::new().prefix(".own-list.").tempfile_in(folder)?;
        let kept = Kept { form: FORM, list: list.clone() };
        file.write_all(&serde_json::to_vec(&kept)?)?;
        file.as_file().sync_all()?;
        file.persist(&self.path).map_err(|error| error.error)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: PathBuf) -> OwnFile<Vec<String>> {
        OwnFile::new(path)
    }

    fn add(file: &OwnFile<Vec<String>>, text: &str) -> io::Result<Vec<String>> {
        file.change(|list| list.push(text.to_owned()))
    }

    #[test]
    fn what_is_changed_is_there_when_the_program_starts_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lists/anna.json");
        assert!(file(path.clone()).change(|_| {}).unwrap().is_empty());
        add(&file(path.clone()), "Überweisung").unwrap();
        assert_eq!(file(path).change(|_| {}).unwrap(), ["Überweisung"]);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_it() {
        use std::os::unix::fs::MetadataExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lists/anna.json");
        add(&file(path.clone()), "x").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(path.parent().unwrap()).unwrap().mode() & 0o777, 0o700);
        assert_eq!(fs::metadata(path.with_extension("lock")).unwrap().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_file_that_is_not_understood_is_told_of_and_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("anna.json");
        for odd in ["", "not json", r#"{"form":2,"list":["x"]}"#, r#"{"form":1,"list":[7]}"#] {
            fs::write(&path, odd).unwrap();
            assert!(add(&file(path.clone()), "y").is_err(), "{odd}");
            assert_eq!(fs::read_to_string(&path).unwrap(), odd);
        }
    }

    #[test]
    fn two_programs_lose_nothing_of_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("anna.json");
        std::thread::scope(|scope| {
            for program in 0..2 {
                let file = file(path.clone());
                scope.spawn(move || {
                    for number in 0..20 {
                        add(&file, &format!("{program} {number}")).unwrap();
                    }
                });
            }
        });
        assert_eq!(file(path).change(|_| {}).unwrap().len(), 40);
    }
}
