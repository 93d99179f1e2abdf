//! What the windows of both programs share: look, wording, small widgets.
//! Everything here is a pure function of its arguments and egui's own state.

pub mod applications;
pub mod attention;
pub mod button;
pub mod desktop;
pub mod faces;
pub mod format;
pub mod guard;
pub mod hand;
pub mod icons;
pub mod look;
pub mod page;
pub mod panels;
pub mod pictures;
pub mod shown;
pub mod textures;
pub mod theme;
pub mod together;
pub mod widgets;
pub mod wording;
pub mod zoom;

pub use button::{ActionButton, ButtonKind};
pub use icons::Icon;
pub use page::{page, page_with_foot};
pub use theme::{Palette, install, palette};
