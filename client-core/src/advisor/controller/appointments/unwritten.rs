//! Changes of the list of appointments that its file does not have yet: on
//! their way to it, or to be tried again because it could not be written.
//! Until they are there, what is read from the file is shown with them.

use crate::appointments::{AppointmentChange, Appointments};
use mitblick_protocol::time::Moment;
use std::{sync::Arc, time::Duration};

/// A file that could not be written is tried again after so long.
const AGAIN_AFTER: Duration = Duration::from_secs(30);

#[derive(Default)]
pub(super) struct Unwritten {
    on_the_way: Vec<AppointmentChange>,
    failed: Vec<AppointmentChange>,
    again_at: Option<Moment>,
}

impl Unwritten {
    /// This one is on its way.
    pub(super) fn sent(&mut self, change: AppointmentChange) {
        self.on_the_way.push(change);
    }

    /// It is in the file.
    pub(super) fn written(&mut self, change: &AppointmentChange) {
        self.arrived(change);
    }

    /// It could not be written. What takes something away is tried again: in
    /// the file there may be digits that must not be used any more.
    pub(super) fn failed(&mut self, change: AppointmentChange, now: Moment) {
        self.arrived(&change);
        if takes_away(&change) {
            self.failed.push(change);
            self.again_at = Some(now.after(AGAIN_AFTER));
        }
    }

    fn arrived(&mut self, change: &AppointmentChange) {
        if let Some(at) = self.on_the_way.iter().position(|sent| sent == change) {
            self.on_the_way.remove(at);
        }
    }

    /// When to try again.
    pub(super) fn due(&self) -> Option<Moment> {
        self.again_at
    }

    /// What is to be tried again now.
    pub(super) fn again(&mut self, now: Moment) -> Vec<AppointmentChange> {
        match self.again_at.take_if(|at| *at <= now) {
            Some(_) => std::mem::take(&mut self.failed),
            None => Vec::new(),
        }
    }

    /// A list that was read from the file, without what has been taken away.
    pub(super) fn applied_to(&self, list: &mut Arc<Appointments>, unix_s: u64) {
        for change in self.failed.iter().chain(&self.on_the_way).filter(|change| takes_away(change)) {
            Arc::make_mut(list).apply(change.clone(), unix_s);
        }
    }
}

fn takes_away(change: &AppointmentChange) -> bool {
    match change {
        AppointmentChange::Ended(..) | AppointmentChange::Remove(_) => true,
        AppointmentChange::Age | AppointmentChange::Add(_) => false,
    }
}
