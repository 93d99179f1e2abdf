//! The broker's numbers that are booked for appointments.

use super::{UNIX_S, World};
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
    pub(super) fn about_bookings(&mut self, message: ToBroker) -> FromBroker {
        match message {
            ToBroker::ListBookings => FromBroker::Bookings(self.bookings.clone()),
            ToBroker::Book { window } => {
                let routing = Routing::new(4_000 + u16::try_from(self.bookings.len()).unwrap()).unwrap();
                self.bookings.push(Booking { routing, window });
                FromBroker::Booked(Booking { routing, window })
            }
            ToBroker::CancelBooking(routing) => {
                self.bookings.retain(|booking| booking.routing != routing);
                if self.open.take_if(|open| *open == routing).is_some() {
                    self.tell_advisor(FromBroker::NumberClosed(NumberEnd::Closed));
                }
                FromBroker::NoBooking(routing)
            }
            ToBroker::OpenBooked(routing) => self.open_booked(routing),
            other => panic!("not about bookings: {other:?}"),
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
