//! Sides of a cut session with real connections.

use super::{Guest, Hall, Inner, OpenWay, Session, SignedIn, put, tell, unix_now};
use crate::{
    audit::{Action, Actor, Record},
    desk::{ConnId, Leaving, NoOneWaits, PairId},
    metrics::Count,
    recorder,
    tickets::{SessionId, Side, Ticket},
};
use mitblick_protocol::{broker_msg::FromBroker, text::DisplayText};
use std::{
    sync::{Arc, PoisonError},
    time::Instant,
};

/// A side of a session that is there again.
pub(crate) enum Rejoined {
    /// It waits for the other side.
    Waits,
    /// Both are told and the way between them is open. Whoever came second has
    /// to wait until this is in the trail before anything more is read from it:
    /// before, the two programs can't prove themselves to each other, and the
    /// session does not go on.
    Pair(PairId, recorder::Ticket),
}

impl Hall {
    /// Hands both sides of a session that has begun what lets them come back.
    pub(crate) fn hand_out_tickets(&self, pair: PairId) {
        let mut id = [0; 16];
        if getrandom::fill(&mut id).is_err() {
            tracing::error!("the system gives no randomness; this session can't be resumed");
            return;
        }
        let session = SessionId(id);
        self.step_inner(|inner, _, _| {
            let Some((advisor, customer)) = inner.desk.sides(pair) else { return };
            let Some(who) = inner.guests.get(&advisor).and_then(|guest| guest.signed_in()) else { return };
            inner.desk.name_session(pair, session);
            if let Some(alive) = inner.sessions.get_mut(&pair) {
                alive.id = Some(session);
            }
            if let Some(guest) = inner.guests.get(&customer).cloned() {
                self.put_rating_ticket(inner, pair, &guest);
            }
            let advisors = Side::Advisor {
                account: who.account,
                password_changed_unix_s: who.password_changed_unix_s,
                workplace: who.workplace.map_or(0, |(id, _)| id.0),
            };
            let window_s = u32::try_from(self.rules.rejoin_window.as_secs()).unwrap_or(u32::MAX);
            for (conn, side) in [(advisor, advisors), (customer, Side::Customer)] {
                let Some(guest) = inner.guests.get(&conn) else { continue };
                let ticket = self.identity.ticket(&Ticket { session, side, issued_unix_s: unix_now() });
                tell(guest, &FromBroker::SessionTicket { ticket, window_s });
            }
        });
    }

    /// What a ticket of this broker says, if it can be believed.
    pub(crate) fn read_ticket(&self, ticket: &mitblick_protocol::broker_msg::ResumeTicket) -> Option<Ticket> {
        self.identity.read_ticket(ticket, unix_now())
    }

    /// Gives an advisor that comes back its account's one place. Its earlier
    /// connection, which may not be known to be broken, gives way without a
    /// word.
    ///
    /// # Errors
    /// The session is over, or the account is signed in for something else.
    pub(crate) fn sign_in_again(&self, conn: ConnId, who: SignedIn, session: SessionId) -> Result<(), NoOneWaits> {
        self.step_inner(|inner, now, out| {
            if !inner.desk.may_come_back(session) {
                return Err(NoOneWaits);
            }
            let others = inner.others_of(who.account, conn);
            let foreign = |inner: &Inner, other: ConnId, guest: &Guest| {
                let same = guest.signed_in().is_some_and(|there| there.workplace == who.workplace);
                !same || (inner.is_in_session(other) && !inner.desk.holds_place_in(other, session))
            };
            if others.iter().any(|(other, guest)| foreign(inner, *other, guest)) {
                return Err(NoOneWaits);
            }
            for (other, guest) in others {
                *guest.signed_in.lock().unwrap_or_else(PoisonError::into_inner) = None;
                inner.desk.leave(other, Leaving::Lost, now, out);
                inner.leaving.push(Arc::clone(&guest.outbox));
            }
            if let Some(guest) = inner.guests.get(&conn) {
                *guest.signed_in.lock().unwrap_or_else(PoisonError::into_inner) = Some(who);
            }
            Ok(())
        })
    }

    /// A side of a session is there again. An advisor whom the ticket has just
    /// signed in is a newcomer with this name on its cards: it hears that it is
    /// signed in only if there is a session to come back to.
    ///
    /// # Errors
    /// The session is over, or a newcomer was signed out in the meantime.
    pub(crate) fn rejoin(
        &self,
        conn: ConnId,
        ticket: &Ticket,
        newcomer: Option<&DisplayText>,
    ) -> Result<Rejoined, NoOneWaits> {
        self.step_inner(|inner, now, out| {
            let newcomer = match newcomer {
                Some(advisor) => {
                    let guest = inner.guests.get(&conn).filter(|guest| guest.signed_in().is_some()).cloned();
                    inner.desk.sit(conn);
                    Some((guest.ok_or(NoOneWaits)?, advisor.clone()))
                }
                None => None,
            };
            let pair = inner.desk.rejoin(conn, ticket.session, ticket.side, now, out)?;
            if let Some((guest, advisor)) = newcomer {
                *guest.advisor.lock().unwrap_or_else(PoisonError::into_inner) = Some(advisor.clone());
                tell(&guest, &FromBroker::SignedIn { advisor });
            }
            let Some(pair) = pair else { return Ok(Rejoined::Waits) };
            let advisor = inner.desk.sides(pair).and_then(|(advisor, _)| inner.guests.get(&advisor)?.signed_in());
            let account = advisor.map(|who| who.name).unwrap_or_default();
            inner
                .sessions
                .insert(pair, Session { account: account.clone(), began: Instant::now(), id: Some(ticket.session) });
            let record = Record::new(&Actor::Account(account), Action::SessionResumed).on_session(pair.0);
            Ok(Rejoined::Pair(pair, self.recorder.push(record)))
        })
    }

    pub(super) fn perform_rejoined(&self, inner: &mut Inner, pair: PairId, advisor: ConnId, customer: ConnId) {
        let sides = (inner.guests.get(&advisor).cloned(), inner.guests.get(&customer).cloned());
        let (Some(a), Some(c)) = sides else { return };
        OpenWay::between(pair, &a, &c);
        put(&c, &FromBroker::Resumed);
        // A broker that was started anew knows of no earlier one.
        self.put_rating_ticket(inner, pair, &c);
        c.outbox.send();
        tell(&a, &FromBroker::Resumed);
        self.metrics.count(Count::Resumed);
        tracing::info!(pair = ?pair, "a session goes on");
    }

    pub(super) fn perform_rejoin_failed(&self, inner: &Inner, to: ConnId, is_customer: bool) {
        let Some(guest) = inner.guests.get(&to) else { return };
        put(guest, &FromBroker::ResumeFailed);
        if is_customer {
            guest.outbox.finish();
        } else {
            guest.outbox.send();
        }
        self.metrics.count(Count::ResumeFailed);
    }
}
