//! Takes the picture as it is shown and says what of it changed, as steps.

use super::{PATTERN, SURFACE, is_recordable};
use crate::watching::{
    PictureStore, WatchedPicture,
    compose::{Composition, Labels, Look},
    layout::Placement,
};
use mitblick_picture::{Encoder, PixelSource, Turn};
use mitblick_protocol::{
    geometry::{Point, Rect, Size},
    peer_msg::SurfaceId,
    recording::Change,
    time::Moment,
};
use std::convert::Infallible;

/// Most bytes of one step of pixels.
const STEP_BYTES: usize = 8 * 1024 * 1024;

/// See the module's documentation.
pub(super) struct Camera {
    key: [u64; 4],
    encoder: Encoder,
    /// The picture as it was looked at last. What is locked is copied and
    /// nothing else: composing takes long, and frames, painting and input wait
    /// for the lock.
    mirror: WatchedPicture,
    canvas: Canvas,
    /// Whether something was shown when it was looked at last.
    shown: bool,
}

/// The customer's desktop is larger than recordings can be.
#[derive(Debug, thiserror::Error)]
#[error("a desktop of {}x{} pixels is too large to be recorded", .0.width, .0.height)]
pub(super) struct TooLarge(Size);

#[derive(Default)]
struct Canvas {
    size: Size,
    pixels: Vec<u32>,
}

impl PixelSource for Canvas {
    type Error = Infallible;

    fn read(&mut self, _surface: SurfaceId, area: Rect, out: &mut Vec<u32>) -> Result<(), Infallible> {
        out.clear();
        let Some(area) = area.intersection(self.size.rect()) else { return Ok(()) };
        let (left, width) = (area.x as usize, area.width as usize);
        let rows = self.pixels.chunks_exact(self.size.width.max(1) as usize);
        for row in rows.skip(area.y as usize).take(area.height as usize) {
            out.extend_from_slice(row.get(left..left + width).unwrap_or_default());
        }
        Ok(())
    }
}

impl Camera {
    /// With a random key; see [`Encoder::with_key`].
    pub(super) fn new(key: [u64; 4]) -> Self {
        Self {
            key,
            encoder: Encoder::with_key(key),
            mirror: WatchedPicture::default(),
            canvas: Canvas::default(),
            shown: false,
        }
    }

    /// From here on every change is told that the store sees.
    pub(super) fn attach(store: &PictureStore) {
        store.lock().changed_for_recorder = Some(Vec::new());
    }

    /// Nothing has to be noted any more.
    pub(super) fn detach(store: &PictureStore) {
        store.lock().changed_for_recorder = None;
    }

    /// What changed since it was looked at last; `None` if `may` says no. With
    /// `whole` the coding begins anew: what follows can be shown without
    /// anything before.
    pub(super) fn look(
        &mut self,
        store: &PictureStore,
        whole: bool,
        may: impl Fn() -> bool,
    ) -> Result<Option<Vec<Change>>, TooLarge> {
        let changed = {
            let mut picture = store.lock();
            // Asked under the lock: whatever came after the consent had ended
            // can't be in the picture yet if this still says yes.
            if !may() {
                return Ok(None);
            }
            let changed = picture.changed_for_recorder.as_mut().map(std::mem::take).unwrap_or_default();
            self.mirror.take_over(&picture, &changed);
            changed
        };
        // From here on nobody waits.
        let mut changes = Vec::new();
        let size = self.mirror.scene.desktop;
        if self.mirror.scene.surfaces.is_empty() || size.pixels() == 0 {
            if std::mem::take(&mut self.shown) || whole {
                self.canvas = Canvas::default();
                changes.push(Change::Nothing);
            }
            return Ok(Some(changes));
        }
        if !is_recordable(size) {
            return Err(TooLarge(size));
        }
        let fresh = !self.shown || size != self.canvas.size;
        if fresh {
            self.canvas = Canvas { size, pixels: vec![0; usize::try_from(size.pixels()).unwrap_or(0)] };
        }
        let composed = if fresh { vec![size.rect()] } else { changed };
        compose(&self.mirror, &composed, &mut self.canvas);
        self.shown = true;
        let coded = if whole || fresh {
            self.encoder = Encoder::with_key(self.key);
            self.encoder.set_surfaces(&[(SURFACE, size)]).map_err(|_| TooLarge(size))?;
            changes.push(Change::Canvas(size));
            vec![size.rect()]
        } else {
            composed
        };
        for area in coded {
            self.encoder.damage(SURFACE, area, Moment::default());
        }
        while self.encoder.has_damage() {
            let encoded = self.encoder.encode(&mut self.canvas, Turn::lossless(STEP_BYTES));
            if encoded.payload.is_empty() {
                break;
            }
            changes.push(Change::Pixels(encoded.payload));
        }
        Ok(Some(changes))
    }
}

/// Puts areas of the desktop together at full size.
fn compose(picture: &WatchedPicture, areas: &[Rect], canvas: &mut Canvas) {
    let whole = canvas.size.rect();
    let labels = Labels::default();
    let composition = Composition {
        picture,
        placement: Placement::new(whole, 1.0, whole, Point { x: 0, y: 0 }),
        pane: whole,
        look: Look { pattern: PATTERN },
        labels: &labels,
        cursor: true,
    };
    for area in areas {
        composition.compose(*area, &mut canvas.pixels);
    }
}
