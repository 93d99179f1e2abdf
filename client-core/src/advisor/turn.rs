//! The turned direction at the advisor: asking the customer, choosing what to
//! show, and showing it. What can be wanted and shown of it.

use crate::showing::AppItem;
use mitblick_protocol::session::{ApplicationId, WatcherTurn};

/// What the advisor can want of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdvisorTurn {
    /// Ask the customer whether they want to see something.
    Request,
    /// Take that back, or turn back.
    End,
    /// Show these applications.
    Show(Vec<ApplicationId>),
    /// Show what owns a window whose title contains one of these texts
    /// (automation).
    ShowTitles(Vec<String>),
    /// Choose anew; nothing is shown meanwhile.
    ChooseAgain,
    /// Take the picture away for a while.
    Pause,
    /// Show it again.
    Resume,
}

/// What of it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct TurnView {
    /// As the rules have it.
    pub state: WatcherTurn,
    /// The company's rules do not allow it.
    pub forbidden: bool,
    /// What can be chosen, while it is turned; `None` while it is being listed.
    pub applications: Option<Vec<AppItem>>,
    /// Names of the applications shown.
    pub shown: Vec<String>,
}
