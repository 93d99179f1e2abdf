//! The customer's programs, each packed with the broker's address beside it,
//! so that the customer types the number only.
//!
//! A program lies in the folder of the settings under a name that tells
//! version, system and machine:
//! `mitblick-customer-VERSION-SYSTEM-MACHINE`, with `.exe` for Windows. The
//! archives are made once, at the start and at a reload, and are the same
//! bytes every time, so that their hashes can be published.
//!
//! With the release key in the settings a program is offered only if its
//! signature lies beside it under the program's name and `.minisig`, and is
//! right for the very bytes that are offered.

use crate::{
    audit::hex_text,
    problem::Problem,
    release_key::{ENDING, MAX_SIGNATURE_BYTES, ReleaseKey, Unsigned},
};
use axum::body::Bytes;
use mitblick_protocol::wire::ADDRESS_FILE;
use sha2::{Digest, Sha256};
use std::{
    fs,
    io::{self, Cursor, Read, Write},
    path::Path,
};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

const PROGRAM: &str = "mitblick-customer";
/// Larger files are no programs of ours.
const MAX_PROGRAM_BYTES: u64 = 256 * 1024 * 1024;
/// More than one of each kind need not be kept in memory.
const MAX_PROGRAMS: usize = 16;

/// For which system a program is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum System {
    Windows,
    Macos,
    Linux,
}

impl System {
    fn from_name(name: &str) -> Option<Self> {
        match name {
            "windows" => Some(Self::Windows),
            "macos" => Some(Self::Macos),
            "linux" => Some(Self::Linux),
            _ => None,
        }
    }

    /// Its name for people.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Windows => "Windows",
            Self::Macos => "macOS",
            Self::Linux => "Linux",
        }
    }

    /// What a browser says that it runs on. Telephones run none of ours.
    pub(super) fn of_browser(user_agent: &str) -> Option<Self> {
        if user_agent.contains("Android") || user_agent.contains("iPhone") || user_agent.contains("iPad") {
            None
        } else if user_agent.contains("Windows") {
            Some(Self::Windows)
        } else if user_agent.contains("Mac OS X") {
            Some(Self::Macos)
        } else if user_agent.contains("Linux") || user_agent.contains("X11") {
            Some(Self::Linux)
        } else {
            None
        }
    }
}

/// What a file's name tells.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Name {
    version: String,
    system: System,
    machine: String,
}

impl Name {
    fn parse(name: &str) -> Option<Self> {
        let rest = name.strip_prefix(PROGRAM)?.strip_prefix('-')?;
        let rest = rest.strip_suffix(".exe").unwrap_or(rest);
        let (rest, machine) = rest.rsplit_once('-')?;
        let (version, system) = rest.rsplit_once('-')?;
        let plain = |text: &str| {
            (1..=32).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || "._+-".contains(c))
        };
        let system = System::from_name(system)?;
        (plain(version) && plain(machine)).then(|| Self {
            version: version.to_owned(),
            system,
            machine: machine.to_owned(),
        })
    }
}

/// A program that is offered.
#[derive(Clone, Debug)]
pub(super) struct Download {
    /// Name of the archive.
    pub(super) file: String,
    pub(super) version: String,
    pub(super) system: System,
    /// Kind of machine, like `x86_64`.
    pub(super) machine: String,
    /// The archive.
    pub(super) bytes: Bytes,
    /// Its hash, in hexadecimal digits.
    pub(super) sha256: String,
    /// Name of the program in it.
    pub(super) program: &'static str,
    /// The hash of the program in it: what its maker publishes.
    pub(super) program_sha256: String,
    /// Its signature, if the settings have a key; checked.
    pub(super) signature: Option<Detached>,
}

/// The signature of a program, as a file of its own.
#[derive(Clone, Debug)]
pub(super) struct Detached {
    /// Name of the file.
    pub(super) file: String,
    /// What is in it.
    pub(super) text: String,
}

/// A program that is not offered because of its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    /// Name of the file.
    pub(crate) file: String,
    /// Why.
    pub(crate) why: Unsigned,
}

