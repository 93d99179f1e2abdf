//! Chat between the two people of a session, the same on both sides.
//!
//! ```text
//! both   Said(n)            n counts each side's own lines from 1
//! both   Delivered(n)       the other program has all lines up to n
//! both   Seen(n)            and its person has had them in view
//! both   Have(n, m)         the first word after a cut
//! ```
//! Text is text: nothing in it is ever acted on. [`visible`] is what may be
//! shown and copied. The peer is hostile: what an honest program can't send
//! ends the session.

use crate::{session::Misbehaviour, stock::Stock, text::is_hidden, time::Moment};
use alloc::{collections::VecDeque, string::String, vec::Vec};
use bincode::{
    BorrowDecode, Decode, Encode,
    de::{BorrowDecoder, Decoder},
    error::DecodeError,
};
use core::{fmt, time::Duration};

/// Longest line, in bytes of UTF-8.
pub const MAX_CHAT_TEXT_BYTES: usize = 8 * 1024;
/// Most lines that are kept, both sides' together; older ones are forgotten.
pub const MAX_CHAT_LINES: usize = 500;
/// Lines that a person may send at once, and how long one more takes.
const SAY: (u32, Duration) = (20, Duration::from_millis(500));
/// The same for what is taken from the other side: more, since a line that
/// hung for a while, or was cut, brings everything at once. That is all that may
/// be said in the time for which both sides of a cut session wait for each
/// other.
const TAKE: (u32, Duration) = (320, Duration::from_millis(400));

/// What one person says to the other: at most [`MAX_CHAT_TEXT_BYTES`], never
/// blank.
#[derive(Clone, PartialEq, Eq, Encode)]
pub struct ChatText(String);

/// Why a text is not said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChatError {
    /// There is nothing in it.
    #[error("nothing is said")]
    Blank,
    /// It is too long.
    #[error("a text of {length} bytes, at most {MAX_CHAT_TEXT_BYTES} are allowed")]
    TooLong {
        /// Its length, in bytes.
        length: usize,
    },
    /// Too much in too short a time.
    #[error("too many lines at once")]
    TooFast,
    /// The session has ended.
    #[error("the session has ended")]
    Ended,
}

impl ChatText {
    /// A text as it was typed; white space around it goes.
    ///
    /// # Errors
    /// `Blank` or `TooLong`.
    pub fn new(text: &str) -> Result<Self, ChatError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(ChatError::Blank);
        }
        if text.len() > MAX_CHAT_TEXT_BYTES {
            return Err(ChatError::TooLong { length: text.len() });
        }
        Ok(Self(text.into()))
    }

    /// As it was typed; to be shown as [`visible`] only.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What people say is theirs: it stays out of logs.
impl fmt::Debug for ChatText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChatText({} bytes)", self.0.len())
    }
}

impl<C> Decode<C> for ChatText {
    fn decode<D: Decoder<Context = C>>(decoder: &mut D) -> Result<Self, DecodeError> {
        let text = String::decode(decoder)?;
        match Self::new(&text) {
            Ok(clean) if clean.0 == text => Ok(clean),
            _ => Err(DecodeError::Other("a line of chat that can't be")),
        }
    }
}

impl<'de, C> BorrowDecode<'de, C> for ChatText {
    fn borrow_decode<D: BorrowDecoder<'de, Context = C>>(decoder: &mut D) -> Result<Self, DecodeError> {
        Self::decode(decoder)
    }
}

/// A text in which nothing is hidden: control characters and those that turn
/// the writing direction (UAX #9) or take no room stand as signs. Line breaks
/// and tabs stay, and so do the joiners of emoji and of scripts that need them.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => shown.push(c),
            // The pictures of the control characters (U+2400 and on).
            '\0'..='\u{1f}' => shown.extend(char::from_u32(0x2400 + u32::from(c))),
            '\u{7f}' => shown.push('\u{2421}'),
            c if is_hidden(c) => {
                shown.push_str("<U+");
                shown.push_str(&alloc::format!("{:04X}", u32::from(c)));
                shown.push('>');
            }
            c => shown.push(c),
        }
    }
    shown
}

/// Counts one side's own lines from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Encode, Decode)]
pub struct ChatNumber(pub u32);

/// A message of the chat.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum ChatMsg {
    /// A line.
    Said {
        /// One more than that of the line before.
        number: ChatNumber,
        /// What was said.
        text: ChatText,
    },
    /// All lines up to this one have come to the other program.
    Delivered(ChatNumber),
    /// All lines up to this one have been in view of the other person.
    Seen(ChatNumber),
    /// First word after a cut: what had come before it, and been in view. Later
    /// lines are said again.
    Have {
        /// As in `Delivered`; 0 = none.
        delivered: ChatNumber,
        /// As in `Seen`; 0 = none.
        seen: ChatNumber,
    },
}

/// Who said a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Speaker {
    /// The person at this side, and how far the line has come.
    Here(Delivery),
    /// The other one.
    There,
}

/// How far a line of this side has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Delivery {
    /// On its way.
    Sent,
    /// At the other program.
    Delivered,
    /// In view of the other person.
    Seen,
}

/// A line of the chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Who said it.
    pub speaker: Speaker,
    /// Its number among the speaker's lines.
    pub number: ChatNumber,
    /// What was said.
    pub text: ChatText,
    /// When it was said here, or came here.
    pub at: Moment,
}

impl Line {
    const fn is_own(&self) -> bool {
        matches!(self.speaker, Speaker::Here(_))
    }
}

