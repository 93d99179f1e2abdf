//! Signing in, with a code where there is a second factor, and out; and changing
//! the password.

use super::{
    guard::{Fields, Peer, Visit, new_token, set_cookie},
    logins::{Login, Stage},
    second_factor, view,
};
use crate::{
    accounts::{BadPassword, PasswordState, check_new_password},
    audit::{Action, Actor, Outcome, Record},
    credentials::{self, CodeKind, Denied, Failure, Kept, unix_now_s},
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
use mitblick_protocol::time::Moment;
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
    /// The password is right; a code comes next.
    CodeWanted(Box<Account>),
    /// As [`Refused::Wrong`].
    WrongCode(Duration, u32),
    Blocked,
    Expired,
    /// Account or password were changed meanwhile.
    Changed,
    Busy,
    OutOfOrder(StoreError),
}

impl Refused {
    fn told(&self, site: &Site, texts: Texts) -> (StatusCode, String) {
        match self {
            Self::Wrong(wait, left) if wait.is_zero() => {
                (StatusCode::FORBIDDEN, texts.t_with("sign-in-wrong", &[("left", (*left).into())]))
            }
            Self::Wrong(wait, _) => {
                (StatusCode::FORBIDDEN, texts.t_with("sign-in-wrong-wait", &[("minutes", minutes(*wait).into())]))
            }
            Self::WrongCode(wait, left) if wait.is_zero() => {
                (StatusCode::FORBIDDEN, texts.t_with("code-wrong", &[("left", (*left).into())]))
            }
            Self::WrongCode(wait, _) => {
                (StatusCode::FORBIDDEN, texts.t_with("code-wrong-wait", &[("minutes", minutes(*wait).into())]))
            }
            Self::Wait(wait) => {
                (StatusCode::TOO_MANY_REQUESTS, texts.t_with("sign-in-wait", &[("minutes", minutes(*wait).into())]))
            }
            Self::CodeWanted(_) => (StatusCode::FORBIDDEN, texts.t("sign-in-code-lead")),
            Self::Blocked => (StatusCode::FORBIDDEN, texts.t("sign-in-blocked")),
            Self::Expired => (StatusCode::FORBIDDEN, texts.t("sign-in-expired")),
            Self::Changed => (StatusCode::CONFLICT, texts.t("password-meanwhile")),
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, texts.t("refused-busy")),
            Self::OutOfOrder(error) => {
                site.hall.metrics.count(Count::StoreFailed);
                tracing::error!(%error, "the store failed");
                (StatusCode::SERVICE_UNAVAILABLE, texts.t("refused-store"))
            }
        }
    }
}

impl From<Denied> for Refused {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::CodeWanted(account) => Self::CodeWanted(Box::new(account)),
            Denied::Changed => Self::Changed,
            Denied::Wrong { wait, left, .. } => Self::Wrong(wait, left),
            Denied::Wait(wait) => Self::Wait(wait),
            Denied::Failed(Failure::Hash(_)) => Self::Busy,
            Denied::Failed(Failure::Seal(error)) => Self::OutOfOrder(StoreError::OutOfOrder(error.to_string())),
            Denied::Failed(Failure::Store(error)) => Self::OutOfOrder(error),
        }
    }
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
    // Whatever token the browser came with is worth nothing now.
    let before = before.map(|Extension(visit)| visit.token);
    match admit(&site, Peer(source), &name, &fields).await {
        Ok(account) => enter(&site, &reader, &account, false, before),
        Err(Refused::CodeWanted(account)) => {
            if let Some(token) = before {
                site.logins().end(&token);
            }
            let Some((token, _)) = halfway(&site, &account) else {
                return view::refusal(&site, &reader, StatusCode::SERVICE_UNAVAILABLE, "refused-busy");
            };
            let mut response = Redirect::to(&reader.link("/sign-in/code")).into_response();
            set_cookie(&mut response, Some(&token));
            response
        }
        Err(why) => {
            let (status, told) = why.told(&site, reader.texts());
            with_status(status, sign_in_page(&site, &reader, fields.get("name"), &notice("bad", &told)))
        }
    }
}

