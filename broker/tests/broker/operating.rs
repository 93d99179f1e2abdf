//! The file of settings, signals, and what machines ask: health and figures.

use crate::{
    browser::Browser,
    harness::{PATIENCE, Rig, until},
    process::{add_anna, run, served},
};
use mitblick_broker::{config::AdminListen, metrics::Count};
use rcgen::{CertificateParams, KeyPair};
use std::{fs, path::Path, time::Duration};
use tokio::time::timeout;

/// A certificate for `localhost` and its key, as an authority would send them.
fn write_certificate(dir: &Path, not_after: Option<(i32, u8, u8)>) -> Vec<u8> {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    if let Some((year, month, day)) = not_after {
        params.not_after = rcgen::date_time_ymd(year, month, day);
    }
    let certificate = params.self_signed(&key).unwrap();
    fs::write(dir.join("c.pem"), certificate.pem()).unwrap();
    fs::write(dir.join("k.pem"), key.serialize_pem()).unwrap();
    certificate.der().to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_of_settings_is_used_and_the_command_line_wins_over_it() {
    let dir = tempfile::tempdir().unwrap();
    add_anna(dir.path());
    fs::write(dir.path().join("broker.toml"), "[relay]\nnumber_seconds = 77\n[admin]\nlisten = \"off\"\n").unwrap();
    let mut first = served(dir.path(), &[]).await;
    assert_eq!(life(&mut first.target.advisor("anna").await).await, 77);
    first.child.kill().await.unwrap();
    let second = served(dir.path(), &["--number-seconds", "99", "--admin-listen", "127.0.0.1:0"]).await;
    assert_eq!(life(&mut second.target.advisor("anna").await).await, 99);
    assert_eq!(second.admin().await.get("/healthz").await.text(), "alive\n");
}

async fn life(advisor: &mut crate::harness::Client) -> u32 {
    use mitblick_protocol::broker_msg::{FromBroker, ToBroker};
    advisor.say(&ToBroker::OpenNumber).await;
    match advisor.hear().await {
        FromBroker::NumberOpened { life_s, .. } => life_s,
        other => panic!("no number: {other:?}"),
    }
}

#[test]
fn a_wrong_file_stops_the_start_with_its_line_and_leaves_the_folder_alone() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("broker.toml"), "[relay]\nlisen = \"0.0.0.0:1\"\n").unwrap();
    for (args, word) in [(&["serve"][..], "line 2, lisen: unknown field"), (&["config", "check"], "config example")] {
        let done = run(args, dir.path(), "", "C");
        assert_eq!(done.status.code(), Some(1));
        let text = String::from_utf8(done.stderr).unwrap();
        assert!(text.contains("broker.toml") && text.contains(word), "{text}");
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    let example =
        std::process::Command::new(env!("CARGO_BIN_EXE_mitblick-broker")).args(["config", "example"]).output();
    fs::write(dir.path().join("broker.toml"), example.unwrap().stdout).unwrap();
    assert!(run(&["config", "check"], dir.path(), "", "C").status.success());
}

#[test]
fn a_certificate_that_does_not_fit_is_refused_with_a_word_of_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let settings = "[tls]\ncertificate = \"c.pem\"\nkey = \"k.pem\"\n";
    fs::write(dir.path().join("broker.toml"), settings).unwrap();
    let says = |word: &str| {
        let done = run(&["serve", "--listen", "127.0.0.1:0"], dir.path(), "", "C");
        let text = String::from_utf8(done.stderr).unwrap();
        assert!(done.status.code() == Some(1) && text.contains(word), "{word}: {text}");
    };
    says("Can't read");
    write_certificate(dir.path(), Some((2020, 1, 1)));
    says("has expired");
    let key = fs::read(dir.path().join("k.pem")).unwrap();
    write_certificate(dir.path(), None);
    let right = fs::read(dir.path().join("k.pem")).unwrap();
    fs::write(dir.path().join("k.pem"), &key).unwrap();
    says("belongs to another certificate");
    fs::write(dir.path().join("k.pem"), "nothing").unwrap();
    says("no usable private key");
    fs::write(dir.path().join("k.pem"), right).unwrap();
    fs::write(dir.path().join("c.pem"), [0xff; 100]).unwrap();
    says("no certificate");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hang_up_takes_over_certificate_and_limits_and_a_bad_file_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    add_anna(dir.path());
    let first = write_certificate(dir.path(), None);
    let file = dir.path().join("broker.toml");
    let settings = "[tls]\ncertificate = \"c.pem\"\nkey = \"k.pem\"\n";
    fs::write(&file, settings).unwrap();
    let served = served(dir.path(), &[]).await;
    let browser = served.admin().await;
    assert_eq!(browser.certificate().await, first);
    // Programs see their pinned key all the same.
    served.target.connect().await;

    let second = write_certificate(dir.path(), None);
    fs::write(&file, format!("{settings}[relay]\nnumber_seconds = 60\n")).unwrap();
    served.signal("-HUP");
    served.log.line("needs a restart").await;
    assert_eq!(browser.certificate().await, second);
    served.target.connect().await;

    fs::write(dir.path().join("c.pem"), "nothing").unwrap();
    served.signal("-HUP");
    served.log.line("those before stay in force").await;
    fs::write(&file, "[relay\n").unwrap();
    served.signal("-HUP");
    served.log.line("broker.toml, line 1").await;
    assert_eq!(browser.certificate().await, second);
    let figures = browser.get("/metrics").await.text();
    assert!(figures.contains("mitblick_refused_total{reason=\"reload\"} 2\n"), "{figures}");
    assert!(figures.contains("mitblick_reloads_total 1\n"), "{figures}");
}

