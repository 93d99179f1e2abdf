//! The audit trail, filtered, and its export.

use super::{guard::Visit, rules, view};
use crate::{
    audit::{Action, Actor, Entry, Format, Record, export},
    metrics::Count,
    store::{AuditSearch, Start, StoreError},
    web::{Site, layout::notice, texts::Texts},
};
use axum::{
    body::Body,
    extract::State,
    http::{HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use jiff::{civil::Date, tz::TimeZone};
use maud::html;
use std::sync::Arc;

/// Entries on a page.
const PAGE: u32 = 50;
/// Entries read at once for an export.
const EXPORT_PAGE: u32 = 1_000;
/// Entries in one export: what a browser keeps in memory is bounded.
const MOST_EXPORTED: usize = 200_000;

/// Every action with the key of its name.
const ACTIONS: [(&str, &str); 38] = [
    ("broker_started", "action-broker-started"),
    ("broker_stopped", "action-broker-stopped"),
    ("sign_in", "action-sign-in"),
    ("number_burned", "action-number-burned"),
    ("number_booked", "action-number-booked"),
    ("booking_cancelled", "action-booking-cancelled"),
    ("session_began", "action-session-began"),
    ("session_resumed", "action-session-resumed"),
    ("session_ended", "action-session-ended"),
    ("session_stopped", "action-session-stopped"),
    ("account_added", "action-account-added"),
    ("account_removed", "action-account-removed"),
    ("account_blocked", "action-account-blocked"),
    ("account_unblocked", "action-account-unblocked"),
    ("password_set", "action-password-set"),
    ("password_changed", "action-password-changed"),
    ("role_changed", "action-role-changed"),
    ("main_user_handed_over", "action-main-user-handed-over"),
    ("paper_code_made", "action-paper-code-made"),
    ("profile_changed", "action-profile-changed"),
    ("portrait_set", "action-portrait-set"),
    ("portrait_removed", "action-portrait-removed"),
    ("pages_sign_in", "action-pages-sign-in"),
    ("pages_sign_out", "action-pages-sign-out"),
    ("audit_exported", "action-audit-exported"),
    ("joins_failed", "action-joins-failed"),
    ("sign_in_taken_over", "action-sign-in-taken-over"),
    ("workplace_asked", "action-workplace-asked"),
    ("workplace_approved", "action-workplace-approved"),
    ("workplace_refused", "action-workplace-refused"),
    ("workplace_forgotten", "action-workplace-forgotten"),
    ("second_factor_set", "action-second-factor-set"),
    ("second_factor_removed", "action-second-factor-removed"),
    ("recovery_codes_made", "action-recovery-codes-made"),
    ("recovery_code_used", "action-recovery-code-used"),
    ("rules_changed", "action-rules-changed"),
    ("backup_made", "action-backup-made"),
    ("audit_cut", "action-audit-cut"),
];

const OUTCOMES: [(&str, &str); 9] = [
    ("done", "outcome-done"),
    ("wrong_password", "outcome-wrong-password"),
    ("initial_password", "outcome-initial-password"),
    ("wrong_role", "outcome-wrong-role"),
    ("blocked", "outcome-blocked"),
    ("ended_with_broker", "outcome-ended-with-broker"),
    ("wrong_code", "outcome-wrong-code"),
    ("workplace_refused", "outcome-workplace-refused"),
    ("forged_approval", "outcome-forged-approval"),
];

/// The name of a word of the trail; the word itself if a newer version wrote
/// it.
fn named(texts: Texts, known: &[(&str, &str)], word: &str) -> String {
    known.iter().find(|(of, _)| *of == word).map_or_else(|| word.to_owned(), |(_, key)| texts.t(key))
}

/// Actors and objects for people; what a newer version wrote as it is.
fn who(texts: Texts, text: &str) -> String {
    let words = text.split(' ').map(|word| {
        if let Some(name) = word.strip_prefix("account:") {
            name.to_owned()
        } else if let Some(number) = word.strip_prefix("session:") {
            texts.t_with("object-session", &[("number", number.into())])
        } else if let Some(role) = word.strip_prefix("role:").and_then(|role| role.parse().ok()) {
            format!("({})", view::role(texts, role))
        } else {
            word.to_owned()
        }
    });
    match text {
        "broker" => texts.t("actor-broker"),
        "command line" => texts.t("actor-command-line"),
        "stranger" => texts.t("actor-stranger"),
        _ => rules::told(texts, text).unwrap_or_else(|| words.collect::<Vec<_>>().join(" ")),
    }
}

/// What is asked for, as it was typed.
#[derive(Clone, Debug, Default)]
struct Filter {
    from: String,
    to: String,
    name: String,
    action: String,
    outcome: String,
}

impl Filter {
    fn of(uri: &Uri) -> Self {
        let get = |name| super::query(uri, name).map(|text| text.chars().take(100).collect()).unwrap_or_default();
        Self { from: get("from"), to: get("to"), name: get("name"), action: get("action"), outcome: get("outcome") }
    }

    /// Days are those of this machine's clock, the last one included.
    fn search(&self) -> AuditSearch {
        let begin = |text: &str, days: i64| {
            let day: Date = text.parse().ok()?;
            let day = day.checked_add(jiff::Span::new().days(days)).ok()?;
            Some(day.to_zoned(TimeZone::system()).ok()?.timestamp().as_second())
        };
        let given = |text: &str| Some(text.trim().to_lowercase()).filter(|text| !text.is_empty());
        AuditSearch {
            since_unix_s: begin(&self.from, 0),
            until_unix_s: begin(&self.to, 1),
            name: given(&self.name),
            action: given(&self.action),
            outcome: given(&self.outcome),
        }
    }

    fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("from", &self.from),
            ("to", &self.to),
            ("name", &self.name),
            ("action", &self.action),
            ("outcome", &self.outcome),
        ] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        query.finish()
    }
}

