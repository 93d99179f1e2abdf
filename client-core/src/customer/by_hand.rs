//! Whether a yes was said by the person's own hand.
//!
//! What the advisor injects never reaches the program's windows. But who has
//! controlled a terminal may have started a program there that presses "Allow".
//! So once there has been control, a yes from the window waits until the watch
//! of the stop key has told of everything that the display got before it, and
//! counts only if a real device was pressed last. The watch can tell devices
//! apart by X's raw events, the window can't.
//!
//! An aid, such as a screen reader, presses without any input. That counts if
//! the desktop had aids switched on before control began: otherwise that could
//! have been done through control as well. For the same reason whoever allows
//! control for the first time by a keyboard on the screen, or by a mouse that
//! another computer lends, may go on so: nobody had control before.
//!
//! It stops what is at hand, such as xdotool, and is no wall: a program that was
//! written for it can have its input look like that of a real device.

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

/// So long a press stands behind what the window makes of it, and a yes may
/// wait. A window may be slow; a press of long ago proves nothing, and a yes of
/// long ago may meet another question.
const PROVES: Duration = Duration::from_secs(3);
/// So long before a press no program may have pressed anything: it may be one of
/// somebody who types elsewhere. And so long before a click none may have moved
/// the pointer, which could have put another button under the finger.
const QUIET: Duration = Duration::from_millis(500);

/// So much later than the window the watch may hear of a press.
const TOLD_WITHIN: Duration = Duration::from_millis(100);

/// What is known of who presses.
#[derive(Clone, Copy, Debug, Default)]
pub struct Presses {
    injected_press: Option<Instant>,
    injected_motion: Option<Instant>,
    /// The last press, if it was of a real device, and whether it was quiet
    /// before it.
    last: Option<(Instant, bool)>,
}

impl Presses {
    /// This happened.
    pub fn saw(&mut self, input: SeenInput, now: Instant) {
        let is_quiet = |since: Option<Instant>| since.is_none_or(|at| now.saturating_duration_since(at) >= QUIET);
        match input {
            SeenInput::Press => self.last = Some((now, is_quiet(self.injected_press))),
            SeenInput::Click => {
                self.last = Some((now, is_quiet(self.injected_press) && is_quiet(self.injected_motion)));
            }
            SeenInput::InjectedPress => (self.injected_press, self.last) = (Some(now), None),
            SeenInput::InjectedMotion => self.injected_motion = Some(now),
        }
    }

    /// Whether what the window has just made of a press was the person's hand;
    /// `lent` is whether a press that a program injects may be one.
    pub fn were_by_hand(&self, lent: bool, now: Instant) -> bool {
        let recent = |at: Instant| now.saturating_duration_since(at) <= PROVES;
        let real = self.last.is_some_and(|(at, quiet)| (quiet || lent) && recent(at));
        real || (lent && self.injected_press.is_some_and(recent))
    }

