//! Sessions that are alive: whose, since when, how much. Ending one is
//! recorded.

use super::{
    guard::{Fields, Visit},
    view,
};
use crate::{
    audit::{Action, Actor, Record},
    desk::PairId,
    hall::unix_now,
    metrics::Count,
    web::{Site, layout::notice},
};
use axum::{
    extract::State,
    http::{HeaderValue, Uri},
    response::{IntoResponse, Redirect, Response},
};
use maud::html;
use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

/// Rates are measured over at least so long.
const SPAN: Duration = Duration::from_secs(2);

/// Bytes a second of each session, measured between looks.
#[derive(Debug, Default)]
pub(crate) struct Rates {
    seen: HashMap<PairId, Seen>,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    at: Instant,
    bytes: u64,
    per_second: Option<u64>,
}

impl Rates {
    /// Takes a look; forgets sessions that are over. `None` for a session
    /// that was not seen long enough.
    fn look(&mut self, now: Instant, sessions: &[(PairId, u64)]) -> HashMap<PairId, Option<u64>> {
        self.seen.retain(|pair, _| sessions.iter().any(|(alive, _)| alive == pair));
        let mut rates = HashMap::new();
        for (pair, bytes) in sessions {
            let seen = self.seen.entry(*pair).or_insert(Seen { at: now, bytes: *bytes, per_second: None });
            let passed = now.saturating_duration_since(seen.at);
            if passed >= SPAN {
                let moved = u128::from(bytes.saturating_sub(seen.bytes)) * 1_000 / passed.as_millis().max(1);
                let per_second = Some(u64::try_from(moved).unwrap_or(u64::MAX));
                *seen = Seen { at: now, bytes: *bytes, per_second };
            }
            rates.insert(*pair, seen.per_second);
        }
        rates
    }
}

pub(super) async fn list(State(site): State<Arc<Site>>, visit: Visit, uri: Uri) -> Response {
    let texts = visit.texts();
    let live = site.hall.live();
    let (numbers, _) = site.hall.counts();
    let bytes: Vec<(PairId, u64)> = live
        .iter()
        .map(|session| (session.pair, session.from_advisor_bytes.saturating_add(session.from_customer_bytes)))
        .collect();
    let rates = site.rates().look(Instant::now(), &bytes);
    let now = i64::try_from(unix_now()).unwrap_or(i64::MAX);
    let began = |lasted: Duration| now.saturating_sub(i64::try_from(lasted.as_secs()).unwrap_or(0));
    let refreshes = super::query(&uri, "refresh").as_deref() == Some("on");
    let here = visit.reader.link("/sessions");
    let mark = if here.contains('?') { '&' } else { '?' };
    let main = html! {
        h1 { (texts.t("nav-sessions")) }
        @match super::done(&uri) {
            Some("ended") => (notice("good", &texts.t("sessions-ended"))),
            Some("over") => (notice("warn", &texts.t("sessions-over"))),
            _ => {}
        }
        p { (texts.t_with("sessions-counts", &[("sessions", live.len().into()), ("numbers", numbers.into())])) }
        @if live.is_empty() {
            div class="card" { p class="muted" { (texts.t("sessions-none")) } }
        } @else {
            div class="card scroll" {
                table class="stacked" {
                    thead { tr {
                        th { (texts.t("sessions-advisor")) }
                        th { (texts.t("sessions-since")) }
                        th class="number" { (texts.t("sessions-lasted")) }
                        th class="number" { (texts.t("sessions-from-customer")) }
                        th class="number" { (texts.t("sessions-from-advisor")) }
                        th class="number" { (texts.t("sessions-rate")) }
                        th { (texts.t("sessions-end")) }
                    } }
                    tbody {
                        @for session in &live {
                            tr {
                                td data-name=(texts.t("sessions-advisor")) { strong { (session.account) } }
                                td class="nowrap" data-name=(texts.t("sessions-since")) { (view::time(texts, began(session.lasted))) }
                                td class="number" data-name=(texts.t("sessions-lasted")) { (view::length(texts, session.lasted.as_secs())) }
                                td class="number" data-name=(texts.t("sessions-from-customer")) { (texts.bytes(session.from_customer_bytes)) }
                                td class="number" data-name=(texts.t("sessions-from-advisor")) { (texts.bytes(session.from_advisor_bytes)) }
                                td class="number" data-name=(texts.t("sessions-rate")) {
                                    @match rates.get(&session.pair).copied().flatten() {
                                        Some(rate) => { (texts.bytes(rate)) "/s" }
                                        None => { "–" }
                                    }
                                }
                                td data-name=(texts.t("sessions-end")) {
                                    form method="post" action=(visit.reader.link("/sessions/end")) {
                                        (view::csrf(&visit))
                                        input type="hidden" name="session" value=(session.pair.0);
                                        button class="danger small" aria-label=(texts.t_with("sessions-end-of", &[("name", session.account.as_str().into())])) { (texts.t("sessions-end")) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        p class="actions" {
            a class="button quiet" href=(here) { (texts.t("sessions-refresh")) }
            @if refreshes {
                a class="button quiet" href=(here) { (texts.t("sessions-refresh-off")) }
            } @else {
                a class="button quiet" href=(format!("{here}{mark}refresh=on")) { (texts.t("sessions-refresh-on")) }
            }
        }
        p class="hint" { (texts.t("sessions-hint")) }
    };
    let mut response = view::whole(&site, &visit, &texts.t("nav-sessions"), true, &main).into_response();
    if refreshes {
        response.headers_mut().insert("refresh", HeaderValue::from_static("5"));
    }
    response
}

pub(super) async fn end(State(site): State<Arc<Site>>, visit: Visit, fields: Fields) -> Response {
    let pair = fields.get("session").parse().ok().map(PairId);
    let done = match pair.filter(|pair| site.hall.end_session(*pair)) {
        Some(pair) => {
            let actor = Actor::Account(visit.account.name.clone());
            site.hall.recorder.push(Record::new(&actor, Action::SessionStopped).on_session(pair.0));
            site.hall.metrics.count(Count::EndedByAdmin);
            tracing::info!(pair = ?pair, "a session was ended by an admin");
            "ended"
        }
        None => "over",
    };
    let path = visit.reader.link("/sessions");
    let mark = if path.contains('?') { '&' } else { '?' };
    Redirect::to(&format!("{path}{mark}done={done}")).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_measured_between_looks_and_forgotten_with_the_session() {
        let (mut rates, start) = (Rates::default(), Instant::now());
        let pair = PairId(1);
        assert_eq!(rates.look(start, &[(pair, 500)])[&pair], None);
        assert_eq!(rates.look(start + Duration::from_secs(1), &[(pair, 900)])[&pair], None, "too short");
        assert_eq!(rates.look(start + Duration::from_secs(4), &[(pair, 4_500)])[&pair], Some(1_000));
        assert_eq!(rates.look(start + Duration::from_secs(5), &[(pair, 9_999)])[&pair], Some(1_000), "the last one");
        assert!(rates.look(start, &[]).is_empty() && rates.seen.is_empty());
    }
}
