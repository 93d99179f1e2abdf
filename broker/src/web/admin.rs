//! The admin pages' listener.

use super::{Site, headers, http, operation};
use crate::{connection::Timing, hall::Admission, limits::Source, metrics::Count, server::Phase, web::http::WebEnd};
use axum::{Router, middleware};
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
                            let one = self.one(socket, router.clone(), watching.clone(), admission);
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
        .layer(middleware::from_fn_with_state(Arc::clone(&site), super::count))
        .layer(middleware::from_fn(headers::add))
        .with_state(site)
}
