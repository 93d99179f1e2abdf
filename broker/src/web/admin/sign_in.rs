//! Signing in and out, and changing the password.

use super::{
    guard::{Fields, Peer, Visit, new_token, set_cookie},
    logins::Login,
    view,
};
use crate::{
    accounts::{BadPassword, PasswordState, check_new_password},
    audit::{Action, Actor, Outcome, Record},
    credentials::{self, Denied, Failure, Kept, unix_now_s},
    metrics::Count,
    store::{Account, StoreError},
    web::{
        Site,
        layout::{Reader, notice, with_status},
        texts::Texts,
    },
};
use axum::{
    Extension,
    extract::State,
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use std::{sync::Arc, time::Duration};

fn sign_in_page(site: &Site, reader: &Reader, name: &str, told: &Markup) -> Html<String> {
    let texts = reader.texts();
    let main = html! {
        h1 { (texts.t("sign-in-heading")) }
        (told)
        section class="card" {
            form class="stack" method="post" action=(reader.link("/sign-in")) {
                label { (texts.t("sign-in-name")) input name="name" value=(name) required autocomplete="username" autocapitalize="none" spellcheck="false"; }
                label { (texts.t("sign-in-password")) input name="password" type="password" required autocomplete="current-password"; }
                div { button { (texts.t("sign-in-button")) } }
            }
        }
        p class="hint" { (texts.t("sign-in-hint")) }
    };
    view::outside(site, reader, &texts.t("sign-in-heading"), &main)
}

pub(super) async fn show(State(site): State<Arc<Site>>, Extension(reader): Extension<Reader>) -> Html<String> {
    sign_in_page(&site, &reader, "", &html! {})
}

/// Why somebody is not signed in.
enum Refused {
    /// Wrong; so long nothing more is looked at, and so many tries are left.
    Wrong(Duration, u32),
    /// Not looked at for so long.
    Wait(Duration),
    Blocked,
    Expired,
    Busy,
    OutOfOrder(StoreError),
}

/// Rounded up, so that a try after them is looked at.
fn minutes(wait: Duration) -> u64 {
    u64::try_from(wait.as_millis().div_ceil(60_000)).unwrap_or(u64::MAX)
}

fn whole_seconds(wait: Duration) -> u64 {
    u64::try_from(wait.as_millis().div_ceil(1_000)).unwrap_or(u64::MAX)
}

pub(super) async fn sign_in(
    State(site): State<Arc<Site>>,
    Extension(reader): Extension<Reader>,
    Extension(Peer(source)): Extension<Peer>,
    before: Option<Extension<Visit>>,
    fields: Fields,
) -> Response {
    let name = crate::accounts::canonical_name(fields.get("name")).unwrap_or_default();
    match admit(&site, Peer(source), &name, &fields).await {
        Ok(account) => match begin(&site, &account) {
            Some(token) => {
                // Whatever token the browser came with is worth nothing now.
                if let Some(Extension(visit)) = before {
                    site.logins().end(&visit.token);
                }
                site.hall.metrics.count(Count::SignedIn);
                let to = if account.password_state == PasswordState::Own { "/" } else { "/password" };
                let mut response = Redirect::to(&reader.link(to)).into_response();
                set_cookie(&mut response, Some(&token));
                response
            }
            None => view::refusal(&site, &reader, StatusCode::SERVICE_UNAVAILABLE, "refused-busy"),
        },
        Err(why) => {
            let texts = reader.texts();
            let (status, told) = match &why {
                Refused::Wrong(wait, left) if wait.is_zero() => {
                    (StatusCode::FORBIDDEN, texts.t_with("sign-in-wrong", &[("left", (*left).into())]))
                }
                Refused::Wrong(wait, _) => {
                    (StatusCode::FORBIDDEN, texts.t_with("sign-in-wrong-wait", &[("minutes", minutes(*wait).into())]))
                }
                Refused::Wait(wait) => {
                    (StatusCode::TOO_MANY_REQUESTS, texts.t_with("sign-in-wait", &[("minutes", minutes(*wait).into())]))
                }
                Refused::Blocked => (StatusCode::FORBIDDEN, texts.t("sign-in-blocked")),
                Refused::Expired => (StatusCode::FORBIDDEN, texts.t("sign-in-expired")),
                Refused::Busy => (StatusCode::SERVICE_UNAVAILABLE, texts.t("refused-busy")),
                Refused::OutOfOrder(error) => {
                    site.hall.metrics.count(Count::StoreFailed);
                    tracing::error!(%error, "the store failed");
                    (StatusCode::SERVICE_UNAVAILABLE, texts.t("refused-store"))
                }
            };
            with_status(status, sign_in_page(&site, &reader, fields.get("name"), &notice("bad", &told)))
        }
    }
}

async fn admit(site: &Site, Peer(source): Peer, name: &str, fields: &Fields) -> Result<Account, Refused> {
    let hall = &site.hall;
    let password = fields.secret("password");
    let account = match credentials::judge_from(source, hall, &*site.store, &site.hasher, name, password).await {
        Ok(account) => account,
        Err(Denied::Wrong { account, wait, left }) => {
            let record = Record::new(&Actor::Stranger, Action::PagesSignIn).outcome(Outcome::WrongPassword);
            let record = record.count("wait_s", whole_seconds(wait));
            hall.recorder.push(match &account {
                Some(account) => record.on(&account.name),
                None => record,
            });
            return Err(Refused::Wrong(wait, left));
        }
        Err(Denied::Wait(wait)) => return Err(Refused::Wait(wait)),
        Err(Denied::Failed(Failure::Hash(_))) => return Err(Refused::Busy),
        Err(Denied::Failed(Failure::Store(error))) => return Err(Refused::OutOfOrder(error)),
    };
    let actor = Actor::Account(account.name.clone());
    let refused = if account.blocked {
        Some((Outcome::Blocked, Refused::Blocked))
    } else if credentials::is_expired(&account, unix_now_s()) {
        Some((Outcome::InitialPassword, Refused::Expired))
    } else {
        None
    };
    if let Some((outcome, why)) = refused {
        hall.metrics.count(Count::SignInRefused);
        hall.recorder.push(Record::new(&actor, Action::PagesSignIn).outcome(outcome));
        return Err(why);
    }
    let ticket = hall.recorder.push(Record::new(&actor, Action::PagesSignIn));
    hall.recorder.written(ticket).await.map_err(Refused::OutOfOrder)?;
    Ok(account)
}

/// A login under a new token; `None` without randomness.
fn begin(site: &Site, account: &Account) -> Option<String> {
    let (token, csrf) = (new_token()?, new_token()?);
    let now = site.hall.now();
    let login = Login {
        account: account.id,
        name: account.name.clone(),
        password_changed_unix_s: account.password_changed_unix_s,
        role: account.role,
        csrf,
        began: now,
        used: now,
    };
    site.logins().begin(&token, login);
    Some(token)
}

pub(super) async fn sign_out(State(site): State<Arc<Site>>, visit: Visit) -> Response {
    site.logins().end(&visit.token);
    site.hall.recorder.push(Record::new(&Actor::Account(visit.account.name.clone()), Action::PagesSignOut));
    let mut response = Redirect::to(&visit.reader.link("/sign-in")).into_response();
    set_cookie(&mut response, None);
    response
}

fn password_page(site: &Site, visit: &Visit, told: &Markup) -> Html<String> {
    let texts = visit.texts();
    let must = visit.account.password_state != PasswordState::Own;
    let heading = texts.t(if must { "password-heading-initial" } else { "password-heading" });
    let main = html! {
        h1 { (heading) }
        @if must { p class="lead" { (texts.t("password-lead-initial")) } }
        (told)
        section class="card" {
            form class="stack" method="post" action=(visit.reader.link("/password")) {
                (view::csrf(visit))
                // For password managers: whose password it is.
                input type="hidden" name="username" value=(visit.account.name) autocomplete="username";
                label { (texts.t(if must { "password-initial" } else { "password-present" })) input name="present" type="password" required autocomplete="current-password"; }
                label { (texts.t("password-new")) input name="new" type="password" required autocomplete="new-password" aria-describedby="rules"; }
                label { (texts.t("password-again")) input name="again" type="password" required autocomplete="new-password"; }
                p class="hint" id="rules" { (texts.t("password-rules")) }
                div { button { (texts.t("password-button")) } }
            }
        }
    };
    view::whole(site, visit, &heading, !must, &main)
}

pub(super) async fn show_password(State(site): State<Arc<Site>>, visit: Visit) -> Html<String> {
    password_page(&site, &visit, &html! {})
}

/// Why a password was not changed.
enum NotChanged {
    /// See [`Refused::Wrong`].
    Wrong(Duration, u32),
    Expired,
    Blocked,
    Wait(Duration),
    NotTheSame,
    Bad(BadPassword),
    /// Somebody else was faster.
    Meanwhile,
    Busy,
    OutOfOrder(StoreError),
}

impl NotChanged {
    fn text(&self, texts: Texts) -> String {
        match self {
            Self::Wrong(wait, left) if wait.is_zero() => texts.t_with("password-wrong", &[("left", (*left).into())]),
            Self::Wrong(wait, _) => texts.t_with("password-wrong-wait", &[("minutes", minutes(*wait).into())]),
            Self::Expired => texts.t("sign-in-expired"),
            Self::Blocked => texts.t("sign-in-blocked"),
            Self::Wait(wait) => texts.t_with("sign-in-wait", &[("minutes", minutes(*wait).into())]),
            Self::Meanwhile => texts.t("password-meanwhile"),
            Self::NotTheSame => texts.t("password-not-same"),
            Self::Bad(why) => crate::problem::Problem::BadPassword(*why).text(texts.language()),
            Self::Busy => texts.t("refused-busy"),
            Self::OutOfOrder(_) => texts.t("refused-store"),
        }
    }
}

impl From<Failure> for NotChanged {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Hash(_) => Self::Busy,
            Failure::Store(error) => Self::OutOfOrder(error),
        }
    }
}

