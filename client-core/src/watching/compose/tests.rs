//! Random scenes against a plain reference that looks at each pixel alone.

use super::{super::layout::Zoom, *};
use mitblick_protocol::{
    peer_msg::{CursorImage, PointerPlace, Scene},
    text::DisplayText,
};

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % u64::from(sides)) as u32
    }

    fn between(&mut self, from: i32, to: i32) -> i32 {
        from + self.roll((to - from) as u32) as i32
    }
}

const LOOK: Look = Look { pattern: [0x0011_2233, 0x0044_5566] };

fn picture(dice: &mut Dice) -> WatchedPicture {
    let mut picture = WatchedPicture::default();
    let mut surfaces = Vec::new();
    for id in 0..1 + dice.roll(5) {
        let rect = Rect::new(dice.between(-40, 60), dice.between(-40, 60), 1 + dice.roll(70), 1 + dice.roll(50));
        let state = [SurfaceState::Shown, SurfaceState::Shown, SurfaceState::Minimised, SurfaceState::Unavailable]
            [dice.roll(4) as usize];
        // Some have no pixels (yet).
        if dice.roll(6) > 0 {
            let pixels = (0..rect.size().pixels()).map(|_| dice.roll(1 << 24)).collect();
            let surface = WatchedSurface { size: rect.size(), pixels, changed: Vec::new() };
            picture.surfaces.insert(SurfaceId(id), surface);
        }
        surfaces.push(Surface { id: SurfaceId(id), rect, state, parent: None, title: DisplayText::default() });
    }
    let size = Size { width: 1 + dice.roll(9), height: 1 + dice.roll(9) };
    let pixels = (0..size.pixels()).map(|_| {
        let alpha = dice.roll(256);
        let part = |dice: &mut Dice| if alpha == 0 { 0 } else { dice.roll(alpha + 1) };
        (alpha << 24) | (part(dice) << 16) | (part(dice) << 8) | part(dice)
    });
    picture.cursor = Some(CursorImage { size, hot_spot: Point { x: 1, y: 2 }, pixels: pixels.collect() });
    picture.pointer = (dice.roll(2) == 0)
        .then(|| PointerPlace { surface: SurfaceId(0), at: Point { x: dice.between(0, 30), y: dice.between(0, 30) } });
    picture.scene = Scene { desktop: Size::default(), surfaces };
    picture
}

fn labels(dice: &mut Dice) -> Labels {
    let label = |dice: &mut Dice| {
        let size = Size { width: 1 + dice.roll(20), height: 1 + dice.roll(8) };
        let grey = |dice: &mut Dice| dice.roll(256) * 0x0101_0101;
        Label { size, pixels: (0..size.pixels()).map(|_| grey(dice)).collect() }
    };
    (0..5).map(|id| (SurfaceId(id), label(dice))).collect()
}

/// A pixel of the desktop, premultiplied.
fn desktop_pixel(composition: &Composition<'_>, at: Point) -> u32 {
    if !composition.placement.canvas.contains(at) {
        return 0;
    }
    let mut pixel = 0;
    for surface in layout::painting_order(&composition.picture.scene.surfaces) {
        if !surface.rect.contains(at) {
            continue;
        }
        let own = composition.picture.surfaces.get(&surface.id).map(|pixels| {
            let (x, y) = (at.x - surface.rect.x, at.y - surface.rect.y);
            pixels.pixels[y as usize * surface.rect.width as usize + x as usize] | 0xff00_0000
        });
        let veil = LOOK.pattern[0] | 0xff00_0000;
        pixel = match (surface.state, own) {
            (SurfaceState::Shown, Some(own)) => own,
            (SurfaceState::Shown, None) => pixel,
            (_, Some(own)) => mix(veil, own, VEIL),
            (_, None) => veil,
        };
    }
    if let (true, Some(place), Some(image)) =
        (composition.cursor, composition.picture.cursor_place(), &composition.picture.cursor)
        && place.contains(at)
    {
        let index = (at.y - place.y) as usize * image.size.width as usize + (at.x - place.x) as usize;
        pixel = over(image.pixels[index], pixel);
    }
    pixel
}

