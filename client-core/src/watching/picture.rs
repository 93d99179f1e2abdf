//! The picture as received: written by the watching worker, read by the window
//! as often as it paints.

use super::{
    layout::{self, Placement},
    stage::{Arrangement, Changes, Stage},
};
use mitblick_platform::{
    overlay::{Ink, Patch},
    present::Pane,
};
use mitblick_protocol::{
    geometry::{Point, Rect, Size},
    peer_msg::{CursorImage, PointerPlace, Scene, SurfaceId},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// So many changed areas of a surface are kept apart.
const MANY_AREAS: usize = 64;

/// Pixels of one surface.
#[derive(Default)]
pub struct WatchedSurface {
    /// Size in pixels.
    pub size: Size,
    /// `0x00RRGGBB`, row by row.
    pub pixels: Vec<u32>,
    /// Areas changed since the window last took them; the window empties it.
    pub changed: Vec<Rect>,
}

impl WatchedSurface {
    /// The pixels of a row from a column on.
    pub fn row(&self, row: i32, column: i32) -> &[u32] {
        let (Ok(row), Ok(column)) = (usize::try_from(row), usize::try_from(column)) else { return &[] };
        let width = self.size.width as usize;
        if column > width {
            return &[];
        }
        self.pixels.get(row * width + column..(row + 1) * width).unwrap_or_default()
    }

    /// Copies an area of a surface of the same size.
    fn copy_from(&mut self, from: &Self, area: Rect) {
        copy_area((from.size, &from.pixels), area, &mut self.pixels);
    }

    /// Notes a changed area. Of many only their common box is kept, so that
    /// they do not pile up while no window takes them.
    pub fn note_change(&mut self, area: Rect) {
        self.changed.push(area);
        if self.changed.len() > MANY_AREAS {
            self.changed = vec![self.changed.iter().copied().fold(Rect::default(), Rect::union)];
        }
    }
}

/// What is to be painted.
#[derive(Default)]
pub struct WatchedPicture {
    /// Windows and their places, bottom-most first.
    pub scene: Scene,
    /// Their pixels.
    pub surfaces: BTreeMap<SurfaceId, WatchedSurface>,
    /// Where the customer's pointer is, if over a shared window.
    pub pointer: Option<PointerPlace>,
    /// Its picture.
    pub cursor: Option<CursorImage>,
    /// Counts changes of `cursor`.
    pub cursor_changes: u64,
    /// Frames taken in so far.
    pub frames: u64,
    /// Drawn over windows, with the box around each from its window's corner.
    pub marks: Vec<(Patch, Rect)>,
    /// Drawn around the customer's pointer, if it is to stand out.
    pub ring: Option<(Arc<Ink>, Rect)>,
    /// Counts scenes.
    pub scenes: u64,
    /// The part of the customer's desktop that is shown; see
    /// [`WatchedPicture::follow_canvas`].
    canvas: Option<Rect>,
    /// Where the picture was shown last. Told to automation.
    pub painted: Option<Painted>,
    /// What changed on the customer's desktop since a recorder took it last,
    /// while there is one.
    pub changed_for_recorder: Option<Vec<Rect>>,
}

/// Where a picture was shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Painted {
    /// Which scene, as [`WatchedPicture::scenes`] counts them.
    pub scene: u64,
    /// Where the customer's desktop would begin, in physical pixels from the
    /// window's left top corner. Pixel `(px, py)` of a surface at `rect` is at
    /// `desktop.x + (rect.x + px) * zoom`, and so on. May be negative.
    pub desktop: Point,
    /// Physical pixels per pixel of the customer.
    pub zoom: f32,
}

impl WatchedPicture {
    /// Notes changed areas of the desktop for a recorder. Of many only their
    /// common box is kept.
    pub fn note_for_recorder(&mut self, areas: impl IntoIterator<Item = Rect>) {
        let Some(changed) = &mut self.changed_for_recorder else { return };
        changed.extend(areas);
        if changed.len() > MANY_AREAS {
            *changed = vec![changed.iter().copied().fold(Rect::default(), Rect::union)];
        }
    }

