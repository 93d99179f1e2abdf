//! The broker's numbers that are booked for appointments.

use super::{UNIX_S, World};
use mitblick_client_core::link::LinkEvent;
use mitblick_protocol::{
    appointment::{Booking, WindowState},
    broker_msg::{FromBroker, NumberEnd, ToBroker},
    card::Card,
    number::Routing,
    text::DisplayText,
};

impl World {
    /// The life of the open number is over.
    pub(crate) fn expire_number(&mut self) {
        self.open = None;
        self.tell_advisor(FromBroker::NumberClosed(NumberEnd::Expired));
    }

    /// A customer has come by the open number.
    pub(super) fn use_number_up(&mut self) {
        let used = self.open.take();
        self.bookings.retain(|booking| Some(booking.routing) != used);
    }

    /// What the broker answers.
    pub(super) fn about_bookings(&mut self, message: ToBroker) {
        match message {
            ToBroker::ListBookings => {
                if let Some(routing) = self.awaited {
                    self.answer(FromBroker::CustomerWaits { routing, waits: true });
                }
                self.answer(FromBroker::Bookings(self.bookings.clone()));
            }
            ToBroker::Book { window } => {
                let routing = Routing::new(4_000 + u16::try_from(self.bookings.len()).unwrap()).unwrap();
                self.bookings.push(Booking { routing, window });
                self.answer(FromBroker::Booked(Booking { routing, window }));
            }
            ToBroker::CancelBooking(routing) => {
                self.bookings.retain(|booking| booking.routing != routing);
                if self.open.take_if(|open| *open == routing).is_some() {
                    self.answer(FromBroker::NumberClosed(NumberEnd::Closed));
                }
                if self.awaited == Some(routing) {
                    self.leave_waiting_room();
                    self.to_customer.push(LinkEvent::Broker(FromBroker::JoinFailed));
                }
                self.answer(FromBroker::NoBooking(routing));
            }
            ToBroker::OpenBooked(routing) => {
                let answer = self.open_booked(routing);
                self.answer(answer);
                if self.open.is_some() && self.awaited == Some(routing) {
                    self.leave_waiting_room();
                    self.paired = true;
                    self.answer(FromBroker::Joined);
                    self.to_customer.push(LinkEvent::Broker(FromBroker::Paired));
                }
            }
            other => panic!("not about bookings: {other:?}"),
        }
    }

    fn answer(&mut self, message: FromBroker) {
        self.to_advisor.push(LinkEvent::Broker(message));
    }

    /// The customer comes by a number that is not open.
    pub(super) fn wait_for_booked(&mut self, routing: Routing) -> FromBroker {
        let unix_s = UNIX_S + self.now.as_ms() / 1_000;
        let awaited = self
            .bookings
            .iter()
            .any(|booking| booking.routing == routing && matches!(booking.window.at(unix_s), WindowState::Open { .. }));
        if !awaited {
            return FromBroker::JoinFailed;
        }
        self.awaited = Some(routing);
        self.answer(FromBroker::CustomerWaits { routing, waits: true });
        FromBroker::JoinWaits
    }

    pub(super) fn leave_waiting_room(&mut self) {
        if let Some(routing) = self.awaited.take() {
            self.answer(FromBroker::CustomerWaits { routing, waits: false });
        }
    }

    fn open_booked(&mut self, routing: Routing) -> FromBroker {
        assert_eq!(self.open, None, "one number at a time");
        self.opens_asked += 1;
        let Some(booking) = self.bookings.iter().find(|booking| booking.routing == routing) else {
            return FromBroker::NoBooking(routing);
        };
        let unix_s = (UNIX_S + self.now.as_ms() / 1_000).saturating_sub(self.broker_behind_s);
        match booking.window.at(unix_s) {
            WindowState::Ahead { wait } => {
                FromBroker::NotYet { routing, wait_s: u32::try_from(wait.as_secs()).unwrap() }
            }
            WindowState::Over => FromBroker::NoBooking(routing),
            WindowState::Open { left } => {
                self.open = Some(routing);
                let (organisation, advisor) =
                    (DisplayText::cleaned("Muster Bank"), DisplayText::cleaned("Anna Muster"));
                let card =
                    Card::sign(&self.card_key, organisation, advisor, self.portrait, routing, UNIX_S + 1_000_000);
                FromBroker::NumberOpened { routing, life_s: u32::try_from(left.as_secs()).unwrap(), card }
            }
        }
    }
}
