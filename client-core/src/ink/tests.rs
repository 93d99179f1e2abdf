use super::*;
use mitblick_protocol::{
    marks::{MarkId, MarkLife},
    peer_msg::{PointerPlace, SurfaceId},
    text::DisplayText,
};

fn mark(id: u32, shape: MarkShape) -> Mark {
    Mark { id: MarkId(id), surface: SurfaceId(1), shape, colour: MarkColour::Red, life: MarkLife::Stays }
}

fn seen(marks: Vec<Mark>) -> ShownMarks {
    ShownMarks { pointer: None, marks }
}

/// The colour that is seen at a place.
fn colour_at(patch: &Patch, x: i32, y: i32) -> Option<u32> {
    let at = Point { x: x - patch.at.x, y: y - patch.at.y };
    patch.ink.layers.iter().rev().find_map(|layer| match layer {
        Layer::Areas { colour, areas } => areas.iter().any(|area| area.contains(at)).then_some(*colour),
        Layer::Picture { at: corner, size, pixels } => {
            let area = Rect::new(corner.x, corner.y, size.width, size.height);
            let place = |at: Point| (at.y - area.y) as usize * size.width as usize + (at.x - area.x) as usize;
            area.contains(at).then(|| pixels[place(at)])
        }
    })
}

#[test]
fn shapes_are_drawn_where_they_are_meant_with_an_edge() {
    let red = MarkColour::Red.rgb();
    let at = |x, y| Point { x, y };
    let mut pen = Pen::default();
    let ellipse = mark(1, MarkShape::Ellipse(Rect::new(20, 10, 100, 60)));
    let arrow = mark(2, MarkShape::Arrow { from: at(10, 50), to: at(90, 50) });
    let line = mark(3, MarkShape::Line(vec![at(5, 5), at(5, 80), at(60, 80)]));
    let step = mark(4, MarkShape::Step { at: at(40, 40), number: 7 });
    let patches = pen.patches(&seen(vec![ellipse, arrow, line, step]), "Anna");
    let looks: Vec<_> = [(0, 20, 40), (0, 70, 10), (0, 70, 40), (1, 30, 50), (1, 89, 50), (2, 5, 40), (3, 28, 40)]
        .map(|(patch, x, y)| colour_at(&patches[patch], x, y))
        .into();
    assert_eq!(looks, [Some(red), Some(red), None, Some(red), Some(red), Some(red), Some(red)]);
    assert_eq!(colour_at(&patches[0], 70, 6), Some(LIGHT), "the edge");
    let digit = (30..50).any(|x| (30..50).any(|y| colour_at(&patches[3], x, y) == Some(LIGHT)));
    assert!(digit, "the number of the step");
}

#[test]
fn ink_is_kept_as_long_as_its_mark_is_the_same() {
    let mut pen = Pen::default();
    let text = |id, text: &str| mark(id, MarkShape::Text { at: Point::default(), text: DisplayText::cleaned(text) });
    let first = pen.patches(&seen(vec![text(1, "hier"), text(2, "dort")]), "Anna");
    let again = pen.patches(&seen(vec![text(2, "dort"), text(1, "andere")]), "Anna");
    assert!(Arc::ptr_eq(&first[1].ink, &again[0].ink));
    assert_ne!(first[0].ink, again[1].ink);
    assert!(first[0].ink.bounds().width > 25, "{:?}", first[0].ink.bounds());
}

#[test]
fn the_pointer_points_with_its_corner_and_says_whose_it_is() {
    let mut pen = Pen::default();
    let place = PointerPlace { surface: SurfaceId(1), at: Point { x: 100, y: 50 } };
    let only = ShownMarks { pointer: Some(place), marks: Vec::new() };
    let patches = pen.patches(&only, "Anna Muster");
    assert_eq!((patches.len(), patches[0].at, patches[0].moves), (1, place.at, true));
    assert_eq!(colour_at(&patches[0], 101, 55), Some(POINTER_RGB));
    let longer = pen.patches(&only, "Anna Muster, Beispiel-Beratung");
    assert!(longer[0].ink.bounds().width > patches[0].ink.bounds().width);
}

#[test]
fn of_too_much_ink_the_newest_is_drawn() {
    let zigzag = |id: i32| {
        let points = (0..256).map(|n| Point { x: n % 2 * 16_000, y: n * 60 + id });
        mark(id as u32, MarkShape::Line(points.collect()))
    };
    let mut pen = Pen::default();
    let patches = pen.patches(&seen((1..=64).map(zigzag).collect()), "");
    assert!(!patches.is_empty() && patches.len() < 8, "{}", patches.len());
    let areas: usize = patches.iter().flat_map(|patch| &patch.ink.layers).map(|layer| layer.areas().len()).sum();
    assert!(areas <= MAX_AREAS);
}
