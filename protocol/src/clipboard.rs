//! Text from one clipboard to the other: only what a person sends on purpose,
//! or what is copied while the shower lets it through.
//!
//! ```text
//! both   Offer(n), then from the other side Answer(n)     a text with a preview
//! both   Withdraw(n)                                      by who offered it
//! S→W    Allow(ways)                                      the switch
//! both   Copied                                           while the switch is on
//! ```
//! Off at first. The human at the shower turns the switch on, for each way by
//! itself; it goes off when showing pauses or ends. The human at the watcher
//! decides whether what is copied there goes out at all. What was copied before
//! is never sent: a program tells only of what is copied from then on.
//!
//! The peer is hostile: what an honest one can't send ends the session; what it
//! can send late (a text copied when the switch was still on) is dropped.

use crate::{policy::ClipboardRule, session::Misbehaviour, stock::Stock, time::Moment};
use alloc::{collections::VecDeque, string::String};
use bincode::{
    BorrowDecode, Decode, Encode,
    de::{BorrowDecoder, Decoder},
    error::DecodeError,
};
use core::{fmt, time::Duration};

/// Longest text, in bytes of UTF-8: a message of its stream with room to spare.
pub const MAX_CLIP_BYTES: usize = 60 * 1024;
/// Texts that go out at once, and how long one more takes: a program that
/// copies in a loop sends its newest only.
const COPY: (u32, Duration) = (10, Duration::from_secs(1));
/// The same for what is taken from the other side; more, since a line that hung
/// for a while brings everything at once.
const TAKE: (u32, Duration) = (60, Duration::from_millis(800));

/// A text on its way from one clipboard to the other: not empty, at most
/// [`MAX_CLIP_BYTES`].
#[derive(Clone, PartialEq, Eq, Encode)]
pub struct ClipText(String);

/// Why a text can't be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClipError {
    /// There is none.
    #[error("there is no text")]
    Empty,
    /// It is too long.
    #[error("a text of {length} bytes, at most {MAX_CLIP_BYTES} are allowed")]
    TooLong {
        /// Its length, in bytes.
        length: usize,
    },
    /// The company's rules do not allow it.
    #[error("the rules forbid it")]
    Forbidden,
    /// Another one waits for its answer.
    #[error("another text waits for its answer")]
    Waiting,
    /// Too much in too short a time.
    #[error("too many texts at once")]
    TooFast,
}

impl ClipText {
    /// As it was copied.
    ///
    /// # Errors
    /// `Empty` or `TooLong`.
    pub fn new(text: &str) -> Result<Self, ClipError> {
        match text.len() {
            0 => Err(ClipError::Empty),
            length if length > MAX_CLIP_BYTES => Err(ClipError::TooLong { length }),
            _ => Ok(Self(text.into())),
        }
    }

    /// As it was copied; to be shown as [`crate::chat::visible`] only.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// It may be a password: it stays out of logs.
impl fmt::Debug for ClipText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClipText({} bytes)", self.0.len())
    }
}

impl<C> Decode<C> for ClipText {
    fn decode<D: Decoder<Context = C>>(decoder: &mut D) -> Result<Self, DecodeError> {
        Self::new(&String::decode(decoder)?).map_err(|_| DecodeError::Other("a text that can't be"))
    }
}

impl<'de, C> BorrowDecode<'de, C> for ClipText {
    fn borrow_decode<D: BorrowDecoder<'de, Context = C>>(decoder: &mut D) -> Result<Self, DecodeError> {
        Self::decode(decoder)
    }
}

/// Counts one side's offers from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Encode, Decode)]
pub struct OfferNumber(pub u32);

/// Counts the texts about which the person here was asked, over cuts too. The
/// other side does not choose it: what a person answers is what was shown, also
/// if another text took its place meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Question(pub u64);

/// Which ways the switch lets copied text go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Encode, Decode)]
pub struct ClipWays {
    /// From the shower to the watcher.
    pub to_watcher: bool,
    /// From the watcher to the shower.
    pub to_shower: bool,
}

impl ClipWays {
    /// Neither way.
    pub const OFF: Self = Self { to_watcher: false, to_shower: false };

    const fn of(self, role: Role) -> (bool, bool) {
        match role {
            Role::Shower => (self.to_watcher, self.to_shower),
            Role::Watcher => (self.to_shower, self.to_watcher),
        }
    }
}

/// A message about clipboards.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum ClipboardMsg {
    /// A text, to be put into the other clipboard if the person there agrees.
    Offer {
        /// One more than that of the offer before.
        number: OfferNumber,
        /// The text.
        text: ClipText,
    },
    /// The person's answer.
    Answer {
        /// To which offer.
        number: OfferNumber,
        /// Whether it is in the clipboard now.
        taken: bool,
    },
    /// The offer stands no longer.
    Withdraw(OfferNumber),
    /// From the shower: what the switch lets through from now on.
    Allow(ClipWays),
    /// Copied just now, under the switch.
    Copied(ClipText),
}

/// Which side of the session this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Its screen is shown, and its human turns the switch.
    Shower,
    /// It looks.
    Watcher,
}

