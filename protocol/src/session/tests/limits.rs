//! The company's rules, kept at the shower.

use super::*;

fn minutes(minutes: u16) -> Option<Minutes> {
    Minutes::new(minutes)
}

/// Showing under these limits, all effects drained.
fn showing(limits: Limits) -> ShowerSession {
    let mut session = ShowerSession::new(limits, T0);
    session.handle_message(ToShower::Hello { version: hello() }, T0).unwrap();
    session.share(selection(1), T0).unwrap();
    effects(&mut session);
    session
}

fn forbidden() -> ShowerSession {
    showing(Limits { control: ControlRule::Forbidden, ..Limits::default() })
}

fn of_length(longest: u16) -> ShowerSession {
    showing(Limits { longest_session: minutes(longest), ..Limits::default() })
}

const MINUTE_MS: u64 = 60_000;

#[test]
fn control_that_the_rules_forbid_is_neither_asked_nor_granted() {
    let mut session = forbidden();
    for _ in 0..3 {
        session.handle_message(ToShower::RequestControl, T0).unwrap();
        let told = sent(&mut session);
        assert_eq!(told, [ToWatcher::Control(ControlState::Ended(ControlEnd::Forbidden))]);
        assert_eq!(session.allow_control(ControlLimit::Session, T0), Err(NotAsked));
        assert_eq!(session.allow_control(ControlLimit::Minutes(1), T0), Err(NotAsked));
        let input = ToShower::Input { grant: GrantId(0), event: key('a') };
        assert_eq!(session.state().control, ShowerControl::Ended(ControlEnd::Forbidden));
        assert_eq!(forbidden().handle_message(input, T0), Err(Misbehaviour::UnknownGrant));
    }
    assert!(effects(&mut session).is_empty());
}

#[test]
fn asking_without_end_is_a_flood_under_the_rule_too() {
    let mut session = forbidden();
    let answers = [(); 61].map(|()| session.handle_message(ToShower::RequestControl, T0));
    assert_eq!(answers[60], Err(Misbehaviour::AsksFlood));
}

#[test]
fn a_watcher_that_is_told_of_the_rule_may_go_on_looking() {
    let mut session = forbidden();
    let mut watcher = WatcherSession::new(T0);
    let tell = |watcher: &mut WatcherSession, message| watcher.handle_message(message, T0);
    tell(&mut watcher, ToWatcher::Hello { version: hello() }).unwrap();
    tell(&mut watcher, ToWatcher::Sharing(SharingState::Showing)).unwrap();
    assert!(watcher.request_control(T0));
    session.handle_message(ToShower::RequestControl, T0).unwrap();
    for message in sent(&mut session) {
        tell(&mut watcher, message).unwrap();
    }
    let state = watcher.state();
    assert_eq!(state.control, ControlState::Ended(ControlEnd::Forbidden));
    assert_eq!(state.sharing, SharingState::Showing);
    assert!(!watcher.input(key('a')));
}

#[test]
fn a_grant_is_no_longer_than_the_rules_allow() {
    let limits = Limits { control: ControlRule::Allowed { longest: minutes(10) }, ..Limits::default() };
    let cases = [(ControlLimit::Session, 600), (ControlLimit::Minutes(15), 600), (ControlLimit::Minutes(5), 300)];
    for (wanted, seconds) in cases {
        let mut session = showing(limits);
        session.handle_message(ToShower::RequestControl, T0).unwrap();
        session.allow_control(wanted, T0).unwrap();
        assert_eq!(
            session.state().control,
            ShowerControl::Granted { until: Some(at(seconds * 1_000)), asks_more: false }
        );
        session.handle_timeout(at(seconds * 1_000));
        assert_eq!(session.state().control, ShowerControl::Ended(ControlEnd::TimeOver));
    }
}

