//! What keeps the broker or its command line from working, told to a person:
//! what is wrong and what to do, in German or English.

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
    /// The password is not accepted.
    BadPassword(crate::accounts::BadPassword),
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

    fn english(&self) -> String {
        match self {
            Self::PortInUse { address } => {
                format!("Another program listens on {address} already. Stop it, or choose another port with --listen.")
            }
            Self::Listen { address, why } => format!(
                "Can't listen on {address}: {why}. Give an address of this machine and a port with --listen, for example 0.0.0.0:7443; ports below 1024 need the right to use them."
            ),
            Self::DataDir { path, why } => format!(
                "Can't use the data folder {}: {why}. Check that it belongs to the user who runs the broker, or choose another one with --data.",
                path.display()
            ),
            Self::DiskFull { path } => format!(
                "No space is left for the data folder {}. Free some space or choose another folder with --data, then start again.",
                path.display()
            ),
            Self::AlreadyRunning { path } => format!(
                "Another broker runs on the data folder {} already. Stop it first, or choose another folder with --data.",
                path.display()
            ),
            Self::Damaged { path } => format!(
                "{} is damaged. Bring it back from a backup; or move it away to start with a new one (accounts or the pin that programs know are lost then).",
                path.display()
            ),
            Self::NewerDatabase { path } => format!(
                "{} was written by a newer version of this program. Install that version again.",
                path.display()
            ),
            Self::Store { why } => {
                format!("The database can't be used: {why}. Check free space and rights of the data folder.")
            }
            Self::System { why } => {
                format!("The system refused the broker's start: {why}. Check its limits for this user.")
            }
            Self::Keys { why } => format!("Keys could not be made: {why}."),
            Self::BadName => "A name has 1 to 64 characters and no blanks.".to_owned(),
            Self::NameTaken { name } => format!(
                "There is an advisor \"{name}\" already. For a new password: mitblick-broker advisor password {name}"
            ),
            Self::NoSuchAdvisor { name } => {
                format!("There is no advisor \"{name}\". To see all: mitblick-broker advisor list")
            }
            Self::BadPassword(why) => match why {
                crate::accounts::BadPassword::TooShort => {
                    "The password is too short: at least 12 characters.".to_owned()
                }
                crate::accounts::BadPassword::TooLong => "The password is too long: at most 512 bytes.".to_owned(),
                crate::accounts::BadPassword::ContainsName => {
                    "The password must not contain the name, not even backwards or with digits for letters.".to_owned()
                }
            },
            Self::Password { why } => format!("The password could not be read or processed: {why}."),
        }
    }

    fn german(&self) -> String {
        match self {
            Self::PortInUse { address } => format!(
                "Auf {address} lauscht schon ein anderes Programm. Beenden Sie es oder wählen Sie mit --listen einen anderen Port."
            ),
            Self::Listen { address, why } => format!(
                "Auf {address} kann nicht gelauscht werden: {why}. Geben Sie mit --listen eine Adresse dieses Rechners und einen Port an, zum Beispiel 0.0.0.0:7443; Ports unter 1024 brauchen ein besonderes Recht."
            ),
            Self::DataDir { path, why } => format!(
                "Der Datenordner {} ist nicht benutzbar: {why}. Prüfen Sie, ob er dem Benutzer des Brokers gehört, oder wählen Sie mit --data einen anderen.",
                path.display()
            ),
            Self::DiskFull { path } => format!(
                "Für den Datenordner {} ist kein Speicherplatz mehr frei. Schaffen Sie Platz oder wählen Sie mit --data einen anderen Ordner und starten Sie erneut.",
                path.display()
            ),
            Self::AlreadyRunning { path } => format!(
                "Auf dem Datenordner {} läuft schon ein Broker. Beenden Sie ihn zuerst oder wählen Sie mit --data einen anderen Ordner.",
                path.display()
            ),
            Self::Damaged { path } => format!(
                "{} ist beschädigt. Stellen Sie die Datei aus einer Sicherung wieder her; oder verschieben Sie sie, um mit einer neuen zu beginnen (Konten oder die den Programmen bekannte Kennung gehen dann verloren).",
                path.display()
            ),
            Self::NewerDatabase { path } => format!(
                "{} wurde von einer neueren Version dieses Programms geschrieben. Installieren Sie diese Version wieder.",
                path.display()
            ),
            Self::Store { why } => format!(
                "Die Datenbank ist nicht benutzbar: {why}. Prüfen Sie freien Platz und Rechte des Datenordners."
            ),
            Self::System { why } => {
                format!("Das System hat den Start des Brokers verweigert: {why}. Prüfen Sie seine Grenzen für diesen Benutzer.")
            }
            Self::Keys { why } => format!("Schlüssel konnten nicht erzeugt werden: {why}."),
            Self::BadName => "Ein Name hat 1 bis 64 Zeichen und keine Leerzeichen.".to_owned(),
            Self::NameTaken { name } => format!(
                "Den Berater „{name}“ gibt es schon. Für ein neues Passwort: mitblick-broker advisor password {name}"
            ),
            Self::NoSuchAdvisor { name } => {
                format!("Den Berater „{name}“ gibt es nicht. Alle zeigt: mitblick-broker advisor list")
            }
            Self::BadPassword(why) => match why {
                crate::accounts::BadPassword::TooShort => "Das Passwort ist zu kurz: mindestens 12 Zeichen.".to_owned(),
                crate::accounts::BadPassword::TooLong => "Das Passwort ist zu lang: höchstens 512 Bytes.".to_owned(),
                crate::accounts::BadPassword::ContainsName => {
                    "Das Passwort darf den Namen nicht enthalten, auch nicht rückwärts oder mit Ziffern statt Buchstaben.".to_owned()
                }
            },
            Self::Password { why } => format!("Das Passwort konnte nicht gelesen oder verarbeitet werden: {why}."),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.english())
    }
}

impl std::error::Error for Problem {}
