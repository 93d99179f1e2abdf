//! Those who say a byte now and then to keep a place: each is let go at its
//! deadline, counted by its reason, and those who work go on.

use crate::{
    browser::Browser,
    harness::{Got, PATIENCE, Rig, until},
};
use mitblick_broker::metrics::Count;
use mitblick_protocol::{
    broker_msg::ToBroker,
    framing::{FrameKind, write_frame},
    number::Routing,
    wire,
};
use std::{future::Future, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};

/// The time between two bytes; far shorter than each deadline below.
const NOW_AND_THEN: Duration = Duration::from_millis(20);
/// What a rig allows, to those who work too: a slow machine may need long.
const A_WHILE: Duration = Duration::from_secs(3);

/// Writes these bytes one at a time and then the last one over and over, until
/// the other side has had enough.
async fn drip(mut socket: impl AsyncWrite + Unpin, bytes: &[u8]) {
    let last = bytes.last().copied().unwrap_or_default();
    for byte in bytes.iter().copied().chain(std::iter::repeat(last)) {
        if socket.write_all(&[byte]).await.is_err() || socket.flush().await.is_err() {
            return;
        }
        sleep(NOW_AND_THEN).await;
    }
}

/// `slow` comes to its end and is counted, while a pair's messages go through.
async fn let_go_while_others_work(rig: &Rig, reason: Count, slow: impl Future<Output = ()>) {
    let (mut advisor, mut customer) = rig.target.pair().await;
    let metrics = rig.broker.metrics();
    let before = metrics.value(reason);
    let mut messages = 0_u64;
    let others = async {
        loop {
            let body = messages.to_be_bytes().to_vec();
            advisor.relay(&body).await;
            assert_eq!(customer.next().await, Got::Relayed(body));
            messages += 1;
        }
    };
    tokio::select! {
        ended = timeout(PATIENCE, slow) => ended.expect("it is never let go"),
        () = others => {}
    }
    assert!(messages > 0, "nobody else was served");
    until("it is counted by its reason", || metrics.value(reason) == before + 1).await;
}

/// The head of a record with a client's hello of 512 bytes, and the head of
/// that (RFC 8446, sections 5.1 and 4).
const HELLO: [u8; 9] = [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc];

#[tokio::test(flavor = "multi_thread")]
async fn a_handshake_that_drips_is_let_go() {
    let rig = Rig::with(|config| config.timing.handshake = A_WHILE).await;
    let slow = async { drip(TcpStream::connect(rig.target.address).await.unwrap(), &HELLO).await };
    let_go_while_others_work(&rig, Count::HandshakesFailed, slow).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_message_that_drips_is_let_go() {
    let rig = Rig::with(|config| config.timing.introduction = A_WHILE).await;
    let mut frame = Vec::new();
    write_frame(FrameKind::Relay, &[0; 10_000], &mut frame).unwrap();
    let slow = async { drip(rig.target.connect().await.writer, &frame).await };
    let_go_while_others_work(&rig, Count::TooLate, slow).await;

    // Whole messages that introduce nobody are no better.
    let mut pong = Vec::new();
    write_frame(FrameKind::Control, &wire::encode(&ToBroker::Pong).unwrap(), &mut pong).unwrap();
    let ponging = async {
        let mut writer = rig.target.connect().await.writer;
        while writer.write_all(&pong).await.is_ok() && writer.flush().await.is_ok() {
            sleep(NOW_AND_THEN).await;
        }
    };
    let_go_while_others_work(&rig, Count::TooLate, ponging).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_drips_is_let_go_on_both_ports() {
    let rig = Rig::with(|config| config.timing.introduction = A_WHILE).await;
    for address in [rig.target.address, rig.broker.admin_address().unwrap()] {
        let slow = async { drip(Browser::new(address).tls().await, b"GET / HTTP/1.1\r\nhost: a\r\nx-slow: a").await };
        let_go_while_others_work(&rig, Count::WebStalled, slow).await;
    }
}

/// A browser that keeps its connection for a next page is nothing to count.
#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_asks_nothing_more_is_let_go_and_not_counted() {
    let rig = Rig::with(|config| config.timing.introduction = A_WHILE).await;
    let mut socket = Browser::new(rig.target.address).tls().await;
    socket.write_all(b"GET /icon.svg HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let _ = timeout(PATIENCE, socket.read_to_end(&mut answer)).await.expect("waits for ever");
    assert!(answer.starts_with(b"HTTP/1.1 200"));
    let metrics = rig.broker.metrics();
    until("it is let go", || metrics.value(Count::ConnectionsEnded) == 1).await;
    assert_eq!(metrics.value(Count::WebStalled), 0);
}

/// As the program does it without any setting: half a hello and silence.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_setting_a_half_open_handshake_is_let_go_too() {
    let rig = Rig::start().await;
    let half = async {
        let mut socket = TcpStream::connect(rig.target.address).await.unwrap();
        socket.write_all(&HELLO).await.unwrap();
        let mut rest = Vec::new();
        let _ = socket.read_to_end(&mut rest).await;
    };
    let_go_while_others_work(&rig, Count::HandshakesFailed, half).await;
}

/// A place with the broker is worth nothing without a pair.
#[tokio::test(flavor = "multi_thread")]
async fn a_third_one_neither_hears_nor_speaks_in_a_pair() {
    let rig = Rig::start().await;
    let (mut advisor, mut customer, routing) = rig.target.trying().await;
    let mut berta = rig.target.advisor("berta").await;
    let unused = Routing::new((routing.value() + 1) % 10_000).unwrap();
    for number in [routing, unused] {
        let mut third = rig.target.connect().await;
        third.say(&ToBroker::Join { routing: number }).await;
        assert_eq!(third.hear().await, mitblick_protocol::broker_msg::FromBroker::JoinFailed);
        third.closed().await;
    }
    // Signed in, but in no pair: what it sends is void.
    berta.relay(b"let me in").await;
    berta.open_number().await;
    for body in [&b"there"[..], b"and", b"back"] {
        advisor.relay(body).await;
        assert_eq!(customer.next().await, Got::Relayed(body.to_vec()));
        customer.relay(body).await;
        assert_eq!(advisor.next().await, Got::Relayed(body.to_vec()));
    }
    berta.relay(b"let me in").await;
    berta.settle().await;
    // Three bytes of each frame are its head: nothing but the pair's own.
    assert_eq!(rig.broker.metrics().value(Count::RelayedBytes), 2 * (3 * 3 + 5 + 3 + 4));
}
