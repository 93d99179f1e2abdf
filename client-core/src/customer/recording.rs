//! Recording at the customer: the consent, the code that opens the recording,
//! and what of it is shown.

use super::controller::CustomerController;
use mitblick_protocol::{
    peer_msg::RecordingEnd,
    recording::{RecordingCode, RecordingOwners},
    session::ShowerRecording,
    time::Moment,
};

/// Whether the session is recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordingView {
    /// As the rules have it.
    pub state: RecordingState,
    /// The code of the newest recording, for the customer alone.
    pub code: Option<String>,
}

/// Whether the session is recorded, in words of the customer's side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RecordingState {
    /// It is not.
    #[default]
    None,
    /// The advisor asks.
    Asked,
    /// The advisor records.
    Recorded {
        /// Who opens the recording.
        owners: RecordingOwners,
    },
    /// It was, and has ended.
    Ended(RecordingEnd),
}

/// What a session keeps of its recordings.
#[derive(Default)]
pub(in crate::customer) struct Recordings {
    /// As people write them, oldest first.
    codes: Vec<String>,
}

impl Recordings {
    pub(in crate::customer) fn view(&self, state: ShowerRecording) -> RecordingView {
        let state = match state {
            ShowerRecording::None | ShowerRecording::Refused => RecordingState::None,
            ShowerRecording::Asked { .. } => RecordingState::Asked,
            ShowerRecording::Granted { owners } => RecordingState::Recorded { owners },
            ShowerRecording::Ended(RecordingEnd::Forbidden) => RecordingState::None,
            ShowerRecording::Ended(end) => RecordingState::Ended(end),
        };
        RecordingView { state, code: self.codes.last().cloned() }
    }

    /// All of them, for the end.
    pub(in crate::customer) fn codes(&self) -> Vec<String> {
        self.codes.clone()
    }
}

impl CustomerController {
    /// The person lets the advisor record. `false` if nobody asks.
    pub(in crate::customer) fn allow_recording(&mut self, owners: RecordingOwners, now: Moment) -> bool {
        let mut random = [0; 16];
        (self.entropy())(&mut random);
        let code = RecordingCode::from_random(random);
        let Some(session) = self.session_mut() else { return false };
        let allowed = session.rules.allow_recording(owners, code.key(), now).is_ok();
        if allowed {
            session.recordings.codes.push(code.to_string());
        }
        allowed
    }

    /// The person says no, or takes the consent back. `false` if there is
    /// neither.
    pub(in crate::customer) fn stop_recording(&mut self, now: Moment) -> bool {
        let Some(session) = self.session_mut() else { return false };
        let fits =
            matches!(session.rules.state().recording, ShowerRecording::Asked { .. } | ShowerRecording::Granted { .. });
        session.rules.stop_recording(now);
        fits
    }
}