/// What the program must do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClipboardEffect {
    /// Seal and send this.
    Send(ClipboardMsg),
    /// Put this into the clipboard here.
    Put(ClipText),
    /// Tell of what is copied here from now on, or no longer.
    Watch(bool),
}

/// How the last offer of this side went.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Offered {
    /// There is none.
    #[default]
    Nothing,
    /// It waits for the other person.
    Waiting(ClipText),
    /// It was put into the other clipboard.
    Taken,
    /// The other person did not want it.
    Refused,
}

/// One side's part.
#[derive(Debug)]
pub struct Clipboard {
    role: Role,
    rule: ClipboardRule,
    ways: ClipWays,
    /// Ways that were ever open: what comes late on them is no lie.
    ever: ClipWays,
    /// Whether the human here lets out what is copied here, should the switch.
    lets_out: bool,
    watching: bool,
    offered: Offered,
    offers: OfferNumber,
    answered: OfferNumber,
    /// The other side's offer that waits for an answer here.
    waiting: Option<(OfferNumber, ClipText)>,
    /// The one about which was asked last.
    question: Question,
    heard: OfferNumber,
    copy: Stock,
    /// Copied when there had been too much; goes out when there is room.
    held: Option<ClipText>,
    take: Stock,
    effects: VecDeque<ClipboardEffect>,
}

impl Clipboard {
    /// Off, under the company's rule.
    pub fn new(role: Role, rule: ClipboardRule, now: Moment) -> Self {
        Self {
            role,
            rule,
            ways: ClipWays::OFF,
            ever: ClipWays::OFF,
            // The shower's switch says it for the shower.
            lets_out: role == Role::Shower,
            watching: false,
            offered: Offered::Nothing,
            offers: OfferNumber(0),
            answered: OfferNumber(0),
            waiting: None,
            question: Question(0),
            heard: OfferNumber(0),
            copy: Stock::full(COPY.0, COPY.1, now),
            held: None,
            take: Stock::full(TAKE.0, TAKE.1, now),
            effects: VecDeque::new(),
        }
    }

    /// What the company allows.
    pub const fn rule(&self) -> ClipboardRule {
        self.rule
    }

    /// What the switch lets through.
    pub const fn ways(&self) -> ClipWays {
        self.ways
    }

    /// Whether what is copied here goes out while the switch lets it.
    pub const fn lets_out(&self) -> bool {
        self.lets_out
    }

    /// How the last offer of this side went.
    pub const fn offered(&self) -> &Offered {
        &self.offered
    }

    /// The other side's text that waits for an answer here.
    pub fn waiting(&self) -> Option<(Question, &ClipText)> {
        self.waiting.as_ref().map(|(_, text)| (self.question, text))
    }

    /// What must be done next. To be drained after every other call.
    pub fn poll_effect(&mut self) -> Option<ClipboardEffect> {
        self.effects.pop_front()
    }

    /// When to call [`Self::handle_timeout`].
    pub fn poll_timeout(&self) -> Option<Moment> {
        self.held.as_ref().map(|_| self.copy.due())
    }

    /// Sends what was held back, if it may go now.
    pub fn handle_timeout(&mut self, now: Moment) {
        if self.copy.due() <= now
            && let Some(text) = self.held.take()
        {
            self.copied(text, now);
        }
    }

    /// The human here offers a text.
    ///
    /// # Errors
    /// See [`ClipError`]; nothing is sent then.
    pub fn offer(&mut self, text: &str, now: Moment) -> Result<(), ClipError> {
        let text = ClipText::new(text)?;
        if self.rule == ClipboardRule::Forbidden {
            return Err(ClipError::Forbidden);
        }
        if matches!(self.offered, Offered::Waiting(_)) {
            return Err(ClipError::Waiting);
        }
        let number = self.offers.0.checked_add(1).map(OfferNumber).ok_or(ClipError::TooFast)?;
        if !self.copy.take(now) {
            return Err(ClipError::TooFast);
        }
        self.offers = number;
        self.offered = Offered::Waiting(text.clone());
        self.send(ClipboardMsg::Offer { number: self.offers, text });
        Ok(())
    }

    /// The human here takes the offer back.
    pub fn withdraw(&mut self) {
        if matches!(self.offered, Offered::Waiting(_)) {
            self.offered = Offered::Nothing;
            self.send(ClipboardMsg::Withdraw(self.offers));
        }
    }

    /// The human here wants the text about which was asked in the clipboard, or
    /// not. Nothing happens if it is another one that waits, or none.
    pub fn answer(&mut self, question: Question, taken: bool) {
        if question != self.question {
            return;
        }
        let Some((number, text)) = self.waiting.take() else { return };
        if taken {
            self.effects.push_back(ClipboardEffect::Put(text));
        }
        self.send(ClipboardMsg::Answer { number, taken });
    }

