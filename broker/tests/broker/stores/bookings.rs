//! What every store keeps of booked numbers.

use crate::harness::{account, record};
use mitblick_broker::{
    audit::Action,
    store::{Store, StoreError},
};
use mitblick_protocol::{
    appointment::{Booking, Window},
    number::Routing,
};

fn booking(routing: u16, opens_unix_s: u64) -> Booking {
    let window = Window::new(opens_unix_s, opens_unix_s + 60).unwrap();
    Booking { routing: Routing::new(routing).unwrap(), window }
}

/// Numbers that rest since this time or later.
async fn resting(store: &dyn Store, since_unix_s: i64) -> Vec<(Routing, i64)> {
    store.numbers_opened_since(since_unix_s).await.unwrap()
}

/// Needs a main user, and numbers that nobody has opened.
pub(super) async fn keeps_bookings(store: &dyn Store) {
    assert!(resting(store, 0).await.is_empty() && store.bookings().await.unwrap().is_empty());
    let mut ids = Vec::new();
    for name in ["booker", "goer"] {
        ids.push(store.add_account(account(name).await, record(Action::AccountAdded)).await.unwrap());
    }
    let [booker, goer] = ids[..] else { panic!("two accounts") };
    let (one, other, of_goer) = (booking(9_999, 5_000), booking(0, 4_000_000_000), booking(7, 100));
    for (owner, booking) in [(booker, one), (booker, other), (goer, of_goer)] {
        store.book(owner, booking, record(Action::NumberBooked)).await.unwrap();
    }
    let head = store.audit_head().await.unwrap();
    assert!(head.is_some_and(|head| head.seq >= 3), "and all are in the trail");
    let mut all = store.bookings().await.unwrap();
    all.sort_by_key(|(_, booking)| booking.routing.value());
    assert_eq!(all, [(booker, other), (goer, of_goer), (booker, one)]);
    for (owner, taken) in [(goer, booking(0, 50)), (i64::MAX, booking(8, 50))] {
        let refused = store.book(owner, taken, record(Action::NumberBooked)).await;
        assert!(matches!(refused, Err(StoreError::OutOfOrder(_))), "taken, or nobody's: {refused:?}");
    }
    assert_eq!(store.audit_head().await.unwrap(), head, "what was not done is not in the trail");

    // The second one is told again after a failure; the last was never booked.
    let ends = [(one.routing, 300), (one.routing, 300), (Routing::new(3).unwrap(), 400)];
    store.bookings_over(&ends).await.unwrap();
    assert_eq!(store.bookings().await.unwrap(), [(booker, other), (goer, of_goer)]);
    assert_eq!(resting(store, 0).await, [(one.routing, 300), (Routing::new(3).unwrap(), 400)]);
    store.bookings_over(&[]).await.unwrap();

    store.remove_account("goer", record(Action::AccountRemoved)).await.unwrap();
    assert_eq!(store.bookings().await.unwrap(), [(booker, other)], "they go with their account");
    let rests = resting(store, 1_000_000_000).await;
    assert!(rests.len() == 1 && rests[0].0 == of_goer.routing, "and their numbers rest: {rests:?}");
    store.remove_account("booker", record(Action::AccountRemoved)).await.unwrap();
    assert_eq!(store.bookings().await.unwrap(), []);
    resting(store, i64::MAX).await;
}
