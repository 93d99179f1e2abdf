//! The words of the turned direction.

use super::{marks, wire};
use mitblick_protocol::{
    geometry::Point,
    marks::{MarkId, ShowingNumber},
    peer_msg::{
        Frame, FrameNumber, GrantId, MoreTime, PointerPlace, SharingState, SurfaceId, ToShower, ToWatcher, TurnEnd,
        TurnId, TurnState, TurnedToShower, TurnedToWatcher,
    },
};

const TURN: TurnId = TurnId(2);

pub(super) fn to_watcher() -> Vec<ToWatcher> {
    let states = [
        TurnState::None,
        TurnState::Asked,
        TurnState::Granted { turn: TurnId(300) },
        TurnState::Refused,
        TurnState::Ended(TurnEnd::GivenBack),
    ];
    let showing = ShowingNumber(3);
    let place = PointerPlace { surface: SurfaceId(2), at: Point { x: 3, y: -4 } };
    let words = [
        TurnedToShower::FrameShown { number: FrameNumber(70_000), held_ms: 250 },
        TurnedToShower::DecodesVideo(true),
        TurnedToShower::Point { showing, at: Some(place) },
        TurnedToShower::Point { showing, at: None },
        TurnedToShower::Mark { showing, mark: marks().remove(0) },
        TurnedToShower::ClearMarks,
    ];
    let words = words.into_iter().map(|message| ToWatcher::Turned { turn: TURN, message });
    let more = [MoreTime::Asked, MoreTime::Granted { remaining_s: Some(300) }, MoreTime::Refused];
    states.into_iter().map(ToWatcher::Turn).chain(words).chain(more.map(ToWatcher::MoreTime)).collect()
}

pub(super) fn to_shower() -> Vec<ToShower> {
    let words = [
        TurnedToWatcher::Sharing(SharingState::Paused),
        TurnedToWatcher::Frame(bare_frame(300)),
        TurnedToWatcher::FreshFrame(bare_frame(301)),
        TurnedToWatcher::Pointing { allowed: false },
        TurnedToWatcher::MarksCleared { up_to: MarkId(300) },
        TurnedToWatcher::PointsOut(true),
    ];
    let words = words.into_iter().map(|message| ToShower::Turned { turn: TURN, message });
    let more = ToShower::RequestMoreTime { grant: GrantId(7) };
    [ToShower::RequestTurn, ToShower::EndTurn { broken: true }].into_iter().chain(words).chain([more]).collect()
}

/// With pixels alone.
fn bare_frame(number: u64) -> Frame {
    let number = FrameNumber(number);
    Frame { number, scene: None, pointer: None, cursor: None, round_trip_ms: None, pixels: vec![1, 2, 3] }
}

#[test]
fn the_longest_mark_of_a_turn_keeps_the_limit_of_its_stream() {
    use mitblick_protocol::marks::{MAX_MARK_POINTS, MarkShape};
    let far = Point { x: i32::MIN, y: i32::MAX };
    let mut mark = marks().remove(0);
    mark.shape = MarkShape::Line(vec![far; MAX_MARK_POINTS]);
    let (turn, showing) = (TurnId(u32::MAX), ShowingNumber(u32::MAX));
    let message = ToWatcher::Turned { turn, message: TurnedToShower::Mark { showing, mark } };
    let bytes = wire::encode(&message).unwrap();
    assert_eq!(wire::decode::<ToWatcher, { wire::MAX_CONTROL_MESSAGE_BYTES }>(&bytes), Ok(message));
}
