//! Who may still say how a session was, pure: a ticket for each session, good
//! for one answer to each question, until some minutes after its end. What was
//! answered is not here; see [`crate::store::Store::rated`].

mod sums;

use crate::tickets::SessionId;
use jiff::{Zoned, civil::Date};
use mitblick_protocol::{
    rating::{Rating, RatingTicket, WINDOW},
    time::Moment,
};
use std::collections::{HashMap, VecDeque};

pub(crate) use sums::{Count, FEWEST, Sums, Told, is_few, rounded};

/// Answers are kept for so many days; the statistics go back less far.
pub const KEPT_DAYS: u32 = 92;

/// How often an answer was given on a day about sessions of an advisor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The day, where the broker is.
    pub day: Date,
    /// Name of the advisor's account.
    pub advisor: String,
    /// The answer.
    pub rating: Rating,
    /// How often.
    pub count: u64,
}

/// The day that an answer of now counts for.
pub(crate) fn today() -> Date {
    Zoned::now().date()
}

/// The tickets that are good.
#[derive(Debug, Default)]
pub(crate) struct Ratings {
    open: HashMap<RatingTicket, Open>,
    tickets: HashMap<SessionId, RatingTicket>,
    /// In the order in which they are forgotten.
    forgetting: VecDeque<(Moment, RatingTicket)>,
}

#[derive(Debug)]
struct Open {
    session: SessionId,
    /// Name of the advisor's account.
    advisor: String,
    /// Until when; `None` while the session goes on.
    until: Option<Moment>,
    answered: Answered,
}

/// Which questions have their answer.
#[derive(Clone, Copy, Debug, Default)]
struct Answered {
    solved: bool,
    grade: bool,
}

impl Answered {
    fn of(&mut self, rating: Rating) -> &mut bool {
        match rating {
            Rating::Solved(_) => &mut self.solved,
            Rating::Grade(_) => &mut self.grade,
        }
    }
}

impl Ratings {
    /// The ticket of a session that begins or goes on; `drawn` if it has none.
    pub(crate) fn ticket(
        &mut self,
        session: SessionId,
        advisor: &str,
        drawn: RatingTicket,
        now: Moment,
    ) -> RatingTicket {
        self.forget(now);
        let ticket = *self.tickets.entry(session).or_insert(drawn);
        let fresh = || Open { session, advisor: advisor.to_owned(), until: None, answered: Answered::default() };
        self.open.entry(ticket).or_insert_with(fresh).until = None;
        ticket
    }

    /// The session's pair is no more. Should it come back, its ticket lives on.
    pub(crate) fn ended(&mut self, session: SessionId, now: Moment) {
        self.forget(now);
        let Some(ticket) = self.tickets.get(&session) else { return };
        let Some(open) = self.open.get_mut(ticket) else { return };
        let until = now.after(WINDOW);
        open.until = Some(until);
        self.forgetting.push_back((until, *ticket));
    }

    /// Uses the ticket up for this question. Gives the advisor whose session it
    /// was; `None` for whatever reason it is not good.
    pub(crate) fn take(&mut self, ticket: RatingTicket, rating: Rating, now: Moment) -> Option<String> {
        self.forget(now);
        let open = self.open.get_mut(&ticket)?;
        let answered = open.answered.of(rating);
        if std::mem::replace(answered, true) {
            return None;
        }
        Some(open.advisor.clone())
    }

    /// The answer could not be kept: it can be given again.
    pub(crate) fn give_back(&mut self, ticket: RatingTicket, rating: Rating) {
        if let Some(open) = self.open.get_mut(&ticket) {
            *open.answered.of(rating) = false;
        }
    }

    fn forget(&mut self, now: Moment) {
        while let Some((_, ticket)) = self.forgetting.pop_front_if(|(until, _)| *until <= now) {
            // A session that came back meanwhile ends later.
            let is_due = self.open.get(&ticket).is_some_and(|open| open.until.is_some_and(|until| until <= now));
            if is_due && let Some(open) = self.open.remove(&ticket) {
                self.tickets.remove(&open.session);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mitblick_protocol::rating::{Grade, Solved};

    const SOLVED: Rating = Rating::Solved(Solved::Yes);
    const GRADE: Rating = Rating::Grade(Grade::ALL[4]);
    const MINUTE_MS: u64 = 60_000;

    fn session(byte: u8) -> SessionId {
        SessionId([byte; 16])
    }

    fn drawn(byte: u8) -> RatingTicket {
        RatingTicket([byte; 16])
    }

    fn at(minutes: u64) -> Moment {
        Moment::from_ms(minutes * MINUTE_MS)
    }

    #[test]
    fn each_question_is_answered_once_and_only_with_the_sessions_ticket() {
        let mut ratings = Ratings::default();
        let ticket = ratings.ticket(session(1), "anna", drawn(1), at(0));
        ratings.ticket(session(2), "berta", drawn(2), at(0));
        ratings.ended(session(1), at(5));
        assert_eq!(ratings.take(drawn(9), SOLVED, at(6)), None, "nobody's ticket");
        assert_eq!(ratings.take(ticket, SOLVED, at(6)).as_deref(), Some("anna"));
        assert_eq!(ratings.take(ticket, Rating::Solved(Solved::No), at(6)), None, "another word is no second answer");
        assert_eq!(ratings.take(ticket, GRADE, at(6)).as_deref(), Some("anna"));
        assert_eq!(ratings.take(ticket, GRADE, at(6)), None);
        assert_eq!(ratings.take(drawn(2), GRADE, at(6)).as_deref(), Some("berta"));
    }

    #[test]
    fn ten_minutes_after_the_end_nothing_is_taken_or_known_any_more() {
        let mut ratings = Ratings::default();
        let ticket = ratings.ticket(session(1), "anna", drawn(1), at(0));
        ratings.ended(session(1), at(100));
        assert_eq!(ratings.take(ticket, SOLVED, Moment::from_ms(110 * MINUTE_MS - 1)).as_deref(), Some("anna"));
        assert_eq!(ratings.take(ticket, GRADE, at(110)), None);
        assert!(ratings.open.is_empty() && ratings.tickets.is_empty() && ratings.forgetting.is_empty());
    }

    #[test]
    fn a_session_that_comes_back_keeps_its_ticket_and_what_was_answered() {
        let mut ratings = Ratings::default();
        let ticket = ratings.ticket(session(1), "anna", drawn(1), at(0));
        ratings.ended(session(1), at(1));
        assert!(ratings.take(ticket, SOLVED, at(2)).is_some());
        assert_eq!(ratings.ticket(session(1), "anna", drawn(7), at(2)), ticket);
        assert_eq!(ratings.take(ticket, SOLVED, at(30)), None, "not once more");
        ratings.ended(session(1), at(30));
        assert!(ratings.take(ticket, GRADE, at(39)).is_some(), "the time counts from the last end");
        ratings.forget(at(40));
        assert!(ratings.open.is_empty());
    }

    #[test]
    fn what_could_not_be_kept_can_be_said_again() {
        let mut ratings = Ratings::default();
        let ticket = ratings.ticket(session(1), "anna", drawn(1), at(0));
        assert!(ratings.take(ticket, GRADE, at(1)).is_some());
        ratings.give_back(ticket, GRADE);
        assert!(ratings.take(ticket, GRADE, at(1)).is_some());
    }
}
