//! The calls that the runtime makes to the advisor's controller.

use super::{AdvisorController, AdvisorEvent, AdvisorWork, Attempt, Entry, Stage, TICK, Waits};
use crate::{
    advisor::{
        AdvisorGuide, NotesIntent,
        view::{AdvisorIntent, AdvisorScreen, AdvisorView, NumberView, ViewerView},
        watch::WatchEvent,
    },
    controller::{Controller, Effect},
    invitation::{Invitation, InvitedTo},
    language::{Language, Texts},
    link::LinkEvent,
    pointing::Pointing,
    problem::Problem,
    ui::format,
};
use mitblick_protocol::{
    broker_msg::AttemptOutcome,
    peer_msg::EndReason,
    policy::{ControlRule, RatingRule},
    session::WatcherSession,
    time::Moment,
};

impl Controller for AdvisorController {
    type Intent = AdvisorIntent;
    type Event = AdvisorEvent;
    type Work = AdvisorWork;
    type View = AdvisorView;

    fn handle_intent(&mut self, intent: AdvisorIntent, now: Moment) {
        // Where the pointer is on a window changes when that is moved, too: what
        // mouse and keys do is told by `Active`.
        let by_person = !matches!(
            intent,
            AdvisorIntent::Painted
                | AdvisorIntent::ShowLine(_)
                | AdvisorIntent::Lock
                | AdvisorIntent::Guide(AdvisorGuide::Point(Pointing::At(_) | Pointing::Draw { .. }))
        );
        if by_person {
            self.lock.active(now);
        }
        if self.lock.locked().is_some() && !works_while_locked(&intent) {
            return;
        }
        match intent {
            AdvisorIntent::SignIn { user, password } => self.sign_in(user, password, now),
            AdvisorIntent::EnterCode { code } => self.enter_code(code, now),
            AdvisorIntent::TakeOver => self.take_over(now),
            AdvisorIntent::Lock => self.lock(now),
            AdvisorIntent::Unlock { password } => self.unlock(password, now),
            AdvisorIntent::Active => {}
            AdvisorIntent::ChangePassword { new } => self.change_password(new, now),
            AdvisorIntent::NewNumber => self.new_number(),
            AdvisorIntent::Appointment(intent) => self.handle_appointment_intent(intent, now),
            AdvisorIntent::RequestControl => self.request_control(now),
            AdvisorIntent::RequestMoreTime => self.command(now, |rules| rules.request_more_time(now)),
            AdvisorIntent::GiveBackControl => self.command(now, |rules| rules.give_back_control(now)),
            AdvisorIntent::Input(event) => {
                // Input without a grant goes nowhere; the rules see to it.
                if let Stage::Session(session) = &mut self.stage {
                    session.rules.input(event);
                    self.drain_session(now);
                }
            }
            AdvisorIntent::RequestRecording => self.request_recording(now),
            AdvisorIntent::StopRecording => self.stop_recording(now),
            AdvisorIntent::Turn(turn) => self.turn(turn, now),
            AdvisorIntent::Guide(guide) => self.guide(guide, now),
            AdvisorIntent::Notes(intent) => self.handle_notes_intent(intent),
            AdvisorIntent::WriteMail { language, with_number } => self.write_mail(language, with_number, now),
            AdvisorIntent::Together(intent) => match &mut self.stage {
                Stage::Session(session) => {
                    session.together.handle_intent(intent, now);
                    self.drain_together(now);
                }
                _ => self.effects.push_back(Effect::Complain(Problem::NotNow)),
            },
            // Automation tells where a scene was painted only once it was.
            AdvisorIntent::Painted => self.publish(),
            AdvisorIntent::ShowLine(shows) => {
                if let Stage::Session(session) = &mut self.stage {
                    session.shows_line = shows;
                    session.tick_at = now;
                }
            }
            AdvisorIntent::End => match &mut self.stage {
                Stage::Session(session) => {
                    session.rules.end(EndReason::ByPerson, now);
                    self.drain_session(now);
                }
                _ => self.effects.push_back(Effect::Complain(Problem::NotNow)),
            },
            AdvisorIntent::SignOut => {
                self.end_all(EndReason::ProgramClosed, now);
                self.fail(None);
            }
            AdvisorIntent::Fault => {
                self.faulty = true;
                self.end_all(EndReason::Broken, now);
                self.fail(Some(Problem::ProgramFault));
            }
            AdvisorIntent::Quit => {
                self.end_all(EndReason::ProgramClosed, now);
                self.effects.push_back(Effect::Disconnect);
                self.effects.push_back(Effect::Quit);
            }
        }
    }

