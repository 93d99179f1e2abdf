//! Pointing without control and asking to be shown something, one rule each.

use super::*;
use crate::{
    ask::{AskAnswer, AskNumber, AskText},
    geometry::{Point, Rect, Size},
    marks::{Mark, MarkColour, MarkId, MarkLife, MarkShape, ShowingNumber, ShownMarks},
    peer_msg::{PointerPlace, Scene, Surface, SurfaceId, SurfaceState},
};

fn scene(surfaces: &[(u32, SurfaceState)]) -> Scene {
    let surface = |&(id, state): &(u32, SurfaceState)| Surface {
        id: SurfaceId(id),
        rect: Rect::new(0, 0, 100, 100),
        state,
        parent: None,
        title: DisplayText::default(),
    };
    Scene { desktop: Size { width: 100, height: 100 }, surfaces: surfaces.iter().map(surface).collect() }
}

/// Shows windows 1 and 2.
fn showing() -> ShowerSession {
    let mut session = ShowerSession::new(Limits::default(), T0);
    session.handle_message(ToShower::Hello { version: hello() }, T0).unwrap();
    session.share(selection(1), T0).unwrap();
    session.scene_sent(&scene(&[(1, SurfaceState::Shown), (2, SurfaceState::Shown)]), T0);
    effects(&mut session);
    session
}

fn point(showing: u32, surface: Option<u32>) -> ToShower {
    let at = surface.map(|surface| PointerPlace { surface: SurfaceId(surface), at: Point { x: 3, y: 4 } });
    ToShower::Point { showing: ShowingNumber(showing), at }
}

fn mark(showing: u32, id: u32, surface: u32) -> ToShower {
    let (colour, life) = (MarkColour::Red, MarkLife::Stays);
    let shape = MarkShape::Step { at: Point { x: 3, y: 4 }, number: 1 };
    let mark = Mark { id: MarkId(id), surface: SurfaceId(surface), shape, colour, life };
    ToShower::Mark { showing: ShowingNumber(showing), mark }
}

/// What is seen by the newest effect, if there is one.
fn seen(session: &mut ShowerSession) -> Option<ShownMarks> {
    let marks = effects(session).into_iter().rev().find_map(|effect| match effect {
        ShowerEffect::Marks(seen) => Some(seen),
        _ => None,
    });
    marks.map(|seen| seen.claim().cloned().expect("a live permit"))
}

fn ids(seen: &ShownMarks) -> Vec<u32> {
    seen.marks.iter().map(|mark| mark.id.0).collect()
}

#[test]
fn pointer_and_marks_are_seen_while_their_window_is_shown() {
    let mut session = showing();
    session.handle_message(point(1, Some(2)), T0).unwrap();
    session.handle_message(mark(1, 1, 1), T0).unwrap();
    session.handle_message(mark(1, 2, 2), T0).unwrap();
    let all = seen(&mut session).unwrap();
    assert_eq!((ids(&all), all.pointer.map(|place| place.surface)), (vec![1, 2], Some(SurfaceId(2))));
    session.scene_sent(&scene(&[(1, SurfaceState::Shown), (2, SurfaceState::Minimised)]), T0);
    let rest = seen(&mut session).unwrap();
    assert_eq!((ids(&rest), rest.pointer), (vec![1], None));
    session.scene_sent(&scene(&[(2, SurfaceState::Shown)]), T0);
    assert_eq!(seen(&mut session), Some(ShownMarks::default()), "what is gone does not come back");
}

#[test]
fn what_points_at_a_window_that_has_just_gone_is_dropped() {
    let mut session = showing();
    session.scene_sent(&scene(&[(1, SurfaceState::Shown)]), T0);
    session.handle_message(mark(1, 1, 2), T0).unwrap();
    session.handle_message(point(1, Some(2)), T0).unwrap();
    assert_eq!(seen(&mut session), None);
    session.handle_message(mark(1, 2, 1), T0).unwrap();
    assert_eq!(ids(&seen(&mut session).unwrap()), [2], "it was counted all the same");
}

