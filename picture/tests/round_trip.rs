//! Encoder and decoder together, against what the source shows.

#[path = "shared/screen.rs"]
mod screen;

use mitblick_picture::{Decoder, Encoder, LimitError, PixelSource, Turn};
use mitblick_protocol::{
    geometry::{Rect, Size},
    peer_msg::SurfaceId,
    time::Moment,
    wire,
};
use screen::{Gone, Random, Screen};

const PLENTY: usize = usize::MAX;

/// Both sides and the screen, with the same surfaces.
struct Pair {
    screen: Screen,
    encoder: Encoder,
    decoder: Decoder,
}

impl Pair {
    fn new(surfaces: &[(u32, u32, u32)]) -> Self {
        let mut pair = Self { screen: Screen::default(), encoder: Encoder::new(), decoder: Decoder::new() };
        for &(id, width, height) in surfaces {
            pair.screen.open(SurfaceId(id), Size { width, height });
        }
        pair.tell();
        pair
    }

    /// Tells both sides of the scene.
    fn tell(&mut self) {
        self.encoder.set_surfaces(&self.screen.sizes()).unwrap();
        self.decoder.set_surfaces(&self.screen.sizes()).unwrap();
    }

    /// One payload; gives its bytes.
    fn step(&mut self, budget: usize) -> usize {
        let encoded = self.encoder.encode(&mut self.screen, Turn::lossless(budget));
        assert!(encoded.failed.is_empty());
        let before = self.snapshot();
        let areas = self.decoder.apply(&encoded.payload).unwrap();
        // A payload that is not empty may still show nothing new: tiles to remember.
        assert!(areas.is_empty() || !encoded.payload.is_empty());
        // What changed lies in the areas that are told.
        for (id, size, old) in before {
            let now = self.decoder.surface(id).unwrap();
            for (at, (old, new)) in old.iter().zip(now.pixels).enumerate() {
                let (x, y) = (at as u32 % size.width, at as u32 / size.width);
                let pixel = Rect::new(x as i32, y as i32, 1, 1);
                let told = areas.iter().any(|&(other, area)| other == id && area.intersection(pixel).is_some());
                assert!(old == new || told, "pixel {x},{y} of {id:?} changed without a word");
            }
        }
        encoded.payload.len()
    }

    fn snapshot(&self) -> Vec<(SurfaceId, Size, Vec<u32>)> {
        let ids = self.screen.sizes().into_iter();
        ids.map(|(id, size)| (id, size, self.decoder.surface(id).unwrap().pixels.to_vec())).collect()
    }

    /// Sends until nothing is damaged, then compares every pixel.
    fn settle(&mut self, budget: usize) {
        let mut steps = 0;
        while self.encoder.has_damage() {
            self.step(budget);
            steps += 1;
            assert!(steps < 100_000, "damage never ends");
        }
        for (id, size) in self.screen.sizes() {
            let shown = self.decoder.surface(id).unwrap();
            assert_eq!(shown.size, size);
            assert!(shown.pixels == self.screen.pixels(id), "surface {id:?} differs");
        }
    }
}

#[test]
fn a_new_surface_arrives_whole() {
    let mut pair = Pair::new(&[(1, 300, 200), (2, 1, 1), (3, 65, 64)]);
    let mut random = Random(1);
    pair.screen.scribble(&mut random, 40);
    pair.settle(PLENTY);
}

#[test]
fn a_new_surface_arrives_whatever_the_watcher_showed_there() {
    let mut pair = Pair::new(&[(1, 100, 100)]);
    pair.screen.fill(SurfaceId(1), Rect::new(0, 0, 100, 100), 0x00ff_ffff);
    pair.settle(PLENTY);
    // Gone and back, black, in scenes of which the watcher is told only the last.
    pair.screen.close(SurfaceId(1));
    pair.encoder.set_surfaces(&pair.screen.sizes()).unwrap();
    pair.screen.open(SurfaceId(1), Size { width: 100, height: 100 });
    pair.tell();
    pair.settle(PLENTY);
    // Smaller and large again, likewise.
    pair.screen.resize(SurfaceId(1), Size { width: 30, height: 100 });
    pair.encoder.set_surfaces(&pair.screen.sizes()).unwrap();
    pair.screen.resize(SurfaceId(1), Size { width: 100, height: 100 });
    pair.tell();
    pair.settle(PLENTY);
}

