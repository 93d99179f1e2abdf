//! Whether a yes was said by the person's own hand.
//!
//! What the advisor injects never reaches the program's windows. But who has
//! controlled a terminal may have started a program there that presses "Allow".
//! So once there has been control, a yes from the window waits until the watch
//! of the stop key has told of everything that the display got before it, and
//! counts only if a real device was pressed last. The watch can tell devices
//! apart by X's raw events, the window can't.
//!
//! An aid, such as a screen reader, presses without any input. That counts if an
//! aid was there before control began: otherwise it could have been started
//! through control as well.

use super::{control::Brake, guide::CustomerGuide, view::CustomerIntent};
use crate::{
    shell::IntentSender,
    together::{TogetherIntent, files::view::FileIntent, view::ClipboardIntent},
};
use mitblick_platform::stop_key::{AfterEvents, SeenInput};
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// So long a press stands behind what the window makes of it. A window may be
/// slow; a press of long ago proves nothing.
const PROVES: Duration = Duration::from_secs(3);
/// So long before a press no program may have injected anything: it could have
/// moved the pointer under the finger, or the press is one of somebody who types
/// elsewhere. Shorter than the advisor's input rests when the person uses their
/// own, so that who reaches for the mouse to answer is heard at once.
const QUIET: Duration = Duration::from_millis(500);

/// What is known of who presses.
#[derive(Clone, Copy, Debug, Default)]
pub struct Presses {
    injected: Option<Instant>,
    /// The last press, if it was of a real device, and whether it was quiet
    /// before it.
    last: Option<(Instant, bool)>,
}

impl Presses {
    /// This happened.
    pub fn saw(&mut self, input: SeenInput, now: Instant) {
        match input {
            SeenInput::Press => {
                let quiet = self.injected.is_none_or(|at| now.saturating_duration_since(at) >= QUIET);
                self.last = Some((now, quiet));
            }
            SeenInput::InjectedPress => (self.injected, self.last) = (Some(now), None),
            SeenInput::InjectedMotion => self.injected = Some(now),
        }
    }

    /// Whether what the window has just made of a press was the person's hand.
    pub fn were_by_hand(&self, now: Instant) -> bool {
        self.last.is_some_and(|(at, quiet)| quiet && now.saturating_duration_since(at) <= PROVES)
    }
}

/// Who answers for the presses of a session.
#[derive(Clone)]
pub struct Witness {
    /// Told of presses on the watch's thread, and asked there.
    pub presses: Arc<Mutex<Presses>>,
    /// The way to that thread.
    pub after_events: AfterEvents,
}

/// What waits for the witness. If the watch ends before it has answered, a yes
/// does not count.
pub(super) struct Waiting {
    pub(super) intent: Option<CustomerIntent>,
    /// Whether it counts only by hand. The rest waits for its turn alone.
    pub(super) asks: bool,
    pub(super) controller: IntentSender<CustomerIntent>,
    /// Of the session in which it was said.
    pub(super) brake: Brake,
    /// The epoch of the brake's gate when it was said.
    pub(super) epoch: u64,
    /// How many wait.
    pub(super) count: Arc<AtomicUsize>,
}

