//! Accounts: made, changed, blocked, removed by those who manage.
//!
//! Only the main user makes local admins or changes them, so that no local
//! admin can take another's place; the main user's account is changed by
//! nobody here, and nobody changes their own.

use super::{
    guard::{Fields, Visit},
    images, view,
};
use crate::{
    accounts::{INITIAL_PASSWORD_LIFE_S, PasswordState, Role, canonical_name, generated_password},
    audit::{Action, Actor, Record},
    hall::unix_now,
    metrics::Count,
    store::{Account, Change, NewAccount, NewPassword, StoreError},
    web::{
        Site,
        layout::{Reader, notice, with_status},
        texts::Texts,
    },
};
use axum::{
    extract::State,
    http::{StatusCode, Uri},
    response::{Html, IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use mitblick_protocol::text::DisplayText;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Roles that can be given; the main user's is handed over at the command
/// line.
const GIVEN: [Role; 3] = [Role::Advisor, Role::Auditor, Role::LocalAdmin];

/// Why something was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refused {
    BadName,
    NameTaken,
    NoSuchAccount,
    IsMainUser,
    Oneself,
    OnlyMainUser,
    NoRole,
    NoMainUser,
    Busy,
    Store,
}

impl Refused {
    fn key(self) -> &'static str {
        match self {
            Self::BadName => "users-bad-name",
            Self::NameTaken => "users-name-taken",
            Self::NoSuchAccount => "users-gone",
            Self::IsMainUser => "users-is-main-user",
            Self::Oneself => "users-oneself",
            Self::OnlyMainUser => "users-only-main-user",
            Self::NoRole => "users-no-role",
            Self::NoMainUser => "users-no-main-user",
            Self::Busy => "refused-busy",
            Self::Store => "refused-store",
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::BadName | Self::NoRole => StatusCode::UNPROCESSABLE_ENTITY,
            Self::NameTaken | Self::NoMainUser => StatusCode::CONFLICT,
            Self::NoSuchAccount => StatusCode::NOT_FOUND,
            Self::IsMainUser | Self::Oneself | Self::OnlyMainUser => StatusCode::FORBIDDEN,
            Self::Busy | Self::Store => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

fn failed(site: &Site, error: &StoreError) -> Refused {
    site.hall.metrics.count(Count::StoreFailed);
    tracing::error!(%error, "the store failed");
    Refused::Store
}

fn made(change: Change) -> Result<(), Refused> {
    match change {
        Change::Made => Ok(()),
        Change::NoSuchAccount | Change::OtherPassword => Err(Refused::NoSuchAccount),
        Change::IsMainUser => Err(Refused::IsMainUser),
    }
}

fn now() -> i64 {
    i64::try_from(unix_now()).unwrap_or(i64::MAX)
}

fn actor(visit: &Visit) -> Actor {
    Actor::Account(visit.account.name.clone())
}

/// Whether these two, in these roles, may be changed by each other.
fn may_change(by: &Account, of: &Account) -> Result<(), Refused> {
    if by.id == of.id {
        Err(Refused::Oneself)
    } else if of.role == Role::MainUser {
        Err(Refused::IsMainUser)
    } else if of.role == Role::LocalAdmin && by.role != Role::MainUser {
        Err(Refused::OnlyMainUser)
    } else {
        Ok(())
    }
}

fn may_give(by: &Account, role: Role) -> Result<(), Refused> {
    match role {
        Role::MainUser => Err(Refused::NoRole),
        Role::LocalAdmin if by.role != Role::MainUser => Err(Refused::OnlyMainUser),
        Role::LocalAdmin | Role::Advisor | Role::Auditor => Ok(()),
    }
}

fn password_badge(texts: Texts, account: &Account) -> Markup {
    match account.password_state {
        PasswordState::Own => html! { (texts.t("users-password-own")) },
        PasswordState::Initial { until_unix_s } if until_unix_s <= now() => {
            html! { span class="badge bad" { (texts.t("users-password-expired")) } }
        }
        PasswordState::Initial { until_unix_s } => html! {
            span class="badge warn" { (texts.t_with("users-password-initial", &[("until", view::time(texts, until_unix_s).into())])) }
        },
    }
}

pub(super) async fn list(State(site): State<Arc<Site>>, visit: Visit, uri: Uri) -> Response {
    let texts = visit.texts();
    let accounts = match site.store.accounts().await {
        Ok(accounts) => accounts,
        Err(error) => return refused(&site, &visit, failed(&site, &error)),
    };
    let unchanged = accounts.iter().filter(|account| account.password_state != PasswordState::Own).count();
    let done = super::done(&uri).and_then(|done| match done {
        "role" => Some("users-done-role"),
        "blocked" => Some("users-done-blocked"),
        "unblocked" => Some("users-done-unblocked"),
        "removed" => Some("users-done-removed"),
        _ => None,
    });
    let main = html! {
        h1 { (texts.t("nav-users")) }
        @if let Some(done) = done { (notice("good", &texts.t(done))) }
        @if unchanged > 0 {
            (notice("warn", &texts.t_with("users-unchanged", &[("count", unchanged.into())])))
        }
        p { a class="button" href=(visit.reader.link("/users/new")) { (texts.t("users-new")) } }
        div class="card scroll" {
            table class="stacked" {
                thead { tr {
                    th { (texts.t("users-name")) }
                    th { (texts.t("users-display-name")) }
                    th { (texts.t("users-role")) }
                    th { (texts.t("users-password")) }
                    th { (texts.t("users-state")) }
                    th { span class="muted" { (texts.t("users-change")) } }
                } }
                tbody {
                    @for account in &accounts {
                        tr {
                            td data-name=(texts.t("users-name")) {
                                span class="person" {
                                    @match account.portrait {
                                        // The name stands beside it.
                                        Some(hash) => { img class="face small" src=(images::of(&account.name, hash)) alt="" width="32" height="32" loading="lazy"; }
                                        None => { span class="face small" aria-hidden="true" { (images::initials(&account.display_name)) } }
                                    }
                                    strong { (account.name) }
                                }
                            }
                            td data-name=(texts.t("users-display-name")) { (account.display_name) }
                            td data-name=(texts.t("users-role")) { (view::role(texts, account.role)) }
                            td data-name=(texts.t("users-password")) {
                                (password_badge(texts, account))
                                @if account.second_factor.is_some() { " " span class="badge good" { (texts.t("users-factor")) } }
                            }
                            td data-name=(texts.t("users-state")) {
                                @if account.blocked { span class="badge bad" { (texts.t("users-blocked")) } } @else { (texts.t("users-active")) }
                            }
                            td data-name=(texts.t("users-change")) {
                                @if may_change(&visit.account, account).is_ok() {
                                    a href=(change_link(&visit.reader, &account.name)) aria-label=(texts.t_with("users-change-of", &[("name", account.name.as_str().into())])) { (texts.t("users-change")) }
                                } @else { span class="muted" { "–" } }
                            }
                        }
                    }
                }
            }
        }
        p class="hint" { (texts.t("users-hint")) }
    };
    view::whole(&site, &visit, &texts.t("nav-users"), true, &main).into_response()
}

fn change_link(reader: &Reader, name: &str) -> String {
    let path = reader.link("/users/change");
    let mark = if path.contains('?') { '&' } else { '?' };
    let name: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
    format!("{path}{mark}name={name}")
}

fn role_select(texts: Texts, by: &Account, chosen: Role) -> Markup {
    html! {
        select name="role" {
            @for role in GIVEN {
                @if may_give(by, role).is_ok() {
                    option value=(role.as_str()) selected[role == chosen] { (view::role(texts, role)) }
                }
            }
        }
    }
}

fn new_page(site: &Site, visit: &Visit, fields: &Fields, told: &Markup) -> Html<String> {
    let texts = visit.texts();
    let role = fields.get("role").parse().unwrap_or(Role::Advisor);
    let main = html! {
        h1 { (texts.t("users-new")) }
        (told)
        section class="card" {
            form class="stack" method="post" action=(visit.reader.link("/users/new")) {
                (view::csrf(visit))
                label { (texts.t("users-name")) input name="name" required maxlength="64" value=(fields.get("name")) autocomplete="off" autocapitalize="none" spellcheck="false"; span class="hint" { (texts.t("users-name-hint")) } }
                label { (texts.t("users-display-name")) input name="display_name" maxlength="80" value=(fields.get("display_name")) autocomplete="off"; span class="hint" { (texts.t("users-display-name-hint")) } }
                label { (texts.t("users-role")) (role_select(texts, &visit.account, role)) }
                div class="actions" {
                    button { (texts.t("users-new-button")) }
                    a class="button quiet" href=(visit.reader.link("/users")) { (texts.t("cancel")) }
                }
            }
        }
    };
    view::whole(site, visit, &texts.t("users-new"), true, &main)
}

pub(super) async fn show_new(State(site): State<Arc<Site>>, visit: Visit) -> Html<String> {
    new_page(&site, &visit, &Fields::default(), &html! {})
}

pub(super) async fn add(State(site): State<Arc<Site>>, visit: Visit, fields: Fields) -> Response {
    match try_add(&site, &visit, &fields).await {
        Ok((name, password)) => initial_page(&site, &visit, &name, &password),
        Err(why) => {
            let told = notice("bad", &visit.texts().t(why.key()));
            with_status(why.status(), new_page(&site, &visit, &fields, &told))
        }
    }
}

async fn try_add(site: &Site, visit: &Visit, fields: &Fields) -> Result<(String, Zeroizing<String>), Refused> {
    let name = canonical_name(fields.get("name")).map_err(|_| Refused::BadName)?;
    let role: Role = fields.get("role").parse().map_err(|_| Refused::NoRole)?;
    may_give(&visit.account, role)?;
    let display_name = display_name(fields.get("display_name"), &name);
    let (password, new) = initial(site).await?;
    let record = Record::new(&actor(visit), Action::AccountAdded).on_role(&name, role);
    let account = NewAccount { name: name.clone(), display_name, role, password: new };
    match site.store.add_account(account, record).await {
        Ok(_) => Ok((name, password)),
        Err(StoreError::NameTaken) => Err(Refused::NameTaken),
        Err(StoreError::NoMainUser) => Err(Refused::NoMainUser),
        Err(StoreError::MainUserThere) => Err(Refused::NoRole),
        Err(error @ StoreError::OutOfOrder(_)) => Err(failed(site, &error)),
    }
}

/// The name for customers, safe to show; the other one if it is empty.
pub(super) fn display_name(given: &str, name: &str) -> String {
    let given = DisplayText::cleaned(given);
    if given.as_str().is_empty() { name.to_owned() } else { given.as_str().to_owned() }
}

async fn initial(site: &Site) -> Result<(Zeroizing<String>, NewPassword), Refused> {
    let password = generated_password().map_err(|_| Refused::Busy)?;
    let hash = site.hasher.hash(password.clone()).await.map_err(|_| Refused::Busy)?;
    let state = PasswordState::Initial { until_unix_s: now().saturating_add(INITIAL_PASSWORD_LIFE_S) };
    Ok((password, NewPassword { hash, state, changed_unix_s: now() }))
}

/// Shown once: the page is kept nowhere, and the password only as a hash.
fn initial_page(site: &Site, visit: &Visit, name: &str, password: &str) -> Response {
    let texts = visit.texts();
    let main = html! {
        h1 { (texts.t_with("initial-heading", &[("name", name.into())])) }
        section class="card" {
            p { (texts.t("initial-once")) }
            p { code class="secret" id="initial" { (password) } }
            p class="hint" { (texts.t("initial-what-now")) }
        }
        p { a class="button" href=(visit.reader.link("/users")) { (texts.t("initial-back")) } }
    };
    view::whole(site, visit, &texts.t("nav-users"), true, &main).into_response()
}

pub(super) async fn show_change(State(site): State<Arc<Site>>, visit: Visit, uri: Uri) -> Response {
    let wanted = super::query(&uri, "name").unwrap_or_default();
    let account = match subject(&site, &visit, &wanted).await {
        Ok(account) => account,
        Err(why) => return refused(&site, &visit, why),
    };
    let texts = visit.texts();
    let name = account.name.as_str();
    let action = |path: &str, inside: Markup| {
        html! {
            form class="row" method="post" action=(visit.reader.link(path)) {
                (view::csrf(&visit))
                input type="hidden" name="name" value=(name);
                (inside)
            }
        }
    };
    let main = html! {
        h1 { (name) }
        dl class="facts" {
            dt { (texts.t("users-display-name")) } dd { (account.display_name) }
            dt { (texts.t("users-role")) } dd { (view::role(texts, account.role)) }
            dt { (texts.t("users-password")) } dd { (password_badge(texts, &account)) }
        }
        section class="card" {
            h2 { (texts.t("change-role-heading")) }
            (action("/users/role", html! {
                label { (texts.t("users-role")) (role_select(texts, &visit.account, account.role)) }
                button { (texts.t("change-role-button")) }
            }))
            p class="hint" { (texts.t("change-role-hint")) }
        }
        section class="card" {
            h2 { (texts.t("change-password-heading")) }
            p { (texts.t("change-password-hint")) }
            (action("/users/password", html! { button class="quiet" { (texts.t("change-password-button")) } }))
        }
        @if account.second_factor.is_some() {
            section class="card" {
                h2 { (texts.t("factor-heading")) }
                p { (texts.t("change-factor-hint")) }
                (action("/users/second-factor", html! { button class="quiet" { (texts.t("change-factor-button")) } }))
            }
        }
        section class="card" {
            @if account.blocked {
                h2 { (texts.t("change-unblock-heading")) }
                (action("/users/unblock", html! { button class="quiet" { (texts.t("change-unblock-button")) } }))
            } @else {
                h2 { (texts.t("change-block-heading")) }
                p { (texts.t("change-block-hint")) }
                (action("/users/block", html! { button class="danger" { (texts.t("change-block-button")) } }))
            }
        }
        section class="card" {
            h2 { (texts.t("change-remove-heading")) }
            p { (texts.t("change-remove-hint")) }
            details {
                summary { (texts.t("change-remove-open")) }
                (action("/users/remove", html! { button class="danger" { (texts.t_with("change-remove-button", &[("name", name.into())])) } }))
            }
        }
        p { a href=(visit.reader.link("/users")) { (texts.t("initial-back")) } }
    };
    view::whole(&site, &visit, name, true, &main).into_response()
}

/// The account that is to be changed, if it may be.
async fn subject(site: &Site, visit: &Visit, name: &str) -> Result<Account, Refused> {
    let name = canonical_name(name).map_err(|_| Refused::NoSuchAccount)?;
    let found = site.store.account(&name).await.map_err(|error| failed(site, &error))?;
    let account = found.ok_or(Refused::NoSuchAccount)?;
    may_change(&visit.account, &account)?;
    Ok(account)
}

fn refused(site: &Site, visit: &Visit, why: Refused) -> Response {
    let texts = visit.texts();
    let main = html! {
        h1 { (texts.t("refused-heading")) }
        (notice("bad", &texts.t(why.key())))
        p { a class="button" href=(visit.reader.link("/users")) { (texts.t("initial-back")) } }
    };
    with_status(why.status(), view::whole(site, visit, &texts.t("refused-heading"), true, &main))
}

fn finish(site: &Site, visit: &Visit, done: Result<&'static str, Refused>) -> Response {
    match done {
        Ok(done) => {
            let path = visit.reader.link("/users");
            let mark = if path.contains('?') { '&' } else { '?' };
            Redirect::to(&format!("{path}{mark}done={done}")).into_response()
        }
        Err(why) => refused(site, visit, why),
    }
}

pub(super) async fn role(State(site): State<Arc<Site>>, visit: Visit, fields: Fields) -> Response {
    let done = async {
        let account = subject(&site, &visit, fields.get("name")).await?;
        let role: Role = fields.get("role").parse().map_err(|_| Refused::NoRole)?;
        may_give(&visit.account, role)?;
        let record = Record::new(&actor(&visit), Action::RoleChanged).on_role(&account.name, role);
        let change = site.store.set_role(&account.name, role, record).await.map_err(|error| failed(&site, &error))?;
        made(change)?;
        site.logins().end_account(account.id);
        if !role.may_advise() {
            site.hall.sign_out_account(account.id);
        }
        Ok("role")
    };
    let done = done.await;
    finish(&site, &visit, done)
}

/// Another initial password, with which all sign-ins of before are over.
async fn renewed(site: &Site, visit: &Visit, fields: &Fields) -> Result<(Account, Zeroizing<String>), Refused> {
    let account = subject(site, visit, fields.get("name")).await?;
    let (password, mut new) = initial(site).await?;
    new.changed_unix_s = new.changed_unix_s.max(account.password_changed_unix_s.saturating_add(1));
    let record = Record::new(&actor(visit), Action::PasswordSet).on(&account.name);
    let change =
        site.store.set_password(&account.name, None, new, record).await.map_err(|error| failed(site, &error))?;
    made(change)?;
    site.logins().end_account(account.id);
    site.hall.sign_out_account(account.id);
    Ok((account, password))
}

pub(super) async fn password(State(site): State<Arc<Site>>, visit: Visit, fields: Fields) -> Response {
    match renewed(&site, &visit, &fields).await {
        Ok((account, password)) => initial_page(&site, &visit, &account.name, &password),
        Err(why) => refused(&site, &visit, why),
    }
}

/// For somebody who has lost it and the recovery codes: it is taken away, and
/// since the password alone was never meant to be enough, that too.
pub(super) async fn second_factor(State(site): State<Arc<Site>>, visit: Visit, fields: Fields) -> Response {
    let done = async {
        let (account, password) = renewed(&site, &visit, &fields).await?;
        let record = Record::new(&actor(&visit), Action::SecondFactorRemoved).on(&account.name);
        let change = site.store.set_second_factor(account.id, None, record).await;
        made(change.map_err(|error| failed(&site, &error))?)?;
        Ok((account, password))
    };
    match done.await {
        Ok((account, password)) => initial_page(&site, &visit, &account.name, &password),
        Err(why) => refused(&site, &visit, why),
    }
}

pub(super) async fn block(State(site): State<Arc<Site>>, visit: Visit, fields: Fields) -> Response {
    let done = set_blocked(&site, &visit, &fields, true).await.map(|()| "blocked");
    finish(&site, &visit, done)
}

pub(super) async fn unblock(State(site): State<Arc<Site>>, visit: Visit, fields: Fields) -> Response {
    let done = set_blocked(&site, &visit, &fields, false).await.map(|()| "unblocked");
    finish(&site, &visit, done)
}

async fn set_blocked(site: &Site, visit: &Visit, fields: &Fields, blocked: bool) -> Result<(), Refused> {
    let account = subject(site, visit, fields.get("name")).await?;
    let action = if blocked { Action::AccountBlocked } else { Action::AccountUnblocked };
    let record = Record::new(&actor(visit), action).on(&account.name);
    let change = site.store.set_blocked(&account.name, blocked, record).await.map_err(|error| failed(site, &error))?;
    made(change)?;
    if blocked {
        site.logins().end_account(account.id);
        site.hall.sign_out_account(account.id);
    }
    Ok(())
}

pub(super) async fn remove(State(site): State<Arc<Site>>, visit: Visit, fields: Fields) -> Response {
    let done = async {
        let account = subject(&site, &visit, fields.get("name")).await?;
        let record = Record::new(&actor(&visit), Action::AccountRemoved).on(&account.name);
        let change = site.store.remove_account(&account.name, record).await.map_err(|error| failed(&site, &error))?;
        made(change)?;
        site.logins().end_account(account.id);
        site.hall.sign_out_account(account.id);
        Ok("removed")
    };
    let done = done.await;
    finish(&site, &visit, done)
}