/// A pixel of the pane, in 64 bits and without any order of work.
fn reference(composition: &Composition<'_>, x: usize, y: usize) -> [f64; 3] {
    let (placement, pane) = (composition.placement, composition.pane);
    let (left, top) = (x as f64 + f64::from(pane.x), y as f64 + f64::from(pane.y));
    let mut sum = [0.0; 4];
    if placement.exact() {
        let pixel = desktop_pixel(composition, placement.to_desktop(left + 0.5, top + 0.5));
        sum = pixel.to_be_bytes().map(f64::from);
    } else {
        let ([from_x, from_y], [to_x, to_y]) = (placement.from_px(left, top), placement.from_px(left + 1.0, top + 1.0));
        let part = |at: i32, from: f64, to: f64| (to.min(f64::from(at) + 1.0) - from.max(at.into())) / (to - from);
        for desktop_y in from_y.floor() as i32..to_y.ceil() as i32 {
            for desktop_x in from_x.floor() as i32..to_x.ceil() as i32 {
                let weight = part(desktop_x, from_x, to_x) * part(desktop_y, from_y, to_y);
                let pixel = desktop_pixel(composition, Point { x: desktop_x, y: desktop_y });
                for (sum, value) in sum.iter_mut().zip(pixel.to_be_bytes()) {
                    *sum += f64::from(value) * weight;
                }
            }
        }
    }
    let [_, red, green, blue] = LOOK.pattern[usize::from(is_pattern_line(x, y))].to_be_bytes().map(f64::from);
    let rest = 1.0 - sum[0] / 255.0;
    [sum[1] + red * rest, sum[2] + green * rest, sum[3] + blue * rest]
}

fn composition<'a>(
    dice: &mut Dice,
    picture: &'a mut WatchedPicture,
    labels: &'a Labels,
    scale: f32,
) -> Composition<'a> {
    let canvas = picture.follow_canvas();
    let pane = Rect::new(dice.between(0, 30), dice.between(0, 30), 1 + dice.roll(120), 1 + dice.roll(90));
    let scrolled = Point { x: dice.between(0, 50), y: dice.between(0, 50) };
    let placement = Placement::new(canvas, scale, pane, scrolled);
    Composition { picture, placement, pane, look: LOOK, labels, cursor: dice.roll(2) == 0 }
}

const SCALES: [f32; 7] = [1.0, 1.0, 2.0, 3.0, 0.75, 0.4999, 0.13];

#[test]
fn any_scene_is_what_a_plain_look_at_each_pixel_says() {
    let mut dice = Dice(1);
    let none = Labels::new();
    for round in 0..210 {
        let scale = SCALES[round % SCALES.len()];
        let mut picture = picture(&mut dice);
        let composition = composition(&mut dice, &mut picture, &none, scale);
        let mut out = vec![0xdead_beef; composition.pane.size().pixels() as usize];
        composition.compose(composition.pane.size().rect(), &mut out);
        // Rounding twice, where an average lies over the pattern.
        let allowed = if composition.placement.exact() { 0.51 } else { 1.6 };
        for (at, pixel) in out.iter().enumerate() {
            let (x, y) = (at % composition.pane.width as usize, at / composition.pane.width as usize);
            let wanted = reference(&composition, x, y);
            let [alpha, found @ ..] = pixel.to_be_bytes();
            let near = wanted.iter().zip(found).all(|(wanted, found)| (wanted - f64::from(found)).abs() <= allowed);
            assert!(near && alpha == 0, "round {round}, scale {scale}, {x},{y}: {pixel:#x} but {wanted:?}");
        }
    }
}

#[test]
fn parts_put_together_one_by_one_are_the_whole_bit_for_bit() {
    let mut dice = Dice(2);
    for round in 0..210 {
        let scale = SCALES[round % SCALES.len()];
        let mut picture = picture(&mut dice);
        let labels = labels(&mut dice);
        let composition = composition(&mut dice, &mut picture, &labels, scale);
        let size = composition.pane.size();
        let mut whole = vec![1; size.pixels() as usize];
        composition.compose(size.rect(), &mut whole);
        let mut parts = vec![2; whole.len()];
        let (mut y, mut all) = (0, size.rect());
        // Rows of pieces, each of its own width, and some of them twice.
        while y < size.height {
            let height = 1 + dice.roll(17);
            let mut x = 0;
            while x < size.width {
                let width = 1 + dice.roll(23);
                let part = Rect::new(x as i32, y as i32, width, height);
                composition.compose(part, &mut parts);
                if dice.roll(3) == 0 {
                    composition.compose(part.moved(-3, -2), &mut parts);
                }
                (x, all) = (x + width, all.union(part));
            }
            y += height;
        }
        assert!(all.right() >= i64::from(size.width));
        assert!(whole == parts, "round {round}, scale {scale}");
    }
}

