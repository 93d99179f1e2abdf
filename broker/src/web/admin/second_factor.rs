//! The second factor of one's own account: set up, taken away, and its
//! recovery codes.

use super::{
    guard::{Fields, Peer, Visit, set_cookie},
    sign_in::{self, NotChanged},
    view,
};
use crate::{
    accounts::{BadPassword, MIN_PASSWORD_CHARS},
    audit::{Action, Actor, Outcome, Record},
    credentials::{self, Denied, unix_now_s},
    second_factor::{Code, Secret, generated_recovery_codes, recovery_hash},
    store::{Account, Change, NewSecondFactor},
    web::{
        Site,
        layout::{notice, with_status},
    },
};
use axum::{
    Extension,
    extract::State,
    http::{StatusCode, Uri},
    response::{Html, IntoResponse, Redirect, Response},
};
use maud::{Markup, PreEscaped, html};
use std::sync::Arc;
use zeroize::Zeroizing;

pub(super) async fn show(State(site): State<Arc<Site>>, visit: Visit, uri: Uri) -> Response {
    let told = match super::done(&uri) {
        Some("removed") => notice("good", &visit.texts().t("factor-removed")),
        _ => html! {},
    };
    page(&site, &visit, &told).await
}

async fn page(site: &Site, visit: &Visit, told: &Markup) -> Response {
    let texts = visit.texts();
    let heading = texts.t("factor-heading");
    let main = if visit.account.second_factor.is_some() {
        let left = match site.store.recovery_codes(visit.account.id).await {
            Ok(left) => left,
            Err(error) => return failed(site, visit, &NotChanged::OutOfOrder(error)),
        };
        manage(visit, left)
    } else {
        let Some(secret) = pending(site, visit) else { return failed(site, visit, &NotChanged::Busy) };
        let issuer = site.hall.organisation();
        let Some(picture) = secret.qr_code(issuer.as_str(), &visit.account.name) else {
            return failed(site, visit, &NotChanged::Busy);
        };
        set_up(visit, &picture, &secret.spelled())
    };
    let main = html! { h1 { (heading) } (told) (main) };
    view::whole(site, visit, &heading, true, &main).into_response()
}

fn set_up(visit: &Visit, picture: &str, spelled: &str) -> Markup {
    let texts = visit.texts();
    html! {
        p class="lead" { (texts.t("factor-lead")) }
        section class="card" {
            ol class="steps" {
                li { (texts.t("factor-step-program")) }
                li {
                    (texts.t("factor-step-scan"))
                    div class="qr" role="img" aria-label=(texts.t("factor-picture")) { (PreEscaped(picture)) }
                    details {
                        summary { (texts.t("factor-no-camera")) }
                        p { (texts.t("factor-spelled")) }
                        p { code class="secret" id="secret" { (spelled) } }
                    }
                }
                li {
                    form class="stack" method="post" action=(visit.reader.link("/profile/second-factor")) {
                        (view::csrf(visit))
                        (code_field(visit, "factor-step-code"))
                        div { button { (texts.t("factor-set")) } }
                    }
                }
            }
        }
        p { a href=(visit.reader.link("/profile")) { (texts.t("factor-back")) } }
    }
}

fn manage(visit: &Visit, left: u32) -> Markup {
    let texts = visit.texts();
    html! {
        p class="lead" { (texts.t("factor-is-set")) }
        section class="card" {
            h2 { (texts.t("recovery-heading")) }
            p { (texts.t_with("recovery-left", &[("count", left.into())])) }
            form class="stack" method="post" action=(visit.reader.link("/profile/recovery-codes")) {
                (view::csrf(visit))
                (code_field(visit, "code-field"))
                div { button class="quiet" { (texts.t("recovery-new")) } }
            }
        }
        section class="card" {
            h2 { (texts.t("factor-remove-heading")) }
            p { (texts.t("factor-remove-hint")) }
            form class="stack" method="post" action=(visit.reader.link("/profile/second-factor/remove")) {
                (view::csrf(visit))
                label { (texts.t("password-present")) input name="present" type="password" required autocomplete="current-password"; }
                (code_field(visit, "code-field"))
                div { button class="danger" { (texts.t("factor-remove")) } }
            }
        }
        p { a href=(visit.reader.link("/profile")) { (texts.t("factor-back")) } }
    }
}