    fn handle_link(&mut self, event: LinkEvent, now: Moment) {
        match event {
            LinkEvent::Connected(binding) => {
                self.connected(binding);
                self.connected_again(binding);
            }
            LinkEvent::Broker(message) => self.handle_broker(message, now),
            LinkEvent::Relay(bytes) => self.handle_relay(&bytes, now),
            LinkEvent::Lost(problem) => self.link_lost(problem, now),
        }
    }

    fn handle_event(&mut self, event: AdvisorEvent, now: Moment) {
        let event = match event {
            AdvisorEvent::Key(news) => return self.key_news(news, now),
            AdvisorEvent::Notes(event) => return self.handle_notes(event, now),
            AdvisorEvent::MailNotOpened(why) => {
                let problem = Problem::MailNotOpened(why);
                self.effects.push_back(Effect::Complain(problem.clone()));
                if let Stage::Lobby(lobby) = &mut self.stage {
                    lobby.problem = Some(problem);
                }
                return self.publish();
            }
            AdvisorEvent::Recorder(event) => return self.handle_recorder(event, now),
            AdvisorEvent::Show(number, event) => return self.handle_show(number, event, now),
            AdvisorEvent::TooManyFrames => None,
            AdvisorEvent::Watch(event) => Some(event),
            AdvisorEvent::Together(event) => {
                if let Stage::Session(session) = &mut self.stage {
                    session.together.handle_event(event, now);
                    self.drain_together(now);
                }
                return;
            }
            AdvisorEvent::Files(event) => {
                if let Stage::Session(session) = &mut self.stage {
                    session.together.handle_files(event, now);
                    self.drain_together(now);
                }
                return;
            }
        };
        let Stage::Session(session) = &mut self.stage else { return };
        match event {
            Some(WatchEvent::Shown { number, bytes, surfaces }) => {
                session.answers.shown(number, bytes, now);
                session.answer(now);
                if let Some(surfaces) = surfaces {
                    session.surfaces = surfaces;
                    self.publish();
                }
                self.drain_session(now);
            }
            Some(WatchEvent::DecodesVideo(can)) => {
                session.rules.decodes_video(can);
                self.drain_session(now);
            }
            Some(WatchEvent::Malformed) | None => self.misbehaved(now),
        }
    }

    fn handle_timeout(&mut self, now: Moment) {
        self.lock_if_due(now);
        self.key_late(now);
        self.appointments_timeout(now);
        if self.entry_deadline().is_some_and(|at| at <= now) {
            let address = self.config.broker_place.clone();
            self.fail(Some(Problem::BrokerUnreachable { address }));
        }
        match &mut self.stage {
            Stage::SignIn { .. }
            | Stage::AwaitsKey { .. }
            | Stage::SigningIn(_)
            | Stage::Code { .. }
            | Stage::AtTheDoor { .. }
            | Stage::NewPassword { .. } => {}
            Stage::Lobby(lobby) => {
                if lobby.tick_at.is_some_and(|at| at <= now) {
                    lobby.tick_at = lobby.number.as_ref().map(|_| now.after(TICK));
                    self.effects.push_back(Effect::Publish);
                }
                if matches!(&lobby.attempt, Some(Attempt { deadline, .. }) if *deadline <= now) {
                    self.attempt_failed(AttemptOutcome::Unproven);
                }
            }
            Stage::Session(session) => {
                session.rules.handle_timeout(now);
                if session.together.poll_timeout().is_some_and(|at| at <= now) {
                    session.together.handle_timeout(now);
                }
                session.answer(now);
                if session.tick_at <= now {
                    session.line.tick(now);
                    session.tick_at = now.after(session.tick());
                    self.effects.push_back(Effect::Publish);
                }
                self.drain_session(now);
                self.turn_timeout(now);
                self.cut_timeout(now);
            }
        }
    }

