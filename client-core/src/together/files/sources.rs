//! Files that are sent: what was chosen, and whether it is still that when it
//! is read.

use mitblick_protocol::transfer::{
    FileId, MAX_FILE_BYTES, MAX_OFFER_FILES, MAX_PATH_PARTS, OfferNumber, OfferedFile, PathPart, Sha256, Withdrawal,
};
use sha2::Digest;
use std::{
    collections::HashMap,
    fs::{self, File, Metadata},
    io::{self, Read},
    path::{Path, PathBuf},
    time::SystemTime,
};

/// What was found of what was chosen.
#[derive(Debug)]
pub struct Found {
    /// The files, in their order.
    pub files: Vec<OfferedFile>,
}

/// Why what was chosen is not offered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LookError {
    /// It can't be read.
    #[error("{path}: {why}")]
    Unreadable {
        /// What.
        path: String,
        /// The system's words.
        why: String,
    },
    /// It is no file and no folder.
    #[error("{0}: no file")]
    NotAFile(String),
    /// There are more files than one offer can have, or deeper folders.
    #[error("too many files, or folders in folders")]
    TooMany,
    /// There are no files in it.
    #[error("no files")]
    Empty,
}

/// A file as it was when it was chosen.
#[derive(Clone, Debug)]
struct Source {
    path: PathBuf,
    stamp: Stamp,
}

/// By what a file is told from another, and from itself at another time.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    bytes: u64,
    modified: Option<SystemTime>,
    identity: Option<(u64, u64)>,
}

impl Stamp {
    fn of(meta: &Metadata) -> Self {
        #[cfg(unix)]
        let identity = {
            use std::os::unix::fs::MetadataExt;
            Some((meta.dev(), meta.ino()))
        };
        #[cfg(not(unix))]
        let identity = None;
        Self { bytes: meta.len(), modified: meta.modified().ok(), identity }
    }
}

/// A file that is being read.
struct Reading {
    file: File,
    hasher: sha2::Sha256,
    read: u64,
}

/// All of them.
#[derive(Default)]
pub(super) struct Sources {
    looked: HashMap<u64, Vec<Source>>,
    offers: HashMap<OfferNumber, Vec<Source>>,
    reading: HashMap<FileId, Reading>,
}

impl Sources {
    /// Looks at files and, all the way down, folders. Links in folders are not
    /// followed.
    pub(super) fn look(&mut self, look: u64, paths: &[PathBuf]) -> Result<Found, LookError> {
        let mut list = Vec::new();
        for path in paths {
            let meta = fs::metadata(path).map_err(|error| unreadable(path, &error))?;
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            walk(path, &meta, &mut vec![name], &mut list)?;
        }
        if list.is_empty() {
            return Err(LookError::Empty);
        }
        let (files, sources) = list.into_iter().unzip();
        self.looked.insert(look, sources);
        Ok(Found { files })
    }

    pub(super) fn bind(&mut self, look: u64, offer: Option<OfferNumber>) {
        if let (Some(sources), Some(offer)) = (self.looked.remove(&look), offer) {
            self.offers.insert(offer, sources);
        }
    }

    /// The next bytes, and with the last ones the hash of all.
    pub(super) fn read(
        &mut self,
        id: FileId,
        offset: u64,
        bytes: u32,
        last: bool,
    ) -> Result<(Vec<u8>, Option<Sha256>), Withdrawal> {
        let result = self.try_read(id, offset, bytes, last);
        if last || result.is_err() {
            self.close(id);
        }
        result
    }

    fn try_read(
        &mut self,
        id: FileId,
        offset: u64,
        bytes: u32,
        last: bool,
    ) -> Result<(Vec<u8>, Option<Sha256>), Withdrawal> {
        let sources = self.offers.get(&id.offer);
        let source = sources.and_then(|sources| sources.get(id.file.0 as usize)).ok_or(Withdrawal::Unreadable)?;
        if offset == 0 {
            let file = open(source)?;
            self.reading.insert(id, Reading { file, hasher: sha2::Sha256::new(), read: 0 });
        }
        let reading = self.reading.get_mut(&id).filter(|reading| reading.read == offset);
        let reading = reading.ok_or(Withdrawal::Unreadable)?;
        let mut buffer = vec![0; bytes as usize];
        reading.file.read_exact(&mut buffer).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => Withdrawal::Changed,
            _ => Withdrawal::Unreadable,
        })?;
        reading.hasher.update(&buffer);
        reading.read += u64::from(bytes);
        if !last {
            return Ok((buffer, None));
        }
        // Whoever wrote to it meanwhile has changed its time or its length.
        let meta = reading.file.metadata().map_err(|_| Withdrawal::Unreadable)?;
        if Stamp::of(&meta) != source.stamp {
            return Err(Withdrawal::Changed);
        }
        let hash = std::mem::take(&mut reading.hasher).finalize();
        Ok((buffer, Some(Sha256(hash.into()))))
    }

    pub(super) fn close(&mut self, id: FileId) {
        self.reading.remove(&id);
    }
}

fn open(source: &Source) -> Result<File, Withdrawal> {
    // What is no longer a file is not even opened: a pipe would wait.
    let meta = fs::metadata(&source.path).map_err(|_| Withdrawal::Unreadable)?;
    if Stamp::of(&meta) != source.stamp {
        return Err(Withdrawal::Changed);
    }
    let file = File::open(&source.path).map_err(|_| Withdrawal::Unreadable)?;
    let opened = file.metadata().map_err(|_| Withdrawal::Unreadable)?;
    if Stamp::of(&opened) == source.stamp { Ok(file) } else { Err(Withdrawal::Changed) }
}

