//! Numbers, joins and the ends of pairs.

use crate::harness::{Got, Rig, until};
use mitblick_broker::metrics::Count;
use mitblick_protocol::{
    broker_msg::{AttemptOutcome, FromBroker, NumberEnd, PairEnd, Refusal, ToBroker},
    number::Routing,
};
use std::{
    collections::BTreeSet,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::{io::AsyncReadExt, task::JoinSet};

fn other_than(routing: Routing) -> Routing {
    Routing::new((routing.value() + 1) % 10_000).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_card_says_who_asks_and_the_welcome_says_who_vouches() {
    let rig = Rig::with(|config| config.organisation = Some("Muster AG".to_owned())).await;
    let mut client = rig.target.tls(&[mitblick_protocol::wire::ALPN]).await.unwrap();
    let mut head = [0; 3];
    client.read_exact(&mut head).await.unwrap();
    let mut body = vec![0; usize::from(u16::from_be_bytes([head[1], head[2]]))];
    client.read_exact(&mut body).await.unwrap();
    let welcome = mitblick_protocol::wire::decode::<FromBroker, 4096>(&body).unwrap();
    let FromBroker::Welcome { organisation, card_key, .. } = welcome else { panic!("no welcome") };
    assert_eq!(organisation.as_str(), "Muster AG");

    let mut advisor = rig.target.advisor("anna").await;
    advisor.say(&ToBroker::OpenNumber).await;
    let FromBroker::NumberOpened { routing, life_s, card } = advisor.hear().await else { panic!("no number") };
    assert_eq!(life_s, 900);
    assert_eq!((card.organisation.as_str(), card.advisor.as_str()), ("Muster AG", "anna Berg"));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let key = ed25519_dalek::VerifyingKey::from_bytes(&card_key).unwrap();
    let signature = ed25519_dalek::Signature::from_bytes(&card.signature);
    key.verify_strict(&card.signed_bytes(), &signature).unwrap();
    assert_eq!(card.routing, routing);
    assert!(card.expires_unix_s > now + 900);
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_used_burned_expired_and_busy_numbers_fail_with_the_same_bytes() {
    let rig = Rig::with(|config| config.rules.number_life = Duration::from_millis(1_500)).await;
    let target = &rig.target;
    let (mut used_by, _customer, used) = target.trying().await;
    used_by.judge(AttemptOutcome::Confirmed).await;
    used_by.settle().await;
    let (_busy_by, _busy_customer, busy) = target.trying().await;
    let (mut burned_by, mut burned_customer, burned) = target.trying().await;
    burned_by.judge(AttemptOutcome::Burned).await;
    assert_eq!(burned_by.hear().await, FromBroker::NumberClosed(NumberEnd::Burned));
    assert_eq!(burned_customer.hear().await, FromBroker::PairEnded(PairEnd::Rejected));
    burned_customer.closed().await;
    let (mut expired_by, expired) = target.waiting().await;
    assert_eq!(expired_by.hear().await, FromBroker::NumberClosed(NumberEnd::Expired));

    let mut answers = BTreeSet::new();
    for routing in [other_than(used), used, burned, expired, busy] {
        let mut client = target.connect().await;
        client.say(&ToBroker::Join { routing }).await;
        let mut bytes = Vec::new();
        client.reader.read_to_end(&mut bytes).await.unwrap();
        answers.insert(bytes);
    }
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(rig.broker.metrics().value(Count::JoinFailed), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_joins_at_once_pair_exactly_one() {
    let rig = Rig::start().await;
    let (mut advisor, routing) = rig.target.waiting().await;
    let mut clients = Vec::new();
    for _ in 0..100 {
        clients.push(rig.target.connect().await);
    }
    let mut joins = JoinSet::new();
    for mut client in clients {
        joins.spawn(async move {
            client.say(&ToBroker::Join { routing }).await;
            let answer = client.hear().await;
            (client, answer)
        });
    }
    let mut winners = Vec::new();
    for (client, answer) in joins.join_all().await {
        match answer {
            FromBroker::Paired => winners.push(client),
            other => assert_eq!(other, FromBroker::JoinFailed),
        }
    }
    assert_eq!(winners.len(), 1);
    assert_eq!(advisor.hear().await, FromBroker::Joined);
    winners[0].relay(b"me").await;
    assert_eq!(advisor.next().await, Got::Relayed(b"me".to_vec()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unproven_attempt_leaves_the_number_waiting_and_ten_close_it() {
    let rig = Rig::start().await;
    let (mut advisor, routing) = rig.target.waiting().await;
    for attempt in 1..=10 {
        let mut customer = rig.target.connect().await;
        customer.say(&ToBroker::Join { routing }).await;
        assert_eq!(customer.hear().await, FromBroker::Paired, "attempt {attempt}");
        assert_eq!(advisor.hear().await, FromBroker::Joined);
        if attempt % 2 == 0 {
            advisor.judge(AttemptOutcome::Unproven).await;
            assert_eq!(customer.hear().await, FromBroker::PairEnded(PairEnd::PeerLeft));
            customer.closed().await;
        } else {
            drop(customer);
            assert_eq!(advisor.hear().await, FromBroker::PairEnded(PairEnd::PeerLost));
            advisor.judge(AttemptOutcome::Unproven).await;
        }
        if attempt < 10 {
            advisor.settle().await;
        }
    }
    assert_eq!(advisor.hear().await, FromBroker::NumberClosed(NumberEnd::TooManyAttempts));
    assert_ne!(advisor.open_number().await, routing);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_without_outcome_ends_and_frees_the_customer() {
    let rig = Rig::with(|config| config.rules.attempt_life = Duration::from_millis(200)).await;
    let (mut advisor, mut customer, _) = rig.target.trying().await;
    assert_eq!(customer.hear().await, FromBroker::PairEnded(PairEnd::PeerStalled));
    customer.closed().await;
    assert_eq!(advisor.hear().await, FromBroker::PairEnded(PairEnd::PeerStalled));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_end_of_a_pair_is_told_with_its_reason() {
    let rig = Rig::start().await;

    let (mut advisor, mut customer) = rig.target.pair().await;
    customer.say(&ToBroker::EndPair).await;
    customer.closed().await;
    assert_eq!(advisor.hear().await, FromBroker::PairEnded(PairEnd::PeerLeft));
    // The advisor is in the lobby again, on the same connection.
    advisor.relay(b"was on its way").await;
    advisor.open_number().await;

    let (mut advisor, mut customer) = rig.target.pair().await;
    advisor.relay(b"last words").await;
    advisor.say(&ToBroker::EndPair).await;
    assert_eq!(customer.next().await, Got::Relayed(b"last words".to_vec()));
    assert_eq!(customer.hear().await, FromBroker::PairEnded(PairEnd::PeerLeft));
    customer.closed().await;
    advisor.open_number().await;

    let (advisor, mut customer) = rig.target.pair().await;
    drop(advisor);
    assert_eq!(customer.hear().await, FromBroker::PairEnded(PairEnd::PeerLost));

    until("all is freed", || rig.broker.counts().1 == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_side_is_given_up_and_a_talking_one_is_not() {
    let rig = Rig::with(|config| {
        config.timing.ping = Duration::from_millis(200);
        // Nobody reads for the advisor while the customer joins.
        config.timing.silence = Duration::from_secs(3);
    })
    .await;
    let (mut advisor, customer) = rig.target.pair().await;
    // The customer's program answers no ping; the advisor's does, in `next`.
    assert_eq!(advisor.hear().await, FromBroker::PairEnded(PairEnd::PeerStalled));
    drop(customer);
    advisor.open_number().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_goes_with_its_advisor() {
    let rig = Rig::start().await;
    let (advisor, routing) = rig.target.waiting().await;
    drop(advisor);
    until("the number is gone", || rig.broker.counts().0 == 0).await;
    let mut customer = rig.target.connect().await;
    customer.say(&ToBroker::Join { routing }).await;
    assert_eq!(customer.hear().await, FromBroker::JoinFailed);

    let (mut advisor, _) = rig.target.waiting().await;
    advisor.say(&ToBroker::CloseNumber).await;
    assert_eq!(advisor.hear().await, FromBroker::NumberClosed(NumberEnd::Closed));
    // It may cross with its end: no harm.
    advisor.say(&ToBroker::CloseNumber).await;
    advisor.open_number().await;
    advisor.say(&ToBroker::OpenNumber).await;
    assert_eq!(advisor.hear().await, FromBroker::Refused(Refusal::WrongState));
}

#[tokio::test(flavor = "multi_thread")]
async fn joins_are_limited_per_address_loopback_included() {
    let rig = Rig::with(|config| config.limits.joins_per_minute = Some(2)).await;
    let (_advisor, routing) = rig.target.waiting().await;
    for _ in 0..2 {
        let mut client = rig.target.connect().await;
        client.say(&ToBroker::Join { routing: other_than(routing) }).await;
        assert_eq!(client.hear().await, FromBroker::JoinFailed);
    }
    let mut client = rig.target.connect().await;
    client.say(&ToBroker::Join { routing }).await;
    assert!(matches!(client.hear().await, FromBroker::JoinLimited { retry_after_s: 1..=60 }));
    client.closed().await;
}
