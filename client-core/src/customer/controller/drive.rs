//! The calls that the runtime makes to the customer's controller.

use super::{
    CustomerController, CustomerEvent, CustomerWork, INPUT_RESTS, REFRESH_EVERY, SAID_FOR, Stage, TICK,
    session::WantedTitles,
};
use crate::{
    controller::{Controller, Effect},
    customer::{
        by_hand::Says,
        view::{ConnectingStep, CustomerIntent, CustomerScreen, CustomerView, NotByHand},
    },
    link::LinkEvent,
    problem::Problem,
};
use mitblick_protocol::{
    peer_msg::{ControlEnd, EndReason, SharingState},
    session::{ControlLimit, ShowerControl, ViewSelection},
    time::Moment,
};

impl Controller for CustomerController {
    type Intent = CustomerIntent;
    type Event = CustomerEvent;
    type Work = CustomerWork;
    type View = CustomerView;

    fn handle_intent(&mut self, intent: CustomerIntent, now: Moment) {
        if let Stage::Session(session) = &mut self.stage
            && intent.says() == Says::Yes
            && session.not_by_hand_until.take().is_some()
        {
            self.publish();
        }
        match intent {
            CustomerIntent::Join(number) => match self.stage {
                Stage::Join { .. } | Stage::Ended(_) => self.join(&number, now),
                _ => self.effects.push_back(Effect::Complain(Problem::NotNow)),
            },
            CustomerIntent::CancelJoin => {
                if !matches!(self.stage, Stage::Session(_) | Stage::Ended(_)) {
                    self.stage = Stage::Join { number: String::new(), problem: None };
                    self.effects.push_back(Effect::Disconnect);
                    self.publish();
                }
            }
            CustomerIntent::IDidCall => self.i_did_call(),
            CustomerIntent::TheyCalledMe => self.they_called_me(now),
            CustomerIntent::KeepReceipt { place, language } => self.keep_receipt(place, language),
            CustomerIntent::Rate(rating) => self.rate(rating, now),
            CustomerIntent::RefreshApplications => self.work(CustomerWork::ListApplications),
            CustomerIntent::Share(applications) => {
                self.share(ViewSelection { applications: applications.into_iter().collect() }, now);
            }
            CustomerIntent::ShareTitles(titles) => self.share_titles(&titles, false),
            CustomerIntent::ChooseAgain => self.command(now, |rules| {
                rules.choose_again(now);
                true
            }),
            CustomerIntent::Pause => self.command(now, |rules| {
                let state = rules.state();
                let fits = state.sharing == SharingState::Showing || state.cut == Some(true);
                rules.pause(now);
                fits
            }),
            CustomerIntent::Resume => self.command(now, |rules| {
                let state = rules.state();
                let fits = state.sharing == SharingState::Paused && state.cut != Some(true);
                rules.resume(now);
                fits
            }),
            CustomerIntent::AllowControl { minutes } => self.allow_control(minutes, now),
            CustomerIntent::RefuseControl => self.command(now, |rules| {
                let fits = matches!(rules.state().control, ShowerControl::Asked { .. });
                rules.refuse_control(now);
                fits
            }),
            CustomerIntent::AllowMoreTime { minutes } => {
                let limit = minutes.map_or(ControlLimit::Session, ControlLimit::Minutes);
                self.command(now, |rules| rules.allow_more_time(limit, now).is_ok());
            }
            CustomerIntent::RefuseMoreTime => self.command(now, |rules| {
                let fits = matches!(rules.state().control, ShowerControl::Granted { asks_more: true, .. });
                rules.refuse_more_time(now);
                fits
            }),
            CustomerIntent::RevokeControl => self.command(now, |rules| {
                let fits = matches!(rules.state().control, ShowerControl::Granted { .. });
                rules.revoke_control(ControlEnd::TakenBack, now);
                fits
            }),
            CustomerIntent::AllowRecording { owners } => {
                let fits = self.allow_recording(owners, now);
                self.command(now, |_| fits);
            }
            CustomerIntent::StopRecording => {
                let fits = self.stop_recording(now);
                self.command(now, |_| fits);
            }
            CustomerIntent::AllowTurn => self.allow_turn(now),
            CustomerIntent::TurnBack => self.command(now, |rules| rules.turn_back(now)),
            CustomerIntent::Point(wanted) => self.point(wanted, now),
            // Automation tells where a scene was painted only once it was.
            CustomerIntent::Painted => self.publish(),
            CustomerIntent::ShowLine(shows) => {
                if let Stage::Session(session) = &mut self.stage {
                    session.shows_line = shows;
                    self.publish();
                }
            }
            CustomerIntent::Guide(guide) => self.guide(guide, now),
            CustomerIntent::Together(intent) => match &mut self.stage {
                Stage::Session(session) => {
                    session.together.handle_intent(intent, now);
                    self.drain_together(now);
                }
                _ => self.effects.push_back(Effect::Complain(Problem::NotNow)),
            },
            CustomerIntent::End => match &mut self.stage {
                Stage::Session(session) => {
                    session.rules.end(EndReason::ByPerson, now);
                    self.drain_session(now);
                }
                Stage::Ended(_) => {}
                _ => self.handle_intent(CustomerIntent::CancelJoin, now),
            },
            CustomerIntent::NewSession => {
                if matches!(self.stage, Stage::Ended(_)) {
                    self.leave(now);
                    self.drop_past();
                    self.stage = Stage::Join { number: String::new(), problem: None };
                    self.publish();
                }
            }
            CustomerIntent::Fault => self.fault(now),
            CustomerIntent::NotByHand => {
                if let Stage::Session(session) = &mut self.stage {
                    tracing::warn!("a yes does not count: no real device was pressed");
                    session.not_by_hand_until = Some(now.after(SAID_FOR));
                    // Who presses again must not be spoiled by the advisor's
                    // input.
                    session.rules.rest_input(INPUT_RESTS, now);
                    self.drain_session(now);
                    self.publish();
                }
            }
            CustomerIntent::Quit => {
                if let Stage::Session(session) = &mut self.stage {
                    session.rules.end(EndReason::ProgramClosed, now);
                    self.drain_session(now);
                }
                self.leave(now);
                self.quit();
            }
        }
    }

