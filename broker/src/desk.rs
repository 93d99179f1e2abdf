//! Who waits, who is paired: the broker's rules of pairing, pure.
//!
//! Every event is one atomic step: it changes the state and appends what must
//! be done to a list of [`Effect`]s. No clock, socket or random number is
//! touched here; `now` and entropy are arguments. The desk knows no names and
//! no addresses, only connections, routing numbers, and the ids of accounts
//! that have booked some (see [`bookings`]).
//!
//! ```text
//! advisor   Lobby → Reserved → Open ⇄ Trying → Paired → Lobby
//! number            Reserved → Waiting → Trying → used up
//!                                 ↑         ↓
//!                                 └── Owed ─┘   the attempt is over, but the
//!                                               advisor has not judged it yet
//! ```
//! A number in `Owed` admits nobody: relay frames of the old attempt may still
//! be on their way and must not reach the next customer. The advisor's
//! program answers every `Joined` with an outcome, which ends the wait.

mod bookings;
mod rejoining;
mod resting;
#[cfg(test)]
mod tests;
mod waiting_room;
mod words;

use bookings::Bookings;
use mitblick_protocol::{
    broker_msg::{AttemptOutcome, NumberEnd, PairEnd, Refusal},
    number::Routing,
    time::Moment,
};
use rejoining::Rejoining;
use resting::Pool;
use std::collections::{BTreeSet, HashMap};
use waiting_room::WaitingRooms;

pub use bookings::{MAX_BOOKED, NotOpened};
pub use waiting_room::MAX_IN_WAITING_ROOM;
pub use words::{ConnId, Effect, Leaving, NoOneWaits, PairId, Rules, Seat};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Reserved,
    Waiting,
    Trying { until: Moment },
    Owed { until: Moment },
}

#[derive(Clone, Copy, Debug)]
struct Number {
    advisor: ConnId,
    expires: Moment,
    unproven: u32,
    phase: Phase,
}

impl Number {
    fn deadline(&self) -> Option<Moment> {
        match self.phase {
            Phase::Reserved => None,
            Phase::Waiting => Some(self.expires),
            Phase::Trying { until } | Phase::Owed { until } => Some(until),
        }
    }
}

/// The desk.
#[derive(Debug)]
pub struct Desk {
    rules: Rules,
    seats: HashMap<ConnId, Seat>,
    numbers: HashMap<Routing, Number>,
    pairs: HashMap<PairId, (ConnId, ConnId)>,
    /// One entry for every number with a deadline.
    timers: BTreeSet<(Moment, Routing)>,
    pool: Pool,
    bookings: Bookings,
    rooms: WaitingRooms,
    rejoining: Rejoining,
    last_pair: u64,
    stopping: bool,
}

