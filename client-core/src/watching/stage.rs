//! The stage: shows the picture in a pane of the window, from whatever thread
//! has new pixels, with the layout that the window gave last. Without a pane
//! it only remembers the layout, and the window paints.

use super::{
    compose::{Composition, Labels, Look},
    layout::{self, Placement, Zoom},
    picture::{Painted, WatchedPicture},
};
use mitblick_platform::present::{Pane, PresentError};
use mitblick_protocol::{
    geometry::{Point, Rect, Size},
    peer_msg::Surface,
};

/// How the window lays the picture out. Places are physical pixels of the
/// window.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrangement {
    /// All the room there is, which "fit" is measured by.
    pub room: Size,
    /// The pane, without scroll bars.
    pub pane: Rect,
    /// How large.
    pub zoom: Zoom,
    /// Scrolled by so many pixels ...
    pub scrolled_px: Point,
    /// ... from the corner of this canvas.
    pub canvas: Rect,
    /// Whether the advisor's own pointer is the customer's.
    pub controlling: bool,
    /// Colours.
    pub look: Look,
    /// Texts for windows whose pixels are not current.
    pub labels: Labels,
}

/// What a frame changed.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Parts of the customer's desktop.
    pub areas: Vec<Rect>,
    /// The same, as far as only the pointer changed there.
    pub pointer: Vec<Rect>,
    /// The pointer has another picture.
    pub cursor: bool,
    /// Windows opened or closed, or their titles or states are others.
    pub windows: bool,
}

impl Changes {
    /// Notes what another scene changes. Pixels of new or resized windows are
    /// told apart from this.
    pub fn note_scene(&mut self, before: &[Surface], after: &[Surface]) {
        let ids = |surfaces: &[Surface]| surfaces.iter().map(|surface| surface.id).collect::<Vec<_>>();
        let same_windows = ids(before) == ids(after);
        if same_windows {
            let different = |(one, other): &(&Surface, &Surface)| one.rect != other.rect || one.state != other.state;
            let moved = before.iter().zip(after).filter(different);
            self.areas.extend(moved.flat_map(|(one, other)| [one.rect, other.rect]));
        } else {
            // Where one is that was not there, or at another height.
            let places = |of: &[Surface], than: &[Surface]| -> Vec<Rect> {
                let kept = |surface: &&Surface| !than.contains(surface);
                of.iter().filter(kept).map(|surface| surface.rect).collect()
            };
            let order_kept = {
                let (before, after) = (ids(before), ids(after));
                let common =
                    |of: &[_], than: &[_]| -> Vec<_> { of.iter().copied().filter(|id| than.contains(id)).collect() };
                common(&before, &after) == common(&after, &before)
            };
            if order_kept {
                self.areas.extend(places(before, after));
                self.areas.extend(places(after, before));
            } else {
                self.areas.extend(before.iter().chain(after).map(|surface| surface.rect));
            }
        }
        let said = |of: &[Surface]| of.iter().map(|s| (s.id, s.state, s.title.clone())).collect::<Vec<_>>();
        self.windows |= said(before) != said(after);
    }
}

/// See the module's documentation.
#[derive(Default)]
pub(super) struct Stage {
    pane: Option<Box<dyn Pane>>,
    arrangement: Option<Arrangement>,
    placement: Option<Placement>,
    /// What the window paints above the pane.
    above: Vec<Rect>,
    /// Whether the pane is to be seen.
    open: bool,
    /// The picture of the pointer that the pane has, as the picture counts.
    cursor: Option<u64>,
}

impl Stage {
    pub(super) fn use_pane(&mut self, pane: Box<dyn Pane>) {
        *self = Self { pane: Some(pane), ..Self::default() };
    }

    pub(super) fn has_pane(&self) -> bool {
        self.pane.is_some()
    }

    pub(super) fn arrange(&mut self, arrangement: Arrangement, picture: &mut WatchedPicture) -> (Placement, bool) {
        let canvas = picture.follow_canvas();
        let placement = place(&arrangement, canvas);
        let open = !picture.scene.surfaces.is_empty();
        let same = self.open == open
            && self.placement == Some(placement)
            && self.arrangement.as_ref().is_some_and(
                // Where the window is scrolled to is in the placement.
                |known| {
                    *known
                        == Arrangement { scrolled_px: known.scrolled_px, canvas: known.canvas, ..arrangement.clone() }
                },
            );
        (self.arrangement, self.placement, self.open) = (Some(arrangement), Some(placement), open);
        if !same {
            self.show(picture, true);
        }
        self.follow_cursor(picture);
        let known = picture.painted.map(|painted| painted.scene);
        self.note_painted(picture);
        (placement, known != Some(picture.scenes))
    }

