//! Text of the other side that is shown to a person.

use crate::wire::MAX_TEXT_BYTES;
use alloc::string::String;
use bincode::{
    BorrowDecode, Decode, Encode,
    de::{BorrowDecoder, Decoder},
    error::DecodeError,
};
use core::fmt;

/// A name or title that is safe to show: at most [`MAX_TEXT_BYTES`] bytes of
/// UTF-8, no control characters and none that turn the writing direction, so
/// that it can't pose as something else.
#[derive(Clone, PartialEq, Eq, Hash, Default, PartialOrd, Ord, Encode)]
pub struct DisplayText(String);

impl DisplayText {
    /// Makes any text safe to show: forbidden characters become `\u{fffd}`,
    /// what is too long ends in `…`.
    pub fn cleaned(text: &str) -> Self {
        let mut clean = String::new();
        for c in text.trim().chars() {
            let c = if is_forbidden(c) { '\u{fffd}' } else { c };
            if clean.len() + c.len_utf8() + '…'.len_utf8() > MAX_TEXT_BYTES {
                clean.push('…');
                break;
            }
            clean.push(c);
        }
        Self(clean)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DisplayText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Names and titles are personal data: they stay out of logs.
impl fmt::Debug for DisplayText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DisplayText({} bytes)", self.0.len())
    }
}

/// Characters that can't be seen and may change what others look like: control
/// characters, those that turn the writing direction (UAX #9), and those that
/// take no room or are as blank as a space without being one. Not among them
/// is what [`joins`] or [`varies`].
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
            | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e00ff}'
            | '\u{e01f0}'..='\u{e0fff}')
}

/// Characters that can't be seen either, but that emoji and some scripts are
/// written with: the joiners.
pub(crate) fn joins(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// The same for the variation selectors.
pub(crate) fn varies(c: char) -> bool {
    matches!(c, '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// A joiner between two letters can't be told from none.
fn is_forbidden(c: char) -> bool {
    is_hidden(c) || joins(c)
}

impl<C> Decode<C> for DisplayText {
    fn decode<D: Decoder<Context = C>>(decoder: &mut D) -> Result<Self, DecodeError> {
        let text = String::decode(decoder)?;
        if text.len() > MAX_TEXT_BYTES || text.chars().any(is_forbidden) {
            return Err(DecodeError::Other("text that is too long or not safe to show"));
        }
        Ok(Self(text))
    }
}

impl<'de, C> BorrowDecode<'de, C> for DisplayText {
    fn borrow_decode<D: BorrowDecoder<'de, Context = C>>(decoder: &mut D) -> Result<Self, DecodeError> {
        Self::decode(decoder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire;
    use crate::{chat::visible, transfer::safe_name};
    use alloc::{string::ToString, vec::Vec};

    #[test]
    fn what_is_hidden_is_hidden_nowhere() {
        for c in ('\0'..=char::MAX).filter(|c| is_hidden(*c)) {
            let text = alloc::format!("a{c}b");
            let name = DisplayText::cleaned(&text);
            assert_eq!(name.as_str(), "a\u{fffd}b", "{c:?}");
            assert_eq!(safe_name(&text), if c.is_whitespace() { "a b" } else { "ab" }, "{c:?}");
            let shown = visible(&text);
            assert!(matches!(c, '\n' | '\t') || !shown.contains(c), "{c:?}");
        }
        // What emoji and scripts are written with stays in a chat, what only
        // varies a sign in a title too, and in names of files neither.
        for (c, in_title) in [('\u{200d}', false), ('\u{fe0f}', true), ('\u{e0101}', true)] {
            let text = alloc::format!("a{c}b");
            assert_eq!((visible(&text), safe_name(&text)), (text.clone(), "ab".to_string()));
            assert_eq!(DisplayText::cleaned(&text).as_str() == text, in_title, "{c:?}");
        }
    }

    #[test]
    fn cleaned_text_survives_the_wire_and_unsafe_text_is_refused_there() {
        let long = "ä".repeat(1_000);
        for text in ["Müller & Söhne", "\u{202e}gnp.exe", "a\nb\0", long.as_str(), ""] {
            let clean = DisplayText::cleaned(text);
            let bytes: Vec<u8> = wire::encode(&clean).unwrap();
            assert_eq!(wire::decode::<DisplayText, 4096>(&bytes).unwrap(), clean);
        }
        for text in ["\u{202e}x".to_string(), "a\nb".to_string(), "x".repeat(MAX_TEXT_BYTES + 1)] {
            let bytes = wire::encode(&text).unwrap();
            assert!(wire::decode::<DisplayText, 4096>(&bytes).is_err());
        }
    }
}
