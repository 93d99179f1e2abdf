//! What the shower's human points at in a turn: on what is shown alone, gone
//! with it, and by the rules of the other direction.

use super::*;
use crate::{
    geometry::Point,
    marks::{Mark, MarkColour, MarkId, MarkLife, MarkShape, ShowingNumber},
    peer_msg::PointerPlace,
};

const PLACE: PointerPlace = PointerPlace { surface: SurfaceId(1), at: Point { x: 3, y: 4 } };

fn drawing(surface: u32) -> Drawing {
    let shape = MarkShape::Step { at: Point { x: 3, y: 4 }, number: 1 };
    Drawing { surface: SurfaceId(surface), shape, colour: MarkColour::Red, life: MarkLife::Stays }
}

pub(super) fn mark(showing: u32, id: u32, surface: u32) -> TurnedToShower {
    let Drawing { surface, shape, colour, life } = drawing(surface);
    let mark = Mark { id: MarkId(id), surface, shape, colour, life };
    TurnedToShower::Mark { showing: ShowingNumber(showing), mark }
}

fn said(turn: u32, message: TurnedToShower) -> ToWatcher {
    ToWatcher::Turned { turn: TurnId(turn), message }
}

/// Something is shown, and the shower has seen it.
fn seen() -> Pair {
    let mut pair = Pair::showing();
    assert!(pair.frame());
    pair.settle();
    pair
}

/// One mark and the pointer.
fn pointing() -> Pair {
    let mut pair = seen();
    assert!(pair.shower.turned_draw(drawing(1), false, T0));
    pair.shower.turned_point(Some(PLACE), T0);
    pair.settle();
    let state = pair.watcher.turned_state().unwrap();
    assert_eq!((state.marks, state.watcher_points), (1, true));
    assert_eq!(pair.shown(), (1, Some(PLACE)));
    pair
}

impl Pair {
    /// How many marks the watcher's program may show, and the pointer.
    fn shown(&self) -> (usize, Option<PointerPlace>) {
        let seen = self.marks.as_ref().and_then(Permitted::claim);
        seen.map_or((0, None), |seen| (seen.marks.len(), seen.pointer))
    }

    pub(super) fn point(&mut self, op: u8) {
        // A hand may point at any time, at what it saw last.
        let again = op.is_multiple_of(2) && self.next_frame.is_multiple_of(3);
        self.shower.turned_draw(drawing(1), again, T0);
        self.shower.turned_point((op == 13).then_some(PLACE), T0);
    }

    /// Nothing is on the way any more.
    pub(super) fn agree_on_pointing(&self) {
        let (Some(shows), Some(looks)) = (self.watcher.turned_state(), self.shower.turned_state()) else {
            return assert_eq!(self.shown(), (0, None), "nothing without a turn");
        };
        assert_eq!(shows.pointing_hidden, !looks.pointing_allowed);
        assert_eq!(shows.points_out, looks.points_out);
        assert_eq!((shows.marks, shows.marks), (looks.marks, self.shown().0));
        assert_eq!(shows.marks, self.shower.turned_marks().len());
    }
}

#[test]
fn the_shower_points_at_what_the_watcher_shows_and_takes_it_away() {
    let mut pair = pointing();
    assert_eq!(pair.shower.turned_marks().len(), 1, "seen at once on the own side");
    assert!(pair.shower.turned_draw(drawing(1), true, T0), "drawn further");
    pair.shower.turned_point(None, T0);
    pair.settle();
    assert_eq!(pair.shown(), (1, None));
    assert!(pair.shower.turned_clear_marks(T0) && !pair.shower.turned_clear_marks(T0));
    pair.settle();
    assert_eq!(pair.shown(), (0, None));
}

#[test]
fn the_watcher_takes_marks_away_hides_them_and_points_out_its_own_pointer() {
    let mut pair = pointing();
    assert!(pair.watcher.turned_clear_marks(T0) && !pair.watcher.turned_clear_marks(T0));
    pair.settle();
    assert_eq!((pair.shown().0, pair.shower.turned_marks()), (0, vec![]));
    assert!(pair.watcher.turned_hide_pointing(true, T0) && !pair.watcher.turned_hide_pointing(true, T0));
    assert!(pair.watcher.turned_point_out(true, T0));
    pair.settle();
    let state = pair.shower.turned_state().unwrap();
    assert!(!state.pointing_allowed && state.points_out);
    assert!(!pair.shower.turned_draw(drawing(1), false, T0), "nobody would see it");
    assert!(pair.watcher.turned_hide_pointing(false, T0));
    pair.settle();
    assert!(pair.shower.turned_draw(drawing(1), false, T0));
    pair.settle();
    pair.agree_on_pointing();
}

