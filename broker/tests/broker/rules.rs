//! The company's rules: set by page or command line, signed, sent, recorded.

use crate::{
    admin_pages::{Signed, staffed, store},
    harness::{Got, PASSWORD, PATIENCE, Rig, Target, attentive, relaxed},
    process::{add_anna, run, served},
};
use mitblick_broker::store::Store;
use mitblick_protocol::{
    broker_msg::FromBroker,
    policy::{ControlRule, FileLimits, Minutes, NewestPolicy, Policy},
    transfer::{FileKind, FileKinds},
};
use sqlx::{SqlitePool, sqlite::SqliteConnectOptions};
use std::path::Path;
use tokio::{sync::mpsc::UnboundedReceiver, time::timeout};

const FORM: [(&str, &str); 15] = [
    ("serial", "0"),
    ("modern_suite", "required"),
    ("control", "allowed"),
    ("control_minutes", "10"),
    ("session_minutes", ""),
    ("clipboard", "one_by_one"),
    ("files_to_customer", "documents,media"),
    ("files_to_advisor", "forbidden"),
    ("recording", "allowed"),
    ("advisor_shows", "forbidden"),
    ("rating", "not_asked"),
    ("appointments", "forbidden"),
    ("greeting_de", "Guten Tag"),
    ("greeting_en", "<b>Hello</b>"),
    ("telephone", ""),
];

fn with<'a>(name: &str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    FORM.into_iter().map(|(of, old)| if of == name { (of, value) } else { (of, old) }).collect()
}

/// The rules that a program which connects now is told.
async fn told(target: &Target) -> Policy {
    let mut client = target.stranger().await;
    let FromBroker::Welcome { card_key, rules, .. } = client.hear().await else { panic!("no welcome") };
    rules.verify(&card_key).expect("signed by the broker")
}

