//! Which applications are shared.

use super::owner::Owners;
use mitblick_protocol::session::{ApplicationId, ViewSelection};
use std::collections::BTreeSet;

/// The chosen applications.
#[derive(Debug)]
pub(crate) struct SharedApplications(BTreeSet<ApplicationId>);

impl SharedApplications {
    pub(crate) fn new(selection: &ViewSelection) -> Self {
        Self(selection.applications.clone())
    }

    /// Whether the application is shared; never this program itself.
    pub(crate) fn contains(&self, owners: &Owners, application: ApplicationId) -> bool {
        !owners.is_own(application) && self.0.contains(&application)
    }

    /// Ends the sharing of an application for this capture.
    pub(crate) fn remove(&mut self, application: ApplicationId) {
        self.0.remove(&application);
    }
}