    /// Becomes what another picture is, but for what its window keeps in it;
    /// `changed` is where that changed on the desktop since it was taken over
    /// last. Copies rows and nothing else, as the other one is locked.
    pub fn take_over(&mut self, from: &Self, changed: &[Rect]) {
        self.scene.clone_from(&from.scene);
        self.surfaces.retain(|id, _| from.surfaces.contains_key(id));
        for surface in &from.scene.surfaces {
            let Some(source) = from.surfaces.get(&surface.id) else { continue };
            let own = self.surfaces.entry(surface.id).or_default();
            if own.size != source.size || own.pixels.len() != source.pixels.len() {
                *own = WatchedSurface { size: source.size, pixels: source.pixels.clone(), changed: Vec::new() };
                continue;
            }
            for area in changed {
                if let Some(part) = area.intersection(surface.rect) {
                    let (x, y) = (part.x.saturating_sub(surface.rect.x), part.y.saturating_sub(surface.rect.y));
                    own.copy_from(source, Rect { x, y, ..part });
                }
            }
        }
        (self.pointer, self.ring) = (from.pointer, from.ring.clone());
        if self.cursor != from.cursor {
            self.cursor.clone_from(&from.cursor);
        }
        self.marks.clone_from(&from.marks);
    }

    /// The part of the customer's desktop that is shown, as of the scene that
    /// stands now; see [`layout::next_canvas`].
    pub fn follow_canvas(&mut self) -> Rect {
        *self.canvas.insert(layout::next_canvas(self.canvas, &self.scene.surfaces))
    }

    /// Where the customer's pointer points on the desktop, if it is over a
    /// shared window.
    pub fn pointed_at(&self) -> Option<Point> {
        let at = self.pointer.as_ref()?;
        let surface = self.scene.surfaces.iter().find(|surface| surface.id == at.surface)?;
        Some(Point { x: surface.rect.x.saturating_add(at.at.x), y: surface.rect.y.saturating_add(at.at.y) })
    }

    /// Where the ring around the customer's pointer lies on the desktop, if it
    /// is to be seen.
    pub fn ring_place(&self) -> Option<Rect> {
        let (_, bounds) = self.ring.as_ref()?;
        self.pointed_at().map(|at| bounds.moved(at.x, at.y))
    }

    /// What changes where the customer's pointer is.
    pub fn pointer_places(&self) -> impl Iterator<Item = Rect> {
        self.cursor_place().into_iter().chain(self.ring_place())
    }

    /// Where marks lie on the desktop.
    pub fn mark_places(&self) -> Vec<Rect> {
        let surface = |patch: &Patch| self.scene.surfaces.iter().find(|surface| surface.id == patch.surface);
        let place = |(patch, bounds): &(Patch, Rect)| {
            let rect = surface(patch)?.rect;
            bounds.moved(rect.x, rect.y).intersection(rect)
        };
        self.marks.iter().filter_map(place).collect()
    }

    /// Where the customer's pointer's picture lies on the desktop, if it is
    /// over a shared window.
    pub fn cursor_place(&self) -> Option<Rect> {
        let (at, image) = (self.pointer.as_ref()?, self.cursor.as_ref()?);
        let surface = self.scene.surfaces.iter().find(|surface| surface.id == at.surface)?;
        let place = Rect::new(surface.rect.x, surface.rect.y, image.size.width, image.size.height);
        let (x, y) = (at.at.x.saturating_sub(image.hot_spot.x), at.at.y.saturating_sub(image.hot_spot.y));
        Some(place.moved(x, y))
    }
}

/// Copies an area between the pixels of two surfaces of the same size.
pub(super) fn copy_area((size, from): (Size, &[u32]), area: Rect, to: &mut [u32]) {
    let Some(area) = area.intersection(size.rect()) else { return };
    let stride = size.width as usize;
    let (left, top) = (area.x as usize, area.y as usize);
    for row in top..top + area.height as usize {
        let columns = row * stride + left..row * stride + left + area.width as usize;
        if let (Some(source), Some(target)) = (from.get(columns.clone()), to.get_mut(columns)) {
            target.copy_from_slice(source);
        }
    }
}

