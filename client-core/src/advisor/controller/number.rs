//! The number that waits for a customer: a fresh one or that of an appointment,
//! one at a time.

use super::{AdvisorController, Lobby, Stage, TICK};
use crate::{
    advisor::view::LastSession,
    appointments::{Appointment, AppointmentId},
    controller::Effect,
    problem::Problem,
};
use mitblick_protocol::{
    broker_msg::{NumberEnd, ToBroker},
    card::Card,
    image::ImageKind,
    number::{Routing, SecretPart, SessionNumber},
    time::Moment,
};
use std::time::Duration;

/// A number that is wanted of the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NumberWanted {
    /// One that nobody knows yet.
    Fresh,
    /// That of an appointment, with this routing part.
    Booked(AppointmentId, Routing),
}

/// A number that waits for a customer.
pub(super) struct OpenNumber {
    pub(super) number: SessionNumber,
    pub(super) card: Card,
    pub(super) life: Duration,
    pub(super) opened: Moment,
    pub(super) until: Moment,
    /// Whose number it is.
    pub(super) appointment: Option<AppointmentId>,
}

impl OpenNumber {
    fn wanted(&self) -> NumberWanted {
        self.appointment.map_or(NumberWanted::Fresh, |id| NumberWanted::Booked(id, self.number.routing()))
    }
}

impl AdvisorController {
    pub(super) fn new_number(&mut self) {
        let Stage::Lobby(Lobby { attempt: None, .. }) = &self.stage else {
            return self.effects.push_back(Effect::Complain(Problem::NotNow));
        };
        self.number_was_asked_for();
        self.want(NumberWanted::Fresh);
    }

    /// The person wants another number; the open one is taken back first.
    pub(super) fn want(&mut self, wanted: NumberWanted) {
        let Stage::Lobby(lobby) = &mut self.stage else { return };
        if lobby.attempt.is_some() {
            return self.effects.push_back(Effect::Complain(Problem::NotNow));
        }
        match &lobby.number {
            // A fresh number is always another one.
            Some(open) if wanted != NumberWanted::Fresh && open.wanted() == wanted => {}
            Some(_) => {
                lobby.number = None;
                lobby.want = Some(wanted);
                self.tell_broker(ToBroker::CloseNumber);
            }
            // The answer of the broker is on its way; then this one is wanted.
            None if lobby.asked.is_some() || lobby.want.is_some() => lobby.want = Some(wanted),
            None => self.ask_for_number(wanted),
        }
        self.publish();
    }

    pub(super) fn ask_for_number(&mut self, wanted: NumberWanted) {
        let message = match wanted {
            NumberWanted::Fresh => Some(ToBroker::OpenNumber),
            NumberWanted::Booked(id, routing) => {
                let kept = self.appointment(id).and_then(Appointment::routing);
                kept.filter(|kept| *kept == routing).map(ToBroker::OpenBooked)
            }
        };
        // An appointment that is gone meanwhile is as good as none.
        let Some(message) = message else { return };
        if let Stage::Lobby(lobby) = &mut self.stage {
            lobby.asked = Some(wanted);
        }
        self.tell_broker(message);
    }

    /// The secret digits of the number that the broker has opened.
    fn secret_for(&mut self, asked: NumberWanted, routing: Routing) -> Option<SecretPart> {
        match asked {
            NumberWanted::Fresh => Some(SecretPart::draw(&mut self.config.entropy)),
            NumberWanted::Booked(id, _) => {
                let number = self.appointment(id)?.number().filter(|number| number.routing() == routing)?;
                Some(number.secret().clone())
            }
        }
    }

    pub(super) fn number_opened(&mut self, routing: Routing, life_s: u32, card: Card, now: Moment) {
        let Stage::Lobby(lobby) = &mut self.stage else { return };
        let Some(asked) = lobby.asked.take() else {
            // It is open all the same: without this nobody would see that
            // somebody can join it.
            return self.tell_broker(ToBroker::CloseNumber);
        };
        let want = lobby.want;
        let Some(secret) = self.secret_for(asked, routing).filter(|_| want.is_none()) else {
            // Another is wanted meanwhile, or this one is none of ours.
            return self.tell_broker(ToBroker::CloseNumber);
        };
        // What the customer sees is what the advisor sees.
        self.images.want(ImageKind::Portrait, card.portrait);
        let Stage::Lobby(lobby) = &mut self.stage else { return };
        let life = Duration::from_secs(life_s.into());
        let number = SessionNumber::new(routing, secret);
        let appointment = match asked {
            NumberWanted::Fresh => None,
            NumberWanted::Booked(id, _) => Some(id),
        };
        lobby.number = Some(OpenNumber { number, card, life, opened: now, until: now.after(life), appointment });
        lobby.tick_at = Some(now.after(TICK));
        lobby.last = None;
        self.ask_for_images();
        self.publish();
    }

    pub(super) fn number_closed(&mut self, reason: NumberEnd, now: Moment) {
        let Stage::Lobby(lobby) = &mut self.stage else { return };
        let appointment = lobby.number.take().and_then(|open| open.appointment);
        let problem = match (reason, appointment) {
            (NumberEnd::Expired, None) => Some(Problem::NumberExpired),
            (NumberEnd::Expired, Some(_)) => Some(Problem::AppointmentMissed),
            (NumberEnd::TooManyAttempts | NumberEnd::Burned, _) => Some(Problem::NumberBurned),
            (NumberEnd::Closed, _) => None,
        };
        if let Some(problem) = problem {
            lobby.last = Some(LastSession { connected: false, by_me: false, problem: Some(problem), lasted_s: 0 });
        }
        let want = lobby.want.take();
        self.appointment_closed(appointment, reason);
        if let Some(wanted) = want {
            self.ask_for_number(wanted);
        }
        self.open_due(now);
        self.publish();
    }
}