pub(super) async fn change_password(
    State(site): State<Arc<Site>>,
    Extension(peer): Extension<Peer>,
    visit: Visit,
    fields: Fields,
) -> Response {
    match try_change(&site, peer, &visit, &fields).await {
        Ok(account) => {
            // All other logins are over, and this one has a new token.
            site.logins().end_account(account.id);
            let Some(token) = begin(&site, &account) else {
                return view::refusal(&site, &visit.reader, StatusCode::SERVICE_UNAVAILABLE, "refused-busy");
            };
            let to = visit.reader.link("/profile");
            let mark = if to.contains('?') { '&' } else { '?' };
            let mut response = Redirect::to(&format!("{to}{mark}done=password")).into_response();
            set_cookie(&mut response, Some(&token));
            response
        }
        Err(why) => {
            if let NotChanged::OutOfOrder(error) = &why {
                site.hall.metrics.count(Count::StoreFailed);
                tracing::error!(%error, "the store failed");
            }
            let status = match why {
                NotChanged::Busy | NotChanged::OutOfOrder(_) => StatusCode::SERVICE_UNAVAILABLE,
                NotChanged::Wait(_) => StatusCode::TOO_MANY_REQUESTS,
                NotChanged::Wrong(..) | NotChanged::Expired | NotChanged::Blocked => StatusCode::FORBIDDEN,
                NotChanged::Meanwhile => StatusCode::CONFLICT,
                NotChanged::NotTheSame | NotChanged::Bad(_) => StatusCode::UNPROCESSABLE_ENTITY,
            };
            with_status(status, password_page(&site, &visit, &notice("bad", &why.text(visit.texts()))))
        }
    }
}

