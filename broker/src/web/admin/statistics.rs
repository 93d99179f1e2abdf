//! Sessions by day and by advisor, from the audit trail. Numbers below five
//! are not told: they would speak of single people's days.

use super::{guard::Visit, ratings, view};
use crate::{
    audit::Entry,
    hall::unix_now,
    metrics::Count,
    ratings::{FEWEST, Sums, is_few, rounded},
    store::{AuditSearch, Start, StoreError},
    web::{
        Site,
        chart::{Bar, Value, bars},
        texts::Texts,
    },
};
use axum::{
    extract::State,
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};
use jiff::{ToSpan, civil::Date};
use maud::{Markup, html};
use std::{collections::BTreeMap, sync::Arc};

/// Spans that can be chosen, in days.
const SPANS: [u32; 3] = [7, 30, 90];
/// Entries read at once.
const PAGE: u32 = 1_000;

/// What is added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    sessions: u64,
    /// Sessions whose length is known, and their lengths; not known are those
    /// that ended with the broker.
    measured: u64,
    seconds: u64,
    /// Sessions that began, and how long their numbers were open before.
    began: u64,
    waited_s: u64,
    burned: u64,
    /// Numbers that were typed and that nobody waited at.
    wrong: u64,
}

impl Sum {
    fn add(&mut self, entry: &Entry) {
        match entry.action.as_str() {
            "session_ended" => {
                self.sessions += 1;
                if let Some(seconds) = counted(&entry.counts, "lasted_s") {
                    self.measured += 1;
                    self.seconds = self.seconds.saturating_add(seconds);
                }
            }
            "session_began" => {
                if let Some(seconds) = counted(&entry.counts, "waited_s") {
                    self.began += 1;
                    self.waited_s = self.waited_s.saturating_add(seconds);
                }
            }
            "number_burned" => self.burned += 1,
            "joins_failed" => self.wrong = self.wrong.saturating_add(counted(&entry.counts, "joins").unwrap_or(0)),
            _ => {}
        }
    }

    fn average_s(self) -> Option<u64> {
        if self.measured >= FEWEST { self.seconds.checked_div(self.measured) } else { None }
    }

    fn average_wait_s(self) -> Option<u64> {
        if self.began >= FEWEST { self.waited_s.checked_div(self.began) } else { None }
    }
}

/// A count of an entry, if it has one of this name.
fn counted(counts: &str, name: &str) -> Option<u64> {
    let mut pairs = counts.split(' ').filter_map(|pair| pair.split_once('='));
    pairs.find(|(of, _)| *of == name).and_then(|(_, value)| value.parse().ok())
}

/// Sums of the last days.
#[derive(Debug)]
struct Statistics {
    days: BTreeMap<Date, Sum>,
    advisors: BTreeMap<String, Sum>,
    all: Sum,
    ratings: Sums,
}

impl Statistics {
    fn new(last: Date, count: u32) -> Self {
        let days = (0..i64::from(count)).filter_map(|ago| last.checked_sub(ago.days()).ok());
        Self {
            days: days.map(|day| (day, Sum::default())).collect(),
            advisors: BTreeMap::new(),
            all: Sum::default(),
            ratings: Sums::default(),
        }
    }

    fn add(&mut self, entry: &Entry, day: Date) {
        let Some(sum) = self.days.get_mut(&day) else { return };
        sum.add(entry);
        self.all.add(entry);
        if let Some(name) = entry.actor.strip_prefix("account:") {
            self.advisors.entry(name.to_owned()).or_default().add(entry);
        }
    }

    /// Whether a total would tell a number that is kept back.
    fn keeps_back(&self) -> bool {
        let mut sums = self.days.values().chain(self.advisors.values());
        sums.any(|sum| [sum.sessions, sum.burned, sum.wrong].iter().any(|count| value(*count) == Value::Few))
    }
}

fn value(count: u64) -> Value {
    if is_few(count) { Value::Few } else { Value::Exact(count) }
}

fn told(value: Value) -> String {
    match value {
        Value::Few => "1–4".to_owned(),
        Value::Exact(count) => count.to_string(),
    }
}

/// Rounded to fives where something is kept back: a difference must not give
/// it away.
fn blurred(count: u64, keeps_back: bool) -> Value {
    match value(count) {
        Value::Exact(count) if keeps_back => Value::Exact(rounded(count, FEWEST)),
        other => other,
    }
}

fn total(texts: Texts, count: u64, keeps_back: bool) -> String {
    match (keeps_back, count) {
        (_, 0) => count.to_string(),
        (true, _) => texts.t_with("statistics-about", &[("count", rounded(count, FEWEST).into())]),
        (false, _) => count.to_string(),
    }
}

