//! A clock that goes on while the computer sleeps.

use std::time::Duration;

/// How long the computer has been on, sleep included: what `Instant` tells on
/// Linux stands still in it, and then times and what is over by them would be
/// wrong.
#[cfg(target_os = "linux")]
pub fn since_boot() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    let part = |value: i64| u64::try_from(value).unwrap_or_default();
    Duration::from_secs(part(now.tv_sec)) + Duration::from_nanos(part(now.tv_nsec))
}

/// How long this program has been on. Whether sleep is included is the system's
/// affair.
#[cfg(not(target_os = "linux"))]
pub fn since_boot() -> Duration {
    use std::{sync::OnceLock, time::Instant};
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_forward() {
        let before = since_boot();
        let looks = (0..100_000_000_u64).take_while(|_| since_boot() < before + Duration::from_millis(2)).count();
        assert!(before > Duration::ZERO && looks > 0 && looks < 100_000_000, "{looks}");
    }
}
