//! Recording: only with consent, known to both, and over when either wants.

use super::*;
use crate::{
    peer_msg::{RecordingEnd, RecordingState},
    policy::RecordingRule,
    recording::{RecordingKey, RecordingOwners},
};
use proptest::prelude::*;

const KEY: RecordingKey = RecordingKey([3; 32]);
const GRANTED: RecordingState = RecordingState::Granted { owners: RecordingOwners::Shower, key: KEY };

/// Both sides, joined by an honest line.
struct Pair {
    shower: ShowerSession,
    watcher: WatcherSession,
}

impl Pair {
    fn new(limits: Limits) -> Self {
        let mut pair = Self { shower: ShowerSession::new(limits, T0), watcher: WatcherSession::new(T0) };
        pair.deliver();
        pair
    }

    fn deliver(&mut self) {
        loop {
            let mut still = true;
            while let Some(effect) = self.shower.poll_effect() {
                still = false;
                if let ShowerEffect::Send(message) = effect {
                    self.watcher.handle_message(message, T0).expect("an honest shower");
                }
            }
            while let Some(effect) = self.watcher.poll_effect() {
                still = false;
                if let WatcherEffect::Send(message) = effect {
                    self.shower.handle_message(message, T0).expect("an honest watcher");
                }
            }
            if still {
                return;
            }
        }
    }

    fn asked() -> Self {
        let mut pair = Self::new(Limits::NONE);
        assert!(pair.watcher.request_recording(T0));
        pair.deliver();
        assert_eq!(pair.shower.state().recording, ShowerRecording::Asked { since: T0 });
        pair
    }

    fn recording() -> Self {
        let mut pair = Self::asked();
        pair.shower.allow_recording(RecordingOwners::Shower, KEY, T0).unwrap();
        pair.deliver();
        assert_eq!(pair.watcher.state().recording, GRANTED);
        pair
    }

    fn both(&self) -> (ShowerRecording, RecordingState) {
        (self.shower.state().recording, self.watcher.state().recording)
    }
}

#[test]
fn the_human_decides_and_both_sides_know() {
    let mut pair = Pair::asked();
    pair.shower.stop_recording(T0);
    pair.deliver();
    assert_eq!(pair.both(), (ShowerRecording::Refused, RecordingState::Refused));
    assert!(pair.watcher.request_recording(T0), "it may be asked again");
    pair.deliver();
    pair.shower.allow_recording(RecordingOwners::Both, KEY, T0).unwrap();
    pair.deliver();
    let granted = RecordingState::Granted { owners: RecordingOwners::Both, key: KEY };
    assert_eq!(pair.both(), (ShowerRecording::Granted { owners: RecordingOwners::Both }, granted));
}

#[test]
fn nothing_is_allowed_that_was_not_asked_for() {
    let mut pair = Pair::new(Limits::NONE);
    assert_eq!(pair.shower.allow_recording(RecordingOwners::Shower, KEY, T0), Err(NotAsked));
    let mut pair = Pair::asked();
    assert!(pair.watcher.stop_recording(false, T0), "taken back");
    pair.deliver();
    assert_eq!(pair.both(), (ShowerRecording::None, RecordingState::None));
    assert_eq!(pair.shower.allow_recording(RecordingOwners::Shower, KEY, T0), Err(NotAsked));
}

#[test]
fn either_side_ends_it_at_once() {
    let mut pair = Pair::recording();
    pair.shower.stop_recording(T0);
    pair.deliver();
    let end = RecordingEnd::TakenBack;
    assert_eq!(pair.both(), (ShowerRecording::Ended(end), RecordingState::Ended(end)));
    for (broken, end) in [(false, RecordingEnd::Stopped), (true, RecordingEnd::Broken)] {
        let mut pair = Pair::recording();
        assert!(pair.watcher.stop_recording(broken, T0));
        assert_eq!(pair.watcher.state().recording, RecordingState::Ended(end), "before it is heard of");
        pair.deliver();
        assert_eq!(pair.both(), (ShowerRecording::Ended(end), RecordingState::Ended(end)));
    }
}

