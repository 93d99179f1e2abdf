//! Numbers that are booked for appointments: the desk's bookings and what is
//! written of them.

use super::{Hall, Inner, tell, unix_now};
use crate::{
    desk::{ConnId, NoOneWaits, NotOpened},
    metrics::Count,
    store::{Store, StoreError},
};
use mitblick_protocol::{
    appointment::{Booking, NotBooked, Window},
    broker_msg::FromBroker,
    number::Routing,
    policy::{AppointmentRule, Policy},
};
use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{Mutex as AsyncMutex, Notify},
    time::timeout,
};

/// Between tries to write when nobody asks for one earlier.
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// What has become of a join.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Joined {
    /// The attempt begins.
    Paired,
    /// The customer waits for the number to be opened.
    WaitingRoom,
}

/// What the hall keeps for bookings besides the desk.
///
/// That a booking is over is decided at the desk and written afterwards: what
/// could not be written waits here and is tried again. A broker that ends in
/// between finds the booking again at its next start; whoever joins it then
/// fails, for the advisor's program has thrown the secret part away.
#[derive(Debug)]
pub(super) struct Bookings {
    /// Whether the company's rules allow any.
    allowed: AtomicBool,
    /// Numbers whose booking is over, and when that was in seconds since 1970.
    ends: Mutex<Vec<(Routing, i64)>>,
    more: Notify,
    /// Held by the one who writes.
    writing: AsyncMutex<()>,
    /// As of this generation of rights there were all the accounts.
    generation: AtomicI64,
}

impl Default for Bookings {
    fn default() -> Self {
        Self {
            allowed: AtomicBool::new(true),
            ends: Mutex::default(),
            more: Notify::new(),
            writing: AsyncMutex::default(),
            generation: AtomicI64::new(-1),
        }
    }
}

impl Bookings {
    fn ends(&self) -> MutexGuard<'_, Vec<(Routing, i64)>> {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A booking is over: it is removed soon.
    pub(super) fn over(&self, routing: Routing) {
        self.ends().push((routing, i64::try_from(unix_now()).unwrap_or(i64::MAX)));
        self.more.notify_one();
    }
}

impl Hall {
    pub(super) fn follow_appointment_rule(&self, rules: &Policy) {
        self.bookings.allowed.store(rules.limits.appointments == AppointmentRule::Allowed, Ordering::SeqCst);
    }

    /// Whether the company's rules allow booked numbers.
    pub(crate) fn allows_bookings(&self) -> bool {
        self.bookings.allowed.load(Ordering::SeqCst)
    }

    /// Numbers that were booked before the start are booked still; those whose
    /// time is over rest.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn restore_bookings(&self, store: &dyn Store) -> Result<(), StoreError> {
        let all = store.bookings().await?;
        self.step(|desk, now, out| {
            for (account, booking) in all {
                desk.restore_booking(account, booking);
            }
            desk.sweep_bookings(unix_now(), now, out);
        });
        Ok(())
    }

    /// See [`crate::desk::Desk::book`].
    pub(crate) fn book(&self, account: i64, window: Window, entropy: u64) -> Result<Routing, NotBooked> {
        self.step(|desk, now, out| desk.book(account, window, entropy, unix_now(), now, out))
    }

    /// See [`crate::desk::Desk::open_booked`].
    pub(crate) fn open_booked(&self, conn: ConnId, account: i64, routing: Routing) -> Result<(), NotOpened> {
        self.step(|desk, now, out| desk.open_booked(conn, account, routing, unix_now(), now, out))
    }

    /// See [`crate::desk::Desk::cancel_booking`].
    pub(crate) fn cancel_booking(&self, account: i64, routing: Routing) -> bool {
        self.step(|desk, now, out| desk.cancel_booking(account, routing, unix_now(), now, out))
    }

    /// See [`crate::desk::Desk::bookings_of`].
    pub(crate) fn bookings_of(&self, account: i64) -> Vec<Booking> {
        self.step(|desk, now, out| desk.bookings_of(account, unix_now(), now, out))
    }

    /// A customer joins at an open number, or waits for a booked one.
    pub(crate) fn join(&self, conn: ConnId, routing: Routing) -> Result<Joined, NoOneWaits> {
        let allowed = self.allows_bookings();
        self.step(|desk, now, out| match desk.join(conn, routing, now, out) {
            Ok(_) => Ok(Joined::Paired),
            Err(NoOneWaits) if allowed => {
                desk.wait_for(conn, routing, unix_now(), now, out).map(|()| Joined::WaitingRoom)
            }
            Err(NoOneWaits) => Err(NoOneWaits),
        })
    }

    /// The account's numbers for which somebody waits.
    pub(crate) fn awaited_of(&self, account: i64) -> Vec<Routing> {
        self.lock().desk.awaited_of(account)
    }

    /// The advisor hears whether anybody waits.
    pub(super) fn tell_room(inner: &Inner, account: i64, routing: Routing, waits: bool) {
        for guest in inner.guests.values() {
            if guest.signed_in().is_some_and(|who| who.account == account) {
                tell(guest, &FromBroker::CustomerWaits { routing, waits });
            }
        }
    }

    /// Numbers that are booked.
    pub(crate) fn booked_count(&self) -> usize {
        self.lock().desk.booked_count()
    }

    /// Accounts that have bookings, and may be gone as of this generation of
    /// rights.
    pub(crate) fn unsure_booking_accounts(&self, generation: i64) -> Vec<i64> {
        if self.bookings.generation.load(Ordering::SeqCst) >= generation {
            return Vec::new();
        }
        self.lock().desk.booking_accounts()
    }

    /// These accounts are gone as of this generation of rights, and no others
    /// that have bookings.
    pub(crate) fn end_bookings_of(&self, gone: &[i64], generation: i64) {
        self.step(|desk, now, out| {
            for account in gone {
                desk.end_bookings_of(*account, now, out);
            }
        });
        self.bookings.generation.fetch_max(generation, Ordering::SeqCst);
    }

    /// Writes the ends of bookings that wait to be written.
    ///
    /// # Errors
    /// The store failed; they wait on.
    pub(crate) async fn write_booking_ends(&self, store: &dyn Store) -> Result<(), StoreError> {
        let _writing = self.bookings.writing.lock().await;
        loop {
            let ends = self.bookings.ends().clone();
            if ends.is_empty() {
                return Ok(());
            }
            store.bookings_over(&ends).await?;
            self.bookings.ends().drain(..ends.len());
        }
    }

    /// Does so for ever.
    pub(crate) async fn keep_writing_booking_ends(&self, store: &dyn Store) {
        loop {
            match self.write_booking_ends(store).await {
                Ok(()) => self.bookings.more.notified().await,
                Err(error) => {
                    self.metrics.count(Count::StoreFailed);
                    tracing::error!(%error, "the end of a booking can't be written; it is tried again");
                    let _ = timeout(TRY_AGAIN, self.bookings.more.notified()).await;
                }
            }
        }
    }
}
