//! Numbers that an advisor books for appointments.

use super::{Lobby, Next, Who, whole_seconds};
use crate::{
    audit::{Action, Actor, Record},
    desk::NotOpened,
    hall::{Presence, SignedIn},
    metrics::Count,
    server::Services,
    store::StoreError,
};
use mitblick_protocol::{
    appointment::{Booking, NotBooked, Window},
    broker_msg::{FromBroker, Refusal},
    number::Routing,
};
use std::sync::Arc;

/// Seconds after which the company's rules may be others: it only keeps a
/// program that has not heard of them yet from asking all the time.
const RULES_WAIT_S: u32 = 600;

impl Lobby {
    /// Keeps a number for this window.
    pub(super) async fn book(&self, presence: &Presence, window: Window) -> Next {
        let Who::Advisor(who) = &self.who else { return Next::Go };
        if !self.services.hall.allows_bookings() {
            presence.tell(&FromBroker::NotBooked(NotBooked::Forbidden));
            return Next::Go;
        }
        match self.account_as_signed_in(who).await {
            Ok(Some(_)) => {}
            Ok(None) => return Next::Misplaced(Refusal::NotSignedIn),
            Err(error) => {
                presence.tell(&FromBroker::NotBooked(out_of_order(&self.services, &error)));
                return Next::Go;
            }
        }
        presence.tell(&match draw_and_write(&self.services, who, window).await {
            Ok(booking) => FromBroker::Booked(booking),
            Err(why) => FromBroker::NotBooked(why),
        });
        Next::Go
    }

    /// Opens a booked number as a fresh one is opened.
    pub(super) async fn open_booked(&self, presence: &Presence, routing: Routing) -> Next {
        let Who::Advisor(who) = &self.who else { return Next::Go };
        let hall = &self.services.hall;
        if !hall.allows_bookings() {
            // The booking stays, for rules change.
            presence.tell(&FromBroker::NotYet { routing, wait_s: RULES_WAIT_S });
            return Next::Go;
        }
        if let Err(next) = self.may_open(presence, who).await {
            return next;
        }
        match hall.open_booked(presence.conn, who.account, routing) {
            Ok(()) => {}
            Err(NotOpened::Refused(why)) => presence.tell(&FromBroker::Refused(why)),
            Err(NotOpened::NoBooking) => presence.tell(&FromBroker::NoBooking(routing)),
            Err(NotOpened::NotYet { wait }) => {
                presence.tell(&FromBroker::NotYet { routing, wait_s: whole_seconds(wait) });
            }
        }
        Next::Go
    }

    /// Takes a booking back; the answer is the same if there was none.
    pub(super) fn cancel_booking(&self, presence: &Presence, routing: Routing) -> Next {
        let Who::Advisor(who) = &self.who else { return Next::Go };
        let hall = &self.services.hall;
        if hall.cancel_booking(who.account, routing) {
            let actor = Actor::Account(who.name.clone());
            hall.recorder.push(Record::new(&actor, Action::BookingCancelled));
        }
        presence.tell(&FromBroker::NoBooking(routing));
        Next::Go
    }

    /// Tells for which of an account's bookings somebody waits, and then all of
    /// them: who has the list knows of everybody.
    pub(super) fn list_bookings(&self, presence: &Presence) -> Next {
        let Who::Advisor(who) = &self.who else { return Next::Go };
        let hall = &self.services.hall;
        for routing in hall.awaited_of(who.account) {
            presence.tell(&FromBroker::CustomerWaits { routing, waits: true });
        }
        presence.tell(&FromBroker::Bookings(hall.bookings_of(who.account)));
        Next::Go
    }
}

async fn draw_and_write(services: &Arc<Services>, who: &SignedIn, window: Window) -> Result<Booking, NotBooked> {
    let (hall, store) = (&services.hall, &*services.store);
    hall.recorder.ready().await.map_err(|error| out_of_order(services, &error))?;
    // A number whose last booking is still written is not drawn: its removal
    // would take the new one with it.
    hall.write_booking_ends(store).await.map_err(|error| out_of_order(services, &error))?;
    let entropy = getrandom::u64().map_err(|_| {
        tracing::error!("the system gives no randomness");
        NotBooked::OutOfOrder
    })?;
    if !hall.limits().open_number(who.account, hall.now()) {
        return Err(NotBooked::TooMany);
    }
    let routing = hall.book(who.account, window, entropy)?;
    let booking = Booking { routing, window };
    let record = Record::new(&Actor::Account(who.name.clone()), Action::NumberBooked);
    // A task of its own: if the connection breaks meanwhile, desk and database
    // must still come to agree. The advisor then finds it in the list.
    let written = tokio::spawn({
        let (services, account) = (Arc::clone(services), who.account);
        async move {
            let hall = &services.hall;
            match services.store.book(account, booking, record).await {
                Ok(()) if hall.step(|desk, _, _| desk.booked(routing)) => Ok(booking),
                Ok(()) => Err(NotBooked::OutOfOrder),
                Err(error) => {
                    hall.step(|desk, now, out| desk.unbook(routing, now, out));
                    Err(out_of_order(&services, &error))
                }
            }
        }
    });
    written.await.unwrap_or(Err(NotBooked::OutOfOrder))
}

fn out_of_order(services: &Services, error: &StoreError) -> NotBooked {
    services.hall.metrics.count(Count::StoreFailed);
    tracing::error!(%error, "the store failed");
    NotBooked::OutOfOrder
}
