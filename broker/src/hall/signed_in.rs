//! Who is signed in where: one account at one workplace at a time, and nobody
//! who may not any more.

use super::{Guest, Hall, Inner, put, tell};
use crate::{
    desk::{ConnId, Effect, Seat},
    store::workplace::WorkplaceId,
};
use mitblick_protocol::{broker_msg::FromBroker, text::DisplayText, time::Moment};
use std::sync::{Arc, PoisonError};

/// Who signed in on a connection, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SignedIn {
    /// Id of the account.
    pub(crate) account: i64,
    /// Its name.
    pub(crate) name: String,
    /// When its password was set: with another one it is signed in no longer.
    pub(crate) password_changed_unix_s: i64,
    /// The workplace; `None` where the broker asks for none.
    pub(crate) workplace: Option<(WorkplaceId, DisplayText)>,
    /// As of this generation of rights it may be signed in.
    pub(crate) generation: i64,
}

/// A connection that waits for a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WaitsFor {
    /// The workplace that is to be decided on.
    pub(crate) workplace: WorkplaceId,
    /// As of this generation of rights there was no decision.
    pub(crate) generation: i64,
}

/// The account is signed in already, and may not be for a second time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Elsewhere {
    /// Name of the other workplace.
    pub(crate) workplace: DisplayText,
    /// Whether a session goes on there.
    pub(crate) in_session: bool,
}

impl Guest {
    pub(crate) fn signed_in(&self) -> Option<SignedIn> {
        self.signed_in.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn workplace_name(&self) -> DisplayText {
        self.signed_in().and_then(|who| who.workplace).map(|(_, name)| name).unwrap_or_default()
    }
}

impl Inner {
    /// Connections of an account, but for one.
    pub(super) fn others_of(&self, account: i64, but: ConnId) -> Vec<(ConnId, Arc<Guest>)> {
        let others = self
            .guests
            .iter()
            .filter(|(conn, guest)| **conn != but && guest.signed_in().is_some_and(|who| who.account == account));
        others.map(|(conn, guest)| (*conn, Arc::clone(guest))).collect()
    }

    pub(super) fn is_in_session(&self, conn: ConnId) -> bool {
        matches!(self.desk.seat(conn), Some(Seat::Trying(..) | Seat::Paired(_) | Seat::Waiting(_)))
    }

    /// Ends what a connection has, tells it why, and lets it go.
    fn dismiss(&mut self, conn: ConnId, guest: &Guest, why: &FromBroker, now: Moment, out: &mut Vec<Effect>) {
        put(guest, why);
        *guest.signed_in.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.desk.withdraw(conn, now, out);
        self.leaving.push(Arc::clone(&guest.outbox));
    }
}

impl Hall {
    /// Takes the account's one place, atomically: of two who come at once one
    /// is told of the other. Whoever had it is dismissed, if it is the same
    /// workplace without a session or with `take_over`.
    pub(crate) fn sign_in(&self, conn: ConnId, who: SignedIn, take_over: bool) -> Result<bool, Elsewhere> {
        let name = who.workplace.as_ref().map(|(_, name)| name.clone()).unwrap_or_default();
        self.step_inner(|inner, now, out| {
            let others = inner.others_of(who.account, conn);
            let in_the_way = others.iter().find(|(other, guest)| {
                let same = guest.signed_in().is_some_and(|there| there.workplace == who.workplace);
                !same || inner.is_in_session(*other)
            });
            if let (Some((other, guest)), false) = (in_the_way, take_over) {
                return Err(Elsewhere { workplace: guest.workplace_name(), in_session: inner.is_in_session(*other) });
            }
            let taken = in_the_way.is_some();
            for (other, guest) in &others {
                let why = FromBroker::TakenOver { workplace: name.clone() };
                inner.dismiss(*other, guest, &why, now, out);
            }
            if let Some(guest) = inner.guests.get(&conn) {
                *guest.signed_in.lock().unwrap_or_else(PoisonError::into_inner) = Some(who);
            }
            Ok(taken)
        })
    }

    /// Gives up a place that was just taken.
    pub(crate) fn give_up_seat(&self, conn: ConnId) {
        if let Some(guest) = self.lock().guests.get(&conn) {
            *guest.signed_in.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }

    /// Those who were found to be allowed in as of an earlier generation.
    pub(crate) fn signed_in_before(&self, generation: i64) -> Vec<(ConnId, SignedIn)> {
        let inner = self.lock();
        let all = inner.guests.iter().filter_map(|(conn, guest)| Some((*conn, guest.signed_in()?)));
        all.filter(|(_, who)| who.generation < generation).collect()
    }

    /// They may be signed in as of this generation.
    pub(crate) fn still_signed_in(&self, conn: ConnId, generation: i64) {
        if let Some(guest) = self.lock().guests.get(&conn)
            && let Some(who) = &mut *guest.signed_in.lock().unwrap_or_else(PoisonError::into_inner)
        {
            who.generation = generation;
        }
    }

    /// Signs a connection out: its session ends, its number is void.
    pub(crate) fn sign_out(&self, conn: ConnId) {
        self.step_inner(|inner, now, out| {
            let Some(guest) = inner.guests.get(&conn).cloned() else { return };
            inner.dismiss(conn, &guest, &FromBroker::SignedOut, now, out);
        });
    }

    /// Signs an account out, wherever it is signed in.
    pub(crate) fn sign_out_account(&self, account: i64) {
        self.step_inner(|inner, now, out| {
            // No connection has the number 0.
            for (conn, guest) in inner.others_of(account, ConnId(0)) {
                inner.dismiss(conn, &guest, &FromBroker::SignedOut, now, out);
            }
        });
    }

    /// The connection waits at the door.
    pub(crate) fn waits_for(&self, conn: ConnId, waits_for: WaitsFor) {
        if let Some(guest) = self.lock().guests.get(&conn) {
            *guest.waits_for.lock().unwrap_or_else(PoisonError::into_inner) = Some(waits_for);
        }
    }

    /// Whether somebody waits since an earlier generation.
    pub(crate) fn has_waited_since_before(&self, generation: i64) -> bool {
        let inner = self.lock();
        inner.guests.values().any(|guest| {
            let waits_for = *guest.waits_for.lock().unwrap_or_else(PoisonError::into_inner);
            waits_for.is_some_and(|waits_for| waits_for.generation < generation)
        })
    }

    /// Tells those for whose workplace there is a decision; the others wait
    /// on, as of this generation.
    pub(crate) fn tell_decisions(&self, generation: i64, decided: impl Fn(WorkplaceId) -> bool) {
        for guest in self.lock().guests.values() {
            let mut waits_for = guest.waits_for.lock().unwrap_or_else(PoisonError::into_inner);
            match &mut *waits_for {
                Some(waiting) if decided(waiting.workplace) => {
                    *waits_for = None;
                    tell(guest, &FromBroker::WorkplaceDecided);
                }
                Some(waiting) => waiting.generation = generation,
                None => {}
            }
        }
    }
}
