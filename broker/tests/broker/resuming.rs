//! Sides of a cut session that come back: only with the broker's ticket, only
//! to each other, and only to a session that nobody has ended.

use crate::harness::{Client, Got, PASSWORD, Rig, record};
use mitblick_broker::{
    audit::Action,
    data_dir::DataDir,
    metrics::Count,
    open_store,
    store::{
        Store,
        workplace::{Decision, WorkplaceState},
    },
    workplaces::NewWorkplaces,
};
use mitblick_protocol::broker_msg::{AttemptOutcome, FromBroker, PairEnd, ResumeTicket, ToBroker};
use std::time::Duration;

/// A session that has begun, and the tickets of advisor and customer.
pub(crate) async fn session(rig: &Rig) -> (Client, Client, [ResumeTicket; 2]) {
    let (mut advisor, mut customer) = rig.target.pair().await;
    advisor.settle().await;
    // Tickets come before whatever is relayed after the proof.
    advisor.relay(b"m5").await;
    assert_eq!(customer.next().await, Got::Relayed(b"m5".to_vec()));
    let tickets = [&advisor, &customer].map(|side| side.ticket.clone().expect("a ticket"));
    (advisor, customer, tickets)
}

pub(crate) async fn comes_back(rig: &Rig, ticket: &ResumeTicket) -> Client {
    let mut client = rig.target.connect().await;
    client.say(&ToBroker::Resume(ticket.clone())).await;
    client
}

