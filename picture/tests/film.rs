//! Moving pictures: lossy while they move, exact when they rest, and whatever
//! happens in between.

#[path = "shared/screen.rs"]
mod screen;

use mitblick_picture::{Applied, Decoder, Encoder, MAX_STREAMS, Turn, VideoDecoder, VideoEncoder, VideoFailed};
use mitblick_protocol::{
    geometry::{Rect, Size},
    peer_msg::SurfaceId,
    time::Moment,
};
use screen::{Random, Screen};

const ID: SurfaceId = SurfaceId(1);
const SIZE: Size = Size { width: 700, height: 420 };
const FILM: Rect = Rect::new(64, 64, 320, 256);

/// A lossy coder for both sides: a few bits of each pixel, and like a real one
/// it can't go on in the middle of a stream.
#[derive(Default)]
struct Coder {
    sizes: [Option<Size>; MAX_STREAMS as usize],
    pictures: u32,
    begun: u32,
    /// Fails from now on.
    broken: bool,
    /// Leaves out one in so many pictures.
    leaves_out: Option<u32>,
}

/// What a pixel looks like after it went through.
fn lossy(pixel: u32) -> u32 {
    pixel & 0x00e0_e0c0
}

impl VideoEncoder for Coder {
    fn encode(&mut self, stream: u8, begin: bool, size: Size, pixels: &[u32]) -> Result<Option<Vec<u8>>, VideoFailed> {
        assert_eq!(pixels.len() as u64, size.pixels());
        assert!(begin || self.sizes[usize::from(stream)] == Some(size), "a stream that goes on as it was");
        if self.broken {
            return Err(VideoFailed);
        }
        self.pictures += 1;
        if self.leaves_out.is_some_and(|every| self.pictures.is_multiple_of(every)) {
            return Ok(None);
        }
        self.begun += u32::from(begin);
        self.sizes[usize::from(stream)] = Some(size);
        let byte = |&pixel: &u32| (pixel >> 16 & 0xe0) as u8 | (pixel >> 11 & 0x1c) as u8 | (pixel >> 6 & 3) as u8;
        Ok(Some(pixels.iter().map(byte).collect()))
    }

    fn end(&mut self, stream: u8) {
        self.sizes[usize::from(stream)] = None;
    }
}

impl VideoDecoder for Coder {
    fn decode(
        &mut self,
        stream: u8,
        begin: bool,
        size: Size,
        bytes: &[u8],
        out: &mut Vec<u32>,
    ) -> Result<(), VideoFailed> {
        let known = &mut self.sizes[usize::from(stream)];
        if self.broken || (!begin && *known != Some(size)) {
            return Err(VideoFailed);
        }
        *known = Some(size);
        self.pictures += 1;
        out.clear();
        out.extend(bytes.iter().map(|&byte| {
            let byte = u32::from(byte);
            (byte & 0xe0) << 16 | (byte & 0x1c) << 11 | (byte & 3) << 6
        }));
        Ok(())
    }
}

/// Both sides, the screen and a clock.
struct Pair {
    screen: Screen,
    encoder: Encoder,
    decoder: Decoder,
    sends: Coder,
    shows: Coder,
    /// Whether the watcher has said that it can decode.
    video: bool,
    now: Moment,
    random: Random,
    patience_bytes: u64,
}

impl Pair {
    fn new(surfaces: &[(u32, Size)]) -> Self {
        let mut screen = Screen::default();
        surfaces.iter().for_each(|&(id, size)| screen.open(SurfaceId(id), size));
        let (encoder, decoder) = (Encoder::new(), Decoder::new());
        let (sends, shows) = (Coder::default(), Coder::default());
        let now = Moment::from_ms(10_000);
        let mut pair = Self {
            screen,
            encoder,
            decoder,
            sends,
            shows,
            video: true,
            now,
            random: Random(7),
            patience_bytes: u64::MAX,
        };
        pair.tell();
        pair.step(usize::MAX);
        pair
    }

