//! The session machine: who may see and do what, decided at the shower.

mod permit;

pub use permit::{Gate, Permitted};

use alloc::collections::BTreeSet;

/// An application on the shower's desktop: all windows of one process, as the
/// system itself tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ApplicationId(pub u32);

/// The applications that the human at the shower chose to show.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ViewSelection {
    /// Chosen by hand, never empty in a grant.
    pub applications: BTreeSet<ApplicationId>,
}
