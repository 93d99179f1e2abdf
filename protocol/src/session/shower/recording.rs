//! Whether the watcher may record what it is shown, at the shower.
//!
//! Nothing here can keep a watcher from recording that wants to: whoever sees a
//! screen can film it. What the machine gives is consent that both sides know
//! of, a sign that stays as long as it lasts, and a program at the other end
//! that records with consent alone.

use super::{NotAsked, ShowerRecording, ShowerSession};
use crate::{
    peer_msg::{RecordingEnd, RecordingState, ToWatcher},
    policy::RecordingRule,
    recording::{RecordingKey, RecordingOwners},
    session::{Misbehaviour, ViewSelection, asks::Ask},
    time::Moment,
};

impl ShowerSession {
    pub(super) fn recording_asked(&mut self, now: Moment) -> Result<(), Misbehaviour> {
        let ask = self.recording_asks.ask(now);
        if ask == Ask::Flood {
            return Err(Misbehaviour::AsksFlood);
        }
        // Once more before our word reached the watcher: that answers it.
        if matches!(self.recording, ShowerRecording::Asked { .. } | ShowerRecording::Granted { .. }) {
            return Ok(());
        }
        if self.limits.recording == RecordingRule::Forbidden {
            let end = RecordingEnd::Forbidden;
            self.settle_recording(ShowerRecording::Ended(end), RecordingState::Ended(end));
        } else if ask == Ask::TooSoon || self.turn.is_live() {
            self.settle_recording(ShowerRecording::Refused, RecordingState::Refused);
        } else {
            self.settle_recording(ShowerRecording::Asked { since: now }, RecordingState::Asked);
        }
        Ok(())
    }

    pub(super) fn recording_stopped(&mut self, broken: bool) {
        match self.recording {
            ShowerRecording::Granted { .. } => {
                self.end_recording(if broken { RecordingEnd::Broken } else { RecordingEnd::Stopped });
            }
            ShowerRecording::Asked { .. } => self.settle_recording(ShowerRecording::None, RecordingState::None),
            // It crossed our word that it had ended already.
            ShowerRecording::None | ShowerRecording::Refused | ShowerRecording::Ended(_) => {}
        }
    }

    /// The human lets the watcher record what it is shown, until one of them
    /// stops it. `key` is what the recording is sealed to.
    ///
    /// # Errors
    /// The watcher does not ask (any more).
    pub fn allow_recording(&mut self, owners: RecordingOwners, key: RecordingKey, now: Moment) -> Result<(), NotAsked> {
        self.handle_timeout(now);
        if self.ended || !matches!(self.recording, ShowerRecording::Asked { .. }) {
            return Err(NotAsked);
        }
        self.recorded = self.selection().cloned();
        self.settle_recording(ShowerRecording::Granted { owners }, RecordingState::Granted { owners, key });
        Ok(())
    }

    /// The human says no, or takes the consent back.
    pub fn stop_recording(&mut self, now: Moment) {
        self.handle_timeout(now);
        match self.recording {
            ShowerRecording::Granted { .. } => self.end_recording(RecordingEnd::TakenBack),
            ShowerRecording::Asked { .. } => self.settle_recording(ShowerRecording::Refused, RecordingState::Refused),
            ShowerRecording::None | ShowerRecording::Refused | ShowerRecording::Ended(_) => {}
        }
    }

    /// Something is about to be shown. A consent to be recorded is about what
    /// was shown when it was given: whatever more is shown has to be asked for.
    pub(super) fn recorded_shows(&mut self, selection: &ViewSelection) {
        if !matches!(self.recording, ShowerRecording::Granted { .. }) {
            return;
        }
        let Some(recorded) = &self.recorded else {
            self.recorded = Some(selection.clone());
            return;
        };
        if !selection.applications.is_subset(&recorded.applications) {
            self.end_recording(RecordingEnd::SharingChanged);
        }
    }

    /// The link broke: there is no recording without a new consent.
    pub(super) fn cut_recording(&mut self) {
        match self.recording {
            ShowerRecording::Granted { .. } => self.end_recording(RecordingEnd::LinkLost),
            ShowerRecording::Asked { .. } => self.settle_recording(ShowerRecording::None, RecordingState::None),
            ShowerRecording::None | ShowerRecording::Refused | ShowerRecording::Ended(_) => {}
        }
    }

    pub(super) fn end_recording(&mut self, end: RecordingEnd) {
        self.settle_recording(ShowerRecording::Ended(end), RecordingState::Ended(end));
    }

    pub(super) fn settle_recording(&mut self, recording: ShowerRecording, told: RecordingState) {
        self.recording = recording;
        self.send(ToWatcher::Recording(told));
        self.changed();
    }
}
