//! Showing applications of this desktop: what follows and codes their windows,
//! and what lists them to choose from. The customer's program shows by it, and
//! the advisor's while the direction is turned.

mod film;
pub mod listing;
pub mod names;
pub mod run;
pub mod share;

use mitblick_platform::capture::LocalPicture;
use mitblick_protocol::session::ApplicationId;
use std::sync::Arc;

/// One application to choose.
#[derive(Clone, Debug, PartialEq)]
pub struct AppItem {
    /// Which.
    pub id: ApplicationId,
    /// Its name.
    pub name: String,
    /// Titles of its windows, top-most first.
    pub titles: Vec<String>,
    /// Its icon.
    pub icon: Option<Arc<LocalPicture>>,
    /// A small picture of its top-most window.
    pub preview: Option<Arc<LocalPicture>>,
}

impl AppItem {
    /// Whether one of its windows has one of these texts in its title.
    pub fn has_title(&self, texts: &[String]) -> bool {
        self.titles.iter().any(|title| texts.iter().any(|text| title.contains(text.as_str())))
    }
}
