//! A customer's answer about a session that is over.

use super::{Lobby, Next, whole_seconds};
use crate::{hall::Presence, metrics::Count, ratings};
use mitblick_protocol::{
    broker_msg::FromBroker,
    rating::{Rating, RatingTicket},
};

impl Lobby {
    /// Counted under the advisor and the day, if the ticket is good. A good one
    /// costs nobody a try at a number; whoever guesses is held up like one who
    /// guesses numbers.
    pub(super) async fn rate(&self, presence: &Presence, ticket: RatingTicket, rating: Rating) -> Next {
        let hall = &self.services.hall;
        let Some(advisor) = hall.rate(ticket, rating) else {
            presence.tell(&self.guessed());
            return Next::End;
        };
        match self.services.store.rated(ratings::today(), &advisor, rating).await {
            Ok(()) => {
                presence.tell(&FromBroker::RatingTaken);
                Next::Further
            }
            Err(error) => {
                hall.rating_not_kept(ticket, rating);
                self.out_of_order(presence, &error);
                Next::End
            }
        }
    }

    /// What a ticket that is not good is answered with.
    fn guessed(&self) -> FromBroker {
        let hall = &self.services.hall;
        let (mut limits, now) = (hall.limits(), hall.now());
        match limits.join(self.source, now) {
            Ok(()) => {
                limits.join_failed(self.source, now);
                FromBroker::RatingRefused
            }
            Err(limited) => {
                hall.metrics.count(Count::JoinLimited);
                FromBroker::JoinLimited { retry_after_s: whole_seconds(limited.retry_after) }
            }
        }
    }
}
