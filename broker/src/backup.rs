//! Backups: the database and the keys in one archive.
//!
//! An archive is a ZIP file whose first entry, [`MANIFEST`], names every other
//! one with its size and SHA-256. Whoever has an archive has the broker's
//! keys: it is for its owner's eyes only, and nothing in it is sealed. Reading
//! one trusts nothing: names, sizes and duplicates are looked at before the
//! first byte is written anywhere.

mod automatic;

pub use automatic::Plan;
pub(crate) use automatic::{State, make_always};

use crate::{
    audit::{Action, Actor, Record, hex_text},
    data_dir::DataDir,
    problem::{Language, Problem},
    server::DATABASE,
    store::{Store, StoreError},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File, OpenOptions},
    io::{self, BufReader, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

/// Name of the entry that names all others.
pub const MANIFEST: &str = "manifest.json";
/// Without these a broker is not the one that it was.
const NEEDED: [&str; 7] = [DATABASE, "accounts.key", "audit.key", "ca.crt", "ca.key", "card.key", "tls.key"];
const FORMAT: u32 = 1;
/// Entries beside the manifest.
const MAX_FILES: usize = 64;
/// A key, a certificate or the settings.
const MAX_SMALL_BYTES: u64 = 64 * 1024;
const MAX_MANIFEST_BYTES: u64 = 64 * 1024;

/// Why an archive can't be made or used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BackupFault {
    /// A file can't be read or written; the system's word.
    Io(String),
    /// It is none, or it is damaged as a whole.
    NoBackup,
    /// A newer version made it.
    Newer,
    /// This entry has no place in a backup.
    Unexpected(String),
    /// This entry is not there.
    Missing(String),
    /// This entry is not as it was written.
    Damaged(String),
    /// It needs more space than there is, in bytes.
    NoSpace(u64),
    /// The folder to restore into has files.
    NotEmpty,
}

impl BackupFault {
    /// What is wrong and what to do, in the person's language.
    pub fn text(&self, path: &Path, language: Language) -> String {
        let path = path.display();
        match language {
            Language::English => match self {
                Self::Io(why) => {
                    format!("{path} can't be read or written: {why}. Check path, rights and free space.")
                }
                Self::NoBackup => format!("{path} is no backup of a broker, or it is damaged. Take another one."),
                Self::Newer => {
                    format!("{path} was made by a newer version of this program. Install that version first.")
                }
                Self::Unexpected(name) => format!(
                    "{path} has an entry that no backup has ({name:?}). It was made or changed by something else: take another one."
                ),
                Self::Missing(name) => format!("{path} is not whole: {name} is missing. Take another backup."),
                Self::Damaged(name) => {
                    format!("{path} is damaged: {name} is not as it was written. Take another backup.")
                }
                Self::NoSpace(bytes) => {
                    format!("{path} needs {bytes} bytes, more than are free. Free some space first.")
                }
                Self::NotEmpty => format!(
                    "{path} is not empty, and a backup is restored into an empty folder only. Stop the broker, move the folder away and try again."
                ),
            },
            Language::German => match self {
                Self::Io(why) => format!(
                    "{path} ist nicht lesbar oder nicht beschreibbar: {why}. Prüfen Sie Pfad, Rechte und freien Platz."
                ),
                Self::NoBackup => {
                    format!("{path} ist keine Sicherung eines Brokers oder beschädigt. Nehmen Sie eine andere.")
                }
                Self::Newer => format!(
                    "{path} stammt von einer neueren Version dieses Programms. Installieren Sie zuerst diese Version."
                ),
                Self::Unexpected(name) => format!(
                    "{path} enthält einen Eintrag, den keine Sicherung hat ({name:?}). Sie wurde von etwas anderem erstellt oder verändert: Nehmen Sie eine andere."
                ),
                Self::Missing(name) => {
                    format!("{path} ist unvollständig: {name} fehlt. Nehmen Sie eine andere Sicherung.")
                }
                Self::Damaged(name) => format!(
                    "{path} ist beschädigt: {name} ist nicht, wie es geschrieben wurde. Nehmen Sie eine andere Sicherung."
                ),
                Self::NoSpace(bytes) => {
                    format!("{path} braucht {bytes} Bytes, mehr als frei sind. Schaffen Sie zuerst Platz.")
                }
                Self::NotEmpty => format!(
                    "{path} ist nicht leer, und wiederhergestellt wird nur in einen leeren Ordner. Beenden Sie den Broker, verschieben Sie den Ordner und versuchen Sie es erneut."
                ),
            },
        }
    }
}

impl From<io::Error> for BackupFault {
    fn from(error: io::Error) -> Self {
        Self::Io(error.to_string())
    }
}

/// What an archive holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Grows when an older version could not read it.
    pub format: u32,
    /// Version of the broker that made it.
    pub version: String,
    /// When, in seconds since 1970.
    pub made_unix_s: i64,
    /// All other entries by name.
    pub files: BTreeMap<String, Part>,
}

