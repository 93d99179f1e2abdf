//! What a customer says of a session that is over: two questions, an answer
//! each, no words. Nothing of it names the customer or tells of the session.

use bincode::{
    BorrowDecode, Decode, Encode,
    de::{BorrowDecoder, Decoder},
    error::DecodeError,
};
use core::{fmt, time::Duration};

/// For so long after a session its customer can answer.
pub const WINDOW: Duration = Duration::from_secs(10 * 60);

/// Lets whoever has it answer each question about one session once. Drawn by
/// the broker, given to the paired customer alone; it says nothing by itself.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Encode, Decode)]
pub struct RatingTicket(pub [u8; 16]);

impl fmt::Debug for RatingTicket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RatingTicket(…)")
    }
}

/// Whether the customer's problem was solved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
pub enum Solved {
    /// It was.
    Yes,
    /// In part.
    Partly,
    /// It was not.
    No,
}

impl Solved {
    /// In the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::Yes, Self::Partly, Self::No];
}

/// How it was, from 1 (very poor) to 5 (very good).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode)]
pub struct Grade(u8);

impl Grade {
    /// In the order in which they are shown.
    pub const ALL: [Self; 5] = [Self(1), Self(2), Self(3), Self(4), Self(5)];

    /// From its number; `None` below 1 and above 5.
    pub const fn new(number: u8) -> Option<Self> {
        if number >= 1 && number <= 5 { Some(Self(number)) } else { None }
    }

    /// Its number.
    pub const fn number(self) -> u8 {
        self.0
    }
}

impl<C> Decode<C> for Grade {
    fn decode<D: Decoder<Context = C>>(decoder: &mut D) -> Result<Self, DecodeError> {
        Self::new(u8::decode(decoder)?).ok_or(DecodeError::Other("a grade is 1 to 5"))
    }
}

impl<'de, C> BorrowDecode<'de, C> for Grade {
    fn borrow_decode<D: BorrowDecoder<'de, Context = C>>(decoder: &mut D) -> Result<Self, DecodeError> {
        Self::decode(decoder)
    }
}

/// An answer. Each question is answered by itself, so that one click is enough
/// and nobody has to answer both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
pub enum Rating {
    /// To "Was your problem solved?"
    Solved(Solved),
    /// To "How was it?"
    Grade(Grade),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire;

    #[test]
    fn a_grade_is_one_to_five_on_the_wire_too() {
        for number in 0..=u8::MAX {
            let decoded = wire::decode::<Grade, 8>(&[number]).ok();
            assert_eq!(decoded, Grade::new(number));
            assert_eq!(decoded.is_some(), (1..=5).contains(&number));
        }
        assert_eq!(Grade::ALL.map(Grade::number), [1, 2, 3, 4, 5]);
    }

    #[test]
    fn a_ticket_stays_out_of_logs() {
        assert_eq!(format!("{:?}", RatingTicket([0x41; 16])), "RatingTicket(…)");
    }
}
