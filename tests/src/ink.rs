//! What is drawn over windows, as it is seen on a screen.

use crate::{frame::Frame, screen::Screen, wait};
use mitblick_protocol::{
    geometry::{Point, Rect},
    marks::MarkColour,
};

/// Of the ring around the pointer of who shows.
pub const RING: u32 = MarkColour::Amber.rgb();

/// The box around all pixels of a colour.
pub fn box_of(frame: &Frame, colour: u32) -> Option<Rect> {
    let places = frame.pixels.iter().enumerate().filter(|(_, pixel)| **pixel == colour);
    places.map(|(at, _)| Rect::new((at % frame.width) as i32, (at / frame.width) as i32, 1, 1)).reduce(Rect::union)
}

/// Waits until exactly this box has ink of this colour.
///
/// # Panics
/// It never has.
#[track_caller]
pub fn await_box(screen: &Screen, what: &str, colour: u32, wanted: Option<Rect>) {
    let found = wait::within(wait::PATIENCE, || (box_of(&screen.frame(), colour) == wanted).then_some(()));
    if found.is_none() {
        let seen = screen.frame();
        let file = std::env::temp_dir().join("mitblick-marks.png");
        seen.save(&file);
        panic!("{what}: {:?}, not {wanted:?}; see {}", box_of(&seen, colour), file.display());
    }
}

/// Waits until there is ink of this colour, and tells where.
///
/// # Panics
/// There never is.
#[track_caller]
pub fn await_ink(screen: &Screen, what: &str, colour: u32) -> Rect {
    wait::until(what, || box_of(&screen.frame(), colour))
}

/// Where a circle between these corners lies on the screen, with the window's
/// own corner there.
pub fn around([from, to]: [[i32; 2]; 2], window: Point) -> Rect {
    let (width, height) = ((to[0] - from[0]) as u32, (to[1] - from[1]) as u32);
    // Two and a half pixels more to each side, those whose middle is covered.
    Rect::new(window.x + from[0] - 2, window.y + from[1] - 2, width + 4, height + 4)
}

/// Waits until the ring around the pointer of who shows has this middle.
///
/// # Panics
/// It never has.
#[track_caller]
pub fn await_ring(screen: &Screen, middle: impl Fn(&Frame) -> Option<Point>) {
    let found = wait::within(wait::PATIENCE, || {
        let frame = screen.frame();
        let (ring, middle) = (box_of(&frame, RING)?, middle(&frame)?);
        let at = Point { x: ring.x + ring.width as i32 / 2, y: ring.y + ring.height as i32 / 2 };
        ((at.x - middle.x).abs() + (at.y - middle.y).abs() <= 2).then_some(())
    });
    if found.is_none() {
        let (frame, file) = (screen.frame(), std::env::temp_dir().join("mitblick-ring.png"));
        frame.save(&file);
        panic!("a ring around {:?}: {:?}; see {}", middle(&frame), box_of(&frame, RING), file.display());
    }
}
