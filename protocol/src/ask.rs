//! Asking to be shown something, in the watcher's own words. The shower's
//! program shows the words and the shower's own applications; the watcher
//! hears yes or no and nothing else.

use crate::chat::visible;
use alloc::string::String;
use bincode::{
    BorrowDecode, Decode, Encode,
    de::{BorrowDecoder, Decoder},
    error::DecodeError,
};
use core::fmt;

/// Longest request, in bytes of UTF-8.
pub const MAX_ASK_TEXT_BYTES: usize = 400;

/// What a watcher asks to be shown: one line, never blank, at most
/// [`MAX_ASK_TEXT_BYTES`].
#[derive(Clone, PartialEq, Eq, Encode)]
pub struct AskText(String);

/// Why a request can't be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// There is nothing in it.
    #[error("nothing is asked")]
    Blank,
    /// It is too long.
    #[error("a request of {length} bytes, at most {MAX_ASK_TEXT_BYTES} are allowed")]
    TooLong {
        /// Its length, in bytes.
        length: usize,
    },
    /// Nobody can be asked at the moment.
    #[error("nobody can be asked now")]
    NotNow,
}

impl AskText {
    /// A request as it was typed; white space around it goes, line breaks
    /// become spaces.
    ///
    /// # Errors
    /// `Blank` or `TooLong`.
    pub fn new(text: &str) -> Result<Self, AskError> {
        let text = text.trim().replace(['\n', '\r', '\t'], " ");
        if text.is_empty() {
            return Err(AskError::Blank);
        }
        if text.len() > MAX_ASK_TEXT_BYTES {
            return Err(AskError::TooLong { length: text.len() });
        }
        Ok(Self(text))
    }

    /// With nothing hidden in it.
    pub fn visible(&self) -> String {
        visible(&self.0)
    }
}

/// What people ask is theirs: it stays out of logs.
impl fmt::Debug for AskText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AskText({} bytes)", self.0.len())
    }
}

impl<C> Decode<C> for AskText {
    fn decode<D: Decoder<Context = C>>(decoder: &mut D) -> Result<Self, DecodeError> {
        let text = String::decode(decoder)?;
        match Self::new(&text) {
            Ok(clean) if clean.0 == text => Ok(clean),
            _ => Err(DecodeError::Other("a request that can't be")),
        }
    }
}

impl<'de, C> BorrowDecode<'de, C> for AskText {
    fn borrow_decode<D: BorrowDecoder<'de, Context = C>>(decoder: &mut D) -> Result<Self, DecodeError> {
        Self::decode(decoder)
    }
}

/// Counts a session's requests from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Encode, Decode)]
pub struct AskNumber(pub u32);

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
pub enum AskAnswer {
    /// The shower shows something since; not said is whether it is what was
    /// asked for.
    Shown,
    /// The shower does not want to.
    Refused,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire;
    use alloc::string::ToString;

    #[test]
    fn a_request_is_one_line_and_hides_nothing() {
        let text = AskText::new("  please show\nme \u{202e}your mail ").unwrap();
        assert_eq!(text.visible(), "please show me <U+202E>your mail");
        assert_eq!(AskText::new(" \n"), Err(AskError::Blank));
        let long = "ä".repeat(MAX_ASK_TEXT_BYTES);
        assert_eq!(AskText::new(&long), Err(AskError::TooLong { length: 2 * MAX_ASK_TEXT_BYTES }));
    }

    #[test]
    fn what_no_honest_program_asks_does_not_decode() {
        for text in [" x".to_string(), "a\nb".to_string(), "".to_string(), "x".repeat(MAX_ASK_TEXT_BYTES + 1)] {
            let bytes = wire::encode(&text).unwrap();
            assert!(wire::decode::<AskText, 4096>(&bytes).is_err(), "{text}");
        }
    }
}
