//! Portraits and the logo: taken, shown, taken away.
//!
//! A picture is never read in the task that has taken it, and one at a time:
//! while it is, it may be hundreds of megabytes. A browser is only ever handed
//! what was drawn anew here, never a file that came.

use super::{
    guard::{PICTURE, Upload, Visit},
    profile, rules, view,
};
use crate::{
    audit::{Action, Actor, Record},
    images::{BadImage, KeptImage},
    metrics::Count,
    rules::logo_change,
    store::{Change, StoreError},
    web::{Site, texts::Texts},
};
use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use mitblick_protocol::image::{ImageHash, ImageKind};
use std::sync::Arc;
use tokio::{task::spawn_blocking, time::timeout};

/// Why a picture is not kept.
enum Refused {
    Bad(BadImage),
    Busy,
    Store,
}

impl Refused {
    fn status(&self) -> StatusCode {
        match self {
            Self::Bad(BadImage::TooLarge | BadImage::TooManyPixels) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Bad(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Busy | Self::Store => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn key(&self) -> &'static str {
        match self {
            Self::Bad(BadImage::Nothing) => "picture-none",
            Self::Bad(BadImage::TooLarge) => "refused-picture-large",
            Self::Bad(BadImage::OtherKind) => "picture-other-kind",
            Self::Bad(BadImage::TooManyPixels) => "picture-too-many-pixels",
            Self::Bad(BadImage::Damaged) => "picture-damaged",
            Self::Busy => "refused-busy",
            Self::Store => "refused-store",
        }
    }
}

/// Makes what is kept of a file.
async fn taken(
    site: &Site,
    Upload(file): Upload,
    make: fn(&[u8]) -> Result<KeptImage, BadImage>,
) -> Result<KeptImage, Refused> {
    let Ok(Ok(_turn)) = timeout(site.form_patience, site.uploads.acquire()).await else {
        return Err(Refused::Busy);
    };
    match spawn_blocking(move || make(&file)).await {
        Ok(made) => made.map_err(Refused::Bad),
        // Whatever a file has done to its reader, it is none that is kept.
        Err(error) => {
            tracing::error!(%error, "a picture could not be read");
            Err(Refused::Bad(BadImage::Damaged))
        }
    }
}

fn failed(site: &Site, error: &StoreError) -> Refused {
    site.hall.metrics.count(Count::StoreFailed);
    tracing::error!(%error, "the store failed");
    Refused::Store
}

pub(super) async fn set_portrait(State(site): State<Arc<Site>>, visit: Visit, upload: Upload) -> Response {
    let done = match taken(&site, upload, KeptImage::portrait).await {
        Ok(portrait) => keep_portrait(&site, &visit, Some(portrait)).await,
        Err(why) => Err(why),
    };
    match done {
        Ok(()) => Redirect::to("/profile?done=portrait").into_response(),
        Err(why) => profile::page(&site, &visit, Some(("bad", why.key())), why.status()),
    }
}

pub(super) async fn remove_portrait(State(site): State<Arc<Site>>, visit: Visit) -> Response {
    match keep_portrait(&site, &visit, None).await {
        Ok(()) => Redirect::to("/profile?done=no-portrait").into_response(),
        Err(why) => view::refusal(&site, &visit.reader, why.status(), why.key()),
    }
}

async fn keep_portrait(site: &Site, visit: &Visit, portrait: Option<KeptImage>) -> Result<(), Refused> {
    let account = &visit.account;
    let action = if portrait.is_some() { Action::PortraitSet } else { Action::PortraitRemoved };
    if portrait.is_none() && account.portrait.is_none() {
        return Ok(());
    }
    let record = Record::new(&Actor::Account(account.name.clone()), action).on(&account.name);
    match site.store.set_portrait(account.id, portrait, record).await {
        // Without an account there is nobody to show it to.
        Ok(Change::Made | Change::NoSuchAccount | Change::IsMainUser | Change::OtherPassword) => Ok(()),
        Err(error) => Err(failed(site, &error)),
    }
}

pub(super) async fn set_logo(State(site): State<Arc<Site>>, visit: Visit, upload: Upload) -> Response {
    let done = match taken(&site, upload, KeptImage::logo).await {
        Ok(logo) => keep_logo(&site, &visit, Some(logo)).await,
        Err(why) => Err(why),
    };
    match done {
        Ok(()) => Redirect::to("/rules?done=logo").into_response(),
        Err(why) => rules::page_with(&site, &visit, ("bad", why.key()), why.status()).await,
    }
}

pub(super) async fn remove_logo(State(site): State<Arc<Site>>, visit: Visit) -> Response {
    match keep_logo(&site, &visit, None).await {
        Ok(()) => Redirect::to("/rules?done=no-logo").into_response(),
        Err(why) => view::refusal(&site, &visit.reader, why.status(), why.key()),
    }
}

async fn keep_logo(site: &Site, visit: &Visit, logo: Option<KeptImage>) -> Result<(), Refused> {
    let before = site.store.rules().await.map_err(|error| failed(site, &error))?.texts.logo;
    if before == logo.as_ref().map(|logo| logo.hash) {
        return Ok(());
    }
    let actor = Actor::Account(visit.account.name.clone());
    let changed = logo_change(before.is_some(), logo.is_some());
    let record = Record::new(&actor, Action::RulesChanged).on_rules(changed);
    let rules = site.store.set_logo(logo, record).await.map_err(|error| failed(site, &error))?;
    site.hall.take_over_rules(&*site.store, &rules).await.map_err(|error| failed(site, &error))
}

pub(super) async fn own_portrait(State(site): State<Arc<Site>>, visit: Visit) -> Response {
    portrait(&site, visit.account.id).await
}

pub(super) async fn portrait_of(State(site): State<Arc<Site>>, uri: Uri) -> Response {
    let name = super::query(&uri, "name").unwrap_or_default();
    match site.store.account(&name).await {
        Ok(Some(account)) => portrait(&site, account.id).await,
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => failed(&site, &error).status().into_response(),
    }
}

async fn portrait(site: &Site, account: i64) -> Response {
    match site.store.portrait(account).await {
        Ok(portrait) => png(portrait.and_then(|portrait| portrait.png(ImageKind::Portrait))),
        Err(error) => failed(site, &error).status().into_response(),
    }
}

pub(super) async fn logo(State(site): State<Arc<Site>>) -> Response {
    png(site.hall.logo().map(|logo| logo.png.clone()))
}

fn png(bytes: Option<Vec<u8>>) -> Response {
    let Some(bytes) = bytes else { return StatusCode::NOT_FOUND.into_response() };
    // Its address has the hash in it: another picture is asked for elsewhere.
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/png")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=3600")),
    ];
    (headers, bytes).into_response()
}

