//! The list in a file of its own, for its owner alone. Two programs that use
//! the same file take turns, and half a list is never seen.

use super::{Change, Journal};
use crate::workplace_key::file::close_to_others;
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

/// Form of the file. A later one is not touched.
const FORM: u16 = 1;
/// A longer file is none of ours: 20 000 full notes are shorter.
const MAX_FILE_BYTES: u64 = 256 * 1024 * 1024;

#[derive(Serialize, Deserialize)]
struct Kept {
    form: u16,
    journal: Journal,
}

/// Where a list lies.
#[derive(Clone, Debug)]
pub(super) struct JournalFile(PathBuf);

impl JournalFile {
    pub(super) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Makes a change in the file and gives what it holds then. A file that
    /// can't be read is left as it is.
    pub(super) fn change(&self, change: Change, now_unix_s: u64) -> io::Result<Journal> {
        let folder = self.0.parent().ok_or(io::ErrorKind::InvalidInput)?;
        fs::create_dir_all(folder)?;
        close_to_others(folder)?;
        let _turn = self.turn()?;
        let before = self.read()?;
        let mut journal = before.clone().unwrap_or_default();
        journal.apply(change, now_unix_s);
        if before.as_ref() != Some(&journal) {
            self.write(folder, &journal)?;
        }
        Ok(journal)
    }

    /// Waits until no other program changes it; until the file is dropped none
    /// does.
    fn turn(&self) -> io::Result<File> {
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let lock = options.open(self.0.with_extension("lock"))?;
        lock.lock()?;
        Ok(lock)
    }

    fn read(&self) -> io::Result<Option<Journal>> {
        let file = match File::open(&self.0) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut bytes = Vec::new();
        file.take(MAX_FILE_BYTES).read_to_end(&mut bytes)?;
        let kept: Kept = serde_json::from_slice(&bytes).map_err(io::Error::from)?;
        if kept.form != FORM {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "written by a newer version"));
        }
        Ok(Some(kept.journal))
    }

    /// `tempfile` opens its file to nobody else.
    fn write(&self, folder: &Path, journal: &Journal) -> io::Result<()> {
        let mut file = tempfile::Builder::new().prefix(".sessions.").tempfile_in(folder)?;
        let kept = Kept { form: FORM, journal: journal.clone() };
        file.write_all(&serde_json::to_vec(&kept)?)?;
        file.as_file().sync_all()?;
        file.persist(&self.0).map_err(|error| error.error)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{NoteId, tests::note};

    #[test]
    fn what_is_changed_is_there_when_the_program_starts_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = JournalFile::new(folder.path().join("lists/anna.json"));
        assert_eq!(file.change(Change::Age, 0).unwrap(), Journal::default());
        file.change(Change::Add(note(1, 100, "Überweisung")), 100).unwrap();
        let again = JournalFile::new(folder.path().join("lists/anna.json"));
        let journal = again.change(Change::Age, 100).unwrap();
        assert_eq!(journal.note(NoteId(1)).unwrap().words.subject, "Überweisung");
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_it() {
        use std::os::unix::fs::MetadataExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lists/anna.json");
        JournalFile::new(path.clone()).change(Change::Add(note(1, 100, "")), 100).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(path.parent().unwrap()).unwrap().mode() & 0o777, 0o700);
        assert_eq!(fs::metadata(path.with_extension("lock")).unwrap().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_file_that_is_not_understood_is_told_of_and_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("anna.json");
        let days = r#"{"form":1,"journal":{"keep_days":0,"notes":[]}}"#;
        for odd in ["", "not json", r#"{"form":2,"journal":{"keep_days":90,"notes":[]}}"#, days] {
            fs::write(&path, odd).unwrap();
            assert!(JournalFile::new(path.clone()).change(Change::Add(note(1, 100, "")), 100).is_err(), "{odd}");
            assert_eq!(fs::read_to_string(&path).unwrap(), odd);
        }
    }

    #[test]
    fn two_programs_lose_nothing_of_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("anna.json");
        std::thread::scope(|scope| {
            for program in 0..2_u64 {
                let file = JournalFile::new(path.clone());
                scope.spawn(move || {
                    for number in 0..20 {
                        file.change(Change::Add(note(program * 100 + number, 100, "")), 100).unwrap();
                    }
                });
            }
        });
        assert_eq!(JournalFile::new(path).change(Change::Age, 100).unwrap().notes().len(), 40);
    }
}