/// Where a code is typed.
pub(super) fn code_field(visit: &Visit, label: &str) -> Markup {
    html! {
        label { (visit.texts().t(label))
            input name="code" required inputmode="numeric" autocomplete="one-time-code" spellcheck="false" autocapitalize="none" maxlength="32";
        }
    }
}

/// The secret that is being set up in this login.
fn pending(site: &Site, visit: &Visit) -> Option<Secret> {
    site.logins().pending_secret(&visit.token, || Secret::generated().ok())
}

pub(super) async fn set(State(site): State<Arc<Site>>, visit: Visit, fields: Fields) -> Response {
    let texts = visit.texts();
    if visit.account.second_factor.is_some() {
        return Redirect::to(&visit.reader.link("/profile/second-factor")).into_response();
    }
    let Some(secret) = pending(&site, &visit) else { return failed(&site, &visit, &NotChanged::Busy) };
    let step = match Code::parse(fields.get("code")) {
        Some(Code::Totp(code)) => secret.step_of(&code, unix_now_s()),
        Some(Code::Recovery(_)) | None => None,
    };
    let Some(used_step) = step else {
        let page = page(&site, &visit, &notice("bad", &texts.t("factor-wrong"))).await;
        return (StatusCode::UNPROCESSABLE_ENTITY, page).into_response();
    };
    let made = async {
        let codes = generated_recovery_codes().map_err(|_| NotChanged::Busy)?;
        let sealed = site.vault.seal(visit.account.id, secret.as_bytes()).map_err(|_| NotChanged::Busy)?;
        let recovery_hashes = codes.iter().map(|code| recovery_hash(code)).collect();
        let factor = NewSecondFactor { sealed, used_step, recovery_hashes };
        let record = Record::new(&actor(&visit), Action::SecondFactorSet).on(&visit.account.name);
        let change = site.store.set_second_factor(visit.account.id, Some(factor), record).await;
        made(change.map_err(NotChanged::OutOfOrder)?)?;
        Ok(codes)
    };
    match made.await {
        Ok(codes) => codes_page(&site, &visit, &codes),
        Err(why) => failed(&site, &visit, &why),
    }
}

fn actor(visit: &Visit) -> Actor {
    Actor::Account(visit.account.name.clone())
}

fn made(change: Change) -> Result<(), NotChanged> {
    match change {
        Change::Made => Ok(()),
        Change::NoSuchAccount | Change::IsMainUser | Change::OtherPassword => Err(NotChanged::Meanwhile),
    }
}

/// Shown once: kept nowhere but as hashes. All other logins are over, and this
/// one has a new token.
fn codes_page(site: &Site, visit: &Visit, codes: &[Zeroizing<String>]) -> Response {
    let texts = visit.texts();
    let heading = texts.t("recovery-heading");
    site.logins().end_account(visit.account.id);
    let Some(login) = sign_in::begin(site, &visit.account, Some(site.hall.now())) else {
        return failed(site, visit, &NotChanged::Busy);
    };
    let visit = Visit { login: login.1, token: login.0.clone(), ..visit.clone() };
    let main = html! {
        h1 { (heading) }
        (notice("good", &texts.t("factor-done")))
        section class="card" {
            p { (texts.t("recovery-once")) }
            ol class="codes" { @for code in codes { li { code { (code.as_str()) } } } }
            p class="hint" { (texts.t("recovery-hint")) }
        }
        p { a class="button" href=(visit.reader.link("/profile")) { (texts.t("recovery-kept")) } }
    };
    let mut response = view::whole(site, &visit, &heading, true, &main).into_response();
    set_cookie(&mut response, Some(&login.0));
    response
}