/// All that is offered.
#[derive(Clone, Debug, Default)]
pub(super) struct Downloads {
    pub(super) all: Vec<Download>,
    /// Files in the folder whose names tell nothing.
    pub(super) passed_over: u64,
    /// Programs whose signatures are not right.
    pub(super) refused: Vec<Refused>,
}

impl Downloads {
    /// Reads, checks and packs.
    ///
    /// # Errors
    /// The folder or a program in it can't be read.
    pub(super) fn read(folder: &Path, key: Option<&ReleaseKey>, connect_string: &str) -> Result<Self, Problem> {
        let unreadable =
            |path: &Path, error: &io::Error| Problem::Downloads { path: path.to_owned(), why: error.to_string() };
        let mut downloads = Self::default();
        let mut entries = fs::read_dir(folder)
            .and_then(Iterator::collect::<io::Result<Vec<_>>>)
            .map_err(|error| unreadable(folder, &error))?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            if path.to_str().is_some_and(|path| path.ends_with(ENDING)) {
                continue;
            }
            let is_program = fs::metadata(&path).is_ok_and(|found| found.is_file() && found.len() <= MAX_PROGRAM_BYTES);
            let name = entry.file_name().to_str().and_then(Name::parse).filter(|_| is_program);
            let room = downloads.all.len() + downloads.refused.len() < MAX_PROGRAMS;
            match name.filter(|_| room) {
                Some(name) => {
                    let file = entry.file_name().to_string_lossy().into_owned();
                    let program = fs::read(&path).map_err(|error| unreadable(&path, &error))?;
                    match key.map(|key| checked(key, &path, &file, &program)).transpose() {
                        Ok(signature) => {
                            let packed = pack(name, &program, signature, connect_string);
                            downloads.all.push(packed.map_err(|error| unreadable(&path, &error))?);
                        }
                        Err(why) => {
                            tracing::error!(file, reason = %why, "not offered");
                            downloads.refused.push(Refused { file, why });
                        }
                    }
                }
                None => {
                    tracing::warn!(file = ?entry.file_name(), "not offered: the name does not tell version, system and machine");
                    downloads.passed_over += 1;
                }
            }
        }
        downloads.all.sort_by_cached_key(|download| age(&download.version));
        Ok(downloads)
    }

    /// The one that is likely meant for this browser.
    pub(super) fn likely(&self, user_agent: &str) -> Option<&Download> {
        let system = System::of_browser(user_agent)?;
        let arm = user_agent.contains("aarch64") || user_agent.contains("arm64");
        let fits = |download: &&Download| download.system == system;
        let machine = |download: &&Download| matches!(download.machine.as_str(), "aarch64" | "arm64") == arm;
        // The latest version is the last one.
        self.all.iter().rev().find(|download| fits(download) && machine(download))
    }

    pub(super) fn named(&self, file: &str) -> Option<&Download> {
        self.all.iter().find(|download| download.file == file)
    }

    /// The signature of this name.
    pub(super) fn signature(&self, file: &str) -> Option<&Detached> {
        self.all.iter().filter_map(|download| download.signature.as_ref()).find(|signature| signature.file == file)
    }
}

/// The signature beside a program, if it is right.
fn checked(key: &ReleaseKey, path: &Path, file: &str, program: &[u8]) -> Result<String, Unsigned> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(ENDING);
    let mut text = String::new();
    let opened = fs::File::open(&beside).map_err(|_| Unsigned::Missing)?;
    opened.take(MAX_SIGNATURE_BYTES).read_to_string(&mut text).map_err(|_| Unsigned::NotUnderstood)?;
    key.check(file, program, &text)?;
    Ok(text)
}

/// The numbers in a version; a version without a suffix comes after those with
/// one, as a release does after its candidates.
fn age(version: &str) -> (Vec<u64>, bool) {
    let (release, suffix) = version.split_once('-').map_or((version, false), |(release, _)| (release, true));
    (release.split('.').map(|part| part.parse().unwrap_or(0)).collect(), !suffix)
}

