//! Windows of applications and their pixels.

use mitblick_protocol::{
    geometry::{Rect, Size},
    peer_msg::{CursorImage, PointerPlace, Scene, SurfaceId},
    session::ApplicationId,
};
use std::time::Duration;

/// Why windows or pixels can't be had.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// There is no display, or no way to it.
    #[error("no display: {0}")]
    NoDisplay(String),
    /// The display lacks something that capture needs.
    #[error("the display server lacks {0}")]
    Missing(&'static str),
    /// The human's consent for this has ended.
    #[error("not permitted")]
    NotPermitted,
    /// This surface has no pixels now (closed, refused); others go on.
    #[error("surface {0:?} is gone")]
    SurfaceGone(SurfaceId),
    /// It broke while working.
    #[error("the connection to the display broke: {0}")]
    Broken(String),
}

/// A picture for the local person alone: icon or preview. Not accepted by
/// anything that sends.
#[derive(Clone, PartialEq, Eq)]
pub struct LocalPicture {
    /// Size in pixels.
    pub size: Size,
    /// `0xAARRGGBB`, not premultiplied, row by row.
    pub pixels: Vec<u32>,
}

impl std::fmt::Debug for LocalPicture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LocalPicture({}x{})", self.size.width, self.size.height)
    }
}

/// A window that a person would recognise as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowInfo {
    /// Which (the id that its surface would have).
    pub id: SurfaceId,
    /// Its title, as the application set it; may be empty.
    pub title: String,
    /// Place on the desktop and size.
    pub rect: Rect,
    /// Whether it is minimised.
    pub minimised: bool,
}

/// An application with at least one window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// Which.
    pub id: ApplicationId,
    /// Its name for people.
    pub name: String,
    /// Its icon, if it has one.
    pub icon: Option<LocalPicture>,
    /// Its windows, top-most first; at least one.
    pub windows: Vec<WindowInfo>,
}

/// The desktop as the local person chooses from it.
pub trait Desktop: Send {
    /// All applications with windows, except this program itself, the desktop
    /// background, panels and the window manager.
    ///
    /// # Errors
    /// See [`CaptureError`].
    fn applications(&mut self) -> Result<Vec<Application>, CaptureError>;

    /// A small picture of a window, at most `limit` large, for the local
    /// person alone.
    ///
    /// # Errors
    /// `SurfaceGone` if there are no pixels (minimised before it was ever
    /// shown, closed).
    fn preview(&mut self, window: SurfaceId, limit: Size) -> Result<LocalPicture, CaptureError>;
}

/// What changed since it was last asked.
#[derive(Debug, Default)]
pub struct Changes {
    /// The new scene, if windows came, went, moved, changed size, stacking,
    /// state or title.
    pub scene: Option<Scene>,
    /// Areas whose pixels may have changed, in surface coordinates. A surface
    /// that is new or has a new size is damaged as a whole.
    pub damage: Vec<(SurfaceId, Rect)>,
    /// Where the pointer is now, if that changed.
    pub pointer: Option<Option<PointerPlace>>,
    /// Its new picture, if that changed.
    pub cursor: Option<CursorImage>,
}

impl Changes {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.scene.is_none() && self.damage.is_empty() && self.pointer.is_none() && self.cursor.is_none()
    }
}

/// Wakes a [`Capture::wait`] from another thread.
pub trait Waker: Send + Sync {
    /// Makes the present or the next `wait` return.
    fn wake(&self);
}

/// Follows the windows of the chosen applications: their own new windows,
/// menus, dialogs and tooltips too; never a window of another application and
/// never one of this program.
pub trait Capture: Send {
    /// Blocks until something may have changed, the waker was woken, or the
    /// timeout is over (`None` = no timeout).
    ///
    /// # Errors
    /// `NotPermitted` once consent has ended, `Broken` if the display is gone.
    fn wait(&mut self, timeout: Option<Duration>) -> Result<(), CaptureError>;

    /// What changed since the last call, without blocking. The first call
    /// gives the whole scene with everything damaged.
    ///
    /// # Errors
    /// As for `wait`.
    fn take_changes(&mut self) -> Result<Changes, CaptureError>;

    /// The present pixels of an area of a surface, from the window's own
    /// buffer: `area.width * area.height` of `0x00RRGGBB`, row by row, put in
    /// place of `out`'s contents. The area must lie inside the surface of the
    /// last scene.
    ///
    /// # Errors
    /// `SurfaceGone` if it has no pixels now or a new size (the next
    /// `take_changes` says more), else as for `wait`.
    fn read(&mut self, surface: SurfaceId, area: Rect, out: &mut Vec<u32>) -> Result<(), CaptureError>;

    /// Wakes `wait`.
    fn waker(&self) -> std::sync::Arc<dyn Waker>;
}
