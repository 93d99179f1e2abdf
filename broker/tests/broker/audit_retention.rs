//! What a running broker removes from its audit trail, and what is found
//! nevertheless.

use crate::{
    auditing::{copied, entries, faulty, verify, whole},
    process::{Served, add_anna, run, served},
};
use ed25519_dalek::{Signer, SigningKey};
use mitblick_broker::{
    audit::{BEGINNING, Entry, Head},
    data_dir::DataDir,
    open_store,
    store::Store,
};
use sqlx::{Connection, SqliteConnection};
use std::{fs, path::Path};

async fn database(data: &Path) -> SqliteConnection {
    let file = data.join("broker.sqlite");
    SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap()
}

/// The trail as a broker would have written it so many days earlier.
async fn aged(data: &Path, days: i64) {
    let mut before = BEGINNING;
    let mut db = database(data).await;
    sqlx::raw_sql("DROP TRIGGER audit_is_not_changed").execute(&mut db).await.unwrap();
    let mut last = None;
    for entry in entries(data).await {
        let mut entry = Entry { at_unix_s: entry.at_unix_s - days * 86_400, ..entry };
        entry.hash = entry.hash_after(&before);
        before = entry.hash;
        sqlx::query("UPDATE audit SET at_unix_s = ?, hash = ? WHERE seq = ?")
            .bind(entry.at_unix_s)
            .bind(entry.hash.as_slice())
            .bind(i64::try_from(entry.seq).unwrap())
            .execute(&mut db)
            .await
            .unwrap();
        last = Some(entry);
    }
    let last = last.unwrap();
    let key = SigningKey::from_bytes(&fs::read(data.join("audit.key")).unwrap().try_into().unwrap());
    let message = [b"mitblick audit head 1".as_slice(), &last.seq.to_be_bytes(), &last.hash].concat();
    sqlx::query("UPDATE audit_head SET hash = ?, signature = ?")
        .bind(last.hash.as_slice())
        .bind(key.sign(&message).to_bytes().as_slice())
        .execute(&mut db)
        .await
        .unwrap();
    sqlx::raw_sql(
        "CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit \
         BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END",
    )
    .execute(&mut db)
    .await
    .unwrap();
    db.close().await.unwrap();
}

/// Six entries from forty days ago: accounts, a start and a stop.
async fn forty_days_old() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    add_anna(dir.path());
    stopped(served(dir.path(), &[]).await).await;
    aged(dir.path(), 40).await;
    whole(dir.path(), &[]);
    dir
}

async fn stopped(mut broker: Served) {
    broker.signal("-TERM");
    assert_eq!(broker.ended().await.0, Some(0));
}

fn keep_days(data: &Path, days: u32) {
    fs::write(data.join("broker.toml"), format!("[audit]\nkeep_days = {days}\n")).unwrap();
}

fn head(data: &Path) -> String {
    String::from_utf8(run(&["audit", "head"], data, "", "C").stdout).unwrap()
}

