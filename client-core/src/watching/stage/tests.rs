//! What is seen in a pane after any row of changes is what is seen when all of
//! it is put together anew.

use super::{super::picture::WatchedSurface, *};
use mitblick_platform::fake::FakePaneWindow;
use mitblick_protocol::{
    peer_msg::{CursorImage, PointerPlace, SurfaceId, SurfaceState},
    text::DisplayText,
};

const PANE: Rect = Rect::new(10, 40, 200, 150);

fn surface(id: u32, rect: Rect) -> Surface {
    Surface { id: SurfaceId(id), rect, state: SurfaceState::Shown, parent: None, title: DisplayText::default() }
}

fn arrangement(picture: &mut WatchedPicture, zoom: Zoom) -> Arrangement {
    Arrangement {
        room: PANE.size(),
        pane: PANE,
        zoom,
        scrolled_px: Point::default(),
        canvas: picture.follow_canvas(),
        controlling: false,
        look: Look { pattern: [1, 2] },
        labels: Labels::new(),
    }
}

/// A stage with a pane, and the window around it.
struct World {
    stage: Stage,
    window: FakePaneWindow,
    picture: WatchedPicture,
}

impl World {
    fn new() -> Self {
        let window = FakePaneWindow::default();
        let mut stage = Stage::default();
        stage.use_pane(Box::new(window.open_pane()));
        Self { stage, window, picture: WatchedPicture::default() }
    }

    /// As the watching worker does it.
    fn scene(&mut self, surfaces: Vec<Surface>) -> Changes {
        let mut changes = Changes::default();
        changes.pointer.extend(self.picture.cursor_place());
        for surface in &surfaces {
            let size = surface.rect.size();
            let watched = self.picture.surfaces.entry(surface.id).or_default();
            if watched.size != size {
                let colour = surface.id.0 * 0x0001_1003;
                let pixels = (0..size.pixels()).map(|at| colour + at as u32 % 251).collect();
                *watched = WatchedSurface { size, pixels, changed: Vec::new() };
                changes.areas.push(surface.rect);
            }
        }
        changes.note_scene(&self.picture.scene.surfaces, &surfaces);
        self.picture.scene.surfaces = surfaces;
        self.picture.scenes += 1;
        changes.pointer.extend(self.picture.cursor_place());
        changes
    }

    fn show(&mut self, surfaces: Vec<Surface>) -> bool {
        let changes = self.scene(surfaces);
        self.stage.present(&changes, &mut self.picture)
    }

    /// What another stage, with the same layout, shows of the same picture.
    #[track_caller]
    fn check(&mut self) {
        let window = FakePaneWindow::default();
        let mut fresh = Stage::default();
        fresh.use_pane(Box::new(window.open_pane()));
        let arrangement = self.stage.arrangement.clone().unwrap();
        fresh.above.clone_from(&self.stage.above);
        fresh.arrange(arrangement, &mut self.picture);
        for y in 0..PANE.bottom() as i32 + 5 {
            for x in 0..PANE.right() as i32 + 5 {
                let at = Point { x, y };
                assert_eq!(self.window.pixel(at), window.pixel(at), "{at:?}");
            }
        }
    }
}

#[test]
fn any_row_of_scenes_shows_what_all_of_it_anew_would() {
    for zoom in [Zoom::Times(1), Zoom::Times(2), Zoom::Fit] {
        let mut world = World::new();
        let frame = surface(9, Rect::new(0, 0, 300, 220));
        let one = surface(1, Rect::new(20, 20, 60, 40));
        let two = surface(2, Rect::new(50, 30, 80, 50));
        world.scene(vec![frame.clone(), one.clone()]);
        let arrangement = arrangement(&mut world.picture, zoom);
        world.stage.arrange(arrangement, &mut world.picture);
        let moved = surface(1, Rect::new(90, 60, 60, 40));
        let resized = surface(1, Rect::new(90, 60, 70, 90));
        let minimised = Surface { state: SurfaceState::Minimised, ..two.clone() };
        let beyond = surface(3, Rect::new(280, 200, 300, 30));
        for surfaces in [
            vec![frame.clone(), one.clone(), two.clone()],
            vec![frame.clone(), two.clone(), one.clone()],
            vec![frame.clone(), two.clone(), moved.clone()],
            vec![frame.clone(), two.clone(), resized.clone()],
            vec![frame.clone(), resized.clone(), two],
            vec![frame.clone(), resized.clone(), minimised.clone()],
            vec![frame.clone(), resized, minimised, beyond],
            vec![one],
            vec![frame],
        ] {
            world.show(surfaces);
            world.check();
        }
    }
}

#[test]
fn a_changed_area_is_seen_and_costs_the_window_no_repaint() {
    for zoom in [Zoom::Times(1), Zoom::Times(2), Zoom::Fit] {
        let mut world = World::new();
        world.scene(vec![surface(1, Rect::new(5, 5, 317, 211))]);
        let arrangement = arrangement(&mut world.picture, zoom);
        world.stage.arrange(arrangement, &mut world.picture);
        let area = Rect::new(13, 17, 51, 3);
        let pixels = world.picture.surfaces.get_mut(&SurfaceId(1)).unwrap();
        for y in 17..20 {
            pixels.pixels[y * 317 + 13..y * 317 + 64].fill(0x00ff_ffff);
        }
        let changes = Changes { areas: vec![area.moved(5, 5)], ..Changes::default() };
        assert!(!world.stage.present(&changes, &mut world.picture));
        world.check();
    }
}