impl Waiting {
    fn decide(mut self, presses: &Mutex<Presses>) {
        let Some(intent) = self.intent.take() else { return };
        if !self.asks {
            let _ = self.controller.send(intent);
            return;
        }
        // Whoever has stopped control since does not want it any more.
        if self.brake.gate.epoch() != self.epoch {
            return;
        }
        let presses = *presses.lock().unwrap_or_else(PoisonError::into_inner);
        let by_hand = presses.were_by_hand(Instant::now());
        let _ = self.controller.send(if by_hand { intent } else { CustomerIntent::NotByHand });
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(intent) = self.intent.take() {
            let _ = self.controller.send(if self.asks { CustomerIntent::NotByHand } else { intent });
        }
        self.count.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Witness {
    /// Passes this on when it is known whether it was by hand.
    pub(super) fn ask(&self, waiting: Waiting) {
        let presses = Arc::clone(&self.presses);
        self.after_events.run(move || waiting.decide(&presses));
    }
}

impl CustomerIntent {
    /// Whether it gives the advisor anything, or takes something of theirs.
    pub(super) fn says_yes(&self) -> bool {
        match self {
            Self::IDidCall
            | Self::Share(_)
            | Self::ShareTitles(_)
            | Self::Resume
            | Self::AllowControl { .. }
            | Self::AllowRecording { .. }
            | Self::AllowTurn
            | Self::Guide(CustomerGuide::ShowAlso(_) | CustomerGuide::ShowAlsoTitles(_))
            | Self::Together(TogetherIntent::File(FileIntent::Offer(_) | FileIntent::Accept { .. })) => true,
            Self::Together(TogetherIntent::Clipboard(wanted)) => match wanted {
                ClipboardIntent::Offer(_) => true,
                ClipboardIntent::Answer { take, .. } => *take,
                ClipboardIntent::Allow(ways) => ways.to_watcher || ways.to_shower,
                ClipboardIntent::LetOut(out) => *out,
                ClipboardIntent::Read | ClipboardIntent::Withdraw => false,
            },
            Self::Fault
            | Self::NotByHand
            | Self::Join(_)
            | Self::CancelJoin
            | Self::TheyCalledMe
            | Self::KeepReceipt { .. }
            | Self::Rate(_)
            | Self::RefreshApplications
            | Self::ChooseAgain
            | Self::Pause
            | Self::RefuseControl
            | Self::RevokeControl
            | Self::StopRecording
            | Self::TurnBack
            | Self::Point(_)
            | Self::Painted
            | Self::ShowLine(_)
            | Self::Guide(
                CustomerGuide::HidePointing(_)
                | CustomerGuide::ClearMarks
                | CustomerGuide::PointOut(_)
                | CustomerGuide::RefuseToShow
                | CustomerGuide::ListMore(_)
                | CustomerGuide::Preview(_),
            )
            | Self::Together(
                TogetherIntent::Say(_)
                | TogetherIntent::LookAtChat
                | TogetherIntent::File(
                    FileIntent::Refuse(_)
                    | FileIntent::Cancel { .. }
                    | FileIntent::Hold { .. }
                    | FileIntent::Browse(_)
                    | FileIntent::StopBrowsing
                    | FileIntent::SaveInto(_),
                ),
            )
            | Self::End
            | Self::NewSession
            | Self::Quit => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(inputs: &[(u64, SeenInput)], asked_ms: u64) -> bool {
        let start = Instant::now();
        let mut presses = Presses::default();
        for &(at_ms, input) in inputs {
            presses.saw(input, start + Duration::from_millis(at_ms));
        }
        presses.were_by_hand(start + Duration::from_millis(asked_ms))
    }

    #[test]
    fn a_press_of_a_real_device_stands_behind_what_comes_of_it_for_a_while() {
        use SeenInput::{InjectedMotion, InjectedPress, Press};
        assert!(!after(&[], 0), "nobody pressed");
        assert!(after(&[(0, Press)], 0));
        assert!(after(&[(0, Press)], 3000), "the window may be slow");
        assert!(!after(&[(0, Press)], 3001), "but that was long ago");
        assert!(after(&[(0, InjectedMotion), (500, Press)], 510), "who reaches for the mouse is heard");
        assert!(after(&[(0, Press), (10, InjectedMotion)], 20), "that comes after the answer");
        assert!(after(&[(0, InjectedPress), (500, Press), (600, Press)], 610));
    }

    #[test]
    fn a_press_by_a_program_is_nobodys_hand() {
        use SeenInput::{InjectedMotion, InjectedPress, Press};
        assert!(!after(&[(0, InjectedPress)], 0));
        assert!(!after(&[(0, Press), (1, InjectedPress)], 2), "the press before it was another one");
        assert!(!after(&[(0, InjectedPress), (20, Press)], 30), "somebody types elsewhere");
        assert!(!after(&[(0, InjectedMotion), (20, Press)], 30), "the pointer was moved under the finger");
    }
}