#[test]
fn the_longest_session_is_told_five_minutes_before_and_then_ends() {
    let mut session = of_length(30);
    assert_eq!(session.poll_timeout(), Some(at(25 * MINUTE_MS)));
    session.handle_timeout(at(25 * MINUTE_MS - 1));
    assert!(effects(&mut session).is_empty());
    assert_eq!(session.state().ends_at, None);
    session.handle_timeout(at(25 * MINUTE_MS));
    assert_eq!(sent(&mut session), [ToWatcher::EndsSoon { remaining_s: 300 }]);
    assert_eq!(session.state().ends_at, Some(at(30 * MINUTE_MS)));
    assert_eq!(session.poll_timeout(), Some(at(30 * MINUTE_MS)));
    session.handle_timeout(at(29 * MINUTE_MS));
    assert!(effects(&mut session).is_empty(), "told once");
    session.handle_timeout(at(30 * MINUTE_MS));
    let all = effects(&mut session);
    assert!(matches!(
        all.as_slice(),
        [
            ShowerEffect::StopCapture,
            ShowerEffect::Send(ToWatcher::End(EndReason::TimeOver)),
            ShowerEffect::Ended(EndReason::TimeOver, EndedBy::ThisSide)
        ]
    ));
    assert_eq!(session.poll_timeout(), None);
}

#[test]
fn a_session_shorter_than_the_notice_is_told_at_once() {
    let mut session = ShowerSession::new(Limits { longest_session: minutes(1), ..Limits::default() }, T0);
    session.handle_timeout(T0);
    assert_eq!(sent(&mut session)[1..], [ToWatcher::EndsSoon { remaining_s: 60 }]);
}

/// Whatever is done at the last moment, a late program shows and lets do
/// nothing after it.
#[test]
fn nothing_is_done_after_the_end_even_by_a_program_that_was_held_up() {
    type Way = fn(&mut ShowerSession, Moment);
    let ways: [Way; 10] = [
        |s, now| assert_eq!(s.share(selection(2), now), Err(ShareError::Ended)),
        |s, now| s.choose_again(now),
        |s, now| s.pause(now),
        |s, now| s.resume(now),
        |s, now| assert_eq!(s.allow_control(ControlLimit::Session, now), Err(NotAsked)),
        |s, now| s.handle_message(ToShower::RequestControl, now).unwrap(),
        |s, now| s.handle_message(ToShower::Input { grant: GrantId(1), event: key('a') }, now).unwrap(),
        |s, now| s.local_input(now),
        |s, now| s.revoke_control(ControlEnd::TakenBack, now),
        |s, now| s.end(EndReason::ByPerson, now),
    ];
    for (number, way) in ways.into_iter().enumerate() {
        for asked in [false, true] {
            let mut session = of_length(2);
            if asked {
                session.handle_message(ToShower::RequestControl, T0).unwrap();
            }
            effects(&mut session);
            way(&mut session, at(2 * MINUTE_MS));
            let all = effects(&mut session);
            let last = all.last();
            assert!(matches!(last, Some(ShowerEffect::Ended(EndReason::TimeOver, _))), "way {number}: {all:?}");
            let starts = |effect: &ShowerEffect| {
                matches!(
                    effect,
                    ShowerEffect::StartCapture(_) | ShowerEffect::StartInjection(_) | ShowerEffect::Inject(_)
                )
            };
            assert!(!all.iter().any(starts), "way {number}: {all:?}");
            assert_eq!(session.state().sharing, SharingState::Choosing);
        }
    }
}

#[test]
fn the_watcher_takes_the_word_of_the_end_once() {
    let mut watcher = WatcherSession::new(T0);
    watcher.handle_message(ToWatcher::Hello { version: hello() }, T0).unwrap();
    watcher.handle_message(ToWatcher::EndsSoon { remaining_s: 60 }, T0).unwrap();
    assert_eq!(watcher.state().ends_at, Some(at(60_000)));
    let again = watcher.handle_message(ToWatcher::EndsSoon { remaining_s: 90 }, T0);
    assert_eq!(again, Err(Misbehaviour::EndTwice));
}
