//! Certificates as they are presented in TLS: the broker's own, whose key
//! programs pin, and the one that the admin gives for browsers.
//!
//! A program says `mitblick/1` in its hello and always gets the broker's own
//! certificate, so that a given one may be renewed with another key without
//! any program losing its broker.

use crate::{
    acme,
    problem::{Language, Problem},
};
use mitblick_protocol::wire;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject};
use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};
use tokio_rustls::rustls::{
    self,
    crypto::aws_lc_rs,
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use x509_parser::prelude::{FromDer, X509Certificate};

/// Where the admin's certificate lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFiles {
    /// PEM: the certificate first, then those between it and the authority.
    pub certificate: PathBuf,
    /// PEM: its private key.
    pub key: PathBuf,
}

/// Why a certificate can't be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertificateFault {
    /// The file can't be read; the system's word.
    Unreadable(String),
    /// There is no certificate in it, or a damaged one.
    NoCertificate,
    /// There is no private key in it, or one of an unknown kind.
    NoKey,
    /// The key belongs to another certificate.
    OtherKey,
    /// It is over.
    Expired,
    /// It begins later.
    NotYet,
}

impl CertificateFault {
    /// What is wrong and what to do, in the person's language.
    pub fn text(&self, path: &Path, language: Language) -> String {
        let path = path.display();
        match language {
            Language::English => match self {
                Self::Unreadable(why) => {
                    format!("Can't read {path}: {why}. Check the path and that the broker's user may read it.")
                }
                Self::NoCertificate => format!(
                    "There is no certificate in {path}. It must be a PEM file that begins with your certificate, followed by those between it and the authority."
                ),
                Self::NoKey => {
                    format!(
                        "There is no usable private key in {path}. It must be an unencrypted PEM file (PKCS#8, EC or RSA)."
                    )
                }
                Self::OtherKey => {
                    format!(
                        "The key in {path} belongs to another certificate. Give the two files that were made together."
                    )
                }
                Self::Expired => {
                    format!("The certificate in {path} has expired. Renew it, then start or reload again.")
                }
                Self::NotYet => {
                    format!(
                        "The certificate in {path} is not valid yet. Check this machine's clock, or wait until it is."
                    )
                }
            },
            Language::German => match self {
                Self::Unreadable(why) => format!(
                    "{path} ist nicht lesbar: {why}. Prüfen Sie den Pfad und ob der Benutzer des Brokers die Datei lesen darf."
                ),
                Self::NoCertificate => format!(
                    "In {path} ist kein Zertifikat. Es muss eine PEM-Datei sein, die mit Ihrem Zertifikat beginnt, gefolgt von denen zwischen ihm und der Zertifizierungsstelle."
                ),
                Self::NoKey => format!(
                    "In {path} ist kein brauchbarer privater Schlüssel. Es muss eine unverschlüsselte PEM-Datei sein (PKCS#8, EC oder RSA)."
                ),
                Self::OtherKey => format!(
                    "Der Schlüssel in {path} gehört zu einem anderen Zertifikat. Geben Sie die beiden Dateien an, die zusammen entstanden sind."
                ),
                Self::Expired => {
                    format!(
                        "Das Zertifikat in {path} ist abgelaufen. Erneuern Sie es, dann starten oder laden Sie neu."
                    )
                }
                Self::NotYet => format!(
                    "Das Zertifikat in {path} gilt noch nicht. Prüfen Sie die Uhr dieses Rechners oder warten Sie, bis es gilt."
                ),
            },
        }
    }
}

/// A certificate with its key.
#[derive(Clone)]
pub(crate) struct Certificate {
    key: Arc<CertifiedKey>,
    /// When it ends, in seconds since 1970.
    pub(crate) ends_unix_s: i64,
}

impl Certificate {
    /// From what is there already.
    ///
    /// # Errors
    /// The key does not fit.
    pub(crate) fn new(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<Self, Problem> {
        let (_, ends_unix_s) = chain.first().and_then(validity).unwrap_or((0, i64::MAX));
        let key = CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider()).map_err(Problem::keys)?;
        Ok(Self { key: Arc::new(key), ends_unix_s })
    }

