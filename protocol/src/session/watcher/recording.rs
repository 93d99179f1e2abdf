//! Whether this side may record what it is shown, at the watcher.

use super::{Told, WatcherSession};
use crate::{
    peer_msg::{RecordingEnd, RecordingState, ToShower},
    session::Misbehaviour,
    time::Moment,
};

/// The right to record, as told and as wanted.
#[derive(Debug)]
pub(super) struct Recording {
    pub(super) state: RecordingState,
    told: Told,
    /// Whether the human here wants it, as last said.
    wanted: bool,
}

impl Recording {
    pub(super) const fn new() -> Self {
        Self { state: RecordingState::None, told: Told::Nothing, wanted: false }
    }

    /// The link is gone, and with it the consent.
    pub(super) fn cut(&mut self) {
        let state = match self.state {
            RecordingState::Granted { .. } => RecordingState::Ended(RecordingEnd::LinkLost),
            RecordingState::Asked => RecordingState::None,
            RecordingState::None | RecordingState::Refused | RecordingState::Ended(_) => self.state,
        };
        *self = Self { state, ..Self::new() };
    }
}

impl WatcherSession {
    pub(super) fn recording_changed(&mut self, told: RecordingState) -> Result<(), Misbehaviour> {
        let follows = match (told, self.recording.told) {
            (RecordingState::Asked, Told::Nothing)
            | (RecordingState::Refused | RecordingState::Ended(RecordingEnd::Forbidden), Told::Nothing | Told::Asked)
            | (RecordingState::Granted { .. } | RecordingState::None, Told::Asked)
            | (RecordingState::Ended(_), Told::Granted) => true,
            (
                RecordingState::None
                | RecordingState::Asked
                | RecordingState::Granted { .. }
                | RecordingState::Refused
                | RecordingState::Ended(_),
                Told::Nothing | Told::Asked | Told::Granted,
            ) => false,
        };
        if !follows {
            return Err(Misbehaviour::RecordingOrder);
        }
        let before = self.recording.told;
        self.recording.told = match told {
            RecordingState::Asked => Told::Asked,
            RecordingState::Granted { .. } => Told::Granted,
            RecordingState::None | RecordingState::Refused | RecordingState::Ended(_) => Told::Nothing,
        };
        let asks_anew = self.recording.state == RecordingState::Asked;
        match told {
            // Not wanted any more, or never: nothing is recorded.
            RecordingState::Asked | RecordingState::Granted { .. } if !self.recording.wanted => {
                self.send(ToShower::StopRecording { broken: false });
            }
            RecordingState::Asked | RecordingState::Granted { .. } => self.recording.state = told,
            // About what this side gave up already; the request made since
            // stands.
            RecordingState::None if asks_anew => {}
            RecordingState::Ended(_) if asks_anew && before == Told::Granted => {}
            RecordingState::None | RecordingState::Refused | RecordingState::Ended(_) => {
                (self.recording.state, self.recording.wanted) = (told, false);
            }
        }
        self.changed();
        Ok(())
    }

    /// Asks whether this side may record. `false` if there is no use in it: it
    /// is asked for or allowed already.
    pub fn request_recording(&mut self, now: Moment) -> bool {
        self.handle_timeout(now);
        if self.ended || self.cut || self.recording.wanted {
            return false;
        }
        (self.recording.wanted, self.recording.state) = (true, RecordingState::Asked);
        self.send(ToShower::RequestRecording);
        self.changed();
        true
    }

    /// Takes the request back, or says that this side records no longer:
    /// because its human does not want to, or because it can't. `false` if it
    /// neither asks nor records.
    pub fn stop_recording(&mut self, broken: bool, now: Moment) -> bool {
        self.handle_timeout(now);
        if self.ended || !core::mem::take(&mut self.recording.wanted) {
            return false;
        }
        let granted = matches!(self.recording.state, RecordingState::Granted { .. });
        let end = if broken { RecordingEnd::Broken } else { RecordingEnd::Stopped };
        self.recording.state = if granted { RecordingState::Ended(end) } else { RecordingState::None };
        self.send(ToShower::StopRecording { broken });
        self.changed();
        true
    }
}
