//! Which applications are shared, held to what was chosen: a process number
//! that is used again later is another application.

use super::owner::Owners;
use mitblick_protocol::session::{ApplicationId, ViewSelection};
use std::collections::BTreeMap;

/// The chosen applications and when their processes began.
#[derive(Debug)]
pub(crate) struct SharedApplications {
    began: BTreeMap<ApplicationId, Option<u64>>,
}

impl SharedApplications {
    pub(crate) fn new(selection: &ViewSelection) -> Self {
        Self { began: selection.applications.iter().map(|&id| (id, process_began(id))).collect() }
    }

    /// Whether the application is shared; never this program itself.
    pub(crate) fn contains(&self, owners: &Owners, application: ApplicationId) -> bool {
        !owners.is_own(application)
            && self.began.get(&application).is_some_and(|&began| began == process_began(application))
    }

    /// Ends the sharing of an application for this capture.
    pub(crate) fn remove(&mut self, application: ApplicationId) {
        self.began.remove(&application);
    }
}

/// When the process began, in clock ticks since the system did; `None` where
/// that can't be known. Field 22 of `/proc/<pid>/stat`, see proc(5).
fn process_began(application: ApplicationId) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", application.0)).ok()?;
    // The second field is the program's name in brackets and may hold anything.
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_ascii_whitespace().nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_has_a_beginning_that_stays() {
        let own = ApplicationId(std::process::id());
        assert!(process_began(own).is_some());
        assert_eq!(process_began(own), process_began(own));
        assert_eq!(process_began(ApplicationId(u32::MAX)), None);
    }
}