#[test]
fn nothing_changed_is_an_empty_payload() {
    let mut pair = Pair::new(&[(1, 640, 480)]);
    pair.screen.scribble(&mut Random(2), 50);
    pair.settle(PLENTY);
    assert!(!pair.encoder.has_damage());
    assert_eq!(pair.step(PLENTY), 0);
    pair.encoder.damage(SurfaceId(1), Rect::new(0, 0, 640, 480), Moment::default());
    assert!(pair.encoder.has_damage());
    assert_eq!(pair.step(PLENTY), 0, "damaged, but the same");
    assert!(!pair.encoder.has_damage());
}

#[test]
fn undamaged_areas_are_not_even_read() {
    let mut pair = Pair::new(&[(1, 640, 480)]);
    pair.settle(PLENTY);
    pair.screen.reads.clear();
    pair.screen.fill(SurfaceId(1), Rect::new(100, 100, 9, 13), 0x00ab_cdef);
    pair.encoder.damage(SurfaceId(1), Rect::new(98, 99, 12, 15), Moment::default());
    pair.settle(PLENTY);
    assert_eq!(pair.screen.reads, [(SurfaceId(1), Rect::new(98, 99, 12, 15))]);
}

#[test]
fn damage_outside_of_the_surface_is_clipped() {
    let mut pair = Pair::new(&[(1, 100, 50)]);
    pair.settle(PLENTY);
    let id = SurfaceId(1);
    for area in [
        Rect::new(100, 0, 10, 10),
        Rect::new(-10, -10, 10, 10),
        Rect::new(0, 50, 1, 1),
        Rect::new(10, 10, 0, 10),
        Rect::new(i32::MAX, i32::MAX, u32::MAX, u32::MAX),
        Rect::new(i32::MIN, i32::MIN, u32::MAX, 1),
    ] {
        pair.encoder.damage(id, area, Moment::default());
        assert!(!pair.encoder.has_damage(), "{area:?} touches nothing");
    }
    pair.encoder.damage(SurfaceId(9), Rect::new(0, 0, 10, 10), Moment::default());
    assert!(!pair.encoder.has_damage(), "nobody knows that surface");
    pair.screen.fill(id, Rect::new(90, 40, 10, 10), 0x0012_3456);
    pair.encoder.damage(id, Rect::new(80, 30, u32::MAX, u32::MAX), Moment::default());
    pair.settle(PLENTY);
}

#[test]
fn a_budget_bounds_a_payload_and_loses_nothing() {
    for budget in [0, 100, 13_000, 40_000] {
        let mut pair = Pair::new(&[(1, 500, 300), (2, 200, 200)]);
        let mut random = Random(3);
        pair.screen.noise(SurfaceId(1), Rect::new(0, 0, 500, 300), &mut random);
        pair.screen.scribble(&mut random, 30);
        while pair.encoder.has_damage() {
            let bytes = pair.step(budget);
            assert!(bytes > 0);
            // One tile always goes.
            assert!(bytes <= budget.max(12_500), "{bytes} bytes in a budget of {budget}");
        }
        pair.settle(budget);
    }
}

#[test]
fn typing_goes_before_a_large_change_that_still_waits() {
    let mut pair = Pair::new(&[(1, 1000, 600), (2, 300, 100)]);
    pair.settle(PLENTY);
    let mut random = Random(4);
    pair.screen.noise(SurfaceId(1), Rect::new(0, 0, 1000, 600), &mut random);
    pair.encoder.damage(SurfaceId(1), Rect::new(0, 0, 1000, 600), Moment::default());
    pair.step(50_000);
    let letter = Rect::new(20, 20, 8, 13);
    pair.screen.fill(SurfaceId(2), letter, 0x0033_6699);
    pair.encoder.damage(SurfaceId(2), letter, Moment::default());
    pair.step(50_000);
    assert!(pair.decoder.surface(SurfaceId(2)).unwrap().pixels == pair.screen.pixels(SurfaceId(2)));
    assert!(pair.encoder.has_damage());
    pair.settle(50_000);
}

#[test]
fn a_large_change_arrives_although_something_small_never_rests() {
    let mut pair = Pair::new(&[(1, 400, 300)]);
    pair.settle(PLENTY);
    let mut random = Random(5);
    let id = SurfaceId(1);
    let (page, spinner) = (Rect::new(0, 64, 400, 236), Rect::new(0, 0, 60, 60));
    pair.screen.noise(id, page, &mut random);
    pair.encoder.damage(id, page, Moment::default());
    for _ in 0..100 {
        pair.screen.noise(id, spinner, &mut random);
        pair.encoder.damage(id, spinner, Moment::default());
        pair.step(12_000);
    }
    let from = 64 * 400;
    assert!(pair.decoder.surface(id).unwrap().pixels[from..] == pair.screen.pixels(id)[from..]);
}

