//! The code that opens a recording, as people write it down.

use core::fmt;
use hkdf::Hkdf;
use sha2::{Digest, Sha256};
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::{Zeroize, ZeroizeOnDrop};

use bincode::{Decode, Encode};

/// Crockford's base 32: no I, L, O and U, which look like others or make words.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Random bytes of a code.
const CODE_BYTES: usize = 16;
/// Bytes of the check.
const CHECK_BYTES: usize = 4;
/// Characters without spaces: five bits each.
const CHARACTERS: usize = (CODE_BYTES + CHECK_BYTES) * 8 / 5;
/// Characters that stand together.
const GROUP: usize = 4;

/// What a recording is sealed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RecordingKey(pub [u8; 32]);

/// Opens a recording. Its text is 32 characters in groups of four, the last
/// six and a half of which are a check.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct RecordingCode([u8; CODE_BYTES]);

/// Why a text is no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Not so many characters.
    #[error("a code has {CHARACTERS} characters")]
    Length,
    /// A character that no code has.
    #[error("a character that no code has")]
    Character,
    /// The check does not fit: mistyped.
    #[error("the code is mistyped")]
    Check,
}

impl RecordingCode {
    /// From random bytes.
    pub const fn from_random(bytes: [u8; CODE_BYTES]) -> Self {
        Self(bytes)
    }

    /// The key that is told to the other side.
    pub fn key(&self) -> RecordingKey {
        RecordingKey(PublicKey::from(&self.secret()).to_bytes())
    }

    pub(super) fn secret(&self) -> StaticSecret {
        let mut secret = [0; 32];
        // Fails for lengths alone that HKDF can't give; 32 it can.
        let _ = Hkdf::<Sha256>::new(None, &self.0).expand(b"MITBLICK-RECORDING-1 code", &mut secret);
        let key = StaticSecret::from(secret);
        secret.zeroize();
        key
    }

    /// Reads what a person typed: small letters, spaces, dashes and the letters
    /// that look like digits are understood.
    ///
    /// # Errors
    /// See [`CodeError`].
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let mut bytes = [0_u8; CODE_BYTES + CHECK_BYTES];
        let (mut bits, mut held, mut filled, mut count) = (0_u32, 0_u32, 0, 0);
        for character in text.chars().filter(|character| !character.is_whitespace() && *character != '-') {
            let character = match character.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let value = ALPHABET.iter().position(|&known| char::from(known) == character);
            let value = value.and_then(|value| u32::try_from(value).ok()).ok_or(CodeError::Character)?;
            count += 1;
            if count > CHARACTERS {
                return Err(CodeError::Length);
            }
            (held, bits) = ((held << 5 | value) & 0xfff, bits + 5);
            if bits >= 8 {
                bits -= 8;
                if let Some(byte) = bytes.get_mut(filled) {
                    *byte = (held >> bits) as u8;
                }
                filled += 1;
            }
        }
        if count != CHARACTERS {
            return Err(CodeError::Length);
        }
        let (code, check) = bytes.split_at(CODE_BYTES);
        let code: [u8; CODE_BYTES] = code.try_into().map_err(|_| CodeError::Length)?;
        let code = Self(code);
        bytes_match(&code.check(), check).then_some(code).ok_or(CodeError::Check)
    }

    fn check(&self) -> [u8; CHECK_BYTES] {
        let digest = Sha256::new().chain_update(b"MITBLICK-RECORDING-1 check").chain_update(self.0).finalize();
        let mut check = [0; CHECK_BYTES];
        check.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        check
    }
}

fn bytes_match(one: &[u8], other: &[u8]) -> bool {
    subtle::ConstantTimeEq::ct_eq(one, other).into()
}

/// The secret itself: to be shown to its person and to nobody else.
impl fmt::Display for RecordingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut held, mut bits, mut written) = (0_u32, 0_u32, 0);
        for byte in self.0.iter().chain(&self.check()) {
            (held, bits) = ((held << 8 | u32::from(*byte)) & 0xfff, bits + 8);
            while bits >= 5 {
                bits -= 5;
                if written > 0 && written % GROUP == 0 {
                    f.write_str("-")?;
                }
                let character = ALPHABET.get((held >> bits & 31) as usize).copied().unwrap_or_default();
                fmt::Write::write_char(f, char::from(character))?;
                written += 1;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for RecordingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecordingCode")
    }
}