#[tokio::test(flavor = "multi_thread")]
async fn new_limits_hold_after_a_reload() {
    let rig = Rig::start().await;
    let mut config = crate::harness::relaxed(rig.dir.path());
    config.limits.open_per_source = Some(1);
    let _first = rig.target.connect().await;
    let _second = rig.target.connect().await;
    rig.broker.reload(Ok(config));
    assert!(rig.target.try_connect().await.is_none());
    assert_eq!(rig.broker.metrics().value(Count::TurnedAwayOpen), 1);
    assert_eq!(rig.broker.metrics().value(Count::Reloaded), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_ready_until_it_stops_and_alive_until_the_end() {
    let rig = Rig::start().await;
    let browser = Browser::new(rig.broker.admin_address().unwrap());
    assert_eq!((browser.get("/healthz").await.status, browser.get("/readyz").await.status), (200, 200));
    let (advisor, _customer) = rig.target.pair().await;
    let figures = browser.get("/metrics").await;
    assert_eq!(figures.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    for line in ["mitblick_pairs 1\n", "mitblick_ready 1\n", "mitblick_signed_in_total 1\n"] {
        assert!(figures.text().contains(line), "{line}: {}", figures.text());
    }
    let (hurry, hurried) = tokio::sync::oneshot::channel::<()>();
    let broker = rig.broker;
    let stopping = tokio::spawn(async move {
        broker
            .stop(async {
                let _ = hurried.await;
            })
            .await;
    });
    let mut status = 200;
    while status == 200 {
        let answer = browser.get("/readyz").await;
        status = answer.status;
        if status != 200 {
            assert_eq!((status, answer.text().as_str()), (503, "not ready: stopping\n"));
        }
    }
    assert_eq!(browser.get("/healthz").await.status, 200);
    drop((advisor, hurry));
    timeout(PATIENCE, stopping).await.expect("does not end").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_sends_slowly_or_nothing_is_let_go() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let rig = Rig::with(|config| config.timing.introduction = Duration::from_millis(300)).await;
    let browser = Browser::new(rig.broker.admin_address().unwrap());
    let form = "POST /sign-in HTTP/1.1\r\nhost: a\r\nsec-fetch-site: same-origin\r\ncontent-length: 99\r\n\r\nname=";
    for said in ["", "GET /healthz HTTP/1.1\r\nhost: a\r\nx-slow", form] {
        let mut slow = browser.tls().await;
        slow.write_all(said.as_bytes()).await.unwrap();
        let mut rest = Vec::new();
        // Closed, with or without a word.
        let _ = timeout(PATIENCE, slow.read_to_end(&mut rest)).await.expect("waits for ever");
    }
    let metrics = rig.broker.metrics();
    until("all are let go", || metrics.value(Count::Connections) == metrics.value(Count::ConnectionsEnded)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_admin_listener_there_is_none() {
    let rig = Rig::with(|config| config.admin = AdminListen::Off).await;
    assert_eq!(rig.broker.admin_address(), None);
    rig.target.connect().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_the_headers_also_for_what_is_not_there() {
    let rig = Rig::start().await;
    let browser = Browser::new(rig.broker.admin_address().unwrap());
    let browser = browser.clone().with("origin", browser.origin());
    for path in ["/healthz", "/metrics", "/nothing/of/this", "/%ff"] {
        let answer = browser.get(path).await;
        assert!(answer.header("content-security-policy").starts_with("default-src 'none'"), "{path}");
        for (name, value) in [("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer")] {
            assert_eq!(answer.header(name), value, "{path}");
        }
    }
}