    /// The human at the shower turns the switch. `false` if the rules forbid
    /// that, or this is not the shower.
    pub fn allow(&mut self, ways: ClipWays) -> bool {
        let on = ways != ClipWays::OFF;
        if self.role != Role::Shower || (on && self.rule != ClipboardRule::Allowed) {
            return false;
        }
        if ways != self.ways {
            self.turn(ways);
            self.send(ClipboardMsg::Allow(ways));
        }
        true
    }

    /// The human here lets out what is copied here, or not (any more). At the
    /// shower the switch says it. It is a word to the switch as it is now: there
    /// is none in advance.
    pub fn let_out(&mut self, lets_out: bool) {
        if self.role == Role::Watcher {
            self.lets_out = lets_out && self.ways.to_shower;
            self.watch();
        }
    }

    /// Showing has paused or ended, or the link is gone: every right ends.
    pub fn end_rights(&mut self) {
        match self.role {
            Role::Shower => {
                self.allow(ClipWays::OFF);
            }
            Role::Watcher => self.let_out(false),
        }
        self.held = None;
    }

    /// The link is gone: rights, offers and what waited are no more, and both
    /// sides begin to count anew.
    pub fn link_lost(&mut self, now: Moment) {
        let offered = match self.offered {
            Offered::Waiting(_) => Offered::Nothing,
            ref other => other.clone(),
        };
        let watching = self.watching;
        let mut effects = core::mem::take(&mut self.effects);
        effects.retain(|effect| !matches!(effect, ClipboardEffect::Send(_)));
        let question = self.question;
        *self = Self { offered, effects, question, ..Self::new(self.role, self.rule, now) };
        if watching {
            self.effects.push_back(ClipboardEffect::Watch(false));
        }
    }

    /// Something was copied here.
    pub fn copied(&mut self, text: ClipText, now: Moment) {
        if !self.sends() {
            return;
        }
        if self.copy.take(now) {
            self.held = None;
            self.send(ClipboardMsg::Copied(text));
        } else {
            self.held = Some(text);
        }
    }

    /// Takes a message of the other side.
    ///
    /// # Errors
    /// An honest program can't have sent this.
    pub fn handle(&mut self, message: ClipboardMsg, now: Moment) -> Result<(), Misbehaviour> {
        match message {
            ClipboardMsg::Offer { number, text } => {
                if self.heard.0.checked_add(1) != Some(number.0) || self.waiting.is_some() {
                    return Err(Misbehaviour::ClipboardOrder);
                }
                if !self.take.take(now) {
                    return Err(Misbehaviour::ClipboardFlood);
                }
                self.heard = number;
                if self.rule == ClipboardRule::Forbidden {
                    // Both sides have the same rules, or theirs are older.
                    self.send(ClipboardMsg::Answer { number, taken: false });
                } else {
                    self.question.0 = self.question.0.saturating_add(1);
                    self.waiting = Some((number, text));
                }
            }
            ClipboardMsg::Answer { number, taken } => {
                if number <= self.answered || number > self.offers {
                    return Err(Misbehaviour::ClipboardOrder);
                }
                self.answered = number;
                // An answer that crossed a withdrawal changes nothing.
                if number == self.offers && matches!(self.offered, Offered::Waiting(_)) {
                    self.offered = if taken { Offered::Taken } else { Offered::Refused };
                }
            }
            ClipboardMsg::Withdraw(number) => {
                if number != self.heard {
                    return Err(Misbehaviour::ClipboardOrder);
                }
                // It may have been answered already.
                self.waiting = None;
            }
            ClipboardMsg::Allow(ways) => {
                if self.role == Role::Shower {
                    return Err(Misbehaviour::ClipboardOrder);
                }
                self.turn(ways);
            }
            ClipboardMsg::Copied(text) => {
                let ((_, open), (_, ever)) = (self.ways.of(self.role), self.ever.of(self.role));
                if !ever {
                    return Err(Misbehaviour::ClipboardOrder);
                }
                if !self.take.take(now) {
                    return Err(Misbehaviour::ClipboardFlood);
                }
                if open && self.rule == ClipboardRule::Allowed {
                    self.effects.push_back(ClipboardEffect::Put(text));
                }
            }
        }
        Ok(())
    }

    /// Whether what is copied here goes out.
    const fn sends(&self) -> bool {
        self.ways.of(self.role).0 && self.lets_out && matches!(self.rule, ClipboardRule::Allowed)
    }

    fn turn(&mut self, ways: ClipWays) {
        self.ways = ways;
        self.ever.to_watcher |= ways.to_watcher;
        self.ever.to_shower |= ways.to_shower;
        if self.role == Role::Watcher && !ways.to_shower {
            // Should it go on again, the human here is asked anew.
            self.lets_out = false;
        }
        self.watch();
    }

    fn watch(&mut self) {
        let sends = self.sends();
        if !sends {
            self.held = None;
        }
        if core::mem::replace(&mut self.watching, sends) != sends {
            self.effects.push_back(ClipboardEffect::Watch(sends));
        }
    }

    fn send(&mut self, message: ClipboardMsg) {
        self.effects.push_back(ClipboardEffect::Send(message));
    }
}

#[cfg(test)]
mod tests;
