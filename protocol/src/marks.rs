//! Pointing without control: what a watcher draws over the shower's windows.
//!
//! Marks lie in pixels of a surface, so they move with its window, and they
//! are gone with it. Nothing here gives a right: they belong to being shown
//! something, and end with that.

use crate::{
    geometry::{Point, Rect},
    peer_msg::{PointerPlace, SurfaceId},
    session::Misbehaviour,
    text::DisplayText,
    time::Moment,
    wire::MAX_SURFACE_SIDE_PX,
};
use alloc::{collections::VecDeque, vec::Vec};
use bincode::{Decode, Encode};
use core::time::Duration;

/// Most marks at once; the oldest gives way to one more.
pub const MAX_MARKS: usize = 64;
/// Most points of a free line.
pub const MAX_MARK_POINTS: usize = 256;
/// How long a mark that fades is seen.
pub const MARK_FADES_AFTER: Duration = Duration::from_secs(6);

/// Counts a session's marks from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Encode, Decode)]
pub struct MarkId(pub u32);

/// Counts how often showing began in a session, from 1. What was drawn on one
/// showing is not seen on the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Encode, Decode)]
pub struct ShowingNumber(pub u32);

/// A colour of marks; each has an edge that sets it off from what is below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
#[allow(missing_docs)]
pub enum MarkColour {
    Red,
    Amber,
    Green,
    Blue,
    Violet,
}

impl MarkColour {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Red, Self::Amber, Self::Green, Self::Blue, Self::Violet];

    /// `0x00RRGGBB`.
    pub const fn rgb(self) -> u32 {
        match self {
            Self::Red => 0x00e0_142c,
            Self::Amber => 0x00ff_b000,
            Self::Green => 0x0000_9b4d,
            Self::Blue => 0x000a_6cff,
            Self::Violet => 0x008b_3ffd,
        }
    }

    /// The one that is farthest from all of these colours (`0x00RRGGBB`).
    pub fn differing_from(pixels: impl Iterator<Item = u32> + Clone) -> Self {
        let distance = |one: u32, other: u32| -> u32 {
            let part = |shift: u32| (one >> shift & 0xff).abs_diff(other >> shift & 0xff);
            // The eye tells greens best and blues worst.
            2 * part(16) + 4 * part(8) + part(0)
        };
        let worst = |colour: Self| pixels.clone().map(|pixel| distance(colour.rgb(), pixel)).min();
        // Of equals the first.
        Self::ALL.into_iter().rev().max_by_key(|&colour| worst(colour)).unwrap_or(Self::Red)
    }
}

/// How long a mark is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
pub enum MarkLife {
    /// For [`MARK_FADES_AFTER`].
    Fades,
    /// Until it is cleared, or its window or the showing ends.
    Stays,
}

/// What is drawn, in pixels from the left top corner of the surface.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum MarkShape {
    /// An arrow.
    Arrow {
        /// Where it begins.
        from: Point,
        /// What it points to.
        to: Point,
    },
    /// An ellipse in this box.
    Ellipse(Rect),
    /// A free line, at least one point and at most [`MAX_MARK_POINTS`].
    Line(Vec<Point>),
    /// A text.
    Text {
        /// Its left top corner.
        at: Point,
        /// What it says.
        text: DisplayText,
    },
    /// A number in a circle: one step of several.
    Step {
        /// Its middle.
        at: Point,
        /// Which step.
        number: u8,
    },
}

/// One mark.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Mark {
    /// One more than that of the mark before; that of the newest replaces it,
    /// while it is being drawn.
    pub id: MarkId,
    /// The window that it sticks to.
    pub surface: SurfaceId,
    /// What is drawn.
    pub shape: MarkShape,
    /// In this colour.
    pub colour: MarkColour,
    /// How long it is seen.
    pub life: MarkLife,
}

/// All that the watcher points at: nothing by default.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ShownMarks {
    /// The watcher's pointer.
    pub pointer: Option<PointerPlace>,
    /// Marks, oldest first.
    pub marks: Vec<Mark>,
}