#[test]
fn consent_and_giving_up_may_cross() {
    let mut pair = Pair::asked();
    pair.shower.allow_recording(RecordingOwners::Shower, KEY, T0).unwrap();
    assert!(pair.watcher.stop_recording(false, T0));
    pair.deliver();
    assert_eq!(pair.both().0, ShowerRecording::Ended(RecordingEnd::Stopped));
    assert!(!matches!(pair.both().1, RecordingState::Granted { .. }), "{:?}", pair.both());
    assert!(pair.watcher.request_recording(T0));
    pair.deliver();
    assert_eq!(pair.both(), (ShowerRecording::Asked { since: T0 }, RecordingState::Asked));
}

#[test]
fn the_rules_refuse_without_asking_the_human() {
    let mut pair = Pair::new(Limits { recording: RecordingRule::Forbidden, ..Limits::NONE });
    assert!(pair.watcher.request_recording(T0));
    pair.deliver();
    let end = RecordingEnd::Forbidden;
    assert_eq!(pair.both(), (ShowerRecording::Ended(end), RecordingState::Ended(end)));
}

#[test]
fn it_outlasts_a_pause_but_not_the_link() {
    let mut pair = Pair::recording();
    pair.shower.share(selection(1), T0).unwrap();
    pair.shower.pause(T0);
    pair.shower.resume(T0);
    pair.deliver();
    assert_eq!(pair.watcher.state().recording, GRANTED);
    pair.shower.link_lost(T0);
    pair.watcher.link_lost(T0);
    let end = RecordingEnd::LinkLost;
    assert_eq!(pair.both(), (ShowerRecording::Ended(end), RecordingState::Ended(end)));
    pair.shower.link_restored(T0);
    pair.watcher.link_restored(T0);
    pair.deliver();
    assert!(pair.watcher.request_recording(T0), "it has to be asked for anew");
    pair.deliver();
    assert_eq!(pair.both(), (ShowerRecording::Asked { since: T0 }, RecordingState::Asked));
}

/// A selection of these applications.
fn shown(applications: &[u64]) -> ViewSelection {
    ViewSelection { applications: applications.iter().copied().map(ApplicationId).collect() }
}

#[test]
fn it_ends_when_something_is_shown_that_it_was_not_allowed_for() {
    let mut pair = Pair::asked();
    pair.shower.share(shown(&[1, 2]), T0).unwrap();
    pair.shower.allow_recording(RecordingOwners::Shower, KEY, T0).unwrap();
    pair.shower.share(shown(&[2]), T0).unwrap();
    pair.shower.choose_again(T0);
    pair.shower.share(shown(&[1]), T0).unwrap();
    pair.deliver();
    assert_eq!(pair.watcher.state().recording, GRANTED, "less than was shown is no more");
    pair.shower.share(shown(&[1, 3]), T0).unwrap();
    let end = RecordingEnd::SharingChanged;
    let mut told = Vec::new();
    while let Some(effect) = pair.shower.poll_effect() {
        if let ShowerEffect::Send(message) = effect {
            told.push(message);
        }
    }
    let ended = told.iter().position(|word| *word == ToWatcher::Recording(RecordingState::Ended(end)));
    let shown = told.iter().position(|word| *word == ToWatcher::Sharing(SharingState::Showing));
    assert!(ended.is_some() && ended < shown, "before anything of it is shown: {told:?}");
    for message in told {
        pair.watcher.handle_message(message, T0).expect("an honest shower");
    }
    pair.deliver();
    assert_eq!(pair.both(), (ShowerRecording::Ended(end), RecordingState::Ended(end)));
}

