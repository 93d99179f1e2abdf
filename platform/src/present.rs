//! A pane of pixels inside one of this program's own windows, shown without
//! the graphics library that paints the rest of that window. Where that
//! library draws in software, a changed line of text would cost a repaint of
//! all of it.

use crate::overlay::NativeWindow;
use mitblick_protocol::{
    geometry::{Rect, Size},
    peer_msg::CursorImage,
};

/// Why pixels can't be shown this way.
#[derive(Debug, thiserror::Error)]
pub enum PresentError {
    /// It can't work on this system as it is.
    #[error("no pane can be shown here: {0}")]
    NotAvailable(String),
    /// It worked and does no longer: the display or the window is gone.
    #[error("the pane broke: {0}")]
    Broken(String),
}

/// The pane. It belongs to the window that it was opened in and lies above
/// all that is painted there. Pointer and keyboard go through to that window.
/// Dropping it takes it away.
pub trait Pane: Send {
    /// Its size in pixels, as of the last [`Pane::arrange`].
    fn size(&self) -> Size;

    /// Where it lies in its window, in pixels, and which parts of it are to be
    /// seen, in pixels from its own left top corner; where there are none, the
    /// window itself is seen. No parts at all hide it.
    ///
    /// Takes effect with the next [`Pane::draw`], which after a new size must
    /// draw all of it, so that nothing unfinished is ever seen.
    ///
    /// # Errors
    /// See [`PresentError`].
    fn arrange(&mut self, place: Rect, open: &[Rect]) -> Result<(), PresentError>;

    /// Lets `draw` change the pixels (`0x00RRGGBB`, row by row, those of the
    /// last time still there) and shows these areas of them. Waits for nothing
    /// that the display does.
    ///
    /// # Errors
    /// See [`PresentError`].
    fn draw(&mut self, areas: &[Rect], draw: &mut dyn FnMut(&mut [u32])) -> Result<(), PresentError>;

    /// The pointer's picture over the pane; `None` = as over the window.
    ///
    /// # Errors
    /// See [`PresentError`].
    fn set_cursor(&mut self, cursor: Option<&CursorImage>) -> Result<(), PresentError>;
}

/// Opens a pane in a window of this program, hidden at first.
///
/// # Errors
/// `NotAvailable` where this system has no such thing.
pub fn open(window: NativeWindow) -> Result<Box<dyn Pane>, PresentError> {
    #[cfg(target_os = "linux")]
    return crate::x11::open_pane(None, window);
    #[cfg(not(target_os = "linux"))]
    return Err(PresentError::NotAvailable(format!("for window {}", window.0)));
}

/// Whether this OpenGL draws in software, by the name of its renderer. The
/// context must be current.
pub fn draws_in_software(gl: &glow::Context) -> bool {
    use glow::HasContext as _;
    // SAFETY: asks a current context for a constant text; nothing is passed in.
    let name = unsafe { gl.get_parameter_string(glow::RENDERER) };
    tracing::info!(renderer = name, "OpenGL");
    is_software(&name)
}

fn is_software(renderer: &str) -> bool {
    let renderer = renderer.to_lowercase();
    ["llvmpipe", "softpipe", "swrast", "software", "swiftshader", "gdi generic"]
        .into_iter()
        .any(|name| renderer.contains(name))
}

#[cfg(test)]
mod tests {
    #[test]
    fn renderers_without_graphics_hardware_are_known_by_name() {
        for (name, software) in [
            ("llvmpipe (LLVM 15.0.6, 256 bits)", true),
            ("softpipe", true),
            ("Software Rasterizer", true),
            ("Google SwiftShader", true),
            ("GDI Generic", true),
            ("Mesa Intel(R) UHD Graphics 620 (KBL GT2)", false),
            ("NVIDIA GeForce RTX 3060/PCIe/SSE2", false),
            ("virgl (Mesa Intel(R) Graphics)", false),
        ] {
            assert_eq!(super::is_software(name), software, "{name}");
        }
    }
}