    fn tell(&mut self) {
        self.encoder.set_surfaces(&self.screen.sizes()).unwrap();
        self.decoder.set_surfaces(&self.screen.sizes()).unwrap();
    }

    fn wait(&mut self, ms: u64) {
        self.now = Moment::from_ms(self.now.as_ms() + ms);
    }

    fn step(&mut self, budget: usize) -> Applied {
        let video = if self.video { Some(&mut self.sends as &mut dyn VideoEncoder) } else { None };
        let turn = Turn { budget_bytes: budget, now: self.now, video, patience_bytes: self.patience_bytes };
        let payload = self.encoder.encode(&mut self.screen, turn).payload;
        self.decoder.apply_with(&payload, &mut self.shows).unwrap()
    }

    /// A new picture of a film, 40 ms after the one before.
    fn play(&mut self, id: SurfaceId, area: Rect, budget: usize) -> Applied {
        self.wait(40);
        self.screen.noise(id, area, &mut self.random);
        self.encoder.damage(id, area, self.now);
        self.step(budget)
    }

    /// Time passes and everything that is due is done.
    fn rest(&mut self, budget: usize) {
        let end = self.now.as_ms() + 500;
        for _ in 0..100_000 {
            match self.encoder.next_look() {
                _ if self.encoder.has_damage() => {}
                Some(at) if at.as_ms() <= end => self.now = at.max(self.now),
                _ => return,
            }
            self.step(budget);
        }
        panic!("it never rests");
    }

    fn assert_exact(&self) {
        for (id, _) in self.screen.sizes() {
            assert!(self.decoder.surface(id).unwrap().pixels == self.screen.pixels(id), "surface {id:?} differs");
        }
    }

    fn shown(&self, x: u32, y: u32) -> u32 {
        self.decoder.surface(ID).unwrap().pixels[(y * SIZE.width + x) as usize]
    }

    fn real(&self, x: u32, y: u32) -> u32 {
        self.screen.pixels(ID)[(y * SIZE.width + x) as usize]
    }
}

#[test]
fn a_film_is_lossy_while_it_moves_and_exact_soon_after() {
    let mut pair = Pair::new(&[(1, SIZE)]);
    for _ in 0..10 {
        pair.play(ID, FILM, usize::MAX);
    }
    assert!(pair.sends.pictures >= 5, "it is a film after some pictures");
    assert_eq!((pair.sends.begun, pair.shows.pictures), (1, pair.sends.pictures), "one stream that goes on");
    assert_eq!(pair.shown(100, 100), lossy(pair.real(100, 100)));
    assert_eq!(pair.shown(10, 10), pair.real(10, 10), "exact outside");
    let due = pair.encoder.next_look().expect("it is to be made exact");
    assert!(due.since(pair.now).as_millis() <= 200, "soon");
    assert!(!pair.encoder.has_damage(), "nothing to do until then");
    pair.rest(usize::MAX);
    pair.assert_exact();
}

#[test]
fn without_a_decoder_everything_is_exact_all_the_time() {
    let mut pair = Pair::new(&[(1, SIZE)]);
    pair.video = false;
    for _ in 0..10 {
        pair.play(ID, FILM, usize::MAX);
        pair.assert_exact();
    }
    assert_eq!(pair.encoder.next_look(), None);
}

#[test]
fn drawings_that_change_all_the_time_are_no_film() {
    let mut pair = Pair::new(&[(1, SIZE)]);
    for page in 0..20 {
        pair.wait(40);
        pair.screen.page(ID, page);
        pair.encoder.damage(ID, SIZE.rect(), pair.now);
        pair.step(usize::MAX);
        pair.assert_exact();
    }
    assert_eq!(pair.sends.pictures, 0);
}