impl Desk {
    /// A desk with nobody at it.
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            seats: HashMap::new(),
            numbers: HashMap::new(),
            pairs: HashMap::new(),
            timers: BTreeSet::new(),
            pool: Pool::new(),
            bookings: Bookings::default(),
            rooms: WaitingRooms::default(),
            rejoining: Rejoining::default(),
            last_pair: 0,
            stopping: false,
        }
    }

    /// A number that was open before the broker started: it rests until
    /// `until`. Call in the order of `until`, before anything else.
    pub fn rest_until(&mut self, routing: Routing, until: Moment) {
        self.pool.rest_from_before(routing, until);
    }

    /// Where the connection sits; `None` for those the desk doesn't know.
    pub fn seat(&self, conn: ConnId) -> Option<Seat> {
        self.seats.get(&conn).copied()
    }

    /// Advisor and customer of a pair.
    pub fn sides(&self, pair: PairId) -> Option<(ConnId, ConnId)> {
        self.pairs.get(&pair).copied()
    }

    /// Open numbers and pairs.
    pub fn counts(&self) -> (usize, usize) {
        (self.numbers.len(), self.pairs.len())
    }

    /// When [`Desk::tick`] has something to do.
    pub fn next_deadline(&self) -> Option<Moment> {
        self.timers.first().map(|(at, _)| *at).into_iter().chain(self.next_wait_over()).min()
    }

    /// An advisor has signed in.
    pub fn sit(&mut self, conn: ConnId) {
        self.seats.entry(conn).or_insert(Seat::Lobby);
    }

    /// Draws a number for the advisor, evenly among the free ones. It is not
    /// open before [`Desk::open`]: in between the caller writes it down.
    ///
    /// # Errors
    /// Not signed in, another number or pair is there, none is free, or the
    /// broker is stopping.
    pub fn reserve(&mut self, conn: ConnId, now: Moment, entropy: u64) -> Result<Routing, Refusal> {
        self.may_open(conn)?;
        let routing =
            self.pool.draw(now, entropy, self.rules.rest, self.rules.least_rest).ok_or(Refusal::NoNumberFree)?;
        let number = Number { advisor: conn, expires: now, unproven: 0, phase: Phase::Reserved };
        self.numbers.insert(routing, number);
        self.seats.insert(conn, Seat::Reserved(routing));
        Ok(routing)
    }

    /// Whether a number can be opened on this connection now.
    fn may_open(&self, conn: ConnId) -> Result<(), Refusal> {
        match self.seats.get(&conn) {
            None | Some(Seat::Customer(_) | Seat::WaitingRoom(_)) => Err(Refusal::NotSignedIn),
            Some(Seat::Lobby) if self.stopping => Err(Refusal::Stopping),
            Some(Seat::Lobby) => Ok(()),
            Some(Seat::Reserved(_) | Seat::Open(_) | Seat::Trying(..) | Seat::Paired(_) | Seat::Waiting(_)) => {
                Err(Refusal::WrongState)
            }
        }
    }

    /// Opens the number that was drawn for the advisor.
    pub fn open(&mut self, conn: ConnId, now: Moment, out: &mut Vec<Effect>) {
        let Some(Seat::Reserved(routing)) = self.seat(conn) else { return };
        let Some(number) = self.numbers.get_mut(&routing) else { return };
        let life = self.rules.number_life;
        number.expires = now.after(life);
        self.enter(routing, Phase::Waiting);
        self.seats.insert(conn, Seat::Open(routing));
        out.push(Effect::NumberOpened { to: conn, routing, life });
    }

    /// Gives the drawn number back, unused.
    pub fn unreserve(&mut self, conn: ConnId) {
        let Some(Seat::Reserved(routing)) = self.seat(conn) else { return };
        self.numbers.remove(&routing);
        self.pool.give_back(routing);
        self.seats.insert(conn, Seat::Lobby);
    }

    /// The advisor takes its number back; a booked one stays booked. Without one
    /// nothing happens: it may have ended while the message was on its way.
    pub fn close_number(&mut self, conn: ConnId, now: Moment, out: &mut Vec<Effect>) {
        self.tick(now, out);
        match self.seat(conn) {
            Some(Seat::Trying(routing, pair)) => {
                self.part(pair, None, Some(PairEnd::PeerLeft), now, out);
                // Else opening it again would begin the count anew.
                if self.bookings.has(routing) {
                    self.count_unproven(routing, now, out);
                }
                self.close(routing, NumberEnd::Closed, now, out);
            }
            Some(Seat::Open(routing)) => self.close(routing, NumberEnd::Closed, now, out),
            Some(
                Seat::Lobby
                | Seat::Reserved(_)
                | Seat::Paired(_)
                | Seat::Customer(_)
                | Seat::WaitingRoom(_)
                | Seat::Waiting(_),
            )
            | None => {}
        }
    }

    /// A customer joins. Exactly one can.
    ///
    /// # Errors
    /// No one waits at this number, or somebody else has just joined.
    pub fn join(
        &mut self,
        conn: ConnId,
        routing: Routing,
        now: Moment,
        out: &mut Vec<Effect>,
    ) -> Result<PairId, NoOneWaits> {
        self.tick(now, out);
        if self.stopping || self.seats.contains_key(&conn) {
            return Err(NoOneWaits);
        }
        let number = self.numbers.get(&routing).ok_or(NoOneWaits)?;
        if number.phase != Phase::Waiting {
            return Err(NoOneWaits);
        }
        Ok(self.pair_up(number.advisor, conn, routing, now, out))
    }

    /// Somebody tries the number that this advisor has open.
    fn pair_up(
        &mut self,
        advisor: ConnId,
        conn: ConnId,
        routing: Routing,
        now: Moment,
        out: &mut Vec<Effect>,
    ) -> PairId {
        self.last_pair += 1;
        let pair = PairId(self.last_pair);
        self.enter(routing, Phase::Trying { until: now.after(self.rules.attempt_life) });
        self.pairs.insert(pair, (advisor, conn));
        self.seats.insert(advisor, Seat::Trying(routing, pair));
        self.seats.insert(conn, Seat::Customer(pair));
        out.push(Effect::Paired { pair, advisor, customer: conn });
        pair
    }

    /// The advisor's program has judged an attempt. A judgement that comes
    /// late still counts where it protects: a number can always be burned.
    pub fn judge(&mut self, conn: ConnId, outcome: AttemptOutcome, now: Moment, out: &mut Vec<Effect>) {
        self.tick(now, out);
        match (self.seat(conn), outcome) {
            (Some(Seat::Trying(routing, pair)), AttemptOutcome::Confirmed) => {
                self.retire(routing, now, out);
                self.seats.insert(conn, Seat::Paired(pair));
            }
            (Some(Seat::Trying(routing, pair)), AttemptOutcome::Burned) => {
                self.part(pair, None, Some(PairEnd::Rejected), now, out);
                self.close(routing, NumberEnd::Burned, now, out);
            }
            (Some(Seat::Trying(routing, pair)), AttemptOutcome::Unproven) => {
                self.part(pair, None, Some(PairEnd::PeerLeft), now, out);
                self.count_unproven(routing, now, out);
                self.wait_again(routing, now, out);
            }
            (Some(Seat::Open(routing)), AttemptOutcome::Burned) => self.close(routing, NumberEnd::Burned, now, out),
            (Some(Seat::Open(routing)), AttemptOutcome::Confirmed) if self.is_owed(routing) => {
                self.retire(routing, now, out);
                self.seats.insert(conn, Seat::Lobby);
            }
            (Some(Seat::Open(routing)), AttemptOutcome::Unproven) if self.is_owed(routing) => {
                self.wait_again(routing, now, out);
            }
            (Some(Seat::Open(_)), AttemptOutcome::Confirmed | AttemptOutcome::Unproven) => {}
            (
                Some(
                    Seat::Lobby
                    | Seat::Reserved(_)
                    | Seat::Paired(_)
                    | Seat::Customer(_)
                    | Seat::WaitingRoom(_)
                    | Seat::Waiting(_),
                )
                | None,
                _,
            ) => {}
        }
    }

    /// One side ends its pair. Without one nothing happens: the other side may
    /// have been faster.
    pub fn end_pair(&mut self, conn: ConnId, now: Moment, out: &mut Vec<Effect>) {
        self.tick(now, out);
        match self.seat(conn) {
            Some(Seat::Waiting(session)) => return self.session_is_over(session, now, out),
            Some(Seat::WaitingRoom(routing)) => return self.turn_away(conn, routing, out),
            _ => {}
        }
        let Some(pair) = self.pair_of(conn) else { return };
        if let Some(session) = self.session_of(pair) {
            self.session_is_over(session, now, out);
        }
        self.end_by(pair, conn, PairEnd::PeerLeft, now, out);
    }

    /// A connection is gone: all that it held is freed.
    pub fn leave(&mut self, conn: ConnId, how: Leaving, now: Moment, out: &mut Vec<Effect>) {
        self.tick(now, out);
        if let Some(pair) = self.pair_of(conn) {
            let why = match how {
                // Who ends a session says so; who goes without a word may come
                // back to it.
                Leaving::Left if self.session_of(pair).is_some() => PairEnd::PeerLost,
                Leaving::Left => PairEnd::PeerLeft,
                Leaving::Lost => PairEnd::PeerLost,
                Leaving::Stalled => PairEnd::PeerStalled,
            };
            self.end_by(pair, conn, why, now, out);
        }
        match self.seats.remove(&conn) {
            Some(Seat::Open(routing) | Seat::Trying(routing, _)) => self.put_down(routing, now, out),
            Some(Seat::Reserved(routing)) => {
                self.numbers.remove(&routing);
                self.pool.give_back(routing);
            }
            Some(Seat::Waiting(session)) => self.stop_waiting(session),
            Some(Seat::WaitingRoom(routing)) => self.leave_room(conn, routing, out),
            Some(Seat::Lobby | Seat::Paired(_) | Seat::Customer(_)) | None => {}
        }
    }

    /// Does what is due: numbers expire, attempts without an outcome end.
    pub fn tick(&mut self, now: Moment, out: &mut Vec<Effect>) {
        self.tick_waiting(now, out);
        while let Some(&(at, routing)) = self.timers.first() {
            if at > now {
                return;
            }
            self.timers.pop_first();
            let Some(number) = self.numbers.get(&routing) else { continue };
            match number.phase {
                Phase::Waiting => self.close(routing, NumberEnd::Expired, now, out),
                Phase::Owed { .. } => self.wait_again(routing, now, out),
                Phase::Trying { .. } => {
                    let advisor = number.advisor;
                    if let Some(pair) = self.pair_of(advisor) {
                        self.part(pair, Some(PairEnd::PeerStalled), Some(PairEnd::PeerStalled), now, out);
                    }
                    self.owe(routing, now, out);
                }
                Phase::Reserved => {}
            }
        }
    }

    /// The broker stops: no new numbers, no new joins; pairs go on.
    pub fn stop(&mut self) {
        self.stopping = true;
    }

    /// The broker can't let a pair go on; both sides are told.
    pub fn refuse_pair(&mut self, pair: PairId, now: Moment, out: &mut Vec<Effect>) {
        self.part(pair, Some(PairEnd::BrokerStops), Some(PairEnd::BrokerStops), now, out);
    }

    /// The company ends a pair; both sides are told.
    pub fn withdraw_pair(&mut self, pair: PairId, now: Moment, out: &mut Vec<Effect>) {
        if let Some(session) = self.session_of(pair) {
            self.session_is_over(session, now, out);
        }
        self.part(pair, Some(PairEnd::Withdrawn), Some(PairEnd::Withdrawn), now, out);
    }

    /// The company ends all that an advisor has: pair and number.
    pub fn withdraw(&mut self, conn: ConnId, now: Moment, out: &mut Vec<Effect>) {
        self.tick(now, out);
        if let Some(pair) = self.pair_of(conn) {
            self.withdraw_pair(pair, now, out);
        }
        if let Some(Seat::Waiting(session)) = self.seat(conn) {
            self.session_is_over(session, now, out);
        }
        self.close_number(conn, now, out);
    }

    /// Ends every pair because the broker stops.
    pub fn end_all(&mut self, now: Moment, out: &mut Vec<Effect>) {
        let pairs: Vec<PairId> = self.pairs.keys().copied().collect();
        for pair in pairs {
            self.refuse_pair(pair, now, out);
        }
    }

    fn pair_of(&self, conn: ConnId) -> Option<PairId> {
        match self.seat(conn)? {
            Seat::Trying(_, pair) | Seat::Paired(pair) | Seat::Customer(pair) => Some(pair),
            Seat::Lobby | Seat::Reserved(_) | Seat::Open(_) | Seat::WaitingRoom(_) | Seat::Waiting(_) => None,
        }
    }

    fn is_owed(&self, routing: Routing) -> bool {
        self.numbers.get(&routing).is_some_and(|number| matches!(number.phase, Phase::Owed { .. }))
    }

    /// Ends a pair because of `ender`; the other side is told why.
    fn end_by(&mut self, pair: PairId, ender: ConnId, why: PairEnd, now: Moment, out: &mut Vec<Effect>) {
        let Some(&(advisor, customer)) = self.pairs.get(&pair) else { return };
        let trying = match self.seat(advisor) {
            Some(Seat::Trying(routing, _)) => Some(routing),
            _ => None,
        };
        let tell = |side: ConnId| (side != ender).then_some(why);
        self.part(pair, tell(advisor), tell(customer), now, out);
        if let Some(routing) = trying {
            self.owe(routing, now, out);
        }
    }

    /// Takes a pair apart. The advisor is left with its number, if it has one.
    fn part(
        &mut self,
        pair: PairId,
        to_advisor: Option<PairEnd>,
        to_customer: Option<PairEnd>,
        now: Moment,
        out: &mut Vec<Effect>,
    ) {
        let Some((advisor, customer)) = self.pairs.remove(&pair) else { return };
        self.unname(pair, now);
        self.seats.remove(&customer);
        let seat = match self.seat(advisor) {
            Some(Seat::Trying(routing, _)) => Seat::Open(routing),
            _ => Seat::Lobby,
        };
        self.seats.insert(advisor, seat);
        out.push(Effect::Ended { pair, advisor: (advisor, to_advisor), customer: (customer, to_customer) });
    }

    /// An attempt is over without an outcome, which is awaited for a moment.
    fn owe(&mut self, routing: Routing, now: Moment, out: &mut Vec<Effect>) {
        self.enter(routing, Phase::Owed { until: now.after(self.rules.outcome_grace) });
        self.count_unproven(routing, now, out);
    }

    fn count_unproven(&mut self, routing: Routing, now: Moment, out: &mut Vec<Effect>) {
        let Some(number) = self.numbers.get_mut(&routing) else { return };
        number.unproven += 1;
        if number.unproven >= self.rules.max_unproven {
            self.close(routing, NumberEnd::TooManyAttempts, now, out);
        }
    }

    fn wait_again(&mut self, routing: Routing, now: Moment, out: &mut Vec<Effect>) {
        let Some(number) = self.numbers.get(&routing) else { return };
        if number.expires <= now {
            self.close(routing, NumberEnd::Expired, now, out);
        } else {
            self.enter(routing, Phase::Waiting);
            self.let_next_in(routing, now, out);
        }
    }

    /// Ends a number that has no pair and tells its advisor.
    fn close(&mut self, routing: Routing, why: NumberEnd, now: Moment, out: &mut Vec<Effect>) {
        let Some(number) = self.numbers.get(&routing) else { return };
        let advisor = number.advisor;
        match why {
            NumberEnd::Closed => self.put_down(routing, now, out),
            NumberEnd::Expired | NumberEnd::TooManyAttempts | NumberEnd::Burned => self.retire(routing, now, out),
        }
        self.seats.insert(advisor, Seat::Lobby);
        out.push(Effect::NumberClosed { to: advisor, why });
    }

    /// The number is no more and its routing part rests; so is its booking, if
    /// it was a booked one.
    fn retire(&mut self, routing: Routing, now: Moment, out: &mut Vec<Effect>) {
        if !self.forget_open(routing) {
            return;
        }
        if self.bookings.has(routing) {
            self.end_booking(routing, now, out);
        } else {
            self.pool.rest(routing, now.after(self.rules.rest));
        }
    }

    /// The number is not open any more; `false` if it was not. Its routing part
    /// is the caller's affair.
    fn forget_open(&mut self, routing: Routing) -> bool {
        let Some(number) = self.numbers.remove(&routing) else { return false };
        if let Some(at) = number.deadline() {
            self.timers.remove(&(at, routing));
        }
        true
    }

    /// Changes a number's phase and its entry among the timers together.
    fn enter(&mut self, routing: Routing, phase: Phase) {
        let Some(number) = self.numbers.get_mut(&routing) else { return };
        if let Some(at) = number.deadline() {
            self.timers.remove(&(at, routing));
        }
        number.phase = phase;
        if let Some(at) = number.deadline() {
            self.timers.insert((at, routing));
        }
    }
}
