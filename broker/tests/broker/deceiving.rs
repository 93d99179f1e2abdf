//! Words about where one comes from, and a clock that jumps: neither changes
//! anything.

use crate::{
    browser::Browser,
    harness::{Client, Got, Rig, until},
    process::{add_anna, run, served, served_in, with_namesakes},
};
use mitblick_broker::metrics::Count;
use mitblick_protocol::broker_msg::{FromBroker, ToBroker};
use std::{
    fs,
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Debian's library that tells a process another time of day.
fn false_clock() -> String {
    format!("/usr/lib/{}-linux-gnu/faketime/libfaketime.so.1", std::env::consts::ARCH)
}

const HOUR_S: i64 = 60 * 60;

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_header_is_refused_with_a_word_of_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let served = served(dir.path(), &[]).await;
    let admin = served.admin().await;
    let binary = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\x0a\0\0\x01\x0a\0\0\x02\x04\xd2\x16\x2e";
    for header in [&b"PROXY TCP4 10.0.0.1 10.0.0.2 1234 5678\r\n"[..], binary] {
        let mut socket = TcpStream::connect(served.target.address).await.unwrap();
        let _ = socket.write_all(header).await;
        let mut answer = Vec::new();
        let _ = socket.read_to_end(&mut answer).await;
        assert!(answer.is_empty(), "{answer:?}");
    }
    served.log.line("Turn off send-proxy").await;
    let text = admin.get("/metrics").await.text();
    assert!(text.contains("mitblick_refused_total{reason=\"proxy_header\"} 2\n"), "{text}");
    served.target.connect().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_who_is_turned_away_is_so_whatever_the_request_says() {
    let rig = Rig::with(|config| config.limits.open_per_source = Some(1)).await;
    let _first = rig.target.connect().await;
    let metrics = rig.broker.metrics();
    for (number, header) in ["x-forwarded-for", "forwarded", "x-real-ip"].into_iter().enumerate() {
        // Turned away before a word is read.
        let mut socket = TcpStream::connect(rig.target.address).await.unwrap();
        let _ = socket.write_all(format!("GET / HTTP/1.1\r\n{header}: 203.0.113.9\r\n\r\n").as_bytes()).await;
        let mut answer = Vec::new();
        let _ = socket.read_to_end(&mut answer).await;
        assert!(answer.is_empty());
        until("it is counted", || metrics.value(Count::TurnedAwayOpen) == number as u64 + 1).await;
    }
}

/// Those of one address are counted together.
#[tokio::test(flavor = "multi_thread")]
async fn wrong_passwords_on_the_pages_count_for_the_real_address() {
    let rig = Rig::with(|config| config.limits.lock_sources = true).await;
    let admin = Browser::new(rig.broker.admin_address().unwrap());
    let metrics = rig.broker.metrics();
    for number in 0..6 {
        let browser = admin
            .clone()
            .with("origin", admin.origin())
            .with("sec-fetch-site", "same-origin")
            .with("x-forwarded-for", format!("203.0.113.{number}"))
            .with("forwarded", format!("for=203.0.113.{number}"));
        let form = format!("name=nobody{number}&password=falsch");
        browser.send(hyper::Method::POST, "/sign-in", &form).await;
    }
    assert_eq!(metrics.value(Count::SignInFailed), 5);
    assert_eq!(metrics.value(Count::SignInLimited), 1);
}

/// How far the broker's time of day is from ours.
async fn ahead_s(advisor: &mut Client) -> i64 {
    advisor.say(&ToBroker::OpenNumber).await;
    let FromBroker::NumberOpened { card, life_s, .. } = advisor.hear().await else { panic!("no number") };
    advisor.say(&ToBroker::CloseNumber).await;
    advisor.hear().await;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    card.expires_unix_s as i64 - now as i64 - i64::from(life_s)
}

/// The time of day jumps an hour ahead, then two hours back: numbers and
/// sessions live by a clock that nobody sets.
#[tokio::test(flavor = "multi_thread")]
async fn numbers_and_sessions_outlive_jumps_of_the_clock() {
    let false_clock = false_clock();
    if !Path::new(&false_clock).exists() {
        eprintln!("the package libfaketime is missing: nothing was tested");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    add_anna(&data);
    with_namesakes(&data).await;
    let clock = dir.path().join("clock");
    fs::write(&clock, "+0").unwrap();
    let variables = [
        ("LD_PRELOAD", false_clock.as_str()),
        ("FAKETIME_TIMESTAMP_FILE", clock.to_str().unwrap()),
        ("FAKETIME_NO_CACHE", "1"),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ];
    let served = served_in(&data, &["--number-seconds", "600"], &variables).await;
    let target = &served.target;
    let (mut advisor, mut customer) = target.pair().await;
    let mut watch = target.advisor("anna").await;
    let right = ahead_s(&mut watch).await;
    for jump_s in [HOUR_S, -HOUR_S] {
        let (mut waiting, routing) = target.waiting().await;
        fs::write(&clock, format!("{jump_s:+}")).unwrap();
        let jumped_s = ahead_s(&mut watch).await - right;
        assert!((jumped_s - jump_s).abs() < 60, "the clock has not jumped: {jumped_s}");
        let mut late = target.connect().await;
        late.say(&ToBroker::Join { routing }).await;
        assert_eq!(late.hear().await, FromBroker::Paired);
        assert_eq!(waiting.hear().await, FromBroker::Joined);
        for body in [&b"still"[..], b"here"] {
            advisor.relay(body).await;
            assert_eq!(customer.next().await, Got::Relayed(body.to_vec()));
        }
    }
    let verified = run(&["audit", "verify"], &data, "", "C");
    assert!(verified.status.success(), "{verified:?}");
}
