//! The cases of booked numbers with a name.

use super::*;
use mitblick_protocol::appointment::{Booking, MAX_BOOKINGS, NotBooked, Window};

const ANNA: i64 = 7;
const BERTA: i64 = 8;
/// What the clock on the wall shows at the moment 0.
const WALL: u64 = 1_800_000_000;

fn window(opens_s: u64, closes_s: u64) -> Window {
    Window::new(WALL + opens_s, WALL + closes_s).unwrap()
}

fn book(desk: &mut Desk, account: i64, window: Window, at_s: u64) -> Routing {
    let routing = desk.book(account, window, 7, WALL + at_s, at(at_s), &mut Vec::new()).unwrap();
    assert!(desk.booked(routing));
    routing
}

/// Opens the number for the account on this connection, which signs in.
fn open_booked(desk: &mut Desk, conn: ConnId, routing: Routing, at_s: u64) -> Result<Vec<Effect>, NotOpened> {
    let mut out = Vec::new();
    desk.sit(conn);
    desk.open_booked(conn, ANNA, routing, WALL + at_s, at(at_s), &mut out).map(|()| out)
}

fn over(routing: Routing) -> Effect {
    Effect::BookingOver { routing }
}

/// Whether the number is in the pool, free or resting.
fn is_in_pool(desk: &Desk, routing: Routing) -> bool {
    desk.pool.all().any(|pooled| pooled == routing)
}

#[test]
fn a_booked_number_admits_somebody_only_while_it_is_open_in_its_window() {
    let mut desk = desk();
    let routing = book(&mut desk, ANNA, window(100, 200), 0);
    let join = |desk: &mut Desk, conn, at_s| desk.join(ConnId(conn), routing, at(at_s), &mut Vec::new());
    assert!(join(&mut desk, 10, 1).is_err());
    assert_eq!(open_booked(&mut desk, A, routing, 40), Err(NotOpened::NotYet { wait: Duration::from_secs(60) }));
    assert!(join(&mut desk, 11, 41).is_err());
    assert!(join(&mut desk, 12, 150).is_err(), "within its window, but nobody has opened it");
    let opened = open_booked(&mut desk, A, routing, 150).unwrap();
    assert_eq!(opened, [Effect::NumberOpened { to: A, routing, life: Duration::from_secs(50) }]);
    desk.close_number(A, at(151), &mut Vec::new());
    assert!(join(&mut desk, 13, 152).is_err());
    assert!(open_booked(&mut desk, A, routing, 153).is_ok());
    assert!(join(&mut desk, 14, 154).is_ok());
}

#[test]
fn a_confirmed_booking_is_used_up_and_its_number_rests() {
    let mut desk = desk();
    let routing = book(&mut desk, ANNA, window(0, 1_000), 0);
    assert!(!is_in_pool(&desk, routing));
    open_booked(&mut desk, A, routing, 1).unwrap();
    desk.join(C, routing, at(2), &mut Vec::new()).unwrap();
    let out = effects(|out| desk.judge(A, AttemptOutcome::Confirmed, at(3), out));
    assert_eq!(out, [over(routing)]);
    assert!(is_in_pool(&desk, routing));
    desk.end_pair(A, at(4), &mut Vec::new());
    assert_eq!(open_booked(&mut desk, A, routing, 5), Err(NotOpened::NoBooking));
    assert!(desk.join(ConnId(9), routing, at(5), &mut Vec::new()).is_err());
}

#[test]
fn a_wrong_proof_burns_a_booking() {
    let mut desk = desk();
    let routing = book(&mut desk, ANNA, window(0, 1_000), 0);
    open_booked(&mut desk, A, routing, 1).unwrap();
    desk.join(C, routing, at(2), &mut Vec::new()).unwrap();
    let out = effects(|out| desk.judge(A, AttemptOutcome::Burned, at(3), out));
    assert!(out.contains(&over(routing)), "{out:?}");
    assert!(out.contains(&Effect::NumberClosed { to: A, why: NumberEnd::Burned }));
    assert_eq!(open_booked(&mut desk, A, routing, 5), Err(NotOpened::NoBooking));
}

