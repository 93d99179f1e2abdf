//! Before every page: who comes, may they, and does a change come from our
//! own form. A handler only ever sees a [`Visit`] that has passed.

use super::{
    logins::{Login, Stage},
    routes::{Need, Verb, need, takes_file},
    step_up, view,
};
use crate::{
    accounts::PasswordState,
    images::MAX_UPLOAD_BYTES,
    limits::Source,
    metrics::Count,
    store::Account,
    web::{Site, layout::Reader, texts::Texts},
};
use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{DefaultBodyLimit, FromRequest, FromRequestParts, MatchedPath, Multipart, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http_body_util::BodyExt;
use sha2::{Digest, Sha256};
use std::{collections::HashMap, convert::Infallible, sync::Arc};
use tokio::time::timeout;
use zeroize::Zeroizing;

/// `__Host-` makes browsers insist on TLS, this very host and no domain.
const COOKIE: &str = "__Host-sid";
/// Largest form.
const MAX_FORM_BYTES: usize = 16 * 1024;
/// A form with a picture may take so many times longer to come.
const UPLOAD_PATIENCE: u32 = 6;
/// Longest form that is read to be told that it is too large.
const MOST_DISCARDED_BYTES: usize = 64 * 1024 * 1024;

/// Somebody who may see the page.
#[derive(Clone)]
pub(super) struct Visit {
    pub(super) login: Login,
    pub(super) account: Account,
    pub(super) reader: Reader,
    pub(super) token: String,
}

impl Visit {
    pub(super) fn texts(&self) -> Texts {
        self.reader.texts()
    }
}

/// The guard has let the request pass, so it is there wherever a handler asks
/// for it.
impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, StatusCode> {
        parts.extensions.get::<Self>().cloned().ok_or(StatusCode::UNAUTHORIZED)
    }
}

/// The fields of a form.
#[derive(Clone, Default)]
pub(super) struct Fields(Arc<HashMap<String, Zeroizing<String>>>);

impl Fields {
    /// What stands in a field; empty without it.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |value| value.as_str())
    }

    pub(super) fn secret(&self, name: &str) -> Zeroizing<String> {
        self.0.get(name).cloned().unwrap_or_default()
    }

    /// All but what belongs to this sending of the form alone.
    pub(super) fn without_code(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        all.filter(|(name, _)| *name != "code")
    }

    fn parse(bytes: &[u8]) -> Self {
        let pairs = form_urlencoded::parse(bytes).into_owned();
        Self(Arc::new(pairs.map(|(name, value)| (name, Zeroizing::new(value))).collect()))
    }
}

