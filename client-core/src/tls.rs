//! TLS to the broker: version 1.3 only, and only with the holder of the pinned
//! key. There is no "continue anyway".

use rustls::{
    ClientConfig, DigitallySignedStruct, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, verify_tls13_signature},
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

/// What rustls reports when the pin does not match; found again in the error
/// of the connection to tell people the right thing.
const WRONG_PIN: rustls::Error =
    rustls::Error::InvalidCertificate(rustls::CertificateError::ApplicationVerificationFailure);

/// TLS settings for one broker.
///
/// # Errors
/// The cryptography library lacks TLS 1.3.
pub fn client_config(pin: [u8; 32]) -> Result<Arc<ClientConfig>, rustls::Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = Arc::new(PinVerifier { pin, provider: Arc::clone(&provider) });
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.alpn_protocols = vec![mitblick_protocol::wire::ALPN.to_vec()];
    // A resumed TLS session would skip the certificate, and nothing is gained
    // by it: a program connects once.
    config.resumption = rustls::client::Resumption::disabled();
    Ok(Arc::new(config))
}

/// Whether a connection failed because the certificate of the right key is not
/// in force by the clock of this computer.
pub fn is_out_of_time(error: &std::io::Error) -> bool {
    const EXPIRED: rustls::Error = rustls::Error::InvalidCertificate(rustls::CertificateError::Expired);
    error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()).is_some_and(|inner| *inner == EXPIRED)
}

/// Whether a connection failed because the other end does not hold the key.
pub fn is_wrong_pin(error: &std::io::Error) -> bool {
    error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>())
        .is_some_and(|inner| matches!(inner, rustls::Error::InvalidCertificate(_)) || *inner == WRONG_PIN)
}

/// Whether a connection failed because the other end does not hold the key, or
/// does not even speak TLS as the broker does.
pub fn is_refusal(error: &std::io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>())
}

/// Accepts a certificate whose public key has the pinned hash and which is in
/// its time of validity under the authority that comes with it.
#[derive(Debug)]
struct PinVerifier {
    pin: [u8; 32],
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for PinVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let certificate = EndEntityCert::try_from(end_entity).map_err(|_| WRONG_PIN)?;
        let hash: [u8; 32] = Sha256::digest(certificate.subject_public_key_info()).into();
        if hash != self.pin {
            return Err(WRONG_PIN);
        }
        // The key is the right one. Its certificate must also be in force; the
        // issuer that vouches for that may be any, since the key is known.
        let issuer = intermediates.last().ok_or(WRONG_PIN)?;
        let anchor = anchor_from_trusted_cert(issuer).map_err(|_| WRONG_PIN)?;
        certificate
            .verify_for_usage(
                self.provider.signature_verification_algorithms.all,
                &[anchor],
                intermediates,
                now,
                KeyUsage::server_auth(),
                None,
                None,
            )
            .map_err(|error| match error {
                webpki::Error::CertExpired { .. } | webpki::Error::CertNotValidYet { .. } => {
                    rustls::Error::InvalidCertificate(rustls::CertificateError::Expired)
                }
                _ => WRONG_PIN,
            })?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::PeerIncompatible(rustls::PeerIncompatible::Tls12NotOffered))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
