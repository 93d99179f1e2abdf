//! Counters of what happened, without names, numbers or addresses.

use std::sync::atomic::{AtomicU64, Ordering};

/// One thing that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// Connections let in.
    Connections,
    /// Connections that are over, every one that was let in exactly once.
    ConnectionsEnded,
    /// Connections turned away before TLS: too many open ones of their source.
    TurnedAwayOpen,
    /// Connections turned away before TLS: too many new ones of their source.
    TurnedAwayFast,
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
    /// Sessions that went on after a cut.
    Resumed,
    /// Tries to resume a session that is over or whose other side did not come.
    ResumeFailed,
    /// Customers who came for an appointment and had to wait for it.
    JoinWaits,
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
    /// Browsers turned away: as many as are served are there.
    WebTooMany,
    /// Browsers' connections ended because nothing moved on them.
    WebStalled,
    /// Pages and files given to browsers.
    WebAnswered,
    /// Requests for what is not there, or not there for this person.
    WebRefused,
    /// Requests refused because they did not come from our own pages.
    WebForged,
    /// Sessions ended on the admin pages.
    EndedByAdmin,
    /// Times that the configuration was read anew.
    Reloaded,
    /// Times that a new configuration was bad and the old one stayed.
    ReloadFailed,
    /// Sign-ins refused although the password was right.
    SignInRefused,
    /// Advisors signed out because account or workplace may not be any more.
    SignedOut,
    /// Connections closed because they began with a proxy's header.
    ProxyHeader,
    /// Backups that the broker made by itself.
    BackupsMade,
    /// Tries of the broker to make one that failed.
    BackupFailed,
    /// Certificates for browsers that an authority has given.
    CertificateRenewed,
    /// Tries to get one that failed.
    CertificateNotRenewed,
    /// Times that old entries of the audit trail could not be removed.
    AuditCutFailed,
    /// Times that the audit trail's head could not be kept in its file.
    HeadFileFailed,
    /// Times that it could not be sent to the log server.
    SyslogFailed,
    /// Programs that were not offered because of their signatures.
    DownloadRefused,
}

/// Everything dropped or refused, by its reason.
const REFUSED: &str = "mitblick_refused_total";

/// What is counted, in which family, and the reason if it was a refusal. In
/// the order of [`Count`].
const ALL: [(Count, &str, &str); 43] = [
    (Count::Connections, "mitblick_connections_total", ""),
    (Count::ConnectionsEnded, "mitblick_connections_ended_total", ""),
    (Count::TurnedAwayOpen, REFUSED, "connections_open"),
    (Count::TurnedAwayFast, REFUSED, "connections_too_fast"),
    (Count::HandshakesFailed, REFUSED, "tls_handshake"),
    (Count::BadInput, REFUSED, "bad_input"),
    (Count::TooLate, REFUSED, "deadline"),
    (Count::Stalled, REFUSED, "stalled"),
    (Count::SignedIn, "mitblick_signed_in_total", ""),
    (Count::SignInFailed, REFUSED, "sign_in_wrong"),
    (Count::SignInLimited, REFUSED, "sign_in_locked"),
    (Count::NumbersOpened, "mitblick_numbers_opened_total", ""),
    (Count::Paired, "mitblick_paired_total", ""),
    (Count::Resumed, "mitblick_sessions_resumed_total", ""),
    (Count::ResumeFailed, REFUSED, "resume_failed"),
    (Count::JoinWaits, "mitblick_joins_waiting_total", ""),
    (Count::JoinFailed, REFUSED, "join_nobody_there"),
    (Count::JoinLimited, REFUSED, "join_limit_of_source"),
    (Count::JoinLimitedForAll, REFUSED, "join_limit_of_all"),
    (Count::Burned, REFUSED, "number_burned"),
    (Count::RelayedBytes, "mitblick_relayed_bytes_total", ""),
    (Count::RelayWaits, "mitblick_relay_waits_total", ""),
    (Count::StoreFailed, REFUSED, "store_failed"),
    (Count::AuditFailed, REFUSED, "audit_failed"),
    (Count::WebTooMany, REFUSED, "web_too_many"),
    (Count::WebStalled, REFUSED, "web_stalled"),
    (Count::WebAnswered, "mitblick_web_answered_total", ""),
    (Count::WebRefused, REFUSED, "web_request"),
    (Count::WebForged, REFUSED, "web_forged"),
    (Count::EndedByAdmin, "mitblick_sessions_ended_by_admin_total", ""),
    (Count::Reloaded, "mitblick_reloads_total", ""),
    (Count::ReloadFailed, REFUSED, "reload"),
    (Count::SignInRefused, REFUSED, "sign_in_not_admitted"),
    (Count::SignedOut, REFUSED, "signed_out"),
    (Count::ProxyHeader, REFUSED, "proxy_header"),
    (Count::BackupsMade, "mitblick_backups_total", ""),
    (Count::BackupFailed, REFUSED, "backup"),
    (Count::CertificateRenewed, "mitblick_certificates_renewed_total", ""),
    (Count::CertificateNotRenewed, REFUSED, "certificate"),
    (Count::AuditCutFailed, REFUSED, "audit_cut"),
    (Count::HeadFileFailed, REFUSED, "audit_head_file"),
    (Count::SyslogFailed, REFUSED, "audit_syslog"),
    (Count::DownloadRefused, REFUSED, "download_signature"),
];

