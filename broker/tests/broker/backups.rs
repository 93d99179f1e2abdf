//! Backups: made while the broker writes, checked, and brought back.

use crate::{
    auditing::{entries, hold_sessions, whole},
    browser::Browser,
    harness::until,
    process::{add_anna, run, served, with_namesakes},
};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

#[track_caller]
fn refused(done: &Output, says: &str) {
    let text = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.code() == Some(1) && text.contains(says), "{says}: {text}");
}

/// What `backup check` says; it needs no data folder.
fn checked(file: &Path, language: &str) -> Output {
    let mut check = Command::new(env!("CARGO_BIN_EXE_mitblick-broker"));
    check.args(["backup", "check"]).arg(file).env_clear().env("LANG", language).output().unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_made_amid_a_hundred_writes_brings_accounts_keys_and_a_whole_trail_back() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    add_anna(&data);
    with_namesakes(&data).await;
    let mut broker = served(&data, &["--organisation", "Muster AG"]).await;
    let (numbers, sessions) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut holding = Vec::new();
    for _ in 0..3 {
        let advisor = broker.target.advisor("anna").await;
        let target = broker.target.clone();
        holding.push(tokio::spawn(hold_sessions(advisor, target, Arc::clone(&numbers), Arc::clone(&sessions))));
    }
    // Every session is three writes; archives are made all along.
    let mut made = Vec::new();
    for part in 1..=3 {
        until("writes of this part", || sessions.load(Ordering::SeqCst) >= part * 12).await;
        let file = dir.path().join(format!("{part}.zip"));
        let (folder, archive) = (data.clone(), file.clone());
        let done = tokio::task::spawn_blocking(move || run(&["backup", text(&archive)], &folder, "", "C"));
        let done = done.await.unwrap();
        assert!(done.status.success(), "{done:?}");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        made.push((file, sessions.load(Ordering::SeqCst)));
    }
    broker.child.kill().await.unwrap();
    for task in holding {
        task.await.unwrap();
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 4, "nothing but folder and archives is left");

    let mut before = 0;
    for (file, sessions) in &made {
        assert!(checked(file, "C").status.success());
        let back = dir.path().join("back");
        let done = run(&["restore", text(file)], &back, "", "C");
        assert!(done.status.success(), "{done:?}");
        whole(&back, &[]);
        let began = entries(&back).await.iter().filter(|entry| entry.action == "session_began").count();
        assert!(began >= before && began <= sessions + 3, "{began} sessions in a backup of {before} to {sessions}");
        before = *sessions;
        let mut again = served(&back, &[]).await;
        assert_eq!(again.target.pin, broker.target.pin);
        again.target.waiting().await;
        again.child.kill().await.unwrap();
        fs::remove_dir_all(back).unwrap();
    }
    let noted = entries(&data).await.iter().filter(|entry| entry.action == "backup_made").count();
    assert_eq!(noted, 3);
}

#[test]
fn a_restore_takes_an_empty_folder_only_and_a_bad_archive_leaves_it_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    add_anna(&data);
    let file = dir.path().join("b.zip");
    refused(&run(&["backup", text(&file)], &dir.path().join("slip"), "", "C"), "no broker's database");
    assert!(run(&["backup", text(&file)], &data, "", "C").status.success());
    refused(&run(&["restore", text(&file)], &data, "", "C"), "empty folder only");
    refused(&run(&["restore", text(&file)], &data, "", "de_DE"), "leeren Ordner");
    let missing = dir.path().join("none.zip");
    refused(&run(&["restore", text(&missing)], &dir.path().join("new"), "", "C"), "can't be read");

    let good = fs::read(&file).unwrap();
    for at in (0..good.len()).step_by(good.len() / 40) {
        let mut bad = good.clone();
        bad[at] ^= 0x5a;
        fs::write(&file, bad).unwrap();
        let new = dir.path().join("new");
        // A bit that means nothing, a date say, may be another one.
        let done = run(&["restore", text(&file)], &new, "", "C");
        if done.status.success() {
            whole(&new, &[]);
            fs::remove_dir_all(&new).unwrap();
        }
        assert!(!new.exists(), "byte {at} left something behind");
    }
    fs::write(&file, &good[..good.len() / 2]).unwrap();
    refused(&checked(&file, "de_DE"), "keine Sicherung");
    let nowhere = dir.path().join("no/folder/b.zip");
    refused(&run(&["backup", text(&nowhere)], &data, "", "C"), "free space");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_running_broker_makes_backups_as_planned_and_says_when_it_can_not() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let folder = dir.path().join("backups");
    add_anna(&data);
    fs::create_dir(&folder).unwrap();
    for old in ["mitblick-backup-20200101T000000Z.zip", "mitblick-backup-20200102T000000Z.zip", "notes.txt"] {
        fs::write(folder.join(old), "").unwrap();
    }
    let settings = format!("[backup]\nfolder = \"{}\"\nkeep = 2\n", folder.display());
    fs::write(data.join("broker.toml"), &settings).unwrap();
    let broker = served(&data, &[]).await;
    broker.log.line("a backup was made").await;
    let mut names: Vec<String> =
        fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names.len(), 3, "{names:?}");
    assert_eq!((names[0].as_str(), names[2].as_str()), ("mitblick-backup-20200102T000000Z.zip", "notes.txt"));
    assert!(checked(&folder.join(&names[1]), "C").status.success());
    let address = broker.log.line("admin pages: https://").await;
    let browser = Browser::new(address.trim_end_matches('/').parse().unwrap());
    let figures = browser.get("/metrics").await.text();
    assert!(figures.contains("mitblick_backups_total 1\n"), "{figures}");
    assert!(!figures.contains("mitblick_last_backup_seconds 0\n"), "{figures}");

    // A folder in which nobody can make a file.
    fs::write(data.join("broker.toml"), "[backup]\nfolder = \"/proc\"\n").unwrap();
    broker.signal("-HUP");
    broker.log.line("no backup could be made").await;
    let figures = browser.get("/metrics").await.text();
    assert!(figures.contains("mitblick_refused_total{reason=\"backup\"} 1\n"), "{figures}");
}
