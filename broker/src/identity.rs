//! The broker's keys: its own certificate authority, its TLS key and the key
//! that signs advisors' cards. All are made at the first start.
//!
//! The leaf certificate is not kept: it is signed afresh at every start for
//! the names in use, with the same key. Programs pin the key, so a new date or
//! name changes nothing for them.

use crate::{data_dir::DataDir, problem::Problem, tickets::Ticket};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{Signature, Signer, SigningKey};
use mitblick_protocol::{
    broker_msg::ResumeTicket,
    card::Card,
    image::ImageHash,
    number::Routing,
    policy::{Policy, SignedPolicy},
    text::DisplayText,
};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PublicKeyData,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, pem::PemObject};
use sha2::{Digest, Sha256};
use std::time::{Duration, SystemTime};
use zeroize::Zeroizing;

const CA_KEY: &str = "ca.key";
const CA_CERTIFICATE: &str = "ca.crt";
const TLS_KEY: &str = "tls.key";
const CARD_KEY: &str = "card.key";

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Keys and certificates.
pub(crate) struct Identity {
    /// Leaf and authority, as presented in TLS.
    pub(crate) chain: Vec<CertificateDer<'static>>,
    /// Key of the leaf.
    pub(crate) tls_key: PrivateKeyDer<'static>,
    /// SHA-256 of the leaf's SubjectPublicKeyInfo in unpadded base64url.
    pub(crate) pin: String,
    card_key: SigningKey,
}

impl Identity {
    /// Reads the keys, or makes those that aren't there; `names` are host
    /// names and addresses for the certificate.
    ///
    /// # Errors
    /// They can't be read, written or made.
    pub(crate) fn open(dir: &DataDir, names: &[String]) -> Result<Self, Problem> {
        let _set_up = dir.set_up()?;
        let ca_key = pem_key(dir, CA_KEY)?;
        let tls_key = pem_key(dir, TLS_KEY)?;
        let ca_params = authority()?;
        let ca_pem = dir.read_or_make(CA_CERTIFICATE, || {
            let mut params = authority()?;
            params.not_after = (SystemTime::now() + DAY * 365 * 20).into();
            Ok(params.self_signed(&ca_key).map_err(Problem::keys)?.pem().into_bytes())
        })?;
        let ca = CertificateDer::from_pem_slice(&ca_pem).map_err(|_| Problem::damaged(dir.file(CA_CERTIFICATE)))?;
        let mut params = CertificateParams::new(names).map_err(Problem::keys)?;
        params.distinguished_name.push(DnType::CommonName, "Mitblick broker");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.use_authority_key_identifier_extension = true;
        params.not_before = (SystemTime::now() - DAY).into();
        params.not_after = (SystemTime::now() + DAY * 365 * 5).into();
        let leaf = params.signed_by(&tls_key, &Issuer::new(ca_params, &ca_key)).map_err(Problem::keys)?;
        let pin = URL_SAFE_NO_PAD.encode(Sha256::digest(tls_key.subject_public_key_info()));
        let card_bytes = Zeroizing::new(dir.read_or_make(CARD_KEY, || {
            let mut bytes = vec![0; 32];
            getrandom::fill(&mut bytes).map_err(Problem::keys)?;
            Ok(bytes)
        })?);
        let card_bytes: &[u8; 32] =
            card_bytes.as_slice().try_into().map_err(|_| Problem::damaged(dir.file(CARD_KEY)))?;
        Ok(Self {
            chain: vec![leaf.der().clone(), ca],
            tls_key: PrivatePkcs8KeyDer::from(tls_key.serialize_der()).into(),
            pin,
            card_key: SigningKey::from_bytes(card_bytes),
        })
    }

    /// Ed25519 public key that verifies cards.
    pub(crate) fn card_key(&self) -> [u8; 32] {
        self.card_key.verifying_key().to_bytes()
    }

    /// Signed rules.
    pub(crate) fn policy(&self, policy: &Policy) -> SignedPolicy {
        SignedPolicy::sign(&self.card_key, policy)
    }

    /// A signed ticket.
    pub(crate) fn ticket(&self, ticket: &Ticket) -> ResumeTicket {
        ticket.sign(|bytes| self.card_key.sign(bytes).to_bytes())
    }

    /// What a ticket of this broker says.
    pub(crate) fn read_ticket(&self, ticket: &ResumeTicket, now_unix_s: u64) -> Option<Ticket> {
        let key = self.card_key.verifying_key();
        Ticket::read(ticket, now_unix_s, |bytes, signature| {
            key.verify_strict(bytes, &Signature::from_bytes(signature)).is_ok()
        })
    }

    /// A signed card.
    pub(crate) fn card(
        &self,
        organisation: &DisplayText,
        advisor: &DisplayText,
        portrait: Option<ImageHash>,
        routing: Routing,
        expires_unix_s: u64,
    ) -> Card {
        Card::sign(&self.card_key, organisation.clone(), advisor.clone(), portrait, routing, expires_unix_s)
    }
}

fn authority() -> Result<CertificateParams, Problem> {
    let mut params = CertificateParams::new(Vec::new()).map_err(Problem::keys)?;
    params.distinguished_name.push(DnType::CommonName, "Mitblick broker authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = (SystemTime::now() - DAY).into();
    Ok(params)
}

fn pem_key(dir: &DataDir, name: &str) -> Result<KeyPair, Problem> {
    let pem = Zeroizing::new(dir.read_or_make(name, || {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(Problem::keys)?;
        Ok(key.serialize_pem().into_bytes())
    })?);
    let damaged = || Problem::damaged(dir.file(name));
    let pem = std::str::from_utf8(&pem).map_err(|_| damaged())?;
    KeyPair::from_pem(pem).map_err(|_| damaged())
}
