//! Customers who come before their advisor has opened the number.

use super::*;
use mitblick_protocol::appointment::Window;

const ANNA: i64 = 7;
/// What the clock on the wall shows at the moment 0.
const WALL: u64 = 1_800_000_000;

/// A number booked from 100 s to 1 000 s.
fn booked(desk: &mut Desk) -> Routing {
    let window = Window::new(WALL + 100, WALL + 1_000).unwrap();
    let routing = desk.book(ANNA, window, 7, WALL, at(0), &mut Vec::new()).unwrap();
    assert!(desk.booked(routing));
    routing
}

fn wait(desk: &mut Desk, conn: u64, routing: Routing, at_s: u64) -> Option<Vec<Effect>> {
    let mut out = Vec::new();
    desk.wait_for(ConnId(conn), routing, WALL + at_s, at(at_s), &mut out).ok().map(|()| out)
}

fn opened(desk: &mut Desk, routing: Routing, at_s: u64) -> Vec<Effect> {
    desk.sit(A);
    effects(|out| desk.open_booked(A, ANNA, routing, WALL + at_s, at(at_s), out).unwrap())
}

fn room(routing: Routing, waits: bool) -> Effect {
    Effect::RoomChanged { account: ANNA, routing, waits }
}

fn paired(pair: u64, customer: u64) -> Effect {
    Effect::Paired { pair: PairId(pair), advisor: A, customer: ConnId(customer) }
}

#[test]
fn who_comes_within_the_window_waits_and_is_let_in_once_it_is_open() {
    let mut desk = desk();
    let routing = booked(&mut desk);
    assert_eq!(wait(&mut desk, 10, routing, 99), None, "before the window");
    let waits = Effect::Waits { to: ConnId(10) };
    assert_eq!(wait(&mut desk, 10, routing, 100), Some(vec![waits, room(routing, true)]));
    assert_eq!(desk.awaited_of(ANNA), [routing]);
    let life = Duration::from_secs(800);
    let opens = Effect::NumberOpened { to: A, routing, life };
    assert_eq!(opened(&mut desk, routing, 200), [opens, room(routing, false), paired(1, 10)]);
    desk.judge(A, AttemptOutcome::Confirmed, at(201), &mut Vec::new());
    assert!(matches!(desk.seat(ConnId(10)), Some(Seat::Customer(_))));
    assert_eq!(desk.awaited_of(ANNA), []);
}

#[test]
fn the_first_one_comes_first_and_a_failed_attempt_lets_the_next_one_in() {
    let mut desk = desk();
    let routing = booked(&mut desk);
    for conn in [10, 11] {
        assert!(wait(&mut desk, conn, routing, 100).is_some());
    }
    assert!(opened(&mut desk, routing, 101).contains(&paired(1, 10)));
    let next = effects(|out| desk.judge(A, AttemptOutcome::Unproven, at(102), out));
    assert!(next.ends_with(&[room(routing, false), paired(2, 11)]), "{next:?}");
    // Nobody knows how it went: the number first waits for the outcome.
    assert!(wait(&mut desk, 12, routing, 103).is_some());
    let lost = effects(|out| desk.leave(ConnId(11), Leaving::Lost, at(104), out));
    assert!(!lost.contains(&paired(3, 12)), "{lost:?}");
    let next = effects(|out| desk.tick(at(109), out));
    assert!(next.ends_with(&[room(routing, false), paired(3, 12)]), "{next:?}");
}

#[test]
fn when_the_booking_is_over_whoever_waits_is_told_that_nobody_comes() {
    let turned_away = |conn: u64| Effect::TurnedAway { to: ConnId(conn) };
    let ends: [fn(&mut Desk, Routing, &mut Vec<Effect>); 4] = [
        |desk, routing, out| assert!(desk.cancel_booking(ANNA, routing, WALL + 101, at(101), out)),
        |desk, _, out| desk.end_bookings_of(ANNA, at(101), out),
        |desk, _, out| desk.sweep_bookings(WALL + 1_000, at(101), out),
        |desk, routing, out| {
            desk.sit(A);
            desk.open_booked(A, ANNA, routing, WALL + 101, at(101), out).unwrap();
            assert!(out.contains(&paired(1, 10)));
            desk.judge(A, AttemptOutcome::Burned, at(102), out);
        },
    ];
    for (end, told) in ends.into_iter().zip([10, 10, 10, 11]) {
        let mut desk = desk();
        let routing = booked(&mut desk);
        for conn in [10, 11] {
            assert!(wait(&mut desk, conn, routing, 100).is_some());
        }
        let out = effects(|out| end(&mut desk, routing, out));
        assert!(out.contains(&turned_away(told)) && out.contains(&turned_away(11)), "{out:?}");
        assert_eq!((desk.waiting_customers(), desk.seat(ConnId(11))), (0, None));
    }
}

#[test]
fn who_goes_waits_no_longer_and_a_room_has_an_end() {
    let mut desk = desk();
    let routing = booked(&mut desk);
    let many = 10 + MAX_IN_WAITING_ROOM as u64;
    for conn in 10..many {
        assert!(wait(&mut desk, conn, routing, 100).is_some());
    }
    assert_eq!(wait(&mut desk, many, routing, 100), None, "it is full");
    assert_eq!(wait(&mut desk, 10, routing, 100), None, "nobody waits twice");
    for conn in 10..many - 1 {
        assert_eq!(effects(|out| desk.leave(ConnId(conn), Leaving::Left, at(101), out)), []);
    }
    let left = effects(|out| desk.end_pair(ConnId(many - 1), at(101), out));
    assert_eq!(left, [room(routing, false), Effect::TurnedAway { to: ConnId(many - 1) }]);
    assert_eq!(opened(&mut desk, routing, 102).len(), 1, "nobody is let in");
}

#[test]
fn nobody_waits_for_a_fresh_number_or_when_the_broker_stops() {
    let mut desk = desk();
    let fresh = open(&mut desk, A, at(0), 7);
    desk.join(C, fresh, at(1), &mut Vec::new()).unwrap();
    assert_eq!(wait(&mut desk, 10, fresh, 2), None);
    let routing = booked(&mut desk);
    desk.stop();
    assert_eq!(wait(&mut desk, 10, routing, 100), None);
}