#[test]
fn pointing_at_what_was_never_shown_ends_the_session() {
    for message in [mark(1, 1, 3), point(1, Some(3)), point(2, None), point(0, None), mark(2, 1, 1), mark(1, 2, 1)] {
        let mut session = showing();
        assert_eq!(session.handle_message(message, T0), Err(Misbehaviour::Pointing));
    }
    let mut session = ShowerSession::new(Limits::default(), T0);
    session.handle_message(ToShower::Hello { version: hello() }, T0).unwrap();
    assert_eq!(session.handle_message(point(1, None), T0), Err(Misbehaviour::Pointing), "nothing is shown");
}

#[test]
fn pause_end_and_a_new_choice_take_all_away_at_once() {
    type Act = fn(&mut ShowerSession);
    let acts: [(&str, Act); 4] = [
        ("pause", |session| session.pause(T0)),
        ("choose", |session| session.choose_again(T0)),
        ("share", |session| session.share(selection(2), T0).unwrap()),
        ("end", |session| session.end(EndReason::ByPerson, T0)),
    ];
    for (what, act) in acts {
        let mut session = showing();
        session.handle_message(point(1, Some(2)), T0).unwrap();
        session.handle_message(mark(1, 1, 1), T0).unwrap();
        let before = effects(&mut session);
        let permit = before.iter().find_map(|effect| match effect {
            ShowerEffect::Marks(seen) => Some(seen.clone()),
            _ => None,
        });
        act(&mut session);
        assert!(permit.unwrap().claim().is_none(), "{what}: the permit is dead before anything is done");
        assert_eq!(seen(&mut session), Some(ShownMarks::default()), "{what}");
    }
}

#[test]
fn what_was_drawn_on_an_earlier_showing_is_dropped() {
    let mut session = showing();
    session.pause(T0);
    session.handle_message(mark(1, 1, 1), T0).unwrap();
    session.resume(T0);
    session.scene_sent(&scene(&[(1, SurfaceState::Shown)]), T0);
    session.handle_message(mark(1, 2, 1), T0).unwrap();
    session.handle_message(point(1, Some(1)), T0).unwrap();
    assert_eq!(seen(&mut session), None);
    session.handle_message(mark(2, 3, 1), T0).unwrap();
    assert_eq!(ids(&seen(&mut session).unwrap()), [3]);
}

#[test]
fn the_human_hides_and_clears_what_is_pointed_at() {
    let mut session = showing();
    assert!(!session.clear_marks(T0), "there are none");
    session.handle_message(mark(1, 1, 1), T0).unwrap();
    session.handle_message(point(1, Some(1)), T0).unwrap();
    effects(&mut session);
    assert!(session.clear_marks(T0));
    assert!(sent(&mut session).contains(&ToWatcher::MarksCleared { up_to: MarkId(1) }));
    assert!(session.hide_pointing(true, T0) && !session.hide_pointing(true, T0));
    assert!(sent(&mut session).contains(&ToWatcher::Pointing { allowed: false }));
    session.handle_message(mark(1, 2, 1), T0).unwrap();
    session.handle_message(point(1, Some(2)), T0).unwrap();
    assert_eq!(seen(&mut session), None, "sent before it was known");
    assert!(session.hide_pointing(false, T0));
    session.handle_message(mark(1, 3, 1), T0).unwrap();
    assert_eq!(ids(&seen(&mut session).unwrap()), [3]);
}

#[test]
fn a_flood_of_marks_or_places_ends_the_session() {
    let mut session = showing();
    let flood = (1..=1_000).find_map(|id| session.handle_message(mark(1, id, 1), T0).err());
    assert_eq!(flood, Some(Misbehaviour::PointingFlood));
    let mut session = showing();
    let flood = (0..4_000).find_map(|at| session.handle_message(point(1, Some(1 + at % 2)), T0).err());
    assert_eq!(flood, Some(Misbehaviour::PointingFlood));
}

/// Sees windows 1 and 2.
fn watching() -> WatcherSession {
    let mut session = WatcherSession::new(T0);
    let frame = crate::peer_msg::Frame {
        number: FrameNumber(1),
        scene: Some(scene(&[(1, SurfaceState::Shown), (2, SurfaceState::Shown)])),
        pointer: None,
        cursor: None,
        round_trip_ms: None,
        pixels: vec![],
    };
    let hello = ToWatcher::Hello { version: hello() };
    for message in [hello, ToWatcher::Sharing(SharingState::Showing), ToWatcher::Frame(frame)] {
        session.handle_message(message, T0).unwrap();
    }
    says(&mut session);
    session
}