    /// Whether a program injected the press that what was said then came of.
    fn were_injected(&self, said: Instant) -> bool {
        let came_of = |at: Instant| said.saturating_duration_since(at) <= PROVES && at <= said + TOLD_WITHIN;
        self.last.is_none() && self.injected_press.is_some_and(came_of)
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
    /// Whether a press that a program injects may be the person's.
    pub(super) lent: bool,
    pub(super) said: Instant,
    pub(super) controller: IntentSender<CustomerIntent>,
    /// Of the session in which it was said.
    pub(super) brake: Brake,
    /// The epoch of the brake's gate when it was said.
    pub(super) epoch: u64,
    /// How often the person has said no, ever, and had when this was said.
    pub(super) noes: Arc<AtomicUsize>,
    pub(super) noes_before: usize,
    /// How many wait.
    pub(super) count: Arc<AtomicUsize>,
}

impl Waiting {
    fn decide(mut self, presses: &Mutex<Presses>) {
        let Some(intent) = self.intent.take() else { return };
        let says_yes = intent.says() == Says::Yes;
        // Whoever has said no since, or stopped control, wants it no longer.
        let said_no = self.noes.load(Ordering::SeqCst) != self.noes_before;
        let stopped = self.brake.gate.epoch() != self.epoch && !matches!(intent, CustomerIntent::Together(_));
        if says_yes && (said_no || stopped) {
            return;
        }
        let now = Instant::now();
        let presses = *presses.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = !says_yes || now.saturating_duration_since(self.said) <= PROVES;
        let counts = counts && (!self.asks || presses.were_by_hand(self.lent, now));
        let _ = self.controller.send(if counts { intent } else { CustomerIntent::NotByHand });
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
    /// Calls `lent` if a program injected the press that this yes came of.
    pub(super) fn ask_if_lent(&self, said: Instant, lent: impl FnOnce() + Send + 'static) {
        let presses = Arc::clone(&self.presses);
        self.after_events.run(move || {
            let presses = *presses.lock().unwrap_or_else(PoisonError::into_inner);
            if presses.were_injected(said) {
                lent();
            }
        });
    }

    /// Passes this on when it is known whether it was by hand.
    pub(super) fn ask(&self, waiting: Waiting) {
        let presses = Arc::clone(&self.presses);
        self.after_events.run(move || waiting.decide(&presses));
    }
}

/// What an intent says about rights of the advisor's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Says {
    /// It gives the advisor something, or takes something of theirs.
    Yes,
    /// It takes back or refuses what a yes that waits may be about.
    No,
    /// Neither.
    Nothing,
}

impl CustomerIntent {
    /// Each by its name, so that none is forgotten.
    pub(super) fn says(&self) -> Says {
        match self {
            Self::IDidCall
            | Self::Share(_)
            | Self::ShareTitles(_)
            | Self::Resume
            | Self::AllowControl { .. }
            | Self::AllowMoreTime { .. }
            | Self::AllowRecording { .. }
            | Self::AllowTurn => Says::Yes,
            Self::RefuseControl
            | Self::RefuseMoreTime
            | Self::RevokeControl
            | Self::StopRecording
            | Self::TurnBack
            | Self::Pause
            | Self::ChooseAgain
            | Self::TheyCalledMe
            | Self::End
            | Self::Fault
            | Self::Quit => Says::No,
            Self::Guide(guide) => match guide {
                CustomerGuide::ShowAlso(_) | CustomerGuide::ShowAlsoTitles(_) => Says::Yes,
                CustomerGuide::RefuseToShow => Says::No,
                CustomerGuide::HidePointing(_)
                | CustomerGuide::ClearMarks
                | CustomerGuide::PointOut(_)
                | CustomerGuide::ListMore(_)
                | CustomerGuide::Preview(_) => Says::Nothing,
            },
            Self::Together(wanted) => match wanted {
                TogetherIntent::File(wanted) => match wanted {
                    FileIntent::Offer(_) | FileIntent::Accept { .. } => Says::Yes,
                    FileIntent::Refuse(_) | FileIntent::Cancel { .. } => Says::No,
                    FileIntent::Hold { .. }
                    | FileIntent::Browse(_)
                    | FileIntent::StopBrowsing
                    | FileIntent::SaveInto(_) => Says::Nothing,
                },
                TogetherIntent::Clipboard(wanted) => match wanted {
                    ClipboardIntent::Offer(_)
                    | ClipboardIntent::Answer { take: true, .. }
                    | ClipboardIntent::LetOut(true) => Says::Yes,
                    ClipboardIntent::Allow(ways) if ways.to_watcher || ways.to_shower => Says::Yes,
                    ClipboardIntent::Allow(_)
                    | ClipboardIntent::Answer { take: false, .. }
                    | ClipboardIntent::LetOut(false)
                    | ClipboardIntent::Withdraw => Says::No,
                    ClipboardIntent::Read => Says::Nothing,
                },
                TogetherIntent::Say(_) | TogetherIntent::LookAtChat => Says::Nothing,
            },
            Self::NotByHand
            | Self::Join(_)
            | Self::CancelJoin
            | Self::KeepReceipt { .. }
            | Self::Rate(_)
            | Self::RefreshApplications
            | Self::Point(_)
            | Self::Painted
            | Self::ShowLine(_)
            | Self::NewSession => Says::Nothing,
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
        presses.were_by_hand(false, start + Duration::from_millis(asked_ms))
    }

    #[test]
    fn a_press_of_a_real_device_stands_behind_what_comes_of_it_for_a_while() {
        use SeenInput::{Click, InjectedMotion, InjectedPress, Press};
        assert!(!after(&[], 0), "nobody pressed");
        for press in [Press, Click] {
            assert!(after(&[(0, press)], 0));
            assert!(after(&[(0, press)], 3000), "the window may be slow");
            assert!(!after(&[(0, press)], 3001), "but that was long ago");
            assert!(after(&[(0, InjectedMotion), (500, press)], 510), "who reaches for the mouse is heard");
            assert!(after(&[(0, press), (10, InjectedMotion)], 20), "that comes after the answer");
            assert!(after(&[(0, InjectedPress), (500, press), (600, press)], 610));
        }
        assert!(after(&[(0, InjectedMotion), (20, Press)], 30), "a key and a finger are where they are");
    }

    #[test]
    fn a_press_that_a_program_lends_counts_as_long_as_one_by_hand() {
        use SeenInput::{Click, InjectedMotion, InjectedPress, Press};
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let lent = |inputs: &[SeenInput], asked_ms| {
            let mut presses = Presses::default();
            inputs.iter().for_each(|input| presses.saw(*input, start));
            presses.were_by_hand(true, at(asked_ms))
        };
        for inputs in [&[InjectedPress][..], &[InjectedMotion, InjectedPress], &[InjectedPress, Press], &[Click]] {
            assert!(lent(inputs, 3000), "{inputs:?}");
            assert!(!lent(inputs, 3001), "{inputs:?}");
        }
        assert!(!lent(&[], 0) && !lent(&[InjectedMotion], 0));
    }

    #[test]
    fn the_first_yes_tells_whether_presses_are_lent() {
        use SeenInput::{InjectedMotion, InjectedPress, Press};
        let start = Instant::now();
        let lent = |inputs: &[(u64, SeenInput)], said_ms| {
            let mut presses = Presses::default();
            inputs.iter().for_each(|(ms, input)| presses.saw(*input, start + Duration::from_millis(*ms)));
            presses.were_injected(start + Duration::from_millis(said_ms))
        };
        assert!(lent(&[(0, InjectedPress)], 0) && lent(&[(0, InjectedPress)], 3000));
        assert!(lent(&[(60, InjectedPress)], 0), "the watch may hear of it a little later");
        assert!(!lent(&[(101, InjectedPress)], 0), "that came after the yes");
        assert!(!lent(&[(0, InjectedPress)], 3001), "long before it");
        assert!(!lent(&[(0, InjectedPress), (10, Press)], 20), "it was pressed by hand");
        assert!(!lent(&[], 0) && !lent(&[(0, InjectedMotion)], 0), "nothing was pressed");
    }

    #[test]
    fn a_press_by_a_program_is_nobodys_hand() {
        use SeenInput::{Click, InjectedMotion, InjectedPress, Press};
        assert!(!after(&[(0, InjectedPress)], 0));
        for press in [Press, Click] {
            assert!(!after(&[(0, press), (1, InjectedPress)], 2), "the press before it was another one");
            assert!(!after(&[(0, InjectedPress), (20, press)], 30), "somebody types elsewhere");
        }
        assert!(!after(&[(0, InjectedMotion), (20, Click)], 30), "the pointer was moved under the finger");
    }
}