pub(super) async fn new_codes(
    State(site): State<Arc<Site>>,
    Extension(peer): Extension<Peer>,
    visit: Visit,
    fields: Fields,
) -> Response {
    let made = async {
        right_code(&site, peer, &visit, fields.get("code"), Action::RecoveryCodesMade).await?;
        let codes = generated_recovery_codes().map_err(|_| NotChanged::Busy)?;
        let hashes = codes.iter().map(|code| recovery_hash(code)).collect();
        let record = Record::new(&actor(&visit), Action::RecoveryCodesMade).on(&visit.account.name);
        let change = site.store.set_recovery_codes(visit.account.id, hashes, record).await;
        made(change.map_err(NotChanged::OutOfOrder)?)?;
        Ok(codes)
    };
    match made.await {
        Ok(codes) => codes_page(&site, &visit, &codes),
        Err(why) => failed(&site, &visit, &why),
    }
}

pub(super) async fn remove(
    State(site): State<Arc<Site>>,
    Extension(Peer(source)): Extension<Peer>,
    visit: Visit,
    fields: Fields,
) -> Response {
    let name = &visit.account.name;
    let removed = async {
        let present = fields.secret("present");
        let long_enough = present.chars().count() >= MIN_PASSWORD_CHARS;
        match credentials::judge_from(source, &site.hall, &*site.store, &site.hasher, name, present).await {
            Ok(account) | Err(Denied::CodeWanted(account)) if account.id == visit.account.id => {}
            Ok(_) | Err(Denied::CodeWanted(_)) => return Err(NotChanged::Meanwhile),
            Err(denied) => {
                return Err(refused(&site, &visit, denied, Action::SecondFactorRemoved, Outcome::WrongPassword));
            }
        }
        right_code(&site, Peer(source), &visit, fields.get("code"), Action::SecondFactorRemoved).await?;
        if !long_enough {
            // Alone it would be too short.
            return Err(NotChanged::Bad(BadPassword::TooShort { at_least: MIN_PASSWORD_CHARS }));
        }
        let record = Record::new(&actor(&visit), Action::SecondFactorRemoved).on(name);
        let change = site.store.set_second_factor(visit.account.id, None, record).await;
        made(change.map_err(NotChanged::OutOfOrder)?)
    };
    match removed.await {
        Ok(()) => {
            let path = visit.reader.link("/profile/second-factor");
            let mark = if path.contains('?') { '&' } else { '?' };
            Redirect::to(&format!("{path}{mark}done=removed")).into_response()
        }
        Err(why) => failed(&site, &visit, &why),
    }
}

/// A code of the visitor's own; a wrong one is recorded as refused `action`.
pub(super) async fn right_code(
    site: &Site,
    Peer(source): Peer,
    visit: &Visit,
    typed: &str,
    action: Action,
) -> Result<Account, NotChanged> {
    let judged =
        credentials::judge_code_from(source, &site.hall, &*site.store, &site.vault, &visit.account, typed).await;
    match judged {
        Ok((account, kind)) => {
            sign_in::record_recovery(site, &account, kind);
            Ok(account)
        }
        Err(denied) => Err(refused(site, visit, denied, action, Outcome::WrongCode)),
    }
}

fn refused(site: &Site, visit: &Visit, denied: Denied, action: Action, outcome: Outcome) -> NotChanged {
    match denied {
        Denied::Wrong { wait, left, .. } => {
            let record = Record::new(&actor(visit), action).on(&visit.account.name);
            site.hall.recorder.push(record.outcome(outcome));
            match outcome {
                Outcome::WrongCode => NotChanged::WrongCode(wait, left),
                _ => NotChanged::Wrong(wait, left),
            }
        }
        Denied::Wait(wait) => NotChanged::Wait(wait),
        Denied::CodeWanted(_) | Denied::Changed => NotChanged::Meanwhile,
        Denied::Failed(failure) => failure.into(),
    }
}

fn failed(site: &Site, visit: &Visit, why: &NotChanged) -> Response {
    why.note(site);
    let texts = visit.texts();
    let heading = texts.t("factor-heading");
    let main = html! {
        h1 { (heading) }
        (notice("bad", &why.text(texts)))
        p { a class="button" href=(visit.reader.link("/profile/second-factor")) { (texts.t("factor-again")) } }
    };
    let page: Html<String> = view::whole(site, visit, &heading, true, &main);
    with_status(why.status(), page)
}
