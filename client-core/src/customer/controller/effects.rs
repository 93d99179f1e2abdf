//! What a running session asks for and what its workers report: the effects of
//! its rules performed, up to its end.

use super::{CustomerController, CustomerWork, Stage, session::push};
use crate::{
    controller::Effect,
    customer::{
        control::{ControlCommand, ControlEvent},
        preview::PreviewCommand,
        share::{ShareCommand, ShareEvent},
        view::EndView,
    },
    problem::Problem,
    together::TogetherEffect,
    watching::run::RunCommand,
};
use mitblick_platform::tray::TrayChoice;
use mitblick_protocol::{
    peer_msg::{ControlEnd, EndReason, Frame, SharingState, ToWatcher},
    receipt::Side,
    session::{EndedBy, Permitted, ShowerControl, ShowerEffect, ShowerSession, ViewSelection},
    time::Moment,
};

impl CustomerController {
    /// Performs what is to be done together with the other side.
    pub(super) fn drain_together(&mut self, now: Moment) {
        while let Stage::Session(session) = &mut self.stage {
            let Some(effect) = session.together.poll_effect() else { return };
            match effect {
                TogetherEffect::Send(stream, message) => session.outbox.push(stream, message),
                TogetherEffect::SendCopy(stream, message) => session.outbox.push_revocable(stream, message),
                TogetherEffect::Revoke(stream) => session.outbox.revoke(stream),
                TogetherEffect::Work(work) => self.effects.push_back(Effect::Work(CustomerWork::Together(work))),
                TogetherEffect::Files(work) => self.work(CustomerWork::Files(work)),
                TogetherEffect::Happened(fact) => {
                    if let Some(noted) = fact.for_receipt(Side::Keeper) {
                        session.note_together(noted, now);
                    }
                }
                TogetherEffect::Complain(problem) => self.effects.push_back(Effect::Complain(problem)),
                TogetherEffect::Changed => self.publish(),
            }
        }
    }

    /// Performs what the session's rules ask for.
    pub(in crate::customer) fn drain_session(&mut self, now: Moment) {
        self.drain_together(now);
        while let Stage::Session(session) = &mut self.stage {
            let Some(effect) = session.rules.poll_effect() else { return };
            match effect {
                ShowerEffect::Send(message) => session.send(&message, now),
                ShowerEffect::StartCapture(permit) => {
                    session.problem = None;
                    session.shown_since = Some(now);
                    session.shown_before = true;
                    self.work(CustomerWork::Share(ShareCommand::Start(permit)));
                }
                ShowerEffect::StopCapture => {
                    session.outbox.cancel_pictures();
                    session.windows.clear();
                    session.stop_clock(now);
                    let reset = session.preview.as_mut().map(|looking| looking.reset());
                    self.work(CustomerWork::Share(ShareCommand::Stop));
                    if let Some(reset) = reset {
                        self.work(CustomerWork::Preview(reset));
                    }
                }
                ShowerEffect::FrameShown { number, held_ms } => {
                    self.work(CustomerWork::Share(ShareCommand::FrameShown { number, held_ms }));
                }
                ShowerEffect::StartInjection(permit) => {
                    let windows = session.windows.clone();
                    self.work(CustomerWork::Control(ControlCommand::Start(permit)));
                    self.work(CustomerWork::SwallowStopKey(true));
                    self.work(CustomerWork::Frames(windows));
                }
                ShowerEffect::Inject(input) => self.work(CustomerWork::Control(ControlCommand::Input(input))),
                ShowerEffect::StopInjection => {
                    self.work(CustomerWork::Control(ControlCommand::Stop));
                    self.work(CustomerWork::SwallowStopKey(false));
                    self.work(CustomerWork::Frames(Vec::new()));
                }
                ShowerEffect::DecodesVideo(can) => self.work(CustomerWork::Share(ShareCommand::DecodesVideo(can))),
                ShowerEffect::Marks(seen) => {
                    let name = session.who.advisor.clone();
                    self.work(CustomerWork::Marks { seen, name });
                }
                ShowerEffect::TurnedFrame(frame) => self.turned_frame(frame, false),
                ShowerEffect::TurnedFreshFrame(frame) => self.turned_frame(frame, true),
                ShowerEffect::TurnedMarks => self.show_own_marks(),
                ShowerEffect::Changed => {
                    session.together.set_showing(session.rules.state().sharing == SharingState::Showing);
                    session.follow_listing(now);
                    self.follow_turn(now);
                    self.drain_together(now);
                    self.publish();
                }
                ShowerEffect::Ended(reason, by) => self.end_session(reason, by, now),
            }
        }
    }

