//! Random histories of the desk against a model.

use super::*;
use mitblick_protocol::appointment::{Window, WindowState};

/// Several connections of one account are not let in by the hall; the desk
/// must not mind.
fn account_of(conn: ConnId) -> i64 {
    (conn.0 % 4) as i64
}

/// What the desk is, said as naively as possible: one list, looked through
/// from the start for everything.
#[derive(Debug, Default)]
struct Model {
    advisors: Vec<ModelAdvisor>,
    bookings: Bookings,
    /// Who waits for which number, in the order in which they came.
    waiting: Vec<(Routing, ConnId)>,
}

#[derive(Debug)]
struct ModelBooking {
    routing: Routing,
    account: i64,
    window: Window,
    unproven: u32,
}

#[derive(Debug, Default)]
struct Bookings {
    all: Vec<ModelBooking>,
    /// How many there were that are over.
    over: usize,
}

impl Bookings {
    fn get(&mut self, routing: Routing) -> Option<&mut ModelBooking> {
        self.all.iter_mut().find(|booking| booking.routing == routing)
    }

    fn end(&mut self, routing: Routing) {
        self.over += self.all.extract_if(.., |booking| booking.routing == routing).count();
    }
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

    fn is_open(&self, routing: Routing) -> bool {
        self.advisors.iter().any(|advisor| advisor.number.as_ref().is_some_and(|number| number.routing == routing))
    }

    fn sweep(&mut self, wall_s: u64) {
        let over = self.bookings.all.iter().filter(|booking| booking.window.closes_unix_s() <= wall_s);
        let over: Vec<Routing> = over.map(|booking| booking.routing).collect();
        for routing in over {
            if !self.is_open(routing) {
                self.bookings.end(routing);
            }
        }
    }

    /// A booking is over, and its number with it if it is open.
    fn withdraw(&mut self, routing: Routing) {
        for advisor in &mut self.advisors {
            if advisor.number.as_ref().is_some_and(|number| number.routing == routing) {
                (advisor.number, advisor.customer) = (None, None);
            }
        }
        self.bookings.end(routing);
    }

    /// A booked number if there is one, of whatever account; else any number.
    fn some_routing(&self, random: &mut Random) -> Routing {
        match self.bookings.all.len() as u64 {
            0 => Routing::new(random.below(10_000) as u16).unwrap(),
            many => self.bookings.all[random.below(many) as usize].routing,
        }
    }

    fn tick(&mut self, now_s: u64) {
        // A step may make another one due, in the same moment at the latest.
        for _ in 0..3 {
            for advisor in &mut self.advisors {
                let Some(number) = &mut advisor.number else { continue };
                if number.attempt_until_s.is_some_and(|until| until <= now_s) {
                    advisor.customer = None;
                    advisor.unproven(now_s, true, &mut self.bookings);
                } else if number.judged_until_s.is_some_and(|until| until <= now_s) {
                    number.judged_until_s = None;
                }
                let idle = |number: &ModelNumber| number.attempt_until_s.is_none() && number.judged_until_s.is_none();
                if advisor.number.as_ref().is_some_and(|number| idle(number) && number.expires_s <= now_s) {
                    advisor.end(&mut self.bookings);
                }
            }
            self.let_in(now_s);
        }
    }

    /// Who waits for a number that is open is let in, for one that is over goes.
    fn let_in(&mut self, now_s: u64) {
        for advisor in &mut self.advisors {
            let Some(number) = &mut advisor.number else { continue };
            let first = self.waiting.iter().position(|(routing, _)| *routing == number.routing);
            if let (Some(first), None, None) = (first, number.attempt_until_s, number.judged_until_s) {
                number.attempt_until_s = Some(now_s + 30);
                advisor.customer = Some(self.waiting.remove(first).1);
            }
        }
        let booked = |routing| self.bookings.all.iter().any(|booking| booking.routing == routing);
        self.waiting.retain(|(routing, _)| booked(*routing));
    }
}

impl ModelAdvisor {
    /// The number is used up, and its booking if it has one.
    fn end(&mut self, bookings: &mut Bookings) {
        if let Some(number) = self.number.take() {
            bookings.end(number.routing);
        }
    }

