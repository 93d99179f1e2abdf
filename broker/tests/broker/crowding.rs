//! Many at once, and one who takes nothing: nobody else notices, and nothing
//! stays behind.

use crate::{
    browser::Browser,
    harness::{Client, Got, PATIENCE, Rig, SIGN_INS_AT_ONCE, add_quick_accounts, until},
    process::{Served, add_anna, served},
};
use mitblick_broker::{data_dir::DataDir, metrics::Count, open_store};
use mitblick_protocol::{
    broker_msg::{FromBroker, PairEnd},
    framing::{FrameKind, write_frame},
    wire::MAX_FRAME_BODY_BYTES,
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::{path::Path, pin::pin, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

/// Pairs whose reader is stalled.
const STALLED: u64 = 8;
/// What one of them may cost the broker: several times what waits in its
/// queues, and a small part of what its partner would send.
const STALLED_KIB: u64 = 1_024;
/// More than the broker takes when it has just started and the memory for the
/// first password hash is given back.
const STARTED_KIB: u64 = 40 * 1_024;
/// Messages of others meanwhile.
const MESSAGES: usize = 300;
/// What the database may have opened since the first look, in descriptors.
const DATABASE_DESCRIPTORS: u64 = 60;
/// Connections of a crowd, if the system lets this process have so many.
const CROWD: usize = 2_000;

fn large_frame() -> Vec<u8> {
    let mut frame = Vec::new();
    write_frame(FrameKind::Relay, &[9; MAX_FRAME_BODY_BYTES], &mut frame).unwrap();
    frame
}

/// A message there and back.
async fn exchange(advisor: &mut Client, customer: &mut Client, number: usize) {
    let body = vec![number as u8; number % 5_000];
    advisor.relay(&body).await;
    assert_eq!(customer.next().await, Got::Relayed(body.clone()));
    customer.relay(&body).await;
    assert_eq!(advisor.next().await, Got::Relayed(body));
}

/// A reader that takes a byte now and then is not one that takes nothing, but
/// its queue does not move: it is given up all the same.
#[tokio::test(flavor = "multi_thread")]
async fn others_are_served_beside_a_reader_of_single_bytes_until_that_one_is_given_up() {
    let rig = Rig::with(|config| config.timing.stall = Duration::from_secs(2)).await;
    let (mut fast, mut slow) = rig.target.pair().await;
    let (mut advisor, mut customer) = rig.target.pair().await;
    let (metrics, frame) = (rig.broker.metrics(), large_frame());
    let mut at = 0;
    while let Ok(count) = timeout(Duration::from_millis(500), fast.writer.write(&frame[at..])).await {
        at = (at + count.unwrap()) % frame.len();
    }
    assert!(metrics.value(Count::RelayWaits) > 0);
    let mut given_up = pin!(fast.hear());
    let mut messages = 0;
    let end = loop {
        let others = async {
            exchange(&mut advisor, &mut customer, messages).await;
            if messages % 10 == 0 {
                slow.reader.read_u8().await.unwrap();
            }
        };
        tokio::select! {
            biased;
            end = &mut given_up => break end,
            () = others => messages += 1,
        }
    };
    assert_eq!(end, FromBroker::PairEnded(PairEnd::PeerStalled));
    assert!(messages > 20, "only {messages} messages of others came through");
    until("it is counted", || metrics.value(Count::Stalled) == 1).await;
}

/// Two crowds, each with a quarter of its connections an advisor's, and a few.
const QUICK_ACCOUNTS: usize = CROWD / 2 + 50;

async fn crowded(data: &Path) -> Served {
    add_anna(data);
    let store = open_store(&DataDir::open(data).unwrap()).await.unwrap();
    add_quick_accounts(&store, QUICK_ACCOUNTS).await;
    store.close().await;
    let served = served(data, &[]).await;
    until("the memory of the start is given back", || served.resident_kib() < STARTED_KIB).await;
    served
}

/// A figure of the broker's.
async fn figure(admin: &Browser, name: &str) -> u64 {
    let text = admin.get("/metrics").await.text();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("{name}: {text}")).parse().unwrap()
}

/// Sends without end to one who takes a byte now and then.
async fn flood((mut from, mut to): (Client, Client)) {
    let frame = large_frame();
    let sending = async { while from.writer.write_all(&frame).await.is_ok() {} };
    let taking = async {
        while to.reader.read_u8().await.is_ok() {
            sleep(Duration::from_secs(1)).await;
        }
    };
    tokio::join!(sending, taking);
}

#[tokio::test(flavor = "multi_thread")]
async fn stalled_readers_cost_little_memory_and_others_get_every_message() {
    let dir = tempfile::tempdir().unwrap();
    let served = crowded(dir.path()).await;
    let admin = served.admin().await;
    let (mut advisor, mut customer) = served.target.quick_pair().await;
    for number in 0..MESSAGES {
        exchange(&mut advisor, &mut customer, number).await;
    }
    let before_kib = served.resident_kib();
    let mut stalled = JoinSet::new();
    for _ in 0..STALLED {
        stalled.spawn(flood(served.target.quick_pair().await));
    }
    // Until the broker takes nothing more from them.
    let (mut quiet_looks, mut relayed) = (0, 0);
    while quiet_looks < 10 {
        let now = figure(&admin, "mitblick_relayed_bytes_total").await;
        quiet_looks = if now == relayed && now > 0 { quiet_looks + 1 } else { 0 };
        relayed = now;
    }
    assert!(figure(&admin, "mitblick_relay_waits_total").await >= STALLED);
    for number in 0..MESSAGES {
        exchange(&mut advisor, &mut customer, number).await;
    }
    let grown_kib = served.resident_kib().saturating_sub(before_kib);
    assert!(grown_kib < STALLED * STALLED_KIB, "{STALLED} stalled pairs take {grown_kib} KiB");
    assert_eq!(figure(&admin, "mitblick_pairs").await, STALLED + 1, "a pair has ended too early");
    assert!(stalled.try_join_next().is_none());
}

/// How many connections this process and the broker can have: as many as are
/// wanted where the system allows it.
fn crowd() -> usize {
    let now = getrlimit(Resource::Nofile);
    // A failure leaves what was: a smaller crowd.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: now.maximum, maximum: now.maximum });
    let limit = getrlimit(Resource::Nofile).current.map_or(usize::MAX, |limit| limit as usize);
    CROWD.min(limit.saturating_sub(500))
}

/// A crowd's connections: those that say nothing at all, those that say nothing
/// after TLS, and those in sessions.
struct Everybody {
    _bare: Vec<TcpStream>,
    _unintroduced: Vec<Client>,
    sessions: JoinSet<()>,
}

impl Everybody {
    async fn vanish(mut self) {
        self.sessions.shutdown().await;
    }
}

/// Takes what comes: whoever answers no ping is given up after a while.
async fn stay(mut client: Client) {
    while client.next().await != Got::Nothing {}
}

/// A quarter of them says nothing at all, a quarter nothing after TLS, half are
/// in sessions.
async fn gather(served: &Served, crowd: usize) -> Everybody {
    let (mut making, mut sessions) = (JoinSet::new(), JoinSet::new());
    let (mut bare, mut unintroduced) = (Vec::new(), Vec::new());
    let mut keep = |(advisor, customer)| {
        sessions.spawn(stay(advisor));
        sessions.spawn(stay(customer));
    };
    for _ in 0..crowd / 4 {
        let target = served.target.clone();
        making.spawn(async move { target.quick_pair().await });
        if making.len() >= SIGN_INS_AT_ONCE {
            keep(making.join_next().await.unwrap().unwrap());
        }
    }
    while let Some(made) = making.join_next().await {
        keep(made.unwrap());
    }
    for _ in 0..crowd / 4 {
        unintroduced.push(served.target.connect().await);
        bare.push(TcpStream::connect(served.target.address).await.unwrap());
    }
    Everybody { _bare: bare, _unintroduced: unintroduced, sessions }
}

/// A third of what a crowd took may stay.
fn near(served: &Served, before_kib: u64, peak_kib: u64) -> bool {
    served.resident_kib() < before_kib + peak_kib.saturating_sub(before_kib) / 3
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_that_vanishes_leaves_no_memory_no_descriptor_and_no_entry_behind() {
    let crowd = crowd();
    let dir = tempfile::tempdir().unwrap();
    let served = crowded(dir.path()).await;
    let admin = served.admin().await;
    // What the first ones bring with them stays.
    drop(served.target.quick_pair().await);
    let before_kib = served.resident_kib();
    let descriptors = figure(&admin, "mitblick_descriptors_open").await;
    let mut peak_kib = 0;
    for _ in 0..2 {
        let everybody = gather(&served, crowd).await;
        assert_eq!(figure(&admin, "mitblick_pairs").await, (crowd / 4) as u64);
        peak_kib = served.resident_kib().max(peak_kib);
        assert!(!near(&served, before_kib, peak_kib), "nothing was taken");
        everybody.vanish().await;
        let deadline = Instant::now() + PATIENCE;
        while figure(&admin, "mitblick_descriptors_open").await > descriptors + DATABASE_DESCRIPTORS {
            assert!(Instant::now() < deadline, "connections stay: {}", admin.get("/metrics").await.text());
            sleep(Duration::from_millis(20)).await;
        }
        for gone in ["mitblick_pairs", "mitblick_numbers_open"] {
            assert_eq!(figure(&admin, gone).await, 0, "{gone}");
        }
        // The allocator gives it back in some seconds.
        until("the memory comes back", || near(&served, before_kib, peak_kib)).await;
    }
}