fn select(texts: Texts, name: &str, label: &str, known: &[(&str, &str)], chosen: &str) -> maud::Markup {
    html! {
        label { (texts.t(label))
            select name=(name) {
                option value="" { (texts.t("audit-any")) }
                @for (word, key) in known { option value=(word) selected[*word == chosen] { (texts.t(key)) } }
            }
        }
    }
}

pub(super) async fn list(State(site): State<Arc<Site>>, visit: Visit, uri: Uri) -> Response {
    let texts = visit.texts();
    let filter = Filter::of(&uri);
    let before = super::query(&uri, "before").and_then(|text| text.parse().ok()).unwrap_or(u64::MAX);
    let entries = match site.store.audit_search(&filter.search(), Start::Before(before), PAGE).await {
        Ok(entries) => entries,
        Err(error) => return failed(&site, &visit, &error),
    };
    let cut = match site.store.audit_cut().await {
        Ok(cut) => cut,
        Err(error) => return failed(&site, &visit, &error),
    };
    let language = if visit.reader.chosen { format!("lang={}&", visit.reader.language.tag()) } else { String::new() };
    let query = filter.query();
    let older = entries.last().filter(|_| entries.len() >= usize::try_from(PAGE).unwrap_or(usize::MAX));
    let main = html! {
        h1 { (texts.t("nav-audit")) }
        section class="card" {
            form class="row" method="get" action="/audit" {
                @if visit.reader.chosen { input type="hidden" name="lang" value=(visit.reader.language.tag()); }
                label { (texts.t("audit-from")) input type="date" name="from" value=(filter.from); }
                label { (texts.t("audit-to")) input type="date" name="to" value=(filter.to); }
                label { (texts.t("audit-who")) input name="name" value=(filter.name) autocapitalize="none" spellcheck="false"; }
                (select(texts, "action", "audit-action", &ACTIONS, &filter.action))
                (select(texts, "outcome", "audit-outcome", &OUTCOMES, &filter.outcome))
                button { (texts.t("audit-filter")) }
            }
            p class="actions" {
                a class="button quiet" href=(format!("/audit/export?format=csv&{query}")) { (texts.t("audit-csv")) }
                a class="button quiet" href=(format!("/audit/export?format=json&{query}")) { (texts.t("audit-json")) }
            }
        }
        @if let Some(cut) = cut {
            (notice("info", &texts.t_with("audit-cut", &[
                ("number", cut.last.seq.to_string().into()),
                ("time", view::time(texts, cut.at_unix_s).into()),
            ])))
        }
        @if entries.is_empty() {
            div class="card" { p class="muted" { (texts.t("audit-none")) } }
        } @else {
            div class="card scroll" {
                table class="stacked" {
                    thead { tr {
                        th class="number" { (texts.t("audit-number")) }
                        th { (texts.t("audit-time")) }
                        th { (texts.t("audit-actor")) }
                        th { (texts.t("audit-action")) }
                        th { (texts.t("audit-object")) }
                        th { (texts.t("audit-outcome")) }
                        th { (texts.t("audit-counts")) }
                    } }
                    tbody { @for entry in &entries { (row(texts, entry)) } }
                }
            }
        }
        @if let Some(older) = older {
            p { a class="button quiet" href=(format!("/audit?{language}{query}&before={}", older.seq)) { (texts.t("audit-older")) } }
        }
        p class="hint" { (texts.t("audit-hint")) }
    };
    view::whole(&site, &visit, &texts.t("nav-audit"), true, &main).into_response()
}

