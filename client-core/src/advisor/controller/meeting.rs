//! From a customer who joins to the session: the handshake at the advisor's
//! side, which alone judges an attempt.

use super::*;

impl AdvisorController {
    pub(super) fn joined(&mut self, now: Moment) {
        let Stage::Lobby(Lobby { number: Some(open), attempt, .. }) = &mut self.stage else {
            // It joined a number that we have given up in the meantime.
            return self.tell_broker(ToBroker::Attempt(AttemptOutcome::Burned));
        };
        let Some(pin) = self.config.pin else { return };
        let context = handshake::Context { broker: BrokerIdentity(pin), routing: open.number.routing() };
        let secret = open.number.secret().clone();
        let waited = now.since(open.opened);
        let mut entropy = self.config.entropy;
        // The program forbids nothing by itself; the company's rules take away
        // from that.
        self.limits = Limits::NONE.tightened_by(self.rules.policy().limits);
        match AdvisorStart::begin(context, secret, self.limits.offer(), open.card.clone(), &mut entropy) {
            Ok((state, m1)) => {
                *attempt = Some(Attempt { step: Step::Share(state), deadline: now.after(STEP_TIMEOUT), waited });
                self.effects.push_back(Effect::Relay(m1));
            }
            Err(error) => {
                tracing::error!(%error, "the handshake can't begin");
                self.tell_broker(ToBroker::Attempt(AttemptOutcome::Unproven));
            }
        }
        self.publish();
    }

    pub(super) fn handle_relay(&mut self, bytes: &[u8], now: Moment) {
        if self.prove(bytes, now) {
            return;
        }
        match &mut self.stage {
            Stage::Session(session) => match session.receive(bytes, now) {
                Ok(()) => self.drain_session(now),
                Err(()) => self.misbehaved(now),
            },
            Stage::Lobby(lobby) => {
                // Bytes of a pair that has ended are of no interest.
                let Some(attempt) = lobby.attempt.take() else { return };
                match attempt.step {
                    Step::Share(state) => match state.handle(bytes) {
                        Ok((state, m3)) => {
                            let deadline = now.after(STEP_TIMEOUT);
                            lobby.attempt =
                                Some(Attempt { step: Step::Proof(state), deadline, waited: attempt.waited });
                            self.effects.push_back(Effect::Relay(m3));
                        }
                        Err(error) => {
                            tracing::info!(%error, "an attempt ended without proof");
                            self.attempt_failed(AttemptOutcome::Unproven);
                        }
                    },
                    Step::Proof(state) => match state.handle(bytes) {
                        Ok((established, m5)) => {
                            self.tell_broker(ToBroker::Attempt(AttemptOutcome::Confirmed));
                            self.effects.push_back(Effect::Relay(m5));
                            self.begin_session(established, attempt.waited, now);
                        }
                        Err(ProofError::WrongProof) => {
                            tracing::warn!("a proof was wrong; the number is burned");
                            self.attempt_failed(AttemptOutcome::Burned);
                        }
                        Err(error) => {
                            tracing::info!(%error, "an attempt ended without proof");
                            self.attempt_failed(AttemptOutcome::Unproven);
                        }
                    },
                }
            }
            Stage::SignIn { .. }
            | Stage::AwaitsKey { .. }
            | Stage::SigningIn(_)
            | Stage::Code { .. }
            | Stage::AtTheDoor { .. }
            | Stage::NewPassword { .. } => {}
        }
    }

    pub(super) fn attempt_failed(&mut self, outcome: AttemptOutcome) {
        self.tell_broker(ToBroker::Attempt(outcome));
        let open = self.open_appointment();
        self.appointment_judged(open, outcome);
        if let Stage::Lobby(lobby) = &mut self.stage {
            lobby.attempt = None;
            if outcome == AttemptOutcome::Burned {
                lobby.number = None;
                let problem = Some(Problem::NumberBurned);
                lobby.last = Some(LastSession { connected: false, by_me: false, problem, lasted_s: 0 });
            }
        }
        self.publish();
    }

    pub(super) fn begin_session(&mut self, established: handshake::Established, waited: Duration, now: Moment) {
        let suite = established.suite.to_string();
        let words = words_of(established.check_words);
        self.effects.push_back(Effect::Work(AdvisorWork::ResetPicture));
        self.show_marks(SeenMarks::default());
        // Of the program that is there now nothing is known.
        self.share(ShareCommand::DecodesVideo(false));
        let around = Surroundings {
            pin: self.config.pin.unwrap_or_default(),
            card_key: self.card_key.unwrap_or_default(),
            unix_s_at_origin: self.config.unix_s_at_origin,
            entropy: self.config.entropy,
        };
        let receipt = WitnessSide::new(&established, around);
        let mut together = Together::new(Role::Watcher, self.limits.clipboard, self.config.unix_s_at_origin, now)
            .with_files(self.limits.files.to_customer, self.limits.files.to_advisor, now);
        // The customer may join when nobody is there.
        together.set_locked(self.lock.locked().is_some());
        let open = self.open_appointment();
        let agreed = open.and_then(|id| self.appointment(id)).map(|appointment| appointment.subject.clone());
        self.appointment_judged(open, AttemptOutcome::Confirmed);
        let typed = self.take_subject();
        let subject = if typed.is_empty() { agreed.unwrap_or_default() } else { typed };
        self.stage = Stage::Session(Box::new(Session {
            rules: WatcherSession::new(now),
            receipt,
            together,
            channel: SecureChannel::new(established.suite, established.keys),
            outbox: Outbox::default(),
            resumption: Resumption {
                suite: established.suite,
                secrets: Secrets::new(established.resume),
                ticket: None,
                wait: None,
            },
            cut: None,
            suite,
            words,
            limits: self.limits,
            surfaces: Arc::default(),
            sharing: SharingState::Choosing,
            refusal: None,
            since: now,
            waited,
            subject,
            line: LineMeter::default(),
            answers: Answers::default(),
            recording: Default::default(),
            turned: Default::default(),
            shows_line: false,
            tick_at: now.after(SLOW_TICK),
        }));
        self.drain_session(now);
        self.publish();
    }
}