#[test]
fn a_surface_that_fails_does_not_hold_up_the_others() {
    let mut pair = Pair::new(&[(1, 100, 100), (2, 100, 100), (3, 100, 100)]);
    pair.screen.scribble(&mut Random(6), 20);
    pair.screen.gone = Some(SurfaceId(2));
    let encoded = pair.encoder.encode(&mut pair.screen, Turn::lossless(PLENTY));
    assert_eq!(encoded.failed, [(SurfaceId(2), Gone)]);
    pair.decoder.apply(&encoded.payload).unwrap();
    for id in [SurfaceId(1), SurfaceId(3)] {
        assert!(pair.decoder.surface(id).unwrap().pixels == pair.screen.pixels(id));
    }
    assert!(!pair.encoder.has_damage(), "no busy loop over a dead window");
    // News of it, and all of its damage is there again.
    pair.screen.gone = None;
    pair.encoder.damage(SurfaceId(2), Rect::new(0, 0, 1, 1), Moment::default());
    pair.settle(PLENTY);
}

#[test]
fn surfaces_over_the_limits_are_refused_and_change_nothing() {
    let mut pair = Pair::new(&[(1, 10, 10)]);
    pair.screen.scribble(&mut Random(7), 5);
    pair.settle(PLENTY);
    let size = |width, height| Size { width, height };
    let many: Vec<_> = (0..=wire::MAX_SURFACES as u32).map(|n| (SurfaceId(n), size(1, 1))).collect();
    let side = wire::MAX_SURFACE_SIDE_PX;
    let cases = [
        (many, LimitError::TooMany(wire::MAX_SURFACES + 1)),
        (vec![(SurfaceId(1), size(0, 5))], LimitError::Side(SurfaceId(1), size(0, 5))),
        (vec![(SurfaceId(1), size(5, side + 1))], LimitError::Side(SurfaceId(1), size(5, side + 1))),
        (vec![(SurfaceId(1), size(side, side))], LimitError::TooLarge(u64::from(side) * u64::from(side))),
        (vec![(SurfaceId(7), size(5, 5)); 2], LimitError::Twice(SurfaceId(7))),
    ];
    for (surfaces, error) in cases {
        assert_eq!(pair.encoder.set_surfaces(&surfaces), Err(error));
        assert_eq!(pair.decoder.set_surfaces(&surfaces), Err(error));
    }
    pair.settle(PLENTY);
}

const ID: SurfaceId = SurfaceId(1);

/// One surface that shows a page, on both sides.
fn with_page(width: u32, height: u32) -> Pair {
    let mut pair = Pair::new(&[(ID.0, width, height)]);
    pair.screen.page(ID, 1);
    pair.settle(PLENTY);
    pair
}

impl Pair {
    /// Sends what became of the whole surface; gives the bytes.
    fn redrawn(&mut self) -> usize {
        let whole = self.screen.size(ID).unwrap().rect();
        self.encoder.damage(ID, whole, Moment::default());
        let bytes = self.step(PLENTY);
        self.settle(PLENTY);
        bytes
    }
}

#[test]
fn what_scrolled_is_copied_in_any_direction() {
    for (dx, dy) in [(0, -54), (0, 13), (70, 0), (-9, 0), (24, -31), (-1, 1)] {
        let mut pair = with_page(700, 500);
        pair.screen.scroll(ID, Rect::new(0, 0, 700, 500), dx, dy);
        let bytes = pair.redrawn();
        assert!(bytes < 1500, "{bytes} bytes for {dx}, {dy}");
    }
}

#[test]
fn what_stands_still_beside_a_scrolled_part_costs_nothing() {
    let mut pair = with_page(700, 500);
    pair.screen.scroll(ID, Rect::new(150, 40, 530, 420), 0, -24);
    let bytes = pair.redrawn();
    assert!(bytes < 1500, "{bytes} bytes");
}

#[test]
fn two_parts_that_scrolled_differently_are_both_copied() {
    let mut pair = with_page(700, 500);
    pair.screen.scroll(ID, Rect::new(0, 0, 352, 500), 0, -24);
    pair.screen.scroll(ID, Rect::new(352, 0, 348, 500), 0, 36);
    let bytes = pair.redrawn();
    assert!(bytes < 2500, "{bytes} bytes");
}

