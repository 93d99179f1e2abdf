//! A cut line at the advisor's side: the picture is gone at once, both programs
//! try again, and the advisor's begins to prove.

use super::{AdvisorController, Stage, key::Key, session::Session};
use crate::{
    controller::Effect,
    outbox::Outbox,
    problem::Problem,
    reconnect::{Due, Phase, Reconnect},
    secure::SecureChannel,
};
use mitblick_protocol::{
    broker_msg::{PairEnd, ResumeTicket, ToBroker},
    handshake::{
        Suite,
        resume::{AwaitResumeProof, Secrets, resume},
    },
    policy::SignedPolicy,
    time::Moment,
    wire,
    workplace::{ChannelBinding, WorkplaceProof},
};
use std::time::Duration;

/// What a session needs to go on after a cut.
pub(super) struct Resumption {
    pub(super) suite: Suite,
    pub(super) secrets: Secrets,
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
    binding: Option<ChannelBinding>,
    proof: Option<AwaitResumeProof>,
}

impl Session {
    /// Whether there is a link to the broker in a cut.
    pub(super) fn is_with_broker(&self) -> bool {
        self.cut.as_ref().is_some_and(|cut| match cut.reconnect.phase() {
            Phase::Asking | Phase::Proving { .. } => true,
            Phase::Resting { .. } | Phase::Connecting { .. } => false,
        })
    }
}

impl AdvisorController {
    /// The line to the other side is cut; with `linked` not the one to the
    /// broker. `false` if the session can't go on.
    pub(super) fn cut(&mut self, why: Problem, linked: bool, now: Moment) -> bool {
        let Stage::Session(session) = &mut self.stage else { return false };
        let Some((ticket, window)) = &session.resumption.ticket else { return false };
        let ticket = ticket.clone();
        if let Some(cut) = &mut session.cut {
            (cut.proof, cut.binding) = (None, None);
            cut.reconnect.rest(now);
            if linked {
                // The other side went again while both were proving.
                cut.reconnect.asked();
                self.tell_broker(ToBroker::Resume(ticket));
            }
        } else {
            let mut reconnect = Reconnect::new(*window, linked, now);
            let mut why = why;
            if let (false, Some(wait)) = (linked, session.resumption.wait.take()) {
                reconnect.rest_for(wait, now);
                why = Problem::BrokerStopping;
            }
            session.cut = Some(Cut { reconnect, why, binding: None, proof: None });
            session.tick_at = now;
            session.outbox = Outbox::default();
            session.rules.link_lost(now);
            session.together.link_lost(now);
            session.receipt.interrupted();
            self.drain_session(now);
            if linked {
                self.tell_broker(ToBroker::Resume(ticket));
            }
        }
        if !linked {
            self.effects.push_back(Effect::Disconnect);
        }
        self.publish();
        true
    }

    /// What is due in a cut.
    pub(super) fn cut_timeout(&mut self, now: Moment) {
        let Stage::Session(session) = &mut self.stage else { return };
        let Some(cut) = &mut session.cut else { return };
        match cut.reconnect.handle_timeout(now) {
            None => {}
            Some(Due::Connect) => self.effects.push_back(Effect::Connect),
            Some(Due::GiveUpTry) => {
                self.cut(Problem::LinkLost, false, now);
            }
            Some(Due::GiveUp) => self.not_found_again(now),
        }
    }

    /// The session does not come back.
    pub(super) fn not_found_again(&mut self, now: Moment) {
        let Stage::Session(session) = &self.stage else { return };
        let why = session.cut.as_ref().map_or(Problem::OtherSideLost, |cut| cut.why.clone());
        if session.is_with_broker() && self.is_signed_in {
            self.close_session(false, Some(why), now);
        } else {
            self.lost(why, now);
        }
    }

    /// A connection to the broker is there again.
    pub(super) fn connected_again(&mut self, binding: ChannelBinding) {
        if let Stage::Session(session) = &mut self.stage
            && let Some(cut) = &mut session.cut
        {
            cut.binding = Some(binding);
        }
    }

    /// The broker has welcomed us again.
    pub(super) fn welcomed_again(&mut self, version: u16, card_key: [u8; 32], rules: &SignedPolicy, now: Moment) {
        let known = self.card_key == Some(card_key);
        let Stage::Session(session) = &mut self.stage else { return };
        let (Some(cut), Some((ticket, _))) = (&mut session.cut, &session.resumption.ticket) else { return };
        let (Some(binding), Key::Here(key, _)) = (cut.binding, &self.key) else { return };
        if version != wire::PROTOCOL_VERSION {
            return self.lost(Problem::BrokerVersion, now);
        }
        if !known {
            return self.lost(Problem::RulesNotGenuine, now);
        }
        cut.reconnect.asked();
        let ticket = ticket.clone();
        let proof = WorkplaceProof::sign(key, self.config.workplace_name.clone(), binding);
        self.is_signed_in = false;
        self.tell_broker(ToBroker::Workplace(proof));
        self.tell_broker(ToBroker::Resume(ticket));
        // They hold for the next session.
        if let Err(error) = self.rules.take(rules, &card_key) {
            self.lost(error.into(), now);
        }
    }

    /// The other program is there too: begin to prove.
    pub(super) fn found_again(&mut self, now: Moment) {
        let mut entropy = self.config.entropy;
        let Stage::Session(session) = &mut self.stage else { return };
        let Some(cut) = &mut session.cut else { return };
        let (proof, r1) = resume(session.resumption.suite, &mut entropy);
        cut.proof = Some(proof);
        cut.reconnect.proving(now);
        self.effects.push_back(Effect::Relay(r1));
    }

    /// A proof of the other program. `true` if it was one.
    pub(super) fn prove(&mut self, bytes: &[u8], now: Moment) -> bool {
        let Stage::Session(session) = &mut self.stage else { return false };
        let Some(cut) = &mut session.cut else { return false };
        // Bytes of the pair that was cut are of no interest.
        let Some(proof) = cut.proof.take() else { return true };
        let resumption = &mut session.resumption;
        match proof.handle(bytes, &mut resumption.secrets) {
            Ok((keys, r3)) => {
                session.cut = None;
                session.channel = SecureChannel::new(resumption.suite, keys);
                session.rules.link_restored(now);
                session.together.link_restored(now);
                self.effects.push_back(Effect::Relay(r3));
                self.drain_session(now);
                self.publish();
            }
            Err(error) => {
                tracing::warn!(%error, "whoever answered was not in this session");
                self.cut(Problem::OtherSideLost, false, now);
            }
        }
        true
    }

    /// What the broker says of the pair's end: a cut, if the session may go on.
    pub(super) fn pair_is_cut(&mut self, reason: PairEnd, now: Moment) -> bool {
        match reason {
            PairEnd::PeerLost | PairEnd::PeerStalled => self.cut(Problem::OtherSideLost, true, now),
            PairEnd::BrokerStops => self.cut(Problem::BrokerStopping, false, now),
            PairEnd::PeerLeft | PairEnd::Rejected | PairEnd::Withdrawn => false,
        }
    }

    /// The link is gone. Whoever answers in the broker's place gets no second
    /// try.
    pub(super) fn link_lost(&mut self, problem: Problem, now: Moment) {
        if problem.is_of_an_impostor() || !self.cut(problem.clone(), false, now) {
            self.lost(problem, now);
        }
    }
}
