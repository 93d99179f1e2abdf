//! The shower's rules, one by one.

use super::*;
use crate::{input::NamedKey, peer_msg::SurfaceId};

/// Showing, with the watcher's hello heard and all effects drained.
fn showing() -> ShowerSession {
    let mut session = ShowerSession::new(Limits::default(), T0);
    session.handle_message(ToShower::Hello { version: hello() }, T0).unwrap();
    session.share(selection(1), T0).unwrap();
    effects(&mut session);
    session
}

/// Showing, with control granted.
fn granted(limit: ControlLimit) -> ShowerSession {
    let mut session = showing();
    session.handle_message(ToShower::RequestControl, T0).unwrap();
    session.allow_control(limit, T0).unwrap();
    effects(&mut session);
    session
}

fn input(session: &mut ShowerSession, grant: u32, now: Moment) -> Vec<ShowerEffect> {
    session.handle_message(ToShower::Input { grant: GrantId(grant), event: key('a') }, now).unwrap();
    effects(session)
}

/// The permit for one injected key.
fn permit(session: &mut ShowerSession, now: Moment) -> Permitted<InputEvent> {
    match input(session, 1, now).as_slice() {
        [ShowerEffect::Inject(permit)] => permit.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn nothing_is_captured_before_the_human_shares() {
    let mut session = ShowerSession::new(Limits::default(), T0);
    session.handle_message(ToShower::Hello { version: hello() }, T0).unwrap();
    session.handle_message(ToShower::RequestControl, T0).unwrap();
    session.resume(T0);
    let all = effects(&mut session);
    assert!(matches!(all.as_slice(), [ShowerEffect::Send(ToWatcher::Hello { .. })]), "{all:?}");
    assert_eq!(session.allow_control(ControlLimit::Session, T0), Err(NotAsked));
    assert_eq!(session.share(ViewSelection::default(), T0), Err(ShareError::Empty));
    assert!(effects(&mut session).is_empty());
}

#[test]
fn sharing_gives_a_permit_that_dies_with_a_pause() {
    let mut session = ShowerSession::new(Limits::default(), T0);
    effects(&mut session);
    session.share(selection(1), T0).unwrap();
    let all = effects(&mut session);
    let [ShowerEffect::Send(ToWatcher::Sharing(SharingState::Showing)), ShowerEffect::StartCapture(permit), _] =
        all.as_slice()
    else {
        panic!("{all:?}")
    };
    assert_eq!(permit.claim(), Some(&selection(1)));
    session.pause(T0);
    assert_eq!(permit.claim(), None);
    let all = effects(&mut session);
    assert!(matches!(
        all[..2],
        [ShowerEffect::StopCapture, ShowerEffect::Send(ToWatcher::Sharing(SharingState::Paused))]
    ));
    session.resume(T0);
    assert_eq!(session.state().sharing, SharingState::Showing);
    assert_eq!(permit.claim(), None, "an old permit stays dead");
}

#[test]
fn choosing_other_applications_stops_the_old_capture_first() {
    let mut session = showing();
    session.share(selection(2), T0).unwrap();
    let all = effects(&mut session);
    let stop = all.iter().position(|effect| matches!(effect, ShowerEffect::StopCapture)).unwrap();
    let start = all.iter().position(|effect| matches!(effect, ShowerEffect::StartCapture(_))).unwrap();
    assert!(stop < start);
    let told: Vec<_> =
        all.iter().filter(|effect| matches!(effect, ShowerEffect::Send(ToWatcher::Sharing(_)))).collect();
    assert_eq!(told.len(), 2, "the watcher forgets the old picture: {told:?}");
}

#[test]
fn input_needs_the_live_grant() {
    let mut session = granted(ControlLimit::Session);
    assert_eq!(permit(&mut session, T0).claim(), Some(&key('a')));
    session.revoke_control(ControlEnd::TakenBack, T0);
    effects(&mut session);
    assert!(matches!(
        input(&mut session, 1, T0).as_slice(),
        [ShowerEffect::Send(ToWatcher::InputRefused { reason: InputRefusal::NoGrant, events: 1 })]
    ));
    // A new grant has a new number; input of the old one stays dead.
    session.handle_message(ToShower::RequestControl, T0).unwrap();
    session.allow_control(ControlLimit::Session, T0).unwrap();
    effects(&mut session);
    assert!(input(&mut session, 1, T0).is_empty());
    assert!(matches!(input(&mut session, 2, T0).as_slice(), [ShowerEffect::Inject(_)]));
}

#[test]
fn every_way_out_ends_control_and_releases_what_is_held() {
    type Way = fn(&mut ShowerSession);
    let ways: [(ControlEnd, Way); 8] = [
        (ControlEnd::StopKey, |s| s.emergency_stop(at(1))),
        (ControlEnd::TakenBack, |s| s.revoke_control(ControlEnd::TakenBack, at(1))),
        (ControlEnd::TimeOver, |s| s.handle_timeout(at(60_000))),
        (ControlEnd::SharingChanged, |s| s.pause(at(1))),
        (ControlEnd::SharingChanged, |s| s.choose_again(at(1))),
        (ControlEnd::SharingChanged, |s| s.share(selection(2), at(1)).unwrap()),
        (ControlEnd::GivenBack, |s| s.handle_message(ToShower::GiveBackControl, at(1)).unwrap()),
        (ControlEnd::NotAvailable, |s| s.control_not_available(at(1))),
    ];
    for (why, way) in ways {
        let mut session = granted(ControlLimit::Minutes(1));
        let permit = permit(&mut session, T0);
        way(&mut session);
        assert_eq!(permit.claim(), None, "{why:?}");
        assert_eq!(session.state().control, ShowerControl::Ended(why));
        let all = effects(&mut session);
        let stop = all.iter().position(|effect| matches!(effect, ShowerEffect::StopInjection));
        let ended = ToWatcher::Control(ControlState::Ended(why));
        let told = all.iter().position(|effect| matches!(effect, ShowerEffect::Send(message) if *message == ended));
        assert!(stop.unwrap() < told.unwrap(), "{why:?}: injection stops before the watcher is told");
    }
    let mut session = granted(ControlLimit::Session);
    let permit = permit(&mut session, T0);
    session.end(EndReason::ByPerson, T0);
    assert_eq!(permit.claim(), None);
    assert!(matches!(effects(&mut session)[0], ShowerEffect::StopInjection));

    let mut session = granted(ControlLimit::Session);
    let permit = self::permit(&mut session, T0);
    drop(session);
    assert_eq!(permit.claim(), None, "a session that is gone permits nothing");
}

#[test]
fn the_stop_key_thread_needs_only_the_gate() {
    let mut session = granted(ControlLimit::Session);
    let permit = permit(&mut session, T0);
    session.gates().control.raise();
    assert_eq!(permit.claim(), None);
    // The next message finds it out, before it is looked at itself.
    assert!(!input(&mut session, 1, T0).iter().any(|effect| matches!(effect, ShowerEffect::Inject(_))));
    assert_eq!(session.state().control, ShowerControl::Ended(ControlEnd::StopKey));
}

#[test]
fn input_that_waits_in_the_queue_dies_with_a_stop() {
    let mut session = granted(ControlLimit::Session);
    for _ in 0..100 {
        session.handle_message(ToShower::Input { grant: GrantId(1), event: key('a') }, T0).unwrap();
    }
    session.emergency_stop(T0);
    assert!(!effects(&mut session).iter().any(|effect| matches!(effect, ShowerEffect::Inject(_))));
}

#[test]
fn a_time_limit_holds_even_if_no_timer_runs() {
    let mut session = granted(ControlLimit::Minutes(5));
    assert_eq!(session.state().control, ShowerControl::Granted { until: Some(at(300_000)), asks_more: false });
    assert_eq!(session.poll_timeout(), Some(at(300_000)));
    permit(&mut session, at(299_999));
    let all = input(&mut session, 1, at(300_000));
    assert!(!all.iter().any(|effect| matches!(effect, ShowerEffect::Inject(_))), "{all:?}");
    let mut session = granted(ControlLimit::Minutes(0));
    assert!(!input(&mut session, 1, T0).iter().any(|effect| matches!(effect, ShowerEffect::Inject(_))));
}

#[test]
fn a_request_never_becomes_a_grant_by_itself() {
    let mut session = showing();
    session.handle_message(ToShower::RequestControl, T0).unwrap();
    session.handle_timeout(at(u64::from(u32::MAX)));
    assert_eq!(session.state().control, ShowerControl::Asked { since: T0 });
    session.pause(T0);
    session.resume(T0);
    assert_eq!(session.allow_control(ControlLimit::Session, T0), Err(NotAsked), "a pause ends the request");
}

#[test]
fn stop_turns_down_an_open_request() {
    let mut session = showing();
    session.handle_message(ToShower::RequestControl, T0).unwrap();
    session.emergency_stop(T0);
    assert_eq!(session.state().control, ShowerControl::Refused);
    assert_eq!(session.allow_control(ControlLimit::Session, T0), Err(NotAsked));
}

#[test]
fn a_watcher_who_nags_is_refused_without_the_human() {
    let mut session = showing();
    for _ in 0..3 {
        session.handle_message(ToShower::RequestControl, T0).unwrap();
        assert_eq!(session.state().control, ShowerControl::Asked { since: T0 });
        session.refuse_control(T0);
    }
    effects(&mut session);
    session.handle_message(ToShower::RequestControl, T0).unwrap();
    assert_eq!(session.state().control, ShowerControl::Refused);
    assert_eq!(sent(&mut session), [ToWatcher::Control(ControlState::Refused)]);
    session.handle_message(ToShower::RequestControl, at(10_000)).unwrap();
    assert_eq!(session.state().control, ShowerControl::Asked { since: at(10_000) });
    let flood = (0..100).find_map(|_| session.handle_message(ToShower::RequestControl, at(10_000)).err());
    assert_eq!(flood, Some(Misbehaviour::AsksFlood));
}

#[test]
fn the_humans_own_input_suspends_the_watchers() {
    let mut session = granted(ControlLimit::Session);
    session.local_input(at(0));
    let all = effects(&mut session);
    let [ShowerEffect::Inject(release)] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!(release.claim(), Some(&InputEvent::ReleaseAll));
    session.local_input(at(500));
    assert!(effects(&mut session).is_empty(), "released once");
    assert!(matches!(
        input(&mut session, 1, at(1_499)).as_slice(),
        [ShowerEffect::Send(ToWatcher::InputRefused { reason: InputRefusal::LocalInputWins, events: 1 })]
    ));
    assert!(matches!(input(&mut session, 1, at(1_500)).as_slice(), [ShowerEffect::Inject(_)]));
}

#[test]
fn what_the_watcher_still_holds_after_a_rest_is_down_again_before_it_is_needed() {
    let named = |name, pressed| InputEvent::Key { key: Key::Named(name), pressed };
    let (control, shift) = (NamedKey::ControlLeft, NamedKey::ShiftLeft);
    let does = |session: &mut ShowerSession, event: InputEvent, now: Moment| -> Vec<InputEvent> {
        session.handle_message(ToShower::Input { grant: GrantId(1), event }, now).unwrap();
        let injected = effects(session).into_iter().filter_map(|effect| match effect {
            ShowerEffect::Inject(permit) => permit.claim().copied(),
            _ => None,
        });
        injected.collect()
    };
    let place = InputEvent::PointerMove { surface: SurfaceId(1), x: 1, y: 1 };
    let mut session = granted(ControlLimit::Session);
    assert_eq!(does(&mut session, named(control, true), at(0)), [named(control, true)]);
    session.local_input(at(10));
    effects(&mut session);
    // Another one goes down in the rest, and none of it is done.
    assert_eq!(does(&mut session, named(shift, true), at(500)), []);
    assert_eq!(does(&mut session, place, at(1_010)), [place], "a pointer needs none of them");
    let both = [named(control, true), named(shift, true), key('a')];
    assert_eq!(does(&mut session, key('a'), at(1_020)), both);
    assert_eq!(does(&mut session, key('a'), at(1_030)), [key('a')], "once");

    // What is let go of in the rest stays so, and so does what is held when
    // control begins anew.
    session.local_input(at(2_000));
    effects(&mut session);
    assert_eq!(does(&mut session, named(control, false), at(2_100)), []);
    assert_eq!(does(&mut session, InputEvent::ReleaseAll, at(2_200)), []);
    assert_eq!(does(&mut session, key('a'), at(3_000)), [key('a')]);
}

#[test]
fn the_humans_own_input_stops_what_waits_for_injection_before_the_session_hears_of_it() {
    let mut session = granted(ControlLimit::Session);
    let all = input(&mut session, 1, at(0));
    let [ShowerEffect::Inject(waiting)] = all.as_slice() else { panic!("{all:?}") };
    assert!(waiting.claim().is_some());
    session.gates().hands.raise();
    assert_eq!((waiting.claim(), waiting.refusal()), (None, InputRefusal::LocalInputWins));
    // It comes in before the word of the thread that raised the gate.
    let all = input(&mut session, 1, at(10));
    let [ShowerEffect::Inject(release), ShowerEffect::Send(ToWatcher::InputRefused { reason, events: 1 })] =
        all.as_slice()
    else {
        panic!("{all:?}")
    };
    assert_eq!(*reason, InputRefusal::LocalInputWins);
    session.local_input(at(11));
    assert_eq!(release.claim(), Some(&InputEvent::ReleaseAll), "letting go does not rest");
    assert!(effects(&mut session).is_empty(), "released once");
    assert!(matches!(input(&mut session, 1, at(1_011)).as_slice(), [ShowerEffect::Inject(_)]));
    session.gates().control.raise();
    assert_eq!(waiting.refusal(), InputRefusal::NoGrant);
}

#[test]
fn refusals_are_told_four_times_a_second_at_most() {
    let mut session = granted(ControlLimit::Session);
    let mut told = Vec::new();
    for ms in 0..1_000 {
        session.input_was_refused(InputRefusal::OutsideSharedWindows, at(ms));
        told.extend(sent(&mut session));
    }
    let events = |message: &ToWatcher| match message {
        ToWatcher::InputRefused { events, .. } => *events,
        other => panic!("{other:?}"),
    };
    assert_eq!(told.iter().map(events).collect::<Vec<_>>(), [1, 250, 250, 250]);
    assert_eq!(session.poll_timeout(), Some(at(1_000)));
    session.handle_timeout(at(1_000));
    assert_eq!(sent(&mut session).iter().map(events).sum::<u32>(), 249);
    assert_eq!(session.poll_timeout(), None);
}

#[test]
fn a_watcher_out_of_order_ends_the_session() {
    let cases: [(&[ToShower], Misbehaviour); 6] = [
        (&[ToShower::RequestControl], Misbehaviour::HelloMissing),
        (&[ToShower::Hello { version: hello() }, ToShower::Hello { version: hello() }], Misbehaviour::HelloTwice),
        (
            &[
                ToShower::Hello { version: hello() },
                ToShower::FrameShown { number: FrameNumber(2), held_ms: 0 },
                ToShower::FrameShown { number: FrameNumber(2), held_ms: 0 },
            ],
            Misbehaviour::FrameOrder,
        ),
        (
            &[ToShower::Hello { version: hello() }, ToShower::FrameShown { number: FrameNumber(0), held_ms: 0 }],
            Misbehaviour::FrameOrder,
        ),
        (
            &[ToShower::Hello { version: hello() }, ToShower::Input { grant: GrantId(1), event: key('a') }],
            Misbehaviour::UnknownGrant,
        ),
        (
            &[ToShower::Hello { version: hello() }, ToShower::Input { grant: GrantId(0), event: key('a') }],
            Misbehaviour::UnknownGrant,
        ),
    ];
    for (messages, misbehaviour) in cases {
        let mut session = ShowerSession::new(Limits::default(), T0);
        session.share(selection(1), T0).unwrap();
        let results: Vec<_> = messages.iter().map(|message| session.handle_message(message.clone(), T0)).collect();
        assert_eq!(results.last(), Some(&Err(misbehaviour)));
        let all = effects(&mut session);
        let [.., ShowerEffect::Send(ToWatcher::End(EndReason::Misbehaved)), ShowerEffect::Ended(reason, by)] =
            all.as_slice()
        else {
            panic!("{all:?}")
        };
        assert_eq!((*reason, *by), (EndReason::Misbehaved, EndedBy::ThisSide));
        assert_eq!(session.share(selection(1), T0), Err(ShareError::Ended));
        assert!(effects(&mut session).is_empty() && session.poll_timeout().is_none());
    }
}

#[test]
fn the_end_from_the_other_side_is_not_answered() {
    let mut session = granted(ControlLimit::Session);
    session.handle_message(ToShower::End(EndReason::ByPerson), T0).unwrap();
    let all = effects(&mut session);
    assert!(
        matches!(
            all.as_slice(),
            [
                ShowerEffect::StopInjection,
                ShowerEffect::StopCapture,
                ShowerEffect::Ended(EndReason::ByPerson, EndedBy::OtherSide)
            ]
        ),
        "{all:?}"
    );
}

#[test]
fn more_time_is_given_by_the_human_alone_and_counts_from_the_answer() {
    let mut session = granted(ControlLimit::Minutes(5));
    let ask = || ToShower::RequestMoreTime { grant: GrantId(1) };
    assert_eq!(session.allow_more_time(ControlLimit::Session, T0), Err(NotAsked));
    session.handle_message(ask(), at(1_000)).unwrap();
    let asked = sent(&mut session);
    assert_eq!(asked, [ToWatcher::MoreTime(MoreTime::Asked)]);
    assert_eq!(session.state().control, ShowerControl::Granted { until: Some(at(300_000)), asks_more: true });
    // Asked once more before our word reached the watcher.
    session.handle_message(ask(), at(1_000)).unwrap();
    assert_eq!(sent(&mut session), []);
    session.refuse_more_time(at(2_000));
    assert_eq!(sent(&mut session), [ToWatcher::MoreTime(MoreTime::Refused)]);
    assert_eq!(session.state().control, ShowerControl::Granted { until: Some(at(300_000)), asks_more: false });

    session.handle_message(ask(), at(100_000)).unwrap();
    session.allow_more_time(ControlLimit::Minutes(5), at(200_000)).unwrap();
    let told = sent(&mut session);
    let longer = ToWatcher::MoreTime(MoreTime::Granted { remaining_s: Some(300) });
    assert_eq!(told, [ToWatcher::MoreTime(MoreTime::Asked), longer]);
    permit(&mut session, at(499_999));
    assert_eq!(session.poll_timeout(), Some(at(500_000)));
    // What is left already is not taken away.
    session.handle_message(ask(), at(210_000)).unwrap();
    session.allow_more_time(ControlLimit::Minutes(1), at(210_000)).unwrap();
    assert_eq!(session.poll_timeout(), Some(at(500_000)));
    session.handle_timeout(at(500_000));
    assert_eq!(session.state().control, ShowerControl::Ended(ControlEnd::TimeOver));
}

#[test]
fn without_an_answer_control_ends_at_its_time_and_the_question_with_it() {
    let mut session = granted(ControlLimit::Minutes(5));
    session.handle_message(ToShower::RequestMoreTime { grant: GrantId(1) }, at(299_000)).unwrap();
    effects(&mut session);
    assert_eq!(session.allow_more_time(ControlLimit::Session, at(300_000)), Err(NotAsked));
    assert_eq!(session.state().control, ShowerControl::Ended(ControlEnd::TimeOver));
    // It crosses that, or is about nothing.
    session.handle_message(ToShower::RequestMoreTime { grant: GrantId(1) }, at(300_001)).unwrap();
    effects(&mut session);
    for grant in [0, 2] {
        let mut session = granted(ControlLimit::Minutes(5));
        let asked = session.handle_message(ToShower::RequestMoreTime { grant: GrantId(grant) }, T0);
        assert_eq!(asked, Err(Misbehaviour::UnknownGrant));
    }
}

#[test]
fn the_stop_key_ends_control_that_was_given_more_time() {
    let mut session = granted(ControlLimit::Minutes(5));
    session.handle_message(ToShower::RequestMoreTime { grant: GrantId(1) }, T0).unwrap();
    session.allow_more_time(ControlLimit::Session, T0).unwrap();
    assert_eq!(session.state().control, ShowerControl::Granted { until: None, asks_more: false });
    effects(&mut session);
    let live = permit(&mut session, at(900_000));
    session.gates().control.raise();
    assert_eq!(live.claim(), None);
    session.handle_timeout(at(900_000));
    assert_eq!(session.state().control, ShowerControl::Ended(ControlEnd::StopKey));
}

#[test]
fn the_rules_longest_time_holds_for_more_time_too() {
    let longest = ControlRule::Allowed { longest: Minutes::new(2) };
    let mut session = ShowerSession::new(Limits { control: longest, ..Limits::default() }, T0);
    session.handle_message(ToShower::Hello { version: hello() }, T0).unwrap();
    session.share(selection(1), T0).unwrap();
    session.handle_message(ToShower::RequestControl, T0).unwrap();
    session.allow_control(ControlLimit::Session, T0).unwrap();
    session.handle_message(ToShower::RequestMoreTime { grant: GrantId(1) }, at(60_000)).unwrap();
    session.allow_more_time(ControlLimit::Session, at(60_000)).unwrap();
    assert_eq!(session.poll_timeout(), Some(at(180_000)));
}

#[test]
fn an_end_in_the_midst_of_control_is_one_word() {
    let mut session = granted(ControlLimit::Session);
    // Whoever ends it may have raised the gate first.
    session.gates().control.raise();
    session.end(EndReason::ByPerson, at(1));
    assert_eq!(sent(&mut session), [ToWatcher::End(EndReason::ByPerson)]);
    let mut session = granted(ControlLimit::Session);
    session.end(EndReason::ByPerson, at(1));
    let all = effects(&mut session);
    let expected = matches!(
        all.as_slice(),
        [
            ShowerEffect::StopInjection,
            ShowerEffect::StopCapture,
            ShowerEffect::Send(ToWatcher::End(_)),
            ShowerEffect::Ended(EndReason::ByPerson, EndedBy::ThisSide)
        ]
    );
    assert!(expected, "{all:?}");
}
