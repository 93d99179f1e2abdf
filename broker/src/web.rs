//! What browsers see: the company's page on the relay's port, and the admin's
//! listener.
//!
//! Everything is HTTP/1.1 in TLS 1.3 and rendered here: no script is needed,
//! nothing comes from elsewhere, and every answer carries the headers of
//! [`headers`].

pub(crate) mod admin;
pub(crate) mod company;
mod headers;
mod http;
mod layout;
mod operation;
mod texts;

use crate::{certificate::Certificates, hall::Hall, metrics::Count};
use axum::{
    Router,
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use company::Offer;
use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Instant,
};
use tokio::sync::Semaphore;

/// ALPN name of what browsers speak.
pub(crate) const ALPN: &[u8] = b"http/1.1";

/// What pages are made of.
pub(crate) struct Site {
    pub(crate) hall: Arc<Hall>,
    pub(crate) certificates: Arc<Certificates>,
    pub(crate) started: Instant,
    company_places: Semaphore,
    offer: RwLock<Arc<Offer>>,
}

impl Site {
    pub(crate) fn new(hall: Arc<Hall>, certificates: Arc<Certificates>, offer: Offer) -> Self {
        Self {
            hall,
            certificates,
            started: Instant::now(),
            company_places: Semaphore::new(company::AT_ONCE),
            offer: RwLock::new(Arc::new(offer)),
        }
    }

    /// What the company's page offers.
    fn offer(&self) -> Arc<Offer> {
        Arc::clone(&self.offer.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Offers something else from now on.
    pub(crate) fn replace_offer(&self, offer: Offer) {
        *self.offer.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(offer);
    }

    /// The company's page.
    pub(crate) fn company_routes(self: &Arc<Self>) -> Router {
        company::routes(self)
    }
}

/// Counts what is answered.
async fn count(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let refused = status.is_client_error() || status.is_server_error();
    site.hall.metrics.count(if refused { Count::WebRefused } else { Count::WebAnswered });
    response
}
