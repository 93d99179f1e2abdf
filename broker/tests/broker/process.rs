//! The program itself: its command line, its files, its end.

use crate::{
    browser::Browser,
    harness::{Got, PASSWORD, PATIENCE, Rig, Target, add_namesakes, relaxed, until},
};
use mitblick_broker::{data_dir::DataDir, metrics::Count, open_store, problem::Problem, store::Store};
use mitblick_protocol::broker_msg::{FromBroker, PairEnd, Refusal, ToBroker};
use std::{
    fs,
    io::Write,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    net::TcpListener,
    process::{Child, ChildStderr, Command as AsyncCommand},
    time::timeout,
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_mitblick-broker");

/// A command line that ends by itself.
pub(crate) fn run(args: &[&str], data: &Path, input: &str, language: &str) -> Output {
    let mut child = Command::new(PROGRAM)
        .args(args)
        .arg("--data")
        .arg(data)
        .env_clear()
        .env("LANG", language)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may end without reading.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

/// A broker in its own process; ends with the test.
pub(crate) struct Served {
    pub(crate) child: Child,
    pub(crate) target: Target,
    pub(crate) log: Log,
}

/// What a broker has written to stderr.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn read(from: ChildStderr) -> Self {
        let log = Self::default();
        let lines = Arc::clone(&log.0);
        tokio::spawn(async move {
            let mut from = BufReader::new(from).lines();
            while let Ok(Some(line)) = from.next_line().await {
                lines.lock().unwrap().push(line);
            }
        });
        log
    }

    /// Lines with this word so far.
    pub(crate) fn count(&self, word: &str) -> usize {
        self.0.lock().unwrap().iter().filter(|line| line.contains(word)).count()
    }

    /// Waits for a line with this word; gives what follows it.
    pub(crate) async fn line(&self, word: &str) -> String {
        let find = || self.0.lock().unwrap().iter().find_map(|line| Some(line.split_once(word)?.1.to_owned()));
        until(word, || find().is_some()).await;
        find().unwrap()
    }
}

pub(crate) async fn served(data: &Path, more: &[&str]) -> Served {
    served_in(data, more, &[]).await
}

