//! The admin pages, on a listener of their own.
//!
//! ```text
//! listener ─ TLS ─→ headers ─→ count ─→ guard ─→ page
//!                                         └ routes (table), logins (pure)
//! ```
//! The listener speaks TLS only, with the certificate for browsers or else the
//! broker's own, on loopback too: cookies of the kind `__Host-` need it, and a
//! tunnel or a proxy then has nothing to weaken.

mod audit;
mod guard;
mod images;
pub(crate) mod logins;
mod profile;
mod ratings;
pub mod routes;
mod rules;
mod second_factor;
mod self_test;
pub(crate) mod sessions;
mod sign_in;
mod statistics;
mod step_up;
mod system;
mod users;
mod view;
pub(crate) mod workplaces;

use super::{Site, headers, http, layout, operation};
use crate::{connection::Timing, hall::Admission, limits::Source, metrics::Count, server::Phase, web::http::WebEnd};
use axum::{
    Extension, Router,
    http::{StatusCode, Uri},
    middleware,
    routing::{get, post},
};
use guard::Peer;
use std::{sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;

/// Browsers' connections served at the same time.
const AT_ONCE: usize = 200;

/// Serves until it is dropped: what watches the broker must see it stop.
pub(crate) struct Listener {
    pub(crate) listener: TcpListener,
    pub(crate) tls: TlsAcceptor,
    pub(crate) site: Arc<Site>,
    pub(crate) timing: Timing,
}

impl Listener {
    pub(crate) async fn serve(self) {
        let router = router(Arc::clone(&self.site));
        // Never changes; dropped with the listener, it ends all connections.
        let (_phase, watching) = watch::channel(Phase::Running);
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((socket, address)) => {
                        let source = Source::from(address.ip());
                        if connections.len() >= AT_ONCE {
                            self.site.hall.metrics.count(Count::WebTooMany);
                        } else if let Some(admission) = Admission::new(&self.site.hall, source) {
                            let router = router.clone().layer(Extension(Peer(source)));
                            let one = self.one(socket, router, watching.clone(), admission);
                            connections.spawn(one);
                        }
                    }
                    Err(error) => {
                        tracing::warn!(kind = ?error.kind(), "an admin's connection could not be accepted");
                        sleep(Duration::from_millis(50)).await;
                    }
                },
                Some(ended) = connections.join_next() => {
                    if ended.is_err_and(|error| error.is_panic()) {
                        tracing::error!("an admin page's task panicked");
                    }
                }
            }
        }
    }

    fn one(
        &self,
        socket: TcpStream,
        router: Router,
        phase: watch::Receiver<Phase>,
        admission: Admission,
    ) -> impl Future<Output = ()> + Send + 'static {
        let (tls, site, timing) = (self.tls.clone(), Arc::clone(&self.site), self.timing);
        async move {
            let _admission = admission;
            let Ok(Ok(socket)) = timeout(timing.handshake, tls.accept(socket)).await else {
                site.hall.metrics.count(Count::HandshakesFailed);
                return;
            };
            if http::serve(socket, router, timing, phase).await == WebEnd::Stalled {
                site.hall.metrics.count(Count::WebStalled);
            }
        }
    }
}

fn router(site: Arc<Site>) -> Router {
    Router::new()
        .merge(operation::routes())
        .route("/style.css", get(layout::style))
        .route("/icon.svg", get(layout::icon))
        .route("/sign-in", get(sign_in::show).post(sign_in::sign_in))
        .route("/sign-in/code", get(sign_in::show_code).post(sign_in::code))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/password", get(sign_in::show_password).post(sign_in::change_password))
        .route("/", get(view::begin))
        .route("/profile", get(profile::show).post(profile::change))
        .route("/profile/portrait", get(images::own_portrait).post(images::set_portrait))
        .route("/profile/portrait/remove", post(images::remove_portrait))
        .route("/profile/second-factor", get(second_factor::show).post(second_factor::set))
        .route("/profile/second-factor/remove", post(second_factor::remove))
        .route("/profile/recovery-codes", post(second_factor::new_codes))
        .route("/sessions", get(sessions::list))
        .route("/sessions/end", post(sessions::end))
        .route("/users", get(users::list))
        .route("/users/new", get(users::show_new).post(users::add))
        .route("/users/portrait", get(images::portrait_of))
        .route("/users/change", get(users::show_change))
        .route("/users/role", post(users::role))
        .route("/users/password", post(users::password))
        .route("/users/second-factor", post(users::second_factor))
        .route("/users/block", post(users::block))
        .route("/users/unblock", post(users::unblock))
        .route("/users/remove", post(users::remove))
        .route("/workplaces", get(workplaces::list))
        .route("/workplaces/approve", post(workplaces::approve))
        .route("/workplaces/refuse", post(workplaces::refuse))
        .route("/workplaces/forget", post(workplaces::forget))
        .route("/audit", get(audit::list))
        .route("/audit/export", get(audit::download))
        .route("/statistics", get(statistics::show))
        .route("/rules", get(rules::show).post(rules::change))
        .route("/rules/logo", get(images::logo).post(images::set_logo))
        .route("/rules/logo/remove", post(images::remove_logo))
        .route("/system", get(system::show))
        .route("/system/test", post(self_test::test))
        .fallback(|| async { StatusCode::NOT_FOUND })
        .layer(middleware::from_fn_with_state(Arc::clone(&site), guard::check))
        .layer(middleware::from_fn_with_state(Arc::clone(&site), super::count))
        .layer(middleware::from_fn(headers::add))
        .with_state(site)
}

/// A value of an address's query.
fn query(uri: &Uri, name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(uri.query()?.as_bytes());
    pairs.find(|(of, _)| of == name).map(|(_, value)| value.into_owned())
}

/// What the page before has done.
fn done(uri: &Uri) -> Option<&str> {
    uri.query()?.split('&').find_map(|part| part.strip_prefix("done="))
}