#[test]
fn marks_end_with_what_is_shown_and_do_not_come_back() {
    type End = (&'static str, fn(&mut Pair));
    let ends: [End; 7] = [
        ("pause", |pair| assert!(pair.watcher.turned_pause(T0))),
        ("choose again", |pair| assert!(pair.watcher.turned_choose_again(T0))),
        ("another choice", |pair| pair.watcher.turned_share(selection(8), T0).unwrap()),
        ("given back", |pair| assert!(pair.watcher.end_turn(false, T0))),
        ("taken back", |pair| assert!(pair.shower.turn_back(T0))),
        ("cut", |pair| {
            pair.watcher.link_lost(T0);
            pair.shower.link_lost(T0);
        }),
        ("end", |pair| pair.watcher.end(EndReason::ByPerson, T0)),
    ];
    for (what, end) in ends {
        let mut pair = pointing();
        let before = pair.marks.clone().unwrap();
        end(&mut pair);
        pair.settle();
        assert!(before.claim().is_none(), "{what}: the permit outlived it");
        assert_eq!(pair.shown(), (0, None), "{what}");
        assert_eq!(pair.shower.turned_marks(), [], "{what}");
        pair.watcher.turned_resume(T0);
        pair.settle();
        assert_eq!(pair.shown(), (0, None), "{what}: it came back");
    }
}

#[test]
fn a_window_that_is_not_shown_any_more_takes_its_marks_along() {
    let mut pair = pointing();
    let mut minimised = frame(pair.next_frame);
    pair.next_frame += 1;
    if let Some(scene) = &mut minimised.scene {
        scene.surfaces[0].state = SurfaceState::Minimised;
    }
    let message = pair.watcher.turned_frame(minimised, false, T0);
    pair.drain();
    assert_eq!(pair.shown(), (0, None), "before the other side hears of it");
    pair.to_shower[1].extend(message);
    // It has not heard, so what it draws is late and no fault.
    assert!(pair.shower.turned_draw(drawing(1), false, T0));
    pair.settle();
    assert_eq!(pair.shown(), (0, None));
}

#[test]
fn nothing_can_be_pointed_at_before_something_is_shown_or_without_a_turn() {
    for mut pair in [Pair::new(Limits::NONE), Pair::asked(), Pair::turned()] {
        assert!(!pair.shower.turned_draw(drawing(1), false, T0) && !pair.shower.turned_clear_marks(T0));
        pair.shower.turned_point(Some(PLACE), T0);
        assert_eq!(effects(&mut pair.shower).len(), 0);
        assert!(!pair.watcher.turned_clear_marks(T0));
    }
}

#[test]
fn pointing_that_cannot_be_ends_the_session() {
    let point = |surface| TurnedToShower::Point {
        showing: ShowingNumber(1),
        at: Some(PointerPlace { surface: SurfaceId(surface), ..PLACE }),
    };
    for (what, message) in [
        ("a mark on a surface never shown", mark(1, 1, 2)),
        ("a pointer there", point(2)),
        ("a mark on a showing that never was", mark(2, 1, 1)),
        ("a mark whose number does not follow", mark(1, 2, 1)),
    ] {
        let mut pair = seen();
        assert_eq!(pair.watcher.handle_message(said(1, message), T0), Err(Misbehaviour::Pointing), "{what}");
        pair.drain();
        assert_eq!(pair.both().1, WatcherTurn::None, "{what}: it is over");
        assert!(pair.permit.as_ref().is_some_and(|permit| permit.claim().is_none()), "{what}");
    }
    let mut pair = Pair::turned();
    assert_eq!(pair.watcher.handle_message(said(1, mark(1, 1, 1)), T0), Err(Misbehaviour::Pointing), "too early");
    let mut pair = seen();
    assert_eq!(pair.watcher.handle_message(said(2, mark(1, 1, 1)), T0), Err(Misbehaviour::TurnOrder));
}

#[test]
fn a_mark_of_an_older_turn_or_showing_is_dropped() {
    let mut pair = pointing();
    assert!(pair.watcher.turned_pause(T0) && pair.watcher.turned_resume(T0));
    pair.settle();
    pair.watcher.handle_message(said(1, mark(1, 2, 1)), T0).unwrap();
    pair.drain();
    assert_eq!(pair.shown(), (0, None), "of the showing before");
    pair.watcher.end_turn(false, T0);
    pair.settle();
    pair.watcher.request_turn(T0);
    pair.settle();
    pair.shower.allow_turn(T0).unwrap();
    pair.settle();
    pair.watcher.turned_share(selection(7), T0).unwrap();
    pair.settle();
    pair.watcher.handle_message(said(1, mark(1, 3, 1)), T0).unwrap();
    pair.drain();
    assert_eq!(pair.shown(), (0, None), "of the turn before");
}

#[test]
fn pointing_without_end_ends_the_session() {
    let floods: [fn(u32) -> TurnedToShower; 3] = [
        |_| TurnedToShower::Point { showing: ShowingNumber(1), at: Some(PLACE) },
        |at| mark(1, at + 1, 1),
        |_| TurnedToShower::ClearMarks,
    ];
    for flood in floods {
        let mut pair = seen();
        let ended = (0..10_000).find_map(|at| pair.watcher.handle_message(said(1, flood(at)), T0).err());
        assert_eq!(ended, Some(Misbehaviour::PointingFlood));
    }
}

#[test]
fn what_the_watcher_says_of_pointing_has_to_follow() {
    for word in [
        TurnedToWatcher::Pointing { allowed: true },
        TurnedToWatcher::PointsOut(false),
        TurnedToWatcher::MarksCleared { up_to: MarkId(1) },
    ] {
        let mut session = looking();
        assert_eq!(session.handle_message(turned(1, word), T0), Err(Misbehaviour::PointingOrder));
    }
}

#[test]
fn nothing_but_pointing_was_added_to_what_can_be_said() {
    use crate::ask::{AskNumber, AskText};
    let ask = ToShower::AskToShow { number: AskNumber(1), text: Some(AskText::new("mail").unwrap()) };
    for word in [ask, ToShower::RequestControl, ToShower::RequestRecording, ToShower::RequestTurn] {
        assert_eq!(TurnedToShower::of(word), None);
    }
}
