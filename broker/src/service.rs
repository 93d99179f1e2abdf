//! Word to the service manager (`Type=notify`, sd_notify(3)) of how the broker
//! stands. Without a manager nothing is said, and that is no fault.

use sd_notify::NotifyState;
use std::time::Duration;
use tokio::task::JoinHandle;

/// It serves.
pub(crate) fn ready(address: &str) {
    say(&[NotifyState::Ready, NotifyState::Status(address)]);
}

/// It reads its settings again; [`ready`] follows.
pub(crate) fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => say(&[NotifyState::Reloading, now]),
        Err(_) => say(&[NotifyState::Reloading]),
    }
}

/// It was told to stop, and sessions may go on for a while.
pub(crate) fn stopping() {
    say(&[NotifyState::Stopping]);
}

/// Tells the manager's watchdog, if there is one, that tasks get their turn.
/// Must be called within the runtime that it is to watch.
pub(crate) fn watch() -> Option<JoinHandle<()>> {
    // Twice within its patience, as sd_watchdog_enabled(3) asks.
    let every = sd_notify::watchdog_enabled()?.checked_div(2)?.max(Duration::from_millis(1));
    Some(tokio::spawn(async move {
        let mut ticks = tokio::time::interval(every);
        loop {
            ticks.tick().await;
            say(&[NotifyState::Watchdog]);
        }
    }))
}

fn say(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "the service manager could not be told");
    }
}
