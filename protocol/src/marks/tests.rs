use super::*;
use alloc::vec;

fn mark(id: u32, life: MarkLife) -> Mark {
    let shape = MarkShape::Step { at: Point { x: 5, y: 5 }, number: 1 };
    Mark { id: MarkId(id), surface: SurfaceId(1 + id % 2), shape, colour: MarkColour::Red, life }
}

fn ids(board: &MarkBoard) -> Vec<u32> {
    board.marks().map(|mark| mark.id.0).collect()
}

#[test]
fn marks_count_up_and_only_the_newest_is_drawn_anew() {
    let mut board = MarkBoard::default();
    let now = Moment::default();
    assert_eq!(board.put(mark(2, MarkLife::Stays), now), Err(Misbehaviour::Pointing));
    assert_eq!(board.put(mark(0, MarkLife::Stays), now), Err(Misbehaviour::Pointing));
    for id in [1, 1, 2, 2, 3] {
        board.put(mark(id, MarkLife::Stays), now).unwrap();
    }
    assert_eq!(ids(&board), [1, 2, 3]);
    assert_eq!(board.put(mark(2, MarkLife::Stays), now), Err(Misbehaviour::Pointing));
    board.clear(MarkId(3));
    board.put(mark(3, MarkLife::Stays), now).unwrap();
    assert_eq!(board.marks().len(), 0, "what was cleared while it was drawn does not come back");
}

#[test]
fn the_oldest_gives_way_when_there_are_too_many() {
    let mut board = MarkBoard::default();
    for id in 1..=MAX_MARKS as u32 + 3 {
        board.put(mark(id, MarkLife::Stays), Moment::default()).unwrap();
    }
    assert_eq!((board.marks().len(), ids(&board)[0]), (MAX_MARKS, 4));
}

#[test]
fn marks_fade_or_stay_and_go_with_their_window() {
    let mut board = MarkBoard::default();
    let at = Moment::from_ms;
    board.put(mark(1, MarkLife::Fades), at(0)).unwrap();
    board.put(mark(2, MarkLife::Stays), at(0)).unwrap();
    board.put(mark(3, MarkLife::Fades), at(1_000)).unwrap();
    assert_eq!(board.due(), Some(at(6_000)));
    assert!(!board.fade(at(5_999)) && board.fade(at(6_000)));
    assert_eq!(ids(&board), [2, 3]);
    assert!(board.keep_on(|surface| surface == SurfaceId(2)));
    assert_eq!(ids(&board), [3]);
    assert!(board.clear(MarkId(3)) && !board.clear(MarkId(3)));
    assert_eq!(board.due(), None);
}

#[test]
fn marks_are_held_to_the_limits_of_the_wire() {
    let keeps = |shape| Mark { shape, ..mark(1, MarkLife::Stays) }.keeps_limits();
    let at = |x| Point { x, y: 0 };
    assert!(keeps(MarkShape::Line(vec![at(-3); MAX_MARK_POINTS])));
    assert!(!keeps(MarkShape::Line(vec![at(0); MAX_MARK_POINTS + 1])));
    assert!(!keeps(MarkShape::Line(vec![])));
    assert!(!keeps(MarkShape::Arrow { from: at(0), to: at(i32::MIN) }));
    assert!(!keeps(MarkShape::Ellipse(Rect::new(0, 0, u32::MAX, 5))));
    assert!(keeps(MarkShape::Ellipse(Rect::new(0, 0, 5, 5))));
    assert!(!keeps(MarkShape::Text { at: at(0), text: DisplayText::default() }));
    assert!(!keeps(MarkShape::Step { at: at(20_000), number: 0 }));
}

#[test]
fn the_differing_colour_is_not_that_of_the_picture() {
    for colour in MarkColour::ALL {
        assert_ne!(MarkColour::differing_from([colour.rgb(), 0x00ff_ffff].into_iter()), colour);
    }
    assert_eq!(MarkColour::differing_from(core::iter::empty()), MarkColour::Red);
}
