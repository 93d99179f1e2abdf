//! A stop: nothing new, a deadline for what there is, and everybody comes back
//! at another moment.

use crate::harness::{Client, Got, PATIENCE, Rig};
use mitblick_broker::metrics::Count;
use mitblick_protocol::{
    broker_msg::{AttemptOutcome, FromBroker, PairEnd, ToBroker},
    framing::{FrameKind, write_frame},
    wire,
};
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};
use tokio::{io::AsyncWriteExt, net::TcpStream, time::timeout};

/// Those who wait for the stop.
const WAITING: usize = 40;
/// What a pair has left, and enough for the others on a slow machine.
const DRAIN: Duration = Duration::from_secs(6);

async fn comes_back_in_ms(client: &mut Client) -> u32 {
    match client.hear().await {
        FromBroker::Restarting { reconnect_in_ms, try_for_ms } => {
            assert!(reconnect_in_ms < try_for_ms);
            reconnect_in_ms
        }
        other => panic!("no notice: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_is_told_another_moment_to_come_back() {
    let rig = Rig::start().await;
    let mut clients = Vec::new();
    for _ in 0..WAITING {
        clients.push(rig.target.connect().await);
    }
    let stopping = rig.broker.stop(std::future::pending());
    let (stopped, moments) = tokio::join!(timeout(PATIENCE, stopping), async {
        let mut moments = BTreeSet::new();
        for client in &mut clients {
            moments.insert(comes_back_in_ms(client).await);
            client.closed().await;
        }
        moments
    });
    stopped.expect("waits though nobody is there");
    // Of 2500 moments; that half of them are the same does not happen.
    assert!(moments.len() > WAITING / 2, "{moments:?}");
    let span = moments.last().unwrap() - moments.first().unwrap();
    assert!(span > 500, "all at once: {moments:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_it_stops_nothing_new_begins_and_the_deadline_ends_even_a_busy_pair() {
    let rig = Rig::with(|config| config.drain = DRAIN).await;
    let (mut advisor, mut customer) = rig.target.pair().await;
    let (mut waiting, _) = rig.target.waiting().await;
    let (mut trying, mut joined, _) = rig.target.trying().await;
    let (metrics, address) = (rig.broker.metrics(), rig.target.address);
    let opened = metrics.value(Count::NumbersOpened);
    let began = Instant::now();
    let stopping = rig.broker.stop(std::future::pending());
    let (stopped, messages) = tokio::join!(timeout(PATIENCE, stopping), async {
        for client in [&mut advisor, &mut customer, &mut waiting, &mut trying, &mut joined] {
            comes_back_in_ms(client).await;
        }
        // The port closes beside the notices, in no order.
        let closed = async {
            while TcpStream::connect(address).await.is_ok() {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, closed).await.expect("it still takes connections");
        waiting.closed().await;
        // Whose attempt ends is let go, and opens no other number.
        trying.judge(AttemptOutcome::Unproven).await;
        let mut frame = Vec::new();
        write_frame(FrameKind::Control, &wire::encode(&ToBroker::OpenNumber).unwrap(), &mut frame).unwrap();
        // It may be gone by now.
        let _ = trying.writer.write_all(&frame).await;
        while let Got::Message(message) = trying.next().await {
            assert!(!matches!(message, FromBroker::NumberOpened { .. }), "a number was opened");
        }
        assert_eq!(joined.hear().await, FromBroker::PairEnded(PairEnd::PeerLeft));
        let mut messages = 0_u64;
        loop {
            let body = messages.to_be_bytes().to_vec();
            let mut frame = Vec::new();
            write_frame(FrameKind::Relay, &body, &mut frame).unwrap();
            let _ = advisor.writer.write_all(&frame).await;
            match customer.next().await {
                Got::Relayed(relayed) => assert_eq!(relayed, body),
                other => {
                    assert_eq!(other, Got::Message(FromBroker::PairEnded(PairEnd::BrokerStops)));
                    return messages;
                }
            }
            messages += 1;
        }
    });
    stopped.expect("the deadline is not kept");
    assert!(began.elapsed() >= DRAIN, "the pair had no time");
    assert!(messages > 0, "the pair did not go on");
    assert_eq!(metrics.value(Count::NumbersOpened), opened);
}