#[test]
fn attempts_count_on_however_often_the_number_is_opened_again() {
    let mut desk = desk();
    let routing = book(&mut desk, ANNA, window(0, 10_000), 0);
    let mut now_s = 1;
    for attempt in 0..10_u64 {
        now_s += 10;
        open_booked(&mut desk, A, routing, now_s).unwrap();
        desk.join(ConnId(100 + attempt), routing, at(now_s), &mut Vec::new()).unwrap();
        let out = effects(|out| match attempt % 3 {
            0 => {
                desk.judge(A, AttemptOutcome::Unproven, at(now_s), out);
                desk.close_number(A, at(now_s), out);
            }
            1 => desk.close_number(A, at(now_s), out),
            _ => desk.leave(A, Leaving::Lost, at(now_s), out),
        });
        assert_eq!(out.contains(&over(routing)), attempt == 9, "{attempt}: {out:?}");
        assert_eq!(desk.booked_count(), usize::from(attempt < 9));
    }
    assert_eq!(open_booked(&mut desk, A, routing, now_s), Err(NotOpened::NoBooking));
}

#[test]
fn the_end_of_the_window_closes_an_open_number_and_ends_the_booking() {
    let mut desk = desk();
    let routing = book(&mut desk, ANNA, window(0, 100), 0);
    open_booked(&mut desk, A, routing, 40).unwrap();
    assert_eq!(desk.next_deadline(), Some(at(100)));
    // An attempt that goes on is not interrupted.
    desk.join(C, routing, at(99), &mut Vec::new()).unwrap();
    assert_eq!(effects(|out| desk.sweep_bookings(WALL + 105, at(105), out)), []);
    let out = effects(|out| desk.judge(A, AttemptOutcome::Unproven, at(106), out));
    let closed = Effect::NumberClosed { to: A, why: NumberEnd::Expired };
    assert_eq!(out[1..], [over(routing), closed]);
    assert!(is_in_pool(&desk, routing));
}

#[test]
fn bookings_whose_window_passed_unused_are_swept() {
    let mut desk = desk();
    let early = book(&mut desk, ANNA, window(0, 100), 0);
    let late = book(&mut desk, ANNA, window(50, 200), 0);
    assert_eq!(effects(|out| desk.sweep_bookings(WALL + 99, at(99), out)), []);
    assert_eq!(effects(|out| desk.sweep_bookings(WALL + 100, at(100), out)), [over(early)]);
    let listed = desk.bookings_of(ANNA, WALL + 100, at(100), &mut Vec::new());
    assert_eq!(listed, [Booking { routing: late, window: window(50, 200) }]);
    assert_eq!(desk.bookings_of(ANNA, WALL + 200, at(200), &mut Vec::new()), [], "nobody has to sweep before");
}

#[test]
fn a_booking_of_another_account_is_like_none() {
    let mut desk = desk();
    let routing = book(&mut desk, BERTA, window(0, 1_000), 0);
    for at_s in [1, 2_000] {
        assert_eq!(open_booked(&mut desk, A, routing, at_s), Err(NotOpened::NoBooking));
    }
    let routing = book(&mut desk, BERTA, window(5_000, 6_000), 2_000);
    assert_eq!(open_booked(&mut desk, A, routing, 2_001), Err(NotOpened::NoBooking), "nor is it told when it opens");
    assert!(!desk.cancel_booking(ANNA, routing, WALL + 2_001, at(2_001), &mut Vec::new()));
    assert_eq!(desk.bookings_of(ANNA, WALL + 2_001, at(2_001), &mut Vec::new()), []);
    assert_eq!(desk.bookings_of(BERTA, WALL + 2_001, at(2_001), &mut Vec::new()).len(), 1);
}

#[test]
fn who_cancels_an_open_booking_closes_it_and_ends_its_attempt() {
    let mut desk = desk();
    let routing = book(&mut desk, ANNA, window(0, 1_000), 0);
    open_booked(&mut desk, A, routing, 1).unwrap();
    let pair = desk.join(C, routing, at(2), &mut Vec::new()).unwrap();
    let mut out = Vec::new();
    assert!(desk.cancel_booking(ANNA, routing, WALL + 3, at(3), &mut out));
    let ended = Effect::Ended { pair, advisor: (A, None), customer: (C, Some(PairEnd::PeerLeft)) };
    assert_eq!(out, [ended, over(routing), Effect::NumberClosed { to: A, why: NumberEnd::Closed }]);
    assert_eq!((desk.seat(A), desk.seat(C)), (Some(Seat::Lobby), None));
    assert!(!desk.cancel_booking(ANNA, routing, WALL + 3, at(3), &mut out), "it is gone");
}

