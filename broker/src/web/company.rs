//! The company's page on the relay's port: for customers, who are on the
//! phone and want help now. It sets no cookie and needs no script.

mod downloads;
mod pages;

use super::{Site, headers, http, layout};
use crate::{
    metrics::{Count, Metrics},
    problem::Problem,
    release_key::ReleaseKey,
    server::{Config, Services},
};
use axum::{
    Extension, Router,
    body::Body,
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use downloads::Downloads;
pub(super) use downloads::Refused;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

/// Browsers' connections served at the same time: they must not take the
/// programs' place.
pub(crate) const AT_ONCE: usize = 500;

/// What the page offers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Offer {
    downloads: Downloads,
    /// Whose programs these are.
    key: Option<ReleaseKey>,
    telephone: Option<String>,
}

impl Offer {
    /// Files in the folder that could not be offered.
    pub(super) fn passed_over(&self) -> u64 {
        self.downloads.passed_over
    }

    /// Programs that are not offered because of their signatures.
    pub(super) fn refused(&self) -> &[Refused] {
        &self.downloads.refused
    }

    /// Reads the programs.
    ///
    /// # Errors
    /// They can't be read.
    pub(crate) fn read(config: &Config, connect_string: &str, metrics: &Metrics) -> Result<Self, Problem> {
        let key = config.release_key.clone();
        let read = |folder| Downloads::read(folder, key.as_ref(), connect_string);
        let downloads = config.downloads.as_deref().map(read).transpose()?.unwrap_or_default();
        for _ in &downloads.refused {
            metrics.count(Count::DownloadRefused);
        }
        Ok(Self { downloads, key, telephone: config.telephone.clone() })
    }
}

/// How a browser's connection is protected.
#[derive(Clone, Copy, Debug)]
struct Protection {
    suite: &'static str,
    exchange: &'static str,
}

/// Serves a browser that came to the relay's port.
pub(crate) async fn serve(services: &Services, socket: TlsStream<TcpStream>) -> http::WebEnd {
    let metrics = &services.site.hall.metrics;
    let Ok(_place) = services.site.company_places.try_acquire() else {
        metrics.count(Count::WebTooMany);
        return http::WebEnd::Done;
    };
    let session = socket.get_ref().1;
    let protection = Protection {
        suite: session.negotiated_cipher_suite().and_then(|suite| suite.suite().as_str()).unwrap_or("?"),
        exchange: session.negotiated_key_exchange_group().and_then(|group| group.name().as_str()).unwrap_or("?"),
    };
    let router = services.company.clone().layer(Extension(protection));
    let end = http::serve(socket, router, services.timing, services.phase.clone()).await;
    if end == http::WebEnd::Stalled {
        metrics.count(Count::WebStalled);
    }
    end
}

pub(super) fn routes(site: &Arc<Site>) -> Router {
    Router::new()
        .route("/", get(pages::start))
        .route("/security", get(pages::security))
        .route("/test", get(pages::test_begins))
        .route("/test/result", get(pages::test_result))
        .route("/download/{file}", get(download))
        .route("/style.css", get(layout::style))
        .route("/icon.svg", get(layout::icon))
        .route("/logo.png", get(logo))
        .fallback(pages::not_found)
        .layer(middleware::from_fn_with_state(Arc::clone(site), super::count))
        .layer(middleware::from_fn(headers::add))
        .with_state(Arc::clone(site))
}

/// The company's logo.
async fn logo(State(site): State<Arc<Site>>) -> Response {
    let Some(logo) = site.hall.logo() else { return StatusCode::NOT_FOUND.into_response() };
    let kind = HeaderValue::from_static("image/png");
    let kept = HeaderValue::from_static("max-age=300");
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, kept)], logo.png.clone()).into_response()
}

async fn download(State(site): State<Arc<Site>>, Path(file): Path<String>) -> Response {
    let offer = site.offer();
    let (body, kind) = match (offer.downloads.named(&file), offer.downloads.signature(&file)) {
        (Some(download), _) => (Body::from(download.bytes.clone()), "application/zip"),
        (None, Some(signature)) => (Body::from(signature.text.clone()), "application/octet-stream"),
        (None, None) => return StatusCode::NOT_FOUND.into_response(),
    };
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    // The name is one of ours: letters, digits, dots and hyphens.
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{file}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}
