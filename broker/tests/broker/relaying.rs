//! Bytes between the two sides of a pair.

use crate::harness::{Client, Got, Rig, until};
use mitblick_broker::metrics::Count;
use mitblick_protocol::{
    broker_msg::{AttemptOutcome, FromBroker, NumberEnd, PairEnd, ToBroker},
    framing::{FrameKind, write_frame},
    wire::MAX_FRAME_BODY_BYTES,
};
use std::time::Duration;
use tokio::{io::AsyncWriteExt, time::timeout};

/// Bodies of many sizes, each recognisable.
fn bodies(count: usize, seed: usize) -> Vec<Vec<u8>> {
    let sizes = [0, 1, 2, 63, 64, 1_000, 4_093, 4_096, 16_383, MAX_FRAME_BODY_BYTES];
    (0..count).map(|i| vec![(i * 7 + seed) as u8; sizes[(i * 31 + seed) % sizes.len()]]).collect()
}

fn frames(bodies: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for body in bodies {
        write_frame(FrameKind::Relay, body, &mut bytes).unwrap();
    }
    bytes
}

/// Sends in pieces that respect no frame, and takes what comes at the same
/// time.
async fn exchange(client: &mut Client, out: &[Vec<u8>], back: &[Vec<u8>], piece: usize) {
    let bytes = frames(out);
    for piece in bytes.chunks(piece) {
        client.raw(piece).await;
    }
    for (index, body) in back.iter().enumerate() {
        assert_eq!(client.next().await, Got::Relayed(body.clone()), "frame {index}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_of_any_size_arrive_whole_and_in_order_both_ways() {
    let rig = Rig::start().await;
    let (mut advisor, mut customer) = rig.target.pair().await;
    for piece in [1_000, 16_384, 100_000] {
        let (there, back) = (bodies(40, 3), bodies(40, 5));
        tokio::join!(exchange(&mut advisor, &there, &back, piece), exchange(&mut customer, &back, &there, piece + 1),);
    }
    // One at a time: nothing waits for more.
    for body in bodies(30, 9) {
        advisor.relay(&body).await;
        assert_eq!(customer.next().await, Got::Relayed(body.clone()));
        customer.relay(&body).await;
        assert_eq!(advisor.next().await, Got::Relayed(body));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn control_messages_and_relayed_frames_keep_their_order() {
    let rig = Rig::start().await;
    let (mut advisor, mut customer) = rig.target.pair().await;
    let all = bodies(100, 1);
    let mut bytes = frames(&all);
    let end = mitblick_protocol::wire::encode(&ToBroker::EndPair).unwrap();
    write_frame(FrameKind::Control, &end, &mut bytes).unwrap();
    bytes.extend_from_slice(&frames(&bodies(5, 2)));
    let (_, ()) = tokio::join!(advisor.raw(&bytes), async {
        for body in &all {
            assert_eq!(customer.next().await, Got::Relayed(body.clone()));
        }
        assert_eq!(customer.hear().await, FromBroker::PairEnded(PairEnd::PeerLeft));
        customer.closed().await;
    });
    advisor.open_number().await;
}

/// Writes until the broker takes no more because the other side's queue is
/// full; gives what it took.
async fn stuff(rig: &Rig, client: &mut Client) -> usize {
    let frame = frames(&[vec![9; MAX_FRAME_BODY_BYTES]]);
    let waits = rig.broker.metrics().value(Count::RelayWaits);
    let mut taken = 0;
    loop {
        let rest = &frame[taken % frame.len()..];
        match timeout(Duration::from_millis(500), client.writer.write(rest)).await {
            Ok(count) => taken += count.unwrap(),
            Err(_) if rig.broker.metrics().value(Count::RelayWaits) > waits => return taken,
            Err(_) => {}
        }
        assert!(taken < 64 * 1024 * 1024, "the broker takes everything, though nobody reads");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_reader_holds_back_only_its_own_partner_and_little_memory() {
    let rig = Rig::start().await;
    let (mut fast, _frozen) = rig.target.pair().await;
    let (mut advisor, mut customer) = rig.target.pair().await;
    stuff(&rig, &mut fast).await;
    let (there, back) = (bodies(60, 3), bodies(60, 5));
    tokio::join!(exchange(&mut advisor, &there, &back, 16_384), exchange(&mut customer, &back, &there, 16_384),);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_other_direction_flows_while_one_is_blocked() {
    let rig = Rig::start().await;
    let (mut advisor, mut customer) = rig.target.pair().await;
    stuff(&rig, &mut advisor).await;
    // The customer has read nothing yet, and is heard nevertheless.
    for body in bodies(20, 4) {
        customer.relay(&body).await;
        assert_eq!(advisor.next().await, Got::Relayed(body));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_takes_nothing_is_given_up_and_its_partner_told() {
    let rig = Rig::with(|config| config.timing.stall = Duration::from_secs(5)).await;
    let (mut advisor, _customer) = rig.target.pair().await;
    stuff(&rig, &mut advisor).await;
    assert_eq!(advisor.hear().await, FromBroker::PairEnded(PairEnd::PeerStalled));
    let metrics = rig.broker.metrics();
    until("the stalled one is counted", || metrics.value(Count::Stalled) == 1).await;
}

/// An advisor's program begins the handshake the moment it hears `Joined`; the
/// way must be open by then, each time.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_advisor_sends_at_once_finds_its_way() {
    let rig = Rig::start().await;
    let mut advisor = rig.target.advisor("anna").await;
    for round in 0..50_u8 {
        let routing = advisor.open_number().await;
        let mut customer = rig.target.connect().await;
        let begin = async {
            assert_eq!(advisor.hear().await, FromBroker::Joined);
            advisor.relay(&[round]).await;
        };
        let join = async {
            customer.say(&ToBroker::Join { routing }).await;
            assert_eq!(customer.hear().await, FromBroker::Paired);
            assert_eq!(customer.next().await, Got::Relayed(vec![round]));
        };
        tokio::join!(begin, join);
        advisor.judge(AttemptOutcome::Burned).await;
        assert_eq!(advisor.hear().await, FromBroker::NumberClosed(NumberEnd::Burned));
    }
}
