//! Where recordings lie, and this installation's share in those that both
//! sides own.

use mitblick_protocol::recording::{FILE_HEADER_BYTES, FileHeader, Share};
use std::{
    fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

/// What recordings' names end with.
const ENDING: &str = "mitblick";
const SHARE: &str = "recordings.key";
const SHARE_BYTES: usize = 32;

/// The folder of recordings.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

/// A recording that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Where.
    pub path: PathBuf,
    /// How it begins.
    pub header: FileHeader,
    /// How long the file is, in bytes.
    pub bytes: u64,
}

impl Folder {
    /// Below the folder in which the program keeps what is its own.
    pub fn below(data: &Path) -> Self {
        Self(data.join("recordings"))
    }

    /// The person's own, if the system has one.
    pub fn usual() -> Option<Self> {
        crate::workplace_key::data_folder().map(|data| Self::below(&data.join("mitblick")))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The recordings in it, newest first. What is none is left out.
    ///
    /// # Errors
    /// The folder can't be read; one that is not there is empty.
    pub fn list(&self) -> io::Result<Vec<Kept>> {
        let entries = match fs::read_dir(&self.0) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let mut kept: Vec<Kept> = paths
            .filter(|path| path.extension().is_some_and(|ending| ending == ENDING))
            .filter_map(|path| Kept::read(&path).ok())
            .collect();
        kept.sort_by_key(|kept| std::cmp::Reverse(kept.header.begun_unix_ms));
        Ok(kept)
    }

    /// A new file for a recording that begins now, open to nobody else.
    ///
    /// # Errors
    /// It can't be made.
    pub(super) fn create(&self, begun_unix_ms: u64) -> io::Result<(fs::File, PathBuf)> {
        self.make()?;
        let begun = i64::try_from(begun_unix_ms).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
        let begun = begun.unwrap_or_default().to_zoned(jiff::tz::TimeZone::system());
        let name = begun.strftime("%Y-%m-%d %H.%M.%S").to_string();
        for more in 0..100 {
            let name = if more == 0 { format!("{name}.{ENDING}") } else { format!("{name} ({more}).{ENDING}") };
            let path = self.0.join(name);
            match private().write(true).create_new(true).open(&path) {
                Ok(file) => return Ok((file, path)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    fn make(&self) -> io::Result<()> {
        fs::create_dir_all(&self.0)?;
        #[cfg(unix)]
        fs::set_permissions(&self.0, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
        Ok(())
    }

    /// This installation's share, if it has one.
    ///
    /// # Errors
    /// It is there and can't be read.
    pub fn share(&self) -> io::Result<Option<Share>> {
        let bytes = match fs::read(self.0.join(SHARE)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let bytes: [u8; SHARE_BYTES] = bytes.try_into().map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
        Ok(Some(Share(bytes)))
    }

    /// This installation's share; made, if it has none.
    ///
    /// # Errors
    /// It can't be read or made.
    pub(super) fn share_or_new(&self) -> io::Result<Share> {
        if let Some(share) = self.share()? {
            return Ok(share);
        }
        self.make()?;
        let mut bytes = [0; SHARE_BYTES];
        getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
        let mut file = tempfile::Builder::new().prefix(SHARE).tempfile_in(&self.0)?;
        file.write_all(&bytes)?;
        file.as_file().sync_all()?;
        match file.persist_noclobber(self.0.join(SHARE)) {
            Ok(_) => Ok(Share(bytes)),
            // Another program of the same person was quicker.
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                self.share()?.ok_or_else(|| io::ErrorKind::NotFound.into())
            }
            Err(error) => Err(error.error),
        }
    }
}

impl Kept {
    fn read(path: &Path) -> io::Result<Self> {
        let mut file = fs::File::open(path)?;
        let mut bytes = [0; FILE_HEADER_BYTES];
        file.read_exact(&mut bytes)?;
        let header = FileHeader::parse(&bytes).map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
        Ok(Self { path: path.to_owned(), header, bytes: file.metadata()?.len() })
    }
}

fn private() -> fs::OpenOptions {
    let mut options = fs::OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
