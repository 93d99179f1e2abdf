//! The desk against a simple model, and the cases with a name.

mod bookings;
mod model;
mod waiting_room;

use super::*;
use std::time::Duration;

const A: ConnId = ConnId(1);
const C: ConnId = ConnId(2);

fn at(seconds: u64) -> Moment {
    Moment::from_ms(seconds * 1_000)
}

fn desk() -> Desk {
    Desk::new(Rules::default())
}

/// Signs `advisor` in and opens a number for it.
fn open(desk: &mut Desk, advisor: ConnId, now: Moment, entropy: u64) -> Routing {
    desk.sit(advisor);
    let routing = desk.reserve(advisor, now, entropy).unwrap();
    let mut out = Vec::new();
    desk.open(advisor, now, &mut out);
    let life = Duration::from_secs(900);
    assert_eq!(out, [Effect::NumberOpened { to: advisor, routing, life }]);
    routing
}

fn effects(step: impl FnOnce(&mut Vec<Effect>)) -> Vec<Effect> {
    let mut out = Vec::new();
    step(&mut out);
    out
}

#[test]
fn of_a_hundred_joins_exactly_one_pairs() {
    let mut desk = desk();
    let routing = open(&mut desk, A, at(0), 7);
    let mut out = Vec::new();
    let paired = (100..200).filter(|conn| desk.join(ConnId(*conn), routing, at(1), &mut out).is_ok()).count();
    assert_eq!(paired, 1);
    assert_eq!(out.len(), 1);
}

#[test]
fn a_confirmed_number_is_used_up_and_rests_a_day() {
    let mut desk = desk();
    let routing = open(&mut desk, A, at(0), 7);
    desk.join(C, routing, at(1), &mut Vec::new()).unwrap();
    desk.judge(A, AttemptOutcome::Confirmed, at(2), &mut Vec::new());
    assert!(matches!(desk.seat(A), Some(Seat::Paired(_))));
    assert!(desk.join(ConnId(3), routing, at(3), &mut Vec::new()).is_err());
    // A pair has no deadline.
    assert_eq!(effects(|out| desk.tick(at(80_000), out)), []);
    desk.end_pair(A, at(80_000), &mut Vec::new());
    for conn in 10..10_009 {
        desk.sit(ConnId(conn));
        assert_ne!(desk.reserve(ConnId(conn), at(80_001), 0), Ok(routing));
    }
    desk.sit(ConnId(9));
    // All others are taken; this one would have been given early after an
    // hour, and nothing is given before.
    assert_eq!(desk.reserve(ConnId(9), at(80_002), 0), Ok(routing));
}

#[test]
fn resting_numbers_are_not_given_early_before_an_hour() {
    let mut desk = desk();
    for conn in 1..=10_000 {
        open(&mut desk, ConnId(conn), at(0), conn);
        desk.close_number(ConnId(conn), at(0), &mut Vec::new());
    }
    assert_eq!(desk.reserve(A, at(3_599), 0), Err(Refusal::NoNumberFree));
    assert!(desk.reserve(A, at(3_600), 0).is_ok());
}

#[test]
fn a_wrong_proof_burns_the_number_at_once_even_if_told_late() {
    for late in [false, true] {
        let mut desk = desk();
        let routing = open(&mut desk, A, at(0), 7);
        desk.join(C, routing, at(1), &mut Vec::new()).unwrap();
        if late {
            desk.leave(C, Leaving::Lost, at(2), &mut Vec::new());
        }
        let out = effects(|out| desk.judge(A, AttemptOutcome::Burned, at(3), out));
        assert!(out.contains(&Effect::NumberClosed { to: A, why: NumberEnd::Burned }));
        assert!(desk.join(ConnId(3), routing, at(4), &mut Vec::new()).is_err());
        assert_eq!(desk.seat(A), Some(Seat::Lobby));
    }
}

#[test]
fn the_next_customer_waits_until_the_last_attempt_is_judged() {
    let mut desk = desk();
    let routing = open(&mut desk, A, at(0), 7);
    desk.join(C, routing, at(1), &mut Vec::new()).unwrap();
    desk.end_pair(C, at(2), &mut Vec::new());
    assert!(desk.join(ConnId(3), routing, at(2), &mut Vec::new()).is_err());
    desk.judge(A, AttemptOutcome::Unproven, at(2), &mut Vec::new());
    assert!(desk.join(ConnId(3), routing, at(2), &mut Vec::new()).is_ok());
}

#[test]
fn an_advisor_that_never_judges_keeps_its_number_after_a_moment() {
    let mut desk = desk();
    let routing = open(&mut desk, A, at(0), 7);
    desk.join(C, routing, at(1), &mut Vec::new()).unwrap();
    let out = effects(|out| desk.tick(at(31), out));
    let stalled = Some(PairEnd::PeerStalled);
    assert!(
        matches!(out[..], [Effect::Ended { advisor: (A, a), customer: (C, c), .. }] if a == stalled && c == stalled)
    );
    assert!(desk.join(ConnId(3), routing, at(35), &mut Vec::new()).is_err());
    assert!(desk.join(ConnId(3), routing, at(36), &mut Vec::new()).is_ok());
}

#[test]
fn ten_unproven_attempts_close_the_number() {
    let mut desk = desk();
    let routing = open(&mut desk, A, at(0), 7);
    for attempt in 0..10 {
        assert!(desk.join(ConnId(10 + attempt), routing, at(1), &mut Vec::new()).is_ok(), "attempt {attempt}");
        let out = effects(|out| desk.judge(A, AttemptOutcome::Unproven, at(1), out));
        let closed = Effect::NumberClosed { to: A, why: NumberEnd::TooManyAttempts };
        assert_eq!(out.contains(&closed), attempt == 9);
    }
    assert!(desk.join(ConnId(99), routing, at(1), &mut Vec::new()).is_err());
}

#[test]
fn a_number_expires_though_nobody_ticks_and_not_during_an_attempt() {
    let mut desk = desk();
    let routing = open(&mut desk, A, at(0), 7);
    assert_eq!(desk.next_deadline(), Some(at(900)));
    assert!(desk.join(C, routing, at(899), &mut Vec::new()).is_ok());
    assert_eq!(effects(|out| desk.tick(at(905), out)), []);
    let out = effects(|out| desk.judge(A, AttemptOutcome::Unproven, at(906), out));
    assert_eq!(out.last(), Some(&Effect::NumberClosed { to: A, why: NumberEnd::Expired }));

    let routing = open(&mut desk, A, at(1_000), 8);
    let mut out = Vec::new();
    assert!(desk.join(C, routing, at(1_900), &mut out).is_err());
    assert_eq!(out, [Effect::NumberClosed { to: A, why: NumberEnd::Expired }]);
}

#[test]
fn numbers_are_drawn_evenly() {
    let mut counts = [0_u32; 10];
    let mut random = Random(1);
    for _ in 0..10_000 {
        let mut desk = Pool::new();
        let routing = desk.draw(at(0), random.next(), Duration::ZERO, Duration::ZERO).unwrap();
        counts[usize::from(routing.value() / 1_000)] += 1;
    }
    for count in counts {
        assert!((850..1_150).contains(&count), "{counts:?}");
    }
}

/// SplitMix64: the same sequence every time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}
