//! Which companies the person has called before: the only thing that the
//! program keeps by itself, so that nobody is asked twice. No names, no times;
//! the pins of brokers alone, in a file that only the person can read. Where
//! there is no place for it, or it can't be read, the person is asked.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::{
    fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

const FOLDER: &str = "mitblick-customer";
const FILE: &str = "known-brokers";
/// Largest file that is read, in bytes: some thousand companies.
const MAX_FILE_BYTES: u64 = 256 * 1024;

/// Whether the person has said before that they call the company with this
/// broker.
pub fn knows(pin: &[u8; 32]) -> bool {
    place().is_some_and(|place| is_in(&place, pin))
}

/// Remembers it, if it can be.
pub fn remember(pin: &[u8; 32]) {
    let Some(place) = place() else { return };
    if !is_in(&place, pin)
        && let Err(error) = add(&place, pin)
    {
        tracing::debug!(%error, "the company can't be remembered");
    }
}

fn place() -> Option<PathBuf> {
    crate::workplace_key::data_folder().map(|folder| folder.join(FOLDER).join(FILE))
}

fn is_in(file: &Path, pin: &[u8; 32]) -> bool {
    let mut text = String::new();
    let read = fs::File::open(file).and_then(|file| file.take(MAX_FILE_BYTES).read_to_string(&mut text));
    let line = URL_SAFE_NO_PAD.encode(pin);
    read.is_ok() && text.lines().any(|known| known == line)
}

fn add(file: &Path, pin: &[u8; 32]) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
        crate::workplace_key::file::close_to_others(folder)?;
    }
    let mut options = fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // One write, so that two programs at once can't mix their lines.
    options.open(file)?.write_all(format!("{}\n", URL_SAFE_NO_PAD.encode(pin)).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_company_is_known_once_it_is_remembered_and_no_other_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a").join(FILE);
        assert!(!is_in(&file, &[1; 32]));
        add(&file, &[1; 32]).unwrap();
        add(&file, &[2; 32]).unwrap();
        assert!(is_in(&file, &[1; 32]) && is_in(&file, &[2; 32]) && !is_in(&file, &[3; 32]));
        let text = fs::read_to_string(&file).unwrap();
        assert_eq!(text.lines().count(), 2, "pins and nothing else: {text}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_file_that_is_none_of_ours_makes_no_company_known() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE);
        fs::write(&file, [0xff, 0xfe, 0, b'\n']).unwrap();
        assert!(!is_in(&file, &[1; 32]));
    }
}
