//! Names of the applications that may be shown: nothing is shown that can't be
//! named to the person who shows it.

use super::AppItem;
use mitblick_protocol::session::{ApplicationId, ViewSelection};
use std::collections::BTreeSet;

/// Most names that are kept; nobody opens so many in a session.
const MOST: usize = 4_096;

/// Names by application, in the order of the newest list. An application that is
/// in the list no more, because it has no window at the moment, keeps the name
/// that it had: it is still shown, and has windows again perhaps.
#[derive(Debug, Default)]
pub struct KnownNames(Vec<(ApplicationId, String)>);

impl KnownNames {
    /// This is the newest list.
    pub fn learn(&mut self, listed: &[AppItem]) {
        let before = std::mem::take(&mut self.0);
        let now: BTreeSet<ApplicationId> = listed.iter().map(|item| item.id).collect();
        self.0 = listed.iter().map(|item| (item.id, item.name.clone())).collect();
        self.0.extend(before.into_iter().filter(|(id, _)| !now.contains(id)));
        self.0.truncate(MOST);
    }

    /// What of this has a name, and the names.
    pub fn named(&self, wanted: &BTreeSet<ApplicationId>) -> (ViewSelection, Vec<String>) {
        let (applications, names) = self.0.iter().filter(|(id, _)| wanted.contains(id)).cloned().unzip();
        (ViewSelection { applications }, names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(id: u64, name: &str) -> AppItem {
        AppItem { id: ApplicationId(id), name: name.into(), titles: Vec::new(), icon: None, preview: None }
    }

    fn named(names: &KnownNames, wanted: &[u64]) -> (Vec<u64>, Vec<String>) {
        let (selection, names) = names.named(&wanted.iter().copied().map(ApplicationId).collect());
        (selection.applications.into_iter().map(|id| id.0).collect(), names)
    }

    #[test]
    fn an_application_without_a_window_keeps_its_name_and_one_never_listed_has_none() {
        let mut names = KnownNames::default();
        names.learn(&[item(2, "Mail"), item(1, "Editor")]);
        names.learn(&[item(1, "Editor 2"), item(3, "Browser")]);
        assert_eq!(
            named(&names, &[1, 2, 3, 4]),
            (vec![1, 2, 3], vec!["Editor 2".into(), "Browser".into(), "Mail".into()])
        );
        assert_eq!(named(&names, &[4]), (vec![], vec![]));
    }
}