#[test]
fn nothing_beside_a_part_is_touched() {
    let mut dice = Dice(3);
    for round in 0..70 {
        let mut picture = picture(&mut dice);
        let labels = labels(&mut dice);
        let composition = composition(&mut dice, &mut picture, &labels, SCALES[round % SCALES.len()]);
        let size = composition.pane.size();
        let mut out = vec![0xdead_beef; size.pixels() as usize];
        let part = Rect::new(dice.between(-9, 60), dice.between(-9, 60), dice.roll(40), dice.roll(40));
        composition.compose(part, &mut out);
        for (at, pixel) in out.iter().enumerate() {
            let place = Point { x: (at % size.width as usize) as i32, y: (at / size.width as usize) as i32 };
            assert_eq!(*pixel == 0xdead_beef, !part.contains(place), "round {round}, {place:?}");
        }
    }
}

#[test]
fn a_label_lies_on_its_window_and_under_those_above_it() {
    let mut picture = WatchedPicture::default();
    let surface =
        |id, rect, state| Surface { id: SurfaceId(id), rect, state, parent: None, title: DisplayText::default() };
    picture.scene.surfaces = vec![
        surface(1, Rect::new(0, 0, 20, 10), SurfaceState::Unavailable),
        surface(2, Rect::new(10, 0, 20, 10), SurfaceState::Shown),
    ];
    let pixels = vec![0x00ff_0000; 200];
    let size = Size { width: 20, height: 10 };
    picture.surfaces.insert(SurfaceId(2), WatchedSurface { size, pixels, changed: Vec::new() });
    let label = Label { size: Size { width: 10, height: 2 }, pixels: vec![0xffff_ffff; 20] };
    let labels: Labels = [(SurfaceId(1), label)].into();
    let pane = Rect::new(0, 0, 30, 10);
    let placement = Placement::new(picture.follow_canvas(), 1.0, pane, Point::default());
    let composition = Composition { picture: &picture, placement, pane, look: LOOK, labels: &labels, cursor: false };
    let mut out = vec![0; 300];
    composition.compose(pane, &mut out);
    let row: Vec<u32> = out[4 * 30..5 * 30].to_vec();
    assert_eq!(row[..5], [LOOK.pattern[0]; 5]);
    assert_eq!(row[5..10], [0x00ff_ffff; 5]);
    assert_eq!(row[10..], [0x00ff_0000; 20]);
}

/// Two windows of one pixel, so far apart.
fn far_apart(far: i32) -> WatchedPicture {
    let mut picture = WatchedPicture::default();
    for (id, at) in [(1, 0), (2, far)] {
        let (id, rect) = (SurfaceId(id), Rect::new(at, at, 1, 1));
        picture.surfaces.insert(id, WatchedSurface { size: rect.size(), pixels: vec![0x00ff_ffff], changed: vec![] });
        let title = DisplayText::default();
        picture.scene.surfaces.push(Surface { id, rect, state: SurfaceState::Shown, parent: None, title });
    }
    picture
}

#[test]
fn windows_that_are_far_apart_cost_neither_memory_nor_time() {
    let none = Labels::new();
    let pane = Rect::new(0, 0, 900, 700);
    for (far, shows) in [(9_000, true), (60_000, false), (i32::MAX - 1, false)] {
        let mut picture = far_apart(far);
        let canvas = picture.follow_canvas();
        let scale = layout::scale(Zoom::Fit, canvas.size(), (900.0, 700.0));
        let placement = Placement::new(canvas, scale, pane, Point::default());
        let composition = Composition { picture: &picture, placement, pane, look: LOOK, labels: &none, cursor: false };
        let mut out = vec![0; 900 * 700];
        composition.compose(pane.size().rect(), &mut out);
        let pattern = |at: usize| LOOK.pattern[usize::from(is_pattern_line(at % 900, at / 900))];
        let others = out.iter().enumerate().filter(|(at, pixel)| **pixel != pattern(*at)).count();
        assert_eq!(others > 0, shows, "{far}: {others}");
    }
}