/// A data folder whose broker has removed six entries.
async fn cut() -> tempfile::TempDir {
    let dir = forty_days_old().await;
    keep_days(dir.path(), 30);
    let broker = served(dir.path(), &[]).await;
    broker.log.line("old entries of the audit trail were removed").await;
    stopped(broker).await;
    dir
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_old_is_removed_at_the_start_and_the_rest_is_still_whole() {
    let dir = forty_days_old().await;
    keep_days(dir.path(), 41);
    stopped(served(dir.path(), &[]).await).await;
    assert_eq!(entries(dir.path()).await.len(), 8, "nothing is old enough");

    keep_days(dir.path(), 39);
    let broker = served(dir.path(), &[]).await;
    broker.log.line("old entries of the audit trail were removed").await;
    // The next start looks again, and finds nothing.
    stopped(broker).await;
    stopped(served(dir.path(), &[]).await).await;
    let left = entries(dir.path()).await;
    let lines: Vec<String> = left.iter().map(|e| format!("{} {} {} {}", e.seq, e.actor, e.action, e.counts)).collect();
    #[rustfmt::skip]
    assert_eq!(lines, [
        "7 broker broker_started ",
        "8 broker broker_stopped ",
        "9 broker broker_started ",
        "10 broker audit_cut entries=6 up_to_entry=6",
        "11 broker broker_stopped ",
        "12 broker broker_started ",
        "13 broker broker_stopped ",
    ]);
    whole(dir.path(), &[]);
    let told = |language, says: &str| {
        let text = run(&["audit", "verify"], dir.path(), "", language).stdout;
        let text = String::from_utf8(text).unwrap();
        assert!(text.contains(says), "{text}");
    };
    told("C", "It begins with entry 7: those up to 6 were removed as planned");
    told("de_DE.UTF-8", "Es beginnt mit Eintrag 7: Die bis 6 wurden planmäßig entfernt");
    for (format, begin) in [("csv", "6,"), ("json", "{\"seq\":6,")] {
        let done = run(&["audit", "export", "--format", format], dir.path(), "", "C");
        let text = String::from_utf8(done.stdout).unwrap();
        let lines: Vec<&str> = text.lines().skip(usize::from(format == "csv")).collect();
        assert!(lines[0].starts_with(begin) && lines[0].contains("removed_up_to_here"), "{}", lines[0]);
        assert_eq!(lines.len(), 8);
        assert!(String::from_utf8(done.stderr).unwrap().contains("those up to 6 were removed"));
    }
    // What was removed can't be found in the file either.
    let file = fs::read(dir.path().join("broker.sqlite")).unwrap();
    let holds = |text: &[u8]| file.windows(text.len()).any(|window| window == text);
    assert!(holds(b"audit_cut") && !holds(b"paper_code_made"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_from_before_the_cut_fits_or_is_told_to_be_too_old() {
    let dir = forty_days_old().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let file = |name: &str, text: String| {
        let path = elsewhere.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let removed = file("removed", head(dir.path()));
    stopped(served(dir.path(), &[]).await).await;
    let last_removed = file("last", head(dir.path()));
    aged(dir.path(), 40).await;
    let last_removed_aged = file("aged", head(dir.path()));
    keep_days(dir.path(), 30);
    let broker = served(dir.path(), &[]).await;
    broker.log.line("old entries of the audit trail were removed").await;
    let after = file("after", head(dir.path()));
    stopped(broker).await;
    whole(dir.path(), &["--head", &after]);
    whole(dir.path(), &["--head", &last_removed_aged]);
    faulty(dir.path(), &["--head", &last_removed], "up to entry 8 it is not the trail");
    faulty(dir.path(), &["--head", &removed], "the head is older than its cut: the head is of entry 6");
    let german = run(&["audit", "verify", "--head", &removed], dir.path(), "", "de_DE.UTF-8");
    assert!(String::from_utf8(german.stderr).unwrap().contains("der Kopf ist älter als sein Schnitt"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_that_the_broker_has_not_made_is_named() {
    let dir = cut().await;
    // As of now: 7 start, 8 cut, 9 stop.
    whole(dir.path(), &[]);
    let older = forty_days_old().await;
    for (data, sql, says) in [
        (&dir, "DELETE FROM audit_cut", "entry 1 is missing"),
        (&dir, "UPDATE audit_cut SET seq = 7", "the cut at its beginning is not signed"),
        (&dir, "UPDATE audit_cut SET at_unix_s = 1", "the cut at its beginning is not signed"),
        (&dir, "UPDATE audit_cut SET hash = x''", "the cut at its beginning is not signed"),
        (&dir, "DELETE FROM audit WHERE seq = 7", "entry 7 is missing"),
        (&dir, "UPDATE audit SET actor = 'x' WHERE seq = 7", "the cut behind entry 6 does not fit"),
        (&dir, "UPDATE audit SET actor = 'x' WHERE seq = 8", "entry 8 was changed"),
        (&dir, "DELETE FROM audit; DELETE FROM audit_head", "entry 7 is missing"),
        (
            &dir,
            "INSERT INTO audit SELECT 6, at_unix_s, actor, action, object, outcome, counts, hash FROM audit WHERE seq = 7",
            "the cut behind entry 6 does not fit",
        ),
        (&older, "DELETE FROM audit WHERE seq < 4", "entry 1 is missing"),
        // The signature of a head is none of a cut.
        (
            &older,
            "INSERT INTO audit_cut SELECT 1, seq, hash, 0, signature FROM audit_head; DELETE FROM audit",
            "the cut at its beginning is not signed",
        ),
    ] {
        let copy = copied(data.path());
        let mut db = database(copy.path()).await;
        for trigger in ["audit_is_not_changed", "audit_is_not_deleted"] {
            sqlx::query(sqlx::AssertSqlSafe(format!("DROP TRIGGER {trigger}"))).execute(&mut db).await.unwrap();
        }
        sqlx::raw_sql(sql).execute(&mut db).await.unwrap();
        db.close().await.unwrap();
        faulty(copy.path(), &[], says);
    }
    // A slip takes nothing away that the cut does not cover.
    let mut db = database(dir.path()).await;
    for sql in ["DELETE FROM audit", "DELETE FROM audit WHERE seq = 7"] {
        assert!(sqlx::raw_sql(sql).execute(&mut db).await.is_err(), "{sql}");
    }
    db.close().await.unwrap();
    whole(dir.path(), &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn traces_of_a_change_are_not_removed() {
    let dir = forty_days_old().await;
    let mut db = database(dir.path()).await;
    for sql in ["DROP TRIGGER audit_is_not_changed", "UPDATE audit SET actor = 'x' WHERE seq = 3"] {
        sqlx::raw_sql(sql).execute(&mut db).await.unwrap();
    }
    db.close().await.unwrap();
    keep_days(dir.path(), 30);
    let broker = served(dir.path(), &[]).await;
    broker.log.line("the audit trail is not whole, so nothing is removed: entry 3 was changed").await;
    let text = broker.admin().await.get("/metrics").await.text();
    assert!(text.contains("mitblick_refused_total{reason=\"audit_cut\"} 1\n"), "{text}");
    stopped(broker).await;
    assert_eq!(entries(dir.path()).await.len(), 8);
    assert!(!verify(dir.path(), &[]).status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trail_can_be_cut_while_it_is_checked() {
    let dir = tempfile::tempdir().unwrap();
    add_anna(dir.path());
    let store = open_store(&DataDir::open(dir.path()).unwrap()).await.unwrap();
    use mitblick_broker::audit::{Action, Actor, Point, Record};
    let record = |action| Record::new(&Actor::Broker, action);
    store.record(vec![record(Action::SignIn); 3_000]).await.unwrap();
    store.record(vec![record(Action::BrokerStarted)]).await.unwrap();
    let all = store.audit_entries(0, 3_000).await.unwrap();
    let data = dir.path().to_owned();
    let checking = tokio::task::spawn_blocking(move || {
        for _ in 0..10 {
            whole(&data, &[]);
        }
    });
    for entry in all.iter().step_by(50) {
        let point = Point { seq: entry.seq, hash: entry.hash };
        assert!(store.cut_audit(point).await.unwrap().is_some());
    }
    checking.await.unwrap();
    let head: Head = store.audit_head().await.unwrap().unwrap();
    assert_eq!(head.seq, 4 + 3_000 + 1 + 60);
    store.close().await;
    whole(dir.path(), &[]);
}
