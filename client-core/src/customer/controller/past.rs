//! After a session: its receipt, the moment in which the other side signs the
//! end of it, and what the person says of it. Nothing is shown and no right lives any more.

use super::{CustomerController, CustomerWork, Stage, session::Session};
use crate::{
    controller::Effect,
    customer::{
        rating::{Questions, Step},
        view::{EndView, ReceiptState, ReceiptView},
    },
    language::Language,
    problem::Problem,
    receipt::{
        KeeperSide, kept,
        save::{self, Place, Saving},
    },
    secure::SecureChannel,
};
use mitblick_protocol::{
    broker_msg::{FromBroker, ToBroker},
    peer_msg::{EndReason, ToShower},
    policy::RatingRule,
    rating::Rating,
    sealed::Stream,
    session::EndedBy,
    time::Moment,
    wire,
};
use std::{path::PathBuf, time::Duration};

/// How long the other side may take to sign the end.
const FAREWELL: Duration = Duration::from_secs(2);

/// A session that is over.
pub(super) struct Past {
    receipt: KeeperSide,
    state: ReceiptState,
    /// The link stays so long, for the last signature alone.
    leaving: Option<(SecureChannel, Moment)>,
    /// To be written as soon as the link is closed: with the last signature.
    wanted: Option<(Place, Language)>,
    /// How it was, if the person is asked.
    questions: Option<Questions>,
}

impl CustomerController {
    /// What of an ended session is left.
    pub(super) fn keep_past(&mut self, session: Session, by: EndedBy, reason: EndReason, now: Moment) {
        // Who has shown nothing has nothing to say of it.
        let asks = session.shown_before && self.limits.rating == RatingRule::Asked && reason != EndReason::Declined;
        let ticket = self.rating.take().filter(|_| asks);
        let questions = ticket.map(|(ticket, window)| Questions::new(ticket, window, now));
        let Session { receipt, channel, .. } = session;
        let goes_on = match reason {
            EndReason::ByPerson | EndReason::TimeOver | EndReason::Declined => by == EndedBy::ThisSide,
            EndReason::ProgramClosed | EndReason::Misbehaved | EndReason::Broken => false,
        };
        let waits = goes_on && receipt.awaits_signature();
        let leaving = waits.then(|| (channel, now.after(FAREWELL)));
        self.past = Some(Box::new(Past { receipt, state: ReceiptState::Offered, leaving, wanted: None, questions }));
        if !waits {
            self.leave_broker();
        }
    }

    fn leave_broker(&mut self) {
        self.effects.push_back(Effect::ToBroker(ToBroker::EndPair));
        self.effects.push_back(Effect::Disconnect);
    }

    /// Until when the link of an ended session stays.
    fn leaves_at(&self) -> Option<Moment> {
        self.past.as_ref().and_then(|past| past.leaving.as_ref()).map(|(_, until)| *until)
    }

    /// When something of an ended session is due.
    pub(super) fn past_due(&self) -> Option<Moment> {
        let questions = self.past.as_ref().and_then(|past| past.questions.as_ref());
        [self.leaves_at(), questions.and_then(Questions::poll_timeout)].into_iter().flatten().min()
    }

    pub(super) fn past_timeout(&mut self, now: Moment) {
        if self.leaves_at().is_some_and(|at| at <= now) {
            self.leave(now);
        }
        self.step_questions(|questions| questions.handle_timeout(now));
    }

    /// Closes the link of an ended session, if it is still open.
    pub(super) fn leave(&mut self, now: Moment) {
        if self.past.as_mut().is_some_and(|past| past.leaving.take().is_some()) {
            self.leave_broker();
            self.write_receipt();
            self.step_questions(|questions| questions.go(now));
        }
    }

    /// Nothing of an ended session is of interest any more.
    pub(super) fn drop_past(&mut self) {
        if self.past.take().is_some_and(|past| past.questions.is_some()) {
            self.effects.push_back(Effect::Disconnect);
        }
    }

    /// Ends the program; before that, what was clicked is sent.
    pub(super) fn quit(&mut self) {
        let questions = self.past.as_mut().and_then(|past| past.questions.as_mut());
        if !questions.is_some_and(Questions::quit) {
            self.effects.push_back(Effect::Disconnect);
            self.effects.push_back(Effect::Quit);
        }
    }

    fn step_questions(&mut self, step: impl FnOnce(&mut Questions) -> Step) {
        let Some(questions) = self.past.as_mut().and_then(|past| past.questions.as_mut()) else { return };
        let before = questions.view();
        let step = step(questions);
        let changed = questions.view() != before;
        self.effects.extend(step.effects());
        if changed {
            self.publish();
        }
    }