async fn read(site: &Site, count: u32) -> Result<Statistics, StoreError> {
    let now = i64::try_from(unix_now()).unwrap_or(i64::MAX);
    let today = view::zoned(now).map(|zoned| zoned.date()).unwrap_or_default();
    let mut statistics = Statistics::new(today, count);
    let since = now.saturating_sub(i64::from(count) * 24 * 60 * 60);
    for action in ["session_began", "session_ended", "number_burned", "joins_failed"] {
        let search =
            AuditSearch { since_unix_s: Some(since), action: Some(action.to_owned()), ..AuditSearch::default() };
        let mut seq = 0;
        loop {
            let entries = site.store.audit_search(&search, Start::After(seq), PAGE).await?;
            for entry in &entries {
                if let Some(zoned) = view::zoned(entry.at_unix_s) {
                    statistics.add(entry, zoned.date());
                }
            }
            let Some(last) = entries.last() else { break };
            seq = last.seq;
        }
    }
    if let Some(first) = statistics.days.keys().next() {
        statistics.ratings = Sums::of(&site.store.ratings_since(*first).await?);
    }
    // What is not in the trail yet was typed within the last hour.
    let lately = site.hall.joins_failed_lately();
    if let Some(sum) = statistics.days.get_mut(&today) {
        sum.wrong = sum.wrong.saturating_add(lately);
        statistics.all.wrong = statistics.all.wrong.saturating_add(lately);
    }
    Ok(statistics)
}

pub(super) async fn show(State(site): State<Arc<Site>>, visit: Visit, uri: Uri) -> Response {
    let texts = visit.texts();
    let asked = super::query(&uri, "days").and_then(|text| text.parse().ok());
    let count = asked.filter(|count| SPANS.contains(count)).unwrap_or(30);
    let statistics = match read(&site, count).await {
        Ok(statistics) => statistics,
        Err(error) => {
            site.hall.metrics.count(Count::StoreFailed);
            tracing::error!(%error, "the store failed");
            return view::refusal(&site, &visit.reader, StatusCode::SERVICE_UNAVAILABLE, "refused-store");
        }
    };
    let link = |days: u32| {
        let path = visit.reader.link("/statistics");
        format!("{path}{}days={days}", if path.contains('?') { '&' } else { '?' })
    };
    let keeps_back = statistics.keeps_back();
    let chart = |title: &str, number: &dyn Fn(&Sum) -> Value| {
        let name = |day: &Date| day.strftime(texts_format(texts)).to_string();
        let all: Vec<Bar> =
            statistics.days.iter().map(|(day, sum)| Bar { name: name(day), value: number(sum) }).collect();
        bars(title, &all)
    };
    let main = html! {
        h1 { (texts.t("nav-statistics")) }
        p class="actions" {
            @for days in SPANS {
                a class="button quiet" href=(link(days)) aria-current=[(days == count).then_some("true")] { (texts.t_with("statistics-days", &[("days", days.into())])) }
            }
        }
        dl class="facts" {
            dt { (texts.t("statistics-sessions")) } dd { (total(texts, statistics.all.sessions, keeps_back)) }
            dt { (texts.t("statistics-average")) } dd { (average(texts, statistics.all.average_s())) }
            dt { (texts.t("statistics-wait")) } dd { (average(texts, statistics.all.average_wait_s())) }
            dt { (texts.t("statistics-burned")) } dd { (total(texts, statistics.all.burned, keeps_back)) }
            dt { (texts.t("statistics-wrong")) } dd { (total(texts, statistics.all.wrong, keeps_back)) }
        }
        section class="card" {
            h2 { (texts.t("statistics-by-day")) }
            (chart(&texts.t("statistics-by-day"), &|sum| blurred(sum.sessions, keeps_back)))
        }
        section class="card" {
            h2 { (texts.t("statistics-minutes-by-day")) }
            (chart(&texts.t("statistics-minutes-by-day"), &|sum| match value(sum.measured) {
                Value::Few => Value::Few,
                Value::Exact(_) => Value::Exact(rounded(sum.seconds / 60, if keeps_back { 10 } else { 1 })),
            }))
        }
        section class="card" {
            h2 { (texts.t("statistics-wrong-by-day")) }
            (chart(&texts.t("statistics-wrong-by-day"), &|sum| blurred(sum.wrong, keeps_back)))
        }
        section class="card" {
            h2 { (texts.t("statistics-by-advisor")) }
            (table(texts, "statistics-advisor", false, statistics.advisors.iter().map(|(name, sum)| (name.clone(), *sum))))
            details {
                summary { (texts.t("statistics-day-table")) }
                (table(texts, "statistics-day", keeps_back, statistics.days.iter().rev().map(|(day, sum)| (day.to_string(), *sum))))
            }
        }
        (ratings::card(texts, &statistics.ratings))
        p class="hint" { (texts.t("statistics-hint")) }
    };
    view::whole(&site, &visit, &texts.t("nav-statistics"), true, &main).into_response()
}

