//! `broker.toml`: what an admin may set, read and checked whole before
//! anything is used.
//!
//! The file is optional and so is every line of it. Options on the command
//! line win over it. Where a setting is wrong, the [`ConfigProblem`] names
//! file, line and key and says what to do. The folder for keys and database is
//! no setting: all commands must find the same one, and take `--data`.

mod problem;
#[cfg(test)]
mod tests;

pub use problem::{ConfigFault, ConfigProblem};

use crate::{
    acme::{AcmeConfig, DEFAULT_DIRECTORY},
    backup::Plan,
    certificate::CertificateFiles,
    limits::Policy,
    problem::Problem,
    release_key::ReleaseKey,
    server::Config,
    syslog::Target,
    workplaces::NewWorkplaces,
};
use serde::Deserialize;
use std::{
    fs, io,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    time::Duration,
};
use toml::Spanned;

/// A file with every setting, its default and what it does.
pub const EXAMPLE: &str = include_str!("config/broker.toml");

/// Name of the file in the data folder that is read if none is named.
pub const FILE: &str = "broker.toml";

/// How long a number may wait, in seconds.
pub const NUMBER_SECONDS: RangeInclusive<u32> = 5..=3_600;
/// How long after a cut a session may go on, in seconds.
pub const RESUME_SECONDS: RangeInclusive<u32> = 1..=120;
/// How long a stop may wait for sessions, in seconds: never unlimited.
pub const DRAIN_SECONDS: RangeInclusive<u32> = 0..=1_800;
/// From one backup to the next, in hours.
pub const BACKUP_HOURS: RangeInclusive<u32> = 1..=8_760;
/// Backups that stay.
pub const BACKUPS_KEPT: RangeInclusive<u32> = 1..=10_000;
/// Days that entries of the audit trail stay.
pub const AUDIT_DAYS: RangeInclusive<u32> = 30..=36_500;
const COUNT: RangeInclusive<u32> = 1..=1_000_000;