/// One side's chat.
#[derive(Debug)]
pub struct Chat {
    lines: VecDeque<Line>,
    said: ChatNumber,
    delivered: ChatNumber,
    seen: ChatNumber,
    heard: ChatNumber,
    /// Of the other side's lines, those that were in view here.
    looked_at: ChatNumber,
    say: Stock,
    take: Stock,
    link: Link,
    outgoing: VecDeque<ChatMsg>,
}

/// Whether there is a way to the other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    There,
    Cut,
    /// It is there again; what the other side has is not known yet.
    Fresh,
}

impl Chat {
    /// An empty one.
    pub fn new(now: Moment) -> Self {
        Self {
            lines: VecDeque::new(),
            said: ChatNumber(0),
            delivered: ChatNumber(0),
            seen: ChatNumber(0),
            heard: ChatNumber(0),
            looked_at: ChatNumber(0),
            say: Stock::full(SAY.0, SAY.1, now),
            take: Stock::full(TAKE.0, TAKE.1, now),
            link: Link::There,
            outgoing: VecDeque::new(),
        }
    }

    /// The link is gone: what is said from now on waits.
    pub fn link_lost(&mut self) {
        self.link = Link::Cut;
        self.outgoing.clear();
    }

    /// Both programs have found together again.
    pub fn link_restored(&mut self) {
        if self.link == Link::Cut {
            self.link = Link::Fresh;
            self.outgoing.push_back(ChatMsg::Have { delivered: self.heard, seen: self.looked_at });
        }
    }

    /// The lines that are kept, oldest first.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = Line> {
        self.lines.iter().map(|line| {
            let speaker = match line.speaker {
                Speaker::Here(_) if line.number <= self.seen => Speaker::Here(Delivery::Seen),
                Speaker::Here(_) if line.number <= self.delivered => Speaker::Here(Delivery::Delivered),
                Speaker::Here(_) => Speaker::Here(Delivery::Sent),
                Speaker::There => Speaker::There,
            };
            Line { speaker, ..line.clone() }
        })
    }

    /// How many of the other side's lines have not been in view here.
    pub const fn unseen(&self) -> u32 {
        self.heard.0.saturating_sub(self.looked_at.0)
    }

    /// The person says something.
    ///
    /// # Errors
    /// See [`ChatError`]; nothing is said then.
    pub fn say(&mut self, text: &str, now: Moment) -> Result<(), ChatError> {
        let text = ChatText::new(text)?;
        let number = self.said.0.checked_add(1).map(ChatNumber).ok_or(ChatError::TooFast)?;
        if !self.say.take(now) {
            return Err(ChatError::TooFast);
        }
        self.said = number;
        self.keep(Line { speaker: Speaker::Here(Delivery::Sent), number, text: text.clone(), at: now });
        if self.link == Link::There {
            self.outgoing.push_back(ChatMsg::Said { number, text });
        }
        Ok(())
    }

    /// The person has all lines in view.
    pub fn look(&mut self) {
        if self.looked_at < self.heard {
            self.looked_at = self.heard;
            // After a cut the first word tells it; then the link is fresh.
            if self.link != Link::Cut {
                self.outgoing.push_back(ChatMsg::Seen(self.heard));
            }
        }
    }

    /// Takes a message of the other side.
    ///
    /// # Errors
    /// An honest program can't have sent this.
    pub fn handle(&mut self, message: ChatMsg, now: Moment) -> Result<(), Misbehaviour> {
        if (self.link == Link::Fresh) != matches!(message, ChatMsg::Have { .. }) {
            return Err(Misbehaviour::ChatOrder);
        }
        match message {
            ChatMsg::Have { delivered, seen } => {
                let counts_on = delivered >= self.delivered && seen >= self.seen;
                if !counts_on || delivered > self.said || seen > delivered {
                    return Err(Misbehaviour::ChatOrder);
                }
                (self.delivered, self.seen, self.link) = (delivered, seen, Link::There);
                let missing = self.lines.iter().filter(|line| line.is_own() && line.number > delivered);
                let again = missing.map(|line| ChatMsg::Said { number: line.number, text: line.text.clone() });
                self.outgoing.extend(again);
            }
            ChatMsg::Said { number, text } => {
                if self.heard.0.checked_add(1) != Some(number.0) {
                    return Err(Misbehaviour::ChatOrder);
                }
                if !self.take.take(now) {
                    return Err(Misbehaviour::ChatFlood);
                }
                self.heard = number;
                self.keep(Line { speaker: Speaker::There, number, text, at: now });
                self.outgoing.push_back(ChatMsg::Delivered(number));
            }
            ChatMsg::Delivered(number) => {
                if number <= self.delivered || number > self.said {
                    return Err(Misbehaviour::ChatOrder);
                }
                self.delivered = number;
            }
            ChatMsg::Seen(number) => {
                if number <= self.seen || number > self.delivered {
                    return Err(Misbehaviour::ChatOrder);
                }
                self.seen = number;
            }
        }
        Ok(())
    }

    /// What must be sent next. To be drained after every other call.
    pub fn poll_message(&mut self) -> Option<ChatMsg> {
        self.outgoing.pop_front()
    }

    /// All lines as one text, to be kept by the person: `name: text`.
    pub fn transcript(&self, here: &str, there: &str) -> String {
        let lines: Vec<String> = self
            .lines
            .iter()
            .map(|line| {
                let name = if matches!(line.speaker, Speaker::There) { there } else { here };
                alloc::format!("{name}: {}", visible(line.text.as_str()))
            })
            .collect();
        lines.join("\n")
    }

    fn keep(&mut self, line: Line) {
        if self.lines.len() >= MAX_CHAT_LINES {
            self.lines.pop_front();
        }
        self.lines.push_back(line);
    }
}

#[cfg(test)]
mod tests;
