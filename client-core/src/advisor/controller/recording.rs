//! Recording at the advisor: asked for, made while the customer's consent
//! lasts, and ended with it.

use super::{AdvisorController, AdvisorWork, Stage};
use crate::{
    advisor::view::RecordingView,
    controller::Effect,
    problem::Problem,
    recording::{Failure, RecorderEvent, Wanted},
};
use mitblick_protocol::{
    peer_msg::RecordingState, policy::RecordingRule, recording::About, text::DisplayText, time::Moment,
};
use std::path::PathBuf;

/// What is recorded of a session.
#[derive(Debug, Default)]
pub(super) struct Recording {
    /// As the recorder was told last: which one it makes.
    making: Option<u64>,
    /// Where it is written.
    file: Option<PathBuf>,
    /// Room for it, once that is little.
    left_bytes: Option<u64>,
    /// What went wrong with it.
    problem: Option<Problem>,
}

impl Recording {
    pub(super) fn view(&self, state: RecordingState, rule: RecordingRule) -> RecordingView {
        RecordingView {
            state,
            forbidden: rule == RecordingRule::Forbidden,
            file: self.file.clone(),
            left_bytes: self.left_bytes,
            problem: self.problem.clone(),
        }
    }
}

impl AdvisorController {
    pub(super) fn request_recording(&mut self, now: Moment) {
        if let Stage::Session(session) = &mut self.stage {
            if session.limits.recording == RecordingRule::Forbidden {
                return self.push_effect(Effect::Complain(Problem::RecordingForbidden));
            }
            session.rules.request_recording(now);
        }
        self.drain_session(now);
    }

    pub(super) fn stop_recording(&mut self, now: Moment) {
        if let Stage::Session(session) = &mut self.stage {
            session.rules.stop_recording(false, now);
        }
        self.drain_session(now);
    }

    /// Begins or ends the recording as the session's rules have it now.
    pub(super) fn follow_recording(&mut self) {
        let Stage::Session(session) = &mut self.stage else { return };
        match (session.rules.state().recording, session.recording.making) {
            (RecordingState::Granted { owners, key }, None) => {
                self.recordings += 1;
                session.recording = Recording { making: Some(self.recordings), ..Recording::default() };
                self.recording_problem = None;
                let about = About {
                    organisation: DisplayText::cleaned(&self.organisation),
                    advisor: DisplayText::cleaned(&self.advisor),
                    utc_offset_s: self.config.utc_offset_s,
                };
                let wanted = Wanted { number: self.recordings, owners, key, about };
                self.effects.push_back(Effect::Work(AdvisorWork::Record(wanted)));
            }
            (RecordingState::Granted { .. }, Some(_)) | (_, None) => {}
            (_, Some(_)) => {
                session.recording.making = None;
                self.effects.push_back(Effect::Work(AdvisorWork::EndRecording));
            }
        }
    }

    pub(super) fn handle_recorder(&mut self, event: RecorderEvent, now: Moment) {
        if let RecorderEvent::Failed { number, why } = &event
            && *number <= self.recordings
        {
            // Also when its session, or its consent, is over by then: it is not
            // what its person takes it for.
            let problem = match why {
                Failure::NoRoom => Problem::RecordingNoRoom,
                Failure::TooLong => Problem::RecordingTooLong,
                Failure::System(why) => Problem::RecordingFailed(why.clone()),
            };
            if let Stage::Session(session) = &mut self.stage {
                session.recording.problem = Some(problem.clone());
            }
            self.recording_problem = Some(problem.clone());
            self.push_effect(Effect::Complain(problem));
        }
        if let Stage::Session(session) = &mut self.stage {
            let current = session.recording.making;
            match event {
                RecorderEvent::Began { number, path } if current == Some(number) => session.recording.file = Some(path),
                RecorderEvent::FewLeft { number, left_bytes } if current == Some(number) => {
                    session.recording.left_bytes = Some(left_bytes);
                }
                RecorderEvent::Failed { number, .. } if current == Some(number) => {
                    session.recording.making = None;
                    session.rules.stop_recording(true, now);
                    self.drain_session(now);
                }
                RecorderEvent::Began { .. }
                | RecorderEvent::FewLeft { .. }
                | RecorderEvent::Finished { .. }
                | RecorderEvent::Failed { .. } => {}
            }
        }
        self.publish();
    }
}