    pub(super) fn present(&mut self, changes: &Changes, picture: &mut WatchedPicture) -> bool {
        if self.pane.is_none() {
            return true;
        }
        for surface in picture.surfaces.values_mut() {
            surface.changed.clear();
        }
        // The window has not laid out yet, and will once it has painted.
        let (Some(arrangement), Some(before)) = (&self.arrangement, self.placement) else { return true };
        let open = !picture.scene.surfaces.is_empty();
        let placement = place(arrangement, picture.follow_canvas());
        let laid_out_anew = placement != before || open != self.open;
        if laid_out_anew {
            (self.placement, self.open) = (Some(placement), open);
            self.show(picture, true);
        } else if open {
            let pointer: &[Rect] = if arrangement.controlling { &[] } else { &changes.pointer };
            let pane = arrangement.pane;
            let parts = changes.areas.iter().chain(pointer).filter_map(|area| {
                // A pixel of the pane may show a part of the next one too.
                placement.touched(*area).intersection(pane)
            });
            let parts: Vec<Rect> = parts.map(|part| part.moved(-pane.x, -pane.y)).collect();
            self.draw(picture, &parts);
        }
        self.follow_cursor(picture);
        self.note_painted(picture);
        // Scroll bars, labels and what is painted where no window is.
        laid_out_anew || changes.windows || self.pane.is_none()
    }

    /// The window paints these areas above the pane.
    pub(super) fn cover(&mut self, above: Vec<Rect>, picture: &WatchedPicture) {
        if self.above != above {
            self.above = above;
            self.show(picture, false);
        }
    }

    pub(super) fn take_away(&mut self) {
        (self.arrangement, self.placement, self.open) = (None, None, false);
        if let Some(pane) = &mut self.pane {
            let hidden = pane.arrange(Rect::default(), &[]).and_then(|()| pane.draw(&[], &mut |_| {}));
            self.check(hidden);
        }
    }

    pub(super) fn shows_at(&self, x: f64, y: f64) -> bool {
        let at = Point { x: x.floor() as i32, y: y.floor() as i32 };
        self.arrangement.as_ref().is_some_and(|arrangement| {
            arrangement.pane.contains(at) && !self.above.iter().any(|above| above.contains(at))
        })
    }

    pub(super) fn to_desktop(&self, x: f64, y: f64) -> Option<Point> {
        self.placement.map(|placement| placement.to_desktop(x, y))
    }

    /// Puts the pane where it belongs; with `all`, its pixels anew.
    fn show(&mut self, picture: &WatchedPicture, all: bool) {
        let (Some(pane), Some(arrangement)) = (&mut self.pane, &self.arrangement) else { return };
        let place = arrangement.pane;
        let mut open = if self.open { vec![place.size().rect()] } else { Vec::new() };
        for above in &self.above {
            let hole = above.moved(-place.x, -place.y);
            open = open.iter().flat_map(|&rect| rect.without(hole)).filter(|rect| !rect.is_empty()).collect();
        }
        let arranged = pane.arrange(place, &open);
        self.check(arranged);
        let whole = [place.size().rect()];
        self.draw(picture, if all && self.open { &whole } else { &[] });
    }

    fn draw(&mut self, picture: &WatchedPicture, parts: &[Rect]) {
        let (Some(pane), Some(arrangement), Some(placement)) = (&mut self.pane, &self.arrangement, self.placement)
        else {
            return;
        };
        let composition = Composition {
            picture,
            placement,
            pane: arrangement.pane,
            look: arrangement.look,
            labels: &arrangement.labels,
            cursor: !arrangement.controlling,
        };
        let drawn = pane.draw(parts, &mut |pixels| {
            for part in parts {
                composition.compose(*part, pixels);
            }
        });
        self.check(drawn);
    }

    /// While controlling, the advisor's own pointer looks as the customer's.
    fn follow_cursor(&mut self, picture: &WatchedPicture) {
        let controlling = self.arrangement.as_ref().is_some_and(|arrangement| arrangement.controlling);
        let wanted = picture.cursor.as_ref().filter(|_| controlling);
        let version = wanted.map(|_| picture.cursor_changes);
        if version != self.cursor
            && let Some(pane) = &mut self.pane
        {
            self.cursor = version;
            let set = pane.set_cursor(wanted);
            self.check(set);
        }
    }

    fn note_painted(&self, picture: &mut WatchedPicture) {
        if let Some(placement) = self.placement {
            let (scene, desktop) = (picture.scenes, placement.desktop_origin());
            picture.painted = Some(Painted { scene, desktop, zoom: placement.scale });
        }
    }

    /// A pane that broke is given up: the window paints from here on.
    fn check(&mut self, done: Result<(), PresentError>) {
        if let Err(error) = done {
            tracing::warn!(%error, "the window paints the picture itself from here on");
            self.pane = None;
        }
    }
}

/// Where the canvas lies under an arrangement that may have been made for
/// another one: what was in the pane's corner stays there.
fn place(arrangement: &Arrangement, canvas: Rect) -> Placement {
    let room = (arrangement.room.width as f32, arrangement.room.height as f32);
    let scale = layout::scale(arrangement.zoom, canvas.size(), room);
    let along = |scrolled: i32, before: i32, now: i32| {
        let grown = (f64::from(before) - f64::from(now)) * f64::from(scale);
        (f64::from(scrolled) + grown).round() as i32
    };
    let scrolled_px = Point {
        x: along(arrangement.scrolled_px.x, arrangement.canvas.x, canvas.x),
        y: along(arrangement.scrolled_px.y, arrangement.canvas.y, canvas.y),
    };
    Placement::new(canvas, scale, arrangement.pane, scrolled_px)
}

#[cfg(test)]
mod tests;
