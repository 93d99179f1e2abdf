//! The words of the desk: who is there, what may happen, what must be done.

use crate::tickets::SessionId;
use mitblick_protocol::{
    broker_msg::{NumberEnd, PairEnd},
    number::Routing,
};
use std::time::Duration;

/// A connection; never used twice in the life of a broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnId(pub u64);

/// A pair; never used twice in the life of a broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PairId(pub u64);

/// Times and counts of the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How long a number waits for a customer.
    pub number_life: Duration,
    /// How long an attempt may go without an outcome.
    pub attempt_life: Duration,
    /// How long the desk waits for the outcome of an attempt that is over.
    pub outcome_grace: Duration,
    /// Unproven attempts after which a number is closed.
    pub max_unproven: u32,
    /// How long a routing number rests after its use.
    pub rest: Duration,
    /// The rest that a number gets at least when every other one is in use
    /// or resting too.
    pub least_rest: Duration,
    /// For how long one side of a cut session waits for the other.
    pub rejoin_window: Duration,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            number_life: Duration::from_secs(15 * 60),
            attempt_life: Duration::from_secs(30),
            outcome_grace: Duration::from_secs(5),
            max_unproven: 10,
            rest: Duration::from_secs(24 * 60 * 60),
            least_rest: Duration::from_secs(60 * 60),
            rejoin_window: Duration::from_secs(2 * 60),
        }
    }
}

/// How a connection went away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaving {
    /// It said goodbye.
    Left,
    /// It broke, or broke the rules.
    Lost,
    /// It took no bytes, or was silent, for too long.
    Stalled,
}

/// What must be done after a step, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Tell the advisor that the number is open.
    NumberOpened {
        /// The advisor.
        to: ConnId,
        /// The number.
        routing: Routing,
        /// How long it waits for a customer.
        life: Duration,
    },
    /// A booking is over: remove what was written of it, and write that its
    /// number rests from now on.
    BookingOver {
        /// The number.
        routing: Routing,
    },
    /// Tell the advisor that its number is open no longer.
    NumberClosed {
        /// The advisor.
        to: ConnId,
        /// Why.
        why: NumberEnd,
    },
    /// Tell a customer that the number they came for is not open yet.
    Waits {
        /// The customer.
        to: ConnId,
    },
    /// Tell the advisor whether anybody waits for a booked number.
    RoomChanged {
        /// Id of the advisor's account.
        account: i64,
        /// The number.
        routing: Routing,
        /// Whether anybody does.
        waits: bool,
    },
    /// Tell a customer who waited that nobody comes; the connection has served.
    TurnedAway {
        /// The customer.
        to: ConnId,
    },
    /// Join the two relays, then tell both.
    Paired {
        /// The new pair.
        pair: PairId,
        /// Its advisor.
        advisor: ConnId,
        /// Its customer.
        customer: ConnId,
    },
    /// Join the two relays of a session that goes on, then tell both.
    Rejoined {
        /// The new pair.
        pair: PairId,
        /// Its advisor.
        advisor: ConnId,
        /// Its customer.
        customer: ConnId,
    },
    /// Tell one who waits for the other side of its session that it does not
    /// come; a customer's connection has served.
    RejoinFailed {
        /// Who waited.
        to: ConnId,
        /// Whether it is a customer's.
        is_customer: bool,
    },
    /// Part the two relays, tell who is to be told; the customer's connection
    /// has served.
    Ended {
        /// The pair that was.
        pair: PairId,
        /// Its advisor, and what to tell it.
        advisor: (ConnId, Option<PairEnd>),
        /// Its customer, and what to tell it.
        customer: (ConnId, Option<PairEnd>),
    },
}

/// No one waits at this number: unknown, used, expired and burned are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoOneWaits;

/// Where a connection is, as the desk sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seat {
    /// Signed in, no number, no pair.
    Lobby,
    /// A number is drawn and not open yet.
    Reserved(Routing),
    /// A number is open and nobody is joined.
    Open(Routing),
    /// A customer is joined, the outcome is open.
    Trying(Routing, PairId),
    /// The advisor's side of a confirmed pair.
    Paired(PairId),
    /// The customer's side of a pair, confirmed or not.
    Customer(PairId),
    /// A customer who waits for a booked number to be opened.
    WaitingRoom(Routing),
    /// Waits for the other side of a session that was cut.
    Waiting(SessionId),
}