/// Whether a point can be one on a surface, or near it.
pub(crate) fn is_place(at: Point) -> bool {
    let limit = MAX_SURFACE_SIDE_PX.cast_signed();
    let fits = |at: i32| (-limit..=limit).contains(&at);
    fits(at.x) && fits(at.y)
}

impl Mark {
    /// Whether it keeps the limits of the wire.
    pub fn keeps_limits(&self) -> bool {
        match &self.shape {
            MarkShape::Arrow { from, to } => is_place(*from) && is_place(*to),
            MarkShape::Ellipse(rect) => {
                is_place(Point { x: rect.x, y: rect.y })
                    && rect.width <= MAX_SURFACE_SIDE_PX
                    && rect.height <= MAX_SURFACE_SIDE_PX
            }
            MarkShape::Line(points) => {
                !points.is_empty() && points.len() <= MAX_MARK_POINTS && points.iter().all(|&at| is_place(at))
            }
            MarkShape::Text { at, text } => is_place(*at) && !text.as_str().is_empty(),
            MarkShape::Step { at, .. } => is_place(*at),
        }
    }
}

/// The marks of one session as they stand; each side keeps them by the same
/// rules.
#[derive(Debug, Default)]
pub struct MarkBoard {
    /// Each with when it fades.
    marks: VecDeque<(Mark, Option<Moment>)>,
    newest: MarkId,
}

impl MarkBoard {
    /// An empty one.
    pub const fn new() -> Self {
        Self { marks: VecDeque::new(), newest: MarkId(0) }
    }

    /// The marks, oldest first.
    pub fn marks(&self) -> impl ExactSizeIterator<Item = &Mark> + DoubleEndedIterator {
        self.marks.iter().map(|(mark, _)| mark)
    }

    /// The number of the newest mark ever put.
    pub const fn newest(&self) -> MarkId {
        self.newest
    }

    /// Takes note of a mark that is not to be seen.
    ///
    /// # Errors
    /// `Pointing` if its number does not follow.
    pub fn skip(&mut self, mark: &Mark) -> Result<(), Misbehaviour> {
        let next = self.newest.0.checked_add(1);
        if mark.id.0 == 0 || (mark.id != self.newest && next != Some(mark.id.0)) {
            return Err(Misbehaviour::Pointing);
        }
        self.newest = mark.id;
        Ok(())
    }

    /// Puts a mark, or replaces the newest one if that is still there.
    ///
    /// # Errors
    /// `Pointing` if its number does not follow.
    pub fn put(&mut self, mark: Mark, now: Moment) -> Result<(), Misbehaviour> {
        let again = mark.id == self.newest;
        self.skip(&mark)?;
        let until = match mark.life {
            MarkLife::Fades => Some(now.after(MARK_FADES_AFTER)),
            MarkLife::Stays => None,
        };
        if again {
            if let Some(before) = self.marks.iter_mut().rev().find(|(before, _)| before.id == mark.id) {
                *before = (mark, until);
            }
            return Ok(());
        }
        if self.marks.len() >= MAX_MARKS {
            self.marks.pop_front();
        }
        self.marks.push_back((mark, until));
        Ok(())
    }

    /// Takes away all marks up to this one. Gives whether there were some.
    pub fn clear(&mut self, up_to: MarkId) -> bool {
        self.keep(|mark, _| mark.id > up_to)
    }

    /// Takes away all marks on surfaces that are not shown any more. Gives
    /// whether there were some.
    pub fn keep_on(&mut self, is_shown: impl Fn(SurfaceId) -> bool) -> bool {
        self.keep(|mark, _| is_shown(mark.surface))
    }

    /// Takes away what has faded. Gives whether something has.
    pub fn fade(&mut self, now: Moment) -> bool {
        self.keep(|_, until| until.is_none_or(|until| until > now))
    }

    /// When the next mark fades.
    pub fn due(&self) -> Option<Moment> {
        self.marks.iter().filter_map(|(_, until)| *until).min()
    }

    fn keep(&mut self, keep: impl Fn(&Mark, Option<Moment>) -> bool) -> bool {
        let before = self.marks.len();
        self.marks.retain(|(mark, until)| keep(mark, *until));
        self.marks.len() != before
    }
}

#[cfg(test)]
mod tests;