fn says(session: &mut WatcherSession) -> Vec<ToShower> {
    let sends = |effect| match effect {
        WatcherEffect::Send(message) => Some(message),
        _ => None,
    };
    core::iter::from_fn(|| session.poll_effect()).filter_map(sends).collect()
}

fn drawing(surface: u32) -> Drawing {
    let shape = MarkShape::Step { at: Point { x: 3, y: 4 }, number: 1 };
    Drawing { surface: SurfaceId(surface), shape, colour: MarkColour::Red, life: MarkLife::Fades }
}

#[test]
fn only_the_newest_place_of_a_moving_pointer_is_sent_and_the_last_always() {
    let mut session = watching();
    let place = |x| PointerPlace { surface: SurfaceId(1), at: Point { x, y: 0 } };
    for x in 0..10 {
        session.point(Some(place(x)), T0);
    }
    assert_eq!(says(&mut session), [ToShower::Point { showing: ShowingNumber(1), at: Some(place(0)) }]);
    let due = session.poll_timeout().unwrap();
    session.handle_timeout(due);
    assert_eq!(says(&mut session), [ToShower::Point { showing: ShowingNumber(1), at: Some(place(9)) }]);
    session.point(Some(place(10)), due);
    session.point(None, due);
    assert_eq!(says(&mut session), [ToShower::Point { showing: ShowingNumber(1), at: None }]);
    assert_eq!(session.poll_timeout(), None, "a place that was never sent is forgotten");
}

#[test]
fn marks_of_the_watcher_fade_and_end_with_the_showing() {
    let mut session = watching();
    assert!(session.draw(drawing(1), false, T0) && session.draw(drawing(1), true, T0));
    assert!(session.draw(drawing(2), false, T0));
    assert_eq!(session.marks().len(), 2);
    session.handle_timeout(at(6_000));
    assert_eq!(session.marks().len(), 0);
    assert!(session.draw(drawing(2), false, at(6_000)));
    session.handle_message(ToWatcher::Sharing(SharingState::Paused), at(6_000)).unwrap();
    assert_eq!(session.marks().len(), 0);
    assert!(!session.draw(drawing(2), false, at(6_000)), "nothing is shown");
}

#[test]
fn what_goes_on_after_its_mark_has_gone_is_a_new_mark() {
    type Act = fn(&mut WatcherSession);
    let acts: [(&str, Act); 3] = [
        ("faded", |session| session.handle_timeout(at(6_000))),
        ("taken away by the shower", |session| {
            session.handle_message(ToWatcher::MarksCleared { up_to: MarkId(1) }, T0).unwrap();
        }),
        ("taken away here", |session| assert!(session.clear_marks(T0))),
    ];
    for (what, act) in acts {
        let mut session = watching();
        assert!(session.draw(drawing(1), false, T0) && session.draw(drawing(1), true, T0));
        act(&mut session);
        says(&mut session);
        assert!(session.draw(drawing(1), true, at(6_000)));
        let [ToShower::Mark { mark, .. }] = &says(&mut session)[..] else { panic!("{what}") };
        assert_eq!((mark.id, session.marks().len()), (MarkId(2), 1), "{what}");
    }
}

#[test]
fn a_hand_that_is_still_on_what_was_shown_before_tells_nothing() {
    let place = |surface| Some(PointerPlace { surface: SurfaceId(surface), at: Point { x: 3, y: 4 } });
    let mut session = watching();
    assert!(session.draw(drawing(1), false, T0));
    for state in [SharingState::Choosing, SharingState::Showing] {
        session.handle_message(ToWatcher::Sharing(state), T0).unwrap();
    }
    says(&mut session);
    assert!(!session.draw(drawing(1), true, T0) && !session.draw(drawing(2), false, T0));
    session.point(place(1), T0);
    assert_eq!(says(&mut session), [], "the shower knows no window of this showing yet");
    let frame = crate::peer_msg::Frame {
        number: FrameNumber(2),
        scene: Some(scene(&[(2, SurfaceState::Shown), (3, SurfaceState::Minimised)])),
        pointer: None,
        cursor: None,
        round_trip_ms: None,
        pixels: vec![],
    };
    session.handle_message(ToWatcher::Frame(frame), T0).unwrap();
    says(&mut session);
    assert!(!session.draw(drawing(1), true, T0) && !session.draw(drawing(3), false, T0));
    session.point(place(3), T0);
    assert_eq!(says(&mut session), []);
    assert!(session.draw(drawing(2), false, T0));
}

