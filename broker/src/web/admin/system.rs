//! The broker itself: version, certificate, space, connections.

use super::{guard::Visit, view};
use crate::{
    hall::unix_now,
    metrics::Count,
    release_key::Unsigned,
    web::{Site, layout::notice, operation, texts::Texts},
};
use axum::{extract::State, response::Html};
use maud::{Markup, html};
use std::{fs, sync::Arc};

/// A certificate that ends within so long is worth a warning, in seconds.
const SOON_S: i64 = 30 * 24 * 60 * 60;
/// Less free space than this is worth one too.
const LITTLE_BYTES: u64 = 500_000_000;

/// A backup older than this is worth a third.
const OLD_BACKUP_S: i64 = 7 * 24 * 60 * 60;

pub(super) async fn show(State(site): State<Arc<Site>>, visit: Visit) -> Html<String> {
    let texts = visit.texts();
    let now = i64::try_from(unix_now()).unwrap_or(i64::MAX);
    let (ends, is_given) = site.certificates.end_for_browsers();
    let (numbers, pairs) = site.hall.counts();
    let metrics = &site.hall.metrics;
    let open = metrics.value(Count::Connections).saturating_sub(metrics.value(Count::ConnectionsEnded));
    let disk = rustix::fs::statvfs(&site.data).ok();
    let free = disk.as_ref().map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize));
    let total = disk.as_ref().map(|disk| disk.f_blocks.saturating_mul(disk.f_frsize));
    let database = fs::metadata(site.data.join("broker.sqlite")).map_or(0, |file| file.len());
    let last_backup = site.store.last_backup().await.ok().flatten();
    let old_backup = last_backup.is_none_or(|at| now.saturating_sub(at) > OLD_BACKUP_S);
    let head = site.store.audit_head().await.ok().flatten();
    let offered = site.offer();
    let row = |name: &str, value: Markup| html! { dt { (texts.t(name)) } dd { (value) } };
    let plain = |value: &str| html! { (value) };
    let main = html! {
        h1 { (texts.t("nav-system")) }
        @if site.hall.recorder.is_failing() { (notice("bad", &texts.t("system-audit-failing"))) }
        @if ends.saturating_sub(now) < SOON_S { (notice("warn", &texts.t("system-certificate-soon"))) }
        @if free.is_some_and(|free| free < LITTLE_BYTES) { (notice("warn", &texts.t("system-disk-little"))) }
        @if old_backup { (notice("warn", &texts.t("system-backup-old"))) }
        @if site.backups.is_failing() { (notice("bad", &texts.t("system-backup-failing"))) }
        @if offered.passed_over() > 0 {
            (notice("warn", &texts.t_with("system-passed-over", &[("count", offered.passed_over().into())])))
        }
        @for refused in offered.refused() {
            (notice("bad", &texts.t_with("system-download-refused", &[("file", refused.file.as_str().into()), ("why", texts.t(why(refused.why)).into())])))
        }
        div class="grid" {
            section class="card" {
                h2 { (texts.t("system-broker")) }
                dl class="facts" {
                    (row("system-version", plain(env!("CARGO_PKG_VERSION"))))
                    (row("system-uptime", plain(&view::length(texts, site.started.elapsed().as_secs()))))
                    (row("system-connections", plain(&open.to_string())))
                    (row("system-sessions", plain(&pairs.to_string())))
                    (row("system-numbers", plain(&numbers.to_string())))
                    (row("system-booked", plain(&site.hall.booked_count().to_string())))
                    (row("system-join-failed", plain(&metrics.value(Count::JoinFailed).to_string())))
                    (row("system-logins", plain(&site.logins().count().to_string())))
                    (row("system-descriptors", plain(&format!("{} / {}", operation::open_descriptors(), operation::descriptor_limit()))))
                }
            }
            section class="card" {
                h2 { (texts.t("system-storage")) }
                dl class="facts" {
                    (row("system-folder", html! { code { (site.data.display()) } }))
                    (row("system-free", plain(&match (free, total) {
                        (Some(free), Some(total)) => format!("{} / {}", texts.bytes(free), texts.bytes(total)),
                        _ => "–".to_owned(),
                    })))
                    (row("system-database", plain(&texts.bytes(database))))
                    (row("system-backup", html! {
                        @match last_backup {
                            Some(at) => {
                                (view::time(texts, at)) " "
                                span class=(if old_backup { "badge warn" } else { "badge good" }) {
                                    (texts.t_with(if old_backup { "system-backup-age-old" } else { "system-backup-age" }, &[("age", age(texts, now.saturating_sub(at)).into())]))
                                }
                            }
                            None => span class="badge warn" { (texts.t("system-backup-never")) }
                        }
                    }))
                    (row("system-trail", plain(&head.map_or_else(|| "–".to_owned(), |head| head.seq.to_string()))))
                }
            }
        }
        section class="card" {
            h2 { (texts.t("system-certificate")) }
            dl class="facts" {
                (row("system-certificate-kind", plain(&texts.t(if is_given { "system-certificate-given" } else { "system-certificate-own" }))))
                (row("system-certificate-end", plain(&view::time(texts, ends))))
                (row("system-address", html! { code { (site.connect_string) } }))
            }
            p class="hint" { (texts.t("system-address-hint")) }
            form method="post" action=(visit.reader.link("/system/test")) {
                (view::csrf(&visit))
                button class="quiet" { (texts.t("self-test-button")) }
            }
        }
    };
    view::whole(&site, &visit, &texts.t("nav-system"), true, &main)
}

/// Why a program is not offered.
fn why(unsigned: Unsigned) -> &'static str {
    match unsigned {
        Unsigned::Missing => "unsigned-missing",
        Unsigned::NotUnderstood => "unsigned-not-understood",
        Unsigned::OtherKey => "unsigned-other-key",
        Unsigned::Wrong => "unsigned-wrong",
        Unsigned::OtherFile => "unsigned-other-file",
    }
}

/// Days from two on, else as lengths are told.
fn age(texts: Texts, seconds: i64) -> String {
    let seconds = u64::try_from(seconds).unwrap_or(0);
    match seconds / 86_400 {
        0 | 1 => view::length(texts, seconds),
        days => texts.t_with("length-days", &[("days", days.into())]),
    }
}