#[test]
fn a_change_while_it_becomes_exact_goes_on_as_film() {
    let mut pair = Pair::new(&[(1, SIZE)]);
    (0..10).for_each(|_| drop(pair.play(ID, FILM, 20_000)));
    pair.now = pair.encoder.next_look().unwrap();
    // Too little room to make it exact at once.
    pair.step(20_000);
    assert!(pair.encoder.has_damage());
    let (pictures, begun) = (pair.sends.pictures, pair.sends.begun);
    pair.play(ID, FILM, 20_000);
    assert_eq!((pair.sends.pictures, pair.sends.begun), (pictures + 1, begun), "the same stream");
    assert_eq!(pair.shown(100, 100), lossy(pair.real(100, 100)));
    pair.rest(20_000);
    pair.assert_exact();
}

#[test]
fn a_watcher_that_loses_its_decoder_gets_everything_exact() {
    let mut pair = Pair::new(&[(1, SIZE)]);
    (0..8).for_each(|_| drop(pair.play(ID, FILM, usize::MAX)));
    pair.shows.broken = true;
    assert!(pair.play(ID, FILM, usize::MAX).video_failed, "the watcher says so");
    pair.video = false;
    for _ in 0..3 {
        assert!(!pair.play(ID, FILM, usize::MAX).video_failed);
        pair.assert_exact();
    }
}

#[test]
fn an_encoder_that_fails_or_leaves_pictures_out_costs_nothing_but_bytes() {
    let mut pair = Pair::new(&[(1, SIZE)]);
    pair.sends.leaves_out = Some(3);
    (0..20).for_each(|_| drop(pair.play(ID, FILM, usize::MAX)));
    pair.rest(usize::MAX);
    pair.assert_exact();
    (0..8).for_each(|_| drop(pair.play(ID, FILM, usize::MAX)));
    pair.sends.broken = true;
    (0..8).for_each(|_| drop(pair.play(ID, FILM, usize::MAX)));
    pair.rest(usize::MAX);
    pair.assert_exact();
}

#[test]
fn a_film_that_grows_shrinks_or_moves_takes_its_region_along() {
    let mut pair = Pair::new(&[(1, SIZE)]);
    let places = [FILM, Rect::new(0, 0, 640, 384), Rect::new(320, 128, 256, 192), Rect::new(64, 192, 192, 192)];
    for place in places {
        (0..90).for_each(|_| drop(pair.play(ID, place, usize::MAX)));
        assert_eq!(pair.shown(350, 200) == pair.real(350, 200), !place.contains(point(350, 200)), "{place:?}");
        let (x, y) = (place.x as u32 + 20, place.y as u32 + 20);
        assert_eq!(pair.shown(x, y), lossy(pair.real(x, y)), "{place:?}");
    }
    pair.rest(usize::MAX);
    pair.assert_exact();
}

#[test]
fn on_a_slow_line_a_photograph_is_seen_at_once_and_exact_after_that() {
    let mut pair = Pair::new(&[(1, SIZE)]);
    pair.patience_bytes = 20_000;
    pair.play(ID, FILM, 20_000);
    assert_eq!(pair.sends.pictures, 1, "before it is known to be a film");
    assert_eq!(pair.shown(100, 100), lossy(pair.real(100, 100)));
    assert_eq!(pair.shown(10, 10), pair.real(10, 10));
    assert!(!pair.encoder.has_damage(), "nothing to do until it rests");
    pair.rest(20_000);
    assert_eq!(pair.sends.pictures, 1, "made exact without another preview");
    pair.assert_exact();
    // The first picture of a film is the first of its stream.
    for _ in 0..5 {
        pair.play(ID, FILM, 20_000);
        assert_eq!(pair.shown(100, 100), lossy(pair.real(100, 100)));
    }
    assert_eq!((pair.sends.pictures, pair.sends.begun), (6, 1));
    pair.rest(20_000);
    pair.assert_exact();
}