/// The same with variables of its environment.
pub(crate) async fn served_in(data: &Path, more: &[&str], variables: &[(&str, &str)]) -> Served {
    let mut child = AsyncCommand::new(PROGRAM)
        .args(["serve", "--listen", "127.0.0.1:0", "--limits", "relaxed", "--new-workplaces", "approve", "--data"])
        .arg(data)
        .args(more)
        .envs(variables.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let log = Log::read(child.stderr.take().unwrap());
    let mut line = String::new();
    let mut out = BufReader::new(child.stdout.as_mut().unwrap());
    timeout(PATIENCE, out.read_line(&mut line)).await.expect("the broker is never ready").unwrap();
    let target = Target::parse(&line);
    Served { child, target, log }
}

impl Served {
    pub(crate) fn signal(&self, signal: &str) {
        let id = self.child.id().unwrap().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    /// A browser for its admin pages.
    pub(crate) async fn admin(&self) -> Browser {
        let address = self.log.line("admin pages: https://").await;
        Browser::new(address.trim_end_matches('/').parse().unwrap())
    }

    /// Its memory in RAM.
    pub(crate) fn resident_kib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id().unwrap())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// Waits for the end; exit code and what stdout held after the first line.
    pub(crate) async fn ended(&mut self) -> (Option<i32>, String) {
        let mut rest = String::new();
        self.child.stdout.as_mut().unwrap().read_to_string(&mut rest).await.unwrap();
        let status = timeout(PATIENCE, self.child.wait()).await.expect("does not end").unwrap();
        (status.code(), rest)
    }
}

pub(crate) fn add_main_user(data: &Path) {
    let code = run(&["main-user", "code"], data, "", "C");
    let code = String::from_utf8(code.stdout).unwrap();
    let made = run(&["main-user", "create", "maria"], data, &format!("{code}{PASSWORD}\n"), "C");
    assert!(made.status.success(), "{made:?}");
}

/// The main user maria, and anna, who has exchanged her initial password.
/// Four entries of the audit trail.
pub(crate) fn add_anna(data: &Path) {
    let initial = "erste wolke kamel tasse";
    add_main_user(data);
    let added = run(&["advisor", "add", "anna"], data, initial, "C");
    assert!(added.status.success(), "{added:?}");
    let changed = run(&["advisor", "change-password", "anna"], data, &format!("{initial}\n{PASSWORD}\n"), "C");
    assert!(changed.status.success(), "{changed:?}");
}

/// Further advisors of that name.
pub(crate) async fn with_namesakes(data: &Path) {
    let store = open_store(&DataDir::open(data).unwrap()).await.unwrap();
    add_namesakes(&store, "anna").await;
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_folder_is_enough_and_accounts_can_be_made_while_it_runs() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("new/folder");
    let served = served(&data, &[]).await;
    add_anna(&data);
    served.target.waiting().await;
    for file in fs::read_dir(&data).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?} is open to others", file.file_name());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_and_started_again_it_has_the_same_pin_and_accounts() {
    let dir = tempfile::tempdir().unwrap();
    add_anna(dir.path());
    let mut first = served(dir.path(), &["--organisation", "Muster AG"]).await;
    let (_advisor, _) = first.target.waiting().await;
    first.child.kill().await.unwrap();
    let second = served(dir.path(), &[]).await;
    assert_eq!(second.target.pin, first.target.pin);
    let mut advisor = second.target.advisor("anna").await;
    advisor.say(&ToBroker::OpenNumber).await;
    let FromBroker::NumberOpened { card, .. } = advisor.hear().await else { panic!("no number") };
    assert_eq!(card.organisation.as_str(), "Muster AG");
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_stop_it_tells_everyone_lets_pairs_go_on_and_ends_with_zero() {
    let dir = tempfile::tempdir().unwrap();
    add_anna(dir.path());
    with_namesakes(dir.path()).await;
    let mut served = served(dir.path(), &["--drain-seconds", "6"]).await;
    let (mut advisor, mut customer) = served.target.pair().await;
    let (mut waiting, _) = served.target.waiting().await;
    served.signal("-TERM");
    for client in [&mut advisor, &mut customer, &mut waiting] {
        let FromBroker::Restarting { reconnect_in_ms, try_for_ms } = client.hear().await else { panic!("no notice") };
        assert!(reconnect_in_ms < try_for_ms);
    }
    waiting.closed().await;
    advisor.relay(b"still here").await;
    assert_eq!(customer.next().await, Got::Relayed(b"still here".to_vec()));
    for client in [&mut advisor, &mut customer] {
        assert_eq!(client.hear().await, FromBroker::PairEnded(PairEnd::BrokerStops));
        client.closed().await;
    }
    assert_eq!(served.ended().await, (Some(0), String::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_does_not_wait_for_the_pairs() {
    let dir = tempfile::tempdir().unwrap();
    add_anna(dir.path());
    let mut served = served(dir.path(), &["--drain-seconds", "3600"]).await;
    let (mut advisor, _customer) = served.target.pair().await;
    served.signal("-INT");
    assert!(matches!(advisor.hear().await, FromBroker::Restarting { .. }));
    served.signal("-INT");
    assert_eq!(served.ended().await, (Some(0), String::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_pairs_it_stops_at_once_and_refuses_nobody_silently() {
    let rig = Rig::with(|config| config.drain = Duration::from_secs(3_600)).await;
    let (mut advisor, _) = rig.target.waiting().await;
    let stopping = rig.broker.stop(std::future::pending());
    let (stopped, ()) = tokio::join!(timeout(PATIENCE, stopping), async {
        assert!(matches!(advisor.hear().await, FromBroker::Restarting { .. }));
        advisor.closed().await;
        drop(advisor);
    });
    stopped.expect("waits though nobody is there");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_it_stops_a_pair_may_not_become_a_new_one() {
    let rig = Rig::with(|config| config.drain = Duration::from_secs(3_600)).await;
    let (mut advisor, mut customer) = rig.target.pair().await;
    let stopping = rig.broker.stop(std::future::pending());
    let (stopped, ()) = tokio::join!(timeout(PATIENCE, stopping), async {
        assert!(matches!(advisor.hear().await, FromBroker::Restarting { .. }));
        assert!(matches!(customer.hear().await, FromBroker::Restarting { .. }));
        customer.say(&ToBroker::EndPair).await;
        assert_eq!(advisor.hear().await, FromBroker::PairEnded(PairEnd::PeerLeft));
        advisor.closed().await;
        customer.closed().await;
    });
    stopped.expect("waits though the pair has ended");
}

#[test]
fn the_command_line_manages_accounts_and_explains_itself() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path();
    let early = run(&["advisor", "add", "anna"], data, PASSWORD, "C");
    assert_eq!(early.status.code(), Some(1));
    assert!(String::from_utf8(early.stderr).unwrap().contains("main-user code"));
    add_main_user(data);
    for (args, input, language, says) in [
        (&["advisor", "add", "anna"][..], "kurz\n", "C", "at least 15"),
        (&["advisor", "add", "anna"], "kurz\n", "de_DE.UTF-8", "mindestens 15"),
        (&["advisor", "add", "anna"], "regen ueber 4nn4 wald\n", "C", "must not contain the name"),
        (&["advisor", "add", "a b"], PASSWORD, "C", "no blanks"),
        (&["advisor", "remove", "anna"], "", "de_DE", "gibt es nicht"),
        (&["advisor", "password", "anna"], PASSWORD, "C", "advisor list"),
    ] {
        let done = run(args, data, input, language);
        let text = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(1), "{args:?}: {text}");
        assert!(text.contains(says), "{args:?}: {text}");
    }
    assert!(run(&["advisor", "add", "anna"], data, PASSWORD, "C").status.success());
    let again = run(&["advisor", "add", "Anna"], data, PASSWORD, "C");
    assert_eq!(again.status.code(), Some(1));
    assert!(run(&["advisor", "password", "anna"], data, "ein ganz anderes wort", "C").status.success());
    let list = run(&["advisor", "list"], data, "", "C");
    assert_eq!(String::from_utf8(list.stdout).unwrap(), "anna\tanna\tadvisor\tinitial\nmaria\tmaria\tmain_user\town\n");
    assert!(run(&["advisor", "remove", "anna"], data, "", "C").status.success());
    let list = run(&["advisor", "list"], data, "", "C");
    assert_eq!(String::from_utf8(list.stdout).unwrap(), "maria\tmaria\tmain_user\town\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_or_folder_in_use_is_refused_with_a_word_of_what_to_do() {
    let rig = Rig::start().await;
    let again = mitblick_broker::serve(relaxed(rig.dir.path())).await;
    assert!(matches!(again, Err(Problem::AlreadyRunning { .. })));

    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let dir = tempfile::tempdir().unwrap();
    let done = run(&["serve", "--listen", &address], dir.path(), "", "C");
    assert_eq!((done.status.code(), done.stdout.len()), (Some(1), 0));
    assert!(String::from_utf8(done.stderr).unwrap().contains("--listen"));
    let done = run(&["serve", "--listen", "127.0.0.1:0", "--admin-listen", &address], dir.path(), "", "de_DE");
    assert_eq!((done.status.code(), done.stdout.len()), (Some(1), 0));
    assert!(String::from_utf8(done.stderr).unwrap().contains("--admin-listen"));
    let done = run(&["serve", "--listen", "127.0.0.1:0", "--admin-listen", "7444"], dir.path(), "", "C");
    assert_eq!(done.status.code(), Some(2));
    // The folder is as good as new.
    served(dir.path(), &[]).await;
}

#[test]
fn unusable_folders_and_damaged_files_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "no folder").unwrap();
    let done = run(&["serve", "--listen", "127.0.0.1:0"], &file.join("sub"), "", "de_DE");
    assert_eq!(done.status.code(), Some(1));
    assert!(String::from_utf8(done.stderr).unwrap().contains("Datenordner"));

    for (name, bytes) in [("broker.sqlite", &[0x5a; 8192][..]), ("tls.key", b"x"), ("card.key", b"x"), ("ca.crt", b"x")]
    {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(name), bytes).unwrap();
        let done = run(&["serve", "--listen", "127.0.0.1:0"], dir.path(), "", "C");
        let text = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(1), "{name}: {text}");
        assert!(text.contains(name) && text.contains("damaged"), "{name}: {text}");
        assert_eq!(fs::read(dir.path().join(name)).unwrap(), bytes, "{name} is left for rescue");
    }
}

/// A file system of its own that can be full; `None` where the test may not
/// mount one.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount(size: &str) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let options = format!("size={size}");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "tmpfs"])
            .arg(dir.path())
            .stderr(Stdio::null())
            .status();
        let mounted = mounted.is_ok_and(|status| status.success()).then_some(Self(dir));
        if mounted.is_none() {
            eprintln!("no file system can be mounted here: nothing was tested");
        }
        mounted
    }

    /// Fills what is free; gives the file that does.
    fn fill(&self) -> std::path::PathBuf {
        let path = self.0.path().join("ballast");
        let mut file = fs::File::create(&path).unwrap();
        while file.write_all(&[0; 4096]).is_ok() {}
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_stops_the_start_and_leaves_nothing_half_written() {
    let Some(disk) = SmallDisk::mount("1m") else { return };
    let ballast = disk.fill();
    let done = run(&["serve", "--listen", "127.0.0.1:0"], &disk.0.path().join("data"), "", "C");
    assert_eq!(done.status.code(), Some(1));
    assert!(String::from_utf8(done.stderr).unwrap().contains("space"));
    fs::remove_file(ballast).unwrap();
    served(&disk.0.path().join("data"), &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fills_up_refuses_what_is_new_keeps_the_sessions_and_loses_nothing() {
    let Some(disk) = SmallDisk::mount("2m") else { return };
    let data = disk.0.path().join("data");
    let store = open_store(&DataDir::open(&data).unwrap()).await.unwrap();
    crate::harness::add_accounts(&store).await;
    store.close().await;
    let broker = mitblick_broker::serve(relaxed(&data)).await.unwrap();
    let target = Target::parse(broker.connect_string());
    let (mut advisor, mut customer) = target.pair().await;
    let mut berta = target.advisor("berta").await;
    let (waiting, routing) = target.waiting().await;
    let ballast = disk.fill();
    // The journal may have some pages left.
    let mut refused = false;
    for _ in 0..200 {
        berta.say(&ToBroker::OpenNumber).await;
        match berta.hear().await {
            FromBroker::NumberOpened { .. } => {
                berta.say(&ToBroker::CloseNumber).await;
                berta.hear().await;
            }
            other => {
                assert_eq!(other, FromBroker::Refused(Refusal::OutOfOrder));
                refused = true;
                break;
            }
        }
    }
    assert!(refused, "the disk is full");
    advisor.relay(b"untouched").await;
    assert_eq!(customer.next().await, Got::Relayed(b"untouched".to_vec()));

    // The session's end is more than the trail can take, and as long as that
    // waits nobody new is paired.
    customer.say(&ToBroker::EndPair).await;
    assert_eq!(advisor.hear().await, FromBroker::PairEnded(PairEnd::PeerLeft));
    let metrics = broker.metrics();
    until("the trail can't be written", || metrics.value(Count::AuditFailed) > 0).await;
    let mut late = target.connect().await;
    late.say(&ToBroker::Join { routing }).await;
    assert_eq!(late.hear().await, FromBroker::Refused(Refusal::OutOfOrder));
    late.closed().await;

    fs::remove_file(ballast).unwrap();
    berta.open_number().await;
    let mut late = target.connect().await;
    late.say(&ToBroker::Join { routing }).await;
    assert_eq!(late.hear().await, FromBroker::Paired);
    drop((late, waiting, berta, advisor));
    broker.stop(std::future::pending()).await;
    let verified = run(&["audit", "verify"], &data, "", "C");
    assert!(verified.status.success(), "{verified:?}");
    let store = open_store(&DataDir::open(&data).unwrap()).await.unwrap();
    let trail = store.audit_entries(0, 10_000).await.unwrap();
    for action in ["session_began", "session_ended"] {
        assert_eq!(trail.iter().filter(|entry| entry.action == action).count(), 1, "{action}: {trail:?}");
    }
}
