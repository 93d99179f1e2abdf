//! From the pair to the session: the handshake at the customer's side.

use super::*;
use mitblick_protocol::{card::CardError, handshake::HandshakeError};

/// What a person hears of a handshake that failed. Whether a card is in force is
/// looked at once its signature is the broker's.
fn failed(error: &HandshakeError) -> Problem {
    tracing::info!(%error, "handshake failed");
    match error {
        HandshakeError::Card(CardError::Expired) => Problem::ClockWrong,
        HandshakeError::Card(CardError::Signature | CardError::OtherNumber)
        | HandshakeError::Malformed(_)
        | HandshakeError::Version(_)
        | HandshakeError::Reflected
        | HandshakeError::BadShare
        | HandshakeError::NoCommonSuite
        | HandshakeError::SuiteForced => Problem::WrongNumberOrInterference,
    }
}

impl CustomerController {
    pub(super) fn begin_handshake(&mut self, now: Moment) {
        let Stage::Pairing(Pairing { number, .. }) = &self.stage else { return };
        let (Some(pin), Some(card_key)) = (self.config.pin, self.card_key) else { return };
        let context = handshake::Context { broker: BrokerIdentity(pin), routing: number.routing() };
        let secret = number.secret().clone();
        let unix_s = self.unix_s(now);
        // The program forbids nothing by itself; the company's rules take away
        // from that.
        self.limits = Limits::NONE.tightened_by(self.rules.policy().limits);
        let mut entropy = self.config.entropy;
        let state = CustomerStart::begin(context, secret, self.limits.offer(), card_key, unix_s, &mut entropy);
        self.stage = Stage::AwaitOffer { state, deadline: now.after(STEP_TIMEOUT) };
        self.publish();
    }

    pub(super) fn handle_relay(&mut self, bytes: &[u8], now: Moment) {
        if self.prove(bytes, now) {
            return;
        }
        if let Stage::Session(session) = &mut self.stage {
            return match session.receive(bytes, now) {
                Ok(()) => self.drain_session(now),
                Err(()) => self.misbehaved(now),
            };
        }
        let deadline = now.after(STEP_TIMEOUT);
        let stage = std::mem::replace(&mut self.stage, Stage::Join { number: String::new(), problem: None });
        let next = match stage {
            Stage::AwaitOffer { state, .. } => state
                .handle(bytes)
                .map(|(state, reply)| (Stage::AwaitSuite { state, deadline }, Some(reply)))
                .map_err(|error| failed(&error)),
            Stage::AwaitSuite { state, .. } => state
                .handle(bytes)
                .map(|(state, reply)| (Stage::AwaitConfirm { state, deadline }, Some(reply)))
                .map_err(|error| failed(&error)),
            Stage::AwaitConfirm { state, .. } => {
                state.handle(bytes).map(|established| (self.begin_session(established, now), None)).map_err(|error| {
                    tracing::info!(%error, "the last proof failed");
                    Problem::WrongNumberOrInterference
                })
            }
            other => {
                self.stage = other;
                return self.past_relay(bytes, now);
            }
        };
        match next {
            Ok((stage, reply)) => {
                self.stage = stage;
                self.effects.extend(reply.map(Effect::Relay));
                self.ask_for_images();
                self.drain_session(now);
                self.publish();
            }
            Err(problem) => self.fail(problem),
        }
    }

    pub(super) fn begin_session(&mut self, established: handshake::Established, now: Moment) -> Stage {
        let rules = ShowerSession::new(self.limits, now);
        self.work(CustomerWork::WatchStopKey(rules.gates()));
        self.work(CustomerWork::ListApplications);
        // Of the program that is there now nothing is known.
        self.work(CustomerWork::Share(ShareCommand::DecodesVideo(false)));
        let who = Who {
            organisation: established.card.organisation.to_string(),
            advisor: established.card.advisor.to_string(),
        };
        self.images.want(ImageKind::Portrait, established.card.portrait);
        self.images.want(ImageKind::Logo, self.rules.policy().texts.logo);
        let suite = established.suite.to_string();
        let words = words_of(established.check_words);
        let around = Surroundings {
            pin: self.config.pin.unwrap_or_default(),
            card_key: self.card_key.unwrap_or_default(),
            unix_s_at_origin: self.config.unix_s_at_origin,
            entropy: self.config.entropy,
        };
        let receipt = KeeperSide::new(&established, around, self.config.utc_offset_s, now);
        Stage::Session(Box::new(Session {
            rules,
            receipt,
            asks_who_called: !self.config.knows_company,
            recordings: Default::default(),
            turned: Default::default(),
            together: Together::new(Role::Shower, self.limits.clipboard, self.config.unix_s_at_origin, now).with_files(
                self.limits.files.to_advisor,
                self.limits.files.to_customer,
                now,
            ),
            channel: SecureChannel::new(established.suite, established.keys).without_pictures(),
            outbox: Outbox::default(),
            resumption: Resumption {
                suite: established.suite,
                secret: established.resume,
                ticket: self.ticket.take(),
                wait: None,
            },
            cut: None,
            who,
            since: now,
            suite,
            words,
            applications: None,
            wanted_titles: None,
            lists_more: false,
            preview: None,
            names: Default::default(),
            shown: Vec::new(),
            windows: Vec::new(),
            problem: None,
            control_problem: None,
            not_by_hand_until: None,
            shown_before: false,
            shown_ms: 0,
            shown_since: None,
            line: LineMeter::default(),
            shows_line: false,
            refresh_at: None,
            tick_at: now.after(TICK),
        }))
    }
}
