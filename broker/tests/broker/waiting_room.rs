//! Customers who come for an appointment whose number is not open.

use crate::{
    bookings::{book, join, listed, now, open, signed_in},
    harness::{Client, Got, Rig},
};
use mitblick_broker::{limits::Policy as Limited, metrics::Count};
use mitblick_protocol::{
    broker_msg::{AttemptOutcome, FromBroker, NumberEnd, ToBroker},
    number::Routing,
};

fn waits(routing: Routing, waits: bool) -> FromBroker {
    FromBroker::CustomerWaits { routing, waits }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_waits_and_is_let_in_when_the_advisor_opens_the_number() {
    let rig = Rig::start().await;
    let mut anna = signed_in(&rig.target, "anna").await;
    let mut berta = signed_in(&rig.target, "berta").await;
    let routing = book(&mut anna, now()).await.routing;
    let mut customer = join(&rig.target, routing).await;
    assert_eq!(customer.hear().await, FromBroker::JoinWaits);
    assert_eq!(anna.hear().await, waits(routing, true));
    // Nobody hears what is said before there is a pair.
    customer.relay(b"too early").await;
    anna.say(&ToBroker::OpenBooked(routing)).await;
    assert!(matches!(anna.hear().await, FromBroker::NumberOpened { .. }));
    assert_eq!(anna.hear().await, waits(routing, false));
    assert_eq!(anna.hear().await, FromBroker::Joined);
    assert_eq!(customer.hear().await, FromBroker::Paired);
    anna.judge(AttemptOutcome::Confirmed).await;
    anna.settle().await;
    customer.relay(b"hello").await;
    assert_eq!(anna.next().await, Got::Relayed(b"hello".to_vec()));
    assert_eq!(listed(&mut berta).await, [], "and has heard of nothing");
    let metrics = rig.broker.metrics();
    assert_eq!((metrics.value(Count::JoinWaits), metrics.value(Count::JoinFailed)), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_advisor_who_signs_in_late_or_has_a_session_hears_who_waits() {
    let rig = Rig::start().await;
    let mut anna = signed_in(&rig.target, "anna").await;
    let first = book(&mut anna, now()).await.routing;
    let second = book(&mut anna, now()).await.routing;
    drop(anna);
    let mut early = join(&rig.target, first).await;
    assert_eq!(early.hear().await, FromBroker::JoinWaits);
    let mut anna = signed_in(&rig.target, "anna").await;
    anna.say(&ToBroker::ListBookings).await;
    assert_eq!(anna.hear().await, waits(first, true));
    assert!(matches!(anna.hear().await, FromBroker::Bookings(all) if all.len() == 2));
    anna.say(&ToBroker::OpenBooked(first)).await;
    assert!(matches!(anna.hear().await, FromBroker::NumberOpened { .. }));
    assert_eq!(anna.hear().await, waits(first, false));
    assert_eq!((anna.hear().await, early.hear().await), (FromBroker::Joined, FromBroker::Paired));
    anna.judge(AttemptOutcome::Confirmed).await;
    let mut next = join(&rig.target, second).await;
    assert_eq!(next.hear().await, FromBroker::JoinWaits);
    assert_eq!(anna.hear().await, waits(second, true));
    drop(next);
    assert_eq!(anna.hear().await, waits(second, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_a_cancelled_appointment_is_told_as_at_an_unknown_number() {
    let rig = Rig::start().await;
    let mut anna = signed_in(&rig.target, "anna").await;
    let routing = book(&mut anna, now()).await.routing;
    let mut customer = join(&rig.target, routing).await;
    assert_eq!(customer.hear().await, FromBroker::JoinWaits);
    assert_eq!(anna.hear().await, waits(routing, true));
    anna.say(&ToBroker::CancelBooking(routing)).await;
    assert_eq!(customer.hear().await, FromBroker::JoinFailed);
    customer.closed().await;
    // Also who goes by saying so is let go.
    let routing = book_again(&mut anna).await;
    let mut customer = join(&rig.target, routing).await;
    assert_eq!(customer.hear().await, FromBroker::JoinWaits);
    customer.say(&ToBroker::EndPair).await;
    assert_eq!(customer.hear().await, FromBroker::JoinFailed);
    customer.closed().await;
}

/// Books one more, past what is still on its way from the last one.
async fn book_again(anna: &mut Client) -> Routing {
    let window = now();
    anna.say(&ToBroker::Book { window }).await;
    loop {
        match anna.hear().await {
            FromBroker::Booked(booking) => return booking.routing,
            FromBroker::CustomerWaits { .. } | FromBroker::NoBooking(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_is_put_down_takes_nobody_until_it_is_open_again() {
    let rig = Rig::start().await;
    let mut anna = signed_in(&rig.target, "anna").await;
    let routing = book(&mut anna, now()).await.routing;
    open(&mut anna, routing).await;
    anna.say(&ToBroker::CloseNumber).await;
    assert_eq!(anna.hear().await, FromBroker::NumberClosed(NumberEnd::Closed));
    let mut customer = join(&rig.target, routing).await;
    assert_eq!(customer.hear().await, FromBroker::JoinWaits);
    assert_eq!(anna.hear().await, waits(routing, true));
}

/// Waiting costs as much as a wrong number does, so that going through numbers
/// for those that are booked is as slow as for those that are open.
#[tokio::test(flavor = "multi_thread")]
async fn going_through_booked_numbers_is_limited_like_going_through_all() {
    let rig =
        Rig::with(|config| config.limits = Limited { wrong_numbers_per_hour: Some(10), ..Limited::relaxed() }).await;
    let mut anna = signed_in(&rig.target, "anna").await;
    let mut said = Vec::new();
    let mut waiting = Vec::new();
    for _ in 0..=10 {
        let routing = book(&mut anna, now()).await.routing;
        let mut customer = join(&rig.target, routing).await;
        said.push(customer.hear().await);
        if said.last() == Some(&FromBroker::JoinWaits) {
            assert_eq!(anna.hear().await, waits(routing, true));
        }
        waiting.push(customer);
    }
    let limited = said.pop();
    assert_eq!(said, vec![FromBroker::JoinWaits; 10]);
    assert!(matches!(limited, Some(FromBroker::JoinLimited { .. })), "{limited:?}");
}
