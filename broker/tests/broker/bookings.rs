//! Numbers that are booked for appointments.

use crate::{
    admin_pages::{Signed, at, staffed},
    harness::{Client, PASSWORD, PATIENCE, Rig, Target, add_accounts, record, relaxed, until},
};
use mitblick_broker::{
    audit::Action, data_dir::DataDir, limits::Policy as Limited, metrics::Count, open_store, store::Store,
};
use mitblick_protocol::{
    appointment::{Booking, MAX_AHEAD, NotBooked, Window},
    broker_msg::{AttemptOutcome, FromBroker, NumberEnd, PairEnd, Refusal, ToBroker},
    number::Routing,
    policy::{AppointmentRule, Limits, Policy},
};
use std::{
    collections::BTreeSet,
    time::{SystemTime, UNIX_EPOCH},
};
use tokio::{io::AsyncReadExt, time::timeout};

const HOUR_S: u64 = 60 * 60;

fn unix_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// From an hour ago until in an hour.
pub(crate) fn now() -> Window {
    Window::new(unix_now() - HOUR_S, unix_now() + HOUR_S).unwrap()
}

/// From in an hour until in two.
fn later() -> Window {
    Window::new(unix_now() + HOUR_S, unix_now() + 2 * HOUR_S).unwrap()
}

pub(crate) async fn signed_in(target: &Target, name: &str) -> Client {
    let mut client = target.connect().await;
    client.sign_in(name, PASSWORD).await;
    assert!(matches!(client.hear().await, FromBroker::SignedIn { .. }));
    client
}

pub(crate) async fn book(advisor: &mut Client, window: Window) -> Booking {
    advisor.say(&ToBroker::Book { window }).await;
    let FromBroker::Booked(booking) = advisor.hear().await else { panic!("not booked") };
    assert_eq!(booking.window, window);
    booking
}

/// What comes instead of a booking.
async fn not_booked(advisor: &mut Client, window: Window) -> NotBooked {
    advisor.say(&ToBroker::Book { window }).await;
    let FromBroker::NotBooked(why) = advisor.hear().await else { panic!("booked") };
    why
}

pub(crate) async fn listed(advisor: &mut Client) -> Vec<Booking> {
    advisor.say(&ToBroker::ListBookings).await;
    let FromBroker::Bookings(all) = advisor.hear().await else { panic!("no list") };
    all
}

/// Opens the number and gives its life in seconds.
pub(crate) async fn open(advisor: &mut Client, routing: Routing) -> u32 {
    advisor.say(&ToBroker::OpenBooked(routing)).await;
    match advisor.hear().await {
        FromBroker::NumberOpened { routing: opened, life_s, card } => {
            assert!(opened == routing && card.routing == routing);
            assert!(card.expires_unix_s >= unix_now() + u64::from(life_s), "the card is good as long as the number");
            life_s
        }
        other => panic!("not opened: {other:?}"),
    }
}

async fn is_no_booking(advisor: &mut Client, routing: Routing) {
    advisor.say(&ToBroker::OpenBooked(routing)).await;
    assert_eq!(advisor.hear().await, FromBroker::NoBooking(routing));
}

pub(crate) async fn join(target: &Target, routing: Routing) -> Client {
    let mut customer = target.connect().await;
    customer.say(&ToBroker::Join { routing }).await;
    customer
}

/// The advisor has opened the number; a customer joins.
async fn joined(target: &Target, advisor: &mut Client, routing: Routing) -> Client {
    let mut customer = join(target, routing).await;
    assert_eq!(customer.hear().await, FromBroker::Paired);
    assert_eq!(advisor.hear().await, FromBroker::Joined);
    customer
}

/// All the bytes that a join is answered with after the welcome.
pub(crate) async fn bytes_for(target: &Target, routing: Routing) -> Vec<u8> {
    let mut customer = join(target, routing).await;
    let mut bytes = Vec::new();
    timeout(PATIENCE, customer.reader.read_to_end(&mut bytes)).await.expect("hangs").unwrap();
    bytes
}

/// What the database has: bookings, and numbers that rest.
async fn written(rig: &Rig) -> (Vec<Booking>, BTreeSet<u16>) {
    let store = open_store(&DataDir::open(rig.dir.path()).unwrap()).await.unwrap();
    let bookings = store.bookings().await.unwrap().into_iter().map(|(_, booking)| booking).collect();
    let resting = store.numbers_opened_since(0).await.unwrap();
    store.close().await;
    (bookings, resting.into_iter().map(|(routing, _)| routing.value()).collect())
}