    /// One that carries a proof in an extension that must be understood, and
    /// that this library, as is right, does not.
    ///
    /// # Errors
    /// The key is of no kind that can sign.
    pub(crate) fn of_proof(certificate: CertificateDer<'static>, key: PrivateKeyDer<'static>) -> Result<Self, Problem> {
        let key = aws_lc_rs::default_provider().key_provider.load_private_key(key).map_err(Problem::keys)?;
        Ok(Self { key: Arc::new(CertifiedKey::new(vec![certificate], key)), ends_unix_s: i64::MAX })
    }

    /// Reads a given one.
    ///
    /// # Errors
    /// See [`CertificateFault`].
    pub(crate) fn read(files: &CertificateFiles, now_unix_s: i64) -> Result<Self, Problem> {
        let at = |path: &Path, fault| Problem::Certificate { path: path.to_owned(), fault };
        let fault = |fault| at(&files.certificate, fault);
        let chain: Vec<_> = CertificateDer::pem_file_iter(&files.certificate)
            .and_then(Iterator::collect)
            .map_err(|error| fault(pem_fault(error, CertificateFault::NoCertificate)))?;
        let first = chain.first().ok_or_else(|| fault(CertificateFault::NoCertificate))?;
        let (begins, ends_unix_s) = validity(first).ok_or_else(|| fault(CertificateFault::NoCertificate))?;
        if now_unix_s >= ends_unix_s {
            return Err(fault(CertificateFault::Expired));
        }
        if now_unix_s < begins {
            return Err(fault(CertificateFault::NotYet));
        }
        let key = PrivateKeyDer::from_pem_file(&files.key)
            .map_err(|error| at(&files.key, pem_fault(error, CertificateFault::NoKey)))?;
        let key = CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider()).map_err(|error| {
            at(
                &files.key,
                match error {
                    rustls::Error::InconsistentKeys(_) => CertificateFault::OtherKey,
                    _ => CertificateFault::NoKey,
                },
            )
        })?;
        Ok(Self { key: Arc::new(key), ends_unix_s })
    }
}

fn pem_fault(error: pem::Error, otherwise: CertificateFault) -> CertificateFault {
    match error {
        pem::Error::Io(error) if error.kind() != io::ErrorKind::InvalidData => {
            CertificateFault::Unreadable(error.to_string())
        }
        _ => otherwise,
    }
}

/// Begin and end in seconds since 1970.
fn validity(certificate: &CertificateDer<'_>) -> Option<(i64, i64)> {
    let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
    let validity = parsed.validity();
    Some((validity.not_before.timestamp(), validity.not_after.timestamp()))
}

/// Chooses a certificate by who asks.
pub(crate) struct Certificates {
    own: Certificate,
    given: RwLock<Option<Certificate>>,
    /// Shown to an authority that looks whether the name is ours.
    proof: RwLock<Option<Certificate>>,
}

impl Certificates {
    pub(crate) fn new(own: Certificate, given: Option<Certificate>) -> Self {
        Self { own, given: RwLock::new(given), proof: RwLock::default() }
    }

    /// Presents another one to browsers from now on.
    pub(crate) fn replace(&self, given: Option<Certificate>) {
        *self.given.write().unwrap_or_else(PoisonError::into_inner) = given;
    }

    /// Shows a proof to the authority, or none any more.
    pub(crate) fn prove(&self, proof: Option<Certificate>) {
        *self.proof.write().unwrap_or_else(PoisonError::into_inner) = proof;
    }

    fn given(&self) -> Option<Certificate> {
        self.given.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// When the certificate for browsers ends, and whether it is a given one.
    pub(crate) fn end_for_browsers(&self) -> (i64, bool) {
        self.given().map_or((self.own.ends_unix_s, false), |given| (given.ends_unix_s, true))
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Certificates")
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        if hello.alpn().is_some_and(|mut names| names.any(|name| name == acme::ALPN)) {
            let proof = self.proof.read().unwrap_or_else(PoisonError::into_inner);
            return proof.as_ref().map(|proof| Arc::clone(&proof.key));
        }
        let is_program = hello.alpn().is_some_and(|mut names| names.any(|name| name == wire::ALPN));
        let given = if is_program { None } else { self.given() };
        Some(given.map_or_else(|| Arc::clone(&self.own.key), |given| given.key))
    }
}
