//! Numbers that are booked for appointments.
//!
//! A booked number's routing part is out of the pool from the moment it is
//! drawn until the booking is over, and then rests like any other. It is among
//! the open numbers only while its advisor's connection has opened it within
//! its window. Until then who comes within the window may wait (see
//! [`super::waiting_room`]); outside of it a join finds nothing, as with a
//! number that never was.
//!
//! ```text
//! drawn → written → (open ⇄ put down)* → over
//! ```
//! Windows are in wall-clock time, which is an argument like `now`: seconds
//! since 1970. How long an open number lasts is fixed when it is opened.

use super::{ConnId, Desk, Effect, Number, Phase, Seat};
use mitblick_protocol::{
    appointment::{Booking, MAX_BOOKINGS, NotBooked, Window, WindowState},
    broker_msg::{NumberEnd, PairEnd, Refusal},
    number::Routing,
    time::Moment,
};
use std::{collections::HashMap, time::Duration};

/// Numbers that can be booked at once, of all accounts together: of the 10 000
/// that there are, more than half must stay free for those who call now.
pub const MAX_BOOKED: usize = 4_000;

/// Why a booked number was not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotOpened {
    /// Nothing can be opened on this connection now.
    Refused(Refusal),
    /// The account has no such booking: unknown, another's and over are one.
    NoBooking,
    /// Its window has not begun.
    NotYet {
        /// Until it does, in whole seconds of the wall clock.
        wait: Duration,
    },
}

#[derive(Clone, Copy, Debug)]
struct Booked {
    /// Id of the account.
    account: i64,
    window: Window,
    /// Attempts without a proof, in all the times that it was open since the
    /// broker's start.
    unproven: u32,
    /// Whether it was written down; before that nobody has heard of it.
    written: bool,
}

/// The bookings.
#[derive(Debug, Default)]
pub(super) struct Bookings {
    all: HashMap<Routing, Booked>,
}

impl Bookings {
    pub(super) fn has(&self, routing: Routing) -> bool {
        self.all.contains_key(&routing)
    }

    /// An account's, as others may know it.
    /// The account whose number somebody may wait for now.
    pub(super) fn awaited(&self, routing: Routing, wall_unix_s: u64) -> Option<i64> {
        let open = |booked: &&Booked| matches!(booked.window.at(wall_unix_s), WindowState::Open { .. });
        self.all.get(&routing).filter(|booked| booked.written).filter(open).map(|booked| booked.account)
    }

    fn of(&self, account: i64, routing: Routing) -> Option<Booked> {
        self.all.get(&routing).copied().filter(|booked| booked.written && booked.account == account)
    }

    fn which(&self, wanted: impl Fn(Routing, &Booked) -> bool) -> Vec<Routing> {
        self.all.iter().filter(|(routing, booked)| wanted(**routing, booked)).map(|(routing, _)| *routing).collect()
    }
}

impl Desk {
    /// A number that was booked before the broker started. Call after
    /// [`Desk::rest_until`] and before anything else.
    pub fn restore_booking(&mut self, account: i64, booking: Booking) {
        self.pool.take(booking.routing);
        let booked = Booked { account, window: booking.window, unproven: 0, written: true };
        self.bookings.all.insert(booking.routing, booked);
    }

    /// Draws a number for this window, evenly among the free ones. It can't be
    /// opened before [`Desk::booked`]: in between the caller writes it down.
    ///
    /// # Errors
    /// The window is no good at `wall_unix_s`, the account or all together have
    /// as many as they may, none is free, or the broker is stopping.
    pub fn book(
        &mut self,
        account: i64,
        window: Window,
        entropy: u64,
        wall_unix_s: u64,
        now: Moment,
        out: &mut Vec<Effect>,
    ) -> Result<Routing, NotBooked> {
        if self.stopping {
            return Err(NotBooked::OutOfOrder);
        }
        if !window.can_be_booked_at(wall_unix_s) {
            return Err(NotBooked::OutOfTime);
        }
        self.sweep_bookings(wall_unix_s, now, out);
        if self.bookings.which(|_, booked| booked.account == account).len() >= MAX_BOOKINGS {
            return Err(NotBooked::TooMany);
        }
        if self.bookings.all.len() >= MAX_BOOKED {
            return Err(NotBooked::NoNumberFree);
        }
        let routing =
            self.pool.draw(now, entropy, self.rules.rest, self.rules.least_rest).ok_or(NotBooked::NoNumberFree)?;
        self.bookings.all.insert(routing, Booked { account, window, unproven: 0, written: false });
        Ok(routing)
    }

    /// The booking is written down; `false` if it is over already, since its
    /// account is gone.
    pub fn booked(&mut self, routing: Routing) -> bool {
        let Some(booked) = self.bookings.all.get_mut(&routing) else { return false };
        booked.written = true;
        true
    }

    /// The booking could not be written down, as far as the caller knows: if it
    /// was after all, it is removed like every one that is over.
    pub fn unbook(&mut self, routing: Routing, now: Moment, out: &mut Vec<Effect>) {
        self.end_booking(routing, now, out);
    }

