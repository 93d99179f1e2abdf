//! The windows that make up frames.

use super::Screen;
use mitblick_protocol::geometry::{Rect, Size};
use x11rb::{
    COPY_DEPTH_FROM_PARENT, COPY_FROM_PARENT,
    connection::Connection as _,
    errors::ReplyOrIdError,
    protocol::{
        shape::{self, ConnectionExt as _},
        xproto::{
            ChangeWindowAttributesAux, ClipOrdering, ConfigureWindowAux, ConnectionExt as _, CreateWindowAux, Window,
            WindowClass,
        },
    },
    rust_connection::RustConnection,
};

/// Width of a frame.
const WIDTH_PX: u32 = 4;

/// The four sides of a frame just outside a rectangle, moved inwards where the
/// screen ends, so that a maximised window has one too.
fn sides(rect: Rect, screen: Size) -> Vec<Rect> {
    let width = i64::from(WIDTH_PX);
    let left = (i64::from(rect.x) - width).max(0);
    let top = (i64::from(rect.y) - width).max(0);
    let right = (rect.right() + width).min(i64::from(screen.width));
    let bottom = (rect.bottom() + width).min(i64::from(screen.height));
    let side = |x: i64, y: i64, right: i64, bottom: i64| {
        let side = Rect {
            x: i32::try_from(x).ok()?,
            y: i32::try_from(y).ok()?,
            width: u32::try_from(right - x).ok()?,
            height: u32::try_from(bottom - y).ok()?,
        };
        (!side.is_empty()).then_some(side)
    };
    if rect.intersection(screen.rect()).is_none() || right - left < 2 * width || bottom - top < 2 * width {
        return Vec::new();
    }
    let all = [
        side(left, top, right, top + width),
        side(left, bottom - width, right, bottom),
        side(left, top + width, left + width, bottom - width),
        side(right - width, top + width, right, bottom - width),
    ];
    all.into_iter().flatten().collect()
}

/// What is shown now.
#[derive(Default)]
pub(super) struct Frames {
    sides: Vec<(Window, Rect)>,
    colour: u32,
}

impl Frames {
    /// The windows, to be kept on top.
    pub(super) fn windows(&self) -> Vec<Window> {
        self.sides.iter().map(|(window, _)| *window).collect()
    }

    /// Shows frames round these rectangles and no others.
    pub(super) fn show(
        &mut self,
        rects: &[Rect],
        colour: u32,
        conn: &RustConnection,
        screen: &Screen,
    ) -> Result<(), ReplyOrIdError> {
        let wanted: Vec<Rect> = rects.iter().flat_map(|&rect| sides(rect, screen.size)).collect();
        for (window, _) in self.sides.drain(wanted.len().min(self.sides.len())..) {
            conn.destroy_window(window)?;
        }
        if colour != self.colour && !self.sides.is_empty() {
            let pixel = pixel(colour, conn, screen)?;
            for (window, _) in &self.sides {
                conn.change_window_attributes(*window, &ChangeWindowAttributesAux::new().background_pixel(pixel))?;
                conn.clear_area(false, *window, 0, 0, 0, 0)?;
            }
        }
        self.colour = colour;
        for ((window, present), wanted) in
            self.sides.iter_mut().zip(&wanted).filter(|(side, wanted)| side.1 != **wanted)
        {
            let aux = ConfigureWindowAux::new().x(wanted.x).y(wanted.y).width(wanted.width).height(wanted.height);
            conn.configure_window(*window, &aux)?;
            *present = *wanted;
        }
        for &rect in wanted.iter().skip(self.sides.len()) {
            self.sides.push((side_window(rect, colour, conn, screen)?, rect));
        }
        Ok(())
    }
}

pub(super) fn pixel(colour: u32, conn: &RustConnection, screen: &Screen) -> Result<u32, ReplyOrIdError> {
    let [_, red, green, blue] = colour.to_be_bytes().map(|part| u16::from(part) * 0x0101);
    Ok(conn.alloc_color(screen.colours, red, green, blue)?.reply()?.pixel)
}

fn side_window(rect: Rect, colour: u32, conn: &RustConnection, screen: &Screen) -> Result<Window, ReplyOrIdError> {
    let saturate = |value: i32| i16::try_from(value).unwrap_or(i16::MAX);
    let length = |value: u32| u16::try_from(value).unwrap_or(u16::MAX);
    let window = conn.generate_id()?;
    let aux = CreateWindowAux::new().override_redirect(1).background_pixel(pixel(colour, conn, screen)?);
    let (depth, class) = (COPY_DEPTH_FROM_PARENT, WindowClass::INPUT_OUTPUT);
    let (x, y, width, height) = (saturate(rect.x), saturate(rect.y), length(rect.width), length(rect.height));
    conn.create_window(depth, window, screen.root, x, y, width, height, 0, class, COPY_FROM_PARENT, &aux)?;
    // Before it is mapped: there is no moment in which it takes a click.
    conn.shape_rectangles(shape::SO::SET, shape::SK::INPUT, ClipOrdering::UNSORTED, window, 0, 0, &[])?;
    conn.map_window(window)?;
    Ok(window)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCREEN: Size = Size { width: 1000, height: 700 };

    #[test]
    fn a_frame_lies_just_outside_its_window() {
        let rect = Rect::new(100, 100, 200, 150);
        let sides = sides(rect, SCREEN);
        assert_eq!(sides.len(), 4);
        for side in &sides {
            assert_eq!(side.intersection(rect), None, "{side:?}");
        }
        let whole = sides.iter().fold(Rect::default(), |all, side| all.union(*side));
        assert_eq!(whole, Rect::new(96, 96, 208, 158));
    }

    #[test]
    fn a_window_that_fills_the_screen_has_its_frame_inside() {
        for rect in [SCREEN.rect(), Rect::new(-50, -50, 2000, 2000)] {
            let sides = sides(rect, SCREEN);
            assert_eq!(sides.len(), 4);
            assert!(sides.iter().all(|side| side.intersection(SCREEN.rect()) == Some(*side)));
        }
    }

    #[test]
    fn what_is_not_on_the_screen_has_no_frame() {
        assert!(sides(Rect::new(5000, 5000, 10, 10), SCREEN).is_empty());
        assert!(sides(Rect::new(i32::MIN, i32::MIN, 1, 1), SCREEN).is_empty());
        assert!(sides(Rect::default(), SCREEN).is_empty());
    }
}
