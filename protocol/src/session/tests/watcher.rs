//! The watcher's rules, one by one.

use super::*;
use crate::peer_msg::Frame;

fn drain(session: &mut WatcherSession) -> Vec<WatcherEffect> {
    core::iter::from_fn(|| session.poll_effect()).collect()
}

fn sends(session: &mut WatcherSession) -> Vec<ToShower> {
    let sends = |effect| match effect {
        WatcherEffect::Send(message) => Some(message),
        _ => None,
    };
    drain(session).into_iter().filter_map(sends).collect()
}

fn frame(number: u64) -> ToWatcher {
    let number = FrameNumber(number);
    ToWatcher::Frame(Frame { number, scene: None, pointer: None, cursor: None, round_trip_ms: None, pixels: vec![] })
}

/// Sees a picture.
fn watching() -> WatcherSession {
    let mut session = WatcherSession::new(T0);
    for message in [ToWatcher::Hello { version: hello() }, ToWatcher::Sharing(SharingState::Showing)] {
        session.handle_message(message, T0).unwrap();
    }
    drain(&mut session);
    session
}

const GRANTED: ControlState = ControlState::Granted { grant: GrantId(1), remaining_s: Some(60) };

/// Has control for a minute.
fn controlling() -> WatcherSession {
    let mut session = watching();
    assert!(session.request_control(T0));
    for control in [ControlState::Asked, GRANTED] {
        session.handle_message(ToWatcher::Control(control), T0).unwrap();
    }
    drain(&mut session);
    session
}

#[test]
fn frames_are_taken_only_while_something_is_shown() {
    let mut session = watching();
    session.handle_message(frame(1), T0).unwrap();
    assert!(matches!(drain(&mut session).as_slice(), [WatcherEffect::Frame(_)]));
    session.handle_message(ToWatcher::Sharing(SharingState::Paused), T0).unwrap();
    session.handle_message(frame(2), T0).unwrap();
    assert!(matches!(drain(&mut session).as_slice(), [WatcherEffect::Changed]), "a late frame is not shown");
    session.handle_message(ToWatcher::Sharing(SharingState::Showing), T0).unwrap();
    session.handle_message(frame(5), T0).unwrap();
    assert_eq!(session.handle_message(frame(5), T0), Err(Misbehaviour::FrameOrder));
}

#[test]
fn a_frame_is_acknowledged_once_and_never_ahead() {
    let mut session = watching();
    for number in [1, 2] {
        session.handle_message(frame(number), T0).unwrap();
    }
    drain(&mut session);
    for number in [2, 2, 1, 3] {
        session.frame_shown(FrameNumber(number), 30);
    }
    assert_eq!(sends(&mut session), [ToShower::FrameShown { number: FrameNumber(2), held_ms: 30 }]);
}

#[test]
fn input_goes_out_only_with_a_grant() {
    let mut session = watching();
    assert!(!session.input(key('a')));
    assert!(session.request_control(T0) && !session.request_control(T0), "asked once");
    assert!(!session.input(key('a')));
    let mut session = controlling();
    assert!(session.input(key('a')));
    assert_eq!(sends(&mut session), [ToShower::Input { grant: GrantId(1), event: key('a') }]);
    session.handle_message(ToWatcher::Control(ControlState::Ended(ControlEnd::StopKey)), T0).unwrap();
    assert!(!session.input(key('a')));
    assert_eq!(session.state().control, ControlState::Ended(ControlEnd::StopKey));
}

#[test]
fn the_watcher_stops_by_itself_when_its_time_is_over() {
    let mut session = controlling();
    assert_eq!(session.poll_timeout(), Some(at(60_000)));
    session.handle_timeout(at(60_000));
    assert!(!session.input(key('a')));
    // The shower's word comes later and is no surprise, even after a new request.
    assert!(session.request_control(at(60_001)));
    let ended = ToWatcher::Control(ControlState::Ended(ControlEnd::TimeOver));
    session.handle_message(ended, at(60_002)).unwrap();
    assert_eq!(session.state().control, ControlState::Asked);
}

#[test]
fn a_grant_that_nobody_wants_any_more_is_given_back() {
    let mut session = watching();
    assert!(session.request_control(T0) && session.give_back_control(T0));
    drain(&mut session);
    for control in [ControlState::Asked, GRANTED] {
        session.handle_message(ToWatcher::Control(control), T0).unwrap();
        assert_eq!(sends(&mut session), [ToShower::GiveBackControl]);
    }
    assert!(!session.input(key('a')));
    session.handle_message(ToWatcher::Control(ControlState::Ended(ControlEnd::GivenBack)), T0).unwrap();
    assert!(session.request_control(T0), "it can be asked for again");
}

#[test]
fn a_pause_ends_the_wish_for_control() {
    let mut session = watching();
    session.request_control(T0);
    session.handle_message(ToWatcher::Sharing(SharingState::Paused), T0).unwrap();
    assert_eq!(session.state().control, ControlState::None);
    assert!(!session.request_control(T0), "nothing is shown");
}