/// Waits until the database says that the booking is over and the number rests.
async fn is_over_and_rests(rig: &Rig, routing: Routing) {
    let over = async || {
        let (bookings, resting) = written(rig).await;
        bookings.iter().all(|booking| booking.routing != routing) && resting.contains(&routing.value())
    };
    timeout(PATIENCE, async { while !over().await {} }).await.expect("never written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_booked_number_is_opened_after_a_restart_and_pairs_once() {
    let rig = Rig::start().await;
    let mut anna = signed_in(&rig.target, "anna").await;
    let booking = book(&mut anna, now()).await;
    drop(anna);
    let rig = rig.restarted().await;
    assert_eq!(rig.broker.booked_count(), 1);
    let mut anna = signed_in(&rig.target, "anna").await;
    assert_eq!(listed(&mut anna).await, [booking]);
    let life_s = u64::from(open(&mut anna, booking.routing).await);
    assert!(life_s <= HOUR_S && life_s + unix_now() >= booking.window.closes_unix_s(), "what is left of the window");
    let mut customer = joined(&rig.target, &mut anna, booking.routing).await;
    anna.judge(AttemptOutcome::Confirmed).await;
    anna.settle().await;
    customer.relay(b"hello").await;
    assert_eq!(anna.next().await, crate::harness::Got::Relayed(b"hello".to_vec()));
    // In a session too.
    assert_eq!(listed(&mut anna).await, []);
    book(&mut anna, later()).await;
    anna.say(&ToBroker::EndPair).await;
    assert_eq!(customer.hear().await, FromBroker::PairEnded(PairEnd::PeerLeft));

    is_no_booking(&mut anna, booking.routing).await;
    assert_eq!(join(&rig.target, booking.routing).await.hear().await, FromBroker::JoinFailed);
    is_over_and_rests(&rig, booking.routing).await;
    drop(anna);
    let rig = rig.restarted().await;
    let mut anna = signed_in(&rig.target, "anna").await;
    is_no_booking(&mut anna, booking.routing).await;
    assert_eq!(listed(&mut anna).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn outside_of_its_window_a_booked_number_answers_with_the_bytes_of_an_unknown_one() {
    let rig = Rig::start().await;
    let target = &rig.target;
    let mut anna = signed_in(target, "anna").await;
    let ahead = book(&mut anna, later()).await.routing;
    let cancelled = book(&mut anna, now()).await.routing;
    anna.say(&ToBroker::CancelBooking(cancelled)).await;
    assert_eq!(anna.hear().await, FromBroker::NoBooking(cancelled));
    let closes = unix_now() + 5;
    let over = book(&mut anna, Window::new(closes - HOUR_S, closes).unwrap()).await.routing;
    open(&mut anna, over).await;
    assert_eq!(anna.hear().await, FromBroker::NumberClosed(NumberEnd::Expired));
    is_no_booking(&mut anna, over).await;
    let booked = [ahead, cancelled, over];
    let unknown = (0..10_000).filter_map(Routing::new).find(|routing| !booked.contains(routing)).unwrap();

    let mut answers = BTreeSet::new();
    for routing in booked.into_iter().chain([unknown]) {
        answers.insert(bytes_for(target, routing).await);
    }
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(rig.broker.metrics().value(Count::JoinFailed), 4, "each counts as a failed one");
    is_over_and_rests(&rig, over).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn before_its_window_a_number_is_not_opened_and_afterwards_it_is_none() {
    let rig = Rig::start().await;
    let mut anna = signed_in(&rig.target, "anna").await;
    let booking = book(&mut anna, later()).await;
    anna.say(&ToBroker::OpenBooked(booking.routing)).await;
    let FromBroker::NotYet { routing, wait_s } = anna.hear().await else { panic!("opened") };
    assert_eq!(routing, booking.routing);
    let opens = booking.window.opens_unix_s();
    assert!(wait_s > 0 && unix_now() + u64::from(wait_s) >= opens && u64::from(wait_s) <= HOUR_S);

    let past = Window::new(unix_now() - 100, unix_now() - 1).unwrap();
    assert_eq!(not_booked(&mut anna, past).await, NotBooked::OutOfTime);
    let ahead = unix_now() + MAX_AHEAD.as_secs() + HOUR_S;
    let far = Window::new(ahead, ahead + 60).unwrap();
    assert_eq!(not_booked(&mut anna, far).await, NotBooked::OutOfTime);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ended_while_no_broker_ran_rests_and_is_booked_no_longer() {
    let rig = Rig::start().await;
    let store = open_store(&DataDir::open(rig.dir.path()).unwrap()).await.unwrap();
    let anna = store.account("anna").await.unwrap().unwrap().id;
    let routing = Routing::new(1_234).unwrap();
    let window = Window::new(unix_now() - HOUR_S, unix_now() - 1).unwrap();
    store.book(anna, Booking { routing, window }, record(Action::NumberBooked)).await.unwrap();
    store.close().await;
    let rig = rig.restarted().await;
    assert_eq!(rig.broker.booked_count(), 0);
    is_over_and_rests(&rig, routing).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_proof_burns_a_booked_number() {
    let rig = Rig::start().await;
    let mut anna = signed_in(&rig.target, "anna").await;
    let routing = book(&mut anna, now()).await.routing;
    open(&mut anna, routing).await;
    let mut customer = joined(&rig.target, &mut anna, routing).await;
    anna.judge(AttemptOutcome::Burned).await;
    assert_eq!(anna.hear().await, FromBroker::NumberClosed(NumberEnd::Burned));
    assert_eq!(customer.hear().await, FromBroker::PairEnded(PairEnd::Rejected));
    is_no_booking(&mut anna, routing).await;
    is_over_and_rests(&rig, routing).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_without_a_proof_end_a_booking_however_often_it_is_opened() {
    let rig = Rig::start().await;
    let mut anna = signed_in(&rig.target, "anna").await;
    let routing = book(&mut anna, now()).await.routing;
    for attempt in 1..=10 {
        open(&mut anna, routing).await;
        let mut customer = joined(&rig.target, &mut anna, routing).await;
        anna.judge(AttemptOutcome::Unproven).await;
        assert_eq!(customer.hear().await, FromBroker::PairEnded(PairEnd::PeerLeft));
        let closed = match attempt {
            10 => NumberEnd::TooManyAttempts,
            _ => {
                anna.say(&ToBroker::CloseNumber).await;
                NumberEnd::Closed
            }
        };
        assert_eq!(anna.hear().await, FromBroker::NumberClosed(closed), "attempt {attempt}");
    }
    is_no_booking(&mut anna, routing).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_booking_outlives_its_advisors_connection() {
    let rig = Rig::start().await;
    let mut anna = signed_in(&rig.target, "anna").await;
    let routing = book(&mut anna, now()).await.routing;
    open(&mut anna, routing).await;
    drop(anna);
    until("the number is closed", || rig.broker.counts().0 == 0).await;
    assert_eq!(join(&rig.target, routing).await.hear().await, FromBroker::JoinWaits);
    let mut anna = signed_in(&rig.target, "anna").await;
    open(&mut anna, routing).await;
    joined(&rig.target, &mut anna, routing).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_ends_a_booking_with_its_number_and_attempt_and_says_the_same_of_none() {
    let rig = Rig::start().await;
    let mut anna = signed_in(&rig.target, "anna").await;
    let cancel = async |advisor: &mut Client, routing| advisor.say(&ToBroker::CancelBooking(routing)).await;
    let idle = book(&mut anna, later()).await.routing;
    // Once more: no harm, and no second entry in the trail.
    for _ in 0..2 {
        cancel(&mut anna, idle).await;
        assert_eq!(anna.hear().await, FromBroker::NoBooking(idle));
    }
    let opened = book(&mut anna, now()).await.routing;
    open(&mut anna, opened).await;
    let mut customer = joined(&rig.target, &mut anna, opened).await;
    cancel(&mut anna, opened).await;
    assert_eq!(anna.hear().await, FromBroker::NumberClosed(NumberEnd::Closed));
    assert_eq!(anna.hear().await, FromBroker::NoBooking(opened));
    assert_eq!(customer.hear().await, FromBroker::PairEnded(PairEnd::PeerLeft));
    customer.closed().await;
    assert_eq!(listed(&mut anna).await, []);
    is_over_and_rests(&rig, idle).await;
    is_over_and_rests(&rig, opened).await;
    anna.open_number().await;

    let store = open_store(&DataDir::open(rig.dir.path()).unwrap()).await.unwrap();
    let of = async |action: &str| {
        let all = store.audit_entries(0, 1_000).await.unwrap();
        all.into_iter().filter(|entry| entry.action == action).collect::<Vec<_>>()
    };
    timeout(PATIENCE, async { while of("booking_cancelled").await.len() < 2 {} }).await.expect("never recorded");
    for entry in of("booking_cancelled").await.into_iter().chain(of("number_booked").await) {
        let told = (entry.actor.as_str(), entry.object.as_str(), entry.counts.as_str());
        assert_eq!(told, ("account:anna", "", ""), "who, and never which number");
    }
    assert_eq!((of("number_booked").await.len(), of("booking_cancelled").await.len()), (2, 2));
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sees_opens_or_cancels_a_booking_of_somebody_else() {
    let rig = Rig::start().await;
    let mut anna = signed_in(&rig.target, "anna").await;
    let mut berta = signed_in(&rig.target, "berta").await;
    let mine = book(&mut anna, now()).await;
    let ahead = book(&mut anna, later()).await;
    for routing in [mine.routing, ahead.routing] {
        is_no_booking(&mut berta, routing).await;
        berta.say(&ToBroker::CancelBooking(routing)).await;
        assert_eq!(berta.hear().await, FromBroker::NoBooking(routing));
    }
    assert_eq!(listed(&mut berta).await, []);
    assert_eq!(listed(&mut anna).await, [mine, ahead], "in the order in which they open");
    open(&mut anna, mine.routing).await;
    is_no_booking(&mut berta, mine.routing).await;
    for (message, why) in [
        (ToBroker::ListBookings, Refusal::NotSignedIn),
        (ToBroker::Book { window: now() }, Refusal::NotSignedIn),
        (ToBroker::OpenBooked(mine.routing), Refusal::NotSignedIn),
        (ToBroker::CancelBooking(mine.routing), Refusal::NotSignedIn),
    ] {
        let mut stranger = rig.target.connect().await;
        stranger.say(&message).await;
        assert_eq!(stranger.hear().await, FromBroker::Refused(why));
        stranger.closed().await;
    }
    let mut customer = joined(&rig.target, &mut anna, mine.routing).await;
    customer.say(&ToBroker::ListBookings).await;
    assert_eq!(customer.hear().await, FromBroker::Refused(Refusal::WrongState));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_number_is_open_at_a_time_booked_or_fresh() {
    let rig = Rig::start().await;
    let mut anna = signed_in(&rig.target, "anna").await;
    let routing = book(&mut anna, now()).await.routing;
    let fresh = anna.open_number().await;
    assert_ne!(fresh, routing);
    anna.say(&ToBroker::OpenBooked(routing)).await;
    assert_eq!(anna.hear().await, FromBroker::Refused(Refusal::WrongState));
    anna.say(&ToBroker::CloseNumber).await;
    assert_eq!(anna.hear().await, FromBroker::NumberClosed(NumberEnd::Closed));
    open(&mut anna, routing).await;
    for message in [ToBroker::OpenNumber, ToBroker::OpenBooked(routing)] {
        anna.say(&message).await;
        assert_eq!(anna.hear().await, FromBroker::Refused(Refusal::WrongState));
    }
    joined(&rig.target, &mut anna, routing).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bookings_are_limited_as_numbers_are() {
    let rig = Rig::with(|config| config.limits = Limited { numbers_per_hour: Some(3), ..Limited::relaxed() }).await;
    let mut anna = signed_in(&rig.target, "anna").await;
    let routing = book(&mut anna, now()).await.routing;
    book(&mut anna, later()).await;
    open(&mut anna, routing).await;
    assert_eq!(not_booked(&mut anna, later()).await, NotBooked::TooMany);
    anna.say(&ToBroker::CloseNumber).await;
    assert_eq!(anna.hear().await, FromBroker::NumberClosed(NumberEnd::Closed));
    anna.say(&ToBroker::OpenBooked(routing)).await;
    assert_eq!(anna.hear().await, FromBroker::Refused(Refusal::TooMany));
    let mut berta = signed_in(&rig.target, "berta").await;
    book(&mut berta, later()).await;
    assert_eq!(rig.broker.booked_count(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_has_fifty_bookings_and_its_list_holds_them() {
    let rig = Rig::start().await;
    let mut anna = signed_in(&rig.target, "anna").await;
    let window = later();
    let mut routings = BTreeSet::new();
    for _ in 0..50 {
        routings.insert(book(&mut anna, window).await.routing.value());
    }
    assert_eq!(routings.len(), 50);
    assert_eq!(not_booked(&mut anna, window).await, NotBooked::TooMany);
    let list = listed(&mut anna).await;
    assert_eq!(list.iter().map(|booking| booking.routing.value()).collect::<BTreeSet<_>>(), routings);
    anna.say(&ToBroker::CancelBooking(list[0].routing)).await;
    assert_eq!(anna.hear().await, FromBroker::NoBooking(list[0].routing));
    book(&mut anna, window).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_rules_forbid_appointments_none_is_booked_or_opened() {
    let rig = Rig::start().await;
    let mut anna = signed_in(&rig.target, "anna").await;
    let routing = book(&mut anna, now()).await.routing;
    drop(anna);
    let store = open_store(&DataDir::open(rig.dir.path()).unwrap()).await.unwrap();
    let set = async |serial, appointments| {
        let limits = Limits { appointments, ..Limits::default() };
        let policy = Policy { serial, limits, ..Policy::default() };
        let record = record(Action::RulesChanged).on_rules("appointments".into());
        assert!(store.set_rules(policy, record).await.unwrap().is_some());
    };
    set(0, AppointmentRule::Forbidden).await;
    let rig = rig.restarted().await;
    let mut anna = signed_in(&rig.target, "anna").await;
    assert_eq!(not_booked(&mut anna, later()).await, NotBooked::Forbidden);
    assert_eq!(join(&rig.target, routing).await.hear().await, FromBroker::JoinFailed, "nor waited for");
    anna.say(&ToBroker::OpenBooked(routing)).await;
    let answer = anna.hear().await;
    assert!(matches!(answer, FromBroker::NotYet { routing: of, wait_s } if of == routing && wait_s > 60), "{answer:?}");
    // It is there still, can be cancelled, and opens when the rule is gone.
    assert_eq!(listed(&mut anna).await.len(), 1);
    set(1, AppointmentRule::Allowed).await;
    assert!(matches!(anna.hear().await, FromBroker::Rules(_)));
    open(&mut anna, routing).await;
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bookings_of_an_account_that_is_removed_end_within_seconds_and_rest() {
    let rig = Rig::start().await;
    let mut anna = signed_in(&rig.target, "anna").await;
    let mut berta = signed_in(&rig.target, "berta").await;
    let (open_one, idle) = (book(&mut anna, now()).await.routing, book(&mut anna, later()).await.routing);
    let kept = book(&mut berta, now()).await.routing;
    open(&mut anna, open_one).await;
    let store = open_store(&DataDir::open(rig.dir.path()).unwrap()).await.unwrap();
    store.remove_account("anna", record(Action::AccountRemoved)).await.unwrap();
    store.close().await;
    assert_eq!(anna.hear().await, FromBroker::SignedOut);
    until("they are over", || rig.broker.booked_count() == 1).await;
    for routing in [open_one, idle] {
        is_over_and_rests(&rig, routing).await;
        assert_eq!(join(&rig.target, routing).await.hear().await, FromBroker::JoinFailed);
    }
    open(&mut berta, kept).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn admins_see_how_many_are_booked_and_who_booked_and_no_numbers() {
    let rig = staffed().await;
    let mut anna = signed_in(&rig.target, "anna").await;
    let routing = book(&mut anna, later()).await.routing;
    anna.say(&ToBroker::CancelBooking(routing)).await;
    assert_eq!(anna.hear().await, FromBroker::NoBooking(routing));
    book(&mut anna, later()).await;
    let chef = Signed::new(&rig, "chef").await;
    let page = chef.get("/system").await.text();
    assert!(page.contains("<dt>Numbers booked</dt><dd>1</dd>"), "{page}");
    let trail = chef.get("/audit").await.text();
    assert!(trail.contains("number booked for an appointment") && trail.contains("booked number cancelled"), "{trail}");
    let metrics = at(&rig).get("/metrics").await.text();
    assert!(metrics.contains("\nmitblick_numbers_booked 1\n"), "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_is_not_written_is_not_booked() {
    use crate::failing_store::frail;
    let dir = tempfile::tempdir().unwrap();
    let data = DataDir::open(dir.path()).unwrap();
    let lock = data.lock().unwrap();
    let store = open_store(&data).await.unwrap();
    add_accounts(&store).await;
    let (frail, broken) = frail(store.clone());
    let broker = mitblick_broker::serve_with(relaxed(dir.path()), data, lock, frail).await.unwrap();
    let target = Target::parse(broker.connect_string());
    let mut anna = signed_in(&target, "anna").await;
    let booking = book(&mut anna, now()).await;

    broken(true);
    assert_eq!(not_booked(&mut anna, later()).await, NotBooked::OutOfOrder);
    // Its end is decided now and written when that is possible.
    anna.say(&ToBroker::CancelBooking(booking.routing)).await;
    assert_eq!(anna.hear().await, FromBroker::NoBooking(booking.routing));
    assert_eq!(broker.booked_count(), 0);
    assert_eq!(store.bookings().await.unwrap().len(), 1);
    broken(false);
    let new = book(&mut anna, later()).await;
    let kept: Vec<Booking> = store.bookings().await.unwrap().into_iter().map(|(_, booking)| booking).collect();
    assert_eq!(kept, [new], "and the old one was removed before");
}
