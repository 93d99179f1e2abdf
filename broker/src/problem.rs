//! What keeps the broker or its command line from working, told to a person:
//! what is wrong and what to do, in German or English.

use crate::{accounts::BadPassword, audit::Fault, certificate::CertificateFault, config::ConfigProblem};
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

    fn english(&self) -> String {
        match self {
            Self::PortInUse { address } => {
                format!("Another program listens on {address} already. Stop it, or choose another port with --listen, for the admin pages with --admin-listen.")
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
            Self::IsMainUser { name } => format!(
                "\"{name}\" is the main user. Hand that over first: mitblick-broker main-user hand-over OTHER"
            ),
            Self::MainUserThere => {
                "There is a main user already. To make another account the main user: mitblick-broker main-user hand-over NAME".to_owned()
            }
            Self::NoMainUser => {
                "There is no main user yet. To make one: mitblick-broker main-user code".to_owned()
            }
            Self::WrongCode => {
                "The code is wrong or was used. Compare it with the paper, or make another one: mitblick-broker main-user code".to_owned()
            }
            Self::CodeExpired => "The code has expired. Make another one: mitblick-broker main-user code".to_owned(),
            Self::WrongPassword { tries_left } => {
                format!("The present password is wrong. Tries left before a lock: {tries_left}.")
            }
            Self::Locked { wait_s } => format!(
                "After several wrong passwords none is looked at for a while. Try again in {} min.",
                wait_s.div_ceil(60)
            ),
            Self::InitialExpired { name } => format!(
                "The initial password has expired. Ask for another one, which an admin makes with: mitblick-broker advisor password {name}"
            ),
            Self::AuditFault { fault } => format!(
                "The audit trail is not whole: {}. Keep a copy of the data folder, find out who could write there, and compare with a backup.",
                fault_english(*fault)
            ),
            Self::HeadFile { path, why } => format!(
                "{} can't be read as a head of the audit trail: {why}. Give a file that --audit-head or 'mitblick-broker audit head' has written.",
                path.display()
            ),
            Self::Export { why } => {
                format!("The export could not be written: {why}. Check free space where standard output goes.")
            }
            Self::Config(problem) => problem.text(Language::English),
            Self::Certificate { path, fault } => fault.text(path, Language::English),
            Self::Downloads { path, why } => format!(
                "Can't read {}: {why}. The broker's user must be able to read the folder of company.downloads and what is in it.",
                path.display()
            ),
            Self::NotTheSame => "The new password was typed in two different ways. Start again.".to_owned(),
            Self::BadPassword(why) => bad_password_english(*why).to_owned(),
            Self::Password { why } => format!("The password could not be read or processed: {why}."),
        }
    }

    fn german(&self) -> String {
        match self {
            Self::PortInUse { address } => format!(
                "Auf {address} lauscht schon ein anderes Programm. Beenden Sie es oder wählen Sie einen anderen Port, mit --listen oder für die Verwaltungsseiten mit --admin-listen."
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
            Self::IsMainUser { name } => format!(
                "„{name}“ ist der Hauptbenutzer. Übergeben Sie das zuerst: mitblick-broker main-user hand-over ANDERER"
            ),
            Self::MainUserThere => {
                "Es gibt schon einen Hauptbenutzer. So wird es ein anderes Konto: mitblick-broker main-user hand-over NAME".to_owned()
            }
            Self::NoMainUser => {
                "Es gibt noch keinen Hauptbenutzer. So legen Sie ihn an: mitblick-broker main-user code".to_owned()
            }
            Self::WrongCode => {
                "Der Code ist falsch oder schon benutzt. Vergleichen Sie ihn mit dem Papier oder erzeugen Sie einen neuen: mitblick-broker main-user code".to_owned()
            }
            Self::CodeExpired => {
                "Der Code ist abgelaufen. Erzeugen Sie einen neuen: mitblick-broker main-user code".to_owned()
            }
            Self::WrongPassword { tries_left } => {
                format!("Das bisherige Passwort ist falsch. Versuche bis zu einer Sperre: {tries_left}.")
            }
            Self::Locked { wait_s } => format!(
                "Nach mehreren falschen Passwörtern wird eine Weile keines geprüft. Versuchen Sie es in {} Min. wieder.",
                wait_s.div_ceil(60)
            ),
            Self::InitialExpired { name } => format!(
                "Das Anfangspasswort ist abgelaufen. Bitten Sie um ein neues; ein Verwalter erzeugt es mit: mitblick-broker advisor password {name}"
            ),
            Self::AuditFault { fault } => format!(
                "Das Protokoll ist nicht unversehrt: {}. Bewahren Sie eine Kopie des Datenordners auf, klären Sie, wer dort schreiben konnte, und vergleichen Sie mit einer Sicherung.",
                fault_german(*fault)
            ),
            Self::HeadFile { path, why } => format!(
                "{} ist nicht als Kopf des Protokolls lesbar: {why}. Geben Sie eine Datei an, die --audit-head oder „mitblick-broker audit head“ geschrieben hat.",
                path.display()
            ),
            Self::Export { why } => format!(
                "Der Export konnte nicht geschrieben werden: {why}. Prüfen Sie den freien Platz am Ziel der Standardausgabe."
            ),
            Self::Config(problem) => problem.text(Language::German),
            Self::Certificate { path, fault } => fault.text(path, Language::German),
            Self::Downloads { path, why } => format!(
                "{} ist nicht lesbar: {why}. Der Benutzer des Brokers muss den Ordner aus company.downloads und was darin liegt lesen dürfen.",
                path.display()
            ),
            Self::NotTheSame => {
                "Das neue Passwort wurde auf zwei verschiedene Arten getippt. Beginnen Sie noch einmal.".to_owned()
            }
            Self::BadPassword(why) => bad_password_german(*why).to_owned(),
            Self::Password { why } => format!("Das Passwort konnte nicht gelesen oder verarbeitet werden: {why}."),
        }
    }
}

fn fault_english(fault: Fault) -> String {
    match fault {
        Fault::Missing(seq) => format!("entry {seq} is missing"),
        Fault::Changed(seq) => format!("entry {seq} was changed or moved"),
        Fault::NotCovered(seq) => format!("entry {seq} was added without the broker's key"),
        Fault::BadSignature => "the head is not signed with the broker's key (audit.key)".to_owned(),
        Fault::Rewritten(seq) => format!("up to entry {seq} it is not the trail whose head was kept elsewhere"),
    }
}

fn fault_german(fault: Fault) -> String {
    match fault {
        Fault::Missing(seq) => format!("Eintrag {seq} fehlt"),
        Fault::Changed(seq) => format!("Eintrag {seq} wurde verändert oder verschoben"),
        Fault::NotCovered(seq) => format!("Eintrag {seq} wurde ohne den Schlüssel des Brokers angefügt"),
        Fault::BadSignature => "der Kopf ist nicht mit dem Schlüssel des Brokers (audit.key) unterschrieben".to_owned(),
        Fault::Rewritten(seq) => {
            format!("bis Eintrag {seq} ist es nicht das Protokoll, dessen Kopf anderswo aufbewahrt wurde")
        }
    }
}

fn bad_password_english(why: BadPassword) -> &'static str {
    match why {
        BadPassword::TooShort => "The password is too short: at least 15 characters.",
        BadPassword::TooLong => "The password is too long: at most 128 characters.",
        BadPassword::ContainsName => {
            "The password must not contain the name, not even backwards or with digits for letters."
        }
        BadPassword::UsedBefore => "The account had this password before. Choose one that it never had.",
        BadPassword::Common => {
            "The password is among the first that are guessed: common words, names, dates, rows of keys or repetitions. Choose several words that have nothing to do with each other."
        }
    }
}

fn bad_password_german(why: BadPassword) -> &'static str {
    match why {
        BadPassword::TooShort => "Das Passwort ist zu kurz: mindestens 15 Zeichen.",
        BadPassword::TooLong => "Das Passwort ist zu lang: höchstens 128 Zeichen.",
        BadPassword::ContainsName => {
            "Das Passwort darf den Namen nicht enthalten, auch nicht rückwärts oder mit Ziffern statt Buchstaben."
        }
        BadPassword::UsedBefore => "Dieses Passwort hatte das Konto schon. Wählen Sie eines, das es noch nie hatte.",
        BadPassword::Common => {
            "Das Passwort gehört zu denen, die zuerst geraten werden: häufige Wörter, Namen, Daten, Tastenreihen oder Wiederholungen. Wählen Sie mehrere Wörter, die nichts miteinander zu tun haben."
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.english())
    }
}

impl std::error::Error for Problem {}
