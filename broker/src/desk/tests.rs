//! The desk against a simple model, and the cases with a name.

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
    assert_eq!(out, [Effect::NumberOpened { to: advisor, routing }]);
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

/// What the desk is, said as naively as possible: one list, looked through
/// from the start for everything.
#[derive(Debug, Default)]
struct Model {
    advisors: Vec<ModelAdvisor>,
}

#[derive(Debug)]
struct ModelAdvisor {
    conn: ConnId,
    number: Option<ModelNumber>,
    customer: Option<ConnId>,
}

#[derive(Debug)]
struct ModelNumber {
    routing: Routing,
    expires_s: u64,
    unproven: u32,
    attempt_until_s: Option<u64>,
    judged_until_s: Option<u64>,
}

impl Model {
    fn advisor(&mut self, conn: ConnId) -> Option<&mut ModelAdvisor> {
        self.advisors.iter_mut().find(|advisor| advisor.conn == conn)
    }

    fn tick(&mut self, now_s: u64) {
        // A step may make another one due, in the same moment at the latest.
        for _ in 0..3 {
            for advisor in &mut self.advisors {
                let Some(number) = &mut advisor.number else { continue };
                if number.attempt_until_s.is_some_and(|until| until <= now_s) {
                    advisor.customer = None;
                    advisor.unproven(now_s, true);
                } else if number.judged_until_s.is_some_and(|until| until <= now_s) {
                    number.judged_until_s = None;
                }
                let idle = |number: &ModelNumber| number.attempt_until_s.is_none() && number.judged_until_s.is_none();
                if advisor.number.as_ref().is_some_and(|number| idle(number) && number.expires_s <= now_s) {
                    advisor.number = None;
                }
            }
        }
    }
}

impl ModelAdvisor {
    fn unproven(&mut self, now_s: u64, owed: bool) {
        let Some(number) = &mut self.number else { return };
        number.attempt_until_s = None;
        number.judged_until_s = owed.then_some(now_s + 5);
        number.unproven += 1;
        if number.unproven == 10 {
            self.number = None;
        }
    }

    fn part(&mut self, now_s: u64) {
        self.customer = None;
        if self.number.as_ref().is_some_and(|number| number.attempt_until_s.is_some()) {
            self.unproven(now_s, true);
        }
    }
}

#[test]
fn random_histories_agree_with_the_model() {
    for seed in 0..200 {
        history(seed);
    }
}