fn unreadable(path: &Path, error: &io::Error) -> LookError {
    LookError::Unreadable { path: shown(path), why: error.to_string() }
}

fn shown(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn walk(
    path: &Path,
    meta: &Metadata,
    parts: &mut Vec<String>,
    list: &mut Vec<(OfferedFile, Source)>,
) -> Result<(), LookError> {
    if meta.is_file() {
        if list.len() >= MAX_OFFER_FILES || parts.len() > MAX_PATH_PARTS || meta.len() > MAX_FILE_BYTES {
            return Err(LookError::TooMany);
        }
        let stamp = Stamp::of(meta);
        let offered = OfferedFile { path: parts.iter().map(|part| PathPart::new(part)).collect(), bytes: stamp.bytes };
        list.push((offered, Source { path: path.to_owned(), stamp }));
        return Ok(());
    }
    if !meta.is_dir() {
        return Err(LookError::NotAFile(shown(path)));
    }
    if parts.len() >= MAX_PATH_PARTS {
        return Err(LookError::TooMany);
    }
    let entries = fs::read_dir(path).map_err(|error| unreadable(path, &error))?;
    let mut inside = Vec::new();
    for entry in entries {
        inside.push(entry.map_err(|error| unreadable(path, &error))?);
        if inside.len() > MAX_OFFER_FILES {
            return Err(LookError::TooMany);
        }
    }
    inside.sort_by_key(fs::DirEntry::file_name);
    for entry in inside {
        // Of the entry itself: a link is neither file nor folder.
        let meta = entry.metadata().map_err(|error| unreadable(&entry.path(), &error))?;
        if meta.is_file() || meta.is_dir() {
            parts.push(entry.file_name().to_string_lossy().into_owned());
            walk(&entry.path(), &meta, parts, list)?;
            parts.pop();
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use mitblick_protocol::transfer::FileNumber;
    use std::io::Write;

    const OFFER: OfferNumber = OfferNumber(1);

    fn id(file: u32) -> FileId {
        FileId { offer: OFFER, file: FileNumber(file) }
    }

    fn offered(paths: &[PathBuf]) -> (Sources, Vec<(String, u64)>) {
        let mut sources = Sources::default();
        let found = sources.look(7, paths).unwrap();
        sources.bind(7, Some(OFFER));
        let files = found.files.iter().map(|file| (file.safe_path().join("/"), file.bytes)).collect();
        (sources, files)
    }

    #[test]
    fn folders_are_offered_with_what_is_in_them_but_not_what_is_linked() {
        let dir = tempfile::tempdir().unwrap();
        let base = dir.path().join("letters");
        fs::create_dir_all(base.join("2026/may")).unwrap();
        fs::write(base.join("a.txt"), "one").unwrap();
        fs::write(base.join("2026/may/b.txt"), "").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("/etc/passwd", base.join("link")).unwrap();
        let (_, files) = offered(&[base]);
        assert_eq!(files, [("letters/2026/may/b.txt".into(), 0), ("letters/a.txt".into(), 3)]);
        let mut sources = Sources::default();
        let missing = sources.look(1, &[dir.path().join("none")]).map(drop).unwrap_err();
        assert!(missing.to_string().contains("none"));
        fs::create_dir(dir.path().join("empty")).unwrap();
        assert_eq!(sources.look(1, &[dir.path().join("empty")]).map(drop), Err(LookError::Empty));
    }

    #[test]
    fn a_file_is_read_in_pieces_and_its_hash_is_of_all() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.bin");
        fs::write(&path, [7; 1_000]).unwrap();
        let (mut sources, _) = offered(&[path]);
        assert_eq!(sources.read(id(0), 0, 600, false), Ok((vec![7; 600], None)));
        let whole = Sha256(sha2::Sha256::digest([7; 1_000]).into());
        assert_eq!(sources.read(id(0), 600, 400, true), Ok((vec![7; 400], Some(whole))));
        assert_eq!(sources.read(id(1), 0, 1, true), Err(Withdrawal::Unreadable));
    }

    #[test]
    fn a_file_that_changes_shrinks_or_goes_is_not_sent_to_its_end() {
        let dir = tempfile::tempdir().unwrap();
        let make = |name: &str| {
            let path = dir.path().join(name);
            fs::write(&path, [7; 1_000]).unwrap();
            path
        };
        let (grown, shrunk, gone, other, touched) = (make("1"), make("2"), make("3"), make("4"), make("5"));
        let (mut sources, _) = offered(&[grown.clone(), shrunk.clone(), gone.clone(), other.clone(), touched.clone()]);
        assert!(sources.read(id(0), 0, 600, false).is_ok());
        File::options().append(true).open(&grown).unwrap().write_all(b"more").unwrap();
        assert_eq!(sources.read(id(0), 600, 400, true), Err(Withdrawal::Changed));
        assert!(sources.read(id(1), 0, 600, false).is_ok());
        File::options().write(true).open(&shrunk).unwrap().set_len(700).unwrap();
        assert_eq!(sources.read(id(1), 600, 400, true), Err(Withdrawal::Changed));
        fs::remove_file(&gone).unwrap();
        assert_eq!(sources.read(id(2), 0, 600, false), Err(Withdrawal::Unreadable));
        fs::rename(&touched, &other).unwrap();
        assert_eq!(sources.read(id(3), 0, 600, false), Err(Withdrawal::Changed), "another file of the same name");
        assert_eq!(sources.read(id(4), 0, 600, false), Err(Withdrawal::Unreadable));
    }
}
