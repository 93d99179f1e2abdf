//! A cut line at the customer's side: everything stops at once, both programs
//! try again, and viewing goes on under the same consent.

use super::{CustomerController, CustomerWork, Stage, waiting_room::Rest};
use crate::{
    controller::Effect,
    outbox::Outbox,
    problem::Problem,
    reconnect::{Due, Reconnect},
    secure::SecureChannel,
    showing::share::ShareCommand,
};
use mitblick_protocol::{
    broker_msg::{PairEnd, ResumeTicket, ToBroker},
    handshake::{
        ResumeSecret, Suite,
        resume::{AwaitResumeConfirm, answer_resume},
    },
    policy::SignedPolicy,
    time::Moment,
    wire,
};
use std::time::Duration;

/// What a session needs to go on after a cut.
pub(super) struct Resumption {
    pub(super) suite: Suite,
    pub(super) secret: ResumeSecret,
    /// The broker's ticket, and for how long after a cut it is good.
    pub(super) ticket: Option<(ResumeTicket, Duration)>,
    /// The broker stops, and asks to wait so long before trying again.
    pub(super) wait: Option<Duration>,
}

/// While there is no link to the other program.
pub(super) struct Cut {
    pub(super) reconnect: Reconnect,
    /// What the person hears should it be for good.
    why: Problem,
    confirm: Option<AwaitResumeConfirm>,
}

impl CustomerController {
    /// The line to the other side is cut. `false` if the session can't go on.
    pub(super) fn cut(&mut self, why: Problem, now: Moment) -> bool {
        let Stage::Session(session) = &mut self.stage else { return false };
        let Some((_, window)) = session.resumption.ticket else { return false };
        if session.cut.is_none() {
            let mut reconnect = Reconnect::new(window, false, now);
            let mut why = why;
            if let Some(wait) = session.resumption.wait.take() {
                reconnect.rest_for(wait, now);
                why = Problem::BrokerStopping;
            }
            session.cut = Some(Cut { reconnect, why, confirm: None });
            session.outbox = Outbox::default();
            let before = session.rules.state();
            session.rules.link_lost(now);
            session.together.link_lost(now);
            session.receipt.interrupted(&before, now);
            self.drain_session(now);
            // Its decoder may be gone when it comes back.
            self.work(CustomerWork::Share(ShareCommand::DecodesVideo(false)));
        } else {
            self.try_later(now);
        }
        // A customer's connection serves one pair.
        self.effects.push_back(Effect::Disconnect);
        self.publish();
        true
    }

    /// This try has failed.
    fn try_later(&mut self, now: Moment) {
        if let Stage::Session(session) = &mut self.stage
            && let Some(cut) = &mut session.cut
        {
            cut.confirm = None;
            cut.reconnect.rest(now);
        }
    }

    fn give_up_try(&mut self, now: Moment) {
        self.try_later(now);
        self.effects.push_back(Effect::Disconnect);
    }

    /// What is due in a cut.
    pub(super) fn cut_timeout(&mut self, now: Moment) {
        let Stage::Session(session) = &mut self.stage else { return };
        let Some(cut) = &mut session.cut else { return };
        match cut.reconnect.handle_timeout(now) {
            None => {}
            Some(Due::Connect) => self.effects.push_back(Effect::Connect),
            Some(Due::GiveUpTry) => self.give_up_try(now),
            Some(Due::GiveUp) => {
                let why = cut.why.clone();
                self.lost(why, now);
            }
        }
    }

    /// A connection to the broker is there again.
    pub(super) fn welcomed_again(&mut self, version: u16, card_key: [u8; 32], rules: &SignedPolicy, now: Moment) {
        let known = self.card_key == Some(card_key);
        let Stage::Session(session) = &mut self.stage else { return };
        let (Some(cut), Some((ticket, _))) = (&mut session.cut, &session.resumption.ticket) else { return };
        if version != wire::PROTOCOL_VERSION {
            return self.lost(Problem::BrokerVersion, now);
        }
        if !known {
            return self.lost(Problem::RulesNotGenuine, now);
        }
        cut.reconnect.asked();
        self.effects.push_back(Effect::ToBroker(ToBroker::Resume(ticket.clone())));
        // They hold for the next session.
        if let Err(error) = self.rules.take(rules, &card_key) {
            self.lost(error.into(), now);
        }
    }

    /// The other program is there too.
    pub(super) fn found_again(&mut self, now: Moment) {
        if let Stage::Session(session) = &mut self.stage
            && let Some(cut) = &mut session.cut
        {
            cut.reconnect.proving(now);
        }
    }

    /// A proof of the other program. `true` if it was one.
    pub(super) fn prove(&mut self, bytes: &[u8], now: Moment) -> bool {
        let mut entropy = self.config.entropy;
        let Stage::Session(session) = &mut self.stage else { return false };
        let Some(cut) = &mut session.cut else { return false };
        let Some(confirm) = cut.confirm.take() else {
            match answer_resume(session.resumption.suite, &session.resumption.secret, bytes, &mut entropy) {
                Ok((confirm, r2)) => {
                    cut.confirm = Some(confirm);
                    cut.reconnect.proving(now);
                    self.effects.push_back(Effect::Relay(r2));
                }
                Err(error) => {
                    tracing::warn!(%error, "whoever answered does not begin as this session would");
                    self.give_up_try(now);
                }
            }
            return true;
        };
        match confirm.handle(bytes) {
            Ok(resumed) => {
                session.cut = None;
                session.channel = SecureChannel::new(session.resumption.suite, resumed.keys).without_pictures();
                session.resumption.secret = resumed.secret;
                session.receipt.resumed(now);
                session.rules.link_restored(now);
                session.together.link_restored(now);
                self.drain_session(now);
                self.publish();
            }
            Err(error) => {
                tracing::warn!(%error, "whoever answered was not in this session");
                self.give_up_try(now);
            }
        }
        true
    }

    /// What the broker says of the pair's end: a cut, if the session may go on.
    pub(super) fn pair_is_cut(&mut self, reason: PairEnd, now: Moment) -> bool {
        match reason {
            PairEnd::PeerLost | PairEnd::PeerStalled => self.cut(Problem::OtherSideLost, now),
            PairEnd::BrokerStops => self.cut(Problem::BrokerStopping, now),
            PairEnd::PeerLeft | PairEnd::Rejected | PairEnd::Withdrawn => false,
        }
    }

    /// The link is gone. Whoever answers in the broker's place gets no second
    /// try.
    pub(super) fn link_lost(&mut self, problem: Problem, now: Moment) {
        let goes_on = |customer: &mut Self| {
            customer.cut(problem.clone(), now) || customer.waits_on(Rest::Cut, Duration::ZERO, now)
        };
        if problem.is_of_an_impostor() || !goes_on(self) {
            self.lost(problem, now);
        }
    }
}