/// The picture, shared between worker and window, and the stage that shows it
/// without the window's help where there is one.
#[derive(Default)]
pub struct PictureStore {
    picture: Mutex<WatchedPicture>,
    /// Locked before the picture by whoever needs both.
    stage: Mutex<Stage>,
}

impl PictureStore {
    /// Takes the picture for a moment. Keep it short: the other side waits.
    pub fn lock(&self) -> MutexGuard<'_, WatchedPicture> {
        self.picture.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From here on the picture is shown in this pane, not by the window.
    pub fn use_pane(&self, pane: Box<dyn Pane>) {
        self.stage().use_pane(pane);
    }

    /// Whether the picture is shown in a pane, so that the window paints none.
    pub fn has_pane(&self) -> bool {
        self.stage().has_pane()
    }

    /// The window has laid itself out: shows the picture accordingly. Gives
    /// where, and whether the scene that stands now was not shown before.
    pub fn arrange(&self, arrangement: Arrangement) -> (Placement, bool) {
        let mut stage = self.stage();
        stage.arrange(arrangement, &mut self.lock())
    }

    /// The window paints these areas (its physical pixels) above the picture.
    pub fn cover(&self, above: Vec<Rect>) {
        let mut stage = self.stage();
        stage.cover(above, &self.lock());
    }

    /// Shows what has changed, in the pane. Gives whether the window has to
    /// paint anew.
    pub fn present(&self, changes: &Changes) -> bool {
        let mut stage = self.stage();
        stage.present(changes, &mut self.lock())
    }

    /// These marks are seen from here on, and whether there is a ring around
    /// the customer's pointer. Gives whether the window has to paint anew.
    pub fn set_marks(&self, patches: Vec<Patch>, ring: Option<Arc<Ink>>) -> bool {
        let changes = {
            let mut picture = self.lock();
            let mut areas = picture.mark_places();
            areas.extend(picture.ring_place());
            let bounds = |patch: &Patch| patch.ink.bounds().moved(patch.at.x, patch.at.y);
            picture.marks = patches.into_iter().map(|patch| (patch.clone(), bounds(&patch))).collect();
            picture.ring = ring.map(|ink| {
                let bounds = ink.bounds();
                (ink, bounds)
            });
            areas.extend(picture.mark_places());
            areas.extend(picture.ring_place());
            picture.note_for_recorder(areas.iter().copied());
            Changes { areas, ..Changes::default() }
        };
        self.present(&changes)
    }

    /// No picture is shown until the window lays one out again.
    pub fn take_away(&self) {
        self.stage().take_away();
    }

    /// Forgets the picture: nothing of it stays but the ring.
    pub fn reset(&self) {
        let mut stage = self.stage();
        stage.take_away();
        let mut picture = self.lock();
        // All that was there is gone.
        let gone = picture.scene.desktop.rect();
        let changed_for_recorder = picture.changed_for_recorder.take().map(|_| vec![gone]);
        // That the pointer stands out holds until something else is said.
        let ring = picture.ring.take();
        *picture = WatchedPicture { changed_for_recorder, ring, ..WatchedPicture::default() };
    }

    /// Whether the picture is seen at a place of the window, in physical
    /// pixels: the pane is there, and nothing of the window's above it.
    pub fn shows_at(&self, x: f64, y: f64) -> bool {
        self.stage().shows_at(x, y)
    }

    /// The top-most shared window at a place of the advisor's window, in
    /// physical pixels, and the place on it.
    pub fn hit(&self, x: f64, y: f64) -> Option<(SurfaceId, Point)> {
        let at = self.stage().to_desktop(x, y)?;
        layout::surface_at(&self.lock().scene.surfaces, at)
    }
}
