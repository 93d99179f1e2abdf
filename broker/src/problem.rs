//! What keeps the broker or its command line from working, told to a person:
//! what is wrong and what to do, in German or English.

mod english;
mod german;

use crate::{
    accounts::BadPassword, audit::Fault, backup::BackupFault, certificate::CertificateFault, config::ConfigProblem,
    images::BadImage, rules::BadValue,
};
use std::{
    env, fmt, io,
    net::SocketAddr,
    path::{Path, PathBuf},
};

/// The person's language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// German.
    German,
}

impl Language {
    /// What the environment asks for, by the usual order of variables.
    pub fn of_environment() -> Self {
        let set = |name| env::var(name).ok().filter(|value: &String| !value.is_empty());
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set);
        if locale.is_some_and(|locale| locale.starts_with("de")) { Self::German } else { Self::English }
    }
}

/// Why a file holds no picture that can be used.
#[derive(Debug)]
pub enum PictureFault {
    /// It can't be read; the system's word.
    Unreadable(String),
    /// It is no picture that can be kept.
    Bad(BadImage),
}

/// A problem for a person.
#[derive(Debug)]
pub enum Problem {
    /// The address can't be listened on because it is in use.
    PortInUse {
        /// The address.
        address: SocketAddr,
    },
    /// The address can't be listened on.
    Listen {
        /// What was given.
        address: String,
        /// The system's word.
        why: String,
    },
    /// The data folder can't be used.
    DataDir {
        /// The folder.
        path: PathBuf,
        /// The system's word.
        why: String,
    },
    /// No space is left.
    DiskFull {
        /// The folder.
        path: PathBuf,
    },
    /// Another broker runs on the folder.
    AlreadyRunning {
        /// The folder.
        path: PathBuf,
    },
    /// A file is not what it should be.
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// The database is of a newer version.
    NewerDatabase {
        /// The file.
        path: PathBuf,
    },
    /// There is no database where one is to be read.
    NoDatabase {
        /// The folder.
        path: PathBuf,
    },
    /// The store failed.
    Store {
        /// Its word.
        why: String,
    },
    /// The system refused something that every program needs.
    System {
        /// Its word.
        why: String,
    },
    /// Keys could not be made.
    Keys {
        /// The library's word.
        why: String,
    },
    /// The name is none.
    BadName,
    /// The account is there already.
    NameTaken {
        /// The name.
        name: String,
    },
    /// There is no such account.
    NoSuchAdvisor {
        /// The name.
        name: String,
    },
    /// The account is the main user's and can't be removed or demoted.
    IsMainUser {
        /// The name.
        name: String,
    },
    /// There is a main user already.
    MainUserThere,
    /// There is no main user yet.
    NoMainUser,
    /// The paper code is not the one.
    WrongCode,
    /// The paper code came too late.
    CodeExpired,
    /// There is no such workplace, or none that shows this code.
    NoSuchWorkplace,
    /// The code of the second factor is wrong.
    WrongSecondFactor {
        /// Tries before a lock.
        tries_left: u32,
    },
    /// The present password is wrong.
    WrongPassword {
        /// Tries before a lock.
        tries_left: u32,
    },
    /// No password is looked at for a while.
    Locked {
        /// For how long, in seconds.
        wait_s: u64,
    },
    /// The initial password came too late.
    InitialExpired {
        /// The account.
        name: String,
    },
    /// The password was changed meanwhile.
    OtherPassword {
        /// The account.
        name: String,
    },
    /// The account is blocked.
    Blocked {
        /// The account.
        name: String,
    },
    /// The audit trail is not whole.
    AuditFault {
        /// What is wrong.
        fault: Fault,
    },
    /// A file with a head of the audit trail can't be used.
    HeadFile {
        /// The file.
        path: PathBuf,
        /// The reason.
        why: String,
    },
    /// An export could not be written.
    Export {
        /// The reason.
        why: String,
    },
    /// A backup can't be made or used.
    Backup {
        /// The archive, or the folder to restore into.
        path: PathBuf,
        /// What is wrong.
        fault: BackupFault,
    },
    /// A file of settings is wrong.
    Config(ConfigProblem),
    /// A given certificate or its key can't be used.
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        fault: CertificateFault,
    },
    /// A program for the company's page can't be offered.
    Downloads {
        /// The file or folder.
        path: PathBuf,
        /// The system's word.
        why: String,
    },
    /// There is no rule of this name.
    NoSuchRule {
        /// What was typed.
        key: String,
    },
    /// A rule can't have this value.
    RuleValue {
        /// The rule's name.
        key: &'static str,
        /// What it takes.
        wants: BadValue,
    },
    /// The rules were changed by somebody else at the same time.
    RulesChanged,
    /// The file holds no picture that can be used.
    Picture {
        /// The file.
        path: PathBuf,
        /// Why not.
        why: PictureFault,
    },
    /// The new password was typed in two ways.
    NotTheSame,
    /// The password is not accepted.
    BadPassword(BadPassword),
    /// The password could not be read or hashed.
    Password {
        /// The system's word.
        why: String,
    },
}

impl Problem {
    pub(crate) fn data_dir(path: &Path, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { path: path.to_owned() },
            _ => Self::DataDir { path: path.to_owned(), why: error.to_string() },
        }
    }

    pub(crate) fn damaged(path: PathBuf) -> Self {
        Self::Damaged { path }
    }

    pub(crate) fn keys(error: impl fmt::Display) -> Self {
        Self::Keys { why: error.to_string() }
    }

    pub(crate) fn listen(address: SocketAddr, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::AddrInUse => Self::PortInUse { address },
            _ => Self::Listen { address: address.to_string(), why: error.to_string() },
        }
    }

    /// The text for the person.
    pub fn text(&self, language: Language) -> String {
        match language {
            Language::English => self.english(),
            Language::German => self.german(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.english())
    }
}

impl std::error::Error for Problem {}