#[test]
fn a_consent_before_anything_is_shown_is_about_what_is_shown_next() {
    let mut pair = Pair::recording();
    pair.shower.share(shown(&[1]), T0).unwrap();
    pair.deliver();
    assert_eq!(pair.watcher.state().recording, GRANTED);
    pair.shower.share(shown(&[2]), T0).unwrap();
    let end = RecordingEnd::SharingChanged;
    pair.deliver();
    assert_eq!(pair.both(), (ShowerRecording::Ended(end), RecordingState::Ended(end)));
}

#[test]
fn asking_without_end_is_refused_and_then_ends_the_session() {
    let mut session = ShowerSession::new(Limits::NONE, T0);
    session.handle_message(ToShower::Hello { version: hello() }, T0).unwrap();
    let mut seen = 0;
    let ended = (0..1_000).find_map(|_| {
        let result = session.handle_message(ToShower::RequestRecording, T0);
        seen += u32::from(matches!(session.state().recording, ShowerRecording::Asked { .. }));
        session.stop_recording(T0);
        result.err()
    });
    assert_eq!(ended, Some(Misbehaviour::AsksFlood));
    assert!(seen <= 3, "the human was asked {seen} times");
}

fn any_word() -> impl Strategy<Value = RecordingState> {
    prop_oneof![
        Just(RecordingState::None),
        Just(RecordingState::Asked),
        Just(GRANTED),
        Just(RecordingState::Refused),
        Just(RecordingState::Ended(RecordingEnd::TakenBack)),
        Just(RecordingState::Ended(RecordingEnd::Forbidden)),
    ]
}

#[derive(Clone, Debug)]
enum Op {
    Told(RecordingState),
    Request,
    Stop,
}

proptest! {
    /// Whatever a hostile shower says: this side records only while it wants
    /// to and was told that it may.
    #[test]
    fn a_watcher_records_only_what_it_wants_and_may(ops in prop::collection::vec(
        prop_oneof![3 => any_word().prop_map(Op::Told), 1 => Just(Op::Request), 1 => Just(Op::Stop)], 1..40)
    ) {
        let mut session = WatcherSession::new(T0);
        session.handle_message(ToWatcher::Hello { version: hello() }, T0).unwrap();
        let (mut wanted, mut may) = (false, false);
        for op in ops {
            match op {
                Op::Told(told) => {
                    let Ok(()) = session.handle_message(ToWatcher::Recording(told), T0) else {
                        prop_assert_eq!(session.state().recording, RecordingState::None);
                        return Ok(());
                    };
                    may = matches!(told, RecordingState::Granted { .. });
                    if !matches!(told, RecordingState::Granted { .. } | RecordingState::Asked) && session.state().recording == told {
                        wanted = false;
                    }
                }
                Op::Request => {
                    // Only a word that is heard after it answers it.
                    if session.request_recording(T0) {
                        (wanted, may) = (true, false);
                    }
                }
                Op::Stop => {
                    session.stop_recording(false, T0);
                    wanted = false;
                }
            }
            if matches!(session.state().recording, RecordingState::Granted { .. }) {
                prop_assert!(wanted && may);
            }
        }
    }

    /// Two honest sides agree once nothing is under way, whatever their people
    /// do in between.
    #[test]
    fn honest_sides_agree_in_the_end(ops in prop::collection::vec(0..6_u8, 1..40)) {
        let mut pair = Pair::new(Limits::NONE);
        for op in ops {
            match op {
                0 => drop(pair.watcher.request_recording(T0)),
                1 => drop(pair.watcher.stop_recording(false, T0)),
                2 => drop(pair.shower.allow_recording(RecordingOwners::Shower, KEY, T0)),
                3 => pair.shower.stop_recording(T0),
                4 => drop(pair.watcher.stop_recording(true, T0)),
                _ => pair.deliver(),
            }
        }
        pair.deliver();
        let records = matches!(pair.watcher.state().recording, RecordingState::Granted { .. });
        let allows = matches!(pair.shower.state().recording, ShowerRecording::Granted { .. });
        prop_assert_eq!(records, allows, "{:?}", pair.both());
    }
}
