//! The audit trail's head as a message of syslog.

use crate::{
    auditing::{hold_sessions, whole},
    harness::{Got, PATIENCE},
    process::{add_anna, served},
};
use mitblick_broker::audit::Head;
use mitblick_protocol::broker_msg::{FromBroker, PairEnd, ToBroker};
use std::{fs, sync::Arc};
use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, UdpSocket, UnixDatagram},
    time::timeout,
};

/// A message's head, if header and text are as they must be.
#[track_caller]
fn head_of(message: &[u8]) -> Head {
    let text = str::from_utf8(message).unwrap();
    let (header, json) = text.split_once(" - ").unwrap();
    let fields: Vec<&str> = header.split(' ').collect();
    assert_eq!((fields.len(), fields[0], fields[3], fields[5]), (6, "<109>1", "mitblick-broker", "audit-head"));
    fields[1].parse::<jiff::Timestamp>().unwrap();
    fields[4].parse::<u32>().unwrap();
    Head::from_json(json).unwrap()
}

async fn datagram(socket: &UnixDatagram) -> Vec<u8> {
    let mut message = vec![0; 4_096];
    let length = timeout(PATIENCE, socket.recv(&mut message)).await.expect("no message").unwrap();
    message.truncate(length);
    message
}

/// A message from a connection of its own, without its count.
async fn counted(listener: &TcpListener) -> Vec<u8> {
    let (mut stream, _) = timeout(PATIENCE, listener.accept()).await.expect("nobody comes").unwrap();
    let mut bytes = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("no end").unwrap();
    let blank = bytes.iter().position(|byte| *byte == b' ').unwrap();
    let message = bytes.split_off(blank + 1);
    assert_eq!(str::from_utf8(&bytes).unwrap().trim_end(), message.len().to_string());
    message
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_come_to_a_socket_of_the_machine_and_verify_takes_the_message() {
    let dir = tempfile::tempdir().unwrap();
    add_anna(dir.path());
    let socket = UnixDatagram::bind(dir.path().join("log")).unwrap();
    fs::write(dir.path().join("broker.toml"), "[audit]\nsyslog = \"unix:log\"\n").unwrap();
    let mut broker = served(dir.path(), &[]).await;
    assert_eq!(head_of(&datagram(&socket).await).seq, 5);
    broker.signal("-TERM");
    assert_eq!(broker.ended().await.0, Some(0));
    let last = datagram(&socket).await;
    assert_eq!(head_of(&last).seq, 6);
    let file = dir.path().join("line");
    fs::write(&file, [&last[..], b"\n"].concat()).unwrap();
    whole(dir.path(), &["--head", file.to_str().unwrap()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_come_over_tcp_after_a_hundred_entries_while_sessions_go_on() {
    let dir = tempfile::tempdir().unwrap();
    add_anna(dir.path());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    fs::write(dir.path().join("broker.toml"), format!("[audit]\nsyslog = \"tcp:{address}\"\n")).unwrap();
    let mut broker = served(dir.path(), &[]).await;
    // Nobody takes the first message, and sessions do not wait for it.
    let (mut advisor, mut customer) = broker.target.pair().await;
    advisor.relay(b"x").await;
    assert_eq!(customer.next().await, Got::Relayed(b"x".to_vec()));
    let first = head_of(&counted(&listener).await).seq;
    assert!(first < 105, "{first}");
    customer.say(&ToBroker::EndPair).await;
    assert_eq!(advisor.hear().await, FromBroker::PairEnded(PairEnd::PeerLeft));
    let holding = tokio::spawn(hold_sessions(advisor, broker.target.clone(), Arc::default(), Arc::default()));
    let second = head_of(&counted(&listener).await).seq;
    assert!(second >= first + 100, "{first} {second}");
    holding.abort();
    broker.signal("-TERM");
    assert!(head_of(&counted(&listener).await).seq > second);
    assert_eq!(broker.ended().await.0, Some(0));
    whole(dir.path(), &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_come_over_udp() {
    let dir = tempfile::tempdir().unwrap();
    add_anna(dir.path());
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    fs::write(dir.path().join("broker.toml"), format!("[audit]\nsyslog = \"udp:{address}\"\n")).unwrap();
    let _broker = served(dir.path(), &[]).await;
    let mut message = vec![0; 4_096];
    let length = timeout(PATIENCE, socket.recv(&mut message)).await.expect("no message").unwrap();
    assert_eq!(head_of(&message[..length]).seq, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_server_that_is_away_is_counted_told_once_and_tried_again() {
    let dir = tempfile::tempdir().unwrap();
    add_anna(dir.path());
    fs::write(dir.path().join("broker.toml"), "[audit]\nsyslog = \"unix:log\"\n").unwrap();
    let broker = served(dir.path(), &[]).await;
    broker.log.line("could not be kept in the log server").await;
    let admin = broker.admin().await;
    let failures = async || {
        let text = admin.get("/metrics").await.text();
        let line = text.lines().find(|line| line.contains("audit_syslog")).unwrap();
        line.rsplit(' ').next().unwrap().parse::<u32>().unwrap()
    };
    assert!(failures().await >= 1);
    let (mut advisor, mut customer) = broker.target.pair().await;
    advisor.relay(b"x").await;
    assert_eq!(customer.next().await, Got::Relayed(b"x".to_vec()));
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while failures().await < 2 {
        assert!(tokio::time::Instant::now() < deadline, "it is not tried again");
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    let socket = UnixDatagram::bind(dir.path().join("log")).unwrap();
    head_of(&datagram(&socket).await);
    broker.log.line("is kept in the log server again").await;
    assert_eq!(broker.log.count("could not be kept in the log server"), 1);
}