fn history(seed: u64) {
    let mut random = Random(seed);
    let mut desk = desk();
    let mut model = Model::default();
    let mut now_s = 100;
    let mut next_conn = 0;
    let mut customers: Vec<ConnId> = Vec::new();
    for step in 0..300 {
        if random.below(4) == 0 {
            now_s += [1, 5, 29, 300][random.below(4) as usize];
        }
        let now = at(now_s);
        let mut out = Vec::new();
        model.tick(now_s);
        desk.tick(now, &mut out);
        let advisor = match model.advisors.len() as u64 {
            0 => None,
            many => Some(model.advisors[random.below(many) as usize].conn),
        };
        match (random.below(9), advisor) {
            (0, _) | (_, None) => {
                next_conn += 1;
                desk.sit(ConnId(next_conn));
                model.advisors.push(ModelAdvisor { conn: ConnId(next_conn), number: None, customer: None });
            }
            (1 | 2, Some(conn)) => {
                let advisor = model.advisor(conn).unwrap();
                let free = advisor.number.is_none() && advisor.customer.is_none();
                let drawn = desk.reserve(conn, now, random.next());
                assert_eq!(drawn.is_ok(), free, "seed {seed} step {step}");
                if let Ok(routing) = drawn {
                    desk.open(conn, now, &mut out);
                    let taken = |other: &ModelAdvisor| other.number.as_ref().is_some_and(|n| n.routing == routing);
                    assert!(!model.advisors.iter().any(taken));
                    let expires_s = now_s + 900;
                    let number =
                        ModelNumber { routing, expires_s, unproven: 0, attempt_until_s: None, judged_until_s: None };
                    model.advisor(conn).unwrap().number = Some(number);
                }
            }
            (3 | 4, Some(conn)) => {
                let advisor = model.advisor(conn).unwrap();
                let routing = advisor.number.as_ref().map(|number| number.routing);
                let routing = routing.or_else(|| Routing::new(random.below(10_000) as u16)).unwrap();
                next_conn += 1;
                let customer = ConnId(next_conn);
                let joined = desk.join(customer, routing, now, &mut out).is_ok();
                let waits = |advisor: &&mut ModelAdvisor| {
                    advisor.number.as_ref().is_some_and(|number| {
                        number.routing == routing && number.attempt_until_s.is_none() && number.judged_until_s.is_none()
                    })
                };
                let waiting = model.advisors.iter_mut().find(waits);
                assert_eq!(joined, waiting.is_some(), "seed {seed} step {step}");
                if let Some(advisor) = waiting {
                    advisor.customer = Some(customer);
                    advisor.number.as_mut().unwrap().attempt_until_s = Some(now_s + 30);
                    customers.push(customer);
                }
            }
            (5, Some(conn)) => {
                let outcome = [AttemptOutcome::Confirmed, AttemptOutcome::Burned, AttemptOutcome::Unproven]
                    [random.below(3) as usize];
                desk.judge(conn, outcome, now, &mut out);
                let advisor = model.advisor(conn).unwrap();
                let Some(number) = &mut advisor.number else { continue };
                let trying = number.attempt_until_s.is_some();
                let owed = number.judged_until_s.is_some();
                match outcome {
                    AttemptOutcome::Confirmed if trying || owed => advisor.number = None,
                    AttemptOutcome::Burned => (advisor.number, advisor.customer) = (None, None),
                    AttemptOutcome::Unproven if trying => {
                        advisor.customer = None;
                        advisor.unproven(now_s, false);
                    }
                    AttemptOutcome::Unproven if owed => number.judged_until_s = None,
                    AttemptOutcome::Confirmed | AttemptOutcome::Unproven => {}
                }
            }
            (6, Some(conn)) => {
                desk.close_number(conn, now, &mut out);
                let advisor = model.advisor(conn).unwrap();
                if advisor.number.take().is_some() {
                    advisor.customer = None;
                }
            }
            (7, Some(conn)) => {
                let leaves = random.below(2) == 0;
                if leaves {
                    desk.leave(conn, Leaving::Lost, now, &mut out);
                    model.advisors.retain(|advisor| advisor.conn != conn);
                } else {
                    desk.end_pair(conn, now, &mut out);
                    model.advisor(conn).unwrap().part(now_s);
                }
            }
            (_, Some(_)) => {
                if let Some(customer) = customers.pop() {
                    desk.leave(customer, Leaving::Left, now, &mut out);
                    let paired = |advisor: &&mut ModelAdvisor| advisor.customer == Some(customer);
                    if let Some(advisor) = model.advisors.iter_mut().find(paired) {
                        advisor.part(now_s);
                    }
                }
            }
        }
        model.tick(now_s);
        agree(&desk, &model, &format!("seed {seed} step {step}"));
    }
}

fn agree(desk: &Desk, model: &Model, place: &str) {
    let (mut numbers, mut pairs) = (0, 0);
    for advisor in &model.advisors {
        numbers += usize::from(advisor.number.is_some());
        pairs += usize::from(advisor.customer.is_some());
        let seat = desk.seat(advisor.conn).unwrap();
        match (&advisor.number, advisor.customer) {
            (None, None) => assert_eq!(seat, Seat::Lobby, "{place}"),
            (Some(number), None) => assert_eq!(seat, Seat::Open(number.routing), "{place}"),
            (Some(number), Some(customer)) => {
                let Seat::Trying(routing, pair) = seat else { panic!("{place}: {seat:?}") };
                assert_eq!(routing, number.routing, "{place}");
                assert_eq!(desk.seat(customer), Some(Seat::Customer(pair)), "{place}");
            }
            (None, Some(customer)) => {
                let Seat::Paired(pair) = seat else { panic!("{place}: {seat:?}") };
                assert_eq!(desk.seat(customer), Some(Seat::Customer(pair)), "{place}");
            }
        }
    }
    assert_eq!(desk.counts(), (numbers, pairs), "{place}");
    assert_eq!(desk.timers.len(), numbers, "{place}: every number has one deadline");
    assert_eq!(desk.seats.len(), model.advisors.len() + pairs, "{place}: nobody is left over");
}
