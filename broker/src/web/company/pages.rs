//! The company's pages.

use super::{
    Protection,
    downloads::{Detached, Download, System},
};
use crate::{
    release_key::ReleaseKey,
    web::{
        Site,
        layout::{Reader, brand, notice, page, with_status},
        texts::Texts,
    },
};
use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use std::sync::Arc;

/// Round trips that take longer are measured wrongly.
const MAX_ROUND_TRIP_MS: u64 = 30_000;

fn whole(site: &Site, reader: &Reader, title: &str, main: &Markup) -> Html<String> {
    let texts = reader.texts();
    let organisation = site.hall.organisation().as_str();
    let header = html! {
        @match site.hall.logo() {
            Some(_) => {
                a class="brand" href=(reader.link("/")) {
                    img class="logo" src="/logo.png" alt="";
                    span { (organisation) }
                }
            }
            None => (brand(&reader.link("/"), organisation)),
        }
        nav aria-label=(texts.t("navigation")) {
            (reader.place("/", &texts.t("company-nav-start")))
            (reader.place("/security", &texts.t("company-nav-security")))
            (reader.place("/test", &texts.t("company-nav-test")))
        }
        (reader.switch())
    };
    let footer = html! { (texts.t_with("company-footer", &[("organisation", organisation.into())])) };
    page(reader, &format!("{title} · {organisation}"), &header, main, &footer)
}

pub(super) async fn start(State(site): State<Arc<Site>>, reader: Reader, headers: HeaderMap) -> Html<String> {
    let texts = reader.texts();
    let offer = site.offer();
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let likely = offer.downloads.likely(agent);
    let organisation = site.hall.organisation().as_str();
    let main = html! {
        h1 { (texts.t("start-heading")) }
        p class="lead" { (texts.t_with("start-lead", &[("organisation", organisation.into())])) }
        section class="card" aria-labelledby="steps" {
            h2 id="steps" { (texts.t("start-steps")) }
            ol class="steps" {
                li {
                    @match likely {
                        Some(download) => {
                            p { a class="button big" href=(address(&download.file)) { (texts.t_with("start-download", &[("system", download.system.name().into())])) } }
                            p class="muted" { (facts_line(texts, download)) }
                        }
                        None => { p { (texts.t(nothing_for(agent, offer.downloads.all.is_empty()))) } }
                    }
                }
                li { p { (texts.t(match likely.map(|download| download.system) {
                    Some(System::Windows) => "start-open-windows",
                    Some(System::Macos) => "start-open-macos",
                    Some(System::Linux) | None => "start-open-linux",
                })) } }
                li { p { (texts.t("start-number")) } }
                li { p { (texts.t("start-choose")) } }
            }
        }
        div class="grid" {
            section class="card" {
                h2 { (texts.t("start-charge-heading")) }
                p { (texts.t("start-charge")) }
                p { a href=(reader.link("/security")) { (texts.t("start-charge-more")) } }
            }
            section class="card" {
                h2 { (texts.t("start-stranger-heading")) }
                p { (texts.t("start-stranger")) }
                @if let Some(telephone) = &offer.telephone {
                    p { (texts.t("start-telephone")) " " strong { (telephone) } }
                }
            }
        }
        @if !offer.downloads.all.is_empty() {
            section class="card" aria-labelledby="all" {
                h2 id="all" { (texts.t("downloads-heading")) }
                p { (texts.t("downloads-lead")) }
                @let key = offer.key.as_ref().map(ReleaseKey::text);
                @for download in offer.downloads.all.iter().rev() { (details(texts, download, likely, key)) }
                @if key.is_none() { p class="hint" { (texts.t("downloads-unsigned")) } }
            }
        }
    };
    whole(&site, &reader, &texts.t("start-title"), &main)
}

