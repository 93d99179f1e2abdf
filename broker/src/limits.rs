//! How much one address, one account and all together may try, pure.
//!
//! Wrong passwords of a name are [`Tries`], which the store keeps; those of an
//! address are counted here and forgotten when the broker ends.
//! Every table is bounded: it forgets what it has not seen for longest when
//! it is full (see [`table`]). No address is exempt, loopback included, so
//! that what is tested is what runs. Locks are never permanent.

mod table;
#[cfg(test)]
mod tests;
mod tries;
mod window;

use mitblick_protocol::{number::Routing, time::Moment};
use std::{
    collections::{HashMap, VecDeque},
    fmt,
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};
use table::Table;
pub use tries::{Locked, Tries};
use window::{Rate, Window};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
/// Wrong passwords after which a lock begins.
pub const FREE_SIGN_INS: u32 = 5;
/// Wrong passwords are forgotten so long after the last one; longer than the
/// longest lock.
const FORGET_SIGN_INS: Duration = Duration::from_secs(2 * 60 * 60);
/// One wrong password of a source is forgiven so often: the slips of a whole
/// company behind one address must not add up, guessing must.
const FORGIVE_SOURCE: Duration = Duration::from_secs(10 * 60);
/// Addresses or names remembered in one table.
const REMEMBERED: usize = 65_536;

/// How long nothing is looked at after so many wrong passwords in a row: 1, 2,
/// 4 minutes and so on, to an hour.
pub fn lock_after(wrong: u32) -> Option<Duration> {
    let step = wrong.checked_sub(FREE_SIGN_INS)?;
    Some(HOUR.min(MINUTE * 2_u32.saturating_pow(step.min(6))))
}

/// Who is counted together: an IPv4 address or an IPv6 /64, which is what one
/// household or office gets.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// One IPv4 address.
    V4(Ipv4Addr),
    /// The first 64 bits of an IPv6 address.
    V6Net(u64),
}

/// For the eyes of whoever approves a workplace.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V4(address) => write!(f, "{address}"),
            Self::V6Net(net) => {
                let [a, b, c, d] = [48, 32, 16, 0].map(|shift| net >> shift & 0xffff);
                write!(f, "{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        }
    }
}

/// Addresses are personal data: they stay out of logs.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Source(…)")
    }
}

impl From<IpAddr> for Source {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self::V4(v4),
            IpAddr::V6(v6) => {
                let [a, b, c, d, e, f, g, h, ..] = v6.octets();
                Self::V6Net(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
            }
        }
    }
}

/// Numbers that are remembered as waited for from one source.
const AWAITED: usize = 8;

/// The limits themselves; `None` is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Joins a minute from one source.
    pub joins_per_minute: Option<u32>,
    /// Joins an hour from one source.
    pub joins_per_hour: Option<u32>,
    /// Wrong routing numbers an hour from one source, then it is blocked for
    /// an hour.
    pub wrong_numbers_per_hour: Option<u32>,
    /// Failed joins a minute of all sources together.
    pub failed_joins_per_minute: Option<u32>,
    /// New connections a second from one source.
    pub handshakes_per_second: Option<u32>,
    /// Open connections of one source.
    pub open_per_source: Option<u32>,
    /// Numbers an hour opened by one account, so that a single one can't use
    /// them all up.
    pub numbers_per_hour: Option<u32>,
    /// Whether sources (besides accounts) are locked after wrong passwords.
    pub lock_sources: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            joins_per_minute: Some(5),
            joins_per_hour: Some(20),
            wrong_numbers_per_hour: Some(10),
            failed_joins_per_minute: Some(60),
            handshakes_per_second: Some(20),
            open_per_source: Some(100),
            numbers_per_hour: Some(240),
            lock_sources: true,
        }
    }
}

