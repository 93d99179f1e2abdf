//! The guards of a connection: what it holds is freed when they are dropped,
//! however its task came to its end.

use super::{Guest, Hall, tell};
use crate::{
    desk::{ConnId, Leaving},
    limits::{Source, TurnedAway},
    metrics::Count,
};
use mitblick_protocol::{broker_msg::FromBroker, text::DisplayText};
use std::sync::{Arc, PoisonError};

/// A connection's place in the hall. Dropping it frees number, pair and
/// entry, however the connection's task came to its end.
pub(crate) struct Presence {
    pub(super) hall: Arc<Hall>,
    pub(crate) conn: ConnId,
    pub(crate) guest: Arc<Guest>,
    /// What the paired side is told about the end.
    pub(crate) leaving: Leaving,
}

impl Presence {
    /// The connection is an advisor's from now on.
    pub(crate) fn sit(&self, advisor: DisplayText) {
        *self.guest.advisor.lock().unwrap_or_else(PoisonError::into_inner) = Some(advisor);
        self.hall.step(|desk, _, _| desk.sit(self.conn));
    }

    pub(crate) fn tell(&self, message: &FromBroker) {
        tell(&self.guest, message);
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.guest.outbox.cut();
        self.hall.step(|desk, now, out| desk.leave(self.conn, self.leaving, now, out));
        self.hall.lock().guests.remove(&self.conn);
    }
}

/// A source's place among the open connections.
pub(crate) struct Admission {
    hall: Arc<Hall>,
    source: Source,
}

impl Admission {
    pub(crate) fn new(hall: &Arc<Hall>, source: Source) -> Option<Self> {
        let admitted = hall.limits().connect(source, hall.now());
        match admitted {
            Ok(()) => {
                hall.metrics.count(Count::Connections);
                Some(Self { hall: Arc::clone(hall), source })
            }
            Err(why) => {
                hall.metrics.count(match why {
                    TurnedAway::TooManyOpen => Count::TurnedAwayOpen,
                    TurnedAway::TooFast => Count::TurnedAwayFast,
                });
                tracing::debug!(?why, "connection turned away");
                None
            }
        }
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        self.hall.limits().disconnect(self.source);
        self.hall.metrics.count(Count::ConnectionsEnded);
    }
}
