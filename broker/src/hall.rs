//! The desk with real connections at it: performs the desk's effects.
//!
//! Steps and their effects happen under one short lock, so every connection
//! hears of them in the order in which they happened. Nothing under the lock
//! waits.

mod bookings;
mod images;
mod presence;
mod rating;
mod rejoining;
mod signed_in;

pub(crate) use bookings::Joined;
pub(crate) use images::{Asks, Logo, Portrait};
pub(crate) use presence::{Admission, Presence};
pub(crate) use rejoining::Rejoined;
pub(crate) use signed_in::{Elsewhere, SignedIn, WaitsFor};

use crate::{
    audit::{Action, Actor, Record},
    desk::{ConnId, Desk, Effect, Leaving, PairId, Rules, Seat},
    identity::Identity,
    limits::{Limits, Policy},
    metrics::{Count, Metrics},
    outbox::Outbox,
    ratings::Ratings,
    recorder::{Recorder, Ticket},
    tickets::SessionId,
};
use mitblick_protocol::{
    broker_msg::{AttemptOutcome, FromBroker},
    framing::{FrameKind, write_frame},
    policy::{self, SignedPolicy},
    text::DisplayText,
    time::Moment,
    wire,
};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tokio::{sync::Notify, time::sleep};

/// The origin lies before the start so that what was before the start has a
/// moment too.
const BEFORE_START: Duration = Duration::from_secs(48 * 60 * 60);

/// How often it is looked which bookings are over. Nobody can use one that is;
/// this only frees its number.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

/// Where a connection's relayed bytes go.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    pub(crate) pair: PairId,
    pub(crate) to: Arc<Outbox>,
    /// Bytes relayed on this way.
    relayed: Arc<AtomicU64>,
}