    fn poll_timeout(&self) -> Option<Moment> {
        let by_stage = match &self.stage {
            Stage::AwaitsKey { deadline, .. } => Some(*deadline),
            Stage::SignIn { .. }
            | Stage::SigningIn(_)
            | Stage::Code { .. }
            | Stage::AtTheDoor { .. }
            | Stage::NewPassword { .. } => self.entry_deadline(),
            Stage::Lobby(lobby) => {
                [lobby.tick_at, lobby.attempt.as_ref().map(|attempt| attempt.deadline)].into_iter().flatten().min()
            }
            Stage::Session(session) => {
                let cut = session.cut.as_ref().map(|cut| cut.reconnect.due());
                let own = [
                    cut,
                    session.answers.due(),
                    session.turned.due(),
                    session.together.poll_timeout(),
                    Some(session.tick_at),
                ];
                own.into_iter().chain([session.rules.poll_timeout()]).flatten().min()
            }
        };
        [by_stage, self.lock.due(), self.appointments_due_at()].into_iter().flatten().min()
    }

    fn poll_effect(&mut self) -> Option<Effect<AdvisorWork>> {
        self.effects.pop_front()
    }

    fn has_record(&self) -> bool {
        matches!(&self.stage, Stage::Session(session) if session.cut.is_none() && session.has_record())
    }

    fn next_record(&mut self, now: Moment) -> Option<Vec<u8>> {
        let Stage::Session(session) = &mut self.stage else { return None };
        if session.cut.is_some() {
            return None;
        }
        let record = session.next_record(now);
        self.drain_together(now);
        record
    }

    fn view(&self, now: Moment) -> AdvisorView {
        let sign_in = |busy, problem: &Option<Problem>| AdvisorScreen::SignIn {
            user: self.user.clone(),
            broker: self.config.broker_place.clone(),
            busy,
            problem: problem.clone(),
            key: self.key.view(),
        };
        if let Some(locked) = self.lock.locked() {
            let in_session = matches!(self.stage, Stage::Session(_));
            let (user, problem) = (self.user.clone(), locked.problem.clone());
            let screen = AdvisorScreen::Locked { user, in_session, problem };
            return AdvisorView {
                screen,
                faces: self.images.faces(),
                recording_problem: self.recording_problem.clone(),
            };
        }
        let screen = match &self.stage {
            Stage::SignIn { problem } => sign_in(false, problem),
            Stage::AwaitsKey { .. } | Stage::SigningIn(Entry { new: None, .. }) => sign_in(true, &None),
            Stage::SigningIn(Entry { new: Some(_), .. }) => {
                AdvisorScreen::NewPassword { user: self.user.clone(), busy: true, problem: None }
            }
            Stage::Code { busy, problem, .. } => {
                AdvisorScreen::Code { user: self.user.clone(), busy: *busy, problem: problem.clone() }
            }
            Stage::AtTheDoor { waits: Waits::Approval { name, code }, .. } => AdvisorScreen::WorkplaceWaits {
                name: name.to_string(),
                code: format!("{:03} {:03}", code / 1_000 % 1_000, code % 1_000),
            },
            Stage::AtTheDoor { waits: Waits::TakeOver { workplace, in_session, busy }, .. } => {
                AdvisorScreen::Elsewhere { workplace: workplace.to_string(), in_session: *in_session, busy: *busy }
            }
            Stage::NewPassword { problem, .. } => {
                AdvisorScreen::NewPassword { user: self.user.clone(), busy: false, problem: problem.clone() }
            }
            Stage::Lobby(lobby) => AdvisorScreen::Lobby {
                advisor: self.advisor.clone(),
                organisation: self.organisation.clone(),
                page: page(&self.config.broker_place),
                number: lobby.number.as_ref().map(|open| NumberView {
                    text: open.number.to_string(),
                    remaining_s: u32::try_from(open.until.since(now).as_secs()).unwrap_or(u32::MAX),
                    life_s: u32::try_from(open.life.as_secs()).unwrap_or(u32::MAX),
                }),
                checking: lobby.attempt.is_some(),
                last: lobby.last.clone(),
                notes: self.notes.clone(),
                appointments: self.appointments_view(lobby, now),
                asks_customers: self.rules.policy().limits.rating == RatingRule::Asked,
                problem: lobby.problem.clone(),
            },
            Stage::Session(session) => {
                let awaited = self.awaited_since_unix_s();
                AdvisorScreen::Viewer(ViewerView { awaited, ..session.view(&self.config.picture, now) })
            }
        };
        AdvisorView { screen, faces: self.images.faces(), recording_problem: self.recording_problem.clone() }
    }
}

