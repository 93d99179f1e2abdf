//! The second factor: time-based one-time passwords (RFC 6238 with SHA-1, six
//! digits and steps of 30 seconds, which all authenticator programs know), and
//! recovery codes for whoever has lost it.

use crate::{accounts::HashError, audit::hex_text, vault::BadSeal};
use qrcode::{QrCode, render::svg};
use sha2::{Digest, Sha256};
use totp_rs::{Algorithm, Builder, Totp};
use zeroize::Zeroizing;

/// RFC 4226 recommends 160 bits.
const SECRET_BYTES: usize = 20;
const STEP_S: u64 = 30;
/// Steps before and after the present one that count as well: clocks differ.
const SKEW_STEPS: u16 = 1;
/// Recovery codes of an account.
pub const RECOVERY_CODES: usize = 10;
/// Groups of four letters, 20 random bits each, in one: 80 bits, too many to
/// guess, so that a plain hash of it may be stored.
const RECOVERY_GROUPS: usize = 4;

/// The secret that broker and authenticator program share.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// A fresh one.
    ///
    /// # Errors
    /// The system gave no randomness.
    pub fn generated() -> Result<Self, HashError> {
        let mut bytes = Zeroizing::new(vec![0; SECRET_BYTES]);
        getrandom::fill(&mut bytes).map_err(|_| HashError::Failed)?;
        Ok(Self(bytes))
    }

    /// From what was sealed.
    ///
    /// # Errors
    /// It has another length.
    pub fn from_bytes(bytes: Zeroizing<Vec<u8>>) -> Result<Self, BadSeal> {
        if bytes.len() == SECRET_BYTES { Ok(Self(bytes)) } else { Err(BadSeal) }
    }

    /// To be sealed.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn totp(&self, issuer: &str, account: &str) -> Option<Totp> {
        // A colon would end the issuer's name.
        let clean = |text: &str| text.replace(':', " ");
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_skew(SKEW_STEPS)
            .with_step_duration(STEP_S)
            .with_secret(self.0.to_vec())
            .with_issuer(Some(clean(issuer)))
            .with_account_name(clean(account))
            .build()
            .ok()
    }

    /// For typing into an authenticator program, in groups of four.
    pub fn spelled(&self) -> Zeroizing<String> {
        let Some(totp) = self.totp("", "") else { return Zeroizing::default() };
        let plain = Zeroizing::new(totp.secret().to_base32());
        let groups: Vec<&str> =
            plain.as_bytes().chunks(4).filter_map(|group| std::str::from_utf8(group).ok()).collect();
        Zeroizing::new(groups.join(" "))
    }

    /// The secret as a picture to be photographed by an authenticator program,
    /// as the text of an SVG element; dark on light whatever the page's colours.
    pub fn qr_code(&self, issuer: &str, account: &str) -> Option<Zeroizing<String>> {
        let url = Zeroizing::new(self.totp(issuer, account)?.to_url().ok()?);
        let code = QrCode::new(url.as_bytes()).ok()?;
        let picture = code.render::<svg::Color<'_>>().module_dimensions(4, 4).build();
        // The declaration belongs to files, not into a page.
        let start = picture.find("<svg")?;
        Some(Zeroizing::new(picture.get(start..)?.to_owned()))
    }

    /// The step whose code this is, if it is one of about now.
    pub fn step_of(&self, code: &TotpCode, now_unix_s: i64) -> Option<i64> {
        let now = u64::try_from(now_unix_s).ok()?;
        let step = self.totp("", "")?.check(code.0.as_str(), now)?;
        i64::try_from(step).ok()
    }

    /// The code of this moment; for tests and tools.
    pub fn code_at(&self, now_unix_s: i64) -> Option<String> {
        let now = u64::try_from(now_unix_s).ok()?;
        Some(self.totp("", "")?.generate(now).to_string())
    }
}

/// Six digits.
pub struct TotpCode(Zeroizing<String>);

/// What somebody typed as a code.
pub enum Code {
    /// Of an authenticator program.
    Totp(TotpCode),
    /// A recovery code's hash.
    Recovery(String),
}

impl Code {
    /// Blanks and hyphens are the person's own affair. `None` is neither.
    pub fn parse(typed: &str) -> Option<Self> {
        let plain: Zeroizing<String> =
            Zeroizing::new(typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect());
        if plain.len() == 6 && plain.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(Self::Totp(TotpCode(plain)));
        }
        let letters = plain.chars().count() == RECOVERY_GROUPS * 4 && plain.chars().all(char::is_alphanumeric);
        letters.then(|| Self::Recovery(recovery_hash(&plain)))
    }
}

/// Fresh recovery codes, to be shown once.
///
/// # Errors
/// The system gave no randomness.
pub fn generated_recovery_codes() -> Result<Vec<Zeroizing<String>>, HashError> {
    (0..RECOVERY_CODES).map(|_| crate::accounts::random_groups(RECOVERY_GROUPS)).collect()
}

/// What is stored of a recovery code.
pub fn recovery_hash(code: &str) -> String {
    let plain: Zeroizing<String> = Zeroizing::new(code.chars().filter(|c| c.is_alphanumeric()).collect());
    hex_text(&Sha256::digest(plain.to_lowercase().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, SHA-1, the last six digits.
    #[test]
    fn codes_are_those_of_rfc_6238() {
        let secret = Secret::from_bytes(Zeroizing::new(b"12345678901234567890".to_vec())).unwrap();
        for (time, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(secret.code_at(time).unwrap(), code);
            let Some(Code::Totp(typed)) = Code::parse(&format!(" {} {} ", &code[..3], &code[3..])) else { panic!() };
            assert_eq!(secret.step_of(&typed, time), Some(time / 30));
            assert_eq!(secret.step_of(&typed, time + 30), Some(time / 30), "a slow clock");
            assert_eq!(secret.step_of(&typed, time - 30), Some(time / 30), "a fast clock");
            assert_eq!(secret.step_of(&typed, time + 60), None);
            assert_eq!(secret.step_of(&typed, -1), None);
        }
    }

    #[test]
    fn a_recovery_code_is_the_same_however_it_is_typed() {
        let codes = generated_recovery_codes().unwrap();
        assert_eq!(codes.len(), RECOVERY_CODES);
        let code = &codes[0];
        let Some(Code::Recovery(hash)) = Code::parse(&code.to_uppercase().replace('-', " ")) else { panic!() };
        assert_eq!(hash, recovery_hash(code));
        assert_ne!(hash, recovery_hash(&codes[1]));
    }

    #[test]
    fn what_is_no_code_is_none() {
        for typed in ["", "12345", "1234567", "12345x", "ab cd", "😀😀😀😀😀😀", "äöüä-äöü!-aaaa-bbbb"]
        {
            assert!(Code::parse(typed).is_none(), "{typed}");
        }
    }

    #[test]
    fn the_picture_is_an_element_for_a_page() {
        let secret = Secret::generated().unwrap();
        let picture = secret.qr_code("Muster: GmbH & Söhne", "anna").unwrap();
        assert!(picture.starts_with("<svg") && picture.trim_end().ends_with("</svg>"));
        assert!(!picture.contains("style"), "the page's policy allows no styles inside");
        assert_eq!(secret.spelled().split(' ').count(), 8);
    }
}