impl<S: Sync> FromRequestParts<S> for Fields {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

/// The file of a form; empty without one.
#[derive(Clone, Default)]
pub(super) struct Upload(pub(super) Bytes);

impl<S: Sync> FromRequestParts<S> for Upload {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

/// What came with a request.
struct Sent {
    fields: Fields,
    upload: Upload,
}

impl Sent {
    /// Takes a form apart, with a file where one belongs.
    async fn take(site: &Site, parts: &Parts, path: &str, body: Body) -> Result<Self, (StatusCode, &'static str)> {
        let late = |_| (StatusCode::REQUEST_TIMEOUT, "refused-slow");
        let content = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !takes_file(path) || !content.starts_with("multipart/form-data") {
            let bytes = timeout(site.form_patience, to_bytes(body, MAX_FORM_BYTES)).await.map_err(late)?;
            let bytes = bytes.map_err(|_| (StatusCode::PAYLOAD_TOO_LARGE, "refused-large"))?;
            return Ok(Self { fields: Fields::parse(&bytes), upload: Upload::default() });
        }
        let large = || (StatusCode::PAYLOAD_TOO_LARGE, "refused-picture-large");
        let most = MAX_UPLOAD_BYTES + MAX_FORM_BYTES;
        let length = parts.headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
        let length = length.and_then(|length| length.parse().ok()).unwrap_or(0);
        if length > most {
            // A browser shows the answer only once it has sent everything.
            if length <= MOST_DISCARDED_BYTES {
                timeout(site.form_patience * UPLOAD_PATIENCE, discard(body)).await.map_err(late)?;
            }
            return Err(large());
        }
        let mut request = Request::new(body);
        *request.headers_mut() = parts.headers.clone();
        DefaultBodyLimit::max(most).apply(&mut request);
        let form = async {
            let damaged = |_| (StatusCode::BAD_REQUEST, "refused-form");
            let mut form = Multipart::from_request(request, &()).await.map_err(|_| damaged(()))?;
            let (mut fields, mut upload) = (HashMap::new(), Upload::default());
            while let Some(field) = form.next_field().await.map_err(|_| large())? {
                let name = field.name().unwrap_or_default().to_owned();
                let bytes = field.bytes().await.map_err(|_| large())?;
                if name == PICTURE {
                    upload = Upload(bytes);
                } else if bytes.len() <= MAX_FORM_BYTES && fields.len() < MOST_FIELDS {
                    fields.insert(name, Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned()));
                }
            }
            Ok(Self { fields: Fields(Arc::new(fields)), upload })
        };
        timeout(site.form_patience * UPLOAD_PATIENCE, form).await.map_err(late)?
    }
}

/// Reads to the end and keeps nothing.
async fn discard(mut body: Body) {
    while let Some(Ok(_)) = body.frame().await {}
}

/// Name of the field with a file.
pub(super) const PICTURE: &str = "picture";
/// Most other fields beside it.
const MOST_FIELDS: usize = 8;

/// Where a request comes from, for limits.
#[derive(Clone, Copy)]
pub(super) struct Peer(pub(super) Source);

/// Lets pass who may.
pub(super) async fn check(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(mut reader) = Reader::from_request_parts(&mut parts, &()).await;
    let path = parts.extensions.get::<MatchedPath>().map(|path| path.as_str().to_owned()).unwrap_or_default();
    let verb = match parts.method {
        Method::GET | Method::HEAD => Verb::Get,
        _ => Verb::Post,
    };
    let Some(need) = need(verb, &path) else {
        return view::refusal(&site, &reader, StatusCode::NOT_FOUND, "not-found");
    };
    if verb == Verb::Post && !is_from_here(&parts.headers) {
        site.hall.metrics.count(Count::WebForged);
        return view::refusal(&site, &reader, StatusCode::FORBIDDEN, "refused-elsewhere");
    }
    let token = cookie(&parts.headers).unwrap_or_default();
    // A page that asks again by itself does not keep a login alive.
    let by_itself = parts.uri.query().is_some_and(|query| query.split('&').any(|part| part == "refresh=on"));
    let visitor = match visitor(&site, &token, !by_itself).await {
        Ok(visitor) => visitor,
        Err(()) => return view::refusal(&site, &reader, StatusCode::SERVICE_UNAVAILABLE, "refused-store"),
    };
    if let (Some((_, account)), false) = (&visitor, reader.chosen)
        && let Some(language) = account.language.as_deref().and_then(crate::problem::Language::from_tag)
    {
        reader.language = language;
    }
    // Somebody halfway in is nobody yet, and whoever is in has no way back.
    let halfway = visitor.as_ref().is_some_and(|(login, _)| login.stage == Stage::Halfway);
    let visitor = visitor.filter(|_| need == Need::Nothing || halfway == (need == Need::Code));
    if need != Need::Nothing {
        let Some((_, account)) = &visitor else {
            return match verb {
                Verb::Get => Redirect::to(&reader.link("/sign-in")).into_response(),
                Verb::Post => view::refusal(&site, &reader, StatusCode::UNAUTHORIZED, "refused-signed-out"),
            };
        };
        let has_initial = account.password_state != PasswordState::Own;
        if has_initial && !matches!(need, Need::SignedIn | Need::Code) {
            return match verb {
                Verb::Get => Redirect::to(&reader.link("/password")).into_response(),
                Verb::Post => view::refusal(&site, &reader, StatusCode::FORBIDDEN, "refused-initial"),
            };
        }
        if !account.role.meets(need) {
            return view::refusal(&site, &reader, StatusCode::FORBIDDEN, "refused-role");
        }
    }
    let body = if verb == Verb::Post {
        // Of a stranger no file is taken at all.
        let Sent { fields, upload } = match Sent::take(&site, &parts, &path, body).await {
            Ok(sent) => sent,
            Err((status, why)) => return view::refusal(&site, &reader, status, why),
        };
        if let Some((login, _)) = visitor.as_ref().filter(|_| need != Need::Nothing)
            && !is_same(fields.get("csrf"), &login.csrf)
        {
            site.hall.metrics.count(Count::WebForged);
            return view::refusal(&site, &reader, StatusCode::FORBIDDEN, "refused-form");
        }
        if let Some((login, account)) = &visitor {
            let visit =
                Visit { login: login.clone(), account: account.clone(), reader: reader.clone(), token: token.clone() };
            let peer = parts.extensions.get::<Peer>().copied();
            if let (true, Some(peer)) = (step_up::is_wanted(&visit, &path, site.hall.now()), peer)
                && let Err(response) = step_up::pass(&site, peer, &visit, &fields, &path).await
            {
                return response;
            }
        }
        parts.extensions.insert(fields);
        parts.extensions.insert(upload);
        Body::empty()
    } else {
        body
    };
    if let Some((login, account)) = visitor {
        parts.extensions.insert(Visit { login, account, reader: reader.clone(), token });
    }
    parts.extensions.insert(reader);
    next.run(Request::from_parts(parts, body)).await
}

/// The login and the account as it is now. A login is over when its account
/// is gone or blocked, or has another password or role.
async fn visitor(site: &Site, token: &str, touch: bool) -> Result<Option<(Login, Account)>, ()> {
    let found = site.logins().find(token, site.hall.now(), touch);
    let Some(login) = found else { return Ok(None) };
    let account = site.store.account(&login.name).await.map_err(|error| {
        site.hall.metrics.count(Count::StoreFailed);
        tracing::error!(%error, "the store failed");
    })?;
    let account = account.filter(|account| {
        account.id == login.account
            && account.password_changed_unix_s == login.password_changed_unix_s
            && account.role == login.role
            && !account.blocked
    });
    if account.is_none() {
        site.logins().end(token);
    }
    Ok(account.map(|account| (login, account)))
}

/// A request that changes something must come from a page of this very
/// origin. Browsers tell by `Sec-Fetch-Site`, which no page can forge; those
/// that don't, by `Origin`.
fn is_from_here(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let same_site = text("sec-fetch-site").map(|site| site == "same-origin");
    let host = text("host").unwrap_or_default();
    let same_origin = text("origin").map(|origin| origin.strip_prefix("https://") == Some(host) && !host.is_empty());
    match (same_site, same_origin) {
        (Some(site), None) => site,
        // Without a referrer browsers say `null` even to their own origin.
        (Some(site), Some(origin)) => site && (origin || text("origin") == Some("null")),
        (None, Some(origin)) => origin,
        (None, None) => false,
    }
}

/// Compared as hashes, so that time tells nothing.
fn is_same(given: &str, expected: &str) -> bool {
    Sha256::digest(given.as_bytes()) == Sha256::digest(expected.as_bytes())
}

fn cookie(headers: &HeaderMap) -> Option<String> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut named = all.flat_map(|line| line.split(';')).filter_map(|part| part.trim().split_once('='));
    named.find(|(name, _)| *name == COOKIE).map(|(_, value)| value.to_owned())
}

/// A token of 256 random bits.
pub(super) fn new_token() -> Option<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).ok()?;
    Some(URL_SAFE_NO_PAD.encode(bytes))
}

/// Gives the browser a token, or takes it away.
pub(super) fn set_cookie(response: &mut Response, token: Option<&str>) {
    let value = match token {
        Some(token) => format!("{COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Strict"),
        None => format!("{COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0"),
    };
    if let Ok(value) = HeaderValue::from_str(&value) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
}
