//! What all pages have in common.

use super::texts::{Texts, accepted};
use crate::problem::Language;
use axum::{
    extract::FromRequestParts,
    http::{StatusCode, Uri, header, request::Parts},
    response::{Html, IntoResponse, Response},
};
use maud::{DOCTYPE, Markup, html};
use std::convert::Infallible;

const STYLE: &str = include_str!("style.css");
const ICON: &str = include_str!("icon.svg");

/// Who reads a page, and where.
#[derive(Clone, Debug)]
pub(super) struct Reader {
    pub(super) language: Language,
    /// The language was chosen by the switch, and links keep it.
    pub(super) chosen: bool,
    path: String,
}

impl<S: Sync> FromRequestParts<S> for Reader {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let chosen = chosen(&parts.uri);
        Ok(Self {
            language: chosen.unwrap_or_else(|| accepted(&parts.headers)),
            chosen: chosen.is_some(),
            path: parts.uri.path().to_owned(),
        })
    }
}

fn chosen(uri: &Uri) -> Option<Language> {
    let query = uri.query()?;
    query.split('&').find_map(|part| part.strip_prefix("lang=")).and_then(Language::from_tag)
}

impl Reader {
    pub(super) fn texts(&self) -> Texts {
        Texts::of(self.language)
    }

    /// A link that keeps a chosen language.
    pub(super) fn link(&self, path: &str) -> String {
        if self.chosen { format!("{path}?lang={}", self.language.tag()) } else { path.to_owned() }
    }

    /// This page in the other language.
    pub(super) fn switch(&self) -> Markup {
        let (other, name) = match self.language {
            Language::German => (Language::English, "English"),
            Language::English => (Language::German, "Deutsch"),
        };
        html! {
            a class="language" lang=(other.tag()) hreflang=(other.tag()) href=(format!("{}?lang={}", self.path, other.tag())) { (name) }
        }
    }

    /// A link of the navigation; the page one is on is marked.
    pub(super) fn place(&self, path: &str, name: &str) -> Markup {
        let is_here = self.path == path || (path != "/" && self.path.starts_with(&format!("{path}/")));
        html! { a href=(self.link(path)) aria-current=[is_here.then_some("page")] { (name) } }
    }
}

/// A whole page; `title` and `heading` are texts of ours or of the admin's,
/// and escaped.
pub(super) fn page(reader: &Reader, title: &str, header: &Markup, main: &Markup, footer: &Markup) -> Html<String> {
    let texts = reader.texts();
    let page = html! {
        (DOCTYPE)
        html lang=(reader.language.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                link rel="stylesheet" href="/style.css";
                link rel="icon" href="/icon.svg" type="image/svg+xml";
            }
            body {
                a class="skip" href="#main" { (texts.t("skip")) }
                header class="top" { (header) }
                main id="main" tabindex="-1" { (main) }
                footer { (footer) }
            }
        }
    };
    Html(page.into_string())
}

/// The name in the corner.
pub(super) fn brand(href: &str, name: &str) -> Markup {
    html! {
        a class="brand" href=(href) {
            img src="/icon.svg" alt="" width="28" height="28";
            span { (name) }
        }
    }
}

/// A notice; what went wrong is told to screen readers at once.
pub(super) fn notice(kind: &str, text: &str) -> Markup {
    html! { p class=(format!("notice {kind}")) role=(if kind == "bad" { "alert" } else { "status" }) { (text) } }
}

pub(super) async fn style() -> Response {
    kept("text/css; charset=utf-8", STYLE)
}

pub(super) async fn icon() -> Response {
    kept("image/svg+xml", ICON)
}

fn kept(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "max-age=3600")], text).into_response()
}

/// A page with another status than 200.
pub(super) fn with_status(status: StatusCode, page: Html<String>) -> Response {
    (status, page).into_response()
}