    /// Opens an account's booked number on its connection, until its window
    /// closes.
    ///
    /// # Errors
    /// See [`NotOpened`].
    pub fn open_booked(
        &mut self,
        conn: ConnId,
        account: i64,
        routing: Routing,
        wall_unix_s: u64,
        now: Moment,
        out: &mut Vec<Effect>,
    ) -> Result<(), NotOpened> {
        self.tick(now, out);
        self.sweep_bookings(wall_unix_s, now, out);
        self.may_open(conn).map_err(NotOpened::Refused)?;
        let booked = self.bookings.of(account, routing).ok_or(NotOpened::NoBooking)?;
        let left = match booked.window.at(wall_unix_s) {
            WindowState::Ahead { wait } => return Err(NotOpened::NotYet { wait }),
            WindowState::Open { left } => left,
            WindowState::Over => return Err(NotOpened::NoBooking),
        };
        if self.numbers.contains_key(&routing) {
            // On another connection of the account.
            return Err(NotOpened::Refused(Refusal::WrongState));
        }
        let expires = now.after(left);
        let number = Number { advisor: conn, expires, unproven: booked.unproven, phase: Phase::Reserved };
        self.numbers.insert(routing, number);
        self.enter(routing, Phase::Waiting);
        self.seats.insert(conn, Seat::Open(routing));
        out.push(Effect::NumberOpened { to: conn, routing, life: left });
        self.let_next_in(routing, now, out);
        Ok(())
    }

    /// An account's bookings that are not over, in the order in which they open.
    pub fn bookings_of(&mut self, account: i64, wall_unix_s: u64, now: Moment, out: &mut Vec<Effect>) -> Vec<Booking> {
        self.sweep_bookings(wall_unix_s, now, out);
        let own = self.bookings.all.iter().filter(|(_, booked)| booked.written && booked.account == account);
        let mut own: Vec<Booking> =
            own.map(|(routing, booked)| Booking { routing: *routing, window: booked.window }).collect();
        own.sort_by_key(|booking| (booking.window, booking.routing.value()));
        own
    }

    /// The account takes a booking back; if its number is open it closes, and
    /// an attempt that goes on ends. `false` if it has none such.
    pub fn cancel_booking(
        &mut self,
        account: i64,
        routing: Routing,
        wall_unix_s: u64,
        now: Moment,
        out: &mut Vec<Effect>,
    ) -> bool {
        self.tick(now, out);
        self.sweep_bookings(wall_unix_s, now, out);
        if self.bookings.of(account, routing).is_none() {
            return false;
        }
        self.withdraw_booking(routing, now, out);
        true
    }

    /// Accounts that have bookings, written or not.
    pub fn booking_accounts(&self) -> Vec<i64> {
        let mut accounts: Vec<i64> = self.bookings.all.values().map(|booked| booked.account).collect();
        accounts.sort_unstable();
        accounts.dedup();
        accounts
    }

    /// The account is gone, and its bookings with it.
    pub fn end_bookings_of(&mut self, account: i64, now: Moment, out: &mut Vec<Effect>) {
        for routing in self.bookings.which(|_, booked| booked.account == account) {
            self.withdraw_booking(routing, now, out);
        }
    }

    /// Ends the bookings whose window is over. An open number ends by its own
    /// deadline, and not in the middle of an attempt.
    pub fn sweep_bookings(&mut self, wall_unix_s: u64, now: Moment, out: &mut Vec<Effect>) {
        let is_over = |booked: &Booked| booked.window.at(wall_unix_s) == WindowState::Over;
        for routing in self.bookings.which(|routing, booked| is_over(booked) && !self.numbers.contains_key(&routing)) {
            self.end_booking(routing, now, out);
        }
    }

    /// Bookings there are.
    pub fn booked_count(&self) -> usize {
        self.bookings.all.len()
    }

    /// Ends a booking, and its number if that is open.
    fn withdraw_booking(&mut self, routing: Routing, now: Moment, out: &mut Vec<Effect>) {
        let Some(advisor) = self.numbers.get(&routing).map(|number| number.advisor) else {
            return self.end_booking(routing, now, out);
        };
        if let Some(Seat::Trying(_, pair)) = self.seat(advisor) {
            self.part(pair, None, Some(PairEnd::PeerLeft), now, out);
        }
        self.retire(routing, now, out);
        self.seats.insert(advisor, Seat::Lobby);
        out.push(Effect::NumberClosed { to: advisor, why: NumberEnd::Closed });
    }

    /// A number that is not open (any more) is booked no longer: it rests.
    pub(super) fn end_booking(&mut self, routing: Routing, now: Moment, out: &mut Vec<Effect>) {
        if self.bookings.all.remove(&routing).is_some() {
            self.pool.rest(routing, now.after(self.rules.rest));
            out.push(Effect::BookingOver { routing });
            self.empty_room(routing, out);
        }
    }

    /// An open number goes with its connection, or is taken back. A booked one
    /// stays booked, with its count of attempts, and can be opened again.
    pub(super) fn put_down(&mut self, routing: Routing, now: Moment, out: &mut Vec<Effect>) {
        let unproven = self.numbers.get(&routing).map_or(0, |number| number.unproven);
        match self.bookings.all.get_mut(&routing) {
            Some(booked) => {
                booked.unproven = unproven;
                self.forget_open(routing);
            }
            None => self.retire(routing, now, out),
        }
    }
}