impl Policy {
    /// For test rigs and for companies whose people all come from one address
    /// behind a translator. Accounts are still locked after wrong passwords.
    pub fn relaxed() -> Self {
        Self {
            joins_per_minute: None,
            joins_per_hour: None,
            wrong_numbers_per_hour: None,
            failed_joins_per_minute: None,
            handshakes_per_second: None,
            open_per_source: None,
            numbers_per_hour: None,
            lock_sources: false,
        }
    }
}

/// Why a connection is turned away before its TLS handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TurnedAway {
    /// Too many open connections from there.
    TooManyOpen,
    /// Too many new connections from there.
    TooFast,
}

/// Why a join is not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JoinLimited {
    /// When a next try is looked at.
    pub retry_after: Duration,
    /// The budget of all together is used up, not the source's own.
    pub everybody: bool,
}

#[derive(Debug, Default)]
struct Joins {
    minute: Window,
    hour: Window,
    wrong: Window,
    blocked_until: Option<Moment>,
    /// Booked numbers that somebody from there waits or has waited for.
    awaited: VecDeque<Routing>,
}

#[derive(Clone, Copy, Debug, Default)]
struct SignIns {
    wrong: u32,
    last: Moment,
    locked_until: Moment,
}

impl SignIns {
    fn wait(&self, now: Moment) -> Option<Duration> {
        (self.locked_until > now).then(|| self.locked_until.since(now))
    }

    /// Counts a try as wrong until it proves right, so that many at once gain
    /// nothing.
    fn count(&mut self, now: Moment) {
        let forgiven = now.since(self.last).as_secs() / FORGIVE_SOURCE.as_secs();
        self.wrong = self.wrong.saturating_sub(u32::try_from(forgiven).unwrap_or(u32::MAX));
        self.wrong = self.wrong.saturating_add(1);
        self.last = now;
        if let Some(lock) = lock_after(self.wrong) {
            self.locked_until = now.after(lock);
        }
    }

    fn take_back(&mut self) {
        self.wrong = self.wrong.saturating_sub(1);
        self.locked_until = Moment::default();
    }
}

/// The counters.
#[derive(Debug)]
pub struct Limits {
    policy: Policy,
    /// Bounded by the number of open connections.
    open: HashMap<Source, u32>,
    handshakes: Table<Source, Rate>,
    joins: Table<Source, Joins>,
    failed_joins: Window,
    /// Bounded by the number of accounts.
    numbers: HashMap<i64, Window>,
    sources: Table<Source, SignIns>,
}

impl Limits {
    /// Counters at zero.
    pub fn new(policy: Policy) -> Self {
        Self {
            policy,
            open: HashMap::new(),
            handshakes: Table::new(REMEMBERED),
            joins: Table::new(REMEMBERED),
            failed_joins: Window::default(),
            numbers: HashMap::new(),
            sources: Table::new(REMEMBERED),
        }
    }

    /// Other limits from now on; what was counted stays.
    pub fn set_policy(&mut self, policy: Policy) {
        self.policy = policy;
    }

    /// A connection comes in. If it may, [`Limits::disconnect`] must follow
    /// when it ends.
    ///
    /// # Errors
    /// It must be dropped.
    pub fn connect(&mut self, source: Source, now: Moment) -> Result<(), TurnedAway> {
        let open = self.open.get(&source).copied().unwrap_or(0);
        if self.policy.open_per_source.is_some_and(|most| open >= most) {
            return Err(TurnedAway::TooManyOpen);
        }
        if let Some(per_second) = self.policy.handshakes_per_second
            && !self.handshakes.entry(source).take(per_second, now)
        {
            return Err(TurnedAway::TooFast);
        }
        self.open.insert(source, open.saturating_add(1));
        Ok(())
    }

    /// A connection that was let in has ended.
    pub fn disconnect(&mut self, source: Source) {
        if let Some(open) = self.open.get_mut(&source) {
            *open = open.saturating_sub(1);
            if *open == 0 {
                self.open.remove(&source);
            }
        }
    }