fn nothing_for(agent: &str, none_at_all: bool) -> &'static str {
    if none_at_all {
        "start-none"
    } else if System::of_browser(agent).is_none() {
        "start-telephone-browser"
    } else {
        "start-other-system"
    }
}

fn address(file: &str) -> String {
    format!("/download/{file}")
}

fn facts_line(texts: Texts, download: &Download) -> String {
    let size = texts.bytes(u64::try_from(download.bytes.len()).unwrap_or(u64::MAX));
    texts.t_with("start-facts", &[("version", download.version.as_str().into()), ("size", size.into())])
}

fn details(texts: Texts, download: &Download, likely: Option<&Download>, key: Option<&str>) -> Markup {
    let size = texts.bytes(u64::try_from(download.bytes.len()).unwrap_or(u64::MAX));
    let is_likely = likely.is_some_and(|likely| likely.file == download.file);
    let (command, program) = match download.system {
        System::Windows => {
            (format!("Get-FileHash {}", download.file), format!("Get-FileHash mitblick\\{}", download.program))
        }
        System::Macos => {
            (format!("shasum -a 256 {}", download.file), format!("shasum -a 256 mitblick/{}", download.program))
        }
        System::Linux => (format!("sha256sum {}", download.file), format!("sha256sum mitblick/{}", download.program)),
    };
    html! {
        details open[is_likely] {
            summary { (download.system.name()) " (" (download.machine) "), " (texts.t_with("start-facts", &[("version", download.version.as_str().into()), ("size", size.as_str().into())])) }
            dl class="facts" {
                dt { (texts.t("downloads-file")) }
                dd { a href=(address(&download.file)) { (download.file) } }
                dt { (texts.t("downloads-sha256")) }
                dd { code { (download.sha256) } }
                dt { (texts.t("downloads-program-sha256")) }
                dd { code { (download.program_sha256) } }
                @if let (Some(signature), Some(key)) = (&download.signature, key) {
                    dt { (texts.t("downloads-signature")) }
                    dd { a href=(address(&signature.file)) { (signature.file) } }
                    dt { (texts.t("downloads-key")) }
                    dd { code { (key) } }
                }
            }
            @if let (Some(signature), Some(key)) = (&download.signature, key) {
                p { (texts.t("downloads-signature-check")) }
                pre class="minisign" { (check_line(download, signature, key)) }
                p class="hint" { (texts.t("downloads-signature-why")) }
            }
            p { (texts.t("downloads-check")) }
            pre { (command) "\n" (program) }
            p class="hint" { (texts.t("downloads-check-why")) }
        }
    }
}

/// Checks the unpacked program by its signature. Names and key are plain
/// letters, so nothing in it is anything to a shell.
fn check_line(download: &Download, signature: &Detached, key: &str) -> String {
    let between = match download.system {
        System::Windows => '\\',
        System::Macos | System::Linux => '/',
    };
    format!("minisign -Vm mitblick{between}{} -x {} -P {key}", download.program, signature.file)
}

/// Promises with how to check them.
const PROMISES: [(&str, &str, &str); 10] = [
    ("promise-nothing", "promise-nothing-text", "promise-nothing-check"),
    ("promise-applications", "promise-applications-text", "promise-applications-check"),
    ("promise-see", "promise-see-text", "promise-see-check"),
    ("promise-control", "promise-control-text", "promise-control-check"),
    ("promise-f12", "promise-f12-text", "promise-f12-check"),
    ("promise-unread", "promise-unread-text", "promise-unread-check"),
    ("promise-number", "promise-number-text", "promise-number-check"),
    ("promise-impossible", "promise-impossible-text", "promise-impossible-check"),
    ("promise-leaves", "promise-leaves-text", "promise-leaves-check"),
    ("promise-page", "promise-page-text", "promise-page-check"),
];

