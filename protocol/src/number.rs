//! The session number.

use bincode::{
    BorrowDecode, Decode, Encode,
    de::{BorrowDecoder, Decoder},
    error::DecodeError,
};
use core::fmt;

/// Number of routing numbers that exist.
pub const ROUTING_COUNT: u16 = 10_000;

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