    fn handle_link(&mut self, event: LinkEvent, now: Moment) {
        match event {
            // Only an advisor's program has to prove where it runs.
            LinkEvent::Connected(_) => {}
            LinkEvent::Broker(message) => self.handle_broker(message, now),
            LinkEvent::Relay(bytes) => self.handle_relay(&bytes, now),
            LinkEvent::Lost(problem) => self.link_lost(problem, now),
        }
    }

    fn handle_event(&mut self, event: CustomerEvent, now: Moment) {
        match event {
            CustomerEvent::Applications(listed) => {
                let Stage::Session(session) = &mut self.stage else { return };
                match listed {
                    Ok(items) => {
                        session.names.learn(&items);
                        session.applications = Some(items);
                        if matches!(session.problem, Some(Problem::CaptureUnavailable(_))) && !session.shown_before {
                            session.problem = None;
                        }
                    }
                    Err(text) => session.problem = Some(Problem::CaptureUnavailable(text)),
                }
                if session.refresh_at.is_some() {
                    session.refresh_at = Some(now.after(REFRESH_EVERY));
                }
                if let Some(wanted) = session.wanted_titles.take() {
                    self.share_wanted(&wanted, now);
                }
                self.publish();
            }
            CustomerEvent::Share(event) => self.handle_share(event, now),
            CustomerEvent::Control(event) => self.handle_control(event, now),
            CustomerEvent::Together(event) => {
                if let Stage::Session(session) = &mut self.stage {
                    session.together.handle_event(event, now);
                    self.drain_together(now);
                }
            }
            CustomerEvent::Files(event) => {
                if let Stage::Session(session) = &mut self.stage {
                    session.together.handle_files(event, now);
                    self.drain_together(now);
                }
            }
            CustomerEvent::ReceiptKept(result) => self.receipt_kept(result),
            CustomerEvent::Preview(event) => self.preview_told(event),
            CustomerEvent::Watch(number, event) => self.watched(number, event, now),
            CustomerEvent::Tray(chosen) => self.chosen_in_tray(chosen.choice(), now),
            CustomerEvent::StopKeyWatch(watched) => {
                // The watch may have ended before it was told that it began.
                if let Stage::Session(session) = &mut self.stage
                    && session.control_problem != Some(Problem::StopKeyLost)
                {
                    session.control_problem = watched.err().map(Problem::ControlUnavailable);
                    self.publish();
                }
            }
        }
    }

