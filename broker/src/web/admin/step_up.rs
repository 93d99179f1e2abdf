//! Before what matters most a code is asked for again, if the last one was
//! long ago: whoever finds an open browser must not be able to make users.
//!
//! The form that was sent is kept in the page that asks, so that nothing typed
//! is lost.

use super::{
    guard::{Fields, Peer, Visit},
    second_factor, view,
};
use crate::{
    audit::Action,
    web::{
        Site,
        layout::{notice, with_status},
    },
};
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use maud::{Markup, html};
use mitblick_protocol::time::Moment;
use std::time::Duration;

/// So long after a code none is asked for.
pub(super) const FRESH: Duration = Duration::from_secs(5 * 60);

/// Forms that ask, by the beginning of their path.
const ASKS: [&str; 3] = ["/users/", "/workplaces/", "/rules"];

/// Whether a code must be typed before this form is taken.
pub(super) fn is_wanted(visit: &Visit, path: &str, now: Moment) -> bool {
    let fresh = visit.login.code_at.is_some_and(|at| now.since(at) < FRESH);
    visit.account.second_factor.is_some() && !fresh && ASKS.iter().any(|begin| path.starts_with(begin))
}

/// Takes the code that came with the form, else asks for one.
pub(super) async fn pass(site: &Site, peer: Peer, visit: &Visit, fields: &Fields, path: &str) -> Result<(), Response> {
    let typed = fields.get("code");
    if typed.is_empty() {
        return Err(ask(site, visit, fields, path, StatusCode::FORBIDDEN, &html! {}));
    }
    match second_factor::right_code(site, peer, visit, typed, Action::PagesSignIn).await {
        Ok(_) => {
            site.logins().code_given(&visit.token, site.hall.now());
            Ok(())
        }
        Err(why) => {
            why.note(site);
            let told = notice("bad", &why.text(visit.texts()));
            Err(ask(site, visit, fields, path, why.status(), &told))
        }
    }
}

fn ask(site: &Site, visit: &Visit, fields: &Fields, path: &str, status: StatusCode, told: &Markup) -> Response {
    let texts = visit.texts();
    let heading = texts.t("step-up-heading");
    let main = html! {
        h1 { (heading) }
        p class="lead" { (texts.t("step-up-lead")) }
        (told)
        section class="card" {
            form class="stack" method="post" action=(visit.reader.link(path)) {
                @for (name, value) in fields.without_code() { input type="hidden" name=(name) value=(value); }
                (second_factor::code_field(visit, "code-field"))
                div { button { (texts.t("step-up-button")) } }
            }
        }
    };
    with_status(status, view::whole(site, visit, &heading, true, &main)).into_response()
}