/// The beginning of a hash: enough for another address.
fn mark(hash: ImageHash) -> String {
    crate::audit::hex_text(hash.0.get(..8).unwrap_or_default())
}

/// The portrait on the page of its account.
pub(super) fn own(hash: ImageHash) -> String {
    format!("/profile/portrait?v={}", mark(hash))
}

/// The portrait of an account in the list.
pub(super) fn of(name: &str, hash: ImageHash) -> String {
    let name: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
    format!("/users/portrait?name={name}&v={}", mark(hash))
}

/// The logo.
pub(super) fn of_company(hash: ImageHash) -> String {
    format!("/rules/logo?v={}", mark(hash))
}

/// First letters of a name, where there is no portrait.
pub(super) fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = words.next();
    first.into_iter().chain(words.next_back()).flat_map(char::to_uppercase).collect()
}

/// The form that a file is sent with.
pub(super) fn form(visit: &Visit, action: &str, hint: &str, has_one: bool) -> Markup {
    let texts: Texts = visit.texts();
    html! {
        form class="stack" method="post" enctype="multipart/form-data" action=(visit.reader.link(action)) {
            (view::csrf(visit))
            label { (texts.t("picture-file"))
                input type="file" name=(PICTURE) accept="image/png,image/jpeg" required;
                span class="hint" { (hint) }
            }
            div { button { (texts.t(if has_one { "picture-replace" } else { "picture-set" })) } }
        }
        @if has_one {
            form method="post" action=(visit.reader.link(&format!("{action}/remove"))) {
                (view::csrf(visit))
                button class="quiet" { (texts.t("picture-remove")) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_are_of_the_first_and_the_last_word() {
        for (name, letters) in [
            ("Anna Muster", "AM"),
            ("anna", "A"),
            ("Anna Maria von Muster", "AM"),
            ("  \u{202e}<script> ", "S"),
            ("…", ""),
            ("ßigrid (Vertrieb)", "SSV"),
        ] {
            assert_eq!(initials(name), letters, "{name}");
        }
    }
}
