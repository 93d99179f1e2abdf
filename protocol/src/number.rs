//! The session number that is read out on the phone:
//! `routing (4) | secret (5) | check digit (1)`, shown as `482 915 7303`.
//!
//! The broker knows the routing part alone. The secret part is drawn by the
//! advisor's program, is read out by a person and typed by another, and never
//! crosses the wire; nor does the check digit, which would tell a tenth of it.
//! The check digit (Damm 2004) catches every wrong digit and every swap of two
//! neighbours, so a slip of the finger is found before anything is sent and
//! burns no number.

use bincode::{
    BorrowDecode, Decode, Encode,
    de::{BorrowDecoder, Decoder},
    error::DecodeError,
};
use core::{fmt, str::FromStr};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Number of routing numbers that exist.
pub const ROUTING_COUNT: u16 = 10_000;
/// Digits of the routing part.
pub const ROUTING_DIGITS: usize = 4;
/// Digits of the secret part.
pub const SECRET_DIGITS: usize = 5;
/// Digits of a whole session number.
pub const NUMBER_DIGITS: usize = ROUTING_DIGITS + SECRET_DIGITS + 1;

/// The routing part of a session number, 0 to 9999: all that the broker knows
/// of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Encode)]
pub struct Routing(u16);

impl Routing {
    /// From its value; `None` from 10 000 on.
    pub const fn new(value: u16) -> Option<Self> {
        if value < ROUTING_COUNT { Some(Self(value)) } else { None }
    }

    /// Its value, 0 to 9999.
    pub const fn value(self) -> u16 {
        self.0
    }

    /// Its four digits in ASCII, as they are shown and hashed.
    pub(crate) fn ascii(self) -> [u8; ROUTING_DIGITS] {
        let digit = |divisor: u16| b'0' + ((self.0 / divisor) % 10) as u8;
        [digit(1000), digit(100), digit(10), digit(1)]
    }
}

/// Parts of a number stay out of logs.
impl fmt::Debug for Routing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Routing(…)")
    }
}

impl<C> Decode<C> for Routing {
    fn decode<D: Decoder<Context = C>>(decoder: &mut D) -> Result<Self, DecodeError> {
        Self::new(u16::decode(decoder)?).ok_or(DecodeError::Other("routing number out of range"))
    }
}

impl<'de, C> BorrowDecode<'de, C> for Routing {
    fn borrow_decode<D: BorrowDecoder<'de, Context = C>>(decoder: &mut D) -> Result<Self, DecodeError> {
        Self::decode(decoder)
    }
}

/// The five secret digits. There is no way to make one with fewer digits; it
/// is erased when dropped and never shown by `Debug`.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct SecretPart([u8; SECRET_DIGITS]);

impl SecretPart {
    /// Draws a secret part, every value equally likely. `entropy` fills its
    /// argument from the system's generator.
    pub fn draw(entropy: &mut dyn FnMut(&mut [u8])) -> Self {
        loop {
            let mut drawn = [0; 4];
            entropy(&mut drawn);
            // 17 bits cover 0 to 131 071; values over 99 999 are drawn again,
            // because a remainder would favour the small ones.
            let mut value = u32::from_be_bytes(drawn) & 0x1_ffff;
            drawn.zeroize();
            if value < 100_000 {
                let mut digits = [0; SECRET_DIGITS];
                for digit in digits.iter_mut().rev() {
                    *digit = b'0' + (value % 10) as u8;
                    value /= 10;
                }
                return Self(digits);
            }
        }
    }

    /// The digits in ASCII: the password of the handshake.
    pub(crate) const fn ascii(&self) -> &[u8; SECRET_DIGITS] {
        &self.0
    }
}

impl fmt::Debug for SecretPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretPart(…)")
    }
}

/// Why a text is not a session number. Nothing has been sent when this occurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// Too few digits.
    #[error("{digits} digits, a session number has {NUMBER_DIGITS}")]
    TooShort {
        /// Digits found.
        digits: usize,
    },
    /// Too many digits.
    #[error("more than {NUMBER_DIGITS} digits")]
    TooLong,
    /// Something that is neither digit, blank nor hyphen.
    #[error("{0:?} is no digit")]
    NotADigit(char),
    /// The digits do not fit together: one is wrong, or two are swapped.
    #[error("a digit is wrong or two are swapped")]
    CheckDigit,
}

/// A whole session number. `Display` shows it (`482 915 7303`), `Debug` does
/// not.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionNumber {
    routing: Routing,
    secret: SecretPart,
}

impl SessionNumber {
    /// Puts a number together.
    pub const fn new(routing: Routing, secret: SecretPart) -> Self {
        Self { routing, secret }
    }

    /// The part that the broker may know.
    pub const fn routing(&self) -> Routing {
        self.routing
    }

    /// The part that only the two people and their programs know.
    pub const fn secret(&self) -> &SecretPart {
        &self.secret
    }

    /// The ten digits, 0 to 9, in the order in which they are spoken: one by
    /// one, never as "eighty-two".
    pub fn spoken_digits(&self) -> impl Iterator<Item = u8> {
        self.routing.ascii().into_iter().chain(self.secret.0).map(|c| c - b'0').chain([self.check_digit()])
    }

    fn check_digit(&self) -> u8 {
        damm(self.routing.ascii().into_iter().chain(self.secret.0).map(|c| c - b'0'))
    }
}

impl fmt::Display for SessionNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, digit) in self.spoken_digits().enumerate() {
            if matches!(place, 3 | 6) {
                f.write_str(" ")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for SessionNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionNumber(…)")
    }
}

/// Takes a number as people type or paste it: blanks and hyphens of every kind
/// may stand anywhere.
impl FromStr for SessionNumber {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, NumberError> {
        let mut digits = zeroize::Zeroizing::new([0_u8; NUMBER_DIGITS]);
        let mut count = 0;
        let mut too_long = false;
        for c in text.chars().filter(|c| !is_separator(*c)) {
            let digit = c.to_digit(10).ok_or(NumberError::NotADigit(c))? as u8;
            match digits.get_mut(count) {
                Some(place) => *place = digit,
                None => too_long = true,
            }
            count += 1;
        }
        if too_long {
            return Err(NumberError::TooLong);
        }
        if count < NUMBER_DIGITS {
            return Err(NumberError::TooShort { digits: count });
        }
        if damm(digits.iter().copied()) != 0 {
            return Err(NumberError::CheckDigit);
        }
        let [r0, r1, r2, r3, s0, s1, s2, s3, s4, _check] = *digits;
        let value = [r0, r1, r2, r3].into_iter().fold(0, |value, digit| value * 10 + u16::from(digit));
        let secret = SecretPart([s0, s1, s2, s3, s4].map(|digit| b'0' + digit));
        Ok(Self { routing: Routing(value), secret })
    }
}

/// White space of every kind (the no-break space too), and hyphens and dashes.
fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// The quasigroup of order 10 of H. M. Damm's dissertation (2004): totally
/// anti-symmetric, with zeros in the diagonal, so that appending the result
/// makes the whole give 0.
const DAMM: [[u8; 10]; 10] = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

/// Damm's sum over digits 0 to 9.
fn damm(digits: impl Iterator<Item = u8>) -> u8 {
    digits.fold(0, |interim, digit| {
        DAMM.get(usize::from(interim)).and_then(|row| row.get(usize::from(digit))).copied().unwrap_or(0)
    })
}

#[cfg(test)]
mod tests;