    fn end_session(&mut self, reason: EndReason, by: EndedBy, now: Moment) {
        let Stage::Session(session) = &mut self.stage else { return };
        session.stop_clock(now);
        session.outbox.cancel_pictures();
        // First: that every right is over is in it.
        session.receipt.note_end(by, reason, now);
        session.together.end(now);
        self.drain_together(now);
        let Stage::Session(session) = &mut self.stage else { return };
        // What is left is the word that it is over: sealed now, so that it is
        // ahead of the end of the link.
        let mut last = Vec::new();
        while session.cut.is_none()
            && let Some(record) = session.next_record(now)
        {
            last.push(record);
        }
        let problem = match (by, reason) {
            (EndedBy::OtherSide, EndReason::Broken) => Some(Problem::OtherSideFault),
            (_, EndReason::TimeOver) => Some(Problem::SessionTimeOver),
            (_, EndReason::Misbehaved) => Some(Problem::OtherSideMisbehaved),
            _ => None,
        };
        let end = EndView {
            who: Some(session.who.clone()),
            by_me: by == EndedBy::ThisSide,
            problem,
            shown_s: session.shown_ms / 1000,
            stop: reason == EndReason::Declined,
            receipt: None,
            rating: None,
            recordings: session.recordings.codes(),
            left: session.together.left(),
        };
        let before = std::mem::replace(&mut self.stage, Stage::Ended(end));
        self.effects.extend(last.into_iter().map(Effect::Relay));
        self.work(CustomerWork::UnwatchStopKey);
        self.work(CustomerWork::Preview(PreviewCommand::Close));
        self.work(CustomerWork::Watch(RunCommand::End));
        if let Stage::Session(session) = before {
            self.keep_past(*session, by, reason, now);
        }
        self.publish();
    }

    pub(in crate::customer) fn share(&mut self, selection: ViewSelection, now: Moment) {
        let Stage::Session(session) = &mut self.stage else {
            return self.effects.push_back(Effect::Complain(Problem::NotNow));
        };
        if session.asks_who_called {
            return self.effects.push_back(Effect::Complain(Problem::NotNow));
        }
        let (selection, shown) = session.names.named(&selection.applications);
        if session.rules.share(selection, now).is_err() {
            return self.effects.push_back(Effect::Complain(Problem::NothingToShare));
        }
        // Before what follows is sent: the receipt has the names.
        session.shown = shown;
        self.drain_session(now);
    }

    /// A command of the person to the session's rules.
    pub(in crate::customer) fn command(&mut self, now: Moment, command: impl FnOnce(&mut ShowerSession) -> bool) {
        let Stage::Session(session) = &mut self.stage else {
            return self.effects.push_back(Effect::Complain(Problem::NotNow));
        };
        if !command(&mut session.rules) {
            self.effects.push_back(Effect::Complain(Problem::NotNow));
        }
        self.drain_session(now);
    }

    pub(super) fn handle_share(&mut self, event: ShareEvent, now: Moment) {
        let Stage::Session(session) = &mut self.stage else { return };
        match event {
            ShareEvent::Frame(frame, permit) => self.send_frame(frame, false, &permit, now),
            ShareEvent::FreshFrame(frame, permit) => self.send_frame(frame, true, &permit, now),
            ShareEvent::Windows(windows) => {
                session.windows = windows;
                if matches!(session.rules.state().control, ShowerControl::Granted { .. }) {
                    let windows = session.windows.clone();
                    self.work(CustomerWork::Frames(windows));
                }
            }
            ShareEvent::Failed(text) => {
                session.problem = Some(Problem::CaptureUnavailable(text));
                session.rules.choose_again(now);
                self.drain_session(now);
                self.publish();
            }
        }
    }

    fn send_frame(&mut self, frame: Frame, fresh: bool, permit: &Permitted<ViewSelection>, now: Moment) {
        let Stage::Session(session) = &mut self.stage else { return };
        if let Some(ms) = frame.round_trip_ms {
            session.line.round_trip(ms.into());
        }
        // The last look before sealing: a pause since means that this frame
        // does not leave.
        if permit.claim().is_none() || session.rules.state().sharing != SharingState::Showing {
            return;
        }
        if let Some(scene) = &frame.scene {
            session.rules.scene_sent(scene, now);
        }
        let preview = session.preview.as_mut().and_then(|looking| looking.follow(&frame, fresh));
        push(&mut session.outbox, &if fresh { ToWatcher::FreshFrame(frame) } else { ToWatcher::Frame(frame) });
        if let Some(command) = preview {
            self.work(CustomerWork::Preview(command));
        }
        self.drain_session(now);
    }

    /// What no longer fits is nobody's fault: a menu may be a moment old.
    pub(super) fn chosen_in_tray(&mut self, choice: TrayChoice, now: Moment) {
        let Stage::Session(session) = &mut self.stage else { return };
        match choice {
            TrayChoice::StopControl => session.rules.revoke_control(ControlEnd::TakenBack, now),
            TrayChoice::Pause => session.rules.pause(now),
            TrayChoice::End => session.rules.end(EndReason::ByPerson, now),
            // The window's own.
            TrayChoice::Open => {}
        }
        self.drain_session(now);
    }

    pub(super) fn handle_control(&mut self, event: ControlEvent, now: Moment) {
        let Stage::Session(session) = &mut self.stage else { return };
        match event {
            ControlEvent::Refused(reason) => {
                tracing::debug!(?reason, "remote input had no effect");
                session.rules.input_was_refused(reason, now);
            }
            ControlEvent::NotAvailable(text) => {
                session.control_problem = Some(Problem::ControlUnavailable(text));
                session.rules.control_not_available(now);
            }
            ControlEvent::StopKey => session.rules.emergency_stop(now),
            ControlEvent::LocalInput => session.rules.local_input(now),
            ControlEvent::StopKeyLost => {
                // It is watched anew with the next session: in this one there
                // is no control without a stop key.
                session.control_problem = Some(Problem::StopKeyLost);
                session.rules.control_not_available(now);
            }
            // It may be allowed anew by whoever is there.
            ControlEvent::KeyboardGone => session.rules.revoke_control(ControlEnd::NotAvailable, now),
            ControlEvent::Flood => session.rules.revoke_control(ControlEnd::NotAvailable, now),
        }
        self.drain_session(now);
    }
}
