//! Workplaces: approved, refused, and allowed to ask anew.
//!
//! Only the main user approves; whoever manages may close a door.

use super::{
    guard::{Fields, Visit},
    view,
};
use crate::{
    audit::{Action, Actor, Record},
    metrics::Count,
    store::{
        StoreError,
        workplace::{Workplace, WorkplaceId, WorkplaceState},
    },
    web::{
        Site,
        layout::{notice, with_status},
    },
    workplaces,
};
use axum::{
    extract::State,
    http::{StatusCode, Uri},
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use std::sync::Arc;

pub(super) async fn list(State(site): State<Arc<Site>>, visit: Visit, uri: Uri) -> Response {
    let texts = visit.texts();
    let all = match site.store.workplaces().await {
        Ok(all) => all,
        Err(error) => return out_of_order(&site, &visit, &error),
    };
    let done = super::done(&uri).and_then(|done| match done {
        "approved" => Some("workplaces-done-approved"),
        "refused" => Some("workplaces-done-refused"),
        "forgotten" => Some("workplaces-done-forgotten"),
        _ => None,
    });
    let may_approve = visit.account.role.is_main_user();
    let (waiting, decided): (Vec<_>, Vec<_>) =
        all.iter().partition(|workplace| workplace.state == WorkplaceState::Waiting);
    let main = html! {
        h1 { (texts.t("nav-workplaces")) }
        @if let Some(done) = done { (notice("good", &texts.t(done))) }
        h2 { (texts.t("workplaces-waiting")) }
        @if waiting.is_empty() { p { (texts.t("workplaces-none-waiting")) } }
        @for workplace in waiting { (waiting_card(&visit, workplace, may_approve)) }
        h2 { (texts.t("workplaces-known")) }
        @if decided.is_empty() { p { (texts.t("workplaces-none")) } } @else {
            div class="card scroll" {
                table class="stacked" {
                    thead { tr {
                        th { (texts.t("users-name")) }
                        th { (texts.t("workplaces-name")) }
                        th { (texts.t("users-state")) }
                        th { (texts.t("workplaces-decided")) }
                        th { (texts.t("workplaces-used")) }
                        th { span class="muted" { (texts.t("users-change")) } }
                    } }
                    tbody { @for workplace in decided { (row(&visit, workplace)) } }
                }
            }
        }
        p class="hint" { (texts.t("workplaces-hint")) }
    };
    view::whole(&site, &visit, &texts.t("nav-workplaces"), true, &main).into_response()
}

fn waiting_card(visit: &Visit, workplace: &Workplace, may_approve: bool) -> Markup {
    let texts = visit.texts();
    html! {
        section class="card" {
            h3 { (workplace.name) }
            dl class="facts" {
                dt { (texts.t("users-name")) } dd { strong { (workplace.account_name) } }
                dt { (texts.t("workplaces-code")) } dd { code class="shown" { (code(workplace)) } }
                dt { (texts.t("workplaces-asked")) } dd { (view::time(texts, workplace.asked_unix_s)) }
                dt { (texts.t("workplaces-address")) } dd { (workplace.address.as_deref().unwrap_or("–")) }
            }
            p { (texts.t("workplaces-compare")) }
            div class="actions" {
                @if may_approve {
                    (action(visit, "/workplaces/approve", workplace, "", &texts.t("workplaces-approve")))
                } @else {
                    p class="hint" { (texts.t("workplaces-only-main-user")) }
                }
                (action(visit, "/workplaces/refuse", workplace, "quiet", &texts.t("workplaces-refuse")))
            }
        }
    }
}

/// Six digits as they are shown: `042 917`.
pub(crate) fn code(workplace: &Workplace) -> String {
    format!("{:03} {:03}", workplace.code / 1_000 % 1_000, workplace.code % 1_000)
}

fn row(visit: &Visit, workplace: &Workplace) -> Markup {
    let texts = visit.texts();
    let time = |at: Option<i64>| at.map_or_else(|| "–".to_owned(), |at| view::time(texts, at));
    html! {
        tr {
            td data-name=(texts.t("users-name")) { strong { (workplace.account_name) } }
            td data-name=(texts.t("workplaces-name")) { (workplace.name) }
            td data-name=(texts.t("users-state")) {
                @match workplace.state {
                    WorkplaceState::Approved => span class="badge good" { (texts.t("workplaces-approved")) },
                    WorkplaceState::Refused => span class="badge bad" { (texts.t("workplaces-refused")) },
                    WorkplaceState::Waiting => {},
                }
            }
            td data-name=(texts.t("workplaces-decided")) { (time(workplace.decided_unix_s)) }
            td data-name=(texts.t("workplaces-used")) { (time(workplace.used_unix_s)) }
            td data-name=(texts.t("users-change")) {
                @match workplace.state {
                    WorkplaceState::Approved => (action(visit, "/workplaces/refuse", workplace, "danger", &texts.t("workplaces-revoke"))),
                    WorkplaceState::Refused => (action(visit, "/workplaces/forget", workplace, "quiet", &texts.t("workplaces-forget"))),
                    WorkplaceState::Waiting => {},
                }
            }
        }
    }
}

fn action(visit: &Visit, path: &str, workplace: &Workplace, class: &str, label: &str) -> Markup {
    let texts = visit.texts();
    let whole = texts.t_with(
        "workplaces-of",
        &[
            ("action", label.into()),
            ("workplace", workplace.name.as_str().into()),
            ("name", workplace.account_name.as_str().into()),
        ],
    );
    html! {
        form method="post" action=(visit.reader.link(path)) {
            (view::csrf(visit))
            input type="hidden" name="id" value=(workplace.id.0);
            button class=(class) aria-label=(whole) { (label) }
        }
    }
}

/// The workplace that a form names.
async fn subject(site: &Site, fields: &Fields) -> Result<Option<Workplace>, StoreError> {
    let Ok(id) = fields.get("id").parse::<i64>() else { return Ok(None) };
    Ok(site.store.workplaces().await?.into_iter().find(|workplace| workplace.id == WorkplaceId(id)))
}

fn actor(visit: &Visit) -> Actor {
    Actor::Account(visit.account.name.clone())
}

pub(super) async fn approve(State(site): State<Arc<Site>>, visit: Visit, fields: Fields) -> Response {
    let done = async {
        let Some(workplace) = subject(&site, &fields).await? else { return Ok(false) };
        workplaces::approve(&*site.store, &site.vault, &workplace, &actor(&visit)).await
    };
    finish(&site, &visit, done.await, "approved")
}

pub(super) async fn refuse(State(site): State<Arc<Site>>, visit: Visit, fields: Fields) -> Response {
    let done = async {
        let Some(workplace) = subject(&site, &fields).await? else { return Ok(false) };
        workplaces::refuse(&*site.store, &workplace, &actor(&visit)).await
    };
    finish(&site, &visit, done.await, "refused")
}

pub(super) async fn forget(State(site): State<Arc<Site>>, visit: Visit, fields: Fields) -> Response {
    let done = async {
        let Some(workplace) = subject(&site, &fields).await? else { return Ok(false) };
        let record = Record::new(&actor(&visit), Action::WorkplaceForgotten)
            .on_workplace(&workplace.account_name, workplace.id.0);
        site.store.forget_workplace(workplace.id, record).await
    };
    finish(&site, &visit, done.await, "forgotten")
}

fn finish(site: &Site, visit: &Visit, done: Result<bool, StoreError>, word: &str) -> Response {
    match done {
        Ok(true) => {
            let path = visit.reader.link("/workplaces");
            let mark = if path.contains('?') { '&' } else { '?' };
            Redirect::to(&format!("{path}{mark}done={word}")).into_response()
        }
        Ok(false) => {
            let texts = visit.texts();
            let main = html! {
                h1 { (texts.t("refused-heading")) }
                (notice("bad", &texts.t("workplaces-gone")))
                p { a class="button" href=(visit.reader.link("/workplaces")) { (texts.t("nav-workplaces")) } }
            };
            let page = view::whole(site, visit, &texts.t("refused-heading"), true, &main);
            with_status(StatusCode::NOT_FOUND, page)
        }
        Err(error) => out_of_order(site, visit, &error),
    }
}

fn out_of_order(site: &Site, visit: &Visit, error: &StoreError) -> Response {
    site.hall.metrics.count(Count::StoreFailed);
    tracing::error!(%error, "the store failed");
    view::refusal(site, &visit.reader, StatusCode::SERVICE_UNAVAILABLE, "refused-store")
}