    /// A join comes in; it counts whether it finds its number or not.
    ///
    /// # Errors
    /// It must not be looked at.
    pub fn join(&mut self, source: Source, now: Moment) -> Result<(), JoinLimited> {
        let policy = self.policy;
        let limited = |retry_after, everybody| Err(JoinLimited { retry_after, everybody });
        let joins = self.joins.entry(source);
        if let Some(until) = joins.blocked_until {
            if until > now {
                return limited(until.since(now), false);
            }
            joins.blocked_until = None;
        }
        let waits = [
            policy.joins_per_minute.and_then(|most| joins.minute.wait(most, MINUTE, now)),
            policy.joins_per_hour.and_then(|most| joins.hour.wait(most, HOUR, now)),
        ];
        if let Some(wait) = waits.into_iter().flatten().max() {
            return limited(wait, false);
        }
        if let Some(wait) = policy.failed_joins_per_minute.and_then(|most| self.failed_joins.wait(most, MINUTE, now)) {
            return limited(wait, true);
        }
        if let Some(most) = policy.joins_per_minute {
            joins.minute.count(most, now);
        }
        if let Some(most) = policy.joins_per_hour {
            joins.hour.count(most, now);
        }
        Ok(())
    }

    /// A join found nobody.
    pub fn join_failed(&mut self, source: Source, now: Moment) {
        if let Some(most) = self.policy.failed_joins_per_minute {
            self.failed_joins.count(most, now);
        }
        if let Some(most) = self.policy.wrong_numbers_per_hour {
            let joins = self.joins.entry(source);
            joins.wrong.count(most, now);
            if joins.wrong.wait(most, HOUR, now).is_some() {
                joins.blocked_until = Some(now.after(HOUR));
                joins.wrong = Window::default();
            }
        }
    }

    /// A join has found a number that is booked and not open. It tells that
    /// there is one, so it counts like one that found nobody; but only once for
    /// each number, for whoever waits on a bad line comes again and again.
    pub fn join_waits(&mut self, source: Source, routing: Routing, now: Moment) {
        let awaited = &mut self.joins.entry(source).awaited;
        if awaited.contains(&routing) {
            return;
        }
        if awaited.len() >= AWAITED {
            awaited.pop_front();
        }
        awaited.push_back(routing);
        self.join_failed(source, now);
    }

    /// An account opens a number; `false` if it has opened too many.
    pub fn open_number(&mut self, account: i64, now: Moment) -> bool {
        let Some(most) = self.policy.numbers_per_hour else { return true };
        let numbers = self.numbers.entry(account).or_default();
        if numbers.wait(most, HOUR, now).is_some() {
            return false;
        }
        numbers.count(most, now);
        true
    }

    /// Somebody tries to sign in. It counts as wrong until
    /// [`Limits::sign_in_undone`].
    ///
    /// # Errors
    /// The try must not be looked at before this time is over.
    pub fn sign_in(&mut self, source: Source, now: Moment) -> Result<(), Duration> {
        let lock_sources = self.policy.lock_sources;
        let by_source = self.sources.entry(source);
        if let Some(wait) = by_source.wait(now).filter(|_| lock_sources) {
            return Err(wait);
        }
        by_source.count(now);
        Ok(())
    }

    /// How long a next try from there must wait, and how many there are before
    /// it must; `None` = this source is not locked by wrong passwords.
    pub fn sign_in_wait(&mut self, source: Source, now: Moment) -> Option<(Duration, u32)> {
        let by_source = self.sources.entry(source);
        let wait = by_source.wait(now).unwrap_or_default();
        self.policy.lock_sources.then(|| (wait, FREE_SIGN_INS.saturating_sub(by_source.wrong)))
    }

    /// The password was right, or the try was not judged (the store failed,
    /// say): the source gets this try back and no more, or one good account
    /// would unlock guessing at others.
    pub fn sign_in_undone(&mut self, source: Source) {
        self.sources.entry(source).take_back();
    }
}