#[test]
fn a_page_seen_before_costs_next_to_nothing() {
    let mut pair = with_page(700, 500);
    for seed in [2, 1] {
        pair.screen.page(ID, seed);
        pair.redrawn();
    }
    for seed in [2, 1, 2, 1] {
        pair.screen.page(ID, seed);
        let bytes = pair.redrawn();
        assert!((1..100).contains(&bytes), "{bytes} bytes");
    }
}

#[test]
fn a_page_that_was_changed_in_place_comes_back_as_it_was_left() {
    let mut pair = with_page(700, 500);
    for at in 0..20 {
        let letter = Rect::new(100 + at * 9, 200, 8, 12);
        pair.screen.fill(ID, letter, 0x0044_5566 + at as u32);
        pair.encoder.damage(ID, letter, Moment::default());
        pair.settle(PLENTY);
    }
    let left = pair.screen.pixels(ID).to_vec();
    pair.screen.page(ID, 2);
    pair.redrawn();
    pair.screen.show(ID, &left);
    let bytes = pair.redrawn();
    assert!(bytes < 100, "{bytes} bytes");
}

#[test]
fn a_window_that_is_opened_again_costs_next_to_nothing() {
    let (menu, size) = (SurfaceId(7), Size { width: 200, height: 300 });
    let mut pair = with_page(300, 300);
    let open = |pair: &mut Pair| {
        pair.screen.open(menu, size);
        pair.screen.page(menu, 3);
        pair.tell();
        let bytes = pair.step(PLENTY);
        pair.settle(PLENTY);
        pair.screen.close(menu);
        pair.tell();
        bytes
    };
    let first = open(&mut pair);
    let again = open(&mut pair);
    assert!(first > 500 && again < 100, "{first}, then {again} bytes");
}

#[test]
fn a_window_that_came_in_many_pieces_is_remembered_too() {
    let (menu, size) = (SurfaceId(7), Size { width: 320, height: 320 });
    let mut pair = with_page(300, 300);
    let mut sums = Vec::new();
    for _ in 0..2 {
        pair.screen.open(menu, size);
        pair.screen.page(menu, 3);
        pair.tell();
        let mut sum = 0;
        while pair.encoder.has_damage() {
            sum += pair.step(4000);
        }
        pair.settle(PLENTY);
        pair.screen.close(menu);
        pair.tell();
        sums.push(sum);
    }
    assert!(sums[0] > 5000 && sums[1] < 100, "{sums:?} bytes");
}

/// A source that shows something else at every look.
struct Restless(Screen);

impl PixelSource for Restless {
    type Error = Gone;

    fn read(&mut self, surface: SurfaceId, area: Rect, out: &mut Vec<u32>) -> Result<(), Gone> {
        let seed = self.0.reads.len() as u64;
        self.0.page(surface, seed % 5);
        self.0.read(surface, area, out)
    }
}

#[test]
fn pages_that_change_while_they_are_read_end_bit_exact() {
    let size = Size { width: 400, height: 300 };
    let mut screen = Screen::default();
    screen.open(ID, size);
    let (mut source, mut random) = (Restless(screen), Random(9));
    let (mut encoder, mut decoder) = (Encoder::new(), Decoder::new());
    encoder.set_surfaces(&[(ID, size)]).unwrap();
    decoder.set_surfaces(&[(ID, size)]).unwrap();
    for _ in 0..300 {
        // Sometimes a part, so that a read takes in more than was looked up.
        let part = Rect::new(random.below(300) as i32, random.below(200) as i32, 150, 150);
        encoder.damage(ID, if random.below(2) == 0 { size.rect() } else { part }, Moment::default());
        let budget = 1000 + random.below(9000) as usize;
        decoder.apply(&encoder.encode(&mut source, Turn::lossless(budget)).payload).unwrap();
    }
    // It rests at last.
    let mut screen = source.0;
    for seed in 0..5 {
        screen.page(ID, seed);
        encoder.damage(ID, size.rect(), Moment::default());
        while encoder.has_damage() {
            decoder.apply(&encoder.encode(&mut screen, Turn::lossless(PLENTY)).payload).unwrap();
        }
        assert!(decoder.surface(ID).unwrap().pixels == screen.pixels(ID), "page {seed} differs");
    }
}

#[test]
fn more_pages_than_memory_holds_are_exact_all_the_same() {
    // 16 tiles a page; the memory holds 192 such pages.
    let mut pair = with_page(256, 256);
    for seed in (0..230).chain([229, 0, 228, 1, 100]) {
        pair.screen.page(ID, seed);
        pair.redrawn();
    }
}