#[test]
fn a_shower_out_of_order_ends_the_session() {
    let control = ToWatcher::Control;
    let cases: Vec<(Vec<ToWatcher>, Misbehaviour)> = vec![
        (vec![ToWatcher::Hello { version: hello() }], Misbehaviour::HelloTwice),
        (vec![ToWatcher::Sharing(SharingState::Showing)], Misbehaviour::SharingOrder),
        (vec![control(GRANTED)], Misbehaviour::ControlOrder),
        (vec![control(ControlState::Asked), control(ControlState::Asked)], Misbehaviour::ControlOrder),
        (vec![control(ControlState::Ended(ControlEnd::StopKey))], Misbehaviour::ControlOrder),
        (vec![control(ControlState::Asked), ToWatcher::Sharing(SharingState::Paused)], Misbehaviour::SharingOrder),
        (
            vec![control(ControlState::Asked), control(ControlState::Granted { grant: GrantId(0), remaining_s: None })],
            Misbehaviour::ControlOrder,
        ),
        (vec![frame(0)], Misbehaviour::FrameOrder),
    ];
    for (messages, misbehaviour) in cases {
        let mut session = watching();
        let results: Vec<_> = messages.iter().map(|message| session.handle_message(message.clone(), T0)).collect();
        assert_eq!(results.last(), Some(&Err(misbehaviour)), "{messages:?}");
        let all = drain(&mut session);
        assert!(matches!(
            all.as_slice(),
            [
                ..,
                WatcherEffect::Send(ToShower::End(EndReason::Misbehaved)),
                WatcherEffect::Ended(EndReason::Misbehaved, EndedBy::ThisSide)
            ]
        ));
    }
    let mut session = WatcherSession::new(T0);
    assert_eq!(session.handle_message(frame(1), T0), Err(Misbehaviour::HelloMissing));
}

#[test]
fn nothing_happens_after_the_end() {
    let mut session = controlling();
    session.handle_message(ToWatcher::End(EndReason::ByPerson), T0).unwrap();
    assert!(matches!(drain(&mut session).as_slice(), [WatcherEffect::Ended(EndReason::ByPerson, EndedBy::OtherSide)]));
    session.handle_message(frame(1), T0).unwrap();
    assert!(!session.input(key('a')) && !session.request_control(T0));
    session.end(EndReason::ByPerson, T0);
    assert!(drain(&mut session).is_empty());
}

#[test]
fn more_time_is_asked_for_while_control_is_limited_and_lengthens_it() {
    let mut session = watching();
    assert!(!session.request_more_time(T0), "there is no control");
    let mut session = controlling();
    assert!(session.request_more_time(T0));
    assert!(!session.request_more_time(T0), "once is enough");
    assert_eq!(sends(&mut session), [ToShower::RequestMoreTime { grant: GrantId(1) }]);
    assert_eq!(session.state().more_time, AskedMore::Asked);
    let told = |told| ToWatcher::MoreTime(told);
    session.handle_message(told(MoreTime::Asked), T0).unwrap();
    session.handle_message(told(MoreTime::Refused), T0).unwrap();
    assert_eq!((session.state().more_time, session.control_until()), (AskedMore::Refused, Some(at(60_000))));
    // Too often, and nobody is asked.
    assert!(session.request_more_time(T0));
    session.handle_message(told(MoreTime::Refused), T0).unwrap();
    assert!(session.request_more_time(at(30_000)));
    session.handle_message(told(MoreTime::Asked), at(30_000)).unwrap();
    session.handle_message(told(MoreTime::Granted { remaining_s: Some(300) }), at(40_000)).unwrap();
    assert_eq!((session.state().more_time, session.control_until()), (AskedMore::Nothing, Some(at(340_000))));
    assert!(session.request_more_time(at(50_000)));
    session.handle_message(told(MoreTime::Asked), at(50_000)).unwrap();
    session.handle_message(told(MoreTime::Granted { remaining_s: None }), at(50_000)).unwrap();
    assert!(!session.request_more_time(at(50_000)), "it has no limit any more");
    assert!(session.input(key('a')));
}

#[test]
fn more_time_that_this_sides_clock_was_ahead_of_counts_and_what_was_given_back_stays_so() {
    for asks_anew in [false, true] {
        let mut session = controlling();
        assert!(session.request_more_time(at(50_000)));
        session.handle_message(ToWatcher::MoreTime(MoreTime::Asked), at(50_000)).unwrap();
        session.handle_timeout(at(60_000));
        assert!(!session.input(key('a')), "the time is over");
        assert_eq!(session.request_control(at(60_000)) && asks_anew, asks_anew);
        let longer = ToWatcher::MoreTime(MoreTime::Granted { remaining_s: Some(60) });
        session.handle_message(longer, at(60_100)).unwrap();
        assert!(session.input(key('a')));
    }
    let mut session = controlling();
    assert!(session.request_more_time(T0));
    session.handle_message(ToWatcher::MoreTime(MoreTime::Asked), T0).unwrap();
    assert!(session.give_back_control(T0));
    let longer = ToWatcher::MoreTime(MoreTime::Granted { remaining_s: Some(60) });
    session.handle_message(longer, T0).unwrap();
    assert!(!session.input(key('a')));
}

#[test]
fn words_about_more_time_that_nobody_asked_for_end_the_session() {
    let more = [MoreTime::Asked, MoreTime::Granted { remaining_s: None }, MoreTime::Refused];
    for told in more {
        for mut session in [watching(), controlling()] {
            let taken = session.handle_message(ToWatcher::MoreTime(told), T0);
            assert_eq!(taken, Err(Misbehaviour::ControlOrder), "{told:?}");
        }
    }
    let mut session = controlling();
    session.request_more_time(T0);
    let granted = ToWatcher::MoreTime(MoreTime::Granted { remaining_s: None });
    assert_eq!(session.handle_message(granted, T0), Err(Misbehaviour::ControlOrder), "nobody was asked");
}
