//! Files that are saved: written to a temporary name in the folder that the
//! person chose, and named at the end without replacing anything.

use super::worker::Over;
use mitblick_protocol::transfer::{FileId, FileNumber, GivingUp, OfferNumber, Sha256, numbered, safe_name};
use sha2::Digest;
use std::{
    collections::HashMap,
    fs::{self, DirBuilder},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
};
use tempfile::NamedTempFile;

/// Numbers tried for a name that is taken.
const MOST_NUMBERS: u32 = 10_000;

/// Where the files of an offer go.
struct Folder {
    base: PathBuf,
    paths: HashMap<FileNumber, Vec<String>>,
    /// Folders of the offer, and those that were made for them.
    made: HashMap<String, PathBuf>,
}

/// Folders into which no file has come are of no use to anybody.
impl Drop for Folder {
    fn drop(&mut self) {
        let mut made: Vec<_> = self.made.values().collect();
        made.sort_by_key(|folder| std::cmp::Reverse(folder.components().count()));
        for folder in made {
            // What has something in it stays.
            let _ = fs::remove_dir(folder);
        }
    }
}

/// A file that is being written.
struct Writing {
    file: NamedTempFile,
    /// The folder that it gets its name in.
    folder: PathBuf,
    hasher: sha2::Sha256,
}

/// All of them. Dropping it removes what is not whole.
#[derive(Default)]
pub(super) struct Targets {
    // Ahead of the folders that they are in, which are removed if nothing is
    // left in them.
    writing: HashMap<FileId, Writing>,
    offers: HashMap<OfferNumber, Folder>,
    failed: HashMap<FileId, GivingUp>,
    /// The session that they belong to.
    over: Over,
}

impl Targets {
    /// None yet.
    pub(super) fn of(over: Over) -> Self {
        Self { over, ..Self::default() }
    }

    pub(super) fn begin(&mut self, offer: OfferNumber, base: PathBuf, files: Vec<(FileNumber, Vec<String>)>) {
        let paths = files.into_iter().collect();
        self.offers.insert(offer, Folder { base, paths, made: HashMap::new() });
    }

    /// Writes the next bytes.
    pub(super) fn write(&mut self, id: FileId, bytes: &[u8]) -> Result<(), GivingUp> {
        if let Some(why) = self.failed.get(&id) {
            return Err(*why);
        }
        let written = self.writing(id).and_then(|writing| {
            writing.file.as_file_mut().write_all(bytes)?;
            writing.hasher.update(bytes);
            Ok(())
        });
        written.map_err(|error| {
            let why = giving_up(&error);
            self.discard(id);
            self.failed.insert(id, why);
            why
        })
    }

    /// Compares the hash and gives the file its name: the one that it was
    /// offered by, with a number if that is taken.
    pub(super) fn finish(&mut self, id: FileId, sha256: Sha256) -> Result<(Sha256, PathBuf), GivingUp> {
        if let Some(why) = self.failed.get(&id) {
            return Err(*why);
        }
        // A file without a byte has not been begun.
        self.writing(id).map_err(|error| giving_up(&error))?;
        let name = self.offers.get(&id.offer).and_then(|offer| offer.paths.get(&id.file)?.last().cloned());
        let (Some(Writing { file, folder, hasher }), Some(name)) = (self.writing.remove(&id), name) else {
            return Err(GivingUp::CantWrite);
        };
        let found = Sha256(hasher.finalize().into());
        let why = if found == sha256 {
            // Whoever has ended the session takes it that nothing more comes.
            self.over.is_set().then_some(GivingUp::CantWrite)
        } else {
            Some(GivingUp::WrongHash)
        };
        if let Some(why) = why {
            // Dropped, the temporary file is removed.
            drop(file);
            self.leave(id.offer, &folder);
            return Err(why);
        }
        let path = named(file, &folder, &safe_name(&name)).map_err(|error| giving_up(&error))?;
        Ok((found, path))
    }

    pub(super) fn discard(&mut self, id: FileId) {
        let writing = self.writing.remove(&id);
        if let Some(Writing { file, folder, .. }) = writing {
            drop(file);
            self.leave(id.offer, &folder);
        }
    }

    fn leave(&mut self, offer: OfferNumber, folder: &Path) {
        if let Some(offer) = self.offers.get_mut(&offer) {
            offer.leave(folder);
        }
    }

    fn writing(&mut self, id: FileId) -> io::Result<&mut Writing> {
        if !self.writing.contains_key(&id) {
            let unknown = || io::Error::new(ErrorKind::NotFound, "nobody said where");
            let offer = self.offers.get_mut(&id.offer).ok_or_else(unknown)?;
            let path = offer.paths.get(&id.file).ok_or_else(unknown)?.clone();
            let (_, folders) = path.split_last().ok_or_else(unknown)?;
            let folder = offer.folder(folders)?;
            // For its owner alone, and never through a link that lies there.
            let file = tempfile::Builder::new().prefix(".mitblick-").suffix(".part").tempfile_in(&folder)?;
            self.writing.insert(id, Writing { file, folder, hasher: sha2::Sha256::new() });
        }
        self.writing.get_mut(&id).ok_or_else(|| io::Error::from(ErrorKind::NotFound))
    }
}

