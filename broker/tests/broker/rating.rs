//! Customers who say how their session was: with the broker's ticket, once to
//! each question, and nobody else.

use crate::{
    admin_pages::{Signed, staffed},
    harness::{Client, Rig, record},
};
use jiff::Zoned;
use mitblick_broker::{audit::Action, data_dir::DataDir, open_store, ratings::Counted, store::Store};
use mitblick_protocol::{
    broker_msg::{FromBroker, PairEnd, Refusal, ToBroker},
    policy::{Limits, Policy, RatingRule},
    rating::{Grade, Rating, RatingTicket, Solved},
};

const SOLVED: Rating = Rating::Solved(Solved::Yes);
const GRADE: Rating = Rating::Grade(Grade::ALL[3]);

/// A session that has begun, and its customer's ticket.
async fn session(rig: &Rig) -> (Client, Client, RatingTicket) {
    let (advisor, customer, _) = crate::resuming::session(rig).await;
    let ticket = customer.rating.expect("a ticket");
    (advisor, customer, ticket)
}

/// What the broker says to an answer on a connection of its own.
async fn rate(rig: &Rig, ticket: RatingTicket, rating: Rating) -> FromBroker {
    let mut client = rig.target.connect().await;
    client.say(&ToBroker::Rate { ticket, rating }).await;
    client.hear().await
}

async fn counted(rig: &Rig) -> Vec<Counted> {
    let store = open_store(&DataDir::open(rig.dir.path()).unwrap()).await.unwrap();
    let counted = store.ratings_since(jiff::civil::date(2000, 1, 1)).await.unwrap();
    store.close().await;
    counted
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_answers_each_question_once_after_the_session() {
    let rig = Rig::start().await;
    let (mut advisor, mut customer, ticket) = session(&rig).await;
    assert_eq!(advisor.rating, None, "an advisor has nothing to rate with");
    customer.say(&ToBroker::EndPair).await;
    assert_eq!(advisor.hear().await, FromBroker::PairEnded(PairEnd::PeerLeft));
    // Both answers may come over one connection.
    let mut client = rig.target.connect().await;
    for rating in [SOLVED, GRADE] {
        client.say(&ToBroker::Rate { ticket, rating }).await;
        assert_eq!(client.hear().await, FromBroker::RatingTaken);
    }
    client.say(&ToBroker::Rate { ticket, rating: GRADE }).await;
    assert_eq!(client.hear().await, FromBroker::RatingRefused);
    client.closed().await;
    assert_eq!(rate(&rig, ticket, Rating::Solved(Solved::No)).await, FromBroker::RatingRefused, "nor another word");
    let day = Zoned::now().date();
    let one = |rating| Counted { day, advisor: "anna".into(), rating, count: 1 };
    assert_eq!(counted(&rig).await, [one(GRADE), one(SOLVED)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_was_guessed_or_changed_counts_nothing() {
    let rig = Rig::start().await;
    let (_advisor, _customer, ticket) = session(&rig).await;
    for place in 0..16 {
        let mut forged = ticket;
        forged.0[place] ^= 1;
        assert_eq!(rate(&rig, forged, SOLVED).await, FromBroker::RatingRefused);
    }
    assert_eq!(counted(&rig).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_signed_in_or_joined_rates_nothing() {
    let rig = Rig::start().await;
    let (mut advisor, mut customer, ticket) = session(&rig).await;
    for client in [&mut customer, &mut advisor] {
        client.say(&ToBroker::Rate { ticket, rating: GRADE }).await;
        loop {
            match client.hear().await {
                FromBroker::Refused(why) => break assert_eq!(why, Refusal::WrongState),
                FromBroker::PairEnded(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(counted(&rig).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_is_held_up_like_guessing_numbers() {
    let rig = Rig::with(|config| config.limits = mitblick_broker::limits::Policy::default()).await;
    let mut said = Vec::new();
    for guess in 0..40_u8 {
        let Some(mut client) = rig.target.try_connect().await else { break };
        client.say(&ToBroker::Rate { ticket: RatingTicket([guess; 16]), rating: SOLVED }).await;
        said.push(client.hear().await);
        if matches!(said.last(), Some(FromBroker::JoinLimited { .. })) {
            break;
        }
    }
    assert!(matches!(said.last(), Some(FromBroker::JoinLimited { .. })), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_goes_on_after_a_cut_or_a_restart_has_its_ticket() {
    let rig = Rig::start().await;
    let (advisor, customer, [advisors, customers]) = crate::resuming::session(&rig).await;
    let first = customer.rating.expect("a ticket");
    drop((advisor, customer));
    let back = async |rig: &Rig| {
        let mut customer = crate::resuming::comes_back(rig, &customers).await;
        let mut advisor = crate::resuming::comes_back(rig, &advisors).await;
        assert!(matches!(advisor.hear().await, FromBroker::SignedIn { .. }));
        assert_eq!((advisor.hear().await, customer.hear().await), (FromBroker::Resumed, FromBroker::Resumed));
        advisor.relay(b"on").await;
        customer.next().await;
        (advisor, customer)
    };
    let (advisor, customer) = back(&rig).await;
    assert_eq!(customer.rating, Some(first));
    drop((advisor, customer));
    let rig = rig.restarted().await;
    assert_eq!(rate(&rig, first, SOLVED).await, FromBroker::RatingRefused, "a broker that was stopped has forgotten");
    let (_advisor, customer) = back(&rig).await;
    let second = customer.rating.expect("a ticket of the new one");
    assert_eq!(rate(&rig, second, SOLVED).await, FromBroker::RatingTaken);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_that_does_not_want_to_know_gives_no_tickets_and_hears_nothing() {
    let rig = Rig::start().await;
    let (_advisor, _customer, ticket) = session(&rig).await;
    let store = open_store(&DataDir::open(rig.dir.path()).unwrap()).await.unwrap();
    let limits = Limits { rating: RatingRule::NotAsked, ..Limits::default() };
    let policy = Policy { limits, ..Policy::default() };
    let kept = store.set_rules(policy, record(Action::RulesChanged).on_rules("rating:asked>not_asked".into())).await;
    assert!(kept.unwrap().is_some());
    store.close().await;
    let rig = rig.restarted().await;
    let (_advisor, customer, _) = crate::resuming::session(&rig).await;
    assert_eq!(customer.rating, None);
    assert_eq!(rate(&rig, ticket, SOLVED).await, FromBroker::RatingRefused);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_statistics_tell_of_five_answers_and_not_of_four() {
    let rig = staffed().await;
    let store = open_store(&DataDir::open(rig.dir.path()).unwrap()).await.unwrap();
    let today = Zoned::now().date();
    for _ in 0..4 {
        store.rated(today, "anna", Rating::Grade(Grade::ALL[1])).await.unwrap();
    }
    let chef = Signed::new(&rig, "chef").await;
    let page = chef.get("/statistics").await.text();
    assert!(page.contains("1–4") && !page.contains(">2.0<") && !page.contains(">2,0<"), "{page}");
    store.rated(today, "anna", Rating::Grade(Grade::ALL[1])).await.unwrap();
    store.close().await;
    let page = chef.get("/statistics").await.text();
    assert!(page.contains(">2.0<") || page.contains(">2,0<"), "{page}");
}
