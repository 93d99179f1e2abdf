//! The audit trail of a running broker and the command line that checks it.

use crate::{
    harness::{Client, Got, PASSWORD, PATIENCE, Rig, Target, until},
    process::{add_anna, run, served, with_namesakes},
};
use mitblick_broker::{
    audit::Entry,
    data_dir::DataDir,
    open_store,
    store::{Store, sqlite::Sqlite},
};
use mitblick_protocol::broker_msg::{AttemptOutcome, FromBroker, PairEnd, ToBroker};
use sqlx::{Connection, SqliteConnection};
use std::{
    fs,
    path::Path,
    process::Output,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::time::timeout;

async fn store(data: &Path) -> Sqlite {
    open_store(&DataDir::open(data).unwrap()).await.unwrap()
}

pub(crate) async fn entries(data: &Path) -> Vec<Entry> {
    store(data).await.audit_entries(0, 10_000).await.unwrap()
}

pub(crate) fn verify(data: &Path, more: &[&str]) -> Output {
    run(&[&["audit", "verify"], more].concat(), data, "", "C")
}

#[track_caller]
pub(crate) fn whole(data: &Path, more: &[&str]) {
    let done = verify(data, more);
    assert!(done.status.success(), "{done:?}");
}

#[track_caller]
pub(crate) fn faulty(data: &Path, more: &[&str], says: &str) {
    let done = verify(data, more);
    let text = String::from_utf8(done.stderr).unwrap();
    assert_eq!(done.status.code(), Some(1), "{text}");
    assert!(text.contains(says), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_came_what_began_and_how_it_ended_is_recorded_and_nothing_else() {
    let rig = Rig::start().await;
    let mut stranger = rig.target.connect().await;
    for (name, password) in [("anna", "geheimes pferd"), ("mein-passwort", "x")] {
        stranger.sign_in(name, password).await;
        assert_eq!(stranger.hear().await, FromBroker::SignInFailed { retry_after_s: 0, tries_left: 4 });
    }
    let (mut advisor, mut customer) = rig.target.pair().await;
    advisor.relay(b"vom berater").await;
    assert_eq!(customer.next().await, Got::Relayed(b"vom berater".to_vec()));
    customer.relay(b"bild").await;
    assert_eq!(advisor.next().await, Got::Relayed(b"bild".to_vec()));
    customer.say(&ToBroker::EndPair).await;
    assert_eq!(advisor.hear().await, FromBroker::PairEnded(PairEnd::PeerLeft));
    advisor.open_number().await;
    advisor.judge(AttemptOutcome::Burned).await;
    assert!(matches!(advisor.hear().await, FromBroker::NumberClosed(_)));
    drop((advisor, customer, stranger));
    rig.broker.stop(std::future::pending()).await;

    let entries = entries(rig.dir.path()).await;
    let started = entries.iter().position(|entry| entry.action == "broker_started").unwrap();
    let entries = &entries[started..];
    let lines: Vec<String> = entries
        .iter()
        .map(|e| format!("{} | {} | {} | {} | {}", e.actor, e.action, e.object, e.outcome, e.counts))
        .collect();
    let ended = lines.iter().position(|line| line.contains("session_ended")).unwrap();
    #[rustfmt::skip]
    assert_eq!(lines[..ended - 1], [
        "broker | broker_started |  | done | ",
        "stranger | sign_in | account:anna | wrong_password | wait_s=0",
        "stranger | sign_in |  | wrong_password | wait_s=0",
        "account:anna | sign_in |  | done | ",
    ]);
    assert!(lines[ended - 1].starts_with("account:anna | session_began | session:1 | done | waited_s="));
    // Bodies of 11 and 4 bytes, each in a frame.
    let counts: Vec<u64> =
        entries[ended].counts.split(' ').map(|count| count.split_once('=').unwrap().1.parse().unwrap()).collect();
    assert_eq!(counts[0] - counts[1], 7, "{}", entries[ended].counts);
    assert!(entries[ended].counts.starts_with("from_advisor_bytes="));
    assert_eq!(
        lines[ended + 1..],
        ["account:anna | number_burned |  | done | ", "broker | broker_stopped |  | done | "]
    );
    let all = lines.concat();
    for secret in ["geheimes", "mein-passwort", PASSWORD, "berater", "bild", "127.0.0.1"] {
        assert!(!all.contains(secret), "{secret}");
    }
    whole(rig.dir.path(), &[]);
}

/// Changes a copy of the database behind the broker's back.
async fn tampered(data: &Path, sql: &'static str) -> tempfile::TempDir {
    let copy = copied(data);
    let file = copy.path().join("broker.sqlite");
    let mut db = SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
    for trigger in ["DROP TRIGGER audit_is_not_changed", "DROP TRIGGER audit_is_not_deleted", sql] {
        sqlx::raw_sql(trigger).execute(&mut db).await.unwrap();
    }
    db.close().await.unwrap();
    copy
}

pub(crate) fn copied(data: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for file in fs::read_dir(data).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
    }
    copy
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_names_the_first_entry_that_somebody_has_touched() {
    let dir = tempfile::tempdir().unwrap();
    add_anna(dir.path());
    for role in ["auditor", "advisor", "auditor", "advisor"] {
        assert!(run(&["advisor", "role", "anna", role], dir.path(), "", "C").status.success());
    }
    whole(dir.path(), &[]);
    for (sql, says) in [
        ("UPDATE audit SET actor = 'x' WHERE seq = 6", "entry 6 was changed"),
        ("UPDATE audit SET at_unix_s = at_unix_s - 1 WHERE seq IN (5, 7)", "entry 5 was changed"),
        ("DELETE FROM audit WHERE seq = 5", "entry 5 is missing"),
        ("DELETE FROM audit WHERE seq > 6", "entry 7 is missing"),
        ("DELETE FROM audit", "entry 1 is missing"),
        ("DELETE FROM audit_head", "entry 1 was added"),
        ("UPDATE audit_head SET seq = 3", "not signed"),
        (
            "INSERT INTO audit SELECT 9, at_unix_s, actor, action, object, outcome, counts, hash FROM audit WHERE seq = 8",
            "entry 9 was changed",
        ),
    ] {
        let copy = tampered(dir.path(), sql).await;
        faulty(copy.path(), &[], says);
    }
    // The slip of somebody who does not take the triggers away.
    let file = dir.path().join("broker.sqlite");
    let mut db = SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
    for sql in ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"] {
        assert!(sqlx::raw_sql(sql).execute(&mut db).await.is_err(), "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_kept_elsewhere_shows_that_an_older_database_was_put_back() {
    let dir = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let head = elsewhere.path().join("head.json");
    let head_arg = head.to_str().unwrap();
    add_anna(dir.path());
    let older = copied(dir.path());
    let mut broker = served(dir.path(), &["--audit-head", head_arg]).await;
    until("the first head is kept", || head.exists()).await;
    broker.target.advisor("anna").await;
    broker.signal("-TERM");
    assert_eq!(broker.ended().await.0, Some(0));
    whole(dir.path(), &["--head", head_arg]);
    whole(older.path(), &[]);
    faulty(older.path(), &["--head", head_arg], "entry 5 is missing");
    // The same number of entries, but others: the key was on that machine.
    for role in ["auditor", "advisor", "auditor", "advisor"] {
        assert!(run(&["advisor", "role", "anna", role], older.path(), "", "C").status.success());
    }
    faulty(older.path(), &["--head", head_arg], "up to entry 7 it is not the trail");
    // Another broker's head, and none at all.
    let other = tempfile::tempdir().unwrap();
    add_anna(other.path());
    faulty(other.path(), &["--head", head_arg], "not signed with the broker's key");
    fs::write(&head, "{}").unwrap();
    faulty(dir.path(), &["--head", head_arg], "can't be read as a head");
}

#[test]
fn the_trail_is_exported_whole_as_csv_and_as_json() {
    let dir = tempfile::tempdir().unwrap();
    let export = |format: &str| {
        let done = run(&["audit", "export", "--format", format], dir.path(), "", "C");
        assert!(done.status.success(), "{done:?}");
        String::from_utf8(done.stdout).unwrap()
    };
    add_anna(dir.path());
    assert!(run(&["advisor", "remove", "anna"], dir.path(), "", "C").status.success());
    let csv = export("csv");
    let rows: Vec<&str> = csv.lines().collect();
    assert_eq!((rows.len(), rows[0]), (6, "seq,at_unix_s,actor,action,object,outcome,counts,hash"));
    assert!(rows[5].starts_with("5,") && rows[5].contains(",command line,account_removed,account:anna,done,,"));
    let json = export("json");
    let last: serde_json::Value = serde_json::from_str(json.lines().nth(4).unwrap()).unwrap();
    assert_eq!(last["action"], "account_removed");
    assert_eq!(last["hash"], rows[5].rsplit(',').next().unwrap());
}

#[test]
fn a_folder_without_a_database_has_no_trail_that_could_be_whole() {
    let dir = tempfile::tempdir().unwrap();
    for args in [&["verify"][..], &["head"], &["export", "--format", "csv"]] {
        let args = [&["audit"], args].concat();
        let missing = dir.path().join("slip");
        let done = run(&args, &missing, "", "C");
        assert_eq!((done.status.code(), done.stdout.len()), (Some(1), 0), "{args:?}");
        assert!(String::from_utf8(done.stderr).unwrap().contains("no broker's database"), "{args:?}");
        assert!(!missing.exists(), "{args:?} made a folder");
    }
}

/// Numbers and sessions, one after the other, until the broker is gone. A
/// session counts when a record that the advisor sent after its proof has
/// arrived: it is relayed after the beginning is written.
pub(crate) async fn hold_sessions(
    mut advisor: Client,
    target: Target,
    numbers: Arc<AtomicUsize>,
    sessions: Arc<AtomicUsize>,
) -> Option<()> {
    async fn said(client: &mut Client, message: &ToBroker) -> Option<()> {
        let mut frame = Vec::new();
        let body = mitblick_protocol::wire::encode(message).ok()?;
        mitblick_protocol::framing::write_frame(mitblick_protocol::framing::FrameKind::Control, &body, &mut frame)
            .ok()?;
        sent(client, &frame).await
    }
    async fn sent(client: &mut Client, bytes: &[u8]) -> Option<()> {
        use tokio::io::AsyncWriteExt;
        client.writer.write_all(bytes).await.ok()?;
        client.writer.flush().await.ok()
    }
    loop {
        said(&mut advisor, &ToBroker::OpenNumber).await?;
        let Got::Message(FromBroker::NumberOpened { routing, .. }) = advisor.next().await else { return None };
        numbers.fetch_add(1, Ordering::SeqCst);
        let mut customer = target.try_connect().await?;
        said(&mut customer, &ToBroker::Join { routing }).await?;
        if customer.next().await != Got::Message(FromBroker::Paired) {
            return None;
        }
        if advisor.next().await != Got::Message(FromBroker::Joined) {
            return None;
        }
        said(&mut advisor, &ToBroker::Attempt(AttemptOutcome::Confirmed)).await?;
        let mut frame = Vec::new();
        mitblick_protocol::framing::write_frame(mitblick_protocol::framing::FrameKind::Relay, b"x", &mut frame).ok()?;
        sent(&mut advisor, &frame).await?;
        if customer.next().await != Got::Relayed(b"x".to_vec()) {
            return None;
        }
        sessions.fetch_add(1, Ordering::SeqCst);
        said(&mut customer, &ToBroker::EndPair).await?;
        if advisor.next().await != Got::Message(FromBroker::PairEnded(PairEnd::PeerLeft)) {
            return None;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_amid_its_writes_the_broker_has_every_one_that_it_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    add_anna(dir.path());
    with_namesakes(dir.path()).await;
    let numbers = Arc::new(AtomicUsize::new(0));
    let sessions = Arc::new(AtomicUsize::new(0));
    let mut ended_with_broker = 0;
    // Each round dies in the middle; together they are over a hundred writes.
    for round in 1..=4 {
        let mut broker = served(dir.path(), &[]).await;
        let mut advisors = Vec::new();
        for _ in 0..3 {
            advisors.push(broker.target.advisor("anna").await);
        }
        let hold = |advisor| {
            let target = broker.target.clone();
            tokio::spawn(hold_sessions(advisor, target, Arc::clone(&numbers), Arc::clone(&sessions)))
        };
        let holding: Vec<_> = advisors.into_iter().map(hold).collect();
        until("sessions of this round", || sessions.load(Ordering::SeqCst) >= round * 25).await;
        broker.child.kill().await.unwrap();
        for task in holding {
            timeout(PATIENCE, task).await.expect("goes on without a broker").unwrap();
        }
        let (numbers, sessions) = (numbers.load(Ordering::SeqCst), sessions.load(Ordering::SeqCst));
        let store = store(dir.path()).await;
        let entries = store.audit_entries(0, 10_000).await.unwrap();
        let began = entries.iter().filter(|entry| entry.action == "session_began").count();
        assert!(began >= sessions, "{began} of {sessions} sessions are in the trail");
        let opened = store.numbers_opened_since(0).await.unwrap().len();
        assert!(opened >= numbers, "{opened} of {numbers} numbers are remembered");
        // At its next start the broker ends what was running when it died.
        let open = store.unfinished_sessions().await.unwrap();
        store.close().await;
        let mut broker = served(dir.path(), &[]).await;
        broker.signal("-TERM");
        assert_eq!(broker.ended().await.0, Some(0));
        let store = self::store(dir.path()).await;
        let entries = store.audit_entries(0, 10_000).await.unwrap();
        let ended = entries.iter().filter(|entry| entry.outcome == "ended_with_broker").count();
        ended_with_broker += open.len();
        assert_eq!(ended, ended_with_broker);
        let count = |action: &str| entries.iter().filter(|entry| entry.action == action).count();
        assert_eq!(count("session_began"), count("session_ended"));
        assert_eq!(store.unfinished_sessions().await.unwrap(), []);
        store.close().await;
        whole(dir.path(), &[]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ran_when_the_broker_was_killed_has_an_end_after_its_next_start() {
    let dir = tempfile::tempdir().unwrap();
    add_anna(dir.path());
    let mut broker = served(dir.path(), &[]).await;
    let (mut advisor, mut customer) = broker.target.pair().await;
    advisor.relay(b"x").await;
    assert_eq!(customer.next().await, Got::Relayed(b"x".to_vec()));
    broker.child.kill().await.unwrap();
    let mut again = served(dir.path(), &[]).await;
    again.signal("-TERM");
    assert_eq!(again.ended().await.0, Some(0));
    let entries = entries(dir.path()).await;
    let last: Vec<String> = entries
        .iter()
        .rev()
        .take(4)
        .rev()
        .map(|e| format!("{} | {} | {} | {}", e.actor, e.action, e.object, e.outcome))
        .collect();
    #[rustfmt::skip]
    assert_eq!(last, [
        "account:anna | session_began | session:1 | done",
        "account:anna | session_ended | session:1 | ended_with_broker",
        "broker | broker_started |  | done",
        "broker | broker_stopped |  | done",
    ]);
    whole(dir.path(), &[]);
}