/// What may be wanted while the program is locked.
fn works_while_locked(intent: &AdvisorIntent) -> bool {
    match intent {
        AdvisorIntent::Unlock { .. } | AdvisorIntent::End | AdvisorIntent::SignOut | AdvisorIntent::Quit => true,
        AdvisorIntent::Fault => true,
        // What was being written is kept when the window closes.
        AdvisorIntent::Notes(NotesIntent::Write { .. }) => true,
        // The picture goes on, unseen.
        AdvisorIntent::Painted => true,
        AdvisorIntent::SignIn { .. }
        | AdvisorIntent::EnterCode { .. }
        | AdvisorIntent::TakeOver
        | AdvisorIntent::Lock
        | AdvisorIntent::Active
        | AdvisorIntent::ChangePassword { .. }
        | AdvisorIntent::NewNumber
        | AdvisorIntent::RequestControl
        | AdvisorIntent::RequestMoreTime
        | AdvisorIntent::GiveBackControl
        | AdvisorIntent::RequestRecording
        | AdvisorIntent::StopRecording
        | AdvisorIntent::Input(_)
        | AdvisorIntent::Together(_)
        | AdvisorIntent::Guide(_)
        | AdvisorIntent::Turn(_)
        | AdvisorIntent::Notes(_)
        | AdvisorIntent::Appointment(_)
        | AdvisorIntent::WriteMail { .. }
        | AdvisorIntent::ShowLine(_) => false,
    }
}

impl AdvisorController {
    /// What the rules forbid is not even asked; the customer's program would
    /// refuse it.
    fn request_control(&mut self, now: Moment) {
        if let Stage::Session(session) = &self.stage
            && session.limits.control == ControlRule::Forbidden
        {
            return self.effects.push_back(Effect::Complain(Problem::ControlForbidden));
        }
        self.command(now, |rules| rules.request_control(now));
    }

    pub(in crate::advisor) fn command(&mut self, now: Moment, command: impl FnOnce(&mut WatcherSession) -> bool) {
        let Stage::Session(session) = &mut self.stage else {
            return self.effects.push_back(Effect::Complain(Problem::NotNow));
        };
        if !command(&mut session.rules) {
            self.effects.push_back(Effect::Complain(Problem::NotNow));
        }
        self.drain_session(now);
    }

    /// The invitation, without the number unless the person wants it.
    fn write_mail(&mut self, language: Language, with_number: bool, now: Moment) {
        let Stage::Lobby(lobby) = &mut self.stage else {
            return self.effects.push_back(Effect::Complain(Problem::NotNow));
        };
        lobby.problem = None;
        let number = lobby.number.as_ref().filter(|_| with_number).map(|open| InvitedTo {
            number: open.number.to_string(),
            until: format::clock_at(self.config.unix_s_at_origin + open.until.max(now).as_ms() / 1_000),
        });
        let invitation = Invitation {
            advisor: &self.advisor,
            organisation: &self.organisation,
            page: &page(&self.config.broker_place),
            number: number.as_ref(),
            meeting: None,
        };
        let uri = invitation.mail(Texts::of(language));
        self.effects.push_back(Effect::Work(AdvisorWork::WriteMail(uri)));
        self.publish();
    }

    pub(super) fn end_all(&mut self, why: EndReason, now: Moment) {
        if let Stage::Session(session) = &mut self.stage {
            session.rules.end(why, now);
            self.drain_session(now);
        }
    }
}

/// The company's page, which the broker serves at its own port.
pub(super) fn page(broker_place: &str) -> String {
    format!("https://{}/", broker_place.strip_suffix(":443").unwrap_or(broker_place))
}

#[cfg(test)]
mod tests {
    use super::page;

    #[test]
    fn the_usual_port_is_not_named() {
        assert_eq!(page("help.example:443"), "https://help.example/");
        assert_eq!(page("help.example:7443"), "https://help.example:7443/");
        assert_eq!(page("[2001:db8::1]:443"), "https://[2001:db8::1]/");
    }
}
