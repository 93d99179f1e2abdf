//! A link that broke: what ends at once, what comes back, and that nothing
//! else does.

use super::*;
use crate::ask::AskError;
use crate::peer_msg::Frame;
use alloc::collections::VecDeque;

/// Shower and watcher with a link that can be cut.
struct Pair {
    shower: ShowerSession,
    watcher: WatcherSession,
    to_watcher: VecDeque<ToWatcher>,
    to_shower: VecDeque<ToShower>,
    capturing: bool,
    injecting: bool,
}

impl Pair {
    fn new() -> Self {
        let mut pair = Self {
            shower: ShowerSession::new(Limits::default(), T0),
            watcher: WatcherSession::new(T0),
            to_watcher: VecDeque::new(),
            to_shower: VecDeque::new(),
            capturing: false,
            injecting: false,
        };
        pair.settle(T0);
        pair
    }

    fn controlled() -> Self {
        let mut pair = Self::new();
        pair.shower.share(selection(1), T0).unwrap();
        pair.settle(T0);
        assert!(pair.watcher.request_control(T0));
        pair.settle(T0);
        pair.shower.allow_control(ControlLimit::Minutes(5), T0).unwrap();
        pair.settle(T0);
        assert!(pair.capturing && pair.injecting);
        pair
    }

    /// What both do; messages wait on the line.
    fn perform(&mut self) {
        while let Some(effect) = self.shower.poll_effect() {
            match effect {
                ShowerEffect::Send(message) => self.to_watcher.push_back(message),
                ShowerEffect::StartCapture(permit) => self.capturing = permit.claim().is_some(),
                ShowerEffect::StopCapture => self.capturing = false,
                ShowerEffect::StartInjection(permit) => self.injecting = permit.claim().is_some(),
                ShowerEffect::StopInjection => self.injecting = false,
                _ => {}
            }
        }
        while let Some(effect) = self.watcher.poll_effect() {
            if let WatcherEffect::Send(message) = effect {
                self.to_shower.push_back(message);
            }
        }
    }

    fn settle(&mut self, now: Moment) {
        self.perform();
        while !self.to_watcher.is_empty() || !self.to_shower.is_empty() {
            if let Some(message) = self.to_watcher.pop_front() {
                self.watcher.handle_message(message, now).unwrap();
            }
            if let Some(message) = self.to_shower.pop_front() {
                self.shower.handle_message(message, now).unwrap();
            }
            self.perform();
        }
    }

    fn cut(&mut self, now: Moment) {
        self.shower.link_lost(now);
        self.watcher.link_lost(now);
        self.perform();
        self.to_watcher.clear();
        self.to_shower.clear();
    }

    fn restore(&mut self, now: Moment) {
        self.shower.link_restored(now);
        self.watcher.link_restored(now);
        self.settle(now);
    }
}

fn s(seconds: u64) -> Moment {
    Moment::from_ms(T0.as_ms() + seconds * 1_000)
}

#[test]
fn a_cut_ends_pictures_and_control_at_once_at_both_sides() {
    let mut pair = Pair::controlled();
    pair.cut(s(1));
    assert!(!pair.capturing && !pair.injecting);
    assert_eq!(pair.shower.state().control, ShowerControl::Ended(ControlEnd::LinkLost));
    assert_eq!(pair.watcher.state().control, ControlState::Ended(ControlEnd::LinkLost));
    assert_eq!(pair.shower.state().cut, Some(true));
    assert!(!pair.watcher.input(key('x')) && !pair.watcher.request_control(s(1)));
    pair.perform();
    assert!(pair.to_shower.is_empty() && pair.to_watcher.is_empty(), "nothing is said into the void");
}

#[test]
fn viewing_comes_back_and_control_does_not() {
    let mut pair = Pair::controlled();
    pair.cut(s(1));
    pair.restore(s(20));
    assert!(pair.capturing && !pair.injecting);
    assert_eq!(pair.watcher.state().sharing, SharingState::Showing);
    assert!(!pair.watcher.input(key('x')));
    // Input of the old grant, had it been delayed, has no effect.
    let late = ToShower::Input { grant: GrantId(1), event: key('x') };
    pair.shower.handle_message(late, s(20)).unwrap();
    pair.perform();
    assert!(!pair.injecting);
    assert!(pair.watcher.request_control(s(21)), "it can be asked for anew");
    pair.settle(s(21));
    assert!(matches!(pair.shower.state().control, ShowerControl::Asked { .. }));
}

#[test]
fn what_the_human_decides_during_the_cut_holds() {
    let mut pair = Pair::controlled();
    pair.cut(s(1));
    pair.shower.pause(s(2));
    pair.restore(s(3));
    assert!(!pair.capturing);
    assert_eq!(
        (pair.shower.state().sharing, pair.watcher.state().sharing),
        (SharingState::Paused, SharingState::Paused)
    );
    pair.shower.resume(s(4));
    pair.settle(s(4));
    assert!(pair.capturing);

    pair.cut(s(5));
    pair.shower.choose_again(s(6));
    pair.restore(s(7));
    assert!(!pair.capturing);
    assert_eq!(pair.watcher.state().sharing, SharingState::Choosing);
    pair.cut(s(8));
    pair.shower.share(selection(2), s(9)).unwrap();
    assert!(!pair.capturing, "there is nobody to show it to");
    pair.restore(s(10));
    assert!(pair.capturing);
    pair.cut(s(11));
    pair.shower.end(EndReason::ByPerson, s(12));
    pair.restore(s(13));
    assert!(!pair.capturing);
}

#[test]
fn what_is_asked_in_the_cut_is_refused_there_and_spoils_nothing_after_it() {
    let mut pair = Pair::controlled();
    pair.watcher.ask_to_show("your mail", s(1)).unwrap();
    pair.settle(s(1));
    pair.cut(s(2));
    assert_eq!(pair.watcher.ask_to_show("your bank", s(3)), Err(AskError::NotNow));
    assert!(!pair.watcher.take_back_ask(s(3)));
    pair.restore(s(4));
    pair.watcher.ask_to_show("your bank", s(5)).unwrap();
    pair.settle(s(5));
    assert_eq!(pair.shower.asked_to_show().map(|text| text.visible()), Some("your bank".into()));
    assert!(pair.watcher.take_back_ask(s(6)));
    pair.settle(s(6));
    assert_eq!(pair.shower.asked_to_show(), None);
}

#[test]
fn a_frame_of_before_the_cut_is_not_taken_after_it() {
    let mut pair = Pair::controlled();
    pair.cut(s(1));
    let frame = Frame {
        number: FrameNumber(1),
        scene: None,
        pointer: None,
        cursor: None,
        round_trip_ms: None,
        pixels: Vec::new(),
    };
    pair.watcher.handle_message(ToWatcher::Frame(frame), s(2)).unwrap();
    assert!(pair.watcher.poll_effect().is_none());
}

#[test]
fn after_a_cut_the_hello_comes_first_again() {
    let mut pair = Pair::controlled();
    pair.cut(s(1));
    pair.shower.link_restored(s(2));
    let early = pair.shower.handle_message(ToShower::RequestControl, s(2));
    assert_eq!(early, Err(Misbehaviour::HelloMissing));
}

#[test]
fn paused_without_a_cut_before_it_is_still_no_first_word() {
    let mut watcher = WatcherSession::new(T0);
    watcher.handle_message(ToWatcher::Hello { version: hello() }, T0).unwrap();
    let paused = watcher.handle_message(ToWatcher::Sharing(SharingState::Paused), T0);
    assert_eq!(paused, Err(Misbehaviour::SharingOrder));
}
