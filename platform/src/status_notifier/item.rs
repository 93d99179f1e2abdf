//! `org.kde.StatusNotifierItem`: the picture, what is said beside it, and the
//! click on it.

use super::{MENU_PATH, Shared};
use crate::tray::{TrayChoice, TrayPicture};
use std::sync::Arc;
use zbus::{object_server::SignalEmitter, zvariant::ObjectPath};

/// Width, height, and ARGB in the order of the network.
type Pixmap = (i32, i32, Vec<u8>);

pub(super) struct Item(pub(super) Arc<Shared>);

fn pixmaps(pictures: &[TrayPicture]) -> Vec<Pixmap> {
    pictures.iter().map(|picture| (picture.size_px.into(), picture.size_px.into(), picture.argb.clone())).collect()
}

/// What is said below the title may hold markup; ours holds names of people
/// and programs.
fn plain(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[zbus::interface(name = "org.kde.StatusNotifierItem", spawn = false)]
impl Item {
    fn activate(&self, _x: i32, _y: i32) {
        self.0.choose(TrayChoice::Open);
    }

    fn secondary_activate(&self, _x: i32, _y: i32) {
        self.0.choose(TrayChoice::Open);
    }

    fn context_menu(&self, _x: i32, _y: i32) -> zbus::fdo::Result<()> {
        Err(zbus::fdo::Error::NotSupported("the menu is for the tray to show".to_owned()))
    }

    fn scroll(&self, _delta: i32, _orientation: &str) {}

    #[zbus(property)]
    fn category(&self) -> &str {
        "Communications"
    }

    #[zbus(property)]
    fn id(&self) -> String {
        self.0.name.clone()
    }

    #[zbus(property)]
    fn title(&self) -> String {
        self.0.seen().look.title.clone()
    }

    /// Never hidden: other values may be.
    #[zbus(property)]
    fn status(&self) -> &str {
        "Active"
    }

    #[zbus(property)]
    fn window_id(&self) -> i32 {
        0
    }

    #[zbus(property)]
    fn item_is_menu(&self) -> bool {
        false
    }

    #[zbus(property)]
    fn menu(&self) -> ObjectPath<'static> {
        ObjectPath::from_static_str_unchecked(MENU_PATH)
    }

    #[zbus(property)]
    fn icon_name(&self) -> &str {
        ""
    }

    #[zbus(property)]
    fn icon_theme_path(&self) -> &str {
        ""
    }

    #[zbus(property)]
    fn icon_pixmap(&self) -> Vec<Pixmap> {
        pixmaps(&self.0.seen().look.pictures)
    }

    #[zbus(property)]
    fn overlay_icon_name(&self) -> &str {
        ""
    }

    #[zbus(property)]
    fn overlay_icon_pixmap(&self) -> Vec<Pixmap> {
        Vec::new()
    }

    #[zbus(property)]
    fn attention_icon_name(&self) -> &str {
        ""
    }

    #[zbus(property)]
    fn attention_icon_pixmap(&self) -> Vec<Pixmap> {
        Vec::new()
    }

    #[zbus(property)]
    fn attention_movie_name(&self) -> &str {
        ""
    }

    #[zbus(property)]
    fn tool_tip(&self) -> (String, Vec<Pixmap>, String, String) {
        let look = self.0.seen().look;
        (String::new(), Vec::new(), look.title.clone(), plain(&look.details))
    }

    #[zbus(signal)]
    pub(super) async fn new_title(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;

    #[zbus(signal)]
    pub(super) async fn new_icon(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;

    #[zbus(signal)]
    pub(super) async fn new_tool_tip(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_no_markup() {
        assert_eq!(plain("<b>Tom & Co</b>"), "&lt;b&gt;Tom &amp; Co&lt;/b&gt;");
    }
}