impl Folder {
    /// The folder for these parts of a path. The first is always a new one, so
    /// that nothing that lies there already, a link to somewhere else say, is
    /// ever gone into.
    fn folder(&mut self, parts: &[String]) -> io::Result<PathBuf> {
        let mut key = String::new();
        let mut folder = self.base.clone();
        for (depth, part) in parts.iter().enumerate() {
            let part = safe_name(part);
            key.push('/');
            key.push_str(&part);
            folder = match self.made.get(&key) {
                Some(made) => made.clone(),
                None if depth == 0 => {
                    let made = new_folder(&folder, &part)?;
                    self.made.insert(key.clone(), made.clone());
                    made
                }
                None => {
                    let made = folder.join(&part);
                    make(&made)?;
                    self.made.insert(key.clone(), made.clone());
                    made
                }
            };
        }
        Ok(folder)
    }

    /// Removes folders of the offer that nothing is in, from this one upwards.
    fn leave(&mut self, mut folder: &Path) {
        while self.made.values().any(|made| made == folder) && fs::remove_dir(folder).is_ok() {
            self.made.retain(|_, made| made != folder);
            let Some(above) = folder.parent() else { return };
            folder = above;
        }
    }
}

/// Makes a folder for its owner alone.
fn make(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// `first` that is not taken: a name, or the same with a number.
fn untaken<T>(name: &str, mut first: impl FnMut(&str) -> Result<T, io::Error>) -> io::Result<T> {
    for number in 1..=MOST_NUMBERS {
        let name = if number == 1 { name.to_owned() } else { numbered(name, number) };
        match first(&name) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            done => return done,
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

fn new_folder(base: &Path, name: &str) -> io::Result<PathBuf> {
    untaken(name, |name| {
        let path = base.join(name);
        make(&path).map(|()| path)
    })
}

fn named(file: NamedTempFile, folder: &Path, name: &str) -> io::Result<PathBuf> {
    let mut unnamed = Some(file);
    untaken(name, |name| {
        let path = folder.join(name);
        let file = unnamed.take().ok_or(ErrorKind::NotFound)?;
        match file.persist_noclobber(&path) {
            Ok(_) => Ok(path),
            Err(error) => {
                // Where the system can't rename so, an existing name shows as
                // such by looking.
                let taken = fs::symlink_metadata(&path).is_ok();
                unnamed = Some(error.file);
                Err(if taken { ErrorKind::AlreadyExists.into() } else { error.error })
            }
        }
    })
}

fn giving_up(error: &io::Error) -> GivingUp {
    tracing::warn!(kind = ?error.kind(), "a file can't be saved");
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => GivingUp::DiskFull,
        ErrorKind::PermissionDenied
        | ErrorKind::ReadOnlyFilesystem
        | ErrorKind::NotFound
        | ErrorKind::NotADirectory => GivingUp::NotPermitted,
        _ => GivingUp::CantWrite,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFER: OfferNumber = OfferNumber(1);

    fn id(file: u32) -> FileId {
        FileId { offer: OFFER, file: FileNumber(file) }
    }

    fn hash(bytes: &[u8]) -> Sha256 {
        Sha256(sha2::Sha256::digest(bytes).into())
    }

    fn into(base: &Path, paths: &[&[&str]]) -> Targets {
        let mut targets = Targets::default();
        let files = paths.iter().map(|path| path.iter().map(|part| (*part).to_owned()).collect());
        targets.begin(OFFER, base.to_owned(), (0..).map(FileNumber).zip(files).collect());
        targets
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_has_its_name_only_when_it_is_whole_and_replaces_nothing() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a.txt"), "mine").unwrap();
        fs::write(dir.path().join("a (2).txt"), "mine too").unwrap();
        let mut targets = into(dir.path(), &[&["a.txt"], &["b.txt"]]);
        targets.write(id(0), b"one").unwrap();
        assert!(names(dir.path()).iter().any(|name| name.ends_with(".part")), "a temporary name in the same folder");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let part = names(dir.path()).into_iter().find(|name| name.ends_with(".part")).unwrap();
            let mode = fs::metadata(dir.path().join(part)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "for its owner alone");
        }
        targets.write(id(0), b"two").unwrap();
        let (_, path) = targets.finish(id(0), hash(b"onetwo")).unwrap();
        assert_eq!(path, dir.path().join("a (3).txt"));
        assert_eq!(targets.finish(id(1), hash(b"")).unwrap().1, dir.path().join("b.txt"), "without a byte");
        assert_eq!(names(dir.path()), ["a (2).txt", "a (3).txt", "a.txt", "b.txt"]);
        assert_eq!(fs::read_to_string(dir.path().join("a.txt")).unwrap(), "mine");
        assert_eq!(fs::read_to_string(path).unwrap(), "onetwo");
    }

    #[test]
    fn what_is_wrong_or_not_whole_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        let mut targets = into(dir.path(), &[&["a.txt"], &["b.txt"], &["c.txt"]]);
        targets.write(id(0), b"one").unwrap();
        assert_eq!(targets.finish(id(0), hash(b"two")), Err(GivingUp::WrongHash));
        targets.write(id(1), b"one").unwrap();
        targets.discard(id(1));
        targets.write(id(2), b"one").unwrap();
        drop(targets);
        assert_eq!(names(dir.path()), Vec::<String>::new());
    }

    #[test]
    fn no_file_gets_its_name_once_the_session_is_over() {
        let dir = tempfile::tempdir().unwrap();
        let over = Over::default();
        let paths: [&[&str]; 3] = [&["a.txt"], &["folder", "b.txt"], &["empty.txt"]];
        let mut targets = Targets { over: over.clone(), ..into(dir.path(), &paths) };
        for file in 0..2 {
            targets.write(id(file), b"one").unwrap();
        }
        targets.finish(id(0), hash(b"one")).unwrap();
        over.set();
        for (file, bytes) in [(1, &b"one"[..]), (2, b"")] {
            assert_eq!(targets.finish(id(file), hash(bytes)), Err(GivingUp::CantWrite));
        }
        assert_eq!(names(dir.path()), ["a.txt"]);
    }

    #[test]
    fn folders_that_nothing_has_come_into_are_removed() {
        let dir = tempfile::tempdir().unwrap();
        let paths: [&[&str]; 5] =
            [&["a", "b", "c", "1"], &["a", "b", "2"], &["a", "3"], &["whole", "4"], &["whole", "part", "5"]];
        let mut targets = into(dir.path(), &paths);
        for file in 0..5 {
            targets.write(id(file), b"x").unwrap();
        }
        targets.discard(id(0));
        assert!(dir.path().join("a/b").is_dir() && !dir.path().join("a/b/c").exists());
        assert_eq!(targets.finish(id(1), hash(b"y")), Err(GivingUp::WrongHash));
        targets.discard(id(2));
        assert_eq!(names(dir.path()), ["whole"]);
        targets.finish(id(3), hash(b"x")).unwrap();
        drop(targets);
        assert_eq!(names(&dir.path().join("whole")), ["4"], "what came stays, in its folder");
    }

    #[test]
    fn a_folder_that_was_left_is_made_again_for_the_next_file() {
        let dir = tempfile::tempdir().unwrap();
        let mut targets = into(dir.path(), &[&["a", "b", "1"], &["a", "b", "2"]]);
        targets.write(id(0), b"x").unwrap();
        targets.discard(id(0));
        targets.write(id(1), b"x").unwrap();
        let (_, path) = targets.finish(id(1), hash(b"x")).unwrap();
        assert_eq!(path, dir.path().join("a/b/2"));
    }

    #[cfg(unix)]
    #[test]
    fn folders_are_new_ones_and_links_are_not_gone_through() {
        let (dir, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::os::unix::fs::symlink(elsewhere.path(), dir.path().join("photos")).unwrap();
        std::os::unix::fs::symlink(elsewhere.path().join("x"), dir.path().join("a.txt")).unwrap();
        let mut targets = into(dir.path(), &[&["photos", "2026", "a.jpg"], &["photos", "b.jpg"], &["a.txt"]]);
        for file in 0..3 {
            targets.write(id(file), b"x").unwrap();
            targets.finish(id(file), hash(b"x")).unwrap();
        }
        assert_eq!(names(elsewhere.path()), Vec::<String>::new());
        assert!(dir.path().join("photos (2)/2026/a.jpg").is_file() && dir.path().join("photos (2)/b.jpg").is_file());
        assert!(dir.path().join("a (2).txt").is_file());
    }

    #[test]
    fn a_folder_that_is_not_there_is_said_and_later_bytes_change_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let mut targets = into(&dir.path().join("none"), &[&["a.txt"]]);
        assert_eq!(targets.write(id(0), b"one"), Err(GivingUp::NotPermitted));
        assert_eq!(targets.write(id(0), b"two"), Err(GivingUp::NotPermitted));
        assert_eq!(targets.finish(id(0), hash(b"onetwo")), Err(GivingUp::NotPermitted));
        assert_eq!(targets.write(id(9), b"one"), Err(GivingUp::NotPermitted), "never without a folder");
    }
}