    /// The person says how it was.
    pub(super) fn rate(&mut self, rating: Rating, now: Moment) {
        let ended = matches!(self.stage, Stage::Ended(_));
        let questions = self.past.as_mut().filter(|_| ended).and_then(|past| past.questions.as_mut());
        if questions.and_then(|questions| questions.answer(rating, now)).is_none() {
            return self.effects.push_back(Effect::Complain(Problem::NotNow));
        }
        self.publish();
        // The other side's last signature comes over a link of its own.
        if self.leaves_at().is_none() {
            self.step_questions(|questions| questions.go(now));
        }
    }

    /// What the broker says after a session.
    pub(super) fn past_broker(&mut self, message: &FromBroker, now: Moment) {
        match message {
            FromBroker::Welcome { version, card_key, .. } => {
                let same = *version == wire::PROTOCOL_VERSION && self.card_key == Some(*card_key);
                self.step_questions(|questions| {
                    if same { questions.welcomed(now) } else { questions.failed(Problem::RatingNotSent) }
                });
            }
            FromBroker::RatingTaken => self.step_questions(|questions| questions.taken(now)),
            FromBroker::RatingRefused => self.step_questions(Questions::refused),
            FromBroker::JoinLimited { .. } | FromBroker::Refused(_) if self.leaves_at().is_none() => {
                self.step_questions(|questions| questions.failed(Problem::RatingNotSent));
            }
            FromBroker::PairEnded(_) | FromBroker::Refused(_) | FromBroker::Restarting { .. } => self.leave(now),
            // What was on its way when the session ended.
            _ => {}
        }
    }

    /// The link is gone, after a session.
    pub(super) fn past_lost(&mut self, problem: Problem, now: Moment) {
        if self.leaves_at().is_some() {
            return self.leave(now);
        }
        let why = if problem.is_of_an_impostor() { problem } else { Problem::RatingNotSent };
        self.step_questions(|questions| questions.failed(why));
    }

    /// Bytes that come after the end: only a signature counts.
    pub(super) fn past_relay(&mut self, record: &[u8], now: Moment) {
        let Some(past) = &mut self.past else { return };
        let Some((channel, _)) = &mut past.leaving else { return };
        let message = match channel.opener.open(record, now) {
            // What was on its way when it ended.
            Ok(None) => return,
            Ok(Some((Stream::Control, message))) => message,
            Ok(Some(_)) => return,
            Err(_) => return self.leave(now),
        };
        let heard = match wire::decode::<ToShower, { wire::MAX_CONTROL_MESSAGE_BYTES }>(&message) {
            Ok(ToShower::Receipt(message)) => past.receipt.hear(message).is_ok(),
            Ok(_) => true,
            Err(_) => false,
        };
        if !heard || !past.receipt.awaits_signature() {
            self.leave(now);
        }
    }

    /// The person wants to keep the receipt.
    pub(super) fn keep_receipt(&mut self, place: Option<Place>, language: Language) {
        let folder = self.config.receipt_folder.clone().unwrap_or_else(|| PathBuf::from("."));
        let ended = matches!(self.stage, Stage::Ended(_));
        let Some(past) = self.past.as_mut().filter(|past| ended && past.state != ReceiptState::Saving) else {
            return self.effects.push_back(Effect::Complain(Problem::NotNow));
        };
        past.state = ReceiptState::Saving;
        past.wanted = Some((place.unwrap_or(Place::Folder(folder)), language));
        if past.leaving.is_none() {
            self.write_receipt();
        }
        self.publish();
    }

    fn write_receipt(&mut self) {
        let utc_offset_s = self.config.utc_offset_s;
        let Some(past) = &mut self.past else { return };
        let Some((place, language)) = past.wanted.take() else { return };
        let name = save::name(past.receipt.begun_unix_ms(), utc_offset_s, language);
        let page = kept::page(past.receipt.keeper(), language);
        self.work(CustomerWork::KeepReceipt(Saving { place, name, page }));
    }

    /// It is kept, or not.
    pub(super) fn receipt_kept(&mut self, result: Result<PathBuf, Problem>) {
        let Some(past) = &mut self.past else { return };
        past.state = match result {
            Ok(path) => ReceiptState::Kept(path.display().to_string()),
            Err(problem) => {
                self.effects.push_back(Effect::Complain(problem.clone()));
                ReceiptState::Failed(problem)
            }
        };
        self.publish();
    }

    /// The end screen, with what became of the receipt.
    pub(super) fn end_view(&self, end: &EndView) -> EndView {
        let folder = self.config.receipt_folder.as_ref().map(|folder| folder.display().to_string());
        let receipt = self
            .past
            .as_ref()
            .map(|past| ReceiptView { folder: folder.unwrap_or_default(), state: past.state.clone() });
        let questions = self.past.as_ref().and_then(|past| past.questions.as_ref());
        let rating = questions.filter(|questions| !questions.is_past()).map(Questions::view);
        EndView { receipt, rating, ..end.clone() }
    }
}
