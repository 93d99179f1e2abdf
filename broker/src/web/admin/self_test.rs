//! Whether programs and browsers find the broker where they are told to look
//! for it: it goes there itself and says, step by step, what it found.
//!
//! From the broker's own machine this shows a wrong name, a closed port, a
//! certificate of somebody else's or a proxy that breaks TLS open. A router
//! that lets nobody out and in again may fail it although the world gets
//! through; the page says so.

use super::{guard::Visit, view};
use crate::web::{ALPN, Site, layout::notice, texts::Texts};
use axum::{extract::State, response::Html};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use maud::{Markup, html};
use mitblick_protocol::{
    broker_msg::FromBroker,
    framing::{FrameKind, FrameReader},
    wire,
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use sha2::{Digest, Sha256};
use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, lookup_host},
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig, DigitallySignedStruct, Error, SignatureScheme,
        client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        crypto::{CryptoProvider, aws_lc_rs, verify_tls13_signature},
    },
};
use x509_parser::prelude::{FromDer, X509Certificate};

/// How long each step may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is tried, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// The host's name has an address.
    Name,
    /// Something listens there.
    Port,
    /// It is this very broker, by its pinned key, and nobody in between.
    Key,
    /// It says the first word of the broker's protocol.
    Protocol,
    /// The company's page answers on the same port.
    Page,
}

impl Step {
    fn key(self) -> &'static str {
        match self {
            Self::Name => "self-test-name",
            Self::Port => "self-test-port",
            Self::Key => "self-test-key",
            Self::Protocol => "self-test-protocol",
            Self::Page => "self-test-page",
        }
    }
}

/// What came of a step.
struct Done {
    step: Step,
    took: Duration,
    result: io::Result<()>,
}

/// Steps until the first that fails.
async fn run(connect_string: &str) -> Vec<Done> {
    let mut done = Vec::new();
    let rest = connect_string.strip_prefix("mitblick://").unwrap_or_default();
    let (place, pin) = rest.split_once('#').unwrap_or_default();
    let host = place.rsplit_once(':').map_or(place, |(host, _)| host).trim_matches(['[', ']']).to_owned();
    let Some(address) = step(&mut done, Step::Name, async {
        lookup_host(place).await?.next().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    })
    .await
    else {
        return done;
    };
    let Some(socket) = step(&mut done, Step::Port, TcpStream::connect(address)).await else { return done };
    let Some(mut tls) = step(&mut done, Step::Key, handshake(socket, &host, pin, wire::ALPN)).await else {
        return done;
    };
    if step(&mut done, Step::Protocol, welcome(&mut tls)).await.is_none() {
        return done;
    }
    let _ = step(&mut done, Step::Page, async {
        let mut tls = handshake(TcpStream::connect(address).await?, &host, "", ALPN).await?;
        tls.write_all(format!("GET / HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").as_bytes()).await?;
        let mut begin = [0; 12];
        tls.read_exact(&mut begin).await?;
        if &begin == b"HTTP/1.1 200" { Ok(()) } else { Err(io::ErrorKind::InvalidData.into()) }
    })
    .await;
    done
}

async fn step<T>(done: &mut Vec<Done>, step: Step, work: impl Future<Output = io::Result<T>>) -> Option<T> {
    let began = Instant::now();
    let result = timeout(PATIENCE, work).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
    let (got, result) = match result {
        Ok(got) => (Some(got), Ok(())),
        Err(error) => (None, Err(error)),
    };
    done.push(Done { step, took: began.elapsed(), result });
    got
}

async fn handshake(socket: TcpStream, host: &str, pin: &str, alpn: &[u8]) -> io::Result<TlsStream<TcpStream>> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = Arc::new(Verifier { pin: pin.to_owned(), provider: Arc::clone(&provider) });
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&tokio_rustls::rustls::version::TLS13])
        .map_err(io::Error::other)?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.alpn_protocols = vec![alpn.to_vec()];
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    TlsConnector::from(Arc::new(config)).connect(name, socket).await
}

async fn welcome(tls: &mut TlsStream<TcpStream>) -> io::Result<()> {
    let mut reader = FrameReader::new();
    let mut buffer = [0; 4_096];
    loop {
        let count = tls.read(&mut buffer).await?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        reader.push(buffer.get(..count).unwrap_or_default());
        match reader.next_frame() {
            Ok(None) => {}
            Ok(Some((FrameKind::Control, body))) => {
                let message = wire::decode::<FromBroker, { wire::MAX_BROKER_MESSAGE_BYTES }>(body);
                return match message {
                    Ok(FromBroker::Welcome { version: wire::PROTOCOL_VERSION, .. }) => Ok(()),
                    _ => Err(io::ErrorKind::InvalidData.into()),
                };
            }
            Ok(Some(_)) | Err(_) => return Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

/// Accepts the holder of the pinned key, as programs do; without a pin whoever
/// holds the certificate's key, which browsers judge by their own lights.
#[derive(Debug)]
struct Verifier {
    pin: String,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        _chain: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let (_, certificate) = X509Certificate::from_der(leaf).map_err(|_| Error::General("no certificate".into()))?;
        let pin = URL_SAFE_NO_PAD.encode(Sha256::digest(certificate.public_key().raw));
        if self.pin.is_empty() || pin == self.pin {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(Error::General("another key".into()))
        }
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("TLS 1.2".into()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

pub(super) async fn test(State(site): State<Arc<Site>>, visit: Visit) -> Html<String> {
    let texts = visit.texts();
    let done = run(&site.connect_string).await;
    let whole = done.iter().all(|done| done.result.is_ok());
    let main = html! {
        h1 { (texts.t("self-test-heading")) }
        @if whole { (notice("good", &texts.t("self-test-good"))) } @else { (notice("bad", &texts.t("self-test-bad"))) }
        section class="card" {
            p { code { (site.connect_string) } }
            table class="stacked" {
                thead { tr {
                    th { (texts.t("self-test-step")) }
                    th { (texts.t("self-test-result")) }
                    th class="number" { (texts.t("self-test-took")) }
                } }
                tbody { @for done in &done { (row(texts, done)) } }
            }
        }
        p class="hint" { (texts.t("self-test-hint")) }
        p { a class="button" href=(visit.reader.link("/system")) { (texts.t("nav-system")) } }
    };
    view::whole(&site, &visit, &texts.t("self-test-heading"), true, &main)
}

fn row(texts: Texts, done: &Done) -> Markup {
    html! {
        tr {
            td data-name=(texts.t("self-test-step")) { (texts.t(done.step.key())) }
            td data-name=(texts.t("self-test-result")) {
                @match &done.result {
                    Ok(()) => span class="badge good" { (texts.t("self-test-works")) },
                    Err(error) => { span class="badge bad" { (texts.t("self-test-fails")) } " " (error) },
                }
            }
            td class="number" data-name=(texts.t("self-test-took")) { (format!("{} ms", done.took.as_millis())) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_step_that_fails_is_the_last() {
        let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = nobody.local_addr().unwrap();
        drop(nobody);
        let done = run(&format!("mitblick://{address}#pin")).await;
        let steps: Vec<_> = done.iter().map(|done| (done.step, done.result.is_ok())).collect();
        assert_eq!(steps, [(Step::Name, true), (Step::Port, false)]);
        let done = run("mitblick://no such host:1#pin").await;
        assert_eq!(done.len(), 1);
        assert_eq!(done[0].step, Step::Name);
    }
}