#[test]
fn a_shower_that_takes_away_what_was_never_drawn_ends_the_session() {
    let messages = [
        ToWatcher::MarksCleared { up_to: MarkId(1) },
        ToWatcher::Pointing { allowed: true },
        ToWatcher::PointsOut(false),
    ];
    for message in messages {
        assert_eq!(watching().handle_message(message, T0), Err(Misbehaviour::PointingOrder));
    }
}

fn ask(number: u32, text: Option<&str>) -> ToShower {
    let text = text.map(|text| AskText::new(text).unwrap());
    ToShower::AskToShow { number: AskNumber(number), text }
}

fn answers(session: &mut ShowerSession) -> Vec<(u32, AskAnswer)> {
    let answers = |message| match message {
        ToWatcher::AskAnswered { number, answer } => Some((number.0, answer)),
        _ => None,
    };
    sent(session).into_iter().filter_map(answers).collect()
}

#[test]
fn a_request_is_answered_once_by_what_the_human_does() {
    let mut session = showing();
    session.handle_message(ask(1, Some("your mail")), T0).unwrap();
    assert_eq!(session.asked_to_show().unwrap().visible(), "your mail");
    session.pause(T0);
    session.resume(T0);
    assert_eq!(answers(&mut session), [], "a pause is no answer");
    let mut more = session.selection().unwrap().clone();
    more.applications.extend(selection(2).applications);
    session.share(more, T0).unwrap();
    assert_eq!(answers(&mut session), [(1, AskAnswer::Shown)]);
    session.handle_message(ask(2, Some("your bank")), T0).unwrap();
    assert!(session.refuse_to_show(T0) && !session.refuse_to_show(T0));
    assert_eq!(answers(&mut session), [(2, AskAnswer::Refused)]);
    session.handle_message(ask(3, Some("it")), T0).unwrap();
    session.handle_message(ask(3, None), T0).unwrap();
    assert_eq!(session.asked_to_show(), None);
    assert_eq!(answers(&mut session), []);
}

#[test]
fn requests_too_soon_are_refused_unseen_and_without_end_are_hostile() {
    let mut session = showing();
    for number in 1..=4 {
        session.handle_message(ask(number, Some("your mail")), T0).unwrap();
    }
    assert_eq!(session.asked_to_show(), None);
    assert_eq!(answers(&mut session), [(4, AskAnswer::Refused)]);
    let flood = (5..=100).find_map(|number| session.handle_message(ask(number, Some("x")), T0).err());
    assert_eq!(flood, Some(Misbehaviour::AsksFlood));
    for message in [ask(2, Some("x")), ask(0, None), ask(1, None)] {
        assert_eq!(showing().handle_message(message, T0), Err(Misbehaviour::AskOrder));
    }
}

#[test]
fn an_answer_to_nothing_ends_the_session_and_a_late_one_is_dropped() {
    let answered = |number| ToWatcher::AskAnswered { number: AskNumber(number), answer: AskAnswer::Refused };
    assert_eq!(watching().handle_message(answered(1), T0), Err(Misbehaviour::AskOrder));
    let mut session = watching();
    session.ask_to_show("mail", T0).unwrap();
    assert!(session.take_back_ask(T0) && !session.take_back_ask(T0));
    session.handle_message(answered(1), T0).unwrap();
    assert_eq!(session.state().ask, AskState::None);
    session.ask_to_show("bank", T0).unwrap();
    assert_eq!(session.state().ask, AskState::Open);
    session.handle_message(answered(2), T0).unwrap();
    assert_eq!(session.state().ask, AskState::Answered(AskAnswer::Refused));
    assert_eq!(session.handle_message(answered(2), T0), Err(Misbehaviour::AskOrder));
}
