//! What the few lines of a broker answer the advisor, and how both sides of a
//! session find together again.

use super::{BINDING, UNIX_S, World};
use mitblick_client_core::link::LinkEvent;
use mitblick_protocol::{
    broker_msg::{AttemptOutcome, FromBroker, NumberEnd, PairEnd, PasswordRule, ResumeTicket, ToBroker},
    card::Card,
    number::Routing,
    rating::RatingTicket,
    text::DisplayText,
};

impl World {
    pub(super) fn advisor_says(&mut self, message: ToBroker) {
        if self.silent {
            return;
        }
        let answer = match message {
            ToBroker::Workplace(proof) => {
                assert!(proof.holds(BINDING));
                return;
            }
            ToBroker::SignIn { .. } if let Some(at) = self.door.take() => at,
            ToBroker::Code(ref code) if code.0 != "123456" => {
                FromBroker::SignInFailed { retry_after_s: 0, tries_left: 4 }
            }
            ToBroker::Code(_) | ToBroker::Enter { .. } => {
                self.entered.push(message);
                FromBroker::SignedIn { advisor: DisplayText::cleaned("Anna Muster") }
            }
            ToBroker::SignIn { .. } if self.refuses.is_some() => self.refuses.map(FromBroker::SignInRefused).unwrap(),
            ToBroker::ChangePassword { ref present, .. } if present.0 != "secret" => {
                FromBroker::SignInFailed { retry_after_s: 0, tries_left: 4 }
            }
            ToBroker::ChangePassword { ref new, .. } if new.0.len() < 15 => {
                FromBroker::PasswordRefused(PasswordRule::TooShort { at_least: 15 })
            }
            ToBroker::SignIn { .. } | ToBroker::ChangePassword { .. } => {
                FromBroker::SignedIn { advisor: DisplayText::cleaned("Anna Muster") }
            }
            ToBroker::OpenNumber => {
                assert_eq!(self.open, None, "one number at a time");
                let routing = Routing::new(1234).unwrap();
                self.open = Some(routing);
                let organisation = DisplayText::cleaned("Muster Bank");
                let advisor = DisplayText::cleaned("Anna Muster");
                let card = Card::sign(&self.card_key, organisation, advisor, self.portrait, routing, UNIX_S + 10_000);
                FromBroker::NumberOpened { routing, life_s: 900, card }
            }
            ToBroker::ListBookings | ToBroker::Book { .. } | ToBroker::CancelBooking(_) | ToBroker::OpenBooked(_) => {
                return self.about_bookings(message);
            }
            ToBroker::CloseNumber => {
                self.open = None;
                FromBroker::NumberClosed(NumberEnd::Closed)
            }
            ToBroker::Attempt(outcome) => {
                self.outcomes.push(outcome);
                if outcome == AttemptOutcome::Burned {
                    self.open = None;
                    self.end_pair(false, PairEnd::Rejected);
                    FromBroker::NumberClosed(NumberEnd::Burned)
                } else {
                    if outcome == AttemptOutcome::Confirmed {
                        self.use_number_up();
                    }
                    if outcome == AttemptOutcome::Confirmed && self.asks {
                        let ticket = RatingTicket([8; 16]);
                        self.to_customer.push(LinkEvent::Broker(FromBroker::RatingTicket { ticket, window_s: 600 }));
                    }
                    if outcome == AttemptOutcome::Confirmed && self.resumes {
                        self.hand_out_tickets();
                    }
                    return;
                }
            }
            ToBroker::Resume(_) => return self.rejoin(false),
            ToBroker::EndPair => return self.end_pair(false, PairEnd::PeerLeft),
            ToBroker::WantImage { hash, part } => {
                let answers = self.image(hash, part);
                return self.to_advisor.extend(answers);
            }
            ToBroker::Pong | ToBroker::Join { .. } | ToBroker::Rate { .. } => return,
        };
        self.to_advisor.push(LinkEvent::Broker(answer));
    }

    pub(super) fn hand_out_tickets(&mut self) {
        for way in [&mut self.to_advisor, &mut self.to_customer] {
            let ticket = ResumeTicket(vec![1; 16]);
            way.push(LinkEvent::Broker(FromBroker::SessionTicket { ticket, window_s: 120 }));
        }
    }

    /// A side of the session is there again; the second one makes the pair.
    pub(super) fn rejoin(&mut self, customer: bool) {
        match self.waiting.replace(customer) {
            Some(other) if other != customer => {
                (self.waiting, self.paired) = (None, true);
                self.to_advisor.push(LinkEvent::Broker(FromBroker::Resumed));
                self.to_customer.push(LinkEvent::Broker(FromBroker::Resumed));
            }
            _ => {}
        }
    }

    pub(super) fn end_pair(&mut self, by_customer: bool, why: PairEnd) {
        if std::mem::take(&mut self.paired) {
            let other = if by_customer { &mut self.to_advisor } else { &mut self.to_customer };
            other.push(LinkEvent::Broker(FromBroker::PairEnded(why)));
        }
    }
}
