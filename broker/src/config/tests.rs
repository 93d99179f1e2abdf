//! What a file may say, and what is said about a wrong one.

use super::*;

fn parse(text: &str) -> Result<Settings, ConfigProblem> {
    Settings::parse(Path::new("/nowhere/broker.toml"), text)
}

#[test]
fn an_empty_file_and_the_example_are_the_defaults() {
    let defaults = format!("{:?}", Settings::default().config(Path::new("/d")));
    for text in ["", EXAMPLE] {
        assert_eq!(format!("{:?}", parse(text).unwrap().config(Path::new("/d"))), defaults);
    }
}

/// Every setting of the example is a real one, and those that name a default
/// name the right one.
#[test]
fn the_example_with_all_its_settings_in_force_is_understood() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("downloads")).unwrap();
    std::fs::create_dir(dir.path().join("backups")).unwrap();
    let all: Vec<&str> = EXAMPLE
        .lines()
        .map(|line| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line))
        .collect();
    // A certificate is given, or an authority gives one.
    let without = |section: &str| {
        let mut within = false;
        let lines = all.iter().filter(|line| {
            within = if line.starts_with('[') { **line == section } else { within };
            !within
        });
        lines.copied().collect::<Vec<_>>().join("\n")
    };
    let root = dir.path().join("authority.pem");
    std::fs::write(&root, "").unwrap();
    let acme = without("[tls]").replace("/etc/ssl/our-authority.pem", root.to_str().unwrap());
    let acme = Settings::parse(&dir.path().join("broker.toml"), &acme).unwrap().config(Path::new("/d")).acme.unwrap();
    assert_eq!((acme.domain.as_str(), acme.contact.as_deref()), ("help.example.com", Some("admin@example.com")));
    assert_eq!((acme.directory.as_str(), acme.root), (DEFAULT_DIRECTORY, Some(root)));
    let settings = Settings::parse(&dir.path().join("broker.toml"), &without("[acme]")).unwrap();
    let mut config = settings.clone().config(Path::new("/d"));
    assert_eq!(config.organisation.take().as_deref(), Some("Muster Bank"));
    assert_eq!(config.public_host.take().as_deref(), Some("broker.example"));
    assert_eq!(config.downloads.take(), Some(dir.path().join("downloads")));
    assert!(config.release_key.take().is_some());
    assert_eq!(config.telephone.take().as_deref(), Some("+49 30 123456"));
    assert_eq!(config.certificate.take().unwrap().key, dir.path().join("privkey.pem"));
    let day = Duration::from_secs(86_400);
    let plan = Plan { folder: dir.path().join("backups"), every: day, keep: 14 };
    assert_eq!(config.backup.take(), Some(plan));
    assert_eq!(config.audit_head.take(), Some(PathBuf::from("/mnt/elsewhere/audit.head")));
    assert_eq!(config.audit_keep_days.take(), Some(730));
    assert_eq!(config.audit_syslog.take(), Some(Target::Unix(PathBuf::from("/dev/log"))));
    assert_eq!(std::mem::take(&mut config.admin), AdminListen::At("127.0.0.1:7444".to_owned()));
    assert_eq!(settings.log_level.as_deref(), Some("info"));
    assert_eq!(format!("{config:?}"), format!("{:?}", Settings::default().config(Path::new("/d"))));
}

#[test]
fn an_authority_is_named_wholly_and_not_beside_a_given_certificate() {
    let fault = |text: &str| parse(text).unwrap_err().fault;
    let both = "[tls]\ncertificate = 'a'\nkey = 'b'\n[acme]\ndomain = 'help.example'";
    assert_eq!(fault(both), ConfigFault::NotBoth("acme.domain"));
    assert_eq!(fault("[acme]\ndomain = 'help example'"), ConfigFault::NoHost);
    for mail in ["admin", "a b@example.com", "<a@example.com>", "@example.com"] {
        assert_eq!(fault(&format!("[acme]\ncontact = '{mail}'")), ConfigFault::NoMail, "{mail}");
    }
    assert_eq!(fault("[acme]\ndirectory = 'http://authority.example'"), ConfigFault::NoHttps);
    assert_eq!(fault("[acme]\nroot = 'nowhere.pem'"), ConfigFault::NoFile);
    assert_eq!(parse("[acme]\ncontact = 'a@example.com'").unwrap().config(Path::new("/d")).acme, None);
}

