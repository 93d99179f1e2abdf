//! What browsers see: the company's page on the relay's port, and the admin
//! pages on a listener of their own.
//!
//! Everything is HTTP/1.1 in TLS 1.3 and rendered here: no script is needed,
//! nothing comes from elsewhere, and every answer carries the headers of
//! [`headers`].

pub mod admin;
mod chart;
pub(crate) mod company;
mod headers;
mod http;
mod layout;
mod operation;
mod texts;

use crate::{
    accounts::Hasher, backup, certificate::Certificates, hall::Hall, metrics::Count, store::Store, vault::Vault,
};
use admin::{logins::Logins, sessions::Rates};
use axum::{
    Router,
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use company::Offer;
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
    time::{Duration, Instant},
};
use tokio::sync::Semaphore;

/// ALPN name of what browsers speak.
pub(crate) const ALPN: &[u8] = b"http/1.1";

/// What pages are made of.
pub(crate) struct Site {
    pub(crate) hall: Arc<Hall>,
    pub(crate) certificates: Arc<Certificates>,
    pub(crate) started: Instant,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) hasher: Hasher,
    pub(crate) vault: Vault,
    /// The data folder.
    pub(crate) data: PathBuf,
    /// How the broker's own backups go.
    pub(crate) backups: Arc<backup::State>,
    /// What programs need to find the broker.
    pub(crate) connect_string: String,
    /// How long a form may take to come.
    form_patience: Duration,
    logins: Mutex<Logins>,
    rates: Mutex<Rates>,
    company_places: Semaphore,
    /// One picture at a time is taken apart, which costs memory.
    uploads: Semaphore,
    offer: RwLock<Arc<Offer>>,
}

/// What it is made from.
pub(crate) struct Parts {
    pub(crate) hall: Arc<Hall>,
    pub(crate) certificates: Arc<Certificates>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) hasher: Hasher,
    pub(crate) vault: Vault,
    pub(crate) data: PathBuf,
    pub(crate) backups: Arc<backup::State>,
    pub(crate) connect_string: String,
    pub(crate) form_patience: Duration,
    pub(crate) offer: Offer,
}

impl Site {
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts { hall, certificates, store, hasher, vault, data, backups, connect_string, form_patience, offer } =
            parts;
        Self {
            hall,
            certificates,
            started: Instant::now(),
            store,
            hasher,
            vault,
            data,
            backups,
            connect_string,
            form_patience,
            logins: Mutex::default(),
            rates: Mutex::default(),
            company_places: Semaphore::new(company::AT_ONCE),
            uploads: Semaphore::new(1),
            offer: RwLock::new(Arc::new(offer)),
        }
    }

    fn logins(&self) -> MutexGuard<'_, Logins> {
        self.logins.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rates(&self) -> MutexGuard<'_, Rates> {
        self.rates.lock().unwrap_or_else(PoisonError::into_inner)
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