async fn relays(one: &mut Client, other: &mut Client) {
    one.relay(b"still there?").await;
    assert_eq!(other.next().await, Got::Relayed(b"still there?".to_vec()));
    other.relay(b"yes").await;
    assert_eq!(one.next().await, Got::Relayed(b"yes".to_vec()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_whose_line_broke_finds_the_advisor_who_waits() {
    let rig = Rig::start().await;
    let (mut advisor, customer, [advisors, customers]) = session(&rig).await;
    drop(customer);
    assert_eq!(advisor.hear().await, FromBroker::PairEnded(PairEnd::PeerLost));
    advisor.say(&ToBroker::Resume(advisors)).await;
    let mut customer = comes_back(&rig, &customers).await;
    assert_eq!((advisor.hear().await, customer.hear().await), (FromBroker::Resumed, FromBroker::Resumed));
    relays(&mut customer, &mut advisor).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_find_each_other_also_at_a_broker_that_was_started_anew() {
    let rig = Rig::start().await;
    let (advisor, customer, [advisors, customers]) = session(&rig).await;
    drop((advisor, customer));
    let rig = rig.restarted().await;
    let mut customer = comes_back(&rig, &customers).await;
    let mut advisor = comes_back(&rig, &advisors).await;
    assert!(matches!(advisor.hear().await, FromBroker::SignedIn { .. }));
    assert_eq!((advisor.hear().await, customer.hear().await), (FromBroker::Resumed, FromBroker::Resumed));
    relays(&mut advisor, &mut customer).await;
    // The advisor is signed in and works on when the session has ended.
    customer.say(&ToBroker::EndPair).await;
    assert_eq!(advisor.hear().await, FromBroker::PairEnded(PairEnd::PeerLeft));
    advisor.open_number().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_side_that_comes_before_its_old_line_is_known_to_be_dead_takes_its_place() {
    let rig = Rig::start().await;
    let (mut advisor, _dead, [advisors, customers]) = session(&rig).await;
    let mut customer = comes_back(&rig, &customers).await;
    assert_eq!(advisor.hear().await, FromBroker::PairEnded(PairEnd::PeerLost));
    advisor.say(&ToBroker::Resume(advisors)).await;
    assert_eq!((advisor.hear().await, customer.hear().await), (FromBroker::Resumed, FromBroker::Resumed));
    relays(&mut customer, &mut advisor).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_breaks_again_and_again_is_no_guessing_and_wrong_tickets_are() {
    let rig = Rig::with(|config| config.limits.joins_per_minute = Some(3)).await;
    let (mut advisor, mut customer, [advisors, customers]) = session(&rig).await;
    for _ in 0..6 {
        drop(customer);
        assert_eq!(advisor.hear().await, FromBroker::PairEnded(PairEnd::PeerLost));
        advisor.say(&ToBroker::Resume(advisors.clone())).await;
        customer = comes_back(&rig, &customers).await;
        assert_eq!((advisor.hear().await, customer.hear().await), (FromBroker::Resumed, FromBroker::Resumed));
    }
    relays(&mut advisor, &mut customer).await;
    let limited = rig.broker.metrics().value(Count::JoinLimited);
    let mut wrong = customers.clone();
    if let Some(last) = wrong.0.last_mut() {
        *last ^= 1;
    }
    for _ in 0..4 {
        let mut guesser = comes_back(&rig, &wrong).await;
        assert_eq!(guesser.hear().await, FromBroker::ResumeFailed);
    }
    assert!(rig.broker.metrics().value(Count::JoinLimited) > limited);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_was_ended_does_not_come_back() {
    let rig = Rig::start().await;
    let (mut advisor, mut customer, [advisors, customers]) = session(&rig).await;
    customer.say(&ToBroker::EndPair).await;
    assert_eq!(advisor.hear().await, FromBroker::PairEnded(PairEnd::PeerLeft));
    advisor.say(&ToBroker::Resume(advisors)).await;
    assert_eq!(advisor.hear().await, FromBroker::ResumeFailed);
    let mut customer = comes_back(&rig, &customers).await;
    assert_eq!(customer.hear().await, FromBroker::ResumeFailed);
    customer.closed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ticket_of_a_session_that_was_ended_signs_nobody_in() {
    let rig = Rig::start().await;
    let (mut advisor, mut customer, [advisors, _]) = session(&rig).await;
    customer.say(&ToBroker::EndPair).await;
    assert_eq!(advisor.hear().await, FromBroker::PairEnded(PairEnd::PeerLeft));
    drop(advisor);
    let mut holder = comes_back(&rig, &advisors).await;
    assert_eq!(holder.hear().await, FromBroker::ResumeFailed);
    holder.closed().await;
    // The account's one place is free.
    let mut advisor = rig.target.connect().await;
    advisor.sign_in("anna", PASSWORD).await;
    assert!(matches!(advisor.hear().await, FromBroker::SignedIn { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_the_broker_did_not_make_opens_nothing() {
    let rig = Rig::start().await;
    let (_advisor, _customer, [advisors, customers]) = session(&rig).await;
    for ticket in [advisors, customers] {
        for place in [0, 16, 24, ticket.0.len() - 1] {
            let mut forged = ticket.clone();
            forged.0[place] ^= 1;
            let mut client = comes_back(&rig, &forged).await;
            assert_eq!(client.hear().await, FromBroker::ResumeFailed, "byte {place}");
            client.closed().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_in_vain_is_told_when_the_time_is_over() {
    let rig = Rig::with(|config| config.rules.rejoin_window = Duration::from_secs(1)).await;
    let (mut advisor, customer, [advisors, _]) = session(&rig).await;
    drop(customer);
    assert_eq!(advisor.hear().await, FromBroker::PairEnded(PairEnd::PeerLost));
    advisor.say(&ToBroker::Resume(advisors)).await;
    assert_eq!(advisor.hear().await, FromBroker::ResumeFailed);
    advisor.open_number().await;
}

/// A session of the main user's at the workplace of key 2, the only one that
/// is approved, and its ticket. Customer and advisor are gone without a word.
async fn cut_at_a_workplace(rig: &Rig) -> ResumeTicket {
    let mut advisor = rig.target.connect().await;
    advisor.at_workplace(2, "buero").await;
    advisor.sign_in("maria", PASSWORD).await;
    assert!(matches!(advisor.hear().await, FromBroker::SignedIn { .. }));
    let routing = advisor.open_number().await;
    let mut customer = rig.target.connect().await;
    customer.say(&ToBroker::Join { routing }).await;
    assert_eq!(customer.hear().await, FromBroker::Paired);
    assert_eq!(advisor.hear().await, FromBroker::Joined);
    advisor.judge(AttemptOutcome::Confirmed).await;
    advisor.settle().await;
    advisor.ticket.take().expect("a ticket")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_worth_nothing_away_from_the_workplace_it_was_made_for() {
    for new_workplaces in [NewWorkplaces::Wait, NewWorkplaces::Approve] {
        let rig = Rig::with(|config| config.new_workplaces = new_workplaces).await;
        let store = open_store(&DataDir::open(rig.dir.path()).unwrap()).await.unwrap();
        let ticket = cut_at_a_workplace(&rig).await;
        for key in [None, Some(9)] {
            let mut thief = rig.target.connect().await;
            if let Some(key) = key {
                thief.at_workplace(key, "anderswo").await;
            }
            thief.say(&ToBroker::Resume(ticket.clone())).await;
            assert_eq!(thief.hear().await, FromBroker::ResumeFailed, "{new_workplaces:?}, {key:?}");
            thief.closed().await;
        }
        assert_eq!(store.workplaces().await.unwrap().len(), 1, "a ticket makes no workplace known");
        let workplace = store.workplaces().await.unwrap().pop().unwrap();
        store.workplace_used(workplace.id, 5).await.unwrap();
        let mut advisor = rig.target.connect().await;
        advisor.at_workplace(2, "buero").await;
        advisor.say(&ToBroker::Resume(ticket)).await;
        assert!(matches!(advisor.hear().await, FromBroker::SignedIn { .. }));
        let used = store.workplaces().await.unwrap().pop().unwrap().used_unix_s;
        assert!(used > Some(5), "coming back is a use: {used:?}");
        assert_eq!(rig.broker.metrics().value(Count::SignedIn), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_ends_with_its_workplaces_approval() {
    let rig = Rig::with(|config| config.new_workplaces = NewWorkplaces::Wait).await;
    let store = open_store(&DataDir::open(rig.dir.path()).unwrap()).await.unwrap();
    let ticket = cut_at_a_workplace(&rig).await;
    let workplace = store.workplaces().await.unwrap().pop().unwrap();
    for (state, tag) in [
        (WorkplaceState::Approved, Some(vec![0; 32])),
        (WorkplaceState::Refused, None),
        (WorkplaceState::Waiting, None),
    ] {
        let decision = Decision { state, at_unix_s: 1, by: "account:maria".into(), approval_tag: tag };
        assert!(store.decide_on_workplace(workplace.id, decision, record(Action::WorkplaceRefused)).await.unwrap());
        let mut advisor = rig.target.connect().await;
        advisor.at_workplace(2, "buero").await;
        advisor.say(&ToBroker::Resume(ticket.clone())).await;
        assert_eq!(advisor.hear().await, FromBroker::ResumeFailed, "{state:?}");
        advisor.closed().await;
    }
}