#[test]
fn a_wrong_setting_is_named_with_file_line_and_key_in_both_languages() {
    for (text, line, key, english, german) in [
        ("[relay]\nlisten = \"7443\"", 2, "relay.listen", "no address", "keine Adresse"),
        ("[relay]\npublic_host = \"https://a.b\"", 2, "relay.public_host", "without https", "ohne https"),
        ("[relay]\n\nnumber_seconds = 4", 3, "relay.number_seconds", "between 5 and 3600", "zwischen 5 und 3600"),
        ("[relay]\ndrain_seconds = 1801", 2, "relay.drain_seconds", "between 0 and 1800", "zwischen 0 und 1800"),
        ("[relay]\ndrain_seconds = -1", 2, "drain_seconds", "integer", "config example"),
        ("[company]\nname = \"\"", 2, "company.name", "1 to 80", "1 bis 80"),
        ("[company]\ndownloads = \"x\"", 2, "company.downloads", "no such folder", "gibt es nicht"),
        ("[company]\nminisign_key = \"RW\"", 2, "company.minisign_key", "begins with RW", "beginnt mit RW"),
        ("[tls]\nkey = \"x\"", 2, "tls.key", "tls.certificate is missing", "tls.certificate fehlt"),
        ("[tls]\ncertificate = \"x\"", 2, "tls.certificate", "tls.key is missing", "tls.key fehlt"),
        ("[admin]\nlisten = \"yes\"", 2, "admin.listen", "no address", "keine Adresse"),
        ("[limits]\njoins_per_hour = 0", 2, "limits.joins_per_hour", "between 1 and", "zwischen 1 und"),
        ("[limits]\npreset = \"soft\"", 2, "preset", "relaxed", "relaxed"),
        ("[backup]\nfolder = \"x\"", 2, "backup.folder", "no such folder", "gibt es nicht"),
        ("[backup]\nkeep = 3", 2, "backup.keep", "backup.folder is missing", "backup.folder fehlt"),
        ("[backup]\nevery_hours = 0", 2, "backup.every_hours", "between 1 and 8760", "zwischen 1 und 8760"),
        ("[audit]\nkeep_days = 29", 2, "audit.keep_days", "between 30 and 36500", "zwischen 30 und 36500"),
        ("[audit]\nkeep_days = \"ever\"", 2, "keep_days", "u32", "config example"),
        ("[audit]\nsyslog = \"log.example:514\"", 2, "audit.syslog", "unix:/dev/log", "kein Ort für Syslog"),
        ("[audit]\nsyslog = \"udp:log.example\"", 2, "audit.syslog", "no place for", "tcp:log.example:601"),
        ("[log]\nlevel = \"loud\"", 2, "log.level", "error, warn", "error, warn"),
        ("[relay]\nlisen = \"0.0.0.0:1\"", 2, "lisen", "unknown field `lisen`", "config example"),
        ("[relai]\n", 1, "[relai]", "unknown field `relai`", "config example"),
        ("[relay]\nlisten = 7443", 2, "listen", "string", "config example"),
        ("[relay\n", 1, "[relay", "config example", "config example"),
    ] {
        let problem = parse(text).unwrap_err();
        let (en, de) =
            (problem.text(crate::problem::Language::English), problem.text(crate::problem::Language::German));
        assert!(en.starts_with(&format!("/nowhere/broker.toml, line {line}, {key}: ")), "{text}: {en}");
        assert!(de.starts_with(&format!("/nowhere/broker.toml, Zeile {line}, {key}: ")), "{text}: {de}");
        assert!(en.contains(english) && de.contains(german), "{text}: {en} {de}");
    }
}

#[test]
fn a_file_that_was_named_must_be_there_and_the_usual_one_may_be_missing() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(Settings::find(None, dir.path()).unwrap(), Settings::default());
    let named = dir.path().join("other.toml");
    assert!(matches!(
        Settings::find(Some(&named), dir.path()),
        Err(Problem::Config(ConfigProblem { fault: ConfigFault::Unreadable(_), .. }))
    ));
    std::fs::write(dir.path().join(FILE), "[relay]\nnumber_seconds = 60\n").unwrap();
    assert_eq!(Settings::find(None, dir.path()).unwrap().number_life, Some(Duration::from_secs(60)));
}

#[test]
fn no_text_makes_the_reader_panic() {
    let mut state = 1_u64;
    for length in 0..600_usize {
        let text: String = (0..length % 97)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let letters: Vec<char> = "[]{}=\"'#\n\t .,-_0ab\u{e4}\u{1f600}relaytls".chars().collect();
                letters[(state >> 33) as usize % letters.len()]
            })
            .collect();
        if let Err(problem) = parse(&text) {
            assert!(problem.text(crate::problem::Language::German).contains("broker.toml"));
        }
    }
}
