//! A certificate for browsers from an authority that speaks ACME (RFC 8555),
//! proven by TLS-ALPN-01 (RFC 8737) on the relay's own port, and renewed in
//! time.
//!
//! Programs never see it: they pin the broker's own key. What the authority
//! says and does is the library's business; here it is decided when to ask,
//! and kept what comes of it.

mod http;

use crate::{
    certificate::{Certificate, CertificateFiles, Certificates},
    credentials::unix_now_s,
    data_dir::DataDir,
    metrics::{Count, Metrics},
    problem::Problem,
};
use instant_acme::{
    Account, AuthorizationStatus, ChallengeType, Identifier, NewAccount, NewOrder, OrderStatus, RetryPolicy,
};
use rcgen::{CertificateParams, CustomExtension, KeyPair};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::{path::PathBuf, sync::Arc, time::Duration};
use tokio::time::sleep;
use zeroize::Zeroizing;

/// ALPN name of the proof, RFC 8737 section 4.
pub(crate) const ALPN: &[u8] = b"acme-tls/1";
/// Let's Encrypt.
pub const DEFAULT_DIRECTORY: &str = "https://acme-v02.api.letsencrypt.org/directory";

const CERTIFICATE: &str = "acme.crt";
const KEY: &str = "acme.key";
const ACCOUNT: &str = "acme.account";
/// A certificate that ends within so long is renewed, in seconds.
const RENEW_BEFORE_S: i64 = 30 * 24 * 60 * 60;
/// How often it is looked whether it is time.
const LOOK_EVERY: Duration = Duration::from_secs(12 * 60 * 60);
/// Waits after failures: authorities limit them by the hour.
const FIRST_WAIT: Duration = Duration::from_secs(5 * 60);
const LONGEST_WAIT: Duration = Duration::from_secs(12 * 60 * 60);

/// Where a certificate comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcmeConfig {
    /// The name that browsers use.
    pub domain: String,
    /// Mail address for the authority's warnings.
    pub contact: Option<String>,
    /// The authority's directory.
    pub directory: String,
    /// PEM file of the root that the authority's own server is trusted by,
    /// instead of the system's.
    pub root: Option<PathBuf>,
}

/// Why there is no certificate yet. The text is for the log.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AcmeError {
    #[error("the authority: {0}")]
    Authority(#[from] instant_acme::Error),
    #[error("the authority does not offer the proof by TLS-ALPN-01")]
    NoChallenge,
    #[error("the authority does not believe the proof: is port 443 of this name the relay's?")]
    NotBelieved,
    #[error("{0}")]
    Certificate(String),
    #[error("{0}")]
    Store(Problem),
}

impl From<Problem> for AcmeError {
    fn from(problem: Problem) -> Self {
        Self::Store(problem)
    }
}

/// Has and renews a certificate, for ever.
pub(crate) struct Acme {
    pub(crate) config: AcmeConfig,
    pub(crate) dir: DataDir,
    pub(crate) certificates: Arc<Certificates>,
    pub(crate) metrics: Arc<Metrics>,
}

impl Acme {
    /// The certificate of an earlier run, if it is there and in force.
    pub(crate) fn kept(dir: &DataDir) -> Option<Certificate> {
        let files = CertificateFiles { certificate: dir.file(CERTIFICATE), key: dir.file(KEY) };
        Certificate::read(&files, unix_now_s()).ok()
    }

    pub(crate) async fn keep(self) {
        let mut wait = FIRST_WAIT;
        loop {
            let ends = Self::kept(&self.dir).map(|kept| kept.ends_unix_s);
            if ends.is_some_and(|ends| ends.saturating_sub(unix_now_s()) > RENEW_BEFORE_S) {
                sleep(LOOK_EVERY).await;
                continue;
            }
            match self.order().await {
                Ok(()) => {
                    wait = FIRST_WAIT;
                    self.metrics.count(Count::CertificateRenewed);
                    tracing::info!("a certificate for browsers has come from the authority");
                }
                Err(error) => {
                    self.metrics.count(Count::CertificateNotRenewed);
                    tracing::error!(%error, "no certificate for browsers; another try in {} min", wait.as_secs() / 60);
                    sleep(wait).await;
                    wait = (wait * 2).min(LONGEST_WAIT);
                }
            }
        }
    }

    async fn account(&self) -> Result<Account, AcmeError> {
        let builder = Account::builder_with_http(Box::new(http::Client::new(self.config.root.as_deref())?));
        let known = std::fs::read(self.dir.file(ACCOUNT)).ok().map(Zeroizing::new);
        if let Some(credentials) = known.and_then(|text| serde_json::from_slice(&text).ok()) {
            return Ok(builder.from_credentials(credentials).await?);
        }
        let contact = self.config.contact.as_ref().map(|address| format!("mailto:{address}"));
        let contact: Vec<&str> = contact.iter().map(String::as_str).collect();
        let new = NewAccount { contact: &contact, terms_of_service_agreed: true, only_return_existing: false };
        let (account, credentials) = builder.create(&new, self.config.directory.clone(), None).await?;
        let text = serde_json::to_vec(&credentials).map_err(|error| AcmeError::Certificate(error.to_string()))?;
        self.dir.write(ACCOUNT, &Zeroizing::new(text))?;
        Ok(account)
    }

    /// One order, from the account to the certificate in use.
    async fn order(&self) -> Result<(), AcmeError> {
        let account = self.account().await?;
        let identifiers = [Identifier::Dns(self.config.domain.clone())];
        let mut order = account.new_order(&NewOrder::new(&identifiers)).await?;
        let _proof = Proof(&self.certificates);
        let mut authorizations = order.authorizations();
        while let Some(authorization) = authorizations.next().await {
            let mut authorization = authorization?;
            match authorization.status {
                AuthorizationStatus::Valid => continue,
                AuthorizationStatus::Pending => {}
                _ => return Err(AcmeError::NotBelieved),
            }
            let mut challenge = authorization.challenge(ChallengeType::TlsAlpn01).ok_or(AcmeError::NoChallenge)?;
            let digest = challenge.key_authorization();
            self.certificates.prove(Some(proof(&self.config.domain, digest.digest().as_ref())?));
            challenge.set_ready().await?;
        }
        let patience = RetryPolicy::default();
        if order.poll_ready(&patience).await? != OrderStatus::Ready {
            return Err(AcmeError::NotBelieved);
        }
        let key = Zeroizing::new(order.finalize().await?);
        let chain = order.poll_certificate(&patience).await?;
        self.dir.write(KEY, key.as_bytes())?;
        self.dir.write(CERTIFICATE, chain.as_bytes())?;
        let files = CertificateFiles { certificate: self.dir.file(CERTIFICATE), key: self.dir.file(KEY) };
        self.certificates.replace(Some(Certificate::read(&files, unix_now_s())?));
        Ok(())
    }
}

/// The proof is shown no longer when the order is over, however it ended.
struct Proof<'a>(&'a Certificates);

impl Drop for Proof<'_> {
    fn drop(&mut self) {
        self.0.prove(None);
    }
}

/// The certificate of RFC 8737 section 3.
fn proof(domain: &str, digest: &[u8]) -> Result<Certificate, AcmeError> {
    let bad = |error: rcgen::Error| AcmeError::Certificate(error.to_string());
    let key = KeyPair::generate().map_err(bad)?;
    let mut params = CertificateParams::new([domain.to_owned()]).map_err(bad)?;
    params.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
    let certificate = params.self_signed(&key).map_err(bad)?;
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    Ok(Certificate::of_proof(certificate.der().clone(), key)?)
}
