//! How the customer says how it was, after a session: two questions, each
//! answered by one click over a connection made for that, pure. Nothing goes
//! out that is not clicked.

use crate::{controller::Effect, problem::Problem};
use mitblick_protocol::{
    broker_msg::ToBroker,
    rating::{Grade, Rating, RatingTicket, Solved},
    time::Moment,
};
use std::time::Duration;

/// How long the broker may take, from connecting to its answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// What became of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer<T> {
    /// There is no answer yet.
    Open,
    /// This one is on its way.
    Sending(T),
    /// This one has arrived.
    Sent(T),
}

impl<T: Copy + PartialEq> Answer<T> {
    /// Whether this is the answer, arrived or not.
    pub fn is(self, answer: T) -> bool {
        matches!(self, Self::Sending(given) | Self::Sent(given) if given == answer)
    }

    /// Whether nothing can be said to it any more.
    pub fn is_given(self) -> bool {
        !matches!(self, Self::Open)
    }

    fn sending(self) -> Option<T> {
        match self {
            Self::Sending(answer) => Some(answer),
            Self::Open | Self::Sent(_) => None,
        }
    }
}

/// The two questions on the end screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RatingView {
    /// "Was your problem solved?"
    pub solved: Answer<Solved>,
    /// "How was it?"
    pub grade: Answer<Grade>,
    /// Why an answer has not arrived, if one has not.
    pub problem: Option<Problem>,
    /// Whether answers are still taken.
    pub is_open: bool,
}

/// The line of the answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    None,
    /// Until the broker has welcomed this side or answered.
    Awaited {
        asked: Option<Rating>,
        until: Moment,
    },
}

/// The questions after one session.
#[derive(Debug)]
pub(super) struct Questions {
    ticket: RatingTicket,
    /// The broker takes answers until then.
    until: Moment,
    solved: Answer<Solved>,
    grade: Answer<Grade>,
    line: Line,
    problem: Option<Problem>,
    /// No answer is taken any more.
    over: bool,
    /// The program ends as soon as what was clicked has arrived, or can't.
    quits: bool,
}

/// What the controller does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing.
    Wait,
    /// Connect to the broker.
    Connect,
    /// Say this to it.
    Say(ToBrokerRate),
    /// Close the connection.
    Disconnect,
    /// Close it, and end the program.
    Quit,
}

/// An answer on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ToBrokerRate {
    ticket: RatingTicket,
    rating: Rating,
}

impl Step {
    pub(super) fn effects<W>(self) -> Vec<Effect<W>> {
        match self {
            Self::Wait => Vec::new(),
            Self::Connect => vec![Effect::Connect],
            Self::Say(ToBrokerRate { ticket, rating }) => vec![Effect::ToBroker(ToBroker::Rate { ticket, rating })],
            Self::Disconnect => vec![Effect::Disconnect],
            Self::Quit => vec![Effect::Disconnect, Effect::Quit],
        }
    }
}

impl Questions {
    pub(super) fn new(ticket: RatingTicket, window: Duration, now: Moment) -> Self {
        Self {
            ticket,
            until: now.after(window),
            solved: Answer::Open,
            grade: Answer::Open,
            line: Line::None,
            problem: None,
            over: false,
            quits: false,
        }
    }

    pub(super) fn view(&self) -> RatingView {
        RatingView { solved: self.solved, grade: self.grade, problem: self.problem.clone(), is_open: !self.over }
    }

    /// Whether it is too late to say anything more, and there is nothing to tell.
    pub(super) fn is_past(&self) -> bool {
        self.over && !self.solved.is_given() && !self.grade.is_given() && self.problem.is_none()
    }

    /// The person has clicked an answer. `None` if the question has one, or the
    /// time is over.
    pub(super) fn answer(&mut self, rating: Rating, now: Moment) -> Option<()> {
        let free = match rating {
            Rating::Solved(_) => !self.solved.is_given(),
            Rating::Grade(_) => !self.grade.is_given(),
        };
        if !free || self.over || self.until <= now {
            return None;
        }
        match rating {
            Rating::Solved(solved) => self.solved = Answer::Sending(solved),
            Rating::Grade(grade) => self.grade = Answer::Sending(grade),
        }
        self.problem = None;
        Some(())
    }

    /// Whether an answer has not arrived yet.
    pub(super) fn is_sending(&self) -> bool {
        self.next().is_some()
    }

    fn next(&self) -> Option<Rating> {
        let solved = self.solved.sending().map(Rating::Solved);
        solved.or_else(|| self.grade.sending().map(Rating::Grade))
    }

    /// Begins to send, if there is something to send and no connection yet.
    pub(super) fn go(&mut self, now: Moment) -> Step {
        if self.line != Line::None || !self.is_sending() {
            return Step::Wait;
        }
        self.line = Line::Awaited { asked: None, until: now.after(PATIENCE) };
        Step::Connect
    }

    /// The broker is there.
    pub(super) fn welcomed(&mut self, now: Moment) -> Step {
        match self.line {
            Line::Awaited { asked: None, .. } => self.say_next(now),
            Line::Awaited { asked: Some(_), .. } | Line::None => Step::Wait,
        }
    }

    fn say_next(&mut self, now: Moment) -> Step {
        let Some(rating) = self.next() else { return self.hang_up() };
        self.line = Line::Awaited { asked: Some(rating), until: now.after(PATIENCE) };
        Step::Say(ToBrokerRate { ticket: self.ticket, rating })
    }

    fn hang_up(&mut self) -> Step {
        self.line = Line::None;
        if self.quits { Step::Quit } else { Step::Disconnect }
    }