async fn try_change(site: &Site, Peer(source): Peer, visit: &Visit, fields: &Fields) -> Result<Account, NotChanged> {
    let (name, hall) = (&visit.account.name, &site.hall);
    if credentials::is_expired(&visit.account, unix_now_s()) {
        return Err(NotChanged::Expired);
    }
    let new = fields.secret("new");
    check_new_password(name, &new).map_err(NotChanged::Bad)?;
    if *new != *fields.secret("again") {
        return Err(NotChanged::NotTheSame);
    }
    // Counted like a sign-in: a stolen login must not become a way to guess the
    // password.
    let present = fields.secret("present");
    let account = match credentials::judge_from(source, hall, &*site.store, &site.hasher, name, present).await {
        Ok(account) if account.id == visit.account.id => account,
        Ok(_) => return Err(NotChanged::Meanwhile),
        Err(Denied::Wrong { wait, left, .. }) => {
            let record = Record::new(&Actor::Account(name.clone()), Action::PasswordChanged).on(name);
            let record = record.outcome(Outcome::WrongPassword).count("wait_s", whole_seconds(wait));
            hall.recorder.push(record);
            return Err(NotChanged::Wrong(wait, left));
        }
        Err(Denied::Wait(wait)) => return Err(NotChanged::Wait(wait)),
        Err(Denied::Failed(failure)) => return Err(failure.into()),
    };
    credentials::change_password(&*site.store, &site.hasher, &account, &new, unix_now_s()).await?.map_err(|kept| {
        match kept {
            Kept::Rule(why) => NotChanged::Bad(why),
            Kept::InitialExpired => NotChanged::Expired,
            Kept::Blocked => NotChanged::Blocked,
            Kept::Changed => NotChanged::Meanwhile,
        }
    })?;
    let changed = site.store.account(name).await.map_err(NotChanged::OutOfOrder)?;
    changed.filter(|changed| changed.id == account.id).ok_or(NotChanged::Meanwhile)
}