#[test]
fn what_the_line_carries_in_time_or_the_watcher_can_have_exactly_needs_no_preview() {
    let mut pair = Pair::new(&[(1, SIZE)]);
    pair.patience_bytes = FILM.size().pixels();
    pair.play(ID, FILM, usize::MAX);
    pair.assert_exact();
    // Drawings are seen through a line of any speed as they are.
    pair.patience_bytes = 1_000;
    pair.wait(1_000);
    pair.screen.page(ID, 3);
    pair.encoder.damage(ID, SIZE.rect(), pair.now);
    pair.step(usize::MAX);
    pair.assert_exact();
    // What moved is not sent again.
    pair.wait(1_000);
    pair.patience_bytes = u64::MAX;
    pair.play(ID, SIZE.rect(), usize::MAX);
    pair.wait(1_000);
    pair.patience_bytes = 50_000;
    pair.screen.scroll(ID, SIZE.rect(), 0, -64);
    pair.encoder.damage(ID, SIZE.rect(), pair.now);
    pair.step(usize::MAX);
    pair.assert_exact();
    assert_eq!(pair.sends.pictures, 0);
}

#[test]
fn a_watcher_without_a_decoder_gets_no_preview_and_a_broken_encoder_none_either() {
    let mut pair = Pair::new(&[(1, SIZE)]);
    pair.patience_bytes = 1_000;
    pair.sends.broken = true;
    pair.play(ID, FILM, usize::MAX);
    pair.assert_exact();
    pair.sends.broken = false;
    pair.video = false;
    pair.wait(1_000);
    pair.play(ID, FILM, usize::MAX);
    pair.assert_exact();
    assert_eq!(pair.shows.pictures, 0);
}

fn point(x: i32, y: i32) -> mitblick_protocol::geometry::Point {
    mitblick_protocol::geometry::Point { x, y }
}

#[test]
fn surfaces_with_films_come_and_go_and_change_their_size() {
    let mut pair = Pair::new(&[(1, SIZE), (2, SIZE)]);
    for _ in 0..8 {
        pair.play(ID, FILM, usize::MAX);
        pair.play(SurfaceId(2), FILM, usize::MAX);
    }
    assert_eq!(pair.sends.begun, 2);
    pair.screen.close(SurfaceId(2));
    pair.screen.resize(ID, Size { width: 500, height: 300 });
    pair.tell();
    pair.step(usize::MAX);
    pair.assert_exact();
    (0..8).for_each(|_| drop(pair.play(ID, FILM, usize::MAX)));
    assert_eq!(pair.sends.begun, 3);
    pair.rest(usize::MAX);
    pair.assert_exact();
}

#[test]
fn whatever_happens_it_is_exact_when_it_rests() {
    for seed in 0..12 {
        let mut pair = Pair::new(&[(1, SIZE), (2, Size { width: 300, height: 300 })]);
        let mut random = Random(seed);
        for _ in 0..150 {
            let budget = [900, 20_000, usize::MAX][random.below(3) as usize];
            match random.below(12) {
                0 => pair.wait(u64::from(random.below(400))),
                1 => {
                    for (id, area) in pair.screen.scribble(&mut random, 3) {
                        pair.encoder.damage(id, area, pair.now);
                    }
                    pair.step(budget);
                }
                2 => pair.screen.scroll(ID, SIZE.rect(), 0, -24),
                3 => {
                    pair.video = random.below(4) != 0;
                    pair.patience_bytes = [1_000, 30_000, u64::MAX][random.below(3) as usize];
                }
                4 => pair.sends.leaves_out = (random.below(2) == 0).then_some(3),
                5 => {
                    let size = Size { width: 64 + random.below(400), height: 64 + random.below(400) };
                    pair.screen.resize(SurfaceId(2), size);
                    pair.tell();
                }
                6 => pair.rest(budget),
                _ => {
                    let id = SurfaceId(1 + random.below(2));
                    let area = Rect::new(64 * random.below(3) as i32, 0, 200 + random.below(300), 300);
                    let area = pair.screen.size(id).and_then(|size| area.intersection(size.rect()));
                    for _ in 0..6 {
                        drop(pair.play(id, area.unwrap_or_default(), budget));
                    }
                }
            }
            // What was scrolled is told late.
            pair.encoder.damage(ID, SIZE.rect(), pair.now);
        }
        pair.rest(20_000);
        pair.assert_exact();
    }
}