/// The file as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    relay: Relay,
    company: Company,
    tls: Tls,
    acme: AcmeTable,
    admin: Admin,
    limits: Limits,
    audit: Audit,
    accounts: Accounts,
    backup: Backup,
    log: Log,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Relay {
    listen: Option<Spanned<String>>,
    public_host: Option<Spanned<String>>,
    number_seconds: Option<Spanned<u32>>,
    resume_seconds: Option<Spanned<u32>>,
    drain_seconds: Option<Spanned<u32>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Company {
    name: Option<Spanned<String>>,
    downloads: Option<Spanned<PathBuf>>,
    minisign_key: Option<Spanned<String>>,
    telephone: Option<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Tls {
    certificate: Option<Spanned<PathBuf>>,
    key: Option<Spanned<PathBuf>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct AcmeTable {
    domain: Option<Spanned<String>>,
    contact: Option<Spanned<String>>,
    directory: Option<Spanned<String>>,
    root: Option<Spanned<PathBuf>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Admin {
    listen: Option<Spanned<String>>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Preset {
    Default,
    Relaxed,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Limits {
    preset: Option<Preset>,
    joins_per_minute: Option<Spanned<u32>>,
    joins_per_hour: Option<Spanned<u32>>,
    wrong_numbers_per_hour: Option<Spanned<u32>>,
    failed_joins_per_minute: Option<Spanned<u32>>,
    connections_per_address: Option<Spanned<u32>>,
    handshakes_per_second: Option<Spanned<u32>>,
    numbers_per_hour: Option<Spanned<u32>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Audit {
    head_file: Option<PathBuf>,
    keep_days: Option<Spanned<u32>>,
    syslog: Option<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Accounts {
    new_workplaces: NewWorkplaces,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Backup {
    folder: Option<Spanned<PathBuf>>,
    every_hours: Option<Spanned<u32>>,
    keep: Option<Spanned<u32>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Log {
    level: Option<Spanned<String>>,
}

/// Where the admin pages listen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AdminListen {
    /// On loopback, at the port after the relay's, or at any free one if the
    /// relay's is any free one.
    #[default]
    NextPort,
    /// At this address, `host:port`.
    At(String),
    /// Nowhere.
    Off,
}

impl AdminListen {
    /// From `off` or `host:port`.
    ///
    /// # Errors
    /// It is something else.
    pub fn parse(text: &str) -> Result<Self, ConfigFault> {
        if text == "off" { Ok(Self::Off) } else { address(text).map(Self::At) }
    }
}

/// The settings of a file, checked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    listen: Option<String>,
    public_host: Option<String>,
    organisation: Option<String>,
    number_life: Option<Duration>,
    rejoin_window: Option<Duration>,
    drain: Option<Duration>,
    downloads: Option<PathBuf>,
    release_key: Option<ReleaseKey>,
    telephone: Option<String>,
    certificate: Option<CertificateFiles>,
    acme: Option<AcmeConfig>,
    admin: Option<AdminListen>,
    limits: Policy,
    audit_head: Option<PathBuf>,
    audit_keep_days: Option<u32>,
    audit_syslog: Option<Target>,
    new_workplaces: NewWorkplaces,
    backup: Option<Plan>,
    /// What is logged.
    pub log_level: Option<String>,
}

impl Settings {
    /// Reads the file that was named, else the one in the data folder, if it
    /// is there.
    ///
    /// # Errors
    /// It can't be read, or something in it is wrong.
    pub fn find(named: Option<&Path>, data: &Path) -> Result<Self, Problem> {
        let path = named.map_or_else(|| data.join(FILE), Path::to_owned);
        match fs::read_to_string(&path) {
            Ok(text) => Self::parse(&path, &text).map_err(Problem::Config),
            Err(error) if named.is_none() && missing(&error) => Ok(Self::default()),
            Err(error) => Err(Problem::Config(ConfigProblem {
                path,
                line: None,
                key: String::new(),
                fault: ConfigFault::Unreadable(error.to_string()),
            })),
        }
    }

    /// Reads a file's text.
    ///
    /// # Errors
    /// Something in it is wrong.
    pub fn parse(path: &Path, text: &str) -> Result<Self, ConfigProblem> {
        let reader = Reader { path, text };
        let file: File = toml::from_str(text).map_err(|error| reader.syntax(&error))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let seconds = |key, value, range| {
            Ok(reader.number(key, value, range)?.map(|seconds| Duration::from_secs(seconds.into())))
        };
        if let (Some(one), Some(_)) = (&file.tls.certificate, &file.acme.domain) {
            return Err(reader.problem("tls.certificate", one, ConfigFault::NotBoth("acme.domain")));
        }
        let acme = reader.acme(file.acme, folder)?;
        let certificate = match (file.tls.certificate, file.tls.key) {
            (None, None) => None,
            (Some(certificate), Some(key)) => Some(CertificateFiles {
                certificate: folder.join(certificate.into_inner()),
                key: folder.join(key.into_inner()),
            }),
            (Some(one), None) => return Err(reader.problem("tls.certificate", &one, ConfigFault::Alone("tls.key"))),
            (None, Some(one)) => return Err(reader.problem("tls.key", &one, ConfigFault::Alone("tls.certificate"))),
        };
        Ok(Self {
            listen: reader.check("relay.listen", file.relay.listen, |text| address(text))?,
            public_host: reader.check("relay.public_host", file.relay.public_host, |text| host(text))?,
            organisation: reader.check("company.name", file.company.name, |text| words(text))?,
            number_life: seconds("relay.number_seconds", file.relay.number_seconds, NUMBER_SECONDS)?,
            rejoin_window: seconds("relay.resume_seconds", file.relay.resume_seconds, RESUME_SECONDS)?,
            drain: seconds("relay.drain_seconds", file.relay.drain_seconds, DRAIN_SECONDS)?,
            downloads: reader.check("company.downloads", file.company.downloads, |path| self::folder(folder, path))?,
            release_key: reader.check("company.minisign_key", file.company.minisign_key, |text| {
                ReleaseKey::parse(text).ok_or(ConfigFault::NoMinisignKey)
            })?,
            telephone: reader.check("company.telephone", file.company.telephone, |text| words(text))?,
            certificate,
            acme,
            admin: reader.check("admin.listen", file.admin.listen, |text| AdminListen::parse(text))?,
            limits: reader.limits(&file.limits)?,
            backup: reader.backup(file.backup, folder)?,
            audit_head: file.audit.head_file.map(|path| folder.join(path)),
            audit_keep_days: reader.number("audit.keep_days", file.audit.keep_days, AUDIT_DAYS)?,
            audit_syslog: reader.check("audit.syslog", file.audit.syslog, |text| {
                text.parse().map(|target: Target| target.below(folder)).map_err(|_| ConfigFault::NoSyslog)
            })?,
            new_workplaces: file.accounts.new_workplaces,
            log_level: reader.check("log.level", file.log.level, |text| {
                let known = ["error", "warn", "info", "debug", "trace"].contains(&text.as_str());
                if known { Ok(text.clone()) } else { Err(ConfigFault::NoLevel) }
            })?,
        })
    }

    /// The configuration of a broker on this folder.
    pub fn config(self, data: &Path) -> Config {
        let mut config = Config::new(data, self.listen.unwrap_or_else(|| "0.0.0.0:7443".to_owned()));
        config.public_host = self.public_host;
        config.organisation = self.organisation;
        config.limits = self.limits;
        config.downloads = self.downloads;
        config.release_key = self.release_key;
        config.telephone = self.telephone;
        config.certificate = self.certificate;
        config.acme = self.acme;
        config.admin = self.admin.unwrap_or_default();
        config.audit_head = self.audit_head;
        config.audit_keep_days = self.audit_keep_days;
        config.audit_syslog = self.audit_syslog;
        config.new_workplaces = self.new_workplaces;
        config.backup = self.backup;
        if let Some(life) = self.number_life {
            config.rules.number_life = life;
        }
        if let Some(window) = self.rejoin_window {
            config.rules.rejoin_window = window;
        }
        if let Some(drain) = self.drain {
            config.drain = drain;
        }
        config
    }
}

fn missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Finds the place of a fault.
struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
}

impl Reader<'_> {
    fn line(&self, at: usize) -> usize {
        self.text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
    }

    fn problem<T>(&self, key: &str, value: &Spanned<T>, fault: ConfigFault) -> ConfigProblem {
        let line = Some(self.line(value.span().start));
        ConfigProblem { path: self.path.to_owned(), line, key: key.to_owned(), fault }
    }

    /// What the format itself refuses, unknown keys included.
    fn syntax(&self, error: &toml::de::Error) -> ConfigProblem {
        let line = error.span().map(|span| self.line(span.start));
        let text = line.and_then(|line| self.text.lines().nth(line.saturating_sub(1))).unwrap_or_default();
        let key = text.split(['=', '#']).next().unwrap_or_default().trim().to_owned();
        ConfigProblem {
            path: self.path.to_owned(),
            line,
            key,
            fault: ConfigFault::Syntax(error.message().replace('\n', ", ")),
        }
    }

    fn check<T, U>(
        &self,
        key: &str,
        value: Option<Spanned<T>>,
        check: impl FnOnce(&T) -> Result<U, ConfigFault>,
    ) -> Result<Option<U>, ConfigProblem> {
        let Some(value) = value else { return Ok(None) };
        check(value.get_ref()).map(Some).map_err(|fault| self.problem(key, &value, fault))
    }

    fn number(
        &self,
        key: &str,
        value: Option<Spanned<u32>>,
        range: RangeInclusive<u32>,
    ) -> Result<Option<u32>, ConfigProblem> {
        self.check(key, value, |number| match range.contains(number) {
            true => Ok(*number),
            false => Err(ConfigFault::OutOfRange { least: *range.start(), most: *range.end() }),
        })
    }

    fn backup(&self, backup: Backup, base: &Path) -> Result<Option<Plan>, ConfigProblem> {
        let every = self.number("backup.every_hours", backup.every_hours.clone(), BACKUP_HOURS)?;
        let keep = self.number("backup.keep", backup.keep.clone(), BACKUPS_KEPT)?;
        let folder = self.check("backup.folder", backup.folder, |path| self::folder(base, path))?;
        let Some(folder) = folder else {
            for (key, given) in [("backup.every_hours", backup.every_hours), ("backup.keep", backup.keep)] {
                if let Some(given) = given {
                    return Err(self.problem(key, &given, ConfigFault::Alone("backup.folder")));
                }
            }
            return Ok(None);
        };
        let every = Duration::from_secs(u64::from(every.unwrap_or(24)) * 60 * 60);
        Ok(Some(Plan { folder, every, keep: usize::try_from(keep.unwrap_or(14)).unwrap_or(usize::MAX) }))
    }

    fn acme(&self, table: AcmeTable, folder: &Path) -> Result<Option<AcmeConfig>, ConfigProblem> {
        let contact = self.check("acme.contact", table.contact, |text| mail(text))?;
        let directory = self.check("acme.directory", table.directory, |text| https(text))?;
        let root = self.check("acme.root", table.root, |path| {
            let path = folder.join(path);
            if path.is_file() { Ok(path) } else { Err(ConfigFault::NoFile) }
        })?;
        let domain = self.check("acme.domain", table.domain, |text| host(text))?;
        let directory = directory.unwrap_or_else(|| DEFAULT_DIRECTORY.to_owned());
        Ok(domain.map(|domain| AcmeConfig { domain, contact, directory, root }))
    }

    fn limits(&self, limits: &Limits) -> Result<Policy, ConfigProblem> {
        let mut policy = match limits.preset {
            Some(Preset::Relaxed) => Policy::relaxed(),
            Some(Preset::Default) | None => Policy::default(),
        };
        for (key, given, limit) in [
            ("limits.joins_per_minute", &limits.joins_per_minute, &mut policy.joins_per_minute),
            ("limits.joins_per_hour", &limits.joins_per_hour, &mut policy.joins_per_hour),
            ("limits.wrong_numbers_per_hour", &limits.wrong_numbers_per_hour, &mut policy.wrong_numbers_per_hour),
            ("limits.failed_joins_per_minute", &limits.failed_joins_per_minute, &mut policy.failed_joins_per_minute),
            ("limits.connections_per_address", &limits.connections_per_address, &mut policy.open_per_source),
            ("limits.handshakes_per_second", &limits.handshakes_per_second, &mut policy.handshakes_per_second),
            ("limits.numbers_per_hour", &limits.numbers_per_hour, &mut policy.numbers_per_hour),
        ] {
            if let Some(number) = self.number(key, given.clone(), COUNT)? {
                *limit = Some(number);
            }
        }
        Ok(policy)
    }
}

fn folder(base: &Path, path: &Path) -> Result<PathBuf, ConfigFault> {
    let path = base.join(path);
    if path.is_dir() { Ok(path) } else { Err(ConfigFault::NoFolder) }
}

fn address(text: &str) -> Result<String, ConfigFault> {
    let port = text.rsplit_once(':').filter(|(host, _)| !host.is_empty());
    let is_address = port.is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    if is_address { Ok(text.to_owned()) } else { Err(ConfigFault::NoAddress) }
}

/// A host name or address without a port, as it goes into addresses of pages
/// and programs.
fn host(text: &str) -> Result<String, ConfigFault> {
    let is_address = text.parse::<std::net::IpAddr>().is_ok();
    let is_name = !text.is_empty()
        && text.len() <= 253
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-')
        && !text.starts_with(['.', '-']);
    if is_address || is_name { Ok(text.to_owned()) } else { Err(ConfigFault::NoHost) }
}

fn mail(text: &str) -> Result<String, ConfigFault> {
    let parts = text.split_once('@').filter(|(name, place)| !name.is_empty() && place.contains('.'));
    let plain = text.chars().all(|c| c.is_ascii_graphic() && c != '<' && c != '>' && c != ',');
    if parts.is_some() && plain { Ok(text.to_owned()) } else { Err(ConfigFault::NoMail) }
}

fn https(text: &str) -> Result<String, ConfigFault> {
    let is_https = text.strip_prefix("https://").is_some_and(|rest| !rest.is_empty() && !rest.contains(' '));
    if is_https { Ok(text.to_owned()) } else { Err(ConfigFault::NoHttps) }
}

fn words(text: &str) -> Result<String, ConfigFault> {
    let fits = !text.trim().is_empty() && text.chars().count() <= 80 && !text.chars().any(char::is_control);
    if fits { Ok(text.trim().to_owned()) } else { Err(ConfigFault::NoWords) }
}