/// A whole login under a new token, and the first page.
fn enter(site: &Site, reader: &Reader, account: &Account, with_code: bool, before: Option<String>) -> Response {
    let Some((token, _)) = begin(site, account, with_code.then(|| site.hall.now())) else {
        return view::refusal(site, reader, StatusCode::SERVICE_UNAVAILABLE, "refused-busy");
    };
    if let Some(before) = before {
        site.logins().end(&before);
    }
    site.hall.metrics.count(Count::SignedIn);
    let to = if account.password_state == PasswordState::Own { "/" } else { "/password" };
    let mut response = Redirect::to(&reader.link(to)).into_response();
    set_cookie(&mut response, Some(&token));
    response
}

fn code_page(site: &Site, visit: &Visit, told: &Markup) -> Html<String> {
    let texts = visit.texts();
    let heading = texts.t("sign-in-code-heading");
    let main = html! {
        h1 { (heading) }
        p class="lead" { (texts.t("sign-in-code-lead")) }
        (told)
        section class="card" {
            form class="stack" method="post" action=(visit.reader.link("/sign-in/code")) {
                (view::csrf(visit))
                (second_factor::code_field(visit, "code-field"))
                div { button { (texts.t("sign-in-button")) } }
            }
        }
        p class="hint" { (texts.t("sign-in-code-hint")) }
    };
    view::outside(site, &visit.reader, &heading, &main)
}

pub(super) async fn show_code(State(site): State<Arc<Site>>, visit: Visit) -> Html<String> {
    code_page(&site, &visit, &html! {})
}

pub(super) async fn code(
    State(site): State<Arc<Site>>,
    Extension(Peer(source)): Extension<Peer>,
    visit: Visit,
    fields: Fields,
) -> Response {
    let judged =
        credentials::judge_code_from(source, &site.hall, &*site.store, &site.vault, &visit.account, fields.get("code"));
    let admitted = async {
        let (account, kind) = match judged.await {
            Ok(right) => right,
            Err(Denied::Wrong { wait, left, .. }) => {
                let record = Record::new(&Actor::Stranger, Action::PagesSignIn).on(&visit.account.name);
                let record = record.outcome(Outcome::WrongCode).count("wait_s", whole_seconds(wait));
                site.hall.recorder.push(record);
                return Err(Refused::WrongCode(wait, left));
            }
            Err(denied) => return Err(denied.into()),
        };
        record_recovery(&site, &account, kind);
        admissible(&site, &account)?;
        recorded(&site, &account).await?;
        Ok(account)
    };
    match admitted.await {
        Ok(account) => enter(&site, &visit.reader, &account, true, Some(visit.token)),
        Err(why) => {
            let (status, told) = why.told(&site, visit.texts());
            with_status(status, code_page(&site, &visit, &notice("bad", &told)))
        }
    }
}

/// That a recovery code was used is worth an entry of its own.
pub(super) fn record_recovery(site: &Site, account: &Account, kind: CodeKind) {
    if kind == CodeKind::Recovery {
        let actor = Actor::Account(account.name.clone());
        site.hall.recorder.push(Record::new(&actor, Action::RecoveryCodeUsed).on(&account.name));
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
        Err(denied) => return Err(denied.into()),
    };
    admissible(site, &account)?;
    recorded(site, &account).await?;
    Ok(account)
}

fn admissible(site: &Site, account: &Account) -> Result<(), Refused> {
    let (outcome, why) = if account.blocked {
        (Outcome::Blocked, Refused::Blocked)
    } else if credentials::is_expired(account, unix_now_s()) {
        (Outcome::InitialPassword, Refused::Expired)
    } else {
        return Ok(());
    };
    site.hall.metrics.count(Count::SignInRefused);
    let actor = Actor::Account(account.name.clone());
    site.hall.recorder.push(Record::new(&actor, Action::PagesSignIn).outcome(outcome));
    Err(why)
}

async fn recorded(site: &Site, account: &Account) -> Result<(), Refused> {
    let record = Record::new(&Actor::Account(account.name.clone()), Action::PagesSignIn);
    site.hall.recorder.written(site.hall.recorder.push(record)).await.map_err(Refused::OutOfOrder)
}

