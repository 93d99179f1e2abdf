//! What must not hurt: garbage, half words, and messages out of place.

use crate::harness::{Rig, until};
use mitblick_broker::metrics::Count;
use mitblick_protocol::{
    broker_msg::{AttemptOutcome, FromBroker, Refusal, ToBroker},
    number::Routing,
    wire,
};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// The broker still serves.
async fn serves(rig: &Rig) {
    rig.target.pair().await;
}

async fn says_nothing_but_alerts(mut socket: TcpStream) {
    let mut bytes = Vec::new();
    // A reset is as good as a close.
    let _ = timeout(Duration::from_secs(30), socket.read_to_end(&mut bytes)).await.expect("hangs");
    assert!(bytes.is_empty() || bytes[0] == 21, "only a TLS alert: {bytes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_and_plain_http_end_and_are_counted() {
    let rig = Rig::start().await;
    let garbage = [0x5a_u8; 4096];
    for bytes in [&b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"[..], &garbage, &[0x16, 3, 1, 0xff, 0xff, 1]] {
        let mut socket = TcpStream::connect(rig.target.address).await.unwrap();
        let _ = socket.write_all(bytes).await;
        let _ = socket.shutdown().await;
        says_nothing_but_alerts(socket).await;
    }
    let metrics = rig.broker.metrics();
    until("all three are counted", || metrics.value(Count::HandshakesFailed) == 3).await;
    serves(&rig).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_half_open_handshake_is_dropped_at_its_deadline() {
    let rig = Rig::with(|config| config.timing.handshake = Duration::from_millis(200)).await;
    let silent = TcpStream::connect(rig.target.address).await.unwrap();
    let mut half = TcpStream::connect(rig.target.address).await.unwrap();
    half.write_all(&[0x16, 3, 1, 2, 0, 1, 0]).await.unwrap();
    says_nothing_but_alerts(silent).await;
    says_nothing_but_alerts(half).await;
    let metrics = rig.broker.metrics();
    until("both are freed", || metrics.value(Count::ConnectionsEnded) == 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_protocol_or_none_is_refused_in_the_handshake() {
    let rig = Rig::start().await;
    assert!(rig.target.tls(&[b"h2"]).await.is_err());
    let mut none = rig.target.tls(&[]).await.unwrap();
    let mut bytes = Vec::new();
    let _ = timeout(Duration::from_secs(30), none.read_to_end(&mut bytes)).await.expect("hangs");
    assert!(bytes.is_empty(), "not even a welcome");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_who_does_not_introduce_himself_in_time_is_dropped_even_if_he_never_pauses() {
    let rig = Rig::with(|config| config.timing.introduction = Duration::from_millis(200)).await;
    rig.target.connect().await.closed().await;
    let mut busy = rig.target.connect().await;
    let mut pong = Vec::new();
    let body = wire::encode(&ToBroker::Pong).unwrap();
    mitblick_protocol::framing::write_frame(mitblick_protocol::framing::FrameKind::Control, &body, &mut pong).unwrap();
    let flood = pong.repeat(1_000);
    let flooding = async { while busy.writer.write_all(&flood).await.is_ok() {} };
    timeout(Duration::from_secs(30), flooding).await.expect("the flood is never ended");
    let metrics = rig.broker.metrics();
    until("both are counted", || metrics.value(Count::TooLate) == 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_frames_end_the_connection_and_only_that() {
    let rig = Rig::start().await;
    let (mut advisor, mut customer) = rig.target.pair().await;
    for bytes in [
        &[0, 0xff, 0xff][..],      // oversized control frame
        &[1, 0xff, 0xff],          // oversized relay frame
        &[7, 0, 1, 0],             // unknown kind
        &[0, 0, 1, 200],           // unknown message
        &[0, 0, 2, 6, 0],          // a message and a byte too many
        &[0, 0, 3, 3, 0xfb, 0xff], // half a routing number
        &[0, 0, 0],                // no message at all
    ] {
        let mut client = rig.target.connect().await;
        client.raw(bytes).await;
        client.closed().await;
    }
    let metrics = rig.broker.metrics();
    until("all seven are counted", || metrics.value(Count::BadInput) == 7).await;
    advisor.relay(b"untouched").await;
    assert_eq!(customer.next().await, crate::harness::Got::Relayed(b"untouched".to_vec()));
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_get_nothing_but_a_refusal() {
    let rig = Rig::start().await;
    for message in
        [ToBroker::OpenNumber, ToBroker::CloseNumber, ToBroker::EndPair, ToBroker::Attempt(AttemptOutcome::Confirmed)]
    {
        let mut client = rig.target.connect().await;
        client.say(&message).await;
        assert_eq!(client.hear().await, FromBroker::Refused(Refusal::NotSignedIn));
        client.closed().await;
    }
    let mut client = rig.target.connect().await;
    client.relay(b"use without an account").await;
    assert_eq!(client.hear().await, FromBroker::Refused(Refusal::NotSignedIn));
    client.closed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_can_not_be_changed_on_a_connection() {
    let rig = Rig::start().await;
    let routing = Routing::new(1).unwrap();
    let (advisor, _customer) = rig.target.pair().await;
    let (_advisor, customer) = rig.target.pair().await;
    for (mut client, message) in [
        (advisor, ToBroker::Join { routing }),
        (customer, ToBroker::OpenNumber),
        (rig.target.advisor("berta").await, ToBroker::Join { routing }),
    ] {
        client.say(&message).await;
        assert_eq!(client.hear().await, FromBroker::Refused(Refusal::WrongState));
        client.closed().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_of_one_address_are_limited_and_given_back() {
    let rig = Rig::with(|config| config.limits.open_per_source = Some(2)).await;
    let first = rig.target.connect().await;
    let _second = rig.target.connect().await;
    says_nothing_but_alerts(TcpStream::connect(rig.target.address).await.unwrap()).await;
    drop(first);
    let metrics = rig.broker.metrics();
    until("the first is freed", || metrics.value(Count::ConnectionsEnded) == 1).await;
    rig.target.connect().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_vanish_leave_nothing_behind() {
    let rig = Rig::start().await;
    let mut all = Vec::new();
    for _ in 0..4 {
        all.push(rig.target.connect().await);
        all.push(rig.target.advisor("anna").await);
        all.push(rig.target.waiting().await.0);
        let (advisor, customer) = rig.target.pair().await;
        all.extend([advisor, customer]);
    }
    let mut bare = Vec::new();
    for _ in 0..50 {
        bare.push(TcpStream::connect(rig.target.address).await.unwrap());
    }
    until("all are judged", || rig.broker.counts() == (4, 4)).await;
    drop((all, bare));
    let metrics = rig.broker.metrics();
    until("all have ended", || {
        let begun = metrics.value(Count::Connections);
        begun == 70 && metrics.value(Count::ConnectionsEnded) == begun
    })
    .await;
    assert_eq!(rig.broker.counts(), (0, 0));
}
