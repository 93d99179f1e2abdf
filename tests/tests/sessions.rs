//! The advisor's own list of sessions, and the invitation in the mail program:
//! what lies on the advisor's computer, and on no other.

use mitblick_tests::{
    programs::{self, AdvisorOptions},
    session::{Stage, StageOptions},
    wait,
};
use serde_json::{Value, json};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

const SUBJECT: &str = "Überweisung mit Zahlendreher";
const NOTE: &str = "Ruft am Montag wieder an.";

/// The files of lists of sessions below a folder; appointments have their own.
fn lists(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder.join("sessions")).into_iter().flatten().flatten();
    let is_list = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("sessions-") && name.ends_with(".json")
    };
    entries.map(|entry| entry.path()).filter(is_list).collect()
}

/// Whether a text is in any file below a folder.
fn is_anywhere(folder: &Path, text: &str) -> Option<PathBuf> {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let found = match entry.file_type() {
            Ok(kind) if kind.is_dir() => is_anywhere(&path, text),
            Ok(kind) if kind.is_file() => {
                let bytes = fs::read(&path).unwrap_or_default();
                bytes.windows(text.len()).any(|window| window == text.as_bytes()).then_some(path)
            }
            _ => None,
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

#[test]
fn a_session_is_in_the_advisors_own_list_and_nowhere_else() {
    let stage = Stage::usual();
    let mut advisor = stage.start_advisor("advisor");
    let number = programs::number(&advisor);
    advisor.say("subject", json!({ "text": SUBJECT }));
    let mut customer = stage.start_customer("customer", Some(&number));
    programs::answer_that_we_called(&mut customer);
    advisor.expect("connected", json!({}));
    customer.say("end", json!({}));
    let noted = advisor.expect_where("the session in the list", |event| {
        event["event"] == "sessions"
            && event["newest"].is_string()
            && event["sessions"].as_array().is_some_and(|sessions| sessions.len() == 1)
    });
    assert_eq!((&noted["sessions"][0]["subject"], &noted["keep_days"]), (&json!(SUBJECT), &json!(90)));
    let id = &noted["sessions"][0]["id"];
    let words = json!({ "id": id, "subject": SUBJECT, "note": NOTE, "solution": "partly" });
    advisor.say("write_note", words);
    advisor.expect_where("the note", |event| {
        event["event"] == "sessions"
            && event["sessions"][0]["note"] == NOTE
            && event["sessions"][0]["solution"] == "partly"
            && event["newest"] == Value::Null
    });
    let workplace = stage.place.folder("advisor.workplace");
    let [list] = lists(&workplace).try_into().expect("one list");
    assert_eq!(list.metadata().expect("the list").permissions().mode() & 0o777, 0o600);
    let csv = stage.place.path().join("list.csv");
    advisor.say("export_notes", json!({ "path": csv }));
    advisor.expect("sessions_exported", json!({ "path": csv }));
    assert!(fs::read_to_string(&csv).expect("the export").contains(NOTE));
    // Neither the broker's memory nor anything of the customer's has it.
    for text in [SUBJECT, NOTE] {
        for folder in ["broker-data", "home-customer", "home-broker"] {
            assert_eq!(is_anywhere(&stage.place.folder(folder), text), None);
        }
        assert!(is_anywhere(&workplace, text).is_some());
    }
    // It is there when the program starts again, until it is deleted.
    advisor.say("quit", json!({}));
    assert!(advisor.wait_end().success());
    let mut advisor = stage.start_advisor("advisor");
    let again = advisor.expect("sessions", json!({}));
    assert_eq!(again["sessions"][0]["note"], NOTE);
    advisor.turn_page();
    advisor.say("remove_note", json!({ "id": id }));
    advisor.expect("sessions", json!({ "sessions": [] }));
    assert_eq!(is_anywhere(&workplace, NOTE), None);
}

/// What stands in for the system's opener: writes down what it was called with.
fn fake_opener(stage: &Stage) -> PathBuf {
    let told = stage.place.path().join("opened");
    let script = stage.place.folder("bin").join("xdg-open");
    let text = format!("#!/bin/sh\nprintf '%s\\n' \"$#\" \"$@\" > '{0}.part' && mv '{0}.part' '{0}'\n", told.display());
    fs::write(&script, text).expect("a script");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("it can be run");
    told
}

#[test]
fn the_invitation_opens_the_mail_program_without_the_number_unless_it_is_wanted() {
    let tools = AdvisorOptions { own_tools: true, ..AdvisorOptions::default() };
    let mut options = StageOptions { advisor: tools, ..StageOptions::default() };
    // A name that would be another address and another header.
    let hostile = "Help & Desk\u{26}bcc=spy@evil.example?to=spy@evil.example";
    options.broker = vec!["--limits", "relaxed", "--organisation", hostile];
    let stage = Stage::new(options);
    let told = fake_opener(&stage);
    let mut advisor = stage.start_advisor("advisor");
    let number = programs::number(&advisor);
    let digits = number.replace(' ', "%20");
    for with_number in [false, true] {
        advisor.say("write_mail", json!({ "with_number": with_number }));
        let text = wait::until("the mail program opens", || fs::read_to_string(&told).ok());
        fs::remove_file(&told).expect("it is read");
        let [count, uri] = text.lines().collect::<Vec<_>>().try_into().expect("one argument");
        assert_eq!(count, "1", "{text}");
        assert!(uri.starts_with("mailto:?subject=") && uri.matches(['&', '?', '=']).count() == 4, "{uri}");
        assert!(!uri.contains('@') && uri.contains("https%3A%2F%2F"), "{uri}");
        assert_eq!(uri.contains(&digits), with_number, "{uri}");
    }
}

#[test]
fn a_computer_without_a_mail_program_says_so() {
    let tools = AdvisorOptions { own_tools: true, ..AdvisorOptions::default() };
    let stage = Stage::new(StageOptions { advisor: tools, ..StageOptions::default() });
    let script = stage.place.folder("bin").join("xdg-open");
    fs::write(&script, "#!/bin/sh\nexit 3\n").expect("a script");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("it can be run");
    let mut advisor = stage.start_advisor("advisor");
    programs::number(&advisor);
    advisor.say("write_mail", json!({}));
    advisor.expect("error", json!({ "problem": "mail_not_opened" }));
}
