//! Recording at the advisor: asked for, made while the customer's consent
//! lasts, and ended with it.

use super::{AdvisorController, AdvisorWork, Stage};
use crate::{
    advisor::view::RecordingView,
    controller::Effect,
    problem::Problem,
    recording::{RecorderEvent, Wanted},
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
}

impl Recording {
    pub(super) fn view(&self, state: RecordingState, rule: RecordingRule) -> RecordingView {
        RecordingView { state, forbidden: rule == RecordingRule::Forbidden, file: self.file.clone() }
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
                session.recording = Recording { making: Some(self.recordings), file: None };
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
        let Stage::Session(session) = &mut self.stage else { return };
        let current = session.recording.making;
        match event {
            RecorderEvent::Began { number, path } if current == Some(number) => session.recording.file = Some(path),
            RecorderEvent::Failed { number, no_room, why } if current == Some(number) => {
                session.recording.making = None;
                session.rules.stop_recording(true, now);
                let problem = if no_room { Problem::RecordingNoRoom } else { Problem::RecordingFailed(why) };
                self.push_effect(Effect::Complain(problem));
                self.drain_session(now);
            }
            RecorderEvent::Began { .. } | RecorderEvent::Finished { .. } | RecorderEvent::Failed { .. } => {}
        }
        self.publish();
    }
}
