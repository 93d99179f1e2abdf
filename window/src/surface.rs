//! The window's pixels on their way to the display.

use crate::{host::HostError, paint::Painter};
use mitblick_protocol::geometry::Rect;
use std::{num::NonZeroU32, sync::Arc};
use winit::window::Window;

/// Shows a painter's pixels in a window.
pub(crate) struct Surface {
    surface: softbuffer::Surface<Arc<Window>, Arc<Window>>,
    size: (u32, u32),
}

fn broken(error: softbuffer::SoftBufferError) -> HostError {
    HostError::Pixels(error.to_string())
}

impl Surface {
    pub(crate) fn new(window: &Arc<Window>) -> Result<Self, HostError> {
        let context = softbuffer::Context::new(Arc::clone(window)).map_err(broken)?;
        let surface = softbuffer::Surface::new(&context, Arc::clone(window)).map_err(broken)?;
        Ok(Self { surface, size: (0, 0) })
    }

    /// Shows all pixels; outside of `damage` they are those shown last. All of
    /// them are shown, as parts of the window may have been uncovered.
    pub(crate) fn show(&mut self, painter: &Painter, damage: Rect) -> Result<(), HostError> {
        let size = painter.size();
        let (Some(width), Some(height)) = (NonZeroU32::new(size.width), NonZeroU32::new(size.height)) else {
            return Ok(());
        };
        let resized = self.size != (size.width, size.height);
        if resized {
            self.surface.resize(width, height).map_err(broken)?;
            self.size = (size.width, size.height);
        }
        let mut buffer = self.surface.buffer_mut().map_err(broken)?;
        // The system may lend more than one buffer in turn.
        if resized || buffer.age() != 1 {
            if let Some(to) = buffer.get_mut(..painter.pixels().len()) {
                to.copy_from_slice(painter.pixels());
            }
        } else {
            let stride = size.width as usize;
            let left = damage.x.unsigned_abs() as usize;
            let right = left + damage.width as usize;
            let rows = buffer.chunks_exact_mut(stride).zip(painter.pixels().chunks_exact(stride));
            for (to, from) in rows.skip(damage.y.unsigned_abs() as usize).take(damage.height as usize) {
                if let (Some(to), Some(from)) = (to.get_mut(left..right), from.get(left..right)) {
                    to.copy_from_slice(from);
                }
            }
        }
        buffer.present().map_err(broken)
    }
}