fn texts_format(texts: Texts) -> &'static str {
    match texts.language() {
        crate::problem::Language::German => "%d.%m.",
        crate::problem::Language::English => "%d %b",
    }
}

fn average(texts: Texts, seconds: Option<u64>) -> String {
    seconds.map_or_else(|| "–".to_owned(), |seconds| view::length(texts, seconds))
}

fn table(texts: Texts, name: &str, is_blurred: bool, rows: impl Iterator<Item = (String, Sum)>) -> Markup {
    html! {
        div class="scroll" {
            table {
                thead { tr {
                    th { (texts.t(name)) }
                    th class="number" { (texts.t("statistics-sessions")) }
                    th class="number" { (texts.t("statistics-average")) }
                    th class="number" { (texts.t("statistics-wait")) }
                    th class="number" { (texts.t("statistics-burned")) }
                } }
                tbody {
                    @for (name, sum) in rows {
                        tr {
                            td { (name) }
                            td class="number" { (told(blurred(sum.sessions, is_blurred))) }
                            td class="number" { (average(texts, sum.average_s())) }
                            td class="number" { (average(texts, sum.average_wait_s())) }
                            td class="number" { (told(blurred(sum.burned, is_blurred))) }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn entry(action: &str, actor: &str, counts: &str) -> Entry {
        Entry {
            seq: 1,
            at_unix_s: 0,
            actor: actor.into(),
            action: action.into(),
            object: String::new(),
            outcome: "done".into(),
            counts: counts.into(),
            hash: [0; 32],
        }
    }

    #[test]
    fn sessions_are_added_up_by_day_and_by_advisor() {
        let mut statistics = Statistics::new(date(2026, 3, 10), 7);
        assert_eq!((statistics.days.len(), statistics.keeps_back()), (7, false));
        let ended = entry("session_ended", "account:anna", "from_customer_bytes=9 lasted_s=60");
        for _ in 0..6 {
            statistics.add(&ended, date(2026, 3, 9));
        }
        statistics.add(&ended, date(2026, 3, 3));
        statistics.add(&entry("session_ended", "broker", "lasted_s=x"), date(2026, 3, 10));
        statistics.add(&entry("number_burned", "account:berta", ""), date(2026, 3, 10));
        statistics.add(&entry("joins_failed", "broker", "joins=12"), date(2026, 3, 9));
        statistics.add(&entry("joins_failed", "broker", "joins=8"), date(2026, 3, 9));
        statistics.add(&entry("joins_failed", "broker", ""), date(2026, 3, 9));
        assert_eq!(
            statistics.days[&date(2026, 3, 9)],
            Sum { sessions: 6, measured: 6, seconds: 360, wrong: 20, ..Sum::default() }
        );
        assert_eq!(statistics.advisors["anna"].average_s(), Some(60));
        assert_eq!(statistics.advisors["berta"], Sum { burned: 1, ..Sum::default() });
        assert_eq!((statistics.all.sessions, statistics.keeps_back()), (7, true));
        let began = entry("session_began", "account:anna", "waited_s=30");
        (0..5).for_each(|_| statistics.add(&began, date(2026, 3, 10)));
        assert_eq!((statistics.all.average_wait_s(), Sum::default().average_wait_s()), (Some(30), None));
    }

    #[test]
    fn a_session_without_a_length_counts_as_one_but_shortens_no_average() {
        let mut sum = Sum::default();
        (0..5).for_each(|_| sum.add(&entry("session_ended", "account:anna", "lasted_s=60")));
        (0..5).for_each(|_| sum.add(&entry("session_ended", "account:anna", "")));
        (0..5).for_each(|_| sum.add(&entry("session_began", "account:anna", "")));
        assert_eq!((sum.sessions, sum.average_s(), sum.average_wait_s()), (10, Some(60), None));
    }

    #[test]
    fn small_numbers_are_not_told_and_totals_do_not_give_them_away() {
        assert_eq!([0, 1, 4, 5, 12].map(|count| told(value(count))), ["0", "1–4", "1–4", "5", "12"]);
        assert_eq!([0, 1, 4, 5, 12, 13].map(|count| told(blurred(count, true))), ["0", "1–4", "1–4", "5", "10", "15"]);
        let texts = Texts::of(crate::problem::Language::English);
        assert_eq!(total(texts, 13, false), "13");
        assert_eq!(total(texts, 13, true), "about 15");
        assert_eq!(Sum { sessions: 4, measured: 4, seconds: 100, ..Sum::default() }.average_s(), None);
    }
}
