//! Where a receipt is put: never over anything that is there.

use crate::{language::Language, problem::Problem};
use jiff::{Timestamp, tz::TimeZone};
use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};
use tempfile::NamedTempFile;

/// Most receipts of the same minute in one folder.
const MAX_SAME_NAME: u32 = 99;

/// Where it is to be put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Into this folder, under a name that is free.
    Folder(PathBuf),
    /// Into this file, which must not exist.
    File(PathBuf),
}

/// A receipt on its way into a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saving {
    /// Where.
    pub place: Place,
    /// Name of the file without its ending, for a folder.
    pub name: String,
    /// What is in it.
    pub page: String,
}

impl Saving {
    /// Writes it; gives the file.
    ///
    /// # Errors
    /// [`Problem::ReceiptExists`] or [`Problem::ReceiptNotWritten`]; then
    /// nothing is left there.
    pub fn write(&self) -> Result<PathBuf, Problem> {
        let problem = |path: &Path, error: &io::Error| match error.kind() {
            io::ErrorKind::AlreadyExists => Problem::ReceiptExists(path.display().to_string()),
            _ => Problem::ReceiptNotWritten(format!("{}: {error}", path.display())),
        };
        let folder = match &self.place {
            Place::File(path) => path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new(".")),
            Place::Folder(folder) => folder,
        };
        let whole = |path: &Path| self.unnamed(folder).map_err(|error| problem(path, &error));
        match &self.place {
            Place::File(path) => match whole(path)?.persist_noclobber(path) {
                Ok(_) => Ok(path.clone()),
                Err(error) => Err(problem(path, &error.error)),
            },
            Place::Folder(folder) => {
                let path_of = |suffix: &str| folder.join(format!("{}{suffix}.html", self.name));
                let mut file = whole(&path_of(""))?;
                for number in 1..=MAX_SAME_NAME {
                    let path = path_of(&if number == 1 { String::new() } else { format!("-{number}") });
                    match file.persist_noclobber(&path) {
                        Ok(_) => return Ok(path),
                        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => file = error.file,
                        Err(error) => return Err(problem(&path, &error.error)),
                    }
                }
                Err(Problem::ReceiptExists(path_of("").display().to_string()))
            }
        }
    }

    /// All of it in a file that has no name of its own yet, so that half a
    /// receipt is never taken for one. For its owner alone: it has the names of
    /// applications in it. Dropped, it is removed.
    fn unnamed(&self, folder: &Path) -> io::Result<NamedTempFile> {
        let mut file = tempfile::Builder::new().prefix(".mitblick-").suffix(".part").tempfile_in(folder)?;
        file.write_all(self.page.as_bytes())?;
        file.as_file().sync_all()?;
        Ok(file)
    }
}

/// Name of the file for a session that began at this time.
pub fn name(begun_unix_ms: u64, utc_offset_s: i32, language: Language) -> String {
    let offset = jiff::tz::Offset::from_seconds(utc_offset_s).unwrap_or(jiff::tz::Offset::UTC);
    let ms = i64::try_from(begun_unix_ms).unwrap_or(i64::MAX);
    let moment = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX).to_zoned(TimeZone::fixed(offset));
    let word = match language {
        Language::German => "Mitblick-Quittung",
        Language::English => "Mitblick-receipt",
    };
    format!("{word}-{}", moment.strftime("%Y-%m-%d-%H%M"))
}

/// What the local time is ahead of UTC now, in seconds.
pub fn utc_offset_s() -> i32 {
    jiff::Zoned::now().offset().seconds()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn saving(place: Place) -> Saving {
        Saving { place, name: "receipt".into(), page: "page".into() }
    }

    #[test]
    fn nothing_that_is_there_is_ever_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let into = saving(Place::Folder(folder.path().into()));
        assert_eq!(into.write(), Ok(folder.path().join("receipt.html")));
        assert_eq!(into.write(), Ok(folder.path().join("receipt-2.html")));
        let file = folder.path().join("letter.txt");
        fs::write(&file, "precious").unwrap();
        assert!(matches!(saving(Place::File(file.clone())).write(), Err(Problem::ReceiptExists(_))));
        assert_eq!(fs::read_to_string(file).unwrap(), "precious");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_not_followed_and_only_the_person_can_read_it() {
        use std::os::unix::fs::MetadataExt;
        let folder = tempfile::tempdir().unwrap();
        let (link, aim) = (folder.path().join("receipt.html"), folder.path().join("aim"));
        std::os::unix::fs::symlink(&aim, &link).unwrap();
        let written = saving(Place::Folder(folder.path().into())).write().unwrap();
        assert_eq!(written, folder.path().join("receipt-2.html"));
        assert!(!aim.exists());
        assert_eq!(fs::metadata(written).unwrap().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_folder_that_is_not_there_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let missing = Place::Folder(folder.path().join("missing"));
        assert!(matches!(saving(missing).write(), Err(Problem::ReceiptNotWritten(_))));
    }

    #[test]
    fn nothing_else_is_left_in_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("receipt.html");
        for place in [Place::File(file.clone()), Place::File(file), Place::Folder(folder.path().into())] {
            let _ = saving(place).write();
        }
        let names = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = names.collect();
        names.sort();
        assert_eq!(names, ["receipt-2.html", "receipt.html"]);
    }

    /// A page that is long enough to be looked at while it is written.
    #[test]
    fn a_name_is_given_only_to_a_whole_receipt() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("receipt.html");
        let page = "x".repeat(20_000_000);
        let saving = Saving { place: Place::File(path.clone()), name: String::new(), page };
        std::thread::scope(|scope| {
            let writing = scope.spawn(|| saving.write());
            let first_seen = loop {
                let is_done = writing.is_finished();
                match fs::metadata(&path) {
                    Ok(there) => break Some(there.len()),
                    Err(_) if is_done => break None,
                    Err(_) => {}
                }
            };
            assert_eq!(first_seen, Some(20_000_000));
            assert_eq!(writing.join().unwrap(), Ok(path.clone()));
        });
    }

    #[test]
    fn the_name_has_the_local_time_of_the_beginning() {
        assert_eq!(name(1_800_000_000_000, 3_600, Language::German), "Mitblick-Quittung-2027-01-15-0900");
    }
}
