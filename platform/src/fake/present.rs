//! A window in memory, and panes in it.

use crate::present::{Pane, PresentError};
use mitblick_protocol::{
    geometry::{Point, Rect, Size},
    peer_msg::CursorImage,
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What is to be seen of a pane.
#[derive(Default)]
struct Seen {
    place: Rect,
    open: Vec<Rect>,
    pixels: Vec<u32>,
    cursor: Option<CursorImage>,
}

/// The window that a fake pane lies in. Clones are the same window.
#[derive(Clone, Default)]
pub struct FakePaneWindow(Arc<Mutex<Seen>>);

impl FakePaneWindow {
    /// A pane in this window.
    pub fn open_pane(&self) -> FakePane {
        FakePane { window: self.clone(), size: Size::default(), pixels: Vec::new(), pending: None }
    }

    /// The pane's pixel at a place of the window; `None` where the window
    /// itself is seen.
    pub fn pixel(&self, at: Point) -> Option<u32> {
        let seen = self.seen();
        let inside = Point { x: at.x.saturating_sub(seen.place.x), y: at.y.saturating_sub(seen.place.y) };
        if !seen.open.iter().any(|open| open.contains(inside)) {
            return None;
        }
        let (x, y) = (usize::try_from(inside.x).ok()?, usize::try_from(inside.y).ok()?);
        seen.pixels.get(y * seen.place.width as usize + x).copied()
    }

    /// The pointer's picture over the pane.
    pub fn cursor(&self) -> Option<CursorImage> {
        self.seen().cursor.clone()
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A pane that exists in memory only. As on a real display, only the areas
/// that are drawn change what is seen.
pub struct FakePane {
    window: FakePaneWindow,
    size: Size,
    pixels: Vec<u32>,
    pending: Option<(Rect, Vec<Rect>)>,
}

impl Pane for FakePane {
    fn size(&self) -> Size {
        self.size
    }

    fn arrange(&mut self, place: Rect, open: &[Rect]) -> Result<(), PresentError> {
        let open: Vec<_> = open.iter().filter_map(|rect| rect.intersection(place.size().rect())).collect();
        if !open.is_empty() && self.size != place.size() {
            self.size = place.size();
            self.pixels = vec![0; usize::try_from(self.size.pixels()).unwrap_or(0)];
        }
        self.pending = Some((place, open));
        Ok(())
    }

    fn draw(&mut self, areas: &[Rect], draw: &mut dyn FnMut(&mut [u32])) -> Result<(), PresentError> {
        draw(&mut self.pixels);
        let mut seen = self.window.seen();
        if let Some((place, open)) = self.pending.take() {
            if open.is_empty() {
                seen.open.clear();
            } else {
                (seen.place, seen.open) = (place, open);
                seen.pixels.resize(self.pixels.len(), 0);
            }
        }
        let stride = self.size.width as usize;
        for area in areas.iter().filter_map(|area| area.intersection(self.size.rect())) {
            for y in area.y as usize..area.bottom() as usize {
                let columns = y * stride + area.x as usize..y * stride + area.right() as usize;
                if let (Some(to), Some(from)) = (seen.pixels.get_mut(columns.clone()), self.pixels.get(columns)) {
                    to.copy_from_slice(from);
                }
            }
        }
        Ok(())
    }

    fn set_cursor(&mut self, cursor: Option<&CursorImage>) -> Result<(), PresentError> {
        self.window.seen().cursor = cursor.cloned();
        Ok(())
    }
}

impl Drop for FakePane {
    fn drop(&mut self) {
        *self.window.seen() = Seen::default();
    }
}