/// The advisor `anna`, who takes what comes, and the key of the broker's cards:
/// one who does not introduce themselves is soon sent away.
pub(crate) async fn looking_on(target: &Target) -> (UnboundedReceiver<Got>, [u8; 32]) {
    let mut advisor = target.stranger().await;
    let FromBroker::Welcome { card_key, .. } = advisor.hear().await else { panic!("no welcome") };
    advisor.sign_in("anna", PASSWORD).await;
    assert!(matches!(advisor.hear().await, FromBroker::SignedIn { .. }));
    (attentive(advisor), card_key)
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_changed_on_the_page_reach_everyone_signed_and_stand_in_the_trail() {
    let rig = staffed().await;
    let mut waiting = rig.target.stranger().await;
    let FromBroker::Welcome { card_key, rules, .. } = waiting.hear().await else { panic!("no welcome") };
    let mut newest = NewestPolicy::default();
    assert_eq!(newest.take(&rules, &card_key), Ok(&Policy::default()));

    let chef = Signed::new(&rig, "chef").await;
    let answer = chef.post("/rules", &FORM).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/rules?done=rules"));
    let FromBroker::Rules(rules) = waiting.hear().await else { panic!("not told") };
    let policy = newest.take(&rules, &card_key).unwrap();
    assert_eq!(policy.limits.control, ControlRule::Allowed { longest: Minutes::new(10) });
    assert!(policy.limits.modern_suite);
    let documents_and_media = FileKinds::NONE.with(FileKind::Document).with(FileKind::Media);
    let files = FileLimits { to_customer: documents_and_media, to_advisor: FileKinds::NONE };
    assert_eq!(policy.limits.files, files);
    assert_eq!(policy.texts.greeting_de.as_str(), "Guten Tag");
    assert_eq!(told(&rig.target).await, *policy, "and whoever connects later");

    let page = chef.get("/rules").await.text();
    assert!(page.contains("&lt;b&gt;Hello&lt;/b&gt;") && !page.contains("<b>Hello"), "{page}");
    let store = store(&rig).await;
    let entries = store.audit_entries(0, 1_000).await.unwrap();
    let entry = entries.iter().find(|entry| entry.action == "rules_changed").unwrap();
    assert_eq!(entry.actor, "account:chef");
    let object = "modern_suite:free>required control:allowed>10 clipboard:allowed>one_by_one \
                  files_to_customer:allowed>documents,media files_to_advisor:allowed>forbidden \
                  recording:forbidden>allowed advisor_shows:allowed>forbidden rating:asked>not_asked appointments:allowed>forbidden greeting_de:none>text greeting_en:none>text";
    assert_eq!(entry.object, object);
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_or_late_form_changes_nothing_and_says_why() {
    let rig = staffed().await;
    let chef = Signed::new(&rig, "chef").await;
    let long = "x".repeat(121);
    for (name, value, status, says) in [
        ("serial", "", 422, "changed elsewhere"),
        ("serial", "7", 409, "changed elsewhere"),
        ("modern_suite", "maybe", 422, "not whole"),
        ("control", "", 422, "not whole"),
        ("files_to_customer", "", 422, "not whole"),
        ("files_to_advisor", "documents,exe", 422, "not whole"),
        ("control_minutes", "forbidden", 422, "Minutes are a number"),
        ("control_minutes", "0", 422, "Minutes are a number"),
        ("session_minutes", "1441", 422, "Minutes are a number"),
        ("telephone", long.as_str(), 422, "longer than 120"),
        ("greeting_de", "a\u{202e}b", 422, "longer than 120"),
    ] {
        let answer = chef.post("/rules", &with(name, value)).await;
        assert_eq!(answer.status, status, "{name} {value}");
        assert!(answer.text().contains(says), "{name} {value}: {}", answer.text());
        assert_eq!(told(&rig.target).await, Policy::default());
    }
    let lokal = Signed::new(&rig, "lokal").await;
    assert_eq!(lokal.post("/rules", &FORM).await.status, 403);
    let page = lokal.get("/rules").await.text();
    assert!(page.contains("Only the main user changes rules") && !page.contains("name=\"control\""));
    assert_eq!(told(&rig.target).await, Policy::default());
}

fn set(data: &Path, key: &str, value: &str) -> (bool, String) {
    let done = run(&["rules", "set", key, value], data, "", "C");
    (done.status.success(), String::from_utf8(done.stderr).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_set_at_the_command_line_are_taken_over_by_the_running_broker() {
    let dir = tempfile::tempdir().unwrap();
    add_anna(dir.path());
    let served = served(dir.path(), &[]).await;
    let (mut waiting, card_key) = looking_on(&served.target).await;
    assert!(set(dir.path(), "control", "forbidden").0);
    let heard = timeout(PATIENCE, waiting.recv()).await.expect("not taken over");
    let Some(Got::Message(FromBroker::Rules(rules))) = heard else { panic!("something else") };
    assert_eq!(rules.verify(&card_key).unwrap().limits.control, ControlRule::Forbidden);
    let shown = run(&["rules", "show"], dir.path(), "", "C");
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(
        shown.starts_with("modern_suite\tfree\ncontrol\tforbidden\nsession_minutes\tnone\nclipboard\tallowed\nfiles_to_customer\tallowed\n"),
        "{shown}"
    );
}

#[test]
fn the_command_line_says_what_a_rule_takes_and_makes_nothing_of_a_slip() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    for (key, value, says) in [
        ("colour", "red", "modern_suite, control, session_minutes"),
        ("control", "sometimes", "allowed, forbidden"),
        ("modern_suite", "yes", "required or free"),
        ("session_minutes", "-1", "1 to 1440"),
        ("files_to_advisor", "exe", "documents,media"),
    ] {
        let (done, text) = set(&data, key, value);
        assert!(!done && text.contains(says), "{key} {value}: {text}");
    }
    let german = run(&["rules", "set", "control", "x"], &data, "", "de_DE.UTF-8");
    assert!(String::from_utf8(german.stderr).unwrap().contains("Es wurde nichts geändert"));
    assert!(!data.exists(), "a slip makes no database");
    assert!(set(&data, "telephone", "030 1234").0);
    assert!(set(&data, "telephone", "").0);
}

/// A rule of a newer version must not be lost by one that does not know it.
#[tokio::test]
async fn rules_that_this_version_does_not_know_keep_the_broker_from_starting() {
    let rig = Rig::start().await;
    let file = rig.dir.path().join("broker.sqlite");
    let pool = SqlitePool::connect_with(SqliteConnectOptions::new().filename(file)).await.unwrap();
    sqlx::query("INSERT INTO rule (key, value) VALUES ('direction', 'forbidden')").execute(&pool).await.unwrap();
    pool.close().await;
    let Rig { broker, dir, .. } = rig;
    broker.stop(std::future::pending()).await;
    let again = mitblick_broker::serve(relaxed(dir.path())).await;
    assert!(again.err().expect("it starts").to_string().contains("direction"));
}