    /// The number is open no longer, and stays booked if it is.
    fn put_down(&mut self, bookings: &mut Bookings) {
        if let Some(number) = self.number.take()
            && let Some(booking) = bookings.get(number.routing)
        {
            booking.unproven = number.unproven;
        }
    }

    fn unproven(&mut self, now_s: u64, owed: bool, bookings: &mut Bookings) {
        let Some(number) = &mut self.number else { return };
        number.attempt_until_s = None;
        number.judged_until_s = owed.then_some(now_s + 5);
        number.unproven += 1;
        if number.unproven == 10 {
            self.end(bookings);
        }
    }

    fn part(&mut self, now_s: u64, bookings: &mut Bookings) {
        self.customer = None;
        if self.number.as_ref().is_some_and(|number| number.attempt_until_s.is_some()) {
            self.unproven(now_s, true, bookings);
        }
    }
}

#[test]
fn random_histories_agree_with_the_model() {
    for seed in 0..300 {
        history(seed);
    }
}

fn history(seed: u64) {
    let mut random = Random(seed);
    let mut desk = desk();
    let mut model = Model::default();
    let (mut now_s, mut wall_s) = (100, 1_000_000);
    let mut over = 0;
    let mut awaited = BTreeSet::new();
    let mut next_conn = 0;
    let mut customers: Vec<ConnId> = Vec::new();
    for step in 0..300 {
        if random.below(4) == 0 {
            let passed = [1, 5, 29, 300][random.below(4) as usize];
            now_s += passed;
            wall_s += passed;
        }
        if random.below(60) == 0 {
            // Somebody sets the clock on the wall.
            wall_s = wall_s + [600, 0][random.below(2) as usize] - 300;
        }
        let now = at(now_s);
        let mut out = Vec::new();
        model.tick(now_s);
        desk.tick(now, &mut out);
        let advisor = match model.advisors.len() as u64 {
            0 => None,
            many => Some(model.advisors[random.below(many) as usize].conn),
        };
        'step: {
            match (random.below(15), advisor) {
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
                        assert!(!model.advisors.iter().any(taken) && model.bookings.get(routing).is_none());
                        let expires_s = now_s + 900;
                        let number = ModelNumber {
                            routing,
                            expires_s,
                            unproven: 0,
                            attempt_until_s: None,
                            judged_until_s: None,
                        };
                        model.advisor(conn).unwrap().number = Some(number);
                    }
                }
                (3 | 4, Some(conn)) => {
                    let advisor = model.advisor(conn).unwrap();
                    let open = advisor.number.as_ref().map(|number| number.routing);
                    let routing = match open {
                        Some(routing) if random.below(4) != 0 => routing,
                        Some(_) | None => model.some_routing(&mut random),
                    };
                    next_conn += 1;
                    let customer = ConnId(next_conn);
                    let joined = desk.join(customer, routing, now, &mut out).is_ok();
                    let waits = |advisor: &&mut ModelAdvisor| {
                        advisor.number.as_ref().is_some_and(|number| {
                            number.routing == routing
                                && number.attempt_until_s.is_none()
                                && number.judged_until_s.is_none()
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
                    let Model { advisors, bookings, .. } = &mut model;
                    let advisor = advisors.iter_mut().find(|advisor| advisor.conn == conn).unwrap();
                    let Some(number) = &mut advisor.number else { break 'step };
                    let trying = number.attempt_until_s.is_some();
                    let owed = number.judged_until_s.is_some();
                    match outcome {
                        AttemptOutcome::Confirmed if trying || owed => advisor.end(bookings),
                        AttemptOutcome::Burned => {
                            advisor.customer = None;
                            advisor.end(bookings);
                        }
                        AttemptOutcome::Unproven if trying => {
                            advisor.customer = None;
                            advisor.unproven(now_s, false, bookings);
                        }
                        AttemptOutcome::Unproven if owed => number.judged_until_s = None,
                        AttemptOutcome::Confirmed | AttemptOutcome::Unproven => {}
                    }
                }
                (6, Some(conn)) => {
                    desk.close_number(conn, now, &mut out);
                    let Model { advisors, bookings, .. } = &mut model;
                    let advisor = advisors.iter_mut().find(|advisor| advisor.conn == conn).unwrap();
                    if let Some(number) = &mut advisor.number {
                        advisor.customer = None;
                        if number.attempt_until_s.is_some() && bookings.get(number.routing).is_some() {
                            advisor.unproven(now_s, true, bookings);
                        }
                        advisor.put_down(bookings);
                    }
                }
                (7, Some(conn)) => {
                    let leaves = random.below(2) == 0;
                    let Model { advisors, bookings, .. } = &mut model;
                    let advisor = advisors.iter_mut().find(|advisor| advisor.conn == conn).unwrap();
                    advisor.part(now_s, bookings);
                    if leaves {
                        desk.leave(conn, Leaving::Lost, now, &mut out);
                        advisor.put_down(bookings);
                        model.advisors.retain(|advisor| advisor.conn != conn);
                    } else {
                        desk.end_pair(conn, now, &mut out);
                    }
                }
                (8, Some(_)) => {
                    if let Some(customer) = customers.pop() {
                        let waits = model.waiting.iter().position(|(_, conn)| *conn == customer);
                        if random.below(2) == 0 && waits.is_some() {
                            desk.end_pair(customer, now, &mut out);
                        }
                        desk.leave(customer, Leaving::Left, now, &mut out);
                        if let Some(waits) = waits {
                            model.waiting.remove(waits);
                        }
                        let paired = |advisor: &&mut ModelAdvisor| advisor.customer == Some(customer);
                        if let Some(advisor) = model.advisors.iter_mut().find(paired) {
                            advisor.part(now_s, &mut model.bookings);
                        }
                    }
                }
                (9, Some(conn)) => {
                    let account = account_of(conn);
                    let opens = wall_s + [0, 150, 300, 1_500][random.below(4) as usize] - 100;
                    let window = Window::new(opens, opens + [60, 600, 3_000][random.below(3) as usize]).unwrap();
                    let booked = desk.book(account, window, random.next(), wall_s, now, &mut out);
                    let is_over = window.closes_unix_s() <= wall_s;
                    assert_eq!(booked.is_err(), is_over, "seed {seed} step {step}: {booked:?}");
                    let Ok(routing) = booked else { break 'step };
                    model.sweep(wall_s);
                    assert!(model.bookings.get(routing).is_none() && !model.is_open(routing));
                    assert_eq!(
                        desk.open_booked(conn, account, routing, wall_s, now, &mut out).err(),
                        Some(if desk.seat(conn) == Some(Seat::Lobby) {
                            NotOpened::NoBooking
                        } else {
                            NotOpened::Refused(Refusal::WrongState)
                        }),
                        "it is not written yet"
                    );
                    if random.below(5) == 0 {
                        desk.unbook(routing, now, &mut out);
                        model.bookings.over += 1;
                    } else {
                        assert!(desk.booked(routing));
                        model.bookings.all.push(ModelBooking { routing, account, window, unproven: 0 });
                    }
                }
                (10 | 11, Some(conn)) => {
                    let (routing, account) = (model.some_routing(&mut random), account_of(conn));
                    model.sweep(wall_s);
                    let opened = desk.open_booked(conn, account, routing, wall_s, now, &mut out);
                    let is_open = model.is_open(routing);
                    let state = model.bookings.get(routing).filter(|booking| booking.account == account);
                    let state = state.map(|booking| (booking.window.at(wall_s), booking.unproven));
                    let advisor = model.advisor(conn).unwrap();
                    let expected = match state {
                        _ if advisor.number.is_some() || advisor.customer.is_some() => {
                            Err(NotOpened::Refused(Refusal::WrongState))
                        }
                        None | Some((WindowState::Over, _)) => Err(NotOpened::NoBooking),
                        Some((WindowState::Ahead { wait }, _)) => Err(NotOpened::NotYet { wait }),
                        Some((WindowState::Open { .. }, _)) if is_open => Err(NotOpened::Refused(Refusal::WrongState)),
                        Some((WindowState::Open { left }, unproven)) => {
                            let expires_s = now_s + left.as_secs();
                            advisor.number = Some(ModelNumber {
                                routing,
                                expires_s,
                                unproven,
                                attempt_until_s: None,
                                judged_until_s: None,
                            });
                            Ok(())
                        }
                    };
                    assert_eq!(opened, expected, "seed {seed} step {step}");
                }
                (12, Some(conn)) => {
                    let (routing, account) = (model.some_routing(&mut random), account_of(conn));
                    model.sweep(wall_s);
                    let own = model.bookings.get(routing).is_some_and(|booking| booking.account == account);
                    assert_eq!(
                        desk.cancel_booking(account, routing, wall_s, now, &mut out),
                        own,
                        "seed {seed} step {step}"
                    );
                    if own {
                        model.withdraw(routing);
                    }
                }
                (13, Some(_)) => {
                    let routing = model.some_routing(&mut random);
                    model.sweep(wall_s);
                    next_conn += 1;
                    let customer = ConnId(next_conn);
                    let may = desk.wait_for(customer, routing, wall_s, now, &mut out).is_ok();
                    let open = |window: Window| matches!(window.at(wall_s), WindowState::Open { .. });
                    let there = model.waiting.iter().filter(|(of, _)| *of == routing).count();
                    let awaited = model.bookings.get(routing).is_some_and(|booking| open(booking.window));
                    assert_eq!(may, awaited && there < MAX_IN_WAITING_ROOM, "seed {seed} step {step}");
                    if may {
                        model.waiting.push((routing, customer));
                        customers.push(customer);
                    }
                }
                (_, Some(conn)) => {
                    let account = account_of(conn);
                    model.sweep(wall_s);
                    let own = desk.bookings_of(account, wall_s, now, &mut out);
                    let own: BTreeSet<u16> = own.iter().map(|booking| booking.routing.value()).collect();
                    let expected = model.bookings.all.iter().filter(|booking| booking.account == account);
                    let expected: Vec<Routing> = expected.map(|booking| booking.routing).collect();
                    assert_eq!(
                        own,
                        expected.iter().map(|routing| routing.value()).collect(),
                        "seed {seed} step {step}"
                    );
                    if random.below(4) == 0 {
                        desk.end_bookings_of(account, now, &mut out);
                        for routing in expected {
                            model.withdraw(routing);
                        }
                    }
                }
            }
        }
        model.let_in(now_s);
        model.tick(now_s);
        for effect in &out {
            match effect {
                Effect::RoomChanged { routing, waits: true, .. } => assert!(awaited.insert(routing.value())),
                Effect::RoomChanged { routing, waits: false, .. } => assert!(awaited.remove(&routing.value())),
                _ => {}
            }
        }
        let expected: BTreeSet<u16> = model.waiting.iter().map(|(routing, _)| routing.value()).collect();
        assert_eq!(awaited, expected, "seed {seed} step {step}: advisors know who waits");
        over += out.iter().filter(|effect| matches!(effect, Effect::BookingOver { .. })).count();
        assert_eq!(over, model.bookings.over, "seed {seed} step {step}: each end is told once");
        let place = format!("seed {seed} step {step}");
        agree(&desk, &model, &place);
        if step % 20 == 0 {
            each_number_is_in_one_place(&desk, &model, &place);
        }
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
    assert_eq!(desk.booked_count(), model.bookings.all.len(), "{place}");
    assert_eq!(desk.timers.len(), numbers, "{place}: every number has one deadline");
    assert_eq!(desk.waiting_customers(), model.waiting.len(), "{place}");
    for (routing, conn) in &model.waiting {
        assert_eq!(desk.seat(*conn), Some(Seat::WaitingRoom(*routing)), "{place}");
    }
    let seated = model.advisors.len() + pairs + model.waiting.len();
    assert_eq!(desk.seats.len(), seated, "{place}: nobody is left over");
}

/// Every routing number is in exactly one place: free or resting, booked, or
/// open without a booking.
fn each_number_is_in_one_place(desk: &Desk, model: &Model, place: &str) {
    let open = model.advisors.iter().filter_map(|advisor| Some(advisor.number.as_ref()?.routing));
    let fresh = open.filter(|routing| model.bookings.all.iter().all(|booking| booking.routing != *routing));
    let booked = model.bookings.all.iter().map(|booking| booking.routing);
    let mut places = vec![0_u8; 10_000];
    for routing in desk.pool.all().chain(booked).chain(fresh) {
        places[usize::from(routing.value())] += 1;
    }
    assert!(places.iter().all(|count| *count == 1), "{place}");
}