pub(super) async fn security(State(site): State<Arc<Site>>, reader: Reader) -> Html<String> {
    let texts = reader.texts();
    let main = html! {
        h1 { (texts.t("security-heading")) }
        p class="lead" { (texts.t("security-lead")) }
        div class="card" {
            @for (heading, text, check) in PROMISES {
                section class="promise" {
                    h2 { (texts.t(heading)) }
                    p { (texts.t(text)) }
                    p class="check" { strong { (texts.t("security-check")) } " " (texts.t(check)) }
                }
            }
        }
        section class="card" {
            h2 { (texts.t("security-limits-heading")) }
            ul {
                li { (texts.t("security-limit-person")) }
                li { (texts.t("security-limit-traffic")) }
                li { (texts.t("security-limit-download")) }
                li { (texts.t("security-limit-blowfish")) }
            }
        }
    };
    whole(&site, &reader, &texts.t("security-title"), &main)
}

/// One round trip more, which is measured.
pub(super) async fn test_begins(State(site): State<Arc<Site>>, reader: Reader) -> Redirect {
    let at_ms = u64::try_from(site.started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let path = reader.link("/test/result");
    let mark = if path.contains('?') { '&' } else { '?' };
    Redirect::to(&format!("{path}{mark}t={at_ms}"))
}

pub(super) async fn test_result(
    State(site): State<Arc<Site>>,
    Extension(protection): Extension<Protection>,
    reader: Reader,
    uri: axum::http::Uri,
) -> Html<String> {
    let texts = reader.texts();
    let now_ms = u64::try_from(site.started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let began_ms =
        uri.query().and_then(|query| query.split('&').find_map(|part| part.strip_prefix("t=")?.parse().ok()));
    let trip_ms = began_ms.and_then(|began: u64| now_ms.checked_sub(began)).filter(|trip| *trip <= MAX_ROUND_TRIP_MS);
    let takes_numbers = !site.hall.is_stopping() && !site.hall.recorder.is_failing();
    let hybrid = protection.exchange.contains("MLKEM");
    let main = html! {
        h1 { (texts.t("test-heading")) }
        (notice("good", &texts.t("test-reached")))
        @if !takes_numbers { (notice("warn", &texts.t("test-not-ready"))) }
        section class="card" {
            dl class="facts" {
                dt { (texts.t("test-round-trip")) }
                dd { @match trip_ms {
                    Some(ms) => (texts.t_with("test-milliseconds", &[("ms", ms.max(1).into())])),
                    None => (texts.t("test-not-measured")),
                } }
                dt { (texts.t("test-verdict")) }
                dd { (texts.t(match trip_ms {
                    Some(0..=150) => "test-quick",
                    Some(151..=400) => "test-fair",
                    Some(_) => "test-slow",
                    None => "test-not-measured",
                })) }
                dt { (texts.t("test-encryption")) }
                dd { "TLS 1.3, " (protection.suite) }
                dt { (texts.t("test-exchange")) }
                dd { (protection.exchange) " – " (texts.t(if hybrid { "test-exchange-hybrid" } else { "test-exchange-classic" })) }
                dt { (texts.t("test-sessions")) }
                dd { (texts.t(if takes_numbers { "test-sessions-yes" } else { "test-sessions-no" })) }
            }
            p { a class="button quiet" href=(reader.link("/test")) { (texts.t("test-again")) } }
        }
        section class="card" {
            h2 { (texts.t("test-meaning-heading")) }
            p { (texts.t("test-meaning")) }
        }
    };
    whole(&site, &reader, &texts.t("test-title"), &main)
}

pub(super) async fn not_found(State(site): State<Arc<Site>>, reader: Reader) -> Response {
    let texts = reader.texts();
    let main = html! {
        h1 { (texts.t("not-found-heading")) }
        p class="lead" { (texts.t("not-found")) }
        p { a class="button" href=(reader.link("/")) { (texts.t("not-found-back")) } }
    };
    with_status(StatusCode::NOT_FOUND, whole(&site, &reader, &texts.t("not-found-heading"), &main)).into_response()
}