fn row(texts: Texts, entry: &Entry) -> maud::Markup {
    let well = entry.outcome == "done";
    html! {
        tr {
            td class="number" data-name=(texts.t("audit-number")) { (entry.seq) }
            td class="nowrap" data-name=(texts.t("audit-time")) { (view::time(texts, entry.at_unix_s)) }
            td data-name=(texts.t("audit-actor")) { (who(texts, &entry.actor)) }
            td data-name=(texts.t("audit-action")) { (named(texts, &ACTIONS, &entry.action)) }
            td data-name=(texts.t("audit-object")) { (who(texts, &entry.object)) }
            td data-name=(texts.t("audit-outcome")) {
                @if well { (named(texts, &OUTCOMES, &entry.outcome)) } @else { span class="badge bad" { (named(texts, &OUTCOMES, &entry.outcome)) } }
            }
            td data-name=(texts.t("audit-counts")) { @if !entry.counts.is_empty() { code { (entry.counts) } } }
        }
    }
}

pub(super) async fn download(State(site): State<Arc<Site>>, visit: Visit, uri: Uri) -> Response {
    let (format, kind, ending) = match super::query(&uri, "format").as_deref() {
        Some("json") => (Format::Json, "application/x-ndjson", "jsonl"),
        _ => (Format::Csv, "text/csv; charset=utf-8", "csv"),
    };
    let search = Filter::of(&uri).search();
    let (mut text, mut seq, mut count) = (Vec::new(), 0, 0);
    let line = match site.store.audit_cut().await {
        Ok(cut) => cut.map(|cut| cut.line()),
        Err(error) => return failed(&site, &visit, &error),
    };
    let unwritable = || view::refusal(&site, &visit.reader, StatusCode::INTERNAL_SERVER_ERROR, "refused-store");
    if export(line.as_slice(), format, true, &mut text).is_err() {
        return unwritable();
    }
    loop {
        let entries = match site.store.audit_search(&search, Start::After(seq), EXPORT_PAGE).await {
            Ok(entries) => entries,
            Err(error) => return failed(&site, &visit, &error),
        };
        if export(&entries, format, false, &mut text).is_err() {
            return unwritable();
        }
        let Some(last) = entries.last() else { break };
        seq = last.seq;
        count += entries.len();
        if count > MOST_EXPORTED {
            return view::refusal(&site, &visit.reader, StatusCode::UNPROCESSABLE_ENTITY, "audit-too-many");
        }
    }
    let actor = Actor::Account(visit.account.name.clone());
    let record = Record::new(&actor, Action::AuditExported).count("entries", u64::try_from(count).unwrap_or(u64::MAX));
    let ticket = site.hall.recorder.push(record);
    if let Err(error) = site.hall.recorder.written(ticket).await {
        return failed(&site, &visit, &error);
    }
    let mut response = Body::from(text).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"mitblick-audit.{ending}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

fn failed(site: &Site, visit: &Visit, error: &StoreError) -> Response {
    site.hall.metrics.count(Count::StoreFailed);
    tracing::error!(%error, "the store failed");
    view::refusal(site, &visit.reader, StatusCode::SERVICE_UNAVAILABLE, "refused-store")
}