/// A login under a new token; `None` without randomness.
pub(super) fn begin(site: &Site, account: &Account, code_at: Option<Moment>) -> Option<(String, Login)> {
    let now = site.hall.now();
    let mut login = Login::new(account, Stage::Whole, new_token()?, now);
    login.code_at = code_at;
    begun(site, login)
}

fn halfway(site: &Site, account: &Account) -> Option<(String, Login)> {
    begun(site, Login::new(account, Stage::Halfway, new_token()?, site.hall.now()))
}

fn begun(site: &Site, login: Login) -> Option<(String, Login)> {
    let token = new_token()?;
    site.logins().begin(&token, login.clone());
    Some((token, login))
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
                p class="hint" id="rules" { (texts.t_with("password-rules", &[("least", visit.account.least_password_chars().into())])) }
                div { button { (texts.t("password-button")) } }
            }
        }
    };
    view::whole(site, visit, &heading, !must, &main)
}

pub(super) async fn show_password(State(site): State<Arc<Site>>, visit: Visit) -> Html<String> {
    password_page(&site, &visit, &html! {})
}

/// Why a password or a second factor was not changed.
pub(super) enum NotChanged {
    /// See [`Refused::Wrong`].
    Wrong(Duration, u32),
    /// See [`Refused::WrongCode`].
    WrongCode(Duration, u32),
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
    pub(super) fn text(&self, texts: Texts) -> String {
        match self {
            Self::WrongCode(wait, left) if wait.is_zero() => texts.t_with("code-wrong", &[("left", (*left).into())]),
            Self::WrongCode(wait, _) => texts.t_with("code-wrong-wait", &[("minutes", minutes(*wait).into())]),
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

    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Busy | Self::OutOfOrder(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Wait(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Wrong(..) | Self::WrongCode(..) | Self::Expired | Self::Blocked => StatusCode::FORBIDDEN,
            Self::Meanwhile => StatusCode::CONFLICT,
            Self::NotTheSame | Self::Bad(_) => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    /// For the log, where it is one's business.
    pub(super) fn note(&self, site: &Site) {
        if let Self::OutOfOrder(error) = self {
            site.hall.metrics.count(Count::StoreFailed);
            tracing::error!(%error, "the store failed");
        }
    }
}

impl From<Failure> for NotChanged {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Hash(_) => Self::Busy,
            Failure::Store(error) => Self::OutOfOrder(error),
            Failure::Seal(error) => Self::OutOfOrder(StoreError::OutOfOrder(error.to_string())),
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
            let Some((token, _)) = begin(&site, &account, visit.login.code_at) else {
                return view::refusal(&site, &visit.reader, StatusCode::SERVICE_UNAVAILABLE, "refused-busy");
            };
            let to = visit.reader.link("/profile");
            let mark = if to.contains('?') { '&' } else { '?' };
            let mut response = Redirect::to(&format!("{to}{mark}done=password")).into_response();
            set_cookie(&mut response, Some(&token));
            response
        }
        Err(why) => {
            why.note(&site);
            with_status(why.status(), password_page(&site, &visit, &notice("bad", &why.text(visit.texts()))))
        }
    }
}

async fn try_change(site: &Site, Peer(source): Peer, visit: &Visit, fields: &Fields) -> Result<Account, NotChanged> {
    let (name, hall) = (&visit.account.name, &site.hall);
    if credentials::is_expired(&visit.account, unix_now_s()) {
        return Err(NotChanged::Expired);
    }
    let new = fields.secret("new");
    check_new_password(name, &new, visit.account.least_password_chars()).map_err(NotChanged::Bad)?;
    if *new != *fields.secret("again") {
        return Err(NotChanged::NotTheSame);
    }
    // Counted like a sign-in: a stolen login must not become a way to guess the
    // password.
    let present = fields.secret("present");
    let account = match credentials::judge_from(source, hall, &*site.store, &site.hasher, name, present).await {
        // Who is signed in has given a code.
        Ok(account) | Err(Denied::CodeWanted(account)) if account.id == visit.account.id => account,
        Ok(_) | Err(Denied::CodeWanted(_) | Denied::Changed) => return Err(NotChanged::Meanwhile),
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
