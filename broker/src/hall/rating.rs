//! Customers who may say how their session was.

use super::{Guest, Hall, Inner, put};
use crate::desk::PairId;
use mitblick_protocol::{
    broker_msg::FromBroker,
    policy::{Policy, RatingRule},
    rating::{Rating, RatingTicket, WINDOW},
};
use std::sync::atomic::Ordering;

impl Hall {
    pub(super) fn follow_rating_rule(&self, rules: &Policy) {
        self.asks_customers.store(rules.limits.rating == RatingRule::Asked, Ordering::SeqCst);
    }

    /// Puts into line what lets the customer of a pair say how it was, if the
    /// company wants to know.
    pub(super) fn put_rating_ticket(&self, inner: &mut Inner, pair: PairId, customer: &Guest) {
        let now = self.now();
        let Some(session) = inner.sessions.get(&pair) else { return };
        let Some(id) = session.id.filter(|_| self.asks_customers.load(Ordering::SeqCst)) else { return };
        let mut drawn = [0; 16];
        if getrandom::fill(&mut drawn).is_err() {
            tracing::error!("the system gives no randomness; this customer is not asked");
            return;
        }
        let ticket = inner.ratings.ticket(id, &session.account, RatingTicket(drawn), now);
        let window_s = u32::try_from(WINDOW.as_secs()).unwrap_or(u32::MAX);
        put(customer, &FromBroker::RatingTicket { ticket, window_s });
    }

    /// Uses a ticket up for this question; gives the advisor's account if it
    /// was good.
    pub(crate) fn rate(&self, ticket: RatingTicket, rating: Rating) -> Option<String> {
        let now = self.now();
        // Who is asked no more is not heard either.
        if !self.asks_customers.load(Ordering::SeqCst) {
            return None;
        }
        self.lock().ratings.take(ticket, rating, now)
    }

    /// The answer could not be kept.
    pub(crate) fn rating_not_kept(&self, ticket: RatingTicket, rating: Rating) {
        self.lock().ratings.give_back(ticket, rating);
    }
}
