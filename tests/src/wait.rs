//! Waiting for something, with a reason and a deadline.

use std::{
    thread,
    time::{Duration, Instant},
};

/// How long anything may take before it counts as hung. Generous: the machine
/// may be small and busy, and no test measures time with it.
pub const PATIENCE: Duration = Duration::from_secs(40);

/// How often a condition is looked at again.
const LOOK_AGAIN: Duration = Duration::from_millis(8);

/// Asks until the answer is there.
///
/// # Panics
/// After [`PATIENCE`], naming what was waited for.
#[track_caller]
pub fn until<T>(what: &str, ask: impl FnMut() -> Option<T>) -> T {
    match within(PATIENCE, ask) {
        Some(answer) => answer,
        None => panic!("waited {} s in vain until {what}", PATIENCE.as_secs()),
    }
}

/// Asks until the answer is there or the time is over.
pub fn within<T>(time: Duration, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let end = Instant::now() + time;
    loop {
        if let Some(answer) = ask() {
            return Some(answer);
        }
        if Instant::now() >= end {
            return None;
        }
        thread::sleep(LOOK_AGAIN);
    }
}
