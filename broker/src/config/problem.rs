//! What is wrong with a file of settings, told to a person.

use crate::problem::Language;
use std::path::PathBuf;

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigFault {
    /// The file can't be read; the system's word.
    Unreadable(String),
    /// The format refuses it; the library's word.
    Syntax(String),
    /// The number is too small or too large.
    OutOfRange {
        /// Smallest that is allowed.
        least: u32,
        /// Largest that is allowed.
        most: u32,
    },
    /// It is no address with a port.
    NoAddress,
    /// It is no host name or address.
    NoHost,
    /// It is empty, too long or has control characters.
    NoWords,
    /// It is no folder.
    NoFolder,
    /// It is no place for messages of syslog.
    NoSyslog,
    /// It is no level of the log.
    NoLevel,
    /// It needs the other setting too.
    Alone(&'static str),
    /// It can't be there beside the other setting.
    NotBoth(&'static str),
    /// It is no file.
    NoFile,
    /// It is no public key of minisign.
    NoMinisignKey,
    /// It is no mail address.
    NoMail,
    /// It is no address that begins with `https://`.
    NoHttps,
}

/// A fault and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigProblem {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1.
    pub line: Option<usize>,
    /// The setting.
    pub key: String,
    /// What is wrong.
    pub fault: ConfigFault,
}

impl ConfigProblem {
    /// The text for the person.
    pub fn text(&self, language: Language) -> String {
        let path = self.path.display();
        let word = match language {
            Language::English => "line",
            Language::German => "Zeile",
        };
        let line = self.line.map(|line| format!(", {word} {line}")).unwrap_or_default();
        let key = if self.key.is_empty() { String::new() } else { format!(", {}", self.key) };
        let (what, to_do) = match language {
            Language::English => self.english(),
            Language::German => self.german(),
        };
        format!("{path}{line}{key}: {what}. {to_do}")
    }

    fn english(&self) -> (String, &'static str) {
        const EXAMPLE: &str = "All settings with their meaning: mitblick-broker config example";
        match &self.fault {
            ConfigFault::Unreadable(why) => {
                (format!("can't be read: {why}"), "Check the path and the rights of the broker's user.")
            }
            ConfigFault::Syntax(why) => (why.clone(), EXAMPLE),
            ConfigFault::OutOfRange { least, most } => {
                (format!("the number must be between {least} and {most}"), "Change it or remove the line.")
            }
            ConfigFault::NoAddress => {
                ("this is no address with a port".to_owned(), "Write it like \"0.0.0.0:7443\" or \"[::]:7443\".")
            }
            ConfigFault::NoHost => (
                "this is no host name or address".to_owned(),
                "Write it like \"broker.example\", without a port and without https://.",
            ),
            ConfigFault::NoWords => (
                "the text must have 1 to 80 characters, all of them visible".to_owned(),
                "Change it or remove the line.",
            ),
            ConfigFault::NoFolder => (
                "there is no such folder".to_owned(),
                "Make the folder, or correct the path. Relative paths begin at this file.",
            ),
            ConfigFault::NoSyslog => (
                "this is no place for messages of syslog".to_owned(),
                "Write it like \"unix:/dev/log\", \"udp:log.example:514\" or \"tcp:log.example:601\".",
            ),
            ConfigFault::NoLevel => {
                ("there is no such level".to_owned(), "Choose one of error, warn, info, debug, trace.")
            }
            ConfigFault::Alone(other) => (format!("{other} is missing"), "Give it too, or remove this line."),
            ConfigFault::NotBoth(other) => (format!("it can't stand beside {other}"), "Remove one of the two."),
            ConfigFault::NoFile => {
                ("there is no such file".to_owned(), "Check the path and the rights of the broker's user.")
            }
            ConfigFault::NoMinisignKey => (
                "this is no public key of minisign".to_owned(),
                "Give the second line of the file that minisign -G wrote, which begins with RW.",
            ),
            ConfigFault::NoMail => ("this is no mail address".to_owned(), "Give one like admin@example.com."),
            ConfigFault::NoHttps => (
                "this is no address that begins with https://".to_owned(),
                "Give the directory that your authority names.",
            ),
        }
    }

    fn german(&self) -> (String, &'static str) {
        const EXAMPLE: &str = "Alle Einstellungen mit ihrer Bedeutung: mitblick-broker config example";
        match &self.fault {
            ConfigFault::Unreadable(why) => {
                (format!("nicht lesbar: {why}"), "Prüfen Sie den Pfad und die Rechte des Broker-Benutzers.")
            }
            ConfigFault::Syntax(why) => (why.clone(), EXAMPLE),
            ConfigFault::OutOfRange { least, most } => {
                (format!("die Zahl muss zwischen {least} und {most} liegen"), "Ändern oder entfernen Sie die Zeile.")
            }
            ConfigFault::NoAddress => (
                "das ist keine Adresse mit Port".to_owned(),
                "Schreiben Sie sie wie \"0.0.0.0:7443\" oder \"[::]:7443\".",
            ),
            ConfigFault::NoHost => (
                "das ist kein Rechnername und keine Adresse".to_owned(),
                "Schreiben Sie ihn wie \"broker.example\", ohne Port und ohne https://.",
            ),
            ConfigFault::NoWords => {
                ("der Text muss 1 bis 80 sichtbare Zeichen haben".to_owned(), "Ändern oder entfernen Sie die Zeile.")
            }
            ConfigFault::NoFolder => (
                "diesen Ordner gibt es nicht".to_owned(),
                "Legen Sie ihn an oder berichtigen Sie den Pfad. Relative Pfade beginnen bei dieser Datei.",
            ),
            ConfigFault::NoSyslog => (
                "das ist kein Ort für Syslog-Meldungen".to_owned(),
                "Schreiben Sie ihn wie \"unix:/dev/log\", \"udp:log.example:514\" oder \"tcp:log.example:601\".",
            ),
            ConfigFault::NoLevel => {
                ("diese Stufe gibt es nicht".to_owned(), "Wählen Sie error, warn, info, debug oder trace.")
            }
            ConfigFault::Alone(other) => {
                (format!("{other} fehlt"), "Geben Sie sie auch an oder entfernen Sie diese Zeile.")
            }
            ConfigFault::NotBoth(other) => {
                (format!("das geht nicht neben {other}"), "Entfernen Sie eine der beiden Einstellungen.")
            }
            ConfigFault::NoFile => {
                ("diese Datei gibt es nicht".to_owned(), "Prüfen Sie den Pfad und die Rechte des Broker-Benutzers.")
            }
            ConfigFault::NoMinisignKey => (
                "das ist kein öffentlicher Schlüssel von minisign".to_owned(),
                "Geben Sie die zweite Zeile der Datei an, die minisign -G geschrieben hat; sie beginnt mit RW.",
            ),
            ConfigFault::NoMail => ("das ist keine Mailadresse".to_owned(), "Geben Sie eine wie admin@example.com an."),
            ConfigFault::NoHttps => (
                "das ist keine Adresse, die mit https:// beginnt".to_owned(),
                "Geben Sie das Verzeichnis an, das Ihre Zertifizierungsstelle nennt.",
            ),
        }
    }
}