/// An entry's size and SHA-256.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Size.
    pub bytes: u64,
    /// In hexadecimal digits.
    pub sha256: String,
}

/// Makes a backup while others write, and has the trail say so. The file is
/// there whole, or as it was before.
///
/// # Errors
/// Store, folder or file can't be used.
pub async fn make(dir: &DataDir, store: &dyn Store, file: &Path, actor: &Actor) -> Result<(), Problem> {
    let at = |fault| Problem::Backup { path: file.to_owned(), fault };
    // Beside the archive and not in the data folder, which must not run full.
    let copy = Temporary::make(file, ".database.new").map_err(|error| at(error.into()))?;
    let failed = |error: StoreError| Problem::Store { why: error.to_string() };
    store.copy_to(&copy.path).await.map_err(failed)?;
    let made_unix_s = unix_now();
    let (folder, target) = (dir.path().to_owned(), file.to_owned());
    let packed = tokio::task::spawn_blocking(move || pack(&folder, &copy, &target, made_unix_s)).await;
    packed.map_err(|error| at(BackupFault::Io(error.to_string())))?.map_err(at)?;
    store.backup_made(made_unix_s, Record::new(actor, Action::BackupMade)).await.map_err(failed)
}

fn pack(folder: &Path, copy: &Temporary, file: &Path, made_unix_s: i64) -> Result<(), BackupFault> {
    let mut sources = BTreeMap::from([(DATABASE.to_owned(), copy.path.clone())]);
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Some(name) = entry.file_name().to_str().filter(|name| is_small(name)).map(str::to_owned) else { continue };
        let about = entry.metadata()?;
        if about.is_file() && about.len() <= MAX_SMALL_BYTES {
            sources.insert(name, entry.path());
        }
    }
    let mut files = BTreeMap::new();
    for (name, path) in &sources {
        let (bytes, sha256) = copied(&mut File::open(path)?, &mut io::sink())?;
        files.insert(name.clone(), Part { bytes, sha256 });
    }
    if let Some(name) = NEEDED.iter().find(|name| !files.contains_key(**name)) {
        return Err(BackupFault::Missing((*name).to_owned()));
    }
    let manifest = Manifest { format: FORMAT, version: env!("CARGO_PKG_VERSION").to_owned(), made_unix_s, files };
    let mut new = Temporary::make(file, ".new")?;
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(1))
        .unix_permissions(0o600);
    let wrong = |error: zip::result::ZipError| BackupFault::Io(error.to_string());
    let mut archive = ZipWriter::new(&mut new.file);
    archive.start_file(MANIFEST, options).map_err(wrong)?;
    serde_json::to_writer_pretty(&mut archive, &manifest).map_err(|error| BackupFault::Io(error.to_string()))?;
    for (name, path) in &sources {
        let large = manifest.files.get(name).is_some_and(|part| part.bytes >= u64::from(u32::MAX));
        archive.start_file(name.as_str(), options.large_file(large)).map_err(wrong)?;
        let (bytes, sha256) = copied(&mut File::open(path)?, &mut archive)?;
        if manifest.files.get(name) != Some(&Part { bytes, sha256 }) {
            // Keys do not change while a broker runs; settings may.
            return Err(BackupFault::Damaged(name.clone()));
        }
    }
    archive.finish().map_err(wrong)?;
    new.file.sync_all()?;
    fs::rename(&new.path, file)?;
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// An archive that was opened; its names and sizes are those of a backup.
pub struct Archive {
    zip: ZipArchive<BufReader<File>>,
    /// What is in it.
    pub manifest: Manifest,
}

impl Archive {
    /// Opens it and looks at everything but the entries' content.
    ///
    /// # Errors
    /// It is no backup.
    pub fn open(path: &Path) -> Result<Self, BackupFault> {
        let mut zip = ZipArchive::new(BufReader::new(File::open(path)?)).map_err(|_| BackupFault::NoBackup)?;
        if zip.has_duplicate_names() {
            return Err(BackupFault::Unexpected("two entries of one name".to_owned()));
        }
        if zip.len() > MAX_FILES + 1 {
            return Err(BackupFault::Unexpected(format!("{} entries", zip.len())));
        }
        let mut text = Vec::new();
        zip.by_name(MANIFEST)
            .map_err(|_| BackupFault::NoBackup)?
            .take(MAX_MANIFEST_BYTES)
            .read_to_end(&mut text)
            .map_err(|_| BackupFault::Damaged(MANIFEST.to_owned()))?;
        let format: Format = serde_json::from_slice(&text).map_err(|_| BackupFault::Damaged(MANIFEST.to_owned()))?;
        if format.format > FORMAT {
            return Err(BackupFault::Newer);
        }
        let manifest: Manifest =
            serde_json::from_slice(&text).map_err(|_| BackupFault::Damaged(MANIFEST.to_owned()))?;
        for (name, part) in &manifest.files {
            let fits = name == DATABASE || (is_small(name) && part.bytes <= MAX_SMALL_BYTES);
            if !fits {
                return Err(BackupFault::Unexpected(name.clone()));
            }
        }
        let there: BTreeSet<Vec<u8>> = zip.file_names_raw().map(<[u8]>::to_vec).collect();
        let expected = manifest.files.keys().map(String::as_str).chain([MANIFEST]);
        let expected: BTreeSet<Vec<u8>> = expected.map(|name| name.as_bytes().to_vec()).collect();
        if let Some(name) = there.difference(&expected).next() {
            return Err(BackupFault::Unexpected(String::from_utf8_lossy(name).into_owned()));
        }
        if let Some(name) = NEEDED.into_iter().find(|name| !there.contains(name.as_bytes())) {
            return Err(BackupFault::Missing(name.to_owned()));
        }
        if let Some(name) = expected.difference(&there).next() {
            return Err(BackupFault::Missing(String::from_utf8_lossy(name).into_owned()));
        }
        Ok(Self { zip, manifest })
    }

