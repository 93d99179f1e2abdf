//! Sides of a cut session that find together again.
//!
//! Whoever comes first waits; the other side of the same session makes the
//! pair. A session that somebody ended on purpose does not come back.

use super::{ConnId, Desk, Effect, NoOneWaits, PairId, Seat};
use crate::tickets::{SessionId, Side};
use mitblick_protocol::{broker_msg::PairEnd, time::Moment};
use std::{
    collections::{HashMap, HashSet, VecDeque},
    time::Duration,
};

/// Sessions that are over are remembered so long: no ticket lives longer.
const REMEMBERED: Duration = Duration::from_secs(crate::tickets::LIFE_S);

/// What the desk knows of sessions across cuts.
#[derive(Debug, Default)]
pub(super) struct Rejoining {
    /// The session of each confirmed pair, and the other way round.
    names: HashMap<PairId, SessionId>,
    pairs: HashMap<SessionId, PairId>,
    waiting: HashMap<SessionId, Waiting>,
    /// Who waits until when, in that order; some wait no longer.
    waits: VecDeque<(Moment, SessionId)>,
    over: HashSet<SessionId>,
    /// In the order in which they are forgotten.
    forgetting: VecDeque<(Moment, SessionId)>,
    /// The sessions of pairs that are no more, as long as they may come back.
    past: HashMap<PairId, SessionId>,
    forgetting_past: VecDeque<(Moment, PairId)>,
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    conn: ConnId,
    is_advisor: bool,
    until: Moment,
}

impl Desk {
    /// A pair that was confirmed is this session.
    pub fn name_session(&mut self, pair: PairId, session: SessionId) {
        self.rejoining.names.insert(pair, session);
        self.rejoining.pairs.insert(session, pair);
    }

    /// The session of a pair.
    pub fn session_of(&self, pair: PairId) -> Option<SessionId> {
        self.rejoining.names.get(&pair).copied()
    }

    /// Whether a side of this session may come back to it.
    pub fn may_come_back(&self, session: SessionId) -> bool {
        !self.stopping && !self.rejoining.over.contains(&session)
    }

    /// The company ends the session of a pair that is no more: it does not come
    /// back, and if it goes on as another pair, that one ends. `false` if it is
    /// over already.
    pub fn withdraw_cut(&mut self, pair: PairId, now: Moment, out: &mut Vec<Effect>) -> bool {
        self.tick(now, out);
        let Some(session) = self.rejoining.past.get(&pair).copied() else { return false };
        if self.rejoining.over.contains(&session) {
            return false;
        }
        match self.rejoining.pairs.get(&session).copied() {
            Some(goes_on) => self.withdraw_pair(goes_on, now, out),
            None => self.session_is_over(session, now, out),
        }
        true
    }

    /// Whether this connection holds a place in the session, also one that is
    /// broken and not known to be.
    pub fn holds_place_in(&self, conn: ConnId, session: SessionId) -> bool {
        match self.seat(conn) {
            Some(Seat::Waiting(waits_for)) => waits_for == session,
            Some(Seat::Paired(pair) | Seat::Customer(pair)) => self.session_of(pair) == Some(session),
            Some(Seat::Lobby | Seat::Reserved(_) | Seat::Open(_) | Seat::Trying(..) | Seat::WaitingRoom(_)) | None => {
                false
            }
        }
    }

    /// A side of a cut session is there again. The pair, if the other side
    /// waited already.
    ///
    /// # Errors
    /// The session is over, or the connection has another place.
    pub fn rejoin(
        &mut self,
        conn: ConnId,
        session: SessionId,
        side: Side,
        now: Moment,
        out: &mut Vec<Effect>,
    ) -> Result<Option<PairId>, NoOneWaits> {
        self.tick(now, out);
        let is_advisor = matches!(side, Side::Advisor { .. });
        let fits = match self.seat(conn) {
            Some(Seat::Lobby) => is_advisor,
            None => !is_advisor,
            Some(_) => false,
        };
        if !fits || !self.may_come_back(session) {
            return Err(NoOneWaits);
        }
        self.part_broken(session, is_advisor, now, out);
        match self.rejoining.waiting.get(&session).copied() {
            Some(other) if other.is_advisor != is_advisor => {
                self.rejoining.waiting.remove(&session);
                self.last_pair += 1;
                let pair = PairId(self.last_pair);
                let (advisor, customer) = if is_advisor { (conn, other.conn) } else { (other.conn, conn) };
                self.pairs.insert(pair, (advisor, customer));
                self.seats.insert(advisor, Seat::Paired(pair));
                self.seats.insert(customer, Seat::Customer(pair));
                self.name_session(pair, session);
                out.push(Effect::Rejoined { pair, advisor, customer });
                Ok(Some(pair))
            }
            Some(earlier) => {
                // The same side once more: its earlier connection is dead.
                self.seats.remove(&earlier.conn);
                self.wait(conn, session, is_advisor, now);
                Ok(None)
            }
            None => {
                self.wait(conn, session, is_advisor, now);
                Ok(None)
            }
        }
    }