/// Families with a word of what they count.
const FAMILIES: [(&str, &str); 15] = [
    ("mitblick_connections_total", "Connections let in"),
    ("mitblick_connections_ended_total", "Connections that are over"),
    ("mitblick_signed_in_total", "Sign-ins of advisors and on the admin pages"),
    ("mitblick_numbers_opened_total", "Session numbers opened"),
    ("mitblick_paired_total", "Joins that found their number"),
    ("mitblick_joins_waiting_total", "Customers who waited for their appointment to be opened"),
    ("mitblick_sessions_resumed_total", "Sessions that went on after a cut"),
    ("mitblick_relayed_bytes_total", "Bytes relayed between paired programs"),
    ("mitblick_relay_waits_total", "Times that a reader waited for the other side"),
    ("mitblick_web_answered_total", "Pages and files given to browsers"),
    ("mitblick_sessions_ended_by_admin_total", "Sessions ended on the admin pages"),
    ("mitblick_reloads_total", "Times that the configuration was read anew"),
    ("mitblick_backups_total", "Backups that the broker made by itself"),
    ("mitblick_certificates_renewed_total", "Certificates for browsers that an authority has given"),
    (REFUSED, "Everything dropped or refused, by its reason"),
];

/// The counters.
#[derive(Debug)]
pub struct Metrics {
    values: [AtomicU64; ALL.len()],
}

impl Default for Metrics {
    fn default() -> Self {
        Self { values: std::array::from_fn(|_| AtomicU64::new(0)) }
    }
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
        let mut text = String::new();
        for (family, help) in FAMILIES {
            text.push_str(&format!("# HELP {family} {help}.\n# TYPE {family} counter\n"));
            for (what, _, reason) in ALL.iter().filter(|(_, of, _)| *of == family) {
                let value = self.value(*what);
                text.push_str(&match *reason {
                    "" => format!("{family} {value}\n"),
                    reason => format!("{family}{{reason=\"{reason}\"}} {value}\n"),
                });
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_count_is_shown_once_and_every_refusal_has_its_own_reason() {
        let metrics = Metrics::default();
        for (index, (what, family, _)) in ALL.iter().enumerate() {
            assert_eq!(*what as usize, index, "{what:?} is out of order");
            assert!(FAMILIES.iter().any(|(known, _)| known == family), "{family}");
            metrics.add(*what, 1_000 + index as u64);
        }
        let text = metrics.text();
        for (index, (_, _, reason)) in ALL.iter().enumerate() {
            let value = format!(" {}\n", 1_000 + index);
            assert_eq!(text.matches(&value).count(), 1, "{value}");
            assert!(reason.is_empty() || text.matches(&format!("\"{reason}\"")).count() == 1, "{reason}");
        }
    }
}
