//! The little HTTP that ACME needs: one request a connection, version 1.1,
//! over TLS 1.3 or 1.2 with the system's roots or a given one.

use super::AcmeError;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{Request, Response, body::Bytes, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};
use rustls_pki_types::{CertificateDer, ServerName, pem::PemObject};
use std::{error::Error as StdError, io, path::Path, pin::Pin, sync::Arc, time::Duration};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs},
};

/// How long one request may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Largest answer, in bytes: a chain of certificates is the longest.
const MAX_ANSWER_BYTES: usize = 256 * 1024;

type Failure = Box<dyn StdError + Send + Sync>;

/// See the module's documentation.
pub(super) struct Client {
    tls: TlsConnector,
}

impl Client {
    pub(super) fn new(root: Option<&Path>) -> Result<Self, AcmeError> {
        let mut roots = RootCertStore::empty();
        match root {
            Some(path) => {
                let bad =
                    |error: &dyn std::fmt::Display| AcmeError::Certificate(format!("{}: {error}", path.display()));
                for certificate in CertificateDer::pem_file_iter(path).map_err(|error| bad(&error))? {
                    let certificate = certificate.map_err(|error| bad(&error))?;
                    roots.add(certificate).map_err(|error| bad(&error))?;
                }
            }
            // Some of the system's roots may be odd; the others do.
            None => drop(roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs)),
        }
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| AcmeError::Certificate(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { tls: TlsConnector::from(Arc::new(config)) })
    }
}

impl HttpClient for Client {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let tls = self.tls.clone();
        Box::pin(async move {
            let answer = timeout(PATIENCE, send(tls, request)).await;
            let answer = answer.unwrap_or_else(|_| Err(io::Error::from(io::ErrorKind::TimedOut).into()));
            answer.map(BytesResponse::from).map_err(Error::Other)
        })
    }
}

async fn send(tls: TlsConnector, request: Request<BodyWrapper<Bytes>>) -> Result<Response<Full<Bytes>>, Failure> {
    let (mut head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let host = head.uri.host().ok_or("the authority's address names no host")?.to_owned();
    let port = head.uri.port_u16().unwrap_or(443);
    if head.uri.scheme_str() != Some("https") {
        return Err("the authority's address must begin with https".into());
    }
    let authority = head.uri.authority().map(ToString::to_string).unwrap_or_default();
    head.headers.insert(header::HOST, authority.parse()?);
    head.headers.insert(header::USER_AGENT, header::HeaderValue::from_static("mitblick-broker"));
    head.uri = head.uri.path_and_query().map_or("/", |path| path.as_str()).parse()?;
    let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned())?;
    let socket = TcpStream::connect((host.trim_matches(['[', ']']), port)).await?;
    let socket = tls.connect(name, socket).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(socket)).await?;
    let driven = tokio::spawn(connection);
    let answer = sender.send_request(Request::from_parts(head, Full::new(body))).await?;
    let (head, body) = answer.into_parts();
    let body = Limited::new(body, MAX_ANSWER_BYTES).collect().await?.to_bytes();
    driven.abort();
    Ok(Response::from_parts(head, Full::new(body)))
}