    fn wait(&mut self, conn: ConnId, session: SessionId, is_advisor: bool, now: Moment) {
        let until = now.after(self.rules.rejoin_window);
        self.rejoining.waiting.insert(session, Waiting { conn, is_advisor, until });
        self.rejoining.waits.push_back((until, session));
        self.seats.insert(conn, Seat::Waiting(session));
    }

    /// A pair of this session that is still there is one that the broker does
    /// not know to be broken: the other side is told.
    fn part_broken(&mut self, session: SessionId, is_advisor: bool, now: Moment, out: &mut Vec<Effect>) {
        let pair = self.rejoining.pairs.get(&session).copied();
        let Some((pair, (advisor, customer))) = pair.and_then(|pair| Some((pair, *self.pairs.get(&pair)?))) else {
            return;
        };
        let broken = if is_advisor { advisor } else { customer };
        self.end_by(pair, broken, PairEnd::PeerLost, now, out);
    }

    /// The session of this pair, or the one that is waited for, does not come
    /// back. Whoever waits for it is told.
    pub(super) fn session_is_over(&mut self, session: SessionId, now: Moment, out: &mut Vec<Effect>) {
        if self.rejoining.over.insert(session) {
            self.rejoining.forgetting.push_back((now.after(REMEMBERED), session));
        }
        if let Some(waiting) = self.rejoining.waiting.remove(&session) {
            self.leave_wait(waiting, out);
        }
    }

    /// A connection that waits goes, or wants to wait no longer.
    pub(super) fn stop_waiting(&mut self, session: SessionId) {
        self.rejoining.waiting.remove(&session);
    }

    /// A pair is taken apart; its session may come back.
    pub(super) fn unname(&mut self, pair: PairId, now: Moment) {
        let Some(session) = self.rejoining.names.remove(&pair) else { return };
        self.rejoining.pairs.remove(&session);
        self.rejoining.past.insert(pair, session);
        self.rejoining.forgetting_past.push_back((now.after(REMEMBERED), pair));
    }

    /// When somebody has waited for long enough.
    pub(super) fn next_wait_over(&self) -> Option<Moment> {
        self.rejoining.waits.front().map(|(until, _)| *until)
    }

    pub(super) fn tick_waiting(&mut self, now: Moment, out: &mut Vec<Effect>) {
        while let Some((_, session)) = self.rejoining.waits.pop_front_if(|(until, _)| *until <= now) {
            // Who came once more waits from then on.
            let is_due = self.rejoining.waiting.get(&session).is_some_and(|waiting| waiting.until <= now);
            if is_due && let Some(waiting) = self.rejoining.waiting.remove(&session) {
                self.leave_wait(waiting, out);
            }
        }
        while let Some((_, session)) = self.rejoining.forgetting.pop_front_if(|(at, _)| *at <= now) {
            self.rejoining.over.remove(&session);
        }
        while let Some((_, pair)) = self.rejoining.forgetting_past.pop_front_if(|(at, _)| *at <= now) {
            self.rejoining.past.remove(&pair);
        }
    }

    fn leave_wait(&mut self, waiting: Waiting, out: &mut Vec<Effect>) {
        if waiting.is_advisor {
            self.seats.insert(waiting.conn, Seat::Lobby);
        } else {
            self.seats.remove(&waiting.conn);
        }
        out.push(Effect::RejoinFailed { to: waiting.conn, is_customer: !waiting.is_advisor });
    }
}