#[test]
fn moves_and_memory_in_random_order_end_bit_exact() {
    for seed in 0..40 {
        let mut random = Random(1000 + seed);
        let mut pair = Pair::new(&[(1, 320, 260), (2, 200, 70), (3, 40, 400)]);
        let mut seen: Vec<(SurfaceId, Vec<u32>)> = Vec::new();
        for _ in 0..60 {
            let id = SurfaceId(1 + random.below(3));
            let Some(size) = pair.screen.size(id) else {
                pair.screen.open(id, Size { width: 40 + random.below(300), height: 40 + random.below(250) });
                pair.tell();
                continue;
            };
            let (dx, dy) = (random.below(61) as i32 - 30, random.below(61) as i32 - 30);
            let some = Rect::new(
                random.below(size.width) as i32,
                random.below(size.height) as i32,
                1 + random.below(size.width),
                1 + random.below(size.height),
            );
            match random.below(9) {
                0 => pair.screen.page(id, u64::from(random.below(3))),
                1 => pair.screen.scroll(id, size.rect(), 0, dy),
                2 => pair.screen.scroll(id, some, dx, dy),
                3 => {
                    pair.screen.scribble(&mut random, 1);
                    (1..=3).for_each(|id| {
                        pair.encoder.damage(SurfaceId(id), Rect::new(0, 0, 1000, 1000), Moment::default())
                    });
                }
                4 => seen.push((id, pair.screen.pixels(id).to_vec())),
                5 => {
                    let fits = |(other, pixels): &&(_, Vec<u32>)| *other == id && pixels.len() as u64 == size.pixels();
                    if let Some((_, pixels)) = seen.iter().rev().find(fits) {
                        pair.screen.show(id, pixels);
                    }
                }
                6 if random.below(4) == 0 => {
                    pair.screen.close(id);
                    pair.tell();
                }
                _ => {}
            }
            pair.encoder.damage(id, size.rect(), Moment::default());
            for _ in 0..random.below(3) {
                let budget = if random.below(2) == 0 { PLENTY } else { random.below(9000) as usize };
                pair.step(budget);
            }
        }
        pair.tell();
        pair.settle(2000 + random.below(10_000) as usize);
    }
}

#[test]
fn surfaces_larger_than_a_screen_work() {
    let mut pair = Pair::new(&[(1, 5000, 300), (2, 70, 9000)]);
    for id in [SurfaceId(1), SurfaceId(2)] {
        pair.screen.page(id, 4);
    }
    pair.settle(PLENTY);
    pair.screen.scroll(SurfaceId(1), Rect::new(0, 0, 5000, 300), -36, 0);
    pair.screen.scroll(SurfaceId(2), Rect::new(0, 0, 70, 9000), 0, -36);
    for id in [SurfaceId(1), SurfaceId(2)] {
        pair.encoder.damage(id, Rect::new(0, 0, 5000, 9000), Moment::default());
    }
    let bytes = pair.step(PLENTY);
    assert!(bytes < 3000, "{bytes} bytes");
    pair.settle(PLENTY);
}

#[test]
fn random_sequences_end_bit_exact() {
    for seed in 0..60 {
        let mut random = Random(seed);
        let mut pair = Pair::new(&[]);
        for _ in 0..40 {
            match random.below(10) {
                0 | 1 => {
                    let id = SurfaceId(random.below(6));
                    let size = Size { width: 1 + random.below(300), height: 1 + random.below(200) };
                    if pair.screen.size(id).is_some() {
                        pair.screen.resize(id, size);
                    } else {
                        pair.screen.open(id, size);
                    }
                    // The watcher is not told of every scene.
                    pair.encoder.set_surfaces(&pair.screen.sizes()).unwrap();
                }
                2 => {
                    pair.screen.close(SurfaceId(random.below(6)));
                    pair.encoder.set_surfaces(&pair.screen.sizes()).unwrap();
                }
                3..=6 => {
                    for (id, area) in pair.screen.scribble(&mut random, 3) {
                        pair.encoder.damage(id, area, Moment::default());
                    }
                }
                7 => pair.encoder.damage(SurfaceId(random.below(6)), random.rect(), Moment::default()),
                _ => {
                    pair.tell();
                    pair.step(random.below(20_000) as usize);
                }
            }
        }
        pair.tell();
        pair.settle(500 + random.below(30_000) as usize);
    }
}

#[test]
fn both_sides_can_move_to_a_worker_thread() {
    fn can_move<T: Send>() {}
    can_move::<Encoder>();
    can_move::<Decoder>();
}
