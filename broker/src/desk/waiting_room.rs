//! Customers who come for an appointment while its number is not open: they
//! wait for it, and are let in one after the other, the first one first, when
//! their advisor opens it. Whoever knows the routing part of a booked number
//! can sit here. That proves nothing and gives nothing but the next attempt,
//! which then goes like every other.

use super::{ConnId, Desk, Effect, NoOneWaits, Phase, Seat};
use mitblick_protocol::{number::Routing, time::Moment};
use std::collections::{HashMap, VecDeque};

/// So many can wait for one number: the customer, once more after a line that
/// has not been noticed to be cut, and who has the number wrong.
pub const MAX_IN_WAITING_ROOM: usize = 4;

/// Somebody is in each.
#[derive(Debug, Default)]
pub(super) struct WaitingRooms(HashMap<Routing, Room>);

#[derive(Debug)]
struct Room {
    account: i64,
    customers: VecDeque<ConnId>,
}

impl Desk {
    /// A customer who could not join waits, if the number is booked for now.
    ///
    /// # Errors
    /// It is not, or as many wait as can.
    pub fn wait_for(
        &mut self,
        conn: ConnId,
        routing: Routing,
        wall_unix_s: u64,
        now: Moment,
        out: &mut Vec<Effect>,
    ) -> Result<(), NoOneWaits> {
        self.tick(now, out);
        self.sweep_bookings(wall_unix_s, now, out);
        if self.stopping || self.seats.contains_key(&conn) {
            return Err(NoOneWaits);
        }
        let account = self.bookings.awaited(routing, wall_unix_s).ok_or(NoOneWaits)?;
        let room = self.rooms.0.entry(routing).or_insert_with(|| Room { account, customers: VecDeque::new() });
        if room.customers.len() >= MAX_IN_WAITING_ROOM {
            return Err(NoOneWaits);
        }
        room.customers.push_back(conn);
        let first = room.customers.len() == 1;
        self.seats.insert(conn, Seat::WaitingRoom(routing));
        out.push(Effect::Waits { to: conn });
        if first {
            out.push(Effect::RoomChanged { account, routing, waits: true });
        }
        self.let_next_in(routing, now, out);
        Ok(())
    }

    /// The account's numbers for which somebody waits.
    pub fn awaited_of(&self, account: i64) -> Vec<Routing> {
        let own = self.rooms.0.iter().filter(|(_, room)| room.account == account);
        let mut own: Vec<Routing> = own.map(|(routing, _)| *routing).collect();
        own.sort_unstable_by_key(|routing| routing.value());
        own
    }

    /// The number waits for a customer, and perhaps one for it.
    pub(super) fn let_next_in(&mut self, routing: Routing, now: Moment, out: &mut Vec<Effect>) {
        let Some(advisor) = self.numbers.get(&routing).filter(|number| number.phase == Phase::Waiting) else { return };
        let advisor = advisor.advisor;
        let Some(conn) = self.rooms.0.get(&routing).and_then(|room| room.customers.front().copied()) else { return };
        self.leave_room(conn, routing, out);
        self.pair_up(advisor, conn, routing, now, out);
    }

    /// One who waited does so no longer; the seat is the caller's affair.
    pub(super) fn leave_room(&mut self, conn: ConnId, routing: Routing, out: &mut Vec<Effect>) {
        let Some(room) = self.rooms.0.get_mut(&routing) else { return };
        room.customers.retain(|other| *other != conn);
        if room.customers.is_empty() {
            out.push(Effect::RoomChanged { account: room.account, routing, waits: false });
            self.rooms.0.remove(&routing);
        }
    }

    /// One who waited is to go.
    pub(super) fn turn_away(&mut self, conn: ConnId, routing: Routing, out: &mut Vec<Effect>) {
        self.leave_room(conn, routing, out);
        self.seats.remove(&conn);
        out.push(Effect::TurnedAway { to: conn });
    }

    /// The booking is over: nobody comes.
    pub(super) fn empty_room(&mut self, routing: Routing, out: &mut Vec<Effect>) {
        let waiting = self.rooms.0.get(&routing).map(|room| room.customers.clone()).unwrap_or_default();
        for conn in waiting {
            self.turn_away(conn, routing, out);
        }
    }

    /// Everybody who waits, for tests.
    #[cfg(test)]
    pub(super) fn waiting_customers(&self) -> usize {
        self.rooms.0.values().map(|room| room.customers.len()).sum()
    }
}
