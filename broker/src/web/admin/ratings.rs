//! What customers answered after their sessions, for the page of statistics.

use crate::{
    ratings::{Count, Sums, Told},
    web::texts::Texts,
};
use maud::{Markup, html};

/// The card of the page.
pub(super) fn card(texts: Texts, sums: &Sums) -> Markup {
    html! {
        section class="card" {
            h2 { (texts.t("ratings-heading")) }
            @if sums.advisors().next().is_none() {
                p class="muted" { (texts.t("ratings-none")) }
            } @else {
                div class="scroll" {
                    table {
                        thead { tr {
                            th { (texts.t("statistics-advisor")) }
                            th class="number" { (texts.t("ratings-asked")) }
                            th class="number" { (texts.t("ratings-solved")) }
                            th class="number" { (texts.t("ratings-partly")) }
                            th class="number" { (texts.t("ratings-graded")) }
                            th class="number" { (texts.t("ratings-mean")) }
                        } }
                        tbody {
                            @for (name, told) in sums.advisors() { (row(texts, name, told)) }
                            (row(texts, &texts.t("ratings-all"), sums.all()))
                        }
                    }
                }
            }
            p class="hint" { (texts.t("ratings-hint")) }
        }
    }
}

fn row(texts: Texts, name: &str, told: Told) -> Markup {
    let count = |count| match count {
        Count::Exact(count) => count.to_string(),
        Count::Few => "1–4".to_owned(),
    };
    let nothing = || "–".to_owned();
    let percent = |share: Option<u64>| {
        share.map_or_else(nothing, |share| texts.t_with("ratings-percent", &[("percent", share.into())]))
    };
    let mean = told.mean_tenths.map_or_else(nothing, |tenths| decimal(texts, tenths));
    html! {
        tr {
            td { (name) }
            td class="number" { (count(told.answers)) }
            td class="number" { (percent(told.solved_percent)) }
            td class="number" { (percent(told.partly_percent)) }
            td class="number" { (count(told.grades)) }
            td class="number" { (mean) }
        }
    }
}

/// `4.2`, or `4,2` where it is written so.
fn decimal(texts: Texts, tenths: u64) -> String {
    let point = match texts.language() {
        crate::problem::Language::German => ',',
        crate::problem::Language::English => '.',
    };
    format!("{}{point}{}", tenths / 10, tenths % 10)
}
