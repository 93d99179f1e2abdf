//! One's own name and portrait for customers, and language.

use super::{
    guard::{Fields, Visit},
    images, users, view,
};
use crate::{
    audit::{Action, Actor, Record},
    metrics::Count,
    problem::Language,
    web::{
        Site,
        layout::{notice, with_status},
    },
};
use axum::{
    extract::State,
    http::{StatusCode, Uri},
    response::{IntoResponse, Redirect, Response},
};
use maud::html;
use std::sync::Arc;

pub(super) async fn show(State(site): State<Arc<Site>>, visit: Visit, uri: Uri) -> Response {
    let word = match super::done(&uri) {
        Some("profile") => Some(("good", "profile-done")),
        Some("password") => Some(("good", "password-done")),
        Some("portrait") => Some(("good", "portrait-done")),
        Some("no-portrait") => Some(("good", "portrait-removed")),
        _ => None,
    };
    page(&site, &visit, word, StatusCode::OK)
}

/// The page with what has just been done, or why it was not.
pub(super) fn page(site: &Site, visit: &Visit, word: Option<(&str, &str)>, status: StatusCode) -> Response {
    let texts = visit.texts();
    let account = &visit.account;
    let language = account.language.as_deref();
    let main = html! {
        h1 { (texts.t("nav-profile")) }
        @if let Some((kind, key)) = word { (notice(kind, &texts.t(key))) }
        dl class="facts" {
            dt { (texts.t("users-name")) } dd { (account.name) }
            dt { (texts.t("users-role")) } dd { (view::role(texts, account.role)) }
            dt { (texts.t("profile-password-since")) } dd { (view::time(texts, account.password_changed_unix_s)) }
        }
        section class="card" {
            form class="stack" method="post" action=(visit.reader.link("/profile")) {
                (view::csrf(visit))
                label { (texts.t("users-display-name")) input name="display_name" maxlength="80" required value=(account.display_name) autocomplete="name"; span class="hint" { (texts.t("profile-display-name-hint")) } }
                label { (texts.t("profile-language"))
                    select name="language" {
                        option value="" selected[language.is_none()] { (texts.t("profile-language-browser")) }
                        option value="de" lang="de" selected[language == Some("de")] { "Deutsch" }
                        option value="en" lang="en" selected[language == Some("en")] { "English" }
                    }
                }
                div { button { (texts.t("profile-button")) } }
            }
        }
        section class="card" {
            h2 { (texts.t("portrait-heading")) }
            p { (texts.t("portrait-lead")) }
            p class="portrait" {
                @match account.portrait {
                    Some(hash) => { img class="face" src=(images::own(hash)) alt=(texts.t("portrait-own")) width="128" height="128"; }
                    None => { span class="face" aria-hidden="true" { (images::initials(&account.display_name)) } span class="muted" { (texts.t("portrait-none")) } }
                }
            }
            (images::form(visit, "/profile/portrait", &texts.t("portrait-hint"), account.portrait.is_some()))
        }
        section class="card" {
            h2 { (texts.t("factor-heading")) }
            p { (texts.t(if account.second_factor.is_some() { "factor-is-set" } else { "factor-lead" })) }
            p { a class="button quiet" href=(visit.reader.link("/profile/second-factor")) {
                (texts.t(if account.second_factor.is_some() { "factor-change" } else { "factor-set-up" }))
            } }
        }
        section class="card" {
            h2 { (texts.t("password-heading")) }
            p { (texts.t("profile-password-hint")) }
            p { a class="button quiet" href=(visit.reader.link("/password")) { (texts.t("password-heading")) } }
        }
    };
    with_status(status, view::whole(site, visit, &texts.t("nav-profile"), true, &main))
}

pub(super) async fn change(State(site): State<Arc<Site>>, visit: Visit, fields: Fields) -> Response {
    let name = visit.account.name.as_str();
    let display_name = users::display_name(fields.get("display_name"), name);
    let language = Language::from_tag(fields.get("language")).map(Language::tag);
    let record = Record::new(&Actor::Account(name.to_owned()), Action::ProfileChanged).on(name);
    match site.store.set_profile(name, &display_name, language, record).await {
        Ok(_) => Redirect::to("/profile?done=profile").into_response(),
        Err(error) => {
            site.hall.metrics.count(Count::StoreFailed);
            tracing::error!(%error, "the store failed");
            view::refusal(&site, &visit.reader, StatusCode::SERVICE_UNAVAILABLE, "refused-store")
        }
    }
}