fn pack(name: Name, program: &[u8], signature: Option<String>, connect_string: &str) -> io::Result<Download> {
    let inside = match name.system {
        System::Windows => "mitblick-customer.exe",
        System::Macos | System::Linux => "mitblick-customer",
    };
    // The same time every time: the library's beginning of time.
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file(format!("mitblick/{inside}"), options.unix_permissions(0o755))?;
    archive.write_all(program)?;
    archive.start_file(format!("mitblick/{ADDRESS_FILE}"), options.unix_permissions(0o644))?;
    writeln!(archive, "{connect_string}")?;
    let bytes = archive.finish()?.into_inner();
    let system = name.system.name().to_lowercase();
    let stem = format!("mitblick-{}-{system}-{}", name.version, name.machine);
    Ok(Download {
        file: format!("{stem}.zip"),
        signature: signature.map(|text| Detached { file: format!("{stem}{ENDING}"), text }),
        version: name.version,
        system: name.system,
        machine: name.machine,
        sha256: hex_text(&Sha256::digest(&bytes)),
        bytes: bytes.into(),
        program: inside,
        program_sha256: hex_text(&Sha256::digest(program)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn names_tell_version_system_and_machine_or_nothing() {
        let name = Name::parse("mitblick-customer-0.1.0-rc.1-linux-x86_64").unwrap();
        assert_eq!(
            (name.version.as_str(), name.system, name.machine.as_str()),
            ("0.1.0-rc.1", System::Linux, "x86_64")
        );
        assert_eq!(Name::parse("mitblick-customer-2-windows-aarch64.exe").unwrap().system, System::Windows);
        for bad in [
            "mitblick-customer",
            "mitblick-customer-1-linux",
            "mitblick-customer--linux-x86_64",
            "mitblick-customer-1-beos-x86_64",
            "mitblick-advisor-1-linux-x86_64",
            "mitblick-customer-<b>-linux-x86_64",
            "README",
        ] {
            assert_eq!(Name::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_archive_holds_the_program_and_the_brokers_address_and_is_the_same_every_time() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("mitblick-customer-1.0-linux-x86_64"), b"program").unwrap();
        fs::write(dir.path().join("notes.txt"), b"no program").unwrap();
        let read = || Downloads::read(dir.path(), None, "mitblick://a:1#p").unwrap();
        let downloads = read();
        assert_eq!((downloads.all.len(), downloads.passed_over), (1, 1));
        let download = &downloads.all[0];
        assert_eq!(download.file, "mitblick-1.0-linux-x86_64.zip");
        assert_eq!(download.sha256, read().all[0].sha256);
        assert_eq!(download.program_sha256, hex_text(&Sha256::digest(b"program")));
        let mut archive = zip::ZipArchive::new(Cursor::new(download.bytes.to_vec())).unwrap();
        let mut content = |name: &str| {
            let mut file = archive.by_name(name).unwrap();
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();
            (text, file.unix_mode())
        };
        assert_eq!(content("mitblick/mitblick-customer"), ("program".to_owned(), Some(0o100_755)));
        assert_eq!(content("mitblick/mitblick-broker.address").0, "mitblick://a:1#p\n");
    }

    #[test]
    fn a_telephone_is_offered_none_and_a_computer_the_latest_of_its_kind() {
        let dir = tempfile::tempdir().unwrap();
        for name in [
            "0.9-linux-x86_64",
            "0.10-linux-x86_64",
            "0.10-rc.1-linux-x86_64",
            "1.1-linux-aarch64",
            "1.1-windows-x86_64.exe",
        ] {
            fs::write(dir.path().join(format!("mitblick-customer-{name}")), name).unwrap();
        }
        let downloads = Downloads::read(dir.path(), None, "mitblick://a:1#p").unwrap();
        let likely = |agent: &str| downloads.likely(agent).map(|download| download.file.as_str());
        assert_eq!(likely("Mozilla/5.0 (X11; Linux x86_64)"), Some("mitblick-0.10-linux-x86_64.zip"));
        assert_eq!(likely("Mozilla/5.0 (X11; Linux aarch64)"), Some("mitblick-1.1-linux-aarch64.zip"));
        assert_eq!(likely("Mozilla/5.0 (Windows NT 10.0)"), Some("mitblick-1.1-windows-x86_64.zip"));
        assert_eq!(likely("Mozilla/5.0 (Macintosh; Intel Mac OS X)"), None);
        assert_eq!(likely("Mozilla/5.0 (Linux; Android 14)"), None);
    }
}