#[test]
fn a_connection_has_one_open_number_and_an_open_booking_is_on_one_connection() {
    let mut desk = desk();
    let routing = book(&mut desk, ANNA, window(0, 1_000), 0);
    open(&mut desk, A, at(0), 3);
    let wrong = Err(NotOpened::Refused(Refusal::WrongState));
    assert_eq!(open_booked(&mut desk, A, routing, 1), wrong);
    desk.close_number(A, at(1), &mut Vec::new());
    assert!(open_booked(&mut desk, A, routing, 1).is_ok());
    assert_eq!(desk.reserve(A, at(2), 1), Err(Refusal::WrongState));
    assert_eq!(open_booked(&mut desk, ConnId(5), routing, 2), wrong);
    desk.leave(A, Leaving::Lost, at(3), &mut Vec::new());
    assert!(open_booked(&mut desk, ConnId(5), routing, 3).is_ok());
}

#[test]
fn an_account_that_is_gone_has_no_bookings_and_no_open_number() {
    let mut desk = desk();
    let (open, kept) = (book(&mut desk, ANNA, window(0, 1_000), 0), book(&mut desk, BERTA, window(0, 1_000), 0));
    let drawn = desk.book(ANNA, window(0, 1_000), 3, WALL, at(0), &mut Vec::new()).unwrap();
    open_booked(&mut desk, A, open, 1).unwrap();
    assert_eq!(desk.booking_accounts(), [ANNA, BERTA]);
    desk.end_bookings_of(ANNA, at(2), &mut Vec::new());
    assert_eq!((desk.seat(A), desk.booking_accounts()), (Some(Seat::Lobby), vec![BERTA]));
    assert!(!desk.booked(drawn), "what was being written has nobody any more");
    assert!(is_in_pool(&desk, open) && is_in_pool(&desk, drawn) && !is_in_pool(&desk, kept));
}

#[test]
fn an_account_and_all_together_have_only_so_many() {
    let mut desk = desk();
    let far = window(1_000, 2_000);
    for account in 0..i64::try_from(MAX_BOOKED / MAX_BOOKINGS).unwrap() {
        for _ in 0..MAX_BOOKINGS {
            book(&mut desk, account, far, 0);
        }
        assert_eq!(desk.book(account, far, 1, WALL, at(0), &mut Vec::new()), Err(NotBooked::TooMany));
    }
    assert_eq!(desk.book(-1, far, 1, WALL, at(0), &mut Vec::new()), Err(NotBooked::NoNumberFree));
    assert_eq!(desk.book(-1, window(0, 10), 1, WALL + 10, at(10), &mut Vec::new()), Err(NotBooked::OutOfTime));
    let routing = desk.bookings_of(0, WALL, at(0), &mut Vec::new())[0].routing;
    assert!(desk.cancel_booking(0, routing, WALL, at(0), &mut Vec::new()));
    assert!(desk.book(0, far, 1, WALL, at(0), &mut Vec::new()).is_ok());
    desk.stop();
    assert_eq!(desk.book(1, far, 1, WALL, at(0), &mut Vec::new()), Err(NotBooked::OutOfOrder));
}

#[test]
fn a_restored_booking_is_drawn_for_nobody_whether_its_number_was_free_or_rested() {
    let mut desk = desk();
    let [free, rested] = [5, 6].map(|value| Routing::new(value).unwrap());
    desk.rest_until(rested, at(500));
    for routing in [free, rested] {
        desk.restore_booking(ANNA, Booking { routing, window: window(0, 1_000) });
        assert!(!is_in_pool(&desk, routing));
        assert!(open_booked(&mut desk, ConnId(u64::from(routing.value())), routing, 1).is_ok());
    }
}