    /// It has counted the answer.
    pub(super) fn taken(&mut self, now: Moment) -> Step {
        match self.line {
            Line::Awaited { asked: Some(Rating::Solved(solved)), .. } => self.solved = Answer::Sent(solved),
            Line::Awaited { asked: Some(Rating::Grade(grade)), .. } => self.grade = Answer::Sent(grade),
            Line::Awaited { asked: None, .. } | Line::None => return Step::Wait,
        }
        self.say_next(now)
    }

    /// It takes none any more: what has not arrived never will.
    pub(super) fn refused(&mut self) -> Step {
        if matches!(self.line, Line::Awaited { asked: Some(_), .. }) {
            self.over = true;
            return self.failed(Problem::RatingTooLate);
        }
        Step::Wait
    }

    /// What is on its way does not arrive; it can be clicked again.
    pub(super) fn failed(&mut self, why: Problem) -> Step {
        if self.line == Line::None && !self.is_sending() {
            return Step::Wait;
        }
        if self.solved.sending().is_some() {
            self.solved = Answer::Open;
        }
        if self.grade.sending().is_some() {
            self.grade = Answer::Open;
        }
        self.problem = Some(why);
        self.hang_up()
    }

    /// The program is to end. `true` if something is still on its way, which
    /// then ends it.
    pub(super) fn quit(&mut self) -> bool {
        self.quits = self.is_sending();
        self.quits
    }

    pub(super) fn poll_timeout(&self) -> Option<Moment> {
        match self.line {
            Line::Awaited { until, .. } => Some(until),
            Line::None => (!self.over).then_some(self.until),
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Moment) -> Step {
        self.over |= self.until <= now;
        match self.line {
            Line::Awaited { until, .. } if until <= now => self.failed(Problem::RatingNotSent),
            Line::Awaited { .. } | Line::None => Step::Wait,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICKET: RatingTicket = RatingTicket([7; 16]);
    const SOLVED: Rating = Rating::Solved(Solved::Partly);
    const GRADE: Rating = Rating::Grade(Grade::ALL[4]);

    fn at(seconds: u64) -> Moment {
        Moment::from_ms(seconds * 1_000)
    }

    fn asked() -> Questions {
        Questions::new(TICKET, Duration::from_secs(600), at(0))
    }

    fn say(rating: Rating) -> Step {
        Step::Say(ToBrokerRate { ticket: TICKET, rating })
    }

    #[test]
    fn one_click_is_enough_and_goes_out_alone() {
        let mut questions = asked();
        assert_eq!(questions.go(at(1)), Step::Wait, "nothing goes out that was not clicked");
        assert!(questions.answer(GRADE, at(1)).is_some());
        assert_eq!(questions.go(at(1)), Step::Connect);
        assert_eq!(questions.welcomed(at(2)), say(GRADE));
        assert_eq!(questions.taken(at(2)), Step::Disconnect);
        assert_eq!(questions.view().grade, Answer::Sent(Grade::ALL[4]));
        assert_eq!(questions.view().solved, Answer::Open);
    }

    #[test]
    fn a_second_click_meanwhile_goes_over_the_same_line_and_none_counts_twice() {
        let mut questions = asked();
        questions.answer(SOLVED, at(1)).unwrap();
        assert_eq!(questions.go(at(1)), Step::Connect);
        questions.answer(GRADE, at(1)).unwrap();
        assert_eq!(questions.answer(Rating::Solved(Solved::No), at(1)), None, "an answer stands");
        assert_eq!(questions.go(at(1)), Step::Wait);
        assert_eq!(questions.welcomed(at(2)), say(SOLVED));
        assert_eq!(questions.welcomed(at(2)), Step::Wait);
        assert_eq!(questions.taken(at(2)), say(GRADE));
        assert_eq!(questions.taken(at(2)), Step::Disconnect);
        assert_eq!(questions.taken(at(2)), Step::Wait);
    }

    #[test]
    fn what_did_not_arrive_can_be_clicked_again() {
        let mut questions = asked();
        questions.answer(SOLVED, at(1)).unwrap();
        questions.go(at(1));
        assert_eq!(questions.poll_timeout(), Some(at(16)));
        assert_eq!(questions.handle_timeout(at(16)), Step::Disconnect);
        assert_eq!(questions.view().problem, Some(Problem::RatingNotSent));
        questions.answer(SOLVED, at(17)).unwrap();
        assert_eq!((questions.view().problem, questions.go(at(17))), (None, Step::Connect));
    }

    #[test]
    fn what_the_broker_refuses_is_asked_no_more() {
        let mut questions = asked();
        questions.answer(SOLVED, at(1)).unwrap();
        questions.go(at(1));
        questions.welcomed(at(1));
        assert_eq!(questions.refused(), Step::Disconnect);
        assert_eq!(questions.view().problem, Some(Problem::RatingTooLate));
        assert_eq!((questions.answer(GRADE, at(3)), questions.is_past()), (None, false), "why is still said");
        let mut late = asked();
        assert_eq!(late.poll_timeout(), Some(at(600)));
        assert_eq!((late.answer(SOLVED, at(600)), late.handle_timeout(at(600))), (None, Step::Wait));
        assert_eq!((late.is_past(), late.poll_timeout()), (true, None));
    }

    #[test]
    fn a_program_that_is_closed_sends_first_what_was_clicked() {
        let mut questions = asked();
        assert!(!questions.quit());
        questions.answer(SOLVED, at(1)).unwrap();
        questions.go(at(1));
        assert!(questions.quit());
        questions.welcomed(at(1));
        assert_eq!(questions.taken(at(1)), Step::Quit);
        let mut cut_off = asked();
        cut_off.answer(SOLVED, at(1)).unwrap();
        cut_off.go(at(1));
        assert!(cut_off.quit());
        assert_eq!(cut_off.failed(Problem::LinkLost), Step::Quit, "or can't");
    }
}
