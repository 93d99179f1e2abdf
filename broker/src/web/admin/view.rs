//! What the admin pages have in common.

use super::{guard::Visit, routes::Need};
use crate::{
    accounts::Role,
    problem::Language,
    web::{
        Site,
        layout::{Reader, brand, notice, page, with_status},
        texts::Texts,
    },
};
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use jiff::{Timestamp, tz::TimeZone};
use maud::{Markup, html};

/// Pages in the order of the navigation.
const PAGES: [(&str, &str, Need); 8] = [
    ("/sessions", "nav-sessions", Need::Manage),
    ("/users", "nav-users", Need::Manage),
    ("/workplaces", "nav-workplaces", Need::Manage),
    ("/rules", "nav-rules", Need::Read),
    ("/audit", "nav-audit", Need::Read),
    ("/statistics", "nav-statistics", Need::Read),
    ("/system", "nav-system", Need::Manage),
    ("/profile", "nav-profile", Need::OwnPassword),
];

/// Where somebody begins.
fn home(role: Role) -> &'static str {
    PAGES.into_iter().find(|(_, _, need)| role.meets(*need)).map_or("/profile", |(path, _, _)| path)
}

/// Leads to the first page that the role may see.
pub(super) async fn begin(visit: Visit) -> Redirect {
    Redirect::to(&visit.reader.link(home(visit.account.role)))
}

/// A page for somebody who is signed in; `with_pages` unless the password must
/// be changed first.
pub(super) fn whole(site: &Site, visit: &Visit, title: &str, with_pages: bool, main: &Markup) -> Html<String> {
    let texts = visit.texts();
    let header = html! {
        (brand(&visit.reader.link("/"), &texts.t_with("admin-brand", &[("organisation", site.hall.organisation().as_str().into())])))
        @if with_pages {
            nav aria-label=(texts.t("navigation")) {
                @for (path, name, need) in PAGES {
                    @if visit.account.role.meets(need) { (visit.reader.place(path, &texts.t(name))) }
                }
            }
        }
        (visit.reader.switch())
        form method="post" action=(visit.reader.link("/sign-out")) {
            (csrf(visit))
            button { (texts.t_with("sign-out", &[("name", visit.account.name.as_str().into())])) }
        }
    };
    let footer = html! { (texts.t_with("admin-footer", &[("version", env!("CARGO_PKG_VERSION").into())])) };
    page(&visit.reader, &format!("{title} · Mitblick"), &header, main, &footer)
}

/// A page for somebody who is not signed in.
pub(super) fn outside(site: &Site, reader: &Reader, title: &str, main: &Markup) -> Html<String> {
    let texts = reader.texts();
    let header = html! {
        (brand(&reader.link("/"), &texts.t_with("admin-brand", &[("organisation", site.hall.organisation().as_str().into())])))
        (reader.switch())
    };
    let footer = html! { (texts.t_with("admin-footer", &[("version", env!("CARGO_PKG_VERSION").into())])) };
    page(reader, &format!("{title} · Mitblick"), &header, main, &footer)
}

/// Why not, and what now.
pub(super) fn refusal(site: &Site, reader: &Reader, status: StatusCode, why: &str) -> Response {
    let texts = reader.texts();
    let heading =
        if status == StatusCode::NOT_FOUND { texts.t("not-found-heading") } else { texts.t("refused-heading") };
    let main = html! {
        h1 { (heading) }
        (notice("bad", &texts.t(why)))
        p { a class="button" href=(reader.link("/")) { (texts.t("not-found-back")) } }
    };
    let mut response = with_status(status, outside(site, reader, &heading, &main));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    }
    response.into_response()
}

/// Every form that changes something carries this.
pub(super) fn csrf(visit: &Visit) -> Markup {
    html! { input type="hidden" name="csrf" value=(visit.login.csrf); }
}

/// A role's name.
pub(super) fn role(texts: Texts, role: Role) -> String {
    texts.t(match role {
        Role::MainUser => "role-main-user",
        Role::LocalAdmin => "role-local-admin",
        Role::Advisor => "role-advisor",
        Role::Auditor => "role-auditor",
    })
}

/// Date and time on this machine's clock.
pub(super) fn time(texts: Texts, unix_s: i64) -> String {
    let format = match texts.language() {
        Language::German => "%d.%m.%Y %H:%M:%S",
        Language::English => "%Y-%m-%d %H:%M:%S",
    };
    zoned(unix_s).map_or_else(|| unix_s.to_string(), |zoned| zoned.strftime(format).to_string())
}

/// The time on this machine's clock.
pub(super) fn zoned(unix_s: i64) -> Option<jiff::Zoned> {
    Timestamp::from_second(unix_s).ok().map(|at| at.to_zoned(TimeZone::system()))
}

/// A length for people.
pub(super) fn length(texts: Texts, seconds: u64) -> String {
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
    match (hours, minutes) {
        (0, 0) => texts.t_with("length-seconds", &[("seconds", seconds.into())]),
        (0, minutes) => texts.t_with("length-minutes", &[("minutes", minutes.into())]),
        (hours, minutes) => texts.t_with("length-hours", &[("hours", hours.into()), ("minutes", minutes.into())]),
    }
}