#[test]
fn the_customers_pointer_is_seen_only_while_looking_and_leaves_no_trace() {
    let mut world = World::new();
    let size = Size { width: 4, height: 4 };
    let pixels = vec![0xffff_ffff; 16];
    world.picture.cursor = Some(CursorImage { size, hot_spot: Point::default(), pixels });
    world.picture.cursor_changes = 1;
    let at = |x| Some(PointerPlace { surface: SurfaceId(1), at: Point { x, y: 9 } });
    world.picture.pointer = at(3);
    let surfaces = vec![surface(1, Rect::new(0, 0, 100, 100))];
    world.scene(surfaces.clone());
    let looking = arrangement(&mut world.picture, Zoom::Times(1));
    let (placement, first) = world.stage.arrange(looking.clone(), &mut world.picture);
    assert!(first);
    let pixel =
        |world: &World, x: i32| world.window.pixel(Point { x: placement.origin.x + x, y: placement.origin.y + 10 });
    assert_eq!(pixel(&world, 3), Some(0x00ff_ffff));
    let before = world.picture.cursor_place();
    world.picture.pointer = at(40);
    let pointer = [before, world.picture.cursor_place()].into_iter().flatten().collect();
    assert!(!world.stage.present(&Changes { pointer, ..Changes::default() }, &mut world.picture));
    assert_eq!(pixel(&world, 40), Some(0x00ff_ffff));
    world.check();
    assert_eq!(world.window.cursor(), None);
    world.stage.arrange(Arrangement { controlling: true, ..looking.clone() }, &mut world.picture);
    assert_ne!(pixel(&world, 40), Some(0x00ff_ffff));
    assert_eq!(world.window.cursor().as_ref(), world.picture.cursor.as_ref());
    let (_, first) = world.stage.arrange(looking, &mut world.picture);
    assert!(!first, "this scene was painted before");
    assert_eq!(world.window.cursor(), None);
    world.check();
}

#[test]
fn what_the_window_paints_above_is_cut_out_and_takes_no_input() {
    let mut world = World::new();
    world.scene(vec![surface(1, Rect::new(0, 0, 400, 400))]);
    let arrangement = arrangement(&mut world.picture, Zoom::Times(1));
    world.stage.arrange(arrangement, &mut world.picture);
    let menu = Rect::new(50, 30, 60, 40);
    world.stage.cover(vec![menu], &world.picture);
    for y in 30..200 {
        for x in 0..220 {
            let at = Point { x, y };
            let seen = PANE.contains(at) && !menu.contains(at);
            assert_eq!(world.window.pixel(at).is_some(), seen, "{at:?}");
            assert_eq!(world.stage.shows_at(x.into(), y.into()), seen, "{at:?}");
        }
    }
    world.stage.cover(Vec::new(), &world.picture);
    world.check();
}

#[test]
fn nothing_is_seen_once_it_is_taken_away_or_no_window_is_left() {
    let mut world = World::new();
    let surfaces = vec![surface(1, Rect::new(0, 0, 400, 400))];
    world.scene(surfaces.clone());
    assert!(world.stage.present(&Changes::default(), &mut world.picture), "the window has to lay it out");
    let inside = Point { x: 20, y: 50 };
    assert_eq!(world.window.pixel(inside), None);
    let arrangement = arrangement(&mut world.picture, Zoom::Times(1));
    world.stage.arrange(arrangement.clone(), &mut world.picture);
    assert!(world.window.pixel(inside).is_some());
    assert!(world.show(Vec::new()), "the window says why there is nothing");
    assert_eq!(world.window.pixel(inside), None);
    world.show(surfaces);
    assert!(world.window.pixel(inside).is_some());
    world.stage.take_away();
    assert_eq!(world.window.pixel(inside), None);
    assert!(!world.stage.shows_at(20.0, 50.0));
}

#[test]
fn what_is_told_of_the_place_is_true_when_the_canvas_grows() {
    let mut world = World::new();
    world.scene(vec![surface(1, Rect::new(100, 100, 150, 100))]);
    let arrangement = arrangement(&mut world.picture, Zoom::Times(1));
    world.stage.arrange(arrangement, &mut world.picture);
    assert!(world.show(vec![surface(1, Rect::new(100, 100, 150, 100)), surface(2, Rect::new(20, 30, 400, 300))]));
    let painted = world.picture.painted.unwrap();
    assert_eq!(painted.scene, world.picture.scenes);
    // What was in the pane's corner stays there: the desktop's 100, 100 less
    // what was free around the smaller canvas.
    world.check();
    let at = Point { x: painted.desktop.x + 105, y: painted.desktop.y + 107 };
    let surface = &world.picture.surfaces[&SurfaceId(2)];
    assert_eq!(world.window.pixel(at), Some(surface.pixels[77 * 400 + 85]));
}
