//! The program's mark in the tray, drawn: a tile that stands out from light
//! and dark panels alike, with a white figure that says the same as the colour.

use mitblick_platform::tray::TrayPicture;

/// Sizes that trays use; they scale the nearest.
const SIZES_PX: [u16; 5] = [16, 22, 24, 32, 48];
/// Each pixel is looked at in so many places, squared.
const LOOKS: u16 = 4;
const FIGURE: u32 = 0x00ff_ffff;

/// What it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// An eye that sees nothing.
    Connected,
    /// An open eye.
    Shown,
    /// Two bars.
    Paused,
    /// A mouse pointer.
    Controlled,
    /// An eye that is crossed out.
    Cut,
}

impl Mark {
    #[cfg(test)]
    pub(super) const ALL: [Self; 5] = [Self::Connected, Self::Shown, Self::Paused, Self::Controlled, Self::Cut];

    /// It in all sizes.
    pub(super) fn pictures(self) -> Vec<TrayPicture> {
        SIZES_PX.map(|size_px| self.picture(size_px)).into()
    }

    fn picture(self, size_px: u16) -> TrayPicture {
        let mut argb = Vec::with_capacity(4 * usize::from(size_px) * usize::from(size_px));
        for y in 0..size_px {
            for x in 0..size_px {
                argb.extend(self.pixel(x, y, size_px));
            }
        }
        TrayPicture { size_px, argb }
    }

    /// The mean of what is seen in a pixel.
    fn pixel(self, x: u16, y: u16, size_px: u16) -> [u8; 4] {
        let place = |pixel: u16, look: u16| {
            (f32::from(pixel) + (f32::from(look) + 0.5) / f32::from(LOOKS)) / f32::from(size_px)
        };
        let looks = (0..LOOKS).flat_map(|down| (0..LOOKS).map(move |across| (across, down)));
        let mut sums = [0u32; 3];
        let mut seen = 0u32;
        for (across, down) in looks {
            if let Some(colour) = self.colour_at(place(x, across), place(y, down)) {
                let [_, channels @ ..] = colour.to_be_bytes();
                sums.iter_mut().zip(channels).for_each(|(sum, channel)| *sum += u32::from(channel));
                seen += 1;
            }
        }
        let mean = |sum: u32, of: u32| u8::try_from(sum / of.max(1)).unwrap_or(u8::MAX);
        let [red, green, blue] = sums.map(|sum| mean(sum, seen));
        [mean(255 * seen, u32::from(LOOKS * LOOKS)), red, green, blue]
    }

    /// What is seen at a point; the tile goes from 0 to 1.
    fn colour_at(self, x: f32, y: f32) -> Option<u32> {
        if !in_tile(x, y) {
            return None;
        }
        Some(if self.has(x, y) { FIGURE } else { self.ground() })
    }

    const fn ground(self) -> u32 {
        match self {
            Self::Connected => 0x004a_5568,
            Self::Shown => 0x001d_5fbf,
            Self::Paused => 0x0072_5400,
            // That of the frame round windows that are controlled.
            Self::Controlled => 0x00d9_480f,
            Self::Cut => 0x009b_1c1c,
        }
    }

    /// Whether the figure is there.
    fn has(self, x: f32, y: f32) -> bool {
        match self {
            Self::Connected => in_eye(x, y, 0.0) && !in_eye(x, y, -0.09),
            Self::Shown => in_eye(x, y, 0.0) && (x - 0.5).hypot(y - 0.5) > 0.135,
            Self::Paused => (0.07..0.22).contains(&(x - 0.5).abs()) && (y - 0.5).abs() < 0.27,
            Self::Controlled => in_pointer(x, y),
            Self::Cut => {
                let across = (x - y).abs();
                let inside = (x + y - 1.0).abs() < 0.6;
                let gap = across < 0.19 && inside;
                (across < 0.075 && inside) || (!gap && in_eye(x, y, 0.0) && !in_eye(x, y, -0.09))
            }
        }
    }
}

/// A square with round corners.
fn in_tile(x: f32, y: f32) -> bool {
    const ROUND: f32 = 0.2;
    let beyond = |at: f32| ((at - 0.5).abs() - (0.5 - ROUND)).max(0.0);
    beyond(x).hypot(beyond(y)) <= ROUND
}

/// Where two circles meet; `grow` makes both larger.
fn in_eye(x: f32, y: f32, grow: f32) -> bool {
    const HALF_WIDTH: f32 = 0.41;
    const HALF_HEIGHT: f32 = 0.27;
    const RADIUS: f32 = (HALF_WIDTH * HALF_WIDTH + HALF_HEIGHT * HALF_HEIGHT) / (2.0 * HALF_HEIGHT);
    const OFF: f32 = RADIUS - HALF_HEIGHT;
    [OFF, -OFF].into_iter().all(|off| (x - 0.5).hypot(y - 0.5 + off) < RADIUS + grow)
}

/// A mouse pointer, by the rule of odd crossings.
fn in_pointer(x: f32, y: f32) -> bool {
    const CORNERS: [(f32, f32); 7] =
        [(0.29, 0.12), (0.29, 0.77), (0.44, 0.64), (0.54, 0.88), (0.67, 0.82), (0.57, 0.59), (0.77, 0.59)];
    let next = CORNERS.iter().cycle().skip(1);
    let crossings = CORNERS
        .iter()
        .zip(next)
        .filter(|((ax, ay), (bx, by))| (*ay > y) != (*by > y) && x < ax + (y - ay) / (by - ay) * (bx - ax));
    crossings.count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the figure is, without its colours.
    fn figure(mark: Mark, size_px: u16) -> Vec<bool> {
        mark.picture(size_px)
            .argb
            .chunks_exact(4)
            .map(|pixel| pixel[1..].iter().all(|&channel| channel > 0x80))
            .collect()
    }

    #[test]
    fn every_mark_differs_from_each_other_by_its_figure_alone() {
        for size_px in SIZES_PX {
            for (index, mark) in Mark::ALL.into_iter().enumerate() {
                let own = figure(mark, size_px);
                assert!(own.contains(&true), "{mark:?} at {size_px} px has a figure");
                for other in Mark::ALL.into_iter().skip(index + 1) {
                    let theirs = figure(other, size_px);
                    let differing = own.iter().zip(&theirs).filter(|(own, theirs)| own != theirs).count();
                    assert!(differing * 25 > own.len(), "{mark:?} and {other:?} at {size_px} px: {differing} pixels");
                }
            }
        }
    }

    #[test]
    fn pictures_are_whole_and_round_at_the_corners() {
        for picture in Mark::Shown.pictures() {
            let size = usize::from(picture.size_px);
            assert_eq!(picture.argb.len(), size * size * 4);
            assert!(picture.argb[0] < 0x40, "the corner is seen through");
            assert_eq!(picture.argb[(size / 2 * size + size / 2) * 4], 0xff, "the middle is not");
        }
    }
}