    /// Size of all that is in it.
    pub fn bytes(&self) -> u64 {
        self.manifest.files.values().fold(0, |sum, part| sum.saturating_add(part.bytes))
    }

    /// Reads all of it and writes nothing.
    ///
    /// # Errors
    /// An entry is not as it was written.
    pub fn verify(&mut self) -> Result<(), BackupFault> {
        let names: Vec<String> = self.manifest.files.keys().cloned().collect();
        names.iter().try_for_each(|name| self.read(name, &mut io::sink()))
    }

    /// Writes all entries into a folder that has none of them.
    ///
    /// # Errors
    /// An entry is not as it was written, or there is no space.
    pub fn unpack(&mut self, folder: &Path) -> Result<(), BackupFault> {
        let disk = rustix::fs::statvfs(folder).map_err(io::Error::from)?;
        if self.bytes() > disk.f_bavail.saturating_mul(disk.f_frsize) {
            return Err(BackupFault::NoSpace(self.bytes()));
        }
        let names: Vec<String> = self.manifest.files.keys().cloned().collect();
        for name in names {
            let mut file = private(&folder.join(&name))?;
            self.read(&name, &mut file)?;
            file.sync_all()?;
        }
        Ok(())
    }

    fn read(&mut self, name: &str, to: &mut impl Write) -> Result<(), BackupFault> {
        let damaged = || BackupFault::Damaged(name.to_owned());
        let expected = self.manifest.files.get(name).ok_or_else(damaged)?;
        let mut entry = self.zip.by_name(name).map_err(|_| damaged())?.take(expected.bytes.saturating_add(1));
        let mut hash = Sha256::new();
        let mut bytes = 0_u64;
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let count = entry.read(&mut buffer).map_err(|_| damaged())?;
            let Some(read) = buffer.get(..count).filter(|read| !read.is_empty()) else { break };
            bytes = bytes.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
            if bytes > expected.bytes {
                return Err(damaged());
            }
            hash.update(read);
            to.write_all(read)?;
        }
        let is_same = bytes == expected.bytes && hex_text(&hash.finalize()) == expected.sha256;
        if is_same { Ok(()) } else { Err(damaged()) }
    }
}

/// The one thing that every format has.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

/// Keys, certificates and the settings: a plain name, never a path.
fn is_small(name: &str) -> bool {
    let stem = name.strip_suffix(".key").or_else(|| name.strip_suffix(".crt")).or_else(|| name.strip_suffix(".toml"));
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    stem.is_some_and(|stem| (1..=60).contains(&stem.len()) && stem.chars().all(plain))
}

/// Copies all; gives its size and SHA-256.
fn copied(from: &mut impl Read, to: &mut impl Write) -> io::Result<(u64, String)> {
    let mut hash = Sha256::new();
    let mut bytes = 0_u64;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = from.read(&mut buffer)?;
        let Some(read) = buffer.get(..count).filter(|read| !read.is_empty()) else { break };
        bytes = bytes.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        hash.update(read);
        to.write_all(read)?;
    }
    Ok((bytes, hex_text(&hash.finalize())))
}

/// A new file for the owner alone.
fn private(path: &Path) -> io::Result<File> {
    OpenOptions::new().create_new(true).read(true).write(true).mode(0o600).open(path)
}

/// A file beside another one that is gone with this, unless it was renamed.
struct Temporary {
    path: PathBuf,
    file: File,
}

impl Temporary {
    fn make(beside: &Path, suffix: &str) -> io::Result<Self> {
        let mut name = beside.as_os_str().to_owned();
        name.push(suffix);
        let path = PathBuf::from(name);
        // Left by one that was killed.
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let file = private(&path)?;
        Ok(Self { path, file })
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

fn unix_now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