impl Route {
    /// So many bytes more were relayed.
    pub(crate) fn count(&self, bytes: u64) {
        self.relayed.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// A pair whose proof was right.
#[derive(Debug)]
struct Session {
    /// Name of the advisor's account.
    account: String,
    began: Instant,
    /// What it is called across cuts, once it is.
    id: Option<SessionId>,
}

/// A session that is alive, as admins see it.
#[derive(Clone, Debug)]
pub(crate) struct Live {
    pub(crate) pair: PairId,
    /// Name of the advisor's account.
    pub(crate) account: String,
    pub(crate) lasted: Duration,
    pub(crate) from_advisor_bytes: u64,
    pub(crate) from_customer_bytes: u64,
}

/// What the hall knows of a connection.
#[derive(Debug)]
pub(crate) struct Guest {
    pub(crate) outbox: Arc<Outbox>,
    route: Mutex<Option<Route>>,
    /// The name on this advisor's cards.
    advisor: Mutex<Option<DisplayText>>,
    /// The portrait that may be asked for here: this advisor's, or that of the
    /// advisor whom this customer has joined.
    portrait: Mutex<Option<Portrait>>,
    /// Who signed in here.
    signed_in: Mutex<Option<SignedIn>>,
    /// The workplace whose approval is awaited here.
    waits_for: Mutex<Option<WaitsFor>>,
    /// When its number was opened.
    opened: Mutex<Option<Instant>>,
}

impl Guest {
    pub(crate) fn route(&self) -> Option<Route> {
        self.route.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_route(&self, route: Option<Route>) {
        *self.route.lock().unwrap_or_else(PoisonError::into_inner) = route;
    }
}

#[derive(Debug)]
struct Inner {
    desk: Desk,
    guests: HashMap<ConnId, Arc<Guest>>,
    sessions: HashMap<PairId, Session>,
    ratings: Ratings,
    /// Connections that end once this step's messages are in line.
    leaving: Vec<Arc<Outbox>>,
    last_conn: u64,
    stopping: bool,
}

/// The desk, the limits and everyone connected.
pub(crate) struct Hall {
    inner: Mutex<Inner>,
    limits: Mutex<Limits>,
    start: Instant,
    rules: Rules,
    identity: Arc<Identity>,
    organisation: DisplayText,
    /// The company's rules and their serial number. Locked before the rest.
    company_rules: Mutex<(u64, SignedPolicy)>,
    logo: RwLock<Option<Arc<Logo>>>,
    /// Whether the company's rules have customers asked how it was.
    asks_customers: AtomicBool,
    bookings: bookings::Bookings,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) recorder: Recorder,
    timers_changed: Notify,
    /// Failed joins that stand in the trail already.
    joins_failed_recorded: AtomicU64,
}

impl Hall {
    pub(crate) fn new(
        rules: Rules,
        policy: Policy,
        identity: Arc<Identity>,
        organisation: DisplayText,
        metrics: Arc<Metrics>,
    ) -> Self {
        let inner = Inner {
            desk: Desk::new(rules),
            guests: HashMap::new(),
            sessions: HashMap::new(),
            ratings: Ratings::default(),
            leaving: Vec::new(),
            last_conn: 0,
            stopping: false,
        };
        Self {
            inner: Mutex::new(inner),
            limits: Mutex::new(Limits::new(policy)),
            start: Instant::now(),
            rules,
            company_rules: Mutex::new((0, identity.policy(&policy::Policy::default()))),
            logo: RwLock::new(None),
            asks_customers: AtomicBool::new(true),
            bookings: bookings::Bookings::default(),
            identity,
            organisation,
            recorder: Recorder::new(Arc::clone(&metrics)),
            metrics,
            timers_changed: Notify::new(),
            joins_failed_recorded: AtomicU64::new(0),
        }
    }

    pub(crate) fn now(&self) -> Moment {
        Moment::from_ms(0).after(BEFORE_START + self.start.elapsed())
    }

    pub(crate) fn rules(&self) -> Rules {
        self.rules
    }

    /// A poisoned lock means that a task panicked inside a step. The state is
    /// still consistent enough to free what everyone holds, which is better
    /// than to take all sessions down.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn limits(&self) -> MutexGuard<'_, Limits> {
        self.limits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the first message; a change of the rules comes before or after it,
    /// and is in it if it comes before.
    pub(crate) fn welcome(&self, guest: &Guest) {
        let company_rules = self.company_rules.lock().unwrap_or_else(PoisonError::into_inner);
        let welcome = FromBroker::Welcome {
            version: wire::PROTOCOL_VERSION,
            organisation: self.organisation.clone(),
            card_key: self.identity.card_key(),
            rules: company_rules.1.clone(),
        };
        tell(guest, &welcome);
    }

    /// The company's rules are these from now on, unless later ones came
    /// before; everybody connected hears of it.
    pub(crate) fn set_company_rules(&self, rules: &policy::Policy) {
        let mut company_rules = self.company_rules.lock().unwrap_or_else(PoisonError::into_inner);
        if rules.serial <= company_rules.0 {
            return;
        }
        *company_rules = (rules.serial, self.identity.policy(rules));
        self.follow_rating_rule(rules);
        self.follow_appointment_rule(rules);
        for guest in self.lock().guests.values() {
            tell(guest, &FromBroker::Rules(company_rules.1.clone()));
        }
        tracing::info!(serial = rules.serial, "the company's rules are taken over");
    }

    /// A connection begins; it ends when the guard is dropped. `None` when
    /// the broker stops.
    pub(crate) fn enter(self: &Arc<Self>, outbox: Arc<Outbox>) -> Option<Presence> {
        let mut inner = self.lock();
        if inner.stopping {
            return None;
        }
        inner.last_conn += 1;
        let conn = ConnId(inner.last_conn);
        let guest = Arc::new(Guest {
            outbox,
            route: Mutex::new(None),
            advisor: Mutex::new(None),
            portrait: Mutex::new(None),
            signed_in: Mutex::new(None),
            waits_for: Mutex::new(None),
            opened: Mutex::new(None),
        });
        inner.guests.insert(conn, Arc::clone(&guest));
        drop(inner);
        Some(Presence { hall: Arc::clone(self), conn, guest, leaving: Leaving::Lost })
    }

    /// One step at the desk and all its effects.
    pub(crate) fn step<T>(&self, step: impl FnOnce(&mut Desk, Moment, &mut Vec<Effect>) -> T) -> T {
        self.step_inner(|inner, now, out| step(&mut inner.desk, now, out))
    }

    fn step_inner<T>(&self, step: impl FnOnce(&mut Inner, Moment, &mut Vec<Effect>) -> T) -> T {
        let mut inner = self.lock();
        let before = inner.desk.next_deadline();
        let mut effects = Vec::new();
        let result = step(&mut inner, self.now(), &mut effects);
        for effect in effects {
            self.perform(&mut inner, effect);
        }
        for outbox in inner.leaving.drain(..) {
            outbox.finish();
        }
        let changed = inner.desk.next_deadline() != before;
        drop(inner);
        if changed {
            self.timers_changed.notify_one();
        }
        result
    }

    /// The advisor's program says that the proof was right: a session begins,
    /// if the customer is still there. It is in the trail's queue before
    /// anything can end it.
    pub(crate) fn confirm(&self, conn: ConnId, account: &str) -> Option<(PairId, Ticket)> {
        self.step_inner(|inner, now, out| {
            let Some(Seat::Trying(_, pair)) = inner.desk.seat(conn) else {
                inner.desk.judge(conn, AttemptOutcome::Confirmed, now, out);
                return None;
            };
            inner.desk.judge(conn, AttemptOutcome::Confirmed, now, out);
            if inner.desk.seat(conn) != Some(Seat::Paired(pair)) {
                return None;
            }
            inner.sessions.insert(pair, Session { account: account.to_owned(), began: Instant::now(), id: None });
            let actor = Actor::Account(account.to_owned());
            let guest = inner.guests.get(&conn);
            let opened = guest.and_then(|guest| *guest.opened.lock().unwrap_or_else(PoisonError::into_inner));
            let waited_s = opened.map_or(0, |at| at.elapsed().as_secs());
            let record = Record::new(&actor, Action::SessionBegan).on_session(pair.0).count("waited_s", waited_s);
            Some((pair, self.recorder.push(record)))
        })
    }

    /// The session's end is recorded, if it was one.
    fn record_end(&self, session: Option<Session>, pair: PairId, advisor: Option<&Guest>, customer: Option<&Guest>) {
        let Some(session) = session else { return };
        let relayed = |guest: Option<&Guest>| {
            let route = guest.and_then(Guest::route).filter(|route| route.pair == pair);
            route.map_or(0, |route| route.relayed.load(Ordering::Relaxed))
        };
        let record = Record::new(&Actor::Account(session.account), Action::SessionEnded)
            .on_session(pair.0)
            .count("lasted_s", session.began.elapsed().as_secs())
            .count("from_advisor_bytes", relayed(advisor))
            .count("from_customer_bytes", relayed(customer));
        self.recorder.push(record);
    }

    fn perform(&self, inner: &mut Inner, effect: Effect) {
        let guests = &inner.guests;
        match effect {
            Effect::NumberOpened { to, routing, life } => {
                let Some(guest) = guests.get(&to) else { return };
                *guest.opened.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
                let advisor = guest.advisor.lock().unwrap_or_else(PoisonError::into_inner).clone();
                // The routing number is not used again before the card is
                // void, and a customer's clock may be wrong by a while.
                let valid = life + self.rules.least_rest;
                let expires_unix_s = unix_now().saturating_add(valid.as_secs());
                let advisor = advisor.unwrap_or_default();
                let portrait = guest.portrait().map(|portrait| portrait.hash);
                let card = self.identity.card(&self.organisation, &advisor, portrait, routing, expires_unix_s);
                let life_s = u32::try_from(life.as_secs()).unwrap_or(u32::MAX);
                self.metrics.count(Count::NumbersOpened);
                tell(guest, &FromBroker::NumberOpened { routing, life_s, card });
            }
            Effect::BookingOver { routing } => self.bookings.over(routing),
            Effect::Waits { to } => {
                if let Some(guest) = guests.get(&to) {
                    self.metrics.count(Count::JoinWaits);
                    tell(guest, &FromBroker::JoinWaits);
                }
            }
            Effect::RoomChanged { account, routing, waits } => Self::tell_room(inner, account, routing, waits),
            Effect::TurnedAway { to } => {
                if let Some(guest) = guests.get(&to) {
                    tell(guest, &FromBroker::JoinFailed);
                    guest.outbox.finish();
                }
            }
            Effect::NumberClosed { to, why } => {
                if let Some(guest) = guests.get(&to) {
                    tell(guest, &FromBroker::NumberClosed(why));
                }
            }
            Effect::Paired { pair, advisor, customer } => {
                let (Some(a), Some(c)) = (guests.get(&advisor), guests.get(&customer)) else { return };
                c.set_portrait(a.portrait());
                OpenWay::between(pair, a, c).announce();
                self.metrics.count(Count::Paired);
                tracing::info!(pair = ?pair, "pair begins");
            }
            Effect::Rejoined { pair, advisor, customer } => self.perform_rejoined(inner, pair, advisor, customer),
            Effect::RejoinFailed { to, is_customer } => self.perform_rejoin_failed(inner, to, is_customer),
            Effect::Ended { pair, advisor: (advisor, to_advisor), customer: (customer, to_customer) } => {
                let session = inner.sessions.remove(&pair);
                if let Some(id) = session.as_ref().and_then(|session| session.id) {
                    inner.ratings.ended(id, self.now());
                }
                let side = |conn| guests.get(&conn).map(Arc::as_ref);
                self.record_end(session, pair, side(advisor), side(customer));
                for (conn, why) in [(advisor, to_advisor), (customer, to_customer)] {
                    if let Some(guest) = guests.get(&conn) {
                        guest.set_route(None);
                        guest.outbox.admit(None);
                        if let Some(why) = why {
                            tell(guest, &FromBroker::PairEnded(why));
                        }
                        // A customer's connection serves one join, and when the
                        // broker stops nobody has a reason to stay.
                        if conn == customer || inner.stopping {
                            guest.outbox.finish();
                        }
                    }
                }
                tracing::info!(pair = ?pair, advisor = ?to_advisor, customer = ?to_customer, "pair ends");
            }
        }
    }

    /// Does what is due at the desk, for ever.
    pub(crate) async fn keep_time(&self) {
        let mut sweep_at = self.now().after(SWEEP_EVERY);
        loop {
            let deadline = self.lock().desk.next_deadline();
            let wake_at = deadline.map_or(sweep_at, |at| at.min(sweep_at));
            tokio::select! {
                () = sleep(wake_at.since(self.now()) + Duration::from_millis(1)) => {}
                () = self.timers_changed.notified() => continue,
            }
            self.step(|desk, now, out| {
                desk.tick(now, out);
                if sweep_at <= now {
                    desk.sweep_bookings(unix_now(), now, out);
                    sweep_at = now.after(SWEEP_EVERY);
                }
            });
        }
    }

    /// Failed joins that do not stand in the trail yet.
    pub(crate) fn joins_failed_lately(&self) -> u64 {
        let recorded = self.joins_failed_recorded.load(Ordering::Relaxed);
        self.metrics.value(Count::JoinFailed).saturating_sub(recorded)
    }

    /// Puts them into the trail as one number: which and whose they were is
    /// nobody's business.
    pub(crate) fn record_failed_joins(&self) {
        let count = self.joins_failed_lately();
        if count > 0 {
            self.joins_failed_recorded.fetch_add(count, Ordering::Relaxed);
            self.recorder.push(Record::new(&Actor::Broker, Action::JoinsFailed).count("joins", count));
        }
    }

    /// The broker stops: everyone is told, those without a pair are let go.
    pub(crate) fn stop(&self, notice: impl Fn() -> FromBroker) {
        let mut inner = self.lock();
        inner.stopping = true;
        inner.desk.stop();
        // Everybody's notice is in line before anybody hears it: who ends a
        // session for it must not be faster than the other side's notice.
        for guest in inner.guests.values() {
            put(guest, &notice());
        }
        for guest in inner.guests.values() {
            if guest.route().is_none() {
                guest.outbox.finish();
            } else {
                guest.outbox.send();
            }
        }
    }

    /// Ends the pairs that are left.
    pub(crate) fn end_all(&self) {
        self.step(|desk, now, out| desk.end_all(now, out));
        for guest in self.lock().guests.values() {
            guest.outbox.finish();
        }
    }

    /// The sessions that are alive, the oldest first.
    pub(crate) fn live(&self) -> Vec<Live> {
        let inner = self.lock();
        let mut relayed: HashMap<PairId, [u64; 2]> = HashMap::new();
        for guest in inner.guests.values() {
            if let Some(route) = guest.route() {
                let [from_advisor, from_customer] = relayed.entry(route.pair).or_default();
                let is_advisor = guest.signed_in().is_some();
                let bytes = route.relayed.load(Ordering::Relaxed);
                *(if is_advisor { from_advisor } else { from_customer }) = bytes;
            }
        }
        let mut live: Vec<Live> = inner
            .sessions
            .iter()
            .map(|(pair, session)| {
                let [from_advisor_bytes, from_customer_bytes] = relayed.get(pair).copied().unwrap_or_default();
                let lasted = session.began.elapsed();
                Live { pair: *pair, account: session.account.clone(), lasted, from_advisor_bytes, from_customer_bytes }
            })
            .collect();
        live.sort_by_key(|session| session.pair);
        live
    }

    /// Ends a session, also one that is cut at the moment or that goes on as
    /// another pair; `false` if it is over already.
    pub(crate) fn end_session(&self, pair: PairId) -> bool {
        self.step_inner(|inner, now, out| {
            if inner.sessions.contains_key(&pair) {
                inner.desk.withdraw_pair(pair, now, out);
                return true;
            }
            inner.desk.withdraw_cut(pair, now, out)
        })
    }

    /// Whether the broker was told to stop.
    pub(crate) fn is_stopping(&self) -> bool {
        self.lock().stopping
    }

    /// The company's name.
    pub(crate) fn organisation(&self) -> &DisplayText {
        &self.organisation
    }

    /// Open numbers and pairs.
    pub(crate) fn counts(&self) -> (usize, usize) {
        self.lock().desk.counts()
    }
}

/// The way between the two sides of a pair. Only one that is open can be
/// announced: the advisor's program answers `Joined` at once, and its first
/// message is to find a route, and to come after the customer's `Paired`.
struct OpenWay<'a> {
    advisor: &'a Guest,
    customer: &'a Guest,
}

impl<'a> OpenWay<'a> {
    fn between(pair: PairId, advisor: &'a Guest, customer: &'a Guest) -> Self {
        for (from, to) in [(advisor, customer), (customer, advisor)] {
            from.outbox.admit(Some(pair));
            from.set_route(Some(Route { pair, to: Arc::clone(&to.outbox), relayed: Arc::default() }));
        }
        Self { advisor, customer }
    }

    /// Tells both, the customer first.
    fn announce(self) {
        tell(self.customer, &FromBroker::Paired);
        tell(self.advisor, &FromBroker::Joined);
    }
}

fn tell(guest: &Guest, message: &FromBroker) {
    put(guest, message);
    guest.outbox.send();
}

/// Puts a message in line, to be sent with the next.
fn put(guest: &Guest, message: &FromBroker) {
    let mut frame = Vec::new();
    let body = wire::encode(message).unwrap_or_default();
    if write_frame(FrameKind::Control, &body, &mut frame).is_err() || body.is_empty() {
        // Only a message over the limit could come here, and none is so long.
        tracing::error!("a message could not be written");
        guest.outbox.cut();
        return;
    }
    guest.outbox.control(&frame);
}

/// Seconds since 1970.
pub(crate) fn unix_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
