//! The broker's address with its pin: `mitblick://HOST:PORT#PIN`.
//!
//! The pin is the SHA-256 of the public key of the broker's certificate, in
//! base64url without padding. It makes name and issuer of the certificate
//! irrelevant: whoever does not hold that key is not the broker.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::{fmt, str::FromStr};

/// Port of a broker whose address names none.
pub const DEFAULT_PORT: u16 = 7443;

/// Where the broker is, and the hash of its key.
#[derive(Clone, PartialEq, Eq)]
pub struct BrokerAddress {
    /// Host name or IP address, without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// SHA-256 of the certificate's SubjectPublicKeyInfo.
    pub pin: [u8; 32],
}

/// A text that is no broker address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a broker address; it looks like mitblick://HOST:PORT#PIN")]
pub struct InvalidAddress;

impl FromStr for BrokerAddress {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        let rest = text.trim().strip_prefix("mitblick://").ok_or(InvalidAddress)?;
        let (place, pin) = rest.split_once('#').ok_or(InvalidAddress)?;
        let place = place.strip_suffix('/').unwrap_or(place);
        let pin = URL_SAFE_NO_PAD.decode(pin).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(InvalidAddress)?;
        let (host, port) = if let Some(bracketed) = place.strip_prefix('[') {
            let (host, port) = bracketed.split_once(']').ok_or(InvalidAddress)?;
            (host, port.strip_prefix(':'))
        } else {
            place.split_once(':').map_or((place, None), |(host, port)| (host, Some(port)))
        };
        let port = port.map_or(Ok(DEFAULT_PORT), str::parse).map_err(|_| InvalidAddress)?;
        if host.is_empty() || rustls_pki_types::ServerName::try_from(host).is_err() {
            return Err(InvalidAddress);
        }
        Ok(Self { host: host.to_owned(), port, pin })
    }
}

impl BrokerAddress {
    /// Host and port for people.
    pub fn place(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

impl fmt::Display for BrokerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mitblick://{}#{}", self.place(), URL_SAFE_NO_PAD.encode(self.pin))
    }
}

impl fmt::Debug for BrokerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BrokerAddress(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIN: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

    #[test]
    fn addresses_survive_being_written_and_read() {
        for place in ["broker.example:443", "127.0.0.1:7443", "[::1]:9000"] {
            let text = format!("mitblick://{place}#{PIN}");
            let address: BrokerAddress = text.parse().unwrap();
            assert_eq!(address.place(), place);
            assert_eq!(address.to_string(), text);
        }
        let short: BrokerAddress = format!("mitblick://broker.example#{PIN}").parse().unwrap();
        assert_eq!(short.port, DEFAULT_PORT);
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let cases = ["", "mitblick://", "mitblick://host:1", "https://host:1#x", "mitblick://host:1#AAAA"];
        for text in cases {
            assert_eq!(text.parse::<BrokerAddress>(), Err(InvalidAddress), "{text}");
        }
        for place in ["host:x", "host:70000", ":1", "[::1:9", "ho st:1", ""] {
            assert!(format!("mitblick://{place}#{PIN}").parse::<BrokerAddress>().is_err(), "{place}");
        }
    }
}
