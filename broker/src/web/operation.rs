//! For the machines that watch the broker: is it alive, does it take new
//! numbers, what has it counted.

use super::Site;
use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use std::{fmt::Write, fs, sync::Arc};

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/healthz", get(|| async { "alive\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
}

/// Why no new numbers are taken.
fn not_ready(site: &Site) -> Option<&'static str> {
    if site.hall.is_stopping() {
        Some("stopping")
    } else if site.hall.recorder.is_failing() {
        Some("the audit trail can't be written")
    } else {
        None
    }
}

async fn ready(State(site): State<Arc<Site>>) -> Response {
    match not_ready(&site) {
        None => "ready\n".into_response(),
        Some(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {why}\n")).into_response(),
    }
}

async fn metrics(State(site): State<Arc<Site>>) -> Response {
    let mut text = site.hall.metrics.text();
    let (numbers, pairs) = site.hall.counts();
    let (certificate_ends_unix_s, _) = site.certificates.end_for_browsers();
    // Never made: 0.
    let last_backup_unix_s = site.store.last_backup().await.ok().flatten().unwrap_or(0);
    let gauges = [
        ("mitblick_ready", "Whether new numbers are taken", i64::from(not_ready(&site).is_none())),
        ("mitblick_numbers_open", "Numbers open", signed(numbers)),
        ("mitblick_numbers_booked", "Numbers booked for appointments", signed(site.hall.booked_count())),
        ("mitblick_pairs", "Pairs alive", signed(pairs)),
        ("mitblick_uptime_seconds", "Time since the start", signed(site.started.elapsed().as_secs())),
        ("mitblick_certificate_end_seconds", "When browsers' certificate ends, since 1970", certificate_ends_unix_s),
        ("mitblick_last_backup_seconds", "When the last backup was made, since 1970; 0 for never", last_backup_unix_s),
        ("mitblick_descriptors_open", "Files and sockets open", signed(open_descriptors())),
        ("mitblick_descriptors_limit", "Files and sockets that may be open", signed(descriptor_limit())),
    ];
    for (name, help, value) in gauges {
        // Writing into a text does not fail.
        let _ = writeln!(text, "# HELP {name} {help}.\n# TYPE {name} gauge\n{name} {value}");
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

fn signed(value: impl TryInto<i64>) -> i64 {
    value.try_into().unwrap_or(i64::MAX)
}

/// Descriptors that this process has open.
pub(super) fn open_descriptors() -> u64 {
    fs::read_dir("/proc/self/fd").map_or(0, |entries| u64::try_from(entries.count()).unwrap_or(u64::MAX))
}

/// Descriptors that it may have open.
pub(super) fn descriptor_limit() -> u64 {
    rustix::process::getrlimit(rustix::process::Resource::Nofile).current.unwrap_or(u64::MAX)
}
