//! Counters of what happened, without names, numbers or addresses.

use std::sync::atomic::{AtomicU64, Ordering};

/// One thing that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// Connections let in.
    Connections,
    /// Connections that are over, every one that was let in exactly once.
    ConnectionsEnded,
    /// Connections turned away by a limit before TLS.
    TurnedAway,
    /// TLS handshakes that failed or took too long.
    HandshakesFailed,
    /// Connections ended because they broke the protocol.
    BadInput,
    /// Connections ended because they said nothing valid in time.
    TooLate,
    /// Connections ended because they were silent or took no bytes.
    Stalled,
    /// Advisors signed in.
    SignedIn,
    /// Sign-ins with a wrong name or password.
    SignInFailed,
    /// Sign-ins not looked at because of a lock.
    SignInLimited,
    /// Numbers opened.
    NumbersOpened,
    /// Joins that found their number.
    Paired,
    /// Joins that found nobody.
    JoinFailed,
    /// Joins not looked at because of a limit of their source.
    JoinLimited,
    /// Joins not looked at because the budget of all together is used up.
    JoinLimitedForAll,
    /// Numbers burned by a wrong proof.
    Burned,
    /// Bytes relayed.
    RelayedBytes,
    /// Times that a reader had to wait for the other side.
    RelayWaits,
    /// Times that the store failed.
    StoreFailed,
    /// Times that audit records could not be written.
    AuditFailed,
    /// Sign-ins refused although the password was right.
    SignInRefused,
}

const ALL: [(Count, &str); 21] = [
    (Count::Connections, "connections_total"),
    (Count::ConnectionsEnded, "connections_ended_total"),
    (Count::TurnedAway, "connections_turned_away_total"),
    (Count::HandshakesFailed, "tls_handshakes_failed_total"),
    (Count::BadInput, "bad_input_total"),
    (Count::TooLate, "deadline_missed_total"),
    (Count::Stalled, "stalled_total"),
    (Count::SignedIn, "signed_in_total"),
    (Count::SignInFailed, "sign_in_failed_total"),
    (Count::SignInLimited, "sign_in_limited_total"),
    (Count::NumbersOpened, "numbers_opened_total"),
    (Count::Paired, "paired_total"),
    (Count::JoinFailed, "join_failed_total"),
    (Count::JoinLimited, "join_limited_total"),
    (Count::JoinLimitedForAll, "join_limited_for_all_total"),
    (Count::Burned, "numbers_burned_total"),
    (Count::RelayedBytes, "relayed_bytes_total"),
    (Count::RelayWaits, "relay_waits_total"),
    (Count::StoreFailed, "store_failed_total"),
    (Count::AuditFailed, "audit_failed_total"),
    (Count::SignInRefused, "sign_in_refused_total"),
];

/// The counters.
#[derive(Debug, Default)]
pub struct Metrics {
    values: [AtomicU64; ALL.len()],
}

impl Metrics {
    /// Counts one.
    pub fn count(&self, what: Count) {
        self.add(what, 1);
    }

    /// Counts many.
    pub fn add(&self, what: Count, many: u64) {
        if let Some(value) = self.values.get(what as usize) {
            value.fetch_add(many, Ordering::Relaxed);
        }
    }

    /// How many so far.
    pub fn value(&self, what: Count) -> u64 {
        self.values.get(what as usize).map_or(0, |value| value.load(Ordering::Relaxed))
    }

    /// All counters in Prometheus' text form.
    pub fn text(&self) -> String {
        let line = |(what, name)| format!("# TYPE mitblick_{name} counter\nmitblick_{name} {}\n", self.value(what));
        ALL.into_iter().map(line).collect()
    }
}