    fn handle_timeout(&mut self, now: Moment) {
        self.past_timeout(now);
        match &mut self.stage {
            Stage::Join { .. } | Stage::Ended(_) => {}
            Stage::Pairing(_) => self.pairing_timeout(now),
            Stage::AwaitOffer { deadline, .. }
            | Stage::AwaitSuite { deadline, .. }
            | Stage::AwaitConfirm { deadline, .. } => {
                if *deadline <= now {
                    self.fail(Problem::HandshakeTimeout);
                }
            }
            Stage::Session(session) => {
                let is_cut = session.cut.is_some();
                session.rules.handle_timeout(now);
                session.answer(now);
                if session.together.poll_timeout().is_some_and(|at| at <= now) {
                    session.together.handle_timeout(now);
                }
                let listing = session.refresh_at.is_some_and(|at| at <= now);
                if listing {
                    // Until the list has come; then it is set anew.
                    session.refresh_at = Some(now.after(REFRESH_EVERY * 4));
                }
                let ticking = session.tick_at <= now;
                if ticking {
                    session.tick_at = now.after(TICK);
                    session.line.tick(now);
                }
                let state = session.rules.state();
                let unsaid = session.not_by_hand_until.take_if(|until| *until <= now).is_some();
                let running = is_cut || state.sharing != SharingState::Choosing || state.ends_at.is_some();
                self.drain_session(now);
                if listing {
                    self.work(CustomerWork::ListApplications);
                }
                if unsaid || (ticking && running) {
                    self.publish();
                }
                self.cut_timeout(now);
            }
        }
    }

    fn poll_timeout(&self) -> Option<Moment> {
        match &self.stage {
            Stage::Join { .. } | Stage::Ended(_) => self.past_due(),
            Stage::Pairing(pairing) => pairing.due(),
            Stage::AwaitOffer { deadline, .. }
            | Stage::AwaitSuite { deadline, .. }
            | Stage::AwaitConfirm { deadline, .. } => Some(*deadline),
            Stage::Session(session) => {
                let cut = session.cut.as_ref().map(|cut| cut.reconnect.due());
                let own = [
                    cut,
                    session.turned.answers.due(),
                    session.refresh_at,
                    session.together.poll_timeout(),
                    Some(session.tick_at),
                    session.not_by_hand_until,
                ];
                own.into_iter().chain([session.rules.poll_timeout()]).flatten().min()
            }
        }
    }

    fn poll_effect(&mut self) -> Option<Effect<CustomerWork>> {
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

    fn view(&self, now: Moment) -> CustomerView {
        let screen = match &self.stage {
            Stage::Join { number, problem } => {
                CustomerScreen::Join { number: number.clone(), problem: problem.clone() }
            }
            Stage::Pairing(pairing) if pairing.awaited => {
                CustomerScreen::Connecting(ConnectingStep::WaitingRoom { line: pairing.line(|at| self.unix_s(at)) })
            }
            Stage::Pairing(_) => CustomerScreen::Connecting(ConnectingStep::Broker),
            Stage::AwaitOffer { .. } | Stage::AwaitSuite { .. } | Stage::AwaitConfirm { .. } => {
                CustomerScreen::Connecting(ConnectingStep::Checking)
            }
            Stage::Session(session) => session.screen(self.config.second_stop_key, now),
            Stage::Ended(end) => CustomerScreen::Ended(self.end_view(end)),
        };
        let ends_at = match &self.stage {
            Stage::Session(session) => session.rules.state().ends_at,
            _ => None,
        };
        let together = match &self.stage {
            Stage::Session(session) => Some(session.together.view()),
            _ => None,
        };
        let cut_s = match &self.stage {
            Stage::Session(session) => session
                .cut
                .as_ref()
                .map(|cut| u32::try_from(cut.reconnect.left(now).as_millis().div_ceil(1000)).unwrap_or(u32::MAX)),
            _ => None,
        };
        let guide = match &self.stage {
            Stage::Session(session) => Some(session.guide()),
            _ => None,
        };
        let recording = match &self.stage {
            Stage::Session(session) => session.recordings.view(session.rules.state().recording),
            _ => Default::default(),
        };
        let turn = match &self.stage {
            Stage::Session(session) if !session.asks_who_called => session.rules.state().turn.into(),
            _ => Default::default(),
        };
        let not_by_hand = match &self.stage {
            Stage::Session(session) if session.not_by_hand_until.is_some_and(|until| now < until) => {
                let watches = session.control_problem.is_none();
                Some(if watches { NotByHand::SayAgain } else { NotByHand::NotHere })
            }
            _ => None,
        };
        CustomerView {
            screen,
            recording,
            turn,
            together,
            cut_s,
            faces: self.images.faces(),
            guide,
            company: self.rules.policy().texts.clone(),
            control: self.limits.control,
            ends_in_s: ends_at.map(|at| u32::try_from(at.since(now).as_millis().div_ceil(1000)).unwrap_or(u32::MAX)),
            not_by_hand,
        }
    }
}

impl CustomerController {
    /// Nobody is asked twice by the same company.
    fn i_did_call(&mut self) {
        match (&mut self.stage, self.config.pin) {
            (Stage::Session(session), Some(pin)) if session.asks_who_called => {
                session.asks_who_called = false;
                self.config.knows_company = true;
                self.work(CustomerWork::RememberCompany(pin));
                self.publish();
            }
            _ => self.effects.push_back(Effect::Complain(Problem::NotNow)),
        }
    }

    fn they_called_me(&mut self, now: Moment) {
        match &mut self.stage {
            Stage::Session(session) if session.asks_who_called => {
                session.rules.end(EndReason::Declined, now);
                self.drain_session(now);
            }
            _ => self.effects.push_back(Effect::Complain(Problem::NotNow)),
        }
    }

    /// Shares what owns a window whose title contains one of the texts, from a
    /// list that is made after this call.
    pub(in crate::customer) fn share_titles(&mut self, titles: &[String], also: bool) {
        let Stage::Session(session) = &mut self.stage else {
            return self.effects.push_back(Effect::Complain(Problem::NotNow));
        };
        session.wanted_titles = Some(WantedTitles { titles: titles.to_vec(), also });
        self.work(CustomerWork::ListApplications);
    }

    /// The list for [`Self::share_titles`] has come.
    fn share_wanted(&mut self, wanted: &WantedTitles, now: Moment) {
        let Stage::Session(session) = &self.stage else { return };
        let items = session.applications.as_deref().unwrap_or_default();
        let also = wanted.also;
        let chosen = items.iter().filter(|item| item.has_title(&wanted.titles)).map(|item| item.id);
        let selection = ViewSelection { applications: chosen.collect() };
        if selection.applications.is_empty() {
            return self.effects.push_back(Effect::Complain(Problem::NothingToShare));
        }
        if also {
            return self.show_also(selection.applications, now);
        }
        self.share(selection, now);
    }

    fn allow_control(&mut self, minutes: Option<u16>, now: Moment) {
        if let Stage::Session(session) = &self.stage
            && let Some(problem) = &session.control_problem
        {
            // Without the stop key there is no control.
            let problem = problem.clone();
            self.effects.push_back(Effect::Complain(problem));
            return self.command(now, |rules| {
                rules.refuse_control(now);
                true
            });
        }
        let limit = minutes.map_or(ControlLimit::Session, ControlLimit::Minutes);
        self.command(now, |rules| rules.allow_control(limit, now).is_ok());
    }
}
